//! Owns the proof that the schemas and the parser agree: on every file of every fixture, on the sites of this
//! repository, and on each of those files with one thing changed. What a schema cannot know is listed here.
//!
//! `CASES=folder cargo test --test schema` also writes every case there; `tests/editors` gives them to
//! validators that others wrote.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read fixtures and may fail"
)]

#[path = "schema/draft7.rs"]
mod draft7;
#[allow(dead_code, reason = "only the sites in the fixtures are of interest here")]
#[path = "suite/fixture.rs"]
mod fixture;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use draft7::Schema;
use fixture::Edit;
use rayon::prelude::*;
use support::files_below;
use weekmark::config::{Config, Taxonomy};
use weekmark::diag::{Diagnostic, Severity, json_string};
use weekmark::parse::{self, Settings, data, front_matter};
use weekmark::schema::{self, Kind};
use weekmark::theme;
use weekmark::yaml::{self, Data};

/// What the parser refuses and a schema cannot see, by code and words of the message.
const UNSEEN: &[(&str, &str, &str)] = &[
    ("W104", "There is no day", "how long a month is"),
    ("W103", "begins with a hyphen, but is no list", "a text with a hyphen is a text"),
    ("W109", "A pair needs what lies", "follows from the hyphen"),
    ("W104", ", not a ", "which day of the week a date is"),
    ("W108", "behind a space, # begins a remark", "what stands behind a value"),
    ("W104", "is not a date", "which letters follow the first three of a month"),
    ("W108", "needs the name of a month", "the same"),
    ("W108", "needs the name of a day", "which letters follow the first three"),
    ("W108", "needs a day of the year", "the same, and how long a month is"),
    ("W108", "Neither the first nor the last day is in", "the same"),
    ("W108", "more than a year after", "one date against another"),
    ("W108", "The last day is before the first", "one date against another"),
    ("W108", "cannot be a name in calendars", "numbers that are names"),
    ("W104", "the clocks are put forward", "when the clocks of a zone are put forward"),
    ("W108", "The event ends", "one time against another"),
    ("W108", "The end has an hour, and the start has none", "the same"),
    ("W108", "The start has an hour, and the end has none", "the same"),
    ("W108", "There is no time zone", "a list of six hundred, which grows"),
    (
        "W102",
        "is not a setting of \"brand\"",
        "names that are free unless they look like known ones",
    ),
    ("W108", "is not a language", "codes that are numbers"),
    ("W108", "A slug is one part of an address", "the letters of all languages"),
    ("W108", "so it can have no address", "the letters of all languages"),
    ("W108", "A taxonomy cannot be called", "names that are keys already, or written twice"),
    ("W108", "There is no audience", "names from elsewhere in the file"),
    ("W108", "There is no kind", "names from elsewhere in the file"),
    ("W108", "is no name for an audience", "a pattern for all texts but one"),
    ("W108", "Nothing is known to stand for", "braces that are text"),
    ("W109", "This post has no channels", "a list without entries"),
];

/// What a schema must refuse.
const REFUSED: [&str; 6] = ["W102", "W103", "W104", "W108", "W109", "W402"];
/// Refused too, but no matter of the shape: addresses, colors, versions.
const OTHER: [&str; 3] = ["W304", "W503", "W511"];

/// A text of some kind in a site with some taxonomies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    kind: &'static str,
    taxonomies: Vec<String>,
    text: String,
}

impl Written {
    fn kind(&self) -> Kind {
        Kind::ALL.into_iter().find(|kind| kind.name() == self.kind).unwrap()
    }

