//! Owns the proof that what was kept never shows: random scripts of edits over a site of some forty pages;
//! after each edit the site and the printed problems that come from a kept memo equal those of a cold
//! build, with a hint which files to look at again and with a look at everything.
//!
//! `EDITS=5000 SEED=7 cargo test --test incremental` makes more, or others. A failure prints its seed, the
//! number of the edit and the edit itself; the same seed makes the same edits.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test works on a disk and may fail"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use support::{Folder, Kept, cold, copy_folder, difference, set_modified};
use weekmark::calendar::Date;
use weekmark::diag::Severity;
use weekmark::pass::Options;
use weekmark::source::{Snapshot, rescan, scan};

/// How many edits each of the scripts has.
const EDITS: usize = 100;
/// The scripts; each starts from the same site.
const SEEDS: [u64; 4] = [1, 2, 3, 4];

#[test]
fn what_is_kept_never_shows() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = number("SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]);
    let edits = number("EDITS").map_or(EDITS, |edits| edits as usize / seeds.len());
    let runs = std::thread::scope(|scope| {
        let run = |seed: &u64| (*seed, script(*seed, edits, 0));
        let handles: Vec<_> = seeds.iter().map(|seed| scope.spawn(move || run(seed))).collect();
        handles
            .into_iter()
            .map(|handle| handle.join().expect("a script panicked"))
            .collect::<Vec<_>>()
    });
    for (seed, run) in runs {
        let good = run.unwrap_or_else(|failure| panic!("SEED={seed}: {failure}"));
        // A script that breaks the site and never mends it would prove little.
        assert!(
            good * 8 > edits,
            "SEED={seed}: only {good} of {edits} steps were sites without errors"
        );
    }
}

/// The same on a site of a thousand pages, where lists are long, and where much is kept that a small site
/// makes again: fewer edits, because each is followed by a cold build.
#[test]
fn what_is_kept_never_shows_among_a_thousand_pages() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seed, edits) = (number("SEED").unwrap_or(11), number("LARGE_EDITS").unwrap_or(24));
    let run = script(seed, edits as usize, 960);
    assert!(run.unwrap_or_else(|failure| panic!("SEED={seed}: {failure}")) > 0);
}

/// A script of edits on a site of some forty pages and `more`; how many of the sites in between were good.
fn script(seed: u64, edits: usize, more: usize) -> Result<usize, String> {
    let mut world = World::new(seed, more);
    let (mut hinted, mut scanned) = (Kept::default(), Kept::default());
    let mut before: Option<Snapshot> = None;
    let mut good = 0;
    for step in 0..=edits {
        if step > 0 {
            world.edit();
        }
        let root = world.folder.path().to_path_buf();
        let hint = std::mem::take(&mut world.touched);
        let now = match &before {
            Some(before) => rescan(before.clone(), &hint, &[]),
            None => scan(&root, &[]),
        };
        let kept = hinted.pass(&now, &world.options);
        before = Some(now);
        let all = scan(&root, &[]);
        let by_scan = scanned.pass(&all, &world.options);
        let fresh = cold(&all, &world.options);
        for (how, done) in [("with a hint", &kept), ("with a full look", &by_scan)] {
            if let Some(difference) = difference(&done.made, &fresh.made) {
                let log = world.log.join("\n  ");
                return Err(format!("edit {step}, {how}: {difference}\nthe last edits:\n  {log}"));
            }
        }
        // What is not done again is the point of it all.
        if step > 0 && world.is_text_only && kept.rendered.len() * 2 > fresh.rendered.len() {
            return Err(format!(
                "edit {step}: {} made {:?}",
                world.log.join(", "),
                kept.report.rendered
            ));
        }
        good += usize::from(fresh.made.shown.is_some());
        world.failed = fresh.made.shown.is_none();
        let errors = fresh.report.problems.iter().filter(|p| p.severity() == Severity::Error);
        world.blamed = errors.map(|problem| problem.diagnostic.file.clone()).collect();
    }
    Ok(good)
}

/// Random numbers that are the same everywhere (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }

    fn often(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }
}

