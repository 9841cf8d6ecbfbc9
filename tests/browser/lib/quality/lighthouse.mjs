// Lighthouse's four scores with its own settings for a phone: 100 in all, by the median of three runs. Two runs
// with 100 are enough, since the third can no longer change the median. Runs one at a time: scores depend on it.

import fs from "node:fs";
import net from "node:net";
import path from "node:path";

import run from "lighthouse";

import { launch } from "../browser.mjs";
import { addressOf } from "./site.mjs";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

async function freePort() {
  const server = net.createServer();
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  const { port } = server.address();
  await new Promise((go) => server.close(go));
  return port;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

/** The scores of one run, and the audits that cost points. */
async function once(url, port, skipAudits) {
  const flags = { port, output: "json", logLevel: "silent", onlyCategories: CATEGORIES, skipAudits };
  let { lhr } = await run(url, flags);
  // On a machine that is busy, the browser may not answer in time: no result, so once more.
  if (lhr.runtimeError) ({ lhr } = await run(url, flags));
  if (lhr.runtimeError) throw new Error(`Lighthouse: ${lhr.runtimeError.message}`);
  const scores = CATEGORIES.map((name) => Math.round((lhr.categories[name].score ?? 0) * 100));
  const lost = CATEGORIES.flatMap((name) => {
    return lhr.categories[name].auditRefs
      .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
      .map(({ id }) => `${name}: ${id} ${lhr.audits[id].displayValue ?? ""}`.trim());
  });
  return { scores, lost };
}

/**
 * The median of `most` runs; `perfect`: so many runs with 100 in all are enough. `quick`: the least for performance, which
 * is measured by the clock, so that a busy machine costs points.
 */
export async function scoresOf(url, port, { most = 3, perfect = 2, quick = 100, skipAudits = [] } = {}) {
  const isGood = (score, index) => score >= (CATEGORIES[index] === "performance" ? quick : 100);
  const runs = [];
  while (runs.length < most) {
    runs.push(await once(url, port, skipAudits));
    if (runs.filter(({ scores }) => scores.every(isGood)).length >= perfect) break;
  }
  const scores = CATEGORIES.map((_, index) => {
    const all = runs.map(({ scores: each }) => each[index]);
    return median(all);
  });
  return { scores, lost: [...new Set(runs.flatMap(({ lost }) => lost))] };
}

/** A Chromium of its own, with a port for Lighthouse; stays open for all pages. */
export async function withLighthouse(work) {
  const port = await freePort();
  const browser = await launch([`--remote-debugging-port=${port}`]);
  try {
    return await work(port);
  } finally {
    await browser.close();
  }
}

/** `perfect`, `most`, `quick`: see `scoresOf`. */
export async function lighthouse({ host, out, full, findings, rows, most, perfect, quick = 100 }) {
  let seconds = 0;
  await withLighthouse(async (port) => {
    for (const page of full) {
      const started = performance.now();
      // A page that asks search engines to leave it out, as the 404 page must, cannot be found by them.
      const isHidden = /<meta name="?robots"? content="?noindex/.test(fs.readFileSync(path.join(out, page), "utf8"));
      const { scores, lost } = await scoresOf(host.url + addressOf(page), port, { most, perfect, quick, skipAudits: isHidden ? ["is-crawlable"] : [] });
      rows.get(page).lighthouse = scores;
      seconds += (performance.now() - started) / 1000;
      for (const [index, score] of scores.entries()) {
        const name = CATEGORIES[index];
        if (score >= (name === "performance" ? quick : 100)) continue;
        const why = lost.filter((it) => it.startsWith(`${name}:`)).map((it) => it.slice(name.length + 2));
        findings.add("lighthouse", page, name, why.join("; "), `median ${score}`);
      }
    }
  });
  findings.note(`Lighthouse: ${(seconds / full.size).toFixed(1)} s for each of ${full.size} pages`);
}
