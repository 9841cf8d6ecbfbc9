//! Owns the JSON Schemas of what people write: made from the tables by which it is read, so that an editor knows
//! what weekmark knows. Must not know where files lie, or how an editor is told of a schema.
//!
//! The dialect is draft 7, which every editor reads; what JSON Schema has no word for (names of months, addresses)
//! is a pattern that is never stricter than the reader. `markdownDescription`, `patternErrorMessage`,
//! `errorMessage` and `doNotSuggest` are words of editors, which validators pass over.

use crate::config::{AGAIN, BRAND, SITE, Taxonomy};
use crate::diag::json_string;
use crate::parse::data::{PLANNER, POSTS, SOURCES, WAYS, YEARS};
use crate::parse::front_matter::{PAGE, TEXTS};
use crate::theme;
use crate::yaml::Data;
use crate::yaml::shape::{Form, Group, Others, Shape, Way};

/// What is written: one schema for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// site.yaml.
    Site,
    /// brand.yaml.
    Brand,
    /// The front matter of a page.
    Page,
    /// `content/_data/years.yaml`.
    Years,
    /// `content/_data/sources.yaml`.
    Sources,
    /// `content/_data/ways.yaml`.
    Ways,
    /// `content/_data/planner.yaml`.
    Planner,
    /// `content/_data/posts.yaml`.
    Posts,
    /// theme.yaml.
    Theme,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 9] = [
        Kind::Site,
        Kind::Brand,
        Kind::Page,
        Kind::Years,
        Kind::Sources,
        Kind::Ways,
        Kind::Planner,
        Kind::Posts,
        Kind::Theme,
    ];

    /// The name that a person types.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Site => "site",
            Kind::Brand => "brand",
            Kind::Page => "page",
            Kind::Years => "years",
            Kind::Sources => "sources",
            Kind::Ways => "ways",
            Kind::Planner => "planner",
            Kind::Posts => "posts",
            Kind::Theme => "theme",
        }
    }

    /// What it describes, as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Site => "site.yaml of weekmark",
            Kind::Brand => "brand.yaml of weekmark",
            Kind::Page => "The settings at the top of a page (front matter) of weekmark",
            Kind::Years => "content/_data/years.yaml of weekmark",
            Kind::Sources => "content/_data/sources.yaml of weekmark",
            Kind::Ways => "content/_data/ways.yaml of weekmark",
            Kind::Planner => "content/_data/planner.yaml of weekmark",
            Kind::Posts => "content/_data/posts.yaml of weekmark",
            Kind::Theme => "theme.yaml of weekmark",
        }
    }

    /// The files that are nothing else, as editors name several: front matter is only a part of its file.
    pub fn files(self) -> Option<&'static str> {
        match self {
            Kind::Site => Some("site.yaml"),
            Kind::Brand => Some("brand.yaml"),
            Kind::Page => None,
            Kind::Years => Some("content/_data/years.yaml"),
            Kind::Sources => Some("content/_data/sources.yaml"),
            Kind::Ways => Some("content/_data/ways.yaml"),
            Kind::Planner => Some("content/_data/planner.yaml"),
            Kind::Posts => Some("content/_data/posts.yaml"),
            Kind::Theme => Some("themes/*/theme.yaml"),
        }
    }

    fn shape(self) -> Shape {
        match self {
            Kind::Site => Shape::Group(&SITE),
            Kind::Brand => Shape::Group(&BRAND),
            Kind::Page => Shape::Group(&PAGE),
            Kind::Years => YEARS,
            Kind::Sources => SOURCES,
            Kind::Ways => WAYS,
            Kind::Planner => PLANNER,
            Kind::Posts => POSTS,
            Kind::Theme => Shape::Group(&theme::SETTINGS),
        }
    }
}

/// The schema, as JSON. The taxonomies of a site are keys of its pages.
pub fn print(kind: Kind, taxonomies: &[Taxonomy]) -> String {
    let maker = Maker { taxonomies };
    let mut schema = vec![
        ("$schema", text("http://json-schema.org/draft-07/schema#")),
        ("title", text(kind.title())),
    ];
    let shape = kind.shape();
    schema.extend(maker.value(shape, may_be_nothing(shape)));
    if kind == Kind::Site {
        let shared = AGAIN.iter().map(|(name, shape)| (*name, map(maker.value(*shape, false))));
        schema.push(("definitions", map(shared.collect())));
    }
    let mut out = String::new();
    write(&map(schema), 0, &mut out);
    out.push('\n');
    out
}

