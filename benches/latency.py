#!/usr/bin/env python3
"""How long after a save the preview serves the new page.

    benches/latency.py WEEKMARK … [--edits 20] [--idle 20] [--root SITE]

For each binary: starts `weekmark serve` on a copy of the site, edits a body, a title, a template, a data
file and a style sheet, and after each write asks for the page over one connection, again and again, until
the new bytes are there. The time runs from before the write until the last byte of that answer. Then it
counts the processor time that the idle preview takes. Prints a table of milliseconds.
"""

import argparse
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parent.parent
PARTS = ("site.yaml", "content", "themes", "templates", "assets")

# Between two edits: long enough for the preview to be at rest, and never in step with anything.
PAUSE = 0.25

PATIENCE = 10.0


class Preview:
    """A running `weekmark serve` and the one connection to it."""

    def __init__(self, weekmark, root):
        args = [weekmark, "--root", root, "serve", "--port", "0"]
        self.child = subprocess.Popen(args, stderr=subprocess.PIPE, text=True)
        self.said = []
        self.url = None
        for line in self.child.stderr:
            self.said.append(line)
            found = re.search(r"Your site is at (\S+)", line)
            if found:
                self.url = urlsplit(found[1])
            if line.startswith("Built"):
                break
        if self.url is None:
            sys.exit(f"{weekmark} serve did not start:\n{''.join(self.said)}")
        self.line = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=PATIENCE)

    def get(self, path):
        self.line.request("GET", self.url.path + path)
        answer = self.line.getresponse()
        return answer.read()

    def seconds(self):
        """Processor time so far, all threads."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.child.pid}/status").read_text())
        return int(found[1]) / 1024

    def stop(self):
        self.line.close()
        self.child.stderr.close()
        self.child.terminate()
        self.child.wait()


def replace(pattern, new):
    def edit(text, mark):
        changed, count = re.subn(pattern, lambda found: new(found, mark), text, count=1, flags=re.MULTILINE)
        assert count == 1, pattern
        return changed

    return edit


# What is edited: title, file, page to look at, (old text, mark) → new text.
EDITS = [
    ("body", "content/careers/ccm.md", "careers/ccm/", lambda text, mark: f"{text}\nMeasured: {mark}.\n"),
    (
        "title",
        "content/careers/ccm.md",
        "careers/ccm/",
        replace(r"^title: .*$", lambda found, mark: f"title: CCM {mark}"),
    ),
    (
        "template",
        "themes/harbor/templates/base.html",
        "careers/ccm/",
        replace(r"^</body>", lambda found, mark: f"<p>{mark}</p>\n</body>"),
    ),
    (
        "data file",
        "content/_data/sources.yaml",
        "careers/ccm/",
        replace(
            r'(^commission-faq:\n  title: )".*"',
            lambda found, mark: f'{found[1]}"Questions {mark}"',
        ),
    ),
]


def measure_page(preview, root, edits, file, page, edit):
    place = root / file
    original = place.read_text(encoding="utf-8")
    times = []
    for number in range(edits):
        mark = f"mark{number:03}x{os.getpid()}"
        text = edit(original, mark)
        before, wanted = time.perf_counter(), mark.encode()
        place.write_text(text, encoding="utf-8")
        wait_for(preview, before, lambda wanted=wanted: wanted in preview.get(page))
        times.append(time.perf_counter() - before)
        time.sleep(PAUSE)
    place.write_text(original, encoding="utf-8")
    wait_for(preview, time.perf_counter(), lambda: b"mark" + b"000" not in preview.get(page))
    time.sleep(PAUSE)
    return times


def measure_style(preview, root, edits):
    """The page names the new style sheet, and that style sheet is there: both count."""
    place = root / "themes/harbor/assets/css/site.css"
    original = place.read_text(encoding="utf-8")
    times = []
    link = re.compile(rb'href="([^"]*assets/css/site\.[^"]*\.css)"')
    for number in range(edits):
        mark = f".mark{number:03} {{ color: red }}"
        before = time.perf_counter()
        place.write_text(f"{original}\n{mark}\n", encoding="utf-8")

        def is_there(mark=mark.encode()):
            found = link.search(preview.get(""))
            return mark in preview.get(found[1].decode())

        wait_for(preview, before, is_there)
        times.append(time.perf_counter() - before)
        time.sleep(PAUSE)
    place.write_text(original, encoding="utf-8")
    time.sleep(PAUSE)
    return times


def wait_for(preview, since, is_there):
    while not is_there():
        if time.perf_counter() - since > PATIENCE:
            preview.stop()
            sys.exit(f"After {PATIENCE} s the preview still serves the old page.")


def copy_site(root, to):
    to.mkdir()
    for part in PARTS:
        if (root / part).is_dir():
            shutil.copytree(root / part, to / part)
        elif (root / part).exists():
            shutil.copy2(root / part, to / part)
    return to


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    words.add_argument("weekmark", nargs="+", type=Path)
    words.add_argument("--root", type=Path, default=REPOSITORY)
    words.add_argument("--edits", type=int, default=20)
    words.add_argument("--idle", type=float, default=20)
    given = words.parse_args()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start; {given.edits} edits each; ms to served")
    print(f"{'':44}{'median':>9}{'worst':>9}")
    for weekmark in given.weekmark:
        with tempfile.TemporaryDirectory(prefix="weekmark-latency-") as folder:
            root = copy_site(given.root, Path(folder).resolve() / "site")
            preview = Preview(weekmark.resolve(), root)
            try:
                rows = [
                    (title, measure_page(preview, root, given.edits, file, page, edit))
                    for title, file, page, edit in EDITS
                ]
                rows.append(("style sheet", measure_style(preview, root, given.edits)))
                requests = [timed(preview) for _ in range(200)]
                for title, times in rows:
                    row(weekmark, title, times)
                row(weekmark, "(a request, nothing changed)", requests)
                before = preview.seconds()
                time.sleep(given.idle)
                spent = preview.seconds() - before
                print(
                    f"{weekmark.parent.name}/{weekmark.name}: idle for {given.idle:.0f} s: "
                    f"{spent:.2f} s of processor time; {preview.memory():.0f} MB in memory"
                )
            finally:
                preview.stop()


def timed(preview):
    before = time.perf_counter()
    preview.get("careers/ccm/")
    return time.perf_counter() - before


def row(weekmark, title, times):
    name = f"{weekmark.parent.name}/{weekmark.name}: {title}"
    print(f"{name:44}{statistics.median(times) * 1000:9.1f}{max(times) * 1000:9.1f}")


main()
