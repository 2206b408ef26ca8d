"""Drives a node by bitlbee, unmodified, over TLS and with a password. Arguments: the API's root, the server's certificate, and the passwords of
alice, bob and carol.

alice sits at an IRC client, which this is; bitlbee is started for her as inetd would do it, so it opens no port. bob and carol call the API."""
import base64
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

root, certificate, *passwords = sys.argv[1:6]
trust = ssl.create_default_context(cafile=certificate)
PATIENCE = 30


class Person:
    def __init__(self, name, password):
        self.name = name
        self.password = password
        self.authorization = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()

    def call(self, path, **fields):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        request = urllib.request.Request(f"{root}/{path}", data, {"Authorization": self.authorization})
        with urllib.request.urlopen(request, context=trust) as answer:
            return json.load(answer)

    def says(self, text):
        return self.call("statuses/update.json", status=text)["id"]

    def reads(self, path):
        return [status["text"] for status in self.call(path)]


class Bee:
    """bitlbee, and all that it said and nobody waited for yet."""

    def __init__(self, folder):
        settings = os.path.join(folder, "bitlbee.conf")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f"[settings]\nRunMode = Inetd\nCAfile = {trusted(folder)}\n")
        # It keeps people's settings, and is not to have more rights than it needs for that.
        nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        os.chmod(folder, 0o777)
        self.socket, its = socket.socketpair()
        self.process = subprocess.Popen(["/usr/sbin/bitlbee", "-I", "-c", settings, "-d", folder], stdin=its, stdout=its, **nobody)
        its.close()
        self.read, self.said, self.log = b"", [], []

    def send(self, line):
        self.socket.sendall(line.encode() + b"\r\n")

    def asks(self, command):
        self.send(f"PRIVMSG &bitlbee :{command}")

    def says(self, text, to="#localhost_alice"):
        self.send(f"PRIVMSG {to} :{text}")

    def expect(self, pattern):
        """Takes the first line that matches."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for line in self.said:
                if re.search(pattern, line):
                    self.said.remove(line)
                    return line
            self.listen(deadline, pattern)

    def listen(self, deadline, awaited):
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            some = self.socket.recv(65536)
        except TimeoutError:
            some = b""
        if not some:
            raise AssertionError(f"{awaited} was never said, but\n" + "\n".join(self.log))
        # Bold and colours are left out.
        *lines, self.read = re.sub(rb"\x02|\x03\d\d", b"", self.read + some).split(b"\r\n")
        lines = [line.decode() for line in lines]
        self.said += lines
        self.log += lines


def trusted(folder):
    # The test's own folder is closed to others.
    path = os.path.join(folder, "server.pem")
    with open(certificate, encoding="ascii") as source, open(path, "w", encoding="ascii") as copy:
        copy.write(source.read())
    return path


def eventually(holds, what):
    """Waits for what bitlbee does without a word."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(what)
        time.sleep(0.02)


def shown(by, text):
    """What stands in the channel when somebody's notice arrives."""
    return rf"^:{by}!\S+ PRIVMSG #localhost_alice :\[[0-9a-f]{{2}}(->[0-9a-f]{{2}})?\] {re.escape(text)}$"


def own(text):
    return rf"^:root!\S+ PRIVMSG #localhost_alice :You: \[[0-9a-f]{{2}}(->[0-9a-f]{{2}})?\] {re.escape(text)}$"


DONE = "PRIVMSG #localhost_alice :Command processed successfully$"


def refused(path, status, message):
    return rf"PRIVMSG #localhost_alice :Error: Could not retrieve /api/{re.escape(path)}\S*: {status} \({re.escape(message)}\)$"


