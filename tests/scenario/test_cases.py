#!/usr/bin/env python3
"""A case of diversion from its signals to the wallet and back: released by a person, answered by the partner, decided by four
eyes, charged by schedule and contract, reversed to the fen; nobody learns who reported it."""
import base64
import hashlib
import json
import shutil

import books
from hook_receivers import Receiver, text_of
from world import Failed, World, equal, main, pick

HEAD = "type,number,date,sku,quantity,amount,customer,ship_to\n"
TERRITORIES = "partner,region,products,from,to,channels,exclusive\nD1,330000,,2026-01-01,,,Y\nD2,320000,,2026-01-01,,,Y\n"
SCHEDULE = """metadata: {name: diversion}
spec:
  effective: {from: 2026-01-01}
  clause: "7.2"
  window_months: 12
  offences:
    - {rate: "50%", lump: "100", deposit: "33.33"}
    - {rate: "100%", buy_back: "100%", exemptions: 90, clause: "7.4", at_least: "1000"}
  compensation: {share: "50%", of: penalty}
"""


class Cases:
    """Partners, people and a diverter; everything released, decided and paid by hand. Made once; each part begins with `again`."""

    def __init__(self, w):
        self.w = w
        books.load(w)
        w.import_csv("territory", TERRITORIES)
        self.token = {}
        for name, role, scope in (("max", "channel_manager", None), ("fin", "finance", None), ("zoe", "channel_manager", "D1"),
                                  ("sue", "channel_manager", "320000"), ("wes", "channel_manager", "440000;330200"), ("ina", "inspector", None), ("aud", "auditor", None)):
            more = ("--scope", scope) if scope else ()
            self.token[name] = w.ctl("user", "add", name, "--role", role, *more)["token"]
        w.ctl_raw("penalty", "apply", "-f", w.file("penalties.yaml", SCHEDULE), token=self.token["max"])
        w.ctl_raw("opening", "import", w.file("o.csv", "partner,company,currency,amount,as_of\nD1,main,CNY,5000.00,2026-01-01\n"
                                              "D2,main,CNY,10.00,2026-01-01\n"), "--kind", "wallet")
        w.ctl_raw("wallet", "adjust", "D1", "--account", "deposit", "--amount", "500", "--reason", "deposit of 2026")
        self.home = {p: w.enrol(p) for p in ("D1", "D2")}
        w.stop()
        for name in ("data", "agents"):
            shutil.copytree(w.dir / name, w.dir / "kept" / name)
        w.start()
        self.fresh = True

    def again(self, contract=True):
        w = self.w
        if not self.fresh:
            equal(w.stop(), 0)
            for name in ("data", "agents"):
                shutil.rmtree(w.dir / name)
                shutil.copytree(w.dir / "kept" / name, w.dir / name)
            w.start()
        self.fresh = False
        if contract:
            w.import_csv("contract", "partner,version,signed,to,title\nD1,2026-1,2026-01-05,,经销合同\n")
        return w

    def divert(self, first=1, days=8, number="A"):
        rows = "".join(f"sale,{number}{i},2026-05-{first + i:02d},P1,{40 + i},80.00,c{i},320100\n" for i in range(days))
        rows += "".join(f"sale,{number}H{i},2026-05-{first + i:02d},P1,{50 + i},80.00,h{i},330106\n" for i in range(days))
        self.w.push(self.home["D1"], f"{number}.csv", HEAD + rows)

    def run(self):
        return self.w.ctl("signal", "run")

    def do(self, who, *words, check=0):
        return self.w.ctl_raw("case", *words, token=self.token[who], check=check)

    def decide(self, case, verdict, by="max", second="fin"):
        said = self.do(by, "verdict", case, verdict, "--reason", "looked into").stdout
        self.w.ctl_raw("approval", "approve", said.split()[1], token=self.token[second])

    def show(self, case):
        return self.w.ctl("case", "show", case)

    def state(self, case):
        return self.show(case)["state"]

    def wallets(self):
        return {(r["partner"], r["account"]): (r["balance"], r["held"]) for r in self.w.ctl("wallet", "list")}

    def agent(self, partner, *words, check=0):
        out = self.w.agent(self.home[partner], "case", *words, "-o", "json", check=check)
        return json.loads(out.stdout) if check == 0 else out.stderr

    def clock(self, day):
        self.w.ctl_raw("clock", "set", f"{day}T09:00:00+08:00")


