//! Owns the look: the theme's templates (with the site's own in their place), components, words and
//! files; and the template engine, which nothing else may touch.
//! Must not know the disk beyond what `source` hands over, nor how an output is written.

mod assets;
mod campaign;
mod colors;
mod context;
mod extends;
mod filters;
pub mod functions;
pub mod icons;
mod minify;
mod picture;
mod report;
mod sheet;
mod structured;
mod value;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use tera::{Context, Tera};

use crate::color::Color;
use crate::config::{BRAND_FILE, BUILTIN_THEMES, Config, FILE};
use crate::diag::{Code, Diagnostic, Span, list, nearest};
use crate::fingerprint::Fp;
use crate::gallery::Gallery;
use crate::headers::{Headers, Uses};
use crate::model::Site;
use crate::parse::component::{Argument, Component, Components, Kind};
use crate::parse::markdown::{Heading, With, Word, escape_into, write_attribute};
use crate::source::{Snapshot, Stamp};
use crate::view::{Assets, Common, View};
use crate::yaml::shape::Shape::{Free, Group, Int, Text};
use crate::yaml::shape::{self, key};
use crate::yaml::{self, Data, Fields, Node};

pub use assets::FEED_SHEET;
use context::Shared;
pub use context::{CONTENT, Subject, TermPage};
pub use extends::bases;
pub use picture::{Element, plain_picture};
pub use report::REFERENCE;

/// Templates that every theme must have.
const NEEDED: [&str; 7] = [
    "base.html",
    "home.html",
    "page.html",
    "section.html",
    "taxonomy.html",
    "term.html",
    "404.html",
];

/// What a theme says of itself.
const SETTINGS_FILE: &str = "theme.yaml";

/// Where among a theme's files those of a base stand that are read beside its own; bases are counted from the nearest.
fn under_base(at: usize, name: &str) -> String {
    format!("extends/{at}/{name}")
}

/// The version of what templates may use; a theme says in theme.yaml for which it was written.
const API: i64 = 1;

/// A theme, ready to render.
#[derive(Debug)]
pub struct Theme {
    tera: Tera,
    /// The components that Markdown may call.
    pub components: Components,
    /// Component names as Markdown writes them, to the names that the engine knows.
    engine_names: HashMap<String, String>,
    words: Words,
    /// The files: path in the theme to path in the output.
    pub assets: Arc<Assets>,
    /// What is in the files.
    pub bytes: BTreeMap<String, Arc<[u8]>>,
    /// The pictures that stand for the site.
    pub marks: icons::Marks,
    /// The color of each token, light and dark.
    palettes: [BTreeMap<String, Color>; 2],
    /// The file and text of each template, for messages.
    sources: report::Sources,
    shows: Arc<Shows>,
    cards: functions::Cards,
    /// How wide pictures are shown: the value of a `sizes` attribute.
    pub sizes: String,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
    /// It can render pages.
    pub usable: bool,
    /// The fingerprint of everything in it.
    pub fp: Fp,
}

/// What the templates show of pages, cards and entries of menus.
#[derive(Debug)]
struct Shows {
    page: value::Fields,
    card: value::Fields,
    entry: value::Fields,
}

impl Shows {
    fn all() -> Shows {
        Shows {
            page: value::Fields::all(context::PAGE),
            card: value::Fields::all(functions::CARD),
            entry: value::Fields::all(functions::ENTRY),
        }
    }

    fn new(files: &BTreeMap<String, ThemeFile>) -> Shows {
        let templates = files.iter().filter(|(name, _)| name.starts_with("templates/"));
        let texts = templates.filter_map(|(_, file)| std::str::from_utf8(&file.bytes).ok());
        let mut words = value::Words::default();
        texts.for_each(|text| words.read(text));
        Shows {
            page: value::Fields::new(context::PAGE, |name| words.name_of_page(name)),
            card: value::Fields::new(functions::CARD, |name| words.name(name)),
            entry: value::Fields::new(functions::ENTRY, |name| words.name(name)),
        }
    }
}

/// The theme's words: language to key to text.
#[derive(Debug, Default)]
struct Words(BTreeMap<String, BTreeMap<String, String>>);

