#!/usr/bin/env python3
"""How settled rebates leave the wallet: credit notes on original invoices, goods by the case, cash, expenses, orders within
a limit; what the ERP answers, what comes back, what is never paid twice."""
import json

import books
from hook_receivers import Receiver, text_of
from test_settle import Books
from world import World, equal, main, pick

HEAD = "type,number,date,sku,quantity,amount,counterparty\n"
SHIPPED = HEAD + """shipment,F1,2026-01-10,P1,1000,6000.00,D1
shipment,F1,2026-01-10,P9,100,2000.00,D1
shipment,F2,2026-02-10,P1,500,3000.00,D1
shipment,F3,2025-12-05,P1,100,900.00,D1
shipment,G1,2026-03-01,P2,125,1000.00,D2
shipment,F9,2026-04-02,P1,100,500.00,D1
"""
PRODUCT = "sku,name,brand,category,base_unit,units,list_price,floor_price,tax_rate\nP9,农产品,清泉,农产品,袋,,20.00,15.00,9%\n"
PRICES = "sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\nP1,dealer,2026-01-01,,2.00,incl,,,,\nP1,dealer,2026-04-01,,1.50,incl,,,,\n"
BACK = "type,number,date,sku,quantity,amount,counterparty,reference\nreturn_out,R1,2026-04-03,P1,100,600.00,M,F2\n"


def settled(w, form, low="10%", more=""):
    """D1 bought for 11,000 in the first quarter, D2 for 1,000: what comes of it is paid into their wallets."""
    b = Books(w)
    w.import_csv("product", PRODUCT)
    w.import_csv("price", PRICES)
    w.ctl_raw("document", "import", w.file("shipped.csv", SHIPPED))
    w.ctl_raw("policy", "apply", "-f", w.file("core.yaml", f"""metadata: {{name: core}}
spec:
  effective: {{from: 2026-01-01, to: 2026-12-31}}
  scope: {{partners: {{kinds: [distributor]}}}}
  basis: sell_in
  period: quarter
  stages: {{any: {{mechanism: flat, rate: "{low}"}}}}
  payout: {{form: {form}{more}}}
"""), "--reason", "test")
    w.ctl_raw("period", "close", "2026-Q1", "--despite", "a test", token=b.token["anna"])
    b.through("2026-Q1")
    return b


def wallet(w, partner="D1"):
    row = w.ctl("wallet", "list", "--partner", partner)[0]
    return row["balance"], row["held"], row["available"]


