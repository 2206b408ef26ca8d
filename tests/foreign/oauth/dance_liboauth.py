"""The consumer's side of OAuth 1.0a by liboauth, which signs in C; Python only carries what it has signed. See README.md."""
import ctypes
import json
import pathlib
import sys
import urllib.error
import urllib.request
from urllib.parse import parse_qs, quote, urlsplit

task = json.loads(sys.stdin.readline())
base = task["base"]
text = pathlib.Path(__file__).with_name("awkward.txt").read_text(encoding="utf-8")

library = ctypes.CDLL("liboauth.so.0")
HMAC = 0
NO_PROTOCOL_PARAMETERS, PROTOCOL_PARAMETERS_ONLY, QUOTED = 1, 2, 4
library.oauth_sign_url2.restype = ctypes.c_char_p
library.oauth_serialize_url_sep.restype = ctypes.c_char_p


def say(**line):
    print(json.dumps(line), flush=True)


def signed(method, url, keys):
    """Address, form and headers of a request; all parameters are in the address that is given."""
    keys = [key.encode() if key else None for key in (task["key"], task["secret"], *keys)]
    if task["placement"] == "header":
        parameters = ctypes.POINTER(ctypes.c_char_p)()
        count = ctypes.c_int(library.oauth_split_url_parameters(url.encode(), ctypes.byref(parameters)))
        library.oauth_sign_array2_process(ctypes.byref(count), ctypes.byref(parameters), None, HMAC, method.encode(), *keys)
        header = library.oauth_serialize_url_sep(count, 1, parameters, b", ", PROTOCOL_PARAMETERS_ONLY | QUOTED).decode()
        form = library.oauth_serialize_url_sep(count, 1, parameters, b"&", NO_PROTOCOL_PARAMETERS)
        address = parameters[0].decode()
        headers = {"Authorization": "OAuth " + header}
        return (address, form, headers) if method == "POST" else (f"{address}?{form.decode()}", None, headers)
    if method == "POST":
        form = ctypes.c_char_p()
        address = library.oauth_sign_url2(url.encode(), ctypes.byref(form), HMAC, b"POST", *keys)
        return address.decode(), form.value, {}
    return library.oauth_sign_url2(url.encode(), None, HMAC, b"GET", *keys).decode(), None, {}


def send(method, url, keys=(None, None)):
    address, form, headers = signed(method, url, keys)
    try:
        with urllib.request.urlopen(urllib.request.Request(address, form, headers, method=method)) as answer:
            return answer.status, answer.read().decode("utf-8")
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode("utf-8")


def token_of(answer):
    fields = parse_qs(answer, strict_parsing=True)
    return fields["oauth_token"][0], fields["oauth_token_secret"][0]


status, answer = send("POST", f"{base}/oauth/request_token?oauth_callback={quote(task['callback'], safe='')}")
if status != 200:
    say(refused=status, body=answer)
    sys.exit()
assert "oauth_callback_confirmed=true" in answer
temporary = token_of(answer)
say(authorize=f"{base}/oauth/authorize?oauth_token={temporary[0]}")
returned = parse_qs(urlsplit(json.loads(sys.stdin.readline())["callback"]).query)


def exchange():
    return send("POST", f"{base}/oauth/access_token?oauth_verifier={returned['oauth_verifier'][0]}", temporary)


status, answer = exchange()
assert status == 200, answer
ada = token_of(answer)
said = quote(text, safe="")
say(read=send("GET", f"{base}/me?text={said}", ada)[1], written=send("POST", f"{base}/me?text={said}", ada)[1], again=exchange()[0])
