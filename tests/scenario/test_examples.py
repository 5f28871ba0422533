#!/usr/bin/env python3
"""Every example that a program's help prints runs as it stands, in a folder that holds the files it names."""
import os
import re
import shutil
import signal
import subprocess

import books
from browser import Browser
from world import BIN, ENV, ROOT, Failed, World, equal, main, run, skip

# What no example can know: where the centre listens, and the token it printed. Only these two are put in.
CENTRE, TOKEN = "tcp://centre.example:7400", "cd1.…"
CASE = "C-7GMZK3Q2ABCDE"  # and which case is meant, by command
# Statuses besides 0: `status` exits 1 while something is red, here lines that wait and a backup never made;
# `period check` while there is a finding, `hook test` when nobody answers.
ALSO = {"status": (1,), "period check": (1,), "hook test": (1,)}
# What ends something is run after all that still needs it.
ENDS = ("remove", "revoke", "withdraw", "erase", "disable", "end")

# Sales of D1: clean ones, ones that wait (an unknown code, a date too old), and a report with headers of its own.
JUNE = """type,number,date,sku,quantity,unit,unit_price,amount
sale,X1,2026-06-03,P1,24,瓶,2.00,48.00
sale,X1,2026-06-03,P2,2,箱,96.00,192.00
"""
WAITING = """type,number,date,sku,quantity,customer
sale,X2,2026-06-04,QQ-550,5,甲店
sale,X3,1999-12-31,P1,5,甲店
sale,X8,2026-06-04,P1,1,甲店
sale,X9,2026-06-04,P1,1,甲店二
"""
SALES = """单据日期,单据编号,商品编码,数量,金额
2026-06-05,X4,P1,10,20.00
2026-06-05,X4,P2,3,24.00
"""
SHIPPED = "type,number,date,sku,quantity,counterparty\nshipment,G1,2026-06-02,P1,48,D1\n"
# Rebates of the first quarter.
FEBRUARY = "type,number,date,sku,quantity,amount,counterparty\nshipment,G0,2026-02-02,P1,100,200.00,D1\n" \
           "shipment,G0,2026-02-02,P1,60,120.00,D2\n"
REPORT = "name: report\ncolumns: {date: 单据日期, number: 单据编号, sku: 商品编码, quantity: 数量, amount: 金额}\n" \
         "constants: {type: sale, currency: CNY}\n"
