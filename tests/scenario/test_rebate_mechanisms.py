#!/usr/bin/env python3
"""Every mechanism and every key that changes what counts, both ways: real documents through agents into the books, and the
same rows as files for `policy try`. The lines must be the same."""
import json
import re

import books
from world import BIN, World, equal, main, run

STAGES = "sku,stage,from\nP1,introduction,2025-01-01\nP1,growth,2026-05-15\nP2,growth,2025-01-01\nP3,maturity,2025-01-01\n"
PRICES = ("sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\nP2,dealer,2025-01-01,2026-05-31,7.00,incl,,,,\n"
          "P2,dealer,2026-06-01,,6.50,incl,,,,\nP1,dealer,2025-01-01,,1.80,incl,,,,\n")
HEAD = "type,number,date,sku,quantity,amount,counterparty,customer,reference,gift,paid_by_rebate\n"
# partner: type, number, date, sku, quantity, amount, counterparty, reference, gift[, paid_by_rebate]
DOCUMENTS = {
    "M": ["shipment,G1,2026-04-01,P2,100,700.00,D1,,", "shipment,G2,2026-04-10,P1,500,900.00,D1,,",
          "shipment,G3,2026-05-20,P2,200,1400.00,D2,,", "shipment,G4,2026-06-05,P2,50,325.00,D1,,",
          "shipment,G5,2026-04-01,P1,20,36.00,D1,,1", "return_out,Z1,2026-06-20,P2,10,70.00,D1,G1,",
          "shipment,G6,2026-04-03,P1,30,54.00,D1,,,Y", "shipment,G6,2026-04-03,P1,10,18.00,D1,,,N"],
    "D1": ["sale,O1,2025-04-12,P1,300,600.00,,,", "sale,O2,2026-02-12,P2,20,160.00,,,",
           "stock,K0,2026-03-31,P1,400,,,,", "stock,K0,2026-03-31,P2,40,,,,", "stock,K0,2026-03-31,P3,90,,,,",
           "receipt,E1,2026-04-02,P2,100,,,,", "receipt,E2,2026-04-11,P1,500,,,,",
           "sale,X1,2026-04-10,P1,100,210.00,,,", "sale,X2,2026-05-14,P1,40,84.00,,,", "sale,X3,2026-05-15,P1,300,640.00,,,",
           "sale,X4,2026-06-01,P2,60,488.00,,,", "sale,X5,2026-06-01,P3,9,36.00,,,", "sale,X6,2026-06-02,P2,3,,,,1",
           "return,R1,2026-06-10,P1,10,21.00,,X1,", "return,R2,2026-06-11,P1,5,10.70,,,",
           "stock,K1,2026-05-31,P2,135,,,,", "stock,K2,2026-06-30,P1,480,,,,", "stock,K2,2026-06-30,P2,80,,,,",
           "sale,X7,2026-06-03,P1,7,14.00,,,,Y", "sale,X7,2026-06-03,P1,3,6.00,,,,N", "sale,X8,2026-06-04,P3,2,8.00,,,,Y",
           "return,R3,2026-06-12,P1,2,4.00,,X7,,Y",
           "payment,B1,2026-04-20,,,900.00,,G2,", "payment,B2,2026-05-15,,,500.00,,,"],
    "D2": ["sale,Y0,2025-06-20,P2,100,800.00,,,", "sale,Y1,2026-06-20,P2,130,1050.00,,,", "stock,L1,2026-05-31,P2,70,,,,"],
    "S1": ["sale,W1,2026-06-03,P2,12,100.00,,,"],
}
KINDS = {"shipment": "sell_in", "sale": "sell_out", "return": "return", "return_out": "return_out", "receipt": "receipt",
         "payment": "payment"}
# B1 pays G2 in 10 days; B2 pays 500 of G1 in 44; the rest is open. A payment's own days are those of the invoice it pays.
TO_PAY = {"G2": [("900.00", 10)], "G1": [("500.00", 44), ("200.00", None)], "B1": [("900.00", 10)], "B2": [("500.00", 44)]}
CLAIMS = "partner,date,amount,sku,document\nD1,2026-04-09,800.00,,claim 1\nD2,2026-06-01,50.00,,claim 2\n"
TARGETS = [("D1", "2026-Q2", "1500"), ("D2", "2026-Q2", "1000")]