    /// What the parser says of it; `None` if it is not YAML, or has a key twice, which JSON cannot say.
    fn said(&self) -> Option<(Data, Vec<Diagnostic>)> {
        let node = yaml::parse(&self.text, 0).ok()?;
        let mut problems = Vec::new();
        yaml::check_keys(&node, "a", &mut problems);
        if !problems.is_empty() {
            return None;
        }
        match self.kind() {
            Kind::Site => {
                Config::read(&self.text, &mut problems);
            }
            Kind::Brand => Config::default().read_brand(&self.text, &mut problems),
            Kind::Page => {
                let settings =
                    Settings { taxonomies: self.taxonomies.clone(), ..Settings::default() };
                front_matter::parse("a.md", &self.text, 0, &settings, &mut problems);
            }
            Kind::Years | Kind::Sources | Kind::Ways | Kind::Planner | Kind::Posts => {
                data::check(self.kind, &node, "a.yaml", &mut problems);
            }
            Kind::Theme => theme::check_settings(&node, "theme.yaml", &mut problems),
        }
        Some((node.data(), problems))
    }
}

fn taxonomies(names: &[String]) -> Vec<Taxonomy> {
    let taxonomy =
        |name: &String| Taxonomy { name: name.clone(), title: name.clone(), description: None };
    names.iter().map(taxonomy).collect()
}

// ---- the files --------------------------------------------------------------------------------

/// What a site has of each kind.
fn written(files: &BTreeMap<String, Vec<u8>>, found: &mut BTreeSet<Written>) {
    let site = files.get("site.yaml").and_then(|bytes| String::from_utf8(bytes.clone()).ok());
    let config = site.and_then(|text| Config::read(&text, &mut Vec::new())).unwrap_or_default();
    let names: Vec<String> = config.taxonomies.into_iter().map(|t| t.name).collect();
    for (path, bytes) in files {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        let text = &text[parse::byte_order_mark(text)..];
        let kind = match path.as_str() {
            "site.yaml" => Kind::Site,
            "brand.yaml" => Kind::Brand,
            "content/_data/years.yaml" => Kind::Years,
            "content/_data/sources.yaml" => Kind::Sources,
            "content/_data/ways.yaml" => Kind::Ways,
            "content/_data/planner.yaml" => Kind::Planner,
            "content/_data/posts.yaml" => Kind::Posts,
            path if path.ends_with("/theme.yaml") => Kind::Theme,
            path if path.starts_with("content/") && path.ends_with(".md") => Kind::Page,
            _ => continue,
        };
        let text = match kind {
            Kind::Page => match front_matter::split(path, text, &mut Vec::new()) {
                (Some(span), _) => &text[span.start..span.end],
                _ => continue,
            },
            _ => text,
        };
        // What belongs to no page is the same in every site.
        let taxonomies = match kind {
            Kind::Site | Kind::Page => names.clone(),
            _ => Vec::new(),
        };
        found.insert(Written { kind: kind.name(), taxonomies, text: text.to_string() });
    }
}

/// Every file in every step of every fixture, and those of the sites that come with weekmark.
fn everything() -> BTreeSet<Written> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    let small = b"title: Test\nbase_url: https://example.org/\n".to_vec();
    for (path, bytes) in files_below(&root.join("tests/suite")) {
        if !path.ends_with(".txt") || path.starts_with("theme/") {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let mut files = BTreeMap::from([("site.yaml".to_string(), small.clone())]);
        for step in fixture::read(&text).unwrap() {
            for edit in step.edits {
                match edit {
                    Edit::Link(..) => {}
                    Edit::Write(path, bytes) => {
                        files.insert(path, bytes);
                    }
                    Edit::Delete(path) => {
                        files.retain(|file, _| {
                            *file != path && !file.starts_with(&format!("{path}/"))
                        });
                    }
                    Edit::Rename(from, to) => {
                        let moved = |file: &String| {
                            let rest = file.strip_prefix(from.as_str())?;
                            let is_it = rest.is_empty() || rest.starts_with('/');
                            is_it.then(|| format!("{to}{rest}"))
                        };
                        files = files
                            .into_iter()
                            .map(|(file, bytes)| (moved(&file).unwrap_or(file), bytes))
                            .collect();
                    }
                }
            }
            written(&files, &mut found);
        }
    }
    let sample = |part: &'static str| {
        files_below(&root.join(part))
            .into_iter()
            .map(move |(path, bytes)| (format!("{part}/{path}"), bytes))
    };
    let mut files: BTreeMap<String, Vec<u8>> = sample("content").chain(sample("themes")).collect();
    files.insert("site.yaml".into(), fs::read(root.join("site.yaml")).unwrap());
    written(&files, &mut found);
    found
}

