//! Owns the site as a whole: which pages there are, at which addresses, in which sections, lists and
//! menus, and a fingerprint for every fact that a template may ask for. Immutable once assembled.
//! Must not know templates or the disk.

pub mod address;
mod assemble;
pub mod lookup;
pub mod made;
pub mod page;
pub mod week;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use crate::calendar::Date;
use crate::config::Config;
use crate::diag::{Diagnostic, Span};
use crate::fingerprint::{ByName, Fp, Hashed, NameSet};
use crate::parse::Doc;
use crate::yaml::Data;
pub use assemble::{Shelf, assemble};
pub use page::{Card, Key, Kind, Page, Picture, Status};

/// What a site is assembled from.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The settings.
    pub config: Arc<Hashed<Config>>,
    /// Every Markdown file below `content/`, by its path there, in that order.
    pub docs: &'a [(Key, Arc<Doc>)],
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
    /// There is a page to search the site, in each language.
    pub search: bool,
}

/// An ordered list of pages, by their places in [`Pages`], with the fingerprint of their cards.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The pages.
    pub places: Arc<Vec<u32>>,
    /// The fingerprint of their cards.
    pub fp: Fp,
}

/// A term of a taxonomy.
#[derive(Debug, Clone)]
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
    /// Spellings that are other words and come to the address of a term all the same: the spelling, and the
    /// one that names the term.
    pub clashes: Vec<(String, String)>,
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
#[derive(Debug, Clone, Hash)]
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
#[derive(Debug, Clone, Hash)]
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

/// The pages in the order of their names, as a value that is cheap to copy: what an edit of a text changes
/// lies over what it does not.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    list: Arc<Vec<Arc<Page>>>,
    /// Newer versions, by place.
    over: BTreeMap<u32, Arc<Page>>,
    places: Arc<ByName<Key, u32>>,
}

/// With more pages than that lying over the others, all are put into one list again.
const MOST_OVER: usize = 256;

impl Pages {
    /// The pages of `list`, with the table of names of `before` if they are the same.
    fn new(list: Vec<Arc<Page>>, before: Option<&Pages>) -> Pages {
        let same = |(page, old): (&Arc<Page>, &Arc<Page>)| {
            Arc::ptr_eq(&page.key, &old.key) || page.key == old.key
        };
        let before = before.filter(|before| before.len() == list.len());
        let places = match before.filter(|before| list.iter().zip(before.iter()).all(same)) {
            Some(before) => before.places.clone(),
            None => {
                let named = list.iter().zip(0..).map(|(page, place)| (page.key.clone(), place));
                Arc::new(named.collect())
            }
        };
        Pages { list: Arc::new(list), over: BTreeMap::new(), places }
    }

    /// Whether the pages have the same names, one by one, and so the same places.
    fn has_names_of(&self, other: &Pages) -> bool {
        Arc::ptr_eq(&self.places, &other.places)
    }

    /// The place of a page in the order.
    pub fn place(&self, key: &str) -> Option<u32> {
        self.places.get(key).copied()
    }

    /// The page at a place.
    pub fn at(&self, place: u32) -> Option<&Arc<Page>> {
        match self.over.get(&place) {
            None => self.list.get(place as usize),
            newer => newer,
        }
    }

    /// The page of that name.
    pub fn get(&self, key: &str) -> Option<&Arc<Page>> {
        self.at(self.place(key)?)
    }

    /// Whether there is a page of that name.
    pub fn contains(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Puts another version of a page in its place.
    fn replace(&mut self, place: u32, page: Arc<Page>) {
        self.over.insert(place, page);
        if self.over.len() > MOST_OVER {
            self.list = Arc::new(self.iter().cloned().collect());
            self.over.clear();
        }
    }

    /// All pages in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Page>> + Clone {
        let newer = |(page, place)| self.over.get(&place).unwrap_or(page);
        self.list.iter().zip(0..).map(newer)
    }
}

/// What a question is about. As long as nothing of that kind changed anywhere on the site, the answers to
/// all questions about it are the same, and none of them has to be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Where pages, their parts and files are.
    Addresses,
    /// What pages show of themselves, and in which lists they are.
    Cards,
    /// The menus.
    Menus,
    /// The data files.
    Data,
    /// The observance.
    Weeks,
    /// The texts of pages. Nobody keeps a fingerprint of all of them: few outputs ask about texts, and what they ask
    /// is asked again in every pass.
    Texts,
    /// What is in pictures. Not among the facts of the site, which knows files by their names only.
    Pictures,
    /// What the pages before and after a page show of themselves. They have no fingerprint of their own: it is that of cards.
    Neighbors,
}

/// The kinds of [`About`] whose answers may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed(u8);

impl About {
    /// Those of which [`Facts`] keeps a fingerprint.
    const ALL: [About; 5] =
        [About::Addresses, About::Cards, About::Menus, About::Data, About::Weeks];

