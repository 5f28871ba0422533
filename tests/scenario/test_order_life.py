#!/usr/bin/env python3
"""An order outside the plan: to the ERP by a hook and by files, shipped by a shipment document with cartons, received by scans,
by the partner's own receipt, damaged with a photo; another product instead; straight to a shop."""
import json

import books
from hook_receivers import Receiver
from world import World, equal, main, pick

CARTONS = [f"{n:017d}" for n in (10614141000000101, 10614141000000102, 10614141000000103, 10614141000000104)]
NOW = "2026-06-12T08:00:00+08:00"


def sscc(digits):
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(digits))
    return f"(00){digits}{-total % 10}"


def lines(w, number, agent=None):
    shown = w.ctl("order", "show", number) if agent is None else json.loads(
        w.agent(agent, "order", "show", number, "-o", "json").stdout)
    return {p["sku"]: p for p in shown["products"]}


def state(w, number):
    return w.ctl("order", "show", number)["state"]


def shipped(*rows):
    return "type,number,date,counterparty,sku,quantity,reference,batch,codes\n" + "\n".join(rows) + "\n"


def to_the_erp_by_hook_and_file(w, receiver):
    """An approved order goes out with its lines; what the ERP answers comes in by number or by file, any number of times."""
    w.ctl("hook", "add", receiver.url("erp"), "--events", "order.*", "--name", "erp")
    for lot, source, reference in (("P1=240;P2=24", "phone", "PO-1"), ("P1=48", "wechat", "PO-7"), ("P3=30", "phone", "PO-7")):
        said = w.ctl_raw("order", "add", "D1", "--lines", lot, "--source", source, "--reference", reference).stdout
        equal("approved" in said, True, said)
    w.ctl_raw("order", "add", "D1", "--lines", "P1=24", "--source", "phone", "--deliver-to", "D2", check=73)  # not its own
    w.until(lambda: len(receiver.of("erp")) >= 6, "confirmed and approved, three times", 20)
    said = [json.loads(body) for _, body in receiver.of("erp")]
    [first] = [m["data"] for m in said if m["type"] == "order.approved" and m["data"]["order"] == "1"]
    equal((first["partner"], first["source"], first["reference"]), ("D1", "phone", "PO-1"))
    equal(pick(first["lines"], "sku", "quantity", "price"), [("P1", "240", "2.00"), ("P2", "24", "8.00")])
    equal(len({m["id"] for m in said}), len(said), "each message has an id of its own")

    w.ctl_raw("order", "acknowledge", "1", "--number", "SO-1")
    equal("nothing changed" in w.ctl_raw("order", "acknowledge", "1", "--number", "SO-1").stdout, True)
    w.ctl_raw("order", "acknowledge", "1", "--number", "SO-2", check=73)
    equal(sorted({r["order"] for r in w.ctl("order", "export")}), ["2", "3"], "the first went by the hook")
    answers = w.file("answers.csv", "order,number,reason\n2,SO-2,\n3,,停产\n99,SO-9,\n")
    for changed in (2, 0):
        got = w.ctl("order", "answers", answers, check=1)
        equal((got["changed"], got["unchanged"], len(got["problems"])), (changed, 2 - changed, 1), str(got))
        equal((got["problems"][0]["row"], got["problems"][0]["column"]), (4, "order"))
    equal([state(w, n) for n in "123"], ["acknowledged", "acknowledged", "cancelled"])
    equal(w.ctl("order", "show", "3")["reason"], "停产")


