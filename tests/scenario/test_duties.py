#!/usr/bin/env python3
"""Duties across a month end with 调休: on time, late, missing, nil; what it rests on; reminders once each, also over a
restart. The daemon is real, so are the agents; time is simulated."""
from world import *

CALENDAR = """day,kind,name
2026-10-01,放假,国庆节
2026-10-02,放假,国庆节
2026-10-05,放假,国庆节
2026-10-06,放假,国庆节
2026-10-07,放假,国庆节
2026-10-10,调休,周六上班
2026-09-27,workday,周日上班
"""
PARTNERS = "id,name,kind,tier\nM,厂家,manufacturer,\n" + "".join(
    f"D{i},经销商{i},distributor,{'A' if i < 4 else 'B'}\n" for i in range(1, 7))
PRODUCTS = "sku,name,base_unit,list_price\nP1,可乐,瓶,3\n"
# September's sales are due on the third working day after it: 8, 9 and 10 October (a Saturday that is worked)
DUTIES = """partner,type,every,due,from,to
*,sale,month,3,2026-07-01,
tier=A,stock,month,5,2026-09-01,
D6,sale,never,,2026-07-01,
D5,sale,month,4,2026-07-01,
"""


def sales(month, days, quantity=10):
    return "type,date,number,sku,quantity,unit_price\n" + "".join(
        f"sale,2026-{month:02}-{d:02},{month}-{d},P1,{quantity},3\n" for d in days)


def by_partner(rows):
    return {r["partner"]: r for r in rows}


def status(w, *words):
    return w.ctl("report", "status", *words)


def clock(w, t):
    w.ctl_raw("clock", "set", f"{t}+08:00")


def states(w, period, kind="sale"):
    return {p: r["state"] for p, r in by_partner(status(w, "--period", period, "--type", kind)).items()}


def notices(w, partner, since="2026-09-30"):
    """Of periods that ended since that day."""
    return [(r["kind"], r["subject"], r["day"]) for r in w.ctl("notice", "list", "--partner", partner)
            if r["day"] >= since]


def set_up(w):
    for table, text in (("partner", PARTNERS), ("product", PRODUCTS), ("calendar", CALENDAR), ("duty", DUTIES)):
        w.import_csv(table, text)
    bad = w.ctl("duty", "import", w.file("bad.csv", "partner,type,every,due,from\ntier=,sale,month,61,2026-01-01\n"
                                                     "D9,rent,month,1,2026-01-01\n"), check=65)
    assert bad["faults"] == 3, bad
    assert w.ctl("fiscal_month", "set", "2026-07", "from=2026-07-14", check=65) is not None
    return {p: w.enrol(p) for p in ("D1", "D2", "D3", "D4", "D5")}


def history(w, homes):
    """Three months that make the usual amounts: D1 … D5 sell 30, 60, 90, 120, 150 a month."""
    for month, due in ((7, "2026-08-04"), (8, "2026-09-02")):
        clock(w, f"{due}T10:00:00")
        for i in range(1, 6):
            w.push(homes[f"D{i}"], f"m{month}.csv", sales(month, [3], 10 * i))
    assert set(states(w, "2026-08").values()) == {"on_time"}, states(w, "2026-08")
    assert "D6" not in states(w, "2026-08"), "D6 is freed"


def month_end(w, homes):
    clock(w, "2026-09-20T10:00:00")
    w.push(homes["D1"], "part.csv", sales(9, [3, 4], 10))
    clock(w, "2026-10-04T10:00:00")
    rows = by_partner(status(w, "--period", "2026-09", "--type", "sale"))
    assert rows["D1"]["due"] == "2026-10-10" and rows["D5"]["due"] == "2026-10-12", rows
    assert rows["D1"]["state"] == "not_due" and rows["D1"]["lines"] == 2, "a part of a month is not the month"
    assert rows["D1"]["reached"] == "2026-09-04", rows["D1"]
    assert rows["D1"]["came"] is None, rows["D1"]
    assert by_partner(status(w, "--period", "2026-09", "--type", "stock"))["D1"]["due"] == "2026-10-13"
    w.push(homes["D1"], "rest.csv", sales(9, [28], 10))
    w.push(homes["D4"], "unknown.csv", sales(9, [30], 40).replace("P1", "QQ"), check=1)
    r = json.loads(w.agent(homes["D3"], "nil", "--type", "sale", "--from", "2026-09-01", "--to", "2026-09-30",
                           "-o", "json").stdout)
    assert r["lines"] == r["committed"] == 30, r
    again = json.loads(w.agent(homes["D3"], "nil", "--type", "sale", "--from", "2026-09-01", "--to", "2026-09-30",
                               "-o", "json").stdout)
    assert again["duplicate"] == 30, again
    rows = by_partner(status(w, "--period", "2026-09", "--type", "sale"))
    assert {p: r["state"] for p, r in rows.items()} == {
        "D1": "on_time", "D2": "not_due", "D3": "nil", "D4": "on_time", "D5": "not_due"}, rows
    assert rows["D1"]["came"].startswith("2026-10-04") and rows["D1"]["amount"] == "90.00", rows["D1"]
    assert rows["D4"]["waiting"] == 1 and rows["D4"]["amount"] == "0.00", "what waits in quarantine was reported too"


