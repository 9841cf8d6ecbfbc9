//! The proof that a kept memo never tells another story than a cold build: after each step of random
//! scripts of edits, the site and everything that is said about it are the same, byte for byte, with
//! hinted looks at the folder and with full ones.
//!
//! `WEEKMARK_EDITS=5000 cargo test --test incremental` runs longer, `WEEKMARK_SEED=7` another script.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make the files that they test with"
)]

mod support;

use std::path::PathBuf;

use support::{Folder, Kept, cold, difference};
use weekmark::calendar::Date;
use weekmark::pass::Options;
use weekmark::source::{rescan, scan};

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(items.len())]
    }
}

const SECTIONS: [&str; 5] = ["", "a/", "b/", "b/c/", "d/"];
const TAGS: [&str; 5] = ["one", "two", "three", "Drei", "uno"];

const SITE: &str = "title: A site\nbase_url: https://example.org/x/\ntime_zone: UTC\ntheme: plain\n\
languages: {es: {name: Español}}\ntaxonomies: [tags, kind]\ndefaults: {a: {weight: 5}}\n\
campaign: {name: The Week, rule: {full_week: 2, month: October}}\n\
menus: {main: [a/_index.md, {page: b/_index.md, children: pages}], footer: [a/_index.md]}\n";

const TEMPLATES: &[(&str, &str)] = &[
    ("theme.yaml", "name: plain\napi: 1\n"),
    ("i18n/en.yaml", "hello: \"Hello {name}\"\n"),
    (
        "templates/base.html",
        "<title>{{ page.title }}</title><link href=\"{{ asset(path=\"site.css\") }}\">{% for i in menu() %}<a href=\"{{ i.url }}\"{% if i.active %} class=on{% endif %}>{{ i.title }}{% for c in i.children %}, {{ c.title }}{% endfor %}</a>{% endfor %}{% for b in breadcrumbs() %}/{{ b.title }}{% endfor %}{% for t in translations() %}{{ t.name }}:{{ t.url }}{% endfor %}\n{{ t(key=\"hello\", name=site.title) }} {% set c = campaign() %}{{ c.range }} {{ c.theme or \"-\" }}\n{% block main %}{{ content }}{% endblock main %}\n",
    ),
    (
        "templates/page.html",
        "{% extends \"base.html\" %}{% block main %}{{ page.status }} {{ page.date or \"\" }}{{ content }}{% set n = neighbors() %}{% if n.previous %}<{{ n.previous.title }}{% endif %}{% if n.next %}>{{ n.next.title }}{% endif %}{% for k, l in page.terms %}{% for t in l %}{{ t.url }}{% endfor %}{% endfor %}{% endblock main %}",
    ),
    (
        "templates/section.html",
        "{% extends \"base.html\" %}{% block main %}{{ content }}{% for c in children() %}<li>{{ c.title }} {{ c.description or c.summary }} {{ c.url }}{% endfor %}{% endblock main %}",
    ),
    (
        "templates/home.html",
        "{% extends \"base.html\" %}{% block main %}{{ content }}{% for c in recent(limit=5) %}<li>{{ c.title }}{% endfor %}{% for p in data(file=\"people\") %}{{ p.name }}{% endfor %}{% endblock main %}",
    ),
    (
        "templates/taxonomy.html",
        "{% extends \"base.html\" %}{% block main %}{% for t in terms(taxonomy=page.taxonomy.name) %}{{ t.title }} {{ t.count }} {{ t.url }}{% endfor %}{% endblock main %}",
    ),
    (
        "templates/term.html",
        "{% extends \"base.html\" %}{% block main %}{% for c in tagged(taxonomy=page.taxonomy.name, term=page.term.name) %}{{ c.title }}{% endfor %}{% endblock main %}",
    ),
    (
        "templates/404.html",
        "{% extends \"base.html\" %}{% block main %}{{ page.title }}{% endblock main %}",
    ),
    (
        "templates/components/box.html",
        "{% component box(kind: string = \"x\", to: string = \"\") {\"about\": \"A box\", \"links\": [\"to\"]} %}<div class=\"{{ kind }}\">{{ body }} {{ to }}</div>{% endcomponent box %}",
    ),
    ("assets/site.css", "p { color: red }\n"),
];

/// A site in a folder, and the names of its pages.
struct Play {
    folder: Folder,
    pages: Vec<String>,
    next: usize,
    dice: Dice,
}

impl Play {
    fn new(seed: u64) -> Play {
        let folder = Folder::new("incremental");
        folder.write("site.yaml", SITE);
        for (path, text) in TEMPLATES {
            folder.write(&format!("themes/plain/{path}"), text);
        }
        folder.write("content/_data/people.yaml", "- {name: Ann}\n- {name: Bob}\n");
        folder.write("content/_data/years.yaml", "2027: {theme: Light}\n");
        folder.write("content/a/_index.md", "---\ntitle: Section A\n---\nAbout A.\n");
        folder.write("content/b/_index.md", "# Section B\n\nAbout B.\n");
        folder.write("content/a/pic.txt", "a file\n");
        let mut play = Play { folder, pages: Vec::new(), next: 0, dice: Dice(seed) };
        for _ in 0..40 {
            play.add();
        }
        play
    }

