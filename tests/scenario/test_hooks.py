#!/usr/bin/env python3
"""Hooks against receivers that are slow, hostile or full: what is signed, what is tried again and how often, what a group gets
to read, and that no spelling of a private address is ever connected to."""
import base64
import hashlib
import hmac
import importlib.util
import json
import time
import urllib.parse

from hook_receivers import HOST, Forbidden, Mailbox, Receiver, text_of
from world import ROOT, Failed, World, equal, main

FAST = ("hooks.allow=127.0.0.2/32", "hooks.link=https://channel.example.com/", "hooks.timeout=700ms", "hooks.retry=60ms",
        "hooks.retry_most=200ms", "hooks.tries=3")

spec = importlib.util.spec_from_file_location("hook_receiver", ROOT / "docs" / "hook_receiver.py")
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)


class Desk:
    """A world that says something whenever it is asked to: an inspection is planned."""

    def __init__(self, w):
        self.w, self.r = w, Receiver()
        w.ctl_raw("partner", "import", w.file("p.csv", "id,name,kind\nD1,杭州一店,distributor\n"))
        self.token = w.ctl("user", "add", "ina", "--role", "inspector")["token"]

    def add(self, path, name, *more, check=0):
        url = path if "://" in path else self.r.url(path)
        return self.w.ctl("hook", "add", url, "--events", "inspection.*", "--name", name, *more, check=check)

    def say(self, n=1):
        for _ in range(n):
            self.w.ctl_raw("inspection", "add", "--region", "330000", "--person", "ina", "--due", "2026-07-20")

    def hook(self, name):
        return next(h for h in self.w.ctl("hook", "list") if h["name"] == name)

    def messages(self, name, *more):
        return self.w.ctl("hook", "messages", name, *more)

    def until(self, name, what, seconds=20, **wanted):
        end = time.monotonic() + seconds
        while any((row := self.hook(name))[k] != v for k, v in wanted.items()):
            if time.monotonic() > end:
                raise Failed(f"{what}: {row}")
            time.sleep(0.4)

    def came(self, path, n, what):
        """So many messages were received there."""
        self.w.until(lambda: len(self.r.of(path)) >= n, f"{what}: {len(self.r.of(path))} at {path}", seconds=20)


def verified(secret, got):
    headers, body = got
    return example.verify(secret, {k.lower(): v for k, v in headers.items()}, body)


def signed_and_tried_again():
    with World(settings=FAST) as w:
        d = Desk(w)
        ok = d.add("ok", "erp")
        assert ok["secret"].startswith("whsec_") and len(base64.b64decode(ok["secret"][6:])) == 32, ok
        d.r.fail["ok"] = 2
        d.say()
        d.came("ok", 3, "two fail")
        d.until("erp", "delivered at the third attempt", sent=1, waiting=0, failed=2, state="ok")
        tries = d.r.of("ok")
        seen = [verified(ok["secret"], g) for g in tries]
        equal([m["id"] for m in seen], [seen[0]["id"]] * 3, "one id however often it is sent")
        equal(seen[0]["type"], "inspection.opened")
        equal(seen[0]["data"], {"inspection": "1", "state": "open", "person": "ina"})
        equal(seen[0]["time"], "2026-06-30T09:00:00+08:00")
        equal(sorted(seen[0]), ["data", "id", "time", "type"])
        try:
            example.verify(ok["secret"], {k.lower(): v for k, v in tries[0][0].items()}, tries[0][1] + b" ")
            raise AssertionError("a changed body verifies")
        except ValueError:
            pass
        # the secret and the address are nowhere to be read again
        out = w.ctl_raw("journal", "export").stdout + w.ctl_raw("hook", "list", "-o", "json").stdout
        assert ok["secret"] not in out and "/ok" not in out, "the target is readable"
        # told to wait: waited
        d.add("busy", "busy")
        d.r.fail["busy"] = 1
        d.say()
        d.came("busy", 1, "the first attempt")
        begin = time.monotonic()
        d.came("busy", 2, "after Retry-After")
        assert time.monotonic() - begin > 0.8, "Retry-After was not waited for"
        # a test says what came back
        equal({k: w.ctl("hook", "test", "erp")[k] for k in ("result", "status", "error")},
              {"result": "delivered", "status": 200, "error": None})
        verified(ok["secret"], d.r.of("ok")[-1])
        w.ctl_raw("hook", "remove", "busy")
        w.ctl_raw("hook", "remove", "busy", check=66)
        w.verify()
        d.r.close()


