//! Owns the look at one finished page: where its links lead, which parts it has, and what is wrong with its
//! elements. Must not know how the page was made.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::html::{Tag, Token, path_end, tokens, unescape, walk};
use super::weight::Weight;
use crate::cache::Cache;
use crate::config::BaseUrl;
use crate::diag::Code;
use crate::fingerprint::Fp;
use crate::headers::Allowed;
use crate::model::address::{decode, folder, is_plain};
use crate::render::{Leads, Markdown};

/// What one finished page is to the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    own: Links,
    /// Those of its landmarks, which other pages may have, too.
    landmarks: Box<[Arc<Links>]>,
    /// The origins on other sites that a visitor's browser is asked to load from, with scheme and host.
    pub outside: Box<[Box<str>]>,
    /// What its first view weighs, if that was asked.
    pub weight: Option<Box<Weight>>,
    /// The fingerprint of where it leads and what it has.
    fp: Fp,
}

/// What a page, or a stretch of it, leads to and has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Links {
    /// The files that it leads to or shows, as [`name`]s.
    pub(super) files: Box<[u64]>,
    /// Parts of pages that it leads to: the page's and the part's name.
    pub(super) anchors: Box<[(u64, u64)]>,
    /// Its own parts.
    pub(super) ids: Box<[u64]>,
    /// The fingerprint of all of it.
    pub(super) fp: Fp,
}

/// A path of the output, or the name of a part, as a number: pages have thousands of links, and only
/// whether they meet matters.
pub(super) fn name(text: &str) -> u64 {
    Leads::name(text)
}

impl Facts {
    /// The fingerprint of where it leads and what it has.
    pub fn fp(&self) -> Fp {
        self.fp
    }

    /// What it leads to and has, stretch by stretch.
    pub(super) fn links(&self) -> impl Iterator<Item = &Links> {
        std::iter::once(&self.own).chain(self.shared())
    }

    /// What it alone leads to and has.
    pub(super) fn own(&self) -> &Links {
        &self.own
    }

    /// What other pages may lead to and have alike.
    pub(super) fn shared(&self) -> impl Iterator<Item = &Links> {
        self.landmarks.iter().map(|links| &**links)
    }

    /// Whether it has a part of that name.
    pub(super) fn has_id(&self, id: u64) -> bool {
        self.links().any(|links| links.ids.binary_search(&id).is_ok())
    }
}

impl Links {
    fn new(mut files: Vec<u64>, mut anchors: Vec<(u64, u64)>, mut ids: Vec<u64>) -> Links {
        for list in [&mut files, &mut ids] {
            list.sort_unstable();
            list.dedup();
        }
        anchors.sort_unstable();
        anchors.dedup();
        let pairs = anchors.iter().flat_map(|(page, part)| [*page, *part]);
        let lengths = [files.len() as u64, anchors.len() as u64];
        let numbers = lengths
            .into_iter()
            .chain(files.iter().copied())
            .chain(pairs)
            .chain(ids.iter().copied());
        let mut bytes = Vec::with_capacity(8 * (2 + files.len() + 2 * anchors.len() + ids.len()));
        numbers.for_each(|number| bytes.extend(number.to_le_bytes()));
        Links {
            fp: Fp::of_bytes(&bytes),
            files: files.into(),
            anchors: anchors.into(),
            ids: ids.into(),
        }
    }
}

/// The landmarks that were looked at in a pass: by the place of the page and the tag, the text of each and where
/// it leads. Pages beside each other have their headers, menus and footers word for word alike, and then
/// every address in them that leaves the page's own folder leads to the same place.
#[derive(Debug, Default)]
pub(super) struct Landmarks(Cache<Vec<Landmark>>);

/// The text of a landmark, and where it leads.
#[derive(Debug)]
struct Landmark {
    text: Box<str>,
    links: Arc<Links>,
    /// To a checker its elements are of no interest, wherever they stand, but for their names.
    is_plain: bool,
}

/// Elements that pages tend to have alike (WAI-ARIA 1.2, 5.3.4).
const LANDMARKS: [&str; 3] = ["header", "nav", "footer"];

/// How many texts are kept for one tag in one folder: a way to the next page is another one on every page.
const MOST_TEXTS: usize = 4;

impl Landmarks {
    /// The landmark that `html` begins with, if it was looked at before: its length, and where it leads. For a checker, only
    /// a plain one.
    fn find(&self, key: Fp, html: &str, checks: bool) -> Option<(usize, Arc<Links>)> {
        self.0.get(key, |known| {
            let found = known.iter().find(|it| html.starts_with(&*it.text))?;
            (found.is_plain || !checks).then(|| (found.text.len(), found.links.clone()))
        })
    }

    /// Keeps what was found in the landmark `text`, if it is not kept yet.
    fn keep(&self, key: Fp, text: &str, links: Links, is_plain: bool) -> Arc<Links> {
        self.0.change(key, |texts| {
            if let Some(known) = texts.iter().find(|known| *known.text == *text) {
                return known.links.clone();
            }
            let links = Arc::new(links);
            if texts.len() < MOST_TEXTS {
                texts.push(Landmark { text: text.into(), links: links.clone(), is_plain });
            }
            links
        })
    }
}

