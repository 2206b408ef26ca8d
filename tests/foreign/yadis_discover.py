"""Runs python3-openid's YADIS resolver on each URL given and prints one JSON line per URL: where the document was, and its text."""
import json
import sys

from openid import fetchers
from openid.yadis.discover import discover

# The plain fetcher of the standard library: no curl, no proxies.
fetchers.setDefaultFetcher(fetchers.Urllib2Fetcher(), wrap_exceptions=False)

for url in sys.argv[1:]:
    found = discover(url)
    text = found.response_text
    print(json.dumps({
        "xrds": found.isXRDS(),
        "uri": found.xrds_uri,
        "type": found.content_type,
        "text": text.decode("utf-8") if isinstance(text, bytes) else text,
    }))
