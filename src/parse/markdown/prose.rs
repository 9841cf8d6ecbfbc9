//! Owns the look at a page's text as its readers see it: headings, links, tables, sentences. Only asked for
//! where somebody wants to know all that could be better.
//! Must not know other pages, nor the HTML that the text becomes.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Tag, TagEnd};

use super::pad::{GUARD, Padded};
use crate::diag::{Code, Diagnostic, Place, Span};
use crate::parse::prose::{
    Counts, FEWEST_WORDS, figure, hardness, is_measured, leftover, says_nothing, sentences,
};

/// Above that, more of a grade says nothing.
const HIGHEST: i32 = 20;

/// How many of the hardest sentences are named.
const NAMED: usize = 3;

/// What a page's text has that only the site as a whole can judge.
#[derive(Debug, Default)]
pub struct Prose {
    /// Figures without a source beside them: a page that names its sources may have them.
    pub unsourced: Vec<Diagnostic>,
    /// Words that begin with a number sign.
    pub hashtags: Vec<Hashtag>,
    /// Years that the text names.
    pub years: Vec<Year>,
}

/// A word that begins with a number sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashtag {
    /// The word with the sign.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// The years that its paragraph names: it may tell of the past.
    pub years: Vec<i16>,
}

/// A year that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// The text of its paragraph before it.
    pub before: String,
    /// And after it.
    pub after: String,
    /// Where it stands.
    pub span: Span,
}

/// The page whose text is looked at.
pub(super) struct Page<'a> {
    pub(super) file: &'a str,
    /// The whole file.
    pub(super) text: &'a str,
    pub(super) lang: &'a str,
    pub(super) has_title: bool,
}