impl Words {
    /// A word in a language; in English when the language has none.
    fn word(&self, lang: &str, key: &str) -> Option<&str> {
        let base = lang.split('-').next().unwrap_or(lang);
        [lang, base, "en"]
            .into_iter()
            .find_map(|lang| self.0.get(lang)?.get(key))
            .map(String::as_str)
            .or_else(|| usual_word(key))
    }

    /// Every key that some language has.
    fn keys(&self) -> BTreeSet<&str> {
        self.0.values().flat_map(|words| words.keys().map(String::as_str)).collect()
    }
}

/// A file that was read: its stamp (none if it comes with the program), fingerprint and bytes.
type ReadFile = (Option<Stamp>, Fp, Arc<[u8]>);

/// What was read of the theme's files, kept so that a file whose stamp did not change is not read again.
#[derive(Debug, Default)]
pub struct Shelf {
    files: HashMap<String, ReadFile>,
    theme: Option<Arc<Theme>>,
    /// Where the brand's colors stood in site.yaml when the theme was made.
    brand_places: Vec<Span>,
}

/// Loads the theme that site.yaml names, or takes the one from the shelf if nothing in it changed.
pub fn load(snapshot: &Snapshot, config: &Config, shelf: &mut Shelf) -> Arc<Theme> {
    let mut problems = Vec::new();
    let (bases, broken) = extends::follow(snapshot, config);
    let files = gather(snapshot, config, &bases, shelf, &mut problems);
    problems.extend(broken);
    let listed: Vec<_> = files.iter().map(|(name, file)| (name, &file.path, file.fp)).collect();
    // A theme that is missing is reported at its place in site.yaml.
    let place =
        (!listed.iter().any(|(name, _, _)| *name == SETTINGS_FILE)).then_some(config.theme_span);
    // The colors count; where they stand matters only to what is said about them.
    let brand = config.brand_colors.iter();
    let colors: Vec<_> =
        brand.clone().map(|c| (&c.name, c.light.0, c.dark.map(|(color, _)| color))).collect();
    let places: Vec<Span> = icons::spans(config)
        .chain(
            brand
                .flat_map(|c| [Some(c.name_span), Some(c.light.1), c.dark.map(|(_, span)| span)])
                .flatten(),
        )
        .collect();
    let pictures = icons::fingerprint(config);
    let fp = Fp::of(&(&listed, &config.theme, place, &problems, colors, pictures));
    let is_at_place = |theme: &Theme| {
        places == shelf.brand_places
            || theme.problems.iter().all(|problem| ![FILE, BRAND_FILE].contains(&&*problem.file))
    };
    if let Some(theme) = shelf.theme.as_ref().filter(|theme| theme.fp == fp && is_at_place(theme)) {
        return theme.clone();
    }
    let theme = Arc::new(Theme::new(files, config, bases.len(), fp, problems));
    shelf.theme = Some(theme.clone());
    shelf.brand_places = places;
    theme
}

/// One file of the theme or of the site in its place.
struct ThemeFile {
    /// Its path in the site's folder.
    path: String,
    fp: Fp,
    bytes: Arc<[u8]>,
}

