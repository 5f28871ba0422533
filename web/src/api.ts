// Asking the daemon: /api/v1, one path a command. Answers are what `channelctl … -o json` prints.
import { command, setCommands, type Command } from "./commands";
import type { Field } from "./syntax";

export type Row = Record<string, unknown>;

export interface Call {
  args?: string[]; // positionals, in order
  options?: Record<string, string | true>;
  files?: File[];
}

export interface Fault {
  file?: string;
  row?: number | string;
  column?: string;
  found?: string;
  wanted?: string;
  hint?: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly faults: Fault[],
  ) {
    super(message);
  }
}

export interface Session {
  user: string;
  role: string;
  scope: string;
  csrf: string;
  now: string; // entry time
  simulated: boolean;
}

let session: Session | undefined;

export function whoAmI(): Session | undefined {
  return session;
}

const PAGE = 500;

export async function fetchJson(path: string, init: RequestInit = {}): Promise<unknown> {
  return (await fetchAnswer(path, init)).body;
}

async function fetchAnswer(path: string, init: RequestInit = {}): Promise<{ body: unknown; headers: Headers }> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...init });
  } catch {
    throw new Problem(0, "offline", "", "", []);
  }
  const text = await answer.text();
  const body: unknown = text && (answer.headers.get("content-type") ?? "").includes("json") ? JSON.parse(text) : text;
  if (answer.ok) return { body, headers: answer.headers };
  if (answer.status === 401) location.assign("/sign-in");
  throw problemOf(answer.status, body);
}

export function problemOf(status: number, body: unknown): Problem {
  const o = (typeof body === "object" && body ? body : {}) as Row;
  const message = String(o["detail"] ?? o["message"] ?? o["title"] ?? (typeof body === "string" ? body : status));
  return new Problem(status, String(o["code"] ?? o["error"] ?? ""), message, String(o["hint"] ?? ""), (o["problems"] as Fault[]) ?? []);
}

/** The name a field has as a parameter. */
export function paramOf(f: Field): string {
  if (f.name.includes("=")) return "cells";
  if (f.file && f.name.length === 1) return "file";
  return f.name.replace(/\..*$/, "").replace(/-/g, "_").toLowerCase();
}

export function pathOf(name: string): string {
  return `/api/v1/${name.split(" ").join("/")}`;
}

/** Names and values of the call, as query or body: positionals by their names. */
export function paramsOf(c: Command, call: Call): [string, string | true | string[]][] {
  const out: [string, string | true | string[]][] = [];
  const rest = [...(call.args ?? [])];
  for (const f of c.fields) {
    if (f.option || f.file || rest.length === 0) continue;
    out.push([paramOf(f), f.many ? rest.splice(0) : (rest.shift() ?? "")]);
  }
  for (const f of c.fields) {
    const v = call.options?.[f.name] ?? (c.reads && f.name === "partner" && !f.required ? ownPartner() : undefined);
    if (f.option && v !== undefined) out.push([paramOf(f), v]);
  }
  return out;
}

/** Whom an account manager of one partner means when nobody is named: lists of all are not for it. */
function ownPartner(): string | undefined {
  return session?.role === "account_manager" && session.scope && !/[;,]/.test(session.scope) ? session.scope : undefined;
}

export function queryOf(name: string, call: Call): string {
  const c = command(name);
  const q = new URLSearchParams();
  if (c)
    for (const [k, v] of paramsOf(c, call))
      for (const one of Array.isArray(v) ? v : [v === true ? "true" : v]) q.append(k, one);
  return q.toString();
}

/** The address of a list as a file. The screen asks for a byte order mark, so Excel reads it. */
export function exportPath(name: string, call: Call, format: "csv" | "xlsx", view: Record<string, string>): string {
  const q = new URLSearchParams(`${queryOf(name, call)}&${new URLSearchParams(view).toString()}`);
  q.set("o", format);
  if (format === "csv") q.set("bom", "1");
  return `${pathOf(name)}?${q.toString()}`;
}

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

export function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Ask a command; one that changes something is sent once, whatever the network does (key). */
export async function ask(name: string, call: Call = {}, key = requestId()): Promise<unknown> {
  const c = command(name);
  if (!c) throw new Problem(404, "not_found", "", "", []);
  if (c.reads && !call.files?.length) {
    const q = queryOf(name, call);
    return fetchJson(pathOf(name) + (q ? `?${q}` : ""));
  }
  const body: Row = {};
  for (const [k, v] of paramsOf(c, call)) body[k] = v;
  const field = c.fields.find((f) => f.file);
  if (field && call.files?.length) {
    const files = await Promise.all(call.files.map(async (f) => ({ name: f.name, base64: await base64(f) })));
    body[paramOf(field)] = field.many ? files : files[0];
  }
  return fetchJson(pathOf(name), {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf-token": session?.csrf ?? "", "idempotency-key": key },
    body: JSON.stringify(body),
  });
}

export async function rows(name: string, call: Call = {}): Promise<Row[]> {
  const answer = await ask(name, call);
  return Array.isArray(answer) ? (answer as Row[]) : [];
}

export async function loadSession(): Promise<Session> {
  session = sessionOf(await fetchJson("/api/v1/session"));
  await loadCommands();
  return session;
}

function sessionOf(body: unknown): Session {
  const o = body as Row;
  return { user: String(o["user"] ?? ""), role: String(o["role"] ?? ""), scope: String(o["scope"] ?? ""),
           csrf: String(o["csrf"] ?? ""), now: String(o["now"] ?? ""), simulated: o["simulated"] === true };
}

export async function signOut(): Promise<void> {
  await fetchJson("/api/v1/session", { method: "DELETE", headers: { "x-csrf-token": session?.csrf ?? "" } });
  location.assign("/sign-in");
}

export interface Page {
  rows: Row[];
  total: number; // of all pages
}

/** One page of a list, found and sorted by the daemon; `page` counts from 1. */
export async function askPage(name: string, call: Call, view: Record<string, string>, page: number): Promise<Page | unknown> {
  const q = new URLSearchParams(`${queryOf(name, call)}&${new URLSearchParams(view).toString()}`);
  q.set("page", String(page));
  q.set("per_page", String(PAGE));
  const answer = await fetchAnswer(`${pathOf(name)}?${q.toString()}`);
  const total = answer.headers.get("x-total-count");
  return Array.isArray(answer.body) ? { rows: answer.body as Row[], total: Number(total ?? answer.body.length) } : answer.body;
}

/** The table of commands out of the OpenAPI document, cut to what this role may call. */
async function loadCommands(): Promise<void> {
  const doc = (await fetchJson("/api/openapi.json")) as { paths: Record<string, Record<string, Row>> };
  const found: Parameters<typeof setCommands>[0] = [];
  for (const methods of Object.values(doc.paths))
    for (const op of Object.values(methods)) {
      const name = op["x-command"];
      const roles = op["x-roles"] as string[] | undefined;
      if (typeof name !== "string" || !roles?.includes(session?.role ?? "")) continue;
      found.push({ name, args: String(op["x-args"] ?? ""), help: String(op["summary"] ?? ""), example: String(op["x-example"] ?? ""),
                   reads: op["x-mode"] === "read" || op["x-mode"] === "snapshot" });
    }
  setCommands(found);
}
