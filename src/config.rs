//! Owns site.yaml: every setting, its type and its default, read with diagnostics.
//! Must not know pages, templates, the command line or where the file lies.

use std::collections::BTreeMap;

use crate::calendar::{self, Rule, Zone};
use crate::color::{self, Color};
use crate::diag::{Code, Diagnostic, Span, list, nearest};
use crate::parse::front_matter::{self, FrontMatter, Off};
use crate::parse::markdown::Extensions;
use crate::slug::capital;
use crate::yaml::{self, Data, Fields, Node, Value};

/// The name of the file, in the site's folder.
pub const FILE: &str = "site.yaml";
/// How other programs would call it; told, and never read.
pub const MISNAMED: &str = "site.yml";

/// The theme of a site that names none.
pub const DEFAULT_THEME: &str = "harbor";

/// One key of site.yaml, for the reference.
pub const KEYS: &[(&str, &str)] = &[
    ("title", "The name of the site. Needed."),
    ("short_title", "A shorter name for narrow places."),
    ("tagline", "A few words that stand with the title on the home page."),
    ("description", "One sentence about the site, for search results and the feed."),
    (
        "base_url",
        "The address at which the site will be, such as https://example.org/week/. Only canonical addresses, link previews, the feed and the sitemap need it.",
    ),
    ("language", "The language of the pages, such as en."),
    ("languages", "Further languages: code to {name, title, tagline, description, menus}."),
    ("time_zone", "The zone in which \"today\" is read, such as America/New_York."),
    ("theme", "The folder in themes/ that gives the site its look."),
    (
        "brand",
        "Who runs the site: name, url, email, phone, logo; colors: those of the theme by name.",
    ),
    (
        "menus",
        "Menus by name: each a list of pages, or of {title, page or url, children}; \"children: pages\" lists the pages of a section.",
    ),
    ("taxonomies", "Ways to group pages: names, or name to {title, description}."),
    ("markdown", "raw_html, extensions (all, none or a list), check_links."),
    (
        "links",
        "\"portable\" (the site also works from disk) or \"clean\" (addresses end in a slash).",
    ),
    ("defaults", "Front matter for all pages of a folder, by folder."),
    ("feed", "limit: how many pages the feed holds."),
    ("campaign", "The observance: name, rule, days."),
    (
        "checks",
        "reading_grade and page_weight (in KB): the most that is not reported, or none; off: checks that are switched off, with the reason.",
    ),
    ("extra", "Free settings for the theme's templates."),
];

/// Everything that site.yaml says.
#[derive(Debug, Clone, PartialEq, Hash)]
#[expect(missing_docs, reason = "each field is a key of `KEYS`, documented there")]
pub struct Config {
    pub title: String,
    pub short_title: Option<String>,
    pub tagline: Option<String>,
    pub description: Option<String>,
    pub base_url: Option<BaseUrl>,
    pub language: String,
    pub language_name: String,
    pub languages: Vec<Language>,
    pub time_zone: Zone,
    pub theme: String,
    pub theme_span: Span,
    pub brand: Vec<(String, Data)>,
    pub brand_colors: Vec<BrandColor>,
    pub menus: BTreeMap<String, Vec<MenuItem>>,
    pub taxonomies: Vec<Taxonomy>,
    pub raw_html: bool,
    pub extensions: Extensions,
    pub check_links: bool,
    pub links: LinkStyle,
    pub defaults: Vec<(String, FrontMatter)>,
    pub defaults_spans: Vec<Span>,
    pub feed_limit: usize,
    pub campaign: Option<Campaign>,
    pub checks: Checks,
    pub extra: Vec<(String, Data)>,
}

/// The address of the site: `https://example.org` and `/week/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// Scheme and host, no slash at the end.
    pub origin: String,
    /// The path, with a slash at both ends.
    pub path: String,
}

