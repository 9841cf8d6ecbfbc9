//! Owns the variables that a template is given: what the output itself is, never another page.
//! Must not know how they are used.

use std::rc::Rc;

use tera::{Context, Value};

use super::Shows;
use super::value::{Field, list, map, maybe, of_data, of_entries, text};
use crate::cache::Cache;
use crate::calendar::Date;
use crate::config::Config;
use crate::fingerprint::Fp;
use crate::model::address::folder;
use crate::model::{Page, Status};
use crate::parse::front_matter::{FrontMatter, SourceRef};
use crate::parse::markdown::Body;
use crate::view::View;
use crate::view::shared::Alike;

/// What an output is about.
#[derive(Debug)]
pub enum Subject<'a> {
    /// A page of the site.
    Page(&'a Page),
    /// The list of a taxonomy, or the pages of one term.
    Terms(TermPage<'a>),
    /// The page for addresses that do not exist.
    NotFound(&'a str),
    /// The page to search the site.
    Search {
        /// Its title.
        title: &'a str,
        /// Its path on the site.
        path: &'a str,
    },
}

/// The list of a taxonomy, or the pages of one of its terms.
#[derive(Debug)]
pub struct TermPage<'a> {
    /// The taxonomy's key.
    pub taxonomy: &'a str,
    /// What visitors read.
    pub taxonomy_title: &'a str,
    /// One sentence about it.
    pub description: Option<&'a str>,
    /// The term, on the page of one.
    pub term: Option<&'a str>,
    /// The path on the site.
    pub path: &'a str,
}

/// Stands for the page's text until the template is done: the text itself never goes through the engine.
pub const CONTENT: &str = "\u{fdd0}content\u{fdd1}";

/// What the outputs of a pass share: the engine counts references to its values, so each thread makes these once.
#[derive(Debug)]
pub(super) struct Shared {
    policy: Option<String>,
    /// How wide the theme shows pictures.
    sizes: String,
    /// The site's settings by language.
    sites: Cache<Value>,
    /// Menus for pages that see the same one: see `functions::menu`.
    pub(super) menus: Cache<Value>,
    /// Parts of pages that others have, too: see `functions::shared`.
    pub(super) parts: Cache<Part>,
    /// Links to the pages of terms, by the folder they are seen from: see [`terms`].
    terms: Cache<Term>,
}

/// A part of a page, with what pages must have in common to show it.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) html: Value,
    pub(super) alike: Alike,
}

/// A link to the page of a term, and that page's path on the site.
#[derive(Debug)]
struct Term {
    path: String,
    link: Value,
}

impl Shared {
    /// `policy` is the content security policy that pages must say themselves; `sizes` is how wide the theme shows
    /// pictures.
    pub(super) fn new(policy: Option<&str>, sizes: &str) -> Shared {
        Shared {
            sites: Cache::default(),
            policy: policy.map(String::from),
            sizes: sizes.to_string(),
            menus: Cache::default(),
            parts: Cache::default(),
            terms: Cache::default(),
        }
    }
}

/// The variables for a part that is the same on many pages: those that are not about the page.
pub(super) fn of_site(view: &View, shared: &Shared) -> Context {
    let mut context = Context::new();
    context.insert_value("lang", text(&view.lang));
    let key = Fp::of_bytes(view.lang.as_bytes());
    let known = shared.sites.get(key, |site| Some(site.clone()));
    let site = known.unwrap_or_else(|| {
        let site = site(view.globals(), &view.lang, shared.policy.as_deref());
        shared.sites.put(key, site.clone());
        site
    });
    context.insert_value("site", site);
    context
}

/// The variables for `subject`.
pub(super) fn page(
    subject: &Subject<'_>,
    view: &Rc<View>,
    shared: &Shared,
    shows: &Shows,
) -> Context {
    let mut context = of_site(view, shared);
    context.insert_value("content", Value::safe_string(CONTENT));
    context.insert_value(
        "page",
        match subject {
            Subject::Page(page) => of_page(page, view, shared, shows),
            Subject::Terms(terms) => of_terms(terms, view, shared, shows),
            Subject::Search { title, path } => {
                let blank = FrontMatter::default();
                let about = About { title, kind: "search", path, ..About::of(&blank) };
                build(&about, view, shared, shows)
            }
            Subject::NotFound(title) => {
                let blank = FrontMatter::default();
                build(
                    &About { title, kind: "not_found", path: "/404.html", ..About::of(&blank) },
                    view,
                    shared,
                    shows,
                )
            }
        },
    );
    context
}

