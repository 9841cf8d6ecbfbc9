//! Owns headings, links and pictures. Must not know where an address leads.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::{
    Flow, Item, Writer, escape, escape_href, hole, hole_event, is_outside, plain_text,
    title_attribute,
};
use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::parse::markdown::{Heading, Link, LinkTo};
use crate::slug::slug;

impl Writer<'_> {
    pub(super) fn heading<'e>(
        &mut self,
        tag: Tag<'e>,
        inner: Vec<Item<'e>>,
        range: &Range<usize>,
        flow: &mut Flow<'e>,
    ) {
        let Tag::Heading { level, mut id, mut classes, mut attrs } = tag else { return };
        let title = plain_text(&inner).trim().to_string();
        if flow.wants_title && self.body.title.is_none() {
            self.body.title = Some(title);
            return;
        }
        // `## Week :week-date{year=2027}`: the braces belong to the call, but the parser took them.
        let ends_in_call = matches!(inner.last(), Some(Item::Close(_)));
        if ends_in_call && self.source()[range.clone()].trim_end().ends_with('}') {
            (id, classes, attrs) = (None, Vec::new(), Vec::new());
        }
        if !self.settings.extensions.heading_ids {
            flow.out.push(Event::Start(Tag::Heading { level, id, classes, attrs }));
            self.run_inline(inner, flow);
            flow.out.push(Event::End(TagEnd::Heading(level)));
            return;
        }
        self.check_attributes(&attrs, range);
        attrs.retain(|(name, _)| name.starts_with("data-"));
        let id = self.unique_id(id.as_deref(), &title);
        let permalink = self.word("permalink", Some(("title", title.clone())));
        flow.out.push(Event::Start(Tag::Heading {
            level,
            id: Some(CowStr::from(id.clone())),
            classes,
            attrs,
        }));
        self.run_inline(inner, flow);
        flow.out.push(Event::InlineHtml(
            format!(
                " <a class=\"permalink\" href=\"#{}\" aria-label=\"{permalink}\">#</a>",
                escape(&id)
            )
            .into(),
        ));
        flow.out.push(Event::End(TagEnd::Heading(level)));
        self.body.headings.push(Heading { level: level as u8, title, id });
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

    pub(super) fn run_inline<'e>(&mut self, items: Vec<Item<'e>>, flow: &mut Flow<'e>) {
        self.run(items, flow);
    }

    /// The anchor of a heading: the one that was written, or its words; a second one of the same name
    /// gets a number, counted as code hosts count.
    fn unique_id(&mut self, written: Option<&str>, title: &str) -> String {
        let base = match written {
            Some(id) => id.to_string(),
            None => slug(title),
        };
        let base = if base.is_empty() { "part".to_string() } else { base };
        let mut id = base.clone();
        while self.ids.contains_key(&id) {
            let count = self.ids.entry(base.clone()).or_insert(0);
            *count += 1;
            id = format!("{base}-{count}");
        }
        self.ids.insert(id.clone(), 0);
        id
    }

    pub(super) fn link<'e>(&mut self, tag: Tag<'e>, range: &Range<usize>, flow: &mut Flow<'e>) {
        flow.depth += 1;
        let Tag::Link { link_type, dest_url, title, id } = tag else { return };
        let to = match link_type {
            LinkType::WikiLink { .. } => LinkTo::Title,
            LinkType::Email => LinkTo::Outside,
            _ if is_outside(&dest_url) => LinkTo::Outside,
            _ => LinkTo::Page,
        };
        if to == LinkTo::Outside || !self.settings.check_links {
            self.refuse_unsafe(&dest_url, self.span(range), false);
            flow.links.push(None);
            flow.out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            return;
        }
        let link = self.address(&dest_url, range, to, &title);
        flow.links.push(Some(link));
        flow.out.push(hole_event('L', link));
    }

    pub(super) fn image<'e>(
        &mut self,
        tag: Tag<'e>,
        inner: Vec<Item<'e>>,
        range: &Range<usize>,
        flow: &mut Flow<'e>,
    ) {
        let Tag::Image { dest_url, title, .. } = tag else { return };
        let alt = escape(&plain_text(&inner));
        let title = title_attribute(&title);
        let src = if is_outside(&dest_url) || !self.settings.check_links {
            self.refuse_unsafe(&dest_url, self.span(range), true);
            let mut href = String::new();
            escape_href(&mut href, &dest_url);
            href
        } else {
            hole('A', self.address(&dest_url, range, LinkTo::File, ""))
        };
        if alt.trim().is_empty() && self.settings.check_links {
            let span = self.span(range);
            self.problems.push(
                Diagnostic::at(
                    Code::MissingAlt,
                    self.file,
                    span,
                    "This picture has no alternative text, so some visitors learn nothing from it.",
                )
                .hint("Say between the square brackets what the picture shows: ![…](…)."),
            );
        }
        flow.out
            .push(Event::InlineHtml(format!("<img src=\"{src}\" alt=\"{alt}\"{title}>").into()));
    }

    /// Keeps an address that must be resolved, and gives its number.
    fn address(&mut self, target: &str, range: &Range<usize>, to: LinkTo, title: &str) -> usize {
        let source = &self.source()[range.clone()];
        // The address itself, where it stands as it is; else the whole link.
        let span = match source.rfind(target).filter(|_| !target.is_empty()) {
            Some(at) => self.span(&(range.start + at..range.start + at + target.len())),
            None => self.span(range),
        };
        let (target, title) = (target.to_string(), title.to_string());
        self.body.links.push(Link { target, span, to, title });
        self.body.links.len() - 1
    }

    /// Reports an address that must not be on a page: one that runs a script, and a picture for which
    /// every visitor's browser would ask another site.
    pub(super) fn refuse_unsafe(&mut self, target: &str, span: Span, is_file: bool) {
        if !self.settings.check_links {
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