impl BaseUrl {
    /// Reads an absolute http address without query and fragment.
    pub fn read(text: &str) -> Option<BaseUrl> {
        let (scheme, rest) = text.trim().split_once("://")?;
        if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return None;
        }
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%:@[]".contains(c);
        if host.is_empty() || host.contains('@') || !rest.chars().all(plain) {
            return None;
        }
        let path = path.trim_matches('/');
        Some(BaseUrl {
            origin: format!("{}://{}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase()),
            path: if path.is_empty() { "/".into() } else { format!("/{path}/") },
        })
    }

    /// The absolute address of a path on the site, which starts with a slash.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{}{}", self.origin, self.path, path.trim_start_matches('/'))
    }
}

/// A color of the organization, for the tokens of the theme that go by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BrandColor {
    /// Such as `primary`.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The color, and where it stands.
    pub light: (Color, Span),
    /// The one for dark mode; made from the other if it is not said.
    pub dark: Option<(Color, Span)>,
}

/// A further language.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Language {
    /// Such as `es`.
    pub code: String,
    /// Its name in itself, such as `Español`.
    pub name: String,
    /// The site's title in it.
    pub title: Option<String>,
    /// The tagline in it.
    pub tagline: Option<String>,
    /// The description in it.
    pub description: Option<String>,
    /// Menus in it; those of the main language otherwise.
    pub menus: BTreeMap<String, Vec<MenuItem>>,
}

/// One entry of a menu.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct MenuItem {
    /// The page's title if not said.
    pub title: Option<String>,
    /// A source file of this site, or an address.
    pub target: String,
    /// Whether `target` is a source file.
    pub is_page: bool,
    /// Entries below it.
    pub children: Vec<MenuItem>,
    /// `children: pages`: the entries below it are the pages of the section.
    pub lists_pages: bool,
    /// Where it stands in site.yaml.
    pub span: Span,
}

/// A way to group pages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Taxonomy {
    /// The key in front matter and the first part of the address.
    pub name: String,
    /// What visitors read.
    pub title: String,
    /// One sentence for its page.
    pub description: Option<String>,
}

/// How links inside the site are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkStyle {
    /// `../careers/index.html`: works on every host, in every folder and from disk.
    Portable,
    /// `../careers/`: needs a host that finds the index page by itself.
    Clean,
}

/// What is reported of pages that could be better.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checks {
    /// The highest reading grade that is not reported.
    pub reading_grade: Option<u8>,
    /// The weight of a page's first view that is not reported, in KB over the wire.
    pub page_weight: Option<u16>,
    /// Checks that are switched off on the whole site.
    pub off: Vec<Off>,
}

impl Default for Checks {
    fn default() -> Self {
        Checks { reading_grade: Some(8), page_weight: Some(60), off: Vec::new() }
    }
}

/// The observance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Campaign {
    /// Its name in a sentence.
    pub name: String,
    /// When it is.
    pub rule: Rule,
    /// A title for each of its days.
    pub days: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            title: String::new(),
            short_title: None,
            tagline: None,
            description: None,
            base_url: None,
            language: "en".into(),
            language_name: "English".into(),
            languages: Vec::new(),
            time_zone: Zone::named("UTC").expect("UTC is in the database"),
            theme: DEFAULT_THEME.into(),
            theme_span: Span::default(),
            brand: Vec::new(),
            brand_colors: Vec::new(),
            menus: BTreeMap::new(),
            taxonomies: vec![Taxonomy {
                name: "tags".into(),
                title: "Tags".into(),
                description: None,
            }],
            raw_html: false,
            extensions: Extensions::default(),
            check_links: true,
            links: LinkStyle::Portable,
            defaults: Vec::new(),
            defaults_spans: Vec::new(),
            feed_limit: 20,
            campaign: None,
            checks: Checks::default(),
            extra: Vec::new(),
        }
    }
}

