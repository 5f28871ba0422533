// From the address to the page.
import type { Place } from "../router";
import { List } from "../generic/List";
import { Show } from "../generic/Show";
import { Do } from "../generic/Do";
import { Index } from "../generic/Index";
import { Todo } from "./Todo";
import { Overview } from "./Overview";
import { Upload } from "./Upload";
import { Statement } from "./Statement";
import { CaseFile } from "./CaseFile";
import { Order } from "./Order";
import { Partner } from "./Partner";
import { Policy } from "./Policy";
import { Inspection } from "./Inspection";
import { t } from "../lang";

export function pageOf({ path }: Place) {
  const [kind = "", first = "", ...more] = path;
  const key = path.join("/"); // another thing, another page: nothing of the one before stays
  switch (kind) {
    case "": return <Todo />;
    case "all": return <Index />;
    case "overview": return <Overview />;
    case "upload": return <Upload />;
    case "list": return <List key={key} name={first} />;
    case "do": return <Do key={key} name={first} />;
    case "show": return <Show key={key} subject={first} id={more} />;
    case "order": return <Order key={key} id={first} />;
    case "statement": return <Statement key={key} id={first} />;
    case "case": return <CaseFile key={key} id={first} />;
    case "partner": return <Partner key={key} id={first} />;
    case "policy": return <Policy key={key} id={first} />;
    case "inspection": return <Inspection key={key} id={first} />;
    default: return <p class="empty">{t("notFound")}</p>;
  }
}
