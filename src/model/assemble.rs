//! Owns the making of a [`Site`] from parsed files: addresses, sections, lists, taxonomies, menus, and
//! the check that no two sources want one address. Must not know templates or the disk.

use std::cmp::{Ordering, Reverse};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::address::{folder, output};
use super::lookup::Target;
use super::page::{Card, Key, Kind, Page, Picture, Status};
use super::{
    About, Alias, AtPath, Facts, HeldBack, Index, Listing, MenuEntry, MenuTarget, Pages, Parts,
    Site, Term, TermList, Trail, language_prefix, search_path, week,
};
use crate::calendar::Date;
use crate::config::{self, Config, MenuItem};
use crate::diag::{Code, Diagnostic, Span, list, nearest};
use crate::fingerprint::{ByName, Fp, Hashed, half_of_bytes};
use crate::parse::Doc;
use crate::parse::front_matter::{FrontMatter, Image, SourceRef};
use crate::parse::markdown::LinkTo;
use crate::slug::{capital, slug};
use crate::yaml::Data;

/// Places of pages by their language and term.
type ByLangAndTerm<'a> = BTreeMap<&'a str, ByName<&'a str, Vec<u32>>>;

/// So many pages are looked at by one thread at a time.
const TOGETHER: usize = 512;

/// Menus that a theme asks for even if site.yaml does not name them.
const USUAL_MENUS: [&str; 2] = ["main", "footer"];

/// Language codes that are taken for a language when they stand before `.md`.
const LANGUAGES: [&str; 31] = [
    "ar", "bn", "de", "en", "es", "fa", "fr", "he", "hi", "hmn", "ht", "hy", "it", "ja", "km",
    "ko", "lo", "ne", "nl", "pa", "pl", "pt", "ru", "so", "sw", "ta", "tl", "uk", "ur", "vi", "zh",
];

/// What is kept from one assembly to the next: what each file makes of itself, and the last index.
#[derive(Debug, Default)]
pub struct Shelf {
    /// The fingerprint of what all sheets depend on besides their own file.
    base: Fp,
    /// In the order of the files.
    sheets: Vec<Sheet>,
    /// The folders of those files, and the fingerprint of the settings that they were found with.
    folders: Option<(Fp, Arc<Folders>)>,
    last: Option<Last>,
}

/// What one file makes of itself, whatever the others are.
#[derive(Debug, Clone)]
struct Sheet {
    key: Key,
    doc: Arc<Doc>,
    made: Made,
    /// The fingerprint of all of it but the text.
    fp: Fp,
}

#[derive(Debug, Clone)]
struct Made {
    page: Option<Arc<Page>>,
    /// Nothing for most files.
    more: Option<Box<More>>,
}

#[derive(Debug, Clone)]
struct More {
    held: Option<HeldBack>,
    aliases: Vec<Alias>,
    problems: Vec<Diagnostic>,
}

/// The last index, and what it was made from.
#[derive(Debug)]
struct Last {
    from: Fp,
    pages: Pages,
    page_fps: Arc<Vec<Fp>>,
    index: Arc<Index>,
    table: Arc<Table>,
    /// The pages of folders that have none of their own.
    bare: Arc<Vec<Arc<Page>>>,
}

/// Puts the site together. What is on `shelf` is used where it is the same as what would be made again.
pub fn assemble(parts: Parts<'_>, shelf: &mut Shelf) -> Site {
    let Parts { config, docs, data, data_files, files, today, unpublished, search } = parts;
    let folders = shelf.folders(docs, &config);
    let base = Fp::of(&(config.fp(), today, unpublished, &folders.paths));
    let is_new_base = std::mem::replace(&mut shelf.base, base) != base;
    if is_new_base {
        shelf.sheets.clear();
    }
    let (changed, is_alike) =
        shelf.update(docs, |key, doc| Made::new(key, doc, &config, &folders, today, unpublished));
    let sheets = &shelf.sheets;
    let from = {
        let mut all: Vec<Fp> = sheets.iter().map(|sheet| sheet.fp).collect();
        all.extend([base, Fp::of(&files), Fp::of(&data_files), Fp::of(&search)]);
        all.extend(data.iter().map(|(name, data)| Fp::of(&(name, data.fp()))));
        Fp::join(&all)
    };
    let mut site = Site {
        config,
        today,
        pages: Pages::default(),
        data,
        index: Arc::new(Index::default()),
        page_fps: Arc::default(),
    };
    let last = shelf.last.take();
    let (table, bare) = match last.as_ref().filter(|last| last.from == from) {
        // No more than texts changed: everything that follows from the pages being together holds.
        Some(last) => {
            site.pages = last.pages.clone();
            (site.index, site.page_fps) = (last.index.clone(), last.page_fps.clone());
            let changed = changed.into_iter().filter_map(|place| sheets[place].made.page.as_ref());
            for page in changed {
                site.replace_text(page);
            }
            (last.table.clone(), last.bare.clone())
        }
        None => {
            let mut index = Index::default();
            let bare =
                last.as_ref().filter(|_| is_alike && !is_new_base).map(|last| last.bare.clone());
            let (list, bare) = index.gather(sheets, bare, &folders, &site.config);
            site.pages = Pages::new(list, last.as_ref().map(|last| &last.pages));
            index.add_files(files, &folders);
            let last = last.filter(|last| last.pages.has_names_of(&site.pages));
            (Arc::new(site.complete(index, &data_files, search, last.as_ref())), bare)
        }
    };
    shelf.last = Some(Last {
        from,
        pages: site.pages.clone(),
        page_fps: site.page_fps.clone(),
        index: site.index.clone(),
        table,
        bare,
    });
    site
}

impl Shelf {
    /// Whether there are sheets for these files and no others.
    fn has_all(&self, docs: &[(Key, Arc<Doc>)]) -> bool {
        // Names are shared with the files, so equal ones are mostly the same one.
        let same = |(old, (key, _)): (&Sheet, &(Key, Arc<Doc>))| {
            Arc::ptr_eq(&old.key, key) || old.key == *key
        };
        self.sheets.len() == docs.len() && self.sheets.iter().zip(docs).all(same)
    }

    /// Where the folders are: as before, if the files have the same names and no folder's page changed.
    fn folders(&mut self, docs: &[(Key, Arc<Doc>)], config: &Hashed<Config>) -> Arc<Folders> {
        if let Some((_, known)) = self.folders.as_ref().filter(|(with, _)| *with == config.fp())
            && self.has_all(docs)
        {
            let mut changed =
                self.sheets.iter().zip(docs).filter(|(old, (_, doc))| !Arc::ptr_eq(&old.doc, doc));
            if !changed.any(|(old, _)| names_folder(&old.key)) {
                return known.clone();
            }
        }
        let folders = Arc::new(Folders::new(docs, config));
        self.folders = Some((config.fp(), folders.clone()));
        folders
    }

