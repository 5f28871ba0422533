#!/usr/bin/env python3
"""Promotions and gifts: 10送1 and 特价, what they were used for, what belongs to none; corrected ones bind afresh."""
import books
from world import World, equal, main, pick

HEAD = "type,number,date,sku,quantity,unit,amount,customer,counterparty,gift\n"
PROMOTIONS = ("promotion,title,products,partners,from,to,rule,budget,currency\n"
              "J10,六月十送一,P1,D1,2026-06-01,2026-06-30,10送1,100,CNY\n"
              "J特价,果汁特价,brand:果然,,2026-06-10,2026-06-20,特价 7.50,,\n")


def sold(w):
    d = w.enrol("D1")
    w.push(d, "june.csv", HEAD + "sale,X1,2026-06-03,P1,20,瓶,40.00,甲,,\nsale,X1,2026-06-03,P1,2,瓶,0,甲,,\n"
                                 "sale,X2,2026-06-04,P1,5,瓶,10.00,乙,,\nsale,X3,2026-06-04,P1,5,瓶,10.00,乙,,\n"
                                 "sale,X4,2026-06-05,P1,3,瓶,0,丙,,Y\n"
                                 "sale,X5,2026-06-12,P2,10,瓶,75.00,甲,,\nsale,X6,2026-06-12,P2,10,瓶,80.00,甲,,\n"
                                 "sale,X7,2026-06-12,P2,4,瓶,28.00,乙,,\nsale,X8,2026-06-21,P2,4,瓶,30.00,乙,,\n"
                                 "sale,X9,2026-07-01,P1,1,瓶,0,甲,,\nsale,X9,2026-07-01,P3,1,瓶,0,甲,,\n")
    return d


def gifts_and_special_prices_bind_to_their_promotions():
    with World(clock="2026-07-01T09:00:00+08:00") as w:
        books.load(w)
        w.import_csv("promotion", PROMOTIONS)
        equal(pick(w.ctl("promotion", "list"), "promotion", "rule"), [("J10", "10送1"), ("J特价", "特价 7.50")])
        sold(w)
        usage = {r["promotion"]: r for r in w.ctl("promotion", "list", "--usage")}
        equal({k: usage["J10"][k] for k in ("bought", "expected", "given", "over_given", "cost", "budget", "left")},
              {"bought": "30", "expected": "2", "given": "5", "over_given": "3", "cost": "10.00", "budget": "100.00",
               "left": "90.00"}, "5 and 5 are no 10: the rule is that of each document")
        equal({k: usage["J特价"][k] for k in ("special_quantity", "below_special", "cost")},
              {"special_quantity": "14", "below_special": 1, "cost": "9.00"}, "10 at 7.50, 4 at 7.00 instead of 8.00")
        shown = w.ctl("promotion", "show", "J10")
        equal((shown["kind"], shown["buy"], shown["get"]), ("buy_get", "10", "1"))
        equal(pick(shown["use"], "partner", "sku", "given", "expected"), [("D1", "P1", "5", "2")])
        unbound = w.ctl("promotion", "gifts", "--unbound")
        equal(pick(unbound, "date", "sku", "quantity", "why"),
              sorted([("2026-07-01", "P1", "1", "no promotion of this day"),
                      ("2026-07-01", "P3", "1", "no promotion of this product and partner")], key=repr))
        equal(len(w.ctl("promotion", "gifts")), 4)

        # nothing is stamped: a promotion that is corrected binds afresh
        w.ctl_raw("promotion", "set", "J10", "to=2026-07-31")
        equal(pick(w.ctl("promotion", "gifts", "--unbound"), "sku"), [("P3",)])
        equal([h["to"] for h in w.ctl("promotion", "history", "J10")], ["2026-06-30", "2026-07-31"])
        w.ctl_raw("promotion", "remove", "J10")
        equal(len(w.ctl("promotion", "gifts", "--unbound")), 4)
        w.verify()


def the_manufacturers_gifts_have_promotions_of_their_own():
    with World() as w:
        books.load(w)
        m = w.enrol("M")
        w.import_csv("promotion", "promotion,title,products,partners,from,to,rule,budget,currency,flow\n"
                                  "IN,进货搭赠,,tier:A,2026-06-01,,10箱送1箱,,,进货\n"
                                  "GIFT,送果汁,P3,D2,2026-06-01,,买10箱赠2瓶 P2,,,进货\n"
                                  "OUT,动销,,,2026-06-01,,buy 12 get 1,,,\n")
        w.push(m, "ship.csv", HEAD + "shipment,S1,2026-06-02,P1,25,箱,,,D1,\nshipment,S1,2026-06-02,P1,2,箱,0,,D1,\n"
                                     "shipment,S2,2026-06-02,P3,20,箱,,,D2,\nshipment,S2,2026-06-02,P2,5,瓶,0,,D2,\n")
        usage = {r["promotion"]: r for r in w.ctl("promotion", "list", "--usage")}
        equal([usage["IN"][k] for k in ("bought", "expected", "given", "over_given")], ["600", "48", "48", "0"])
        equal([usage["GIFT"][k] for k in ("bought", "expected", "given", "over_given", "cost")],
              ["300", "4", "5", "1", "40.00"], "what is given is another product")
        equal([usage["OUT"][k] for k in ("bought", "given", "partners_used")], ["0", "0", 0])


def a_wrong_promotion_is_one_clear_line():
    with World() as w:
        books.load(w)
        head = "promotion,title,products,partners,from,to,rule,budget,currency\n"
        for row, words in (("A,x,P1,,2026-06-01,,每满十件送一件,,", ("2", "rule", "每满十件送一件", "10送1")),
                           ("A,x,P1,,2026-06-01,,10送0,,", ("rule", "10送0")),
                           ("A,x,P1,,2026-06-01,,buy 10 箱 get 1 箱,,", ("rule", "behind a blank")),
                           ("A,x,P9,,2026-06-01,,10送1,,", ("products", "P9")),
                           ("A,x,P1,D9,2026-06-01,,10送1,,", ("partners", "D9")),
                           ("A,x,P1,,2026-06-02,2026-06-01,10送1,,", ("to", "from")),
                           ("A,x,P1,,,,10送1,,", ("from",)),
                           ("A,x,P1,,2026-06-01,,特价 8.50,1,RMBY", ("currency", "CNY"))):
            p = w.import_csv("promotion", head + row + "\n", check=65)
            for word in words:
                equal(word in p.stdout, True, f"'{word}' for {row} in: {p.stdout}")
        equal(w.ctl("promotion", "list"), [])
        w.ctl_raw("promotion", "show", "A", check=66)


if __name__ == "__main__":
    main([gifts_and_special_prices_bind_to_their_promotions, the_manufacturers_gifts_have_promotions_of_their_own,
          a_wrong_promotion_is_one_clear_line])
