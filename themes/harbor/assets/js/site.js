// Harbor, every page: what depends on today. Pages are whole without script; nothing is stored or sent.
// Words come from the page (data-…). Components that need more have the other files, after this one.
"use strict";

const harbor = {};
{
  const all = (harbor.all = (what, where = document) => [...where.querySelectorAll(what)]);
  document.documentElement.classList.add("js");

  /** Fills {places} of a phrase. */
  const fill = (harbor.fill = (words, values) => words.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place));

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
}
