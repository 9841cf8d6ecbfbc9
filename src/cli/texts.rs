//! Owns the texts of a site as somebody wrote them, for commands that point into them: site.yaml, pages with
//! their front matter, data files. Must not know how a site is made of them.

use crate::calendar::Zone;
use crate::config::{self, Config};
use crate::diag::{Diagnostic, Severity};
use crate::parse::event::{self, Event};
use crate::parse::{byte_order_mark, front_matter};
use crate::source::Snapshot;
use crate::yaml::{self, Node, Value};

/// Where pages are, and where data files are below them.
pub(super) const CONTENT: &str = "content/";
const DATA: &str = "content/_data/";

/// A file of the site with its text.
#[derive(Debug)]
pub(super) struct Text {
    /// Its path from the site's folder.
    pub(super) file: String,
    /// What is in it.
    pub(super) text: String,
}

/// A page as it was written.
#[derive(Debug)]
pub(super) struct PageText {
    /// Its path from the site's folder.
    pub(super) file: String,
    /// What is in it.
    pub(super) text: String,
    /// Its front matter, if there is any that can be read.
    pub(super) settings: Option<Node>,
    /// The first byte below the front matter.
    pub(super) body: usize,
}

/// The texts of a site.
#[derive(Debug)]
pub(super) struct Texts {
    /// The settings; none if site.yaml is not there or is no YAML.
    pub(super) config: Option<Config>,
    /// Whether something is wrong with site.yaml or brand.yaml.
    pub(super) config_is_wrong: bool,
    /// site.yaml itself.
    pub(super) site: Option<Text>,
    /// The pages, by path.
    pub(super) pages: Vec<PageText>,
    /// The data files, by path.
    pub(super) data: Vec<Text>,
}

impl Texts {
    /// Reads what can be read; what cannot be is for `check` to tell.
    pub(super) fn read(snapshot: &Snapshot) -> Texts {
        let read = |path: &str| {
            let bytes = snapshot.has(path).then(|| snapshot.read(path).ok()).flatten()?;
            let text = String::from_utf8(bytes.into_owned()).ok()?;
            Some(Text { file: path.to_string(), text })
        };
        let below = |folder: &str, ends: &[&str]| -> Vec<Text> {
            let paths = snapshot.on_disk_below(folder).map(|(path, _)| &**path);
            paths
                .filter(|path| ends.iter().any(|end| path.ends_with(end)))
                .filter_map(read)
                .collect()
        };
        let site = read(config::FILE);
        let mut problems: Vec<Diagnostic> = Vec::new();
        let mut config = site.as_ref().and_then(|site| Config::read(&site.text, &mut problems));
        if let Some((config, brand)) = config.as_mut().zip(read(config::BRAND_FILE)) {
            config.read_brand(&brand.text, &mut problems);
        }
        let is_error = |problem: &Diagnostic| problem.code.severity() == Severity::Error;
        let pages = below(CONTENT, &[".md"]).into_iter();
        Texts {
            config_is_wrong: problems.iter().any(is_error) || (site.is_some() && config.is_none()),
            config,
            site,
            pages: pages.filter(|page| !page.file.starts_with(DATA)).map(PageText::of).collect(),
            data: below(DATA, &[".yaml", ".yml"]),
        }
    }

    /// The data file of that name.
    pub(super) fn data(&self, name: &str) -> Option<&Text> {
        self.data.iter().find(|text| text.name() == name)
    }

    /// The pages that hold a year of the observance, with the year, by path.
    pub(super) fn year_pages(&self) -> impl Iterator<Item = (&PageText, i16)> {
        self.pages.iter().filter_map(|page| Some((page, page.year()?)))
    }
}

impl Text {
    /// `content/_data/years.yaml` → `years`
    pub(super) fn name(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// What it says as a tree; none if it is no YAML.
    pub(super) fn yaml(&self) -> Option<Node> {
        let start = byte_order_mark(&self.text);
        yaml::parse(&self.text[start..], start).ok()
    }
}

impl PageText {
    /// A page with its front matter taken apart.
    pub(super) fn of(page: Text) -> PageText {
        let Text { file, text } = page;
        let (front, body) = front_matter::split(&file, &text, &mut Vec::new());
        let settings =
            front.and_then(|span| yaml::parse(&text[span.start..span.end], span.start).ok());
        PageText { file, text, settings, body }
    }

    /// A setting of its front matter.
    pub(super) fn setting(&self, name: &str) -> Option<&Node> {
        value_of(self.settings.as_ref()?, name)
    }

    /// The year of the observance that the page holds.
    pub(super) fn year(&self) -> Option<i16> {
        self.setting("year")?.text()?.trim().parse().ok()
    }

    /// The event that the page is about. Of its times, only the days count here, so any zone will do.
    pub(super) fn event(&self) -> Option<Event> {
        let zone = Zone::default();
        event::read(self.setting("event")?, &self.file, &zone, &mut Vec::new())
    }
}

/// The value of a key in a group of settings.
pub(super) fn value_of<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    entry_of(node, name).map(|(_, value)| value)
}

/// A key of a group of settings with its value.
pub(super) fn entry_of<'a>(node: &'a Node, name: &str) -> Option<(&'a Node, &'a Node)> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(key, value)| (key, value))
}
