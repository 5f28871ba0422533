#!/usr/bin/env python3
"""Every cell of other people's sheets, beside what independent readers find there: openpyxl, xlsx2csv and gnumeric's
ssconvert for XLSX, xlrd and ssconvert for old XLS, Python's own csv for text. A mapping by column number hands out one column
after the other, so no header is needed."""
import csv
import datetime
import decimal
import functools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import warnings

from world import BIN, equal, library, main, run, shared

D = decimal.Decimal
FOLDERS = ("data/xlsx_torture", "data/cn_files", "data/csv_torture/csvkit")
COLUMNS = "columns: {{name: {no}}}\nconstants: {{type: sale, sku: X, date: 2026-01-01, quantity: 1}}\n"
NOTHING = "NULL"  # how databases export it: a blank cell
REFUSED = {"test_latin1.csv": "byte 17"}  # neither UTF-8 nor GB18030
FAILED = object()  # a formula without a value: the row is refused


# what others find: for each visible sheet {(row, column): value}, both from 1

def by_openpyxl(path):
    openpyxl = library("openpyxl")
    if openpyxl is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, data_only=True)
    sheets = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        cells = {(c.row, c.column): FAILED if c.data_type == "e" else c.value
                 for row in sheet.iter_rows() for c in row if c.value is not None}
        for area in sheet.merged_cells.ranges:  # a word stands in every cell of its area
            word = cells.get((area.min_row, area.min_col))
            if isinstance(word, str):
                cells.update({(r, c): word for r, c in area.cells})
        sheets.append(cells)
    return sheets


def by_xlrd(path):
    xlrd = library("xlrd")
    if xlrd is None:
        return None
    book = xlrd.open_workbook(path)
    sheets = []
    for sheet in book.sheets():
        cells = {}
        for r in range(sheet.nrows):
            for c, cell in enumerate(sheet.row(r)):
                value = {xlrd.XL_CELL_DATE: lambda v: xlrd.xldate_as_datetime(v, book.datemode),
                         xlrd.XL_CELL_BOOLEAN: bool, xlrd.XL_CELL_ERROR: lambda v: FAILED}.get(cell.ctype, lambda v: v)
                if cell.ctype not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    cells[(r + 1, c + 1)] = value(cell.value)
        if sheet.visibility == 0:
            sheets.append(cells)
    return sheets


def by_csv(path):
    data = path.read_bytes()
    text = data.decode("gb18030" if path.name.startswith("gbk") else "utf-8-sig")
    rows = csv.reader(text.splitlines(keepends=True))
    return [{(r, c): cell for r, row in enumerate(rows, 1) for c, cell in enumerate(row, 1) if cell.strip() not in ("", NOTHING)}]


# what programs make of it: the texts they show

def rows_of(text):
    return {(r, c): cell for r, row in enumerate(csv.reader(text.splitlines(keepends=True)), 1)
            for c, cell in enumerate(row, 1) if cell.strip()}


def by_xlsx2csv(path):
    p = subprocess.run(["xlsx2csv", "-a", "-f", "%Y-%m-%d", str(path)], capture_output=True, text=True, timeout=60)
    equal(p.returncode, 0, f"xlsx2csv {path.name}: {p.stderr}")
    return [rows_of(sheet) for sheet in re.split(r"^-------- \d+ - .*\n", p.stdout, flags=re.M)[1:]]


def by_ssconvert(path):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["ssconvert", "-S", "-T", "Gnumeric_stf:stf_csv", str(path), f"{folder}/%n.csv"], check=True,
                       capture_output=True, timeout=60)
        sheets = sorted(pathlib.Path(folder).glob("*.csv"), key=lambda f: int(f.stem))
        return [rows_of(f.read_text(encoding="utf-8")) for f in sheets]


# what we find

