// Files of a site on disk: the copy that a test works on, and what lies in an output folder.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** What a site is made of; `public/`, `target/` and the rest of the repository stay where they are. */
const PARTS = ["site.yaml", "content", "themes", "templates", "assets"];

const made = [];

/** A temporary folder, gone when the run ends. */
export function temporary(name) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `weekmark-${name}-`)));
  made.push(folder);
  return folder;
}

export function removeAll() {
  for (const folder of made) fs.rmSync(folder, { recursive: true, force: true });
}

/** A copy of the site in `root`, below a temporary folder. */
export function copySite(root, name) {
  const copy = path.join(temporary(name), "site");
  fs.mkdirSync(copy);
  for (const part of PARTS) {
    const from = path.join(root, part);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(copy, part), { recursive: true });
  }
  return copy;
}

/** Writes a site from an object: path → text or bytes. */
export function writeSite(name, files) {
  const root = path.join(temporary(name), "site");
  for (const [file, text] of Object.entries(files)) {
    const place = path.join(root, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
  }
  return root;
}

/** All files below a folder, with `/` between the parts, in order; hidden ones are left out. */
export function filesBelow(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .map((name) => name.split(path.sep).join("/"))
    .filter((name) => !name.split("/").some((part) => part.startsWith(".")))
    .sort();
}
