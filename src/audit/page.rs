//! Owns the look at one finished page: where its links lead, which parts it has, and what is wrong with its
//! elements. Must not know how the page was made.

use std::collections::{BTreeMap, BTreeSet};

use super::html::{Tag, Token, tokens, unescape};
use crate::config::BaseUrl;
use crate::diag::Code;
use crate::fingerprint::Fp;
use crate::model::address::{decode, folder};

/// What one finished page is to the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The files that it leads to or shows, as [`name`]s, itself left out.
    pub(super) links: Box<[u64]>,
    /// Parts of other pages that it leads to: the page's and the part's name.
    pub(super) anchors: Box<[(u64, u64)]>,
    /// Its own parts.
    pub(super) ids: Box<[u64]>,
    /// The fingerprint of all of it.
    pub(super) fp: Fp,
}

/// A path of the output, or the name of a part, as a number: pages have thousands of links, and only
/// whether they meet matters.
pub(super) fn name(text: &str) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "half of the fingerprint is enough here")]
    let half = Fp::of_bytes(text.as_bytes()).0 as u64;
    half
}

impl Facts {
    fn new(mut links: Vec<u64>, mut anchors: Vec<(u64, u64)>, mut ids: Vec<u64>) -> Facts {
        for list in [&mut links, &mut ids] {
            list.sort_unstable();
            list.dedup();
        }
        anchors.sort_unstable();
        anchors.dedup();
        let pairs = anchors.iter().flat_map(|(page, part)| [*page, *part]);
        let lengths = [links.len() as u64, anchors.len() as u64];
        let numbers = lengths
            .into_iter()
            .chain(links.iter().copied())
            .chain(pairs)
            .chain(ids.iter().copied());
        let bytes: Vec<u8> = numbers.flat_map(u64::to_le_bytes).collect();
        Facts {
            fp: Fp::of_bytes(&bytes),
            links: links.into(),
            anchors: anchors.into(),
            ids: ids.into(),
        }
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
    let anchor = follow_into(&mut file, from, href, base)?;
    let anchor = anchor.map(decode).filter(|anchor| !anchor.is_empty() && anchor != "top");
    Some(Link { file, anchor })
}

/// As [`follow`], without making anything anew: every address of every page comes by here. The part is as it
/// is written.
fn follow_into<'h>(
    file: &mut String,
    from: &str,
    href: &'h str,
    base: Option<&BaseUrl>,
) -> Option<Option<&'h str>> {
    let href = href.trim();
    let (path, rest) =
        href.split_at(href.bytes().position(|b| matches!(b, b'#' | b'?')).unwrap_or(href.len()));
    let anchor = rest.split_once('#').map(|(_, anchor)| anchor);
    file.clear();
    if path.is_empty() {
        file.push_str(from);
        return Some(anchor);
    }
    let inside = match base.and_then(|base| path.strip_prefix(&base.origin)) {
        Some("") => "/",
        Some(inside) => inside,
        None if crate::parse::markdown::is_outside(path) => return None,
        None => path,
    };
    let steps = match (inside.strip_prefix('/'), base) {
        // Beside the folder of the site lies something that we do not know.
        (Some(_), Some(base)) => inside.strip_prefix(&base.path)?,
        (Some(absolute), None) => absolute,
        (None, _) => {
            file.push_str(folder(from));
            inside
        }
    };
    for step in steps.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                let parent = file.strip_suffix('/')?;
                let end = parent.rfind('/').map_or(0, |at| at + 1);
                file.truncate(end);
            }
            step => {
                file.push_str(step);
                file.push('/');
            }
        }
    }
    let is_folder = steps.is_empty()
        || ["/", "/.", "/.."].iter().any(|end| steps.ends_with(end))
        || matches!(steps, "." | "..");
    if is_folder {
        file.push_str("index.html");
    } else {
        file.pop();
    }
    if file.contains('%') {
        *file = decode(file);
    }
    Some(anchor)
}

/// Addresses in an element, with the attribute as it is written.
fn addresses(tag: &Tag<'_, '_>, mut each: impl FnMut(&str, &str)) {
    for attribute in tag.attributes {
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
    html: &str,
    from: &str,
    base: Option<&BaseUrl>,
    everything: bool,
) -> (Facts, Vec<Finding>) {
    let own = name(from);
    let (mut links, mut anchors, mut ids) =
        (Vec::with_capacity(64), Vec::new(), Vec::with_capacity(32));
    let mut elements = Elements::default();
    let mut file = String::with_capacity(128);
    tokens(html, |token| {
        if everything {
            elements.token(&token);
        }
        let Token::Start(tag) = token else { return };
        for attribute in tag.attributes {
            if attribute.name == "id" && !attribute.value.is_empty() {
                ids.push(name(&unescape(attribute.value)));
            }
        }
        addresses(&tag, |address, source| match follow_into(&mut file, from, address, base) {
            Some(anchor) => {
                let target = name(&file);
                let anchor = anchor.filter(|anchor| !anchor.is_empty() && *anchor != "top");
                anchors.extend(anchor.map(|anchor| (target, name(&decode(anchor)))));
                if target != own {
                    links.push(target);
                }
            }
            None if is_unsafe(address) => elements.found.push(unsafe_address(address, source)),
            None if is_web(address) && loads(&tag) => {
                elements.found.push(outside_request(address, source))
            }
            None => {}
        });
    });
    let facts = Facts::new(links, anchors, ids);
    (facts, elements.finish())
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
                self.labels = self.labels.saturating_sub(1)
            }
            Token::End(name) if name.eq_ignore_ascii_case("table") => {
                if let Some((source, false)) = self.tables.pop() {
                    self.say(
                        Code::TableHead,
                        "This table has no head.",
                        "Make the cells that name its columns or rows th elements.",
                        source,
                    );
                }
            }
            Token::End(_) => {}
        }
    }

    fn say(&mut self, code: Code, message: impl Into<String>, hint: &str, needle: &str) {
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
                    Some(_) => {}
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
            "html" if !tag.has("lang") => self.say(
                Code::NoLanguage,
                "The page does not say its language, so a screen reader cannot pronounce it (WCAG 2.2, 3.1.1).",
                "Write <html lang=\"{{ page.lang }}\"> in the template.",
                tag.source,
            ),
            "h1" => {
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
                self.labels += 1;
                self.named.extend(tag.get("for").map(std::borrow::Cow::into_owned));
            }
            "input" | "select" | "textarea" => self.control(tag),
            "table" => {
                // A table for the look of things says so itself.
                let plain = tag.get("role").is_some_and(|role| matches!(&*role, "presentation" | "none"));
                self.tables.push((tag.source, plain));
            }
            "th" => {
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
        ] {
            assert_eq!(to("a/index.html", href).as_deref(), file, "{href}");
        }
    }

    #[test]
    fn elements_without_what_they_need_are_found() {
        let codes = |html: &str| -> Vec<&str> {
            look(html, "index.html", None, true).1.iter().map(|found| found.code.id()).collect()
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
            "<img src='https://a.example/x.png'><a href='https://a.example/'>x</a><link rel=stylesheet href='//b.example/x.css'><link rel=canonical href='https://c.example/'><img src=x.png srcset='https://d.example/1.png 1x, y.png 2x'>",
            "index.html",
            None,
            false,
        );
        assert_eq!(found.len(), 3);
    }
}
