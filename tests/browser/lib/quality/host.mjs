// A web host on this machine: gzip, the types and the headers that a real host would send, or one policy.
// Knows nothing of what is measured.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".xml": "application/xml; charset=utf-8",
  ".xsl": "application/xslt+xml; charset=utf-8",
  ".ics": "text/calendar; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

const PACKED = /^(text\/|image\/svg|application\/(json|xml|xslt|manifest))/;

/** What a page must live under where the site itself names no headers. */
export const STRICT =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'";

/**
 * Reads a `_headers` file (Netlify, Cloudflare Pages): a line that starts with a path, in which `*` stands for
 * anything and `:name` for one part, and below it, indented, `Name: value`. All rules that fit apply.
 */
export function readHeaders(text) {
  const rules = [];
  for (const line of text.split("\n")) {
    if (!line.trim() || line.trim().startsWith("#")) continue;
    if (/^\S/.test(line)) {
      const pattern = line
        .trim()
        .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
        .replace(/\*/g, ".*")
        .replace(/:[a-z]\w*/gi, "[^/]+");
      rules.push({ path: new RegExp(`^${pattern}$`), headers: [] });
    } else {
      const [, name, value] = line.match(/^\s+([^:]+):\s*(.*)$/) ?? [];
      if (name && rules.length > 0) rules.at(-1).headers.push([name.trim().toLowerCase(), value.trim()]);
    }
  }
  return rules;
}

/**
 * Serves on `port`, or on a free one. `folder` may be set later; `url` ends in a slash; `end` stops it.
 * `policy`: "host" (the site's own `_headers`, or the strict policy), "meta" (a line in the page's head), "none".
 */
export async function startHost(folder = null, port = 0) {
  const host = { folder, policy: "host", url: "", end: () => {} };
  const packed = new Map();
  const rules = () => {
    const file = path.join(host.folder, "_headers");
    return fs.existsSync(file) ? readHeaders(fs.readFileSync(file, "utf8")) : [];
  };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    let name;
    try {
      name = decodeURIComponent(pathname);
    } catch {
      return response.writeHead(400).end();
    }
    let file = path.join(host.folder, name.endsWith("/") ? `${name}index.html` : name);
    let status = 200;
    if (!file.startsWith(host.folder) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) {
      status = 404;
      file = path.join(host.folder, "404.html");
      if (!fs.existsSync(file)) return response.writeHead(404).end();
    }
    const type = TYPES[path.extname(file)] ?? "application/octet-stream";
    const headers = { "content-type": type, vary: "accept-encoding", "cache-control": "public, max-age=600" };
    let policy = STRICT;
    for (const rule of rules()) {
      if (!rule.path.test(pathname)) continue;
      for (const [key, value] of rule.headers) {
        if (key === "content-security-policy") policy = value;
        else headers[key] = value;
      }
    }
    let bytes = fs.readFileSync(file);
    const isPage = type.startsWith("text/html");
    if (isPage && host.policy === "host") headers["content-security-policy"] = policy;
    if (isPage && host.policy === "meta") {
      // `frame-ancestors`, `sandbox` and `report-uri` mean nothing in a page (Content Security Policy 3, 3.3).
      const rest = policy
        .split(";")
        .filter((it) => !/^\s*(frame-ancestors|sandbox|report-)/.test(it))
        .join(";");
      bytes = Buffer.from(
        bytes.toString().replace(/<head>/i, `<head><meta http-equiv="Content-Security-Policy" content="${rest}">`),
      );
    }
    if (PACKED.test(type) && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
      const key = `${file} ${host.policy} ${bytes.length}`;
      if (!packed.has(key)) packed.set(key, gzipSync(bytes, { level: 6 }));
      bytes = packed.get(key);
      headers["content-encoding"] = "gzip";
    }
    headers["content-length"] = bytes.length;
    response.writeHead(status, headers);
    response.end(request.method === "HEAD" ? undefined : bytes);
  });
  await new Promise((go) => server.listen(port, "127.0.0.1", go));
  host.url = `http://127.0.0.1:${server.address().port}/`;
  host.end = () => {
    server.closeAllConnections();
    server.close();
  };
  return host;
}