/// A page as an editor sees it.
#[derive(Debug, Clone, Default)]
struct Page {
    settings: BTreeMap<&'static str, String>,
    text: Vec<String>,
}

impl Page {
    fn print(&self) -> String {
        let mut out = String::new();
        if !self.settings.is_empty() {
            out.push_str("---\n");
            for (name, value) in &self.settings {
                let _ = writeln!(out, "{name}: {value}");
            }
            out.push_str("---\n");
        }
        for paragraph in &self.text {
            let _ = write!(out, "\n{paragraph}\n");
        }
        out
    }
}

/// The site's folder, and what is known of it.
struct World {
    dice: Dice,
    folder: Folder,
    pages: BTreeMap<String, Page>,
    /// site.yaml, line by line, by key.
    site: BTreeMap<&'static str, String>,
    /// Files beside the pages, data, templates, style sheets.
    files: BTreeMap<String, String>,
    /// Files that are broken, and how to mend them.
    broken: BTreeMap<String, String>,
    options: Options,
    touched: Vec<PathBuf>,
    log: Vec<String>,
    failed: bool,
    /// The files that have errors.
    blamed: BTreeSet<String>,
    is_text_only: bool,
    ticks: u64,
}

const FOLDERS: [&str; 6] = ["", "careers/", "careers/deep/", "news/", "celebrate/", "week-2/"];
const NAMES: [&str; 16] = [
    "about", "ccm", "mentors", "exam", "day", "why", "history", "settings", "future", "hospital",
    "home", "rural", "school", "clinic", "team", "faq",
];
const TITLES: [&str; 10] = [
    "About the week",
    "The exam",
    "\"Mentors: how to find one\"",
    "A day",
    "Ways & means",
    "Café",
    "Why it matters",
    "\"<b>\"",
    "The team",
    "Questions",
];
const TAGS: [&str; 6] = ["health", "Health", "work", "A & B", "the week", "C"];
const DAYS: [&str; 5] = ["2026-11-20", "2026-11-22", "2026-11-23", "2026-01-05", "12 October 2026"];

impl World {
    fn new(seed: u64, more: usize) -> World {
        let folder = Folder::new("incremental");
        let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/theme");
        copy_folder(&theme, &folder.at("themes/harbor"));
        let mut world = World {
            dice: Dice(seed.wrapping_mul(0x1234_5678_9abc_def1)),
            folder,
            pages: BTreeMap::new(),
            site: BTreeMap::new(),
            files: BTreeMap::new(),
            broken: BTreeMap::new(),
            options: Options { today: Date::read("2026-11-22").ok(), ..Options::default() },
            touched: Vec::new(),
            log: Vec::new(),
            failed: false,
            blamed: BTreeSet::new(),
            is_text_only: false,
            ticks: 0,
        };
        world.begin(more);
        world
    }

    // ---- the site at the beginning --------------------------------------------------------------

