//! Owns the proof that themes are real: this repository's own site in each theme that comes with the program, by
//! one line of site.yaml. Must not know what a theme looks like.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test works on a disk and may fail"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use support::{Done, Folder, cold, copy_folder};
use weekmark::calendar::Date;
use weekmark::config::BUILTIN_THEMES;
use weekmark::diag::Severity;
use weekmark::pass::Options;
use weekmark::source::scan;

const LINE: &str = "theme: harbor\n";

/// The site in a theme, with further settings, looked at as `check --strict` does.
fn site_in(theme: &str, more: &str) -> Done {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = Folder::new("themes");
    let settings = fs::read_to_string(root.join("site.yaml")).unwrap();
    assert!(settings.contains(LINE));
    copy.write("site.yaml", settings.replace(LINE, &format!("theme: {theme}\n")) + more);
    ["content", "themes"].iter().for_each(|part| copy_folder(&root.join(part), &copy.at(part)));
    let today = Date::read("2026-11-22").ok();
    cold(&scan(copy.path(), &[]), &Options { today, everything: true, ..Options::default() })
}

fn findings(done: &Done) -> Vec<String> {
    let worth_a_look = done.report.problems.iter().filter(|p| p.severity() < Severity::Notice);
    worth_a_look.map(|problem| problem.to_text(false)).collect()
}

#[test]
fn each_theme_shows_the_same_site_without_a_finding() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name());
    let folders: BTreeSet<String> = folders.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(folders, BTreeSet::from(BUILTIN_THEMES.map(String::from)));
    let mut pages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for theme in folders {
        let done = site_in(&theme, "");
        let findings = findings(&done);
        assert!(findings.is_empty(), "{theme}:\n{}", findings.join("\n\n"));
        let is_page = |path: &&String| path.ends_with(".html");
        pages.insert(theme, done.made.outputs.keys().filter(is_page).cloned().collect());
    }
    let (first, of_first) = pages.iter().next().unwrap();
    for (theme, of_theme) in &pages {
        assert_eq!(of_first, of_theme, "{first} and {theme}");
        assert!(of_theme.len() > 40, "{theme} has {} pages", of_theme.len());
    }
}

#[test]
fn two_colors_of_an_organization_dress_each_theme() {
    let pairs = [
        ("#0a4f8a", "#ffc53d"),
        ("#00543c", "#8a1538"),
        ("#5b2c83", "#f2a900"),
        ("#7a1f3d", "#cfe3ee"),
        ("#1c1c1c", "#00a3ad"),
    ];
    for theme in BUILTIN_THEMES {
        for (primary, accent) in pairs {
            let colors = format!(
                "brand: {{name: Hospital, colors: {{primary: \"{primary}\", accent: \"{accent}\"}}}}\n"
            );
            let findings = findings(&site_in(theme, &colors));
            assert!(findings.is_empty(), "{theme}, {primary}:\n{}", findings.join("\n\n"));
        }
    }
}
