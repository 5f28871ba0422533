// The page of one thing of any subject: what it is, what can be done with it, its history.
import { useAsk } from "../use";
import { command, ofSubject } from "../commands";
import { State } from "../ui/State";
import { Act } from "./Act";
import { Answer } from "./Answer";
import { phrase, t } from "../lang";
import { href } from "../router";
import { keysOf } from "../pages/registry";

export function Show({ subject, id }: { subject: string; id: string[] }) {
  const show = command(`${subject} show`) ?? command(`${subject} get`);
  const asked = useAsk<unknown>(show?.name ?? "", { args: id });
  const history = command(`${subject} history`);
  const past = useAsk<unknown>(history?.name ?? "", { args: id });
  if (!show) return <p class="empty">{t("notFound")}</p>;
  const title = `${phrase(subject)} ${id.join(" · ")}`;
  const acts = ofSubject(subject).filter((c) => !c.reads && keysOf(c) > 0 && !c.name.endsWith(" set"));
  return (
    <>
      <header class="page">
        <p class="crumb"><a href={href(["list", `${subject} list`])}>{phrase(subject)}</a></p>
        <h1>{title}</h1>
        <div class="buttons">{acts.map((c) => <Act name={c.name} preset={{ args: id }} onDone={asked.again} />)}</div>
      </header>
      <State of={asked}>{(data) => <Answer value={data} label={title} />}</State>
      {history && (
        <section>
          <h2>{t("history")}</h2>
          <State of={past}>{(data) => <Answer value={data} label={t("history")} />}</State>
        </section>
      )}
    </>
  );
}
