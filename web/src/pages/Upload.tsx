// The clerk's page: choose a file, see what was read before it counts, send it, mend what is not understood.
import { useRef, useState } from "preact/hooks";
import { Problem, whoAmI, type Row } from "../api";
import { may } from "../commands";
import { drop, look, send, type Looked, type Sent } from "../uploads";
import { rangeBetween } from "../range";
import { Faults, State, Trouble } from "../ui/State";
import { Table } from "../ui/Table";
import { Act } from "../generic/Act";
import { Rows } from "../ui/Rows";
import { Dialog } from "../ui/Dialog";
import { Pairs } from "../generic/Answer";
import { useAsk, useRows } from "../use";
import { t, word } from "../lang";
import { money, number, signed } from "../format";
import { Mend } from "./Mend";

const REPOST_MS = 1000; // lines that waited for a word post themselves between other work

type Step = { at: "choose" } | { at: "busy"; file: File } | { at: "read"; file: File; looked: Looked } | { at: "sent"; sent: Sent };

export function Upload() {
  const me = whoAmI();
  const partner = me?.role.startsWith("partner") ? me.scope : "";
  const [to, setTo] = useState(partner);
  const [step, setStep] = useState<Step>({ at: "choose" });
  const [problem, setProblem] = useState<Problem>();
  const input = useRef<HTMLInputElement>(null);
  const partners = useRows(partner ? "" : "partner list");
  const guard = async (f: () => Promise<void>) => {
    setProblem(undefined);
    try {
      await f();
    } catch (x) {
      setProblem(x instanceof Problem ? x : new Problem(-1, "", String(x), "", []));
      setStep({ at: "choose" });
    }
  };
  const choose = (file: File | undefined) => file && void guard(async () => {
    setStep({ at: "busy", file });
    setStep({ at: "read", file, looked: await look(file, to) });
  });
  const submit = (file: File, looked: Looked) => void guard(async () => {
    setStep({ at: "busy", file });
    setStep({ at: "sent", sent: await send(looked) });
  });
  const back = (looked: Looked) => void guard(async () => {
    setStep({ at: "choose" });
    await drop(looked);
  });
  return (
    <>
      <header class="page"><h1>{t("upload")}</h1></header>
      {!partner && (
        <div class="field">
          <label for="to">{word("partner")}</label>
          <select id="to" value={to} onChange={(e) => setTo(e.currentTarget.value)}>
            <option value="">{t("choose")}</option>
            {(partners.data ?? []).map((p) => <option value={String(p["id"])}>{String(p["id"])} {String(p["name"] ?? "")}</option>)}
          </select>
        </div>
      )}
      {problem && <Trouble problem={problem} />}
      {step.at === "choose" && (
        <div class="drop card" onDragOver={(e) => e.preventDefault()} onDrop={(e) => { e.preventDefault(); choose(e.dataTransfer?.files[0]); }}>
          <label for="file" class="button primary">{t("chooseFile")}</label>
          <input id="file" ref={input} type="file" class="unseen" disabled={!to} onChange={(e) => choose(e.currentTarget.files?.[0])} />
          <p>{t("dropHere")}</p>
        </div>
      )}
      {step.at === "busy" && <p class="loading" role="status">{t("reading", step.file.name)} <progress aria-label={t("reading", step.file.name)} /></p>}
      {step.at === "read" && <Preview file={step.file} looked={step.looked} partner={to} onSubmit={() => submit(step.file, step.looked)} onBack={() => back(step.looked)} />}
      {step.at === "sent" && (
        <section class="card" aria-live="polite">
          <p class="good">{t("submitted", step.sent.committed, step.sent.duplicate, step.sent.quarantined)}</p>
          <div class="buttons"><button class="primary" onClick={() => setStep({ at: "choose" })}>{t("chooseFile")}</button></div>
        </section>
      )}
      <Waiting />
      <Due partner={to} />
      <Recent partner={to} />
    </>
  );
}

