//! Owns what pictures promise as part of a site: nothing about people and places leaves, nothing is made twice, and
//! what is kept between two runs can neither harm nor be needed. `src/picture` has the tests of single pictures.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make the folders that they read"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use support::{Done, Folder, Kept, cold, copy_folder, picture};
use weekmark::calendar::Date;
use weekmark::gallery::Keep;
use weekmark::pass::Options;
use weekmark::source::scan;

const SECRET: &[u8] = b"40.4461N 79.9822W by a nurse";

/// A photo as a phone writes it: turned, with a place.
fn photo(width: u16, height: u16) -> Vec<u8> {
    let plain = picture("a.jpg", width, height);
    let mut exif =
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend(SECRET);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..], SECRET].concat()
}

fn site() -> Folder {
    let folder = Folder::new("pictures");
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("themes"), &folder.at("themes"));
    folder.write("site.yaml", "title: T\nbase_url: https://example.org/\n");
    folder.write(
        "content/_index.md",
        "---\ntitle: Home\n---\n![Us](a/team.jpg)\n\n[Linked](only.jpg)\n",
    );
    folder.write(
        "content/other.md",
        "---\ntitle: Other\n---\n![Us](/a/team.jpg)\n\n![Copy](copy.jpg)\n",
    );
    folder.write("content/a/team.jpg", photo(900, 600));
    folder.write("content/copy.jpg", photo(900, 600));
    folder.write("content/only.jpg", photo(300, 200));
    folder.write("content/used-by-nobody.jpg", photo(200, 100));
    folder
}

#[derive(Debug, Default)]
struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Keep for Memory {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(name).cloned()
    }
    fn put(&self, name: &str, bytes: &[u8]) {
        self.0.lock().unwrap().insert(name.into(), bytes.into());
    }
}

fn options(memory: &Arc<Memory>) -> Options {
    let pictures = Some(memory.clone() as Arc<dyn Keep>);
    Options { today: Date::read("2026-11-22").ok(), pictures, ..Options::default() }
}

fn build(folder: &Folder, memory: &Arc<Memory>) -> Done {
    let done = cold(&scan(folder.path(), &[]), &options(memory));
    assert!(!done.report.failed(), "{:?}", done.made.said);
    done
}

#[test]
fn nothing_of_people_and_places_is_published() {
    let done = build(&site(), &Arc::default());
    let outputs = &done.made.outputs;
    for path in [
        "a/team.jpg",
        "a/team.jpg.480.webp",
        "a/team.jpg.600.jpg",
        "only.jpg",
        "used-by-nobody.jpg",
    ] {
        assert!(outputs.contains_key(path), "{path} is not among {:?}", outputs.keys());
    }
    for (path, bytes) in outputs {
        assert!(!bytes.windows(8).any(|part| part == &SECRET[..8]), "{path}");
    }
    // Nobody shows the one that is only linked to.
    assert!(!outputs.contains_key("only.jpg.200.webp"));
}

#[test]
fn nothing_is_made_twice() {
    let (folder, memory) = (site(), Arc::default());
    let first = build(&folder, &memory);
    // Two files of the same bytes are one picture.
    assert_eq!(first.report.pictures, 1);
    let second = build(&folder, &memory);
    assert_eq!(second.report.pictures, 0);
    assert!(first.made == second.made);
    // And while the program runs, whatever happens around the picture.
    let mut kept = Kept::default();
    let options = options(&Arc::default());
    let pass = |kept: &mut Kept| kept.pass(&scan(folder.path(), &[]), &options);
    assert_eq!(pass(&mut kept).report.pictures, 1);
    folder.write("content/other.md", "---\ntitle: Other\n---\nNew words. ![Us](/a/team.jpg)\n");
    let done = pass(&mut kept);
    // The page shows another file: the versions of the one that it showed are gone.
    let changed = [
        "copy.jpg.480.webp",
        "copy.jpg.600.jpg",
        "copy.jpg.600.webp",
        "other/index.html",
        "search/index.en.js",
    ];
    assert_eq!((done.report.pictures, done.changed), (0, changed.map(String::from).to_vec()));
    folder.write("content/other.md", "---\ntitle: Other\n---\nNo picture.\n");
    folder.write("content/_index.md", "---\ntitle: Home\n---\nNone either.\n");
    let done = pass(&mut kept);
    assert!(!done.made.outputs.is_empty() && !done.changed.is_empty());
    let shown = done.made.shown.unwrap();
    assert!(!shown.iter().any(|path| path.ends_with(".webp")), "{shown:?}");
    folder.write("content/_index.md", "---\ntitle: Home\n---\n![Us](a/team.jpg)\n");
    let done = pass(&mut kept);
    assert_eq!(done.report.pictures, 0);
    let shown = done.made.shown.unwrap();
    assert!(shown.iter().any(|path| path == "a/team.jpg.480.webp"), "{shown:?}");
}

#[test]
fn what_is_kept_and_damaged_is_made_again() {
    let (folder, memory): (Folder, Arc<Memory>) = (site(), Arc::default());
    let first = build(&folder, &memory);
    for bytes in memory.0.lock().unwrap().values_mut() {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }
    let second = build(&folder, &memory);
    assert_eq!(second.report.pictures, 1);
    assert!(first.made == second.made);
    assert_eq!(build(&folder, &memory).report.pictures, 0);
}

#[test]
fn the_number_of_threads_is_not_seen() {
    let folder = site();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| build(&folder, &Arc::default()).made)
    };
    assert!(with(1) == with(4));
}