    /// Brings the sheets up to date with the files; gives the places of those that were made anew, and whether
    /// the same files are pages or held back as before.
    fn update(
        &mut self,
        docs: &[(Key, Arc<Doc>)],
        make: impl Fn(&Key, &Arc<Doc>) -> (Made, Fp) + Sync,
    ) -> (Vec<usize>, bool) {
        let sheet = |(key, doc): &(Key, Arc<Doc>)| {
            let (made, fp) = make(key, doc);
            Sheet { key: key.clone(), doc: doc.clone(), made, fp }
        };
        // Handing out work costs more than a few sheets do.
        let sheets = |docs: &[&(Key, Arc<Doc>)]| -> Vec<Sheet> {
            if docs.len() < 64 {
                docs.iter().map(|doc| sheet(doc)).collect()
            } else {
                docs.par_iter().map(|doc| sheet(doc)).collect()
            }
        };
        let mut is_alike = self.has_all(docs);
        if !is_alike {
            let mut before = std::mem::take(&mut self.sheets).into_iter().peekable();
            let known: Vec<Option<Sheet>> = docs
                .iter()
                .map(|(key, _)| {
                    // Both are sorted, so the old sheet is found without a search.
                    while before.next_if(|sheet| sheet.key < *key).is_some() {}
                    before.next_if(|sheet| sheet.key == *key)
                })
                .collect();
            let missing = docs.iter().zip(&known).filter(|(_, known)| known.is_none());
            let mut new = sheets(&missing.map(|(doc, _)| doc).collect::<Vec<_>>()).into_iter();
            self.sheets =
                known.into_iter().filter_map(|known| known.or_else(|| new.next())).collect();
        }
        let is_changed = |place: &usize| !Arc::ptr_eq(&self.sheets[*place].doc, &docs[*place].1);
        let changed: Vec<usize> = (0..docs.len()).filter(is_changed).collect();
        let new = sheets(&changed.iter().map(|place| &docs[*place]).collect::<Vec<_>>());
        for (place, sheet) in changed.iter().zip(new) {
            let old = std::mem::replace(&mut self.sheets[*place], sheet);
            is_alike &= old.made.status() == self.sheets[*place].made.status();
        }
        (changed, is_alike)
    }
}

/// What every page shows of site.yaml.
fn globals(config: &Config, has_media: bool) -> Fp {
    let c = config;
    let words = (&c.title, &c.short_title, &c.tagline, &c.description, &c.base_url);
    let languages: Vec<_> = c
        .languages
        .iter()
        .map(|l| (&l.code, &l.name, &l.title, &l.tagline, &l.description))
        .collect();
    let main = (&c.language, &c.language_name);
    let main = (main, c.time_zone.name(), c.campaign.as_ref().map(|campaign| &campaign.name));
    let policy = (&c.security, has_media);
    Fp::of(&(words, main, languages, &c.brand, &c.extra, c.links, c.check_links, policy))
}

/// Name of a source without language and ending, and its language.
fn split_name<'a>(file_name: &'a str, config: &Config) -> (&'a str, Option<&'a str>) {
    let stem = file_name.strip_suffix(".md").unwrap_or(file_name);
    match stem.rsplit_once('.') {
        Some((name, lang)) if config.language_named(lang).is_some() => (name, Some(lang)),
        _ => (stem, None),
    }
}

/// Whether a file may give its folder another name in addresses.
fn names_folder(key: &str) -> bool {
    let name = &key[folder(key).len()..];
    name.starts_with("_index.") || name.starts_with("index.")
}

/// Where the folders of `content/` are on the site.
#[derive(Debug)]
struct Folders {
    /// Folder (empty or with a slash at the end) to its path on the site, in the main language.
    paths: BTreeMap<String, String>,
}

impl Folders {
    fn new(docs: &[(Key, Arc<Doc>)], config: &Config) -> Folders {
        // A folder's page may give it another name.
        let mut slugs: HashMap<&str, &str> = HashMap::new();
        let mut folders: Vec<&str> = Vec::new();
        for (key, doc) in docs {
            let at = folder(key);
            // The files of a folder follow each other, but for those of folders in it.
            if folders.last() != Some(&at) {
                folders.push(at);
            }
            if names_folder(key)
                && let Some((slug, _)) = &doc.meta.slug
                && let ("_index" | "index", None) = split_name(&key[at.len()..], config)
            {
                slugs.insert(at, slug);
            }
        }
        let mut paths = BTreeMap::from([(String::new(), "/".to_string())]);
        for folder in folders {
            Folders::add(folder, &slugs, &mut paths);
        }
        Folders { paths }
    }

    fn add(at: &str, slugs: &HashMap<&str, &str>, paths: &mut BTreeMap<String, String>) -> String {
        if let Some(path) = paths.get(at) {
            return path.clone();
        }
        let trimmed = at.trim_end_matches('/');
        let parent = Folders::add(folder(trimmed), slugs, paths);
        let own = &trimmed[folder(trimmed).len()..];
        let name = match slugs.get(at) {
            Some(slug) => (*slug).to_string(),
            None => named(own),
        };
        let path = format!("{parent}{name}/");
        paths.insert(at.to_string(), path.clone());
        path
    }

    fn path(&self, folder: &str) -> Option<&String> {
        self.paths.get(folder)
    }
}

/// The part of an address that a file's or folder's name makes.
fn named(name: &str) -> String {
    let slug = slug(name);
    if slug.is_empty() { name.to_string() } else { slug }
}

impl Made {
    /// What a file makes of itself: a page, or the note that it is held back, or both.
    fn new(
        key: &Key,
        doc: &Arc<Doc>,
        config: &Config,
        folders: &Folders,
        today: Date,
        unpublished: bool,
    ) -> (Made, Fp) {
        let file: Arc<str> = format!("content/{key}").into();
        let at = folder(key);
        let (stem, lang) = split_name(&key[at.len()..], config);
        let mut problems = Vec::new();
        if lang.is_none() {
            check_language(stem, &file, config, &mut problems);
        }
        let lang = lang.unwrap_or(&config.language).to_string();
        let mut filled: Option<FrontMatter> = None;
        for (_, defaults) in config.defaults.iter().filter(|(prefix, _)| key.starts_with(&**prefix))
        {
            filled.get_or_insert_with(|| doc.meta.clone()).fill_from(defaults);
        }
        let meta = filled.as_ref().unwrap_or(&doc.meta);
        let path: Arc<str> = page_path(key, stem, &lang, meta, folders, config).into();
        let status = Status::of(meta, today);
        let held = (status != Status::Published).then(|| HeldBack {
            title: meta.title.as_ref().or(doc.body.title.as_ref()).map_or("", |it| it).to_string(),
            file: file.to_string(),
            path: path.to_string(),
            status,
        });
        if held.is_some() && !unpublished {
            let fp = Fp::of(&(key, &held, said(&problems)));
            return (Made::of(None, held, Vec::new(), problems), fp);
        }
        let kind = match stem {
            "_index" | "index" if at.is_empty() => Kind::Home,
            "_index" => Kind::Section,
            _ => Kind::Page,
        };
        let title = title_of(doc, meta, &file, key, &mut problems);
        if let Some(date) = doc.meta.date.filter(|date| *date > today) {
            problems.push(
                Diagnostic::at(
                    Code::NoEffect,
                    &file,
                    doc.meta.date_span,
                    "This day is still to come, and the page is published all the same.",
                )
                .hint(format!("To hold the page back until then, write publish_on: {date}")),
            );
        }
        let alias = |(path, span): &(String, Span)| Alias {
            path: path.clone(),
            to: key.clone(),
            file: file.to_string(),
            span: *span,
        };
        let aliases = meta.aliases.iter().map(alias).collect();
        let card = Card {
            key: key.clone(),
            title,
            description: meta.description.clone(),
            path,
            kind,
            lang,
            date: meta.date,
            updated: meta.updated,
            reviewed: meta.reviewed,
            weight: meta.weight,
            year: meta.year.map(|(year, _)| year),
            event: meta.event.clone(),
            audience: meta.audience.clone().unwrap_or_default(),
            image: None,
            summary: doc.body.summary.clone(),
            status,
            in_search: meta.in_search.unwrap_or(true),
            extra: meta.extra.clone(),
        };
        let page = Page::new(key.clone(), file, card, Some(doc.clone()), filled);
        let fp = Fp::join(&[page.card.fp(), page.meta_fp, page.address_fp, said(&problems)]);
        (Made::of(Some(page), held, aliases, problems), fp)
    }

    fn of(
        page: Option<Page>,
        held: Option<HeldBack>,
        aliases: Vec<Alias>,
        problems: Vec<Diagnostic>,
    ) -> Made {
        let is_plain = held.is_none() && aliases.is_empty() && problems.is_empty();
        let more = (!is_plain).then(|| Box::new(More { held, aliases, problems }));
        Made { page: page.map(Arc::new), more }
    }