/// The files by their path in the theme, the site's own over the theme's, and the theme's over those of the themes
/// that it extends. A theme's template that the site replaces stays reachable as `theme/NAME`, so that the site's
/// can extend it, and one of the theme `BASE` that another theme replaces as `BASE/NAME`. The settings and words of
/// a base are read beside the theme's own; they stand at [`under_base`].
fn gather(
    snapshot: &Snapshot,
    config: &Config,
    bases: &[String],
    shelf: &mut Shelf,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, ThemeFile> {
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    // What takes the place of a template leaves it within reach under the name of `of`.
    let mut put = |name: &str, path: &str, of: &str| {
        let replaced = places.insert(name.to_string(), path.to_string());
        // A component has one definition: that of the nearest.
        let is_component = name.starts_with("templates/components/");
        let reached = name.strip_prefix("templates/").filter(|_| !is_component);
        if let (Some(original), Some(reached)) = (replaced, reached) {
            places.entry(format!("templates/{of}/{reached}")).or_insert(original);
        }
    };
    // From the ground up; `below` is the theme of the round before.
    let mut below = "";
    for (at, base) in bases.iter().enumerate().rev() {
        let root = format!("themes/{base}/");
        for (path, _) in snapshot.below(&root) {
            let name = &path[root.len()..];
            if name == SETTINGS_FILE || name.starts_with("i18n/") {
                put(&under_base(at, name), path, below);
            } else {
                put(name, path, below);
            }
        }
        below = base;
    }
    let root = format!("themes/{}/", config.theme);
    for (path, _) in snapshot.below(&root) {
        put(&path[root.len()..], path, below);
    }
    for part in ["templates/", "assets/"] {
        snapshot.below(part).for_each(|(path, _)| put(path, path, "theme"));
    }
    for path in icons::wanted(snapshot, config, problems) {
        places.insert(path.clone(), path);
    }
    let mut files = BTreeMap::new();
    let mut kept = HashMap::new();
    for (name, path) in places {
        let stamp = snapshot.stamp(&path);
        let held = shelf.files.remove(&path).filter(|(old, _, _)| match (old, stamp) {
            (Some(old), Some(new)) => new.same_as(*old),
            (old, new) => old.is_none() && new.is_none(),
        });
        let entry = match held {
            Some(entry) => entry,
            None => match snapshot.read(&path) {
                Ok(bytes) => (stamp, Fp::of_bytes(&bytes), Arc::from(&*bytes)),
                Err(problem) => {
                    problems.push(*problem);
                    continue;
                }
            },
        };
        files.insert(name, ThemeFile { path: path.clone(), fp: entry.1, bytes: entry.2.clone() });
        kept.insert(path, entry);
    }
    shelf.files = kept;
    files
}

impl Theme {
    fn new(
        files: BTreeMap<String, ThemeFile>,
        config: &Config,
        bases: usize,
        fp: Fp,
        mut problems: Vec<Diagnostic>,
    ) -> Theme {
        // What is wrong with `extends` is told already.
        let is_whole = problems.iter().all(|problem| problem.code != Code::Theme);
        let is_usable = problems.is_empty();
        let before = problems.len();
        let (mut declared, mut pictures) = match files.get(SETTINGS_FILE) {
            Some(file) => read_theme_yaml(file, &mut problems),
            None => {
                problems.push(missing_theme(config));
                (None, icons::Declared::default())
            }
        };
        let mut sizes = files.get(SETTINGS_FILE).and_then(read_sizes);
        // A theme that says nothing of its colors, icons or pictures has those of the nearest that does.
        for file in (0..bases).filter_map(|at| files.get(&under_base(at, SETTINGS_FILE))) {
            let (colors, base) = read_theme_yaml(file, &mut problems);
            declared = declared.or(colors);
            pictures = pictures.or(base);
            sizes = sizes.or_else(|| read_sizes(file));
        }
        // Nothing but a theme's version can be wrong with that code.
        let is_for_us = is_whole
            && files.contains_key(SETTINGS_FILE)
            && !problems[before..].iter().any(|problem| problem.code == Code::Theme);
        // Colors keep nothing from being rendered, so what else is wrong is said in the same run.
        let mut color_problems = Vec::new();
        let colors::Checked { dress, palettes } = match problems.len() == before {
            true => colors::check(declared.as_ref(), &files, config, &mut color_problems),
            false => colors::Checked::default(),
        };
        let bar = declared.as_ref().and_then(|declared| declared.bar());
        let ground = bar.and_then(|token| palettes[0].get(token).copied());
        let marks = icons::marks(&pictures, &files, config, ground, &mut color_problems);
        let words = read_words(&files, bases, &mut problems);
        let (tera, sources) = load_templates(&files, &mut problems);
        let (components, engine_names) = components_of(&tera, &files, &mut problems);
        // What a theme for other versions lacks is no news.
        let is_missing = |name: &&&str| !files.contains_key(&format!("templates/{name}"));
        let missing: Vec<&str> = NEEDED.iter().filter(is_missing).copied().collect();
        if is_for_us && !missing.is_empty() {
            problems.push(
                Diagnostic::whole(
                    Code::Theme,
                    &files[SETTINGS_FILE].path,
                    format!("The theme lacks {}, which every theme needs.", list(missing)),
                )
                .hint(format!(
                    "Write \"extends: {}\" in this file to take what is missing from that theme, or copy it from \
                     there to themes/{}/templates/.",
                    crate::config::DEFAULT_THEME,
                    config.theme
                )),
            );
        }
        let needed = needed_assets(&files);
        let (mut assets, mut bytes) = assets::publish(
            files
                .iter()
                .filter_map(|(name, file)| Some((name.strip_prefix("assets/")?, file)))
                .map(|(name, file)| (name.to_string(), (file.path.as_str(), file.bytes.clone()))),
            dress.as_ref(),
            &mut problems,
        );
        assets.retain(|name, _| needed.contains(name.as_str()));
        bytes.retain(|name, _| needed.contains(name.as_str()));
        let usable = is_usable && problems.len() == before;
        problems.append(&mut color_problems);
        Theme {
            usable,
            tera,
            components,
            engine_names,
            words: Words(words),
            assets: Arc::new(assets),
            bytes,
            marks,
            palettes,
            sources,
            shows: Arc::new(Shows::new(&files)),
            cards: functions::Cards::default(),
            sizes: sizes.unwrap_or_else(|| picture::USUAL_SIZES.into()),
            problems,
            fp,
        }
    }

    /// Whether there is such a template.
    pub fn has_template(&self, name: &str) -> bool {
        self.tera.contains_template(name)
    }

    /// The files of all templates, in the site's folder, in order.
    pub fn template_files(&self) -> impl Iterator<Item = &str> {
        let files: BTreeSet<&str> = self.sources.files().collect();
        files.into_iter()
    }

    /// The headers under which the pages of `site` work.
    pub fn headers(&self, site: &Site) -> Headers {
        let has = |ends: &[&str]| {
            self.assets.keys().any(|name| ends.iter().any(|end| name.ends_with(end)))
        };
        let uses = Uses {
            scripts: has(&[".js", ".mjs"]),
            styles: has(&[".css"]),
            fonts: has(&[".woff2", ".woff", ".ttf", ".otf"]),
            media: site.has_media(),
            forms: self.has_template("search.html"),
            manifest: true,
        };
        let base = site.config.base_url.as_ref().map(|base| &*base.path);
        Headers::new(uses, &site.config.security.allow, base)
    }

    /// The file of a template, in the site's folder.
    pub fn file_of_template(&self, name: &str) -> Option<&str> {
        self.sources.file_of(name)
    }

    /// A word of the theme in a language.
    pub fn word(&self, lang: &str, key: &str) -> Option<&str> {
        self.words.word(lang, key)
    }

    /// The template whose name is nearest, or all that there are, as a hint.
    pub fn near_templates(&self, name: &str) -> String {
        let names: BTreeSet<&str> = self
            .tera
            .get_template_names()
            .filter(|name| !name.contains('/') && !name.starts_with("base"))
            .collect();
        match nearest(name, names.iter().copied()) {
            Some(near) => format!("Did you mean \"{near}\"?"),
            None => format!("There are {}.", list(names)),
        }
    }

    /// Writes a phrase of the text as HTML, with what is put into it; `headings` are those of the text.
    pub fn phrase_into(&self, out: &mut String, lang: &str, word: &Word, headings: &[Heading]) {
        let text = self.words.word(lang, word.key).unwrap_or(word.key);
        let number;
        let (mark, value) = match word.with {
            With::Nothing => return escape_into(out, text),
            With::Number(it) => {
                number = it.to_string();
                ("{number}", number.as_str())
            }
            With::Title(at) => ("{title}", headings.get(at as usize).map_or("", Heading::title)),
        };
        // A search for a few bytes that begin with a rare one: setting up a quicker one takes longer than these texts.
        let mut rest = text;
        let mut from = 0;
        let brace = |text: &str| text.bytes().position(|byte| byte == b'{');
        while let Some(at) = brace(&rest[from..]).map(|at| from + at) {
            if !rest[at..].starts_with(mark) {
                from = at + 1;
                continue;
            }
            escape_into(out, &rest[..at]);
            escape_into(out, value);
            (rest, from) = (&rest[at + mark.len()..], 0);
        }
        escape_into(out, rest);
    }
}

/// A theme with a site before it: renders the outputs of one pass. What many of them show alike is made
/// once here and handed to the engine by reference.
#[derive(Debug)]
pub struct Renderer {
    /// The theme.
    pub theme: Arc<Theme>,
    /// What all outputs see.
    pub common: Arc<Common>,
    shared: Arc<Shared>,
}

impl Renderer {
    /// A renderer for the outputs of `site`. What they ask is recorded if it `keeps_reads`.
    pub fn new(
        theme: Arc<Theme>,
        site: Arc<Site>,
        gallery: Arc<Gallery>,
        keeps_reads: bool,
    ) -> Renderer {
        let assets = theme.assets.clone();
        let common = Arc::new(Common::new(site.clone(), assets, gallery, keeps_reads));
        let needs_meta = site.config.security.hosts.iter().any(|host| host.file().is_none());
        let policy = needs_meta.then(|| theme.headers(&site).meta_policy());
        let shared = Arc::new(Shared::new(policy.as_deref(), &theme.sizes));
        Renderer { theme, common, shared }
    }

    /// The cards that lists have in common, to be dropped by whoever has the time, when all lists are made that will be.
    pub fn take_cards(&self) -> impl Send + use<> {
        self.theme.cards.take()
    }

    /// The frame of an output about `subject`, with `view` behind the template functions.
    pub fn frame<'a>(&'a self, subject: &'a Subject<'a>, view: &'a Rc<View>) -> Frame<'a> {
        let shows = self.theme.shows.clone();
        let context = context::page(subject, view, &self.shared, &shows);
        Frame { renderer: self, subject, view, shows, context }
    }
}

/// One output in the making, with the variables that its template and all of its components see.
#[derive(Debug)]
pub struct Frame<'a> {
    renderer: &'a Renderer,
    subject: &'a Subject<'a>,
    /// What the output sees of the site.
    pub view: &'a Rc<View>,
    shows: Arc<Shows>,
    context: Context,
}

