//! Owns the pictures that stand for the site as a whole: the logo, the icons of tabs and start screens with their
//! manifest, and the card of link previews. Must not know templates, nor how a picture is coded.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::color::Color;
use crate::config::{BrandPicture, Config, FILE};
use crate::diag::{Code, Diagnostic, Span, json_string, nearest};
use crate::fingerprint::Fp;
use crate::gallery;
use crate::picture::{self, Square, Variant};
use crate::plan::icon::{Icon, LARGEST};
use crate::source::Snapshot;
use crate::yaml::shape::Shape::Text;
use crate::yaml::shape::{self, key};
use crate::yaml::{Fields, Node};

use super::ThemeFile;
use super::assets::flaw_of;

/// What theme.yaml may say of the icons of sites that have no logo.
pub(super) const ICON: shape::Group = shape::Group::of(
    "\"icon\"",
    &[
        key("svg", Text, "A square SVG in the theme's assets."),
        key("png", Text, "The same as a PNG of at least 512 pixels."),
    ],
);

/// The part of the side of a maskable icon in which nothing is cut off, in percent
/// (w3.org/TR/appmanifest, "safe zone": a circle of 40 % radius).
const SAFE: u32 = 80;

/// Where a picture that stands for the site is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// A file below `content/`.
    Content(String),
    /// A file of the theme's assets or of the site's own.
    Asset(String),
}

/// A picture that stands for the site.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) place: Place,
    pub(super) kind: Kind,
    /// Width and height in pixels, or in the units of an SVG.
    pub(super) size: Option<(u32, u32)>,
    /// Its alternative text; by a word of the theme if it is the theme's.
    pub(super) alt: Option<String>,
    bytes: Arc<[u8]>,
}

/// How a picture is coded, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Svg,
    Png,
    Jpeg,
    Other,
}

impl Kind {
    /// Its media type.
    pub(super) fn media(self) -> Option<&'static str> {
        match self {
            Kind::Svg => Some("image/svg+xml"),
            Kind::Png => Some("image/png"),
            Kind::Jpeg => Some("image/jpeg"),
            Kind::Other => None,
        }
    }
}

/// The bytes of a picture, with its width and height in pixels.
type Measured = (Arc<[u8]>, (u32, u32));

/// The pictures that stand for the site.
#[derive(Debug, Default)]
pub struct Marks {
    /// The organization's logo, if there is one.
    pub(super) logo: Option<Mark>,
    /// The picture in link previews of pages that have none.
    pub(super) card: Option<Mark>,
    svg: Option<Arc<[u8]>>,
    png: Option<Measured>,
    /// What icons that must not be see-through lie on.
    ground: Option<Color>,
    /// The icons of the PNG, made together when the first is asked for; none if it is damaged.
    made: OnceLock<BTreeMap<Icon, Variant>>,
    /// The files below `content/` that all of that comes from.
    files: Vec<String>,
    /// The fingerprint of all of that.
    pub fp: Fp,
}

/// What theme.yaml says of icons and the card: paths in the theme's assets.
#[derive(Debug, Default)]
pub(super) struct Declared {
    pub(super) svg: Option<(String, Span)>,
    pub(super) png: Option<(String, Span)>,
    pub(super) card: Option<(String, Span)>,
}

impl Declared {
    pub(super) fn read(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Declared {
        let one = |fields: &Fields<'_>, key: &str, problems: &mut Vec<Diagnostic>| {
            let span = fields.get(key).map(|node: &Node| node.span)?;
            fields.text(key, problems).map(|text| (text, span))
        };
        let mut declared = Declared { card: one(fields, "card", problems), ..Declared::default() };
        if let Some(node) = fields.get("icon") {
            let inner = Fields::read(node, fields.file(), &ICON, problems);
            declared.svg = one(&inner, "svg", problems);
            declared.png = one(&inner, "png", problems);
        }
        declared
    }

    /// What this theme says; what it does not, as the theme says that it extends.
    pub(super) fn or(self, base: Declared) -> Declared {
        // An icon is drawn once, in all of its forms.
        let has_icon = self.svg.is_some() || self.png.is_some();
        let (svg, png) = if has_icon { (self.svg, self.png) } else { (base.svg, base.png) };
        Declared { svg, png, card: self.card.or(base.card) }
    }
}

