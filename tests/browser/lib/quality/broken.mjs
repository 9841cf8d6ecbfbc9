// Pages with known mistakes: every check must find its own, and nothing else. Each part looks at the pages whose
// names begin with its own; what it must find is in `broken/expected.txt`. UPDATE=1 writes that file.

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

import { filesBelow, temporary } from "../files.mjs";
import { Findings } from "./findings.mjs";
import { startHost } from "./host.mjs";

/** What differs from run to run and from one Chromium to the next is left out of an element. */
function lasting({ part, rule, element }, url) {
  if (rule === "layout shift" || part === "lighthouse") return "";
  // Which line the browser blames for an address that it did not load depends on how far it has read.
  const place = rule === "policy broken" ? /:\d+$/ : /$^/;
  const known = element.replaceAll(url, "/").replace(/^\d{5} bytes/, "many bytes").replace(place, "");
  return rule.startsWith("console") ? known.slice(0, 30) : known;
}

/** One line for each rule and element of each page, with the ways in which it was found. */
function linesOf({ all }, url) {
  const ways = new Map();
  for (const it of all) {
    const key = `${it.part} | ${it.page} | ${it.rule} | ${lasting(it, url)}`;
    ways.set(key, new Set([...(ways.get(key) ?? []), ...(it.way ? [it.way] : [])]));
  }
  return [...ways].map(([key, those]) => `${key} | ${[...those].sort().join("; ")}`).sort();
}

/** Runs `parts` (name → function) over the broken pages; the number of lines that are not as expected. */
export async function broken({ browser, folder, parts }) {
  const out = path.join(temporary("broken"), "out");
  fs.cpSync(folder, out, { recursive: true });
  fs.writeFileSync(path.join(out, "heavy.js"), `// ${randomBytes(60_000).toString("base64")}\n`);
  const host = await startHost(out);
  const findings = new Findings();
  try {
    for (const [name, run] of Object.entries(parts)) {
      const pages = filesBelow(out).filter((file) => file.startsWith(name) && file.endsWith(".html"));
      const only = filesBelow(out).filter((file) => file.startsWith(name));
      const rows = new Map(pages.map((page) => [page, {}]));
      const all = new Set(pages);
      host.policy = name === "load" ? "host" : "none";
      await run({ browser, host, out, pages, full: all, kinds: all, findings, rows, only, most: 1 });
    }
  } finally {
    host.end();
  }
  const file = path.join(folder, "expected.txt");
  const found = linesOf(findings, host.url);
  if (process.env.UPDATE === "1") fs.writeFileSync(file, `${found.join("\n")}\n`);
  const named = new Set([...Object.keys(parts), ...("axe" in parts ? ["layout"] : [])]);
  const wanted = fs.readFileSync(file, "utf8").split("\n").filter((line) => named.has(line.split(" | ")[0]));
  const lost = wanted.filter((line) => !found.includes(line));
  const more = found.filter((line) => !wanted.includes(line));
  for (const line of lost) console.log(`  not found: ${line}`);
  for (const line of more) console.log(`  not expected: ${line}`);
  console.log(`broken pages: ${wanted.length - lost.length} of ${wanted.length} mistakes found, ${more.length} more`);
  return lost.length + more.length;
}
