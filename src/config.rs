//! Owns site.yaml: every setting, its type and its default, read with diagnostics.
//! Must not know pages, templates, the command line or where the file lies.

use std::collections::BTreeMap;

use crate::calendar::{self, Rule, Zone, pattern};
use crate::color::{self, Color};
use crate::diag::{Code, Diagnostic, Span, list, nearest};
use crate::headers::{Allowed, Host, is_origin};
use crate::parse::front_matter::{
    self, BY_FOLDER, FrontMatter, IMAGE, Image, OFF, OFF_ABOUT, Off, SETTINGS, TEXTS,
};
use crate::parse::markdown::Extensions;
use crate::slug::capital;
use crate::yaml::shape::Shape::{
    Again, Bool, Choice, Either, Formed, Group, Int, IntIn, List, Listed, Named, Text,
};
use crate::yaml::shape::{self, Form, Others, Shape, Way, key, needed};
use crate::yaml::{self, Data, Fields, Node, Value};

/// The name of the file, in the site's folder.
pub const FILE: &str = "site.yaml";
/// The file, beside it, that may hold `brand`: whoever takes a site over changes this file alone.
pub const BRAND_FILE: &str = "brand.yaml";
/// How other programs would call it; told, and never read.
pub const MISNAMED: &str = "site.yml";

/// The theme of a site that names none.
pub const DEFAULT_THEME: &str = "harbor";

/// The themes that come with the program: the folders in its own `themes/`.
pub const BUILTIN_THEMES: [&str; 2] = ["almanac", DEFAULT_THEME];

/// What site.yaml may say.
pub const SITE: shape::Group = shape::Group::of(
    FILE,
    &[
        needed("title", Text, "The name of the site. Needed."),
        key("short_title", Text, "A shorter name for narrow places."),
        key("tagline", Text, "A few words that stand with the title on the home page."),
        key("description", Text, "One sentence about the site, for search results and the feed."),
        key(
            "base_url",
            Formed(&BASE_URL),
            "The address at which the site will be, such as https://example.org/week/. Only canonical addresses, link previews, the feed and the sitemap need it.",
        ),
        key("language", Formed(&LANGUAGE_CODE), "The language of the pages, such as `en`."),
        key(
            "languages",
            Named(Some(&LANGUAGE_CODE), &Group(&LANGUAGE)),
            "Further languages: code to name, title, tagline, description, menus.",
        ),
        key("time_zone", Formed(&TIME_ZONE), "The zone in which \"today\" is read."),
        key("theme", Text, "The folder in themes/ that gives the site its look."),
        key("brand", Group(&BRAND), "Who runs the site. It may stand in brand.yaml instead."),
        key(
            "image",
            Either(&[Text, Group(&IMAGE)]),
            "The picture in link previews of pages that have none of their own, with its alternative text.",
        ),
        key("menus", MENUS, "Menus by name: each a list of pages, or of groups of settings."),
        key(
            "taxonomies",
            Either(&[
                List(&Formed(&TAXONOMY_NAME)),
                Named(Some(&TAXONOMY_NAME), &Group(&TAXONOMY)),
            ]),
            "Ways to group pages: names, or name to title and description.",
        ),
        key("markdown", Group(&MARKDOWN), "What Markdown may do."),
        key(
            "links",
            Choice(&LINK_STYLES),
            "`portable`: the site also works from disk. `clean`: addresses end in a slash.",
        ),
        key("defaults", BY_FOLDER, "Front matter for all pages of a folder, by folder."),
        key("feed", Group(&FEED), "The feed."),
        key("campaign", Group(&CAMPAIGN), "The observance."),
        key("checks", Group(&CHECKS), "What is reported of pages that could be better."),
        key("security", Group(&SECURITY), "What visitors' browsers are told to refuse, and how."),
        key("extra", SETTINGS, "Free settings for the theme's templates."),
    ],
);

/// Shapes that hold themselves, by the name under which they do.
pub const AGAIN: &[(&str, Shape)] = &[("menu_entry", MENU_ENTRY)];

const BASE_URL: Form = Form {
    pattern: || {
        "^\\s*[Hh][Tt][Tt][Pp][Ss]?://[A-Za-z0-9._~%:\\[\\]-]+(?:/[A-Za-z0-9._~/%:@\\[\\]-]*)?\\s*$"
            .into()
    },
    numbers: false,
    says: "Write it in full: https://example.org/ or https://example.org/week/.",
    examples: Vec::new,
};

const LANGUAGE_CODE: Form = Form {
    pattern: || "^[A-Za-z0-9]{2,3}(?:-[A-Za-z0-9]{2,8})*$".into(),
    numbers: true,
    says: "Write a code such as en, es or pt-BR (BCP 47).",
    examples: || LANGUAGES.to_vec(),
};

