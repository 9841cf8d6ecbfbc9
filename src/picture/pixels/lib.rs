//! Owns pixels: turning them, shrinking them, and laying them on a ground. All of that is done on light, not on the
//! numbers that stand for it, and with colors weighted by how opaque they are; otherwise fine lines grow dark and edges
//! get fringes.
//! Must not know files or codecs.
//!
//! The same everywhere: only additions and multiplications in a fixed order, and a table instead of powers, which
//! every system computes a little differently.

/// A picture in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// 3 (red, green, blue) or 4 (and opacity).
    pub channels: usize,
    /// Row by row, one byte a channel.
    pub data: Vec<u8>,
}

/// With more colors than that, a picture is taken for a photo.
const FEW_COLORS: usize = 1024;

impl Pixels {
    /// A picture whose bytes are as many as it needs.
    pub fn new(width: u32, height: u32, channels: usize, data: Vec<u8>) -> Option<Pixels> {
        let needed = (width as usize).checked_mul(height as usize)?.checked_mul(channels)?;
        (needed > 0 && data.len() == needed).then_some(Pixels { width, height, channels, data })
    }

    /// Without the opacity, if all of it is opaque.
    pub fn simplified(self) -> Pixels {
        if self.channels != 4 || self.data.chunks_exact(4).any(|pixel| pixel[3] != 255) {
            return self;
        }
        let mut data = Vec::with_capacity(self.data.len() / 4 * 3);
        self.data.chunks_exact(4).for_each(|pixel| data.extend_from_slice(&pixel[..3]));
        Pixels { channels: 3, data, ..self }
    }

    /// Whether it is drawn: few colors, as diagrams and logos have.
    pub fn has_few_colors(&self) -> bool {
        let mut colors: std::collections::BTreeSet<&[u8]> = std::collections::BTreeSet::new();
        let mut last: &[u8] = &[];
        for pixel in self.data.chunks_exact(self.channels) {
            if pixel != last {
                last = pixel;
                if colors.insert(pixel) && colors.len() > FEW_COLORS {
                    return false;
                }
            }
        }
        true
    }

    /// Turned so that it is upright: `orientation` is 1 to 8 (Exif 2.32, tag 0112h).
    pub fn turned(&self, orientation: u8) -> Pixels {
        let (w, h, c) = (self.width as usize, self.height as usize, self.channels);
        if !(2..=8).contains(&orientation) {
            return self.clone();
        }
        let (width, height) =
            if orientation > 4 { (self.height, self.width) } else { (self.width, self.height) };
        let mut data = Vec::with_capacity(self.data.len());
        for y in 0..height as usize {
            for x in 0..width as usize {
                let (from_x, from_y) = match orientation {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (y, h - 1 - x),
                    7 => (w - 1 - y, h - 1 - x),
                    _ => (w - 1 - y, x),
                };
                let at = (from_y * w + from_x) * c;
                data.extend_from_slice(&self.data[at..at + c]);
            }
        }
        Pixels { width, height, channels: c, data }
    }
}

/// A picture as light: 0 to 1 for each channel, colors multiplied by their opacity.
#[derive(Debug)]
pub struct Linear {
    width: u32,
    height: u32,
    channels: usize,
    data: Vec<f32>,
}

/// For one place of the smaller picture: the first place of the larger one that counts, and how much it and those
/// behind it count.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// How much the pixels of the larger picture count for one of the smaller.
#[derive(Debug, Clone, Copy)]
pub enum Kernel {
    /// The cubic of Catmull and Rom: sharp, without rings that one sees in a photo.
    Cubic,
    /// As much as lies under it. There is no color that was not there before, so the edges of a drawing get no lines.
    Mean,
}

