// Files of a partner: read without counting, then submitted under the portal's own epoch.
import { fetchJson, requestId, whoAmI, type Fault } from "./api";

export interface Looked {
  upload: string; // what to submit
  documents: number;
  lines: number;
  amount: string | null;
  from: string | null;
  to: string | null;
  problems: Fault[];
  problems_total: number;
  skipped_total: number;
}

export interface Sent {
  committed: number;
  duplicate: number;
  quarantined: number;
}

function headers() {
  return { "x-csrf-token": whoAmI()?.csrf ?? "", "idempotency-key": requestId() };
}

export async function look(file: File, partner: string): Promise<Looked> {
  const q = new URLSearchParams(partner ? { partner } : {});
  return (await fetchJson(`/api/v1/uploads/${encodeURIComponent(file.name)}?${q.toString()}`, {
    method: "PUT", body: file, headers: { "content-type": "application/octet-stream", ...headers() },
  })) as Looked;
}

export async function send(upload: string): Promise<Sent> {
  return (await fetchJson(`/api/v1/uploads/${encodeURIComponent(upload)}/submit`, { method: "POST", headers: headers() })) as Sent;
}
