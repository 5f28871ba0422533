"""A second rebate engine, naive and exact (fractions.Fraction), written from the rules in docs/rebates.md and not from
the C code: what test_policy_random.py holds the first one against. It takes a policy as a Python dict (the YAML file's
content) and rows as dicts of strings, and gives what `policy try` prints."""
import calendar
import datetime
from fractions import Fraction as F

KINDS = {"sell_in": {"sell_in", "return_out"}, "sell_out": {"sell_out", "return"},
         "sell_out_all": {"sell_out", "return", "onward"}, "payment": {"payment"}}
GIFTS = {"sell_in": "gift_in", "sell_out": "gift_out", "sell_out_all": "gift_out"}
STAGES = ["introduction", "growth", "maturity", "decline", "any"]
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def day(text):
    return datetime.date.fromisoformat(text)


def percent(text):
    return F(text[:-1]) / 100


def half_away(x):
    """A fraction as a whole number."""
    return int(x + F(1, 2)) if x >= 0 else -int(-x + F(1, 2))


def money(fen):
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def plain(x, least=0):
    """An exact decimal as text, with at least `least` decimals."""
    sign, x, digits = ("-" if x < 0 else ""), abs(x), least
    while (x * 10**digits).denominator != 1:
        digits += 1
    n = int(x * 10**digits)
    return sign + (f"{n // 10**digits}.{n % 10**digits:0{digits}d}" if digits else str(n))


# ---- periods

def period_of(kind, d):
    return 0 if kind == "once" else (d.year * 12 + d.month - 1) // MONTHS[kind]


def label(kind, n):
    if kind == "once":
        return "once"
    per = 12 // MONTHS[kind]
    year, part = divmod(n, per)
    return {"month": f"{year:04d}-{part + 1:02d}", "quarter": f"{year:04d}-Q{part + 1}",
            "half_year": f"{year:04d}-H{part + 1}", "year": f"{year:04d}"}[kind]


def year_before(d):
    return d.replace(year=d.year - 1, day=min(d.day, calendar.monthrange(d.year - 1, d.month)[1]))


# ---- rows

def included(scope, sku):
    return (not scope.get("skus") or sku in scope["skus"]) and sku not in scope.get("exclude", [])


