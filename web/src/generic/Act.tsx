// A button that runs a command: at once when nothing is to be asked (after a yes), else with its form in a dialog.
import { useState } from "preact/hooks";
import type { Call } from "../api";
import { command } from "../commands";
import { Dialog } from "../ui/Dialog";
import { Form, titleOf } from "./Form";
import { Answer } from "./Answer";
import { t, word } from "../lang";

interface Props {
  name: string;
  preset?: Call;
  label?: string;
  primary?: boolean;
  onDone?: () => void;
}

const SECRETS = ["token", "secret", "password", "link"];

export function Act({ name, preset, label, primary, onDone }: Props) {
  const [open, setOpen] = useState(false);
  const [answer, setAnswer] = useState<unknown>();
  const c = command(name);
  if (!c) return null;
  const close = () => {
    setOpen(false);
    if (answer !== undefined) onDone?.();
    setAnswer(undefined);
  };
  const secret = typeof answer === "object" && answer !== null && SECRETS.some((s) => s in answer);
  return (
    <>
      <button class={primary ? "primary" : ""} data-do={name} onClick={() => setOpen(true)}>{label ?? word(c.verb || c.name)}</button>
      {open && (
        <Dialog title={titleOf(c)} onClose={close}>
          {answer === undefined ? (
            <Form command={c} preset={preset} onDone={(a) => setAnswer(a ?? {})} onCancel={close} />
          ) : (
            <>
              <p role="status" class="good">{secret ? t("secret") : t("done")}</p>
              <Answer value={answer} label={titleOf(c)} />
              <div class="buttons"><button class="primary" onClick={close}>{t("close")}</button></div>
            </>
          )}
        </Dialog>
      )}
    </>
  );
}