    /// The kinds of several questions together are the union of their bits.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Changed {
    /// Nothing is known of an earlier pass.
    pub const ALL: Changed = Changed(u8::MAX);

    /// The same with one kind more.
    pub fn and(self, kind: About) -> Changed {
        Changed(self.0 | kind.bit())
    }

    /// Whether one of the kinds in `bits` is among them.
    pub fn touches(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// A fingerprint for each kind of fact on the whole site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts([Fp; About::ALL.len()]);

impl Facts {
    fn new(of: impl Fn(About) -> Fp) -> Facts {
        Facts(About::ALL.map(of))
    }

    /// In what two sites differ.
    pub fn since(&self, before: &Facts) -> Changed {
        let differs = |kind: &&About| self.0[**kind as usize] != before.0[**kind as usize];
        let texts = About::Texts.bit();
        let bits = About::ALL.iter().filter(differs).fold(texts, |bits, kind| bits | kind.bit());
        let changed = Changed(bits);
        let has_cards = changed.touches(About::Cards.bit());
        if has_cards { changed.and(About::Neighbors) } else { changed }
    }

    /// The fingerprint of all facts of a kind, which is not that of texts.
    pub fn of(&self, kind: About) -> Fp {
        self.0[kind as usize]
    }
}

/// The sections that a page is in, from the home page down, without itself.
pub type Trail = Arc<Hashed<Vec<Key>>>;

/// The page at a path.
#[derive(Debug, Clone, Copy)]
struct AtPath {
    place: u32,
    /// The page's file is called so, too: as an address, another path may be meant as the name of another file.
    is_named_so: bool,
}

/// All that follows from the pages being together. It holds no text of any page, so an edit in a text
/// leaves it as it is.
#[derive(Debug, Default)]
pub struct Index {
    /// Files beside the pages: source below `content/` to path on the site.
    pub files: BTreeMap<String, String>,
    /// Old addresses.
    pub aliases: Vec<Alias>,
    /// Pages that are not published.
    pub held_back: BTreeMap<Key, HeldBack>,
    /// The languages that have pages.
    pub languages: BTreeSet<String>,
    /// What is wrong with the site as a whole.
    pub problems: Vec<Diagnostic>,
    /// The fingerprints of all facts.
    pub facts: Facts,
    /// The fingerprint of what the sitemap says.
    sitemap: Fp,
    /// By half a fingerprint of the path: paths lie all over the memory, and would have to be fetched to be compared.
    by_path: Arc<ByName<u64, AtPath>>,
    /// Small letters to places. Made when somebody links by a title.
    by_title: OnceLock<HashMap<String, Vec<u32>>>,
    file_paths: NameSet<String>,
    /// By the place of the page.
    trails: Arc<Vec<Trail>>,
    /// The pages that switch checks off.
    pub switching: Vec<u32>,
    /// The fingerprints of the cards, by the place of the page.
    cards: Vec<Fp>,
    /// By the place of the page.
    neighbors: Arc<Vec<(Option<u32>, Option<u32>)>>,
    listings: ByName<Key, Listing>,
    dated: BTreeMap<String, Listing>,
    taxonomies: BTreeMap<(String, String), TermList>,
    menus: BTreeMap<String, BTreeMap<String, Hashed<Vec<MenuEntry>>>>,
    /// The pages that are events, by language, in the order in which they begin.
    events: BTreeMap<String, Listing>,
    /// The pages of years, by language and year.
    year_pages: BTreeMap<(String, i16), u32>,
    /// What follows from the campaign, with its path on the site.
    pub made: Vec<(String, made::Made)>,
    /// The languages that have a page to search the site, and whether it is made by weekmark: a page of the
    /// site may stand in its place.
    pub searches: BTreeMap<String, bool>,
    weeks: Vec<Hashed<week::Week>>,
    current_week: Option<Hashed<week::Week>>,
    globals: Fp,
    /// The cards of pages whose picture was found.
    pictured: Vec<(u32, Arc<Hashed<Card>>)>,
}

/// The whole site.
#[derive(Debug)]
pub struct Site {
    /// The settings.
    pub config: Arc<Hashed<Config>>,
    /// The day that counts as today.
    pub today: Date,
    /// The pages by their names.
    pub pages: Pages,
    /// The data files.
    pub data: BTreeMap<String, Arc<Hashed<Data>>>,
    /// What follows from the pages being together.
    pub index: Arc<Index>,
    /// The fingerprint of all that each page alone determines, by its place.
    page_fps: Arc<Vec<Fp>>,
}

/// The path prefix of a language: empty for the site's own.
pub fn language_prefix(config: &Config, lang: &str) -> String {
    if lang == config.language { String::new() } else { format!("/{lang}") }
}

/// The path of the page to search the site in a language.
pub fn search_path(config: &Config, lang: &str) -> String {
    format!("{}/search/", language_prefix(config, lang))
}