/// Looks at the text behind `events`. More than the grade `most` is reported.
pub(super) fn look(
    page: &Page<'_>,
    padded: &Padded<'_>,
    events: &[(Event<'_>, Range<usize>)],
    most: Option<u8>,
    problems: &mut Vec<Diagnostic>,
) -> Prose {
    let mut walk = Walk {
        file: page.file,
        lang: page.lang,
        padded,
        problems,
        prose: Prose::default(),
        block: Block::default(),
        counts: Counts::default(),
        hard: Vec::new(),
        level: 1,
        has_title: page.has_title,
    };
    walk.run(events);
    walk.grade(page.text, most);
    walk.prose
}

/// A run of text that a reader takes in at once: a paragraph, an item, a heading, a cell.
#[derive(Default)]
struct Block {
    text: String,
    /// Byte of the text, and the bytes of the padded source that it came from.
    pieces: Vec<(usize, Range<usize>)>,
    /// Where code stands in the text: it is shown as it is and means nothing.
    code: Vec<Range<usize>>,
    /// A link or a footnote stands in it.
    has_reference: bool,
    kind: Kind,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    Prose,
    Heading,
    Cell,
}

struct Walk<'a> {
    file: &'a str,
    lang: &'a str,
    padded: &'a Padded<'a>,
    problems: &'a mut Vec<Diagnostic>,
    prose: Prose,
    block: Block,
    counts: Counts,
    /// Sentences that could be named: how hard, and where.
    hard: Vec<(f64, Span)>,
    /// The level of the last heading.
    level: u8,
    has_title: bool,
}

impl Walk<'_> {
    fn run(&mut self, events: &[(Event<'_>, Range<usize>)]) {
        let mut in_code = false;
        let mut link: Option<(String, &Range<usize>)> = None;
        let mut head: Option<(bool, &Range<usize>)> = None;
        let mut pictures = 0;
        for (event, range) in events {
            match event {
                Event::Start(Tag::CodeBlock(_)) => {
                    self.end_block();
                    in_code = true;
                }
                Event::End(TagEnd::CodeBlock) => in_code = false,
                Event::Start(Tag::Heading { .. }) => {
                    self.end_block();
                    self.block.kind = Kind::Heading;
                }
                Event::End(TagEnd::Heading(level)) => self.heading(*level, range),
                Event::Start(Tag::TableHead) => head = Some((false, range)),
                Event::End(TagEnd::TableHead) => {
                    if let Some((false, range)) = head.take() {
                        self.empty_head(range);
                    }
                }
                Event::Start(Tag::TableCell) => {
                    self.end_block();
                    self.block.kind = Kind::Cell;
                }
                Event::End(TagEnd::TableCell) => {
                    if let Some((has_text, _)) = &mut head {
                        *has_text |= !self.block.text.trim().is_empty();
                    }
                    self.end_block();
                }
                Event::Start(Tag::Link { .. }) => {
                    self.block.has_reference = true;
                    link = Some((String::new(), range));
                }
                Event::End(TagEnd::Link) => {
                    if let Some((text, range)) = link.take() {
                        self.link(&text, range);
                    }
                }
                Event::Start(Tag::Image { .. }) => pictures += 1,
                Event::End(TagEnd::Image) => pictures -= 1,
                Event::FootnoteReference(_) => self.block.has_reference = true,
                Event::Text(text) | Event::Code(text) if !in_code => {
                    if matches!(event, Event::Code(_)) && pictures == 0 {
                        let at = self.block.text.len();
                        self.block.code.push(at..at + text.len());
                    }
                    if let Some((link, _)) = &mut link {
                        link.push_str(text);
                    }
                    if pictures == 0 {
                        self.text(text, range.clone());
                    }
                }
                Event::SoftBreak | Event::HardBreak => self.block.text.push(' '),
                Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
                | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) => {}
                Event::Start(_) | Event::End(_) | Event::Rule => self.end_block(),
                _ => {}
            }
        }
        self.end_block();
    }

    fn text(&mut self, text: &CowStr<'_>, range: Range<usize>) {
        self.block.pieces.push((self.block.text.len(), range));
        self.block.text.push_str(text);
    }

    /// The place in the file of a range of the block's text.
    fn span(&self, range: &Range<usize>) -> Span {
        let at = |byte: usize, is_end: bool| {
            let before = |(from, _): &(usize, Range<usize>)| {
                if is_end { *from < byte } else { *from <= byte }
            };
            let piece = self.block.pieces.partition_point(before).checked_sub(1)?;
            let (from, source) = &self.block.pieces[piece];
            Some((source.start + byte - from).min(source.end))
        };
        let start = at(range.start, false).unwrap_or_default();
        self.padded.span(&(start..at(range.end, true).unwrap_or(start).max(start)))
    }

    fn end_block(&mut self) {
        if self.block.text.trim().is_empty() {
            self.block = Block::default();
            return;
        }
        // A component's own line is no text.
        let guarded = self.block.text.starts_with(GUARD);
        if guarded && self.block.text[GUARD.len_utf8()..].starts_with(":::") {
            self.block = Block::default();
            return;
        }
        let mut shown = std::borrow::Cow::Borrowed(&*self.block.text);
        for code in &self.block.code {
            shown.to_mut().replace_range(code.clone(), &" ".repeat(code.len()));
        }
        let hashtags = hashtags_in(&shown);
        if let Some(range) = leftover(&shown, self.lang) {
            let word = self.block.text[range.clone()].to_string();
            let span = self.span(&range);
            self.say(
                Code::Leftover,
                span,
                format!("\"{word}\" looks like something that was left standing while writing."),
                "Finish the text or delete this. A word that is meant as it is can stand in `code`.",
            );
        }
        let years = self.years();
        for range in hashtags {
            let span = self.span(&range);
            let text = self.block.text[range].to_string();
            self.prose.hashtags.push(Hashtag { text, span, years: years.clone() });
        }
        if self.block.kind == Kind::Prose {
            self.figure();
            self.sentences();
        }
        self.block = Block::default();
    }

    fn figure(&mut self) {
        if self.block.has_reference {
            return;
        }
        if let Some(range) = figure(&self.block.text) {
            let span = self.span(&range);
            let number = &self.block.text[range];
            self.prose.unsourced.push(
                Diagnostic::at(
                    Code::NoSource,
                    self.file,
                    span,
                    format!("The number {number} has no source, so readers cannot check it."),
                )
                .hint("Link to where it comes from, add a footnote, or name the page's \"sources\" at its top."),
            );
        }
    }

    /// Notes years that stand by themselves, with the words before them.
    fn years(&mut self) -> Vec<i16> {
        let text = &self.block.text;
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(next) = bytes[at..].iter().position(u8::is_ascii_digit) {
            at += next;
            let len = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            let alone = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
            if len == 4 && alone && (bytes[at] == b'2' || bytes[at] == b'1') {
                found.push(at..at + len);
            }
            at += len;
        }
        let years =
            found.iter().filter_map(|range| self.block.text[range.clone()].parse().ok()).collect();
        for range in found {
            let span = self.span(&range);
            let text = &self.block.text;
            let Ok(year) = text[range.clone()].parse() else { continue };
            let (before, after) = (text[..range.start].to_string(), text[range.end..].to_string());
            self.prose.years.push(Year { year, before, after, span });
        }
        years
    }

    fn sentences(&mut self) {
        if !is_measured(self.lang) {
            return;
        }
        for range in sentences(&self.block.text) {
            let sentence = &self.block.text[range.clone()];
            let counts = Counts::of(sentence, self.lang);
            self.counts.add(counts);
            if let Some(hard) = hardness(counts, self.lang) {
                let span = self.span(&range);
                self.hard.push((hard, span));
            }
        }
    }

    fn heading(&mut self, level: HeadingLevel, range: &Range<usize>) {
        let level = level as u8;
        let is_empty = self.block.text.trim().is_empty();
        let span = self.padded.span(range);
        self.end_block();
        if is_empty {
            self.say(
                Code::HeadingOrder,
                span,
                "This heading has no text.".into(),
                "Write its text, or delete the number signs.",
            );
            return;
        }
        if !self.has_title {
            // The first heading is the page's title.
            (self.has_title, self.level) = (true, 1);
            return;
        }
        if level == 1 {
            self.say(
                Code::SecondTitle,
                span,
                "This is a second title: the page has one already.".into(),
                "Write two number signs (##) for the heading of a part.",
            );
        } else if level > self.level + 1 {
            let marks = |level: u8| "#".repeat(usize::from(level));
            let wanted = self.level + 1;
            self.say(
                Code::HeadingOrder,
                span,
                format!("This heading is of level {level}, but the one above it is of level {}.", self.level),
                &format!("Write {} instead of {}: people who listen to a page find their way by its levels.", marks(wanted), marks(level)),
            );
        }
        self.level = level;
    }

    fn empty_head(&mut self, range: &Range<usize>) {
        let span = self.padded.span(range);
        self.say(
            Code::TableHead,
            span,
            "The columns of this table have no names.".into(),
            "Write in the first row what each column holds.",
        );
    }

    fn link(&mut self, text: &str, range: &Range<usize>) {
        if !says_nothing(text) {
            return;
        }
        let span = self.padded.span(range);
        let message = match text.trim() {
            "" => "This link has no words, so nobody can follow it.".into(),
            text => format!("\"{text}\" does not say where this link leads."),
        };
        self.say(
            Code::VagueLink,
            span,
            message,
            "Let the link's words name what is behind it: many people hear or see links without the text around them.",
        );
    }

    /// Says that the whole is too hard, if it is.
    fn grade(&mut self, text: &str, most: Option<u8>) {
        if self.counts.words < FEWEST_WORDS {
            return;
        }
        let Some(grade) = self.counts.grade(self.lang) else { return };
        #[expect(clippy::cast_possible_truncation, reason = "a grade has two digits")]
        let tenths = (grade * 10.0).round() as i32;
        let Some(most) = most.filter(|most| tenths > i32::from(*most) * 10) else { return };
        self.hard.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.hard.truncate(NAMED);
        let Some((_, first)) = self.hard.first().copied() else { return };
        let mut problem = Diagnostic::at(
            Code::HardToRead,
            self.file,
            first,
            format!(
                "This page needs {} to be read, and the most is {most}. This is its hardest sentence.",
                if tenths > HIGHEST * 10 {
                    format!("a grade above {HIGHEST}")
                } else {
                    format!("grade {}.{}", tenths / 10, tenths % 10)
                }
            ),
        )
        .hint("Make two sentences of a long one, and choose short, usual words.");
        for (_, span) in &self.hard[1..] {
            let line = Place::of(text, *span).line;
            let start = shortened(&text[span.start..span.end]);
            problem.trail.push(format!("hard, too: line {line}, \"{start}\""));
        }
        self.problems.push(problem);
    }

    fn say(&mut self, code: Code, span: Span, message: String, hint: &str) {
        self.problems.push(Diagnostic::at(code, self.file, span, message).hint(hint));
    }
}

/// Words with a number sign before them.
fn hashtags_in(text: &str) -> Vec<Range<usize>> {
    let word = |(at, _): (usize, &str)| {
        let rest = &text[at + 1..];
        let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        (len > 1).then_some(at..at + 1 + len)
    };
    text.match_indices('#').filter_map(word).collect()
}

/// The first words of a sentence, in one line.
fn shortened(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split_whitespace().take(9).collect();
    let all = sentence.split_whitespace().nth(9).is_none();
    format!("{}{}", words.join(" "), if all { "" } else { " …" })
}
