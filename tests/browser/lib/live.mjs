// `weekmark serve` in a browser while somebody works on the site: what they see, and that they never
// have to do anything for it.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { copySite, writeSite } from "./files.mjs";
import { serve, stop } from "./program.mjs";
import { check, group } from "./report.mjs";

const PATIENCE = 8000;
/** No group takes longer than that, in milliseconds; most take a few seconds. */
const LONGEST = 90_000;

/** How long "nothing happens" is watched. */
const QUIET = 400;

const FORM = `
<details id="more"><summary>More</summary><p>Text</p></details>

<form id="form" action="#form">
<p><label>Name <input id="name"></label> <label><input id="yes" type="checkbox"> Yes</label></p>
<p><label>Kind <select id="kind"><option>one<option>two<option>three</select></label></p>
<p><label>Words <textarea id="words" rows="2">first</textarea></label></p>
</form>
`;

const tryPage = (word) => {
  const paragraphs = Array.from({ length: 80 }, (_, i) => `Paragraph ${i} says **${word}**.`);
  return `---\ntitle: Try ${word}\ndescription: A page to try things on.\n---\n${FORM}\n## A part\n\n${paragraphs.join("\n\n")}\n`;
};

const AXE = fs.readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** The site that is worked on, its preview and a tab in which it is open. */
class Desk {
  constructor(browser, weekmark, root) {
    Object.assign(this, { browser, weekmark, root });
  }

  place(file) {
    return path.join(this.root, file);
  }

  read(file) {
    return fs.readFileSync(this.place(file), "utf8");
  }

  write(file, text) {
    fs.mkdirSync(path.dirname(this.place(file)), { recursive: true });
    fs.writeFileSync(this.place(file), text);
  }

  edit(file, from, to) {
    const before = this.read(file);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} has no ${from}`);
    this.write(file, after);
    return () => this.write(file, before);
  }

  remove(file) {
    fs.rmSync(this.place(file), { recursive: true });
  }

  rename(from, to) {
    fs.mkdirSync(path.dirname(this.place(to)), { recursive: true });
    fs.renameSync(this.place(from), this.place(to));
  }

  async start(...more) {
    Object.assign(this, await serve(this.weekmark, this.root, ...more));
  }

  /** A tab of its own: nothing that another test left in it. */
  async open(address = "", options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1000, height: 700 }, ...options });
    return this.openIn(context, address);
  }

  async openIn(context, address) {
    const page = await context.newPage();
    page.noise = [];
    page.on("console", (it) => {
      if (["error", "warning"].includes(it.type())) page.noise.push(it.text());
    });
    page.on("pageerror", (it) => page.noise.push(String(it)));
    await page.goto(this.url + address);
    // The page is listening when the preview's own element is there.
    await page.locator("weekmark-preview").waitFor({ state: "attached" });
    // One that is not made yet comes again as soon as it is, maybe right now.
    const mark = () => page.evaluate(() => (window.isTheSamePage = true)).catch(() => false);
    while (!(await mark())) await page.locator("weekmark-preview").waitFor({ state: "attached" });
    return page;
  }
}

/** Once in a while a browser never says that it has closed a page that was about to be loaded anew: nobody waits for that. */
const leave = (context) => Promise.race([context.close(), new Promise((go) => setTimeout(go, 5000))]);
const close = (page) => leave(page.context());
const isTheSame = (page) => page.evaluate(() => window.isTheSamePage === true);
const panel = (page) => page.locator("weekmark-preview .panel");
const pill = (page) => page.locator("weekmark-preview .pill");

/** Waits for something to become true in the page, across reloads. */
async function until(page, what, test, argument) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    // In the middle of a reload there is nothing to ask, and once in a while no answer ever comes.
    const asked = page.evaluate(test, argument).catch(() => false);
    const isSo = await Promise.race([asked, new Promise((go) => setTimeout(go, 1000, false))]);
    if (isSo) return check(true, what);
    await new Promise((go) => setTimeout(go, 10));
  }
  return check(false, `${what}: not within ${PATIENCE} ms`);
}

const says = (page, text, where = "main") =>
  until(
    page,
    `"${text}" is on the page`,
    ([at, it]) => document.querySelector(at)?.textContent.includes(it),
    [where, text],
  );

const saysNot = (page, text, where = "main") =>
  until(
    page,
    `"${text}" is gone from the page`,
    ([at, it]) => !document.querySelector(at)?.textContent.includes(it),
    [where, text],
  );

async function quiet(page, what) {
  await page.waitForTimeout(QUIET);
  check(await isTheSame(page), `${what}: the page was loaded again`);
}

async function overlay(page, words) {
  await panel(page)
    .waitFor({ state: "visible", timeout: PATIENCE })
    .catch(() => {});
  if (!check(await panel(page).isVisible(), `no panel for ${words[0]}`)) return;
  const text = await panel(page).textContent();
  for (const word of words)
    check(text.includes(word), `the panel does not say "${word}" but: ${text.slice(0, 400)}`);
}

/** The place of the first problem opens the file in the editor, at the line. */
async function opens(page, file, line) {
  const link = panel(page).locator(".place a").first();
  const address = await link.getAttribute("href").catch(() => null);
  const wanted = new RegExp(`^vscode://file/.*/${file.replaceAll(".", "\\.")}:${line}:\\d+$`);
  check(wanted.test(address ?? ""), `the place leads to ${address} instead of ${file}, line ${line}`);
}

