#!/usr/bin/env python3
"""Questions of agents: a partner's own documents, stock and prices reach its agent, and nobody else's do."""
import json
import re
import zipfile

import books
from world import World, equal, main, pick

SALES = "type,number,date,sku,quantity,amount\nsale,{n},2026-06-01,P1,2,4.00\nsale,{n},2026-06-01,{sku},1,3.00\n"


def ask(w, home, *words, check=0):
    out = w.agent(home, "ask", *words, "-o", "json", check=check)
    return json.loads(out.stdout) if check == 0 else out.stderr


def two_partners(w):
    books.load(w)
    d1, d2 = w.enrol("D1"), w.enrol("D2")
    w.push(d1, "one.csv", SALES.format(n="A1", sku="NOBODY-1"), check=1)
    w.push(d2, "two.csv", SALES.format(n="B1", sku="NOBODY-2"), check=1)
    return d1, d2


def a_partner_sees_its_own():
    with World() as w:
        d1, d2 = two_partners(w)
        for home, own, word, number in ((d1, "D1", "NOBODY-1", "A1"), (d2, "D2", "NOBODY-2", "B1")):
            equal(pick(ask(w, home, "quarantine", "list"), "partner", "word"), [(own, word)])
            equal(pick(ask(w, home, "document", "list"), "partner", "number"), [(own, number)])
            equal([u["partner"] for u in ask(w, home, "upload", "list")], [own])
            equal(pick(ask(w, home, "flow", "list", "--by", "partner,product"), "partner", "product", "quantity"),
                  [(own, "P1", "2")])
            equal({s["partner"] for s in ask(w, home, "stock", "list")}, {own})
            document = ask(w, home, "document", "list")[0]["id"]
            equal(len(ask(w, home, "document", "show", document)["lines"]), 2)
        # the same as a person is shown of it
        equal(ask(w, d1, "quarantine", "list"), w.ctl("quarantine", "list", "--partner", "D1"))
        equal(ask(w, d1, "flow", "list", "--from", "2026-07-01"), [], "an empty list")


def nobody_sees_anothers():
    with World() as w:
        d1, d2 = two_partners(w)
        other = {d["partner"]: d["id"] for d in w.ctl("document", "list")}["D2"]
        upload = {u["partner"]: u["id"] for u in w.ctl("upload", "list")}["D2"]
        said = set()
        for words in (("document", "list", "--partner", "D2"), ("document", "show", other), ("upload", "show", upload),
                      ("upload", "list", "--partner", "D2"), ("flow", "list", "--partner", "D2"),
                      ("stock", "list", "--partner", "D2"), ("quarantine", "list", "--partner", "D2"),
                      ("quarantine", "show", "unknown_product", "--partner", "D2"),
                      ("price", "show", "P1", "--partner", "D2"),
                      # what is not there answers as what is forbidden
                      ("document", "list", "--partner", "NOBODY"), ("document", "show", "999999"),
                      ("upload", "show", "999999"), ("stock", "list", "--partner", "NOBODY")):
            why = ask(w, d1, *words, check=77)
            equal("not permitted" in why and why.count("\n") == 1, True, f"{words}: {why}")
            said.add(why.split(": ", 2)[2])
        equal(len(said), 1, "the same words whether the thing exists or not")
        equal(ask(w, d1, "flow", "list", "--by", "partner", "--rollup")[0]["partner"], "D1")
        # other kinds of commands, and what is none
        for words, status in ((("agent", "list"), 77), (("user", "list"), 77), (("price", "list"), 77),
                              (("partner", "import", "x.csv"), 77), (("setting", "set", "currency", "EUR"), 77),
                              (("clock", "set", "2026-07-01T00:00:00+08:00"), 77), (("import", "try", "x.csv"), 77),
                              (("no", "such", "thing"), 64), (("stock", "list", "--colour", "red"), 64),
                              (tuple(["flow"] * 33), 64)):
            why = ask(w, d1, *words, check=status)
            equal(why.count("\n"), 1, f"one line: {why}")
        w.agent(d1, "ask", check=64)