class Engine:
    def __init__(self, doc, flows, stages=(), targets=(), stock=()):
        self.name, self.s = doc["metadata"]["name"], doc["spec"]
        self.start, self.end = day(self.s["effective"]["from"]), day(self.s["effective"]["to"])
        self.kind = self.s["period"]
        self.timelines = sorted((day(x["from"]), x["sku"], x["stage"]) for x in stages)
        self.targets = {(x["partner"], x["period"]): F(x["target"]) for x in targets}
        self.stock = [(x["partner"], x["sku"], day(x["date"]), F(x["quantity"])) for x in stock]
        self.rows = [r for r in (self.row(i, x, flows) for i, x in enumerate(flows)) if r]

    def row(self, no, x, flows):
        s, kinds = self.s, set(KINDS[self.s["basis"]])
        if s.get("gifts") == "include":
            kinds.add(GIFTS.get(s["basis"]))
        partners, products = s.get("scope", {}).get("partners", {}), s.get("scope", {}).get("products", {})
        if x["kind"] not in kinds or (x["gift"] == "Y" and s.get("gifts") != "include"):
            return None
        if x["paid_by_rebate"] == "Y" and s.get("paid_by_rebate") != "include":
            return None
        if (partners.get("ids") and x["partner"] not in partners["ids"]) or x["partner"] in partners.get("exclude", []):
            return None
        if not included(products, x["sku"]):
            return None
        date = self.sale_of(x, flows) or day(x["date"])
        amount = F(x["amount"])
        if s.get("tax") == "excl":
            amount /= 1 + (percent(x["tax_rate"]) if x["tax_rate"] else 0)
        only = s.get("count_only")
        return {"no": no, "partner": x["partner"], "sku": x["sku"], "date": date, "document": x["document"],
                "amount": amount, "quantity": F(x["quantity"]), "days": x["days_to_pay"],
                "measure": self.measure(x["sku"], amount, F(x["quantity"])),
                "stage": "any" if "any" in s["stages"] else self.stage(x["sku"], date),
                "pays": not (only and included(only, x["sku"])), "period": period_of(self.kind, date)}

    def sale_of(self, x, flows):
        q, a = F(x["quantity"]), F(x["amount"])
        back = x["kind"] in ("return", "return_out")
        negative = (q < 0 or (q == 0 and a < 0)) and x["kind"] in ("sell_out", "sell_in")
        if not x["reference"] or not (back or negative):
            return None
        of = "sell_in" if x["kind"] in ("return_out", "sell_in") else "sell_out"
        found = [day(y["date"]) for y in flows
                 if y["kind"] == of and y["partner"] == x["partner"] and y["sku"] == x["sku"] and
                 y["document"] == x["reference"] and
                 not (F(y["quantity"]) < 0 or (F(y["quantity"]) == 0 and F(y["amount"]) < 0))]
        return min(found) if found else None

    def stage(self, sku, date):
        found = None
        for start, of, stage in self.timelines:
            if of == sku and start <= date:
                found = stage
        return found

    def measure(self, sku, amount, quantity):
        m = self.s.get("measure", "amount")
        if isinstance(m, dict):
            return F(str(m["points"].get(sku, 0))) * quantity
        return amount if m == "amount" else quantity

    # ---- lines

    def evaluate(self):
        out, inside = [], [r for r in self.rows if self.start <= r["date"] <= self.end]
        partners = {r["partner"] for r in self.rows} | {x[0] for x in self.stock if self.admits(x[0])}
        for partner in sorted(partners):
            mine = [r for r in inside if r["partner"] == partner]
            drops = self.protected(partner)
            for n in sorted({r["period"] for r in mine} | {d["period"] for d in drops}):
                out += self.period(partner, n, [r for r in mine if r["period"] == n],
                                   [d for d in drops if d["period"] == n])
        return out

    def admits(self, partner):
        scope = self.s.get("scope", {}).get("partners", {})
        return (not scope.get("ids") or partner in scope["ids"]) and partner not in scope.get("exclude", [])

    def protected(self, partner):
        found = []
        for stage in STAGES:
            for at, m in enumerate(self.mechanisms(stage)):
                for no, d in enumerate(m.get("drops", [])):
                    date, saved = day(d["date"]), F(str(d["from"])) - F(str(d["to"]))
                    counts = sorted((when, q) for p, sku, when, q in self.stock
                                    if p == partner and sku == d["sku"] and when <= date)
                    held = counts[-1][1] if counts else F(0)
                    if saved <= 0 or held <= 0 or not self.start <= date <= self.end:
                        continue
                    if not included(self.s.get("scope", {}).get("products", {}), d["sku"]):
                        continue
                    if stage not in ("any", self.stage(d["sku"], date)):
                        continue
                    found.append({"no": no, "sku": d["sku"], "date": date, "document": "", "amount": F(0),
                                  "quantity": held, "measure": self.measure(d["sku"], F(0), held), "pays": True,
                                  "part": saved * held * 100, "stage": stage, "at": at,
                                  "period": period_of(self.kind, date)})
        return found

    def mechanisms(self, stage):
        m = self.s["stages"].get(stage, [])
        return m if isinstance(m, list) else [m]

    def period(self, partner, n, rows, drops):
        lines = []
        for stage in STAGES:
            for at, m in enumerate(self.mechanisms(stage)):
                own = ([d for d in drops if d["stage"] == stage and d["at"] == at]
                       if m["mechanism"] == "price_protection" else [r for r in rows if r["stage"] == stage])
                if not own or m.get("partner", partner) != partner:
                    continue
                counted = rows if self.s.get("count") == "all" else [r for r in rows if r["stage"] == stage]
                line = Line(self, m, partner, n, stage, own)
                line.settle(counted)
                lines.append(line)
        self.bound(lines)
        return [x.element() for x in lines]

    def bound(self, lines):
        fen = lambda key: None if key not in self.s else int(F(str(self.s[key])) * 100)
        total = due = sum(x.amount for x in lines)
        if fen("floor") is not None and 0 < due < fen("floor"):
            due = fen("floor")
        if fen("guarantee") is not None and due < fen("guarantee"):
            due = fen("guarantee")
        if fen("cap") is not None and due > fen("cap"):
            due = fen("cap")
        if fen("minimum_payout") is not None and due < fen("minimum_payout"):
            due = 0
        if due != total:
            for x, part in zip(lines, shared(due, [F(x.amount) for x in lines])):
                x.amount = part

    def climbed_before(self, m, partner, n, stage):
        if self.kind != "once":
            n -= 1 if m["over"] == "previous_period" else 12 // MONTHS[self.kind]
            fits = lambda r: r["period"] == n
        else:
            long = self.end - self.start + datetime.timedelta(days=1)
            span = ((self.start - long, self.start - datetime.timedelta(days=1)) if m["over"] == "previous_period"
                    else (year_before(self.start), year_before(self.end)))
            fits = lambda r: span[0] <= r["date"] <= span[1]
        return sum((r["measure"] for r in self.rows if r["partner"] == partner and fits(r) and
                    (self.s.get("count") == "all" or r["stage"] == stage)), F(0))


