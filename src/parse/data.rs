//! Owns the data files whose shape weekmark knows: the years of the campaign, the sources of facts, ways to take part,
//! the plan of tasks and posts. Must not know what they are used for; every other data file is free.

mod planner;
mod posts;
mod ways;

pub use planner::PLANNER;
pub use posts::POSTS;
pub use ways::WAYS;

use super::front_matter::{DATE, TEXTS, date};
use crate::calendar::Date;
use crate::campaign::{When, when};
use crate::diag::{Code, Diagnostic, Span, list, nearest};
use crate::yaml::shape::Shape::{Bool, Group, IntIn, List, Named, Text};
use crate::yaml::shape::{self, Form, Shape, Way, key, needed};
use crate::yaml::{Fields, Node, Value};

/// What `years.yaml` may say of a year.
pub const YEAR: shape::Group = shape::Group {
    ways: &[
        Way { with: &["start", "end"], without: &[] },
        Way { with: &[], without: &["start", "end"] },
    ],
    ..shape::Group::of(
        "a year",
        &[
            key("theme", Text, "The theme of the year."),
            key("theme_owner", Text, "Who set the theme."),
            key(
                "themes",
                List(&Group(&THEME)),
                "The themes of the year, where several organizers have one each; in place of `theme`.",
            ),
            key("hashtag", HASHTAG, "The hashtag of the year, with #, in quotation marks."),
            key("confirmed", Bool, "`true` once the organizers have announced the dates."),
            key(
                "source",
                Text,
                "Where the dates or the theme were announced: a name from sources.yaml.",
            ),
            key("note", Text, "What else is to say."),
            key("start", DATE, "The first day, where it differs from the rule; needs `end`."),
            key("end", DATE, "The last day, where it differs from the rule; needs `start`."),
            key("days", TEXTS, "A title for each day of this year, as a list."),
            key(
                "updated",
                DATE,
                "The day on which this entry was changed last; calendars carry it along.",
            ),
            key(
                "revision",
                IntIn(0, MOST_REVISIONS),
                "How often the dates were changed after they had been published; calendar programs take over the highest.",
            ),
        ],
    )
};

/// More changes than that nobody makes.
const MOST_REVISIONS: i64 = 9999;

const HASHTAG: Shape = Shape::Formed(&posts::HASHTAG);

/// What may be said of one of several themes.
const THEME: shape::Group = shape::Group::of(
    "a theme",
    &[
        needed("theme", Text, "The words of the theme, as the organizer wrote them."),
        key("owner", Text, "Who set it."),
        key("hashtag", HASHTAG, "Its hashtag, with #, in quotation marks."),
        key("source", Text, "Where it was announced: a name from sources.yaml."),
    ],
);

/// The address of another site, in full.
pub const WEB: Shape = Shape::Formed(&Form {
    pattern: || "^\\s*($|[Hh][Tt][Tt][Pp][Ss]?://|[Mm][Aa][Ii][Ll][Tt][Oo]:)".into(),
    numbers: false,
    says: "Write the address in full: https://example.org/page.",
    examples: Vec::new,
});

/// What a source may say, in `sources.yaml` and in front matter.
pub const SOURCE: shape::Group = shape::Group::of(
    "a source",
    &[
        needed("title", Text, "What the page or book is called."),
        key("publisher", Text, "Who published it."),
        key("url", WEB, "Its address."),
        key("accessed", DATE, "The day on which it was read."),
    ],
);

/// The whole of `years.yaml`.
pub const YEARS: Shape = Named(Some(&YEAR_NAME), &Group(&YEAR));

/// The whole of `sources.yaml`.
pub const SOURCES: Shape = Named(None, &Group(&SOURCE));

const YEAR_NAME: Form = Form {
    pattern: || "^[+]?0*[1-9][0-9]{3}$".into(),
    numbers: false,
    says: "Each entry begins with a year of four digits: 2027:",
    examples: Vec::new,
};

/// Something in a data file that only the site as a whole can judge, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mention {
    /// What it is.
    pub what: Mentioned,
    /// As it is written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// What is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mentioned {
    /// A page, by its path below `content/`.
    Page,
    /// A picture, by its path below `content/`.
    Picture,
    /// A source of `sources.yaml`.
    Source,
    /// An audience of `ways.yaml`.
    Audience,
    /// A day that moves with the observance.
    When,
    /// The text of a post, by the place of the post in the file.
    Post(usize),
}

