//! Owns PNG (W3C, third edition): its chunks, reading and writing. Must not know other formats.

use std::io::Cursor;

use ::png::{BitDepth, ColorType, Compression, Decoder, Encoder, Info, Limits, Transformations};

use super::{Facts, Flaw, Format, MOST_PIXELS, exif};
use weekmark_pixels::Pixels;

const SIGNATURE: usize = 8;

/// The chunks that say what the pixels are, or what their colors mean. All others say something about the picture.
const KEPT: [&[u8; 4]; 17] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT", b"mDCV",
];

struct Chunk<'a> {
    name: &'a [u8],
    /// With length, name and sum.
    whole: &'a [u8],
    body: &'a [u8],
}

/// The chunks up to the end of the picture, and what lies behind it.
fn chunks(bytes: &[u8]) -> Result<(Vec<Chunk<'_>>, &[u8]), Flaw> {
    let mut found = Vec::new();
    let mut at = SIGNATURE;
    loop {
        let head = bytes.get(at..at + 8).ok_or(Flaw::Cut)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let name = &head[4..8];
        if !name.iter().all(u8::is_ascii_alphabetic) || length > i32::MAX as usize {
            return Err(Flaw::Broken);
        }
        let end = at.checked_add(length).and_then(|end| end.checked_add(12)).ok_or(Flaw::Broken)?;
        let whole = bytes.get(at..end).ok_or(Flaw::Cut)?;
        found.push(Chunk { name, whole, body: &whole[8..8 + length] });
        at = end;
        if name == b"IEND" {
            return Ok((found, &bytes[at..]));
        }
    }
}

fn is_kept(chunk: &Chunk<'_>) -> bool {
    KEPT.iter().any(|name| *name == chunk.name)
}

pub(super) fn look(bytes: &[u8]) -> Result<Facts, Flaw> {
    // The size stands first, and is known also where the end is missing.
    let head = bytes.get(SIGNATURE..SIGNATURE + 8 + 13).ok_or(Flaw::Cut)?;
    if &head[4..8] != b"IHDR" {
        return Err(Flaw::Broken);
    }
    let side = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (width, height) = (side(8), side(12));
    let (chunks, rest) = chunks(bytes)?;
    if !chunks.iter().any(|chunk| chunk.name == b"IDAT") {
        return Err(Flaw::Broken);
    }
    let turned = chunks.iter().find(|chunk| chunk.name == b"eXIf");
    let orientation = turned.map_or(1, |chunk| exif::orientation(chunk.body));
    let animated = chunks.iter().any(|chunk| chunk.name == b"acTL");
    let has_metadata = !rest.is_empty() || !chunks.iter().all(is_kept);
    let (width, height) = if orientation > 4 { (height, width) } else { (width, height) };
    let format = Format::Png;
    Ok(Facts { format, width, height, orientation, animated, has_metadata })
}

pub(super) fn clean(bytes: &[u8], orientation: u8) -> Result<Vec<u8>, Flaw> {
    let (chunks, _) = chunks(bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend(&bytes[..SIGNATURE]);
    for chunk in chunks.iter().filter(|chunk| is_kept(chunk)) {
        out.extend(chunk.whole);
        if chunk.name == b"IHDR" && orientation != 1 {
            let only = exif::only(orientation);
            out.extend((only.len() as u32).to_be_bytes());
            let named = out.len();
            out.extend(b"eXIf");
            out.extend(only);
            out.extend(sum(&out[named..]).to_be_bytes());
        }
    }
    Ok(out)
}

/// The sum at the end of a chunk (annex D).
pub(super) fn sum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

pub(super) fn decode(bytes: &[u8]) -> Result<(Pixels, Option<Vec<u8>>), Flaw> {
    let broken = |_| Flaw::Broken;
    // Rows, and a color profile.
    let limits = Limits { bytes: MOST_PIXELS as usize };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(broken)?;
    let icc = reader.info().icc_profile.as_ref().map(|icc| icc.to_vec());
    let size = reader.output_buffer_size().ok_or(Flaw::Broken)?;
    let mut data = vec![0; size];
    let frame = reader.next_frame(&mut data).map_err(broken)?;
    data.truncate(frame.buffer_size());
    let (channels, data) = match frame.color_type {
        ColorType::Rgb => (3, data),
        ColorType::Rgba => (4, data),
        ColorType::Grayscale => (3, data.into_iter().flat_map(|gray| [gray; 3]).collect()),
        ColorType::GrayscaleAlpha => {
            let pixels = data.chunks_exact(2).flat_map(|it| [it[0], it[0], it[0], it[1]]);
            (4, pixels.collect())
        }
        ColorType::Indexed => return Err(Flaw::Broken),
    };
    let pixels = Pixels::new(frame.width, frame.height, channels, data).ok_or(Flaw::Broken)?;
    Ok((pixels.simplified(), icc))
}

pub(super) fn encode(pixels: &Pixels, icc: Option<&[u8]>) -> Result<Vec<u8>, Flaw> {
    let broken = |_| Flaw::Broken;
    let mut out = Vec::new();
    let mut info = Info::with_size(pixels.width, pixels.height);
    info.color_type = if pixels.channels == 3 { ColorType::Rgb } else { ColorType::Rgba };
    info.bit_depth = BitDepth::Eight;
    info.icc_profile = icc.map(|icc| icc.to_vec().into());
    let mut encoder = Encoder::with_info(&mut out, info).map_err(broken)?;
    encoder.set_compression(Compression::Balanced);
    let mut writer = encoder.write_header().map_err(broken)?;
    writer.write_image_data(&pixels.data).map_err(broken)?;
    writer.finish().map_err(broken)?;
    Ok(out)
}
