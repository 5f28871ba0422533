// Frame of every page: skip link, ways of the role, language, theme, whether news come in.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { signOut, whoAmI } from "./api";
import { language, setLanguage, t, word } from "./lang";
import { setTheme, theme } from "./theme";
import { useConnected } from "./live";
import { usePlace, go, href } from "./router";
import { waysOf } from "./nav";
import { dayOf } from "./format";

export function Shell({ children }: { children: ComponentChildren }) {
  const me = whoAmI();
  const place = usePlace();
  const live = useConnected();
  const [open, setOpen] = useState(false);
  const [, redraw] = useState(0);
  const at = location.hash.split("?")[0] || href([]);
  const kiosk = place.query.has("kiosk");
  useEffect(() => setOpen(false), [at]);
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      const on = e.target as HTMLElement;
      if (e.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName)) return;
      e.preventDefault();
      const finder = document.querySelector<HTMLElement>(".finder");
      if (finder) finder.focus();
      else go(["all"]);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  return (
    <div class={kiosk ? "frame kiosk" : "frame"}>
      <a class="skip" href="#content" onClick={(e) => { e.preventDefault(); document.getElementById("content")?.focus(); }}>{t("skip")}</a>
      <header class="top">
        <button class="menu plain" aria-expanded={open} aria-controls="ways" onClick={() => setOpen(!open)}>☰ <span>{t("menu")}</span></button>
        <a class="brand" href={href([])}>{t("name")}</a>
        {me?.simulated && <span class="mark bad">{t("simulated")} {dayOf(me.now)}</span>}
        <span class="spring" />
        <span class={live ? "mark good" : "mark plain"} role="status">{live ? t("connected") : t("offline")}</span>
        <button class="plain" lang={language() === "zh" ? "en" : "zh-CN"} onClick={() => setLanguage(language() === "zh" ? "en" : "zh")}>{t("language")}</button>
        <button class="plain" onClick={() => { setTheme(theme() === "dark" ? "light" : "dark"); redraw((n) => n + 1); }}>
          {theme() === "dark" ? t("light") : t("dark")}
        </button>
        <span class="me">{me ? t("you", me.user, word(me.role)) : ""}</span>
        <button class="plain" onClick={() => void signOut()}>{t("signOut")}</button>
      </header>
      <nav id="ways" class={open ? "ways open" : "ways"} aria-label={t("menu")}>
        <ul>
          {waysOf(me?.role ?? "").map((w) => (
            <li><a href={w.href} aria-current={at === w.href ? "page" : undefined}>{t(w.label)}</a></li>
          ))}
          <li><a href={href(["all"])} aria-current={at === href(["all"]) ? "page" : undefined}>{t("everything")}</a></li>
        </ul>
      </nav>
      <main id="content" tabIndex={-1}>{children}</main>
    </div>
  );
}
