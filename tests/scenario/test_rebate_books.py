#!/usr/bin/env python3
"""What stands between a policy's text and real flows: accruals on the expected band, budgets that stop, quantities that are
held, claims of activities, what was paid out of a wallet."""
import json

import books
from test_policy import HEAD, setup
from test_rebate import NEAR
from world import World, equal, main, pick


def line(w, *keys, **which):
    """Cells of the accrual that is meant."""
    rows = [r for r in w.ctl("accrual", "list") if all(r[k] == v for k, v in which.items())]
    equal(len(rows), 1, rows)
    return [rows[0][k] for k in keys]


def a_running_period_may_be_posted_on_the_expected_band():
    with World(clock="2026-06-20T18:00:00+08:00") as w:
        setup(w)
        d1 = w.enrol("D1")
        w.push(d1, "june.csv", HEAD + "\n".join(f"sale,A{d},2026-06-{d:02d},P2,5,40.00,甲," for d in range(1, 21)) + "\n")
        w.ctl_raw("policy", "apply", "-f", w.file("near.yaml", NEAR))
        done = w.ctl("rebate", "accrue", "--on", "expected")
        equal([done["rows"], done["amount"], done["on"]], [1, "24.00", "expected"], "35.20 of 1173.33, of which 800 came")
        equal(line(w, "amount", "on", policy="near"), ["24.00", "expected"])
        equal(w.ctl("rebate", "accrue", "--on", "expected")["rows"], 0)
        w.ctl_raw("rebate", "settle", "2026-06", "--interim")
        equal(line(w, "amount", "on", "settled", policy="near"), ["8.00", "actual", "8.00"], "paid is what is there")
        w.ctl_raw("setting", "set", "rebate.accrue_on", "expected")
        w.ctl_raw("clock", "set", "2026-06-21T04:00:00+08:00")
        equal(line(w, "on", policy="near"), ["expected"], "the night posts as the setting says")
        w.ctl_raw("clock", "set", "2026-07-01T04:00:00+08:00")
        equal(line(w, "amount", "on", "late", policy="near"), ["8.00", "actual", "0.00"], "it is over: what it came to")
        w.ctl_raw("rebate", "accrue", "--on", "hoped", check=64)
        bodies = [json.loads(x) for x in w.ctl_raw("journal", "export").stdout.splitlines()]
        amounts = [a for x in bodies if x["kind"] == "accrual" for a in x["body"]["amount"]]
        equal(sum(int(a) for a in amounts), 800, "all differences net to the actual")
        w.verify()


STOP = """metadata: {{name: stop}}
spec:
  effective: {{from: 2026-01-01, to: 2026-12-31}}
  basis: sell_out
  period: month
  stages: {{any: {{mechanism: flat, rate: "10%"}}}}
  budget: {{amount: "{amount}", warn: "80%", stop: {stop}}}
"""
SOLD = [("D1", "A1", "2026-04-10", 100), ("D2", "B1", "2026-04-20", 50), ("D1", "A2", "2026-05-10", 100),
        ("D2", "B2", "2026-05-11", 200), ("D1", "A3", "2026-06-01", 10)]


def push_sold(w, homes, which):
    for who, number, day, units in which:
        w.push(homes[who], f"{number}.csv", HEAD + f"sale,{number},{day},P2,{units},{units * 10}.00,甲,\n")


