//! Owns the questions that can be asked of an assembled site, and the fingerprint of each answer.
//! Must not know who asks.

use std::collections::HashMap;
use std::sync::Arc;

use super::address::{decode, encode, folder, join};
use super::page::{Key, Kind, Page};
use super::week::{self, Week};
use super::{
    Card, HeldBack, Listing, MenuEntry, Site, TermList, Trail, language_prefix, search_path,
};
use crate::config::BaseUrl;
use crate::diag::nearest;
use crate::fingerprint::{Fp, Hashed, half_of_bytes};
use crate::parse::markdown::{Heading, LinkTo};
use crate::slug::slug;
use crate::yaml::Data;

/// Where an address that an editor wrote leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A page, and perhaps a part of it.
    Page {
        /// The page.
        key: Key,
        /// Its path on the site.
        path: Arc<str>,
        /// The anchor, without `#`.
        anchor: Option<String>,
    },
    /// A part of the page that the link is on.
    Here(String),
    /// A file or a page that weekmark makes itself.
    File {
        /// Its path on the site.
        path: String,
        /// The anchor or query, with its mark.
        rest: String,
    },
    /// Nowhere, and what to say about it.
    Broken(Broken),
}

/// Why an address leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Broken {
    /// One sentence.
    pub message: String,
    /// What to write instead, if there is something near.
    pub hint: Option<String>,
    /// The page is there, but not the part.
    pub anchor: bool,
    /// The page is there, but it is not published.
    pub held_back: bool,
}

impl Target {
    /// The absolute address, with the part of the page, for a site at `base`; `None` if it leads nowhere.
    pub fn permalink(&self, base: &BaseUrl) -> Option<String> {
        match self {
            Target::Page { path, anchor, .. } => {
                let anchor = anchor.as_ref().map(|anchor| format!("#{}", encode(anchor)));
                Some(base.absolute(&encode(path)) + anchor.as_deref().unwrap_or_default())
            }
            Target::File { path, rest } => Some(base.absolute(&encode(path)) + rest),
            Target::Here(_) | Target::Broken(_) => None,
        }
    }
}

fn broken(message: String, hint: Option<String>) -> Target {
    Target::Broken(Broken { message, hint, anchor: false, held_back: false })
}

fn held_back(held: &HeldBack) -> Target {
    let why = held.status.note().unwrap_or_default();
    Target::Broken(Broken {
        message: format!("This leads to {}, which is not published ({why}).", held.file),
        hint: Some("Until the page is published, visitors see the words without the link.".into()),
        anchor: false,
        held_back: true,
    })
}

impl Site {
    /// The page of that name.
    pub fn page(&self, key: &str) -> Option<&Page> {
        self.pages.get(key).map(|page| &**page)
    }

    /// The card of a page.
    pub fn card(&self, key: &str) -> Option<&Hashed<Card>> {
        self.pages.get(key).map(|page| &*page.card)
    }

    /// The card of the page at a place of a list.
    pub fn card_at(&self, place: u32) -> Option<&Hashed<Card>> {
        self.pages.at(place).map(|page| &*page.card)
    }

    /// The fingerprint of the card at a place of a list.
    pub fn card_fp(&self, place: u32) -> Option<Fp> {
        self.index.cards.get(place as usize).copied()
    }

    /// The page at a path such as `/careers/`.
    pub fn page_at(&self, path: &str) -> Option<&Page> {
        let page = self.index.page_at(path).and_then(|place| self.pages.at(place));
        page.map(|page| &**page).filter(|page| *page.card.path == *path)
    }

    /// Whether an address in the main language is the path of a page whose file is called so, too: then [`Site::resolve`] would
    /// give that very path. Many links are written so, and this looks at one place only.
    pub fn is_path_by_name(&self, address: &str) -> bool {
        let at = self.index.by_path.get(&half_of_bytes(address.as_bytes()));
        at.is_some_and(|at| at.is_named_so)
    }

