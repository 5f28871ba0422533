#!/usr/bin/env python3
"""A policy's life: applied, compared, approved, brought back, withdrawn; and what it pays on the books equals what `policy
try` says of the same flows from files, whatever the order of arrival."""
import json
import random

import books
from world import BIN, World, equal, main, pick, run

STAGES = """sku,stage,from
P1,introduction,2026-01-01
P1,growth,2026-05-15
P2,growth,2025-01-01
P3,maturity,2026-01-01
"""

CORE = """metadata: {{name: core, title: 核心返利}}
spec:
  effective: {{from: 2026-04-01, to: 2026-12-31}}
  scope: {{partners: {{kinds: [distributor]}}}}
  basis: sell_out
  period: quarter
  stages:
    introduction: {{mechanism: flat, per_unit: "0.15"}}
    growth: {{mechanism: bands, bands: [{{from: "0", rate: "1%"}}, {{from: "1000", rate: "{top}"}}]}}
    maturity: {{mechanism: none}}
    decline: {{mechanism: flat, rate: "0.5%"}}
"""

HEAD = "type,number,date,sku,quantity,amount,customer,reference\n"
DOCUMENTS = {  # of D1 and D2: number → rows
    ("D1", "X1"): ["sale,X1,2026-04-10,P1,100,210.00,甲,"],
    ("D1", "X2"): ["sale,X2,2026-05-14,P1,40,84.00,甲,", "sale,X2,2026-05-14,P2,10,81.50,甲,"],
    ("D1", "X3"): ["sale,X3,2026-05-15,P1,300,640.00,乙,"],
    ("D1", "X4"): ["sale,X4,2026-06-01,P2,60,488.00,乙,", "sale,X4,2026-06-01,P3,9,36.00,乙,"],
    ("D1", "R1"): ["return,R1,2026-06-10,P1,10,21.00,甲,X1"],  # belongs to April and to introduction
    ("D1", "R2"): ["return,R2,2026-06-11,P1,5,10.70,甲,"],
    ("D1", "R3"): ["return,R3,2026-06-12,P1,1,2.10,甲,X0"],  # X0 was sold before the policy began
    ("D1", "X0"): ["sale,X0,2026-03-30,P1,50,105.00,甲,"],
    ("D2", "Y1"): ["sale,Y1,2026-06-20,P2,130,1050.00,丙,"],
}


def setup(w):
    books.load(w)
    w.import_csv("stage", STAGES)


def push_all(w, order=None):
    homes = {"D1": w.enrol("D1"), "D2": w.enrol("D2")}
    for k in order or list(DOCUMENTS):
        w.push(homes[k[0]], f"{k[1]}.csv", HEAD + "\n".join(DOCUMENTS[k]) + "\n")
    return homes


def try_on_files(w, policy):
    """The same flows as `policy try` reads them."""
    rows = ["partner,sku,date,kind,quantity,amount,document,reference"]
    for (partner, _), lines in DOCUMENTS.items():
        for line in lines:
            kind, number, date, sku, quantity, amount, _, reference = line.split(",")
            sign = "-" if kind == "return" else ""
            rows.append(f"{partner},{sku},{date},{'return' if sign else 'sell_out'},{sign}{quantity},{sign}{amount},"
                        f"{number},{reference}")
    flows = w.file("flows.csv", "\n".join(rows) + "\n")
    return json.loads(run(BIN / "channelctl", "policy", "try", "-f", policy, "--flows", flows, "--stages",
                          w.file("stages.csv", STAGES), "--partners", w.file("partners.csv", books.PARTNERS), "-o", "json").stdout)


def core(w, top="2.5%", name="core.yaml"):
    return w.file(name, CORE.format(top=top))


def evaluated(w, *words):
    return w.ctl("rebate", "evaluate", *words)


def without_trace(lines):
    return [{k: v for k, v in line.items() if k != "trace"} for line in lines]


def evaluate_is_try_in_any_order():
    wanted = None
    for seed in (None, 1):
        with World() as w:
            setup(w)
            order = list(DOCUMENTS)
            if seed:
                random.Random(seed).shuffle(order)
            w.ctl_raw("policy", "apply", "-f", core(w), "--reason", "first")
            push_all(w, order)
            found = evaluated(w)
            equal(found, without_trace(try_on_files(w, core(w))))
            equal([(r["partner"], r["stage"], r["amount"], r["band"]) for r in found],
                  [("D1", "introduction", "19.50", None), ("D1", "growth", "29.97", "1000"), ("D1", "maturity", "0.00", None),
                   ("D2", "growth", "26.25", "1000")], "130 × 0.15; 1198.80 × 2.5 %; 1050 × 2.5 %")
            content = w.content()
            wanted = wanted or (found, content["policy"])
            equal((found, content["policy"]), wanted)
            equal(evaluated(w, "--period", "2026-Q3"), [])
            equal(pick(evaluated(w, "--partner", "D2", "--period", "2026-Q2"), "amount"), [("26.25",)])
            w.ctl_raw("rebate", "evaluate", "--period", "Q2", check=64)
            w.ctl_raw("rebate", "evaluate", "--policy", "other", check=66)


