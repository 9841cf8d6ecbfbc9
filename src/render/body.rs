//! Owns the filling of the holes in a page's text: addresses, words, components.
//! Must not know Markdown or the frame around the text.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::leads::{Known, Leads};
use crate::diag::{Code, Diagnostic};
use crate::model::Page;
use crate::model::lookup::{Broken, Target};
use crate::parse::component::Value;
use crate::parse::markdown::{Call, Heading, Link, LinkTo, Piece, With, Word, escape_into};
use crate::theme::{CONTENT, Element, Frame, plain_picture};
use crate::view::Handed;
use crate::yaml::Data;

/// Puts the text where the template printed its place, and says where it stands last. `out` is an empty buffer.
pub(super) fn splice(frame: &str, body: &str, mut out: String) -> (String, Range<usize>) {
    out.reserve_exact(frame.len() + body.len());
    let (mut rest, mut place) = (0, Range::default());
    while let Some(at) = find_mark(frame, rest) {
        out.push_str(&frame[rest..at]);
        out.push_str(body);
        place = out.len() - body.len()..out.len();
        rest = at + CONTENT.len();
    }
    out.push_str(&frame[rest..]);
    (out, place)
}

/// The next place of the text from byte `from` on.
fn find_mark(frame: &str, from: usize) -> Option<usize> {
    const FIRST: u8 = CONTENT.as_bytes()[0];
    let bytes = &frame.as_bytes()[from..];
    // Few other characters begin with the same byte. Without a way out in the middle, the compiler compares
    // sixteen bytes at a time.
    let (chunks, tail) = bytes.as_chunks::<64>();
    let has_first = |chunk: &[u8; 64]| chunk.iter().fold(false, |any, byte| any | (*byte == FIRST));
    let parts = chunks.iter().enumerate().filter(|(_, chunk)| has_first(chunk));
    let parts = parts.map(|(i, chunk)| (i * 64, &chunk[..]));
    let parts = parts.chain([(chunks.len() * 64, tail)]);
    let places = parts.flat_map(|(at, part)| {
        part.iter().enumerate().filter(|(_, byte)| **byte == FIRST).map(move |(i, _)| at + i)
    });
    places.map(|at| from + at).find(|at| frame.as_bytes()[*at..].starts_with(CONTENT.as_bytes()))
}

/// The page's text with every hole filled. If all elements in it are Markdown's, also what it leads to and has, as far as that is
/// known. `out` is an empty buffer.
pub(super) fn text(
    page: &Page,
    frame: &Frame<'_>,
    mut out: String,
) -> (String, Option<Option<Leads>>) {
    let Some(doc) = &page.doc else { return (out, None) };
    let is_markdown = !doc.body.has_own_html && doc.body.calls.is_empty();
    let leads = Known::of(&doc.body, frame.view).filter(|_| is_markdown);
    let filler = Filler { page, frame, linked: Cell::new(false), leads: RefCell::new(leads) };
    let html = |piece: &Piece| match piece {
        Piece::Html { len, .. } => usize::from(*len),
        _ => 64,
    };
    out.reserve(doc.body.pieces.iter().map(html).sum());
    filler.fill(&doc.body.pieces, &mut out);
    let leads = filler.leads.into_inner().map(|known| known.leads);
    (out, is_markdown.then_some(leads))
}

struct Filler<'a> {
    page: &'a Page,
    frame: &'a Frame<'a>,
    /// The link that is open leads somewhere. Links do not nest (HTML 4.5.1), so one flag is enough.
    linked: Cell<bool>,
    /// What is known of where the text leads, as long as all of it is.
    leads: RefCell<Option<Known>>,
}

