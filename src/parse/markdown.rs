//! Owns Markdown: text to HTML with holes (addresses, words of the theme, component calls), headings,
//! links and a summary. Must not know other pages, templates or what a hole is filled with.

mod calls;
mod escape;
mod holes;
mod html;
mod look;
mod pad;
mod prose;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use pulldown_cmark::{BrokenLink, Event, LinkType, Options, Parser, Tag};

pub(crate) use escape::{escape, escape_into, write_attribute};
pub(crate) use html::is_outside;
pub use prose::{Hashtag, Prose, Year};

use calls::Item;
use look::Look;

use super::Settings;
use super::component;
use crate::diag::{Code, Diagnostic, Span};
use crate::search::Tally;

/// Which extensions of CommonMark are on. All are, unless site.yaml says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the extensions in site.yaml")]
pub struct Extensions {
    pub tables: bool,
    pub footnotes: bool,
    pub strikethrough: bool,
    pub task_lists: bool,
    pub heading_ids: bool,
    pub heading_attributes: bool,
    pub smart_punctuation: bool,
    pub definition_lists: bool,
    pub alerts: bool,
    pub wikilinks: bool,
    pub components: bool,
}

impl Extensions {
    /// Every name, as written in site.yaml.
    pub const NAMES: [&'static str; 11] = [
        "tables",
        "footnotes",
        "strikethrough",
        "task_lists",
        "heading_ids",
        "heading_attributes",
        "smart_punctuation",
        "definition_lists",
        "alerts",
        "wikilinks",
        "components",
    ];

    /// Only the named ones.
    pub fn only(names: &[&str]) -> Extensions {
        let on = |name: &str| names.contains(&name);
        Extensions {
            tables: on("tables"),
            footnotes: on("footnotes"),
            strikethrough: on("strikethrough"),
            task_lists: on("task_lists"),
            heading_ids: on("heading_ids"),
            heading_attributes: on("heading_attributes"),
            smart_punctuation: on("smart_punctuation"),
            definition_lists: on("definition_lists"),
            alerts: on("alerts"),
            wikilinks: on("wikilinks"),
            components: on("components"),
        }
    }

    fn options(self) -> Options {
        let mut options = Options::empty();
        options.set(Options::ENABLE_TABLES, self.tables);
        options.set(Options::ENABLE_FOOTNOTES, self.footnotes);
        options.set(Options::ENABLE_STRIKETHROUGH, self.strikethrough);
        options.set(Options::ENABLE_TASKLISTS, self.task_lists);
        options.set(Options::ENABLE_HEADING_ATTRIBUTES, self.heading_attributes);
        options.set(Options::ENABLE_SMART_PUNCTUATION, self.smart_punctuation);
        options.set(Options::ENABLE_DEFINITION_LIST, self.definition_lists);
        options.set(Options::ENABLE_GFM, self.alerts);
        options.set(Options::ENABLE_WIKILINKS, self.wikilinks);
        options
    }
}

impl Default for Extensions {
    fn default() -> Self {
        Extensions::only(&Extensions::NAMES)
    }
}

/// A page's text, parsed.
#[derive(Debug, Default)]
pub struct Body {
    /// The HTML, all in one.
    pub html: Box<str>,
    /// Some of it is the editor's own: raw HTML, or attributes of headings.
    pub has_own_html: bool,
    /// In the HTML itself stand names or addresses of the site that are not looked for. All others are holes, but for those of
    /// the footnotes.
    pub has_own_names: bool,
    /// Some heading is of the first level, as the page's title is.
    pub has_title: bool,
    /// The footnotes, where there are any: few pages have some, and 10,000 texts are kept.
    pub notes: Option<Box<Notes>>,
    /// What of it comes in which order, and the holes between.
    pub pieces: Box<[Piece]>,
    /// The calls of components, also those in the text of others.
    pub calls: Vec<Call>,
    /// Every address that must be resolved, whether in the text or in a component's arguments, and every
    /// one that leads to another site.
    pub links: Vec<Link>,
    /// The pictures of the site that the text shows.
    pub pictures: Vec<Picture>,
    /// Phrases that the theme has in the page's language.
    pub words: Vec<Word>,
    /// The headings, in order.
    pub headings: Vec<Heading>,
    /// The text of the heading that became the page's title.
    pub title: Option<Arc<str>>,
    /// The first paragraph as plain text, at most some 200 characters.
    pub summary: Arc<str>,
    /// The words of the whole text, counted when a search index asks for them first.
    pub tally: OnceLock<Box<Tally>>,
}

