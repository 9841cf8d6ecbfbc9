// Searches built sites with the theme's own script and library, without a browser.
//
//     node run.mjs [WEEKMARK]
//
// - The library in the theme is that of the package, minified.
// - weekmark and the script divide texts into the same words: all letters and digits of Unicode, odd texts, and
//   every title, description and heading of the sample site.
// - MiniSearch reads the index, and writes it as it was.
// - Queries find what they should first: queries.txt, and some in Spanish.
// - What an index weighs: the sample site's, that of 1,000 pages, and that of a site beyond all bounds.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { deepStrictEqual } from "node:assert";
import vm from "node:vm";

import { minify } from "terser";

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, "../..");
const weekmark = path.resolve(process.argv[2] ?? path.join(repository, "target/debug/weekmark"));
const scripts = path.join(repository, "themes/harbor/assets/js");
const read = (...parts) => fs.readFileSync(path.join(...parts), "utf8");

const total = { passed: 0, failed: 0 };
const check = (isFine, what) => {
  total[isFine ? "passed" : "failed"] += 1;
  if (!isFine && total.failed <= 40) console.log(`  FAIL ${what}`);
};
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "weekmark-search-"));
process.on("exit", () => fs.rmSync(temporary, { recursive: true, force: true }));

/** The theme's scripts in a world without a page, with the index of a built site if there is one. */
const world = (index) => {
  const self = { document: { querySelector: () => null }, URL };
  self.self = self;
  const context = vm.createContext(self);
  const files = [path.join(scripts, "minisearch.js"), path.join(scripts, "search.js"), ...(index ? [index] : [])];
  for (const file of files) vm.runInContext(read(file), context, { filename: file });
  return self;
};

let sites = 0;
/** Builds a site of these files; returns the folder. */
const built = (files) => {
  const root = path.join(temporary, `site-${(sites += 1)}`);
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  return build(root);
};
const build = (root) => {
  const out = path.join(temporary, `out-${(sites += 1)}`);
  const started = performance.now();
  const ran = spawnSync(weekmark, ["--root", root, "build", "--out", out, "--today", "2026-11-22"], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr || ran.stdout || String(ran.error));
  return { out, said: ran.stderr + ran.stdout, ms: performance.now() - started };
};

const page = (title, text = "", more = "") => `---\ntitle: ${JSON.stringify(title)}\n${more}---\n${text}\n`;

// ---- The library ------------------------------------------------------------------------------------