def credit_notes():
    with World(clock="2026-04-05T09:00:00+08:00") as w:
        b = settled(w, "credit_note", "30%")
        anna, bob = b.token["anna"], b.token["bob"]
        equal(wallet(w), ("3300.00", "0.00", "3300.00"))
        w.ctl_raw("document", "import", w.file("back.csv", BACK), "--partner", "D1")

        # split by tax rate, then over the invoices of the quarter: 6000, 3000 − 600 that came back; 2000 at 9 %
        asked = w.ctl("payout", "request", "--period", "2026-Q1", token=anna)
        equal(pick(asked, "payout", "partner", "form", "due", "amount", "rest"),
              [("1", "D1", "credit_note", "3300.00", "3300.00", "0.00"), ("2", "D2", "credit_note", "300.00", "300.00", "0.00")])
        equal(wallet(w), ("3300.00", "3300.00", "0.00"), "held until it is done")
        shown = w.ctl("payout", "show", "1")
        equal([(l["invoice"], l["tax_rate"], l["amount"], l["tax"]) for l in shown["lines"]],
              [("F1", "0.09", "634.62", "52.40"), ("F1", "0.13", "1903.84", "219.03"), ("F2", "0.13", "761.54", "87.61")])
        equal(w.ctl("payout", "request", "--period", "2026-Q1", token=anna), [], "never the same money twice")
        w.ctl_raw("wallet", "use", "D1", "--order", "PO-1", "--of", "100", "--amount", "1", check=73)

        # the buyer confirms, each its own
        equal("P2" in w.agent(b.home["D2"], "notices", "-o", "json").stdout, True)
        w.agent(b.home["D2"], "payout", "confirm", "1", check=77)
        equal(w.agent(b.home["D2"], "payout", "list", "-o", "csv").stdout.count("\n"), 2, "a partner sees its own")
        w.ctl_raw("payout", "issue", "1", "--number", "26330001", token=anna, check=73)  # not confirmed yet
        equal(w.ctl("payout", "export", token=anna), [])
        w.agent(b.home["D1"], "payout", "confirm", "1", "--number", "3300264320")
        w.agent(b.home["D1"], "payout", "confirm", "1", check=73)
        first = w.ctl_raw("payout", "export", "-o", "csv", token=anna).stdout
        equal([row.split(",")[:3] + row.split(",")[6:9] for row in first.splitlines()[1:]],
              [["1", "1", "1", "F1", "2026-01-10", "0.09"], ["1", "1", "2", "F1", "2026-01-10", "0.13"],
               ["1", "1", "3", "F2", "2026-02-10", "0.13"]])
        equal(w.ctl_raw("payout", "export", "-o", "csv", token=anna).stdout, first, "the same bytes")
        w.agent(b.home["D2"], "payout", "confirm", "2")
        equal([r["batch"] for r in w.ctl("payout", "export", token=anna)], ["2"])
        equal(w.ctl_raw("payout", "export", "--batch", "1", "-o", "csv", token=anna).stdout, first)

        # the ERP answers: bad rows are told, the rest goes on, again is the same
        answers = w.file("answers.csv", "id,batch,state,number,date,amount,reason\n"
                         "1,,issued,26330001,2026-04-06,3300.01,\n7,,issued,26330002,2026-04-06,,\n"
                         ",2,refused,,,300.00,抬头有误\n1,,issued,,2026-04-06,,\n1,,issued,26330001,2026-04-05,3300.00,\n"
                         "1,,done,,,,\n")
        got = w.ctl("payout", "import", answers, check=1, token=anna)
        equal([got[k] for k in ("rows", "done", "same", "bad")], [6, 2, 0, 4])
        equal([(p["row"], p["column"], p["found"]) for p in got["problems"]],
              [(2, "amount", "3300.01"), (3, "id", "7"), (5, "number", ""), (7, "state", "done")])
        head = w.ctl("journal", "verify")["entries"]
        again = w.ctl("payout", "import", answers, check=1, token=anna)
        equal([again[k] for k in ("done", "same")], [0, 2])
        equal(w.ctl("journal", "verify")["entries"], head, "nothing new is no entry")
        equal(pick(w.ctl("payout", "list"), "payout", "state", "number", "reason"),
              [("1", "issued", "26330001", None), ("2", "refused", None, "抬头有误")])
        equal((wallet(w), wallet(w, "D2")), (("0.00", "0.00", "0.00"), ("300.00", "0.00", "300.00")), "to the fen")

        # refused: it can be asked for again; one paper pays one payout
        equal(pick(w.ctl("payout", "request", token=anna), "payout", "partner", "amount"), [("3", "D2", "300.00")])
        w.agent(b.home["D2"], "payout", "confirm", "3")
        twice = w.file("twice.csv", "id,state,number,date\n3,issued,26330001,2026-04-05\n")
        equal(w.ctl("payout", "import", twice, check=1, token=anna)["problems"][0]["wanted"], "a number of no other payout")

        # more of the wallet than statements paid in that form waits for a second person, and no invoice gives more than it has
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "900", "--reason", "a campaign", token=anna)
        said = w.ctl_raw("payout", "request", "--partner", "D1", "--form", "credit_note", "--amount", "900", token=anna).stdout
        w.ctl_raw("approval", "approve", said.split()[1], token=anna, check=77)
        w.ctl_raw("approval", "approve", said.split()[1], token=bob)
        equal(wallet(w), ("900.00", "900.00", "0.00"))
        w.ctl_raw("payout", "request", "--partner", "D1", "--form", "cash", "--amount", "1", token=anna, check=73)

        # what was issued comes back when two people say so
        said = w.ctl_raw("payout", "void", "1", "--reason", "wrong company", token=anna).stdout
        equal(wallet(w)[0], "900.00")
        w.ctl_raw("approval", "approve", said.split()[1], token=bob)
        equal(wallet(w), ("4200.00", "900.00", "3300.00"))
        equal(w.ctl("payout", "show", "1")["state"], "voided")
        equal([v["act"] for v in w.ctl("payout", "show", "1")["life"]], ["request", "confirm", "export", "issue", "void"])
        # invoices of the last 731 days, and no day more
        w.ctl_raw("document", "import", w.file("old.csv", HEAD + "shipment,O1,2024-04-04,P1,10,100.00,S1\nshipment,O2,2024-04-05,P1,10,50.00,S1\n"))
        w.ctl_raw("wallet", "adjust", "S1", "--amount", "120", "--reason", "old times", token=bob)
        old = ("payout", "request", "--partner", "S1", "--form", "credit_note", "--amount")
        w.ctl_raw(*old, "50.01", token=anna, check=73)
        w.ctl_raw("approval", "approve", w.ctl_raw(*old, "50", token=anna).stdout.split()[1], token=bob)
        equal([(p["amount"], p["state"]) for p in w.ctl("payout", "list", "--partner", "S1")], [("50.00", "requested")])
        w.ctl_raw("journal", "export")
        w.verify()


