#!/usr/bin/env python3
"""Every K-th system call fails, once each, until a run sees no failure: the process is killed at it, or it returns EIO
or ENOSPC. After each run everything was restarted, the journal verifies, the figures are exact, and nothing that was
said to be spooled or committed is missing. Before that, one run without faults shows in its traces that nothing is said
before it is on the disk.

    sweep.py [--target daemon,agent,first,enroll] [--calls pwrite64,…] [--faults kill,EIO,ENOSPC,late] [--max-points 60]
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
import threading
import time

import fault

CALLS = ["pwrite64", "writev", "fdatasync", "sendto", "write", "ftruncate", "fsync", "rename"]
ERROR_CALLS = {"pwrite64", "writev", "fdatasync", "ftruncate", "write", "fsync", "rename"}
TARGETS = ["daemon", "agent", "first", "enroll"]
FAULTS = ["kill", "EIO", "ENOSPC", "late"]
LATE_US = 300000  # `late`: the disk takes its time, then fails; an answer that did not wait for it is out by then
FILES, SEED = 5, 11
QUIET_RUNS = 2  # a call is swept when so many K in a row met no call


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--target", default=",".join(TARGETS))
    p.add_argument("--calls", default=",".join(CALLS))
    p.add_argument("--faults", default=",".join(FAULTS))
    p.add_argument("--max-points", type=int, default=60, help="0: all; else spread evenly over all")
    p.add_argument("--minutes", type=float, help="end after so many minutes, and say so")
    p.add_argument("--bin", help="folder of the programs (default build/bin)")
    p.add_argument("-v", "--verbose", action="store_true")
    return p.parse_args()


def strace(trace, call, fault_name=None, k=0):
    """Words that run a program under strace; the program stays the child of the caller."""
    words = ["strace", "-D", "-f", "-qq", "-y", "-ttt", "-s", "64", "-o", trace, "-e", f"trace={call}"]
    if fault_name != "kill":
        words.append("--seccomp-bpf")  # much faster, but strace 6.1 forgets signals with it
    if fault_name:
        how = {"kill": "signal=SIGKILL", "late": f"error=EIO:delay_enter={LATE_US}"}.get(fault_name,
                                                                                       f"error={fault_name}")
        words += ["-e", f"inject={call}:{how}:when={k}"]
    return words


class Bench:
    """The state every run begins with, made once: an empty daemon folder, and one with catalogue and an agent."""

    def __init__(self, module):
        self.module = module
        self.agent = module.BIN / "channel-agent"
        self.root = module.World(clock=None)
        w = self.root
        w.port = fault.free_port()
        w.start()
        w.import_csv("partner", fault.partner_csv(["D1"]))
        w.import_csv("product", fault.PRODUCT_CSV)
        self.token = w.ctl("agent", "enroll", "D1")["token"]
        w.stop()
        fault.file_copy(w.data, w.dir / "base-unenrolled")
        w.start()
        self.enroll(w.dir / "agents" / "D1", check=0)
        w.stop()
        fault.file_copy(w.data, w.dir / "base-data")
        fault.file_copy(w.dir / "agents" / "D1", w.dir / "base-agent")
        self.products = w.file("product.csv", fault.PRODUCT_CSV)
        writer = fault.Writer("D1", SEED)
        self.files = []
        for n in range(FILES):
            text, documents = writer.file(documents=3)
            self.files.append((w.file(f"files/{n}.csv", text), text, documents))

    def enroll(self, home, check=None, under=()):
        return self.module.run(*under, self.agent, "--home", home, "enroll", "--server", self.root.server, "--token",
                               self.token, check=check, timeout=30)

    def close(self):
        self.root.stop()
        shutil.rmtree(self.root.dir, ignore_errors=True)


class Run:
    """One run of the script with at most one fault."""

    def __init__(self, bench, target, call, name, k):
        self.bench, self.module, self.world = bench, bench.module, bench.root
        self.target, self.call, self.name, self.k = target, call, name, k
        self.home = self.world.dir / "agents" / "D1"
        self.trace = self.world.dir / "trace"
        self.log = self.world.dir / "oracle.log"
        self.faults = []
        self.deaths = []

    def __str__(self):
        return f"{self.target} {self.call} {self.name} at call {self.k}"

    def reset(self):
        base = {"first": None, "enroll": "base-unenrolled"}.get(self.target, "base-data")
        shutil.rmtree(self.world.data, ignore_errors=True)
        if base:
            fault.file_copy(self.world.dir / base, self.world.data)
        shutil.rmtree(self.home, ignore_errors=True)
        if self.target in ("daemon", "agent"):
            fault.file_copy(self.world.dir / "base-agent", self.home)
        for p in (self.trace, self.log, self.world.dir / "daemon.log"):
            p.unlink(missing_ok=True)
        self.oracle = fault.Oracle(self.log)

    def under(self, target):
        return strace(self.trace, self.call, self.name, self.k) if target == self.target else ()

    def go(self):
        self.reset()
        self.over = threading.Event()
        self.world.launch(under=self.under("first") or self.under("daemon"))
        keeper = threading.Thread(target=self.keep_daemon, daemon=True)
        keeper.start()
        try:
            getattr(self, f"script_{self.target}")()
        except (self.module.Failed, subprocess.TimeoutExpired) as e:
            self.faults.append(f"{type(e).__name__}: {str(e)[:1500]}")
        self.over.set()
        keeper.join()
        self.check()
        self.oracle.close()
        return self

    def keep_daemon(self):
        """Starts the daemon again when it ended. Before that, what was said to be committed is in the folder."""
        while not self.over.wait(0.01):
            status = self.world.daemon.poll()
            if status is None:
                continue
            self.deaths.append(status)
            if len(self.deaths) > 3:
                self.faults.append(f"the daemon keeps ending: {self.deaths}")
                return
            self.look_at_the_dead()
            self.world.launch()

    def look_at_the_dead(self):
        truth = self.oracle.read()
        if truth.committed:
            missing = fault.Books(self.export()).missing(truth, truth.committed)
            self.faults += [f"lost after its commit was told: document {n}" for _, _, n in missing]

    def wait_ready(self):
        """Until the daemon, whichever it is by now, answers."""
        ping = [self.module.BIN / "channelctl", "--data", self.world.data, "--timeout", "2", "ping"]
        if not fault.wait_until(lambda: self.module.run(*ping, check=None).returncode == 0, 20, 0.02):
            raise self.module.Failed("the daemon does not answer any more")

    def script_first(self):
        """channelctl asks again under the same request id when the daemon has gone with the question."""
        for _ in range(3):
            self.wait_ready()
            made = self.world.ctl_raw("--timeout", "20", "product", "import", self.bench.products, check=None)
            if "no daemon answers" not in made.stderr:
                break
        if made.returncode != 0:
            self.faults.append(f"product import: exit {made.returncode}: {made.stderr}")

    def script_enroll(self):
        self.wait_ready()
        first = self.bench.enroll(self.home, under=self.under("enroll"))
        if first.returncode != 0:
            self.bench.enroll(self.home, check=0)
        self.script_agent()

    def script_daemon(self):
        for path, text, documents in self.bench.files:
            self.push([(path, text, documents)], {})
        self.wait_ready()

    def script_agent(self):
        self.wait_ready()
        self.push(self.bench.files, self.under("agent"))

    def push(self, files, under):
        """Pushes until every file was said to be spooled, then until nothing waits; the first time with the fault."""
        shas = {}
        for path, text, documents in files:
            shas[path] = self.oracle.submitted("D1", text, documents)
        left, status = list(shas), None
        for _ in range(6):
            for path in left:
                self.oracle.handed("D1", shas[path])
            status, said = self.push_once(left, under)
            for path in list(left):
                if shas[path] in said:
                    self.oracle.spooled("D1", shas[path])
                    left.remove(path)
            under = ()
            if status == 0:
                break
            if not left:
                left = [path for path in shas][-1:]  # a push drains the spool first
        else:
            self.faults.append(f"push does not succeed, last with exit {status}")
        for path in shas:
            self.oracle.committed("D1", shas[path])

    def push_once(self, paths, under):
        """(exit status, the files' digests announced as spooled)"""
        p = self.module.run(*under, self.bench.agent, "--home", self.home, "push", *paths, "--announce", "--timeout",
                            "10", "-o", "json", check=None, timeout=60)
        if p.returncode == 0:
            r = json.loads(p.stdout)
            if r["lines"] != r["committed"] + r["duplicate"] + r["quarantined"] + r["refused"] or r["quarantined"]:
                self.faults.append(f"push says {r}")
        elif p.returncode > 0 and p.returncode not in (70, 75, 69, 134):
            self.faults.append(f"push ends with exit {p.returncode}: {p.stderr[-500:]}")
        return p.returncode, {w for line in p.stderr.splitlines() if line.startswith("spooled ") for w in line.split()}

    def export(self):
        return self.module.run(self.module.BIN / "channelctl", "--data", self.world.data, "journal", "export").stdout

    def check(self):
        """The books against the log, once everything is quiet."""
        trace = self.read_trace()
        self.hit = "INJECTED" in trace or "killed by SIGKILL" in trace
        if not self.name:
            self.rule_of_order(trace)
        if self.target in ("daemon", "first") and re.search(
                rf"{self.call}\(\d+<[^>]*data\.mdb>.*EIO.*INJECTED", trace) and not self.deaths:
            self.faults.append("the daemon goes on after a failed write of its data")
        try:
            self.begin_anew()
            if self.target != "first":
                truth = self.oracle.read()
                self.faults += fault.Books(self.export()).faults(truth)
                self.faults += fault.total_faults(truth, self.world.ctl("flow", "list", "--by", "partner,product"))
            verified = self.world.ctl("journal", "verify", check=None)
            if not verified or not verified["ok"]:
                self.faults.append(f"journal verify: {verified}")
        except (self.module.Failed, subprocess.TimeoutExpired, ValueError) as e:
            self.faults.append(f"{type(e).__name__}: {str(e)[:1500]}")
        status = self.world.stop()
        if status not in (0, None):
            self.faults.append(f"the daemon ended at SIGTERM with status {status}")

    def begin_anew(self):
        """The end of a daemon under faults is part of the sweep; the comparison is not."""
        if self.target in ("daemon", "first"):
            status = self.world.stop()
            if status != 0 and not self.name:
                self.faults.append(f"the daemon ended at SIGTERM with status {status}")
            self.look_at_the_dead()
            self.world.start()

    def read_trace(self):
        return self.trace.read_text(errors="replace") if self.trace.exists() else ""

    def busiest(self, call):
        """How often the busiest thread made the call."""
        threads = [line.split()[0] for line in self.read_trace().splitlines() if f" {call}(" in line]
        return max((threads.count(t) for t in set(threads)), default=0)

    def rule_of_order(self, trace):
        """The fault-free run: what is said was on the disk before."""
        if self.target == "agent":
            self.faults += said_before_synced(trace)
        if self.target == "daemon" and len(re.findall(r"fdatasync\(\d+<[^>]*data\.mdb>", trace)) < FILES:
            self.faults.append(f"fewer than {FILES} fdatasync for {FILES} acknowledged files")


def said_before_synced(trace):
    """Between the opening of a file and its `spooled` line lies an fdatasync, after the last page written."""
    out, synced, dirty, said = [], False, False, 0
    for line in trace.splitlines():
        if "openat(" in line and "/files/" in line:
            synced = False
        elif re.search(r"\bfdatasync\(\d+<[^>]*data\.mdb>", line):
            synced, dirty = True, False
        elif re.search(r"\b(pwrite64|writev|pwritev)\(\d+<[^>]*data\.mdb>", line):
            dirty = dirty or not is_meta(line)
        elif " write(2<" in line and '"spooled ' in line:
            said += 1
            if dirty or not synced:
                out.append("\"spooled\" is said before the spool is on the disk")
    return out if said == FILES else [*out, f"{said} files announced as spooled, {FILES} pushed"]


def is_meta(line):
    """LMDB writes its root, less than a page, through a descriptor of its own that is synchronous."""
    wrote = re.search(r"pwrite64\(.*, (\d+), \d+(\)| <unfinished)", line)
    return wrote is not None and int(wrote.group(1)) % 4096 != 0


class Sweep:
    def __init__(self, bench, o):
        self.bench, self.o = bench, o
        self.bad, self.done, self.hits = [], 0, 0
        self.until = time.monotonic() + o.minutes * 60 if o.minutes else float("inf")
        self.cut_short = False

    def go(self, *point):
        run = Run(self.bench, *point).go()
        for f in run.faults:
            print(f"FAIL {run}: {f}", flush=True)
        if run.faults:
            self.bad.append(str(run))
        elif self.o.verbose and run.name:
            print(f"  ok {run}{'' if run.hit else ' (not met)'}, daemon ended {run.deaths}", flush=True)
        return run

    def points(self):
        """(target, call, fault, how often the busiest thread makes the call) of everything to sweep."""
        out = []
        for target in self.o.target.split(","):
            quiet = self.go(target, ",".join([*CALLS, "openat", "pwritev"]), None, 0)
            tops = {call: quiet.busiest(call) for call in self.o.calls.split(",")}
            print(f"  {target}: " + ", ".join(f"{top} {call}" for call, top in tops.items()), flush=True)
            out += [(target, call, name, top) for call, top in tops.items() for name in self.o.faults.split(",")
                    if top and applies(name, call, target)]
        return out

    def sweep(self, todo):
        total = sum(top for *_, top in todo)
        step = max(1.0, total / self.o.max_points) if self.o.max_points else 1.0
        at = 0.0
        for target, call, name, top in todo:
            k, quiet = 1, 0
            while quiet < QUIET_RUNS and (k <= top or not self.o.max_points) and not self.cut_short:
                if at <= 0:
                    at += step
                    run = self.go(target, call, name, k)
                    self.done += 1
                    self.hits += run.hit
                    quiet = 0 if run.hit or k <= top else quiet + 1
                    self.cut_short = time.monotonic() > self.until
                at -= 1
                k += 1


def applies(name, call, target):
    if name == "late":
        return call == "fdatasync" and target in ("daemon", "agent")
    return name == "kill" or call in ERROR_CALLS


def main():
    o = options()
    if not shutil.which("strace"):
        print("skipped: no strace here")
        return 77
    module = fault.choose_binaries(o.bin)
    begin = time.monotonic()
    bench = Bench(module)
    try:
        s = Sweep(bench, o)
        s.sweep(s.points())
    finally:
        bench.close()
    good = s.hits and not s.bad
    print(f"{'PASS' if good else 'FAIL'} points={s.done} met={s.hits} bad={len(s.bad)} "
          f"in {time.monotonic() - begin:.0f}s{', cut short by --minutes' if s.cut_short else ''}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
