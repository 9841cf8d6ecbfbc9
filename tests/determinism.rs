//! Owns the proof that the same input gives the same bytes: whatever the number of threads, wherever the
//! folder lies, and however often it is built. The input is this repository's own site.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test works on a disk and may fail"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use support::{Done, Folder, Kept, cold, copy_folder, difference, files_below};
use weekmark::calendar::Date;
use weekmark::pass::Options;
use weekmark::source::scan;

/// A copy of this repository's site, without what was built from it.
fn own_site() -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = Folder::new("own-site");
    fs::copy(root.join("site.yaml"), copy.at("site.yaml")).unwrap();
    for part in ["content", "themes", "templates", "assets"] {
        if root.join(part).is_dir() {
            copy_folder(&root.join(part), &copy.at(part));
        }
    }
    copy
}

fn build(folder: &Folder, threads: usize) -> Done {
    build_on("2026-11-22", folder, threads)
}

fn build_on(today: &str, folder: &Folder, threads: usize) -> Done {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let options = Options { today: Date::read(today).ok(), ..Options::default() };
    pool.install(|| cold(&scan(folder.path(), &[]), &options))
}

/// Runs the program; what it says about the result.
fn run(folder: &Folder, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_weekmark"))
        .args(["build", "--today", "2026-11-22"])
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn threads_and_folders_make_no_difference() {
    let (one, other) = (own_site(), own_site());
    let (single, many) = (build(&one, 1), build(&other, 8));
    assert!(
        single.made.shown.is_some(),
        "the repository's site has errors:\n{}",
        single.made.said.join("\n")
    );
    assert_eq!(difference(&many.made, &single.made), None);
    assert_eq!(single.rendered, many.rendered);
    let again = build(&one, 8);
    assert_eq!(difference(&again.made, &single.made), None);
    // A pass that records what is asked, for others after it.
    for threads in [1, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let options = Options { today: Date::read("2026-11-22").ok(), ..Options::default() };
        let snapshot = scan(one.path(), &[]);
        let recorded = pool.install(|| Kept::default().pass(&snapshot, &options));
        assert_eq!(difference(&recorded.made, &single.made), None, "{threads} threads");
    }
}

/// Nobody has to build the site again for a page to stay true: without scripts, none knows which day it is.
#[test]
fn a_page_is_the_same_on_every_day_until_the_observance_is_over() {
    let folder = own_site();
    let on = |day: &str| build_on(day, &folder, 4).made.outputs;
    let before = on("2026-11-22");
    for day in ["2026-12-31", "2027-10-09", "2027-10-10", "2027-10-13", "2027-10-16"] {
        let now = on(day);
        for (path, bytes) in &before {
            assert!(now.get(path) == Some(bytes), "{path} is another one on {day}");
        }
    }
    // Afterwards pages are about the next one; calendars that people subscribed to stay what they are.
    let after = on("2027-10-17");
    assert!(before["index.html"] != after["index.html"]);
    for (path, bytes) in before.iter().filter(|(path, _)| path.ends_with(".ics")) {
        assert!(after.get(path) == Some(bytes), "{path} is another one after the week");
    }
}

#[test]
fn the_program_and_the_library_make_the_same() {
    let folder = own_site();
    run(&folder, &[]);
    let mut written = files_below(&folder.at("public"));
    // What the output folder keeps for itself.
    written.retain(|path, _| !path.starts_with(".weekmark"));
    assert_eq!(written.len(), build(&folder, 4).made.outputs.len());
    assert!(written == build(&folder, 4).made.outputs);
}

#[test]
fn a_second_build_touches_nothing() {
    let folder = own_site();
    run(&folder, &[]);
    let before = stamps(&folder.at("public"));
    // With what is kept of the first build, and made from the beginning.
    for is_kept in [true, false] {
        if !is_kept {
            let _ = std::fs::remove_file(folder.at(".weekmark/built.txt"));
        }
        let said = run(&folder, &[]);
        assert!(said.contains("nothing changed"), "{said}");
        assert_eq!(stamps(&folder.at("public")), before);
    }
    // The folder around it is as it was, too, but for what is kept.
    let around: Vec<String> = names(folder.path());
    let is_odd = |name: &String| name.contains("weekmark") && name != ".weekmark";
    assert!(!around.iter().any(is_odd), "{around:?}");
}

/// When every file and folder was changed last.
fn stamps(folder: &Path) -> BTreeMap<String, SystemTime> {
    let mut found = BTreeMap::from([(String::new(), modified(folder))]);
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(
                stamps(&path).into_iter().map(|(below, time)| (format!("{name}/{below}"), time)),
            );
        } else {
            found.insert(name, modified(&path));
        }
    }
    found
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|meta| meta.modified()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}
