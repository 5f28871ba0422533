#!/usr/bin/env python3
"""The first page as commands: what needs a decision, and by whom; figures with what they rest on."""
import json

from world import World, equal, main, pick

PARTNERS = """id,name,kind,parent,region
M,厂家,manufacturer,,
D1,杭州一店,distributor,,330100
D2,南京一店,distributor,,320100
D3,杭州二店,distributor,,330200
"""
PRODUCTS = """sku,name,brand,base_unit
P1,洗发水,海蓝,瓶
P2,护发素,海蓝,瓶
Q1,牙膏,清风,支
"""


def load(w):
    w.import_csv("partner", PARTNERS)
    w.import_csv("product", PRODUCTS)


def kinds(rows):
    return [r["kind"] for r in rows]


def each_role_sees_what_it_may_decide():
    with World(clock="2026-06-20T09:00:00+08:00") as w:
        load(w)
        w.import_csv("duty", "partner,type,every,due,from\nD1,sale,month,5,2026-05-01\n")
        d1, d2 = w.enrol("D1"), w.enrol("D2")
        w.push(d2, "odd.csv", "type,number,date,sku,quantity\nsale,S1,2026-06-10,P1,3\nsale,S1,2026-06-10,XX-9,1\n",
               check=1)
        w.ctl_raw("order", "add", "D2", "--lines", "P1=24", "--source", "phone")
        token = {role: w.ctl("user", "add", role, "--role", role, *scope)["token"] for role, *scope in (
            ("finance",), ("channel_manager", "--scope", "320000"), ("account_manager", "--scope", "D1"), ("analyst",),
            ("auditor",), ("inspector",), ("partner_owner", "--scope", "D2"), ("partner_clerk", "--scope", "D1"))}
        todo = {role: w.ctl("todo", token=t) for role, t in token.items()}
        equal(kinds(todo["finance"]), ["order_approve"])
        equal(kinds(todo["channel_manager"]), ["order_approve", "quarantine"], "D1 is not in its province")
        equal(kinds(todo["account_manager"]), ["duty"], "only its own partner")
        equal((todo["analyst"], todo["auditor"], todo["inspector"]), ([], [], []), "nothing of theirs to decide")
        equal(kinds(todo["partner_owner"]), ["quarantine"])
        [late] = todo["partner_clerk"]
        equal((late["kind"], late["count"], late["due"], late["urgency"]), ("duty", 1, "2026-06-05", "overdue"))
        everything = w.ctl("todo")
        equal(kinds(everything), ["duty", "order_approve", "quarantine"], "the most urgent first")
        equal(pick(w.ctl("todo", "--partner", "D2"), "kind"), pick(everything[1:], "kind"))
        w.ctl_raw("todo", "--partner", "D1", token=token["partner_owner"], check=77)
        for row in everything:  # what it names works
            w.ctl_raw(*row["where"].split())
        [own] = json.loads(w.agent(d1, "todo", "--lang", "zh", "-o", "json").stdout)
        equal((own["kind"], own["what"]), ("duty", "逾期未报的数据"))


def shipments(day, d1, d2):
    return (f"shipment,A{day},{day},,P1,{d1},{d1 * 2},D1\n" if d1 else "") + \
        (f"shipment,B{day},{day},,Q1,{d2},{d2 * 3},D2\n" if d2 else "")


def sales(number, first, rows, sku="P1", price=5):
    return "".join(f"sale,{number}{i},{first[:8]}{int(first[8:]) + i:02d},,{sku},{q},{q * price},\n"
                   for i, q in enumerate(rows))


HEAD = "type,number,date,customer,sku,quantity,amount,counterparty\n"
TARGETS = """partner,policy,period,target
D1,sell_in,2026-04,100
D1,sell_in,2026-05,100
D1,sell_in,2026-06,400.00
D2,sell_in,2026-06,300.00
"""


def tiles(w, *words, **more):
    return {t["tile"]: t for t in w.ctl("overview", *words, **more)}


