//! The structure of the code and the truth of the documents, checked like everything else.
//!
//! `code` reads the sources: layers, foreign crates, names, hidden state. `documents` compares what
//! README.md, ARCHITECTURE.md, docs/ and the theme reference say with what the program does.
//! `rust` cuts Rust into words, `markdown` finds tables and code blocks, `site` makes a site to ask.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests read the repository and run the program"
)]

mod code;
mod documents;
mod markdown;
mod rust;
mod site;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

/// The folder of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text file of the repository.
fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The path of every file below a folder of the repository whose name ends with `ending`, in order.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let all = support::files_below(&root().join(folder)).into_keys();
    all.filter(|path| path.ends_with(ending)).map(|path| format!("{folder}/{path}")).collect()
}

/// Fails with every finding at once.
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
