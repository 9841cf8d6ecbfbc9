//! Owns the filters that templates have beyond the engine's own. Must not know the site.

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use crate::calendar::Date;
use crate::diag::json_string;

/// Adds the filters to an engine.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("date", date);
    tera.register_filter("slugify", |text: &str, _: Kwargs, _: &State<'_>| crate::slug::slug(text));
    tera.register_filter("json", |value: &Value, _: Kwargs, _: &State<'_>| {
        Value::from(json(value)).mark_safe()
    });
}

/// `2027-10-10 | date(format="long")`; the language is that of the page.
fn date(value: &Value, arguments: Kwargs, state: &State<'_>) -> TeraResult<Value> {
    let Some(text) = value.as_str() else {
        return Err(Error::message(format!("date needs a date such as 2027-10-10, not {value}")));
    };
    let date = Date::read(text).map_err(|error| Error::message(error.message))?;
    let format = arguments.get::<&str>("format")?.unwrap_or("long");
    let lang = match arguments.get::<&str>("lang")? {
        Some(lang) => lang.to_string(),
        None => state.get::<String>("lang")?.unwrap_or_else(super::functions::language),
    };
    date.print(format, &lang).map(Value::from).map_err(Error::message)
}

/// JSON that may stand inside a script element.
fn json(value: &Value) -> String {
    if value.is_none() || value.is_undefined() {
        return "null".into();
    }
    if let Some(text) = value.as_str() {
        return json_string(text);
    }
    if let Some(items) = value.as_array() {
        let items: Vec<String> = items.iter().map(json).collect();
        return format!("[{}]", items.join(","));
    }
    if let Some(map) = value.as_map() {
        let entries: Vec<String> = map
            .iter()
            .map(|(key, value)| {
                let key = key.as_str().map_or_else(|| key.as_value().to_string(), String::from);
                format!("{}:{}", json_string(&key), json(value))
            })
            .collect();
        return format!("{{{}}}", entries.join(","));
    }
    value.to_string()
}