    /// The fingerprint of all that a page alone determines, and of the sections that it is in.
    pub fn page_fp(&self, place: u32) -> Option<Fp> {
        self.page_fps.get(place as usize).copied()
    }

    /// The sections that a page is in.
    pub fn trail(&self, key: &str) -> Option<&Trail> {
        self.index.trails.get(self.pages.place(key)? as usize)
    }

    /// The pages and sub-sections of a section, in order.
    pub fn listing(&self, key: &str) -> Option<&Listing> {
        self.index.listings.get(key)
    }

    /// The pages before and after a page in its section.
    pub fn neighbors(&self, key: &str) -> (Option<u32>, Option<u32>) {
        self.pages.place(key).map(|place| self.neighbors_at(place)).unwrap_or_default()
    }

    /// The pages before and after the one at a place.
    pub fn neighbors_at(&self, place: u32) -> (Option<u32>, Option<u32>) {
        self.index.neighbors.get(place as usize).copied().unwrap_or_default()
    }

    /// The pages of a language that have a date, newest first.
    pub fn dated(&self, lang: &str) -> &[u32] {
        self.index.dated.get(lang).map_or(&[], |listing| &**listing.places)
    }

    /// A taxonomy's terms in a language.
    pub fn taxonomy(&self, lang: &str, name: &str) -> Option<&TermList> {
        self.index.taxonomies.get(&(lang.to_string(), name.to_string()))
    }

    /// Every taxonomy that has terms: language, name, terms.
    pub fn taxonomies(&self) -> impl Iterator<Item = (&str, &str, &TermList)> {
        let all = self.index.taxonomies.iter();
        all.map(|((lang, name), list)| (lang.as_str(), name.as_str(), list))
    }

    /// The pages of a language by their sections, in reading order from the home page down: each section, and
    /// the pages in it that are no sections themselves.
    pub fn by_section(&self, lang: &str) -> Vec<(u32, Vec<u32>)> {
        let prefix = language_prefix(&self.config, lang);
        let home = self.index.page_at(&format!("{prefix}/"));
        let mut found = Vec::new();
        let mut ahead: Vec<u32> = home.into_iter().collect();
        while let Some(section) = ahead.pop() {
            let Some(page) = self.pages.at(section) else { continue };
            let places = self.listing(&page.key).map_or(&[][..], |listing| &listing.places);
            let is_section =
                |place: &u32| self.card_at(*place).is_some_and(|card| card.kind == Kind::Section);
            let (sections, pages): (Vec<u32>, Vec<u32>) =
                places.iter().partition(|it| is_section(it));
            ahead.extend(sections.into_iter().rev());
            found.push((section, pages));
        }
        found
    }

    /// A menu in a language.
    pub fn menu(&self, lang: &str, name: &str) -> Option<&Hashed<Vec<MenuEntry>>> {
        self.index.menus.get(lang)?.get(name)
    }

    /// A data file.
    pub fn data(&self, name: &str) -> Option<&Hashed<Data>> {
        self.data.get(name).map(|data| &**data)
    }

    /// The observance in a year, or the one that is going on or comes next.
    pub fn week(&self, year: Option<i16>) -> Option<Hashed<Week>> {
        let Some(year) = year else { return self.index.current_week.clone() };
        if let Some(week) = self.index.weeks.iter().find(|week| week.year == year) {
            return Some(week.clone());
        }
        let campaign = self.config.campaign.as_ref()?;
        let years = self.data.get(week::YEARS).map(|data| &***data);
        week::week(campaign, years, year, self.today).map(Hashed::new)
    }

    /// The observance that is going on or comes next, and those after it.
    pub fn coming_weeks(&self, count: usize) -> Vec<Week> {
        let Some(campaign) = self.config.campaign.as_ref() else { return Vec::new() };
        let years = self.data.get(week::YEARS).map(|data| &***data);
        week::coming(campaign, years, self.today, count)
    }

