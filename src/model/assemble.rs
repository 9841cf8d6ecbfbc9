//! Owns the making of a [`Site`] from parsed files: addresses, sections, lists, taxonomies, menus, and
//! the check that no two sources want one address. Must not know templates or the disk.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::address::{folder, output};
use super::lookup::Target;
use super::page::{Card, Key, Kind, Page, Picture, Status};
use super::{
    Alias, HeldBack, MenuEntry, MenuTarget, Parts, Site, Term, TermList, language_prefix, week,
};
use crate::config::{self, Config, MenuItem};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::fingerprint::{Fp, Hashed};
use crate::parse::Doc;
use crate::parse::front_matter::{FrontMatter, SourceRef};
use crate::parse::markdown::LinkTo;
use crate::slug::{capital, slug};
use crate::yaml::Data;

/// Menus that a theme asks for even if site.yaml does not name them.
const USUAL_MENUS: [&str; 2] = ["main", "footer"];

/// Language codes that are taken for a language when they stand before `.md`.
const LANGUAGES: [&str; 31] = [
    "ar", "bn", "de", "en", "es", "fa", "fr", "he", "hi", "hmn", "ht", "hy", "it", "ja", "km",
    "ko", "lo", "ne", "nl", "pa", "pl", "pt", "ru", "so", "sw", "ta", "tl", "uk", "ur", "vi", "zh",
];

/// Puts the site together.
pub fn assemble(parts: Parts) -> Site {
    let mut site = Site {
        config: parts.config,
        today: parts.today,
        pages: BTreeMap::new(),
        data: parts.data,
        files: BTreeMap::new(),
        aliases: Vec::new(),
        held_back: BTreeMap::new(),
        problems: Vec::new(),
        by_path: HashMap::new(),
        by_title: HashMap::new(),
        file_paths: HashSet::new(),
        listings: HashMap::new(),
        neighbors: HashMap::new(),
        dated: BTreeMap::new(),
        taxonomies: BTreeMap::new(),
        menus: BTreeMap::new(),
        weeks: Vec::new(),
        current_week: None,
        globals: Fp::default(),
    };
    let folders = Folders::new(&parts.docs, &site.config);
    site.add_pages(parts.docs, &folders, parts.unpublished);
    site.add_missing_sections(&folders);
    site.add_files(parts.files, &folders);
    site.index_pages();
    site.resolve_pictures();
    site.list_pages();
    site.group_by_terms();
    site.know_generated_paths();
    site.resolve_menus();
    site.check_sources(&parts.data_files);
    site.find_weeks();
    site.globals = globals(&site.config);
    site
}

/// What every page shows of site.yaml.
fn globals(config: &Config) -> Fp {
    let c = config;
    let words = (&c.title, &c.short_title, &c.tagline, &c.description, &c.base_url);
    let languages: Vec<_> = c
        .languages
        .iter()
        .map(|l| (&l.code, &l.name, &l.title, &l.tagline, &l.description))
        .collect();
    let main = (&c.language, &c.language_name);
    Fp::of(&(words, main, languages, &c.brand, &c.extra, c.links, c.check_links))
}

/// Name of a source without language and ending, and its language.
fn split_name<'a>(file_name: &'a str, config: &Config) -> (&'a str, Option<&'a str>) {
    let stem = file_name.strip_suffix(".md").unwrap_or(file_name);
    match stem.rsplit_once('.') {
        Some((name, lang)) if config.language_named(lang).is_some() => (name, Some(lang)),
        _ => (stem, None),
    }
}

/// Where the folders of `content/` are on the site.
struct Folders {
    /// Folder (empty or with a slash at the end) to its path on the site, in the main language.
    paths: HashMap<String, String>,
}

