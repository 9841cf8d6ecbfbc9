//! Owns YAML: text to a tree of values that know where they stand, and the reading of such a tree
//! with diagnostics. The only module that touches the YAML crate. Must not know what the keys mean.

mod plain;
pub mod shape;
mod slips;

pub use slips::{cut_values, explain};

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_yaml::{Error, Location, Options, Spanned};

use crate::diag::{Code, Diagnostic, Span, list, nearest};
use shape::{Group, Others};

/// A value as YAML has it, without places: what data files and `extra` hand to templates.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`; YAML 1.1's `yes` and `no` are texts.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Data>),
    /// A map, in the order of the file.
    Map(Vec<(String, Data)>),
}

impl Hash for Data {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Data::Null => {}
            Data::Bool(value) => value.hash(state),
            Data::Int(value) => value.hash(state),
            Data::Float(value) => value.to_bits().hash(state),
            Data::Text(value) => value.hash(state),
            Data::List(value) => value.hash(state),
            Data::Map(value) => value.hash(state),
        }
    }
}

impl Data {
    /// The value of `key`, when this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Data> {
        match self {
            Data::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text, when this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What kind of value stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text, plain, quoted or block.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Entries in the order of the file.
    Map(Vec<(Node, Node)>),
}

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// The bytes of the file that it was written in.
    pub span: Span,
    /// For numbers and booleans: the text as written, so that a title `2.10` stays `2.10`.
    raw: Option<Box<str>>,
    used_at: Option<Span>,
}

/// What is wrong with a text that is not YAML.
#[derive(Debug)]
pub struct SyntaxError {
    /// Where, in bytes of the text that was given.
    pub at: usize,
    /// What the parser says, first line.
    pub says: String,
}

/// Parses one document whose first byte is byte `base` of its file. An empty text is `Null`.
pub fn parse(text: &str, base: usize) -> Result<Node, SyntaxError> {
    match plain::read(text, base) {
        Some(node) => Ok(node),
        None => parse_any(text, base),
    }
}

/// As [`parse`], by the parser alone.
fn parse_any(text: &str, base: usize) -> Result<Node, SyntaxError> {
    let mut root: Node =
        serde_yaml::from_str_with_options(text, options()).map_err(|error| SyntaxError {
            at: base + error_byte(&error, text).unwrap_or(text.len()),
            says: error.to_string().lines().next().unwrap_or_default().to_string(),
        })?;
    settle(&mut root, text.as_bytes(), &mut HashMap::new());
    finish(&mut root, text, base);
    Ok(root)
}