/// The words of a schema, in order.
type Words = Vec<(&'static str, Data)>;

fn text(text: &str) -> Data {
    Data::Text(text.to_string())
}

fn map<K: Into<String>>(entries: Vec<(K, Data)>) -> Data {
    Data::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> Data {
    Data::List(words.into_iter().map(text).collect())
}

/// `type`, with `null` where a value may be left empty.
fn kinds(kinds: &[&str], nothing: bool) -> (&'static str, Data) {
    let all = kinds.iter().copied().chain(nothing.then_some("null"));
    match (kinds, nothing) {
        ([only], false) => ("type", text(only)),
        _ => ("type", list(all)),
    }
}

/// Whether the reader takes a value that is left empty, where the value is not that of a setting: as an item, or
/// under a name that the author chose.
fn may_be_nothing(shape: Shape) -> bool {
    match shape {
        Shape::Free | Shape::List(_) | Shape::Named(..) => true,
        Shape::Group(group) => group.may_be_empty(),
        Shape::Either(shapes) => shapes.iter().any(|shape| may_be_nothing(*shape)),
        _ => false,
    }
}

/// What a value is, in words: the end of a sentence.
fn in_words(shape: Shape) -> String {
    match shape {
        Shape::Free => "anything".into(),
        Shape::Text => "a text".into(),
        Shape::Formed(form) => form.says.to_string(),
        Shape::Choice(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(" or ")
        }
        Shape::Bool => "`true` or `false`".into(),
        Shape::Int => "a whole number".into(),
        Shape::IntIn(least, most) => format!("a whole number from {least} to {most}"),
        Shape::Listed(Shape::Formed(form)) => format!("{} Or a list of such.", form.says),
        Shape::Listed(one) => format!("{}, or a list of such", in_words(*one)),
        Shape::List(_) => "a list".into(),
        Shape::Either(shapes) => {
            let words: Vec<String> = shapes.iter().map(|shape| in_words(*shape)).collect();
            words.join(", or ")
        }
        Shape::Group(group) => {
            let names: Vec<String> = group.names().map(|name| format!("`{name}`")).collect();
            format!("settings: {}", names.join(", "))
        }
        Shape::Named(..) => "settings with names of your own".into(),
        Shape::Again(_) => "such an entry".into(),
    }
}

/// A sentence about what a value is.
fn sentence(shape: Shape) -> String {
    let words = in_words(shape);
    let end = if words.ends_with(['.', ':']) { "" } else { "." };
    format!("{}{end}", crate::slug::capital(&words))
}

/// Markdown without its marks.
fn bare(markdown: &str) -> String {
    markdown.replace('`', "")
}

struct Maker<'a> {
    taxonomies: &'a [Taxonomy],
}

impl Maker<'_> {
    /// The words for a value; `nothing`: it may be left empty.
    fn value(&self, shape: Shape, nothing: bool) -> Words {
        match shape {
            Shape::Free => Vec::new(),
            Shape::Text => vec![kinds(&["string", "number", "boolean"], nothing)],
            Shape::Formed(form) => {
                let all: &[&str] =
                    if form.numbers { &["string", "number", "boolean"] } else { &["string"] };
                let mut words = vec![kinds(all, nothing)];
                words.extend(formed(form));
                words
            }
            Shape::Choice(choice) => {
                let mut all: Vec<Data> = choice.iter().map(|word| text(word)).collect();
                all.extend(nothing.then_some(Data::Null));
                vec![("enum", Data::List(all))]
            }
            Shape::Bool => vec![
                kinds(&["boolean", "string"], nothing),
                ("pattern", text("^(?:[Yy][Ee][Ss]|[Oo][Nn]|[Nn][Oo]|[Oo][Ff][Ff])$")),
                ("patternErrorMessage", text("Write true or false.")),
            ],
            Shape::Int => vec![kinds(&["integer"], nothing)],
            Shape::IntIn(least, most) => vec![
                kinds(&["integer"], nothing),
                ("minimum", Data::Int(least)),
                ("maximum", Data::Int(most)),
            ],
            Shape::Listed(one) => self.listed(*one, nothing),
            Shape::List(item) => {
                vec![kinds(&["array"], nothing), ("items", self.item(*item))]
            }
            Shape::Either(shapes) => {
                let mut ways: Vec<Data> =
                    shapes.iter().map(|shape| map(self.value(*shape, false))).collect();
                ways.extend(nothing.then(|| map(vec![kinds(&["null"], false)])));
                vec![("anyOf", Data::List(ways))]
            }
            Shape::Group(group) => self.group(group, nothing),
            Shape::Named(form, value) => self.named(form, *value, nothing),
            Shape::Again(name) => vec![("$ref", text(&format!("#/definitions/{name}")))],
        }
    }

    fn item(&self, shape: Shape) -> Data {
        map(self.value(shape, may_be_nothing(shape)))
    }

    /// One value or a list. Where one set of words can say both, editors tell better what is wrong.
    fn listed(&self, one: Shape, nothing: bool) -> Words {
        let mut words = match one {
            Shape::Text => vec![kinds(&["string", "number", "boolean", "array"], nothing)],
            Shape::Formed(form) => {
                let mut words = vec![kinds(&["string", "array"], nothing)];
                words.extend(formed(form));
                words
            }
            _ => {
                let items = vec![kinds(&["array"], false), ("items", self.item(one))];
                let mut ways = vec![map(self.value(one, false)), map(items)];
                ways.extend(nothing.then(|| map(vec![kinds(&["null"], false)])));
                return vec![("anyOf", Data::List(ways))];
            }
        };
        words.push(("items", self.item(one)));
        words
    }

    fn named(&self, form: Option<&Form>, value: Shape, nothing: bool) -> Words {
        let mut words = vec![kinds(&["object"], nothing)];
        if let Some(form) = form {
            let known = (form.examples)().into_iter().map(|(name, about)| {
                let mut inner = described(about, value);
                inner.extend(self.value(value, may_be_nothing(value)));
                (name, map(inner))
            });
            let known: Vec<_> = known.collect();
            if !known.is_empty() {
                words.push(("properties", map(known)));
            }
            let names = [("pattern", text(&(form.pattern)())), says(form)];
            words.push(("propertyNames", map(names.to_vec())));
        }
        match self.item(value) {
            Data::Map(any) if any.is_empty() => {}
            inner => words.push(("additionalProperties", inner)),
        }
        words
    }

    fn group(&self, group: &Group, nothing: bool) -> Words {
        let mut words = vec![kinds(&["object"], nothing)];
        let mut properties: Vec<(String, Data)> = Vec::new();
        for key in group.keys {
            let mut inner = described(key.about, key.shape);
            inner.extend(self.value(key.shape, !key.needed));
            properties.push((key.name.into(), map(inner)));
        }
        if group.others == Others::Declared {
            for taxonomy in self.taxonomies {
                let about = match &taxonomy.description {
                    Some(description) => format!("{}: {description}", taxonomy.title),
                    None => format!("{}.", taxonomy.title),
                };
                let mut inner = described(&about, TEXTS);
                inner.extend(self.value(TEXTS, true));
                properties.push((taxonomy.name.clone(), map(inner)));
            }
        }
        words.push(("properties", map(properties)));
        let needed: Vec<&str> =
            group.keys.iter().filter(|key| key.needed).map(|key| key.name).collect();
        if !needed.is_empty() {
            words.push(("required", list(needed)));
        }
        if group.others != Others::Free {
            words.push(("additionalProperties", Data::Bool(false)));
        }
        if !group.ways.is_empty() {
            let ways = group.ways.iter().map(|way| {
                // A key that is left empty is as good as one that is not there.
                let nothings = Data::List(vec![Data::Null, Data::List(Vec::new())]);
                let full = map(vec![
                    ("doNotSuggest", Data::Bool(true)),
                    ("not", map(vec![("enum", nothings)])),
                ]);
                let empty = map(vec![
                    ("doNotSuggest", Data::Bool(true)),
                    kinds(&["null"], false),
                    ("errorMessage", text(&does_not_go(group, way))),
                ]);
                let with = way.with.iter().map(|name| (*name, full.clone()));
                let without = way.without.iter().map(|name| (*name, empty.clone()));
                map(vec![
                    ("required", list(way.with.iter().copied())),
                    ("properties", map(with.chain(without).collect())),
                ])
            });
            words.push(("anyOf", Data::List(ways.collect())));
        }
        words
    }
}

