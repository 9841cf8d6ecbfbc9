// A site behind the strictest policy that it must live under, with every request that its pages make.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; manifest-src 'self'";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Serves `folder` on a free port; `url` ends in a slash, `end` stops it. Only the form of the search leads anywhere. */
export async function strictServer(folder, { forms = false } = {}) {
  const policy = `${POLICY}; form-action ${forms ? "'self'" : "'none'"}`;
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const file = path.join(folder, name.endsWith("/") ? `${name}index.html` : name);
    if (!fs.existsSync(file)) return response.writeHead(404).end();
    const type = TYPES[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-security-policy": policy });
    response.end(fs.readFileSync(file));
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  const end = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, end };
}

/** What a tab must never do: leave the address, break the policy, throw. `found` fills while it is used. */
export function watch(tab, url) {
  const found = { wrong: [], requests: 0 };
  tab.on("request", (it) => {
    found.requests += 1;
    const own = it.url().startsWith(url) || /^(blob|data):/.test(it.url());
    if (!own) found.wrong.push(`asks for ${it.url()}`);
  });
  tab.on("pageerror", (error) => found.wrong.push(`throws ${error.message}`));
  tab.on("console", (it) => {
    // From disk, Chromium fetches no font before the style sheet asks for it, and says so.
    if (/^Access to font at 'file:|^Failed to load resource: net::ERR_FAILED$/.test(it.text()) && url.startsWith("file:")) return;
    if (it.type() === "error" || /Content Security Policy/.test(it.text())) found.wrong.push(it.text());
  });
  return found;
}
