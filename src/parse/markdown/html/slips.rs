//! Owns slips that Markdown takes for something else without a word: a link with a space in it is printed
//! as brackets, and what is too much in a row of a table is not printed at all. Must not know what links
//! lead to.

use std::ops::Range;

use super::Writer;
use crate::diag::{Code, Diagnostic};

/// The ends of names that make brackets a link and not a remark.
const ENDS: [&str; 16] = [
    ".md", ".html", ".pdf", ".docx", ".doc", ".xlsx", ".pptx", ".jpg", ".jpeg", ".png", ".gif",
    ".svg", ".webp", ".zip", ".ics", ".csv",
];

impl Writer<'_> {
    /// A text that begins behind a closing bracket: `[text] (address)` and `[text](an address)` are no links.
    pub(super) fn check_lost_link(&mut self, range: &Range<usize>) {
        let source = self.source();
        let Some(before) = source.get(..range.start).filter(|text| text.ends_with(']')) else {
            return;
        };
        let line = source[range.start..].split('\n').next().unwrap_or_default();
        let gap = line.len() - line.trim_start_matches(' ').len();
        let Some((address, _)) =
            line[gap..].strip_prefix('(').and_then(|rest| rest.split_once(')'))
        else {
            return;
        };
        let (address, line_start) = (address.trim(), before.rfind('\n').map_or(0, |at| at + 1));
        let lower = address.to_lowercase();
        let is_address = lower.starts_with("http") || ENDS.iter().any(|end| lower.ends_with(end));
        let Some(open) = before[line_start..].rfind('[').filter(|_| is_address) else { return };
        let (message, right) = match (gap > 0, address.contains(' ')) {
            (true, _) => (
                "There is a space between the two brackets, so this is no link.",
                format!("Take the space out: {}({address})", &before[line_start + open..]),
            ),
            (false, true) => (
                "There is a space in the address, so this is no link.",
                format!("Put < and > around it: {}(<{address}>)", &before[line_start + open..]),
            ),
            _ => return,
        };
        let end = range.start + line.find(')').map_or(line.len(), |at| at + 1);
        let span = self.span(&(line_start + open..end));
        let problem = Diagnostic::at(Code::BrokenLink, self.file, span, message).hint(right);
        self.problems.push(problem);
    }

    /// A row of a table with more cells than the head: Markdown leaves the rest out.
    pub(super) fn check_row(&mut self, range: &Range<usize>, columns: usize) {
        let source = self.source();
        let row = source[range.clone()].trim_end();
        let inner = row.strip_prefix('|').unwrap_or(row);
        let between = inner.strip_suffix('|').unwrap_or(inner);
        // Counting is quick, and hardly any row has as many bars that something may stand behind.
        if between.bytes().filter(|byte| *byte == b'|').count() < columns {
            return;
        }
        let mut cells = 0;
        let mut escaped = false;
        for (at, byte) in inner.bytes().enumerate() {
            if byte == b'|' && !escaped {
                cells += 1;
                let rest = &inner[at + 1..];
                if cells == columns && !rest.trim().is_empty() {
                    let start = range.start + row.len() - rest.trim_start().len();
                    let span = self.span(&(start..range.start + row.len()));
                    self.problems.push(
                        Diagnostic::at(
                            Code::NoEffect,
                            self.file,
                            span,
                            format!("The head of this table has {columns} cells, so the rest of this row is not printed."),
                        )
                        .hint("Add a cell to the head and to the line below it, or put a backslash before a | that belongs to the text."),
                    );
                    return;
                }
            }
            escaped = byte == b'\\' && !escaped;
        }
    }
}
