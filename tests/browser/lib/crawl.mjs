// Opens every page of a built site at some address and follows every link on paper: what it points at
// must be a file of the output folder, and an anchor that is there.

import fs from "node:fs";
import path from "node:path";

import { inParallel, readPage } from "./browser.mjs";
import { filesBelow } from "./files.mjs";
import { check, insist } from "./report.mjs";

const WIDTH = 6;

/** Schemes that lead out of any site. */
const OUTWARD = /^(https?|mailto|tel|sms|data|webcal):/;

/** The page that says where an old address went. */
export function isAlias(html) {
  return /<meta[^>]+http-equiv="?refresh/i.test(html);
}

/**
 * `site.out`: the output folder. `site.at`: where it is, as an address that ends in a slash.
 * `site.baseUrl`: the address that the site says it has, or null.
 * `site.indexes`: whether a folder's address gives its index.html there.
 */
export async function crawl(browser, site) {
  const files = filesBelow(site.out);
  const pages = files.filter((name) => name.endsWith(".html"));
  check(pages.length > 2, `only ${pages.length} pages in ${site.out}`);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const read = new Map();
  const known = new Set(files);
  const visitAndKeep = async (name, tab) => read.set(name, await visit(tab, site, name));
  await inParallel(pages, WIDTH, visitAndKeep, () => context.newPage());
  await context.close();

  for (const [name, page] of read) {
    check(page.title.trim() !== "", `${name}: no title`);
    check(page.twice.length === 0, `${name}: the id "${page.twice[0]}" stands there twice`);
    for (const link of page.links) checkLink(site, known, read, name, link);
    for (const url of [page.shareUrl, page.shareImage]) {
      if (url !== null) checkOwnAddress(site, known, name, url);
    }
  }
  checkReach(site, read);
  checkStyles(site, known);
  checkLists(site, known);
  return { files: files.length, pages: pages.length };
}

/** The address of a file of the site. */
function addressOf(site, name) {
  return site.at + name.split("/").map(encodeURIComponent).join("/");
}

/** Opens one page; its requests must all succeed and stay at the site's address. */
async function visit(tab, site, name) {
  const html = fs.readFileSync(path.join(site.out, name), "utf8");
  const at = addressOf(site, name);
  const inside = (url) => url.startsWith(site.at) || url.startsWith("data:");
  if (name === "404.html") {
    // A host shows it at any address, so its addresses start at the host's root on purpose, where nothing
    // is in this test. It gets a tab of its own: a late request must not be taken for another page's.
    const own = await tab.context().newPage();
    await own.goto(at, { waitUntil: "load" });
    const found = await own.evaluate(readPage);
    await own.close();
    return found;
  }
  tab.removeAllListeners();
  tab.on("request", (it) => insist(inside(it.url()), `${name} asks for ${it.url()}`));
  tab.on("requestfailed", (it) => {
    const why = it.failure()?.errorText;
    // The next page was opened before this one had its icon; that the file is there is checked below.
    const isAhead = /^file:.*\.(webmanifest|woff2)$/.test(it.url());
    insist(isAhead || why === "net::ERR_ABORTED", `${name}: ${it.url()} failed: ${why}`);
  });
  tab.on("response", (it) => {
    const isThere = it.url().startsWith("file:") || [200, 304].includes(it.status());
    insist(isThere, `${name}: ${it.url()} has status ${it.status()}`);
  });
  tab.on("console", (it) => {
    // Chromium reads no manifest from disk and no font before the style sheet asks for it; it says so, and shows the page all
    // the same, with the font.
    const isAhead = /^Access to (manifest|font) at 'file:|^Failed to load resource: net::ERR_FAILED$|^A preload for 'file:.*woff2' is found, but is not used/.test(it.text()) && at.startsWith("file:");
    insist(isAhead || !["error", "warning"].includes(it.type()), `${name} in the console: ${it.text()}`);
  });
  if (isAlias(html)) return await visitAlias(tab, at, name, html);
  await tab.goto(at, { waitUntil: "load" });
  const found = await tab.evaluate(readPage);
  check(found.brokenImages.length === 0, `${name}: the picture ${found.brokenImages[0]} is broken`);
  return found;
}

/** A page that leads on cannot be read at leisure: its text is, and then it must arrive. */
async function visitAlias(page, at, name, html) {
  const target = html.match(/http-equiv="?refresh"?[^>]*content="\s*\d+\s*;\s*url=([^"]+)"/i)?.[1] ?? "";
  const plain = (text) => text.replaceAll("&amp;", "&");
  const hrefs = [...html.matchAll(/<(a|link)\b([^>]*?)\bhref="([^"]*)"/gi)];
  const links = hrefs.map(([, tag, before, value]) => {
    const rel = before.match(/rel="([^"]*)"/)?.[1] ?? "";
    return { tag, rel, attribute: "href", value: plain(value), url: new URL(plain(value), at).href };
  });
  const wanted = new URL(plain(target), at).href;
  links.push({ tag: "meta", rel: "", attribute: "content", value: plain(target), url: wanted });
  await page.goto(at, { waitUntil: "commit" });
  const isThere = await page.waitForURL(wanted, { timeout: 5000 }).then(
    () => true,
    () => false,
  );
  check(isThere, `${name} leads to ${page.url()}, not to ${wanted}`);
  const title = html.match(/<title>([^<]*)/)?.[1] ?? "";
  const hasWay = links.some((link) => link.tag === "a" && link.url === wanted);
  check(hasWay, `${name} has no link to where it leads`);
  return { links, targets: [], twice: [], title, shareUrl: null, shareImage: null, isAlias: true };
}