/// One place for what parsing may do, so that front matter, site.yaml and data files agree.
fn options() -> Options {
    serde_yaml::options! {
        // The alias limits below stop an alias bomb within milliseconds; what is left is generous.
        budget: serde_yaml::budget! {
            // A level costs 48 KiB of stack in a debug build, and a thread of the pool has 2 MiB.
            max_depth: 32,
            // The defaults stop a table of 10,000 rows and 13 columns.
            max_nodes: 5_000_000,
            max_events: 10_000_000,
            max_aliases: 20_000,
            // The default refuses one anchor that is used more than 100 times.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 16,
        },
        // A key written twice reaches us twice, and we can show both places.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        // `<<` would bring in entries with foreign places; as an ordinary key it is reported.
        merge_keys: MergeKeyPolicy::AsOrdinary,
        // yes, no, on, off stay texts.
        strict_booleans: true,
        // 017 stays a text; as a number it would be 17 or 15, depending on whom you ask.
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        // `title: !Hello world` is an error instead of quietly being "world".
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// Errors of the reader of values carry bytes, those of the scanner only a count of characters.
fn error_byte(error: &Error, text: &str) -> Option<usize> {
    let span = error.location()?.span();
    if let Some(byte) = span.byte_offset() {
        return Some((byte as usize).min(text.len()));
    }
    if span == serde_yaml::Span::UNKNOWN {
        return None;
    }
    let count = usize::try_from(span.offset()).ok()?;
    Some(text.char_indices().nth(count).map_or(text.len(), |(at, _)| at))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        let used_at = (spanned.referenced != spanned.defined).then(|| span_of(&spanned.referenced));
        Ok(Node { value: spanned.value, span: span_of(&spanned.defined), raw: None, used_at })
    }
}

fn span_of(location: &Location) -> Span {
    let span = location.span();
    let start = span.byte_offset().unwrap_or(0) as usize;
    Span::new(start, start + span.byte_len().unwrap_or(0) as usize)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
    fn visit_bool<E: de::Error>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Int(v))
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Value, E> {
        Ok(i64::try_from(v).map_or(Value::Float(v as f64), Value::Int))
    }
    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Value, E> {
        Ok(Value::Float(v))
    }
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Value, E> {
        Ok(Value::Text(v.to_owned()))
    }
    fn visit_string<E: de::Error>(self, v: String) -> Result<Value, E> {
        Ok(Value::Text(v))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = seq.next_element()? {
            list.push(node);
        }
        Ok(Value::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key()? {
            entries.push((key, map.next_value()?));
        }
        Ok(Value::Map(entries))
    }
}

/// The parser gives only the start of a list or map: works the ends out from what is in them.
fn settle(node: &mut Node, text: &[u8], ends: &mut HashMap<usize, usize>) {
    let (first, last) = match &mut node.value {
        Value::List(list) => {
            list.iter_mut().for_each(|item| settle(item, text, ends));
            (
                list.first().map(|item| item.span.start),
                list.iter().map(|item| item.shown().end).max(),
            )
        }
        Value::Map(entries) => {
            for (key, value) in entries.iter_mut() {
                settle(key, text, ends);
                settle(value, text, ends);
            }
            let first = entries.first().map(|(key, _)| key.shown().start);
            (first, entries.iter().map(|(k, v)| k.shown().end.max(v.shown().end)).max())
        }
        _ => return,
    };
    let start = node.span.start;
    if node.used_at.is_some() {
        // Reached through an alias: the original came earlier, so its end is known.
        node.span.end = ends.get(&start).copied().unwrap_or(node.span.end);
        return;
    }
    let last = last.unwrap_or(start + 1);
    // A block map may begin with a bracketed key: then both start at one byte.
    let bracketed = matches!(text.get(start), Some(b'[' | b'{')) && first != Some(start);
    node.span.end = if bracketed { closing(text, last) } else { last };
    ends.insert(start, node.span.end);
}

/// The byte after the bracket that closes, past white space, commas and comments.
fn closing(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b']' | b'}' => return at,
            b'#' => {
                while text.get(at).is_some_and(|&b| b != b'\n') {
                    at += 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Keeps the written form of numbers, and moves every place to where the text stands in its file.
fn finish(node: &mut Node, text: &str, base: usize) {
    match &mut node.value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            node.raw = text.get(node.span.start..node.span.end).map(Into::into);
        }
        Value::List(items) => items.iter_mut().for_each(|item| finish(item, text, base)),
        Value::Map(entries) => {
            for (key, value) in entries {
                finish(key, text, base);
                finish(value, text, base);
            }
        }
        Value::Null | Value::Text(_) => {}
    }
    node.span = node.shown().shift(base);
    node.used_at = None;
}

impl Node {
    /// Where to point: at the alias if it was reached through one.
    fn shown(&self) -> Span {
        self.used_at.unwrap_or(self.span)
    }

    /// The value as a text; numbers and booleans as they were written.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => self.raw.as_deref(),
        }
    }

    /// The value without places.
    pub fn data(&self) -> Data {
        match &self.value {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(*value),
            Value::Int(value) => Data::Int(*value),
            Value::Float(value) => Data::Float(*value),
            Value::Text(value) => Data::Text(value.clone()),
            Value::List(items) => Data::List(items.iter().map(Node::data).collect()),
            Value::Map(entries) => Data::Map(
                entries
                    .iter()
                    .map(|(k, v)| (k.text().unwrap_or_default().to_string(), v.data()))
                    .collect(),
            ),
        }
    }

    /// What stands there, in an editor's words.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a group of settings",
        }
    }
}

