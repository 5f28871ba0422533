"""What the fault tests share: a world whose processes can be killed, documents with known truth, and the oracle that
knows from its own fsynced log what was handed over and what was promised. Standard library only.
"""
import collections
import decimal
import hashlib
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def choose_binaries(folder=None):
    """Which programs are tested; must be called before world is imported. Release ones unless told otherwise: what
    ships is what is killed."""
    chosen = folder or os.environ.get("CHANNELD_RELEASE_BIN") or ROOT / "build" / "bin"
    if not (pathlib.Path(chosen) / "channeld").exists():
        print(f"skipped: no programs in {chosen} (build them, or name their folder with --bin)")
        sys.exit(77)
    os.environ["CHANNELD_BIN"] = str(chosen)
    sys.path.insert(0, str(ROOT / "tests" / "scenario"))
    import world
    return world


PRODUCTS = ["P1", "P2", "P3"]
PRODUCT_CSV = "sku,name,base_unit\n" + "".join(f"{p},商品{p},瓶\n" for p in PRODUCTS)
HEADER = "type,number,version,date,sku,quantity,amount,customer\n"
KIND = {"sale": ("sell_out", 1), "return": ("return", -1), "receipt": ("receipt", 1)}


def partner_csv(partners):
    return "id,name,kind,parent,region\nM,本厂,manufacturer,,330100\n" + "".join(
        f"{p},经销商{p},distributor,M,330100\n" for p in partners)


def exact(text, digits):
    """A decimal string as an integer of the given scale; no rounding may be needed."""
    n = decimal.Decimal(str(text)).scaleb(digits)
    if n != n.to_integral_value():
        raise ValueError(f"{text} has more than {digits} decimals")
    return int(n)


class Writer:
    """Makes a partner's files. Document numbers never repeat but where one is corrected (a higher version)."""

    def __init__(self, partner, seed):
        self.partner = partner
        self.rng = random.Random(f"{seed}/{partner}")
        self.count = 0
        self.version = {}  # number → (type, newest version)

    def document(self):
        rng = self.rng
        if self.version and rng.random() < 0.1:
            number = rng.choice(list(self.version)[-20:])
            kind, version = self.version[number]
            version += 1
        else:
            self.count += 1
            number, version = f"{self.partner}-{self.count}", 1
            kind = rng.choice(["sale", "sale", "sale", "return", "receipt"])
        self.version[number] = (kind, version)
        day = f"2024-{rng.randint(1, 6):02d}-{rng.randint(1, 28):02d}"
        lines = [[rng.choice(PRODUCTS), str(rng.randint(1, 99)), f"{rng.randint(1, 99999) / 100:.2f}"]
                 for _ in range(rng.randint(1, 8))]
        return {"type": kind, "number": number, "version": version, "date": day, "lines": lines}

    def file(self, documents=None):
        """(text, documents)"""
        docs = {}
        for _ in range(documents or self.rng.randint(1, 3)):
            d = self.document()
            docs[d["number"]] = d  # one version of a number a file
        rows = [f"{d['type']},{d['number']},{d['version']},{d['date']},{sku},{quantity},{amount},门店{number[-1]}\n"
                for number, d in docs.items() for sku, quantity, amount in d["lines"]]
        return HEADER + "".join(rows), list(docs.values())


