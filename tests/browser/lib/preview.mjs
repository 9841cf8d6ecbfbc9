// What `weekmark serve` answers, request by request, held against the bytes that `build` writes.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";

import { inParallel } from "./browser.mjs";
import { filesBelow } from "./files.mjs";
import { check } from "./report.mjs";

const TYPES = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  xml: "application/xml; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
  png: "image/png",
  jpg: "image/jpeg",
  webp: "image/webp",
  woff2: "font/woff2",
  pdf: "application/pdf",
  ics: "text/calendar; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  ico: "image/x-icon",
  webmanifest: "application/manifest+json; charset=utf-8",
};

/** Files that a host reads and never sends: the preview has them, and no browser asks for them. */
const FOR_HOSTS = new Set(["_headers", ".htaccess", "web.config", "nginx-headers.conf"]);

const SCRIPT = /<script src="[^"]*__weekmark\/live\.js"[^>]*><\/script>/g;

/** Which day the site is shown for: the preview of these tests is started for one. */
const DAY = /<meta name="weekmark-today" content="2026-11-22">/g;

/** One request as it is, no redirect followed. */
export function ask(url, { method = "GET", headers = {}, agent } = {}) {
  return new Promise((give, fail) => {
    const request = http.request(url, { method, headers, agent }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", fail);
      response.on("end", () => {
        give({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) });
      });
    });
    request.on("error", fail);
    request.end();
  });
}

/** Bytes as text that keeps them apart one by one. */
const bytesOf = (buffer) => buffer.toString("latin1");

/** `url`: where the preview is. `out`: what `build` wrote from the same site on the same day. */
export async function comparePreview(url, out) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const files = filesBelow(out);
  try {
    await inParallel(files, 8, (name) => compareFile(agent, url, out, name));
    await compareFolders(agent, url, out, files);
    await compareMissing(agent, url, out);
    await compareRest(agent, url, out, files);
  } finally {
    agent.destroy();
  }
  return files.length;
}

async function compareFile(agent, url, out, name) {
  const address = url + name.split("/").map(encodeURIComponent).join("/");
  const built = fs.readFileSync(path.join(out, name));
  const got = await ask(address, { agent });
  check(got.status === 200, `GET ${name}: status ${got.status}`);
  comparePage(name, built, got);
  const ending = name.split(".").pop().toLowerCase();
  if (!FOR_HOSTS.has(name)) {
    const wanted = /(^|\/)feed\.xml$/.test(name) ? "application/atom+xml; charset=utf-8" : TYPES[ending];
    check(wanted !== undefined, `${name}: this test knows no type for .${ending}`);
    check(got.headers["content-type"] === wanted, `${name} has type ${got.headers["content-type"]}`);
  }

  const head = await ask(address, { agent, method: "HEAD" });
  check(head.status === 200 && head.body.length === 0, `HEAD ${name}: ${head.status}`);
  for (const header of ["content-type", "content-length", "etag"]) {
    const same = head.headers[header] === got.headers[header];
    check(same, `HEAD ${name}: ${header} is ${head.headers[header]}, not ${got.headers[header]}`);
  }
  check(Number(head.headers["content-length"]) === got.body.length, `HEAD ${name}: the length`);

  const again = await ask(address, { agent, headers: { "If-None-Match": got.headers.etag } });
  check(again.status === 304 && again.body.length === 0, `${name} again: ${again.status}, not 304`);
}

/** A page is the built bytes, the script of the preview and the day that is shown, once each; anything else is the built bytes. */
function comparePage(name, built, got) {
  if (!name.endsWith(".html")) {
    check(built.equals(got.body), `${name}: other bytes than build writes`);
    return;
  }
  const text = bytesOf(got.body);
  check((text.match(SCRIPT) ?? []).length === 1, `${name}: the live script is not there once`);
  check((text.match(DAY) ?? []).length === 1, `${name}: the day is not there once`);
  check(text.replace(SCRIPT, "").replace(DAY, "") === bytesOf(built), `${name}: other bytes than build writes`);
}

/** `/a/` is a/index.html, `/a` leads there. */
async function compareFolders(agent, url, out, files) {
  const folders = files.filter((name) => /(^|\/)index\.html$/.test(name)).map((name) => name.slice(0, -10));
  await inParallel(folders, 8, async (folder) => {
    const address = url + folder.split("/").map(encodeURIComponent).join("/");
    const got = await ask(address, { agent });
    check(got.status === 200, `GET /${folder}: ${got.status}`);
    comparePage(`${folder}index.html`, fs.readFileSync(path.join(out, folder, "index.html")), got);
    if (folder === "") return;
    const bare = await ask(address.slice(0, -1), { agent });
    const leadsTo = bare.headers.location && new URL(bare.headers.location, address).href;
    check(
      bare.status === 301 && leadsTo === address,
      `GET /${folder.slice(0, -1)}: ${bare.status} to ${leadsTo}`,
    );
  });
}

async function compareMissing(agent, url, out) {
  const built = fs.readFileSync(path.join(out, "404.html"));
  for (const name of [
    "nope",
    "nope/",
    "a/b/c/",
    "a/b/c",
    "nope.css",
    "assets/nope.png",
    "assets/",
    "_data/years.yaml",
  ]) {
    for (const method of ["GET", "HEAD"]) {
      const got = await ask(url + name, { agent, method });
      check(got.status === 404, `${method} /${name}: ${got.status}, not 404`);
      check(got.headers["content-type"] === TYPES.html, `${method} /${name}: ${got.headers["content-type"]}`);
      if (method === "GET") comparePage("404.html", built, got);
      else check(got.body.length === 0, `HEAD /${name} has a body`);
    }
  }
}

async function compareRest(agent, url, out, files) {
  const font = files.find((name) => name.endsWith(".woff2")) ?? files[0];
  const bytes = fs.readFileSync(path.join(out, font));
  const part = await ask(url + font, { agent, headers: { Range: "bytes=10-19" } });
  check(
    part.status === 206 && part.body.equals(bytes.subarray(10, 20)),
    `a range of ${font}: ${part.status}`,
  );
  check(part.headers["content-range"] === `bytes 10-19/${bytes.length}`, `its content-range`);
  const last = await ask(url + font, { agent, headers: { Range: "bytes=-5" } });
  check(last.status === 206 && last.body.equals(bytes.subarray(-5)), `the end of ${font}: ${last.status}`);
  const beyond = await ask(url + font, { agent, headers: { Range: `bytes=${bytes.length}-` } });
  check(beyond.status === 416, `a range beyond ${font}: ${beyond.status}`);

  const post = await ask(url, { agent, method: "POST" });
  check(post.status === 405 && /GET/.test(post.headers.allow ?? ""), `POST /: ${post.status}`);
  const foreign = await ask(url, { agent, headers: { Host: "evil.example" } });
  check(foreign.status === 403, `another host's name: ${foreign.status}, not 403`);
  for (const climbing of ["/%2e%2e/site.yaml", "/..%2fsite.yaml", "/a/%2e%2e/%2e%2e/site.yaml"]) {
    const got = await ask(new URL(url).origin + climbing, { agent });
    check([400, 404].includes(got.status), `GET ${climbing}: ${got.status}`);
  }
  const query = await ask(`${url}?a=b&c`, { agent });
  check(query.status === 200, `GET /?a=b&c: ${query.status}`);
}
