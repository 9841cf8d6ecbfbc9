//! Owns the reading of the plainest settings, which nearly all pages have: a name, a colon and a text, a
//! number or a list in one line. It takes a tenth of the parser's time. Whatever is not certain is
//! left to the parser: this must never read anything else than the parser would. Must not know what the
//! settings mean.

use super::{Node, Value};
use crate::diag::Span;

/// The longest text that is read here; far below where the parser's limits begin.
const LONGEST: usize = 8192;

/// The tree of a text that has only such lines; `None` says to ask the parser.
pub(super) fn read(text: &str, base: usize) -> Option<Node> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let mut entries = Vec::with_capacity(8);
    let mut rest = text;
    while !rest.is_empty() {
        let at = base + text.len() - rest.len();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let (name, more) = rest.split_at(rest.bytes().position(|byte| !is_name(byte))?);
        let more = more.strip_prefix(": ")?;
        let written = &more[..more.bytes().position(|byte| byte == b'\n')?];
        let key = scalar(name, at)?;
        if !matches!(key.value, Value::Text(_)) {
            return None;
        }
        let value_at = at + name.len() + ": ".len();
        let value = match written.as_bytes().first()? {
            b'[' => list(written, value_at)?,
            _ => scalar(written, value_at)?,
        };
        entries.push((key, value));
        rest = &more[written.len() + 1..];
    }
    let end = entries.last().map_or(base, |(_, value)| value.span.end);
    Some(node(Value::Map(entries), Span::new(base, end)))
}

/// `[one, "two", 3]`
fn list(text: &str, at: usize) -> Option<Node> {
    let mut items = Vec::with_capacity(4);
    let mut from = 1;
    loop {
        let rest = &text[from..];
        let len = match rest.as_bytes().first()? {
            // A backslash before a quotation mark is found to be odd when the item is read.
            quote @ (b'"' | b'\'') => rest[1..].bytes().position(|byte| byte == *quote)? + 2,
            _ => rest.bytes().position(|byte| matches!(byte, b',' | b']'))?,
        };
        items.push(scalar(&rest[..len], at + from)?);
        from += len;
        match &text[from..] {
            "]" => return Some(node(Value::List(items), Span::new(at, at + text.len()))),
            more => from += more.len() - more.strip_prefix(", ")?.len(),
        }
    }
}

/// A text or a number in one line.
fn scalar(text: &str, at: usize) -> Option<Node> {
    let value = match text.as_bytes().first()? {
        b'"' => Value::Text(quoted(text.strip_suffix('"')?.get(1..)?)?),
        b'\'' => {
            let inner = text.strip_suffix('\'')?.get(1..)?;
            let is_plain = !inner.bytes().any(|byte| byte == b'\'') && no_surprise(inner);
            is_plain.then(|| Value::Text(inner.into()))?
        }
        b'a'..=b'z' | b'A'..=b'Z' => word(text)?,
        b'0'..=b'9' => number(text)?,
        _ => return None,
    };
    let raw = matches!(value, Value::Bool(_) | Value::Int(_)).then(|| text.into());
    Some(Node { raw, ..node(value, Span::new(at, at + text.len())) })
}

/// What stands between quotation marks. Of the many signs that a backslash may make, only the quotation
/// mark and the backslash itself are known here.
fn quoted(text: &str) -> Option<String> {
    let is_special = |byte: u8| byte == b'"' || byte == b'\\';
    if !no_surprise(text) {
        return None;
    }
    if !text.bytes().fold(false, |any, byte| any | is_special(byte)) {
        return Some(text.into());
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        let sign = rest.get(at + 1..at + 2).filter(|_| rest.as_bytes()[at] == b'\\')?;
        out.push_str(&rest[..at]);
        out.push_str(Some(sign).filter(|sign| is_special(sign.as_bytes()[0]))?);
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
    Some(out)
}

/// A text without quotation marks that begins with a letter, or `true` or `false`.
fn word(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    let other = ["null", "true", "false", "nan", "inf", "infinity"];
    let is_other = |word: &&str| text.eq_ignore_ascii_case(word);
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b' ' | b'-' | b'_' | b'.' | b'/' | b'\'' | b'(' | b')' | b'!' | b'?')
    };
    // A comma is no part of the text where it stands in a list.
    let is_text = |byte: u8| is_plain(byte) || byte >= 0x80 || byte == b',';
    (text.bytes().all(is_text)
        && (text.is_ascii() || no_surprise(text))
        && !text.ends_with(' ')
        && (text.len() > 8 || !other.iter().any(is_other)))
    .then(|| Value::Text(text.into()))
}

