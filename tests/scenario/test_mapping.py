#!/usr/bin/env python3
"""A code is mapped once, in bulk, in Excel: suggestions with their reasons, the sheet that comes back, aliases copied."""
import csv
import io
import json
import time
import zipfile
import xml.etree.ElementTree as ElementTree

import books
from world import World, equal, main, pick

HEAD = "单据日期,单据编号,商品编码,商品名称,规格型号,单位,数量,金额\n"


def catalogue(w):
    books.load(w)
    w.import_csv("product", "sku,gtin,name,brand,category,base_unit,units\n"
                            "KF-0010,6901234500011,清泉苏打水 350ml,清泉,饮用水,瓶,箱=24\n"
                            "P9,6901234500028,果然苹果汁 1.5L,果然,果汁,瓶,箱=6\n")
    w.import_csv("alias", "owner,kind,alias,id,unit,factor,from,to\nD2,product,A-77,P9,,,,\nS1,product,A77,P9,,,,\n")


def clerk_file():
    return HEAD + ("2026-06-01,X1,16901234500018,苏打水,,箱,1,60\n"  # the carton's barcode of KF-0010
                   "2026-06-02,X1,kf 10,苏打水,350ml,瓶,2,10\n"
                   "2026-06-01,X2,a77,苹果汁,1.5L,瓶,1,9\n"
                   "2026-06-01,X2,77-01,清泉矿泉水,550ml*24,箱,3,150\n"
                   "2026-06-03,X3,77-01,清泉矿泉水,550ml*24,箱,10,500\n"
                   "2026-06-01,X3,ZZ,别家白酒,500ml,瓶,1,1\n")


def a_row_a_code_with_reasons():
    with World() as w:
        catalogue(w)
        # 清泉 550ml is called so by the manufacturer, its carton holds 24
        w.ctl_raw("product", "set", "P1", "name=清泉矿泉水 550ml")
        d = w.enrol("D1")
        w.push(d, "june.csv", clerk_file(), check=1)
        rows = w.ctl("quarantine", "list", "--group-by", "code")
        equal([(r["code"], r["lines"], r["amount"], r["first_date"]) for r in rows],
              [("77-01", 2, "650.00", "2026-06-01"), ("16901234500018", 1, "60.00", "2026-06-01"),
               ("kf 10", 1, "10.00", "2026-06-02"), ("a77", 1, "9.00", "2026-06-01"), ("ZZ", 1, "1.00", "2026-06-01")],
              "the largest amount first")
        equal({r["code"]: (r["suggestion_1"], r["why_1"]) for r in rows},
              {"77-01": ("P1", "name 100 %, same pack"), "16901234500018": ("KF-0010", "barcode of the carton"),
               "kf 10": ("KF-0010", "same code"), "a77": ("P9", "alias of 2 partners"), "ZZ": (None, None)})
        equal((rows[0]["name"], rows[0]["spec"], rows[0]["unit"]), ("清泉矿泉水", "550ml*24", "箱"))
        equal(w.ctl("quarantine", "list", "--group-by", "code", "--partner", "D2"), [])
        equal(w.ctl("flow", "list", "--by", "product"), [], "similarity alone posts nothing")


def cells_of(path):
    ns = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as z:
        shared = []
        if "xl/sharedStrings.xml" in z.namelist():
            shared = ["".join(t.text or "" for t in s.iter(f"{{{ns['x']}}}t"))
                      for s in ElementTree.fromstring(z.read("xl/sharedStrings.xml")).findall("x:si", ns)]
        rows = []
        for row in ElementTree.fromstring(z.read("xl/worksheets/sheet1.xml")).iter(f"{{{ns['x']}}}row"):
            cells = {}
            for c in row.findall("x:c", ns):
                v = c.find("x:v", ns)
                text = "".join(t.text or "" for t in c.iter(f"{{{ns['x']}}}t")) if v is None else v.text
                cells["".join(ch for ch in c.get("r") if ch.isalpha())] = shared[int(text)] if c.get("t") == "s" else text
            rows.append(cells)
    return rows


