// node run.mjs [--full] [NAME…]: the tests in order against one world; exit 1 when one failed, 77 when there are no screens.
import { Failed, launch, startWorld } from "./browser.mjs";
import { genericPage, signInPage } from "./generic.mjs";
import { walkPages } from "./pages.mjs";
import { diversion, mend, monthEnd, morning, order } from "./stories.mjs";

const full = process.argv.includes("--full");
const names = process.argv.slice(2).filter((a) => !a.startsWith("--"));
const tests = { signInPage, genericPage, walkPages, morning, mend, monthEnd, diversion, order };
const world = await startWorld();
const browser = await launch();
let failed = 0;
try {
  const page = await (await fetch(`${world.http}/`)).text();
  if (!page.includes('id="app"') && names.length === 0 && !(await (await fetch(`${world.http}/index.html`)).text()).includes('id="app"')) {
    console.log("skipped: channeld is built without its screens");
    process.exitCode = 77;
  } else
    for (const [name, test] of Object.entries(tests)) {
      if (names.length && !names.includes(name)) continue;
      const begin = Date.now();
      try {
        await test(browser, world, { full });
        console.log(`ok   ${name} (${((Date.now() - begin) / 1000).toFixed(1)}s)`);
      } catch (e) {
        failed++;
        console.log(`FAIL ${name}: ${e instanceof Failed ? e.message : e.stack}`);
      }
    }
} finally {
  await browser.close();
  await world.end();
}
if (failed) process.exitCode = 1;
