#!/usr/bin/env python3
"""Goods on their way and goods that should be there: shipments beside receipts, mass balances and their grades."""
import json

import books
from world import World, equal, main, pick

SHIP = "type,number,date,sku,quantity,unit,counterparty,codes,gift\n"
GET = "type,number,date,sku,quantity,reference,codes,reason\n"
DAY = "type,number,date,sku,quantity,amount,customer,place,counterparty,gift\n"


def goods(w, *more, **how):
    return pick(w.ctl("goods", "list", "--from", "2026-05-01", *more, **how), "shipment", "sku", "shipped", "received",
                "difference", "receipt", "match", "state")


def shipments_meet_their_receipts_by_document_and_by_carton():
    with World() as w:
        books.load(w)
        m, d = w.enrol("M"), w.enrol("D1")
        ship = SHIP + ("shipment,S1,2026-06-01,P1,10,箱,D1,,\nshipment,S1,2026-06-01,P1,24,瓶,D1,,Y\n"
                       "shipment,S1,2026-06-01,P2,12,瓶,D1,,\n"
                       "shipment,S2,2026-06-05,P1,240,瓶,D1,,\nshipment,S3,2026-06-06,P2,2,箱,D1,C1;C2,\n"
                       "shipment,S4,2026-06-08,P3,30,瓶,D1,,\nshipment,S5,2026-06-10,P1,48,瓶,D1,,\n"
                       "shipment,S6,2026-06-28,P1,5,箱,D1,,\nshipment,S7,2026-06-01,P1,1,箱,D2,,\n")
        got = GET + ("receipt,R1,2026-06-03,P1,264,S1,,\nreceipt,R1,2026-06-03,P2,12,S1,,\n"
                     "receipt,S2,2026-06-07,P1,236,,,\n"
                     "receipt,R3,2026-06-08,P2,12,,C1,\nreceipt,R3,2026-06-08,P2,12,,C2,\n"
                     "receipt,R4,2026-06-10,P3,28,S4,,\nreceipt,R4,2026-06-10,P3,2,S4,,运输破损\n"
                     "receipt,R9,2026-06-11,P2,7,,,\n")
        w.push(d, "got.csv", got)  # the receipts come first: which came first does not matter
        w.push(m, "ship.csv", ship)
        wanted = sorted([("S1", "P1", "264", "264", "0", "R1", "reference", "received"),
                         ("S1", "P2", "12", "12", "0", "R1", "reference", "received"),
                         ("S2", "P1", "240", "236", "-4", "S2", "number", "short"),
                         ("S3", "P2", "24", "24", "0", "R3", "carton", "received"),
                         ("S4", "P3", "30", "30", "0", "R4", "reference", "damaged"),
                         ("S5", "P1", "48", "0", "-48", None, None, "unsigned"),
                         ("S6", "P1", "120", "0", "-120", None, None, "in_transit"),
                         (None, "P2", "0", "7", "7", "R9", None, "unmatched")], key=repr)
        equal(goods(w, "--partner", "D1"), wanted)
        damaged = w.ctl("goods", "list", "--partner", "D1", "--state", "damaged")
        equal(pick(damaged, "shipment", "damaged", "days", "received_on"), [("S4", "2", 2, "2026-06-10")])
        for state, n in (("unsigned", 1), ("short", 1), ("in_transit", 1), ("unmatched", 1), ("over", 0)):
            equal(len(w.ctl("goods", "list", "--partner", "D1", "--state", state)), n, state)
        equal(pick(w.ctl("goods", "list", "--partner", "D2"), "shipment", "state"), [("S7", "assumed")],
              "D2 has never reported a receipt: it is taken as received, not held against it")
        w.ctl_raw("goods", "list", "--state", "lost", check=64)

        # a receipt replaced, withdrawn, and come late: only what holds counts
        w.push(d, "again.csv", GET + "receipt,S2,2026-06-07,P1,240,,,\n")
        equal(goods(w, "--partner", "D1", "--state", "short"), [])
        upload = w.ctl("upload", "list", "--partner", "D1")[0]["id"]
        w.ctl_raw("upload", "withdraw", upload, "--reason", "counted wrongly")
        equal(goods(w, "--partner", "D1", "--state", "short"), [x for x in wanted if x[0] == "S2"])
        w.push(d, "late.csv", "单据类型,入库日期,入库单号,商品编码,数量,厂家单号,差异原因\n进货,2026-06-29,R5,P1,47,S5,\n"
                              "进货,2026-06-29,R5,P1,1,S5,破损\n")
        equal(goods(w, "--partner", "D1", "--state", "unsigned"), [])
        equal(pick(w.ctl("goods", "list", "--partner", "D1", "--sku", "P1", "--state", "damaged"), "shipment", "damaged"),
              [("S5", "1")], "in a clerk's own words")
        w.verify()


