// What runs inside a page. Every function stands alone: it is sent to the page as text.

/** Opens and fills all that can be opened and filled. `choice` picks the option of each filter: 0 is the first. */
export function openAll(choice) {
  const all = (what) => [...document.querySelectorAll(what)];
  const shown = (it) => it.checkVisibility({ visibilityProperty: true });
  let count = 0;
  for (const it of all("details:not([open])")) {
    it.open = true;
    count += 1;
  }
  for (const it of all("[aria-expanded=false]")) {
    if (!shown(it)) continue;
    it.click();
    count += 1;
  }
  for (const it of all("[popover]")) {
    if (it.matches(":popover-open")) continue;
    it.showPopover();
    count += 1;
  }
  for (const it of all("input[type=checkbox]:not(:checked)")) {
    if (!shown(it) || it.disabled) continue;
    it.click();
    count += 1;
  }
  const groups = new Map();
  for (const it of all("input[type=radio]")) groups.set(it.name, [...(groups.get(it.name) ?? []), it]);
  // One group with its second option, or all with their last, which often leaves nothing.
  const wanted = choice === 0 ? [...groups.values()].slice(0, 1).map((it) => it[1]) : [...groups.values()].map((it) => it.at(-1));
  for (const it of wanted) {
    it?.click();
    count += 1;
  }
  const words = { search: "case", email: "name@example.org", url: "https://example.org/", date: "2027-10-10", number: "3", tel: "555 0100" };
  for (const it of all("input:not([type=radio], [type=checkbox], [type=hidden], [readonly]), textarea")) {
    if (!shown(it)) continue;
    it.value = words[it.type] ?? "Words of a visitor & more";
    it.dispatchEvent(new Event("input", { bubbles: true }));
    it.dispatchEvent(new Event("change", { bubbles: true }));
    count += 1;
  }
  for (const it of all("select")) {
    it.selectedIndex = it.options.length - 1;
    it.dispatchEvent(new Event("change", { bubbles: true }));
    count += 1;
  }
  return count;
}

/**
 * Layout mistakes: sideways scroll (WCAG 1.4.10), text cut off, text on text. Returns [rule, element, measured].
 * A line that lies in a box that scrolls is not cut off.
 */
export function layoutMistakes() {
  const found = [];
  const nameOf = (it) => {
    const classes = [...it.classList].map((name) => `.${name}`).join("");
    return `${it.parentElement && it.parentElement !== document.body ? `${it.parentElement.localName}${[...it.parentElement.classList].map((name) => `.${name}`).join("")} > ` : ""}${it.localName}${classes}`;
  };
  const root = document.documentElement;
  const wide = root.scrollWidth - root.clientWidth;
  if (wide > 0) {
    // The innermost elements that reach over the edge are the cause.
    const over = [...document.body.querySelectorAll("*")].filter((it) => it.getBoundingClientRect().right > root.clientWidth + 1);
    const inner = over.filter((it) => !over.some((other) => other !== it && it.contains(other)));
    found.push(["sideways scroll", inner.slice(0, 3).map(nameOf).join(" and "), `${wide} px too wide`]);
  }
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (parent.closest("option, textarea, script, style, template, svg")) continue;
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((it) => it.width > 1 && it.height > 1);
    if (rects.length === 0) continue;
    let isHidden = false;
    let isFloating = false;
    const boxes = [];
    for (let it = parent; it && it !== root; it = it.parentElement) {
      const style = getComputedStyle(it);
      const box = it.getBoundingClientRect();
      if (style.position === "fixed" || style.position === "sticky") isFloating = true;
      // What is there for screen readers alone is one pixel large, or clipped to nothing.
      if (box.width <= 2 || box.height <= 2 || /inset\((50|100)%/.test(style.clipPath)) isHidden = true;
      const cut = (value) => value === "hidden" || value === "clip";
      if (it !== document.body && (cut(style.overflowX) || cut(style.overflowY))) {
        boxes.push([it, box, cut(style.overflowX), cut(style.overflowY)]);
      }
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) break;
    }
    if (isHidden) continue;
    for (const [it, box, isX, isY] of boxes) {
      const bad = rects.find((at) => {
        const x = isX && (at.left < box.left - 1 || at.right > box.right + 1);
        const y = isY && (at.top < box.top - 3 || at.bottom > box.bottom + 3);
        return x || y;
      });
      if (bad) found.push(["text cut off", `${nameOf(parent)} in ${nameOf(it)}`, `"${node.data.trim().slice(0, 40)}"`]);
    }
    if (isFloating) continue;
    let block = parent;
    while (getComputedStyle(block).display === "inline" && block.parentElement) block = block.parentElement;
    for (const at of rects) lines.push({ at, node, block, parent });
  }
  // Lines from top to bottom: each is compared with those that begin before it ends.
  lines.sort((a, b) => a.at.top - b.at.top);
  const told = new Set();
  for (const [index, one] of lines.entries()) {
    for (let next = index + 1; next < lines.length && lines[next].at.top < one.at.bottom; next += 1) {
      const two = lines[next];
      if (two.block === one.block) continue;
      const width = Math.min(one.at.right, two.at.right) - Math.max(one.at.left, two.at.left);
      const height = Math.min(one.at.bottom, two.at.bottom) - two.at.top;
      const least = Math.min(one.at.height, two.at.height);
      if (width <= 2 || height < least * 0.3) continue;
      const key = `${nameOf(one.parent)} and ${nameOf(two.parent)}`;
      if (told.has(key)) continue;
      told.add(key);
      found.push(["text on text", key, `"${one.node.data.trim().slice(0, 30)}" and "${two.node.data.trim().slice(0, 30)}"`]);
    }
  }
  return found;
}