async function mended(page) {
  await panel(page)
    .waitFor({ state: "hidden", timeout: PATIENCE })
    .catch(() => {});
  check(!(await panel(page).isVisible()), "the panel goes when all is mended");
  check(!(await pill(page).isVisible()), "the pill goes when all is mended");
}

// ---- What is done to the site -------------------------------------------------------------------

async function bodyEdit(desk) {
  desk.write("content/try.md", tryPage("one"));
  const page = await desk.open("try/");
  await page.fill("#name", "Ann");
  await page.check("#yes");
  await page.selectOption("#kind", "three");
  await page.fill("#words", "second\nthird");
  await page.click("summary");
  await page.evaluate(() => {
    document.querySelector("#name").focus({ preventScroll: true });
    document.querySelector("#name").setSelectionRange(1, 2);
    window.scrollTo({ top: 1200, behavior: "instant" });
  });
  desk.write("content/try.md", tryPage("two"));
  await says(page, "Paragraph 79 says two");
  check((await page.title()).startsWith("Try two"), "the title follows");
  await page.waitForTimeout(QUIET);
  const state = await page.evaluate(() => ({
    scroll: window.scrollY,
    name: document.querySelector("#name").value,
    yes: document.querySelector("#yes").checked,
    kind: document.querySelector("#kind").value,
    words: document.querySelector("#words").value,
    open: document.querySelector("#more").open,
    focus: document.activeElement.id,
    selection: [document.activeElement.selectionStart, document.activeElement.selectionEnd].join(),
  }));
  const wanted = {
    scroll: 1200,
    name: "Ann",
    yes: true,
    kind: "three",
    words: "second\nthird",
    open: true,
    focus: "name",
    selection: "1,2",
  };
  for (const [name, value] of Object.entries(wanted)) {
    check(state[name] === value, `after a reload ${name} is ${state[name]}, not ${value}`);
  }
  check(page.noise.length === 0, `the console says ${page.noise[0]}`);
  await close(page);
}

async function waysOfSaving(desk) {
  desk.write("content/try.md", tryPage("start"));
  const page = await desk.open("try/");
  const flashes = [];
  await page.exposeFunction("flashed", (text) => flashes.push(text));
  const ways = {
    "a second file renamed over it": (text) => {
      desk.write("content/.try.md.swp", text);
      desk.rename("content/.try.md.swp", "content/try.md");
    },
    "the old one renamed away first": (text) => {
      desk.rename("content/try.md", "content/try.md~");
      desk.write("content/try.md", text);
      desk.remove("content/try.md~");
    },
    "emptied, then written": async (text) => {
      fs.truncateSync(desk.place("content/try.md"));
      await new Promise((go) => setTimeout(go, 5));
      desk.write("content/try.md", text);
    },
    "written in two halves": async (text) => {
      const file = fs.openSync(desk.place("content/try.md"), "w");
      fs.writeSync(file, text.slice(0, 12));
      await new Promise((go) => setTimeout(go, 3));
      fs.writeSync(file, text.slice(12));
      fs.closeSync(file);
    },
    "deleted, then written": async (text) => {
      desk.remove("content/try.md");
      await new Promise((go) => setTimeout(go, 5));
      desk.write("content/try.md", text);
    },
  };
  for (const [title, save] of Object.entries(ways)) {
    const word = title.replaceAll(/[^a-z]+/g, "-");
    await save(tryPage(word));
    await says(page, `Paragraph 79 says ${word}`);
    await page.waitForTimeout(100);
    check(!(await panel(page).isVisible()), `saved by "${title}": an error is shown`);
  }
  await close(page);
}

