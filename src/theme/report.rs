//! Owns what a theme author reads: the template engine's errors as diagnostics with a place in the
//! file, and the reference of everything that a template may use. Must not know pages.

use std::collections::BTreeMap;

use tera::{Error, ErrorKind};

use crate::config;
use crate::diag::{Code, Diagnostic, Place, Span, list};

/// Everything that a template may use. A test compares it with what is registered and inserted.
pub const REFERENCE: &str = include_str!("reference.md");

/// The template whose text cannot be read, if that is what is wrong.
pub(super) fn syntax_error_in(error: &Error) -> Option<&str> {
    match error.kind() {
        ErrorKind::SyntaxError(report) => Some(report.filename()),
        _ => None,
    }
}

/// The templates as their errors need them.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// The file of each template in the site's folder, and its text.
    templates: BTreeMap<String, (String, String)>,
}

impl Sources {
    pub(super) fn add(&mut self, name: &str, file: &str, text: &str) {
        self.templates.insert(name.to_string(), (file.to_string(), text.to_string()));
    }

    /// The files of all templates.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.templates.values().map(|(file, _)| file.as_str())
    }

    /// The file of a template.
    pub(super) fn file_of(&self, name: &str) -> Option<&str> {
        self.templates.get(name).map(|(file, _)| file.as_str())
    }

    /// The file of a template, or its name where there is none.
    fn file(&self, name: &str) -> String {
        self.file_of(name).unwrap_or(name).to_string()
    }

    fn text(&self, name: &str) -> &str {
        self.templates.get(name).map_or("", |(_, text)| text)
    }

    fn names(&self) -> Vec<&str> {
        self.templates.keys().map(String::as_str).collect()
    }

    fn components(&self) -> Vec<&str> {
        let texts = self.templates.values();
        let heads = texts.flat_map(|(_, text)| {
            tags(text).filter(|tag| tag.word == "component").filter_map(|tag| {
                let head = text[tag.start..tag.end].split_once("component")?.1.trim_start();
                head.split('(').next().map(str::trim_end)
            })
        });
        heads.collect()
    }

    /// Where a template names another one: in `extends` or `include`.
    fn mention(&self, name: &str, of: &str) -> Option<Span> {
        let text = self.text(name);
        tags(text).filter(|tag| ["extends", "include"].contains(&tag.word)).find_map(|tag| {
            let at = tag.start + text[tag.start..tag.end].find(of)?;
            Some(Span::new(at.saturating_sub(1), at + of.len() + 1))
        })
    }

    /// The message at the place where a template names what stands in quotation marks in it.
    fn blame(&self, message: String) -> Diagnostic {
        let named = message.split('"').nth(1).unwrap_or_default();
        let found = self.templates.iter().find_map(|(name, (file, _))| {
            Some((file, self.mention(name, named).filter(|_| !named.is_empty())?))
        });
        let first = || self.templates.values().next().map(|(file, _)| file.as_str());
        match found {
            Some((file, span)) => Diagnostic::at(Code::Template, file, span, message),
            None => Diagnostic::whole(Code::Template, first().unwrap_or(config::FILE), message),
        }
    }

    /// `templates/page.html:3:12`
    fn place(&self, name: &str, span: Option<Span>) -> String {
        match span {
            Some(span) => {
                let place = Place::of(self.text(name), span);
                format!("{}:{}:{}", self.file(name), place.line, place.column)
            }
            None => self.file(name),
        }
    }
}

/// Errors while the templates were loaded.
pub(super) fn loading(error: &Error, sources: &Sources) -> Vec<Diagnostic> {
    let at = |name: &str, span: Option<Span>, message: String| {
        Diagnostic::new(Code::Template, &sources.file(name), span, message)
    };
    match error.kind() {
        ErrorKind::SyntaxError(report) => {
            let span = Span::new(report.span().range.start, report.span().range.end);
            let (name, message) = (report.filename(), report.message());
            let found = open_or_odd(sources.text(name), message, span).unwrap_or_else(|| {
                let (message, hint) = told(message, sources);
                (span, message, hint)
            });
            let (span, message, hint) = found;
            vec![at(name, Some(span), message).maybe_hint(hint)]
        }
        ErrorKind::MissingParent { current, parent } => {
            let near = crate::diag::nearest(parent, sources.names());
            let span = sources.mention(current, parent);
            vec![
                at(current, span, format!("There is no template \"{parent}\" to extend."))
                    .maybe_hint(near.map(|near| format!("Did you mean \"{near}\"?"))),
            ]
        }
        ErrorKind::CircularExtend { tpl, inheritance_chain } => {
            vec![round(tpl, inheritance_chain, "is its own layout", sources)]
        }
        ErrorKind::CircularInclude { tpl, include_chain } => {
            vec![round(tpl, include_chain, "includes itself", sources)]
        }
        // Several findings at once arrive as one printed text, each with its place.
        _ => printed(&error.to_string(), sources),
    }
}