impl Frame<'_> {
    /// The theme.
    pub fn theme(&self) -> &Theme {
        &self.renderer.theme
    }

    /// Renders a template. What goes wrong is a diagnostic about `page`.
    ///
    /// # Errors
    /// What the template engine could not do.
    pub fn render(&self, template: &str, page: &str) -> Result<String, Box<Diagnostic>> {
        let theme = self.theme();
        self.tried(|context| theme.tera.render(template, context)).map_err(|error| {
            Box::new(report::rendering(&error, &theme.sources, Some(template), page))
        })
    }

    /// Renders a component that Markdown calls. `place` is where it was called.
    ///
    /// # Errors
    /// What the template engine could not do.
    pub fn component(
        &self,
        name: &str,
        arguments: Vec<(String, Data)>,
        body: Option<&str>,
        place: (&str, crate::diag::Span),
    ) -> Result<String, Box<Diagnostic>> {
        let theme = self.theme();
        let engine_name = theme.engine_names.get(name).map_or(name, String::as_str);
        let mut own = Context::new();
        for (key, data) in arguments {
            own.insert_value(key, value::of_data(&data));
        }
        self.tried(|around| {
            theme.tera.render_component_with_implicits(engine_name, &own, around, body, true)
        })
        .map_err(|error| Box::new(report::in_component(&error, &theme.sources, name, place)))
    }

    /// Renders with what the templates name. Where that goes wrong, it is done again with all that there is,
    /// because the message lists it.
    fn tried(
        &self,
        render: impl Fn(&Context) -> tera::TeraResult<String>,
    ) -> tera::TeraResult<String> {
        let renderer = self.renderer;
        functions::with(self.view, renderer, &self.shows, || render(&self.context)).or_else(|_| {
            let shows = Arc::new(Shows::all());
            let context = context::page(self.subject, self.view, &renderer.shared, &shows);
            functions::with(self.view, renderer, &shows, || render(&context))
        })
    }
}

