"""A second rebate engine, naive and exact (fractions.Fraction), written from the rules in docs/rebates.md and not from
the C code: what test_policy_random.py holds the first one against. It takes a policy as a Python dict (the YAML file's
content) and rows as dicts of strings, and gives what `policy try` prints."""
import calendar
import datetime
from fractions import Fraction as F

KINDS = {"verified_sell_out": {"sell_out", "return"}, "sell_in": {"sell_in", "return_out"}, "sell_out": {"sell_out", "return"},
         "sell_out_all": {"sell_out", "return", "onward"}, "payment": {"payment"}}
GIFTS = {"sell_in": "gift_in", "sell_out": "gift_out", "sell_out_all": "gift_out", "verified_sell_out": "gift_out"}
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

def included(scope, sku, products):
    about = products.get(sku, {})
    return ((not scope.get("skus") or sku in scope["skus"]) and
            (not scope.get("brands") or about.get("brand", "") in scope["brands"]) and
            (not scope.get("categories") or about.get("category", "") in scope["categories"]) and
            sku not in scope.get("exclude", []))


def lies_in(region, above):
    while len(above) > 2 and above.endswith("00"):
        above = above[:-2]
    return region.startswith(above)


def is_back(x):
    """A row that takes back, whichever way it is written."""
    q, a = F(x["quantity"] or 0), F(x["amount"] or 0)
    return x["kind"] in ("return", "return_out") or (x["kind"] in ("sell_out", "sell_in") and (q < 0 or (q == 0 and a < 0)))


