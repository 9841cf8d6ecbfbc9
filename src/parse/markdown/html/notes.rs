//! Owns footnotes. Must not know anything else of a page.

use std::ops::Range;

use super::{Flow, Item, Note, Writer, count};
use crate::diag::{Code, Diagnostic};
use crate::parse::markdown::holes::Html;
use crate::parse::markdown::{Notes, With};

impl Writer<'_> {
    pub(super) fn note(
        &mut self,
        name: &str,
        inner: Vec<Item<'_>>,
        range: &Range<usize>,
        flow: &mut Flow,
    ) {
        let mut own = Flow { depth: flow.depth + 1, ..Flow::default() };
        self.run(inner.into_iter(), &mut own);
        self.close_down_to(own.depth, &mut own);
        let first = self.source()[range.clone()].lines().next().unwrap_or_default();
        let span = self.span(&(range.start..range.start + first.len()));
        let note = self.notes.entry(name.to_string()).or_default();
        (note.html, note.span) = (own.html, span);
    }

    /// `[^name]` that reaches the text as it was written has no footnote behind it.
    pub(super) fn check_note_marks(&mut self, range: &Range<usize>) {
        let source = self.source();
        let first = self.note_marks.partition_point(|at| *at < range.start);
        for i in first..self.note_marks.len() {
            let at = self.note_marks[i];
            if at >= range.end {
                return;
            }
            let rest = &source[at + "[^".len()..];
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

    pub(super) fn note_reference(&mut self, name: &str, flow: &mut Flow) {
        let next = self.note_count + 1;
        let note = self.notes.entry(name.to_string()).or_default();
        if note.number == 0 {
            note.number = next;
            self.note_count = next;
        }
        note.references += 1;
        let number = note.number;
        let references = note.references;
        let label = self.word("footnote_label", With::Number(count(number)));
        let number = number.to_string();
        let html = &mut flow.html;
        for part in
            ["<sup class=\"footnote-ref\"><a href=\"#fn-", &number, "\" id=\"fnref-", &number]
        {
            html.push(part);
        }
        if references > 1 {
            html.push(&format!("-{references}"));
        }
        html.push("\" aria-label=\"");
        html.push_hole(label);
        html.push("\">");
        html.push(&number);
        html.push("</a></sup>");
    }

    /// The footnotes that the text refers to, in the order of their first reference, at its end.
    pub(super) fn write_notes(&mut self, html: &mut Html) {
        let all = std::mem::take(&mut self.notes).into_values();
        let (mut notes, unused): (Vec<Note>, Vec<Note>) = all.partition(|note| note.number > 0);
        // What they refer to is counted, and yet it is not printed.
        self.body.has_own_names |= !unused.is_empty();
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
        let references = notes.iter().map(|note| count(note.references)).collect();
        self.body.notes = Some(Box::new(Notes { references }));
        let title = self.word("footnotes", With::Nothing);
        html.push("<section class=\"footnotes\" aria-label=\"");
        html.push_hole(title);
        html.push("\">\n<ol>\n");
        for note in notes {
            let number = note.number.to_string();
            let label = self.word("footnote_back", With::Number(count(note.number)));
            html.push("<li id=\"fn-");
            html.push(&number);
            html.push("\">");
            // The way back stands in the last paragraph, or in one of its own.
            if note.html.ends_with("</p>") {
                html.append(&note.html, "</p>".len());
            } else {
                html.append(&note.html, 0);
                html.push("<p>");
            }
            html.push(" <a class=\"footnote-back\" href=\"#fnref-");
            html.push(&number);
            html.push("\" aria-label=\"");
            html.push_hole(label);
            html.push("\">↩</a></p></li>\n");
        }
        html.push("</ol>\n</section>\n");
    }
}
