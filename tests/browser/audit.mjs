// Every page of the built site through the Nu HTML checker and axe-core, light and dark, narrow and wide.
//
//     node audit.mjs WEEKMARK [--root SITE] [--only nu,axe]
//
// Prints each finding once: rule, how many pages, the first of them, the element. Needs java for nu.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { inParallel, launch } from "./lib/browser.mjs";
import { copySite, filesBelow, removeAll, temporary } from "./lib/files.mjs";
import { build, endAll, folderServer } from "./lib/program.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    root: { type: "string", default: path.resolve(here, "../..") },
    only: { type: "string", default: "nu,axe" },
  },
});
const weekmark = path.resolve(positionals[0] ?? path.join(here, "../../target/debug/weekmark"));
const parts = new Set(values.only.split(","));
const out = path.join(temporary("audit"), "out");

/** Rule and element → where it was found. */
const findings = new Map();

function find(tool, rule, element, where) {
  const key = `${tool} ${rule}\n    ${element}`;
  findings.set(key, [...(findings.get(key) ?? []), where]);
}

function nu() {
  const jar = path.join(here, "node_modules/vnu-jar/build/dist/vnu.jar");
  const files = filesBelow(out).filter((name) => /\.(html|css|svg)$/.test(name));
  const paths = files.map((name) => path.join(out, name));
  const args = ["-jar", jar, "--format", "json", "--also-check-css", "--also-check-svg", ...paths];
  const ran = spawnSync("java", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (ran.error) throw ran.error;
  const { messages } = JSON.parse(ran.stderr);
  for (const it of messages) {
    const file = it.url ? path.relative(out, fileURLToPath(it.url)) : "?";
    find(`nu ${it.subType ?? it.type}`, it.message, (it.extract ?? "").trim(), `${file}:${it.lastLine ?? 0}`);
  }
  return messages.length;
}

const WAYS = ["light", "dark"].flatMap((colorScheme) => {
  return [320, 360, 1280].map((width) => ({
    colorScheme,
    viewport: { width, height: 800 },
    reducedMotion: "reduce",
  }));
});

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

async function axe(pages) {
  const script = fs.readFileSync(path.join(here, "node_modules/axe-core/axe.min.js"), "utf8");
  const { url } = await folderServer(out);
  const browser = await launch();
  let count = 0;
  try {
    for (const way of WAYS) {
      const context = await browser.newContext(way);
      const title = `${way.colorScheme} ${way.viewport.width}`;
      await inParallel(
        pages,
        3,
        async (name, tab) => {
          await tab.goto(url + name);
          await tab.evaluate(script);
          // 44 px targets and the like are left to the rules of the standard.
          const run = (tags) =>
            globalThis.axe.run(document, { runOnly: tags, resultTypes: ["violations", "incomplete"] });
          const { violations, incomplete } = await tab.evaluate(run, TAGS);
          for (const [kind, list] of [
            ["axe", violations],
            ["axe, to look at:", incomplete],
          ]) {
            for (const { id, impact, nodes } of list) {
              for (const node of nodes) {
                count += kind === "axe" ? 1 : 0;
                const element = `${node.target.join(" ")}: ${node.html.slice(0, 160)}`;
                // What axe could not decide comes in crowds: by reason, not by element.
                const why = [...node.any, ...node.all, ...node.none][0]?.message ?? "";
                find(kind, `${id} (${impact})`, kind === "axe" ? element : why, `${name} ${title}`);
              }
            }
          }
          // What a gradient or a drawn mark hides from axe is measured on the plain ground below it.
          await tab.addStyleTag({
            content: "* { background-image: none !important } ::before, ::after { display: none !important }",
          });
          const contrast = () =>
            globalThis.axe.run(document, { runOnly: { type: "rule", values: ["color-contrast"] } });
          for (const { nodes } of (await tab.evaluate(contrast)).violations) {
            for (const node of nodes) {
              count += 1;
              find(
                "axe, without gradients",
                "color-contrast",
                `${node.target.join(" ")}: ${node.any[0]?.message}`,
                `${name} ${title}`,
              );
            }
          }
          const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wide > 0) find("layout", "wider than the screen", `${wide} px`, `${name} ${title}`);
        },
        () => context.newPage(),
      );
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return count;
}

process.on("exit", endAll);
try {
  build(weekmark, copySite(values.root, "audit"), out, "--today", "2026-11-22");
  // 404.html starts its addresses at the host's root; it is served from there.
  const pages = filesBelow(out).filter((name) => name.endsWith(".html"));
  const said = [];
  if (parts.has("nu")) said.push(`${nu()} from the Nu checker`);
  if (parts.has("axe")) said.push(`${await axe(pages)} from axe-core in ${WAYS.length} ways`);
  for (const [what, places] of findings) {
    console.log(`${what}\n    ${places.length} times: ${[...new Set(places)].slice(0, 4).join(", ")}`);
  }
  console.log(`${pages.length} pages: ${said.join(", ")}`);
} finally {
  endAll();
  removeAll();
}
