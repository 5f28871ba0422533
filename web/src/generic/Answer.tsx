// What a command answered, whatever its shape: rows as a table, one object as pairs with its lists below, a message.
import type { Row } from "../api";
import { Table } from "../ui/Table";
import { cell, columnsOf, kindOf, tone } from "../columns";
import { t, word } from "../lang";

export function isRows(value: unknown): value is Row[] {
  return Array.isArray(value) && value.every((v) => typeof v === "object" && v !== null);
}

export function Answer({ value, label }: { value: unknown; label: string }) {
  if (isRows(value)) return value.length ? <Table label={label} rows={value} /> : <p class="empty">{t("noRows")}</p>;
  if (typeof value !== "object" || value === null) return value ? <pre>{String(value)}</pre> : null;
  const o = value as Row;
  if (typeof o["message"] === "string" && Object.keys(o).length <= 3) return <p role="status">{o["message"]}</p>;
  return <Pairs value={o} label={label} />;
}

const TEXTS = new Set(["yaml", "text_diff", "diff"]);

export function Pairs({ value, label }: { value: Row; label: string }) {
  const lists = Object.keys(value).filter((k) => isRows(value[k]) && (value[k] as Row[]).length > 0);
  const texts = Object.keys(value).filter((k) => TEXTS.has(k) && typeof value[k] === "string");
  const plain = Object.keys(value).filter((k) => !lists.includes(k) && !texts.includes(k));
  return (
    <>
      <dl class="pairs" aria-label={label}>
        {plain.map((k) => (
          <div>
            <dt>{word(k)}</dt>
            <dd>{kindOf(k, value[k]) === "state" ? <span class={`mark ${tone(value[k])}`}>{cell(k, value[k], value)}</span> : cell(k, value[k], value)}</dd>
          </div>
        ))}
      </dl>
      {texts.map((k) => <pre aria-label={word(k)} tabIndex={0}>{String(value[k])}</pre>)}
      {lists.map((k) => (
        <section>
          <h2>{word(k)}</h2>
          <Table label={word(k)} rows={value[k] as Row[]} columns={columnsOf(value[k] as Row[])} />
        </section>
      ))}
    </>
  );
}
