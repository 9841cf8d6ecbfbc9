// The Nu HTML checker over pages, style sheets and pictures of the built site. Needs java.

import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { filesBelow } from "../files.mjs";

/** What the checker gets wrong, each with the reason. */
const WRONG = [];

export function nu({ out, findings, jar, only = null }) {
  const files = (only ?? filesBelow(out)).filter((name) => /\.(html|css|svg)$/.test(name));
  const paths = files.map((name) => path.join(out, name));
  const args = ["-Xss4m", "-XX:TieredStopAtLevel=1", "-jar", jar, "--format", "json", "--also-check-css", "--also-check-svg", ...paths];
  const ran = spawnSync("java", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (ran.error) throw new Error(`the Nu checker needs java: ${ran.error.message}`);
  const { messages } = JSON.parse(ran.stderr);
  for (const it of messages) {
    const page = it.url ? path.relative(out, fileURLToPath(it.url)) : "?";
    const element = (it.extract ?? "").trim().replace(/\s+/g, " ");
    if (WRONG.some(({ says, at }) => says.test(it.message) && at.test(element))) continue;
    findings.add("nu", page, `${it.subType ?? it.type}: ${it.message}`, element.slice(0, 160), `line ${it.lastLine ?? "?"}`);
  }
  findings.note(`${files.length} files through the Nu checker`);
}
