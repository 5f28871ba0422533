#!/usr/bin/env python3
"""`channelctl calc`: every vector of the areas it has, and what it says to wrong input."""
import json

from world import BIN, Failed, equal, main, run, shared

AREAS = ("rebate", "money", "replenishment", "forecast", "accuracy", "classification", "diversion")


def calc(fn, given, check=0):
    return run(BIN / "channelctl", "calc", fn, stdin=json.dumps({"input": given}), check=check)


def within(found, wanted, tolerance):
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(within(found.get(k), v, tolerance) for k, v in wanted.items())
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(within(f, w, tolerance) for f, w in zip(found, wanted))
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return found is not None and abs(found - wanted) <= tolerance * max(1, abs(wanted))
    return found == wanted


def a_vector_of_each_area():
    """All of them run in tests/unit/test_calc.c, without a process each."""
    with open(shared("vectors/maths.json"), encoding="utf-8") as f:
        vectors = {v["area"]: v for v in json.load(f) if v["area"] in AREAS}
    equal(sorted(vectors), sorted(AREAS), "areas")
    for v in vectors.values():
        found = json.loads(calc(v["fn"], v["input"]).stdout)["output"]
        if not within(found, v["expected"], v["tolerance"]):
            raise Failed(f"{v['id']}: {found}, wanted {v['expected']}")


def shares_add_up_whatever_the_sign():
    for total, weights, wanted in ((7, [1, 1, 1, 1], [2, 2, 2, 1]), (-7, [1, 1, 1, 1], [-2, -2, -2, -1]),
                                   (0, [3, 1], [0, 0]), (10**15, [1, 2], [333333333333333, 666666666666667]),
                                   (9 * 10**18, [10**18, 2 * 10**18], [3 * 10**18, 6 * 10**18])):
        equal(json.loads(calc("allocate", {"total": total, "weights": weights}).stdout)["output"], wanted)


def roundings():
    for mode, wanted in {"half_away": -3, "half_toward_zero": -2, "half_even": -2, "half_odd": -3, "up": -2,
                         "half_positive_infinity": -2, "half_negative_infinity": -3, "down": -3}.items():
        equal(json.loads(calc("div_round", {"num": -25, "den": 10, "mode": mode}).stdout)["output"], wanted, mode)
        equal(json.loads(calc("div_round", {"num": 25, "den": -10, "mode": mode}).stdout)["output"], wanted, mode)


def the_list_names_each_function_once():
    rows = json.loads(run(BIN / "channelctl", "calc", "--list", "-o", "json").stdout)
    names = [r["function"] for r in rows]
    equal(len(names), len(set(names)))
    equal({r["area"] for r in rows} >= set(AREAS), True)


def wrong_input_is_one_clear_line():
    tiers = [{"from_minor": 0, "rate_bp": 100}]
    for fn, given, status, says in (
            ("nothing", {}, 64, "no function 'nothing'"),
            ("flat", {"amount_minor": "12"}, 65, "amount_minor is \"12\", wanted a whole number"),
            ("flat", {"amount_minor": 1}, 65, "rate_bp is missing"),
            ("flat", {"amount_minor": 9 * 10**15 + 1, "rate_bp": 1}, 65, "to 9000000000000000"),
            ("tier_all_units", {"amount_minor": 1, "tiers": []}, 65, "tiers: wanted 1 to"),
            ("tier_all_units", {"amount_minor": 1, "tiers": [tiers[0], tiers[0]]}, 65, "from_minor must rise"),
            ("tier_all_units", {"amount_minor": 1, "tiers": tiers, "boundary": "x"}, 65, "boundary is \"x\""),
            ("allocate", {"total": 5, "weights": [0, 0]}, 65, "a sum above 0"),
            ("div_round", {"num": 5, "den": 0}, 65, "not 0")):
        p = calc(fn, given, check=status)
        equal((p.stdout, len(p.stderr.strip().split("\n"))), ("", 1), fn)
        equal(says in p.stderr, True, p.stderr)
    p = run(BIN / "channelctl", "calc", "flat", stdin="{", check=65)
    equal("line 1" in p.stderr, True, p.stderr)


main([shares_add_up_whatever_the_sign, roundings, the_list_names_each_function_once, wrong_input_is_one_clear_line,
      a_vector_of_each_area])