/// Templates that lead back to where they began: told at the first, with the way round.
fn round(name: &str, chain: &[String], what: &str, sources: &Sources) -> Diagnostic {
    // What led to the ring is no part of it.
    let start = chain.iter().position(|step| step == name).map_or(0, |at| at + 1);
    let others = chain[start..].iter().map(String::as_str).filter(|step| *step != name);
    let mut ring: Vec<&str> = std::iter::once(name).chain(others).collect();
    ring.dedup();
    let next = |at: usize| ring[(at + 1) % ring.len()];
    let span = sources.mention(name, next(0));
    let message = match ring.len() {
        1 => format!("This template {what}, so it never ends."),
        _ => format!("This template {what} through others, so it never ends."),
    };
    let mut problem = Diagnostic::new(Code::Template, &sources.file(name), span, message)
        .hint("Take one of the steps out.");
    for (at, step) in ring.iter().enumerate().skip(1) {
        let place = sources.place(step, sources.mention(step, next(at)));
        problem.trail.push(format!("then {place}"));
    }
    problem
}

/// Reads the engine's printed findings: `error: …`, then ` --> name:line:column`.
fn printed(text: &str, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for part in text.split("error: ").filter(|part| !part.trim().is_empty()) {
        let mut lines = part.lines();
        let (message, hint) = told(lines.next().unwrap_or_default(), sources);
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
                let start = byte_at(sources.text(name), line, column);
                let span = Span::new(start, start + marks.unwrap_or(1));
                Diagnostic::at(Code::Template, &sources.file(name), span, message).maybe_hint(hint)
            }
            // The engine does not say where; what it names stands in one of the templates.
            None => sources.blame(message).maybe_hint(hint),
        });
    }
    found
}

/// The filters that come with the engine; ours are beside them.
const FILTERS: &[&str] = &[
    "abs",
    "capitalize",
    "date",
    "default",
    "escape",
    "escape_html",
    "escape_xml",
    "first",
    "float",
    "get",
    "group_by",
    "indent",
    "int",
    "join",
    "json",
    "keys",
    "last",
    "length",
    "lower",
    "newlines_to_br",
    "nth",
    "pairs",
    "pluralize",
    "replace",
    "reverse",
    "round",
    "safe",
    "sort",
    "split",
    "str",
    "title",
    "trim",
    "trim_end",
    "trim_start",
    "truncate",
    "unique",
    "upper",
    "values",
    "wordcount",
];

/// The tests that come with the engine.
const TESTS: &[&str] = &[
    "array",
    "bool",
    "containing",
    "defined",
    "divisible_by",
    "ending_with",
    "even",
    "float",
    "integer",
    "iterable",
    "map",
    "none",
    "number",
    "odd",
    "starting_with",
    "string",
    "undefined",
];

