#!/usr/bin/env python3
"""The world that the browser tests and the pictures of the README look at: a real daemon, agents of two distributors, half
a year of their sales, a policy with a closed quarter and its statements, suggestions to order, a case of diversion, words
that nobody knows yet, and one person of every role. Prints one line of JSON when it is ready (where, who, their
passwords) and goes on until its standard input ends."""
import datetime
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))
import books
from world import World

MORE = "".join(f"R{i},{name},retailer,{tier},{parent},{region}\n" for i, (name, tier, parent, region) in enumerate([
    ("滨江连锁超市", "A", "D1", "330108"), ("萧山便民店", "B", "D1", "330109"), ("鼓楼食品行", "B", "D2", "320106"),
    ("玄武大卖场", "A", "D2", "320102"), ("江宁社区店", "C", "D2", "320115")], 2))
TERRITORIES = "partner,region,products,from,to,channels,exclusive\nD1,330000,,2025-01-01,,,Y\nD2,320000,,2025-01-01,,,Y\n"
POLICY = """metadata: {name: core-2026}
spec:
  effective: {from: 2026-01-01, to: 2026-12-31}
  scope: {partners: {kinds: [distributor]}}
  basis: sell_out
  period: quarter
  stages:
    any: {mechanism: bands, bands: [{from: "0", rate: "1%"}, {from: "50000", rate: "2%"}, {from: "120000", rate: "3%"}]}
  payout: {expires_after_days: 365}
"""
STOCK = """name: stock
title: 常规补货
partners: tier:A
policy: order_up_to
review: 7
lead_time: {mean: 5, sd: 1}
service: {cycle: 0.95}
pack: 12
silence_days: 10
"""
SCHEDULE = """metadata: {name: diversion}
spec:
  effective: {from: 2026-01-01}
  clause: "7.2"
  offences:
    - {rate: "50%", lump: "100"}
  compensation: {share: "50%", of: penalty}
"""
PEOPLE = {  # name: role, scope
    "max": ("channel_manager", None), "amy": ("account_manager", "D1"), "anna": ("finance", None), "bob": ("finance", None),
    "ina": ("inspector", None), "ali": ("analyst", None), "aud": ("auditor", None),
    "boss": ("partner_owner", "D1"), "clerk": ("partner_clerk", "D1"), "rival": ("partner_owner", "D2"), "ada": ("admin", None),
}
HEAD = "type,number,date,sku,quantity,amount,customer,ship_to\n"
PRICE = {"P1": 200, "P2": 800, "P3": 400}


def sales(partner, home, away, rng, months):
    """Days of sales with weekends and growth; `away`: some of it goes where it may not."""
    day, text = datetime.date(2026, 1, 4), HEAD
    end = datetime.date(2026, months + 1, 1)
    n = 0
    while day < end:
        for sku in ("P1", "P2", "P3"):
            level = {"P1": 420, "P2": 60, "P3": 150}[sku] * (1.0 + (day.month - 1) * 0.06) * (1.4 if day.weekday() >= 5 else 1)
            quantity = max(1, int(rng.gauss(level, level * 0.15)))
            n += 1
            text += (f"sale,{partner}{n},{day},{sku},{quantity},{quantity * PRICE[sku] / 100:.2f},"
                     f"{rng.choice(['老王副食', '平安超市', '城东批发', '春风便利'])},{rng.choice(home)}\n")
        if away and day.month == 6 and day.day >= 8:
            n += 1
            text += f"sale,{partner}{n},{day},P1,{40 + day.day},{(40 + day.day) * 2:.2f},外地客户,{away}\n"
        day += datetime.timedelta(days=2)
    return text


def password_of(name):
    return f"{name}-of-the-channel"


def build(w):
    rng = random.Random(7)
    w.import_csv("partner", books.PARTNERS + MORE)
    w.import_csv("product", books.PRODUCTS)
    w.import_csv("alias", books.ALIASES)
    w.import_csv("territory", TERRITORIES)
    w.import_csv("duty", "partner,type,every,due,from,to\n" + "".join(f"{p},sale,month,5,2026-01-01,\n" for p in ("D1", "D2")))
    w.import_csv("target", "partner,policy,period,target\nD1,core-2026,2026-Q2,200000\nD2,core-2026,2026-Q2,150000\n")
    w.import_csv("contract", "partner,version,signed,to,title\nD1,2026-1,2026-01-05,,2026 年度经销合同\n")
    w.import_csv("credit", "partner,limit,balance,overdue,as_of\nD1,80000.00,12000.00,,2026-06-30T08:00:00+08:00\n")
    w.import_csv("supply", "sku,quantity,as_of\nP1,90000,2026-06-30T08:00:00+08:00\n")
    w.ctl_raw("penalty", "apply", "-f", w.file("penalties.yaml", SCHEDULE))
    w.ctl_raw("policy", "apply", "-f", w.file("core.yaml", POLICY), "--reason", "2026")
    w.ctl_raw("replenish", "policy", "apply", "-f", w.file("stock.yaml", STOCK))
    for name, (role, scope) in PEOPLE.items():
        w.ctl("user", "add", name, "--role", role, *(("--scope", scope) if scope else ()))
        w.ctl_raw("user", "password", name, w.file("password", password_of(name)))
    d1, d2 = w.enrol("D1"), w.enrol("D2")
    w.push(d1, "销售-D1.csv", sales("A", ["330106", "330108", "330109", "330400", "330500"], "320100", rng, 6))
    w.push(d2, "销售-D2.csv", sales("B", ["320106", "320102", "320115", "320500"], None, rng, 6))
    w.push(d1, "盘点.csv", "type,number,date,sku,quantity\nstock,C1,2026-06-28,P1,300\nstock,C2,2026-06-28,P2,900\n"
                         "stock,C3,2026-06-28,P3,120\n")
    w.push(d1, "新品.csv", HEAD + "sale,N1,2026-06-29,NEW-330,24,96.00,老王副食,330106\n"
                                "sale,N2,2026-06-29,果然橙1升装,5,40.00,平安超市,330106\n", check=1)
    w.agent(d2, "case", "claim", w.file("photo.jpg", bytes(range(256)) * 8), "--region", "南京市", "--sku", "P1",
            "--accused", "D1", "--place", "鼓楼批发市场", "--price", "1.20", "--text", "整托盘低价")
    w.ctl("signal", "run")
    w.ctl("replenish", "plan")
    w.ctl("rebate", "accrue")
    w.ctl_raw("period", "close", "2026-Q1", "--despite", "收货单纸质")
    w.ctl("rebate", "settle", "2026-Q1")
    w.ctl_raw("rebate", "review", "--period", "2026-Q1")
    for case in w.ctl("case", "list")[:1]:
        w.ctl_raw("case", "notify", case["id"], "--text", "请在十日内说明。")
        w.ctl_raw("inspection", "add", "--person", "ina", "--case", case["id"], "--region", "320100", "--place",
                  "鼓楼批发市场", "--products", "P1", "--due", "2026-07-15")


def main():
    with World(clock="2026-06-30T09:00:00+08:00") as w:
        build(w)
        http = json.loads((w.data / "ports.json").read_text()).get("http", "")
        print(json.dumps({"data": str(w.data), "http": http, "case": w.ctl("case", "list")[0]["id"],
                          "passwords": {name: password_of(name) for name in PEOPLE}}), flush=True)
        sys.stdin.read()


main()
