#!/usr/bin/env python3
"""The daemon's door for browsers and programs: signing in, commands by HTTP, limits, and who may see what."""
import base64
import hashlib
import hmac
import json
import socket
import struct
import time

import books
from browser import Browser
import world
from world import Failed, World, equal, library, main, run

SALES = """type,number,date,sku,quantity,unit,unit_price,amount
sale,X1,2026-06-03,P1,24,瓶,2.00,48.00
sale,X1,2026-06-03,P2,2,箱,96.00,192.00
"""


def status(answer, wanted, what=""):
    if answer.status != wanted:
        raise Failed(f"{what}: wanted {wanted}, found {answer!r}")
    return answer


def add_user(w, name, role, scope=None, password=True):
    made = w.ctl("user", "add", name, "--role", role, *(["--scope", scope] if scope else []))
    if password:
        made["password"] = w.ctl("user", "password", name)["password"]
    return made


def signing_in(w):
    """Password, second factor, link; wrong ones; the session ends with the password."""
    anna = add_user(w, "anna", "channel_manager")
    b = Browser(w.http)
    status(b.get("/api/v1/partner/list"), 401, "nobody signed in")
    status(b.get("/api/v1/session"), 401)
    status(b.sign_in("anna", "wrong"), 401, "a wrong password")
    status(b.sign_in("nobody", "wrong"), 401, "an unknown user")
    equal(b.sign_in("anna", "wrong").json["detail"], b.sign_in("nobody", "x").json["detail"], "both are told the same")
    got = status(b.sign_in("anna", anna["password"]), 200)
    cookie = got.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        if part not in cookie:
            raise Failed(f"{part} is not in {cookie}")
    equal({k: b.get("/api/v1/session").json[k] for k in ("user", "role", "scope")},
          {"user": "anna", "role": "channel_manager", "scope": None})
    rows = status(b.get("/api/v1/partner/list"), 200).json
    equal(len(rows), 6, "partners")

    # a write shows the page's token
    csrf, b.csrf = b.csrf, None
    equal(status(b.post("/api/v1/area/set", {"cells": ["EAST", "330000", "name=华东"]}), 403).json["code"], "csrf")
    b.csrf = csrf[:-1] + ("0" if csrf[-1] != "0" else "1")
    status(b.post("/api/v1/area/set", {"cells": ["EAST", "330000", "name=华东"]}), 403)
    b.csrf = csrf
    status(b.post("/api/v1/area/set", {"cells": ["EAST", "330000", "name=华东"]}), 200)
    equal(w.ctl("area", "history", "EAST")[-1]["actor"], "user:anna", "the entry names who did it")

    # out again, and in by a link once
    status(b.ask("DELETE", "/api/v1/session"), 200)
    status(b.get("/api/v1/partner/list"), 401, "signed out")
    link = w.ctl("user", "link", "anna")["link"]
    if not link.startswith(w.http + "/sign-in?link="):
        raise Failed(f"the link is not to {w.http}: {link}")
    page = status(Browser(w.http).get(link[len(w.http):]), 200)
    if link.split("=")[1] not in page.body.decode():
        raise Failed("the page does not hand the link on")
    b = Browser(w.http)
    status(b.keep(b.post("/api/v1/session", {"link": link.split("=")[1]})), 200)
    status(b.get("/api/v1/partner/list"), 200)
    status(Browser(w.http).post("/api/v1/session", {"link": link.split("=")[1]}), 401, "a link twice")

    # another password ends the session
    w.ctl("user", "password", "anna")
    status(b.get("/api/v1/partner/list"), 401, "after a new password")
    return anna


