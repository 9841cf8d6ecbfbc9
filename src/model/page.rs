//! Owns what a page is to itself and to others: [`Page`] with its text, [`Card`] without. Other pages
//! see only cards, so an edit in a text touches no list. Must not know templates.

use std::sync::Arc;

use crate::calendar::Date;
use crate::fingerprint::{Fp, Hashed};
use crate::parse::event::Event;
use crate::parse::front_matter::FrontMatter;
use crate::parse::markdown::Body;
use crate::parse::{Doc, SettingsFp};
use crate::yaml::Data;

/// The name of a page that never changes while its file keeps its place: the path of its source below
/// `content/`, such as `careers/ccm.md`.
pub type Key = Arc<str>;

/// What kind of page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The first page of the site or of a language.
    Home,
    /// A folder's page.
    Section,
    /// Any other page.
    Page,
}

impl Kind {
    /// The word that templates see.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Home => "home",
            Kind::Section => "section",
            Kind::Page => "page",
        }
    }
}

/// Whether visitors see the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Yes.
    Published,
    /// No: it is marked as a draft.
    Draft,
    /// Not before that day.
    Held(Date),
    /// No longer since that day.
    Expired(Date),
}

impl Status {
    /// The status by a page's settings on a day.
    pub fn of(meta: &FrontMatter, today: Date) -> Status {
        match (meta.draft, meta.publish_on, meta.expires) {
            (Some(true), _, _) => Status::Draft,
            (_, _, Some(end)) if end <= today => Status::Expired(end),
            (_, Some(start), _) if start > today => Status::Held(start),
            _ => Status::Published,
        }
    }

    /// The word that templates see.
    pub fn word(self) -> &'static str {
        match self {
            Status::Published => "published",
            Status::Draft => "draft",
            Status::Held(_) => "held",
            Status::Expired(_) => "expired",
        }
    }

    /// Why visitors do not see the page, for the editor.
    pub fn note(self) -> Option<String> {
        self.note_in("en")
    }

    /// Why visitors do not see the page, in the page's language.
    pub fn note_in(self, lang: &str) -> Option<String> {
        let day = |date: Date| date.print("long", lang).unwrap_or_default();
        let (draft, starts, ended) = match lang.split('-').next() {
            Some("es") => ("borrador", "empieza el", "terminó el"),
            _ => ("draft", "starts", "ended"),
        };
        match self {
            Status::Published => None,
            Status::Draft => Some(draft.into()),
            Status::Held(start) => Some(format!("{starts} {}", day(start))),
            Status::Expired(end) => Some(format!("{ended} {}", day(end))),
        }
    }
}

/// What other pages may know of a page.
#[derive(Debug, Clone, PartialEq, Hash)]
#[expect(missing_docs, reason = "the fields are those of the front matter or of `Page`")]
pub struct Card {
    pub key: Key,
    pub title: Arc<str>,
    pub description: Option<Arc<str>>,
    pub path: Arc<str>,
    pub kind: Kind,
    pub lang: String,
    pub date: Option<Date>,
    pub updated: Option<Date>,
    pub reviewed: Option<Date>,
    pub weight: Option<i64>,
    pub year: Option<i16>,
    pub event: Option<Arc<Event>>,
    pub audience: Vec<String>,
    pub image: Option<Picture>,
    pub summary: Arc<str>,
    pub status: Status,
    pub in_search: bool,
    pub extra: Vec<(String, Data)>,
}

/// A picture of the site.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Picture {
    /// Its path on the site.
    pub path: String,
    /// Its alternative text.
    pub alt: String,
}

