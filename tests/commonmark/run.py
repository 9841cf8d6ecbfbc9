"""Runs every example of the CommonMark specification through `weekmark build`.

    tests/commonmark/run.sh [WEEKMARK] [--show N …] [--record]

One site, one page for each example, extensions switched off, a template that prints the text and nothing
else. An example passes when the page is the expected HTML, byte for byte or by CommonMark's own rules of
what may differ (normal.py). `differs.txt` lists the examples that do not pass, and why; one that is not
listed there fails the run, so the number that passes can only grow.
"""

import argparse
import difflib
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from normal import normal

HERE = Path(__file__).resolve().parent
SPEC = HERE / "node_modules/commonmark-spec/spec.txt"
DIFFERS = HERE / "differs.txt"
FENCE = "`" * 32

SITE = """\
title: CommonMark
markdown: {extensions: none, raw_html: true, check_links: false}
taxonomies: []
"""


def examples(spec):
    """(number, section, Markdown, HTML) for each example; the specification writes a tab as an arrow."""
    text = spec.read_text(encoding="utf-8").split("<!-- END TESTS -->")[0]
    pattern = rf"^{FENCE} example\n(.*?)^\.\n(.*?)^{FENCE}$|^#+ +([^\n]*)$"
    section, number = "", 0
    for found in re.finditer(pattern, text, re.DOTALL | re.MULTILINE):
        markdown, wanted, heading = found.groups()
        if heading is not None:
            section = heading
            continue
        number += 1
        yield number, section, markdown.replace("→", "\t"), wanted.replace("→", "\t")


def build(weekmark, site, cases):
    (site / "templates").mkdir(parents=True)
    (site / "content").mkdir()
    (site / "site.yaml").write_text(SITE)
    for template in ("page.html", "home.html", "section.html"):
        (site / "templates" / template).write_text("{{ content }}")
    (site / "content/_index.md").write_text("---\ntitle: CommonMark\n---\n")
    for number, _, markdown, _ in cases:
        head = f"---\ntitle: Example {number}\n---\n"
        page = site / f"content/example-{number:03}.md"
        page.write_text(head + markdown, encoding="utf-8", newline="")
    return subprocess.run(
        [weekmark, "--root", site, "build"], capture_output=True, text=True, check=False
    )


def recorded():
    """Number → reason, from differs.txt."""
    known = {}
    for line in DIFFERS.read_text(encoding="utf-8").splitlines():
        found = re.match(r" *(\d+)  (.+)", line)
        if found:
            known[int(found[1])] = found[2]
    return known


def show(number, markdown, wanted, got):
    print(f"--- example {number}\n{markdown!r}")
    lines = difflib.unified_diff(wanted.splitlines(), got.splitlines(), "wanted", "got", lineterm="")
    print("\n".join(lines))


def main():
    words = argparse.ArgumentParser()
    words.add_argument("weekmark", type=Path)
    words.add_argument("--show", type=int, nargs="*", help="print what these examples came to")
    given = words.parse_args()
    cases = list(examples(SPEC))
    known = recorded()
    if len(cases) < 600:
        sys.exit(f"{SPEC} has only {len(cases)} examples: it is not the file that this test knows.")

    with tempfile.TemporaryDirectory(prefix="weekmark-commonmark-") as folder:
        site = Path(folder) / "site"
        started = time.monotonic()
        ran = build(given.weekmark.resolve(), site, cases)
        took = time.monotonic() - started
        if ran.returncode != 0:
            sys.exit(f"weekmark build: exit code {ran.returncode}\n{ran.stderr}")
        exact, same, differing, mended = 0, 0, [], []
        for number, section, markdown, wanted in cases:
            page = site / f"public/example-{number:03}/index.html"
            got = page.read_bytes().decode("utf-8")
            if given.show is not None and number in given.show:
                show(number, markdown, wanted, got)
            if got == wanted:
                exact += 1
            elif normal(got) == normal(wanted):
                same += 1
            else:
                differing.append((number, section, wanted, got))
                continue
            if number in known:
                mended.append(number)

    failed = 0
    for number, section, wanted, got in differing:
        reason = known.get(number)
        if reason is None:
            failed += 1
            reason = f"NOT RECORDED: wanted {wanted!r}, got {got!r}"
        print(f"differs  {number:3}  {section}: {reason}")
    for number in mended:
        print(f"mended   {number:3}  take it out of {DIFFERS.name}")
    print(
        f"CommonMark 0.31.2: {exact + same} of {len(cases)} pass ({exact} byte for byte, {same} after "
        f"normalisation), {len(differing)} differ; recorded are {len(cases) - len(known)}. "
        f"Built in {took:.2f} s."
    )
    print(f"{exact + same} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
