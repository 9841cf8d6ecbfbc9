//! Owns the reading of a finished HTML page: its tags with their attributes, and nothing else.
//! Must not know what is right or wrong about them.
//!
//! A whole parser would build a tree of every page of every build to look at a few attributes. This walks
//! from tag to tag as the tokenizer of the HTML Standard (13.2.5) does, for pages that templates made: it
//! knows comments, quoted and bare attributes, and elements whose text is no markup.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr3, memmem, memrchr, memrchr_iter};

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag<'a, 'b> {
    /// The whole tag, from `<` to `>`.
    pub(super) source: &'a str,
    /// The element's name as it is written.
    pub(super) name: &'a str,
    /// Its attributes in order.
    pub(super) attributes: &'b [Attribute<'a>],
    /// The text inside, of an element whose text is no markup: script, style, title, textarea.
    pub(super) raw: &'a str,
}

/// One attribute as it is written, its value with the references in it.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// Name and value in the tag.
    pub(super) range: Range<usize>,
}

/// What a page is made of, in order; its text is left out.
#[derive(Debug)]
pub(super) enum Token<'a, 'b> {
    /// An element begins.
    Start(Tag<'a, 'b>),
    /// An element ends: its name.
    End(&'a str),
    /// A text of Markdown whose names and addresses are known.
    Known,
}

/// Elements whose text is no markup (HTML Standard, 13.1.2).
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// Calls `each` for every token of the page.
pub(super) fn tokens<'a>(html: &'a str, mut each: impl FnMut(Token<'a, '_>)) {
    walk(html, (&Range::default(), false), |_, token| {
        each(token);
        None
    });
}

/// As [`tokens`], with the place of each; of the bytes `markdown` only those that have a name or an address, which is
/// exact where every element is one of Markdown, or none if they are known. Where `each` knows already what follows, it gives the place to
/// go on from, which must be where a token ends.
pub(super) fn walk<'a>(
    html: &'a str,
    (markdown, is_known): (&Range<usize>, bool),
    mut each: impl FnMut(Range<usize>, Token<'a, '_>) -> Option<usize>,
) {
    let bytes = html.as_bytes();
    let to_end = |from: usize| match bytes.get(from) {
        Some(b'>') => from + 1,
        _ => memchr(b'>', &bytes[from..]).map_or(html.len(), |end| from + end + 1),
    };
    let mut attributes: Vec<Attribute<'a>> = Vec::with_capacity(16);
    let mut at = 0;
    while let Some(found) = next_tag(bytes, at) {
        at = found;
        if markdown.contains(&at) {
            if is_known {
                at = each(markdown.clone(), Token::Known).unwrap_or(markdown.end);
                continue;
            }
            match next_telling(&bytes[..markdown.end], at) {
                Some(found) => at = found,
                None => {
                    at = markdown.end;
                    continue;
                }
            }
        }
        match bytes.get(at + 1) {
            Some(b'/') => {
                let from = at + 2;
                let len = name_len(&bytes[from..]);
                let end = to_end(from + len);
                at = each(at..end, Token::End(&html[from..from + len])).unwrap_or(end);
            }
            Some(first) if first.is_ascii_alphabetic() => {
                let start = at;
                let end = start + 1 + name_len(&bytes[start + 1..]);
                let name = &html[start + 1..end];
                attributes.clear();
                // Most tags of a text are no more than a name.
                at = if bytes.get(end) == Some(&b'>') {
                    end + 1
                } else {
                    read_attributes(html, start, end, &mut attributes)
                };
                let mut raw = "";
                if matches!(first, b's' | b'S' | b't' | b'T')
                    && RAW.iter().any(|element| element.eq_ignore_ascii_case(name))
                {
                    raw = &html[at..at + raw_len(&html[at..], name)];
                }
                let tag = Tag { source: &html[start..at], name, attributes: &attributes, raw };
                at = each(start..at, Token::Start(tag)).unwrap_or(at + raw.len());
            }
            Some(b'!') if bytes[at..].starts_with(b"<!--") => {
                at = memmem::find(&bytes[at + 4..], b"-->")
                    .map_or(html.len(), |end| at + 4 + end + 3);
            }
            Some(b'!' | b'?') => at = to_end(at),
            _ => at += 1,
        }
    }
}

