// Where everybody lands: what waits for this person's decision, each with the button that decides it.
import { Table } from "../ui/Table";
import { State } from "../ui/State";
import { Act } from "../generic/Act";
import { command, keyOf, may } from "../commands";
import { whoAmI } from "../api";
import { useRows } from "../use";
import { TASKS, type Task } from "../todo";
import { language, t } from "../lang";
import { useState } from "preact/hooks";
import { Checks } from "./Checks";

export function Todo() {
  const role = whoAmI()?.role ?? "";
  const mine = TASKS.filter((x) => x.roles.includes(role) && may(x.list));
  const [counts, setCounts] = useState<Record<number, number>>({});
  const told = (i: number, n: number) => counts[i] !== n && setCounts((c) => ({ ...c, [i]: n }));
  const all = Object.values(counts).reduce((a, b) => a + b, 0);
  const known = Object.keys(counts).length === mine.length;
  return (
    <>
      <header class="page">
        <h1>{t("todo")}</h1>
        <p role="status">{!known ? t("loading") : all > 0 ? t("todoMany", all) : t("todoNone")}</p>
      </header>
      {(role === "admin" || role === "auditor") && <Checks />}
      {mine.map((task, i) => <TaskCard key={task.title[1]} task={task} told={(n) => told(i, n)} />)}
    </>
  );
}

function TaskCard({ task, told }: { task: Task; told: (n: number) => void }) {
  const asked = useRows(task.list, task.call);
  const rows = asked.data?.filter(task.waits ?? (() => true));
  if (rows) told(rows.length);
  else if (asked.problem) told(0);
  if (!rows?.length && !asked.problem) return null;
  const act = task.act ? command(task.act) : undefined;
  const columns = task.columns.map((c) => (c === "zh" ? (language() === "zh" ? "zh" : "en") : c));
  const title = task.title[language() === "zh" ? 0 : 1];
  return (
    <section class="card task">
      <h2>{title} <span class="count">{rows?.length ?? ""}</span></h2>
      <State of={{ ...asked, data: rows }}>
        {(list) => (
          <Table label={title} rows={list} columns={columns} hrefOf={task.link}
            tail={act ? (r) => <Act name={act.name} preset={{ args: keyOf(act, r) ?? [] }} primary onDone={asked.again} /> : undefined} />
        )}
      </State>
    </section>
  );
}