    /// Whether it is a page, and whether it is held back.
    fn status(&self) -> (bool, bool) {
        (self.page.is_some(), self.more.as_ref().is_some_and(|more| more.held.is_some()))
    }
}

/// The fingerprint of what is said of a file.
fn said(problems: &[Diagnostic]) -> Fp {
    Fp::of(&problems.iter().map(|problem| (&problem.message, &problem.hint)).collect::<Vec<_>>())
}

fn title_of(
    doc: &Doc,
    meta: &FrontMatter,
    file: &str,
    key: &Key,
    problems: &mut Vec<Diagnostic>,
) -> Arc<str> {
    let title = meta.title.clone().or_else(|| doc.body.title.clone()).unwrap_or_default();
    // Where the settings have mistakes, a missing title is one of them and is told there.
    let in_settings = |code: Code| (Code::Yaml..=Code::MissingKey).contains(&code);
    let unreadable = doc.problems.iter().any(|p| in_settings(p.code) || p.code == Code::NotUtf8);
    if title.is_empty() && !unreadable {
        let hint = if doc.meta == FrontMatter::default() {
            "Begin the text with a heading (# The title), or the file with three lines: --- and title: The title and --- again."
        } else {
            "Add a line to the settings at the top: title: The title"
        };
        problems.push(
            Diagnostic::whole(Code::MissingTitle, file, "This page has no title.").hint(hint),
        );
    }
    if title.is_empty() { key.clone() } else { title }
}

fn check_language(stem: &str, file: &str, config: &Config, problems: &mut Vec<Diagnostic>) {
    let Some((_, code)) = stem.rsplit_once('.') else { return };
    // A region may follow: `pt-BR`.
    let main = code.split('-').next().unwrap_or(code);
    if LANGUAGES.contains(&main) && code != config.language {
        problems.push(
            Diagnostic::whole(
                Code::UnknownLanguage,
                file,
                format!(
                    "This page is written in \"{code}\", but site.yaml does not name that language."
                ),
            )
            .hint(format!("Add to site.yaml:  languages: {{{code}: {{name: …}}}}")),
        );
    }
}

fn page_path(
    key: &Key,
    stem: &str,
    lang: &str,
    meta: &FrontMatter,
    folders: &Folders,
    config: &Config,
) -> String {
    let prefix = language_prefix(config, lang);
    let at = folder(key);
    let base = folders.path(at).map_or("/", String::as_str);
    let slug = meta.slug.as_ref().map(|(slug, _)| slug.as_str());
    match (stem, slug) {
        // A twin in another language may have a name of its own; the main language's name is in
        // the folder's path already.
        ("_index" | "index", Some(slug)) if lang != config.language && !at.is_empty() => {
            let parent = folders.path(folder(at.trim_end_matches('/'))).map_or("/", String::as_str);
            format!("{prefix}{parent}{slug}/")
        }
        ("_index" | "index", _) => format!("{prefix}{base}"),
        (_, Some(slug)) => format!("{prefix}{base}{slug}/"),
        (stem, None) => format!("{prefix}{base}{}/", named(stem)),
    }
}

impl Index {
    // ---- pages --------------------------------------------------------------------------------

    /// The pages of all files, with those that folders get which have none; and the latter alone, which may be
    /// known.
    fn gather(
        &mut self,
        sheets: &[Sheet],
        bare: Option<Arc<Vec<Arc<Page>>>>,
        folders: &Folders,
        config: &Config,
    ) -> (Vec<Arc<Page>>, Arc<Vec<Arc<Page>>>) {
        let mut pages: Vec<Arc<Page>> = Vec::with_capacity(sheets.len());
        for Sheet { key, made, .. } in sheets {
            pages.extend(made.page.clone());
            let Some(more) = &made.more else { continue };
            self.aliases.extend(more.aliases.iter().cloned());
            self.problems.extend(more.problems.iter().cloned());
            if let Some(held) = &more.held {
                self.held_back.insert(key.clone(), held.clone());
            }
        }
        let bare = bare.unwrap_or_else(|| Arc::new(self.missing_sections(&pages, folders, config)));
        if !bare.is_empty() {
            pages.extend(bare.iter().cloned());
            pages.sort_by(|a, b| a.key.cmp(&b.key));
        }
        (pages, bare)
    }

    /// A folder with pages but without a page of its own gets one, and so does each language's home.
    fn missing_sections(
        &self,
        pages: &[Arc<Page>],
        folders: &Folders,
        config: &Config,
    ) -> Vec<Arc<Page>> {
        let mut wanted: BTreeSet<(&str, &str)> = BTreeSet::new();
        wanted.insert(("", &config.language));
        let mut last = None;
        for page in pages {
            let (mut at, lang) = (folder(&page.key), page.card.lang.as_str());
            // Most pages lie where the one before lies.
            if last.replace((at, lang)) == Some((at, lang)) {
                continue;
            }
            wanted.insert(("", lang));
            while !at.is_empty() {
                if lang == config.language {
                    wanted.insert((at, lang));
                }
                at = folder(at.trim_end_matches('/'));
            }
        }
        let there = |name: &str, at: &str| {
            // A section may be held back, but there is no site without a first page.
            pages.binary_search_by(|page| (*page.key).cmp(name)).is_ok()
                || (self.held_back.contains_key(name) && !at.is_empty())
        };
        let mut missing = Vec::new();
        for (at, lang) in wanted {
            let suffix = if lang == config.language { String::new() } else { format!(".{lang}") };
            let names = [format!("{at}_index{suffix}.md"), format!("{at}index{suffix}.md")];
            if names.iter().any(|name| there(name, at)) {
                continue;
            }
            let base = folders.path(at).map_or("/", String::as_str);
            let path = format!("{}{base}", language_prefix(config, lang));
            let page = bare_section(names[0].as_str().into(), at, path, lang.to_string(), config);
            missing.push(Arc::new(page));
        }
        missing
    }

    fn add_files(&mut self, files: Vec<String>, folders: &Folders) {
        for file in files {
            let mut at = folder(&file);
            let mut rest = file[at.len()..].to_string();
            // A folder without pages has no path of its own: it hangs below the nearest that has.
            while folders.path(at).is_none() && !at.is_empty() {
                let parent = folder(at.trim_end_matches('/'));
                rest = format!("{}{rest}", &at[parent.len()..]);
                at = parent;
            }
            let base = folders.path(at).map_or("/", String::as_str);
            self.files.insert(file.clone(), format!("{base}{rest}"));
        }
    }

    fn know_pages(&mut self, site: &Site) {
        let (by_path, trails) = rayon::join(|| paths(site), || self.know_trails(site));
        (self.by_path, self.trails) = (Arc::new(by_path), Arc::new(trails));
    }

    /// The languages that there are, and the sections that each page is in.
    fn know_trails(&mut self, site: &Site) -> Vec<Trail> {
        let mut trails = Vec::with_capacity(site.pages.len());
        let mut known: ByName<(&str, &str), Trail> = ByName::default();
        for page in site.pages.iter() {
            if !self.languages.contains(&page.card.lang) {
                self.languages.insert(page.card.lang.clone());
            }
            let trail = match start_of_trail(page, &site.config) {
                None => Arc::new(Hashed::new(Vec::new())),
                Some(at) => known
                    .entry((at, &page.card.lang))
                    .or_insert_with(|| Arc::new(Hashed::new(trail(at, page, site))))
                    .clone(),
            };
            trails.push(trail);
        }
        trails
    }
}

/// The pages by their paths; of two with one path, the first.
fn paths(site: &Site) -> ByName<u64, AtPath> {
    let mut by_path = ByName::with_capacity_and_hasher(site.pages.len(), Default::default());
    for (page, place) in site.pages.iter().zip(0..) {
        let path = &*page.card.path;
        let is_named_so = is_named_so(path, &page.key);
        by_path.entry(half_of_bytes(path.as_bytes())).or_insert(AtPath { place, is_named_so });
    }
    by_path
}

