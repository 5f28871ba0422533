"""A receiver of hooks that believes only what is signed. Standard library only.

    python3 hook_receiver.py 8080 whsec_…        prints what comes
"""
import base64
import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE_S = 300  # older messages may be replays


def verify(secret, headers, body, now=None):
    """The message, or ValueError. `headers` with names in lower case, `body` as bytes."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message_id, stamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs((now or time.time()) - int(stamp)) > TOLERANCE_S:
        raise ValueError("too old")
    wanted = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    for one in headers["webhook-signature"].split():
        version, _, signature = one.partition(",")
        if version == "v1" and hmac.compare_digest(base64.b64decode(signature), wanted):
            return json.loads(body)
    raise ValueError("not signed with our secret")


class Receiver(BaseHTTPRequestHandler):
    secret, seen = "", set()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            message = verify(self.secret, {k.lower(): v for k, v in self.headers.items()}, body)
        except (ValueError, KeyError, TypeError):
            self.send_response(400)
        else:
            if message["id"] not in self.seen:  # the same message may come twice
                self.seen.add(message["id"])
                print(message["type"], message["data"], flush=True)
            self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    Receiver.secret = sys.argv[2]
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
