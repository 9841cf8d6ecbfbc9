//! Owns what the colors of site.yaml make of a theme's: which tokens take them, which take only their hue, the shades
//! for dark mode, and whether all pairs still can be told apart. Must not know style sheets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::color::{Color, Oklch};
use crate::config::{BrandColor, Config};
use crate::diag::{Code, Diagnostic, list, nearest};

use super::{BrandName, Declared, Failure, Named, Pair, Palette, told};
use crate::theme::sheet::Mode;

/// A ground that takes only the hue is moved no further than that, or the look would be another one.
const SMALL_STEP: f64 = 0.03;
/// What lies on top and moves further than that has changed sides.
const LARGE_STEP: f64 = 0.15;
/// Below that chroma a color is gray, and its hue is noise.
const GRAY: f64 = 0.002;

/// The theme's colors, to be exchanged for those of a site.
pub(super) struct Wardrobe<'a> {
    pub(super) declared: &'a Declared,
    pub(super) theme: &'a [Palette<'a>; 2],
}

/// A color of site.yaml with what it sets.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    brand: &'a BrandName,
    color: &'a BrandColor,
    light: Color,
    dark: Option<Color>,
}

impl Given<'_> {
    /// The color in a mode, if the site gives one.
    fn exact(&self, mode: Mode) -> Option<Color> {
        match mode {
            Mode::Light => Some(self.light),
            Mode::Dark => self.dark,
        }
    }

    fn with(self, mode: Mode, shade: Color) -> Self {
        match mode {
            Mode::Light => Given { light: shade, ..self },
            Mode::Dark => Given { dark: Some(shade), ..self },
        }
    }

    fn has(&self, name: &str) -> bool {
        self.is_exact(name) || self.brand.tints.iter().any(|token| token.name == name)
    }

    /// Whether the token takes the color as it is.
    fn is_exact(&self, name: &str) -> bool {
        self.brand.tokens.iter().any(|token| token.name == name)
    }
}

/// The theme's color in the hue of the brand, and not stronger than either.
fn tint(theme: Color, brand: Color) -> Color {
    let (own, brand) = (Oklch::of(theme), Oklch::of(brand));
    if own.chroma < GRAY {
        return theme;
    }
    let chroma = own.chroma.min(brand.chroma);
    Color { alpha: theme.alpha, ..Oklch { chroma, hue: brand.hue, ..own }.color() }
}