async function styleEdit(desk) {
  const page = await desk.open("week/");
  const css = "themes/harbor/assets/css/site.css";
  const original = desk.read(css);
  const sheets = await page.locator("link[rel=stylesheet]").count();
  const colour = () => getComputedStyle(document.querySelector("main")).outlineColor;
  for (const [index, rgb] of ["rgb(1, 2, 3)", "rgb(4, 5, 6)", "rgb(7, 8, 9)"].entries()) {
    desk.write(css, `${original}\nmain { outline: 3px solid ${rgb}; }\n`);
    const what = `style ${index + 1} is on the page`;
    await until(page, what, `(${colour})() === "${rgb}"`);
    await quiet(page, `style ${index + 1}`);
    const links = await page.locator("link[rel=stylesheet]").count();
    check(links === sheets, `${links} style sheets, not ${sheets}, after edit ${index + 1}`);
  }
  desk.write(css, original);
  await until(page, "the style is as before", `(${colour})() !== "rgb(7, 8, 9)"`);
  await quiet(page, "the style as before");
  check(page.noise.length === 0, `the console says ${page.noise[0]}`);
  await close(page);
}

async function mistakes(desk) {
  desk.write("content/try.md", tryPage("fine"));
  const page = await desk.open("try/");
  const cases = [
    [
      "content/try.md",
      (t) => `${t}\nA [dead](nowhere/at-all.md) link.\n`,
      ["content/try.md:", "nowhere/at-all.md"],
    ],
    [
      "content/try.md",
      (t) => t.replace("title: Try", "titel: Try"),
      ["content/try.md:2:1", "titel", 'Did you mean "title"?'],
    ],
    ["content/try.md", (t) => `${t}\n:::calout\nText\n:::\n`, ["content/try.md:", "calout", "callout"]],
    ["site.yaml", (t) => t.replace("theme: harbor", "theem: harbor"), ["site.yaml:", "theem", "theme"]],
    ["site.yaml", (t) => `${t}\n  bad: [\n`, ["site.yaml:"]],
    ["themes/harbor/templates/page.html", (t) => `${t}\n{% if page.title %}\n`, ["templates/page.html:"]],
    [
      "themes/harbor/templates/page.html",
      (t) => t.replace("{{ content }}", "{{ content }}{{ nothing_here }}"),
      ["templates/page.html:", "nothing_here"],
    ],
    ["content/_data/sources.yaml", (t) => `${t}\nx: [\n`, ["content/_data/sources.yaml:"]],
  ];
  for (const [file, spoil, words] of cases) {
    const before = desk.read(file);
    desk.write(file, spoil(before));
    await overlay(page, words);
    check(await isTheSame(page), `${words.at(-1)}: the page under the panel was loaded again`);
    await says(page, "Paragraph 79 says fine");
    desk.write(file, before);
    await mended(page);
  }
  // The list opens the file in the editor.
  desk.write("content/try.md", tryPage("fine").replace("title: Try", "titel: Try"));
  await overlay(page, ["titel"]);
  await opens(page, "content/try.md", 2);
  desk.write("content/try.md", tryPage("fine"));
  await mended(page);
  // Mended and changed in one go: the new text is there, too.
  desk.write("content/try.md", tryPage("[bad](gone.md)"));
  await overlay(page, ["content/try.md:", "gone.md"]);
  desk.write("content/try.md", tryPage("better"));
  await mended(page);
  await says(page, "Paragraph 79 says better");
  await close(page);
}

async function heldBack(desk) {
  const page = await desk.open();
  const cases = [
    ["draft: true", "draft"],
    ["publish_on: 2099-01-01", "2099"],
    ["expires: 2020-01-01", "2020"],
  ];
  for (const [line, word] of cases) {
    desk.write("content/careers/held.md", `---\ntitle: A held page\n${line}\n---\nThe text of it.\n`);
    const held = await desk.open("careers/held/");
    await says(held, "The text of it.");
    const banner = held.locator(".status-banner");
    check(await banner.isVisible(), `${line}: the page is not marked`);
    check(
      /Not published|Draft|Expired|Held|Scheduled|Starts|Ended/i.test(await banner.textContent()),
      `${line}: the mark says ${await banner.textContent()}`,
    );
    const bar = held.locator("weekmark-preview .bar");
    const said = (await bar.textContent()) ?? "";
    check(said.includes("content/careers/held.md"), `${line}: the bar says ${said}`);
    check(said.toLowerCase().includes(word), `${line}: the bar does not say ${word} but ${said}`);
    await close(held);
    desk.remove("content/careers/held.md");
  }
  check((await page.title()).length > 0, "the home page is still there");
  await close(page);
}

