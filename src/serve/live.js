// The page's side of the preview. Runs once in every page that the preview serves.
//
// Listens to what is on show, decides what a change means for this page (new style sheets, a
// reload, nothing), shows problems over the page, says where each piece of it is written, and lets
// one choose the day that the site is shown for. Knows the page only by what the tag of this
// script carries. Text of the site is only ever set as text, never as HTML.
//
// `weekmarkStyle`, the text of live.css, is put before this file when it is served.
"use strict";

(() => {
  const tag = document.currentScript;
  const me = JSON.parse(tag.dataset.weekmark);
  const root = new URL("../", tag.src);
  const isFramed = window.top !== window;
  // The page should be as it is without the preview, also for rules about last children.
  tag.remove();

  // ---- Small things ---------------------------------------------------------------------------

  /** Remembers values by name. Storage may be full or forbidden: then nothing is remembered. */
  function keeper(storage) {
    return {
      get(name) {
        try {
          return JSON.parse(storage().getItem(`weekmark:${name}`));
        } catch {
          return null;
        }
      },
      set(name, value) {
        try {
          storage().setItem(`weekmark:${name}`, JSON.stringify(value));
        } catch {
          // The preview works without a memory.
        }
      },
    };
  }

  const memory = keeper(() => sessionStorage);
  const habits = keeper(() => localStorage);

  /** The output path of an address of this site, or null. */
  function pathOf(address) {
    let url;
    try {
      url = new URL(address, document.baseURI);
    } catch {
      return null;
    }
    if (url.origin !== root.origin || !url.pathname.startsWith(root.pathname)) return null;
    try {
      return decodeURIComponent(url.pathname.slice(root.pathname.length));
    } catch {
      return null;
    }
  }

  /** The paths that this page may be the output of: where it is, and what was served for it. */
  function ownPaths() {
    const path = pathOf(location.href) ?? "";
    const asFolder = path === "" || path.endsWith("/") ? path : `${path}/`;
    return new Set([me.path, path, `${asFolder}index.html`]);
  }

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  function count(number, word) {
    return `${number} ${word}${number === 1 ? "" : "s"}`;
  }

  // ---- The line to the preview ----------------------------------------------------------------

  /** Pages with a strict policy must say by name that an address may become a worker. */
  function trusted(kind, value) {
    if (!window.trustedTypes) return value;
    trusted.policy ??= window.trustedTypes.createPolicy("weekmark-preview", {
      createScriptURL: (url) => url,
      createHTML: (html) => html,
    });
    return trusted.policy[kind](value);
  }

  /** What is answered when the preview has gone. */
  const NOTHING = { text: null, status: 0 };

  /** One stream for all tabs, by a shared worker; a stream of its own where there is none. */
  function connect(onState, onLost) {
    let port = null;
    let asked = 0;
    const waiting = new Map();

    function alone() {
      port = null;
      for (const give of waiting.values()) give(NOTHING);
      waiting.clear();
      listen();
    }

    function listen() {
      const source = new EventSource(new URL("__weekmark/events", root));
      source.onmessage = (event) => onState(JSON.parse(event.data));
      source.onerror = () => {
        onLost();
        if (source.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
      };
    }

    async function fetchAlone(url, method) {
      try {
        const response = await fetch(url, { method, cache: "no-store" });
        return { text: await response.text(), status: response.status };
      } catch {
        return NOTHING;
      }
    }

    function receive({ data }) {
      if (data.state) onState(JSON.parse(data.state));
      else if (data.lost) onLost();
      else if (data.answer) {
        waiting.get(data.answer)?.(data);
        waiting.delete(data.answer);
      }
    }

    try {
      const address = new URL(`__weekmark/stream.js?${me.session}`, root);
      const worker = new SharedWorker(trusted("createScriptURL", address.href), "weekmark");
      worker.onerror = alone;
      port = worker.port;
      port.onmessage = receive;
      port.postMessage({ hello: true });
    } catch {
      alone();
    }
    window.addEventListener("pagehide", () => port?.postMessage({ bye: true }));
    window.addEventListener("pageshow", (event) => {
      // Back from the browser's cache of pages: messages were missed.
      if (event.persisted) port?.postMessage({ hello: true });
    });

    return function ask(url, method = "GET") {
      if (port === null) return fetchAlone(url, method);
      return new Promise((give) => {
        asked += 1;
        waiting.set(asked, give);
        port.postMessage({ ask: asked, url, method });
      });
    };
  }

  // ---- What a change means for this page ------------------------------------------------------

  /** Scripts that come later fetch data, they do not make up the page. */
  const startScripts = new Set(
    [...document.querySelectorAll("script[src]")].map((script) => pathOf(script.src)),
  );
  performance.setResourceTimingBufferSize?.(2000);

  /** The files of the site that this page shows or runs. */
  function usedPaths() {
    const loadEnd = performance.getEntriesByType("navigation")[0]?.loadEventEnd || Infinity;
    // The style sheets of the page are its links below: one that was swapped out is no longer used.
    const isSheet = (entry) => entry.initiatorType === "link" && pathOf(entry.name).endsWith(".css");
    const isPart = (entry) =>
      entry.initiatorType === "script"
        ? entry.startTime <= loadEnd
        : !["fetch", "xmlhttprequest", "beacon"].includes(entry.initiatorType) && !isSheet(entry);
    const loaded = performance.getEntriesByType("resource").filter(isPart);
    const named = document.querySelectorAll("img[src], source[src], video[src], iframe[src]");
    return new Set([
      ...startScripts,
      ...loaded.map((entry) => pathOf(entry.name)),
      ...[...named].map((it) => pathOf(it.src)),
      ...styleLinks(document).map((link) => pathOf(link.href)),
    ]);
  }

  function styleLinks(where) {
    return [...where.querySelectorAll("link[rel~=stylesheet i]")];
  }

  /** All paths that changed since this page's build, as a set; null when any may have. */
  function changedSince(log, kind) {
    const missed = log.filter((change) => change.build > me.build);
    const isWhole = log.length > 0 && log[0].build <= me.build + 1;
    if (!isWhole || missed.some((change) => change[kind] === null)) return null;
    return new Set(missed.flatMap((change) => change[kind]));
  }

  async function catchUp(state) {
    // The site's own script reads the day from the page.
    if (state.day !== me.day) return reload(state);
    const pages = changedSince(state.log, "pages");
    const assets = changedSince(state.log, "assets");
    const links = styleLinks(document);
    const styles = new Set(links.map((link) => pathOf(link.href)));
    const used = usedPaths();
    const touched = assets && new Set([...assets].filter((path) => used.has(path)));
    const mine = pages === null || [...ownPaths()].some((path) => pages.has(path));
    if (touched === null || [...touched].some((path) => !styles.has(path))) return reload(state);
    if (mine && !(await takeStyles(links, touched, state.build))) return reload(state);
    if (!mine && touched.size > 0) {
      const stale = links.filter((link) => touched.has(pathOf(link.href)));
      await Promise.all(stale.map((link) => swap(link, link, state.build)));
    }
    if (!mine && pages.size === 1) follow([...pages][0]);
    me.build = state.build;
  }

  /** Takes over the style sheets of the new page, if they are all that is new in it. */
  async function takeStyles(links, touched, build) {
    const { text } = await ask(location.href);
    if (!text) return false;
    let fresh;
    try {
      fresh = new DOMParser().parseFromString(trusted("createHTML", text), "text/html");
    } catch {
      return false;
    }
    const data = fresh.querySelector("script[data-weekmark]")?.dataset.weekmark;
    const next = data && JSON.parse(data);
    const freshLinks = styleLinks(fresh);
    if (!next || next.shape !== me.shape || next.path !== me.path) return false;
    if (next.day !== me.day) return false;
    if (freshLinks.length !== links.length) return false;
    const pairs = links.map((link, index) => [link, freshLinks[index]]);
    const isNew = ([link, other]) => {
      const path = pathOf(other.getAttribute("href"));
      return path !== pathOf(link.href) || touched.has(path);
    };
    await Promise.all(pairs.filter(isNew).map(([link, other]) => swap(link, other, build)));
    me.note = next.note;
    drawBar();
    return true;
  }

  /** Replaces a style sheet. The old one goes when the new one is there: nothing flashes. */
  function swap(link, other, build) {
    const next = link.cloneNode();
    const url = new URL(other.getAttribute("href"), document.baseURI);
    // A browser does not load the same address twice for one page.
    url.searchParams.set("weekmark", build);
    next.href = url.href;
    next.removeAttribute("integrity");
    if (other.integrity) next.integrity = other.integrity;
    return new Promise((done) => {
      const finish = (gone) => {
        gone.remove();
        done();
      };
      next.onload = () => finish(link);
      next.onerror = () => finish(next);
      link.after(next);
      // One that is switched off is never loaded.
      if (link.disabled) finish(link);
    });
  }

  // ---- Reloading without losing one's place ---------------------------------------------------

  /** Reloads once for each state: a page that stays old (a service worker) must not spin. */
  function reload(state) {
    const target = `${location.pathname} ${state.session} ${state.build}`;
    if (memory.get("reloaded") === target) return;
    memory.set("reloaded", target);
    keepPlace();
    location.reload();
  }

  /** Where an element is, in a way that holds across a reload. */
  function addressOf(it) {
    if (it.id) return `#${CSS.escape(it.id)}`;
    const parent = it.parentElement;
    if (!parent) return ":root";
    const place = [...parent.children].indexOf(it) + 1;
    return `${addressOf(parent)}>${CSS.escape(it.localName)}:nth-child(${place})`;
  }

  function find(address) {
    try {
      return document.querySelector(address);
    } catch {
      return null;
    }
  }

  function isSelectable(it) {
    return typeof it.selectionStart === "number";
  }

  /** What somebody has typed or ticked, if it differs from what the page came with. */
  function entryOf(field) {
    const at = addressOf(field);
    if (field.localName === "select") {
      const options = [...field.options];
      const isAsBefore = options.every((it) => it.selected === it.defaultSelected);
      return isAsBefore ? null : { at, chosen: options.map((it) => it.selected) };
    }
    if (["password", "file", "hidden"].includes(field.type)) return null;
    if (["checkbox", "radio"].includes(field.type)) {
      return field.checked === field.defaultChecked ? null : { at, checked: field.checked };
    }
    return field.value === field.defaultValue ? null : { at, value: field.value };
  }

  function keepPlace() {
    const focus = document.activeElement;
    const hasFocus = focus && focus !== document.body && focus !== host;
    const scrolled = [...document.querySelectorAll("body *")].filter(
      (it) => it.scrollTop !== 0 || it.scrollLeft !== 0,
    );
    memory.set("place", {
      path: location.pathname,
      x: scrollX,
      y: scrollY,
      restoration: history.scrollRestoration,
      areas: scrolled.map((it) => ({ at: addressOf(it), x: it.scrollLeft, y: it.scrollTop })),
      entries: [...document.querySelectorAll("input, textarea, select")]
        .map(entryOf)
        .filter((entry) => entry !== null),
      details: [...document.querySelectorAll("details")].map((it) => ({
        at: addressOf(it),
        open: it.open,
      })),
      focus: hasFocus && {
        at: addressOf(focus),
        selection: isSelectable(focus) && [focus.selectionStart, focus.selectionEnd],
      },
      isInBar: focus === host && [time, menu].some((it) => it.contains(shadow.activeElement)),
    });
    history.scrollRestoration = "manual";
  }

  function enter({ at, value, checked, chosen }) {
    const field = find(at);
    if (!field) return;
    if (value !== undefined && "value" in field) field.value = value;
    if (checked !== undefined) field.checked = checked;
    if (chosen && field.options?.length === chosen.length) {
      chosen.forEach((isChosen, index) => (field.options[index].selected = isChosen));
    }
    // The page's own scripts should see it as if it had been typed.
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  function returnToPlace() {
    const place = memory.get("place");
    memory.set("place", null);
    if (place?.path !== location.pathname) return;
    for (const { at, open } of place.details) {
      const it = find(at);
      if (it?.localName === "details") it.open = open;
    }
    place.entries.forEach(enter);
    if (place.focus) {
      const it = find(place.focus.at);
      it?.focus({ preventScroll: true });
      if (it && place.focus.selection && isSelectable(it)) {
        it.setSelectionRange(...place.focus.selection);
      }
    }
    if (place.isInBar && !isFramed) dayButton.focus({ preventScroll: true });
    scrollBack(place);
  }

  /** Scrolls at once, and again when pictures have taken their room, unless somebody scrolled. */
  function scrollBack(place) {
    let isOurs = true;
    const leave = () => (isOurs = false);
    for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      window.addEventListener(kind, leave, { once: true, passive: true });
    }
    const scroll = () => {
      if (!isOurs) return;
      window.scrollTo({ left: place.x, top: place.y, behavior: "instant" });
      for (const { at, x, y } of place.areas) {
        find(at)?.scrollTo({ left: x, top: y, behavior: "instant" });
      }
    };
    scroll();
    const finish = () => {
      scroll();
      history.scrollRestoration = place.restoration;
    };
    if (document.readyState === "complete") finish();
    else window.addEventListener("load", () => setTimeout(finish));
  }

  /** Goes to the one page that was edited, for those who asked for it. */
  function follow(path) {
    if (!memory.get("follow") || isFramed || path === "404.html") return;
    location.assign(new URL(path.replace(/(^|\/)index\.html$/, "$1"), root));
  }

  // ---- What lies over the page ----------------------------------------------------------------

  const host = element("weekmark-preview");
  const shadow = host.attachShadow({ mode: "open" });
  const announcer = element("div", { className: "announcer", role: "alert" });
  const panel = element("section", { className: "panel", id: "panel", hidden: true, tabIndex: -1 });
  const pill = element("button", { className: "pill", type: "button", hidden: true });
  const about = element("span", { className: "about" });
  const dayButton = element("button", { className: "day", type: "button" });
  const backButton = element("button", { className: "back", type: "button", hidden: true });
  const unmade = element("span", { className: "unmade", hidden: true });
  const time = element("span", { className: "time", hidden: true }, dayButton, backButton, unmade);
  const howButton = element("button", { className: "how", type: "button", hidden: true });
  const bar = element(
    "aside",
    { className: "bar", hidden: true, ariaLabel: "Preview" },
    about,
    howButton,
    time,
  );
  const guide = element("section", { className: "guide", id: "guide", hidden: true, tabIndex: -1 });
  const marks = element("div", { className: "marks", hidden: true, ariaHidden: "true" });
  const menu = element("section", { className: "menu", id: "menu", hidden: true });

  function layOver() {
    const style = new CSSStyleSheet();
    style.replaceSync(weekmarkStyle);
    shadow.adoptedStyleSheets = [style];
    const foot = element("div", { className: "foot" }, bar, menu, pill);
    shadow.append(announcer, marks, element("div", { className: "dock" }, foot, guide, panel));
    guide.ariaLabel = "Where this page is written";
    howButton.textContent = "Change this page";
    howButton.setAttribute("aria-controls", "guide");
    howButton.onclick = () => foldGuide(!guide.hidden);
    new ResizeObserver(placeMarks).observe(document.body);
    window.addEventListener("resize", placeMarks);
    menu.ariaLabel = "Day to show";
    dayButton.title = "See the site on another day";
    dayButton.setAttribute("aria-controls", "menu");
    dayButton.ariaExpanded = "false";
    dayButton.onclick = () => foldMenu(!menu.hidden);
    backButton.onclick = () => choose("");
    menu.onkeydown = moveInMenu;
    document.addEventListener("pointerdown", (event) => {
      const isInside = [menu, time].some((it) => event.composedPath().includes(it));
      if (!isInside && !menu.hidden) foldMenu(true);
    });
    panel.ariaLabel = "Problems of the site";
    pill.setAttribute("aria-controls", "panel");
    pill.onclick = () => problems.length > 0 && fold(!panel.hidden);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (!panel.hidden) fold(true);
      else if (!guide.hidden) foldGuide(true);
    });
    // Outside of the body, so that no rule of the page for the body's children meets it.
    document.documentElement.append(host);
  }

  let problems = [];
  let unshown = 0;
  let isLost = false;

  /** Two lists are the same to somebody who folded one of them away. */
  function signature() {
    return problems.map((it) => [it.code, it.message, it.place?.file].join(" ")).join("\n");
  }

  function fold(isFolded) {
    const hadFocus = panel.contains(shadow.activeElement);
    panel.hidden = isFolded;
    pill.ariaExpanded = String(!isFolded);
    showMarks();
    memory.set("fold", { of: signature(), isFolded });
    if (isFolded && hadFocus) pill.focus();
  }

  function title() {
    const errors = problems.filter((it) => it.severity === "error").length;
    const warnings = problems.length - errors;
    const parts = [errors && count(errors, "error"), warnings && count(warnings, "warning")];
    return parts.filter(Boolean).join(", ") + (unshown > 0 ? ` and ${unshown} more` : "");
  }

  function drawProblems(next, more) {
    const isAsBefore = unshown === more && JSON.stringify(problems) === JSON.stringify(next);
    [problems, unshown] = [next, more];
    const hasErrors = problems.some((it) => it.severity === "error");
    const text = isLost ? "The preview has stopped" : title();
    pill.hidden = text === "";
    pill.textContent = text;
    pill.className = `pill ${isLost ? "lost" : hasErrors ? "error" : "warning"}`;
    if (problems.length === 0) {
      panel.hidden = true;
      announcer.textContent = "";
      return;
    }
    if (isAsBefore) return;
    const rest = unshown > 0 && `${unshown} more: the command "check" lists them all.`;
    panel.replaceChildren(
      heading(),
      element("ol", {}, ...problems.map(drawProblem)),
      ...(rest ? [element("p", { className: "hint", textContent: rest })] : []),
    );
    const folded = memory.get("fold");
    panel.hidden = folded?.of === signature() ? folded.isFolded : !hasErrors;
    pill.ariaExpanded = String(!panel.hidden);
    showMarks();
    announcer.textContent = `${title()}. ${problems[0].message}`;
  }

  /** A paragraph may be one long line: what is marked should be in sight. */
  function showMarks() {
    for (const mark of panel.querySelectorAll("mark")) {
      const line = mark.parentElement;
      line.scrollLeft = mark.offsetLeft - line.offsetLeft - line.clientWidth / 3;
    }
  }

  function heading() {
    const close = element("button", { className: "fold", type: "button", textContent: "Fold away" });
    close.onclick = () => fold(true);
    return element("header", {}, element("h2", { textContent: title() }), close);
  }

  function drawProblem({ severity, code, message, place, hint }) {
    const kind = severity === "error" ? "Error" : "Warning";
    const said = element(
      "p",
      { className: "message", title: code },
      element("strong", { textContent: kind }),
      ` ${message}`,
    );
    const where = place && `${place.file}:${place.line}:${place.column}`;
    return element(
      "li",
      { className: severity },
      said,
      element("p", { className: "place" }, place && opening(place.edit, where), ` ${code}`),
      place?.text ? drawLine(place) : null,
      hint && element("p", { className: "hint", textContent: hint }),
    );
  }

  /** A text that opens the file it names in the editor, where there is an address for that. */
  function opening(address, text) {
    if (!address) return element("span", { textContent: text });
    return element("a", { href: address, title: "Open in your editor", textContent: text });
  }

  function drawLine({ line, text, start, length }) {
    const characters = [...text];
    const part = (from, to) => characters.slice(from, to).join("");
    return element(
      "pre",
      { tabIndex: 0 },
      element("span", { className: "number", textContent: `${line} `, ariaHidden: "true" }),
      part(0, start),
      length > 0 ? element("mark", { textContent: part(start, start + length) }) : null,
      part(start + length),
    );
  }

  /** The bar in the corner: which file this page comes from, and why it may not be published. */
  function drawBar() {
    about.hidden = me.note === null;
    bar.hidden = about.hidden && time.hidden;
    drawGuide();
    if (about.hidden) return;
    const { source, status, note, edit } = me.note;
    // On a narrow screen it would lie under the pill.
    const isOpen = habits.get("bar") ?? innerWidth > 480;
    const button = element("button", {
      type: "button",
      textContent: isOpen ? "‹" : "›",
      ariaExpanded: String(isOpen),
      ariaLabel: "About this page",
      title: isOpen ? "Fold away" : source,
    });
    button.onclick = () => {
      habits.set("bar", !isOpen);
      drawBar();
      about.querySelector("button").focus();
    };
    const isPublic = status === "published";
    const chip = isPublic ? null : element("strong", { className: status, textContent: status });
    about.replaceChildren(button, ...(isOpen ? [] : [chip].filter(Boolean)));
    if (!isOpen) return;
    const box = element("input", { type: "checkbox", checked: Boolean(memory.get("follow")) });
    box.onchange = () => memory.set("follow", box.checked);
    const label = element("label", {}, box, " go to the page I edit");
    const parts = [chip, note && element("span", { textContent: note }), label];
    about.append(element("code", {}, opening(edit, source)), ...parts.filter(Boolean));
  }

  // ---- Where the page is written --------------------------------------------------------------

  /** Below this width nothing lies on the page but the list, and the page makes room for that. */
  const NARROW = 768;

  let found = [];
  let drawn = "";

  const inOneLine = (text) => text.replace(/\s+/g, " ").trim();

  const isSeen = (it) => it.getClientRects().length > 0;

  /** What a piece of the site is on this page: the innermost element with its words, or the first of its kind. */
  function elementOf({ text, within }) {
    let areas = [];
    try {
      areas = [...document.querySelectorAll(within || "#")].filter(isSeen);
    } catch {
      return null;
    }
    const has = (it) => isSeen(it) && inOneLine(it.textContent).includes(inOneLine(text));
    let it = text === "" ? areas[0] : areas.find(has);
    if (!it) return null;
    if (it.localName === "time") return it.closest("section") ?? it.closest("tr, p, li") ?? it;
    if (text === "") return it;
    for (let inner = it; inner; inner = [...it.children].find(has)) it = inner;
    return it;
  }

  /** The list of the pieces, with a number at each that is on the page. */
  function drawGuide() {
    const pieces = me.note?.pieces ?? [];
    howButton.hidden = pieces.length === 0;
    const state = JSON.stringify(me.note);
    if (state === drawn) return;
    drawn = state;
    const places = pieces.map((piece) => ({ piece, target: elementOf(piece) }));
    // What is named but not there, such as a menu that this template does not show, would only confuse.
    const shown = places.filter(({ piece, target }) => target || piece.within === "");
    const follows = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
    found = shown
      .filter(({ target }) => target)
      .sort((one, other) => (follows(one.target, other.target) ? -1 : 1));
    const rest = shown.filter(({ target }) => !target);
    const { source, place, fresh } = me.note ?? {};
    const close = element("button", { type: "button", textContent: "Close" });
    close.onclick = () => foldGuide(true);
    guide.replaceChildren(
      element("header", {}, element("h2", { textContent: "Where this page is written" }), close),
      element("p", {
        textContent: fresh
          ? "This is your new site. Open a file below, change the words, and save: the page follows at once."
          : "Open a file, change the words, and save: the page follows at once.",
      }),
      drawFile(source ?? "", place),
      element("ol", {}, ...[...found, ...rest].map(drawPiece)),
      element("p", { className: "hint", textContent: "Only the preview shows this. Visitors never see it." }),
    );
    marks.replaceChildren(
      ...found.map((_, index) => element("span", { className: "number", textContent: `${index + 1}` })),
      element("div", { className: "ring", hidden: true }),
    );
    const isOpen = memory.get("guide") ?? (Boolean(fresh) && innerWidth >= NARROW);
    if (pieces.length > 0 && isOpen) memory.set("guide", true);
    showGuide(pieces.length > 0 && isOpen);
  }

  /** The file of the page, and a way to take its place along to another program. */
  function drawFile(source, place) {
    const button = element("button", { type: "button", textContent: "Copy its place" });
    button.title = place ?? source;
    button.onclick = async () => {
      try {
        await navigator.clipboard.writeText(place ?? source);
        button.textContent = "Copied";
      } catch {
        button.replaceWith(element("code", { textContent: place ?? source }));
      }
    };
    const name = element("code", { textContent: source });
    return element("p", { className: "file" }, "This page is ", name, " ", button);
  }

  function drawPiece({ piece, target }, index) {
    const { about, file, line, written, edit } = piece;
    const number = target ? element("span", { className: "number", textContent: `${index + 1}` }) : null;
    const title = element("strong", { textContent: about });
    const show = target ? element("button", { className: "show", type: "button" }, number, title) : title;
    if (target) {
      show.title = "Show it on the page";
      show.onclick = () => point(target, true);
      show.onfocus = show.onmouseenter = () => point(target, false);
      show.onblur = show.onmouseleave = () => point(null, false);
    }
    const where = line === null ? file : `${file}, line ${line}`;
    return element(
      "li",
      {},
      show,
      element("p", { className: "place" }, opening(edit, where)),
      written && element("pre", { textContent: written }),
    );
  }

  /** Frames an element of the page, or none. */
  function point(target, isSought) {
    const ring = marks.querySelector(".ring");
    if (!ring) return;
    ring.hidden = !target;
    if (!target) return;
    if (isSought) target.scrollIntoView({ block: "center" });
    const { left, top, width, height } = target.getBoundingClientRect();
    Object.assign(ring.style, {
      left: `${left + scrollX - 4}px`,
      top: `${top + scrollY - 4}px`,
      width: `${width + 8}px`,
      height: `${height + 8}px`,
    });
  }

  /** Puts the numbers where the pieces begin; none on another. */
  function placeMarks() {
    if (marks.hidden) return;
    const taken = [];
    found.forEach(({ target }, index) => {
      const box = target.getBoundingClientRect();
      let left = Math.max(box.left + scrollX - 30, 2);
      const top = Math.max(box.top + scrollY - 6, 2);
      while (taken.some((it) => Math.abs(it.left - left) < 30 && Math.abs(it.top - top) < 30)) left += 32;
      taken.push({ left, top });
      Object.assign(marks.children[index].style, { left: `${left}px`, top: `${top}px` });
    });
  }

  /** On a narrow screen the page becomes longer by what the list takes, so that all of it can be seen. */
  function showGuide(isShown) {
    const isNarrow = innerWidth < NARROW;
    guide.hidden = !isShown;
    marks.hidden = !isShown;
    marks.classList.toggle("bare", isNarrow);
    howButton.ariaExpanded = String(isShown);
    const room = isShown && isNarrow ? `${guide.offsetHeight + 80}px` : "";
    document.documentElement.style.paddingBottom = room;
    placeMarks();
  }

  function foldGuide(isFolded) {
    const hadFocus = guide.contains(shadow.activeElement);
    memory.set("guide", !isFolded);
    showGuide(!isFolded);
    if (!isFolded) guide.focus();
    else if (hadFocus) howButton.focus();
  }

  // ---- The day that is shown ------------------------------------------------------------------

  let days = null;

  const SHORT = { month: "short", day: "numeric", year: "numeric" };
  const FULL = { weekday: "long", ...SHORT, month: "long" };

  /** A date (2027-10-12) in words. */
  function inWords(date, style) {
    return new Intl.DateTimeFormat("en-US", { ...style, timeZone: "UTC" }).format(new Date(date));
  }

  /** The same words twice, for wide and for narrow screens; the style shows one of them. */
  function wideOrNarrow(wide, narrow) {
    const both = { wide, narrow };
    return Object.entries(both).map(([className, textContent]) =>
      element("span", { className, textContent }),
    );
  }

  /** Which day is shown, and the way back. Says nothing of the day as long as it is the real one. */
  function drawTime(next) {
    const isNew = JSON.stringify(next) !== JSON.stringify(days);
    days = next;
    time.hidden = days === null && me.day === null;
    drawBar();
    const isReal = me.day === null;
    dayButton.classList.toggle("other", !isReal);
    dayButton.replaceChildren(
      ...(isReal
        ? ["Today"]
        : wideOrNarrow(`Shown as on ${inWords(me.day, FULL)}`, `As on ${inWords(me.day, SHORT)}`)),
    );
    const wanted = days?.wanted ?? null;
    backButton.hidden = days === null || wanted === (days.isFixed ? days.today : null);
    backButton.textContent = days?.isFixed ? `Back to ${inWords(days.today, SHORT)}` : "Back to today";
    const isMissing = days !== null && wanted !== me.day && problems.some((it) => it.severity === "error");
    unmade.hidden = !isMissing;
    unmade.textContent = `${wanted ? inWords(wanted, SHORT) : "Today"} has errors and is not shown yet`;
    if (isNew) drawMenu();
  }

  function drawMenu() {
    if (days === null) return;
    const wanted = days.wanted ?? days.today;
    const first = { title: days.isFixed ? "As started" : "Today", date: days.today };
    const choice = ({ title, date }) => {
      const button = element(
        "button",
        { type: "button" },
        element("span", { textContent: title }),
        element("time", { dateTime: date, textContent: inWords(date, { weekday: "short", ...SHORT }) }),
      );
      if (date === wanted) button.setAttribute("aria-current", "date");
      button.onclick = () => choose(date === days.today ? "" : date);
      return element("li", {}, button);
    };
    const field = element("input", { type: "date", id: "any-day", name: "date", value: wanted });
    const refusal = element("p", { className: "refusal", id: "refusal", role: "alert" });
    field.setAttribute("aria-describedby", "refusal");
    const form = element(
      "form",
      { noValidate: true },
      element("label", { htmlFor: "any-day", textContent: "Any day" }),
      field,
      element("button", { type: "submit", textContent: "Show" }),
      refusal,
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      // A browser hands out no date that is half typed, or that no calendar has.
      if (field.value === "") refuse("Give a whole date: month, day and year.");
      else choose(field.value);
    };
    menu.replaceChildren(
      element("h2", { textContent: "See the site on another day" }),
      element("ul", {}, ...[first, ...days.choices].map(choice)),
      form,
    );
  }

  function refuse(text) {
    const field = menu.querySelector("input");
    menu.querySelector(".refusal").textContent = text;
    field.ariaInvalid = "true";
    if (menu.hidden) foldMenu(false);
    field.focus();
  }

  async function choose(date) {
    const url = new URL("__weekmark/day", root);
    url.searchParams.set("date", date);
    const { status, text } = await ask(url.href, "POST");
    if (status === 204) foldMenu(true);
    else refuse(text?.trim() || "The preview does not answer. Has it been stopped?");
  }

  function foldMenu(isFolded) {
    const hadFocus = menu.contains(shadow.activeElement) || shadow.activeElement === backButton;
    menu.hidden = isFolded;
    dayButton.ariaExpanded = String(!isFolded);
    if (isFolded && hadFocus) dayButton.focus();
    if (isFolded) return;
    const list = [...menu.querySelectorAll("li button")];
    (list.find((it) => it.hasAttribute("aria-current")) ?? list[0]).focus();
  }

  /** The arrows go through the days. The page's own keys are not meant in here. */
  function moveInMenu(event) {
    event.stopPropagation();
    if (event.key === "Escape") return foldMenu(true);
    const list = [...menu.querySelectorAll("li button")];
    const at = list.indexOf(shadow.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (at < 0 || !step) return;
    event.preventDefault();
    list[Math.min(Math.max(at + step, 0), list.length - 1)].focus();
  }

  // ---- Start ----------------------------------------------------------------------------------

  let latest = null;
  let isBusy = false;

  /** Takes states one at a time; of those that come meanwhile only the last counts. */
  async function take(state) {
    latest = state;
    if (isBusy) return;
    isBusy = true;
    while (latest) {
      const next = latest;
      latest = null;
      await act(next);
    }
    isBusy = false;
  }

  async function act(state) {
    isLost = false;
    const isOver = me.standIn && (state.site || me.build === 0);
    if (state.session !== me.session || isOver) return reload(state);
    if (!me.standIn && state.build > me.build) await catchUp(state);
    if (isFramed) return;
    drawProblems(state.problems, state.unshown);
    drawTime(state.days);
  }

  if (!isFramed) {
    layOver();
    drawTime(null);
  }
  returnToPlace();
  const ask = connect(take, () => {
    isLost = true;
    if (!isFramed) drawProblems(problems, unshown);
  });
})();