    /// The observance that was over last, as long as somebody may still have to do with it.
    pub fn recent_week(&self) -> Option<Hashed<Week>> {
        let campaign = self.config.campaign.as_ref()?;
        let years = self.data.get(week::YEARS).map(|data| &***data);
        week::recent(campaign, years, self.today, super::made::AFTER).map(Hashed::new)
    }

    /// The pages of a language that are events, in the order in which they begin.
    pub fn events(&self, lang: &str) -> Option<&Listing> {
        self.index.events.get(lang)
    }

    /// The page of a year, in a language or else in the site's own.
    pub fn year_page(&self, lang: &str, year: i16) -> Option<u32> {
        let find = |lang: &str| self.index.year_pages.get(&(lang.to_string(), year)).copied();
        find(lang).or_else(|| find(&self.config.language))
    }

    /// The observance in every year that `years.yaml` knows.
    pub fn weeks(&self) -> &[Hashed<Week>] {
        &self.index.weeks
    }

    /// Whether sound or films lie beside the pages.
    pub fn has_media(&self) -> bool {
        self.index.has_media()
    }

    /// The fingerprint of what every page shows of site.yaml.
    pub fn globals(&self) -> Fp {
        self.index.globals
    }

    /// The fingerprint of what the sitemap says.
    pub fn sitemap(&self) -> Fp {
        self.index.sitemap
    }

    /// The same page in other languages and itself: language and page.
    pub fn translations(&self, key: &str) -> Vec<(&str, &Page)> {
        let Some(page) = self.page(key) else { return Vec::new() };
        let main = self.config.language.as_str();
        let base = base_key(&page.key, &page.card.lang, main);
        std::iter::once(main)
            .chain(self.config.languages.iter().map(|language| language.code.as_str()))
            .filter_map(|lang| Some((lang, self.page(&twin(&base, lang, main))?)))
            .collect()
    }

    /// Finds where `target`, written on the page `from`, leads.
    pub fn resolve(&self, from: &Key, target: &str, to: LinkTo) -> Target {
        if to == LinkTo::Title {
            return self.resolve_title(target, from);
        }
        let (path, rest) = split_rest(target);
        let anchor = rest.split_once('#').map(|(_, anchor)| decode(anchor));
        let anchor = anchor.filter(|anchor| !anchor.is_empty());
        if path.is_empty() {
            return match (anchor, rest.starts_with('?')) {
                (Some(anchor), _) => self.check_anchor(from, anchor, true),
                (None, false) if rest == "#" => Target::Here(String::new()),
                _ => broken("This link is empty.".into(), None),
            };
        }
        let path: &str = &decode(path);
        let lang = self.language_of(from);
        if let (LinkTo::File, Some(path)) = (to, self.find_file(from, path)) {
            return Target::File { path, rest: rest.to_string() };
        }
        if let Some(path) = self.find_search(path, lang) {
            return Target::File { path, rest: rest.to_string() };
        }
        if let Some(page) = self.find_page(from, path, lang) {
            if to == LinkTo::File {
                return broken(
                    format!("\"{path}\" is a page, not a picture or another file."),
                    None,
                );
            }
            return match anchor {
                Some(anchor) => self.check_anchor(&page.key.clone(), anchor, page.key == *from),
                None => Target::Page {
                    key: page.key.clone(),
                    path: page.card.path.clone(),
                    anchor: None,
                },
            };
        }
        if let Some(path) = self.find_file(from, path) {
            return Target::File { path, rest: rest.to_string() };
        }
        self.explain_broken(from, path, target, to)
    }