/** Which file a path on the site is, or null. */
function fileAt(site, known, tail) {
  let name;
  try {
    name = decodeURIComponent(tail);
  } catch {
    return null;
  }
  if (known.has(name)) return name;
  if (!site.indexes) return null;
  const index = name === "" || name.endsWith("/") ? `${name}index.html` : null;
  return index !== null && known.has(index) ? index : null;
}

/** Where a link leads: {outside}, or the file (null: there is none) and the anchor. */
function follow(site, known, from, url) {
  const [address, anchor] = url.split("#", 2);
  const plain = address.split("?")[0];
  if (plain === addressOf(site, from)) return { file: from, anchor };
  const own = new URL(site.at);
  const isHere = plain.startsWith(own.protocol === "file:" ? "file://" : own.origin);
  if (from === "404.html" && isHere) {
    // From the host's root on; how much of that is the site's, the address of the site tells.
    const root = site.baseUrl === null ? "/" : new URL(site.baseUrl).pathname;
    const { pathname } = new URL(plain);
    const isInside = pathname.startsWith(root);
    const file = isInside ? fileAt({ ...site, indexes: true }, known, pathname.slice(root.length)) : null;
    return { file, anchor };
  }
  if (!plain.startsWith(site.at)) return { outside: true };
  return { file: fileAt(site, known, plain.slice(site.at.length)), anchor };
}

function checkLink(site, known, read, from, { tag, rel, attribute, value, url }) {
  const what = `${from}: <${tag} ${attribute}="${value}">`;
  if (!check(url !== null, `${what} is no address`)) return;
  if (tag === "link" && /(^|\s)(canonical|alternate)(\s|$)/.test(rel) && /^https?:/.test(value)) {
    checkOwnAddress(site, known, from, url);
    return;
  }
  const lead = follow(site, known, from, url);
  if (lead.outside) {
    check(OUTWARD.test(value), `${what} leaves the site`);
    if (["a", "area", "form", "blockquote", "q"].includes(tag)) return;
    check(value.startsWith("data:"), `${what} loads something from elsewhere`);
    return;
  }
  if (!check(lead.file !== null, `${what} leads to nothing`)) return;
  if (lead.anchor === undefined || lead.anchor === "" || lead.anchor === "top") return;
  const target = read.get(lead.file);
  const anchor = decodeURIComponent(lead.anchor);
  const isThere = target !== undefined && target.targets.includes(anchor);
  check(isThere, `${what}: there is no "${anchor}" in ${lead.file}`);
}

/** An address in full, as canonical links, previews, feeds and sitemaps have it. */
function checkOwnAddress(site, known, from, url) {
  if (site.baseUrl === null) {
    check(false, `${from} says ${url}, but the site has no address`);
    return;
  }
  if (!url.startsWith(site.baseUrl)) {
    check(false, `${from} says ${url}, which is not below ${site.baseUrl}`);
    return;
  }
  const tail = url.slice(site.baseUrl.length).split("#")[0];
  const file = fileAt({ ...site, indexes: true }, known, tail);
  check(file !== null, `${from} says ${url}, where nothing is`);
}

/** Every page but 404 and old addresses can be reached from the home page, link by link. */
function checkReach(site, read) {
  const known = new Set(read.keys());
  const reached = new Set(["index.html"]);
  const next = ["index.html"];
  while (next.length > 0) {
    const from = next.pop();
    for (const link of read.get(from)?.links ?? []) {
      if (!["a", "area"].includes(link.tag) || link.url === null) continue;
      const { file } = follow(site, known, from, link.url);
      if (file && known.has(file) && !reached.has(file)) {
        reached.add(file);
        next.push(file);
      }
    }
  }
  for (const [name, page] of read) {
    if (name === "404.html" || page.isAlias) continue;
    check(reached.has(name), `${name} cannot be reached from the home page`);
  }
}

/** What style sheets point at. */
function checkStyles(site, known) {
  for (const name of known) {
    if (!name.endsWith(".css")) continue;
    const text = fs.readFileSync(path.join(site.out, name), "utf8").replace(/\/\*.*?\*\//gs, "");
    for (const [, , value] of text.matchAll(/(?:url\(|@import\s+)\s*(["']?)([^"')\s]+)\1/g)) {
      if (value.startsWith("data:") || value.startsWith("#")) continue;
      const url = new URL(value, addressOf(site, name)).href;
      const lead = follow(site, known, name, url);
      check(!lead.outside && lead.file !== null, `${name}: url(${value}) leads to nothing`);
    }
  }
}

/** Feeds, sitemap and robots.txt: every address in them is a file of the site. */
function checkLists(site, known) {
  for (const name of known) {
    if (!/(^|\/)(feed|sitemap|atom|rss)\.xml$|^robots\.txt$/.test(name)) continue;
    const text = fs.readFileSync(path.join(site.out, name), "utf8");
    const found = [
      ...text.matchAll(/<loc>([^<]+)<\/loc>/g),
      ...text.matchAll(/<link[^>]+href="([^"]+)"/g),
      ...text.matchAll(/^Sitemap:\s*(\S+)/gm),
    ];
    for (const [, url] of found) checkOwnAddress(site, known, name, url.replaceAll("&amp;", "&"));
  }
}