impl Body {
    /// The names of the components that the text calls, each once, sorted.
    pub fn components(&self) -> BTreeSet<&str> {
        self.calls.iter().map(|call| &*call.name).collect()
    }
}

/// What is known of the footnotes of a text.
#[derive(Debug)]
pub struct Notes {
    /// How often the text refers to each.
    pub references: Vec<u32>,
}

/// A stretch of HTML or a hole. A page has dozens of them, so they are small: no page has gigabytes, and a long
/// stretch is several pieces.
#[derive(Debug)]
pub enum Piece {
    /// Bytes of the body's HTML.
    Html {
        /// The first of them.
        start: u32,
        /// How many.
        len: u16,
    },
    /// The beginning of the link `links[n]`: an element, because a link to a page that is not
    /// published is no link.
    Link(u32),
    /// The end of the link `links[n]`.
    LinkEnd(u32),
    /// The picture `pictures[n]`, as an element.
    Picture(u32),
    /// The phrase `words[n]`, for an attribute or a text.
    Word(u32),
    /// The link of the heading `headings[n]` to itself: it says again what the heading says.
    Permalink(u32),
    /// What a component makes of the call `calls[n]`.
    Call(u32),
}

impl Piece {
    /// Of the body's HTML, the bytes of a stretch of it.
    pub(crate) fn html<'a>(&self, body: &'a Body) -> &'a str {
        match self {
            Piece::Html { start, len } => {
                let start = *start as usize;
                &body.html[start..start + usize::from(*len)]
            }
            _ => "",
        }
    }
}

/// The HTML that some pieces begin with, up to the first hole, and how many pieces that is; `None` if they begin with a
/// hole.
pub(crate) fn stretch<'a>(pieces: &[Piece], body: &'a Body) -> Option<(&'a str, usize)> {
    let mut bytes: Option<Range<usize>> = None;
    let mut count = 0;
    for piece in pieces {
        let Piece::Html { start, len } = piece else { break };
        let start = *start as usize;
        let end = start + usize::from(*len);
        match &mut bytes {
            None => bytes = Some(start..end),
            Some(bytes) if bytes.end == start => bytes.end = end,
            Some(_) => break,
        }
        count += 1;
    }
    Some((&body.html[bytes?], count))
}

/// A call of a component.
#[derive(Debug)]
pub struct Call {
    /// The component's name.
    pub name: String,
    /// Its arguments.
    pub values: Vec<(String, component::Value)>,
    /// What stands between its lines or in its brackets.
    pub body: Vec<Piece>,
    /// Where it was called.
    pub span: Span,
}

/// An address as the editor wrote it. A page has many, so what it is made of lies in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link {
    /// The target, and after it the title.
    text: Box<str>,
    target: u32,
    span: (u32, u32),
    /// What it must lead to.
    pub to: LinkTo,
}

impl Link {
    fn new(target: &str, title: &str, span: Span, to: LinkTo) -> Link {
        let text = [target, title].concat().into();
        Link { text, target: count(target.len()), span: (count(span.start), count(span.end)), to }
    }

    /// As written, without surrounding marks.
    pub fn target(&self) -> &str {
        &self.text[..self.target as usize]
    }

    /// The title attribute, if any.
    pub fn title(&self) -> &str {
        &self.text[self.target as usize..]
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        Span::new(self.span.0 as usize, self.span.1 as usize)
    }
}

/// A number of bytes or things on one page: no page has gigabytes.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A picture of the site, as the editor wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Picture {
    /// Its address, by the number of the link.
    pub link: usize,
    /// What it shows, as HTML; empty if it only decorates.
    pub alt: String,
    /// The title attribute as HTML, if any.
    pub title: String,
}

/// What an address must lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkTo {
    /// A page or a file.
    Page,
    /// A picture or another file.
    File,
    /// A page by its title: `[[Title]]`.
    Title,
    /// Another site, mail or telephone: not resolved.
    Outside,
}

/// A phrase of the theme, with what is put into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Word {
    /// The key in the theme's `i18n` file.
    pub key: &'static str,
    /// What is put into it.
    pub with: With,
}