/// A whole number without sign, or a day, which is a text.
fn number(text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    let digits = |range: &[u8]| range.iter().all(u8::is_ascii_digit);
    if let [year @ .., b'-', m1, m2, b'-', d1, d2] = bytes {
        let is_day = year.len() == 4 && digits(year) && digits(&[*m1, *m2, *d1, *d2]);
        return is_day.then(|| Value::Text(text.into()));
    }
    let is_number = digits(bytes) && bytes.len() < 16 && (bytes[0] != b'0' || bytes.len() == 1);
    is_number.then(|| text.parse().ok().map(Value::Int)).flatten()
}

/// Letters and signs that YAML gives no meaning and no parser counts as space or control.
fn no_surprise(text: &str) -> bool {
    let is_usual = |c: char| match c {
        '\u{a1}'..='\u{d7ff}' | '\u{10000}'.. => !c.is_whitespace(),
        _ => matches!(c, ' '..='~'),
    };
    // Without a way out in the middle, so that the compiler takes many bytes at a time.
    let is_ascii = text.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'));
    is_ascii || text.chars().all(is_usual)
}

fn node(value: Value, span: Span) -> Node {
    Node { value, span, raw: None, used_at: None }
}

#[cfg(test)]
mod tests {
    use super::super::parse_any;
    use super::read;

    /// Where something is read here, it is what the parser reads: values, places and written forms.
    fn same(text: &str) -> bool {
        let Some(node) = read(text, 4) else { return false };
        assert_eq!(Some(&node), parse_any(text, 4).ok().as_ref(), "{text:?}");
        true
    }