/// Whether `/a/b/` is the path and `a/b.md` the file, and the path is written alike as an address.
fn is_named_so(path: &str, key: &str) -> bool {
    let name = path.strip_prefix('/').and_then(|path| path.strip_suffix('/'));
    name.is_some() && name == key.strip_suffix(".md") && !path.contains(['%', '#', '?'])
}

impl Index {
    /// The place of the page at a path.
    pub(super) fn page_at(&self, path: &str) -> Option<u32> {
        self.by_path.get(&half_of_bytes(path.as_bytes())).map(|at| at.place)
    }

    pub(super) fn has_media(&self) -> bool {
        const ENDS: [&str; 9] =
            [".mp4", ".webm", ".ogv", ".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav"];
        self.files
            .keys()
            .any(|name| ENDS.iter().any(|end| name.to_ascii_lowercase().ends_with(end)))
    }

    fn page_fp(&self, page: &Page, place: u32) -> Fp {
        Fp::join(&[page.fp(), self.trails[place as usize].fp()])
    }
}

/// The folder from which a page's trail goes up; none for a first page.
fn start_of_trail<'a>(page: &'a Page, config: &Config) -> Option<&'a str> {
    let at = folder(&page.key);
    let (stem, _) = split_name(&page.key[at.len()..], config);
    match page.card.kind {
        Kind::Home => None,
        _ if stem == "_index" || stem == "index" => Some(folder(at.trim_end_matches('/'))),
        _ => Some(at),
    }
}

/// The sections from the home page down to the folder `at`, in the language of `page`.
fn trail(mut at: &str, page: &Page, site: &Site) -> Vec<Key> {
    let lang = &page.card.lang;
    let suffix = if *lang == site.config.language { String::new() } else { format!(".{lang}") };
    let mut trail = Vec::new();
    loop {
        let names = [format!("{at}_index{suffix}.md"), format!("{at}index{suffix}.md")];
        let names = names.iter().take(if at.is_empty() { 2 } else { 1 });
        trail.extend(names.filter_map(|name| Some(site.pages.get(name)?.key.clone())).next());
        if at.is_empty() {
            break;
        }
        at = folder(at.trim_end_matches('/'));
    }
    trail.reverse();
    trail
}

/// What lists need to know of a page.
#[derive(Debug, Clone, Copy)]
struct Row {
    card: Fp,
    meta: Fp,
    address: Fp,
    sitemap: Fp,
    page: Fp,
    outline: Fp,
    /// The names of its terms.
    terms: Fp,
    weight: i64,
    date: Option<Date>,
    has_image: bool,
    has_event: bool,
    year: Option<i16>,
    has_menu: bool,
    has_sources: bool,
    has_off: bool,
}

impl Row {
    fn of(page: &Page) -> Row {
        let meta = page.meta();
        Row {
            card: page.card.fp(),
            meta: page.meta_fp,
            address: page.address_fp,
            sitemap: page.sitemap_fp,
            page: page.fp(),
            outline: page.outline_fp,
            terms: page.terms_fp,
            weight: page.card.weight.unwrap_or(i64::MAX),
            date: page.card.date,
            has_image: meta.image.is_some(),
            has_event: page.card.event.is_some(),
            year: page.card.year,
            has_menu: !meta.menu.is_empty(),
            has_sources: !meta.sources.is_empty(),
            has_off: !meta.off.is_empty(),
        }
    }
}

/// The rows of all pages, and the orders that follow from them. Read from here, what every list needs lies
/// together and not all over the memory; and what did not change since the last assembly is copied.
#[derive(Debug)]
struct Table {
    /// The pages as they were when the rows were made: since then, texts may have changed.
    pages: Pages,
    rows: Vec<Row>,
    /// The places in the order of sections and terms.
    order: Vec<u32>,
    /// By language, the newest first.
    newest: BTreeMap<String, Arc<Vec<u32>>>,
}

/// With more pages than that to be put in their places, a list is sorted as a whole.
const MOST_MOVED: usize = 64;

/// The list with the pages of `moved` taken out, and with those put in again that belong there.
fn repaired(
    list: &[u32],
    moved: &[u32],
    belongs: impl Fn(u32) -> bool,
    order: impl Fn(u32, u32) -> Ordering,
) -> Vec<u32> {
    let mut list: Vec<u32> = list.iter().filter(|place| !moved.contains(place)).copied().collect();
    for place in moved.iter().copied().filter(|place| belongs(*place)) {
        let at = list.partition_point(|other| order(*other, place) == Ordering::Less);
        list.insert(at, place);
    }
    list
}

impl Table {
    /// The rows; those of pages that are the very same are taken from `last`, whose pages have the same names.
    fn rows(pages: &Pages, last: Option<&Last>) -> Vec<Row> {
        let row = |(page, place): (&Arc<Page>, u32)| {
            let known = last.and_then(|last| Some((last.table.pages.at(place)?, &last.table.rows)));
            match known.filter(|(old, _)| Arc::ptr_eq(old, page)) {
                Some((_, rows)) => rows[place as usize],
                None => Row::of(page),
            }
        };
        match last {
            // Nearly all are copied.
            Some(_) => pages.iter().zip(0..).map(row).collect(),
            None => {
                let all: Vec<(&Arc<Page>, u32)> = pages.iter().zip(0..).collect();
                all.into_par_iter().with_min_len(256).map(row).collect()
            }
        }
    }

    /// The places of the pages whose cards are others in `rows`, which are those of the same pages; nothing
    /// if there are so many that sorting all of them is no more work.
    fn moved(&self, rows: &[Row]) -> Option<Vec<u32>> {
        let both = self.rows.iter().zip(rows).zip(0..);
        let moved: Vec<u32> =
            both.filter(|((old, new), _)| old.card != new.card).map(|(_, place)| place).collect();
        (moved.len() <= MOST_MOVED).then_some(moved)
    }

    /// The places of the few pages for which that is so.
    fn places(rows: &[Row], has: impl Fn(&Row) -> bool) -> Vec<u32> {
        rows.iter().zip(0..).filter(|(row, _)| has(row)).map(|(_, place)| place).collect()
    }

    /// Whether a fact is the same for all pages of both.
    fn is_same<T: PartialEq>(rows: &[Row], others: &[Row], fact: impl Fn(&Row) -> T) -> bool {
        rows.len() == others.len() && rows.iter().zip(others).all(|(a, b)| fact(a) == fact(b))
    }
}

