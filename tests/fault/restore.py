#!/usr/bin/env python3
"""An old backup is restored under agents that live: they rewind to it, and nothing acknowledged is missing. Every other
time a followed copy of the journal is there too, its follower killed: then what people did after the backup is kept as
well.

    restore.py [--rounds 3] [--seed 1] [--bin DIR]
"""
import argparse
import shutil
import subprocess
import sys
import time

import fault

PARTNERS = ["D1", "D2", "D3"]
KILLED_RESTORES = 5


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--files", type=int, default=6, help="files an agent uploads between two events")
    p.add_argument("--bin", help="folder of the programs (default build/bin)")
    return p.parse_args()


class Drill:
    def __init__(self, module, world, o):
        self.module, self.world, self.o = module, world, o
        self.oracle = fault.Oracle(world.dir / "oracle.log")
        self.writers = {p: fault.Writer(p, o.seed) for p in PARTNERS}
        self.homes, self.runners, self.faults, self.n = {}, {}, [], 0

    def set_up(self):
        w = self.world
        w.import_csv("partner", fault.partner_csv(PARTNERS))
        w.import_csv("product", fault.PRODUCT_CSV)
        for p in PARTNERS:
            self.homes[p] = w.enrol(p)
        self.follower = fault.Program([self.module.BIN / "channelctl", "--server", f"ipc://{w.data}/admin.sock", "journal",
                                       "follow", w.dir / "copy"], w.dir / "follow.log")
        for p in PARTNERS[1:]:  # the first has no process of its own between pushes
            agent = [self.module.BIN / "channel-agent", "--home", self.homes[p], "run"]
            self.runners[p] = fault.Program(agent, w.dir / "agent.log").start()

    def upload(self, partners):
        for p in partners:
            for _ in range(self.o.files):
                self.n += 1
                text, documents = self.writers[p].file()
                sha = self.oracle.submitted(p, text, documents)
                self.oracle.handed(p, sha)
                r = self.world.push(self.homes[p], f"{p}-{self.n}.csv", text)
                if r["committed"] == r["lines"]:
                    self.oracle.committed(p, sha)
                else:
                    self.faults.append(f"push says {r}")

    def follow(self, n):
        """A command of a person, and a moment for the follower to see it."""
        self.follower.start()
        self.world.ctl_raw("product", "set", f"NEW{n}", "name=新品", "base_unit=瓶")
        time.sleep(2)
        self.follower.kill()

    def restore(self, backup, *options):
        """A new folder from the backup takes the old one's place; the first attempts are killed."""
        w = self.world
        w.kill()
        shutil.rmtree(w.data)
        words = [str(x) for x in (self.module.BIN / "channeld", "restore", "--from", backup, "--data", w.data, *options)]
        for ms in range(1, KILLED_RESTORES + 1):
            attempt = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(ms * 0.003)
            attempt.kill()
            attempt.wait()
            if (w.data / "data.mdb").exists():
                break  # it was done already
        else:
            self.module.run(*words)
        w.start()

    def missing(self):
        truth = self.oracle.read()
        return fault.Books(self.export()).missing(truth, truth.committed)

    def export(self):
        return self.world.ctl_raw("journal", "export", timeout=300).stdout

    def round(self, n):
        w = self.world
        self.upload(PARTNERS)
        backup = w.dir / f"backup-{n}"
        w.ctl_raw("backup", backup)
        self.upload(PARTNERS)
        followed = n % 2 == 1
        if followed:
            self.follow(n)
            self.upload(PARTNERS)
        before = w.content()
        self.restore(backup, *(("--journal", w.dir / "copy") if followed else ()))
        if followed and self.world.ctl_raw("product", "show", f"NEW{n}", check=None).returncode != 0:
            self.faults.append("a command of a person is missing, though its journal was followed")
        lost_by_restore = len(self.missing())  # what the agents have not yet sent again; D1's surely
        self.upload(PARTNERS[:1])  # D1's next push rewinds first
        if not fault.wait_until(lambda: not self.missing(), 60, 0.2):
            self.faults += [f"lost: document {k} of {p}, file {sha[:12]}" for p, sha, k in self.missing()]
        if not lost_by_restore:
            self.faults.append("the backup was not older than the uploads: this proves nothing")
        after = w.content()
        for view in ("catalog", "partner"):
            if view in before and before[view] != after.get(view):
                self.faults.append(f"view {view} differs after the restore")

    def end(self):
        truth = self.oracle.read()
        self.faults += fault.Books(self.export()).faults(truth)
        self.faults += fault.total_faults(truth, self.world.ctl("flow", "list", "--by", "partner,product"))
        self.world.verify()
        for p, runner in self.runners.items():
            status = runner.end()
            if status != 0:
                self.faults.append(f"the agent of {p} ended at SIGTERM with status {status}")
        return truth.counts()


def main():
    o = options()
    module = fault.choose_binaries(o.bin)
    begin = time.monotonic()
    with module.World(clock=None) as w:
        drill = Drill(module, w, o)
        drill.set_up()
        for n in range(o.rounds):
            drill.round(n)
        counts = drill.end()
    for f in drill.faults[:40]:
        print(f"  {f}")
    print(f"{'FAIL' if drill.faults else 'PASS'} restores={o.rounds} " + " ".join(f"{k}={v}" for k, v in counts.items())
          + f" faults={len(drill.faults)} in {time.monotonic() - begin:.0f}s")
    return 1 if drill.faults else 0


if __name__ == "__main__":
    sys.exit(main())
