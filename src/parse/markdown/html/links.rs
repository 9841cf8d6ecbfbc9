//! Owns headings, links and pictures. Must not know where an address leads.

use std::collections::btree_map::Entry;
use std::ops::Range;

use pulldown_cmark::{CowStr, HeadingLevel, LinkType, Tag};

use super::tags::heading_tags;
use super::{Flow, Item, Writer, is_outside};
use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::fingerprint::Fp;
use crate::parse::markdown::escape::{IN_LINK, IN_PICTURE, escape, escape_into, push_href};
use crate::parse::markdown::holes::Hole;
use crate::parse::markdown::{Heading, Link, LinkTo, Picture};
use crate::parse::outside;
use crate::slug::slug;

/// The words, in the languages of the program, for a picture that says nothing (WCAG 2.2, 1.1.1).
const DECORATIVE: [&str; 4] = ["decorative", "decoration", "decorativa", "decorativo"];

impl Writer<'_> {
    pub(super) fn heading(
        &mut self,
        tag: &Tag<'_>,
        inner: Vec<Item<'_>>,
        range: &Range<usize>,
        flow: &mut Flow,
    ) {
        let Tag::Heading { level, id, classes, attrs } = tag else { return };
        let title = self.plain_text(&inner);
        let title = title.trim();
        if flow.wants_title && self.body.title.is_none() {
            self.body.title = Some(title.into());
            return;
        }
        self.body.has_title |= *level == HeadingLevel::H1;
        let (mut id, mut classes, mut attrs) = (id.as_deref(), &classes[..], &attrs[..]);
        // `## Week :week-date{year=2027}`: the braces belong to the call, but the parser took them.
        let ends_in_call = matches!(inner.last(), Some(Item::Close));
        if ends_in_call && self.source()[range.clone()].trim_end().ends_with('}') {
            (id, classes, attrs) = (None, &[], &[]);
        }
        self.body.has_own_html |= !attrs.is_empty();
        let (begin, end) = heading_tags(*level);
        if !self.settings.extensions.heading_ids {
            self.body.has_own_names |= id.is_some();
            flow.html.push_line(begin);
            flow.attribute("id", id.as_slice());
            flow.attribute("class", classes);
            flow.own_attributes(attrs);
            flow.html.push(">");
            self.run(inner.into_iter(), flow);
            flow.html.push(end);
            return;
        }
        self.check_attributes(attrs, range);
        let id = self.unique_id(id, title);
        let permalink = Hole::Permalink(self.body.headings.len());
        flow.html.push_line(begin);
        flow.attribute("id", &[&id]);
        self.body.headings.push(Heading::new(*level as u8, title, &id));
        flow.attribute("class", classes);
        flow.own_attributes(attrs.iter().filter(|(name, _)| name.starts_with("data-")));
        flow.html.push(">");
        self.run(inner.into_iter(), flow);
        flow.html.push_hole(permalink);
        flow.html.push(end);
    }

    /// An attribute could run a script or carry a style, which the page's security policy forbids.
    fn check_attributes(
        &mut self,
        attrs: &[(CowStr<'_>, Option<CowStr<'_>>)],
        range: &Range<usize>,
    ) {
        let bad = attrs.iter().find(|(name, _)| !name.starts_with("data-"));
        let Some((name, _)) = bad.filter(|_| !self.settings.raw_html) else { return };
        let span =
            self.span(&(range.start..range.start + self.source()[range.clone()].trim_end().len()));
        let message = format!("A heading cannot have the attribute \"{name}\".");
        self.problems.push(Diagnostic::at(Code::BadArgument, self.file, span, message).hint(
            "A heading can have an anchor, {#name}, classes, {.name}, and {data-name=value}.",
        ));
    }

    /// The anchor of a heading: the one that was written, or its words; a second one of the same name
    /// gets a number, counted as code hosts count.
    fn unique_id(&mut self, written: Option<&str>, title: &str) -> String {
        let base = match written {
            Some(id) => id.to_string(),
            None => slug(title),
        };
        let base = if base.is_empty() { "part".to_string() } else { base };
        let name = |id: &str| Fp::of_bytes(id.as_bytes());
        if let Entry::Vacant(free) = self.ids.entry(name(&base)) {
            free.insert(0);
            return base;
        }
        let mut id = base.clone();
        while self.ids.contains_key(&name(&id)) {
            let count = self.ids.entry(name(&base)).or_insert(0);
            *count += 1;
            id = format!("{base}-{count}");
        }
        self.ids.insert(name(&id), 0);
        id
    }

    pub(super) fn link(
        &mut self,
        link_type: LinkType,
        target: &str,
        title: &str,
        range: &Range<usize>,
        flow: &mut Flow,
    ) {
        let to = match link_type {
            LinkType::WikiLink { .. } => LinkTo::Title,
            LinkType::Email => LinkTo::Outside,
            _ if is_outside(target) => LinkTo::Outside,
            _ => LinkTo::Page,
        };
        if to == LinkTo::Outside || !self.settings.check_links {
            self.refuse_unsafe(target, self.span(range), false);
            if link_type != LinkType::Email && outside::is_web(target) {
                self.address(target, range, LinkTo::Outside, "");
            }
            let is_usual = ["https://", "http://", "mailto:", "tel:"];
            let is_usual = is_usual.iter().any(|usual| target.starts_with(usual));
            self.body.has_own_names |= !is_usual && link_type != LinkType::Email;
            flow.links.push(None);
            flow.html.push("<a href=\"");
            if link_type == LinkType::Email {
                flow.html.push("mailto:");
            }
            push_href(&mut flow.html.text, target, IN_LINK);
            flow.html.push("\"");
            if !title.is_empty() {
                flow.attribute("title", &[title]);
            }
            flow.html.push(">");
            return;
        }
        let link = self.address(target, range, to, title);
        flow.links.push(Some(link));
        flow.html.push_hole(Hole::Link(link));
    }

    pub(super) fn image(
        &mut self,
        target: &str,
        title: &str,
        alt: &str,
        range: &Range<usize>,
        flow: &mut Flow,
    ) {
        // An empty text says the same to a browser, but it is also what somebody forgot.
        let is_decorative = DECORATIVE.iter().any(|word| alt.trim().eq_ignore_ascii_case(word));
        let shows = if is_decorative { "" } else { alt };
        if is_outside(target) || !self.settings.check_links {
            self.refuse_unsafe(target, self.span(range), true);
            self.body.has_own_names = true;
            flow.html.push("<img src=\"");
            push_href(&mut flow.html.text, target, IN_PICTURE);
            flow.html.push("\" alt=\"");
            escape_into(&mut flow.html.text, shows);
            if !title.is_empty() {
                flow.html.push("\" title=\"");
                escape_into(&mut flow.html.text, title);
            }
            flow.html.push("\">");
        } else {
            let link = self.address(target, range, LinkTo::File, "");
            let picture = Picture { link, alt: escape(shows), title: escape(title) };
            self.body.pictures.push(picture);
            flow.html.push_hole(Hole::Picture(self.body.pictures.len() - 1));
        }
        if alt.trim().is_empty() && self.settings.check_links {
            let span = self.span(range);
            self.problems.push(
                Diagnostic::at(
                    Code::MissingAlt,
                    self.file,
                    span,
                    "This picture has no alternative text, so some visitors learn nothing from it.",
                )
                .hint(
                    "Say between the square brackets what the picture shows. If it only decorates, write that \
                     word: ![decorative](…).",
                ),
            );
        }
    }

    /// Keeps an address that must be resolved, and gives its number.
    fn address(&mut self, target: &str, range: &Range<usize>, to: LinkTo, title: &str) -> usize {
        let source = &self.source()[range.clone()];
        // The address itself, where it stands as it is; else the whole link.
        let span = match last(source, target).filter(|_| !target.is_empty()) {
            Some(at) => self.span(&(range.start + at..range.start + at + target.len())),
            None => self.span(range),
        };
        self.body.links.push(Link::new(target, title, span, to));
        self.body.links.len() - 1
    }

    /// Keeps the links of raw HTML that lead to other sites. Every tag of the HTML stands in one line of it, or
    /// its address is not found, which is no harm: nothing is resolved here.
    pub(super) fn keep_outside(&mut self, html: &str, range: &Range<usize>) {
        for (target, at) in outside::in_html(html) {
            let span = self.span(&(range.start + at.start..range.start + at.end));
            self.body.links.push(Link::new(&target, "", span, LinkTo::Outside));
        }
    }

    /// Reports an address that must not be on a page: one that runs a script, and a picture for which
    /// every visitor's browser would ask another site.
    pub(super) fn refuse_unsafe(&mut self, target: &str, span: Span, is_file: bool) {
        if !self.settings.check_links {
            return;
        }
        // Nearly every link is one of these, and nothing is wrong with it.
        if !is_file
            && ["https://", "mailto:", "http://"].iter().any(|usual| target.starts_with(usual))
        {
            return;
        }
        let scheme = target.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        let usual = ["https", "http", "mailto", "tel", "sms"];
        if target.contains(':')
            && !usual.contains(&scheme.as_str())
            && let Some(near) = nearest(&scheme, usual)
        {
            let message = format!("There are no addresses that begin with {scheme}:.");
            self.problems.push(
                Diagnostic::at(Code::BrokenLink, self.file, span, message)
                    .hint(format!("Did you mean {near}:?")),
            );
        }
        if ["javascript", "vbscript", "data", "file"].contains(&scheme.as_str()) {
            self.problems.push(
                Diagnostic::at(
                    Code::UnsafeLink,
                    self.file,
                    span,
                    format!("A link of the kind {scheme}: must not be on a public page."),
                )
                .hint("Link to a page, a file of the site, or a web address that starts with https://."),
            );
        } else if is_file && (target.starts_with("//") || scheme.starts_with("http")) {
            self.problems.push(
                Diagnostic::at(
                    Code::ThirdParty,
                    self.file,
                    span,
                    "This picture lies on another site, which would learn of every visitor.",
                )
                .hint("Save the picture beside the page, if you may, and write its name here."),
            );
        }
    }
}