/// The cubic, at a distance in pixels of the smaller picture.
fn cubic(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

fn taps(from: usize, to: usize, kernel: Kernel) -> Vec<Taps> {
    match kernel {
        Kernel::Cubic => cubic_taps(from, to),
        Kernel::Mean => (0..to).map(|place| mean_taps(place, from, to)).collect(),
    }
}

fn mean_taps(place: usize, from: usize, to: usize) -> Taps {
    let (start, end) = (place * from, (place + 1) * from);
    let under = |at: usize| end.min((at + 1) * to) - start.max(at * to);
    let weight = |at: usize| (under(at) as f64 / from as f64) as f32;
    let first = start / to;
    Taps { first, weights: (first..end.div_ceil(to)).map(weight).collect() }
}

fn cubic_taps(from: usize, to: usize) -> Vec<Taps> {
    let scale = from as f64 / to as f64;
    let wide = scale.max(1.0);
    let of = |place: usize| {
        let center = (place as f64 + 0.5) * scale;
        let first = (center - 2.0 * wide).floor().max(0.0) as usize;
        let end = ((center + 2.0 * wide).ceil() as usize).min(from);
        let weight = |at: usize| cubic((at as f64 + 0.5 - center) / wide);
        let raw: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = raw.iter().sum();
        Taps { first, weights: raw.into_iter().map(|weight| (weight / sum) as f32).collect() }
    };
    (0..to).map(of).collect()
}

/// Into how many portions the rows are divided. What comes out is the same for any number.
const PORTIONS: usize = 4;

/// Shrinks a picture whose rows `row` writes as light.
fn shrink(
    (from_w, from_h): (u32, u32),
    (width, height): (u32, u32),
    (channels, kernel): (usize, Kernel),
    row: impl Fn(usize, &mut [f32]) + Sync,
) -> Linear {
    let across = taps(from_w as usize, width as usize, kernel);
    let down = taps(from_h as usize, height as usize, kernel);
    let line = width as usize * channels;
    let mut data = vec![0.0f32; line * height as usize];
    let portion = (height as usize).div_ceil(PORTIONS);
    std::thread::scope(|scope| {
        for (out, down) in data.chunks_mut(portion * line).zip(down.chunks(portion)) {
            let (across, row) = (&across, &row);
            scope.spawn(move || {
                let mut full = vec![0.0f32; from_w as usize * channels];
                let mut narrow = vec![0.0f32; line];
                let start = down.iter().map(|taps| taps.first).min().unwrap_or(0);
                let end = down.iter().map(|taps| taps.first + taps.weights.len()).max();
                // The rows that this one counts for lie side by side.
                let mut lowest = 0;
                for y in start..end.unwrap_or(0) {
                    row(y, &mut full);
                    if channels == 3 {
                        narrow_row::<3>(&full, across, &mut narrow);
                    } else {
                        narrow_row::<4>(&full, across, &mut narrow);
                    }
                    while lowest < down.len()
                        && down[lowest].first + down[lowest].weights.len() <= y
                    {
                        lowest += 1;
                    }
                    for (taps, out) in
                        down[lowest..].iter().zip(out[lowest * line..].chunks_mut(line))
                    {
                        if taps.first > y {
                            break;
                        }
                        if let Some(weight) = taps.weights.get(y - taps.first) {
                            for (out, value) in out.iter_mut().zip(&narrow) {
                                *out += value * weight;
                            }
                        }
                    }
                }
            });
        }
    });
    Linear { width, height, channels, data }
}

fn narrow_row<const N: usize>(full: &[f32], across: &[Taps], narrow: &mut [f32]) {
    let (full, narrow) = (full.as_chunks::<N>().0, narrow.as_chunks_mut::<N>().0);
    for (taps, out) in across.iter().zip(narrow) {
        let mut sum = [0.0f32; N];
        for (weight, pixel) in taps.weights.iter().zip(&full[taps.first..]) {
            sum = std::array::from_fn(|channel| sum[channel] + pixel[channel] * weight);
        }
        *out = sum;
    }
}

impl Linear {
    /// A picture made smaller.
    pub fn of(pixels: &Pixels, width: u32, height: u32, kernel: Kernel) -> Linear {
        let light: Vec<f32> = LIGHT.iter().map(|light| f32::from(*light) / 65_535.0).collect();
        let line = pixels.width as usize * pixels.channels;
        let row = |y: usize, out: &mut [f32]| {
            let from = &pixels.data[y * line..(y + 1) * line];
            if pixels.channels == 3 {
                for (out, value) in out.iter_mut().zip(from) {
                    *out = light[usize::from(*value)];
                }
                return;
            }
            let out = out.as_chunks_mut::<4>().0;
            for (out, [red, green, blue, opacity]) in out.iter_mut().zip(from.as_chunks::<4>().0) {
                let opacity = f32::from(*opacity) / 255.0;
                let [red, green, blue] =
                    [red, green, blue].map(|value| light[usize::from(*value)] * opacity);
                *out = [red, green, blue, opacity];
            }
        };
        shrink((pixels.width, pixels.height), (width, height), (pixels.channels, kernel), row)
    }

    /// The same made smaller still.
    pub fn scaled(&self, width: u32, height: u32, kernel: Kernel) -> Linear {
        let line = self.width as usize * self.channels;
        let row = |y: usize, out: &mut [f32]| {
            out.copy_from_slice(&self.data[y * line..(y + 1) * line]);
        };
        shrink((self.width, self.height), (width, height), (self.channels, kernel), row)
    }

    /// The picture in the middle of a square of `side` pixels, on a ground or on nothing.
    pub fn centered(&self, side: u32, ground: Option<[u8; 3]>) -> Linear {
        let light = |byte: u8| f32::from(LIGHT[usize::from(byte)]) / 65_535.0;
        // On a ground, all is opaque.
        let under = ground.map_or(vec![0.0; 4], |color| color.map(light).to_vec());
        let channels = under.len();
        let mut data = under.repeat(side as usize * side as usize);
        let (left, top) = ((side - self.width) as usize / 2, (side - self.height) as usize / 2);
        let rows = data.chunks_exact_mut(side as usize * channels).skip(top);
        for (row, own) in rows.zip(self.data.chunks_exact(self.width as usize * self.channels)) {
            let places = row.chunks_exact_mut(channels).skip(left);
            for (place, over) in places.zip(own.chunks_exact(self.channels)) {
                let opacity = over.get(3).copied().unwrap_or(1.0);
                let over = [over[0], over[1], over[2], opacity];
                for (place, over) in place.iter_mut().zip(over) {
                    *place = over + *place * (1.0 - opacity);
                }
            }
        }
        Linear { width: side, height: side, channels, data }
    }

    /// The picture in bytes.
    pub fn to_pixels(&self) -> Pixels {
        let bytes = bytes_of_light();
        let byte = |light: f32| {
            // Anything that is no number becomes 0.
            bytes[((light.clamp(0.0, 1.0) * (SHADES - 1) as f32 + 0.5) as usize).min(SHADES - 1)]
        };
        let data = if self.channels == 3 {
            self.data.iter().map(|light| byte(*light)).collect()
        } else {
            let mut data = Vec::with_capacity(self.data.len());
            for pixel in self.data.chunks_exact(4) {
                let opacity = pixel[3].clamp(0.0, 1.0);
                let color = |light: f32| if opacity > 0.0 { byte(light / opacity) } else { 0 };
                data.extend([color(pixel[0]), color(pixel[1]), color(pixel[2])]);
                data.push((opacity * 255.0 + 0.5) as u8);
            }
            data
        };
        Pixels { width: self.width, height: self.height, channels: self.channels, data }
    }
}

/// How many shades of light are told apart on the way back: more than there are bytes for, also in the dark.
const SHADES: usize = 8192;

/// The byte for each shade of light: the one that stands for the nearest.
fn bytes_of_light() -> Vec<u8> {
    let mut byte = 0u8;
    let of = |shade: usize| {
        let light = (shade as u64 * 65_535 / (SHADES as u64 - 1)) as i64;
        let away = |byte: u8| (i64::from(LIGHT[usize::from(byte)]) - light).abs();
        while byte < 255 && away(byte + 1) <= away(byte) {
            byte += 1;
        }
        byte
    };
    (0..SHADES).map(of).collect()
}

/// The light that a byte stands for, of 65,535 (IEC 61966-2-1, sRGB).
#[rustfmt::skip]
const LIGHT: [u16; 256] = [
    0, 20, 40, 60, 80, 99, 119, 139, 159, 179, 199, 219, 241, 264, 288, 313,
    340, 367, 396, 427, 458, 491, 526, 562, 599, 637, 677, 718, 761, 805, 851, 898,
    947, 997, 1048, 1101, 1156, 1212, 1270, 1330, 1391, 1453, 1517, 1583, 1651, 1720, 1790, 1863,
    1937, 2013, 2090, 2170, 2250, 2333, 2418, 2504, 2592, 2681, 2773, 2866, 2961, 3058, 3157, 3258,
    3360, 3464, 3570, 3678, 3788, 3900, 4014, 4129, 4247, 4366, 4488, 4611, 4736, 4864, 4993, 5124,
    5257, 5392, 5530, 5669, 5810, 5953, 6099, 6246, 6395, 6547, 6700, 6856, 7014, 7174, 7335, 7500,
    7666, 7834, 8004, 8177, 8352, 8528, 8708, 8889, 9072, 9258, 9445, 9635, 9828, 10022, 10219, 10417,
    10619, 10822, 11028, 11235, 11446, 11658, 11873, 12090, 12309, 12530, 12754, 12980, 13209, 13440, 13673, 13909,
    14146, 14387, 14629, 14874, 15122, 15371, 15623, 15878, 16135, 16394, 16656, 16920, 17187, 17456, 17727, 18001,
    18277, 18556, 18837, 19121, 19407, 19696, 19987, 20281, 20577, 20876, 21177, 21481, 21787, 22096, 22407, 22721,
    23038, 23357, 23678, 24002, 24329, 24658, 24990, 25325, 25662, 26001, 26344, 26688, 27036, 27386, 27739, 28094,
    28452, 28813, 29176, 29542, 29911, 30282, 30656, 31033, 31412, 31794, 32179, 32567, 32957, 33350, 33745, 34143,
    34544, 34948, 35355, 35764, 36176, 36591, 37008, 37429, 37852, 38278, 38706, 39138, 39572, 40009, 40449, 40891,
    41337, 41785, 42236, 42690, 43147, 43606, 44069, 44534, 45002, 45473, 45947, 46423, 46903, 47385, 47871, 48359,
    48850, 49344, 49841, 50341, 50844, 51349, 51858, 52369, 52884, 53401, 53921, 54445, 54971, 55500, 56032, 56567,
    57105, 57646, 58190, 58737, 59287, 59840, 60396, 60955, 61517, 62082, 62650, 63221, 63795, 64372, 64952, 65535,
];
