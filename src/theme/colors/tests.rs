//! Owns the tests of a theme's colors: all of Harbor's are accounted for, and what is proposed to a site passes.

use std::sync::Arc;

use super::*;
use crate::color::Oklch;
use crate::config::BrandColor;
use crate::fingerprint::Fp;

const HARBOR: &str = include_str!("../../../themes/harbor/theme.yaml");
const GUIDE: &str = include_str!("../../../docs/themes.md");
const SHEET: &str = include_str!("../../../themes/harbor/assets/css/site.css");

/// Colors of Harbor that carry no meaning: hairlines, shadows, four of the five lines.
const DECORATION: [&str; 6] = ["line", "shade", "line-2", "line-3", "line-4", "line-5"];

fn harbor() -> (Declared, BTreeMap<String, ThemeFile>) {
    let node = crate::yaml::parse(HARBOR, 0).unwrap();
    let Value::Map(entries) = &node.value else { panic!("settings") };
    let (_, colors) = entries.iter().find(|(key, _)| key.text() == Some("colors")).unwrap();
    let mut problems = Vec::new();
    let declared = read(colors, "theme.yaml", &mut problems).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let bytes = Arc::from(SHEET.as_bytes());
    let file = ThemeFile { path: "site.css".into(), fp: Fp::default(), bytes };
    (declared, BTreeMap::from([("assets/css/site.css".to_string(), file)]))
}

fn given(name: &str, light: Color, dark: Option<Color>) -> BrandColor {
    let span = Span::default();
    BrandColor {
        name: name.into(),
        file: crate::config::FILE,
        name_span: span,
        light: (light, span),
        dark: dark.map(|dark| (dark, Span::new(1, 2))),
    }
}

/// What is said of Harbor in the colors of a site, and the rules for the page.
fn said(brand_colors: Vec<BrandColor>) -> (Vec<Diagnostic>, Option<Dress>) {
    let (declared, files) = harbor();
    let config = Config { brand_colors, ..Config::default() };
    let mut problems = Vec::new();
    let Checked { dress, .. } = check(Some(&declared), &files, &config, &mut problems);
    (problems, dress)
}

#[test]
fn harbor_passes_by_itself() {
    let (problems, dress) = said(Vec::new());
    assert!(problems.is_empty() && dress.is_none(), "{problems:?}");
}

#[test]
fn every_color_of_harbor_is_in_a_pair_or_a_decoration() {
    let (declared, _) = harbor();
    let sheet = Sheet::read(SHEET);
    let is_color = |name: &&str| sheet.color(name, Mode::Light).is_ok();
    let there: BTreeSet<&str> = sheet.names().filter(is_color).collect();
    let pairs = declared.pairs.iter().flat_map(Pair::names);
    let told: BTreeSet<&str> = pairs.chain(DECORATION).collect();
    assert_eq!(there, told);
}

#[test]
fn the_ring_of_the_focus_is_seen_on_any_ground() {
    // Of two colors that are 9:1 apart, one is 3:1 from whatever lies around (WCAG technique C40).
    let sheet = Sheet::read(SHEET);
    for mode in Mode::BOTH {
        let [ring, gap] = ["focus", "focus-gap"].map(|name| sheet.color(name, mode).unwrap());
        assert!(ring.contrast(gap) >= 9.0, "{mode:?}: {ring} beside {gap}");
    }
}

/// The color that a hint proposes.
fn proposed(hint: &str) -> Option<Color> {
    let shade = hint.strip_prefix("Write \"").or_else(|| hint.split("dark: \"").nth(1))?;
    Color::read(shade.split('"').next()?)
}

#[test]
fn what_is_proposed_to_a_site_passes_and_keeps_the_hue() {
    let mut seed = 7u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [red, green, blue, _] = seed.to_be_bytes();
        Color::new(red, green, blue)
    };
    let (mut refused, mut taken) = (0, 0);
    for round in 0..60 {
        let name = ["primary", "accent"][round % 2];
        let mut light = next();
        let mut dark = (round % 3 == 0).then(&mut next);
        let before = light;
        // Once for light mode and once for dark.
        for _ in 0..2 {
            let (problems, _) = said(vec![given(name, light, dark)]);
            for problem in &problems {
                refused += 1;
                let shade = proposed(problem.hint.as_deref().unwrap());
                let shade = shade.unwrap_or_else(|| panic!("{name} {light} {dark:?}: {problem:?}"));
                if problem.message.starts_with("In dark mode") {
                    dark = Some(shade);
                } else {
                    light = shade;
                }
            }
        }
        let (problems, dress) = said(vec![given(name, light, dark)]);
        assert!(problems.is_empty(), "{name} {light} {dark:?}: {problems:?}");
        assert!(dress.unwrap().css.contains(&light.to_string()));
        let (before, after) = (Oklch::of(before), Oklch::of(light));
        let turned = (before.hue - after.hue + 540.0).rem_euclid(360.0) - 180.0;
        assert!(turned.to_radians().abs() * before.chroma.min(after.chroma) < 0.012);
        taken += 1;
    }
    assert!(refused > 20 && taken == 60, "{refused} refused");
}

#[test]
fn a_dark_shade_is_made_for_nearly_every_color() {
    // All hues, from pale to deep: what dark mode makes of them passes without a word.
    for hue in 0..18 {
        for lightness in [0.35, 0.8] {
            let hue = f64::from(hue) * 20.0;
            let color = Oklch { lightness, chroma: 0.13, hue }.color();
            for name in ["primary", "accent"] {
                let (problems, _) = said(vec![given(name, color, None)]);
                let dark = problems.iter().find(|p| p.message.starts_with("In dark mode"));
                assert_eq!(dark, None, "{name} {color}");
            }
        }
    }
}