/// The site's settings in the page's language.
fn site(config: &Config, lang: &str, policy: Option<&str>) -> Value {
    let language = config.language_named(lang);
    let or_main =
        |own: Option<&String>, main: Option<&String>| maybe(own.or(main).map(String::as_str));
    map([
        ("title", text(config.title_in(lang))),
        ("short_title", maybe(config.short_title.as_deref())),
        ("tagline", or_main(language.and_then(|l| l.tagline.as_ref()), config.tagline.as_ref())),
        (
            "description",
            or_main(language.and_then(|l| l.description.as_ref()), config.description.as_ref()),
        ),
        ("lang", text(&config.language)),
        ("campaign", maybe(config.campaign.as_ref().map(|campaign| campaign.name.as_str()))),
        ("time_zone", text(config.time_zone.name())),
        ("base_url", maybe(config.base_url.as_ref().map(|base| base.absolute("/")))),
        ("brand", if config.brand.is_empty() { Value::none() } else { of_entries(&config.brand) }),
        ("extra", of_entries(&config.extra)),
        ("policy", maybe(policy)),
        ("generator", text(concat!("weekmark ", env!("CARGO_PKG_VERSION")))),
    ])
}

/// What differs between the kinds of subject.
struct About<'a> {
    title: &'a str,
    description: Option<&'a str>,
    kind: &'static str,
    path: &'a str,
    status: Status,
    source_file: Option<&'a str>,
    taxonomy: Value,
    term: Value,
    body: Option<&'a Body>,
    meta: &'a FrontMatter,
}

