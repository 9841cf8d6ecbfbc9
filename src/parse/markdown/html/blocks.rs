//! Owns blocks of components: which line opens one, which closes it, and what was left open.
//! Must not know what a component looks like.

use std::ops::Range;

use pulldown_cmark::BlockQuoteKind;

use super::{Flow, GUARD, OpenCall, Writer};
use crate::diag::{Code, Diagnostic, Span};
use crate::parse::component::{self, Head, Value};
use crate::parse::markdown::holes::Hole;

impl Flow {
    /// The edge of a call stands on a line of its own.
    fn push_call(&mut self, edge: Hole) {
        self.html.push_hole(edge);
        self.html.push("\n");
    }
}

impl Writer<'_> {
    pub(super) fn is_marker_line(&self, range: &Range<usize>) -> bool {
        self.components()
            && self
                .source()
                .get(range.clone())
                .is_some_and(|s| s.strip_prefix(GUARD).is_some_and(|s| s.starts_with(":::")))
    }

    pub(super) fn marker_line(&mut self, range: &Range<usize>, flow: &mut Flow) {
        let source = self.source();
        let start = range.start + GUARD.len_utf8();
        let line = source[start..range.end].lines().next().unwrap_or_default().trim_end();
        let colons = line.len() - line.trim_start_matches(':').len();
        let rest = &line[colons..];
        let line_range = start..start + line.len();
        let span = self.span(&line_range);
        match component::block_head(rest, span.start + colons, self.file, self.problems) {
            None => {
                self.close(colons, span, flow);
                self.without_text = None;
            }
            Some(head) => self.open_block(&head, colons, span, flow),
        }
    }

    /// A paragraph after the mark of a list may look like a component and is none.
    pub(super) fn check_marker_in_list(&mut self, range: &Range<usize>) {
        let source = &self.source()[range.clone()];
        if !source.starts_with(":::") || !self.components() {
            return;
        }
        let line = source.lines().next().unwrap_or_default().trim_end();
        let rest = &line[":::".len()..];
        if rest.trim_start_matches([':', ' ']).starts_with(|c: char| c.is_ascii_alphabetic()) {
            let span = self.span(&(range.start..range.start + line.len()));
            let message =
                "A component begins on a line of its own, and here something stands before it.";
            self.problems.push(
                Diagnostic::at(Code::UnclosedComponent, self.file, span, message)
                    .hint("Put it on the next line, moved to the right as far as it stands here."),
            );
        }
    }

    pub(super) fn open_block(
        &mut self,
        head: &Head<'_>,
        colons: usize,
        span: Span,
        flow: &mut Flow,
    ) {
        // An unknown component still opens, and so does one for use inside a line: the closing line must
        // not be a second mistake.
        let has_body = self.component(head.name).is_none_or(|c| c.body || c.inline);
        self.without_text = (!has_body).then(|| head.name.to_string());
        let call = self.call(head, false, span).unwrap_or_else(|| {
            self.calls.push((String::new(), Vec::new(), span));
            self.calls.len() - 1
        });
        flow.push_call(Hole::Open(call));
        if has_body {
            self.open.push(OpenCall { call, colons, depth: flow.depth, span });
        } else {
            flow.push_call(Hole::Close);
        }
    }

    pub(super) fn close(&mut self, colons: usize, span: Span, flow: &mut Flow) {
        let depth = flow.depth;
        let found = self.open.iter().rposition(|o| o.colons == colons && o.depth == depth);
        let Some(found) = found else {
            let open = self.open.iter().rev().find(|open| open.depth == depth);
            let hint = match (open, &self.without_text) {
                (_, Some(name)) => {
                    format!("\"{name}\" has no text in it, so it needs no closing line.")
                }
                (Some(open), _) => format!("The open block began with {} colons.", open.colons),
                (None, None) => {
                    "Delete this line, or write the line that opens the block: :::name.".into()
                }
            };
            self.problems.push(
                Diagnostic::at(Code::NothingToClose, self.file, span, "This line closes nothing.")
                    .hint(hint),
            );
            return;
        };
        while self.open.len() > found + 1 {
            self.unclosed(flow);
        }
        if self.open.pop().is_some() {
            flow.push_call(Hole::Close);
        }
    }

    /// Closes, with a diagnostic, every block that was opened at `depth` or deeper.
    pub(super) fn close_down_to(&mut self, depth: usize, flow: &mut Flow) {
        while self.open.last().is_some_and(|open| open.depth >= depth) {
            self.unclosed(flow);
        }
    }

    pub(super) fn unclosed(&mut self, flow: &mut Flow) {
        let Some(open) = self.open.pop() else { return };
        flow.push_call(Hole::Close);
        if self.calls[open.call].0.is_empty() {
            // Whether an unknown component has an end, nobody knows.
            return;
        }
        let colons = ":".repeat(open.colons);
        self.problems.push(
            Diagnostic::at(
                Code::UnclosedComponent,
                self.file,
                open.span,
                "This block is opened here and never closed.",
            )
            .hint(format!("Put a line with only {colons} after its last line.")),
        );
    }

    /// An alert of GitHub's kind is the theme's callout, where it has one.
    pub(super) fn alert(&mut self, kind: BlockQuoteKind, range: &Range<usize>, flow: &mut Flow) {
        let name = alert_name(kind);
        let Some(callout) = self.component("callout").filter(|c| c.body && !c.inline) else {
            flow.html.push(&format!("<blockquote class=\"alert {name}\">\n"));
            return;
        };
        let kind = callout.arguments.iter().find(|argument| argument.name == "kind");
        let value = match name {
            _ if kind.is_some_and(|k| k.choices.iter().any(|c| c == name)) => name,
            "caution" => "warning",
            other => other,
        };
        let values = kind.map(|_| ("kind".to_string(), Value::Text(value.to_string())));
        let first_line = self.source()[range.clone()].lines().next().unwrap_or_default().len();
        let span = self.span(&(range.start..range.start + first_line));
        self.calls.push(("callout".into(), values.into_iter().collect(), span));
        let call = self.calls.len() - 1;
        flow.push_call(Hole::Open(call));
        self.open.push(OpenCall { call, colons: usize::MAX, depth: flow.depth - 1, span });
    }

    pub(super) fn end_alert(&mut self, flow: &mut Flow) {
        match self.open.last() {
            Some(open) if open.colons == usize::MAX => {
                self.open.pop();
                flow.push_call(Hole::Close);
            }
            _ => flow.html.push("</blockquote>\n"),
        }
    }
}

fn alert_name(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "note",
        BlockQuoteKind::Tip => "tip",
        BlockQuoteKind::Important => "important",
        BlockQuoteKind::Warning => "warning",
        BlockQuoteKind::Caution => "caution",
    }
}
