// A walk through a page with the keyboard alone: every stop in order, seen, uncovered, with no trap; the skip link,
// Escape, and the arrow keys in groups of choices (WCAG 2.1.1, 2.1.2, 2.4.1, 2.4.3, 2.4.7, 2.4.11).

import { inParallel } from "../browser.mjs";
import { addressOf } from "./site.mjs";

/** Numbers every element that Tab should reach, in the order of the document. Runs in the page. */
function numberStops() {
  const what = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex], [contenteditable=true], audio[controls], video[controls]";
  const groups = new Set();
  const stops = [];
  for (const it of document.querySelectorAll(what)) {
    if (it.tabIndex < 0 || it.disabled || !it.checkVisibility({ visibilityProperty: true })) continue;
    if (it.closest("[inert]") || it.closest("details:not([open]) > :not(summary)")) continue;
    if (it.type === "radio") {
      // One stop for a group: the chosen one, or the first.
      const key = `${it.form ? [...document.forms].indexOf(it.form) : ""} ${it.name}`;
      const group = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(it.name)}"]`)];
      const chosen = group.find((other) => other.checked) ?? group[0];
      if (groups.has(key) || it !== chosen) continue;
      groups.add(key);
    }
    stops.push(it);
  }
  globalThis.weekmarkStops = stops;
  return { count: stops.length, positive: stops.filter((it) => it.tabIndex > 0).length };
}

/** What stands out about an element and what belongs to it, to compare before and after it has the focus. Runs in the page. */
function looks(it) {
  const parts = [it, it.closest("label"), it.nextElementSibling, it.parentElement, it.firstElementChild].filter(Boolean);
  return parts.flatMap((part) =>
    [null, "::before", "::after"].map((side) => {
      const style = getComputedStyle(part, side);
      const outline = style.outlineStyle === "none" || parseFloat(style.outlineWidth) === 0 ? "" : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
      return [outline, style.boxShadow, style.backgroundColor, style.borderColor, style.borderWidth, style.textDecorationLine, style.textDecorationThickness].join("|");
    }),
  );
}

/** Where the focus is, and whether anything lies over it. Runs in the page. */
function here() {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const index = globalThis.weekmarkStops.indexOf(it);
  // A field that CSS hides is seen through its label.
  const label = it.closest("label");
  const seen = label && (it.getBoundingClientRect().width <= 2 || getComputedStyle(it).opacity === "0") ? label : it;
  const [box] = [...seen.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height);
  const isOver = (at) => at && at !== document.documentElement && !seen.contains(at) && !at.contains(seen) && !label?.contains(at);
  let points = 0;
  const over = [];
  for (const x of box ? [0.1, 0.5, 0.9] : []) {
    for (const y of [0.1, 0.5, 0.9]) {
      const [left, top] = [box.left + box.width * x, box.top + box.height * y];
      if (left < 0 || top < 0 || left >= innerWidth || top >= innerHeight) continue;
      points += 1;
      const at = document.elementFromPoint(left, top);
      if (isOver(at)) over.push(at);
    }
  }
  const name = `${it.localName}${[...it.classList].map((each) => `.${each}`).join("")} "${(it.textContent.trim() || it.getAttribute("aria-label") || it.labels?.[0]?.textContent.trim() || it.name || "").slice(0, 30)}"`;
  const area = seen.getBoundingClientRect();
  return {
    index,
    name,
    looks: globalThis.weekmarkLooks(it).join(),
    shape: `${it.localName}.${[...it.classList].sort().join(".")} ${it.type ?? ""} in ${it.closest("[class]:not(a, button, input)")?.className ?? ""}`,
    isSeen: points > 0,
    covered: over.length > 0 ? `${over.length} of ${points} points by ${over[0].localName}.${over[0].className}` : "",
    box: { left: area.left, top: area.top + scrollY, right: area.right, bottom: area.bottom + scrollY },
    view: { x: area.left, y: area.top, width: area.width, height: area.height },
    isContents: it.closest("nav.contents, .contents") !== null,
    isFixed: (() => {
      for (let at = it; at; at = at.parentElement) if (/fixed|sticky/.test(getComputedStyle(at).position)) return true;
      return false;
    })(),
  };
}

/** Compares two pictures: how many points changed so that one can see it (3:1, WCAG 1.4.11). Runs in a blank page. */
async function difference([before, after]) {
  const read = async (base64) => {
    const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  };
  const [one, two] = [await read(before), await read(after)];
  const linear = (value) => (value <= 10 ? value / 3294 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = (data, at) => 0.2126 * linear(data[at]) + 0.7152 * linear(data[at + 1]) + 0.0722 * linear(data[at + 2]);
  let changed = 0;
  let clear = 0;
  for (let at = 0; at < Math.min(one.length, two.length); at += 4) {
    if (one[at] === two[at] && one[at + 1] === two[at + 1] && one[at + 2] === two[at + 2]) continue;
    changed += 1;
    const [a, b] = [light(one, at), light(two, at)];
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) >= 3) clear += 1;
  }
  return { changed, clear };
}