@functools.lru_cache(maxsize=None)
def column(path, no):
    """Column `no`: {(sheet, row): text}, the rows that were left out, or the line of refusal."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(COLUMNS.format(no=no))
        f.flush()
        p = run(BIN / "channelctl", "import", "try", path, "--mapping", f.name, "-o", "json", check=None)
    if p.returncode == 65:
        return None, p.stderr.strip()
    equal(p.returncode in (0, 1), True, p.stderr)
    r = json.loads(p.stdout)
    found = {(x.get("sheet", 1), x["row"]): x.get("name", "") for d in r["documents"] for x in d["lines"]}
    out = {(x.get("sheet") or 1, x["row"]) for x in r["skipped"] + r["problems"]}
    return found, out


def plain(value):
    """A value as both sides would say it: numbers by value, days without their time, texts without outer blanks."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, (int, float)):
        return number(repr(value))
    return number(" ".join(str(value).split()))


def number(text):
    try:
        return format(D(text).normalize(), "f") if text[-1:].isdigit() else text
    except decimal.InvalidOperation:
        return text


def compare(path, theirs):
    """How many cells are the same; anything that differs fails."""
    same = 0
    width = max((c for cells in theirs for _, c in cells), default=0)
    for no in range(1, width + 1):
        found, out = column(path, no)
        equal(found is not None, True, f"{path.name}, column {no}: {out}")
        for sheet, cells in enumerate(theirs, 1):
            for row in sorted({r for r, _ in cells}):
                wanted, at = cells.get((row, no), ""), (sheet, row)
                if wanted is FAILED or at not in found:
                    equal(at in out and at not in found, True, f"{path.name}, sheet {sheet}, row {row}: neither read nor named")
                    continue
                equal(plain(found[at]), plain(wanted), f"{path.name}, sheet {sheet}, row {row}, column {no}")
                same += 1
    return same


def shown_alike(ours, theirs):
    """The same value, shown otherwise: a day in another order or with its time, a number with more or fewer digits."""
    if plain(ours) == plain(theirs) or plain(ours) == plain(theirs.upper()):
        return True
    if re.fullmatch(r"\d{4}-\d\d-\d\d", ours):
        return sorted(ours.split("-")) == sorted(re.split(r"[-/. ]", theirs)[:3])
    try:
        a, b = D(ours), D(theirs)
    except decimal.InvalidOperation:
        return False
    return abs(a - b) <= abs(a) * D("1e-9")


def programs_agree(path, program, sheets):
    """What a program shows we found too, but in rows that we left out and said so."""
    same = 0
    for sheet, cells in enumerate(sheets, 1):
        for (row, no), shown in cells.items():
            found, out = column(path, no)
            if (sheet, row) in found:
                ours = found[sheet, row]
                equal(shown_alike(ours, shown), True, f"{path.name}, {program}, sheet {sheet}, row {row}, column {no}: {ours!r}, {shown!r}")
                same += 1
            else:
                equal((sheet, row) in out, True, f"{path.name}, {program}, sheet {sheet}, row {row}: neither read nor named")
    return same


def programs_of(path):
    programs = {".xlsx": (("xlsx2csv", by_xlsx2csv), ("ssconvert", by_ssconvert)), ".xls": (("ssconvert", by_ssconvert),)}
    for program, read in programs.get(path.suffix, ()):
        if shutil.which(program):
            print(f"  {path.name}, {program}: {programs_agree(path, program, read(path))} cells")
        else:
            print(f"skipped: {program} is not installed")


def every_cell_is_what_others_find():
    readers = {".xlsx": by_openpyxl, ".xls": by_xlrd}
    for folder in FOLDERS:
        for path in sorted(p for p in shared(folder).rglob("*") if p.is_file()):
            if path.name in REFUSED:
                found, why = column(path, 1)
                equal((found, REFUSED[path.name] in why, why.count("\n")), (None, True, 0), why)
                print(f"  {path.name}: {why}")
                continue
            theirs = readers.get(path.suffix, by_csv)(path)
            if theirs is not None:
                print(f"  {path.name}: {compare(path, theirs)} cells")
                programs_of(path)


main([every_cell_is_what_others_find])