def from_signals_to_the_wallet_and_back(x):
    w, r = x.again(), Receiver()
    for name, *more in (("ok",), ("robot", "--form", "wecom"), ("d1", "--partner", "D1")):
        w.ctl("hook", "add", r.url(name), "--events", "*", "--name", name, *more)
    x.divert()
    photo = bytes(range(256)) * 40
    said = x.agent("D2", "claim", w.file("photo.jpg", photo), "--region", "南京市", "--sku", "P1", "--accused", "D1",
                   "--place", "鼓楼批发市场", "--price", "1.20", "--text", "whole pallets")
    equal("claim 1" in said["message"], True, said)
    equal(x.run()["opened"], 1)
    equal(x.run()["entries"], 0, "again: nothing new")
    case = w.ctl("case", "list")[0]
    first = list(case)[:10]
    equal(first, ["id", "partner", "skus", "destination", "state", "score", "opened", "first_event", "quantity", "signals"])
    equal((case["partner"], case["skus"], case["destination"], case["state"], case["quantity"], case["opened"][:10],
           case["first_event"][:10]), ("D1", ["P1"], "320000", "alert", "348", "2026-06-01", "2026-05-01"))
    kinds = {s["kind"] for s in case["signals"]}
    equal({"ship_to", "report"} <= kinds, True, kinds)
    case = case["id"]

    # nothing is heard of it outside before a person lets the notice out
    equal(x.agent("D1", "list"), [])
    x.agent("D1", "show", case, check=77)
    equal(x.wallets()[("D1", "rebate")], ("5000.00", "0.00"))
    w.until(lambda: any(json.loads(b)["type"] == "case.alert" for _, b in r.of("ok")), "other systems hear of the alert")
    for _, body in r.of("ok"):
        equal(b"D1" in body or b"D2" in body, False, body)
    equal(r.of("d1"), [])
    x.do("aud", "notify", case, check=77)
    x.do("max", "verdict", case, "--uphold", "--reason", "x", check=73)  # the other side is heard first
    x.do("max", "notify", case, "--text", "Please explain.")
    x.do("max", "notify", case, check=73)
    w.until(lambda: r.of("d1"), "its own hook hears of the notice")
    told = [json.loads(b) for _, b in r.of("d1")]
    equal([(m["type"], m["data"]["case"], m["data"]["partner"]) for m in told], [("case.notified", case, "D1")])
    for _, body in r.of("robot"):
        equal("D1" in text_of(body) or "448" in text_of(body), False, "a group learns whom or how much")
    r.close()
    for name in ("ok", "robot", "d1"):
        w.ctl_raw("hook", "remove", name)

    # what it could cost is held, no more: 348 × 2.00 × 50 % + 100, and 33.33 of the deposit
    before = {("D1", "rebate"): ("5000.00", "448.00"), ("D1", "deposit"): ("500.00", "33.33"),
              ("D2", "rebate"): ("10.00", "0.00")}
    equal(x.wallets(), before)
    equal(pick(w.ctl("hold", "list"), "partner", "source", "state", "sku", "quantity"),
          [("D1", f"case/{case}", "open", "P1", "348")])

    # the accused sees its case, and never who reported it
    mine = x.agent("D1", "list")
    equal([(c["id"], c["state"], c["waits_for"]) for c in mine], [(case, "notified", "partner")])
    page = x.agent("D1", "show", case)
    notices = json.loads(w.agent(x.home["D1"], "notices", "-o", "json").stdout)
    equal([n["kind"] for n in notices], ["case"])
    for text in (json.dumps(page), json.dumps(mine), json.dumps(notices),
                 w.agent(x.home["D1"], "case", "show", case).stdout):
        equal("D2" in text or "鼓楼" in text or "photo" in text or "max" in text, False, text)
    equal([s["act"] for s in page["steps"]], ["notify"])
    x.agent("D2", "show", case, check=77)
    equal([(c["state"], c["accused"]) for c in x.agent("D2", "claims")], [("under_review", "D1")])
    equal(x.agent("D1", "claims"), [])

    # it answers, with text and a file; the file is kept by its digest
    x.do("max", "verdict", case, "--uphold", "--reason", "x", check=73)  # it may still answer
    proof = "提货单\n".encode() * 1000
    x.agent("D1", "appeal", case, w.file("proof.txt", proof), "--text", "sold to a chain of ours")
    answer = x.show(case)["steps"][-1]
    equal((answer["act"], answer["text"], answer["files"]),
          ("appeal", "sold to a chain of ours",
           [{"name": "proof.txt", "bytes": len(proof), "digest": hashlib.blake2b(proof, digest_size=32).hexdigest()}]))
    x.agent("D2", "appeal", case, "--text", "no", check=77)

    # managers of either region see it, of others they do not
    equal([[c["id"] for c in w.ctl("case", "list", token=x.token[who])] for who in ("sue", "zoe", "wes")], [[case], [case], []])
    x.do("wes", "show", case, check=77)
    # four eyes, and neither region's manager
    for who in ("zoe", "sue"):
        x.do(who, "verdict", case, "--uphold", "--reason", "x", check=77)
    x.do("ina", "verdict", case, "--uphold", "--reason", "x", check=77)
    number = x.do("max", "verdict", case, "--uphold", "--reason", "its own lines say so").stdout.split()[1]
    for who in ("max", "zoe", "sue"):
        w.ctl_raw("approval", "approve", number, token=x.token[who], check=77)
    equal(x.state(case), "appealed")
    w.ctl_raw("approval", "approve", number, token=x.token["fin"])
    equal(x.state(case), "upheld")
    equal(pick(w.ctl("hold", "list"), "source", "state"), [(f"case/{case}", "upheld")])

    # charged by the schedule and the contract of the day; the harmed partner gets its share
    dry = w.ctl("case", "penalise", case, "--dry-run")
    equal((dry["wallet"], dry["deposit"], dry["compensation"], dry["offence"], dry["clause"], dry["contract"], dry["posted"]),
          ("448.00", "33.33", "240.67", 1, "7.2", "2026-1", False))
    x.do("fin", "penalise", case)
    x.do("fin", "penalise", case, check=73)
    x.do("max", "compensate", case, "--partner", "D1", check=65)
    x.do("max", "compensate", case)
    x.do("max", "compensate", case, check=73)
    equal(x.wallets(), {("D1", "rebate"): ("4552.00", "0.00"), ("D1", "deposit"): ("466.67", "0.00"),
                        ("D2", "rebate"): ("250.67", "0.00")})
    equal([m["reference"] for m in w.ctl("wallet", "show", "D1") if m["cause"] == "penalty"], [f"case {case}"])
    equal("D2" in json.dumps(x.agent("D1", "show", case)), False, "who was harmed stays hidden")
    equal([c["state"] for c in x.agent("D2", "claims")], ["upheld"])
    x.do("max", "close", case, check=73)  # it can still be appealed

    # an appeal that is won brings everything back to the fen
    x.agent("D1", "appeal", case, "--text", "the shop was moved in April")
    equal(pick(w.ctl("hold", "list"), "source", "state"), [(f"case/{case}", "open")])
    x.decide(case, "--dismiss")
    free = {k: (v[0], "0.00") for k, v in before.items()}
    equal(x.wallets(), free)
    equal(w.ctl("hold", "list"), [])
    equal((x.show(case)["state"], x.show(case)["penalty"], x.show(case)["offence"]), ("dismissed", "0.00", 0))
    x.do("max", "reopen", case, check=64)
    x.do("max", "reopen", case, "--reason", "new evidence")
    equal(x.state(case), "alert")
    v = w.verify()
    equal(v["ok"], True)
    exported = w.offline("journal", "export").stdout
    equal(exported.count('"kind":"case.step"'), 6, "verdicts are decisions of proposals")