def lists(w):
    """Filter, sort, page; CSV and workbook; what is wrong is told."""
    b = Browser(w.http, token=w.ctl("user", "add", "reader", "--role", "analyst")["token"])
    rows = b.get("/api/v1/partner/list").json
    equal(rows, w.ctl("partner", "list"), "the same rows as on the command line")
    some = status(b.get("/api/v1/partner/list", ("filter", "kind=distributor"), sort="-id"), 200)
    equal([r["id"] for r in some.json], ["D2", "D1"])
    page = b.get("/api/v1/partner/list", sort="id", page=2, per_page=2)
    equal([r["id"] for r in page.json], [r["id"] for r in sorted(rows, key=lambda r: r["id"])][2:4])
    equal((page.headers["X-Total-Count"], page.headers["X-Row-Count"]), ("6", "2"))
    equal([r["id"] for r in b.get("/api/v1/partner/list", q="南京").json], ["D2"])
    text = b.get("/api/v1/partner/list", o="csv", bom=1).body
    equal(text[:3], b"\xef\xbb\xbf", "a byte order mark for Excel")
    equal(text[3:].decode(), w.ctl_raw("partner", "list", "-o", "csv").stdout.replace("\r\n", "\n").replace("\n", "\r\n"))
    equal(b.get("/api/v1/partner/list", o="xlsx").body[:2], b"PK")
    equal(len(b.get("/api/v1/partner/list", ("cells", "kind=distributor")).json), 2, "the command's own parameters")
    for query, code in ((("o", "pdf"), 400), (("sort", "nothing"), 400), (("page", "0"), 400), (("nothing", "1"), 400),
                        (("filter", "kind"), 400), (("cells", "nothing=1"), 400)):
        got = status(b.get("/api/v1/partner/list", query), code, query)
        equal(sorted(got.json), ["code", "detail", "hint", "request_id", "status", "title", "type"], "an error object")
    status(b.get("/api/v1/partner/nothing"), 404)
    status(b.post("/api/v1/partner/list"), 405)
    status(b.post("/api/v1/area/set", {"cells": ["WEST", "320000", "name=x"]}), 403, "an analyst writes nothing")


