//! Owns pictures as bytes: what a file is and how large, the same file without what it says about people and
//! places, the smaller versions of it that pages show, and squares of it. Bytes in, bytes out.
//! Must not know the disk, the site or who asks. The only module that touches the codecs.
//!
//! Every byte may come from anywhere, so sizes are read from the head before anything is allocated, and whatever
//! does not fit is a [`Flaw`], never a panic.

mod avif;
mod exif;
mod gif;
mod jpeg;
mod png;
mod square;
mod svg;
#[cfg(test)]
mod tests;
mod webp;

use std::borrow::Cow;
use std::panic::UnwindSafe;
use std::sync::Arc;

pub use square::Square;
use weekmark_pixels::{Kernel, Linear, Pixels};

/// What is made of a picture depends on this besides its bytes: with another number, all is made anew.
pub const RECIPE: u32 = 1;

/// The widths of the WebP versions, in pixels: a phone, a phone with a dense screen, and the width of a text on a
/// dense screen. A picture that is narrower has its own width instead.
pub const WIDTHS: [u32; 3] = [480, 960, 1440];

/// The width of the version in the picture's own format. Link previews want 1200 pixels, and so it does for browsers
/// that do not know WebP.
pub const FALLBACK: u32 = 1200;

/// The longest side that is read, in pixels.
pub const MOST_SIDE: u32 = 20_000;

/// The most pixels that are read: 100 million take 300 MB of memory.
pub const MOST_PIXELS: u64 = 100_000_000;

/// A kind of picture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum Format {
    Jpeg,
    Png,
    WebP,
    Gif,
    Avif,
    Svg,
    Heic,
    Tiff,
    Bmp,
    Psd,
}

impl Format {
    /// The format that the end of a file's name says.
    pub fn of_name(name: &str) -> Option<Format> {
        let end = name.rsplit('/').next()?.rsplit_once('.')?.1;
        Some(match end.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" | "jpe" | "jfif" => Format::Jpeg,
            "png" => Format::Png,
            "webp" => Format::WebP,
            "gif" => Format::Gif,
            "avif" => Format::Avif,
            "svg" => Format::Svg,
            "heic" | "heif" => Format::Heic,
            "tif" | "tiff" => Format::Tiff,
            "bmp" => Format::Bmp,
            "psd" => Format::Psd,
            _ => return None,
        })
    }

    /// The format that the first bytes of a file show.
    pub fn of_bytes(bytes: &[u8]) -> Option<Format> {
        let brand = bytes.get(8..12).filter(|_| bytes.get(4..8) == Some(b"ftyp"));
        Some(match bytes {
            [0xff, 0xd8, 0xff, ..] => Format::Jpeg,
            [0x89, b'P', b'N', b'G', ..] => Format::Png,
            [b'G', b'I', b'F', b'8', ..] => Format::Gif,
            [b'R', b'I', b'F', b'F', ..] if bytes.get(8..12) == Some(b"WEBP") => Format::WebP,
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Format::Tiff,
            [b'8', b'B', b'P', b'S', ..] => Format::Psd,
            [b'B', b'M', ..] if bytes.len() > 26 && bytes.get(6..10) == Some(&[0; 4]) => {
                Format::Bmp
            }
            _ if matches!(brand, Some(b"avif" | b"avis")) => Format::Avif,
            _ if matches!(
                brand,
                Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"mif1" | b"msf1")
            ) =>
            {
                // `mif1` says little; what else the file claims to be decides.
                let head = bytes.get(..bytes.len().min(64)).unwrap_or_default();
                if head.windows(4).any(|word| word == b"avif") {
                    Format::Avif
                } else {
                    Format::Heic
                }
            }
            _ if svg::is_one(bytes) => Format::Svg,
            _ => return None,
        })
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "JPEG",
            Format::Png => "PNG",
            Format::WebP => "WebP",
            Format::Gif => "GIF",
            Format::Avif => "AVIF",
            Format::Svg => "SVG",
            Format::Heic => "HEIC",
            Format::Tiff => "TIFF",
            Format::Bmp => "BMP",
            Format::Psd => "Photoshop",
        }
    }

    /// The usual end of its files' names.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Jpeg => "jpg",
            Format::Png => "png",
            Format::WebP => "webp",
            Format::Gif => "gif",
            Format::Avif => "avif",
            Format::Svg => "svg",
            Format::Heic => "heic",
            Format::Tiff => "tif",
            Format::Bmp => "bmp",
            Format::Psd => "psd",
        }
    }

    /// Its media type (IANA).
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::WebP => "image/webp",
            Format::Gif => "image/gif",
            Format::Avif => "image/avif",
            Format::Svg => "image/svg+xml",
            Format::Heic => "image/heic",
            Format::Tiff => "image/tiff",
            Format::Bmp => "image/bmp",
            Format::Psd => "image/vnd.adobe.photoshop",
        }
    }

    /// Browsers show it.
    pub fn is_for_web(self) -> bool {
        !matches!(self, Format::Heic | Format::Tiff | Format::Bmp | Format::Psd)
    }
}

