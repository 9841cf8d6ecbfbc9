// Opens the built site and the preview in Chromium.
//
//     node run.mjs WEEKMARK [--root SITE] [--only disk,folder,preview,live,states,letters,ecard,filter,search]
//
// See README.md for what each part checks.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

import { launch } from "./lib/browser.mjs";
import { campaignSite } from "./lib/campaign-site.mjs";
import { crawl } from "./lib/crawl.mjs";
import { strictServer } from "./lib/csp.mjs";
import { copySite, filesBelow, removeAll, temporary, writeSite } from "./lib/files.mjs";
import { filter } from "./lib/filter.mjs";
import { ecard, letters } from "./lib/letters.mjs";
import { live } from "./lib/live.mjs";
import { oddSite } from "./lib/odd-site.mjs";
import { comparePreview } from "./lib/preview.mjs";
import { build, endAll, folderServer, newSite, serve, stop } from "./lib/program.mjs";
import { check, close, group, insist } from "./lib/report.mjs";
import { search } from "./lib/search.mjs";
import { BUILT, states } from "./lib/states.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    root: { type: "string", default: path.resolve(here, "../..") },
    only: { type: "string", default: "disk,folder,preview,live,states,letters,ecard,filter,search" },
  },
});
const weekmark = path.resolve(positionals[0] ?? path.join(here, "../../target/debug/weekmark"));
const parts = new Set(values.only.split(","));

/** Both builds and the preview see the site on one day, also when midnight comes between them. */
const DAY = ["--today", "2026-11-22"];

/** The name of the folder that the site is served from. */
const NAME = "some folder";

const sampleAddress = fs
  .readFileSync(path.join(values.root, "site.yaml"), "utf8")
  .match(/^base_url:\s*(\S+)/m)?.[1];

const FAR = "https://example.org/a%20b/";

/**
 * The sites that are built: the address that each says it has, and the ways in which it is looked at. Each
 * way is taken by more than one of them, not every site in every way: that would only take long.
 */
const sites = [
  {
    title: "the sample site",
    root: copySite(values.root, "sample"),
    baseUrl: sampleAddress ?? null,
    // Over http its pages are opened by `quality.mjs`.
    ways: ["disk", "preview"],
  },
  {
    title: "the odd site",
    root: writeSite("odd", oddSite()),
    baseUrl: null,
    ways: ["disk", "preview"],
  },
  {
    title: "the odd site with an address",
    root: writeSite("odd", oddSite({ baseUrl: FAR })),
    baseUrl: FAR,
    ways: ["folder", "preview"],
  },
  {
    // Not from disk: clean links need a host that knows what an index page is.
    title: "the odd site with clean links",
    root: writeSite("odd", oddSite({ links: "clean" })),
    baseUrl: null,
    ways: ["folder", "preview"],
  },
  {
    title: "the campaign site",
    root: writeSite("campaign", campaignSite()),
    baseUrl: "https://care-week.example/",
    ways: ["disk", "preview"],
  },
  {
    title: "a new site",
    root: newSite(weekmark, path.join(temporary("new"), "My site")),
    baseUrl: null,
    ways: ["disk", "preview"],
  },
];

/** Builds into `…/some folder/`, which is served from one level up. Once for each site. */
function built(site) {
  if (site.failed) throw new Error("it could not be built, see above");
  if (!site.out) {
    site.failed = true;
    site.parent = temporary("out");
    build(weekmark, site.root, path.join(site.parent, NAME), ...DAY);
    site.failed = false;
    site.out = path.join(site.parent, NAME);
  }
  return site.out;
}

async function fromDisk(browser, site) {
  const at = pathToFileURL(`${built(site)}${path.sep}`).href;
  await crawl(browser, { ...site, at, indexes: false });
}

async function fromFolder(browser, site) {
  built(site);
  const { child, url } = await folderServer(site.parent);
  try {
    await crawl(browser, { ...site, at: `${url}${encodeURIComponent(NAME)}/`, indexes: true });
  } finally {
    await stop(child, "SIGKILL");
  }
}

/** The page for what is not there, with all it loads, where a host would show it. */
async function missingPages(browser, url) {
  for (const javaScriptEnabled of [false, true]) {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    page.on("requestfailed", (it) => {
      // The next address was opened before this was there.
      const isLeft = it.failure()?.errorText === "net::ERR_ABORTED";
      insist(isLeft, `${page.url()}: ${it.url()} failed: ${it.failure()?.errorText}`);
    });
    page.on("response", (it) => {
      const wanted = it.request().isNavigationRequest() ? [404] : [200, 304];
      insist(wanted.includes(it.status()), `${page.url()}: ${it.url()} has status ${it.status()}`);
    });
    for (const name of ["nope/", "a/b/c/", "a/b/c.html"]) {
      await page.goto(url + name);
      const home = await page
        .locator("main a")
        .first()
        .evaluate((it) => it.href);
      check(home === url, `/${name}: the way home leads to ${home}`);
      const isStyled = await page.evaluate(() => document.styleSheets.length > 0);
      check(isStyled, `/${name} has no style`);
    }
    await context.close();
  }
}

async function preview(browser, site) {
  const { child, url } = await serve(weekmark, site.root, "--drafts", "no", ...DAY);
  try {
    const path = site.baseUrl === null ? "/" : new URL(site.baseUrl).pathname;
    check(new URL(url).pathname === path, `the preview is at ${url}, not below ${path}`);
    await comparePreview(url, built(site));
    await missingPages(browser, url);
  } finally {
    await stop(child);
  }
}

/** What visitors do on the pages of a campaign, behind the strictest policy. */
const campaign = { states, letters, ecard, filter };

async function campaignParts(browser) {
  const chosen = Object.entries(campaign).filter(([part]) => parts.has(part));
  if (chosen.length === 0) return;
  const out = path.join(temporary("campaign"), "out");
  build(weekmark, writeSite("campaign", campaignSite()), out, "--today", BUILT);
  const { url, end } = await strictServer(out);
  const pages = filesBelow(out).filter((name) => name.endsWith("index.html"));
  for (const name of pages) {
    const page = fs.readFileSync(path.join(out, name), "utf8");
    const scripts = [...page.matchAll(/<script src="([^"]+)"/g)].map(([, src]) => path.join(out, path.dirname(name), src));
    const weight = scripts.reduce((sum, script) => sum + gzipSync(fs.readFileSync(script)).length, 0);
    check(weight <= 6 * 1024, `the scripts of ${name} weigh ${weight} bytes over the wire, more than 6 KB`);
  }
  try {
    for (const [, run] of chosen) await run(browser, { url, out, pages });
  } finally {
    end();
  }
}

const ways = [
  ["disk", "opened from disk, scripts off", fromDisk],
  ["folder", `served by python3 -m http.server, in "${NAME}", scripts off`, fromFolder],
  ["preview", "served by weekmark serve", preview],
];

process.on("exit", endAll);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(2));

let code = 2;
const browser = await launch();
try {
  for (const [part, title, run] of ways) {
    if (!parts.has(part)) continue;
    for (const site of sites) {
      if (!site.ways.includes(part)) continue;
      await group(`${site.title}, ${title}`, () => run(browser, site));
    }
  }
  await campaignParts(browser);
  if (parts.has("search")) await search(browser, weekmark);
  if (parts.has("live")) await live(browser, weekmark, values.root);
  code = close();
} finally {
  await browser.close();
  endAll();
  removeAll();
}
process.exit(code);
