//! Owns escaping: what the signs of HTML become in a text, an attribute or an address.
//! Must not know where the text comes from.

use std::io::{self, Write};

use memchr::{memchr, memchr2, memchr3};

/// For every byte, whether it stays as it is in an address.
type Stays = [bool; 256];
/// What stays in the address of a link.
pub(super) const IN_LINK: &Stays = &stays(b"-_.+!*(),%#@?=;:/$~^");
/// What stays in the address of a picture.
pub(super) const IN_PICTURE: &Stays = &stays(b"-_.+!*(),%#@?=;:/$~");

/// Letters, digits and the signs.
const fn stays(signs: &[u8]) -> Stays {
    let mut stays = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        stays[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < signs.len() {
        stays[signs[at] as usize] = true;
        at += 1;
    }
    stays
}

/// Escapes for an attribute or a text.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}

/// Escapes for an attribute or a text, at the end of `out`.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    let signs = [(b'&', "&amp;"), (b'<', "&lt;"), (b'>', "&gt;"), (b'"', "&quot;")];
    push(out, text, signs);
}

/// Escapes for a text between elements, where quotation marks mean nothing.
pub(super) fn push_text(out: &mut String, text: &str) {
    push(out, text, [(b'&', "&amp;"), (b'<', "&lt;"), (b'>', "&gt;")]);
}

/// What the five signs of HTML become, apostrophes as well.
const ALL_SIGNS: [(u8, &str); 5] =
    [(b'&', "&amp;"), (b'<', "&lt;"), (b'>', "&gt;"), (b'"', "&quot;"), (b'\'', "&#39;")];

/// Escapes for an attribute, apostrophes as well.
pub(super) fn push_attribute(out: &mut String, text: &str) {
    push(out, text, ALL_SIGNS);
}

/// As [`push_attribute`], for whatever can be written to.
///
/// # Errors
/// When it cannot be written to.
pub(crate) fn write_attribute(text: &str, out: &mut dyn Write) -> io::Result<()> {
    if !holds(text.as_bytes(), ALL_SIGNS.map(|(sign, _)| sign)) {
        return out.write_all(text.as_bytes());
    }
    let mut escaped = String::with_capacity(text.len() + 32);
    push_attribute(&mut escaped, text);
    out.write_all(escaped.as_bytes())
}

/// Copies a text with each of the signs as what it becomes. Most texts hold none of them, which is
/// asked first.
#[inline]
fn push<const N: usize>(out: &mut String, text: &str, signs: [(u8, &'static str); N]) {
    if !holds(text.as_bytes(), signs.map(|(sign, _)| sign)) {
        return out.push_str(text);
    }
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some((_, escaped)) = signs.iter().find(|(sign, _)| *sign == byte) {
            out.push_str(&text[from..at]);
            out.push_str(escaped);
            from = at + 1;
        }
    }
    out.push_str(&text[from..]);
}

/// Whether one of the signs is there. A loop of ours would be quicker in a release, but `cargo run -- serve`
/// does not optimize our own loops, and every text comes by here.
#[inline]
fn holds<const N: usize>(bytes: &[u8], signs: [u8; N]) -> bool {
    signs.chunks(3).any(|signs| match *signs {
        [a, b, c] => memchr3(a, b, c, bytes).is_some(),
        [a, b] => memchr2(a, b, bytes).is_some(),
        _ => signs.iter().any(|sign| memchr(*sign, bytes).is_some()),
    })
}

/// An address as it was written, for an attribute: what may not stand in a URI is percent-encoded as
/// the CommonMark reference does.
pub(super) fn push_href(out: &mut String, target: &str, stays: &Stays) {
    let mut from = 0;
    for (at, byte) in target.bytes().enumerate() {
        if stays[byte as usize] {
            continue;
        }
        // Within a letter of several bytes nothing lies between.
        if from < at {
            out.push_str(&target[from..at]);
        }
        match byte {
            b'&' => out.push_str("&amp;"),
            b'\'' => out.push_str("&#x27;"),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        from = at + 1;
    }
    out.push_str(&target[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_is_found_wherever_it_stands() {
        for len in 1..40 {
            for at in 0..len {
                let text = format!("{}<{}", "a".repeat(at), "b".repeat(len - at - 1));
                assert_eq!(escape(&text), text.replace('<', "&lt;"));
            }
        }
        assert_eq!(escape("a & \"b\" 'c' > ñ"), "a &amp; &quot;b&quot; 'c' &gt; ñ");
    }

    #[test]
    fn what_is_written_is_what_is_pushed() {
        for text in ["", "plain", "a & \"b\" 'c' > ñ", "'", "a text of more than sixteen bytes, <"]
        {
            let (mut pushed, mut written) = (String::new(), Vec::new());
            push_attribute(&mut pushed, text);
            write_attribute(text, &mut written).unwrap();
            assert_eq!(pushed.as_bytes(), written);
        }
    }

    #[test]
    fn an_address_keeps_what_a_uri_may_hold() {
        let mut out = String::new();
        push_href(&mut out, "/a b/ñ?x='1'&y=^", IN_LINK);
        assert_eq!(out, "/a%20b/%C3%B1?x=&#x27;1&#x27;&amp;y=^");
    }
}