    fn begin(&mut self, more: usize) {
        for (name, value) in [
            ("title", "The Week"),
            ("base_url", "https://example.org/week/"),
            ("languages", "{en: {name: English}, es: {title: La Semana}}"),
            ("taxonomies", "[tags]"),
            ("campaign", "{name: The Week, rule: {full_week: 2, month: October}}"),
            ("menus", "{main: [about.md, {page: careers/_index.md, children: pages}], footer: []}"),
        ] {
            self.site.insert(name, value.into());
        }
        self.write_site();
        for (path, text) in [
            ("content/_data/years.yaml", "2026: {theme: Together}\n2027: {confirmed: true}\n"),
            (
                "content/_data/sources.yaml",
                "one: {title: One}\ntwo: {title: Two, url: \"https://example.com/\"}\n",
            ),
            ("content/_data/notes.yaml", "a: 1\n"),
            ("content/pic.svg", "<svg viewBox='0 0 4 3'/>"),
            ("content/careers/plan.pdf", "pdf"),
            (
                "templates/special.html",
                "{% extends \"base.html\" %}\n{% block after %}{% for card in recent(limit=5) %}{{ card.title }} {% endfor %}{{ data(file=\"notes\") | json }}{% set week = campaign() %}{{ week.range }}{% endblock after %}\n",
            ),
            ("assets/own.css", "p { background: url(dot.svg) }\n"),
        ] {
            self.write(path, text.into());
        }
        for folder in FOLDERS {
            let mut page = self.new_page();
            page.settings.remove("slug");
            self.write_page(&format!("{folder}_index.md"), page);
            for i in 0..5 {
                let name = NAMES[(i * 3 + folder.len()) % NAMES.len()];
                let page = self.new_page();
                self.write_page(&format!("{folder}{name}.md"), page);
            }
        }
        for name in ["_index.es.md", "about.es.md", "careers/_index.es.md", "news/day.es.md"] {
            let page = self.new_page();
            self.write_page(name, page);
        }
        for i in 0..more {
            let mut page = self.new_page();
            // Two pages at one address would be all that is said of a site of this size.
            page.settings.remove("slug");
            self.write_page(&format!("bulk/part-{}/page-{i}.md", i / 60), page);
        }
        let paths: Vec<String> = self.pages.keys().cloned().collect();
        for path in paths {
            let link = self.link(&path);
            self.pages.get_mut(&path).unwrap().text.push(link);
            let page = self.pages[&path].clone();
            self.write_page(&path, page);
        }
        // So that some stamps can be trusted from the start.
        for (i, path) in self.pages.keys().enumerate() {
            if i % 2 == 0 {
                self.folder.age(&format!("content/{path}"), Duration::from_secs(1_000 + i as u64));
            }
        }
    }

    fn new_page(&mut self) -> Page {
        let mut page = Page::default();
        // Titles of their own, for the most part.
        self.ticks += 1;
        let title = format!("Page {}", self.ticks);
        page.settings.insert("title", title);
        if self.dice.often(40) {
            page.settings.insert("tags", format!("[{}]", self.dice.pick(&TAGS)));
        }
        if self.dice.often(40) {
            page.settings.insert("date", self.dice.pick(&DAYS).into());
        }
        if self.dice.often(30) {
            page.settings.insert("weight", self.dice.roll(9).to_string());
        }
        page.text.push(format!("The first paragraph of page {}.", self.ticks));
        page.text.push("## Part one".into());
        page.text.push("More text.".into());
        page
    }

    // ---- edits ------------------------------------------------------------------------------------

    fn edit(&mut self) {
        if self.log.len() > 5 {
            self.log.remove(0);
        }
        self.is_text_only = false;
        // A broken site is mended more often than it is broken further.
        if self.failed && self.dice.often(60) {
            self.mend();
            return;
        }
        match self.dice.roll(100) {
            0..18 => self.edit_text(),
            18..40 => self.edit_setting(),
            40..47 => self.add_page(),
            47..53 => self.delete_page(),
            53..61 => self.move_page(),
            61..64 => self.move_folder(),
            64..68 => self.edit_same_length(),
            68..74 => self.edit_file(),
            74..78 => self.edit_template(),
            78..81 => self.edit_style(),
            81..88 => self.edit_site(),
            88..91 => self.edit_day(),
            91..95 => self.break_file(),
            _ => {
                self.edit_text();
                self.edit_setting();
                self.is_text_only = false;
            }
        }
    }

    fn edit_text(&mut self) {
        let path = self.some_page();
        let mut page = self.pages[&path].clone();
        self.ticks += 1;
        let ticks = self.ticks;
        match self.dice.roll(9) {
            0 => page.text.push(format!("Paragraph {ticks}.")),
            1 => page.text.insert(0, format!("A new first paragraph {ticks}.")),
            2 => page.text.push(self.link(&path)),
            3 => page.text.push(format!("## Part {}", self.dice.pick(&["one", "two", "three"]))),
            4 => page
                .text
                .push(format!(":::callout kind=tip\nText {ticks} :week-date{{show=start}}.\n:::")),
            5 => page
                .text
                .push("| a | b |\n| - | - |\n| 1 | 2 |\n\nNote.[^1]\n\n[^1]: A note.".into()),
            6 if page.text.len() > 1 => {
                page.text.pop();
            }
            7 => page.text.reverse(),
            _ => {
                let at = self.dice.roll(page.text.len().max(1));
                match page.text.get_mut(at) {
                    Some(text) => text.push_str(" And more."),
                    None => page.text.push("Text.".into()),
                }
            }
        }
        self.is_text_only = true;
        self.log.push(format!("text of {path}"));
        self.write_page(&path, page);
    }

