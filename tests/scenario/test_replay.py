#!/usr/bin/env python3
"""Batches twice, out of order, with gaps, under a second spool: what an agent's side of the wire may do wrong."""
import books
from world import BIN, World, equal, main, pick, run, skip

PLAYER = BIN / "replay"


def play(w, home, *steps):
    words = " ".join(steps).split()
    return run(PLAYER, w.server, home, *words).stdout.split("\n")[:-1]


def figures(w):
    return pick(w.ctl("flow", "list", "--by", "product"), "product", "quantity")


def entries(w):
    return sum('"kind":"document"' in line for line in w.ctl_raw("journal", "export").stdout.splitlines())


def repetitions_count_once():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        said = play(w, a, "hello 77", "want", "send 77 1 5", "send 77 1 5", "send 77 1 5")
        equal(said, ["welcome 0", "grant", "ack 1", "ack 1", "ack 1"])
        equal((figures(w), entries(w)), ([("P1", "5")], 1))
        equal(play(w, a, "hello 77"), ["welcome 1"])
        w.verify()


def gaps_are_asked_for():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        said = play(w, a, "hello 77", "want", "send 77 3 9", "send 77 1 5", "send 77 3 9", "send 77 2 7", "send 77 3 9",
                    "send 77 2 7")
        equal(said, ["welcome 0", "grant", "need 1", "ack 1", "need 2", "ack 2", "ack 3", "ack 3"])
        equal((figures(w), entries(w)), ([("P1", "21")], 3))
        w.verify()


def one_number_with_two_contents_holds_the_key():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        said = play(w, a, "hello 77", "want", "send 77 1 5", "send 77 1 6", "connect", "hello 77")
        equal(said, ["welcome 0", "grant", "ack 1", "held", "held"])
        equal((figures(w), entries(w)), ([("P1", "5")], 1))
        held = [x for x in w.ctl("agent", "list") if x["partner"] == "D1"]
        equal([x["state"] for x in held], ["held"])
        w.verify()


def two_spools_within_a_minute_hold_the_key():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        said = play(w, a, "hello 77", "want", "send 77 1 5", "connect", "hello 78")
        equal(said, ["welcome 0", "grant", "ack 1", "held"])
        equal(figures(w), [("P1", "5")])
        b = w.enrol("D2")
        equal(play(w, b, "hello 77", "want", "send 77 1 3")[-1], "ack 1")
        equal(play(w, b, "hello 78"), ["held"], "also when the first has gone meanwhile")


def a_reconnect_is_not_a_second_holder():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        said = play(w, a, "hello 77", "want", "send 77 1 5", "connect", "hello 77", "want", "send 77 2 7")
        equal(said, ["welcome 0", "grant", "ack 1", "welcome 1", "grant", "ack 2"])
        equal(figures(w), [("P1", "12")])


def nothing_without_a_grant_or_another_epoch():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        equal(play(w, a, "hello 77", "send 77 1 5"), ["welcome 0", "busy"])
        equal(play(w, a, "hello 77", "want", "send 99 1 5"), ["welcome 0", "grant", "refused"])
        equal((figures(w), entries(w)), ([], 0))


if not PLAYER.exists():
    skip("the program `replay` is not built (cmake -DTESTS=ON)")
main([repetitions_count_once, gaps_are_asked_for, one_number_with_two_contents_holds_the_key,
      two_spools_within_a_minute_hold_the_key, a_reconnect_is_not_a_second_holder,
      nothing_without_a_grant_or_another_epoch])
