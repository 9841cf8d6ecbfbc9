//! Owns front matter: where it ends, which keys there are, and what their values must be.
//! Must not know the Markdown below it or other pages.

use std::sync::Arc;

use super::event::Event;
use super::{Settings, byte_order_mark, data};
use crate::calendar::{Date, Zone, pattern};
use crate::diag::{Code, Diagnostic, Span};
use crate::yaml::shape::Shape::{
    Bool, Either, Formed, Free, Group, Int, IntIn, Listed, Named, Text,
};
use crate::yaml::shape::{self, Form, Key, Others, Shape, key, needed};
use crate::yaml::{self, Data, Fields, Node, Value};

/// Every key that a page may have, beside the taxonomies that site.yaml declares.
pub const KEYS: &[Key] = &[
    key("title", Text, "The page's title and its h1. Without it the first heading is the title."),
    key("description", Text, "One sentence for search results, link previews and lists."),
    key("slug", Formed(&SLUG), "The last part of the address, instead of the file's name."),
    key("aliases", Listed(&Formed(&ALIAS)), "Old addresses that lead here, such as `/old-page/`."),
    key("date", DATE, "When the page was first published; orders feeds and lists."),
    key("updated", DATE, "When it last changed in a way that readers should know."),
    key("reviewed", DATE, "When somebody last checked that it is right."),
    key("review_by", DATE, "When somebody should check it again."),
    key("publish_on", DATE, "The first day on which the page is published."),
    key("expires", DATE, "The first day on which it is no longer published."),
    key("draft", Bool, "A draft is built only with --drafts and in the preview."),
    key("weight", Int, "The place in the section's list: small numbers come first."),
    key("year", IntIn(YEARS.0, YEARS.1), "The page is that of the observance in this year."),
    key("event", Group(&super::event::EVENT), "The page is an event: when and where it is."),
    key("template", Text, "Another template of the theme, such as `sources.html`."),
    key("audience", TEXTS, "For whom the page is."),
    key(
        "image",
        Either(&[Text, Group(&IMAGE)]),
        "The picture for link previews, with its alternative text.",
    ),
    key(
        "sources",
        Listed(&Either(&[Text, Group(&data::SOURCE)])),
        "Where the facts come from: names from content/_data/sources.yaml, or title and url.",
    ),
    key(
        "menu",
        Listed(&Either(&[Text, Group(&MENU_PLACE)])),
        "Adds the page to a menu of site.yaml.",
    ),
    key("in_search", Bool, "`false` keeps the page out of the sitemap."),
    key("checks", Group(&CHECKS), "Checks that are switched off for this page."),
    key("extra", SETTINGS, "Free settings for the theme's templates."),
];

/// What a page may say at its top.
pub const PAGE: shape::Group =
    shape::Group { others: Others::Declared, ..shape::Group::of("a page", KEYS) };

/// What site.yaml may say for all pages of a folder.
const DEFAULTS: shape::Group = shape::Group { what: "\"defaults\"", ..PAGE };

/// Front matter for the pages of folders, by folder.
pub const BY_FOLDER: Shape = Named(None, &Group(&DEFAULTS));

/// A text or a list of texts.
pub const TEXTS: Shape = Listed(&Text);

/// Settings of any name.
pub const SETTINGS: Shape = Named(None, &Free);

/// A day, as [`Date::read`] takes it.
pub const DATE: Shape = Formed(&Form {
    pattern: pattern::date,
    numbers: false,
    says: "Write the date as 2026-10-12 or 12 October 2026.",
    examples: Vec::new,
});

const SLUG: Form = Form {
    pattern: || "^[^\\s/?#%&]+$".into(),
    numbers: true,
    says: "Write one part of an address: letters, digits and hyphens.",
    examples: Vec::new,
};

const ALIAS: Form = Form {
    pattern: || "^(?:/[^/.?#% \\\\][^/?#% \\\\]*)+/?$".into(),
    numbers: false,
    says: "Write the old address from the first slash on: /old-page/.",
    examples: Vec::new,
};

/// A picture that stands for a page or the site.
pub const IMAGE: shape::Group = shape::Group::of(
    "\"image\"",
    &[
        needed("src", Text, "The file of the picture."),
        key("alt", Text, "What the picture shows, for those who do not see it."),
    ],
);

