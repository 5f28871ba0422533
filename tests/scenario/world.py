"""A real daemon, real agents, real files: what the scenario tests are written in. Standard library only.

    with World() as w:
        w.import_csv("partner", "id,name,kind\\nD1,杭州一店,distributor\\n")
        a = w.enrol("D1")
        w.push(a, "sales.csv", "type,date,sku,quantity\\n…")
        assert w.ctl("flow", "list", "--by", "product") == [...]
"""
import importlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("CHANNELD_BIN", ROOT / "build" / "bin"))
SHARED = pathlib.Path(os.environ.get("CHANNELD_SHARED", ROOT.parent / "shared"))
ENV = {**os.environ, "NO_COLOR": "1"}
# short commands look for leaks only where every command runs once (test_examples.py): the search doubles their time
COMMAND_ENV = {**ENV, "ASAN_OPTIONS": ":".join(filter(None, [ENV.get("ASAN_OPTIONS"), "detect_leaks=0"]))}


class Failed(AssertionError):
    pass


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def shared(path):
    """A sample file of others, or the test is skipped."""
    p = SHARED / path
    if not p.exists():
        skip(f"{path} is not beside this checkout (set CHANNELD_SHARED)")
    return p


def library(name):
    """A reader of others, of the system's Python whichever Python runs the tests; None, and said, when it is not there."""
    if "/usr/lib/python3/dist-packages" not in sys.path:
        sys.path.append("/usr/lib/python3/dist-packages")
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"  skipped: python3-{name} is not installed (tools/deps.sh test)")
        return None


def run(*words, check=0, stdin=None, timeout=120):
    """Run a program; `check` is the exit status wanted (None: any). Returns the finished process, texts decoded."""
    p = subprocess.run([str(x) for x in words], input=stdin, capture_output=True, timeout=timeout, env=COMMAND_ENV,
                       text=True, encoding="utf-8", errors="replace")
    if check is not None and p.returncode != check:
        raise Failed(f"{' '.join(str(x) for x in words)}\n  exit {p.returncode}, wanted {check}\n"
                     f"  stdout: {p.stdout[-2000:]}\n  stderr: {p.stderr[-3000:]}")
    return p


