//! Owns the reading of JSON that the program prints. Must not know what is in it.

/// Just enough of JSON to read an answer (RFC 8259).
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn read(text: &str) -> Json {
        let mut rest = text;
        let json = Json::value(&mut rest);
        assert_eq!(rest.trim(), "", "something follows");
        json
    }

    fn value(rest: &mut &str) -> Json {
        *rest = rest.trim_start();
        for (word, value) in
            [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
        {
            if let Some(after) = rest.strip_prefix(word) {
                *rest = after;
                return value;
            }
        }
        match rest.as_bytes()[0] {
            b'"' => Json::Text(Json::string(rest)),
            b'[' => Json::List(Json::sequence(rest, ']', Json::value)),
            b'{' => Json::Map(Json::sequence(rest, '}', |rest| {
                *rest = rest.trim_start();
                let name = Json::string(rest);
                *rest = rest.trim_start().strip_prefix(':').expect("a colon");
                (name, Json::value(rest))
            })),
            _ => {
                let end = rest.find(|c: char| !"+-.eE0123456789".contains(c)).unwrap_or(rest.len());
                let number = rest[..end].parse().unwrap_or_else(|_| panic!("no value: {rest:.20}"));
                *rest = &rest[end..];
                Json::Number(number)
            }
        }
    }

    fn sequence<T>(rest: &mut &str, close: char, mut item: impl FnMut(&mut &str) -> T) -> Vec<T> {
        let mut items = Vec::new();
        *rest = rest[1..].trim_start();
        if let Some(after) = rest.strip_prefix(close) {
            *rest = after;
            return items;
        }
        loop {
            items.push(item(rest));
            *rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix(close) {
                *rest = after;
                return items;
            }
            *rest = rest.strip_prefix(',').unwrap_or_else(|| panic!("no comma: {rest:.20}"));
        }
    }

    fn string(rest: &mut &str) -> String {
        let mut out = String::new();
        let mut chars = rest.strip_prefix('"').expect("a string").chars();
        loop {
            match chars.next().expect("a closing quotation mark") {
                '"' => break,
                '\\' => out.push(match chars.next() {
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some('u') => {
                        let code: String = chars.by_ref().take(4).collect();
                        char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap()
                    }
                    Some(c @ ('"' | '\\' | '/')) => c,
                    other => panic!("a wrong escape {other:?}"),
                }),
                c => {
                    assert!(c >= ' ', "a bare control character");
                    out.push(c);
                }
            }
        }
        *rest = chars.as_str();
        out
    }

    pub(crate) fn at(&self, key: &str) -> &Json {
        match self {
            Json::Map(entries) => {
                let found = entries.iter().find(|(name, _)| name == key);
                &found.unwrap_or_else(|| panic!("no \"{key}\" in {self:?}")).1
            }
            _ => panic!("no object: {self:?}"),
        }
    }

    pub(crate) fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            _ => panic!("no list: {self:?}"),
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Json::Text(text) => text,
            _ => panic!("no text: {self:?}"),
        }
    }
}