const MENU_PLACE: shape::Group = shape::Group::of(
    "\"menu\"",
    &[
        needed("name", Text, "The menu of site.yaml."),
        key("title", Text, "Another title than the page's."),
        key("weight", Int, "The place in the menu: small numbers come first."),
    ],
);

const CHECKS: shape::Group = shape::Group::of("\"checks\"", &[key("off", OFF, OFF_ABOUT)]);

/// Checks that are switched off, each with the reason.
pub const OFF: Shape = Named(Some(&CODE), &Formed(&REASON));

/// What `off` under `checks` does.
pub const OFF_ABOUT: &str = "Checks that are switched off, each with the reason.";

const CODE: Form = Form {
    pattern: || {
        let codes: Vec<&str> = switchable().map(|code| &code.id()[1..]).collect();
        format!("^[Ww](?:{})$", codes.join("|"))
    },
    numbers: false,
    says: "The code of a check stands at the head of its message, such as W715.",
    examples: || switchable().map(|code| (code.id(), code.about())).collect(),
};

const REASON: Form = Form {
    pattern: || "\\S".into(),
    numbers: true,
    says: "Write why the check is switched off.",
    examples: Vec::new,
};

/// The checks that may be switched off.
fn switchable() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| code.severity() != crate::diag::Severity::Error)
}

/// The settings of one page. `None` everywhere means: not said.
#[derive(Debug, Clone, PartialEq, Hash, Default)]
#[expect(missing_docs, reason = "each field is a key of `KEYS`, documented there")]
pub struct FrontMatter {
    pub title: Option<Arc<str>>,
    pub title_span: Span,
    pub description: Option<Arc<str>>,
    pub description_span: Span,
    pub date: Option<Date>,
    pub date_span: Span,
    pub updated: Option<Date>,
    pub draft: Option<bool>,
    pub weight: Option<i64>,
    pub audience: Option<Vec<String>>,
    pub terms: Vec<(String, Vec<(String, Span)>)>,
    /// What is not said on most pages: in a large site it would be a third of all that is kept of a page's
    /// settings. Nothing if nothing of it is said.
    more: Option<Box<More>>,
}

/// The settings that few pages have. They are read as fields of [`FrontMatter`].
#[derive(Debug, Clone, PartialEq, Hash)]
#[expect(missing_docs, reason = "each field is a key of `KEYS`, documented there")]
pub struct More {
    pub slug: Option<(String, Span)>,
    pub aliases: Vec<(String, Span)>,
    pub reviewed: Option<Date>,
    pub review_by: Option<Date>,
    pub review_by_span: Span,
    pub publish_on: Option<Date>,
    pub expires: Option<Date>,
    pub year: Option<(i16, Span)>,
    pub event: Option<Arc<Event>>,
    pub template: Option<(String, Span)>,
    pub image: Option<Image>,
    pub sources: Vec<SourceRef>,
    pub menu: Vec<MenuPlace>,
    pub in_search: Option<bool>,
    pub off: Vec<Off>,
    pub extra: Vec<(String, Data)>,
}

impl More {
    /// Nothing of it.
    const NONE: &More = &More {
        slug: None,
        aliases: Vec::new(),
        reviewed: None,
        review_by: None,
        review_by_span: Span { start: 0, end: 0 },
        publish_on: None,
        expires: None,
        year: None,
        event: None,
        template: None,
        image: None,
        sources: Vec::new(),
        menu: Vec::new(),
        in_search: None,
        off: Vec::new(),
        extra: Vec::new(),
    };

    fn kept(self) -> Option<Box<More>> {
        (self != *More::NONE).then(|| Box::new(self))
    }
}

impl std::ops::Deref for FrontMatter {
    type Target = More;
    fn deref(&self) -> &More {
        self.more.as_deref().unwrap_or(More::NONE)
    }
}

/// A check that is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Off {
    /// Which.
    pub code: Code,
    /// Where it is switched off.
    pub span: Span,
}

/// The picture of a page.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Image {
    /// The file, as it was written.
    pub src: String,
    /// The alternative text.
    pub alt: String,
    /// Where `src` stands.
    pub span: Span,
}

/// Where a fact comes from.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum SourceRef {
    /// A name in `content/_data/sources.yaml`.
    Named(String, Span),
    /// Told in full: the keys that a source has.
    Told(Vec<(String, Data)>),
}

/// A page's place in a menu.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct MenuPlace {
    /// The menu's name in site.yaml.
    pub menu: String,
    /// Another title than the page's.
    pub title: Option<String>,
    /// Order among the entries; the page's weight if not said.
    pub weight: Option<i64>,
    /// Where it stands.
    pub span: Span,
}

