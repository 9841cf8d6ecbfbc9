//! Owns the HTML of a page's text: what each event of the Markdown parser becomes, and where the holes
//! are. Must not know what a hole is filled with, nor other pages.

mod blocks;
mod links;
mod notes;

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Alignment, CowStr, Event, Tag, TagEnd, html::push_html};

use super::calls::Item;
use super::pad::{GUARD, Padded};
use super::{Body, Call, Link, LinkTo, Piece, Word};
use crate::diag::{Code, Diagnostic, Span};
use crate::parse::Settings;
use crate::parse::component::{self, Component, Head, Value};

/// A hole is written as MARK, a letter, a number, MARK_END. Both are Unicode noncharacters, which no
/// text may hold, so a hole cannot be forged.
pub(super) const MARK: char = '\u{fdd0}';
pub(super) const MARK_END: char = '\u{fdd1}';

/// How much of the first paragraph is kept as a summary, in characters.
const SUMMARY: usize = 200;

/// A call that was checked: name, arguments, place.
type FoundCall = (String, Vec<(String, Value)>, Span);

/// A call whose body is being written.
struct OpenCall {
    call: usize,
    colons: usize,
    /// How many containers of Markdown are around it: it must be closed at the same depth.
    depth: usize,
    span: Span,
}

/// Turns events into HTML with holes.
pub(super) struct Writer<'a> {
    file: &'a str,
    padded: &'a Padded<'a>,
    settings: &'a Settings,
    problems: &'a mut Vec<Diagnostic>,
    body: Body,
    calls: Vec<FoundCall>,
    open: Vec<OpenCall>,
    /// The component of the last line of colons, if it takes no text.
    without_text: Option<String>,
    ids: HashMap<String, usize>,
    tables: usize,
    notes: HashMap<String, Note>,
    note_count: usize,
}

#[derive(Default)]
struct Note {
    number: usize,
    references: usize,
    text: String,
    span: Span,
}

