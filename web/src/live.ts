// News from the daemon: one connection a browser. The tab that holds the lock listens and passes on; a browser without
// locks listens by itself. A message says only that something changed; who shows it asks again.
import { useEffect, useState } from "preact/hooks";

const PATH = "/api/v1/events";
const NAME = "channeld.live";
const hearers = new Set<() => void>();
const watchers = new Set<(on: boolean) => void>();
let connected = false;
let timer = 0;

function tell(): void {
  if (timer) return;
  timer = window.setTimeout(() => {
    timer = 0;
    hearers.forEach((f) => f());
  }, 800);
}

function setConnected(on: boolean): void {
  if (connected === on) return;
  connected = on;
  watchers.forEach((f) => f(on));
}

function listen(pass: (what: "news" | "on" | "off") => void): EventSource {
  const source = new EventSource(PATH);
  source.onopen = () => pass("on");
  source.onerror = () => pass("off");
  source.onmessage = () => pass("news");
  for (const kind of ["change", "entry", "resync"]) source.addEventListener(kind, () => pass("news"));
  return source;
}

function hear(what: unknown): void {
  if (what === "news") tell();
  setConnected(what !== "off");
}

let started = false;
/** Begin to listen; once signed in. */
export function startLive(): void {
  if (started) return;
  started = true;
  if (!("locks" in navigator) || !("BroadcastChannel" in window)) {
    listen(hear);
    return;
  }
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = (m) => hear(m.data);
  void navigator.locks.request(NAME, () => {
    listen((what) => {
      hear(what);
      channel.postMessage(what);
    });
    return new Promise(() => undefined); // held as long as the tab lives
  });
}

/** Call f when something may have changed. */
export function onNews(f: () => void): () => void {
  hearers.add(f);
  return () => hearers.delete(f);
}

export function useConnected(): boolean {
  const [on, set] = useState(connected);
  useEffect(() => {
    watchers.add(set);
    return () => void watchers.delete(set);
  }, []);
  return on;
}