    fn edit_setting(&mut self) {
        let path = self.some_page();
        let mut page = self.pages[&path].clone();
        let dice = &mut self.dice;
        let (name, value): (&str, String) = match dice.roll(16) {
            0..3 => ("title", dice.pick(&TITLES).into()),
            3 => ("date", dice.pick(&DAYS).into()),
            4..6 => ("weight", dice.roll(9).to_string()),
            6..8 => ("tags", format!("[{}, {}]", dice.pick(&TAGS), dice.pick(&TAGS))),
            8 => ("slug", dice.pick(&["one", "two", "about", "exam"]).into()),
            9 => ("draft", dice.pick(&["true", "false"]).into()),
            10 => ("publish_on", dice.pick(&DAYS).into()),
            11 => ("expires", dice.pick(&DAYS).into()),
            12 => (
                "aliases",
                dice.pick(&["[/old/]", "[/older/, /old.html]", "[/careers/old]"]).into(),
            ),
            13 => ("menu", dice.pick(&["main", "footer", "{name: footer, title: Short}"]).into()),
            14 => ("sources", dice.pick(&["[one]", "[two, one]", "[three]"]).into()),
            _ => match dice.roll(4) {
                0 => ("description", dice.pick(&["One sentence.", "\"Another: sentence\""]).into()),
                1 => (
                    "image",
                    dice.pick(&["{src: /pic.svg, alt: x}", "{src: /careers/plan.pdf, alt: y}"])
                        .into(),
                ),
                2 => ("template", dice.pick(&["special.html", "page.html", "section"]).into()),
                _ => ("in_search", "false".into()),
            },
        };
        // A setting goes as often as it comes, so that the site does not silt up.
        if page.settings.contains_key(name) && name != "title" && self.dice.often(60) {
            page.settings.remove(name);
        } else {
            page.settings.insert(name, value);
        }
        self.log.push(format!("setting {name} of {path}: {:?}", page.settings.get(name)));
        self.write_page(&path, page);
    }

    fn add_page(&mut self) {
        let lang = if self.dice.often(20) { ".es" } else { "" };
        let index = if self.dice.often(20) { "/index" } else { "" };
        let (folder, name) = (self.dice.pick(&FOLDERS), self.dice.pick(&NAMES));
        let path = format!("{folder}{name}{index}{lang}.md");
        if !self.pages.contains_key(&path) {
            let page = self.new_page();
            self.log.push(format!("new page {path}"));
            self.write_page(&path, page);
        }
    }

    fn delete_page(&mut self) {
        let path = self.some_page();
        if self.pages.len() > 20 {
            self.log.push(format!("delete {path}"));
            self.pages.remove(&path);
            self.delete(&format!("content/{path}"));
        }
    }

    fn move_page(&mut self) {
        let from = self.some_page();
        let (folder, name) = (self.dice.pick(&FOLDERS), self.dice.pick(&NAMES));
        let own = from.rsplit('/').next().unwrap_or(&from).to_string();
        let to = if self.dice.often(50) {
            format!("{folder}{own}")
        } else {
            format!("{folder}{name}.md")
        };
        if self.pages.contains_key(&to) {
            return;
        }
        self.log.push(format!("move {from} to {to}"));
        let page = self.pages.remove(&from).unwrap();
        self.pages.insert(to.clone(), page);
        self.rename(&format!("content/{from}"), &format!("content/{to}"));
    }