def code_of(secret, at):
    """RFC 6238: SHA-1, six digits, thirty seconds."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(at // 30)), hashlib.sha1).digest()
    return f"{(struct.unpack('>I', mac[mac[-1] & 15:][:4])[0] & 0x7fffffff) % 1000000:06d}"


def second_factor_and_brute_force(w):
    bob = add_user(w, "bob", "finance")
    secret = w.ctl("user", "totp", "bob")["secret"]
    b = Browser(w.http)
    status(b.sign_in("bob", bob["password"]), 401, "a code is wanted")
    now = time.time()
    status(b.sign_in("bob", bob["password"], code_of(secret, now - 3600)), 401, "an old code")
    status(b.sign_in("bob", bob["password"], code_of(secret, now)), 200)
    status(Browser(w.http).sign_in("bob", bob["password"], code_of(secret, now)), 401, "a code is good once")
    b = Browser(w.http)
    for _ in range(4):
        status(b.sign_in("bob", "guess"), 401)
    got = status(b.sign_in("bob", bob["password"], code_of(secret, now + 30)), 429, "after five attempts")
    if int(got.headers["Retry-After"]) < 60:
        raise Failed(f"Retry-After: {got.headers['Retry-After']}")


def tokens_and_repeated_writes(w):
    b = Browser(w.http, token=w.ctl("token", "add", "anna", "--only", "read", "--days", "1")["secret"])
    status(b.get("/api/v1/partner/list"), 200)
    status(b.post("/api/v1/area/set", {"cells": ["EAST", "330000", "name=x"]}), 403, "beyond the token's scope")
    made = w.ctl("token", "add", "anna")
    b = Browser(w.http, token=made["secret"])
    body = {"cells": ["NORTH", "110000", "name=华北"]}
    first = status(b.post("/api/v1/area/set", body, Idempotency_Key="k1"), 200)
    again = status(b.post("/api/v1/area/set", body, Idempotency_Key="k1"), 200)
    equal(again.json, first.json, "the first answer again")
    equal(len(w.ctl("area", "history", "NORTH")), 1, "and done once")
    status(b.post("/api/v1/area/set", {"cells": ["NORTH", "110000", "name=x"]}, Idempotency_Key="k1"), 409)
    w.ctl_raw("token", "revoke", made["token"])
    status(b.get("/api/v1/partner/list"), 401, "revoked")
    status(Browser(w.http, token="nonsense").get("/api/v1/partner/list"), 401)


def uploads(w):
    """A partner's file: read, then counted; nobody else's; a row that names another partner is refused."""
    clerk = Browser(w.http, token=add_user(w, "clerk", "partner_clerk", "D1", password=False)["token"])
    read = status(clerk.ask("PUT", "/api/v1/uploads/june.csv", SALES), 200).json
    equal({k: read[k] for k in ("partner", "documents", "lines", "amount", "from", "to", "problems")},
          {"partner": "D1", "documents": 1, "lines": 2, "amount": "240.00", "from": "2026-06-03", "to": "2026-06-03",
           "problems": []})
    equal(w.ctl("document", "list"), [], "nothing counts yet")
    equal([x["upload"] for x in clerk.get("/api/v1/uploads/").json], [read["upload"]])
    other = Browser(w.http, token=add_user(w, "other", "partner_clerk", "D2", password=False)["token"])
    equal(other.get("/api/v1/uploads/").json, [])
    status(other.post(f"/api/v1/uploads/{read['upload']}/submit"), 404)
    done = status(clerk.post(f"/api/v1/uploads/{read['upload']}/submit"), 200).json
    equal((done["documents"], done["lines"], done["committed"]), (1, 2, 2))
    equal(status(clerk.post(f"/api/v1/uploads/{read['upload']}/submit"), 200).json, done, "asked again")
    equal(len(w.ctl("document", "list")), 1)
    again = status(clerk.ask("PUT", "/api/v1/uploads/june.csv?hold=false", SALES), 200).json
    equal(again["duplicate"], 2, "the same file again")
    for query, text in (("?partner=D2", SALES), ("?partner=NOPE", SALES),
                        ("?hold=false", "partner,type,number,date,sku,quantity\nD2,sale,Y1,2026-06-03,P1,1\n")):
        status(clerk.ask("PUT", f"/api/v1/uploads/june.csv{query}", text), 404, "another's")
    equal(len(w.ctl("document", "list")), 1)
    for name in ("..%2f..%2fetc%2fpasswd", ".hidden", "%00.csv", "a%5cb.csv"):
        status(clerk.ask("PUT", f"/api/v1/uploads/{name}", SALES), 400, name)
    status(clerk.ask("PUT", "/api/v1/uploads/photo.jpg", b"\xff\xd8\xff\xe0 no sales"), 422, "no file of sales")
    kept = status(clerk.ask("PUT", "/api/v1/uploads/a.csv", SALES), 200).json["upload"]
    status(clerk.ask("DELETE", f"/api/v1/uploads/{kept}"), 200)
    status(clerk.get(f"/api/v1/uploads/{kept}"), 404)


def listen(w, token):
    at = w.http.split("//")[1]
    host, port = at.rsplit(":", 1)
    s = socket.create_connection((host, int(port)), timeout=5)
    s.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    heard = b""
    while b"retry:" not in heard:
        heard += s.recv(4096)
    return s


def events(w):
    house, partner = listen(w, w.anna["token"]), listen(w, w.ctl("user", "add", "d1", "--role", "partner_owner", "--scope", "D1")["token"])
    w.ctl_raw("area", "set", "WEST", "510000", "name=华西")
    heard = b""
    while b'"kinds":["catalog"]' not in heard.replace(b" ", b""):
        heard += house.recv(4096)
    partner.settimeout(0.5)
    try:
        more = partner.recv(4096)
    except TimeoutError:
        more = b""
    if b"change" in more:
        raise Failed(f"a partner hears of the house's areas: {more}")
    house.close()
    partner.close()


# ---- every path of the table

ROLES = ("admin", "channel_manager", "account_manager", "finance", "inspector", "analyst", "auditor", "partner_owner",
         "partner_clerk")
JUNK = "'; =cmd|' /C calc'!A0 <script> 999999999999999999999"


def operations(w):
    doc = Browser(w.http).get("/api/openapi.json").json
    equal(doc["openapi"], "3.1.0")
    for path, methods in doc["paths"].items():
        for method, op in methods.items():
            if method != "parameters" and "x-command" in op:
                yield path, method.upper(), op


def params_of(op):
    """name → schema, and which must be given."""
    if "requestBody" in op:
        schema = op["requestBody"]["content"]["application/json"]["schema"]
        return schema["properties"], schema["required"]
    own = [p for p in op["parameters"] if p["name"] not in VIEW]
    return {p["name"]: p["schema"] for p in own}, [p["name"] for p in own if p["required"]]


VIEW = ("o", "q", "filter", "sort", "page", "per_page", "bom")


def value_for(schema, text):
    if schema.get("type") == "array":
        return [value_for(schema["items"], text)]
    if "$ref" in schema:
        return {"name": "x.csv", "text": text}
    return True if schema.get("type") == "boolean" else text


def send(b, path, method, values):
    if method == "GET":
        pairs = [(k, "true" if x is True else x) for k, v in values.items() for x in (v if isinstance(v, list) else [v])]
        return b.get("/api/v1" + path, *pairs)
    return b.post("/api/v1" + path, values)


def roles_by_the_table(w):
    """endpoint × role: who may not is refused before anything is looked at, who may gets further."""
    all_ops = list(operations(w))
    if len(all_ops) < 200:
        raise Failed(f"{len(all_ops)} operations")
    for role in ROLES:
        b = Browser(w.http, token=w.users[role])
        for path, method, op in all_ops:
            may = role in op["x-roles"]
            got = send(b, path, method, {"no_such_parameter": "1"})
            if got.status != (400 if may else 403):
                raise Failed(f"{role} {method} {path}: {got!r}")
    nobody = Browser(w.http)
    for path, method, op in all_ops:
        status(send(nobody, path, method, {}), 401, path)


def foreign_is_absent(w):
    """endpoint × own, foreign, absent: a partner cannot tell what is another's from what is not there."""
    b = Browser(w.http, token=w.users["partner_owner"])
    told, faults = 0, []
    for path, method, op in operations(w):
        if "partner_owner" not in op["x-roles"]:
            continue
        known, needed = params_of(op)
        for where in [k for k in ("partner", "cells", "key", "order", "statement", "upload", "document", "case", "claim",
                                  "payout") if k in known]:
            answers = []
            for there in ("foreign", "absent"):
                values = {k: value_for(known[k], "x") for k in needed}
                values[where] = value_for(known[where], w.names[there].get(where, w.names[there]["partner"]))
                got = send(b, path, method, values)
                if got.status >= 500:
                    raise Failed(f"{method} {path} {values}: {got!r}")
                body = got.json if got.status >= 400 else got.body
                if got.status >= 400:
                    body.pop("request_id")
                text = json.dumps(body, ensure_ascii=False) if got.status >= 400 else body.decode()
                for n in w.names[there].values():
                    text = text.replace(n, "…")
                answers.append((got.status, text))
            if answers[0] != answers[1]:
                faults.append(f"{method} {path} tells by {where}: foreign {answers[0]}, absent {answers[1]}")
            told += 1
    if faults:
        raise Failed("\n".join(faults))
    if told < 30:
        raise Failed(f"only {told} were asked")


