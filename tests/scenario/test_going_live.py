#!/usr/bin/env python3
"""Going live: letters, states that follow from facts, openings, history before the live date, shadow, notices."""
import csv
import io
import json
import re
import stat

import books
from world import BIN, World, equal, main, pick, run

JUNE = """type,number,date,sku,quantity,unit,amount
sale,X1,2026-06-10,P1,10,瓶,20.00
sale,X2,2026-06-20,P1,10,瓶,20.00
sale,X3,2026-06-25,ZZ-1,2,箱,960.00
"""
WAVE = "partner\nD1\nD2\n"


def letters(w, wave=WAVE, *options, name="letters", check=0):
    folder = w.dir / name
    rows = w.ctl("partner", "onboard", "letters", "--from", w.file(f"{name}.csv", wave), "--to", folder, "--address",
                 w.server, "--contact", "渠道支持 <0571> & 8888", *options, check=check)
    return folder, rows


def enrol_by_letter(w, folder, row):
    """What a partner does: the command that stands in the letter."""
    text = (folder / row["file"]).read_text()
    server, token = re.search(r"enroll --server (\S+) --token ([^<\s]+)</pre>", text).groups()
    home = w.dir / "agents" / row["partner"]
    run(BIN / "channel-agent", "--home", home, "enroll", "--server", server, "--token", token)
    return home


def way(w, partner):
    return w.ctl("partner", "onboard", "show", partner)


def many_are_enrolled_by_letter():
    with World() as w:
        books.load(w)
        folder, rows = letters(w)
        equal([r["partner"] for r in rows], ["D1", "D2"])
        files = sorted(p.name for p in folder.iterdir())
        equal(files, sorted([r["file"] for r in rows] + ["letters.csv"]))
        equal({stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()}, {0o600}, "tokens are for nobody else")
        index = list(csv.DictReader(io.StringIO((folder / "letters.csv").read_text())))
        equal(pick(index, "partner", "file"), pick(rows, "partner", "file"))
        text = (folder / rows[0]["file"]).read_text()
        for part in ("杭州一级经销商", "渠道支持 &lt;0571&gt; &amp; 8888", "channel-agent --home ./channel run", "绝不发送",
                     "never sent"):
            equal(part in text, True, f"'{part}' in the letter")
        equal(re.findall(r"<script|<link|<img|src=|url\(|http", text), [], "a letter loads nothing")
        tokens = {re.search(r"--token ([^<\s]+)", (folder / r["file"]).read_text()).group(1) for r in rows}
        equal(len(tokens), 2, "a token each")
        letters(w, check=73)
        equal(sorted(p.name for p in folder.iterdir()), files, "nothing is written over")
        enrol_by_letter(w, folder, rows[0])
        equal([(o["partner"], o["state"]) for o in w.ctl("partner", "onboard", "list")],
              [("D1", "enrolled"), ("D2", "invited"), ("S1", "listed")])


def states_follow_from_facts():
    with World() as w:
        books.load(w)
        equal(way(w, "D1")["state"], "listed")
        folder, rows = letters(w)
        equal(way(w, "D1")["state"], "invited")
        home = enrol_by_letter(w, folder, rows[0])
        equal("no file" in way(w, "D1")["missing"], True, way(w, "D1"))
        w.push(home, "june.csv", JUNE, check=1)
        o = way(w, "D1")
        equal((o["state"], o["known_percent"], o["waiting_words"], o["waiting_amount"]),
              ("first_file", "4.0", 1, "960.00"))
        equal("ZZ-1" in w.ctl("quarantine", "list", "--partner", "D1")[0]["word"], True)
        refused = w.ctl_raw("partner", "onboard", "advance", "D1", check=73).stderr
        equal("mapped is missing" in refused and "1 words wait" in refused, True, refused)
        w.ctl_raw("alias", "set", "D1", "product", "ZZ-1", "id=P1")
        w.until(lambda: way(w, "D1")["state"] == "mapped", "the word is learnt")
        w.ctl_raw("opening", "import", w.file("o.csv", "partner,sku,quantity,unit,as_of\nD1,QQ-550,5,箱,2026-06-15\n"),
                  "--kind", "stock")
        o = way(w, "D1")
        equal((o["state"], [s["state"] for s in o["steps"]]), ("opening_stock", ["reached"] * 5 + ["missing"]))
        equal(all(o[s] == "2026-06-30" for s in ("invited", "enrolled", "first_file", "mapped", "opening_stock")), True, o)
        done = w.ctl("partner", "onboard", "advance", "--all-ready", "--live", "2026-06-15")
        equal([(d["partner"], d["outcome"], d["live"]) for d in done], [("D1", "advanced", "2026-06-15")])
        equal((way(w, "D1")["state"], way(w, "D1")["missing"], way(w, "D1")["known_percent"]), ("live", None, "100.0"))
        listed = w.ctl("partner", "onboard", "list")[0]
        equal((listed["partner"], listed["state"], listed["known_percent"]), ("D1", "live", None), "books not looked at")
        equal(w.ctl("partner", "onboard", "advance", "--all-ready"), [], "nobody else is ready")
        mixed = w.ctl("partner", "onboard", "advance", "D1", "D2", check=1)
        equal([d["outcome"] for d in mixed], ["unchanged", "refused"])
        w.verify()


