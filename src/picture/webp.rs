//! Owns WebP (RFC 9649): its chunks, reading and writing. Must not know other formats.
#![expect(
    unsafe_code,
    reason = "libwebp is a C library; the package offers its functions as they are"
)]

use libwebp_sys as c;

use super::{Facts, Flaw, Format, exif};
use weekmark_pixels::Pixels;

/// Of 100, as libwebp counts: about what JPEG looks like at 85.
const QUALITY: f32 = 78.0;
/// From quick (0) to small (6).
const METHOD: i32 = 4;
/// Of 9, for pictures that are kept to the last bit.
const LOSSLESS_LEVEL: i32 = 6;

// The bits of VP8X (2.7).
const HAS_ICC: u8 = 0x20;
const HAS_ALPHA: u8 = 0x10;
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
const MOVES: u8 = 0x02;

struct Chunk<'a> {
    name: &'a [u8],
    /// With name, length and the byte that makes it even.
    whole: &'a [u8],
    body: &'a [u8],
}

/// The chunks, and what lies behind the file's own end.
fn chunks(bytes: &[u8]) -> Result<(Vec<Chunk<'_>>, &[u8]), Flaw> {
    let long = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize)
    };
    let end = long(4).and_then(|size| size.checked_add(8)).ok_or(Flaw::Cut)?;
    if end > bytes.len() {
        return Err(Flaw::Cut);
    }
    let mut found = Vec::new();
    let mut at = 12;
    while at + 8 <= end {
        let length = long(at + 4).ok_or(Flaw::Cut)?;
        let inner = at + 8;
        let stop = inner.checked_add(length).filter(|stop| *stop <= end).ok_or(Flaw::Broken)?;
        let next = (stop + length % 2).min(end);
        found.push(Chunk {
            name: &bytes[at..at + 4],
            whole: &bytes[at..next],
            body: &bytes[inner..stop],
        });
        at = next;
    }
    Ok((found, &bytes[end..]))
}

fn is_kept(chunk: &Chunk<'_>) -> bool {
    [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"].iter().any(|n| *n == chunk.name)
}

pub(super) fn look(bytes: &[u8]) -> Result<Facts, Flaw> {
    let (chunks, rest) = chunks(bytes)?;
    let first = chunks.first().ok_or(Flaw::Broken)?;
    let body = first.body;
    let (width, height) = match first.name {
        b"VP8X" if body.len() >= 10 => {
            let side =
                |at: usize| 1 + u32::from_le_bytes([body[at], body[at + 1], body[at + 2], 0]);
            (side(4), side(7))
        }
        b"VP8 " if body.len() >= 10 && body[3..6] == [0x9d, 0x01, 0x2a] => {
            let side = |at: usize| u32::from(u16::from_le_bytes([body[at], body[at + 1]]) & 0x3fff);
            (side(6), side(8))
        }
        b"VP8L" if body.len() >= 5 && body[0] == 0x2f => {
            let bits = u32::from_le_bytes([body[1], body[2], body[3], body[4]]);
            (1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff))
        }
        _ => return Err(Flaw::Broken),
    };
    let animated = first.name == b"VP8X" && body.first().is_some_and(|bits| bits & MOVES != 0);
    let turned = chunks.iter().find(|chunk| chunk.name == b"EXIF").map(|chunk| chunk.body);
    let turned = turned.map(|body| body.strip_prefix(b"Exif\0\0").unwrap_or(body));
    let orientation = turned.map_or(1, exif::orientation);
    let has_metadata = !rest.is_empty() || !chunks.iter().all(is_kept);
    let (width, height) = if orientation > 4 { (height, width) } else { (width, height) };
    let format = Format::WebP;
    Ok(Facts { format, width, height, orientation, animated, has_metadata })
}

