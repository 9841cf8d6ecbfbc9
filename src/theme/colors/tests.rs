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
    let dress = check(Some(&declared), &files, &config, &mut problems);
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