    /// Numbers that look random and are the same on every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % bound
        }

        fn one_of(&mut self, words: &[&'static str]) -> &'static str {
            words[self.below(words.len())]
        }
    }

    #[test]
    fn the_usual_front_matter_is_read_here() {
        assert!(same(
            "title: \"What: we know, part 1\"\ndescription: It's early (still).\ndate: 2027-03-05\n\
             tags: [air-quality, \"a, b\", 3]\naudience: 'young people'\nweight: 29\ndraft: false\n"
        ));
        assert!(same("title: ¿Qué es?\n") || same("title: Qué es 😀\n"));
        for text in ["a: b: c\n", "a: *b\n", "a: b #c\n", "a:\n", "a: 1.10\n", "a: ~\n", "a: []\n"]
        {
            assert!(!same(text), "{text}");
        }
    }

    #[test]
    fn what_is_read_here_is_what_the_parser_reads() {
        let values = [
            "a",
            "null",
            "Null",
            "~",
            "true",
            "False",
            "yes",
            "No",
            "on",
            "y",
            "nan",
            ".nan",
            "inf",
            "Infinity",
            "0",
            "-1",
            "007",
            "12",
            "123456789012345678",
            "1e3",
            "1_000",
            "0x1F",
            "0o7",
            "2027-01-02",
            "2027-1-2",
            "20270102",
            "12:30",
            "e5",
            "a b",
            "a  b",
            "a-b",
            "a: b",
            "a #b",
            "a#b",
            "it's",
            "\"a\"",
            "\"a \"",
            "\" a\"",
            "'a'",
            "'it''s'",
            "\"\"",
            "''",
            "\"a\\nb\"",
            "\"a \\\"b\\\" c\"",
            "\"a\\\\\"",
            "\"\\\"",
            "\"a\\",
            "\"a\" b",
            "'a' #b",
            "[a]",
            "[a, b]",
            "[a,b]",
            "[ a ]",
            "[a, ]",
            "[]",
            "[a, [b]]",
            "[a: b]",
            "['a, b', \"c]\"]",
            "[1, true, null]",
            "[a b, c d ]",
            "[a",
            "a]",
            "a]b",
            "[a]]",
            "{a: b}",
            "{a}",
            "&x a",
            "*x",
            "!t a",
            "|",
            ">",
            "- a",
            "a,",
            "a, b",
            "(a)",
            "a (b)",
            "a!",
            "what?",
            "?",
            "@a",
            "`a`",
            "%a",
            "a%",
            "ñ",
            "Qué",
            "a\u{a0}b",
            "a\u{2028}b",
            "a\u{85}b",
            "a\u{feff}",
            "日本",
            "😀",
            "a😀",
            "\"😀\u{200b}\"",
            "'\u{7f}'",
            "\"\t\"",
            "a\tb",
            "a\\b",
            "'a\\b'",
            "---",
            "...",
            "a ---",
            "a/b.c",
            "/a",
            "https://a.example",
            "=",
            "<<",
            "null a",
            "TRUE",
            "true ",
        ];
        let names = [
            "a",
            "title",
            "x_y",
            "x-y",
            "null",
            "true",
            "no",
            "1",
            "2027-01-02",
            "a b",
            "\"a\"",
            "_a",
            "ñ",
            "",
            "<<",
        ];
        let noise = [" ", "- ", "#", "\n", "---\n", "? ", "\u{feff}"];
        let colons = [":", ":  ", " : ", ":\n  ", ":\t", ": \n  - "];
        let ends = ["\r\n", " \n", "\n\n", "\n  b\n", " # c\n", "\n...\n", ""];
        let (mut numbers, mut read) = (Numbers(7), 0);
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..=numbers.below(2) {
                let mut rarely = |noise: &[&'static str], usual: &'static str| {
                    if numbers.below(12) == 0 { numbers.one_of(noise) } else { usual }
                };
                let (before, colon, end) =
                    (rarely(&noise, ""), rarely(&colons, ": "), rarely(&ends, "\n"));
                let (name, one, two) =
                    (numbers.one_of(&names), numbers.one_of(&values), numbers.one_of(&values));
                let value = match numbers.below(3) {
                    0 => format!("[{one}, {two}]"),
                    _ => one.to_string(),
                };
                text += &[before, name, colon, &value, end].concat();
            }
            read += usize::from(same(&text));
        }
        assert!(read > 500, "{read}");
    }

    #[test]
    fn single_signs_anywhere_make_no_difference() {
        let usual = "a: b c\nd: \"e f\"\ng: [h, 'i', 7]\nj: 2027-01-02\n";
        let signs = (0..0x180u32)
            .chain([0x2009, 0x2028, 0x3000, 0xd7ff, 0xe000, 0xfdd0, 0xfeff, 0xffff, 0x1f600]);
        for sign in signs.filter_map(char::from_u32) {
            for (at, old) in usual.char_indices() {
                same(&format!("{}{sign}{}", &usual[..at], &usual[at..]));
                same(&format!("{}{sign}{}", &usual[..at], &usual[at + old.len_utf8()..]));
            }
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test reads the pages of the repository")]
    fn front_matter_of_all_pages_is_read_alike() {
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
        let mut read = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let name = name.to_string_lossy().into_owned();
                if path.is_dir() {
                    if !["target", "public", "node_modules"].contains(&&*name)
                        && !name.starts_with('.')
                    {
                        folders.push(path);
                    }
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    // Fixtures hold many files in one, so every stretch between fences is tried.
                    read += text.split("---\n").filter(|part| same(part)).count();
                }
            }
        }
        assert!(read > 50, "{read}");
    }
}