/// Finds the front matter: the span of the YAML between the fences, and the first byte of the body.
pub fn split(file: &str, text: &str, problems: &mut Vec<Diagnostic>) -> (Option<Span>, usize) {
    let start = byte_order_mark(text);
    // Blank lines above the settings do no harm.
    let blank = text[start..].split_inclusive('\n').take_while(|line| line.trim().is_empty());
    let first_at = start + blank.map(str::len).sum::<usize>();
    let first = text[first_at..].split_inclusive('\n').next().unwrap_or_default();
    let yaml_start = first_at + first.len();
    if first.trim_end() != "---" || (first_at > start && !first_setting(&text[yaml_start..])) {
        let damaged =
            damaged_fence(file, text, first_at).or_else(|| lost_settings(file, text, start));
        let Some(problem) = damaged else { return (None, start) };
        problems.push(problem);
        return (None, text.len());
    }
    let mut at = yaml_start;
    for line in text[yaml_start..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return (Some(Span::new(yaml_start, at)), at + line.len());
        }
        at += line.len();
    }
    if first_setting(&text[yaml_start..]) {
        let problem = match damaged_end(text, yaml_start) {
            Some(span) => Diagnostic::at(
                Code::UnclosedFrontMatter,
                file,
                span,
                "The settings go on here, because this line is not the --- that ends them.",
            )
            .hint(THREE_HYPHENS),
            None => Diagnostic::at(
                Code::UnclosedFrontMatter,
                file,
                Span::new(first_at, first_at + 3),
                "The settings start here, but the line --- that ends them is missing.",
            )
            .hint("Put a line with only --- after the last setting."),
        };
        problems.push(problem);
        return (None, text.len());
    }
    // A page that begins with a line across the page.
    (None, start)
}

const THREE_HYPHENS: &str = "Type three hyphens and nothing else, above the first setting and below the \
                             last. Word processors make one long dash of them.";

/// Whether a line is made of what people and programs type in the place of ---.
fn looks_like_fence(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.chars().all(|c| "-–—+=*_~. ".contains(c))
}

/// The line below the settings that was meant to end them: nothing but settings stands above it.
fn damaged_end(text: &str, from: usize) -> Option<Span> {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        let shown = line.trim_end();
        if looks_like_fence(shown) && !shown.starts_with(' ') {
            return Some(Span::new(at, at + shown.len()));
        }
        let goes_on = shown.is_empty() || shown.contains(':') || shown.starts_with([' ', '-', '#']);
        if !goes_on {
            return None;
        }
        at += line.len();
    }
    None
}

/// Settings whose first line is missing or is no ---. As text they would be printed, and a draft among
/// them would be published.
fn damaged_fence(file: &str, text: &str, at: usize) -> Option<Diagnostic> {
    let mut lines = text[at..].lines();
    let (first, second) = (lines.next()?, lines.next()?);
    let setting = |line: &str| {
        let name = line.split([':', '=']).next().unwrap_or_default().trim_end();
        name.len() < line.len() && KEYS.iter().any(|key| key.name == name)
    };
    let (message, hint) = if looks_like_fence(first) && setting(second) {
        ("Settings follow, but this line is not the --- that begins them.", THREE_HYPHENS)
    } else if setting(first)
        && text[at..].lines().take_while(|line| !line.trim().is_empty()).any(looks_like_fence)
    {
        (
            "This looks like a setting, but the line --- above it is missing.",
            "Put a line with only --- above the first setting.",
        )
    } else {
        return None;
    };
    let span = Span::new(at, at + first.trim_end().len());
    Some(Diagnostic::at(Code::UnclosedFrontMatter, file, span, message).hint(hint))
}

