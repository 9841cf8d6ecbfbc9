// Harbor's one script. Pages are whole without it: it adds what depends on today, and what a visitor does.
// Nothing is stored or sent. Each part starts only where its element is. Words come from the page (data-…).
"use strict";
{
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const root = document.documentElement;
  root.classList.add("js");

  /** Fills {places} of a phrase. */
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);

  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

  /** For status lines: the same words again are said again. */
  const say = (line, words) => {
    line.textContent = "";
    setTimeout(() => (line.textContent = words), 50);
  };

  // ---- Today --------------------------------------------------------------------------------------

  const zone = document.body.dataset.zone;
  const given = () => document.querySelector('meta[name="weekmark-today"]')?.content;

  /** The date of an instant in the campaign's zone, as 2027-10-10. */
  const dateOf = (instant) => {
    const options = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" };
    const parts = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", options).formatToParts(instant);
    const { year, month, day } = Object.fromEntries(parts.map((part) => [part.type, part.value]));
    return `${year}-${month}-${day}`;
  };
  const today = () => given() || dateOf(new Date());

  /** Whole days from one date to another. */
  const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 864e5);

  /** What the line about the week says on a day; nothing after the last week that is known. */
  const stateOf = (line, now) => {
    const words = line.dataset;
    const weeks = words.weeks
      .split("\n")
      .filter((row) => row)
      .map((row) => {
        const [start, end, year, isSure, range, ...titles] = row.split("\t");
        return { start, end, year, range: isSure ? range : fill(words.expected, { range }), titles };
      });
    const week = weeks.find(({ end }) => end >= now);
    if (!week) return "";
    // The page shows the dates of the first one.
    const isShown = week === weeks[0];
    const of = isShown ? "" : `${fill(words.other, week)} `;
    if (week.start <= now) {
      const count = days(week.start, week.end) + 1;
      const day = days(week.start, now) + 1;
      if (count === 1) return of + words.only;
      const title = week.titles[day - 1];
      const last = day === count ? words.last : fill(title ? words.titled : words.dayOf, { day, count, title });
      return of + last;
    }
    if (!isShown) return fill(words.past, { year: weeks[weeks.indexOf(week) - 1].year, range: week.range });
    const wait = days(now, week.start);
    return wait === 1 ? words.tomorrow : fill(words.before, { days: wait });
  };

  const showToday = (now) => {
    for (const line of all("[data-weeks]")) {
      line.textContent = stateOf(line, now);
      line.hidden = !line.textContent;
    }
    for (const item of all("[data-day]")) {
      const isToday = item.dataset.day === now;
      item.classList.toggle("is-today", isToday);
      if (isToday) item.setAttribute("aria-current", "date");
      else item.removeAttribute("aria-current");
    }
    for (const part of all("[data-events]")) {
      const [coming, earlier] = all(".events", part);
      const isPast = (item) => {
        const end = new Date(item.dataset.ends);
        return given() ? dateOf(end - 1) < now : end <= Date.now();
      };
      // The latest of the earlier ones comes first.
      all(":scope > [data-ends]", coming).filter(isPast).forEach((item) => earlier.prepend(item));
      earlier.parentElement.hidden = !earlier.children.length;
      coming.nextElementSibling.hidden = coming.children.length > 0;
    }
    for (const item of all("[data-over]")) {
      item.hidden = given() ? dateOf(new Date(item.dataset.over) - 1) >= now : new Date(item.dataset.over) > Date.now();
    }
  };

  if (document.querySelector("[data-weeks], [data-day], [data-events], [data-over]")) {
    const look = () => showToday(today());
    look();
    // A page may stay open over midnight.
    setInterval(look, 60e3);
    document.addEventListener("visibilitychange", look);
  }

  // ---- Copy and print -----------------------------------------------------------------------------

  /** Copies a text, or selects `element` where a page must not; true if the text was copied. */
  const copy = async (text, element) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      if (element.select) element.select();
      else getSelection().selectAllChildren(element);
      return document.execCommand("copy");
    }
  };

  /** Prints one part of the page alone. */
  const print = (element) => {
    const hidden = [];
    for (let it = element; it && it !== document.body; it = it.parentElement) {
      hidden.push(...[...it.parentElement.children].filter((other) => other !== it));
      it.classList.add("on-paper");
    }
    for (const it of hidden) it.classList.add("off-paper");
    const end = () => {
      for (const it of all(".on-paper, .off-paper")) it.classList.remove("on-paper", "off-paper");
    };
    addEventListener("afterprint", end, { once: true });
    window.print();
  };

  /** Tries to copy and says in `line` how it went. */
  const copyAndSay = async (text, element, line) => {
    const { copied, selected } = line.dataset;
    say(line, (await copy(text, element)) ? copied : selected);
  };

  for (const button of all("[data-copy], [data-print]")) {
    button.hidden = false;
    const { copy: from, print: part } = button.dataset;
    const element = document.getElementById(from ?? part);
    button.onclick = () => {
      if (part !== undefined) print(element);
      else copyAndSay(element.value ?? element.textContent, element, button.parentElement.querySelector("[role=status]"));
    };
  }

  // ---- Filter -------------------------------------------------------------------------------------
  // CSS alone shows and hides; here are the count, the way back, and the choice in the address.

  for (const part of all("[data-filter]")) {
    const tools = part.querySelector(".filter-tools");
    const [line, reset] = [tools.querySelector("[role=status]"), tools.querySelector("button")];
    const groups = all("fieldset", part);
    const items = all(":scope > .filter-list > li", part);
    const none = part.querySelector(".filter-none");
    tools.hidden = false;
    const chosen = () => groups.map((group) => [group.dataset.key, group.querySelector(":checked")?.value ?? ""]);
    let said = "";
    const show = () => {
      const count = items.filter((item) => item.getClientRects().length).length;
      const { one, many } = tools.dataset;
      const words = count === 1 ? one : fill(many, { count });
      if (words !== said) line.textContent = said = words;
      none.hidden = count > 0;
      reset.hidden = chosen().every(([, value], index) => value === groups[index].querySelector("input").value);
    };
    const read = () => {
      const wanted = new URLSearchParams(location.hash.slice(1));
      const isOurs = groups.some((group) => wanted.has(group.dataset.key));
      for (const group of groups) {
        const value = wanted.get(group.dataset.key) ?? "";
        const inputs = all("input", group);
        if (isOurs || !location.hash) (inputs.find((input) => input.value === value) ?? inputs[0]).checked = true;
      }
      show();
    };
    const write = () => {
      const set = chosen().filter(([, value], index) => value !== groups[index].querySelector("input").value);
      const hash = new URLSearchParams(set).toString();
      history.replaceState(null, "", hash ? `#${hash}` : location.href.split("#")[0]);
      show();
    };
    part.addEventListener("change", write);
    reset.onclick = () => {
      for (const group of groups) group.querySelector("input").checked = true;
      groups[0].querySelector("input").focus();
      write();
    };
    addEventListener("hashchange", read);
    addEventListener("pageshow", read);
    read();
  }

  for (const box of all(".checklist input")) {
    addEventListener("pageshow", () => (box.checked = false));
  }

  // ---- Letters ------------------------------------------------------------------------------------

  /** What one may write in a line or in several: no control characters, none that turn the direction. */
  const plain = (text) => text.replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, "");

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
    page.documentElement.lang = root.lang;
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

  // ---- E-card -------------------------------------------------------------------------------------
  // The card is in the part of the address behind #, which browsers do not send.

  const MOST = { to: 60, message: 400, from: 60 };

  const encode = (card) => {
    const bytes = new TextEncoder().encode(JSON.stringify(card));
    return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (it) => ({ "+": "-", "/": "_" })[it] ?? "");
  };

  /** The card in the address, or nothing if it is damaged. */
  const decode = (code) => {
    try {
      if (code.length > 4096) return null;
      const bytes = Uint8Array.from(atob(code.replace(/-/g, "+").replace(/_/g, "/")), (it) => it.charCodeAt(0));
      const given = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      const card = {};
      for (const [key, most] of Object.entries(MOST)) {
        if (typeof given[key] !== "string") return null;
        card[key] = plain(given[key]).slice(0, most);
      }
      return card.message.trim() ? card : null;
    } catch {
      return null;
    }
  };

  for (const part of all("[data-ecard]")) {
    const form = part.querySelector("form");
    const link = part.querySelector("[readonly]");
    const open = part.querySelector("[data-open]");
    const result = part.querySelector(".ecard-result");
    const [opened, damaged] = all(".ecard-opened, .ecard-damaged", part);
    const show = (card) => {
      for (const key of Object.keys(MOST)) part.querySelector(`[data-card=${key}]`).textContent = card[key];
    };
    const write = () => {
      const card = Object.fromEntries(Object.keys(MOST).map((key) => [key, plain(form.elements[key].value)]));
      show(card);
      result.hidden = !card.message.trim();
      open.href = link.value = `${location.href.split("#")[0]}#card=${encode(card)}`;
    };
    const read = () => {
      const code = /^#card=(.*)/s.exec(location.hash)?.[1];
      const card = code === undefined ? null : decode(code);
      opened.hidden = !card;
      damaged.hidden = code === undefined || card !== null;
      form.hidden = card !== null;
      form.reset();
      write();
      if (card) show(card);
      if (code !== undefined) part.scrollIntoView();
    };
    form.oninput = write;
    form.onsubmit = (event) => event.preventDefault();
    addEventListener("hashchange", read);
    addEventListener("pageshow", read);
    read();
  }
}
