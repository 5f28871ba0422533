// What a piece of screen shows when it has no data yet, none at all, old data, or an error.
import type { ComponentChildren } from "preact";
import type { Asked } from "../use";
import type { Fault, Problem } from "../api";
import { t } from "../lang";

interface Props<T> {
  of: Asked<T>;
  empty?: string;
  title?: string; // of a whole page, as long as it has nothing better to be called
  children: (data: T) => ComponentChildren;
}

export function State<T>({ of, empty, title, children }: Props<T>) {
  if (of.data === undefined) {
    const head = title ? <header class="page"><h1>{title}</h1></header> : null;
    if (of.busy) return <>{head}<p class="loading" role="status">{t("loading")}</p></>;
    return <>{head}{of.problem && <Trouble problem={of.problem} again={of.again} />}</>;
  }
  const none = Array.isArray(of.data) && of.data.length === 0;
  return (
    <>
      {of.stale && of.problem && <p class="stale" role="status">{t("stale")}</p>}
      {none ? <p class="empty">{empty ?? t("noRows")}</p> : children(of.data)}
    </>
  );
}

export function Trouble({ problem, again }: { problem: Problem; again?: (() => void) | undefined }) {
  return (
    <div class="trouble" role="alert">
      <p>{problem.status === 0 ? t("offline") : problem.message || t("failed")}</p>
      {problem.hint && <p>{t("hint", problem.hint)}</p>}
      {problem.faults.length > 0 && <Faults faults={problem.faults} />}
      {again && <button onClick={again}>{t("retry")}</button>}
    </div>
  );
}

export function Faults({ faults }: { faults: Fault[] }) {
  return (
    <ul class="faults">
      {faults.map((f) => (
        <li>
          {(f.file || f.row != null) && <b>{t("at", f.file ?? "", f.row ?? "", f.column ?? "")} </b>}
          {f.found && <span>{t("found", f.found)} </span>}
          {f.wanted && <span>{t("wanted", f.wanted)} </span>}
          {f.hint && <span>{t("hint", f.hint)}</span>}
        </li>
      ))}
    </ul>
  );
}