/// Whether the text goes on like settings rather than like Markdown after a line.
fn first_setting(text: &str) -> bool {
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| {
        line.split_once(':').is_some_and(|(key, _)| {
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    })
}

/// How many lines of a page without settings are looked at for settings that went astray.
const LOOKED_AT: usize = 20;

/// Settings that stand in the text because the lines around them are not right: otherwise a draft would
/// be published, with its settings as its first paragraph.
fn lost_settings(file: &str, text: &str, start: usize) -> Option<Diagnostic> {
    let mut at = start;
    for line in text[start..].split_inclusive(['\n', '\r']).take(LOOKED_AT) {
        let shown =
            line.trim_start_matches(|c: char| c.is_whitespace() || "-\u{200b}\u{feff}".contains(c));
        let key = shown
            .split_once(':')
            .filter(|(_, rest)| rest.is_empty() || rest.starts_with([' ', '\n', '\r']));
        if key.is_some_and(|(key, _)| KEYS.iter().any(|known| known.name == key)) {
            let from = at + line.len() - shown.len();
            return Some(
                Diagnostic::at(
                    Code::UnclosedFrontMatter,
                    file,
                    Span::new(from, from + shown.trim_end().len()),
                    "This looks like a setting of the page, but it stands in its text.",
                )
                .hint(
                    "Settings stand at the very top of the file, between two lines with only ---, each \
                     beginning in the first column. (If it is text: write a backslash before the colon.)",
                ),
            );
        }
        at += line.len();
    }
    None
}

/// Parses the YAML of a front matter whose first byte is byte `base` of `file`.
pub fn parse(
    file: &str,
    text: &str,
    base: usize,
    settings: &Settings,
    problems: &mut Vec<Diagnostic>,
) -> FrontMatter {
    match yaml::parse(text, base) {
        Ok(node) => {
            yaml::cut_values(&node, text, base, file, problems);
            read(&node, file, &PAGE, (&settings.taxonomies, &settings.zone), problems)
        }
        Err(error) => {
            let shifted = yaml::SyntaxError { at: error.at - base, says: error.says };
            let mut problem = yaml::explain(&shifted, file, text);
            problem.span = problem.span.map(|span| span.shift(base));
            problems.push(problem);
            // The title is known to be unknown: without this, a second error would blame it.
            FrontMatter { title: Some(Arc::default()), ..FrontMatter::default() }
        }
    }
}

/// What other programs call a setting, and what it is here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("layout", "template"),
    ("type", "template"),
    ("permalink", "slug"),
    ("url", "slug"),
    ("redirect_from", "aliases"),
    ("redirects", "aliases"),
    ("categories", "tags"),
    ("category", "tags"),
    ("keywords", "tags"),
    ("summary", "description"),
    ("excerpt", "description"),
    ("subtitle", "description"),
    ("name", "title"),
    ("heading", "title"),
    ("order", "weight"),
    ("position", "weight"),
    ("nav_order", "weight"),
    ("lastmod", "updated"),
    ("modified", "updated"),
    ("last_reviewed", "reviewed"),
    ("publishdate", "publish_on"),
    ("publish", "publish_on"),
    ("expirydate", "expires"),
    ("unpublish_on", "expires"),
    ("thumbnail", "image"),
    ("cover", "image"),
    ("featured_image", "image"),
    ("noindex", "in_search"),
];

/// What to say of a setting that is not known: its name here, or where settings of one's own go.
fn advice(name: &str, known: &[&str]) -> Option<String> {
    let all = || known.iter().copied();
    let here = ELSEWHERE.iter().find(|(other, _)| *other == name.to_lowercase().replace('-', "_"));
    if let Some((_, here)) = here.filter(|(_, here)| all().any(|name| name == *here)) {
        return Some(format!("Here that is \"{here}\"."));
    }
    if crate::diag::nearest(name, all()).is_some() {
        return None;
    }
    let list = crate::diag::list(all());
    Some(format!("A page knows {list}. Settings of your own go below \"extra\"."))
}

/// Reads the front matter that stands in site.yaml for all pages of a folder.
pub fn read_defaults(
    node: &Node,
    file: &str,
    taxonomies: &[String],
    problems: &mut Vec<Diagnostic>,
) -> FrontMatter {
    // An event is one page's own, so no zone is needed for what a folder's pages share.
    read(node, file, &DEFAULTS, (taxonomies, &Zone::default()), problems)
}

