// Data of the daemon in a component: read, kept while it is read again, read again when something changed.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, Problem, queryOf, type Call, type Row } from "./api";
import { may } from "./commands";
import { onNews } from "./live";

export interface Asked<T> {
  data: T | undefined;
  problem: Problem | undefined;
  busy: boolean;
  stale: boolean; // data is of an earlier answer
  again: () => void;
}

/** name "" or one that this role may not call: nothing is asked. */
export function useAsk<T>(name: string, call: Call = {}): Asked<T> {
  const key = name && may(name) ? `${name}?${queryOf(name, call)}` : "";
  const [state, set] = useState<{ key: string; data?: T; problem?: Problem; busy: boolean }>({ key: "", busy: key !== "" });
  const turn = useRef(0);
  const last = useRef(call);
  last.current = call;
  const load = useCallback(() => {
    if (!key) return;
    const mine = ++turn.current;
    set((s) => ({ ...s, busy: true }));
    ask(name, last.current).then(
      (data) => mine === turn.current && set({ key, data: data as T, busy: false }),
      (e: unknown) => mine === turn.current && set((s) => ({ key, data: s.key === key ? s.data : undefined, busy: false,
        problem: e instanceof Problem ? e : new Problem(-1, "", String(e), "", []) })),
    );
  }, [key]);
  useEffect(load, [load]);
  useEffect(() => onNews(load), [load]);
  const fresh = state.key === key;
  return { data: fresh ? state.data : undefined, problem: fresh ? state.problem : undefined,
           busy: key !== "" && (state.busy || !fresh), stale: fresh && state.data !== undefined && (state.busy || !!state.problem),
           again: load };
}

export function useRows(name: string, call: Call = {}): Asked<Row[]> {
  return useAsk<Row[]>(name, call);
}
