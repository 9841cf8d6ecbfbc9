//! Owns JPEG (ITU-T T.81): its segments, reading and writing. Must not know other formats.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Facts, Flaw, Format, MOST_SIDE, exif};
use weekmark_pixels::Pixels;

/// Of 100: photos look the same at arm's length.
const QUALITY: u8 = 80;

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";

/// A part of the file: its marker's second byte, and where it lies with its marker.
struct Segment<'a> {
    marker: u8,
    /// With marker and length.
    whole: &'a [u8],
    /// What is in it.
    body: &'a [u8],
    /// The coded pixels behind it.
    coded: &'a [u8],
}

/// The segments up to the end of the picture, and whether that end is there. Whatever follows it is none of the
/// picture: some phones put a film there, or a second picture.
fn segments(bytes: &[u8]) -> Result<(Vec<Segment<'_>>, &[u8]), Flaw> {
    let mut found = Vec::new();
    let mut at = 2;
    loop {
        // Markers may be filled up with any number of FF (B.1.1.2).
        if bytes.get(at) != Some(&0xff) {
            return Err(if at >= bytes.len() { Flaw::Cut } else { Flaw::Broken });
        }
        let mark = at;
        while bytes.get(at) == Some(&0xff) {
            at += 1;
        }
        let marker = *bytes.get(at).ok_or(Flaw::Cut)?;
        at += 1;
        match marker {
            0xd9 => return Ok((found, &bytes[at..])),
            // Markers without a length.
            0x01 | 0xd0..=0xd7 => continue,
            0x00 | 0xd8 => return Err(Flaw::Broken),
            _ => {}
        }
        let length = bytes.get(at..at + 2).ok_or(Flaw::Cut)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length < 2 {
            return Err(Flaw::Broken);
        }
        let body = bytes.get(at + 2..at + length).ok_or(Flaw::Cut)?;
        // Without the filling.
        let whole = &bytes[(at - 2).max(mark)..at + length];
        at += length;
        let start = at;
        if marker == 0xda {
            // Coded pixels go on until a marker that is no restart.
            loop {
                let next = bytes[at..].iter().position(|byte| *byte == 0xff).ok_or(Flaw::Cut)?;
                at += next;
                match bytes.get(at + 1) {
                    Some(0x00 | 0xd0..=0xd7) => at += 2,
                    Some(0xff) => at += 1,
                    Some(_) => break,
                    None => return Err(Flaw::Cut),
                }
            }
        }
        found.push(Segment { marker, whole, body, coded: &bytes[start..at] });
    }
}

/// Whether a segment is about something else than the pixels.
fn is_metadata(segment: &Segment<'_>) -> bool {
    match segment.marker {
        // JFIF, without a small copy of the picture in it.
        0xe0 => !(segment.body.starts_with(b"JFIF\0") && segment.body.len() == 14),
        0xe2 => !segment.body.starts_with(ICC),
        // Adobe's: how the colors are coded.
        0xee => !segment.body.starts_with(b"Adobe"),
        0xe1..=0xef | 0xfe => true,
        _ => false,
    }
}

pub(super) fn look(bytes: &[u8]) -> Result<Facts, Flaw> {
    let (segments, rest) = segments(bytes)?;
    let is_frame = |segment: &&Segment<'_>| {
        matches!(segment.marker, 0xc0..=0xcf) && !matches!(segment.marker, 0xc4 | 0xc8 | 0xcc)
    };
    let frame = segments.iter().find(is_frame).ok_or(Flaw::Broken)?.body;
    let side = |at: usize| {
        let two = frame.get(at..at + 2).ok_or(Flaw::Broken)?;
        Ok(u32::from(u16::from_be_bytes([two[0], two[1]])))
    };
    let (height, width) = (side(1)?, side(3)?);
    if !segments.iter().any(|segment| segment.marker == 0xda) {
        return Err(Flaw::Broken);
    }
    let exif = segments.iter().find_map(|s| s.body.strip_prefix(EXIF).filter(|_| s.marker == 0xe1));
    let orientation = exif.map_or(1, exif::orientation);
    let has_metadata = !rest.is_empty() || segments.iter().any(is_metadata);
    let (width, height) = if orientation > 4 { (height, width) } else { (width, height) };
    let format = Format::Jpeg;
    Ok(Facts { format, width, height, orientation, animated: false, has_metadata })
}

pub(super) fn clean(bytes: &[u8], orientation: u8) -> Result<Vec<u8>, Flaw> {
    let (segments, _) = segments(bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend([0xff, 0xd8]);
    if orientation != 1 {
        let only = exif::only(orientation);
        let length = (2 + EXIF.len() + only.len()) as u16;
        out.extend([0xff, 0xe1]);
        out.extend(length.to_be_bytes());
        out.extend(EXIF);
        out.extend(only);
    }
    for segment in segments.iter().filter(|segment| !is_metadata(segment)) {
        out.extend(segment.whole);
        out.extend(segment.coded);
    }
    out.extend([0xff, 0xd9]);
    Ok(out)
}

pub(super) fn decode(bytes: &[u8], facts: &Facts) -> Result<(Pixels, Option<Vec<u8>>), Flaw> {
    let most = MOST_SIDE as usize;
    let options = DecoderOptions::default()
        .set_max_width(most)
        .set_max_height(most)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let data = decoder.decode().map_err(|_| Flaw::Broken)?;
    let (width, height) = if facts.orientation > 4 {
        (facts.height, facts.width)
    } else {
        (facts.width, facts.height)
    };
    let pixels = Pixels::new(width, height, 3, data).ok_or(Flaw::Broken)?;
    Ok((pixels, decoder.icc_profile()))
}

pub(super) fn encode(pixels: &Pixels, icc: Option<&[u8]>) -> Result<Vec<u8>, Flaw> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_optimized_huffman_tables(true);
    encoder.set_progressive(true);
    if let Some(icc) = icc {
        encoder.add_icc_profile(icc).map_err(|_| Flaw::Broken)?;
    }
    let side = |side: u32| u16::try_from(side).map_err(|_| Flaw::Broken);
    encoder
        .encode(&pixels.data, side(pixels.width)?, side(pixels.height)?, ColorType::Rgb)
        .map_err(|_| Flaw::Broken)?;
    Ok(out)
}
