#!/usr/bin/env python3
"""Awareness sites of N pages, the same for every generator.

    benches/make_corpus.py --pages N --out DIR --flavor {plain,weekmark,hugo,zola,eleventy}

The text, titles, dates, tags, links and the tree of sections depend only on --pages and --seed, so every
flavor holds the same site. `plain` is content alone, for the floor program; the others add a small theme with
equal parts: a menu of the top sections, page (title, description, date, audience, tags that lead to the tag's
page, previous and next in the section), section list, tag list, tag pages, home with the 20 newest, Atom feed
of the 20 newest, sitemap. `compare_sites.py` proves that the outputs say the same.

What differs in the sources because the generators do: the spelling of front matter, and that weekmark's dates
have no time of day. What Eleventy cannot do without an addition and so does not do: ids of headings.

OUT/.corpus.json says what was made, and what to edit and look at when edits are measured. The word EDITMARK
stands once in every base template.
"""
import argparse
import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone

BASE_URL = "https://awareness.example"
SITE_TITLE = "Common Ground"
SITE_DESC = "Plain-language awareness material on health, safety and rights."

AUDIENCES = ["public", "families", "professionals", "young-people"]

TAGS = """prevention early-signs first-aid helplines stigma myths evidence rights
consent privacy workplace schools carers volunteers nutrition sleep stress anxiety
recovery screening vaccination hygiene air-quality water heat cold road-safety
fire-safety online-safety scams debt housing disability ageing pregnancy hearing
vision movement grief community""".split()

TOPICS = """burnout|sleep health|road safety|online fraud|hearing loss|heat waves|
food allergies|asthma|loneliness|gambling harm|domestic abuse|fire safety|diabetes|
concussion|antibiotic resistance|screen time|carbon monoxide|drowning prevention|
eating disorders|stroke|dementia|postnatal depression|air pollution|workplace noise|
back pain|kidney disease|sepsis|sun protection|bullying|grief|vaping|alcohol|
epilepsy|migraine|arthritis|autism acceptance|dyslexia|water safety|first aid|
blood donation|organ donation|menopause|prostate health|breast screening|
skin checks|oral health|eye health|vaccination|travel health|mould at home|
energy poverty|debt and wellbeing|housing rights|consent|hate crime|data privacy|
misinformation|winter falls|medicines safety|long covid""".replace("\n", "").split("|")

FACETS = ["at work", "at school", "at home", "for carers", "for young people",
          "in later life", "myths and facts", "campaign stories", "talking about it",
          "local services", "the evidence", "for professionals"]

LEADS = ["Spotting the early signs of", "A short guide to", "What we know about",
         "Five questions on", "Living with", "How to talk about", "Where to get help with",
         "Common myths about", "A plan for", "Why it pays to act early on",
         "Understanding", "A checklist for", "Stories from people facing",
         "What employers can do about", "Supporting a friend through"]

SUBJ = ["Most people", "Many families", "Local groups", "Employers", "Teachers",
        "Nurses and pharmacists", "Friends and neighbours", "Community volunteers",
        "People who live alone", "Young adults", "Carers", "Team leaders",
        "Local councils", "New parents", "Older residents"]
VERB = ["notice", "overlook", "describe", "report", "underestimate", "talk about",
        "learn about", "ask for help with", "plan around", "worry about", "remember",
        "recognise", "prepare for", "write down", "share"]
OBJ = ["the first small changes", "a change in daily habits", "the risks around {t}",
       "simple steps that lower the risk", "what a calm first conversation sounds like",
       "the practical side of {t}", "how quickly things can change", "warning signs at home",
       "the support that is already there", "the cost of waiting too long",
       "which questions to ask first", "a list of numbers to call", "their own limits",
       "the difference between a bad week and a pattern", "what helped them most"]
TAIL = ["long before anyone else does", "and that is a good place to start",
        "even when the topic feels awkward", "because nobody told them it was possible",
        "so keep the tone kind and the facts short", "in the first two or three weeks",
        "although services differ from place to place", "once someone has listened properly",
        "without having to explain everything twice", "and small steps add up over a year",
        "when the information is close at hand", "whether or not there is a diagnosis",
        "as long as the next step is clear", "and it rarely takes special equipment",
        "if they know where to look"]
OPEN = ["In practice,", "As a rule,", "Over time,", "On an ordinary day,", "Too often,",
        "By contrast,", "In our survey,", "At the same time,", "For a start,", "Still,"]
ACTIONS = ["Write down what you noticed", "Pick a quiet moment to talk",
           "Save the helpline number", "Check the room, the route and the weather",
           "Agree on one small step", "Tell one person you trust",
           "Keep a short diary for two weeks", "Ask what would help right now",
           "Look at the checklist together", "Book the appointment the same day",
           "Read the label twice", "Plan a second conversation",
           "Leave the leaflet where it is seen", "Share this page with your team"]
DETAILS = ["ten minutes are enough", "no special training is needed",
           "use plain words and short sentences", "avoid giving advice straight away",
           "note the date and the place", "it is fine to stop and come back later",
           "bring someone along if that feels safer", "keep a copy for yourself",
           "the service is free and confidential", "ask again after a week"]
MEASURES = ["Asked for help early", "Knew a helpline", "Had a plan", "Told someone at work",
            "Followed up within a month", "Felt listened to", "Changed one habit",
            "Shared the checklist", "Used a local service"]
