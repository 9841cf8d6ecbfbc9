//! Owns the comparison of the documents with the program: nothing that is documented is missing, and
//! nothing that is there is undocumented; every example works and every command runs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use weekmark::calendar::print_range;
use weekmark::config::{self, Config};
use weekmark::diag::Code;
use weekmark::parse::component::{Argument, Kind};
use weekmark::parse::data;
use weekmark::parse::event;
use weekmark::parse::front_matter;
use weekmark::parse::markdown::Extensions;
use weekmark::theme::functions::FUNCTIONS;
use weekmark::theme::{self, REFERENCE, Shelf};

use crate::code::{ALONE, LAYERS, module_of, modules};
use crate::markdown::{blocks, codes, links, names, table, tables};
use crate::site::{output, outputs, sample_site};
use crate::support::{Folder, copy_folder};
use crate::{entries, files, none, root, text};

fn set(names: impl IntoIterator<Item = impl Into<String>>) -> BTreeSet<String> {
    names.into_iter().map(Into::into).collect()
}

/// Every text in quotation marks between two marks of a source file.
fn texts_between(file: &str, from: &str, to: &str) -> Vec<String> {
    let source = text(file);
    let start = source.find(from).unwrap_or_else(|| panic!("{file} has no {from}")) + from.len();
    let part = &source[start..];
    let part = &part[..part.find(to).unwrap_or_else(|| panic!("{file} has no {to} behind {from}"))];
    part.split('"').skip(1).step_by(2).map(String::from).collect()
}

/// The documents that people read.
fn documents() -> Vec<String> {
    let mut all = files("docs", ".md");
    let others = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    all.extend(others.map(String::from));
    all.extend(
        ["src/theme/reference.md", "themes/almanac/README.md", "themes/harbor/README.md"]
            .map(String::from),
    );
    all
}

/// Fails with the entries that differ.
fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    told: &BTreeMap<String, T>,
    there: &BTreeMap<String, T>,
) {
    let names: BTreeSet<&String> = told.keys().chain(there.keys()).collect();
    let findings: Vec<String> = names
        .into_iter()
        .filter(|name| told.get(*name) != there.get(*name))
        .map(|name| {
            format!("{what}, {name}: told {:?}\n  there {:?}", told.get(name), there.get(name))
        })
        .collect();
    none(&findings);
}

/// Fails with the names that only the document or only the program has.
fn agree(what: &str, told: &BTreeSet<String>, there: &BTreeSet<String>) {
    let only = |names: &BTreeSet<String>, others: &BTreeSet<String>, says: &str| {
        let differ = names.difference(others).map(|name| format!("{what}: {name} {says}"));
        differ.collect::<Vec<_>>()
    };
    let mut findings = only(told, there, "is documented and does not exist");
    findings.extend(only(there, told, "exists and is not documented"));
    none(&findings);
}

// ---- ARCHITECTURE.md --------------------------------------------------------------------------

/// The smallest picture: one gray pixel.
const PICTURE: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";

#[test]
fn the_code_map_is_the_code() {
    let tables = tables(&text("ARCHITECTURE.md"));
    let map = table(&tables, "Code map");
    let listed: Vec<String> = names(map);
    agree("modules", &set(listed.iter().cloned()), &set(modules()));
    let layer = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let layered: Vec<usize> = listed.iter().filter_map(|name| layer(name)).collect();
    assert!(layered.is_sorted(), "the code map is not in the order of the layers: {listed:?}");
    assert!(listed.iter().all(|name| layer(name).is_some() || ALONE.contains(&name.as_str())));
    let mut parts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files("src", ".rs") {
        let module = module_of(&path);
        let Some((top, below)) = module.split_first() else { continue };
        let inner = parts.entry(top.clone()).or_default();
        if !below.is_empty() && below.last().is_none_or(|name| name != "tests") {
            inner.insert(below.join("/"));
        }
    }
    let told = map.iter().zip(listed).map(|(row, name)| (name, set(codes(&row[1]))));
    same("the parts of a module", &told.collect(), &parts);
}

