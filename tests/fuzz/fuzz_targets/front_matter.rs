//! Any bytes as the file of a page: parsing never panics, and every problem has a place inside of the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weekmark::fingerprint::Fp;
use weekmark::parse::{self, Settings};

fuzz_target!(|bytes: &[u8]| {
    let settings = Settings {
        check_links: true,
        taxonomies: vec!["tags".into()],
        look: true,
        language: "en".into(),
        reading_grade: Some(8),
        ..Settings::default()
    };
    let doc = parse::page("content/page.md", (bytes, Fp::of_bytes(bytes)), (&settings, Fp::of(&settings)));
    for problem in &doc.problems {
        assert_eq!(problem.file, "content/page.md");
        let span = problem.span.unwrap_or_default();
        assert!(span.start <= span.end && span.end <= bytes.len(), "{problem:?} of {} bytes", bytes.len());
    }
});
