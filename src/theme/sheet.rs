//! Owns the reading of a theme's style sheet: the custom properties that it gives the whole page (`:root`), light
//! and dark, with the place of each value. Must not know which of them are colors that meet.

use std::collections::BTreeMap;

use crate::color::Color;
use crate::diag::Span;

/// For which of the two looks a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Light,
    Dark,
}

impl Mode {
    pub(super) const BOTH: [Mode; 2] = [Mode::Light, Mode::Dark];
}

/// The value that a custom property has in one mode.
#[derive(Debug, Clone)]
pub(super) struct Token {
    text: String,
    /// Where the value stands.
    pub(super) span: Span,
    /// It was said for this mode alone.
    pub(super) is_own: bool,
    is_important: bool,
}

/// The custom properties of a page, by name without the two hyphens.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    tokens: BTreeMap<String, [Option<Token>; 2]>,
    /// One byte past the last rule that has some, outside of all braces.
    pub(super) end: usize,
    /// How many braces were never closed.
    pub(super) open: usize,
}

/// Why a token has no color.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no such token.
    Missing,
    /// Its value is no color that we can read.
    Unreadable { text: String, span: Span },
    /// It points to a token that is not there.
    PointsNowhere { name: String, span: Span },
    /// It points to itself, over others or at once.
    PointsToItself { span: Span },
}

/// What a rule is about.
#[derive(Debug, Clone, Copy)]
struct Scope {
    /// Its declarations are those of the whole page.
    is_root: bool,
    /// `None` for both.
    mode: Option<Mode>,
    /// It holds on screens always, but for the mode.
    holds: bool,
}

/// How many references are followed for one color; honest ones need two or three.
const REFERENCES: usize = 50;

