#!/usr/bin/env python3
"""Random policies on random flows: `policy try` against the naive engine, equal to the fen, line by line and row by row;
every trace adds up to its line; the rows of the file in any order give the same.

    test_policy_random.py [CASES [SEED]]      10000 for the long proof"""
import csv
import datetime
import json
import random
import sys
import tempfile
import pathlib

import rebate_naive
from world import BIN, Failed, main, run

CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 80
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 20260701
SKUS = ["P1", "P2", "P3", "P4"]
PARTNERS = ["D1", "D2", "甲店"]
STAGES = ["introduction", "growth", "maturity", "decline"]
COLUMNS = ["partner", "sku", "date", "kind", "quantity", "amount", "currency", "days_to_pay", "document", "reference",
           "gift", "tax_rate", "paid_by_rebate"]


def decimal(r, top, places):
    """A number from 0 to top with at most `places` decimals, as people write it."""
    places = r.randint(0, places)
    n = r.randint(0, int(top * 10**places))
    return f"{n // 10**places}.{n % 10**places:0{places}d}" if places else str(n)


def percentage(r, top=12):
    return decimal(r, top, 4) + "%"


def term(r, lumps=True):
    kind = r.choice(["rate", "rate", "per_unit", "lump"] if lumps else ["rate", "per_unit"])
    return {kind: {"rate": percentage(r), "per_unit": decimal(r, 3, 4), "lump": decimal(r, 500, 2)}[kind]}


def rising(r, make, key):
    found = sorted({key(x): x for x in (make() for _ in range(r.randint(1, 4)))}.items())
    return [x for _, x in found]


def bands(r, make, key, lumps=True):
    start = rising(r, make, key)
    out = [{"from": x, **term(r, lumps)} for x in start]
    if r.random() < 0.3:
        for b, after in zip(out, out[1:]):
            b["to"] = after["from"]
    return out


def threshold(r, top, grain):
    """Round ones are reached exactly now and then."""
    return lambda: r.choice(["0", str(r.randrange(0, top, grain)), decimal(r, top, 2)])


def a_number(x):
    return rebate_naive.F(x)


def a_percent(x):
    return rebate_naive.F(x[:-1])


def mechanism(r, top):
    kind = r.choice(["flat", "bands", "bands", "growth", "target", "mix", "breadth", "early_payment", "price_protection",
                     "personal", "none"])
    m = {"mechanism": kind}
    if kind == "flat":
        m.update(term(r))
    elif kind == "personal":
        m.update(term(r), partner=r.choice(PARTNERS))
    elif kind == "bands":
        m["bands"] = bands(r, threshold(r, top, 100), a_number)
    elif kind == "growth":
        m.update(over=r.choice(["last_year", "previous_period", "given"]), pay=r.choice(["total", "growth", "bands"]))
        if m["over"] == "given":
            m["baseline"] = decimal(r, top, 2)
        if r.random() < 0.4:
            m["impute"] = decimal(r, top, 2)
        if r.random() < 0.6:
            m["bands"] = bands(r, lambda: r.choice([f"{r.randrange(80, 200, 5)}%", percentage(r, 300)]), a_percent)
        else:
            m["bands"] = bands(r, threshold(r, top, 100), a_number)
    elif kind == "target":
        if r.random() < 0.3:
            m.update(term(r), all_or_nothing=True)
        else:
            m["bands"] = bands(r, lambda: f"{r.randrange(0, 200, 10)}%", a_percent)
    elif kind == "mix":
        m.update(group={"skus": r.sample(SKUS, r.randint(1, 3))}, pay=r.choice(["total", "group"]))
        m["bands"] = bands(r, lambda: f"{r.randrange(0, 110, 10)}%", a_percent)
    elif kind == "breadth":
        m["bands"] = bands(r, lambda: str(r.randint(0, 5)), a_number)
    elif kind == "early_payment":
        m["bands"] = bands(r, lambda: str(r.choice([0, 15, 30, 31, 60, 61])), a_number, lumps=False)
    elif kind == "price_protection":
        m["drops"] = [{"sku": r.choice(SKUS), "date": some_day(r), "from": decimal(r, 60, 4), "to": decimal(r, 60, 4)}
                      for _ in range(r.randint(1, 3))]
    if kind in ("bands", "target") and "all_or_nothing" not in m:
        m["mode"] = r.choice(["retrospective", "incremental"])
    if "bands" in m:
        m["boundary"] = r.choice(["at", "above"])
    return m