/// Something wrong on a finished page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) hint: String,
    /// The text of the page that it is about, as it is written there.
    pub(super) needle: String,
}

/// Where an address on a page leads, if it stays on the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// The file in the output; the page itself for a part of it.
    pub(super) file: String,
    /// The part.
    pub(super) anchor: Option<String>,
}

/// Follows an address that stands in the output file `from`. `None` if it leads off the site.
pub(super) fn follow(from: &str, href: &str, base: Option<&BaseUrl>) -> Option<Link> {
    let mut file = String::new();
    let (to, anchor) = follow_into(&mut file, &folders(from), href, base)?;
    if to == To::Here {
        file.push_str(from);
    }
    let anchor = anchor.map(decode).filter(|anchor| !anchor.is_empty() && anchor != "top");
    Some(Link { file, anchor })
}

/// Where an address leads that stays on the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    /// To the page that it stands on, whatever that is called.
    Here,
    /// To a file in the folder that the page lies in, or below it.
    Below,
    /// To any other file, by a way that does not name the page's own folder.
    Beyond,
}

/// The folder of an output file and those around it, the nearest first.
fn folders(file: &str) -> Vec<&str> {
    let mut folders = Vec::with_capacity(8);
    let mut next = Some(file);
    while let Some(inside) = next {
        let around = folder(inside);
        folders.push(around);
        next = around.strip_suffix('/');
    }
    folders
}

/// As [`follow`], without making anything anew: every address of every page comes by here. `folders` are those
/// of the output file. The part is as it is written.
fn follow_into<'h>(
    file: &mut String,
    folders: &[&str],
    href: &'h str,
    base: Option<&BaseUrl>,
) -> Option<(To, Option<&'h str>)> {
    let href = href.trim();
    file.clear();
    if let Some(anchor) = href.strip_prefix('#') {
        return Some((To::Here, Some(anchor)));
    }
    let mut end = path_end(href);
    let is_encoded = href.as_bytes().get(end) == Some(&b'%');
    if is_encoded {
        end = href.find(['#', '?']).unwrap_or(href.len());
    }
    let (path, rest) = href.split_at(end);
    let anchor = match rest.as_bytes().first() {
        Some(b'#') => Some(&rest[1..]),
        Some(_) => rest.split_once('#').map(|(_, anchor)| anchor),
        None => None,
    };
    if path.is_empty() {
        return Some((To::Here, anchor));
    }
    let inside = match base.and_then(|base| path.strip_prefix(&base.origin)) {
        Some("") => "/",
        Some(inside) => inside,
        None if crate::parse::markdown::is_outside(path) => return None,
        None => path,
    };
    let (mut steps, around) = match (inside.strip_prefix('/'), base) {
        // Beside the folder of the site lies something that we do not know.
        (Some(_), Some(base)) => (inside.strip_prefix(&base.path)?, &[""][..]),
        (Some(absolute), None) => (absolute, &[""][..]),
        (None, _) => (inside, folders),
    };
    // Links of ours go up, and then down.
    let mut up = 0;
    while let Some(after) = steps.strip_prefix("../") {
        up += 1;
        steps = after;
    }
    file.push_str(around.get(up)?);
    let is_below = up == 0 && !inside.starts_with('/');
    let to = if is_below { To::Below } else { To::Beyond };
    if steps.is_empty() || is_plain(steps) {
        file.push_str(steps);
        if steps.is_empty() || steps.ends_with('/') {
            file.push_str("index.html");
        }
    } else {
        for step in steps.split('/') {
            match step {
                "" | "." => {}
                ".." => leave(file)?,
                step => {
                    file.push_str(step);
                    file.push('/');
                }
            }
        }
        let is_folder = ["/", "/.", "/.."].iter().any(|end| steps.ends_with(end))
            || matches!(steps, "." | "..");
        if is_folder {
            file.push_str("index.html");
        } else {
            file.pop();
        }
    }
    if is_encoded || folders.first().is_some_and(|folder| folder.contains('%')) {
        *file = decode(file);
    }
    Some((to, anchor))
}

/// From a folder to the one around it; `None` if there is none.
fn leave(folder: &mut String) -> Option<()> {
    let parent = folder.strip_suffix('/')?;
    let end = parent.bytes().rposition(|byte| byte == b'/').map_or(0, |at| at + 1);
    folder.truncate(end);
    Some(())
}

/// Addresses in an element, with the attribute as it is written.
fn addresses(tag: &Tag<'_, '_>, mut each: impl FnMut(&str, &str)) {
    // The length tells most others apart: class, id, type.
    for attribute in tag.attributes.iter().filter(|it| matches!(it.name.len(), 3 | 4 | 6 | 10)) {
        let source = || &tag.source[attribute.range.clone()];
        match &*lower(attribute.name) {
            "href" | "src" | "poster" | "data" | "action" | "formaction" | "xlink:href"
                if !attribute.value.is_empty() =>
            {
                each(&unescape(attribute.value), source());
            }
            "srcset" => {
                for candidate in unescape(attribute.value).split(", ") {
                    let address = candidate.split_whitespace().next().unwrap_or_default();
                    each(address.trim_end_matches(','), source());
                }
            }
            _ => {}
        }
    }
}

