// The same checks over built sites of other programs: axe-core, the Nu HTML checker and Lighthouse over the home
// page and one article of each.
//
//     node compare.mjs [--fast] NAME=FOLDER:ARTICLE …        --fast leaves Lighthouse out; ARTICLE is a page in the folder, such as posts/first/index.html
//
// axe looks at the pages light, dark and 320 px wide, with nothing opened. Prints a table as Markdown. The sites are to be built for http://127.0.0.1:8791/, where they are served.

import path from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./lib/browser.mjs";
import { removeAll } from "./lib/files.mjs";
import { axe } from "./lib/quality/axe.mjs";
import { Findings } from "./lib/quality/findings.mjs";
import { startHost } from "./lib/quality/host.mjs";
import { scoresOf, withLighthouse } from "./lib/quality/lighthouse.mjs";
import { load } from "./lib/quality/load.mjs";
import { nu } from "./lib/quality/nu.mjs";
import { addressOf } from "./lib/quality/site.mjs";

const PORT = 8791;
const here = path.dirname(fileURLToPath(import.meta.url));
const isFast = process.argv.includes("--fast");
const sites = process.argv.slice(2).filter((it) => it !== "--fast").map((it) => it.match(/^(?<name>[^=]+)=(?<folder>.+):(?<article>[^:]+)$/).groups);

const heads = ["site", "page", "axe and layout", "rules", "Nu errors", "Nu warnings", "performance", "accessibility", "best practices", "SEO", "KB", "KB with pictures", "requests", "outside", "layout shift"];
console.log(`| ${heads.join(" | ")} |\n| --- | --- |${" ---: |".repeat(heads.length - 2)}`);
const browser = await launch();
const notes = [];
try {
  await withLighthouse(async (port) => {
    for (const { name, folder, article } of sites) {
      const out = path.resolve(folder);
      const host = await startHost(out, PORT);
      // They were not made for our policy: none is sent.
      host.policy = "none";
      for (const page of ["index.html", article]) {
        const findings = new Findings();
        const it = { browser, host, out, pages: [page], full: new Set(), findings, rows: new Map([[page, {}]]), only: [page] };
        await axe({ ...it, axeScript: path.join(here, "node_modules/axe-core/axe.min.js") });
        nu({ ...it, jar: path.join(here, "node_modules/vnu-jar/build/dist/vnu.jar") });
        await load({ ...it, once: true });
        const { scores } = isFast ? { scores: ["–", "–", "–", "–"] } : await scoresOf(host.url + addressOf(page), port);
        const accessibility = findings.all.filter(({ part }) => part === "axe" || part === "layout");
        const rules = [...new Set(accessibility.map(({ rule }) => rule.replace(/ \(.*/, "")))];
        const errors = findings.all.filter(({ part, rule }) => part === "nu" && /^error|^fatal/.test(rule)).length;
        const shift = findings.all.filter(({ rule }) => rule === "layout shift").map(({ measured }) => Number(measured));
        const { load: seen } = it.rows.get(page);
        const kb = (bytes) => (bytes / 1000).toFixed(1);
        console.log(
          `| ${[
            name,
            page === "index.html" ? "home" : addressOf(page),
            findings.count("axe") + findings.count("layout"),
            rules.length,
            errors,
            findings.all.filter(({ part }) => part === "nu").length - errors,
            ...scores,
            kb(seen.all),
            kb(seen.all + seen.picture),
            seen.requests,
            seen.outside,
            shift.length > 0 ? Math.max(...shift).toFixed(3) : "0",
          ].join(" | ")} |`,
        );
        notes.push(`- ${name}, ${page}: ${rules.length > 0 ? rules.join(", ") : "nothing"}`);
      }
      host.end();
    }
  });
  console.log(`\nRules that found something:\n\n${notes.join("\n")}`);
} finally {
  await browser.close();
  removeAll();
}
process.exit(0);