    /// A page's title may be there once in each language: the one of the page itself comes first.
    fn resolve_title(&self, title: &str, from: &Key) -> Target {
        let main = self.config.language.as_str();
        let own = self.page(from).map_or(main, |page| page.card.lang.as_str());
        let by_title = self.index.by_title.get_or_init(|| {
            let mut by_title: HashMap<String, Vec<u32>> = HashMap::new();
            for (page, place) in self.pages.iter().zip(0..) {
                by_title.entry(page.card.title.to_lowercase()).or_default().push(place);
            }
            by_title
        });
        let all = by_title.get(&title.trim().to_lowercase()).map_or(&[][..], Vec::as_slice);
        let all: Vec<&Page> =
            all.iter().filter_map(|place| Some(&**self.pages.at(*place)?)).collect();
        let of = |lang: &str| -> Vec<&Page> {
            all.iter().copied().filter(|page| page.card.lang == lang).collect()
        };
        let found =
            [own, main].into_iter().map(of).find(|found| !found.is_empty()).unwrap_or_default();
        match found.as_slice() {
            [page] => {
                Target::Page { key: page.key.clone(), path: page.card.path.clone(), anchor: None }
            }
            [first, ..] => broken(
                format!("{} pages are called \"{title}\".", found.len()),
                Some(format!(
                    "Link to the file instead, such as [{title}]({}).",
                    self.way_to(from, &first.key)
                )),
            ),
            [] => {
                let wanted = title.trim().to_lowercase();
                let mut held = self.index.held_back.values();
                if let Some(held) = held.find(|held| held.title.to_lowercase() == wanted) {
                    return held_back(held);
                }
                let pages =
                    self.pages.iter().filter(|page| [own, main].contains(&&*page.card.lang));
                broken(
                    format!("There is no page called \"{title}\"."),
                    nearest(title, pages.map(|page| &*page.card.title))
                        .map(|near| format!("Did you mean [[{near}]]?")),
                )
            }
        }
    }

    fn check_anchor(&self, key: &Key, anchor: String, here: bool) -> Target {
        let Some(page) = self.page(key) else { return Target::Here(anchor) };
        let ids = || page.doc.iter().flat_map(|doc| doc.body.headings.iter().map(Heading::id));
        // A code host keeps accents and doubles hyphens; the words are the same.
        let plain = slug(&anchor);
        let found = ids().find(|id| *id == anchor).or_else(|| ids().find(|id| *id == plain));
        // Which parts a page has that cannot be read, nobody knows; that is told where it belongs.
        let is_read = page.doc.as_ref().is_none_or(|doc| doc.is_read());
        // The parts of raw HTML are known when the page is made, and looked at then.
        let in_html = || {
            let html = page.doc.as_ref().map_or("", |doc| &doc.body.html);
            ["id", "name"].iter().any(|attribute| {
                ["\"", "'", ""]
                    .iter()
                    .any(|quote| html.contains(&format!("{attribute}={quote}{anchor}")))
            })
        };
        let is_read = is_read && !(self.config.raw_html && found.is_none() && in_html());
        if found.is_some() || anchor == "top" || !is_read {
            let anchor = found.map_or(anchor, String::from);
            return if here {
                Target::Here(anchor)
            } else {
                Target::Page {
                    key: key.clone(),
                    path: page.card.path.clone(),
                    anchor: Some(anchor),
                }
            };
        }
        let hint = match nearest(&anchor, ids()) {
            Some(near) => Some(format!("Did you mean #{near}?")),
            None => {
                let all: Vec<String> = ids().take(8).map(|id| format!("#{id}")).collect();
                (!all.is_empty()).then(|| format!("The page has {}.", all.join(", ")))
            }
        };
        let message = if here {
            format!("This page has no part #{anchor}.")
        } else {
            format!("The page {} has no part #{anchor}.", page.file)
        };
        Target::Broken(Broken { message, hint, anchor: true, held_back: false })
    }