def never_our_mistake(w):
    """Good and bad requests by the description: no 5xx, and answers as it says."""
    jsonschema = library("jsonschema")
    b = Browser(w.http, token=w.users["admin"])
    doc = b.get("/api/openapi.json").json
    check = None
    if jsonschema:
        def check(schema, value, path):
            jsonschema.validate(value, {**schema, "components": doc["components"]})
    lists, faults = 0, []
    for path, method, op in operations(w):
        known, needed = params_of(op)
        tries = [{k: value_for(known[k], JUNK) for k in needed}, {k: value_for(v, JUNK) for k, v in known.items()}]
        if method == "GET" and not needed:
            tries.insert(0, {})
        for values in tries:
            got = send(b, path, method, values)
            if got.status >= 500:
                faults.append(f"{method} {path} {values}: {got!r}")
                continue
            if check and got.status == 200:
                check(op["responses"]["200"]["content"]["application/json"]["schema"], got.json, path)
                lists += isinstance(got.json, list)
            if check and got.status != 200:
                check(doc["components"]["schemas"]["Problem"], got.json, path)
    if faults:
        raise Failed("\n".join(faults))
    if check and lists < 60:
        raise Failed(f"only {lists} lists answered")


def the_screens(w):
    b = Browser(w.http)
    page = status(b.get("/"), 200)
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "ETag"):
        if name not in page.headers:
            raise Failed(f"{name} is not sent")
    equal(page.headers["Content-Encoding"], "gzip")
    status(b.ask("GET", "/", headers={"If-None-Match": page.headers["ETag"]}), 304)
    equal(status(b.get("/health"), 200).json["ok"], True)
    status(b.get("/metrics"), 401)
    if "channeld_journal_entries" not in Browser(w.http, token=w.anna["token"]).get("/metrics").body.decode():
        raise Failed("no metrics")