def by_shipment_document(w):
    """The shipment document posts goods and moves cartons, once; the order takes from it what left."""
    pallet = sscc("10614141000000999")
    w.ctl("code", "import", w.file("codes.csv", "code,parent\n" + "".join(f"{sscc(c)},{pallet}\n" for c in CARTONS)))
    w.ctl("document", "import", w.file("asn.csv", shipped(
        f"shipment,DN-1,2026-06-12,D1,P1,96,SO-1,B7,{pallet}", "shipment,DN-1,2026-06-12,D1,P3,5,O1,,")))
    said = w.ctl_raw("order", "ship", "1", "--document", "DN-1").stdout
    equal("P3: 5 of it are not in the order" in said, True, said)
    equal("nothing changed" in w.ctl_raw("order", "ship", "1", "--document", "DN-1").stdout, True)
    w.ctl_raw("order", "ship", "1", "--document", "DN-9", check=66)
    row = lines(w, "1")["P1"]
    equal((row["shipped"], row["back_order"]), ("96", "144"))
    equal(w.ctl("code", "show", sscc(CARTONS[0]))["holder"], "D1", "what lies on the pallet is the partner's")
    posted = {f["product"]: f["quantity"] for f in w.ctl("flow", "list", "--partner", "D1", "--kind", "sell_in", "--by", "product")}
    equal(posted, {"P1": "96", "P3": "5"}, "posted once, by the document")


def by_carton(w, d1):
    """Scanned cartons are what came; a carton comes once, and one of another order not at all."""
    w.agent(d1, "order", "receive", "1", "--codes", sscc("10614141000000888"), check=73)
    w.agent(d1, "order", "receive", "1", "--codes", f"{sscc(CARTONS[0])};{sscc(CARTONS[0])}")
    equal(lines(w, "1")["P1"]["received"], "24")
    scans = w.file("scans.txt", "".join(sscc(c) + "\n" for c in CARTONS[:2]) + sscc("10614141000000888") + "\n")
    photo = w.file("photo.jpg", "a photo")
    said = w.agent(d1, "order", "receive", "1", photo, "--cartons", scans, "--damaged", "P1=2").stdout
    equal("1 scanned before" in said and "is of no shipment" in said, True, said)
    shown = w.ctl("order", "show", "1")
    [row] = [p for p in shown["products"] if p["sku"] == "P1"]
    equal((row["received"], row["damaged"], shown["state"]), ("48", "2", "shipped"))
    equal(lines(w, "1", d1)["P1"]["damaged"], "2", "both sides see it")
    [digest] = shown["steps"][-1]["photos"]
    equal((w.ctl("paper", "show", digest)["name"], w.ctl("paper", "show", digest)["partner"]), ("photo.jpg", "D1"))
    w.agent(d1, "order", "receive", "1", "--codes", sscc("10614141000000999"))  # the rest of the pallet
    equal((lines(w, "1")["P1"]["received"], state(w, "1")), ("96", "received"))


def by_receipt(w, d1):
    """The partner's own receipt names the shipment; the order takes from it what came, damage too."""
    w.ctl("document", "import", w.file("asn2.csv", shipped("shipment,DN-2,2026-06-13,D1,P1,144,O1,,",
                                                           "shipment,DN-2,2026-06-13,D1,P2,24,PO-1,,")))
    w.ctl("document", "import", w.file("asn7.csv", shipped("shipment,DN-7,2026-06-13,D1,P1,48,PO-7,,")))
    equal(pick(w.ctl("order", "match"), "order", "number"), [("1", "DN-2")], "PO-7 is the number of two orders")
    w.push(d1, "receipt.csv", "type,number,date,sku,quantity,reference,reason\nreceipt,RC-1,2026-06-13,P1,140,DN-2,\n"
                              "receipt,RC-1,2026-06-13,P1,4,DN-2,破损\nreceipt,RC-1,2026-06-13,P2,23,DN-2,\n")
    said = w.agent(d1, "order", "receive", "1", "--document", "RC-1").stdout
    row = lines(w, "1")
    equal((row["P1"]["received"], row["P1"]["damaged"], row["P2"]["received"], state(w, "1")), ("240", "6", "23", "shipped"), said)
    equal(w.ctl("order", "match"), [], "all is booked")
    w.ctl_raw("order", "close", "1", "--reason", "one lost on the way")
    equal(w.ctl("order", "show", "1")["state"], "closed")