fn missing_theme(config: &Config) -> Diagnostic {
    Diagnostic::at(
        Code::Theme,
        FILE,
        config.theme_span,
        format!("There is no theme \"{}\".", config.theme),
    )
    .hint(format!(
        "Themes are folders in themes/ with a theme.yaml; {} come with weekmark.",
        list(BUILTIN_THEMES)
    ))
}

fn text_of<'a>(file: &'a ThemeFile, problems: &mut Vec<Diagnostic>) -> Option<&'a str> {
    crate::parse::utf8(&file.path, &file.bytes, problems)
}

fn yaml_of(file: &ThemeFile, problems: &mut Vec<Diagnostic>) -> Option<Node> {
    let text = text_of(file, problems)?;
    yaml::parse(text, 0)
        .map_err(|error| problems.push(yaml::explain(&error, &file.path, text)))
        .ok()
}

/// What theme.yaml may say.
pub const SETTINGS: shape::Group = shape::Group::of(
    "theme.yaml",
    &[
        key("name", Free, "The name of the folder."),
        key(
            extends::KEY,
            Text,
            "The theme that this one is built on: what it does not have itself is taken from there.",
        ),
        key("title", Free, "What people read."),
        key("description", Free, "One sentence."),
        key("version", Free, "The theme's own version."),
        key("author", Free, "Who made it."),
        key("license", Free, "Its license."),
        key("api", Int, "The version of the templates that it was written for: `1`."),
        key(
            "colors",
            Group(&colors::COLORS),
            "Which colors lie on which, so that they can be checked.",
        ),
        key("icon", Group(&icons::ICON), "The icons of sites that have no logo: files in assets/."),
        key(
            "card",
            Text,
            "The picture in link previews of pages without one, 1200 by 630 pixels: a file in assets/.",
        ),
        key(
            "pictures",
            Group(&picture::PICTURES),
            "How wide pictures are shown, so that browsers fetch the version that fits.",
        ),
        key("tokens", Free, "Free; for what people should know about its colors and sizes."),
        key("extra", Free, "Free."),
    ],
);