/** Photographs the focused element with and without its focus: once for each kind of element. */
async function photograph(tab, stop, state, page, findings, way) {
  const key = `${way} ${stop.shape}`;
  if (state.seen.has(key)) return;
  state.seen.add(key);
  const { width, height } = tab.viewportSize();
  const room = 6;
  const x = Math.max(0, stop.view.x - room);
  const y = Math.max(0, stop.view.y - room);
  const clip = {
    x,
    y,
    width: Math.min(width, stop.view.x + stop.view.width + room) - x,
    height: Math.min(height, stop.view.y + stop.view.height + room) - y,
  };
  if (clip.width < 4 || clip.height < 4) return;
  const shot = async () => (await tab.screenshot({ clip, animations: "disabled" })).toString("base64");
  const after = await shot();
  await tab.evaluate(() => {
    globalThis.weekmarkLast = document.activeElement;
    globalThis.weekmarkLast.blur();
  });
  const before = await shot();
  await tab.evaluate(() => globalThis.weekmarkLast.focus({ preventScroll: true }));
  const { clear } = await state.blank.evaluate(difference, [before, after]);
  // An outline of one point around the element is the least that counts (WCAG 2.4.13 asks for two).
  const least = Math.min(stop.view.width, clip.width) + Math.min(stop.view.height, clip.height);
  if (clear < least) findings.add("keyboard", page, "focus hard to see", stop.name, `${clear} points change by 3:1, at least ${Math.round(least)}`, way);
}

async function walk(tab, page, findings, state, way) {
  const { count, positive } = await tab.evaluate(numberStops);
  if (positive > 0) findings.add("keyboard", page, "tabindex above 0", "", `${positive} times`, way);
  await tab.evaluate(`globalThis.weekmarkLooks = ${looks}; 0`);
  const before = await tab.evaluate(() => globalThis.weekmarkStops.map((it) => globalThis.weekmarkLooks(it).join()));
  const reached = new Set();
  let first = null;
  let last = null;
  for (let step = 0; step < count + 20; step += 1) {
    await tab.keyboard.press("Tab");
    const stop = await tab.evaluate(here);
    if (stop === null) break;
    if (reached.has(stop.index) && stop.index >= 0) {
      if (stop.index !== first) findings.add("keyboard", page, "trap", stop.name, "Tab comes back to it", way);
      break;
    }
    if (stop.index < 0) {
      // A scrolling box is a stop of its own in Chromium.
      continue;
    }
    reached.add(stop.index);
    first ??= stop.index;
    if (!stop.isSeen) findings.add("keyboard", page, "focus out of sight", stop.name, "", way);
    if (stop.covered) findings.add("keyboard", page, "focus covered", stop.name, stop.covered, way);
    if (stop.looks === before[stop.index]) findings.add("keyboard", page, "focus not shown", stop.name, "no style changes", way);
    else if (stop.isSeen) await photograph(tab, stop, state, page, findings, way);
    if (last && !last.isFixed && !stop.isFixed) {
      if (stop.index < last.index) findings.add("keyboard", page, "order", stop.name, `comes after ${last.name}`, way);
      // A list of contents beside the text is a column of its own.
      const isColumn = last.isContents && !stop.isContents;
      const isAbove = !isColumn && stop.box.bottom <= last.box.top + 4 && stop.box.left < last.box.right - 4;
      const shared = Math.min(stop.box.bottom, last.box.bottom) - Math.max(stop.box.top, last.box.top);
      const isLeft = shared > 0.5 * Math.min(stop.box.bottom - stop.box.top, last.box.bottom - last.box.top) && stop.box.right <= last.box.left + 4;
      // The next part of the page may begin higher up, in a column to the right.
      if (isAbove || isLeft) findings.add("keyboard", page, "order for the eye", stop.name, `is ${isAbove ? "above" : "left of"} ${last.name}, which comes before`, way);
    }
    last = stop;
  }
  const missing = await tab.evaluate((found) => {
    return globalThis.weekmarkStops.map((it, index) => [index, `${it.localName} "${it.textContent.trim().slice(0, 30)}"`]).filter(([index]) => !found.includes(index));
  }, [...reached]);
  for (const [, name] of missing) findings.add("keyboard", page, "not reached with Tab", name, "", way);
  return count;
}

/** The first stop leads past the menu, can be seen, and the next stop is inside the main part. */
async function skipLink(tab, page, findings, way) {
  await tab.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
  });
  await tab.goto(tab.url().split("#")[0]);
  await tab.keyboard.press("Tab");
  const first = await tab.evaluate(() => {
    const it = document.activeElement;
    const box = it.getBoundingClientRect();
    const isSeen = box.width > 10 && box.height > 10 && box.top >= 0 && box.left >= 0 && it.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
    return { href: it.getAttribute("href") ?? "", isSeen, name: it.textContent.trim() };
  });
  if (!first.href.startsWith("#")) return findings.add("keyboard", page, "no skip link", first.name, "the first stop leads elsewhere", way);
  if (!first.isSeen) findings.add("keyboard", page, "skip link not seen", first.name, "", way);
  await tab.keyboard.press("Enter");
  await tab.keyboard.press("Tab");
  const isInside = await tab.evaluate(() => {
    const it = document.activeElement;
    const main = document.querySelector("main");
    // A main part without stops: the next is after it.
    return it === document.body || main.contains(it) || Boolean(main.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_FOLLOWING);
  });
  if (!isInside) findings.add("keyboard", page, "skip link", first.name, "the next stop is not in the main part", way);
}