#[test]
fn every_package_is_explained() {
    let document = tables(&text("ARCHITECTURE.md"));
    let manifest = text("Cargo.toml");
    let mut wanted = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside
            && let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
        {
            wanted.insert(name.to_string());
        }
    }
    agree("packages", &set(names(table(&document, "Packages"))), &wanted);
}

#[test]
fn every_test_is_explained() {
    let document = tables(&text("ARCHITECTURE.md"));
    let mut there =
        set(entries("tests").iter().map(|name| format!("tests/{}", name.trim_end_matches(".rs"))));
    there.remove("tests/support");
    there.insert("src".into());
    let told = names(table(&document, "Tests"));
    agree("tests", &set(told), &there);
}

// ---- the reference for themes -----------------------------------------------------------------

/// `menu(name="main")` → `menu`, `name`.
fn signature(code: &str) -> (String, BTreeSet<String>) {
    let (name, rest) = code.split_once('(').unwrap_or((code, ""));
    let arguments = rest.trim_end_matches(')').split(", ").filter_map(|part| part.split_once('='));
    (name.to_string(), set(arguments.map(|(argument, _)| argument)))
}

fn signatures(heading: &str) -> BTreeMap<String, BTreeSet<String>> {
    let tables = tables(REFERENCE);
    let rows = table(&tables, heading).to_vec();
    names(&rows).iter().map(|code| signature(code)).collect()
}

#[test]
fn the_reference_lists_the_functions() {
    let there =
        FUNCTIONS.iter().map(|(name, arguments)| ((*name).to_string(), set(arguments.to_vec())));
    same("functions", &signatures("Functions"), &there.collect());
}

#[test]
fn the_reference_lists_the_filters() {
    let source = text("src/theme/filters.rs");
    let registered =
        source.split("register_filter(\"").skip(1).filter_map(|rest| rest.split('"').next());
    agree("filters", &set(signatures("Filters").into_keys()), &set(registered));
    let date = source.split("fn date(").nth(1).unwrap_or_default();
    let asked = date.split("get::<&str>(\"").skip(1).filter_map(|rest| rest.split('"').next());
    agree("arguments of date", &signatures("Filters")["date"], &set(asked));
}

/// Where each table of the reference is found in a running site.
const SHAPES: &[(&str, &[&str])] = &[
    ("Variables", &["__tera_context"]),
    ("page", &["page"]),
    ("site", &["site"]),
    (
        "card",
        &[
            "card(of=\"look.md\")",
            "children(of=\"_index.md\") | first",
            "recent() | first",
            "tagged(taxonomy=\"tags\", term=\"week\") | first",
            "neighbors() | get(key=\"next\")",
            "neighbors() | get(key=\"previous\")",
        ],
    ),
    ("event", &["page.event", "events() | first | get(key=\"event\")"]),
    ("theme", &["campaign(year=2028) | get(key=\"themes\") | first"]),
    ("picture", &["page.image", "card(of=\"look.md\") | get(key=\"image\")"]),
    ("logo", &["logo()"]),
    ("icon", &["icons() | first", "icons() | last"]),
    ("preview", &["preview()"]),
    ("feed", &["feeds() | first"]),
    ("source", &["page.sources | first", "page.sources | last"]),
    ("term link", &["page.terms.tags | first"]),
    ("menu entry", &["menu() | first"]),
    ("crumb", &["breadcrumbs() | first", "breadcrumbs() | last"]),
    ("neighbors", &["neighbors()"]),
    ("term", &["terms(taxonomy=\"tags\") | first"]),
    ("week", &["campaign()", "campaign(year=2030)", "campaign_years() | first"]),
    ("day", &["campaign() | get(key=\"days\") | first"]),
    ("ways", &["ways()"]),
    ("way audience", &["ways() | get(key=\"audiences\") | first"]),
    ("way kind", &["ways() | get(key=\"kinds\") | first"]),
    (
        "way group",
        &["ways() | get(key=\"efforts\") | first", "ways() | get(key=\"times\") | first"],
    ),
    ("way", &["ways() | get(key=\"ways\") | first"]),
    ("planner", &["planner()"]),
    ("task", &["planner() | get(key=\"tasks\") | first"]),
    ("posts", &["posts()"]),
    ("channel", &["posts() | get(key=\"channels\") | first"]),
    ("post", &["posts() | get(key=\"posts\") | first"]),
    ("heading", &["toc() | first"]),
    ("translation", &["translations() | first"]),
    ("page group", &["pages() | first"]),
];

