//! Owns what a template may ask of the site: every answer is recorded as a [`Read`], also when there is
//! nothing to find, so that a later pass knows whether the output still holds.
//! Must not know the template engine.

pub mod campaign;
pub mod shared;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::cache::Cache;
use crate::calendar::Date;
use crate::config::LinkStyle;
use crate::diag::{Diagnostic, Span};
use crate::fingerprint::{ByName, Fp, Hashed};
use crate::gallery::{self, Gallery};
use crate::memo::Asked;
use crate::model::address::{encode, encoded, folder, relative};
use crate::model::lookup::{Broken, Target};
use crate::model::week::Week;
use crate::model::{About, Card, Key, MenuEntry, MenuTarget, Page, Site};
use crate::parse::markdown::LinkTo;
use crate::yaml::Data;

/// A question to the site. Pages, menus and files are named by names that stay the same while the site
/// changes around them, never by position.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the argument of the view's method of that name")]
pub enum Read {
    Card(Key),
    Crumb(Key),
    Address { from: Key, target: Box<str>, to: LinkTo },
    Listing(Key),
    Neighbors(Key),
    Recent { lang: Box<str>, limit: usize },
    Terms { lang: Box<str>, taxonomy: Box<str> },
    Tagged(Box<Term>),
    Menu { lang: Box<str>, name: Box<str> },
    Data(String),
    Source(String),
    Asset(String),
    Week(Option<i16>),
    Weeks,
    ComingWeeks(usize),
    RecentWeek,
    Today,
    Events { lang: String },
    YearPage { lang: String, year: i16 },
    Translations(Key),
    Sitemap,
    Pages { lang: String },
    Texts { lang: String },
    Picture(String),
}

/// The term whose pages are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    lang: String,
    taxonomy: String,
    term: String,
}

/// The theme's files: path in the theme to path in the output.
pub type Assets = BTreeMap<String, String>;

impl Read {
    /// What the question is about, as the bits of [`About`].
    pub fn about(&self) -> u8 {
        match self {
            // Links by a title depend on the titles, too.
            Read::Address { to: LinkTo::Title, .. } => About::Addresses.bit() | About::Cards.bit(),
            Read::Address { .. } => About::Addresses.bit(),
            Read::Card(_)
            | Read::Crumb(_)
            | Read::Listing(_)
            | Read::Recent { .. }
            | Read::Terms { .. }
            | Read::Tagged(_)
            | Read::Translations(_)
            | Read::Events { .. }
            | Read::YearPage { .. }
            | Read::Pages { .. }
            | Read::Sitemap => About::Cards.bit(),
            Read::Neighbors(_) => About::Neighbors.bit(),
            Read::Texts { .. } => About::Texts.bit(),
            Read::Menu { .. } => About::Menus.bit(),
            Read::Data(_) | Read::Source(_) => About::Data.bit(),
            Read::Week(_) | Read::Weeks | Read::ComingWeeks(_) | Read::RecentWeek | Read::Today => {
                About::Weeks.bit()
            }
            Read::Picture(_) => About::Pictures.bit(),
            // The theme's files are in the key of every output.
            Read::Asset(_) => 0,
        }
    }
}

