// Debian's Chromium through playwright-core, and what is read from a page in it.

import fs from "node:fs";
import { chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** `more`: switches of Chromium beside the usual ones. */
export async function launch(more = []) {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => fs.existsSync(place));
  if (!executablePath) throw new Error("There is no Chromium here; CHROMIUM names one.");
  const args = ["--disable-background-networking", "--disable-component-update", "--disable-sync", ...more];
  // Chromium refuses its sandbox to root, which is who one is in a container.
  const chromiumSandbox = process.getuid?.() !== 0;
  return chromium.launch({ executablePath, args, chromiumSandbox });
}

/** Does `work` for every item, `width` at a time. `make` gives each lane what it works with. */
export async function inParallel(items, width, work, make = async () => null) {
  const rest = [...items];
  const lane = async () => {
    const tool = await make();
    while (rest.length > 0) await work(rest.shift(), tool);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}

/** Every address in the page and every place that an address can point at. Runs in the page. */
export function readPage() {
  const links = [];
  const add = (element, attribute, value) => {
    if (value === null || value === undefined) return;
    const tag = element.localName;
    let url = null;
    try {
      url = new URL(value.trim(), document.baseURI).href;
    } catch {
      // Told apart by the caller: an address that is none.
    }
    const rel = (element.getAttribute("rel") ?? "").toLowerCase();
    links.push({ tag, rel, attribute, value, url });
  };
  const single = {
    a: ["href"],
    area: ["href"],
    link: ["href"],
    script: ["src"],
    img: ["src"],
    source: ["src"],
    video: ["src", "poster"],
    audio: ["src"],
    track: ["src"],
    iframe: ["src"],
    embed: ["src"],
    object: ["data"],
    form: ["action"],
    button: ["formaction"],
    input: ["src", "formaction"],
    use: ["href", "xlink:href"],
    image: ["href", "xlink:href"],
    blockquote: ["cite"],
    q: ["cite"],
  };
  for (const [tag, attributes] of Object.entries(single)) {
    for (const element of document.querySelectorAll(tag)) {
      for (const attribute of attributes) add(element, attribute, element.getAttribute(attribute));
    }
  }
  for (const element of document.querySelectorAll("[srcset], link[imagesrcset]")) {
    const attribute = element.localName === "link" ? "imagesrcset" : "srcset";
    for (const part of element.getAttribute(attribute).split(/\s*,\s+|,(?=\S+\s)/)) {
      add(element, attribute, part.trim().split(/\s+/)[0]);
    }
  }
  for (const element of document.querySelectorAll("[style]")) {
    for (const found of element.getAttribute("style").matchAll(/url\(\s*["']?([^"')]+)/g)) {
      add(element, "style", found[1]);
    }
  }
  for (const element of document.querySelectorAll('meta[http-equiv="refresh" i]')) {
    add(element, "content", element.content.replace(/^[^=]*=\s*/, "").replace(/^["']|["']$/g, ""));
  }
  const targets = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const element of document.querySelectorAll("a[name]")) targets.push(element.name);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const named = (name) => document.querySelector(`meta[property="${name}"]`)?.content ?? null;
  return {
    links,
    targets,
    twice,
    title: document.title,
    shareUrl: named("og:url"),
    shareImage: named("og:image"),
    brokenImages: [...document.images]
      .filter((it) => it.complete && it.naturalWidth === 0 && it.loading !== "lazy")
      .map((it) => it.getAttribute("src")),
  };
}
