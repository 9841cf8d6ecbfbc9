// Pages without what they do not need: scripts, style, a graphical browser, a screen, and in Reader mode.

import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { inParallel } from "../browser.mjs";
import { temporary } from "../files.mjs";
import { addressOf } from "./site.mjs";

/** Words of a text, for comparing texts that differ in blanks, hyphens and marks. */
const wordsOf = (text) => text.normalize("NFKC").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const only = (text) => wordsOf(text).join("");

/** What a page says and offers. Runs in the page, so it must stand alone. */
function readPage() {
  const shown = (it) => it.checkVisibility({ visibilityProperty: true });
  const main = document.querySelector("main");
  const name = (it) => `${it.localName}${[...it.classList].map((each) => `.${each}`).join("")} "${(it.textContent || it.value || "").trim().slice(0, 30)}"`;
  const dead = [];
  for (const it of document.querySelectorAll("button, input, select, textarea, a[href], summary, [role=status], [role=alert]")) {
    if (!shown(it)) continue;
    if (it.localName === "button") {
      const isNative = it.hasAttribute("popovertarget") || it.hasAttribute("commandfor") || it.closest("dialog form[method=dialog]");
      if (!isNative && !(it.type === "submit" && it.form?.getAttribute("action"))) dead.push(name(it));
    } else if (it.matches("input, select, textarea")) {
      // Choices work by CSS, and boxes can be ticked; what is typed must go somewhere.
      if (!/radio|checkbox/.test(it.type) && !it.form?.getAttribute("action")) dead.push(name(it));
    } else if (it.matches("a")) {
      if (/^(#|javascript:)?$/.test(it.getAttribute("href")) || !(it.textContent.trim() || it.querySelector("img[alt]") || it.getAttribute("aria-label"))) dead.push(name(it));
    }
  }
  const empty = [...main.querySelectorAll("p, ul, ol, dl, table, section, fieldset, form, div")]
    .filter((it) => shown(it) && !it.textContent.trim() && !it.querySelector("img, svg, input, hr, canvas, video") && it.getBoundingClientRect().height > 8)
    .filter((it) => !it.matches("[aria-hidden=true], [role=presentation], [role=status], [data-card]"))
    .map(name);
  return {
    title: document.title,
    text: main.innerText,
    code: [...main.querySelectorAll("code, pre")].map((it) => it.textContent).join(" "),
    first: main.querySelector("h1")?.innerText ?? document.querySelector("h1")?.innerText ?? "",
    // Headings for screen readers alone are one pixel large.
    headings: [...main.querySelectorAll("h1, h2, h3, h4")].filter((it) => shown(it) && it.getBoundingClientRect().height > 2).map((it) => it.innerText),
    menu: [...document.querySelectorAll("header nav a")].filter(shown).map((it) => it.innerText),
    footer: [...document.querySelectorAll("body > footer a")].filter(shown).map((it) => it.innerText),
    paragraphs: [...main.querySelectorAll("p, li, td, dd")].filter((it) => shown(it) && !it.closest("form, [role=status]") && !it.querySelector("p, li, ul, ol")).map((it) => it.innerText),
    links: [...main.querySelectorAll('a[href^="http"]')].filter(shown).map((it) => it.href),
    dead,
    empty,
  };
}

/** Words that only a style sheet has: a reader without style does not get them. Runs in the page. */
function wordsOfStyle() {
  const found = [];
  for (const it of document.querySelectorAll("body *")) {
    for (const side of ["::before", "::after"]) {
      const { content, display } = getComputedStyle(it, side);
      if (display === "none" || !/^["']/.test(content)) continue;
      const text = content.split(" / ")[0];
      if (/[\p{L}]{2,}/u.test(text)) found.push(`${it.localName}.${it.className} ${side} ${text.slice(0, 40)}`);
    }
  }
  return [...new Set(found)];
}

/** Parts that say they are hidden, and that a style sheet shows all the same. Runs in the page. */
function shownByStyle() {
  const shown = [...document.querySelectorAll("[hidden]")].filter((it) => getComputedStyle(it).display !== "none");
  return shown.map((it) => `${it.localName}.${it.className}`);
}

/** What a page looks like with no style at all. Runs in the page. */
function bare() {
  const found = [];
  for (const it of document.querySelectorAll("img, svg")) {
    const isSized = it.hasAttribute("width") && it.hasAttribute("height");
    if (!isSized && it.checkVisibility()) found.push(["no width and height", `${it.localName}.${it.getAttribute("class") ?? ""}`]);
  }
  const names = [...document.querySelectorAll("header, nav, main, footer")].filter((it) => !it.closest("main") || it.localName === "main").map((it) => it.localName);
  const order = names.filter((it, index) => names.indexOf(it) === index && it !== "nav").join(" ");
  if (order !== "header main footer") found.push(["order of the page", order]);
  return found;
}

async function withoutScripts(context, it, page, read) {
  const tab = await context.newPage();
  await tab.goto(it.host.url + addressOf(page));
  // The locator's evaluate works where scripts are off, too: it is the tool's, not the page's.
  const plain = await tab.evaluate(readPage);
  await tab.close();
  for (const name of plain.dead) it.findings.add("without", page, "dead without script", name);
  for (const name of plain.empty) it.findings.add("without", page, "empty without script", name);
  const had = new Set(wordsOf(plain.text));
  const lost = plain.headings.length < read.headings.length ? read.headings.filter((each) => !plain.headings.includes(each)) : [];
  for (const each of lost) it.findings.add("without", page, "heading only with script", each);
  const missing = read.paragraphs.filter((each) => wordsOf(each).length > 4 && wordsOf(each).filter((word) => !had.has(word)).length > 2);
  for (const each of missing.slice(0, 3)) it.findings.add("without", page, "text only with script", each.slice(0, 60));
  return plain;
}

/** The parts of a text appear in a longer one, one after the other; gives those that do not. */
function inOrder(parts, whole) {
  let at = 0;
  const lost = [];
  for (const part of parts) {
    const wanted = only(part).slice(0, 40);
    if (wanted.length < 2) continue;
    const found = whole.indexOf(wanted, at);
    if (found < 0) lost.push(part);
    else at = found + wanted.length;
  }
  return lost;
}

function textBrowser(it, page, plain) {
  const file = path.join(it.out, page);
  const ran = spawnSync("w3m", ["-dump", "-cols", "10000", "-O", "UTF-8", "-T", "text/html", file], { encoding: "utf8" });
  if (ran.error) throw new Error(`the text browser w3m is needed: ${ran.error.message}`);
  const whole = only(ran.stdout);
  const parts = [...plain.menu, ...plain.headings, ...plain.footer];
  for (const part of inOrder(parts, whole)) it.findings.add("without", page, "not in the text browser, or not in order", part.slice(0, 60));
  const junk = ran.stdout.match(/\{\{|\}\}|\bundefined\b|\bNaN\b|\[object|&[a-z]+;|<\/?[a-z]+>|\[[^\]\s]+\.(svg|png|jpg|webp)\]|\uFFFD/);
  // A page about code may show such things in code.
  if (junk && !plain.code.includes(junk[0])) it.findings.add("without", page, "junk in the text browser", junk[0]);
}

async function onPaper(context, it, page, plain, folder) {
  const tab = await context.newPage();
  await tab.goto(it.host.url + addressOf(page));
  await tab.emulateMedia({ media: "print" });
  const shown = await tab.evaluate(() => {
    const what = "nav, button, input:not([type=checkbox]), select, textarea, [role=search], dialog, .skip-link";
    return [...document.querySelectorAll(what)].filter((each) => each.checkVisibility({ visibilityProperty: true })).map((each) => `${each.localName}.${each.className}`);
  });
  for (const name of new Set(shown)) it.findings.add("without", page, "shown on paper", name);
  for (const format of ["A4", "Letter"]) {
    const file = path.join(folder, `${page.replace(/\W+/g, "-")}-${format}.pdf`);
    fs.writeFileSync(file, await tab.pdf({ format, preferCSSPageSize: false, printBackground: false }));
    const text = execFileSync("pdftotext", ["-raw", file, "-"], { encoding: "utf8", maxBuffer: 1 << 28 });
    const sheets = text.split("\f").length - 1;
    const words = wordsOf(plain.text).length;
    // A letter of its own begins a sheet of its own.
    const most = Math.ceil(words / 200) + 2;
    if (sheets > most) it.findings.add("without", page, "too many sheets", "", `${sheets} for ${words} words`, format);
    if (text.split("\f").slice(0, -1).some((sheet) => wordsOf(sheet).length === 0)) it.findings.add("without", page, "empty sheet", "", "", format);
    const whole = only(text);
    for (const part of plain.headings.filter((each) => !whole.includes(only(each)))) {
      it.findings.add("without", page, "heading not on paper", part.slice(0, 60), "", format);
    }
    for (const link of new Set(plain.links)) {
      const wanted = only(link);
      if (!whole.includes(wanted) && !whole.includes(only(decodeURI(link)))) it.findings.add("without", page, "address not on paper", link, "", format);
    }
  }
  await tab.close();
}

/** Firefox's Reader mode: the article with its title and most of its text. Lists of pages are not articles. */
async function reader(tab, it, page, script) {
  const isArticle = await tab.evaluate(() => document.querySelector('meta[property="og:type"]')?.content === "article");
  const found = await tab.evaluate((source) => {
    const Readability = (0, eval)(`(() => { const module = { exports: null }; ${source}; return Readability })()`);
    const article = new Readability(document.cloneNode(true)).parse();
    // What an article says: its paragraphs, items and cells; not forms, and not lists of links.
    const main = [...document.querySelectorAll("main p, main li, main td, main dd")].filter((each) => {
      if (each.closest("nav, form, label, aside, footer, [hidden]") || each.querySelector("p, li, label")) return false;
      const linked = [...each.querySelectorAll("a")].reduce((sum, link) => sum + link.textContent.length, 0);
      return linked < each.textContent.length / 2;
    });
    const text = main.map((each) => each.textContent).join(" ");
    return { title: article?.title ?? "", text: article?.textContent ?? "", main: text, first: document.querySelector("h1")?.textContent ?? "" };
  }, script);
  const count = wordsOf(found.main).length;
  if (!isArticle || count < 100) return;
  if (!only(found.title).includes(only(found.first))) it.findings.add("without", page, "title in Reader mode", found.title, `not "${found.first}"`);
  const share = Math.min(1, wordsOf(found.text).length / count);
  if (share < 0.8) it.findings.add("without", page, "text in Reader mode", "", `${Math.round(share * 100)} % of ${count} words`);
}

export async function without(it) {
  const { browser, host, pages, full, findings } = it;
  const folder = temporary("paper");
  const script = fs.readFileSync(it.readability, "utf8");
  const usual = await browser.newContext({ bypassCSP: true, reducedMotion: "reduce" });
  const plainContext = await browser.newContext({ javaScriptEnabled: false });
  const bareContext = await browser.newContext({ bypassCSP: true });
  await bareContext.route(/\.css(\?|$)/, (route) => route.abort());
  await inParallel(pages, 3, async (page) => {
    const tab = await usual.newPage();
    await tab.goto(host.url + addressOf(page));
    const read = await tab.evaluate(readPage);
    for (const words of await tab.evaluate(wordsOfStyle)) findings.add("without", page, "words only in the style sheet", words);
    for (const name of await tab.evaluate(shownByStyle)) findings.add("without", page, "hidden part is shown", name);
    await reader(tab, it, page, script);
    await tab.close();
    const plain = await withoutScripts(plainContext, it, page, read);
    textBrowser(it, page, plain);
    if (!full.has(page)) return;
    const naked = await bareContext.newPage();
    await naked.goto(host.url + addressOf(page));
    for (const [rule, element] of await naked.evaluate(bare)) findings.add("without", page, `${rule} without style`, element);
    await naked.close();
    await onPaper(plainContext, it, page, plain, folder);
  });
  for (const context of [usual, plainContext, bareContext]) await context.close();
}
