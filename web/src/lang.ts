// The language of the screen: zh-CN first, en switched in place. One listener (the root) draws everything anew.
import { ui } from "./words/ui";
import { trade } from "./words/trade";
import { help } from "./words/help";

export type Lang = "zh" | "en";
const KEY = "channeld.lang";
let lang: Lang = localStorage.getItem(KEY) === "en" ? "en" : "zh";
let changed: () => void = () => undefined;

export function language(): Lang {
  return lang;
}

export function setLanguage(to: Lang): void {
  lang = to;
  localStorage.setItem(KEY, to);
  document.documentElement.lang = to === "zh" ? "zh-CN" : "en";
  changed();
}

export function onLanguage(f: () => void): void {
  changed = f;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

export type Say = keyof typeof ui;

/** A sentence of the screen; {0}, {1} … are replaced. */
export function t(key: Say, ...values: (string | number)[]): string {
  const text = ui[key][lang === "zh" ? 0 : 1];
  return text.replace(/\{(\d)\}/g, (_, n: string) => String(values[Number(n)] ?? ""));
}

/** A word of the trade as the API spells it (a column, a state, a verb) for the reader. */
export function word(key: string): string {
  const found = trade[key];
  if (lang === "zh" && found) return found;
  const plain = key.replace(/[_-]/g, " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** What a command is for: the table's own sentence, in Chinese where it has one. */
export function helpOf(c: { name: string; help: string }): string {
  return lang === "zh" ? (help[c.name] ?? "") : c.help;
}

/** A subject's name ("rebate statement"): its own translation, else word by word. */
export function phrase(words: string): string {
  if (lang === "en") return word(words);
  return trade[words] ?? words.split(" ").map(word).join("");
}
