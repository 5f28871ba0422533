#!/usr/bin/env python3
"""Honest agents work while peers mean harm. The daemon's memory stays within 64 MiB of idle, unauthenticated peers are cut
within 10 s, no descriptor is left behind, nothing of theirs is delivered, and honest acknowledgements keep their pace.

    hostile.py [--seconds 4] [--bin DIR] [--hostile PROGRAM]

Each wave of attacks lasts that many seconds; 200 half-open connections stand behind all of them.
"""
import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import threading
import time

import fault

MIB = 1 << 20
RSS_ROOM, CUT_MS, P99_S = 64 * MIB, 10000, 2.0
HOLD_S = 12  # so that a cut at 10 s is seen
BACKGROUND = [("silent", 200), ("greeting", 20), ("drip", 20), ("half", 20)]
WAVES = [
    [("storm", 200)],
    [("hello", 4), ("huge-handshake", 2), ("plain", 2), ("garbage", 2), ("stranger", 4)],
    [("empty-parts", 1), ("big-parts", 1), ("big-frame", 1)],
    [("ungranted", 1), ("malformed", 2), ("bomb", 2)],
    [("deaf", 1), ("greedy", 1), ("chatter", 1), ("drip-frame", 1)],
]
KEYED = {"stranger", "half"} | {m for wave in WAVES[2:] for m, _ in wave}
AUTHORISED = KEYED - {"stranger", "half"}
MUST_BE_CUT = {"empty-parts", "big-parts", "big-frame", "ungranted", "huge-handshake", "plain", "garbage"}
HONEST = ["H1", "H2", "H3", "H4"]
CONNECTED = HONEST[:3]  # have `run`; the last connects anew for each push


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=int, default=4)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--bin", help="folder of the programs (default build/bin)")
    p.add_argument("--hostile", help="the attacking program (default: beside the sanitised tests, or in --bin)")
    return p.parse_args()


def attacker(o, module):
    places = [o.hostile, os.environ.get("CHANNELD_HOSTILE"), module.BIN / "hostile",
              fault.ROOT / "build" / "asan" / "bin" / "hostile"]
    for place in places:
        if place and pathlib.Path(place).exists():
            return place
    print("skipped: the attacking program `hostile` is not built (cmake -DTESTS=ON)")
    sys.exit(77)


