// The sample site built in a theme: its pages, which of them together show everything, their reading grades.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { copySite, filesBelow, temporary } from "../files.mjs";
import { build } from "../program.mjs";

/** The day that the site is built on, so that every run measures the same pages. */
export const TODAY = "2026-11-22";

/** The themes that lie in `themes/`. */
export function themesOf(root) {
  return fs.readdirSync(path.join(root, "themes")).filter((it) => fs.existsSync(path.join(root, "themes", it, "theme.yaml")));
}

/** Builds the site of `root` in a theme, which is one line of site.yaml, for the address that it is served at. */
export function buildTheme(weekmark, root, theme, baseUrl) {
  const copy = copySite(root, `quality-${theme}`);
  const settings = path.join(copy, "site.yaml");
  const text = fs.readFileSync(settings, "utf8").replace(/^theme:.*$/m, `theme: ${theme}`);
  fs.writeFileSync(settings, text);
  const out = path.join(temporary(`quality-${theme}`), "out");
  build(weekmark, copy, out, "--today", TODAY, "--base-url", baseUrl);
  return { copy, out };
}

/** All pages of a built site but old addresses, which only lead on. */
export function pagesOf(out) {
  return filesBelow(out).filter((name) => {
    if (!name.endsWith(".html")) return false;
    return !/<meta http-equiv="?refresh/i.test(fs.readFileSync(path.join(out, name), "utf8"));
  });
}

/** The address of a page below the site's, without `index.html`. */
export const addressOf = (page) => page.replace(/(^|\/)index\.html$/, "$1");

/** What a page is made of: elements, classes, data- attributes, roles and types. Numbers do not count. */
function pieces(html) {
  const found = new Set();
  for (const [, tag] of html.matchAll(/<([a-z][a-z0-9-]*)/g)) found.add(`<${tag}`);
  for (const [, names] of html.matchAll(/ class="([^"]*)"/g)) {
    for (const name of names.split(/\s+/)) found.add(`.${name.replace(/\d+/g, "0")}`);
  }
  for (const [, name] of html.matchAll(/ (data-[a-z-]+|hidden|role="[a-z]+"|type="[a-z]+")/g)) found.add(name);
  return found;
}

/**
 * Few pages that together have every element, class and attribute of the site: the home page, the 404 page,
 * search, then always the page that adds the most. A new component is among them without anybody saying so.
 */
export function kindsOf(out, pages) {
  const made = new Map(pages.map((page) => [page, pieces(fs.readFileSync(path.join(out, page), "utf8"))]));
  const missing = new Set([...made.values()].flatMap((found) => [...found]));
  const chosen = [];
  const choose = (page) => {
    chosen.push(page);
    for (const piece of made.get(page)) missing.delete(piece);
  };
  for (const page of ["index.html", "404.html", "search/index.html"]) if (made.has(page)) choose(page);
  while (missing.size > 0) {
    const gain = (page) => [...made.get(page)].filter((piece) => missing.has(piece)).length;
    const [best] = [...pages].sort((a, b) => gain(b) - gain(a));
    choose(best);
  }
  return chosen;
}

/**
 * The reading grade of each page, as the program tells it: with the highest grade set to 1, nearly every page
 * is reported with its own. Pages of fewer than 100 words have none.
 */
export function gradesOf(weekmark, copy) {
  const settings = path.join(copy, "site.yaml");
  const before = fs.readFileSync(settings, "utf8");
  fs.writeFileSync(settings, `${before}\nchecks: {reading_grade: 1}\n`);
  const ran = spawnSync(weekmark, ["--root", copy, "check", "--format", "json", "--today", TODAY], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  fs.writeFileSync(settings, before);
  const grades = new Map();
  for (const it of JSON.parse(ran.stdout).problems) {
    if (it.code !== "W715") continue;
    const [, grade] = it.message.match(/grade (?:above )?(\d+(?:\.\d)?)/) ?? [];
    const page = it.file
      .replace(/^content\//, "")
      .replace(/\.md$/, "")
      .replace(/(^|\/)_?index$/, "");
    grades.set(page === "" ? "index.html" : `${page}/index.html`, Number(grade));
  }
  return grades;
}
