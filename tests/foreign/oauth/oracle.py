"""oauthlib as an oracle: a line {"method", "url", "headers", "body", "consumerSecret", "tokenSecret"} in, {"base", "hmacSha1",
"hmacSha256"} out. See README.md."""
import json
import sys

from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature

for line in sys.stdin:
    task = json.loads(line)
    request = Request(task["url"], task["method"], task["body"], task["headers"])
    params = signature.collect_parameters(
        uri_query=request.uri_query, body=request.body or "", headers=request.headers, exclude_oauth_signature=True)
    base = signature.signature_base_string(
        request.http_method, signature.base_string_uri(request.uri), signature.normalize_parameters(params))
    print(json.dumps({
        "base": base,
        "hmacSha1": signature._sign_hmac("SHA-1", base, task["consumerSecret"], task["tokenSecret"]),
        "hmacSha256": signature._sign_hmac("SHA-256", base, task["consumerSecret"], task["tokenSecret"]),
    }), flush=True)