/// Tables that are shown on the pages of terms only.
const TERM_SHAPES: &[(&str, &[&str])] = &[
    ("Variables", &["__tera_context"]),
    ("page", &["page"]),
    ("taxonomy", &["page.taxonomy", "page.term"]),
];

/// Tables that every template sees.
const COMMON_SHAPES: &[(&str, &[&str])] =
    &[("Variables", &["__tera_context"]), ("page", &["page"]), ("site", &["site"])];

/// A template that prints the names in each shape.
fn printing(shapes: &[(&str, &[&str])]) -> String {
    let mut out = String::new();
    for (shape, places) in shapes {
        for place in *places {
            out.push_str(&format!(
                "@@{shape}@{{% set it = {place} %}}{{{{ it | keys | json }}}}\n"
            ));
        }
    }
    out
}

/// A site that has everything that a template can be told about.
fn asked_site() -> Folder {
    let site = Folder::new("tidy");
    site.write(
        "site.yaml",
        "title: T\nbase_url: https://example.org/\nbrand: {name: B, logo: pic.svg}\nlanguages: {es: {name: Español}}\n\
         campaign: {name: W, rule: {full_week: 2, month: October}}\nmenus: {main: [{page: look.md}]}\n",
    );
    site.write("content/_index.md", "---\ntitle: Home\n---\n");
    site.write("content/before.md", "---\ntitle: A\nweight: 1\n---\n");
    site.write("content/zafter.md", "---\ntitle: Z\nweight: 3\n---\n");
    site.write("content/look.es.md", "---\ntitle: Mira\n---\n");
    site.write("content/pic.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    site.write(
        "content/_data/years.yaml",
        "2027: {confirmed: true}\n2028: {themes: [{theme: A}]}\n",
    );
    site.write("content/_data/sources.yaml", "one: {title: One}\n");
    site.write(
        "content/_data/ways.yaml",
        "audiences: {us: {title: Us}}\nkinds: {thanks: Thanks}\nways: [{title: Say thanks}]\n",
    );
    site.write("content/_data/planner.yaml", "tasks: [{when: 1 week before, title: Ask}]\n");
    site.write(
        "content/_data/posts.yaml",
        "posts: [{when: day 1, channels: [x], text: \"{name} {url}\"}]\n",
    );
    site.write(
        "content/look.md",
        "---\ntitle: Look\nweight: 2\ndate: 2026-01-01\ntags: [week]\nimage: {src: pic.svg, alt: A}\n\
         event: {start: 2027-10-12 12:00, place: Hall}\n\
         sources: [one, {title: Two}]\n---\n## One\n\n## Two\n",
    );
    site.write("themes/harbor/theme.yaml", "name: harbor\napi: 1\n");
    let theme = |name: &str, shapes| {
        site.write(&format!("themes/harbor/templates/{name}.html"), printing(shapes));
    };
    for name in ["base", "home", "section", "404"] {
        theme(name, COMMON_SHAPES);
    }
    site.write(
        "themes/harbor/templates/page.html",
        "{% if page.image %}{% include \"all.html\" %}{% endif %}",
    );
    theme("all", SHAPES);
    theme("term", TERM_SHAPES);
    theme("taxonomy", &TERM_SHAPES[..2]);
    site
}

