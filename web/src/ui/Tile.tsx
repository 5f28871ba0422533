// One figure that leads to a page: its change against as many days before, its line, what it rests on.
import type { Asked } from "../use";
import type { Row } from "../api";
import { Spark } from "./Spark";
import { signed } from "../format";
import { t } from "../lang";

interface Props {
  title: string;
  of: Asked<Row[]>;
  value: string;
  now?: number | undefined;
  before?: number | undefined;
  spark?: number[];
  notes: string[];
  href: string;
}

export function Tile({ title, of, value, now, before, spark, notes, href }: Props) {
  if (!of.data && !of.busy && !of.problem) return null; // this role may not ask
  const compared = before ? t("fromBefore", signed((now ?? 0) / before - 1)) : now !== undefined ? t("noBefore") : "";
  return (
    <a class={of.stale && of.problem ? "card kpi old" : "card kpi"} href={href}>
      <span class="kpi-title">{title}</span>
      <span class="figure">{of.data ? value : of.problem ? t("failed") : "…"}</span>
      {compared && <span class="note">{compared}</span>}
      {spark && <Spark values={spark} />}
      {notes.filter(Boolean).map((n) => <span class="note">{n}</span>)}
    </a>
  );
}
