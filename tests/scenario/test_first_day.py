#!/usr/bin/env python3
"""The path of one file: catalogue, enrolment, push, figures; and the same again."""
import books
from world import World, equal, main, pick, run, BIN

SALES = """type,number,date,sku,quantity,unit,unit_price,amount,customer,ship_to
sale,X1,2026-06-01,P1,2,箱,48.00,96.00,门店甲,330106
sale,X1,2026-06-01,QQ-550,10,,2.00,20.00,门店甲,330106
sale,X2,2026-06-02,P2,3,,8.00,24.00,余杭老王,
return,X3,2026-06-03,P1,5,,2.00,10.00,门店甲,330106
sale,X4,2026-06-03,P3,-1,,4.00,-4.00,门店乙,江苏省南京市
"""


def a_file_becomes_figures():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        r = w.push(a, "june.csv", SALES)
        equal({k: r[k] for k in ("files", "documents", "lines", "committed", "quarantined", "duplicate", "refused")},
              {"files": 1, "documents": 4, "lines": 5, "committed": 5, "quarantined": 0, "duplicate": 0, "refused": 0})
        rows = w.ctl("flow", "list", "--by", "product,kind")
        equal(pick(rows, "product", "kind", "quantity", "amount", "currency"), sorted([
            ("P1", "sell_out", "58", "116.00", "CNY"),
            ("P1", "return", "-5", "-10.00", "CNY"),
            ("P2", "onward", "3", "24.00", "CNY"),
            ("P3", "return", "-1", "-4.00", "CNY")], key=repr))
        final = w.ctl("flow", "list", "--by", "kind", "--final")
        equal(pick(final, "kind", "amount"), sorted([("return", "-14.00"), ("sell_out", "116.00")]))
        by_region = w.ctl("flow", "list", "--by", "region", "--level", "province", "--kind", "return")
        equal(pick(by_region, "region", "amount"), [("320000", "-4.00"), ("330000", "-10.00")])
        w.verify()


def the_same_file_again_changes_nothing():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        w.push(a, "june.csv", SALES)
        before = w.content()
        r = w.push(a, "june-copy.csv", SALES)
        equal((r["committed"], r["duplicate"]), (0, 5))
        equal(w.content(), before)


def a_correction_replaces_and_a_withdrawal_gives_back():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        w.push(a, "june.csv", SALES)
        before = w.ctl("flow", "list", "--by", "product,kind")
        r = w.push(a, "fix.csv", "type,number,date,sku,quantity,amount\nsale,X2,2026-06-02,P2,4,32.00\n")
        equal((r["committed"], r["superseded"]), (1, 1))
        rows = w.ctl("flow", "list", "--by", "product,kind", "--sku", "P2")
        equal(pick(rows, "kind", "quantity", "amount"), [("sell_out", "4", "32.00")])
        old = w.push(a, "june.csv", SALES)
        equal((old["committed"], old["duplicate"]), (0, 5), "replaced content never returns by itself")
        uploads = w.ctl("upload", "list", "--partner", "D1")
        fix = [u for u in uploads if u["file"] == "fix.csv"][0]
        w.ctl_raw("upload", "withdraw", fix["id"], "--reason", "发错了")
        equal(w.ctl("flow", "list", "--by", "product,kind"), before)
        w.verify()


def unknown_words_wait_and_post_themselves():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        r = w.push(a, "q.csv", "type,number,date,sku,quantity,unit\nsale,Y1,2026-06-01,NEW-1,3,\n"
                               "sale,Y1,2026-06-01,P1,1,托\nsale,Y1,2026-06-01,P1,1,\n", check=1)
        equal((r["committed"], r["quarantined"]), (1, 2))
        equal([p["found"] for p in r["problems"]].count("NEW-1"), 1)
        equal(len(w.ctl("quarantine", "list")), 2)
        w.import_csv("alias", "owner,kind,alias,id,unit,factor,from,to\nD1,product,NEW-1,P2,,,,\n*,unit,托,箱,,40,,\n")
        w.until(lambda: w.ctl("quarantine", "list") == [], "what waited posts itself")
        rows = w.ctl("flow", "list", "--by", "product,kind")
        equal(pick(rows, "product", "quantity"), [("P1", "961"), ("P2", "3")])
        w.verify()


def exit_codes_say_what_happened():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        w.agent(a, "push", w.dir / "absent.csv", check=66)
        w.agent(a, "push", w.file("no.csv", "这不是表\n"), check=65)
        w.ctl_raw("flow", "list", "--by", "weather", check=64)
        w.ctl_raw("partner", "show", "NOBODY", check=66)
        w.stop()
        w.agent(a, "push", w.file("late.csv", SALES), "--timeout", "1", check=75)
        run(BIN / "channelctl", "--server", f"ipc://{w.data}/admin.sock", "--timeout", "2", "partner", "list", check=69)
        w.start()
        r = w.push(a, "later.csv", "type,date,sku,quantity\nsale,2026-06-05,P1,1\n")
        equal(r["committed"], 1)
        equal([u["file"] for u in w.ctl("upload", "list") if u["file"] == "late.csv"], ["late.csv"],
              "what was spooled while nobody answered arrives with the next push")


main([a_file_becomes_figures, the_same_file_again_changes_nothing, a_correction_replaces_and_a_withdrawal_gives_back,
      unknown_words_wait_and_post_themselves, exit_codes_say_what_happened])
