//! Writes the little JSON that the browser's side reads.
//!
//! Owns quoting and joining. Must not know what the values mean.

use std::fmt::Write;

/// A quoted string.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                write!(out, "\\u{:04x}", control as u32).expect("a string takes all text");
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A quoted string, or `null`.
pub(super) fn string_or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".into(), string)
}

/// An array of values that are JSON already.
pub(super) fn array(values: impl IntoIterator<Item = String>) -> String {
    let values: Vec<String> = values.into_iter().collect();
    format!("[{}]", values.join(","))
}

/// An object of values that are JSON already; the names need no quoting.
pub(super) fn object<const N: usize>(fields: [(&str, String); N]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}
