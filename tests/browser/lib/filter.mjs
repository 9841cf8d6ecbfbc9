// The filter of ways and posts, by CSS alone and with scripts; the list to tick; buttons that copy.

import { watch } from "./csp.mjs";
import { check, group } from "./report.mjs";

const titles = (tab) =>
  tab.locator(".ways .way-title").evaluateAll((all) => {
    return all.filter((it) => it.getClientRects().length > 0).map((it) => it.textContent);
  });

const choose = (tab, group, name) => 
  tab.getByRole("group", { name: group, exact: true }).getByRole("radio", { name, exact: true }).check();

const ALL = ["Write a note", "Say it aloud", "Hold an open house", "Write to the paper", "A shared lunch"];

/** Group, button → what is shown then, beside what was chosen before. */
const STEPS = [
  ["For", "Employers", ["Write a note", "Say it aloud", "Hold an open house", "A shared lunch"]],
  ["Kind", "Event", ["Hold an open house", "A shared lunch"]],
  ["Time", "Up to half a day", ["A shared lunch"]],
  ["Effort", "Small effort", []],
  ["Kind", "All", ["Write a note", "Say it aloud"]],
  ["For", "Families", ["Write a note", "Say it aloud"]],
  ["Effort", "All", ["Write a note", "Say it aloud"]],
  ["Time", "Longer", []],
];

async function choices(browser, url, javaScriptEnabled) {
  const context = await browser.newContext({ javaScriptEnabled });
  const tab = await context.newPage();
  const found = watch(tab, url);
  await tab.goto(`${url}ways/`);
  check((await titles(tab)).join() === ALL.join(), "not all ways are shown at first");
  for (const [group, name, wanted] of STEPS) {
    await choose(tab, group, name);
    const shown = await titles(tab);
    check(shown.join() === wanted.join(), `${group}: ${name} shows ${shown.join(", ") || "nothing"}`);
    if (!javaScriptEnabled) continue;
    const said = await tab.locator(".ways [role=status]").textContent();
    check(said === (wanted.length === 1 ? "1 way" : `${wanted.length} ways`), `${group}: ${name} says "${said}"`);
    const isNone = await tab.locator(".filter-none").isVisible();
    check(isNone === (wanted.length === 0), `${group}: ${name}: the note on nothing is ${isNone}`);
  }
  const tools = tab.locator(".ways .filter-tools");
  check((await tools.isVisible()) === javaScriptEnabled, "count and button are there without script, or not with it");
  const sizes = await tab.locator(".choice").evaluateAll((all) => all.map((it) => it.getBoundingClientRect().height));
  check(Math.min(...sizes) >= 44, `a button is ${Math.min(...sizes)} px high`);
  check(found.wrong.length === 0, `the page ${found.wrong[0]}`);
  await context.close();
}

async function address(browser, url) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(`${url}ways/`);
  await choose(tab, "For", "Employers");
  await choose(tab, "Kind", "Event");
  check(tab.url() === `${url}ways/#for=employers&kind=event`, `the address is ${tab.url()}`);
  const other = await context.newPage();
  await other.goto(tab.url());
  check((await titles(other)).join() === "Hold an open house,A shared lunch", "the address does not keep the choice");
  check((await other.locator(".ways [role=status]").textContent()) === "2 ways", "the count is wrong at first");
  await other.goto(`${url}ways/#for=nobody`);
  check((await titles(other)).join() === ALL.join(), "an address with an unknown choice does not show all");
  await other.goto(`${url}ways/#to-tick`);
  check((await other.locator("#to-tick").count()) === 1, "there is no heading to go to");
  await tab.getByRole("button", { name: "Show all" }).click();
  check((await titles(tab)).join() === ALL.join() && tab.url() === `${url}ways/`, `after the way back: ${tab.url()}`);
  check(!(await tab.getByRole("button", { name: "Show all" }).isVisible()), "the way back is offered twice");
  const focus = await tab.evaluate(() => document.activeElement.name);
  check(focus === "ways-all-for", `the focus is at ${focus}`);
  // With the keyboard alone.
  await tab.keyboard.press("ArrowRight");
  check(tab.url().endsWith("#for=managers"), "arrow keys do not choose");
  await context.close();
}

async function list(browser, url) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.addInitScript(() => (window.print = () => {}));
  await tab.goto(`${url}ways/`);
  const box = tab.locator(".checklist input").first();
  await box.check();
  await tab.reload();
  check(!(await box.isChecked()), "a tick is kept");
  await tab.getByRole("button", { name: "Print this list" }).click();
  await tab.emulateMedia({ media: "print" });
  const text = await tab.locator("body").innerText();
  check(text.trim().startsWith("For employers") && !text.includes("To tick"), `on paper: ${text}`);
  const pdf = (await tab.pdf({ format: "Letter" })).toString("latin1");
  const sheets = pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length;
  check(sheets === 1, `the list takes ${sheets} sheets`);
  await context.close();
}

async function posts(browser, url) {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const tab = await context.newPage();
  const found = watch(tab, url);
  await tab.goto(`${url}posts/`);
  const shown = () => tab.locator(".post-list > li:visible");
  const all = await shown().count();
  await choose(tab, "Channel", "LinkedIn");
  const some = await shown().count();
  check(some > 0 && some < all, `${some} of ${all} posts for one channel`);
  const post = shown().first();
  await post.getByRole("button", { name: "Copy" }).click();
  await post.getByText("Copied.").waitFor();
  const copied = await tab.evaluate(() => navigator.clipboard.readText());
  const text = await post.locator(".post-text").textContent();
  check(copied === text && copied.includes("#CareWeek"), `copied: ${copied}`);
  check(found.wrong.length === 0, `the page ${found.wrong[0]}`);
  await context.close();
}

export async function filter(browser, { url }) {
  await group("the filter, scripts off", () => choices(browser, url, false));
  await group("the filter, scripts on", () => choices(browser, url, true));
  await group("the filter's choice in the address", () => address(browser, url));
  await group("the list to tick", () => list(browser, url));
  await group("posts to copy", () => posts(browser, url));
}
