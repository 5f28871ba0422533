// Where everybody lands: what waits for this person's decision, the most urgent first, each with the button that decides it.
import { Table } from "../ui/Table";
import { State } from "../ui/State";
import { Act } from "../generic/Act";
import { linkOf } from "../generic/List";
import { command, keyOf } from "../commands";
import { whoAmI, type Call, type Row } from "../api";
import { useRows } from "../use";
import { listOf, LOOKS } from "../todo";
import { language, t, word } from "../lang";
import { href } from "../router";
import { number } from "../format";
import { Checks } from "./Checks";

export function Todo() {
  const role = whoAmI()?.role ?? "";
  const asked = useRows("todo", language() === "zh" ? { options: { zh: true } } : {});
  const all = (asked.data ?? []).reduce((s, r) => s + number(r["count"]), 0);
  return (
    <>
      <header class="page">
        <h1>{t("todo")}</h1>
        {asked.data && <p role="status">{all > 0 ? t("todoMany", all) : t("todoNone")}</p>}
      </header>
      {(role === "admin" || role === "auditor") && <Checks />}
      <State of={asked} empty="">{(rows) => rows.map((r) => <Card key={String(r["kind"])} row={r} again={asked.again} />)}</State>
    </>
  );
}

function Card({ row, again }: { row: Row; again: () => void }) {
  const kind = String(row["kind"]), look = LOOKS[kind], list = listOf(String(row["where"] ?? ""));
  const asked = useRows(look && list ? list.name : "", list?.call ?? {});
  const subject = (list ? command(list.name)?.subject : undefined) ?? "";
  const act = look?.act ? command(look.act) : undefined;
  const rows = asked.data?.filter(look?.waits ?? (() => true)).slice(0, 20);
  const done = () => { asked.again(); again(); };
  const all = list ? href(["list", list.name], plain(list.call.options ?? {})) : href(["all"], { q: String(row["where"]) });
  const title = String(row["what"]);
  return (
    <section class="card">
      <h2>
        <a href={look?.page ? href(look.page) : all}>{title}</a> <span class="count">{String(row["count"])}</span>{" "}
        <span class={`mark ${row["urgency"] === "overdue" ? "bad" : "plain"}`}>{word(String(row["urgency"]))}{row["due"] ? ` ${String(row["due"])}` : ""}</span>
      </h2>
      {look && list && (
        <State of={{ ...asked, data: rows }}>
          {(found) => (
            <Table label={title} rows={found} columns={look.columns.filter((c) => found.some((r) => r[c] != null))}
              hrefOf={(r) => (look.page ? href(look.page) : linkOf(subject, r))}
              tail={act ? (r) => <Act name={act.name} preset={presetOf(act.name, r)} primary onDone={done} /> : undefined} />
          )}
        </State>
      )}
    </section>
  );
}

function plain(options: Record<string, string | true>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([k, v]) => [k, v === true ? "1" : v]));
}

function presetOf(name: string, row: Row): Call {
  const c = command(name);
  const line: Record<string, string> = c?.fields.some((f) => f.option && f.name === "line" && f.required) && row["line"] ? { line: String(row["line"]) } : {};
  return { args: (c && keyOf(c, row)) ?? [], options: line };
}
