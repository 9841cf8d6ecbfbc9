//! Owns finding inline component calls, `:name[text]{key=value}`, among the events of the Markdown
//! parser. Must not know HTML.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::html::Writer;
use super::pad::GUARD;
use crate::diag::{Code, Diagnostic};
use crate::parse::component::{Head, name_char, read_arguments};

/// What the writer works through: an event of the parser with its place, or the edge of a call.
pub(super) enum Item<'a> {
    /// An event and the bytes of the padded text that it came from.
    Md(Event<'a>, Range<usize>),
    /// A call begins.
    Open(usize),
    /// A call ends.
    Close,
}

/// A call that was found: `start` to `open` and `close` to `end` are not text.
struct Region {
    start: usize,
    open: usize,
    close: usize,
    end: usize,
    call: usize,
}

/// Replaces the marks of inline calls by [`Item::Open`] and [`Item::Close`].
pub(super) fn inline<'a>(
    events: Vec<(Event<'a>, Range<usize>)>,
    out: &mut Writer<'_>,
) -> Vec<Item<'a>> {
    let regions = if out.components() { find(&events, out) } else { Vec::new() };
    if regions.is_empty() {
        return events.into_iter().map(|(event, range)| Item::Md(event, range)).collect();
    }
    let source = out.source();
    let mut edges: Vec<(usize, Item<'a>)> = Vec::new();
    for region in &regions {
        edges.push((region.open, Item::Open(region.call)));
        edges.push((region.close, Item::Close));
    }
    // Stable, so that an empty call opens before it closes; regions never overlap but may nest.
    edges.sort_by_key(|(at, _)| *at);
    let mut edges = edges.into_iter().peekable();
    let mut items = Vec::with_capacity(events.len() + 2 * regions.len());
    // The marks of calls never overlap, so one look at the nearest before `at` tells.
    let mut marks: Vec<(usize, usize)> =
        regions.iter().flat_map(|r| [(r.start, r.open), (r.close, r.end)]).collect();
    marks.sort_unstable();
    let hidden = |at: usize| {
        let before = marks.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        // An empty mark may begin where another one does.
        marks[..=before]
            .iter()
            .rev()
            .take(2)
            .copied()
            .find(|(start, end)| (*start..*end).contains(&at))
    };
    for (event, range) in events {
        let until =
            if matches!(event, Event::End(_)) { range.end.saturating_sub(1) } else { range.start };
        while let Some((_, edge)) = edges.next_if(|(at, _)| *at <= until) {
            items.push(edge);
        }
        let whole = source.get(range.clone());
        match event {
            Event::Text(text) if whole == Some(&*text) => {
                cut(&text, range, &hidden, &mut edges, &mut items);
            }
            // What lies wholly within the marks of a call goes; a paragraph that begins with a call stays.
            event => {
                if hidden(range.start).is_none_or(|(_, end)| range.end > end) {
                    items.push(Item::Md(event, range));
                }
            }
        }
    }
    items.extend(edges.map(|(_, edge)| edge));
    items
}

/// Cuts one stretch of text at the edges of calls and leaves out their marks.
fn cut<'a>(
    text: &str,
    range: Range<usize>,
    hidden: &impl Fn(usize) -> Option<(usize, usize)>,
    edges: &mut std::iter::Peekable<std::vec::IntoIter<(usize, Item<'a>)>>,
    items: &mut Vec<Item<'a>>,
) {
    let mut at = range.start;
    let mut from = at;
    let flush = |from: usize, to: usize, items: &mut Vec<Item<'a>>| {
        if from < to {
            let piece = &text[from - range.start..to - range.start];
            items.push(Item::Md(Event::Text(CowStr::from(piece.to_string())), from..to));
        }
    };
    while at < range.end {
        if let Some((_, end)) = hidden(at) {
            flush(from, at, items);
            at = end.min(range.end);
            from = at;
        } else if edges.peek().is_some_and(|(edge, _)| *edge <= at) {
            flush(from, at, items);
            from = at;
            items.extend(edges.next().map(|(_, edge)| edge));
        } else {
            at += text[at - range.start..].chars().next().map_or(1, char::len_utf8);
        }
    }
    flush(from, range.end, items);
}

