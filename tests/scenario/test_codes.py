#!/usr/bin/env python3
"""Codes and custody: lists of codes, documents that move cartons, EPCIS events, scans, traces."""
import json

import books
from world import World, equal, main, pick

GTIN = "06901234567892"
CARTON, PALLET = "106141412345678908", "006901234500000017"
SHIP = "type,number,date,sku,quantity,unit,counterparty,codes\n"
SALE = "type,number,date,sku,quantity,customer,ship_to,counterparty,codes\n"
VIEWS = ("code", "code_range", "container", "code_state", "custody", "lot", "event", "sighting")


def unit(serial):
    return f"(01){GTIN}(21){serial}"


def custody(w, code):
    s = w.ctl("code", "show", code)
    return s["state"], s["container"], s["holder"], s["moved_by"]


def steps(w, code, *keys):
    return [tuple(r[k] for k in keys) for r in w.ctl("code", "trace", code)]


def one_key_whatever_the_spelling():
    with World() as w:
        books.load(w)
        text = ("code,parent,sku,batch\n"
                f"(01)6901234567892(21)A1,(00){CARTON},P1,L1\n"
                f"https://q.example.com/x/01/6901234567892/21/A2,{CARTON},P1,L1\n"
                f"urn:epc:id:sgtin:6901234.056789.A3,urn:epc:id:sscc:0614141.1234567890,P1,L1\n"
                f"]C101{GTIN}21A4,00{CARTON},P1,L1\n"
                f"BOX-7,,P2,\n")
        first = w.ctl("code", "import", w.file("c.csv", text))
        equal((first["rows"], first["new"], first["refused"]), (5, 5, 0), first)
        before = w.content()
        again = w.ctl("code", "import", w.file("c.csv", text))
        equal((again["new"], again["changed"], again["unchanged"]), (0, 0, 5), "again = no change")
        equal(w.content(), before, "content after the same list again")
        inside = w.ctl("code", "list", "--container", f"(00){CARTON}")
        equal(pick(inside, "code", "sku", "batch"), [(unit(f"A{i}"), "P1", "L1") for i in range(1, 5)])
        for spelled in (f"(01)0{GTIN[1:]}(21)A3", f"01{GTIN}21A3", f"https://id.gs1.org/01/{GTIN}/21/A3",
                        "urn:epc:id:sgtin:6901234.056789.A3", "（01）6901234567892（21）A3"):
            equal(w.ctl("code", "show", spelled)["container"], f"(00){CARTON}", spelled)
        # another parent = repacked; the rest of the carton stays
        w.ctl("code", "import", w.file("c2.csv", f"code,parent\n{unit('A1')},CRATE-1\n"))
        equal(w.ctl("code", "show", unit("A1"))["container"], "CRATE-1")
        equal(len(w.ctl("code", "list", "--container", CARTON)), 3, "left in the carton")
        # a sku that nobody knows yet is said; containers in containers
        r = w.ctl("code", "import", w.file("deep.csv", "条码,箱码,sku\n" + "".join(f"N{i},N{i + 1},\n" for i in range(12)) + "N0,,P99\n"))
        equal([(p["row"], p["column"], p["found"]) for p in r["problems"]], [(14, "sku", "P99")], r)
        equal(w.ctl("code", "show", "N0")["outermost"], "N12")
        # check digits are judged and said, not refused; what cannot be a code is refused row by row
        r = w.ctl("code", "import", w.file("c3.csv", "code,parent\n(01)06901234567891(21)B1,\n(01)12(21)B2,\n"
                                           f"(01){GTIN},\nB9,B9\n,X\n{unit('B3')},{CARTON[:-1]}0\n"), check=1)
        equal((r["new"], r["refused"], r["warnings"]), (2, 4, 2), r)
        equal([(p["row"], p["column"]) for p in r["problems"]],
              [(2, "code"), (3, "code"), (4, "code"), (5, "parent"), (6, "code"), (7, "parent")])
        equal(w.ctl("code", "check", f"(00){CARTON}", "(01)12", check=1)[0]["check_digit"], "right")