async function newFolder(desk) {
  const page = await desk.open("fresh/deep/thing/");
  check((await page.textContent("h1")) === "Page not found", "an address where nothing is");
  fs.mkdirSync(desk.place("content/fresh/deep"), { recursive: true });
  await page.waitForTimeout(200);
  desk.write("content/fresh/deep/thing.md", "---\ntitle: A thing\n---\nFresh from the press.\n");
  await says(page, "Fresh from the press.");
  desk.edit("content/fresh/deep/thing.md", "Fresh", "Hot");
  await says(page, "Hot from the press.");
  // A picture beside it, in a folder that was not there either.
  desk.write(
    "content/fresh/pictures/dot.svg",
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
  );
  desk.edit("content/fresh/deep/thing.md", "Hot", "![A dot](../pictures/dot.svg) Warm");
  await says(page, "Warm from the press.");
  const width = () => document.querySelector("main img")?.naturalWidth ?? 0;
  await until(page, "the picture is there", `(${width})() === 9`);
  desk.write(
    "content/fresh/pictures/dot.svg",
    '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12"/>',
  );
  await until(page, "the new picture is there", `(${width})() === 12`);
  // The whole folder at once, as a copy or a checkout does it.
  const other = await desk.open("copied/deep/thing/");
  fs.cpSync(desk.place("content/fresh"), desk.place("content/copied"), { recursive: true });
  await says(other, "Warm from the press.");
  desk.rename("content/copied", "content/moved");
  await says(other, "not at this address");
  await other.goto(`${desk.url}moved/deep/thing/`);
  await says(other, "Warm from the press.");
  desk.edit("content/moved/deep/thing.md", "Warm", "Cold");
  await says(other, "Cold from the press.");
  await close(other);
  desk.remove("content/moved");
  desk.remove("content/fresh");
  await says(page, "not at this address");
  await close(page);
}

async function renamedAndDeleted(desk) {
  desk.write("content/try.md", tryPage("here"));
  const page = await desk.open("try/");
  desk.rename("content/try.md", "content/tried.md");
  await until(
    page,
    "a renamed page is gone",
    () => document.querySelector("h1")?.textContent === "Page not found",
  );
  const moved = await desk.open("tried/");
  await says(moved, "Paragraph 79 says here");
  desk.rename("content/tried.md", "content/try.md");
  await says(page, "Paragraph 79 says here");
  await until(moved, "renamed back", () => document.querySelector("h1")?.textContent === "Page not found");
  await close(moved);
  desk.remove("content/try.md");
  await until(
    page,
    "a deleted page is gone",
    () => document.querySelector("h1")?.textContent === "Page not found",
  );
  desk.write("content/try.md", tryPage("again"));
  await says(page, "Paragraph 79 says again");
  await close(page);
}

async function settings(desk) {
  const page = await desk.open("week/");
  const back = desk.edit("site.yaml", "title: National Case Management Week", "title: The Week of Tests");
  await until(page, "the new name is in the title", () => document.title.includes("The Week of Tests"));
  await says(page, "The Week of Tests", "header");
  back();
  await until(page, "the old name is back", () => !document.title.includes("The Week of Tests"));
  const menu = desk.edit("site.yaml", "{title: FAQ, page: faq.md}", "{title: Questions, page: faq.md}");
  await says(page, "Questions", "header");
  menu();
  await saysNot(page, "Questions", "header");
  await close(page);
}

async function templates(desk) {
  const page = await desk.open("week/dates/");
  const back = desk.edit(
    "themes/harbor/templates/page.html",
    "{{ content }}",
    '{{ content }}<p id="new">From the template</p>',
  );
  await says(page, "From the template");
  back();
  await saysNot(page, "From the template");
  const partial = desk.edit(
    "themes/harbor/templates/partials/footer.html",
    "</footer>",
    "<p>From a part</p></footer>",
  );
  await says(page, "From a part", "footer");
  partial();
  await saysNot(page, "From a part", "footer");
  // A folder that was not there when the preview started.
  desk.write(
    "templates/page.html",
    '{% extends "base.html" %}{% block main %}<h1>Own</h1><p>From the site</p>{{ content }}{% endblock main %}',
  );
  await says(page, "From the site");
  desk.edit("templates/page.html", "From the site", "From the very site");
  await says(page, "From the very site");
  desk.remove("templates");
  await saysNot(page, "From the very site");
  const words = desk.edit("themes/harbor/i18n/en.yaml", /^skip_link:.*$/m, "skip_link: Jump over");
  await says(page, "Jump over", "body");
  words();
  await saysNot(page, "Jump over", "body");
  await close(page);
}