def a_reason_waives_what_is_missing():
    with World() as w:
        books.load(w)
        letters(w)
        account = w.ctl("user", "add", "anna", "--role", "account_manager")["token"]
        w.ctl_raw("partner", "onboard", "advance", "D2", "--reason", "先上线", token=account, check=77)
        chief = w.ctl("user", "add", "chen", "--role", "channel_manager")["token"]
        w.ctl_raw("partner", "onboard", "advance", "D2", "--to", "mapped", "--reason", "试点", token=chief)
        o = way(w, "D2")
        equal((o["state"], o["waived"], o["note"]), ("mapped", "enrolled;first_file;mapped", "试点"))
        w.ctl_raw("partner", "onboard", "advance", "D2", "--live", "2026-08-01", "--reason", "八月", token=chief)
        o = way(w, "D2")
        equal((o["state"], o["live"], o["missing"]), ("opening_stock", "2026-08-01", "goes live on 2026-08-01"))
        w.ctl_raw("clock", "set", "2026-08-01T09:00:00+08:00")
        equal(way(w, "D2")["state"], "live")
        history = w.ctl("onboarding", "history", "D2")
        equal([h["live"] for h in history], [None, None, "2026-08-01"])


def before_the_live_date_is_history():
    with World() as w:
        books.load(w)
        home = w.enrol("D1", "--onboard")
        w.push(home, "june.csv", JUNE.replace("ZZ-1", "P2"))

        def split():
            return [[(r["month"], r["quantity"]) for r in w.ctl("flow", "list", "--by", "month", "--sku", "P1", o)]
                    for o in ("--history", "--live")]
        equal(split(), [[("2026-06", "20")], []], "no live date yet: all of it")
        w.ctl_raw("onboarding", "set", "D1", "live=2026-06-15")
        equal(split(), [[("2026-06", "10")], [("2026-06", "10")]])
        equal(pick(w.ctl("document", "list"), "number", "history"),
              [("X1", True), ("X2", False), ("X3", False)])
        w.ctl_raw("onboarding", "set", "D1", "live=2026-06-22")
        equal(split(), [[("2026-06", "20")], []], "read, not stamped")
        equal(w.ctl("flow", "list", "--by", "partner,region", "--sku", "P1", "--live"), [])
        equal([r["quantity"] for r in w.ctl("flow", "list", "--sku", "P1")], ["20"], "history stays in the flows")
        other = w.enrol("D2")
        w.push(other, "d2.csv", "type,number,date,sku,quantity\nsale,Y1,2026-01-05,P1,3\n")
        equal([r["partner"] for r in w.ctl("flow", "list", "--sku", "P1", "--live")], ["D2"],
              "whom nobody onboards counts from the first day")
        w.verify()


def stock_begins_with_an_opening():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        text = "partner,sku,quantity,unit,batch,place,as_of\nD1,P1,2,箱,B1,,2026-06-15\nD1,P1,12,瓶,B2,,2026-06-15\n" \
               "D1,P2,6,,,T1,2026-06-15\n"
        tried = w.ctl("opening", "import", w.file("o.csv", text), "--kind", "stock", "--dry-run")
        equal((tried["new"], tried["entries"]), (3, 0))
        equal(w.ctl("opening", "list"), [])
        w.ctl_raw("opening", "import", w.file("o.csv", text), "--kind", "stock")
        again = w.ctl("opening", "import", w.file("o.csv", text), "--kind", "stock")
        equal((again["same"], again["entries"]), (3, 0), "again is no change")

        def stock():
            return {(s["partner"], s["product"]): (s["quantity"], s["count_day"]) for s in w.ctl("stock", "list")}
        equal(stock(), {("D1", "P1"): ("60", "2026-06-15"), ("T1", "P2"): ("6", "2026-06-15")})
        w.push(home, "sales.csv", "type,number,date,sku,quantity\nsale,X1,2026-06-10,P1,100\nsale,X2,2026-06-20,P1,10\n")
        equal(stock()[("D1", "P1")], ("50", "2026-06-15"), "only what flowed since the opening counts")
        w.ctl_raw("opening", "import", w.file("o.csv", text.replace("2,箱,B1", "3,箱,B1")), "--kind", "stock")
        equal(stock()[("D1", "P1")][0], "74", "a corrected row replaces")
        equal([(h["batch"], h["quantity"]) for h in w.ctl("opening", "history", "--partner", "D1")],
              [("B1", "2"), ("B1", "3"), ("B2", "12"), (None, "6")])
        w.push(home, "count.csv", "type,date,sku,quantity\nstock,2026-06-30,P1,70\n")
        kinds = w.ctl("flow", "list", "--by", "kind,day", "--partner", "D1", "--kind", "opening,adjustment")
        equal(pick(kinds, "kind", "day", "quantity"),
              [("adjustment", "2026-06-30", "-4"), ("opening", "2026-06-15", "84")])
        w.ctl_raw("opening", "remove", "D1", "P1", "B2", "--kind", "stock")
        equal([o["batch"] for o in w.ctl("opening", "list", "--kind", "stock")], ["B1", None])
        w.verify()


