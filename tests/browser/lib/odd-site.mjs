// A small site of what real folders hold: blanks and accents in names, pictures beside pages, old
// addresses, two languages, topics that are not plain words, files to download.

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mMQSGgAIgYIBQAYjgPBKZRBmQAAAABJRU5ErkJggg==",
  "base64",
);

const SHEET = "A sheet to download.\n";

const page = (title, body, more = "") => `---\ntitle: ${title}\n${more}---\n${body}\n`;

/** Path → text. `baseUrl` and `links`: what site.yaml says, if anything. */
export function oddSite({ baseUrl, links } = {}) {
  return {
    "site.yaml": `title: Odd & <plain>
description: A site of odd names.
language: en
time_zone: Europe/Madrid
${baseUrl ? `base_url: ${baseUrl}\n` : ""}${links ? `links: ${links}\n` : ""}markdown: {raw_html: true}
languages:
  es: {name: Español, title: Raro}
taxonomies:
  tags: {title: Topics}
  places: {title: "Places & rooms"}
menus:
  main:
    - {title: Plain, page: plain/_index.md, children: pages}
    - {title: "Niño", page: "ñandú und Öl.md"}
  footer:
    - {title: Elsewhere, url: "https://example.org/x?a=1&b=2"}
`,
    "content/_index.md": page(
      "Home",
      `[Plain](plain/_index.md), [odd](ñandú%20und%20Öl.md#uber-uns), [odd too](<ñandú und Öl.md>),
[bundle](plain/bundle/index.md), [colon](a:b.md), [hash](one%20%23%20two.md), [percent](<50%25.md>), [es](_index.es.md),
[sheet](<files/The sheet (1).txt>), [the question](what%3F.md), [topic](plain/one.md#two)`,
    ),
    "content/_index.es.md": page("Inicio", "[Llano](plain/one.es.md), [casa](_index.md)."),
    "content/ñandú und Öl.md": page(
      "Ñandú und Öl",
      "## Über uns\n\n[Home](_index.md) [up](#über-uns)",
      'tags: ["Öl & Gas", "C++", "c/d"]\n',
    ),
    "content/a:b.md": page("A colon", "Text. [home](_index.md)"),
    "content/one # two.md": page("One # two", "Text. [home](_index.md)"),
    "content/50%.md": page("50 %", "Text. [home](_index.md)"),
    "content/what?.md": page("What?", "Text. [home](_index.md)"),
    "content/files/The sheet (1).txt": SHEET,
    "content/plain/_index.md": page("Plain", "The section."),
    "content/plain/one.md": page(
      "One",
      "## Two\n\n## Two\n\n[first](#two) [second](#two-1) [file](bundle/a%20picture.png)\n\nA note.[^1] And again.[^1]\n\n[^1]: The note.",
      'aliases: [/old/, /older/one.html, "/año/"]\ntags: ["C++"]\nplaces: [Zürich]\n',
    ),
    "content/plain/one.es.md": page("Uno", "[Inicio](../_index.es.md) [en](one.md)", "tags: [Niño]\n"),
    "content/plain/bundle/index.md": page(
      "Bundle",
      `![A dot](<a picture.png>)

<picture><source srcset="a%20picture.png 1x, ./a%20picture.png 2x"><img src="a%20picture.png" alt="A dot"></picture>

[the picture](a%20picture.png) [the sheet](<../../files/The sheet (1).txt>) [two](../one.md#two-1)`,
    ),
    "content/plain/bundle/a picture.png": PNG,
    "content/draft.md": page("A draft", "Not yet.", "draft: true\n"),
    "content/later.md": page("Later", "Not yet.", "publish_on: 2099-01-01\n"),
  };
}
