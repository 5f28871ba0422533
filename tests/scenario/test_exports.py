#!/usr/bin/env python3
"""The same answer in every form: JSON, CSV, a workbook, a table; what partners wrote cannot become a formula there."""
import contextlib
import csv
import io
import re
import subprocess
import xml.etree.ElementTree as xml
import zipfile

import books
from world import BIN, ENV, World, equal, main

# What a spreadsheet would run, and what only looks like it.
NAMES = {"F1": "=cmd|' /C calc'!A0", "F2": "+1", "F3": "@SUM(A1)", "F4": "-2+3", "F5": "-12.50", "F6": '说"好",真的',
         "F7": "文三路店 1#", "F8": "a=b"}
LISTS = (["partner", "list"], ["product", "list"], ["alias", "list"], ["area", "list"], ["price", "list"],
         ["region", "list", "level=province"], ["partner", "history", "D1"], ["document", "list"], ["upload", "list"],
         ["quarantine", "list"], ["quarantine", "show", "unknown_product", "@1+1"], ["flow", "list", "--by", "product,day"],
         ["flow", "list", "--by", "region,month", "--level", "province"], ["stock", "list"], ["agent", "list"],
         ["user", "list"], ["setting", "list"])
# A name or code that begins with = is refused in a sales file (a formula without result); these are taken.
SALES = """type,number,date,sku,quantity,unit,amount,customer
sale,A1,2026-06-03,P1,24,,48.00,+老王
sale,A1,2026-06-03,P2,3,,24.00,@x
return,A2,2026-06-04,P1,-2,,-4.00,
sale,A3,2026-06-05,@1+1,5,,10.00,
stock,,2026-06-05,P1,100,,,
""" + "".join(f"sale,B{n},2026-06-06,P3,1,,999999999999.99,\n" for n in range(11))


@contextlib.contextmanager
def small_world():
    with World() as w:
        books.load(w)
        rows = io.StringIO()
        csv.writer(rows, lineterminator="\n").writerows(
            [["id", "name", "kind"], *[[i, n, "distributor"] for i, n in NAMES.items()]])
        # An apostrophe in front of a cell is how CSV writes such a text: the catalogue's reader takes it off again.
        w.import_csv("partner", rows.getvalue().replace("=cmd", "'=cmd"))
        w.import_csv("area", "area,name,region\nEAST,华东,330000\n")
        w.import_csv("price", "sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\n"
                              "P1,dealer,2026-01-01,,1.60,incl,,,,\n")
        w.ctl_raw("user", "add", "anna", "--role", "finance")
        w.push(w.enrol("D1"), "sales.csv", SALES, check=1)
        yield w