def some_day(r, start=datetime.date(2024, 11, 1), days=800):
    return (start + datetime.timedelta(days=r.randrange(days))).isoformat()


def policy(r):
    start = datetime.date(2025, 1, 1) if r.random() < 0.5 else datetime.date.fromisoformat(some_day(r, days=400))
    end = start + datetime.timedelta(days=r.choice([30, 89, 180, 364, 500]))
    basis = r.choice(["sell_in", "sell_out", "sell_out", "sell_out_all", "payment"])
    measure = r.choice(["amount", "amount", "quantity", {"points": {s: decimal(r, 9, 3) for s in r.sample(SKUS, 3)}}])
    spec = {"effective": {"from": start.isoformat(), "to": end.isoformat()}, "basis": basis, "measure": measure,
            "period": r.choice(["month", "quarter", "half_year", "year", "once"])}
    top = 6000 if measure == "amount" else 400
    for key, some in (("tax", ["incl", "excl"]), ("gifts", ["exclude", "include"]), ("count", ["stage", "all"]),
                      ("paid_by_rebate", ["exclude", "include"])):
        if r.random() < 0.5:
            spec[key] = r.choice(some)
    if r.random() < 0.25:
        spec["count_only"] = {"skus": r.sample(SKUS, r.randint(1, 2))}
    if r.random() < 0.4:
        spec["scope"] = {"products": {r.choice(["skus", "exclude"]): r.sample(SKUS, r.randint(1, 3))},
                         "partners": {r.choice(["ids", "exclude"]): r.sample(PARTNERS, r.randint(1, 2))}}
    named = ["any"] if r.random() < 0.4 else r.sample(STAGES, r.randint(1, 4))
    spec["stages"] = {}
    for stage in named:
        made = [mechanism(r, top) for _ in range(r.choice([1, 1, 1, 2, 3]))]
        spec["stages"][stage] = made[0] if len(made) == 1 and r.random() < 0.7 else made
    for key, most in (("cap", 300), ("floor", 40), ("guarantee", 60), ("minimum_payout", 30)):
        if r.random() < 0.15:
            spec[key] = decimal(r, most, 2)
    if "floor" in spec and "cap" in spec and a_number(spec["floor"]) > a_number(spec["cap"]):
        del spec["floor"]
    return {"apiVersion": "channeld/v1", "kind": "RebatePolicy", "metadata": {"name": f"p{r.randrange(99)}"}, "spec": spec}


def near(r, effective):
    """Mostly a day on which the policy holds."""
    start, end = (datetime.date.fromisoformat(effective[k]) for k in ("from", "to"))
    return some_day(r, start, (end - start).days + 1) if r.random() < 0.7 else some_day(r)


