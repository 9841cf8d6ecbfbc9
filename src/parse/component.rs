//! Owns component calls as an editor writes them: `:::name key=value` blocks and
//! `:name[text]{key=value}` inline pieces; and what a theme declares about its components.
//! Must not know Markdown or how a component looks.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Span, list, nearest};

/// What kind of value an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// An address: a source file of this site, or a web address. Arrives resolved.
    Link,
    /// A file beside the page or of the site. Arrives as a relative address.
    File,
}

impl Kind {
    fn wants(self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::Bool => "true or false",
            Kind::Int => "a whole number",
            Kind::Number => "a number",
            Kind::Link => "a page or an address",
            Kind::File => "a file",
        }
    }
}

/// One argument that a component takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Argument {
    /// As it is written.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
    /// It has no default.
    pub required: bool,
    /// If not empty: the only values that it takes.
    pub choices: Vec<String>,
}

/// One component that the theme offers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Component {
    /// Its arguments, in the order of the theme.
    pub arguments: Vec<Argument>,
    /// Written inside a line rather than as a block.
    pub inline: bool,
    /// It has Markdown between opening and closing line (or text in brackets).
    pub body: bool,
    /// Each heading in that text is a question, and what follows its answer.
    pub questions: bool,
    /// One sentence for the reference.
    pub about: String,
}

/// The components of a theme by name.
pub type Components = BTreeMap<String, Component>;

/// The value of an argument in a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Number(f64),
    /// An address, by its place in the body's list of links.
    Link(usize),
    /// A file, by its place in the body's list of links.
    File(usize),
}

/// One argument as written.
#[derive(Debug, PartialEq)]
pub struct Written<'a> {
    name: &'a str,
    name_span: Span,
    value: String,
    value_span: Span,
}

/// The head of a call: its name and arguments, with places.
#[derive(Debug)]
pub struct Head<'a> {
    /// The component's name.
    pub name: &'a str,
    /// Where the name stands.
    pub name_span: Span,
    /// Its arguments as written.
    pub written: Vec<Written<'a>>,
}

/// Whether `c` may stand in a name.
pub fn name_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

/// Splits `key=value key="two words" flag` whose first byte is byte `base`.
///
/// # Errors
/// A diagnostic's message and place, when a quotation mark is not closed or no name is found.
pub fn arguments(text: &str, base: usize) -> Result<Vec<Written<'_>>, (String, Span)> {
    let mut written = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(written);
        }
        let at = base + text.len() - rest.len();
        let name_len = rest
            .find(|c: char| !(name_char(c) || c.is_ascii_uppercase() || c == '_'))
            .unwrap_or(rest.len());
        if name_len == 0 {
            let len = rest.chars().next().map_or(0, char::len_utf8);
            return Err((
                "Here should be the name of an argument, as in kind=tip.".into(),
                Span::new(at, at + len),
            ));
        }
        let (name, after) = rest.split_at(name_len);
        let name_span = Span::new(at, at + name_len);
        let Some(value_text) = after.strip_prefix('=') else {
            // A name alone is a switch that is on.
            written.push(Written { name, name_span, value: "true".into(), value_span: name_span });
            rest = after;
            continue;
        };
        let value_at = at + name_len + 1;
        let (value, len) = value(value_text).ok_or_else(|| {
            let end = value_at + value_text.len();
            (format!("The quotation mark after {name}= is never closed."), Span::new(value_at, end))
        })?;
        written.push(Written {
            name,
            name_span,
            value,
            value_span: Span::new(value_at, value_at + len),
        });
        rest = &value_text[len..];
    }
}

/// One value, quoted or not, and how many bytes it took. Word processors' quotes count as quotes.
fn value(text: &str) -> Option<(String, usize)> {
    let first = text.chars().next();
    let close: &[char] = match first {
        Some('"') => &['"'],
        Some('\'') => &['\''],
        Some('“' | '”') => &['”', '“'],
        _ => {
            let len = text.find(char::is_whitespace).unwrap_or(text.len());
            return Some((text[..len].to_string(), len));
        }
    };
    let open = first.map_or(0, char::len_utf8);
    let mut out = String::new();
    let mut escaped = false;
    for (i, c) in text[open..].char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            c if close.contains(&c) && !escaped => return Some((out, open + i + c.len_utf8())),
            c => {
                if escaped && !close.contains(&c) && c != '\\' {
                    out.push('\\');
                }
                escaped = false;
                out.push(c);
            }
        }
    }
    None
}