impl Site {
    /// Finds all that follows from the pages being together. `last` had pages of the same names.
    fn complete(
        &mut self,
        mut index: Index,
        data_files: &BTreeMap<String, String>,
        search: bool,
        last: Option<&Last>,
    ) -> Table {
        let mut rows = Table::rows(&self.pages, last);
        let same_outline =
            |last: &&Last| Table::is_same(&rows, &last.table.rows, |row| row.outline);
        let last = last.filter(same_outline);
        match last {
            Some(last) => {
                (index.by_path, index.trails) =
                    (last.index.by_path.clone(), last.index.trails.clone());
                index.languages.clone_from(&last.index.languages);
            }
            None => index.know_pages(self),
        }
        self.index = Arc::new(index);
        self.resolve_pictures(&mut rows);
        let known = last.and_then(|last| Some((&*last.table, last.table.moved(&rows)?)));
        let pages = &self.pages;
        let order = match &known {
            Some((table, moved)) => {
                repaired(&table.order, moved, |_| true, |a, b| in_reading_order(pages, &rows, a, b))
            }
            None => reading_order(pages, &rows),
        };
        let newest = |lang: &String| match &known {
            Some((table, moved)) => {
                let belongs = |place: u32| is_dated(pages, &rows, lang, place);
                let list = table.newest.get(lang).map_or(&[][..], |list| list);
                repaired(list, moved, belongs, |a, b| by_date(pages, &rows, a, b))
            }
            None => newest_first(pages, &rows, lang),
        };
        let languages = self.index.languages.iter();
        let newest = languages.map(|lang| (lang.clone(), Arc::new(newest(lang)))).collect();
        let table = Table { pages: self.pages.clone(), rows, order, newest };
        self.list_pages(&table, last);
        self.check_terms();
        self.check_defaults();
        self.find_weeks();
        self.find_campaign_pages(&table.rows);
        self.know_generated_paths();
        if search {
            self.know_searches();
        }
        self.resolve_menus(&Table::places(&table.rows, |row| row.has_menu));
        self.check_sources(data_files, &Table::places(&table.rows, |row| row.has_sources));
        let facts = self.facts(&table.rows);
        let sitemap: Vec<Fp> = table.rows.iter().map(|row| row.sitemap).collect();
        let globals = globals(&self.config, self.index.has_media());
        let index = self.index_mut();
        (index.facts, index.sitemap, index.globals) = (facts, Fp::join(&sitemap), globals);
        index.switching = Table::places(&table.rows, |row| row.has_off);
        let fps = table.rows.iter().zip(&*self.index.trails);
        self.page_fps =
            Arc::new(fps.map(|(row, trail)| Fp::join(&[row.page, trail.fp()])).collect());
        table
    }

    /// Puts another text of a page in its place; nothing else about it is different.
    fn replace_text(&mut self, page: &Arc<Page>) {
        let Some(place) = self.pages.place(&page.key) else { return };
        let mut page = page.clone();
        let pictured = &self.index.pictured;
        if let Ok(at) = pictured.binary_search_by_key(&place, |(place, _)| *place) {
            Arc::make_mut(&mut page).card = pictured[at].1.clone();
        }
        Arc::make_mut(&mut self.page_fps)[place as usize] = self.index.page_fp(&page, place);
        self.pages.replace(place, page);
    }

    fn index_mut(&mut self) -> &mut Index {
        Arc::get_mut(&mut self.index).expect("nobody shares an index that is not complete")
    }

    /// The fingerprints of all that can be asked, kind by kind.
    fn facts(&self, rows: &[Row]) -> Facts {
        let index = &self.index;
        let mut addresses: Vec<Fp> = rows.iter().map(|row| row.address).collect();
        let mut paths: Vec<&String> = index.file_paths.iter().collect();
        paths.sort_unstable();
        let others = (&index.files, &index.aliases, &index.held_back, paths);
        addresses.extend([self.config.fp(), Fp::of(&others)]);
        let cards = rows.iter().flat_map(|row| [row.card, row.meta]);
        let data = self.data.iter().map(|(name, data)| Fp::of(&(name, data.fp())));
        let data = Fp::join(&data.collect::<Vec<Fp>>());
        Facts::new(|about| match about {
            About::Addresses => Fp::join(&addresses),
            About::Cards => Fp::join(&cards.clone().chain([self.config.fp()]).collect::<Vec<_>>()),
            // With their names: a menu that is renamed is another answer to two questions.
            About::Menus => Fp::join(
                &index
                    .menus
                    .iter()
                    .flat_map(|(lang, menus)| menus.iter().map(move |menu| (lang, menu)))
                    .map(|(lang, (name, menu))| Fp::of(&(lang, name, menu.fp())))
                    .collect::<Vec<_>>(),
            ),
            About::Data => data,
            About::Weeks => Fp::of(&(self.config.fp(), self.today, data)),
            About::Texts => Fp::default(),
            // What is in a file is known to `gallery`.
            About::Pictures => Fp::default(),
            // They follow from the cards.
            About::Neighbors => Fp::default(),
        })
    }

    // ---- lists ----------------------------------------------------------------------------------

    /// The pages of each section in order, their neighbours, the dated pages, and those of each term. Where
    /// the orders and terms are those of `last`, only the cards in the lists may be others.
    fn list_pages(&mut self, table: &Table, last: Option<&Last>) {
        let cards: Vec<Fp> = table.rows.iter().map(|row| row.card).collect();
        let listing = |places: &Arc<Vec<u32>>| listing_of(places.clone(), &cards);
        let dated = table.newest.iter().map(|(lang, places)| (lang.clone(), listing(places)));
        let dated: BTreeMap<String, Listing> = dated.collect();
        let same = |last: &&Last| {
            last.index.languages == self.index.languages
                && last.table.order == table.order
                && Table::is_same(&table.rows, &last.table.rows, |row| row.terms)
        };
        let (listings, neighbors, taxonomies) = match last.filter(same) {
            Some(last) => {
                let old = &last.index;
                let listings =
                    old.listings.iter().map(|(key, list)| (key.clone(), listing(&list.places)));
                let terms = |list: &TermList| {
                    let terms = list.terms.iter().cloned();
                    let terms =
                        terms.map(|term| Term { pages: listing(&term.pages.places), ..term });
                    let (path, clashes) = (list.path.clone(), list.clashes.clone());
                    TermList { path, terms: terms.collect(), clashes, fp: list.fp }
                };
                let taxonomies =
                    old.taxonomies.iter().map(|(key, list)| (key.clone(), terms(list)));
                (listings.collect(), old.neighbors.clone(), taxonomies.collect())
            }
            None => {
                let sections = || self.sections(&table.order, &cards);
                let terms = || self.group_by_terms(&table.order, &cards);
                let ((listings, neighbors), taxonomies) = rayon::join(sections, terms);
                (listings, neighbors, taxonomies)
            }
        };
        let index = self.index_mut();
        (index.listings, index.neighbors) = (listings, neighbors);
        (index.dated, index.taxonomies, index.cards) = (dated, taxonomies, cards);
    }

    /// The pages of each section, and the neighbours of each page.
    #[expect(clippy::type_complexity, reason = "the two go straight into the index")]
    fn sections(
        &self,
        order: &[u32],
        cards: &[Fp],
    ) -> (ByName<Key, Listing>, Arc<Vec<(Option<u32>, Option<u32>)>>) {
        let mut children: ByName<&Key, Vec<u32>> = ByName::default();
        for place in order {
            if let Some(section) = self.index.trails[*place as usize].last() {
                children.entry(section).or_default().push(*place);
            }
        }
        let mut neighbors = vec![(None, None); order.len()];
        let mut listings = ByName::with_capacity_and_hasher(children.len(), Default::default());
        #[expect(clippy::iter_over_hash_type, reason = "each entry is handled on its own")]
        for (section, places) in children {
            for (i, place) in places.iter().enumerate() {
                let before = i.checked_sub(1).map(|i| places[i]);
                neighbors[*place as usize] = (before, places.get(i + 1).copied());
            }
            listings.insert(section.clone(), listing_of(Arc::new(places), cards));
        }
        (listings, Arc::new(neighbors))
    }

    /// The terms of each taxonomy and language; `order` is that of the pages of each.
    fn group_by_terms(&self, order: &[u32], cards: &[Fp]) -> BTreeMap<(String, String), TermList> {
        let mut taxonomies = BTreeMap::new();
        for taxonomy in &self.config.taxonomies {
            // The terms lie with their pages, all over the memory: two threads wait for them half as long.
            let parts: Vec<ByLangAndTerm<'_>> =
                order.par_chunks(TOGETHER).map(|some| self.by_term(&taxonomy.name, some)).collect();
            let mut found = ByLangAndTerm::new();
            for (lang, by_term) in parts.into_iter().flatten() {
                let all = found.entry(lang).or_default();
                #[expect(clippy::iter_over_hash_type, reason = "each goes to a list of its own")]
                for (term, mut places) in by_term {
                    all.entry(term).or_default().append(&mut places);
                }
            }
            for (lang, by_term) in found {
                let config = &self.config;
                let path = format!("{}/{}/", language_prefix(config, lang), named(&taxonomy.name));
                let list = term_list(path, by_term.into_iter().collect(), order, cards);
                taxonomies.insert((lang.to_string(), taxonomy.name.clone()), list);
            }
        }
        taxonomies
    }