    fn move_folder(&mut self) {
        let from = self.dice.pick(&FOLDERS[1..]);
        let to = self.dice.pick(&["moved/", "careers/moved/", "news/"]);
        let is_in =
            |path: &str| path.strip_prefix("content/").is_some_and(|path| path.starts_with(from));
        let taken = self.pages.keys().any(|path| path.starts_with(to))
            || self.folder.at(&format!("content/{to}")).exists();
        if taken || to.starts_with(from) || !self.folder.at(&format!("content/{from}")).is_dir() {
            return;
        }
        self.log.push(format!("move the folder {from} to {to}"));
        let moved: Vec<String> =
            self.pages.keys().filter(|path| path.starts_with(from)).cloned().collect();
        for path in moved {
            let page = self.pages.remove(&path).unwrap();
            self.pages.insert(format!("{to}{}", &path[from.len()..]), page);
        }
        let renamed =
            |path: &str| format!("content/{to}{}", &path["content/".len() + from.len()..]);
        for map in [&mut self.files, &mut self.broken] {
            let moved: Vec<String> = map.keys().filter(|path| is_in(path)).cloned().collect();
            for path in moved {
                let text = map.remove(&path).unwrap();
                map.insert(renamed(&path), text);
            }
        }
        self.rename(
            &format!("content/{}", from.trim_end_matches('/')),
            &format!("content/{}", to.trim_end_matches('/')),
        );
    }

    /// Another text of the same length, within the same tick of the clock: only the text tells.
    fn edit_same_length(&mut self) {
        let path = self.some_page();
        let mut page = self.pages[&path].clone();
        let Some(text) = page.text.iter_mut().find(|text| text.contains("paragraph")) else {
            return;
        };
        *text = text.replace("paragraph", "PARAGRAPH");
        let file = format!("content/{path}");
        if self.broken.contains_key(&file) {
            return;
        }
        let at = self.folder.at(&file);
        let was = std::fs::metadata(&at).and_then(|meta| meta.modified()).unwrap();
        self.log.push(format!("text of {path}, same length"));
        self.write_page(&path, page);
        // A time that has gone by cannot come back: only a write of this very moment may repeat it.
        if SystemTime::now().duration_since(was).is_ok_and(|ago| ago < Duration::from_millis(8)) {
            set_modified(&at, was);
        }
    }

    fn edit_file(&mut self) {
        self.ticks += 1;
        let ticks = self.ticks;
        let path = self.dice.pick(&[
            "content/_data/years.yaml",
            "content/_data/sources.yaml",
            "content/_data/notes.yaml",
            "content/_data/notes.yml",
            "content/pic.svg",
            "content/careers/plan.pdf",
            "content/news/b.svg",
            "content/robots.txt",
            "content/about.txt",
        ]);
        if self.files.contains_key(path) && self.dice.often(30) {
            self.log.push(format!("delete {path}"));
            self.files.remove(path);
            self.broken.remove(path);
            self.delete(path);
            return;
        }
        let text = match path.rsplit('/').next() {
            Some("years.yaml") => format!(
                "2026: {{theme: Theme {ticks}}}\n2027: {{start: 2027-10-1{}, end: 2027-10-20}}\n",
                ticks % 8
            ),
            Some("sources.yaml") => format!("one: {{title: One {ticks}}}\ntwo: {{title: Two}}\n"),
            Some(name) if name.ends_with(".svg") => format!("<svg width='{ticks}' height='3'/>"),
            _ => format!("n: {ticks}\n"),
        };
        self.log.push(format!("file {path}"));
        self.write(path, text);
    }