def the_sheet_goes_out_and_comes_back():
    with World() as w:
        catalogue(w)
        w.ctl_raw("product", "set", "P1", "name=清泉矿泉水 550ml")
        d = w.enrol("D1")
        w.push(d, "june.csv", clerk_file(), check=1)
        sheet = w.dir / "todo.xlsx"
        w.ctl_raw("alias", "suggest", "--partner", "D1", "-o", "xlsx", "--output", sheet)
        rows = cells_of(sheet)
        equal([rows[0][k] for k in "ABCD"], ["owner", "kind", "alias", "id"])
        equal(sorted((r["C"], r.get("D")) for r in rows[1:]),
              [("16901234500018", "KF-0010"), ("77-01", "P1"), ("ZZ", None), ("a77", "P9"), ("kf 10", "KF-0010")])
        done = w.ctl("alias", "import", sheet)
        equal((done["new"], done["skipped"], done["faults"]), (4, 1, 0), "the undecided row is left out and counted")
        equal(done["ignored"], "name,spec,their_unit,lines,amount,why,others")
        w.until(lambda: len(w.ctl("quarantine", "list")) == 1, "all that waited posts itself")
        equal(pick(w.ctl("flow", "list", "--by", "product"), "product", "quantity"),
              [("KF-0010", "26"), ("P1", "312"), ("P9", "1")])
        again = w.ctl("alias", "import", sheet)
        equal((again["new"], again["same"]), (0, 4))
        text = w.ctl_raw("alias", "suggest", "--partner", "D1", "-o", "csv").stdout.lstrip("\ufeff")
        equal([r["alias"] for r in csv.DictReader(io.StringIO(text))], ["ZZ"])
        w.verify()


def an_unknown_unit_is_suggested_too():
    with World() as w:
        catalogue(w)
        d = w.enrol("D1")
        w.push(d, "u.csv", HEAD + "2026-06-01,U1,KF-0010,苏打水,350ml,CTN,2,120\n", check=1)
        row = w.ctl("quarantine", "list", "--group-by", "code")[0]
        equal((row["reason"], row["code"], row["unit"], row["suggestion_1"], row["why_1"]),
              ("unknown_unit", "KF-0010", "CTN", "箱", "the product's only carton"))
        f = w.file("todo.csv", w.ctl_raw("alias", "suggest", "-o", "csv").stdout)
        w.ctl_raw("alias", "import", f)
        w.until(lambda: w.ctl("quarantine", "list") == [], "posted")
        equal(pick(w.ctl("flow", "list", "--by", "product"), "product", "quantity"), [("KF-0010", "48")])


