// Harbor: letters with blanks. After tools.js.
"use strict";
{
  const { all, say, print, copyAndSay, plain } = harbor;

  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

  const tidy = (text) => text.replace(/ *\0 */g, "\n").replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();

  /** The text of a part of a page, with its paragraphs, lists and line breaks. */
  const textOf = (node) => {
    if (node.nodeType === 3) return node.data.replace(/\s+/g, " ");
    if (node.nodeType !== 1 || node.matches(".permalink, .blank-line, [hidden]")) return "";
    if (node.matches(".blank-text")) return node.textContent;
    const inner = (of = node) => [...of.childNodes].map(textOf).join("");
    const tag = node.localName;
    if (tag === "br") return "\0";
    if (tag === "hr") return "\n\n* * *\n\n";
    if (tag === "ul" || tag === "ol") {
      const rows = [...node.children].map((item, index) => {
        const mark = tag === "ol" ? `${(node.start ?? 1) + index}. ` : "- ";
        const text = tidy(inner(item)).replace(/\n+/g, `\n${" ".repeat(mark.length)}`);
        return mark + text;
      });
      return `\n\n${rows.join("\n")}\n\n`;
    }
    if (/^(p|h\d|div|blockquote|table|tr|dt|dd|pre)$/.test(tag)) return `\n\n${inner().trim()}\n\n`;
    if (/^t[dh]$/.test(tag)) return `${inner().trim()}  `;
    return inner();
  };
  const letterText = (sheet) => `${tidy(textOf(sheet))}\n`;

  /** The letter as a page of its own, complete and escaped. */
  const letterPage = (sheet, title) => {
    const page = document.implementation.createHTMLDocument(title);
    const style = "body{max-width:40rem;margin:3rem auto;padding:0 1rem;font:1.1rem/1.6 Georgia,serif}.blank-text{white-space:pre-line}@page{margin:20mm}@media print{body{margin:0}}";
    page.documentElement.lang = document.documentElement.lang;
    page.head.prepend(make("meta"));
    page.head.firstChild.setAttribute("charset", "utf-8");
    page.body.append(...[...sheet.childNodes].map((node) => page.importNode(node, true)));
    for (const it of all(".permalink, .blank-line, [hidden]", page.body)) it.remove();
    for (const link of all("a", page.body)) {
      if (!/^(https?|mailto|tel):/.test(link.getAttribute("href"))) link.replaceWith(...link.childNodes);
    }
    for (const it of all("*", page.body)) {
      for (const { name, value } of [...it.attributes]) {
        if (!["href", "start", "lang", "alt"].includes(name) && value !== "blank-text") it.removeAttribute(name);
      }
    }
    // As text: the policy of this page lets no style into a document made here.
    const html = page.documentElement.outerHTML.replace("</head>", `<style>${style}</style></head>`);
    return `<!doctype html>\n${html}\n`;
  };

  const save = (name, type, text) => {
    const href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    make("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60e3);
  };

  for (const letter of all("[data-letter]")) {
    const { letter: name, title } = letter.dataset;
    const form = letter.querySelector("form");
    const sheet = letter.querySelector(".letter-sheet");
    const line = letter.querySelector("[role=status]");
    const blanks = new Map();
    for (const it of all(".blank", sheet)) {
      blanks.set(it.dataset.blank, [...(blanks.get(it.dataset.blank) ?? []), it]);
    }
    const show = (places, value) => {
      for (const it of places) {
        let text = it.querySelector(".blank-text");
        if (!text) it.append((text = make("span", { className: "blank-text" })));
        text.textContent = value;
        text.hidden = !value;
        it.classList.toggle("is-filled", value !== "");
        it.querySelector(".blank-label").hidden = it.querySelector(".blank-line").hidden = value !== "";
      }
    };
    const fields = [...blanks].map(([key, places], index) => {
      const isLong = places.some((it) => "long" in it.dataset);
      const id = `${letter.id}-${index}`;
      const label = places[0].querySelector(".blank-label").textContent.replace(/^\[|\]$/g, "");
      const field = make(isLong ? "textarea" : "input", { id, autocomplete: "off", maxLength: isLong ? 2000 : 200 });
      field.oninput = () => show(places, plain(field.value.trim()));
      const row = make("div", { className: isLong ? "field field-long" : "field" });
      row.append(make("label", { htmlFor: id, textContent: label[0].toUpperCase() + label.slice(1) }), field);
      form.querySelector(".fields").append(row);
      return field;
    });
    const clear = () => {
      form.reset();
      for (const places of blanks.values()) show(places, "");
    };
    const acts = {
      copy: () => copyAndSay(letterText(sheet), sheet, line),
      print: () => print(sheet),
      txt: () => save(`${name}.txt`, "text/plain", letterText(sheet)),
      html: () => save(`${name}.html`, "text/html", letterPage(sheet, title)),
      clear: () => {
        clear();
        fields[0]?.focus();
      },
    };
    form.onsubmit = (event) => event.preventDefault();
    for (const button of all("[data-act]", letter)) {
      const { act, said } = button.dataset;
      button.onclick = () => {
        acts[act]();
        if (said) say(line, said);
      };
    }
    form.hidden = false;
    addEventListener("pageshow", clear);
  }
}