    fn edit_template(&mut self) {
        self.ticks += 1;
        let ticks = self.ticks;
        let own = "templates/page.html";
        match self.dice.roll(5) {
            0 if self.files.contains_key(own) => {
                self.log.push("the theme's page.html is back".into());
                self.files.remove(own);
                self.broken.remove(own);
                self.delete(own);
            }
            0 | 1 => {
                self.log.push("own page.html".into());
                self.write(own, format!("{{% extends \"theme/page.html\" %}}\n{{% block after %}}{ticks} {{{{ super() }}}}{{% for item in translations() %}}{{{{ item.name }}}} {{% endfor %}}{{% endblock after %}}\n"));
            }
            2 => {
                self.log.push("own component".into());
                self.write("templates/components/callout.html", format!("{{% component callout(kind: string = \"note\", title: string = \"\") {{\"about\": \"A box\", \"body\": \"markdown\", \"choices\": {{\"kind\": [\"note\", \"tip\"]}}}} -%}}<div class=\"{ticks}\">{{{{ body }}}}</div>{{%- endcomponent callout %}}\n"));
            }
            3 => {
                self.log.push("words of the theme".into());
                self.write("themes/harbor/i18n/es.yaml", format!("footnotes: Notas {ticks}\n"));
            }
            _ => {
                self.log.push("special.html".into());
                let ask = self.dice.pick(&[
                    "{% for card in children(of=\"careers\") %}{{ card.title }}{% endfor %}",
                    "{% set news = card(of=\"news/_index.md\") %}{{ news.summary }}",
                    "{% for term in terms(taxonomy=\"tags\") %}{{ term.title }} {{ term.count }}{% endfor %}",
                    "{% for card in tagged(taxonomy=\"tags\", term=\"health\") %}{{ card.title }}{% endfor %}",
                    "{% for week in campaign_years() %}{{ week.range }}{% endfor %}",
                ]);
                self.write("templates/special.html", format!("{{% extends \"base.html\" %}}\n{{% block after %}}{ask}{{% endblock after %}}\n"));
            }
        }
    }

    fn edit_style(&mut self) {
        self.ticks += 1;
        let text = format!("@import \"own.css\";\nbody {{ order: {} }}\n", self.ticks);
        let path =
            self.dice.pick(&["assets/site.css", "assets/own.css", "themes/harbor/assets/site.css"]);
        let text = if path.ends_with("own.css") { text.lines().skip(1).collect() } else { text };
        self.log.push(format!("style {path}"));
        self.write(path, text);
    }

    fn edit_site(&mut self) {
        let dice = &mut self.dice;
        let (name, value): (&str, &str) = match dice.roll(12) {
            0 => ("title", dice.pick(&["The Week", "\"Another: Week\"", "Week"])),
            1 => ("base_url", dice.pick(&["https://example.org/week/", "https://example.com/"])),
            2 => ("links", dice.pick(&["portable", "clean"])),
            3 => (
                "languages",
                dice.pick(&[
                    "{en: {name: English}, es: {title: La Semana}}",
                    "{en: {name: Inglés}, es: {tagline: Hola}}",
                    "{es: {menus: {main: [about.md]}}}",
                ]),
            ),
            4 => {
                ("taxonomies", dice.pick(&["[tags]", "{tags: {title: Topics}}", "[tags, people]"]))
            }
            5 => (
                "menus",
                dice.pick(&[
                    "{main: [about.md, {page: careers/_index.md, children: pages}], footer: []}",
                    "{main: [], footer: [_index.md]}",
                ]),
            ),
            6 => (
                "defaults",
                dice.pick(&[
                    "{careers: {date: 2026-02-02, tags: [work]}}",
                    "{\"\": {weight: 5}, news: {draft: true}}",
                ]),
            ),
            7 => ("feed", dice.pick(&["{limit: 1}", "{limit: 3}"])),
            8 => (
                "campaign",
                dice.pick(&[
                    "{name: The Week, rule: {full_week: 2, month: October}}",
                    "{name: Month, rule: {month: May}}",
                ]),
            ),
            9 => (
                "markdown",
                dice.pick(&[
                    "{raw_html: true}",
                    "{extensions: [components, heading_ids]}",
                    "{check_links: false}",
                ]),
            ),
            10 => ("brand", dice.pick(&["{name: Us}", "{name: We}"])),
            _ => ("description", dice.pick(&["About the week.", "About."])),
        };
        let needed = ["title", "languages", "taxonomies", "campaign"];
        if self.site.contains_key(name) && !needed.contains(&name) && self.dice.often(50) {
            self.site.remove(name);
        } else {
            self.site.insert(name, value.into());
        }
        self.log.push(format!("site.yaml {name}: {:?}", self.site.get(name)));
        self.write_site();
    }

