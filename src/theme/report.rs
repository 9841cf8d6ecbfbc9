//! Owns what a theme author reads: the template engine's errors as diagnostics with a place in the
//! file, and the reference of everything that a template may use. Must not know pages.

use std::collections::{BTreeMap, HashMap};

use tera::{Error, ErrorKind};

use crate::diag::{Code, Diagnostic, Span};

/// Everything that a template may use. A test compares it with what is registered and inserted.
pub const REFERENCE: &str = include_str!("reference.md");

/// The template whose text cannot be read, if that is what is wrong.
pub(super) fn syntax_error_in(error: &Error) -> Option<&str> {
    match error.kind() {
        ErrorKind::SyntaxError(report) => Some(report.filename()),
        _ => None,
    }
}

/// Errors while the templates were loaded.
pub(super) fn loading(
    error: &Error,
    sources: &HashMap<String, String>,
    templates: &BTreeMap<&str, &str>,
) -> Vec<Diagnostic> {
    let file = |name: &str| sources.get(name).cloned().unwrap_or_else(|| name.to_string());
    match error.kind() {
        ErrorKind::SyntaxError(report) => {
            let span = Span::new(report.span().range.start, report.span().range.end);
            let message = sentence(report.message());
            vec![
                Diagnostic::at(Code::Template, &file(report.filename()), span, message)
                    .maybe_hint(left_open(report.message())),
            ]
        }
        ErrorKind::MissingParent { current, parent } => {
            let near = crate::diag::nearest(parent, templates.keys().copied());
            vec![
                Diagnostic::whole(
                    Code::Template,
                    &file(current),
                    format!("This template extends \"{parent}\", which is not there."),
                )
                .maybe_hint(near.map(|near| format!("Did you mean \"{near}\"?"))),
            ]
        }
        ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => {
            vec![Diagnostic::whole(
                Code::Template,
                &file(tpl),
                "This template comes back to itself through \"extends\" or \"include\".",
            )]
        }
        // Several findings at once arrive as one printed text, each with its place.
        _ => printed(&error.to_string(), &file, templates),
    }
}

/// Reads the engine's printed findings: `error: …`, then ` --> name:line:column`.
fn printed(
    text: &str,
    file: &impl Fn(&str) -> String,
    templates: &BTreeMap<&str, &str>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for part in text.split("error: ").filter(|part| !part.trim().is_empty()) {
        let mut lines = part.lines();
        let message = sentence(lines.next().unwrap_or_default());
        let place = lines.next().and_then(|line| line.trim().strip_prefix("--> "));
        let place = place.and_then(|place| {
            let mut parts = place.rsplitn(3, ':');
            let column: usize = parts.next()?.parse().ok()?;
            let line: usize = parts.next()?.parse().ok()?;
            Some((parts.next()?, line, column))
        });
        let marks = part.lines().find_map(|line| {
            let line = line.trim_start_matches([' ', '|']);
            (line.starts_with('^')).then(|| line.trim_end().len())
        });
        found.push(match place {
            Some((name, line, column)) => {
                let source = templates.get(name).copied().unwrap_or_default();
                let start = byte_at(source, line, column);
                let span = Span::new(start, start + marks.unwrap_or(1));
                let hint = near_function(&message);
                Diagnostic::at(Code::Template, &file(name), span, message).maybe_hint(hint)
            }
            None => Diagnostic::whole(Code::Template, &file("theme.yaml"), message),
        });
    }
    found
}

/// What may be open when a template ends too early.
fn left_open(message: &str) -> Option<String> {
    message.contains("nd of input").then(|| {
        "Something is opened and never closed: {{ … }}, {% … %}, {# … #}, or {% if … %} without {% endif %}."
            .into()
    })
}

/// The function whose name is nearest to the one that there is not.
fn near_function(message: &str) -> Option<String> {
    let name = message.strip_prefix("Unknown function `")?.split('`').next()?;
    let near =
        crate::diag::nearest(name, super::functions::FUNCTIONS.iter().map(|(name, _)| *name))?;
    Some(format!("Did you mean \"{near}\"?"))
}

fn byte_at(source: &str, line: usize, column: usize) -> usize {
    let start: usize =
        source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let row = &source[start.min(source.len())..];
    start + row.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// An error while a page was made: at the template, with the way there.
pub(super) fn rendering(
    error: &Error,
    sources: &HashMap<String, String>,
    page: &str,
) -> Diagnostic {
    let file = |name: &str| sources.get(name).cloned().unwrap_or_else(|| name.to_string());
    let mut problem = match error.kind() {
        ErrorKind::RenderingError(report) | ErrorKind::SyntaxError(report) => Diagnostic::at(
            Code::Rendering,
            &file(report.filename()),
            Span::new(report.span().range.start, report.span().range.end),
            sentence(report.message()),
        ),
        _ => Diagnostic::whole(Code::Rendering, page, sentence(&error.to_string())),
    };
    for line in error.to_string().lines() {
        let Some(note) = line.strip_prefix("note: ") else { continue };
        let step = match note.rsplit_once(' ') {
            Some((label, place)) => {
                let name = place.split(':').next().unwrap_or(place);
                format!("{label} {}{}", file(name), &place[name.len()..])
            }
            None => note.to_string(),
        };
        problem.trail.push(step);
    }
    problem.trail.push(format!("while {page} was made"));
    problem
}

/// An error while a component was made: at its call, which is what the editor wrote, with the way to the
/// template.
pub(super) fn in_component(
    error: &Error,
    sources: &HashMap<String, String>,
    name: &str,
    (page, call): (&str, Span),
) -> Diagnostic {
    let mut inner = rendering(error, sources, page);
    inner.trail.pop();
    if let ErrorKind::RenderingError(report) | ErrorKind::SyntaxError(report) = error.kind() {
        let span = report.span();
        let file = sources.get(report.filename()).map_or(report.filename(), String::as_str);
        inner.trail.insert(0, format!("in {file}:{}:{}", span.start_line, span.start_col + 1));
    }
    let message = format!("The component \"{name}\" cannot be made here. {}", inner.message);
    Diagnostic { trail: inner.trail, ..Diagnostic::at(Code::Rendering, page, call, message) }
}

/// A sentence begins with a capital and ends with a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    // What the engine calls its values is no news to a theme's author.
    let text = &text.replace("`&str`", "a text").replace("`i64`", "a whole number");
    if text.ends_with(['?', '!']) {
        return text.to_string();
    }
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    // The name of a function stays as it is written.
    if text.split(' ').next().is_some_and(|word| word.contains(['(', '.'])) {
        return format!("{text}.");
    }
    format!("{first}{}.", chars.as_str())
}