/// A file of each kind that has every key.
fn full() -> Vec<Written> {
    let text = |kind: Kind| {
        let path = format!("tests/schema/full/{}.yaml", kind.name());
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
    };
    let full = |kind: Kind| Written {
        kind: kind.name(),
        taxonomies: vec!["tags".into()],
        text: text(kind),
    };
    Kind::ALL.map(full).into()
}

// ---- one thing changed ------------------------------------------------------------------------

/// A value as JSON, which is YAML too.
fn json(value: &Data) -> String {
    match value {
        Data::Null => "null".into(),
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => format!("{value:?}"),
        Data::Text(value) => json_string(value),
        Data::List(items) => {
            format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", "))
        }
        Data::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", json_string(key), json(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Values of every kind, and some of each form that a schema knows.
fn values() -> Vec<Data> {
    let text = |text: &str| Data::Text(text.into());
    let mut all = vec![
        Data::Null,
        Data::Bool(true),
        Data::Int(3),
        Data::Int(-1),
        Data::Int(20_000),
        Data::Float(1.5),
        Data::List(Vec::new()),
        Data::List(vec![Data::Null]),
        Data::List(vec![Data::Int(1), Data::Bool(false)]),
        Data::List(vec![text("a"), Data::List(Vec::new())]),
        Data::Map(Vec::new()),
        Data::Map(vec![("a".into(), text("b"))]),
        Data::Map(vec![("title".into(), text("b"))]),
    ];
    let texts = [
        "",
        " ",
        "text",
        "yes",
        "OFF",
        "2026-10-12",
        " 2026-1-2 ",
        "2026-13-01",
        "2026-02-30",
        "2026/10/12",
        "2026. 10. 12",
        "12/10/2026",
        "12.10.2026",
        "2026-10-12T09:00:00Z",
        "12 October 2026",
        "Monday, October 12, 2026",
        "Sunday, October 12, 2026",
        "-one",
        "october 12th, 2026",
        "12. de oct. de 2026",
        "Octember 12, 2026",
        "Octopus",
        "sunny",
        "Mars/Base",
        "Octopus 12, 2026",
        "May 6",
        "6 de mayo",
        "6. May, ",
        "June 31",
        "Oct",
        "sun",
        "Sonntag",
        "last",
        "none",
        "all",
        "pages",
        "clean",
        "en",
        "pt-BR",
        "english language",
        "https://example.org/week",
        "HTTP://example.org",
        "https://",
        "https://a@b/",
        "ftp://example.org/",
        "America/New_York",
        "/old/",
        "/",
        "/a//b",
        "/.a",
        "/a b",
        "old",
        "#0a4f8a",
        "main",
        "12 weeks before",
        " Day 31 ",
        "day 32",
        "1 day  after",
        "0 days before",
        "15 minutes",
        "2–3 hours",
        "1.5 days",
        "an hour",
        "#Week",
        "#2027",
        "#2027Week",
        "#case-week",
        "#a b",
        "small",
        "bluesky",
        "everyone",
        "{name} and {nmae}",
    ];
    all.extend(texts.map(text));
    all
}

/// Names that are near to a name, and some that are not.
fn names(name: &str) -> Vec<String> {
    let mut names: Vec<String> = [
        format!("{name}x"),
        name.to_uppercase(),
        name.to_lowercase(),
        name.replace(['e', 'i'], ""),
        "zzz".into(),
        "2027".into(),
        "12".into(),
        "es".into(),
        "w715".into(),
        "W715".into(),
        "W101".into(),
        String::new(),
    ]
    .into();
    names.retain(|other| other != name);
    names
}