#[test]
fn the_message_in_the_guide_is_the_message() {
    let (accent, dark) = (Color::new(0xff, 0xc5, 0x3d), Color::new(0x3a, 0x2c, 0x10));
    let accent = given("accent", accent, Some(dark));
    let right = given("primary", Color::new(0x0a, 0x4f, 0x8a), None);
    assert!(said(vec![right, accent.clone()]).0.is_empty());
    let pale = given("primary", Color::new(0x4a, 0xa3, 0xdf), None);
    let (problems, _) = said(vec![pale, accent]);
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    let told = [&problem.message, problem.hint.as_ref().unwrap()].into_iter().chain(&problem.trail);
    told.for_each(|line| assert!(GUIDE.contains(line), "docs/themes.md lacks: {line}"));
}

/// The themes of this repository, each with what it says of colors and the sheet that has them. One that goes on
/// from another may have its sheet from there.
#[expect(clippy::disallowed_methods, reason = "themes that come later are looked at, too")]
fn themes() -> Vec<(String, Declared, BTreeMap<String, ThemeFile>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
    let of = |name: &str| {
        let text = std::fs::read_to_string(root.join(name).join("theme.yaml")).unwrap();
        let node = crate::yaml::parse(&text, 0).unwrap();
        let Value::Map(entries) = &node.value else { panic!("settings") };
        let (_, colors) = entries.iter().find(|(key, _)| key.text() == Some("colors"))?;
        let mut problems = Vec::new();
        let declared = read(colors, "theme.yaml", &mut problems).unwrap();
        assert!(problems.is_empty(), "{name}: {problems:?}");
        let sheet = format!("assets/{}", declared.sheet);
        let css = [name, "harbor"].map(|theme| std::fs::read(root.join(theme).join(&sheet)));
        let bytes = Arc::from(css.into_iter().find_map(Result::ok).unwrap());
        let file = ThemeFile { path: "site.css".into(), fp: Fp::default(), bytes };
        Some((name.to_string(), declared, BTreeMap::from([(sheet, file)])))
    };
    let folders = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name());
    folders.filter_map(|name| of(name.to_str().unwrap())).collect()
}

/// Two colors of an organization: all corners and steps of the cube, and what people bring.
fn two_colors() -> Vec<(Color, Color)> {
    let step = |value: usize| u8::try_from(value * 51).unwrap();
    let cube = |at: usize| Color::new(step(at % 6), step(at / 6 % 6), step(at / 36));
    let mut pairs: Vec<(Color, Color)> =
        (0..216).map(|at| (cube(at), cube((at * 73 + 31) % 216))).collect();
    let named = [
        "#ffff00", "#ffffff", "#000000", "#0a0a0a", "#010203", "#777777", "#808080", "#c0c0c0",
        "#fafafa", "#39ff14", "#ff00ff", "#00ffff", "#ff6ec7", "#0000ff", "#ff0000", "#fffbe6",
    ];
    for first in named {
        for second in named.into_iter().step_by(3) {
            pairs.push((Color::read(first).unwrap(), Color::read(second).unwrap()));
        }
    }
    pairs
}

#[test]
fn any_two_colors_give_a_palette_that_passes() {
    let pairs = two_colors();
    for (name, declared, files) in themes() {
        let names: Vec<&str> =
            declared.brand.iter().map(|brand| brand.name.as_str()).take(2).collect();
        let [first, second] = names.as_slice() else { panic!("{name} has two brand colors") };
        let try_out = |(one, two): &(Color, Color)| {
            // What a site writes, and what it writes after each word that it is told.
            let mut brand = vec![given(first, *one, None), given(second, *two, None)];
            for _ in 0..8 {
                let config = Config { brand_colors: brand.clone(), ..Config::default() };
                let mut problems = Vec::new();
                let checked = check(Some(&declared), &files, &config, &mut problems);
                if problems.is_empty() {
                    for palette in &checked.palettes {
                        let color = |name: &str| palette.get(name).copied();
                        let failing = declared.pairs.iter().find(|pair| !pair.passes(color));
                        assert!(failing.is_none(), "{name}, {one} and {two}: {failing:?}");
                    }
                    return;
                }
                for problem in &problems {
                    let hint = problem.hint.as_deref().unwrap();
                    let shade = proposed(hint)
                        .unwrap_or_else(|| panic!("{name}, {one} and {two}: {problem:?}"));
                    let is_about = |color: &&mut BrandColor| {
                        problem.message.contains(&format!("\"{}\"", color.name))
                            || hint.contains(&format!("{}: {{light", color.name))
                    };
                    let at = brand
                        .iter_mut()
                        .find(is_about)
                        .unwrap_or_else(|| panic!("{name}, {one} and {two}: whose is {problem:?}"));
                    if problem.message.starts_with("In dark mode") {
                        at.dark = Some((shade, Span::new(1, 2)));
                    } else {
                        at.light.0 = shade;
                    }
                }
            }
            panic!("{name}, {one} and {two}: told again and again, now {brand:?}");
        };
        std::thread::scope(|scope| {
            for part in pairs.chunks(pairs.len().div_ceil(4)) {
                let try_out = &try_out;
                scope.spawn(move || part.iter().for_each(try_out));
            }
        });
    }
}
