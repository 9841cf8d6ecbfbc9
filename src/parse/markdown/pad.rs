//! Owns the blank lines that are put around lines of colons, so that a component's lines stand alone
//! whatever is next to them, one kind of line end instead of two, and the way back from the padded text to the editor's.
//! A guard character keeps the parser from taking the colons for a definition.
//! Must not know what a component is.

use std::borrow::Cow;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::look::Look;
use crate::diag::Span;

/// Stands before the colons in the padded text: a Unicode noncharacter, which no text may hold.
pub(super) const GUARD: char = '\u{fdd2}';

/// The text with blank lines put in.
pub(super) struct Padded<'a> {
    /// What is parsed.
    pub(super) text: Cow<'a, str>,
    /// The first byte of the text in its file.
    start: usize,
    /// There are guards in it.
    pub(super) guarded: bool,
    /// At which byte of the padded text how many more bytes (or fewer) than in the file there were.
    added: Vec<(usize, isize)>,
}

impl Padded<'_> {
    /// A range of the padded text, in bytes of the file.
    pub(super) fn span(&self, range: &std::ops::Range<usize>) -> Span {
        Span::new(self.original(range.start), self.original(range.end))
    }

    fn original(&self, at: usize) -> usize {
        let before = self.added.partition_point(|(from, _)| *from <= at);
        let added = before.checked_sub(1).map_or(0, |i| self.added[i].1);
        (self.start + at).saturating_add_signed(-added)
    }
}

/// Puts a blank line before and after each line of colons that is not code, and a guard before each
/// line that begins with a colon and a name; a line end of two bytes becomes one, so that a page gives
/// the same site on whatever system it was saved (CommonMark 0.31, section 2.1).
pub(super) fn pad<'a>(
    text: &'a str,
    start: usize,
    look: Look,
    on: bool,
    options: Options,
) -> Padded<'a> {
    let calls = on && look.calls && text.split('\n').any(|line| line_of_colons(line).is_some());
    if !calls && !look.long_ends {
        return Padded { text: Cow::Borrowed(text), start, guarded: false, added: Vec::new() };
    }
    let code = if calls { code_ranges(text, options) } else { Vec::new() };
    let mut out = Growing { text: String::with_capacity(text.len() + 64), ..Growing::default() };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        // Indented code begins after its spaces.
        let is_code = |before: &str| code.iter().any(|range| range.contains(&(at + before.len())));
        match line_of_colons(line).filter(|(before, _)| calls && !is_code(before)) {
            None => out.copy(line),
            Some((before, is_block)) => {
                let quote = before.trim_end();
                if is_block {
                    out.add(&format!("{quote}\n"));
                }
                out.text.push_str(before);
                out.add(GUARD.encode_utf8(&mut [0; 4]));
                out.copy(&line[before.len()..]);
                if is_block && line.ends_with('\n') {
                    out.add(&format!("{quote}\n"));
                }
            }
        }
        at += line.len();
    }
    Padded { text: Cow::Owned(out.text), start, guarded: calls, added: out.added }
}

/// The padded text as it grows.
#[derive(Default)]
struct Growing {
    text: String,
    total: isize,
    added: Vec<(usize, isize)>,
}

impl Growing {
    /// Adds what the editor did not write.
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.total = self.total.saturating_add_unsigned(text.len());
        self.added.push((self.text.len(), self.total));
    }

    /// Copies what the editor wrote, with a line end of one byte.
    fn copy(&mut self, line: &str) {
        match line.strip_suffix("\r\n") {
            None => self.text.push_str(line),
            Some(line) => {
                self.text.push_str(line);
                self.total -= 1;
                self.added.push((self.text.len(), self.total));
                self.text.push('\n');
            }
        }
    }
}

/// For a line that begins with colons and a name, or with three colons: the marks of the quotation or
/// the spaces before it, and whether it is a block's line.
fn line_of_colons(line: &str) -> Option<(&str, bool)> {
    let rest = line.trim_start_matches([' ', '>']);
    let before = &line[..line.len() - rest.len()];
    if rest.starts_with(":::") {
        return Some((before, true));
    }
    let name = rest.strip_prefix(':')?;
    name.starts_with(|c: char| c.is_ascii_lowercase()).then_some((before, false))
}

/// Where code blocks are, by a first look at the text as it stands.
fn code_ranges(text: &str, options: Options) -> Vec<std::ops::Range<usize>> {
    Parser::new_ext(text, options)
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_))))
        .map(|(_, range)| range)
        .collect()
}