impl<'a> Wardrobe<'a> {
    /// The colors of site.yaml that the theme knows; the others are reported.
    pub(super) fn givens(
        &self,
        config: &'a Config,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Given<'a>> {
        let mut givens = Vec::new();
        for color in &config.brand_colors {
            let names = || self.declared.brand.iter().map(|brand| brand.name.as_str());
            match self.declared.brand.iter().find(|brand| brand.name == color.name) {
                Some(brand) => givens.push(Given {
                    brand,
                    color,
                    light: color.light.0,
                    dark: color.dark.map(|(dark, _)| dark),
                }),
                None => {
                    let message = format!(
                        "The theme \"{}\" has no brand color \"{}\".",
                        config.theme, color.name
                    );
                    let hint = match nearest(&color.name, names()) {
                        Some(near) => format!("Did you mean \"{near}\"?"),
                        None => format!("It has {}.", list(names())),
                    };
                    problems.push(
                        Diagnostic::at(Code::BadColor, color.file, color.name_span, message)
                            .hint(hint),
                    );
                }
            }
        }
        givens
    }

    /// The palette of a mode with the site's colors.
    pub(super) fn dressed(&self, givens: &[Given<'_>], mode: Mode) -> Palette<'a> {
        let mut palette = self.theme[mode as usize].clone();
        // Grounds that follow in small steps, then brand colors of which only the hue is given, then what lies on
        // top and may go from white to black: so the later ones settle what the earlier ones left.
        let mut following: [Vec<&str>; 3] = Default::default();
        for given in givens {
            let hue = given.exact(mode).unwrap_or(given.light);
            let mut follow = |token: &Named, place: usize| {
                if let Some((name, color)) = palette.get_key_value(token.name.as_str()) {
                    let (name, tinted) = (*name, tint(*color, hue));
                    palette.insert(name, tinted);
                    following[place].push(name);
                }
            };
            for token in &given.brand.tints {
                let is_ground = self.declared.pairs.iter().any(|pair| pair.lies_on(&token.name));
                follow(token, if is_ground { 0 } else { 2 });
            }
            match given.exact(mode) {
                Some(color) => {
                    for token in &given.brand.tokens {
                        if let Some(place) = palette.get_mut(token.name.as_str()) {
                            *place = color;
                        }
                    }
                }
                None => given.brand.tokens.iter().for_each(|token| follow(token, 1)),
            }
        }
        let on_top: BTreeSet<&str> = following[2].iter().copied().collect();
        for (step, names) in following.iter().enumerate() {
            for name in names {
                let Some(now) = palette.get(name).copied() else { continue };
                let shade = match step {
                    0 => self.ground(name, now, &palette, &on_top),
                    1 => now.nearest_shade(self.declared.suits(name, &palette)),
                    _ => self.on_top(name, now, &palette),
                };
                if let Some((place, shade)) = palette.get_mut(name).zip(shade) {
                    *place = shade;
                }
            }
        }
        palette
    }

    /// A ground does not make way for what can make way itself, nor far.
    fn ground(
        &self,
        name: &str,
        now: Color,
        palette: &Palette<'_>,
        on_top: &BTreeSet<&str>,
    ) -> Option<Color> {
        let others: Palette<'_> = palette
            .iter()
            .filter(|(other, _)| !on_top.contains(*other))
            .map(|(other, color)| (*other, *color))
            .collect();
        now.nearest_shade_within(SMALL_STEP, self.declared.suits(name, &others))
    }

    /// What lies on top and would have to go far goes all the way: white on a dark color, black on a light one.
    fn on_top(&self, name: &str, now: Color, palette: &Palette<'_>) -> Option<Color> {
        let suits = self.declared.suits(name, palette);
        let shade = now.nearest_shade(&suits)?;
        let way = Oklch::of(shade).lightness - Oklch::of(now).lightness;
        if way.abs() <= LARGE_STEP {
            return Some(shade);
        }
        let is_up = way > 0.0;
        let end = if is_up { Color::new(255, 255, 255) } else { Color::new(0, 0, 0) };
        Some(if suits(end) { end } else { shade })
    }

    /// The color of site.yaml that a failing pair is to be mended at: the one on top before the one below, one that
    /// is shown as it is before one of which only the hue is taken.
    fn culprit(&self, givens: &[Given<'_>], mode: Mode, pair: &Pair) -> Option<usize> {
        let find = |takes: &dyn Fn(&Given<'_>, &str) -> bool| {
            pair.names().find_map(|name| givens.iter().position(|given| takes(given, name)))
        };
        find(&|given, name| given.exact(mode).is_some() && given.is_exact(name))
            .or_else(|| find(&|given, name| given.has(name)))
    }

    /// The pairs of a mode that fail because of each color of site.yaml.
    fn failures(
        &self,
        givens: &[Given<'_>],
        mode: Mode,
        palette: &Palette<'_>,
    ) -> BTreeMap<usize, Vec<Failure<'a>>> {
        let mut by_given: BTreeMap<usize, Vec<Failure<'a>>> = BTreeMap::new();
        for failure in self.declared.failures(palette) {
            if let Some(given) = self.culprit(givens, mode, failure.0) {
                by_given.entry(given).or_default().push(failure);
            }
        }
        by_given
    }

    /// Reports the colors of site.yaml with which a pair fails, once for each mode.
    pub(super) fn check(
        &self,
        givens: &[Given<'_>],
        dressed: &[Palette<'_>; 2],
        problems: &mut Vec<Diagnostic>,
    ) {
        for (mode, palette) in Mode::BOTH.into_iter().zip(dressed) {
            for (at, failures) in self.failures(givens, mode, palette) {
                let given = &givens[at];
                let color = |name: &str| {
                    let Some(color) = palette.get(name) else { return format!("--{name}") };
                    match givens.iter().find(|g| g.exact(mode).is_some() && g.is_exact(name)) {
                        Some(given) => {
                            format!("the brand color \"{}\" ({color}, --{name})", given.brand.name)
                        }
                        None => format!("--{name} ({color})"),
                    }
                };
                let (message, trail, worst) = told(failures, mode, palette, color);
                let span = match (mode, given.color.dark) {
                    (Mode::Dark, Some((_, span))) => span,
                    _ => given.color.light.1,
                };
                let mut problem =
                    Diagnostic::at(Code::LowContrast, given.color.file, span, message);
                problem.trail = trail;
                problems.push(problem.hint(self.brand_hint(givens, at, mode, worst)));
            }
        }
    }

    /// The nearest shade of a color of site.yaml with which all passes in that mode.
    fn brand_hint(&self, givens: &[Given<'_>], at: usize, mode: Mode, worst: &Pair) -> String {
        let given = givens[at];
        let now = given.exact(mode).unwrap_or(given.light);
        let passes = |shade: Color| {
            let mut others = givens.to_vec();
            others[at] = given.with(mode, shade);
            // What stays as it is decides nearly always, and is asked first.
            let follows = |name: &str| {
                others.iter().any(|g| g.has(name) && !(g.is_exact(name) && g.exact(mode).is_some()))
            };
            let fixed = |name: &str| match others.iter().find(|g| g.is_exact(name)) {
                Some(given) => given.exact(mode),
                None if follows(name) => None,
                None => self.theme[mode as usize].get(name).copied(),
            };
            let own = |pair: &&Pair| pair.names().any(|name| given.is_exact(name));
            self.declared.pairs.iter().filter(own).all(|pair| pair.passes(fixed))
                && !self.failures(&others, mode, &self.dressed(&others, mode)).contains_key(&at)
        };
        let (name, criterion) = (&given.brand.name, worst.kind.criterion());
        match now.nearest_shade(passes) {
            Some(shade) if given.exact(mode).is_some() => {
                format!("Write \"{shade}\", the nearest shade that passes ({criterion}).")
            }
            Some(shade) => format!(
                "Give it a shade for dark mode: {name}: {{light: \"{}\", dark: \"{shade}\"}} passes ({criterion}).",
                given.light
            ),
            None => format!("No shade of it passes here: choose another color ({criterion})."),
        }
    }

    /// The rules that give the page its colors. On paper the light ones hold.
    pub(super) fn css(&self, dressed: &[Palette<'_>; 2]) -> Option<String> {
        // Both modes of each, because the rule for light comes behind the theme's for dark.
        let mut names = BTreeSet::new();
        for (theme, dressed) in self.theme.iter().zip(dressed) {
            names
                .extend(dressed.iter().filter(|(n, c)| theme.get(*n) != Some(*c)).map(|(n, _)| *n));
        }
        if names.is_empty() {
            return None;
        }
        let rules = |mode: Mode| {
            let mut out = String::from(":root{");
            for name in &names {
                if let Some(color) = dressed[mode as usize].get(name) {
                    let _ = write!(out, "--{name}:{color};");
                }
            }
            out + "}"
        };
        Some(format!(
            "\n/* The colors of site.yaml. */\n{}\n@media screen and (prefers-color-scheme:dark){{{}}}\n",
            rules(Mode::Light),
            rules(Mode::Dark)
        ))
    }
}