/// A page. All of it comes from its own file, the settings and the day; what it is among the others (its
/// sections, its neighbours) is in [`super::Index`].
#[derive(Debug, Clone)]
pub struct Page {
    /// Its name.
    pub key: Key,
    /// Its file in the site's folder, for people; a folder for a section without a file.
    pub file: Arc<str>,
    /// What others see.
    pub card: Arc<Hashed<Card>>,
    /// Its text; `None` for a section without a file.
    pub doc: Option<Arc<Doc>>,
    /// Its settings with the folder's defaults filled in, where there are any.
    filled: Option<Arc<FrontMatter>>,
    /// The fingerprint of its settings.
    pub meta_fp: Fp,
    /// The fingerprint of the names of its terms.
    pub terms_fp: Fp,
    /// The fingerprint of what a link to it depends on: where it is, and which parts it has.
    pub address_fp: Fp,
    /// The fingerprint of what the sitemap says of it.
    pub sitemap_fp: Fp,
    /// The fingerprint of its name, address, language and kind: what its place in the site depends on.
    pub outline_fp: Fp,
}

impl Page {
    /// A page with the settings of its own text, or with `filled` in their place.
    pub fn new(
        key: Key,
        file: Arc<str>,
        card: Card,
        doc: Option<Arc<Doc>>,
        filled: Option<FrontMatter>,
    ) -> Page {
        let settings = match (&doc, &filled) {
            (Some(doc), None) => doc.settings_fp,
            (Some(doc), Some(filled)) => SettingsFp::of(filled, &doc.body),
            // A page without a file says what one of its title would say.
            (None, _) => {
                let mut meta = FrontMatter::default();
                meta.title = Some(card.title.clone());
                SettingsFp::of(filled.as_ref().unwrap_or(&meta), &Body::default())
            }
        };
        let (meta_fp, terms_fp) = (settings.all, settings.terms);
        let place = (&key, &card.path, &card.lang);
        let address_fp = Fp::of(&(place, doc.as_ref().map(|doc| doc.parts_fp)));
        let sitemap_fp = Fp::of(&card.is_listed().then(|| (&card.path, card.changed())));
        let outline_fp = Fp::of(&(&key, &card.path, &card.lang, card.kind));
        let filled = match &doc {
            Some(_) => filled.map(Arc::new),
            None => Some(Arc::new(filled.unwrap_or_default())),
        };
        let card_fp = card_fp(&card, settings);
        let card = Arc::new(Hashed::with(card, card_fp));
        Page { key, file, card, doc, filled, meta_fp, terms_fp, address_fp, sitemap_fp, outline_fp }
    }

    /// Its settings, with the folder's defaults filled in.
    pub fn meta(&self) -> &FrontMatter {
        match (&self.filled, &self.doc) {
            (Some(filled), _) => filled,
            (None, Some(doc)) => &doc.meta,
            (None, None) => unreachable!("a page without a text has settings of its own"),
        }
    }

    /// The fingerprint of all that this page alone determines.
    pub fn fp(&self) -> Fp {
        let doc = self.doc.as_ref().map_or_else(Fp::default, |doc| doc.fp);
        Fp::join(&[self.card.fp(), doc, self.meta_fp])
    }
}

/// The fingerprint of a card that follows from `settings` and the page's place. A picture is found when all pages are known; then the card
/// is another one.
fn card_fp(card: &Card, settings: SettingsFp) -> Fp {
    // Taken apart, so that a further field is thought of here and in `SettingsFp::of`.
    let Card {
        key,
        path,
        lang,
        kind,
        status,
        // The settings and the text say these.
        title: _,
        description: _,
        summary: _,
        date: _,
        updated: _,
        reviewed: _,
        weight: _,
        year: _,
        event: _,
        audience: _,
        in_search: _,
        extra: _,
        image: _,
    } = card;
    Fp::of(&(key, path, lang, kind, status, settings.card))
}

impl Card {
    /// Whether search engines should know the page.
    pub fn is_listed(&self) -> bool {
        self.in_search && self.status == Status::Published
    }

    /// The day of the last change that is worth telling.
    pub fn changed(&self) -> Option<Date> {
        self.updated.max(self.date)
    }
}
