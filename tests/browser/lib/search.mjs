// The search as visitors meet it: served behind the strictest policy and from disk, with the keyboard alone, with a
// screen reader's names, with scripts off, with an index that does not come.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { strictServer, watch } from "./csp.mjs";
import { temporary, writeSite } from "./files.mjs";
import { build } from "./program.mjs";
import { check, group } from "./report.mjs";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

const page = (title, text = "", more = "") => `---\ntitle: ${title}\ndescription: About ${title}.\n${more}---\n${text}\n`;

function searchSite() {
  const files = {
    "site.yaml": "title: Care Week\nlanguages:\n  es: {name: Español, title: Semana}\n",
    "content/_index.md": page("Care Week", "Welcome."),
    "content/_index.es.md": page("Semana del cuidado", "La bienvenida."),
    "content/educacion.es.md": page("Educación continua", "Para gestores."),
    "content/work/_index.md": page("The work"),
    "content/work/manager.md": page("What a case manager does", "They listen."),
    "content/work/plans.md": page("Plans", "A manager makes plans <3 & more."),
    "content/work/hidden.md": page("Hidden manager", "", "in_search: false\n"),
  };
  for (let i = 0; i < 30; i++) files[`content/many/n${i}.md`] = page(`Note number ${i + 100}`, "Repeated words.");
  return files;
}

const titles = (tab) => tab.locator(".search-results .search-title").allTextContents();
const status = (tab) => tab.locator("#search-status");

/** Waits until the status line says so. */
async function says(tab, pattern) {
  try {
    await status(tab).filter({ hasText: pattern }).waitFor({ timeout: 5000 });
    check(true);
  } catch {
    check(false, `the status says "${await status(tab).textContent()}", not ${pattern}`);
  }
}

async function open(browser, base, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const tab = await context.newPage();
  const found = watch(tab, base);
  await tab.goto(base + address);
  const close = async () => {
    check(found.wrong.length === 0, `${address} ${found.wrong[0]}`);
    await context.close();
  };
  return { context, tab, close };
}

const indexOf = (base) => (base.startsWith("file:") ? "index.html" : "");

/** What is found, and how it is shown. */
async function finds(browser, base) {
  const { tab, close } = await open(browser, base, `search/${indexOf(base)}`);
  const loaded = () => tab.evaluate(() => [...document.scripts].filter((it) => /minisearch|index\.en/.test(it.src)).length);
  check((await loaded()) === 0, "library or index are loaded before anybody searches");
  const field = tab.getByRole("searchbox", { name: "Search this site" });
  await field.fill("manager");
  await says(tab, /^2 pages found$/);
  check((await loaded()) === 2, "library and index are not loaded");
  check((await titles(tab)).join() === "What a case manager does,Plans", `manager finds ${await titles(tab)}`);
  check((await tab.locator(".search-results mark").first().textContent()) === "manager", "no mark around what was found");
  check(await tab.locator("#search-all").isHidden(), "the list of all pages stays beside results");
  check(new URL(tab.url()).searchParams.get("q") === "manager", `the address is ${tab.url()}`);
  await field.fill("manger");
  await says(tab, /No page has .manger./);
  await tab.getByRole("button", { name: "manager" }).click();
  await says(tab, /^2 pages found$/);
  check((await field.inputValue()) === "manager", "the suggestion is not in the field");
  await field.fill("<b>&amp; zzzzqqq");
  await says(tab, /Nothing found for/);
  check((await tab.locator("#search-status b").count()) === 0, "what is typed becomes an element");
  check(await tab.locator("#search-all").isVisible(), "with nothing found, the list of all pages is away");
  await field.fill("repeated");
  await says(tab, /^30 pages found$/);
  check((await titles(tab)).length === 20, `${(await titles(tab)).length} results at once`);
  await tab.getByRole("button", { name: "Show more" }).click();
  check((await titles(tab)).length === 30, "the others are not shown");
  check(await tab.evaluate(() => document.activeElement.matches(".search-results li:nth-child(21) a")), "the focus is lost behind the button");
  await close();
}

/** There by the field of another page, on by a result, and back. */
async function ways(browser, base) {
  const { tab, close } = await open(browser, base, `work/plans/${indexOf(base)}`);
  const loaded = await tab.evaluate(() => [...document.scripts].map((it) => it.src).filter((src) => /js\/(mini)?search/.test(src)));
  check(loaded.length === 0, `another page loads ${loaded}`);
  await tab.getByRole("searchbox", { name: "Search this site" }).fill("case manager");
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/search\/.*q=case/);
  await says(tab, /^1 page found$/);
  await tab.getByRole("link", { name: "What a case manager does" }).click();
  await tab.waitForURL(/work\/manager\//);
  await tab.goBack();
  await says(tab, /^1 page found$/);
  await close();
}