def a_document_that_names_a_carton_moves_all_in_it():
    with World() as w:
        books.load(w)
        m, d1, d2 = w.enrol("M"), w.enrol("D1"), w.enrol("D2")
        codes = "code,parent\n" + "".join(f"{unit(f'C{i}')},{CARTON}\n" for i in range(4)) + f"{CARTON},{PALLET}\n"
        w.ctl("code", "import", w.file("c.csv", codes))
        w.push(m, "s.csv", SHIP + f"shipment,S1,2026-06-01,P1,1,箱,D1,{PALLET}\n")
        equal(custody(w, unit("C0")), ("known", f"(00){CARTON}", "D1", "S1"))
        # a sale to a partner moves one unit on, and only that one
        w.push(d1, "o.csv", SALE + f"sale,O1,2026-06-05,P1,1,,,D2,{unit('C1')}\n"
               f"sale,O2,2026-06-06,P1,1,张三,310000,,{unit('C2')}\n")
        equal(custody(w, unit("C1")), ("known", f"(00){CARTON}", "D2", "O1"))
        equal([custody(w, unit(f"C{i}"))[2] for i in (0, 2, 3)], ["D1", "D1", "D1"])
        equal(steps(w, unit("C2"), "date", "event", "code", "partner", "region", "document"),
              [(None, "packed", unit("C2"), None, None, None), (None, "packed", f"(00){CARTON}", None, None, None),
               ("2026-06-01", "shipped", f"(00){PALLET}", "D1", "330100", "S1"),
               ("2026-06-06", "sold", unit("C2"), "D1", "310000", "O2")])
        # a receipt by another than the one it was moved to is a sighting, not a hand-over
        w.push(d2, "r.csv", SHIP + f"receipt,R9,2026-06-07,P1,1,瓶,,{unit('C3')}\n")
        equal(custody(w, unit("C3"))[2:], ("D1", "S1"))
        equal(steps(w, unit("C3"), "event", "partner")[-1], ("received", "D2"))
        # the shipment is corrected: the pallet went to D2; then it is withdrawn
        w.push(m, "s2.csv", SHIP + f"shipment,S1,2026-06-01,P1,1,箱,D2,{PALLET}\n")
        equal(custody(w, unit("C0"))[2:], ("D2", "S1"))
        # void and locked, by the container around it
        w.ctl_raw("code", "lock", CARTON, "--reason", "召回")
        equal(w.ctl("code", "show", unit("C0"))["state"], "locked")
        w.ctl_raw("code", "unlock", CARTON)
        w.ctl_raw("code", "void", unit("C0"), "--reason", "stolen")
        equal([w.ctl("code", "show", unit(f"C{i}"))["state"] for i in (0, 1)], ["void", "known"])
        equal(pick(w.ctl("code", "list", "--state", "void"), "code"), [(unit("C0"),)])
        w.ctl_raw("code", "restore", unit("C0"))
        equal(w.ctl("code", "show", unit("C0"))["state"], "known")
        w.verify()


