//! Owns what is said when a text is not YAML: the usual slips of an editor, told by the look of the line
//! and of those above it. Must not know what the settings mean.

use super::{Node, SyntaxError, Value};
use crate::diag::{Code, Diagnostic, Span};

/// Turns a syntax error into a diagnostic that says what an editor can do about it.
pub fn explain(error: &SyntaxError, file: &str, text: &str) -> Diagnostic {
    let mut at = error.at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let mut start = 0;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for line in text.split('\n') {
        if start > at {
            break;
        }
        lines.push(Line { start, text: line.trim_end_matches('\r') });
        start += line.len() + 1;
    }
    let here = lines.last().copied().unwrap_or_default();
    let says = says(&error.says);
    let slip = slip(&lines, here, at, says).unwrap_or_else(|| Slip {
        span: Span::new(at, here.end().max(at)),
        message: "This cannot be read as settings.".into(),
        hint: "Each setting is \"name: value\" on a line of its own, and settings of one group start in \
               the same column. A value with signs in it needs quotation marks."
            .into(),
    });
    Diagnostic::at(Code::Yaml, file, slip.span, slip.message).hint(slip.hint)
}

/// What the parser says, without its own count of lines, which is not that of the file.
fn says(text: &str) -> &str {
    let text = text.trim_end_matches('.');
    text.rfind(" at line ").map_or(text, |at| &text[..at])
}

/// What was done wrong, where, and what to write.
struct Slip {
    span: Span,
    message: String,
    hint: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn end(self) -> usize {
        self.start + self.text.len()
    }

    fn indent(self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    /// The text before the value, and the value.
    fn parts(self) -> (&'a str, &'a str) {
        let at = match self.text.find(": ") {
            Some(at) => at + 2,
            None if self.text.trim_start().starts_with("- ") => self.indent() + 2,
            None => self.text.len(),
        };
        let at = at + self.text[at..].len() - self.text[at..].trim_start().len();
        (&self.text[..at], self.text[at..].trim_end())
    }

    fn value_span(self) -> Span {
        let (before, value) = self.parts();
        Span::new(self.start + before.len(), self.start + before.len() + value.len())
    }

    /// The quotation mark that the value begins with.
    fn quote(self) -> Option<char> {
        self.parts().1.chars().next().filter(|c| ['"', '\''].contains(c))
    }

    fn is_open_quote(self) -> bool {
        let value = self.parts().1;
        self.quote().is_some_and(|quote| value.matches(quote).count() == 1)
    }

    /// The value in quotation marks, after what stands before it.
    fn quoted(self) -> String {
        let (before, value) = self.parts();
        let bare = self.quote().map_or(value, |quote| inside(value, quote, quote));
        let bare = inside(bare, '“', '”');
        let before = before.trim_start();
        if bare.contains(['"', '\\']) && !bare.contains('\'') {
            return format!("{before}'{bare}'");
        }
        format!("{before}\"{}\"", bare.replace('\\', "\\\\").replace('"', "\\\""))
    }

    /// `name:value`, where a space is missing: the name and the value.
    fn joined(self) -> Option<(&'a str, &'a str)> {
        joined(self.text)
    }

    /// How many brackets are open at the end of the line, outside of quotation marks.
    fn left_open(self) -> i32 {
        let (mut depth, mut quote) = (0, None);
        for c in self.parts().1.chars() {
            match (quote, c) {
                (Some(q), c) if q == c => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '[' | '{') => depth += 1,
                (None, ']' | '}') => depth -= 1,
                _ => {}
            }
        }
        depth
    }

    fn is_entry(self) -> bool {
        let text = self.text.trim_start();
        text == "-" || text.starts_with("- ")
    }
}

/// The text without the two marks around it, if both are there.
fn inside(text: &str, open: char, close: char) -> &str {
    let inner = text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
    // An open mark without its end is no part of the text either.
    let alone = || text.strip_prefix(open).filter(|text| !text.contains(close));
    inner.or_else(alone).unwrap_or(text)
}