def a_sub_distributor_and_a_place_are_seen_where_their_goods_come_from():
    with World() as w:
        books.load(w)
        m, d, s = w.enrol("M"), w.enrol("D1"), w.enrol("S1")
        w.push(m, "m.csv", SHIP + "shipment,A1,2026-06-01,P1,10,箱,T1,,\n")
        w.push(d, "d.csv", "type,number,date,sku,quantity,amount,customer,reference,place\n"
                           "receipt,B1,2026-06-02,P1,240,,,A1,\nsale,X1,2026-06-05,P1,48,96.00,S1,,\n"
                           "sale,X2,2026-06-05,P1,24,48.00,甲,,\n")
        w.push(s, "s.csv", GET + "receipt,Y1,2026-06-06,P1,40,X1,,\n")
        equal(goods(w, "--partner", "D1"), [("A1", "P1", "240", "240", "0", "B1", "reference", "received")],
              "sent to its shop, received at its warehouse")
        equal(goods(w, "--partner", "S1"), [("X1", "P1", "48", "40", "-8", "Y1", "reference", "short")],
              "what its distributor sold it")


def june(w, *more, **how):
    rows = w.ctl("balance", "list", "--partner", "D1", "--period", "2026-06", *more, **how)
    return pick(rows, "sku", "opening", "received", "transferred", "returned", "sold", "gifts", "closing", "gap",
                "grade", "missing")


def masses_balance_or_say_what_is_missing():
    with World(clock="2026-07-01T09:00:00+08:00") as w:
        books.load(w)
        d = w.enrol("D1")
        w.push(d, "may.csv", DAY + "stock,K0,2026-05-30,P1,100,,,,,\nstock,K0,2026-05-30,P2,50,,,,,\n"
                                   "sale,X0,2026-05-31,P1,10,20.00,甲,,,\n")
        w.push(d, "june.csv", DAY + "receipt,R1,2026-06-02,P1,480,,,,,\nsale,X1,2026-06-03,P1,200,400.00,甲,,,\n"
                                    "sale,X1,2026-06-03,P1,20,0,甲,,,\nreturn,X2,2026-06-10,P1,5,10.00,甲,,,\n"
                                    "return_out,X3,2026-06-11,P1,24,,,,,\ntransfer,X4,2026-06-12,P1,31,,,,D2,\n"
                                    "sale,X5,2026-06-20,P2,30,240.00,甲,,,\nsale,X6,2026-06-20,P3,4,16.00,甲,,,\n")
        equal(june(w), [("P1", "90", "480", "-31", "-19", "200", "20", None, None, None, "closing count"),
                        ("P2", "50", "0", "0", "0", "30", "0", None, None, None, "closing count"),
                        ("P3", None, "0", "0", "0", "4", "0", None, None, None, "opening and closing count")])
        equal(w.ctl("balance", "grade", "--period", "2026-06", "--partner", "D1")[0]["missing"], "counts")

        # the counts: P1 fits, of P2 twelve bottles lack; counted the morning after, with a sale of that day before it
        w.push(d, "count.csv", DAY + "sale,X9,2026-07-01,P1,7,14.00,甲,,,\nstock,K1,2026-07-01,P1,293,,,,,\n"
                                     "stock,K2,2026-06-30,P2,8,,,,,\nstock,K2,2026-06-30,P3,6,,,,,\n")
        rows = {r["sku"]: r for r in w.ctl("balance", "list", "--partner", "D1", "--period", "2026-06")}
        equal([rows["P1"][k] for k in ("closing", "gap", "grade", "missing")], ["300", "0", "complete", None])
        equal([rows["P2"][k] for k in ("closing", "gap", "tolerance", "grade")], ["8", "12", "1", None],
              "a fresh gap has no grade for staff …")
        equal(rows["P2"]["with_partner_until"], "2026-07-04", "… until the partner had three days")
        equal([r["sku"] for r in w.ctl("balance", "list", "--period", "2026-06", "--gaps")], ["P2"])
        own = w.ctl("user", "add", "lao-li", "--role", "partner_owner", "--scope", "D1")["token"]
        mine = {r["sku"]: r["grade"] for r in w.ctl("balance", "list", "--period", "2026-06", token=own)}
        equal(mine, {"P1": "complete", "P2": "doubtful", "P3": None}, "the partner sees it at once")
        asked = json.loads(w.agent(d, "ask", "balance", "list", "--period", "2026-06", "-o", "json").stdout)
        equal({r["sku"]: r["grade"] for r in asked}, mine, "and its clerk, from the agent")
        other = w.ctl("user", "add", "lao-wang", "--role", "partner_owner", "--scope", "D2")["token"]
        w.ctl_raw("balance", "list", "--partner", "D1", token=other, check=77)
        equal(w.ctl("balance", "grade", "--period", "2026-06", "--partner", "D1")[0]["with_partner_until"], "2026-07-04")

        w.ctl_raw("clock", "set", "2026-07-05T09:00:00+08:00")
        rows = {r["sku"]: r for r in w.ctl("balance", "list", "--partner", "D1", "--period", "2026-06")}
        equal([rows["P2"][k] for k in ("grade", "with_partner_until")], ["doubtful", None])
        grade = w.ctl("balance", "grade", "--partner", "D1")[0]  # without a period: the last month that is over
        equal([grade[k] for k in ("from", "to", "products", "checked", "complete", "doubtful", "grade")],
              ["2026-06-01", "2026-06-30", 3, 2, 1, 1, "doubtful"])
        # lines that wait in quarantine are said beside the gap: late data explains it once its unit is known
        w.push(d, "late.csv", "type,number,date,sku,unit,quantity,amount,customer\n"
                              "sale,X7,2026-06-21,P2,筐,1,96.00,甲\nsale,X8,2026-06-22,??,瓶,5,1.00,甲\n"
                              "sale,X12,2026-07-02,??,瓶,9,1.00,甲\n", check=1)
        rows = {r["sku"]: r for r in w.ctl("balance", "list", "--partner", "D1", "--period", "2026-06")}
        equal([(rows[k]["gap"], rows[k]["waiting"], rows[k]["missing"]) for k in ("P1", "P2", None)],
              [("0", 0, None), ("12", 1, None), (None, 1, "product")], "a code nobody knows, in June")
        equal(w.ctl("balance", "grade", "--partner", "D1", "--period", "2026-06")[0]["waiting"], 2)
        w.import_csv("alias", "owner,kind,alias,id,unit,factor,from,to\nD1,unit,筐,箱,,,,\n")
        rows = {r["sku"]: r for r in w.ctl("balance", "list", "--partner", "D1", "--period", "2026-06")}
        equal([rows["P2"][k] for k in ("gap", "grade", "waiting")], ["0", "complete", 0])
        w.verify()


