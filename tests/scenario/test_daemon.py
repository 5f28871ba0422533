#!/usr/bin/env python3
"""The daemon as its keeper meets it: configuration, folders, signals, status, clock, backup."""
import json
import os
import signal
import time

import books
from world import BIN, World, equal, main, run

LINE = "type,number,date,sku,quantity\nsale,{n},2026-06-01,P1,1\n"


def configuration_is_checked_whole():
    out = run(BIN / "channeld", "--print-config").stdout
    for key in ("listen.agents", "store.map_size"):
        equal(key in out, True, key)
    with World() as w:
        bad = w.file("bad.conf", "listen.agents: tcp://127.0.0.1:0\nstore.map_size: enormous\n")
        p = run(BIN / "channeld", "--data", w.dir / "x", "--config", bad, "--check-config", check=78)
        equal("bad.conf:2" in p.stderr and "enormous" in p.stderr, True, p.stderr)
        good = w.file("good.conf", out)
        run(BIN / "channeld", "--data", w.dir / "x", "--config", good, "--check-config")


def folders_and_keys_are_private():
    with World() as w:
        for folder, _, files in os.walk(w.data):
            equal(os.stat(folder).st_mode & 0o777, 0o700, folder)
            for f in files:
                path = os.path.join(folder, f)
                equal(os.stat(path).st_mode & 0o077, 0, path)


def sigterm_drains_and_sighup_keeps_serving():
    with World() as w:
        books.load(w)
        w.daemon.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        w.ctl_raw("ping")
        begin = time.monotonic()
        equal(w.stop(), 0)
        equal(time.monotonic() - begin < 8, True, "ends within 5 s")
        w.start()
        equal(len(w.ctl("partner", "list")), 6)


def a_second_daemon_on_the_folder_is_refused():
    with World() as w:
        p = run(BIN / "channeld", "--data", w.data, check=None, timeout=20)
        equal(p.returncode != 0, True)


def an_address_in_use_is_said_at_once():
    with World() as w:
        p = run(BIN / "channeld", "--data", w.dir / "other", "--set", f"listen.agents={w.server}", check=78, timeout=20)
        equal("in use" in p.stderr, True, p.stderr)
        equal((w.dir / "other" / "ports.json").exists(), False)


def status_and_doctor():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        shown = w.ctl("status", check=None)
        equal(isinstance(shown, dict), True, shown)
        w.push(home, "q.csv", "type,number,date,sku,quantity,amount\nsale,1,2026-06-01,WHAT,1,9.00\n", check=1)
        text = w.ctl_raw("status", check=None).stdout
        equal("quarantine" in text, True, text)
        w.ctl_raw("doctor", check=None)


def the_clock_is_simulated_only_when_asked():
    with World() as w:
        w.ctl_raw("clock", "set", "2026-07-05T00:00:00+08:00")
        equal("simulated" in w.ctl_raw("ping", check=0).stdout.lower() or
              "2026-07-05" in json.dumps(w.ctl("status", check=None)), True)
    with World(clock=None) as w:
        p = w.ctl_raw("clock", "set", "2026-07-05T00:00:00+08:00", check=None)
        equal(p.returncode != 0, True)


def a_backup_of_a_running_daemon_restores():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.push(home, "one.csv", LINE.format(n=1))
        w.ctl_raw("backup", w.dir / "backup")
        w.push(home, "two.csv", LINE.format(n=2))
        before = w.content()
        w.stop()
        w.data.rename(w.dir / "lost")
        p = run(BIN / "channeld", "restore", "--from", w.dir / "backup", "--data", w.data)
        equal("2026-06-30" in p.stdout + p.stderr, True, "says what time it reached")
        w.start()
        w.agent(home, "push", w.file("three.csv", LINE.format(n=1)), check=0)
        w.until(lambda: w.content() == before, "the agent rewinds: what was acknowledged is there again", 20)


def a_followed_journal_fills_the_gap():
    with World() as w:
        books.load(w)
        home = w.enrol("D1")
        w.ctl_raw("backup", w.dir / "backup")
        w.import_csv("partner", "id,name,kind\nD7,七,distributor\n")
        w.push(home, "one.csv", LINE.format(n=1))
        run(BIN / "channelctl", "--data", w.data, "journal", "follow", w.dir / "copy", "--once")
        before = w.content()
        w.stop()
        w.data.rename(w.dir / "lost")
        run(BIN / "channeld", "restore", "--from", w.dir / "backup", "--journal", w.dir / "copy", "--data", w.data)
        w.start()
        equal(w.content(), before)


def reading_a_folder_without_a_daemon():
    with World() as w:
        books.load(w)
        w.stop()
        rows = json.loads(run(BIN / "channelctl", "--data", w.data, "partner", "list", "-o", "json").stdout)
        equal(len(rows), 6)
        run(BIN / "channelctl", "--data", w.data, "partner", "set", "D1", "tier=B", check=69)
        run(BIN / "channelctl", "--data", w.data, "journal", "verify")
        w.start()


def personal_data_can_be_forgotten():
    with World() as w:
        books.load(w)
        w.ctl_raw("person", "set", "zhang", "--name", "张三", "--phone", "13800000000", "--partner", "D1")
        equal(w.ctl("person", "show", "zhang")["name"], "张三")
        exported = w.ctl_raw("journal", "export").stdout
        equal("张三" in exported or "13800000000" in exported, False)
        w.ctl_raw("person", "erase", "zhang")
        w.ctl_raw("person", "show", "zhang", check=66)
        w.verify()


main([configuration_is_checked_whole, folders_and_keys_are_private, sigterm_drains_and_sighup_keeps_serving,
      a_second_daemon_on_the_folder_is_refused, an_address_in_use_is_said_at_once, status_and_doctor,
      the_clock_is_simulated_only_when_asked, a_backup_of_a_running_daemon_restores, a_followed_journal_fills_the_gap, reading_a_folder_without_a_daemon,
      personal_data_can_be_forgotten])