/// What the head of a picture says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    /// What it is.
    pub format: Format,
    /// Width as it is shown, in pixels; of a drawing in CSS pixels, 0 if it does not say.
    pub width: u32,
    /// Height as it is shown.
    pub height: u32,
    /// How it has to be turned to be upright: 1 to 8 (Exif 2.32, tag 0112h).
    pub orientation: u8,
    /// It moves.
    pub animated: bool,
    /// [`clean`] leaves something out.
    pub has_metadata: bool,
}

/// What is wrong with a picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// It is none, or damaged where nobody can go on.
    Broken,
    /// Its end is missing.
    Cut,
    /// It has no bytes.
    Empty,
    /// It is larger than what is read: width and height in pixels.
    Huge(u32, u32),
    /// Its bytes are of another format than its name says.
    Is(Format),
    /// Browsers do not show this format.
    NotForWeb(Format),
    /// A drawing holds what could run or load something: what it is, as it is written there.
    Unsafe(String),
}

/// A version of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// What it is.
    pub format: Format,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file.
    pub bytes: Arc<[u8]>,
}

/// Looks at the head of a file that is called a `format`, and at whether its end is there.
///
/// # Errors
/// What keeps it from being shown.
pub fn look(bytes: &[u8], format: Format) -> Result<Facts, Flaw> {
    if bytes.is_empty() {
        return Err(Flaw::Empty);
    }
    match Format::of_bytes(bytes) {
        Some(is) if is != format => return Err(Flaw::Is(is)),
        None if format != Format::Svg => return Err(Flaw::Broken),
        _ => {}
    }
    let facts = match format {
        Format::Jpeg => jpeg::look(bytes)?,
        Format::Png => png::look(bytes)?,
        Format::WebP => webp::look(bytes)?,
        Format::Gif => gif::look(bytes)?,
        Format::Avif => avif::look(bytes)?,
        Format::Svg => return svg::look(bytes),
        other => return Err(Flaw::NotForWeb(other)),
    };
    if facts.width == 0 || facts.height == 0 {
        return Err(Flaw::Broken);
    }
    let pixels = u64::from(facts.width) * u64::from(facts.height);
    if facts.width > MOST_SIDE || facts.height > MOST_SIDE || pixels > MOST_PIXELS {
        return Err(Flaw::Huge(facts.width, facts.height));
    }
    Ok(facts)
}

/// The same picture, pixel for pixel, without what its file says beyond it: place, camera, names, comments, small
/// copies, and whatever lies behind its end. How it is turned and what its colors mean stays.
///
/// # Errors
/// When it is no picture of that format.
pub fn clean(bytes: &[u8], format: Format) -> Result<Cow<'_, [u8]>, Flaw> {
    let facts = look(bytes, format)?;
    if !facts.has_metadata {
        return Ok(bytes.into());
    }
    let turned = facts.orientation;
    Ok(match format {
        Format::Jpeg => jpeg::clean(bytes, turned)?.into(),
        Format::Png => png::clean(bytes, turned)?.into(),
        Format::WebP => webp::clean(bytes, turned)?.into(),
        Format::Gif => gif::clean(bytes)?.into(),
        Format::Avif => avif::clean(bytes)?.into(),
        _ => bytes.into(),
    })
}

/// Whether smaller versions are made of such a picture.
pub fn has_variants(facts: &Facts) -> bool {
    matches!(facts.format, Format::Jpeg | Format::Png | Format::WebP) && !facts.animated
}

/// The versions of a picture that pages show: WebP from narrow to wide, then one in its own format. What would be
/// heavier than a larger one, or than the picture itself, is left out; so there may be none.
///
/// # Errors
/// When it cannot be read after all.
pub fn variants(bytes: &[u8], format: Format) -> Result<Vec<Variant>, Flaw> {
    let facts = look(bytes, format)?;
    if !has_variants(&facts) {
        return Ok(Vec::new());
    }
    guarded(|| made(bytes, &facts))
}

/// Squares of a PNG, one for each that is wanted; it is read once for all of them.
///
/// # Errors
/// When it cannot be read.
pub fn squares(bytes: &[u8], wanted: &[Square]) -> Result<Vec<Variant>, Flaw> {
    let facts = look(bytes, Format::Png)?;
    guarded(|| square::made(bytes, &facts, wanted))
}

/// What a codec does with damaged bytes is not for us to promise.
fn guarded<T>(work: impl FnOnce() -> Result<T, Flaw> + UnwindSafe) -> Result<T, Flaw> {
    std::panic::catch_unwind(work).unwrap_or(Err(Flaw::Broken))
}

/// The pixels as they lie in the file, and the color profile that has to go with them.
fn decoded(bytes: &[u8], facts: &Facts) -> Result<(Pixels, Option<Vec<u8>>), Flaw> {
    let (pixels, icc) = match facts.format {
        Format::Jpeg => jpeg::decode(bytes, facts)?,
        Format::Png => png::decode(bytes)?,
        _ => webp::decode(bytes)?,
    };
    let sides = (pixels.width, pixels.height);
    let upright = if facts.orientation > 4 { (sides.1, sides.0) } else { sides };
    if upright != (facts.width, facts.height) {
        return Err(Flaw::Broken);
    }
    Ok((pixels, icc.filter(|icc| is_worth_keeping(icc))))
}

