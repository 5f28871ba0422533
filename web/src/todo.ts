// What waits for a decision, role by role: each line asks one list and says which of its rows wait for this person.
import type { Call, Row } from "./api";
import { detailOf } from "./pages/registry";
import { href } from "./router";

export interface Task {
  title: [zh: string, en: string];
  roles: string[];
  list: string;
  call?: Call;
  waits?: (r: Row) => boolean; // default: every row
  columns: string[];
  link: (r: Row) => string;
  act?: string; // a command that decides it at once, with the row's key
}

const MANAGERS = ["admin", "channel_manager", "account_manager"];
const one = (subject: string, key: string) => (r: Row) => href(detailOf(subject, [String(r[key])]));
const page = (name: string, query = {}) => () => href(["list", name], query);

export const TASKS: Task[] = [
  { title: ["请确认建议订单", "Orders suggested to you"], roles: ["partner_owner", "partner_clerk"], list: "order list",
    call: { options: { state: "suggested" } }, columns: ["order", "partner", "lines", "amount"], link: one("order", "order"), act: "order confirm" },
  { title: ["请确认收货", "Goods on their way: confirm the receipt"], roles: ["partner_owner", "partner_clerk"], list: "order list",
    call: { options: { state: "shipped" } }, columns: ["order", "partner", "lines", "amount"], link: one("order", "order") },
  { title: ["待认领的代码：改好就入账", "Words to mend"], roles: ["partner_clerk", "partner_owner", "account_manager", "channel_manager", "admin"],
    list: "quarantine list", columns: ["word", "reason", "partner", "lines", "amount"], link: () => href(["upload"]) },
  { title: ["请确认对账单", "Statements to agree to"], roles: ["partner_owner"], list: "rebate statement list", call: { options: { state: "sent" } },
    columns: ["statement", "period", "amount", "state"], link: one("rebate statement", "statement"), act: "rebate confirm" },
  { title: ["请答复窜货通知", "Notices of diversion to answer"], roles: ["partner_owner"], list: "case list", call: { options: { open: true } },
    waits: (r) => r["state"] === "notified" || r["state"] === "upheld", columns: ["id", "skus", "destination", "state"], link: one("case", "id") },
  { title: ["请确认折让单", "Credit notes to confirm"], roles: ["partner_owner"], list: "payout list",
    waits: (r) => r["state"] === "requested", columns: ["payout", "form", "amount", "state"], link: (r) => href(["show", "payout", String(r["payout"])]) },
  { title: ["缺少的报送", "Reports that are missing"], roles: ["partner_clerk", "partner_owner", "account_manager"], list: "report status",
    waits: (r) => r["state"] === "missing", columns: ["partner", "type", "period", "due", "state"], link: () => href(["upload"]) },
  { title: ["待批准的订单", "Orders to approve"], roles: MANAGERS, list: "order list", call: { options: { state: "confirmed" } },
    columns: ["order", "partner", "lines", "amount", "reason"], link: one("order", "order"), act: "order approve" },
  { title: ["待发货的订单", "Orders to ship"], roles: ["channel_manager", "account_manager"], list: "order list", call: { options: { state: "acknowledged" } },
    columns: ["order", "partner", "lines", "amount"], link: one("order", "order"), act: "order ship" },
  { title: ["窜货预警：是否发出通知", "Alerts of diversion: notify?"], roles: MANAGERS, list: "case list", call: { options: { state: "alert" } },
    columns: ["id", "partner", "skus", "destination", "score"], link: one("case", "id"), act: "case notify" },
  { title: ["待裁定的案件", "Cases to decide"], roles: ["channel_manager", "finance"], list: "case list", call: { options: { state: "appealed" } },
    columns: ["id", "partner", "skus", "destination"], link: one("case", "id"), act: "case verdict" },
  { title: ["成立的案件：处罚", "Upheld cases: the penalty"], roles: ["channel_manager", "finance"], list: "case list", call: { options: { state: "upheld" } },
    columns: ["id", "partner", "skus", "destination"], link: one("case", "id"), act: "case penalise" },
  { title: ["等第二人审批", "Waits for a second person"], roles: ["admin", "channel_manager", "account_manager", "finance", "inspector", "auditor"],
    list: "approval list", columns: ["id", "kind", "by", "time"], link: page("approval list"), act: "approval approve" },
  { title: ["草稿对账单：发给伙伴", "Drafts to let out"], roles: ["channel_manager", "account_manager"], list: "rebate statement list",
    call: { options: { state: "draft" } }, columns: ["statement", "partner", "period", "amount"], link: one("rebate statement", "statement"), act: "rebate review" },
  { title: ["有异议的对账行", "Disputed lines"], roles: ["channel_manager", "account_manager", "finance"], list: "rebate dispute list",
    columns: ["statement", "line", "partner", "amount", "why"], link: one("rebate statement", "statement") },
  { title: ["伙伴已确认：请批准", "Confirmed: approve"], roles: ["finance"], list: "rebate statement list", call: { options: { state: "confirmed" } },
    columns: ["statement", "partner", "period", "amount"], link: one("rebate statement", "statement"), act: "rebate approve" },
  { title: ["已批准：请支付", "Approved: pay"], roles: ["finance"], list: "rebate statement list", call: { options: { state: "approved" } },
    columns: ["statement", "partner", "period", "amount"], link: one("rebate statement", "statement"), act: "rebate pay" },
  { title: ["费用核销待审", "Claims to decide"], roles: ["channel_manager", "account_manager"], list: "rebate claim list",
    call: { options: { state: "filed" } }, columns: ["claim", "partner", "policy", "amount"], link: (r) => href(["show", "rebate claim", String(r["claim"])]) },
  { title: ["异地报备待批", "Exemptions asked for"], roles: ["channel_manager"], list: "exemption list", call: { options: { state: "asked" } },
    columns: ["partner", "region", "products", "from", "to"], link: page("exemption list") },
  { title: ["我的稽查任务", "Inspections for you"], roles: ["inspector"], list: "inspection list", call: { options: { state: "open", mine: true } },
    columns: ["inspection", "place", "products", "due"], link: one("inspection", "inspection") },
  { title: ["在途的稽查任务", "Inspections under way"], roles: ["channel_manager"], list: "inspection list", call: { options: { state: "open" } },
    columns: ["inspection", "person", "place", "due"], link: one("inspection", "inspection") },
  { title: ["未成案的线索", "Signals that make no case"], roles: ["analyst", "inspector"], list: "signal list", call: { options: { loose: true } },
    columns: ["kind", "partner", "sku", "destination", "time"], link: page("signal list", { loose: "1" }) },
  { title: ["可结算的期间", "Periods that are over"], roles: ["finance"], list: "period list", waits: (r) => r["state"] === "open",
    columns: ["period", "to", "accrued", "settled"], link: (r) => href(["do", "period check"], { period: String(r["period"]) }), act: "period close" },
  { title: ["落后的采集端", "Agents to look after"], roles: ["admin", "account_manager"], list: "agent list",
    waits: (r) => r["state"] !== "active" || Number(r["lag_s"] ?? 0) > 86_400, columns: ["agent", "partner", "state", "last_contact"],
    link: (r) => href(["show", "agent", String(r["agent"])]) },
  { title: ["上线受阻的伙伴", "Partners that are stuck on their way in"], roles: ["account_manager", "channel_manager"], list: "partner onboard list",
    waits: (r) => r["live"] == null, columns: ["partner", "name", "state", "missing"], link: (r) => href(["partner", String(r["partner"])]) },
  { title: ["消息", "Messages"], roles: ["partner_owner", "partner_clerk"], list: "notice list", columns: ["day", "kind", "zh"],
    link: page("notice list"), act: "notice read" },
];