/// The value with one thing changed, in every way. Settings that were changed before, by their `place`, are left
/// alone: a second file says nothing new of them.
fn changed(value: &Data, place: &str, seen: &mut BTreeSet<String>, values: &[Data]) -> Vec<Data> {
    let kind = match value {
        Data::Map(_) => "{}",
        Data::List(_) => "[]",
        _ => "",
    };
    let is_new = seen.insert(format!("{place}{kind}"));
    let mut all = Vec::new();
    if is_new {
        all.extend(values.iter().filter(|other| *other != value).cloned());
    }
    match value {
        Data::Map(entries) => {
            for (at, (key, inner)) in entries.iter().enumerate() {
                let place = format!("{place}/{key}");
                let is_new = seen.insert(format!("{place}:"));
                let mut with = |entry: Option<(String, Data)>| {
                    let mut entries = entries.clone();
                    entries.splice(at..=at, entry);
                    all.push(Data::Map(entries));
                };
                if is_new {
                    with(None);
                    for name in names(key) {
                        if !entries.iter().any(|(key, _)| *key == name) {
                            with(Some((name, inner.clone())));
                        }
                    }
                }
                for inner in changed(inner, &place, seen, values) {
                    with(Some((key.clone(), inner)));
                }
            }
        }
        Data::List(items) => {
            for (at, item) in items.iter().enumerate() {
                for item in changed(item, &format!("{place}/-"), seen, values) {
                    let mut items = items.clone();
                    items[at] = item;
                    all.push(Data::List(items));
                }
            }
        }
        _ => {}
    }
    all
}

// ---- agreement --------------------------------------------------------------------------------