def drive(bee, alice, bob, carol):
    bee.send("NICK alice\r\nUSER alice 0 * :alice")
    bee.expect("Welcome to the BitlBee gateway!")
    bee.asks("account add identica alice wrong")
    bee.expect("Account successfully added with tag identica")
    for setting in ("oauth false", f"base_url {root}", "fetch_mentions true", "fetch_interval 1"):
        bee.asks("account identica set " + setting)
        bee.expect(re.escape(setting.split()[0]) + " = ")

    # Who is wrong is told so.
    bee.asks("account identica on")
    bee.expect(r"Authentication failure \(401 Unauthorized \(Nickname or application password is wrong\.\)\)")

    # Whom alice follows is in the channel, and so is what they write.
    alice.call("friendships/create.json", screen_name="carol")
    before = carol.says("Written before alice came")
    bee.asks("account identica set password " + alice.password)
    bee.expect("Setting changed successfully")
    bee.asks("account identica on")
    bee.expect(r"Getting contact list")
    bee.expect(r" 353 alice = #localhost_alice :.*\bcarol\b")
    bee.expect("Logged in")
    bee.expect(shown("carol", "Written before alice came"))
    carol.says("Written while alice is here: äöü 日本 ½ #test")
    bee.expect(shown("carol", "Written while alice is here: äöü 日本 ½ #test"))
    question = bob.says("@alice A question from somebody whom you do not follow")
    bee.expect(shown("bob", "@alice A question from somebody whom you do not follow"))

    # Posting, and answering in three ways.
    bee.says("From IRC: äöü 日本 & 100% \"so\" #test")
    bee.expect(own("From IRC: äöü 日本 & 100% \"so\" #test"))
    assert bob.reads("statuses/user_timeline/alice.json") == ["From IRC: äöü 日本 & 100% \"so\" #test"]
    bee.says("reply bob An answer")
    bee.says("bob: Another answer")
    bee.says("rawreply bob A third one")
    for answer in ("@bob An answer", "@bob Another answer", "A third one"):
        bee.expect(own(answer))
    answers = bob.call("statuses/user_timeline/alice.json?count=3")
    assert [status["in_reply_to_status_id"] for status in answers] == [question] * 3, answers

    # Repeats and favourites.
    bee.says("rt carol")
    bee.expect(DONE)
    latest = carol.call("statuses/user_timeline.json")[0]["id"]
    assert [status["user"]["screen_name"] for status in carol.call(f"statuses/retweets/{latest}.json")] == ["alice"]
    bee.says("rt carol")
    bee.expect(refused("statuses/retweet/", "400 Bad Request", "You have repeated this notice already."))
    bee.says("fav bob")
    bee.expect(DONE)
    assert [status["id"] for status in bob.call("favorites/alice.json")] == [question]
    bee.says("url bob")
    bee.expect(f"/bob/status/{question}$")

    # Following, and letters, which only friends may send.
    bee.says("Not yet", to="bob")
    bee.expect(refused("direct_messages/new.json", "403 Forbidden", "You can write to people who follow you and whom you follow."))
    bee.says("follow bob")
    eventually(lambda: bob.call("friendships/exists.json?user_a=alice&user_b=bob"), "alice does not follow bob")
    bee.says("follow bob")
    bee.expect(refused("friendships/create.json", "403 Forbidden", "You follow this user already."))
    bee.says("follow nobody")
    bee.expect(refused("friendships/create.json", "403 Forbidden", "There is no such user."))
    bob.call("friendships/create.json", screen_name="alice")
    bob.says("Now you follow me")
    bee.expect(shown("bob", "Now you follow me"))
    written = len(bob.reads("statuses/user_timeline/alice.json"))
    bee.says("Only for you, ½", to="bob")
    eventually(lambda: bob.reads("direct_messages.json") == ["Only for you, ½"], "no letter")
    bee.says("d bob By a command")
    eventually(lambda: bob.reads("direct_messages.json") == ["By a command", "Only for you, ½"], "no second letter")
    assert len(bob.reads("statuses/user_timeline/alice.json")) == written

    # Taking things back.
    bee.says("A mistake")
    bee.expect(own("A mistake"))
    mistake = bob.call("statuses/user_timeline/alice.json")[0]
    assert mistake["text"] == "A mistake"
    bee.says("undo")
    bee.expect(DONE)
    assert status_of(bob, f"statuses/show/{mistake['id']}.json") == 410
    bee.says(f"undo {mistake['id']}")
    bee.expect(refused("statuses/destroy/", "410 Gone", "This status was deleted."))
    bee.says(f"undo {before}")
    bee.expect(refused("statuses/destroy/", "403 Forbidden", "This status is somebody else's."))

    # Muting, parting, and reporting, which blocks.
    number = bob.call("account/verify_credentials.json")["id"]
    bee.says("mute bob")
    eventually(lambda: alice.call("mutes/users/ids.json")["ids"] == [number], "bob is not muted")
    bee.says("unmute bob")
    eventually(lambda: alice.call("mutes/users/ids.json")["ids"] == [], "bob is still muted")
    bee.says("unfollow carol")
    eventually(lambda: not bob.call("friendships/exists.json?user_a=alice&user_b=carol"), "alice still follows carol")
    bee.says("report bob")
    bee.expect(DONE)
    assert alice.call("blocks/ids.json")["ids"] == [number]
    bee.send("QUIT")


def status_of(person, path):
    try:
        person.call(path)
        return 200
    except urllib.error.HTTPError as problem:
        return problem.code


with tempfile.TemporaryDirectory() as home:
    gateway = Bee(home)
    try:
        drive(gateway, *map(Person, ("alice", "bob", "carol"), passwords))
        gateway.process.wait(PATIENCE)
    finally:
        gateway.process.kill()
        gateway.process.wait()
print("ok")
