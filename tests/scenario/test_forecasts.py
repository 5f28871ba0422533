#!/usr/bin/env python3
"""Forecasts in the daemon: seasons of a group, one-off sales, promotions, days without stock, products that come and go."""
import datetime
import json
import math
import subprocess

import books
from world import BIN, ENV, World, equal, main, pick

TODAY = datetime.date(2026, 6, 1)  # a Monday
RULE = """name: stock
partners: D1;D2
policy: order_up_to
review: 7
lead_time: 5
service: {cycle: 0.95}
pack: 12
"""
MORE = """P4,,清泉 新装,清泉,新品,瓶,箱=24,2.00,1.50,13%
P5,,清泉 旧装,清泉,旧品,瓶,箱=24,2.00,1.50,13%
P6,,杂货,杂,,瓶,箱=24,2.00,1.50,13%
"""


def sales(sku, days, quantity, kind="sale"):
    return "".join(f"{kind},{sku}-{d},{d},{sku},{quantity(d)}\n" for d in days)


def document(*rows):
    return "type,number,date,sku,quantity\n" + "".join(rows)


def mondays(weeks):
    return [TODAY - datetime.timedelta(days=7 * (weeks - i)) for i in range(weeks)]


def daily(days):
    return [TODAY - datetime.timedelta(days=days - i) for i in range(days)]


def summer(d):
    return round(140 * (1 + 0.5 * math.sin(2 * math.pi * (d.timetuple().tm_yday - 80) / 365)))


def seen(w, sku, partner="D1"):
    return w.ctl("forecast", "show", partner, sku)


def demand_is_what_would_have_been_sold():
    with World(clock=f"{TODAY}T09:00:00+08:00") as w:
        books.load(w)
        w.import_csv("product", books.PRODUCTS + MORE)
        d1 = w.enrol("D1")
        old = mondays(20)
        w.push(d1, "p1.csv", document(sales("P1", mondays(130), summer)))
        w.push(d1, "p3.csv", document(sales("P3", daily(60), lambda d: 10)))
        w.push(d1, "p6.csv", document(sales("P6", old, lambda d: 2000 if d == old[12] else 70)))
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", RULE))

        # one profile a product group, of what all sold of it
        flat = seen(w, "P1")
        equal((flat["season"], len(flat["history"]), len(flat["forecast"])), (None, 26, 8))
        fitted = w.ctl("forecast", "fit")
        equal((fitted["groups"], fitted["seasonal"]), (3, 1), "of water there are two years")
        [water] = [s for s in w.ctl("forecast", "seasons") if s["group"] == "饮用水"]
        weeks = [float(x) for x in water["weeks"].split()]
        equal(max(weeks[20:30]) > 1.2 and min(weeks[:5] + weeks[45:]) < 0.8, True, str(weeks))
        shown = seen(w, "P1")
        equal(shown["season"], "饮用水")
        for f in shown["forecast"]:
            wanted = summer(datetime.date.fromisoformat(f["from"]))
            equal(abs(float(f["mean"]) / wanted - 1) < 0.15, True, f"{f} where {wanted} will be sold")
            equal(float(f["lower"]) <= float(f["mean"]) <= float(f["upper"]), True, str(f))
        equal(float(shown["error"]) < float(flat["error"]), True, "the season is no error any more")
        why = w.ctl("replenish", "explain", "D1", "P1")
        equal("season of 饮用水" in why["why"] and "季节系数" in why["why_zh"], True, why["why"])
        rows = {r["sku"]: r for r in w.ctl("forecast", "list", "--partner", "D1")}
        equal((rows["P1"]["season"], rows["P1"]["class"], rows["P6"]["season"]), ("饮用水", "smooth", None))
        equal(w.ctl("replenish", "plan")["rebuilt"], 1)
        equal(w.ctl("replenish", "plan")["rebuilt"], 0)
        equal(pick([w.ctl("replenish", "progress")], "running", "partners", "percent"), [(False, 1, 100)])

        # a one-off sale is cut by the rule; marked by hand it is no demand at all, in any order of doing
        cut = seen(w, "P6")
        equal((cut["one_offs"], float(cut["forecast"][0]["mean"]) < 110), (1, True), str(cut["forecast"][0]))
        w.ctl_raw("one_off", "set", "D1", "P6", str(old[12]), "quantity=1930", "note=团购")
        marked = seen(w, "P6")
        equal((marked["one_offs"], marked["forecast"][0]["mean"]), (1, "70"), "as if it had not been")
        equal(w.ctl("replenish", "plan")["rebuilt"], 1, "what is reckoned by changed")
        w.ctl_raw("one_off", "remove", "D1", "P6", str(old[12]))
        equal(seen(w, "P6")["forecast"], cut["forecast"])

        # days promoted, days without stock: neither lifts nor lowers
        w.push(d1, "promo.csv", document(sales("P3", daily(20)[:7], lambda d: 90).replace("P3-", "P3x-")))
        lifted = float(seen(w, "P3")["forecast"][0]["mean"])
        w.ctl_raw("promotion", "set", "S1", "products=P3", f"from={daily(20)[0]}", f"to={daily(20)[6]}", "rule=10送1")
        held = seen(w, "P3")
        equal((held["days_promoted"], held["forecast"][0]["mean"], lifted > 75), (7, "70", True), str(lifted))
        empty = daily(60)[20:34]
        w.push(d1, "none.csv", document(
            f"stock,C1,{empty[0] - datetime.timedelta(days=1)},P3,10\n",
            *[f"sale,P3-{d},{d},P3,{10 if d == empty[0] else 0}\n" for d in empty],
            f"stock,C2,{empty[-1] + datetime.timedelta(days=1)},P3,500\n"))
        out = seen(w, "P3")
        equal((out["days_out_of_stock"], sum(h["days_out_of_stock"] for h in out["history"]), out["forecast"][0]["mean"]),
              (14, 14, "70"), "not counted so, but counts and sales make 0")
        equal("14 days out of stock" in w.ctl("replenish", "explain", "D1", "P3")["why"], True)
        w.verify()


