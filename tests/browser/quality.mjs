// The published pages, measured in every theme: accessibility, keyboard, validity, Lighthouse, weight, policy,
// without scripts or style, on paper. See README.md.
//
//     node quality.mjs WEEKMARK [--root SITE] [--theme NAMES] [--only PARTS] [--pages all|kinds] [--page PART-OF-NAME]
//     node quality.mjs --broken

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { launch } from "./lib/browser.mjs";
import { removeAll } from "./lib/files.mjs";
import { endAll } from "./lib/program.mjs";
import { axe } from "./lib/quality/axe.mjs";
import { broken } from "./lib/quality/broken.mjs";
import { Findings } from "./lib/quality/findings.mjs";
import { startHost } from "./lib/quality/host.mjs";
import { keyboard } from "./lib/quality/keyboard.mjs";
import { lighthouse } from "./lib/quality/lighthouse.mjs";
import { load } from "./lib/quality/load.mjs";
import { nu } from "./lib/quality/nu.mjs";
import { pictures } from "./lib/quality/pictures.mjs";
import { buildTheme, gradesOf, kindsOf, pagesOf, themesOf } from "./lib/quality/site.mjs";
import { table } from "./lib/quality/table.mjs";
import { without } from "./lib/quality/without.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
/** So many pages go through Lighthouse in a short run, those that show the most first. */
const SHORT = 3;
const PARTS = ["nu", "load", "without", "keyboard", "axe", "lighthouse"];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    root: { type: "string", default: path.resolve(here, "../..") },
    theme: { type: "string" },
    only: { type: "string", default: PARTS.join(",") },
    pages: { type: "string", default: "kinds" },
    page: { type: "string" },
    out: { type: "string" },
    document: { type: "string" },
    broken: { type: "boolean", default: false },
  },
});
const weekmark = path.resolve(positionals[0] ?? path.join(here, "../../target/debug/weekmark"));
const parts = new Set(values.only.split(","));
for (const part of parts) {
  if (![...PARTS, "pictures"].includes(part)) throw new Error(`There is no part "${part}": ${PARTS.join(", ")}, pictures.`);
}
if (!["all", "kinds"].includes(values.pages)) throw new Error("--pages takes: all, kinds");

const RUN = {
  nu: (it) => nu({ ...it, jar: path.join(here, "node_modules/vnu-jar/build/dist/vnu.jar") }),
  load,
  without: (it) => without({ ...it, readability: path.join(here, "node_modules/@mozilla/readability/Readability.js") }),
  keyboard,
  axe: (it) => axe({ ...it, axeScript: path.join(here, "node_modules/axe-core/axe.min.js") }),
  lighthouse: (it) => {
    if (values.pages === "all" || values.page || values.broken) return lighthouse({ perfect: 2, most: 3, ...it });
    return lighthouse({ perfect: 1, most: 3, quick: 90, ...it, full: new Set([...it.kinds].slice(0, SHORT)) });
  },
};

const browser = await launch();

async function measure(theme) {
  const host = await startHost();
  try {
    const { copy, out } = buildTheme(weekmark, values.root, theme, host.url);
    host.folder = out;
    const findings = new Findings();
    const all = pagesOf(out);
    const pages = values.page ? all.filter((page) => page.includes(values.page)) : all;
    const kinds = new Set(kindsOf(out, all));
    const full = new Set(values.pages === "all" || values.page ? pages : pages.filter((page) => kinds.has(page)));
    console.log(`${theme}: ${pages.length} pages, ${full.size} of them in full`);
    if (parts.has("pictures")) {
      await pictures({ browser, host, pages: all, folder: path.resolve(values.out ?? "pictures", theme) });
      return { theme, findings };
    }
    const it = { browser, host, out, pages, full, kinds, findings, rows: new Map(pages.map((page) => [page, {}])) };
    for (const part of PARTS) {
      if (!parts.has(part)) continue;
      const started = performance.now();
      const before = findings.all.length;
      host.policy = part === "load" ? "host" : "none";
      // In a short run, what differs from page to page by components and templates alone is looked at on one page of each.
      const isWide = values.pages === "all" || !["load", "without", "keyboard"].includes(part);
      await RUN[part](isWide ? it : { ...it, pages: pages.filter((page) => full.has(page)) });
      const now = new Findings();
      now.all = findings.all.slice(before);
      const count = now.all.length;
      console.log(`  ${part}: ${count === 0 ? "nothing found" : `${count} findings`}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
      for (const line of now.lines()) console.log(line);
    }
    let text = "";
    if (values.page === undefined) {
      text = table({ theme, parts, rows: it.rows, findings, grades: gradesOf(weekmark, copy) });
      const folder = path.join(values.root, "target/quality");
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, `${theme}.md`), text);
      console.log(text);
    }
    for (const note of findings.notes) console.log(`  ${note}`);
    return { theme, findings, text };
  } finally {
    host.end();
  }
}

async function themesMeasured() {
  const themes = values.theme ? values.theme.split(",") : themesOf(values.root);
  const results = [];
  for (const theme of themes) results.push(await measure(theme));
  if (values.document) {
    const words = "The last full run of the tests of the published pages, see [tests/browser](../tests/browser/README.md). Written by:";
    const command = "    tests/browser/quality.sh target/debug/weekmark --pages all --document docs/quality.md";
    const tables = results.map(({ text }) => text.replace(/^# /, "## "));
    fs.writeFileSync(values.document, `# Quality of the published pages\n\n${words}\n\n${command}\n\n${tables.join("\n")}`);
  }
  console.log(results.map(({ theme, findings }) => `${theme}: ${findings.all.length} findings`).join(", "));
  return results.every(({ findings }) => findings.all.length === 0) ? 0 : 1;
}

process.on("exit", endAll);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(2));

let code = 2;
try {
  if (values.broken) {
    const chosen = PARTS.filter((part) => parts.has(part)).map((part) => [part, RUN[part]]);
    const count = await broken({ browser, folder: path.join(here, "broken"), parts: Object.fromEntries(chosen) });
    code = count === 0 ? 0 : 1;
  } else code = await themesMeasured();
} finally {
  await browser.close();
  endAll();
  removeAll();
}
process.exit(code);
