// Files of a partner: looked at without counting, then submitted under the portal's own epoch.
import { fetchJson, requestId, whoAmI, type Fault } from "./api";

export interface Looked {
  documents: { type: string; date: string; lines: { amount?: string | null }[] }[];
  problems: Fault[];
  skipped: Fault[];
  problems_total: number;
  skipped_total: number;
  before_amount?: string | null; // of the month before, where the daemon tells it
}

export interface Sent {
  committed: number;
  duplicate: number;
  quarantined: number;
}

async function put(file: File, partner: string, look: boolean): Promise<unknown> {
  const q = new URLSearchParams({ ...(partner ? { partner } : {}), ...(look ? { look: "true" } : {}) });
  return fetchJson(`/api/v1/uploads/${encodeURIComponent(file.name)}?${q.toString()}`, {
    method: "PUT", body: file,
    headers: { "content-type": "application/octet-stream", "x-csrf-token": whoAmI()?.csrf ?? "", "idempotency-key": requestId() },
  });
}

export async function look(file: File, partner: string): Promise<Looked> {
  return (await put(file, partner, true)) as Looked;
}

export async function send(file: File, partner: string): Promise<Sent> {
  return (await put(file, partner, false)) as Sent;
}

export function summary(l: Looked) {
  const lines = l.documents.flatMap((d) => d.lines);
  const amount = lines.reduce((s, x) => s + Math.round(Number(x.amount ?? 0) * 100), 0) / 100;
  const days = l.documents.map((d) => d.date).filter(Boolean).sort();
  const before = Number(l.before_amount ?? 0);
  return { documents: l.documents.length, lines: lines.length, amount: amount.toFixed(2), from: days[0] ?? "", to: days[days.length - 1] ?? "",
           change: before > 0 ? amount / before - 1 : undefined };
}
