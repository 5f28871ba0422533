// Light and dark: as the system has it until the reader chooses.
const KEY = "channeld.theme";
export type Theme = "light" | "dark";

export function theme(): Theme {
  const kept = localStorage.getItem(KEY);
  if (kept === "light" || kept === "dark") return kept;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function setTheme(to: Theme): void {
  localStorage.setItem(KEY, to);
  applyTheme();
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme();
}