impl Config {
    /// Reads site.yaml. What cannot be read is reported and keeps its default; `None` when the file is
    /// not YAML at all.
    pub fn read(text: &str, problems: &mut Vec<Diagnostic>) -> Option<Config> {
        let start = crate::parse::byte_order_mark(text);
        let node = match yaml::parse(&text[start..], start) {
            Ok(node) => node,
            Err(error) => {
                problems.push(yaml::explain(&error, FILE, text));
                return None;
            }
        };
        let known: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
        let fields = Fields::read(&node, FILE, "site.yaml", &known, problems);
        let mut config = Config::default();
        let is_group = matches!(node.value, Value::Map(_) | Value::Null);
        config.words(&fields, is_group, problems);
        config.places(&fields, problems);
        config.grouping(&fields, problems);
        config.writing(&fields, problems);
        if let Some(node) = fields.get("checks") {
            config.checks = checks(node, problems);
        }
        config.campaign = fields.get("campaign").and_then(|node| campaign(node, problems));
        if let Some(campaign) = config.campaign.as_mut().filter(|campaign| campaign.name.is_empty())
        {
            campaign.name.clone_from(&config.title);
        }
        Some(config)
    }

    fn words(&mut self, fields: &Fields<'_>, is_group: bool, problems: &mut Vec<Diagnostic>) {
        match fields.text("title", problems) {
            Some(title) => self.title = title,
            None if is_group && fields.get("title").is_none() => problems.push(
                Diagnostic::at(Code::MissingKey, FILE, Span::new(0, 0), "The site has no title.")
                    .hint("Add a line such as: title: National Case Management Week"),
            ),
            None => {}
        }
        self.short_title = fields.text("short_title", problems);
        self.tagline = fields.text("tagline", problems);
        self.description = fields.text("description", problems);
        if let Some(code) = fields.text("language", problems) {
            let span = fields.get("language").map(|node| node.span).unwrap_or_default();
            self.language = language_code(&code, span, problems);
        }
        self.language_name = name_of_language(&self.language).to_string();
        if let Some(node) = fields.get("languages") {
            self.languages = languages(node, problems);
            // The main language may be listed for the sake of its name.
            if let Some(at) = self.languages.iter().position(|l| l.code == self.language) {
                self.language_name = self.languages.remove(at).name;
            }
        }
        self.extra = group(fields, "extra", problems);
        self.brand = group(fields, "brand", problems);
        self.brand_colors = brand_colors(fields.get("brand"), problems);
        let url =
            self.brand.iter().find(|(key, _)| key == "url").and_then(|(_, url)| url.as_text());
        if let Some((url, node)) = url.zip(fields.get("brand")) {
            crate::parse::data::check_url(url, FILE, node.span, problems);
        }
    }

    fn places(&mut self, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
        if let Some((text, node)) = fields.text("base_url", problems).zip(fields.get("base_url")) {
            self.base_url = BaseUrl::read(&text);
            if self.base_url.is_none() {
                problems.push(
                    Diagnostic::at(
                        Code::BadValue,
                        FILE,
                        node.span,
                        format!("\"{text}\" is not the address of a site."),
                    )
                    .hint("Write it in full: https://example.org/ or https://example.org/week/."),
                );
            }
        }
        if let Some((name, node)) = fields.text("time_zone", problems).zip(fields.get("time_zone"))
        {
            match Zone::named(&name) {
                Some(zone) => self.time_zone = zone,
                None => problems.push(
                    Diagnostic::at(
                        Code::BadValue,
                        FILE,
                        node.span,
                        format!("There is no time zone \"{name}\"."),
                    )
                    .hint(
                        "Write a name of the IANA list, such as America/New_York or Europe/Madrid.",
                    ),
                ),
            }
        }
        if let Some((name, node)) = fields.text("theme", problems).zip(fields.get("theme")) {
            self.theme = name;
            self.theme_span = node.span;
        }
        if let Some((name, node)) = fields.text("links", problems).zip(fields.get("links")) {
            self.links = match name.as_str() {
                "portable" => LinkStyle::Portable,
                "clean" => LinkStyle::Clean,
                _ => {
                    problems.push(
                        Diagnostic::at(
                            Code::BadValue,
                            FILE,
                            node.span,
                            format!("\"links\" cannot be \"{name}\"."),
                        )
                        .hint("Write portable (works everywhere, from disk too) or clean (addresses end in a slash)."),
                    );
                    LinkStyle::Portable
                }
            };
        }
    }