    /// The pages of some places by the terms that they have.
    fn by_term(&self, taxonomy: &str, places: &[u32]) -> ByLangAndTerm<'_> {
        let mut found = ByLangAndTerm::new();
        for place in places {
            let Some(page) = self.pages.at(*place) else { continue };
            let terms = page.meta().terms_of(taxonomy);
            let Some(terms) = terms.filter(|terms| !terms.is_empty()) else { continue };
            let by_term = found.entry(&page.card.lang).or_default();
            for (term, _) in terms {
                by_term.entry(term).or_default().push(*place);
            }
        }
        found
    }

    /// Two words that come to one address would be one term, and one of them would never be read.
    fn check_terms(&mut self) {
        let mut problems = Vec::new();
        for ((lang, taxonomy), list) in &self.index.taxonomies {
            for (term, first) in &list.clashes {
                for page in self.pages.iter().filter(|page| page.card.lang == *lang) {
                    let span = |meta: &FrontMatter| {
                        let terms = meta.terms_of(taxonomy)?;
                        terms.iter().find(|(name, _)| name == term).map(|(_, span)| *span)
                    };
                    let own = page.doc.as_ref().and_then(|doc| span(&doc.meta));
                    // Among the folder's defaults it is told where it stands, once for each page.
                    let Some(span) = own.or_else(|| span(page.meta())) else { continue };
                    let file = if own.is_some() { &*page.file } else { config::FILE };
                    let address = format!("{}{}/", list.path, named(term));
                    problems.push(
                        Diagnostic::at(
                            Code::SameAddress,
                            file,
                            span,
                            format!("\"{term}\" and \"{first}\" would both be at {address}."),
                        )
                        .hint("Addresses have letters, digits and hyphens only: write one of the two with other words."),
                    );
                }
            }
        }
        problems.dedup();
        self.index_mut().problems.append(&mut problems);
    }

    /// Front matter for a folder in which there is no page.
    fn check_defaults(&mut self) {
        let config = self.config.clone();
        let keys = || {
            let held = self.index.held_back.keys().map(|key| &**key);
            self.pages.iter().filter(|page| page.doc.is_some()).map(|page| &*page.key).chain(held)
        };
        let mut problems = Vec::new();
        for ((folder, _), span) in config.defaults.iter().zip(&config.defaults_spans) {
            if folder.is_empty() || keys().any(|key| key.starts_with(folder.as_str())) {
                continue;
            }
            let folders: BTreeSet<&str> =
                keys().filter_map(|key| Some(key.rsplit_once('/')?.0)).collect();
            let name = folder.trim_end_matches('/');
            problems.push(
                Diagnostic::at(
                    Code::NoEffect,
                    config::FILE,
                    *span,
                    format!(
                        "There is no page in content/{folder}, so these settings have no effect."
                    ),
                )
                .maybe_hint(nearest(name, folders).map(|near| format!("Did you mean \"{near}\"?"))),
            );
        }
        self.index_mut().problems.append(&mut problems);
    }

    /// Paths that links may lead to although no file of `content/` is behind them.
    fn know_generated_paths(&mut self) {
        let made = super::made::all(self);
        let (config, index) = (self.config.clone(), self.index_mut());
        index.file_paths.extend(made.iter().map(|(path, _)| path.clone()));
        index.made = made;
        index.file_paths.extend(["/robots.txt", "/404.html"].map(String::from));
        if config.base_url.is_some() {
            index.file_paths.extend(["/feed.xml", "/sitemap.xml"].map(String::from));
            let languages = config.languages.iter();
            index.file_paths.extend(languages.map(|l| format!("/{}/feed.xml", l.code)));
        }
        index.file_paths.extend(index.files.values().cloned());
        for list in index.taxonomies.values() {
            index.file_paths.insert(list.path.clone());
            index.file_paths.extend(list.terms.iter().map(|term| term.path.clone()));
        }
    }

    /// The pages to search the site, and their indexes. A page of the site at that address is meant instead; it
    /// may have the template of the search, and then needs the index.
    fn know_searches(&mut self) {
        let languages = self.index.languages.clone();
        for lang in languages {
            let path = search_path(&self.config, &lang);
            let own = self.page_at(&path).and_then(|page| page.meta().template.clone());
            let is_made = self.page_at(&path).is_none();
            if is_made || own.is_some_and(|(name, _)| name.trim_end_matches(".html") == "search") {
                let index = format!("{path}index.{lang}.js");
                let index_of_site = self.index_mut();
                index_of_site.file_paths.extend([path, index]);
                index_of_site.searches.insert(lang, is_made);
            }
        }
    }

    // ---- menus --------------------------------------------------------------------------------

    fn resolve_menus(&mut self, with_menu: &[u32]) {
        let config = self.config.clone();
        let mut languages = vec![config.language.clone()];
        languages.extend(config.languages.iter().map(|language| language.code.clone()));
        for lang in &languages {
            let own =
                config.language_named(lang).map(|l| &l.menus).filter(|menus| !menus.is_empty());
            let menus = own.unwrap_or(&config.menus);
            let names: BTreeSet<&str> =
                menus.keys().map(String::as_str).chain(USUAL_MENUS).collect();
            let says = *lang == config.language || own.is_some();
            for name in names {
                let mut entries = match menus.get(name) {
                    Some(items) => self.menu_entries(items, lang, says),
                    // Without a word in site.yaml, the main menu is what the home page lists.
                    None if name == "main" => self.default_menu(lang),
                    None => Vec::new(),
                };
                self.add_menu_places(name, lang, with_menu, &mut entries);
                let menu = Hashed::new(entries);
                let menus = self.index_mut().menus.entry(lang.clone()).or_default();
                menus.insert(name.to_string(), menu);
            }
        }
        self.check_menu_places(with_menu);
    }

    fn menu_entries(&mut self, items: &[MenuItem], lang: &str, says: bool) -> Vec<MenuEntry> {
        items.iter().filter_map(|item| self.menu_entry(item, lang, says)).collect()
    }

    fn menu_entry(&mut self, item: &MenuItem, lang: &str, says: bool) -> Option<MenuEntry> {
        let outside = crate::parse::markdown::is_outside(&item.target);
        let to = if outside && !item.is_page {
            MenuTarget::Outside(item.target.clone())
        } else {
            let home: Key = match lang {
                lang if lang == self.config.language => "_index.md".into(),
                lang => format!("_index.{lang}.md").as_str().into(),
            };
            match self.resolve(&home, &item.target, LinkTo::Page) {
                Target::Page { key, path, .. } => MenuTarget::Page(key, path.to_string()),
                Target::Here(_) => MenuTarget::Page(home, "/".into()),
                Target::File { path, rest } => MenuTarget::Path(path + &rest),
                Target::Broken(broken) => {
                    if says {
                        // A page that is held back leaves the menu by itself.
                        let (code, hint) = if broken.held_back {
                            let hint = "Until the page is published, the menu goes without it.";
                            (Code::HeldBackLink, Some(hint.to_string()))
                        } else {
                            (Code::BrokenLink, broken.hint)
                        };
                        let file = config::FILE;
                        self.index_mut().problems.push(
                            Diagnostic::at(code, file, item.span, broken.message).maybe_hint(hint),
                        );
                    }
                    return None;
                }
            }
        };
        let title = item.title.clone().or_else(|| match &to {
            MenuTarget::Page(key, _) => self.page(key).map(|page| page.card.title.to_string()),
            _ => None,
        });
        let mut children = self.menu_entries(&item.children, lang, says);
        if let (true, MenuTarget::Page(key, _)) = (item.lists_pages, &to) {
            children = self.entries_of(key);
        }
        Some(MenuEntry { title: title.unwrap_or_else(|| item.target.clone()), to, children })
    }

    fn default_menu(&self, lang: &str) -> Vec<MenuEntry> {
        let home = if lang == self.config.language {
            "_index.md".into()
        } else {
            format!("_index.{lang}.md")
        };
        self.entries_of(&home)
    }

    /// An entry for each page of a section.
    fn entries_of(&self, section: &str) -> Vec<MenuEntry> {
        let places = self.listing(section).map_or(&[][..], |listing| &listing.places);
        places.iter().filter_map(|place| self.pages.at(*place)).map(|page| entry_of(page)).collect()
    }

    /// Adds the pages that ask for a place in the menu.
    fn add_menu_places(
        &self,
        name: &str,
        lang: &str,
        with_menu: &[u32],
        entries: &mut Vec<MenuEntry>,
    ) {
        let mut places: Vec<(i64, MenuEntry)> = Vec::new();
        let pages = with_menu.iter().filter_map(|place| self.pages.at(*place));
        for page in pages.filter(|page| page.card.lang == lang) {
            for place in page.meta().menu.iter().filter(|place| place.menu == name) {
                let mut entry = entry_of(page);
                if let Some(title) = &place.title {
                    entry.title.clone_from(title);
                }
                places.push((place.weight.or(page.card.weight).unwrap_or(i64::MAX), entry));
            }
        }
        places.sort_by(|a, b| (a.0, &a.1.title).cmp(&(b.0, &b.1.title)));
        entries.extend(places.into_iter().map(|(_, entry)| entry));
    }

    fn check_menu_places(&mut self, with_menu: &[u32]) {
        let known: BTreeSet<&str> =
            self.config.menus.keys().map(String::as_str).chain(USUAL_MENUS).collect();
        let mut problems = Vec::new();
        for page in with_menu.iter().filter_map(|place| self.pages.at(*place)) {
            let places = page.meta().menu.iter();
            for place in places.filter(|place| !known.contains(place.menu.as_str())) {
                let near = nearest(&place.menu, known.iter().copied());
                problems.push(
                    Diagnostic::at(
                        Code::UnknownMenu,
                        &page.file,
                        place.span,
                        format!("site.yaml has no menu \"{}\".", place.menu),
                    )
                    .hint(match near {
                        Some(near) => format!("Did you mean \"{near}\"?"),
                        None => format!("There are {}.", list(known.iter().copied())),
                    }),
                );
            }
        }
        self.index_mut().problems.append(&mut problems);
    }

    // ---- pictures, sources, weeks -------------------------------------------------------------

    /// The picture of each page, resolved; this makes its card anew.
    fn resolve_pictures(&mut self, rows: &mut [Row]) {
        let (mut pictured, mut problems) = (Vec::new(), Vec::new());
        for place in Table::places(rows, |row| row.has_image) {
            let Some(page) = self.pages.at(place) else { continue };
            let Some(Image { src, alt, span }) = &page.meta().image else { continue };
            let at = |message| Diagnostic::at(Code::MissingFile, &page.file, *span, message);
            match self.resolve(&page.key, src, LinkTo::File) {
                Target::File { path, .. } => {
                    let picture = Picture { path, alt: alt.clone() };
                    let card = Card { image: Some(picture), ..(**page.card).clone() };
                    pictured.push((place, Arc::new(Hashed::new(card))));
                }
                Target::Broken(broken) => problems.push(at(broken.message).maybe_hint(broken.hint)),
                _ => problems.push(at(format!("\"{src}\" is a page, not a picture."))),
            }
        }
        if !pictured.is_empty() {
            let mut list: Vec<Arc<Page>> = self.pages.iter().cloned().collect();
            for (place, card) in &pictured {
                let page = &mut list[*place as usize];
                Arc::make_mut(page).card = card.clone();
                rows[*place as usize] = Row::of(page);
            }
            self.pages.list = Arc::new(list);
        }
        let index = self.index_mut();
        index.problems.append(&mut problems);
        index.pictured = pictured;
    }

    fn check_sources(&mut self, data_files: &BTreeMap<String, String>, with_sources: &[u32]) {
        let known = self.data.get("sources").map(|data| &***data);
        // A list that cannot be read is told already.
        if known == Some(&Data::Null) {
            return;
        }
        let names: Vec<&str> = match known {
            Some(Data::Map(entries)) => entries.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        };
        let file = data_files.get("sources").map_or("content/_data/sources.yaml", String::as_str);
        let mut problems = Vec::new();
        for page in with_sources.iter().filter_map(|place| self.pages.at(*place)) {
            for source in &page.meta().sources {
                let SourceRef::Named(name, span) = source else { continue };
                if names.contains(&name.as_str()) {
                    continue;
                }
                let hint = match nearest(name, names.iter().copied()) {
                    Some(near) => format!("Did you mean \"{near}\"?"),
                    None => format!("Add \"{name}\" to {file}, or write title and url here."),
                };
                problems.push(
                    Diagnostic::at(
                        Code::UnknownSource,
                        &page.file,
                        *span,
                        format!("{file} has no source \"{name}\"."),
                    )
                    .hint(hint),
                );
            }
        }
        self.index_mut().problems.append(&mut problems);
    }

    fn find_weeks(&mut self) {
        let Some(campaign) = &self.config.campaign else { return };
        let years = self.data.get(week::YEARS).map(|data| &***data);
        let weeks = week::known_years(years)
            .into_iter()
            .filter_map(|year| week::week(campaign, years, year, self.today))
            .map(Hashed::new)
            .collect();
        let current = week::current(campaign, years, self.today).map(Hashed::new);
        let index = self.index_mut();
        (index.weeks, index.current_week) = (weeks, current);
    }

    /// The pages of years and of events, and what is odd about them.
    fn find_campaign_pages(&mut self, rows: &[Row]) {
        let mut year_pages: BTreeMap<(String, i16), u32> = BTreeMap::new();
        let mut events: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut problems = Vec::new();
        for (row, place) in rows.iter().zip(0..) {
            let Some(page) = self.pages.at(place).filter(|_| row.has_event || row.year.is_some())
            else {
                continue;
            };
            let lang = page.card.lang.clone();
            if row.has_event {
                events.entry(lang.clone()).or_default().push(place);
                problems.extend(self.event_outside(page));
                problems.extend(self.event_twin(page));
            }
            let Some(year) = row.year else { continue };
            match year_pages.entry((lang, year)) {
                Entry::Vacant(entry) => {
                    entry.insert(place);
                }
                Entry::Occupied(entry) => {
                    let other = self.pages.at(*entry.get()).map_or("another page", |p| &*p.file);
                    let span = page.meta().year.map(|(_, span)| span).unwrap_or_default();
                    let message = format!("{other} is the page of {year} already.");
                    problems.push(
                        Diagnostic::at(Code::SameAddress, &page.file, span, message)
                            .hint("Take \"year\" out of one of the two."),
                    );
                }
            }
        }
        let pages = &self.pages;
        let listing = |(lang, mut places): (String, Vec<u32>)| {
            places.sort_by(|a, b| {
                let start = |place: u32| pages.at(place)?.card.event.as_ref().map(|e| e.starts());
                start(*a).cmp(&start(*b)).then_with(|| by_title(pages, *a, *b))
            });
            let fps: Vec<Fp> = places.iter().map(|place| rows[*place as usize].card).collect();
            (lang, Listing { places: Arc::new(places), fp: Fp::join(&fps) })
        };
        let events = events.into_iter().map(listing).collect();
        problems.extend(self.years_without_dates());
        let index = self.index_mut();
        (index.events, index.year_pages) = (events, year_pages);
        index.problems.append(&mut problems);
    }

    /// An event on a day on which the observance is not.
    fn event_outside(&self, page: &Page) -> Option<Diagnostic> {
        let event = page.card.event.as_ref()?;
        let (first, last) = event.days();
        let year = first.year();
        let weeks: Vec<_> = [year - 1, year].iter().filter_map(|y| self.week(Some(*y))).collect();
        let nearest = weeks.last()?;
        if weeks.iter().any(|week| last >= week.first && first <= week.last) {
            return None;
        }
        let day = first.print("long", "en").unwrap_or_default();
        Some(
            Diagnostic::at(
                Code::EventOutside,
                &page.file,
                event.span,
                format!("{day} is not in {}, which is {}.", nearest.name, nearest.range("en")),
            )
            .hint("Correct the date. If it is right, say so on this page: checks: {off: {W606: \"The reason\"}}."),
        )
    }

    /// An event whose time, place or state another language tells in another way.
    fn event_twin(&self, page: &Page) -> Option<Diagnostic> {
        if page.card.lang == self.config.language {
            return None;
        }
        let twins = self.translations(&page.key);
        let (_, main) = twins.iter().find(|(lang, _)| *lang == self.config.language)?;
        let own = page.card.event.as_ref()?;
        let at = |message: String| {
            Diagnostic::at(Code::EventTwins, &page.file, own.span, message)
                .hint(format!("Write the same as in {}, or correct it there.", main.file))
        };
        let Some(other) = &main.card.event else {
            return Some(at(format!("{} is the same page and no event.", main.file)));
        };
        let what = if (&own.start, &own.end) != (&other.start, &other.end) {
            "another time"
        } else if own.status != other.status {
            "another state"
        } else {
            return None;
        };
        Some(at(format!("{} says {what} of this event.", main.file)))
    }

    /// The next years for which neither the rule nor `years.yaml` gives dates.
    fn years_without_dates(&self) -> Option<Diagnostic> {
        let campaign = self.config.campaign.as_ref()?;
        if campaign.rule == crate::calendar::Rule::Announced {
            return None;
        }
        let year = self.today.year();
        let missing: Vec<String> = (year..year + 5)
            .filter(|year| self.week(Some(*year)).is_none())
            .map(|year| year.to_string())
            .collect();
        let years = missing.join(", ");
        (!missing.is_empty()).then(|| {
            Diagnostic::at(
                Code::NoDates,
                config::FILE,
                campaign.rule_span,
                format!("This rule has no dates in {years}."),
            )
            .hint("Write \"start\" and \"end\" of those years into content/_data/years.yaml, or change the rule.")
        })
    }
}

