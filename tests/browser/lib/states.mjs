// What pages say of the week and of events, day by day: with scripts the right sentence, without them nothing
// that could become untrue.

import { inParallel } from "./browser.mjs";
import { contextAt } from "./clock.mjs";
import { watch } from "./csp.mjs";
import { check, group } from "./report.mjs";

const ZONES = ["Asia/Tokyo", "America/Los_Angeles", "Europe/Madrid"];

/** The day on which the fixture site is built for these tests. */
export const BUILT = "2026-11-22";

/** Instant → what the front page says, in English and in Spanish. The week's zone is New York. */
const SENTENCES = [
  ["2026-11-22T17:00:00Z", "Starts in 322 days", "Empieza dentro de 322 días"],
  ["2027-01-01T05:00:00Z", "Starts in 282 days", "Empieza dentro de 282 días"],
  // In New York it is still December.
  ["2027-01-01T04:59:00Z", "Starts in 283 days", "Empieza dentro de 283 días"],
  ["2027-10-08T12:00:00Z", "Starts in 2 days", "Empieza dentro de 2 días"],
  ["2027-10-09T12:00:00Z", "Starts tomorrow", "Empieza mañana"],
  ["2027-10-10T03:59:00Z", "Starts tomorrow", "Empieza mañana"],
  ["2027-10-10T04:00:00Z", "Today is day 1 of 7: Kick-off", "Hoy es el día 1 de 7: Kick-off"],
  ["2027-10-11T16:00:00Z", "Today is day 2 of 7: Asking", "Hoy es el día 2 de 7: Asking"],
  ["2027-10-12T16:00:00Z", "Today is day 3 of 7: Planning", "Hoy es el día 3 de 7: Planning"],
  ["2027-10-13T16:00:00Z", "Today is day 4 of 7: Together", "Hoy es el día 4 de 7: Together"],
  ["2027-10-14T16:00:00Z", "Today is day 5 of 7: Speaking up", "Hoy es el día 5 de 7: Speaking up"],
  ["2027-10-15T16:00:00Z", "Today is day 6 of 7: Looking back", "Hoy es el día 6 de 7: Looking back"],
  ["2027-10-16T16:00:00Z", "The last day is today", "Hoy es el último día"],
  ["2027-10-17T03:59:00Z", "The last day is today", "Hoy es el último día"],
  [
    "2027-10-17T04:00:00Z",
    "Care Week 2027 is over. The next one: October 8–14, 2028 (expected).",
    "Care Week 2027 ha terminado. Próxima edición: 8–14 de octubre de 2028 (fechas previstas).",
  ],
  [
    "2028-01-01T12:00:00Z",
    "Care Week 2027 is over. The next one: October 8–14, 2028 (expected).",
    "Care Week 2027 ha terminado. Próxima edición: 8–14 de octubre de 2028 (fechas previstas).",
  ],
  // Built two years ago, and nobody looked after it since.
  [
    "2028-10-10T12:00:00Z",
    "Care Week 2028, October 8–14, 2028 (expected): Today is day 3 of 7: Planning",
    "Care Week 2028, 8–14 de octubre de 2028 (fechas previstas): Hoy es el día 3 de 7: Planning",
  ],
  ["2060-01-01T12:00:00Z", "", ""],
];

/** Words that are true on some days only. None may stand in a page as it comes. */
const FLEETING = {
  en: /\b(today|tomorrow|yesterday|now|currently|upcoming|next (week|year|month)|this (week|month)|last (week|year|month)|days? (left|to go|until)|is over|soon|not yet|yet)\b/i,
  es: /\b(hoy|mañana|ayer|ahora|actualmente|próxim[oa]s?|esta semana|este mes|faltan|quedan|pronto|todavía no|aún no)\b/i,
};

async function sentences(browser, url) {
  await inParallel(ZONES, ZONES.length, async (zone) => {
    const context = await browser.newContext({ timezoneId: zone, reducedMotion: "reduce" });
    const tab = await context.newPage();
    const found = watch(tab, url);
    for (const [instant, ...wanted] of SENTENCES) {
      await tab.clock.setFixedTime(instant);
      for (const [index, name] of ["", "es/"].entries()) {
        await tab.goto(url + name);
        await showsState(tab, wanted[index], `${instant}, in ${zone}, /${name}`);
      }
    }
    check(found.wrong.length === 0, `in ${zone}, the page ${found.wrong[0]}`);
    await context.close();
  });
}

