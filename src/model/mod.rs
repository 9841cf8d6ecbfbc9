//! Owns the site as a whole: which pages there are, at which addresses, in which sections, lists and
//! menus, and a fingerprint for every fact that a template may ask for. Immutable once assembled.
//! Must not know templates or the disk.

pub mod address;
mod assemble;
pub mod lookup;
pub mod page;
pub mod week;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::calendar::Date;
use crate::config::Config;
use crate::diag::{Diagnostic, Span};
use crate::fingerprint::{Fp, Hashed};
use crate::parse::Doc;
use crate::yaml::Data;
pub use assemble::assemble;
pub use page::{Card, Key, Kind, Page, Picture, Status};

/// What a site is assembled from.
#[derive(Debug)]
pub struct Parts {
    /// The settings.
    pub config: Arc<Hashed<Config>>,
    /// Every Markdown file below `content/`, by its path there.
    pub docs: Vec<(Key, Arc<Doc>)>,
    /// Every data file below `content/_data/`, by its name without ending.
    pub data: BTreeMap<String, Arc<Hashed<Data>>>,
    /// Where each data file lies, for messages.
    pub data_files: BTreeMap<String, String>,
    /// Every other file below `content/`, by its path there.
    pub files: Vec<String>,
    /// The day that counts as today.
    pub today: Date,
    /// Drafts and pages whose time has not come or is over are part of the site.
    pub unpublished: bool,
}

/// An ordered list of pages with its fingerprint.
pub type Listing = Hashed<Vec<(Key, Fp)>>;

/// A term of a taxonomy.
#[derive(Debug)]
pub struct Term {
    /// As it was written.
    pub title: String,
    /// In the address.
    pub slug: String,
    /// Its page on the site.
    pub path: String,
    /// The pages that have it.
    pub pages: Listing,
}

/// A taxonomy in one language.
#[derive(Debug)]
pub struct TermList {
    /// Its page on the site.
    pub path: String,
    /// Its terms, by title.
    pub terms: Vec<Term>,
    /// The fingerprint of titles and counts.
    pub fp: Fp,
}

/// An entry of a menu with its address found.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct MenuEntry {
    /// What visitors read.
    pub title: String,
    /// Where it leads.
    pub to: MenuTarget,
    /// Entries below it.
    pub children: Vec<MenuEntry>,
}

/// Where an entry of a menu leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MenuTarget {
    /// A page and its path.
    Page(Key, String),
    /// A path on the site that is no page of ours.
    Path(String),
    /// An address on another site.
    Outside(String),
}

/// An old address.
#[derive(Debug, Clone)]
pub struct Alias {
    /// The old path.
    pub path: String,
    /// The page that it leads to.
    pub to: Key,
    /// Where it was written.
    pub file: String,
    /// The place in that file.
    pub span: Span,
}

/// A page that is not published.
#[derive(Debug, Clone)]
pub struct HeldBack {
    /// Its title, as far as it has one.
    pub title: String,
    /// Its file in the site's folder.
    pub file: String,
    /// Its path, if it were.
    pub path: String,
    /// Why not.
    pub status: Status,
}

/// The whole site.
#[derive(Debug)]
pub struct Site {
    /// The settings.
    pub config: Arc<Hashed<Config>>,
    /// The day that counts as today.
    pub today: Date,
    /// The pages by their names.
    pub pages: BTreeMap<Key, Page>,
    /// The data files.
    pub data: BTreeMap<String, Arc<Hashed<Data>>>,
    /// Files beside the pages: source below `content/` to path on the site.
    pub files: BTreeMap<String, String>,
    /// Old addresses.
    pub aliases: Vec<Alias>,
    /// Pages that are not published.
    pub held_back: BTreeMap<Key, HeldBack>,
    /// What is wrong with the site as a whole.
    pub problems: Vec<Diagnostic>,
    by_path: HashMap<String, Key>,
    by_title: HashMap<String, Vec<Key>>,
    file_paths: HashSet<String>,
    listings: HashMap<Key, Listing>,
    neighbors: HashMap<Key, (Option<Key>, Option<Key>)>,
    dated: BTreeMap<String, Listing>,
    taxonomies: BTreeMap<(String, String), TermList>,
    menus: BTreeMap<(String, String), Hashed<Vec<MenuEntry>>>,
    weeks: Vec<Hashed<week::Week>>,
    current_week: Option<Hashed<week::Week>>,
    globals: Fp,
}

/// The path prefix of a language: empty for the site's own.
pub fn language_prefix(config: &Config, lang: &str) -> String {
    if lang == config.language { String::new() } else { format!("/{lang}") }
}
