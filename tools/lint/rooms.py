#!/usr/bin/env python3
"""The room lint: who may see whom, and what no room may do. Exits 1 with one line a fault.

A room sees the rooms above it in ORDER, never one below, never a sibling on its own line.
"""
import re
import subprocess
import sys

ORDER = [
    ["base"],
    ["maths"],
    ["proto"],
    ["kv"],
    ["formats"],
    ["daemon/store"],
    ["daemon/catalog"],
    ["daemon/outbox"],
    ["daemon/ledger"],
    ["daemon/rebate", "daemon/trace", "daemon/replenish", "daemon/insight"],
    ["daemon/journal"],
    ["daemon/command"],
    ["daemon/service"],
    ["daemon"],
]
# agent and tools stand beside the daemon: the agent sees no daemon room, tools may see all but service
EXTRA = {
    "agent": {"base", "maths", "proto", "kv", "formats"},
    "tools": {room for line in ORDER[:12] for room in line} | {"agent"},
}

BANNED = {  # pattern: (why, folders where it is allowed)
    r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|alloca)\s*\(": ("unsafe or unchecked libc call", ()),
    r"\bMDB_(NOSYNC|NOMETASYNC|WRITEMAP|MAPASYNC|NOLOCK|DUPSORT)\b": ("LMDB mode that loses or corrupts data", ()),
    r"\b(wall_ms|mono_ms|mono_us|clock_gettime|gettimeofday|time)\s*\(": (
        "time is an argument below service, agent and tools",
        ("daemon/service", "daemon", "agent", "tools", "tests", "base/clock", "base/log.c")),
    r"\bAUTO\(\w+\) \*?\w+;": ("what is cleaned up must be initialised where it is declared", ()),
    r"\blog_event\s*\(": (
        "only edges log: report through err",
        ("daemon/service", "daemon/main.c", "daemon/boot.c", "agent", "tools", "tests", "base/log")),
}
DRAWS = r"\b(rand_unit|rand_chance|rand_of|rand_normal|rand_poisson|rng_next|rng_below|between|chance|later|trade_unit_code)\s*\("
NESTED = r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
ORDERED = r"\b(?:if|while) " + NESTED + r"|;|\?|:|&&|\|\||\)\s*\{|\)\n|^#.*$"  # where one draw is done before the next begins
NO_FLOAT = ("daemon/store", "daemon/ledger", "daemon/rebate")


def room_of(path):
    rooms = [room for line in ORDER for room in line if path.startswith(room + "/")]
    if rooms:
        return max(rooms, key=len)
    top = path.split("/")[0]
    return top if top in EXTRA else None


def may_see(room):
    if room in EXTRA:
        return EXTRA[room] | {room}
    seen = set()
    for line in ORDER:
        if room in line:
            return seen | {room}
        seen.update(line)
    return seen


def allowed(path, places):
    return any(path == p or path.startswith(p.rstrip("/") + "/") or path.startswith(p + ".") for p in places)


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def check_draws(path, code, faults):
    """Two draws in one list of arguments or one initialiser: each compiler makes another world of one seed."""
    at = 0
    for part in re.split(f"({ORDERED})", code, flags=re.M):
        if len(re.findall(DRAWS, part)) > 1:
            first = at + re.search(DRAWS, part).start()
            faults.append(f"{path}:{code.count(chr(10), 0, first) + 1}: two draws whose order the compiler chooses")
        at += len(part)


def check_source(path, raw, faults):
    room = room_of(path)
    if room:
        sight = may_see(room)
        for no, line in enumerate(raw.split("\n"), 1):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not found:
                continue
            target = room_of(found.group(1))
            if target and target not in sight:
                faults.append(f"{path}:{no}: {room} may not see {target}")
    code = without_comments(raw)
    for pattern, (why, places) in BANNED.items():
        if path.startswith("tests/") or allowed(path, places):
            continue
        for found in re.finditer(pattern, code):
            faults.append(f"{path}:{code.count(chr(10), 0, found.start()) + 1}: {found.group().strip('( ')}: {why}")
    if path.startswith("tools/"):
        check_draws(path, code, faults)
    if path.startswith(NO_FLOAT):
        for found in re.finditer(r"\b(float|double)\b", code):
            faults.append(f"{path}:{code.count(chr(10), 0, found.start()) + 1}: no float in this room")
    lines = raw.count("\n")
    if lines > 600:
        faults.append(f"{path}: {lines} lines; a file has at most 600")


def check_proto(path, raw, faults):
    """No message may contain itself, directly or through others."""
    uses = {}
    for name, body in re.findall(r"message (\w+) \{(.*?)\n\}", raw, flags=re.S):
        uses[name] = set(re.findall(r"^\s*(?:repeated )?(\w+) \w+ = \d+", body, flags=re.M))

    def reaches(start, at, seen):
        for used in uses.get(at, ()):
            if used == start:
                return True
            if used in uses and used not in seen and reaches(start, used, seen | {used}):
                return True
        return False
    faults += [f"{path}: message {name} is recursive" for name in uses if reaches(name, name, {name})]


def main():
    files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                           capture_output=True, text=True, check=True).stdout.split("\n")
    faults = []
    for path in files:
        if not path.endswith((".c", ".h", ".proto", ".tbl")):
            continue
        with open(path, encoding="utf-8") as f:
            raw = f.read()
        (check_proto if path.endswith(".proto") else check_source)(path, raw, faults)
    for fault in faults:
        print(fault)
    print(f"room lint: {len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
