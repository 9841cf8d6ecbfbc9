//! Owns the way from our values to those of the template engine. Must not know where they come from.

use std::collections::HashSet;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use tera::value::Key;
use tera::{Map, Value};

use crate::yaml::Data;

/// A map of named values.
pub(super) fn map<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    Value::from_serializable(&Named(&entries))
}

/// Named values, in their order. What the engine makes of a map is built from all entries once more; from a struct
/// its map is built as it is, and values in it are shared, not copied.
struct Named<'a>(&'a [(&'static str, Value)]);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("", self.0.len())?;
        for (name, value) in self.0 {
            fields.serialize_field(name, value)?;
        }
        fields.end()
    }
}

/// The names of some fields, each with a bit that says whether any template of the theme names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    names: &'static [&'static str],
    named: u32,
}

impl Fields {
    /// The fields of `names` (at most 32) that the theme's templates name. What none of them names is not made: a page has some two dozen fields, and most themes ask for a few of them.
    pub(super) fn new(names: &'static [&'static str], is_named: impl Fn(&str) -> bool) -> Fields {
        // As JSON, a template may show any of them.
        let all = is_named("json");
        let named = names.iter().enumerate().filter(|(_, name)| all || is_named(name));
        Fields { names, named: named.fold(0, |bits, (i, _)| bits | 1 << i) }
    }

    /// All fields, whatever the templates name: for a message that lists what there is.
    pub(super) fn all(names: &'static [&'static str]) -> Fields {
        Fields { names, named: u32::MAX }
    }

    /// A map of the fields that are named.
    pub(super) fn map<'a>(self, make: impl Fn(&'static str) -> Field<'a>) -> Value {
        Value::from_serializable(&Made { fields: self, make })
    }
}

/// What a field holds.
pub(super) enum Field<'a> {
    /// A text that the engine copies once.
    Text(&'a str),
    /// Anything else.
    Value(Value),
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Field::Text(text) => serializer.serialize_str(text),
            Field::Value(value) => value.serialize(serializer),
        }
    }
}

/// The named fields, each made when the engine takes it: lists have thousands of them.
struct Made<F> {
    fields: Fields,
    make: F,
}

impl<'a, F: Fn(&'static str) -> Field<'a>> Serialize for Made<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Fields { names, named } = self.fields;
        let count = names.len().min(named.count_ones() as usize);
        let mut fields = serializer.serialize_struct("", count)?;
        for (_, name) in names.iter().enumerate().filter(|(i, _)| named >> i & 1 == 1) {
            fields.serialize_field(name, &(self.make)(name))?;
        }
        fields.end()
    }
}

/// The words in the expressions and statements of templates: whatever they may call a field by.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    /// All but those in `of_page`.
    any: HashSet<&'a str>,
    /// Those that stand directly behind `page.`.
    of_page: HashSet<&'a str>,
    /// Some template uses `page` by itself, so a card may go by that name, in a loop or a component.
    page_is_free: bool,
}

impl<'a> Words<'a> {
    /// Whether a field of the page may be called so.
    pub(super) fn name_of_page(&self, name: &str) -> bool {
        self.any.contains(name) || self.of_page.contains(name)
    }

    /// Whether a field of a card or another map may be called so.
    pub(super) fn name(&self, name: &str) -> bool {
        self.any.contains(name) || (self.page_is_free && self.of_page.contains(name))
    }

    /// Adds the words of a template.
    pub(super) fn read(&mut self, template: &'a str) {
        for (at, _) in template.match_indices('{') {
            let inner = &template[at + 1..];
            if inner.starts_with(['{', '%']) {
                self.read_expression(&inner[..end_of_expression(inner)]);
            }
        }
    }

