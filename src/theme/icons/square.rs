//! Owns the making of a small square PNG from a larger one. Whole numbers throughout, so that all machines give the
//! same bytes. Must not know what it is for.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// PNG, 5.2.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The largest picture that is read, in pixels: of a larger one nobody makes icons.
const MOST_PIXELS: usize = 40_000_000;

/// How hard to compress, of 10.
const EFFORT: u8 = 6;

/// A picture with 8 bits for each of red, green, blue and opacity.
struct Picture {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

/// A square PNG of `side` pixels with the picture in its middle, over so many `percent` of it; on a ground, if
/// there is one. Nothing if the picture cannot be read.
pub(super) fn scaled(
    png: &[u8],
    side: u32,
    percent: u32,
    ground: Option<[u8; 3]>,
) -> Option<Vec<u8>> {
    let side = side as usize;
    let picture = decode(png)?;
    if percent == 100 && ground.is_none() && (picture.width, picture.height) == (side, side) {
        return Some(png.to_vec());
    }
    let room = side * percent as usize / 100;
    let longest = picture.width.max(picture.height);
    let fit = |length: usize| (length * room / longest).clamp(1, room);
    let small = picture.shrunk(fit(picture.width), fit(picture.height));
    let (left, top) = ((side - small.width) / 2, (side - small.height) / 2);
    let mut out = vec![0; side * side * 4];
    if let Some([red, green, blue]) = ground {
        out.chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&[red, green, blue, 255]));
    }
    for (row, pixels) in small.rgba.chunks_exact(small.width * 4).enumerate() {
        let at = ((top + row) * side + left) * 4;
        for (under, pixel) in out[at..].chunks_exact_mut(4).zip(pixels.chunks_exact(4)) {
            match ground {
                None => under.copy_from_slice(pixel),
                Some(_) => {
                    let alpha = u32::from(pixel[3]);
                    for (under, over) in under.iter_mut().zip(&pixel[..3]) {
                        let mixed = u32::from(*over) * alpha + u32::from(*under) * (255 - alpha);
                        *under = u8::try_from((mixed + 127) / 255).unwrap_or(255);
                    }
                }
            }
        }
    }
    Some(encode(side, &out))
}

/// The places of a longer row that lie under one of a shorter, with how much of each does.
fn under(place: usize, short: usize, long: usize) -> impl Iterator<Item = (usize, u64)> + Clone {
    let (start, end) = (place * long, (place + 1) * long);
    (start / short..=(end - 1) / short).map(move |at| {
        let part = end.min((at + 1) * short) - start.max(at * short);
        (at, part as u64)
    })
}

impl Picture {
    /// The mean of all that lies under each pixel: colors by their light (nearly the square of their number) and
    /// by how opaque they are.
    fn shrunk(&self, width: usize, height: usize) -> Picture {
        let mut rgba = Vec::with_capacity(width * height * 4);
        let all = (self.width * self.height) as u64;
        for y in 0..height {
            for x in 0..width {
                let (mut light, mut opacity) = ([0u64; 3], 0u64);
                for (row, tall) in under(y, height, self.height) {
                    for (column, wide) in under(x, width, self.width) {
                        let at = (row * self.width + column) * 4;
                        let weight = tall * wide * u64::from(self.rgba[at + 3]);
                        opacity += weight;
                        for (sum, value) in light.iter_mut().zip(&self.rgba[at..at + 3]) {
                            *sum += weight * u64::from(*value) * u64::from(*value);
                        }
                    }
                }
                for sum in light {
                    // Twice the root, rounded, halved: the nearest whole number.
                    let root = (4 * sum).checked_div(opacity).map_or(0, u64::isqrt).div_ceil(2);
                    rgba.push(u8::try_from(root).unwrap_or(255));
                }
                rgba.push(u8::try_from((opacity + all / 2) / all).unwrap_or(255));
            }
        }
        Picture { width, height, rgba }
    }
}

// ---- reading ----------------------------------------------------------------------------------

/// The parts of a PNG, by name.
fn parts(png: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = png.strip_prefix(SIGNATURE).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let part = (rest.get(4..8)?, rest.get(8..8 + length)?);
        rest = rest.get(length + 12..)?;
        Some(part)
    })
}

