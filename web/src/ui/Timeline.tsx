// Steps in time: when, who, what, why.
import type { Row } from "../api";
import { time } from "../format";
import { word } from "../lang";
import { cell } from "../columns";

const HEAD = new Set(["time", "act", "by", "state", "step", "actor"]);

export function Timeline({ steps }: { steps: Row[] }) {
  return (
    <ol class="timeline">
      {steps.map((s) => (
        <li>
          <time dateTime={String(s["time"])}>{time(String(s["time"]))}</time> <b>{word(String(s["act"] ?? s["kind"] ?? s["state"] ?? ""))}</b>{" "}
          <span class="by">{String(s["by"] ?? s["actor"] ?? "").replace(/^user:/, "")}</span>
          {Object.keys(s).filter((k) => !HEAD.has(k) && s[k] != null && s[k] !== "" && !(Array.isArray(s[k]) && (s[k] as unknown[]).length === 0))
            .map((k) => <p>{k === "text" || k === "evidence" || k === "reason" ? String(s[k]) : k === "kind" ? "" : `${word(k)}：${cell(k, s[k], s)}`}</p>)}
        </li>
      ))}
    </ol>
  );
}
