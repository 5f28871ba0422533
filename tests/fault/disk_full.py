#!/usr/bin/env python3
"""The disk of the data folder fills up under a working daemon, slowly and at once: uploads are told to wait, reads go on,
commands that write are refused, nothing is lost, and when there is room again everything goes on by itself. The disk is
a small tmpfs; without the right to mount one the test is skipped.

    disk_full.py [--bin DIR]
"""
import argparse
import pathlib
import subprocess
import sys
import time

import fault

SIZE = "24m"


class Disk:
    def __init__(self, at):
        self.at = pathlib.Path(at)
        self.at.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.at)], capture_output=True)
        if made.returncode != 0:
            print("skipped: no right to mount a tmpfs")
            sys.exit(77)

    def fill(self):
        with open(self.at / "filling", "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass

    def free(self):
        (self.at / "filling").unlink(missing_ok=True)

    def close(self):
        subprocess.run(["umount", "-l", str(self.at)], check=True)


class Trial:
    def __init__(self, module, world, disk):
        self.module, self.world, self.disk = module, world, disk
        self.oracle = fault.Oracle(world.dir / "oracle.log")
        self.writer = fault.Writer("D1", 5)
        self.faults, self.n = [], 0
        world.import_csv("partner", fault.partner_csv(["D1"]))
        world.import_csv("product", fault.PRODUCT_CSV)
        self.home = world.enrol("D1")

    def push(self, wanted, *options):
        self.n += 1
        text, documents = self.writer.file()
        sha = self.oracle.submitted("D1", text, documents)
        self.oracle.handed("D1", sha)
        p = self.world.agent(self.home, "push", self.world.file(f"{self.n}.csv", text), *options, check=None)
        if p.returncode != wanted:
            self.faults.append(f"push {self.n}: exit {p.returncode}, wanted {wanted}: {p.stdout}{p.stderr}")

    def filled(self, pause):
        self.disk.fill()
        time.sleep(pause)
        self.push(75, "--timeout", "2")
        if self.world.daemon.poll() is not None:
            self.faults.append(f"the daemon ended with status {self.world.daemon.poll()}")
            self.world.daemon = None
            self.disk.free()
            self.world.start()
            return
        self.world.ctl("flow", "list", "--by", "partner")
        if self.world.ctl_raw("status", check=None).returncode != 1:
            self.faults.append("status does not say that the disk is full")
        refused = self.world.ctl_raw("product", "set", "NEW", "name=x", "base_unit=瓶", check=None)
        if refused.returncode != 75:
            self.faults.append(f"a command that writes: exit {refused.returncode}, wanted 75: {refused.stderr}")
        self.disk.free()
        time.sleep(1.5)
        self.push(0, "--timeout", "20")
        self.world.ctl_raw("product", "set", f"NEW{self.n}", "name=x", "base_unit=瓶")

    def compare(self):
        truth = self.oracle.read()
        self.faults += fault.Books(self.world.ctl_raw("journal", "export").stdout).faults(truth)
        self.faults += fault.total_faults(truth, self.world.ctl("flow", "list", "--by", "partner,product"))
        if not self.world.offline("journal", "verify", "--scratch", self.world.dir, check=None).returncode == 0:
            self.faults.append("journal verify fails")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", help="folder of the programs (default build/bin)")
    module = fault.choose_binaries(p.parse_args().bin)
    world = module.World(clock=None)
    disk = Disk(world.dir / "disk")
    world.data = disk.at / "data"
    try:
        with world:
            trial = Trial(module, world, disk)
            trial.push(0)
            for pause in (1.6, 0, 0):
                trial.filled(pause)
            trial.compare()
    finally:
        disk.close()
    for f in trial.faults:
        print(f"  {f}")
    print(f"{'FAIL' if trial.faults else 'PASS'} faults={len(trial.faults)}")
    return 1 if trial.faults else 0


if __name__ == "__main__":
    sys.exit(main())