POLICY = """apiVersion: channeld/v1
kind: RebatePolicy
metadata: {name: core-2026, title: 核心经销商返利 2026}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  basis: sell_in
  period: quarter
  stages:
    introduction: {mechanism: flat, per_unit: "1.50"}
    growth: {mechanism: bands, mode: incremental, bands: [{from: "0", rate: "1%"}, {from: "100000", rate: "2.5%"}]}
    maturity: {mechanism: none}
    decline: {mechanism: flat, rate: "0.5%"}
  cap: "50000"
"""
PENALTIES, DIVERSION = re.findall(r"```\n(.*?)```", (ROOT / "docs/man/channeld-diversion.5.scd").read_text(encoding="utf-8"), flags=re.S)
DISPLAY = """metadata: {name: display-2026}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  basis: sell_out
  period: quarter
  stages: {any: {mechanism: activity, share: "50%", budget: "5000"}}
"""
FILES = {
    "display-2026.yaml": DISPLAY,
    "core-2026.yaml": POLICY,
    "flows.csv": "partner,sku,date,kind,quantity,amount\nD1,P1,2026-02-03,sell_in,240,480.00\n",
    "partner.csv": books.PARTNERS,
    "product.csv": books.PRODUCTS,
    "region.csv": "code,name,parent,level,from,to\n330199,钱塘新城,330100,county,2026-01-01,\n",
    "area.csv": "area,name,region\nEAST,华东,330000\nEAST,华东,320000\n",
    "territory.csv": "partner,region,products,from,to,channels,exclusive\nD1,330000,brand:清泉,2026-01-01,,,Y\n",
    "stage.csv": "sku,stage,from\nP1,introduction,2026-01-01\nP1,growth,2026-04-01\n",
    "price.csv": "sku,kind,from,to,amount,tax_basis,tier,region,partner,channel\nP1,dealer,,,8.50,incl,,,,\n",
    "alias.csv": "owner,kind,alias,id,unit,factor,from,to\nD1,product,8801,P1,,,,\n*,unit,件,箱,,,,\n",
    "promotion.csv": "promotion,title,products,partners,from,to,rule,budget,currency\n"
                     "J10,六月十送一,P1,D1,2026-06-01,2026-06-30,10送1,5000,CNY\n",
    "calendar.csv": "day,kind,name\n2026-10-01,holiday,国庆节\n2026-10-10,workday,调休\n",
    "fiscal_month.csv": "month,from\n2026-07,2026-06-27\n",
    "target.csv": "partner,policy,period,target\nD1,core-2026,2026-Q2,500000\n",
    "duty.csv": "partner,type,every,due,from,to\n*,sale,month,3,2026-06-01,\n",
    "contract.csv": "partner,version,signed,to,title\nD1,2026-1,2026-01-05,,经销合同\n",
    "credit.csv": "partner,company,currency,limit,balance,overdue,as_of\nD1,,,50000,12000,,2026-06-30\n",
    "supply.csv": "sku,quantity,as_of\nP1,2400,2026-06-30\n",
    "quota.csv": "partner,sku,from,to,quantity\nD1,P1,2026-07-01,2026-07-31,600\n",
    "one_off.csv": "partner,sku,date,quantity,note\nD1,P1,2026-06-03,240,团购\n",
    "trial.csv": "partner,sku,from,to,quantity\nD1,P1,2026-06-01,,48\n",
    "substitute.csv": "sku,substitute,partner,from,to,agreed\nP1,P3,,,,N\n",
    "order-answers.csv": "order,number,reason\n",
    "stock.yaml": "name: stock\npack: 12\nservice: {cycle: 0.95}\n",
    "exemption.csv": "partner,region,products,from,to,reference,customer,quantity\nD1,310000,P1,2026-06-01,2026-06-30,BX-6,,\n",
    "onboarding.csv": "partner,live,mode,skipped,note\nD1,2026-06-01,live,,\n",
    "opening.csv": "partner,sku,quantity,unit,as_of\nD1,P1,40,箱,2026-05-31\n",
    "penalties.yaml": PENALTIES,
    "photo.jpg": "a photo",
    "feed.json": '{"type":"EPCISDocument","schemaVersion":"2.0","epcisBody":{"eventList":[]}}\n',
    "wave1.csv": "partner\nD1\n",
    "june.csv": JUNE,
    "answers.csv": "id,state,number,date\n1,issued,26330001,2026-06-30\n",
    "codes.csv": "code,parent,sku,batch\n(01)06901234567892(21)A7,106141412345678908,P1,L1\n",
    "scans.csv": "time,code,kind,region\n2026-06-20 10:00,(01)06901234567892(21)A7,inspector,上海市\n",
    "accounts.yaml": (ROOT / "etc" / "accounts.yaml").read_text(),
    "demand.csv": "part,2025-01,2025-02,2025-03,2025-04,2025-05,2025-06,2025-07,2025-08,2025-09,2025-10\n"
                  "K1,4,5,6,5,4,5,6,5,4,5\nK2,0,0,3,0,0,1,0,0,2,0\n",
    "history.csv": "series,date,quantity,stock\nK1,2026-05-04,10,40\nK1,2026-05-11,12,0\nK1,2026-05-18,11,30\n",
    "replenish.yaml": "{review: 7, lead_time: {mean: 5, sd: 1}, service: {cycle: 0.95}, policy: order_up_to, pack: 12}\n",
    "sales-2026-06.csv": SALES,
    "report.yaml": REPORT,
    "truth.csv": "partner,sku,destination,first_event,last_event,evidence_day,style,coded,quantity\n"
                 "D1,P1,310000,2026-06-01,2026-06-20,2026-06-08,bulk,Y,240\n",
    "cases.json": "[]",
}


def example_in(help_text, of):
    found = re.findall(r"^[Ee]xample: (.+)$", help_text, flags=re.M)
    equal(len(found), 1, f"{of} --help shows one example")
    return found[0]


def environment(w):
    return {**ENV, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(w.dir), "TMPDIR": str(w.dir),
            "CHANNELCTL_SERVER": f"ipc://{w.data}/admin.sock"}


def in_bash(w, line):
    return subprocess.run(["bash", "-c", line], cwd=w.dir, env=environment(w), capture_output=True, text=True,
                          timeout=300)


def try_example(w, of, line, also=()):
    """Why it fails, or None."""
    p = in_bash(w, line)
    if p.returncode not in (0, *also):
        return f"{of}: `{line}` exits {p.returncode}: {p.stderr.strip()[-300:]}"
    asks = of.split()[-1] in ("list", "show", "history", "try", "export", "status")
    if asks and not p.stdout.strip():
        return f"{of}: `{line}` shows nothing"
    return None