def ranges_of_serials_are_one_row():
    with World() as w:
        books.load(w)
        w.ctl("code", "import", w.file("r.csv", "code,parent,sku,from,to\n"
                                       f"(01){GTIN},{CARTON},P1,000001,100000\nBOX-,,P2,001,099\n"))
        rows = w.ctl("code", "list")
        equal(pick([r for r in rows if r["to"]], "code", "to", "units"),
              sorted([(unit("000001"), unit("100000"), 100000), ("BOX-001", "BOX-099", 99)]))
        equal(custody(w, unit("054321"))[:2], ("known", f"(00){CARTON}"))
        equal(custody(w, unit("100001"))[0], "unknown")
        equal(custody(w, unit("54321"))[0], "unknown", "another length is another serial")
        # some of them repacked: still ranges
        w.ctl("code", "import", w.file("r2.csv", f"code,parent,from,to\n(01){GTIN},{PALLET},000100,000199\n"))
        w.ctl("code", "import", w.file("r3.csv", f"code,parent\n{unit('000150')},CRATE\n"))
        equal([custody(w, unit(s))[1] for s in ("000099", "000100", "000150", "000199", "000200")],
              [f"(00){CARTON}", f"(00){PALLET}", "CRATE", f"(00){PALLET}", f"(00){CARTON}"])
        before = w.content()
        w.ctl("code", "import", w.file("r3.csv", f"code,parent\n{unit('000150')},CRATE\n"))
        equal(w.content(), before)
        bad = w.ctl("code", "import", w.file("r4.csv", f"code,from,to\n(01){GTIN},1,10\n(01){GTIN},9,1\n"), check=1)
        equal(bad["refused"], 2)


def scans_say_who_where_and_when():
    scans = ("time,code,kind,region,lat,lon,place,by,sku,price\n"
             f"2026-06-10 10:00:00,{unit('S1')},consumer,杭州市,,,,13800138000,,\n"
             f"2026-06-10T10:05:00+08:00,https://id.gs1.org/01/{GTIN}/21/S1,inspector,,31.23,121.47,永辉超市,王五,,99.5\n"
             "20260611093000,,online,310000,,,某平台/某店,,P1,88\n"
             f"2026-06-11 09:31,(01){GTIN}(10)L7,terminal,上海市,,,,,,\n")
    with World() as w:
        books.load(w)
        d1 = w.enrol("D1")
        got = w.ctl("scan", "import", w.file("s.csv", scans))
        equal((got["new"], got["refused"]), (4, 0), got)
        before = w.content()
        equal(w.ctl("scan", "import", w.file("s.csv", scans))["repeated"], 4, "twice is once")
        equal(w.content(), before)
        rows = w.ctl("scan", "list", "--from", "2026-06-01")
        equal(pick(rows, "kind", "region", "region_source", "price"),
              sorted([("consumer", "330100", "stated", None), ("inspector", "310106", "coordinates", "99.50"),
                      ("online", "310000", "stated", "88.00"), ("terminal", "310000", "stated", None)], key=repr))
        equal([r["time"] for r in rows if r["kind"] == "online"], ["2026-06-11T09:30:00+08:00"])
        equal([t[0] for t in steps(w, unit("S1"), "event")], ["scanned", "scanned"])
        # who scanned is kept sealed, and can be forgotten
        who = next(r["by"] for r in rows if r["kind"] == "consumer")
        equal(w.ctl("person", "show", who)["name"], "13800138000")
        equal(b"13800138000" in w.offline("journal", "export").stdout.encode(), False, "not in the journal")
        w.ctl_raw("person", "erase", who)
        w.ctl_raw("person", "show", who, check=66)
        w.ctl("scan", "import", w.file("s2.csv", "time,code,kind,region,by\n2026-06-12 08:00,X1,consumer,杭州市,13800138000\n"))
        again = [r["by"] for r in w.ctl("scan", "list", "--code", "X1")]
        equal(again != [who], True, "a forgotten person comes back as another")
        # an agent pushes the same columns; the centre knows whose they are
        mine = w.push(d1, "mine.csv", "time,code,kind,region,place\n" + "".join(
            f"2026-06-13 08:{i % 60:02},X{i},dealer,,文三路店\n" for i in range(90)) + "2026-06-13 08:00,X1,nobody,,\n", check=1)
        equal((mine["committed"], mine["refused"], mine["problems"][0]["row"]), (90, 1, 92), mine)
        equal(w.push(d1, "mine.csv", "time,code,kind,region,place\n2026-06-13 08:01,X1,dealer,,文三路店\n")["duplicate"], 1)
        equal(pick(w.ctl("scan", "list", "--code", "X1", "--kind", "dealer"), "partner", "region", "region_source", "sender"),
              [("T1", "330106", "place", "D1")])
        bad = w.ctl("scan", "import", w.file("s3.csv", "time,code,kind,region,lat,lon\nyesterday,X,consumer,,,\n"
                                             "2026-06-10,X,clerk,,,\n2026-06-10,,consumer,,,\n2026-06-10,X,dealer,,91,1\n"
                                             "2036-06-10,X,dealer,,,\n2026-06-10 08:00,X,dealer,火星,,\n"), check=1)
        equal(([(p["row"], p["column"]) for p in bad["problems"]], bad["new"]),
              ([(2, "time"), (3, "kind"), (4, "code"), (5, "lat"), (6, "time"), (7, "region")], 1))
        w.verify()



