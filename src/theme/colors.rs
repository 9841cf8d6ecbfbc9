//! Owns the colors of a theme: which tokens lie on which (theme.yaml), and whether every such pair can be told apart
//! in light and in dark (WCAG 2.2). Must not know how style sheets are read or colors computed, nor templates.

mod brand;

use std::collections::{BTreeMap, BTreeSet};

use crate::color::Color;
use crate::config::Config;
use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::parse::front_matter::TEXTS;
use crate::yaml::shape::Shape::{Group, List, Text};
use crate::yaml::shape::{self, Shape, Way, key, needed};
use crate::yaml::{Fields, Node, Value};

use super::ThemeFile;
use super::sheet::{Mode, Sheet, Trouble};
use brand::Wardrobe;

/// How many further pairs a message names.
const OTHERS: usize = 3;
/// How colors may be written, for hints.
const FORMS: &str =
    "Write it as #rrggbb, rgb(), hsl(), oklch(), a name such as navy, or var(--another).";

/// What theme.yaml says of the colors.
#[derive(Debug)]
pub(super) struct Declared {
    file: String,
    sheet: String,
    sheet_span: Span,
    pairs: Vec<Pair>,
    brand: Vec<BrandName>,
    /// The token of the page's own ground.
    bar: Option<Named>,
}

/// A token, where theme.yaml names it.
#[derive(Debug, Clone)]
struct Named {
    name: String,
    span: Span,
}

/// One color on another.
#[derive(Debug)]
struct Pair {
    kind: Kind,
    front: Named,
    ground: Named,
    /// What lies under a ground that lets it show through.
    over: Option<Named>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Large,
    Part,
}

/// A color that site.yaml may set, and the tokens that follow it.
#[derive(Debug)]
struct BrandName {
    name: String,
    /// Take the color as it is.
    tokens: Vec<Named>,
    /// Take its hue and keep their lightness.
    tints: Vec<Named>,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Text, Kind::Large, Kind::Part];

    fn key(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Large => "large",
            Kind::Part => "part",
        }
    }

    fn needs(self) -> f64 {
        match self {
            Kind::Text => 4.5,
            Kind::Large | Kind::Part => 3.0,
        }
    }

    /// The beginning of a sentence.
    fn words(self) -> &'static str {
        match self {
            Kind::Text => "Text",
            Kind::Large => "Large text",
            Kind::Part => "A part of a control",
        }
    }

    fn criterion(self) -> &'static str {
        match self {
            Kind::Text | Kind::Large => "WCAG 2.2, 1.4.3",
            Kind::Part => "WCAG 2.2, 1.4.11",
        }
    }
}

// ---- theme.yaml -------------------------------------------------------------------------------

/// What theme.yaml may say of the colors.
pub(super) const COLORS: shape::Group = shape::Group::of(
    "\"colors\"",
    &[
        needed("sheet", Text, "The style sheet with the tokens, such as `css/site.css`."),
        key(
            "bar",
            Text,
            "The token of the page's ground, for the bar of browsers and behind icons, such as `paper`.",
        ),
        key("pairs", List(&Group(&PAIR)), "What lies on what."),
        key(
            "brand",
            Shape::Named(None, &Group(&BRAND)),
            "Names of colors that a site may set, and the tokens that follow.",
        ),
    ],
);

const PAIR: shape::Group = shape::Group {
    ways: &[
        Way { with: &["text", "on"], without: &[] },
        Way { with: &["large", "on"], without: &[] },
        Way { with: &["part", "on"], without: &[] },
    ],
    ..shape::Group::of(
        "a pair of colors",
        &[
            key("text", TEXTS, "Tokens of text; a contrast of 4.5 to 1 is needed."),
            key("large", TEXTS, "Tokens of large text; 3 to 1 is needed."),
            key("part", TEXTS, "Tokens of parts of controls; 3 to 1 is needed."),
            key("on", TEXTS, "The tokens on which they lie."),
            key("over", TEXTS, "The token under them, where they let it show through."),
        ],
    )
};

const BRAND: shape::Group = shape::Group::of(
    "a brand color",
    &[
        key("tokens", TEXTS, "Tokens that take the color as it is."),
        key("tints", TEXTS, "Tokens that take its hue and keep their lightness."),
    ],
);