def shops_balance_with_their_distributor_and_an_opening_opens():
    with World(clock="2026-07-10T09:00:00+08:00") as w:
        books.load(w)
        d = w.enrol("D1")
        w.push(d, "a.csv", DAY + "receipt,R1,2026-06-12,P1,240,,,,,\nsale,X1,2026-06-13,P1,100,200.00,甲,T1,,\n"
                                 "stock,K1,2026-06-10,P1,60,,,,,\nstock,K2,2026-06-30,P1,200,,,,,\n"
                                 "sale,X0,2026-06-05,P1,9,18.00,甲,,,\n")
        row = w.ctl("balance", "list", "--period", "2026-06")[0]
        equal([row[k] for k in ("partner", "opening", "received", "sold", "closing", "gap", "since")],
              ["D1", "60", "240", "100", "200", "0", "2026-06-11"],
              "the shop's sales leave the distributor's stock; before the first count nothing is known")
        # imported opening stock opens: P2 was never counted before
        w.ctl_raw("opening", "import", w.file("opening.csv", "partner,sku,quantity,unit,as_of\nD1,P2,5,箱,2026-05-31\n"),
                  "--kind", "stock")
        w.push(d, "b.csv", DAY + "sale,Y1,2026-06-14,P2,20,160.00,甲,,,\nstock,K3,2026-06-30,P2,40,,,,,\n")
        row = w.ctl("balance", "list", "--period", "2026-06", "--sku", "P2")[0]
        equal([row[k] for k in ("opening", "sold", "closing", "gap", "missing")], ["60", "20", "40", "0", None])


def a_pallet_that_was_shipped_is_received_carton_by_carton():
    with World() as w:
        books.load(w)
        codes = w.file("codes.csv", "code,parent\nCT-1,PAL-1\nCT-2,PAL-1\nCT-3,PAL-3\n106141412345678908,PAL-1\n")
        w.ctl("code", "import", codes)
        m, d = w.enrol("M"), w.enrol("D1")
        w.push(m, "s.csv", SHIP + "shipment,S1,2026-06-01,P1,3,箱,D1,PAL-1,\nshipment,S2,2026-06-02,P1,1,箱,D1,CT-3,\n")
        w.push(d, "r.csv", GET + "receipt,R1,2026-06-03,P1,24,,CT-1,\nreceipt,R1,2026-06-03,P1,24,,CT-2,\n"
               "receipt,R1,2026-06-03,P1,24,,(00)106141412345678908,\nreceipt,R2,2026-06-04,P1,24,,PAL-3,\n")
        equal(goods(w, "--partner", "D1"),
              [("S1", "P1", "72", "72", "0", "R1", "carton", "received"), ("S2", "P1", "24", "24", "0", "R2", "carton", "received")])


if __name__ == "__main__":
    main([a_pallet_that_was_shipped_is_received_carton_by_carton, shipments_meet_their_receipts_by_document_and_by_carton,
          a_sub_distributor_and_a_place_are_seen_where_their_goods_come_from, masses_balance_or_say_what_is_missing,
          shops_balance_with_their_distributor_and_an_opening_opens])
