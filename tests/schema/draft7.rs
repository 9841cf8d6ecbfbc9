//! Owns an evaluator for the part of JSON Schema (draft 7) that weekmark writes; any other word is an error here.
//! `tests/editors` compares it with validators that others wrote. Must not know what the schemas are for.

use std::collections::HashMap;

use regex_lite::Regex;
use weekmark::yaml::Data;

/// Words that say nothing about what is valid.
const SILENT: [&str; 9] = [
    "$schema",
    "title",
    "description",
    "markdownDescription",
    "patternErrorMessage",
    "doNotSuggest",
    "examples",
    "definitions",
    "errorMessage",
];

/// A schema, ready to be asked.
pub(crate) struct Schema {
    root: Data,
    patterns: HashMap<String, Regex>,
}

impl Schema {
    /// Reads the text of a schema. YAML has JSON in it.
    pub(crate) fn read(text: &str) -> Schema {
        let root = weekmark::yaml::parse(text, 0).expect("the schema is JSON").data();
        let mut patterns = HashMap::new();
        collect(&root, &mut patterns);
        Schema { root, patterns }
    }

    pub(crate) fn accepts(&self, value: &Data) -> bool {
        self.holds(&self.root, value)
    }

    fn holds(&self, schema: &Data, value: &Data) -> bool {
        let words = match schema {
            Data::Bool(any) => return *any,
            Data::Map(words) => words,
            other => panic!("not a schema: {other:?}"),
        };
        words.iter().all(|(word, wants)| match word.as_str() {
            "type" => match wants {
                Data::List(kinds) => kinds.iter().any(|kind| is_kind(kind, value)),
                kind => is_kind(kind, value),
            },
            "enum" => items(wants).iter().any(|one| equal(one, value)),
            "pattern" => match value {
                Data::Text(text) => self.matches(wants, text),
                _ => true,
            },
            "minimum" => number(value).is_none_or(|n| n >= number(wants).expect("a number")),
            "maximum" => number(value).is_none_or(|n| n <= number(wants).expect("a number")),
            "items" => match value {
                Data::List(items) => items.iter().all(|item| self.holds(wants, item)),
                _ => true,
            },
            "properties" => entries(value)
                .iter()
                .all(|(key, value)| wants.get(key).is_none_or(|schema| self.holds(schema, value))),
            "additionalProperties" => {
                let known = schema.get("properties");
                let others = entries(value)
                    .iter()
                    .filter(|(key, _)| known.and_then(|k| k.get(key)).is_none());
                others.into_iter().all(|(_, value)| self.holds(wants, value))
            }
            "propertyNames" => {
                entries(value).iter().all(|(key, _)| self.holds(wants, &Data::Text(key.clone())))
            }
            "required" => match value {
                Data::Map(_) => items(wants)
                    .iter()
                    .all(|key| value.get(key.as_text().expect("a name")).is_some()),
                _ => true,
            },
            "anyOf" => items(wants).iter().any(|schema| self.holds(schema, value)),
            "not" => !self.holds(wants, value),
            "$ref" => self.holds(self.definition(wants), value),
            word => {
                assert!(SILENT.contains(&word), "what is \"{word}\"?");
                true
            }
        })
    }

    fn matches(&self, pattern: &Data, text: &str) -> bool {
        self.patterns[pattern.as_text().expect("a pattern")].is_match(text)
    }

    fn definition(&self, reference: &Data) -> &Data {
        let name = reference.as_text().and_then(|text| text.strip_prefix("#/definitions/"));
        let definitions = self.root.get("definitions").expect("definitions");
        definitions.get(name.expect("a definition")).expect("it is defined")
    }
}

/// Every pattern, compiled once.
fn collect(schema: &Data, patterns: &mut HashMap<String, Regex>) {
    match schema {
        Data::Map(words) => {
            for (word, value) in words {
                if let ("pattern", Data::Text(pattern)) = (word.as_str(), value) {
                    let regex =
                        Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
                    patterns.insert(pattern.clone(), regex);
                }
                collect(value, patterns);
            }
        }
        Data::List(items) => items.iter().for_each(|item| collect(item, patterns)),
        _ => {}
    }
}

fn is_kind(kind: &Data, value: &Data) -> bool {
    match (kind.as_text().expect("a kind"), value) {
        ("null", Data::Null)
        | ("boolean", Data::Bool(_))
        | ("string", Data::Text(_))
        | ("array", Data::List(_))
        | ("object", Data::Map(_))
        | ("integer", Data::Int(_))
        | ("number", Data::Int(_) | Data::Float(_)) => true,
        ("integer", Data::Float(value)) => value.fract() == 0.0,
        _ => false,
    }
}

fn number(value: &Data) -> Option<f64> {
    match value {
        Data::Int(value) => Some(*value as f64),
        Data::Float(value) => Some(*value),
        _ => None,
    }
}

fn equal(a: &Data, b: &Data) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn items(value: &Data) -> &[Data] {
    match value {
        Data::List(items) => items,
        other => panic!("not a list: {other:?}"),
    }
}

fn entries(value: &Data) -> &[(String, Data)] {
    match value {
        Data::Map(entries) => entries,
        _ => &[],
    }
}
