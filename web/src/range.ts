// The period of the overview, in the address; the period before it has as many days, so the comparison is fair.
import { dayOf, daysBetween } from "./format";

export interface Range {
  from: string;
  to: string; // inclusive
  beforeFrom: string;
  beforeTo: string;
  days: number;
}

export const RANGES = ["last30", "last90", "thisMonth", "thisQuarter", "thisYear"] as const;
export type RangeName = (typeof RANGES)[number];

export function plusDays(day: string, n: number): string {
  return new Date(Date.parse(day) + n * 86_400_000).toISOString().slice(0, 10);
}

function begin(name: RangeName, today: string): string {
  const [year = "", month = "01"] = today.split("-");
  switch (name) {
    case "last30": return plusDays(today, -29);
    case "last90": return plusDays(today, -89);
    case "thisMonth": return `${year}-${month}-01`;
    case "thisQuarter": return `${year}-${String(Math.floor((Number(month) - 1) / 3) * 3 + 1).padStart(2, "0")}-01`;
    case "thisYear": return `${year}-01-01`;
  }
}

export function rangeOf(name: string | null, now: string): Range {
  const today = dayOf(now);
  const known = RANGES.find((r) => r === name) ?? "last30";
  return rangeBetween(begin(known, today), today);
}

export function rangeBetween(from: string, to: string): Range {
  const days = daysBetween(from, to) + 1;
  return { from, to, days, beforeFrom: plusDays(from, -days), beforeTo: plusDays(from, -1) };
}

export function daysOf(from: string, to: string): string[] {
  const n = daysBetween(from, to) + 1;
  return Array.from({ length: Math.max(0, n) }, (_, i) => plusDays(from, i));
}
