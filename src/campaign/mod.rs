//! Owns what an observance brings with it year by year: ways to take part, the plan of tasks, posts for social
//! channels, and how each channel counts a text. Reads checked data leniently: what is wrong with it is said where it is
//! parsed. Must not know pages, files or templates; who needs an address hands in a way to find it.

pub mod count;
pub mod planner;
pub mod posts;
pub mod ways;
pub mod when;

pub use count::Channel;
pub use planner::{Planner, Task};
pub use posts::{Observance, Post, Posts, Ready};
pub use ways::{Effort, TimeGroup, Way, Ways};
pub use when::When;

use crate::yaml::Data;

/// Why a text cannot be read, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRead {
    /// One sentence on what is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

/// A value as a text, if it is one; a number is taken as one, too.
fn as_text(data: &Data) -> Option<String> {
    match data {
        Data::Text(text) => Some(text.clone()),
        Data::Int(number) => Some(number.to_string()),
        Data::Float(number) => Some(number.to_string()),
        Data::Bool(value) => Some(value.to_string()),
        Data::Null | Data::List(_) | Data::Map(_) => None,
    }
}

/// The text behind a key, if there is one that is not empty.
fn text(data: &Data, key: &str) -> Option<String> {
    data.get(key).and_then(as_text).filter(|text| !text.trim().is_empty())
}

/// The texts behind a key; a single text is a list of one. `None`: the key is not there or says nothing.
fn texts(data: &Data, key: &str) -> Option<Vec<String>> {
    match data.get(key)? {
        Data::Null => None,
        Data::List(items) => Some(items.iter().filter_map(as_text).collect()),
        one => as_text(one).map(|one| vec![one]),
    }
}

/// The entries of the list behind a key.
fn list<'a>(data: &'a Data, key: &str) -> &'a [Data] {
    match data.get(key) {
        Some(Data::List(items)) => items,
        _ => &[],
    }
}

/// The entries of the map behind a key.
fn entries<'a>(data: &'a Data, key: &str) -> &'a [(String, Data)] {
    match data.get(key) {
        Some(Data::Map(entries)) => entries,
        _ => &[],
    }
}
