#!/usr/bin/env python3
"""Workbooks: real files against independent readers, and 300,000 rows in bounded time and memory."""
import collections
import datetime
import decimal
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from world import BIN, ENV, ROOT, World, equal, library, main, run, shared

D = decimal.Decimal
RELEASE = pathlib.Path(os.environ.get("CHANNELD_RELEASE_BIN", ROOT / "build" / "bin"))
MIB = 1 << 20
ROWS = int(os.environ.get("CHANNELD_WORKBOOK_ROWS", "20000"))  # tools/prove.sh bench: 300,000


def attempt(path, mapping=None):
    """`import try`: the document set, or the one line of refusal."""
    words = [BIN / "channelctl", "import", "try", path, "-o", "json"]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as f:
        if mapping:
            f.write(mapping)
            f.flush()
            words += ["--mapping", f.name]
        p = run(*words, check=None)
    if p.returncode in (0, 1):
        return json.loads(p.stdout)
    equal(p.returncode, 65, f"{path}: {p.stderr}")
    message = json.loads(p.stderr)["message"] if p.stderr.lstrip().startswith("{") else p.stderr.strip()
    equal(len(message.splitlines()), 1, message)
    return message


def lines_of(result):
    """What the lines say, whatever kind of file they stood in."""
    kept = ("row", "sku", "date", "quantity", "amount", "customer", "unit")
    return [(d["type"], *(x.get(k) for k in kept)) for d in result["documents"] for x in d["lines"]]


def every_file_is_read_or_refused_in_one_line():
    found = 0
    for folder in ("data/xlsx_torture", "data/cn_files", "data/csv_torture/csvkit", "data/demand"):
        for path in sorted(shared(folder).rglob("*.xls*")):
            r = attempt(path)
            found += 1
            print(f"  {path.name}: " + (r[:150] if isinstance(r, str) else f"{len(lines_of(r))} lines"))
    equal(found >= 9, True, f"{found} workbooks")


def companions_say_the_same():
    mapping = "columns: {sku: text, date: date, quantity: integer, amount: float}\nconstants: {type: sale}\n"
    for book, text in (("test.xlsx", "testxlsx_converted.csv"), ("test.xls", "testxls_converted.csv")):
        ours = attempt(shared(f"data/csv_torture/csvkit/{book}"), mapping)
        theirs = attempt(shared(f"data/csv_torture/csvkit/{text}"), mapping)
        equal(lines_of(ours), lines_of(theirs), book)
        equal(len(lines_of(ours)), 3)
        equal([p["row"] for p in ours["problems"]], [p["row"] for p in theirs["problems"]], book)


def openpyxl_says_the_same():
    openpyxl = library("openpyxl")
    if openpyxl is None:
        return
    sample = shared("data/cn_files/wps_city_month_matrix.xlsx")
    refusal = attempt(sample)
    equal("the month column '1月' has no year" in refusal, True, refusal)
    mapping = "columns: {ship_to: 城市}\nconstants: {sku: 全部, type: sale}\nyear: 2023\n"
    ours = collections.Counter()
    for d in attempt(sample, mapping)["documents"]:
        for x in d["lines"]:
            ours[(x["ship_to"], x["date"][:7])] += D(x["amount"])
    theirs = collections.Counter()
    rows = openpyxl.load_workbook(sample, data_only=True).worksheets[0].iter_rows(values_only=True)
    next(rows)
    for row in rows:
        for month in range(1, 7):
            if row[2] is not None and row[2 + month] is not None:
                theirs[(row[2].strip(), f"2023-{month:02d}")] += D(repr(row[2 + month]))
    equal({k: v for k, v in ours.items() if v}, {k: v for k, v in theirs.items() if v})

    sample = shared("data/xlsx_torture/tealeg/merged_cells.xlsx")
    wanted, day = [], None
    for no, (date, sku, quantity) in enumerate(openpyxl.load_workbook(sample).worksheets[0].iter_rows(values_only=True)):
        day = date or day
        if no > 0 and quantity is not None:
            d, m, y = day.split(".")
            wanted.append(("sale", no + 1, sku, f"{y}-{m}-{d}", f"{quantity:g}", None, None, None))
    equal(lines_of(attempt(sample, "columns: {date: Date, sku: Product, quantity: Quantity}\ndates: d/m/y\n")), wanted)