def the_life_of_a_policy():
    with World() as w:
        setup(w)
        push_all(w)
        bad = w.file("bad.yaml", CORE.format(top="2.5").replace("quarter", "fortnight"))
        p = w.ctl_raw("policy", "apply", "-f", bad, check=65)
        equal("bad.yaml: line" in p.stderr, True, p.stderr)
        w.ctl_raw("policy", "apply", "-f", core(w), "--reason", "first", "--revision", "0")
        p = w.ctl_raw("policy", "apply", "-f", core(w), "--reason", "again")
        equal("unchanged" in p.stdout + p.stderr, True)
        equal(len(w.ctl("policy", "history", "core")), 1, "the same text is no change")
        richer = core(w, "5%", "richer.yaml")
        d = w.ctl("policy", "diff", "-f", richer)
        equal([d["before"], d["after"], d["change"], d["moved"]], ["75.72", "131.94", "56.22", "56.22"])
        equal(pick(d["money"], "partner", "period", "before", "after", "change"),
              [("D1", "2026-Q2", "49.47", "79.44", "29.97"), ("D2", "2026-Q2", "26.25", "52.50", "26.25")])
        equal([t["change"] for t in d["text"]], ["-", "+"])
        equal("5%" in d["text"][1]["text"], True)
        w.ctl_raw("policy", "apply", "-f", richer, "--revision", "0", check=73)
        w.ctl_raw("policy", "apply", "-f", richer, "--revision", "1", "--reason", "a better year")
        equal(pick(evaluated(w, "--partner", "D2"), "amount"), [("52.50",)])
        w.ctl_raw("policy", "rollback", "core", "--to", "1", "--reason", "too dear")
        equal(pick(evaluated(w, "--partner", "D2"), "amount"), [("26.25",)])
        w.ctl_raw("policy", "withdraw", "core", "--reason", "over")
        equal(evaluated(w), [])
        equal(w.ctl("policy", "list"), [])
        equal([(h["revision"], h["action"], h["reason"], h["restores"], h["by"]) for h in w.ctl("policy", "history", "core")],
              [(1, "applied", "first", None, "user:root"), (2, "applied", "a better year", None, "user:root"),
               (3, "rolled_back", "too dear", "1", "user:root"), (4, "withdrawn", "over", None, "user:root")])
        equal(w.ctl("policy", "show", "core", "--revision", "2")["yaml"], CORE.format(top="5%"))
        shown = w.ctl_raw("policy", "show", "core", "--revision", "2").stdout
        equal(CORE.format(top="5%") in shown, True, f"the text stands as it was applied: {shown}")
        w.ctl_raw("policy", "withdraw", "core", check=73)
        kinds = [json.loads(x)["kind"] for x in w.ctl_raw("journal", "export").stdout.splitlines()]
        equal(kinds.count("policy"), 4)
        w.verify()


def much_money_takes_two_people():
    with World() as w:
        setup(w)
        push_all(w)
        anna = w.ctl("user", "add", "anna", "--role", "finance")["token"]
        bob = w.ctl("user", "add", "bob", "--role", "finance")["token"]
        w.ctl_raw("setting", "set", "policy.approve_above", "75")
        p = w.ctl_raw("policy", "apply", "-f", core(w), token=anna)
        equal("approval approve 1" in p.stdout + p.stderr, True)
        equal(w.ctl("policy", "list"), [])
        equal([w.ctl("approval", "list")[0][k] for k in ("amount", "subject", "kind")], ["75.72", "core", "policy"])
        w.ctl_raw("approval", "approve", "1", token=anna, check=77)
        w.ctl_raw("approval", "approve", "1", token=bob)
        equal(pick(w.ctl("policy", "list"), "policy", "by"), [("core", "user:anna")])
        w.ctl_raw("setting", "set", "policy.approve_above", "10")
        w.ctl_raw("policy", "apply", "-f", core(w, "5%", "a.yaml"), token=anna)
        w.ctl_raw("setting", "set", "policy.approve_above", "1000")
        w.ctl_raw("policy", "apply", "-f", core(w, "3%", "b.yaml"), token=anna)
        w.ctl_raw("approval", "approve", "2", token=bob, check=73)  # the revision moved meanwhile
        equal(w.ctl("policy", "show", "core")["revision"], 2)
        w.verify()


if __name__ == "__main__":
    main([evaluate_is_try_in_any_order, the_life_of_a_policy, much_money_takes_two_people])
