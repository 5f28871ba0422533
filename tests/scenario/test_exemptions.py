#!/usr/bin/env python3
"""Declared cross-region sales (异地报备): asked for by the partner, decided by the manager, counted as they are used, lapsed by
themselves."""
import json

import books
from hook_receivers import Receiver
from world import World, equal, main, pick

HEAD = "type,number,date,sku,quantity,customer,ship_to\n"


class Exemptions:
    def __init__(self, w):
        self.w = w
        books.load(w)
        self.home = w.enrol("D1")
        self.other = w.enrol("D2")
        self.max = w.ctl("user", "add", "max", "--role", "channel_manager")["token"]

    def ask(self, *words, home=None, check=0):
        out = self.w.agent(home or self.home, "ask", "exemption", *words, "-o", "json", check=check)
        return json.loads(out.stdout) if check == 0 else out.stderr

    def rows(self, *words, keys=("reference", "region", "state", "used", "left")):
        return pick(self.w.ctl("exemption", "list", *words), *keys)


def asked_for_granted_used_and_lapsed():
    with World(clock="2026-06-01T09:00:00+08:00", settings=("hooks.allow=127.0.0.2",)) as w:
        x, r = Exemptions(w), Receiver()
        for name, more in (("house", ()), ("d1", ("--partner", "D1")), ("d2", ("--partner", "D2"))):
            w.ctl("hook", "add", r.url(name), "--events", "exemption.*,quarantine.*,agent.*", "--name", name, *more)
        x.ask("request", "上海市", "--from", "2026-06-05", "--to", "2026-06-20", "--products", "brand:清泉", "--reference",
              "BX-7", "--quantity", "100", "--reason", "trade fair")
        x.ask("request", "320000", "--from", "2026-06-05", "--to", "2026-06-20", "--reference", "BX-8")
        equal(x.rows(), [("BX-7", "310000", "requested", "0", "100"), ("BX-8", "320000", "requested", "0", None)])
        said = x.ask("request", "310000", "--from", "2026-06-05", "--to", "2026-06-01", check=65)
        equal("not before 'from'" in said, True, said)
        x.ask("request", "310000", "--from", "2026-06-05", "--to", "2026-06-08", "--partner", "D2", check=77)
        equal(x.ask("list", home=x.other), [], "another's are not shown")

        # the partner does not decide; the manager does, with a reason where it refuses
        x.ask("approve", "D1", "BX-7", check=77)
        w.ctl_raw("exemption", "refuse", "D1", "BX-8", check=64, token=x.max)
        w.ctl_raw("exemption", "refuse", "D1", "BX-8", "--reason", "D2 sells there", token=x.max)
        w.ctl_raw("exemption", "approve", "D1", "BX-7", "--reason", "agreed", token=x.max)
        w.ctl_raw("exemption", "approve", "D1", "BX-7", check=73, token=x.max)
        w.ctl_raw("exemption", "approve", "D1", "BX-9", check=66, token=x.max)
        x.ask("request", "310000", "--from", "2026-06-05", "--to", "2026-06-20", "--products", "brand:清泉", "--reference",
              "BX-7", check=73)
        equal(x.rows(keys=("reference", "state", "reason")),
              [("BX-7", "granted", "agreed"), ("BX-8", "refused", "D2 sells there")])
        notices = {n["subject"]: n["en"] for n in json.loads(w.agent(x.home, "notices", "-o", "json").stdout)}
        equal("not granted: D2 sells there" in notices["BX-8"], True, notices)
        equal([h["decision"] for h in w.ctl("exemption", "history", "D1") if h["reference"] == "BX-7"], ["requested", "granted"])

        # used: net sales into the region, of its goods, within its days
        w.ctl_raw("clock", "set", "2026-06-19T09:00:00+08:00")
        w.push(x.home, "june.csv", HEAD + "sale,A1,2026-06-06,P1,30,甲店,310115\nsale,A2,2026-06-07,P3,10,甲店,上海市\n"
               "sale,A3,2026-06-04,P1,99,甲店,310115\nsale,A4,2026-06-08,P2,99,甲店,310115\n"
               "sale,A5,2026-06-08,P1,99,甲店,330106\nreturn,A6,2026-06-09,P1,5,甲店,310115\n"
               "sale,A7,2026-06-09,P1,99,甲店,\n")
        equal(x.rows("--partner", "D1"), [("BX-7", "310000", "granted", "35", "65"), ("BX-8", "320000", "refused", "0", None)])
        equal(pick(x.ask("list"), "reference", "used"), [("BX-7", "35"), ("BX-8", "0")], "the partner sees its own")
        w.push(x.home, "june2.csv", HEAD + "sale,A8,2026-06-10,P1,80,乙店,310115\n")
        equal(x.rows("--state", "granted"), [("BX-7", "310000", "granted", "115", "0")])
        w.ctl_raw("clock", "set", "2026-06-21T09:00:00+08:00")
        equal(x.rows("--state", "granted"), [("BX-7", "310000", "lapsed", "115", "0")])
        w.verify()

        # who is told: the house of all, and of agents that are silent; a partner of what was decided for it, another nothing
        w.push(x.home, "wrong.csv", HEAD + "sale,W1,2026-06-10,NONE,1,甲店,\n", check=1)
        w.ctl_raw("clock", "set", "2026-06-30T09:00:00+08:00")
        equal(w.stop(), 0)
        w.start()
        wanted = {"exemption.requested", "exemption.granted", "exemption.refused", "quarantine.waiting", "agent.offline"}
        w.until(lambda: {json.loads(b)["type"] for _, b in r.of("house")} == wanted, "all that happened", 20)
        house = [json.loads(b) for _, b in r.of("house")]
        equal([m["data"]["partner"] for m in house if m["type"] == "quarantine.waiting"], ["D1"])
        equal(sorted(m["data"]["agent"] for m in house if m["type"] == "agent.offline"), ["D1-1", "D2-1"], "each once")
        equal(sorted((m["type"], m["data"]["reference"]) for m in (json.loads(b) for _, b in r.of("d1"))),
              [("exemption.granted", "BX-7"), ("exemption.refused", "BX-8")])
        equal(r.of("d2"), [])
        r.close()


