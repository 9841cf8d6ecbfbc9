// Collects what the checks find: what, where, how it was measured. Knows nothing of browsers or pages.

/** One list of findings: each has a part (axe, nu …), a rule, an element, a page and what was measured. */
export class Findings {
  constructor() {
    this.all = [];
    this.notes = [];
  }

  /** Something that must be mended. `way` is how the page was looked at, such as "dark" or "320 px". */
  add(part, page, rule, element = "", measured = "", way = "") {
    this.all.push({ part, page, rule, element, measured, way });
  }

  /** A number worth knowing that is no mistake. */
  note(text) {
    this.notes.push(text);
  }

  /** How many there are of a part, on one page or on all; the same element in two ways counts once. */
  count(part, page = null) {
    const those = this.all.filter((it) => it.part === part && (page === null || it.page === page));
    return new Set(those.map((it) => `${it.page}\n${it.rule}\n${it.element}`)).size;
  }

  /** Each rule and element once, with its pages and ways: at most `most` of them. */
  lines(most = 200) {
    const groups = new Map();
    for (const it of this.all) {
      const key = `${it.part}: ${it.rule}\n      ${it.element}`;
      const group = groups.get(key) ?? { pages: new Set(), ways: new Set(), measured: it.measured };
      group.pages.add(it.page);
      if (it.way) group.ways.add(it.way);
      groups.set(key, group);
    }
    const lines = [...groups].map(([key, { pages, ways, measured }]) => {
      const shown = [...pages].slice(0, 3).join(", ") + (pages.size > 3 ? " …" : "");
      const how = ways.size > 0 ? ` [${[...ways].join(", ")}]` : "";
      return `  ${key}\n      ${measured ? `${measured}; ` : ""}${pages.size} page${pages.size > 1 ? "s" : ""}: ${shown}${how}`;
    });
    const rest = lines.length - most;
    return rest > 0 ? [...lines.slice(0, most), `  … and ${rest} more`] : lines;
  }
}