/// The schemas by kind and taxonomies.
struct Schemas(BTreeMap<(&'static str, Vec<String>), Schema>);

impl Schemas {
    fn of(written: &BTreeSet<Written>) -> Schemas {
        let keys: BTreeSet<_> =
            written.iter().map(|one| (one.kind, one.taxonomies.clone())).collect();
        let schemas = keys.into_iter().map(|(kind, names)| {
            let one = Written { kind, taxonomies: names.clone(), text: String::new() };
            let text = schema::print(one.kind(), &taxonomies(&names));
            ((kind, names), Schema::read(&text))
        });
        Schemas(schemas.collect())
    }

    fn accepts(&self, written: &Written, value: &Data) -> bool {
        self.0[&(written.kind, written.taxonomies.clone())].accepts(value)
    }
}

/// What the two come to.
#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Of `UNSEEN`, by place.
    unseen: BTreeSet<usize>,
    disagree: Vec<String>,
    /// Every case: schema, text, value, and what our evaluator says.
    cases: Vec<(Written, Data, bool)>,
}

impl Tally {
    fn add(mut self, other: Tally) -> Tally {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.unseen.extend(other.unseen);
        self.disagree.extend(other.disagree);
        self.cases.extend(other.cases);
        self
    }

    fn compare(&mut self, written: &Written, schemas: &Schemas) {
        let Some((value, problems)) = written.said() else { return };
        let accepts = schemas.accepts(written, &value);
        let mut refused = Vec::new();
        let mut other = false;
        let mut unseen = Vec::new();
        let errors = problems.iter().filter(|p| p.code.severity() == Severity::Error);
        for problem in errors {
            let id = problem.code.id();
            other |= OTHER.contains(&id);
            if !REFUSED.contains(&id) {
                assert!(OTHER.contains(&id), "{id} {}", problem.message);
                continue;
            }
            let known = UNSEEN
                .iter()
                .position(|(code, words, _)| *code == id && problem.message.contains(words));
            match known {
                Some(known) => unseen.push(known),
                None => refused.push(format!("{id} {}", problem.message)),
            }
        }
        let agree = match (accepts, refused.is_empty(), unseen.is_empty() && !other) {
            (true, true, true) => {
                self.accepted += 1;
                true
            }
            (false, false, _) => {
                self.refused += 1;
                true
            }
            (true, true, false) => {
                self.unseen.extend(unseen);
                true
            }
            (false, true, false) => true,
            (false, true, true) | (true, false, _) => false,
        };
        if !agree {
            self.disagree.push(format!(
                "{} {:?}\n{}\n  the schema {}, the parser says {refused:?}",
                written.kind,
                written.taxonomies,
                written.text.trim_end().chars().take(400).collect::<String>(),
                if accepts { "accepts it" } else { "refuses it" },
            ));
        }
        self.cases.push((written.clone(), value, accepts));
    }

    fn check(&self) {
        let shown: Vec<&str> = self.disagree.iter().take(20).map(String::as_str).collect();
        assert!(
            shown.is_empty(),
            "{} of {} cases:\n\n{}",
            self.disagree.len(),
            self.cases.len(),
            shown.join("\n\n")
        );
    }
}

/// Writes the schemas and the cases for other validators.
fn keep(name: &str, cases: &[(Written, Data, bool)]) {
    let Some(folder) = std::env::var_os("CASES") else { return };
    let folder = Path::new(&folder);
    let mut schemas: Vec<(&str, &[String])> = Vec::new();
    let mut out = String::new();
    for (written, value, accepts) in cases {
        let key = (written.kind, written.taxonomies.as_slice());
        let at = schemas.iter().position(|known| *known == key).unwrap_or_else(|| {
            schemas.push(key);
            schemas.len() - 1
        });
        let _ = writeln!(
            out,
            "{{\"schema\": \"{name}-{at}.json\", \"accepts\": {accepts}, \"value\": {}, \"yaml\": {}}}",
            json(value),
            json_string(&written.text)
        );
    }
    fs::create_dir_all(folder).unwrap();
    for (at, (kind, names)) in schemas.iter().enumerate() {
        let kind = Kind::ALL.into_iter().find(|known| known.name() == *kind).unwrap();
        fs::write(
            folder.join(format!("{name}-{at}.json")),
            schema::print(kind, &taxonomies(names)),
        )
        .unwrap();
    }
    fs::write(folder.join(format!("{name}.jsonl")), out).unwrap();
}

#[test]
fn schemas_and_parser_agree_on_every_fixture() {
    let all = everything();
    let schemas = Schemas::of(&all);
    let mut tally = Tally::default();
    all.iter().for_each(|written| tally.compare(written, &schemas));
    keep("fixtures", &tally.cases);
    tally.check();
    assert!(tally.accepted > 100 && tally.refused > 20, "{} {}", tally.accepted, tally.refused);
}

#[test]
fn schemas_and_parser_agree_on_what_is_changed() {
    let (all_written, full) = (everything(), full());
    let schemas = Schemas::of(&all_written.iter().chain(&full).cloned().collect());
    let values = values();
    let mut seen = BTreeSet::new();
    let mut others = Vec::new();
    // A long file says nothing of the settings that the full ones do not say.
    for written in full.iter().chain(all_written.iter().filter(|written| written.text.len() < 500))
    {
        let Some((value, _)) = written.said() else { continue };
        let place = format!("{} {:?}", written.kind, written.taxonomies);
        others.extend(
            changed(&value, &place, &mut seen, &values)
                .into_iter()
                .map(|value| Written { text: json(&value), ..written.clone() }),
        );
    }
    // All of them take their time.
    let all = std::env::var_os("CASES").is_some();
    let tally = others
        .par_iter()
        .step_by(if all { 1 } else { 4 })
        .fold(Tally::default, |mut tally, written| {
            tally.compare(written, &schemas);
            tally
        })
        .reduce(Tally::default, Tally::add);
    let mut tally = tally;
    // Some can only be written in YAML.
    all_written.iter().for_each(|written| tally.compare(written, &schemas));
    let each: Vec<_> = tally.cases.iter().step_by(tally.cases.len() / 4_000 + 1).cloned().collect();
    keep("changed", &each);
    tally.check();
    assert!(
        tally.accepted > 1_000 && tally.refused > 1_000,
        "{} {}",
        tally.accepted,
        tally.refused
    );
    let unused: Vec<_> = UNSEEN
        .iter()
        .enumerate()
        .filter(|(at, _)| !tally.unseen.contains(at))
        .map(|(_, (_, words, _))| words)
        .collect();
    assert!(unused.is_empty() || !all, "the schemas see this: {unused:?}");
}

#[test]
fn every_key_is_explained() {
    for kind in Kind::ALL {
        let text = schema::print(kind, &taxonomies(&["tags".into()]));
        let root = yaml::parse(&text, 0).unwrap().data();
        explained(&root, kind.name());
        let full = full().into_iter().find(|full| full.kind == kind.name()).unwrap();
        let (value, mut problems) = full.said().unwrap();
        // No rule goes all ways at once.
        problems.retain(|problem| !problem.message.contains("has no effect in a rule by"));
        assert!(problems.is_empty(), "{}: {problems:?}", kind.name());
        let (mut known, mut used) = (BTreeSet::new(), BTreeSet::new());
        keys(&root, &[&value], kind.name(), (&mut known, &mut used));
        let missing: Vec<_> = known.difference(&used).collect();
        assert!(missing.is_empty(), "add to tests/schema/full/: {missing:#?}");
        assert_eq!(text, schema::print(kind, &taxonomies(&["tags".into()])));
    }
}

/// The keys of a schema, and those among them that some value has.
fn keys(
    schema: &Data,
    values: &[&Data],
    place: &str,
    (known, used): (&mut BTreeSet<String>, &mut BTreeSet<String>),
) {
    let inner = |value: &Data| match value {
        Data::Map(entries) => entries.iter().map(|(_, value)| value.clone()).collect(),
        Data::List(items) => items.clone(),
        _ => Vec::new(),
    };
    // Names that the author chooses are only suggested, and what holds for folders are the keys of a page.
    let is_closed = schema.get("propertyNames").is_none() && place != "site/defaults";
    if let (Some(Data::Map(properties)), true) = (schema.get("properties"), is_closed) {
        for (name, key) in properties.iter().filter(|(_, key)| key.get("doNotSuggest").is_none()) {
            let values: Vec<&Data> = values.iter().filter_map(|value| value.get(name)).collect();
            let place = format!("{place}/{name}");
            known.insert(place.clone());
            if !values.is_empty() {
                used.insert(place.clone());
            }
            keys(key, &values, &place, (known, used));
        }
    }
    for word in ["items", "additionalProperties"] {
        if let (Some(schema @ Data::Map(_)), true) = (schema.get(word), place != "site/defaults") {
            let values: Vec<Data> = values.iter().flat_map(|value| inner(value)).collect();
            keys(schema, &values.iter().collect::<Vec<_>>(), place, (known, used));
        }
    }
    if let Some(Data::List(ways)) = schema.get("anyOf") {
        ways.iter().for_each(|way| keys(way, values, place, (known, used)));
    }
}

fn explained(schema: &Data, place: &str) {
    if let Some(Data::Map(keys)) = schema.get("properties") {
        for (name, key) in keys.iter().filter(|(_, key)| key.get("doNotSuggest").is_none()) {
            let about = key.get("description").and_then(Data::as_text);
            assert!(about.is_some_and(|about| about.len() > 8), "{place}: {name}: {about:?}");
            assert!(key.get("markdownDescription").is_some(), "{place}: {name}");
        }
    }
    match schema {
        Data::Map(words) => {
            words.iter().for_each(|(word, inner)| explained(inner, &format!("{place}/{word}")))
        }
        Data::List(items) => items.iter().for_each(|inner| explained(inner, place)),
        _ => {}
    }
}
