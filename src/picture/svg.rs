//! Owns what matters of drawings (SVG 2): how large they are, and whether something in them could run, or load from
//! elsewhere. Must not know other formats.
//!
//! A drawing at an address of its own is a page: whoever opens it runs what is in it.

use super::{Facts, Flaw, Format};

/// Elements that run or hold other pages (SVG 2, 15 and 12.4; HTML).
const REFUSED: [&str; 9] = [
    "script",
    "foreignobject",
    "iframe",
    "object",
    "embed",
    "handler",
    "listener",
    "audio",
    "video",
];

/// Whether the bytes begin as a drawing does.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('<') && text.contains("<svg")
        || start.starts_with("<?xml") && text.contains(":svg")
}

pub(super) fn look(bytes: &[u8]) -> Result<Facts, Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|_| Flaw::Broken)?;
    let mut sides = None;
    // How many elements are open.
    let mut depth = 0_i64;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(note) = rest.strip_prefix("<!--") {
            rest = note.find("-->").map(|end| &note[end + 3..]).ok_or(Flaw::Cut)?;
        } else if let Some(data) = rest.strip_prefix("<![CDATA[") {
            // Only style sheets need this.
            let end = data.find("]]>").ok_or(Flaw::Cut)?;
            refuse_style(&data[..end])?;
            rest = &data[end + 3..];
        } else if rest.starts_with("<!") {
            // What a document type declares, a text further on may stand for.
            let end = rest.find('>').ok_or(Flaw::Cut)?;
            if rest[..end].contains("<!ENTITY") || rest[..end].contains('[') {
                return Err(Flaw::Unsafe("<!ENTITY".into()));
            }
            rest = &rest[end..];
        } else if rest.starts_with("<?") {
            let end = rest.find("?>").ok_or(Flaw::Cut)?;
            if rest.starts_with("<?xml-stylesheet") {
                return Err(Flaw::Unsafe("<?xml-stylesheet".into()));
            }
            rest = &rest[end..];
        } else if rest.starts_with("</") {
            let end = rest.find('>').ok_or(Flaw::Cut)?;
            rest = &rest[end..];
            depth -= 1;
        } else {
            let end = tag_end(rest).ok_or(Flaw::Cut)?;
            let tag = &rest[1..end];
            depth += i64::from(!tag.ends_with('/'));
            let found = element(tag)?;
            if sides.is_none() && local(name(tag)).eq_ignore_ascii_case("svg") {
                sides = Some(found);
            }
            rest = &rest[end..];
            if local(name(tag)).eq_ignore_ascii_case("style") {
                let end = rest.find("</").ok_or(Flaw::Cut)?;
                refuse_style(&rest[..end])?;
            }
        }
    }
    let (width, height) = sides.ok_or(Flaw::Broken)?;
    // XML 1.0, section 2.1: what begins must end, or browsers show nothing.
    if depth > 0 {
        return Err(Flaw::Cut);
    }
    let (format, orientation) = (Format::Svg, 1);
    Ok(Facts { format, width, height, orientation, animated: false, has_metadata: false })
}

/// Where a tag ends: at the first `>` outside of quotes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn name(tag: &str) -> &str {
    tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default()
}

/// A name without the prefix of its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Refuses what must not be there, and gives width and height if the element says them.
fn element(tag: &str) -> Result<(u32, u32), Flaw> {
    let own = name(tag);
    if REFUSED.iter().any(|refused| local(own).eq_ignore_ascii_case(refused)) {
        return Err(Flaw::Unsafe(format!("<{own}")));
    }
    let (mut width, mut height, mut view) = (None, None, None);
    let mut rest = &tag[own.len()..];
    while let Some(equals) = rest.find('=') {
        let key = rest[..equals].trim().trim_start_matches('/').trim();
        let after = rest[equals + 1..].trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(Flaw::Broken)?;
        let value = after[1..].split(quote).next().unwrap_or_default();
        rest = after.get(value.len() + 2..).unwrap_or_default();
        attribute(own, key, value)?;
        match key {
            "width" => width = pixels(value),
            "height" => height = pixels(value),
            "viewBox" => {
                let mut sides =
                    value.split([' ', ',', '\n', '\t']).filter(|it| !it.is_empty()).skip(2);
                view = sides.next().and_then(pixels).zip(sides.next().and_then(pixels));
            }
            _ => {}
        }
    }
    Ok(match (width, height, view) {
        (Some(width), Some(height), _) => (width, height),
        // One side follows from the other by the proportions of the drawing.
        (Some(width), None, Some((w, h))) if w > 0 => (width, by(width, h, w)),
        (None, Some(height), Some((w, h))) if h > 0 => (by(height, w, h), height),
        (_, _, Some(view)) => view,
        _ => (0, 0),
    })
}

