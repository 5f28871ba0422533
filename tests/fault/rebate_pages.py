#!/usr/bin/env python3
"""Pages of rebates on a daemon that holds a year of documents: how long explain's first page takes, and what a simulation
costs uploads that go on beside it.

    rebate_pages.py [--documents N] [--rounds N]      documents of each of four partners a year, 10 lines each

Prints one JSON line. explain: the daemon's processor time for a call (of 20), less a `ping`'s; the fastest commands' wall
times, starting channelctl included. simulate: processor time of the daemon's writing loop for the same number of lines, alone and with
`policy simulate` again and again beside it, in turns: the share it grew by is what is taken from ingestion where a core is
free for the simulation. Wall times depend on what else the machine does and are printed beside."""
import argparse
import datetime
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))
from world import BIN, ENV, World  # noqa: E402

PARTNERS = [f"D{n}" for n in range(1, 5)]
PRODUCTS = 50
HEAD = "type,number,date,sku,quantity,amount\n"
POLICY = """metadata: {name: core}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  basis: sell_out
  period: quarter
  stages:
    growth: {mechanism: bands, bands: [{from: "0", rate: "1%"}, {from: "100000", rate: "2%"}, {from: "%s", rate: "3%%"}]}
    maturity: {mechanism: flat, rate: "0.5%%"}
""".replace('"1%"', '"1%%"').replace('"2%"', '"2%%"')


def sales(mark, documents, first=datetime.date(2026, 1, 1), days=360):
    out = [HEAD]
    for n in range(documents):
        day = first + datetime.timedelta(days=n * days // documents)
        for k in range(10):
            out.append(f"sale,{mark}{n},{day},P{(n * 7 + k) % PRODUCTS},{1 + (n + k) % 9},{(1 + (n + k) % 9) * 37}.50\n")
    return "".join(out)


def setup(w, documents):
    w.import_csv("partner", "id,name,kind\n" + "".join(f"{p},{p},distributor\n" for p in PARTNERS))
    w.import_csv("product", "sku,name,base_unit\n" + "".join(f"P{k},P{k},EA\n" for k in range(PRODUCTS)))
    w.import_csv("stage", "sku,stage,from\n" + "".join(
        f"P{k},growth,2025-01-01\n" + (f"P{k},maturity,2026-06-15\n" if k % 10 == 0 else "") for k in range(PRODUCTS)))
    homes = {p: w.enrol(p) for p in PARTNERS}
    for p in PARTNERS:
        w.push(homes[p], f"{p}.csv", sales("Y", documents), timeout=600)
    w.ctl_raw("setting", "set", "policy.approve_above", "1000000000")
    w.ctl_raw("policy", "apply", "-f", w.file("core.yaml", POLICY % "200000"))
    return homes


def took(call):
    begin = time.monotonic()
    call()
    return (time.monotonic() - begin) * 1000


def daemon_cpu(w):
    return sum(int((t / "schedstat").read_text().split()[0]) for t in pathlib.Path(f"/proc/{w.daemon.pid}/task").iterdir()) / 1e6


def explain_ms(w):
    """Of so many calls: the daemon's processor time of each less a ping's, and the wall times of the whole commands."""
    calls, used = 20, [daemon_cpu(w)]
    page = [took(lambda: w.ctl("rebate", "explain", "D1", "core", "2026-Q2")) for _ in range(calls)]
    used.append(daemon_cpu(w))
    ping = [took(lambda: w.ctl_raw("ping")) for _ in range(calls)]
    used.append(daemon_cpu(w))
    return (2 * used[1] - used[0] - used[2]) / calls, min(page), min(ping)


def loop_cpu(w):
    """Seconds that the daemon's first thread, the one that writes, has run."""
    text = pathlib.Path(f"/proc/{w.daemon.pid}/task/{w.daemon.pid}/schedstat").read_text()
    return int(text.split()[0]) / 1e9


def upload(w, home, name, documents):
    cpu, begin = loop_cpu(w), time.monotonic()
    result = w.push(home, f"{name}.csv", sales(name, documents), timeout=600)
    return result["committed"], loop_cpu(w) - cpu, time.monotonic() - begin


def beside_simulation(w, home, name, documents, steep):
    words = [BIN / "channelctl", "--server", f"ipc://{w.data}/admin.sock", "policy", "simulate", "-f", steep, "--from",
             "2026-01-01", "--to", "2026-12-31", "--summary"]
    again = subprocess.Popen(["sh", "-c", 'n=0; while "$@" >/dev/null; do n=$((n + 1)); echo $n; done', "sh", *map(str, words)],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV)
    first = again.stdout.readline()
    found = upload(w, home, name, documents)
    again.terminate()
    said = [first, *again.stdout.read().split("\n")]
    return found, len([x for x in said if x.strip()])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--documents", type=int, default=5000)
    options.add_argument("--rounds", type=int, default=3)
    o = options.parse_args()
    with World(clock="2026-12-31T20:00:00+08:00") as w:
        homes = setup(w, o.documents)
        explain, page, ping = explain_ms(w)
        steep = w.file("steep.yaml", POLICY % "150000")
        alone, beside, simulated = [], [], 0
        for n in range(o.rounds):
            alone.append(upload(w, homes["D2"], f"A{n}x", o.documents))
            found, runs = beside_simulation(w, homes["D3"], f"B{n}x", o.documents, steep)
            beside.append(found)
            simulated += runs
    per_line = lambda xs: min(x[1] / x[0] for x in xs) * 1e6
    print(json.dumps({
        "bench": "rebate_pages", "lines": len(PARTNERS) * o.documents * 10,
        "explain_cpu_ms": round(explain, 2), "explain_wall_ms": round(page, 1), "ping_wall_ms": round(ping, 1),
        "loop_us_a_line_alone": round(per_line(alone), 3), "loop_us_a_line_beside": round(per_line(beside), 3),
        "slower": round(per_line(beside) / per_line(alone) - 1, 3), "simulations": simulated,
        "wall_s_alone": round(min(x[2] for x in alone), 2), "wall_s_beside": round(min(x[2] for x in beside), 2)}))


main()