def everything():
    with World() as w:
        books.load(w)
        w.anna = signing_in(w)
        for part in (lists, second_factor_and_brute_force, tokens_and_repeated_writes, uploads, events, the_screens):
            part(w)
            print(f"     {part.__name__}", flush=True)
        # what is another's: D2's documents, beside names of nothing
        w.users = {r: w.ctl("user", "add", f"u-{r}", "--role", r, *(["--scope", "D1"] if r.startswith("partner") else []))
                   ["token"] for r in ROLES}
        b = Browser(w.http, token=w.users["admin"])
        status(b.ask("PUT", "/api/v1/uploads/d2.csv?partner=D2&hold=false", SALES), 200)
        foreign = next(d["id"] for d in w.ctl("document", "list") if d["partner"] == "D2")
        upload = next(u["id"] for u in w.ctl("upload", "list") if u["partner"] == "D2")
        w.names = {"foreign": {"partner": "D2", "document": foreign, "upload": upload},
                   "absent": {"partner": "D9", "document": "987654", "upload": "987654"}}
        for part in (roles_by_the_table, foreign_is_absent, never_our_mistake):
            part(w)
            print(f"     {part.__name__}", flush=True)
        w.verify()


def raw(w, data, seconds=8):
    """Bytes in, all that comes until the daemon closes."""
    host, port = w.http.split("//")[1].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=seconds) as s:
        out = b""
        try:
            s.sendall(data)
            while piece := s.recv(65536):
                out += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return out


def limits_and_tls():
    with World(settings=["http.slow=1s", "http.per_address=8"]) as w:
        token = w.ctl("user", "add", "anna", "--role", "admin")["token"]
        b = Browser(w.http, token=token)
        status(b.post("/api/v1/area/set", {"cells": ["x" * 65536]}), 413, "a body too large")
        b.connection = None
        status(b.ask("POST", "/api/v1/area/set", "no json", {"Content-Type": "application/json"}), 400)
        status(b.ask("POST", "/api/v1/area/set", "a=b", {"Content-Type": "text/plain"}), 415)
        status(b.post("/api/v1/area/set", {"cells": [1.5]}), 400, "a decimal that is no text")
        for path in ("/../../etc/passwd", "/api/v1/../../etc", "/%2e%2e/%2e%2e/etc/passwd", "/api/v1//", "/index.html/x"):
            got = b.ask("GET", path)
            if got.status not in (400, 404):
                raise Failed(f"{path}: {got!r}")
        big = raw(w, b"GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + b"x" * 40000 + b"\r\n\r\n")
        if not big.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400", b"HTTP/1.1 414")):
            raise Failed(f"a header too large: {big[:80]!r}")
        for begin in (b"GET / HT", b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"):
            at = time.monotonic()
            raw(w, begin)
            if time.monotonic() - at > 6:
                raise Failed(f"a slow request was not cut: {begin[:20]}")
        many = [socket.create_connection(tuple(w.http.split("//")[1].rsplit(":", 1)), timeout=5) for _ in range(12)]
        refused = 0
        for s in many:
            try:
                s.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                refused += s.recv(100) == b""
            except OSError:
                refused += 1
            s.close()
        if refused < 3:
            raise Failed(f"{refused} of 12 connections of one address were refused, wanted those beyond 8")
        certificate, key = w.dir / "cert.pem", w.dir / "key.pem"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate)
        w.stop()
        w.start("--set", f"http.certificate={certificate}", "--set", f"http.key={key}")
        if not w.http.startswith("https://127.0.0.1:"):
            raise Failed(w.http)
        password = w.ctl("user", "password", "anna")["password"]
        b = Browser(w.http, cafile=str(certificate))
        cookie = status(b.sign_in("anna", password), 200).headers["Set-Cookie"]
        if not cookie.startswith("__Host-channeld=") or "Secure" not in cookie:
            raise Failed(cookie)
        got = status(b.get("/api/v1/user/list"), 200)
        if "Strict-Transport-Security" not in got.headers:
            raise Failed("no HSTS with TLS")


def two_on_one_machine():
    usual = ["listen.http=127.0.0.1:7480"]
    with World(settings=usual) as w, World(settings=usual) as beside:
        if w.http == beside.http or not beside.http.startswith("http://127.0.0.1:"):
            raise Failed(f"{w.http} and {beside.http}")
        status(Browser(beside.http).get("/health"), 200)
    with World() as w:
        taken = w.http.split("//")[1]
        p = run(world.BIN / "channeld", "--data", w.dir / "other", "--set", "listen.agents=tcp://127.0.0.1:0",
                "--set", f"listen.http={taken}", check=None)
        if p.returncode == 0 or f"listen.http {taken}: cannot listen there (in use)" not in p.stderr:
            raise Failed(f"{p.returncode}: {p.stderr}")


main([everything, limits_and_tls, two_on_one_machine])