GLN = {"M": "urn:epc:id:pgln:6901234.00000", "D1": "urn:epc:id:pgln:6901234.00001", "D2": "urn:epc:id:pgln:6901234.00002"}
ALIAS = "owner,kind,alias,id,unit,factor,from,to\n" + "".join(
    f"*,partner,{gln},{who},,,,\n" for who, gln in (("M", "6901234000009"), ("D1", "6901234000016"), ("D2", "6901234000023")))


def event(kind, time, action, step="", codes=(), parent=None, at=None, to=None, by=None, **more):
    e = {"type": kind, "eventTime": time, "eventTimeZoneOffset": "+08:00", "action": action, "bizStep": step}
    e["childEPCs" if kind == "AggregationEvent" else "epcList"] = list(codes)
    if parent:
        e["parentID"] = parent
    if at:
        e["bizLocation"] = {"id": GLN[at].replace("pgln", "sgln") + ".0"}
    if to:
        e["sourceList"] = [{"type": "owning_party", "source": GLN[by]}]
        e["destinationList"] = [{"type": "owning_party", "destination": GLN[to]}]
    return {**e, **more}


def document(*events):
    return json.dumps({"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
                       "type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": events}})


def as_xml(e):
    """The same event as EPCIS 1.2 markup, words and codes spelt otherwise."""
    def epc(c):
        return f"https://id.gs1.org/01/{GTIN}/21/{c.rsplit('.', 1)[1]}" if "sgtin" in c else c
    body = [f"<eventTime>{e['eventTime']}</eventTime><eventTimeZoneOffset>{e['eventTimeZoneOffset']}</eventTimeZoneOffset>"]
    if "errorDeclaration" in e:
        body.append("<baseExtension><errorDeclaration><declarationTime>2026-03-09T00:00:00Z</declarationTime>"
                    "</errorDeclaration></baseExtension>")
    if "parentID" in e:
        body.append(f"<parentID>{e['parentID']}</parentID>")
    lists = "childEPCs" if e["type"] == "AggregationEvent" else "epcList"
    body.append(f"<{lists}>" + "".join(f"<epc>{epc(c)}</epc>" for c in reversed(e[lists])) + f"</{lists}>")
    body.append(f"<action>{e['action']}</action><bizStep>urn:epcglobal:cbv:bizstep:{e['bizStep']}</bizStep>")
    if "bizLocation" in e:
        body.append(f"<bizLocation><id>{e['bizLocation']['id']}</id></bizLocation>")
    if "sourceList" in e:
        s, d = e["sourceList"][0], e["destinationList"][0]
        body.append(f"<extension><sourceList><source type='urn:epcglobal:cbv:sdt:{s['type']}'>{s['source']}</source></sourceList>"
                    f"<destinationList><destination type='urn:epcglobal:cbv:sdt:{d['type']}'>{d['destination']}</destination>"
                    "</destinationList></extension>")
    return (f"<?xml version='1.0'?><epcis:EPCISDocument xmlns:epcis='urn:epcglobal:epcis:xsd:1' schemaVersion='1.2'><EPCISBody>"
            f"<EventList><{e['type']}>{''.join(body)}</{e['type']}></EventList></EPCISBody></epcis:EPCISDocument>")


