//! Owns the tests of colors: known numbers, ways there and back, and what the nearest shade promises.

use super::*;

fn color(text: &str) -> Color {
    Color::read(text).unwrap_or_else(|| panic!("{text} is a color"))
}

/// Random numbers that are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn color(&mut self) -> Color {
        let [red, green, blue, ..] = self.next().to_be_bytes();
        Color::new(red, green, blue)
    }
}

#[test]
fn contrast_is_that_of_the_guidelines() {
    let white = color("#fff");
    for (text, ratio) in [
        ("#000", 21.0),
        ("#fff", 1.0),
        ("#777", 4.478),
        ("#767676", 4.542),
        ("#949494", 3.033),
        ("#959595", 2.995),
        ("#f00", 3.998),
        ("#0f0", 1.372),
        ("#00f", 8.592),
    ] {
        let found = color(text).contrast(white);
        assert!((found - ratio).abs() < 0.001, "{text}: {found}");
        assert_eq!(found, white.contrast(color(text)));
    }
}

#[test]
fn every_form_is_read() {
    for (text, shown) in [
        ("#ABC", "#aabbcc"),
        ("#abc8", "#aabbcc88"),
        ("#0a4f8a", "#0a4f8a"),
        ("#0a4f8aff", "#0a4f8a"),
        ("RebeccaPurple", "#663399"),
        ("transparent", "#00000000"),
        ("rgb(10, 79, 138)", "#0a4f8a"),
        ("rgba(10,79,138,.5)", "#0a4f8a80"),
        ("rgb(8 40 48 / 22%)", "#08283038"),
        ("rgb(100% 0% 50%)", "#ff0080"),
        ("rgb(300 -5 none)", "#ff0000"),
        ("hsl(210deg 50% 50%)", "#4080bf"),
        ("hsl(0.5turn, 100%, 25%)", "#008080"),
        ("hsl(-120 100 50)", "#0000ff"),
        ("hsla(120, 100%, 50%, 0.2)", "#00ff0033"),
        ("hwb(200grad 20% 30%)", "#33b3b3"),
        ("hwb(0 80% 80%)", "#808080"),
        ("oklch(1 0 0)", "#ffffff"),
        ("oklch(62.796% 0.25768 29.234deg)", "#ff0000"),
        ("oklch(0.45201 0.31321 264.052)", "#0000ff"),
        ("oklab(86.644% -0.23389 0.1795)", "#00ff00"),
        ("oklch(50% 0 0 / 50%)", "#63636380"),
    ] {
        assert_eq!(color(text).to_string(), shown, "{text}");
    }
}

#[test]
fn what_is_no_color_is_not_read() {
    for text in [
        "",
        "#",
        "#12",
        "#12345",
        "#ggg",
        "#+1+2+3",
        "gren",
        "rgb(1 2)",
        "rgb(1 2 3",
        "rgb(1px 2 3)",
        "rgb(1 2 3 4)",
        "hsl(10% 50% 50%)",
        "oklch(inf 0 0)",
        "oklch(nan 0 0)",
        "color(srgb 1 0 0)",
        "é",
        "#é1",
        "rgb(1,2,3,4,5)",
        "var(--ink)",
    ] {
        assert_eq!(Color::read(text), None, "{text}");
    }
}

#[test]
fn the_names_are_sorted_so_that_all_are_found() {
    assert!(NAMES.is_sorted_by(|(a, _), (b, _)| a < b));
    for (name, value) in NAMES {
        assert_eq!(color(name), color(&format!("#{value:06x}")), "{name}");
    }
}

#[test]
fn oklch_is_that_of_its_author() {
    // The numbers of CSS Color 4 and of the author's page.
    for (text, lightness, chroma, hue) in [
        ("#ff0000", 0.62796, 0.25768, 29.234),
        ("#00ff00", 0.86644, 0.29483, 142.495),
        ("#0000ff", 0.45201, 0.31321, 264.052),
        ("#663399", 0.44027, 0.16030, 303.373),
    ] {
        let found = Oklch::of(color(text));
        assert!((found.lightness - lightness).abs() < 1e-4, "{text}: {found:?}");
        assert!((found.chroma - chroma).abs() < 1e-4, "{text}: {found:?}");
        assert!((found.hue - hue).abs() < 1e-2, "{text}: {found:?}");
    }
    assert!(Oklch::of(color("#fff")).chroma < 1e-4);
}

#[test]
fn there_and_back_is_the_same_color() {
    let mut dice = Dice(1);
    for _ in 0..20_000 {
        let color = dice.color();
        assert_eq!(Oklch::of(color).color(), color);
        assert_eq!(Color::read(&color.to_string()), Some(color));
    }
    for (_, value) in NAMES {
        let [_, red, green, blue] = value.to_be_bytes();
        let color = Color::new(red, green, blue);
        assert_eq!(Oklch::of(color).color(), color);
    }
}

#[test]
fn what_shows_through_is_mixed() {
    assert_eq!(color("#00000080").over(color("#fff")), color("#7f7f7f"));
    assert_eq!(color("#12345600").over(color("#abc")), color("#abc"));
    assert_eq!(color("#123456").over(color("#abc")), color("#123456"));
}

#[test]
fn the_nearest_shade_passes_and_none_is_nearer() {
    let mut dice = Dice(2);
    let mut moved = 0;
    for round in 0..4000 {
        let (front, ground) = (dice.color(), dice.color());
        let needed = [3.0, 4.5][round % 2];
        let passes = |shade: Color| shade.contrast(ground) >= needed;
        let shade = front.nearest_shade(passes);
        let shade = shade.unwrap_or_else(|| panic!("{front} on {ground}: black or white pass"));
        assert!(passes(shade), "{shade} on {ground}");
        if shade == front {
            continue;
        }
        moved += 1;
        let (before, after) = (Oklch::of(front), Oklch::of(shade));
        // In the gamut, so no channel was cut off: the hue is the same within what 8 bits can say.
        let turned = (before.hue - after.hue + 540.0).rem_euclid(360.0) - 180.0;
        let arc = turned.to_radians().abs() * after.chroma.min(before.chroma);
        assert!(arc < 0.012, "{front} to {shade}: {before:?} {after:?}");
        assert!(after.chroma < before.chroma + 0.012, "{front} to {shade}");
        // No shade that is clearly nearer passes, looked for in other steps than the search has.
        let way = (after.lightness - before.lightness).abs() - 0.006;
        for step in 0..=700 {
            let lightness = f64::from(step) / 700.0;
            if (lightness - before.lightness).abs() < way {
                let nearer = Oklch { lightness, ..before }.color();
                assert!(!passes(nearer), "{front} on {ground}: {nearer} is nearer than {shade}");
            }
        }
    }
    assert!(moved > 1000, "{moved}");
}

#[test]
fn the_nearest_shade_keeps_what_shows_through() {
    let white = color("#fff");
    let shade = color("#777777e0").nearest_shade(|shade| shade.over(white).contrast(white) >= 4.5);
    assert_eq!(shade.map(|shade| shade.alpha), Some(0xe0));
    let faint = color("#77777720").nearest_shade(|shade| shade.over(white).contrast(white) >= 4.5);
    assert_eq!(faint, None);
}