impl<'a> About<'a> {
    fn of(meta: &'a FrontMatter) -> About<'a> {
        About {
            title: "",
            description: None,
            kind: "page",
            path: "/",
            status: Status::Published,
            source_file: None,
            taxonomy: Value::none(),
            term: Value::none(),
            body: None,
            meta,
        }
    }
}

fn of_page(page: &Page, view: &Rc<View>, shared: &Shared, shows: &Shows) -> Value {
    let card = &page.card;
    let about = About {
        title: &card.title,
        description: card.description.as_deref(),
        kind: card.kind.word(),
        path: &card.path,
        status: card.status,
        source_file: Some(&page.file),
        body: page.doc.as_ref().map(|doc| &doc.body),
        ..About::of(page.meta())
    };
    build(&about, view, shared, shows)
}

fn of_terms(page: &TermPage<'_>, view: &Rc<View>, shared: &Shared, shows: &Shows) -> Value {
    let meta = FrontMatter::default();
    // A term's page lies in the folder of its taxonomy's.
    let list_path = match page.term {
        Some(_) => folder(page.path.trim_end_matches('/')),
        None => page.path,
    };
    let taxonomy = map([
        ("name", text(page.taxonomy)),
        ("url", text(&view.url(list_path))),
        ("title", text(page.taxonomy_title)),
        ("description", maybe(page.description)),
    ]);
    let term = page.term.map(|term| {
        map([
            ("name", text(term)),
            ("url", text(&view.url(page.path))),
            ("title", text(term)),
            ("description", Value::none()),
        ])
    });
    let about = About {
        title: page.term.unwrap_or(page.taxonomy_title),
        description: if page.term.is_none() { page.description } else { None },
        kind: if page.term.is_some() { "term" } else { "taxonomy" },
        path: page.path,
        taxonomy,
        term: term.unwrap_or_else(Value::none),
        ..About::of(&meta)
    };
    build(&about, view, shared, shows)
}

/// What a template sees of the page.
pub(super) const PAGE: &[&str] = &[
    "title",
    "description",
    "path",
    "permalink",
    "kind",
    "lang",
    "date",
    "updated",
    "reviewed",
    "review_by",
    "draft",
    "status",
    "status_note",
    "weight",
    "audience",
    "terms",
    "image",
    "sources",
    "extra",
    "source_file",
    "folder",
    "taxonomy",
    "term",
    "year",
    "event",
    "has_toc",
    "components",
];

fn build(about: &About<'_>, view: &Rc<View>, shared: &Shared, shows: &Shows) -> Value {
    let meta = about.meta;
    let date = |date: Option<Date>| maybe(date.map(|date| date.to_string()));
    shows.page.map(|field| {
        Field::Value(match field {
            "title" => return Field::Text(about.title),
            "description" => maybe(about.description),
            "path" => return Field::Text(about.path),
            "permalink" => {
                maybe((about.kind != "not_found").then(|| view.permalink(about.path)).flatten())
            }
            "kind" => return Field::Text(about.kind),
            "lang" => return Field::Text(&view.lang),
            "date" => date(meta.date),
            "updated" => date(meta.updated),
            "reviewed" => date(meta.reviewed),
            "review_by" => date(meta.review_by),
            "draft" => Value::from(about.status == Status::Draft),
            "status" => text(about.status.word()),
            "status_note" => maybe(about.status.note_in(&view.lang)),
            "weight" => maybe(meta.weight),
            "audience" => list(meta.audience.iter().flatten().map(|name| text(name))),
            "terms" => terms(meta, view, shared),
            "image" => image(view, &shared.sizes),
            "sources" => sources(meta, view),
            "extra" => of_entries(&meta.extra),
            "source_file" => maybe(about.source_file),
            "folder" => maybe(about.source_file.map(folder)),
            "taxonomy" => about.taxonomy.clone(),
            "term" => about.term.clone(),
            "year" => maybe(meta.year.map(|(year, _)| i64::from(year))),
            "event" => match view.own().filter(|page| page.card.event.is_some()) {
                Some(page) => super::functions::of_event(&page.card, view),
                None => Value::none(),
            },
            "components" => list(about.body.into_iter().flat_map(Body::components).map(text)),
            _ => Value::from(about.body.is_some_and(|body| body.headings.len() > 1)),
        })
    })
}

/// Taxonomy to the page's terms with their pages' addresses.
fn terms(meta: &FrontMatter, view: &Rc<View>, shared: &Shared) -> Value {
    let mut found = tera::Map::default();
    for (taxonomy, names) in &meta.terms {
        let links = names.iter().map(|(name, _)| term(taxonomy, name, view, shared));
        found.insert(taxonomy.clone().into(), list(links));
    }
    Value::from(found)
}

/// A link to the page of a term. Pages beside each other in a folder write it alike, as long as it does not
/// lead below one of them, so each thread makes it once for all of them.
fn term(taxonomy: &str, name: &str, view: &Rc<View>, shared: &Shared) -> Value {
    let of = |text: &str| Fp::of_bytes(text.as_bytes());
    let key = Fp::join(&[view.around(), of(taxonomy), of(name)]);
    let is_alike = |path: &str| view.path.ends_with('/') && !path.starts_with(&view.path);
    let known = |term: &Term| is_alike(&term.path).then(|| term.link.clone());
    if let Some(link) = shared.terms.get(key, known) {
        return link;
    }
    let path = view.term_path(taxonomy, name);
    let link = map([("title", text(name)), ("url", text(&view.url(&path)))]);
    if is_alike(&path) {
        shared.terms.put(key, Term { path, link: link.clone() });
    }
    link
}

fn image(view: &Rc<View>, sizes: &str) -> Value {
    let picture = view.own().and_then(|page| page.card.image.as_ref());
    maybe(picture.map(|it| super::picture::of_page(view, &it.path, &it.alt, sizes)))
}

/// The page's sources, told in full.
fn sources(meta: &FrontMatter, view: &Rc<View>) -> Value {
    list(meta.sources.iter().filter_map(|source| {
        let (id, entries) = match source {
            SourceRef::Told(entries) => (Value::none(), entries.as_slice()),
            SourceRef::Named(name, _) => match view.source(name)? {
                crate::yaml::Data::Map(entries) => (text(name), entries.as_slice()),
                _ => return None,
            },
        };
        let get = |key: &str| {
            maybe(entries.iter().find(|(name, _)| name == key).map(|(_, data)| of_data(data)))
        };
        Some(map([
            ("id", id),
            ("title", get("title")),
            ("publisher", get("publisher")),
            ("url", get("url")),
            ("accessed", get("accessed")),
        ]))
    }))
}