def epc(serial):
    return f"urn:epc:id:sgtin:6901234.056789.{serial}"


SSCC = "urn:epc:id:sscc:0614141.1234567890"
E = [f"E{i}" for i in range(4)]
STORY = [
    event("ObjectEvent", "2026-03-01T08:00:00+08:00", "ADD", "commissioning", [epc(x) for x in E]),
    event("AggregationEvent", "2026-03-01T09:00:00+08:00", "ADD", "packing", [epc(x) for x in E], SSCC),
    event("ObjectEvent", "2026-03-02T10:00:00+08:00", "OBSERVE", "shipping", [SSCC], by="M", to="D1"),
    event("ObjectEvent", "2026-03-03T10:00:00+08:00", "OBSERVE", "receiving", [SSCC], at="D1", by="M", to="D1"),
    event("AggregationEvent", "2026-03-04T08:00:00+08:00", "DELETE", "unpacking", [epc("E1")], SSCC),
    event("ObjectEvent", "2026-03-05T09:00:00+08:00", "OBSERVE", "shipping", [SSCC], by="D1", to="D2"),
    event("ObjectEvent", "2026-03-06T09:00:00+08:00", "OBSERVE", "retail_selling", [epc("E1")], at="D1"),
    event("ObjectEvent", "2026-03-07T09:00:00+08:00", "OBSERVE", "inspecting", [epc("E2")], at="D2"),
]
WRONG = event("ObjectEvent", "2026-03-08T09:00:00+08:00", "OBSERVE", "shipping", [epc("E3")], by="D2", to="D1")
DECLARED = {**WRONG, "errorDeclaration": {"declarationTime": "2026-03-09T00:00:00Z", "reason": "incorrect_data"}}


def events_of_every_kind_in_any_order_and_spelling():
    contents = []
    for order in (1, -1):
        with World() as w:
            books.load(w)
            if order > 0:  # which aliases came first does not matter either
                w.import_csv("alias", ALIAS)
            files = [w.file(f"e{i}.{'json' if (i + order) % 2 else 'xml'}", document(e) if (i + order) % 2 else as_xml(e))
                     for i, e in enumerate([*STORY, WRONG, DECLARED])]
            files = files[::order]
            w.ctl("code", "import", *files)
            if order < 0:
                w.import_csv("alias", ALIAS)
            equal([custody(w, epc(x))[1:3] for x in E],
                  [(f"(00){CARTON}", "D2"), (None, "D1"), (f"(00){CARTON}", "D2"), (f"(00){CARTON}", "D2")], f"order {order}")
            equal(steps(w, epc("E1"), "event", "code", "partner", "detail"),
                  [("observed", unit("E1"), None, "commissioning"), ("packed", unit("E1"), None, "packing"),
                   ("shipped", f"(00){CARTON}", "D1", "shipping"), ("received", f"(00){CARTON}", "D1", "receiving"),
                   ("unpacked", unit("E1"), None, "unpacking"), ("sold", unit("E1"), "D1", "retail_selling")])
            # the same events again, spelt the other way, in one file: nothing new
            before = w.content()
            again = w.ctl("code", "import", w.file("all.json", document(*STORY, DECLARED, WRONG)))
            equal((again["events"], again["repeated"]), (0, len(STORY) + 2), again)
            equal(w.content(), before, "doubled feeds leave content digests unchanged")
            # from a partner's feed too: one event, two feeds
            w.ctl("code", "import", w.file("d1.json", document(*STORY)), "--partner", "D1")
            equal(len(steps(w, epc("E1"), "event")), 6)
            contents.append({k: v for k, v in w.content().items() if k in VIEWS})
    equal(contents[0] == contents[1], True, "content does not depend on the order of arrival")


