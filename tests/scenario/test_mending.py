#!/usr/bin/env python3
"""Clean data, mended by the clerk: what is doubted is held, half an export is seen or reverses what it no longer has,
rows that could not be posted come back as a sheet and, corrected, replace just themselves. Each time the books end
equal to those of a world to which the truth was sent at once."""
import csv
import io
import json
import random
import zipfile

import books
from world import Failed, World, equal, main, pick

HEADER = "单据日期,单据类型,单号,商品编码,商品名称,规格,数量,单位,单价,金额,客户\n"
NAMES = {"P1": ("清泉 550ml", "550ml*24"), "P2": ("果然橙 1L", "1L*12"), "P3": ("清茶 500ml", "500ml*15")}
PRICES = {"P1": 2, "P2": 8, "P3": 4}


def row(day, number, sku, quantity, unit="瓶", price=None, kind="销售", customer="门店甲"):
    price = PRICES.get(sku, 2) if price is None else price
    name, spec = NAMES.get(sku, ("", ""))
    return f"{day},{kind},{number},{sku},{name},{spec},{quantity},{unit},{price},{quantity * price},{customer}\n"


def month(m, documents=20, seed=1):
    """A month as the distributor sold: one to three lines a document, a day each."""
    rng = random.Random(seed * 100 + m)
    out = []
    for n in range(documents):
        day = f"2026-{m:02d}-{1 + n % 28:02d}"
        for sku in rng.sample(["P1", "P2", "P3"], 2):
            out.append(row(day, f"X{m}{n:03d}", sku, rng.choice([6, 10, 12])))
    return out


def text_of(rows):
    return HEADER + "".join(rows)


def books_of(truth):
    """The figures of a world to which the truth was sent at once."""
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        for n, rows in enumerate(truth):
            w.push(home, f"truth-{n}.csv", text_of(rows))
        return flows(w)


def flows(w):
    return pick(w.ctl("flow", "list", "--by", "day,product,kind"), "day", "product", "kind", "quantity", "amount")


def held_names(w, home):
    return [h["file"] for h in json.loads(w.agent(home, "held", "list", "-o", "json").stdout)]


def doubtful_files_are_held_and_confirmed_or_dropped():
    may, june = month(5), month(6)
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.push(home, "may.csv", text_of(may))
        # a case for a bottle: the price tells
        cases = [*june[:-1], row("2026-06-20", "X6020", "P1", 10, "瓶", 48)]
        found = w.push(home, "june.csv", text_of(cases), "--hold", check=1)
        equal((found["held"], found["lines"]), (1, 0), "held, not sent")
        equal(pick(found["doubts"], "row", "column", "found", "usual", "rule"),
              [(len(cases) + 1, "unit_price", "48", "2 (× 24)", "pack")], "the doubt")
        equal(held_names(w, home), ["june.csv"], "held")
        # the same beside a running agent, from its inbox
        p = w.run_agent(home)
        (home / "inbox" / "june-2.csv").write_bytes(text_of(cases).encode())
        w.until(lambda: held_names(w, home) == ["june-2.csv", "june.csv"], "the inbox file is held")
        report = (home / "held" / "june-2.csv.txt").read_text()
        if "箱当成了瓶" not in report or "第 41 行" not in report or "row 41" not in report:
            raise Failed(f"the report tells the clerk what stands there and what to do: {report}")
        # it was a wrong month as well: dropped, and the right file is taken without a word
        w.agent(home, "held", "drop", "june-2.csv")
        (home / "inbox" / "june-3.csv").write_bytes(text_of(june).encode())
        w.until(lambda: list((home / "archive").rglob("june-3.csv")), "what is not doubted is sent")
        # what is right though doubted is confirmed
        w.agent(home, "held", "confirm", "june.csv", "-o", "json", check=0)
        equal(held_names(w, home), [], "nothing is held any more")
        p.terminate()
        p.wait()
        flows_now = flows(w)
        w.verify()
    equal(flows_now, books_of([may, june, cases]), "books")