fn entry_of(page: &Page) -> MenuEntry {
    MenuEntry {
        title: page.card.title.to_string(),
        to: MenuTarget::Page(page.key.clone(), page.card.path.to_string()),
        children: Vec::new(),
    }
}

/// A list with the fingerprint of its cards.
fn listing_of(places: Arc<Vec<u32>>, cards: &[Fp]) -> Listing {
    let fps: Vec<Fp> = places.iter().map(|place| cards[*place as usize]).collect();
    Listing { places, fp: Fp::join(&fps) }
}

fn term_list(
    path: String,
    by_term: BTreeMap<&str, Vec<u32>>,
    order: &[u32],
    cards: &[Fp],
) -> TermList {
    // Spellings that lead to one address are one term; the first in the alphabet names it.
    let mut by_slug: BTreeMap<String, (&str, Vec<u32>)> = BTreeMap::new();
    let mut clashes = Vec::new();
    for (term, places) in by_term {
        match by_slug.entry(named(term)) {
            Entry::Vacant(entry) => {
                let mut places = places;
                places.dedup();
                entry.insert((term, places));
            }
            Entry::Occupied(mut entry) => {
                let first = entry.get().0;
                if spoken(first) != spoken(term) {
                    clashes.push((term.to_string(), first.to_string()));
                }
                let all: HashSet<u32> = entry.get().1.iter().chain(&places).copied().collect();
                entry.get_mut().1 =
                    order.iter().filter(|place| all.contains(place)).copied().collect();
            }
        }
    }
    let mut terms: Vec<Term> = by_slug
        .into_iter()
        .map(|(slug, (title, places))| Term {
            title: title.to_string(),
            path: format!("{path}{slug}/"),
            slug,
            pages: listing_of(Arc::new(places), cards),
        })
        .collect();
    terms.sort_by_cached_key(|term| (term.title.to_lowercase(), term.slug.clone()));
    let shown: Vec<_> = terms.iter().map(|t| (&t.title, &t.path, t.pages.places.len())).collect();
    let fp = Fp::of(&shown);
    TermList { path, terms, clashes, fp }
}

