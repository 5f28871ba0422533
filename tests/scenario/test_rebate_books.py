#!/usr/bin/env python3
"""What stands between a policy's text and real flows: accruals on the expected band, budgets that stop, quantities that are
held, claims of activities, what was paid out of a wallet."""
import json

import books
from test_policy import HEAD, setup
from test_rebate import NEAR
from world import World, equal, main, pick


def line(w, *keys, **which):
    """Cells of the accrual that is meant."""
    rows = [r for r in w.ctl("accrual", "list") if all(r[k] == v for k, v in which.items())]
    equal(len(rows), 1, rows)
    return [rows[0][k] for k in keys]


def a_running_period_may_be_posted_on_the_expected_band():
    with World(clock="2026-06-20T18:00:00+08:00") as w:
        setup(w)
        d1 = w.enrol("D1")
        w.push(d1, "june.csv", HEAD + "\n".join(f"sale,A{d},2026-06-{d:02d},P2,5,40.00,甲," for d in range(1, 21)) + "\n")
        w.ctl_raw("policy", "apply", "-f", w.file("near.yaml", NEAR))
        done = w.ctl("rebate", "accrue", "--on", "expected")
        equal([done["rows"], done["amount"], done["on"]], [1, "24.00", "expected"], "35.20 of 1173.33, of which 800 came")
        equal(line(w, "amount", "on", policy="near"), ["24.00", "expected"])
        equal(w.ctl("rebate", "accrue", "--on", "expected")["rows"], 0)
        w.ctl_raw("rebate", "settle", "2026-06", "--interim")
        equal(line(w, "amount", "on", "settled", policy="near"), ["8.00", "actual", "8.00"], "paid is what is there")
        w.ctl_raw("setting", "set", "rebate.accrue_on", "expected")
        w.ctl_raw("clock", "set", "2026-06-21T04:00:00+08:00")
        equal(line(w, "on", policy="near"), ["expected"], "the night posts as the setting says")
        w.ctl_raw("clock", "set", "2026-07-01T04:00:00+08:00")
        equal(line(w, "amount", "on", "late", policy="near"), ["8.00", "actual", "0.00"], "it is over: what it came to")
        w.ctl_raw("rebate", "accrue", "--on", "hoped", check=64)
        bodies = [json.loads(x) for x in w.ctl_raw("journal", "export").stdout.splitlines()]
        amounts = [a for x in bodies if x["kind"] == "accrual" for a in x["body"]["amount"]]
        equal(sum(int(a) for a in amounts), 800, "all differences net to the actual")
        w.verify()


if __name__ == "__main__":
    main([a_running_period_may_be_posted_on_the_expected_band])