async function keyboard(browser, base) {
  const { tab, close } = await open(browser, base, `search/${indexOf(base)}`);
  const field = tab.getByRole("searchbox", { name: "Search this site" });
  for (let i = 0; i < 40 && !(await field.evaluate((it) => it === document.activeElement)); i++) await tab.keyboard.press("Tab");
  await tab.keyboard.type("plans");
  await tab.keyboard.press("Enter");
  await says(tab, /^1 page found$/);
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Tab");
  check(await tab.evaluate(() => document.activeElement.matches(".search-results a")), "two steps behind the field is no result");
  await tab.keyboard.press("Shift+Tab");
  await tab.keyboard.press("Shift+Tab");
  await tab.keyboard.press("Escape");
  check((await field.inputValue()) === "", "Escape does not empty the field");
  check(await tab.locator("#search-all").isVisible(), "the list of all pages does not come back");
  check(!new URL(tab.url()).searchParams.has("q"), "the address still says what was looked for");
  await close();
}

async function names(browser, base) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 1280]) {
      const at = await open(browser, base, "search/?q=manger", { colorScheme, bypassCSP: true, viewport: { width, height: 900 } });
      await says(at.tab, /No page has/);
      await at.tab.evaluate(axe);
      const { violations } = await at.tab.evaluate(() => self.axe.run());
      check(violations.length === 0, `${colorScheme}, ${width}: ${violations.map((it) => `${it.id} ${it.nodes[0].html}`)}`);
      const tree = await at.tab.locator("main").ariaSnapshot();
      for (const part of [/search:/, /searchbox "Search this site"/, /status/, /heading "What a case manager does"/]) {
        check(part.test(tree), `a screen reader hears nothing of ${part}`);
      }
      const small = await at.tab.locator("main :is(a, button, input):visible").evaluateAll((all) =>
        all.filter((it) => it.getBoundingClientRect().height < 24).map((it) => it.textContent || it.name),
      );
      check(small.length === 0, `too small to press: ${small}`);
      const wide = await at.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      check(wide <= 0, `${width}: the page is ${wide} px too wide`);
      await at.close();
    }
  }
}

async function languages(browser, base) {
  const { tab, close } = await open(browser, base, `es/search/${indexOf(base)}?q=educacion`);
  await says(tab, /^1 página encontrada$/);
  check((await titles(tab)).join() === "Educación continua", `educacion finds ${await titles(tab)}`);
  check((await tab.locator("mark").first().textContent()) === "Educación", "the mark is not around the word with its accent");
  await tab.getByRole("link", { name: "English" }).click();
  check(/\/search\//.test(tab.url()) && !/\/es\//.test(tab.url()), `the other language is at ${tab.url()}`);
  await close();
}

async function without(browser, base) {
  const { tab, close } = await open(browser, base, `work/plans/${indexOf(base)}`, { javaScriptEnabled: false });
  await tab.getByRole("searchbox", { name: "Search this site" }).fill("manager");
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/search\/.*q=manager/);
  check(await tab.locator("noscript p").isVisible(), "nothing says that there is a list");
  check((await tab.locator("#search-all a").count()) === 35, `${await tab.locator("#search-all a").count()} links in the list`);
  check(await tab.locator(".search-form").isHidden(), "a field that does nothing is shown");
  check((await tab.locator("body").textContent()).includes("Hidden manager") === false, "a page that nobody may find is in the list");
  await close();
}

/** The library or the index does not come. */
async function broken(browser, base) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.route(/index\.en\.js/, (route) => route.abort());
  await tab.goto(`${base}search/?q=manager`);
  await says(tab, /could not be loaded/);
  check(await tab.locator("#search-all").isVisible(), "without an index, the list of all pages is away");
  await context.close();
}

/** The search, in all ways. */
export async function search(browser, weekmark) {
  const out = path.join(temporary("search"), "out");
  build(weekmark, writeSite("search", searchSite()), out, "--today", "2026-11-22");
  const { url, end } = await strictServer(out, { forms: true });
  const disk = pathToFileURL(out + path.sep).href;
  try {
    for (const [where, base] of [["served", url], ["from disk", disk]]) {
      await group(`the search ${where}: what is found`, () => finds(browser, base));
      await group(`the search ${where}: there and back`, () => ways(browser, base));
      await group(`the search ${where}: by keyboard`, () => keyboard(browser, base));
      await group(`the search ${where}: languages`, () => languages(browser, base));
      await group(`the search ${where}: scripts off`, () => without(browser, base));
    }
    await group("the search: names, contrast, sizes", () => names(browser, url));
    await group("the search: the index does not come", () => broken(browser, url));
  } finally {
    end();
  }
}