    /// The page that a path leads to: a source file, a folder, or an address on the site.
    fn find_page(&self, from: &Key, path: &str, lang: &str) -> Option<&Page> {
        let key = match path.strip_prefix('/') {
            Some(absolute) => join("", absolute)?,
            None => join(folder(from), path)?,
        };
        let stem = key.trim_end_matches('/');
        let main = self.config.language.as_str();
        // One buffer for all that the address may mean: most links are found by the first or second.
        let mut candidate = String::with_capacity(stem.len() + "/_index.md".len());
        for end in [None, Some(".md"), Some("/_index.md"), Some("/index.md")] {
            // No file is called so.
            if end.is_none() && key.ends_with('/') {
                continue;
            }
            candidate.clear();
            candidate.push_str(if end.is_some() { stem } else { &key });
            candidate.push_str(end.unwrap_or_default());
            let candidate = candidate.trim_start_matches('/');
            if !lang.is_empty()
                && lang != main
                && let Some(page) = self.page(&twin(candidate, lang, main))
            {
                return Some(page);
            }
            if let Some(page) = self.page(candidate) {
                return Some(page);
            }
        }
        let address = path.starts_with('/').then(|| {
            let clean = path.trim_end_matches("index.html");
            if clean.ends_with('/') || clean.rsplit('/').next().is_some_and(|n| n.contains('.')) {
                clean.to_string()
            } else {
                format!("{clean}/")
            }
        });
        address.and_then(|address| self.page_at(&address))
    }

    /// The language of the page that a link stands on; empty for a template's or a menu's.
    fn language_of(&self, from: &str) -> &str {
        self.page(from).map_or("", |page| page.card.lang.as_str())
    }

    /// The page that weekmark makes to search the site, in the language of the page that the link is on: in another
    /// language, a page of the site may stand in its place.
    fn find_search(&self, path: &str, lang: &str) -> Option<String> {
        let lang = if lang.is_empty() { self.config.language.as_str() } else { lang };
        let is_search = ["/search/", "/search/index.html"].contains(&path);
        (is_search && self.index.searches.get(lang) == Some(&true))
            .then(|| search_path(&self.config, lang))
    }

    fn find_file(&self, from: &Key, path: &str) -> Option<String> {
        let key = match path.strip_prefix('/') {
            Some(absolute) => join("", absolute)?,
            None => join(folder(from), path)?,
        };
        if let Some(path) = self.index.files.get(&key) {
            return Some(path.clone());
        }
        let lang = self.language_of(from);
        let own = format!("/{lang}/{key}");
        if self.index.file_paths.contains(&own) {
            return Some(own);
        }
        let address = format!("/{key}");
        let generated = path.starts_with('/') || folder(from).is_empty();
        (generated && self.index.file_paths.contains(&address)).then_some(address)
    }

    fn explain_broken(&self, from: &Key, path: &str, target: &str, to: LinkTo) -> Target {
        let wanted = match path.strip_prefix('/') {
            Some(absolute) => join("", absolute),
            None => join(folder(from), path),
        };
        let Some(wanted) = wanted else {
            return broken(format!("\"{target}\" leads out of the site's folder."), None);
        };
        if let Some(held) = self.held_back_at(&wanted, path) {
            return held_back(held);
        }
        if let Some(alias) =
            self.index.aliases.iter().find(|a| a.path.trim_matches('/') == wanted.trim_matches('/'))
        {
            return broken(
                format!("\"{target}\" is an old address."),
                Some(format!("Link to the page itself: {}", self.way_to(from, &alias.to))),
            );
        }
        let message = match to {
            LinkTo::File => format!("There is no file \"{path}\"."),
            _ => format!("There is no page or file \"{path}\"."),
        };
        if let Some(hint) = what_was_meant(path) {
            return broken(message, Some(hint));
        }
        let near = self.nearest_source(&wanted, to).map(|key| {
            let way = self.way_to(from, &key);
            if key.to_lowercase() == wanted.to_lowercase() {
                format!(
                    "The name is {way}, with other capital letters; many hosts tell them apart."
                )
            } else {
                format!("Did you mean {way}?")
            }
        });
        broken(message, near)
    }

    fn held_back_at(&self, wanted: &str, path: &str) -> Option<&HeldBack> {
        let stem = wanted.trim_end_matches('/');
        [
            stem.to_string(),
            format!("{stem}.md"),
            format!("{stem}/_index.md"),
            format!("{stem}/index.md"),
        ]
        .iter()
        .find_map(|key| self.index.held_back.get(key.as_str()))
        .or_else(|| self.index.held_back.values().find(|held| held.path == path))
    }