/// What the engine says, as a sentence for a theme's author and what to write instead.
fn told(message: &str, sources: &Sources) -> (String, Option<String>) {
    let message = message.trim();
    let names = |text: &str| -> Vec<String> {
        text.split('`').skip(1).step_by(2).map(String::from).collect()
    };
    let quoted = names(message);
    let name = quoted.first().map_or("", String::as_str);
    let there_is_no = |what: &str, known: &[&str]| {
        let hint = crate::diag::nearest(name, known.iter().copied())
            .map(|near| format!("Did you mean \"{near}\"?"))
            .or_else(|| {
                (!known.is_empty()).then(|| format!("There are {}.", list(known.iter().copied())))
            });
        (format!("There is no {what} \"{name}\"."), hint)
    };
    if let Some(rest) = message.strip_prefix("Unknown ") {
        let functions: Vec<&str> =
            super::functions::FUNCTIONS.iter().map(|(name, _)| *name).collect();
        match rest.split(' ').next().unwrap_or_default() {
            "function" => return there_is_no("function", &functions),
            "filter" => return there_is_no("filter", FILTERS),
            "test" => return there_is_no("test", TESTS),
            "component" => return there_is_no("component", &sources.components()),
            "template" => return there_is_no("template", &sources.names()),
            "argument(s)" => {
                let (given, known) = message.split_once("component call").unwrap_or((message, ""));
                let (given, known) = (names(given), names(known));
                let near = crate::diag::nearest(name, known.iter().map(String::as_str));
                let hint = match near {
                    Some(near) => format!("Did you mean \"{near}\"?"),
                    None if known.is_empty() => "It takes no arguments.".into(),
                    None => format!("It takes {}.", list(known.iter().map(String::as_str))),
                };
                let given = list(given.iter().map(String::as_str));
                return (format!("The component takes no argument {given}."), Some(hint));
            }
            _ => {}
        }
    }
    if let Some((start, known)) = message.split_once(" is not defined") {
        let known = known.split_once(": ").map_or("", |(_, list)| list).trim_end_matches('.');
        let known: Vec<&str> = known.split(", ").filter(|name| !name.is_empty()).collect();
        match start.split(' ').next().unwrap_or_default() {
            "Variable" => return there_is_no("variable", &known),
            "Field" => return there_is_no("field", &known),
            _ => {}
        }
    }
    if let Some((found, expected)) =
        message.strip_prefix("Found ").and_then(|rest| rest.split_once(" but expected "))
    {
        let (found, expected) = (found.trim_matches('`'), expected.trim_end_matches('.'));
        let message = format!("Here stands \"{found}\", where something else has to stand.");
        return (message, Some(format!("Expected is {}.", expected.replace('`', "\""))));
    }
    if message.starts_with("Missing keyword argument") {
        return (
            format!("The argument \"{name}\" is missing."),
            Some(format!("Write {name}=… between the brackets.")),
        );
    }
    if let Some((_, kinds)) = message.split_once("expected `")
        && let Some((wanted, given)) = kinds.split_once("` but got `")
    {
        let (wanted, given) = (kind(wanted), kind(given.trim_end_matches(['.', '`'])));
        return (format!("Here {wanted} is needed, but {given} is given."), None);
    }
    if message.contains("recursion depth") {
        return (
            "This component uses itself without end.".into(),
            Some("Let it end: put the call into an {% if … %} that is false some day.".into()),
        );
    }
    // Our own functions say themselves what was meant.
    for mark in ["; did you mean ", " Did you mean ", "; it takes ", "; there are ", "; use "] {
        if let Some((said, meant)) = message.split_once(mark) {
            let hint =
                format!("{}{meant}", crate::slug::capital(mark.trim_start_matches([';', ' '])));
            let end = if hint.ends_with(['?', '.', '!']) { "" } else { "." };
            return (sentence(said), Some(hint + end));
        }
    }
    (sentence(message), None)
}

/// What the engine calls its kinds of values.
fn kind(name: &str) -> String {
    match name {
        "&str" | "str" | "String" | "string" => "a text".into(),
        "i64" | "i32" | "u64" | "usize" | "integer" => "a whole number".into(),
        "f64" | "float" | "number" => "a number".into(),
        "bool" => "true or false".into(),
        "array" | "Vec" => "a list".into(),
        "map" => "a group of values".into(),
        "none" | "undefined" => "nothing".into(),
        other => format!("\"{other}\""),
    }
}

/// A tag `{% word … %}` of a template.
#[derive(Debug, Clone, Copy)]
struct Tag<'a> {
    word: &'a str,
    start: usize,
    end: usize,
}

/// The tags of a template in their order. Only for messages: the engine alone says what is right.
fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find("{%")?;
        let end = start + text[start..].find("%}")? + 2;
        at = end;
        let inner = text[start + 2..end - 2].trim_start_matches('-').trim_start();
        let word =
            inner.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        Some(Tag { word, start, end })
    })
}

/// Tags that need an end.
const OPENING: &[&str] = &["if", "for", "block", "filter", "component", "raw", "set_block"];

/// What may stand between `{%` and `%}`.
const TAGS: &[&str] = &[
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "block",
    "endblock",
    "extends",
    "include",
    "set",
    "set_global",
    "filter",
    "endfilter",
    "component",
    "endcomponent",
    "raw",
    "endraw",
    "break",
    "continue",
];