def deadlines_warnings_and_late_exemptions(x):
    w = x.again(contract=False)
    x.divert()
    x.run()
    case = w.ctl("case", "list")[0]["id"]
    x.do("max", "notify", case)
    equal(x.wallets()[("D1", "rebate")], ("5000.00", "0.00"), "no contract: nothing it could cost")
    w.import_csv("contract", "partner,version,signed,to,title\nD1,2026-2,2026-05-20,,\n")

    # unanswered: decided after the partner's time; on the day nothing was signed: a warning
    x.clock("2026-06-11")
    x.do("max", "verdict", case, "--uphold", "--reason", "x", check=73)
    x.clock("2026-06-12")
    x.decide(case, "--uphold")
    equal(json.loads(x.do("fin", "penalise", case, "-o", "json").stdout)["verdict"], "warning")
    equal((x.wallets()[("D1", "rebate")], x.show(case)["offence"]), (("5000.00", "0.00"), 0))
    x.clock("2026-07-14")
    equal(x.state(case), "closed", "when it can no longer be appealed")

    # signed now: held, until the manufacturer misses its own deadline
    x.w.push(x.home["D1"], "june.csv", HEAD + "".join(
        f"sale,J{i},2026-07-{i + 1:02d},P2,{10 + i},80.00,c{i},320100\n" for i in range(8)))
    x.run()
    second = [c["id"] for c in w.ctl("case", "list", "--state", "alert")]
    equal(len(second), 1)
    x.do("max", "notify", second[0])
    held = x.wallets()[("D1", "rebate")][1]
    equal(held, "532.00")  # 108 × 8.00 × 50 % + 100: a warning was no offence
    x.clock("2026-08-13")
    equal(x.wallets()[("D1", "rebate")][1], "532.00")
    x.clock("2026-08-14")
    equal(x.wallets()[("D1", "rebate")][1], "0.00")
    equal(w.ctl("hold", "list", "--partner", "D1"), [])
    equal((x.state(second[0]), x.show(second[0])["steps"][-1]["act"]), ("notified", "release"))

    # an exemption that comes late covers it: dismissed, with the reason
    rows = "partner,region,products,from,to,reference\nD1,320000,P2,2026-07-01,2026-07-31,BX-9\n"
    w.ctl_raw("exemption", "import", w.file("late.csv", rows), token=x.token["max"])
    equal((x.state(second[0]), x.show(second[0])["verdict"]), ("dismissed", "exemption BX-9 covers it"))
    equal(x.run()["opened"], 0)
    notices = json.loads(w.agent(x.home["D1"], "notices", "--all", "-o", "json").stdout)
    equal(any("BX-9" in n["en"] for n in notices), True, notices)
    w.verify()


