"""Lets Tweepy into an account by a number that the person carries over, by TLS. Arguments: host:port, the server's certificate, key, secret.

First line out {"authorize": URL}, line in {"pin": number}, last line out {"name", "text"}: whose account it is, and what it wrote there."""
import json
import os
import sys

import tweepy

host, os.environ["REQUESTS_CA_BUNDLE"], key, secret = sys.argv[1:5]
auth = tweepy.OAuth1UserHandler(key, secret, callback="oob")
# The one thing that Tweepy has no setting for.
auth._get_oauth_url = lambda endpoint: f"https://{host}/oauth/{endpoint}"
print(json.dumps({"authorize": auth.get_authorization_url()}), flush=True)
auth.get_access_token(json.loads(sys.stdin.readline())["pin"])
api = tweepy.API(auth, host=host)
print(json.dumps({"name": api.verify_credentials().screen_name, "text": api.update_status("By number").text}), flush=True)
