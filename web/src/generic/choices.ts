// Where a field's value can come from: lists of the daemon, or the few words that a command knows.
import { rows, type Row } from "../api";
import { may } from "../commands";

const LISTS: Record<string, [list: string, key: string, name: string]> = {
  partner: ["partner list", "id", "name"], sku: ["product list", "sku", "name"], policy: ["policy list", "policy", "title"],
  period: ["period list", "period", "state"], case: ["case list", "id", "partner"], person: ["user list", "name", "role"],
  user: ["user list", "name", "role"], agent: ["agent list", "agent", "partner"], order: ["order list", "order", "partner"],
  statement: ["rebate statement list", "statement", "partner"], accused: ["partner list", "id", "name"], name: ["setting list", "name", "value"],
};
const WORDS: Record<string, string[]> = {
  role: ["admin", "channel_manager", "account_manager", "finance", "inspector", "analyst", "auditor", "partner_owner", "partner_clerk"],
  "order list.state": ["suggested", "confirmed", "approved", "sent", "acknowledged", "shipped", "received", "closed", "cancelled", "refused"],
  "rebate statement list.state": ["draft", "sent", "confirmed", "disputed", "approved", "paid", "withdrawn"],
  "case list.state": ["alert", "notified", "appealed", "upheld", "penalised", "closed", "dismissed"],
  "inspection list.state": ["open", "done", "cancelled"],
  "order add.source": ["phone", "wechat", "visit"],
  "order share.rule": ["proportional", "days", "quota", "priority"],
  "rebate export.kind": ["accrual", "reversal", "payout"],
  "stock.kind": ["stock", "wallet", "volume", "receivable"],
  account: ["rebate", "deposit"],
};

export interface Choice {
  value: string;
  label: string;
}

const kept = new Map<string, Promise<Choice[]>>();

export async function choicesOf(command: string, field: string): Promise<Choice[]> {
  const words = WORDS[`${command}.${field}`] ?? WORDS[field];
  if (words) return words.map((w) => ({ value: w, label: "" }));
  const from = LISTS[field];
  if (!from || !may(from[0])) return [];
  const [list, key, name] = from;
  if (!kept.has(list)) kept.set(list, rows(list).then((all) => all.map((r: Row) => ({ value: String(r[key]), label: String(r[name] ?? "") })), () => []));
  return kept.get(list) ?? [];
}

export function isWordChoice(command: string, field: string): boolean {
  return (WORDS[`${command}.${field}`] ?? WORDS[field]) !== undefined;
}
