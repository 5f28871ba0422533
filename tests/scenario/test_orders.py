#!/usr/bin/env python3
"""Replenishment in the daemon: planned once, explained, refused for a time; orders from the suggestion to the receipt."""
import datetime
import json

import books
from world import World, equal, main, pick

STOCK = """name: stock
title: 常规补货
partners: tier:A
policy: order_up_to
review: 7
lead_time: {mean: 5, sd: 1}
service: {cycle: 0.95}
pack: 12
silence_days: 10
"""
FIRST = datetime.date(2026, 3, 2)


def weeks(n, quantity, sku="P1", first=FIRST):
    rows = "".join(f"sale,{sku}{i},{first + datetime.timedelta(days=7 * i)},{sku},{quantity}\n" for i in range(n))
    return "type,number,date,sku,quantity\n" + rows


def lines(w, number):
    return {p["sku"]: p for p in w.ctl("order", "show", number)["products"]}


def planned_once_explained_and_followed():
    with World(clock="2026-06-01T09:00:00+08:00") as w:
        books.load(w)
        d1, d2 = w.enrol("D1"), w.enrol("D2")
        w.push(d1, "p1.csv", weeks(13, 140))
        w.push(d1, "p2.csv", weeks(13, 21, "P2"))
        w.push(d1, "p3.csv", "type,number,date,sku,quantity\nstock,C1,2026-05-31,P3,100\n")
        w.push(d1, "count.csv", "type,number,date,sku,quantity\nstock,C2,2026-05-31,P1,60\nstock,C3,2026-05-31,P2,500\n")
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("bad.yaml", STOCK + "rounding: sideways\n"), check=78)
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", STOCK))
        equal("unchanged" in w.ctl_raw("replenish", "policy", "apply", "-f", w.dir / "stock.yaml").stdout, True)
        equal(pick(w.ctl("replenish", "policy", "list"), "name", "policy", "revision"), [("stock", "order_up_to", 1)])

        said = w.ctl("replenish", "plan")
        equal((said["proposed"], said["series"], said["rebuilt"]), (1, 3, 1), "P2 has enough, P3 sells nothing")
        again = w.ctl("replenish", "plan")
        equal((again["entries"], again["rebuilt"]), (0, 0), "nothing changed, nothing is read again")
        [row] = w.ctl("replenish", "list")
        equal((row["partner"], row["sku"], row["state"], row["on_hand"]), ("D1", "P1", "suggested", "60"))
        quantity = int(row["quantity"])
        equal(quantity % 12 == 0 and 120 <= quantity <= 400, True, f"12 days of 20 a day less 60: {quantity}")
        everything = {r["sku"]: r for r in w.ctl("replenish", "list", "--all")}
        equal((everything["P3"]["quantity"], everything["P2"]["state"]), ("0", "none"), "forecast 0 orders nothing")
        why = w.ctl("replenish", "explain", "D1", "P1")
        equal(why["quantity"], row["quantity"])
        equal({"on_hand", "safety_stock", "quantity"} <= {t["figure"] for t in why["table"]}, True, str(why["table"]))

        # a late document marks the series: it is reckoned as if it had come in time
        w.push(d1, "late.csv", "type,number,date,sku,quantity\nsale,L1,2026-05-20,P1,280\n")
        late = w.ctl("replenish", "plan")
        equal((late["rebuilt"], late["changed"]), (1, 1))
        changed = w.ctl("replenish", "explain", "D1", "P1")
        equal(int(changed["quantity"]) > quantity, True)
        equal(changed["changed"] is not None, True, "what changed since last time")

        # the partner's word; nobody else's
        [o] = w.ctl("order", "list")
        equal((o["order"], o["partner"], o["state"], o["off_system"]), ("1", "D1", "suggested", False))
        w.agent(d2, "order", "confirm", "1", check=77)
        w.agent(d1, "order", "refuse", "1", "--reason", "货架在装修")
        w.ctl_raw("order", "confirm", "1", check=73)
        equal(w.ctl("replenish", "plan")["proposed"], 0, "silent")
        w.ctl_raw("clock", "set", "2026-06-12T09:00:00+08:00")  # plans each night
        [o] = [x for x in w.ctl("order", "list") if x["state"] == "suggested"]
        number = o["order"]
        equal(number, "2", "the silence is over")
        w.agent(d1, "order", "change", number, "--lines", "P1=20箱")
        equal(w.ctl("replenish", "plan")["changed"], 0)
        equal(lines(w, number)["P1"]["quantity"], "480", "what the partner said stays")

        # confirmed: no credit known, so a person looks at it; then it goes on by itself
        w.ctl_raw("credit", "import", w.file("credit.csv", "partner,limit,balance,overdue,as_of\n"
                                                          "D1,2000.00,500.00,,2026-06-12T08:00:00+08:00\n"))
        w.ctl_raw("supply", "import", w.file("supply.csv", "sku,quantity,as_of\nP1,700,2026-06-12T08:00:00+08:00\n"))
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "30", "--reason", "for a start")
        said = w.agent(d1, "order", "confirm", number, "--wallet", "50").stdout
        equal("approved" in said, True, said)
        shown = w.ctl("order", "show", number)
        equal((shown["wallet"], shown["credit_free"]), ("30.00", "570.00"), "2000 − 500 − 480 × 2.00, 30 of it rebates")
        w.ctl_raw("order", "cancel", number, "--reason", "without rebates")
        equal(w.ctl("order", "show", number)["wallet"], "0.00", "given back")
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "-30", "--reason", "all of it again")
        w.ctl_raw("order", "reopen", number)
        w.ctl_raw("order", "approve", number)
        equal(w.ctl("order", "show", number)["credit_free"], "540.00", "2000 − 500 − 480 × 2.00")
        equal(w.ctl("replenish", "plan")["proposed"], 0, "what is on order is seen")

        # off-system orders in one step; stock and credit suffice together or not at all
        said = w.ctl_raw("order", "add", "D1", "--lines", "P1=240", "--source", "wechat").stdout
        equal("240 ordered, 220 free" in said, True, said)
        w.ctl_raw("order", "change", "3", "--lines", "P1=220")
        w.ctl_raw("order", "approve", "3")
        w.ctl_raw("order", "add", "D1", "--lines", "P2=20", "--source", "phone")
        w.ctl_raw("order", "approve", "4", check=73)  # 160.00 needed, 100.00 free
        equal(w.ctl("order", "show", "4")["off_system"], True)
        w.ctl_raw("order", "cancel", "3", "--reason", "twice")
        w.ctl_raw("order", "approve", "4")
        w.ctl_raw("order", "reopen", "3", "--reason", "not twice")
        w.ctl_raw("order", "approve", "3", check=73)  # all checks again: 440.00 needed, 380.00 free

        # short goods: shared out by a rule that the orders tell
        w.ctl_raw("order", "change", "3", "--lines", "P1=300")
        w.ctl_raw("order", "add", "D2", "--lines", "P1=100", "--source", "phone")
        w.ctl_raw("quota", "import", w.file("quota.csv", "partner,sku,from,to,quantity,minimum\nD2,P1,2026-06-01,2026-06-30,500,80\n"))
        equal(pick(w.ctl("order", "share", "P1"), "order", "partner", "claimed", "share"),
              [("3", "D1", "300", "131"), ("5", "D2", "100", "89")], "80 first, then 140 as 300 to 20")
        equal(pick(w.ctl("order", "share", "P1", "--rule", "quota", "--apply"), "order", "share"), [("3", "120"), ("5", "100")])
        equal(lines(w, "3")["P1"]["quantity"], "120")
        told = w.ctl("order", "show", "3")["reason"]
        equal("P1 is short: 120 of 300" in told and "quotas" in told, True, told)
        equal("400" in told, False, "what the others asked for is theirs: the partner reads this")
        w.ctl_raw("order", "cancel", "5", "--reason", "enough")

        # to the ERP and back, in parts, damaged
        sent = w.ctl("order", "export")
        equal(pick(sent, "order", "sku", "quantity"), [("2", "P1", "480"), ("4", "P2", "20")])
        equal(w.ctl("order", "export"), [])
        equal(len(w.ctl("order", "export", "--again")), 2)
        w.ctl_raw("order", "acknowledge", number, "--number", "SO-1")
        w.ctl_raw("order", "ship", number, "--lines", "P1=481", check=73)
        w.ctl_raw("order", "ship", number, "--lines", "P1=240", "--number", "DN-1")
        w.ctl_raw("clock", "set", "2026-06-15T09:00:00+08:00")
        w.agent(d1, "order", "receive", number, "--lines", "P1=100", "--damaged", "P1=3")
        row = lines(w, number)["P1"]
        equal((row["shipped"], row["received"], row["damaged"], row["back_order"]), ("240", "100", "3", "240"))
        equal(w.ctl("order", "show", number)["state"], "shipped")
        w.agent(d1, "order", "receive", number)
        equal(w.ctl("order", "show", number)["state"], "received")
        w.ctl_raw("order", "ship", number)
        w.agent(d1, "order", "receive", number)
        w.ctl_raw("order", "close", number)
        acts = [s["act"] for s in w.ctl("order", "show", number)["steps"]]
        equal(acts, ["change", "confirm", "approve", "cancel", "reopen", "approve", "send", "send", "acknowledge", "ship", "receive", "receive", "ship",
                     "receive", "close"])
        w.ctl_raw("order", "reopen", number, check=73)
        w.ctl_raw("clock", "set", "2026-06-19T09:00:00+08:00")
        w.ctl_raw("order", "approve", "3", check=73)  # the figures of credit are too old
        w.verify()