/// The fingerprint of the answer to a question. The only place that knows, for recording and for
/// checking alike.
pub fn answer(site: &Site, (assets, gallery): (&Assets, &Gallery), read: &Read) -> Fp {
    let card = |key: &Key| site.card(key).map(Hashed::fp);
    match read {
        Read::Card(key) => Fp::of(&card(key)),
        Read::Crumb(key) => Fp::of(&site.card(key).map(|card| (&card.title, &card.path))),
        Read::Address { from, target, to } => of_target(&site.resolve(from, target, *to)),
        Read::Listing(key) => Fp::of(&site.listing(key).map(|listing| listing.fp)),
        Read::Neighbors(key) => {
            site.pages.place(key).map_or_else(Fp::default, |place| of_neighbors(site, place))
        }
        Read::Recent { lang, limit } => {
            let dated = site.dated(lang);
            let newest = &dated[..dated.len().min(*limit)];
            let fps = newest.iter().filter_map(|place| site.card_fp(*place));
            Fp::join(&fps.collect::<Vec<Fp>>())
        }
        Read::Terms { lang, taxonomy } => {
            let known = site.config.taxonomies.iter().any(|it| *it.name == **taxonomy);
            Fp::of(&(known, site.taxonomy(lang, taxonomy).map(|list| list.fp)))
        }
        Read::Tagged(asked) => {
            let Term { lang, taxonomy, term } = &**asked;
            let list = site.taxonomy(lang, taxonomy);
            let found = list
                .and_then(|list| list.terms.iter().find(|t| t.title == *term || t.slug == *term));
            Fp::of(&found.map(|term| term.pages.fp))
        }
        Read::Menu { lang, name } => Fp::of(&site.menu(lang, name).map(Hashed::fp)),
        // What is missing is told with the names that there are.
        Read::Data(name) => match site.data(name) {
            Some(data) => Fp::of(&data.fp()),
            None => Fp::of(&site.data.keys().collect::<Vec<_>>()),
        },
        Read::Source(name) => Fp::of(&site.data("sources").and_then(|data| data.get(name))),
        Read::Asset(path) => Fp::of(&assets.get(path)),
        Read::Week(year) => {
            Fp::of(&(site.config.campaign.is_some(), site.week(*year).map(|week| week.fp())))
        }
        Read::Weeks => Fp::of(&site.weeks().iter().map(Hashed::fp).collect::<Vec<_>>()),
        Read::Today => Fp::of(&site.today),
        Read::RecentWeek => Fp::of(&site.recent_week().map(|week| week.fp())),
        Read::ComingWeeks(count) => Fp::of(&site.coming_weeks(*count)),
        Read::Events { lang } => Fp::of(&site.events(lang).map(|listing| listing.fp)),
        Read::YearPage { lang, year } => {
            let page = site.year_page(lang, *year).and_then(|place| site.card_at(place));
            Fp::of(&page.map(Hashed::fp))
        }
        Read::Translations(key) => {
            let found = site.translations(key);
            Fp::of(&found.iter().map(|(lang, page)| (lang, page.card.fp())).collect::<Vec<_>>())
        }
        Read::Sitemap => site.sitemap(),
        // What a list of all pages shows of each: an edit of a text must not make it again.
        Read::Pages { lang } => {
            let fps = findable(site, lang).flat_map(|(section, pages)| {
                let fp = |page: &Arc<Page>| Fp::of(&(&page.card.title, &page.card.path));
                let own = section.card.is_listed();
                [Fp::of(&own), fp(section)].into_iter().chain(pages.into_iter().map(fp))
            });
            Fp::join(&fps.collect::<Vec<Fp>>())
        }
        Read::Texts { lang } => {
            let fps = findable(site, lang).flat_map(|(section, pages)| {
                let listed = section.card.is_listed().then(|| section.fp());
                let name = Fp::of(&section.card.title);
                [name, Fp::of(&listed)].into_iter().chain(pages.into_iter().map(|page| page.fp()))
            });
            Fp::join(&fps.collect::<Vec<Fp>>())
        }
        Read::Picture(path) => gallery.answer(path),
    }
}

/// The fingerprint of the answer to [`Read::Neighbors`] for the page at a place, which asks for no neighbors but its
/// own. After an edit of a title, all pages are asked.
pub fn of_neighbors(site: &Site, place: u32) -> Fp {
    let (before, after) = site.neighbors_at(place);
    let fp = |place: Option<u32>| place.and_then(|it| site.card_fp(it)).unwrap_or_default();
    Fp::join(&[fp(before), fp(after)])
}

/// The sections of a language in reading order, each with those pages in it that may be found by a search. A
/// section itself may be one or not.
fn findable<'a>(
    site: &'a Site,
    lang: &str,
) -> impl Iterator<Item = (&'a Arc<Page>, Vec<&'a Arc<Page>>)> {
    let page = |place: u32| site.pages.at(place);
    site.by_section(lang).into_iter().filter_map(move |(section, pages)| {
        let pages = pages.into_iter().filter_map(page).filter(|page| page.card.is_listed());
        Some((page(section)?, pages.collect()))
    })
}

/// A section with the pages in it that may be found.
#[derive(Debug)]
pub struct Group<'a> {
    /// The section; the home page for those that are in none.
    pub section: &'a Page,
    /// The section itself may be found, too.
    pub has_own: bool,
    /// The pages in it that are no sections.
    pub pages: Vec<&'a Page>,
}