fn read(
    node: &Node,
    file: &str,
    group: &shape::Group,
    (taxonomies, zone): (&[String], &Zone),
    problems: &mut Vec<Diagnostic>,
) -> FrontMatter {
    let mut more: Vec<&str> = taxonomies.iter().map(String::as_str).collect();
    if !more.contains(&"tags") {
        more.push("tags");
    }
    let mut known: Vec<&str> = group.names().collect();
    known.extend(&more);
    let advice = |name: &str| advice(name, &known);
    let fields = Fields::read_open(node, file, group, (&more, &advice), problems);
    let spanned = |name: &str, problems: &mut Vec<Diagnostic>| {
        fields.text(name, problems).zip(fields.get(name).map(|node| node.span))
    };
    let span_of = |name: &str| fields.get(name).map(|node| node.span).unwrap_or_default();
    let mut terms = Vec::with_capacity(taxonomies.len());
    for taxonomy in &more {
        if let Some(mut list) = fields.texts(taxonomy, problems) {
            list.retain(|(term, span)| {
                let has_name = term.bytes().any(|byte| byte.is_ascii_alphanumeric())
                    || !crate::slug::slug(term).is_empty();
                if !has_name && !term.trim().is_empty() {
                    problems.push(
                        Diagnostic::at(
                            Code::BadValue,
                            file,
                            *span,
                            format!(
                                "\"{term}\" has no letter or digit, so it can have no address."
                            ),
                        )
                        .hint("Write a word."),
                    );
                }
                has_name
            });
            list.sort_by(|a, b| a.0.cmp(&b.0));
            list.dedup_by(|a, b| a.0 == b.0);
            if taxonomies.iter().any(|name| name == taxonomy) {
                terms.push(((*taxonomy).to_string(), list));
            } else {
                problems.push(
                    Diagnostic::at(
                        Code::UnknownTaxonomy,
                        file,
                        fields.key_span(taxonomy).unwrap_or_default(),
                        format!("\"{taxonomy}\" is written here, but site.yaml declares no such taxonomy."),
                    )
                    .hint(format!("Add \"{taxonomy}\" to \"taxonomies\" in site.yaml, or delete this line.")),
                );
            }
        }
    }
    terms.sort_unstable();
    terms.dedup();
    let front = FrontMatter {
        title: fields.text("title", problems).map(|title| title.trim().into()),
        title_span: span_of("title"),
        description: fields.text("description", problems).map(Arc::from),
        description_span: span_of("description"),
        date: date(&fields, "date", problems),
        date_span: span_of("date"),
        updated: date(&fields, "updated", problems),
        draft: fields.bool("draft", problems),
        weight: fields.int("weight", problems),
        audience: fields
            .texts("audience", problems)
            .map(|list| list.into_iter().map(|(text, _)| text).collect()),
        terms,
        more: More {
            slug: spanned("slug", problems)
                .filter(|(slug, span)| good_slug(slug, *span, file, problems)),
            aliases: aliases(&fields, problems),
            reviewed: date(&fields, "reviewed", problems),
            review_by: date(&fields, "review_by", problems),
            review_by_span: span_of("review_by"),
            publish_on: date(&fields, "publish_on", problems),
            expires: date(&fields, "expires", problems),
            year: year(&fields, problems),
            event: fields
                .get("event")
                .and_then(|node| super::event::read(node, file, zone, problems).map(Arc::new)),
            template: spanned("template", problems),
            image: image(&fields, problems),
            sources: sources(&fields, problems),
            menu: menu(&fields, problems),
            in_search: fields.bool("in_search", problems),
            off: off(&fields, problems),
            extra: extra(&fields, problems),
        }
        .kept(),
    };
    if let (Some(start), Some(end), Some(node)) =
        (front.publish_on, front.expires, fields.get("expires"))
        && end <= start
    {
        problems.push(
            Diagnostic::at(
                Code::NoEffect,
                file,
                node.span,
                "The page ends before it begins, so it is never published.",
            )
            .hint(
                "\"expires\" is the first day without the page: write a day after \"publish_on\".",
            ),
        );
    }
    front
}

/// The years that a page may be of.
const YEARS: (i64, i64) = (1583, 9998);

