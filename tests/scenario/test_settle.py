#!/usr/bin/env python3
"""What becomes of a rebate: accrued as differences, frozen by closing, put on statements, confirmed or disputed, paid by two
people; late data, returns and withdrawn files come as differences, and reversing everything gives nothing."""
import books
from world import World, equal, main, pick

POLICY = """metadata: {{name: {name}}}
spec:
  effective: {{from: 2026-01-01, to: 2026-12-31}}
  scope: {{partners: {{kinds: [distributor]}}}}
  basis: sell_out
  period: {period}
  stages:
    any: {{mechanism: bands, bands: [{{from: "0", rate: "{low}"}}, {{from: "5000", rate: "2%"}}, {{from: "10000", rate: "3%"}}]}}
{more}
"""
HEAD = "type,number,date,sku,quantity,amount,reference\n"
ACCOUNTS = """accounts:
  - {kind: accrual, debit: "6601", credit: "2241"}
  - {kind: reversal, debit: "2241", credit: "6601"}
  - {kind: payout, form: credit_note, policy: core, debit: "2241", credit: "2202"}
"""
FILES = {  # name: partner, rows
    "a1": ("D1", "sale,A1,2026-01-20,P1,1000,6000.00,"),
    "a2": ("D1", "sale,A2,2026-02-10,P1,1000,4500.00,"),
    "a3": ("D1", "sale,A3,2026-03-30,P1,100,500.00,"),
    "b1": ("D2", "sale,B1,2026-03-01,P2,100,1000.00,"),
    "r1": ("D1", "return,R1,2026-04-06,P1,500,3000.00,A1"),
}


class Books:
    """A world with a policy, its people and its agents."""

    def __init__(self, w):
        self.w = w
        books.load(w)
        self.token = {name: w.ctl("user", "add", name, "--role", role)["token"]
                      for name, role in (("anna", "finance"), ("bob", "finance"), ("max", "channel_manager"))}
        self.home = {p: w.enrol(p) for p in ("D1", "D2")}
        for p in ("D1", "D2"):
            self.token[p] = w.ctl("user", "add", f"boss-{p}", "--role", "partner_owner", "--scope", p)["token"]

    def policy(self, name="core", period="quarter", low="1%", more="  payout: {expires_after_days: 365}"):
        text = POLICY.format(name=name, period=period, low=low, more=more)
        self.w.ctl_raw("policy", "apply", "-f", self.w.file(f"{name}.yaml", text), "--reason", "test")

    def push(self, *names):
        for name in names:
            partner, row = FILES[name]
            self.w.push(self.home[partner], f"{name}.csv", HEAD + row + "\n")

    def clock(self, day):
        self.w.ctl_raw("clock", "set", f"{day}T09:00:00+08:00")

    def accrue(self):
        done = self.w.ctl("rebate", "accrue", token=self.token["anna"])
        return done["rows"], done["late"], done["amount"]

    def settle(self, period, *more):
        return self.w.ctl("rebate", "settle", period, *more, token=self.token["anna"])

    def pay(self, *which):
        """Approved by one, paid by another."""
        self.w.ctl_raw("rebate", "approve", *which, token=self.token["anna"])
        self.w.ctl_raw("rebate", "pay", *which, token=self.token["bob"])

    def close(self, period):
        self.w.ctl_raw("period", "close", period, "--despite", "a test", token=self.token["anna"])

    def through(self, period):
        """A closed period from draft to paid."""
        rows = self.settle(period)
        drafts = sorted({r["statement"] for r in rows if r["state"] == "draft"}, key=int)
        if not drafts:
            return
        self.w.ctl_raw("rebate", "review", *drafts, token=self.token["max"])
        for number in drafts:
            partner = next(r["partner"] for r in rows if r["statement"] == number)
            self.w.ctl_raw("rebate", "confirm", number, token=self.token[partner])
        self.pay(*drafts)

    def wallets(self):
        return {r["partner"]: r["balance"] for r in self.w.ctl("wallet", "list")}

    def evaluated(self):
        """What the policies give now, partner by partner."""
        sums = {}
        for r in self.w.ctl("rebate", "evaluate"):
            sums[r["partner"]] = sums.get(r["partner"], 0) + round(100 * float(r["amount"]))
        return {p: f"{v // 100}.{v % 100:02d}" for p, v in sums.items() if v}


def accruals(w, *keys):
    return pick(w.ctl("accrual", "list"), *(keys or ("partner", "period", "amount")))


