//! Any text below the settings of a page, on a site that has components: parsing never panics, every problem
//! has a place inside of the file, and the HTML is cut where characters begin.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use weekmark::fingerprint::Fp;
use weekmark::parse::component::{Argument, Component, Kind};
use weekmark::parse::{self, Settings};

/// One component of each kind, with an argument of each kind.
static SETTINGS: LazyLock<Settings> = LazyLock::new(settings);

fuzz_target!(|text: &str| {
    let file = format!("---\ntitle: T\n---\n{text}");
    let bytes = file.as_bytes();
    let doc = parse::page("content/page.md", (bytes, Fp::of_bytes(bytes)), (&SETTINGS, Fp::of(&*SETTINGS)));
    for problem in &doc.problems {
        let span = problem.span.unwrap_or_default();
        assert!(span.start <= span.end && span.end <= bytes.len(), "{problem:?} of {} bytes", bytes.len());
    }
    for link in &doc.body.links {
        assert!(link.span.end <= bytes.len(), "{link:?}");
    }
});
