# The consumer's side of OAuth 1.0a by Net::OAuth. See README.md.
use strict;
use warnings;
use utf8;
use File::Basename qw(dirname);
use HTTP::Request::Common qw(GET POST);
use JSON::PP;
use LWP::UserAgent;
use Net::OAuth;
use URI;
use URI::QueryParam;

$Net::OAuth::PROTOCOL_VERSION = Net::OAuth::PROTOCOL_VERSION_1_0A;
$| = 1;

my $json = JSON::PP->new->utf8;
my $task = $json->decode(scalar <STDIN>);
my $base = $task->{base};
my $agent = LWP::UserAgent->new(max_redirect => 0);
open(my $file, '<:encoding(UTF-8)', dirname(__FILE__) . '/awkward.txt') or die $!;
my $text = do { local $/; <$file> };

sub say_line { print $json->encode({@_}), "\n"; }

sub sign {
    my ($kind, $method, $url, %more) = @_;
    my $request = Net::OAuth->request($kind)->new(
        consumer_key => $task->{key}, consumer_secret => $task->{secret}, request_url => $url, request_method => $method,
        signature_method => $task->{method}, timestamp => time, nonce => join('', map { ('a'..'z', 0..9)[rand 36] } 1..16), %more);
    $request->sign;
    return $request;
}

sub send_signed {
    my ($request, $url) = @_;
    my $extra = $request->extra_params || {};
    return $agent->request(GET $request->to_url) if $request->request_method eq 'GET';
    return $agent->request(POST $url, 'Content-Type' => 'application/x-www-form-urlencoded', Content => $request->to_post_body)
        if $task->{placement} eq 'body';
    my $form = join '&', map { Net::OAuth::Message::encode($_) . '=' . Net::OAuth::Message::encode($extra->{$_}) } keys %$extra;
    return $agent->request(POST $url, Authorization => $request->to_authorization_header(''),
        'Content-Type' => 'application/x-www-form-urlencoded', Content => $form);
}

my $url = "$base/oauth/request_token";
my $answer = send_signed(sign('request token', 'POST', $url, callback => $task->{callback}), $url);
if ($answer->code != 200) {
    say_line(refused => $answer->code + 0, body => $answer->decoded_content);
    exit;
}

my $temporary = Net::OAuth->response('request token')->from_post_body($answer->content);
die 'not confirmed' unless $temporary->callback_confirmed;
say_line(authorize => "$base/oauth/authorize?oauth_token=" . $temporary->token);
my $returned = URI->new($json->decode(scalar <STDIN>)->{callback});

sub exchange {
    my $at = "$base/oauth/access_token";
    return send_signed(sign('access token', 'POST', $at, token => $temporary->token, token_secret => $temporary->token_secret,
        verifier => scalar $returned->query_param('oauth_verifier')), $at);
}

my $granted = Net::OAuth->response('access token')->from_post_body(exchange()->content);
my %ada = (token => $granted->token, token_secret => $granted->token_secret, extra_params => {text => $text});
my $read = send_signed(sign('protected resource', 'GET', "$base/me", %ada), "$base/me");
my $written = send_signed(sign('protected resource', 'POST', "$base/me", %ada), "$base/me");
say_line(read => $read->decoded_content, written => $written->decoded_content, again => exchange()->code + 0);
