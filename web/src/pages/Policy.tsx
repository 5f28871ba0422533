// A rebate policy: its text, what is odd about it, what a change moves in text and money, what it would have cost.
import { useEffect, useState } from "preact/hooks";
import { ask, Problem, whoAmI, type Row } from "../api";
import { may } from "../commands";
import { useAsk, useRows } from "../use";
import { State, Trouble } from "../ui/State";
import { Table } from "../ui/Table";
import { Act } from "../generic/Act";
import { money, percent } from "../format";
import { t, word } from "../lang";
import { rangeOf } from "../range";
import { scaled } from "../policy";

interface Diff {
  before: string;
  after: string;
  change: string;
  text: Row[];
  money: Row[];
}

export function Policy({ id }: { id: string }) {
  const asked = useAsk<{ yaml: string; revision: number }>("policy show", { args: [id] });
  return <State of={asked} title={`${word("policy")} ${id}`}>{(p) => <Editor key={p.revision} id={id} yaml={p.yaml} again={asked.again} />}</State>;
}

function Editor({ id, yaml, again }: { id: string; yaml: string; again: () => void }) {
  const [text, setText] = useState(yaml);
  const [rates, setRates] = useState(0);
  const [diff, setDiff] = useState<Diff>();
  const [simulated, setSimulated] = useState<Row[]>();
  const [findings, setFindings] = useState<Row[]>();
  const [problem, setProblem] = useState<Problem>();
  const [done, setDone] = useState("");
  const [reason, setReason] = useState("");
  const past = useRows("policy history", { args: [id] });
  const year = rangeOf("thisYear", whoAmI()?.now ?? "");
  const [from, setFrom] = useState(year.from);
  const [to, setTo] = useState(year.to);
  const file = () => new File([text], `${id}.yaml`, { type: "application/yaml" });
  const run = async (f: () => Promise<void>) => {
    setProblem(undefined);
    try {
      await f();
    } catch (x) {
      setProblem(x instanceof Problem ? x : new Problem(-1, "", String(x), "", []));
    }
  };
  useEffect(() => {
    if (!may("policy check")) return undefined;
    const wait = setTimeout(() => void run(async () => setFindings((await ask("policy check", { files: [file()] })) as Row[])), 700);
    return () => clearTimeout(wait);
  }, [text]);
  const slide = (percentMore: number) => {
    setRates(percentMore);
    setText(scaled(yaml, percentMore));
  };
  const compare = () => run(async () => setDiff((await ask("policy diff", { files: [file()] })) as Diff));
  const simulate = () => run(async () => setSimulated((await ask("policy simulate", { options: { from, to }, files: [file()] })) as Row[]));
  const apply = () => run(async () => {
    const said = (await ask("policy apply", { options: { reason }, files: [file()] })) as Row;
    setDone(String(said["message"] ?? t("done")));
    again();
  });
  return (
    <>
      <header class="page"><h1>{word("policy")} {id}</h1></header>
      <div class="two">
        <section class="card">
          <h2><label for="yaml">{t("policyText")}</label></h2>
          <textarea id="yaml" class="code" spellcheck={false} rows={18} value={text} onInput={(e) => setText(e.currentTarget.value)} />
          <div class="field">
            <label for="rates">{t("whatIf")} · {t("rateChange", (rates > 0 ? "+" : "") + percent(rates / 100))}</label>
            <input id="rates" type="range" min={-50} max={50} step={5} value={rates} onInput={(e) => slide(Number(e.currentTarget.value))} />
          </div>
          <div class="buttons">
            <button onClick={() => void compare()}>{t("diff")}</button>
            <button onClick={() => void simulate()}>{t("simulate")}</button>
          </div>
          <div class="fields">
            <div class="field"><label for="from">{t("from")}</label><input id="from" type="date" value={from} onInput={(e) => setFrom(e.currentTarget.value)} /></div>
            <div class="field"><label for="to">{t("to")}</label><input id="to" type="date" value={to} onInput={(e) => setTo(e.currentTarget.value)} /></div>
          </div>
          {may("policy apply") && (
            <>
              <div class="field"><label for="reason">{t("reason")}</label><input id="reason" value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></div>
              <div class="buttons"><button class="primary" disabled={text === yaml || !reason} onClick={() => void apply()}>{t("putInForce")}</button></div>
            </>
          )}
          {problem && <Trouble problem={problem} />}
          {done && <p class="good" role="status">{done}</p>}
        </section>
        <div>
          {findings && <section class="card"><h2>{t("lint")}</h2>{findings.length ? <Table label={t("lint")} rows={findings} /> : <p class="good">{t("nothingOdd")}</p>}</section>}
          {diff && <DiffView diff={diff} />}
          {simulated && <section class="card"><h2>{t("simulate")}</h2><Table label={t("simulate")} rows={simulated} columns={["partner", "in_force", "simulated", "change", "verdict", "to_next", "tempted"]} /></section>}
        </div>
      </div>
      <section>
        <h2>{t("revisions")}</h2>
        <State of={past}>{(rows) => <Table label={t("revisions")} rows={rows}
          tail={may("policy rollback") ? (r) => <Act name="policy rollback" preset={{ args: [id], options: { to: String(r["revision"]) } }} onDone={again} /> : undefined} />}</State>
      </section>
    </>
  );
}

function DiffView({ diff }: { diff: Diff }) {
  return (
    <section class="card">
      <h2>{t("diff")}</h2>
      <p class="figure">{money(diff.before)} → {money(diff.after)}</p>
      <pre class="diff" tabIndex={0} aria-label={t("diff")}>
        {diff.text.map((l) => <span class={l["change"] === "+" ? "added" : "gone"}>{`${String(l["change"])} ${String(l["text"])}\n`}</span>)}
      </pre>
      <Table label={t("diff")} rows={diff.money} columns={["partner", "period", "before", "after", "change"]} />
    </section>
  );
}
