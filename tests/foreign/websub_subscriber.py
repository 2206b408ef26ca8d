"""A WebSub subscriber (W3C Recommendation of 23 January 2018), with the standard library alone.

Takes one command as a line of JSON and answers with one:
  {"do": "discover", "feed": url}          -> hub and self, as the headers say them and as the document does
  {"do": "ask", "hub": url, "form": {...}} -> the hub's status; "hub.callback" is added where there is none: "at" is its path here
  {"do": "wait", "for": kind, "count": n}  -> the first n deliveries, or questions, since the beginning
  {"do": "set", ...}                       -> "status" of answers to deliveries; "echo": what a challenge is answered with
Topics that were not asked for, and challenges of the wrong mode, are answered 404.
"""
import hashlib
import hmac
import http.server
import json
import re
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
state = {"status": 200, "echo": "challenge"}
secrets, wanted, seen = {}, set(), {"deliveries": [], "questions": []}
changed = threading.Condition()


def links(headers):
    found = {}
    for line in headers.get_all("Link") or []:
        for address, rel in re.findall(r'<([^>]*)>\s*;\s*rel="([^"]*)"', line):
            found[rel] = address
    return found


def content(media_type, body):
    """The ids of the entries, and the links of the document itself."""
    if media_type == "application/feed+json":
        feed = json.loads(body)
        rel = {"self": feed["feed_url"]}
        for hub in feed.get("hubs", []):
            rel["hub"] = hub["url"] if hub["type"] == "WebSub" else None
        return [item["id"] for item in feed["items"]], rel
    root = ElementTree.fromstring(body)
    top = root if root.tag == ATOM + "feed" else root.find("channel")
    ids = [entry.findtext(ATOM + "id") for entry in top.findall(ATOM + "entry")] + [item.findtext("guid") for item in top.findall("item")]
    return ids, {link.get("rel"): link.get("href") for link in top.findall(ATOM + "link")}


class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        mode, topic = query.get("hub.mode"), query.get("hub.topic")
        answer = {"challenge": query.get("hub.challenge", ""), "wrong": "x" + query.get("hub.challenge", "")[1:]}.get(state["echo"], state["echo"])
        is_wanted = (mode, topic) in wanted
        self.note("questions", {"path": self.path, **query})
        self.answer(200 if is_wanted else 404, answer.encode() if is_wanted else b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        media_type = self.headers.get_content_type()
        status = state["status"]
        if 200 <= status <= 299:
            secret = secrets.get(urllib.parse.urlsplit(self.path).path)
            expected = secret and "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            ids, own = content(media_type, body)
            self.note("deliveries", {
                "path": self.path, "type": media_type, "ids": ids, "body": body.decode(), "headers": links(self.headers), "document": own,
                "signed": self.headers.get("X-Hub-Signature"), "valid": self.headers.get("X-Hub-Signature") == expected})
        else:
            self.note("refused", {"path": self.path})
        self.answer(status, b"")

    def note(self, kind, what):
        with changed:
            seen.setdefault(kind, []).append(what)
            changed.notify_all()

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def discover(command):
    with urllib.request.urlopen(command["feed"]) as answer:
        return {"headers": links(answer.headers), "document": content(answer.headers.get_content_type(), answer.read())[1]}


def ask(command):
    form = dict(command["form"])
    path = command.get("at", "/hook")
    form.setdefault("hub.callback", f"http://127.0.0.1:{server.server_port}{path}")
    if not command.get("unexpected"):
        wanted.add((form.get("hub.mode"), form.get("hub.topic")))
    if form.get("hub.mode") == "subscribe":
        secrets[urllib.parse.urlsplit(path).path] = form.get("hub.secret")
    request = urllib.request.Request(command["hub"], urllib.parse.urlencode(form).encode())
    try:
        with urllib.request.urlopen(request) as answer:
            return {"status": answer.status}
    except urllib.error.HTTPError as refusal:
        return {"status": refusal.code, "text": refusal.read().decode()}


def wait(command):
    kind, count = command["for"], command["count"]
    with changed:
        changed.wait_for(lambda: len(seen.get(kind, [])) >= count, timeout=30)
        return {"list": seen.get(kind, [])}


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Callback)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"port": server.server_port}), flush=True)
for line in sys.stdin:
    command = json.loads(line)
    if command["do"] == "set":
        state.update(command)
        result = {}
    else:
        result = {"discover": discover, "ask": ask, "wait": wait}[command["do"]](command)
    print(json.dumps(result), flush=True)