def head(w):
    return w.ctl("journal", "verify")["entries"]


def from_sale_to_wallet_and_back():
    with World(clock="2026-03-31T09:00:00+08:00") as w:
        b = Books(w)
        b.policy()
        b.push("a1", "a2", "b1")
        equal(b.accrue(), (2, 0, "325.00"))
        equal(b.accrue(), (0, 0, "0.00"), "idempotent")
        equal(accruals(w), [("D1", "2026-Q1", "315.00"), ("D2", "2026-Q1", "10.00")])
        w.ctl_raw("rebate", "settle", "2026-Q1", check=73)  # open
        w.ctl_raw("period", "close", "2026-Q1", check=73)   # its last day is today
        w.ctl_raw("period", "close", "2026-Q5", check=64)

        b.clock("2026-04-05")
        b.push("a3")
        w.ctl_raw("period", "close", "2026-Q1", token=b.token["anna"])
        equal(accruals(w)[0], ("D1", "2026-Q1", "330.00"), "closing posts what came since")
        first = w.ctl_raw("rebate", "settle", "2026-Q1", "-o", "json", token=b.token["anna"]).stdout
        before = head(w)
        equal(w.ctl_raw("rebate", "settle", "2026-Q1", "-o", "json", token=b.token["anna"]).stdout, first, "the same bytes")
        equal(head(w), before, "and no entry")
        equal(pick(b.settle("2026-Q1"), "statement", "partner", "amount", "state"),
              [("1", "D1", "330.00", "draft"), ("2", "D2", "10.00", "draft")])

        # the partner sees it when the manager lets it out
        equal(w.ctl("rebate", "statement", "list", token=b.token["D1"]), [])
        w.ctl_raw("rebate", "review", "--period", "2026-Q1", token=b.token["anna"], check=77)
        w.ctl_raw("rebate", "confirm", "1", token=b.token["D1"], check=73)
        w.ctl_raw("rebate", "review", "--period", "2026-Q1", token=b.token["max"])
        equal(pick(w.ctl("rebate", "statement", "list", token=b.token["D1"]), "statement", "state", "amount"),
              [("1", "sent", "330.00")])
        said = w.agent(b.home["D1"], "notices", "-o", "json").stdout
        equal("S1" in said and "330.00" in said and "2026-04-15" in said, True, said)
        w.ctl_raw("rebate", "confirm", "2", token=b.token["D1"], check=77)  # another's
        w.ctl_raw("rebate", "confirm", "1", token=b.token["D1"])
        w.ctl_raw("rebate", "dispute", "2", "--line", "1", "--reason", "B2 is missing", token=b.token["D2"])
        equal(pick(w.ctl("rebate", "dispute", "list"), "statement", "line", "why"), [("2", "1", "B2 is missing")])
        found = w.ctl("period", "check", "2026-Q1", check=1)
        equal([(f["partner"], f["owner"]) for f in found if f["kind"] == "open_dispute"], [("D2", "account_manager")])

        # the disputed line is held, the rest goes on; the first person cannot be the second
        w.ctl_raw("rebate", "pay", "--period", "2026-Q1", token=b.token["anna"], check=66)  # nothing is approved
        w.ctl_raw("rebate", "approve", "--period", "2026-Q1", token=b.token["max"], check=77)
        w.ctl_raw("rebate", "approve", "--period", "2026-Q1", token=b.token["anna"])
        equal(pick(w.ctl("rebate", "statement", "list"), "statement", "state"), [("1", "approved"), ("2", "disputed")])
        equal(b.wallets(), {}, "nothing before the second person")
        said = w.ctl_raw("rebate", "pay", "--period", "2026-Q1", token=b.token["anna"], check=77).stderr
        equal("approved by user:anna: another person" in said, True, said)
        w.ctl_raw("rebate", "pay", "--period", "2026-Q1", token=b.token["bob"])
        equal(b.wallets(), {"D1": "330.00"})
        move = w.ctl("wallet", "show", "D1")[0]
        equal([move[k] for k in ("cause", "amount", "expires", "reference")],
              ["settlement", "330.00", "2027-04-05", "S1"])
        w.ctl_raw("rebate", "pay", "1", token=b.token["anna"], check=73)  # once

        # vouchers: again the same batch; what comes later is another one
        accounts = w.file("accounts.yaml", ACCOUNTS)

        def export(kind, period, *more):
            return w.ctl_raw("rebate", "export", "--kind", kind, "--period", period, "-f", accounts, *more, "-o", "csv",
                             token=b.token["anna"]).stdout

        posted = export("accrual", "2026-Q1")
        late = w.ctl("accrual", "list", "--partner", "D1")[0]["entry"]
        equal(posted.splitlines()[1:], ["1,1,accrual,2026-03-31,D1,main,core,credit_note,2026-Q1,6601,2241,315.00,CNY,E20",
                                        "1,2,accrual,2026-03-31,D2,main,core,credit_note,2026-Q1,6601,2241,10.00,CNY,E20",
                                        "1,3,accrual,2026-04-05,D1,main,core,credit_note,2026-Q1,6601,2241,15.00,CNY,E" + str(late)])
        equal(export("accrual", "2026-Q1"), posted, "the same bytes")
        paid = export("payout", "2026-Q1")
        equal(paid.splitlines()[1:], ["2,1,payout,2026-04-05,D1,main,core,credit_note,2026-Q1,2241,2202,330.00,CNY,S1"])
        equal(export("reversal", "2026-Q1").splitlines()[1:], [], "nothing was posted back")
        # a batch keeps its accounts, and the last ones used hold when no file is named
        equal(w.ctl_raw("rebate", "export", "--kind", "payout", "--period", "2026-Q1", "-o", "csv").stdout, paid)
        other = w.file("other.yaml", ACCOUNTS.replace("2202", "9999"))
        equal(w.ctl_raw("rebate", "export", "--kind", "payout", "--period", "2026-Q1", "-f", other, "-o", "csv").stdout, paid)
        for text, why in ((ACCOUNTS.replace("debit", "debt"), "line 2"), (ACCOUNTS + ACCOUNTS[10:], "line 5: a second row"),
                          (ACCOUNTS.replace("credit_note", "票折"), "line 4: form"), ("accounts: []\n", "at least one row")):
            said = w.ctl_raw("rebate", "export", "--kind", "payout", "--period", "2026-Q1", "-f", w.file("bad.yaml", text),
                             check=65).stderr
            equal(why in said, True, said)

        # a return drops a band after the settlement: the difference is late for Q1, in Q2
        b.clock("2026-04-07")
        b.push("r1")
        equal(b.accrue(), (1, 1, "-170.00"))
        equal(accruals(w, "partner", "period", "amount", "late", "late_in", "settled"),
              [("D1", "2026-Q1", "160.00", "-170.00", "2026-Q2", "330.00"), ("D2", "2026-Q1", "10.00", "0.00", None, "10.00")])
        equal(pick(b.settle("2026-Q1"), "statement", "amount", "state"),
              [("1", "330.00", "paid"), ("2", "10.00", "disputed")], "nothing new of Q1")

        # opened again only by a second person
        said = w.ctl_raw("period", "reopen", "2026-Q1", "--reason", "a look", token=b.token["anna"]).stdout
        equal(pick(w.ctl("period", "list"), "period", "state")[0], ("2026-Q1", "closed"))
        w.ctl_raw("approval", "approve", said.split()[1], token=b.token["anna"], check=77)
        w.ctl_raw("approval", "approve", said.split()[1], token=b.token["bob"])
        equal(pick(w.ctl("period", "list"), "period", "state")[0], ("2026-Q1", "reopened"))
        equal(b.accrue(), (0, 0, "0.00"))
        # not closed over what is in the way, unless somebody says why
        said = w.ctl("period", "close", "2026-Q1", check=1, token=b.token["anna"])
        equal([(f["kind"], f["owner"]) for f in said], [("open_dispute", "account_manager")])
        equal(pick(w.ctl("period", "list"), "period", "state")[0], ("2026-Q1", "reopened"))
        w.ctl_raw("period", "close", "2026-Q1", "--despite", "the rest is due", token=b.token["anna"])
        equal(w.ctl("period", "list")[0]["reason"], "despite 1 findings: the rest is due")

        # the dispute is rejected; then the partner lets the deadline pass
        w.ctl_raw("rebate", "dispute", "answer", "2", "--line", "1", "--reject", "--reason", "B2 is of April",
                  token=b.token["max"])
        equal(pick(w.ctl("rebate", "statement", "show", "2", token=b.token["D2"]), "state", "why", "answer"),
              [("sent", "B2 is missing", "B2 is of April")])
        equal([(h["act"], h["by"], h["reason"]) for h in w.ctl("rebate", "statement", "history", "2", token=b.token["max"])],
              [("settle", "user:anna", None), ("review", "user:max", None), ("dispute", "user:boss-D2", "B2 is missing"),
               ("reject", "user:max", "B2 is of April")], "a dispute's life")
        b.clock("2026-04-17")
        equal(w.ctl("rebate", "statement", "show", "2")[0]["state"], "sent", "ten days are not over")
        b.clock("2026-04-19")
        equal([w.ctl("rebate", "statement", "show", "2")[0][k] for k in ("state", "by")], ["confirmed", "system"])
        b.pay("2")
        second = export("payout", "2026-Q1").splitlines()[1:]
        equal(second, ["3,1,payout,2026-04-19,D2,main,core,credit_note,2026-Q1,2241,2202,10.00,CNY,S2"], "only what is new")
        equal(export("payout", "2026-Q1", "--batch", "2"), paid, "an earlier batch as it was")
        late = w.ctl("accrual", "list", "--partner", "D1")[0]["entry"]
        equal(export("reversal", "2026-Q2").splitlines()[1:],
              [f"4,1,reversal,2026-04-07,D1,main,core,credit_note,2026-Q1,2241,6601,170.00,CNY,E{late}"])

        b.clock("2026-07-01")
        w.ctl_raw("period", "close", "2026-Q2")
        equal(pick(b.settle("2026-Q2"), "partner", "period", "amount", "late_for"), [("D1", "2026-Q1", "-170.00", "2026-Q1")])
        b.through("2026-Q2")
        equal(b.wallets(), {"D1": "160.00", "D2": "10.00"})
        equal(b.wallets(), b.evaluated(), "the wallets are what the policies give")

        # every file taken back
        for u in w.ctl("upload", "list"):
            w.ctl_raw("upload", "withdraw", u["id"], "--reason", "all of it")
        b.clock("2026-10-01")  # accrued by night
        w.ctl_raw("period", "close", "2026-Q3")
        b.through("2026-Q3")
        equal(b.wallets(), {"D1": "0.00", "D2": "0.00"})
        w.verify()