/// Where the last tag of one of these names may begin: none begins after that.
pub(super) fn last_tag(html: &str, names: &[&str]) -> Option<usize> {
    let is_one = |at: &usize| {
        let after = &html.as_bytes()[at + 1..];
        let starts = |name: &&str| {
            after.get(..name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name.as_bytes()))
        };
        names.iter().any(starts)
    };
    memrchr_iter(b'<', html.as_bytes()).find(is_one)
}

/// Where the next tag begins. Most stand behind another one, or in the line after it.
fn next_tag(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b'<', ..] => Some(at),
        [_, b'<', ..] => Some(at + 1),
        rest => memchr(b'<', rest).map(|found| at + found),
    }
}

/// Where the next tag begins that has a name or an address, if all elements from `at` on are Markdown's: such a
/// text has its angle brackets in tags only, and its attributes in quotation marks.
fn next_telling(bytes: &[u8], at: usize) -> Option<usize> {
    let mut from = at;
    loop {
        let equals = from + memchr(b'=', &bytes[from..])?;
        let tells = matches!(
            &bytes[at..equals],
            [.., b'i', b'd']
                | [.., b'h', b'r', b'e', b'f']
                | [.., b's', b'r', b'c']
                | [.., b's', b'r', b'c', b's', b'e', b't']
        );
        // What looks like one may be words of the text: then it is the tag before them that is found, and after it
        // none.
        if tells && let Some(tag) = memrchr(b'<', &bytes[at..equals]) {
            return Some(at + tag);
        }
        from = equals + 1;
    }
}

fn name_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| is_name_end(*byte)).unwrap_or(bytes.len())
}

/// By byte: whether the name of an element ends there. A table, because all names of all pages go through it.
const NAME_END: [bool; 256] = {
    let mut ends = [false; 256];
    let all = b" \t\n\x0c\r/>";
    let mut i = 0;
    while i < all.len() {
        ends[all[i] as usize] = true;
        i += 1;
    }
    ends
};

fn is_name_end(byte: u8) -> bool {
    NAME_END[usize::from(byte)]
}

/// Where in an address something else than the plain path begins: a query, a part, an encoded byte.
pub(super) fn path_end(address: &str) -> usize {
    memchr3(b'#', b'?', b'%', address.as_bytes()).unwrap_or(address.len())
}

/// How much text there is before the end of an element that holds no markup.
fn raw_len(text: &str, name: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memmem::find(&bytes[at..], b"</") {
        at += found;
        let after = &bytes[at + 2..];
        let ends = after.len() >= name.len()
            && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && after.get(name.len()).is_none_or(|byte| is_name_end(*byte));
        if ends {
            return at;
        }
        at += 2;
    }
    text.len()
}

/// Reads the attributes of the tag that begins at byte `tag`, from byte `at` on; one past the end of the tag.
fn read_attributes<'a>(
    html: &'a str,
    tag: usize,
    mut at: usize,
    found: &mut Vec<Attribute<'a>>,
) -> usize {
    let bytes = html.as_bytes();
    let skip = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        at
    };
    loop {
        match bytes.get(at) {
            None => return at,
            Some(b'>') => return at + 1,
            Some(byte) if byte.is_ascii_whitespace() || *byte == b'/' => {
                at += 1;
                continue;
            }
            Some(_) => {}
        }
        let start = at;
        // An equals sign at the start belongs to the name (HTML Standard, 13.2.5.32).
        at += 1;
        while bytes.get(at).is_some_and(|byte| !is_name_end(*byte) && *byte != b'=') {
            at += 1;
        }
        let name = &html[start..at];
        // Nearly all are written so.
        if bytes.get(at..at + 2) == Some(b"=\"") {
            let from = at + 2;
            let end = memchr(b'"', &bytes[from..]).map_or(bytes.len(), |len| from + len);
            at = (end + 1).min(bytes.len());
            found.push(Attribute { name, value: &html[from..end], range: start - tag..at - tag });
            continue;
        }
        let equals = skip(at);
        if bytes.get(equals) != Some(&b'=') {
            found.push(Attribute { name, value: "", range: start - tag..at - tag });
            continue;
        }
        let from = skip(equals + 1);
        let (value, end) = match bytes.get(from) {
            Some(quote @ (b'"' | b'\'')) => {
                let end =
                    memchr(*quote, &bytes[from + 1..]).map_or(bytes.len(), |len| from + 1 + len);
                (&html[from + 1..end], (end + 1).min(bytes.len()))
            }
            _ => {
                let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
                let end =
                    bytes[from..].iter().position(is_end).map_or(bytes.len(), |len| from + len);
                (&html[from..end], end)
            }
        };
        at = end;
        found.push(Attribute { name, value, range: start - tag..end - tag });
    }
}