const TIME_ZONE: Form = Form {
    pattern: || "^[A-Za-z0-9/_+-]+$".into(),
    numbers: false,
    says: "Write a name of the IANA list, such as America/New_York or Europe/Madrid.",
    examples: || {
        [
            "America/New_York",
            "America/Chicago",
            "America/Denver",
            "America/Los_Angeles",
            "America/Mexico_City",
            "Europe/London",
            "Europe/Madrid",
            "UTC",
        ]
        .map(|zone| (zone, ""))
        .to_vec()
    },
};

const TAXONOMY_NAME: Form = Form {
    pattern: || "^[a-z0-9_-]+$".into(),
    numbers: true,
    says: "Choose a name of small letters that is no key of the front matter.",
    examples: || vec![("tags", "Topics")],
};

const LANGUAGE: shape::Group = shape::Group::of(
    "a language",
    &[
        key("name", Text, "Its name in itself, such as Español."),
        key("title", Text, "The site's title in it."),
        key("tagline", Text, "The tagline in it."),
        key("description", Text, "The description in it."),
        key("menus", MENUS, "Menus in it; those of the main language otherwise."),
    ],
);

/// What `brand` in site.yaml or brand.yaml may say. Themes may show more of it.
pub const BRAND: shape::Group = shape::Group {
    others: Others::Free,
    ..shape::Group::of(
        "\"brand\"",
        &[
            key("name", Text, "Who runs the site."),
            key("url", crate::parse::data::WEB, "Their address on the web."),
            key("email", Formed(&EMAIL), "Their address for mail."),
            key("phone", Text, "Their phone number."),
            key("address", Text, "Where they are: street, city, postal code."),
            key(
                "logo",
                Text,
                "Their logo, an SVG or PNG file below content/ or assets/, such as `img/logo.svg`.",
            ),
            key(
                "icon",
                Listed(&Text),
                "The picture for tabs and start screens, square: a PNG of at least 512 pixels, an SVG, or both. The logo if not said.",
            ),
            key(
                "colors",
                Named(None, &Either(&[Formed(&COLOR), Group(&BRAND_COLOR)])),
                "Colors of the theme by name, in quotation marks: `primary: \"#0a4f8a\"`.",
            ),
        ],
    )
};

const EMAIL: Form = Form {
    pattern: || "^\\s*(?:[^\\s@]+@[^\\s@]+\\s*)?$".into(),
    numbers: false,
    says: "Write it as name@example.org.",
    examples: Vec::new,
};

const BRAND_COLOR: shape::Group = shape::Group::of(
    "a brand color",
    &[
        needed("light", Formed(&COLOR), "The color in light mode."),
        key("dark", Formed(&COLOR), "The color in dark mode; made from the other if not said."),
    ],
);

const COLOR: Form = Form {
    pattern: || "^\\s*[#A-Za-z]".into(),
    numbers: false,
    says: "Write it as \"#0a4f8a\", \"rgb(10 79 138)\" or a name such as navy.",
    examples: || vec![("#0a4f8a", "")],
};

const MENUS: Shape = Named(None, &List(&Again("menu_entry")));

const MENU_ENTRY: Shape = Either(&[Text, Group(&MENU_ITEM)]);

const MENU_ITEM: shape::Group = shape::Group {
    ways: &[
        Way { with: &["page"], without: &["url"] },
        Way { with: &["title", "url"], without: &["page"] },
    ],
    ..shape::Group::of(
        "a menu entry",
        &[
            key("title", Text, "What visitors read; the page's title if not said."),
            key("page", Text, "The file of a page, such as `careers/_index.md`."),
            key("url", Text, "An address, in place of a page."),
            key(
                "children",
                Either(&[Choice(&["pages"]), List(&Again("menu_entry"))]),
                "Entries below it; `pages` are the pages of the section.",
            ),
        ],
    )
};

const TAXONOMY: shape::Group = shape::Group::of(
    "a taxonomy",
    &[
        key("title", Text, "What visitors read."),
        key("description", Text, "One sentence for its page."),
    ],
);

const MARKDOWN: shape::Group = shape::Group::of(
    "\"markdown\"",
    &[
        key("raw_html", Bool, "`true` lets HTML in pages through."),
        key(
            "extensions",
            Listed(&Choice(&EXTENSION_NAMES)),
            "`all`, `none` or a list of those that should be on.",
        ),
        key("check_links", Bool, "`false` leaves links as they are written."),
    ],
);