/// Reads `colors` of theme.yaml.
pub(super) fn read(node: &Node, file: &str, problems: &mut Vec<Diagnostic>) -> Option<Declared> {
    let fields = Fields::read(node, file, &COLORS, problems);
    let mut declared = Declared {
        file: file.to_string(),
        sheet: fields.text("sheet", problems).unwrap_or_default(),
        sheet_span: fields.get("sheet").map(|node| node.span).unwrap_or_default(),
        pairs: Vec::new(),
        brand: Vec::new(),
        bar: fields.text("bar", problems).zip(fields.get("bar")).map(|(text, node)| Named {
            name: text.trim_start_matches("--").to_string(),
            span: node.span,
        }),
    };
    if fields.get("sheet").is_none() && matches!(node.value, Value::Map(_)) {
        let message = "\"colors\" does not say which style sheet has the tokens.";
        problems.push(
            Diagnostic::at(Code::MissingKey, file, node.span, message)
                .hint("Add its path in the theme's assets: sheet: css/site.css"),
        );
    }
    match fields.get("pairs").map(|node| (node, &node.value)) {
        Some((_, Value::List(items))) => {
            items.iter().for_each(|item| read_pairs(item, file, &mut declared.pairs, problems));
        }
        Some((node, _)) => {
            fields.wrong::<()>("pairs", node, "a list", problems);
        }
        None => {}
    }
    match fields.get("brand").map(|node| (node, &node.value)) {
        Some((_, Value::Map(entries))) => {
            for (key, node) in entries {
                let inner = Fields::read(node, file, &BRAND, problems);
                declared.brand.push(BrandName {
                    name: key.text().unwrap_or_default().to_string(),
                    tokens: named(&inner, "tokens", problems),
                    tints: named(&inner, "tints", problems),
                });
            }
        }
        Some((node, _)) => {
            fields.wrong::<()>("brand", node, "a group of settings", problems);
        }
        None => {}
    }
    (!declared.sheet.is_empty()).then_some(declared)
}

/// A list of tokens, with the two hyphens of CSS or without.
fn named(fields: &Fields<'_>, key: &str, problems: &mut Vec<Diagnostic>) -> Vec<Named> {
    let texts = fields.texts(key, problems).unwrap_or_default();
    let named = |(text, span): (String, Span)| Named {
        name: text.strip_prefix("--").unwrap_or(&text).to_string(),
        span,
    };
    texts.into_iter().map(named).collect()
}

/// One entry of `pairs`: each of its tokens on each of its grounds.
fn read_pairs(node: &Node, file: &str, pairs: &mut Vec<Pair>, problems: &mut Vec<Diagnostic>) {
    let fields = Fields::read(node, file, &PAIR, problems);
    if !matches!(node.value, Value::Map(_) | Value::Null) {
        return;
    }
    let grounds = named(&fields, "on", problems);
    let over = named(&fields, "over", problems).into_iter().next();
    let fronts: Vec<(Kind, Named)> = Kind::ALL
        .into_iter()
        .flat_map(|kind| {
            named(&fields, kind.key(), problems).into_iter().map(move |front| (kind, front))
        })
        .collect();
    if fronts.is_empty() || grounds.is_empty() {
        let message = "A pair needs what lies on top and what it lies on.";
        problems.push(
            Diagnostic::at(Code::MissingKey, file, node.span, message)
                .hint("Write for example - {text: [ink, link], on: [paper, tint]}; \"large\" is for large text, \"part\" for parts of controls."),
        );
    }
    for (kind, front) in fronts {
        pairs.extend(grounds.iter().map(|ground| Pair {
            kind,
            front: front.clone(),
            ground: ground.clone(),
            over: over.clone(),
        }));
    }
}

// ---- what is seen -----------------------------------------------------------------------------

/// The color of every token that theme.yaml names, in one mode.
type Palette<'a> = BTreeMap<&'a str, Color>;

