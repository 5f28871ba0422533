#!/usr/bin/env python3
"""What stands at whom: assortment, transfers both sides agree to, the overstock alarm, promotions and trials judged."""
import datetime
import json

from world import World, equal, main, pick

PARTNERS = """id,name,kind,tier,parent,region
M,本厂,manufacturer,,,330100
D1,杭州经销商,distributor,A,M,330100
D2,宁波经销商,distributor,A,M,330200
D3,南京经销商,distributor,A,M,320100
D4,温州经销商,distributor,A,M,330300
""" + "".join(f"T{i},门店{i},terminal,,D4,330300\n" for i in range(1, 9))
PRODUCTS = """sku,name,brand,category,base_unit,units,list_price
P1,清泉 550ml,清泉,饮用水,瓶,箱=24,2.00
P2,果然橙 1L,果然,果汁,瓶,箱=12,8.00
P3,清茶 500ml,清泉,茶,瓶,箱=15,4.00
P4,新品,清泉,茶,瓶,箱=15,
P5,乌龙,清泉,茶,瓶,箱=15,5.00
"""
PRICES = """sku,kind,amount
P1,dealer,1.50
P1,ex_works,1.00
P2,dealer,6.00
P2,ex_works,4.00
"""
TERRITORY = """partner,region,products
D1,330100,
D2,330200,
D3,320100,P1
D4,330300,
"""
HEAD = "type,number,date,sku,quantity,amount\n"
MONDAY = datetime.date(2026, 3, 2)


def sales(sku, weekly, price=None, weeks=range(13), mark=""):
    def row(i):
        amount = "" if price is None else f"{weekly * price:.2f}"
        return f"sale,{sku}{mark}{i},{MONDAY + datetime.timedelta(days=7 * i)},{sku},{weekly},{amount}\n"
    return "".join(row(i) for i in weeks)


def line(kind, date, sku, quantity, amount=""):
    return f"{kind},{kind}{sku}{date},{date},{sku},{quantity},{amount}\n"


def at_terminals():
    """T1 … T4 sell the new tea from April on, and a little less of the old one; T5 … T8 go on as before."""
    rows = ["type,number,date,sku,quantity,place\n"]
    for i in range(1, 9):
        for week in range(13):
            tried = i <= 4 and week >= 5
            day = MONDAY + datetime.timedelta(days=7 * week)
            rows.append(f"sale,T{i}-{week},{day},P3,{18 if tried else 20},T{i}\n")
            if tried:
                rows.append(f"sale,N{i}-{week},{day},P5,{[10, 11, 9, 10][i - 1]},T{i}\n")
    return "".join(rows)


def build(w):
    w.import_csv("partner", PARTNERS)
    w.import_csv("product", PRODUCTS)
    w.import_csv("price", PRICES)
    w.import_csv("territory", TERRITORY)
    homes = {p: w.enrol(p) for p in ("M", "D1", "D2", "D3", "D4")}
    w.push(homes["D1"], "d1.csv", HEAD + line("stock", "2026-02-28", "P1", 120) + line("receipt", "2026-03-01", "P1", 1000)
           + sales("P1", 70, 2) + line("stock", "2026-01-09", "P2", 0) + line("receipt", "2026-01-10", "P2", 300)
           + line("sale", "2026-03-10", "P2", 10, "80.00"))
    w.push(homes["D2"], "d2.csv", HEAD + sales("P2", 70, 8) + line("stock", "2026-05-31", "P2", 30) + sales("P3", 30, 4))
    w.push(homes["D3"], "d3.csv", HEAD + sales("P1", 10, 2) + sales("P2", 70, 8) + line("stock", "2026-05-31", "P2", 5)
           + line("stock", "2026-05-31", "P1", 900) + sales("P3", 20))
    w.push(homes["D4"], "d4.csv", HEAD + sales("P3", 40, 4) + sales("P4", 5, 4))
    w.push(homes["D4"], "t.csv", at_terminals())
    w.ctl_raw("promotion", "set", "S1", "products=P2", "partners=D2", "from=2026-05-04", "to=2026-05-10", "rule=特价 5.50")
    w.push(homes["D2"], "s1.csv", HEAD + line("sale", "2026-05-06", "P2", 70, "385.00"))
    shipped = "".join(f"shipment,S{i},2026-04-{10 + i},P1,500,,D3\n" for i in range(2))
    w.push(homes["M"], "m.csv", "type,number,date,sku,quantity,amount,counterparty\n" + shipped)
    return homes


