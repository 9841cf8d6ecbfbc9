// Harbor: the card, which is in the part of the address behind #, which browsers do not send. After tools.js.
"use strict";
{
  const { all, plain } = harbor;

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
    const key = part.dataset.ecard ? `card-${part.dataset.ecard}` : "card";
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
      open.href = link.value = `${location.href.split("#")[0]}#${key}=${encode(card)}`;
    };
    const read = () => {
      const code = location.hash.startsWith(`#${key}=`) ? location.hash.slice(key.length + 2) : undefined;
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