def alerts_follow_their_evidence(x):
    w = x.again()
    x.divert()
    x.run()
    case = w.ctl("case", "list")[0]
    x.divert(first=12, days=4, number="B")
    x.run()
    grown = w.ctl("case", "list")
    equal([(c["id"], c["opened"]) for c in grown], [(case["id"], case["opened"])], "the same case, with more in it")
    equal(len(grown[0]["signals"]) > len(case["signals"]), True)
    again = {u["id"]: u for u in w.ctl("upload", "list")}
    for upload in again:
        w.ctl_raw("upload", "withdraw", upload, "--reason", "wrong file")
    x.run()
    equal((x.state(case["id"]), x.show(case["id"])["verdict"]), ("dismissed", "what it rested on no longer stands"))
    equal(w.ctl("signal", "list"), [s for s in w.ctl("signal", "list") if s["case"]], "and its signals are gone")

    # an exemption for a customer, or part of a region, is looked at by the next judgement
    x.divert(number="C")
    x.run()
    new = w.ctl("case", "list", "--open")[0]["id"]
    x.do("max", "notify", new)
    rows = "partner,region,products,from,to,reference\nD1,320100,brand:清泉,2026-05-01,2026-05-31,BX-1\n"
    w.ctl_raw("exemption", "import", w.file("late.csv", rows), token=x.token["max"])
    equal(x.state(new), "notified")
    x.run()
    equal((x.state(new), x.show(new)["verdict"]), ("dismissed", "exemption BX-1 covers it"))
    equal(x.wallets()[("D1", "rebate")], ("5000.00", "0.00"))

    # rules: switched off, tried, tuned, all of it journaled
    w.ctl_raw("exemption", "remove", "D1", "320100", "brand:清泉", "2026-05-01", "BX-1")
    equal([c["partner"] for c in w.ctl("signal", "try")], ["D1"])
    equal(w.ctl("signal", "try", "--rule", "ship_to=0"), [])
    equal(w.ctl("signal", "try", "--to", "2026-04-30"), [])
    w.ctl_raw("signal", "set", "ship_to", "off", "--reason", "test", token=x.token["max"])
    w.ctl_raw("signal", "set", "ship_to", "7", token=x.token["max"], check=64)
    w.ctl_raw("signal", "set", "ship_to", "off", token=x.token["ina"], check=77)
    equal([(r["value"], r["set_by"]) for r in w.ctl("signal", "rules") if r["rule"] == "ship_to"], [(0, "user:max")])
    equal(w.ctl("signal", "try"), [])
    w.verify()


