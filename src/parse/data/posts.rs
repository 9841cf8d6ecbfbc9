//! Owns the shape of `posts.yaml`. Must not know how a post is made of it.

use super::{
    FILLED, Mention, Mentioned, WHEN, check_when, entries_of, filled, mention_page, unknown,
};
use crate::campaign::Channel;
use crate::campaign::posts::{PLACEHOLDERS, placeholders};
use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::yaml::shape::Shape::{Choice, Formed, Group, List, Listed, Text};
use crate::yaml::shape::{self, Form, Shape, key, needed};
use crate::yaml::{Fields, Node, Value};

/// The whole of `posts.yaml`.
pub const POSTS: Shape = Group(&FILE);

const FILE: shape::Group = shape::Group::of(
    "posts.yaml",
    &[
        key("hashtags", HASHTAGS, "Hashtags for every post that has none of its own."),
        key("posts", List(&Group(&POST)), "The posts."),
    ],
);

const POST: shape::Group = shape::Group::of(
    "a post",
    &[
        needed(
            "when",
            WHEN,
            "The day: `1 week before` the first day, `day 1`, `1 day after` the last day.",
        ),
        needed("channels", Listed(&Choice(&Channel::NAMES)), "Where it is posted."),
        needed(
            "text",
            FILLED,
            "The text. `{name}`, `{year}`, `{dates}`, `{start}`, `{end}`, `{theme}`, `{hashtag}` and `{url}` are filled in.",
        ),
        key(
            "page",
            Text,
            "The page that `{url}` leads to, such as `week/_index.md`; the home page if not said.",
        ),
        key("hashtags", HASHTAGS, "Hashtags for this post, in place of those of the file."),
        key("image", Text, "A picture, such as `shared/dates.png`. Needs `alt`."),
        key(
            "alt",
            Text,
            "What the picture shows, for those who do not see it. Filled in like the text.",
        ),
    ],
);

const HASHTAGS: Shape = Listed(&Formed(&HASHTAG));

pub(super) const HASHTAG: Form = Form {
    // No white space, no punctuation but _, and not digits alone.
    pattern: || {
        const SIGNS: &str = "\\s!-/:-@\\[-\\^`{-~";
        format!("^#[0-9]*[^0-9{SIGNS}][^{SIGNS}]*$")
    },
    numbers: false,
    says: HASHTAG_SAYS,
    examples: Vec::new,
};

const HASHTAG_SAYS: &str =
    "Write it in quotation marks, with # and without spaces: \"#CaseManagementWeek\".";

/// From how many letters on a hashtag without capitals is taken for several words.
const LONG_HASHTAG: usize = 10;
/// The same for one whose first letter is a capital: there are long words, but hardly any as long as that.
const LONG_WORD: usize = 16;

pub(super) fn check(
    node: &Node,
    file: &str,
    problems: &mut Vec<Diagnostic>,
    mentions: &mut Vec<Mention>,
) {
    let fields = Fields::read(node, file, &FILE, problems);
    check_hashtags(&fields, problems);
    for (place, post) in entries_of(&fields, "posts", problems).iter().enumerate() {
        check_post(place, post, file, problems, mentions);
    }
}

fn check_post(
    place: usize,
    node: &Node,
    file: &str,
    problems: &mut Vec<Diagnostic>,
    mentions: &mut Vec<Mention>,
) {
    let fields = Fields::read(node, file, &POST, problems);
    check_when(&fields, "This post", problems, mentions);
    check_channels(&fields, problems);
    check_text(place, &fields, problems, mentions);
    mention_page(&fields, problems, mentions);
    check_hashtags(&fields, problems);
    let alt = fields.text("alt", problems);
    if let Some((alt, node)) = alt.as_ref().zip(fields.get("alt")) {
        check_placeholders(alt, (file, node.span), problems);
    }
    let Some((text, node)) = fields.text("image", problems).zip(fields.get("image")) else {
        if let Some(span) = fields.key_span("alt").filter(|_| fields.get("image").is_none()) {
            problems.push(
                Diagnostic::at(
                    Code::NoEffect,
                    file,
                    span,
                    "This post has no picture, so nobody reads its \"alt\".",
                )
                .hint("Add the picture: image: shared/dates.png"),
            );
        }
        return;
    };
    if alt.is_none_or(|alt| alt.trim().is_empty()) && !fields.is_mistyped("alt") {
        let message = "This picture has no alternative text, so some people miss what it says.";
        problems.push(
            Diagnostic::at(Code::MissingAlt, file, node.span, message)
                .hint("Say below it what the picture shows: alt: The dates of the week"),
        );
    }
    mentions.push(Mention { what: Mentioned::Picture, text, span: node.span });
}

fn check_channels(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
    let file = fields.file();
    let names = fields.texts("channels", problems);
    for (name, span) in names.iter().flatten() {
        if Channel::named(name).is_none() {
            let lower = name.to_lowercase();
            let near = match lower.as_str() {
                "twitter" => "x",
                "fb" => "facebook",
                "ig" | "insta" => "instagram",
                _ => &lower,
            };
            let message = format!("There is no channel \"{name}\".");
            unknown(message, near, &Channel::NAMES, (file, *span), problems);
        }
    }
    let is_empty = names.is_some_and(|names| names.is_empty());
    let is_none = fields.get("channels").is_none() && !fields.is_mistyped("channels");
    let has_entries = matches!(
        fields.get("channels"),
        Some(Node { value: Value::List(items), .. }) if !items.is_empty()
    );
    if is_none || (is_empty && !has_entries) {
        let span = fields.get("channels").map_or(fields.span(), |node| node.span);
        problems.push(
            Diagnostic::at(Code::MissingKey, file, span, "This post has no channels.")
                .hint("Say where it is posted: channels: [x, bluesky, linkedin]"),
        );
    }
}

