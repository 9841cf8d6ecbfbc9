//! Owns the parsing of one file: bytes to a [`Doc`], and nothing else. Never fails: what is wrong is
//! in the doc's diagnostics. Must not know any other file.

pub mod component;
pub mod data;
pub mod event;
pub mod front_matter;
pub mod markdown;
pub mod outside;
pub mod prose;

use std::hash::Hash;

use crate::calendar::Zone;
use crate::diag::{Code, Diagnostic};
use crate::fingerprint::{Fp, FpHasher};
use component::Components;
use front_matter::FrontMatter;
use markdown::{Body, Extensions, Prose};

/// All that a parse depends on besides the bytes of the file.
#[derive(Debug, Clone, PartialEq, Hash, Default)]
pub struct Settings {
    /// Which extensions of Markdown are on.
    pub extensions: Extensions,
    /// Raw HTML passes through.
    pub raw_html: bool,
    /// Links to pages and files are resolved and checked.
    pub check_links: bool,
    /// The names of taxonomies, which are keys of the front matter.
    pub taxonomies: Vec<String>,
    /// The components that the theme offers; `None` while the theme is broken, so that nobody is told
    /// of components that are missing for that reason.
    pub components: Option<Components>,
    /// Look also at what could be better: headings, words of links, how hard the text is to read.
    pub look: bool,
    /// The language of pages whose file names none.
    pub language: String,
    /// Further languages, which stand in the names of files: `page.es.md`.
    pub languages: Vec<String>,
    /// The highest reading grade that is not reported.
    pub reading_grade: Option<u8>,
    /// The zone in which events are, if they say no other.
    pub zone: Zone,
}

impl Settings {
    /// The language that the name of a page's file says.
    fn language_of(&self, file: &str) -> &str {
        let code =
            file.strip_suffix(".md").and_then(|stem| stem.rsplit('/').next()?.rsplit_once('.'));
        let known = code.and_then(|(_, code)| self.languages.iter().find(|known| *known == code));
        known.unwrap_or(&self.language)
    }
}

/// One parsed file.
#[derive(Debug)]
pub struct Doc {
    /// The settings at the top of the file.
    pub meta: FrontMatter,
    /// The Markdown below.
    pub body: Body,
    /// What its text has that only the site as a whole can judge; `None` if nobody asked for it.
    pub prose: Option<Box<Prose>>,
    /// What is wrong with either.
    pub problems: Vec<Diagnostic>,
    /// The fingerprint of all that this doc was made from.
    pub fp: Fp,
    /// The fingerprints of its settings.
    pub settings_fp: SettingsFp,
    /// The fingerprint of the names of its parts, and of whether they are known.
    pub parts_fp: Fp,
}

/// The fingerprints of what is asked of a page's settings. They are taken as soon as the page is read: later, each of its texts would
/// have to be fetched once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingsFp {
    /// Of all of them.
    pub all: Fp,
    /// Of the names of its terms.
    pub terms: Fp,
    /// Of what its card says, together with what the card takes from the text.
    pub card: Fp,
}

impl SettingsFp {
    /// Those of `meta` above a text.
    pub fn of(meta: &FrontMatter, body: &Body) -> SettingsFp {
        let mut terms = FpHasher::default();
        for (taxonomy, names) in &meta.terms {
            (taxonomy, names.len()).hash(&mut terms);
            names.iter().for_each(|(name, _)| name.hash(&mut terms));
        }
        // As the card says it: what is not said is what it stands for.
        let title = meta.title.as_ref().or(body.title.as_ref()).map_or("", |title| title);
        let audience = meta.audience.as_deref().unwrap_or_default();
        let said = (title, &meta.description, &body.summary, audience, &meta.extra);
        let dates = (meta.date, meta.updated, meta.reviewed, meta.year.map(|(year, _)| year));
        let others = (meta.weight, &meta.event, meta.in_search.unwrap_or(true));
        SettingsFp { all: Fp::of(meta), terms: terms.fp(), card: Fp::of(&(said, dates, others)) }
    }
}