/** What opens with Enter closes with Escape and gives the focus back. Folded text (`details`) that pushes the page down may stay. */
async function escape(tab, page, findings, way) {
  const count = await tab.evaluate(() => {
    const overlay = (it) => it.localName === "summary" && [...it.parentElement.children].some((child) => child !== it && /absolute|fixed/.test(getComputedStyle(child).position));
    globalThis.weekmarkOpeners = [...document.querySelectorAll("[aria-expanded], [popovertarget], [aria-haspopup], summary")].filter((it) => {
      return it.checkVisibility() && !/text|search/.test(it.type ?? "") && (it.localName !== "summary" || overlay(it));
    });
    return globalThis.weekmarkOpeners.length;
  });
  for (let index = 0; index < count; index += 1) {
    await tab.evaluate((at) => globalThis.weekmarkOpeners[at].focus(), index);
    const state = () =>
      tab.evaluate((at) => {
        const it = globalThis.weekmarkOpeners[at];
        const target = document.getElementById(it.getAttribute("popovertarget") ?? it.getAttribute("aria-controls") ?? "");
        const isOpen = it.getAttribute("aria-expanded") === "true" || it.parentElement.open === true || (target?.matches("dialog[open], :popover-open") ?? false);
        return { isOpen, hasFocus: document.activeElement === it, name: `${it.localName} "${it.textContent.trim().slice(0, 30)}"` };
      }, index);
    await tab.keyboard.press("Enter");
    await tab.waitForTimeout(50);
    const opened = await state();
    if (!opened.isOpen) {
      findings.add("keyboard", page, "Enter does not open", opened.name, "", way);
      continue;
    }
    await tab.keyboard.press("Tab");
    await tab.keyboard.press("Escape");
    await tab.waitForTimeout(50);
    const closed = await state();
    if (closed.isOpen) findings.add("keyboard", page, "Escape does not close", closed.name, "", way);
    else if (!closed.hasFocus) findings.add("keyboard", page, "focus lost", closed.name, "after Escape it is elsewhere", way);
  }
}

/** Arrow keys go round each group of choices; Space ticks a box. */
async function choices(tab, page, findings, way) {
  const groups = await tab.evaluate(() => [...new Set([...document.querySelectorAll("input[type=radio]")].filter((it) => it.checkVisibility()).map((it) => it.name))]);
  for (const name of groups) {
    const index = (what) =>
      tab.evaluate(([group, focus]) => {
        const all = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(group)}"]`)];
        const at = all.findIndex((it) => it.checked);
        if (focus) (all[at] ?? all[0]).focus();
        return [at, all.length];
      }, [name, what === "focus"]);
    const [start, count] = await index("focus");
    for (let step = 0; step < count; step += 1) await tab.keyboard.press("ArrowRight");
    const [round] = await index();
    await tab.keyboard.press("ArrowLeft");
    const [back] = await index();
    if (round !== start || (count > 1 && back === start)) findings.add("keyboard", page, "arrow keys", `group ${name}`, `from ${start} to ${round}, back to ${back}`, way);
  }
  const box = tab.locator("main input[type=checkbox]:enabled:visible").first();
  if (await box.count()) {
    await box.focus();
    const before = await box.isChecked();
    await tab.keyboard.press("Space");
    if ((await box.isChecked()) === before) findings.add("keyboard", page, "Space does not tick", "checkbox", "", way);
  }
}

const WAYS = [
  { way: "1280 px", viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  { way: "360 px, dark", viewport: { width: 360, height: 640 }, colorScheme: "dark" },
  { way: "forced colors", viewport: { width: 1280, height: 800 }, forcedColors: "active" },
];

/** Pages in full, wide and narrow; forced colors on the pages that show every kind of element. */
export async function keyboard({ browser, host, full, kinds, findings }) {
  let stops = 0;
  for (const { way, ...options } of WAYS) {
    const context = await browser.newContext({ ...options, reducedMotion: "reduce", bypassCSP: true });
    const state = { seen: new Set(), blank: await context.newPage() };
    const pages = way === "forced colors" ? [...full].filter((page) => kinds.has(page)) : [...full];
    // Every tab has the focus: the browser is told to behave as if it had.
    await inParallel(
      pages,
      3,
      async (page, lane) => {
        await lane.tab.goto(host.url + addressOf(page));
        stops += await walk(lane.tab, page, findings, state, way);
        if (way === "forced colors") return;
        await choices(lane.tab, page, findings, way);
        await skipLink(lane.tab, page, findings, way);
        await escape(lane.tab, page, findings, way);
      },
      async () => ({ tab: await context.newPage() }),
    );
    await context.close();
  }
  findings.note(`${stops} stops of the Tab key`);
}
