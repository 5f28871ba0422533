#!/usr/bin/env python3
"""The catalogue: import, list, show, set, history; prices and regions as of a date; faults named by row and column."""
import books
from world import World, equal, main, pick


def every_table_imports_lists_and_shows():
    with World() as w:
        books.load(w)
        w.import_csv("area", "area,name,region\nEAST,华东,330000\nEAST,华东,320000\n")
        w.import_csv("stage", "sku,stage,from\nP1,introduction,2026-01-01\nP1,growth,2026-04-01\n")
        w.import_csv("territory", "partner,region,products,from,to,channels,exclusive\nD1,330000,brand:清泉,2026-01-01,,,Y\n")
        w.import_csv("price", "sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\n"
                              "P1,dealer,2026-01-01,,1.60,incl,,,,\nP1,dealer,2026-01-01,,1.55,incl,A,,,\n")
        for table, n in (("partner", 6), ("product", 3), ("area", 2), ("stage", 2), ("territory", 1), ("price", 2),
                         ("alias", 3)):
            equal(len(w.ctl(table, "list")), n, table)
        shown = w.ctl("partner", "show", "D1")
        equal({k: shown[k] for k in ("id", "name", "kind", "tier", "parent")},
              {"id": "D1", "name": "杭州一级经销商", "kind": "distributor", "tier": "A", "parent": "M"})
        again = w.ctl_raw("partner", "import", w.file("again.csv", books.PARTNERS), "--detailed-exitcode")
        equal(again.returncode, 0, "the same rows again are no change")
        w.ctl_raw("partner", "import", w.file("new.csv", "id,name,kind\nD9,新,distributor\n"), "--detailed-exitcode", check=2)
        for words, status in ((("setting", "set", "currency", "EUR"), 2), (("setting", "set", "currency", "EUR"), 0),
                              (("setting", "get", "currency"), 0), (("partner", "remove", "D9"), 2),
                              (("user", "add", "anna", "--role", "finance"), 2), (("customer", "list"), 0)):
            w.ctl_raw(*words, "--detailed-exitcode", check=status)
        equal(pick(w.ctl("price", "list"), "amount"), [("1.55",), ("1.60",)])
        equal(w.ctl("product", "show", "P1")["list_price"], "2.00")
        p = w.ctl_raw("partner", "import", w.dir, check=65)
        equal("directory" in p.stderr, True, p.stderr)
        equal("help flow" in w.ctl_raw("flow", check=64).stderr, True)
        w.verify()


def a_set_value_stays_in_the_history():
    with World() as w:
        books.load(w)
        w.ctl_raw("partner", "set", "D1", "tier=B")
        equal(w.ctl("partner", "show", "D1")["tier"], "B")
        history = w.ctl("partner", "history", "D1")
        equal([h["tier"] for h in history], ["A", "B"])


def a_wrong_row_stops_the_whole_import():
    with World() as w:
        books.load(w)
        p = w.import_csv("partner", "id,name,kind,tier,parent,region\nN1,好,distributor,,,330100\nN2,坏,shop,,NOBODY,330100\n",
                         check=65)
        for word in ("3", "kind", "shop"):
            equal(word in p.stdout, True, f"'{word}' in: {p.stdout}")
        equal([x["id"] for x in w.ctl("partner", "list") if x["id"].startswith("N")], [], "nothing half-applied")
        w.import_csv("partner", "id,nom,kind\nX,x,distributor\n", check=65)


def the_price_of_a_day_says_which_row_decided():
    with World() as w:
        books.load(w)
        w.import_csv("price", "sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\n"
                              "P1,dealer,2026-01-01,2026-05-31,1.60,incl,,,,\n"
                              "P1,dealer,2026-01-01,,1.50,incl,,330000,,\n"
                              "P1,dealer,2026-06-01,,1.40,incl,,,D1,\n")
        def dealer(partner, date):
            shown = w.ctl("price", "show", "P1", "--partner", partner, "--date", date)
            return [r["amount"] for r in shown["prices"] if r["kind"] == "dealer"]
        equal(dealer("D1", "2026-06-15"), ["1.40"])
        equal(dealer("D1", "2026-05-15"), ["1.50"], "a region is more specific than none")
        equal(dealer("D2", "2026-05-15"), ["1.60"])


def regions_are_built_in():
    with World() as w:
        for code, name in (("330106", "西湖区"), ("710000", "台湾"), ("810000", "香港"), ("820000", "澳门"),
                           ("429004", "仙桃"), ("330113", "临平")):
            shown = w.ctl("region", "show", code)
            equal(name in shown["name"], True, f"{code}: {shown}")
        equal(w.ctl("region", "show", "330106")["parent"], "330100")
        equal("德国" in w.ctl("region", "show", "DE")["name"] or "Germany" in w.ctl("region", "show", "DE")["name"], True)
        old = w.ctl("region", "show", "330103")
        equal(old["to"] is not None, True, f"下城区 has ended: {old}")


def settings_and_users():
    with World() as w:
        equal(w.ctl("setting", "get", "accept.oldest")["value"], "2000-01-01")
        w.ctl_raw("setting", "set", "accept.oldest", "2020-01-01")
        equal(w.ctl("setting", "get", "accept.oldest")["value"], "2020-01-01")
        w.ctl_raw("setting", "set", "accept.oldest", "someday", check=65)
        token = w.ctl("user", "add", "anna", "--role", "analyst")["token"]
        equal(len(w.ctl("partner", "list", token=token)), 0)
        w.ctl_raw("setting", "set", "accept.oldest", "2021-01-01", token=token, check=77)
        w.ctl_raw("user", "disable", "anna")
        w.ctl_raw("partner", "list", token=token, check=77)
        equal(pick(w.ctl("user", "list"), "name", "role"), [("anna", "analyst")])


main([every_table_imports_lists_and_shows, a_set_value_stays_in_the_history, a_wrong_row_stops_the_whole_import,
      the_price_of_a_day_says_which_row_decided, regions_are_built_in, settings_and_users])