/**
 * Targets below 24 by 24 px (WCAG 2.5.8), with its exceptions: in a line of text, and with room around. Also how
 * many reach 44 px. The label of a field belongs to its target.
 */
export function targetSizes() {
  const LEAST = 24;
  const shown = (it) => it.checkVisibility({ visibilityProperty: true }) && it.getClientRects().length > 0;
  const what = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link], [tabindex='0']";
  const targets = [];
  for (const it of document.querySelectorAll(what)) {
    if (!shown(it) || it.disabled) continue;
    const label = it.closest("label") ?? (/radio|checkbox/.test(it.type) ? it.labels?.[0] : null);
    let box = (label ?? it).getBoundingClientRect();
    // A link around a picture or a block is as large as what is in it.
    for (const child of label ? [] : it.children) {
      const inner = child.getBoundingClientRect();
      if (inner.width * inner.height > box.width * box.height) box = inner;
    }
    // A pseudo-element may stretch a link over its card.
    for (const side of ["::before", "::after"]) {
      const style = getComputedStyle(it, side);
      if (style.content !== "none" && style.position === "absolute" && style.inset === "0px") {
        let card = it.parentElement;
        while (card && getComputedStyle(card).position === "static") card = card.parentElement;
        if (card) box = card.getBoundingClientRect();
      }
    }
    if (box.width <= 2 || box.height <= 2) continue;
    // In a sentence, the size is that of the line: there is text beside the link in its block.
    let block = it;
    while (getComputedStyle(block).display === "inline" && block.parentElement) block = block.parentElement;
    const isInText = block !== it && it.localName === "a" && block.textContent.trim().length > it.textContent.trim().length;
    targets.push({ it, box, isInText });
  }
  const found = [];
  const small = targets.filter(({ box }) => box.width < LEAST || box.height < LEAST);
  const center = ({ box }) => [box.left + box.width / 2, box.top + box.height / 2];
  for (const one of small) {
    if (one.isInText) continue;
    const [x, y] = center(one);
    const near = targets.find((two) => {
      if (two === one || two.it.contains(one.it) || one.it.contains(two.it)) return false;
      if (small.includes(two)) {
        const [left, top] = center(two);
        return Math.hypot(left - x, top - y) < LEAST;
      }
      const dx = Math.max(two.box.left - x, 0, x - two.box.right);
      const dy = Math.max(two.box.top - y, 0, y - two.box.bottom);
      return Math.hypot(dx, dy) < LEAST / 2;
    });
    if (near) {
      const size = `${Math.round(one.box.width)}×${Math.round(one.box.height)} px`;
      found.push(["target below 24 px", `${one.it.localName} "${one.it.textContent.trim().slice(0, 30)}"`, `${size}, next to "${near.it.textContent.trim().slice(0, 20)}"`]);
    }
  }
  const own = targets.filter(({ isInText }) => !isInText);
  const large = own.filter(({ box }) => box.width >= 44 && box.height >= 44).length;
  const high = own.filter(({ box }) => box.height >= 44).length;
  return { found, count: own.length, large, high };
}

/** One first heading, no level left out, none empty. */
export function headingMistakes() {
  const found = [];
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((it) => it.checkVisibility());
  const first = headings.filter((it) => it.localName === "h1").length;
  if (first !== 1) found.push(["one h1", "h1", `there are ${first}`]);
  let last = 0;
  for (const it of headings) {
    const level = Number(it.localName[1]);
    const words = it.textContent.trim();
    if (!words) found.push(["empty heading", it.localName, ""]);
    if (level > last + 1) found.push(["heading level left out", `${it.localName} "${words.slice(0, 40)}"`, `after h${last}`]);
    last = level;
  }
  return found;
}