#[test]
fn the_reference_lists_the_variables() {
    let tables = tables(REFERENCE);
    let leaves = outputs(&asked_site());
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for path in
        ["look/index.html", "tags/week/index.html", "tags/index.html", "index.html", "404.html"]
    {
        for line in output(&leaves, path).lines().filter_map(|line| line.strip_prefix("@@")) {
            let (shape, keys) = line.split_once('@').expect("shape and keys");
            // `it` is the template's own.
            let there = keys.split('"').skip(1).step_by(2).filter(|key| *key != "it");
            let (there, told) = (set(there), set(names(table(&tables, shape))));
            let extra = told.symmetric_difference(&there);
            findings.extend(extra.map(|name| format!("{path}, {shape}: {name}")));
            seen.insert(shape.to_string());
        }
    }
    none(&findings);
    let shapes = SHAPES.iter().chain(TERM_SHAPES).map(|(shape, _)| *shape);
    assert_eq!(seen, set(shapes), "every table was compared with something");
    let other = [
        "Functions",
        "Filters",
        "Tera's own",
        "Templates",
        "Components",
        "theme.yaml",
        "Words",
        "Search",
    ];
    let told = set(tables.iter().map(|table| table.heading.as_str()));
    assert_eq!(told, &seen | &set(other), "every table is compared with something");
}

#[test]
fn a_component_sees_what_it_declares() {
    let site = asked_site();
    let metadata = "{\"about\": \"Shows what it sees\"}";
    let print = "{{ __tera_context | keys | json }}";
    site.write(
        "templates/components/probe.html",
        format!("{{% component probe(x: string, @page) {metadata} %}}@@{print}{{% endcomponent probe %}}"),
    );
    site.write("content/look.md", "---\ntitle: Look\n---\n:::probe x=1\nA text\n:::\n");
    site.write("templates/page.html", "{{ content }}");
    let page = output(&outputs(&site), "look/index.html");
    let seen = page.lines().find_map(|line| line.trim().strip_prefix("@@")).expect("what it sees");
    assert_eq!(set(seen.split('"').skip(1).step_by(2)), set(["x", "body", "page"]));
}

#[test]
fn the_reference_lists_what_a_theme_must_have() {
    let tables = tables(REFERENCE);
    let listed = |heading: &str| set(names(table(&tables, heading)));
    let mod_rs = "src/theme/mod.rs";
    agree("templates", &listed("Templates"), &set(texts_between(mod_rs, "const NEEDED", "];")));
    agree("theme.yaml", &listed("theme.yaml"), &set(theme::SETTINGS.names()));
    // The words stand before the arrow, their English text behind it.
    let words = texts_between(mod_rs, "fn usual_word", "_ => return None");
    agree("words", &listed("Words"), &set(words.into_iter().step_by(2)));
    let metadata = texts_between(mod_rs, "fn components_of", "fn kind_of")
        .into_iter()
        .chain(texts_between(mod_rs, "fn choices_of", "\n}"));
    let keys =
        metadata.filter(|text| text.chars().all(|c| c.is_ascii_lowercase()) && text != "none");
    agree("metadata", &listed("Components"), &set(keys));
}

#[test]
fn what_the_reference_says_of_the_engine_is_true() {
    let tables = tables(REFERENCE);
    let rows = table(&tables, "Tera's own");
    let site = asked_site();
    let mut template = String::from("{% if false %}");
    for (kind, row) in ["filters", "tests", "functions"].iter().zip(rows) {
        assert_eq!(row[0], *kind);
        for name in codes(&row[1]) {
            template.push_str(&match *kind {
                "filters" => format!("{{{{ lang | {name} }}}}"),
                "tests" => format!("{{% if lang is {name} %}}{{% endif %}}"),
                _ => format!("{{{{ {name}() }}}}"),
            });
        }
    }
    // A name that the engine does not know is an error when the template is read.
    site.write("templates/engine.html", template + "{% endif %}");
    outputs(&site);
}