def products_that_come_and_go():
    with World(clock=f"{TODAY}T09:00:00+08:00") as w:
        books.load(w)
        w.import_csv("product", books.PRODUCTS + MORE)
        m, d1 = w.enrol("M"), w.enrol("D1")
        w.push(d1, "p1.csv", document(sales("P1", mondays(20), lambda d: 140)))
        w.push(d1, "p5.csv", document(sales("P5", mondays(20), lambda d: 70), f"stock,C5,{daily(1)[0]},P5,13\n"))
        w.push(m, "shipped.csv", document(*sales("P6", mondays(20), lambda d: 84, "shipment").splitlines(True))
               .replace("quantity\n", "quantity,counterparty\n", 1).replace(",84\n", ",84,D2\n"))
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", RULE))
        w.import_csv("stage", "sku,stage,from,analogue,share,ends\nP4,introduction,2026-05-01,P1,0.5,\n"
                              "P5,decline,2026-05-01,,,2026-06-06\n")
        w.import_csv("trial", "partner,sku,from,to,quantity\nD1,P4,2026-05-01,,60\n")
        equal(w.ctl("replenish", "plan")["proposed"], 4)
        rows = {(r["partner"], r["sku"]): r for r in w.ctl("replenish", "list")}

        # never sold yet: what one like it sold at the same age, by half; and never above the trial plan
        new = w.ctl("forecast", "show", "D1", "P4")
        equal((new["method"], new["stage"], new["forecast"][0]["mean"]), ("analogue", "introduction", "70"))
        equal((rows["D1", "P4"]["quantity"], "trial plan" in rows["D1", "P4"]["why"]), ("60", True), "12 days take 120")
        # 60 will be sold until its last day and 13 are there: 47, and the pack is not rounded up
        equal((rows["D1", "P5"]["quantity"], "before it goes" in rows["D1", "P5"]["why"]), ("36", True))
        # no sales are reported: what was shipped, and that is said
        equal(rows["D2", "P6"]["basis"], "sell_in")
        why = w.ctl("replenish", "explain", "D2", "P6")
        equal("what was shipped to it" in why["why"] and "取自发货" in why["why_zh"], True, why["why"])
        equal((rows["D1", "P1"]["basis"], rows["D1", "P1"]["xyz"], rows["D1", "P1"]["abc"]), ("sell_out", "X", "A"))

        # the whole plan as files
        csv = w.ctl_raw("replenish", "list", "--all", "-o", "csv").stdout
        equal((csv.splitlines()[0].split(",")[:3], len(csv.splitlines())), (["partner", "sku", "name"], 5))
        w.ctl_raw("replenish", "list", "--all", "-o", "xlsx", "--output", w.dir / "plan.xlsx")
        equal((w.dir / "plan.xlsx").read_bytes()[:2], b"PK")

        # a budget is one for all: their covers in days come out alike, and the explanation says the same number
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", RULE + "budget: 400\n"))
        w.ctl_raw("replenish", "plan")
        cut = {r["sku"]: r for r in w.ctl("replenish", "list", "--partner", "D1")}
        equal(sum(2 * int(r["quantity"]) for r in cut.values()) <= 400, True, str(cut))
        equal(0 < int(cut["P1"]["quantity"]) < int(rows["D1", "P1"]["quantity"]), True)
        equal("cut to the budget" in cut["P1"]["why"], True, cut["P1"]["why"])
        equal(w.ctl("replenish", "explain", "D1", "P1")["quantity"], cut["P1"]["quantity"])
        # no order day: nothing goes out today
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", RULE + "order_days: [wed]\n"))
        equal(w.ctl("replenish", "plan")["withdrawn"], 4)
        equal("no order day" in w.ctl("replenish", "explain", "D1", "P1")["why"], True)
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", RULE))
        # a file of a policy as large as it may be, and a byte more
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", RULE + "#" * (65535 - len(RULE)) + "\n"))
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", RULE + "#" * (65536 - len(RULE)) + "\n"), check=65)

        # lead time learned from order to receipt; before three receipts the policy's stands
        for n, days in enumerate((2, 4, 9)):
            at = TODAY + datetime.timedelta(days=10 * n)
            w.ctl_raw("order", "add", "D1", "--lines", "P1=24", "--source", "phone")
            number = str(max(int(o["order"]) for o in w.ctl("order", "list")))
            w.ctl_raw("order", "approve", number)
            w.ctl_raw("order", "ship", number)
            w.ctl_raw("clock", "set", f"{at + datetime.timedelta(days=days)}T09:00:00+08:00")
            w.agent(d1, "order", "receive", number)
            table = {t["figure"]: t["value"] for t in w.ctl("replenish", "explain", "D1", "P1")["table"]}
            equal((table["lead_time"], table["lead_time_sd"]), ("5", "3.606") if n == 2 else ("5", "0"), f"after {n + 1}")
            w.ctl_raw("clock", "set", f"{at + datetime.timedelta(days=10)}T09:00:00+08:00")
        equal("from 3 receipts" in w.ctl("replenish", "explain", "D1", "P1")["why"], True)
        w.verify()


