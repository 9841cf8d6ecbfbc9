//! Owns the diagnostic: what is wrong, where in the editor's file, and what to do; and the two ways
//! to print it (text for a terminal, JSON for a machine). Must not know who reports.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// How bad it is. An error keeps the site from being published; a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The site cannot be published like this.
    Error,
    /// The site is published, but somebody should look.
    Warning,
    /// Nothing is wrong; it is said so that nobody wonders.
    Notice,
}

impl Severity {
    /// The word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "note",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal $severity:ident $about:literal;)*) => {
        /// The catalogue: every kind of problem that weekmark can report. A code never changes its
        /// meaning, so that it can be looked up and switched on or off by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $about] $name,)* }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];
            /// The short name that is printed, such as `W104`.
            pub fn id(self) -> &'static str { match self { $(Code::$name => $id,)* } }
            /// How bad this kind of problem is.
            pub fn severity(self) -> Severity { match self { $(Code::$name => Severity::$severity,)* } }
            /// One sentence about the kind of problem.
            pub fn about(self) -> &'static str { match self { $(Code::$name => $about,)* } }
        }
    };
}

codes! {
    NotUtf8 = "W001" Error "A text file is not encoded as UTF-8.";
    Unreadable = "W002" Error "A file or folder cannot be read.";
    NoSite = "W003" Error "There is no site.yaml, so this folder is not a site.";
    Yaml = "W101" Error "YAML that cannot be read.";
    UnknownKey = "W102" Error "A setting that weekmark does not know.";
    WrongType = "W103" Error "A setting has a value of the wrong kind.";
    BadDate = "W104" Error "A date that does not exist or can be read in two ways.";
    DuplicateKey = "W105" Error "A setting is written twice.";
    MissingTitle = "W106" Error "A page has neither a title nor a heading.";
    UnclosedFrontMatter = "W107" Error "A line --- around the front matter is missing or damaged.";
    BadValue = "W108" Error "A setting has a value that is not allowed here.";
    MissingKey = "W109" Error "A setting that is needed is missing.";
    UnknownComponent = "W201" Error "A component that the theme does not have.";
    BadArgument = "W202" Error "A component was called with an argument that it does not take.";
    UnclosedComponent = "W203" Error "A component block is never closed.";
    NothingToClose = "W204" Error "A line of colons closes nothing.";
    RawHtml = "W205" Error "Raw HTML where the site does not allow it.";
    ReservedCharacter = "W206" Error "A character that no text may contain.";
    BrokenLink = "W301" Error "A link leads nowhere.";
    BrokenAnchor = "W302" Error "A link leads to a part of a page that is not there.";
    MissingFile = "W303" Error "A picture or file is not there.";
    UnsafeLink = "W304" Error "A link of a kind that must not be published.";
    ThirdParty = "W306" Error "A file on another site that visitors' browsers would load.";
    OutsideForm = "W307" Error "A form that sends what visitors write to another site.";
    HeldBackLink = "W305" Warning "A link leads to a page that is not published.";
    BrokenPicture = "W310" Error "A picture that is damaged or cut off.";
    HugePicture = "W311" Error "A picture that is too large.";
    MisnamedPicture = "W312" Error "A picture whose name says another format.";
    UnshownPicture = "W313" Error "A picture in a format that browsers do not show.";
    UnsafeDrawing = "W314" Error "A drawing that could run a program or load from elsewhere.";
    DeadLink = "W320" Warning "An outside link leads nowhere.";
    UnsureLink = "W321" Notice "Whether an outside link works cannot be told.";
    MovedLink = "W322" Notice "An outside link leads to a page that has moved for good.";
    SameAddress = "W401" Error "Two sources claim one address.";
    UnknownTaxonomy = "W402" Error "A taxonomy that site.yaml does not declare.";
    UnknownTemplate = "W403" Error "A template that the theme does not have.";
    UnknownSource = "W404" Error "A source that content/_data/sources.yaml does not list.";
    UnknownLanguage = "W405" Error "A page in a language that site.yaml does not declare.";
    UnknownMenu = "W406" Error "A menu that site.yaml does not declare.";
    Template = "W501" Error "A template that cannot be read.";
    Rendering = "W502" Error "A template failed while a page was made.";
    Theme = "W503" Error "The theme is missing or incomplete.";
    LowContrast = "W510" Error "Two colors that lie on each other are too alike to be read.";
    BadColor = "W511" Error "A color that cannot be read, or a color token that is not there.";
    SmallIcon = "W512" Warning "A logo or icon that is too small for what is made of it.";
    NoIcon = "W513" Notice "Icons that the logo cannot give, or not well.";
    HeldBack = "W601" Notice "A page that is not published, and why.";
    NoBaseUrl = "W602" Notice "Without base_url, what needs the site's address is left out.";
    MissingAlt = "W603" Warning "A picture without alternative text.";
    NoEffect = "W604" Warning "A setting that has no effect here.";
    UselessSwitch = "W605" Warning "A check is switched off that finds nothing.";
    EventOutside = "W606" Warning "An event on a day that is not in the observance.";
    EventTwins = "W608" Warning "An event that differs from language to language.";
    NoDates = "W607" Warning "A year for which the rule of the observance has no dates.";
    MissingDescription = "W701" Warning "A page without a description.";
    LongTitle = "W702" Warning "A title that is too long for lists and search results.";
    LongDescription = "W703" Warning "A description that is too long for search results.";
    SameTitle = "W704" Warning "Two pages with one title.";
    SameDescription = "W705" Warning "Two pages with one description.";
    HeadingOrder = "W706" Warning "A heading that leaves out a level or has no text.";
    SecondTitle = "W707" Warning "A page with two titles.";
    SameId = "W708" Warning "Two parts of a page with one id.";
    VagueLink = "W709" Warning "A link whose words do not say where it leads.";
    TableHead = "W710" Warning "A table without names for its columns.";
    NoLabel = "W711" Warning "A form field that nothing names.";
    NoLanguage = "W712" Warning "A page that does not say its language.";
    InlineCode = "W713" Warning "A script or style that stands in the page itself.";
    HeavyPage = "W714" Warning "A page that is too heavy for a slow line.";
    HardToRead = "W715" Warning "A page that is hard to read.";
    NoSource = "W716" Warning "A number without a source.";
    ReviewOverdue = "W717" Warning "A page that somebody wanted to check again by now.";
    Leftover = "W718" Warning "Something that was left standing while writing.";
    OldYear = "W719" Warning "A year or hashtag of an observance that is over.";
    Orphan = "W720" Warning "A page that no other page leads to.";
    UnusedFile = "W721" Warning "A file that no page uses.";
    LongPost = "W801" Warning "A post that its channel does not take.";
    HashtagCase = "W802" Warning "A hashtag whose words cannot be told apart.";
}