/// The file that an example names in a note on its first line.
fn file_of(block: &str) -> Option<&str> {
    let first = block.lines().next()?;
    let marks = [("{# ", " #}"), ("/* ", " */")];
    marks.iter().find_map(|(open, close)| first.strip_prefix(open)?.strip_suffix(close))
}

#[test]
fn the_examples_for_themes_work() {
    let site = sample_site();
    site.write(
        "content/example.md",
        "---\ntitle: Example\nreviewed: 2026-10-01\ntemplate: example.html\n---\n",
    );
    let mut example = String::new();
    for document in ["src/theme/reference.md", "docs/themes.md"] {
        let text = text(document);
        for block in blocks(&text, "html").iter().chain(&blocks(&text, "css")) {
            match file_of(block) {
                Some(path) => site.write(path, block),
                None => example.push_str(block),
            }
        }
        for block in blocks(&text, "markdown") {
            site.write("content/component.md", format!("---\ntitle: Component\n---\n{block}"));
        }
    }
    site.write("templates/example.html", example);
    let leaves = outputs(&site);
    assert!(output(&leaves, "example/index.html").contains("October 10–16, 2027"));
    assert!(output(&leaves, "component/index.html").contains("Wednesday, September 1, 2027"));
    assert!(output(&leaves, "faq/index.html").contains("Open every weekday"));
}

// ---- what editors and owners read -------------------------------------------------------------

#[test]
fn the_settings_are_listed() {
    let readme = tables(&text("README.md"));
    let listed = |heading: &str| set(names(table(&readme, heading)));
    let keys = front_matter::KEYS.iter().map(|key| key.name).chain(["tags"]);
    agree("front matter", &listed("Front matter"), &set(keys));
    agree("site.yaml", &listed("Settings of the site"), &set(config::SITE.names()));
    let editing = text("docs/editing.md");
    let campaign = tables(&text("docs/campaign.md"));
    let data = |heading: &str| set(names(table(&campaign, heading)));
    agree("years.yaml", &data("What a rule cannot know"), &set(data::YEAR.names()));
    agree("event", &data("Events"), &set(event::EVENT.names()));
    agree("sources.yaml", &data("Sources"), &set(data::SOURCE.names()));
    let extensions = tables(&editing);
    agree("extensions", &set(names(table(&extensions, "Extensions"))), &set(Extensions::NAMES));
}

#[test]
fn the_examples_of_data_work() {
    let site = Folder::new("tidy");
    site.write("site.yaml", "title: T\ncampaign: {rule: {month: October}}\n");
    copy_folder(&root().join("themes"), &site.at("themes"));
    let blocks = blocks(&text("docs/campaign.md"), "yaml");
    let data: Vec<&String> =
        blocks.iter().filter(|block| block.starts_with("# content/")).collect();
    assert_eq!(data.len(), 6);
    // What the examples lead to.
    site.write("content/celebrate/individuals.md", "---\ntitle: Individuals\n---\n");
    site.write("content/celebrate/letters.md", "---\ntitle: Letters\n---\n## Thanks\n");
    site.write("content/shared/dates.png", PICTURE);
    for block in data {
        let path = block.lines().next().expect("a first line").trim_start_matches("# ");
        site.write(path, block);
    }
    outputs(&site);
}

/// An argument as the README writes it: `kind=note|tip`, `columns=NUMBER`.
fn argument(argument: &Argument) -> String {
    let value = match argument.kind {
        _ if !argument.choices.is_empty() => argument.choices.join("|"),
        Kind::Text => "TEXT".into(),
        Kind::Bool => "true|false".into(),
        Kind::Int | Kind::Number => "NUMBER".into(),
        Kind::Link => "PAGE".into(),
        Kind::File => "FILE".into(),
    };
    let needed = if argument.required { "" } else { "?" };
    format!("{}{needed}={value}", argument.name)
}

