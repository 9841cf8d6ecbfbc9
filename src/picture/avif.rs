//! Owns AVIF (ISO 14496-12 and 23008-12): its boxes. Must not know other formats. Pictures of this kind are shown as
//! they are.
//!
//! The file says at which bytes each of its parts lies, so nothing can be taken out without moving all that follows.
//! What tells about people and places is overwritten with zeros instead.

use std::ops::Range;

use super::{Facts, Flaw, Format};

/// A box: its name, and where its content lies.
type Part = ([u8; 4], Range<usize>);

/// The boxes in a part of the file: name, and where their content lies.
fn boxes(bytes: &[u8], within: Range<usize>) -> Result<Vec<Part>, Flaw> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at + 8 <= within.end {
        let mut start = at + 8;
        let mut length = number(bytes, at, 4)?;
        let name: [u8; 4] =
            bytes.get(at + 4..start).and_then(|it| it.try_into().ok()).ok_or(Flaw::Cut)?;
        if length == 1 {
            length = number(bytes, start, 8)?;
            start += 8;
        } else if length == 0 {
            length = within.end - at;
        }
        let end = at.checked_add(length).filter(|end| *end >= start).ok_or(Flaw::Broken)?;
        if end > within.end {
            return Err(Flaw::Cut);
        }
        found.push((name, start..end));
        at = end;
    }
    Ok(found)
}

fn number(bytes: &[u8], at: usize, length: usize) -> Result<usize, Flaw> {
    let part = at.checked_add(length).and_then(|end| bytes.get(at..end)).ok_or(Flaw::Cut)?;
    let number = part.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number).map_err(|_| Flaw::Broken)
}

fn all<'a>(
    boxes: &'a [([u8; 4], Range<usize>)],
    name: &'a [u8; 4],
) -> impl Iterator<Item = Range<usize>> + 'a {
    boxes.iter().filter(move |(known, _)| known == name).map(|(_, range)| range.clone())
}

/// The boxes inside `meta`.
fn meta(bytes: &[u8]) -> Result<Vec<Part>, Flaw> {
    let top = boxes(bytes, 0..bytes.len())?;
    let meta = all(&top, b"meta").next().ok_or(Flaw::Broken)?;
    boxes(bytes, meta.start + 4..meta.end)
}

pub(super) fn look(bytes: &[u8]) -> Result<Facts, Flaw> {
    let meta = meta(bytes)?;
    let properties = all(&meta, b"iprp").next().ok_or(Flaw::Broken)?;
    let properties = boxes(bytes, properties)?;
    let properties = boxes(bytes, all(&properties, b"ipco").next().ok_or(Flaw::Broken)?)?;
    // Of a picture and its parts, the picture is the largest.
    let mut sides = (0, 0);
    for size in all(&properties, b"ispe") {
        let side = |at: usize| u32::try_from(number(bytes, at, 4)?).map_err(|_| Flaw::Broken);
        let found = (side(size.start + 4)?, side(size.start + 8)?);
        if u64::from(found.0) * u64::from(found.1) > u64::from(sides.0) * u64::from(sides.1) {
            sides = found;
        }
    }
    // The format has properties of its own for how a picture is turned, in quarters.
    let quarters = all(&properties, b"irot").next().and_then(|range| bytes.get(range.start));
    let (width, height) =
        if quarters.is_some_and(|quarters| quarters & 1 == 1) { (sides.1, sides.0) } else { sides };
    Ok(Facts {
        format: Format::Avif,
        width,
        height,
        orientation: 1,
        animated: bytes.get(8..12) == Some(b"avis"),
        has_metadata: telling(bytes, &meta)?.iter().any(|range| {
            bytes.get(range.clone()).is_none_or(|part| part.iter().any(|byte| *byte != 0))
        }),
    })
}

/// Where the items lie that tell something: Exif and XMP.
fn telling(bytes: &[u8], meta: &[([u8; 4], Range<usize>)]) -> Result<Vec<Range<usize>>, Flaw> {
    let mut items = Vec::new();
    for list in all(meta, b"iinf") {
        let version = number(bytes, list.start, 1)?;
        let from = list.start + if version == 0 { 6 } else { 8 };
        for entry in all(&boxes(bytes, from..list.end)?, b"infe") {
            let wide = if number(bytes, entry.start, 1)? >= 3 { 4 } else { 2 };
            let id = number(bytes, entry.start + 4, wide)?;
            let kind = entry.start + 4 + wide + 2;
            if matches!(bytes.get(kind..kind + 4), Some(b"Exif" | b"mime")) {
                items.push(id);
            }
        }
    }
    let mut found = Vec::new();
    if items.is_empty() {
        return Ok(found);
    }
    let idat = all(meta, b"idat").next().map_or(0, |range| range.start);
    for places in all(meta, b"iloc") {
        let version = number(bytes, places.start, 1)?;
        let sizes = number(bytes, places.start + 4, 2)?;
        let (offset, length) = (sizes >> 12, sizes >> 8 & 15);
        let base = sizes >> 4 & 15;
        let index = if version > 0 { sizes & 15 } else { 0 };
        let wide = if version < 2 { 2 } else { 4 };
        let count = number(bytes, places.start + 6, wide)?;
        let mut at = places.start + 6 + wide;
        let mut take = |length: usize| {
            let value = number(bytes, at, length);
            at += length;
            value
        };
        for _ in 0..count {
            let id = take(wide)?;
            let method = if version > 0 { take(2)? & 15 } else { 0 };
            take(2)?;
            let origin = take(base)?;
            for _ in 0..take(2)? {
                take(index)?;
                let start = origin.checked_add(take(offset)?).ok_or(Flaw::Broken)?;
                let start = start + if method == 1 { idat } else { 0 };
                let end = start.checked_add(take(length)?).ok_or(Flaw::Broken)?;
                if items.contains(&id) {
                    found.push(start..end);
                }
            }
        }
    }
    Ok(found)
}

pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Flaw> {
    let ranges = telling(bytes, &meta(bytes)?)?;
    let mut out = bytes.to_vec();
    for range in ranges {
        out.get_mut(range).ok_or(Flaw::Cut)?.fill(0);
    }
    Ok(out)
}