impl Filler<'_> {
    fn fill(&self, pieces: &[Piece], out: &mut String) {
        for piece in pieces {
            match piece {
                Piece::Html { .. } => {
                    if let Some(doc) = &self.page.doc {
                        out.push_str(piece.html(&doc.body));
                    }
                }
                Piece::Picture(at) => self.picture(*at as usize, out),
                Piece::Link(at) => self.open_link(*at as usize, out),
                Piece::LinkEnd(_) => {
                    out.push_str(if self.linked.get() { "</a>" } else { "</span>" })
                }
                Piece::Word(at) => {
                    let words = self.page.doc.as_ref().map(|doc| &doc.body.words);
                    if let Some(word) = words.and_then(|words| words.get(*at as usize)) {
                        self.word(word, out);
                    }
                }
                Piece::Permalink(at) => self.permalink(*at, out),
                Piece::Call(at) => {
                    let calls = self.page.doc.as_ref().map(|doc| &doc.body.calls);
                    if let Some(call) = calls.and_then(|calls| calls.get(*at as usize)) {
                        self.call(call, out);
                    }
                }
            }
        }
    }

    fn headings(&self) -> &[Heading] {
        self.page.doc.as_ref().map(|doc| &*doc.body.headings).unwrap_or_default()
    }

    /// A phrase of the theme.
    fn word(&self, word: &Word, out: &mut String) {
        self.frame.theme().phrase_into(out, &self.frame.view.lang, word, self.headings());
    }

    /// The link of a heading to itself.
    fn permalink(&self, at: u32, out: &mut String) {
        let Some(heading) = self.headings().get(at as usize) else { return };
        self.know(|known| known.heading(heading.id()));
        out.push_str(" <a class=\"permalink\" href=\"#");
        escape_into(out, heading.id());
        out.push_str("\" aria-label=\"");
        self.word(&Word { key: "permalink", with: With::Title(at) }, out);
        out.push_str("\">#</a>");
    }

    fn link(&self, at: usize) -> Option<&Link> {
        self.page.doc.as_ref()?.body.links.get(at)
    }

    /// A picture: with its versions, if it is one of the site's.
    fn picture(&self, at: usize, out: &mut String) {
        let pictures = self.page.doc.as_ref().map(|doc| &doc.body.pictures);
        let Some(picture) = pictures.and_then(|pictures| pictures.get(at)) else { return };
        let Some(link) = self.link(picture.link) else { return };
        let target = self.frame.view.resolve(link.target(), link.to);
        let (words, view) = ((&*picture.alt, &*picture.title), self.frame.view);
        let place = Some((&*self.page.file, link.span()));
        let shown = match &*target {
            Target::File { path, rest } if rest.is_empty() => {
                view.picture(path, place).map(|shown| (path, shown))
            }
            _ => None,
        };
        match shown {
            Some((path, Ok(shown))) => {
                self.know(|known| shown.variants.is_empty() && known.leads_to(&target));
                let is_first = view.is_first_picture();
                let element = Element { view, path, shown: &shown, words, is_first };
                out.push_str(&element.html(&self.frame.theme().sizes));
            }
            Some((_, Err(problem))) => view.problem(*problem),
            None => {
                let url = self.address(link);
                self.know(|_| url.is_some());
                let url = url.unwrap_or_default();
                out.push_str(&plain_picture(&url, words));
            }
        }
    }

    /// The beginning of a link; of none where the page behind it is not published.
    fn open_link(&self, at: usize, out: &mut String) {
        let Some(link) = self.link(at) else { return };
        let url = self.address(link);
        self.linked.set(url.is_some());
        match url {
            None => out.push_str("<span class=\"unlinked\">"),
            Some(url) => {
                out.push_str("<a href=\"");
                escape_into(out, &url);
                out.push('"');
                if !link.title().is_empty() {
                    out.push_str(" title=\"");
                    escape_into(out, link.title());
                    out.push('"');
                }
                out.push('>');
            }
        }
    }

    /// The address from this page; a broken one is reported and stays empty.
    fn address(&self, link: &Link) -> Option<String> {
        if link.to == LinkTo::Outside {
            return Some(link.target().to_string());
        }
        if let Some(path) = self.frame.view.path_by_name(link.target(), link.to) {
            self.know(|known| known.leads_to_page(path));
            return Some(self.frame.view.url(path));
        }
        let target = self.frame.view.resolve(link.target(), link.to);
        if let Target::Broken(broken) = &*target {
            self.frame.view.problem(self.broken(link, broken));
        }
        self.know(|known| known.leads_to(&target));
        self.frame.view.address_of(&target)
    }

    /// Notes something that the text leads to or has. `note` says whether that is all that is to be known of it.
    fn know(&self, note: impl FnOnce(&mut Known) -> bool) {
        let mut leads = self.leads.borrow_mut();
        if !leads.as_mut().is_none_or(note) {
            *leads = None;
        }
    }

    fn broken(&self, link: &Link, broken: &Broken) -> Diagnostic {
        let code = match (broken.anchor, link.to) {
            _ if broken.held_back => Code::HeldBackLink,
            (true, _) => Code::BrokenAnchor,
            (false, LinkTo::File) => Code::MissingFile,
            _ => Code::BrokenLink,
        };
        Diagnostic::at(code, &self.page.file, link.span(), broken.message.clone())
            .maybe_hint(broken.hint.clone())
    }

    fn call(&self, call: &Call, out: &mut String) {
        let mut body = String::new();
        self.fill(&call.body, &mut body);
        let mut files = Vec::new();
        let arguments = call
            .values
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), self.argument(value, &mut files)?)))
            .collect();
        let component = self.frame.theme().components.get(&call.name);
        let takes_body = component.is_some_and(|c| c.body);
        if component.is_some_and(|c| c.questions) {
            self.frame.view.note_questions(&body);
        }
        let before = self.frame.view.hand(files);
        let made = self.frame.component(
            &call.name,
            arguments,
            takes_body.then_some(body.as_str()),
            (&self.page.file, call.span),
        );
        self.frame.view.hand(before);
        match made {
            Ok(html) => out.push_str(html.trim()),
            Err(problem) => self.frame.view.problem(*problem),
        }
    }

    /// The value of an argument; `files` takes where a file lies, by the address that stands for it.
    fn argument(&self, value: &Value, files: &mut Vec<Handed>) -> Option<Data> {
        Some(match value {
            Value::Text(text) => Data::Text(text.clone()),
            Value::Bool(value) => Data::Bool(*value),
            Value::Int(value) => Data::Int(*value),
            Value::Number(value) => Data::Float(*value),
            Value::Link(at) | Value::File(at) => {
                let link = self.link(*at);
                let url = link.and_then(|link| self.address(link));
                if let (Some(link), Some(url)) = (link.filter(|it| it.to == LinkTo::File), &url)
                    && let Target::File { path, .. } =
                        &*self.frame.view.resolve(link.target(), link.to)
                {
                    let path = path.clone();
                    files.push(Handed { url: url.clone(), path, span: link.span() });
                }
                Data::Text(url.unwrap_or_else(|| "#".into()))
            }
        })
    }
}
