//! Owns `weekmark new site`: the files of a site to begin with. Must not know how a site is built.
#![expect(clippy::disallowed_methods, reason = "a new site is written where nothing is yet")]

use std::fs;
use std::io;
use std::path::Path;

use super::assumed::{Assumed, NO_NAME};
use super::{create, quoted};
use crate::calendar::{Date, Rule, Zone, today_in};
use crate::cli::{Outcome, print, schema};
use crate::config::Config;
use crate::yaml;

/// The files of a new site that are the same in every language; the theme comes from the program.
const STARTER: &[(&str, &str)] = &[
    ("site.yaml", include_str!("../starter/site.yaml")),
    ("README.md", include_str!("../starter/README.md")),
    ("content/_data/years.yaml", include_str!("../starter/years.yaml")),
    (".gitignore", "public/\n.weekmark/\n"),
];

/// The languages that a site can begin with, each with its words for site.yaml and its pages. The first is the usual one.
const LANGUAGES: &[Language] = &[
    Language {
        code: "en",
        name: "English",
        tagline: "Learn, thank, take part",
        description: "What it is about, when it is, and how to take part.",
        organization: "Our Association",
        pages: &[
            (HOME, include_str!("../starter/_index.md")),
            ("content/about.md", include_str!("../starter/about.md")),
            ("content/celebrate/_index.md", include_str!("../starter/celebrate.md")),
            ("content/celebrate/at-work.md", include_str!("../starter/at-work.md")),
        ],
    },
    Language {
        code: "es",
        name: "Spanish",
        tagline: "Aprender, agradecer, participar",
        description: "De qué se trata, cuándo es y cómo participar.",
        organization: "Nuestra asociación",
        pages: &[
            (HOME, include_str!("../starter/es/_index.md")),
            ("content/about.md", include_str!("../starter/es/about.md")),
            ("content/celebrate/_index.md", include_str!("../starter/es/celebrate.md")),
            ("content/celebrate/at-work.md", include_str!("../starter/es/at-work.md")),
        ],
    },
];

const HOME: &str = "content/_index.md";

/// What a site in a language begins with.
struct Language {
    code: &'static str,
    /// What it is called in messages.
    name: &'static str,
    tagline: &'static str,
    description: &'static str,
    organization: &'static str,
    pages: &'static [(&'static str, &'static str)],
}

/// The rule in the starter's site.yaml.
const RULE: Rule = Rule::FullWeek { nth: 2, month: 10, starts: 0 };

/// Whether a page still says what the first page of a new site says.
pub(in crate::cli) fn is_starter(page: &str) -> bool {
    let homes = LANGUAGES.iter().flat_map(|language| language.pages);
    homes.filter(|(path, _)| *path == HOME).any(|(_, text)| *text == page)
}

pub(in crate::cli) fn site(dir: &Path) -> Outcome {
    // A folder with only a .git in it is what a new repository looks like.
    let is_visible = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|e| !e.file_name().to_string_lossy().starts_with('.'))
    };
    match fs::read_dir(dir).map(|mut entries| entries.any(is_visible)) {
        Ok(true) => {
            return Outcome::Failed(format!(
                "{} is not empty. Name a folder that is not there yet.",
                dir.display()
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Outcome::Failed(format!("{} is a file.", dir.display()));
        }
        _ => {}
    }
    let codes: Vec<&'static str> = LANGUAGES.iter().map(|language| language.code).collect();
    let assumed = Assumed::of(dir, &codes);
    let language = LANGUAGES.iter().find(|it| it.code == assumed.language).unwrap_or(&LANGUAGES[0]);
    let today = today_in(&Zone::named(&assumed.zone).unwrap_or_default());
    for (path, text) in STARTER.iter().chain(language.pages) {
        let text = filled(text, &assumed, language, today);
        if let Err(error) = create(&dir.join(path), &text) {
            return Outcome::Failed(format!(
                "{} cannot be written: {error}.",
                dir.join(path).display()
            ));
        }
    }
    // Help for editors is worth a word, but a site is one without it.
    if let Err(message) = schema::write(dir, &Config::default().taxonomies) {
        print::say(&message);
    }
    let zone = if assumed.zone_is_unknown {
        "UTC, because this computer does not say where it is"
    } else {
        &assumed.zone
    };
    print::good(&format!("Your site is in {}.", dir.display()));
    print::say("Nobody was asked, so this is assumed; site.yaml is where to change it:");
    let from = if assumed.title == NO_NAME { "" } else { " (from the folder)" };
    print::say(&format!("  name:      {}{from}", assumed.title));
    print::say(&format!("  language:  {}", language.name));
    print::say(&format!("  time zone: {zone}"));
    print::say("  dates:     the second full week of October");
    let folder = print::for_shell(&dir.display().to_string());
    print::say(&format!("See it:    weekmark serve --open --root {folder}"));
    print::say("Change it: the first page shows which file each of its pieces comes from.");
    Outcome::Done
}

/// A text of the starter with what is assumed in its place.
fn filled(text: &str, assumed: &Assumed, language: &Language, today: Date) -> String {
    let title = plain_or_quoted(&assumed.title);
    [
        ("{title}", &*title),
        ("{language}", language.code),
        ("{zone}", &assumed.zone),
        ("{tagline}", language.tagline),
        ("{description}", language.description),
        ("{organization}", language.organization),
        ("{year}", &coming_year(today).to_string()),
    ]
    .iter()
    .fold(text.to_string(), |text, (place, value)| text.replace(place, value))
}

/// The text as YAML, in quotation marks only where it must.
fn plain_or_quoted(text: &str) -> String {
    let is_same = yaml::parse(&format!("x: {text}\n"), 0).is_ok_and(|node| {
        matches!(&node.value, yaml::Value::Map(entries)
            if matches!(&entries[0].1.value, yaml::Value::Text(value) if value == text))
    });
    if is_same { text.into() } else { quoted(text) }
}

/// The year of the week that is going on or comes next.
fn coming_year(today: Date) -> i16 {
    let is_over = RULE.span(today.year()).is_some_and(|(_, last)| last < today);
    today.year() + i16::from(is_over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_that_of_the_next_week() {
        let year = |day: &str| coming_year(Date::read(day).unwrap());
        assert_eq!(
            (year("2026-10-17"), year("2026-10-18"), year("2026-01-01")),
            (2026, 2027, 2026)
        );
    }

    #[test]
    fn a_name_that_yaml_would_read_otherwise_is_quoted() {
        let said = ["Our Week", "12", "A: B", "true", "#x"].map(plain_or_quoted);
        assert_eq!(said, ["Our Week", "\"12\"", "\"A: B\"", "\"true\"", "\"#x\""]);
    }

    #[test]
    fn the_first_page_is_known_until_it_is_changed() {
        let home = LANGUAGES[1].pages[0].1;
        assert!(is_starter(home) && !is_starter(&format!("{home}\n")));
        assert!(!is_starter(LANGUAGES[0].pages[1].1));
    }
}
