//! Owns squares of a picture: PNGs with it in their middle. Must not know what they are for.

use super::{Facts, Flaw, Format, Variant, at_once, clean, decoded, png};
use weekmark_pixels::{Kernel, Linear, Pixels};

/// A square that is made of a picture, with the picture in its middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Square {
    /// In pixels.
    pub side: u32,
    /// How much of the side the picture takes.
    pub percent: u32,
    /// What it lies on; `None`: it is see-through.
    pub ground: Option<[u8; 3]>,
}

impl Square {
    /// The longest side of the picture in it.
    fn room(&self) -> u32 {
        (self.side * self.percent.min(100) / 100).max(1)
    }

    /// It is the picture as it is.
    fn is(&self, pixels: &Pixels, facts: &Facts) -> bool {
        let is_whole = self.percent == 100 && self.ground.is_none() && facts.orientation == 1;
        is_whole && (pixels.width, pixels.height) == (self.side, self.side)
    }
}

/// The squares of a picture, in the order in which they are wanted.
pub(super) fn made(bytes: &[u8], facts: &Facts, wanted: &[Square]) -> Result<Vec<Variant>, Flaw> {
    let (pixels, icc) = decoded(bytes, facts)?;
    let scaled = scaled(&pixels, wanted.iter().filter(|it| !it.is(&pixels, facts)));
    at_once(wanted, |square| {
        let of_room = scaled.iter().find(|(room, _)| *room == square.room());
        let bytes = match of_room {
            _ if square.is(&pixels, facts) => clean(bytes, facts.format)?.into_owned(),
            Some((_, small)) => {
                let upright = small.centered(square.side, square.ground).to_pixels();
                let upright = upright.turned(facts.orientation).simplified();
                png::encode(&upright, icc.as_deref())?
            }
            None => return Err(Flaw::Broken),
        };
        let (width, height) = (square.side, square.side);
        Ok(Variant { format: Format::Png, width, height, bytes: bytes.into() })
    })
}

/// The picture in the size that each square has room for, from large to small.
fn scaled<'a>(pixels: &Pixels, wanted: impl Iterator<Item = &'a Square>) -> Vec<(u32, Linear)> {
    let mut rooms: Vec<u32> = wanted.map(Square::room).collect();
    rooms.sort_unstable_by(|a, b| b.cmp(a));
    rooms.dedup();
    let mut scaled: Vec<(u32, Linear)> = Vec::new();
    for room in rooms {
        let longest = u64::from(pixels.width.max(pixels.height));
        let fit = |length: u32| {
            let length = (u64::from(length) * u64::from(room) + longest / 2) / longest;
            u32::try_from(length).unwrap_or(room).max(1)
        };
        let (width, height) = (fit(pixels.width), fit(pixels.height));
        // A mean of means is the mean if each counts as much.
        let larger = scaled.iter().rev().find(|(larger, _)| larger.is_multiple_of(room));
        let small = match larger {
            Some((_, larger)) => larger.scaled(width, height, Kernel::Mean),
            None => Linear::of(pixels, width, height, Kernel::Mean),
        };
        scaled.push((room, small));
    }
    scaled
}