def none_of(faults):
    faults = [f for f in faults if f]
    if faults:
        raise Failed("\n  " + "\n  ".join(faults))


def demo():
    """A world whose data folder is ./demo, as the examples call it, with every file they name."""
    w = World()
    w.data = w.dir / "demo"
    for name, text in FILES.items():
        w.file(name, text)
    (w.dir / "world").mkdir()
    return w


def command_names():
    overview = run(BIN / "channelctl", "help").stdout
    return [line[2:26].rstrip() for line in overview.split("\nOptions")[0].split("\n") if line.startswith("  ")]


def examples_of(w, names):
    """By command. What the daemon answers is asked once, out of the same table as the help; the rest of its help."""
    anna = Browser(w.http, token=w.ctl("user", "add", "spec", "--role", "admin")["token"])
    spec = anna.get("/api/openapi.json").json["paths"].values()
    of = {o["x-command"]: o["x-example"] for ops in spec for o in ops.values() if "x-example" in o}
    w.ctl_raw("user", "disable", "spec")
    shown = [n for i, n in enumerate(names) if n not in of or i % 16 == 0]
    for n in shown:
        said = example_in(run(BIN / "channelctl", *n.split(), "--help").stdout, n)
        equal(of.setdefault(n, said), said, f"{n}: the example of its help")
    return of


def every_channelctl_command():
    names = command_names()
    equal(len(names) > 80, True, "the table's commands")
    names.sort(key=lambda n: n.split()[-1] in ENDS)
    with demo() as w:
        for table in ("partner", "product", "duty"):
            w.ctl_raw(table, "import", w.dir / f"{table}.csv")
        home = w.enrol("D1")
        w.push(home, "waiting.csv", WAITING, check=1)
        uploads_up_to(w, home, "12")
        w.ctl_raw("document", "import", w.file("shipped.csv", SHIPPED))
        w.ctl_raw("stage", "import", w.dir / "stage.csv")
        w.ctl_raw("policy", "apply", "-f", w.dir / "display-2026.yaml")
        w.ctl_raw("document", "import", w.file("february.csv", FEBRUARY))
        run(maker, w.dir / "june.csv", w.dir / "june.batch")
        bob = wallets(w)
        of = cases(w, bob)
        slow_stock(w)
        for reference in ("BX-7", "BX-8"):
            w.ctl_raw("exemption", "request", "310000", "--from", "2026-07-01", "--to", "2026-07-31", "--products", "P1",
                      "--reference", reference, "--partner", "D1")
        faults, example = [], examples_of(w, names)
        for name in names:
            if name == "agent release":
                two_holders(w, home)
            if name == "rebate approve":  # whoever pays is another person
                w.ctl_raw("rebate", "approve", "1", token=bob)
                continue
            if name == "rebate claim withdraw":  # number 2, not decided yet
                w.ctl_raw("rebate", "claim", "file", "display-2026", "--partner", "D1", "--amount", "1", "--evidence", "seen")
            if name == "payout refuse":
                another_payout(w, bob)
            line = example[name].replace(CASE, of.get(name, of[""]))
            if name == "token revoke":
                line = line.replace("0123456789abcdef", w.ctl("token", "list")[0]["token"])
            if name.startswith("order "):
                line = re.sub(r"(order \w+) \d+", r"\1 " + order_for(w, name), line)
            faults.append(try_example(w, name, line, ALSO.get(name, ())))
        none_of(faults)
        w.verify()


def uploads_up_to(w, home, wanted):
    """Small uploads until one has the number (its journal entry's) that the examples name."""
    for n in range(20, 40):
        w.push(home, f"{n}.csv", f"type,number,date,sku,quantity\nsale,X{n},2026-06-06,P1,1\n")
        if wanted in [u["id"] for u in w.ctl("upload", "list")]:
            return
    raise Failed(f"no upload becomes number {wanted}")


def wallets(w):
    """An account with a move, and two proposals of somebody else, numbers 1 and 2, that wait for a second person."""
    w.ctl_raw("wallet", "adjust", "D1", "--amount", "10", "--reason", "for a start")
    bob = w.ctl("user", "add", "bob", "--role", "finance")["token"]
    for amount in ("2000", "3000"):
        w.ctl_raw("wallet", "adjust", "D1", "--amount", amount, "--reason", "beyond the limit", token=bob)
    return bob