fn year(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<(i16, Span)> {
    let number = fields.int("year", problems)?;
    let span = fields.get("year").map(|node| node.span).unwrap_or_default();
    if !(YEARS.0..=YEARS.1).contains(&number) {
        let message = format!("\"{number}\" is not a year.");
        problems.push(
            Diagnostic::at(Code::BadValue, fields.file(), span, message)
                .hint("Write a year of four digits: year: 2027"),
        );
        return None;
    }
    i16::try_from(number).ok().map(|year| (year, span))
}

/// The checks that `checks` switches off.
fn off(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Off> {
    let Some(node) = fields.get("checks") else { return Vec::new() };
    let inner = Fields::read(node, fields.file(), &CHECKS, problems);
    inner.get("off").map(|node| switches(node, fields.file(), problems)).unwrap_or_default()
}

/// Reads which checks are switched off: code to reason.
pub fn switches(node: &Node, file: &str, problems: &mut Vec<Diagnostic>) -> Vec<Off> {
    let hint = "Write each check with the reason: off: {W715: \"The text of the law stands here as it is.\"}";
    let Value::Map(entries) = &node.value else {
        problems.push(
            Diagnostic::at(
                Code::WrongType,
                file,
                node.span,
                format!("\"off\" needs checks with reasons, but here stands {}.", node.kind()),
            )
            .hint(hint),
        );
        return Vec::new();
    };
    let mut found: Vec<Off> = Vec::new();
    for (key, reason) in entries {
        let name = key.text().unwrap_or_default();
        let upper = name.to_uppercase();
        let Some(code) = Code::ALL.iter().copied().find(|code| code.id() == upper) else {
            let near = crate::diag::nearest(&upper, Code::ALL.iter().map(|code| code.id()));
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    file,
                    key.span,
                    format!("There is no check \"{name}\"."),
                )
                .hint(near.map_or_else(
                    || {
                        "The code of a check stands at the head of its message, such as W715."
                            .into()
                    },
                    |near| format!("Did you mean {near}?"),
                )),
            );
            continue;
        };
        if code.severity() == crate::diag::Severity::Error {
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    file,
                    key.span,
                    format!("{} is an error, and errors cannot be switched off.", code.id()),
                )
                .hint("Mend what it reports: it would harm the visitors of the site."),
            );
        } else if reason.text().is_none_or(|reason| reason.trim().is_empty()) {
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    file,
                    key.span,
                    format!("Why is {} switched off? The reason is missing.", code.id()),
                )
                .hint(hint),
            );
        } else if !found.iter().any(|off| off.code == code) {
            found.push(Off { code, span: key.span });
        }
    }
    found
}

/// A setting that is a date.
pub fn date(fields: &Fields<'_>, name: &str, problems: &mut Vec<Diagnostic>) -> Option<Date> {
    let node = fields.get(name)?;
    let Some(text) = node.text() else { return fields.wrong(name, node, "a date", problems) };
    match Date::read(text) {
        Ok(date) => Some(date),
        Err(error) => {
            problems.push(
                Diagnostic::at(Code::BadDate, fields.file(), node.span, error.message)
                    .hint(error.hint),
            );
            None
        }
    }
}

/// The longest part of an address, in bytes: file systems allow 255, and a copy may add to it.
const LONGEST: usize = 200;

fn good_slug(slug: &str, span: Span, file: &str, problems: &mut Vec<Diagnostic>) -> bool {
    let good = crate::slug::slug(slug);
    if !good.is_empty()
        && slug.len() <= LONGEST
        && slug.chars().all(|c| c.is_alphanumeric() || "-_.~".contains(c))
    {
        return true;
    }
    problems.push(
        Diagnostic::at(
            Code::BadValue,
            file,
            span,
            "A slug is one part of an address: letters, digits and hyphens.",
        )
        .maybe_hint((!good.is_empty()).then(|| format!("Write \"{good}\"."))),
    );
    false
}

fn aliases(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(String, Span)> {
    let mut list = fields.texts("aliases", problems).unwrap_or_default();
    list.retain(|(alias, span)| {
        let good = alias.starts_with('/')
            && alias.len() > 1
            && !alias.split('/').any(|part| part.starts_with('.') || part.len() > LONGEST)
            && !alias.contains(['\\', '?', '#', '%', ' '])
            && !alias.contains("//");
        if !good {
            let path = alias.split_once("://").and_then(|(_, rest)| Some(&rest[rest.find('/')?..]));
            let old = path.filter(|path| path.len() > 1).unwrap_or("/old-page/");
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    fields.file(),
                    *span,
                    format!("\"{alias}\" is not an address on this site."),
                )
                .hint(format!("Write the old address from the first slash on: {old}")),
            );
        }
        good
    });
    list
}