/// A tag that is left open, closes nothing, or is none: the engine notices it further down, or has no words
/// for it.
fn open_or_odd(text: &str, message: &str, span: Span) -> Option<(Span, String, Option<String>)> {
    let ended = message.contains("nd of input");
    if !ended && !message.contains("Unknown tag") {
        return None;
    }
    let mut open: Vec<Tag<'_>> = Vec::new();
    for tag in tags(text) {
        let place = Span::new(tag.start, tag.end);
        if let Some(closes) = tag.word.strip_prefix("end") {
            match open.last() {
                Some(last) if last.word == closes => {
                    open.pop();
                }
                Some(last) => {
                    let line = Place::of(text, Span::new(last.start, last.end)).line;
                    return Some((
                        place,
                        format!(
                            "Here \"{}\" stands, but \"{}\" of line {line} has to end first.",
                            tag.word, last.word
                        ),
                        Some(format!("Write {{% end{} %}} before it.", last.word)),
                    ));
                }
                None if TAGS.contains(&tag.word) => {
                    return Some((
                        place,
                        format!("\"{}\" closes nothing here.", tag.word),
                        Some(format!("Delete it, or write the {{% {closes} … %}} that it closes.")),
                    ));
                }
                None => {}
            }
        } else if OPENING.contains(&tag.word) {
            open.push(tag);
        }
        if !TAGS.contains(&tag.word) {
            let near = crate::diag::nearest(tag.word, TAGS.iter().copied());
            let hint = match near {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => format!("There are {}.", list(TAGS.iter().copied())),
            };
            return Some((place, format!("There is no tag \"{}\".", tag.word), Some(hint)));
        }
    }
    match open.last().filter(|_| ended) {
        Some(tag) => Some((
            Span::new(tag.start, tag.end),
            format!("\"{}\" is opened here and never closed.", tag.word),
            Some(format!("Write {{% end{} %}} where it ends.", tag.word)),
        )),
        None => ended.then(|| {
            (
                span,
                "The template ends too early.".to_string(),
                Some("Something is opened and never closed: {{ … }}, {% … %} or {# … #}.".into()),
            )
        }),
    }
}

fn byte_at(source: &str, line: usize, column: usize) -> usize {
    let start: usize =
        source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let row = &source[start.min(source.len())..];
    start + row.char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// An error while a page was made: at the template, with the way there. `template` is the one that was asked
/// for; it may have its text from a layout.
pub(super) fn rendering(
    error: &Error,
    sources: &Sources,
    template: Option<&str>,
    page: &str,
) -> Diagnostic {
    let mut at = None;
    let mut problem = match error.kind() {
        ErrorKind::RenderingError(report) | ErrorKind::SyntaxError(report) => {
            at = Some(report.filename().to_string());
            let span = Span::new(report.span().range.start, report.span().range.end);
            let (message, hint) = told(report.message(), sources);
            let file = sources.file(report.filename());
            Diagnostic::at(Code::Rendering, &file, span, message).maybe_hint(hint)
        }
        _ => {
            let (message, hint) = told(&error.to_string(), sources);
            Diagnostic::whole(Code::Rendering, page, message).maybe_hint(hint)
        }
    };
    for line in error.to_string().lines() {
        let Some(note) = line.strip_prefix("note: ") else { continue };
        let step = match note.rsplit_once(' ') {
            Some((label, place)) => {
                let name = place.split(':').next().unwrap_or(place);
                at = Some(name.to_string());
                format!("{label} {}{}", sources.file(name), &place[name.len()..])
            }
            None => note.to_string(),
        };
        problem.trail.push(step);
    }
    // From the page's own template to its layout, and to the layout of that.
    let mut layouts = Vec::new();
    let mut name = template.filter(|_| at.is_some());
    while let Some(from) = name.filter(|from| at.as_deref() != Some(*from) && layouts.len() < 16) {
        let text = sources.text(from);
        let layout = tags(text)
            .find(|tag| tag.word == "extends")
            .and_then(|tag| text[tag.start..tag.end].split(['"', '\'']).nth(1));
        let Some(layout) = layout else { break };
        let span = sources.mention(from, layout);
        layouts.push(format!("the layout of {}", sources.place(from, span)));
        name = Some(layout);
    }
    problem.trail.extend(layouts.into_iter().rev());
    problem.trail.push(format!("while {page} was made"));
    problem
}

/// An error while a component was made: at its call, which is what the editor wrote, with the way to the
/// template.
pub(super) fn in_component(
    error: &Error,
    sources: &Sources,
    name: &str,
    (page, call): (&str, Span),
) -> Diagnostic {
    let mut inner = rendering(error, sources, None, page);
    inner.trail.pop();
    if let ErrorKind::RenderingError(report) | ErrorKind::SyntaxError(report) = error.kind() {
        let span = report.span();
        let file = sources.file(report.filename());
        inner.trail.insert(0, format!("in {file}:{}:{}", span.start_line, span.start_col + 1));
    }
    let message = format!("The component \"{name}\" cannot be made here. {}", inner.message);
    let mut problem = Diagnostic::at(Code::Rendering, page, call, message);
    (problem.trail, problem.hint) = (inner.trail.clone(), inner.hint.clone());
    problem
}

/// A sentence begins with a capital and ends with a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
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