/// The fingerprint of where an address leads.
fn of_target(target: &Target) -> Fp {
    Fp::of(target)
}

fn asked(read: Read, fp: Fp) -> Arc<Asked<Read>> {
    Arc::new(Asked { about: read.about(), read, fp })
}

/// What all outputs of one pass see, and the answers that many of them ask for.
#[derive(Debug)]
pub struct Common {
    /// The site. Nothing in it may be shown without recording the read.
    site: Arc<Site>,
    assets: Arc<Assets>,
    gallery: Arc<Gallery>,
    /// Where the addresses lead that templates write, by the page that stands for the language and by the address.
    links: Cache<Arc<Found>>,
    /// The way to them, by the folder and language of the pages that write them and by the address.
    ways: Cache<Way>,
    /// What many outputs ask, by the question.
    usual: RwLock<ByName<Fp, Arc<Asked<Read>>>>,
    /// By language, the page that stands for the root of `content/`: the language's first page, and no page
    /// at all for the site's own.
    roots: BTreeMap<String, Key>,
    /// No page at all.
    no_page: Key,
    /// What outputs ask is recorded for a later pass.
    keeps_reads: bool,
}

/// Where an address leads, with the read that is recorded for it.
#[derive(Debug)]
struct Found {
    target: Target,
    /// The read that is recorded for it, if reads are.
    read: Option<Arc<Asked<Read>>>,
}

/// Where an address leads: an answer of its own, or one that others share.
#[derive(Debug)]
pub struct Resolved(Answer);

#[derive(Debug)]
enum Answer {
    Own(Target),
    Shared(Arc<Found>),
}

impl std::ops::Deref for Resolved {
    type Target = Target;

    fn deref(&self) -> &Target {
        match &self.0 {
            Answer::Own(target) => target,
            Answer::Shared(found) => &found.target,
        }
    }
}

/// The way to a page or file of the site, as pages beside each other in a folder write it alike.
#[derive(Debug)]
struct Way {
    url: Arc<str>,
    found: Arc<Found>,
}

impl Found {
    /// The path on the site.
    fn path(&self) -> Option<&str> {
        match &self.target {
            Target::Page { path, .. } => Some(path),
            Target::File { path, .. } => Some(path),
            Target::Here(_) | Target::Broken(_) => None,
        }
    }
}

impl Common {
    /// What the outputs of a pass over `site` see. What they ask is recorded if it
    /// `keeps_reads`; the pictures that they show always are.
    pub fn new(
        site: Arc<Site>,
        assets: Arc<Assets>,
        gallery: Arc<Gallery>,
        keeps_reads: bool,
    ) -> Common {
        let root = |lang: &String| {
            let names = [format!("_index.{lang}.md"), format!("index.{lang}.md")];
            let [usual, _] = &names;
            let home = names.iter().find(|name| site.pages.contains(name)).unwrap_or(usual);
            if *lang == site.config.language { "".into() } else { Key::from(home.as_str()) }
        };
        let languages = site.config.languages.iter().map(|language| &language.code);
        let languages = std::iter::once(&site.config.language).chain(languages);
        let roots = languages.map(|lang| (lang.clone(), root(lang))).collect();
        let (links, ways, usual) = (Cache::default(), Cache::default(), RwLock::default());
        let no_page = Key::from("");
        Common { site, assets, gallery, links, ways, usual, roots, no_page, keeps_reads }
    }

    /// The site's settings: part of every output's key.
    pub fn config(&self) -> &crate::config::Config {
        &self.site.config
    }

    fn ask(&self, read: Read) -> Arc<Asked<Read>> {
        let fp = answer(&self.site, (&self.assets, &self.gallery), &read);
        asked(read, fp)
    }

    /// What many outputs ask is asked once in a pass.
    fn ask_once(&self, read: Read) -> Arc<Asked<Read>> {
        let key = Fp::of(&read);
        let known = self.usual.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = known.get(&key) {
            return asked.clone();
        }
        drop(known);
        let asked = self.ask(read);
        let mut known = self.usual.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_insert(asked).clone()
    }

