//! Owns addresses: joining and cleaning paths, going from one page to another in relative form, and
//! writing a path as a URL. Must not know what lies at an address.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::config::LinkStyle;

/// The folder of a source path: `careers/ccm.md` → `careers/`; the root is empty.
pub fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..=at])
}

/// Follows `target` from `folder` (empty or ending in a slash); `None` when it climbs out of the site.
pub fn join(folder: &str, target: &str) -> Option<String> {
    // Nearly all are written as they are stored.
    if is_plain(target) && (folder.is_empty() || is_plain(folder)) {
        return Some([folder, target].concat());
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let slash = if target.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    Some(parts.join("/") + slash)
}

/// Whether no part of a path is empty or begins with a dot, but for the last part, which may be empty.
pub fn is_plain(path: &str) -> bool {
    let bytes = path.as_bytes();
    let Some((first, others)) = bytes.split_first() else { return false };
    let before = &bytes[..others.len()];
    let is_odd = |byte: u8, next: u8| (byte == b'/') & ((next == b'/') | (next == b'.'));
    let has_odd = |bytes: &[u8; 16], others: &[u8; 16]| {
        bytes.iter().zip(others).fold(false, |any, (&byte, &next)| any | is_odd(byte, next))
    };
    let has_any = match (before.last_chunk(), others.last_chunk()) {
        // Without a way out in the middle, the compiler compares sixteen pairs at a time; that the last of them may be looked at
        // twice is cheaper than one by one.
        (Some(bytes), Some(next)) => {
            let chunks = before.as_chunks().0.iter().zip(others.as_chunks().0);
            has_odd(bytes, next) || chunks.fold(false, |any, (a, b)| any | has_odd(a, b))
        }
        _ => before.iter().zip(others).any(|(&byte, &next)| is_odd(byte, next)),
    };
    !matches!(first, b'/' | b'.') && !has_any
}

/// The file that holds the page at a path: `/a/` → `a/index.html`, `/a.html` → `a.html`.
pub fn output(path: &str) -> String {
    let path = path.trim_start_matches('/');
    if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.into() }
}

/// The way from the page at `from` to `to` (both paths on the site, from the first slash on), written
/// as a URL reference (RFC 3986, section 4.2).
pub fn relative(from: &str, to: &str, style: LinkStyle) -> String {
    let from = &from[..from.bytes().rposition(|byte| byte == b'/').map_or(0, |at| at + 1)];
    // What both begin with, up to the last slash in it.
    let same = same_start(from.as_bytes(), to.as_bytes());
    let common =
        from.as_bytes()[..same].iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let up = from[common..].bytes().filter(|byte| *byte == b'/').count();
    let rest = &to[common..];
    let mut url = String::with_capacity(3 * up + rest.len() + "index.html".len());
    (0..up).for_each(|_| url.push_str("../"));
    let kinds = kinds(rest);
    if kinds & OTHER == 0 {
        url.push_str(rest);
    } else {
        encode_into(&mut url, rest);
    }
    if to.ends_with('/') && style == LinkStyle::Portable {
        url.push_str("index.html");
    }
    if url.is_empty() {
        url.push_str("./");
    }
    // A first part with a colon would read as a scheme.
    if kinds & COLON != 0 && url.split('/').next().is_some_and(|first| first.contains(':')) {
        url.insert_str(0, "./");
    }
    url
}

/// How many bytes two paths begin with alike.
fn same_start(a: &[u8], b: &[u8]) -> usize {
    let (a_eights, _) = a.as_chunks::<8>();
    let (b_eights, _) = b.as_chunks::<8>();
    let alike = a_eights.iter().zip(b_eights).take_while(|(a, b)| a == b).count() * 8;
    let rest = a[alike..].iter().zip(&b[alike..]);
    alike + rest.take_while(|(a, b)| a == b).count()
}

/// What may not stand in a part of a path as it is (RFC 3986, section 3.3), and is no slash between two.
const OTHER: u8 = 1;
/// A colon.
const COLON: u8 = 2;

/// By byte: what it is. A table, because every address on every page goes through it.
const KIND: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            kinds[byte as usize] = 0;
        }
        byte += 1;
    }
    let others = b"-._~!$&'()*+,;=@/";
    let mut i = 0;
    while i < others.len() {
        kinds[others[i] as usize] = 0;
        i += 1;
    }
    kinds[b':' as usize] = COLON;
    kinds
};

