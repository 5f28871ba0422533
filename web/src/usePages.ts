// A long list, page after page as it is scrolled; found and sorted by the daemon.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { askPage, Problem, queryOf, type Call, type Page } from "./api";
import { may } from "./commands";
import { onNews } from "./live";
import type { Asked } from "./use";

export type Pages = Page;

export function isPages(value: unknown): value is Pages {
  return typeof value === "object" && value !== null && Array.isArray((value as Pages).rows) && "total" in value;
}

interface State {
  key: string;
  data?: unknown;
  problem?: Problem;
  busy: boolean;
}

export function usePages(name: string, call: Call, view: Record<string, string>): Asked<unknown> & { more: () => void } {
  const key = name && may(name) ? `${name}?${queryOf(name, call)}&${new URLSearchParams(view).toString()}` : "";
  const [state, set] = useState<State>({ key: "", busy: key !== "" });
  const turn = useRef(0);
  const last = useRef({ call, view, pages: 1, loading: false });
  last.current.call = call;
  last.current.view = view;

  const load = useCallback(async (first: boolean) => {
    if (!key) return;
    const mine = ++turn.current;
    const l = last.current;
    if (first) l.pages = 1;
    set((s) => ({ ...s, busy: true }));
    try {
      let data: unknown;
      for (let page = 1; page <= l.pages; page++) {
        const got = await askPage(name, l.call, l.view, page);
        data = isPages(got) && isPages(data) ? { rows: [...data.rows, ...got.rows], total: got.total } : got;
        if (mine !== turn.current) return;
      }
      set({ key, data, busy: false });
    } catch (e) {
      const problem = e instanceof Problem ? e : new Problem(-1, "", String(e), "", []);
      if (mine === turn.current) set((s) => ({ key, data: s.key === key ? s.data : undefined, problem, busy: false }));
    }
  }, [key]);
  useEffect(() => void load(true), [load]);
  useEffect(() => onNews(() => void load(false)), [load]);

  const more = async () => {
    const l = last.current;
    if (l.loading || state.key !== key || !isPages(state.data)) return;
    l.loading = true;
    const mine = turn.current, data = state.data;
    try {
      const got = await askPage(name, l.call, l.view, l.pages + 1);
      if (mine === turn.current && isPages(got)) {
        l.pages++;
        set({ key, data: { rows: [...data.rows, ...got.rows], total: got.total }, busy: false });
      }
    } catch (e) {
      set((s) => ({ ...s, problem: e instanceof Problem ? e : new Problem(-1, "", String(e), "", []) }));
    }
    l.loading = false;
  };
  const fresh = state.key === key;
  return { data: fresh ? state.data : undefined, problem: fresh ? state.problem : undefined, busy: key !== "" && (state.busy || !fresh),
           stale: fresh && state.data !== undefined && !!state.problem, again: () => void load(false), more: () => void more() };
}