def the_partner_answers_through_its_agent():
    with World(clock="2026-04-05T09:00:00+08:00") as w:
        b = Books(w)
        b.policy()
        b.push("a1", "b1")
        w.ctl_raw("period", "close", "2026-Q1")
        b.settle("2026-Q1")
        equal(w.agent(b.home["D1"], "rebate", "statement", "-o", "json").stdout, "[]\n", "a draft is nobody's business")
        w.ctl_raw("rebate", "review", "--period", "2026-Q1", token=b.token["max"])
        shown = w.agent(b.home["D1"], "rebate", "statement", "1", "-o", "csv").stdout
        equal(",120.00,sent," in shown, True, shown)
        w.agent(b.home["D2"], "rebate", "statement", "1", check=77)
        w.agent(b.home["D2"], "rebate", "confirm", "1", check=77)
        w.agent(b.home["D2"], "ask", "rebate", "settle", "2026-Q1", check=77)
        w.agent(b.home["D2"], "ask", "clock", "set", "2027-01-01T00:00:00+08:00", check=77)
        w.agent(b.home["D2"], "rebate", "dispute", "2", "--line", "1", check=64)  # say why
        w.agent(b.home["D2"], "rebate", "dispute", "2", "--line", "2", "--reason", "no", check=66)
        said = w.agent(b.home["D1"], "rebate", "confirm", "1").stdout
        equal(said, "confirm: 1 lines of 1 statements\n")
        w.agent(b.home["D1"], "rebate", "confirm", "1", check=73)
        w.agent(b.home["D2"], "rebate", "dispute", "2", "--line", "1", "--reason", "a file is missing")
        equal(pick(w.ctl("rebate", "dispute", "list"), "partner", "by", "why"), [("D2", "user:D2-1", "a file is missing")])
        # accepted: the line goes, and what the books say then is settled anew
        w.ctl_raw("rebate", "dispute", "answer", "2", "--line", "1", "--accept", "--reason", "so it is",
                  token=b.token["anna"])
        equal(pick(b.settle("2026-Q1"), "statement", "amount", "state"),
              [("1", "120.00", "confirmed"), ("2", "10.00", "withdrawn"), ("3", "10.00", "draft")])
        w.ctl_raw("rebate", "withdraw", "3", "--reason", "wait", token=b.token["max"])
        b.pay("--period", "2026-Q1")
        equal(b.wallets(), {"D1": "120.00"})
        w.ctl_raw("journal", "export")
        w.verify()