impl Code {
    /// Whether only the network knows, so that it is found when somebody asks there.
    pub fn asks_network(self) -> bool {
        matches!(self, Code::DeadLink | Code::UnsureLink | Code::MovedLink)
    }
}

/// A range of bytes in the text of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// From the first byte to one past the last.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end: end.max(start) }
    }

    /// The same range, `by` bytes further on.
    pub fn shift(self, by: usize) -> Span {
        Span { start: self.start + by, end: self.end + by }
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Span {
        Span::new(range.start, range.end)
    }
}

/// One problem. The place is a range of bytes; [`locate`](Diagnostic::locate) turns it into the line
/// and column that a person reads, once, at the end of a pass.
///
/// A large site may have thousands, which are told again on every pass: copies share what they are made of, and are
/// equal at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic(Arc<Problem>);

impl std::ops::Deref for Diagnostic {
    type Target = Problem;

    fn deref(&self) -> &Problem {
        &self.0
    }
}

impl std::ops::DerefMut for Diagnostic {
    fn deref_mut(&mut self) -> &mut Problem {
        Arc::make_mut(&mut self.0)
    }
}

/// What a diagnostic is made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Which kind of problem.
    pub code: Code,
    /// The file that the editor wrote, relative to the site's folder.
    pub file: String,
    /// Where in the file; `None` means the file as a whole.
    pub span: Option<Span>,
    /// One sentence on what is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// How weekmark got there, innermost first: `(file, line, column)` of templates.
    pub trail: Vec<String>,
}

impl Diagnostic {
    /// File, then place, then code: the order in which a person works through them.
    pub fn order(&self, other: &Diagnostic) -> Ordering {
        fn key(d: &Diagnostic) -> (&str, Span, Code, &str) {
            (&d.file, d.span.unwrap_or_default(), d.code, &d.message)
        }
        key(self).cmp(&key(other))
    }

    /// A problem at a place in a file.
    pub fn at(code: Code, file: &str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, file, Some(span), message)
    }

    /// A problem of a file as a whole.
    pub fn whole(code: Code, file: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, file, None, message)
    }

    /// A problem of a file, at a place if there is one.
    pub fn new(
        code: Code,
        file: &str,
        span: Option<Span>,
        message: impl Into<String>,
    ) -> Diagnostic {
        let (file, message) = (file.to_string(), message.into());
        Diagnostic(Arc::new(Problem { code, file, span, message, hint: None, trail: Vec::new() }))
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what to write instead, if there is something to say.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Diagnostic {
        self.hint = hint;
        self
    }

    /// Finds line, column and the line itself in the file's text.
    pub fn locate(self, text: Option<&str>) -> Located {
        let place = match (self.span, text) {
            (Some(span), Some(text)) => Some(Arc::new(Place::of(text, span))),
            _ => None,
        };
        Located { diagnostic: self, place }
    }
}

/// Line, column and the line itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub line: usize,
    /// Counted in characters from 1.
    pub column: usize,
    /// The whole line, without its end.
    pub text: String,
    /// The marked bytes of `text`.
    pub mark: Span,
}

