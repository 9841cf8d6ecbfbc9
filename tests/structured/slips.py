#!/usr/bin/env python3
"""Proves that check.py finds what it looks for: each of these is wrong in one place."""
import subprocess
import sys
import tempfile
from pathlib import Path

SLIPS = {
    "a property that does not exist": ('"headline":', '"headlin":'),
    "a property of another type": ('"headline":', '"startDate":"2026-01-01","headline":'),
    "a type that does not exist": ('"Article"', '"Artikle"'),
    "a superseded property": ('"headline":', '"fileFormat":"x","headline":'),
    "a date that is none": ('"2026-01-02"', '"2 January"'),
    "an address that is relative": ('"https://example.org/a/"', '"/a/"'),
    "a thing of the wrong type": ('"@type":"Organization"', '"@type":"Place"'),
    "a name that is nowhere": ('{"@id":"#org"}', '{"@id":"#other"}'),
    "a member that does not exist": ('"headline":', '"creativeWorkStatus":"https://schema.org/Nothing","headline":'),
    "a title that is not on the page": ('"headline":"A title"', '"headline":"Another"'),
    "an answer that is not on the page": ('"text":"Yes"', '"text":"No"'),
    "a number where a text belongs": ('"headline":"A title"', '"headline":7'),
    "no JSON": ('"headline":', '"headline":,'),
}
GOOD = (
    '<!doctype html><meta property="og:title" content="A title"><h1>A title</h1><p>Yes? Yes. We</p>'
    '<script type="application/ld+json">{"@context":"https://schema.org","@graph":['
    '{"@type":"Article","@id":"#article","headline":"A title","datePublished":"2026-01-02",'
    '"url":"https://example.org/a/","publisher":{"@id":"#org"}},'
    '{"@type":"FAQPage","mainEntity":[{"@type":"Question","name":"Yes?","acceptedAnswer":{"@type":"Answer","text":"Yes"}}]},'
    '{"@type":"Organization","@id":"#org","name":"We"}]}</script>'
)


def finds(text):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "index.html").write_text(text, encoding="utf-8")
        check = Path(__file__).with_name("check.py")
        done = subprocess.run([sys.executable, "-B", check, folder], capture_output=True, text=True)
        return done.returncode != 0, done.stdout


failed = []
found, said = finds(GOOD)
if found:
    failed.append(f"what is right: {said}")
for name, (right, wrong) in SLIPS.items():
    assert right in GOOD, name
    if not finds(GOOD.replace(right, wrong, 1))[0]:
        failed.append(f"not found: {name}")
for line in failed:
    print(line)
print(f"{len(SLIPS)} slips, {len(failed)} not found")
sys.exit(1 if failed else 0)