ALTS = ["People around a kitchen table", "A quiet street in the early morning",
        "A hand holding a checklist", "Chart of answers by age group",
        "Poster on a notice board", "Two colleagues in conversation"]
WHO = ["a ward nurse", "a youth worker", "a carer for nine years", "a bus driver",
       "a school counsellor", "a volunteer on the night line", "a pharmacist"]


def slugify(text):
    out = "".join(c if c.isalnum() and c.isascii() else "-" for c in text.lower())
    while "--" in out:
        out = out.replace("--", "-")
    return out.strip("-")


class Rng:
    """Only random() of the standard generator is used: its stream is stable."""

    def __init__(self, key):
        self.f = random.Random(key).random

    def pick(self, seq):
        return seq[int(self.f() * len(seq))]

    def between(self, lo, hi):
        return lo + int(self.f() * (hi - lo + 1))

    def sample(self, seq, k):
        pool, out = list(seq), []
        for _ in range(min(k, len(pool))):
            out.append(pool.pop(int(self.f() * len(pool))))
        return out


class Section:
    def __init__(self, path, title, topic, weight):
        self.path, self.title, self.topic, self.weight = path, title, topic, weight
        self.desc = f"Everything we publish on {title.lower()}: signs, steps and where to turn."
        self.pages = []


class Page:
    pass