/// Why a key must not be there.
fn does_not_go(group: &Group, way: &Way) -> String {
    match way.with {
        [] => format!(
            "{} come together, or not at all.",
            crate::diag::list(way.without.iter().copied())
        ),
        with => {
            let what = crate::slug::capital(group.what.trim_matches('"'));
            format!("{what} with {} needs no other.", crate::diag::list(with.iter().copied()))
        }
    }
}

/// What a form says of a text.
fn formed(form: &Form) -> Words {
    let mut words = vec![("pattern", text(&(form.pattern)())), says(form)];
    let examples = (form.examples)();
    if !examples.is_empty() {
        words.push(("examples", list(examples.into_iter().map(|(example, _)| example))));
    }
    words
}

fn says(form: &Form) -> (&'static str, Data) {
    ("patternErrorMessage", text(form.says))
}

/// What an editor shows of a key.
fn described(about: &str, shape: Shape) -> Words {
    if about.is_empty() {
        return Vec::new();
    }
    let wants = sentence(shape);
    vec![
        ("description", text(&bare(&format!("{about}\n{wants}")))),
        ("markdownDescription", text(&format!("{about}\n\n{wants}"))),
    ]
}

/// Writes a value as JSON, moved right by two blanks for each level.
fn write(value: &Data, level: usize, out: &mut String) {
    let line = |level: usize, out: &mut String| {
        out.push('\n');
        out.push_str(&"  ".repeat(level));
    };
    match value {
        Data::Null => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Int(value) => out.push_str(&value.to_string()),
        Data::Float(value) => out.push_str(&value.to_string()),
        Data::Text(value) => out.push_str(&json_string(value)),
        Data::List(items) => {
            let is_flat = items.iter().all(|item| !matches!(item, Data::List(_) | Data::Map(_)));
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(if is_flat { ", " } else { "," });
                }
                if !is_flat {
                    line(level + 1, out);
                }
                write(item, level + 1, out);
            }
            if !is_flat {
                line(level, out);
            }
            out.push(']');
        }
        Data::Map(entries) if entries.is_empty() => out.push_str("{}"),
        Data::Map(entries) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(level + 1, out);
                out.push_str(&json_string(key));
                out.push_str(": ");
                write(value, level + 1, out);
            }
            line(level, out);
            out.push('}');
        }
    }
}
