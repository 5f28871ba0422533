#!/usr/bin/env python3
"""The first week, rehearsed: 50 partners with 300 products each under codes of their own, from letters to live. Then a
week as clerks make it: the wrong month, 箱 for 瓶, half an export, a doubled file, a withdrawn file. In the end the books
equal the truth."""
import collections
import concurrent.futures
import json
import random
import re
import subprocess

from world import BIN, ENV, Failed, World, equal, main, run

PARTNERS = [f"D{n:02d}" for n in range(1, 51)]
PRODUCTS = [f"P{n:03d}" for n in range(300)]
PACK, PRICE = 24, 3
DAYS = ("2026-07-06", "2026-07-07", "2026-07-08")
HEADER = "单据日期,单据类型,单号,商品编码,商品名称,规格,数量,单位,单价,金额,客户\n"
LETTER = re.compile(r"enroll --server (\S+) --token ([^<\s]+)</pre>")


class Clerk:
    """One distributor: its codes, its exports, and what it really sold."""

    def __init__(self, n, partner):
        self.n, self.partner = n, partner
        self.rng = random.Random(n)
        order = PRODUCTS[:]
        self.rng.shuffle(order)
        self.code = {sku: f"{chr(65 + n % 26)}{1000 + i}" for i, sku in enumerate(order)}
        self.sold = collections.Counter()  # (era, sku) → bottles
        self.home = None

    def row(self, day, number, sku, bottles, unit="瓶", count=True):
        if count:
            self.sold["history" if day < "2026-07-01" else "live", sku] += bottles
        price, quantity = PRICE, bottles
        if unit == "箱当瓶":  # cases were counted, bottles are written
            unit, price, quantity = "瓶", PRICE * PACK, bottles
        return f"{day},销售,{number},{self.code[sku]},{sku} 水,550ml*{PACK},{quantity},{unit},{price},{quantity * price},门店{self.n}\n"

    def june(self):
        """Everything once; what sells best often enough for the agent to know what is usual."""
        skus = PRODUCTS + 5 * PRODUCTS[:12]
        return [self.row(f"2026-06-{1 + i % 28:02d}", f"J{self.n}-{i // 10}", sku, self.rng.randint(6, 12))
                for i, sku in enumerate(skus)]

    def day(self, day, count=True):
        return [self.row(day, f"S{self.n}-{day[-2:]}-{i // 4}", sku, self.rng.randint(6, 12), count=count)
                for i, sku in enumerate(self.rng.sample(PRODUCTS, 12))]

    def bytes_of(self, rows):
        """Three ways in which programs export."""
        text = HEADER + "".join(rows)
        if self.n % 3 == 1:
            return text.replace(",", "\t").encode("utf-16")
        return text.encode("gb18030" if self.n % 3 == 0 else "utf-8-sig")

    def drop(self, name, rows):
        """Into the inbox, whole."""
        part = self.home / "inbox" / f".{name}.part"
        part.write_bytes(self.bytes_of(rows))
        part.rename(self.home / "inbox" / name)

    def held(self):
        return [h["file"] for h in json.loads(run(BIN / "channel-agent", "--home", self.home, "held", "list", "-o",
                                                  "json").stdout)]


