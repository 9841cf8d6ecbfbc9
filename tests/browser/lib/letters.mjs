// Letters with blanks and the card in a link: filled, copied, printed, saved, reloaded.

import fs from "node:fs";
import { pathToFileURL } from "node:url";

import { watch } from "./csp.mjs";
import { check, group } from "./report.mjs";

const NASTY = '<script>alert("x")</script> & “Zoë” 🧑🏽‍⚕️';

const TEXT = `Office of the Mayor

WHEREAS care managers in Springfield help people;
and

- they listen,
- they plan & act;

1. first
2. second

NOW, THEREFORE, I, ${NASTY}, proclaim Care Week in Springfield.

So be it.
Two lines.
`;

async function fill(letter) {
  await letter.getByLabel("Office").fill("Office of the Mayor");
  await letter.getByLabel("City, county, or state").fill("Springfield");
  await letter.getByLabel("Your name").fill(NASTY);
  await letter.getByLabel("Closing words").fill("So be it.\nTwo lines.");
}

/** The text of what goes to paper: the page as print shows it. */
async function onPaper(tab) {
  await tab.emulateMedia({ media: "print" });
  const text = await tab.locator("body").innerText();
  await tab.emulateMedia({ media: "screen" });
  return text.trim();
}

async function filled(browser, url) {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"], acceptDownloads: true });
  const tab = await context.newPage();
  const found = watch(tab, url);
  // The dialog of the printer would wait for a person.
  await tab.addInitScript(() => (window.print = () => (window.wasPrinted = true)));
  await tab.goto(`${url}letters/`, { waitUntil: "networkidle" });
  const letter = tab.locator("#letter-proclamation");
  const labels = await letter.locator("label").allTextContents();
  check(labels.join("|") === "Office|City, county, or state|Your name|Closing words", `fields: ${labels.join("|")}`);
  check(!(await letter.locator(".no-script").isVisible()), "the note for pages without script is shown");

  const asked = found.requests;
  await fill(letter);
  check(asked > 0 && found.requests === asked, "filling in a letter asks for something");
  const sheet = letter.locator(".letter-sheet");
  const shown = await sheet.innerText();
  check(shown.includes(`I, ${NASTY}, proclaim Care Week in Springfield.`), `the letter shows ${shown}`);
  check((await sheet.locator("script").count()) === 0, "a name became a script");

  const status = letter.getByRole("status");
  await letter.getByRole("button", { name: "Copy" }).click();
  await status.getByText("Copied.").waitFor();
  const copied = await tab.evaluate(() => navigator.clipboard.readText());
  check(copied === TEXT, `copied: ${JSON.stringify(copied)}`);

  await letter.getByRole("button", { name: "Print" }).click();
  check(await tab.evaluate(() => window.wasPrinted === true), "nothing was printed");
  const paper = await onPaper(tab);
  const isAlone = paper.startsWith("Office of the Mayor") && paper.endsWith("Two lines.");
  check(isAlone, `on paper: ${JSON.stringify(paper)}`);
  await tab.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  check((await onPaper(tab)).includes("Some words before."), "after printing, the page is not whole again");

  const save = async (name) => {
    const [download] = await Promise.all([
      tab.waitForEvent("download"),
      letter.getByRole("button", { name }).click(),
    ]);
    return [download.suggestedFilename(), fs.readFileSync(await download.path(), "utf8")];
  };
  const [textName, text] = await save("Save as text");
  check(textName === "proclamation.txt" && text === TEXT, `${textName}: ${JSON.stringify(text)}`);
  const [pageName, html] = await save("Save as web page");
  check(pageName === "proclamation.html", `the page is called ${pageName}`);
  await status.getByText("Saved as proclamation.html.").waitFor();
  check(/^<!doctype html>\n<html lang="en"><head><meta charset="utf-8">/.test(html), `the page begins ${html.slice(0, 80)}`);
  check(html.includes("<title>Proclamation of Care Week</title>"), "the page has no title");
  check(html.includes("&lt;script&gt;") && !/<script/.test(html), "the page does not escape what was filled in");
  const other = await context.newPage();
  await other.setContent(html);
  const body = await other.locator("body").innerText();
  check(body.includes(NASTY) && body.includes("So be it.\nTwo lines."), `the saved page shows ${body}`);
  await other.close();

  await letter.getByRole("button", { name: "Clear" }).click();
  const values = () => letter.locator("input, textarea").evaluateAll((all) => all.map((it) => it.value).join(""));
  check((await values()) === "", "fields are not empty after Clear");
  check((await sheet.innerText()).includes("[city, county, or state]"), "blanks do not come back after Clear");

  await fill(letter);
  await tab.reload();
  check((await values()) === "", "a reload keeps fields");
  await fill(letter);
  await tab.goto(`${url}faq/`);
  await tab.goBack();
  check((await values()) === "", "the way back keeps fields");
  check(!(await sheet.innerText()).includes("Springfield"), "the way back keeps the letter");
  const kept = await tab.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie].join());
  check(kept === "0,0,", `something is stored: ${kept}`);
  check(found.wrong.length === 0, `the page ${found.wrong[0]}`);
  await context.close();
}

/** No request while somebody writes; the clipboard may be out of reach. */
async function quietly(browser, out) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.execCommand = () => false;
  });
  await tab.goto(pathToFileURL(`${out}/letters/index.html`).href, { waitUntil: "networkidle" });
  let asked = 0;
  tab.on("request", (it) => (asked += it.url().startsWith("blob:") ? 0 : 1));
  const letter = tab.locator("#letter-note");
  await letter.getByLabel("Name").fill("Ana");
  await letter.getByRole("button", { name: "Copy" }).click();
  await letter.getByRole("status").getByText("The text is selected.").waitFor();
  const chosen = await tab.evaluate(() => getSelection().toString().trim());
  check(chosen === "Dear Ana, thank you.", `from disk, selected: ${chosen}`);
  check(asked === 0, `${asked} requests while somebody wrote`);
  await context.close();
}