/// Does a piece of work for each, all at once, on threads of their own: whoever waits for a picture must not be given
/// other work meanwhile.
fn at_once<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&T) -> Result<R, Flaw> + Sync,
) -> Result<Vec<R>, Flaw> {
    std::thread::scope(|scope| {
        let running: Vec<_> = all.iter().map(|one| scope.spawn(|| work(one))).collect();
        running.into_iter().map(|one| one.join().unwrap_or(Err(Flaw::Broken))).collect()
    })
}

/// An encoding to be done.
struct Job {
    format: Format,
    width: u32,
}

fn made(bytes: &[u8], facts: &Facts) -> Result<Vec<Variant>, Flaw> {
    let (pixels, icc) = decoded(bytes, facts)?;
    let sides = (pixels.width, pixels.height);
    let original = clean(bytes, facts.format)?.len();
    let is_drawn = facts.format != Format::Jpeg && pixels.has_few_colors();
    let mut sizes = steps(facts.width);
    let fallback = facts.width.min(FALLBACK);
    if !sizes.contains(&fallback) {
        sizes.push(fallback);
    }
    // Each is made from the next larger one, in linear light; only the widest looks at every pixel of the file.
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let mut scaled: Vec<(u32, Pixels)> = Vec::new();
    let mut last: Option<Linear> = None;
    for width in &sizes {
        let height = scaled_height(facts, *width);
        let (w, h) = if facts.orientation > 4 { (height, *width) } else { (*width, height) };
        let linear = match &last {
            None if (w, h) == sides => {
                scaled.push((*width, pixels.turned(facts.orientation)));
                continue;
            }
            None => Linear::of(&pixels, w, h, Kernel::Cubic),
            Some(larger) => larger.scaled(w, h, Kernel::Cubic),
        };
        scaled.push((*width, linear.to_pixels().turned(facts.orientation)));
        last = Some(linear);
    }
    drop(pixels);
    let mut jobs: Vec<Job> =
        steps(facts.width).into_iter().map(|width| Job { format: Format::WebP, width }).collect();
    if facts.format != Format::WebP {
        jobs.push(Job { format: facts.format, width: fallback });
    }
    let encode = |job: &Job| -> Result<Variant, Flaw> {
        let (_, pixels) =
            scaled.iter().find(|(width, _)| *width == job.width).ok_or(Flaw::Broken)?;
        let icc = icc.as_deref();
        let bytes = match job.format {
            Format::Jpeg => jpeg::encode(pixels, icc)?,
            Format::Png => png::encode(pixels, icc)?,
            _ => webp::encode(pixels, is_drawn, icc)?,
        };
        let (width, height) = (pixels.width, pixels.height);
        Ok(Variant { format: job.format, width, height, bytes: bytes.into() })
    };
    Ok(worthwhile(at_once(&jobs, encode)?, original, facts))
}

/// The widths of the WebP versions of a picture so wide, from narrow to wide.
fn steps(width: u32) -> Vec<u32> {
    // A version that is hardly narrower than the next is not worth its file.
    let mut steps: Vec<u32> =
        WIDTHS.into_iter().filter(|step| u64::from(*step) * 10 <= u64::from(width) * 9).collect();
    if width <= WIDTHS[2] || steps.len() < WIDTHS.len() {
        steps.push(width.min(WIDTHS[2]));
    }
    steps.dedup();
    steps
}

fn scaled_height(facts: &Facts, width: u32) -> u32 {
    let (w, h) = (u64::from(facts.width), u64::from(facts.height));
    u32::try_from((u64::from(width) * h + w / 2) / w).unwrap_or(1).max(1)
}

/// Leaves out what is no lighter than something larger.
fn worthwhile(all: Vec<Variant>, original: usize, facts: &Facts) -> Vec<Variant> {
    let mut most = original;
    let mut kept: Vec<Variant> = Vec::new();
    // A picture that has to be turned is shown upright everywhere only by its versions.
    let is_needed = |variant: &Variant| {
        facts.orientation != 1 && variant.format == facts.format && facts.format != Format::WebP
    };
    for variant in all.into_iter().rev() {
        let is_own = variant.format == facts.format && facts.format != Format::WebP;
        if variant.bytes.len() < most || is_needed(&variant) {
            if !is_own {
                most = variant.bytes.len();
            }
            kept.push(variant);
        }
    }
    kept.reverse();
    kept
}

/// A color profile (ICC.1:2022) that says something else than what is taken where none is said: sRGB.
fn is_worth_keeping(icc: &[u8]) -> bool {
    let is_rgb = icc.get(16..20) == Some(b"RGB ") && icc.get(36..40) == Some(b"acsp");
    let says = |name: &[u8]| icc.windows(name.len()).any(|part| part == name);
    is_rgb && !says(b"sRGB") && !says(b"s\0R\0G\0B")
}