def slow_stock(w):
    """Two products that D1 has and does not sell, and D2 sells and has not: transfers 1 and 2."""
    w.import_csv("product", "sku,name,base_unit\nP8,桃汁,瓶\nP9,梨汁,瓶\n")
    w.import_csv("territory", "partner,region,products\nD2,320000,P8;P9\n")
    rows = "".join(f"stock,C{sku},2026-02-01,{sku},500\n" for sku in ("P8", "P9"))
    sold = "".join(f"sale,S{sku},2026-06-20,{sku},91\nstock,C{sku},2026-06-28,{sku},1\n" for sku in ("P8", "P9"))
    for partner, text in (("D1", rows), ("D2", sold)):
        w.ctl_raw("document", "import", w.file(f"slow-{partner}.csv", "type,number,date,sku,quantity\n" + text), "--partner", partner)
    equal(w.ctl("transfer", "propose"), {"proposed": 2})


def another_payout(w, bob):
    """Number 2, asked for beyond what is due: proposed by one, let through by another."""
    said = w.ctl_raw("payout", "request", "--partner", "D1", "--form", "cash", "--amount", "1", token=bob).stdout
    w.ctl_raw("approval", "approve", said.split()[1])


# What an order went through before the act of an example.
BEFORE = {"change": [], "approve": [], "cancel": [], "export": ["approve"], "acknowledge": ["approve", "export"],
          "ship": ["approve"], "substitute": [], "receive": ["approve", "ship"], "close": ["approve", "ship"], "reopen": ["cancel"]}


def order_for(w, name):
    """Number of an order in the state that an example asks for."""
    act = name.split()[-1]
    if act in ("list", "confirm", "refuse"):
        sku = {"list": "P1", "confirm": "P2", "refuse": "P3"}[act]
        sold = "".join(f"sale,{act}{d},2026-06-{d:02d},{sku},{80 + d}\n" for d in range(1, 30, 2))
        w.ctl_raw("document", "import", w.file(f"{act}.csv", "type,number,date,sku,quantity\n" + sold), "--partner", "D1")
        w.ctl_raw("replenish", "plan")
        return w.ctl("order", "list", "--state", "suggested", "--partner", "D1")[0]["order"]
    if act == "share":
        w.ctl_raw("supply", "import", w.dir / "supply.csv")
    if act == "substitute":
        w.ctl_raw("substitute", "import", w.dir / "substitute.csv")
    if act not in BEFORE:
        return "1"
    number = w.ctl_raw("order", "add", "D1", "--lines", "P3=36;P1=12", "--source", "phone").stdout.split()[1].rstrip(":")
    if act not in ("change", "approve", "cancel", "substitute") and "approved" in w.ctl("order", "show", number)["state"]:
        steps = [s for s in BEFORE[act] if s != "approve"]
    else:
        steps = BEFORE[act]
    for step in steps:
        more = ["--reason", "a"] if step == "cancel" else []
        w.ctl_raw("order", step, *([] if step == "export" else [number]), *more)
    return number


def cases(w, bob):
    """A case of diversion in every state that an example asks for: by the last word of its command."""
    w.ctl_raw("territory", "import", w.file("t.csv", FILES["territory.csv"] + "D2,320000,,2026-01-01,,,Y\n"))
    w.ctl_raw("contract", "set", "D2", "2026-1", "signed=2026-01-05")
    w.ctl_raw("penalty", "apply", "-f", w.file("p.yaml", PENALTIES + "# first\n"))
    rows = "type,number,date,sku,quantity,customer,ship_to\n"
    for to in ("330100", "340100", "350100", "360100", "370100", "410100"):
        rows += "".join(f"sale,{to}-{i},2026-06-{i + 3:02d},P1,{20 + i},c{i},{to}\n" for i in range(8))
    w.ctl_raw("document", "import", w.file("diverted.csv", rows), "--partner", "D2")
    w.ctl_raw("signal", "run")
    of = {c["destination"]: c["id"] for c in w.ctl("case", "list")}
    equal(len(of), 6, "a case a destination")

    def verdict(case, which):
        said = w.ctl_raw("case", "verdict", case, which, "--reason", "looked into").stdout
        w.ctl_raw("approval", "approve", said.split()[1], token=bob)

    appeal, judge, pay, close, reopen = (of[to] for to in ("340000", "350000", "330000", "360000", "370000"))
    for case in (appeal, judge, pay):
        w.ctl_raw("case", "notify", case)
    for case in (judge, pay):
        w.ctl_raw("case", "appeal", case, "--text", "no")
    verdict(pay, "--uphold")
    w.ctl_raw("case", "penalise", pay)
    for case in (close, reopen):
        verdict(case, "--dismiss")
    w.ctl_raw("case", "close", reopen)
    for _ in range(2):
        w.ctl_raw("inspection", "add", "--person", "bob", "--region", "320100")
    return {"case appeal": appeal, "case verdict": judge, "case compensate": pay, "case penalise": pay, "case close": close,
            "case reopen": reopen, "": of["410000"]}