    /// A number that was not used before: two pages must not want one address all the time.
    fn fresh(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    /// Mends everything that random edits broke: dead links, broken pages, settings and templates.
    fn heal(&mut self) -> (String, Vec<String>) {
        let mut paths = vec!["site.yaml".to_string()];
        self.folder.write("site.yaml", SITE);
        if self.folder.at("templates/page.html").exists() {
            self.folder.delete("templates/page.html");
            paths.push("templates/page.html".into());
        }
        for page in self.pages.clone() {
            let path = format!("content/{page}");
            let text = self.folder.read(&path);
            let is_broken = ["\"open", "wieght", "nowhere", "never closed", "<b>"];
            if text.contains("](/") || is_broken.iter().any(|mark| text.contains(mark)) {
                self.folder.write(&path, "---\ntitle: Mended\n---\nSome *words*.\n");
                paths.push(path);
            }
        }
        ("heal".into(), paths)
    }

    fn page_text(&mut self) -> String {
        let mut text = format!("---\ntitle: Page {}\n", self.dice.roll(30));
        for line in 0..8 {
            if self.dice.roll(4) > 0 {
                continue;
            }
            let number = self.dice.roll(28) + 1;
            let tag = self.dice.pick(&TAGS);
            text += &match line {
                0 => format!("description: About {number}\n"),
                1 => format!("date: 2027-10-{number:02}\n"),
                2 => format!("weight: {number}\n"),
                3 => format!("tags: [{tag}, all]\n"),
                4 => format!("slug: s{}\n", self.fresh()),
                5 => ["draft: true\n", "draft: false\n"][number % 2].to_string(),
                6 => format!("publish_on: 2027-10-{number:02}\n"),
                _ => format!("aliases: [/old-{}/]\n", self.fresh()),
            };
        }
        text += "---\n";
        text +=
            &format!("Some *words* {}.\n\n## Part {}\n\n", self.dice.roll(99), self.dice.roll(3));
        if !self.pages.is_empty() && self.dice.roll(2) == 0 {
            let target = self.dice.pick(&self.pages).clone();
            text += &format!("A [link](/{target}) and a [part](#top).\n\n");
        }
        if self.dice.roll(4) == 0 {
            text += ":::box kind=y\n- in a box\n:::\n";
        }
        text
    }

    /// Writes one random edit, and tells which paths it touched.
    fn edit(&mut self, step: u64) -> (String, Vec<String>) {
        if step % 6 == 1 {
            return self.heal();
        }
        match self.dice.roll(20) {
            0..=4 => self.change_body(),
            5..=8 => {
                let page = self.dice.pick(&self.pages).clone();
                let text = self.page_text();
                self.put(&page, text, "rewrite")
            }
            9 | 10 => self.add(),
            11 if self.pages.len() > 20 => self.delete(),
            12 => self.rename(),
            13 => self.move_folder(),
            14 => {
                let name = ["Cy", "Di", "Ed"][self.dice.roll(3)];
                let text = format!("- {{name: Ann}}\n- {{name: {name}}}\n");
                self.put_file("content/_data/people.yaml", text, "data")
            }
            15 => {
                let text = format!("2027: {{theme: T{}}}\n", self.dice.roll(3));
                self.put_file("content/_data/years.yaml", text, "years")
            }
            16 => {
                let text = format!("p {{ color: #{:03} }}\n", self.dice.roll(3) * 111);
                self.put_file("themes/plain/assets/site.css", text, "css")
            }
            17 => self.template(),
            18 => self.settings(),
            _ => self.broken(),
        }
    }

    fn put(&mut self, page: &str, text: String, what: &str) -> (String, Vec<String>) {
        self.put_file(&format!("content/{page}"), text, what)
    }

    fn put_file(&mut self, path: &str, text: String, what: &str) -> (String, Vec<String>) {
        self.folder.write(path, text);
        (format!("{what} {path}"), vec![path.to_string()])
    }

    /// Another word of the same length, so that neither size nor (within a tick) time tells.
    fn change_body(&mut self) -> (String, Vec<String>) {
        let page = self.dice.pick(&self.pages).clone();
        let text = self.folder.read(&format!("content/{page}"));
        let new = if text.contains("*words*") {
            text.replace("*words*", "*sword*")
        } else {
            text.replace("*sword*", "*words*")
        };
        self.put(&page, new, "body")
    }

    fn add(&mut self) -> (String, Vec<String>) {
        let section = self.dice.pick(&SECTIONS);
        let lang = if self.dice.roll(6) == 0 { ".es" } else { "" };
        let page = format!("{section}p{}{lang}.md", self.fresh());
        let text = self.page_text();
        self.pages.push(page.clone());
        self.put(&page, text, "add")
    }

    fn delete(&mut self) -> (String, Vec<String>) {
        let at = self.dice.roll(self.pages.len());
        let page = format!("content/{}", self.pages.swap_remove(at));
        self.folder.delete(&page);
        (format!("delete {page}"), vec![page])
    }

    fn rename(&mut self) -> (String, Vec<String>) {
        let at = self.dice.roll(self.pages.len());
        let to = format!("{}r{}.md", SECTIONS[self.dice.roll(SECTIONS.len())], self.fresh());
        let from = std::mem::replace(&mut self.pages[at], to.clone());
        let text = self.folder.read(&format!("content/{from}"));
        self.folder.write(&format!("content/{to}"), text);
        self.folder.delete(&format!("content/{from}"));
        (format!("rename {from} to {to}"), vec![format!("content/{from}"), format!("content/{to}")])
    }

    fn move_folder(&mut self) -> (String, Vec<String>) {
        let (from, to) = if self.folder.at("content/d").is_dir() { ("d", "e") } else { ("e", "d") };
        if !self.folder.at(&format!("content/{from}")).is_dir() {
            return self.add();
        }
        if self.folder.at(&format!("content/{to}")).exists() {
            return self.change_body();
        }
        let (a, b) = (format!("content/{from}"), format!("content/{to}"));
        std::fs::rename(self.folder.at(&a), self.folder.at(&b)).unwrap();
        for page in &mut self.pages {
            if let Some(rest) = page.strip_prefix(&format!("{from}/")) {
                *page = format!("{to}/{rest}");
            }
        }
        (format!("move {a} to {b}"), vec![a, b])
    }

    fn template(&mut self) -> (String, Vec<String>) {
        let own = "templates/page.html";
        if self.folder.at(own).exists() {
            self.folder.delete(own);
            return (format!("delete {own}"), vec![own.to_string()]);
        }
        let word = ["x", "{{ page.nothing }}", "{% if %}", "y"][self.dice.roll(4)];
        let text = format!(
            "{{% extends \"theme/page.html\" %}}{{% block main %}}{word}{{{{ content }}}}{{% endblock main %}}"
        );
        self.put_file(own, text, "template")
    }

    fn settings(&mut self) -> (String, Vec<String>) {
        let text = match self.dice.roll(6) {
            0 => SITE.replace("A site", "Another site"),
            1 => SITE.replace("base_url: https://example.org/x/\n", ""),
            2 => SITE.replace("taxonomies: [tags, kind]", "taxonomies: [kind]"),
            3 => SITE.replace("title: A site", "titel: A site"),
            4 => format!("{SITE}links: clean\n"),
            _ => SITE.to_string(),
        };
        self.put_file("site.yaml", text, "settings")
    }

    fn broken(&mut self) -> (String, Vec<String>) {
        let page = self.dice.pick(&self.pages).clone();
        let text = [
            "---\ntitle: \"open\nweight: 1\n---\nx\n",
            "---\ntitle: T\nwieght: 3\n---\nx\n",
            "---\ntitle: T\n---\n[gone](nowhere.md) ![](none.png) :::\n",
            "---\ntitle: T\n---\n:::box\nnever closed\n",
            "---\ntitle: T\n---\n<b>raw</b> and [[Page 3]]\n",
        ];
        let text = self.dice.pick(&text).to_string();
        self.put(&page, text, "broken")
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn run(hinted: bool, edits: u64, seed: u64) {
    let mut play = Play::new(seed);
    let mut unpublished = false;
    let mut kept = Kept::default();
    let mut snapshot = scan(play.folder.path(), &[]);
    let (mut good, mut saved) = (0, 0);
    for step in 0..edits {
        let (what, paths) = if step == 0 { ("start".into(), Vec::new()) } else { play.edit(step) };
        let paths: Vec<PathBuf> = paths.iter().map(|path| play.folder.at(path)).collect();
        snapshot =
            if hinted { rescan(&snapshot, &paths, &[]) } else { scan(play.folder.path(), &[]) };
        // The kind of build changes now and then, as if the preview were switched.
        if step % 41 == 40 {
            unpublished = !unpublished;
        }
        let today = Date::new(2027, 10, 12);
        let options = Options { today, unpublished, ..Options::default() };
        let warm = kept.pass(&snapshot, &options);
        let fresh = cold(&scan(play.folder.path(), &[]), &options);
        if let Some(difference) = difference(&warm.made, &fresh.made) {
            panic!("seed {seed}, step {step} ({what}), hinted {hinted}: {difference}");
        }
        let is_good = fresh.made.site.is_some();
        assert!(is_good || what != "heal", "not mended: {}", fresh.made.said.join("\n"));
        good += usize::from(is_good);
        saved += fresh.rendered.len() - warm.rendered.len();
    }
    // The test must not pass because nothing was ever published, or everything was made anew.
    assert!(good as u64 > edits / 10, "only {good} of {edits} steps were published");
    assert!(saved > 10 * edits as usize, "the memo saved only {saved} renderings in {edits} steps");
}

#[test]
fn with_hints_the_kept_memo_equals_a_cold_build() {
    run(true, number("WEEKMARK_EDITS", 180), number("WEEKMARK_SEED", 1));
}

#[test]
fn with_full_looks_the_kept_memo_equals_a_cold_build() {
    run(false, number("WEEKMARK_EDITS", 180), number("WEEKMARK_SEED", 2));
}