async function data(desk) {
  const page = await desk.open("week/dates/");
  const other = await desk.open("faq/");
  const back = desk.edit(
    "content/_data/sources.yaml",
    "Article on Case Management Week, 2014",
    "An article from 2014",
  );
  await says(page, "An article from 2014");
  back();
  await saysNot(page, "An article from 2014");
  const years = desk.edit(
    "content/_data/years.yaml",
    /^2027:\n/m,
    '2027:\n  theme: "A theme for tests"\n  theme_owner: "Nobody"\n',
  );
  const home = await desk.open();
  await says(home, "A theme for tests", "body");
  years();
  await saysNot(home, "A theme for tests", "body");
  await close(home);
  await close(other);
  await close(page);
}

async function otherTabs(desk) {
  desk.write("content/try.md", tryPage("tab"));
  const context = await desk.browser.newContext({ viewport: { width: 1000, height: 700 } });
  const tabs = [];
  for (let i = 0; i < 8; i += 1) tabs.push(await desk.openIn(context, "try/"));
  const bystander = await desk.openIn(context, "careers/");
  desk.write("content/try.md", tryPage("tabs"));
  for (const tab of tabs) await says(tab, "Paragraph 79 says tabs");
  await quiet(bystander, "a page that did not change");
  await leave(context);
}

