//! Owns what a text of Markdown leads to and has, as it is known when its holes are filled, so that nobody has to read its HTML
//! again. Must not know HTML.

use crate::fingerprint::half_of_bytes;
use crate::model::lookup::Target;
use crate::parse::markdown::{Body, LinkTo};
use crate::view::View;

/// What a stretch of a page leads to and has; everything by its name as a number.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Leads {
    /// The files that it leads to or shows.
    pub files: Vec<u64>,
    /// Parts of pages that it leads to: the page's and the part's name.
    pub anchors: Vec<(u64, u64)>,
    /// Its own parts.
    pub ids: Vec<u64>,
}

impl Leads {
    /// A path of the output, or the name of a part, as a number: pages have thousands of links, and only
    /// whether they meet matters.
    pub fn name(text: &str) -> u64 {
        half_of_bytes(text.as_bytes())
    }
}

/// What is known so far.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) leads: Leads,
    /// The page's own name.
    own: u64,
    /// The path of a file; kept, so that it is not made anew for each.
    file: String,
}

impl Known {
    /// Nothing yet; `None` if the HTML of the text must be read all the same.
    pub(super) fn of(body: &Body, view: &View) -> Option<Known> {
        // The site may link to its own address in full.
        let base = view.globals().base_url.as_ref();
        let is_own = |target: &str| base.is_some_and(|base| target.starts_with(&base.origin));
        let mut outside = body.links.iter().filter(|link| link.to == LinkTo::Outside);
        if body.has_own_names || outside.any(|link| is_own(link.target())) {
            return None;
        }
        let (headings, links) = (body.headings.len(), body.links.len());
        let leads = Leads {
            files: Vec::with_capacity(headings + links),
            anchors: Vec::with_capacity(headings + links),
            ids: Vec::with_capacity(headings),
        };
        let mut known = Known { leads, own: 0, file: String::with_capacity(128) };
        known.own = known.name_of(&view.path)?;
        let notes = body.notes.iter().flat_map(|notes| &notes.references);
        notes.enumerate().for_each(|(at, references)| known.note(at + 1, *references));
        Some(known)
    }

    /// A heading with a link to itself. Whether that is all that is to be known of it.
    pub(super) fn heading(&mut self, id: &str) -> bool {
        // As an address it may be read as another one, and `#top` is every page's.
        if id.is_empty() || id == "top" || id.contains(|c: char| c == '%' || c.is_whitespace()) {
            return false;
        }
        let id = Leads::name(id);
        self.leads.ids.push(id);
        self.leads.anchors.push((self.own, id));
        self.leads.files.push(self.own);
        true
    }

    /// A footnote, and the places that refer to it: each has a name and leads to the other.
    fn note(&mut self, number: usize, references: u32) {
        let (note, first) = (format!("fn-{number}"), format!("fnref-{number}"));
        let names = [Leads::name(&note), Leads::name(&first)];
        self.leads.files.push(self.own);
        self.leads.ids.extend(names);
        self.leads.anchors.extend(names.map(|name| (self.own, name)));
        let others = (2..=references).map(|number| Leads::name(&format!("{first}-{number}")));
        self.leads.ids.extend(others);
    }

    /// An address that leads to `target`. Whether that is all that is to be known of it.
    pub(super) fn leads_to(&mut self, target: &Target) -> bool {
        let (file, anchor) = match target {
            Target::Page { path, anchor, .. } => (self.name_of(path), anchor.as_deref()),
            Target::Here(anchor) => (Some(self.own), Some(anchor.as_str())),
            Target::File { path, rest } if rest.is_empty() => (self.name_of(path), None),
            Target::File { .. } => return false,
            // What is broken is no link.
            Target::Broken(_) => return true,
        };
        let Some(file) = file else { return false };
        match anchor {
            Some(anchor) if !anchor.is_empty() && anchor != "top" => {
                self.leads.anchors.push((file, Leads::name(anchor)));
            }
            _ => {}
        }
        self.leads.files.push(file);
        true
    }

    /// An address that leads to the page at `path`. Whether that is all that is to be known of it.
    pub(super) fn leads_to_page(&mut self, path: &str) -> bool {
        let file = self.name_of(path);
        self.leads.files.extend(file);
        file.is_some()
    }

    /// The name of the file at a path on the site. `None` where writing it as an address and reading it again may change it.
    fn name_of(&mut self, path: &str) -> Option<u64> {
        if path.contains('%') {
            return None;
        }
        self.file.clear();
        self.file.push_str(path.trim_start_matches('/'));
        if self.file.is_empty() || self.file.ends_with('/') {
            self.file.push_str("index.html");
        }
        Some(Leads::name(&self.file))
    }
}