console.log("the library");
{
  const source = createRequire(import.meta.url).resolve("minisearch").replace(/dist\/.*/, "dist/umd/index.js");
  const { code } = await minify(read(source).replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"), { compress: true, mangle: true });
  const [, shipped] = read(scripts, "minisearch.js").match(/^\/\*![^]*?\*\/\n([^]*)$/);
  check(shipped.trim() === code.trim(), "minisearch.js is not the package's own file, minified");
}

// ---- Words ------------------------------------------------------------------------------------------

/** The words of one field of each document of an index, counted. */
const postings = ({ index }, field) => {
  const found = new Map();
  for (const [word, fields] of index.index) {
    for (const [document, count] of Object.entries(fields[index.fieldIds[field]] ?? {})) {
      if (!found.has(document)) found.set(document, {});
      found.get(document)[word] = count;
    }
  }
  return found;
};

const counted = (all, left) => {
  const found = {};
  for (const word of all) if (!left.has(word)) found[word] = (found[word] ?? 0) + 1;
  return found;
};

const isSame = (a, b) => {
  try {
    deepStrictEqual({ ...a }, { ...b });
    return true;
  } catch {
    return false;
  }
};

console.log("words");
{
  const { weekmarkWords } = world();
  const odd = [
    "The manager’s don't O'Brien rock'n'roll", "R&D, C++, 3.14, 10–16 October; e-mail/e‑mail", "Educación, educacio\u0301n, EDUCACIÓN",
    "İSTANBUL ısı Straße STRASSE ẞ Ærø Łódź Đà Nẵng Þór ħal œuvre", "ΟΔΟΣ οδός Σίσυφος", "日本語のテスト and 漢字 ｶﾀｶﾅ ﬁne ① ½ ² ٣",
    "한국어 ภาษาไทย हिन्दी עִבְרִית العَرَبِيَّة", "a\u00adb a\u200bb a\u200db 👩‍⚕️ nurse", "x".repeat(40), "y".repeat(41), "é".repeat(41), "#CMWeek2026 @case_manager snake_case",
    "Åse A\u030ase K\u0327 q\u0303 \u0301alone", "ǅ ǈ ŉ ǰ ΐ ﬃ ß", "1st 2nd 100% $5 №9 ª º",
  ];
  // What no text may hold, and what YAML does not take.
  const refused = /[\ufdd0-\ufdef\ufeff\ufffe\uffff]/u;
  let line = "";
  for (let code = 0x21; code < 0x20000; code++) {
    const isMany = (code > 0x3500 && code < 0x9f00) || (code > 0xac80 && code < 0xd700) || (code > 0x17000 && code < 0x1b000);
    if (isMany && code % 97) continue;
    const letter = String.fromCodePoint(code);
    if (!/[\p{L}\p{N}\p{M}\p{Alphabetic}\p{P}\p{S}]/u.test(letter) || refused.test(letter)) continue;
    line += `a${letter}b ${letter}${letter} `;
    if (line.length > 900) {
      odd.push(line.trim());
      line = "";
    }
  }
  const files = { "site.yaml": "title: Words\ndefaults: {\"\": {description: none}}\n" };
  odd.forEach((title, i) => (files[`content/p${i}.md`] = page(title)));
  const { out } = built(files);
  const { weekmarkSearch } = world(path.join(out, "search/index.en.js"));
  const left = new Set(weekmarkSearch.stopWords);
  const titles = postings(weekmarkSearch, "title");
  const documents = Object.entries(weekmarkSearch.index.storedFields);
  for (const title of odd) {
    const [number] = documents.find(([, shown]) => shown.title === title) ?? [];
    const [mine, theirs] = [counted(weekmarkWords(title), left), titles.get(number) ?? {}];
    const differs = Object.keys({ ...mine, ...theirs }).filter((word) => mine[word] !== theirs[word]);
    check(isSame(mine, theirs), `"${title.slice(0, 60)}": ${differs.slice(0, 8).map((it) => JSON.stringify(it))}`);
  }
}

// ---- The sample site --------------------------------------------------------------------------------

/** Finds pages by a query: their addresses from the root of the site, the best first. */
const finder = (out, lang, folder = "search") => {
  const self = world(path.join(out, folder, `index.${lang}.js`));
  const mini = self.weekmarkFind.engine(self.weekmarkSearch);
  const find = (query) => {
    const { how, results, other } = self.weekmarkFind.find(mini, query);
    const paths = results.map(({ url }) => new URL(url, `http://h/${folder}/`).pathname.replace("index.html", ""));
    return { how, paths, meant: other };
  };
  return { self, mini, find };
};

const weight = (file) => {
  const bytes = fs.readFileSync(file);
  return `${(bytes.length / 1024).toFixed(0)} KB, ${(gzipSync(bytes, { level: 9 }).length / 1024).toFixed(1)} KB over the wire`;
};

console.log("the sample site");
{
  const { out } = build(repository);
  const { self, mini, find } = finder(out, "en");
  const { index, stopWords } = self.weekmarkSearch;
  check(isSame(JSON.parse(JSON.stringify(mini.toJSON())), JSON.parse(JSON.stringify(index))) || sameIndex(mini.toJSON(), index), "MiniSearch does not write the index as it was");
  const left = new Set(stopWords);
  for (const field of ["title", "description"]) {
    const found = postings(self.weekmarkSearch, field);
    for (const [number, shown] of Object.entries(index.storedFields)) {
      // Without a description, a result shows the beginning of the text.
      if (field === "description" && !found.has(number)) continue;
      const words = counted(self.weekmarkWords(shown[field]), left);
      check(isSame(words, found.get(number)), `${field} of ${shown.url}`);
    }
  }
  for (const line of read(here, "queries.txt").split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const [query, wanted] = line.split("→").map((part) => part.trim());
    const { paths } = find(query);
    check(paths[0] === wanted, `"${query}" finds ${paths.slice(0, 3).join(" ")}, not ${wanted}`);
  }
  const typo = find("manger");
  check(typo.how === "near" && /manager/.test(typo.meant), `"manger" is ${typo.how}, meant "${typo.meant}"`);
  console.log(`  ${index.documentCount} pages: ${weight(path.join(out, "search/index.en.js"))}`);
  console.log(`  the library: ${weight(path.join(scripts, "minisearch.js"))}; the script: ${weight(path.join(scripts, "search.js"))}`);
}

/** The order of words in an index is MiniSearch's own. */
function sameIndex(a, b) {
  const sorted = ({ index, ...rest }) => JSON.stringify([rest, [...index].sort(([x], [y]) => (x < y ? -1 : 1))]);
  return sorted(a) === sorted(b);
}

// ---- Spanish ----------------------------------------------------------------------------------------

console.log("Spanish");
{
  const site = {
    "site.yaml": "title: Week\nlanguages: {es: {name: Español, title: Semana}}\ndefaults: {\"\": {description: none}}\n",
    "content/_index.md": page("Week"),
    "content/_index.es.md": page("Semana"),
    "content/a.es.md": page("Educación continua", "La semana de los gestores."),
    "content/b.es.md": page("¿Qué hace una gestora?", "Mañana, con educación y corazón."),
    "content/secret.es.md": page("Secreto", "", "in_search: false\n"),
  };
  const { out } = built(site);
  const { find } = finder(out, "es", "es/search");
  const first = { educacion: "/es/a/", Educación: "/es/a/", "corazon manana": "/es/b/", "que hace la gestora": "/es/b/", edukacion: "/es/a/", semana: "/es/" };
  for (const [query, wanted] of Object.entries(first)) {
    const { paths } = find(query);
    check(paths[0] === wanted, `"${query}" finds ${paths.join(" ")}, not ${wanted}`);
  }
  check(find("edukacion").meant === "educación", `edukacion means ${find("edukacion").meant}`);
  check(!find("secreto").paths.includes("/es/secret/"), "a page that nobody may find is found");
}

// ---- Weight -----------------------------------------------------------------------------------------

console.log("large sites");
{
  // Words as in a language: a few are frequent, most are rare (Zipf's law).
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const syllables = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu".split(" ");
  const vocabulary = Array.from({ length: 12_000 }, () => Array.from({ length: 2 + Math.floor(random() * 3) }, () => syllables[Math.floor(random() * 20)]).join(""));
  const word = () => vocabulary[Math.floor(vocabulary.length ** random()) - 1];
  const words = (count) => Array.from({ length: count }, word).join(" ");
  for (const [pages, length] of [[1_000, 400], [12_000, 40]]) {
    const files = { "site.yaml": "title: Large\n" };
    for (let i = 0; i < pages; i++) {
      const text = `${words(length / 2)}\n\n## ${words(4)}\n\n${words(length / 2)}`;
      files[`content/s${i % 40}/p${i}.md`] = page(`${words(4)} ${i}`, text, `description: ${words(14)}\n`);
    }
    const { out, said, ms } = built(files);
    const index = path.join(out, "search/index.en.js");
    console.log(`  ${pages} pages of ${length} words: ${weight(index)}, built in ${(ms / 1000).toFixed(1)} s`);
    const bytes = gzipSync(fs.readFileSync(index)).length;
    check(bytes < 2.5 * 1024 * 1024, `the index of ${pages} pages weighs ${bytes} bytes`);
    // The one has more text, the other more pages than an index takes, and that is said.
    check(/W714/.test(said), `${pages} pages: ${said.slice(0, 200)}`);
    const list = gzipSync(fs.readFileSync(path.join(out, "search/index.html"))).length;
    check(list < 60 * 1024, `the list of ${pages} pages weighs ${list} bytes`);
  }
}

console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
