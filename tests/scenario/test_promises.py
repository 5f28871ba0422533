#!/usr/bin/env python3
"""Single promises, each broken by a plausible mistake: what tests/fault/mutants.sh leans on."""
import re
import signal
import subprocess
import time

import books
from world import BIN, World, equal, main, pick

HEAD = "type,number,version,date,sku,quantity,amount\n"


def a_file_stays_in_the_inbox_until_it_is_committed():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.stop()
        agent = w.run_agent(home)
        w.until(lambda: (home / "inbox").is_dir(), "the agent makes its inbox")
        made = w.file("made.csv", HEAD + "sale,A1,,2026-06-01,P1,1,2.00\n")
        waiting = made.rename(home / "inbox" / "made.csv")
        time.sleep(2.5)
        equal(waiting.exists(), True, "nobody committed it")
        w.start()
        w.until(lambda: not waiting.exists(), "it is archived after the commit", 30)
        equal(pick(w.ctl("flow", "list", "--by", "partner"), "partner", "quantity"), [("D1", "1")])
        agent.terminate()
        equal(agent.wait(timeout=10), 0, "run ends at SIGTERM")


def the_key_says_who_sent_it():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        w.agent(a, "push", w.file("other.csv", "partner,type,number,date,sku,quantity\nD2,sale,B1,2026-06-01,P1,7\n"),
                check=None)
        w.push(a, "own.csv", HEAD + "sale,B2,,2026-06-01,P1,1,2.00\n")
        equal(pick(w.ctl("flow", "list", "--by", "partner"), "partner", "quantity"), [("D1", "1")])


def the_greatest_version_holds():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        for n, (version, quantity) in enumerate([(9, 90), (10, 100), (2, 20)]):
            w.push(a, f"v{n}.csv", HEAD + f"sale,C1,{version},2026-06-01,P1,{quantity},{quantity}.00\n")
        equal(pick(w.ctl("flow", "list", "--by", "product"), "quantity", "amount"), [("100", "100.00")])
        w.verify()


def the_order_of_lines_is_no_content():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        rows = ["sale,D1,,2026-06-01,P1,1,2.00\n", "sale,D1,,2026-06-01,P2,3,24.00\n", "sale,D1,,2026-06-01,P3,2,8.00\n"]
        w.push(a, "up.csv", HEAD + "".join(rows))
        r = w.push(a, "down.csv", HEAD + "".join(reversed(rows)))
        equal((r["committed"], r["duplicate"], r["superseded"]), (0, 3, 0))


def a_correction_takes_back_all_of_the_old():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        w.push(a, "old.csv", HEAD + "sale,E1,,2026-06-01,P1,10,20.00\nsale,E1,,2026-06-02,P2,1,8.00\n")
        r = w.push(a, "new.csv", HEAD + "sale,E1,,2026-06-01,P1,4,8.00\n")
        equal((r["committed"], r["superseded"]), (1, 2))
        equal(pick(w.ctl("flow", "list", "--by", "product,day"), "product", "day", "quantity", "amount"),
              [("P1", "2026-06-01", "4", "8.00")])


def files_longer_than_a_batch_arrive_whole():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        for n in (4095, 4096, 4097, 8193):
            rows = "".join(f"sale,F{n},,2026-06-01,P1,1,{i % 100 + 1}.00\n" for i in range(n))
            r = w.push(a, f"{n}.csv", HEAD + rows)
            equal((r["documents"], r["lines"], r["committed"]), (1, n, n))
        equal(pick(w.ctl("flow", "list", "--by", "product"), "quantity"), [(str(4095 + 4096 + 4097 + 8193),)])
        w.verify()


def a_changed_byte_is_found():
    with World() as w:
        books.load(w)
        a = w.enrol("D1")
        w.push(a, "sales.csv", HEAD + "".join(f"sale,ROT-{n},,2026-06-01,P1,1,2.00\n" for n in range(50)))
        w.ctl_raw("setting", "set", "accept.oldest", "2001-01-01", "--reason", "WHY-7")  # stands in the journal only
        w.stop()
        file = w.data / "data.mdb"
        whole = bytearray(file.read_bytes())
        for word, wanted in ((b"ROT-7", 2), (b"WHY-7", 1)):
            found = 0
            for at in [m.start() for m in re.finditer(word, whole)]:
                file.write_bytes(whole[:at] + b"Q" + whole[at + 1:])
                p = w.offline("journal", "verify", check=None)
                equal(p.returncode in (0, 1), True, f"verify of a damaged folder: exit {p.returncode}: {p.stderr}")
                found += p.returncode
            equal(found >= wanted, True, f"changed bytes of {word} were found {found} times, wanted {wanted}")
        file.write_bytes(whole)
        w.offline("journal", "verify")
        w.start()


def a_command_outlives_the_daemon_it_was_given_to():
    with World() as w:
        books.load(w)
        w.daemon.send_signal(signal.SIGSTOP)
        words = [BIN / "channelctl", "--data", w.data, "partner", "set", "D9", "name=新伙伴", "kind=distributor"]
        asked = subprocess.Popen([str(x) for x in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(0.5)
        w.kill()
        w.start()
        said, _ = asked.communicate(timeout=20)
        equal(asked.returncode, 0, said.decode())
        equal(len([p for p in w.ctl("partner", "history", "D9")]), 1, "done once")


main([a_file_stays_in_the_inbox_until_it_is_committed, the_key_says_who_sent_it, the_greatest_version_holds,
      the_order_of_lines_is_no_content, a_correction_takes_back_all_of_the_old,
      files_longer_than_a_batch_arrive_whole, a_changed_byte_is_found,
      a_command_outlives_the_daemon_it_was_given_to])
