// The page made from the command table: find, sort, filters in the address, arrow keys, errors at the field, both exports.
import { equal, Person } from "./browser.mjs";

export async function genericPage(browser, world) {
  const p = await Person.signIn(browser, world, "ada");
  await p.open("list/product%20list");
  equal(await p.page.locator("tbody tr").count(), 3, "products");
  await p.page.keyboard.press("/");
  await p.page.keyboard.type("清茶");
  await p.page.locator("[role=status]", { hasText: "1" }).first().waitFor();
  await p.page.waitForURL(/q=/);
  await p.page.locator("tbody tr").nth(1).waitFor({ state: "detached" });
  await p.page.reload();
  await p.settled();
  equal(await p.page.locator("tbody tr").count(), 1, "the address keeps what was found");

  await p.open("list/product%20list?sort=sku&down=1");
  equal(await p.page.locator("tbody tr td:first-child").allInnerTexts(), ["P3", "P2", "P1"], "sorted");
  await p.page.locator("tbody tr").first().focus();
  await p.page.keyboard.press("ArrowDown");
  await p.page.keyboard.press("Enter");
  await p.page.locator("h1", { hasText: "P2" }).waitFor();

  await p.open("do/order%20add");
  await p.page.locator("#f-p-partner").fill("D1");
  await p.page.locator("#f-o-lines").fill("P1=xx");
  await p.page.locator("#f-o-source").selectOption("wechat");
  await p.page.locator("form button[type=submit]").click();
  await p.page.locator("form .fault, form .trouble").first().waitFor();

  for (const [form, begin] of [["csv", "\ufeff"], ["xlsx", "PK"]]) {
    const href = await p.page.evaluate(() => "").then(() => `${world.http}/api/v1/product/list?o=${form}${form === "csv" ? "&bom=1" : ""}`);
    const answer = await p.context.request.get(href);
    equal([answer.status(), (await answer.body()).toString("utf8").startsWith(begin)], [200, true], `export as ${form}`);
  }
  await p.open("list/product%20list");
  await p.page.locator("header.top button[lang=en]").click();
  await p.page.locator("h1", { hasText: "Product" }).waitFor();
  p.complaints = p.complaints.filter((c) => !/status of 4\d\d/.test(c)); // the refusal that was asked for above
  equal(p.complaints, [], "the console");
  await p.end();
}

export async function signInPage(browser, world) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(world.http);
  await page.waitForURL(/sign-in/);
  await page.locator("#user").fill("max");
  await page.locator("#password").fill("wrong");
  await page.locator("button").click();
  await page.locator("[role=alert]").waitFor();
  await page.locator("#user").fill("max");
  await page.locator("#password").fill(world.passwords.max);
  await page.locator("button").click();
  await page.locator("h1", { hasText: "待办" }).waitFor();
  await page.getByRole("button", { name: "退出" }).click();
  await page.waitForURL(/sign-in/);
  await context.close();
}
