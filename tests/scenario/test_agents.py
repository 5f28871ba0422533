#!/usr/bin/env python3
"""Agents: enrolment once, revocation within a second, a second holder, many homes in one process, the inbox."""
import json
import shutil
import time

import books
from world import BIN, World, equal, main, run

LINE = "type,number,date,sku,quantity\nsale,{n},2026-06-01,P1,1\n"


def a_token_is_good_once():
    with World() as w:
        books.load(w)
        made = w.ctl("agent", "enroll", "D1")
        equal(sorted(made), sorted({"token", "partner", "expires", "server_key"} | set(made)))
        home = w.dir / "a"
        run(BIN / "channel-agent", "--home", home, "enroll", "--server", w.server, "--token", made["token"])
        for name in ("agent.secret", "server.pub"):
            equal((home / name).stat().st_mode & 0o777, 0o600, name)
        run(BIN / "channel-agent", "--home", w.dir / "b", "enroll", "--server", w.server, "--token", made["token"], check=77)
        agents = w.ctl("agent", "list")
        equal([a["partner"] for a in agents], ["D1"])
        w.push(home, "x.csv", LINE.format(n=1))
        agent = w.ctl("agent", "list")[0]
        equal(agent["last_committed"] is not None and agent["last_contact"] is not None, True, agent)


def many_are_enrolled_from_a_file():
    with World() as w:
        books.load(w)
        rows = w.ctl("agent", "enroll", "--from", w.file("many.csv", "partner\nD1\nD2\nS1\n"))
        equal([r["partner"] for r in rows], ["D1", "D2", "S1"])
        equal(len({r["token"] for r in rows}), 3)


def a_revoked_agent_is_cut_within_a_second():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        live = w.run_agent(home)
        w.until(lambda: w.ctl("agent", "list")[0]["last_contact"] is not None, "the agent is there")
        agent = w.ctl("agent", "list")[0]["agent"]
        w.ctl_raw("agent", "revoke", agent, "--reason", "合同终止")
        time.sleep(1)
        live.terminate()
        live.wait(timeout=10)
        p = w.agent(home, "push", w.file("late.csv", LINE.format(n=9)), "--timeout", "5", check=None)
        equal(p.returncode in (75, 77), True, f"exit {p.returncode}: {p.stderr}")
        equal(w.ctl("flow", "list", "--by", "kind"), [], "nothing of a revoked agent is taken")


def a_copied_home_is_a_second_holder():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.push(home, "one.csv", LINE.format(n=1))
        copy = w.dir / "agents" / "copy"
        shutil.copytree(home, copy)
        w.push(home, "two.csv", LINE.format(n=2))
        p = w.agent(copy, "push", w.file("three.csv", LINE.format(n=3)), "--timeout", "5", check=None)
        equal(p.returncode in (75, 77), True, f"the copy is not served (exit {p.returncode})")
        states = {a["state"] for a in w.ctl("agent", "list")}
        equal(states, {"held"}, "one (epoch, seq) with two digests holds both")
        w.ctl_raw("status", check=1)
        agent = w.ctl("agent", "list")[0]["agent"]
        made = w.ctl("agent", "enroll", "D1", "--replace", agent)
        fresh = w.dir / "agents" / "fresh"
        run(BIN / "channel-agent", "--home", fresh, "enroll", "--server", w.server, "--token", made["token"])
        equal(w.push(fresh, "four.csv", LINE.format(n=4))["committed"], 1)
        w.verify()


def the_inbox_is_watched_and_archived():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.run_agent(home)
        inbox = home / "inbox"
        w.until(inbox.is_dir, "the inbox is made")
        part = inbox / ".june.csv.part"
        part.write_text(LINE.format(n=1))
        part.rename(inbox / "june.csv")
        w.until(lambda: w.ctl("flow", "list", "--by", "kind"), "the file became a figure", 20)
        w.until(lambda: not (inbox / "june.csv").exists(), "it left the inbox", 10)
        equal(len(list((home / "archive").rglob("june.csv*"))), 1)
        bad = inbox / "bad.csv"
        bad.write_text("type,number,date,sku,quantity\nsale,7,2026-06-01,NOBODY-KNOWS,1\n")
        w.until(lambda: any("NOBODY-KNOWS" in f.read_text(errors="replace") for f in (home / "reports").rglob("*")
                            if f.is_file()), "a readable report beside quarantined rows", 20)
        # a push beside `run` hands its file over
        r = w.push(home, "beside.csv", LINE.format(n=3))
        equal(r["committed"], 1)


def one_process_serves_many_homes():
    with World() as w:
        books.load(w)
        for partner in ("D1", "D2"):
            w.enrol(partner)
        import subprocess
        p = subprocess.Popen([str(BIN / "channel-agent"), "run", "--homes", str(w.dir / "agents")],
                             stderr=subprocess.DEVNULL)
        w.children.append(p)
        for n, partner in enumerate(("D1", "D2")):
            inbox = w.dir / "agents" / partner / "inbox"
            w.until(inbox.is_dir, "the inboxes are made")
            tmp = inbox / ".x.part"
            tmp.write_text(LINE.format(n=n))
            tmp.rename(inbox / "x.csv")
        w.until(lambda: {r["partner"] for r in w.ctl("flow", "list", "--by", "partner")} == {"D1", "D2"}, "both arrive", 20)


def status_tells_when_the_centre_is_silent():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.push(home, "one.csv", LINE.format(n=1))
        w.agent(home, "status")
        w.stop()
        w.agent(home, "push", w.file("two.csv", LINE.format(n=2)), "--timeout", "1", check=75)
        w.agent(home, "status", "--max-age", "0", check=1)
        shown = json.loads(w.agent(home, "status", "-o", "json").stdout)
        equal(shown["waiting"] >= 1, True, shown)
        w.start()


def words_that_mean_nothing_are_said():
    with World() as w:
        home = w.dir / "nothing"
        for words, status, said in ((("status", "x"), 64, "takes no 'x'"), (("wait",), 64, "no such command"),
                                    (("check", w.dir), 65, "directory"), (("status",), 78, "not enrolled")):
            p = w.agent(home, *words, check=status)
            equal(said in p.stderr and p.stdout == "", True, (words, p.stderr[-200:]))


def check_and_sent_show_what_leaves():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        f = w.file("out/销售.csv", "日期,单据编号,商品编码,数量,金额,成本价\n2026/6/1,X1,P1,2,4.00,1.11\n合计,,,2,4.00,\n", "gb18030")
        text = w.agent(home, "check", f).stdout
        for word in ("gb18030", "2026-06-01", "sale"):
            equal(word in text, True, f"'{word}' in: {text}")
        equal(w.ctl("flow", "list", "--by", "kind"), [], "check sends nothing")
        w.push(home, f)
        sent = w.agent(home, "sent").stdout
        equal("销售.csv" in sent, True, sent)
        uploads = json.loads(w.agent(home, "sent", "-o", "json").stdout)
        left = w.agent(home, "sent", str(uploads[0]["id"]), "-o", "json").stdout
        equal("row 0" in text, False, text)
        equal("1.11" in left, False, "only mapped columns leave")
        equal("P1" in left, True, left)


main([a_token_is_good_once, many_are_enrolled_from_a_file, a_revoked_agent_is_cut_within_a_second,
      a_copied_home_is_a_second_holder, the_inbox_is_watched_and_archived, one_process_serves_many_homes,
      status_tells_when_the_centre_is_silent, words_that_mean_nothing_are_said, check_and_sent_show_what_leaves])
