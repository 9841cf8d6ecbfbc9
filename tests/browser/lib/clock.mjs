// A page that thinks it is another day: its clock stands at an instant, its machine in a zone.

/** Opens tabs in which it is `instant` (as 2027-10-10T12:00:00Z) when a page is opened. */
export async function contextAt(browser, instant, timezoneId, more = {}) {
  const context = await browser.newContext({ timezoneId, reducedMotion: "reduce", ...more });
  // A fake clock is a script, so it cannot go where there are none; nor is it needed there.
  if (more.javaScriptEnabled !== false) {
    await context.addInitScript((start) => {
      const Real = Date;
      const ahead = Real.parse(start) - Real.now();
      globalThis.Date = class extends Real {
        constructor(...given) {
          super(...(given.length > 0 ? given : [Real.now() + ahead]));
        }
        static now() {
          return Real.now() + ahead;
        }
      };
    }, instant);
  }
  return context;
}