/// Reads theme.yaml, and gives what it says of colors and pictures.
fn read_theme_yaml(
    file: &ThemeFile,
    problems: &mut Vec<Diagnostic>,
) -> (Option<colors::Declared>, icons::Declared) {
    match yaml_of(file, problems) {
        Some(node) => read_settings(&node, &file.path, problems),
        None => (None, icons::Declared::default()),
    }
}

/// How wide the theme shows pictures, if it says so.
fn read_sizes(file: &ThemeFile) -> Option<String> {
    let node = yaml_of(file, &mut Vec::new())?;
    let fields = Fields::read(&node, &file.path, &SETTINGS, &mut Vec::new());
    let pictures = fields.get("pictures")?;
    // What is wrong with it is told where the other settings are read.
    Fields::read(pictures, &file.path, &picture::PICTURES, &mut Vec::new())
        .text("sizes", &mut Vec::new())
}

/// Says what is wrong with a theme.yaml, apart from what only its other files can tell.
pub fn check_settings(node: &Node, file: &str, problems: &mut Vec<Diagnostic>) {
    read_settings(node, file, problems);
}

fn read_settings(
    node: &Node,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) -> (Option<colors::Declared>, icons::Declared) {
    let fields = Fields::read(node, file, &SETTINGS, problems);
    // Where it leads is followed before; here its form is looked at.
    fields.text(extends::KEY, problems);
    if let Some(api) = fields.int("api", problems)
        && api != API
    {
        problems.push(
            Diagnostic::at(
                Code::Theme,
                file,
                fields.get("api").map(|node| node.span).unwrap_or_default(),
                format!(
                    "This theme was written for version {api} of the templates; weekmark has {API}."
                ),
            )
            .hint(
                "Use the version of the theme that fits, or the version of weekmark that it names.",
            ),
        );
    }
    if let Some(node) = fields.get("pictures") {
        Fields::read(node, file, &picture::PICTURES, problems).text("sizes", problems);
    }
    let pictures = icons::Declared::read(&fields, problems);
    (fields.get("colors").and_then(|node| colors::read(node, file, problems)), pictures)
}

/// The words of the theme; those that it does not have itself, of the nearest base that has them.
fn read_words(
    files: &BTreeMap<String, ThemeFile>,
    bases: usize,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut words: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let folders = (0..bases).rev().map(|at| under_base(at, "i18n/")).chain(["i18n/".to_string()]);
    let in_order: Vec<_> = folders
        .flat_map(|folder| files.iter().map(move |(name, file)| (folder.clone(), name, file)))
        .collect();
    for (folder, name, file) in in_order {
        let Some(lang) = name.strip_prefix(&*folder).and_then(|name| name.strip_suffix(".yaml"))
        else {
            continue;
        };
        let Some(node) = yaml_of(file, problems) else { continue };
        let Data::Map(entries) = node.data() else { continue };
        let texts = entries.into_iter().filter_map(|(key, value)| match value {
            Data::Text(text) => Some((key, text)),
            _ => None,
        });
        words.entry(lang.to_string()).or_default().extend(texts);
    }
    words
}

