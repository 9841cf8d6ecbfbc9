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
    let mut found = Vec::new();
    let mut folders = vec![folder.to_string()];
    while let Some(folder) = folders.pop() {
        for name in entries(&folder) {
            let path = format!("{folder}/{name}");
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The names in a folder of the repository, without hidden ones and what npm puts there.
fn entries(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).expect("a folder of the repository");
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.') && name != "node_modules").collect()
}

/// Fails with every finding at once.
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