class World:
    def __init__(self, clock="2026-06-30T09:00:00+08:00", settings=(), keep=False, daemon_args=()):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="channeld-"))
        self.data = self.dir / "data"
        self.clock = clock
        self.settings = list(settings)
        self.daemon_args = list(daemon_args)
        self.daemon = None
        self.keep = keep
        self.port = None
        self.children = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        for p in self.children:
            if p.poll() is None:
                p.kill()
        status = self.stop()
        if kind is not None:
            sys.stderr.write((self.dir / "daemon.log").read_text(errors="replace")[-4000:])
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        if kind is None and status not in (0, None):
            raise Failed(f"the daemon ended with status {status}: {(self.dir / 'daemon.log')}")

    # the daemon

    def start(self, *extra):
        self.launch(*extra)
        self.ready()

    def launch(self, *extra, under=()):
        """Start the daemon and go on at once; `under` is a program it is to run under, with its arguments."""
        listen = f"tcp://127.0.0.1:{self.port or 0}"
        words = [*under, BIN / "channeld", "--data", self.data, "--set", f"listen.agents={listen}",
                 "--set", "listen.http=127.0.0.1:0"]
        if self.clock:
            words.append(f"--simulated-clock={self.clock}")
        for s in self.settings:
            words += ["--set", s]
        log = open(self.dir / "daemon.log", "ab")
        self.daemon = subprocess.Popen([str(x) for x in [*words, *self.daemon_args, *extra]], stdout=log, stderr=log,
                                       env=ENV)
        log.close()

    def ready(self):
        for _ in range(400):
            if self.daemon.poll() is not None:
                raise Failed("the daemon did not start: " + (self.dir / "daemon.log").read_text()[-3000:])
            if run(BIN / "channelctl", "--data", self.data, "ping", check=None).returncode == 0:
                break
            time.sleep(0.05)
        else:
            raise Failed("the daemon does not answer")
        ports = json.loads((self.data / "ports.json").read_text())
        self.port = int(str(ports["agents"]).rsplit(":", 1)[-1])
        self.http = ports["http"]

    def stop(self):
        if self.daemon is None:
            return None
        if self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
        try:
            status = self.daemon.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            status = "hung at SIGTERM"
        self.daemon = None
        return status

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    @property
    def server(self):
        return f"tcp://127.0.0.1:{self.port}"

    # channelctl

    def ctl_raw(self, *words, check=0, token=None, timeout=120):
        head = [BIN / "channelctl", "--server", f"ipc://{self.data}/admin.sock"]
        if token:
            head += ["--token", token]
        return run(*head, *words, check=check, timeout=timeout)

    def ctl(self, *words, check=0, **more):
        out = self.ctl_raw(*words, "-o", "json", check=check, **more).stdout
        return json.loads(out) if out.strip() else None

    def offline(self, *words, check=0, timeout=120):
        """channelctl on the folder itself, without a daemon."""
        return run(BIN / "channelctl", "--data", self.data, *words, check=check, timeout=timeout)

    def file(self, name, text, encoding="utf-8"):
        p = self.dir / name
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return p

    def import_csv(self, table, text, check=0):
        return self.ctl_raw(table, "import", self.file(f"import-{table}.csv", text), check=check)

    # agents

    def enrol(self, partner, *options, name=None):
        made = self.ctl("agent", "enroll", partner, *options)
        home = self.dir / "agents" / (name or partner)
        run(BIN / "channel-agent", "--home", home, "enroll", "--server", self.server, "--token", made["token"])
        return home

    def agent(self, home, *words, check=0, timeout=180):
        return run(BIN / "channel-agent", "--home", home, *words, check=check, timeout=timeout)

    def push(self, home, name, content=None, *options, check=0, encoding="utf-8", timeout=180):
        """Push a file (a path, or a name with content); returns the JSON result."""
        path = pathlib.Path(name) if content is None else self.file(f"out/{name}", content, encoding)
        out = self.agent(home, "push", path, "-o", "json", *options, check=check, timeout=timeout).stdout
        result = json.loads(out)
        parts = sum(result[k] for k in ("committed", "duplicate", "quarantined", "refused"))
        equal(result["lines"], parts, f"lines = committed + duplicate + quarantined + refused in {result}")
        return result

    def run_agent(self, home):
        p = subprocess.Popen([str(BIN / "channel-agent"), "--home", str(home), "run"], env=ENV,
                             stdout=subprocess.DEVNULL, stderr=open(self.dir / "agent.log", "ab"))
        self.children.append(p)
        return p

    def until(self, true, what, seconds=10):
        """Wait for something the daemon does on its own."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise Failed(f"not within {seconds} s: {what}")
            time.sleep(0.05)

    def verify(self):
        v = self.ctl("journal", "verify")
        equal(v["ok"], True, f"journal verify: {v}")
        return v

    def content(self):
        return {name: view["content"] for name, view in self.verify()["views"].items()}


def equal(found, wanted, what=""):
    if found != wanted:
        raise Failed(f"{what}\n  found:  {found!r}\n  wanted: {wanted!r}")


def pick(rows, *keys):
    """The rows' values of some keys, sorted: for comparing lists whatever their order."""
    return sorted([tuple(r[k] for k in keys) for r in rows], key=repr)


def main(tests):
    """Run test functions in order; one line each; exit 1 when one failed. Names as arguments select."""
    failed = passed = 0
    for t in tests:
        if len(sys.argv) > 1 and t.__name__ not in sys.argv[1:]:
            continue
        begin = time.monotonic()
        try:
            t()
            passed += 1
            print(f"ok   {t.__name__} ({time.monotonic() - begin:.1f}s)", flush=True)
        except (Failed, subprocess.TimeoutExpired, KeyError, json.JSONDecodeError, IndexError, TypeError) as e:
            failed += 1
            print(f"FAIL {t.__name__}: {type(e).__name__}: {e}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