impl Doc {
    fn new(
        meta: FrontMatter,
        body: Body,
        prose: Option<Prose>,
        problems: Vec<Diagnostic>,
        fp: Fp,
    ) -> Doc {
        let settings_fp = SettingsFp::of(&meta, &body);
        let (prose, parts_fp) = (prose.map(Box::new), Fp::default());
        let mut doc = Doc { meta, body, prose, problems, fp, settings_fp, parts_fp };
        let mut parts = FpHasher::default();
        doc.is_read().hash(&mut parts);
        doc.body.headings.iter().for_each(|heading| heading.id().hash(&mut parts));
        doc.parts_fp = parts.fp();
        doc
    }

    /// Whether the text below the settings could be found and read at all.
    pub fn is_read(&self) -> bool {
        let lost = [Code::NotUtf8, Code::UnclosedFrontMatter, Code::ReservedCharacter];
        !self.problems.iter().any(|problem| lost.contains(&problem.code))
    }
}

/// Parses a page, in one step: see [`begin`].
pub fn page(file: &str, bytes: (&[u8], Fp), settings: (&Settings, Fp)) -> Doc {
    begin(file, bytes, settings).finish(settings.0)
}

/// A page whose settings are read; its Markdown is not.
#[derive(Debug)]
pub struct Begun<'a> {
    file: &'a str,
    text: Option<&'a str>,
    meta: FrontMatter,
    body_start: usize,
    problems: Vec<Diagnostic>,
    fp: Fp,
}

/// Reads the settings of a page. `file` is its path in the site's folder and is used in diagnostics only. Whoever reads
/// files and keeps settings has the fingerprints of both.
pub fn begin<'a>(
    file: &'a str,
    (bytes, bytes_fp): (&'a [u8], Fp),
    (settings, settings_fp): (&Settings, Fp),
) -> Begun<'a> {
    let fp = Fp::of(&(bytes_fp, settings_fp, file));
    let mut begun = Begun {
        file,
        text: None,
        meta: FrontMatter::default(),
        body_start: 0,
        problems: Vec::new(),
        fp,
    };
    let problems = &mut begun.problems;
    begun.text = utf8(file, bytes, problems);
    let Some(text) = begun.text else { return begun };
    let (front, body_start) = front_matter::split(file, text, problems);
    begun.body_start = body_start;
    if let Some(span) = front {
        let yaml = &text[span.start..span.end];
        begun.meta = front_matter::parse(file, yaml, span.start, settings, problems);
    }
    begun
}

impl Begun<'_> {
    /// Parses the Markdown, by the same settings.
    pub fn finish(self, settings: &Settings) -> Doc {
        let Begun { file, text, meta, body_start, mut problems, fp } = self;
        let Some(text) = text else {
            return Doc::new(meta, Body::default(), None, problems, fp);
        };
        // A title that could not be read is not missing: the first heading must not take its place.
        let wants_title = meta.title.is_none() && problems.is_empty();
        let (body, prose) =
            markdown::parse(file, text, body_start, wants_title, settings, &mut problems);
        Doc::new(meta, body, prose, problems, fp)
    }
}

/// The text of a file without its byte-order mark, or a diagnostic. Spans stay those of the file: the
/// mark is kept in the text and skipped by its reader.
pub fn utf8<'a>(file: &str, bytes: &'a [u8], problems: &mut Vec<Diagnostic>) -> Option<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            problems.push(
                Diagnostic::whole(
                    Code::NotUtf8,
                    file,
                    format!("This file is not encoded as UTF-8 (first seen in line {line})."),
                )
                .hint("Open it in your editor and save it again with the encoding UTF-8."),
            );
            None
        }
    }
}

/// How many bytes the byte-order mark at the start takes.
pub fn byte_order_mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}