    fn read_expression(&mut self, inner: &'a str) {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let mut last: Option<(&str, usize)> = None;
        let mut rest = 0;
        while let Some(start) = inner[rest..].find(is_part).map(|at| rest + at) {
            let end = inner[start..].find(|c| !is_part(c)).map_or(inner.len(), |at| start + at);
            let word = &inner[start..end];
            let behind_page = last.is_some_and(|(owner, owner_end)| {
                owner == "page" && matches!(&inner[owner_end..start], "." | "?.")
            });
            if behind_page {
                self.of_page.insert(word);
            } else {
                self.any.insert(word);
            }
            let after = &inner[end..];
            // A text that says so binds no name.
            let is_text =
                inner[..start].ends_with(['"', '\'', '`']) && after.starts_with(['"', '\'', '`']);
            if word == "page" && !is_text && !after.starts_with('.') && !after.starts_with("?.") {
                self.page_is_free = true;
            }
            // The `page` of `x.page.y` is not the page.
            let is_field = inner[..start].ends_with('.');
            last = (!is_field).then_some((word, end));
            rest = end;
        }
    }
}

/// Where the expression or statement at the start of `inner` ends. Its end marks may stand in texts, and
/// braces of its own around maps.
fn end_of_expression(inner: &str) -> usize {
    let (mut quote, mut depth) = (None, 0);
    for (at, c) in inner.char_indices().skip(1) {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return at,
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    inner.len()
}

/// A list.
pub(super) fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::from(values.into_iter().collect::<Vec<Value>>())
}

/// A text.
pub(super) fn text(text: &str) -> Value {
    Value::from(text)
}

/// A value or none.
pub(super) fn maybe<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or_else(Value::none, Into::into)
}

/// A whole number.
pub(super) fn int(value: i64) -> Value {
    Value::from(value)
}

/// A value of a YAML file.
pub(super) fn of_data(data: &Data) -> Value {
    match data {
        Data::Null => Value::none(),
        Data::Bool(value) => Value::from(*value),
        Data::Int(value) => Value::from(*value),
        Data::Float(value) => Value::from(*value),
        Data::Text(value) => text(value),
        Data::List(items) => list(items.iter().map(of_data)),
        Data::Map(entries) => of_entries(entries),
    }
}

/// A map of a YAML file.
pub(super) fn of_entries(entries: &[(String, Data)]) -> Value {
    // In the order of the file.
    let mut map = Map::with_capacity(entries.len());
    for (key, value) in entries {
        map.insert(Key::from(key.clone()), of_data(value));
    }
    Value::from(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(template: &str, of_page: bool) -> Vec<&'static str> {
        const NAMES: &[&str] = &["title", "url", "weight", "date", "kind", "open", "path"];
        let mut words = Words::default();
        words.read(template);
        let fields =
            Fields::new(
                NAMES,
                |name| {
                    if of_page { words.name_of_page(name) } else { words.name(name) }
                },
            );
        let made = fields.map(Field::Text);
        let made = made.as_map().expect("a map");
        NAMES.iter().copied().filter(|name| made.contains_key(&Key::Str(name))).collect()
    }

    #[test]
    fn what_a_template_names_is_there_and_nothing_else() {
        let template = r#"title {{ card.url }} {%- if card["weight"] %}{{- kind }} date {% endif %}{{ "}}" ~ {"a": {"b": 1}} ~ path }}{{ open"#;
        assert_eq!(named(template, false), ["url", "weight", "kind", "open", "path"]);
        assert_eq!(named(template, true), named(template, false));
    }

    #[test]
    fn what_only_the_page_is_asked_for_no_card_has_unless_it_may_be_called_page() {
        let template = "{{ page.date }}{{ page?.kind }}{{ card.page.title }}{{ page.url | upper }}";
        assert_eq!(named(template, false), ["title"]);
        assert_eq!(named(template, true), ["title", "url", "date", "kind"]);
        let about = "{% if card.title == \"page\" or 'page' == title %}{{ page.date }}";
        assert_eq!(named(about, false), ["title"]);
        for more in
            ["{% for page in children() %}", "{% set page = card %}", "{{ <show page={c} /> }}"]
        {
            assert_eq!(
                named(&format!("{more}{template}"), false),
                ["title", "url", "date", "kind"]
            );
        }
    }
}