/// A path that a site names, without the folder that it may begin with: in `content/` first, then in `assets/`.
fn candidates(file: &str) -> Vec<String> {
    let file = file.trim().trim_start_matches("./").trim_start_matches('/');
    match file {
        _ if file.starts_with("content/") || file.starts_with("assets/") => vec![file.to_string()],
        _ => vec![format!("content/{file}"), format!("assets/{file}")],
    }
}

/// Every picture that site.yaml and brand.yaml name: the file, where it stands, and the file that says so.
fn named(config: &Config) -> impl Iterator<Item = (&str, Span, &'static str)> {
    let brand = config.logo.iter().chain(&config.icons);
    let brand = brand.map(|it: &BrandPicture| (it.file.as_str(), it.span, config.brand_file));
    brand.chain(config.image.iter().map(|image| (image.src.as_str(), image.span, FILE)))
}

/// The fingerprint of what site.yaml and brand.yaml say of pictures, wherever it stands.
pub(super) fn fingerprint(config: &Config) -> Fp {
    let files: Vec<_> = named(config).map(|(file, _, told_in)| (file, told_in)).collect();
    let alt = config.image.as_ref().map(|image| &image.alt);
    Fp::of(&(files, config.logo.is_some(), alt))
}

/// The places of what is said about pictures.
pub(super) fn spans(config: &Config) -> impl Iterator<Item = Span> {
    named(config).map(|(_, span, _)| span)
}

/// The files below `content/` that are needed for it; those that are not there are reported.
pub(super) fn wanted(
    snapshot: &Snapshot,
    config: &Config,
    problems: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let mut wanted = Vec::new();
    let root = format!("themes/{}/", config.theme);
    for (file, span, told_in) in named(config) {
        let has = |path: &&String| {
            snapshot.has(path)
                || (path.starts_with("assets/") && snapshot.has(&format!("{root}{path}")))
        };
        let places = candidates(file);
        match places.iter().find(has) {
            Some(found) if found.starts_with("content/") => wanted.push(found.clone()),
            Some(_) => {}
            None => {
                let there = || snapshot.below("content/").chain(snapshot.below("assets/"));
                let name =
                    |path: &str| path.split_once('/').map_or("", |(_, name)| name).to_string();
                let names: Vec<String> = there().map(|(path, _)| name(path)).collect();
                let near = nearest(file, names.iter().map(String::as_str));
                let hint = match near {
                    Some(near) => format!("Did you mean \"{near}\"?"),
                    None => format!("Put the picture there, as {}.", places[0]),
                };
                problems.push(
                    Diagnostic::at(
                        Code::MissingFile,
                        told_in,
                        span,
                        format!("There is no file \"{file}\" in content/ or assets/."),
                    )
                    .hint(hint),
                );
            }
        }
    }
    wanted
}

