#!/usr/bin/env python3
"""What policies in force pay: explained to the fen, with targets, openings and history, looked ahead, tried on history."""
import json

from test_policy import HEAD, core, evaluated, push_all, setup
from world import World, equal, main, pick


def explain_sums_exactly_and_the_partner_reads_it():
    with World() as w:
        setup(w)
        w.ctl_raw("policy", "apply", "-f", core(w))
        homes = push_all(w)
        page = w.ctl("rebate", "explain", "D1", "core", "2026-Q2")
        equal([page["amount"], page["revision"], page["rows_in_all"], page["next_row"]], ["49.47", 1, 8, None])
        equal(sum(round(float(r["amount"]) * 100) for r in page["rows"]), 4947)
        equal(pick([r for r in page["rows"] if r["stage"] == "introduction"], "document", "date", "amount"),
              [("R1", "2026-04-10", "-1.50"), ("X1", "2026-04-10", "15.00"), ("X2", "2026-05-14", "6.00")])
        equal(all(w.ctl("document", "show", r["id"])["number"] == r["document"] for r in page["rows"]), True)
        first = w.ctl("rebate", "explain", "D1", "core", "2026-Q2", "--rows", "5")
        rest = w.ctl("rebate", "explain", "D1", "core", "2026-Q2", "--from-row", first["next_row"])
        equal(first["rows"] + rest["rows"], page["rows"])
        equal(json.loads(w.agent(homes["D1"], "rebate", "explain", "core", "2026-Q2", "-o", "json").stdout), page)
        own = json.loads(w.agent(homes["D1"], "rebate", "list", "-o", "json").stdout)
        equal({r["partner"] for r in own}, {"D1"})
        equal(own, evaluated(w, "--partner", "D1"))
        w.agent(homes["D2"], "ask", "rebate", "explain", "D1", "core", "2026-Q2", check=77)
        w.ctl_raw("rebate", "explain", "D1", "core", "2026-06", check=64)


TARGETS = """partner,policy,period,target
D1,aim,2026-Q2,2000
"""
AIM = """metadata: {name: aim}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  basis: sell_out
  period: quarter
  stages: {any: {mechanism: target, bands: [{from: "50%", rate: "1%"}, {from: "80%", rate: "2%"}]}}
"""


def targets_and_openings_and_history():
    with World() as w:
        setup(w)
        push_all(w)
        w.import_csv("target", TARGETS)
        w.ctl_raw("policy", "apply", "-f", w.file("aim.yaml", AIM))
        found = {(r["partner"], r["period"]): (r["basis_amount"], r["band"], r["amount"]) for r in evaluated(w)}
        equal(found[("D1", "2026-Q2")], ("1507.80", "50%", "15.08"), "R3 went to the sale of March")
        equal(found[("D2", "2026-Q2")], ("1050.00", None, "0.00"), "no target")
        w.ctl_raw("opening", "import", w.file("volume.csv", "partner,policy,period,product,quantity,amount,as_of\n"
                                                            "D1,aim,2026-Q2,,,1000.00,2026-05-20\n"), "--kind", "volume")
        found = {(r["partner"], r["period"]): (r["basis_amount"], r["band"], r["amount"]) for r in evaluated(w)}
        equal(found[("D1", "2026-Q2")], ("1492.30", "50%", "14.92"), "1000 until 20 May, then 524 sold and 31.70 brought back")
        w.ctl_raw("onboarding", "set", "D2", "live=2026-07-01")
        equal([r["partner"] for r in evaluated(w)], ["D1", "D1"], "before its live date D2 earns nothing")


NEAR = """metadata: {name: near}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  basis: sell_out
  period: month
  stages: {any: {mechanism: bands, bands: [{from: "0", rate: "1%"}, {from: "1000", rate: "3%"}]}}
"""


def outlook_says_how_far_it_is():
    with World(clock="2026-06-20T18:00:00+08:00") as w:
        setup(w)
        d1, d2 = w.enrol("D1"), w.enrol("D2")
        days = [f"sale,A{d},2026-06-{d:02d},P2,5,40.00,甲," for d in range(1, 21)]
        w.push(d1, "june.csv", HEAD + "\n".join(days) + "\n")
        w.push(d2, "june.csv", HEAD + "sale,B1,2026-06-20,P2,10,80.00,甲,\n")
        w.ctl_raw("policy", "apply", "-f", w.file("near.yaml", NEAR))
        rows = {r["partner"]: r for r in w.ctl("rebate", "outlook")}
        r = rows["D1"]
        equal([r[k] for k in ("so_far", "band", "amount", "to_next", "days_left", "zh")],
              ["800.00", "0", "8.00", "200.00", 10, "还差 ¥200 到下一档"])
        equal([r[k] for k in ("expected", "band_expected", "amount_expected")], ["1173.33", "1000", "35.20"],
              "of three weeks one Sunday is missing: 2 × 80 / 3 + 8 × 40 to come")
        equal(json.loads(w.agent(d1, "rebate", "outlook", "-o", "json").stdout), [r])
        equal([x["partner"] for x in w.ctl("rebate", "outlook", "--missing")], [])
        equal(w.ctl("rebate", "outlook", "--period", "2026-05"), [])