def two_policies_and_interim_statements():
    """The same wallets at the end, whatever was settled before (tests/unit/test_rebate_shuffle.c shuffles all of it)."""
    with World(clock="2026-12-29T09:00:00+08:00") as w:
        b = Books(w)
        b.policy()
        b.policy("yearly", "year", "0.5%")
        b.push("a1", "b1")
        b.settle("2026", "--interim")
        b.push("a2", "r1")
        b.close("2026-Q1")
        b.through("2026-Q1")
        b.push("a3")
        w.ctl_raw("setting", "set", "rebate.confirm_days", "0")
        b.clock("2027-01-01")
        for period in ("2026-Q2", "2026"):
            b.close(period)
            b.through(period)
        equal({row["open"] for row in w.ctl("accrual", "list")}, {"0.00"}, "settled whole")
        equal(b.wallets(), b.evaluated())
        w.verify()


VERIFIED = """metadata: {name: real}
spec:
  effective: {from: 2026-03-01, to: 2026-03-31}
  basis: verified_sell_out
  period: month
  stages: {any: {mechanism: flat, rate: "10%"}}
"""


def a_check_names_what_is_in_the_way_and_whose_it_is():
    with World(clock="2026-04-05T09:00:00+08:00") as w:
        b = Books(w)
        w.import_csv("duty", "partner,type,every,due,from\nD1,sale,month,5,2026-03-01\nD1,stock,month,5,2026-03-01\n")
        w.ctl_raw("policy", "apply", "-f", w.file("real.yaml", VERIFIED))
        goods = "type,number,date,sku,quantity,amount,counterparty,reference\n"
        w.push(w.enrol("M"), "ship.csv", goods + "shipment,Z1,2026-03-02,P1,10,20.00,D2,\nshipment,Z2,2026-03-10,P1,10,20.00,D2,\n")
        w.push(b.home["D2"], "d2.csv", goods + "receipt,E1,2026-03-03,P1,10,20.00,M,Z1\nsale,B1,2026-03-05,P1,4,10.00,,\n"
                                               "sale,B7,2026-03-02,P777,4,77.00,,\n", check=None)
        b.clock("2026-04-12")
        equal(pick(w.ctl("period", "check", "2026-03", check=1), "kind", "partner", "subject", "amount", "owner"),
              [("missing_count", "D1", "stock", None, "partner"), ("missing_count", "D2", "P1", None, "partner"),
               ("missing_report", "D1", "sale", None, "partner"),
               ("quarantine", "D2", "unknown_product P777", "77.00", "channel_manager"),
               ("unmatched_shipment", "D2", "unsigned", None, "partner")])