/// What the site's settings and the theme come to; what cannot be used is reported.
pub(super) fn marks(
    declared: &Declared,
    files: &BTreeMap<String, ThemeFile>,
    config: &Config,
    ground: Option<Color>,
    problems: &mut Vec<Diagnostic>,
) -> Marks {
    let below = files.keys().filter_map(|name| name.strip_prefix("content/"));
    let mut marks = Marks { ground, files: below.map(String::from).collect(), ..Marks::default() };
    let find = |file: &str| {
        candidates(file).into_iter().find_map(|path| files.get(&path).map(|file| (path, file)))
    };
    let theme_file = files.get("theme.yaml").map_or("theme.yaml", |file| file.path.as_str());
    let of_theme = |named: &Option<(String, Span)>, problems: &mut Vec<Diagnostic>| {
        let (path, span) = named.as_ref()?;
        let found = files.get(&format!("assets/{path}"));
        if found.is_none() {
            let assets = files.keys().filter_map(|name| name.strip_prefix("assets/"));
            let message = format!("The theme has no file assets/{path}.");
            problems.push(
                Diagnostic::at(Code::MissingFile, theme_file, *span, message).maybe_hint(
                    nearest(path, assets).map(|near| format!("Did you mean \"{near}\"?")),
                ),
            );
        }
        found.map(|file| Mark::new(Place::Asset(path.clone()), file))
    };
    if let Some(image) = &config.image
        && let Some((path, file)) = find(&image.src)
    {
        let mark = Mark::new(place_of(&path), file);
        if mark.kind == Kind::Svg {
            let message = "Link previews cannot show an SVG.";
            problems.push(
                Diagnostic::at(Code::BadValue, FILE, image.span, message).hint(
                    "Save the picture as PNG or JPEG, 1200 by 630 pixels, and name that file.",
                ),
            );
        } else {
            say_hidden(&path, image.span, FILE, problems);
            marks.card = Some(Mark { alt: Some(image.alt.clone()), ..mark });
        }
    } else {
        marks.card = of_theme(&declared.card, problems);
    }
    let usable = |named: &BrandPicture, problems: &mut Vec<Diagnostic>| {
        let (path, file) = find(&named.file)?;
        let mark = Mark::new(place_of(&path), file);
        if matches!(mark.kind, Kind::Svg | Kind::Png) {
            // It is shown on every page, and all icons are made of it.
            let Some(flaw) = flaw_of(&path, &file.bytes) else { return Some(mark) };
            problems.push(gallery::told(&flaw, &path, config.brand_file, Some(named.span)));
            return None;
        }
        let message = format!("\"{}\" is neither an SVG nor a PNG.", named.file);
        problems.push(
            Diagnostic::at(Code::BadValue, config.brand_file, named.span, message)
                .hint("Save it as SVG, or as PNG, which may be see-through, and name that file."),
        );
        None
    };
    if let Some(named) = &config.logo {
        marks.logo = usable(named, problems);
        if let Some(Mark { place: Place::Content(path), .. }) = &marks.logo {
            say_hidden(path, named.span, config.brand_file, problems);
        }
    }
    let own: Vec<(Mark, Span)> = config
        .icons
        .iter()
        .filter_map(|named| Some((usable(named, problems)?, named.span)))
        .collect();
    let from_logo = || marks.logo.clone().zip(config.logo.as_ref().map(|named| named.span));
    let own = if config.icons.is_empty() { from_logo().into_iter().collect() } else { own };
    for (mark, _) in &own {
        match (mark.kind, mark.size) {
            (Kind::Svg, _) => marks.svg = Some(mark.bytes.clone()),
            (Kind::Png, Some(size)) => marks.png = Some((mark.bytes.clone(), size)),
            _ => {}
        }
    }
    // A mark of somebody else beside the own would be worse than none.
    if config.logo.is_none() && config.icons.is_empty() {
        marks.svg = of_theme(&declared.svg, problems).map(|mark| mark.bytes);
        marks.png = of_theme(&declared.png, problems)
            .and_then(|mark| Some((mark.bytes.clone(), mark.size?)));
    } else {
        say_what_lacks(&own, config, problems);
    }
    let size = |mark: &Mark| (mark.place.clone(), Fp::of_bytes(&mark.bytes), mark.alt.clone());
    let bytes = |bytes: &Arc<[u8]>| Fp::of_bytes(bytes);
    marks.fp = Fp::of(&(
        (marks.logo.as_ref().map(size), marks.card.as_ref().map(size)),
        (marks.svg.as_ref().map(bytes), marks.png.as_ref().map(|(png, _)| bytes(png))),
        marks.ground,
    ));
    marks
}

fn place_of(path: &str) -> Place {
    match path.split_once('/') {
        Some(("content", name)) => Place::Content(name.to_string()),
        _ => Place::Asset(path.strip_prefix("assets/").unwrap_or(path).to_string()),
    }
}

/// A file that is not published cannot be shown.
fn say_hidden(path: &str, span: Span, told_in: &str, problems: &mut Vec<Diagnostic>) {
    if path.split('/').any(|part| part.starts_with('_')) {
        let message =
            "A name that starts with _ is not published, so no page can show this picture.";
        problems.push(
            Diagnostic::at(Code::MissingFile, told_in, span, message)
                .hint("Rename the file or its folder, or put it into the folder assets/."),
        );
    }
}

