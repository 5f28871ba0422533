#!/usr/bin/env python3
"""`policy try`: the worked examples of docs/rebates.md, each mechanism by hand, what is refused, `policy lint`."""
import json
import pathlib
import re
import tempfile

from world import BIN, ROOT, equal, main, run

HEAD = "partner,sku,date,kind,quantity,amount,currency,days_to_pay,document,reference,gift,tax_rate,paid_by_rebate\n"


class Try:
    """One policy and its files, in a folder of their own."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.dir.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.dir.cleanup()

    def file(self, name, text):
        p = self.folder / name
        p.write_text(text, encoding="utf-8")
        return p

    def run(self, spec, flows, check=0, **files):
        text = spec if "apiVersion" in spec else policy(spec)
        words = ["-f", self.file("p.yaml", text), "--flows", self.file("f.csv", flows)]
        for name, content in files.items():
            words += [f"--{name}", self.file(f"{name}.csv", content)]
        return run(BIN / "channelctl", "policy", "try", *words, "-o", "json", check=check)


def policy(spec):
    return ("apiVersion: channeld/v1\nkind: RebatePolicy\nmetadata: {name: p}\nspec:\n"
            "  effective: {from: 2026-01-01, to: 2026-12-31}\n" + "".join(f"  {x}\n" for x in spec.strip().split("\n")))


def flows(*rows):
    """partner,sku,date,kind,quantity,amount[,document[,reference[,days_to_pay]]]"""
    out = HEAD
    for row in rows:
        c = row.split(",") + [""] * 3
        out += ",".join(c[:6] + ["", c[8], c[6], c[7], "", "", ""]) + "\n"
    return out


def lines(spec, rows, **files):
    with Try() as t:
        found = json.loads(t.run(spec, rows if isinstance(rows, str) else flows(*rows), **files).stdout)
    for line in found:
        total = sum(int(x["amount"].replace(".", "")) for x in line["trace"])
        equal(total, int(line["amount"].replace(".", "")), "the trace adds up")
    return found


def earned(spec, rows, **files):
    return [(x["partner"], x["period"], x["stage"], x["amount"]) for x in lines(spec, rows, **files)]


def amounts(spec, rows, **files):
    return [x["amount"] for x in lines(spec, rows, **files)]


YEAR = "basis: sell_out\nperiod: year\n"
MONTH = "basis: sell_out\nperiod: month\n"


def any_of(mechanism, head=YEAR):
    return head + "stages: {any: " + mechanism + "}"


def one(mechanism, head=YEAR, **files):
    """What a single sale of 10 units for 1000.00 earns."""
    return amounts(any_of(mechanism, head), ["D1,P1,2026-03-05,sell_out,10,1000.00,X1"], **files)


# ---- the cases everybody gets wrong

def the_3800_case():
    bands = "bands: [{from: 0, to: 100, rate: 10%}, {from: 100, to: 300, rate: 20%}, {from: 300, rate: 30%}]"
    sale = ["D1,P1,2026-03-05,sell_out,1,3800.00"]
    found = lines(any_of("{mechanism: bands, mode: incremental, " + bands + "}"), sale)
    equal([(x["amount"], x["band"]) for x in found], [("1100.00", "300")])
    equal(amounts(any_of("{mechanism: bands, " + bands + "}"), sale), ["1140.00"])


def above_the_top_bound_the_top_band_pays():
    spec = any_of("{mechanism: bands, bands: [{from: \"0\", rate: 1%}, {from: \"6000\", rate: 3%}]}")
    equal(amounts(spec, ["D1,P1,2026-03-05,sell_out,1,1000000.00"]), ["30000.00"])


def boundaries():
    for boundary, at, over in (("at", "30.00", "30.00"), ("above", "10.00", "30.00")):
        spec = any_of("{mechanism: bands, boundary: " + boundary +
                      ", bands: [{from: 0, rate: 1%}, {from: 1000, rate: 3%}]}")
        equal(amounts(spec, ["D1,P1,2026-03-05,sell_out,1,1000.00"]), [at])
        equal(amounts(spec, ["D1,P1,2026-03-05,sell_out,1,1000.01"]), [over])


# ---- each mechanism by hand

def flat_terms():
    equal(one("{mechanism: flat, rate: 1.2345%}"), ["12.35"])
    equal(one("{mechanism: flat, per_unit: 0.1234}"), ["1.23"])
    equal(one("{mechanism: flat, lump: 7.5}"), ["7.50"])
    equal(amounts(any_of("{mechanism: flat, lump: 7}"), ["D1,P1,2026-03-05,return,-1,-10.00"]), ["0.00"])


def growth():
    rows = ["D1,P1,2025-03-05,sell_out,1,20000.00", "D1,P1,2026-03-05,sell_out,1,23500.00"]
    ladder = "bands: [{from: 110%, rate: 2%}, {from: 115%, rate: 3%}]"
    for pay, wanted in (("total", "705.00"), ("growth", "105.00"), ("bands", "35.00")):
        spec = any_of("{mechanism: growth, over: last_year, pay: " + pay + ", " + ladder + "}")
        equal(amounts(spec, rows), [wanted], pay)
        equal(amounts(spec, rows[1:]), ["0.00"], "no baseline")
    given = "{mechanism: growth, over: given, baseline: 20000, bands: [{from: 3500, rate: 10%}]}"
    equal(amounts(any_of(given), rows[1:]), ["350.00"])
    imputed = "{mechanism: growth, over: last_year, impute: 20000, " + ladder + "}"
    equal(amounts(any_of(imputed), rows[1:]), ["105.00"])


def targets():
    bands = "bands: [{from: 80%, rate: 1%}, {from: 100%, rate: 2%}]"
    t = "partner,period,target\nD1,2026,800\nD1,2026-Q1,1\n"
    equal(one("{mechanism: target, " + bands + "}", targets=t), ["20.00"])
    equal(one("{mechanism: target, mode: incremental, " + bands + "}", targets=t), ["5.60"])
    equal(one("{mechanism: target, all_or_nothing: true, lump: 50}", targets=t), ["50.00"])
    equal(one("{mechanism: target, all_or_nothing: true, lump: 50}", targets=t.replace("800", "1000.01")), ["0.00"])
    equal(one("{mechanism: target, " + bands + "}"), ["0.00"])


def mix_and_breadth():
    rows = ["D1,P1,2026-03-05,sell_out,1,700.00", "D1,P2,2026-03-06,sell_out,1,300.00",
            "D1,P3,2026-03-07,sell_out,2,50.00", "D1,P3,2026-03-08,return,-2,-50.00"]
    mix = "{mechanism: mix, group: {skus: [P2]}, pay: %s, bands: [{from: 30%%, rate: 10%%}]}"
    equal(amounts(any_of(mix % "total"), rows), ["100.00"])
    equal(amounts(any_of(mix % "group"), rows), ["30.00"])
    equal(amounts(any_of(mix % "total"), rows + ["D1,P1,2026-03-09,sell_out,1,0.01"]), ["0.00"])
    breadth = "{mechanism: breadth, bands: [{from: 2, rate: 1%}, {from: 3, rate: 5%}]}"
    equal(amounts(any_of(breadth), rows), ["10.00"])


def early_payment():
    spec = any_of("{mechanism: early_payment, bands: [{from: 0, rate: 2%}, {from: 31, rate: 1%}, {from: 61, rate: 0%}]}")
    rows = ["D1,P1,2026-03-05,sell_out,1,100.00,X1,,30", "D1,P1,2026-03-06,sell_out,1,100.00,X2,,31",
            "D1,P1,2026-03-07,sell_out,1,100.00,X3,,61", "D1,P1,2026-03-08,sell_out,1,100.00,X4,,",
            "D1,P1,2026-03-09,return,-1,-50.00,X5,,10"]
    found = lines(spec, rows)
    equal([x["amount"] for x in found], ["2.00"])
    equal([x["amount"] for x in found[0]["trace"]], ["2.00", "1.00", "0.00", "0.00", "-1.00"])


def price_protection():
    spec = any_of("{mechanism: price_protection, drops: [{sku: P1, date: 2026-03-01, from: 50, to: 45}, "
                  "{sku: P2, date: 2026-03-01, from: 40, to: 45}]}")
    stock = "partner,sku,date,quantity\nD1,P1,2026-02-27,12\nD1,P1,2026-03-02,99\nD2,P2,2026-02-27,9\nD3,P1,2026-03-01,1\n"
    found = lines(spec, [], stock=stock)
    equal([(x["partner"], x["basis_quantity"], x["basis_amount"], x["amount"]) for x in found],
          [("D1", "12", "0.00", "60.00"), ("D3", "1", "0.00", "5.00")])
    prices = ("sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\nP1,dealer,2026-01-01,,50,,,,,\n"
              "P1,dealer,2026-03-01,,45,,,,,\nP1,dealer,2026-04-01,,48,,,,,\nP1,retail,2026-03-01,,1,,,,,\n")
    equal(amounts(any_of("{mechanism: price_protection}"), [], stock=stock, prices=prices), ["60.00", "5.00"])


def ship_and_debit_activity_personal():
    spec = any_of("{mechanism: ship_and_debit, agreements: [{sku: P1, list: 50, net: 42.5, from: 2026-03-01, "
                  "to: 2026-03-31, limit: 8}]}")
    rows = ["D1,P1,2026-02-28,sell_out,9,1.00", "D1,P1,2026-03-01,sell_out,5,1.00", "D1,P1,2026-03-31,sell_out,5,1.00",
            "D1,P2,2026-03-31,sell_out,5,1.00"]
    equal(amounts(spec, rows), ["60.00"])
    claims = "partner,date,amount,document\nD1,2026-03-05,800.00,C1\nD1,2026-03-07,400.00,C2\n"
    found = lines(any_of("{mechanism: activity, share: 50%, budget: 500}"), [], claims=claims)
    equal([(x["amount"], [t["amount"] for t in x["trace"]]) for x in found], [("500.00", ["333.33", "166.67"])])
    equal(amounts(any_of("{mechanism: activity, share: 50%}"), [], claims=claims), ["600.00"])
    two = ["D1,P1,2026-03-05,sell_out,1,100.00", "D2,P1,2026-03-05,sell_out,1,100.00"]
    equal(earned(any_of("{mechanism: personal, partner: D2, rate: 3%}"), two), [("D2", "2026", "any", "3.00")])


# ---- what counts

def basis_and_kinds():
    rows = ["D1,P1,2026-03-01,sell_in,1,1.00", "D1,P1,2026-03-01,return_out,-1,-0.10", "D1,P1,2026-03-01,sell_out,1,20.00",
            "D1,P1,2026-03-01,return,-1,-2.00", "D1,P1,2026-03-01,onward,1,300.00", "D1,P1,2026-03-01,receipt,1,4000.00",
            "D1,,2026-03-01,payment,,50000.00", "D1,P1,2026-03-01,gift_out,1,600000.00", "D1,P1,2026-03-01,gift_in,1,700.00"]
    for basis, wanted in (("sell_in", "0.90"), ("sell_out", "18.00"), ("sell_out_all", "318.00"), ("payment", "50000.00")):
        found = lines(f"basis: {basis}\nperiod: year\nstages: {{any: {{mechanism: flat, rate: 1%}}}}", rows)
        equal([x["basis_amount"] for x in found], [wanted], basis)
    found = lines("basis: sell_in\ngifts: include\nperiod: year\nstages: {any: {mechanism: flat, rate: 1%}}", rows)
    equal([x["basis_amount"] for x in found], ["700.90"])


def tax_is_taken_out_exactly():
    rows = HEAD + "".join(f"D1,P1,2026-03-0{i},sell_out,1,100.00,,,X{i},,,{rate},\n" for i, rate in ((1, "13%"), (2, "0.09")))
    found = lines(any_of("{mechanism: flat, rate: 10%}", YEAR + "tax: excl\n"), rows)
    equal([(x["basis_amount"], x["amount"]) for x in found], [("180.24", "18.02")])


def count_only_climbs_and_is_not_paid():
    spec = YEAR + "count_only: {skus: [S1]}\nstages: {any: {mechanism: bands, bands: [{from: 0, rate: 1%}, " \
                  "{from: 1000, rate: 2%}]}}"
    rows = ["D1,P1,2026-03-01,sell_out,1,600.00", "D1,S1,2026-03-02,sell_out,1,400.00"]
    found = lines(spec, rows)
    equal([(x["basis_amount"], x["band"], x["amount"]) for x in found], [("600.00", "1000", "12.00")])


def cap_floor_guarantee_minimum():
    rows = ["D1,P1,2026-03-01,sell_out,1,1000.00", "D1,P2,2026-03-01,sell_out,1,500.00"]
    stages = "stages: {introduction: {mechanism: flat, rate: 1%}, growth: {mechanism: flat, rate: 1%}}"
    s = "sku,stage,from\nP1,growth,2026-01-01\nP2,introduction,2026-01-01\n"
    for bound, wanted in (("", ["5.00", "10.00"]), ("cap: 10", ["3.33", "6.67"]), ("floor: 100", ["33.33", "66.67"]),
                          ("guarantee: 16", ["5.33", "10.67"]), ("minimum_payout: 15.01", ["0.00", "0.00"]),
                          ("minimum_payout: 15", ["5.00", "10.00"]), ("guarantee: 50\ncap: 20", ["6.67", "13.33"])):
        equal(amounts(YEAR + (bound + "\n" if bound else "") + stages, rows, stages=s), wanted, bound)
    back = ["D1,P1,2026-03-01,return,-1,-5.00"]
    equal(amounts(any_of("{mechanism: flat, rate: 1%}", YEAR + "floor: 9\n"), back), ["0.00"])
    equal(amounts(any_of("{mechanism: flat, rate: 1%}", YEAR + "guarantee: 9\n"), back), ["9.00"])


def verified_by_counts():
    spec = "basis: verified_sell_out\nperiod: month\nmeasure: quantity\nstages: {any: {mechanism: flat, per_unit: 1}}"
    rows = ["D1,P1,2026-01-10,receipt,100,0", "D1,P1,2026-01-12,sell_out,60,600.00", "D1,P1,2026-01-20,sell_out,30,300.00",
            "D1,P1,2026-02-20,sell_out,5,50.00", "D1,P1,2026-03-03,sell_out,7,70.00"]
    stock = "partner,sku,date,quantity\nD1,P1,2025-12-31,0\nD1,P1,2026-01-31,20\nD1,P1,2026-02-28,0\n"
    with Try() as t:
        p = t.run(spec, flows(*rows), stock=stock)
        equal([(x["period"], x["basis_quantity"], x["amount"]) for x in json.loads(p.stdout)],
              [("2026-01", "80", "80.00"), ("2026-02", "15", "15.00")])
        equal("7 units waits: no later count" in p.stderr, True, p.stderr)


def the_shelf_is_not_paid():
    spec = "basis: sell_in\nperiod: month\nmeasure: quantity\nstock_cap: {months: 1.5%s}\n" \
           "stages: {any: {mechanism: flat, per_unit: 1}}"
    rows = ["D1,P1,2026-01-10,sell_in,100,1000.00", "D1,P1,2026-01-20,sell_out,20,300.00",
            "D1,P1,2026-02-20,sell_out,60,900.00"]
    stock = "partner,sku,date,quantity\nD1,P1,2026-01-31,80\nD1,P1,2026-02-28,20\n"
    equal(earned(spec % "", rows, stock=stock), [("D1", "2026-01", "any", "50.00"), ("D1", "2026-02", "any", "50.00")])
    equal(earned(spec % ", carry_over: false", rows, stock=stock), [("D1", "2026-01", "any", "50.00")])


def scope_by_attributes():
    partners = "id,name,kind,tier,parent,region\nD1,一,经销商,A,,330100\nD2,二,distributor,B,,320100\nT1,店,terminal,,D1,\n"
    products = "sku,gtin,name,brand,category,base_unit,units,list_price,floor_price,tax_rate\nP1,,,清泉,水,瓶,,3.5,,13\n" \
               "P2,,,山泉,水,瓶,,,,\n"
    rows = [f"{d},{p},2026-03-01,sell_out,10,100.00" for d in ("D1", "D2", "T1") for p in ("P1", "P2")]
    flat = "stages: {any: {mechanism: flat, rate: 10%}}"
    for scope, wanted in (("{partners: {tiers: [A]}}", [("D1", "20.00")]), ("{partners: {regions: [320000]}}", [("D2", "20.00")]),
                          ("{partners: {kinds: [terminal]}}", [("T1", "20.00")]),
                          ("{partners: {kinds: [门店, 零售商]}}", [("T1", "20.00")]),
                          ("{products: {brands: [清泉]}, partners: {exclude: [T1, D2]}}", [("D1", "10.00")])):
        found = lines(YEAR + "scope: " + scope + "\n" + flat, rows, partners=partners, products=products)
        equal([(x["partner"], x["amount"]) for x in found], wanted, scope)
    found = lines(YEAR + "roll_up: children\n" + flat, rows, partners=partners)
    equal([(x["partner"], x["amount"]) for x in found], [("D1", "40.00"), ("D2", "20.00")])
    found = lines(YEAR + "roll_up: group\npay_to: D2\n" + flat, rows, partners=partners)
    equal([(x["partner"], x["amount"]) for x in found], [("D2", "60.00")])
    found = lines(YEAR + "value_at: list\nscope: {products: {skus: [P1]}}\n" + flat, rows, products=products)
    equal({x["basis_amount"] for x in found}, {"35.00"})


def prices_of_a_day_do_not_depend_on_the_order_of_rows():
    flat = "stages: {any: {mechanism: flat, rate: 10%}}"
    bought = ["D1,P1,2026-01-10,sell_in,10,100.00", "D1,P1,2026-01-10,sell_in,30,100.00"]
    for rows in (bought, bought[::-1]):
        found = lines(YEAR + "value_at: invoice\n" + flat, rows + ["D1,P1,2026-03-01,sell_out,2,1.00"])
        equal([x["basis_amount"] for x in found], ["10.00"], "200.00 for 40")
    prices = ("sku,kind,from,to,amount,tax_basis\nP1,dealer,2026-01-01,,50,\nP1,dealer,2026-02-01,2026-02-28,40,\n"
              "P2,dealer,2026-01-01,,100,excl\n")
    products = "sku,name,base_unit,tax_rate\nP1,水,瓶,\nP2,茶,瓶,13%\n"
    rows = ["D1,P1,2026-02-28,sell_out,1,1.00", "D1,P1,2026-03-01,sell_out,1,1.00", "D1,P2,2026-03-01,sell_out,1,1.00"]
    found = lines(YEAR + "value_at: list\n" + flat, rows, prices=prices, products=products)
    equal([t["basis"] for t in found[0]["trace"]], ["40.00", "50.00", "113.00"], "until its last day; with VAT")
    for name, text, says in (("stock", "partner,sku,date,quantity\nD1,P1,2026-01-31,8\nD1,P1,2026-01-31,9\n", "stock.csv row 3"),
                             ("prices", prices + "P1,dealer,2026-01-01,,51,\n", "'P1' has two dealer prices from 2026-01-01")):
        with Try() as t:
            p = t.run(YEAR + flat, flows(*rows), check=65, **{name: text})
        equal(says in p.stderr and p.stdout == "", True, p.stderr)


def each_partner_is_borne_out_by_its_own_counts():
    partners = "id,name,kind,tier,parent,region\nD1,一,distributor,A,,\nT1,店,terminal,,D1,\n"
    stock = "partner,sku,date,quantity\nT1,P1,2025-12-31,30\nT1,P1,2026-01-31,10\nD1,P1,2026-01-31,500\n"
    spec = "basis: verified_sell_out\nperiod: month\nmeasure: quantity\nroll_up: %s\nstages: {any: {mechanism: flat, per_unit: 1}}"
    rows = ["T1,P1,2026-01-12,sell_out,25,1.00"]
    equal(earned(spec % "children", rows, stock=stock, partners=partners), [("D1", "2026-01", "any", "20.00")])
    protect = YEAR + "roll_up: group\npay_to: D1\nscope: {partners: {exclude: [D2]}}\nstages: {any: {mechanism: " \
        "price_protection, drops: [{sku: P1, date: 2026-02-01, from: 3, to: 2}]}}"
    equal(earned(protect, [], stock=stock + "D2,P1,2026-01-31,7\n", partners=partners), [("D1", "2026", "any", "510.00")])


# ---- the page's worked examples run as they stand

def the_worked_examples():
    text = (ROOT / "docs" / "rebates.md").read_text(encoding="utf-8")
    cases = re.findall(r"^### (Example: [^\n]+)\n(.*?)(?=^##|\Z)", text, flags=re.M | re.S)
    equal(len(cases) >= 7, True, "worked examples")
    for title, body in cases:
        blocks = dict((name, content) for content, name in
                      ((c, n) for n, c in re.findall(r"^```\w* (\S+)\n(.*?)^```", body, flags=re.M | re.S)))
        with Try() as t:
            for name, content in blocks.items():
                t.file(name, content)
            words = re.search(r"^    channelctl (policy try .+)$", body, flags=re.M).group(1).split()
            here = [str(t.folder / w) if w in blocks else w for w in words]
            p = run(BIN / "channelctl", *here, "-o", "csv")
            equal(p.stdout.strip(), blocks["result.csv"].strip(), title)


# ---- files as others write them

def columns_and_marks_of_others():
    spec = any_of("{mechanism: flat, rate: 1%}")
    with Try() as t:
        p = t.run("\ufeff" + policy(spec), "\ufeffnote,amount,quantity,kind,date,sku,partner,who\r\n"
                  "旧,1000.00,10,sell_out,2026-03-01,P1,D1,\r\n")
        equal([x["amount"] for x in json.loads(p.stdout)], ["10.00"])
        equal("f.csv row 1: no column 'note', 'who': not read; the columns are partner,sku,date," in p.stderr, True, p.stderr)
        p = t.run(spec, flows("D1,P1,2026-03-01,sell_out,1,1.00").rstrip("\n") + ",9\n", check=65)
        equal("stands under no column" in p.stderr, True, p.stderr)


# ---- what is refused

def a_policy_is_refused_with_its_line():
    flat = "stages: {any: {mechanism: flat, rate: 1%}}"
    for spec, says in (
            (YEAR + "stages: {any: {mechanism: flat, rate: 1}}", "line 8: rate is '1', wanted a percentage"),
            (YEAR + "stages: {any: {mechanism: flat, rate: 0.12345%}}", "at most four decimals"),
            (YEAR + "stages: {any: {mechanism: flat, rate: 1%, lump: 2}}", "exactly one of rate, per_unit and lump"),
            (YEAR + "stages: {any: {mechanism: flat, per_unit: 0.00001}}", "at most 4 decimals"),
            (YEAR + "stages: {any: {mechanism: flat, lump: 0.001}}", "at most 2 decimals"),
            (YEAR + "stages: {any: {mechanism: flatt, rate: 1%}}", "mechanism is 'flatt', wanted flat, bands"),
            (YEAR + "stages: {any: {mechanism: flat, rate: 1%, cap: 3}}", "unknown key 'cap' in flat"),
            (YEAR + "stages: {grown: {mechanism: none}}", "'grown' is no stage"),
            (YEAR + "stages: {any: {mechanism: none}, growth: {mechanism: none}}", "any stands alone"),
            (YEAR + "stages: {any: {mechanism: bands, bands: [{from: 5, rate: 1%}, {from: 5, rate: 2%}]}}", "wanted more"),
            (YEAR + "stages: {any: {mechanism: bands, bands: [{from: 0, to: 100, rate: 1%}, {from: 101, rate: 2%}]}}",
             "to is '100' and the next band begins at 101"),
            (YEAR + "stages: {any: {mechanism: bands, bands: [{from: 0, to: 100, rate: 1%}]}}", "the last band is open"),
            (YEAR + "stages: {any: {mechanism: bands, bands: [{from: 10%, rate: 1%}]}}", "from is '10%', wanted a number"),
            (YEAR + "stages: {any: {mechanism: target, bands: [{from: 80, rate: 1%}]}}", "from is '80', wanted a percentage"),
            (YEAR + "stages: {any: {mechanism: growth, over: last_year, bands: [{from: 110%, rate: 1%}, "
             "{from: 5, rate: 2%}]}}", "percents and numbers do not stand in one ladder"),
            (YEAR + "currency: USD\n" + flat, "currency is 'USD', wanted CNY"),
            (YEAR + "floor: 10\ncap: 9\n" + flat, "floor is above cap"),
            ("period: year\n" + flat, "spec wants basis"), ("basis: sell_out\n" + flat, "spec wants period"),
            ("basis: sell_out\nperiod: week\n" + flat, "period is 'week'"),
            (YEAR + "colour: red\n" + flat, "line 8: unknown key 'colour' in spec"),
            (YEAR + "scope: {partners: {tiers: [A]}}\n" + flat, "give --partners FILE"),
            (YEAR + "scope: {partners: {kinds: [shop]}}\n" + flat, "line 8: kinds is 'shop', wanted one of manufacturer, dist"),
            (YEAR + "scope: {products: {brands: [A]}}\n" + flat, "give --products FILE")):
        with Try() as t:
            p = t.run(spec, flows(), check=65)
        equal((p.stdout, len(p.stderr.strip().split("\n"))), ("", 1), spec)
        equal(says in json.loads(p.stderr)["message"], True, f"{spec}: {p.stderr}")


def a_flow_is_refused_with_its_row():
    spec = any_of("{mechanism: flat, rate: 1%}")
    for rows, says in ((["D1,P1,2026-03-01,sold,1,1"], "row 2: kind is 'sold'"),
                       (["D1,P1,2026-02-30,sell_out,1,1"], "date is '2026-02-30', wanted a day"),
                       (["D1,P1,2026-02-03,sell_out,1.0001,1"], "quantity is '1.0001', wanted a number with at most 3"),
                       (["D1,P1,2026-02-03,sell_out,1,1.001"], "amount is '1.001'"),
                       ([",P1,2026-02-03,sell_out,1,1"], "partner is missing"),
                       (["D1,,2026-02-03,sell_out,1,1"], "sku is missing")):
        with Try() as t:
            p = t.run(spec, flows(*rows), check=65)
        equal(says in p.stderr and p.stdout == "", True, p.stderr)
    with Try() as t:
        p = t.run(spec, HEAD.replace("quantity", "qty"), check=65)
        equal("no column 'qty'" in p.stderr, True, p.stderr)
        p = t.run(spec, HEAD + "D1,P1,2026-03-01,sell_out,1,1,USD,,,,,,\n", check=65)
        equal("currency is 'USD'" in p.stderr, True, p.stderr)


def what_stands_outside_is_said():
    s = "sku,stage,from\nP1,growth,2026-03-01\n"
    with Try() as t:
        p = t.run(YEAR + "stages: {growth: {mechanism: flat, rate: 1%}}",
                  flows("D1,P1,2026-02-28,sell_out,5,50.00,X1", "D1,P1,2026-03-01,sell_out,5,70.00,X2",
                        "D1,P1,2026-03-09,return,-1,-10.00,R1,X9"), stages=s)
        equal([x["basis_amount"] for x in json.loads(p.stdout)], ["60.00"])
        said = p.stderr.strip().split("\n")
        equal((len(said), "'X9' names no sale" in said[0], "row 2, 2026-02-28, P1: 5 units 50.00" in said[1]),
              (2, True, True), p.stderr)


def lint():
    with Try() as t:
        p = t.file("p.yaml", policy(
            YEAR + "scope: {partners: {tiers: [Z]}, products: {skus: [P9]}}\ncap: 100\nstages:\n"
            "  introduction: {mechanism: bands, bands: [{from: 0, rate: 1%}, {from: 100000, rate: 2.5%}, "
            "{from: 200000, rate: 2%}]}\n  growth: [{mechanism: flat, rate: 1%}, {mechanism: flat, rate: 2%}]\n"
            "  maturity: {mechanism: mix, group: {skus: [P1]}, bands: [{from: 120%, rate: 1%}]}"))
        partners = t.file("partner.csv", "id,name,kind,tier,parent,region\nD1,一,distributor,A,,\n")
        products = t.file("product.csv", "sku,name,base_unit\nP1,水,瓶\n")
        found = json.loads(run(BIN / "channelctl", "policy", "lint", "-f", p, "--partners", partners, "--products", products,
                               "-o", "json", check=1).stdout)
        kinds = {x["finding"] for x in found}
        equal(kinds >= {"cliff", "falling_band", "unreachable_band", "overlap", "gap", "empty_scope", "unknown_id",
                        "reported_prices"}, True, str(found))
        equal([x["text"] for x in found if x["finding"] == "cliff"][0].startswith("at 100000 the rebate jumps by 1500.00"),
              True)
        clean = t.file("q.yaml", policy("basis: sell_in\nperiod: year\ncap: 500\nstages: {any: {mechanism: flat, rate: 1%}}"))
        equal(json.loads(run(BIN / "channelctl", "policy", "lint", "-f", clean, "-o", "json").stdout), [])


main([the_3800_case, above_the_top_bound_the_top_band_pays, boundaries, flat_terms, growth, targets, mix_and_breadth,
      early_payment, price_protection, ship_and_debit_activity_personal, basis_and_kinds, tax_is_taken_out_exactly,
      count_only_climbs_and_is_not_paid, cap_floor_guarantee_minimum, verified_by_counts, the_shelf_is_not_paid,
      scope_by_attributes, prices_of_a_day_do_not_depend_on_the_order_of_rows, each_partner_is_borne_out_by_its_own_counts,
      the_worked_examples, columns_and_marks_of_others, a_policy_is_refused_with_its_line, a_flow_is_refused_with_its_row,
      what_stands_outside_is_said, lint])
