// The page of one command: a reader's filters and answer, or a form that changes something.
import { useState } from "preact/hooks";
import { command } from "../commands";
import { Form, titleOf } from "./Form";
import { Answer } from "./Answer";
import { List } from "./List";
import { t } from "../lang";

export function Do({ name }: { name: string }) {
  const c = command(name);
  const [answer, setAnswer] = useState<unknown>();
  if (!c) return <p class="empty">{t("notFound")}</p>;
  if (c.reads && !c.fields.some((f) => f.file)) return <List name={name} />;
  return (
    <>
      <header class="page"><h1>{titleOf(c)}</h1></header>
      <Form command={c} onDone={(a) => setAnswer(a ?? {})} />
      {answer !== undefined && (
        <section>
          <h2>{t("done")}</h2>
          <Answer value={answer} label={titleOf(c)} />
        </section>
      )}
    </>
  );
}