/// Which icons there will not be, and how to get them.
fn say_what_lacks(own: &[(Mark, Span)], config: &Config, problems: &mut Vec<Diagnostic>) {
    let what = if config.icons.is_empty() { "logo" } else { "icon" };
    let at = |code: Code, span: Span, message: String| {
        Diagnostic::at(code, config.brand_file, span, message)
    };
    let png = own.iter().find_map(|(mark, span)| {
        (mark.kind == Kind::Png).then_some(mark.size?).map(|size| (size, *span))
    });
    match (png, own.first()) {
        (Some(((width, height), span)), _) if width.max(height) < LARGEST => problems.push(
            at(
                Code::SmallIcon,
                span,
                format!("The {what} is {width} by {height} pixels, too small for some icons."),
            )
            .hint(format!(
                "Give a square PNG of at least {LARGEST} by {LARGEST} pixels as \"icon\" of the brand; larger icons are left out until then."
            )),
        ),
        (Some(((width, height), span)), _) if width != height => problems.push(
            at(
                Code::NoIcon,
                span,
                format!("The {what} is {width} by {height} pixels; icons are square, so they get empty edges."),
            )
            .hint("A square PNG as \"icon\" of the brand fills them: icon: img/icon.png"),
        ),
        (None, Some((_, span))) => problems.push(
            at(
                Code::NoIcon,
                *span,
                format!("The {what} is an SVG, which start screens of phones cannot show, so those icons are left out."),
            )
            .hint(format!(
                "Add a square PNG of at least {LARGEST} pixels to \"icon\" of the brand: icon: [img/icon.svg, img/icon.png]"
            )),
        ),
        _ => {}
    }
}

impl Mark {
    fn new(place: Place, file: &ThemeFile) -> Mark {
        let (kind, size) = look(&file.bytes);
        Mark { place, kind, size, alt: None, bytes: file.bytes.clone() }
    }
}

impl Marks {
    /// The icons that can be made.
    pub fn icons(&self) -> impl Iterator<Item = Icon> + '_ {
        Icon::ALL.into_iter().filter(|icon| self.has(*icon))
    }

    fn has(&self, icon: Icon) -> bool {
        match icon.side() {
            None => self.svg.is_some(),
            // A picture that is drawn larger than it is gets blurred.
            Some(side) => {
                self.png.as_ref().is_some_and(|(_, (width, height))| *width.max(height) >= side)
            }
        }
    }

    /// Whether a file below `content/` is one of those that stand for the site.
    pub fn uses(&self, file: &str) -> bool {
        self.files.iter().any(|used| used == file)
    }

    /// The bytes of an icon.
    pub fn make(&self, icon: Icon) -> Option<Vec<u8>> {
        let Some(side) = icon.side() else { return self.svg.as_ref().map(|svg| svg.to_vec()) };
        let made = self.made.get_or_init(|| self.all().unwrap_or_default());
        let png = &made.get(&icon)?.bytes;
        Some(if icon == Icon::Favicon { ico(png, side) } else { png.to_vec() })
    }

    /// All icons of the PNG, for which it is read once.
    fn all(&self) -> Option<BTreeMap<Icon, Variant>> {
        let (png, _) = self.png.as_ref()?;
        let wanted = self.icons().filter_map(|icon| Some((icon, self.square(icon)?)));
        let (icons, squares): (Vec<Icon>, Vec<Square>) = wanted.unzip();
        let made = picture::squares(png, &squares).ok()?;
        Some(icons.into_iter().zip(made).collect())
    }

    /// What an icon shows of the PNG.
    fn square(&self, icon: Icon) -> Option<Square> {
        let ground = Some(self.ground.unwrap_or(Color::new(255, 255, 255)).rgb);
        let (percent, ground) = match icon {
            Icon::Touch => (100, ground),
            Icon::Maskable => (SAFE, ground),
            Icon::Favicon | Icon::Svg | Icon::Small | Icon::Large => (100, None),
        };
        Some(Square { side: icon.side()?, percent, ground })
    }

    /// The manifest: what a phone shows when somebody puts the site on its start screen.
    pub fn manifest(&self, config: &Config) -> String {
        let mut lines = vec![format!("\"name\": {}", json_string(&config.title))];
        let short = config.short_title.as_deref().unwrap_or(&config.title);
        lines.push(format!("\"short_name\": {}", json_string(short)));
        lines.extend(
            config
                .description
                .as_deref()
                .map(|text| format!("\"description\": {}", json_string(text))),
        );
        lines.push(format!("\"lang\": {}", json_string(&config.language)));
        // Relative to this file, so that a site works in any folder.
        for (key, value) in [("id", "./"), ("start_url", "./"), ("scope", "./")] {
            lines.push(format!("\"{key}\": \"{value}\""));
        }
        // It is a site and no program: visitors keep the way back and the address.
        lines.push("\"display\": \"browser\"".into());
        if let Some(ground) = self.ground {
            for key in ["theme_color", "background_color"] {
                lines.push(format!("\"{key}\": \"{ground}\""));
            }
        }
        let icons = self.icons().filter_map(|icon| {
            let (sizes, media, purpose) = match icon {
                Icon::Svg => ("any".to_string(), "image/svg+xml", "any"),
                Icon::Small | Icon::Large | Icon::Maskable => {
                    let side = icon.side()?;
                    let purpose = if icon == Icon::Maskable { "maskable" } else { "any" };
                    (format!("{side}x{side}"), "image/png", purpose)
                }
                Icon::Favicon | Icon::Touch => return None,
            };
            Some(format!(
                "    {{\"src\": \"{}\", \"sizes\": \"{sizes}\", \"type\": \"{media}\", \"purpose\": \"{purpose}\"}}",
                icon.path()
            ))
        });
        let icons: Vec<String> = icons.collect();
        lines.push(format!("\"icons\": [\n{}\n  ]", icons.join(",\n")));
        format!("{{\n  {}\n}}\n", lines.join(",\n  "))
    }
}