def inspectors_are_sent(x):
    w = x.again()
    x.divert()
    x.run()
    case = w.ctl("case", "list")[0]["id"]
    w.ctl_raw("inspection", "add", "--person", "ina", "--case", case, "--place", "鼓楼批发市场", "--due", "2026-06-05",
              token=x.token["max"])
    w.ctl_raw("inspection", "add", "--person", "ina", "--region", "320100", "--products", "P2", "--due", "2026-06-03",
              token=x.token["max"])
    mine = w.ctl("inspection", "list", "--mine", token=x.token["ina"])
    equal([(i["id"], i["partner"], i["region"], i["products"], i["case"], i["state"]) for i in mine],
          [("1", "D1", "320000", "P1", case, "open"), ("2", None, "320100", "P2", None, "open")])
    w.ctl_raw("inspection", "result", "1", "--found", token=x.token["aud"], check=77)
    w.ctl_raw("inspection", "result", "1", "--not-found", "--text", "three shops looked at", token=x.token["ina"])
    w.ctl_raw("inspection", "result", "1", "--found", token=x.token["ina"], check=73)
    page = x.show(case)
    equal((page["not_found"], page["steps"][-1]["told"]), (1, "inspection 1: nothing was found, three shops looked at"))
    # a search in vain takes 10·log10(2) = 3 decibans off, where an inspection finds what is there every other time
    score = {k: round(10 * float(page[k])) for k in ("score", "signals_score", "inspections_score")}
    equal((score["inspections_score"], score["score"]), (-3, score["signals_score"] - 3))
    w.ctl_raw("signal", "set", "inspection_permille", "900", token=x.token["max"])
    equal(x.show(case)["inspections_score"], "-1.0")
    w.ctl_raw("signal", "set", "inspection_permille", "preset", token=x.token["max"])
    x.clock("2026-06-04")
    equal([i["overdue"] for i in w.ctl("inspection", "list")], [False, True])
    w.ctl_raw("inspection", "cancel", "2", "--reason", "by others", token=x.token["max"])
    equal(pick(w.ctl("inspection", "list"), "id", "state"), [("1", "not_found"), ("2", "cancelled")])
    # the codes that were read there are sightings; a bad one leaves the task to be done
    w.ctl_raw("inspection", "add", "--person", "ina", "--region", "320100", "--place", "早市", "--due", "2026-06-30",
              token=x.token["max"])
    w.ctl_raw("inspection", "result", "3", "--found", "--codes", "X" * 200, token=x.token["ina"], check=65)
    equal(w.ctl("inspection", "show", "3")["state"], "open")
    w.ctl_raw("inspection", "result", "3", "--found", "--codes", "106141412345678908, (01)06901234567892(21)A7",
              token=x.token["ina"])
    equal(sorted((s["code"], s["kind"], s["region"], s["place"]) for s in w.ctl("scan", "list")),
          [("(00)106141412345678908", "inspector", "320100", "早市"),
           ("(01)06901234567892(21)A7", "inspector", "320100", "早市")])
    w.verify()
    # whoever a case is assigned to may see it
    w.ctl_raw("user", "add", "out", "--role", "inspector", "--scope", "D2")
    w.ctl_raw("case", "assign", case, "nobody", token=x.token["max"], check=66)
    w.ctl_raw("case", "assign", case, "ina", token=x.token["max"])
    equal([c["id"] for c in w.ctl("case", "list", "--mine", token=x.token["ina"])], [case])
    x.do("ina", "comment", case, w.file("note.txt", "seen a van"), "--text", "a van of D1")
    equal(x.show(case)["steps"][-1]["files"][0]["name"], "note.txt")


