// How the API's strings look on screen. Money and quantities come as decimal strings and never pass through a float where
// they are shown in full; only the short form (万, 亿) and charts round.
import { language } from "./lang";

const EMPTY = "–";

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

export function decimal(value: string): string {
  const m = /^(-?)(\d+)(\.\d+)?$/.exec(value);
  return m ? (m[1] ? "−" : "") + grouped(m[2] ?? "") + (m[3] ?? "") : value;
}

const SIGNS: Record<string, string> = { CNY: "¥", USD: "$", EUR: "€" };

export function money(value: string | null | undefined, currency = "CNY"): string {
  if (value == null || value === "") return EMPTY;
  const text = decimal(value);
  const sign = SIGNS[currency] ?? `${currency} `;
  return text.startsWith("−") ? `−${sign}${text.slice(1)}` : sign + text;
}

/** The short form of a figure: 84.23万, 1.20亿; 842.3K, 1.2M. */
export function short(value: number): string {
  const size = Math.abs(value);
  const steps: [number, string][] = language() === "zh" ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
  for (const [unit, name] of steps)
    if (size >= unit) return trimmed(value / unit) + name;
  return trimmed(value).replace("-", "−");
}

function trimmed(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits).replace(/\.?0+$/, (m) => (m.startsWith(".") ? "" : m)).replace("-", "−");
}

export function shortMoney(value: number): string {
  return value < 0 ? `−¥${short(-value)}` : `¥${short(value)}`;
}

export function percent(part: number): string {
  return `${(part * 100).toFixed(Math.abs(part) < 0.1 ? 1 : 0).replace("-", "−")}%`;
}

export function signed(part: number): string {
  return (part > 0 ? "+" : "") + percent(part);
}

/** RFC 3339 → day and minute, in the zone it is written in. */
export function time(value: string): string {
  const m = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(value);
  return m ? `${m[1]} ${m[2]}` : value;
}

export function dayOf(value: string): string {
  return value.slice(0, 10);
}

/** Whole days from one day to another; both ISO 8601. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(dayOf(to)) - Date.parse(dayOf(from))) / 86_400_000);
}

/** For charts and sums in the short form only. */
export function number(value: unknown): number {
  const n = typeof value === "number" ? value : Number.parseFloat(String(value ?? "0"));
  return Number.isFinite(n) ? n : 0;
}

/** A sum of decimal strings, exact: in units of the longest fraction. */
export function sum(values: string[]): string {
  const places = Math.max(0, ...values.map((v) => (v.split(".")[1] ?? "").length));
  const scale = 10 ** places;
  const total = values.reduce((s, v) => s + Math.round(Number(v) * scale), 0);
  const text = String(Math.abs(total)).padStart(places + 1, "0");
  const whole = places ? `${text.slice(0, -places)}.${text.slice(-places)}` : text;
  return (total < 0 ? "-" : "") + whole;
}

export const unknown = EMPTY;