    fn edit_day(&mut self) {
        let day = self.dice.pick(&["2026-11-22", "2026-11-23", "2026-11-21", "2027-10-12"]);
        self.options.today = Date::read(day).ok();
        self.options.unpublished = self.dice.often(30);
        self.options.everything = self.dice.often(50);
        self.log.push(format!("the day is {day}, with drafts: {}", self.options.unpublished));
    }

    fn break_file(&mut self) {
        let page = format!("content/{}", self.some_page());
        let path = match self.dice.roll(6) {
            0 => "site.yaml".to_string(),
            1 => "content/_data/years.yaml".into(),
            2 => "templates/special.html".into(),
            _ => page,
        };
        if self.broken.contains_key(&path) || !self.folder.at(&path).exists() {
            return;
        }
        let text = self.folder.read(&path);
        let broken: Vec<u8> = match self.dice.roll(4) {
            0 => text.as_bytes()[..text.len() / 2].to_vec(),
            1 => text.replacen(": ", ": \"", 1).into_bytes(),
            2 => [text.as_bytes(), b"\n{{ [x](nope.md) :::nope\n:::nope\n\xff"].concat(),
            _ => format!("{text}\n:::nope x=\n[x](nope.md) {{% if %}}\n<b>").into_bytes(),
        };
        self.log.push(format!("break {path}"));
        self.folder.write(&path, broken);
        self.touched.push(self.folder.at(&path));
        self.broken.insert(path, text);
    }

    /// Puts back what was broken, and takes away what most often clashes.
    fn mend(&mut self) {
        if let Some((path, text)) = self.broken.pop_first() {
            self.log.push(format!("mend {path}"));
            self.folder.write(&path, text);
            self.touched.push(self.folder.at(&path));
            return;
        }
        let files = std::mem::take(&mut self.blamed);
        self.log.push(format!("mend {files:?}"));
        for (path, text) in [
            ("content/_data/years.yaml", "2026: {theme: Together}\n"),
            ("content/_data/sources.yaml", "one: {title: One}\ntwo: {title: Two}\n"),
            ("content/_data/notes.yaml", "a: 1\n"),
            ("content/pic.svg", "<svg viewBox='0 0 4 3'/>"),
            ("content/careers/plan.pdf", "pdf"),
            ("templates/special.html", "{{ page.title }}\n"),
            ("assets/own.css", "p { color: red }\n"),
        ] {
            if files.contains(path) || !self.files.contains_key(path) {
                self.write(path, text.into());
            }
        }
        if self.files.remove("content/_data/notes.yml").is_some() {
            self.delete("content/_data/notes.yml");
        }
        if files.contains("site.yaml") {
            self.site.remove("markdown");
            self.site.insert("menus", "{main: [], footer: []}".into());
            self.write_site();
        }
        for path in files.iter().filter_map(|file| file.strip_prefix("content/")) {
            let Some(mut page) = self.pages.get(path).cloned() else { continue };
            let before = page.print();
            page.text.retain(|text| !text.contains("](") && !text.contains("[["));
            page.settings.retain(|name, _| {
                !["slug", "aliases", "sources", "template", "image"].contains(name)
            });
            if page.print() == before {
                // It is in the way of another page.
                self.pages.remove(path);
                self.delete(&format!("content/{path}"));
            } else {
                self.write_page(path, page);
            }
        }
    }

    // ---- what edits are made of ---------------------------------------------------------------------

    fn some_page(&mut self) -> String {
        let at = self.dice.roll(self.pages.len());
        self.pages.keys().nth(at).unwrap().clone()
    }

    /// A link from `path` to some page, in one of the ways that people write it.
    fn link(&mut self, path: &str) -> String {
        let to = self.some_page();
        let up = "../".repeat(path.matches('/').count());
        match self.dice.roll(12) {
            0..5 => format!("See [a page]({up}{to})."),
            5 => format!("See [a part]({up}{to}#part-one)."),
            6 => format!("See [a page](/{to})."),
            7 => format!("See [[{}]].", self.pages[&to].settings["title"].trim_matches('"')),
            8 => format!("![A picture]({up}pic.svg)"),
            9 => format!("A :button[button]{{link=/{to}}}."),
            10 => "See [topics](/tags/health/).".into(),
            _ => format!("See [something]({up}{}.md).", self.dice.pick(&NAMES)),
        }
    }

