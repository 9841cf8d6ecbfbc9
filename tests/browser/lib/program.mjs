// Runs the weekmark binary and python's web server; ends what it started.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

const running = new Set();

/** Ends everything that was started here. */
export function endAll() {
  for (const child of running) child.kill("SIGKILL");
}

function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  running.add(child);
  child.on("exit", () => running.delete(child));
  child.said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => (child.said += text));
  }
  return child;
}

/** Waits until the child has printed what the pattern finds. */
async function said(child, pattern, patience = 30_000) {
  const until = Date.now() + patience;
  while (Date.now() < until) {
    const found = child.said.match(pattern);
    if (found) return found;
    if (child.exitCode !== null) break;
    await new Promise((go) => setTimeout(go, 20));
  }
  throw new Error(`${child.spawnfile} did not say ${pattern}:\n${child.said}`);
}

export async function stop(child, signal = "SIGINT") {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, "exit");
  child.kill(signal);
  await end;
}

function run(weekmark, ...args) {
  const ran = spawnSync(weekmark, args, { encoding: "utf8" });
  if (ran.error) throw ran.error;
  if (ran.status !== 0) throw new Error(`weekmark ${args.join(" ")}: ${ran.status}\n${ran.stderr}`);
}

/** `weekmark build`; throws with what it printed when it fails. */
export function build(weekmark, root, out, ...more) {
  run(weekmark, "--root", root, "build", "--out", out, ...more);
}

/** `weekmark new site`; returns its folder. */
export function newSite(weekmark, folder) {
  run(weekmark, "new", "site", folder);
  return folder;
}

/** `weekmark serve`, on a free port if none is given; `url` ends in a slash. */
export async function serve(weekmark, root, ...more) {
  const port = more.includes("--port") ? [] : ["--port", "0"];
  const child = start(weekmark, ["--root", root, "serve", ...port, ...more]);
  const [, url] = await said(child, /Your site is at (\S+)/);
  return { child, url };
}

/** `python3 -m http.server` in a folder, on a free port. */
export async function folderServer(folder) {
  const args = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder];
  const child = start("python3", args);
  const [, port] = await said(child, /port (\d+)/);
  return { child, url: `http://127.0.0.1:${port}/` };
}
