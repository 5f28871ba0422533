// Everything that can be asked, by subject: found by typing.
import { command, ofSubject, subjects } from "../commands";
import { href, usePlace } from "../router";
import { Finder } from "../ui/Finder";
import { helpOf, phrase, t, word } from "../lang";

export function Index() {
  const find = (usePlace().query.get("q") ?? "").toLowerCase();
  const fits = (s: string) => !find || s.includes(find) || phrase(s).toLowerCase().includes(find) ||
    ofSubject(s).some((c) => c.help.toLowerCase().includes(find) || word(c.verb).includes(find));
  const found = subjects().filter(fits).sort((a, b) => phrase(a).localeCompare(phrase(b), "zh-CN"));
  return (
    <>
      <header class="page"><h1>{t("everything")}</h1></header>
      <div class="find">
        <Finder value={find} label={t("searchAll")} />
      </div>
      {found.length === 0 && <p class="empty">{t("noRows")}</p>}
      <ul class="index">
        {found.map((s) => (
          <li key={s}>
            {command(`${s} list`) ? <a href={href(["list", `${s} list`])}>{phrase(s)}</a> : <b>{phrase(s)}</b>}
            <ul>
              {ofSubject(s).filter((c) => c.verb !== "list" && c.verb !== "show").map((c) => (
                <li><a href={href(["do", c.name])} title={helpOf(c)}>{word(c.verb || c.name)}</a></li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  );
}