def push_warns_and_sends():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.push(home, "may.csv", text_of(month(5)))
        far = [row("2026-06-02", "F1", "P2", 500), row("2026-06-03", "F2", "P2", 10, "瓶", 80),
               row("2036-06-03", "F3", "P2", 10)]
        p = w.agent(home, "push", w.file("far.csv", text_of(far)), "-o", "json", check=1)
        out = json.loads(p.stdout)
        equal(pick(out["doubts"], "row", "rule"), [(2, "quantity"), (3, "price"), (4, "future")], "doubts")
        equal((out["lines"], out["committed"], out["quarantined"]), (3, 2, 1), "it was sent all the same")
        if "doubtful" not in p.stderr:
            raise Failed(f"stderr says it: {p.stderr}")
        zh = w.agent(home, "push", w.file("far2.csv", text_of([row("2026-06-04", "F4", "P2", 700)])), "--lang", "zh")
        zh_check = w.agent(home, "check", w.file("none.csv", "a,b\n1,2\n"), "--lang", "zh", check=65).stderr
        equal(("前 30 行里没有表头（第 1 行是：a, b）" in zh_check, "no header" in zh_check), (True, False), zh_check)
        zh_check = w.agent(home, "check", w.file("无金额.csv", "六月销售\n日期,单号,商品编码,数量,单位\n2026-06-01,Z1,P1,5,瓶\n"),
                           "--lang", "zh").stdout
        equal([x in zh_check for x in ("数量 5 瓶，没有金额", "第 1 行没有读：表头上面的标题：六月销售")], [True, True], zh_check)
        if "核对数量" not in zh.stderr or "入账" not in zh.stdout:
            raise Failed(f"a clerk's words: {zh.stdout} {zh.stderr}")
        # of another month than the name says, and of another company than before
        title = "杭州一级经销商有限公司 2026年5月 销售明细\n"
        w.push(home, "title.csv", title + text_of([row("2026-05-05", "T1", "P1", 6)]))
        other = w.push(home, "other.csv", title.replace("杭州一级经销商", "宁波大洋") +
                       text_of([row("2026-06-05", "T2", "P1", 6)]))
        equal(pick(other["doubts"], "rule", "found"), [("month", "2026-06-05"), ("partner", "宁波大洋有限公司")],
              "the title")
        check = w.agent(home, "check", w.file("2026-06.csv", text_of(month(6))), "-o", "json").stdout
        sums = json.loads(check)["sums"]
        equal((sums[0]["before"]["from"], sums[0]["before"]["lines"]), ("2026-05-12", 18), "the same span before")


def the_centre_says_who_we_are_and_what_a_case_holds():
    """What no file has told yet: the partner's name, and its packs under its own codes."""
    plain = "单据日期,单号,商品编码,数量,单位,单价\n"
    rows = "".join(f"2026-06-0{i},N{i},QQ-550,6,瓶,2\n" for i in (1, 2, 3))
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        doubts = w.push(home, "1.csv", "宁波大洋商贸有限公司 2026年6月销售明细\n" + plain + rows, "--hold", check=1)["doubts"]
        equal(pick(doubts, "column", "found", "usual", "rule"), [("title", "宁波大洋商贸有限公司", "杭州一级经销商", "partner")],
              "the first file of this home, of another company")
        w.agent(home, "held", "drop", "1.csv")
        w.push(home, "2.csv", "杭州一级经销商 有限公司 2026年6月销售明细\n" + plain + rows, "--hold")
        packs = (home / "packs.csv").read_text()
        equal([x for x in packs.splitlines() if x.endswith(",24;4;6")], ["QQ-550,24;4;6", "P1,24;4;6", "6901234567892,24;4;6"],
              f"its own code, ours, the bar code: {packs}")
        doubts = w.push(home, "3.csv", plain + "2026-06-09,N9,QQ-550,6,瓶,48\n", "--hold", check=1)["doubts"]
        equal(pick(doubts, "column", "found", "usual", "rule"), [("unit_price", "48", "2 (× 24)", "pack")], "箱 for 瓶")