/// State while the events go by.
struct Flow<'e> {
    out: Vec<Event<'e>>,
    depth: usize,
    wants_title: bool,
    alignments: Vec<Alignment>,
    column: usize,
    in_head: bool,
    in_code: bool,
    /// The links that are open: those that are resolved later, by their number.
    links: Vec<Option<usize>>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        file: &'a str,
        padded: &'a Padded<'a>,
        settings: &'a Settings,
        problems: &'a mut Vec<Diagnostic>,
    ) -> Writer<'a> {
        Writer {
            file,
            padded,
            settings,
            problems,
            body: Body::default(),
            calls: Vec::new(),
            open: Vec::new(),
            without_text: None,
            ids: HashMap::new(),
            tables: 0,
            notes: HashMap::new(),
            note_count: 0,
        }
    }

    pub(super) fn components(&self) -> bool {
        self.settings.extensions.components
    }

    fn component(&self, name: &str) -> Option<&'a Component> {
        let settings: &'a Settings = self.settings;
        settings.components.as_ref()?.get(name)
    }

    pub(super) fn source(&self) -> &'a str {
        let padded: &'a Padded<'a> = self.padded;
        &padded.text
    }

    pub(super) fn file(&self) -> &'a str {
        self.file
    }

    pub(super) fn problems(&mut self) -> &mut Vec<Diagnostic> {
        self.problems
    }

    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        self.padded.span(range)
    }

    /// Checks a call and keeps it; its number, or `None` if there is no such component.
    pub(super) fn call(&mut self, head: &Head<'_>, inline: bool, span: Span) -> Option<usize> {
        let (links, settings) = (&mut self.body.links, self.settings);
        let mut outside: Vec<(String, Span, bool)> = Vec::new();
        let values = component::check(
            head,
            inline,
            settings.components.as_ref(),
            self.file,
            self.problems,
            |target, span, file| {
                outside.extend(is_outside(target).then(|| (target.to_string(), span, file)));
                let to = match (is_outside(target), file) {
                    (true, _) => LinkTo::Outside,
                    (false, true) => LinkTo::File,
                    (false, false) => LinkTo::Page,
                };
                links.push(Link { target: target.to_string(), span, to, title: String::new() });
                links.len() - 1
            },
        )?;
        for (target, span, is_file) in outside {
            self.refuse_unsafe(&target, span, is_file);
        }
        self.calls.push((head.name.to_string(), values, span));
        Some(self.calls.len() - 1)
    }

    pub(super) fn is_component(&self, name: &str) -> bool {
        self.component(name).is_some()
    }

    /// Some inline components need a text in brackets, and some take none.
    pub(super) fn check_text_of(&mut self, head: &Head<'_>, text: &Range<usize>) {
        let Some(component) = self.component(head.name).filter(|c| c.inline) else { return };
        let name = head.name;
        let (span, message, hint) = match (component.body, text.is_empty()) {
            (true, true) => (
                head.name_span,
                format!("\"{name}\" needs a text, which is missing."),
                format!("Write it in square brackets: :{name}[text]{{…}}"),
            ),
            (false, false) => (
                self.span(text),
                format!("\"{name}\" takes no text in square brackets."),
                format!("Write :{name}{{…}}, and the text before or after it."),
            ),
            _ => return,
        };
        self.problems.push(Diagnostic::at(Code::BadArgument, self.file, span, message).hint(hint));
    }

    /// Writes everything and cuts it at the holes.
    pub(super) fn write(mut self, items: Vec<Item<'_>>, wants_title: bool) -> Body {
        let mut flow = Flow {
            out: Vec::with_capacity(items.len() + 16),
            depth: 0,
            wants_title,
            alignments: Vec::new(),
            column: 0,
            in_head: false,
            in_code: false,
            links: Vec::new(),
        };
        self.run(items, &mut flow);
        self.close_down_to(0, &mut flow);
        let mut html = String::with_capacity(self.source().len() * 3 / 2);
        push_html(&mut html, flow.out.into_iter());
        self.write_notes(&mut html);
        if html.contains(GUARD) {
            // A line that began with a colon and was no call after all.
            html = html.replace(GUARD, "");
        }
        self.body.pieces = self.cut(&html);
        self.body
    }

    fn run<'e>(&mut self, items: Vec<Item<'e>>, flow: &mut Flow<'e>) {
        let mut items = items.into_iter().peekable();
        while let Some(item) = items.next() {
            match item {
                Item::Open(call) => flow.out.push(hole_event('O', call)),
                Item::Close(call) => flow.out.push(hole_event('C', call)),
                Item::Md(Event::Start(Tag::Paragraph), range) => {
                    if self.is_marker_line(&range) {
                        skip_to(&mut items, &TagEnd::Paragraph);
                        self.marker_line(range, flow);
                    } else {
                        self.check_marker_in_list(&range);
                        self.maybe_summary(&range, &mut items, flow);
                    }
                }
                Item::Md(Event::Start(Tag::Heading { level, id, classes, attrs }), range) => {
                    let inner = take_to(&mut items, &TagEnd::Heading(level));
                    let tag = Tag::Heading { level, id, classes, attrs };
                    self.heading(tag, inner, &range, flow);
                }
                Item::Md(Event::Start(Tag::Image { link_type, dest_url, title, id }), range) => {
                    let inner = take_to(&mut items, &TagEnd::Image);
                    let tag = Tag::Image { link_type, dest_url, title, id };
                    self.image(tag, inner, &range, flow);
                }
                Item::Md(Event::Start(Tag::FootnoteDefinition(name)), range) => {
                    let inner = take_to(&mut items, &TagEnd::FootnoteDefinition);
                    self.note(&name, inner, &range, flow);
                }
                Item::Md(Event::Start(Tag::HtmlBlock), _) => {
                    let inner = take_to(&mut items, &TagEnd::HtmlBlock);
                    self.html_block(inner, flow);
                }
                Item::Md(Event::Start(Tag::Item), _) => {
                    flow.depth += 1;
                    if let Some(Item::Md(Event::Text(_), range)) = items.peek() {
                        self.check_marker_in_list(range);
                    }
                    let task = matches!(items.peek(), Some(Item::Md(Event::TaskListMarker(_), _)));
                    flow.out.push(if task {
                        Event::Html("<li class=\"task\">".into())
                    } else {
                        Event::Start(Tag::Item)
                    });
                }
                Item::Md(event, range) => self.event(event, &range, flow),
            }
        }
    }

    fn event<'e>(&mut self, event: Event<'e>, range: &Range<usize>, flow: &mut Flow<'e>) {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                self.link(Tag::Link { link_type, dest_url, title, id }, range, flow);
            }
            Event::Start(Tag::BlockQuote(Some(kind))) => {
                flow.depth += 1;
                self.alert(kind, range, flow);
            }
            Event::End(TagEnd::BlockQuote(Some(kind))) => {
                self.leave(flow);
                self.end_alert(kind, flow);
            }
            Event::Start(
                tag @ (Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell),
            ) => {
                self.table_start(tag, flow);
            }
            Event::End(
                tag @ (TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell),
            ) => table_end(tag, flow),
            Event::Start(tag) => {
                flow.depth += 1;
                flow.in_code |= matches!(tag, Tag::CodeBlock(_));
                flow.out.push(Event::Start(tag));
            }
            Event::End(TagEnd::Link) => {
                self.leave(flow);
                flow.out.push(match flow.links.pop().flatten() {
                    Some(link) => hole_event('E', link),
                    None => Event::End(TagEnd::Link),
                });
            }
            Event::End(tag) => {
                // The end of an item may belong to a task item, whose start was written by hand: the
                // text that the writer makes is the same.
                self.leave(flow);
                flow.in_code &= tag != TagEnd::CodeBlock;
                flow.out.push(Event::End(tag));
            }
            Event::InlineHtml(html) => self.inline_html(html, range, flow),
            Event::Text(text) => {
                if !flow.in_code {
                    self.check_note_marks(range);
                }
                flow.out.push(Event::Text(text));
            }
            Event::FootnoteReference(name) => self.note_reference(&name, flow),
            Event::TaskListMarker(done) => {
                let word = self.word(if done { "task_done" } else { "task_open" }, None);
                let checked = if done { " checked" } else { "" };
                flow.out.push(Event::InlineHtml(
                    format!("<input type=\"checkbox\" disabled{checked} aria-label=\"{word}\"> ")
                        .into(),
                ));
            }
            // Without the slash of XHTML, which means nothing in HTML (HTML Standard, 13.1.2.1).
            Event::HardBreak => flow.out.push(Event::InlineHtml("<br>\n".into())),
            Event::Rule => flow.out.push(Event::Html("<hr>\n".into())),
            other => flow.out.push(other),
        }
    }

    /// One container of Markdown ends: what was opened inside must have been closed inside.
    fn leave(&mut self, flow: &mut Flow<'_>) {
        self.close_down_to(flow.depth, flow);
        flow.depth -= 1;
    }

    // ---- raw HTML -----------------------------------------------------------------------------

    /// A block of HTML arrives line by line. It is reported once, at the first thing that is no comment.
    fn html_block<'e>(&mut self, lines: Vec<Item<'e>>, flow: &mut Flow<'e>) {
        let mut in_comment = false;
        for line in lines {
            // The spaces before a line of HTML come as text.
            let Item::Md(Event::Html(html) | Event::Text(html), range) = line else { continue };
            if self.settings.raw_html {
                flow.out.push(Event::Html(html));
            } else if let Some(at) = outside_of_comments(&html, &mut in_comment) {
                if html[at..].starts_with("</") && self.is_html_said() {
                    continue;
                }
                let start = range.start + at;
                self.refuse_html(&(start..start + html[at..].trim_end().len()));
                return;
            }
        }
    }

    fn inline_html<'e>(&mut self, html: CowStr<'e>, range: &Range<usize>, flow: &mut Flow<'e>) {
        if self.settings.raw_html {
            flow.out.push(Event::InlineHtml(html));
            return;
        }
        let ends = html.starts_with("</") && self.is_html_said();
        // A comment is a note among editors: it is left out, and nobody is scolded.
        if !ends && !html.starts_with("<!--") {
            self.refuse_html(range);
        }
    }

    /// The end of an element whose beginning was reported is no second mistake.
    fn is_html_said(&self) -> bool {
        self.problems.iter().any(|problem| problem.code == Code::RawHtml)
    }

    fn refuse_html(&mut self, range: &Range<usize>) {
        let span = self.span(range);
        self.problems.push(
            Diagnostic::at(
                Code::RawHtml,
                self.file,
                span,
                "HTML is not allowed in the pages of this site.",
            )
            .hint(
                "Write Markdown or a component instead (a backslash before < prints the sign), or \
                 set \"raw_html: true\" under \"markdown\" in site.yaml.",
            ),
        );
    }

    // ---- summary, words, holes ----------------------------------------------------------------

    /// Writes a paragraph; the first one of the page outside of components is also its summary.
    fn maybe_summary<'e>(
        &mut self,
        range: &Range<usize>,
        items: &mut std::iter::Peekable<std::vec::IntoIter<Item<'e>>>,
        flow: &mut Flow<'e>,
    ) {
        flow.depth += 1;
        flow.out.push(Event::Start(Tag::Paragraph));
        if !self.body.summary.is_empty() || flow.depth > 1 || !self.open.is_empty() {
            return;
        }
        let inner = take_to(items, &TagEnd::Paragraph);
        let mut text = plain_text(&inner);
        if let Some((at, _)) = text.char_indices().nth(SUMMARY) {
            let cut = text[..at].rfind(' ').unwrap_or(at);
            text.truncate(cut);
            text.push('…');
        }
        self.body.summary = text;
        self.run(inner, flow);
        self.event(Event::End(TagEnd::Paragraph), range, flow);
    }

    fn word(&mut self, key: &'static str, with: Option<(&'static str, String)>) -> String {
        self.body.words.push(Word { key, with });
        hole('W', self.body.words.len() - 1)
    }

    /// Cuts the HTML at the holes into a tree of pieces.
    fn cut(&mut self, html: &str) -> Vec<Piece> {
        let mut stack: Vec<(usize, Vec<Piece>)> = Vec::new();
        let mut pieces = Vec::new();
        let mut rest = html;
        while let Some(at) = rest.find(MARK) {
            push_piece(&mut pieces, &rest[..at]);
            let hole = &rest[at + MARK.len_utf8()..];
            let end = hole.find(MARK_END).unwrap_or(hole.len());
            let number: usize = hole.get(1..end).and_then(|n| n.parse().ok()).unwrap_or_default();
            match hole.as_bytes().first() {
                Some(b'A') => pieces.push(Piece::Address(number)),
                Some(b'W') => pieces.push(Piece::Word(number)),
                Some(b'L') => pieces.push(Piece::Link(number)),
                Some(b'E') => pieces.push(Piece::LinkEnd(number)),
                Some(b'O') => stack.push((number, std::mem::take(&mut pieces))),
                _ => {
                    if let Some((call, outer)) = stack.pop() {
                        let body = std::mem::replace(&mut pieces, outer);
                        pieces.extend(self.finished(call, body));
                    }
                }
            }
            rest = hole.get(end + MARK_END.len_utf8()..).unwrap_or_default();
        }
        push_piece(&mut pieces, rest);
        while let Some((call, outer)) = stack.pop() {
            let body = std::mem::replace(&mut pieces, outer);
            pieces.extend(self.finished(call, body));
        }
        pieces
    }

    /// A call with its body; an unknown component leaves its body behind.
    fn finished(&mut self, call: usize, body: Vec<Piece>) -> Vec<Piece> {
        let (name, values, span) = std::mem::take(&mut self.calls[call]);
        if name.is_empty() {
            return body;
        }
        vec![Piece::Call(Box::new(Call { name, values, body, span }))]
    }
}