def another_product(w, d1):
    """Only where the table lets it, offered to the partner, in the order with its word; checked as an approval is."""
    w.ctl_raw("order", "substitute", "2", "--sku", "P1", "--by", "P3", check=73)
    w.ctl_raw("substitute", "set", "P1", "P3", "", "agreed=N")
    w.ctl_raw("order", "substitute", "2", "--sku", "P1", "--by", "P3", "--quantity", "49", check=73)
    w.ctl_raw("order", "substitute", "2", "--sku", "P1", "--by", "P3", "--quantity", "20")
    row = lines(w, "2", d1)["P3"]
    equal((row["quantity"], row["instead_of"], row["offered"], row["price"]), ("0", "P1", "20", "4.00"))
    w.agent(d1, "order", "refuse", "2", "--sku", "P3", "--reason", "not that")
    equal((lines(w, "2")["P3"]["offered"], lines(w, "2")["P1"]["quantity"]), (None, "48"))
    w.ctl_raw("order", "substitute", "2", "--sku", "P1", "--by", "P3", "--quantity", "20")
    free = float(w.ctl("order", "show", "2")["credit_free"])
    w.agent(d1, "order", "confirm", "2", "--sku", "P3")
    row = lines(w, "2")
    equal((row["P1"]["quantity"], row["P3"]["quantity"]), ("28", "20"))
    equal(free - float(w.ctl("order", "show", "2")["credit_free"]), 40.0, "20 × 4.00 instead of 20 × 2.00")
    w.ctl_raw("supply", "import", w.file("less.csv", f"sku,quantity,as_of\nP3,21,{NOW}\n"))
    w.ctl_raw("order", "substitute", "2", "--sku", "P1", "--by", "P3", "--quantity", "2")
    w.agent(d1, "order", "confirm", "2", check=73)  # 1 is free of it
    equal(float(w.ctl("order", "show", "2")["credit_free"]), free - 40.0, "refused, it holds what it held")
    w.ctl_raw("substitute", "set", "P1", "P2", "D1", "agreed=Y")
    said = w.ctl_raw("order", "substitute", "2", "--sku", "P1", "--by", "P2", "--quantity", "8").stdout
    equal("agreed beforehand" in said, True, said)
    w.ctl_raw("order", "ship", "2")
    w.agent(d1, "order", "receive", "2")
    equal({k: v["received"] for k, v in lines(w, "2").items()}, {"P1": "20", "P2": "8", "P3": "20"})


def straight_to_a_shop(w, d1):
    """The shipment stands at the shop, and the order at the partner."""
    number = w.ctl_raw("order", "add", "D1", "--lines", "P1=12", "--source", "phone", "--deliver-to", "T1").stdout.split()[1][:-1]
    w.ctl("document", "import", w.file("asn3.csv", shipped(f"shipment,DN-3,2026-06-13,T1,P1,12,O{number},,")))
    equal(pick(w.ctl("order", "match"), "order", "act", "number", "state"), [(number, "ship", "DN-3", "shipped")])
    equal(pick(w.ctl("flow", "list", "--partner", "T1", "--kind", "sell_in", "--by", "product"), "product", "quantity"), [("P1", "12")])
    w.agent(d1, "order", "receive", number, "--damaged", "P1=1")
    equal((lines(w, number)["P1"]["damaged"], state(w, number)), ("1", "received"))


def short_and_back(w, d1):
    """Who gets nothing of short goods is told so; what a trial left over may go back."""
    w.ctl_raw("supply", "import", w.file("none.csv", "sku,quantity,as_of\nP1,0,2026-06-12T09:00:00+08:00\n"))
    number = w.ctl_raw("order", "add", "D1", "--lines", "P1=5", "--source", "phone").stdout.split()[1][:-1]
    equal(pick(w.ctl("order", "share", "P1", "--rule", "priority", "--apply"), "order", "share"), [(number, "0")])
    shown = json.loads(w.agent(d1, "order", "show", number, "-o", "json").stdout)
    equal((shown["state"], "P1 is short: 0 of 5" in shown["reason"]), ("confirmed", True), shown["reason"])
    w.ctl_raw("trial", "set", "D1", "P3", "2026-06-01", "quantity=48")
    rows = json.loads(w.agent(d1, "ask", "trial", "returns", "-o", "json").stdout)
    equal(pick(rows, "sku", "shipped", "sold", "returnable"), [("P3", "5", "0", "5")])