def one_event_in_every_spelling_from_agents_too():
    plain = event("ObjectEvent", "2026-03-02T10:00:00+08:00", "OBSERVE", "shipping", [epc("Z1"), epc("Z2"), SSCC], by="M", to="D1")
    links = [f"https://q.example.cn/x/00/{CARTON}", f"https://id.gs1.org/01/{GTIN}/21/Z2", f"(01){GTIN}(21)Z1"]
    spelt = {
        "time zone": {**plain, "eventTime": "2026-03-02T02:00:00Z"},
        "milliseconds": {**plain, "eventTime": "2026-03-02T10:00:00.000+08:00"},
        "order of codes": {**plain, "epcList": [SSCC, epc("Z2"), epc("Z1")]},
        "order of keys": dict(reversed(list(plain.items()))),
        "digital link": {**plain, "epcList": links},
        "URN of the vocabulary": {**plain, "bizStep": "urn:epcglobal:cbv:bizstep:shipping"},
        "web address of the vocabulary": {**plain, "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"},
        "prefixed word": {**plain, "bizStep": "cbv:BizStep-shipping"},
        "id and record time": {**plain, "eventID": "urn:uuid:7", "recordTime": "2026-03-05T00:00:00Z"},
        "URN of a party's kind": {**plain, "sourceList": [{**plain["sourceList"][0], "type": "urn:epcglobal:cbv:sdt:owning_party"}]},
    }
    others = {
        "another moment": {**plain, "eventTime": "2026-03-02T10:00:01+08:00"},
        "another code": {**plain, "epcList": [epc("Z1"), epc("Z3"), SSCC]},
        "another step": {**plain, "bizStep": "receiving"},
    }
    with World() as w:
        books.load(w)
        w.import_csv("alias", ALIAS)
        home = w.enrol("D1")
        first = w.push(home, "plain.json", document(plain))
        equal((first["lines"], first["committed"]), (1, 1), first)
        before = w.content()
        equal(w.push(home, "plain.xml", as_xml(plain))["duplicate"], 1)
        for what, e in spelt.items():
            again = w.ctl("code", "import", w.file("again.json", document(e)), "--partner", "D1")
            equal((again["events"], again["repeated"]), (0, 1), what)
        equal(w.content(), before)
        for what, e in others.items():
            equal(w.ctl("code", "import", w.file("other.json", document(e)), "--partner", "D1")["events"], 1, what)
        # longer than a question, with an event that cannot be read; sales lines beside it are another errand
        many = [event("ObjectEvent", f"2026-03-03T10:{i:02}:00+08:00", "OBSERVE", "inspecting", [epc(f"M{i}")], at="D1") for i in range(40)]
        bad = w.push(home, "many.json", document(*many, {**plain, "eventTime": "soon"}), check=1)
        equal((bad["committed"], bad["refused"], bad["problems"][0]["row"], bad["problems"][0]["column"]), (40, 1, 41, "eventTime"))
        sales = w.file("out/s.csv", SALE + "sale,S1,2026-03-02,P1,1,x,,,\n")
        equal("no file was taken" in w.agent(home, "push", sales, w.dir / "out" / "many.json", check=64).stderr, True)
        w.ctl_raw("code", "push", w.file("l.csv", "code\nX\n"), "--digest", "0" * 64, "--size", "7", "--at", "0", check=65)
        # the inbox sends them as it sends sales files
        w.run_agent(home)
        inbox, reports = home / "inbox", home / "reports"
        w.until(inbox.is_dir, "the inbox is made")
        for name, text in (("scans.csv", "time,code,kind,region\n2026-03-09 08:00,(01)%s(21)Z1,dealer,330100\n2026-03-09,Z,nobody,\n" % GTIN),
                           ("events.xml", as_xml(many[0])), ("sales.csv", SALE + "sale,S1,2026-03-02,P1,1,x,,,\n"),
                           ("broken.json", document(plain)[:-9])):
            (inbox / f".{name}").write_text(text)
            (inbox / f".{name}").rename(inbox / name)
        w.until(lambda: [f.name for f in inbox.iterdir()] == ["broken.json"], "all but the broken one left the inbox", 25)
        equal("2 sightings: 1 new, 0 known already, 1 refused" in (reports / "scans.csv.txt").read_text(), True)
        equal("1 events: 0 new, 1 known already" in (reports / "events.xml.txt").read_text(), True)
        w.until((reports / "broken.json.txt").exists, "a report on the broken one", 10)
        equal(sorted(f.name for f in (home / "archive").rglob("*.*") if f.is_file()), ["events.xml", "sales.csv", "scans.csv"])
        equal(pick(w.ctl("scan", "list", "--kind", "dealer", "--from", "2026-03-01"), "sender"), [("D1",)])
        # a range of cartons is no row of a list: one clear line says so, the rest is taken
        r = w.ctl("code", "import", w.file("r.csv", "code,from,to,sku\n" + "".join(
            f"{c},1234567890,1234567899,P1\n" for c in ("(00)10614141", CARTON, SSCC, "urn:epc:id:sscc:0614141.1", "BOX-"))), check=1)
        equal((r["new"], [(p["row"], p["column"], p["wanted"]) for p in r["problems"]]),
              (1, [(n, "code", "a GTIN or the beginning of own codes: ranges are of serials") for n in range(2, 6)]))