def a_whole_export_reverses_what_it_no_longer_has():
    may, june = month(5), month(6)
    kept = [r for r in june if r.split(",")[2] >= "X6003"]
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.push(home, "may.csv", text_of(may))
        w.push(home, "june.csv", text_of(june))
        before = flows(w)
        out = w.push(home, "june-all.csv", text_of(kept), "--replace-period", "2026-06-01..2026-06-30")
        equal((out["reversed"]["documents"], out["reversed"]["lines"]), (3, 6), "reversed")
        equal(pick(out["reversed"]["list"], "number", "date", "lines"),
              [(f"X600{n}", f"2026-06-0{n + 1}", 2) for n in range(3)], "which")
        equal(flows(w), books_of([may, kept]), "the file is the whole truth for June, May stands")
        upload = w.ctl("upload", "list")[0]["id"]
        number = next(d["id"] for d in w.ctl("document", "list", "--number", "X6001"))
        shown = w.ctl("document", "show", number)
        last = shown["seen"][-1]
        equal((last["state"], last["lines"], last["upload"]), ("holds", 0, upload), "the reversal and its cause")
        # again: nothing more happens; withdrawn: all is as before
        equal(w.push(home, "june-all.csv", text_of(kept), "--replace-period", "2026-06")["duplicate"], len(kept), "again")
        w.ctl_raw("upload", "withdraw", upload, "--reason", "half an export")
        equal(flows(w), before, "withdrawn")
        # what was dropped by mistake comes back with the next whole export
        w.push(home, "june-half.csv", text_of(kept[:20]), "--replace-period", "2026-06")
        w.push(home, "june-full.csv", text_of(june), "--replace-period", "2026-06")
        equal(flows(w), before, "all of it again")
        # half an export is seen before it is sent
        half = w.push(home, "half.csv", text_of(june[:10]), "--replace-period", "2026-06", "--hold", check=1)
        equal(pick(half["doubts"], "rule", "found", "usual"), [("dropped", "10", "40")], "half an export")
        w.agent(home, "held", "drop", "half.csv")
        # a document outside, an unreadable row, a span too long: one line, nothing is sent
        for name, rows, span, word in (("out.csv", [*june, may[0]], "2026-06", "outside --replace-period"),
                                       ("bad.csv", [*june, june[0].replace("2026-06", "2026-66")], "2026-06", "row 42")):
            bad = w.agent(home, "push", w.file(name, text_of(rows)), "--replace-period", span, check=65)
            if word not in bad.stdout:
                raise Failed(f"{name}: {bad.stdout}")
        w.agent(home, "push", w.file("long.csv", text_of(june)), "--replace-period", "2024-01-01..2026-06-30", check=64)
        equal(flows(w), before, "refused before sending")
        w.verify()


BROKEN = [row("2026-06-01", "M1", "P1", 12), row("2026-06-01", "M1", "P9", 6, price=4),
          row("2026-06-01", "M1", "P2", 6),
          row("2026-66-02", "M2", "P3", 12), row("2026-06-02", "M2", "P1", 6), row("2026-06-03", "M3", "P8", 10),
          row("2026-06-03", "M3", "P2", 10)]
MENDED = [row("2026-06-01", "M1", "P1", 12), row("2026-06-01", "M1", "P3", 6), row("2026-06-01", "M1", "P2", 6),
          row("2026-06-02", "M2", "P3", 12), row("2026-06-02", "M2", "P1", 6), row("2026-06-03", "M3", "P1", 10),
          row("2026-06-03", "M3", "P2", 10)]


def table_of(path, encoding):
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))