class Engine:
    """`partners`, `products`, `prices`, `claims`: rows of their files, None where the file is not given."""

    def __init__(self, doc, flows, stages=(), targets=(), stock=(), partners=None, products=None, prices=(), claims=()):
        self.name, self.s = doc["metadata"]["name"], doc["spec"]
        self.start, self.end = day(self.s["effective"]["from"]), day(self.s["effective"]["to"])
        self.kind = self.s["period"]
        self.timelines = sorted((day(x["from"]), x["sku"], x["stage"]) for x in stages)
        self.targets = {(x["partner"], x["period"]): F(x["target"]) for x in targets}
        self.stock = [(x["partner"], x["sku"], day(x["date"]), F(x["quantity"])) for x in stock]
        self.about = {x["id"]: x for x in partners or ()}
        self.products = {x["sku"]: x for x in products or ()}
        self.prices, self.claims, self.flows = prices, claims, flows
        self.known = {x["partner"] for x in flows} | {x[0] for x in self.stock} | set(self.about)
        self.known |= {x["parent"] for x in self.about.values() if x["parent"]} | {x["partner"] for x in claims}
        self.rows = [r for r in (self.row(i, x) for i, x in enumerate(flows)) if r]
        if self.s["basis"] == "verified_sell_out":
            self.rows = self.waiting(self.rows, self.verify)
        elif self.s["basis"] == "sell_in" and "stock_cap" in self.s:
            self.rows = self.waiting(self.rows, self.shelf)

    # ---- who and what is in scope

    def in_scope(self, partner):
        scope, about = self.s.get("scope", {}).get("partners", {}), self.about.get(partner, {})
        return ((not scope.get("ids") or partner in scope["ids"]) and
                (not scope.get("tiers") or about.get("tier", "") in scope["tiers"]) and
                (not scope.get("kinds") or about.get("kind", "") in scope["kinds"]) and
                (not scope.get("regions") or any(lies_in(about.get("region", ""), x) for x in scope["regions"])) and
                partner not in scope.get("exclude", []))

    def earner(self, partner):
        """Who earns on a partner's rows; None: nobody."""
        how, found, at = self.s.get("roll_up", "self"), None, partner
        if how == "self":
            return partner if self.in_scope(partner) else None
        if partner in self.s.get("scope", {}).get("partners", {}).get("exclude", []):
            return None
        while at:
            found = at if self.in_scope(at) else found
            at = self.about.get(at, {}).get("parent")
        return found if found is None or how == "children" else self.s["pay_to"]

    def takes(self, sku):
        scope = self.s.get("scope", {}).get("products", {})
        if sku:
            return included(scope, sku, self.products)
        return not any(scope.get(k) for k in ("skus", "brands", "categories"))

    def row(self, no, x):
        s, kinds = self.s, set(KINDS[self.s["basis"]])
        if s.get("gifts") == "include":
            kinds.add(GIFTS.get(s["basis"]))
        if x["kind"] not in kinds or (x["gift"] == "Y" and s.get("gifts") != "include"):
            return None
        if x["paid_by_rebate"] == "Y" and s.get("paid_by_rebate") != "include":
            return None
        if self.earner(x["partner"]) is None or not self.takes(x["sku"]):
            return None
        date, quantity = self.sale_of(x) or day(x["date"]), F(x["quantity"] or 0)
        amount = self.without_tax(x, self.value(x, date))
        only = s.get("count_only")
        return {"no": no, "partner": self.earner(x["partner"]), "owner": x["partner"], "sku": x["sku"], "date": date,
                "document": x["document"], "amount": amount, "quantity": quantity, "days": x["days_to_pay"],
                "measure": self.measure(x["sku"], amount, quantity),
                "stage": "any" if "any" in s["stages"] else self.stage(x["sku"], date),
                "pays": not (only and x["sku"] and included(only, x["sku"], self.products)),
                "period": period_of(self.kind, date)}

    # ---- what a row is worth

    def value(self, x, date):
        """Money: rounded to the fen where it is quantity times a price."""
        how, q = self.s.get("value_at", "reported"), F(x["quantity"] or 0)
        if how == "reported":
            return F(x["amount"] or 0)
        if how == "list":
            price = self.list_price(x["sku"], "dealer", date)
            if price is None and self.products.get(x["sku"], {}).get("list_price"):
                price = F(self.products[x["sku"]]["list_price"])
            return F(half_away(q * price * 100), 100) if price is not None else F(0)
        bought = [(self.sale_of(y) or day(y["date"]), F(y["quantity"]), F(y["amount"])) for y in self.flows
                  if y["kind"] == "sell_in" and y["sku"] == x["sku"] and F(y["quantity"]) > 0 and y["amount"] and
                  self.earner(y["partner"]) == self.earner(x["partner"])]
        bought = [y for y in bought if y[0] <= date]
        last = [y for y in bought if y[0] == max(z[0] for z in bought)]
        return F(half_away(q * sum(y[2] for y in last) * 100 / sum(y[1] for y in last)), 100) if last else F(0)

    def list_price(self, sku, kind, date):
        fits = [(day(p["from"]), self.price_with_tax(p)) for p in self.prices
                if p["sku"] == sku and p["kind"] == kind and day(p["from"]) <= date and
                (not p["to"] or date <= day(p["to"]))]
        return max(fits)[1] if fits else None

    def price_with_tax(self, p):
        """A price of the list without VAT gets its product's, to a millionth."""
        rate = self.products.get(p["sku"], {}).get("tax_rate") if p["tax_basis"] == "excl" else None
        return F(half_away(F(p["amount"]) * (1 + percent(rate)) * 10**6), 10**6) if rate else F(p["amount"])

    def without_tax(self, x, amount):
        if self.s.get("tax") != "excl":
            return amount
        rate = x["tax_rate"] or self.products.get(x["sku"], {}).get("tax_rate")
        return amount / (1 + (percent(rate) if rate else 0))

    def sale_of(self, x):
        if not x["reference"] or not is_back(x):
            return None
        of = "sell_in" if x["kind"] in ("return_out", "sell_in") else "sell_out"
        found = [day(y["date"]) for y in self.flows
                 if y["kind"] == of and y["partner"] == x["partner"] and y["sku"] == x["sku"] and
                 y["document"] == x["reference"] and not is_back(y)]
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

    # ---- quantities that wait: for a count, or because they only filled the shelf

    def days_inside(self, n):
        if self.kind == "once":
            return self.start, self.end
        months = MONTHS[self.kind]
        first = datetime.date(n * months // 12, n * months % 12 + 1, 1)
        after = datetime.date((n + 1) * months // 12, (n + 1) * months % 12 + 1, 1)
        return max(first, self.start), min(after - datetime.timedelta(days=1), self.end)

    def waiting(self, rows, off):
        """Each reporting partner's product is a queue by day; what a period does not take, the latest, stays for the next.
        A row that is cut is cut in proportion, to the fen."""
        taken, keys = [], sorted({(r["owner"], r["sku"]) for r in rows})
        for key in keys:
            queue = sorted((r for r in rows if (r["owner"], r["sku"]) == key and self.start <= r["date"] <= self.end),
                           key=lambda r: (r["date"], r["document"], r["no"]))
            if not queue:
                continue
            for n in range(min(r["period"] for r in queue), period_of(self.kind, self.end) + 1):
                until, left, lasts = off(key, n, queue)
                now, queue = [r for r in queue if r["date"] <= until], [r for r in queue if r["date"] > until]
                for r in reversed(now):
                    stays = max(min(left, r["quantity"]), F(0))
                    left -= stays
                    rest = half_away(r["amount"] * 100 * stays / r["quantity"]) if stays else 0
                    if stays < r["quantity"] or not stays:
                        taken.append(self.piece(r, r["quantity"] - stays, r["amount"] - F(rest, 100), n))
                    if stays and lasts:
                        queue.insert(0, self.piece(r, stays, F(rest, 100), None))
        return taken

    def piece(self, r, quantity, amount, n):
        """So much of a row."""
        return {**r, "quantity": quantity, "amount": amount, "measure": self.measure(r["sku"], amount, quantity), "period": n}

    def counts(self, key):
        return sorted((when, q) for p, sku, when, q in self.stock if (p, sku) == key)

    def went(self, key, kinds, after, until):
        return sum((F(x["quantity"] or 0) for x in self.flows if (x["partner"], x["sku"]) == key and x["kind"] in kinds and
                    after < (self.sale_of(x) or day(x["date"])) <= until), F(0))

    def verify(self, key, n, queue):
        first, last = self.days_inside(n)
        counts = [x for x in self.counts(key) if x[0] <= last]
        before, inside = [x for x in counts if x[0] < first], [x for x in counts if x[0] >= first]
        opening = before[-1] if before else inside.pop(0) if inside else None
        if opening is None or not inside:
            return datetime.date.min, F(0), True
        closing = inside[-1]
        sold = sum((r["quantity"] for r in queue if r["date"] <= closing[0]), F(0))
        gone = opening[1] + self.went(key, ("receipt", "transfer", "return_out"), opening[0], closing[0]) - closing[1]
        return closing[0], max(sold - max(min(sold, gone), F(0)), F(0)), True

    def shelf(self, key, n, queue):
        first, last = self.days_inside(n)
        cap = self.s["stock_cap"]
        counts = [q for when, q in self.counts(key) if when <= last]
        bought = sum((r["quantity"] for r in queue if r["date"] <= last), F(0))
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        sold = self.went(key, ("sell_out", "return", "onward"), first - datetime.timedelta(days=1), last)
        allowed = F(half_away(max(sold, F(0)) * F(str(cap["months"])) / months * 1000), 1000)
        off = max(counts[-1] - allowed, F(0)) if counts else F(0)
        return last, min(off, max(bought, F(0))), cap.get("carry_over", True)

    # ---- lines

    def evaluate(self):
        out, inside = [], [r for r in self.rows if self.start <= r["date"] <= self.end and
                           r["period"] <= period_of(self.kind, self.end)]
        beside = self.protected() + self.claimed()
        for partner in sorted({x["partner"] for x in inside + beside}):
            mine, others = ([x for x in xs if x["partner"] == partner] for xs in (inside, beside))
            for n in sorted({x["period"] for x in mine + others}):
                out += self.period(partner, n, [x for x in mine if x["period"] == n], [x for x in others if x["period"] == n])
        return out

    def beside(self, wanted, found):
        """What is no flow, for each mechanism that looks at it: `found` gives (no, reporting partner, sku, day, …)."""
        out = []
        for stage in STAGES:
            for at, m in enumerate(self.mechanisms(stage)):
                for x in found(m) if m["mechanism"] == wanted else []:
                    x = {"document": "", "amount": F(0), "quantity": F(0), "pays": True, "stage": stage, "at": at, **x}
                    earner = self.earner(x["owner"])
                    if (earner is None or not self.start <= x["date"] <= self.end or not self.takes(x["sku"]) or
                            stage not in ("any", self.stage(x["sku"], x["date"]))):
                        continue
                    x["measure"] = self.measure(x["sku"], x["amount"], x["quantity"])
                    out.append({**x, "partner": earner, "period": period_of(self.kind, x["date"])})
        return out

    def protected(self):
        def found(m):
            for no, (sku, date, saved) in enumerate(self.drops(m)):
                for owner in sorted({p for p, of, when, _ in self.stock if of == sku and when <= date}):
                    held = [q for when, q in self.counts((owner, sku)) if when <= date][-1]
                    if saved > 0 and held > 0:
                        yield {"no": no, "owner": owner, "sku": sku, "date": date, "quantity": held,
                               "part": saved * held * 100}
        return self.beside("price_protection", found)

    def drops(self, m):
        if "drops" in m:
            return [(d["sku"], day(d["date"]), F(str(d["from"])) - F(str(d["to"]))) for d in m["drops"]]
        kind, out = m.get("price_kind", "dealer"), []
        for p in sorted(self.prices, key=lambda p: (p["sku"], p["from"])):
            before = self.list_price(p["sku"], kind, day(p["from"]) - datetime.timedelta(days=1))
            now = self.list_price(p["sku"], kind, day(p["from"]))
            if p["kind"] == kind and before is not None:
                to_scale = lambda x: F(half_away(x * 10**4), 10**4)
                out.append((p["sku"], day(p["from"]), to_scale(before) - to_scale(now)))
        return out

    def claimed(self):
        def found(m):
            for no, x in enumerate(self.claims):
                yield {"no": no, "owner": x["partner"], "sku": x["sku"], "date": day(x["date"]), "document": x["document"],
                       "amount": F(x["amount"])}
        return self.beside("activity", found)

    def mechanisms(self, stage):
        m = self.s["stages"].get(stage, [])
        return m if isinstance(m, list) else [m]

    def period(self, partner, n, rows, beside):
        lines = []
        for stage in STAGES:
            for at, m in enumerate(self.mechanisms(stage)):
                own = ([x for x in beside if x["stage"] == stage and x["at"] == at]
                       if m["mechanism"] in ("price_protection", "activity") else [r for r in rows if r["stage"] == stage])
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
        inside = lambda r: r["sku"] and included(self.m["group"], r["sku"], self.e.products)
        group = sum((r["measure"] for r in self.counted if inside(r)), F(0))
        rows = [r for r in self.rows if inside(r)] if self.m.get("pay") == "group" else None
        self.ladder(group, [p * self.w for p in self.percents()], rows=rows)

    def breadth(self):
        net = {}
        for r in self.counted:
            net[r["sku"]] = net.get(r["sku"], F(0)) + r["quantity"]
        self.ladder(F(sum(q > 0 for sku, q in net.items() if sku)), self.numbers())

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

    def ship_and_debit(self):
        """The first agreement of the product that holds on the day; its first `limit` units of the line, net of returns."""
        agreements = [a for a in self.m["agreements"] if F(str(a["list"])) > F(str(a["net"])) and self.e.takes(a["sku"])]
        sold = [F(0)] * len(agreements)
        for i, r in enumerate(self.rows):
            fitting = [no for no, a in enumerate(agreements) if a["sku"] == r["sku"] and
                       ("from" not in a or day(a["from"]) <= r["date"]) and ("to" not in a or r["date"] <= day(a["to"]))]
            if fitting:
                a, before = agreements[fitting[0]], sold[fitting[0]]
                sold[fitting[0]] += r["quantity"]
                within = (lambda q: min(q, F(str(a["limit"])))) if "limit" in a else (lambda q: q)
                self.parts[i] = (F(str(a["list"])) - F(str(a["net"]))) * 100 * (within(sold[fitting[0]]) - within(before))

    def activity(self):
        paid = self.sum("amount") * 100 * percent(self.m.get("share", "100%"))
        most = F(str(self.m["budget"])) * 100 if "budget" in self.m else paid
        for i, r in enumerate(self.rows):
            self.parts[i] = r["amount"] * 100 * percent(self.m.get("share", "100%"))
            if paid > most:
                self.parts[i] *= most / paid

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
