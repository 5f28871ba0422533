// The few ways that a role walks every day; all else is found under "everything".
import { may } from "./commands";
import { href } from "./router";
import type { Say } from "./lang";

interface Way {
  label: Say;
  href: string;
  needs: string; // a command that this role may call
  roles?: string[];
}

const PARTNER = ["partner_owner", "partner_clerk"];
const STAFF = ["admin", "channel_manager", "account_manager", "finance", "inspector", "analyst", "auditor"];

const WAYS: Way[] = [
  { label: "todo", href: href([]), needs: "" },
  { label: "overview", href: href(["overview"]), needs: "flow list", roles: STAFF },
  { label: "upload", href: href(["upload"]), needs: "upload list", roles: [...PARTNER, "admin", "channel_manager", "account_manager"] },
  { label: "orders", href: href(["list", "order list"]), needs: "order list" },
  { label: "statements", href: href(["list", "rebate statement list"]), needs: "rebate statement list" },
  { label: "cases", href: href(["list", "case list"]), needs: "case list" },
  { label: "inspections", href: href(["list", "inspection list"]), needs: "inspection list", roles: ["inspector", "channel_manager"] },
  { label: "policies", href: href(["list", "policy list"]), needs: "policy list", roles: ["admin", "channel_manager", "finance", "analyst"] },
  { label: "partners", href: href(["list", "partner list"]), needs: "partner list" },
];

export function waysOf(role: string): Way[] {
  return WAYS.filter((w) => (!w.roles || w.roles.includes(role)) && (w.needs === "" || may(w.needs)));
}
