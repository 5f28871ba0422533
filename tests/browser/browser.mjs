// A world, a browser, people in it: what the browser tests are written in.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const SIZES = { desktop: { width: 1366, height: 768 }, phone: { width: 390, height: 800 } };

/** Starts tests/browser/world.py; `end` lets it go. */
export async function startWorld() {
  const p = spawn(process.env.CHANNELD_WORLD, [], { stdio: ["pipe", "pipe", "inherit"] });
  const line = await new Promise((done, fail) => {
    createInterface({ input: p.stdout }).once("line", done);
    p.once("exit", (code) => fail(new Error(`the world ended with ${code}`)));
  });
  const ended = new Promise((done) => p.once("exit", done));
  return { ...JSON.parse(line), end: () => { p.stdin.end(); return ended; } };
}

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
}

export class Failed extends Error {}

export function equal(found, wanted, what) {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Failed(`${what}\n    found:  ${JSON.stringify(found)}\n    wanted: ${JSON.stringify(wanted)}`);
}

/** One person's browser: signed in, clicks counted, whatever the console complains of kept. */
export class Person {
  static async signIn(browser, world, name, { lang = "zh", theme = "light", size = "desktop" } = {}) {
    const context = await browser.newContext({ viewport: SIZES[size], colorScheme: theme, locale: lang === "zh" ? "zh-CN" : "en-GB" });
    await context.addInitScript((l) => localStorage.getItem("channeld.lang") ?? localStorage.setItem("channeld.lang", l), lang);
    const answer = await context.request.post(`${world.http}/api/v1/session`, { data: { user: name, password: world.passwords[name] } });
    equal(answer.status(), 200, `${name} signs in: ${await answer.text()}`);
    const person = new Person();
    Object.assign(person, { context, world, name, clicks: 0, complaints: [], page: await context.newPage() });
    person.page.setDefaultTimeout(15_000);
    person.page.on("console", (m) => m.type() === "error" && person.complaints.push(m.text()));
    person.page.on("pageerror", (e) => person.complaints.push(e.message));
    return person;
  }

  /** Open a page and wait until it has what it asked for. */
  async open(path) {
    await this.page.goto(`${this.world.http}/#/${path}`);
    await this.page.locator("h1").first().waitFor();
    await this.settled();
  }

  async settled() {
    await this.page.locator(".loading").first().waitFor({ state: "detached" });
  }

  async land() {
    await this.open("");
    this.clicks = 0;
  }

  async click(what) {
    this.clicks++;
    await (typeof what === "string" ? this.page.locator(what).first() : what).click();
  }

  /** The button of a command in the row (or anywhere) that holds a text. */
  button(command, text) {
    const at = this.page.locator(`[data-do="${command}"]`);
    return text ? this.page.locator("tr", { hasText: text }).locator(`[data-do="${command}"]`).first() : at.first();
  }

  async submit() {
    await this.click("dialog button[type=submit]");
    await this.page.locator("dialog [role=status].good").waitFor();
  }

  async close() {
    await this.page.locator("dialog .primary").click();
  }

  /** Accessibility faults of the page as it is: "rule: element". */
  async faults() {
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    return found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 140)}`);
  }

  async end() {
    await this.context.close();
  }
}
