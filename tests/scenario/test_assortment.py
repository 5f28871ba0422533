#!/usr/bin/env python3
"""What stands at whom: assortment, transfers both sides agree to, the overstock alarm, promotions and trials judged."""
import datetime

from world import World, equal, main, pick

PARTNERS = """id,name,kind,tier,parent,region
M,本厂,manufacturer,,,330100
D1,杭州经销商,distributor,A,M,330100
D2,宁波经销商,distributor,A,M,330200
D3,南京经销商,distributor,A,M,320100
D4,温州经销商,distributor,A,M,330300
"""
PRODUCTS = """sku,name,brand,category,base_unit,units,list_price
P1,清泉 550ml,清泉,饮用水,瓶,箱=24,2.00
P2,果然橙 1L,果然,果汁,瓶,箱=12,8.00
P3,清茶 500ml,清泉,茶,瓶,箱=15,4.00
P4,新品,清泉,茶,瓶,箱=15,
"""
PRICES = """sku,kind,amount
P1,dealer,1.50
P1,ex_works,1.00
P2,dealer,6.00
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


def what_stands_at_whom():
    with World(clock="2026-06-01T09:00:00+08:00") as w:
        build(w)
        assortment(w)
        w.verify()


if __name__ == "__main__":
    main([what_stands_at_whom])