fn by(side: u32, times: u32, of: u32) -> u32 {
    let (side, times, of) = (u64::from(side), u64::from(times), u64::from(of));
    u32::try_from((side * times + of / 2) / of).unwrap_or(0)
}

fn attribute(element: &str, key: &str, value: &str) -> Result<(), Flaw> {
    let small = local(key).to_ascii_lowercase();
    let refused = || Err(Flaw::Unsafe(format!("{key}=\"{}", shortened(value))));
    if small.starts_with("on") && small.len() > 2 && !key.contains(':') {
        return refused();
    }
    if small == "style" || value.contains("url(") {
        refuse_style(value)?;
    }
    let to = plain(value);
    if small == "href" || small == "src" || small == "base" {
        // A link that a person follows may lead anywhere but into a script; all else would be loaded.
        let is_link = local(element).eq_ignore_ascii_case("a") && small == "href";
        let is_inside = to.starts_with('#') || to.is_empty();
        let is_picture = ["data:image/png", "data:image/jpeg", "data:image/webp", "data:image/gif"]
            .iter()
            .any(|kind| to.starts_with(kind));
        let runs = ["javascript:", "vbscript:", "data:"].iter().any(|it| to.starts_with(it));
        if !is_inside && !is_picture && (!is_link || runs) {
            return refused();
        }
    }
    // An animation may set an address later on.
    if ["to", "from", "values", "by"].contains(&&*small) && to.contains("javascript:") {
        return refused();
    }
    Ok(())
}

/// An address as browsers read it: without the spaces and references that hide it.
fn plain(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        if c == '&'
            && let Some((end, _)) = rest.char_indices().take(12).find(|(_, c)| *c == ';')
        {
            let inner = &rest[1..end];
            let code = match inner.strip_prefix('#') {
                Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok(),
                Some(digits) => digits.parse().ok(),
                None => None,
            };
            // The names of references are no part of an address.
            out.extend(
                code.and_then(char::from_u32).filter(|c| !c.is_whitespace() && !c.is_control()),
            );
            rest = &rest[end + 1..];
            continue;
        }
        if !c.is_whitespace() && !c.is_control() {
            out.extend(c.to_lowercase());
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Style rules may load files.
fn refuse_style(css: &str) -> Result<(), Flaw> {
    let small = plain(css);
    if small.contains("@import") {
        return Err(Flaw::Unsafe("@import".into()));
    }
    for part in small.split("url(").skip(1) {
        let to = part.trim_start_matches(['"', '\'']);
        if !to.starts_with('#')
            && !to.starts_with("data:font/")
            && !to.starts_with("data:image/png")
        {
            return Err(Flaw::Unsafe(format!(
                "url({}",
                shortened(to.split(')').next().unwrap_or(to))
            )));
        }
    }
    Ok(())
}

fn shortened(value: &str) -> String {
    value.chars().take(40).collect()
}

/// A length in CSS pixels (CSS Values 4, 6.2); none for one that depends on the page.
fn pixels(value: &str) -> Option<u32> {
    let value = value.trim();
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
    let number: f64 = value[..end].parse().ok()?;
    let scale = match value[end..].trim() {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        "mm" => 96.0 / 25.4,
        "cm" => 96.0 / 2.54,
        "in" => 96.0,
        _ => return None,
    };
    let pixels = (number * scale).round();
    (1.0..100_000.0).contains(&pixels).then_some(pixels as u32)
}
