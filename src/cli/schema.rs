//! Owns `weekmark schema`: JSON Schemas on the standard output, or beside the site with what editors need to find
//! them. Never overwrites a file that somebody else may have written. Must not know what is in a schema.
#![expect(
    clippy::disallowed_methods,
    reason = "schemas are for editors: they are no part of the site and lie beside it"
)]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::{Outcome, Schema, print};
use crate::config::{Config, FILE, Taxonomy};
use crate::diag::json_string;
use crate::external::FOLDER;
use crate::schema::{self, Kind};
use crate::source::scan;

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Kind] {
        &Kind::ALL
    }
    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

pub(super) fn schema(root: &Path, arguments: &Schema) -> Outcome {
    let taxonomies = taxonomies(root);
    if let Some(kind) = arguments.name {
        // The text ends its own last line.
        print::answer(schema::print(kind, &taxonomies).trim_end());
    }
    if !arguments.write {
        return Outcome::Done;
    }
    if !root.join(FILE).is_file() {
        return Outcome::Failed(format!(
            "There is no site.yaml in {}. Go to the folder of your site, or name it with --root.",
            root.display()
        ));
    }
    match write(root, &taxonomies) {
        Ok(written) => {
            for line in written.told() {
                print::say(&line);
            }
            Outcome::Done
        }
        Err(message) => Outcome::Failed(message),
    }
}

/// The taxonomies of the site in a folder; those of a new site where none can be read.
fn taxonomies(root: &Path) -> Vec<Taxonomy> {
    let snapshot = scan(root, &[]);
    let bytes = snapshot.has(FILE).then(|| snapshot.read(FILE).ok()).flatten();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes.into_owned()).ok());
    let config = text.and_then(|text| Config::read(&text, &mut Vec::new()));
    config.unwrap_or_default().taxonomies
}

/// Where the schemas lie, in the folder of the site.
fn place(kind: Kind) -> String {
    format!("{FOLDER}/schema/{}.json", kind.name())
}

/// What an editor has to be told.
pub(super) struct Written {
    /// The settings of Visual Studio Code are somebody's: what is to be added to them.
    to_add: Option<String>,
}

/// Writes the schemas, and the settings for Visual Studio Code where there are none.
///
/// # Errors
/// A sentence on what cannot be written.
pub(super) fn write(root: &Path, taxonomies: &[Taxonomy]) -> Result<Written, String> {
    let told = |path: &str| {
        let path = path.to_string();
        move |error: io::Error| format!("{path} cannot be written: {error}.")
    };
    let folder = format!("{FOLDER}/schema");
    fs::create_dir_all(root.join(&folder)).map_err(told(&folder))?;
    // Made by the program for one machine: no repository should hold it.
    let ignore = format!("{FOLDER}/.gitignore");
    create(&root.join(&ignore), "*\n").map_err(told(&ignore))?;
    for kind in Kind::ALL {
        let path = place(kind);
        fs::write(root.join(&path), schema::print(kind, taxonomies)).map_err(told(&path))?;
    }
    let settings = ".vscode/settings.json";
    let is_new = create(&root.join(settings), &vscode()).map_err(told(settings))?;
    let recommended = ".vscode/extensions.json";
    create(&root.join(recommended), "{\n  \"recommendations\": [\"redhat.vscode-yaml\"]\n}\n")
        .map_err(told(recommended))?;
    let is_told =
        is_new || fs::read_to_string(root.join(settings)).is_ok_and(|text| told_of(&text));
    Ok(Written { to_add: (!is_told).then(entries) })
}

/// Whether settings name the schemas already.
fn told_of(settings: &str) -> bool {
    Kind::ALL
        .iter()
        .filter(|kind| kind.files().is_some())
        .all(|kind| settings.contains(&place(*kind)))
}

/// The settings of Visual Studio Code that name the schemas.
fn entries() -> String {
    let lines: Vec<String> = Kind::ALL
        .iter()
        .filter_map(|kind| {
            let path = json_string(&format!("./{}", place(*kind)));
            Some(format!("    {path}: {}", json_string(kind.files()?)))
        })
        .collect();
    format!("  \"yaml.schemas\": {{\n{}\n  }}", lines.join(",\n"))
}

fn vscode() -> String {
    format!("{{\n{}\n}}\n", entries())
}

/// Writes a file that is not there yet, and says whether it was not.
fn create(path: &Path, text: &str) -> io::Result<bool> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

impl Written {
    /// What a person does next.
    fn told(&self) -> Vec<String> {
        let mut lines = vec![format!("The schemas are in {FOLDER}/schema/.")];
        match &self.to_add {
            None => lines.push(
                "Visual Studio Code finds them by .vscode/settings.json, if it has the extension \"YAML\" (redhat.vscode-yaml)."
                    .into(),
            ),
            Some(entries) => {
                lines.push("Nothing was changed in your .vscode/settings.json. For Visual Studio Code, add there:".into());
                lines.push(entries.clone());
            }
        }
        lines.push("For other editors, write this as the first line of site.yaml:".into());
        lines.push(format!("# $schema: {}", place(Kind::Site)));
        lines
    }
}
