// Every list: sorted by its headings, walked by arrow keys, only the rows in sight drawn.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Row } from "../api";
import { cell, columnsOf, isNumeric, kindOf, tone } from "../columns";
import { t, word } from "../lang";
import { number } from "../format";

const ROW_HEIGHT = 36, BEYOND = 12, ALL_BELOW = 120;

export interface Sort {
  column: string;
  down: boolean;
}

interface Props {
  label: string;
  rows: Row[];
  columns?: string[];
  sort?: Sort;
  onSort?: (s: Sort) => void;
  hrefOf?: (row: Row) => string | undefined;
  tail?: (row: Row) => ComponentChildren; // a last column of buttons
  headings?: Record<string, string>;
  sorted?: boolean; // the rows come in that order already
  onEnd?: (() => void) | undefined; // the last rows come into sight
}

export function inOrder(rows: Row[], sort: Sort | undefined): Row[] {
  if (!sort) return rows;
  const numeric = rows.some((r) => isNumeric(kindOf(sort.column, r[sort.column])) && r[sort.column] != null);
  const sign = sort.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const x = a[sort.column], y = b[sort.column];
    if (x == null || y == null) return x == null ? (y == null ? 0 : 1) : -1;
    return sign * (numeric ? number(x) - number(y) : String(x).localeCompare(String(y), "zh-CN", { numeric: true }));
  });
}

export function Table({ label, rows, columns, sort, onSort, hrefOf, tail, headings, sorted, onEnd }: Props) {
  const cols = useMemo(() => columns ?? columnsOf(rows), [columns, rows]);
  const list = useMemo(() => (sorted ? rows : inOrder(rows, sort)), [rows, sorted, sort?.column, sort?.down]);
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [at, setAt] = useState(0);
  const [moved, setMoved] = useState(false);
  const height = box.current?.clientHeight ?? 600;
  const all = list.length <= ALL_BELOW;
  const from = all ? 0 : Math.max(0, Math.floor(top / ROW_HEIGHT) - BEYOND);
  const to = all ? list.length : Math.min(list.length, Math.ceil((top + height) / ROW_HEIGHT) + BEYOND);

  useEffect(() => {
    if (to >= list.length) onEnd?.();
  }, [to, list.length]);
  useEffect(() => {
    if (!moved) return;
    setMoved(false);
    box.current?.querySelector<HTMLElement>(`tr[data-at="${at}"]`)?.focus();
  }, [moved, at]);

  const walk = (e: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(height / ROW_HEIGHT) - 2);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -list.length, End: list.length };
    const step = steps[e.key];
    if (e.key === "Enter" && (e.target as HTMLElement).tagName === "TR") {
      const to = hrefOf?.(list[at] ?? {});
      if (to) location.hash = to;
      return;
    }
    if (step === undefined || (e.target as HTMLElement).tagName !== "TR") return;
    e.preventDefault();
    const next = Math.min(list.length - 1, Math.max(0, at + step));
    if (!all && box.current && (next < from || next >= to)) box.current.scrollTop = next * ROW_HEIGHT;
    setTop(box.current?.scrollTop ?? 0);
    setAt(next);
    setMoved(true);
  };

  const kinds = cols.map((c) => kindOf(c, list.find((r) => r[c] != null)?.[c] ?? null));
  return (
    <div class={all ? "table-box" : "table-box tall"} ref={box} onScroll={() => !all && setTop(box.current?.scrollTop ?? 0)}
      tabIndex={0} role="region" aria-label={label}>
      <table aria-rowcount={list.length + 1}>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            {cols.map((c, i) => (
              <th key={c} scope="col" class={isNumeric(kinds[i] ?? "text") ? "right" : ""}
                aria-sort={sort?.column === c ? (sort.down ? "descending" : "ascending") : undefined}>
                {onSort ? (
                  <button class="plain" onClick={() => onSort({ column: c, down: sort?.column === c && !sort.down })}>
                    {headings?.[c] ?? word(c)}
                    <span aria-hidden="true">{sort?.column === c ? (sort.down ? " ▼" : " ▲") : ""}</span>
                  </button>
                ) : (headings?.[c] ?? word(c))}
              </th>
            ))}
            {tail && <th scope="col">{t("actions")}</th>}
          </tr>
        </thead>
        <tbody onKeyDown={walk}>
          {from > 0 && <Gap rows={from} />}
          {list.slice(from, to).map((row, i) => {
            const no = from + i;
            const link = hrefOf?.(row);
            return (
              <tr key={no} data-at={no} aria-rowindex={no + 2} tabIndex={no === at ? 0 : -1} onFocus={() => setAt(no)}>
                {cols.map((c, k) => <Cell key={c} column={c} row={row} link={k === 0 ? link : undefined} />)}
                {tail && <td class="buttons">{tail(row)}</td>}
              </tr>
            );
          })}
          {to < list.length && <Gap rows={list.length - to} />}
        </tbody>
      </table>
    </div>
  );
}

function Gap({ rows }: { rows: number }) {
  return <tr aria-hidden="true" style={{ height: `${rows * ROW_HEIGHT}px` }}><td /></tr>;
}

function Cell({ column, row, link }: { column: string; row: Row; link: string | undefined }) {
  const value = row[column];
  const kind = kindOf(column, value);
  const text = cell(column, value, row);
  const shown = kind === "state" && value != null ? <span class={`mark ${tone(value)}`}>{text}</span> : text;
  return <td class={isNumeric(kind) ? "right" : ""} title={text.length > 40 ? text : undefined}>{link ? <a href={link}>{shown}</a> : shown}</td>;
}
