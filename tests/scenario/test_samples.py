#!/usr/bin/env python3
"""Real files of others, beside the checkout: their figures against an independent sum."""
import collections
import csv
import decimal
import io

from world import ROOT, World, equal, main, pick, shared

D = decimal.Decimal


def plain(text):
    return format(D(text).normalize(), "f")


def slsrpt_by_a_new_partner():
    sample = shared("data/edi_edifact/slsrpt/slsrpt01.edi")
    wanted = collections.Counter()
    with open(shared("data/edi_edifact/slsrpt/slsrpt01_expected_composite_route.csv"), encoding="utf-8") as f:
        for day, place, sku, quantity, _ in csv.reader(f, delimiter=";"):
            wanted[(f"{day[:4]}-{day[4:6]}-{day[6:]}", place, sku)] += int(quantity)
    with World(clock="2008-05-01T09:00:00+08:00") as w:
        w.import_csv("partner", "id,name,kind,tier,parent,region\nNL1,Retail NL,distributor,,,\n")
        a = w.enrol("NL1", "--create-unknown")
        mapping = w.file("line.yaml", "edifact: {price: line}\n")
        r = w.push(a, sample, None, "--mapping", mapping)
        equal((r["documents"], r["lines"], r["committed"], r["quarantined"]), (2, 392, 392, 0))
        rows = w.ctl("flow", "list", "--by", "place,product,day")
        found = collections.Counter()
        for row in rows:
            found[(row["day"], row["place"], row["product"])] += int(row["quantity"])
        equal({k: v for k, v in found.items() if v}, {k: v for k, v in wanted.items() if v})
        equal(len({k[1] for k in found}), 50, "places of sale")
        equal(len(wanted), 183)
        total = w.ctl("flow", "list", "--by", "partner", "--rollup")
        equal(sum(D(x["amount"]) for x in total), D("6961.70"))
        equal({x["currency"] for x in total}, {"EUR"})
        equal(sum(int(x["quantity"]) for x in rows), 552)
        again = w.push(a, sample, None, "--mapping", mapping)
        equal((again["committed"], again["duplicate"]), (0, 392))
        w.verify()


def a_gb18030_report_by_category():
    sample = shared("data/cn_files/gbk_sales_excel.csv")
    mapping = ROOT / "etc/mappings/category-report.yaml"
    text = sample.read_bytes().decode("gb18030")
    wanted = collections.defaultdict(lambda: [0, D(0)])
    skus, days = set(), set()
    for row in csv.DictReader(io.StringIO(text)):
        y, m, d = row["日期"].split("/")
        days.add(row["日期"])
        skus.add(row["产品类别"])
        cell = wanted[(row["地区"], f"{int(y):04d}-{int(m):02d}")]
        cell[0] += int(row["订单量"])
        cell[1] += D(row["销售额"])
    areas = sorted({k[0] for k in wanted})
    with World(clock="2030-01-01T09:00:00+08:00") as w:
        w.import_csv("partner", "id,name,kind,tier,parent,region\nD1,经销商,distributor,,,330100\n")
        w.import_csv("product", "sku,gtin,name,brand,category,base_unit,units,list_price,floor_price,tax_rate\n" +
                     "".join(f"{s},,{s},,,件,,,,\n" for s in sorted(skus)))
        provinces = {"北方": "11", "南方": "44", "华东": "31", "西部": "51"}
        w.import_csv("area", "area,name,region\n" + "".join(f"{x},{x},{provinces.get(x, '')}\n" for x in areas))
        a = w.enrol("D1")
        r = w.push(a, sample, None, "--mapping", mapping)
        equal((r["lines"], r["committed"], r["documents"]), (7300, 7300, len(days)))
        rows = w.ctl("flow", "list", "--by", "region,month", "--level", "area", "--kind", "sell_out")
        found = {(x["region"], x["month"]): [int(x["quantity"]), D(x["amount"])] for x in rows}
        equal(found, dict(wanted))
        w.verify()


main([slsrpt_by_a_new_partner, a_gb18030_report_by_category])