/// What the page is to others, and what is wrong with its elements: what every visitor's browser would ask
/// another site for, which keeps the site from being published; and, if `everything` is asked for, what a
/// checker of accessibility or validity would find.
pub(super) fn look(
    page: (&str, &Markdown),
    from: &str,
    around: (Option<&BaseUrl>, &Allowed),
    everything: bool,
    known: &Landmarks,
) -> (Facts, Vec<Finding>) {
    let quick = look_through(page, from, around, (everything, true), known);
    // Two of a name are rare: what is told of them is found by a look at every element.
    let whole = || look_through(page, from, around, (everything, false), known);
    quick.or_else(whole).expect("a look at every element knows all names")
}

/// As [`look`]. If it `skips` what is known to be in order, names may meet that stand apart; then there is no answer.
fn look_through(
    (html, markdown): (&str, &Markdown),
    from: &str,
    (base, allowed): (Option<&BaseUrl>, &Allowed),
    (everything, skips): (bool, bool),
    known: &Landmarks,
) -> Option<(Facts, Vec<Finding>)> {
    // Most pages have a folder to themselves, and those beside it have theirs.
    let own_folder = from.strip_suffix("/index.html");
    let around = folder(own_folder.unwrap_or(from));
    let around = Fp::of(&(around, own_folder.is_some()));
    let mut look = Look {
        own: name(from),
        folders: folders(from),
        has_own_folder: own_folder.is_some(),
        base,
        allowed,
        outside: BTreeSet::new(),
        files: Vec::with_capacity(64),
        anchors: Vec::with_capacity(16),
        ids: Vec::with_capacity(32),
        file: String::with_capacity(128),
        elements: Elements::default(),
    };
    let mut landmarks = Vec::with_capacity(LANDMARKS.len());
    let mut open: Option<Open<'_>> = None;
    // Markdown's elements are of no interest, but for their names and addresses, and to a checker for a second title.
    let is_known = markdown.leads.is_some();
    let skips_text = skips && (!everything || (is_known && !markdown.has_title));
    let nothing = Range::default();
    let place = if skips_text { &markdown.place } else { &nothing };
    walk(html, (place, is_known), |place, token| {
        let noted = look.elements.noted;
        if everything {
            look.elements.token(&token);
        }
        match token {
            Token::Start(tag) => {
                if let Some(open) = &mut open {
                    open.depth += usize::from(tag.is(open.name));
                } else if LANDMARKS.contains(&tag.name) {
                    let key = Fp::join(&[around, Fp::of_bytes(tag.source.as_bytes())]);
                    if skips
                        && let Some((length, links)) =
                            known.find(key, &html[place.start..], everything)
                    {
                        landmarks.push(links);
                        return Some(place.start + length);
                    }
                    let so_far = look.so_far();
                    let start = place.start;
                    let (name, alike) = (tag.name, true);
                    open = Some(Open { key, start, name, depth: 1, so_far, noted, alike });
                }
                let is_alike = look.start(&tag);
                if let Some(open) = &mut open {
                    open.alike &= is_alike;
                }
            }
            Token::Known => {
                if let Some(open) = &mut open {
                    open.alike = false;
                }
                if let Some(Leads { files, anchors, ids }) = &markdown.leads {
                    look.files.extend_from_slice(files);
                    look.anchors.extend_from_slice(anchors);
                    look.ids.extend_from_slice(ids);
                }
            }
            Token::End(name) => {
                let ends = |open: &&mut Open<'_>| name.eq_ignore_ascii_case(open.name);
                if let Some(inside) = open.as_mut().filter(ends) {
                    inside.depth -= 1;
                    if inside.depth == 0
                        && let Some(landmark) = open.take().filter(|landmark| landmark.alike)
                    {
                        let links = look.links_since(landmark.so_far);
                        let is_plain = everything && look.elements.noted == landmark.noted;
                        let text = &html[landmark.start..place.end];
                        landmarks.push(known.keep(landmark.key, text, links, is_plain));
                    }
                }
            }
        }
        None
    });
    if everything && skips {
        let mut ids = look.ids.clone();
        landmarks.iter().for_each(|links: &Arc<Links>| ids.extend_from_slice(&links.ids));
        ids.sort_unstable();
        let is_once = ids.is_sorted_by(|a, b| a < b);
        if !is_once {
            return None;
        }
    }
    let own = Links::new(look.files, look.anchors, look.ids);
    let fps: Vec<Fp> =
        std::iter::once(own.fp).chain(landmarks.iter().map(|links| links.fp)).collect();
    let outside = look.outside.into_iter().map(String::into_boxed_str).collect();
    let facts =
        Facts { own, landmarks: landmarks.into(), outside, weight: None, fp: Fp::join(&fps) };
    Some((facts, look.elements.finish()))
}

/// A landmark that is being looked at.
struct Open<'a> {
    key: Fp,
    start: usize,
    name: &'a str,
    /// How many elements of that name are open.
    depth: usize,
    /// How much was known before it.
    so_far: [usize; 3],
    /// How much a checker had noted before it.
    noted: usize,
    /// It means the same on the pages beside this one, and nothing is wrong with it.
    alike: bool,
}