/// Finds every inline call in running text (never in code).
fn find(events: &[(Event<'_>, Range<usize>)], out: &mut Writer<'_>) -> Vec<Region> {
    let source = out.source();
    let mut regions: Vec<Region> = Vec::new();
    let mut heads: Vec<(usize, usize)> = Vec::new();
    let mut in_code = false;
    for (i, (event, range)) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            _ => {}
        }
        if in_code || !matches!(event, Event::Text(_)) {
            continue;
        }
        let mut from = range.start;
        while let Some(at) = source[from..range.end].find(':').map(|at| from + at) {
            from = at + 1;
            // Only the arguments of calls that are not over yet can hold this colon.
            heads.retain(|(_, end)| *end > at);
            let in_head = heads.iter().any(|(start, _)| *start <= at);
            if in_head || !may_begin(source, at) {
                continue;
            }
            if let Some(region) = call_at(&events[i..], at, out) {
                heads.push((region.close, region.end));
                regions.push(region);
            }
        }
    }
    regions
}

/// A colon at the start of a word and not escaped.
fn may_begin(source: &str, at: usize) -> bool {
    let before = source[..at].chars().next_back();
    let after = source[at + 1..].chars().next();
    after.is_some_and(|c| c.is_ascii_lowercase())
        && before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, ':' | '\\' | '/' | '@'))
}

/// The call whose colon is at `at`, in the first of `events`.
fn call_at(
    events: &[(Event<'_>, Range<usize>)],
    at: usize,
    out: &mut Writer<'_>,
) -> Option<Region> {
    let source = out.source();
    let rest = &source[at + 1..];
    let name_len = rest.find(|c: char| !name_char(c)).unwrap_or(rest.len());
    let name = &rest[..name_len];
    let after = at + 1 + name_len;
    let (open, close, tail) = match source[after..].chars().next()? {
        '[' => {
            let close = closing_bracket(events, after, source)?;
            (after + 1, close, close + 1)
        }
        '{' => (after, after, after),
        _ => return None,
    };
    let (written, end) = match braces(&source[tail..]) {
        Some(len) => (&source[tail + 1..tail + len - 1], tail + len),
        None if source[tail..].starts_with('{') && out.is_component(name) => {
            let line = source[tail..].lines().next().unwrap_or_default();
            let span = out.span(&(tail..tail + line.len()));
            let message = "The bracket { is opened here and not closed in this line.";
            let problem = Diagnostic::at(Code::BadArgument, out.file(), span, message).hint(
                "Close it with } after the last value; where a value begins with a quotation mark, close that too.",
            );
            out.problems().push(problem);
            return None;
        }
        None if close == open && tail == after => return None,
        None => ("", tail),
    };
    let span = out.span(&(tail..end));
    let mut arguments = Vec::new();
    let head_span = out.span(&(at + 1..after));
    if !written.is_empty() {
        arguments = read_arguments(written, span.start + 1, out.file(), out.problems());
    }
    let head = Head { name, name_span: head_span, written: arguments };
    let whole = out.span(&(at..end));
    let call = out.call(&head, true, whole)?;
    out.check_text_of(&head, &(open..close));
    let start = source[..at].strip_suffix(GUARD).map_or(at, str::len);
    Some(Region { start, open, close, end, call })
}

/// The `]` that belongs to the `[` at `open`, in the same run of text.
fn closing_bracket(
    events: &[(Event<'_>, Range<usize>)],
    open: usize,
    source: &str,
) -> Option<usize> {
    let mut depth = 0i32;
    let mut brackets = 0i32;
    for (event, range) in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(_) if depth == 0 => {
                let from = range.start.max(open);
                for (i, byte) in source.as_bytes().get(from..range.end)?.iter().enumerate() {
                    match byte {
                        b'[' => brackets += 1,
                        b']' => brackets -= 1,
                        _ => continue,
                    }
                    if brackets == 0 {
                        return Some(from + i);
                    }
                }
            }
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    None
}

/// How long `{…}` at the start of the text is, quotation marks minded; it must not hold a line break.
fn braces(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('{')?;
    let mut quote = None;
    let mut escaped = false;
    for (i, c) in inner.char_indices() {
        match (c, quote) {
            ('\n', _) => return None,
            _ if escaped => escaped = false,
            ('\\', _) => escaped = true,
            ('}', None) => return Some(i + 2),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(q)) if c == q => quote = None,
            _ => {}
        }
    }
    None
}