impl<'a> Tag<'a, '_> {
    /// Whether it is the element of that name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of an attribute; empty if it is there without one.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let found = self.attributes.iter().find(|found| found.name.eq_ignore_ascii_case(name));
        found.map(|found| unescape(found.value))
    }

    /// Whether it has an attribute with any value but an empty one.
    pub(super) fn has(&self, name: &str) -> bool {
        let found = |found: &Attribute<'_>| {
            found.name.eq_ignore_ascii_case(name) && !found.value.trim().is_empty()
        };
        self.attributes.iter().any(found)
    }
}

/// The text behind the references that a template engine writes: the five of XML and those by number.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
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
                        .attributes
                        .iter()
                        .map(|a| format!("{}={}", a.name, unescape(a.value)))
                        .collect();
                    format!("{} [{}] {}", tag.name, attributes.join(" "), tag.raw)
                        .trim_end()
                        .to_string()
                }
                Token::End(name) => format!("/{name}"),
                Token::Known => "known".into(),
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
        assert_eq!(shown("<a href=\""), ["a [href=]"]);
        assert_eq!(shown("<a href="), ["a [href=]"]);
        assert_eq!(shown("<a ==\"x\"y='z'>"), ["a [==x y=z]"]);
        assert_eq!(shown("<title>a"), ["title [] a"]);
        assert_eq!(shown("<!-- a"), [] as [&str; 0]);
    }

    /// The tags of a page that have a name or an address; all elements in the bytes `markdown` are Markdown's.
    fn telling<'a>(html: &'a str, markdown: &Range<usize>) -> Vec<&'a str> {
        let mut out = Vec::new();
        let tells =
            |tag: &Tag<'_, '_>| ["id", "href", "src", "srcset"].iter().any(|it| tag.has(it));
        walk(html, (markdown, false), |_, token| {
            out.extend(match token {
                Token::Start(tag) if tells(&tag) => Some(tag.source),
                _ => None,
            });
            None
        });
        out
    }

    #[test]
    fn of_markdown_all_is_read_that_has_a_name_or_an_address() {
        let parts = [
            "<h2 id=\"a\">A <a class=\"permalink\" href=\"#a\" aria-label=\"&quot;A&quot;\">#</a></h2>\n",
            "<p>id=\"x\" and <code>href=\"y\"</code> = <em>z</em></p>\n",
            "<td class=\"align-right\">src=",
            "<picture><source srcset=\"a b\"><img src=\"a?b=c\" alt=\"id=\"></picture>",
            "it's \" so -- --&gt; ",
            "<p data-id=\"1\">",
        ];
        let frames = [
            ["<header id=h>", "</header><a href=b>"],
            ["", ""],
            ["<title>", "</title><p id=x>"],
            ["<textarea>", "<p id=y>"],
            ["<!-- <p id=z>", "--><p id=x>"],
            ["<a title=\"", "\" href=x>b</a><a href=\"y\">"],
            ["<a title='", "' href=x>b</a><a href=y>"],
            ["<a title=", " href=x>b</a><a href=y>"],
            ["<", "><a href=y>"],
        ];
        for (from, [before, after]) in frames.iter().cycle().take(400).enumerate() {
            let text: String =
                (0..from % 7).map(|i| parts[(from * 5 + i * (1 + from / 9)) % 6]).collect();
            let html = format!("{before}{text}{after}");
            let place = before.len()..before.len() + text.len();
            assert_eq!(telling(&html, &place), telling(&html, &Range::default()), "{html}");
        }
    }

    #[test]
    fn references_are_read() {
        assert_eq!(unescape("a&amp;b&#39;&#x2F;&nope;&"), "a&b'/&nope;&");
    }
}