def sixty_nights_one_suggestion():
    with World(clock="2026-06-01T09:00:00+08:00") as w:
        books.load(w)
        d1 = w.enrol("D1")
        w.push(d1, "p1.csv", weeks(13, 140))
        w.push(d1, "p2.csv", weeks(2, 40, "P2"))
        w.ctl_raw("stage", "import", w.file("stage.csv", "sku,stage,from\nP2,introduction,2026-01-01\n"))
        w.ctl_raw("trial", "import", w.file("trial.csv", "partner,sku,from,to,quantity\nD1,P2,2026-01-01,,24\n"))
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", STOCK))
        w.ctl_raw("replenish", "plan")
        rows = {r["sku"]: r for r in w.ctl("replenish", "list", "--all")}
        equal(int(rows["P2"]["quantity"]) <= 24, True, "never above the trial plan")
        w.ctl_raw("clock", "set", "2026-07-31T09:00:00+08:00")
        entries = [json.loads(line) for line in w.ctl_raw("journal", "export").stdout.splitlines()]
        proposed = [r["sku"] for e in entries if e["kind"] == "replenish.plan" for r in e["body"]["row"] if r["step"] == 1]
        equal(len(proposed), len(set(proposed)), f"none is proposed twice: {proposed}")
        equal(len([o for o in w.ctl("order", "list") if o["state"] == "suggested"]) <= 1, True)


if __name__ == "__main__":
    main([planned_once_explained_and_followed, sixty_nights_one_suggestion])
