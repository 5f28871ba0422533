#!/usr/bin/env python3
"""Documents as design §3 reads them: kinds, signs, stock, versions, cancellation, parts, places, admin's files."""
import json

import books
from world import World, equal, main, pick

HEAD = "type,number,version,date,sku,quantity,unit,amount,customer,place,counterparty,gift,currency\n"


def flows(w, *more):
    return pick(w.ctl("flow", "list", "--by", "partner,product,kind", *more), "partner", "product", "kind", "quantity")


def every_type_posts_with_its_sign():
    with World() as w:
        books.load(w)
        m, d = w.enrol("M"), w.enrol("D1")
        w.push(m, "ship.csv", HEAD + "shipment,S1,,2026-06-01,P1,10,箱,,,,D1,,\nreturn_out,S2,,2026-06-05,P1,1,箱,,,,D1,,\n")
        w.push(d, "d.csv", HEAD + "receipt,R1,,2026-06-02,P1,240,,,,,,,\n"
                                  "sale,X1,,2026-06-03,P1,20,,40.00,甲,,,,\n"
                                  "sale,X1,,2026-06-03,P1,2,,0,甲,,,,\n"
                                  "return,X2,,2026-06-04,P1,3,,6.00,甲,,,,\n"
                                  "return,X3,,2026-06-04,P1,-1,,-2.00,甲,,,,\n"
                                  "transfer,X4,,2026-06-04,P1,30,,,,,D2,,\n"
                                  "payment,X5,,2026-06-04,,,,5000.00,,,,,\n")
        equal(flows(w), sorted([("D1", "P1", "sell_in", "240"), ("D1", "P1", "return_out", "-24"),
                                ("D1", "P1", "receipt", "240"), ("D1", "P1", "sell_out", "20"),
                                ("D1", "P1", "gift_out", "2"), ("D1", "P1", "return", "-4"),
                                ("D1", "P1", "transfer", "-30"), ("D2", "P1", "transfer", "30"),
                                ("D1", None, "payment", None)], key=repr))
        w.verify()


def stock_counts_open_then_differ():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        w.push(d, "count.csv", HEAD + "stock,K1,,2026-06-01,P1,100,,,,,,,\n")
        w.push(d, "day.csv", HEAD + "receipt,R1,,2026-06-02,P1,50,,,,,,,\nsale,X1,,2026-06-03,P1,20,,40.00,甲,,,,\n")
        equal(pick(w.ctl("stock", "list", "--partner", "D1"), "product", "quantity"), [("P1", "130")])
        equal(pick(w.ctl("flow", "list", "--by", "kind", "--kind", "adjustment"), "kind", "quantity"), [])
        w.push(d, "count2.csv", HEAD + "stock,K2,,2026-06-04,P1,127,,,,,,,\n")
        equal(pick(w.ctl("flow", "list", "--by", "kind", "--kind", "adjustment"), "kind", "quantity"), [("adjustment", "-3")])
        w.push(d, "late.csv", HEAD + "sale,X9,,2026-06-03,P1,3,,6.00,甲,,,,\n")
        equal(pick(w.ctl("flow", "list", "--by", "kind", "--kind", "adjustment"), "kind", "quantity"), [],
              "late data explains the difference")
        equal(pick(w.ctl("stock", "list", "--partner", "D1"), "product", "quantity"), [("P1", "127")])


def the_greatest_version_holds_and_a_cancellation_may_come_first():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        w.push(d, "v2.csv", HEAD + "sale,V,2,2026-06-01,P1,2,,4.00,甲,,,,\n")
        r = w.push(d, "v1.csv", HEAD + "sale,V,1,2026-06-01,P1,1,,2.00,甲,,,,\n")
        equal((r["committed"], r["duplicate"]), (0, 1))
        w.push(d, "v10.csv", HEAD + "sale,V,10,2026-06-01,P1,10,,20.00,甲,,,,\n")
        equal(flows(w), [("D1", "P1", "sell_out", "10")], "versions compare as numbers")
        w.push(d, "cancel.csv", HEAD + "sale,C,3,2026-06-01,,,,,,,,,\n")
        w.push(d, "c.csv", HEAD + "sale,C,1,2026-06-01,P2,5,,40.00,甲,,,,\n")
        equal(flows(w), [("D1", "P1", "sell_out", "10")])
        shown = w.ctl("document", "list", "--partner", "D1")
        equal(len(shown), 2, "cancelled ones stay listed")


