#!/usr/bin/env python3
"""What a partner has: adjusted with a reason, beyond a limit by two people, used before it expires, never overdrawn."""
import base64
import hashlib

import books
from world import World, equal, main, pick


def user(w, name, role):
    return w.ctl("user", "add", name, "--role", role)["token"]


def account(w, partner="D1", account="rebate"):
    rows = w.ctl("wallet", "list", "--partner", partner, "--account", account)
    return rows[0] if rows else None


def a_small_adjustment_is_posted_at_once():
    with World() as w:
        books.load(w)
        equal(w.ctl("wallet", "list"), [])
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "120.50", "--reason", "display fee of May", "--reference", "F-5")
        got = account(w)
        equal([got[k] for k in ("balance", "held", "available", "currency", "company")],
              ["120.50", "0.00", "120.50", "CNY", "main"])
        moves = w.ctl("wallet", "show", "D1")
        equal([moves[0][k] for k in ("cause", "amount", "balance", "reference", "note")],
              ["adjustment", "120.50", "120.50", "F-5", "display fee of May"])
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "5", check=64)  # no reason
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "0", "--reason", "x", check=64)
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "0.001", "--reason", "x", check=64)
        p = w.ctl_raw("wallet", "adjust", "D1", "--amount", "-120.51", "--reason", "x", check=73)
        equal("120.50 CNY available" in p.stderr, True, p.stderr)
        equal(account(w)["balance"], "120.50", "a refusal changes nothing")


def a_large_one_takes_two_people():
    with World() as w:
        books.load(w)
        anna, bob = user(w, "anna", "finance"), user(w, "bob", "finance")
        eve = user(w, "eve", "account_manager")
        p = w.ctl_raw("wallet", "adjust", "D1", "--amount", "1000.01", "--reason", "opening gift", token=anna)
        equal("approval approve 1" in p.stdout + p.stderr, True, p.stdout + p.stderr)
        equal(account(w), None, "nothing is posted before")
        waits = w.ctl("approval", "list")
        equal([waits[0][k] for k in ("id", "state", "by", "amount", "subject")],
              ["1", "open", "user:anna", "1000.01", "D1"])
        p = w.ctl_raw("approval", "approve", "1", token=anna, check=77)
        equal("another person" in p.stderr, True, p.stderr)
        w.ctl_raw("approval", "approve", "1", token=eve, check=66)  # she may not even see it
        w.ctl_raw("approval", "approve", "1", "--reason", "agreed", token=bob)
        equal(account(w)["balance"], "1000.01")
        w.ctl_raw("approval", "approve", "1", token=bob, check=73)  # once
        equal(w.ctl("approval", "list"), [])
        equal(pick(w.ctl("approval", "list", "--all"), "state", "decided_by"), [("approved", "user:bob")])
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "-1000", "--reason", "exactly the limit", token=anna)
        w.ctl_raw("setting", "set", "wallet.adjust_limit", "0")
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "1", "--reason", "x", token=anna)
        w.ctl_raw("approval", "refuse", "2", "--reason", "no", token=bob)
        equal(account(w)["balance"], "0.01")
        equal(w.ctl("journal", "verify")["ok"], True)


def each_role_has_a_limit_a_day():
    with World() as w:
        books.load(w)
        anna, max_ = user(w, "anna", "finance"), user(w, "max", "channel_manager")
        claim = w.file("claim.pdf", "a paper")

        def adjust(token, amount, who="D1"):
            p = w.ctl_raw("wallet", "adjust", who, "--amount", amount, "--reason", "claim", "--attachment", claim, token=token)
            return "posted" in p.stdout

        equal(adjust(max_, "1"), False, "a channel manager has none")
        w.ctl_raw("setting", "set", "wallet.adjust_limit_manager", "50")
        equal([adjust(max_, "50"), adjust(max_, "0.01"), adjust(max_, "50", "D2")], [True, False, True],
              "of an account and a day")
        equal([adjust(anna, "600"), adjust(anna, "-400"), adjust(anna, "1")], [True, True, False], "small ones add up")
        kept = {(m["attachment"], m["digest"]) for m in w.ctl("wallet", "show", "D1")}
        equal(kept, {("claim.pdf", hashlib.blake2b(b"a paper", digest_size=32).hexdigest())})
        paper = w.ctl("paper", "show", kept.pop()[1], token=anna)
        equal([paper["name"], paper["size"], base64.b64decode(paper["content"])], ["claim.pdf", 7, b"a paper"], "its bytes too")
        equal(["(claim.pdf)" in r["what"] for r in w.ctl("approval", "list")], [True] * 3, "the second person sees it")
        w.ctl_raw("clock", "set", "2026-07-01T09:00:00+08:00")
        equal(adjust(anna, "1"), True, "another day")

        # covering an order, and its cancellation
        w.ctl_raw("wallet", "use", "D1", "--order", "PO-1", "--of", "100", "--amount", "100.01", token=anna, check=73)
        w.ctl_raw("wallet", "use", "D1", "--order", "PO-1", "--of", "100", token=anna)
        equal(account(w)["balance"], "151.00")
        w.ctl_raw("wallet", "use", "D1", "--order", "PO-1", "--of", "100", token=anna, check=73)  # it is covered
        w.ctl_raw("wallet", "return", "D1", "--order", "PO-1", "--reason", "cancelled", token=anna)
        w.ctl_raw("wallet", "return", "D1", "--order", "PO-1", token=anna, check=73)
        equal(account(w)["balance"], "251.00")
        w.verify()


def deposits_are_an_account_of_their_own():
    with World() as w:
        books.load(w)
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "500", "--reason", "security", "--account", "deposit")
        equal(account(w), None)
        equal(account(w, account="deposit")["balance"], "500.00")
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "-1", "--reason", "x", check=73)


def credits_with_a_last_day_are_used_first():
    with World() as w:
        books.load(w)
        give = ("wallet", "adjust", "D1", "--reason", "x", "--amount")
        w.ctl_raw(*give, "100")
        w.ctl_raw(*give, "50", "--expires", "2026-07-10")
        w.ctl_raw(*give, "70", "--expires", "2026-07-05")
        equal([account(w)[k] for k in ("balance", "expiring", "next_expiry")], ["220.00", "120.00", "2026-07-05"])
        w.ctl_raw(*give, "-80")
        equal([account(w)[k] for k in ("balance", "expiring", "next_expiry")], ["140.00", "40.00", "2026-07-10"])
        w.ctl_raw("clock", "set", "2026-07-11T09:00:00+08:00")
        got = account(w)
        equal([got[k] for k in ("balance", "available", "expiring", "next_expiry")], ["100.00", "100.00", "0.00", None])
        equal(w.ctl("wallet", "show", "D1")[-1]["cause"], "expiry")
        w.ctl_raw("clock", "set", "2026-07-15T09:00:00+08:00")
        equal(account(w)["balance"], "100.00", "lost once")
        equal(w.ctl("journal", "verify")["ok"], True)


if __name__ == "__main__":
    main([a_small_adjustment_is_posted_at_once, a_large_one_takes_two_people, each_role_has_a_limit_a_day,
          deposits_are_an_account_of_their_own, credits_with_a_last_day_are_used_first])