def flows(r, basis, effective):
    common = {"sell_in": ["sell_in"], "payment": ["payment"]}.get(basis, ["sell_out"])
    kinds = common * 5 + ["sell_in", "sell_out", "return", "return", "return_out", "receipt", "onward", "payment", "gift_in",
                          "gift_out", "transfer", "adjustment"]
    rows = []
    for no in range(r.randrange(0, 70)):
        kind = r.choice(kinds)
        quantity = rebate_naive.F(decimal(r, 60, r.choice([0, 0, 3])))
        amount = rebate_naive.F(r.choice([str(100 * r.randrange(0, 20)), decimal(r, 1500, 2)]))
        if kind in ("return", "return_out") or r.random() < 0.08:
            quantity, amount = -(quantity // 3), rebate_naive.F(-(amount * 100 // 3), 100)
        rows.append({"partner": r.choice(PARTNERS), "sku": r.choice(SKUS), "date": near(r, effective), "kind": kind,
                     "quantity": rebate_naive.plain(quantity), "amount": rebate_naive.plain(amount, 2),
                     "currency": r.choice(["", "CNY"]), "days_to_pay": r.choice(["", "0", "15", "30", "31", "75"]),
                     "document": f"X{no}" if r.random() < 0.8 else "", "reference": "", "gift": r.choice(["", "N", "", "Y"]),
                     "tax_rate": r.choice(["13%", "13%", "0.09", "6"]), "paid_by_rebate": r.choice(["", "", "", "Y"])})
        if r.random() < 0.3 and rows[-1]["quantity"].startswith("-"):
            rows[-1]["reference"] = f"X{r.randrange(70)}"
            rows[-1]["sku"], rows[-1]["partner"] = r.choice([(x["sku"], x["partner"]) for x in rows])
    return rows


def write(folder, name, columns, rows):
    with open(folder / name, "w", encoding="utf-8", newline="") as f:
        out = csv.DictWriter(f, columns, extrasaction="ignore")
        out.writeheader()
        out.writerows(rows)
    return folder / name


def rates_as_percents(rows):
    words = {"0.09": "9%", "6": "6%"}
    return [{**x, "tax_rate": words.get(x["tax_rate"], x["tax_rate"])} for x in rows]


class Case:
    def __init__(self, seed):
        r = random.Random(seed)
        self.doc = policy(r)
        self.flows = flows(r, self.doc["spec"]["basis"], self.doc["spec"]["effective"])
        self.stages = [{"sku": s, "stage": r.choice(STAGES), "from": d} for s in SKUS
                       for d in sorted({some_day(r, days=r.choice([60, 800])) for _ in range(r.randint(0, 4))})]
        r.shuffle(self.stages)
        labels = {rebate_naive.label(self.doc["spec"]["period"], rebate_naive.period_of(
            self.doc["spec"]["period"], rebate_naive.day(x["date"]))) for x in self.flows}
        self.targets = [{"partner": p, "period": x, "target": decimal(r, 4000, 2)} for p in PARTNERS for x in sorted(labels)
                        if r.random() < 0.7]
        self.stock = [{"partner": r.choice(PARTNERS), "sku": s, "date": d, "quantity": decimal(r, 90, 3)}
                      for s in SKUS for d in sorted({some_day(r) for _ in range(r.randint(0, 3))})]
        self.shuffled = list(self.flows)
        r.shuffle(self.shuffled)

    def tried(self, folder, rows):
        files = [("--flows", write(folder, "f.csv", COLUMNS, rows)),
                 ("--stages", write(folder, "s.csv", ["sku", "stage", "from"], self.stages)),
                 ("--targets", write(folder, "t.csv", ["partner", "period", "target"], self.targets)),
                 ("--stock", write(folder, "k.csv", ["partner", "sku", "date", "quantity"], self.stock))]
        (folder / "p.yaml").write_text(json.dumps(self.doc, ensure_ascii=False), encoding="utf-8")
        p = run(BIN / "channelctl", "policy", "try", "-f", folder / "p.yaml", *[w for f in files for w in f], "-o", "json")
        return json.loads(p.stdout)

    def wanted(self):
        return rebate_naive.Engine(self.doc, rates_as_percents(self.flows), self.stages, self.targets,
                                   self.stock).evaluate()


def fen(text):
    return int(text.replace(".", ""))


def check_sums(lines):
    for line in lines:
        if sum(fen(t["amount"]) for t in line["trace"]) != fen(line["amount"]):
            raise Failed(f"the trace does not add up: {line}")


def unordered(lines):
    key = lambda t: json.dumps(t, sort_keys=True)
    return [{**x, "trace": sorted(({k: t[k] for k in ("sku", "date", "document", "basis")} for t in x["trace"]), key=key)}
            for x in lines]


def first_difference(found, wanted):
    for f, w in zip(found, wanted):
        if f != w:
            return f"found  {json.dumps(f)}\nwanted {json.dumps(w)}"
    return f"found {len(found)} lines, wanted {len(wanted)}: {json.dumps((found + wanted)[-1])}"


def the_two_engines_agree():
    earned = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for seed in range(SEED, SEED + CASES):
            case = Case(seed)
            found, wanted = case.tried(folder, case.flows), case.wanted()
            if found != wanted:
                raise Failed(f"seed {seed}: {json.dumps(case.doc, ensure_ascii=False)}\n{first_difference(found, wanted)}")
            check_sums(found)
            if seed % 5 == 0 and unordered(case.tried(folder, case.shuffled)) != unordered(found):
                raise Failed(f"seed {seed}: another order of rows, another result")
            earned += sum(fen(x["amount"]) > 0 for x in found)
    if earned < CASES:
        raise Failed(f"only {earned} lines earned anything: the cases show too little")
    print(f"{CASES} policies, {earned} lines that earn")


sys.argv[1:] = []
main([the_two_engines_agree])