/// The setting `image` of a page or the site.
pub(crate) fn image(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<Image> {
    let node = fields.get("image")?;
    if let Some(src) = node.text() {
        say_no_alt(src, node.span, fields, problems);
        return Some(Image { src: src.to_string(), alt: String::new(), span: node.span });
    }
    let before = problems.len();
    let inner = Fields::read(node, fields.file(), &IMAGE, problems);
    if inner.get("src").is_none() && matches!(node.value, Value::Map(_)) {
        problems.push(
            Diagnostic::at(
                Code::MissingKey,
                fields.file(),
                node.span,
                "Which picture? \"src\" is missing.",
            )
            .hint("Write image: {src: picture.jpg, alt: \"What it shows\"}."),
        );
    }
    let src = inner.text("src", problems)?;
    let span = inner.get("src").map(|node| node.span).unwrap_or_default();
    let alt = inner.text("alt", problems).unwrap_or_default();
    // Where something is wrong with it already, a missing text is no news.
    if alt.trim().is_empty() && problems.len() == before {
        say_no_alt(&src, node.span, fields, problems);
    }
    Some(Image { src, alt, span })
}

fn say_no_alt(src: &str, span: Span, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
    problems.push(
        Diagnostic::at(
            Code::MissingAlt,
            fields.file(),
            span,
            "The picture for link previews has no alternative text, so some people learn nothing from it.",
        )
        .hint(format!("Write image: {{src: {src}, alt: \"What it shows\"}}")),
    );
}

fn sources(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Vec<SourceRef> {
    let Some(node) = fields.get("sources") else { return Vec::new() };
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut sources = Vec::new();
    for item in items {
        if let Some(name) = item.text() {
            sources.push(SourceRef::Named(name.to_string(), item.span));
            continue;
        }
        let fields = data::source(item, fields.file(), item.span, "This source", problems);
        // What is wrong with a value was said just now.
        let told = data::SOURCE.names().filter_map(|key| {
            Some((key.to_string(), Data::Text(fields.text(key, &mut Vec::new())?)))
        });
        let told = told.collect();
        sources.push(SourceRef::Told(told));
    }
    sources
}

fn menu(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Vec<MenuPlace> {
    let Some(node) = fields.get("menu") else { return Vec::new() };
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    items.iter().filter_map(|item| menu_place(item, fields.file(), problems)).collect()
}

fn menu_place(item: &Node, file: &str, problems: &mut Vec<Diagnostic>) -> Option<MenuPlace> {
    if let Some(name) = item.text() {
        return Some(MenuPlace { menu: name.into(), title: None, weight: None, span: item.span });
    }
    let inner = Fields::read(item, file, &MENU_PLACE, problems);
    let Some(menu) = inner.text("name", problems) else {
        problems.push(
            Diagnostic::at(Code::MissingKey, file, item.span, "Which menu? \"name\" is missing.")
                .hint("Write menu: main, or menu: {name: main, title: \"Short title\"}."),
        );
        return None;
    };
    Some(MenuPlace {
        menu,
        title: inner.text("title", problems),
        weight: inner.int("weight", problems),
        span: item.span,
    })
}

fn extra(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(String, Data)> {
    let Some(node) = fields.get("extra") else { return Vec::new() };
    match node.data() {
        Data::Map(entries) => entries,
        _ => {
            fields.wrong::<()>("extra", node, "a group of settings", problems);
            Vec::new()
        }
    }
}

impl FrontMatter {
    /// The page's terms of a taxonomy.
    pub fn terms_of(&self, taxonomy: &str) -> Option<&[(String, Span)]> {
        let found = self.terms.iter().find(|(name, _)| name == taxonomy);
        found.map(|(_, terms)| terms.as_slice())
    }

    /// Fills what this page does not say from a folder's defaults.
    pub fn fill_from(&mut self, defaults: &FrontMatter) {
        macro_rules! fill {
            ($to:ident: $($field:ident)*) => { $(
                if $to.$field.is_none() { $to.$field.clone_from(&defaults.$field); }
            )* };
        }
        fill!(self: description date updated draft weight audience);
        for (taxonomy, terms) in &defaults.terms {
            if self.terms_of(taxonomy).is_none() {
                self.terms.push((taxonomy.clone(), terms.clone()));
            }
        }
        self.terms.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut more = More::clone(self);
        fill!(more: reviewed review_by publish_on expires template image in_search);
        if more.sources.is_empty() {
            more.sources.clone_from(&defaults.sources);
        }
        if more.menu.is_empty() {
            more.menu.clone_from(&defaults.menu);
        }
        if more.off.is_empty() {
            more.off.clone_from(&defaults.off);
        }
        for (key, value) in &defaults.extra {
            if !more.extra.iter().any(|(own, _)| own == key) {
                more.extra.push((key.clone(), value.clone()));
            }
        }
        self.more = more.kept();
    }
}
