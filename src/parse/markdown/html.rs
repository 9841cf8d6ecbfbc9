//! Owns the HTML of a page's text: what each event of the Markdown parser becomes, and where the holes
//! are. Must not know what a hole is filled with, nor other pages.

mod blocks;
mod links;
mod notes;
mod slips;
mod tags;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use super::calls::Item;
use super::holes::{Hole, Html};
use super::look::Look;
use super::pad::{GUARD, Padded};
use super::{Body, Call, Link, LinkTo, Piece, With, Word, count};
use crate::diag::{Code, Diagnostic, Span};
use crate::fingerprint::Fp;
use crate::parse::Settings;
use crate::parse::component::{self, Component, Head, Value};

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

/// Gives back the room that is left over.
fn fit<T>(list: &mut Vec<T>) {
    if list.len() < list.capacity() {
        let mut exact = Vec::with_capacity(list.len());
        exact.append(list);
        *list = exact;
    }
}

/// Adds a stretch of `html`, cut between two characters where it is longer than a piece can be.
fn push_html(pieces: &mut Vec<Piece>, html: &str, bytes: Range<usize>) {
    let mut from = bytes.start;
    while from < bytes.end {
        let mut end = bytes.end.min(from + usize::from(u16::MAX));
        while !html.is_char_boundary(end) {
            end -= 1;
        }
        let len = u16::try_from(end - from).unwrap_or(u16::MAX);
        pieces.push(Piece::Html { start: count(from), len });
        from = end;
    }
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
    ids: BTreeMap<Fp, usize>,
    tables: usize,
    notes: HashMap<String, Note>,
    note_count: usize,
    /// Where something begins like the mark of a footnote, in order.
    note_marks: Vec<usize>,
}

#[derive(Default)]
struct Note {
    number: usize,
    references: usize,
    html: Html,
    span: Span,
}