impl Sheet {
    /// Reads a style sheet. What is no custom property of the page is passed over, right or wrong.
    pub(super) fn read(source: &str) -> Sheet {
        let text = without_comments(source);
        let bytes = text.as_bytes();
        let mut sheet = Sheet::default();
        let mut scopes = vec![Scope { is_root: false, mode: None, holds: true }];
        let (mut at, mut start, mut brackets, mut has_tokens) = (0, 0, 0usize, false);
        while at < bytes.len() {
            let scope = scopes[scopes.len() - 1];
            match bytes[at] {
                b'"' | b'\'' => at = end_of_string(bytes, at) - 1,
                b'\\' => at += 1,
                b'(' | b'[' => brackets += 1,
                b')' | b']' => brackets = brackets.saturating_sub(1),
                b';' if brackets == 0 => {
                    has_tokens |= sheet.declare(&text, start, at, scope);
                    start = at + 1;
                }
                b'{' => {
                    scopes.push(scope.inside(&text[start..at]));
                    (start, brackets) = (at + 1, 0);
                }
                b'}' => {
                    has_tokens |= sheet.declare(&text, start, at, scope);
                    (start, brackets) = (at + 1, 0);
                    if scopes.len() > 1 {
                        scopes.pop();
                    }
                    if scopes.len() == 1 && std::mem::take(&mut has_tokens) {
                        sheet.end = at + 1;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        sheet.open = scopes.len() - 1;
        let scope = scopes[sheet.open];
        if sheet.declare(&text, start.min(text.len()), text.len(), scope) || has_tokens {
            sheet.end = text.len();
        }
        sheet
    }

    /// Takes a declaration, if it is a custom property of the page.
    fn declare(&mut self, text: &str, start: usize, end: usize, scope: Scope) -> bool {
        if !scope.is_root || !scope.holds {
            return false;
        }
        let Some((name, value)) = text[start..end].split_once(':') else { return false };
        let Some(name) = name.trim().strip_prefix("--") else { return false };
        let from = end - value.trim_start().len();
        let value = value.trim();
        let (value, is_important) = match value.rsplit_once('!') {
            Some((before, word)) if word.trim().eq_ignore_ascii_case("important") => {
                (before.trim_end(), true)
            }
            _ => (value, false),
        };
        let places = self.tokens.entry(name.to_string()).or_default();
        for (mode, place) in Mode::BOTH.into_iter().zip(places) {
            let before_wins = place.as_ref().is_some_and(|before| before.is_important);
            if scope.mode.is_some_and(|only| only != mode) || (before_wins && !is_important) {
                continue;
            }
            *place = Some(Token {
                text: value.to_string(),
                span: Span::new(from, from + value.len()),
                is_own: scope.mode.is_some(),
                is_important,
            });
        }
        true
    }

    /// The names of all tokens.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.tokens.keys().map(String::as_str)
    }

    /// A token's value in a mode.
    pub(super) fn token(&self, name: &str, mode: Mode) -> Option<&Token> {
        self.tokens.get(name)?[mode as usize].as_ref()
    }

    /// A token's color in a mode.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn color(&self, name: &str, mode: Mode) -> Result<Color, Trouble> {
        let token = self.token(name, mode).ok_or(Trouble::Missing)?;
        let mut left = REFERENCES;
        let text = self.followed(token, mode, &mut vec![name], &mut left)?;
        let one = in_mode(&text, mode);
        Color::read(one)
            .ok_or_else(|| Trouble::Unreadable { text: token.text.clone(), span: token.span })
    }

    /// The value with the values of the tokens that it refers to in their place.
    fn followed<'a>(
        &'a self,
        token: &'a Token,
        mode: Mode,
        way: &mut Vec<&'a str>,
        left: &mut usize,
    ) -> Result<String, Trouble> {
        let span = token.span;
        let mut text = token.text.clone();
        while let Some(start) = text.find("var(") {
            let unreadable = || Trouble::Unreadable { text: token.text.clone(), span };
            *left = left.checked_sub(1).ok_or_else(unreadable)?;
            let inner_start = start + "var(".len();
            let len = end_of_brackets(&text[inner_start..]).ok_or_else(unreadable)?;
            let inner = &text[inner_start..inner_start + len];
            let (name, instead) = match inner.split_once(',') {
                Some((name, instead)) => (name, Some(instead.trim())),
                None => (inner, None),
            };
            let name = name.trim().strip_prefix("--").ok_or_else(unreadable)?;
            let value = match (self.tokens.get_key_value(name), instead) {
                (Some((name, _)), _) if way.contains(&name.as_str()) => {
                    return Err(Trouble::PointsToItself { span });
                }
                (Some((name, places)), _) if places[mode as usize].is_some() => {
                    let next = places[mode as usize].as_ref().ok_or(Trouble::Missing)?;
                    way.push(name);
                    let value = self.followed(next, mode, way, left)?;
                    way.pop();
                    value
                }
                (_, Some(instead)) => instead.to_string(),
                (_, None) => return Err(Trouble::PointsNowhere { name: name.to_string(), span }),
            };
            text.replace_range(start..inner_start + len + 1, &value);
        }
        Ok(text)
    }
}

impl Scope {
    fn inside(self, head: &str) -> Scope {
        let head = head.trim().to_ascii_lowercase();
        let nowhere = Scope { holds: false, ..self };
        let Some(rule) = head.strip_prefix('@') else {
            let is_root = if self.is_root {
                head == "&"
            } else {
                head.split(',').any(|part| matches!(part.trim(), ":root" | "html"))
            };
            return Scope { is_root, ..self };
        };
        let (name, rest) = rule.split_at(rule.find([' ', '\n', '\t', '(']).unwrap_or(rule.len()));
        match name {
            "layer" => self,
            "supports" if !rest.trim_start().starts_with("not") => self,
            "media" => rest.split_whitespace().collect::<Vec<_>>().join(" ").split(" and ").fold(
                self,
                |scope, part| {
                    let part: String = part.chars().filter(|c| *c != ' ').collect();
                    let mode = match part.as_str() {
                        "screen" | "onlyscreen" | "all" => scope.mode,
                        "(prefers-color-scheme:dark)" => Some(Mode::Dark),
                        "(prefers-color-scheme:light)" => Some(Mode::Light),
                        _ => return Scope { holds: false, ..scope },
                    };
                    let holds = scope.holds && (scope.mode.is_none() || scope.mode == mode);
                    Scope { mode, holds, ..scope }
                },
            ),
            _ => nowhere,
        }
    }
}

/// The one of `light-dark(…, …)` that is for the mode; the text itself if it is something else.
fn in_mode(text: &str, mode: Mode) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix("light-dark(").and_then(|rest| rest.strip_suffix(')'));
    let Some(inner) = inner else { return text };
    let mut depth = 0usize;
    for (at, c) in inner.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                return match mode {
                    Mode::Light => inner[..at].trim(),
                    Mode::Dark => inner[at + 1..].trim(),
                };
            }
            _ => {}
        }
    }
    text
}

