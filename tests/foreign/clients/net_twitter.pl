# Drives a node by Net::Twitter, its address set to the node. Arguments: the API's root, then key, secret, token and token secret of alice and of bob, and a picture.
use strict;
use warnings;
use utf8;
use Net::Twitter;

my ($root, @keys) = @ARGV;

sub client {
    my ($traits, $key, $secret, $token, $token_secret) = @_;
    return Net::Twitter->new(
        traits => $traits, apiurl => $root, upload_url => $root, ssl => 0, consumer_key => $key, consumer_secret => $secret,
        access_token => $token, access_token_secret => $token_secret);
}

sub check { my ($what, $holds) = @_; die "$what\n" unless $holds }

sub refused {
    my ($what, $status, $call) = @_;
    return if !eval { $call->(); 1 } && ref $@ && $@->code == $status;
    die "$what: " . (ref $@ ? $@->code . ' ' . $@->error : $@ || 'not refused') . "\n";
}

my $alice = client([qw/API::RESTv1_1 OAuth/], @keys[0 .. 3]);
my $bob = client([qw/API::RESTv1_1 OAuth/], @keys[4 .. 7]);
my $me = $alice->verify_credentials;
my $other = $bob->verify_credentials;
check('who', $me->{screen_name} eq 'alice' && $other->{screen_name} eq 'bob');
check('follow', $alice->create_friend({ screen_name => 'bob' })->{following});
refused('follow twice', 403, sub { $alice->create_friend({ screen_name => 'bob' }) });
$bob->create_friend({ screen_name => 'alice' });
my $text = "From Perl: äöü \x{65e5}\x{672c} & <b> 100%";
my $first = $alice->update($text);
check('update', $first->{text} eq $text);
my $answer = $bob->update({ status => '@alice yes', in_reply_to_status_id => $first->{id} });
check('answer', $answer->{in_reply_to_status_id} == $first->{id});
check('home', join(',', map { $_->{id} } @{ $alice->home_timeline }) eq "$answer->{id},$first->{id}");
check('since', @{ $alice->home_timeline({ since_id => $first->{id} }) } == 1);
check('mentions', $alice->mentions->[0]{id} == $answer->{id});
check('user timeline', $alice->user_timeline({ screen_name => 'bob' })->[0]{id} == $answer->{id});
check('show', $alice->show_status($first->{id})->{text} eq $text);
check('favourite', $bob->create_favorite($first->{id})->{favorited});
check('favourites', $bob->favorites->[0]{id} == $first->{id});
check('no favourite', !$bob->destroy_favorite($first->{id})->{favorited});
my $repeat = $bob->retweet($first->{id});
check('repeat', $repeat->{retweeted_status}{id} == $first->{id});
check('repeats', $alice->retweets($first->{id})->[0]{id} == $repeat->{id});
check('repeats of me', $alice->retweets_of_me->[0]{id} == $first->{id});
check('friends', $alice->friends_ids({ cursor => -1 })->{ids}[0] == $other->{id});
check('followers', $alice->followers_ids({ cursor => -1 })->{ids}[0] == $other->{id});
check('friends list', $alice->friends({ cursor => -1 })->{users}[0]{screen_name} eq 'bob');
check('lookup', $alice->lookup_users({ screen_name => 'bob,nobody' })->[0]{id} == $other->{id});
check('user', $alice->show_user({ screen_name => 'bob' })->{followers_count} == 1);
check('friendship', $alice->show_friendship({ target_screen_name => 'bob' })->{relationship}{source}{following});
check('profile', $alice->update_profile({ description => 'Perl' })->{description} eq 'Perl');
my $picture = $alice->update_profile_image([$keys[8]]);
check('picture', $picture->{profile_image_url} =~ m{/avatar/});
check('limits', $alice->rate_limit_status->{resources}{users}{'/users/show'}{limit} > 0);
check('mute', $bob->create_mute({ screen_name => 'alice' })->{screen_name} eq 'alice');
$bob->destroy_mute({ screen_name => 'alice' });
check('block', $bob->create_block({ screen_name => 'alice' })->{screen_name} eq 'alice');
refused('blocked', 404, sub { $alice->show_status($answer->{id}) });
$bob->destroy_block({ screen_name => 'alice' });
check('report', $alice->report_spam({ screen_name => 'bob' })->{screen_name} eq 'bob');
check('unblock', $alice->destroy_block({ screen_name => 'bob' })->{screen_name} eq 'bob');
check('destroy', $alice->destroy_status($first->{id})->{id} == $first->{id});
refused('gone', 410, sub { $alice->show_status($first->{id}) });
refused('not mine', 403, sub { $alice->destroy_status($answer->{id}) });

# The original API, as identi.ca had it.
my $old = client([qw/API::REST OAuth/], @keys[0 .. 3]);
my $older = client([qw/API::REST OAuth/], @keys[4 .. 7]);
$old->create_friend('bob');
$older->create_friend('alice');
check('public', ref $old->public_timeline eq 'ARRAY');
check('old update', $old->update('The old way')->{text} eq 'The old way');
check('friends timeline', $older->friends_timeline->[0]{text} eq 'The old way');
my $letter = $old->new_direct_message('bob', 'Only for you');
check('letter', $letter->{recipient_screen_name} eq 'bob');
check('letters', $older->direct_messages->[0]{id} == $letter->{id});
check('sent', $old->sent_direct_messages->[0]{id} == $letter->{id});
check('friends with status', $old->friends->[0]{status}{id});
check('exists', $old->friendship_exists('alice', 'bob'));
check('test', $old->test eq 'ok');
check('ids', ref $old->friends_ids eq 'ARRAY' || ref $old->friends_ids eq 'HASH');
check('unfollow', $old->destroy_friend('bob')->{screen_name} eq 'bob');
print "ok\n";