def seen_as_a_whole(x):
    w = x.again()
    x.divert()
    x.agent("D2", "claim", w.file("photo.jpg", b"photo"), "--region", "320100", "--sku", "P1", "--accused", "D1",
            "--place", "market")
    x.run()
    case = w.ctl("case", "list")[0]["id"]
    x.do("max", "notify", case)
    x.agent("D1", "appeal", case, "--text", "no")
    x.decide(case, "--uphold")
    x.do("fin", "penalise", case)

    may = w.ctl("case", "report", "--month", "2026-05")
    flows = [(r["from"], r["to"], r["sku"], r["quantity"], r["diverted"]) for r in may if r["section"] == "flow"]
    equal(flows, [("330000", "320000", "P1", "348", "348"), ("330000", "330000", "P1", "428", "0")])
    rates = {(r["section"], r["to"] or r["partner"] or r["sku"]): r["diversion_rate"] for r in may}
    equal((rates[("region", "320000")], rates[("region", "330000")], rates[("partner", "D1")], rates[("product", "P1")]),
          ("1", "0", "0.448454", "0.448454"))
    june = w.ctl("case", "report", "--month", "2026-06", "--by", "rule")
    equal([(r["rule"], r["cases"], r["upheld"], r["upheld_rate"]) for r in june if r["rule"] == "ship_to"],
          [("ship_to", 1, 1, "1")])
    days = w.ctl("case", "report", "--month", "2026-06", "--by", "days")
    equal([(r["cases"], r["days_median"], r["days_most"]) for r in days], [(1, 31, 31)])
    w.ctl_raw("case", "report", "--month", "2026-06", "--by", "moon", check=64)

    # the evidence file: numbered, each row with its hashes, chained; who reported is not in it
    rows = w.ctl("case", "export", case, "--with-files")
    equal([r["no"] for r in rows], list(range(1, len(rows) + 1)))
    kinds = {r["kind"] for r in rows}
    equal({"case", "signal", "document", "claim", "file", "step", "money"} <= kinds, True, kinds)
    document = next(r for r in rows if r["kind"] == "document")
    data = (w.dir / "out" / "A.csv").read_bytes()
    equal((document["file"], document["file_hash"]), ("A.csv", hashlib.sha256(data).hexdigest()))
    entries = {json.loads(line)["seq"]: json.loads(line)["hash"] for line in w.offline("journal", "export").stdout.splitlines()}
    equal({r["entry_hash"] == entries[int(r["entry"])] for r in rows if r["entry"]}, {True})
    photo = next(r for r in rows if r["kind"] == "file")
    equal((photo["file_hash"], base64.b64decode(photo["content"])),
          (hashlib.blake2b(b"photo", digest_size=32).hexdigest(), b"photo"))
    equal("D2" in json.dumps(rows), False)
    equal(len({r["chain"] for r in rows}), len(rows))
    equal(w.ctl("case", "export", case, "--with-files")[-1]["chain"], rows[-1]["chain"], "the same file again")


def all_parts_in_one_world():
    with World(clock="2026-06-01T09:00:00+08:00", settings=("hooks.allow=127.0.0.2",)) as w:
        x = Cases(w)
        for part in (from_signals_to_the_wallet_and_back, deadlines_warnings_and_late_exemptions, alerts_follow_their_evidence,
                     inspectors_are_sent, seen_as_a_whole):
            try:
                part(x)
            except Failed as why:
                raise Failed(f"{part.__name__}: {why}") from why


if __name__ == "__main__":
    main([all_parts_in_one_world])
