// node pictures.mjs OUT: the pictures of the README, out of the world of the browser tests.
import { join } from "node:path";
import { launch, Person, startWorld } from "./browser.mjs";

const PICTURES = [["overview", "max", "overview?range=last90", {}], ["todo", "anna", "", {}], ["statement", "boss", "statement/1", {}],
                  ["case", "max", "", {}], ["order", "amy", "order/1", { theme: "dark" }], ["phone", "clerk", "upload", { size: "phone" }]];
const out = process.argv[2];
const world = await startWorld();
const browser = await launch();
try {
  for (const [name, who, path, how] of PICTURES) {
    const p = await Person.signIn(browser, world, who, how);
    await p.open(name === "case" ? `case/${world.case}` : path);
    if (name === "overview") await p.page.locator(".canvas[data-drawn]").waitFor();
    await p.page.waitForTimeout(500);
    await p.page.screenshot({ path: join(out, `${name}.png`) });
    await p.end();
  }
} finally {
  await browser.close();
  await world.end();
}