/// What is found on a page while its tags go by.
struct Look<'a, 'p> {
    own: u64,
    /// The folder that it lies in and those around it, the nearest first.
    folders: Vec<&'p str>,
    /// No other page lies in the folder.
    has_own_folder: bool,
    base: Option<&'p BaseUrl>,
    allowed: &'p Allowed,
    outside: BTreeSet<String>,
    files: Vec<u64>,
    anchors: Vec<(u64, u64)>,
    ids: Vec<u64>,
    /// Where an address leads; kept, so that it is not made anew for each.
    file: String,
    elements: Elements<'a>,
}

impl Look<'_, '_> {
    /// Looks at the addresses and the name of an element. Whether they would be the same on the pages beside this one.
    fn start(&mut self, tag: &Tag<'_, '_>) -> bool {
        // Most elements of a text have none.
        if tag.attributes.is_empty() {
            return true;
        }
        for attribute in tag.attributes {
            if attribute.name == "id" && !attribute.value.is_empty() {
                self.ids.push(name(&unescape(attribute.value)));
            }
        }
        let mut is_alike = true;
        addresses(tag, |address, source| {
            match follow_into(&mut self.file, &self.folders, address, self.base) {
                Some((to, anchor)) => {
                    let target = if to == To::Here { self.own } else { name(&self.file) };
                    is_alike &= match to {
                        To::Here => false,
                        To::Below => !self.has_own_folder,
                        To::Beyond => true,
                    };
                    if let Some(anchor) = anchor.filter(|a| !a.is_empty() && *a != "top") {
                        let is_plain = !anchor.contains('%');
                        let part = if is_plain { name(anchor) } else { name(&decode(anchor)) };
                        self.anchors.push((target, part));
                    }
                    self.files.push(target);
                }
                None => {
                    let found = if is_unsafe(address) {
                        unsafe_address(address, source)
                    } else if !is_web(address) {
                        return;
                    } else if loads(tag) {
                        let origin = origin(address);
                        let is_allowed = allowed_for(tag, self.allowed).contains(&origin);
                        self.outside.insert(origin);
                        is_alike = false;
                        if is_allowed {
                            return;
                        }
                        outside_request(address, source)
                    } else if sends(tag) && !self.allowed.forms.contains(&origin(address)) {
                        outside_form(address, source)
                    } else {
                        return;
                    };
                    is_alike = false;
                    self.elements.found.push(found);
                }
            }
        });
        is_alike
    }

    fn so_far(&self) -> [usize; 3] {
        [self.files.len(), self.anchors.len(), self.ids.len()]
    }

    /// Takes out what was found since then.
    fn links_since(&mut self, [files, anchors, ids]: [usize; 3]) -> Links {
        Links::new(
            self.files.split_off(files),
            self.anchors.split_off(anchors),
            self.ids.split_off(ids),
        )
    }
}

fn outside_request(address: &str, source: &str) -> Finding {
    Finding {
        code: Code::ThirdParty,
        message: format!(
            "Visitors' browsers would load {address} from another site, which would learn of every visitor."
        ),
        hint: "Put the file into the theme's assets/ or beside the page, if you may, and use it from there."
            .into(),
        needle: source.to_string(),
    }
}

fn outside_form(address: &str, source: &str) -> Finding {
    Finding {
        code: Code::OutsideForm,
        message: format!(
            "This form would send what visitors write to {address}, which the site's security policy refuses."
        ),
        hint: format!(
            "If that is meant, write into site.yaml: security: {{allow: {{forms: [\"{}\"]}}}}",
            origin(address)
        ),
        needle: source.to_string(),
    }
}

/// The origin of a web address: scheme, host and port in small letters (RFC 6454, section 4). Without a
/// scheme, that of a published site is taken.
fn origin(address: &str) -> String {
    let address = address.trim();
    let (scheme, rest) = address.split_once("//").unwrap_or(("https:", address));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = if scheme.is_empty() { "https:" } else { scheme };
    format!("{scheme}//{host}").to_ascii_lowercase()
}

/// The origins from which the owner of the site lets such an element load.
fn allowed_for<'a>(tag: &Tag<'_, '_>, allowed: &'a Allowed) -> &'a [String] {
    match &*lower(tag.name) {
        "iframe" | "frame" => &allowed.frames,
        "video" | "audio" | "source" | "track" => &allowed.media,
        _ => &[],
    }
}

/// Whether the address of an element is where a form is sent.
fn sends(tag: &Tag<'_, '_>) -> bool {
    matches!(&*lower(tag.name), "form" | "button" | "input")
}

/// Whether an address runs a script, or is of the editor's machine.
fn is_unsafe(address: &str) -> bool {
    let scheme = address.trim().split(':').next().unwrap_or_default();
    ["javascript", "vbscript", "file"].iter().any(|bad| scheme.eq_ignore_ascii_case(bad))
}

fn unsafe_address(address: &str, source: &str) -> Finding {
    let scheme = address.trim().split(':').next().unwrap_or_default().to_lowercase();
    Finding {
        code: Code::UnsafeLink,
        message: format!("An address of the kind {scheme}: must not be on a public page."),
        hint: "Link to a page, a file of the site, or a web address that starts with https://."
            .into(),
        needle: source.to_string(),
    }
}

/// Whether an address names a host of the web.
fn is_web(address: &str) -> bool {
    let starts =
        |start: &str| address.get(..start.len()).is_some_and(|a| a.eq_ignore_ascii_case(start));
    starts("//") || starts("http:") || starts("https:")
}

