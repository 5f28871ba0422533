#!/usr/bin/env python3
"""Kill -9 at random moments: the daemon, an agent, or both, under eight agents that work. At quiescence nothing may be
lost, doubled or invented, to the last integer. At some kills of the daemon the folder is read as it lies there: all
that was said to be committed must be in it.

    kill_loop.py --rounds 300 --seed 1 [--bin DIR] [--keep]
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import threading
import time

import fault

HOMES = ["A1", "A2", "A3"]  # served by one `run --homes`
SINGLE = ["A4"]             # served by `run`
MIXED = ["A5"]              # `run`, and pushes beside it
PUSH = ["A6", "A7", "A8"]   # pushes only
LONG_PAUSES = 0.08          # share of rounds that let agents find back after their back-off …
LONG_PAUSE_S = 1.5          # … and last at most this long
HOME_IN_USE = 73            # `run` started while a push worked in the home: its supervisor starts it again
OUTSTANDING = 4             # files in an inbox
PEEK = 25                   # every so many kills of the daemon its folder is read before it starts again …
PEEK_SHARE = 0.1            # … while that takes no more than this share of the time


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=300)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--bin", help="folder of the programs (default build/bin)")
    p.add_argument("--pause", type=float, default=0.3, help="most rounds last at most this long, in seconds")
    p.add_argument("--settle", type=float, default=120, help="seconds in which everything must have arrived at the end")
    p.add_argument("--minutes", type=float, help="end after so many minutes, whatever the rounds")
    p.add_argument("--keep", action="store_true", help="keep the world's folder")
    return p.parse_args()


class Feeder(threading.Thread):
    """Hands files to one agent until told to stop."""

    def __init__(self, loop, partner):
        super().__init__(daemon=True)
        self.loop, self.partner = loop, partner
        self.home = loop.homes[partner]
        self.writer = fault.Writer(partner, loop.seed)
        self.rng = random.Random(f"{loop.seed}/{partner}/feeder")
        self.n = 0
        self.failure = None

    def run(self):
        try:
            while not self.loop.stopping.is_set():
                self.step()
                time.sleep(self.rng.uniform(0.01, 0.12))
        except Exception as e:  # shown by the main thread: a feeder that died proves nothing
            self.failure = f"{type(e).__name__}: {e}"

    def new_file(self, where):
        self.n += 1
        text, documents = self.writer.file()
        path = where / f"{self.partner}-{self.n}.csv"
        sha = self.loop.oracle.submitted(self.partner, text, documents)
        path.write_text(text, "utf-8")
        return path, sha


class InboxFeeder(Feeder):
    """Renames files into the inbox; a file that is gone from there was said to be committed, or is held because something
    in it is doubted: then the clerk confirms it."""

    def __init__(self, loop, partner):
        super().__init__(loop, partner)
        self.waiting, self.held, self.confirmed = {}, 0, set()
        (self.home / "inbox").mkdir(exist_ok=True)

    def step(self):
        self.look()
        if len(self.waiting) >= OUTSTANDING:
            return
        made, sha = self.new_file(self.loop.world.dir / "out")
        self.loop.oracle.handed(self.partner, sha)
        path = self.home / "inbox" / made.name
        made.rename(path)
        self.waiting[path] = sha

    def look(self):
        for path in [p for p in self.waiting if not p.exists()]:
            if not (self.home / "held" / path.name).exists():
                self.loop.oracle.committed(self.partner, self.waiting.pop(path))
            elif self.confirm(path.name):
                self.waiting.pop(path)

    def confirm(self, name):
        """Sent as it is. True when it has left the agent's hands; whether it is committed shows in the exit status."""
        if name in self.confirmed:  # the answer to the last one was lost: it may be on its way twice
            self.loop.oracle.handed(self.partner, self.waiting[self.home / "inbox" / name])
        self.confirmed.add(name)
        p = subprocess.run([self.loop.world_module.BIN / "channel-agent", "--home", self.home, "held", "confirm", name,
                            "--timeout", "2"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if p.returncode not in (0, 1, 69, 75):
            raise RuntimeError(f"held confirm {name}: exit {p.returncode}: {p.stderr[-500:]}")
        self.held += 1
        if p.returncode in (0, 1):
            self.loop.oracle.committed(self.partner, self.waiting[self.home / "inbox" / name])
        return not (self.home / "held" / name).exists()


class PushFeeder(Feeder):
    """Pushes one file after the other as a person would: again when it was killed before it said "spooled"."""

    def __init__(self, loop, partner):
        super().__init__(loop, partner)
        self.process = None
        self.ends = {}

    def step(self):
        path, sha = self.new_file(self.loop.world.dir / "out")
        while True:  # also when the loop is ending: what was logged as submitted is handed over
            self.loop.oracle.handed(self.partner, sha)
            spooled, status, result = self.push(path, sha)
            self.ends[status] = self.ends.get(status, 0) + 1
            if status not in (0, 1, 75, -9, 69):
                raise RuntimeError(f"push of {path.name}: exit {status}: {result}")
            if status in (0, 1):
                parts = json.loads(result)
                if parts["quarantined"] or parts["refused"]:
                    raise RuntimeError(f"push of {path.name}: {result}")
                self.loop.oracle.committed(self.partner, sha)
            if spooled or status in (0, 1):
                break
        path.unlink()

    def push(self, path, sha):
        words = [self.loop.world_module.BIN / "channel-agent", "--home", self.home, "push", path, "--announce",
                 "--timeout", "2", "-o", "json"]
        p = subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        self.process = p
        spooled, said = False, []
        for line in p.stderr:
            word = line.split()
            if word and word[0] == "spooled" and sha in word:
                self.loop.oracle.spooled(self.partner, sha)
                spooled = True
            else:
                said.append(line)
        out = p.stdout.read()
        p.stdout.close()
        p.stderr.close()
        status = p.wait()
        self.process = None
        return spooled, status, out or "".join(said)[-2000:]


class Loop:
    def __init__(self, world_module, world, o):
        self.world_module, self.world, self.seed = world_module, world, o.seed
        self.rng = random.Random(o.seed)
        self.pause = o.pause
        self.oracle = fault.Oracle(world.dir / "oracle.log")
        self.stopping = threading.Event()
        self.kills = {"daemon": 0, "agent": 0, "both": 0}
        self.peeks, self.peek_s = 0, 0.0
        self.began = time.monotonic()
        self.faults = []
        self.homes, self.runners, self.feeders = {}, [], []

    def set_up(self):
        w = self.world
        w.import_csv("partner", fault.partner_csv(HOMES + SINGLE + MIXED + PUSH))
        w.import_csv("product", fault.PRODUCT_CSV)
        (w.dir / "out").mkdir(exist_ok=True)
        for p in HOMES + SINGLE + MIXED + PUSH:
            home = w.enrol(p, name=f"several/{p}" if p in HOMES else p)
            self.homes[p] = home
        agent, log = self.world_module.BIN / "channel-agent", w.dir / "agent.log"
        self.runners = [fault.Program([agent, "run", "--homes", w.dir / "agents" / "several"], log)]
        self.runners += [fault.Program([agent, "--home", self.homes[p], "run"], log) for p in SINGLE + MIXED]
        self.feeders = [InboxFeeder(self, p) for p in HOMES + SINGLE] + [PushFeeder(self, p) for p in MIXED + PUSH]
        for x in self.runners + self.feeders:
            x.start()

    def round(self):
        time.sleep(self.rng.uniform(0, LONG_PAUSE_S if self.rng.random() < LONG_PAUSES else self.pause))
        what = self.rng.choices(["daemon", "agent", "both"], [5, 3, 2])[0]
        self.kills[what] += 1
        if what != "daemon":
            self.kill_an_agent()
        if what != "agent":
            if self.world.daemon.poll() is not None:
                self.faults.append(f"the daemon ended by itself with status {self.world.daemon.poll()}")
            self.world.daemon.kill()
            self.world.daemon.wait()
            if what == "daemon" and self.kills["daemon"] % PEEK == 0 and self.peek_s <= PEEK_SHARE * self.age():
                self.peek()
            self.world.launch()
        for r in self.runners:
            if not r.alive():
                if what == "daemon" and r.process.returncode != HOME_IN_USE:
                    self.faults.append(f"an agent ended by itself with status {r.process.returncode}")
                r.start()
        self.faults += [f"feeder of {f.partner}: {f.failure}" for f in self.feeders if f.failure]

    def age(self):
        return time.monotonic() - self.began

    def kill_an_agent(self):
        running = [f.process for f in self.feeders if isinstance(f, PushFeeder) and f.process]
        victim = self.rng.choice([r.process for r in self.runners] + running)
        try:
            victim.kill()
        except ProcessLookupError:
            return  # a push that ended at this moment
        if victim in [r.process for r in self.runners]:
            victim.wait()

    def export(self):
        """The journal as it lies on the disk, read without the daemon's help."""
        return self.world_module.run(self.world_module.BIN / "channelctl", "--data", self.world.data, "journal",
                                     "export", timeout=600).stdout

    def peek(self):
        """The daemon is dead and not started yet: what was said to be committed is there."""
        self.peeks += 1
        begin = time.monotonic()
        truth = self.oracle.read()
        missing = fault.Books(self.export()).missing(truth, truth.committed)
        self.faults += [f"lost after its commit was told: document {n} of {p}, file {sha[:12]}"
                        for p, sha, n in missing]
        self.peek_s += time.monotonic() - begin

    def settle(self, seconds):
        """Everything that was handed over arrives; then the books are compared with the log."""
        self.stopping.set()
        for f in self.feeders:
            f.join(timeout=60)
            if f.is_alive() or f.failure:
                self.faults.append(f"feeder of {f.partner}: {f.failure or 'hangs'}")
        agent = self.world_module.BIN / "channel-agent"
        for r in self.runners:
            if not r.alive():
                r.start()
        more = [fault.Program([agent, "--home", self.homes[p], "run"], self.world.dir / "agent.log") for p in PUSH]
        self.runners += [m.start() for m in more]
        self.world.ready()
        truth = self.oracle.read()

        def arrived():
            for f in self.feeders:
                if isinstance(f, InboxFeeder):
                    f.look()
            return not fault.Books(self.export()).missing(truth, truth.files)
        begin = time.monotonic()
        fault.wait_until(arrived, seconds, pause=0.5)
        self.settled = time.monotonic() - begin
        fault.wait_until(lambda: not any(self.inbox_files()), 20)
        self.faults += [f"still in an inbox: {path}" for path in self.inbox_files()]
        for f in self.feeders:
            if isinstance(f, InboxFeeder):
                f.look()
        for r in self.runners:
            status = r.end()
            if status != 0:
                self.faults.append(f"an agent's `run` ended at SIGTERM with status {status}")

    def inbox_files(self):
        return [p for f in self.feeders if isinstance(f, InboxFeeder) for p in f.waiting if p.exists()]

    def compare(self):
        truth = self.oracle.read()
        self.faults += fault.Books(self.export()).faults(truth)
        self.faults += fault.total_faults(truth, self.world.ctl("flow", "list", "--by", "partner,product"))
        verified = self.world.ctl("journal", "verify", check=None, timeout=900)
        if not verified or not verified["ok"]:
            self.faults.append(f"journal verify: {verified}")
        return truth.counts()


def main():
    o = options()
    module = fault.choose_binaries(o.bin)
    begin = time.monotonic()
    with module.World(clock=None, keep=o.keep) as w:
        loop = Loop(module, w, o)
        loop.set_up()
        started = time.monotonic()
        done = 0
        until = started + o.minutes * 60 if o.minutes else float("inf")
        while done < o.rounds and not loop.faults and time.monotonic() < until:
            loop.round()
            done += 1
        rate = done / (time.monotonic() - started)
        loop.settle(o.settle)
        counts = loop.compare()
        pushes = {}
        for f in loop.feeders:
            for status, n in getattr(f, "ends", {}).items():
                pushes[status] = pushes.get(status, 0) + n
        if loop.faults:
            keep = pathlib.Path(f"kill_loop-{o.seed}.oracle.log")
            keep.write_bytes((w.dir / "oracle.log").read_bytes())
    kinds = {k: sum(f.startswith(k) for f in loop.faults) for k in ("lost", "doubled", "invented")}
    for f in loop.faults[:40]:
        print(f"  {f}")
    print(f"{'FAIL' if loop.faults else 'PASS'} rounds={done} seed={o.seed} "
          f"killed: daemon={loop.kills['daemon']} agent={loop.kills['agent']} both={loop.kills['both']} "
          f"read while dead={loop.peeks} held={sum(getattr(f, 'held', 0) for f in loop.feeders)} "
          + " ".join(f"{k}={v}" for k, v in {**counts, **kinds}.items())
          + f" other faults={len(loop.faults) - sum(kinds.values())} pushes by exit={pushes} "
          f"rounds/s={rate:.1f} settled in {loop.settled:.1f}s, {time.monotonic() - begin:.0f}s in all")
    return 1 if loop.faults else 0


if __name__ == "__main__":
    sys.exit(main())