/// State while the events go by.
#[derive(Default)]
struct Flow {
    html: Html,
    depth: usize,
    wants_title: bool,
    alignments: Vec<Alignment>,
    column: usize,
    in_head: bool,
    in_code: bool,
    /// An item of a list has begun: what it is depends on what comes first in it.
    at_item: bool,
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
            // Room for what most pages have; what is left over is given back at the end.
            body: Body {
                links: Vec::with_capacity(16),
                words: Vec::with_capacity(16),
                headings: Vec::with_capacity(16),
                ..Body::default()
            },
            calls: Vec::new(),
            open: Vec::new(),
            without_text: None,
            ids: BTreeMap::new(),
            tables: 0,
            notes: HashMap::new(),
            note_count: 0,
            note_marks: Vec::new(),
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
                links.push(Link::new(target, "", span, to));
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
    pub(super) fn write<'e>(
        mut self,
        items: impl Iterator<Item = Item<'e>>,
        look: Look,
        wants_title: bool,
    ) -> Body {
        if self.settings.extensions.footnotes && look.notes {
            let source = self.source().as_bytes();
            let is_mark = |at: &usize| source.get(at + 1) == Some(&b'^');
            let brackets = self.source().match_indices('[').map(|(at, _)| at);
            self.note_marks = brackets.filter(is_mark).collect();
        }
        let html = Html::with_capacity(self.source().len() * 3 / 2);
        let mut flow = Flow { html, wants_title, ..Flow::default() };
        self.run(items, &mut flow);
        self.close_down_to(0, &mut flow);
        self.write_notes(&mut flow.html);
        let Html { text, holes, .. } = match self.padded.guarded {
            true => flow.html.without(GUARD),
            false => flow.html,
        };
        let mut pieces = self.cut(&holes, &text);
        fit(&mut pieces);
        self.body.pieces = pieces.into();
        // Copied, not cut: an allocator may leave what is cut off unused.
        self.body.html = text.as_str().into();
        fit(&mut self.body.links);
        fit(&mut self.body.words);
        fit(&mut self.body.headings);
        fit(&mut self.body.pictures);
        self.body
    }

    /// Writes what the items say. They are taken one by one as the parser finds them; only what must be
    /// known as a whole before it is written is collected first.
    fn run<'e>(&mut self, mut items: impl Iterator<Item = Item<'e>>, flow: &mut Flow) {
        while let Some(item) = items.next() {
            if std::mem::take(&mut flow.at_item) {
                self.item(&item, flow);
            }
            // Taken apart, not borrowed: what is known to hold nothing needs not be dropped.
            let (event, range) = match item {
                Item::Md(event, range) => (event, range),
                Item::Open(call) => {
                    flow.html.push_hole(Hole::Open(call));
                    continue;
                }
                Item::Close => {
                    flow.html.push_hole(Hole::Close);
                    continue;
                }
            };
            match event {
                Event::Text(text) => {
                    if !self.note_marks.is_empty() && !flow.in_code {
                        self.check_note_marks(&range);
                    }
                    if !flow.in_code && text.starts_with(['(', ' ']) {
                        self.check_lost_link(&range);
                    }
                    flow.html.push_text(&text);
                }
                Event::End(tag) => self.end(tag, flow),
                Event::Start(tag) => self.begin(tag, &range, &mut items, flow),
                event => self.leaf(&event, &range, flow),
            }
        }
    }

    /// Begins what is around others; what must be known as a whole is written to its end.
    fn begin<'e>(
        &mut self,
        tag: Tag<'e>,
        range: &Range<usize>,
        items: &mut impl Iterator<Item = Item<'e>>,
        flow: &mut Flow,
    ) {
        match tag {
            Tag::Paragraph => {
                if self.is_marker_line(range) {
                    each_to(items, &TagEnd::Paragraph, drop);
                    self.marker_line(range, flow);
                } else {
                    self.check_marker_in_list(range);
                    self.paragraph(items, flow);
                }
            }
            Tag::Heading { level, .. } => {
                let inner = take_to(items, &TagEnd::Heading(level));
                self.heading(&tag, inner, range, flow);
            }
            Tag::Image { dest_url, title, .. } => {
                let mut alt = String::new();
                each_to(items, &TagEnd::Image, |item| push_plain(&mut alt, &item));
                self.image(&dest_url, &title, &self.unguarded(alt), range, flow);
            }
            Tag::FootnoteDefinition(name) => {
                let inner = take_to(items, &TagEnd::FootnoteDefinition);
                self.note(&name, inner, range, flow);
            }
            Tag::HtmlBlock => {
                let inner = take_to(items, &TagEnd::HtmlBlock);
                self.html_block(inner, flow);
            }
            tag => self.start(&tag, range, flow),
        }
    }

    /// What is neither a text nor around others.
    fn leaf(&mut self, event: &Event<'_>, range: &Range<usize>, flow: &mut Flow) {
        match event {
            Event::SoftBreak => flow.html.push("\n"),
            // Without the slash of XHTML, which means nothing in HTML (HTML Standard, 13.1.2.1).
            Event::HardBreak => flow.html.push("<br>\n"),
            Event::Rule => flow.html.push("<hr>\n"),
            Event::Code(code) => {
                flow.html.push("<code>");
                flow.html.push_text(code);
                flow.html.push("</code>");
            }
            Event::Html(html) => flow.html.push(html),
            Event::InlineHtml(html) => self.inline_html(html, range, flow),
            Event::FootnoteReference(name) => self.note_reference(name, flow),
            Event::TaskListMarker(done) => {
                let word = self.word(if *done { "task_done" } else { "task_open" }, With::Nothing);
                flow.html.push("<input type=\"checkbox\" disabled");
                flow.html.push(if *done { " checked" } else { "" });
                flow.html.push(" aria-label=\"");
                flow.html.push_hole(word);
                flow.html.push("\"> ");
            }
            _ => {}
        }
    }

    /// One container of Markdown ends: what was opened inside must have been closed inside.
    fn leave(&mut self, flow: &mut Flow) {
        self.close_down_to(flow.depth, flow);
        flow.depth -= 1;
    }

    // ---- raw HTML -----------------------------------------------------------------------------

    /// A block of HTML arrives line by line. It is reported once, at the first thing that is no comment.
    fn html_block(&mut self, lines: Vec<Item<'_>>, flow: &mut Flow) {
        let mut in_comment = false;
        for line in lines {
            // The spaces before a line of HTML come as text.
            let Item::Md(Event::Html(html) | Event::Text(html), range) = line else { continue };
            if self.settings.raw_html {
                self.own_html(&html, &range, flow);
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

    fn inline_html(&mut self, html: &str, range: &Range<usize>, flow: &mut Flow) {
        if self.settings.raw_html {
            return self.own_html(html, range, flow);
        }
        let ends = html.starts_with("</") && self.is_html_said();
        // A comment is a note among editors: it is left out, and nobody is scolded.
        if !ends && !html.starts_with("<!--") {
            self.refuse_html(range);
        }
    }

    fn own_html(&mut self, html: &str, range: &Range<usize>, flow: &mut Flow) {
        self.body.has_own_html = true;
        self.keep_outside(html, range);
        flow.html.push(html);
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

    /// Begins a paragraph; the first one of the page outside of components is also its summary.
    fn paragraph<'e>(&mut self, items: &mut impl Iterator<Item = Item<'e>>, flow: &mut Flow) {
        flow.depth += 1;
        flow.html.push_line("<p>");
        if !self.body.summary.is_empty() || flow.depth > 1 || !self.open.is_empty() {
            return;
        }
        let inner = take_to(items, &TagEnd::Paragraph);
        let mut text = self.plain_text(&inner);
        if let Some((at, _)) = text.char_indices().nth(SUMMARY) {
            let cut = text[..at].rfind(' ').unwrap_or(at);
            text.truncate(cut);
            text.push('…');
        }
        self.body.summary = text.into();
        self.run(inner.into_iter(), flow);
        self.end(TagEnd::Paragraph, flow);
    }

    /// The text of inline items without any marks.
    fn plain_text(&self, items: &[Item<'_>]) -> String {
        let mut text = String::with_capacity(64);
        items.iter().for_each(|item| push_plain(&mut text, item));
        self.unguarded(text)
    }

    /// A text without guards: they are left where a line began with a colon and was no call after all.
    fn unguarded(&self, text: String) -> String {
        if self.padded.guarded { text.replace(GUARD, "") } else { text }
    }

    /// Keeps a phrase of the theme; the hole for it.
    fn word(&mut self, key: &'static str, with: With) -> Hole {
        self.body.words.push(Word { key, with });
        Hole::Word(self.body.words.len() - 1)
    }

    /// Cuts the HTML at the holes into a tree of pieces.
    fn cut(&mut self, holes: &[(usize, Hole)], html: &str) -> Vec<Piece> {
        let mut stack: Vec<(usize, Vec<Piece>)> = Vec::new();
        let mut pieces = Vec::with_capacity(2 * holes.len() + 1);
        let mut from = 0;
        for (at, hole) in holes {
            push_html(&mut pieces, html, from..*at);
            from = *at;
            match *hole {
                Hole::Picture(picture) => pieces.push(Piece::Picture(count(picture))),
                Hole::Word(word) => pieces.push(Piece::Word(count(word))),
                Hole::Permalink(heading) => pieces.push(Piece::Permalink(count(heading))),
                Hole::Link(link) => pieces.push(Piece::Link(count(link))),
                Hole::LinkEnd(link) => pieces.push(Piece::LinkEnd(count(link))),
                Hole::Open(call) => stack.push((call, std::mem::take(&mut pieces))),
                Hole::Close => {
                    if let Some((call, outer)) = stack.pop() {
                        let body = std::mem::replace(&mut pieces, outer);
                        pieces.extend(self.finished(call, body));
                    }
                }
            }
        }
        push_html(&mut pieces, html, from..html.len());
        while let Some((call, outer)) = stack.pop() {
            let body = std::mem::replace(&mut pieces, outer);
            pieces.extend(self.finished(call, body));
        }
        fit(&mut pieces);
        pieces
    }

    /// A call with its body; an unknown component leaves its body behind.
    fn finished(&mut self, call: usize, body: Vec<Piece>) -> Vec<Piece> {
        let (name, values, span) = std::mem::take(&mut self.calls[call]);
        if name.is_empty() {
            return body;
        }
        self.body.calls.push(Call { name, values, body, span });
        vec![Piece::Call(count(self.body.calls.len() - 1))]
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

/// Takes everything up to the end of the tag that was just begun; the end itself is dropped.
fn each_to<'e>(
    items: &mut impl Iterator<Item = Item<'e>>,
    end: &TagEnd,
    mut each: impl FnMut(Item<'e>),
) {
    let mut depth = 0;
    for item in items {
        match &item {
            Item::Md(Event::Start(_), _) => depth += 1,
            Item::Md(Event::End(tag), _) if depth == 0 && tag == end => return,
            Item::Md(Event::End(_), _) => depth -= 1,
            _ => {}
        }
        each(item);
    }
}

/// As [`each_to`], as a list.
fn take_to<'e>(items: &mut impl Iterator<Item = Item<'e>>, end: &TagEnd) -> Vec<Item<'e>> {
    // Room for most headings and paragraphs.
    let mut taken = Vec::with_capacity(16);
    each_to(items, end, |item| taken.push(item));
    taken
}

/// Adds the text of an inline item without any marks.
fn push_plain(text: &mut String, item: &Item<'_>) {
    match item {
        Item::Md(Event::Text(t) | Event::Code(t), _) => text.push_str(t),
        Item::Md(Event::SoftBreak | Event::HardBreak, _) => text.push(' '),
        _ => {}
    }
}

/// Whether an address leads out of the site: it has a scheme (RFC 3986, section 3.1) or a host.
pub(crate) fn is_outside(target: &str) -> bool {
    if target.starts_with("//") {
        return true;
    }
    if !target.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return false;
    }
    let mark = |byte: u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'-' | b'.');
    let end = target.bytes().position(mark);
    end.is_some_and(|end| end > 1 && target.as_bytes()[end] == b':')
}