impl Pair {
    fn names(&self) -> impl Iterator<Item = &str> {
        [Some(&self.front), Some(&self.ground), self.over.as_ref()]
            .into_iter()
            .flatten()
            .map(|named| named.name.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }

    fn lies_on(&self, name: &str) -> bool {
        self.names().skip(1).any(|other| other == name)
    }

    /// The two colors as they are seen, if both have one.
    fn seen(&self, color: impl Fn(&str) -> Option<Color>) -> Option<(Color, Color)> {
        let (front, ground) = (color(&self.front.name)?, color(&self.ground.name)?);
        let ground = match &self.over {
            Some(over) => ground.over(color(&over.name).filter(|over| over.is_opaque())?),
            None => ground,
        };
        ground.is_opaque().then(|| (front.over(ground), ground))
    }

    /// The contrast of the two.
    fn contrast(&self, color: impl Fn(&str) -> Option<Color>) -> Option<f64> {
        self.seen(color).map(|(front, ground)| front.contrast(ground))
    }

    /// Whether the two can be told apart; what is not known is reported elsewhere.
    fn passes(&self, color: impl Fn(&str) -> Option<Color>) -> bool {
        self.contrast(color).is_none_or(|contrast| contrast >= self.kind.needs())
    }
}

/// A pair that cannot be told apart, with its contrast.
type Failure<'a> = (&'a Pair, f64);

impl Declared {
    /// The token of the page's own ground.
    pub(super) fn bar(&self) -> Option<&str> {
        self.bar.as_ref().map(|bar| bar.name.as_str())
    }