class Sampler(threading.Thread):
    """Memory and descriptors of the daemon, twenty times a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.proc = pathlib.Path(f"/proc/{pid}")
        self.over = threading.Event()
        self.peak_rss = self.peak_fds = 0
        self.gone = False

    def rss(self):
        for line in (self.proc / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ProcessLookupError

    def fds(self):
        return len(os.listdir(self.proc / "fd"))

    def run(self):
        while not self.over.wait(0.05):
            try:
                self.peak_rss = max(self.peak_rss, self.rss())
                self.peak_fds = max(self.peak_fds, self.fds())
            except (ProcessLookupError, FileNotFoundError):
                self.gone = True
                return


class Honest(threading.Thread):
    """Pushes small files one after the other and notes how long each took until it was committed."""

    def __init__(self, siege, partner):
        super().__init__(daemon=True)
        self.siege, self.partner = siege, partner
        self.writer = fault.Writer(partner, siege.seed)
        self.took, self.faults = [], []

    def run(self):
        n = 0
        while not self.siege.over.is_set():
            n += 1
            text, documents = self.writer.file()
            oracle, w = self.siege.oracle, self.siege.world
            sha = oracle.submitted(self.partner, text, documents)
            oracle.handed(self.partner, sha)
            begin = time.monotonic()
            try:
                r = w.push(self.siege.homes[self.partner], f"{self.partner}-{n}.csv", text, timeout=60)
                self.took.append(time.monotonic() - begin)
                oracle.committed(self.partner, sha)
                if r["committed"] != r["lines"]:
                    self.faults.append(f"push of {self.partner} says {r}")
            except (self.siege.module.Failed, subprocess.TimeoutExpired, ValueError) as e:
                self.faults.append(f"push of {self.partner} after {time.monotonic() - begin:.1f}s: {str(e)[:800]}")
            time.sleep(0.05)


class Siege:
    def __init__(self, module, world, o):
        self.module, self.world, self.seed, self.seconds = module, world, o.seed, o.seconds
        self.attacker = attacker(o, module)
        self.over = threading.Event()
        self.oracle = fault.Oracle(world.dir / "oracle.log")
        self.faults, self.homes, self.runners = [], {}, []

    def set_up(self):
        w, evil = self.world, sorted(KEYED)
        w.import_csv("partner", fault.partner_csv(HONEST + [f"E-{m}" for m in evil]))
        w.import_csv("product", fault.PRODUCT_CSV)
        for p in HONEST + [f"E-{m}" for m in evil]:
            self.homes[p] = w.enrol(p)
        for p in CONNECTED:
            agent = [self.module.BIN / "channel-agent", "--home", self.homes[p], "run"]
            self.runners.append(fault.Program(agent, w.dir / "agent.log").start())
        time.sleep(1)
        self.sampler = Sampler(w.daemon.pid)

    def attack(self, mode, connections, seconds):
        words = [self.attacker, mode, "127.0.0.1", str(self.world.port), str(seconds), str(connections)]
        if mode in KEYED:
            words.append(str(self.homes[f"E-{mode}"]))
        return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)

    def results(self, attacks):
        out = []
        for a in attacks:
            text, _ = a.communicate(timeout=120)
            if a.returncode != 0:
                self.faults.append(f"the attacking program ended with {a.returncode}: {a.args}")
                continue
            out.append(json.loads(text))
            print(f"  {text.strip()}", flush=True)
        return out

    def run(self):
        pushers = [Honest(self, p) for p in HONEST]
        for p in pushers:
            p.start()
        time.sleep(1.5)
        self.idle_rss, self.idle_fds = self.sampler.rss(), self.quiet_fds()
        self.sampler.start()
        begin = time.monotonic()
        background = [self.attack(m, n, HOLD_S) for m, n in BACKGROUND]
        results = []
        for wave in WAVES:
            results += self.results([self.attack(m, n, self.seconds) for m, n in wave])
        results += self.results(background)
        self.lasted = time.monotonic() - begin
        self.over.set()
        for p in pushers:
            p.join(timeout=90)
            self.faults += p.faults
        self.took = sorted(t for p in pushers for t in p.took)
        self.judge(results)

    def quiet_fds(self):
        """Descriptors without those of pushes that come and go: the least seen in a second."""
        least = self.sampler.fds()
        for _ in range(20):
            time.sleep(0.05)
            least = min(least, self.sampler.fds())
        return least

    def judge(self, results):
        for r in results:
            if r["mode"] in dict(BACKGROUND) and (r["kept"] or r["longest_ms"] > CUT_MS):
                self.faults.append(f"unauthenticated peers were kept: {r}")
            if r["mode"] in MUST_BE_CUT and not r["cut"]:
                self.faults.append(f"was not cut: {r}")
            if r["mode"] in AUTHORISED and not r["handshakes"]:
                self.faults.append(f"did not get to its harm: {r}")
            if r["mode"] == "stranger" and r["handshakes"]:
                self.faults.append(f"an unknown key was let in: {r}")
        if self.sampler.gone or self.world.daemon.poll() is not None:
            self.faults.append("the daemon ended")
            return
        if not fault.wait_until(lambda: self.quiet_fds() <= self.idle_fds, 15):
            self.faults.append(f"descriptors left behind: {self.quiet_fds()}, {self.idle_fds} before")
        self.sampler.over.set()
        if self.sampler.peak_rss > self.idle_rss + RSS_ROOM:
            self.faults.append(f"memory rose from {self.idle_rss / MIB:.0f} to {self.sampler.peak_rss / MIB:.0f} MiB")
        if len(self.took) < 20:
            self.faults.append(f"only {len(self.took)} honest pushes came through")
        elif self.p(0.99) > P99_S:
            self.faults.append(f"honest acknowledgements took {self.p(0.99):.2f} s (p99)")
        truth = self.oracle.read()
        export = self.world.ctl_raw("journal", "export").stdout
        self.faults += fault.Books(export).faults(truth)
        self.faults += fault.total_faults(truth, self.world.ctl("flow", "list", "--by", "partner,product"))
        self.world.verify()

    def p(self, share):
        return self.took[min(len(self.took) - 1, math.ceil(share * len(self.took)) - 1)]


def main():
    o = options()
    module = fault.choose_binaries(o.bin)
    with module.World(clock=None) as w:
        siege = Siege(module, w, o)
        siege.set_up()
        siege.run()
        for r in siege.runners:
            if r.end() != 0:
                siege.faults.append("an honest agent's `run` did not end well")
    for f in siege.faults[:40]:
        print(f"  {f}")
    print(f"{'FAIL' if siege.faults else 'PASS'} {siege.lasted:.0f}s under attack, honest pushes={len(siege.took)} "
          + (f"p50={siege.p(0.5):.3f}s p99={siege.p(0.99):.3f}s " if siege.took else "")
          + f"rss idle={siege.idle_rss / MIB:.0f} peak={siege.sampler.peak_rss / MIB:.0f} MiB "
          f"descriptors idle={siege.idle_fds} peak={siege.sampler.peak_fds} faults={len(siege.faults)}")
    return 1 if siege.faults else 0


if __name__ == "__main__":
    sys.exit(main())
