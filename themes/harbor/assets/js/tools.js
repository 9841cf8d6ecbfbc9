// Harbor: copy and print, and what letters and cards share.
"use strict";
{
  const { all } = harbor;

  /** For status lines: the same words again are said again. */
  const say = (line, words) => {
    line.textContent = "";
    setTimeout(() => (line.textContent = words), 50);
  };

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

  for (const box of all(".checklist input")) {
    addEventListener("pageshow", () => (box.checked = false));
  }

  /** What one may write in a line or in several: no control characters, none that turn the direction. */
  const plain = (text) => text.replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, "");

  Object.assign(harbor, { say, print, copyAndSay, plain });
}