    fn grouping(&mut self, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
        if let Some(node) = fields.get("menus") {
            self.menus = menus(node, problems);
        }
        if let Some(node) = fields.get("taxonomies") {
            self.taxonomies = taxonomies(node, problems);
        }
        let names: Vec<String> = self.taxonomies.iter().map(|t| t.name.clone()).collect();
        if let Some(node) = fields.get("defaults") {
            let found = defaults(node, &names, problems);
            self.defaults_spans = found.iter().map(|(_, span)| *span).collect();
            self.defaults = found.into_iter().map(|(defaults, _)| defaults).collect();
        }
        if let Some(node) = fields.get("feed") {
            let inner = Fields::read(node, FILE, "\"feed\"", &["limit"], problems);
            if let Some(limit) = inner.int("limit", problems) {
                self.feed_limit = usize::try_from(limit).unwrap_or(0);
            }
        }
    }

    fn writing(&mut self, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
        let Some(node) = fields.get("markdown") else { return };
        let inner = Fields::read(
            node,
            FILE,
            "\"markdown\"",
            &["raw_html", "extensions", "check_links"],
            problems,
        );
        self.raw_html = inner.bool("raw_html", problems).unwrap_or(false);
        self.check_links = inner.bool("check_links", problems).unwrap_or(true);
        let Some(names) = inner.texts("extensions", problems) else { return };
        let mut chosen: Vec<&str> = Vec::new();
        for (name, span) in &names {
            match name.as_str() {
                "all" => chosen.extend(Extensions::NAMES),
                "none" => {}
                name => match Extensions::NAMES.iter().find(|known| **known == name) {
                    Some(known) => chosen.push(known),
                    None => problems.push(
                        Diagnostic::at(
                            Code::BadValue,
                            FILE,
                            *span,
                            format!("There is no extension of Markdown called \"{name}\"."),
                        )
                        .hint(format!("There are {}, all and none.", list(Extensions::NAMES))),
                    ),
                },
            }
        }
        self.extensions = Extensions::only(&chosen);
    }

    /// The title of the site in a language.
    pub fn title_in(&self, lang: &str) -> &str {
        self.language_named(lang).and_then(|l| l.title.as_deref()).unwrap_or(&self.title)
    }

    /// The further language of that code.
    pub fn language_named(&self, code: &str) -> Option<&Language> {
        self.languages.iter().find(|language| language.code == code)
    }
}

fn group(fields: &Fields<'_>, name: &str, problems: &mut Vec<Diagnostic>) -> Vec<(String, Data)> {
    let Some(node) = fields.get(name) else { return Vec::new() };
    match node.data() {
        Data::Map(entries) => entries,
        _ => {
            fields.wrong::<()>(name, node, "a group of settings", problems);
            Vec::new()
        }
    }
}

/// The entry `colors` of `brand`.
fn brand_colors(brand: Option<&Node>, problems: &mut Vec<Diagnostic>) -> Vec<BrandColor> {
    let Some(Value::Map(settings)) = brand.map(|node| &node.value) else { return Vec::new() };
    let Some((_, node)) = settings.iter().find(|(key, _)| key.text() == Some("colors")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, name_span, node) in entries(node, "colors", problems) {
        let (light, dark) = match &node.value {
            Value::Map(_) => {
                let keys = ["light", "dark"];
                let inner = Fields::read(node, FILE, "a brand color", &keys, problems);
                let at = |key: &str| inner.key_span(key);
                if at("light").is_none() {
                    problems.push(
                        Diagnostic::at(
                            Code::MissingKey,
                            FILE,
                            name_span,
                            format!("The brand color \"{name}\" has no color for light mode."),
                        )
                        .hint("Add light; only dark may be left out."),
                    );
                }
                let mut read = |key: &str| brand_color(key, at(key)?, inner.get(key), problems);
                (read("light"), read("dark"))
            }
            _ => (brand_color(&name, name_span, Some(node), problems), None),
        };
        found.extend(light.map(|light| BrandColor { name, name_span, light, dark }));
    }
    found
}