/// Words of the text that a theme may leave out.
fn usual_word(key: &str) -> Option<&'static str> {
    Some(match key {
        "permalink" => "Link to this part: {title}",
        "table_label" => "Table {number}",
        "footnote_label" => "Footnote {number}",
        "footnotes" => "Footnotes",
        "footnote_back" => "Back to the text of footnote {number}",
        "task_done" => "Done",
        "task_open" => "To do",
        "moved" => "This page has moved",
        "moved_to" => "The page is now here:",
        "not_found" => "Page not found",
        "search_title" => "Search",
        "feed_title" => "Feed of {title}",
        "feed_about" => {
            "This is a feed: it tells programs that look for news what is new on this site."
        }
        "feed_how" => "To subscribe, copy the address of this page into a feed reader.",
        _ => return None,
    })
}

/// Every template into the engine. A template that cannot be read is reported and left out, so that the
/// next one is reported too.
fn load_templates(
    files: &BTreeMap<String, ThemeFile>,
    problems: &mut Vec<Diagnostic>,
) -> (Tera, report::Sources) {
    let mut templates: BTreeMap<&str, &str> = BTreeMap::new();
    let mut sources = report::Sources::default();
    for (name, file) in files {
        let Some(name) = name.strip_prefix("templates/") else { continue };
        if !name.ends_with(".html") && !name.ends_with(".xml") && !name.ends_with(".txt") {
            continue;
        }
        if let Some(text) = text_of(file, problems) {
            templates.insert(name, text);
            sources.add(name, &file.path, text);
        }
    }
    let mut broken = false;
    loop {
        let mut tera = Tera::default();
        // The same signs as the engine's own, a few at a time.
        tera.set_escape_fn(write_attribute);
        functions::register(&mut tera);
        filters::register(&mut tera);
        match tera.add_raw_templates(templates.iter().map(|(name, text)| (*name, *text))) {
            Ok(()) => return (tera, sources),
            Err(error) => {
                let syntax = report::syntax_error_in(&error);
                match syntax {
                    Some(name) if templates.remove(name).is_some() => {
                        broken = true;
                        problems.extend(report::loading(&error, &sources));
                    }
                    // With a template left out, others miss it: that is no news.
                    _ if broken => return (Tera::default(), sources),
                    _ => {
                        problems.extend(report::loading(&error, &sources));
                        return (Tera::default(), sources);
                    }
                }
            }
        }
    }
}

/// The theme's files that something names: a template, a script or `theme.yaml`, by their whole path, or a style
/// sheet that is needed itself. Others are not published. What lies in the site's own `assets/` is there on
/// purpose, and so are licenses.
fn needed_assets(files: &BTreeMap<String, ThemeFile>) -> BTreeSet<&str> {
    let texts: Vec<&str> = files
        .iter()
        .filter(|(name, _)| {
            name.starts_with("templates/") || name.ends_with(SETTINGS_FILE) || name.ends_with(".js")
        })
        .filter_map(|(_, file)| std::str::from_utf8(&file.bytes).ok())
        .collect();
    // A path that is put together when the page is made may be any.
    let is_made_up = |text: &&str| {
        let calls = text.split("asset(path=").skip(1);
        calls.into_iter().any(|rest| !rest.starts_with(['"', '\'']))
    };
    let all_needed = texts.iter().any(is_made_up);
    let is_named = |name: &str| texts.iter().any(|text| text.contains(name));
    let is_needed = |name: &str, file: &ThemeFile| {
        all_needed
            || file.path.starts_with("assets/")
            || [".txt", ".md"].iter().any(|end| name.ends_with(end))
            || name == FEED_SHEET
            || is_named(name)
    };
    let all =
        || files.iter().filter_map(|(name, file)| Some((name.strip_prefix("assets/")?, file)));
    let mut needed: BTreeSet<&str> =
        all().filter(|(name, file)| is_needed(name, file)).map(|(name, _)| name).collect();
    let mut sheets: Vec<&str> =
        needed.iter().copied().filter(|name| name.ends_with(".css")).collect();
    while let Some(sheet) = sheets.pop() {
        let Some(file) = files.get(&format!("assets/{sheet}")) else { continue };
        for target in assets::targets(sheet, &String::from_utf8_lossy(&file.bytes)) {
            let Some((name, _)) = all().find(|(name, _)| *name == target) else { continue };
            if needed.insert(name) && name.ends_with(".css") {
                sheets.push(name);
            }
        }
    }
    needed
}

