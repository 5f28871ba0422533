// Where the screen is: "#/list/order?state=suggested". The part after ? holds every filter, so an address can be sent on.
import { useEffect, useState } from "preact/hooks";

export interface Place {
  path: string[];
  query: URLSearchParams;
}

export function here(): Place {
  const text = location.hash.replace(/^#\/?/, "");
  const [path = "", query = ""] = text.split("?");
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

export function href(path: string[], query: Record<string, string | undefined> = {}): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(query)) if (v) q.set(k, v);
  const tail = q.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${tail ? `?${tail}` : ""}`;
}

export function go(path: string[], query: Record<string, string | undefined> = {}): void {
  location.hash = href(path, query);
}

/** Change filters of this page in place; undefined or "" takes one away. */
export function setQuery(patch: Record<string, string | undefined>): void {
  const { path, query } = here();
  for (const [k, v] of Object.entries(patch)) v ? query.set(k, v) : query.delete(k);
  history.replaceState(null, "", href(path, Object.fromEntries(query)));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function usePlace(): Place {
  const [place, set] = useState(here());
  useEffect(() => {
    const moved = () => set(here());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return place;
}