def shared(total, weights):
    """Whole parts of a total by largest remainder, ties to the earlier; nothing to go by: all to the first."""
    whole = sum(weights)
    if whole <= 0:
        return [total if i == 0 else 0 for i in range(len(weights))]
    exact = [total * w / whole for w in weights]
    parts = [x.numerator // x.denominator for x in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[:total - sum(parts)]:
        parts[i] += 1
    return parts


class Line:
    def __init__(self, engine, m, partner, n, stage, own):
        self.e, self.m, self.partner, self.n, self.stage = engine, m, partner, n, stage
        self.rows = sorted((r for r in own if r["pays"]), key=lambda r: (r["date"], r["document"], r["sku"], r["no"]))
        self.all, self.band = own, None
        self.parts = [F(0)] * len(self.rows)

    def sum(self, what):
        return sum((r[what] for r in self.rows), F(0))

    def settle(self, counted):
        self.counted = counted
        self.w = sum((r["measure"] for r in counted), F(0))
        getattr(self, self.m["mechanism"])()
        exact = sum(self.parts, F(0))
        self.amount = half_away(exact) if exact > 0 else 0

    def pay(self, term, share, rows=None):
        """A term at a share of W, row by row, in fen."""
        chosen = self.rows if rows is None else rows
        whole = sum((r["measure"] for r in chosen), F(0))
        for i, r in enumerate(self.rows):
            if r not in chosen:
                continue
            if "rate" in term:
                self.parts[i] += r["amount"] * 100 * percent(term["rate"]) * share
            elif "per_unit" in term:
                self.parts[i] += r["quantity"] * 100 * F(str(term["per_unit"])) * share
            elif whole > 0:
                self.parts[i] += F(str(term["lump"])) * 100 * r["measure"] / whole

    def ladder(self, value, thresholds, paid=None, whole=None, incremental=False, rows=None):
        bands = self.m["bands"] if "bands" in self.m else [dict(self.m, **{"from": "100%"})]
        if self.w <= 0:
            return
        above = self.m.get("boundary") == "above"
        reached = [i for i, t in enumerate(thresholds) if value > t or (value == t and not above)]
        if not reached:
            return
        top, whole = reached[-1], self.w if whole is None else whole
        self.band = str(bands[top]["from"])
        if not incremental:
            self.pay(bands[top], (whole if paid is None else paid) / whole, rows)
            return
        for i in reached:
            end = min(value, thresholds[i + 1]) if i + 1 < len(thresholds) else value
            self.pay(bands[i], max(end - thresholds[i], F(0)) / whole, rows)

    def numbers(self):
        return [F(str(b["from"])) for b in self.m["bands"]]

    def percents(self):
        return [percent(b["from"]) for b in self.m["bands"]] if "bands" in self.m else [F(1)]

    # ---- mechanisms

    def none(self):
        pass

    def flat(self):
        self.pay(self.m, F(1))

    personal = flat

    def bands(self):
        self.ladder(self.w, self.numbers(), incremental=self.m.get("mode") == "incremental")

    def growth(self):
        base = (F(str(self.m["baseline"])) if self.m["over"] == "given"
                else self.e.climbed_before(self.m, self.partner, self.n, self.stage))
        if base <= 0:
            base = F(str(self.m.get("impute", 0)))
        if base <= 0:
            return
        pay, share = self.m.get("pay", "growth"), "%" in str(self.m["bands"][0]["from"])
        thresholds = [base * p for p in self.percents()] if share else [base + x for x in self.numbers()]
        self.ladder(self.w, thresholds, paid=self.w if pay == "total" else self.w - base, incremental=pay == "bands")

    def target(self):
        target = self.e.targets.get((self.partner, label(self.e.kind, self.n)))
        if target is not None and target > 0:
            self.ladder(self.w, [target * p for p in self.percents()], incremental=self.m.get("mode") == "incremental")

    def mix(self):
        inside = lambda r: included(self.m["group"], r["sku"])
        group = sum((r["measure"] for r in self.counted if inside(r)), F(0))
        rows = [r for r in self.rows if inside(r)] if self.m.get("pay") == "group" else None
        self.ladder(group, [p * self.w for p in self.percents()], rows=rows)

    def breadth(self):
        net = {}
        for r in self.counted:
            net[r["sku"]] = net.get(r["sku"], F(0)) + r["quantity"]
        self.ladder(F(sum(q > 0 for q in net.values())), self.numbers())

    def early_payment(self):
        for i, r in enumerate(self.rows):
            if r["days"] == "":
                continue
            days, above = int(r["days"]), self.m.get("boundary") == "above"
            fitting = [b for b in self.m["bands"] if days > int(b["from"]) or (days == int(b["from"]) and not above)]
            if fitting and "rate" in fitting[-1]:
                self.parts[i] = r["amount"] * 100 * percent(fitting[-1]["rate"])
            elif fitting:
                self.parts[i] = r["quantity"] * 100 * F(str(fitting[-1]["per_unit"]))

    def price_protection(self):
        self.parts = [r["part"] for r in self.rows]

    # ---- what comes out

    def basis(self, r):
        if self.e.s.get("measure", "amount") == "amount":
            return money(half_away(r["measure"] * 100))
        return plain(r["measure"])

    def element(self):
        rows, parts = self.rows, self.parts
        if not rows and self.amount:
            rows = sorted(self.all, key=lambda r: (r["date"], r["document"], r["sku"], r["no"]))
            parts = [F(0)] * len(rows)
        amounts = shared(self.amount, parts) if self.amount else [0] * len(rows)
        return {"partner": self.partner, "policy": self.e.name, "period": label(self.e.kind, self.n),
                "stage": self.stage, "mechanism": self.m["mechanism"],
                "basis_amount": money(half_away(self.sum("amount") * 100)), "basis_quantity": plain(self.sum("quantity")),
                "band": self.band, "amount": money(self.amount),
                "trace": [{"sku": r["sku"], "date": r["date"].isoformat(), "document": r["document"],
                           "basis": self.basis(r), "amount": money(a)} for r, a in zip(rows, amounts)]}
