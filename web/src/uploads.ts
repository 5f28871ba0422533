// Files of a partner: read without counting, then submitted under the portal's own epoch.
import { fetchJson, requestId, whoAmI, type Fault } from "./api";

export interface Looked {
  upload: string; // names it until it is submitted or dropped
  documents: number;
  lines: number;
  amount: string | null;
  from: string | null;
  to: string | null;
  refused: number;
  problems: Fault[];
  problems_total: number;
  skipped_total: number;
}

export interface Sent {
  committed: number;
  duplicate: number;
  quarantined: number;
}

function headers(): Record<string, string> {
  return { "x-csrf-token": whoAmI()?.csrf ?? "", "idempotency-key": requestId() };
}

export async function look(file: File, partner: string): Promise<Looked> {
  const q = partner ? `?${new URLSearchParams({ partner }).toString()}` : "";
  return (await fetchJson(`/api/v1/uploads/${encodeURIComponent(file.name)}${q}`, {
    method: "PUT", body: file, headers: { ...headers(), "content-type": "application/octet-stream" },
  })) as Looked;
}

export async function send(looked: Looked): Promise<Sent> {
  return (await fetchJson(`/api/v1/uploads/${looked.upload}/submit`, { method: "POST", headers: headers() })) as Sent;
}

export async function drop(looked: Looked): Promise<void> {
  await fetchJson(`/api/v1/uploads/${looked.upload}`, { method: "DELETE", headers: headers() });
}
