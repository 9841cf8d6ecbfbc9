//! Owns the site of a fixture on a disk: the theme that all fixtures share, the settings of one that has
//! none, the options of a step, and its edits. Must not know what is expected.

use std::path::Path;
use std::sync::OnceLock;

use weekmark::calendar::Date;
use weekmark::config::BaseUrl;
use weekmark::pass::Options;
use weekmark::source::Builtin;

use crate::fixture::{Edit, Step};
use crate::support::{Folder, files_below};

const SITE: &str = "title: Test\nbase_url: https://example.org/\n";
const TODAY: &str = "2026-11-22";

/// The fixtures' theme, in the place of the one that comes with the program.
pub(crate) fn theme() -> Builtin {
    static THEME: OnceLock<Builtin> = OnceLock::new();
    THEME.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/theme");
        let files: Vec<(&'static str, &'static [u8])> = files_below(&root)
            .into_iter()
            .map(|(path, bytes)| (&*format!("themes/harbor/{path}").leak(), &*bytes.leak()))
            .collect();
        files.leak()
    })
}

/// Takes over what a step says about the pass; an option holds for the steps after it, too.
pub(crate) fn read_options(
    step: &Step,
    options: &mut Options,
    has_site: &mut bool,
) -> Result<(), String> {
    if options.today.is_none() {
        options.today = Date::read(TODAY).ok();
    }
    for (name, value) in &step.options {
        match name.as_str() {
            "today" => options.today = Some(Date::read(value).map_err(|error| error.message)?),
            "drafts" => options.unpublished = value == "yes",
            "check" => options.everything = value == "yes",
            "base_url" => options.base_url = BaseUrl::read(value),
            _ => *has_site = value != "none",
        }
    }
    Ok(())
}

/// The edits of a step; with a small site.yaml, if one is wanted and there is none.
pub(crate) fn with_site(step: &Step, wanted: bool) -> Vec<Edit> {
    let mut edits = step.edits.clone();
    let own = edits.iter().any(|edit| edit.paths().contains(&"site.yaml"));
    if wanted && !own {
        edits.insert(0, Edit::Write("site.yaml".into(), SITE.into()));
    }
    edits
}

pub(crate) fn apply(folder: &Folder, edit: &Edit) {
    match edit {
        Edit::Write(path, bytes) => folder.write(path, bytes),
        Edit::Delete(path) => folder.delete(path),
        Edit::Rename(from, to) => folder.rename(from, to),
        Edit::Link(path, to) => folder.link(path, to),
    }
}
