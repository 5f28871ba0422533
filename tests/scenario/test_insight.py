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


if __name__ == "__main__":
    main([each_role_sees_what_it_may_decide])