fn check_text(
    place: usize,
    fields: &Fields<'_>,
    problems: &mut Vec<Diagnostic>,
    mentions: &mut Vec<Mention>,
) {
    const EXAMPLE: &str = "\"{name} starts today. {url}\"";
    if let Some(Node { value: Value::Map(_), span, .. }) = fields.get("text") {
        let message =
            "The text of this post begins with a brace, which begins a group of settings in YAML.";
        problems.push(
            Diagnostic::at(Code::WrongType, fields.file(), *span, message)
                .hint(format!("Put the text in quotation marks: text: {EXAMPLE}")),
        );
        return;
    }
    let Some(text) = filled(fields, "text", "This post", EXAMPLE, problems) else { return };
    let Some(span) = fields.get("text").map(|node| node.span) else { return };
    check_placeholders(&text, (fields.file(), span), problems);
    mentions.push(Mention { what: Mentioned::Post(place), text, span });
}

/// Says of names in braces that nothing stands for them.
fn check_placeholders(text: &str, (file, span): (&str, Span), problems: &mut Vec<Diagnostic>) {
    let mut told: Vec<&str> = Vec::new();
    for (_, name) in placeholders(text) {
        if PLACEHOLDERS.contains(&name) || told.contains(&name) {
            continue;
        }
        told.push(name);
        let all: Vec<String> = PLACEHOLDERS.iter().map(|name| format!("{{{name}}}")).collect();
        let hint = match nearest(name.trim(), PLACEHOLDERS) {
            Some(near) => format!("Did you mean {{{near}}}?"),
            None => format!("There are {}.", all.join(", ")),
        };
        problems.push(
            Diagnostic::at(
                Code::BadValue,
                file,
                span,
                format!("Nothing is known to stand for {{{name}}}."),
            )
            .hint(hint),
        );
    }
}

fn check_hashtags(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
    let Some(node) = fields.get("hashtags") else { return };
    let one = std::slice::from_ref(node);
    let items = if let Value::List(items) = &node.value { items.as_slice() } else { one };
    for item in items {
        match &item.value {
            Value::Text(tag) => check_hashtag(tag, fields.file(), item.span, problems),
            // What stands behind # is a remark in YAML.
            Value::Null => problems.push(
                Diagnostic::at(
                    Code::WrongType,
                    fields.file(),
                    node.span,
                    "A hashtag is missing here: what stands behind # without quotation marks is a remark.",
                )
                .hint(HASHTAG_SAYS),
            ),
            _ => problems.push(
                Diagnostic::at(
                    Code::WrongType,
                    fields.file(),
                    item.span,
                    format!("Here stands {}, which is no hashtag.", item.kind()),
                )
                .hint(HASHTAG_SAYS),
            ),
        }
    }
}

pub(super) fn check_hashtag(tag: &str, file: &str, span: Span, problems: &mut Vec<Diagnostic>) {
    let is_sign = |c: char| c.is_whitespace() || (c.is_ascii_punctuation() && c != '_');
    let mut problem = |code, message: String, hint: String| {
        problems.push(Diagnostic::at(code, file, span, message).hint(hint));
    };
    let Some(name) = tag.strip_prefix('#') else {
        let joined: String =
            tag.split(is_sign).map(crate::slug::capital).collect::<Vec<_>>().concat();
        problem(
            Code::BadValue,
            format!("The hashtag \"{tag}\" has no #."),
            format!("Write \"#{joined}\"."),
        );
        return;
    };
    if let Some(sign) = name.chars().find(|c| is_sign(*c)) {
        let joined: String =
            name.split(is_sign).map(crate::slug::capital).collect::<Vec<_>>().concat();
        let sign = if sign.is_whitespace() { "a space".into() } else { format!("\"{sign}\"") };
        problem(
            Code::BadValue,
            format!("The hashtag \"{tag}\" would end before {sign}."),
            format!("Write \"#{joined}\"."),
        );
    } else if name.chars().all(|c| c.is_ascii_digit()) {
        problem(
            Code::BadValue,
            format!("\"{tag}\" has no letter, so no channel takes it for a hashtag."),
            HASHTAG_SAYS.into(),
        );
    } else if is_run_together(name) {
        problem(
            Code::HashtagCase,
            format!(
                "Nobody can tell the words of \"{tag}\" apart, and programs that read aloud cannot either."
            ),
            "Begin each word with a capital letter, such as \"#CaseManagementWeek\".".into(),
        );
    }
}

/// Whether a hashtag looks like several words in small letters.
fn is_run_together(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_lowercase() || c.is_uppercase()).count();
    let begins_large = name.starts_with(char::is_uppercase);
    let most = if begins_large { LONG_WORD } else { LONG_HASHTAG };
    letters >= most && !name.contains('_') && !name.chars().skip(1).any(char::is_uppercase)
}
