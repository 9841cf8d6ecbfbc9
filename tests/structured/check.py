#!/usr/bin/env python3
"""Holds the structured data of every page below a folder against schema.org's vocabulary:
check.py FOLDER [--wants TYPE,TYPE …]

Every type and property exists and is not superseded; every property belongs to the type or one above it; every value
is of a kind that the property holds; every @id that is referred to is in the same page; addresses are absolute;
what a page claims of itself stands on it: title, description, questions and answers. With --wants, each of these
types must be on some page.
"""
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

HERE = Path(__file__).resolve().parent
VOCABULARY = json.loads((HERE / "vocabulary.json").read_text(encoding="utf-8"))
TYPES, PROPERTIES, MEMBERS = (VOCABULARY[part] for part in ("types", "properties", "members"))
ORG = "https://schema.org/"
DATE = r"\d{4}-\d\d-\d\d"
FORMS = {
    "Date": DATE,
    "DateTime": DATE + r"T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)",
    "URL": r"(https?|mailto|tel):\S+",
    "Text": r"(?s).*\S.*",
}
# What must be an absolute address, whatever else the vocabulary lets pass.
ADDRESSES = {"url", "contentUrl", "item", "mainEntityOfPage"}


def above(name):
    """A type and all that it is below."""
    found, todo = set(), [name]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += TYPES.get(name, {}).get("below", [])
    return found


class Page(HTMLParser):
    """What a page says: to people, and to programs."""

    def __init__(self, text):
        super().__init__()
        self.blocks, self.words, self.apart, self.meta = [], [], None, {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("script", "style", "template"):
            self.apart = attrs.get("type") or tag
            if self.apart == "application/ld+json":
                self.blocks.append("")
        if tag == "meta":
            self.meta[attrs.get("name") or attrs.get("property")] = attrs.get("content")
        # Links to parts of the page and numbers of footnotes are no part of its text.
        if attrs.get("class") in ("permalink", "footnote-ref"):
            self.apart = "mark"
            self.mark = tag

    def handle_endtag(self, tag):
        if tag in ("script", "style", "template") or (self.apart == "mark" and tag == self.mark):
            self.apart = None

    def handle_data(self, data):
        if self.apart == "application/ld+json":
            self.blocks[-1] += data
        elif self.apart is None:
            self.words.append(data)

    @property
    def text(self):
        return squeezed("".join(self.words))


def squeezed(text):
    return re.sub(r"\s+", "", text)


class Check:
    def __init__(self, file, page):
        self.file, self.page, self.found, self.types = file, page, [], set()
        self.ids, self.refs = set(), set()

    def say(self, where, what):
        self.found.append(f"{self.file}: {where}: {what}")

    def node(self, node, where, holds=None):
        if set(node) == {"@id"}:
            self.refs.add((where, node["@id"], tuple(holds or ())))
            return
        kind = node.get("@type")
        if kind not in TYPES:
            self.say(where, f"there is no type {kind}")
            return
        where = f"{where}/{kind}" if where else kind
        self.types.add(kind)
        if TYPES[kind].get("superseded"):
            self.say(where, "the type is superseded")
        if holds is not None and not above(kind) & set(holds):
            self.say(where, f"here stands one of {', '.join(holds)}")
        if "@id" in node:
            if node["@id"] in self.ids:
                self.say(where, f"{node['@id']} is there twice")
            self.ids.add(node["@id"])
        for name, value in node.items():
            if name.startswith("@"):
                if name not in ("@id", "@type"):
                    self.say(where, f"{name} has no place here")
                continue
            known = PROPERTIES.get(name)
            if known is None:
                self.say(where, f"there is no property {name}")
                continue
            if known.get("superseded"):
                self.say(where, f"{name} is superseded")
            if not above(kind) & set(known["of"]):
                self.say(where, f"{name} belongs to {', '.join(known['of'])}")
            for item in value if isinstance(value, list) else [value]:
                self.value(item, f"{where}.{name}", known["holds"])
        self.claims(node, where)

    def value(self, value, where, holds):
        if isinstance(value, dict):
            self.node(value, where, [kind for kind in holds if not TYPES[kind].get("data")])
        elif isinstance(value, bool) or value is None:
            self.say(where, f"{value} says nothing")
        elif isinstance(value, (int, float)):
            if not {"Integer", "Number"} & set(holds):
                self.say(where, f"a number, not one of {', '.join(holds)}")
        elif value.startswith(ORG):
            member = MEMBERS.get(value.removeprefix(ORG))
            if member is None:
                self.say(where, f"there is no member {value}")
            elif not {above_one for kind in member["of"] for above_one in above(kind)} & set(holds):
                self.say(where, f"{value} is a {', '.join(member['of'])}")
        else:
            forms = [kind for kind in ("Date", "DateTime", "URL") if kind in holds]
            # A property of addresses may hold a text, too, but no page should; an address may stand for a thing.
            if where.rsplit(".")[-1] in ADDRESSES or not forms and "Text" not in holds:
                forms = ["URL"]
            elif "Text" in holds:
                forms = ["Text"]
            if not any(re.fullmatch(FORMS[kind], value) for kind in forms):
                self.say(where, f"\"{value[:60]}\" is none of {', '.join(holds)}")

    def claims(self, node, where):
        """What stands in the data stands on the page."""
        kind = node["@type"]
        if kind in ("Question", "Answer"):
            said = node.get("name") or node.get("text")
            for line in said.split("\n"):
                if squeezed(line) not in self.page.text:
                    self.say(where, f"\"{line[:60]}\" is not on the page")
        for name in ("headline", "name"):
            if name in node and kind in ("Article", "FAQPage", "Event", "Organization", "ListItem"):
                own = [self.page.text, squeezed(self.page.meta.get("og:title") or "")]
                # The first step is the home page, which themes call by a word.
                if not any(squeezed(node[name]) in text for text in own) and node.get("position") != 1:
                    self.say(where, f"\"{node[name]}\" is not on the page")
        if kind in ("Article", "FAQPage") and "description" in node:
            if node["description"] != self.page.meta.get("description"):
                self.say(where, "the page has another description")

    def whole(self, data):
        if data.get("@context") != ORG.rstrip("/") or list(data) != ["@context", "@graph"]:
            self.say("", "is no graph of schema.org")
            return
        for node in data["@graph"]:
            self.node(node, "")
        kinds = {node.get("@id"): node.get("@type") for node in data["@graph"]}
        for where, name, holds in sorted(self.refs):
            if name not in kinds:
                self.say(where, f"{name} is not on this page")
            elif holds and not above(kinds[name]) & set(holds):
                self.say(where, f"{kinds[name]} is none of {', '.join(holds)}")


def main():
    folder = Path(sys.argv[1])
    wants = set(sys.argv[3].split(",")) if "--wants" in sys.argv else set()
    found, types, pages, data = [], set(), 0, 0
    for file in sorted(folder.rglob("*.html")):
        page = Page(file.read_text(encoding="utf-8"))
        pages += 1
        if len(page.blocks) > 1:
            found.append(f"{file}: more than one block")
        for block in page.blocks:
            check = Check(file.relative_to(folder), page)
            try:
                check.whole(json.loads(block))
            except json.JSONDecodeError as error:
                found.append(f"{file}: {error}")
            data += 1
            found += check.found
            types |= check.types
    found += [f"No page has a {kind}" for kind in sorted(wants - types)]
    for line in found:
        print(line)
    print(f"{pages} pages, {data} with structured data ({', '.join(sorted(types))}): {len(found)} findings")
    sys.exit(1 if found or not data else 0)


if __name__ == "__main__":
    main()
