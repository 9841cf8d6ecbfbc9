//! Owns the shape of `ways.yaml`. Must not know how ways are shown.

use super::{FILLED, Mention, Mentioned, entries_of, filled, mention_page, not_empty, unknown};
use crate::campaign::ways::{EVERYONE, TIME_SAYS};
use crate::campaign::when::MOST_DAYS;
use crate::campaign::{Effort, TimeGroup};
use crate::diag::{Code, Diagnostic};
use crate::parse::front_matter::TEXTS;
use crate::yaml::shape::Shape::{Choice, Formed, Group, IntIn, List, Named, Text};
use crate::yaml::shape::{self, Form, Shape, key, needed};
use crate::yaml::{Fields, Node, Value};

/// The whole of `ways.yaml`.
pub const WAYS: Shape = Group(&FILE);

const FILE: shape::Group = shape::Group::of(
    "ways.yaml",
    &[
        key(
            "audiences",
            Named(None, &Group(&AUDIENCE)),
            "For whom there are ways, each with a name of your own; in the order of the filter.",
        ),
        key(
            "kinds",
            Named(None, &FILLED),
            "The kinds of ways: a name of your own, and what visitors read.",
        ),
        key("ways", List(&Group(&WAY)), "The ways to take part."),
    ],
);

const AUDIENCE: shape::Group = shape::Group::of(
    "an audience",
    &[
        needed("title", FILLED, "What visitors read."),
        key("page", Text, "The page that is for them, such as `celebrate/individuals.md`."),
    ],
);

const WAY: shape::Group = shape::Group::of(
    "a way",
    &[
        needed("title", FILLED, "What to do, in a few words."),
        key("text", Text, "One or two plain sentences."),
        key(
            "audience",
            TEXTS,
            "For whom it is: names from `audiences`, or `everyone`, which is also meant if nothing is said.",
        ),
        key("kind", Text, "Of which kind it is: a name from `kinds`."),
        key("effort", Choice(&Effort::NAMES), "How much work it is."),
        key("time", Formed(&TIME), "How long it takes, in minutes, hours or days."),
        key(
            "day",
            IntIn(1, MOST_DAYS as i64),
            "The day of the week that it goes with: 1 is the first.",
        ),
        key("page", Text, "The page that says more, or a part of one: `letters.md#thanks`."),
        key("source", Text, "Where it comes from: a name from sources.yaml."),
    ],
);

const TIME: Form =
    Form { pattern: TimeGroup::pattern, numbers: false, says: TIME_SAYS, examples: Vec::new };

pub(super) fn check(
    node: &Node,
    file: &str,
    problems: &mut Vec<Diagnostic>,
    mentions: &mut Vec<Mention>,
) {
    let fields = Fields::read(node, file, &FILE, problems);
    let audiences = named(&fields, "audiences", problems);
    for (key, value) in &audiences {
        let name = key.text().unwrap_or_default();
        if name == EVERYONE {
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    file,
                    key.span,
                    format!("\"{EVERYONE}\" is always there, so it is no name for an audience."),
                )
                .hint("Choose another name, or delete this entry."),
            );
        }
        let what = format!("The audience \"{name}\"");
        let fields = Fields::read(value, file, &AUDIENCE, problems);
        filled(&fields, "title", &what, "Employers", problems);
        mention_page(&fields, problems, mentions);
    }
    let kinds = named(&fields, "kinds", problems);
    for (key, value) in &kinds {
        let name = key.text().unwrap_or_default();
        match value.text() {
            Some(text) => {
                not_empty(text, name, "Thank-you", (file, value.span), problems);
            }
            None => problems.push(
                Diagnostic::at(
                    Code::WrongType,
                    file,
                    if matches!(value.value, Value::Null) { key.span } else { value.span },
                    format!("The kind \"{name}\" needs a text, but here stands {}.", value.kind()),
                )
                .hint(format!("Write what visitors read: {name}: Thank-you")),
            ),
        }
    }
    let names = |all: &[(&Node, &Node)]| -> Vec<String> {
        all.iter().map(|(key, _)| key.text().unwrap_or_default().to_string()).collect()
    };
    let (audiences, kinds) = (names(&audiences), names(&kinds));
    for way in entries_of(&fields, "ways", problems) {
        check_way(way, file, (&audiences, &kinds), problems, mentions);
    }
}

/// The entries of a group whose names are the author's.
fn named<'a>(
    fields: &Fields<'a>,
    name: &str,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(&'a Node, &'a Node)> {
    match fields.get(name) {
        None => Vec::new(),
        Some(Node { value: Value::Map(entries), .. }) => {
            entries.iter().map(|(key, value)| (key, value)).collect()
        }
        Some(node) => {
            fields.wrong::<()>(name, node, "a group of settings", problems);
            Vec::new()
        }
    }
}

fn check_way(
    node: &Node,
    file: &str,
    (audiences, kinds): (&[String], &[String]),
    problems: &mut Vec<Diagnostic>,
    mentions: &mut Vec<Mention>,
) {
    let fields = Fields::read(node, file, &WAY, problems);
    filled(&fields, "title", "This way", "Write a note of thanks", problems);
    fields.text("text", problems);
    for (name, span) in fields.texts("audience", problems).unwrap_or_default() {
        if name != EVERYONE && !audiences.contains(&name) {
            let mut known: Vec<&str> = audiences.iter().map(String::as_str).collect();
            known.push(EVERYONE);
            let message = format!("There is no audience \"{name}\" in this file.");
            unknown(message, &name, &known, (file, span), problems);
        }
    }
    if let Some((kind, node)) = fields.text("kind", problems).zip(fields.get("kind"))
        && !kinds.contains(&kind)
    {
        let known: Vec<&str> = kinds.iter().map(String::as_str).collect();
        let message = format!("There is no kind \"{kind}\" in this file.");
        unknown(message, &kind, &known, (file, node.span), problems);
    }
    if let Some((effort, node)) = fields.text("effort", problems).zip(fields.get("effort"))
        && !Effort::NAMES.contains(&effort.as_str())
    {
        let message = format!("\"{effort}\" does not say how much work it is.");
        unknown(message, &effort, &Effort::NAMES, (file, node.span), problems);
    }
    if let Some((time, node)) = fields.text("time", problems).zip(fields.get("time"))
        && let Err(not) = TimeGroup::read(&time)
    {
        problems.push(Diagnostic::at(Code::BadValue, file, node.span, not.message).hint(not.hint));
    }
    if let Some((day, node)) = fields.int("day", problems).zip(fields.get("day")) {
        if (1..=i64::from(MOST_DAYS)).contains(&day) {
            // Whether the observance has so many days, the site as a whole knows.
            let text = format!("day {day}");
            mentions.push(Mention { what: Mentioned::When, text, span: node.span });
        } else {
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    file,
                    node.span,
                    format!("\"day\" needs a number from 1 to {MOST_DAYS}."),
                )
                .hint("Days are counted from the first day of the week: day: 1"),
            );
        }
    }
    mention_page(&fields, problems, mentions);
    if let Some((text, node)) = fields.text("source", problems).zip(fields.get("source")) {
        mentions.push(Mention { what: Mentioned::Source, text, span: node.span });
    }
}