def simulate_names_winners_cliffs_and_temptation():
    with World() as w:
        setup(w)
        push_all(w)
        w.import_csv("price", "sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\n"
                              "P2,dealer,2026-01-01,,8.00,incl,,,,\nP2,dealer,2026-01-01,,8.80,incl,,320000,,\n")
        w.ctl_raw("policy", "apply", "-f", core(w))
        steep = core(w, "5%", "steep.yaml").read_text().replace('"1000"', '"1100"')
        s = w.file("s.yaml", steep)
        rows = {r["partner"]: r for r in w.ctl("policy", "simulate", "-f", s, "--from", "2026-04-01", "--to", "2026-06-30")}
        equal([rows["D1"][k] for k in ("in_force", "simulated", "change", "verdict")], ["49.47", "79.44", "29.97", "wins"])
        equal([rows["D2"][k] for k in ("in_force", "simulated", "verdict", "to_next", "jump", "tempted")],
              ["26.25", "10.50", "loses", "50.00", "44.50", True])
        equal(rows["D2"]["gain"], "0.89", "44.50 more for 50.00 more sold")
        summary = w.ctl("policy", "simulate", "-f", s, "--from", "2026-04-01", "--to", "2026-06-30", "--summary")
        equal([summary[k] for k in ("in_force", "cost", "winners", "losers", "tempted")], ["75.72", "89.94", 1, 1, 1])


VERIFIED = """metadata: {name: real}
spec:
  effective: {from: 2026-04-01, to: 2026-06-30}
  basis: verified_sell_out
  period: quarter
  stages: {any: {mechanism: flat, rate: "10%"}}
  conditions: [{no_open_case: true, unmet: hold}, {stock_report_within_days: 7, unmet: forfeit}]
"""


def verified_shows_both_figures_and_what_a_count_releases():
    with World() as w:
        setup(w)
        d1 = w.enrol("D1")
        head = "type,number,date,sku,quantity,amount,customer\n"
        w.push(d1, "a.csv", head + "stock,K1,2026-03-31,P1,100,,\nreceipt,G1,2026-04-02,P1,100,,\n"
                                   "sale,X1,2026-04-10,P1,150,300.00,甲\nsale,X2,2026-04-10,P2,10,80.00,甲\nstock,K1,2026-03-31,P3,30000,,\n"
                                   "sale,X3,2026-05-10,P3,21050,84200.00,甲\n")
        w.push(d1, "b.csv", head + "stock,K2,2026-06-30,P1,80,,\n")
        w.ctl_raw("policy", "apply", "-f", w.file("real.yaml", VERIFIED))
        page = w.ctl("rebate", "explain", "D1", "real", "2026-Q2")
        equal([page[k] for k in ("reported", "verified", "gap", "amount")], ["84580.00", "240.00", "84340.00", "24.00"])
        waits = {x["sku"]: x for x in page["waits"]}
        equal([waits["P1"][k] for k in ("quantity", "releases")], ["30", "6.00"])
        equal([waits["P2"][k] for k in ("quantity", "releases", "zh")], ["10", "8.00", "补 3 月、4 月盘点可释放 ¥8"])
        equal([waits[s]["missing"] for s in ("P1", "P2", "P3")], ["later count", "opening, closing", "closing"])
        equal([waits["P3"][k] for k in ("zh", "en")], ["补 5 月盘点可释放 ¥8,420", "a count for 2026-05 releases 8420.00"])
        equal(pick(page["conditions"], "condition", "met", "unmet", "why"),
              [("no_open_case", True, "hold", None), ("stock_report_within_days", True, "forfeit", None)])
        w.ctl_raw("hold", "set", "D1", "case/7", "--sku", "P1", "--quantity", "5", "--from", "2026-04-01", "--until", "2026-04-30",
                  "--reason", "seen in 320100")
        own = json.loads(w.agent(d1, "rebate", "explain", "real", "2026-Q2", "-o", "json").stdout)
        equal([own["conditions"][0][k] for k in ("met", "why")], [False, "case/7 is open"])
        equal([(x["sku"], x["quantity"]) for x in own["waits"] if x["by"] == "case/7"], [("P1", "5")])
        equal("补 5 月盘点可释放 ¥8,420" in w.agent(d1, "rebate", "explain", "real", "2026-Q2", "--lang", "zh").stdout, True)
        said = w.agent(d1, "rebate", "explain", "real", "2026-Q2", "--lang", "en").stdout
        equal("held, no_open_case: case/7 is open" in said, True, said)
        equal("real 2026-Q2 P3: 补 5 月盘点可释放 ¥8,420\n" in w.agent(d1, "rebate", "list", "--lang", "zh").stdout, True)
        equal(pick(w.ctl("rebate", "waits"), "partner", "sku", "missing", "releases"),
              [("D1", "P1", "later count", "6.00"), ("D1", "P2", "opening, closing", "8.00"), ("D1", "P3", "closing", "8420.00")])