def what_no_event_can_be():
    with World() as w:
        books.load(w)
        dtd = "<!DOCTYPE e [<!ENTITY a 'b'>]><e:EPCISDocument xmlns:e='urn:epcglobal:epcis:xsd:1'/>"
        equal("document type" in w.ctl_raw("code", "import", w.file("d.xml", dtd), check=65).stderr, True)
        w.ctl_raw("code", "import", w.file("d.json", "{\"epcisBody\":"), check=65)
        bad = w.ctl("code", "import", w.file("e.json", document({**STORY[0], "eventTime": "soon"}, {**STORY[0], "action": "X"},
                                                                {**STORY[0], "epcList": ["urn:epc:id:sgtin:1.2.3"]}, STORY[0])), check=1)
        equal((bad["events"], [(p["row"], p["column"]) for p in bad["problems"]]),
              (1, [(1, "eventTime"), (2, "action"), (3, "epcList")]))
        # destroyed goods are void; a lot points at every partner that was shipped it
        w.import_csv("alias", ALIAS)
        lot = event("ObjectEvent", "2026-03-02T10:00:00+08:00", "OBSERVE", "shipping", [], by="M", to="D2",
                    quantityList=[{"epcClass": "urn:epc:class:lgtin:6901234.056789.L7", "quantity": 48}])
        w.ctl("code", "import", w.file("f.json", document(
            event("ObjectEvent", "2026-03-10T08:00:00+08:00", "DELETE", "destroying", [epc("E0")]), lot)))
        equal(w.ctl("code", "show", epc("E0"))["state"], "void")
        m = w.enrol("M")
        w.push(m, "s.csv", "type,number,date,sku,quantity,counterparty,batch\nshipment,S1,2026-03-02,P1,24,D1,L7\n")
        equal([s[:4] for s in sorted(steps(w, f"(01){GTIN}(10)L7", "partner", "event", "date", "region", "document"))],
              [("D1", "lot_shipped", "2026-03-02", "330100"), ("D2", "lot_shipped", "2026-03-02", "320100")])
        equal([s[0] for s in sorted(steps(w, f"(01){GTIN}(10)L7", "document"))][0], "S1")