/// Up to the bracket that closes what is open before the text.
fn end_of_brackets(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// One byte past the string that begins at `at`; a line end ends it, too.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' => return at,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The text with blanks for comments, so that places stay what they are.
fn without_comments(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = String::with_capacity(source.len());
    let (mut at, mut kept) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' | b'\'' => at = end_of_string(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = source[at + 2..].find("*/").map_or(source.len(), |end| at + end + 4);
                out.push_str(&source[kept..at]);
                out.extend(std::iter::repeat_n(' ', end - at));
                (at, kept) = (end, end);
            }
            _ => at += 1,
        }
    }
    out.push_str(&source[kept..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sheet: &Sheet, name: &str) -> [String; 2] {
        Mode::BOTH.map(|mode| match sheet.color(name, mode) {
            Ok(color) => color.to_string(),
            Err(trouble) => format!("{trouble:?}"),
        })
    }

    #[test]
    fn what_is_said_later_and_for_the_mode_wins() {
        let sheet = Sheet::read(
            "@media (prefers-color-scheme: dark) { :root { --early: #111 } }\n\
             :root { --a: #111; --early: #222; --b: #333 /* ; */; --c: #444 !important }\n\
             @media screen and (prefers-color-scheme:dark){ html, body { --a: #aaa; --c: #ccc } p { --a: red } }\n\
             @media print { :root { --a: #000 } }\n\
             @media (prefers-contrast: more) { :root { --a: #000 } }\n\
             .x { --a: #000 } :root[data-look=x] { --a: #000 }\n\
             @layer base { :root { --late: #123; @media (prefers-color-scheme: dark) { --late: #321 } } }",
        );
        assert_eq!(shown(&sheet, "a"), ["#111111", "#aaaaaa"]);
        assert_eq!(shown(&sheet, "early"), ["#222222", "#222222"]);
        assert_eq!(shown(&sheet, "b"), ["#333333", "#333333"]);
        assert_eq!(shown(&sheet, "c"), ["#444444", "#444444"]);
        assert_eq!(shown(&sheet, "late"), ["#112233", "#332211"]);
        assert_eq!(sheet.names().count(), 5);
    }

    #[test]
    fn the_place_is_that_of_the_value() {
        let source = "/* ñ { */ :root {\n  --a:  #abc ; --b:\n    rgb(1 2 3);\n}\np{}";
        let sheet = Sheet::read(source);
        let place = |name| &source[sheet.token(name, Mode::Dark).unwrap().span.start..][..4];
        assert_eq!((place("a"), place("b")), ("#abc", "rgb("));
        assert_eq!(&source[sheet.end..], "\np{}");
    }

    #[test]
    fn references_are_followed() {
        let sheet = Sheet::read(
            ":root { --dots: 1 2 3; --a: rgb(var(--dots) / 50%); --b: var(--a); --c: var(--none, var(--b));\n\
             --d: light-dark(rgb(1, 2, 3), var(--e)); --e: #eee; --x: var(--y); --y: var( --x ); --z: var(--none);\n\
             --f: url(a;b); --q: \"}\"; --open: var(--a; }",
        );
        assert_eq!(shown(&sheet, "a")[0], "#01020380");
        assert_eq!(shown(&sheet, "c")[0], "#01020380");
        assert_eq!(shown(&sheet, "d"), ["#010203", "#eeeeee"]);
        assert!(shown(&sheet, "x")[0].starts_with("PointsToItself"));
        assert!(shown(&sheet, "z")[0].starts_with("PointsNowhere { name: \"none\""));
        assert!(shown(&sheet, "f")[0].starts_with("Unreadable"));
        assert_eq!(sheet.color("nix", Mode::Light), Err(Trouble::Missing));
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        let deep = format!("{}:root{{--a:red", "{".repeat(50_000));
        let doubling: String =
            (0..40).map(|n| format!("--a{n}: var(--a{m}) var(--a{m});", m = n + 1)).collect();
        for text in [
            "",
            "}",
            "}}:root{--a:red",
            "/*",
            "\"",
            ":root{--a",
            ":root{--:",
            "\\",
            "@",
            "@media",
            &deep,
        ] {
            Sheet::read(text);
        }
        let sheet = Sheet::read(&format!(":root{{{doubling} --a40: }}"));
        assert!(shown(&sheet, "a0")[0].starts_with("Unreadable"));
        assert_eq!(shown(&Sheet::read("}}:root{--a:red"), "a")[0], "#ff0000");
    }
}