PROMPT = """metadata: {name: prompt}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  basis: sell_in
  period: quarter
  stages:
    any: {mechanism: early_payment, bands: [{from: "0", rate: "2%"}, {from: "31", rate: "1%"}, {from: "61", rate: "0%"}]}
"""


def days_to_pay_come_from_payments():
    with World() as w:
        setup(w)
        m, d1 = w.enrol("M"), w.enrol("D1")
        head = "type,number,date,sku,quantity,amount,counterparty,reference,company\n"
        w.push(m, "ship.csv", head + "shipment,G1,2026-04-01,P2,100,800.00,D1,,\nshipment,G2,2026-04-10,P2,50,400.00,D1,,\n"
                                     "shipment,G3,2026-04-11,P2,50,400.00,D1,,other\n")
        w.push(d1, "paid.csv", head + "payment,B1,2026-04-20,,,500.00,,G2,\npayment,B2,2026-05-15,,,600.00,,,\n")
        w.ctl_raw("policy", "apply", "-f", w.file("prompt.yaml", PROMPT))
        # B1 pays G2 whole within 10 days and 100 of G1 within 19, B2 600 of G1 within 44; 100 are open; G3 is another company's
        got = evaluated(w)
        equal(pick(got, "partner", "basis_amount", "amount"), [("D1", "1200.00", "16.00")])
        rows = w.ctl("rebate", "explain", "D1", "prompt", "2026-Q2")["rows"]
        equal(pick(rows, "document", "basis", "amount"),
              [("G1", "100.00", "0.00"), ("G1", "100.00", "2.00"), ("G1", "600.00", "6.00"), ("G2", "400.00", "8.00")])


TIER = """metadata: {name: tier}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  scope: {partners: {tiers: [A]}}
  basis: sell_out
  period: quarter
  stages: {any: {mechanism: flat, rate: "10%"}}
"""


def a_tier_holds_on_its_days_and_policies_stand_beside_each_other():
    with World(clock="2026-06-15T09:00:00+08:00") as w:
        setup(w)
        d1 = w.enrol("D1")
        w.push(d1, "a.csv", HEAD + "sale,A1,2026-06-10,P2,10,80.00,甲,\n")
        w.ctl_raw("partner", "set", "D1", "tier=C")  # from 15 June on
        w.ctl_raw("clock", "set", "2026-06-20T09:00:00+08:00")
        w.push(d1, "b.csv", HEAD + "sale,A2,2026-06-16,P2,10,80.00,甲,\n")
        for name in ("tier", "tier-2"):
            w.ctl_raw("policy", "apply", "-f", w.file(f"{name}.yaml", TIER.replace("name: tier", f"name: {name}")))
        equal(pick(evaluated(w), "policy", "amount"), [("tier", "8.00"), ("tier-2", "8.00")], "A2 was sold as tier C")
        for name, top in (("core", "2.5%"), ("twin", "5%")):
            w.ctl_raw("policy", "apply", "-f", w.file(f"{name}.yaml", core(w, top).read_text().replace("core,", f"{name},")))
        equal(sorted(map(str, evaluated(w))),
              sorted(str(r) for p in ("core", "tier", "tier-2", "twin") for r in evaluated(w, "--policy", p)))
        equal(pick(evaluated(w, "--policy", "twin"), "stage", "basis_amount"), [("growth", "160.00")])


if __name__ == "__main__":
    main([explain_sums_exactly_and_the_partner_reads_it, targets_and_openings_and_history, outlook_says_how_far_it_is,
          simulate_names_winners_cliffs_and_temptation, verified_shows_both_figures_and_what_a_count_releases,
          days_to_pay_come_from_payments, a_tier_holds_on_its_days_and_policies_stand_beside_each_other])
