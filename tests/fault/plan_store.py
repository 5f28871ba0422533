#!/usr/bin/env python3
"""What a plan costs in the daemon, out of its books: CPU seconds of the first plan (every series built from its days), of the
plan after one more day of all series, and of one when nothing came. `channel-bench plan` measures the engine alone.

    python3 tests/fault/plan_store.py [--partners N] [--products N] [--weeks N]
"""
import argparse
import datetime
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))
from world import World  # noqa: E402

TODAY = datetime.date(2026, 6, 1)
RULE = "name: all\nreview: 7\nlead_time: {mean: 5, sd: 1}\nservice: {cycle: 0.95}\npack: 12\n"


def cpu(w):
    fields = pathlib.Path(f"/proc/{w.daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def planned(w):
    begin = cpu(w)
    said = w.ctl("replenish", "plan", timeout=3600)
    return round(cpu(w) - begin, 2), said


def day_of(day, products, n):
    return "".join(f"sale,{day},P{i:05},{n + i % 40}\n" for i in range(products))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--partners", type=int, default=20)
    a.add_argument("--products", type=int, default=1000)
    a.add_argument("--weeks", type=int, default=26)
    a = a.parse_args()
    with World(clock=f"{TODAY}T00:30:00+08:00") as w:
        partners = [f"D{i:03}" for i in range(a.partners)]
        w.import_csv("partner", "id,name,kind\n" + "".join(f"{p},{p},distributor\n" for p in partners))
        w.import_csv("product", "sku,name,category,base_unit,list_price\n" +
                     "".join(f"P{i:05},货 {i},类 {i % 20},瓶,2.00\n" for i in range(a.products)))
        head = "type,date,sku,quantity\n"
        past = "".join(day_of(TODAY - datetime.timedelta(days=7 * k), a.products, 20 + k % 5)
                       for k in range(a.weeks, 0, -1))
        stock = "".join(f"stock,{TODAY - datetime.timedelta(days=1)},P{i:05},{50 + i % 90}\n" for i in range(a.products))
        homes = [w.enrol(p) for p in partners]
        for p, home in zip(partners, homes):
            w.push(home, f"{p}.csv", head + past + stock, timeout=3600)
        w.ctl_raw("replenish", "policy", "apply", "-f", w.file("all.yaml", RULE))
        first, said = planned(w)
        bytes_first = (w.data / "data.mdb").stat().st_blocks * 512
        for p, home in zip(partners, homes):
            w.push(home, f"{p}-day.csv", head + day_of(TODAY, a.products, 22), timeout=3600)
        w.ctl_raw("clock", "set", f"{TODAY + datetime.timedelta(days=1)}T00:30:00+08:00", timeout=3600)
        day, after = planned(w)
        again, _ = planned(w)
        print(json.dumps({"series": said["series"], "weeks": a.weeks, "first_cpu_s": first, "proposed": said["proposed"],
                          "day_cpu_s": day, "changed": after["changed"] + after["proposed"] + after["withdrawn"],
                          "rebuilt": after["rebuilt"], "again_cpu_s": again, "store_mib": bytes_first >> 20}))


if __name__ == "__main__":
    main()
