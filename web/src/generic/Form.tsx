// The form of a command, made from its syntax. What is known already (the row's key, the address) is filled in; an error
// stands at the field that it names.
import { useState } from "preact/hooks";
import { ask, Problem, requestId, type Call } from "../api";
import { type Command } from "../commands";
import { FieldInput, type Value } from "./FieldInput";
import { Trouble } from "../ui/State";
import { helpOf, phrase, t, word } from "../lang";
import type { Field } from "../syntax";

interface Props {
  command: Command;
  preset?: Call | undefined; // its fields are not asked again
  onDone: (answer: unknown) => void;
  onCancel?: (() => void) | undefined;
}

export function titleOf(c: Command): string {
  return c.verb ? `${phrase(c.subject)} · ${word(c.verb)}` : phrase(c.subject);
}

export function Form({ command, preset, onDone, onCancel }: Props) {
  const fixed = preset?.args?.length ?? 0;
  const asked = command.fields.filter((f) => !hidden(f));
  const [values, setValues] = useState<Record<string, Value>>({});
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(requestId());

  function hidden(f: Field): boolean {
    const positionals = command.fields.filter((x) => !x.option && !x.file);
    if (f.option) return preset?.options?.[f.name] !== undefined;
    return !f.file && (positionals.indexOf(f) < fixed || (fixed > 0 && f.many));
  }

  const call = (): Call => {
    const args = [...(preset?.args ?? [])];
    const options: Record<string, string | true> = { ...preset?.options };
    const files: File[] = [];
    for (const f of asked) {
      const v = values[f.name];
      if (Array.isArray(v)) files.push(...v);
      else if (f.option && v === true) options[f.name] = true;
      else if (f.option && typeof v === "string" && v !== "") options[f.name] = v;
      else if (!f.option && typeof v === "string" && v !== "") args.push(...(f.many ? v.trim().split(/\s+/) : [v]));
    }
    return { args, options, files };
  };

  const send = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      onDone(await ask(command.name, call(), key));
    } catch (x) {
      setProblem(x instanceof Problem ? x : new Problem(-1, "", String(x), "", []));
      if (!(x instanceof Problem) || x.status !== 0) setKey(requestId()); // a lost connection repeats the same request
    }
    setBusy(false);
  };

  const faultOf = (f: Field): string | undefined => {
    const named = problem?.faults.find((x) => x.column === f.name);
    if (named) return [named.found && t("found", named.found), named.wanted && t("wanted", named.wanted), named.hint].filter(Boolean).join("，");
    return problem && new RegExp(`(--|'|\\b)${f.name}\\b`).test(problem.message) ? problem.message : undefined;
  };
  const atField = asked.some((f) => faultOf(f));

  return (
    <form onSubmit={send} noValidate={false}>
      {helpOf(command) && <p class="help">{helpOf(command)}</p>}
      {preset?.args?.length ? <p class="known">{preset.args.join(" · ")}</p> : null}
      {asked.map((f) => (
        <FieldInput command={command.name} field={f} value={values[f.name]} fault={faultOf(f)} note={f.many && !f.file ? t("each") : undefined}
          onChange={(v) => setValues({ ...values, ...alternatives(asked, f, v), [f.name]: v })} />
      ))}
      {problem && !atField && <Trouble problem={problem} />}
      {problem && atField && problem.hint && <p class="fault">{t("hint", problem.hint)}</p>}
      <div class="buttons">
        <button class="primary" type="submit" disabled={busy}>{busy ? t("loading") : command.reads ? t("show") : word(command.verb || command.name)}</button>
        {onCancel && <button type="button" onClick={onCancel}>{t("cancel")}</button>}
      </div>
    </form>
  );
}

/** Of alternatives only one holds. */
function alternatives(fields: Field[], f: Field, v: Value): Record<string, Value> {
  if (!f.group || v !== true) return {};
  return Object.fromEntries(fields.filter((x) => x.group === f.group).map((x) => [x.name, false]));
}
