//! Owns the entry of a year in years.yaml: where it belongs and how it comes in, as a change of the text that
//! leaves every other byte as it is. Must not know files, or what a year means.

use crate::diag::Span;
use crate::parse::byte_order_mark;
use crate::yaml::{self, Node, Value};

/// The file of years, as it is for a site that has none yet.
pub(super) const HEAD: &str =
    "# What the rule in site.yaml cannot know, year by year. Every setting may be left out.\n";

/// Why an entry cannot be put into a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The text is no YAML, or not a list of years.
    Unreadable,
    /// It is YAML of a kind that cannot be changed line by line, such as `{2027: {…}}`.
    Unusual,
}

/// The years that a text has an entry for, with the place of each year and what is said of it.
pub(super) fn entries(root: &Node) -> Vec<(i16, Span, &Node)> {
    let Value::Map(entries) = &root.value else { return Vec::new() };
    let read = |(key, value): &'_ (Node, Node)| -> Option<(i16, Span)> {
        let _ = value;
        Some((key.text()?.trim().parse().ok()?, key.span))
    };
    entries
        .iter()
        .filter_map(|entry| read(entry).map(|(year, span)| (year, span, &entry.1)))
        .collect()
}

/// The text with an entry for `year`, whose lines are `lines` without indentation. The entry comes to its place in
/// the order of years; ends of lines are those of the text.
///
/// # Errors
/// When the text cannot be read, or the entry would not stand in it as wanted.
pub(super) fn insert(text: &str, year: i16, lines: &[String]) -> Result<String, Refusal> {
    let start = byte_order_mark(text);
    let root = yaml::parse(&text[start..], start).map_err(|_| Refusal::Unreadable)?;
    let before = match &root.value {
        Value::Null => Vec::new(),
        Value::Map(_) => entries(&root),
        _ => return Err(Refusal::Unreadable),
    };
    let (at, indent, is_after) = position(text, &before, year);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let indent = " ".repeat(indent);
    let mut entry = format!("{indent}{year}:{end}");
    for line in lines {
        entry.push_str(&format!("{indent}  {line}{end}"));
    }
    let (head, tail) = text.split_at(at);
    let mut out = head.to_string();
    if !head.is_empty() && !head.ends_with('\n') && head.len() > start {
        out.push_str(end);
    }
    let is_open = |text: &str| !text.trim_start_matches('\u{feff}').trim().is_empty();
    let blank_before = out.ends_with("\n\n") || out.ends_with("\r\n\r\n");
    if is_after && is_open(&out) && !blank_before {
        out.push_str(end);
    }
    out.push_str(&entry);
    let starts_blank = tail.starts_with('\n') || tail.starts_with("\r\n");
    if !is_after && is_open(tail) && !starts_blank {
        out.push_str(end);
    }
    out.push_str(tail);
    // The text decides, not what was meant: all entries must be what they were, and one more.
    let root = yaml::parse(&out[start..], start).map_err(|_| Refusal::Unusual)?;
    let mut now: Vec<_> =
        entries(&root).into_iter().map(|(year, _, node)| (year, node.data())).collect();
    let place = now.iter().position(|(known, _)| *known == year).ok_or(Refusal::Unusual)?;
    now.remove(place);
    let was: Vec<_> = before.iter().map(|(year, _, node)| (*year, node.data())).collect();
    if now == was { Ok(out) } else { Err(Refusal::Unusual) }
}

/// Where the entry goes: the byte, the indentation of years, and whether it follows something.
fn position(text: &str, years: &[(i16, Span, &Node)], year: i16) -> (usize, usize, bool) {
    let Some((_, first, _)) = years.first() else {
        return (before_end_mark(text, text.len()), 0, true);
    };
    let indent = first.start - line_start(text, first.start);
    let is_falling = years.len() > 1 && years.windows(2).all(|pair| pair[0].0 > pair[1].0);
    let place = if is_falling {
        years.iter().position(|(known, ..)| *known < year)
    } else {
        // After the last year that comes before it, wherever that stands.
        let earlier = years.iter().enumerate().filter(|(_, (known, ..))| *known < year);
        Some(earlier.max_by_key(|(_, (known, ..))| *known).map_or(0, |(place, _)| place + 1))
    };
    match place {
        Some(0) => (above(text, first.start), indent, false),
        Some(place) => (end_of(text, years, place - 1), indent, true),
        None => (end_of(text, years, years.len() - 1), indent, true),
    }
}