def any_order_ends_in_the_same():
    files = [document(sales("P1", mondays(30)[i::3], lambda d: 100 + d.day)) for i in range(3)]
    files += [document(sales("P2", mondays(20), lambda d: 30 if d.month % 2 else 0)),
              document(f"stock,C1,{daily(40)[0]},P1,40\n", f"stock,C2,{daily(30)[0]},P1,0\n", f"stock,C3,{daily(20)[0]},P1,90\n"),
              document(sales("P1", daily(9)[:3], lambda d: 7, "return"))]
    found = []
    rule = RULE + "tolerance: 0\n"  # else a suggestion that stands stays within a tenth of what it was
    for order in ((0, 1, 2, 3, 4, 5), (5, 2, 4, 0, 3, 1)):
        with World(clock=f"{TODAY}T09:00:00+08:00") as w:
            books.load(w)
            d1 = w.enrol("D1")
            w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", rule))
            for n, i in enumerate(order):
                w.push(d1, f"{i}.csv", files[i])
                if n % 2:
                    w.ctl_raw("replenish", "plan")
            found.append((w.ctl("forecast", "list"), seen(w, "P1"), w.ctl("replenish", "list", "--all")))
    strip = lambda rows: [{k: v for k, v in r.items() if k != "order"} for r in rows]
    [p1] = [r for r in found[0][2] if r["sku"] == "P1"]
    equal((p1["on_hand"], "less than no stock" in p1["why"]), ("0", True), "sold beyond what was counted")
    equal(found[0][:2], found[1][:2])
    equal(strip(found[0][2]), strip(found[1][2]))


def plans_run_beside_uploads():
    with World(clock=f"{TODAY}T09:00:00+08:00") as w:
        books.load(w)
        w.import_csv("product", books.PRODUCTS + "".join(f"B{i:03},,货 {i},牌,类,瓶,,1.00,,13%\n" for i in range(200)))
        d1, d2 = w.enrol("D1"), w.enrol("D2")
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", RULE))
        w.push(d1, "a.csv", document(*[sales(f"B{i:03}", mondays(4), lambda d: 10 + i) for i in range(200)]))
        big = w.file("out/big.csv", document(*[sales(f"B{i:03}", daily(40), lambda d: 5) for i in range(200)]))
        p = subprocess.Popen([str(BIN / "channel-agent"), "--home", str(d2), "push", str(big)], env=ENV,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        plans = 0
        while p.poll() is None:
            w.ctl("replenish", "plan")
            plans += 1
        equal((p.returncode, plans > 0), (0, True))
        w.ctl("replenish", "plan")
        equal(len(w.ctl("replenish", "list")), 400)
        equal(w.ctl("replenish", "plan")["entries"], 0, "what came while it was planned is seen in the end")
        sizes = [len(json.loads(line)["body"]["row"]) for line in w.ctl_raw("journal", "export").stdout.splitlines()
                 if json.loads(line)["kind"] == "replenish.plan"]
        equal((max(sizes) <= 4096, sum(sizes) >= 400), (True, True), str(sizes))
        w.verify()


if __name__ == "__main__":
    main([demand_is_what_would_have_been_sold, products_that_come_and_go, any_order_ends_in_the_same,
          plans_run_beside_uploads])