/// One color; `key` is what stands before it.
fn brand_color(
    key: &str,
    key_span: Span,
    node: Option<&Node>,
    problems: &mut Vec<Diagnostic>,
) -> Option<(Color, Span)> {
    let wrong = |span: Span, message: String, hint: String| {
        Diagnostic::at(Code::BadColor, FILE, span, message).hint(hint)
    };
    let Some(node) = node.filter(|node| node.value != Value::Null) else {
        let hint =
            format!("Put it in quotation marks, because a # begins a note: {key}: \"#0a4f8a\"");
        problems.push(wrong(key_span, format!("\"{key}\" has no color."), hint));
        return None;
    };
    let text = node.text().unwrap_or_default();
    match Color::read(text) {
        Some(color) if color.is_opaque() => return Some((color, node.span)),
        Some(color) => problems.push(wrong(
            node.span,
            format!("A brand color covers what is under it, but \"{text}\" is see-through."),
            format!("Write \"{}\".", Color { alpha: 255, ..color }),
        )),
        None => {
            let with_sign = format!("#{text}");
            let near = match Color::read(&with_sign) {
                Some(_) => Some(with_sign.as_str()),
                None => nearest(text, color::NAMES.iter().map(|(name, _)| *name)),
            };
            let hint = match near {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => {
                    "Write it as \"#0a4f8a\", \"rgb(10 79 138)\" or a name such as navy.".into()
                }
            };
            let message = match text {
                "" => format!("\"{key}\" needs a color, but here stands {}.", node.kind()),
                text => format!("\"{text}\" is not a color."),
            };
            problems.push(wrong(node.span, message, hint));
        }
    }
    None
}

fn language_code(code: &str, span: Span, problems: &mut Vec<Diagnostic>) -> String {
    // The first part is a code of two or three letters; a name such as "english" would be one of the
    // longer kind, of which there is none.
    let main = code.split('-').next().unwrap_or_default();
    let good = main.len() <= 3
        && code.split('-').all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    if !good {
        problems.push(
            Diagnostic::at(Code::BadValue, FILE, span, format!("\"{code}\" is not a language."))
                .hint("Write a code such as en, es or pt-BR (BCP 47)."),
        );
        return "en".into();
    }
    code.to_string()
}

/// The entries of a map, each with its name; says so when it is none.
fn entries<'a>(
    node: &'a Node,
    what: &str,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(String, Span, &'a Node)> {
    match &node.value {
        Value::Map(entries) => {
            yaml::check_keys(node, FILE, problems);
            entries
                .iter()
                .filter_map(|(key, value)| Some((key.text()?.to_string(), key.span, value)))
                .collect()
        }
        Value::Null => Vec::new(),
        _ => {
            let message =
                format!("\"{what}\" needs a group of settings, but here stands {}.", node.kind());
            problems.push(Diagnostic::at(Code::WrongType, FILE, node.span, message).hint(
                "Write each name on a line of its own below it, moved to the right, with a colon.",
            ));
            Vec::new()
        }
    }
}