def hostile_receivers():
    with World(settings=FAST) as w:
        d = Desk(w)
        said = {"hang": "imed out", "redirect": "a redirect is not followed", "huge": "larger than", "drip": "imed out"}
        for path in said:
            d.add(path, path)
        d.add("gone", "gone")
        d.add("ok", "good")
        begin = time.monotonic()
        d.say()
        d.came("ok", 1, "the others do not hold it up")
        assert time.monotonic() - begin < 4, "a hanging receiver delays another"
        for path in said:
            if path != "drip":
                d.came(path, 3, "three attempts")
        for path, why in said.items():
            d.until(path, "a dead letter after three attempts", dead=1, waiting=0, failed=3, sent=0, state="failing")
            assert why in d.hook(path)["error"], d.hook(path)
        d.until("gone", "410 is not asked again", dead=1, failed=1)
        equal(d.r.redirected, 0, "redirects followed")
        t = w.ctl("hook", "test", "redirect", check=1)
        equal((t["result"], t["status"]), ("failed", 302))
        # dead letters come again under their id, when they are asked for
        dead = d.messages("redirect", "--dead")[0]
        equal((dead["state"], dead["tries"]), ("dead", 3))
        before = len(d.r.of("redirect"))
        w.ctl_raw("hook", "replay", "redirect", "--dead")
        w.until(lambda: len(d.r.of("redirect")) >= before + 3, "sent again")
        equal(json.loads(d.r.of("redirect")[-1][1])["id"], dead["id"], "under its id")
        # what was delivered is made again of its entry
        w.ctl_raw("hook", "replay", "good", dead["id"])
        d.came("ok", 2, "by id")
        w.ctl_raw("hook", "replay", "good", "--since", "2026-06-30")
        d.came("ok", 3, "since a day")
        equal({json.loads(b)["id"] for _, b in d.r.of("ok")}, {dead["id"]}, "always the same message")
        w.ctl_raw("hook", "replay", "good", "evt_00000000_1_0", check=66)
        d.r.close()


def a_restart_in_between():
    with World(settings=FAST[:4] + ("hooks.retry_most=60ms", "hooks.tries=100")) as w:
        d = Desk(w)
        d.add("hang", "slow")
        d.r.fail["ok"] = 1 << 30
        d.add("ok", "down")
        d.say(3)
        w.until(lambda: d.r.of("hang") and len(d.r.of("ok")) > 3, "under way")
        w.kill()
        w.start()
        d.r.fail["ok"] = 0
        d.until("down", "all three", sent=3, waiting=0)
        equal(len({json.loads(b)["id"] for _, b in d.r.of("ok")}), 3, "ids, before and after")
        d.until("slow", "still wait", waiting=3)
        d.r.close()


def groups_get_a_text_and_a_link():
    with World(settings=FAST) as w:
        d = Desk(w)
        box = Mailbox()
        secret = "SECabc"
        d.add("robot", "wecom", "--form", "wecom")
        d.add("robot?access_token=t", "ding", "--form", "dingtalk", "--secret", secret, "--lang", "en")
        d.add("feishu", "feishu", "--form", "feishu", "--secret", secret)
        d.add(f"smtp://{HOST}:{box.port}", "mail", "--to", "a@example.com,b@example.com", "--from", "c@example.com")
        d.add("page", "page", "--form", "wecom")
        d.say()
        d.came("robot", 2, "WeCom and DingTalk")
        d.came("feishu", 1, "Feishu")
        w.until(lambda: box.got, "mail")
        texts = {text_of(b) for _, b in d.r.of("robot")}
        equal(texts, {"稽查任务 1：已下达\nhttps://channel.example.com/inspections/1",
                      "Inspection 1: to be done\nhttps://channel.example.com/inspections/1"})
        asked = next(p for p in d.r.paths("robot") if "sign=" in p)
        q = urllib.parse.parse_qs(urllib.parse.urlsplit(asked).query)
        mac = hmac.new(secret.encode(), f"{q['timestamp'][0]}\n{secret}".encode(), hashlib.sha256).digest()
        equal((q["sign"], q["access_token"]), ([base64.b64encode(mac).decode()], ["t"]), "DingTalk's sign")
        m = json.loads(d.r.of("feishu")[0][1])
        mac = hmac.new(f"{m['timestamp']}\n{secret}".encode(), b"", hashlib.sha256).digest()
        equal(m["sign"], base64.b64encode(mac).decode(), "Feishu's sign")
        sender, to, mail = box.got[0]
        equal((sender, to), ("c@example.com", ["a@example.com", "b@example.com"]))
        assert mail.get_payload(decode=True).decode().startswith("稽查任务 1：已下达\nhttps://"), mail
        assert "errcode" in d.hook("page")["error"], "a page of signing in is no delivery"
        # twenty a minute: what comes meanwhile leaves as one
        d.r.fail["robot"] = 0
        w.ctl_raw("hook", "remove", "ding")
        w.ctl_raw("hook", "replay", "wecom", "--since", "2026-06-30")
        d.say(3)
        w.until(lambda: any("条消息" in text_of(b) for _, b in d.r.of("robot")), "several as one", seconds=20)
        d.until("wecom", "nothing is left", waiting=0, failed=0)
        assert d.hook("wecom")["sent"] < 5, "a message each"
        box.close()
        d.r.close()