    fn failures(&self, palette: &Palette<'_>) -> Vec<Failure<'_>> {
        let color = |name: &str| palette.get(name).copied();
        let fails = |pair: &&Pair| !pair.passes(color);
        let pairs = self.pairs.iter().filter(fails);
        pairs.filter_map(|pair| Some((pair, pair.contrast(color)?))).collect()
    }

    /// Asks of a shade whether all pairs that a token has part in pass when it has that color.
    fn suits<'p>(&'p self, name: &'p str, palette: &'p Palette<'_>) -> impl Fn(Color) -> bool + 'p {
        let pairs: Vec<&Pair> = self.pairs.iter().filter(|pair| pair.has(name)).collect();
        move |shade| {
            let color = |other: &str| {
                if other == name { Some(shade) } else { palette.get(other).copied() }
            };
            pairs.iter().all(|pair| pair.passes(color))
        }
    }

    fn tokens(&self) -> impl Iterator<Item = &Named> {
        let pairs = self
            .pairs
            .iter()
            .flat_map(|pair| [Some(&pair.front), Some(&pair.ground), pair.over.as_ref()])
            .flatten();
        let brand = self.brand.iter().flat_map(|brand| brand.tokens.iter().chain(&brand.tints));
        pairs.chain(brand).chain(&self.bar)
    }

    /// The colors of the tokens in both modes; those that have none are reported.
    fn palettes(
        &self,
        sheet: &Sheet,
        path: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> [Palette<'_>; 2] {
        let mut palettes = [Palette::new(), Palette::new()];
        let mut troubled = BTreeSet::new();
        for token in self.tokens() {
            let name = token.name.as_str();
            for (mode, palette) in Mode::BOTH.into_iter().zip(&mut palettes) {
                if palette.contains_key(name) {
                    continue;
                }
                match sheet.color(name, mode) {
                    Ok(color) => {
                        palette.insert(name, color);
                    }
                    Err(trouble) => {
                        let span = sheet.token(name, mode).map(|token| token.span);
                        if troubled.insert((name, span)) {
                            problems.push(self.trouble(token, trouble, sheet, path));
                        }
                    }
                }
            }
        }
        palettes
    }

    fn trouble(&self, token: &Named, trouble: Trouble, sheet: &Sheet, path: &str) -> Diagnostic {
        let near = |name: &str| nearest(name, sheet.names());
        match trouble {
            Trouble::Missing => Diagnostic::at(
                Code::BadColor,
                &self.file,
                token.span,
                format!("{path} gives the page no color --{}.", token.name),
            )
            .hint(match near(&token.name) {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => format!("Add it there, in the rule :root {{ --{}: …; }}", token.name),
            }),
            Trouble::Unreadable { text, span } => Diagnostic::at(
                Code::BadColor,
                path,
                span,
                format!("\"{text}\" is not a color that can be checked."),
            )
            .hint(near_color(&text).unwrap_or_else(|| FORMS.to_string())),
            Trouble::PointsNowhere { name, span } => Diagnostic::at(
                Code::BadColor,
                path,
                span,
                format!("This points to --{name}, which the page does not have."),
            )
            .maybe_hint(near(&name).map(|near| format!("Did you mean \"--{near}\"?"))),
            Trouble::PointsToItself { span } => Diagnostic::at(
                Code::BadColor,
                path,
                span,
                format!("The color --{} points back to itself.", token.name),
            )
            .hint(FORMS),
        }
    }

    /// Grounds through which one sees, and nobody says what.
    fn check_grounds(&self, palettes: &[Palette<'_>; 2], problems: &mut Vec<Diagnostic>) {
        for pair in &self.pairs {
            let lowest = pair.over.as_ref().unwrap_or(&pair.ground);
            let shows = |palette: &Palette<'_>| {
                palette.get(lowest.name.as_str()).is_some_and(|color| !color.is_opaque())
            };
            if palettes.iter().any(shows) {
                let message = format!(
                    "What lies under --{} shows through it, so its contrast depends on that.",
                    lowest.name
                );
                problems.push(
                    Diagnostic::at(Code::BadColor, &self.file, lowest.span, message)
                        .hint("Say what lies under it: {text: ink, on: shade, over: paper}"),
                );
            }
        }
    }
}

/// What was meant by a color that cannot be read.
fn near_color(text: &str) -> Option<String> {
    let with_sign = format!("#{text}");
    if Color::read(&with_sign).is_some() {
        return Some(format!("Did you mean \"{with_sign}\"?"));
    }
    let near = nearest(text, crate::color::NAMES.iter().map(|(name, _)| *name))?;
    Some(format!("Did you mean \"{near}\"?"))
}

// ---- the check --------------------------------------------------------------------------------

/// Rules that give the page the site's own colors, and where they belong.
#[derive(Debug)]
pub(super) struct Dress {
    /// The style sheet, as it is called in `assets/`.
    pub(super) sheet: String,
    /// The byte of its text behind which the rules stand.
    pub(super) at: usize,
    pub(super) css: String,
    /// The rules alone.
    pub(super) rules: String,
}

/// What the look at the colors comes to.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// The rules for the site's own colors, if it has any.
    pub(super) dress: Option<Dress>,
    /// The color of each token that theme.yaml names, light and dark, with the site's colors in their place.
    pub(super) palettes: [BTreeMap<String, Color>; 2],
}

/// Checks all pairs, and makes the rules for the colors of site.yaml.
pub(super) fn check(
    declared: Option<&Declared>,
    files: &BTreeMap<String, ThemeFile>,
    config: &Config,
    problems: &mut Vec<Diagnostic>,
) -> Checked {
    let Some(declared) = declared else {
        problems.extend(config.brand_colors.first().map(|color| {
            let message = format!("The theme \"{}\" has no brand colors.", config.theme);
            Diagnostic::at(Code::BadColor, color.file, color.name_span, message).hint(
                "Its author can name some under colors in theme.yaml; until then, delete \"colors\" here.",
            )
        }));
        return Checked::default();
    };
    let Some(file) = files.get(&format!("assets/{}", declared.sheet)) else {
        let message = format!("The theme has no style sheet {}.", declared.sheet);
        let sheets = files.keys().filter_map(|name| name.strip_prefix("assets/"));
        let near = nearest(&declared.sheet, sheets.filter(|name| name.ends_with(".css")));
        problems.push(
            Diagnostic::at(Code::MissingFile, &declared.file, declared.sheet_span, message)
                .maybe_hint(near.map(|near| format!("Did you mean \"{near}\"?"))),
        );
        return Checked::default();
    };
    let Ok(text) = std::str::from_utf8(&file.bytes) else { return Checked::default() };
    let sheet = Sheet::read(text);
    let named = |palettes: &[Palette<'_>; 2]| {
        [0, 1].map(|mode| palettes[mode].iter().map(|(name, c)| (name.to_string(), *c)).collect())
    };
    let palettes = declared.palettes(&sheet, &file.path, problems);
    declared.check_grounds(&palettes, problems);
    for mode in Mode::BOTH {
        declared.check_theme(&sheet, &file.path, mode, &palettes, problems);
    }
    let wardrobe = Wardrobe { declared, theme: &palettes };
    let givens = wardrobe.givens(config, problems);
    if givens.is_empty() {
        return Checked { dress: None, palettes: named(&palettes) };
    }
    let dressed = Mode::BOTH.map(|mode| wardrobe.dressed(&givens, mode));
    wardrobe.check(&givens, &dressed, problems);
    let dress = wardrobe.css(&dressed).map(|css| Dress {
        sheet: declared.sheet.clone(),
        at: sheet.end,
        css: format!("{}{css}", "}".repeat(sheet.open)),
        rules: css,
    });
    Checked { dress, palettes: named(&dressed) }
}

/// `2.9` of a contrast, cut off: 4.499 is not 4.5.
fn cut(contrast: f64) -> String {
    format!("{:.2}", (contrast * 100.0).floor() / 100.0)
}

fn in_mode(mode: Mode, sentence: &str) -> String {
    match mode {
        Mode::Light => sentence.to_string(),
        Mode::Dark => format!("In dark mode, {}{}", sentence[..1].to_lowercase(), &sentence[1..]),
    }
}

/// The worst of several failures as a sentence, and the others as further lines.
fn told<'a>(
    mut failures: Vec<Failure<'a>>,
    mode: Mode,
    palette: &Palette<'_>,
    color: impl Fn(&str) -> String,
) -> (String, Vec<String>, &'a Pair) {
    failures.sort_by(|(a, x), (b, y)| (x / a.kind.needs()).total_cmp(&(y / b.kind.needs())));
    let ground = |pair: &Pair| match (&pair.over, pair.seen(|name| palette.get(name).copied())) {
        (Some(over), Some((_, mixed))) => {
            format!("--{} over --{} ({mixed})", pair.ground.name, over.name)
        }
        _ => color(&pair.ground.name),
    };
    let (worst, contrast) = failures[0];
    let (front, below) = (color(&worst.front.name), ground(worst));
    let sentence = format!(
        "{} in {front} on {below} has a contrast of {}:1, but {}:1 is needed.",
        worst.kind.words(),
        cut(contrast),
        worst.kind.needs(),
    );
    let others = failures[1..].iter().take(OTHERS).map(|(pair, contrast)| {
        let (front, below) = (color(&pair.front.name), ground(pair));
        format!("also {front} on {below}: {}:1, needed {}:1", cut(*contrast), pair.kind.needs())
    });
    let mut others: Vec<String> = others.collect();
    match failures.len() - 1 - others.len() {
        0 => {}
        1 => others.push("and one pair more".into()),
        more => others.push(format!("and {more} pairs more")),
    }
    (in_mode(mode, &sentence), others, worst)
}