/// Reports keys that are written twice in one map, anywhere in a data file.
pub fn check_keys(node: &Node, file: &str, problems: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| check_keys(item, file, problems)),
        Value::Map(entries) => {
            let mut seen = std::collections::HashSet::new();
            for (key, value) in entries {
                if !seen.insert(key.text()) {
                    let name = key.text().unwrap_or_default();
                    problems.push(
                        Diagnostic::at(
                            Code::DuplicateKey,
                            file,
                            key.span,
                            format!("\"{name}\" is written twice."),
                        )
                        .hint("Keep one of the two and delete the other."),
                    );
                }
                check_keys(value, file, problems);
            }
        }
        _ => {}
    }
}

/// Further names that are known, and what to say of one that is not.
pub type Names<'n> = (&'n [&'n str], &'n dyn Fn(&str) -> Option<String>);

/// Reads the settings of one group and collects what is wrong with them.
pub struct Fields<'a> {
    file: &'a str,
    at: Span,
    group: &'a Group,
    entries: Vec<(&'a str, Span, &'a Node)>,
    /// Names that are not of the group.
    unknown: Vec<&'a str>,
    is_no_group: bool,
}

impl<'a> Fields<'a> {
    /// The settings in `node`; keys that are not of the group and keys written twice are reported.
    pub fn read(
        node: &'a Node,
        file: &'a str,
        group: &'a Group,
        problems: &mut Vec<Diagnostic>,
    ) -> Fields<'a> {
        Fields::read_open(node, file, group, (&[], &|_| None), problems)
    }

    /// As [`Fields::read`], with further names that are known only here, and with what to say of a name that
    /// is not known.
    pub fn read_open(
        node: &'a Node,
        file: &'a str,
        group: &'a Group,
        names: Names<'_>,
        problems: &mut Vec<Diagnostic>,
    ) -> Fields<'a> {
        let mut fields = Fields {
            file,
            at: node.span,
            group,
            entries: Vec::new(),
            unknown: Vec::new(),
            is_no_group: !matches!(node.value, Value::Null | Value::Map(_)),
        };
        match &node.value {
            Value::Null => {}
            Value::Map(entries) => {
                for (key, value) in entries {
                    fields.entry(key, value, names, problems);
                }
            }
            _ => problems.push(
                Diagnostic::at(
                    Code::WrongType,
                    file,
                    node.span,
                    format!("Here stands {}, but {} needs settings.", node.kind(), group.what),
                )
                .hint(as_settings(node)),
            ),
        }
        fields
    }

    fn entry(
        &mut self,
        key: &'a Node,
        value: &'a Node,
        (more, advice): Names<'_>,
        problems: &mut Vec<Diagnostic>,
    ) {
        let what = self.group.what;
        let Some(name) = key.text() else {
            problems.push(Diagnostic::at(
                Code::WrongType,
                self.file,
                key.span,
                format!("The name of a setting must be a text, not {}.", key.kind()),
            ));
            return;
        };
        if !self.group.names().any(|key| key == name) && !more.contains(&name) {
            let mut all: Vec<&str> = self.group.names().collect();
            all.extend(more);
            // Where names are free, one that looks like a known one is still a slip.
            let is_free = self.group.others == Others::Free;
            if is_free && nearest(name, all.iter().copied()).is_none() {
                return;
            }
            self.unknown.push(name);
            let hint = advice(name).unwrap_or_else(|| match nearest(name, all.iter().copied()) {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => format!("{} knows {}.", beginning(what), list(all)),
            });
            problems.push(
                Diagnostic::at(
                    Code::UnknownKey,
                    self.file,
                    key.span,
                    format!("\"{name}\" is not a setting of {what}."),
                )
                .hint(hint),
            );
            return;
        }
        if self.entries.iter().any(|(other, _, _)| *other == name) {
            problems.push(
                Diagnostic::at(
                    Code::DuplicateKey,
                    self.file,
                    key.span,
                    format!("\"{name}\" is written twice."),
                )
                .hint("Keep one of the two and delete the other."),
            );
            return;
        }
        self.entries.push((name, key.span, value));
    }

    /// Where the group stands.
    pub fn span(&self) -> Span {
        self.at
    }

    /// The file it stands in.
    pub fn file(&self) -> &'a str {
        self.file
    }

    /// The value of a setting that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&'a Node> {
        // What is not in the table is never read, whatever stands in the file.
        // Asked by unit tests and by the fuzzer, because it costs as much as reading.
        assert!(
            !cfg!(any(test, debug_assertions))
                || self.group.others != Others::Wrong
                || self.group.names().any(|key| key == name),
            "{name} is not in the table of {}",
            self.group.what
        );
        let (_, _, node) = self.entries.iter().find(|(key, _, _)| *key == name)?;
        (!matches!(node.value, Value::Null)).then_some(*node)
    }

    /// Whether another name in the group, or a group that is none, tells already why a setting is not there.
    pub fn is_mistyped(&self, name: &str) -> bool {
        self.is_no_group || self.unknown.iter().any(|other| nearest(other, [name]).is_some())
    }

    /// Where the name of a setting stands.
    pub fn key_span(&self, name: &str) -> Option<Span> {
        self.entries.iter().find(|(key, _, _)| *key == name).map(|(_, span, _)| *span)
    }

    /// A setting that is a text; a number is taken as it is written.
    pub fn text(&self, name: &str, problems: &mut Vec<Diagnostic>) -> Option<String> {
        let node = self.get(name)?;
        match node.text() {
            Some(text) => Some(text.to_string()),
            None => self.wrong(name, node, "a text", problems),
        }
    }

    /// A setting that is `true` or `false`.
    pub fn bool(&self, name: &str, problems: &mut Vec<Diagnostic>) -> Option<bool> {
        let node = self.get(name)?;
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Text(text) if ["yes", "on"].contains(&text.to_lowercase().as_str()) => {
                Some(true)
            }
            Value::Text(text) if ["no", "off"].contains(&text.to_lowercase().as_str()) => {
                Some(false)
            }
            _ => self.wrong(name, node, "true or false", problems),
        }
    }

    /// A setting that is a whole number.
    pub fn int(&self, name: &str, problems: &mut Vec<Diagnostic>) -> Option<i64> {
        let node = self.get(name)?;
        match &node.value {
            Value::Int(value) => Some(*value),
            _ => self.wrong(name, node, "a whole number", problems),
        }
    }

    /// A setting that is a list of texts; a single text is a list of one.
    pub fn texts(&self, name: &str, problems: &mut Vec<Diagnostic>) -> Option<Vec<(String, Span)>> {
        let node = self.get(name)?;
        let Value::List(items) = &node.value else {
            return match node.text() {
                Some(text) if is_hyphenated(text) => {
                    problems.push(
                        Diagnostic::at(
                            Code::WrongType,
                            self.file,
                            node.span,
                            format!("\"{name}\" begins with a hyphen, but is no list."),
                        )
                        .hint("Behind the hyphen of each entry, a space is missing: - one."),
                    );
                    None
                }
                Some(text) => Some(vec![(text.to_string(), node.span)]),
                None => self.wrong(name, node, "a text or a list of texts", problems),
            };
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.text() {
                Some(text) => texts.push((text.to_string(), item.span)),
                None => {
                    self.wrong::<()>(name, item, "a list of texts", problems);
                }
            }
        }
        Some(texts)
    }

    /// Says that the value is of the wrong kind.
    pub fn wrong<T>(
        &self,
        name: &str,
        node: &Node,
        wanted: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let found = match (&node.value, node.text()) {
            (Value::Text(_) | Value::Float(_), Some(text)) if text.chars().count() <= 40 => {
                format!("\"{text}\"")
            }
            _ => node.kind().to_string(),
        };
        problems.push(
            Diagnostic::at(
                Code::WrongType,
                self.file,
                node.span,
                format!("\"{name}\" needs {wanted}, but here stands {found}."),
            )
            .maybe_hint(how_to_write(name, wanted, node)),
        );
        None
    }
}

