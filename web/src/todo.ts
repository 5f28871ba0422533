// What each kind of the daemon's `todo` shows of its rows, and the command that decides one of them at once.
import type { Call, Row } from "./api";
import { command } from "./commands";

export interface Look {
  columns: string[];
  act?: string;
  waits?: (r: Row) => boolean; // default: every row
  page?: string[]; // where it is decided, when not on the row's own page
}

const MONEY_ROWS = ["statement", "partner", "period", "amount"];

export const LOOKS: Record<string, Look> = {
  approval: { columns: ["id", "what", "by", "time"], act: "approval approve" },
  case_alert: { columns: ["id", "partner", "skus", "destination", "score"], act: "case notify" },
  case_verdict: { columns: ["id", "partner", "skus", "destination", "state"], act: "case verdict", waits: (r) => r["state"] === "appealed" || r["state"] === "notified" },
  case_penalty: { columns: ["id", "partner", "skus", "destination"], act: "case penalise" },
  case_answer: { columns: ["id", "skus", "destination", "state"], act: "case appeal", waits: (r) => r["state"] === "notified" },
  report: { columns: ["id", "partner", "accused", "place", "text"] , waits: (r) => r["case"] == null },
  inspection: { columns: ["id", "place", "products", "due"] },
  exemption: { columns: ["partner", "region", "products", "from", "to", "reference"], act: "exemption approve" },
  order_confirm: { columns: ["order", "partner", "lines", "amount"], act: "order confirm" },
  order_approve: { columns: ["order", "partner", "lines", "amount", "reason"], act: "order approve" },
  order_export: { columns: ["order", "partner", "lines", "amount"] },
  order_receive: { columns: ["order", "partner", "lines", "amount"], act: "order receive" },
  statement_review: { columns: MONEY_ROWS, act: "rebate review" },
  statement_confirm: { columns: MONEY_ROWS, act: "rebate confirm" },
  statement_dispute: { columns: ["statement", "line", "partner", "amount", "why"], act: "rebate dispute answer" },
  statement_approve: { columns: MONEY_ROWS, act: "rebate approve" },
  statement_pay: { columns: MONEY_ROWS, act: "rebate pay" },
  payout_confirm: { columns: ["payout", "form", "amount", "state"], act: "payout confirm" },
  activity: { columns: ["claim", "partner", "policy", "amount"], act: "rebate claim approve" },
  quarantine: { columns: ["word", "reason", "partner", "lines", "amount"], page: ["upload"] },
  duty: { columns: ["partner", "type", "period", "due", "state"], page: ["upload"] },
  agent_held: { columns: ["agent", "partner", "state", "why"], act: "agent release", waits: (r) => r["state"] === "held" },
  agent_silent: { columns: ["agent", "partner", "last_contact"] },
};

/** "case list --state alert" as a call of a list that this role may ask. */
export function listOf(where: string): { name: string; call: Call } | undefined {
  const [name = "", ...rest] = where.replace(/^channelctl /, "").split(/ (?=--)/);
  const options: Record<string, string | true> = {};
  for (const o of rest) {
    const [key = "", value] = o.replace(/^--/, "").split(" ");
    options[key] = value ?? true;
  }
  return command(name)?.reads ? { name, call: { options } } : undefined;
}
