//! Owns the variables that a template is given: what the output itself is, never another page.
//! Must not know how they are used.

use std::rc::Rc;

use tera::{Context, Value};

use super::value::{list, map, maybe, of_data, of_entries, text};
use crate::calendar::Date;
use crate::model::address::folder;
use crate::model::{Page, Status};
use crate::parse::front_matter::{FrontMatter, SourceRef};
use crate::view::View;

/// What an output is about.
#[derive(Debug)]
pub enum Subject<'a> {
    /// A page of the site.
    Page(&'a Page),
    /// The list of a taxonomy, or the pages of one term.
    Terms(TermPage<'a>),
    /// The page for addresses that do not exist.
    NotFound(&'a str),
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

/// The variables for `subject`.
pub(super) fn page(subject: &Subject<'_>, view: &Rc<View>) -> Context {
    let mut context = Context::new();
    context.insert_value("content", Value::safe_string(CONTENT));
    context.insert_value("lang", text(&view.lang));
    context.insert_value("site", site(view));
    context.insert_value(
        "page",
        match subject {
            Subject::Page(page) => of_page(page, view),
            Subject::Terms(terms) => of_terms(terms, view),
            Subject::NotFound(title) => {
                let blank = FrontMatter::default();
                build(
                    &Fields { title, kind: "not_found", path: "/404.html", ..Fields::of(&blank) },
                    view,
                )
            }
        },
    );
    context
}

/// The site's settings in the page's language.
fn site(view: &Rc<View>) -> Value {
    let config = view.globals();
    let language = config.language_named(&view.lang);
    let or_main =
        |own: Option<&String>, main: Option<&String>| maybe(own.or(main).map(String::as_str));
    map([
        ("title", text(config.title_in(&view.lang))),
        ("short_title", maybe(config.short_title.as_deref())),
        ("tagline", or_main(language.and_then(|l| l.tagline.as_ref()), config.tagline.as_ref())),
        (
            "description",
            or_main(language.and_then(|l| l.description.as_ref()), config.description.as_ref()),
        ),
        ("lang", text(&config.language)),
        ("base_url", maybe(config.base_url.as_ref().map(|base| base.absolute("/")))),
        ("brand", if config.brand.is_empty() { Value::none() } else { of_entries(&config.brand) }),
        ("extra", of_entries(&config.extra)),
        ("generator", text(concat!("weekmark ", env!("CARGO_PKG_VERSION")))),
    ])
}

/// What differs between the kinds of subject.
struct Fields<'a> {
    title: &'a str,
    description: Option<&'a str>,
    kind: &'static str,
    path: &'a str,
    status: Status,
    source_file: Option<&'a str>,
    taxonomy: Value,
    term: Value,
    has_toc: bool,
    meta: &'a FrontMatter,
}

impl<'a> Fields<'a> {
    fn of(meta: &'a FrontMatter) -> Fields<'a> {
        Fields {
            title: "",
            description: None,
            kind: "page",
            path: "/",
            status: Status::Published,
            source_file: None,
            taxonomy: Value::none(),
            term: Value::none(),
            has_toc: false,
            meta,
        }
    }
}

fn of_page(page: &Page, view: &Rc<View>) -> Value {
    let card = &page.card;
    let fields = Fields {
        title: &card.title,
        description: card.description.as_deref(),
        kind: card.kind.word(),
        path: &card.path,
        status: card.status,
        source_file: Some(&page.file),
        has_toc: page.doc.as_ref().is_some_and(|doc| doc.body.headings.len() > 1),
        ..Fields::of(&page.meta)
    };
    build(&fields, view)
}

fn of_terms(page: &TermPage<'_>, view: &Rc<View>) -> Value {
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
    let fields = Fields {
        title: page.term.unwrap_or(page.taxonomy_title),
        description: if page.term.is_none() { page.description } else { None },
        kind: if page.term.is_some() { "term" } else { "taxonomy" },
        path: page.path,
        taxonomy,
        term: term.unwrap_or_else(Value::none),
        ..Fields::of(&meta)
    };
    build(&fields, view)
}

fn build(fields: &Fields<'_>, view: &Rc<View>) -> Value {
    let meta = fields.meta;
    let date = |date: Option<Date>| maybe(date.map(|date| date.to_string()));
    map([
        ("title", text(fields.title)),
        ("description", maybe(fields.description)),
        ("path", text(fields.path)),
        (
            "permalink",
            maybe((fields.kind != "not_found").then(|| view.permalink(fields.path)).flatten()),
        ),
        ("kind", text(fields.kind)),
        ("lang", text(&view.lang)),
        ("date", date(meta.date)),
        ("updated", date(meta.updated)),
        ("reviewed", date(meta.reviewed)),
        ("review_by", date(meta.review_by)),
        ("draft", Value::from(fields.status == Status::Draft)),
        ("status", text(fields.status.word())),
        ("status_note", maybe(fields.status.note_in(&view.lang))),
        ("weight", maybe(meta.weight)),
        ("audience", list(meta.audience.iter().flatten().map(|name| text(name)))),
        ("terms", terms(meta, view)),
        ("image", image(view)),
        ("sources", sources(meta, view)),
        ("extra", of_entries(&meta.extra)),
        ("source_file", maybe(fields.source_file)),
        ("folder", maybe(fields.source_file.map(folder))),
        ("taxonomy", fields.taxonomy.clone()),
        ("term", fields.term.clone()),
        ("has_toc", Value::from(fields.has_toc)),
    ])
}

/// Taxonomy to the page's terms with their pages' addresses.
fn terms(meta: &FrontMatter, view: &Rc<View>) -> Value {
    let mut found = tera::Map::default();
    for (taxonomy, names) in &meta.terms {
        let links = names.iter().map(|(name, _)| {
            let path = view.term_path(taxonomy, name);
            map([("title", text(name)), ("url", text(&view.url(&path)))])
        });
        found.insert(taxonomy.clone().into(), list(links));
    }
    Value::from(found)
}

fn image(view: &Rc<View>) -> Value {
    let picture = view.own().and_then(|page| page.card.image.as_ref());
    maybe(picture.map(|picture| {
        map([
            ("url", text(&view.url(&picture.path))),
            ("permalink", maybe(view.permalink(&picture.path))),
            ("alt", text(&picture.alt)),
        ])
    }))
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
