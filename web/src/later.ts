// What is done without a network: kept on this device under its request id, sent when the network is back. The daemon keeps
// ids and answers, so what was sent twice counts once.
import { ask, Problem } from "./api";

interface Act {
  name: string;
  args: string[];
  options: Record<string, string | true>;
  key: string;
}
interface Kept extends Act {
  files: { name: string; type: string; data: string }[];
}

const PLACE = "channeld.later";
const watchers = new Set<(n: number) => void>();

function all(): Kept[] {
  return JSON.parse(localStorage.getItem(PLACE) ?? "[]") as Kept[];
}

function store(list: Kept[]): void {
  localStorage.setItem(PLACE, JSON.stringify(list));
  watchers.forEach((f) => f(list.length));
}

export function waiting(): number {
  return all().length;
}

export function onKept(f: (n: number) => void): () => void {
  watchers.add(f);
  return () => void watchers.delete(f);
}

function read(file: File): Promise<Kept["files"][number]> {
  return new Promise((done, fail) => {
    const r = new FileReader();
    r.onload = () => done({ name: file.name, type: file.type, data: String(r.result) });
    r.onerror = () => fail(new Error(file.name));
    r.readAsDataURL(file);
  });
}

function fileOf(f: Kept["files"][number]): File {
  const bytes = atob(f.data.slice(f.data.indexOf(",") + 1));
  return new File([Uint8Array.from(bytes, (c) => c.charCodeAt(0))], f.name, { type: f.type });
}

function send(k: Kept): Promise<unknown> {
  return ask(k.name, { args: k.args, options: k.options, files: k.files.map(fileOf) }, k.key);
}

/** Send now, or keep it; true: it is sent. A refusal by the daemon is thrown and not kept. */
export async function keep(act: Act, files: File[]): Promise<boolean> {
  const kept: Kept = { ...act, files: await Promise.all(files.map(read)) };
  try {
    await send(kept);
    return true;
  } catch (e) {
    if (!(e instanceof Problem) || e.status !== 0) throw e;
    store([...all(), kept]);
    return false;
  }
}

/** Send what is kept, in order; what the daemon refuses is dropped, what has no network stays. */
export async function sendKept(): Promise<void> {
  for (const k of all()) {
    try {
      await send(k);
    } catch (e) {
      if (e instanceof Problem && e.status === 0) return;
    }
    store(all().filter((x) => x.key !== k.key));
  }
}

addEventListener("online", () => void sendKept());