/// A term without what people write one way or another: capital letters, spaces, hyphens, `&` for `and`.
fn spoken(term: &str) -> String {
    let term = term.to_lowercase().replace('&', "and");
    term.chars().filter(|c| !c.is_whitespace() && !"-–_.,'’\"/".contains(*c)).collect()
}

/// The places of all pages by weight, then newest, then title: always the same order, whatever the disk
/// says.
fn reading_order(pages: &Pages, rows: &[Row]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).take(rows.len()).collect();
    order.par_sort_unstable_by(|a, b| in_reading_order(pages, rows, *a, *b));
    order
}

fn in_reading_order(pages: &Pages, rows: &[Row], a: u32, b: u32) -> Ordering {
    let numbers = |place: u32| (rows[place as usize].weight, Reverse(rows[place as usize].date));
    // Numbers decide mostly; titles lie elsewhere in memory.
    numbers(a).cmp(&numbers(b)).then_with(|| by_title(pages, a, b))
}

/// The places of the pages of a language that have a date, newest first.
fn newest_first(pages: &Pages, rows: &[Row], lang: &str) -> Vec<u32> {
    let all = (0..).take(rows.len());
    let mut dated: Vec<u32> = all.filter(|place| is_dated(pages, rows, lang, *place)).collect();
    dated.par_sort_unstable_by(|a, b| by_date(pages, rows, *a, *b));
    dated
}

fn is_dated(pages: &Pages, rows: &[Row], lang: &str, place: u32) -> bool {
    rows[place as usize].date.is_some()
        && pages.at(place).is_some_and(|page| page.card.lang == lang)
}

fn by_date(pages: &Pages, rows: &[Row], a: u32, b: u32) -> Ordering {
    let date = |place: u32| rows[place as usize].date;
    date(b).cmp(&date(a)).then_with(|| by_title(pages, a, b))
}

/// By title; places are in the order of names, which decides between equal titles.
fn by_title(pages: &Pages, a: u32, b: u32) -> Ordering {
    let title = |place: u32| pages.at(place).map(|page| &*page.card.title);
    title(a).cmp(&title(b)).then(a.cmp(&b))
}

/// A section that has no file: its title comes from the folder's name.
fn bare_section(key: Key, at: &str, path: String, lang: String, config: &Config) -> Page {
    let trimmed = at.trim_end_matches('/');
    let name = &trimmed[folder(trimmed).len()..];
    let kind = if at.is_empty() { Kind::Home } else { Kind::Section };
    let title = if at.is_empty() {
        config.title_in(&lang).to_string()
    } else {
        capital(&name.replace(['-', '_'], " "))
    };
    let card = Card {
        key: key.clone(),
        title: title.into(),
        description: None,
        path: path.into(),
        kind,
        lang,
        date: None,
        updated: None,
        reviewed: None,
        weight: None,
        year: None,
        event: None,
        audience: Vec::new(),
        image: None,
        summary: Arc::default(),
        status: Status::Published,
        in_search: true,
        extra: Vec::new(),
    };
    Page::new(key, format!("content/{at}").into(), card, None, None)
}

impl Site {
    /// The file in the output that holds a page.
    pub fn output_of(&self, page: &Page) -> String {
        output(&page.card.path)
    }
}