def what_codes_and_events_tell():
    """Codes that are unknown, void, locked or in two places, and what others' events say of them, are signals; the accused reads
    where and when, never in whose shop or books."""
    with World(clock="2026-06-01T09:00:00+08:00") as w:
        books.load(w)
        w.import_csv("alias", ALIAS)
        w.import_csv("territory", "partner,region,products,from,to\nD1,330000,,2026-01-01,\nD2,320000,,2026-01-01,\n")
        m, d1 = w.enrol("M"), w.enrol("D1")
        w.ctl("code", "import", w.file("c.csv", f"code,parent,sku,from,to\n(01){GTIN},{CARTON},P1,01,24\n"))
        w.push(m, "s.csv", SHIP + f"shipment,S1,2026-05-01,P1,1,箱,D1,{CARTON}\n")
        w.ctl_raw("code", "void", unit("05"))
        w.ctl_raw("code", "lock", unit("06"))
        w.ctl_raw("clock", "set", "2026-06-02T09:00:00+08:00")
        w.ctl("scan", "import", w.file("s.csv", "time,code,kind,region,place\n" + "".join(
            f"2026-06-{t}:00,{unit(c)},{kind},{region},{place}\n" for t, c, kind, region, place in (
                ("01 12", "99", "consumer", "320100", ""), ("01 12", "05", "terminal", "330100", "店"), ("01 12", "06", "dealer", "330100", ""),
                ("01 12", "04", "consumer", "330100", ""), ("01 13", "04", "consumer", "650100", ""),
                ("01 14", "03", "consumer", "330100", ""), ("01 16", "03", "consumer", "650100", "")))
            + f"2026-06-01 15:00,{CARTON},inspector,320100,鼓楼市场\n"))
        def at_d2(hour, step, *serials):
            return event("ObjectEvent", f"2026-06-01T{hour}:00:00+08:00", "OBSERVE", step, [epc(s) for s in serials], at="D2")
        w.ctl("code", "import", w.file("e.json", document(
            at_d2(17, "inspecting", "07"), at_d2(18, "retail_selling", "08", "09"), at_d2(19, "receiving", "10"),
            at_d2(20, "storing", "11"), {**at_d2(21, "inspecting", "12"), "errorDeclaration": {"declarationTime": "2026-06-02T00:00:00Z"}})))
        equal(steps(w, unit("08"), "event", "code", "partner", "region")[1:],
              [("shipped", f"(00){CARTON}", "D1", "330100"), ("scanned", f"(00){CARTON}", None, "320100"), ("sold", unit("08"), "D2", "320100")])
        w.ctl("signal", "run")
        equal(w.ctl("signal", "run")["entries"], 0)
        found = w.ctl("signal", "list")
        equal(pick(found, "kind", "partner", "destination"),
              sorted([("unknown_code", None, "320000"), ("void_code", None, "330000"), ("locked_code", None, "330000"),
                      ("clone", None, "650000"), ("clone", None, "650000"), ("code_inspected", "D1", "320000"), ("code_inspected", "D1", "320000"),
                      ("other_seller", "D1", "320000"), ("other_seller", "D1", "320000"), ("other_seller", "D1", "320000")], key=repr))
        case = w.ctl("case", "list")[0]
        told = json.dumps(case, ensure_ascii=False)
        equal(("in the books of D2" in told, "at 鼓楼市场" in told), (True, True))
        w.ctl_raw("case", "notify", case["id"])
        page = w.agent(d1, "case", "show", case["id"], "-o", "json").stdout + w.agent(d1, "case", "list").stdout
        equal((unit("08") in page, "D2" in page, "鼓楼" in page, "undisclosed" in page), (True, False, False, False), page)
        w.verify()


if __name__ == "__main__":
    main([one_key_whatever_the_spelling, a_document_that_names_a_carton_moves_all_in_it, ranges_of_serials_are_one_row,
          scans_say_who_where_and_when, events_of_every_kind_in_any_order_and_spelling,
          one_event_in_every_spelling_from_agents_too, what_no_event_can_be, what_codes_and_events_tell])