/// What `extensions` takes.
const EXTENSION_NAMES: [&str; Extensions::NAMES.len() + 2] = {
    let mut names = ["all"; Extensions::NAMES.len() + 2];
    names[1] = "none";
    let mut at = 0;
    while at < Extensions::NAMES.len() {
        names[at + 2] = Extensions::NAMES[at];
        at += 1;
    }
    names
};

const LINK_STYLES: [&str; 2] = ["portable", "clean"];

const FEED: shape::Group =
    shape::Group::of("\"feed\"", &[key("limit", Int, "How many pages the feed holds.")]);

const CAMPAIGN: shape::Group = shape::Group::of(
    "\"campaign\"",
    &[
        key("name", Text, "Its name in a sentence; the title of the site if not said."),
        key(
            "id",
            Formed(&CAMPAIGN_ID),
            "Its name in calendars, which must never change; made from the name if not said.",
        ),
        needed("rule", Group(&RULE), "When it is, in any year."),
        key("days", TEXTS, "A title for each of its days."),
    ],
);

const CAMPAIGN_ID: Form = Form {
    pattern: || "^[a-z0-9]+(?:-[a-z0-9]+)*$".into(),
    numbers: true,
    says: "Write it in small letters, digits and hyphens, such as case-management-week.",
    examples: Vec::new,
};

/// The highest number for `full_week`: no month has a fifth.
const MOST_WEEKS: i64 = 4;
/// The highest number for `nth`.
const MOST_WEEKDAYS: i64 = 5;
/// The longest that an observance may be, in days: a year.
const MOST_DAYS: i64 = 366;

const RULE: shape::Group = shape::Group {
    ways: &[
        Way { with: &["dates"], without: &[] },
        Way { with: &["full_week", "month"], without: &[] },
        Way { with: &["weekday", "nth", "month"], without: &["full_week"] },
        Way { with: &["week_of"], without: &["full_week", "weekday"] },
        Way { with: &["from", "to"], without: &["full_week", "weekday", "week_of"] },
        Way { with: &["month"], without: &["full_week", "weekday", "week_of", "from", "to"] },
    ],
    ..shape::Group::of(
        "\"rule\"",
        &[
            key(
                "full_week",
                Either(&[IntIn(1, MOST_WEEKS), Choice(&["last"])]),
                "Which week that lies wholly in the month: 1 to 4, or `last`. Needs `month`.",
            ),
            key("weekday", Formed(&WEEKDAY), "A day of the week. Needs `nth` and `month`."),
            key(
                "nth",
                Either(&[IntIn(1, MOST_WEEKDAYS), Choice(&["last"])]),
                "Which such day of the month: 1 to 5, or `last`.",
            ),
            key("days", IntIn(1, MOST_DAYS), "How many days from that day on: 1 to 366."),
            key("month", Formed(&MONTH), "The month; alone, all of it."),
            key("week_of", Formed(&DAY), "The week that holds this day, such as May 12."),
            key(
                "week_starts",
                Formed(&WEEKDAY),
                "The day on which weeks start; Sunday if not said.",
            ),
            key("from", Formed(&DAY), "The same days every year, from this one. Needs `to`."),
            key("to", Formed(&DAY), "The last day. Needs `from`."),
            key(
                "dates",
                Choice(&["by_year"]),
                "`by_year`: there is no rule; content/_data/years.yaml says when it is.",
            ),
        ],
    )
};

const MONTH: Form = Form {
    pattern: pattern::month,
    numbers: false,
    says: "Write the name of a month, such as October.",
    examples: pattern::months,
};

const WEEKDAY: Form = Form {
    pattern: pattern::weekday,
    numbers: false,
    says: "Write the name of a day, such as Sunday.",
    examples: pattern::weekdays,
};

const DAY: Form = Form {
    pattern: pattern::day,
    numbers: false,
    says: "Write a day of the year, such as May 6.",
    examples: Vec::new,
};

const CHECKS: shape::Group = shape::Group::of(
    "\"checks\"",
    &[
        key(
            "reading_grade",
            Either(&[IntIn(GRADES.0, GRADES.1), NO_LIMIT]),
            "The highest school grade of a text that is not reported, or `none`. 8 if not said.",
        ),
        key(
            "page_weight",
            Either(&[IntIn(WEIGHTS.0, WEIGHTS.1), NO_LIMIT]),
            "The most that a page may weigh before it shows, in KB over the wire without pictures, or `none`. 60 if not said.",
        ),
        key("off", OFF, OFF_ABOUT),
    ],
);

const SECURITY: shape::Group = shape::Group::of(
    "\"security\"",
    &[
        key(
            "hosts",
            Either(&[Choice(&["none"]), Listed(&Choice(&HOSTS))]),
            "Where the site will be: for each host, the headers are written in its own form. `[netlify, cloudflare, apache]` if not said; `none` writes nothing.",
        ),
        key("allow", Group(&ALLOW), "Other sites that pages may load from or send to."),
    ],
);