def reminders(w, homes):
    assert notices(w, "D2") == [], "nothing before the day"
    clock(w, "2026-10-08T12:00:00")
    assert notices(w, "D2") == [("report_due", "month sale", "2026-09-30")], notices(w, "D2")
    assert notices(w, "D1") == notices(w, "D3") == [], "what came is not asked for"
    w.stop()
    w.start()
    clock(w, "2026-10-10T12:00:00")
    assert [n[:2] for n in notices(w, "D1")] == [("report_due", "month stock")], notices(w, "D1")
    clock(w, "2026-10-11T08:00:00")
    assert len(notices(w, "D2")) == 2, notices(w, "D2")
    w.stop()
    w.start()
    clock(w, "2026-10-11T12:00:00")
    assert ("report_missing", "month sale", "2026-09-30") in notices(w, "D2"), notices(w, "D2")
    assert [n[0] for n in notices(w, "D5")] == ["report_due"], "due tomorrow"
    late = w.push(homes["D5"], "m9.csv", sales(9, [15], 50))
    assert late["committed"] == 1
    clock(w, "2026-11-02T12:00:00")
    before = {p: notices(w, p) for p in homes}
    assert all(len(set(n)) == len(n) for n in before.values()), before
    assert sum(n[0] == "report_missing" and n[1] == "month sale" for n in before["D2"]) == 1, before["D2"]
    assert not any(n[0] == "report_missing" and n[1] == "month sale" for n in before["D5"]), before["D5"]
    told = w.ctl("notice", "list", "--partner", "D2")
    assert any("2026-09" in r["zh"] and "2026-10-10" in r["zh"] for r in told), told
    check = [c for c in w.ctl("status", check=None)["checks"] if c["check"] == "reports"][0]
    assert check["state"] == "ok" and "missing, of" in check["found"], check


def judged(w, homes):
    rows = by_partner(status(w, "--period", "2026-09", "--type", "sale"))
    assert {p: r["state"] for p, r in rows.items()} == {
        "D1": "on_time", "D2": "missing", "D3": "nil", "D4": "on_time", "D5": "on_time"}, rows
    assert rows["D2"]["days_late"] == 23, rows["D2"]
    w.push(homes["D2"], "late.csv", sales(9, [30], 20))
    row = by_partner(status(w, "--period", "2026-09", "--type", "sale"))["D2"]
    assert row["state"] == "late" and row["days_late"] == 23 and row["came"].startswith("2026-11-02"), row
    assert [r["type"] for r in status(w, "--partner", "D2", "--period", "2026-09", "--state", "missing")] == ["stock"]


def nil_and_lines(w, homes):
    """A later file makes the nil report void; a nil report after lines is named; what is withdrawn counts no more."""
    w.push(homes["D3"], "found.csv", sales(9, [29], 30))
    row = by_partner(status(w, "--period", "2026-09", "--type", "sale"))["D3"]
    assert row["state"] == "on_time" and row["lines"] == 1 and row["contradiction"] is None, row
    r = w.agent(homes["D2"], "nil", "--type", "sale", "--from", "2026-09-01", "--to", "2026-09-30", "--lang", "zh", check=1)
    assert "2026-09-30 (document" in r.stdout and "以明细为准，零申报不算数；哪个错了就撤回哪个" in r.stdout, r
    row = by_partner(status(w, "--period", "2026-09", "--type", "sale"))["D2"]
    assert row["state"] == "late" and row["contradiction"] == "2026-09-30", row
    lines = [u for u in w.ctl("upload", "list", "--partner", "D2") if u["file"] == "late.csv"][0]
    w.ctl_raw("upload", "withdraw", lines["id"], "--reason", "wrong month")
    row = by_partner(status(w, "--period", "2026-09", "--type", "sale"))["D2"]
    assert row["state"] == "nil" and row["contradiction"] is None and row["days_late"] == 23, row
    docs = [d for d in w.ctl("document", "list", "--partner", "D2") if d["state"] == "nil"]
    assert len(docs) == 1 and docs[0]["type"] == "sale" and docs[0]["line_count"] == 30, docs


