# Net::OAuth as a verifier: a line {"method", "url", "headers", "body", "consumerSecret", "tokenSecret"} in, {"verified"} out.
# See README.md.
use strict;
use warnings;
use JSON::PP;
use Net::OAuth;
use URI;
use URI::Escape qw(uri_unescape);

$Net::OAuth::PROTOCOL_VERSION = Net::OAuth::PROTOCOL_VERSION_1_0A;
$| = 1;

while (my $line = <STDIN>) {
    my $task = JSON::PP->new->utf8->decode($line);
    my %secrets = (request_url => URI->new($task->{url}), request_method => $task->{method},
        consumer_secret => $task->{consumerSecret}, token_secret => $task->{tokenSecret});
    my %form;
    for (split /&/, $task->{body}) {
        my ($name, $value) = map { my $part = uri_unescape($_); utf8::decode($part); $part } split /=/, $_, 2;
        $form{$name} = $value;
    }

    # The query of the URL is signed too, but Net::OAuth takes it apart by itself.
    my %oauth = map { $_ => $form{$_} } grep { /^oauth_/ } keys %form;
    my %extra = map { $_ => $form{$_} } grep { !/^oauth_/ } keys %form;
    my $header = $task->{headers}{Authorization};
    my $request = $header
        ? Net::OAuth->request('protected resource')->from_authorization_header($header, %secrets, extra_params => \%extra)
        : Net::OAuth->request('protected resource')->from_hash(\%oauth, %secrets, extra_params => \%extra);
    print JSON::PP->new->encode({verified => $request->verify ? JSON::PP::true : JSON::PP::false}), "\n";
}
