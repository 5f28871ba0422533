// All that is known of one partner, on one page: the head says what matters, tabs hold the rest.
import type { Call, Row } from "../api";
import { useAsk, useRows } from "../use";
import { may } from "../commands";
import { State } from "../ui/State";
import { Rows } from "../ui/Rows";
import { Tabs, type Tab } from "../ui/Tabs";
import { Act } from "../generic/Act";
import { Pairs } from "../generic/Answer";
import { money } from "../format";
import { language, t, word } from "../lang";
import { href } from "../router";

export function Partner({ id }: { id: string }) {
  const asked = useAsk<Row>("partner show", { args: [id] });
  const mine: Call = { options: { partner: id } };
  const tabs: Tab[] = [
    { id: "money", label: t("tabMoney"), body: () => <><Outlook call={mine} /><Rows name="wallet list" call={mine} hrefOf={() => href(["show", "wallet", id])} />
      <Rows name="rebate statement list" call={mine} /><Rows name="payout list" call={mine} /><Rows name="accrual list" call={mine} /></> },
    { id: "goods", label: t("tabGoods"), body: () => <><Rows name="flow list" call={{ options: { partner: id, by: "month,kind" } }} /><Rows name="stock list" call={mine} />
      <Rows name="balance grade" call={mine} /></> },
    { id: "orders", label: t("tabOrders"), body: () => <><Rows name="order list" call={mine} /><Rows name="replenish list" call={{ options: { partner: id, all: true } }}
      columns={["sku", "name", "state", "quantity", "on_hand", "demand_a_day", "safety_stock"]} /></> },
    { id: "cases", label: t("tabCases"), body: () => <><Rows name="case list" call={mine} columns={["id", "skus", "destination", "state", "score", "opened"]} />
      <Rows name="exemption list" call={mine} /><Rows name="hold list" call={mine} /></> },
    { id: "data", label: t("tabData"), body: () => <><Rows name="report status" call={mine} /><Rows name="quarantine list" call={mine} hrefOf={() => href(["upload"])} />
      <Rows name="upload list" call={mine} /><Rows name="agent list" call={mine} /></> },
    { id: "people", label: t("tabPeople"), body: () => <><Rows name="customer list" call={mine} /><Rows name="contract list" call={{ args: [`partner=${id}`] }} />
      <Rows name="territory list" call={{ args: [`partner=${id}`] }} /></> },
    { id: "basics", label: t("tabBasics"), body: () => <><State of={asked}>{(p) => <Pairs value={p} label={t("tabBasics")} />}</State><Onboarding id={id} /></> },
  ];
  return (
    <>
      <header class="page">
        <h1>{String(asked.data?.["name"] ?? id)}</h1>
        <p>{id} · {word(String(asked.data?.["kind"] ?? ""))} · {String(asked.data?.["tier"] ?? "")}</p>
        <div class="buttons">
          <Act name="order add" preset={{ args: [id] }} />
          <Act name="wallet adjust" preset={{ args: [id] }} />
          <Act name="rebate claim file" />
        </div>
      </header>
      <Tabs tabs={tabs} label={String(asked.data?.["name"] ?? id)} />
    </>
  );
}

/** How far it is to the next band, for each policy that runs. */
export function Outlook({ call }: { call: Call }) {
  const asked = useRows("rebate outlook", call);
  if (!may("rebate outlook")) return null;
  return (
    <section>
      <h2>{t("howFar")}</h2>
      <State of={asked}>
        {(rows) => (
          <ul class="outlook">
            {rows.map((r) => {
              const far = Number(r["to_next"] ?? 0), now = Number(r["so_far"] ?? 0);
              return (
                <li class="card">
                  <b>{String(r["policy"])} · {String(r["period"])}</b>
                  <p class="figure">{money(String(r["amount"]))}</p>
                  <progress max={now + far || 1} value={now} aria-label={t("howFar")} />
                  <p>{far > 0 ? t("toNext", money(String(r["to_next"]))) : t("reachedBest")}</p>
                  <p>{t("soFar", money(String(r["amount"])), money(String(r["amount_expected"])))}</p>
                  {language() === "zh" && r["zh"] ? <p class="note">{String(r["zh"])}</p> : null}
                </li>
              );
            })}
          </ul>
        )}
      </State>
    </section>
  );
}

function Onboarding({ id }: { id: string }) {
  const asked = useAsk<Row>("partner onboard show", { args: [id] });
  return may("partner onboard show") ? <section><h2>{t("onboarding")}</h2><State of={asked}>{(o) => <Pairs value={o} label={t("onboarding")} />}</State></section> : null;
}