def two_holders(w, home):
    """A copied home is a second holder: the agent is held."""
    copy = w.dir / "copy"
    shutil.copytree(home, copy)
    w.push(home, "two.csv", JUNE.replace("X1", "X5"))
    w.agent(copy, "push", w.file("three.csv", JUNE.replace("X1", "X6")), "--timeout", "5", check=None)
    equal({a["state"] for a in w.ctl("agent", "list", "--partner", "D1")} & {"held"}, {"held"})


def every_agent_command():
    overview = run(BIN / "channel-agent", "--help").stdout
    names = re.findall(r"^  (\w+)", overview, flags=re.M)
    equal("enroll" in names and "push" in names, True, f"the agent's commands: {names}")
    with demo() as w:
        books.load(w)
        known = {CENTRE: w.server, TOKEN: w.ctl("agent", "enroll", "D1")["token"]}
        faults = []
        for name in names:
            line = example_in(run(BIN / "channel-agent", name, "--help").stdout, name)
            for word, by in known.items():
                line = line.replace(word, by)
            faults.append(runs_until_stopped(w, line) if name == "run" else try_example(w, f"agent {name}", line))
        faults.append(try_example(w, "channel-agent", example_in(overview, "channel-agent")))
        none_of(faults)


def runs_until_stopped(w, line):
    """`run` takes what lies in its inbox, and ends well when told to."""
    w.file("agent/inbox/inbox.csv", JUNE.replace("X1", "X7"))
    p = start(w, line)
    try:
        w.until(lambda: list((w.dir / "agent" / "archive").rglob("inbox*")), "the inbox is archived", 30)
    finally:
        status = stop(p)
    return None if status == 0 else f"`{line}` ends with {status}"


def start(w, line):
    with open(w.dir / "example.log", "ab") as log:
        return subprocess.Popen(["bash", "-c", f"exec {line}"], cwd=w.dir, env=environment(w), stdout=log, stderr=log)


def stop(p):
    p.send_signal(signal.SIGTERM)
    try:
        return p.wait(timeout=30)
    except subprocess.TimeoutExpired:
        p.kill()
        return "a kill"


def the_daemon():
    w = demo()
    p = start(w, example_in(run(BIN / "channeld", "--help").stdout, "channeld"))
    try:
        w.until(lambda: in_bash(w, "channelctl ping").returncode == 0, "the daemon answers", 30)
        none_of([try_example(w, "channelctl", example_in(run(BIN / "channelctl", "help").stdout, "channelctl"), (1,))])
    finally:
        equal(stop(p), 0, "the daemon ends well")
        shutil.rmtree(w.dir)


def sim_and_bench():
    w = demo()
    try:
        sim = example_in(run(BIN / "channel-sim", "--help").stdout, "channel-sim")
        trade = example_in(run(BIN / "channel-sim", "world", "--help").stdout, "channel-sim world")
        bench = example_in(run(BIN / "channel-bench", "--help").stdout, "channel-bench")
        equal("--lines 20000" in bench, True, "the size that is cut down here")
        bench = bench.replace("--lines 20000", "--lines 800")
        equal("--partners 300 -o diverted" in trade, True, "the size that is cut down here")
        trade = trade.replace("--partners 300", "--partners 30")
        none_of([try_example(w, "channel-sim", sim), try_example(w, "channel-sim world", trade),
                 try_example(w, "channel-bench", bench)])
        equal(len(list((w.dir / "world" / "partners").iterdir())), 3, "a folder a partner")
        equal((w.dir / "diverted" / "truth.csv").exists(), True, "what really happened stands beside the files")
        shutil.rmtree(w.dir / "diverted")
        equal("--partners 60" in DIVERSION, True, "the size that is cut down here")
        page = run("bash", "-ec", f"cd '{w.dir}'; PATH='{BIN}':$PATH; {DIVERSION.replace('--partners 60', '--partners 12')}").stdout
        equal("precision" in page and "recall" in page, True, page)
    finally:
        shutil.rmtree(w.dir)


maker = BIN / "make_batch"
if not maker.exists():
    skip("make_batch is not built (configure with -DTESTS=ON)")
main([every_channelctl_command, every_agent_command, the_daemon, sim_and_bench])
