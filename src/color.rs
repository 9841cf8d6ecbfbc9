//! Owns colors: as CSS writes them, as people see them (OKLCH), how far two of them are apart (WCAG 2.2),
//! and the shade that is nearest to one and passes. Must not know style sheets, tokens or themes.

mod named;
mod space;

use std::fmt;

pub use named::NAMES;
pub use space::Oklch;

/// A color as a screen shows it: sRGB and opacity with 8 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Color {
    /// Red, green, blue.
    pub rgb: [u8; 3],
    /// 255 is opaque.
    pub alpha: u8,
}

/// Written as style sheets have it: `#0a4f8a`, or `#0a4f8a80` if something shows through.
impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.rgb;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")?;
        if self.is_opaque() { Ok(()) } else { write!(f, "{:02x}", self.alpha) }
    }
}

impl Color {
    /// An opaque color.
    pub const fn new(red: u8, green: u8, blue: u8) -> Color {
        Color { rgb: [red, green, blue], alpha: 255 }
    }

    /// Reads a color as CSS writes it: `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, a name, `rgb()`, `hsl()`,
    /// `hwb()`, `oklab()` or `oklch()`, with commas or without. What no screen of the common kind can show is
    /// brought nearer by less chroma.
    pub fn read(text: &str) -> Option<Color> {
        let text = text.trim().to_ascii_lowercase();
        if let Some(digits) = text.strip_prefix('#') {
            return hex(digits);
        }
        if let Some((name, rest)) = text.split_once('(') {
            return function(name, rest.strip_suffix(')')?);
        }
        if text == "transparent" {
            return Some(Color { rgb: [0; 3], alpha: 0 });
        }
        let at = NAMES.binary_search_by_key(&text.as_str(), |(name, _)| name).ok()?;
        let [_, red, green, blue] = NAMES[at].1.to_be_bytes();
        Some(Color::new(red, green, blue))
    }

    /// Whether nothing shows through.
    pub fn is_opaque(self) -> bool {
        self.alpha == 255
    }

    /// What is seen where this color lies on an opaque ground.
    #[must_use]
    pub fn over(self, ground: Color) -> Color {
        let part = f64::from(self.alpha) / 255.0;
        let mix = |channel: usize| {
            let [front, back] = [self, ground].map(|color| f64::from(color.rgb[channel]));
            (front * part + back * (1.0 - part)).round() as u8
        };
        Color { rgb: [mix(0), mix(1), mix(2)], alpha: 255 }
    }

    /// The relative luminance (WCAG 2.2, definition of that name).
    pub fn luminance(self) -> f64 {
        let [red, green, blue] =
            self.rgb.map(|channel| space::to_linear(f64::from(channel) / 255.0));
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast ratio of two opaque colors (WCAG 2.2, definition of that name): 1 to 21.
    pub fn contrast(self, other: Color) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The shade that passes and is nearest: of the same hue, of the same chroma as far as screens can show it,
    /// with the lightness moved the least. The color itself, if it passes.
    pub fn nearest_shade(self, passes: impl Fn(Color) -> bool) -> Option<Color> {
        self.nearest_shade_within(1.0, passes)
    }

    /// As [`Color::nearest_shade`], with the lightness moved no further than that.
    pub fn nearest_shade_within(self, way: f64, passes: impl Fn(Color) -> bool) -> Option<Color> {
        if passes(self) {
            return Some(self);
        }
        let own = Oklch::of(self);
        let shade = |lightness: f64| {
            if !(-SLACK..=1.0 + SLACK).contains(&lightness) {
                return None;
            }
            let color = Oklch { lightness, ..own }.color();
            let shade = Color { alpha: self.alpha, ..color };
            passes(shade).then_some(shade)
        };
        (1..=LIGHTNESSES)
            .map(|step| f64::from(step) / f64::from(LIGHTNESSES))
            .take_while(|moved| *moved <= way)
            .find_map(|moved| shade(own.lightness - moved).or_else(|| shade(own.lightness + moved)))
    }
}

/// How finely lightness is searched: finer than the steps of 8 bits.
const LIGHTNESSES: i32 = 2048;
/// So that black and white themselves are tried.
const SLACK: f64 = 1.0 / LIGHTNESSES as f64;

fn hex(digits: &str) -> Option<Color> {
    let value = |from: usize, len: usize| {
        let part = digits.get(from..from + len)?;
        let all = part.bytes().all(|b| b.is_ascii_hexdigit());
        let value = u8::from_str_radix(part, 16).ok().filter(|_| all)?;
        Some(if len == 1 { value * 17 } else { value })
    };
    let len = match digits.len() {
        3 | 4 => 1,
        6 | 8 => 2,
        _ => return None,
    };
    let alpha = if digits.len() / len == 4 { value(3 * len, len)? } else { 255 };
    Some(Color { rgb: [value(0, len)?, value(len, len)?, value(2 * len, len)?], alpha })
}

/// One component between the brackets.
#[derive(Clone, Copy)]
enum Part {
    /// `none` is the number 0.
    Number(f64),
    Percent(f64),
    /// In degrees.
    Angle(f64),
}

impl Part {
    fn read(text: &str) -> Option<Part> {
        if text == "none" {
            return Some(Part::Number(0.0));
        }
        let unit = text.find(|c: char| c.is_ascii_alphabetic() && c != 'e' || c == '%');
        // `1e2` is a number, and no unit begins with an e.
        let (number, unit) = text.split_at(unit.unwrap_or(text.len()));
        let plain = |c: char| c.is_ascii_digit() || "+-.e".contains(c);
        let value: f64 = number.parse().ok().filter(|value: &f64| value.is_finite())?;
        if !number.chars().all(plain) {
            return None;
        }
        Some(match unit {
            "" => Part::Number(value),
            "%" => Part::Percent(value),
            "deg" => Part::Angle(value),
            "grad" => Part::Angle(value * 0.9),
            "rad" => Part::Angle(value.to_degrees()),
            "turn" => Part::Angle(value * 360.0),
            _ => return None,
        })
    }