    /// Templates write the same few addresses on every page, so each thread looks for each of them once in a pass.
    fn found(&self, from: &Key, target: &str) -> Arc<Found> {
        let key = Fp::join(&[Fp::of_bytes(from.as_bytes()), Fp::of_bytes(target.as_bytes())]);
        if let Some(found) = self.links.get(key, |found| Some(found.clone())) {
            return found;
        }
        let to = LinkTo::Page;
        let found = self.site.resolve(from, target, to);
        let read = self.keeps_reads.then(|| {
            let read = Read::Address { from: from.clone(), target: target.into(), to };
            asked(read, of_target(&found))
        });
        let found = Arc::new(Found { target: found, read });
        self.links.put(key, found.clone());
        found
    }
}

/// A file that a component of the text was given.
#[derive(Debug, Clone)]
pub struct Handed {
    /// Its address, as the component sees it.
    pub url: String,
    /// Its path on the site.
    pub path: String,
    /// Where the text names it.
    pub span: Span,
}

/// How addresses are written on an output.
#[derive(Debug, Clone)]
pub enum Addresses {
    /// From the page itself: works wherever the site lies.
    Relative(LinkStyle),
    /// From the root of the host: for a page that a host shows at any address, the 404 page.
    FromRoot(String),
}

/// A page in a list. Its card lies somewhere in memory, its fingerprint with those of all others.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    site: &'a Site,
    place: u32,
}

impl<'a> Listed<'a> {
    /// The fingerprint of the card.
    pub fn fp(self) -> Fp {
        self.site.card_fp(self.place).unwrap_or_default()
    }

    /// The card.
    pub fn card(self) -> Option<&'a Card> {
        self.site.card_at(self.place).map(|card| &**card)
    }
}

/// What one output sees of the site.
#[derive(Debug)]
pub struct View {
    common: Arc<Common>,
    /// The page that is being made, if it is one of the site's.
    own: Option<Arc<Page>>,
    /// The path on the site of what is being made.
    pub path: String,
    /// Its language.
    pub lang: String,
    /// The fingerprint of the folder that it lies in and of its language.
    around: Fp,
    addresses: Addresses,
    reads: RefCell<Vec<Arc<Asked<Read>>>>,
    problems: RefCell<Vec<Diagnostic>>,
    /// What the page's own text asks and answers, as HTML: part of the output's key.
    questions: RefCell<Vec<String>>,
    /// How many pictures its text has shown so far.
    pictures: Cell<usize>,
    /// The files that were handed to the component in the making.
    handed: RefCell<Vec<Handed>>,
    /// What is seen while a part is made that others may have alike.
    making: shared::Making,
}

impl View {
    /// The view of the output at `path`; `key` names the page if it is one.
    pub fn new(common: &Arc<Common>, key: Option<&Key>, path: String, lang: String) -> View {
        let addresses = match path.as_str() {
            "/404.html" => {
                let base = common.site.config.base_url.as_ref();
                Addresses::FromRoot(base.map_or_else(|| "/".to_string(), |base| base.path.clone()))
            }
            _ => Addresses::Relative(common.site.config.links),
        };
        let beside = folder(path.trim_end_matches('/'));
        let around = Fp::join(&[Fp::of_bytes(beside.as_bytes()), Fp::of_bytes(lang.as_bytes())]);
        View {
            common: common.clone(),
            around,
            own: key.and_then(|key| common.site.pages.get(key)).cloned(),
            path,
            lang,
            addresses,
            reads: RefCell::new(Vec::with_capacity(if common.keeps_reads { 24 } else { 0 })),
            problems: RefCell::new(Vec::new()),
            questions: RefCell::default(),
            pictures: Cell::new(0),
            handed: RefCell::default(),
            making: shared::Making::default(),
        }
    }

    /// The fingerprint of the folder that it lies in and of its language: pages for which it is the same write the way
    /// to any place alike, unless that lies at or below one of them.
    pub fn around(&self) -> Fp {
        self.around
    }

    /// The fingerprint of what a list says of a card on a page here, apart from the card, if others may say the same:
    /// the settings, and where it is said.
    pub fn list_fp(&self) -> Fp {
        Fp::join(&[self.around, self.common.site.config.fp()])
    }

