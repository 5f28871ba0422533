"""Receivers of hooks, decent and hostile, on 127.0.0.2; and a listener that nobody may reach."""
import email
import json
import socket
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.2"


class Receiver:
    """What came is in `got` as (path, headers, body bytes); how it answers goes by the path."""

    def __init__(self):
        self.got, self.fail, self.redirected = [], {}, 0
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, status, body=b"{}", **headers):
                self.send_response(status)
                for k, v in headers.items():
                    self.send_header(k.replace("_", "-"), v)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                outer.redirected += 1
                self.answer(200)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                path = self.path.split("?")[0].strip("/")
                with outer.lock:
                    outer.got.append((self.path, dict(self.headers.items()), body))
                    left = outer.fail.get(path, 0)
                    outer.fail[path] = left - 1
                try:
                    getattr(outer, f"on_{path}", outer.on_ok)(self, left > 0)
                except (BrokenPipeError, ConnectionResetError):
                    pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server((HOST, 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://{HOST}:{self.port}/{path}"

    def of(self, path):
        with self.lock:
            return [(h, b) for p, h, b in self.got if p.split("?")[0] == f"/{path}"]

    def paths(self, path):
        with self.lock:
            return [p for p, _, _ in self.got if p.split("?")[0] == f"/{path}"]

    def on_ok(self, to, fails):
        to.answer(500 if fails else 200)

    def on_busy(self, to, fails):
        to.answer(429, Retry_After="1") if fails else to.answer(200)

    def on_gone(self, to, _):
        to.answer(410)

    def on_hang(self, to, _):
        time.sleep(5)

    def on_redirect(self, to, _):
        to.answer(302, Location=self.url("elsewhere"))

    def on_huge(self, to, _):
        to.send_response(200)
        to.send_header("content-length", str(1 << 30))
        to.end_headers()
        for _ in range(64):
            to.wfile.write(b"x" * 65536)

    def on_drip(self, to, _):
        to.send_response(200)
        to.send_header("content-length", "1000")
        to.end_headers()
        for _ in range(20):
            to.wfile.write(b"x")
            to.wfile.flush()
            time.sleep(0.2)

    def on_robot(self, to, fails):
        to.answer(200, b'{"errcode":93000,"errmsg":"invalid webhook url"}' if fails else b'{"errcode":0,"errmsg":"ok"}')

    def on_feishu(self, to, _):
        to.answer(200, b'{"code":0,"msg":"success"}')

    def on_page(self, to, _):
        to.answer(200, b"<html>sign in first</html>")

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Forbidden:
    """Listens on every address of this machine; counts who connects."""

    def __init__(self):
        self.connections = 0
        self.sockets = []
        self.port = 0
        for family, at in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            s = socket.socket(family, socket.SOCK_STREAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind((at, self.port))
            s.listen(64)
            self.port = s.getsockname()[1]
            self.sockets.append(s)
            threading.Thread(target=self.take, args=(s,), daemon=True).start()

    def take(self, s):
        while True:
            try:
                c, _ = s.accept()
            except OSError:
                return
            self.connections += 1
            c.close()

    def close(self):
        for s in self.sockets:
            s.close()


class Mailbox:
    """A mail server that takes everything; `got` is (from, to, message)."""

    def __init__(self):
        self.got = []
        outer = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                sender, to = None, []
                self.wfile.write(b"220 here\r\n")
                while line := self.rfile.readline():
                    word = line.strip().upper()
                    if word.startswith(b"EHLO"):
                        self.wfile.write(b"250 here\r\n")
                    elif word.startswith(b"MAIL"):
                        sender = line.split(b"<")[1].split(b">")[0].decode()
                        self.wfile.write(b"250 ok\r\n")
                    elif word.startswith(b"RCPT"):
                        to.append(line.split(b"<")[1].split(b">")[0].decode())
                        self.wfile.write(b"250 ok\r\n")
                    elif word == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        text = b""
                        while (line := self.rfile.readline()) != b".\r\n":
                            text += line
                        outer.got.append((sender, to, email.message_from_bytes(text)))
                        self.wfile.write(b"250 taken\r\n")
                    elif word == b"QUIT":
                        self.wfile.write(b"221 bye\r\n")
                        return

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server((HOST, 0), Session)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def text_of(body):
    """What a group reads, of WeCom's, DingTalk's or Feishu's form."""
    m = json.loads(body)
    return m["content"]["text"] if "content" in m else m["text"]["content"]
