// One field of a form, as its piece of the syntax says: a day, a file, a word of a few, a text.
import { useEffect, useState } from "preact/hooks";
import type { Field } from "../syntax";
import { choicesOf, isWordChoice, type Choice } from "./choices";
import { t, word } from "../lang";

export type Value = string | boolean | File[];

interface Props {
  command: string;
  field: Field;
  value: Value | undefined;
  onChange: (v: Value) => void;
  fault?: string | undefined;
  note?: string | undefined;
}

const DAYS = new Set(["D", "DATE"]);
const LONG = new Set(["text", "reason", "note"]);

export function FieldInput({ command, field, value, onChange, fault, note }: Props) {
  const [choices, setChoices] = useState<Choice[]>([]);
  const id = `f-${field.option ? "o" : "p"}-${field.name.replace(/\W+/g, "-")}`;
  useEffect(() => {
    let on = true;
    void choicesOf(command, field.name).then((c) => on && setChoices(c));
    return () => { on = false; };
  }, [command, field.name]);
  const said = [note, fault].filter(Boolean).length > 0 ? `${id}-note` : undefined;
  const common = { id, required: field.required, "aria-invalid": fault ? true : undefined, "aria-describedby": said };
  const text = typeof value === "string" ? value : "";

  const input = () => {
    if (field.file)
      return <input type="file" {...common} multiple={field.many} onChange={(e) => onChange([...(e.currentTarget.files ?? [])])} />;
    if (field.option && field.value === "")
      return <input type="checkbox" {...common} required={false} checked={value === true} onChange={(e) => onChange(e.currentTarget.checked)} />;
    if (DAYS.has(field.value))
      return <input type="date" {...common} value={text} onInput={(e) => onChange(e.currentTarget.value)} />;
    if (isWordChoice(command, field.name))
      return (
        <select {...common} value={text} onChange={(e) => onChange(e.currentTarget.value)}>
          <option value="">{field.required ? t("choose") : "–"}</option>
          {choices.map((c) => <option value={c.value}>{word(c.value)}</option>)}
        </select>
      );
    if (LONG.has(field.name))
      return <textarea {...common} rows={2} value={text} onInput={(e) => onChange(e.currentTarget.value)} />;
    return (
      <>
        <input type="text" {...common} list={choices.length ? `${id}-list` : undefined} autoComplete="off" value={text}
          inputMode={field.value === "A" || field.value === "N" ? "decimal" : undefined}
          onInput={(e) => onChange(e.currentTarget.value)} />
        {choices.length > 0 && <datalist id={`${id}-list`}>{choices.slice(0, 500).map((c) => <option value={c.value}>{c.label}</option>)}</datalist>}
      </>
    );
  };
  return (
    <div class={field.option && field.value === "" ? "field flag" : "field"}>
      <label for={id}>
        {word(field.name)}
        {field.required && <span class="must"> {t("required")}</span>}
      </label>
      {input()}
      {said && <p id={said} class={fault ? "fault" : "note"}>{fault ?? note}</p>}
    </div>
  );
}
