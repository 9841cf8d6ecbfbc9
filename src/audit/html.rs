//! Owns the reading of a finished HTML page: its tags with their attributes, and nothing else.
//! Must not know what is right or wrong about them.
//!
//! A whole parser would build a tree of every page of every build to look at a few attributes. This walks
//! from tag to tag as the tokenizer of the HTML Standard (13.2.5) does, for pages that templates made: it
//! knows comments, quoted and bare attributes, and elements whose text is no markup.

use std::borrow::Cow;
use std::ops::Range;

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// The whole tag, from `<` to `>`.
    pub(super) source: &'a str,
    /// The element's name as it is written.
    pub(super) name: &'a str,
    /// The text inside, of an element whose text is no markup: script, style, title, textarea.
    pub(super) raw: &'a str,
}

/// What a page is made of, in order.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// An element begins.
    Start(Tag<'a>),
    /// An element ends: its name.
    End(&'a str),
}

/// Elements whose text is no markup (HTML Standard, 13.1.2).
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// Calls `each` for every token of the page.
pub(super) fn tokens<'a>(html: &'a str, mut each: impl FnMut(Token<'a>)) {
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        at += found;
        let rest = &html[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            at = comment.find("-->").map_or(html.len(), |end| at + 4 + end + 3);
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            at = rest.find('>').map_or(html.len(), |end| at + end + 1);
        } else if let Some(end) = rest.strip_prefix("</") {
            let name = &end[..end.find(is_name_end).unwrap_or(end.len())];
            each(Token::End(name));
            at = rest.find('>').map_or(html.len(), |end| at + end + 1);
        } else if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            let len = tag_len(rest);
            let source = &rest[..len];
            let name = &source[1..];
            let name = &name[..name.find(is_name_end).unwrap_or(name.len())];
            at += len;
            let mut raw = "";
            if RAW.iter().any(|element| element.eq_ignore_ascii_case(name)) {
                let len = raw_len(&html[at..], name);
                raw = &html[at..at + len];
                at += len;
            }
            each(Token::Start(Tag { source, name, raw }));
        } else {
            at += 1;
        }
    }
}

fn is_name_end(c: char) -> bool {
    c.is_ascii_whitespace() || c == '/' || c == '>'
}

/// How long a tag is; a `>` in a quoted value does not end it.
fn tag_len(tag: &str) -> usize {
    let bytes = tag.as_bytes();
    let mut quote = 0;
    let mut after_equals = false;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            _ if quote != 0 => quote *= u8::from(byte != quote),
            b'>' => return at + 1,
            b'"' | b'\'' if after_equals => quote = byte,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            after_equals = byte == b'=';
        }
    }
    tag.len()
}

/// How much text there is before the end of an element that holds no markup.
fn raw_len(text: &str, name: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find("</") {
        at += found;
        let after = &text.as_bytes()[at + 2..];
        let ends = after.len() >= name.len()
            && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && after
                .get(name.len())
                .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
        if ends {
            return at;
        }
        at += 2;
    }
    text.len()
}

impl<'a> Tag<'a> {
    /// Whether it is the element of that name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The attributes: name as written, value with its references as they are, and the bytes of both in
    /// the tag.
    pub(super) fn attributes(&self) -> Attributes<'a> {
        Attributes { tag: self.source, at: 1 + self.name.len() }
    }

    /// The value of an attribute; empty if it is there without one.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes()
            .find(|found| found.name.eq_ignore_ascii_case(name))
            .map(|found| unescape(found.value))
    }

    /// Whether it has an attribute with any value but an empty one.
    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes()
            .any(|found| found.name.eq_ignore_ascii_case(name) && !found.value.trim().is_empty())
    }
}

/// One attribute as it is written.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// Name and value in the tag.
    pub(super) range: Range<usize>,
}

/// Walks the attributes of a tag.
pub(super) struct Attributes<'a> {
    tag: &'a str,
    at: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let bytes = self.tag.as_bytes();
        let skip = |mut at: usize, also: &[u8]| {
            while at < bytes.len() && (bytes[at].is_ascii_whitespace() || also.contains(&bytes[at]))
            {
                at += 1;
            }
            at
        };
        let start = skip(self.at, b"/");
        if start >= bytes.len() || bytes[start] == b'>' {
            return None;
        }
        let is_end = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'/');
        let name_end =
            bytes[start + 1..].iter().position(is_end).map_or(bytes.len(), |len| start + 1 + len);
        let name = &self.tag[start..name_end];
        let equals = skip(name_end, b"");
        if bytes.get(equals) != Some(&b'=') {
            self.at = name_end;
            return Some(Attribute { name, value: "", range: start..name_end });
        }
        let from = skip(equals + 1, b"");
        let (value, end) = match bytes.get(from) {
            Some(quote @ (b'"' | b'\'')) => {
                let len = bytes[from + 1..]
                    .iter()
                    .position(|b| b == quote)
                    .unwrap_or(bytes.len() - from - 1);
                (&self.tag[from + 1..from + 1 + len], (from + len + 2).min(bytes.len()))
            }
            _ => {
                let is_end = |b: &u8| b.is_ascii_whitespace() || *b == b'>';
                let len = bytes[from..].iter().position(is_end).unwrap_or(bytes.len() - from);
                (&self.tag[from..from + len], from + len)
            }
        };
        self.at = end;
        Some(Attribute { name, value, range: start..end })
    }
}

/// The text behind the references that a template engine writes: the five of XML and those by number.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 8);
        let c = end.and_then(|end| match &rest[1..end] {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            number => {
                let number = number.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (c, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> Vec<String> {
        let mut out = Vec::new();
        tokens(html, |token| {
            out.push(match token {
                Token::Start(tag) => {
                    let attributes: Vec<String> = tag
                        .attributes()
                        .map(|a| format!("{}={}", a.name, unescape(a.value)))
                        .collect();
                    format!("{} [{}] {}", tag.name, attributes.join(" "), tag.raw)
                        .trim_end()
                        .to_string()
                }
                Token::End(name) => format!("/{name}"),
            });
        });
        out
    }

    #[test]
    fn tags_and_attributes_are_those_of_the_standard() {
        assert_eq!(
            shown(
                "<!doctype html><p CLASS='a>b' id=x hidden>1 < 2<br/><a href=\"?a&amp;b\" title = 'q'>t</a><!-- <b> -->"
            ),
            ["p [CLASS=a>b id=x hidden=]", "br []", "a [href=?a&b title=q]", "/a"]
        );
        assert_eq!(
            shown("<script>if (a</b) '</p>'</SCRIPT><style>a>b{}</style>"),
            ["script [] if (a</b) '</p>'", "/SCRIPT", "style [] a>b{}", "/style"]
        );
        assert_eq!(shown("<img alt src=a/b.png/>"), ["img [alt= src=a/b.png/]"]);
        // What ends in the middle ends there.
        assert_eq!(shown("<a href=\"x"), ["a [href=x]"]);
        assert_eq!(shown("<title>a"), ["title [] a"]);
        assert_eq!(shown("<!-- a"), [] as [&str; 0]);
    }

    #[test]
    fn references_are_read() {
        assert_eq!(unescape("a&amp;b&#39;&#x2F;&nope;&"), "a&b'/&nope;&");
    }
}