/// The names of hosts.
const HOSTS: [&str; Host::NAMES.len()] = {
    let mut names = [""; Host::NAMES.len()];
    let mut at = 0;
    while at < Host::NAMES.len() {
        names[at] = Host::NAMES[at].0;
        at += 1;
    }
    names
};

const ALLOW: shape::Group = shape::Group::of(
    "\"allow\"",
    &[
        key("frames", Listed(&ORIGIN_SHAPE), "Of pages shown inside a page, such as a video."),
        key("media", Listed(&ORIGIN_SHAPE), "Of sound and films."),
        key("forms", Listed(&ORIGIN_SHAPE), "Of those that take what visitors write into a form."),
    ],
);

const ORIGIN_SHAPE: Shape = Formed(&ORIGIN);

const ORIGIN: Form = Form {
    pattern: || "^https://[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+(?::[0-9]+)?/?$".into(),
    numbers: false,
    says: "Write https:// and the name of the host, nothing behind it: https://player.example.",
    examples: || vec![("https://www.youtube-nocookie.com", "")],
};

const NO_LIMIT: Shape = Choice(&["none"]);
const GRADES: (i64, i64) = (1, 20);
const WEIGHTS: (i64, i64) = (1, 10_000);

/// Everything that site.yaml says.
#[derive(Debug, Clone, PartialEq, Hash)]
#[expect(missing_docs, reason = "each field is a key of `SITE`, documented there")]
pub struct Config {
    pub title: String,
    pub short_title: Option<String>,
    pub tagline: Option<String>,
    pub description: Option<String>,
    pub base_url: Option<BaseUrl>,
    /// The host of `base_url` as the file says it, whatever address this build is for: names in calendars
    /// hold it and must not change.
    pub home: Option<String>,
    pub language: String,
    pub language_name: String,
    pub languages: Vec<Language>,
    pub time_zone: Zone,
    pub theme: String,
    pub theme_span: Span,
    pub brand: Vec<(String, Data)>,
    /// The file that says so.
    pub brand_file: &'static str,
    /// Where `brand` stands in site.yaml, if it does.
    pub brand_span: Option<Span>,
    pub brand_colors: Vec<BrandColor>,
    pub logo: Option<BrandPicture>,
    /// The pictures for tabs and start screens, if they are others than the logo.
    pub icons: Vec<BrandPicture>,
    pub image: Option<Image>,
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
    pub security: Security,
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
        let path = path.trim_start_matches('/');
        [self.origin.as_str(), self.path.as_str(), path].concat()
    }
}

/// A color of the organization, for the tokens of the theme that go by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BrandColor {
    /// Such as `primary`.
    pub name: String,
    /// The file that says so.
    pub file: &'static str,
    /// Where the name stands.
    pub name_span: Span,
    /// The color, and where it stands.
    pub light: (Color, Span),
    /// The one for dark mode; made from the other if it is not said.
    pub dark: Option<(Color, Span)>,
}

/// A picture of the organization, as it is named: a file below `content/` or `assets/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BrandPicture {
    /// The file.
    pub file: String,
    /// Where that stands, in [`Config::brand_file`].
    pub span: Span,
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

/// What visitors' browsers are told to refuse, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Security {
    /// Where the site will be.
    pub hosts: Vec<Host>,
    /// Other sites that pages may load from or send to.
    pub allow: Allowed,
}

impl Default for Security {
    fn default() -> Self {
        // Each ignores the files of the others.
        let hosts = vec![Host::Netlify, Host::Cloudflare, Host::Apache];
        Security { hosts, allow: Allowed::default() }
    }
}