def an_opening_file_is_all_or_nothing():
    with World() as w:
        books.load(w)
        bad = w.ctl("opening", "import", w.file("bad.csv", "kind,partner,sku,quantity,unit,amount,policy,period,company,"
                    "document,due,as_of\n"
                    "stock,D1,P1,5,罐,,,,,,,2026-06-15\nstock,D1,P1,1,,,,,,,,\nvolume,D1,,,,,V1,2026Q2,,,,2026-06-15\n"
                    "wallet,D1,,,,100.00,,,main,,,2026-06-15\n"), check=65)
        equal(sorted((p["row"], p["column"]) for p in bad["problems"]), [(2, "unit"), (3, "as_of"), (4, "amount")])
        equal(w.ctl("opening", "list"), [])
        good = w.ctl("opening", "import", w.file("good.csv",
                     "kind,partner,policy,period,amount,company,document,due,as_of\n"
                     "volume,D1,V1,2026Q2,1200.50,,,,2026-06-15\nwallet,D1,,,-30.00,main,,,2026-06-15\n"
                     "receivable,D1,,,880.00,main,INV-7,2026-07-15,2026-06-15\n"))
        equal((good["table"], good["new"], good["faults"]), ("opening", 3, 0))
        equal(pick(w.ctl("opening", "list", "--partner", "D1"), "kind", "amount", "document"),
              [("receivable", "880.00", "INV-7"), ("volume", "1200.50", None), ("wallet", "-30.00", None)])
        w.ctl_raw("opening", "import", w.file("x.csv", "partner,amount,as_of\nD1,5,2026-06-15\n"), check=65)
        w.verify()


def in_shadow_nothing_is_sent():
    with World() as w:
        books.load(w)
        w.ctl_raw("setting", "set", "mode", "shadow")
        equal(w.ctl("status", check=None)["mode"], "shadow")
        equal({o["mode"] for o in w.ctl("partner", "onboard", "list")}, {"shadow"})
        w.ctl_raw("onboarding", "set", "D1", "mode=live", "live=2026-06-01")
        equal({o["partner"]: o["mode"] for o in w.ctl("partner", "onboard", "list")},
              {"D1": "live", "D2": "shadow", "S1": "live"}, "who has no row follows the partner above")
        w.ctl_raw("setting", "set", "mode", "live")
        w.ctl_raw("onboarding", "set", "D2", "mode=shadow")
        status = w.ctl("status", check=None)
        equal((status["mode"], status["shadow_partners"]), ("live", ["D2"]))
        equal(w.ctl("notice", "list"), [])


def messages_reach_whom_they_may():
    with World() as w:
        books.load(w)
        homes = {p: w.enrol(p) for p in ("D1", "D2")}
        w.ctl_raw("onboarding", "set", "D2", "mode=shadow", "live=2026-01-01")
        for p in homes:
            w.ctl_raw("duty", "set", p, "sale", "2026-06-01", "every=month", "due=1")
        w.ctl_raw("clock", "set", "2026-07-03T12:00:00+08:00")
        states = {(n["partner"], n["state"]) for n in w.ctl("notice", "list")}
        equal(states, {("D1", "new"), ("D2", "suppressed_shadow")})
        said = w.agent(homes["D1"], "notices", "--lang", "zh").stdout
        equal("2026-06-30  " in said and "2026-06" in said, True, said)
        equal(w.agent(homes["D2"], "notices", "--lang", "en").stdout, "no messages\n", "nor is a partner told of it")
        equal({n["partner"] for n in json.loads(w.agent(homes["D1"], "notices", "-o", "json").stdout)}, {"D1"})
        w.agent(homes["D1"], "ask", "notice", "list", "--partner", "D2", check=77)
        w.ctl_raw("notice", "read", "--partner", "D1")
        equal(w.ctl("notice", "list", "--partner", "D1"), [])
        equal({n["state"] for n in w.ctl("notice", "list", "--partner", "D1", "--all")}, {"read"})
        w.verify()


main([many_are_enrolled_by_letter, states_follow_from_facts, a_reason_waives_what_is_missing,
      before_the_live_date_is_history, stock_begins_with_an_opening, an_opening_file_is_all_or_nothing,
      in_shadow_nothing_is_sent, messages_reach_whom_they_may])