class Week:
    def __init__(self, w):
        self.w = w
        self.clerks = [Clerk(n, p) for n, p in enumerate(PARTNERS)]
        self.agents = None

    def states(self):
        return collections.Counter(o["state"] for o in self.w.ctl("partner", "onboard", "list"))

    def all_are(self, state):
        equal(dict(self.states()), {state: len(PARTNERS)}, "where the partners stand")

    def taken(self, what, seconds=60):
        """All that lies in the inboxes is committed, or held."""
        self.w.until(lambda: not any(list((c.home / "inbox").iterdir()) for c in self.clerks), what, seconds)

    def catalogue(self):
        self.w.import_csv("partner", "id,name,kind,region\n" + "M,本厂,manufacturer,330100\n" +
                          "".join(f"{c.partner},经销商{c.n},distributor,330100\n" for c in self.clerks))
        self.w.import_csv("product", "sku,name,base_unit,units,list_price\n" +
                          "".join(f"{sku},{sku} 水,瓶,箱={PACK},{PRICE}\n" for sku in PRODUCTS))
        self.w.ctl_raw("setting", "set", "mode", "shadow")

    def letters(self):
        folder = self.w.dir / "letters"
        rows = self.w.ctl("partner", "onboard", "letters", "--from",
                          self.w.file("wave.csv", "partner\n" + "\n".join(PARTNERS)), "--to", folder, "--address",
                          self.w.server)
        self.all_are("invited")

        def follow(clerk, row):
            server, token = LETTER.search((folder / row["file"]).read_text()).groups()
            clerk.home = self.w.dir / "agents" / clerk.partner
            run(BIN / "channel-agent", "--home", clerk.home, "enroll", "--server", server, "--token", token)
            (clerk.home / "inbox").mkdir(exist_ok=True)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(follow, self.clerks, rows))
        self.all_are("enrolled")

    def run_agents(self):
        self.agents = subprocess.Popen([str(BIN / "channel-agent"), "run", "--homes", str(self.w.dir / "agents")],
                                       env=ENV, stdout=subprocess.DEVNULL,
                                       stderr=open(self.w.dir / "agents.log", "ab"))
        self.w.children.append(self.agents)

    def first_files(self):
        for c in self.clerks:
            c.drop("2026-06.csv", c.june())
        self.taken("June is in")
        self.all_are("first_file")
        o = self.w.ctl("partner", "onboard", "show", "D07")
        equal((o["waiting_words"], o["known_percent"]), (300, "0.0"))
        equal(self.w.ctl("flow", "list"), [], "nobody knows these codes yet")

    def mapped(self):
        rows = "".join(f"{c.partner},product,{code},{sku}\n" for c in self.clerks for sku, code in c.code.items())
        self.w.import_csv("alias", "owner,kind,alias,id\n" + rows)
        self.w.until(lambda: self.states()["mapped"] == len(PARTNERS), "all that waited posts itself", 60)

    def opened(self):
        rows = "".join(f"{c.partner},{code},{100},箱,2026-06-30\n" for c in self.clerks for code in c.code.values())
        done = self.w.ctl("opening", "import", self.w.file("open.csv", "partner,sku,quantity,unit,as_of\n" + rows),
                          "--kind", "stock")
        equal((done["new"], done["faults"]), (len(PARTNERS) * len(PRODUCTS), 0))
        self.all_are("opening_stock")
        done = self.w.ctl("partner", "onboard", "advance", "--all-ready", "--live", "2026-07-01")
        equal({(d["outcome"], d["live"]) for d in done}, {("advanced", "2026-07-01")})
        self.all_are("live")

    def monday(self):
        """Most send what they sold. One takes the wrong month, one counts cases as bottles."""
        wrong, cases = self.clerks[2], self.clerks[5]
        for c in self.clerks:
            if c not in (wrong, cases):
                c.drop("20260706.csv", c.day(DAYS[0]))
        wrong.drop("20260706.csv", [wrong.row(f"2026-09-{d:02d}", f"W{d}", PRODUCTS[d], 8, count=False)
                                    for d in range(1, 13)])
        cases.drop("20260706.csv", [cases.row(DAYS[0], f"B{i // 4}", sku, 10, "箱当瓶", count=False)
                                    for i, sku in enumerate(PRODUCTS[:12])])
        self.taken("Monday is in, or held")
        equal([c.partner for c in self.clerks if (c.home / "held").exists() and c.held()],
              [wrong.partner, cases.partner], "what is doubted is held")
        for c in (wrong, cases):
            run(BIN / "channel-agent", "--home", c.home, "held", "drop", "20260706.csv")
        wrong.drop("20260706-right.csv", wrong.day(DAYS[0]))
        cases.drop("20260706-right.csv", [cases.row(DAYS[0], f"B{i // 4}", sku, 10 * PACK).replace(
            f",{10 * PACK},瓶,{PRICE},", f",10,箱,{PRICE * PACK},") for i, sku in enumerate(PRODUCTS[:12])])
        self.taken("what was mended is in, or held")
        for c in (wrong, cases):
            for name in c.held():  # ten cases a product are much, and right
                run(BIN / "channel-agent", "--home", c.home, "held", "confirm", name)

    def tuesday(self):
        """Half an export, then all of it; a file doubled under another name."""
        half, doubled = self.clerks[11], self.clerks[17]
        rows = half.day(DAYS[1])
        half.drop("20260707.csv", rows[:6])  # ends inside its second document
        again = doubled.day(DAYS[1])
        doubled.drop("20260707.csv", again)
        for c in self.clerks:
            if c not in (half, doubled):
                c.drop("20260707.csv", c.day(DAYS[1]))
        self.taken("Tuesday is in")
        half.drop("20260707-all.csv", rows)
        doubled.drop("20260707 (1).csv", again)
        self.taken("the rest of Tuesday is in")

    def wednesday(self):
        """A file of somebody else's test system is withdrawn; a document that the ERP no longer has is reversed."""
        tester, voids = self.clerks[23], self.clerks[29]
        for c in self.clerks:
            if c is not voids:
                c.drop("20260708.csv", c.day(DAYS[2]))
        kept = voids.day(DAYS[2])
        void = [voids.row(DAYS[2], "VOID", PRODUCTS[0], 7, count=False)]
        voids.drop("20260708.csv", kept + void)
        tester.drop("20260708-test.csv", [tester.row(DAYS[2], f"T{i}", PRODUCTS[i], 9, count=False) for i in range(12)])
        self.taken("Wednesday is in")
        upload = [u["id"] for u in self.w.ctl("upload", "list", "--partner", tester.partner) if u["file"] == "20260708-test.csv"]
        self.w.ctl_raw("upload", "withdraw", upload[0], "--reason", "测试数据")
        whole = self.w.dir / "whole-20260708.csv"
        whole.write_bytes(voids.bytes_of(kept))
        self.stop_agents()
        out = run(BIN / "channel-agent", "--home", voids.home, "push", whole, "--replace-period",
                  f"{DAYS[2]}..{DAYS[2]}", "-o", "json", check=None)
        if out.returncode not in (0, 1):
            raise Failed(f"push --replace-period: {out.returncode} {out.stderr}")
        equal([r["number"] for r in json.loads(out.stdout)["reversed"]["list"]], ["VOID"], "what is gone is reversed")

    def stop_agents(self):
        self.agents.terminate()
        equal(self.agents.wait(timeout=60), 0, "the agents end well")

    def equal_to_the_truth(self):
        for era in ("history", "live"):
            found = {(r["partner"], r["product"]): (r["quantity"], r["amount"])
                     for r in self.w.ctl("flow", "list", "--by", "partner,product", "--kind", "sell_out", f"--{era}")}
            wanted = {(c.partner, sku): (str(q), f"{q * PRICE}.00") for c in self.clerks
                      for (e, sku), q in c.sold.items() if e == era}
            wrong = {k: (found.get(k), wanted.get(k)) for k in found.keys() | wanted.keys()
                     if found.get(k) != wanted.get(k)}
            equal(wrong, {}, f"{era}: (found, wanted) where they differ")
        stock = {(s["partner"], s["product"]): s["quantity"] for s in self.w.ctl("stock", "list")}
        equal(stock, {(c.partner, sku): str(100 * PACK - c.sold["live", sku]) for c in self.clerks for sku in PRODUCTS},
              "opening less what was sold since")
        equal(self.w.ctl("quarantine", "list"), [], "nothing waits")
        self.all_are("live")
        equal(self.w.ctl("status", check=None)["mode"], "shadow")
        self.w.ctl_raw("setting", "set", "mode", "live")
        self.w.verify()


def the_first_week():
    with World(clock="2026-07-09T09:00:00+08:00") as w:  # agents know the day from their last contact: it stands still
        week = Week(w)
        week.catalogue()
        week.letters()
        week.run_agents()
        week.first_files()
        week.mapped()
        week.opened()
        week.monday()
        week.tuesday()
        week.wednesday()
        week.equal_to_the_truth()


main([the_first_week])
