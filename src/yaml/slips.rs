//! Owns what is said when a text is not YAML: the usual slips of an editor, told by the look of the line
//! and of those above it. Must not know what the settings mean.

use super::SyntaxError;
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
        hint: format!(
            "Each setting is \"name: value\" on a line of its own, and settings of one group start in \
             the same column. (The parser says: {says})"
        ),
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

    /// The value in double quotation marks, after what stands before it.
    fn quoted(self) -> String {
        let (before, value) = self.parts();
        let bare = self.quote().map_or(value, |quote| value.trim_matches(quote));
        format!("{}\"{}\"", before.trim_start(), bare.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

fn slip(lines: &[Line<'_>], here: Line<'_>, at: usize, says: &str) -> Option<Slip> {
    let (_, value) = here.parts();
    let new = |span: Span, message: &str, hint: String| {
        Some(Slip { span, message: message.to_string(), hint })
    };
    if here.text.trim_start_matches(' ').starts_with('\t') || says.contains("tab") {
        return new(
            Span::new(at, here.end().max(at)),
            "There is a tab in this line.",
            "Use spaces to move a line to the right; YAML does not allow tabs.".into(),
        );
    }
    // What is left open is noticed only further down.
    let open =
        |is_open: fn(Line<'_>) -> bool| lines.iter().rev().copied().find(|line| is_open(*line));
    let in_quotes =
        says.contains("quoted") || says.contains("end of stream") || here.is_open_quote();
    if let Some(line) = open(|line| line.is_open_quote()).filter(|_| in_quotes) {
        let quote = line.quote().unwrap_or('"');
        let (before, value) = line.parts();
        let hint = if line.text[..before.len()].contains(['{', '[']) {
            "Close it after the last word of the text.".into()
        } else {
            format!("Close it at the end of the line: {}{value}{quote}", before.trim_start())
        };
        let message = format!("The quotation mark {quote} is opened here and never closed.");
        return new(line.value_span(), &message, hint);
    }
    if here.quote().is_some() && says.contains("trailing") {
        let quote = here.quote().unwrap_or('"');
        let message = format!("The quotation mark {quote} closes in the middle of the value.");
        let hint = format!("Write {}", here.quoted());
        return new(here.value_span(), &message, hint);
    }
    let open_bracket: fn(Line<'_>) -> bool = |line| {
        let value = line.parts().1;
        value.starts_with(['[', '{']) && !value.contains([']', '}'])
    };
    if let Some(line) =
        open(open_bracket).filter(|_| says.contains("bracket") || says.contains("flow"))
    {
        let (before, value) = line.parts();
        let (bracket, close) = if value.starts_with('[') { ('[', ']') } else { ('{', '}') };
        let message = format!("The bracket {bracket} is opened here and never closed.");
        return new(
            line.value_span(),
            &message,
            format!("Close it: {}{value}{close}", before.trim_start()),
        );
    }
    if value.contains(": ") && here.quote().is_none() && !value.starts_with(['{', '[']) {
        return new(
            Span::new(at, here.end().max(at)),
            "There is a second colon in this line, so it is unclear where the value starts.",
            format!("Put the value in quotation marks: {}", here.quoted()),
        );
    }
    if value.starts_with(['@', '`', '%', '&', '*', '!', '|', '>']) {
        let message =
            format!("A value cannot start with {} here.", value.chars().next().unwrap_or(' '));
        return new(
            here.value_span(),
            &message,
            format!("Put the value in quotation marks: {}", here.quoted()),
        );
    }
    let is_said = |line: &&Line<'_>| {
        let text = line.text.trim_start();
        !text.is_empty() && !text.starts_with('#')
    };
    let above = lines[..lines.len().saturating_sub(1)].iter().rev().find(is_said).copied()?;
    if !above.text.contains(':') && !above.text.trim_start().starts_with("- ") {
        let (name, rest) = above.text.trim().split_once(' ').unwrap_or((above.text.trim(), "…"));
        return new(
            Span::new(above.start + above.indent(), above.end()),
            "There is no colon in this line, so it is no setting.",
            format!("Write the name, a colon and the value: {name}: {}", rest.trim()),
        );
    }
    if here.indent() > above.indent() && !above.parts().1.is_empty() && here.text.contains(':') {
        return new(
            Span::new(here.start + here.indent(), here.end()),
            "This line is moved to the right, but the line above it has a value already.",
            "Start both lines in the same column.".into(),
        );
    }
    None
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
