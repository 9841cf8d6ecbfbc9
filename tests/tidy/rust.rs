//! Owns the cutting of Rust into words and signs, without comments, texts and unit tests. Not a
//! parser: what it needs to tell apart is what the rules in `code` ask for.

/// A word, a lifetime, or one sign.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// The tokens of a file. A text counts as the one sign `"`.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (kind, len) = next(rest, first);
        let text = match kind {
            Kind::Nothing => None,
            Kind::Text => Some("\"".to_string()),
            Kind::Word => Some(rest[..len].to_string()),
        };
        tokens.extend(text.map(|text| Token { text, line }));
        line += rest[..len].matches('\n').count();
        rest = &rest[len..];
    }
    tokens
}

enum Kind {
    /// Blanks, comments, numbers.
    Nothing,
    Text,
    Word,
}

/// What stands at the front, and how long it is.
fn next(rest: &str, first: char) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Nothing, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Nothing, rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(len) = "rbc".contains(first).then(|| raw_text(rest)).flatten() {
        return (Kind::Text, len);
    }
    match first {
        '"' => (Kind::Text, quoted(rest, '"')),
        '\'' => lifetime_or_character(rest),
        c if is_word(c) && !c.is_ascii_digit() => (Kind::Word, word(rest)),
        c if c.is_ascii_digit() => (Kind::Nothing, word(rest)),
        c if c.is_whitespace() => (Kind::Nothing, c.len_utf8()),
        c => (Kind::Word, c.len_utf8()),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(rest: &str) -> usize {
    rest.find(|c| !is_word(c)).unwrap_or(rest.len())
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`.
fn raw_text(rest: &str) -> Option<usize> {
    let head = rest.find(['"', '#'])?;
    if !["r", "b", "br", "c", "cr"].contains(&&rest[..head]) {
        return None;
    }
    if !rest[..head].contains('r') {
        return Some(head + quoted(&rest[head..], '"'));
    }
    let marks = rest[head..].len() - rest[head..].trim_start_matches('#').len();
    let open = head + marks;
    if !rest[open..].starts_with('"') {
        return None;
    }
    let close = format!("\"{}", "#".repeat(marks));
    let end = rest[open + 1..].find(&close).map_or(rest.len(), |end| open + 1 + end + close.len());
    Some(end)
}

/// How long a text is that begins and ends with `mark`.
fn quoted(rest: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == mark => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn lifetime_or_character(rest: &str) -> (Kind, usize) {
    let mut chars = rest.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) | (_, Some('\'')) => (Kind::Text, quoted(rest, '\'')),
        _ => (Kind::Word, 1 + word(&rest[1..])),
    }
}

/// The tokens without the bodies of `mod tests { … }`.
pub(crate) fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut depth = 0;
    for token in tokens {
        let opens_tests = token.text == "{"
            && kept.len() > 1
            && kept[kept.len() - 2].text == "mod"
            && kept[kept.len() - 1].text == "tests";
        if depth > 0 || opens_tests {
            depth += i32::from(token.text == "{") - i32::from(token.text == "}");
        } else {
            kept.push(token);
        }
    }
    kept
}

/// The first names behind every `crate::` and every `super::` that climbs to the top, for a file whose
/// module is `depth` levels below the top.
pub(crate) fn imports(tokens: &[Token], depth: usize) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let climbs = tokens[at..].chunks(3).take_while(|step| is_step(step, "super")).count();
        let top = if is_step(&tokens[at..], "crate") {
            at + 3
        } else if climbs > 0 {
            at + 3 * climbs
        } else {
            at += 1;
            continue;
        };
        if climbs == 0 || climbs == depth {
            found.extend(names_at(&tokens[top..]));
        }
        at = top;
    }
    found
}

/// `name::` at the front.
fn is_step(tokens: &[Token], name: &str) -> bool {
    let texts: Vec<&str> = tokens.iter().take(3).map(|token| token.text.as_str()).collect();
    texts == [name, ":", ":"]
}

/// The name at the front, or the first name of each path in the braces there.
fn names_at(tokens: &[Token]) -> Vec<(String, usize)> {
    let Some(first) = tokens.first() else { return Vec::new() };
    if first.text != "{" {
        return vec![(first.text.clone(), first.line)];
    }
    let mut names = Vec::new();
    let mut depth = 0;
    for pair in tokens.windows(2) {
        depth += i32::from(pair[0].text == "{") - i32::from(pair[0].text == "}");
        if depth == 0 {
            break;
        }
        if depth == 1 && ["{", ","].contains(&pair[0].text.as_str()) && pair[1].text != "}" {
            names.push((pair[1].text.clone(), pair[1].line));
        }
    }
    names
}

/// The words of a name: `LinkStyle` and `link_style` are `link` and `style`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.trim_start_matches('\'').chars() {
        let begins = before == '_' || (c.is_uppercase() && !before.is_uppercase());
        if c != '_' {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

#[test]
fn texts_comments_and_unit_tests_are_no_code() {
    let source = r##"
        //! crate::a
        use crate::{b, c::{d, e}}; /* crate::f */
        fn g<'static_life>() { "crate::h"; r#"crate::"i"#; 'x'; '\''; super::j(); super::super::k(); }
        mod tests { use crate::l; fn m() {} }
        fn n() { crate::o::p() }
    "##;
    let tokens = without_tests(tokens(source));
    let names =
        |depth| imports(&tokens, depth).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(1), ["b", "c", "j", "o"]);
    assert_eq!(names(2), ["b", "c", "k", "o"]);
    assert!(tokens.iter().any(|token| token.text == "'static_life"));
    assert_eq!(words("LinkStyle"), words("link_style"));
}
