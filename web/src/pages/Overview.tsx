// Morning: what needs a decision is on the to-do page; here is how the channel stands, each figure with what it rests on.
import { whoAmI, type Call, type Row } from "../api";
import { may } from "../commands";
import { useAsk, useRows, type Asked } from "../use";
import { State } from "../ui/State";
import { Table } from "../ui/Table";
import { Chart } from "../ui/Chart";
import { TileMap } from "../ui/TileMap";
import { Tile } from "../ui/Tile";
import { dayOf, number, percent, short, shortMoney } from "../format";
import { daysOf, RANGES, rangeOf, type Range } from "../range";
import { provinceOf } from "../regions";
import { go, href, setQuery, usePlace } from "../router";
import { language, t } from "../lang";
import { useMemo } from "preact/hooks";

const flows = (r: { from: string; to: string }, more: Record<string, string | true>): Call => ({ options: { from: r.from, to: r.to, ...more } });
const before = (r: Range) => ({ from: r.beforeFrom, to: r.beforeTo });
const FINAL = { by: "day", final: true as const };

export function Overview() {
  const { query } = usePlace();
  const now = whoAmI()?.now ?? new Date().toISOString();
  const name = query.get("range") ?? "last30";
  const range = rangeOf(name, now);
  return (
    <>
      <header class="page">
        <h1>{t("overview")}</h1>
        <div class="buttons">
          <label for="range" class="unseen">{t("range")}</label>
          <select id="range" value={name} onChange={(e) => setQuery({ range: e.currentTarget.value })}>
            {RANGES.map((r) => <option value={r}>{t(r)}</option>)}
          </select>
          <button onClick={() => setQuery({ kiosk: query.has("kiosk") ? undefined : "1" })}>{t("kiosk")}</button>
        </div>
        <p class="note">{range.from} – {range.to} · {t("asOf", now.slice(0, 16).replace("T", " "))}</p>
      </header>
      <Tiles range={range} />
      <div class="two">
        <Trend range={range} />
        <Provinces range={range} />
      </div>
      <League range={range} />
    </>
  );
}

/** Sum of one currency's amounts, as a figure for the short form: the first that appears; others are told apart. */
function total(rows: Row[] | undefined): number | undefined {
  const currency = rows?.[0]?.["currency"];
  return rows?.filter((r) => r["currency"] === currency).reduce((s, r) => s + number(r["amount"]), 0);
}

function byDay(rows: Row[] | undefined, days: string[]): number[] {
  const sums = new Map<string, number>();
  for (const r of rows ?? []) sums.set(String(r["day"]), (sums.get(String(r["day"])) ?? 0) + number(r["amount"]));
  return days.map((d) => sums.get(d) ?? 0);
}

function Tiles({ range }: { range: Range }) {
  const out = useRows("flow list", flows(range, FINAL)), outBefore = useRows("flow list", flows(before(range), FINAL));
  const sellIn = useRows("flow list", flows(range, { by: "day", kind: "sell_in" }));
  const inBefore = useRows("flow list", flows(before(range), { by: "day", kind: "sell_in" }));
  const paid = useRows("flow list", flows(range, { by: "day", kind: "payment" }));
  const coverage = useAsk<Row>("report coverage");
  const plan = useRows("replenish list", { options: { all: true } });
  const accrued = useRows("accrual list"), policies = useRows("policy list"), cases = useRows("case list", { options: { open: true } });
  const days = daysOf(range.from, range.to);
  const said = coverage.data ? t("coverage", number(coverage.data["reported"]), number(coverage.data["partners"])) : "";
  const scope = t("scopeAll", String(out.data?.[0]?.["currency"] ?? "CNY"));
  const stock = median((plan.data ?? []).filter((r) => number(r["demand_a_day"]) > 0).map((r) => Math.max(0, number(r["on_hand"])) / number(r["demand_a_day"])));
  const budget = (policies.data ?? []).reduce((s, p) => s + number(p["budget"]), 0), used = total(accrued.data);
  const drill = (more: Record<string, string>) => href(["list", "flow list"], { from: range.from, to: range.to, ...more });
  return (
    <div class="tile-row">
      <Tile title={t("tileSellIn")} of={sellIn} value={shortMoney(total(sellIn.data) ?? 0)} now={total(sellIn.data)} before={total(inBefore.data)}
        spark={byDay(sellIn.data, days)} notes={[t("payments", shortMoney(total(paid.data) ?? 0)), scope]} href={drill({ by: "partner", kind: "sell_in" })} />
      <Tile title={t("tileSellOut")} of={out} value={shortMoney(total(out.data) ?? 0)} now={total(out.data)} before={total(outBefore.data)}
        spark={byDay(out.data, days)} notes={[said, scope]} href={drill({ by: "partner", final: "1" })} />
      <Tile title={t("tileStock")} of={plan} value={stock === undefined ? "–" : t("tileDays", short(Math.round(stock * 10) / 10))}
        notes={[t("rows", plan.data?.length ?? 0)]} href={href(["list", "stock list"])} />
      <Tile title={t("tileAccrued")} of={accrued} value={shortMoney(used ?? 0)} notes={[budget > 0 ? t("ofBudget", percent((used ?? 0) / budget)) : t("noBudget")]}
        href={href(["list", "accrual list"])} />
      <Tile title={t("tileCases")} of={cases} value={String(cases.data?.length ?? 0)} notes={[]} href={href(["list", "case list"], { open: "1" })} />
    </div>
  );
}