def five_thousand_codes_against_ten_thousand_products():
    with World() as w:
        books.load(w)
        a, b = "清泉果然康师统一农夫山娃哈冰红绿茉柠", "矿泉水纯净苏打气泡果汁奶茶咖啡豆浆啤酒白"
        name = lambda i: a[i % 18] + a[i // 18 % 18] + b[i // 7 % 20] + b[i // 324 % 20] + b[i % 19]
        w.import_csv("product", "sku,name,base_unit,units\n" +
                     "".join(f"K{i:05d},{name(i)} {250 + i % 40 * 50}ml,瓶,箱={6 + i % 4 * 6}\n" for i in range(10000)))
        d = w.enrol("D1")
        rows = "".join(f"2026-06-01,F{i // 50},C{i},{name(2 * i)},{250 + 2 * i % 40 * 50}ml*{6 + 2 * i % 4 * 6},箱,1,{i}\n"
                       for i in range(5000))
        w.push(d, "big.csv", HEAD + rows, check=1)
        begin = time.monotonic()
        found = w.ctl("quarantine", "list", "--group-by", "code")
        took = time.monotonic() - begin
        equal(len(found), 5000)
        right = sum(r["suggestion_1"] == f"K{2 * int(r['code'][1:]):05d}" for r in found)
        print(f"  5,000 codes against 10,000 products: {took:.1f} s, {right} right first")
        equal(right > 4000, True, f"{right} of 5,000 right first")
        equal(took < 20, True, f"{took:.1f} s (under sanitizers)")


CUSTOMERS = "单据日期,单据编号,商品编码,数量,金额,客户编码,客户名称,客户区县,联系电话\n"


def customers(w):
    books.load(w)
    w.import_csv("partner", "id,name,kind,parent,region\nT7,城西便利店,terminal,D1,330106\nT8,龙井茶庄,terminal,D1,330106\n"
                            "T9,龙井茶庄,terminal,D2,320106\n")
    d = w.enrol("D1")
    w.push(d, "june.csv", CUSTOMERS + "2026-06-01,X1,P1,10,20,C1,城西便利店,西湖区,13811110000\n"
                                      "2026-06-02,X2,P1,5,10,C2,城西(便利)店,杭州市西湖区,0086 138-1111-0000\n"
                                      "2026-06-03,X3,P1,1,2,C3,龙井茶庄,西湖区,\n"
                                      "2026-06-03,X4,P1,2,4,C4,龙井　茶庄有限公司,西湖区,\n"
                                      "2026-06-03,X5,P1,3,6,C5,过路客,,\n")
    return d


def customers_that_are_one():
    with World() as w:
        customers(w)
        listed = w.ctl("customer", "list", "--partner", "D1")
        equal([(r["customer"], r["name"], r["region"], r["lines"], r["amount"]) for r in listed][:2],
              [("C1", "城西便利店", "330106", 1, "20.00"), ("C2", "城西(便利)店", "330106", 1, "10.00")])
        pairs = w.ctl("customer", "duplicates", "--partner", "D1")
        equal([(p["keep"], p["other"], p["reason"]) for p in pairs],
              [("C1", "C2", "same phone"), ("C3", "C4", "same name and county")])
        equal((pairs[0]["keep_amount"], pairs[0]["other_amount"]), ("20.00", "10.00"), "both are shown")
        before = pick(w.ctl("flow", "list", "--by", "customer"), "customer", "quantity")
        w.ctl_raw("customer", "merge", "C1", "C2", "--partner", "D1")
        flows = pick(w.ctl("flow", "list", "--by", "customer"), "customer", "quantity")
        equal(flows, [("C1", "15"), ("C3", "1"), ("C4", "2"), ("C5", "3")], "history follows")
        listed = {r["customer"]: (r["lines"], r["merged_into"]) for r in w.ctl("customer", "list", "--partner", "D1")}
        equal((listed["C1"], listed["C2"]), ((2, None), (0, "C1")))
        w.ctl_raw("customer", "merge", "C2", "C1", "--partner", "D1", check=73)
        w.ctl_raw("customer", "merge", "C1", "nobody", "--partner", "D1", check=66)
        w.ctl_raw("alias", "remove", "D1", "merge", "C2")
        equal(pick(w.ctl("flow", "list", "--by", "customer"), "customer", "quantity"), before, "and back")
        w.verify()


def customers_that_are_terminals():
    with World() as w:
        d = customers(w)
        f = w.file("match.csv", w.ctl_raw("customer", "match", "--partner", "D1", "-o", "csv").stdout)
        rows = {r["alias"]: r for r in csv.DictReader(io.StringIO(f.read_text().lstrip("\ufeff")))}
        equal({k: (r["id"], r["why"]) for k, r in rows.items()},
              {"C1": ("T7", "same name, same county"), "C2": ("T7", "same name, same county"),
               "C3": ("T8", "same name, same county"), "C4": ("T8", "same name, same county"), "C5": ("", "")})
        done = w.ctl("alias", "import", f)
        equal((done["new"], done["skipped"]), (4, 1))
        w.until(lambda: pick(w.ctl("flow", "list", "--by", "customer"), "customer", "quantity") ==
                [("C5", "3"), ("T7", "15"), ("T8", "3")], "history follows to the terminals")
        # a phone that is known tells of another partner's customer
        other = w.enrol("D2")
        w.push(other, "d2.csv", CUSTOMERS + "2026-06-04,Y1,P1,1,2,K1,西湖边小店,,13811110000\n")
        row = w.ctl("customer", "match", "--partner", "D2")[0]
        equal((row["id"], row["why"]), ("T7", "same phone as another partner's customer"))
        w.verify()


def a_mapping_of_one_is_a_mapping_of_many():
    with World() as w:
        books.load(w)
        w.import_csv("partner", "id,name,kind\nD3,宁波经销商,distributor\nD4,绍兴经销商,distributor\n")
        homes = {p: w.enrol(p) for p in ("D1", "D2", "D3")}
        row = "2026-06-01,{0},QQ-550,清泉,550ml,瓶,1,2\n2026-06-01,{0},X-9,果然橙,1L,提,1,8\n"
        w.import_csv("alias", "owner,kind,alias,id,unit,factor,from,to\nD1,product,X-9,P2,,,,\nD1,unit,提,箱,,,,\n"
                             "D2,product,X-9,P3,,,,\n")
        for p in ("D1", "D2"):
            w.push(homes[p], f"{p}.csv", HEAD + row.format(p), check=None)
        w.push(homes["D3"], "other.csv", "date,number,sku,quantity\n2026-06-01,1,QQ-550,1\n", check=1)
        words = ("alias", "copy", "--from", "D1", "--to", "D2,D3,D4")
        said = w.ctl(*words, "--dry-run")
        equal([(r["partner"], r["alias"], r["result"]) for r in said],
              [("D2", "QQ-550", "would be copied"), ("D2", "X-9", "skipped"), ("D2", "提", "would be copied"),
               ("D3", None, "skipped"), ("D4", None, "skipped")])
        equal([r["why"] for r in said if r["result"] == "skipped"],
              ["has an alias of its own for that word", "its files have other headers", "sent no file yet"])
        equal(len(w.ctl("alias", "list", "owner=D2")), 1, "dry")
        w.ctl(*words)
        w.until(lambda: {r["partner"] for r in w.ctl("quarantine", "list")} == {"D3"}, "D2's lines post themselves")
        equal([r["result"] for r in w.ctl(*words)], ["skipped"] * 5)


def mappings_are_copied_between_homes_of_a_host():
    with World() as w:
        books.load(w)
        homes = {p: w.enrol(p) for p in ("D1", "D2", "S1")}
        report = "日子,单,货,个\n2026-06-01,1,P1,3\n"
        m = w.file("own.yaml", "name: own\ncolumns: {date: 日子, number: 单, sku: 货, quantity: 个}\n")
        w.push(homes["D1"], "a.csv", report, "--mapping", m)
        w.agent(homes["D2"], "push", w.file("b.csv", report), check=65)
        make = json.loads(w.agent(homes["D1"], "mapping", "list", "-o", "json").stdout)
        equal([(r["mapping"], r["file"]) for r in make], [("own", "a.csv")])
        equal("sku: 货" in w.agent(homes["D1"], "mapping", "show", make[0]["make"]).stdout, True)
        copy = ("mapping", "copy", "--homes", homes["D1"].parent, "-o", "json")
        said = json.loads(w.agent(homes["D1"], *copy).stdout)
        equal([r["result"] for r in said], ["copied", "skipped: no file of that make came there"])
        w.push(homes["D2"], "b.csv", report)
        equal(pick(w.ctl("flow", "list", "--by", "partner"), "partner"), [("D1",), ("D2",)])
        said = json.loads(w.agent(homes["D1"], *copy).stdout)
        equal(said[0]["result"], "has it already")


main([a_row_a_code_with_reasons, the_sheet_goes_out_and_comes_back, an_unknown_unit_is_suggested_too,
      five_thousand_codes_against_ten_thousand_products, customers_that_are_one, customers_that_are_terminals,
      a_mapping_of_one_is_a_mapping_of_many, mappings_are_copied_between_homes_of_a_host])