/// Checks a data file whose name (without ending) is known; does nothing for others. Gives what the site as a whole
/// has to judge.
pub fn check(name: &str, node: &Node, file: &str, problems: &mut Vec<Diagnostic>) -> Vec<Mention> {
    let mut mentions = Vec::new();
    match name {
        "years" => {
            each(node, file, problems, check_year);
            mention_sources(node, &mut mentions);
        }
        "sources" => each(node, file, problems, check_source),
        "ways" => ways::check(node, file, problems, &mut mentions),
        "planner" => planner::check(node, file, problems, &mut mentions),
        "posts" => posts::check(node, file, problems, &mut mentions),
        _ => {}
    }
    mentions
}

/// The sources that years and their themes name.
fn mention_sources(years: &Node, mentions: &mut Vec<Mention>) {
    let Value::Map(years) = &years.value else { return };
    for (_, year) in years {
        let Value::Map(settings) = &year.value else { continue };
        for (key, value) in settings {
            match (key.text(), &value.value) {
                (Some("source"), _) => mention_source(value, mentions),
                (Some("themes"), Value::List(themes)) => {
                    for theme in themes {
                        let Value::Map(settings) = &theme.value else { continue };
                        let sources =
                            settings.iter().filter(|(key, _)| key.text() == Some("source"));
                        sources.for_each(|(_, value)| mention_source(value, mentions));
                    }
                }
                _ => {}
            }
        }
    }
}

fn mention_source(node: &Node, mentions: &mut Vec<Mention>) {
    if let Some(text) = node.text().filter(|text| !text.trim().is_empty()) {
        mentions.push(Mention { what: Mentioned::Source, text: text.to_string(), span: node.span });
    }
}

/// A text that is not empty.
const FILLED: Shape = Shape::Formed(&Form {
    pattern: || "\\S".into(),
    numbers: true,
    says: "Write a text.",
    examples: Vec::new,
});

/// A day that moves with the observance.
const WHEN: Shape = Shape::Formed(&Form {
    pattern: When::pattern,
    numbers: false,
    says: when::SAYS,
    examples: Vec::new,
});

/// The entries of a list of groups.
fn entries_of<'a>(fields: &Fields<'a>, name: &str, problems: &mut Vec<Diagnostic>) -> &'a [Node] {
    match fields.get(name) {
        None => &[],
        Some(Node { value: Value::List(items), .. }) => items,
        Some(node) => {
            let hint = format!(
                "Write {name}: and below it one entry after the other, each with a hyphen: - …"
            );
            problems.push(
                Diagnostic::at(
                    Code::WrongType,
                    fields.file(),
                    node.span,
                    format!("\"{name}\" needs a list, but here stands {}.", node.kind()),
                )
                .hint(hint),
            );
            &[]
        }
    }
}

/// A text that must be there and not empty. `what` begins a sentence, `example` is what to write.
fn filled(
    fields: &Fields<'_>,
    name: &'static str,
    what: &str,
    example: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let Some(node) = fields.get(name) else {
        // Where another key looks like a mistyped one, that was told already.
        if !fields.is_mistyped(name) {
            problems.push(
                Diagnostic::at(
                    Code::MissingKey,
                    fields.file(),
                    fields.span(),
                    format!("{what} has no \"{name}\"."),
                )
                .hint(format!("Add a line such as: {name}: {example}")),
            );
        }
        return None;
    };
    let text = fields.text(name, problems)?;
    not_empty(&text, name, example, (fields.file(), node.span), problems).then_some(text)
}

/// Says of a text that is there that it must not be empty.
fn not_empty(
    text: &str,
    name: &str,
    example: &str,
    (file, span): (&str, Span),
    problems: &mut Vec<Diagnostic>,
) -> bool {
    if !text.trim().is_empty() {
        return true;
    }
    problems.push(
        Diagnostic::at(Code::BadValue, file, span, format!("\"{name}\" is empty."))
            .hint(format!("Write a text: {name}: {example}")),
    );
    false
}

/// Reads the day of a task or a post.
fn check_when(
    fields: &Fields<'_>,
    what: &str,
    problems: &mut Vec<Diagnostic>,
    mentions: &mut Vec<Mention>,
) {
    let Some(node) = fields.get("when") else {
        filled(fields, "when", what, "day 1", problems);
        return;
    };
    let Some(text) = fields.text("when", problems) else { return };
    match When::read(&text) {
        Ok(_) => mentions.push(Mention { what: Mentioned::When, text, span: node.span }),
        Err(not) => problems.push(
            Diagnostic::at(Code::BadValue, fields.file(), node.span, not.message).hint(not.hint),
        ),
    }
}