/// The observance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Campaign {
    /// Its name in a sentence.
    pub name: String,
    /// Its name in calendars.
    pub id: String,
    /// When it is.
    pub rule: Rule,
    /// The rule could be read; if not, that is told, and what follows from it need not be told again.
    pub is_readable: bool,
    /// Where that is said.
    pub rule_span: Span,
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
            home: None,
            language: "en".into(),
            language_name: "English".into(),
            languages: Vec::new(),
            time_zone: Zone::default(),
            theme: DEFAULT_THEME.into(),
            theme_span: Span::default(),
            brand: Vec::new(),
            brand_file: FILE,
            brand_span: None,
            brand_colors: Vec::new(),
            logo: None,
            icons: Vec::new(),
            image: None,
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
            security: Security::default(),
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
        Some(Config::of(&node, problems))
    }

    /// Adds what brand.yaml says. It and `brand` in site.yaml are two ways to say the same.
    pub fn read_brand(&mut self, text: &str, problems: &mut Vec<Diagnostic>) {
        let start = crate::parse::byte_order_mark(text);
        let node = match yaml::parse(&text[start..], start) {
            Ok(node) => node,
            Err(error) => {
                problems.push(yaml::explain(&error, BRAND_FILE, text));
                return;
            }
        };
        if let Some(span) = self.brand_span {
            let message = "The brand is described twice: here and in brand.yaml.";
            problems.push(Diagnostic::at(Code::DuplicateKey, FILE, span, message).hint(
                "Keep one of the two: move what stands here to brand.yaml, or delete that file.",
            ));
            return;
        }
        self.brand(&node, BRAND_FILE, problems);
    }

    fn of(node: &Node, problems: &mut Vec<Diagnostic>) -> Config {
        let fields = Fields::read(node, FILE, &SITE, problems);
        let mut config = Config::default();
        let is_group = matches!(node.value, Value::Map(_) | Value::Null);
        config.words(&fields, is_group, problems);
        config.places(&fields, problems);
        config.grouping(&fields, problems);
        config.writing(&fields, problems);
        if let Some(node) = fields.get("checks") {
            config.checks = checks(node, problems);
        }
        if let Some(node) = fields.get("security") {
            config.security = security(node, problems);
        }
        config.campaign = fields.get("campaign").and_then(|node| campaign(node, problems));
        if let Some(campaign) = config.campaign.as_mut().filter(|campaign| campaign.name.is_empty())
        {
            campaign.name.clone_from(&config.title);
        }
        if let Some(campaign) = config.campaign.as_mut().filter(|campaign| campaign.id.is_empty()) {
            campaign.id = crate::slug::slug(&campaign.name);
        }
        config.brand_span = fields.get("brand").and_then(|_| fields.key_span("brand"));
        config
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
        self.image = front_matter::image(fields, problems);
        if let Some(node) = fields.get("brand") {
            self.brand(node, FILE, problems);
        }
    }

    /// Who runs the site, from site.yaml or a file of its own.
    fn brand(&mut self, node: &Node, file: &'static str, problems: &mut Vec<Diagnostic>) {
        let fields = Fields::read(node, file, &BRAND, problems);
        self.brand_file = file;
        if let Data::Map(entries) = node.data() {
            self.brand = entries;
        }
        for key in ["name", "url", "email", "phone", "address", "logo"] {
            let Some(text) = fields.get(key).and_then(|_| fields.text(key, problems)) else {
                continue;
            };
            // A number is what it looks like: a phone number is no sum.
            if let Some((_, data)) = self.brand.iter_mut().find(|(name, _)| name == key) {
                *data = Data::Text(text);
            }
        }
        if let Some((url, node)) = self.brand_text("url").zip(fields.get("url")) {
            crate::parse::data::check_web_address(url, file, node.span, problems);
        }
        if let Some((email, node)) = self.brand_text("email").zip(fields.get("email"))
            && !is_email(email)
        {
            let message = format!("\"{email}\" is not an address for mail.");
            problems
                .push(Diagnostic::at(Code::BadValue, file, node.span, message).hint(EMAIL.says));
        }
        let picture = |text: String, span| BrandPicture { file: text.trim().to_string(), span };
        self.logo = self
            .brand_text("logo")
            .zip(fields.get("logo"))
            .map(|(text, node)| picture(text.to_string(), node.span));
        self.icons = fields
            .texts("icon", problems)
            .unwrap_or_default()
            .into_iter()
            .map(|(text, span)| picture(text, span))
            .collect();
        self.brand_colors = brand_colors(node, file, problems);
    }

    /// What `brand` says under a name, if it is a text.
    pub fn brand_text(&self, key: &str) -> Option<&str> {
        let (_, data) = self.brand.iter().find(|(name, _)| name == key)?;
        data.as_text().map(str::trim).filter(|text| !text.is_empty())
    }

    fn places(&mut self, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
        if let Some((text, node)) = fields.text("base_url", problems).zip(fields.get("base_url")) {
            self.base_url = BaseUrl::read(&text);
            let host = |base: &BaseUrl| {
                base.origin.rsplit('/').next()?.split(':').next().map(String::from)
            };
            self.home = self.base_url.as_ref().and_then(host);
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
            let inner = Fields::read(node, FILE, &FEED, problems);
            if let Some(limit) = inner.int("limit", problems) {
                self.feed_limit = usize::try_from(limit).unwrap_or(0);
            }
        }
    }

    fn writing(&mut self, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) {
        let Some(node) = fields.get("markdown") else { return };
        let inner = Fields::read(node, FILE, &MARKDOWN, problems);
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

/// Whether a text may be an address for mail (RFC 5321, 4.1.2, as far as people write them).
fn is_email(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    parts.len() == 2
        && parts.iter().all(|part| !part.is_empty() && !part.contains(char::is_whitespace))
}

/// The entry `colors` of `brand`.
fn brand_colors(
    brand: &Node,
    file: &'static str,
    problems: &mut Vec<Diagnostic>,
) -> Vec<BrandColor> {
    let Value::Map(settings) = &brand.value else { return Vec::new() };
    let Some((_, node)) = settings.iter().find(|(key, _)| key.text() == Some("colors")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, name_span, node) in entries_in(node, file, "colors", problems) {
        let (light, dark) = match &node.value {
            Value::Map(_) => {
                let inner = Fields::read(node, file, &BRAND_COLOR, problems);
                let at = |key: &str| inner.key_span(key);
                if at("light").is_none() {
                    problems.push(
                        Diagnostic::at(
                            Code::MissingKey,
                            file,
                            name_span,
                            format!("The brand color \"{name}\" has no color for light mode."),
                        )
                        .hint("Add light; only dark may be left out."),
                    );
                }
                let mut read =
                    |key: &str| brand_color(key, (file, at(key)?), inner.get(key), problems);
                (read("light"), read("dark"))
            }
            _ => (brand_color(&name, (file, name_span), Some(node), problems), None),
        };
        found.extend(light.map(|light| BrandColor { name, file, name_span, light, dark }));
    }
    found
}

/// One color; `key` is what stands before it.
fn brand_color(
    key: &str,
    (file, key_span): (&str, Span),
    node: Option<&Node>,
    problems: &mut Vec<Diagnostic>,
) -> Option<(Color, Span)> {
    let wrong = |span: Span, message: String, hint: String| {
        Diagnostic::at(Code::BadColor, file, span, message).hint(hint)
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
    entries_in(node, FILE, what, problems)
}

fn entries_in<'a>(
    node: &'a Node,
    file: &str,
    what: &str,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(String, Span, &'a Node)> {
    match &node.value {
        Value::Map(entries) => {
            yaml::check_keys(node, file, problems);
            entries
                .iter()
                .filter_map(|(key, value)| Some((key.text()?.to_string(), key.span, value)))
                .collect()
        }
        Value::Null => Vec::new(),
        _ => {
            let message =
                format!("\"{what}\" needs a group of settings, but here stands {}.", node.kind());
            problems.push(Diagnostic::at(Code::WrongType, file, node.span, message).hint(
                "Write each name on a line of its own below it, moved to the right, with a colon.",
            ));
            Vec::new()
        }
    }
}

fn languages(node: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Language> {
    entries(node, "languages", problems)
        .into_iter()
        .map(|(code, span, node)| {
            let inner = Fields::read(node, FILE, &LANGUAGE, problems);
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

/// Languages whose name in themselves we know.
const LANGUAGES: [(&str, &str); 12] = [
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("pt", "Português"),
    ("it", "Italiano"),
    ("vi", "Tiếng Việt"),
    ("zh", "中文"),
    ("ko", "한국어"),
    ("tl", "Tagalog"),
    ("ru", "Русский"),
    ("ar", "العربية"),
];

/// A language's name in itself, where we know it.
fn name_of_language(code: &str) -> &str {
    LANGUAGES.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
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
    let inner = Fields::read(node, FILE, &MENU_ITEM, problems);
    if !matches!(node.value, Value::Map(_) | Value::Null) {
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
                let inner = Fields::read(node, FILE, &TAXONOMY, problems);
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
            let meta = front_matter::read_defaults(node, FILE, taxonomies, problems);
            ((if folder.is_empty() { folder } else { format!("{folder}/") }, meta), span)
        })
        .collect();
    found.sort_by_key(|((folder, _), _)| std::cmp::Reverse(folder.len()));
    found
}

fn checks(node: &Node, problems: &mut Vec<Diagnostic>) -> Checks {
    let fields = Fields::read(node, FILE, &CHECKS, problems);
    let usual = Checks::default();
    let most = |name: &str,
                usual: Option<u16>,
                (least, most): (i64, i64),
                problems: &mut Vec<Diagnostic>| {
        let Some(node) = fields.get(name) else { return usual };
        match &node.value {
            Value::Int(value) if (least..=most).contains(value) => u16::try_from(*value).ok(),
            Value::Text(text) if text == "none" => None,
            _ => {
                let message =
                    format!("\"{name}\" needs a whole number from {least} to {most}, or none.");
                problems.push(Diagnostic::at(Code::BadValue, FILE, node.span, message));
                usual
            }
        }
    };
    let grade = most("reading_grade", usual.reading_grade.map(u16::from), GRADES, problems);
    Checks {
        reading_grade: grade.and_then(|grade| u8::try_from(grade).ok()),
        page_weight: most("page_weight", usual.page_weight, WEIGHTS, problems),
        off: fields
            .get("off")
            .map(|node| front_matter::switches(node, FILE, problems))
            .unwrap_or_default(),
    }
}

fn security(node: &Node, problems: &mut Vec<Diagnostic>) -> Security {
    let fields = Fields::read(node, FILE, &SECURITY, problems);
    let mut security = Security::default();
    if let Some(names) = fields.texts("hosts", problems) {
        security.hosts.clear();
        let is_alone = fields.get("hosts").is_some_and(|node| node.text().is_some());
        for (name, span) in names {
            match Host::named(&name) {
                Some(host) if !security.hosts.contains(&host) => security.hosts.push(host),
                Some(_) => {}
                None if name == "none" && is_alone => {}
                None if name == "none" => problems.push(
                    Diagnostic::at(
                        Code::BadValue,
                        FILE,
                        span,
                        "\"none\" stands beside other hosts.",
                    )
                    .hint("Write none alone, or leave it out."),
                ),
                None => {
                    let message = format!("weekmark knows no host called \"{name}\".");
                    problems.push(Diagnostic::at(Code::BadValue, FILE, span, message).hint(
                        match nearest(&name, HOSTS) {
                            Some(near) => format!("Did you mean \"{near}\"?"),
                            None => format!("There are {}, or none.", list(HOSTS)),
                        },
                    ));
                }
            }
        }
    }
    let Some(node) = fields.get("allow") else { return security };
    let fields = Fields::read(node, FILE, &ALLOW, problems);
    let mut origins = |name: &str| -> Vec<String> {
        let listed = fields.texts(name, problems).unwrap_or_default();
        let mut found: Vec<String> = Vec::new();
        for (text, span) in listed {
            let origin = text.strip_suffix('/').unwrap_or(&text).to_ascii_lowercase();
            if !is_origin(&origin) {
                let message = format!("\"{text}\" is not the address of a host.");
                problems
                    .push(Diagnostic::at(Code::BadValue, FILE, span, message).hint(ORIGIN.says));
            } else if !found.contains(&origin) {
                found.push(origin);
            }
        }
        found
    };
    security.allow =
        Allowed { frames: origins("frames"), media: origins("media"), forms: origins("forms") };
    security
}

fn campaign(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Campaign> {
    let fields = Fields::read(node, FILE, &CAMPAIGN, problems);
    if !matches!(node.value, Value::Map(_)) {
        return None;
    }
    let name = fields.text("name", problems);
    let id = fields.text("id", problems).filter(|id| {
        let good = crate::slug::slug(id);
        let is_good = *id == good && !good.is_empty();
        if !is_good {
            let span = fields.get("id").map(|node| node.span).unwrap_or_default();
            let message = format!("\"{id}\" cannot be a name in calendars.");
            problems.push(Diagnostic::at(Code::BadValue, FILE, span, message).hint(
                if good.is_empty() { CAMPAIGN_ID.says.into() } else { format!("Write {good}.") },
            ));
        }
        is_good
    });
    let days = fields.texts("days", problems).unwrap_or_default();
    let rule_span = fields.get("rule").map(|node| node.span).unwrap_or_default();
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
        id: id.unwrap_or_default(),
        // A rule that cannot be read is told once; pages then say as little as where nobody knows the dates.
        is_readable: rule.is_some(),
        rule: rule.unwrap_or(Rule::Announced),
        rule_span,
        days: days.into_iter().map(|(title, _)| title).collect(),
    })
}

/// The settings of a rule, of which the way that it goes needs some.
struct RuleParts<'a, 'p> {
    fields: Fields<'a>,
    needs: &'static [&'static str],
    problems: &'p mut Vec<Diagnostic>,
}

impl RuleParts<'_, '_> {
    /// The value of a setting. One that is wrong is reported also where nothing needs it.
    fn read<T>(
        &mut self,
        key: &str,
        wants: &str,
        read: impl FnOnce(&Node) -> Option<T>,
    ) -> Option<T> {
        let node = self.fields.get(key);
        let value = node.and_then(read);
        if value.is_none() && (node.is_some() || self.needs.contains(&key)) {
            let span = node.map_or(self.fields.span(), |node| node.span);
            let message = format!("\"{key}\" needs {wants}.");
            self.problems.push(Diagnostic::at(Code::BadValue, FILE, span, message));
        }
        value
    }

    fn nth(&mut self, key: &str, most: i64) -> Option<i8> {
        self.read(key, &format!("a number from 1 to {most}, or last"), |node| match &node.value {
            Value::Int(n) if (1..=most).contains(n) => i8::try_from(*n).ok(),
            _ => (node.text() == Some("last")).then_some(-1),
        })
    }

    fn days(&mut self, key: &str, most: i64) -> Option<i16> {
        self.read(key, &format!("a number of days from 1 to {most}"), |node| match &node.value {
            Value::Int(n) if (1..=most).contains(n) => i16::try_from(*n).ok(),
            _ => None,
        })
    }

    fn weekday(&mut self, key: &str) -> Option<i8> {
        self.read(key, "the name of a day, such as Sunday", |node| {
            Some(calendar::weekday_named(node.text()?)?.to_sunday_zero_offset())
        })
    }

    fn day(&mut self, key: &str) -> Option<(i8, i8)> {
        self.read(key, "a day of the year, such as May 6", |node| {
            // A leap year, so that 29 February is a day.
            let date = calendar::Date::read(&format!("{} 2024", node.text()?)).ok()?;
            Some((date.month(), date.day()))
        })
    }
}

fn rule(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Rule> {
    let fields = Fields::read(node, FILE, &RULE, problems);
    let has = |key: &str| fields.get(key).is_some();
    let needs: &'static [&'static str] = if has("dates") {
        &["dates"]
    } else if has("full_week") {
        &["full_week", "month"]
    } else if has("weekday") {
        &["weekday", "nth", "month"]
    } else if has("week_of") {
        &["week_of"]
    } else if has("from") || has("to") {
        &["from", "to"]
    } else if has("month") {
        &["month"]
    } else {
        &[]
    };
    let takes: &[&str] = match needs.first().copied() {
        Some("full_week") => &["full_week", "month", "week_starts"],
        Some("weekday") => &["weekday", "nth", "month", "days"],
        Some("week_of") => &["week_of", "week_starts"],
        _ => needs,
    };
    for key in RULE.names().filter(|key| !needs.is_empty() && has(key) && !takes.contains(key)) {
        let says = needs.first().copied().unwrap_or_default();
        problems.push(
            Diagnostic::at(
                Code::NoEffect,
                FILE,
                fields.key_span(key).unwrap_or(node.span),
                format!("\"{key}\" has no effect in a rule by \"{says}\"."),
            )
            .hint("Delete it, or look for the rule that you mean in docs/campaign.md."),
        );
    }
    let (has_starts, has_days) = (has("week_starts"), has("days"));
    let mut parts = RuleParts { fields, needs, problems };
    let (full_week, nth) = (parts.nth("full_week", MOST_WEEKS), parts.nth("nth", MOST_WEEKDAYS));
    let month = parts.read("month", "the name of a month, such as October", |node| {
        calendar::month_named(node.text()?)
    });
    let (weekday, starts) = (parts.weekday("weekday"), parts.weekday("week_starts"));
    let starts = if has_starts { starts } else { Some(0) };
    let days = parts.days("days", MOST_DAYS);
    let days = if has_days { days } else { Some(1) };
    let (week_of, from, to) = (parts.day("week_of"), parts.day("from"), parts.day("to"));
    let by_year = parts.read("dates", "by_year, the only word that it takes", |node| {
        (node.text() == Some("by_year")).then_some(Rule::Announced)
    });
    let rule = match needs.first().copied() {
        Some("dates") => by_year?,
        Some("full_week") => Rule::FullWeek { nth: full_week?, month: month?, starts: starts? },
        Some("weekday") => {
            Rule::NthWeekday { nth: nth?, weekday: weekday?, month: month?, days: days? }
        }
        Some("week_of") => {
            let (month, day) = week_of?;
            Rule::WeekOf { month, day, starts: starts? }
        }
        Some("from") => Rule::Fixed { from: from?, to: to? },
        Some(_) => Rule::Month { month: month? },
        None => {
            problems.push(
                Diagnostic::at(
                    Code::BadValue,
                    FILE,
                    node.span,
                    "This rule does not say when the week is.",
                )
                .hint("Write for example {full_week: 2, month: October, week_starts: Sunday}, {month: March} or {from: May 6, to: May 12}."),
            );
            return None;
        }
    };
    if !rule.is_possible() {
        let message = "There is no year in which this rule has dates.";
        problems.push(
            Diagnostic::at(Code::BadValue, FILE, node.span, message).hint(
                "Choose another number or month. Where there is no rule, write {dates: by_year}, and the days of each year into content/_data/years.yaml.",
            ),
        );
        return None;
    }
    Some(rule)
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