def small_amounts_are_carried_on():
    """minimum_payout over periods, both ways: below it they wait together; a return puts them below it again."""
    with World(clock="2026-04-05T09:00:00+08:00") as w:
        b = Books(w)
        b.policy(period="month", low="1%", more="  minimum_payout: 50")
        for month, amount in ((1, 3000), (2, 1500), (3, 1000)):
            w.push(b.home["D1"], f"{month}.csv", HEAD + f"sale,M{month},2026-0{month}-10,P1,100,{amount}.00,\n")
            b.close(f"2026-0{month}")
        equal(pick(w.ctl("rebate", "evaluate"), "period", "amount"), [(f"2026-0{m}", "0.00") for m in (1, 2, 3)])
        equal(accruals(w, "period", "amount"), [("2026-01", "30.00"), ("2026-02", "15.00"), ("2026-03", "10.00")], "it is owed")
        equal(pick(b.settle("2026-03"), "period", "amount", "state"),
              [("2026-01", "30.00", "draft"), ("2026-02", "15.00", "draft"), ("2026-03", "10.00", "draft")], "55 together")
        equal(pick(b.settle("2026-03"), "period", "amount"), [("2026-01", "30.00"), ("2026-02", "15.00"), ("2026-03", "10.00")])
        w.ctl_raw("rebate", "withdraw", "1", "--reason", "wait for the return", token=b.token["max"])
        w.push(b.home["D1"], "r.csv", HEAD + "return,R,2026-04-02,P1,60,600.00,M1\n")
        b.accrue()
        b.clock("2026-05-02")
        w.push(b.home["D1"], "4.csv", HEAD + "sale,M4,2026-04-10,P1,100,200.00,\n")
        b.close("2026-04")
        rows = [r for r in b.settle("2026-04") if r["state"] != "withdrawn"]
        equal(pick(rows, "period", "amount", "state"), [("2026-01", "24.00", "draft"), ("2026-02", "15.00", "draft"),
              ("2026-03", "10.00", "draft"), ("2026-04", "2.00", "draft")], "49 waited, April makes 51")
        w.push(b.home["D1"], "r4.csv", HEAD + "return,R4,2026-05-02,P1,80,160.00,M4\n")
        b.accrue()
        b.clock("2026-06-02")
        b.close("2026-05")
        rows = [r for r in b.settle("2026-05")]
        equal(pick(rows, "period", "amount", "state"),
              [("2026-01", "-24.00", "draft"), ("2026-01", "24.00", "carried"), ("2026-02", "-15.00", "draft"),
               ("2026-02", "15.00", "carried"), ("2026-03", "-10.00", "draft"), ("2026-03", "10.00", "carried"),
               ("2026-04", "-2.00", "draft"), ("2026-04", "0.40", "carried")], "49.40: it is taken back, and waits")
        equal({r["why"] for r in rows if r["state"] == "carried"}, {"below the minimum payout of 50.00: carried on"})
        w.verify()


