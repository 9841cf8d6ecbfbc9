//! Owns GIF (89a): its blocks. Must not know other formats. Pictures of this kind are shown as they are.

use super::{Facts, Flaw, Format};

/// Extensions of applications that change what is shown: how often it moves, what its colors mean.
const KEPT: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

/// A part of the file, and whether it only tells something.
type Part<'a> = (&'a [u8], bool);

/// The parts of the file from start to end; those that only tell something are marked.
fn blocks(bytes: &[u8]) -> Result<(Vec<Part<'_>>, usize, &[u8]), Flaw> {
    let table = |bits: u8| if bits & 0x80 == 0 { 0 } else { 3usize << (1 + (bits & 7)) };
    // Blocks of up to 255 bytes, up to an empty one.
    let behind = |mut at: usize| loop {
        let length = usize::from(*bytes.get(at).ok_or(Flaw::Cut)?);
        at += 1 + length;
        if length == 0 {
            return Ok(at);
        }
    };
    let mut at = 13 + table(*bytes.get(10).ok_or(Flaw::Cut)?);
    let mut found = vec![(bytes.get(..at).ok_or(Flaw::Cut)?, false)];
    let mut pictures = 0;
    loop {
        let start = at;
        let mut tells = false;
        match bytes.get(at).ok_or(Flaw::Cut)? {
            0x3b => {
                found.push((&bytes[at..=at], false));
                return Ok((found, pictures, &bytes[at + 1..]));
            }
            0x2c => {
                pictures += 1;
                let bits = *bytes.get(at + 9).ok_or(Flaw::Cut)?;
                at = behind(at + 10 + table(bits) + 1)?;
            }
            0x21 => {
                let label = *bytes.get(at + 1).ok_or(Flaw::Cut)?;
                let name = bytes.get(at + 3..at + 14).unwrap_or_default();
                tells = label == 0xfe || (label == 0xff && !KEPT.contains(&name));
                at = behind(at + 2)?;
            }
            _ => return Err(Flaw::Broken),
        }
        found.push((bytes.get(start..at).ok_or(Flaw::Cut)?, tells));
    }
}

pub(super) fn look(bytes: &[u8]) -> Result<Facts, Flaw> {
    let (blocks, pictures, rest) = blocks(bytes)?;
    let side = |at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    if pictures == 0 {
        return Err(Flaw::Broken);
    }
    Ok(Facts {
        format: Format::Gif,
        width: side(6),
        height: side(8),
        orientation: 1,
        animated: pictures > 1,
        has_metadata: !rest.is_empty() || blocks.iter().any(|(_, tells)| *tells),
    })
}

pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Flaw> {
    let (blocks, _, _) = blocks(bytes)?;
    Ok(blocks
        .into_iter()
        .filter(|(_, tells)| !tells)
        .flat_map(|(block, _)| block)
        .copied()
        .collect())
}
