// The parts of ECharts that our charts need, loaded when the first one is drawn. The tooltip is drawn on the canvas: its
// HTML form carries inline styles, which the content security policy forbids.
import { init, use, type ECharts } from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
import { short, shortMoney } from "./format";

use([LineChart, BarChart, GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, AriaComponent, CanvasRenderer]);

export interface Line {
  name: string;
  values: (number | null)[];
  kind: "actual" | "before" | "forecast";
}

export interface Picture {
  label: string;
  x: string[];
  lines: Line[];
  band?: { name: string; low: (number | null)[]; high: (number | null)[] };
  now?: string; // a value of x
  money: boolean;
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Draw into the element; the caller disposes what it gets. */
export function draw(at: HTMLElement, p: Picture): ECharts {
  const chart = init(at, null, { renderer: "canvas" });
  const say = (v: unknown) => (v == null ? "–" : p.money ? shortMoney(Number(v)) : short(Number(v)));
  const ink = color("--ink"), faint = color("--faint"), line = color("--line");
  const axis = { axisLabel: { color: faint }, axisLine: { lineStyle: { color: line } } };
  const dash = { actual: "solid", before: "dotted", forecast: "dashed" } as const;
  const tint = { actual: color("--accent"), before: faint, forecast: color("--accent") };
  const series: object[] = p.lines.map((l, i) => ({
    type: "line", name: l.name, data: l.values, showSymbol: false, connectNulls: false, itemStyle: { color: tint[l.kind] },
    lineStyle: { type: dash[l.kind], width: 2, color: tint[l.kind] },
    markLine: i === 0 && p.now ? { symbol: "none", silent: true, label: { show: false }, lineStyle: { color: faint }, data: [{ xAxis: p.now }] } : undefined,
  }));
  if (p.band) {
    const { low, high, name } = p.band;
    const none = { lineStyle: { opacity: 0 }, showSymbol: false, stack: "band", tooltip: { show: false } };
    series.push({ type: "line", name: "", data: low, ...none });
    series.push({ type: "line", name, data: high.map((h, i) => (h == null ? null : h - (low[i] ?? 0))), ...none,
                  itemStyle: { color: tint.forecast }, areaStyle: { opacity: 0.18, color: tint.forecast } });
  }
  chart.setOption({
    animation: false,
    aria: { enabled: true, label: { description: p.label } },
    grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: say, confine: true, backgroundColor: color("--card"),
               textStyle: { color: ink }, borderColor: line },
    xAxis: { type: "category", data: p.x, boundaryGap: false, ...axis },
    yAxis: { type: "value", ...axis, axisLabel: { color: faint, formatter: say }, splitLine: { lineStyle: { color: line } } },
    series,
  });
  return chart;
}
