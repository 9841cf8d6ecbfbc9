//! Owns `weekmark new`: what a site, a page, a year and an event begin with. Nothing that is there is ever
//! overwritten. Must not know how a site is built.
#![expect(clippy::disallowed_methods, reason = "what is new is written where nothing is yet")]

mod assumed;
mod entry;
mod event;
mod page;
mod site;
mod year;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::Outcome;

pub(super) use event::{Event, NO_PLACE, event};
pub(super) use page::page;
pub(super) use site::{is_starter, site};
pub(super) use year::{Year, in_full, old_years, year};

/// The command is for the folder of a site, and this is none.
fn no_site(root: &Path) -> Outcome {
    Outcome::Failed(format!(
        "There is no site.yaml in {}. Go to the folder of your site, or name it with --root.",
        root.display()
    ))
}

/// A text as a YAML value: in quotation marks, so that a colon does no harm.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Writes a file that is not there yet, with its folders.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