    /// The page or file whose name is nearest: the whole path first, else the last part in any folder.
    fn nearest_source(&self, wanted: &str, to: LinkTo) -> Option<String> {
        let pages = self.pages.iter().filter(|page| page.doc.is_some()).map(|page| &*page.key);
        let files = self.index.files.keys().map(String::as_str);
        let all: Vec<&str> = match to {
            LinkTo::File => files.chain(pages).collect(),
            _ => pages.chain(files).collect(),
        };
        let name = |key: &str| key.rsplit('/').next().unwrap_or(key).to_lowercase();
        let wanted = wanted.trim_end_matches('/');
        let last = name(wanted);
        let with_end = format!("{last}.md");
        all.iter()
            .find(|key| key.eq_ignore_ascii_case(wanted))
            .or_else(|| all.iter().find(|key| name(key) == last || name(key) == with_end))
            .map(|key| (*key).to_string())
            .or_else(|| {
                let beside: Vec<&str> =
                    all.iter().copied().filter(|key| folder(key) == folder(wanted)).collect();
                nearest_name(&last, &beside).or_else(|| nearest_name(&last, &all)).map(String::from)
            })
    }

    /// How a link on `from` to the source `to` is written.
    fn way_to(&self, from: &Key, to: &str) -> String {
        let from: Vec<&str> = folder(from).split('/').filter(|part| !part.is_empty()).collect();
        let parts: Vec<&str> = to.split('/').collect();
        let common = from.iter().zip(&parts).take_while(|(a, b)| a == b).count();
        let common = common.min(parts.len() - 1);
        format!("{}{}", "../".repeat(from.len() - common), parts[common..].join("/"))
    }
}

/// The key whose last part without its ending is nearest to that of `name`; of two letters all are near.
fn nearest_name<'a>(name: &str, keys: &[&'a str]) -> Option<&'a str> {
    let stem = |key: &str| {
        let last = key.rsplit('/').next().unwrap_or(key);
        last.rsplit_once('.').map_or(last, |(stem, _)| stem).to_lowercase()
    };
    let wanted = stem(name);
    if wanted.chars().count() < 3 {
        return None;
    }
    let stems: Vec<String> = keys.iter().map(|key| stem(key)).collect();
    let near = nearest(&wanted, stems.iter().map(String::as_str))?;
    stems.iter().position(|stem| stem == near).map(|at| keys[at])
}

/// What somebody meant whose link is no page of the site at all.
fn what_was_meant(path: &str) -> Option<String> {
    let hidden = |part: &str| part.starts_with('_') && !part.starts_with("_index.");
    if path.starts_with("www.") {
        Some(format!("For another site, write https://{path}"))
    } else if path.contains('@') && !path.contains('/') {
        Some(format!("For an e-mail address, write mailto:{path}"))
    } else if path.contains('\\') {
        Some(format!("Between folders and files stands a slash: {}", path.replace('\\', "/")))
    } else if path.split('/').any(hidden) {
        Some("Files and folders whose names start with _ are not published.".into())
    } else {
        None
    }
}

/// The address before `#` or `?`, and the rest from the mark on.
fn split_rest(target: &str) -> (&str, &str) {
    target.split_at(target.find(['#', '?']).unwrap_or(target.len()))
}

/// The name of a page's twin in the main language: `a/b.es.md` → `a/b.md`.
pub(super) fn base_key(key: &str, lang: &str, main: &str) -> String {
    if lang == main { key.to_string() } else { key.replacen(&format!(".{lang}.md"), ".md", 1) }
}

/// The name of a page's twin in `lang`, from the one in the main language.
pub(super) fn twin(base: &str, lang: &str, main: &str) -> String {
    match base.strip_suffix(".md") {
        Some(stem) if lang != main => format!("{stem}.{lang}.md"),
        _ => base.to_string(),
    }
}