def as_text(value):
    """A JSON value as a cell of any form shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(as_text(v) for v in value)
    if isinstance(value, dict):
        return " ".join(f"{k}={as_text(v)}" for k, v in value.items())
    return str(value)


def defused(text):
    return "'" + text if text[:1] in ("=", "+", "-", "@") and not re.fullmatch(r"-\d+(\.\d+)?", text) else text


def every_list_has_the_same_rows_in_each_form():
    with small_world() as w:
        for words in LISTS:
            rows = w.ctl(*words)
            equal(len(rows) > 0, True, f"{words} has rows to compare")
            csv_has(w, words, rows)
            workbook_has(w, words, rows)


def csv_has(w, words, rows):
    raw = w.ctl_raw(*words, "-o", "csv", "--output", w.dir / "out.csv")
    equal(raw.stdout, "", "everything is in the file")
    with open(w.dir / "out.csv", encoding="utf-8", newline="") as f:
        text = f.read()
    found = list(csv.reader(io.StringIO(text, newline="")))
    equal(found[0], list(rows[0]), f"{words}: the header is the JSON keys")
    equal(found[1:], [[defused(as_text(v)) for v in row.values()] for row in rows], f"{words}: rows")
    equal(text.count("\n"), text.count("\r\n"), "lines end as RFC 4180 says")


def sheet(path):
    """Header and rows of the only sheet: (kind, text) a cell, kind "n" a number, "s" a text, "" nothing."""
    ns = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as z:
        equal(z.testzip(), None, "the archive is whole")
        names = [n for n in z.namelist() if n.startswith("xl/worksheets/sheet")]
        equal(len(names), 1, "one sheet")
        shared = []
        if "xl/sharedStrings.xml" in z.namelist():
            shared = ["".join(t.text or "" for t in si.iter(f"{{{ns['m']}}}t"))
                      for si in xml.fromstring(z.read("xl/sharedStrings.xml")).findall("m:si", ns)]
        root = xml.fromstring(z.read(names[0]))
    equal(root.findall(".//m:f", ns), [], "no formula")
    rows = []
    for r in root.findall(".//m:row", ns):
        cells = {}
        for c in r.findall("m:c", ns):
            kind, value = c.get("t", "n"), c.find("m:v", ns)
            text = "".join(t.text or "" for t in c.iter(f"{{{ns['m']}}}t")) if kind == "inlineStr" else value.text
            if kind == "s":
                text = shared[int(text)]
            cells[column_no(c.get("r"))] = ("n" if kind == "n" else "s", text)
        rows.append(cells)
    return rows


def column_no(reference):
    n = 0
    for letter in re.match(r"[A-Z]+", reference).group():
        n = n * 26 + ord(letter) - 64
    return n - 1


def workbook_has(w, words, rows):
    w.ctl_raw(*words, "-o", "xlsx", "--output", w.dir / "out.xlsx")
    header, *found = sheet(w.dir / "out.xlsx")
    keys = list(rows[0])
    equal([header[i] for i in range(len(header))], [("s", k) for k in keys], f"{words}: the header")
    equal(len(found), len(rows), f"{words}: rows")
    for cells, row in zip(found, rows):
        for i, key in enumerate(keys):
            same_cell(cells.get(i, ("", "")), as_text(row[key]), f"{words}: {key} of {row}")


def same_cell(found, wanted, what):
    kind, text = found
    if kind == "n":
        equal(float(text), float(wanted), what)
    else:
        equal(text, wanted, what)


def figures_are_numbers_and_names_are_not():
    with small_world() as w:
        w.ctl_raw("partner", "list", "kind=distributor", "-o", "xlsx", "--output", w.dir / "p.xlsx")
        header, *rows = sheet(w.dir / "p.xlsx")
        at = {text: i for i, (_, text) in header.items()}
        found = {cells[at["id"]][1]: cells[at["name"]] for cells in rows}
        equal({i: found[i] for i in NAMES}, {i: ("s", n) for i, n in NAMES.items()})
        w.ctl_raw("flow", "list", "--by", "product", "-o", "xlsx", "--output", w.dir / "f.xlsx")
        header, *rows = sheet(w.dir / "f.xlsx")
        at = {text: i for i, (_, text) in header.items()}
        equal({cells[at["quantity"]][0] for cells in rows}, {"n"})
        equal({(cells[at["product"]][1], *cells[at["amount"]]) for cells in rows if cells[at["product"]][1] == "P3"},
              {("P3", "s", "10999999999999.89")}, "sixteen digits are more than a double holds")
        others = [cells for cells in rows if cells[at["product"]][1] != "P3" and at["amount"] in cells]
        equal({cells[at["amount"]][0] for cells in others}, {"n"})
        one_object_too(w)


def one_object_too(w):
    shown = w.ctl("partner", "show", "F1")
    header, values = csv.reader(io.StringIO(w.ctl_raw("partner", "show", "F1", "-o", "csv").stdout))
    plain = {k: v for k, v in shown.items() if not isinstance(v, (list, dict))}
    equal(dict(zip(header, values)), {k: defused(as_text(v)) for k, v in plain.items()})
    w.ctl_raw("partner", "show", "F1", "-o", "xlsx", "--output", w.dir / "s.xlsx")
    found = {cells[0][1]: cells.get(1, ("", ""))[1] for cells in sheet(w.dir / "s.xlsx")}
    equal({k: found[k] for k in plain}, {k: as_text(v) for k, v in plain.items()})


def what_an_agent_prints_is_defused_too():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.push(home, "sales.csv", SALES, check=1)
        sent = w.agent(home, "sent", "1", "-o", "csv")
        cells = [c for row in csv.reader(io.StringIO(sent.stdout)) for c in row]
        equal([c for c in cells if c.lstrip("'")[:1] in ("+", "@")], ["'+老王", "'@x", "'@1+1"])
        tried = w.file("tried.csv", run_try(w, w.file("sales.csv", SALES)))
        again = run_try(w, tried)
        equal(again, tried.read_text(encoding="utf-8"), "what `import try -o csv` prints reads back as the same")
        equal("'+老王" in again, True)


def run_try(w, path):
    return w.ctl_raw("import", "try", path, "-o", "csv", check=None).stdout


def a_table_shows_chinese_in_any_locale():
    with World() as w:
        books.load(w)
        for locale in ("C", "POSIX", "C.UTF-8", "zh_CN.GB18030"):
            env = {**{k: v for k, v in ENV.items() if not k.startswith("LC_")}, "LC_ALL": locale, "LANG": locale}
            p = subprocess.run([BIN / "channelctl", "--server", f"ipc://{w.data}/admin.sock", "product", "list"],
                               env=env, capture_output=True, timeout=60)
            text = p.stdout.decode("utf-8")
            for word in ("清泉 550ml", "饮用水", "箱=24;盒=6", "瓶"):
                equal(word in text, True, f"{word} in locale {locale}: {text}")
            starts = {display_width(line[:line.index("清泉")]) for line in text.split("\n") if "清泉 550ml" in line}
            equal(len(starts), 1, "columns stand below each other")


def display_width(text):
    return sum(2 if ord(c) > 0x2e7f else 1 for c in text)


main([every_list_has_the_same_rows_in_each_form, figures_are_numbers_and_names_are_not,
      what_an_agent_prints_is_defused_too, a_table_shows_chinese_in_any_locale])
