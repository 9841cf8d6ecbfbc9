#!/usr/bin/env python3
"""Gives the feeds below a folder to feedparser and to a strict XML parser: feeds.py FOLDER --at-least N"""
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
folder = Path(sys.argv[1])
found, count = [], 0
for file in sorted(folder.rglob("*.xml")):
    text = file.read_text(encoding="utf-8")
    root = xml.fromstring(text)
    if root.tag != ATOM + "feed":
        continue
    count += 1
    say = lambda what: found.append(f"{file.relative_to(folder)}: {what}")
    feed = feedparser.parse(str(file))
    if feed.bozo or feed.version != "atom10":
        say(f"{feed.version}, {feed.get('bozo_exception')}")
    # RFC 4287, 4.1.1 and 4.1.2: what a feed and its entries must have, once.
    for parent in [root, *root.iter(ATOM + "entry")]:
        for name in ("id", "title", "updated"):
            if len(parent.findall(ATOM + name)) != 1:
                say(f"not one {name}")
    ids = [entry.id for entry in feed.entries]
    if len(set(ids)) != len(ids) or len(ids) != len(root.findall(ATOM + "entry")):
        say("entries without a name of their own")
    for entry in feed.entries:
        if not entry.link.startswith("http") or not entry.title or "<" in entry.title:
            say(f"{entry.title}: {entry.link}")
    # For people: a style sheet of the site, and a title of each entry that leads somewhere.
    sheet = text.split("<?xml-stylesheet", 1)[-1].split('href="', 1)[-1].split('"', 1)[0]
    if not (file.parent / sheet).is_file():
        say(f"its style sheet {sheet} is not there")
    html = "{http://www.w3.org/1999/xhtml}"
    links = [a.get("href") for a in root.iter(html + "a")]
    if len(links) != len(ids) + 1 or any(not (file.parent / link).is_file() for link in links):
        say(f"links for people: {links}")
    if any(element.get("style") for element in root.iter()) or list(root.iter(html + "script")):
        say("a style or script of its own")
for line in found:
    print(line)
wanted = int(sys.argv[3])
print(f"{count} feeds, {len(found)} findings")
sys.exit(1 if found or count < wanted else 0)