#[test]
fn the_components_are_listed() {
    let snapshot = weekmark::source::scan(root(), &[]);
    let theme = theme::load(&snapshot, &Config::default(), &mut Shelf::default());
    let there: BTreeMap<String, (String, BTreeSet<String>)> = theme
        .components
        .iter()
        .map(|(name, component)| {
            let form = match (component.inline, component.body) {
                (false, true) => "block",
                (false, false) => "line",
                (true, _) => "in a line",
            };
            (name.clone(), (form.to_string(), set(component.arguments.iter().map(argument))))
        })
        .collect();
    let readme = tables(&text("README.md"));
    let told = table(&readme, "Components")
        .iter()
        .map(|row| (row[0].replace('`', ""), (row[1].clone(), set(codes(&row[2])))));
    same("components", &told.collect(), &there);
}

#[test]
fn the_examples_for_editors_work() {
    let site = sample_site();
    site.write("content/careers/team.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let mut number = 0;
    for document in ["README.md", "docs/editing.md", "docs/campaign.md"] {
        for block in blocks(&text(document), "markdown") {
            number += 1;
            let head = if block.starts_with("---") { "" } else { "---\ntitle: Example\n---\n" };
            site.write(&format!("content/careers/example-{number}.md"), format!("{head}{block}"));
        }
    }
    assert!(number > 5, "{number} examples");
    outputs(&site);
}

#[test]
fn the_examples_of_settings_work() {
    let mut findings = Vec::new();
    let mut number = 0;
    for document in documents() {
        for block in blocks(&text(&document), "yaml") {
            let Some(rest) = block.strip_prefix("# site.yaml\n") else { continue };
            number += 1;
            let title = if rest.contains("\ntitle:") || rest.starts_with("title:") {
                ""
            } else {
                "title: T\n"
            };
            let mut problems = Vec::new();
            Config::read(&format!("{title}{rest}"), &mut problems);
            findings.extend(
                problems.iter().map(|problem| format!("{document}: {}\n{rest}", problem.message)),
            );
        }
    }
    none(&findings);
    assert!(number > 2, "{number} examples");
}

#[test]
fn the_rules_for_dates_give_the_dates() {
    let document = tables(&text("docs/campaign.md"));
    for row in table(&document, "When it is") {
        let mut problems = Vec::new();
        let rule = codes(&row[1])[0];
        let settings = format!("title: T\ncampaign: {{name: W, rule: {rule}}}\n");
        let config = Config::read(&settings, &mut problems).expect("settings");
        assert!(problems.is_empty(), "{rule}: {problems:?}");
        let span = config.campaign.and_then(|campaign| campaign.rule.span(2027));
        // Where there is no rule, nothing but the year's own entry gives dates.
        let dates =
            span.map_or("as announced".into(), |(first, last)| print_range(first, last, "en"));
        assert_eq!(dates, row[2], "{rule}");
    }
}

#[test]
fn the_messages_are_listed() {
    let document = tables(&text("docs/messages.md"));
    let row = |kind: &str, about: &str| vec![kind.to_string(), about.to_string()];
    let there = Code::ALL
        .iter()
        .map(|code| (code.id().to_string(), row(code.severity().word(), code.about())));
    let told = table(&document, "Messages")
        .iter()
        .map(|row| (codes(&row[0])[0].to_string(), row[1..].to_vec()));
    same("messages", &told.collect(), &there.collect());
}

/// The anchor that code hosts give a heading.
fn anchor_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    text.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut findings = Vec::new();
    for document in documents() {
        let from =
            Path::new(&document).parent().map(|folder| root().join(folder)).unwrap_or_default();
        for link in links(&text(&document)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { root().join(&document) } else { from.join(path) };
            if !target.exists() {
                findings.push(format!("{document}: {link} leads nowhere"));
            } else if !anchor.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap_or_default();
                let headings = text.lines().filter(|line| line.starts_with('#'));
                if !headings.map(anchor_of).any(|id| id == anchor) {
                    findings.push(format!("{document}: {link} names no heading"));
                }
            }
        }
    }
    none(&findings);
}

