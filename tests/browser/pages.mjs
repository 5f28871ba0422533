// Every page once per role, pairs of language × theme × size (or all of them): it draws, the console is silent, axe is content,
// nothing is wider than the screen.
import { Failed, Person, SIZES } from "./browser.mjs";

const ROLES = { max: "channel_manager", amy: "account_manager", anna: "finance", ina: "inspector", ali: "analyst", aud: "auditor",
                boss: "partner_owner", clerk: "partner_clerk", ada: "admin" };
const STAFF = ["max", "amy", "anna", "ina", "ali", "aud", "ada"];
const PARTNER = ["boss", "clerk"];

/** Pages with who may see them. */
function pagesOf(world) {
  return [
    ["", Object.keys(ROLES)], ["all", Object.keys(ROLES)], ["overview", STAFF], ["upload", ["clerk", "boss", "max", "amy", "ada"]],
    ["list/order%20list", Object.keys(ROLES)], ["order/1", [...STAFF, ...PARTNER]], ["list/rebate%20statement%20list", [...STAFF, "boss"]],
    ["statement/1", [...STAFF, "boss"]], ["list/case%20list", [...STAFF, "boss"]], [`case/${world.case}`, [...STAFF, "boss"]],
    ["partner/D1", [...STAFF, ...PARTNER]], ["policy/core-2026", STAFF], ["inspection/1", ["ina", "max", "amy", "aud", "ada"]],
    ["list/product%20list", Object.keys(ROLES)], ["show/product/P1", Object.keys(ROLES)], ["do/order%20add", ["max", "amy", "ada"]],
    ["list/flow%20list?by=partner%2Cmonth", Object.keys(ROLES)], ["list/approval%20list", STAFF], ["show/document/1", [...STAFF, ...PARTNER]],
    ["do/nothing%20there", ["max"]],
  ];
}

/** Languages, themes and sizes so that each two values of different kinds meet: an orthogonal array of strength two. */
const PAIRS = [["zh", "light", "desktop"], ["zh", "dark", "phone"], ["en", "light", "phone"], ["en", "dark", "desktop"]];
const ALL = ["zh", "en"].flatMap((l) => ["light", "dark"].flatMap((t) => Object.keys(SIZES).map((s) => [l, t, s])));

export async function walkPages(browser, world, { full }) {
  const faults = [];
  let seen = 0;
  const people = Object.keys(ROLES);
  for (const [i, name] of people.entries()) {
    // a role sees each of its pages in one of the four settings; the next role in the next one
    for (const [k, [lang, theme, size]] of (full ? ALL : PAIRS).entries()) {
      const mine = pagesOf(world).filter(([, who], n) => who.includes(name) && (full || (n + i) % PAIRS.length === k));
      if (mine.length === 0) continue;
      const person = await Person.signIn(browser, world, name, { lang, theme, size });
      for (const [path] of mine) {
        await person.open(path);
        await person.page.waitForTimeout(60);
        await person.settled();
        const at = `${name} ${lang} ${theme} ${size} #/${path}`;
        const wide = await person.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) faults.push(`${at}: ${wide} px wider than the screen`);
        for (const f of await person.faults()) faults.push(`${at}: axe ${f}`);
        for (const c of person.complaints.splice(0)) faults.push(`${at}: console ${c}`);
        if (await person.page.locator("main .trouble").count()) faults.push(`${at}: ${await person.page.locator("main .trouble").first().innerText()}`);
        seen++;
      }
      await person.end();
    }
  }
  console.log(`  ${seen} pages looked at`);
  if (faults.length) throw new Failed(faults.join("\n    "));
}
