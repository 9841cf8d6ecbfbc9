//! Owns the look at the finished site: every link of every page, the elements of pages, what the site is as a
//! whole. What is wrong is told at the place that somebody wrote: a template, a page's text or its settings.
//! Must not know how pages are made, nor who asks.

pub mod campaign;
mod html;
mod page;
mod site;
mod weight;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::config::BaseUrl;
use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::fingerprint::{ByName, Fp, NameSet};
use crate::model::{Kind, Site};
use crate::plan::{Output, Plan, Planned};
use crate::render::Markdown;
use crate::source::Snapshot;
use crate::theme::Theme;
pub use page::Facts;
use page::{Finding, Landmarks, Links, name};
pub use weight::{MOST_SCRIPT, Weigh, Weight};
use weight::{Parts, Weights};

/// How many pages one thread compares with all others at a time.
const TOGETHER: usize = 512;

/// What is kept from one look at a site to the next.
#[derive(Debug, Default)]
pub struct Shelf {
    /// What pages are to each other, by the fingerprint of what it follows from.
    meeting: Option<(Fp, Meeting)>,
    weights: Option<(Fp, Arc<Scale>)>,
    pages: site::Shelf,
}

/// What the files of a theme weigh.
#[derive(Debug, Default)]
struct Scale {
    weights: Weights,
    sheets: BTreeMap<String, Vec<String>>,
    parts: Parts,
}

/// What follows from all pages being together.
#[derive(Debug, Default, Clone)]
struct Meeting {
    /// The outputs with links that lead nowhere, by their places in the plan.
    dead: Vec<usize>,
    /// The pages that no other page leads to, the first one among them.
    orphans: Vec<usize>,
    /// The files that no page leads to or shows.
    unused: Vec<usize>,
}

/// The look at the pages of one pass.
#[derive(Debug)]
pub struct Audit<'a> {
    /// The site.
    pub site: &'a Site,
    /// What there will be.
    pub plan: &'a Plan,
    /// The theme.
    pub theme: &'a Theme,
    /// The files, for the places in them.
    pub snapshot: &'a Snapshot,
    /// Also what could be better, not only what keeps the site from being published.
    pub everything: bool,
    /// Of which pages it is to be told what they weigh.
    pub weigh: Weigh,
    /// The most that a page weighs so far.
    heaviest: AtomicUsize,
    scale: Arc<Scale>,
    landmarks: Landmarks,
    fp: Fp,
}

/// What the look at one page brought.
#[derive(Debug, Default)]
pub struct Looked {
    /// What it is to others, if it is a page.
    pub facts: Option<Facts>,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
}

impl<'a> Audit<'a> {
    /// A look at the pages of `site`.
    pub fn new(
        (site, plan, theme): (&'a Site, &'a Plan, &'a Theme),
        snapshot: &'a Snapshot,
        (everything, weigh): (bool, Weigh),
        shelf: &mut Shelf,
    ) -> Audit<'a> {
        let scale = match &shelf.weights {
            _ if !everything && weigh == Weigh::None => Arc::default(),
            Some((fp, scale)) if *fp == theme.fp => scale.clone(),
            _ => {
                let published = || {
                    theme
                        .assets
                        .iter()
                        .filter_map(|(name, path)| Some((path.as_str(), theme.bytes.get(name)?)))
                };
                let scale = Arc::new(Scale {
                    weights: Weights::of(published()),
                    sheets: weight::fonts_of_sheets(published()),
                    parts: Parts::default(),
                });
                shelf.weights = Some((theme.fp, scale.clone()));
                scale
            }
        };
        let landmarks = Landmarks::default();
        let config = &site.config;
        let fp = Fp::of(&(everything, weigh, config.checks.page_weight, &config.security.allow));
        let heaviest = AtomicUsize::default();
        Audit { site, plan, theme, snapshot, everything, weigh, heaviest, scale, landmarks, fp }
    }

    /// The fingerprint of what the look at one page depends on besides the page, the site and the theme.
    pub fn fp(&self) -> Fp {
        self.fp
    }

