// How a page loads, as a phone and a desk see it: shift, requests, bytes, and whether it lives under the policy
// of its host. Every load is in a fresh browser profile, so nothing comes from a cache.

import { inParallel } from "../browser.mjs";
import { openAll } from "./in-page.mjs";
import { addressOf } from "./site.mjs";

/** The budgets of a first view, in bytes over the wire with gzip: all but pictures, and the scripts. */
const MOST = { all: 60_000, script: 6_000 };

function prepare() {
  globalThis.weekmarkSeen = { shift: 0, moved: [], broken: [] };
  const seen = globalThis.weekmarkSeen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      seen.shift += entry.value;
      for (const { node } of entry.sources ?? []) {
        const it = node?.nodeType === 1 ? node : node?.parentElement;
        if (it) seen.moved.push(`${it.localName}${[...it.classList].map((name) => `.${name}`).join("")}`);
      }
    }
  }).observe({ type: "layout-shift", buffered: true });
  document.addEventListener("securitypolicyviolation", (event) => {
    seen.broken.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber}`);
  });
}

async function scrollDown() {
  const step = innerHeight * 0.8;
  for (let at = 0; at < document.documentElement.scrollHeight; at += step) {
    scrollTo({ top: at, behavior: "instant" });
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  }
}

/** Opens one page at one width and measures it. */
async function one(browser, host, page, width, findings, isPassive = false) {
  const way = `${width} px${host.policy === "meta" ? ", policy in the page" : ""}`;
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 640 : 800 },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  // A machine that is busy is no mistake of the page.
  context.setDefaultTimeout(120_000);
  const tab = await context.newPage();
  const client = await context.newCDPSession(tab);
  await client.send("Network.enable");
  const sent = new Map();
  const measured = { requests: 0, outside: 0, all: 0, script: 0, style: 0, font: 0, picture: 0, html: 0 };
  let isMeasured = true;
  const type = { Script: "script", Stylesheet: "style", Font: "font", Image: "picture", Document: "html" };
  client.on("Network.requestWillBeSent", ({ request }) => {
    if (/^(data|blob):/.test(request.url)) return;
    if (isMeasured) measured.requests += 1;
    if (request.url.startsWith(host.url)) return;
    measured.outside += 1;
    findings.add("load", page, "request to elsewhere", request.url, "", way);
  });
  client.on("Network.responseReceived", ({ requestId, response, type: kind }) => {
    const name = new URL(response.url).pathname;
    sent.set(requestId, { kind, name, bytes: Number(response.headers["content-length"] ?? response.headers["Content-Length"] ?? 0) });
    if (response.status >= 400) findings.add("load", page, "request failed", response.url, `status ${response.status}`, way);
  });
  client.on("Network.loadingFinished", ({ requestId }) => {
    const it = sent.get(requestId);
    if (!it || !isMeasured) return;
    const kind = type[it.kind] ?? "html";
    measured[kind] += it.bytes;
    if (kind !== "picture") measured.all += it.bytes;
  });
  tab.on("requestfailed", (it) => {
    const why = it.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") findings.add("load", page, "request failed", it.url(), why, way);
  });
  tab.on("pageerror", (error) => findings.add("load", page, "script error", error.message, "", way));
  tab.on("console", (it) => {
    if (["error", "warning"].includes(it.type())) findings.add("load", page, `console ${it.type()}`, it.text().slice(0, 200), "", way);
  });
  await tab.addInitScript(prepare);
  await tab.goto(host.url + addressOf(page));
  await tab.evaluate(scrollDown);
  await tab.waitForTimeout(50);
  const { shift, moved } = await tab.evaluate(() => globalThis.weekmarkSeen);
  if (shift > 0) findings.add("load", page, "layout shift", [...new Set(moved)].slice(0, 3).join(", "), shift.toFixed(4), way);
  isMeasured = false;
  if (isPassive) {
    await context.close();
    return measured;
  }
  // What a visitor does must not break the policy either.
  await tab.evaluate(openAll, 0);
  await tab.evaluate(() => {
    globalThis.print = () => {};
    for (const it of document.querySelectorAll("main button[type=button]")) {
      if (it.checkVisibility() && it.dataset.act !== "clear") it.click();
    }
  });
  await tab.waitForTimeout(100);
  const { broken } = await tab.evaluate(() => globalThis.weekmarkSeen);
  for (const what of broken) findings.add("load", page, "policy broken", what, "", way);
  await context.close();
  return measured;
}

/** Phone and desk under the host's headers, and, unless `once`, with all opened, and the phone again with the policy in the page. */
export async function load({ browser, host, pages, full, findings, rows, once = false }) {
  await inParallel(pages, 3, async (page) => {
    const row = await one(browser, host, page, 360, findings, once);
    if (row.all > MOST.all) findings.add("load", page, "too heavy", `${row.all} bytes without pictures`, `at most ${MOST.all}`);
    if (row.script > MOST.script) findings.add("load", page, "too much script", `${row.script} bytes`, `at most ${MOST.script}`);
    rows.get(page).load = row;
    await one(browser, host, page, 1280, findings, once);
  });
  if (once) return;
  host.policy = "meta";
  await inParallel([...full], 3, (page) => one(browser, host, page, 360, findings));
  host.policy = "host";
}
