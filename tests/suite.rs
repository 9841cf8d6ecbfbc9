//! Owns the fixtures: every file below `tests/suite/` that ends in `.txt` is a site, edits to it, and what
//! is expected of each step (see `suite/fixture.rs`). A new case is a new file.
//!
//! Each step is made three ways, and all must agree: cold; with what was kept of the steps before and a
//! hint which files to look at again; and the same with a look at the whole folder. The first step is also
//! made as "all files but one, then that one", for every file in turn.
//!
//! `FIXTURE=links cargo test --test suite` runs those whose path contains `links`;
//! `UPDATE=1 cargo test --test suite` rewrites the expectations in place.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make the folders that they read"
)]

#[path = "suite/fixture.rs"]
mod fixture;
#[path = "suite/site.rs"]
mod site;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fixture::{Edit, Result_, Step};
use rayon::prelude::*;
use site::{apply, read_options, theme, with_site};
use support::{Done, Folder, Kept, cold, difference, files_below, lines_that_differ};
use weekmark::pass::Options;
use weekmark::source::{Snapshot, rescan, scan};

#[test]
fn fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let wanted = std::env::var("FIXTURE").unwrap_or_default();
    let paths: Vec<PathBuf> = files_below(&root)
        .into_keys()
        .filter(|path| {
            path.ends_with(".txt") && !path.starts_with("theme/") && path.contains(&wanted)
        })
        .map(|path| root.join(path))
        .collect();
    assert!(!paths.is_empty(), "no fixture is called {wanted}");
    let update = std::env::var_os("UPDATE").is_some();
    let failed: Vec<String> = paths
        .par_iter()
        .filter_map(|path| {
            let made = std::panic::catch_unwind(|| run(path, update));
            let failure = made.unwrap_or_else(|_| Err("  it panicked; see above".into())).err()?;
            Some(format!("{}\n{failure}", path.strip_prefix(&root).unwrap_or(path).display()))
        })
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} fixtures:\n\n{}",
        failed.len(),
        paths.len(),
        failed.join("\n\n")
    );
}

fn run(path: &Path, update: bool) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let steps = fixture::read(&text)?;
    let mut failures = Vec::new();
    let mut rewritten = String::new();
    let folder = Folder::new("suite");
    let (mut hinted, mut scanned) = (Kept::default(), Kept::default());
    let mut before: Option<Snapshot> = None;
    let mut options = Options::default();
    let (mut has_site, mut disagree) = (true, false);
    for (number, step) in steps.iter().enumerate() {
        read_options(step, &mut options, &mut has_site)?;
        let edits = with_site(step, number == 0 && has_site);
        let mut paths = Vec::new();
        for edit in &edits {
            apply(&folder, edit);
            paths.extend(edit.paths().into_iter().map(|path| folder.at(path)));
        }
        let now = match &before {
            None => scan(folder.path(), theme()),
            Some(before) => rescan(before.clone(), &paths, theme()),
        };
        let done = hinted.pass(&now, &options);
        before = Some(now);
        let by_scan = scanned.pass(&scan(folder.path(), theme()), &options);
        let fresh = cold(&scan(folder.path(), theme()), &options);
        let mut wrong = disagreements(&done, &by_scan, &fresh);
        if number == 0 {
            wrong.extend(all_but_one(&edits, &options, &fresh));
        }
        // What only one of the ways came to is not written down as expected.
        disagree |= !wrong.is_empty();
        let (actual, unmet) = compare(step, &done, text.contains("hosts:"));
        wrong.extend(unmet);
        if actual != step.expected && !update {
            wrong.push(format!(
                "expected (-), found (+):\n{}",
                lines_that_differ(&step.expected, &actual)
            ));
        }
        failures.extend(wrong.into_iter().map(|wrong| format!("  {}: {wrong}", step.name)));
        rewritten.push_str(&step.source);
        rewritten.push_str(&actual);
    }
    if update && !disagree && rewritten != text {
        fs::write(path, rewritten).map_err(|error| error.to_string())?;
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// The three ways to make a step must come to the same.
fn disagreements(hinted: &Done, scanned: &Done, cold: &Done) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(how) = difference(&hinted.made, &cold.made) {
        wrong.push(format!("kept, with a hint: {how}"));
    }
    if let Some(how) = difference(&scanned.made, &cold.made) {
        wrong.push(format!("kept, with a full look: {how}"));
    }
    if hinted.rendered != scanned.rendered {
        wrong.push(format!(
            "a hint makes {:?}, a full look {:?}",
            hinted.rendered, scanned.rendered
        ));
    }
    wrong
}

/// Each file in turn comes last, to a memo that has seen all others.
fn all_but_one(edits: &[Edit], options: &Options, cold: &Done) -> Vec<String> {
    let mut wrong = Vec::new();
    for (left_out, last) in edits.iter().enumerate() {
        let folder = Folder::new("but-one");
        for (i, edit) in edits.iter().enumerate() {
            if i != left_out {
                apply(&folder, edit);
            }
            if let (true, Edit::Write(path, _)) = (i != left_out, edit) {
                folder.age(path, Duration::from_secs(60 + i as u64));
            }
        }
        let mut kept = Kept::default();
        let before = scan(folder.path(), theme());
        kept.pass(&before, options);
        apply(&folder, last);
        let paths: Vec<PathBuf> = last.paths().into_iter().map(|path| folder.at(path)).collect();
        let done = kept.pass(&rescan(before.clone(), &paths, theme()), options);
        if let Some(how) = difference(&done.made, &cold.made) {
            wrong.push(format!("all but {:?}, then that: {how}", last.paths()));
        }
    }
    wrong
}

fn compare(step: &Step, done: &Done, hosts: bool) -> (String, Vec<String>) {
    // What every site has for hosts, and what never changes, stands in fixtures about hosts alone.
    let is_shown = |path: &&String| hosts || ![".htaccess", "_headers"].contains(&path.as_str());
    let shown = |paths: &[String]| -> Vec<String> {
        let paths = paths.iter().filter(is_shown);
        let names: BTreeSet<String> = paths.map(|path| shown(path)).collect();
        names.into_iter().collect()
    };
    let output = |name: &str| {
        done.made.shown.as_ref()?;
        let (_, bytes) = done.made.outputs.iter().find(|(path, _)| self::shown(path) == name)?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    };
    let result = Result_ {
        rendered: &shown(&done.rendered),
        changed: &shown(&done.changed),
        said: &done.made.said,
        output: &output,
    };
    fixture::expectations(step, &result)
}

/// The name of an output without the fingerprint in it: `assets/site.#.css`.
fn shown(path: &str) -> String {
    let is_print = |part: &str| part.len() == 10 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let parts: Vec<&str> =
        path.split('.').map(|part| if is_print(part) { "#" } else { part }).collect();
    if path.starts_with("assets/") { parts.join(".") } else { path.to_string() }
}
