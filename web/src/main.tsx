import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { loadSession, Problem } from "./api";
import { onLanguage, t } from "./lang";
import { applyTheme } from "./theme";
import { startLive } from "./live";
import { usePlace } from "./router";
import { Shell } from "./Shell";
import { Trouble } from "./ui/State";
import { pageOf } from "./pages/pages";

function App() {
  const [state, setState] = useState<"loading" | "in" | Problem>("loading");
  const [, redraw] = useState(0);
  const place = usePlace();
  const load = () => {
    loadSession().then(
      () => {
        startLive();
        setState("in");
      },
      (e: unknown) => setState(e instanceof Problem ? e : new Problem(-1, "", String(e), "", [])),
    );
  };
  useEffect(() => {
    onLanguage(() => redraw((n) => n + 1));
    load();
  }, []);
  useEffect(() => {
    document.title = `${t("name")} ${place.path.join(" ")}`.trim();
    scrollTo(0, 0);
  }, [place.path.join("/")]);
  if (state === "loading") return <p class="loading" role="status">{t("loading")}</p>;
  if (state instanceof Problem) return <main><h1>{t("name")}</h1><Trouble problem={state} again={load} /></main>;
  return <Shell>{pageOf(place)}</Shell>;
}

applyTheme();
const root = document.getElementById("app");
if (root) render(<App />, root);
