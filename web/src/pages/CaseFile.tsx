// The file of a case: where the goods should have been and where they were, what speaks for it, what was done, what is next.
import type { Row } from "../api";
import { useAsk, useRows } from "../use";
import { State } from "../ui/State";
import { Table } from "../ui/Table";
import { TileMap } from "../ui/TileMap";
import { Timeline } from "../ui/Timeline";
import { Act } from "../generic/Act";
import { Rows } from "../ui/Rows";
import { provinceOf } from "../regions";
import { language, t, word } from "../lang";
import { tone } from "../columns";
import { decimal, money } from "../format";

interface CaseData extends Row {
  signals: Row[];
  steps: Row[];
}

const NEXT: Record<string, string[]> = {
  alert: ["case notify", "inspection add", "case assign", "case verdict"], notified: ["case appeal", "case verdict", "inspection add"],
  appealed: ["case verdict", "inspection add"], upheld: ["case penalise", "case appeal"], penalised: ["case compensate", "case close", "case appeal"],
  dismissed: ["case reopen", "case close"], closed: ["case reopen"],
};

export function CaseFile({ id }: { id: string }) {
  const asked = useAsk<CaseData>("case show", { args: [id] });
  return <State of={asked} title={id}>{(c) => <Found data={c} id={id} again={asked.again} />}</State>;
}

function Found({ data: c, id, again }: { data: CaseData; id: string; again: () => void }) {
  const partner = useAsk<Row>("partner show", { args: [String(c["partner"])] });
  const claims = useRows("case claims");
  const home = String(partner.data?.["region"] ?? "");
  const state = String(c["state"]);
  const place = (code: string) => (language() === "zh" ? provinceOf(code)?.zh : provinceOf(code)?.en) ?? code;
  const preset = (name: string) => (name === "inspection add" ? { options: { case: id } } : { args: [id] });
  const reports = (claims.data ?? []).filter((r) => r["case"] === id);
  return (
    <>
      <header class="page">
        <p class="crumb">{id}</p>
        <h1>{t("caseOf", String(partner.data?.["name"] ?? c["partner"]))} <span class={`mark ${tone(state)}`}>{word(state)}</span></h1>
        <p>{(c["skus"] as string[] | null)?.join("、")} · {decimal(String(c["quantity"]))} · {place(String(c["destination"]))}
          {c["due"] ? ` · ${t("answerBy", String(c["due"]))}` : ""}</p>
        {String(c["held"] ?? "0.00") !== "0.00" && <p>{word("held")} {money(String(c["held"]))}</p>}
        <div class="buttons">
          {(NEXT[state] ?? []).map((name, i) => <Act name={name} preset={preset(name)} primary={i === 0} onDone={again}
            {...(name === "inspection add" ? { label: t("inspections") } : {})} />)}
          <Act name="case comment" preset={{ args: [id] }} onDone={again} />
          <button onClick={() => print()}>{t("print")}</button>
        </div>
      </header>
      <div class="two">
        <section class="card">
          <h2>{t("mapArrows")}</h2>
          <TileMap label={`${t("mapArrows")}：${place(home)} → ${place(String(c["destination"]))}`}
            arrows={home ? [{ from: home, to: String(c["destination"]), label: `${place(home)} → ${place(String(c["destination"]))}` }] : []} />
          <p>{place(home)} → {place(String(c["destination"]))}，{decimal(String(c["quantity"]))}</p>
        </section>
        <section class="card">
          <h2>{t("timeline")}</h2>
          <Timeline steps={c.steps ?? []} />
        </section>
      </div>
      <section>
        <h2>{t("evidence")} <span class="count">{c.signals?.length ?? 0}</span></h2>
        <Table label={t("evidence")} rows={c.signals ?? []} columns={["time", "kind", "evidence"]} />
      </section>
      {reports.length > 0 && <section><h2>{word("claims")}</h2><Table label={word("claims")} rows={reports} columns={["time", "place", "sku", "price", "text", "files"]} /></section>}
      <Rows name="inspection list" call={{ options: { case: id } }} title={t("inspections")} />
      <Rows name="exemption list" call={{ options: { partner: String(c["partner"]) } }} />
    </>
  );
}
