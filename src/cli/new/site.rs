//! Owns `weekmark new site`: the files of a site to begin with. Must not know how a site is built.
#![expect(clippy::disallowed_methods, reason = "a new site is written where nothing is yet")]

use std::fs;
use std::io;
use std::path::Path;

use super::create;
use crate::cli::{Outcome, print, schema};
use crate::config::Config;

/// The files of a new site; the theme comes from the program.
const STARTER: &[(&str, &str)] = &[
    ("site.yaml", include_str!("../starter/site.yaml")),
    ("README.md", include_str!("../starter/README.md")),
    ("content/_index.md", include_str!("../starter/_index.md")),
    ("content/about.md", include_str!("../starter/about.md")),
    ("content/celebrate/_index.md", include_str!("../starter/celebrate.md")),
    ("content/celebrate/at-work.md", include_str!("../starter/at-work.md")),
    ("content/_data/years.yaml", include_str!("../starter/years.yaml")),
    (".gitignore", "public/\n.weekmark/\n"),
];

pub(in crate::cli) fn site(dir: &Path) -> Outcome {
    // A folder with only a .git in it is what a new repository looks like.
    let is_visible = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|e| !e.file_name().to_string_lossy().starts_with('.'))
    };
    match fs::read_dir(dir).map(|mut entries| entries.any(is_visible)) {
        Ok(true) => {
            return Outcome::Failed(format!(
                "{} is not empty. Name a folder that is not there yet.",
                dir.display()
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Outcome::Failed(format!("{} is a file.", dir.display()));
        }
        _ => {}
    }
    for (path, text) in STARTER {
        if let Err(error) = create(&dir.join(path), text) {
            return Outcome::Failed(format!(
                "{} cannot be written: {error}.",
                dir.join(path).display()
            ));
        }
    }
    // Help for editors is worth a word, but a site is one without it.
    if let Err(message) = schema::write(dir, &Config::default().taxonomies) {
        print::say(&message);
    }
    print::good(&format!("Your site is in {}.", dir.display()));
    print::say(&format!("See it:    weekmark serve --open --root {}", dir.display()));
    print::say("Change it: open site.yaml and content/_index.md in your editor and save.");
    Outcome::Done
}