def a_budget_stops_the_same_in_any_order():
    ends = []
    for order in (SOLD, SOLD[::-1]):
        with World() as w:
            setup(w)
            homes = {"D1": w.enrol("D1"), "D2": w.enrol("D2")}
            w.ctl_raw("policy", "apply", "-f", w.file("s.yaml", STOP.format(amount="240", stop="true")))
            for x in order:
                push_sold(w, homes, [x])
                w.ctl("rebate", "accrue")
            found = pick(w.ctl("rebate", "evaluate"), "partner", "period", "amount")
            equal(found, [("D1", "2026-04", "100.00"), ("D1", "2026-05", "30.00"), ("D1", "2026-06", "0.00"),
                          ("D2", "2026-04", "50.00"), ("D2", "2026-05", "60.00")],
                  "April whole; 90 are left for the 300 of May; nothing for June")
            equal(sorted(x for x in pick(w.ctl("accrual", "list"), "partner", "period", "amount") if x[2] != "0.00"),
                  [x for x in found if x[2] != "0.00"])
            equal(pick(w.ctl("rebate", "evaluate", "--partner", "D2", "--period", "2026-05"), "amount"), [("60.00",)])
            page = w.ctl("rebate", "explain", "D1", "stop", "2026-05")
            equal([page["amount"], page["lines"][0]["budget_cut"], page["rows"][0]["amount"]], ["30.00", "70.00", "30.00"])
            equal([w.ctl("policy", "list")[0][k] for k in ("budget", "budget_used", "budget_state")],
                  ["240.00", "240.00", "stopped"])
            ends.append(w.content()["accrual"])
            w.ctl_raw("policy", "apply", "-f", w.file("t.yaml", STOP.format(amount="600", stop="false")))
            w.ctl("rebate", "accrue")
            equal([w.ctl("policy", "list")[0][k] for k in ("budget_used", "budget_state")], ["460.00", "ok"])
            w.ctl_raw("policy", "apply", "-f", w.file("u.yaml", STOP.format(amount="460", stop="false")))
            equal([w.ctl("policy", "list")[0]["budget_state"]], ["reached"])
            w.ctl_raw("policy", "apply", "-f", w.file("v.yaml", STOP.format(amount="500", stop="false")))
            equal([w.ctl("policy", "list")[0]["budget_state"]], ["warned"], "460 of 500 are above 80 %")
            w.verify()
    equal(ends[0], ends[1])


REAL = """metadata: {name: real}
spec:
  effective: {from: 2026-04-01, to: 2026-06-30}
  basis: verified_sell_out
  period: quarter
  stages: {any: {mechanism: flat, rate: "10%"}}
"""


def what_a_case_holds_is_taken_out_of_verified_sales():
    with World() as w:
        setup(w)
        d1 = w.enrol("D1")
        w.push(d1, "a.csv", "type,number,date,sku,quantity,amount,customer\nstock,K1,2026-03-31,P2,200,,\n"
                            "sale,X1,2026-04-10,P2,60,600.00,甲\nsale,X2,2026-05-10,P2,40,400.00,甲\nstock,K2,2026-06-30,P2,100,,\n")
        w.ctl_raw("policy", "apply", "-f", w.file("real.yaml", REAL))

        def amount():
            page = w.ctl("rebate", "explain", "D1", "real", "2026-Q2")
            return [page["amount"], [(x["quantity"], x["by"]) for x in page["waits"]]]

        equal(amount(), ["100.00", []])
        w.ctl_raw("hold", "set", "D1", "case/7", "--sku", "P2", "--quantity", "30", "--from", "2026-05-01", "--until", "2026-05-31",
                  "--reason", "seen in 320100")
        equal(amount(), ["70.00", [("30", "case/7")]], "30 of the 100 that the counts bear out")
        w.ctl_raw("hold", "set", "D1", "case/7", "--document", "X1", "--from", "2026-04-01", "--until", "2026-04-30", "--upheld",
                  "--reason", "decided")
        equal(amount(), ["40.00", [("60", "case/7")]])
        w.ctl_raw("hold", "end", "D1", "case/7", "--reason", "cleared")
        equal(amount(), ["100.00", []])
        equal(json.loads(w.agent(d1, "ask", "hold", "list", "-o", "json").stdout), [])
        w.verify()


SHOW = """metadata: {name: show}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  basis: sell_out
  period: quarter
  stages: {any: {mechanism: activity, share: "50%", budget: "500"}}
"""