def what_stands_between_earning_and_paying():
    with World(clock="2026-04-05T09:00:00+08:00") as w:
        b = Books(w)
        group = "  overlap: {group: volume, rule: best}\n"
        b.policy("big", more=group + "  payout: {form: cash, share: \"50%\"}")
        b.policy("small", low="0.1%", more=group)
        b.policy("spring", period="once", low="0.2%")
        b.policy("counted", low="0.3%", more="  conditions: [{stock_report_within_days: 7, unmet: hold}]")
        b.policy("strict", low="0.4%", more="  conditions: [{stock_report_within_days: 7, unmet: forfeit}]")
        b.push("b1")
        w.ctl_raw("period", "close", "2026-Q1")
        rows = b.settle("2026-Q1")
        equal(pick(rows, "policy", "amount", "state", "form", "why"),
              [("big", "5.00", "draft", "cash", None), ("counted", "3.00", "held", "credit_note", "no stock count within 7 days of 2026-03-31"),
               ("strict", "4.00", "forfeited", "credit_note", "no stock count within 7 days of 2026-03-31")],
              "the best of two, half of it; what is held or forfeited is shown")
        w.push(b.home["D2"], "count.csv", "type,date,sku,quantity\nstock,2026-03-31,P2,40\n")
        equal(pick(b.settle("2026-Q1"), "policy", "amount", "state"),
              [("big", "5.00", "draft"), ("counted", "3.00", "draft"), ("strict", "4.00", "draft")], "the count came")
        b.policy("clean", low="0.5%", more="  conditions: [{no_open_case: true, unmet: hold}]")
        w.ctl_raw("period", "reopen", "2026-Q1", "--reason", "one more", token=b.token["anna"])
        w.ctl_raw("approval", "approve", "1", token=b.token["bob"])
        w.ctl_raw("hold", "set", "D2", "case/7", "--reason", "seen elsewhere")
        w.ctl_raw("period", "close", "2026-Q1")
        equal(pick([r for r in b.settle("2026-Q1") if r["policy"] == "clean"], "amount", "state", "why"),
              [("5.00", "held", "case/7 is open")])
        w.ctl_raw("hold", "end", "D2", "case/7", "--reason", "cleared")
        equal(pick([r for r in b.settle("2026-Q1") if r["policy"] == "clean"], "amount", "state"), [("5.00", "draft")])
        w.ctl_raw("period", "close", "once/spring", check=73)  # it runs to the end of the year
        equal(pick(b.settle("once/spring", "--interim"), "policy", "amount"), [("spring", "2.00")])
        w.ctl_raw("policy", "withdraw", "spring", "--reason", "never again")
        equal(pick(b.settle("once/spring", "--interim"), "policy", "amount"), [("spring", "-2.00"), ("spring", "2.00")])
        w.ctl_raw("rebate", "settle", "2026-Q1", "--interim", check=73)  # closed
        w.ctl_raw("rebate", "settle", "once/winter", check=73)


if __name__ == "__main__":
    main([from_sale_to_wallet_and_back, the_partner_answers_through_its_agent, two_policies_and_interim_statements,
          a_check_names_what_is_in_the_way_and_whose_it_is, small_amounts_are_carried_on, what_stands_between_earning_and_paying])