impl Flow {
    /// An attribute whose value are the words, if there are any.
    fn attribute(&mut self, name: &str, words: &[impl AsRef<str>]) {
        for (at, word) in words.iter().enumerate() {
            if at == 0 {
                self.html.push(" ");
                self.html.push(name);
                self.html.push("=\"");
            } else {
                self.html.push(" ");
            }
            self.html.push_attribute(word.as_ref());
        }
        if !words.is_empty() {
            self.html.push("\"");
        }
    }

    /// The attributes that an editor gave to a heading.
    fn own_attributes<'b, 'e: 'b>(
        &mut self,
        attrs: impl IntoIterator<Item = &'b (CowStr<'e>, Option<CowStr<'e>>)>,
    ) {
        for (name, value) in attrs {
            self.html.push(" ");
            self.html.push_attribute(name);
            self.html.push("=\"");
            self.html.push_attribute(value.as_deref().unwrap_or_default());
            self.html.push("\"");
        }
    }
}

/// Where `target` stands last in the source of a link.
fn last(source: &str, target: &str) -> Option<usize> {
    // Usually right before the last bracket: then it cannot stand further on unless it ends in one.
    if let Some(inner) = source.strip_suffix(')')
        && !target.ends_with(')')
        && inner.ends_with(target)
    {
        return Some(inner.len() - target.len());
    }
    source.rfind(target)
}