/// What there is among the bytes.
fn kinds(part: &str) -> u8 {
    part.bytes().fold(0, |kinds, byte| kinds | KIND[usize::from(byte)])
}

/// Percent-encodes what may not stand in a part of a path (RFC 3986, section 3.3).
pub fn encode_into(out: &mut String, part: &str) {
    // Nearly all paths are plain and go in as a whole.
    if is_encoded(part) {
        out.push_str(part);
        return;
    }
    for byte in part.bytes() {
        if KIND[usize::from(byte)] & OTHER == 0 {
            out.push(byte as char);
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A path on the site as a URL path.
pub fn encode(path: &str) -> String {
    encoded(path).into_owned()
}

/// As [`encode`], without a copy of what may stay as it is.
pub fn encoded(path: &str) -> Cow<'_, str> {
    if is_encoded(path) {
        return path.into();
    }
    let mut out = String::with_capacity(path.len());
    encode_into(&mut out, path);
    out.into()
}

fn is_encoded(part: &str) -> bool {
    kinds(part) & OTHER == 0
}

/// Undoes percent-encoding; text that is not properly encoded stays as it is.
pub fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_string();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], pair) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_has_no_empty_part_and_none_that_begins_with_a_dot() {
        let is_odd = |part: &str| part.starts_with('.');
        for before in 0..40 {
            for odd in ["", "/", "//", "/.", "/..", "/x", ".", "./", "a.b", "é/ü", "/.x/"] {
                for after in [0, 1, 15, 16, 17, 30] {
                    let path = format!("{}{odd}{}", "b".repeat(before), "c".repeat(after));
                    let mut parts: Vec<&str> = path.split('/').collect();
                    // Only the last one may be empty, and a path of nothing is none.
                    let last = parts.pop().unwrap();
                    let plain = !parts.iter().any(|part| part.is_empty() || is_odd(part));
                    let plain = plain && !is_odd(last) && !path.is_empty();
                    assert_eq!(is_plain(&path), plain, "{path}");
                }
            }
        }
    }

    #[test]
    fn the_way_between_two_pages_is_the_shortest() {
        for (from, to, portable, clean) in [
            ("/", "/careers/", "careers/index.html", "careers/"),
            ("/careers/ccm/", "/careers/", "../index.html", "../"),
            ("/careers/ccm/", "/careers/ccm/", "index.html", "./"),
            ("/careers/ccm/", "/assets/a.css", "../../assets/a.css", "../../assets/a.css"),
            ("/a/", "/a/b c.png", "b%20c.png", "b%20c.png"),
            ("/", "/", "index.html", "./"),
            ("/404.html", "/a/", "a/index.html", "a/"),
            ("/x/old.html", "/a/", "../a/index.html", "../a/"),
            ("/ab/", "/abc/", "../abc/index.html", "../abc/"),
            ("/abc/", "/ab/", "../ab/index.html", "../ab/"),
            ("/a/", "/é/", "../%C3%A9/index.html", "../%C3%A9/"),
            ("/è/", "/é/", "../%C3%A9/index.html", "../%C3%A9/"),
            ("/", "/a:b/", "./a:b/index.html", "./a:b/"),
        ] {
            assert_eq!(relative(from, to, LinkStyle::Portable), portable, "{from} to {to}");
            assert_eq!(relative(from, to, LinkStyle::Clean), clean, "{from} to {to}");
        }
    }

    #[test]
    fn joining_never_leaves_the_site() {
        assert_eq!(join("careers/", "../faq.md").as_deref(), Some("faq.md"));
        assert_eq!(join("careers/", "./ccm.md").as_deref(), Some("careers/ccm.md"));
        assert_eq!(join("careers/", "../../faq.md"), None);
        for (target, joined) in [
            ("b/", "a/b/"),
            ("b//c", "a/b/c"),
            (".b", "a/.b"),
            ("", "a"),
            ("/", "a/"),
            ("b/.", "a/b"),
        ] {
            assert_eq!(join("a/", target).as_deref(), Some(joined), "{target}");
        }
    }
}