def checked_before_it_holds(w):
    """Quota and overdue debts keep an order waiting; with them out of the way it goes on, and the quota is used up."""
    w.ctl_raw("supply", "import", w.file("some.csv", f"sku,quantity,as_of\nP2,9000,{NOW}\nP3,9000,{NOW}\n"))
    w.ctl_raw("quota", "set", "D2", "P3", "2026-06-01", "to=2026-06-30", "quantity=10")
    w.ctl_raw("credit", "import", w.file("owes.csv", f"partner,limit,balance,overdue,as_of\nD2,5000.00,10,0.01,{NOW}\n"))
    said = w.ctl_raw("order", "add", "D2", "--lines", "P3=11", "--source", "phone").stdout
    number = said.split()[1][:-1]
    equal("waits" in said and "quota of 10" in said, True, said)
    w.ctl_raw("order", "change", number, "--lines", "P3=10")
    equal("overdue" in w.ctl_raw("order", "approve", number, check=73).stderr, True)
    w.ctl_raw("credit", "import", w.file("paid.csv", f"partner,limit,balance,overdue,as_of\nD2,5000.00,10,0,{NOW}\n"))
    w.ctl_raw("order", "approve", number)
    said = w.ctl_raw("order", "add", "D2", "--lines", "P3=1", "--source", "phone").stdout
    equal("10 of a quota of 10" in said, True, said)


def some_of_a_suggestion(w, d1, receiver):
    """Products taken out of a suggestion become an order of their own; the others stand until they are refused."""
    rows = "".join(f"sale,{sku}{d},2026-06-{d:02d},{sku},{n * d}\n" for sku, n in (("P2", 20), ("P3", 30)) for d in range(1, 12))
    w.push(d1, "sales.csv", "type,number,date,sku,quantity\n" + rows)
    w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", "name: stock\npack: 12\nservice: {cycle: 0.95}\n"))
    w.ctl_raw("replenish", "plan")
    [number] = [o["order"] for o in w.ctl("order", "list", "--state", "suggested")]
    equal(sorted(lines(w, number)), ["P2", "P3"])
    own = w.agent(d1, "order", "confirm", number, "--sku", "P2").stdout.split()[1][:-1]
    equal((own != number, sorted(lines(w, own)), sorted(lines(w, number)), state(w, number)), (True, ["P2"], ["P3"], "suggested"))
    w.agent(d1, "order", "refuse", number, "--sku", "P3", "--reason", "enough of it")
    equal((state(w, number), w.ctl("replenish", "plan")["proposed"]), ("refused", 0), "silent")

    def told():
        got = [json.loads(body) for _, body in receiver.of("erp")]
        return {(m["type"], m["data"]["order"]) for m in got}
    wanted = {("order.suggested", number), ("order.confirmed", own), ("order.refused", number), ("order.acknowledged", "1"),
              ("order.shipped", "1"), ("order.received", "1"), ("order.closed", "1"), ("order.offered", "2"),
              ("order.answered", "2"), ("order.exported", "2"), ("order.cancelled", "3")}
    w.until(lambda: wanted <= told(), "every step is told", 20)


def an_order_by_documents_and_scans():
    with World(clock="2026-06-12T09:00:00+08:00", settings=("hooks.allow=127.0.0.2/32", "hooks.timeout=700ms")) as w:
        books.load(w)
        d1 = w.enrol("D1")
        w.ctl_raw("credit", "import", w.file("credit.csv", f"partner,limit,balance,as_of\nD1,5000.00,0,{NOW}\n"))
        receiver = Receiver()
        to_the_erp_by_hook_and_file(w, receiver)
        by_shipment_document(w)
        by_carton(w, d1)
        by_receipt(w, d1)
        another_product(w, d1)
        straight_to_a_shop(w, d1)
        short_and_back(w, d1)
        checked_before_it_holds(w)
        some_of_a_suggestion(w, d1, receiver)
        w.verify()


if __name__ == "__main__":
    main([an_order_by_documents_and_scans])