/// Reads what follows the colons of a block's first line. `None` when there is no name: a closing line.
pub fn block_head<'a>(
    text: &'a str,
    base: usize,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<Head<'a>> {
    let trimmed = text.trim_start();
    let at = base + text.len() - trimmed.len();
    if trimmed.is_empty() {
        return None;
    }
    let len = match trimmed.find(|c: char| !name_char(c)).unwrap_or(trimmed.len()) {
        // No name that a component could have: the whole word, for the message.
        0 => trimmed.find([' ', '{', '\t']).unwrap_or(trimmed.len()),
        len => len,
    };
    let (name, rest) = trimmed.split_at(len);
    let name_span = Span::new(at, at + len.max(1));
    // `:::name{key=value}` is what other tools write; the braces do no harm.
    let rest_trim = rest.trim();
    let (inner, inner_at) = match rest_trim.strip_prefix('{').and_then(|r| r.strip_suffix('}')) {
        Some(inner) => (inner, at + len + rest.find('{').unwrap_or(0) + 1),
        None => (rest, at + len),
    };
    Some(Head { name, name_span, written: read_arguments(inner, inner_at, file, problems) })
}

/// The arguments, or a diagnostic and none.
pub fn read_arguments<'a>(
    text: &'a str,
    base: usize,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Written<'a>> {
    arguments(text, base).unwrap_or_else(|(message, span)| {
        problems.push(
            Diagnostic::at(Code::BadArgument, file, span, message)
                .hint("Write name=value, or name=\"several words\" with quotation marks."),
        );
        Vec::new()
    })
}

/// Checks a call against what the theme declares. An address is handed to `link`, which keeps it and
/// gives its number.
pub fn check(
    head: &Head<'_>,
    inline: bool,
    components: Option<&Components>,
    file: &str,
    problems: &mut Vec<Diagnostic>,
    mut link: impl FnMut(&str, Span, bool) -> usize,
) -> Option<Vec<(String, Value)>> {
    let components = components?;
    let Some(component) = components.get(head.name) else {
        problems.push(unknown(head, inline, components, file));
        return None;
    };
    if component.inline != inline {
        let right = if component.inline {
            format!("Write it inside a line: :{}[text]{{…}}", head.name)
        } else {
            format!("Write it on a line of its own: :::{}", head.name)
        };
        problems.push(
            Diagnostic::at(
                Code::UnknownComponent,
                file,
                head.name_span,
                format!(
                    "\"{}\" is a component {}.",
                    head.name,
                    if component.inline { "inside a line" } else { "on lines of its own" }
                ),
            )
            .hint(right),
        );
        return None;
    }
    let mut values: Vec<(String, Value)> = Vec::new();
    let mut loose = 0;
    for (at, written) in head.written.iter().enumerate() {
        let Some(argument) = component.arguments.iter().find(|a| a.name == written.name) else {
            if loose > 0 {
                loose -= 1;
                continue;
            }
            problems.push(unknown_argument(head.name, component, written, file));
            continue;
        };
        if values.iter().any(|(name, _)| name == written.name) {
            problems.push(
                Diagnostic::at(
                    Code::BadArgument,
                    file,
                    written.name_span,
                    format!("\"{}\" is given twice.", written.name),
                )
                .hint("Keep one of the two and delete the other."),
            );
            continue;
        }
        match typed(argument, written, &mut link) {
            Ok(value) => values.push((written.name.to_string(), value)),
            Err((message, hint)) => problems.push(
                Diagnostic::at(Code::BadArgument, file, written.value_span, message).hint(hint),
            ),
        }
        let words = loose_words(component, &head.written[at..]);
        if let Some(last) = words.last() {
            loose = words.len();
            let names: Vec<&str> = words.iter().map(|word| word.name).collect();
            problems.push(
                Diagnostic::at(
                    Code::BadArgument,
                    file,
                    Span::new(written.value_span.start, last.name_span.end),
                    format!("\"{}\" has several words without quotation marks.", written.name),
                )
                .hint(format!(
                    "Write {}=\"{} {}\"",
                    written.name,
                    written.value,
                    names.join(" ")
                )),
            );
        }
    }
    for argument in component.arguments.iter().filter(|argument| argument.required) {
        if !head.written.iter().any(|written| written.name == argument.name) {
            problems.push(
                Diagnostic::at(
                    Code::BadArgument,
                    file,
                    head.name_span,
                    format!("\"{}\" needs {}, which is missing.", head.name, argument.name),
                )
                .hint(format!(
                    "Add {}=… ({}).",
                    argument.name,
                    argument.kind.wants()
                )),
            );
        }
    }
    // Without what it needs it cannot be made, which would be told once more.
    let is_there = |argument: &&Argument| values.iter().any(|(name, _)| *name == argument.name);
    let needed = component.arguments.iter().filter(|argument| argument.required);
    needed.clone().all(|argument| is_there(&argument)).then_some(values)
}