async function narrowPolicy(desk) {
  // The strictest policy that a page can live under, as a template may set it.
  const policy =
    "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; script-src 'self'; connect-src 'none'";
  const back = desk.edit(
    "themes/harbor/templates/partials/head.html",
    '<meta charset="utf-8">',
    `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
  desk.write("content/try.md", tryPage("strict"));
  const page = await desk.open("try/");
  desk.write("content/try.md", tryPage("stricter"));
  await says(page, "Paragraph 79 says stricter");
  desk.write("content/try.md", `${tryPage("stricter")}\n[x](nowhere.md)\n`);
  await overlay(page, ["nowhere.md"]);
  desk.write("content/try.md", tryPage("stricter"));
  await mended(page);
  await dayButton(page).click();
  await inMenu(page, "Day 3").click();
  await isDay(page, "2027-10-12");
  await page.locator("weekmark-preview .back").click();
  await isDay(page, "2026-11-22");
  back();
  await close(page);
}

async function withoutScripts(desk) {
  desk.write("content/try.md", tryPage("plain"));
  const page = await desk.browser.newPage({ javaScriptEnabled: false });
  await page.goto(`${desk.url}try/`);
  check((await page.textContent("main")).includes("Paragraph 79 says plain"), "a page without scripts");
  desk.write("content/try.md", tryPage("plainer"));
  // A millisecond is what the system needs to tell of the save; nobody reloads faster than this.
  await page.waitForTimeout(50);
  await page.reload();
  check(
    (await page.textContent("main")).includes("Paragraph 79 says plainer"),
    "a reload right after a save shows what was saved",
  );
  await page.close();
}

async function startsBroken(desk) {
  const broken = new Desk(desk.browser, desk.weekmark, copySite(desk.root, "broken"));
  const good = broken.read("content/faq.md");
  broken.write("content/faq.md", `${good}\n[x](nowhere.md)\n`);
  await broken.start();
  const page = await broken.open("faq/");
  await overlay(page, ["content/faq.md:", "nowhere.md"]);
  check(/not there yet/.test(await page.textContent("h1")), "something stands in for the site");
  broken.write("content/faq.md", good);
  await until(page, "the stand-in turns into the site", () => document.querySelector("main#main") !== null);
  await mended(page);
  const shape = fs.existsSync(broken.place("public"));
  check(!shape, "serve writes nothing into the site's folder");
  await close(page);
  await stop(broken.child);
  check(
    broken.child.exitCode === 0 || broken.child.signalCode === "SIGINT",
    `Ctrl-C ends it: ${broken.child.exitCode}`,
  );
}

async function stopsAndStarts(desk) {
  desk.write("content/try.md", tryPage("before"));
  const page = await desk.open("try/");
  const port = new URL(desk.url).port;
  await stop(desk.child);
  await until(page, "the page says that the preview has stopped", () => {
    const it = document.querySelector("weekmark-preview")?.shadowRoot.querySelector(".pill");
    return it && !it.hidden && it.textContent.includes("stopped");
  });
  desk.write("content/try.md", tryPage("after"));
  const again = await serve(desk.weekmark, desk.root, "--port", port).catch((error) => error);
  if (!check(!(again instanceof Error), `it starts again on the same port: ${again}`)) return;
  Object.assign(desk, again);
  check(new URL(desk.url).port === port, `it is back at ${desk.url}, not on port ${port}`);
  await says(page, "Paragraph 79 says after");
  await mended(page);
  await close(page);
}

async function portTaken(desk) {
  const port = new URL(desk.url).port;
  const second = await serve(desk.weekmark, desk.root, "--port", port);
  check(new URL(second.url).port !== port, "a second preview takes another port");
  check(second.child.said.includes(port), `it says that port ${port} is taken: ${second.child.said}`);
  await stop(second.child);
}

const dayOf = (page) => page.evaluate(() => document.querySelector('meta[name="weekmark-today"]')?.content);
const dayButton = (page) => page.locator("weekmark-preview .day");
const menu = (page) => page.locator("weekmark-preview .menu");
const inMenu = (page, text) => menu(page).locator("li button", { hasText: text });

/** What of the preview's own element has the focus. */
const focused = (page) =>
  page.evaluate(() => document.querySelector("weekmark-preview").shadowRoot.activeElement?.textContent);

async function isDay(page, day) {
  await until(
    page,
    `the page is of ${day}`,
    (it) => document.querySelector('meta[name="weekmark-today"]')?.content === it,
    day,
  );
}

/** The longest time, in milliseconds, that the preview said a change took, of what it said after `from`. */
function longest(child, from) {
  const times = [...child.said.slice(from).matchAll(/ in ([\d.]+) (µs|ms|s)\./g)];
  return Math.max(...times.map(([, number, unit]) => Number(number) * { µs: 0.001, ms: 1, s: 1000 }[unit]));
}

async function anotherDay(desk) {
  const template = "themes/harbor/templates/page.html";
  const restore = desk.edit(template, "{{ content }}", '{{ content }}{% set its = campaign() %}<p id="state">It is {{ its.state }}</p>');
  desk.write("content/try.md", tryPage("first"));
  const page = await desk.open("try/");
  const context = await desk.browser.newContext({ viewport: { width: 360, height: 720 }, colorScheme: "dark" });
  const other = await desk.openIn(context, "week/dates/");
  await says(page, "It is before", "#state");
  await isDay(page, "2026-11-22");
  await dayButton(page).waitFor();
  check(!(await menu(page).isVisible()), "the menu of days is folded at first");
  const label = async (it) => (await dayButton(it).innerText()).trim();
  check((await label(page)) === "Shown as on Sunday, November 22, 2026", `the bar says ${await label(page)}`);
  check((await label(other)) === "As on Nov 22, 2026", `the narrow bar says ${await label(other)}`);
  // By keys alone.
  await dayButton(page).focus();
  await page.keyboard.press("Enter");
  check(/^As started/.test(await focused(page)), `the focus is on ${await focused(page)}, not the day shown`);
  const choices = await menu(page).locator("li button").allInnerTexts();
  const wanted = ["2026", "Oct 3, 2027", "Oct 10", "Oct 12", "Oct 16", "Oct 17", "Jan 1, 2028", "Oct 8, 2028"];
  wanted.forEach((date, at) => check(choices[at]?.includes(date), `choice ${at} is ${choices[at]}, not ${date}`));
  await page.keyboard.press("Escape");
  check(!(await menu(page).isVisible()), "Escape folds the menu");
  check(/^Shown as on/.test(await focused(page)), "Escape gives the focus back");
  await page.keyboard.press("Enter");
  for (let i = 0; i < 3; i += 1) await page.keyboard.press("ArrowDown");
  check(/^Day 3/.test(await focused(page)), `three days down is ${await focused(page)}`);
  const before = desk.child.said.length;
  await page.keyboard.press("Enter");
  // All pages follow, and the focus stays.
  await isDay(page, "2027-10-12");
  await says(page, "It is during", "#state");
  await isDay(other, "2027-10-12");
  await says(other, "It is during", "#state");
  const took = longest(desk.child, before);
  check(took < 1000, `another day takes ${took} ms`);
  await until(page, "the focus is on the day again", () =>
    document.querySelector("weekmark-preview").shadowRoot.activeElement?.textContent.startsWith("Shown as on Tuesday"),
  );
  check(!(await menu(page).isVisible()), "the menu is folded after a choice");
  check(desk.child.said.includes("Shown as on Tuesday, October 12, 2027"), "the terminal says which day it is");
  // An edit keeps the day.
  desk.write("content/try.md", tryPage("second"));
  await says(page, "Paragraph 79 says second");
  check((await dayOf(page)) === "2027-10-12", `after an edit the page is of ${await dayOf(page)}`);
  await says(page, "It is during", "#state");
  // A date that is none is refused, in the bar and by the preview.
  await dayButton(page).click();
  await menu(page).locator("input").fill("");
  await menu(page).locator("button[type=submit]").click();
  const refusal = () => menu(page).locator(".refusal").textContent();
  check(/whole date/.test(await refusal()), `no date at all: ${await refusal()}`);
  const status = await page.evaluate(async (base) => {
    const answer = await fetch(`${base}__weekmark/day?date=12/10/2027`, { method: "POST" });
    return `${answer.status} ${await answer.text()}`;
  }, desk.url);
  check(/^422 .*two ways/.test(status), `a date that can be read in two ways: ${status}`);
  // Nobody finds fault with it, light or dark, wide or narrow.
  await dayButton(other).click();
  for (const it of [page, other]) {
    await it.evaluate(AXE);
    const found = await it.evaluate(async () => (await window.axe.run("weekmark-preview")).violations);
    for (const { id, nodes } of found) check(false, `axe: ${id} ${nodes[0].html}`);
    check(found.length === 0, "axe finds nothing in the bar");
  }
  await inMenu(other, "As started").press("Escape");
  // Any day, and back.
  await menu(page).locator("input").fill("2030-01-31");
  await page.keyboard.press("Enter");
  await isDay(other, "2030-01-31");
  await isDay(page, "2030-01-31");
  const back = page.locator("weekmark-preview .back");
  // The page came anew, and learns a moment later how the preview was started.
  await back.waitFor({ state: "visible" });
  check((await back.textContent()) === "Back to Nov 22, 2026", `the way back is ${await back.textContent()}`);
  await back.click();
  await isDay(page, "2026-11-22");
  await isDay(other, "2026-11-22");
  await says(page, "It is before", "#state");
  check(await back.isHidden(), "who is back needs no way back");
  const noise = [...page.noise.filter((text) => !text.includes("422")), ...other.noise];
  check(noise.length === 0, `the console says ${noise[0]}`);
  restore();
  await saysNot(page, "It is before", "body");
  await leave(context);
  await close(page);
}

async function theClock(desk) {
  const site = { "site.yaml": "title: A club\ntheme: harbor\n", "content/_index.md": "---\ntitle: Home\n---\nHello.\n" };
  const clock = new Desk(desk.browser, desk.weekmark, writeSite("clock", site));
  await clock.start();
  const page = await clock.open();
  await dayButton(page).waitFor();
  check((await dayButton(page).innerText()).trim() === "Today", "the real day is called today");
  check((await dayOf(page)) === undefined, "a page of the real day says nothing of the day");
  await dayButton(page).click();
  check((await inMenu(page, "").count()) === 1, "without a campaign there is only today and the field");
  await menu(page).locator("input").fill("2027-10-12");
  await page.keyboard.press("Enter");
  await isDay(page, "2027-10-12");
  await page.locator("weekmark-preview .back", { hasText: "Back to today" }).click();
  await until(page, "the clock is back", () => !document.querySelector('meta[name="weekmark-today"]'));
  await close(page);
  await stop(clock.child);
}

/** A new site opens the list of its pieces by itself, and each piece leads to the line that makes it. */
async function firstMinute(desk) {
  const root = path.join(path.dirname(desk.root), "our-health-week");
  fs.rmSync(root, { recursive: true, force: true });
  execFileSync(desk.weekmark, ["new", "site", root], { stdio: "ignore" });
  const fresh = new Desk(desk.browser, desk.weekmark, root);
  await fresh.start();
  const page = await fresh.open();
  const guide = page.locator("weekmark-preview .guide");
  await guide.waitFor();
  const piece = (about) => guide.locator("li", { hasText: about });
  for (const [about, line] of [
    ["The name of the site", "title: Our Health Week"],
    ["The title of this page", "title: Welcome"],
    ["The text of this page", "This is the first page of your site"],
    ["The dates", "rule: {full_week: 2"],
    ["The menu", "menus:"],
    ["Who runs the site", "name: Our Association"],
    ["The colors", "brand:"],
  ]) {
    const [file, number] = (await piece(about).locator(".place").innerText()).trim().split(", line ");
    const written = fresh.read(file).split("\n")[number - 1] ?? "";
    check(written.trim().startsWith(line), `${about}: ${file}, line ${number} is ${written}`);
  }
  check((await page.locator("weekmark-preview .marks .number").count()) >= 6, "numbers stand on the page");
  // Pointing at a piece frames it.
  await piece("The title of this page").locator("button").focus();
  const box = await page.locator("weekmark-preview .ring").boundingBox();
  const head = await page.locator("h1").boundingBox();
  check(Math.abs(box.x + 4 - head.x) < 2 && Math.abs(box.y + 4 - head.y) < 2, "the frame is round the title");
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => (await window.axe.run("weekmark-preview")).violations);
  for (const { id, nodes } of found) check(false, `axe: ${id} ${nodes[0].html}`);
  // The first save shows at once, and the list stays until somebody closes it.
  fresh.edit("content/_index.md", "title: Welcome", "title: Hello to all");
  await says(page, "Hello to all", "h1");
  await piece("The title of this page").locator("pre", { hasText: "title: Hello to all" }).waitFor();
  await guide.focus();
  await page.keyboard.press("Escape");
  check(await guide.isHidden(), "Escape closes the list");
  const button = page.locator("weekmark-preview .how");
  check((await button.getAttribute("aria-expanded")) === "false", "the button says that the list is closed");
  await page.reload();
  await button.waitFor();
  check(await guide.isHidden(), "a list that was closed stays closed");
  check(page.noise.length === 0, `the console says ${page.noise[0]}`);
  await close(page);
  // On a phone the page becomes longer by what the list takes.
  const phone = await fresh.open("about/", { viewport: { width: 360, height: 700 } });
  check(await phone.locator("weekmark-preview .guide").isHidden(), "on a phone the list waits to be asked for");
  await phone.locator("weekmark-preview .how").click();
  const room = await phone.evaluate(() => parseFloat(getComputedStyle(document.documentElement).paddingBottom));
  const list = await phone.locator("weekmark-preview .guide").boundingBox();
  check(room > list.height, "all of the page can be scrolled above the list");
  await phone.emulateMedia({ media: "print" });
  check(await phone.locator("weekmark-preview .guide").isHidden(), "paper has no list");
  await close(phone);
  await stop(fresh.child);
}

const ALL = [
  ["the body of a page is edited: place and form stay", bodyEdit],
  ["editors save in many ways", waysOfSaving],
  ["a style sheet is edited: no reload", styleEdit],
  ["mistakes lie over the page and go when mended", mistakes],
  ["drafts and held-back pages are there and marked", heldBack],
  ["new folders, files and pictures", newFolder],
  ["files are renamed and deleted", renamedAndDeleted],
  ["site.yaml is edited", settings],
  ["templates and the theme's words are edited", templates],
  ["data is edited", data],
  ["many tabs", otherTabs],
  ["a page under a strict policy", narrowPolicy],
  ["another day is chosen in the bar", anotherDay],
  ["a preview that goes by the clock", theClock],
  ["a new site says where its first page is written", firstMinute],
  ["a page without scripts", withoutScripts],
  ["the preview starts on a broken site", startsBroken],
  ["a second preview", portTaken],
  ["the preview stops and starts", stopsAndStarts],
];

/** A browser that does not answer any more is a failure, not a reason to wait for ever. */
async function within(limit, work) {
  let timer;
  const end = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not done within ${limit} ms`)), limit);
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}

export async function live(browser, weekmark, root) {
  const desk = new Desk(browser, weekmark, copySite(root, "live"));
  desk.write("site.yaml", `${desk.read("site.yaml")}\nmarkdown: {raw_html: true}\n`);
  await desk.start("--today", "2026-11-22");
  try {
    for (const [title, run] of ALL) await group(`preview: ${title}`, () => within(LONGEST, run(desk)));
  } finally {
    await stop(desk.child);
  }
}
