// A statement as the partner reads it: each line with where it comes from down to document and row; agree or dispute; print
// with room for the seal.
import { useState } from "preact/hooks";
import type { Row } from "../api";
import { useAsk, useRows } from "../use";
import { State } from "../ui/State";
import { Table } from "../ui/Table";
import { Act } from "../generic/Act";
import { Rows } from "../ui/Rows";
import { money, sum } from "../format";
import { t, word } from "../lang";
import { tone } from "../columns";

const ACTS: Record<string, string[]> = {
  draft: ["rebate review", "rebate withdraw"], sent: ["rebate confirm"], confirmed: ["rebate approve"], approved: ["rebate pay"],
  disputed: ["rebate confirm"],
};

export function Statement({ id }: { id: string }) {
  const asked = useRows("rebate statement show", { args: [id] });
  return (
    <State of={asked} title={t("statement", `S${id}`)}>
      {(lines) => {
        const first = lines[0] ?? {};
        const states = [...new Set(lines.map((l) => String(l["state"])))];
        return (
          <article class="statement">
            <header class="page">
              <h1>{t("statement", `S${id}`)}</h1>
              <p>{String(first["partner"])} · {String(first["period"])} · {String(first["company"])}
                {states.map((s) => <span class={`mark ${tone(s)}`}>{word(s)}</span>)}</p>
              <p class="figure">{money(sum(lines.map((l) => String(l["amount"]))))}</p>
              <div class="buttons">
                {states.flatMap((s) => ACTS[s] ?? []).map((name, i) => (
                  <Act name={name} preset={{ args: [id] }} primary={i === 0} onDone={asked.again}
                    {...(name === "rebate confirm" ? { label: t("confirmStatement") } : {})} />
                ))}
                <button onClick={() => print()}>{t("print")}</button>
              </div>
            </header>
            {lines.map((l) => <StatementLine line={l} again={asked.again} />)}
            <div class="seal"><p>{t("seal")}</p><p>{t("sealParty")}</p></div>
            <Rows name="rebate statement history" call={{ args: [id] }} title={t("history")} hrefOf={() => undefined} />
          </article>
        );
      }}
    </State>
  );
}

function StatementLine({ line, again }: { line: Row; again: () => void }) {
  const [open, setOpen] = useState(true);
  const args = [String(line["partner"]), String(line["policy"]), String(line["period"])];
  const no = String(line["line"]);
  return (
    <section class="card">
      <h2>{no}. {String(line["policy"])} · {word(String(line["stage"]))} · {word(String(line["mechanism"]))} · {money(String(line["amount"]))}</h2>
      {line["why"] ? <p>{t("dispute")}：{String(line["why"])}</p> : null}
      {line["answer"] ? <p>{word("answer")}：{String(line["answer"])}</p> : null}
      <div class="buttons">
        {line["state"] === "sent" && <Act name="rebate dispute" preset={{ args: [String(line["statement"])], options: { line: no } }} label={t("dispute")} onDone={again} />}
        {line["state"] === "disputed" && <Act name="rebate dispute answer" preset={{ args: [String(line["statement"])], options: { line: no } }} onDone={again} />}
      </div>
      <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary>{t("whyAmount")}</summary>
        {open && <Explain args={args} />}
      </details>
    </section>
  );
}

interface Explained {
  rows_in_all: number;
  next_row: string | null;
  lines: Row[];
  rows: Row[];
}

export function Explain({ args }: { args: string[] }) {
  const [from, setFrom] = useState("1");
  const asked = useAsk<Explained>("rebate explain", { args, options: { "from-row": from } });
  return (
    <State of={asked}>
      {(e) => (
        <>
          <Table label={t("whyAmount")} rows={e.lines} columns={["stage", "mechanism", "band", "basis_amount", "basis_quantity", "earned", "budget_cut", "amount"]} />
          <h3>{t("evidenceRows")} <span class="count">{e.rows_in_all}</span></h3>
          <Table label={t("evidenceRows")} rows={e.rows} columns={["date", "document", "line", "sku", "basis", "amount"]} hrefOf={(r) => `#/show/document/${String(r["id"])}`} />
          {e.next_row && <button onClick={() => setFrom(String(e.next_row))}>{t("nextRows")}</button>}
        </>
      )}
    </State>
  );
}
