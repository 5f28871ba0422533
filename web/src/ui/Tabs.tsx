// Tabs by the pattern of ARIA: arrows move, the chosen one is in the address.
import type { ComponentChildren } from "preact";
import { setQuery, usePlace } from "../router";

export interface Tab {
  id: string;
  label: string;
  body: () => ComponentChildren;
}

export function Tabs({ tabs, label }: { tabs: Tab[]; label: string }) {
  const at = usePlace().query.get("tab") ?? tabs[0]?.id ?? "";
  const index = Math.max(0, tabs.findIndex((x) => x.id === at));
  const pick = (i: number) => {
    const to = tabs[(i + tabs.length) % tabs.length];
    if (!to) return;
    setQuery({ tab: to.id });
    document.getElementById(`tab-${to.id}`)?.focus();
  };
  const walk = (e: KeyboardEvent) => {
    const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
    if (step) pick(index + step);
  };
  const now = tabs[index];
  return (
    <>
      <div role="tablist" aria-label={label} class="tabs" onKeyDown={walk}>
        {tabs.map((x, i) => (
          <button role="tab" id={`tab-${x.id}`} aria-selected={i === index} aria-controls="tab-body" tabIndex={i === index ? 0 : -1}
            onClick={() => pick(i)}>{x.label}</button>
        ))}
      </div>
      <div role="tabpanel" id="tab-body" aria-labelledby={`tab-${now?.id ?? ""}`}>{now?.body()}</div>
    </>
  );
}
