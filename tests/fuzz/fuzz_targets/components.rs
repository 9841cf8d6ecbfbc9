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
        assert!(link.span().end <= bytes.len(), "{link:?}");
    }
});

fn settings() -> Settings {
    let argument = |name: &str, kind, required| Argument { name: name.into(), kind, required, choices: Vec::new() };
    let arguments = || {
        vec![
            argument("text", Kind::Text, true),
            argument("flag", Kind::Bool, false),
            argument("count", Kind::Int, false),
            argument("part", Kind::Number, false),
            argument("to", Kind::Link, false),
            argument("src", Kind::File, false),
            Argument { choices: vec!["one".into(), "two".into()], ..argument("kind", Kind::Text, false) },
        ]
    };
    let component = |inline, body| Component { arguments: arguments(), inline, body, questions: false, about: "Any".into() };
    let components = [
        ("callout", component(false, true)),
        ("contents", component(false, false)),
        ("week-date", component(true, false)),
        ("button", component(true, true)),
    ];
    Settings {
        check_links: true,
        look: true,
        language: "en".into(),
        languages: vec!["es".into()],
        components: Some(components.into_iter().map(|(name, it)| (name.into(), it)).collect()),
        ..Settings::default()
    }
}