impl Declared {
    /// Reports the theme's own pairs that fail, once for each token that lies on top.
    fn check_theme(
        &self,
        sheet: &Sheet,
        path: &str,
        mode: Mode,
        palettes: &[Palette<'_>; 2],
        problems: &mut Vec<Diagnostic>,
    ) {
        let palette = &palettes[mode as usize];
        // What is the same in both modes is said once.
        let is_new = |(pair, _): &Failure<'_>| {
            mode == Mode::Light
                || pair.names().any(|name| palettes[0].get(name) != palettes[1].get(name))
        };
        let mut by_front: BTreeMap<&str, Vec<Failure<'_>>> = BTreeMap::new();
        for failure in self.failures(palette).into_iter().filter(is_new) {
            by_front.entry(&failure.0.front.name).or_default().push(failure);
        }
        for (name, failures) in by_front {
            let Some(token) = sheet.token(name, mode) else { continue };
            let color = |name: &str| match palette.get(name) {
                Some(color) => format!("--{name} ({color})"),
                None => format!("--{name}"),
            };
            let (message, trail, worst) = told(failures, mode, palette, color);
            let hint = self.theme_hint(name, token.is_own || mode == Mode::Light, worst, palette);
            let mut problem = Diagnostic::at(Code::LowContrast, path, token.span, message);
            problem.trail = trail;
            problems.push(problem.hint(hint));
        }
    }

    /// The nearest shade of the token on top; of its ground if there is none.
    fn theme_hint(&self, name: &str, is_own: bool, worst: &Pair, palette: &Palette<'_>) -> String {
        let shade = |name: &str| palette.get(name)?.nearest_shade(self.suits(name, palette));
        let criterion = worst.kind.criterion();
        let ground = worst.ground.name.as_str();
        if let Some(shade) = shade(name) {
            let place = if is_own { "" } else { " in the rule for dark mode" };
            return format!(
                "Write --{name}: {shade}{place}, the nearest shade that passes ({criterion})."
            );
        }
        match shade(ground) {
            Some(shade) => format!(
                "No shade of --{name} passes. Write --{ground}: {shade}, the nearest that does ({criterion})."
            ),
            None => format!(
                "No other shade of --{name} or of --{ground} alone passes: choose both anew ({criterion})."
            ),
        }
    }
}

#[cfg(test)]
mod tests;