/// The passes of a picture that comes in steps (PNG, 8.2): first column and row, steps to the next.
const STEPS: [(usize, usize, usize, usize); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

fn decode(png: &[u8]) -> Option<Picture> {
    let find = |name: &[u8]| parts(png).find(|(other, _)| *other == name).map(|(_, body)| body);
    let head = find(b"IHDR")?;
    let side =
        |at: usize| Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?) as usize);
    let (width, height) = (side(0)?, side(4)?);
    let [depth, color, _, _, interlaced] = *head.get(8..13)? else { return None };
    if width == 0 || height == 0 || width.checked_mul(height)? > MOST_PIXELS {
        return None;
    }
    let channels = match (color, depth) {
        (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) => 1,
        (2, 8 | 16) => 3,
        (4, 8 | 16) => 2,
        (6, 8 | 16) => 4,
        _ => return None,
    };
    let bits = channels * usize::from(depth);
    let packed: Vec<u8> = parts(png)
        .filter(|(name, _)| *name == b"IDAT")
        .flat_map(|(_, body)| body)
        .copied()
        .collect();
    // Some bytes more for each row and pass than the pixels take.
    let most = (width * bits).div_ceil(8) * height + 8 * (height + width) + 64;
    let mut raw = decompress_to_vec_zlib_with_limit(&packed, most).ok()?;
    let (palette, clear) = (find(b"PLTE").unwrap_or_default(), find(b"tRNS").unwrap_or_default());
    let mut picture = Picture { width, height, rgba: vec![0; width * height * 4] };
    let whole = [(0, 0, 1, 1)];
    let passes: &[_] = if interlaced == 1 { &STEPS } else { &whole };
    let mut at = 0;
    for (left, top, right, down) in passes {
        let columns = width.saturating_sub(*left).div_ceil(*right);
        let rows = height.saturating_sub(*top).div_ceil(*down);
        if columns == 0 || rows == 0 {
            continue;
        }
        let line = (columns * bits).div_ceil(8);
        for row in 0..rows {
            let (before, now) = raw.split_at_mut(at);
            let now = now.get_mut(..=line)?;
            let above = (row > 0).then(|| &before[at - line..]);
            unfilter(now, above, (bits / 8).max(1))?;
            for column in 0..columns {
                let pixel = pixel(&now[1..], column, (color, depth, channels), palette, clear)?;
                let to = ((top + row * down) * width + left + column * right) * 4;
                picture.rgba[to..to + 4].copy_from_slice(&pixel);
            }
            at += line + 1;
        }
    }
    Some(picture)
}

/// Takes back what was done to a row so that it packs well (PNG, 9.2). Its first byte says what.
fn unfilter(row: &mut [u8], above: Option<&[u8]>, step: usize) -> Option<()> {
    let (kind, row) = row.split_first_mut()?;
    for at in 0..row.len() {
        let left = if at >= step { row[at - step] } else { 0 };
        let up = above.map_or(0, |above| above[at]);
        let corner = above.filter(|_| at >= step).map_or(0, |above| above[at - step]);
        let guess = match kind {
            0 => 0,
            1 => left,
            2 => up,
            3 => u8::try_from((u16::from(left) + u16::from(up)) / 2).unwrap_or(255),
            4 => paeth(left, up, corner),
            _ => return None,
        };
        row[at] = row[at].wrapping_add(guess);
    }
    Some(())
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, up, corner].map(i16::from);
    let guess = a + b - c;
    let [to_left, to_up, to_corner] = [a, b, c].map(|it| (guess - it).abs());
    if to_left <= to_up && to_left <= to_corner {
        left
    } else if to_up <= to_corner {
        up
    } else {
        corner
    }
}

/// One pixel of a row; of 16 bits the upper 8 count.
fn pixel(
    row: &[u8],
    column: usize,
    (color, depth, channels): (u8, u8, usize),
    palette: &[u8],
    clear: &[u8],
) -> Option<[u8; 4]> {
    let step = usize::from(depth) / 8;
    let byte = |channel: usize| row.get((column * channels + channel) * step).copied();
    // The color that stands for nothing, if there is one (PNG, 11.3.1.1).
    let is_clear = |count: usize| {
        let wide = |channel: usize| {
            let at = (column * channels + channel) * step;
            match step {
                2 => Some(u16::from_be_bytes([row[at], row[at + 1]])),
                _ => Some(u16::from(row[at])),
            }
        };
        clear.len() == count * 2
            && (0..count).all(|channel| {
                let named = u16::from_be_bytes([clear[channel * 2], clear[channel * 2 + 1]]);
                wide(channel) == Some(named)
            })
    };
    let opacity = |is_clear: bool| if is_clear { 0 } else { 255 };
    if depth < 8 || color == 3 {
        let bits = usize::from(depth);
        let at = column * bits;
        let mask = u8::MAX >> (8 - bits);
        let value = row.get(at / 8)? >> (8 - bits - at % 8) & mask;
        if color == 3 {
            let at = usize::from(value) * 3;
            let [red, green, blue] = *palette.get(at..at + 3)? else { return None };
            return Some([red, green, blue, *clear.get(usize::from(value)).unwrap_or(&255)]);
        }
        let gray = u8::try_from(u16::from(value) * 255 / u16::from(mask)).unwrap_or(255);
        let is_clear = matches!(clear, [_, named] if *named == value);
        return Some([gray, gray, gray, opacity(is_clear)]);
    }
    let first = byte(0)?;
    Some(match color {
        0 => [first, first, first, opacity(is_clear(1))],
        2 => [first, byte(1)?, byte(2)?, opacity(is_clear(3))],
        4 => [first, first, first, byte(1)?],
        _ => [first, byte(1)?, byte(2)?, byte(3)?],
    })
}