def goods_cash_and_orders():
    with World(clock="2026-04-05T09:00:00+08:00") as w:
        b = settled(w, "goods", "1%")
        anna = b.token["anna"]
        equal(pick(w.ctl("payout", "request", token=anna), "state", "why"), [("waits", "name the goods: --sku")] * 2)
        # a case of 24 at the price of the day, 1.50: 36.00; of 110.00 three, of 10.00 none
        equal(pick(w.ctl("payout", "request", "--sku", "P1", token=anna), "partner", "amount", "rest", "why"),
              [("D1", "108.00", "2.00", "whole units only"), ("D2", "0.00", "10.00", "less than one unit")])
        line = w.ctl("payout", "show", "1")["lines"][0]
        equal([line[k] for k in ("sku", "unit", "quantity", "price", "amount", "tax")],
              ["P1", "箱", 3, "36.00", "108.00", "12.42"])
        equal(wallet(w), ("110.00", "108.00", "2.00"), "the rest stays")
        w.ctl_raw("payout", "issue", "1", "--number", "DN-1", token=anna)
        equal(wallet(w), ("2.00", "0.00", "2.00"))
        w.ctl_raw("payout", "issue", "1", "--number", "DN-2", token=anna, check=73)
        w.ctl_raw("payout", "request", "--form", "offset", token=anna, check=64)

        # a second policy pays into the same wallet, of which an order is covered by at most 30 %
        w.ctl_raw("policy", "apply", "-f", w.file("more.yaml", """metadata: {name: more}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  scope: {partners: {ids: [D1]}}
  basis: sell_in
  period: once
  stages: {any: {mechanism: flat, rate: "1%"}}
  payout: {form: offset, use_limit_per_order: "30%"}
"""), "--reason", "test")
        w.ctl("rebate", "settle", "once/more", "--interim", token=anna)
        w.ctl_raw("rebate", "review", "--period", "once/more", token=b.token["max"])
        w.ctl_raw("rebate", "confirm", w.ctl("rebate", "statement", "list", "--period", "once/more")[0]["statement"],
                  token=b.token["D1"])
        b.pay("--period", "once/more")
        equal(wallet(w)[0], "117.00")  # 1 % of 11,500
        w.ctl_raw("wallet", "use", "D1", "--order", "PO-1", "--of", "100", "--amount", "32.01", check=73)
        w.ctl_raw("wallet", "use", "D1", "--order", "PO-1", "--of", "100", "--amount", "32", token=anna)
        accounts = w.file("accounts.yaml", "accounts: [{kind: redemption, debit: 'A', credit: 'B'}, "
                          "{kind: redemption, form: goods, debit: 'A', credit: 'G'}]\n")

        def left(*more):
            return w.ctl_raw("rebate", "export", "--kind", "redemption", "--period", "2026-04", *more, "-o", "csv", token=anna).stdout

        first = left("-f", accounts)
        equal([r.split(",")[3:] for r in first.splitlines()[1:]],
              [["2026-04-05", "D1", "main", "", "goods", "2026-04", "A", "G", "108.00", "CNY", "P1"],
               ["2026-04-05", "D1", "main", "", "offset", "2026-04", "A", "B", "2.00", "CNY", "PO-1"],
               ["2026-04-05", "D1", "main", "", "offset", "2026-04", "A", "B", "30.00", "CNY", "PO-1"]], "of two kinds of money")
        equal(left(), first, "again the same bytes")
        w.ctl_raw("wallet", "return", "D1", "--order", "PO-1", "--reason", "cancelled", token=anna)
        equal([r.split(",")[11] for r in left().splitlines()[1:]], ["-32.00"], "and what came back, once")
        equal(left("--batch", first.splitlines()[1].split(",")[0]), first)
        equal(w.ctl("rebate", "export", "--kind", "redemption", "--period", "2026-05", token=anna), [])
        w.ctl_raw("rebate", "export", "--kind", "redemption", "--period", "once/more", token=anna, check=64)
        equal(wallet(w)[0], "117.00")
        w.verify()


