"""Drives a node by Tweepy, unmodified, over TLS. Arguments: host:port, then key, secret, token and token secret of alice and of bob, and a picture."""
import sys

import tweepy

host, *keys = sys.argv[1:10]
picture = sys.argv[10]


def client(key, secret, token, token_secret):
    auth = tweepy.OAuth1UserHandler(key, secret, token, token_secret)
    return tweepy.API(auth, host=host, upload_host=host)


def refused(status, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except tweepy.HTTPException as problem:
        assert problem.response.status_code == status, (problem.response.status_code, problem.response.text)
        assert problem.api_messages and problem.api_codes, problem.response.text
    else:
        raise AssertionError("not refused")


alice, bob = client(*keys[:4]), client(*keys[4:])
me = alice.verify_credentials()
assert me.screen_name == "alice" and me.id_str == str(me.id) and me.created_at.year >= 2008

other = bob.verify_credentials()
assert alice.create_friendship(screen_name="bob").following is True
refused(403, alice.create_friendship, screen_name="bob")
bob.create_friendship(screen_name="alice")
friendship = alice.get_friendship(target_screen_name="bob")
assert friendship[0].following and friendship[0].followed_by and friendship[1].screen_name == "bob"

first = alice.update_status("Grüße aus Tweepy #test https://example.org/x @bob")
assert first.text == "Grüße aus Tweepy #test https://example.org/x @bob"
assert first.entities["hashtags"][0]["text"] == "test" and first.entities["urls"][0]["expanded_url"] == "https://example.org/x"
assert first.entities["user_mentions"][0]["screen_name"] == "bob"
for word, place in (("hashtags", "#test"), ("urls", "https://example.org/x"), ("user_mentions", "@bob")):
    start, end = first.entities[word][0]["indices"]
    assert first.text[start:end] == place
refused(403, alice.update_status, first.text)
answer = bob.update_status("An answer", in_reply_to_status_id=first.id)
assert answer.in_reply_to_status_id == first.id and answer.in_reply_to_screen_name == "alice"
assert [status.id for status in bob.mentions_timeline()] == [first.id]
assert {status.id for status in alice.home_timeline()} == {first.id, answer.id}
assert alice.home_timeline()[0].author.screen_name == "bob"
for number in range(25):
    bob.update_status(f"Number {number}")
seen = [status.text for status in tweepy.Cursor(alice.user_timeline, screen_name="bob", count=7).items()]
assert seen == [f"Number {number}" for number in reversed(range(25))] + ["An answer"], seen
assert len(alice.home_timeline(since_id=answer.id, count=200)) == 25

assert bob.create_favorite(first.id).favorited is True
refused(403, bob.create_favorite, first.id)
assert [status.id for status in alice.get_favorites(screen_name="bob")] == [first.id]
assert alice.get_status(first.id).favorite_count == 1
bob.destroy_favorite(first.id)
repeat = bob.retweet(first.id)
assert repeat.retweeted_status.id == first.id and repeat.text.startswith("RT @alice ")
refused(400, bob.retweet, first.id)
assert [status.id for status in alice.get_retweets(first.id)] == [repeat.id]
assert [status.id for status in alice.get_retweets_of_me()] == [first.id]
bob.unretweet(first.id)
assert alice.get_retweets(first.id) == []

media = alice.simple_upload(picture)
shown = alice.update_status("A picture", media_ids=[media.media_id])
assert shown.entities["media"][0]["media_url"].startswith(f"https://{host}/attachment/")

letter = alice.send_direct_message(other.id, "Only for you")
assert letter.message_create["message_data"]["text"] == "Only for you" and letter.message_create["target"]["recipient_id"] == other.id_str
assert [message.id for message in bob.get_direct_messages()] == [letter.id]
assert bob.get_direct_message(letter.id).message_create["sender_id"] == me.id_str
alice.delete_direct_message(letter.id)
assert bob.get_direct_messages() == []
assert [status.id for status in alice.lookup_statuses([first.id, answer.id])] == [first.id, answer.id]
assert alice.lookup_friendships(screen_name=["bob"])[0].is_followed_by
assert [user.screen_name for user in alice.search_users("bob")] == ["bob"]
assert [user.screen_name for user in alice.lookup_users(screen_name=["bob", "nobody"])] == ["bob"]
assert alice.get_user(screen_name="bob").statuses_count == 26
assert alice.get_friend_ids(screen_name="alice") == [bob.verify_credentials().id]
assert [user.screen_name for user in tweepy.Cursor(alice.get_followers, screen_name="alice").items()] == ["bob"]
assert [user.screen_name for user in alice.get_friends()] == ["bob"]
assert alice.update_profile(description="Written by a client", name="Alice A.").description == "Written by a client"
assert alice.rate_limit_status()["resources"]["statuses"]["/statuses/home_timeline"]["limit"] > 0
assert bob.create_mute(screen_name="alice").screen_name == "alice"
assert bob.get_muted_ids() == [me.id] and [user.id for user in bob.get_mutes()] == [me.id]
bob.destroy_mute(screen_name="alice")
assert alice.destroy_status(shown.id).id == shown.id
refused(410, alice.get_status, shown.id)
refused(403, alice.destroy_status, answer.id)
refused(404, alice.get_user, screen_name="nobody")
bob.create_block(screen_name="alice")
refused(404, alice.get_status, answer.id)
assert bob.get_blocked_ids() == [me.id] and [user.id for user in bob.get_blocks()] == [me.id]
bob.destroy_block(screen_name="alice")
assert alice.destroy_friendship(screen_name="bob").following is False
print("ok")
