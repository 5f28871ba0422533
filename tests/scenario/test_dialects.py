#!/usr/bin/env python3
"""The same facts in every dialect give the same books: a seeded world of monthly totals is written in sixteen dialects,
each is pushed by agents into a daemon of its own, and the views of flows must have one content. Then the dialects that
can tell more do the same with every sale, return and gift at its shop and day."""
import csv
import decimal
import pathlib
import shutil
import tempfile

from world import BIN, World, equal, main, run, skip

MONTHLY = ("canonical", "gb18030", "guanjiapo", "kingdee", "yonyou", "months", "matrix", "tab", "semicolon", "utf16", "xlsx",
           "html", "slsrpt", "slsrpt-items", "867", "852")
DAILY = ("canonical", "guanjiapo", "yonyou", "xlsx", "slsrpt-items", "867", "852")
TABLES = ("partner", "product", "region", "area", "territory", "stage", "price", "alias")


def plural(table):
    return table[:-1] + "ies" if table.endswith("y") else table + ("es" if table == "alias" else "s")


def books_of(dialect, *options):
    """What a daemon holds after agents pushed that dialect's files: content of the flow views, totals by kind."""
    if not (BIN / "channel-sim").exists():
        skip("channel-sim is not built")
    top = pathlib.Path(tempfile.mkdtemp(prefix="channel-dialects-"))
    try:
        sim = top / "world"
        run(BIN / "channel-sim", "files", "--seed", "11", "--partners", "2", "--products", "12", "--from", "2026-04-10",
            "--returns", "15", "-o", sim, "--dialect", dialect, *options)
        with World(clock="2026-06-30T09:00:00+08:00") as w:
            for table in TABLES:
                file = sim / f"{plural(table)}.csv"
                if file.exists():
                    w.ctl_raw(table, "import", file)
            for folder in sorted((sim / "partners").iterdir()):
                home = w.enrol(folder.name)
                w.agent(home, "push", *sorted(folder.iterdir()), "-o", "json")
            equal(w.ctl("quarantine", "list"), [], f"{dialect}: nothing waits")
            totals = {r["kind"]: (decimal.Decimal(r["amount"]), r["currency"]) for r in w.ctl("flow", "list", "--by", "kind")}
            content = {name: digest for name, digest in w.content().items() if name.startswith("flow")}
            return content, totals, truth_of(sim)
    finally:
        shutil.rmtree(top, ignore_errors=True)


def truth_of(sim):
    sums = {}
    with open(sim / "truth.csv", encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            amount, _ = sums.get(r["kind"], (decimal.Decimal(0), ""))
            sums[r["kind"]] = (amount + decimal.Decimal(r["amount"] or 0), "CNY")
    return sums


def one_content(dialects, *options):
    wanted = None
    for dialect in dialects:
        content, totals, truth = books_of(dialect, *options)
        equal(totals, truth, f"{dialect}: amounts by kind")
        equal(len(content) >= 3, True, f"{dialect}: views of flows: {sorted(content)}")
        wanted = wanted or content
        equal(content, wanted, f"{dialect} against {dialects[0]}")


def monthly_totals_in_every_dialect():
    one_content(MONTHLY, "--days", "60", "--facts", "monthly")


def every_sale_in_the_dialects_that_can_tell_it():
    one_content(DAILY, "--days", "4", "--gifts", "15")


main([monthly_totals_in_every_dialect, every_sale_in_the_dialects_that_can_tell_it])