/// Says of a word that it is not one of those that are known.
fn unknown(
    message: String,
    word: &str,
    known: &[&str],
    (file, span): (&str, Span),
    problems: &mut Vec<Diagnostic>,
) {
    let hint = match (nearest(word, known.iter().copied()), known) {
        (Some(near), _) => format!("Did you mean \"{near}\"?"),
        (None, []) => "There are none yet: name it at the beginning of the file.".into(),
        (None, [only]) => format!("There is only \"{only}\"."),
        (None, known) => format!("There are {}.", list(known.iter().copied())),
    };
    problems.push(Diagnostic::at(Code::BadValue, file, span, message).hint(hint));
}

/// Mentions the page that a key names.
fn mention_page(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>, mentions: &mut Vec<Mention>) {
    if let Some((text, node)) = fields.text("page", problems).zip(fields.get("page")) {
        check_url(&text, fields.file(), node.span, problems);
        mentions.push(Mention { what: Mentioned::Page, text, span: node.span });
    }
}

type CheckEntry = fn(&Node, &Node, &str, &mut Vec<Diagnostic>);

fn each(node: &Node, file: &str, problems: &mut Vec<Diagnostic>, check: CheckEntry) {
    match &node.value {
        Value::Null => {}
        Value::Map(entries) => {
            entries.iter().for_each(|(key, value)| check(key, value, file, problems));
        }
        _ => problems.push(Diagnostic::at(
            Code::WrongType,
            file,
            node.span,
            format!(
                "This file needs one group of settings per entry, but here stands {}.",
                node.kind()
            ),
        )),
    }
}

fn check_year(key: &Node, value: &Node, file: &str, problems: &mut Vec<Diagnostic>) {
    let year = key.text().unwrap_or_default();
    if !matches!(year.parse(), Ok(1583..=9998)) {
        problems.push(
            Diagnostic::at(
                Code::BadValue,
                file,
                key.span,
                format!("\"{year}\" is not a year from 1583 to 9998."),
            )
            .hint("Each entry begins with a year of four digits: 2027:"),
        );
    }
    let fields = Fields::read(value, file, &YEAR, problems);
    for name in ["theme", "theme_owner", "hashtag", "source", "note"] {
        fields.text(name, problems);
    }
    check_year_hashtag(&fields, problems);
    fields.bool("confirmed", problems);
    fields.texts("days", problems);
    date(&fields, "updated", problems);
    revision(&fields, problems);
    themes(&fields, problems);
    let (start, end) = (date(&fields, "start", problems), date(&fields, "end", problems));
    let span = fields.get("end").or(fields.get("start")).map(|node| node.span).unwrap_or_default();
    let is_of_year = |date: Date| year.parse::<i16>().is_ok_and(|year| date.year() == year);
    match (start, end) {
        // A week over New Year begins in one year and ends in the next; it may be called by either.
        (Some(start), Some(end)) if start <= end && !is_of_year(start) && !is_of_year(end) => {
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    file,
                    span,
                    format!("Neither the first nor the last day is in {year}."),
                )
                .hint("Correct the days, or move them to the entry of their year."),
            );
        }
        (Some(start), Some(end)) if start.days_until(end) > 366 => problems.push(
            Diagnostic::at(
                Code::BadValue,
                file,
                span,
                "The last day is more than a year after the first.",
            )
            .hint("Change \"start\" or \"end\"."),
        ),
        (Some(start), Some(end)) if start > end => problems.push(
            Diagnostic::at(Code::BadValue, file, span, "The last day is before the first.")
                .hint("Change \"start\" or \"end\"."),
        ),
        (Some(_), None) | (None, Some(_))
            if fields.get("start").is_none() || fields.get("end").is_none() =>
        {
            problems.push(
                Diagnostic::at(
                    Code::MissingKey,
                    file,
                    span,
                    "One of \"start\" and \"end\" is missing.",
                )
                .hint("Write both days, or neither: then the rule of site.yaml gives them."),
            );
        }
        _ => {}
    }
}

fn check_year_hashtag(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
    if let Some(node) = fields.get("hashtag")
        && let Some(tag) = node.text()
    {
        posts::check_hashtag(tag, fields.file(), node.span, problems);
    }
}