    fn write(&mut self, path: &str, text: String) {
        self.folder.write(path, &text);
        self.touched.push(self.folder.at(path));
        self.broken.remove(path);
        self.files.insert(path.into(), text);
        // Some stamps may be trusted, some not.
        if self.dice.often(30) {
            self.ticks += 1;
            self.folder.age(path, Duration::from_millis(60_000 + self.ticks * 37));
        }
    }

    fn write_page(&mut self, path: &str, page: Page) {
        let file = format!("content/{path}");
        self.folder.write(&file, page.print());
        self.touched.push(self.folder.at(&file));
        self.broken.remove(&file);
        self.pages.insert(path.into(), page);
        if self.dice.often(20) {
            self.ticks += 1;
            self.folder.age(&file, Duration::from_millis(60_000 + self.ticks * 37));
        }
    }

    fn write_site(&mut self) {
        let lines: Vec<String> =
            self.site.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        self.folder.write("site.yaml", lines.concat());
        self.touched.push(self.folder.at("site.yaml"));
        self.broken.remove("site.yaml");
    }

    fn delete(&mut self, path: &str) {
        self.folder.delete(path);
        self.broken.remove(path);
        self.touched.push(self.folder.at(path));
    }

    fn rename(&mut self, from: &str, to: &str) {
        self.folder.rename(from, to);
        self.touched.extend([self.folder.at(from), self.folder.at(to)]);
        if let Some(text) = self.broken.remove(from) {
            self.broken.insert(to.into(), text);
        }
    }
}

/// A file is written, looked at, and written again with the same length and the same time.
#[test]
fn an_edit_of_the_same_length_within_a_tick_is_noticed() {
    let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/theme");
    for path in
        ["content/a.md", "content/_data/notes.yaml", "templates/page.html", "assets/more.css"]
    {
        let folder = Folder::new("tick");
        copy_folder(&theme, &folder.at("themes/harbor"));
        folder.write("site.yaml", "title: Test\nbase_url: https://example.org/\n");
        folder.write("content/a.md", "---\ntitle: A\n---\nText.\n");
        folder.write("content/_data/notes.yaml", "a: 1\n");
        folder.write(
            "templates/page.html",
            "{% set notes = data(file=\"notes\") %}{{ content }}{{ notes.a }} 1\n",
        );
        folder.write("assets/more.css", "a { order: 1 }\n");
        let options = Options { today: Date::read("2026-11-22").ok(), ..Options::default() };
        let (text, other) = match folder.read(path) {
            text if text.contains('1') => (text.clone(), text.replace('1', "2")),
            text => (text.clone(), text.replace("Text", "Next")),
        };
        // As long as the clock has not moved on, which a loaded machine may need some tries for.
        let noticed = (0..50).any(|_| {
            let mut kept = Kept::default();
            folder.write(path, &text);
            let time = std::fs::metadata(folder.at(path)).and_then(|meta| meta.modified()).unwrap();
            let before = scan(folder.path(), &[]);
            if SystemTime::now()
                .duration_since(time)
                .is_ok_and(|ago| ago > Duration::from_millis(15))
            {
                return false;
            }
            kept.pass(&before, &options);
            folder.write(path, &other);
            set_modified(&folder.at(path), time);
            let fresh = cold(&scan(folder.path(), &[]), &options);
            let again = kept.pass(&rescan(before.clone(), &[folder.at(path)], &[]), &options);
            assert_eq!(difference(&again.made, &fresh.made), None, "{path}");
            assert!(!again.changed.is_empty(), "{path}: nothing changed: {:?}", again.made.said);
            true
        });
        assert!(noticed, "{path}: this machine was too slow to try");
    }
}
