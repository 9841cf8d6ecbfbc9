// The table of a theme: one row for each page, as Markdown.

const kb = (bytes) => (bytes / 1000).toFixed(1);

export function table({ theme, parts, rows, findings, grades }) {
  const heads = ["page", "axe", "Nu", "performance", "accessibility", "best practices", "SEO", "KB", "KB with pictures", "requests", "outside", "script bytes", "grade"];
  const lines = [`| ${heads.join(" | ")} |`, `| --- |${" ---: |".repeat(heads.length - 1)}`];
  for (const [page, { load, lighthouse }] of rows) {
    const scores = lighthouse ?? ["–", "–", "–", "–"];
    const count = (part, more = 0) => (parts.has(part) ? findings.count(part, page) + more : "–");
    lines.push(
      `| ${page.replace(/index\.html$/, "") || "/"} | ${[
        count("axe", findings.count("layout", page)),
        count("nu"),
        ...scores,
        load ? kb(load.all) : "–",
        load ? kb(load.all + load.picture) : "–",
        load?.requests ?? "–",
        load?.outside ?? "–",
        load?.script ?? "–",
        grades.get(page)?.toFixed(1) ?? "–",
      ].join(" | ")} |`,
    );
  }
  return `# ${theme}\n\n${lines.join("\n")}\n`;
}
