// What a column is, by its name: money and quantities stand to the right, identities are links, states are marks.
import { word } from "./lang";
import { decimal, money, time, unknown } from "./format";
import type { Row } from "./api";

const MONEY = new Set(["amount", "balance", "held", "available", "expiring", "limit", "overdue", "value", "price", "list_price",
  "floor_price", "disputed", "paid", "settled", "accrued", "late", "earned", "basis_amount", "budget_cut", "budget", "budget_used", "so_far",
  "expected", "amount_expected", "amount_low", "amount_high", "to_next", "credit_free", "wallet", "usual_amount", "waiting_amount",
  "posted_amount", "open"]);
const QUANTITY = new Set(["quantity", "suggested", "shipped", "received", "damaged", "back_order", "on_hand", "on_order",
  "in_transit", "demand_a_day", "error", "safety_stock", "reorder_point", "order_up_to", "position", "counted", "lines", "documents",
  "committed", "duplicate", "superseded", "quarantined", "refused", "posted", "waiting", "days_late", "days_left", "score", "strength",
  "line_count", "contents", "lag_s", "count", "basis_quantity", "posted_quantity", "rank", "share", "files", "basis"]);
const STATES = new Set(["state", "action", "budget_state", "check_state"]);
const WORDS = new Set(["kind", "role", "type", "act", "stage", "mechanism", "source", "reason", "region_source", "posted_kind", "cause",
  "owner", "check", "method", "form", "figure", "interim", "off_system"]);
const GOOD = new Set(["ok", "active", "paid", "approved", "received", "complete", "confirmed", "on_time", "posted", "live", "settled", "granted"]);
const BAD = new Set(["red", "disputed", "refused", "missing", "late", "revoked", "alert", "held", "unsigned", "short", "dead"]);

export type Kind = "money" | "quantity" | "state" | "word" | "time" | "text";

export function kindOf(column: string, value: unknown): Kind {
  if (STATES.has(column)) return "state";
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return "time";
  if (MONEY.has(column) && (value === null || isNumber(value))) return "money";
  if (QUANTITY.has(column) && (value === null || isNumber(value))) return "quantity";
  if (typeof value === "boolean" || WORDS.has(column)) return "word";
  return "text";
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
}

export function isNumeric(kind: Kind): boolean {
  return kind === "money" || kind === "quantity";
}

export function tone(value: unknown): "good" | "bad" | "plain" {
  return GOOD.has(String(value)) ? "good" : BAD.has(String(value)) ? "bad" : "plain";
}

/** A cell as text. */
export function cell(column: string, value: unknown, row?: Row): string {
  if (value == null || value === "") return unknown;
  if (Array.isArray(value)) return value.map((v) => (typeof v === "object" ? Object.values(v as Row).join(" ") : String(v))).join("、");
  switch (kindOf(column, value)) {
    case "money": return money(String(value), String(row?.["currency"] ?? "CNY"));
    case "quantity": return decimal(String(value));
    case "time": return time(String(value));
    case "state":
    case "word": return word(String(value));
    default: return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}

/** Columns of rows in their order: those that say something in any row; nested lists are shown elsewhere. */
export function columnsOf(rows: Row[]): string[] {
  const first = rows[0];
  if (!first) return [];
  const lists = (k: string) => rows.some((r) => Array.isArray(r[k]) && typeof (r[k] as unknown[])[0] === "object");
  const told = (k: string) => rows.some((r) => r[k] != null && r[k] !== "");
  return Object.keys(first).filter((k) => told(k) && !lists(k));
}
