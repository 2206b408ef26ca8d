"""Drives a node by python-twitter, unmodified. Arguments: the API's root, then key, secret, token and token secret of alice and of bob."""
import sys

import twitter

root, *keys = sys.argv[1:10]


def client(key, secret, token, token_secret):
    return twitter.Api(key, secret, token, token_secret, base_url=root, upload_url=root, sleep_on_rate_limit=False, tweet_mode="compat")


def refused(reason, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except twitter.error.TwitterError as problem:
        assert problem.message == reason, problem.message
    else:
        raise AssertionError("not refused")


alice, bob = client(*keys[:4]), client(*keys[4:])
me, other = alice.VerifyCredentials(), bob.VerifyCredentials()
assert (me.screen_name, other.screen_name) == ("alice", "bob")
assert alice.CreateFriendship(screen_name="bob").id == other.id
assert bob.CreateFriendship(screen_name="alice").id == me.id
first = alice.PostUpdate("From python-twitter, äöü", verify_status_length=False)
assert first.text == "From python-twitter, äöü" and first.user.id == me.id
answer = bob.PostUpdate("@alice Hello", in_reply_to_status_id=first.id, verify_status_length=False)
assert answer.in_reply_to_status_id == first.id and answer.in_reply_to_user_id == me.id
assert [status.id for status in alice.GetHomeTimeline()] == [answer.id, first.id]
assert [status.id for status in alice.GetMentions()] == [answer.id]
assert [status.id for status in alice.GetUserTimeline(screen_name="bob")] == [answer.id]
assert alice.GetStatus(first.id).text == first.text
assert bob.CreateFavorite(status_id=first.id).favorited
assert [status.id for status in bob.GetFavorites()] == [first.id]
assert not bob.DestroyFavorite(status_id=first.id).favorited
repeat = bob.PostRetweet(first.id)
assert repeat.retweeted_status.id == first.id
assert [status.id for status in alice.GetRetweets(first.id)] == [repeat.id]
assert [status.id for status in alice.GetRetweetsOfMe()] == [first.id]
letter = alice.PostDirectMessage("Only for you", screen_name="bob")
assert letter.recipient_screen_name == "bob" and letter.sender_id == me.id and letter.recipient_id == other.id
assert [message.id for message in bob.GetDirectMessages()] == [letter.id]
assert [message.id for message in alice.GetSentDirectMessages()] == [letter.id]
assert alice.DestroyDirectMessage(letter.id).id == letter.id
assert bob.GetDirectMessages() == []
assert alice.GetFriendIDs() == [other.id] and alice.GetFollowerIDs() == [other.id]
assert [user.id for user in alice.GetFriends()] == [other.id] and [user.id for user in alice.GetFollowers()] == [other.id]
assert [user.id for user in alice.UsersLookup(screen_name=["bob"])] == [other.id]
assert alice.GetUser(screen_name="bob").followers_count == 1
assert alice.ShowFriendship(source_screen_name="alice", target_screen_name="bob")["relationship"]["source"]["following"] is True
assert alice.UpdateProfile(location="Here").location == "Here"
assert bob.CreateMute(screen_name="alice").id == me.id
assert bob.GetMutesIDs() == [me.id]
bob.DestroyMute(screen_name="alice")
assert bob.CreateBlock(screen_name="alice").id == me.id
refused("There is no such status.", alice.GetStatus, answer.id)
bob.DestroyBlock(screen_name="alice")
assert alice.DestroyFriendship(screen_name="bob").id == other.id
assert alice.DestroyStatus(first.id).id == first.id
refused("There is no such user.", alice.GetUser, screen_name="nobody")
alice.InitializeRateLimit()
print("ok")
