// Which subjects have a page of their own; all others have the generic one.
import type { Command } from "../commands";

const REAL: Record<string, string> = {
  order: "order", "rebate statement": "statement", case: "case", partner: "partner", policy: "policy", inspection: "inspection",
};

/** The path of one thing's page. */
export function detailOf(subject: string, key: string[]): string[] {
  const real = REAL[subject];
  return real ? [real, ...key] : ["show", subject, ...key];
}

/** How many words a command needs to know what it is about. */
export function keysOf(c: Command): number {
  return c.fields.filter((f) => !f.option && !f.file && f.required).length;
}
