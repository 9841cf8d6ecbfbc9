//! Owns the way from our values to those of the template engine. Must not know where they come from.

use std::collections::{BTreeMap, HashSet};

use tera::value::Key;
use tera::{Map, Value};

use crate::yaml::Data;

/// A map of named values.
pub(super) fn map<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    let mut map = Map::with_capacity(N);
    for (key, value) in entries {
        map.insert(Key::Str(key), value);
    }
    Value::from(map)
}

/// The names of some fields, each with a bit that says whether any template of the theme names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    names: &'static [&'static str],
    named: u32,
}

impl Fields {
    /// The fields of `names` (at most 32) that are among the words of the theme's templates. What no template
    /// names is not made: a page has some two dozen fields, and most themes ask for a few of them.
    pub(super) fn new(names: &'static [&'static str], words: &HashSet<&str>) -> Fields {
        // As JSON, a template may show any of them.
        let all = words.contains("json");
        let named = names.iter().enumerate().filter(|(_, name)| all || words.contains(**name));
        Fields { names, named: named.fold(0, |bits, (i, _)| bits | 1 << i) }
    }

    /// All fields, whatever the templates name: for a message that lists what there is.
    pub(super) fn all(names: &'static [&'static str]) -> Fields {
        Fields { names, named: u32::MAX }
    }

    /// A map of the fields that are named.
    pub(super) fn map(self, mut make: impl FnMut(&'static str) -> Value) -> Value {
        let named = self.names.iter().enumerate().filter(|(i, _)| self.named >> i & 1 == 1);
        let fields = named.map(|(_, name)| (Key::Str(name), make(name)));
        if self.named.count_ones() as usize >= self.names.len() {
            // All of them may be shown as JSON, in this order.
            return Value::from(fields.collect::<Map>());
        }
        // A map of the engine's own would be hashed twice: here, and when it becomes a value.
        Value::from(fields.collect::<BTreeMap<_, _>>())
    }
}

/// The words in the expressions and statements of a template: whatever it may call a field by.
pub(super) fn words(template: &str) -> impl Iterator<Item = &str> {
    let marks = template.match_indices(['{', '%']).filter_map(|(at, _)| {
        let inner = template[at..].strip_prefix("{{").or(template[at..].strip_prefix("{%"))?;
        Some(
            inner
                .find("}}")
                .into_iter()
                .chain(inner.find("%}"))
                .min()
                .map_or(inner, |end| &inner[..end]),
        )
    });
    marks.flat_map(|inner| inner.split(|c: char| !c.is_alphanumeric() && c != '_'))
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

    #[test]
    fn what_a_template_names_is_there_and_nothing_else() {
        let template =
            r#"title {{ page.url }} {%- if card["weight"] %}{{- kind }} date {% endif %}{{ open"#;
        let words: HashSet<&str> = words(template).collect();
        let fields = Fields::new(&["title", "url", "weight", "date", "kind", "open"], &words);
        let made = fields.map(text);
        let made = made.as_map().expect("a map");
        let mut names: Vec<&str> = made.keys().filter_map(Key::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["kind", "open", "url", "weight"]);
    }
}