// ---- writing ----------------------------------------------------------------------------------

fn encode(side: usize, rgba: &[u8]) -> Vec<u8> {
    let length = u32::try_from(side).unwrap_or_default().to_be_bytes();
    let is_opaque = rgba.chunks_exact(4).all(|pixel| pixel[3] == 255);
    let (channels, color) = if is_opaque { (3, 2) } else { (4, 6) };
    let line = side * channels;
    let mut raw = Vec::with_capacity((line + 1) * side);
    let mut above = vec![0; line];
    for pixels in rgba.chunks_exact(side * 4) {
        let row: Vec<u8> =
            pixels.chunks_exact(4).flat_map(|pixel| &pixel[..channels]).copied().collect();
        // Of three ways to write a row, the one with the smallest numbers packs best (PNG, 12.7).
        let left = |at: usize| if at >= channels { row[at - channels] } else { 0 };
        let ways: [Vec<u8>; 3] = [
            row.clone(),
            (0..line).map(|at| row[at].wrapping_sub(left(at))).collect(),
            (0..line).map(|at| row[at].wrapping_sub(above[at])).collect(),
        ];
        let size = |way: &Vec<u8>| {
            way.iter().map(|byte| u64::from(byte.cast_signed().unsigned_abs())).sum::<u64>()
        };
        let best = ways.iter().enumerate().min_by_key(|(at, way)| (size(way), *at));
        if let Some((kind, way)) = best {
            raw.push(u8::try_from(kind).unwrap_or(0));
            raw.extend(way);
        }
        above = row;
    }
    let mut out = SIGNATURE.to_vec();
    part(b"IHDR", &[&length[..], &length[..], &[8, color, 0, 0, 0]].concat(), &mut out);
    part(b"IDAT", &compress_to_vec_zlib(&raw, EFFORT), &mut out);
    part(b"IEND", &[], &mut out);
    out
}

fn part(name: &[u8; 4], body: &[u8], out: &mut Vec<u8>) {
    out.extend(u32::try_from(body.len()).unwrap_or_default().to_be_bytes());
    let start = out.len();
    out.extend(name);
    out.extend(body);
    let sum = checksum(&out[start..]);
    out.extend(sum.to_be_bytes());
}

/// The CRC of PNG, annex D.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        let low = (0..8).fold((sum ^ u32::from(*byte)) & 0xff, |value, _| {
            if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 }
        });
        low ^ (sum >> 8)
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_and_keeps_its_colors() {
        let mut rgba = Vec::new();
        for y in 0..8u8 {
            for x in 0..8u8 {
                rgba.extend([x * 30, y * 30, 200, if x < 4 { 255 } else { 0 }]);
            }
        }
        let png = encode(8, &rgba);
        let read = decode(&png).unwrap();
        assert_eq!((read.width, read.height, read.rgba), (8, 8, rgba));
        assert_eq!(scaled(&png, 8, 100, None).unwrap(), png);
        let small = decode(&scaled(&png, 4, 100, None).unwrap()).unwrap();
        assert_eq!(small.width, 4);
        assert_eq!((small.rgba[3], small.rgba[15]), (255, 0));
        // On a ground, nothing is see-through.
        let opaque = decode(&scaled(&png, 4, 50, Some([9, 8, 7])).unwrap()).unwrap();
        assert_eq!(&opaque.rgba[..4], &[9, 8, 7, 255]);
    }

    #[test]
    fn what_is_damaged_is_no_picture() {
        let png = encode(4, &[7; 64]);
        for end in 0..png.len() - 16 {
            assert!(scaled(&png[..end], 2, 100, None).is_none(), "{end}");
        }
    }
}