def a_fill_in_sheet_comes_back():
    """Filled in by another library, the sheet reads as what was filled in, and the example row as nothing."""
    openpyxl = library("openpyxl")
    if openpyxl is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "sheet.xlsx"
        codes = pathlib.Path(folder) / "codes.csv"
        codes.write_text("sku,name,spec,unit\n690123456789012345,甲酒,500ml,瓶\n007,乙酒,,箱\n", encoding="utf-8")
        for kind, title in (("sale", "销售"), ("stock", "库存"), ("receipt", "入库")):
            run(BIN / "channel-agent", "template", "--type", kind, "--products", codes, "-o", path)
            book = openpyxl.load_workbook(path)
            equal(book.sheetnames, [title, "产品", "说明"])
            equal([[c.value for c in r][:4] for r in book["产品"].iter_rows(min_row=2)],
                  [["690123456789012345", "甲酒", "500ml", "瓶"], ["007", "乙酒", None, "箱"]])
            sheet = book[title]
            at = {c.value: c.column for c in sheet[2]}
            for row, (day, sku, quantity, unit) in enumerate([(datetime.date(2026, 3, 1), "690123456789012345", 3, "瓶"),
                                                             ("2026-03-02", "007", -1, "箱")], start=4):
                for name, value in (("日期", day), ("商品编码", sku), ("数量", quantity), ("单位", unit)):
                    sheet.cell(row=row, column=at[name], value=value)
            book.save(path)
            result = attempt(path)
            equal(lines_of(result), [(kind, 4, "690123456789012345", "2026-03-01", "3", None, None, "瓶"),
                                     (kind, 5, "007", "2026-03-02", "-1", None, None, "箱")])
            equal(result["problems"], [])


def maker():
    for place in (BIN, ROOT / "build" / "asan" / "bin"):
        if (place / "make_workbook").exists():
            return place / "make_workbook"
    return None


# Started from a small process: what a process had before it became another program counts as that program's.
WATCHER = """import json, os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024]), file=sys.stderr)"""


def measured(words):
    """Run a program: its exit status, what it printed, seconds of the clock and of the processor, the most memory it had."""
    begin = time.monotonic()
    p = subprocess.run([sys.executable, "-I", "-S", "-c", WATCHER, *(str(x) for x in words)], capture_output=True, env=ENV)
    seconds = time.monotonic() - begin
    status, busy, memory = json.loads(p.stderr.decode().splitlines()[-1])
    return status, p.stdout.decode(), seconds, busy, memory


def within(what, seconds, busy, memory):
    """64 MiB are the whole process: its code, its libraries and what it reads from the spool count. Of fewer rows than
    300,000 a share of what grows with them (48 MiB, 8 s)."""
    part = ROWS / 300000
    most, longest = (16 + 48 * part) * MIB, 2 + 8 * part
    print(f"  {ROWS} rows, {what}: {seconds:.1f} s, {busy:.1f} s of the processor, {memory / MIB:.1f} MiB")
    equal(memory <= most, True, f"{what}: {memory / MIB:.1f} MiB, wanted at most {most / MIB:.1f}")
    equal(busy <= longest, True, f"{what}: {busy:.1f} s of the processor, wanted at most {longest:.1f}")


def checked(agent, program, path, lines, *kind):
    truth = json.loads(run(program, ROWS, path, lines, *kind).stdout)
    status, out, *cost = measured([agent, "check", path, "-o", "json"])
    equal(status, 0)
    sums = json.loads(out)["sums"]
    equal(sum(s["lines"] for s in sums), ROWS)
    equal(sum(D(s["quantity"]) for s in sums), D(truth["quantity"]))
    equal(sum(D(s["amount"]) for s in sums), D(truth["amount"]))
    within(f"check, {lines} rows a document", *cost)


def three_hundred_thousand_rows():
    program = maker()
    agent = RELEASE / "channel-agent"
    if program is None or not agent.exists():
        print("  skipped: make_workbook (cmake -DTESTS=ON) or the release build is not there")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "sales.xlsx"
        checked(agent, program, path, "5", "shared")
        checked(agent, program, path, "1")
        with World() as w:
            books(w)
            home, other = w.enrol("D1"), w.enrol("D2")
            pushed(agent, home, path)
            served(w, agent, other, path)
            for h in home, other:
                equal([(u["lines"], u["committed"]) for u in json.loads(w.agent(h, "uploads", "-o", "json").stdout)],
                      [(ROWS, ROWS)])


def books(w):
    w.import_csv("partner", "id,name,kind\nD1,杭州一级经销商,distributor\nD2,宁波一级经销商,distributor\n")
    w.import_csv("product", "sku,name,brand,base_unit,units\n" +
                 "".join(f"69{i:011d},酒{i},清泉,瓶,箱=6\n" for i in range(300)))


def pushed(agent, home, path):
    status, out, *cost = measured([agent, "--home", home, "push", path, "-o", "json"])
    equal((status, json.loads(out)["committed"]), (0, ROWS))
    within("push, a document a row", *cost)


def served(w, agent, home, path):
    """`run` takes the file from its inbox, as a push does, and holds nothing of it when it is done."""
    begin = time.monotonic()
    p = subprocess.Popen([str(agent), "--home", str(home), "run"], env=ENV, stderr=subprocess.DEVNULL)
    w.children.append(p)
    shutil.move(path, home / "inbox" / "sales.xlsx")
    w.until(lambda: list((home / "archive").rglob("sales*.xlsx")), "the inbox file is archived", 120)
    status = pathlib.Path(f"/proc/{p.pid}/status").read_text()
    memory = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    p.terminate()
    _, _, usage = os.wait4(p.pid, 0)
    p.returncode = 0
    within("run, a document a row", time.monotonic() - begin, usage.ru_utime + usage.ru_stime, memory)


main([every_file_is_read_or_refused_in_one_line, companions_say_the_same, openpyxl_says_the_same,
      a_fill_in_sheet_comes_back, three_hundred_thousand_rows])
