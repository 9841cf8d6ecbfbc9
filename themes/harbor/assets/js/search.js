// The search, on the page of the search alone. It loads the library and the index when somebody begins to search. The
// words of the page come from the page (data-…), and everything stays in the browser: nothing is stored or sent.
"use strict";
{
  // ---- Words ------------------------------------------------------------------------------------------
  // As the index was made: src/search/words.rs of weekmark. tests/search compares the two.

  /** Letters that have no decomposition, as people type them without their own keyboard. */
  const typed = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ı: "i", þ: "th", ς: "σ" };

  /** A small letter without its accent. */
  const plain = (letter) => {
    if (typed[letter]) return typed[letter];
    if (letter >= "\u0300" && letter <= "\u036f") return "";
    const [first] = letter.normalize("NFD");
    return first >= "a" && first <= "z" ? first : letter;
  };

  /** Kana and ideographs: where a script writes no spaces, each character is a word. */
  const standsAlone = /^[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]$/u;

  /** The words of a text, as the index has them, with their places. */
  const places = (text) => {
    const found = [];
    for (const { 0: written, index } of text.matchAll(/[\p{Alphabetic}\p{N}\u0300-\u036f]+/gu)) {
      let word = "";
      const end = () => {
        // Who looks for one manager means all of them.
        if (/...s$/u.test(word) && !/[sui]s$/.test(word)) word = word.slice(0, -1);
        const length = [...word].length;
        if (length <= 40 && (length > 1 || word > "\u007f")) found.push({ word, index, written });
        word = "";
      };
      for (const letter of [...written].flatMap((it) => [...it.toLowerCase()])) {
        if (standsAlone.test(letter)) {
          end();
          found.push({ word: letter, index, written });
        } else {
          word += plain(letter);
        }
      }
      end();
    }
    return found;
  };

  const words = (text) => places(text).map(({ word }) => word);
  self.weekmarkWords = words;

  // ---- Search -----------------------------------------------------------------------------------------

  /** How much a word counts in each part of a page. */
  const boost = { title: 8, headings: 3, terms: 3, description: 2, text: 1 };

  /** What is typed may be the beginning of a word. */
  const prefix = (word) => word.length > 1;
  /** The library with the index. */
  const engine = ({ fields, stopWords, index }) => {
    const left = new Set(stopWords);
    return self.MiniSearch.loadJS(index, {
      fields,
      storeFields: ["title", "url", "section", "description"],
      tokenize: words,
      processTerm: (word) => (left.has(word) ? null : word),
      searchOptions: { boost, prefix, combineWith: "AND", weights: { prefix: 0.5, fuzzy: 0.3 } },
    });
  };

  /** How many letters one has to change, add, take away or exchange to come from one word to another. */
  const distance = (a, b) => {
    let [before, last] = [[], [...Array(b.length + 1).keys()]];
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        const isSame = a[i - 1] === b[j - 1];
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (isSame ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      [before, last] = [last, row];
    }
    return last[b.length];
  };

  /** A word of the index as somebody wrote it, with capitals as in running text and with accents. */
  const written = (word, results) => {
    for (const { title, description } of results) {
      const found = places(`${title} ${description ?? ""}`).find((place) => place.word === word);
      if (found) return found.written.toLowerCase();
    }
    return word;
  };

  /** The query with each word that no page has replaced by the one that is most like it. */
  const meant = (mini, query) => {
    let text = query;
    for (const { word, written: typedWord } of places(query)) {
      if (word.length < 4 || mini.search(word).length) continue;
      const results = mini.search(word, { prefix: false, fuzzy: 2 });
      const terms = [...new Set(results.flatMap((result) => result.terms))];
      const near = terms.map((term) => ({ term, by: distance(word, term) })).sort((a, b) => a.by - b.by)[0];
      // One letter in short words, two in long ones.
      if (near?.by <= (word.length < 7 ? 1 : 2)) text = text.replace(typedWord, () => written(near.term, results));
    }
    return text;
  };

  /**
   * What is found. `how` says whether the pages have all words, words that are like them, some of them, or none; `other`
   * is the query as it may have been meant.
   */
  const find = (mini, query) => {
    const results = mini.search(query);
    if (results.length) return { how: "all", results, other: query };
    const other = meant(mini, query);
    // Pages that have all words come first, and then those that have some of them.
    const best = mini.search(other);
    const known = new Set(best.map(({ id }) => id));
    const some = mini.search(other, { combineWith: "OR" }).filter(({ id }) => !known.has(id));
    const how = other !== query ? "near" : some.length ? "some" : "none";
    return { how, results: [...best, ...some], other };
  };
  self.weekmarkFind = { engine, find };

  // ---- Page -------------------------------------------------------------------------------------------

  const form = document.querySelector("[data-search]");
  if (form) {
    const field = form.querySelector("input");
    const [status, near, list, more, all] = ["status", "near", "results", "more", "all"].map((name) =>
      document.getElementById(`search-${name}`),
    );
    const says = form.dataset;
    /** How many results are shown at once. */
    const SHOWN = 20;

    const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
    const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

    /** Puts a text into an element, with marks around the words that were found. */
    const mark = (element, text, terms) => {
      let from = 0;
      for (const { word, index, written: part } of places(text)) {
        if (index < from || !terms.includes(word)) continue;
        element.append(text.slice(from, index), make("mark", { textContent: part }));
        from = index + part.length;
      }
      element.append(text.slice(from));
      return element;
    };

    const item = ({ title, url, section, description, terms }) => {
      const entry = make("li", { className: "search-result" });
      // From the index, wherever the page is that shows it.
      const href = new URL(url, new URL(says.index, document.baseURI)).href;
      const heading = make("h2", { className: "search-title" });
      heading.append(mark(make("a", { href }), title, terms));
      entry.append(heading);
      if (section) entry.append(make("p", { className: "search-section", textContent: section }));
      if (description) entry.append(mark(make("p", { className: "search-text" }), description, terms));
      return entry;
    };

    const load = (src) =>
      new Promise((done, failed) => {
        document.head.append(make("script", { src, onload: done, onerror: failed }));
      });

    let mini;
    let loading;
    /** Loads the library and the index, once. */
    const ready = () =>
      (loading ??= Promise.all([load(says.library), load(says.index)]).then(() => (mini = engine(self.weekmarkSearch))));

    let saying;
    /** Says something when the typing rests, so that a screen reader is not interrupted. */
    const say = (text, isSoon) => {
      clearTimeout(saying);
      saying = setTimeout(() => (status.textContent = text), isSoon ? 0 : 500);
    };

    const show = (results, from = 0) => {
      list.append(...results.slice(from, from + SHOWN).map(item));
      list.hidden = list.children.length === 0;
      more.hidden = results.length <= from + SHOWN;
      more.onclick = () => {
        show(results, from + SHOWN);
        // The button may be gone: the first of the new results is where one reads on.
        list.children[from + SHOWN]?.querySelector("a").focus();
      };
    };

    const suggest = (text) => {
      near.replaceChildren();
      const [before, after] = says.near.split("{words}");
      const button = make("button", { type: "button", textContent: text });
      button.onclick = () => {
        field.value = text;
        search(true);
        field.focus();
      };
      near.append(before, button, after ?? "");
      near.hidden = false;
    };

    const clear = () => {
      list.replaceChildren();
      [list, more, near].forEach((part) => (part.hidden = true));
    };

    // The address names a search that is done: the next one gets a place of its own on the way back.
    let isSettled = true;

    /** Keeps what is looked for in the address, so that the way back and a copied link find it again. */
    const keep = (query) => {
      try {
        const address = new URL(location.href);
        if (query) address.searchParams.set("q", query);
        else address.searchParams.delete("q");
        if (address.href === location.href) return;
        // What somebody searched for stays one step back; what is still being typed does not.
        if (isSettled) history.pushState(null, "", address);
        else history.replaceState(null, "", address);
        isSettled = false;
      } catch {
        // From disk, some browsers do not let a page change its address.
      }
    };

    const search = async (isSoon) => {
      const query = field.value.trim();
      keep(query);
      if (!query) {
        clear();
        all.hidden = false;
        say("", true);
        return;
      }
      try {
        if (!mini) say(says.loading);
        await ready();
      } catch {
        say(says.failed, true);
        return;
      }
      // Meanwhile somebody may have typed on.
      if (query !== field.value.trim()) return;
      const { how, results, other } = find(mini, query);
      clear();
      all.hidden = results.length > 0;
      show(results);
      const count = fill(results.length === 1 ? says.one : says.many, { count: results.length });
      const sentence = { all: count, near: `${says.nearly} ${count}`, some: `${says.some} ${count}`, none: says.none };
      say(fill(sentence[how], { words: query }), isSoon);
      if (other !== query) suggest(other);
    };

    let typing;
    field.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(search, 150);
    });
    // Nothing is loaded before: most visitors of the list of pages never search.
    field.addEventListener("focus", () => ready().catch(() => {}), { once: true });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !field.value) return;
      event.preventDefault();
      field.value = "";
      search(true);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(typing);
      search(true);
      isSettled = true;
    });
    addEventListener("popstate", () => {
      field.value = new URLSearchParams(location.search).get("q") ?? "";
      isSettled = true;
      search(true);
    });
    field.value = new URLSearchParams(location.search).get("q") ?? field.value;
    if (field.value.trim()) search(true);
  }
}
