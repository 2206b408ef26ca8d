"""The consumer's side of OAuth 1.0a by requests-oauthlib. See README.md."""
import json
import pathlib
import sys
from urllib.parse import parse_qs, urlsplit

from requests_oauthlib import OAuth1Session
from requests_oauthlib.oauth1_session import TokenRequestDenied

task = json.loads(sys.stdin.readline())
base = task["base"]
text = pathlib.Path(__file__).with_name("awkward.txt").read_text(encoding="utf-8")


def say(**line):
    print(json.dumps(line), flush=True)


def session(placement=task["placement"], **more):
    return OAuth1Session(task["key"], task["secret"], signature_method=task["method"], rsa_key=task.get("rsa"),
                         signature_type=placement.upper().replace("HEADER", "AUTH_HEADER"), **more)


try:
    first = session(callback_uri=task["callback"])
    temporary = first.fetch_request_token(base + "/oauth/request_token")
except TokenRequestDenied as denied:
    say(refused=denied.status_code, body=denied.response.text)
    sys.exit()

assert temporary["oauth_callback_confirmed"] == "true"
say(authorize=first.authorization_url(base + "/oauth/authorize"))
returned = parse_qs(urlsplit(json.loads(sys.stdin.readline())["callback"]).query)


def exchange():
    again = session(resource_owner_key=temporary["oauth_token"], resource_owner_secret=temporary["oauth_token_secret"],
                    verifier=returned["oauth_verifier"][0])
    return again.fetch_access_token(base + "/oauth/access_token")


granted = exchange()
keys = {"resource_owner_key": granted["oauth_token"], "resource_owner_secret": granted["oauth_token_secret"]}
ada = session(**keys)
# A GET has no body.
reader = session("query", **keys) if task["placement"] == "body" else ada
read = reader.get(base + "/me", params={"text": text})
written = ada.post(base + "/me", data={"text": text})
try:
    exchange()
    status = 200
except TokenRequestDenied as denied:
    status = denied.status_code
say(read=read.content.decode("utf-8"), written=written.content.decode("utf-8"), again=status)