/// What the templates in `components/` offer to Markdown. The engine's names have `_` where Markdown
/// has `-`.
fn components_of(
    tera: &Tera,
    theme_files: &BTreeMap<String, ThemeFile>,
    problems: &mut Vec<Diagnostic>,
) -> (Components, HashMap<String, String>) {
    let mut components = Components::new();
    let mut engine_names = HashMap::new();
    let names: BTreeSet<String> = tera.get_component_names().map(String::from).collect();
    for engine_name in names {
        let Some(info) = tera.get_component_definition(&engine_name) else { continue };
        // Components that other templates use among themselves have no "about".
        let Some(about) = info.metadata().get("about").and_then(tera::Value::as_str) else {
            continue;
        };
        let text = |key: &str| info.metadata().get(key).and_then(tera::Value::as_str);
        let listed = |key: &str| -> Vec<String> {
            let list = info.metadata().get(key).and_then(tera::Value::as_array);
            list.unwrap_or_default().iter().filter_map(|v| v.as_str().map(String::from)).collect()
        };
        let flag =
            |key: &str| info.metadata().get(key).and_then(tera::Value::as_bool).unwrap_or(false);
        let (links, files) = (listed("links"), listed("files"));
        let arguments = info
            .args()
            .iter()
            .filter(|argument| !argument.is_implicit())
            .map(|argument| Argument {
                name: argument.name().to_string(),
                kind: kind_of(argument, &links, &files),
                required: argument.is_required(),
                choices: choices_of(info.metadata(), argument.name()),
            })
            .collect();
        let name = engine_name.replace('_', "-");
        if !name.chars().all(crate::parse::component::name_char) {
            let place = theme_files.values().find_map(|file| {
                let text = std::str::from_utf8(&file.bytes).ok()?;
                let at = text.find(&format!("component {engine_name}("))? + "component ".len();
                Some((&file.path, Span::new(at, at + engine_name.len())))
            });
            let (file, span) = place.unzip();
            problems.push(Diagnostic::at(
                Code::Theme,
                file.map_or("theme.yaml", String::as_str),
                span.unwrap_or_default(),
                format!("A component cannot be called \"{engine_name}\": use small letters, digits and _."),
            ));
        }
        let component = Component {
            arguments,
            inline: flag("inline"),
            body: text("body") != Some("none"),
            questions: flag("questions"),
            about: about.to_string(),
        };
        engine_names.insert(name.clone(), engine_name);
        components.insert(name, component);
    }
    (components, engine_names)
}

fn kind_of(argument: &tera::ComponentArg, links: &[String], files: &[String]) -> Kind {
    use tera::ComponentArgType as Type;
    if links.iter().any(|name| name == argument.name()) {
        return Kind::Link;
    }
    if files.iter().any(|name| name == argument.name()) {
        return Kind::File;
    }
    match argument.arg_type() {
        Some(Type::Bool) => Kind::Bool,
        Some(Type::Integer) => Kind::Int,
        Some(Type::Float | Type::Number) => Kind::Number,
        _ => Kind::Text,
    }
}

fn choices_of(metadata: &BTreeMap<String, tera::Value>, argument: &str) -> Vec<String> {
    let list = metadata
        .get("choices")
        .and_then(tera::Value::as_map)
        .and_then(|map| map.iter().find(|(key, _)| key.as_str() == Some(argument)))
        .and_then(|(_, list)| list.as_array());
    list.unwrap_or_default().iter().filter_map(|v| v.as_str().map(String::from)).collect()
}