/// How often dates were changed: a number that calendars take for SEQUENCE.
pub fn revision(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<u32> {
    let number = fields.int("revision", problems)?;
    let read = u32::try_from(number).ok().filter(|_| number <= MOST_REVISIONS);
    if read.is_none() {
        let span = fields.get("revision").map(|node| node.span).unwrap_or_default();
        let message = format!("\"revision\" needs a number from 0 to {MOST_REVISIONS}.");
        problems.push(Diagnostic::at(Code::BadValue, fields.file(), span, message).hint(
            "Write how often the dates were changed after they had been published: 1 after the first time.",
        ));
    }
    read
}

fn themes(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
    let Some(node) = fields.get("themes") else { return };
    let Value::List(items) = &node.value else {
        fields.wrong::<()>("themes", node, "a list of themes", problems);
        return;
    };
    for item in items {
        let inner = Fields::read(item, fields.file(), &THEME, problems);
        for name in ["theme", "owner", "hashtag", "source"] {
            inner.text(name, problems);
        }
        check_year_hashtag(&inner, problems);
        if inner.get("theme").is_none() && matches!(item.value, Value::Map(_) | Value::Null) {
            problems.push(
                Diagnostic::at(
                    Code::MissingKey,
                    fields.file(),
                    item.span,
                    "This theme has no words.",
                )
                .hint("Write them: theme: \"Better together\""),
            );
        }
    }
    if let Some(span) = fields.key_span("theme").filter(|_| !items.is_empty()) {
        problems.push(
            Diagnostic::at(
                Code::NoEffect,
                fields.file(),
                span,
                "With \"themes\", this theme is not shown.",
            )
            .hint("Move it into the list, or delete it."),
        );
    }
}

/// Reports an address that would run a script when somebody follows it.
pub fn check_url(url: &str, file: &str, span: Span, problems: &mut Vec<Diagnostic>) {
    let scheme = url.trim().split(':').next().unwrap_or_default().to_ascii_lowercase();
    if url.contains(':') && ["javascript", "vbscript", "data", "file"].contains(&scheme.as_str()) {
        problems.push(
            Diagnostic::at(
                Code::UnsafeLink,
                file,
                span,
                format!("An address of the kind {scheme}: must not be on a public page."),
            )
            .hint("Write a web address that starts with https://."),
        );
    }
}

/// Checks the address of another site, which is written in full.
pub fn check_web_address(url: &str, file: &str, span: Span, problems: &mut Vec<Diagnostic>) {
    let known = problems.len();
    check_url(url, file, span, problems);
    let is_full = ["https://", "http://", "mailto:"].iter().any(|start| starts_with(url, start));
    if problems.len() > known || is_full || url.trim().is_empty() {
        return;
    }
    let host = url.trim().trim_start_matches('/');
    let host = host.rsplit_once("//").map_or(host, |(_, host)| host);
    problems.push(
        Diagnostic::at(
            Code::BadValue,
            file,
            span,
            format!("\"{url}\" is not the address of another site."),
        )
        .hint(format!("Write it in full: https://{host}")),
    );
}

fn starts_with(text: &str, start: &str) -> bool {
    let text = text.trim_start();
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

fn check_source(key: &Node, value: &Node, file: &str, problems: &mut Vec<Diagnostic>) {
    let what = format!("The source \"{}\"", key.text().unwrap_or_default());
    source(value, file, key.span, &what, problems);
}

/// Checks a source. `what` names it at the beginning of a sentence, `span` is where it is named.
pub fn source<'a>(
    value: &'a Node,
    file: &'a str,
    span: Span,
    what: &str,
    problems: &mut Vec<Diagnostic>,
) -> Fields<'a> {
    let fields = Fields::read(value, file, &SOURCE, problems);
    for name in ["title", "publisher", "url"] {
        fields.text(name, problems);
    }
    date(&fields, "accessed", problems);
    if let Some((url, node)) = fields.text("url", &mut Vec::new()).zip(fields.get("url")) {
        check_web_address(&url, file, node.span, problems);
    }
    if fields.get("title").is_none() {
        // Where another key looks like a mistyped title, that was told already.
        let near = |name: &str| name != "title" && nearest(name, ["title"]).is_some();
        let mistyped = match &value.value {
            Value::Map(entries) => {
                entries.iter().any(|(key, _)| near(key.text().unwrap_or_default()))
            }
            Value::Null => false,
            _ => true,
        };
        if !mistyped {
            problems.push(
                Diagnostic::at(Code::MissingKey, file, span, format!("{what} has no title."))
                    .hint("Add a line such as: title: \"The history of the week\""),
            );
        }
    }
    fields
}