def edit(rows, changes):
    """Rows of a sheet with cells exchanged: {(column, old): new}."""
    head = next(r for r in rows if "单号" in r)
    for r in rows:
        for (column, old), new in changes.items():
            at = head.index(column)
            if len(r) > at and r[at] == old:
                r[at] = new
    return rows


def corrected_sheets_replace_just_their_rows():
    truth = books_of([MENDED])
    for encoding, suffix in (("utf-8-sig", "csv"), ("gb18030", "csv")):
        with World() as w:
            books.load(w)
            home = w.enrol("D1")
            first = w.push(home, f"june.{suffix}", text_of(BROKEN), check=1,
                           encoding="utf-8" if "utf" in encoding else encoding)
            equal((first["committed"], first["quarantined"], first["refused"]), (4, 2, 1), "as sent")
            sheet = w.dir / f"mend.{suffix}"
            w.agent(home, "quarantine", "-o", sheet, "--lang", "zh")
            rows = table_of(sheet, encoding)
            equal(rows[0][:11] + rows[0][11:13], HEADER.strip().split(",") + ["问题", "改法"], "the file's own headers")
            equal([r[3] for r in rows[1:]], ["P9", "P3", "P8"], "just those rows")
            if "P9" not in rows[1][11] or "等厂家" not in rows[1][12] or "2026-66-02" not in rows[2][11]:
                raise Failed(f"what stands there, what to do: {rows}")
            # unchanged: stays as it is
            again = w.push(home, sheet, check=1)
            equal(again["committed"], 0, "nothing new in it")
            equal(len(w.ctl("quarantine", "list")), 2, "unchanged rows still wait")
            # a part is mended, then the rest; the second sheet builds on the first
            edit(rows, {("商品编码", "P9"): "P3", ("单据日期", "2026-66-02"): "2026-06-02"})
            part = w.push(home, "mended.csv", "".join(",".join(f'"{c}"' for c in r) + "\r\n" for r in rows),
                          encoding=encoding)
            equal((part["documents"], part["refused"], part["quarantined"]), (2, 0, 0), "two documents were sent")
            edit(rows, {("商品编码", "P8"): "P1"})
            whole = "".join(",".join(f'"{c}"' for c in r) + "\r\n" for r in rows)
            w.push(home, "mended-2.csv", whole, encoding=encoding)
            equal(flows(w), truth, f"{suffix} {encoding}: books equal to the truth")
            twice = w.push(home, "mended-2.csv", whole, encoding=encoding)
            equal((twice["committed"], twice["duplicate"]), (0, twice["lines"]), "twice: a duplicate")
            # a row without its mark, and a sheet whose document was sent again since
            extra = whole + ",".join(row("2026-06-09", "M9", "P1", 1).strip().split(",")) + "\r\n"
            equal(w.push(home, "extra.csv", extra, check=1, encoding=encoding)["refused"], 1, "a row that was not given out")
            w.push(home, "june-new.csv", text_of(MENDED[:3]))
            stale = w.agent(home, "push", w.file("stale.csv", whole, encoding), check=65)
            if "sent again since" not in stale.stdout:
                raise Failed(stale.stdout)
            w.verify()


def xlsx_sheets_too():
    truth = books_of([MENDED])
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        book = w.dir / "june.xlsx"
        make_workbook(book, BROKEN)
        first = w.push(home, book, check=1)
        equal((first["committed"], first["quarantined"], first["refused"]), (4, 2, 1), "as sent")
        sheet = w.dir / "mend.xlsx"
        w.agent(home, "quarantine", "june.xlsx", "-o", sheet)
        change_workbook(sheet, {"P9": "P3", "2026-66-02": "2026-06-02", "P8": "P1"})
        w.push(home, sheet)
        equal(flows(w), truth, "books equal to the truth")
        w.verify()