def plan(n, seed):
    """The section tree and the metadata of all pages."""
    r = Rng(f"plan/{seed}/{n}")
    count = max(2, round(n / 75)) if n >= 100 else 1
    weights = [50 + int(r.f() * 51) for _ in range(count)]
    total = sum(weights)
    sizes = [w * n // total for w in weights]
    for i in range(n - sum(sizes)):
        sizes[i % count] += 1
    sections, tops = [], 0
    flat = count <= 4
    # A site of ten times the pages has no menu of ten times the length, so from 12,000 pages on there are more
    # sections below each top section and not more of those.
    each = max(4, -(-count // 40))
    for i in range(count):
        if flat or i % each == 0:
            topic = TOPICS[tops % len(TOPICS)]
            suffix = "" if tops < len(TOPICS) else f" {tops // len(TOPICS) + 1}"
            title = topic.capitalize() + suffix
            top = Section(slugify(topic + suffix), title, topic, tops + 1)
            tops += 1
            sections.append(top)
            kids = r.sample(FACETS, each - 1)
        else:
            lap, kid = divmod(i % each - 1, len(kids))
            facet = kids[kid] + (f" {lap + 1}" if lap else "")
            sections.append(Section(f"{top.path}/{slugify(facet)}",
                                    f"{top.title} {facet}", top.topic, i % each))
    start = datetime(2021, 1, 4, 6, 0, tzinfo=timezone.utc)
    step = int(5 * 365 * 86400 / max(n, 1))
    pages = []
    for s, size in zip(sections, sizes):
        for k in range(size):
            p = Page()
            p.section, p.weight = s, k + 1
            lead = r.pick(LEADS)
            p.title = f"{lead} {s.topic}, part {k + 1}"
            if r.f() < 0.15:
                p.title = f'{lead} "{s.topic}": part {k + 1}'
            p.slug = slugify(f"{lead} {s.topic} {k + 1}")
            p.desc = (f"{r.pick(SUBJ)} {r.pick(VERB)} {r.pick(OBJ).format(t=s.topic)} "
                      f"{r.pick(TAIL)}.")
            p.tags = sorted(r.sample(TAGS, r.between(2, 5)))
            p.audience = r.pick(AUDIENCES)
            p.url = f"/{s.path}/{p.slug}/"
            s.pages.append(p)
            pages.append(p)
    order = r.sample(range(n), n) if n <= 2000 else sorted(range(n), key=lambda i: (i * 7919) % n)
    for i, p in enumerate(pages):
        p.date = start + timedelta(seconds=order[i] * step + i % 60)
    return sections, pages


def sentence(r, topic):
    s = f"{r.pick(SUBJ)} {r.pick(VERB)} {r.pick(OBJ).format(t=topic)} {r.pick(TAIL)}."
    if r.f() < 0.25:
        s = f"{r.pick(OPEN)} {s[0].lower()}{s[1:]}"
    x = r.f()
    if x < 0.08:
        words = s.split(" ")
        i = r.between(1, len(words) - 3)
        words[i] = f"**{words[i]}**"
        s = " ".join(words)
    elif x < 0.16:
        words = s.split(" ")
        i = r.between(1, len(words) - 4)
        words[i], words[i + 1] = f"*{words[i]}", f"{words[i + 1]}*"
        s = " ".join(words)
    return s


def para(r, topic, lo, hi):
    return " ".join(sentence(r, topic) for _ in range(r.between(lo, hi)))


def body(p, pages, seed):
    r = Rng(f"body/{seed}/{p.url}")
    t = p.section.topic

    def cross():
        q = r.pick(pages) if r.f() < 0.5 else r.pick(p.section.pages)
        return f"[{q.title.replace('[', '').replace(']', '')}]({q.url})"

    notes = r.f() < 0.35
    out = []
    mark = "[^study]" if notes else ""
    out.append(para(r, t, 3, 4) + mark)
    out.append(f"## Why {t} deserves attention")
    out.append(para(r, t, 3, 4) + f" Start with {cross()} if you are new here.")
    out.append(f"> {sentence(r, t)} {sentence(r, t)}\n>\n> -- {r.pick(WHO)}")
    out.append(f"![{r.pick(ALTS)}](/img/fig-{r.between(1, 12):02d}.svg \"{t.capitalize()}\")")
    out.append("## Key facts")
    rows = r.sample(MEASURES, r.between(4, 6))
    table = ["| Measure | Before | After | Note |", "|:---|---:|---:|---|"]
    for m in rows:
        a = r.between(12, 60)
        table.append(f"| {m} | {a}% | {a + r.between(3, 25)}% | {r.pick(DETAILS)} |")
    out.append("\n".join(table))
    out.append(para(r, t, 1, 2) + (" The method is described below.[^method]" if notes else ""))
    out.append("## What you can do")
    items = []
    for a in r.sample(ACTIONS, 4):
        items.append(f"- **{a}**: {r.pick(DETAILS)}")
        for d in r.sample(DETAILS, r.between(1, 3)):
            items.append(f"  - {d}")
        if r.f() < 0.3:
            items.append(f"    - see {cross()}")
    out.append("\n".join(items))
    out.append(f"### In the first week\n\n{para(r, t, 2, 3)} There is more in the "
               f"[{r.pick(TAGS)} handbook](https://example.org/{slugify(t)}/handbook?ref=cg&lang=en) "
               f"and at [your local service](https://example.com/services/{r.between(100, 999)}).")
    steps = [f"{i}. {a}. {sentence(r, t)}" for i, a in
             enumerate(r.sample(ACTIONS, 3), 1)]
    out.append("## Talking about it\n\n" + "\n".join(steps))
    out.append(para(r, t, 3, 5) + " Caf\u00e9 talks \u2013 informal and free \u2013 run each month.")
    if r.f() < 0.3:
        out.append(f"Set the reminder `{slugify(t)}-{r.between(1, 9)}` in your calendar.")
    out.append("## Read next\n\n" + "\n".join(f"* {cross()}" for _ in range(3)))
    if notes:
        out.append(f"[^study]: {sentence(r, t)}\n\n[^method]: {sentence(r, t)} See {cross()}.")
    return "\n\n".join(out) + "\n"


# ---------------------------------------------------------------- front matter

def q(s):
    return json.dumps(s, ensure_ascii=False)


def iso(d):
    return d.strftime("%Y-%m-%dT%H:%M:%SZ")


def fm_plain(p, date=None):
    return (f"---\ntitle: {q(p.title)}\ndescription: {q(p.desc)}\ndate: {date or iso(p.date)}\n"
            f"tags: [{', '.join(p.tags)}]\naudience: {p.audience}\nweight: {p.weight}\n---\n\n")


def fm_zola(p):
    return (f"---\ntitle: {q(p.title)}\ndescription: {q(p.desc)}\ndate: {iso(p.date)}\n"
            f"weight: {p.weight}\ntaxonomies:\n  tags: [{', '.join(p.tags)}]\n"
            f"extra:\n  audience: {p.audience}\n---\n\n")


def section_body(s):
    return (f"This part of the site collects what we know about *{s.title.lower()}*. "
            f"Start with the newest page or read them in order.\n")


# ---------------------------------------------------------------------- themes
# One skeleton for all engines. {..} names are replaced by engine syntax.

SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="build" content="EDITMARK">
<title>@TITLE@</title>
<meta name="description" content="@DESC@">
<link rel="canonical" href="@BASE@@URL@">
<meta property="og:title" content="@TITLE@">
<meta property="og:description" content="@DESC@">
<meta property="og:url" content="@BASE@@URL@">
<meta property="og:type" content="article">
<link rel="stylesheet" href="/css/site.css">
<link rel="icon" href="/img/fig-01.svg" type="image/svg+xml">
<link rel="alternate" type="application/atom+xml" title="@SITE@" href="/atom.xml">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="brand" href="/">@SITE@</a>
<nav aria-label="Sections">
<ul>
@NAV@
</ul>
</nav>
</header>
<main id="main">
@MAIN@
</main>
<footer>
<p>@SITE@ publishes plain-language awareness material. It is no substitute for advice from a professional.</p>
<p>In an emergency call your local emergency number. If you need to talk, the helplines listed on each page are free and confidential.</p>
<ul class="foot">
<li><a href="/">Home</a></li>
<li><a href="/tags/">All topics</a></li>
<li><a href="/atom.xml">Feed</a></li>
<li><a href="/sitemap.xml">Site map</a></li>
</ul>
</footer>
</body>
</html>
"""

CSS = """:root{--ink:#1c2430;--paper:#fbfaf7;--accent:#1f6f78;--line:#d9d4c7}
*{box-sizing:border-box}body{margin:0;font:1.05rem/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:46rem;margin:0 auto;padding:1.5rem}a{color:var(--accent)}
header.top{display:flex;flex-wrap:wrap;gap:1rem;padding:1rem 1.5rem;border-bottom:1px solid var(--line)}
nav ul,ul.foot{display:flex;flex-wrap:wrap;gap:.75rem;list-style:none;margin:0;padding:0}
table{border-collapse:collapse;width:100%}th,td{border:1px solid var(--line);padding:.4rem .6rem;text-align:left}
blockquote{margin:1rem 0;padding:.5rem 1rem;border-left:4px solid var(--accent);background:#fff}
.meta{color:#5a6472;font-size:.92rem}.skip{position:absolute;left:-999px}.skip:focus{left:1rem}
img{max-width:100%;height:auto}footer{border-top:1px solid var(--line);padding:1.5rem;font-size:.92rem}
"""


def svg(i):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" role="img">'
            f'<rect width="640" height="360" fill="hsl({i * 29 % 360} 35% 90%)"/>'
            f'<circle cx="{90 + i * 35}" cy="{120 + i * 9}" r="{50 + i * 4}" '
            f'fill="hsl({i * 29 % 360} 45% 45%)"/>'
            f'<path d="M0 300 Q160 {220 - i * 6} 320 300 T640 300 V360 H0Z" '
            f'fill="hsl({(i * 29 + 180) % 360} 30% 40%)"/></svg>\n')


def shell(title, desc, url, nav, main, base=BASE_URL, site=SITE_TITLE):
    out = SHELL
    for k, v in (("@MAIN@", main), ("@NAV@", nav), ("@TITLE@", title), ("@DESC@", desc),
                 ("@URL@", url), ("@BASE@", base), ("@SITE@", site)):
        out = out.replace(k, v)
    return out


class Writer:
    def __init__(self, root):
        self.root, self.made, self.count = root, set(), 0

    def __call__(self, path, text):
        full = os.path.join(self.root, path)
        d = os.path.dirname(full)
        if d not in self.made:
            os.makedirs(d, exist_ok=True)
            self.made.add(d)
        with open(full, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)
        self.count += 1


def write_static(w, prefix):
    w(f"{prefix}css/site.css", CSS)
    for i in range(1, 13):
        w(f"{prefix}img/fig-{i:02d}.svg", svg(i))


def write_content(w, sections, pages, seed, fm, section_fm, home_fm, index="_index.md",
                  root="content/"):
    if home_fm is not None:
        w(f"{root}{index}", home_fm)
    for s in sections:
        if section_fm is not None:
            w(f"{root}{s.path}/{index}", section_fm(s) + section_body(s))
        for p in s.pages:
            w(f"{root}{s.path}/{p.slug}.md", fm(p) + body(p, pages, seed))


def make_plain(w, sections, pages, seed):
    write_static(w, "static/")
    write_content(
        w, sections, pages, seed, fm_plain,
        lambda s: f"---\ntitle: {q(s.title)}\ndescription: {q(s.desc)}\nweight: {s.weight}\n---\n\n",
        f"---\ntitle: {q(SITE_TITLE)}\ndescription: {q(SITE_DESC)}\n---\n\nWelcome.\n")


def make_hugo(w, sections, pages, seed):
    write_static(w, "static/")
    write_content(
        w, sections, pages, seed, fm_plain,
        lambda s: f"---\ntitle: {q(s.title)}\ndescription: {q(s.desc)}\nweight: {s.weight}\n---\n\n",
        f"---\ntitle: {q(SITE_TITLE)}\ndescription: {q(SITE_DESC)}\n---\n\nWelcome.\n")
    # Hugo's own title of the list of tags is the taxonomy's key.
    w("content/tags/_index.md", "---\ntitle: Tags\n---\n")
    w("hugo.toml", f"""baseURL = "{BASE_URL}/"
locale = "en"
title = "{SITE_TITLE}"
disableHugoGeneratorInject = true
enableRobotsTXT = false
capitalizeListTitles = false
pluralizeListTitles = false
[params]
description = "{SITE_DESC}"
[taxonomies]
tag = "tags"
[outputs]
home = ["html", "atom"]
section = ["html"]
taxonomy = ["html"]
term = ["html"]
[outputFormats.atom]
mediaType = "application/atom+xml"
baseName = "atom"
isPlainText = false
noUgly = true
[mediaTypes."application/atom+xml"]
suffixes = ["xml"]
[markup.highlight]
codeFences = false
[markup.goldmark.extensions]
linkify = false
[markup.goldmark.extensions.typographer]
disable = true
""")
    nav = '{{ partialCached "nav.html" . }}'
    w("layouts/_partials/nav.html",
      '{{- range site.Sections }}<li><a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a></li>\n{{ end -}}')
    w("layouts/baseof.html", shell(
        "{{ with .Title }}{{ . }}{{ else }}{{ site.Title }}{{ end }}",
        "{{ with .Description }}{{ . }}{{ else }}{{ site.Params.description }}{{ end }}",
        "{{ .RelPermalink }}", nav, '{{ block "main" . }}{{ end }}'))
    item = ('<li><a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a><p>{{ .Description }}</p></li>\n')
    w("layouts/page.html", """{{ define "main" }}<article>
<h1>{{ .Title }}</h1>
<p class="lead">{{ .Description }}</p>
<p class="meta"><time datetime="{{ .Date.Format "2006-01-02" }}">{{ .Date.Format "2 January 2006" }}</time> for {{ .Params.audience }}</p>
<ul class="tags">
{{ range .Params.tags }}<li><a href="/tags/{{ . }}/">{{ . }}</a></li>
{{ end }}</ul>
{{ .Content }}
<nav class="pn">
{{ with .NextInSection }}<a rel="prev" href="{{ .RelPermalink }}">{{ .LinkTitle }}</a>{{ end }}
{{ with .PrevInSection }}<a rel="next" href="{{ .RelPermalink }}">{{ .LinkTitle }}</a>{{ end }}
</nav>
</article>{{ end }}
""")
    w("layouts/section.html", """{{ define "main" }}<h1>{{ .Title }}</h1>
<p class="lead">{{ .Description }}</p>
{{ .Content }}
<ul class="sub">
{{ range .Sections }}<li><a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a></li>
{{ end }}</ul>
<ul class="list">
{{ range .RegularPages }}""" + item + """{{ end }}</ul>{{ end }}
""")
    w("layouts/term.html", """{{ define "main" }}<h1>{{ .Title }}</h1>
<ul class="list">
{{ range .Pages.ByDate.Reverse }}""" + item + """{{ end }}</ul>{{ end }}
""")
    w("layouts/taxonomy.html", """{{ define "main" }}<h1>{{ .Title }}</h1>
<ul class="list">
{{ range .Data.Terms.Alphabetical }}<li><a href="{{ .Page.RelPermalink }}">{{ .Page.Title }}</a> ({{ .Count }})</li>
{{ end }}</ul>{{ end }}
""")
    w("layouts/home.html", """{{ define "main" }}<h1>{{ .Title }}</h1>
{{ .Content }}
<ul class="list">
{{ range first 20 site.RegularPages.ByDate.Reverse }}""" + item + """{{ end }}</ul>{{ end }}
""")
    w("layouts/home.atom.xml", """{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<feed xmlns="http://www.w3.org/2005/Atom"><title>{{ site.Title }}</title><id>{{ site.BaseURL }}</id>
{{ range first 20 site.RegularPages.ByDate.Reverse }}<entry><title>{{ .Title }}</title><link href="{{ .Permalink }}"/><id>{{ .Permalink }}</id><updated>{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}</updated><summary>{{ .Description }}</summary></entry>
{{ end }}</feed>
""")
    return "layouts/baseof.html"


def make_zola(w, sections, pages, seed):
    write_static(w, "static/")
    write_content(
        w, sections, pages, seed, fm_zola,
        lambda s: (f"---\ntitle: {q(s.title)}\ndescription: {q(s.desc)}\nweight: {s.weight}\n"
                   f"sort_by: weight\n---\n\n"),
        f"---\ntitle: {q(SITE_TITLE)}\ndescription: {q(SITE_DESC)}\nsort_by: date\n---\n\nWelcome.\n")
    # The 20 newest on the home page: what Zola has for "the newest N of all pages" is its feed, so the home page is
    # a second feed template. That is the quickest way; asking every section takes far longer.
    tops = [s for s in sections if "/" not in s.path]
    nav_cfg = "".join(f'[[extra.nav]]\nurl = "/{s.path}/"\ntitle = {q(s.title)}\n' for s in tops)
    w("config.toml", f"""base_url = "{BASE_URL}"
title = "{SITE_TITLE}"
description = "{SITE_DESC}"
compile_sass = false
build_search_index = false
minify_html = false
generate_feeds = true
feed_limit = 20
feed_filenames = ["atom.xml", "index.html"]
generate_sitemap = true
generate_robots_txt = false
taxonomies = [{{ name = "tags" }}]
[markdown]
bottom_footnotes = true
[extra]
{nav_cfg}""")
    nav = ('{% for s in config.extra.nav %}<li><a href="{{ s.url }}">{{ s.title }}</a></li>\n'
           '{% endfor %}')
    w("templates/base.html", shell(
        "{% block title %}{{ config.title }}{% endblock %}",
        "{% block desc %}{{ config.description }}{% endblock %}",
        "{% block url %}{{ current_path | default(value='/') | safe }}{% endblock %}", nav,
        "{% block main %}{% endblock %}")
        .replace('og:title" content="{% block title %}{{ config.title }}{% endblock %}',
                 'og:title" content="{% block ogt %}{{ config.title }}{% endblock %}')
        .replace('og:description" content="{% block desc %}{{ config.description }}{% endblock %}',
                 'og:description" content="{% block ogd %}{{ config.description }}{% endblock %}')
        .replace('og:url" content="' + BASE_URL + "{% block url %}{{ current_path | default(value='/') | safe }}{% endblock %}",
                 'og:url" content="' + BASE_URL + "{% block ogu %}{{ current_path | default(value='/') | safe }}{% endblock %}"))
    item = ('<li><a href="{{ p.path | safe }}">{{ p.title }}</a><p>{{ p.description }}</p></li>\n')

    def head(t, d):
        return ("{% extends 'base.html' %}\n"
                f"{{% block title %}}{t}{{% endblock %}}{{% block ogt %}}{t}{{% endblock %}}\n"
                + (f"{{% block desc %}}{d}{{% endblock %}}{{% block ogd %}}{d}{{% endblock %}}\n" if d else ""))
    w("templates/page.html", head("{{ page.title }}", "{{ page.description }}") + """{% block main %}<article>
<h1>{{ page.title }}</h1>
<p class="lead">{{ page.description }}</p>
<p class="meta"><time datetime="{{ page.date | date(format='%Y-%m-%d') }}">{{ page.date | date(format='%-d %B %Y') }}</time> for {{ page.extra.audience }}</p>
<ul class="tags">
{% for t in page.taxonomies.tags %}<li><a href="/tags/{{ t }}/">{{ t }}</a></li>
{% endfor %}</ul>
{{ page.content | safe }}
<nav class="pn">
{% if page.lower %}<a rel="prev" href="{{ page.lower.path | safe }}">{{ page.lower.title }}</a>{% endif %}
{% if page.higher %}<a rel="next" href="{{ page.higher.path | safe }}">{{ page.higher.title }}</a>{% endif %}
</nav>
</article>{% endblock %}
""")
    w("templates/section.html", head("{{ section.title }}", "{{ section.description }}") + """{% block main %}<h1>{{ section.title }}</h1>
<p class="lead">{{ section.description }}</p>
{{ section.content | safe }}
<ul class="sub">
{% for s in section.subsections %}{% set sub = get_section(path=s, metadata_only=true) %}<li><a href="{{ sub.path | safe }}">{{ sub.title }}</a></li>
{% endfor %}</ul>
<ul class="list">
{% for p in section.pages %}""" + item + """{% endfor %}</ul>{% endblock %}
""")
    w("templates/index.html", head("{{ config.title }}", "") + """{% block main %}<h1>{{ config.title }}</h1>
<p>Welcome.</p>
<ul class="list">
{% if pages %}{% for p in pages %}""" + item + """{% endfor %}{% endif %}</ul>{% endblock %}
""")
    w("templates/tags/list.html", head("Tags", "") + """{% block main %}<h1>Tags</h1>
<ul class="list">
{% for t in terms %}<li><a href="{{ t.path | safe }}">{{ t.name }}</a> ({{ t.page_count }})</li>
{% endfor %}</ul>{% endblock %}
""")
    w("templates/tags/single.html", head("{{ term.name }}", "") + """{% block main %}<h1>{{ term.name }}</h1>
<ul class="list">
{% for p in term.pages %}""" + item + """{% endfor %}</ul>{% endblock %}
""")
    w("templates/atom.xml", """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>{{ config.title }}</title><id>{{ config.base_url | safe }}</id>
{% for page in pages %}<entry><title>{{ page.title }}</title><link href="{{ page.permalink | safe }}"/><id>{{ page.permalink | safe }}</id><updated>{{ page.date }}</updated><summary>{{ page.description }}</summary></entry>
{% endfor %}</feed>
""")
    w("templates/404.html", "not found\n")
    return "templates/base.html"


def make_eleventy(w, sections, pages, seed):
    write_static(w, "static/")
    write_content(
        w, sections, pages, seed, fm_plain,
        lambda s: (f"---\ntitle: {q(s.title)}\ndescription: {q(s.desc)}\nweight: {s.weight}\n"
                   f"kind: section\nlayout: section.njk\npermalink: /{s.path}/\n---\n\n"),
        None)
    w("package.json", '{"name":"corpus","private":true,"type":"module"}\n')
    w("content/content.11tydata.js", """export default {
  layout: "page.njk",
  permalink: (data) => data.page.filePathStem + "/index.html",
};
""")
    w("eleventy.config.js", """import { createRequire } from "node:module";
import path from "node:path";
// ELEVENTY_HOME: where @11ty/eleventy and markdown-it-footnote are installed
const require = createRequire(path.join(process.env.ELEVENTY_HOME || process.cwd(), "x.js"));
const footnote = require("markdown-it-footnote");
const MONTHS = "January February March April May June July August September October November December".split(" ");
export default function (cfg) {
  cfg.amendLibrary("md", (md) => md.use(footnote));
  cfg.addPassthroughCopy({ static: "/" });
  cfg.addFilter("ymd", (d) => d.toISOString().slice(0, 10));
  cfg.addFilter("iso", (d) => d.toISOString());
  cfg.addFilter("long", (d) => d.getUTCDate() + " " + MONTHS[d.getUTCMonth()] + " " + d.getUTCFullYear());
  const dirOf = (i) => path.posix.dirname(i.page.filePathStem).slice(1);
  cfg.addCollection("sections", (api) => {
    const map = new Map(), list = [];
    for (const i of api.getAll()) {
      if (i.data.kind === "section") { i.data.sectionPath = dirOf(i); list.push(i); map.set(dirOf(i), []); }
    }
    for (const i of api.getAll()) if (i.data.audience) map.get(dirOf(i)).push(i);
    for (const s of list) {
      const ps = map.get(s.data.sectionPath).sort((a, b) => a.data.weight - b.data.weight);
      s.data.sectionPages = ps;
      s.data.subsections = list.filter((x) => path.posix.dirname(x.data.sectionPath) === s.data.sectionPath)
        .sort((a, b) => a.data.weight - b.data.weight);
      ps.forEach((p, k) => { p.data.prevPage = ps[k - 1]; p.data.nextPage = ps[k + 1]; });
    }
    return list;
  });
  cfg.addCollection("nav", (api) => api.getAll().filter((i) => i.data.kind === "section" && !dirOf(i).includes("/"))
    .sort((a, b) => a.data.weight - b.data.weight));
  const newest = (api) => api.getAll().filter((i) => i.data.audience).sort((a, b) => b.date - a.date);
  cfg.addCollection("newest", (api) => newest(api).slice(0, 20));
  cfg.addCollection("tagList", (api) => {
    const m = new Map();
    for (const i of newest(api)) for (const t of i.data.tags || []) { if (!m.has(t)) m.set(t, []); m.get(t).push(i); }
    return [...m].map(([name, items]) => ({ name, items })).sort((a, b) => (a.name < b.name ? -1 : 1));
  });
  return {
    dir: { input: "content", includes: "../_includes", data: "../_data", output: "_site" },
    markdownTemplateEngine: false,
    htmlTemplateEngine: false,
    templateFormats: ["md", "njk"],
  };
}
""")
    nav = ('{% for s in collections.nav %}<li><a href="{{ s.url }}">{{ s.data.title }}</a></li>\n'
           '{% endfor %}')
    w("_includes/base.njk", shell("{{ title or tag.name or '" + SITE_TITLE + "' }}",
                                  "{{ description or '" + SITE_DESC + "' }}",
                                  "{{ page.url }}", nav, "{{ content | safe }}"))
    item = '<li><a href="{{ p.url }}">{{ p.data.title }}</a><p>{{ p.data.description }}</p></li>\n'
    w("_includes/page.njk", """---
layout: base.njk
---
<article>
<h1>{{ title }}</h1>
<p class="lead">{{ description }}</p>
<p class="meta"><time datetime="{{ page.date | ymd }}">{{ page.date | long }}</time> for {{ audience }}</p>
<ul class="tags">
{% for t in tags %}<li><a href="/tags/{{ t }}/">{{ t }}</a></li>
{% endfor %}</ul>
{{ content | safe }}
<nav class="pn">
{% if prevPage %}<a rel="prev" href="{{ prevPage.url }}">{{ prevPage.data.title }}</a>{% endif %}
{% if nextPage %}<a rel="next" href="{{ nextPage.url }}">{{ nextPage.data.title }}</a>{% endif %}
</nav>
</article>
""")
    w("_includes/section.njk", """---
layout: base.njk
---
<h1>{{ title }}</h1>
<p class="lead">{{ description }}</p>
{{ content | safe }}
<ul class="sub">
{% for s in subsections %}<li><a href="{{ s.url }}">{{ s.data.title }}</a></li>
{% endfor %}</ul>
<ul class="list">
{% for p in sectionPages %}""" + item + """{% endfor %}</ul>
""")
    w("content/index.njk", f"""---
title: {q(SITE_TITLE)}
layout: base.njk
permalink: /
---
<h1>{{{{ title }}}}</h1>
<p>Welcome.</p>
<ul class="list">
{{% for p in collections.newest %}}""" + item + """{% endfor %}</ul>
""")
    w("content/tags.njk", """---
title: Tags
layout: base.njk
permalink: /tags/
---
<h1>Tags</h1>
<ul class="list">
{% for t in collections.tagList %}<li><a href="/tags/{{ t.name }}/">{{ t.name }}</a> ({{ t.items.length }})</li>
{% endfor %}</ul>
""")
    w("content/tag.njk", """---
layout: base.njk
pagination:
  data: collections.tagList
  size: 1
  alias: tag
  addAllPagesToCollections: true
permalink: "/tags/{{ tag.name }}/"
---
<h1>{{ tag.name }}</h1>
<ul class="list">
{% for p in tag.items %}""" + item + """{% endfor %}</ul>
""")
    w("content/atom.njk", f"""---
layout: false
permalink: /atom.xml
eleventyExcludeFromCollections: true
---
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>{SITE_TITLE}</title><id>{BASE_URL}</id>
{{% for p in collections.newest %}}<entry><title>{{{{ p.data.title }}}}</title><link href="{BASE_URL}{{{{ p.url }}}}"/><id>{BASE_URL}{{{{ p.url }}}}</id><updated>{{{{ p.date | iso }}}}</updated><summary>{{{{ p.data.description }}}}</summary></entry>
{{% endfor %}}</feed>
""")
    w("content/sitemap.njk", f"""---
layout: false
permalink: /sitemap.xml
eleventyExcludeFromCollections: true
---
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{{% for p in collections.all %}}<url><loc>{BASE_URL}{{{{ p.url }}}}</loc><lastmod>{{{{ p.date | ymd }}}}</lastmod></url>
{{% endfor %}}</urlset>
""")
    return "_includes/base.njk"


# All that the peers have on, and not what none of them has or what is off for them: curly quotes, links by title.
WEEKMARK_EXTENSIONS = """tables footnotes strikethrough task_lists heading_ids heading_attributes definition_lists
alerts components""".split()


def make_weekmark(w, sections, pages, seed):
    write_static(w, "content/")
    write_content(
        w, sections, pages, seed, lambda p: fm_plain(p, p.date.strftime("%Y-%m-%d")),
        # weekmark puts the pages and sections of a folder into one order; here the pages come first.
        lambda s: (f"---\ntitle: {q(s.title)}\ndescription: {q(s.desc)}\nweight: {s.weight + 1_000_000}\n"
                   f"---\n\n"),
        f"---\ntitle: {q(SITE_TITLE)}\ndescription: {q(SITE_DESC)}\n---\n\nWelcome.\n")
    menu = "".join(f"    - page: {s.path}/_index.md\n" for s in sections if "/" not in s.path)
    w("site.yaml", f"""title: {SITE_TITLE}
description: {SITE_DESC}
base_url: {BASE_URL}/
theme: race
links: clean
taxonomies: [tags]
markdown:
  extensions: [{", ".join(WEEKMARK_EXTENSIONS)}]
menus:
  main:
{menu}""")
    w("themes/race/theme.yaml", "name: race\ntitle: Race\napi: 1\n")
    t = "themes/race/templates/"
    base = shell(
        "{{ page.title }}", "{{ page.description or site.description }}", "@PATH@",
        '{% for s in menu() %}<li><a href="{{ s.url }}">{{ s.title }}</a></li>\n{% endfor %}',
        "{% block main %}{% endblock main %}")
    base = base.replace(BASE_URL + "@PATH@", "{{ page.permalink }}")
    for address, to in (("/", "_index.md"), ("/tags/", "/tags/"), ("/atom.xml", "/feed.xml"),
                        ("/sitemap.xml", "/sitemap.xml"), ("/css/site.css", "css/site.css"),
                        ("/img/fig-01.svg", "img/fig-01.svg")):
        base = base.replace(f'href="{address}"', f'href="{{{{ link(to="{to}") }}}}"')
    # What is the same for all pages of a folder stands in templates of its own, as in the partialCached of Hugo.
    for name, start, end in (("links", '<link rel="stylesheet"', "</head>"), ("top", '<a class="skip"', '<main'),
                             ("bottom", "<footer>", "</body>")):
        before, rest = base.split(start)
        part, after = rest.split(end, 1)
        w(t + name + ".html", start + part)
        base = f'{before}{{{{ shared(template="{name}.html") }}}}{end}{after}'
    w(t + "base.html", base)
    item = '<li><a href="{{ p.url }}">{{ p.title }}</a><p>{{ p.description }}</p></li>\n'

    def extend(name, main):
        w(t + name, "{% extends \"base.html\" %}\n{% block main %}" + main + "{% endblock main %}\n")
    extend("page.html", """<article>
<h1>{{ page.title }}</h1>
<p class="lead">{{ page.description }}</p>
<p class="meta"><time datetime="{{ page.date }}">{{ page.date | date(format="%-d %B %Y") }}</time> for {{ page.audience | join(sep=", ") }}</p>
<ul class="tags">
{% for t in page.terms.tags %}<li><a href="{{ t.url }}">{{ t.title }}</a></li>
{% endfor %}</ul>
{{ content }}
{% set near = neighbors() %}<nav class="pn">
{% if near.previous %}<a rel="prev" href="{{ near.previous.url }}">{{ near.previous.title }}</a>{% endif %}
{% if near.next?.kind == "page" %}<a rel="next" href="{{ near.next.url }}">{{ near.next.title }}</a>{% endif %}
</nav>
</article>""")
    extend("section.html", """<h1>{{ page.title }}</h1>
<p class="lead">{{ page.description }}</p>
{{ content }}
{% set all = children() %}<ul class="sub">
{% for s in all %}{% if s.kind == "section" %}<li><a href="{{ s.url }}">{{ s.title }}</a></li>
{% endif %}{% endfor %}</ul>
<ul class="list">
{% for p in all %}{% if p.kind == "page" %}""" + item + """{% endif %}{% endfor %}</ul>""")
    extend("home.html", """<h1>{{ page.title }}</h1>
{{ content }}
<ul class="list">
{% for p in recent(limit=20) %}""" + item + """{% endfor %}</ul>""")
    extend("taxonomy.html", """<h1>{{ page.title }}</h1>
<ul class="list">
{% for t in terms(taxonomy="tags") %}<li><a href="{{ t.url }}">{{ t.title }}</a> ({{ t.count }})</li>
{% endfor %}</ul>""")
    extend("term.html", """<h1>{{ page.title }}</h1>
<ul class="list">
{% for p in tagged(taxonomy="tags", term=page.term.name) | sort(attribute="date") | reverse %}""" + item + """{% endfor %}</ul>""")
    w(t + "404.html", "not found\n")
    return t + "base.html"


def to_edit(sections, p):
    """A page, and where else its title stands."""
    k = p.section.pages.index(p)
    near = [p.section.pages[i].url for i in (k - 1, k + 1) if 0 <= i < len(p.section.pages)]
    return {"file": f"content/{p.section.path}/{p.slug}.md", "url": p.url, "neighbors": near,
            "lists": [f"/{p.section.path}/"] + [f"/tags/{t}/" for t in p.tags]}


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--pages", type=int, required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--flavor", required=True, choices=["plain", "weekmark", "hugo", "zola", "eleventy"])
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    if a.pages < 1:
        ap.error("--pages must be positive")
    if os.path.isdir(a.out) and os.listdir(a.out):
        sys.exit(f"make_corpus: {a.out} is not empty")
    sections, pages = plan(a.pages, a.seed)
    w = Writer(a.out)
    template = globals()[f"make_{a.flavor}"](w, sections, pages, a.seed)
    mid = sections[len(sections) // 2]
    # The newest page between two others: its title stands on all kinds of pages.
    between = [p for s in sections for p in s.pages[1:-1]] or pages
    newest = max(between, key=lambda p: p.date)
    words = [len(body(x, pages, a.seed).split()) for x in pages[:: max(1, len(pages) // 50)]]
    tags = {t for x in pages for t in x.tags}
    w(".corpus.json", json.dumps({
        "flavor": a.flavor, "pages": len(pages), "sections": len(sections),
        "top_sections": sum("/" not in s.path for s in sections),
        "tags": len(tags), "mean_words": round(sum(words) / len(words)),
        # The pages, the sections with the home page, the tags with their list.
        "html": len(pages) + len(sections) + 1 + len(tags) + 1,
        "template": template,
        "body_edit": to_edit(sections, mid.pages[len(mid.pages) // 2]),
        "title_edit": to_edit(sections, newest),
        # Pages all over the site, the last ones first: what is made late is looked at early.
        "sample": [p.url for p in reversed(pages[:-10:max(1, len(pages) // 40)] + pages[-10:])],
    }, indent=1) + "\n")
    print(f"{a.flavor}: {len(pages)} pages, {len(sections)} sections, {w.count} files in {a.out}")


if __name__ == "__main__":
    main()
