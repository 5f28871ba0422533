"""What a browser or a program with a token does, without one: requests on a keep-alive connection, cookie and CSRF token kept.

    b = Browser(w.http)
    b.sign_in("anna", password)
    b.get("/api/v1/order/list", partner="D1") → Answer(status, headers, body)
"""
import http.client
import json
import ssl
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Browser:
    def __init__(self, at, token=None, cafile=None):
        self.at, self.token, self.cafile = urllib.parse.urlsplit(at), token, cafile
        self.cookie = self.csrf = self.connection = None

    def connect(self):
        if self.at.scheme == "https":
            trust = ssl.create_default_context(cafile=self.cafile)
            return http.client.HTTPSConnection(self.at.hostname, self.at.port, timeout=60, context=trust)
        return http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=60)

    def ask(self, method, path, body=None, headers=(), query=()):
        # a GET may be sent again when the daemon closed the connection between two requests
        head = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}),
                **({"Cookie": self.cookie} if self.cookie else {}),
                **({"X-CSRF-Token": self.csrf} if self.csrf else {}), **dict(headers)}
        if query:
            path += "?" + urllib.parse.urlencode(query)
        if isinstance(body, (dict, list)):
            body, head = json.dumps(body), {"Content-Type": "application/json", **head}
        for again in (True, False):
            self.connection = self.connection or self.connect()
            try:
                self.connection.request(method, path, body.encode() if isinstance(body, str) else body, head)
                got = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.connection = None
                if not again:
                    raise
        answer = Answer(got.status, got.headers, got.read())
        if got.headers.get("Connection", "").lower() == "close":
            self.connection.close()
            self.connection = None
        return answer

    def get(self, path, *pairs, **query):
        return self.ask("GET", path, query=[*pairs, *query.items()])

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, {} if body is None else body, {k.replace("_", "-"): v for k, v in headers.items()})

    def keep(self, answer):
        """Keep the session that an answer begins."""
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            self.csrf = answer.json["csrf"]
        return answer

    def sign_in(self, user, password, code=None):
        return self.keep(self.post("/api/v1/session", {"user": user, "password": password, "code": code}))
