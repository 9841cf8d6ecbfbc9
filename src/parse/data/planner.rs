//! Owns the shape of `planner.yaml`. Must not know how tasks are shown.

use super::{FILLED, Mention, Mentioned, WHEN, check_when, entries_of, filled};
use crate::campaign::ways::EVERYONE;
use crate::diag::Diagnostic;
use crate::parse::front_matter::TEXTS;
use crate::yaml::shape::Shape::{Group, List, Text};
use crate::yaml::shape::{self, Shape, key, needed};
use crate::yaml::{Fields, Node};

/// The whole of `planner.yaml`.
pub const PLANNER: Shape = Group(&FILE);

const FILE: shape::Group = shape::Group::of(
    "planner.yaml",
    &[key("tasks", List(&Group(&TASK)), "What is to be done before, in and after the week.")],
);

const TASK: shape::Group = shape::Group::of(
    "a task",
    &[
        needed(
            "when",
            WHEN,
            "The day: `12 weeks before` the first day, `day 1`, `2 weeks after` the last day.",
        ),
        needed("title", FILLED, "What is to be done, in a few words."),
        key("text", Text, "What else is to say."),
        key("audience", TEXTS, "Who does it: names of audiences from ways.yaml."),
    ],
);

pub(super) fn check(
    node: &Node,
    file: &str,
    problems: &mut Vec<Diagnostic>,
    mentions: &mut Vec<Mention>,
) {
    let fields = Fields::read(node, file, &FILE, problems);
    for task in entries_of(&fields, "tasks", problems) {
        let fields = Fields::read(task, file, &TASK, problems);
        check_when(&fields, "This task", problems, mentions);
        filled(&fields, "title", "This task", "Ask what people would like", problems);
        fields.text("text", problems);
        for (text, span) in fields.texts("audience", problems).unwrap_or_default() {
            if text != EVERYONE {
                mentions.push(Mention { what: Mentioned::Audience, text, span });
            }
        }
    }
}