fn languages(node: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Language> {
    let keys = ["name", "title", "tagline", "description", "menus"];
    entries(node, "languages", problems)
        .into_iter()
        .map(|(code, span, node)| {
            let inner = Fields::read(node, FILE, "a language", &keys, problems);
            Language {
                code: language_code(&code, span, problems),
                name: inner
                    .text("name", problems)
                    .unwrap_or_else(|| name_of_language(&code).to_string()),
                title: inner.text("title", problems),
                tagline: inner.text("tagline", problems),
                description: inner.text("description", problems),
                menus: inner.get("menus").map(|node| menus(node, problems)).unwrap_or_default(),
            }
        })
        .collect()
}

/// A language's name in itself, where we know it.
fn name_of_language(code: &str) -> &str {
    match code {
        "en" => "English",
        "es" => "Español",
        "fr" => "Français",
        "de" => "Deutsch",
        "pt" => "Português",
        "it" => "Italiano",
        "vi" => "Tiếng Việt",
        "zh" => "中文",
        "ko" => "한국어",
        "tl" => "Tagalog",
        "ru" => "Русский",
        "ar" => "العربية",
        code => code,
    }
}

fn menus(node: &Node, problems: &mut Vec<Diagnostic>) -> BTreeMap<String, Vec<MenuItem>> {
    entries(node, "menus", problems)
        .into_iter()
        .map(|(name, _, node)| (name, menu_items(node, problems)))
        .collect()
}

fn menu_items(node: &Node, problems: &mut Vec<Diagnostic>) -> Vec<MenuItem> {
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        Value::Null => &[],
        _ => {
            let message = format!("A menu is a list of entries, but here stands {}.", node.kind());
            problems.push(
                Diagnostic::at(Code::WrongType, FILE, node.span, message)
                    .hint("Write each entry on a line of its own, with a hyphen: - about.md"),
            );
            &[]
        }
    };
    items.iter().filter_map(|item| menu_item(item, problems)).collect()
}

fn menu_item(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<MenuItem> {
    if let Some(page) = node.text() {
        return Some(MenuItem {
            title: None,
            target: page.to_string(),
            is_page: true,
            children: Vec::new(),
            lists_pages: false,
            span: node.span,
        });
    }
    let inner =
        Fields::read(node, FILE, "a menu entry", &["title", "page", "url", "children"], problems);
    if !matches!(node.value, Value::Map(_)) {
        return None;
    }
    let title = inner.text("title", problems);
    let (page, url) = (inner.text("page", problems), inner.text("url", problems));
    let span = inner.get("page").or(inner.get("url")).map_or(node.span, |node| node.span);
    if let Some(url) = &url {
        crate::parse::data::check_url(url, FILE, span, problems);
    }
    let (target, is_page) = match (page, url) {
        (Some(page), None) => (page, true),
        (None, Some(url)) if title.is_some() => (url, false),
        _ => {
            problems.push(
                Diagnostic::at(
                    Code::MissingKey,
                    FILE,
                    node.span,
                    "A menu entry needs a page, or a title and a url.",
                )
                .hint("Write - page: careers/_index.md, or - {title: \"Our association\", url: \"https://example.org/\"}."),
            );
            return None;
        }
    };
    let below = inner.get("children");
    let lists_pages = below.and_then(Node::text) == Some("pages");
    let children = match below {
        Some(node) if !lists_pages => menu_items(node, problems),
        _ => Vec::new(),
    };
    Some(MenuItem { title, target, is_page, children, lists_pages, span })
}

fn taxonomies(node: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Taxonomy> {
    let mut found: Vec<Taxonomy> = Vec::new();
    let mut add = |name: &str,
                   span: Span,
                   title: Option<String>,
                   description: Option<String>,
                   problems: &mut Vec<Diagnostic>| {
        let reserved = front_matter::KEYS.iter().any(|key| key.name == name);
        let good = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if reserved || !good || name.is_empty() || found.iter().any(|t| t.name == name) {
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    FILE,
                    span,
                    format!("A taxonomy cannot be called \"{name}\" here."),
                )
                .hint("Choose a name of small letters that is no key of the front matter and not used twice."),
            );
            return;
        }
        let title = title.unwrap_or_else(|| capital(&name.replace(['-', '_'], " ")));
        found.push(Taxonomy { name: name.to_string(), title, description });
    };
    match &node.value {
        Value::List(items) => {
            for item in items {
                match item.text() {
                    Some(name) => add(name, item.span, None, None, problems),
                    None => problems.push(Diagnostic::at(
                        Code::WrongType,
                        FILE,
                        item.span,
                        format!("The name of a taxonomy is a text, not {}.", item.kind()),
                    )),
                }
            }
        }
        _ => {
            for (name, span, node) in entries(node, "taxonomies", problems) {
                let inner =
                    Fields::read(node, FILE, "a taxonomy", &["title", "description"], problems);
                let (title, about) =
                    (inner.text("title", problems), inner.text("description", problems));
                add(&name, span, title, about, problems);
            }
        }
    }
    found
}

