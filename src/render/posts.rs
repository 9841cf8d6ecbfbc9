//! Owns the posts as files: a text to read and a table for spreadsheets. Must not know how posts are made.

use crate::calendar::Date;
use crate::view::View;

/// The posts of a year, to read.
pub(super) fn text(_year: i16, _view: &View) -> Option<String> {
    None
}

/// The posts of a year as a table.
pub(super) fn csv(_year: i16, _view: &View) -> Option<String> {
    None
}

/// What is to be done around the observance of a year: day, title, text.
pub(super) fn planner_entries(_year: i16, _view: &View) -> Vec<(Date, String, Option<String>)> {
    Vec::new()
}