def figures_with_what_they_rest_on():
    with World(clock="2026-06-20T09:00:00+08:00") as w:
        load(w)
        w.import_csv("target", TARGETS)
        m, d1, d2 = w.enrol("M"), w.enrol("D1"), w.enrol("D2")
        w.push(m, "ship.csv", HEAD + shipments("2025-06-10", 30, 0) + shipments("2026-05-10", 50, 20) +
               shipments("2026-05-25", 500, 0) + shipments("2026-06-10", 60, 40))
        w.push(d1, "june.csv", HEAD + sales("S", "2026-06-15", [4, 0, 6, 10, 8]) + sales("T", "2026-05-15", [2]))
        w.push(d1, "count.csv", "type,number,date,sku,quantity\nstock,C1,2026-06-19,P1,56\n")
        w.push(d2, "may.csv", HEAD + sales("S", "2026-05-15", [3], "Q1", 6))

        month = tiles(w)
        equal(list(month), ["sell_in", "payments", "sell_out", "stock_days", "rebates", "cases"])
        bought = month["sell_in"]
        equal((bought["value"], bought["before"], bought["unit"]), ("240.00", "160.00", "CNY"), "20 days against 20 days")
        equal((bought["change"], bought["compared"], bought["before_from"], bought["before_to"]),
              ("0.5", "previous", "2026-05-01", "2026-05-20"))
        equal((bought["target"], bought["attainment"], bought["targeted"], bought["elapsed"]),
              ("700.00", "0.342857", "0.666667", "0.666667"), "D3 has no target, and sold nothing")
        equal((len(bought["spark"]), bought["spark"][9], bought["spark_by"]), (20, "240", "day"))
        sold = month["sell_out"]
        equal((sold["value"], sold["before"], sold["coverage"], sold["reported"], sold["partners"]),
              ("140.00", "28.00", "0.333333", 1, 3), "only D1 reported until yesterday")
        equal(month["stock_days"]["value"], "56", "56 bottles, 28 sold in four weeks")
        equal(month["cases"]["value"], "0")
        equal(tiles(w, "--against", "year")["sell_in"]["before"], "60.00")
        equal(tiles(w, "--period", "quarter")["sell_in"]["target"], "600.00", "D1's three months; D2 lacks two")
        equal(tiles(w, "--region", "320000")["sell_in"]["value"], "120.00")
        equal(tiles(w, "--brand", "海蓝")["sell_in"]["value"], "120.00")
        equal(tiles(w, "--partner", "D1")["sell_in"]["attainment"], "0.3")
        equal(tiles(w, "--in", "quantity")["sell_in"]["value"], "100")

        text = [r["text"] for r in w.ctl("overview", "message", "--zh")]
        equal((len(text), text[1]), (7, "进货额：240.00，较同期 50 %，达成 34.2 %"))

        # who sees what
        manager = w.ctl("user", "add", "mgr", "--role", "channel_manager", "--scope", "320000")["token"]
        owner = w.ctl("user", "add", "own", "--role", "partner_owner", "--scope", "D1")["token"]
        clerk = w.ctl("user", "add", "clk", "--role", "partner_clerk", "--scope", "D1")["token"]
        equal(tiles(w, token=manager)["sell_in"]["value"], "120.00")
        equal(tiles(w, "--region", "330000", token=manager)["sell_in"]["value"], "0.00", "not its region")
        equal(tiles(w, token=owner)["sell_in"]["value"], "120.00")
        w.ctl_raw("overview", token=clerk, check=77)
        w.ctl_raw("overview", "--partner", "D2", token=owner, check=77)
        w.ctl_raw("overview", "--period", "sometime", check=64)

        rows = w.ctl("league", "--by", "partner", "--measure", "sell_in")
        equal(pick(rows, "rank", "id", "value", "share", "attainment"),
              [(1, "D1", "120.00", "0.5", "0.3"), (1, "D2", "120.00", "0.5", "0.4")], "equals share a rank")
        equal(pick(w.ctl("league", "--by", "product", "--period", "2026-05", "--measure", "sell_in"), "id", "value"),
              [("P1", "1100.00"), ("Q1", "60.00")])
        equal(pick(w.ctl("league", "--by", "brand"), "name", "value", "before"), [("海蓝", "140.00", "10.00"), ("清风", "0.00", "18.00")])
        shown = w.ctl("map", "--measure", "sell_in")
        equal(len(shown), 34)
        equal({r["code"]: r["value"] for r in shown if r["value"] is not None}, {"330000": "120.00", "320000": "120.00"})

        days = {r["bucket"]: r for r in w.ctl("trend", "--measure", "sell_in", "--by", "month")}
        equal((days["2026-05"]["value"], days["2026-06"]["state"], days["2026-06"]["before"]), ("1160.00", "running", "60.00"))
        equal((days["2026-08"]["state"], days["2026-08"]["value"]), ("ahead", None))
        equal(len(w.ctl("trend", "--by", "day", "--period", "2026-06-01..2026-06-10")), 10)
        # the sums are views: a withdrawn file leaves no trace in them, and replay gives the same
        upload = next(u for u in w.ctl("upload", "list", "--partner", "D1") if u["file"] == "june.csv")
        w.ctl_raw("upload", "withdraw", upload["id"], "--reason", "wrong")
        equal(tiles(w)["sell_out"]["value"], "0.00")
        equal(w.offline("journal", "verify").returncode, 0)


if __name__ == "__main__":
    main([each_role_sees_what_it_may_decide, figures_with_what_they_rest_on])