/// Whether a browser loads what the addresses of the element name, without being asked.
fn loads(tag: &Tag<'_, '_>) -> bool {
    match &*lower(tag.name) {
        "img" | "script" | "iframe" | "frame" | "video" | "audio" | "source" | "track"
        | "embed" | "object" | "input" | "image" => true,
        "link" => loads_its_address(tag),
        _ => false,
    }
}

/// The links that lead to nothing, each once. `is_there` knows files, `has_part` the parts of pages.
pub(super) fn dead_links(
    html: &str,
    from: &str,
    base: Option<&BaseUrl>,
    is_there: impl Fn(&str) -> bool,
    has_part: impl Fn(&str, &str) -> bool,
    near: impl Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut said = BTreeSet::new();
    tokens(html, |token| {
        let Token::Start(tag) = token else { return };
        addresses(&tag, |address, source| {
            let Some(link) = follow(from, address, base) else { return };
            let (code, message, hint) = if !is_there(&link.file) {
                let is_link = tag.is("a") || tag.is("area") || tag.is("form");
                let code = if is_link { Code::BrokenLink } else { Code::MissingFile };
                let what = if is_link { "page or file" } else { "file" };
                let hint = near(&link.file).map_or_else(
                    || "Correct the address, or delete what leads there.".to_string(),
                    |near| format!("Did you mean {near}?"),
                );
                (code, format!("There is no {what} at \"{address}\"."), hint)
            } else if let Some(anchor) = link.anchor.filter(|anchor| !has_part(&link.file, anchor))
            {
                let page = if link.file == from {
                    "This page".into()
                } else {
                    format!("The page {}", link.file)
                };
                (
                    Code::BrokenAnchor,
                    format!("{page} has no part #{anchor}."),
                    "Correct what stands after the number sign, or give the part that id.".into(),
                )
            } else {
                return;
            };
            if said.insert(address.to_string()) {
                found.push(Finding { code, message, hint, needle: source.to_string() });
            }
        });
    });
    found
}

/// Whether a link element makes the browser load something (HTML Standard, 4.6.7).
fn loads_its_address(link: &Tag<'_, '_>) -> bool {
    const LOADING: [&str; 9] = [
        "stylesheet",
        "icon",
        "preload",
        "modulepreload",
        "prefetch",
        "manifest",
        "apple-touch-icon",
        "preconnect",
        "dns-prefetch",
    ];
    link.get("rel").is_some_and(|rel| {
        rel.split_whitespace().any(|rel| LOADING.iter().any(|l| l.eq_ignore_ascii_case(rel)))
    })
}

