#!/usr/bin/env python3
"""What of a customer leaves a distributor's PC, what never does, and who at the manufacturer looked."""
import json

import books
from world import World, equal, main, pick

HEAD = ("单据日期,单据编号,商品编码,品牌,数量,金额,成本价,毛利,客户编码,客户名称,客户类型,客户区县,联系人,联系电话,收货地址\n")
NEVER = ("王小明", "李大嘴", "13812345678", "13900000000", "古墩路", "世纪大道", "777.77", "666.66", "777770000",
         "别家超市", "别家白酒")


def sheet():
    return HEAD + ("2026-06-01,X1,P1,清泉,10,20,777.77,666.66,C1,西湖小店,便利店,杭州市西湖区,王小明,138-1234-5678,"
                   "浙江省杭州市西湖区古墩路90号\n"
                   "2026-06-01,X2,P1,清泉,5,10,777.77,666.66,C2,西湖小店,便利店,西湖区,王小明,13812345678,上海市浦东新区世纪大道1号\n"
                   "2026-06-01,X3,BJ1,别家白酒,7,70,1,1,C3,别家超市,超市,,李大嘴,13900000000,\n")


def everything_in(folder):
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "lock.mdb")


def only_what_is_needed_leaves():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        mapping = w.file("ours.yaml", "brands: [清泉, 果然]\n")
        r = w.push(d, "sales.csv", sheet(), "--mapping", mapping)
        equal(r["lines"], 2, "the row of another brand is no line")
        equal([p["found"] for p in r["problems"] if p["column"] == "brand"], ["1 rows of other brands"], "and is counted")
        left, came = everything_in(d / "spool"), everything_in(w.data)
        for word in NEVER:
            for name, place in (("the spool", left), ("the centre", came)):
                equal(word.encode() in place, False, f"{word} in {name}")
        equal("西湖小店".encode() in came, True)
        sent = json.loads(w.agent(d, "sent", "1", "-o", "json").stdout)
        line = sent[0]["lines"][0]
        equal({k: line[k] for k in ("customer", "customer_name", "customer_kind", "customer_region", "ship_to")},
              {"customer": "C1", "customer_name": "西湖小店", "customer_kind": "便利店", "customer_region": "杭州市西湖区",
               "ship_to": "浙江省杭州市西湖区"})
        equal((line["phone"][:2], len(line["phone"])), ("h:", 34))
        equal(sorted(line), sorted(["row", "date", "sku", "quantity", "amount", "customer", "customer_name",
                                    "customer_kind", "customer_region", "phone", "ship_to"]), "and nothing else")
        equal(pick(w.ctl("flow", "list", "--by", "region"), "region"), [("310115",), ("330106",)], "counties still tell")
        w.verify()


def one_phone_has_one_hash_at_every_partner():
    with World() as w:
        books.load(w)
        hashes = set()
        for partner in ("D1", "D2"):
            home = w.enrol(partner)
            w.push(home, f"{partner}.csv", "日期,单据编号,商品编码,数量,金额,客户名称,电话\n"
                                           f"2026-06-01,{partner},P1,1,2,小店,{'+86 ' if partner == 'D1' else ''}13812345678\n")
            hashes.add(w.ctl("customer", "list", "--partner", partner)[0]["phone"])
            equal(oct((home / "privacy.key").stat().st_mode & 0o777), "0o600")
        equal(len(hashes), 1)
        key = (w.dir / "agents/D1/privacy.key").read_text().strip()
        journal = w.ctl_raw("journal", "export").stdout
        equal(key in journal or "13812345678" in journal, False)


def a_mapping_decides_field_by_field():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        m = w.file("strict.yaml", "privacy: {customer: hash, customer_name: drop, phone: drop, ship_to: send}\n")
        w.push(d, "s.csv", "日期,单据编号,商品编码,数量,金额,客户编码,客户名称,电话,收货地址\n"
                           "2026-06-01,X1,P1,1,2,C1,西湖小店,13812345678,杭州市西湖区古墩路90号\n", "--mapping", m)
        line = json.loads(w.agent(d, "sent", "1", "-o", "json").stdout)[0]["lines"][0]
        equal(line["customer"].startswith("h:"), True)
        equal(("customer_name" in line, "phone" in line, line["ship_to"]), (False, False, "杭州市西湖区古墩路90号"))
        bad = w.file("bad.yaml", "privacy: {sku: hash}\n")
        p = w.agent(d, "push", w.dir / "out/s.csv", "--mapping", bad, check=78)
        equal("sku is needed as it stands" in p.stderr + p.stdout, True, p.stderr)


def the_partner_sees_who_looked():
    with World() as w:
        books.load(w)
        d = w.enrol("D1")
        w.push(d, "s.csv", "日期,单据编号,商品编码,数量,金额,客户名称\n2026-06-01,X1,P1,1,2,甲店\n2026-06-01,X2,P1,1,2,乙店\n")
        anna = w.ctl("user", "add", "anna", "--role", "account_manager")["token"]
        boss = w.ctl("user", "add", "boss", "--role", "partner_owner", "--scope", "D1")["token"]
        other = w.ctl("user", "add", "rival", "--role", "partner_owner", "--scope", "D2")["token"]
        equal(len(w.ctl("customer", "list", "--partner", "D1", token=anna)), 2)
        w.ctl("customer", "list", "--partner", "D1", token=boss)
        seen = w.ctl("customer", "access", "--partner", "D1", token=boss)
        equal([(r["actor"], r["command"], r["customers"]) for r in seen], [("user:anna", "customer list", 2)],
              "the partner itself leaves no row")
        asked = json.loads(w.agent(d, "ask", "customer", "access", "-o", "json").stdout)
        equal([r["actor"] for r in asked], ["user:anna"], "its agent shows the same")
        own = json.loads(w.agent(d, "ask", "customer", "list", "-o", "json").stdout)
        equal(sorted(r["customer"] for r in own), ["乙店", "甲店"], "its own customers it may see")
        # customers are named elsewhere too: by figures, and in a document's lines
        w.ctl("flow", "list", "--by", "customer", token=anna)
        w.ctl("flow", "list", "--by", "month", token=anna)
        shown = w.ctl("document", "list", "--partner", "D1", token=anna)[0]["id"]
        w.ctl("document", "show", shown, token=anna)
        w.ctl("document", "show", shown, token=boss)
        w.ctl("flow", "list", "--by", "customer", "--partner", "D1", token=boss)
        seen = w.ctl("customer", "access", "--partner", "D1", token=boss)[1:]
        equal([(r["actor"], r["command"], r["customers"]) for r in seen],
              [("user:anna", "flow list", 2), ("user:anna", "document show", 1)])
        w.ctl_raw("customer", "access", "--partner", "D1", token=other, check=77)
        w.ctl_raw("customer", "list", "--partner", "D1", token=other, check=77)
        w.verify()


main([only_what_is_needed_leaves, one_phone_has_one_hash_at_every_partner, a_mapping_decides_field_by_field,
      the_partner_sees_who_looked])
