#!/usr/bin/env python3
"""What comes with the programs agrees with them: man pages, sample configuration, completion, mappings, installed tree."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from world import BIN, ROOT, equal, main, run

BUILD = BIN.parent
PROGRAMS = ("channeld", "channel-agent", "channelctl", "channel-sim", "channel-bench")
MAPPED = {  # a small file for each mapping in etc/mappings, and the documents it must become
    "category-report": ("日期,产品类别,地区,销售额,订单量,月份\n2026/3/21,饮用水,华东,￥1234.50,12,3\n", "gb18030",
                        [("sale", None, [("饮用水", "12", "1234.5")])]),
    "guanjiapo": ("单据日期,单据编号,单据类型,往来单位编号,商品编号,商品全名,单位,数量,单价,金额\n"
                  "2026-03-21,XS-001,销售单,K01,P1,清泉 550ml,箱,2,48,96\n"
                  "2026-03-22,TH-001,销售退货单,K01,P1,清泉 550ml,瓶,1,2,2\n", "gb18030",
                  [("sale", "XS-001", [("P1", "2", "96")]), ("return", "TH-001", [("P1", "1", "2")])]),
    "kingdee": ("日期,单据编号,购货单位代码,产品代码,产品名称,规格型号,批号,单位,实发数量,含税单价,价税合计\n"
                "2026-03-21,XOUT0001,K01,P1,清泉,550ml,B7,瓶,24,2,48\n", "utf-8",
                [("sale", "XOUT0001", [("P1", "24", "48")])]),
    "yonyou": ("发货日期,发货单号,客户编码,存货编码,存货名称,规格型号,主计量单位,数量,价税合计,税率(%)\n"
               "2026-03-21,0000000012,K01,P1,清泉,550ml,瓶,24,48,13\n", "gb18030",
               [("sale", "0000000012", [("P1", "24", "48")])]),
}


def the_man_pages_are_accepted_and_complete():
    if not shutil.which("scdoc"):
        print("skipped: scdoc is not installed")
        return
    with tempfile.TemporaryDirectory() as out:
        run(ROOT / "tools" / "man.sh", BIN, out)
        pages = {p.name: unroff(p.read_text(encoding="utf-8")) for p in pathlib.Path(out).iterdir()}
    equal(sorted(pages), ["channel-agent.1", "channel-bench.1", "channel-sim.1", "channelctl.1", "channeld-diversion.5",
                          "channeld-mapping.5", "channeld-replenishment.5", "channeld.8", "channeld.conf.5"])
    overview = run(BIN / "channelctl", "help").stdout.split("\nOptions")[0]
    names = [line[2:26].rstrip() for line in overview.split("\n") if line.startswith("  ")]
    says(pages["channelctl.1"], names, "a command")
    says(pages["channel-agent.1"], re.findall(r"^  (\w+)", run(BIN / "channel-agent", "--help").stdout, flags=re.M),
         "a command")
    says(pages["channeld.conf.5"], config_keys(), "a key")
    mapping = (ROOT / "formats" / "mapping.c").read_text(encoding="utf-8")
    says(pages["channeld-mapping.5"], re.findall(r'^    \{"(\w+)", read_\w+\},$', mapping, flags=re.M), "a key")
    policy = (ROOT / "daemon" / "replenish" / "policy.c").read_text(encoding="utf-8")
    says(pages["channeld-replenishment.5"], re.findall(r'^    \{"(\w+)", (?:read_\w+\}|0,|NUM_NONE,)', policy, flags=re.M),
         "a key")
    rules = (ROOT / "daemon" / "trace" / "rules.h").read_text(encoding="utf-8")
    says(pages["channeld-diversion.5"], re.findall(r'X\(SIGNAL_\w+, "(\w+)"', rules) + re.findall(r"X\((\w+), \d+, \d+, \d+, ", rules), "a rule")
    says(pages["channeld-diversion.5"], re.findall(r'node_get\(\w+, "(\w+)"\)', (ROOT / "daemon/trace/penalty.c").read_text(encoding="utf-8")),
         "a key of penalties")
    columns = (ROOT / "proto" / "columns.h").read_text(encoding="utf-8")
    tables = re.findall(r"#define (?:LINE_TEXTS|LINE_NUMBERS|DOC_TEXTS)\(X\)(.*?)(?:\n\n|#define)", columns, flags=re.S)
    fields = {name for table in tables for name in re.findall(r'X\(\w+, \d+, "(\w+)"', table)}
    says(pages["channeld-mapping.5"], fields - {"row", "sheet"}, "a field")
    for program, page in (("channeld", "channeld.8"), ("channel-agent", "channel-agent.1"),
                          ("channel-sim", "channel-sim.1"), ("channel-bench", "channel-bench.1")):
        says(pages[page], re.findall(r"(--[a-z-]+)", run(BIN / program, "--help").stdout), "an option")


def unroff(text):
    """A page without its marks, as far as looking for words needs."""
    return re.sub(r"\\f[BIR]", "", text).replace("\\-", "-").replace("\\&", "")


def says(page, words, what):
    words = list(words)
    equal(len(words) > 0, True, f"{what} is found to look for")
    equal([w for w in words if not re.search(rf"(?<![\w-]){re.escape(w)}(?![\w-])", page)], [],
          f"{what} is missing in its man page")


def config_keys():
    return re.findall(r"^([a-z_.]+):", run(BIN / "channeld", "--print-config").stdout, flags=re.M)


def the_sample_configuration_is_what_the_daemon_prints():
    sample = ROOT / "etc" / "channeld.conf"
    equal(sample.read_text(encoding="utf-8"), run(BIN / "channeld", "--print-config").stdout,
          "make it anew: channeld --print-config >etc/channeld.conf")
    run(BIN / "channeld", "--check-config", "--config", sample)


def completion_is_what_channelctl_prints_and_completes():
    printed = run(BIN / "channelctl", "completion").stdout
    equal((ROOT / "etc" / "completion" / "channelctl").read_text(encoding="utf-8"), printed,
          "make it anew: channelctl completion >etc/completion/channelctl")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "销售 6月.csv").touch()
        for words, wanted in ((["par"], ["partner"]), (["partner", "im"], ["import"]), (["-o", "x"], ["xlsx"]),
                              (["--data", "./demo", "quar"], ["quarantine"]),
                              (["flow", "list", "--fi"], ["--final"]), (["product", "import", "销"], ["销售 6月.csv"])):
            script = printed + 'COMP_WORDS=(channelctl "$@"); COMP_CWORD=$#; _channelctl; printf "%s\\n" "${COMPREPLY[@]}"'
            p = subprocess.run(["bash", "-c", script, "bash", *words], cwd=folder, capture_output=True, text=True)
            equal((p.stdout.split("\n")[:-1], p.stderr), (wanted, ""), f"completion of {words}")


def each_mapping_reads_its_kind_of_file():
    there = sorted(p.stem for p in (ROOT / "etc" / "mappings").glob("*.yaml"))
    equal(there, sorted(MAPPED), "every mapping has a file here")
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, encoding, wanted) in MAPPED.items():
            file = pathlib.Path(folder, f"{name}.csv")
            file.write_bytes(text.encode(encoding))
            out = json.loads(run(BIN / "channelctl", "import", "try", file, "--mapping",
                                 ROOT / "etc" / "mappings" / f"{name}.yaml", "-o", "json").stdout)
            equal((out["mapping"], out["problems"]), (name, []))
            found = [(d["type"], d.get("number") or None, [(x["sku"], x["quantity"], x["amount"]) for x in d["lines"]])
                     for d in out["documents"]]
            equal(found, wanted, name)


def the_installed_tree_is_complete():
    if not (BUILD / "CMakeCache.txt").exists():
        print("skipped: the programs do not lie in a build folder")
        return
    cache = (BUILD / "CMakeCache.txt").read_text()
    prefix = re.search(r"^CMAKE_INSTALL_PREFIX:PATH=(.*)$", cache, flags=re.M).group(1)
    etc = "/etc" if prefix == "/usr" else f"{prefix}/etc"
    with tempfile.TemporaryDirectory() as to:
        p = subprocess.run(["cmake", "--install", BUILD], capture_output=True, text=True, env={**os.environ, "DESTDIR": to})
        equal(p.returncode, 0, p.stderr)
        tree = {f"/{f.relative_to(to)}" for f in pathlib.Path(to).rglob("*") if f.is_file()}
        wanted = {f"{prefix}/bin/{b}" for b in PROGRAMS}
        wanted |= {f"{prefix}/lib/systemd/system/{unit}.service" for unit in ("channeld", "channel-agent")}
        wanted |= {f"{prefix}/share/bash-completion/completions/channelctl", f"{etc}/channeld/channeld.conf"}
        wanted |= {f"{etc}/channeld/mappings/{name}.yaml" for name in MAPPED}
        if shutil.which("scdoc"):
            wanted |= {f"{prefix}/share/man/man{p.stem[-1]}/{p.stem}" for p in (ROOT / "docs" / "man").glob("*.scd")}
        equal(sorted(wanted - tree), [], "missing in the installed tree")
        run(f"{to}{prefix}/bin/channelctl", "--version")
        for unit in ("channeld", "channel-agent"):
            text = pathlib.Path(f"{to}{prefix}/lib/systemd/system/{unit}.service").read_text()
            equal(re.findall(r"^ExecStart=(\S+)", text, flags=re.M), [f"{prefix}/bin/{unit}"])
            equal(re.findall(r"^Documentation=man:(\S+)\(\d\)", text, flags=re.M), [unit])
            equal(set(re.findall(r"\S+/channeld/\S+\.conf", text)) <= tree, True, f"{unit}: its configuration is there")


main([the_man_pages_are_accepted_and_complete, the_sample_configuration_is_what_the_daemon_prints,
      completion_is_what_channelctl_prints_and_completes, each_mapping_reads_its_kind_of_file,
      the_installed_tree_is_complete])
