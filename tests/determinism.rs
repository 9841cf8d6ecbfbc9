//! The same site gives the same bytes: from another folder, on another number of threads, twice.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make the files that they test with"
)]

mod support;

use std::path::Path;

use support::{Folder, cold, copy_folder, difference, files_below};
use weekmark::calendar::Date;
use weekmark::pass::Options;
use weekmark::source::scan;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn copy_of_the_site(name: &str) -> Folder {
    let folder = Folder::new(name);
    for part in ["content", "themes"] {
        copy_folder(&Path::new(ROOT).join(part), &folder.at(part));
    }
    std::fs::copy(Path::new(ROOT).join("site.yaml"), folder.at("site.yaml")).unwrap();
    folder
}

#[test]
fn one_thread_and_eight_make_the_same_site_in_two_folders() {
    let options = Options { today: Date::new(2027, 1, 2), ..Options::default() };
    let made = |threads: usize, name: &str| {
        let folder = copy_of_the_site(name);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| cold(&scan(folder.path(), &[]), &options)).made
    };
    let (one, eight) = (made(1, "one"), made(8, "eight-threads"));
    assert_eq!(difference(&one, &eight), None);
    let site = one.site.expect("the sample site has no errors");
    assert!(site.len() > 40, "the site has only {} files", site.len());
}

#[test]
fn a_second_build_changes_nothing_on_the_disk() {
    let folder = copy_of_the_site("twice");
    let build = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_weekmark"))
            .args(["build", "--today", "2027-01-02", "--root"])
            .arg(folder.path())
            .output()
            .unwrap()
    };
    let first = build();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let files = files_below(&folder.at("public"));
    let stamp =
        |path: &str| std::fs::metadata(folder.at("public").join(path)).unwrap().modified().unwrap();
    let stamps: Vec<_> = files.keys().map(|path| stamp(path)).collect();
    let second = build();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("nothing changed"), "{said}");
    assert_eq!(files_below(&folder.at("public")), files);
    assert_eq!(files.keys().map(|path| stamp(path)).collect::<Vec<_>>(), stamps);
}