class Oracle:
    """The log outside the programs. Each statement is on disk before the deed it is about goes on."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.lock = threading.Lock()

    def close(self):
        os.close(self.fd)

    def say(self, what, **facts):
        with self.lock:
            os.write(self.fd, (json.dumps({"what": what, **facts}, ensure_ascii=False) + "\n").encode())
            os.fdatasync(self.fd)

    def submitted(self, partner, text, documents):
        """A file is about to be handed to an agent (again: its content is)."""
        sha = hashlib.sha256(text.encode()).hexdigest()
        self.say("submitted", partner=partner, sha256=sha, documents=documents)
        return sha

    def handed(self, partner, sha):
        """One more hand-over of the same content."""
        self.say("handed", partner=partner, sha256=sha)

    def spooled(self, partner, sha):
        self.say("spooled", partner=partner, sha256=sha)

    def committed(self, partner, sha):
        self.say("committed", partner=partner, sha256=sha)

    def read(self):
        return Truth(json.loads(line) for line in self.path.read_text("utf-8").splitlines())


class Truth:
    """What the log says."""

    def __init__(self, statements):
        self.files = {}  # (partner, sha) → documents
        self.handed = collections.Counter()
        self.spooled, self.committed = set(), set()
        for s in statements:
            at = (s["partner"], s["sha256"])
            if s["what"] == "submitted":
                self.files[at] = s["documents"]
            elif s["what"] == "handed":
                self.handed[at] += 1
            else:
                getattr(self, s["what"]).add(at)

    def counts(self):
        docs = [d for documents in self.files.values() for d in documents]
        return {"files": len(self.files), "documents": len(docs), "lines": sum(len(d["lines"]) for d in docs),
                "spooled": len(self.spooled), "committed": len(self.committed)}

    def totals(self):
        """{(partner, product, kind): (thousandths, minor units)} of the newest version of each document."""
        newest = {}
        for (partner, _), documents in self.files.items():
            for d in documents:
                at = (partner, d["type"], d["number"])
                if at not in newest or newest[at]["version"] < d["version"]:
                    newest[at] = d
        sums = collections.defaultdict(lambda: [0, 0])
        for (partner, kind, _), d in newest.items():
            name, sign = KIND[kind]
            for sku, quantity, amount in d["lines"]:
                cell = sums[partner, sku, name]
                cell[0] += sign * exact(quantity, 3)
                cell[1] += sign * exact(amount, 2)
        return {at: tuple(v) for at, v in sums.items() if v != [0, 0]}


def lines_of(document):
    return sorted((x["sku"], exact(x["quantity"], 3), exact(x["amount"], 2)) for x in document["lines"])


def export_documents(text):
    """Documents in a `journal export`: (entry, document)."""
    for line in text.splitlines():
        entry = json.loads(line)
        if entry["kind"] == "document":
            body = entry["body"]
            for document in body if isinstance(body, list) else body.get("documents", [body]):
                yield entry, document


class Books:
    """What the journal holds, compared with the truth."""

    def __init__(self, export):
        self.stored = collections.Counter()  # (partner, sha, number)
        self.content = {}
        for _, d in export_documents(export):
            at = (d["partner"], d["file_sha256"], d["number"])
            self.stored[at] += 1
            self.content[at] = (d["type"], str(d["version"] or ""), lines_of(d))

    def missing(self, truth, files):
        """Documents of these files that are not in the journal."""
        return [(p, sha, d["number"]) for p, sha in files for d in truth.files[p, sha]
                if (p, sha, d["number"]) not in self.stored]

    def faults(self, truth):
        """Everything that is wrong at quiescence, one line each."""
        wanted = {(p, sha, d["number"]): (d["type"], str(d["version"]),
                                          sorted((s, exact(q, 3), exact(a, 2)) for s, q, a in d["lines"]))
                  for (p, sha), documents in truth.files.items() for d in documents}
        out = [f"lost: document {n} of {p}, file {sha[:12]}"
               f"{' (spooled)' if (p, sha) in truth.spooled else ''}"
               f"{' (committed)' if (p, sha) in truth.committed else ''}"
               for p, sha, n in self.missing(truth, truth.files)]
        out += [f"invented: document {at} was never submitted" for at in self.stored if at not in wanted]
        out += [f"damaged: document {at} holds {self.content[at]}, submitted {wanted[at]}"
                for at in self.stored if at in wanted and self.content[at] != wanted[at]]
        out += [f"doubled: document {n} of {p}, file {sha[:12]}, is {times} times in the journal, handed over "
                f"{truth.handed[p, sha]} times"
                for (p, sha, n), times in self.stored.items()
                if (p, sha) in truth.files and times > truth.handed[p, sha]]
        return out


def total_faults(truth, rows):
    """Flows (`flow list --by partner,product`) against the truth, as exact integers."""
    found = {(r["partner"], r["product"], r["kind"]): (exact(r["quantity"], 3), exact(r["amount"], 2)) for r in rows}
    wanted = truth.totals()
    return [f"figure {at}: found {found.get(at)}, wanted {wanted.get(at)}"
            for at in sorted(set(found) | set(wanted)) if found.get(at) != wanted.get(at)]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def file_copy(source, target):
    """A copy of a folder without its sockets, holes kept."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=lambda d, names: [n for n in names if n.endswith(".sock")], symlinks=True)


class Program:
    """A process that is started, killed and started again."""

    def __init__(self, words, log, env=None):
        self.words = [str(w) for w in words]
        self.log = log
        self.env = env
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def end(self, seconds=15):
        """SIGTERM; the exit status, or "hung"."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return "hung"


def wait_until(true, seconds, pause=0.05):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