/// What is found while the elements go by.
#[derive(Default)]
struct Elements<'a> {
    found: Vec<Finding>,
    /// The ids, and whether it was said that there are two.
    ids: BTreeMap<std::borrow::Cow<'a, str>, bool>,
    headings: usize,
    /// How often something else was noted than a name.
    noted: usize,
    /// How many label elements are open: what is in one has its name from it.
    labels: usize,
    named: BTreeSet<String>,
    /// Controls without a name of their own: their id and source.
    controls: Vec<(Option<String>, &'a str)>,
    /// Tables that are open: their source, and whether they have a head.
    tables: Vec<(&'a str, bool)>,
}

impl<'a> Elements<'a> {
    fn token(&mut self, token: &Token<'a, '_>) {
        match token {
            Token::Start(tag) => self.start(tag),
            Token::End(name) if name.eq_ignore_ascii_case("label") => {
                self.noted += 1;
                self.labels = self.labels.saturating_sub(1)
            }
            Token::End(name) if name.eq_ignore_ascii_case("table") => {
                self.noted += 1;
                if let Some((source, false)) = self.tables.pop() {
                    self.say(
                        Code::TableHead,
                        "This table has no head.",
                        "Make the cells that name its columns or rows th elements.",
                        source,
                    );
                }
            }
            Token::End(_) | Token::Known => {}
        }
    }

    fn say(&mut self, code: Code, message: impl Into<String>, hint: &str, needle: &str) {
        self.noted += 1;
        self.found.push(Finding {
            code,
            message: message.into(),
            hint: hint.into(),
            needle: needle.into(),
        });
    }

    fn start(&mut self, tag: &Tag<'a, '_>) {
        for attribute in tag.attributes {
            let source = &tag.source[attribute.range.clone()];
            let name = attribute.name;
            if name == "id" {
                let id = unescape(attribute.value);
                self.noted += usize::from(id.is_empty());
                match self.ids.get_mut(&id) {
                    None => {
                        self.ids.insert(id, false);
                    }
                    Some(said) if !*said => {
                        *said = true;
                        self.say(
                            Code::SameId,
                            format!("Two parts of this page have the id \"{id}\"."),
                            "Give one of them another id: a link to it reaches only the first.",
                            source,
                        );
                    }
                    // It is told once, but is no less in the way of skipping what it stands in.
                    Some(_) => self.noted += 1,
                }
            } else if name.eq_ignore_ascii_case("style") || is_handler(name) {
                self.say(
                    Code::InlineCode,
                    format!("The attribute \"{name}\" holds code in the page, which a strict content security policy blocks."),
                    "Put it into a style sheet or a script of the theme.",
                    source,
                );
            }
        }
        match &*lower(tag.name) {
            "base" => self.say(
                Code::InlineCode,
                "A base element turns all links of the page elsewhere, and a strict content security policy blocks it.",
                "Delete it, and write the addresses of the links in full.",
                tag.source,
            ),
            "meta" if tag.get("http-equiv").is_some_and(|it| it.eq_ignore_ascii_case("refresh")) => self.say(
                Code::InlineCode,
                "This element sends visitors to another page before they can read this one (WCAG 2.2, 2.2.1).",
                "Delete it. An old address that leads to a page is an alias in its front matter.",
                tag.source,
            ),
            "img" | "source" if ["src", "srcset"].iter().any(|name| tag.get(name).is_some_and(|it| it.trim_start().starts_with("data:"))) => self.say(
                Code::InlineCode,
                "This picture is written into the page itself, where a strict content security policy blocks it.",
                "Save it as a file beside the page, and write its name here.",
                tag.source,
            ),
            "html" if !tag.has("lang") => self.say(
                Code::NoLanguage,
                "The page does not say its language, so a screen reader cannot pronounce it (WCAG 2.2, 3.1.1).",
                "Write <html lang=\"{{ page.lang }}\"> in the template.",
                tag.source,
            ),
            "h1" => {
                self.noted += 1;
                self.headings += 1;
                if self.headings == 2 {
                    self.say(Code::SecondTitle, "This page has two h1 elements.", "A page has one title: make the second an h2.", tag.source);
                }
            }
            "script" if !tag.has("src") && is_script(tag) && !tag.raw.trim().is_empty() => self.say(
                Code::InlineCode,
                "This script stands in the page, where a strict content security policy blocks it.",
                "Put it into a file in the theme's assets/ and load that: <script src=\"{{ asset(path=\"…\") }}\" defer></script>.",
                tag.source,
            ),
            "style" if !tag.raw.trim().is_empty() => self.say(
                Code::InlineCode,
                "This style sheet stands in the page, where a strict content security policy blocks it.",
                "Put it into a file in the theme's assets/ and load that.",
                tag.source,
            ),
            "img" if tag.get("alt").is_none() => self.say(
                Code::MissingAlt,
                "This picture has no alternative text (WCAG 2.2, 1.1.1).",
                "Say in alt=\"…\" what it shows; alt=\"\" if it only decorates.",
                tag.source,
            ),
            "label" => {
                self.noted += 1;
                self.labels += 1;
                self.named.extend(tag.get("for").map(std::borrow::Cow::into_owned));
            }
            "input" | "select" | "textarea" => {
                self.noted += 1;
                self.control(tag);
            }
            "table" => {
                self.noted += 1;
                // A table for the look of things says so itself.
                let plain = tag.get("role").is_some_and(|role| matches!(&*role, "presentation" | "none"));
                self.tables.push((tag.source, plain));
            }
            "th" => {
                self.noted += 1;
                if let Some((_, has_head)) = self.tables.last_mut() {
                    *has_head = true;
                }
            }
            _ => {}
        }
    }

    fn control(&mut self, tag: &Tag<'a, '_>) {
        let kind = tag.get("type").unwrap_or_default().to_ascii_lowercase();
        let needs_name = !tag.is("input")
            || !matches!(kind.as_str(), "hidden" | "submit" | "reset" | "button" | "image");
        let has_name = self.labels > 0
            || ["aria-label", "aria-labelledby", "title"].iter().any(|name| tag.has(name));
        if needs_name && !has_name {
            self.controls.push((tag.get("id").map(std::borrow::Cow::into_owned), tag.source));
        }
    }

    fn finish(mut self) -> Vec<Finding> {
        for (id, source) in std::mem::take(&mut self.controls) {
            if !id.is_some_and(|id| self.named.contains(&id)) {
                self.say(
                    Code::NoLabel,
                    "Nothing says what is to be filled in here (WCAG 2.2, 4.1.2).",
                    "Put a label element around it, or one with for=\"its id\" before it.",
                    source,
                );
            }
        }
        self.found
    }
}

/// A name in small letters: nearly all are.
fn lower(name: &str) -> std::borrow::Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

/// Whether an attribute holds a script (HTML Standard, 8.1.8).
fn is_handler(name: &str) -> bool {
    name.len() > 2 && name.as_bytes()[..2].eq_ignore_ascii_case(b"on")
}

/// Whether a script element is run; others hold data (HTML Standard, 4.12.1).
fn is_script(tag: &Tag<'_, '_>) -> bool {
    let kind = tag.get("type").unwrap_or_default().to_ascii_lowercase();
    kind.is_empty()
        || kind == "module"
        || kind.contains("javascript")
        || kind.contains("ecmascript")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(from: &str, href: &str) -> Option<String> {
        let base = BaseUrl::read("https://example.org/week/");
        let link = follow(from, href, base.as_ref())?;
        Some(link.anchor.map_or(link.file.clone(), |anchor| format!("{}#{anchor}", link.file)))
    }

    #[test]
    fn an_address_leads_to_a_file_of_the_output() {
        for (href, file) in [
            ("../b/index.html", Some("b/index.html")),
            ("../b/", Some("b/index.html")),
            ("../", Some("index.html")),
            ("#x", Some("a/index.html#x")),
            ("?q#x%20y", Some("a/index.html#x y")),
            ("#top", Some("a/index.html")),
            ("/week/", Some("index.html")),
            ("/week/c.css?1", Some("c.css")),
            ("/other/", None),
            ("https://example.org/week/b/#z", Some("b/index.html#z")),
            ("https://example.com/", None),
            ("mailto:a@b.example", None),
            ("//example.com/x", None),
            ("caf%C3%A9.png", Some("a/café.png")),
            ("..", Some("index.html")),
            ("./x", Some("a/x")),
            ("b//../x", Some("a/x")),
            ("../../x", None),
            ("../..", None),
            ("../b/../../x", None),
            ("/week/../x", None),
        ] {
            assert_eq!(to("a/index.html", href).as_deref(), file, "{href}");
        }
        for (href, file) in [
            ("../../x", Some("x")),
            ("../x", Some("a/x")),
            ("../../../x", None),
            ("x", Some("a//x")),
        ] {
            assert_eq!(to("a//c.html", href).as_deref(), file, "{href}");
        }
        assert_eq!(to("c.html", "../x"), None);
    }

    #[test]
    fn elements_without_what_they_need_are_found() {
        let codes = |html: &str| -> Vec<&str> {
            look(
                (html, &Markdown::default()),
                "index.html",
                (None, &Allowed::default()),
                true,
                &Landmarks::default(),
            )
            .1
            .iter()
            .map(|found| found.code.id())
            .collect()
        };
        assert_eq!(
            codes(
                "<html lang=en><h1>a</h1><img alt='' src=x><label>x <input></label><label for=b>y</label><select id=b></select><table><tr><th>a</table><script type='application/ld+json'>{}</script>"
            ),
            [] as [&str; 0]
        );
        assert_eq!(codes("<html>"), [Code::NoLanguage.id()]);
        assert_eq!(codes("<p id=a><p id=a><p id=a>"), [Code::SameId.id()]);
        assert_eq!(codes("<h1>a</h1><h1>b</h1><h1>c</h1>"), [Code::SecondTitle.id()]);
        assert_eq!(
            codes("<p style='x' onclick='y'><script>z</script><style>w</style>"),
            [Code::InlineCode.id(); 4]
        );
        assert_eq!(codes("<img src=x>"), [Code::MissingAlt.id()]);
        assert_eq!(
            codes(
                "<base href=x><meta HTTP-EQUIV=Refresh content=0><img alt='' src=data:x><meta http-equiv=x>"
            ),
            [Code::InlineCode.id(); 3]
        );
        assert_eq!(codes("<p \u{200b}class=x é><a HREF=javascript:x>"), [Code::UnsafeLink.id()]);
        assert_eq!(
            codes("<input><input type=hidden><textarea aria-label=x></textarea><select></select>"),
            [Code::NoLabel.id(); 2]
        );
        assert_eq!(
            codes("<table><tr><td>a</table><table role=presentation></table>"),
            [Code::TableHead.id()]
        );
    }

    #[test]
    fn what_the_browser_loads_from_elsewhere_is_found() {
        let (_, found) = look(
            (
                "<img src='https://a.example/x.png'><a href='https://a.example/'>x</a><link rel=stylesheet href='//b.example/x.css'><link rel=canonical href='https://c.example/'><img src=x.png srcset='https://d.example/1.png 1x, y.png 2x'>",
                &Markdown::default(),
            ),
            "index.html",
            (None, &Allowed::default()),
            false,
            &Landmarks::default(),
        );
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn what_the_owner_allows_is_no_finding_and_is_told() {
        let allowed = Allowed {
            frames: vec!["https://player.example".into()],
            media: vec!["https://films.example".into()],
            forms: vec!["https://mail.example".into()],
        };
        let (facts, found) = look(
            (
                "<iframe src='//Player.example/1'></iframe><video src=https://films.example/x.mp4></video><form action='https://mail.example/a?b'><button formaction=http://mail.example/></button></form><iframe src=https://films.example/></iframe>",
                &Markdown::default(),
            ),
            "index.html",
            (None, &allowed),
            false,
            &Landmarks::default(),
        );
        let codes: Vec<&str> = found.iter().map(|found| found.code.id()).collect();
        assert_eq!(codes, ["W307", "W306"]);
        assert_eq!(
            facts.outside.iter().map(|origin| &**origin).collect::<Vec<_>>(),
            ["https://films.example", "https://player.example"]
        );
    }

    #[test]
    fn what_is_skipped_hides_nothing_from_a_checker() {
        let own = (None, &Allowed::default());
        let known = Landmarks::default();
        let codes = |html: &str, markdown: &Markdown, known: &Landmarks| -> Vec<&'static str> {
            let found = look((html, markdown), "a/b/index.html", own, true, known).1;
            found.iter().map(|found| found.code.id()).collect()
        };
        let header = "<header id=h><nav><a href='../x/#p'>x</a></nav></header>";
        let none = Markdown::default();
        for (rest, wanted) in [
            ("<main id=m></main>", &[][..]),
            ("<main id=h></main>", &[Code::SameId.id()]),
            ("<main id=m></main>", &[]),
            ("<p id=m><p id=m>", &[Code::SameId.id()]),
            ("<img src=x>", &[Code::MissingAlt.id()]),
        ] {
            assert_eq!(codes(&format!("{header}{rest}"), &none, &known), wanted, "{rest}");
        }
        assert!(known.0.all(|texts| texts.iter().all(|it| it.is_plain)));
        // What is not plain is looked at on every page.
        for (odd, wanted) in [
            ("<nav><h1>x</h1></nav>", Code::SecondTitle.id()),
            ("<nav><label for=i>x</label></nav>", ""),
            ("<nav><input></nav>", Code::NoLabel.id()),
            ("<nav><table></table></nav>", Code::TableHead.id()),
            ("<nav id=></nav>", Code::SameId.id()),
            ("<nav style=x></nav>", Code::InlineCode.id()),
            ("<nav></label></nav>", ""),
        ] {
            let known = Landmarks::default();
            let page = format!("<h1>t</h1><p id=''>{odd}<input id=i aria-label=y>");
            for _ in 0..3 {
                let codes = codes(&page, &none, &known);
                assert_eq!(codes.join(" "), wanted, "{odd}");
            }
            assert!(known.0.all(|texts| texts.iter().all(|it| !it.is_plain)), "{odd}");
        }
        // Nor is what would be, if an earlier part of the page had not told of the same name.
        let twice = "<footer><i id=h></i><i id=h></i></footer>";
        for _ in 0..2 {
            let same = [Code::SameId.id()];
            assert_eq!(codes(&format!("<p id=h><p id=h>{twice}"), &none, &known), same);
            assert_eq!(codes(twice, &none, &known), same);
        }
        // A text of Markdown alone, whose names are known.
        let text = "<h2 id=\"one\">1</h2><p><img src=\"x\">";
        let markdown = |html: &str, has_title: bool| {
            let start = html.find(text).unwrap();
            let leads = Leads { ids: vec![name("one")], ..Leads::default() };
            Markdown { place: start..start + text.len(), leads: Some(leads), has_title }
        };
        for (page, has_title, wanted) in [
            (format!("<h1 id=t></h1>{text}"), false, vec![]),
            (format!("<h1 id=one></h1>{text}"), false, vec!["SameId", "MissingAlt"]),
            (format!("{text}<p id=one>"), false, vec!["MissingAlt", "SameId"]),
            (format!("<h1 id=t></h1>{text}"), true, vec!["MissingAlt"]),
        ] {
            let wanted: Vec<&str> = wanted
                .into_iter()
                .map(|it| if it == "SameId" { Code::SameId.id() } else { Code::MissingAlt.id() })
                .collect();
            assert_eq!(codes(&page, &markdown(&page, has_title), &known), wanted, "{page}");
        }
    }

    #[test]
    fn landmarks_that_are_alike_are_looked_at_once_and_mean_the_same() {
        let header = "<header id=h><nav><a href='../x/#p'>x</a></nav><a href=/y>y</a></header>";
        let known = Landmarks::default();
        let own = (None, &Allowed::default());
        let facts =
            |from: &str, html: &str| look((html, &Markdown::default()), from, own, false, &known).0;
        let a = facts("a/b/index.html", &format!("{header}<main id=m><a href=#m>m</a></main>"));
        assert_eq!((a.landmarks.len(), &*a.own.ids), (1, &[name("m")][..]));
        assert!(a.has_id(name("h")) && !a.has_id(name("p")));
        assert_eq!(*a.landmarks[0].anchors, [(name("a/x/index.html"), name("p"))]);
        let beside = facts("a/c/index.html", &format!("<p>{header}<main></main>"));
        assert!(Arc::ptr_eq(&a.landmarks[0], &beside.landmarks[0]));
        // The same words lead elsewhere from another folder.
        for (from, to) in [("a/index.html", "x/index.html"), ("a/b.html", "x/index.html")] {
            assert_eq!(*facts(from, header).landmarks[0].anchors, [(name(to), name("p"))]);
        }
        let below = "<nav><a href=z>z</a></nav>";
        for from in ["a/b/index.html", "a/c/index.html"] {
            let file = name(&from.replace("index.html", "z"));
            assert_eq!(*facts(from, below).own.files, [file]);
        }
        // In one folder, they lead to the same place.
        assert_eq!(facts("a/b.html", below).landmarks, facts("a/c.html", below).landmarks);
        // What leads to the page itself is another thing on every page, and so is what goes on.
        let here = facts("a/index.html", "<nav><a href=#m>m</a></nav>");
        assert_eq!((here.landmarks.len(), here.own.anchors.len()), (0, 1));
        let longer = header.replace("</header>", "<a href=/z>z</a></header>");
        assert_eq!(facts("a/index.html", &longer).landmarks[0].files.len(), 3);
        // What never ends is looked at all the same.
        assert_eq!(facts("a/index.html", "<nav><a href=q>").own.files.len(), 1);
        // What is wrong in it is wrong on every page.
        for from in ["a/index.html", "a/c.html"] {
            let wrong = "<footer><script src=//e.example></script></footer>";
            assert_eq!(look((wrong, &Markdown::default()), from, own, false, &known).1.len(), 1);
        }
    }
}