/// Where in a line something stands that is neither space nor comment; a comment may go on in the next.
fn outside_of_comments(html: &str, in_comment: &mut bool) -> Option<usize> {
    let mut at = 0;
    loop {
        if *in_comment {
            at += html[at..].find("-->")? + 3;
            *in_comment = false;
        }
        let rest = html[at..].trim_start();
        at = html.len() - rest.len();
        if rest.is_empty() {
            return None;
        }
        if !rest.starts_with("<!--") {
            return Some(at);
        }
        *in_comment = true;
        at += 4;
    }
}

fn push_piece(pieces: &mut Vec<Piece>, html: &str) {
    if !html.is_empty() {
        pieces.push(Piece::Html(html.to_string()));
    }
}

fn hole(letter: char, number: usize) -> String {
    format!("{MARK}{letter}{number}{MARK_END}")
}

fn hole_event<'e>(letter: char, number: usize) -> Event<'e> {
    Event::InlineHtml(hole(letter, number).into())
}

fn hole_line<'e>(letter: char, number: usize) -> Event<'e> {
    Event::Html(format!("{}\n", hole(letter, number)).into())
}

fn table_end(tag: TagEnd, flow: &mut Flow<'_>) {
    flow.depth -= 1;
    let html = match tag {
        TagEnd::Table => "</tbody></table></div>\n",
        TagEnd::TableHead => "</tr></thead><tbody>\n",
        TagEnd::TableRow => "</tr>\n",
        _ if flow.in_head => "</th>",
        _ => "</td>",
    };
    if tag == TagEnd::TableHead {
        flow.in_head = false;
    }
    flow.out.push(Event::Html(html.into()));
}