async function unscripted(browser, url) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const tab = await context.newPage();
  await tab.goto(`${url}letters/`);
  check(!(await tab.locator(".letter-form").first().isVisible()), "without script there is a form");
  check(await tab.locator(".no-script").first().isVisible(), "without script nothing says what to do");
  const text = await tab.locator(".letter-sheet").first().innerText();
  check(text.includes("[city, county, or state]"), `without script: ${text}`);
  await tab.emulateMedia({ media: "print" });
  const line = await tab.locator(".blank-line").first().boundingBox();
  check(line.width > 100 && line.height > 10, `on paper a line is ${line.width} by ${line.height}`);
  await context.close();
}

export async function letters(browser, { url, out }) {
  await group("letters, filled in", () => filled(browser, url));
  await group("letters, from disk and without the clipboard", () => quietly(browser, out));
  await group("letters, scripts off", () => unscripted(browser, url));
}

// ---- The card -------------------------------------------------------------------------------------

const CARD = { to: "Ana <b>", message: `Thank you!\nhttps://example.org/ ${NASTY}`, from: "Luis 🌻" };

const codeOf = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

async function shownCard(tab) {
  return tab.evaluate(() => {
    const all = [...document.querySelectorAll("[data-card]")];
    return Object.fromEntries(all.map((it) => [it.dataset.card, it.textContent]));
  });
}

async function roundTrip(browser, url) {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const tab = await context.newPage();
  const found = watch(tab, url);
  await tab.goto(`${url}card/`, { waitUntil: "networkidle" });
  const before = found.requests;
  await tab.getByLabel("To (").fill(CARD.to);
  check(!(await tab.locator(".ecard-result").isVisible()), "there is a link before there is a message");
  await tab.getByLabel("Message").fill(CARD.message);
  await tab.getByLabel("From (").fill(CARD.from);
  check(JSON.stringify(await shownCard(tab)) === JSON.stringify(CARD), "the card does not show what was written");
  await tab.getByRole("button", { name: "Copy the link" }).click();
  await tab.locator(".ecard-result").getByText("Copied.").waitFor();
  const link = await tab.evaluate(() => navigator.clipboard.readText());
  check(new RegExp(`^${url}card/#card=[A-Za-z0-9_-]+$`).test(link), `the link is ${link}`);
  check(found.requests === before, "writing a card asks for something");

  const other = await context.newPage();
  const seen = watch(other, url);
  const asked = [];
  other.on("request", (it) => asked.push(it.url()));
  await other.goto(link);
  check(JSON.stringify(await shownCard(other)) === JSON.stringify(CARD), "the link does not show the card");
  check(await other.locator(".ecard-opened").isVisible(), "nothing says that anybody can read the card");
  check(!(await other.locator(".ecard-form").isVisible()), "the form stands beside somebody's card");
  check((await other.locator(".ecard-sheet :is(a, b, script)").count()) === 0, "the card has become more than text");
  check(asked.every((it) => !it.includes(codeOf(CARD).slice(0, 12)) || it.includes("#")), "the card was sent");
  await other.getByRole("link", { name: "Write a card of your own" }).click();
  await other.locator(".ecard-form").waitFor();
  check((await shownCard(other)).message === "", "the old card stands on the new one");
  check(found.wrong.length + seen.wrong.length === 0, `the page ${[...found.wrong, ...seen.wrong][0]}`);
  await context.close();
}

async function damaged(browser, url) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const found = watch(tab, url);
  const cases = {
    "nothing": "",
    "no base64": "%%%",
    "no JSON": codeOf("hello"),
    "half of it": codeOf(CARD).slice(0, 40),
    "no text": codeOf({ to: 1, message: [], from: null }),
    "no message": codeOf({ to: "a", message: " ", from: "b" }),
    "not UTF-8": Buffer.from([0xff, 0xfe, 0x7b]).toString("base64url"),
    "too long": codeOf({ ...CARD, message: "x".repeat(5000) }),
  };
  for (const [what, code] of Object.entries(cases)) {
    await tab.goto("about:blank");
    await tab.goto(`${url}card/#card=${code}`);
    check(await tab.locator(".ecard-damaged").isVisible(), `${what}: nothing says that the card is damaged`);
    check(await tab.locator(".ecard-form").isVisible(), `${what}: there is no form`);
  }
  await tab.goto("about:blank");
  const long = { to: "t".repeat(100), message: `\u202ea\u0000\u0007b\n${"m".repeat(900)}`, from: "f".repeat(61) };
  await tab.goto(`${url}card/#card=${codeOf(long)}`);
  const { to, message, from } = await shownCard(tab);
  check([to, message, from].map((it) => it.length).join() === "60,400,60", "the card is longer than one can write");
  check(message.startsWith("ab\nmm"), "control characters are shown");
  check(found.wrong.length === 0, `the page ${found.wrong[0]}`);
  await context.close();
}

async function blankCard(browser, url) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const tab = await context.newPage();
  await tab.goto(`${url}card/`);
  check(!(await tab.locator(".ecard-form").isVisible()), "without script there is a form");
  check(await tab.locator(".ecard .no-script").isVisible(), "without script nothing says what to do");
  check(await tab.locator(".ecard-sheet").isVisible(), "without script there is no card for the pen");
  await context.close();
}

export async function ecard(browser, { url }) {
  await group("a card, written and opened", () => roundTrip(browser, url));
  await group("cards that are damaged or too long", () => damaged(browser, url));
  await group("the card, scripts off", () => blankCard(browser, url));
}