    /// Whether what is asked is recorded, because there may be a next pass.
    pub fn is_recorded(&self) -> bool {
        self.common.keeps_reads
    }

    /// What was asked and what was wrong.
    pub fn into_record(self) -> (Vec<Arc<Asked<Read>>>, Vec<Diagnostic>) {
        let mut reads = self.reads.into_inner();
        reads.sort_unstable_by_key(|asked| asked.fp);
        reads.dedup();
        reads.shrink_to_fit();
        (reads, self.problems.into_inner())
    }

    /// Notes a problem of the output.
    pub fn problem(&self, problem: Diagnostic) {
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// Notes questions and answers of the page's own text, as HTML.
    pub fn note_questions(&self, html: &str) {
        self.questions.borrow_mut().push(html.to_string());
    }

    /// Looks at the questions and answers of the page's own text.
    pub fn with_questions<T>(&self, look: impl FnOnce(&[String]) -> T) -> T {
        look(&self.questions.borrow())
    }

    fn note(&self, asked: impl FnOnce() -> Arc<Asked<Read>>) {
        if self.common.keeps_reads {
            self.reads.borrow_mut().push(asked());
        }
    }

    fn record(&self, read: impl FnOnce() -> Read) {
        self.note(|| self.common.ask(read()));
    }

    /// Records a question that other outputs ask, too.
    fn record_usual(&self, read: impl FnOnce() -> Read) {
        self.note(|| self.common.ask_once(read()));
    }

    /// The settings that every page shows: they are part of every output's key, so showing them is no
    /// read.
    pub fn globals(&self) -> &crate::config::Config {
        self.common.config()
    }

    /// The page itself: part of the output's key.
    pub fn own(&self) -> Option<&Page> {
        self.own.as_deref()
    }

    /// The name of the page itself.
    pub fn key(&self) -> Option<&Key> {
        self.own.as_ref().map(|page| &page.key)
    }

    /// The sections that the page is in: part of the output's key.
    pub fn trail(&self) -> &[Key] {
        self.key().and_then(|key| self.common.site.trail(key)).map_or(&[], |trail| trail)
    }

    /// The way from here to a path on the site.
    pub fn url(&self, path: &str) -> String {
        self.note_way(path);
        match &self.addresses {
            Addresses::Relative(style) => relative(&self.path, path, *style),
            Addresses::FromRoot(base) => format!("{base}{}", encode(path.trim_start_matches('/'))),
        }
    }

    /// The absolute address of a path on the site, if the site knows where it will be.
    pub fn permalink(&self, path: &str) -> Option<String> {
        Some(self.globals().base_url.as_ref()?.absolute(&encoded(path)))
    }

    /// The address itself, if it is the path of a page whose file is called so, and nobody wants to know that it was asked for:
    /// what `resolve` would find, without looking at the page.
    pub fn path_by_name<'t>(&self, target: &'t str, to: LinkTo) -> Option<&'t str> {
        let is_plain = to == LinkTo::Page && !self.common.keeps_reads && self.root().is_empty();
        (is_plain && self.common.site.is_path_by_name(target)).then_some(target)
    }

    /// Where an address leads that stands on this page.
    pub fn resolve(&self, target: &str, to: LinkTo) -> Resolved {
        // From the root, an address leads to the same place from every page of the language.
        let is_absolute = target.starts_with('/') && !target.contains(['#', '?']);
        if is_absolute && to == LinkTo::Page {
            let found = self.common.found(self.root(), target);
            // What to write instead depends on the page.
            if !matches!(found.target, Target::Broken(_)) {
                self.note_found(&found);
                return Resolved(Answer::Shared(found));
            }
        }
        let from = self.key().cloned().unwrap_or_else(|| "".into());
        let found = self.common.site.resolve(&from, target, to);
        // What `answer` would give, without looking for the page again.
        self.note(|| asked(Read::Address { from, target: target.into(), to }, of_target(&found)));
        Resolved(Answer::Own(found))
    }

    fn note_found(&self, found: &Found) {
        self.reads.borrow_mut().extend(found.read.clone());
    }

    /// Where an address leads that a template writes: from the root of `content/`.
    pub fn resolve_from_root(&self, target: &str) -> Resolved {
        let found = self.common.found(self.root(), target);
        self.note_found(&found);
        Resolved(Answer::Shared(found))
    }

    /// The way from here to where an address leads that a template writes.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub fn link_from_root(&self, target: &str) -> Result<Arc<str>, Broken> {
        let key = Fp::join(&[self.around, Fp::of_bytes(target.as_bytes())]);
        // It is another one where it leads to the page itself or below it.
        let is_alike =
            |found: &Found| found.path().is_some_and(|path| !path.starts_with(&self.path));
        let shares = self.path.ends_with('/');
        let known = self.common.ways.get(key, |way| {
            let shares = shares && is_alike(&way.found);
            shares.then(|| (way.url.clone(), way.found.clone()))
        });
        if let Some((url, found)) = known {
            self.note_found(&found);
            found.path().into_iter().for_each(|path| self.note_way(path));
            return Ok(url);
        }
        let found = self.common.found(self.root(), target);
        self.note_found(&found);
        if let Target::Broken(broken) = &found.target {
            return Err(broken.clone());
        }
        let url: Arc<str> = self.address_of(&found.target).unwrap_or_default().into();
        if shares && is_alike(&found) {
            self.common.ways.put(key, Way { url: url.clone(), found });
        }
        Ok(url)
    }

    /// The page that stands for the root of `content/` in the language.
    fn root(&self) -> &Key {
        self.common.roots.get(&self.lang).unwrap_or(&self.common.no_page)
    }

    /// The address, from here, of what was found.
    pub fn address_of(&self, target: &Target) -> Option<String> {
        match target {
            Target::Page { path, anchor: None, .. } => Some(self.url(path)),
            Target::Page { path, anchor: Some(anchor), .. } => {
                Some(format!("{}#{}", self.url(path), encode(anchor)))
            }
            Target::Here(anchor) => Some(format!("#{}", encode(anchor))),
            Target::File { path, rest } => Some(format!("{}{rest}", self.url(path))),
            Target::Broken(_) => None,
        }
    }

    /// What is shown of the picture at a path on the site. `None`: that file is no picture.
    ///
    /// # Errors
    /// What is wrong with it, as told of the file itself or at `place`.
    pub fn picture(
        &self,
        path: &str,
        place: Option<(&str, Span)>,
    ) -> Option<Result<gallery::Shown, Box<Diagnostic>>> {
        // Which pictures are shown must always be known: it says which versions of them are published.
        let read = Read::Picture(path.to_string());
        self.reads.borrow_mut().push(self.common.ask(read));
        let shown = self.common.gallery.shown(path)?;
        let file = self.common.gallery.get(path)?;
        Some(shown.map_err(|flaw| {
            let (at, span) = place.map_or((&*file.file, None), |(at, span)| (at, Some(span)));
            Box::new(gallery::told(&flaw, &file.file, at, span))
        }))
    }

    /// Counts a picture of the text, and says whether it is the first.
    pub fn is_first_picture(&self) -> bool {
        self.pictures.replace(self.pictures.get() + 1) == 0
    }

    /// Tells where the files lie whose addresses a component is given, and takes what was told before.
    pub fn hand(&self, files: Vec<Handed>) -> Vec<Handed> {
        self.handed.replace(files)
    }

    /// The file whose address the component in the making was given.
    pub fn handed(&self, url: &str) -> Option<Handed> {
        self.handed.borrow().iter().find(|handed| handed.url == url).cloned()
    }

    /// A page's card.
    pub fn card(&self, key: &Key) -> Option<&Card> {
        self.record_usual(|| Read::Card(key.clone()));
        self.common.site.card(key).map(|card| &**card)
    }

    /// A page's title and path alone. Every page asks for those of the home page, and an edit of its text
    /// must not make them all again.
    pub fn crumb(&self, key: &Key) -> Option<(&str, &str)> {
        self.record_usual(|| Read::Crumb(key.clone()));
        self.common.site.card(key).map(|card| (&*card.title, &*card.path))
    }

    /// The cards of a section's pages, in order.
    pub fn listing(&self, key: &Key) -> Vec<Listed<'_>> {
        self.record(|| Read::Listing(key.clone()));
        self.cards(self.common.site.listing(key).map_or(&[], |listing| &listing.places))
    }

    /// The pages before and after this one in its section.
    pub fn neighbors(&self) -> (Option<&Card>, Option<&Card>) {
        let Some(key) = self.key() else { return (None, None) };
        self.record(|| Read::Neighbors(key.clone()));
        let (before, after) = self.common.site.neighbors(key);
        let card = |place: u32| self.common.site.card_at(place).map(|card| &**card);
        (before.and_then(card), after.and_then(card))
    }

    /// The newest pages that have a date.
    pub fn recent(&self, limit: usize) -> Vec<Listed<'_>> {
        self.record_usual(|| Read::Recent { lang: (*self.lang).into(), limit });
        let dated = self.common.site.dated(&self.lang);
        self.cards(&dated[..dated.len().min(limit)])
    }

    /// The terms of a taxonomy: title, slug, path, number of pages. `None`: there is no such taxonomy.
    pub fn terms(&self, taxonomy: &str) -> Option<Vec<(&str, &str, &str, usize)>> {
        self.record_usual(|| Read::Terms { lang: (*self.lang).into(), taxonomy: taxonomy.into() });
        let known = self.globals().taxonomies.iter().any(|t| t.name == taxonomy);
        let list =
            self.common.site.taxonomy(&self.lang, taxonomy).map_or(&[][..], |list| &list.terms);
        known.then(|| {
            list.iter()
                .map(|t| (t.title.as_str(), t.slug.as_str(), t.path.as_str(), t.pages.places.len()))
                .collect()
        })
    }

    /// The pages that have a term, by its title or slug.
    pub fn tagged(&self, taxonomy: &str, term: &str) -> Vec<Listed<'_>> {
        self.record(|| {
            Read::Tagged(Box::new(Term {
                lang: self.lang.clone(),
                taxonomy: taxonomy.to_string(),
                term: term.to_string(),
            }))
        });
        let list = self.common.site.taxonomy(&self.lang, taxonomy);
        let found = list.and_then(|l| l.terms.iter().find(|t| t.title == term || t.slug == term));
        self.cards(found.map_or(&[], |term| &term.pages.places))
    }

    /// The path of a term's page; part of the key of the page that has the term.
    pub fn term_path(&self, taxonomy: &str, term: &str) -> String {
        let prefix = crate::model::language_prefix(self.globals(), &self.lang);
        let part = |text: &str| {
            let slug = crate::slug::slug(text);
            if slug.is_empty() { text.to_string() } else { slug }
        };
        format!("{prefix}/{}/{}/", part(taxonomy), part(term))
    }

    /// A menu. `None`: there is no such menu.
    pub fn menu(&self, name: &str) -> Option<&[MenuEntry]> {
        self.record_usual(|| Read::Menu { lang: (*self.lang).into(), name: name.into() });
        self.common.site.menu(&self.lang, name).map(|entries| entries.as_slice())
    }

    /// Whether an entry of a menu is this page, and whether it is this page or a section around it.
    pub fn is_current(&self, to: &MenuTarget) -> (bool, bool) {
        match (to, self.key()) {
            (MenuTarget::Page(key, _), Some(own)) => {
                let current = key == own;
                // The home page is around every page; being there is no news.
                let around = self.trail().iter().skip(1).any(|section| section == key);
                (current, current || around)
            }
            (MenuTarget::Path(path), _) => (*path == self.path, *path == self.path),
            _ => (false, false),
        }
    }

    /// A data file.
    pub fn data(&self, name: &str) -> Option<&Data> {
        self.record_usual(|| Read::Data(name.to_string()));
        self.common.site.data(name).map(|data| &**data)
    }

    /// The names of all data files, for a message.
    pub fn data_names(&self) -> Vec<&str> {
        self.common.site.data.keys().map(String::as_str).collect()
    }

    /// One source of `sources.yaml`.
    pub fn source(&self, name: &str) -> Option<&Data> {
        self.record_usual(|| Read::Source(name.to_string()));
        self.common.site.data("sources").and_then(|data| data.get(name))
    }

    /// The path in the output of a file of the theme.
    pub fn asset(&self, path: &str) -> Option<String> {
        self.record_usual(|| Read::Asset(path.to_string()));
        self.common.assets.get(path).map(|path| format!("/{path}"))
    }

    /// The names of all files of the theme, for a message.
    pub fn asset_names(&self) -> Vec<&str> {
        self.common.assets.keys().map(String::as_str).collect()
    }

    /// The observance in a year, or the one that is going on or comes next.
    pub fn week(&self, year: Option<i16>) -> Option<Hashed<Week>> {
        self.record_usual(|| Read::Week(year));
        self.common.site.week(year)
    }

    /// The observance in all years that are known.
    pub fn weeks(&self) -> &[Hashed<Week>] {
        self.record_usual(|| Read::Weeks);
        self.common.site.weeks()
    }

    /// The observance that is going on or comes next, and those after it.
    pub fn coming_weeks(&self, count: usize) -> Vec<Week> {
        self.record_usual(|| Read::ComingWeeks(count));
        self.common.site.coming_weeks(count)
    }

    /// The observance that was over last, as long as somebody may still have to do with it.
    pub fn recent_week(&self) -> Option<Hashed<Week>> {
        self.record_usual(|| Read::RecentWeek);
        self.common.site.recent_week()
    }

    /// The pages that are events, in the order in which they begin.
    pub fn events(&self) -> Vec<Listed<'_>> {
        self.record_usual(|| Read::Events { lang: self.lang.clone() });
        self.cards(self.common.site.events(&self.lang).map_or(&[], |listing| &listing.places))
    }

    /// The page of a year.
    pub fn year_page(&self, year: i16) -> Option<&Card> {
        self.record_usual(|| Read::YearPage { lang: self.lang.clone(), year });
        let place = self.common.site.year_page(&self.lang, year)?;
        self.common.site.card_at(place).map(|card| &**card)
    }

    /// The day of the build. What asks for it is made again every day.
    pub fn today(&self) -> Date {
        self.record_usual(|| Read::Today);
        self.common.site.today
    }

    /// This page in all languages: code, name of the language, card.
    pub fn translations(&self) -> Vec<(&str, &str, &Card)> {
        let Some(key) = self.key() else { return Vec::new() };
        self.record(|| Read::Translations(key.clone()));
        let config = self.globals();
        let name = |lang: &str| match config.language_named(lang) {
            Some(language) => language.name.as_str(),
            None => config.language_name.as_str(),
        };
        let found = self.common.site.translations(key).into_iter();
        found.map(|(lang, page)| (lang, name(lang), &**page.card)).collect()
    }

    /// The path and the last change of every published page that search engines should know.
    pub fn sitemap(&self) -> Vec<(&str, Option<Date>)> {
        self.record(|| Read::Sitemap);
        let pages = self.common.site.pages.iter().map(|page| &**page.card);
        pages.filter(|card| card.is_listed()).map(|card| (&*card.path, card.changed())).collect()
    }

    /// Every page of the language that may be found, by section: for a list of titles and addresses.
    pub fn pages(&self) -> Vec<Group<'_>> {
        self.record(|| Read::Pages { lang: self.lang.clone() });
        self.groups()
    }

    /// The same with all that is in the pages' own files.
    pub fn texts(&self) -> Vec<Group<'_>> {
        self.record(|| Read::Texts { lang: self.lang.clone() });
        self.groups()
    }

    fn groups(&self) -> Vec<Group<'_>> {
        let groups = findable(&self.common.site, &self.lang).map(|(section, pages)| {
            let pages: Vec<&Page> = pages.into_iter().map(|page| &**page).collect();
            Group { section, has_own: section.card.is_listed(), pages }
        });
        groups.filter(|group| group.has_own || !group.pages.is_empty()).collect()
    }

    /// The languages that have a page to search the site: code, name of the language, path of the page.
    pub fn searches(&self) -> Vec<(&str, &str, String)> {
        let config = self.globals();
        let languages = self.common.roots.keys().filter_map(|lang| {
            let path = crate::model::search_path(config, lang);
            let target = self.resolve_from_root(&path);
            matches!(*target, Target::File { .. }).then_some(())?;
            let name = config.language_named(lang).map_or(&config.language_name, |it| &it.name);
            Some((lang.as_str(), name.as_str(), path))
        });
        languages.collect()
    }

    fn cards(&self, places: &[u32]) -> Vec<Listed<'_>> {
        let site = &*self.common.site;
        places.iter().map(|place| Listed { site, place: *place }).collect()
    }
}
