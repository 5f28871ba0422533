// One order: what is asked, why the system proposed it, and the one step that is next.
import type { Row } from "../api";
import { useAsk } from "../use";
import { may } from "../commands";
import { State } from "../ui/State";
import { Table } from "../ui/Table";
import { Act } from "../generic/Act";
import { money } from "../format";
import { language, t, word } from "../lang";
import { tone } from "../columns";
import { Timeline } from "../ui/Timeline";

interface OrderData extends Row {
  products: Row[];
  steps: Row[];
}

const NEXT: Record<string, string[]> = {
  suggested: ["order confirm", "order change", "order refuse"], confirmed: ["order approve", "order change", "order cancel"],
  approved: ["order acknowledge", "order cancel"], sent: ["order acknowledge", "order cancel"], acknowledged: ["order ship", "order cancel"],
  shipped: ["order receive", "order close"], received: ["order close"], closed: ["order reopen"], cancelled: ["order reopen"],
};

export function Order({ id }: { id: string }) {
  const asked = useAsk<OrderData>("order show", { args: [id] });
  return (
    <State of={asked} title={t("order", id)}>
      {(o) => (
        <>
          <header class="page">
            <h1>{t("order", id)}</h1>
            <p>{String(o["partner"])} <span class={`mark ${tone(o["state"])}`}>{word(String(o["state"]))}</span> {String(o["made"]).slice(0, 10)}</p>
            <p class="figure">{money(o["amount"] as string, String(o["currency"]))}</p>
            <div class="buttons">
              {(NEXT[String(o["state"])] ?? []).map((name, i) => <Act name={name} preset={{ args: [id] }} primary={i === 0} onDone={asked.again} />)}
              <button onClick={() => print()}>{t("print")}</button>
            </div>
            {o["reason"] ? <p class="trouble">{String(o["reason"])}</p> : null}
          </header>
          <section>
            <h2>{t("lines")}</h2>
            <Table label={t("lines")} rows={o.products} columns={columnsFor(o)} />
          </section>
          {o["source"] === "suggestion" && may("replenish explain") && o.products.map((p) => <Why partner={String(o["partner"])} product={p} />)}
          {o.steps.length > 0 && <section><h2>{t("timeline")}</h2><Timeline steps={o.steps} /></section>}
        </>
      )}
    </State>
  );
}

function columnsFor(o: Row): string[] {
  const moved = ["shipped", "received", "closed"].includes(String(o["state"]));
  return ["sku", "name", "suggested", "quantity", "unit", "price", "amount", ...(moved ? ["shipped", "received", "damaged", "back_order"] : [])];
}

interface Explanation {
  why: string;
  why_zh: string;
  table: Row[];
  changed: string | null;
}

function Why({ partner, product }: { partner: string; product: Row }) {
  const asked = useAsk<Explanation>("replenish explain", { args: [partner, String(product["sku"])] });
  return (
    <section class="card">
      <h2>{t("why")}：{String(product["name"])}</h2>
      <State of={asked}>
        {(e) => (
          <>
            <p>{language() === "zh" ? e.why_zh : e.why}</p>
            {e.changed && <p>{String(e.changed)}</p>}
            <details>
              <summary>{t("figures")}</summary>
              <Table label={t("figures")} rows={e.table} columns={["words", "value"]} />
            </details>
          </>
        )}
      </State>
    </section>
  );
}
