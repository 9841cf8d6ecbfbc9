//! Owns the way from our values to those of the template engine. Must not know where they come from.

use tera::value::Key;
use tera::{Map, Value};

use crate::yaml::Data;

/// A map of named values.
pub(super) fn map<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    let mut map = Map::default();
    for (key, value) in entries {
        map.insert(Key::Str(key), value);
    }
    Value::from(map)
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
    let mut map = Map::default();
    for (key, value) in entries {
        map.insert(Key::from(key.clone()), of_data(value));
    }
    Value::from(map)
}