/// The end of an entry: of its last line that is neither blank nor a note for what follows.
fn end_of(text: &str, years: &[(i16, Span, &Node)], place: usize) -> usize {
    let (_, key, _) = years[place];
    let end = years.get(place + 1).map_or(text.len(), |(_, next, _)| line_start(text, next.start));
    let start = line_start(text, key.start);
    let indent = key.start - start;
    let mut at = start;
    let mut last = start;
    for (number, line) in text[start..end].split_inclusive('\n').enumerate() {
        at += line.len();
        let margin = line.len() - line.trim_start().len();
        let is_note = line.trim_start().starts_with('#') && margin <= indent;
        let is_end = ["...", "---"].contains(&line.trim_end());
        if number == 0 || !(line.trim().is_empty() || is_note || is_end) {
            last = at;
        }
    }
    last
}

/// The first byte of the first entry, with the notes that stand directly above it; a note at the head of the file is
/// about the file.
fn above(text: &str, key: usize) -> usize {
    let line = line_start(text, key);
    let mut start = line;
    while start > byte_order_mark(text) {
        let previous = line_start(text, start - 1);
        if !text[previous..start].trim_start().starts_with('#') {
            return start;
        }
        start = previous;
    }
    line
}

/// The end of the text, before a line `...` that ends the document.
fn before_end_mark(text: &str, end: usize) -> usize {
    let mut at = 0;
    for line in text[..end].split_inclusive('\n') {
        if line.trim_end() == "..." {
            return at;
        }
        at += line.len();
    }
    end
}

fn line_start(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    if start == 0 { byte_order_mark(text).min(at) } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<String> {
        vec!["confirmed: false".into()]
    }

    fn insert_2027(text: &str) -> Result<String, Refusal> {
        insert(text, 2027, &lines())
    }

    const NEW: &str = "2027:\n  confirmed: false\n";

    #[test]
    fn a_year_comes_to_its_place() {
        for (text, expected) in [
            ("", format!("<{NEW}>")),
            ("# Years.\n", format!("# Years.\n<\n{NEW}>")),
            ("2026:\n  theme: A\n", format!("2026:\n  theme: A\n<\n{NEW}>")),
            ("2026:\n  theme: A", format!("2026:\n  theme: A<\n\n{NEW}>")),
            (
                "2026: {theme: A}\n2028: {theme: B}\n",
                format!("2026: {{theme: A}}\n<\n{NEW}>2028: {{theme: B}}\n"),
            ),
            (
                "2026:\n  theme: A\n  # of A\n\n# About 2028.\n2028:\n  theme: B\n",
                format!(
                    "2026:\n  theme: A\n  # of A\n<\n{NEW}>\n# About 2028.\n2028:\n  theme: B\n"
                ),
            ),
            (
                "# Years.\n\n# Of 2028.\n2028:\n",
                format!("# Years.\n\n<{NEW}\n># Of 2028.\n2028:\n"),
            ),
            ("# Years.\n2028:\n", format!("# Years.\n<{NEW}\n>2028:\n")),
            (
                "2028:\n  theme: B\n\n2026:\n  theme: A\n",
                format!("2028:\n  theme: B\n<\n{NEW}>\n2026:\n  theme: A\n"),
            ),
            (
                "2026:\n  note: |-\n    one\n\n    two\n\n\n",
                format!("2026:\n  note: |-\n    one\n\n    two\n<\n{NEW}>\n\n"),
            ),
        ] {
            // The angle brackets show what is new.
            let expected = expected.replace(['<', '>'], "");
            assert_eq!(insert_2027(text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn ends_of_lines_and_the_byte_order_mark_stay() {
        assert_eq!(
            insert_2027("\u{feff}2026:\r\n  theme: A\r\n").as_deref(),
            Ok("\u{feff}2026:\r\n  theme: A\r\n\r\n2027:\r\n  confirmed: false\r\n")
        );
        assert_eq!(
            insert_2027("\u{feff}2028:\n").as_deref(),
            Ok("\u{feff}2027:\n  confirmed: false\n\n2028:\n")
        );
    }

    #[test]
    fn what_cannot_be_changed_is_refused() {
        assert_eq!(insert_2027("2026: [\n"), Err(Refusal::Unreadable));
        assert_eq!(insert_2027("- a\n"), Err(Refusal::Unreadable));
        assert_eq!(insert_2027("{2026: {theme: A}}\n"), Err(Refusal::Unusual));
        assert_eq!(insert_2027("{}\n"), Err(Refusal::Unusual));
    }
}