BASE = {"basis": "sell_out", "period": "quarter"}
LADDER = 'bands: [{from: "0", rate: "1%"}, {from: "1000", rate: "2.5%"}]'
FLAT = '{mechanism: flat, rate: "10%"}'
BANDS = "{mechanism: bands, " + LADDER + "}"
EARLY = '{mechanism: early_payment, bands: [{from: "0", rate: "2%"}, {from: "31", rate: "1%"}]}'
STAGED = ('{introduction: {mechanism: flat, per_unit: "0.15"}, growth: ' + BANDS +
          ', maturity: {mechanism: none}, decline: [{mechanism: flat, rate: "0.5%"}]}')


def spec(*mechanisms, **keys):
    stages = mechanisms[0] if mechanisms[0].startswith("{introduction") else "{any: [" + ",\n    ".join(mechanisms) + "]}"
    return "".join(f"  {k}: {v}\n" for k, v in {**BASE, **keys}.items()) + f"  stages: {stages}\n"


# No policy has a mechanism twice, so that each can be seen to pay somebody something.
CASES = {
    "sold": spec(FLAT, BANDS,
                 '{mechanism: growth, over: last_year, pay: total, bands: [{from: "110%", rate: "2%"}]}',
                 '{mechanism: target, mode: incremental, bands: [{from: "50%", rate: "1%"}, {from: "80%", rate: "2%"}]}',
                 '{mechanism: mix, group: {skus: [P2]}, pay: group, bands: [{from: "30%", rate: "2%"}]}',
                 '{mechanism: breadth, bands: [{from: "1", rate: "1%"}, {from: "3", rate: "2%"}]}',
                 '{mechanism: price_protection, drops: [{sku: P2, date: 2026-06-10, from: "7.00", to: "6.25"}]}',
                 '{mechanism: ship_and_debit, agreements: [{sku: P2, from: 2026-06-01, to: 2026-06-30, list: "7.00", net: "6.00", limit: "50"}]}',
                 '{mechanism: activity, share: "50%", budget: "300"}',
                 '{mechanism: personal, partner: D2, rate: "3%"}'),
    "sold-2": spec('{mechanism: flat, per_unit: "0.1234"}',
                   "{mechanism: bands, mode: incremental, boundary: above, " + LADDER + "}",
                   '{mechanism: growth, over: previous_period, bands: [{from: "500", rate: "3%"}]}',
                   '{mechanism: target, all_or_nothing: true, rate: "5%"}', "{mechanism: price_protection}",
                   '{mechanism: mix, group: {skus: [P2]}, bands: [{from: "10%", lump: "7"}]}'),
    "sold-3": spec('{mechanism: flat, lump: "75.50"}',
                   '{mechanism: growth, over: given, baseline: "900", pay: bands, bands: [{from: "100%", rate: "2%"}, {from: "120%", rate: "4%"}]}'),
    "sold-4": spec('{mechanism: growth, over: previous_period, impute: "500", bands: [{from: "110%", rate: "2%"}]}'),
    "staged": spec(STAGED),
    "all": spec(STAGED, count="all"),
    "bought": spec(FLAT, EARLY, basis="sell_in"),
    "payment": spec(FLAT, EARLY, basis="payment"),
    "onward": spec(FLAT, basis="sell_out_all"),
    "verified": spec(FLAT, basis="verified_sell_out"),
    "quantity": spec('{mechanism: bands, bands: [{from: "0", rate: "1%"}, {from: "200", per_unit: "0.05"}]}', measure="quantity"),
    "points": spec('{mechanism: bands, bands: [{from: "0", rate: "1%"}, {from: "500", lump: "99"}]}', measure='{points: {P1: "1.5", P2: "4"}}'),
    "list-month": spec(FLAT, value_at="list", period="month"),
    "invoice": spec(FLAT, value_at="invoice"),
    "no-tax-once": spec(FLAT, tax="excl", period="once"),
    "gifts": spec(FLAT, basis="sell_in", measure="quantity", gifts="include"),
    "counted-only": spec(BANDS, count_only="{skus: [P1]}"),
    "shelf": spec(FLAT, basis="sell_in", period="month", stock_cap='{months: "0.5"}'),
    "children": spec(FLAT, roll_up="children"),
    "group": spec(BANDS, roll_up="group", pay_to="D2"),
    "scoped": spec(FLAT, scope="{partners: {tiers: [A], exclude: [D2]}, products: {brands: [清泉]}}"),
    "bounded": spec(FLAT, cap="100", minimum_payout="50"),
    "rebated": spec(BANDS, '{mechanism: breadth, bands: [{from: "1", rate: "1%"}, {from: "3", rate: "2%"}]}', paid_by_rebate="include"),
    "rebated-in": spec(FLAT, basis="sell_in", paid_by_rebate="include"),
    "guaranteed": spec('{mechanism: flat, rate: "0.1%"}', floor="12", guarantee="8"),
}
TARGET_POLICIES = ("sold", "sold-2")


