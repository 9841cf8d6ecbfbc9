//! Any text as site.yaml or a data file: reading never panics, and every problem has a place inside of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weekmark::config::Config;
use weekmark::parse::data;
use weekmark::yaml;

fuzz_target!(|text: &str| {
    let mut problems = Vec::new();
    Config::read(text, &mut problems);
    if let Ok(node) = yaml::parse(text, 0) {
        yaml::check_keys(&node, "f", &mut problems);
        for name in ["years", "sources"] {
            data::check(name, &node, "f", &mut problems);
        }
    }
    for problem in &problems {
        let span = problem.span.unwrap_or_default();
        assert!(span.start <= span.end && span.end <= text.len(), "{problem:?} of {} bytes", text.len());
    }
});
