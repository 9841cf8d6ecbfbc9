//! Owns tables and footnotes. Must not know anything else of a page.

use std::ops::Range;

use pulldown_cmark::{Alignment, Event, Tag, html::push_html};

use super::{Flow, Item, Note, Writer};
use crate::diag::{Code, Diagnostic};

impl Writer<'_> {
    pub(super) fn table_start<'e>(&mut self, tag: Tag<'e>, flow: &mut Flow<'e>) {
        let html = match tag {
            Tag::Table(alignments) => {
                flow.alignments = alignments;
                self.tables += 1;
                let label = self.word("table_label", Some(("number", self.tables.to_string())));
                format!(
                    "<div class=\"table-scroll\" role=\"group\" tabindex=\"0\" aria-label=\"{label}\"><table>"
                )
            }
            Tag::TableHead => {
                flow.in_head = true;
                flow.column = 0;
                "<thead><tr>".to_string()
            }
            Tag::TableRow => {
                flow.column = 0;
                "<tr>".to_string()
            }
            _ => {
                let class = match flow.alignments.get(flow.column) {
                    Some(Alignment::Center) => " class=\"align-center\"",
                    Some(Alignment::Right) => " class=\"align-right\"",
                    _ => "",
                };
                flow.column += 1;
                let cell = if flow.in_head { "th scope=\"col\"" } else { "td" };
                format!("<{cell}{class}>")
            }
        };
        flow.depth += 1;
        flow.out.push(Event::Html(html.into()));
    }

    pub(super) fn note(
        &mut self,
        name: &str,
        inner: Vec<Item<'_>>,
        range: &Range<usize>,
        flow: &mut Flow<'_>,
    ) {
        let mut own = Flow {
            out: Vec::new(),
            depth: flow.depth + 1,
            wants_title: false,
            alignments: Vec::new(),
            column: 0,
            in_head: false,
            in_code: false,
            links: Vec::new(),
        };
        self.run(inner, &mut own);
        self.close_down_to(own.depth, &mut own);
        let mut html = String::new();
        push_html(&mut html, own.out.into_iter());
        let first = self.source()[range.clone()].lines().next().unwrap_or_default();
        let span = self.span(&(range.start..range.start + first.len()));
        let note = self.notes.entry(name.to_string()).or_default();
        (note.text, note.span) = (html, span);
    }

    /// `[^name]` that reaches the text as it was written has no footnote behind it.
    pub(super) fn check_note_marks(&mut self, range: &Range<usize>) {
        if !self.settings.extensions.footnotes {
            return;
        }
        let source = self.source();
        for (at, _) in source.get(range.clone()).unwrap_or_default().match_indices('[') {
            let at = range.start + at;
            let Some(rest) = source[at..].strip_prefix("[^") else { continue };
            let len = rest.find([']', '[', ' ', '\n']).unwrap_or(0);
            if len == 0 || !rest[len..].starts_with(']') || source[..at].ends_with('\\') {
                continue;
            }
            let mark = &source[at..at + len + 3];
            let span = self.span(&(at..at + mark.len()));
            let message = format!("There is no footnote {mark}.");
            self.problems.push(Diagnostic::at(Code::BrokenLink, self.file, span, message).hint(
                format!(
                    "Write it on a line of its own, {mark}: and then its text; a backslash before the bracket prints the bracket."
                ),
            ));
        }
    }

    pub(super) fn note_reference(&mut self, name: &str, flow: &mut Flow<'_>) {
        let next = self.note_count + 1;
        let note = self.notes.entry(name.to_string()).or_default();
        if note.number == 0 {
            note.number = next;
            self.note_count = next;
        }
        note.references += 1;
        let number = note.number;
        let id = if note.references == 1 {
            format!("fnref-{number}")
        } else {
            format!("fnref-{number}-{}", note.references)
        };
        let label = self.word("footnote_label", Some(("number", number.to_string())));
        flow.out.push(Event::InlineHtml(
            format!(
                "<sup class=\"footnote-ref\"><a href=\"#fn-{number}\" id=\"{id}\" aria-label=\"{label}\">{number}</a></sup>"
            )
            .into(),
        ));
    }

    /// The footnotes that the text refers to, in the order of their first reference, at its end.
    pub(super) fn write_notes(&mut self, html: &mut String) {
        let all = std::mem::take(&mut self.notes).into_values();
        let (mut notes, unused): (Vec<Note>, Vec<Note>) = all.partition(|note| note.number > 0);
        for note in unused {
            self.problems.push(
                Diagnostic::at(
                    Code::NoEffect,
                    self.file,
                    note.span,
                    "This footnote is mentioned nowhere, so it is not printed.",
                )
                .hint("Write its mark in the text, or delete it."),
            );
        }
        if notes.is_empty() {
            return;
        }
        notes.sort_by_key(|note| note.number);
        let title = self.word("footnotes", None);
        html.push_str(&format!("<section class=\"footnotes\" aria-label=\"{title}\">\n<ol>\n"));
        for note in notes {
            let number = note.number;
            let label = self.word("footnote_back", Some(("number", number.to_string())));
            let back = format!(
                " <a class=\"footnote-back\" href=\"#fnref-{number}\" aria-label=\"{label}\">↩</a>"
            );
            html.push_str(&format!("<li id=\"fn-{number}\">"));
            let text = note.text.trim();
            match text.strip_suffix("</p>") {
                Some(open) => html.push_str(&format!("{open}{back}</p>")),
                None => html.push_str(&format!("{text}<p>{back}</p>")),
            }
            html.push_str("</li>\n");
        }
        html.push_str("</ol>\n</section>\n");
    }
}