/// `name:value` or `name = value`: the two, if the line looks like that.
pub(super) fn joined(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let (name, value) = match text.split_once(" = ") {
        Some(parts) => parts,
        None => text.split_once(':').filter(|(_, value)| !value.starts_with([' ', '/', ':']))?,
    };
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    (!name.is_empty() && !value.is_empty() && name.chars().all(is_name))
        .then(|| (name, value.trim()))
}

fn slip(lines: &[Line<'_>], here: Line<'_>, at: usize, says: &str) -> Option<Slip> {
    let new = |span: Span, message: &str, hint: String| {
        Some(Slip { span, message: message.to_string(), hint })
    };
    let rest = Span::new(at, here.end().max(at));
    if here.text.trim_start_matches(' ').starts_with('\t') || says.contains("tab") {
        return new(
            rest,
            "There is a tab in this line.",
            "Use spaces to move a line to the right; YAML does not allow tabs.".into(),
        );
    }
    limit(rest, says)
        .or_else(|| quotes(lines, here, says))
        .or_else(|| brackets(lines, here, at, says))
        .or_else(|| value(here, at))
        .or_else(|| columns(lines, here))
}

/// More than anybody writes by hand.
fn limit(rest: Span, says: &str) -> Option<Slip> {
    let (message, hint) = if says.contains("alias")
        && ["limit", "exceed", "too many"].iter().any(|word| says.contains(word))
    {
        (
            "This file copies parts of itself over and over (with & and *), far beyond what a site needs.",
            "Write the values out, or take the copies away.",
        )
    } else if says.contains("Depth") || says.contains("depth") {
        (
            "Too many settings stand inside one another here.",
            "Take a bracket away: thirty levels are more than any setting has.",
        )
    } else {
        return None;
    };
    Some(Slip { span: rest, message: message.into(), hint: hint.into() })
}

/// Quotation marks that are not closed, or too early.
fn quotes(lines: &[Line<'_>], here: Line<'_>, says: &str) -> Option<Slip> {
    if says.contains("escape") {
        return Some(Slip {
            span: here.value_span(),
            message: "Between double quotation marks, a backslash has a meaning of its own.".into(),
            hint: format!("Write single ones: {}", here.quoted()),
        });
    }
    // What is left open is noticed only further down.
    let in_quotes =
        says.contains("quoted") || says.contains("end of stream") || here.is_open_quote();
    let open = lines.iter().rev().copied().find(|line| line.is_open_quote());
    if let Some(line) = open.filter(|_| in_quotes) {
        let quote = line.quote().unwrap_or('"');
        let (before, value) = line.parts();
        let hint = if line.text[..before.len()].contains(['{', '[']) {
            "Close it after the last word of the text.".into()
        } else {
            format!("Close it at the end of the line: {}{value}{quote}", before.trim_start())
        };
        let message = format!("The quotation mark {quote} is opened here and never closed.");
        return Some(Slip { span: line.value_span(), message, hint });
    }
    let quote = here.quote().filter(|_| says.contains("trailing"))?;
    Some(Slip {
        span: here.value_span(),
        message: format!("The quotation mark {quote} closes in the middle of the value."),
        hint: format!("Write {}", here.quoted()),
    })
}

/// Brackets that are not closed, too early or too often.
fn brackets(lines: &[Line<'_>], here: Line<'_>, at: usize, says: &str) -> Option<Slip> {
    let begins = |line: &Line<'_>| line.parts().1.starts_with(['[', '{']);
    let is_close = |line: &Line<'_>| line.left_open() < 0;
    let open = lines.iter().rev().copied().take_while(|line| !is_close(line));
    if let Some(line) = open.filter(begins).find(|line| line.left_open() > 0) {
        let (before, value) = line.parts();
        let (bracket, close) = if value.starts_with('[') { ('[', ']') } else { ('{', '}') };
        return Some(Slip {
            span: line.value_span(),
            message: format!("The bracket {bracket} is opened here and never closed."),
            hint: format!("Close it: {}{value}{close}", before.trim_start()),
        });
    }
    if says.contains("bracket") && here.left_open() < 0 {
        return Some(Slip {
            span: Span::new(at, here.end().max(at)),
            message: "There is a closing bracket too many in this line.".into(),
            hint:
                "Delete it, or put the value in quotation marks if the bracket belongs to the text."
                    .into(),
        });
    }
    (begins(&here) && here.left_open() == 0 && !here.parts().1.ends_with([']', '}'])).then(|| {
        let (what, bracket) = if here.parts().1.starts_with('[') {
            ("a list", '[')
        } else {
            ("a group of settings", '{')
        };
        Slip {
            span: here.value_span(),
            message: format!(
                "A value that begins with {bracket} is {what}, and here text follows it."
            ),
            hint: format!("Put the value in quotation marks: {}", here.quoted()),
        }
    })
}

/// Signs in a value that mean something else.
fn value(here: Line<'_>, at: usize) -> Option<Slip> {
    let (_, value) = here.parts();
    let hint = || format!("Put the value in quotation marks: {}", here.quoted());
    if value.starts_with(['“', '”', '„', '‘', '’']) && value.contains(": ") {
        return Some(Slip {
            span: here.value_span(),
            message: "Curly quotation marks are letters here: they do not hold a value with a colon together.".into(),
            hint: format!("Type straight ones: {}", here.quoted()),
        });
    }
    if value.contains(": ") && here.quote().is_none() && !value.starts_with(['{', '[']) {
        return Some(Slip {
            span: Span::new(at, here.end().max(at)),
            message:
                "There is a second colon in this line, so it is unclear where the value starts."
                    .into(),
            hint: hint(),
        });
    }
    let sign = value.chars().next().filter(|c| "@`%&*!|>".contains(*c))?;
    Some(Slip {
        span: here.value_span(),
        message: format!("A value cannot start with {sign} here."),
        hint: hint(),
    })
}

/// Lines that do not fit below those above them.
fn columns(lines: &[Line<'_>], here: Line<'_>) -> Option<Slip> {
    let is_said = |line: &&Line<'_>| {
        let text = line.text.trim_start();
        !text.is_empty() && !text.starts_with('#')
    };
    let new = |span: Span, message: &str, hint: String| {
        Some(Slip { span, message: message.to_string(), hint })
    };
    let whole = |line: Line<'_>| Span::new(line.start + line.indent(), line.end());
    let before: Vec<Line<'_>> =
        lines[..lines.len().saturating_sub(1)].iter().filter(is_said).copied().collect();
    for line in before.last().into_iter().chain([&here]).copied() {
        if let Some((name, value)) = line.joined() {
            let message = if line.text.contains(" = ") {
                "Between a name and its value stands a colon, not an equals sign."
            } else {
                "Behind the colon, a space is missing."
            };
            return new(whole(line), message, format!("Write {name}: {value}"));
        }
    }
    let has_colon = |line: Line<'_>| line.text.contains(':') || line.is_entry();
    if let Some(line) = before.last().into_iter().chain([&here]).copied().find(|l| !has_colon(*l)) {
        let text = line.text.trim();
        let (name, rest) = text.split_once(' ').unwrap_or((text, "…"));
        let mut hint = format!("Write the name, a colon and the value: {name}: {}", rest.trim());
        if line.start == here.start && !before.is_empty() {
            hint.insert_str(
                0,
                "If it belongs to the text above, move it two spaces to the right. If not: ",
            );
        }
        return new(whole(line), "There is no colon in this line, so it is no setting.", hint);
    }
    let above = before.last().copied()?;
    if here.is_entry() && !above.is_entry() {
        return new(
            whole(here),
            "An entry of a list stands here, but the line above it has a value already.",
            "A list stands below a name that has nothing behind its colon (tags:).".into(),
        );
    }
    if above.is_entry() && here.indent() >= above.indent() && here.indent() > 0 {
        return new(
            whole(here),
            "A setting stands here among the entries of a list.",
            "Start it in the same column as the name of the list, or write a hyphen and a space before it."
                .into(),
        );
    }
    if here.indent() > above.indent() && !above.parts().1.is_empty() && here.text.contains(':') {
        return new(
            whole(here),
            "This line is moved to the right, but the line above it has a value already.",
            "Start both lines in the same column.".into(),
        );
    }
    let columns = before.iter().map(|line| line.indent());
    (here.indent() < above.indent() && !columns.clone().any(|column| column == here.indent())).then(
        || Slip {
            span: whole(here),
            message: "No line above starts in the same column as this one.".into(),
            hint:
                "Settings of one group start in the same column: count the spaces before the names."
                    .into(),
        },
    )
}

/// Finds values that end at a `#` although the number sign seems to be part of them: for YAML, what stands
/// behind a space and a `#` is a remark.
pub fn cut_values(node: &Node, text: &str, base: usize, file: &str, found: &mut Vec<Diagnostic>) {
    let cut = |at: usize| {
        let line = text.get(at..)?.split(['\n', '\r']).next()?;
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let sign = line[spaces..].strip_prefix('#')?;
        let is_remark = spaces == 0 || sign.is_empty() || sign.starts_with([' ', '#', '!', '-']);
        (!is_remark).then(|| Span::new(base + at + spaces, base + at + line.trim_end().len()))
    };
    match &node.value {
        Value::List(items) => {
            items.iter().for_each(|item| cut_values(item, text, base, file, found));
        }
        Value::Map(entries) => {
            for (key, value) in entries {
                let name = key.text().unwrap_or_default();
                let value_at = value.span.start.checked_sub(base).and_then(|at| text.get(at..));
                let is_plain =
                    value_at.is_some_and(|text| !text.starts_with(['"', '\'', '|', '>']));
                let (at, kept) = match &value.value {
                    // Nothing is left of the value: it would begin behind the colon.
                    Value::Null => {
                        let at = key.span.end - base;
                        let colon = text.get(at..).and_then(|text| text.find(':'));
                        (at + colon.map_or(0, |colon| colon + 1), "")
                    }
                    Value::Text(kept) if is_plain => (value.span.end - base, kept.as_str()),
                    _ => {
                        cut_values(value, text, base, file, found);
                        continue;
                    }
                };
                let Some(span) = cut(at) else { continue };
                let lost = &text[span.start - base..span.end - base];
                let whole =
                    format!("{kept} {lost}").trim().replace('\\', "\\\\").replace('"', "\\\"");
                found.push(
                    Diagnostic::at(
                        Code::BadValue,
                        file,
                        span,
                        format!("\"{lost}\" is left out: behind a space, # begins a remark."),
                    )
                    .hint(format!(
                        "Put the value in quotation marks: {name}: \"{whole}\". (For a remark, write a \
                         space behind the #.)"
                    )),
                );
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml;

    #[test]
    fn what_is_left_open_is_told_where_it_was_opened() {
        for (text, place, hint) in [
            ("a: \"x\nb: 1\n", 3, "Close it at the end of the line: a: \"x\""),
            ("a: 'It's'\n", 3, "Write a: \"It's\""),
            ("a: [b, c\n", 3, "Close it: a: [b, c]"),
            ("a: b: c\n", 4, "Put the value in quotation marks: a: \"b: c\""),
            ("a b\nc: 1\n", 0, "Write the name, a colon and the value: a: b"),
            ("a: 1\n  b: 2\n", 7, "Start both lines in the same column."),
        ] {
            let error = yaml::parse(text, 0).expect_err(text);
            let problem = super::explain(&error, "f", text);
            assert_eq!(problem.hint.as_deref(), Some(hint), "{text} {error:?}");
            assert_eq!(problem.span.map(|span| span.start), Some(place), "{text}");
        }
    }
}