fn unknown(head: &Head<'_>, inline: bool, components: &Components, file: &str) -> Diagnostic {
    let names = || {
        components.iter().filter(move |(_, c)| c.inline == inline).map(|(name, _)| name.as_str())
    };
    let hint = match nearest(head.name, components.keys().map(String::as_str)) {
        Some(near) => format!("Did you mean \"{near}\"? The theme has {}.", list(names())),
        None if inline => format!(
            "The theme has {}. If you did not mean a component, write a backslash before the colon.",
            list(names())
        ),
        None => format!("The theme has {}.", list(names())),
    };
    Diagnostic::at(
        Code::UnknownComponent,
        file,
        head.name_span,
        format!("The theme has no component \"{}\".", head.name),
    )
    .hint(hint)
}

/// The words that follow a value without quotation marks and are no arguments: they belong to it.
fn loose_words<'w, 'a>(component: &Component, written: &'w [Written<'a>]) -> &'w [Written<'a>] {
    let Some((first, rest)) = written.split_first() else { return &[] };
    let is_bare = first.value_span.end - first.value_span.start == first.value.len()
        && first.value_span != first.name_span;
    let is_known = |word: &Written<'_>| component.arguments.iter().any(|a| a.name == word.name);
    let is_word = |word: &&Written<'_>| word.value_span == word.name_span && !is_known(word);
    let count = if is_bare { rest.iter().take_while(is_word).count() } else { 0 };
    &rest[..count]
}

fn unknown_argument(
    name: &str,
    component: &Component,
    written: &Written<'_>,
    file: &str,
) -> Diagnostic {
    let names = || component.arguments.iter().map(|argument| argument.name.as_str());
    let hint = match nearest(written.name, names()) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None if component.arguments.is_empty() => format!("\"{name}\" takes no arguments."),
        None => format!("\"{name}\" takes {}.", list(names())),
    };
    Diagnostic::at(
        Code::BadArgument,
        file,
        written.name_span,
        format!("\"{name}\" takes no argument \"{}\".", written.name),
    )
    .hint(hint)
}

fn typed(
    argument: &Argument,
    written: &Written<'_>,
    link: &mut impl FnMut(&str, Span, bool) -> usize,
) -> Result<Value, (String, String)> {
    let text = written.value.as_str();
    let (name, wants) = (&argument.name, argument.kind.wants());
    if written.value_span == written.name_span && argument.kind != Kind::Bool {
        return Err((format!("\"{name}\" needs a value."), format!("Write {name}=… ({wants}).")));
    }
    let wrong = || {
        let hint = match argument.kind {
            Kind::Bool => format!("Write {name}=true or {name}=false."),
            _ => format!("Write digits only, such as {name}=2"),
        };
        (format!("\"{name}\" needs {wants}, not \"{text}\"."), hint)
    };
    if !argument.choices.is_empty() && !argument.choices.iter().any(|choice| choice == text) {
        let near = nearest(text, argument.choices.iter().map(String::as_str));
        let hint = match near {
            Some(near) => format!("Did you mean \"{near}\"?"),
            None => format!(
                "It can be {}.",
                list(argument.choices.iter().map(String::as_str)).replace("\" and \"", "\" or \"")
            ),
        };
        return Err((format!("\"{name}\" cannot be \"{text}\"."), hint));
    }
    match argument.kind {
        Kind::Text => Ok(Value::Text(text.to_string())),
        Kind::Bool => match text {
            "true" | "yes" => Ok(Value::Bool(true)),
            "false" | "no" => Ok(Value::Bool(false)),
            _ => Err(wrong()),
        },
        Kind::Int => text.parse().map(Value::Int).map_err(|_| wrong()),
        Kind::Number => text.parse().map(Value::Number).map_err(|_| wrong()),
        Kind::Link => Ok(Value::Link(link(text, written.value_span, false))),
        Kind::File => Ok(Value::File(link(text, written.value_span, true))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_with_their_places() {
        let text = r#"kind=tip title="Good to \"know\"" wide x=“a b”"#;
        let written = arguments(text, 10).expect("arguments");
        let pairs: Vec<(&str, &str)> = written.iter().map(|w| (w.name, w.value.as_str())).collect();
        assert_eq!(
            pairs,
            [("kind", "tip"), ("title", "Good to \"know\""), ("wide", "true"), ("x", "a b")]
        );
        assert_eq!(written[0].value_span, Span::new(15, 18));
    }

    #[test]
    fn an_open_quote_is_an_error_with_a_place() {
        let (message, span) = arguments("a=\"b c", 0).expect_err("open");
        assert!(message.contains("never closed"));
        assert_eq!(span, Span::new(2, 6));
    }
}