def the_catalogue_without_what_others_pay():
    with World() as w:
        books.load(w)
        w.import_csv("price", "sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\n"
                              "P1,dealer,2026-01-01,,1.80,incl,,,D1,\nP1,dealer,2026-01-01,,1.60,incl,,,D2,\n"
                              "P1,ex_works,2026-01-01,,1.10,incl,,,,\n")
        d1 = w.enrol("D1")
        products = ask(w, d1, "product", "list")
        equal(pick(products, "sku", "list_price", "floor_price"), [(p, None, None) for p in ("P1", "P2", "P3")])
        equal(ask(w, d1, "product", "list", "floor_price=1.50"), [], "not to be guessed either")
        equal(ask(w, d1, "product", "show", "P1")["floor_price"], None)
        prices = ask(w, d1, "price", "show", "P1")
        equal([prices["partner"], pick(prices["prices"], "kind", "amount")], ["D1", [("dealer", "1.80")]])
        ask(w, d1, "price", "show", "P1", "--region", "320100", check=77)
        equal(pick(ask(w, d1, "partner", "list"), "id"), [("D1",), ("R1",), ("S1",), ("T1",)])
        equal(pick(ask(w, d1, "alias", "list"), "owner", "alias"), [("*", "件"), ("D1", "QQ-550"), ("D1", "余杭老王")])


def forms_and_ends():
    with World() as w:
        d1, _ = two_partners(w)
        lines = w.agent(d1, "ask", "quarantine", "list", "-o", "csv").stdout.splitlines()
        equal(lines, ["reason,word,partner,documents,lines,amount,posted", "unknown_product,NOBODY-1,D1,1,1,3.00,false"])
        table = w.agent(d1, "ask", "quarantine", "list").stdout
        equal([table.startswith("reason"), "NOBODY-1" in table], [True, True], table)
        shown = w.agent(d1, "ask", "price", "show", "P1").stdout
        equal("partner              D1" in shown, True, shown)
        # beside a running agent: spool and lock are not touched
        w.run_agent(d1)
        w.until(lambda: (d1 / "run.sock").exists(), "the agent runs")
        for _ in range(5):
            equal(len(ask(w, d1, "quarantine", "list")), 1)
        w.push(d1, "more.csv", SALES.format(n="A2", sku="P2"))
        w.stop()
        why = ask(w, d1, "stock", "list", "--timeout", "1", check=69)
        equal(why.count("\n"), 1, why)
        w.start()
        equal(len(ask(w, d1, "document", "list")), 2)


def a_long_answer_comes_in_pieces():
    with World() as w:
        books.load(w)
        d1 = w.enrol("D1")
        rows = "".join(f"sale,L{n:05},2026-06-{n % 28 + 1:02},P1,1,2.00\n" for n in range(3000))
        w.push(d1, "long.csv", "type,number,date,sku,quantity,amount\n" + rows)
        found = ask(w, d1, "document", "list")
        equal(len(found), 3000)
        equal({d["number"] for d in found}, {f"L{n:05}" for n in range(3000)})
        equal(len(json.dumps(found)) > 4 * 65536, True, "longer than a few pieces")


def who_is_shut_out_gets_no_answer():
    with World() as w:
        d1, d2 = two_partners(w)
        agents = {a["partner"]: a["agent"] for a in w.ctl("agent", "list")}
        w.ctl_raw("agent", "revoke", agents["D1"])
        why = ask(w, d1, "stock", "list", check=77)
        equal(why.count("\n"), 1, why)
        equal(len(ask(w, d2, "quarantine", "list")), 1, "the others go on")


def a_sheet_to_fill_in_before_anything_was_sent():
    """A home without a spool asks for the partner's codes and units, and does without when nobody answers."""
    def words(path):
        text = zipfile.ZipFile(path).read("xl/sharedStrings.xml").decode()
        return set(re.findall(r"<t[^>]*>([^<]*)</t>", text))
    with World() as w:
        books.load(w)
        d1 = w.enrol("D1")
        for kind in ("sale", "stock", "receipt"):
            sheet = w.dir / f"{kind}.xlsx"
            said = w.agent(d1, "template", "--type", kind, "-o", sheet).stdout
            equal("as the centre knows them" in said, True, said)
            found = words(sheet)
            equal({"QQ-550", "P2", "清泉 550ml", "瓶", "箱", "盒"} <= found, True, found)
            equal("P1" in found, False, "its own code stands for ours")
        w.stop()
        said = w.agent(d1, "template", "-o", w.dir / "none.xlsx")
        equal(("0 product codes" in said.stdout, "names no products" in said.stderr), (True, True), said)


main([a_partner_sees_its_own, nobody_sees_anothers, the_catalogue_without_what_others_pay, forms_and_ends,
      a_long_answer_comes_in_pieces, who_is_shut_out_gets_no_answer,
      a_sheet_to_fill_in_before_anything_was_sent])