def policy(name):
    return f"metadata: {{name: {name}}}\nspec:\n  effective: {{from: 2026-04-01, to: 2026-06-30}}\n{CASES[name]}"


def flows_of(split):
    """With days to pay (`split`) an invoice that is paid in pieces is as many rows."""
    rows = ["partner,sku,date,kind,quantity,amount,days_to_pay,document,reference,gift,paid_by_rebate"]
    for partner, lines in DOCUMENTS.items():
        for line in lines:
            kind, number, day, sku, quantity, amount, other, reference, gift, rebated = (line.split(",") + [""])[:10]
            if kind == "stock":
                continue
            whose, sign = (other if partner == "M" else partner), ("-" if kind.startswith("return") else "")
            flow = KINDS[kind] if not gift else {"shipment": "gift_in", "sale": "gift_out"}[kind]
            pieces = TO_PAY.get(number, [(amount, None)]) if split else [(amount, None)]
            for piece, days in pieces:
                part = quantity if len(pieces) == 1 or not quantity else f"{float(quantity) * float(piece) / float(amount):.3f}"
                rows.append(f"{whose},{sku},{day},{flow},{sign + part if part else '0'},{sign + piece if piece else ''},"
                            f"{'' if days is None else days},{number},{reference},{gift},{rebated}")
    return "\n".join(rows) + "\n"


def counts_of():
    rows = ["partner,sku,date,quantity"]
    for partner, lines in DOCUMENTS.items():
        rows += [f"{partner},{c[3]},{c[2]},{c[4]}" for c in (x.split(",") for x in lines) if c[0] == "stock"]
    return "\n".join(rows) + "\n"


def fill(w):
    books.load(w)
    w.import_csv("stage", STAGES)
    w.import_csv("price", PRICES)
    for partner, lines in DOCUMENTS.items():
        rows = []
        for line in lines:
            c = line.split(",")
            rows.append(",".join(c[:7] + ["甲" if c[0] in ("sale", "return") else ""] + c[7:]))
        w.push(w.enrol(partner), f"{partner}.csv", HEAD + "\n".join(rows) + "\n")


def claims(w):
    for line in CLAIMS.splitlines()[1:]:
        partner, day, amount, _, document = line.split(",")
        w.ctl_raw("rebate", "claim", "file", "sold", "--partner", partner, "--amount", amount, "--date", day, "--evidence", "x")
        w.ctl_raw("rebate", "claim", "approve", document.split()[1], "--reason", "agreed", "--amount",
                  str(min(float(amount), 600)))


def every_mechanism_both_ways():
    with World() as w:
        fill(w)
        for name in CASES:
            w.ctl_raw("policy", "apply", "-f", w.file(f"{name}.yaml", policy(name)))
        claims(w)
        targets = [f"{p},{name},{period},{t}" for name in TARGET_POLICIES for p, period, t in TARGETS]
        w.import_csv("target", "partner,policy,period,target\n" + "\n".join(targets) + "\n")
        files = {"stages": STAGES, "prices": PRICES, "stock": counts_of(), "partners": books.PARTNERS,
                 "products": books.PRODUCTS, "claims": CLAIMS.replace("800.00", "600.00"),
                 "targets": "partner,period,target\n" + "".join(f"{p},{period},{t}\n" for p, period, t in TARGETS)}
        words = [x for k, text in files.items() for x in (f"--{k}", w.file(f"{k}.csv", text))]
        flows = {split: w.file(f"flows-{split}.csv", flows_of(split)) for split in (False, True)}
        books_say, differ, nothing = w.ctl("rebate", "evaluate"), [], []
        for name in CASES:
            found = [x for x in books_say if x["policy"] == name]
            lines = json.loads(run(BIN / "channelctl", "policy", "try", "-f", w.file(f"{name}.yaml", policy(name)), *words,
                                   "--flows", flows["early" in CASES[name]], "-o", "json").stdout)
            wanted = [{k: v for k, v in x.items() if k != "trace"} for x in lines]
            if found != wanted:
                differ.append(f"\n  {name}\n    books {found}\n    try   {wanted}")
            paying = {x["mechanism"] for x in wanted if float(x["amount"])}
            nothing += [(name, x) for x in re.findall(r"mechanism: (\w+)", CASES[name]) if x not in {*paying, "none"}]
        equal("".join(differ), "")
        equal(nothing, [], "every mechanism pays somebody something")


if __name__ == "__main__":
    main([every_mechanism_both_ways])