#[test]
fn documents_speak_of_the_product_alone() {
    let home =
        std::env::home_dir().map(|home| home.to_string_lossy().into_owned()).unwrap_or_default();
    let here = root().to_string_lossy().into_owned();
    let mut findings = Vec::new();
    for document in documents() {
        for place in [home.as_str(), here.as_str()].iter().filter(|place| place.len() > 1) {
            if text(&document).contains(place) {
                findings.push(format!("{document} names {place}"));
            }
        }
    }
    none(&findings);
}

// ---- commands ---------------------------------------------------------------------------------

/// The words of a command; quotation marks keep several together.
fn arguments(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(String::from).collect(),
            _ => vec![part.to_string()],
        })
        .collect()
}

fn weekmark(at: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weekmark"));
    command.current_dir(at).args(arguments).stdin(Stdio::null());
    command
}

/// Starts the preview, looks at the first page, ends it.
fn look(at: &Path, arguments: &[String]) -> Result<(), String> {
    let mut child = weekmark(at, arguments).stderr(Stdio::piped()).spawn().expect("the program");
    let lines = BufReader::new(child.stderr.take().expect("its words")).lines();
    let address = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("Your site is at http://").map(String::from));
    let page = address.map(|address| {
        let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
        let mut stream = TcpStream::connect(host).expect("the preview");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            .expect("a request");
        let mut page = String::new();
        let _ = stream.read_to_string(&mut page);
        page
    });
    child.kill().expect("the preview runs");
    let _ = child.wait();
    match page {
        Some(page) if page.starts_with("HTTP/1.1 200") && page.contains("</html>") => Ok(()),
        page => Err(format!("{arguments:?} showed {page:?}")),
    }
}

/// Every command in the documents is run: by this test, or by `.ci/run`.
#[test]
fn commands_do_what_the_documents_say() {
    let site = sample_site();
    let ci = text(".ci/run");
    let mut findings = Vec::new();
    let mut number = 0;
    for document in documents() {
        let text = text(&document);
        for line in blocks(&text, "sh").iter().flat_map(|block| block.lines()) {
            let command = line.split(" #").next().unwrap_or_default().trim();
            let Some(rest) = command.strip_prefix("cargo run -- ") else {
                let known = command.is_empty() || command == ".ci/run" || ci.contains(command);
                if !known {
                    findings.push(format!("{document}: nothing runs {command}"));
                }
                continue;
            };
            number += 1;
            let arguments = arguments(rest);
            if arguments[0] == "serve" {
                findings.extend(look(site.path(), &arguments).err());
                continue;
            }
            let done = weekmark(site.path(), &arguments).output().expect("the program");
            if !done.status.success() {
                findings.push(format!(
                    "{document}: {command}: {}",
                    String::from_utf8_lossy(&done.stderr)
                ));
            }
        }
    }
    none(&findings);
    assert!(number > 5, "{number} commands");
}

#[test]
fn the_options_are_listed() {
    let readme = tables(&text("README.md"));
    for row in table(&readme, "Commands") {
        let command = codes(&row[0])[0];
        // Small letters are words to type; capitals stand for something.
        let words = command.split(' ').filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
        let mut arguments: Vec<String> = words.map(String::from).collect();
        arguments.push("--help".into());
        let help = weekmark(root(), &arguments).output().expect("the program");
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        let there = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        let there = there
            .flat_map(|line| line.split([' ', ',']).filter(|word| word.starts_with("--")).take(1));
        let mut there = set(there);
        there.retain(|option| !["--help", "--root", "--version"].contains(&option.as_str()));
        let told = codes(&row[1]).into_iter().filter_map(|code| code.split(' ').next());
        agree(command, &set(told), &there);
    }
}