pub(super) fn clean(bytes: &[u8], orientation: u8) -> Result<Vec<u8>, Flaw> {
    let (chunks, _) = chunks(bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend(b"RIFF\0\0\0\0WEBP");
    for chunk in chunks.iter().filter(|chunk| is_kept(chunk)) {
        let at = out.len();
        out.extend(chunk.whole);
        if chunk.name == b"VP8X" && chunk.whole.len() > 8 {
            out[at + 8] &= !(HAS_EXIF | HAS_XMP);
            if orientation != 1 {
                out[at + 8] |= HAS_EXIF;
            }
        }
    }
    if orientation != 1 {
        push(&mut out, b"EXIF", &exif::only(orientation));
    }
    Ok(closed(out))
}

fn push(out: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    out.extend(name);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

/// With the length in its place.
fn closed(mut out: Vec<u8>) -> Vec<u8> {
    if out.len() % 2 == 1 {
        out.push(0);
    }
    let length = (out.len() - 8) as u32;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    out
}

pub(super) fn decode(bytes: &[u8]) -> Result<(Pixels, Option<Vec<u8>>), Flaw> {
    let (chunks, _) = chunks(bytes)?;
    let icc = chunks.iter().find(|chunk| chunk.name == b"ICCP").map(|chunk| chunk.body.to_vec());
    let (mut width, mut height) = (0, 0);
    // SAFETY: the library reads `bytes.len()` bytes, and gives memory of `width * height * 4` bytes or none.
    let data = unsafe {
        let made = c::WebPDecodeRGBA(bytes.as_ptr(), bytes.len(), &raw mut width, &raw mut height);
        if made.is_null() {
            return Err(Flaw::Broken);
        }
        let sides = usize::try_from(width).ok().zip(usize::try_from(height).ok());
        let length = sides.map_or(0, |(width, height)| width * height * 4);
        let data = std::slice::from_raw_parts(made, length).to_vec();
        c::WebPFree(made.cast());
        data
    };
    let side = |side: i32| u32::try_from(side).map_err(|_| Flaw::Broken);
    let pixels = Pixels::new(side(width)?, side(height)?, 4, data).ok_or(Flaw::Broken)?;
    Ok((pixels.simplified(), icc))
}

/// Writes a picture. Of one that is drawn, every pixel is kept if that is lighter, as it mostly is.
pub(super) fn encode(pixels: &Pixels, is_drawn: bool, icc: Option<&[u8]>) -> Result<Vec<u8>, Flaw> {
    let mut best = encoded(pixels, false)?;
    if is_drawn {
        let exact = encoded(pixels, true)?;
        if exact.len() <= best.len() {
            best = exact;
        }
    }
    match icc {
        Some(icc) => with_profile(&best, pixels, icc),
        None => Ok(best),
    }
}

fn encoded(pixels: &Pixels, lossless: bool) -> Result<Vec<u8>, Flaw> {
    let side = |side: u32| i32::try_from(side).map_err(|_| Flaw::Broken);
    let (width, height) = (side(pixels.width)?, side(pixels.height)?);
    let stride = width.checked_mul(pixels.channels as i32).ok_or(Flaw::Broken)?;
    let mut config = c::WebPConfig::new().map_err(|()| Flaw::Broken)?;
    let mut picture = c::WebPPicture::new().map_err(|()| Flaw::Broken)?;
    picture.use_argb = i32::from(lossless);
    (picture.width, picture.height) = (width, height);
    // SAFETY: `Pixels` holds `height` rows of `stride` bytes; the library copies them into memory of its own. The
    // writer outlives the picture that points to it, and both are freed on every way.
    unsafe {
        if lossless {
            c::WebPConfigLosslessPreset(&raw mut config, LOSSLESS_LEVEL);
        } else {
            (config.quality, config.method) = (QUALITY, METHOD);
        }
        let mut writer: c::WebPMemoryWriter = std::mem::zeroed();
        c::WebPMemoryWriterInit(&raw mut writer);
        picture.writer = Some(c::WebPMemoryWrite);
        picture.custom_ptr = (&raw mut writer).cast();
        let import =
            if pixels.channels == 3 { c::WebPPictureImportRGB } else { c::WebPPictureImportRGBA };
        let is_done = import(&raw mut picture, pixels.data.as_ptr(), stride) != 0
            && c::WebPEncode(&raw const config, &raw mut picture) != 0;
        let out = (is_done && !writer.mem.is_null())
            .then(|| std::slice::from_raw_parts(writer.mem, writer.size).to_vec());
        c::WebPPictureFree(&raw mut picture);
        c::WebPMemoryWriterClear(&raw mut writer);
        out.ok_or(Flaw::Broken)
    }
}

/// The same picture with a color profile, in the extended form (2.7).
fn with_profile(bytes: &[u8], pixels: &Pixels, icc: &[u8]) -> Result<Vec<u8>, Flaw> {
    let (chunks, _) = chunks(bytes)?;
    let mut head = vec![HAS_ICC | if pixels.channels == 4 { HAS_ALPHA } else { 0 }, 0, 0, 0];
    head.extend(&(pixels.width - 1).to_le_bytes()[..3]);
    head.extend(&(pixels.height - 1).to_le_bytes()[..3]);
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    push(&mut out, b"VP8X", &head);
    push(&mut out, b"ICCP", icc);
    for chunk in chunks.iter().filter(|chunk| chunk.name != b"VP8X") {
        out.extend(chunk.whole);
    }
    Ok(closed(out))
}