/// `-one`, or `-one -two`, which several lines come to.
fn is_hyphenated(text: &str) -> bool {
    text.split(' ').all(|word| word.len() > 1 && word.starts_with('-') && !word.starts_with("--"))
}

/// How a value of the wanted kind is written.
fn how_to_write(name: &str, wanted: &str, node: &Node) -> Option<String> {
    Some(match wanted {
        "a group of settings" => {
            "Write one setting per line below it, moved to the right, as \"name: value\".".into()
        }
        "true or false" => format!("Write {name}: true, or {name}: false."),
        "a whole number" => match node.text().map(str::trim).and_then(|text| text.parse().ok()) {
            Some::<i64>(number) => format!("Write {name}: {number}"),
            None => format!("Write digits only, such as {name}: 10"),
        },
        "a date" => format!("Write {name}: 2026-10-12, or {name}: 12 October 2026."),
        "a text" => {
            format!("Write one text behind the colon: {name}: …, without brackets or hyphens.")
        }
        "a text or a list of texts" | "a list of texts" => {
            format!("Write one text, or several in brackets: {name}: [one, two]")
        }
        _ => return None,
    })
}

/// What to write where something else stands than settings.
fn as_settings(node: &Node) -> String {
    const RULE: &str = "Write one setting per line, as \"name: value\"";
    match &node.value {
        Value::List(_) => format!("{RULE}, without brackets or hyphens around it."),
        Value::Text(text) => match slips::joined(text.lines().next().unwrap_or_default()) {
            Some((name, value)) => {
                let first = value.split(' ').next().unwrap_or(value);
                let value = if value.contains([':', '=']) { first } else { value };
                format!("{RULE}: {name}: {value}")
            }
            None => format!("{RULE}."),
        },
        _ => format!("{RULE}."),
    }
}