/// The names in a JSON text, with how deep in objects and lists each stands.
fn json_names(json: &str) -> BTreeSet<(usize, String)> {
    let mut names = BTreeSet::new();
    let (mut depth, mut rest) = (0, json);
    while let Some(c) = rest.chars().next() {
        let mut len = c.len_utf8();
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            '"' => {
                let mut escaped = false;
                let end = rest.char_indices().skip(1).find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                });
                len = end.map_or(rest.len(), |(at, _)| at + 1);
                if rest[len..].starts_with(':') {
                    names.insert((depth, rest[1..len - 1].to_string()));
                }
            }
            _ => {}
        }
        rest = &rest[len..];
    }
    names
}

#[test]
fn the_json_is_as_documented() {
    let site = sample_site();
    site.write(
        "content/later.md",
        "---\ntitle: Later\npublish_on: 2999-01-01\n---\n![](nope.png)\n",
    );
    let run = |arguments: &[&str]| {
        let arguments: Vec<String> =
            arguments.iter().map(|argument| (*argument).to_string()).collect();
        let done = weekmark(site.path(), &arguments).output().expect("the program");
        (done.status.code(), json_names(&String::from_utf8_lossy(&done.stdout)))
    };
    let (good, built) = run(&["build", "--format", "json"]);
    let (bad, refused) = run(&["build", "--drafts", "--format", "json"]);
    let (checked, check) = run(&["check", "--format", "json"]);
    assert_eq!((good, bad, checked), (Some(0), Some(1), Some(0)));
    assert_eq!(refused, check, "without a written site the two commands say the same");
    let document = tables(&text("docs/json.md"));
    let listed = |heading: &str| set(names(table(&document, heading)));
    let at = |names: &BTreeSet<(usize, String)>, depth| {
        set(names.iter().filter(|(d, _)| *d == depth).map(|(_, name)| name.clone()))
    };
    agree("JSON", &listed("Always"), &at(&check, 1));
    let all = &listed("Always") | &listed("When something was written");
    agree("JSON of a build", &all, &at(&built, 1));
    agree("JSON of a problem", &listed("A problem"), &at(&refused, 3));
    let (_, weighed) = run(&["build", "--drafts", "--weights", "--format", "json"]);
    agree("JSON with --weights", &(&listed("Always") | &set(["weights"])), &at(&weighed, 1));
    let (_, weighed) = run(&["build", "--weights", "--format", "json"]);
    let objects = &listed("With --weights") | &listed("A problem");
    agree("JSON of a weight", &objects, &at(&weighed, 3));
    let (listed_all, status) = run(&["status", "--format", "json"]);
    assert_eq!(listed_all, Some(0));
    let all = &listed("Always") | &set(["today", "week", "items"]);
    agree("JSON of status", &all, &at(&status, 1));
    agree("JSON of a week", &listed("The week"), &at(&status, 2));
    let items = &listed("A thing to do") | &listed("A problem");
    agree("JSON of a thing to do", &items, &at(&status, 3));
    agree("JSON of a place", &listed("A place"), &at(&status, 5));
    // A site without outside links: nobody is asked.
    let lonely = asked_site();
    let arguments = ["check", "--external", "--format", "json"].map(String::from);
    let done = weekmark(lonely.path(), &arguments).output().expect("the program");
    let names = json_names(&String::from_utf8_lossy(&done.stdout));
    agree("JSON of outside links", &listed("With --external"), &at(&names, 2));
    let all = &listed("Always") | &set(["links"]);
    agree("JSON with --external", &all, &at(&names, 1));
}
