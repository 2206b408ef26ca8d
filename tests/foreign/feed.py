"""Reads a feed with feedparser, page by page to its end, and prints what it found as one line of JSON.

Arguments: the feed's address, the public address of the node, where the node really listens, and an entity tag or nothing.
"""
import json
import sys

import feedparser

url, public, real, etag = sys.argv[1:5]
pages = []
while url:
    feed = feedparser.parse(url.replace(public, real), etag=etag or None)
    pages.append({
        "status": feed.status,
        "etag": feed.get("etag", ""),
        "broken": str(feed.get("bozo_exception", "")),
        "version": feed.version,
        "type": feed.headers.get("content-type", ""),
        "title": feed.feed.get("title", ""),
        "link": feed.feed.get("link", ""),
        "entries": [{
            "id": entry.id,
            "link": entry.get("link", ""),
            "title": entry.title,
            "html": (entry.content[0].value if "content" in entry else entry.summary),
            "author": entry.author,
            "published": list(entry.published_parsed[:6]),
            "tags": [tag.term for tag in entry.get("tags", [])],
            "enclosures": [[file.type, file.href, file.length] for file in entry.enclosures],
            "answers": entry.get("thr_in-reply-to", {}).get("ref", ""),
        } for entry in feed.entries],
    })
    url = next((link.href for link in feed.feed.get("links", []) if link.rel == "next"), None)
print(json.dumps(pages))
