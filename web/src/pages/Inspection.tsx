// The inspector's page on a phone: the task, what was found, photos. Without a network it is kept and sent later, once.
import { useEffect, useState } from "preact/hooks";
import { Problem, requestId, type Row } from "../api";
import { useAsk } from "../use";
import { State, Trouble } from "../ui/State";
import { Pairs } from "../generic/Answer";
import { keep, onKept, sendKept, waiting } from "../later";
import { t } from "../lang";

export function Inspection({ id }: { id: string }) {
  const asked = useAsk<Row>("inspection show", { args: [id] });
  const [found, setFound] = useState<boolean>();
  const [codes, setCodes] = useState("");
  const [text, setText] = useState("");
  const [photos, setPhotos] = useState<File[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const [said, setSaid] = useState("");
  const [kept, setKept] = useState(waiting());
  useEffect(() => onKept(setKept), []);
  const send = async (e: Event) => {
    e.preventDefault();
    setProblem(undefined);
    const options: Record<string, string | true> = found ? { found: true } : { "not-found": true };
    if (codes.trim()) options["codes"] = codes.trim().split(/\s+/).join(",");
    if (text) options["text"] = text;
    try {
      const sent = await keep({ name: "inspection result", args: [id], options, key: requestId() }, photos);
      setSaid(sent ? t("done") : t("savedOffline"));
      asked.again();
    } catch (x) {
      setProblem(x instanceof Problem ? x : new Problem(-1, "", String(x), "", []));
    }
  };
  return (
    <>
      <header class="page"><h1>{t("inspections")} {id}</h1></header>
      {kept > 0 && <p class="stale kept" role="status">{t("waitingToSend", kept)} <button onClick={() => void sendKept()}>{t("retry")}</button></p>}
      <State of={asked}>
        {(i) => (
          <>
            <Pairs value={i} label={t("details")} />
            {i["state"] === "open" && !said && (
              <form class="card" onSubmit={send}>
                <div class="buttons" role="group" aria-label={t("found", "")}>
                  <button type="button" aria-pressed={found === true} class={found === true ? "primary" : ""} onClick={() => setFound(true)}>{t("foundIt")}</button>
                  <button type="button" aria-pressed={found === false} class={found === false ? "primary" : ""} onClick={() => setFound(false)}>{t("foundNothing")}</button>
                </div>
                <div class="field"><label for="codes">{t("codes")}</label><textarea id="codes" rows={3} value={codes} onInput={(e) => setCodes(e.currentTarget.value)} /></div>
                <div class="field"><label for="text">{t("notes")}</label><textarea id="text" rows={3} value={text} onInput={(e) => setText(e.currentTarget.value)} /></div>
                <div class="field"><label for="photos">{t("photos")}</label>
                  <input id="photos" type="file" accept="image/*" capture="environment" multiple onChange={(e) => setPhotos([...(e.currentTarget.files ?? [])])} /></div>
                <div class="buttons"><button class="primary" disabled={found === undefined}>{t("confirm")}</button></div>
              </form>
            )}
          </>
        )}
      </State>
      {problem && <Trouble problem={problem} />}
      {said && <p class="good" role="status">{said}</p>}
    </>
  );
}