/// Folder to front matter, with the place of the folder's name, the deepest folder first.
fn defaults(
    node: &Node,
    taxonomies: &[String],
    problems: &mut Vec<Diagnostic>,
) -> Vec<((String, FrontMatter), Span)> {
    let mut found: Vec<((String, FrontMatter), Span)> = entries(node, "defaults", problems)
        .into_iter()
        .map(|(folder, span, node)| {
            let folder = folder.trim_start_matches("content/").trim_matches('/').to_string();
            let meta = front_matter::read(node, FILE, "\"defaults\"", taxonomies, problems);
            ((if folder.is_empty() { folder } else { format!("{folder}/") }, meta), span)
        })
        .collect();
    found.sort_by_key(|((folder, _), _)| std::cmp::Reverse(folder.len()));
    found
}

fn checks(node: &Node, problems: &mut Vec<Diagnostic>) -> Checks {
    let fields =
        Fields::read(node, FILE, "\"checks\"", &["reading_grade", "page_weight", "off"], problems);
    let usual = Checks::default();
    let most = |name: &str,
                usual: Option<u16>,
                range: std::ops::RangeInclusive<i64>,
                problems: &mut Vec<Diagnostic>| {
        let Some(node) = fields.get(name) else { return usual };
        match &node.value {
            Value::Int(value) if range.contains(value) => u16::try_from(*value).ok(),
            Value::Text(text) if text == "none" => None,
            _ => {
                let message = format!(
                    "\"{name}\" needs a whole number from {} to {}, or none.",
                    range.start(),
                    range.end()
                );
                problems.push(Diagnostic::at(Code::BadValue, FILE, node.span, message));
                usual
            }
        }
    };
    let grade = most("reading_grade", usual.reading_grade.map(u16::from), 1..=20, problems);
    Checks {
        reading_grade: grade.and_then(|grade| u8::try_from(grade).ok()),
        page_weight: most("page_weight", usual.page_weight, 1..=10_000, problems),
        off: fields
            .get("off")
            .map(|node| front_matter::switches(node, FILE, problems))
            .unwrap_or_default(),
    }
}

