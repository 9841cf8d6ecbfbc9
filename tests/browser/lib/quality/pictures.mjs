// Pictures of pages to look at: home, an article, the filter, the dates, search and 404, at three widths, light,
// dark and on paper; and home and an article without style.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { addressOf } from "./site.mjs";

/** Names of pictures → pages of the sample site. */
const PAGES = {
  home: "index.html",
  article: "case-managers/why/index.html",
  filter: "celebrate/index.html",
  dates: "week/dates/index.html",
  search: "search/index.html",
  404: "404.html",
};

export async function pictures({ browser, host, pages, folder }) {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, page] of Object.entries(PAGES)) {
    if (!pages.includes(page)) {
      console.log(`  ${name}: there is no ${page}`);
      continue;
    }
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [360, 768, 1280]) {
        const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" });
        const tab = await context.newPage();
        await tab.goto(host.url + addressOf(page));
        if (name === "search") {
          await tab.locator("main input[type=search]").fill("case");
          await tab.locator("#search-status:not(:empty)").waitFor();
        }
        await tab.evaluate(() => document.fonts.ready);
        await tab.waitForTimeout(300);
        await tab.screenshot({ path: path.join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        await context.close();
      }
    }
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(host.url + addressOf(page));
    const pdf = path.join(folder, `${name}-print.pdf`);
    await tab.pdf({ path: pdf, format: "A4" });
    execFileSync("pdftoppm", ["-png", "-r", "60", pdf, path.join(folder, `${name}-print`)]);
    fs.rmSync(pdf);
    await context.close();
  }
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.route(/\.css(\?|$)/, (route) => route.abort());
  for (const name of ["home", "article"]) {
    const tab = await context.newPage();
    await tab.goto(host.url + addressOf(PAGES[name]));
    await tab.screenshot({ path: path.join(folder, `${name}-1280-no-style.png`), fullPage: true });
  }
  await context.close();
  console.log(`  ${fs.readdirSync(folder).length} pictures in ${folder}`);
}