    /// As a number, where 100% is `whole`.
    fn of(self, whole: f64) -> Option<f64> {
        match self {
            Part::Number(value) => Some(value),
            Part::Percent(value) => Some(value / 100.0 * whole),
            Part::Angle(_) => None,
        }
    }

    fn degrees(self) -> Option<f64> {
        match self {
            Part::Number(value) | Part::Angle(value) => Some(value.rem_euclid(360.0)),
            Part::Percent(_) => None,
        }
    }
}

fn function(name: &str, inner: &str) -> Option<Color> {
    let (parts, alpha): (Vec<&str>, Option<&str>) = if inner.contains(',') {
        let mut parts: Vec<&str> = inner.split(',').map(str::trim).collect();
        let alpha = if parts.len() == 4 { parts.pop() } else { None };
        (parts, alpha)
    } else {
        let (parts, alpha) = inner.split_once('/').map_or((inner, None), |(a, b)| (a, Some(b)));
        (parts.split_ascii_whitespace().collect(), alpha)
    };
    let [a, b, c] = parts.as_slice() else { return None };
    let [a, b, c] = [Part::read(a)?, Part::read(b)?, Part::read(c)?];
    let alpha = match alpha {
        Some(text) => Part::read(text.trim())?.of(1.0)?,
        None => 1.0,
    };
    let rgb = match name {
        "rgb" | "rgba" => [a.of(255.0)? / 255.0, b.of(255.0)? / 255.0, c.of(255.0)? / 255.0],
        "hsl" | "hsla" => space::of_hsl(a.degrees()?, share(b)?, share(c)?),
        "hwb" => space::of_hwb(a.degrees()?, share(b)?, share(c)?),
        "oklab" => {
            let (lightness, a, b) = (a.of(1.0)?, b.of(0.4)?, c.of(0.4)?);
            let color = Oklch::of_lab([lightness, a, b]).color();
            return Some(Color { alpha: byte(alpha), ..color });
        }
        "oklch" => {
            let (lightness, chroma, hue) = (a.of(1.0)?, b.of(0.4)?.max(0.0), c.degrees()?);
            let color = Oklch { lightness, chroma, hue }.color();
            return Some(Color { alpha: byte(alpha), ..color });
        }
        _ => return None,
    };
    Some(Color { rgb: rgb.map(byte), alpha: byte(alpha) })
}

/// A percentage of `hsl()` and `hwb()` as a share of 1; the new form also takes it without the sign.
fn share(part: Part) -> Option<f64> {
    part.of(100.0).map(|value| (value / 100.0).clamp(0.0, 1.0))
}

fn byte(value: f64) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

#[cfg(test)]
mod tests;
