// The table of commands as /api/openapi.json tells it: what can be asked, by whom, with which fields. Pages are made from it.
import { fieldsOf, type Field } from "./syntax";

export interface Command {
  name: string; // "rebate statement list"
  subject: string; // "rebate statement"
  verb: string; // "list"
  args: string;
  fields: Field[];
  help: string;
  example: string;
  reads: boolean;
  keys: string[]; // columns whose values name a row, in the order of the positionals
}

let all = new Map<string, Command>();

/** Only what this person may call; the daemon judges again with every call. */
export function setCommands(rows: { name: string; args: string; help: string; example: string; reads: boolean }[]): void {
  all = new Map(rows.map((r) => [r.name, commandOf(r)]));
}

function commandOf(r: { name: string; args: string; help: string; example: string; reads: boolean }): Command {
  const words = r.name.split(" ");
  const verb = words.length > 1 ? (words[words.length - 1] ?? "") : "";
  const subject = words.length > 1 ? words.slice(0, -1).join(" ") : r.name;
  const fields = fieldsOf(r.args);
  const told = /\(key: ([^)]+)\)/.exec(r.help)?.[1];
  const named = fields.filter((f) => !f.option && !f.file && !f.name.includes("=")), needed = named.filter((f) => f.required);
  const keys = told ? told.split(" ") : (needed.length > 0 ? needed : named.slice(0, 1)).map((f) => f.name);
  return { ...r, verb, subject, fields, keys };
}

export function may(name: string): boolean {
  return all.has(name);
}

export function command(name: string): Command | undefined {
  return all.get(name);
}

export function commands(): Command[] {
  return [...all.values()];
}

export function ofSubject(subject: string): Command[] {
  return commands().filter((c) => c.subject === subject);
}

export function subjects(): string[] {
  return [...new Set(commands().map((c) => c.subject))];
}

type Row = Record<string, unknown>;

/** What names this row for that command: the positionals to call it with; undefined when the row does not tell. */
export function keyOf(c: Command, row: Row): string[] | undefined {
  const last = c.subject.split(" ").pop() ?? "";
  const words = c.keys.map((k) => {
    const v = row[k] ?? row["id"] ?? row[last] ?? (k === "policy" ? row["name"] : undefined);
    return k in row ? row[k] : v;
  });
  while (words.length && (words[words.length - 1] == null || words[words.length - 1] === "")) words.pop();
  return c.keys.length > 0 && words.length > 0 && words.every((w) => w != null) ? words.map(String) : undefined;
}