/// What is put into a phrase of the theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum With {
    /// Nothing.
    Nothing,
    /// A number, at the place `{number}`.
    Number(u32),
    /// The title of the heading `headings[n]`, at the place `{title}`.
    Title(u32),
}

/// A heading. A page has many, so what it is made of lies in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Heading {
    /// The title, and after it the anchor.
    text: Box<str>,
    title: u32,
    /// 1 to 6.
    pub level: u8,
}

impl Heading {
    fn new(level: u8, title: &str, id: &str) -> Heading {
        Heading { text: [title, id].concat().into(), title: count(title.len()), level }
    }

    /// Its text without marks.
    pub fn title(&self) -> &str {
        &self.text[..self.title as usize]
    }

    /// Its anchor.
    pub fn id(&self) -> &str {
        &self.text[self.title as usize..]
    }
}

/// Characters that stand for something else while a page is made, so that no text may hold them: two of
/// them are around the mark where the text comes into the frame, the third is [`pad::GUARD`].
const RESERVED: [char; 3] = ['\u{fdd0}', '\u{fdd1}', pad::GUARD];

/// Parses the text from byte `start` on. `file` is used in diagnostics only. A page that has no title
/// of its own takes its first heading, which then is not part of the body.
pub fn parse(
    file: &str,
    text: &str,
    start: usize,
    wants_title: bool,
    settings: &Settings,
    problems: &mut Vec<Diagnostic>,
) -> (Body, Option<Prose>) {
    let body = &text[start..];
    let look = Look::at(body);
    if let Some(at) = look.reserved.then(|| body.find(RESERVED)).flatten() {
        let span = Span::new(start + at, start + at + pad::GUARD.len_utf8());
        problems.push(
            Diagnostic::at(
                Code::ReservedCharacter,
                file,
                span,
                "Here stands an invisible character that no text may contain (a Unicode noncharacter).",
            )
            .hint("Delete the character and type the word again."),
        );
        return (Body::default(), None);
    }
    let options = settings.extensions.options();
    let padded = pad::pad(body, start, look, settings.extensions.components, options);
    let mut unknown: Vec<(Range<usize>, String)> = Vec::new();
    let note = |link: BrokenLink<'_>| {
        // `[text]` alone may be text; `[text][name]` and `[text][]` are meant as links.
        if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
            unknown.push((link.span, link.reference.to_string()));
        }
        None
    };
    let parser = Parser::new_with_broken_link_callback(&padded.text, options, Some(note));
    let events = parser.into_offset_iter();
    let known = problems.len();
    let has_calls = look.calls && settings.extensions.components;
    let mut prose = None;
    let body = if has_calls || settings.look {
        let events: Vec<_> = events.collect();
        if settings.look {
            let page = prose::Page {
                file,
                text,
                lang: settings.language_of(file),
                has_title: !wants_title,
            };
            prose = Some(prose::look(&page, &padded, &events, settings.reading_grade, problems));
        }
        let mut out = html::Writer::new(file, &padded, settings, problems);
        let items = calls::inline(events, &mut out);
        out.write(items.into_iter(), look, wants_title)
    } else {
        let out = html::Writer::new(file, &padded, settings, problems);
        // Nothing has to be known ahead: the events are written as they come.
        out.write(events.map(|(event, range)| Item::Md(event, range)), look, wants_title)
    };
    if settings.check_links && !unknown.is_empty() {
        let unknown = unknown_references(file, unknown, &padded, options);
        problems.splice(known..known, unknown);
    }
    (body, prose)
}

/// References that no line of the page explains.
fn unknown_references(
    file: &str,
    mut unknown: Vec<(Range<usize>, String)>,
    padded: &pad::Padded<'_>,
    options: Options,
) -> Vec<Diagnostic> {
    // `[a][b][c]` may still be a link from its second part on. This is rare enough to parse again.
    let links: Vec<Range<usize>> = Parser::new_ext(&padded.text, options)
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Start(Tag::Link { .. })))
        .map(|(_, range)| range)
        .collect();
    unknown.retain(|(range, _)| {
        !links.iter().any(|link| link.start < range.end && range.start < link.end)
    });
    let report = |(range, name): (Range<usize>, String)| {
        Diagnostic::at(
            Code::BrokenLink,
            file,
            padded.span(&range),
            format!("No line of this page says where [{name}] leads."),
        )
        .hint(format!("Add a line: [{name}]: and the address."))
    };
    unknown.into_iter().map(report).collect()
}
