// A small site that uses every component of a campaign: the week, ways, plan, posts, events, letters, a card.
// Written for the tests, so that they do not depend on what the sample site says.

const page = (title, body, more = "") => `---\ntitle: ${title}\ndescription: About ${title}.\n${more}---\n${body}\n`;

/** Path → text. */
export function campaignSite() {
  return {
    "site.yaml": `title: Care Week
description: A site for tests.
language: en
time_zone: America/New_York
base_url: https://care-week.example/
campaign:
  name: Care Week
  rule: {full_week: 2, month: October, week_starts: Sunday}
  days: [Kick-off, Asking, Planning, Together, Speaking up, Looking back, Thanks & rest]
languages:
  es: {name: Español, title: Semana del Cuidado}
menus:
  main:
    - {title: Ways, page: ways.md}
    - {title: Plan, page: plan.md}
    - {title: Posts, page: posts.md}
    - {title: Letters, page: letters.md}
    - {title: Card, page: card.md}
    - {title: Events, page: events/_index.md}
    - {title: Years, page: years/_index.md}
    - {title: Questions, page: faq.md}
`,
    "content/_index.md": page(
      "Care Week",
      `The week is :week-date{}.\n\n:::calendar\n`,
      `extra: {actions: [{text: "How to take part", to: ways.md}]}\n`,
    ),
    "content/_index.es.md": page("Semana del Cuidado", "La semana: :week-date{}."),
    "content/ways.md": page("Ways", `:::ways\n\n## To tick\n\n:::checklist audience=employers title="For employers"\n`),
    "content/plan.md": page("Plan", `:::daily-plan\n\n:::planner\n`),
    "content/posts.md": page("Posts", `:::posts\n`),
    "content/letters.md": page(
      "Letters",
      `Some words before.

::::letter name=proclamation title="Proclamation of Care Week"
**:blank[office]{name=office}**

WHEREAS care managers in :blank[city, county, or state]{name=place} help people;\\
and

- they **listen**,
- they plan & act;

1. first
2. second

NOW, THEREFORE, I, :blank[your name]{name=name}, proclaim Care Week in :blank[place]{name=place}.

:blank[closing words]{name=words long=true}
::::

::::letter name=note title="A note of thanks"
Dear :blank[name]{name=to}, thank you.
::::
`,
    ),
    "content/card.md": page("Card", ":::ecard\n"),
    "content/events/_index.md": page("Events", "What takes place."),
    "content/events/talk.md": page(
      "A talk <live>",
      "Come and listen.",
      `template: event.html
event: {start: 2027-10-12 12:00, end: 2027-10-12 13:00, place: Town hall, address: "1 Main Street", link: "https://example.org/talk", organizer: Care Society, organizer_url: "https://example.org/"}
`,
    ),
    "content/events/fair.md": page(
      "A fair",
      "Called off.",
      `template: event.html
event: {start: 2027-10-14, end: 2027-10-15, place: Market square, status: cancelled}
`,
    ),
    "content/years/_index.md": page("Years", ":::years\n"),
    "content/years/2024.md": page("Care Week 2024", "How it was.", "year: 2024\ntemplate: year.html\n"),
    "content/years/2027.md": page("Care Week 2027", "What is planned.", "year: 2027\ntemplate: year.html\n"),
    "content/faq.md": page(
      "Questions",
      `::::faq index=true
## What is it?

A week.

## Who may come?

All.
::::

## History

:::timeline
- **1999** It began.
- **2024** It grew.
:::
`,
    ),
    "content/_data/years.yaml": `2024: {themes: [{theme: Powering care, owner: Care Society, hashtag: "#CareWeek2024"}, {theme: Care at home, owner: Home Union}], confirmed: true}
2026: {confirmed: true}
2027: {theme: Better together, theme_owner: Care Society, hashtag: "#CareWeek2027", confirmed: true}
2028: {}
`,
    "content/_data/ways.yaml": `audiences:
  managers: {title: Care managers}
  employers: {title: Employers}
  families: {title: Families, page: faq.md}
kinds: {thank-you: Thank-you, event: Event, media: "News & media"}
ways:
  - {title: Write a note, text: Two plain sentences are enough., audience: [employers, families], kind: thank-you, effort: small, time: 15 minutes, day: 7}
  - {title: Say it aloud, text: At the start of a meeting., audience: [everyone], kind: thank-you, effort: small, time: 5 minutes, page: faq.md}
  - {title: Hold an open house, text: Let people see the work., audience: [managers, employers], kind: event, effort: large, time: 2 days, day: 3}
  - {title: Write to the paper, text: "<b>Short</b> & clear.", audience: [managers], kind: media, effort: medium, time: 1 hour, day: 5}
  - {title: A shared lunch, audience: [employers], kind: event, effort: medium, time: 3 hours, day: 4}
`,
    "content/_data/planner.yaml": `tasks:
  - {when: 12 weeks before, title: Ask what people would like, text: A short survey will do., audience: [employers]}
  - {when: 1 week before, title: Print the sheets}
  - {when: day 1, title: Say that it begins}
  - {when: day 7, title: Say thank you}
  - {when: 2 weeks after, title: Ask how it was}
`,
    "content/_data/posts.yaml": `hashtags: ["#CareWeek"]
posts:
  - {when: day 1, channels: [x, linkedin], text: "{name} starts today.\\nJoin us: {url}", page: ways.md}
  - {when: day 7, channels: [x], text: "Thank you & goodbye. <3"}
`,
  };
}