def assortment(w):
    rows = {(r["partner"], r["sku"]): r for r in w.ctl("replenish", "assortment")}
    keys = ("bought", "sold", "sales", "margin", "stock", "mean_stock", "cover_days", "turns", "gmroi", "age_days",
            "age_at_least", "last_receipt", "abc", "xyz", "proposal")
    equal(tuple(rows["D1", "P1"][k] for k in keys),
          ("0", "910", "1820.00", "455.00", "210", "630", "21", "5.79", "1.93", 91, False, "2026-03-01", "A", "X", "keep"))
    equal(tuple(rows["D1", "P2"][k] for k in ("sold", "stock", "cover_days", "abc", "proposal", "age_days")),
          ("10", "290", "2639", "C", "delist", 141))
    equal("10 sold in 91 days, stock 290, the oldest of it 141 days" in rows["D1", "P2"]["why"], True, rows["D1", "P2"]["why"])
    equal(tuple(rows["D3", "P3"][k] for k in ("sales", "margin", "gmroi")), (None, None, None), "a sale without amount")
    equal(tuple(rows["D4", "P4"][k] for k in ("sales", "margin", "stock", "turns")), ("260.00", None, None, None), "no cost")
    equal((rows["D1", "P3"]["proposal"], rows["D1", "P3"]["sold"]), ("list", "0"))
    equal(rows["D1", "P3"]["why"], "Partners like it sell it: 3 of 3 do, the one in the middle about 30 a week.")
    equal((("D4", "P1") in rows, ("D1", "P4") in rows), (True, False), "2 of 3 sell it; 1 of 3")
    proposed = w.ctl("replenish", "assortment", "--partner", "D1", "--proposals", "--zh")
    equal(pick(proposed, "sku", "proposal"), [("P2", "delist"), ("P3", "list")])
    equal("销售少且库存过久" in proposed[0]["why"], True)
    equal(w.ctl_raw("replenish", "assortment", "-o", "csv").stdout.splitlines()[0].startswith("partner,sku,name,unit,bought"),
          True)


def overstock(w, homes):
    [row] = w.ctl("replenish", "overstock")
    equal(tuple(row[k] for k in ("partner", "sku", "sell_in", "sell_out", "ratio", "stock", "cover_days", "state", "since")),
          ("D3", "P1", "1000", "80", "12.5", "900", "540", "alarm", None))
    everything = {(r["partner"], r["sku"]): r["state"] for r in w.ctl("replenish", "overstock", "--all")}
    equal((everything["D1", "P1"], everything["D4", "P3"]), ("none", "unknown"), "never came in: nobody can say")
    equal(w.ctl("replenish", "overstock", "--by", "region", "--region", "320000")[0]["alarms"], 1)
    [rolled] = w.ctl("replenish", "overstock", "--by", "product")
    equal(tuple(rolled[k] for k in ("product", "sell_in_value", "sell_out_value", "stock_value", "ratio")),
          ("P1", "1500.00", "120.00", "1350.00", "12.5"))
    w.ctl_raw("replenish", "overstock", "--by", "mood", check=64)
    w.ctl_raw("clock", "set", "2026-06-02T09:00:00+08:00")  # judged: the hour of the first day has passed already
    raised = [e for e in exported(w, "overstock")]
    equal(pick([r for e in raised for r in e["row"]], "partner", "sku", "raised"), [("D3", "P1", True)])
    equal(w.ctl("replenish", "overstock", "--zh")[0]["since"], "2026-06-01")
    w.ctl_raw("clock", "set", "2026-06-05T09:00:00+08:00")
    again = w.ctl("replenish", "overstock", "run")
    equal((again["standing"], again["raised"], len(exported(w, "overstock"))), (1, 0, 1), "it stands, and is not repeated")
    w.push(homes["D3"], "sold.csv", HEAD + line("sale", "2026-06-04", "P1", 800, "1600.00"))
    w.ctl_raw("clock", "set", "2026-06-06T09:00:00+08:00")
    equal((w.ctl("replenish", "overstock"), len(exported(w, "overstock"))), ([], 2), "worked off")