/// The beginning of a sentence; the name of a file stays as it is written.
fn beginning(text: &str) -> String {
    if text.ends_with(".yaml") { text.to_string() } else { crate::slug::capital(text) }
}

#[cfg(test)]
mod tests {
    use super::shape::{Shape, key};
    use super::*;

    fn first(text: &str) -> Node {
        match parse(text, 0).expect("yaml").value {
            Value::Map(mut entries) => entries.remove(0).1,
            _ => panic!("a map"),
        }
    }

    #[test]
    fn a_number_keeps_its_written_form() {
        assert_eq!(first("a: 1.10").text(), Some("1.10"));
        assert_eq!(first("a: 017").value, Value::Text("017".into()));
        assert_eq!(first("a: no").value, Value::Text("no".into()));
    }

    #[test]
    fn places_are_bytes_of_the_file() {
        let node = parse("a: ñ\nb: [1, 2]\n", 4).expect("yaml");
        let Value::Map(entries) = &node.value else { panic!("a map") };
        assert_eq!(entries[0].1.span, Span::new(7, 9));
        assert_eq!(entries[1].1.span, Span::new(13, 19));
    }

    #[test]
    fn an_alias_bomb_is_an_error() {
        let mut text = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (from, to) in [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "g")] {
            let aliases = vec![format!("*{from}"); 9].join(", ");
            text.push_str(&format!("{to}: &{to} [{aliases}]\n"));
        }
        assert!(parse(&text, 0).is_err());
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let node = parse("titel: x", 0).expect("yaml");
        let mut problems = Vec::new();
        const PAGE: Group =
            Group::of("a page", &[key("title", Shape::Text, ""), key("date", Shape::Text, "")]);
        Fields::read(&node, "a.md", &PAGE, &mut problems);
        assert_eq!(problems[0].hint.as_deref(), Some("Did you mean \"title\"?"));
    }
}