interface PreviewProps {
  file: File;
  looked: Looked;
  partner: string;
  onSubmit: () => void;
  onBack: () => void;
}

function Preview({ file, looked, partner, onSubmit, onBack }: PreviewProps) {
  const wrong = looked.problems_total + looked.skipped_total;
  const before = useBefore(looked, partner);
  return (
    <section class="card" aria-live="polite">
      <h2>{file.name}</h2>
      <p class="read">{t("readAs", looked.documents, looked.lines, money(looked.amount), looked.from ?? "–", looked.to ?? "–")}</p>
      {before !== undefined && <p class="note">{t("comparedMonth", signed(number(looked.amount) / before - 1))}</p>}
      <p class={wrong ? "fault" : "good"}>{wrong ? t("rowsWrong", wrong) : t("rowsFine")}</p>
      {looked.problems.length > 0 && <Faults faults={looked.problems} />}
      <div class="buttons">
        <button class="primary" data-do="submit" onClick={onSubmit}>{t("submitAsIs")}</button>
        <button onClick={onBack}>{t("mendFirst")}</button>
      </div>
    </section>
  );
}

/** What was sold in as many days before the file's first: what a clerk compares a month with. */
function useBefore(looked: Looked, partner: string): number | undefined {
  const span = looked.from && looked.to && looked.amount ? rangeBetween(looked.from, looked.to) : undefined;
  const asked = useRows(span && partner ? "flow list" : "", { options: { by: "kind", kind: "sell_out", partner, from: span?.beforeFrom ?? "", to: span?.beforeTo ?? "" } });
  const sum = (asked.data ?? []).reduce((s, r) => s + number(r["amount"]), 0);
  return sum > 0 ? sum : undefined;
}

function Waiting() {
  const asked = useRows("quarantine list");
  const [word_, setWord] = useState<Row>();
  return (
    <section class="card">
      <h2>{t("waitingWords")} <span class="count">{asked.data?.length ?? ""}</span></h2>
      <State of={asked}>
        {(rows) => <Table label={t("waitingWords")} rows={rows} columns={["word", "reason", "partner", "lines", "amount"]}
          tail={(r) => (String(r["reason"]).startsWith("unknown_product") && may("alias set") ? <button data-do="mend" onClick={() => setWord(r)}>{t("teach")}</button>
            : <Act name="quarantine retry" preset={{ args: [String(r["reason"]), String(r["word"])] }} onDone={asked.again} />)} />}
      </State>
      {word_ && (
        <Dialog title={t("teach")} onClose={() => setWord(undefined)}>
          <Mend row={word_} onDone={() => { setWord(undefined); setTimeout(asked.again, REPOST_MS); }} />
        </Dialog>
      )}
    </section>
  );
}

function Due({ partner }: { partner: string }) {
  const way = useAsk<Row>(partner ? "partner onboard show" : "", { args: [partner] });
  return (
    <>
      {may("report status") && <Rows name="report status" title={t("dueWhen")} call={partner ? { options: { partner } } : {}}
        columns={["partner", "type", "period", "due", "state", "came", "days_late"]} />}
      {way.data && <section><h2>{t("onboarding")}</h2><Pairs value={way.data} label={t("onboarding")} /></section>}
    </>
  );
}

function Recent({ partner }: { partner: string }) {
  const asked = useRows("upload list", partner ? { options: { partner } } : {});
  return (
    <section>
      <h2>{t("lastUploads")}</h2>
      <State of={asked}>
        {(rows) => <Table label={t("lastUploads")} rows={rows.slice(0, 50)} columns={["id", "time", "file", "documents", "lines", "committed", "duplicate", "quarantined", "state"]}
          hrefOf={(r) => `#/show/upload/${String(r["id"])}`}
          tail={may("upload withdraw") ? (r) => (r["state"] === "complete" && number(r["committed"]) > 0
            ? <Act name="upload withdraw" preset={{ args: [String(r["id"])] }} label={t("takeBack")} onDone={asked.again} /> : null) : undefined} />}
      </State>
    </section>
  );
}