/** The line about the week and the mark in the list of days. */
async function showsState(tab, wanted, where) {
  const { said, isSeen, marked } = await tab.evaluate(() => {
    const line = document.querySelector(".week-state");
    const days = [...document.querySelectorAll('.week-days [aria-current="date"]')];
    return {
      said: line.textContent,
      isSeen: line.getClientRects().length > 0,
      marked: days.map((it) => it.dataset.day).join(),
    };
  });
  check(said === wanted, `${where}: "${said}", not "${wanted}"`);
  check(isSeen === (said !== ""), `${where}: the line is not seen as it should be`);
  const numbered = /(?:day|día) (\d) (?:of|de) 7/.exec(said)?.[1];
  const day = numbered ?? (/last day|último/.test(said) ? 7 : null);
  // The list shows 2027 only.
  const today = day === null || /2028/.test(said) ? "" : `2027-10-${9 + Number(day)}`;
  check(marked === today, `${where}: "${marked}" is marked as today`);
}

/** The preview says which day it is. */
async function givenDay(browser, url) {
  const context = await contextAt(browser, "2026-11-22T12:00:00Z", "Europe/Madrid");
  const tab = await context.newPage();
  await tab.route("**/*", async (route) => {
    if (route.request().resourceType() !== "document") return route.continue();
    const answer = await route.fetch();
    const meta = '<meta name="weekmark-today" content="2027-10-12"></head>';
    await route.fulfill({ response: answer, body: (await answer.text()).replace("</head>", meta) });
  });
  await tab.goto(url);
  const said = await tab.locator(".week-state").textContent();
  check(said === "Today is day 3 of 7: Planning", `with a given day: "${said}"`);
  await context.close();
}

/** A page that stays open over midnight. */
async function midnight(browser, url) {
  const context = await browser.newContext({ timezoneId: "Asia/Tokyo" });
  const tab = await context.newPage();
  await tab.clock.install({ time: new Date("2027-10-10T03:59:30Z") });
  await tab.goto(url);
  const line = tab.locator(".week-state");
  check((await line.textContent()) === "Starts tomorrow", "a minute before midnight");
  await tab.clock.runFor(65_000);
  const said = await line.textContent();
  check(said === "Today is day 1 of 7: Kick-off", `a minute after midnight: "${said}"`);
  await context.close();
}

async function events(browser, url) {
  const lists = async (instant, more) => {
    const context = await contextAt(browser, instant, "America/Los_Angeles", more);
    const tab = await context.newPage();
    await tab.goto(`${url}events/`);
    const titles = await tab
      .locator(".events")
      .evaluateAll((all) => all.map((list) => [...list.querySelectorAll(".event-title")].map((it) => it.textContent)));
    const seen = await tab.locator(".event-lists").innerText();
    await tab.goto(`${url}events/talk/`);
    const isOver = await tab.locator(".event-over").isVisible();
    await context.close();
    return { titles: JSON.stringify(titles), seen, isOver };
  };
  const talk = "A talk <live>";
  const before = await lists("2027-10-12T16:59:00Z");
  check(before.titles === JSON.stringify([[talk, "A fair"], []]), `before the talk ends: ${before.titles}`);
  check(!before.seen.includes("Earlier events") && !before.isOver, "the talk is over too early");
  const between = await lists("2027-10-12T17:00:01Z");
  check(between.titles === JSON.stringify([["A fair"], [talk]]), `after the talk: ${between.titles}`);
  check(between.seen.includes("Earlier events") && between.isOver, "the talk is not over");
  check(between.seen.includes("Cancelled"), "a cancelled event does not say so");
  const after = await lists("2027-10-16T04:00:01Z");
  check(after.titles === JSON.stringify([[], ["A fair", talk]]), `after all: ${after.titles}`);
  check(after.seen.includes("No coming events are listed."), "nothing says that there are no more events");
  const plain = await lists("2030-01-01T00:00:00Z", { javaScriptEnabled: false });
  check(plain.titles === JSON.stringify([[talk, "A fair"], []]), `without script: ${plain.titles}`);
  check(!plain.seen.includes("Earlier") && !plain.isOver, "without script something depends on the day");
}

/** Without script no page says what will not be true for ever, in the theme's own words. */
async function lasting(browser, url, pages) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const tab = await context.newPage();
  for (const name of pages) {
    await tab.goto(url + name.replace(/index\.html$/, ""));
    const text = await tab.locator("body").innerText();
    // What editors wrote into posts and letters is theirs.
    const theirs = await tab.locator(".post-text, .letter-sheet").allInnerTexts();
    const own = theirs.reduce((rest, part) => rest.replace(part, ""), text);
    const said = FLEETING[name.startsWith("es/") ? "es" : "en"].exec(own);
    check(said === null, `${name} says "${said?.[0]}" without script`);
  }
  await context.close();
}

export async function states(browser, { url, pages }) {
  await group("the week, day by day", () => sentences(browser, url));
  await group("the week on a given day, and over midnight", async () => {
    await givenDay(browser, url);
    await midnight(browser, url);
  });
  await group("events that pass", () => events(browser, url));
  await group("nothing that becomes untrue, scripts off", () => lasting(browser, url, pages));
}
