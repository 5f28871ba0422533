#!/usr/bin/env python3
"""Any order of arrival gives the same books: the same files in many orders, each doubled, a tenth superseded, the
catalogue before or after. CHANNELD_SHUFFLES sets how many orders (the issue's figure is 20)."""
import os
import random

import books
from world import World, equal, main

ORDERS = int(os.environ.get("CHANNELD_SHUFFLES", "4"))
FILES = int(os.environ.get("CHANNELD_SHUFFLE_FILES", "200"))
HEADER = "type,number,version,date,sku,quantity,unit,amount,customer,ship_to,counterparty\n"


def one_file(rng, n, partner):
    """The rows of file n of a partner: one document of some lines."""
    kind = rng.choice(["sale", "sale", "sale", "receipt", "return", "stock", "transfer"])
    day = f"2026-0{rng.randint(1, 6)}-{rng.randint(1, 28):02d}"
    rows = []
    for _ in range(rng.randint(1, 6)):
        sku = rng.choice(["P1", "P2", "P3", "QQ-550" if partner == "D1" else "P1"])
        unit = rng.choice(["", "箱", "瓶"]) if sku != "QQ-550" else ""
        other = "S1" if kind == "transfer" else ""
        where = rng.choice(["330106", "江苏省南京市", "", "上海市浦东新区"]) if kind == "sale" else ""
        rows.append(f"{kind},N{n},{{version}},{day},{sku},{rng.randint(1, 50)},{unit},{rng.randint(1, 99999) / 100:.2f},"
                    f"{rng.choice(['门店甲', '门店乙', '余杭老王']) if kind == 'sale' else ''},{where},{other}\n")
    return rows


def world_of_files(seed):
    """[(partner, name, text, after)]: `after` names the file that must have come before."""
    rng = random.Random(seed)
    files = []
    for n in range(FILES):
        partner = rng.choice(["D1", "D2"])
        rows = one_file(rng, n, partner)
        files.append((partner, f"f{n}.csv", HEADER + "".join(rows).format_map({"version": ""}), None))
        if n % 10 == 0:
            version = "2" if n % 20 == 0 else ""
            files.append((partner, f"f{n}-fix.csv", HEADER + "".join([*rows, rows[0]]).format_map({"version": version}),
                          None if version else f"f{n}.csv"))
    return files


def an_order(files, seed):
    """Every file twice, shuffled, corrections without version after both copies of what they correct."""
    rng = random.Random(seed)
    doubled = [(f, k) for f in files for k in (1, 2)]
    rng.shuffle(doubled)
    late = [x for x in doubled if x[0][3]]
    out = [x for x in doubled if not x[0][3]]
    for x in late:
        last = max(i for i, y in enumerate(out) if y[0][1] == x[0][3])
        out.insert(rng.randint(last + 1, len(out)), x)
    return out


def every_order_gives_the_same_books():
    files = world_of_files(7)
    wanted = None
    for order in range(ORDERS):
        with World() as w:
            w.import_csv("partner", books.PARTNERS)
            before = order % 2 == 0
            if before:
                books.load(w)
            homes = {p: w.enrol(p) for p in ("D1", "D2")}
            batch = {"D1": [], "D2": []}
            for n, ((partner, name, text, _), copy) in enumerate(an_order(files, order)):
                batch[partner].append(w.file(f"out/{n}-{copy}-{name}", text))
            # the partners' files interleave as their agents send them; each partner's own order stands
            for partner in random.Random(order).sample(["D1", "D2"], 2):
                w.agent(homes[partner], "push", *batch[partner], "-o", "json", check=None, timeout=300)
            if not before:
                books.load(w)
            w.until(lambda: w.ctl("quarantine", "list") == [], "what waited posts itself", 60)
            content = w.content()
            wanted = wanted or content
            for view in content:
                equal(content[view], wanted[view], f"order {order}, view {view}")
    print(f"     {len(files)} files, doubled, in {ORDERS} orders")


main([every_order_gives_the_same_books])