impl Folders {
    fn new(docs: &[(Key, Arc<Doc>)], config: &Config) -> Folders {
        // A folder's page may give it another name.
        let mut slugs: HashMap<&str, &str> = HashMap::new();
        for (key, doc) in docs {
            let (name, lang) = split_name(&key[folder(key).len()..], config);
            if let Some((slug, _)) = &doc.meta.slug
                && lang.is_none()
                && (name == "_index" || name == "index")
            {
                slugs.insert(folder(key), slug);
            }
        }
        let mut paths = HashMap::from([(String::new(), "/".to_string())]);
        let folders: BTreeSet<&str> = docs.iter().map(|(key, _)| folder(key)).collect();
        for folder in folders {
            Folders::add(folder, &slugs, &mut paths);
        }
        Folders { paths }
    }

    fn add(at: &str, slugs: &HashMap<&str, &str>, paths: &mut HashMap<String, String>) -> String {
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

impl Site {
    // ---- pages --------------------------------------------------------------------------------

    fn add_pages(&mut self, docs: Vec<(Key, Arc<Doc>)>, folders: &Folders, unpublished: bool) {
        let config = self.config.clone();
        for (key, doc) in docs {
            let file = format!("content/{key}");
            let name = key[folder(&key).len()..].to_string();
            let (stem, lang) = split_name(&name, &config);
            if lang.is_none() {
                self.check_language(stem, &file);
            }
            let lang = lang.unwrap_or(&config.language).to_string();
            let mut meta = doc.meta.clone();
            for (prefix, defaults) in &config.defaults {
                if key.starts_with(prefix.as_str()) {
                    meta.fill_from(defaults);
                }
            }
            let path = self.page_path(&key, stem, &lang, &meta, folders);
            let status = Status::of(&meta, self.today);
            if status != Status::Published {
                let title =
                    meta.title.as_ref().or(doc.body.title.as_ref()).cloned().unwrap_or_default();
                let held = HeldBack { title, file: file.clone(), path: path.clone(), status };
                self.held_back.insert(key.clone(), held);
                if !unpublished {
                    continue;
                }
            }
            let kind = match stem {
                "_index" if folder(&key).is_empty() => Kind::Home,
                "index" if folder(&key).is_empty() => Kind::Home,
                "_index" => Kind::Section,
                _ => Kind::Page,
            };
            let title = self.title_of(&doc, &meta, &file, &key);
            for (alias, span) in &meta.aliases {
                self.aliases.push(Alias {
                    path: alias.clone(),
                    to: key.clone(),
                    file: file.clone(),
                    span: *span,
                });
            }
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
                audience: meta.audience.clone().unwrap_or_default(),
                image: None,
                summary: doc.body.summary.clone(),
                status,
                in_search: meta.in_search.unwrap_or(true),
                extra: meta.extra.clone(),
            };
            let page = Page {
                key: key.clone(),
                file,
                card: Arc::new(Hashed::new(card)),
                doc: Some(doc),
                meta: Arc::new(Hashed::new(meta)),
                trail: Vec::new(),
            };
            self.pages.insert(key, page);
        }
    }

    fn title_of(&mut self, doc: &Doc, meta: &FrontMatter, file: &str, key: &Key) -> String {
        let title = meta.title.clone().or_else(|| doc.body.title.clone()).unwrap_or_default();
        // Where the settings have mistakes, a missing title is one of them and is told there.
        let in_settings = |code: Code| (Code::Yaml..=Code::MissingKey).contains(&code);
        let unreadable =
            doc.problems.iter().any(|p| in_settings(p.code) || p.code == Code::NotUtf8);
        if title.is_empty() && !unreadable {
            let hint = if doc.meta == FrontMatter::default() {
                "Begin the text with a heading (# The title), or the file with three lines: --- and title: The title and --- again."
            } else {
                "Add a line to the settings at the top: title: The title"
            };
            self.problems.push(
                Diagnostic::whole(Code::MissingTitle, file, "This page has no title.").hint(hint),
            );
        }
        if title.is_empty() { key.to_string() } else { title }
    }

    fn check_language(&mut self, stem: &str, file: &str) {
        let Some((_, code)) = stem.rsplit_once('.') else { return };
        // A region may follow: `pt-BR`.
        let main = code.split('-').next().unwrap_or(code);
        if LANGUAGES.contains(&main) && code != self.config.language {
            self.problems.push(
                Diagnostic::whole(
                    Code::UnknownLanguage,
                    file,
                    format!("This page is written in \"{code}\", but site.yaml does not name that language."),
                )
                .hint(format!("Add to site.yaml:  languages: {{{code}: {{name: …}}}}")),
            );
        }
    }

    fn page_path(
        &self,
        key: &Key,
        stem: &str,
        lang: &str,
        meta: &FrontMatter,
        folders: &Folders,
    ) -> String {
        let prefix = language_prefix(&self.config, lang);
        let at = folder(key);
        let base = folders.path(at).map_or("/", String::as_str);
        let slug = meta.slug.as_ref().map(|(slug, _)| slug.as_str());
        match (stem, slug) {
            // A twin in another language may have a name of its own; the main language's name is in
            // the folder's path already.
            ("_index" | "index", Some(slug)) if lang != self.config.language && !at.is_empty() => {
                let parent =
                    folders.path(folder(at.trim_end_matches('/'))).map_or("/", String::as_str);
                format!("{prefix}{parent}{slug}/")
            }
            ("_index" | "index", _) => format!("{prefix}{base}"),
            (_, Some(slug)) => format!("{prefix}{base}{slug}/"),
            (stem, None) => format!("{prefix}{base}{}/", named(stem)),
        }
    }

    /// A folder with pages but without a page of its own gets one, and so does each language's home.
    fn add_missing_sections(&mut self, folders: &Folders) {
        let config = self.config.clone();
        let mut wanted: BTreeSet<(String, String)> = BTreeSet::new();
        wanted.insert((String::new(), config.language.clone()));
        for page in self.pages.values() {
            let lang = &page.card.lang;
            wanted.insert((String::new(), lang.clone()));
            let mut at = folder(&page.key).to_string();
            while !at.is_empty() {
                if *lang == config.language {
                    wanted.insert((at.clone(), lang.clone()));
                }
                at = folder(at.trim_end_matches('/')).to_string();
            }
        }
        for (at, lang) in wanted {
            let suffix = if lang == config.language { String::new() } else { format!(".{lang}") };
            let names = [format!("{at}_index{suffix}.md"), format!("{at}index{suffix}.md")];
            let there = |name: &String| {
                // A section may be held back, but there is no site without a first page.
                self.pages.contains_key(name.as_str())
                    || (self.held_back.contains_key(name.as_str()) && !at.is_empty())
            };
            if names.iter().any(there) {
                continue;
            }
            let key: Key = names[0].as_str().into();
            let base = folders.path(&at).map_or("/", String::as_str);
            let path = format!("{}{base}", language_prefix(&config, &lang));
            self.pages.insert(key.clone(), bare_section(key, &at, path, lang, &config));
        }
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

    // ---- indexes ------------------------------------------------------------------------------

    fn index_pages(&mut self) {
        let trails: Vec<(Key, Vec<Key>)> =
            self.pages.values().map(|page| (page.key.clone(), self.trail_of(page))).collect();
        for (key, trail) in trails {
            if let Some(page) = self.pages.get_mut(&key) {
                page.trail = trail;
            }
        }
        for page in self.pages.values() {
            self.by_path.entry(page.card.path.clone()).or_insert_with(|| page.key.clone());
            self.by_title.entry(page.card.title.to_lowercase()).or_default().push(page.key.clone());
        }
    }

    /// The sections around a page, from the home page down.
    fn trail_of(&self, page: &Page) -> Vec<Key> {
        let lang = &page.card.lang;
        let suffix = if *lang == self.config.language { String::new() } else { format!(".{lang}") };
        let mut at = folder(&page.key).to_string();
        if matches!(page.card.kind, Kind::Section)
            || page.key.ends_with(&format!("/index{suffix}.md"))
        {
            at = folder(at.trim_end_matches('/')).to_string();
        }
        let mut trail = Vec::new();
        if page.card.kind == Kind::Home {
            return trail;
        }
        loop {
            let names = [format!("{at}_index{suffix}.md"), format!("{at}index{suffix}.md")];
            let found = names
                .iter()
                .take(if at.is_empty() { 2 } else { 1 })
                .find_map(|name| self.pages.get_key_value(name.as_str()));
            if let Some((key, _)) = found.filter(|(key, _)| **key != page.key) {
                trail.push(key.clone());
            }
            if at.is_empty() {
                break;
            }
            at = folder(at.trim_end_matches('/')).to_string();
        }
        trail.reverse();
        trail
    }

    /// The pages of each section in order, their neighbours, and the dated pages.
    fn list_pages(&mut self) {
        let mut children: HashMap<Key, Vec<&Page>> = HashMap::new();
        let mut dated: BTreeMap<String, Vec<&Page>> = BTreeMap::new();
        for page in self.pages.values() {
            if let Some(section) = page.section() {
                children.entry(section.clone()).or_default().push(page);
            }
            if page.card.date.is_some() {
                dated.entry(page.card.lang.clone()).or_default().push(page);
            }
        }
        let entry = |page: &&Page| (page.key.clone(), page.card.fp());
        let (mut listings, mut neighbors) = (HashMap::new(), HashMap::new());
        #[expect(clippy::iter_over_hash_type, reason = "each entry is handled on its own")]
        for (section, mut pages) in children {
            pages.sort_by(|a, b| reading_order(&a.card).cmp(&reading_order(&b.card)));
            for (i, page) in pages.iter().enumerate() {
                let before = i.checked_sub(1).map(|i| pages[i].key.clone());
                let after = pages.get(i + 1).map(|page| page.key.clone());
                neighbors.insert(page.key.clone(), (before, after));
            }
            listings.insert(section, Hashed::new(pages.iter().map(entry).collect()));
        }
        for (lang, mut pages) in dated {
            pages.sort_by(|a, b| {
                (b.card.date, &a.card.title, &a.key).cmp(&(a.card.date, &b.card.title, &b.key))
            });
            self.dated.insert(lang, Hashed::new(pages.iter().map(entry).collect()));
        }
        (self.listings, self.neighbors) = (listings, neighbors);
    }

    fn group_by_terms(&mut self) {
        let config = self.config.clone();
        for taxonomy in &config.taxonomies {
            // Language to slug to (title, pages).
            let mut found: BTreeMap<&str, BTreeMap<String, (String, Vec<&Page>)>> = BTreeMap::new();
            for page in self.pages.values() {
                for (term, _) in page.meta.terms.get(&taxonomy.name).into_iter().flatten() {
                    let by_slug = found.entry(page.card.lang.as_str()).or_default();
                    let (title, pages) =
                        by_slug.entry(named(term)).or_insert_with(|| (term.clone(), Vec::new()));
                    if *term < *title {
                        title.clone_from(term);
                    }
                    if pages.last().is_none_or(|last| last.key != page.key) {
                        pages.push(page);
                    }
                }
            }
            let mut lists = Vec::new();
            for (lang, by_slug) in found {
                let path = format!("{}/{}/", language_prefix(&config, lang), named(&taxonomy.name));
                lists.push((lang.to_string(), term_list(path, by_slug)));
            }
            for (lang, list) in lists {
                self.taxonomies.insert((lang, taxonomy.name.clone()), list);
            }
        }
    }

    /// Paths that links may lead to although no file of `content/` is behind them.
    fn know_generated_paths(&mut self) {
        self.file_paths.extend(["/robots.txt", "/404.html"].map(String::from));
        if self.config.base_url.is_some() {
            self.file_paths.extend(["/feed.xml", "/sitemap.xml"].map(String::from));
            let languages = self.config.languages.iter();
            self.file_paths.extend(languages.map(|l| format!("/{}/feed.xml", l.code)));
        }
        self.file_paths.extend(self.files.values().cloned());
        for list in self.taxonomies.values() {
            self.file_paths.insert(list.path.clone());
            self.file_paths.extend(list.terms.iter().map(|term| term.path.clone()));
        }
    }

    // ---- menus --------------------------------------------------------------------------------

    fn resolve_menus(&mut self) {
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
                self.add_menu_places(name, lang, &mut entries);
                self.menus.insert((lang.clone(), name.to_string()), Hashed::new(entries));
            }
        }
        self.check_menu_places();
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
                Target::Page { key, path, .. } => MenuTarget::Page(key, path),
                Target::Here(_) => MenuTarget::Page(home, "/".into()),
                Target::File { path, rest } => MenuTarget::Path(path + &rest),
                Target::Broken(broken) => {
                    // A page that is held back leaves the menu by itself.
                    if says && !broken.held_back {
                        self.problems.push(
                            Diagnostic::at(
                                Code::BrokenLink,
                                config::FILE,
                                item.span,
                                broken.message,
                            )
                            .maybe_hint(broken.hint),
                        );
                    }
                    return None;
                }
            }
        };
        let title = item.title.clone().or_else(|| match &to {
            MenuTarget::Page(key, _) => self.pages.get(key).map(|page| page.card.title.clone()),
            _ => None,
        });
        let mut children = self.menu_entries(&item.children, lang, says);
        if let (true, MenuTarget::Page(key, _)) = (item.lists_pages, &to) {
            let listing = self.listings.get(key).map_or(&[][..], |listing| listing);
            children =
                listing.iter().filter_map(|(key, _)| self.pages.get(key)).map(entry_of).collect();
        }
        Some(MenuEntry { title: title.unwrap_or_else(|| item.target.clone()), to, children })
    }

    fn default_menu(&self, lang: &str) -> Vec<MenuEntry> {
        let home = if lang == self.config.language {
            "_index.md".into()
        } else {
            format!("_index.{lang}.md")
        };
        let listing = self.listings.get(home.as_str()).map_or(&[][..], |listing| listing);
        listing.iter().filter_map(|(key, _)| self.pages.get(key)).map(entry_of).collect()
    }

    /// Adds the pages that ask for a place in the menu.
    fn add_menu_places(&self, name: &str, lang: &str, entries: &mut Vec<MenuEntry>) {
        let mut places: Vec<(i64, MenuEntry)> = Vec::new();
        for page in self.pages.values().filter(|page| page.card.lang == lang) {
            for place in page.meta.menu.iter().filter(|place| place.menu == name) {
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

    fn check_menu_places(&mut self) {
        let known: BTreeSet<&str> =
            self.config.menus.keys().map(String::as_str).chain(USUAL_MENUS).collect();
        for page in self.pages.values() {
            for place in page.meta.menu.iter().filter(|place| !known.contains(place.menu.as_str()))
            {
                let near = nearest(&place.menu, known.iter().copied());
                self.problems.push(
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
    }

    // ---- pictures, sources, weeks -------------------------------------------------------------

    /// The picture of each page, resolved; this makes its card anew.
    fn resolve_pictures(&mut self) {
        let with: Vec<(Key, String, String, crate::diag::Span, String)> = self
            .pages
            .values()
            .filter_map(|page| {
                let image = page.meta.image.as_ref()?;
                let at = (image.src.clone(), image.alt.clone(), image.span, page.file.clone());
                Some((page.key.clone(), at.0, at.1, at.2, at.3))
            })
            .collect();
        for (key, src, alt, span, file) in with {
            match self.resolve(&key, &src, LinkTo::File) {
                Target::File { path, .. } => {
                    if let Some(page) = self.pages.get_mut(&key) {
                        let mut card = (**page.card).clone();
                        card.image = Some(Picture { path, alt });
                        page.card = Arc::new(Hashed::new(card));
                    }
                }
                Target::Broken(broken) => self.problems.push(
                    Diagnostic::at(Code::MissingFile, &file, span, broken.message)
                        .maybe_hint(broken.hint),
                ),
                _ => self.problems.push(Diagnostic::at(
                    Code::MissingFile,
                    &file,
                    span,
                    format!("\"{src}\" is a page, not a picture."),
                )),
            }
        }
    }

    fn check_sources(&mut self, data_files: &BTreeMap<String, String>) {
        let known = self.data.get("sources").map(|data| &***data);
        let names: Vec<&str> = match known {
            Some(Data::Map(entries)) => entries.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        };
        let file = data_files.get("sources").map_or("content/_data/sources.yaml", String::as_str);
        for page in self.pages.values() {
            for source in &page.meta.sources {
                let SourceRef::Named(name, span) = source else { continue };
                if names.contains(&name.as_str()) {
                    continue;
                }
                let hint = match nearest(name, names.iter().copied()) {
                    Some(near) => format!("Did you mean \"{near}\"?"),
                    None => format!("Add \"{name}\" to {file}, or write title and url here."),
                };
                self.problems.push(
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
    }

    fn find_weeks(&mut self) {
        let Some(campaign) = &self.config.campaign else { return };
        let years = self.data.get(week::YEARS).map(|data| &***data);
        self.weeks = week::known_years(years)
            .into_iter()
            .filter_map(|year| week::week(campaign, years, year, self.today))
            .map(Hashed::new)
            .collect();
        self.current_week = week::current(campaign, years, self.today).map(Hashed::new);
    }
}

fn entry_of(page: &Page) -> MenuEntry {
    MenuEntry {
        title: page.card.title.clone(),
        to: MenuTarget::Page(page.key.clone(), page.card.path.clone()),
        children: Vec::new(),
    }
}

/// Weight, then newest, then title: always the same order, whatever the disk says.
fn reading_order(
    card: &Card,
) -> (i64, std::cmp::Reverse<Option<crate::calendar::Date>>, &str, &str) {
    let weight = card.weight.unwrap_or(i64::MAX);
    (weight, std::cmp::Reverse(card.date), &card.title, &card.key)
}

fn term_list(path: String, by_slug: BTreeMap<String, (String, Vec<&Page>)>) -> TermList {
    let mut terms: Vec<Term> = by_slug
        .into_iter()
        .map(|(slug, (title, mut pages))| {
            pages.sort_by(|a, b| reading_order(&a.card).cmp(&reading_order(&b.card)));
            let pages = pages.iter().map(|page| (page.key.clone(), page.card.fp())).collect();
            Term { title, path: format!("{path}{slug}/"), slug, pages: Hashed::new(pages) }
        })
        .collect();
    terms.sort_by(|a, b| (a.title.to_lowercase(), &a.slug).cmp(&(b.title.to_lowercase(), &b.slug)));
    let shown: Vec<_> = terms.iter().map(|t| (&t.title, &t.path, t.pages.len())).collect();
    let fp = Fp::of(&shown);
    TermList { path, terms, fp }
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
        title,
        description: None,
        path,
        kind,
        lang,
        date: None,
        updated: None,
        reviewed: None,
        weight: None,
        audience: Vec::new(),
        image: None,
        summary: String::new(),
        status: Status::Published,
        in_search: true,
        extra: Vec::new(),
    };
    Page {
        file: format!("content/{at}"),
        key,
        card: Arc::new(Hashed::new(card)),
        doc: None,
        meta: Arc::new(Hashed::new(FrontMatter::default())),
        trail: Vec::new(),
    }
}

impl Site {
    /// The file in the output that holds a page.
    pub fn output_of(&self, page: &Page) -> String {
        output(&page.card.path)
    }
}