fn campaign(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Campaign> {
    let fields = Fields::read(node, FILE, "\"campaign\"", &["name", "rule", "days"], problems);
    if !matches!(node.value, Value::Map(_)) {
        return None;
    }
    let name = fields.text("name", problems);
    let days = fields.texts("days", problems).unwrap_or_default();
    let rule = match fields.get("rule") {
        Some(node) => rule(node, problems),
        None => {
            problems.push(
                Diagnostic::at(
                    Code::MissingKey,
                    FILE,
                    node.span,
                    "When is it? \"rule\" is missing.",
                )
                .hint(
                    "Write for example rule: {full_week: 2, month: October, week_starts: Sunday}.",
                ),
            );
            None
        }
    };
    Some(Campaign {
        name: name.unwrap_or_default(),
        rule: rule?,
        days: days.into_iter().map(|(title, _)| title).collect(),
    })
}

fn rule(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Rule> {
    let keys =
        ["full_week", "weekday", "nth", "days", "month", "week_of", "week_starts", "from", "to"];
    let fields = Fields::read(node, FILE, "\"rule\"", &keys, problems);
    let bad = |key: &str, wants: &str, problems: &mut Vec<Diagnostic>| {
        let span = fields.get(key).map_or(fields.span(), |node| node.span);
        problems.push(Diagnostic::at(
            Code::BadValue,
            FILE,
            span,
            format!("\"{key}\" needs {wants}."),
        ));
        None
    };
    let month = |problems: &mut Vec<Diagnostic>| {
        let text = fields.text("month", problems).unwrap_or_default();
        match calendar::month_named(&text) {
            Some(month) => Some(month),
            None => bad("month", "the name of a month, such as October", problems),
        }
    };
    let weekday = |key: &str, default: Option<i8>, problems: &mut Vec<Diagnostic>| match (
        fields.text(key, problems),
        default,
    ) {
        (None, Some(default)) => Some(default),
        (text, _) => match calendar::weekday_named(&text.unwrap_or_default()) {
            Some(day) => Some(day.to_sunday_zero_offset()),
            None => bad(key, "the name of a day, such as Sunday", problems),
        },
    };
    let nth = |key: &str, most: i64, problems: &mut Vec<Diagnostic>| {
        if fields.get(key).and_then(Node::text) == Some("last") {
            return Some(-1);
        }
        match fields.get(key).map(|node| &node.value) {
            Some(Value::Int(n)) if (1..=most).contains(n) => i8::try_from(*n).ok(),
            _ => bad(key, &format!("a number from 1 to {most}, or last"), problems),
        }
    };
    let day = |key: &str, problems: &mut Vec<Diagnostic>| {
        let text = fields.text(key, problems).unwrap_or_default();
        // A leap year, so that 29 February is a day.
        match calendar::Date::read(&format!("{text} 2024")) {
            Ok(date) => Some((date.month(), date.day())),
            Err(_) => {
                bad(key, "a day of the year, such as May 6", problems);
                None
            }
        }
    };
    if fields.get("full_week").is_some() {
        let (nth, month) = (nth("full_week", 4, problems), month(problems));
        let starts = weekday("week_starts", Some(0), problems)?;
        return Some(Rule::FullWeek { nth: nth?, month: month?, starts });
    }
    if fields.get("weekday").is_some() {
        let (nth, weekday) = (nth("nth", 5, problems), weekday("weekday", None, problems));
        let (month, days) = (month(problems), fields.int("days", problems).unwrap_or(1));
        let days = i8::try_from(days).unwrap_or(1);
        return Some(Rule::NthWeekday { nth: nth?, weekday: weekday?, month: month?, days });
    }
    if fields.get("week_of").is_some() {
        let (of, starts) = (day("week_of", problems), weekday("week_starts", Some(0), problems));
        let (month, day) = of?;
        return Some(Rule::WeekOf { month, day, starts: starts? });
    }
    if fields.get("from").is_some() || fields.get("to").is_some() {
        let (from, to) = (day("from", problems), day("to", problems));
        return Some(Rule::Fixed { from: from?, to: to? });
    }
    if fields.get("month").is_some() {
        return Some(Rule::Month { month: month(problems)? });
    }
    problems.push(
        Diagnostic::at(Code::BadValue, FILE, node.span, "This rule does not say when the week is.")
            .hint("Write for example {full_week: 2, month: October, week_starts: Sunday}, {month: March} or {from: May 6, to: May 12}."),
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_read_in_parts() {
        let base = BaseUrl::read("https://Example.org/week").expect("a base url");
        assert_eq!(base.absolute("/careers/"), "https://example.org/week/careers/");
        for bad in ["example.org", "ftp://example.org", "https://", "https://a b/", "https://u@h/"]
        {
            assert!(BaseUrl::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_problem_of_site_yaml_is_reported_in_one_run() {
        let mut problems = Vec::new();
        Config::read("titel: x\ntime_zone: Mars/Base\nlinks: maybe\n", &mut problems);
        let codes: Vec<&str> = problems.iter().map(|p| p.code.id()).collect();
        assert_eq!(codes, ["W102", "W109", "W108", "W108"]);
    }

    #[test]
    fn the_rule_is_read() {
        let mut problems = Vec::new();
        let text = "title: x\ncampaign: {name: The Week, rule: {full_week: 2, month: October}}\n";
        let config = Config::read(text, &mut problems).expect("a config");
        assert!(problems.is_empty(), "{problems:?}");
        let rule = config.campaign.expect("a campaign").rule;
        assert_eq!(rule, Rule::FullWeek { nth: 2, month: 10, starts: 0 });
    }
}