function median(values: number[]): number | undefined {
  const list = [...values].sort((a, b) => a - b);
  const half = Math.floor(list.length / 2);
  return list.length === 0 ? undefined : list.length % 2 ? list[half] : ((list[half - 1] ?? 0) + (list[half] ?? 0)) / 2;
}

function Trend({ range }: { range: Range }) {
  const asked = useRows("flow list", flows(range, FINAL)), past = useRows("flow list", flows(before(range), FINAL));
  const picture = useMemo(() => {
    const x = daysOf(range.from, range.to);
    return {
      label: t("trendLabel"), x, money: true,
      lines: [{ name: t("tileSellOut"), values: byDay(asked.data, x), kind: "actual" as const },
              { name: t("fromBefore", "").trim(), values: byDay(past.data, daysOf(range.beforeFrom, range.beforeTo)), kind: "before" as const }],
    };
  }, [asked.data, past.data, range.from, range.to, language()]);
  return (
    <section class="card">
      <h2>{t("trend")}</h2>
      <State of={asked}>{() => <Chart picture={picture} columns={["day", "amount", "before"]} headings={{ before: `${range.beforeFrom} – ${range.beforeTo}` }} />}</State>
    </section>
  );
}

function Provinces({ range }: { range: Range }) {
  const asked = useRows("flow list", flows(range, { by: "region", level: "province", final: true }));
  return (
    <section class="card">
      <h2>{t("map")}</h2>
      <State of={asked}>{(rows) => <ProvinceMap rows={rows} range={range} />}</State>
    </section>
  );
}

function ProvinceMap({ rows, range }: { rows: Row[]; range: Range }) {
  const top = Math.max(1, ...rows.map((r) => number(r["amount"])));
  const values = new Map(rows.map((r) => [String(r["region"]), { share: number(r["amount"]) / top, text: shortMoney(number(r["amount"])) }]));
  const named = rows.map((r) => {
    const p = provinceOf(String(r["region"]));
    return { ...r, name: (language() === "zh" ? p?.zh : p?.en) ?? String(r["region"]) } as Row;
  }).sort((a, b) => number(b["amount"]) - number(a["amount"]));
  const drill = (region: string) => href(["list", "flow list"], { by: "partner", region, final: "1", from: range.from, to: range.to });
  return (
    <>
      <TileMap label={t("mapHelp")} values={values} onPick={(code) => go(["list", "flow list"], { by: "partner", region: code, final: "1", from: range.from, to: range.to })} />
      <Table label={t("map")} rows={named} columns={["name", "quantity", "amount"]} hrefOf={(r) => drill(String(r["region"]))} />
    </>
  );
}

function League({ range }: { range: Range }) {
  const by = { by: "partner", final: true as const, rollup: true as const };
  const now = useRows("flow list", flows(range, by)), past = useRows("flow list", flows(before(range), by));
  const names = useRows("partner list"), uploads = useRows("upload list");
  if (!may("flow list")) return null;
  return (
    <section class="card">
      <h2>{t("league")}</h2>
      <State of={now}>{(rows) => <LeagueTable rows={rows} past={past} names={names.data ?? []} uploads={uploads.data ?? []} now={range.to} />}</State>
    </section>
  );
}

function LeagueTable({ rows, past, names, uploads, now }: { rows: Row[]; past: Asked<Row[]>; names: Row[]; uploads: Row[]; now: string }) {
  const name = new Map(names.map((p) => [p["id"], p["name"]]));
  const was = new Map((past.data ?? []).map((r) => [r["partner"], number(r["amount"])]));
  const last = new Map([...uploads].reverse().map((u) => [u["partner"], String(u["time"])]));
  const all = rows.reduce((s, r) => s + number(r["amount"]), 0) || 1;
  const list = [...rows].sort((a, b) => number(b["amount"]) - number(a["amount"])).map((r, i) => {
    const old = was.get(r["partner"]);
    const sent = last.get(r["partner"]);
    return { rank: i + 1, partner: r["partner"], name: name.get(r["partner"]) ?? null, amount: r["amount"], currency: r["currency"],
             share: percent(number(r["amount"]) / all), change: old ? percent(number(r["amount"]) / old - 1) : null,
             last_upload: sent ? dayOf(sent) : null, as_of: now } as Row;
  });
  return <Table label={t("league")} rows={list} columns={["rank", "partner", "name", "amount", "share", "change", "last_upload"]}
    hrefOf={(r) => href(["partner", String(r["partner"])])} />;
}