def coverage(w, homes):
    w.ctl_raw("upload", "withdraw", [u for u in w.ctl("upload", "list", "--partner", "D3")
                                     if u["file"] == "found.csv"][0]["id"], "--reason", "test")
    got = w.ctl("report", "coverage", "--period", "2026-09")
    assert (got["partners"], got["reported"], got["nil"], got["missing"]) == (5, 3, 2, 0), got
    # the means of July and August: 30 + 60 + 90 + 120 + 150 a month
    assert got["usual_amount"] == "450.00" and got["share"] == "1", got
    got = w.ctl("report", "coverage", "--period", "2026-10")
    assert (got["reported"], got["nil"], got["missing"]) == (0, 0, 5) and got["share"] == "0", got
    line = w.ctl_raw("flow", "list", "--by", "quarter", "--final", "--period", "2026-Q3", "-o", "csv")
    assert line.stderr == ("coverage: 5 of 5 partners, 100.0 % of the usual amount\n"), line
    assert line.stdout.splitlines()[1].startswith("2026-Q3,sell_out"), line.stdout
    assert w.ctl_raw("flow", "list", "--partner", "D1").stderr == ""
    assert "coverage: 0 of 6 partners" in w.ctl_raw("stock", "list").stderr


def fiscal(w):
    w.ctl_raw("setting", "set", "fiscal_month_starts", "26")
    got = {r["fiscal_month"]: r["quantity"] for r in w.ctl("flow", "list", "--by", "fiscal_month", "--final",
                                                           "--partner", "D1")}
    assert got == {"2026-07": "10", "2026-08": "10", "2026-09": "20", "2026-10": "10"}, got
    row = by_partner(status(w, "--period", "2026-10", "--type", "sale"))["D1"]
    assert (row["from"], row["to"]) == ("2026-09-26", "2026-10-25"), row
    w.ctl_raw("fiscal_month", "set", "2026-10", "from=2026-09-29")
    got = {r["fiscal_month"]: r["quantity"] for r in w.ctl("flow", "list", "--by", "fiscal_month", "--final",
                                                           "--partner", "D1")}
    assert got == {"2026-07": "10", "2026-08": "10", "2026-09": "30"}, got
    w.ctl_raw("flow", "list", "--period", "2026-13", check=64)
    w.ctl_raw("setting", "set", "fiscal_month_starts", "29", check=65)


def in_files(w, homes):
    """零申报 in a file of the clerk's own, a month and a span."""
    text = "日期,商品编码,商品名称,数量,金额\n2026年10月,,零申报,,\n"
    out = w.push(homes["D4"], "十月.csv", text)
    assert out["committed"] == 31 and out["refused"] == 0, out
    row = by_partner(status(w, "--from", "2026-10-31", "--to", "2026-11-30", "--type", "sale"))["D4"]
    assert row["contradiction"] is None, row


def asked_by_the_partner(w, homes):
    rows = json.loads(w.agent(homes["D2"], "ask", "report", "status", "--type", "sale", "-o", "json").stdout)
    assert rows and {r["partner"] for r in rows} == {"D2"}, rows
    s = json.loads(w.agent(homes["D2"], "status", "-o", "json").stdout)
    assert s["missing"] and s["missing"][0]["type"] == "stock", s
    text = w.agent(homes["D2"], "status").stdout
    assert "missing" in text and "stock" in text, text


def duties_across_a_month_end():
    with World(clock="2026-07-31T09:00:00+08:00") as w:
        homes = set_up(w)
        history(w, homes)
        month_end(w, homes)
        reminders(w, homes)
        judged(w, homes)
        nil_and_lines(w, homes)
        coverage(w, homes)
        asked_by_the_partner(w, homes)
        fiscal(w)
        in_files(w, homes)
        equal(json.loads(w.offline("journal", "verify", "-o", "json").stdout)["ok"], True, "replay gives the same")


main([duties_across_a_month_end])