def transfers(w, homes):
    equal(w.ctl("transfer", "propose"), {"proposed": 1})
    [row] = w.ctl("transfer", "list")
    equal(tuple(row[k] for k in ("giver", "taker", "sku", "quantity", "state", "giver_stock", "taker_stock")),
          ("D1", "D2", "P2", "276", "proposed", "290", "30"), "D3 has no right to sell it")

    def listed(partner):
        return json.loads(w.agent(homes[partner], "transfer", "list", "-o", "json").stdout)
    equal((listed("D2"), listed("D3")), ([], []), "before the giver agrees nobody hears of it")
    equal((listed("D1")[0]["taker"], listed("D1")[0]["taker_stock"]), (None, None))
    w.agent(homes["D2"], "transfer", "agree", "1", check=66)
    w.ctl_raw("transfer", "agree", "1", check=64)  # whose word?
    w.agent(homes["D1"], "transfer", "agree", "1")
    w.agent(homes["D1"], "transfer", "agree", "1", check=73)
    equal((listed("D2")[0]["giver"], listed("D2")[0]["giver_stock"]), ("D1", None))
    said = w.agent(homes["D2"], "transfer", "agree", "1").stdout
    equal("exempt from diversion" in said, True, said)
    w.agent(homes["D2"], "transfer", "refuse", "1", "--reason", "zu spät", check=73)
    equal((listed("D1")[0]["taker"], listed("D1")[0]["state"]), ("D2", "agreed"))
    equal(pick(w.ctl("exemption", "list"), "partner", "region", "products", "quantity", "reference"),
          [("D1", "330200", "P2", "276", "T1")])
    equal(w.ctl("transfer", "propose"), {"proposed": 0}, "it is under way")
    told = w.agent(homes["D2"], "notices").stdout
    equal("T1" in told, True, told)
    w.push(homes["D1"], "moved.csv", "type,number,date,sku,quantity,counterparty\ntransfer,X1,2026-06-01,P2,276,D2\n")
    equal(w.ctl("transfer", "list", "--state", "agreed")[0]["moved"], "276")


def promotion(w):
    said = w.ctl("promotion", "evaluate", "S1")
    equal(tuple(said[k] for k in ("baseline", "sold", "uplift", "dip", "net", "judged")), ("70", "140", "70", "0", "70", 1))
    equal(tuple(said[k] for k in ("cost", "consumers_gain", "partners_gain", "manufacturer_gain")),
          ("35.00", "175.00", "0.00", "105.00"), "what 70 more are worth is shared out")
    w.ctl_raw("promotion", "set", "S2", "products=P2", "partners=D2", "from=2026-06-08", "to=2026-06-14", "rule=10送1")
    plan = w.ctl("promotion", "plan", "S2", "--uplift", "30")
    equal(tuple(plan[k] for k in ("baseline", "expected", "cost", "manufacturer_gain", "break_even_uplift")),
          ("70", "91", "54.60", "-12.60", "0.4286"))
    w.ctl_raw("promotion", "evaluate", "S2", check=73)
    w.ctl_raw("promotion", "evaluate", "S9", check=66)


def trial(w):
    opened = ("trial", "open", "oolong", "P5", "--from", "2026-04-06", "--to", "2026-05-31", "--target", "8")
    said = w.ctl_raw(*opened, "--terminals", "T1;T2;T3;T4", "--quantity", "120").stdout
    equal("4 terminals, 4 of them matched" in said, True, said)
    w.ctl_raw(*opened, "--terminals", "T1", check=73)
    equal(pick(w.ctl("trial", "list"), "partner", "sku", "quantity")[0], ("T1", "P5", "120"))
    seen = w.ctl("trial", "evaluate", "oolong")
    equal(tuple(seen[k] for k in ("result", "rate", "selling", "repeat", "lift", "pairs")), ("roll_out", "10", "1", "1", "8", 4))
    equal(pick(seen["by_terminal"], "terminal", "matched", "matched_during"), [(f"T{i}", f"T{i + 4}", "20") for i in range(1, 5)])
    w.ctl_raw("trial", "close", "oolong", "--result", "drop", check=64)  # against the figures: why?
    w.ctl_raw("trial", "close", "oolong")
    w.ctl_raw("trial", "close", "oolong", check=73)
    equal((w.ctl("trial", "runs"), w.ctl("trial", "runs", "--all")[0]["result"]), ([], "roll_out"))


def exported(w, kind):
    entries = [json.loads(text) for text in w.ctl_raw("journal", "export").stdout.splitlines()]
    return [e["body"] for e in entries if e["kind"] == kind]


def what_stands_at_whom():
    with World(clock="2026-06-01T09:00:00+08:00") as w:
        homes = build(w)
        assortment(w)
        transfers(w, homes)
        promotion(w)
        trial(w)
        overstock(w, homes)
        w.verify()


if __name__ == "__main__":
    main([what_stands_at_whom])
