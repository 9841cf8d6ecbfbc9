//! Owns the ways from one color space to another: sRGB, linear light, OKLab and OKLCH by the matrices that
//! Björn Ottosson published (<https://bottosson.github.io/posts/oklab/>), HSL and HWB as in CSS Color 4.
//! Must not know how colors are written. Roots and sines may differ in their last bit from one system to another;
//! 8 bits a channel, which is all that is handed out, do not see it.

use super::{Color, byte};

/// A color as people see it: equal steps look equally large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Oklch {
    /// 0 (black) to 1 (white).
    pub lightness: f64,
    /// 0 (gray) to about 0.4.
    pub chroma: f64,
    /// In degrees.
    pub hue: f64,
}

/// One channel of sRGB as an amount of light.
pub(super) fn to_linear(channel: f64) -> f64 {
    if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
}

fn from_linear(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// A linear channel may be that much outside, because the matrices are rounded.
const OUTSIDE: f64 = 1e-5;
/// How often the interval of the chroma is halved: far below what 8 bits show.
const HALVINGS: u32 = 20;

impl Oklch {
    /// A color, without its opacity.
    pub fn of(color: Color) -> Oklch {
        let [r, g, b] = color.rgb.map(|channel| to_linear(f64::from(channel) / 255.0));
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        Oklch::of_lab([
            0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
            0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
        ])
    }

    /// The same in polar form.
    pub(super) fn of_lab([lightness, a, b]: [f64; 3]) -> Oklch {
        Oklch { lightness, chroma: a.hypot(b), hue: b.atan2(a).to_degrees().rem_euclid(360.0) }
    }

    /// The color that a screen shows: hue and lightness are kept, and of the chroma as much as there is room for.
    pub fn color(self) -> Color {
        if self.lightness >= 1.0 {
            return Color::new(255, 255, 255);
        }
        if self.lightness <= 0.0 {
            return Color::new(0, 0, 0);
        }
        let shown = |light: [f64; 3]| Color {
            rgb: light.map(|channel| byte(from_linear(channel.max(0.0)))),
            alpha: 255,
        };
        let fits = |light: &[f64; 3]| {
            light.iter().all(|channel| (-OUTSIDE..=1.0 + OUTSIDE).contains(channel))
        };
        let whole = self.light();
        if fits(&whole) {
            return shown(whole);
        }
        let (mut inside, mut outside) = (0.0, self.chroma);
        for _ in 0..HALVINGS {
            let chroma = f64::midpoint(inside, outside);
            let half = Oklch { chroma, ..self }.light();
            *(if fits(&half) { &mut inside } else { &mut outside }) = chroma;
        }
        shown(Oklch { chroma: inside, ..self }.light())
    }

    /// The amounts of red, green and blue light, below 0 or above 1 where no screen of the common kind can follow.
    fn light(self) -> [f64; 3] {
        let (sin, cos) = self.hue.to_radians().sin_cos();
        let (a, b) = (self.chroma * cos, self.chroma * sin);
        let l = (self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
    }
}

/// Hue in degrees; saturation and lightness as shares of 1.
pub(super) fn of_hsl(hue: f64, saturation: f64, lightness: f64) -> [f64; 3] {
    let channel = |n: f64| {
        let k = (n + hue / 30.0) % 12.0;
        let reach = saturation * lightness.min(1.0 - lightness);
        lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}

/// Hue in degrees; whiteness and blackness as shares of 1.
pub(super) fn of_hwb(hue: f64, white: f64, black: f64) -> [f64; 3] {
    if white + black >= 1.0 {
        return [white / (white + black); 3];
    }
    of_hsl(hue, 1.0, 0.5).map(|channel| channel * (1.0 - white - black) + white)
}