def a_claim_is_filed_with_evidence_and_approved_within_the_budget():
    with World() as w:
        setup(w)
        d1, d2 = w.enrol("D1"), w.enrol("D2")
        w.ctl_raw("policy", "apply", "-f", w.file("show.yaml", SHOW))
        photo = w.file("shop.jpg", "a shop window")
        for day, amount, what in (("2026-04-03", "800", "display"), ("2026-05-03", "600", "promotion"), ("2026-06-02", "90.01", "MDF")):
            w.agent(d1, "rebate", "claim", "show", "--amount", amount, "--date", day, "--what", what, "--evidence", "seen", "--file", photo)
        w.agent(d1, "rebate", "claim", "show", "--amount", "1", check=65)  # no evidence
        w.agent(d1, "rebate", "claim", "show", "--amount", "1", "--evidence", "x", "--date", "2027-01-01", check=73)
        w.agent(d2, "ask", "rebate", "claim", "withdraw", "1", "--reason", "not mine", check=77)
        equal(json.loads(w.agent(d2, "rebate", "claim", "list", "-o", "json").stdout), [])
        rows = json.loads(w.agent(d1, "rebate", "claim", "list", "-o", "json").stdout)
        equal(pick(rows, "claim", "amount", "state", "left", "file"),
              [("1", "800.00", "filed", "1000.00", "shop.jpg"), ("2", "600.00", "filed", "1000.00", "shop.jpg"),
               ("3", "90.01", "filed", "1000.00", "shop.jpg")], "half of 1000 is the budget")
        equal(len(rows[0]["digest"]), 64)
        w.ctl_raw("rebate", "claim", "approve", "1", "--reason", "agreed")
        w.ctl_raw("rebate", "claim", "approve", "2", "--reason", "agreed", check=73)  # 200 are left
        w.ctl_raw("rebate", "claim", "approve", "2", "--amount", "200", "--reason", "what is left")
        w.ctl_raw("rebate", "claim", "refuse", "3", "--reason", "too late")
        w.ctl_raw("rebate", "claim", "refuse", "3", "--reason", "again", check=73)
        page = w.ctl("rebate", "explain", "D1", "show", "2026-Q2")
        equal([page["amount"], pick(page["rows"], "document", "date", "amount")],
              ["500.00", [("claim 1", "2026-04-03", "400.00"), ("claim 2", "2026-05-03", "100.00")]])
        w.ctl("rebate", "accrue")
        w.ctl_raw("rebate", "claim", "refuse", "1", "--reason", "another shop")
        equal(w.ctl("rebate", "accrue")["amount"], "-400.00", "what was approved is taken back as a difference")
        w.agent(d1, "rebate", "claim", "withdraw", "2", "--reason", "mistake", check=73)
        w.verify()


NO_REBATE_ON_REBATE = """metadata: {name: in}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  basis: sell_in
  period: month
  stages: {any: {mechanism: flat, rate: "10%"}}
"""


def goods_that_a_wallet_paid_earn_nothing():
    with World() as w:
        setup(w)
        m, d1 = w.enrol("M"), w.enrol("D1")
        head = "type,number,date,sku,quantity,amount,counterparty,reference\n"
        w.push(m, "g.csv", head + "shipment,G1,2026-05-30,P2,20,200.00,D1,PO-1\nshipment,G2,2026-06-02,P2,80,800.00,D1,PO-1\n"
                                  "shipment,G3,2026-06-03,P2,10,100.00,D1,PO-2\n")
        w.ctl_raw("policy", "apply", "-f", w.file("in.yaml", NO_REBATE_ON_REBATE))
        w.ctl_raw("wallet", "adjust", "D1", "--amount", "250", "--reason", "opening")
        paid = lambda: pick(w.ctl("rebate", "evaluate", "--partner", "D1"), "period", "basis_amount", "basis_quantity", "amount")
        equal(paid(), [("2026-05", "200.00", "20", "20.00"), ("2026-06", "900.00", "90", "90.00")])
        w.ctl_raw("wallet", "use", "D1", "--order", "PO-1", "--of", "1000", "--amount", "250")
        equal(paid(), [("2026-06", "850.00", "85", "85.00")], "G1 is paid whole, 50 of G2; no month is asked which is read")
        equal(pick(w.ctl("rebate", "evaluate", "--partner", "D1", "--period", "2026-06"), "basis_amount"), [("850.00",)])
        waits = w.ctl("rebate", "explain", "D1", "in", "2026-06")["waits"]
        equal([(x["quantity"], x["amount"], x["why"][:27]) for x in waits if x["sku"]], [("5", "50.00", "paid out of the rebate acco")])
        w.ctl_raw("wallet", "return", "D1", "--order", "PO-1", "--reason", "cancelled")
        equal(paid(), [("2026-05", "200.00", "20", "20.00"), ("2026-06", "900.00", "90", "90.00")])
        w.verify()


if __name__ == "__main__":
    main([a_running_period_may_be_posted_on_the_expected_band, a_budget_stops_the_same_in_any_order,
          what_a_case_holds_is_taken_out_of_verified_sales, a_claim_is_filed_with_evidence_and_approved_within_the_budget,
          goods_that_a_wallet_paid_earn_nothing])
