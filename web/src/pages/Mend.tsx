// One unknown word: which product it is. The alias makes every line that waits for it post itself.
import { useState } from "preact/hooks";
import { ask, Problem, type Row } from "../api";
import { useRows } from "../use";
import { Trouble } from "../ui/State";
import { t, word } from "../lang";

export function Mend({ row, onDone }: { row: Row; onDone: () => void }) {
  const name = String(row["word"]);
  const products = useRows("product list");
  const suggested = useRows("alias suggest", { options: { partner: String(row["partner"]) } });
  const best = suggested.data?.find((s) => s["alias"] === name)?.["id"];
  const [sku, setSku] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const chosen = sku ?? (best ? String(best) : "");
  const send = async (e: Event) => {
    e.preventDefault();
    try {
      await ask("alias set", { args: [String(row["partner"]), "product", name, `id=${chosen}`] });
      onDone();
    } catch (x) {
      setProblem(x instanceof Problem ? x : new Problem(-1, "", String(x), "", []));
    }
  };
  return (
    <form onSubmit={send}>
      <p class="help">{t("teachHelp", name)}</p>
      <div class="field">
        <label for="sku">{word("product")}</label>
        <select id="sku" required value={chosen} onChange={(e) => setSku(e.currentTarget.value)}>
          <option value="">{t("choose")}</option>
          {(products.data ?? []).map((p) => <option value={String(p["sku"])}>{String(p["sku"])} {String(p["name"] ?? "")}</option>)}
        </select>
      </div>
      {problem && <Trouble problem={problem} />}
      <div class="buttons"><button class="primary" disabled={!chosen}>{t("confirm")}</button></div>
    </form>
  );
}