def expenses_and_cash():
    with World(clock="2026-04-05T09:00:00+08:00", settings=("hooks.allow=127.0.0.2",)) as w:
        r = Receiver()
        for name in ("erp", "robot"):
            w.ctl("hook", "add", r.url(name), "--events", "statement.*,payout.*,period.*", "--name", name, *(("--form", "wecom") * (name == "robot")))
        b = settled(w, "expense")
        w.ctl("hook", "add", r.url("d2"), "--events", "*", "--name", "d2", "--partner", "D2")
        anna = b.token["anna"]
        w.ctl("payout", "request", token=anna)
        w.agent(b.home["D1"], "payout", "confirm", "1", check=64)  # its own invoice is wanted
        w.agent(b.home["D1"], "payout", "confirm", "1", "--number", "FP-881")
        w.agent(b.home["D2"], "payout", "refuse", "2", "--reason", "不开票")
        equal(wallet(w, "D2"), ("100.00", "0.00", "100.00"))
        w.ctl_raw("payout", "issue", "1", "--number", "BANK-1", "--date", "2026-04-05", token=anna)
        equal(wallet(w), ("0.00", "0.00", "0.00"))
        equal(w.ctl("wallet", "show", "D1")[-1]["reference"], "P1")
        said = w.ctl_raw("payout", "request", "--partner", "D2", "--form", "cash", "--amount", "40", token=anna).stdout
        w.ctl_raw("approval", "approve", said.split()[1], token=b.token["bob"])
        w.ctl_raw("payout", "issue", "3", "--number", "BANK-2", token=anna)
        equal(wallet(w, "D2"), ("60.00", "0.00", "60.00"))
        w.verify()

        # other systems hear of statements and payouts, whole; a group reads an id; D2 what is its own
        w.until(lambda: sum(b"payout.issued" in body for _, body in r.of("erp")) == 2, "both payouts", 20)
        told = [json.loads(body) for _, body in r.of("erp")]
        seen = {m["type"] for m in told}
        equal({"period.closed", "statement.drafted", "statement.sent", "statement.confirmed", "statement.approved", "statement.paid",
               "payout.requested", "payout.confirmed", "payout.refused", "payout.issued"} <= seen, True, seen)
        equal(sorted((m["data"]["partner"], m["data"]["period"], m["data"]["act"]) for m in told if m["type"] == "statement.paid"),
              [("D1", "2026-Q1", "pay"), ("D2", "2026-Q1", "pay")])
        equal(sorted((m["data"]["payout"], m["data"]["partner"], m["data"]["amount"]) for m in told if m["type"] == "payout.issued"),
              [("1", "D1", "1100.00"), ("3", "D2", "40.00")])
        for text in (text_of(body) for _, body in r.of("robot")):
            equal(any(x in text for x in ("D1", "D2", "1100", "FP-881")), False, text)
        w.until(lambda: any(b"payout.issued" in body for _, body in r.of("d2")), "its own hook", 20)
        own = [json.loads(body) for _, body in r.of("d2")]
        equal({m["data"].get("partner") for m in own}, {"D2"}, own)
        r.close()


if __name__ == "__main__":
    main([credit_notes, goods_cash_and_orders, expenses_and_cash])