impl Place {
    /// The place of `span` in `text`. A span over several lines marks the rest of its first line.
    pub fn of(text: &str, span: Span) -> Place {
        let start = floor_boundary(text, span.start.min(text.len()));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line_text = text[line_start..line_end].trim_end_matches('\r');
        let from = (start - line_start).min(line_text.len());
        let end = floor_boundary(text, span.end.min(text.len()));
        let to = end.saturating_sub(line_start).clamp(from, line_text.len());
        Place {
            line: text[..line_start].matches('\n').count() + 1,
            column: line_text[..from].chars().count() + 1,
            text: line_text.to_string(),
            mark: Span::new(from, to),
        }
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A diagnostic with its place found: what is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The problem.
    pub diagnostic: Diagnostic,
    /// Where it is; `None` for a file as a whole.
    pub place: Option<Arc<Place>>,
}

impl Located {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.diagnostic.code.severity()
    }

    /// The order of the diagnostics.
    pub fn order(&self, other: &Located) -> Ordering {
        self.diagnostic.order(&other.diagnostic)
    }

    /// The text for a terminal, with or without colours, without a line end.
    pub fn to_text(&self, colour: bool) -> String {
        let diagnostic = &self.diagnostic;
        let level = match self.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Notice => Level::NOTE,
        };
        let mut group = level
            .primary_title(diagnostic.message.as_str())
            .id(diagnostic.code.id())
            .elements(self.place.iter().map(|place| {
                // A mark without width is still a mark: under the first character.
                let end = place.mark.end.max(next_boundary(&place.text, place.mark.start));
                Snippet::source(place.text.as_str())
                    .line_start(place.line)
                    .path(diagnostic.file.as_str())
                    .annotation(AnnotationKind::Primary.span(place.mark.start..end))
            }));
        if self.place.is_none() {
            group = group.element(annotate_snippets::Origin::path(diagnostic.file.as_str()));
        }
        for step in &diagnostic.trail {
            group = group.element(Level::NOTE.message(step.as_str()));
        }
        if let Some(hint) = &diagnostic.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group]).to_string()
    }

    /// One JSON object. Shape 1: `severity`, `code`, `file`, `line`, `column`, `text`, `mark_start`,
    /// `mark_length` (in characters), `message`, `hint`, `trail`; a place that is not known is `null`.
    pub fn to_json(&self) -> String {
        let d = &self.diagnostic;
        let mut out = String::from("{");
        let _ = write!(out, "\"severity\":{}", json_string(self.severity().word()));
        let _ = write!(out, ",\"code\":{}", json_string(d.code.id()));
        let _ = write!(out, ",\"file\":{}", json_string(&d.file));
        match &self.place {
            Some(place) => {
                let before = place.text[..place.mark.start].chars().count();
                let marked = place.text[place.mark.start..place.mark.end].chars().count();
                let _ = write!(
                    out,
                    ",\"line\":{},\"column\":{},\"text\":{},\"mark_start\":{before},\"mark_length\":{marked}",
                    place.line,
                    place.column,
                    json_string(&place.text),
                );
            }
            None => out.push_str(
                ",\"line\":null,\"column\":null,\"text\":null,\"mark_start\":null,\"mark_length\":null",
            ),
        }
        let _ = write!(out, ",\"message\":{}", json_string(&d.message));
        let hint = d.hint.as_deref().map_or("null".to_string(), json_string);
        let _ = write!(out, ",\"hint\":{hint}");
        let trail: Vec<String> = d.trail.iter().map(|step| json_string(step)).collect();
        let _ = write!(out, ",\"trail\":[{}]}}", trail.join(","));
        out
    }
}

fn next_boundary(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(at, |c| at + c.len_utf8())
}

/// A JSON string with its quotes (RFC 8259, section 7). `<` is escaped too, so that the result may
/// stand inside a script element.
pub fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The nearest of `known` to `word` (Damerau–Levenshtein distance at most a third of the length, at
/// least one), for «did you mean».
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// Edits between two words: insert, delete, replace, or swap of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

/// Words as a list a person reads: `"a", "b" and "c"`.
pub fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        None => "none".to_string(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_counted_in_characters_and_marks_one_line() {
        let text = "a\nñandú: x\r\nz";
        let at = text.find("x").expect("x");
        let place = Place::of(text, Span::new(at, text.len()));
        assert_eq!((place.line, place.column, place.text.as_str()), (2, 8, "ñandú: x"));
        assert_eq!(&place.text[place.mark.start..place.mark.end], "x");
    }

    #[test]
    fn a_place_past_the_end_is_the_end() {
        let place = Place::of("ab", Span::new(9, 12));
        assert_eq!((place.line, place.column, place.mark), (1, 3, Span::new(2, 2)));
    }

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("titel", ["title", "template"]), Some("title"));
        assert_eq!(nearest("wieght", ["weight", "date"]), Some("weight"));
        assert_eq!(nearest("zzz", ["title", "date"]), None);
    }

    #[test]
    fn every_code_is_used_once() {
        let mut ids: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Code::ALL.len());
    }
}