    /// The same look at a site with more outputs.
    pub fn with_plan(self, plan: &'a Plan) -> Audit<'a> {
        Audit { plan, ..self }
    }

    fn base(&self) -> Option<&BaseUrl> {
        self.site.config.base_url.as_ref()
    }

    /// Looks at one output that was made.
    pub fn page(&self, planned: &Planned, (html, markdown): (&str, &Markdown)) -> Looked {
        if !is_page(planned) {
            return Looked::default();
        }
        // A page at an old address leads on; nobody reads it.
        let everything = self.everything && !matches!(planned.output, Output::Alias { .. });
        let around = (self.base(), &self.site.config.security.allow);
        let (mut facts, mut found) =
            page::look((html, markdown), &planned.path, around, everything, &self.landmarks);
        if !found.is_empty() {
            let own = self.own_problems(planned);
            let is_asked = |code| code != Code::UnsafeLink || self.site.config.check_links;
            found.retain(|finding| !own.contains(&finding.code) && is_asked(finding.code));
        }
        let mut first_view = None;
        if everything {
            found.extend(self.weight(html, planned, &mut first_view));
        }
        if self.weigh != Weigh::None && !matches!(planned.output, Output::Alias { .. }) {
            facts.weight = self.weighed(html, planned, &mut first_view).map(Box::new);
        }
        Looked { facts: Some(facts), problems: self.placed(found, planned) }
    }

    /// What was said already about the page's own text, with a better place.
    fn own_problems(&self, planned: &Planned) -> BTreeSet<Code> {
        let Output::Page(place) = planned.output else { return BTreeSet::new() };
        let doc = self.site.pages.at(place).and_then(|page| page.doc.as_ref());
        doc.map(|doc| doc.problems.iter().map(|problem| problem.code).collect()).unwrap_or_default()
    }

    /// What is loaded before the page shows; the page itself not compressed yet.
    fn first_view(&self, html: &str, planned: &Planned, known: &mut Option<Weight>) -> Weight {
        let Scale { weights, sheets, .. } = &*self.scale;
        *known.get_or_insert_with(|| weights.first_view(html, &planned.path, self.base(), sheets))
    }

    /// What a page weighs, if that is asked of it.
    fn weighed(&self, html: &str, planned: &Planned, known: &mut Option<Weight>) -> Option<Weight> {
        // Compressing a page costs more than making it, and looking for what it loads is half of that.
        let heaviest = self.heaviest.load(Ordering::Relaxed);
        let (at_most, _) = self.scale.weights.most(html);
        if self.weigh == Weigh::Heaviest && at_most < heaviest {
            return None;
        }
        let weight = self.first_view(html, planned, known);
        // Compressed well, a page may be some bytes longer than in a hurry: which one is told must not hang on which
        // came first.
        let is_light = || {
            let quick = || weight.with_quickly_compressed(html, heaviest).all;
            weight.most_compressed() < heaviest || quick() + heaviest / 32 < heaviest
        };
        if self.weigh == Weigh::Heaviest && is_light() {
            return None;
        }
        let weight = weight.with_compressed(html);
        self.heaviest.fetch_max(weight.all, Ordering::Relaxed);
        Some(weight)
    }

    fn weight(&self, html: &str, planned: &Planned, known: &mut Option<Weight>) -> Option<Finding> {
        let most = usize::from(self.site.config.checks.page_weight?) * 1_000;
        let (at_most, scripts) = self.scale.weights.most(html);
        if at_most <= most && scripts <= weight::MOST_SCRIPT {
            return None;
        }
        let mut weight = self.first_view(html, planned, known);
        if weight.all > most {
            // Compressing well costs more than making the page. What fits in a hurry fits.
            weight = weight.with_parts(html, most, &self.scale.parts).unwrap_or_else(|| {
                let quick = weight.with_quickly_compressed(html, most);
                if quick.all > most { weight.with_compressed(html) } else { quick }
            });
        }
        let message = if weight.all > most {
            format!(
                "The first view of this page weighs {} KB over the wire, and the most is {} KB: {} KB page, {} KB styles, {} KB fonts, {} KB scripts.",
                kilobytes(weight.all),
                most / 1_000,
                kilobytes(weight.html),
                kilobytes(weight.styles),
                kilobytes(weight.fonts),
                kilobytes(weight.script)
            )
        } else if weight.script > weight::MOST_SCRIPT {
            format!(
                "The scripts of this page weigh {} KB over the wire, and the most is {} KB.",
                kilobytes(weight.script),
                weight::MOST_SCRIPT / 1_000
            )
        } else {
            return None;
        };
        Some(Finding {
            code: Code::HeavyPage,
            message,
            hint: "Divide the page, or leave out of the theme what it does not need. \"page_weight\" under \"checks\" in site.yaml sets the most.".into(),
            needle: String::new(),
        })
    }

    /// Looks at the site as a whole. `facts` are what was found on each page, by its place in the plan, with their
    /// fingerprints; `again` makes a page once more, for the words of its message.
    pub fn site(
        &self,
        shelf: &mut Shelf,
        (facts, fps): (&[Option<&Facts>], &[Fp]),
        again: impl Fn(&Planned) -> Option<String>,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let fp = Fp::join(&[self.fp, self.plan.fp, Fp::join(fps)]);
        let meeting = match &shelf.meeting {
            Some((known, meeting)) if *known == fp => meeting.clone(),
            _ => {
                let meeting = self.meet(facts);
                shelf.meeting = Some((fp, meeting.clone()));
                meeting
            }
        };
        // Where two sources claim one address, links to either would seem dead.
        let is_whole = self.plan.problems.is_empty() && self.site.config.check_links;
        if is_whole && !meeting.dead.is_empty() {
            found.extend(self.dead_links(&meeting.dead, facts, again));
        }
        if self.everything {
            site::pages(self.site, &mut shelf.pages, &mut found);
            // What cards say is asked anew: they may change while no link does.
            for place in meeting.orphans {
                let Output::Page(page) = self.plan.outputs[place].output else { continue };
                let page = self.site.pages.at(page).filter(|page| page.doc.is_some());
                // The first page is where people arrive.
                if !page.is_some_and(|page| page.card.kind != Kind::Home && page.card.in_search) {
                    continue;
                }
                let file = self.file_of(&self.plan.outputs[place]);
                found.push(
                    Diagnostic::whole(
                        Code::Orphan,
                        &file,
                        "No other page leads here, so only search engines find this page.",
                    )
                    .hint("Link to it from a page or a menu, or delete it."),
                );
            }
            // Link previews name their picture by an address of the web.
            let is_preview = |planned: &Planned| {
                let pictures = self.site.pages.iter().filter_map(|page| page.card.image.as_ref());
                pictures
                    .map(|it| it.path.trim_start_matches('/'))
                    .any(|path| *path == *planned.path)
            };
            for place in meeting.unused {
                let planned = &self.plan.outputs[place];
                let Output::File(source) = &planned.output else { continue };
                // The site's icons are made of some, and link previews show one.
                if is_preview(planned) || self.theme.marks.uses(source) {
                    continue;
                }
                found.push(
                    Diagnostic::whole(Code::UnusedFile, &format!("content/{source}"), "No page uses this file, but it is published.")
                        .hint("Delete it, or move it out of content/. A name that starts with _ keeps it without publishing it."),
                );
            }
        }
        found
    }

    fn meet(&self, facts: &[Option<&Facts>]) -> Meeting {
        let outputs = || self.plan.outputs.iter().enumerate();
        let files: ByName<u64, usize> =
            outputs().map(|(place, planned)| (name(&planned.path), place)).collect();
        let has_part = |(file, part): &(u64, u64)| match files.get(file).map(|place| facts[*place])
        {
            // What is in a file that is no page of ours, nobody knows.
            None | Some(None) => true,
            Some(Some(facts)) => facts.has_id(*part),
        };
        let is_dead = |links: &Links| {
            !links.files.iter().all(|file| files.contains_key(file))
                || !links.anchors.iter().all(has_part)
        };
        let dead_among = |(part, some): (usize, &[Option<&Facts>])| -> Vec<usize> {
            // Many pages share a header; what it leads to is looked for once.
            let mut known: ByName<Fp, bool> = ByName::default();
            let mut is_dead = |facts: &Facts| {
                let mut look =
                    |links: &Links| *known.entry(links.fp).or_insert_with(|| is_dead(links));
                is_dead(facts.own()) || facts.shared().any(&mut look)
            };
            let places = part * TOGETHER..;
            let dead = places.zip(some).filter(|(_, facts)| facts.is_some_and(&mut is_dead));
            dead.map(|(place, _)| place).collect()
        };
        let parts = facts.par_chunks(TOGETHER).enumerate();
        let dead: Vec<usize> = parts.flat_map_iter(dead_among).collect();
        let mut meeting = Meeting { dead, ..Meeting::default() };
        let is_made = |(place, planned): (usize, &Planned)| {
            facts[place].is_some() || !matches!(planned.output, Output::Page(_))
        };
        // A page that could not be made may be the one that leads to another.
        if !self.everything || !outputs().all(is_made) {
            return meeting;
        }
        let mut used: NameSet<u64> = NameSet::default();
        for (planned, facts) in self.plan.outputs.iter().zip(facts) {
            // A list of all pages leads to those that nobody would look for.
            if matches!(planned.output, Output::Search { .. }) {
                continue;
            }
            // That a page leads to itself leads nobody there.
            let own = name(&planned.path);
            let files = facts.iter().flat_map(|facts| facts.links()).flat_map(|it| &it.files);
            used.extend(files.copied().filter(|file| *file != own));
        }
        // Who shows a version shows the picture.
        let shown = outputs().filter_map(|(_, planned)| match &planned.output {
            Output::Variant { of } => used.contains(&name(&planned.path)).then(|| name(of)),
            _ => None,
        });
        used.extend(shown.collect::<Vec<u64>>());
        for (place, planned) in
            outputs().filter(|(_, planned)| !used.contains(&name(&planned.path)))
        {
            match &planned.output {
                Output::Page(_) => meeting.orphans.push(place),
                Output::File(source) if !is_for_machines(source) => meeting.unused.push(place),
                _ => {}
            }
        }
        meeting
    }

    fn dead_links(
        &self,
        dead: &[usize],
        facts: &[Option<&Facts>],
        again: impl Fn(&Planned) -> Option<String>,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let is_there = |file: &str| self.plan.place(file).is_some();
        let has_part = |file: &str, part: &str| {
            let facts = self.plan.place(file).and_then(|place| facts[place]);
            facts.is_none_or(|facts| facts.has_id(name(part)))
        };
        let near = |file: &str| {
            let named = self.plan.outputs.iter().map(|planned| (last_part(&planned.path), planned));
            let near = nearest(last_part(file), named.clone().map(|(name, _)| name))?;
            let (_, planned) = named.clone().find(|(name, _)| *name == near)?;
            Some(format!("/{}", planned.path.trim_end_matches("index.html")))
        };
        for planned in dead.iter().map(|place| &self.plan.outputs[*place]) {
            let Some(html) = again(planned) else { continue };
            let findings =
                page::dead_links(&html, &planned.path, self.base(), is_there, has_part, near);
            found.extend(self.placed(findings, planned));
        }
        once(found)
    }

    // ---- places ------------------------------------------------------------------------------------

    /// Finds for each finding the place that somebody wrote.
    fn placed(&self, found: Vec<Finding>, planned: &Planned) -> Vec<Diagnostic> {
        found.into_iter().map(|finding| self.place(finding, planned)).collect()
    }

    fn place(&self, finding: Finding, planned: &Planned) -> Diagnostic {
        let Finding { code, message, hint, needle } = finding;
        let own = match &planned.output {
            Output::Page(place) => self
                .site
                .pages
                .at(*place)
                .filter(|page| page.doc.is_some())
                .map(|page| page.file.to_string()),
            _ => None,
        };
        let in_file = |file: &str| {
            let bytes = self.snapshot.read(file).ok()?;
            let text = std::str::from_utf8(&bytes).ok()?;
            // What comes with the program is no file that somebody could mend.
            self.snapshot.stamp(file)?;
            // Of two, the second is one too many.
            let mut all = text.match_indices(&needle).filter(|(at, _)| is_shown(text, *at));
            let last = matches!(code, Code::SameId | Code::SecondTitle);
            let (at, _) = if last { all.last()? } else { all.next()? };
            Some((file.to_string(), Span::new(at, at + needle.len())))
        };
        // An address may come from a setting.
        let in_settings = |file: &str| {
            let value = needle.split_once('=')?.1.trim_matches(['"', '\'']);
            let bytes = self.snapshot.read(file).ok().filter(|_| value.len() > 3)?;
            let at = std::str::from_utf8(&bytes).ok()?.find(value)?;
            Some((file.to_string(), Span::new(at, at + value.len())))
        };
        let found = (!needle.is_empty())
            .then(|| {
                own.as_deref()
                    .and_then(in_file)
                    .or_else(|| self.theme.template_files().find_map(in_file))
                    .or_else(|| own.as_deref().and_then(in_settings))
                    .or_else(|| in_settings(crate::config::FILE))
            })
            .flatten();
        let mut problem = match found {
            Some((file, span)) => Diagnostic::at(code, &file, span, message),
            None => {
                let mut problem = Diagnostic::whole(code, &self.file_of(planned), message);
                if !needle.is_empty() {
                    problem.trail.push(format!("the page has {}", short(&needle)));
                }
                problem
            }
        };
        problem.trail.push(format!("on the page /{}", planned.path.trim_end_matches("index.html")));
        problem.hint(hint)
    }

    /// The file that stands for an output: its source, or the template of pages that have none.
    fn file_of(&self, planned: &Planned) -> String {
        let template = match &planned.output {
            Output::Page(place) => {
                if let Some(page) = self.site.pages.at(*place).filter(|page| page.doc.is_some()) {
                    return page.file.to_string();
                }
                "section.html"
            }
            Output::File(source) => return format!("content/{source}"),
            Output::Taxonomy { .. } => "taxonomy.html",
            Output::Term { .. } => "term.html",
            Output::NotFound => "404.html",
            Output::Search { .. } => "search.html",
            _ => return crate::config::FILE.to_string(),
        };
        let file = self.theme.file_of_template(template);
        file.filter(|file| self.snapshot.stamp(file).is_some())
            .unwrap_or(crate::config::FILE)
            .into()
    }
}

/// Leaves the first of those that say the same and have no place of their own: one slip shows on every page.
fn once(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut first: Vec<(Diagnostic, usize)> = Vec::new();
    let mut known: HashMap<(Code, String), usize> = HashMap::new();
    for problem in found {
        let what = (problem.code, problem.message.clone());
        match known.get(&what).filter(|_| problem.span.is_none()) {
            Some(at) => first[*at].1 += 1,
            None => {
                if problem.span.is_none() {
                    known.insert(what, first.len());
                }
                first.push((problem, 0));
            }
        }
    }
    let told = |(mut problem, others): (Diagnostic, usize)| {
        if others > 0 {
            let pages = if others == 1 { "page" } else { "pages" };
            problem.trail.push(format!("and on {others} other {pages}"));
        }
        problem
    };
    first.into_iter().map(told).collect()
}

/// Whether what stands at a byte of a text is part of the page, and no note or sample of code.
fn is_shown(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let is_open = |start: &str, end: &str| {
        before.rfind(start).is_some_and(|from| !before[from..].contains(end))
    };
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    !is_open("<!--", "-->") && !is_open("{#", "#}") && line.matches('`').count().is_multiple_of(2)
}

/// Whether an output is a page which weekmark makes.
fn is_page(planned: &Planned) -> bool {
    planned.path.ends_with(".html") && !matches!(planned.output, Output::Asset(_) | Output::File(_))
}

/// The part of a path that people know a page by: `a/b/index.html` → `b`.
fn last_part(path: &str) -> &str {
    let path = path.strip_suffix("/index.html").unwrap_or(path);
    path.rsplit('/').next().unwrap_or(path)
}

/// Files that hosts and machines look for by name, so that no page leads to them.
fn is_for_machines(source: &str) -> bool {
    let name = source.rsplit('/').next().unwrap_or(source);
    source.starts_with(".well-known/")
        || [
            "CNAME",
            "robots.txt",
            "humans.txt",
            "favicon.ico",
            "_headers",
            "_redirects",
            "sitemap.xml",
            "ads.txt",
            "BingSiteAuth.xml",
            "security.txt",
            "manifest.webmanifest",
        ]
        .contains(&name)
        || (name.starts_with("google") && name.ends_with(".html"))
        || name.starts_with("apple-touch-icon")
}

fn kilobytes(bytes: usize) -> String {
    format!("{}.{}", bytes / 1_000, bytes / 100 % 10)
}

/// The first characters of a piece of HTML, in one line.
fn short(source: &str) -> String {
    let line = source.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