def errcodes_digests_and_quiet_hours():
    with World(settings=FAST) as w:
        d = Desk(w)
        d.r.fail["robot"] = 1 << 30
        d.add("robot", "wecom", "--form", "wecom")
        d.add("ok?digest", "digest", "--digest", "1h")
        d.add("ok?quiet", "quiet", "--quiet", "22:00-08:00")
        w.ctl_raw("clock", "set", "2026-06-30T22:30:00+08:00")
        d.say(3)
        w.until(lambda: d.hook("wecom")["failed"] >= 1, "an error code is a failure")
        assert "errcode 93000: invalid webhook url" in d.hook("wecom")["error"]
        time.sleep(0.5)
        equal(d.r.of("ok"), [], "quiet, and collecting")
        w.ctl_raw("clock", "set", "2026-06-30T23:31:00+08:00")
        d.until("digest", "an hour later", sent=1, waiting=0)
        m = json.loads(d.r.of("ok")[0][1])
        equal((m["type"], [e["data"]["inspection"] for e in m["data"]["events"]]), ("digest", ["1", "2", "3"]))
        equal(d.hook("quiet")["waiting"], 3)
        w.ctl_raw("clock", "set", "2026-07-01T08:00:00+08:00")
        d.until("quiet", "in the morning", sent=3)
        # in shadow nothing leaves, and what happened in it never does
        w.ctl_raw("setting", "set", "mode", "shadow")
        equal(d.hook("quiet")["state"], "shadow")
        w.ctl_raw("hook", "test", "quiet", check=73)
        d.say()
        w.ctl_raw("setting", "set", "mode", "live")  # at once: it counts what it was when it happened
        d.say()
        d.until("quiet", "only the later one", sent=4)
        last = [json.loads(b) for p, _, b in d.r.got if "quiet" in p][-1]
        equal(last["data"]["inspection"], "5")
        d.r.close()


# Each of another kind; the whole list is in tests/unit/test_sender.c.
PRIVATE = """127.0.0.1 127.1 2130706433 0x7f000001 017700000001 localhost localhost. [::1] [::ffff:127.0.0.1] [64:ff9b::7f00:1]
169.254.169.254 １２７.0.0.1 user@127.0.0.1""".split()


def no_spelling_reaches_a_private_address():
    with World(settings=("hooks.timeout=500ms", "hooks.tries=1", "hooks.allow=127.0.0.2")) as w:
        closed = Forbidden()
        d = Desk(w)
        taken = []
        for i, host in enumerate(PRIVATE):
            url = f"http://{host}:{closed.port}/"
            p = w.ctl_raw("hook", "add", url, "--events", "inspection.*", "--name", f"h{i}", check=None)
            assert p.returncode in (0, 65), (url, p.stderr)
            if p.returncode == 0:
                taken.append(f"h{i}")
        assert taken, "names are looked up when they are used"
        equal(w.ctl("hook", "test", taken[0], check=1)["result"], "failed")
        d.say()
        for name in taken:
            d.until(name, "a dead letter", dead=1)
        assert "private address" in d.hook(taken[0])["error"], d.hook(taken[0])
        equal(closed.connections, 0, "connections to a private address")
        # the listener is not deaf: permitted, it is reached
        d.add(f"http://127.0.0.2:{closed.port}/", "permitted")
        w.ctl("hook", "test", "permitted", check=1)
        w.until(lambda: closed.connections == 1, "the listener counts")
        for bad in ("ftp://example.com/", "file:///etc/passwd"):
            w.ctl_raw("hook", "add", bad, "--events", "*", check=65)
        w.ctl_raw("hook", "add", d.r.url("ok"), "--events", "case.nothing", check=64)
        closed.close()
        d.r.close()


if __name__ == "__main__":
    main([signed_and_tried_again, hostile_receivers, a_restart_in_between, groups_get_a_text_and_a_link,
          errcodes_digests_and_quiet_hours, no_spelling_reaches_a_private_address])