def taken_from_a_file():
    with World(clock="2026-06-01T09:00:00+08:00") as w:
        x = Exemptions(w)
        w.push(x.home, "may.csv", HEAD + "sale,A1,2026-05-06,P1,30,甲店,310115\nsale,A2,2026-05-06,P1,12,乙店,310115\n")
        rows = "partner,region,products,from,to,reference,customer,quantity\n" \
               "D1,310000,,2026-05-01,2026-05-31,F1,甲店,40\nD2,华东,category:饮用水；P2,2026-05-01,2026-05-31,F2,,\n"
        w.ctl_raw("area", "import", w.file("area.csv", "area,name,region\nEAST,华东,330000\nEAST,华东,320000\n"))
        made = w.ctl("exemption", "import", w.file("exemption.csv", rows))
        equal((made["new"], made["faults"]), (2, 0))
        equal(w.ctl("exemption", "import", w.file("exemption.csv", rows))["same"], 2, "again: no change")
        equal(x.rows(), [("F1", "310000", "lapsed", "30", "10"), ("F2", "EAST", "lapsed", "0", None)])
        bad = rows + "D9,310000,,2026-05-01,2026-05-31,F3,,\nD1,火星,,2026-05-01,2026-05-31,F4,,\nD1,310000,,,2026-05-31,F5,,-1\n"
        said = w.ctl("exemption", "import", w.file("bad.csv", bad), check=65)
        equal(sorted((p["row"], p["column"]) for p in said["problems"]),
              [(4, "partner"), (5, "region"), (6, "from"), (6, "quantity")])
        equal(said["faults"], 4, "all of the file or nothing")
        equal(len(w.ctl("exemption", "list")), 2)
        w.ctl_raw("exemption", "remove", "D1", "310000", "", "2026-05-01", "F1", "甲店")
        equal(x.rows(), [("F2", "EAST", "lapsed", "0", None)])


if __name__ == "__main__":
    main([asked_for_granted_used_and_lapsed, taken_from_a_file])