/// A PNG as the only picture of an icon file: a header of 6 bytes, one entry of 16, and the PNG as it is
/// (learn.microsoft.com/previous-versions/ms997538; PNG inside since Windows Vista).
fn ico(png: &[u8], side: u32) -> Vec<u8> {
    let length = u32::try_from(png.len()).unwrap_or_default();
    // 0 stands for 256.
    let side = u8::try_from(side).unwrap_or(0);
    let mut out = vec![0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0];
    out.extend(length.to_le_bytes());
    out.extend(22u32.to_le_bytes());
    out.extend(png);
    out
}

/// How a picture is coded and how large it is, by its header.
fn look(bytes: &[u8]) -> (Kind, Option<(u32, u32)>) {
    let number = |at: usize| {
        let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(four))
    };
    // PNG, 11.2.2: the size stands in the first part.
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return (Kind::Png, number(16).zip(number(20)));
    }
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return (Kind::Jpeg, size_of_jpeg(bytes));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("<svg") => (Kind::Svg, size_of_svg(text)),
        _ => (Kind::Other, None),
    }
}

/// ITU-T T.81, B.1 and B.2.2: parts follow each other, and one of those that begin a frame has the size.
fn size_of_jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let two =
        |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let mut at = 2;
    loop {
        let [0xff, marker] = bytes.get(at..at + 2)? else { return None };
        if (0xc0..=0xcf).contains(marker) && ![0xc4, 0xc8, 0xcc].contains(marker) {
            return Some((two(at + 7)?, two(at + 5)?));
        }
        at += 2 + two(at + 2)? as usize;
    }
}

/// The size of an SVG: its own width and height, or those of what it shows.
fn size_of_svg(text: &str) -> Option<(u32, u32)> {
    let from = text.find("<svg")?;
    let tag = text[from..].split('>').next()?;
    let value = |name: &str| {
        let at = tag.find(&format!(" {name}=")).map(|at| at + name.len() + 2)?;
        let quote = tag[at..].chars().next().filter(|c| ['"', '\''].contains(c))?;
        tag[at + 1..].split(quote).next()
    };
    let number = |text: &str| {
        let number: f64 = text.trim().trim_end_matches("px").parse().ok()?;
        (0.5..100_000.0).contains(&number).then_some(number.round() as u32)
    };
    let own = value("width").and_then(number).zip(value("height").and_then(number));
    own.or_else(|| {
        let shown: Vec<&str> =
            value("viewBox")?.split([' ', ',']).filter(|it| !it.is_empty()).collect();
        let [_, _, width, height] = shown.as_slice() else { return None };
        number(width).zip(number(height))
    })
}
