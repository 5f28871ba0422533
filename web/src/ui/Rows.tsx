// A command's rows as a titled table, for pages that put several together. Nothing is drawn when this role may not ask.
import type { Call, Row } from "../api";
import { command } from "../commands";
import { useRows } from "../use";
import { State } from "./State";
import { Table } from "./Table";
import { linkOf } from "../generic/List";
import { phrase } from "../lang";

interface Props {
  name: string;
  call?: Call;
  title?: string;
  columns?: string[];
  hrefOf?: (r: Row) => string | undefined;
}

export function Rows({ name, call, title, columns, hrefOf }: Props) {
  const asked = useRows(name, call ?? {});
  const c = command(name);
  if (!c) return null;
  const head = title ?? phrase(c.subject);
  return (
    <section>
      <h2>{head}</h2>
      <State of={asked}>
        {(rows) => <Table label={head} rows={rows} {...(columns ? { columns } : {})} hrefOf={hrefOf ?? ((r) => linkOf(c.subject, r))} />}
      </State>
    </section>
  );
}