/// Everything up to the end of the tag that was just begun; the end itself is dropped.
fn take_to<'e>(
    items: &mut std::iter::Peekable<std::vec::IntoIter<Item<'e>>>,
    end: &TagEnd,
) -> Vec<Item<'e>> {
    let mut taken = Vec::new();
    let mut depth = 0;
    for item in items.by_ref() {
        match &item {
            Item::Md(Event::Start(_), _) => depth += 1,
            Item::Md(Event::End(tag), _) if depth == 0 && tag == end => return taken,
            Item::Md(Event::End(_), _) => depth -= 1,
            _ => {}
        }
        taken.push(item);
    }
    taken
}

fn skip_to(items: &mut std::iter::Peekable<std::vec::IntoIter<Item<'_>>>, end: &TagEnd) {
    take_to(items, end);
}

/// The text of inline items without any marks.
fn plain_text(items: &[Item<'_>]) -> String {
    let mut text = String::new();
    for item in items {
        match item {
            Item::Md(Event::Text(t) | Event::Code(t), _) => text.push_str(t),
            Item::Md(Event::SoftBreak | Event::HardBreak, _) => text.push(' '),
            _ => {}
        }
    }
    text.replace(GUARD, "")
}

fn title_attribute(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(title)) }
}

/// Whether an address leads out of the site: it has a scheme (RFC 3986, section 3.1) or a host.
pub(crate) fn is_outside(target: &str) -> bool {
    if target.starts_with("//") {
        return true;
    }
    let Some((scheme, _)) = target.split_once(':') else { return false };
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Escapes for an attribute or a text.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}

/// Escapes for an attribute or a text, at the end of `out`.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

/// An address as it was written, for an attribute: what may not stand in a URI is percent-encoded as
/// the CommonMark reference does.
fn escape_href(out: &mut String, target: &str) {
    for byte in target.bytes() {
        match byte {
            b'&' => out.push_str("&amp;"),
            b'\'' => out.push_str("&#x27;"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte as char),
            _ if b"-_.+!*(),%#@?=;:/,$~".contains(&byte) => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}
