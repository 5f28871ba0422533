// The five stories, each from the to-do page of who acts: done in at most three clicks an act.
import { equal, Failed, Person } from "./browser.mjs";

const MOST = 3;

async function act(browser, world, name, what, f) {
  const p = await Person.signIn(browser, world, name);
  await p.land();
  await f(p);
  if (p.clicks > MOST) throw new Failed(`${name}: ${what} took ${p.clicks} clicks`);
  equal(p.complaints, [], `${name}: ${what}: the console`);
  console.log(`  ${what}: ${p.clicks} clicks (${name})`);
  await p.end();
}

/** A command's button on the landing page, then its form. */
const decide = (command, row, fill) => async (p) => {
  await p.click(p.button(command, row));
  if (fill) await fill(p);
  await p.submit();
};

export async function morning(browser, world) {
  await act(browser, world, "max", "drill from a tile to its list", async (p) => {
    await p.click('nav a[href="#/overview"]');
    await p.settled();
    await p.page.locator(".canvas[data-drawn]").waitFor();
    equal(await p.page.locator(".tile").count(), 34, "regions of the map");
    await p.page.locator(".canvas").hover({ position: { x: 300, y: 120 } }); // the tooltip must not trip over the policy
    await p.click(".kpi >> nth=1");
    await p.page.locator("h1", { hasText: "流向" }).waitFor();
    equal(new URL(p.page.url()).hash.includes("final=1"), true, "the filters are in the address");
  });
}

export async function mend(browser, world) {
  await act(browser, world, "clerk", "a file is read, looked at and sent", async (p) => {
    await p.click('nav a[href="#/upload"]');
    p.clicks++; // the file's name in the system's dialog
    await p.page.locator("#file").setInputFiles({ name: "销售-7月.csv", mimeType: "text/csv",
      buffer: Buffer.from("type,number,date,sku,quantity,amount\nsale,W1,2026-06-29,P1,24,48.00\nsale,W2,2026-06-29,P2,3,24.00\n") });
    await p.page.locator(".read", { hasText: "2 张单据" }).waitFor();
    await p.click("[data-do=submit]");
    await p.page.locator(".good", { hasText: "2 行入账" }).waitFor();
  });
  await act(browser, world, "amy", "a word is taught", async (p) => {
    await p.click("section.card h2 a[href='#/upload']");
    await p.click(p.page.locator("tr", { hasText: "果然橙1升装" }).locator("[data-do=mend]"));
    await p.page.locator("dialog option[value=P2]").waitFor({ state: "attached" });
    await p.page.locator("dialog select").selectOption("P2");
    await p.click("dialog button.primary");
    await p.page.locator("tr", { hasText: "果然橙1升装" }).waitFor({ state: "detached" });
  });
}

export async function monthEnd(browser, world) {
  await act(browser, world, "boss", "a statement is agreed to", decide("rebate confirm", "2026-Q1"));
  await act(browser, world, "anna", "a statement is approved", decide("rebate approve", "2026-Q1"));
  await act(browser, world, "bob", "a statement is paid", decide("rebate pay", "2026-Q1"));
  await act(browser, world, "boss", "why each fen", async (p) => {
    await p.click('nav a[href="#/list/rebate%20statement%20list"]');
    await p.click("tbody a");
    await p.page.locator(".statement .card table").nth(1).waitFor();
    equal(await p.page.locator(".statement .mark", { hasText: "已付" }).count() > 0, true, "it is paid");
  });
}

export async function diversion(browser, world) {
  const reason = (text, field) => (p) => p.page.locator(`dialog #f-o-${field}`).fill(text);
  await act(browser, world, "boss", "a notice is answered", decide("case appeal", world.case, reason("展会样品", "text")));
  await act(browser, world, "max", "a verdict is proposed", decide("case verdict", world.case, async (p) => {
    await p.click("dialog #f-o-uphold");
    await reason("码是它的", "reason")(p);
  }));
  await act(browser, world, "anna", "the verdict is decided", decide("approval approve"));
  await act(browser, world, "max", "the penalty is charged", decide("case penalise", world.case));
  await act(browser, world, "ina", "an inspection without a network, sent once when it is back", async (p) => {
    await p.click(p.page.locator("tbody a").first());
    await p.page.locator("form .buttons button").nth(1).waitFor();
    await p.context.setOffline(true);
    await p.click(p.page.locator("form .buttons button").nth(1));
    await p.page.locator("#text").fill("看了三家店");
    await p.click("form button.primary:last-of-type >> nth=-1");
    await p.page.locator(".kept").waitFor();
    await p.context.setOffline(false);
    await p.page.locator(".kept").waitFor({ state: "detached" });
    p.complaints = p.complaints.filter((c) => !/ERR_INTERNET_DISCONNECTED|ERR_NETWORK/.test(c));
  });
}

export async function order(browser, world) {
  await act(browser, world, "boss", "a suggestion is confirmed", decide("order confirm", "D1"));
  await act(browser, world, "amy", "the order's reasons are read", async (p) => {
    await p.click('nav a[href="#/list/order%20list"]');
    await p.click("tbody tr:has-text('D1') a");
    await p.page.locator("section.card", { hasText: "为什么" }).locator("p").first().waitFor();
  });
}
