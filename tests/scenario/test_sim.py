#!/usr/bin/env python3
"""What channel-sim writes is what the readers read: every dialect's files, through `import try`, against truth.csv."""
import collections
import csv
import decimal
import io
import pathlib
import shutil
import tempfile

from world import BIN, equal, main, run, skip

D = decimal.Decimal
DIALECTS = ("canonical", "gb18030", "guanjiapo", "kingdee", "yonyou", "tab", "semicolon", "utf16", "xlsx", "html",
            "slsrpt", "slsrpt-items", "867")
UNNUMBERED = ("852",)  # has no place for document numbers
TOTALS_ONLY = ("months", "matrix")


def rows(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


class Sim:
    """A world of files in a temporary folder, and how its words translate."""

    def __init__(self, *options, numbered=True):
        self.numbered = numbered
        if not (BIN / "channel-sim").exists() or not (BIN / "channelctl").exists():
            skip("channel-sim and channelctl are not built")
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="channel-sim-"))
        facts = () if "--facts" in options else ("--receipts", "--stock")
        run(BIN / "channel-sim", "files", "--seed", "7", "--products", "15", "--from", "2026-05-20", "--days", "8",
            "--returns", "10", "--gifts", "10", "-o", self.dir / "world", *facts, *options)
        self.world = self.dir / "world"
        self.truth = rows(self.world / "truth.csv")
        self.sku = {p[k]: p["sku"] for p in rows(self.world / "products.csv") for k in ("sku", "gtin")}
        self.case = {p["sku"]: int(p["units"].removeprefix("箱=")) for p in rows(self.world / "products.csv")}
        self.alias = {(a["owner"], a["kind"], a["alias"]): a["id"] for a in rows(self.world / "aliases.csv")}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def word(self, partner, kind, word):
        return self.alias.get((partner, kind, word), self.alias.get(("*", kind, word), word))

    def kind(self, r):
        if r["type"] != "sale":
            return {"receipt": "receipt", "stock": "count"}[r["type"]]
        return "gift_out" if r["gift"] == "Y" else "return" if D(r["quantity"]) < 0 else "sell_out"

    def line(self, partner, r):
        """A line as read, in canonical ids and base units: key, quantity, amount."""
        sku = self.word(partner, "product", r["sku"])
        sku = self.sku.get(sku, sku)
        factor = self.case[sku] if self.word(partner, "unit", r["unit"]) == "箱" else 1
        quantity = D(r["quantity"]) * factor
        amount = D(r["amount"] or 0)
        if r["amount"] and r["unit_price"] and amount:
            equal(D(r["quantity"]) * D(r["unit_price"]), amount, f"quantity × price in {r}")
        place = self.word(partner, "partner", r["place"]) if r["type"] == "sale" else ""
        return (sku, place, self.kind(r)), quantity, amount

    def read(self):
        """The documents that hold in the end, by the order of submission: {(partner, type, number): lines}."""
        held = {}
        for folder in sorted((self.world / "partners").iterdir()):
            for file in sorted(folder.iterdir()):
                out = run(BIN / "channelctl", "import", "try", file, "-o", "csv").stdout
                seen = collections.defaultdict(list)
                for r in csv.DictReader(io.StringIO(out)):
                    if not self.numbered:
                        r["number"] = ""
                    seen[(r["type"], r["number"], r["version"], r["date"])].append(self.line(folder.name, r))
                for (kind, number, version, date), lines in seen.items():
                    key = (folder.name, kind, number, date)
                    if key not in held or int(version or 0) >= held[key][0]:
                        held[key] = (int(version or 0), lines)
        return {key: lines for key, (_, lines) in held.items()}

    def compare(self):
        wanted, found = collections.Counter(), collections.Counter()
        amount_wanted, amount_found = collections.Counter(), collections.Counter()
        for t in self.truth:
            number = t["number"] if self.numbered else ""
            key = (t["partner"], t["type"], number, t["date"], t["sku"], t["place"], t["kind"])
            wanted[key] += D(t["quantity"])
            amount_wanted[key] += D(t["amount"] or 0)
        for head, lines in self.read().items():
            for key, quantity, amount in lines:
                found[(*head, *key)] += quantity
                amount_found[(*head, *key)] += amount
        missing = {k: (found.get(k), wanted.get(k)) for k in wanted.keys() | found.keys() if found[k] != wanted[k]}
        equal(dict(list(missing.items())[:5]), {}, "quantities (found, wanted)")
        equal(amount_found, amount_wanted, "amounts")


def every_dialect_tells_the_truth():
    for dialect in DIALECTS + UNNUMBERED:
        with Sim("--partners", "2", "--dialect", dialect, numbered=dialect not in UNNUMBERED) as s:
            s.compare()


def the_same_facts_whatever_the_dialect():
    truths = []
    for dialect in DIALECTS + UNNUMBERED:
        with Sim("--partners", "3", "--dialect", dialect) as s:
            truths.append(s.truth)
    for t in truths[1:]:
        equal(t == truths[0], True, "truth.csv is the same")


def every_dialect_tells_monthly_totals():
    truths = []
    for dialect in DIALECTS + UNNUMBERED + TOTALS_ONLY:
        with Sim("--partners", "2", "--days", "40", "--dialect", dialect, "--facts", "monthly") as s:
            s.compare()
            truths.append(s.truth)
    equal({t["date"] for t in truths[0]}, {"2026-05-31", "2026-06-30"}, "the last day of each month")
    for t in truths[1:]:
        equal(t == truths[0], True, "truth.csv is the same")


def what_a_dialect_cannot_say_is_refused():
    for words, says in (
            (("--dialect", "months"), "--facts monthly"),
            (("--dialect", "852", "--corrections", "5"), "no document numbers"),
            (("--dialect", "tab", "--facts", "monthly", "--stock"), "goes without"),
            (("--dialect", "tab", "--facts", "weekly"), "neither all nor monthly"),
            (("--dialect", "morse"), "unknown")):
        p = run(BIN / "channel-sim", "files", "--from", "2026-05-20", "-o", "/nowhere", *words, check=64)
        equal(says in p.stderr and p.stderr.count("\n") == 1, True, p.stderr)


def doubled_and_corrected_files_end_in_the_truth():
    with Sim("--partners", "5", "--dialect", "canonical,yonyou,slsrpt,867,xlsx", "--duplicates", "30", "--corrections", "30",
             "--unknown-places", "20") as s:
        s.compare()


main([every_dialect_tells_the_truth, the_same_facts_whatever_the_dialect, every_dialect_tells_monthly_totals,
      what_a_dialect_cannot_say_is_refused, doubled_and_corrected_files_end_in_the_truth])