def without_a_number_the_day_is_the_document():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        head = "type,date,sku,quantity\n"
        w.push(d, "a.csv", head + "sale,2026-06-01,P1,5\nsale,2026-06-01,P2,1\n")
        r = w.push(d, "b.csv", head + "sale,2026-06-01,P1,7\n")
        equal(r["superseded"], 2)
        equal(flows(w), [("D1", "P1", "sell_out", "7")])
        add = w.file("add.yaml", "no_number: add\n")
        w.push(d, "c.csv", head + "sale,2026-06-02,P1,1\n", "--mapping", add)
        w.push(d, "d.csv", head + "sale,2026-06-02,P1,2\n", "--mapping", add)
        w.push(d, "d2.csv", head + "sale,2026-06-02,P1,2\n", "--mapping", add)
        equal(flows(w, "--from", "2026-06-02"), [("D1", "P1", "sell_out", "3")])


def a_long_document_travels_in_parts():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        rows = "".join(f"sale,L,,2026-06-01,P1,1,,{i % 7}.50,客户{i % 3000},,,,\n" for i in range(20000))
        r = w.push(d, "long.csv", HEAD + rows)
        equal((r["documents"], r["lines"], r["committed"]), (1, 20000, 20000))
        equal(flows(w), [("D1", "P1", "sell_out", "20000")])
        r = w.push(d, "again.csv", HEAD + rows)
        equal((r["committed"], r["duplicate"]), (0, 20000))
        w.verify()


def dates_out_of_range_and_sums_that_differ():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        r = w.push(d, "x.csv", "type,number,date,sku,quantity,unit_price,amount\n"
                               "sale,1,1999-12-31,P1,1,2.00,2.00\nsale,2,2026-07-02,P1,1,2.00,2.00\n"
                               "sale,3,2026-07-01,P1,1,2.00,2.00\nsale,4,2026-06-01,P1,3,2.00,7.00\n", check=1)
        equal((r["committed"], r["quarantined"]), (2, 2))
        equal(len(r["problems"]) >= 3, True, "the two dates, and the amount that is not quantity × price")
        amounts = pick(w.ctl("flow", "list", "--by", "day", "--from", "2026-06-01"), "day", "amount")
        equal(amounts, [("2026-06-01", "7.00"), ("2026-07-01", "2.00")], "the amount holds")
        w.ctl_raw("clock", "set", "2026-07-01T12:00:00+08:00")
        equal(len(w.ctl("quarantine", "list")), 1, "a line dated ahead posts itself when its day comes")


def an_admins_file_may_name_the_reporter_an_agents_may_not():
    with World() as w:
        books.load(w)
        f = w.file("all.csv", "partner,type,number,date,sku,quantity\nD1,sale,1,2026-06-01,P1,1\nD2,sale,1,2026-06-01,P1,2\n")
        w.ctl_raw("document", "import", f)
        equal(flows(w), [("D1", "P1", "sell_out", "1"), ("D2", "P1", "sell_out", "2")])
        d = w.enrol("D1")
        p = w.agent(d, "push", w.file("foreign.csv", "partner,type,number,date,sku,quantity\nD2,sale,5,2026-06-01,P1,100\n"),
                    check=None)
        equal(p.returncode in (1, 65), True, p.stdout)
        equal(flows(w), [("D1", "P1", "sell_out", "1"), ("D2", "P1", "sell_out", "2")])


def a_figure_is_explained_down_to_its_row():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        w.push(d, "june.csv", HEAD + "sale,X1,,2026-06-03,P1,20,,40.00,甲,,,,\nsale,X1,,2026-06-03,P2,2,,16.00,甲,,,,\n")
        listed = w.ctl("document", "list", "--partner", "D1")
        equal(len(listed), 1)
        shown = w.ctl("document", "show", listed[0]["id"])
        equal(shown["number"], "X1")
        equal([x["row"] for x in shown["lines"]], [2, 3])
        equal("june.csv" in str(shown), True, "names its file")
        exported = [json.loads(x) for x in w.ctl_raw("journal", "export").stdout.splitlines()]
        equal([e["seq"] for e in exported], list(range(exported[0]["seq"], exported[0]["seq"] + len(exported))))
        docs = [e["body"] for e in exported if e["kind"] == "document"]
        equal((docs[0]["partner"], docs[0]["type"], docs[0]["number"], len(docs[0]["lines"])), ("D1", "sale", "X1", 2))


main([every_type_posts_with_its_sign, stock_counts_open_then_differ,
      the_greatest_version_holds_and_a_cancellation_may_come_first, without_a_number_the_day_is_the_document,
      a_long_document_travels_in_parts, dates_out_of_range_and_sums_that_differ,
      an_admins_file_may_name_the_reporter_an_agents_may_not, a_figure_is_explained_down_to_its_row])
