// Accessibility of every page in all its states: axe-core's rules of WCAG 2.0, 2.1 and 2.2, levels A and AA, and
// its best practices, and what it cannot see: layout, target sizes and headings.

import fs from "node:fs";

import { inParallel } from "../browser.mjs";
import { headingMistakes, layoutMistakes, openAll, targetSizes } from "./in-page.mjs";
import { addressOf } from "./site.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

/** Rules whose answer depends on colors. */
const COLOR = ["color-contrast", "link-in-text-block"];

/** Rules whose answer depends on the width, the zoom and the size of the type, while the page is the same. */
const LAYOUT = ["color-contrast", "target-size", "scrollable-region-focusable", "css-orientation-lock", "meta-viewport"];

/** Text spacing of WCAG 1.4.12. */
const SPACING = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }`;

/** What hides a plain ground from axe: pictures below text and drawn marks. */
const PLAIN = "* { background-image: none !important } ::before, ::after { display: none !important }";

/**
 * What axe leaves to a person and the page itself answers: rule → whether it is right for this element. Runs in
 * the page. Anything else that axe could not decide is a finding.
 */
const DECIDED = {
  // A cell that is cut off by a box that scrolls is measured where the box need not scroll, 1280 px wide.
  "color-contrast": (it, why) => {
    if (/too short|single character/i.test(why)) return true;
    for (let box = it.parentElement; box; box = box.parentElement) {
      if (box !== document.documentElement && box.scrollWidth > box.clientWidth && /auto|scroll/.test(getComputedStyle(box).overflowX)) return true;
    }
    return false;
  },
  // A heading of a group of rows has no cells in its own row, but in those below (WCAG technique H63).
  "th-has-data-cells": (it) => {
    return [...it.querySelectorAll("th")].every((th) => /^(row|col|rowgroup|colgroup)$/.test(th.scope));
  },
};

const setup = `(${(spacing, plain) => {
  const sheets = new Map();
  for (const [name, text] of [
    ["spacing", spacing],
    ["plain", plain],
  ]) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    sheets.set(name, sheet);
  }
  globalThis.weekmarkSheet = (name, isOn) => {
    const rest = document.adoptedStyleSheets.filter((it) => it !== sheets.get(name));
    document.adoptedStyleSheets = isOn ? [...rest, sheets.get(name)] : rest;
  };
  // axe reads this property, and Chromium does not tell its value in forced colors.
  const read = CSSStyleDeclaration.prototype.getPropertyValue;
  CSSStyleDeclaration.prototype.getPropertyValue = function (name) {
    const isFill = name === "-webkit-text-fill-color" && matchMedia("(forced-colors: active)").matches;
    return read.call(this, isFill ? "color" : name);
  };
}})(${JSON.stringify(SPACING)}, ${JSON.stringify(PLAIN)})`;

/** Runs axe in the page: what it found, and what neither it nor `DECIDED` could tell, as plain objects. */
async function run(tab, runOnly) {
  return tab.evaluate(async ({ what, decided }) => {
    const options = {
      runOnly: what,
      resultTypes: ["violations", "incomplete"],
      rules: what.type === "tag" ? { "target-size": { enabled: true }, "color-contrast": { enabled: false } } : {},
    };
    const answers = new Map(decided.map(([rule, text]) => [rule, (0, eval)(`(${text})`)]));
    const { violations, incomplete } = await globalThis.axe.run(document, options);
    const found = [];
    for (const [list, isSure] of [
      [violations, true],
      [incomplete, false],
    ]) {
      for (const { id, impact, nodes } of list) {
        for (const node of nodes) {
          const target = node.target.join(" ");
          const why = [...node.any, ...node.all, ...node.none][0]?.message ?? "";
          if (!isSure && answers.get(id)?.(document.querySelector(target), why)) continue;
          found.push({ rule: `${id} (${isSure ? impact : "undecided"})`, target, why });
        }
      }
    }
    return found;
  }, { what: runOnly, decided: Object.entries(DECIDED).map(([rule, answer]) => [rule, String(answer)]) });
}

/** Numbers that differ from element to element are left out, so that one mistake is told once. */
const shape = (target) => target.replace(/:nth-child\(\d+\)/g, "").replace(/\d+/g, "0").replace(/"[^"]{20,}"/g, '"…"');

async function look(tab, findings, page, way, rules = null) {
  const add = (list) => {
    for (const { rule, target, why } of list) findings.add("axe", page, rule, shape(target), why, way);
  };
  const others = rules?.filter((it) => it !== "color-contrast");
  if (others === undefined) add(await run(tab, { type: "tag", values: TAGS }));
  else if (others.length > 0) add(await run(tab, { type: "rule", values: others }));
  // Contrast is measured on the plain ground: pictures below text and drawn marks hide it from axe.
  await tab.evaluate(() => globalThis.weekmarkSheet("plain", true));
  add(await run(tab, { type: "rule", values: ["color-contrast"] }));
  await tab.evaluate(() => globalThis.weekmarkSheet("plain", false));
}

/** Layout at one width; sizes of targets are told for the narrow page alone. */
async function layout(tab, findings, page, way, sizes = null) {
  for (const [rule, element, measured] of await tab.evaluate(layoutMistakes)) {
    findings.add("layout", page, rule, element, measured, way);
  }
  const { found, count, large, high } = await tab.evaluate(targetSizes);
  for (const [rule, element, measured] of found) findings.add("layout", page, rule, element, measured, way);
  if (sizes) {
    sizes.count += count;
    sizes.large += large;
    sizes.high += high;
  }
}

/** The states of a page one after the other; most without a new load. */
async function states(tab, url, page, findings, isShort, sizes) {
  const size = async (width, height, scale = 1) => {
    await tab.setViewportSize({ width, height });
    tab.wide = width * scale;
  };
  const media = (more) => tab.emulateMedia({ reducedMotion: "reduce", colorScheme: "light", forcedColors: "none", ...more });
  const open = async () => {
    await tab.goto(url + addressOf(page));
    await tab.evaluate(tab.axe);
    await tab.evaluate(setup);
  };
  await media({});
  await size(1280, 800);
  await open();
  await look(tab, findings, page, "light");
  for (const [rule, element, measured] of await tab.evaluate(headingMistakes)) {
    findings.add("layout", page, rule, element, measured);
  }
  await layout(tab, findings, page, "1280 px");
  await media({ colorScheme: "dark" });
  await look(tab, findings, page, "dark", COLOR);
  await media({});
  await size(320, 640);
  await look(tab, findings, page, "320 px", isShort ? LAYOUT : null);
  await layout(tab, findings, page, "320 px", sizes);
  await tab.evaluate(() => globalThis.weekmarkSheet("spacing", true));
  await layout(tab, findings, page, "text spacing, 320 px");
  if (isShort) return;
  await media({ colorScheme: "dark" });
  await look(tab, findings, page, "dark, 320 px", COLOR);
  await media({});
  await size(1280, 800);
  await look(tab, findings, page, "text spacing", LAYOUT);
  await layout(tab, findings, page, "text spacing, 1280 px");
  await tab.evaluate(() => globalThis.weekmarkSheet("spacing", false));
  await media({ forcedColors: "active" });
  await look(tab, findings, page, "forced colors", ["color-contrast"]);
  await media({ forcedColors: "active", colorScheme: "dark" });
  await look(tab, findings, page, "forced colors, dark", ["color-contrast"]);
  await media({});
  // 200 % zoom: half the screen, two points for each.
  await size(640, 400);
  await tab.cdp.send("Emulation.setDeviceMetricsOverride", { width: 640, height: 400, deviceScaleFactor: 2, mobile: false });
  await look(tab, findings, page, "200 % zoom", LAYOUT);
  await layout(tab, findings, page, "200 % zoom");
  await tab.cdp.send("Emulation.clearDeviceMetricsOverride");
  for (const [choice, width] of [
    [0, 1280],
    [1, 320],
  ]) {
    await size(width, 800);
    await open();
    if ((await tab.evaluate(openAll, choice)) === 0) return;
    // Search loads its index on first use; status lines wait a moment before they speak.
    await tab.waitForLoadState("networkidle");
    await tab.waitForTimeout(100);
    await look(tab, findings, page, `all open, ${width} px`);
    await layout(tab, findings, page, `all open, ${width} px`);
    await media({ colorScheme: "dark" });
    await look(tab, findings, page, `all open, ${width} px, dark`, COLOR);
    await media({});
  }
  if (!(await tab.locator("[data-ecard]").count())) return;
  // A card that somebody sent.
  const href = await tab.locator("[data-ecard] [data-open]").getAttribute("href");
  await tab.goto("about:blank");
  await tab.goto(href);
  await tab.evaluate(tab.axe);
  await tab.evaluate(setup);
  await look(tab, findings, page, "card opened");
  await layout(tab, findings, page, "card opened");
}

/** `full`: pages looked at in every state; the others are looked at light, dark, and 320 px wide. */
export async function axe({ browser, host, pages, full, findings, axeScript }) {
  const script = fs.readFileSync(axeScript, "utf8");
  const sizes = { count: 0, large: 0, high: 0 };
  // The policy is tested elsewhere; here the tools must get in.
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 800 } });
  const lane = async () => {
    const tab = await context.newPage();
    tab.axe = `${script};0`;
    tab.cdp = await context.newCDPSession(tab);
    return tab;
  };
  // Long pages first, so that no lane is left alone with one at the end.
  const order = [...pages].sort((a, b) => full.has(b) - full.has(a));
  await inParallel(order, 3, (page, tab) => states(tab, host.url, page, findings, !full.has(page), sizes), lane);
  await context.close();
  const share = (count) => `${Math.round((100 * count) / sizes.count)} %`;
  findings.note(`${sizes.count} targets outside of text at 320 px: ${share(sizes.high)} are at least 44 px high, ${share(sizes.large)} at least 44 by 44 px`);
}
