// The list page of any subject: filters in the address, sort, find, export, actions with each row.
import { exportPath, type Call, type Row } from "../api";
import { command, keyOf, ofSubject, type Command } from "../commands";
import { Table, type Sort } from "../ui/Table";
import { State } from "../ui/State";
import { FieldInput, type Value } from "./FieldInput";
import { Act } from "./Act";
import { Answer } from "./Answer";
import { columnsOf } from "../columns";
import { isPages, usePages, type Pages } from "../usePages";
import { Finder } from "../ui/Finder";
import { href, setQuery, usePlace } from "../router";
import { helpOf, phrase, t, word } from "../lang";
import { detailOf } from "../pages/registry";

const OWN = new Set(["q", "sort", "down"]); // of this page; the rest are options of the command

export function callOf(c: Command, query: URLSearchParams): Call {
  const options: Record<string, string | true> = {};
  const args: string[] = [];
  for (const [k, v] of query) {
    if (OWN.has(k)) continue;
    const f = c.fields.find((x) => x.name === k);
    if (!f) continue;
    if (f.option) options[k] = f.value === "" ? true : v;
    else args.push(...(f.many ? v.split(" ") : [v]));
  }
  return { args, options };
}

export function List({ name }: { name: string }) {
  const c = command(name);
  const { query } = usePlace();
  const call = c ? callOf(c, query) : {};
  const missing = c?.fields.some((f) => f.required && !query.get(f.name)) ?? false;
  const view = viewOf(query);
  const asked = usePages(missing ? "" : name, call, view);
  if (!c) return <p class="empty">{t("notFound")}</p>;
  const others = ofSubject(c.subject);
  const toAdd = others.filter((o) => !o.reads && keysNeeded(o) === 0);
  const withRow = others.filter((o) => o.name !== name && keysNeeded(o) > 0 && o.verb !== "show" && o.verb !== "get");
  const title = c.verb === "list" ? phrase(c.subject) : `${phrase(c.subject)} · ${word(c.verb)}`;
  return (
    <>
      <header class="page">
        <h1>{title}</h1>
        <div class="buttons">
          {toAdd.map((o) => <Act name={o.name} onDone={asked.again} />)}
          {!missing && <Exports name={name} call={call} view={view} />}
        </div>
      </header>
      {helpOf(c) && <p class="help">{helpOf(c)}</p>}
      <Filters command={c} query={query} />
      {!missing && (
        <State of={asked}>
          {(data) => isPages(data) ? <Rows command={c} pages={data} query={query} actions={withRow} again={asked.again} more={asked.more} /> : <Answer value={data} label={title} />}
        </State>
      )}
    </>
  );
}

/** How many words name the row that a command is about. */
function keysNeeded(c: Command): number {
  return c.fields.filter((f) => !f.option && !f.file && f.required && f.name !== "key-or-column=value").length;
}

/** What of the address finds and sorts rows. */
function viewOf(query: URLSearchParams): Record<string, string> {
  const column = query.get("sort"), find = query.get("q");
  return { ...(find ? { q: find } : {}), ...(column ? { sort: (query.has("down") ? "-" : "") + column } : {}) };
}

function Exports({ name, call, view }: { name: string; call: Call; view: Record<string, string> }) {
  return (
    <>
      <a class="button" href={exportPath(name, call, "csv", view)} download>{t("export")} CSV</a>
      <a class="button" href={exportPath(name, call, "xlsx", view)} download>{t("export")} XLSX</a>
    </>
  );
}

function Filters({ command: c, query }: { command: Command; query: URLSearchParams }) {
  const fields = c.fields.filter((f) => !f.file && !f.name.includes("="));
  if (fields.length === 0) return null;
  const used = fields.filter((f) => query.get(f.name)).length;
  const change = (name: string, v: Value) => setQuery({ [name]: v === true ? "1" : typeof v === "string" ? v : undefined });
  return (
    <details class="filters" open={used > 0 || fields.some((f) => f.required)}>
      <summary>{t("filter")}{used > 0 ? ` (${used})` : ""}</summary>
      <div class="fields">
        {fields.map((f) => (
          <FieldInput command={c.name} field={f} onChange={(v) => change(f.name, v)}
            value={f.option && f.value === "" ? query.has(f.name) : (query.get(f.name) ?? "")} />
        ))}
      </div>
      {used > 0 && <button onClick={() => setQuery(Object.fromEntries(fields.map((f) => [f.name, undefined])))}>{t("clear")}</button>}
    </details>
  );
}

interface RowsProps {
  command: Command;
  pages: Pages;
  query: URLSearchParams;
  actions: Command[];
  again: () => void;
  more: () => void;
}

function Rows({ command: c, pages, query, actions, again, more }: RowsProps) {
  const { rows, total } = pages;
  const column = query.get("sort");
  const sort: Sort | undefined = column ? { column, down: query.has("down") } : undefined;
  const first = rows[0] ?? {};
  const fitting = actions.filter((a) => keyOf(a, first));
  return (
    <>
      <div class="find">
        <Finder value={query.get("q") ?? ""} label={t("filterRows")} />
        <span role="status">{rows.length < total ? t("rowsOf", rows.length, total) : t("rows", total)}</span>
      </div>
      {rows.length === 0 ? <p class="empty">{t("noRows")}</p> : (
        <Table label={phrase(c.subject)} rows={rows} columns={columnsOf(rows)} sort={sort} sorted onEnd={rows.length < total ? more : undefined}
          onSort={(s) => setQuery({ sort: s.column, down: s.down ? "1" : undefined })}
          hrefOf={(r) => linkOf(c.subject, r)}
          tail={fitting.length > 0 ? (r) => <RowActs actions={fitting} row={r} again={again} /> : undefined} />
      )}
    </>
  );
}

/** Where a row's own page is. */
export function linkOf(subject: string, row: Row): string | undefined {
  const show = command(`${subject} show`) ?? command(`${subject} get`);
  const key = show && keyOf(show, row);
  return key ? href(detailOf(subject, key)) : undefined;
}

function RowActs({ actions, row, again }: { actions: Command[]; row: Row; again: () => void }) {
  return (
    <details class="acts">
      <summary>{t("more")}</summary>
      <div>
        {actions.map((a) => a.reads
          ? <a href={href(["do", a.name], queryFor(a, row))}>{word(a.verb)}</a>
          : <Act name={a.name} preset={{ args: keyOf(a, row) ?? [] }} onDone={again} />)}
      </div>
    </details>
  );
}

/** The key of a row as filters of another command's page. */
export function queryFor(c: Command, row: Row): Record<string, string> {
  const key = keyOf(c, row) ?? [];
  const names = c.fields.filter((f) => !f.option && !f.file);
  const out: Record<string, string> = {};
  names.forEach((f, i) => { if (key[i] !== undefined) out[f.name] = f.many ? key.slice(i).join(" ") : (key[i] ?? ""); });
  return out;
}
