// The installation's health for those who keep it: only what is not well.
import { Table } from "../ui/Table";
import { useAsk } from "../use";
import type { Row } from "../api";
import { t } from "../lang";

export function Checks() {
  const asked = useAsk<{ checks?: Row[] }>("status");
  const red = (asked.data?.checks ?? []).filter((c) => c["state"] !== "ok");
  if (red.length === 0) return null;
  return (
    <section class="card task">
      <h2>{t("details")} <span class="count">{red.length}</span></h2>
      <Table label={t("details")} rows={red} columns={["check", "state", "found", "limit", "hint"]} />
    </section>
  );
}