def any_order_between_partners_gives_the_same_books():
    """Each partner's own order stands; how they interleave, and when the catalogue comes, does not matter."""
    series = {}
    for seed, partner in enumerate(("D1", "D2"), 1):
        may, june = month(5, 8, seed), month(6, 8, seed)
        series[partner] = [("may", may, ()), ("june", june, ()), ("june-2", june[4:], ("--replace-period", "2026-06")),
                           ("late", june[:2], ("--again",)), ("may-2", may[:10], ("--replace-period", "2026-05")),
                           ("may-3", may, ("--replace-period", "2026-05"))]
    wanted = None
    for order in range(3):
        rng = random.Random(order)
        turns = ["D1"] * 6 + ["D2"] * 6
        rng.shuffle(turns)
        with World() as w:
            w.import_csv("partner", books.PARTNERS)
            if order % 2 == 0:
                books.load(w)
            homes = {p: w.enrol(p) for p in series}
            left = {p: list(files) for p, files in series.items()}
            for partner in turns:
                name, rows, how = left[partner].pop(0)
                w.push(homes[partner], f"{partner}-{name}.csv", text_of(rows), *how, check=None)
            if order % 2:
                books.load(w)
            w.until(lambda: w.ctl("quarantine", "list") == [], "what waited posts itself", 30)
            content = w.content()
            wanted = wanted or content
            equal(content, wanted, f"order {order}")


def make_workbook(path, rows):
    """A workbook of inline strings, as small as one can be."""
    cells = "".join("<row>" + "".join(f'<c t="inlineStr"><is><t>{c}</t></is></c>' for c in r.strip().split(",")) + "</row>"
                    for r in [HEADER, *rows])
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        z.writestr("_rels/.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                   '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
                   'officeDocument" Target="xl/workbook.xml"/></Relationships>')
        z.writestr("xl/workbook.xml", '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
                   'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
                   '<sheet name="销售" sheetId="1" r:id="r1"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels",
                   '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
                   'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
                   'Target="worksheets/sheet1.xml"/></Relationships>')
        z.writestr("xl/worksheets/sheet1.xml",
                   '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                   f'{cells}</sheetData></worksheet>')


def change_workbook(path, changes):
    """Texts of a workbook exchanged where a cell holds nothing else."""
    with zipfile.ZipFile(path) as z:
        parts = {n: z.read(n) for n in z.namelist()}
    text = parts["xl/sharedStrings.xml"].decode()
    for old, new in changes.items():
        if f"<t>{old}</t>" not in text:
            raise Failed(f"{old} is no cell of the sheet")
        text = text.replace(f"<t>{old}</t>", f"<t>{new}</t>")
    parts["xl/sharedStrings.xml"] = text.encode()
    with zipfile.ZipFile(path, "w") as z:
        for name, data in parts.items():
            z.writestr(name, data)


def a_date_in_a_closed_period_is_doubted():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.push(home, "april.csv", text_of([row("2026-04-02", "A1", "P1", 10)]))
        w.ctl_raw("period", "close", "2026-04")
        w.push(home, "may.csv", text_of([row("2026-05-02", "M1", "P1", 10)]))  # the centre says what is closed by now
        late = w.push(home, "late.csv", text_of([row("2026-04-30", "A2", "P1", 10)]))
        equal([(d["rule"], d["found"]) for d in late["doubts"]], [("closed", "2026-04-30")])
        first = w.push(home, "first.csv", text_of([row("2026-05-01", "M2", "P1", 10)]))
        equal([d for d in first["doubts"] if d["rule"] == "closed"], [], "the first open day")


main([doubtful_files_are_held_and_confirmed_or_dropped, push_warns_and_sends, the_centre_says_who_we_are_and_what_a_case_holds,
      a_whole_export_reverses_what_it_no_longer_has, corrected_sheets_replace_just_their_rows, xlsx_sheets_too,
      any_order_between_partners_gives_the_same_books, a_date_in_a_closed_period_is_doubted])
