//! Owns the structured data of a page (schema.org as JSON-LD): for programs, the same facts that readers see.
//! Must not know templates.
//!
//! All of a page is one `@graph` whose nodes name each other by `@id`. A fact that schema.org wants as an absolute
//! address is left out while the site has none. `tests/structured` holds every word against schema.org's vocabulary.

use crate::config::Config;
use crate::model::{Card, Kind, Status};
use crate::parse::event::{self, Event, Time};
use crate::view::View;

/// The structured data of the page that is made, as the text of a script element; none where there is
/// nothing to say.
pub(super) fn data(view: &View, logo: Option<&str>) -> Option<String> {
    let Some(own) = view.own() else {
        return term_breadcrumbs(view).map(|breadcrumbs| graph_of(&[breadcrumbs]));
    };
    let card = &*own.card;
    let mut graph = Vec::new();
    if card.status == Status::Published {
        let questions = questions(view);
        let event = card.event.as_deref();
        let is_article = card.kind == Kind::Page && card.date.is_some() && event.is_none();
        let is_home = card.kind == Kind::Home;
        let config = view.globals();
        let publisher = (is_home || is_article || !questions.is_empty())
            .then(|| organization(config, view, logo))
            .flatten();
        if is_home {
            graph.push(web_site(config, view, publisher.is_some()));
        }
        if is_article {
            graph.push(article(card, view, publisher.is_some()));
        }
        if !questions.is_empty() {
            graph.push(faq(card, &questions, view, publisher.is_some()));
        }
        if let Some(event) = event {
            graph.push(of_event(card, event, view));
        }
        graph.extend(publisher);
        graph.extend(breadcrumbs(card, view));
    }
    (!graph.is_empty()).then(|| graph_of(&graph))
}

fn graph_of(nodes: &[String]) -> String {
    format!("{{\"@context\":\"https://schema.org\",\"@graph\":[{}]}}", nodes.join(","))
}

/// The name of a node: an address of the page or the site with a part behind it, or the part alone while the
/// site has no address, which names it in this page.
fn id(view: &View, path: &str, part: &str) -> String {
    string(&format!("{}#{part}", view.permalink(path).unwrap_or_default()))
}

fn reference(view: &View, path: &str, part: &str) -> String {
    object(&[("@id", id(view, path, part))])
}

/// The path of the site's first page in a language.
fn root(view: &View) -> String {
    format!("{}/", crate::model::language_prefix(view.globals(), &view.lang))
}

fn web_site(config: &Config, view: &View, has_publisher: bool) -> String {
    let language = config.language_named(&view.lang);
    let mut fields = vec![
        ("@type", string("WebSite")),
        ("@id", id(view, &root(view), "website")),
        ("name", string(config.title_in(&view.lang))),
    ];
    fields.extend(config.short_title.as_deref().map(|name| ("alternateName", string(name))));
    let description = language.and_then(|l| l.description.as_ref()).or(config.description.as_ref());
    fields.extend(description.map(|text| ("description", string(text))));
    fields.extend(view.permalink(&root(view)).map(|url| ("url", string(&url))));
    fields.push(("inLanguage", string(&view.lang)));
    if has_publisher {
        fields.push(("publisher", reference(view, "/", "organization")));
    }
    object(&fields)
}

/// Who runs the site, if that is said.
fn organization(config: &Config, view: &View, logo: Option<&str>) -> Option<String> {
    let name = config.brand_text("name")?;
    let mut fields = vec![
        ("@type", string("Organization")),
        ("@id", id(view, "/", "organization")),
        ("name", string(name)),
    ];
    let text = |key: &str| config.brand_text(key);
    fields.extend(text("url").map(|url| ("url", string(url))));
    if let Some(url) = logo.and_then(|path| view.permalink(path)) {
        let picture = [
            ("@type", string("ImageObject")),
            ("@id", id(view, "/", "logo")),
            ("url", string(&url)),
            ("contentUrl", string(&url)),
            ("caption", string(name)),
        ];
        fields.push(("logo", object(&picture)));
    }
    fields.extend(text("address").map(|address| ("address", string(address))));
    let mut contact = vec![("@type", string("ContactPoint"))];
    contact.extend(text("email").map(|email| ("email", string(email))));
    contact.extend(text("phone").map(|phone| ("telephone", string(phone))));
    if contact.len() > 1 {
        fields.push(("contactPoint", object(&contact)));
    }
    Some(object(&fields))
}

/// The way from the home page to this one. Its entries are addresses, so it needs the site's.
fn breadcrumbs(card: &Card, view: &View) -> Option<String> {
    let own = view.permalink(&card.path)?;
    let trail = view.trail();
    if trail.is_empty() {
        return None;
    }
    let above = trail.iter().filter_map(|key| {
        let (title, path) = view.crumb(key)?;
        Some((title.to_string(), view.permalink(path)?))
    });
    Some(breadcrumb_list(above.chain([(card.title.to_string(), own)]), view))
}

/// The way to the list of a taxonomy or to the page of one of its terms.
fn term_breadcrumbs(view: &View) -> Option<String> {
    let config = view.globals();
    let home = (config.title_in(&view.lang).to_string(), view.permalink(&root(view))?);
    let (taxonomy, path) = config.taxonomies.iter().find_map(|taxonomy| {
        let path = format!("{}{}/", root(view), crate::slug::slug(&taxonomy.name));
        view.path.starts_with(&path).then_some((taxonomy, path))
    })?;
    let mut steps = vec![home, (taxonomy.title.clone(), view.permalink(&path)?)];
    if view.path != path {
        let terms = view.terms(&taxonomy.name)?;
        let (title, ..) = terms.into_iter().find(|(_, _, path, _)| *path == view.path)?;
        steps.push((title.to_string(), view.permalink(&view.path)?));
    }
    Some(breadcrumb_list(steps, view))
}

fn breadcrumb_list(steps: impl IntoIterator<Item = (String, String)>, view: &View) -> String {
    let steps = steps.into_iter().enumerate().map(|(at, (title, url))| {
        object(&[
            ("@type", string("ListItem")),
            ("position", (at + 1).to_string()),
            ("name", string(&title)),
            ("item", string(&url)),
        ])
    });
    let steps: Vec<String> = steps.collect();
    object(&[
        ("@type", string("BreadcrumbList")),
        ("@id", id(view, &view.path, "breadcrumbs")),
        ("itemListElement", format!("[{}]", steps.join(","))),
    ])
}

/// What an article and a page of questions have in common.
fn text_of(
    card: &Card,
    view: &View,
    has_publisher: bool,
    fields: &mut Vec<(&'static str, String)>,
) {
    fields.extend(card.description.as_deref().map(|text| ("description", string(text))));
    if let Some(url) = view.permalink(&card.path) {
        fields.push(("url", string(&url)));
    }
    fields.push(("inLanguage", string(&view.lang)));
    fields.extend(card.date.map(|date| ("datePublished", string(&date.to_string()))));
    // A page that was never changed was last changed when it was published.
    fields.extend(card.changed().map(|date| ("dateModified", string(&date.to_string()))));
    if has_publisher {
        let publisher = reference(view, "/", "organization");
        fields.extend([("author", publisher.clone()), ("publisher", publisher)]);
    }
    fields.extend(image(card, view).map(|picture| ("image", picture)));
}

fn image(card: &Card, view: &View) -> Option<String> {
    let picture = card.image.as_ref()?;
    let url = view.permalink(&picture.path)?;
    let mut fields = vec![("@type", string("ImageObject")), ("url", string(&url))];
    if !picture.alt.is_empty() {
        fields.push(("caption", string(&picture.alt)));
    }
    Some(object(&fields))
}

/// developers.google.com/search/docs/appearance/structured-data/article
fn article(card: &Card, view: &View, has_publisher: bool) -> String {
    let mut fields = vec![
        ("@type", string("Article")),
        ("@id", id(view, &card.path, "article")),
        ("headline", string(&card.title)),
    ];
    text_of(card, view, has_publisher, &mut fields);
    if let Some(url) = view.permalink(&card.path) {
        fields.push(("mainEntityOfPage", string(&url)));
    }
    object(&fields)
}

/// developers.google.com/search/docs/appearance/structured-data/faqpage
fn faq(card: &Card, questions: &[Question], view: &View, has_publisher: bool) -> String {
    let mut fields = vec![
        ("@type", string("FAQPage")),
        ("@id", id(view, &card.path, "questions")),
        ("name", string(&card.title)),
    ];
    text_of(card, view, has_publisher, &mut fields);
    let all = questions.iter().map(|question| {
        let mut fields = vec![("@type", string("Question"))];
        if !question.id.is_empty() {
            fields.push(("@id", id(view, &card.path, &question.id)));
        }
        let answer = object(&[("@type", string("Answer")), ("text", string(&question.answer))]);
        fields.extend([("name", string(&question.asked)), ("acceptedAnswer", answer)]);
        object(&fields)
    });
    let all: Vec<String> = all.collect();
    fields.push(("mainEntity", format!("[{}]", all.join(","))));
    object(&fields)
}

/// Only an event that has a place or an address on the web is one: what search engines need of an event
/// (schema.org/Event; developers.google.com/search/docs/appearance/structured-data/event) is asked for when its
/// page is read.
fn of_event(card: &Card, event: &Event, view: &View) -> String {
    let time = |time: &Time| match time {
        Time::Day(date) => string(&date.to_string()),
        Time::At(moment) => string(&moment.iso()),
    };
    let mut fields = vec![
        ("@type", string("Event")),
        ("@id", id(view, &card.path, "event")),
        ("name", string(&card.title)),
        ("startDate", time(&event.start)),
    ];
    if let Some(end) = &event.end {
        fields.push(("endDate", time(end)));
    }
    let status = match event.status {
        event::Status::Scheduled => "EventScheduled",
        event::Status::Cancelled => "EventCancelled",
        event::Status::Postponed => "EventPostponed",
    };
    fields.push(("eventStatus", string(&format!("https://schema.org/{status}"))));
    let place = event.place.as_deref().map(|name| {
        // Google wants an address; where there is none, the name is what people go by.
        let address = event.address.as_deref().unwrap_or(name);
        object(&[("@type", string("Place")), ("name", string(name)), ("address", string(address))])
    });
    let link = event
        .link
        .as_deref()
        .map(|url| object(&[("@type", string("VirtualLocation")), ("url", string(url))]));
    let (mode, location) = match (place, link) {
        (Some(place), Some(link)) => ("MixedEventAttendanceMode", format!("[{place},{link}]")),
        (Some(place), None) => ("OfflineEventAttendanceMode", place),
        (None, Some(link)) => ("OnlineEventAttendanceMode", link),
        (None, None) => ("", String::new()),
    };
    if !location.is_empty() {
        let mode = format!("https://schema.org/{mode}");
        fields.extend([("eventAttendanceMode", string(&mode)), ("location", location)]);
    }
    if let Some(description) = &card.description {
        fields.push(("description", string(description)));
    }
    if let Some(name) = &event.organizer {
        let mut organizer = vec![("@type", string("Organization")), ("name", string(name))];
        organizer.extend(event.organizer_url.as_deref().map(|url| ("url", string(url))));
        fields.push(("organizer", object(&organizer)));
    }
    fields.extend(image(card, view).map(|picture| ("image", picture)));
    if let Some(url) = view.permalink(&card.path) {
        fields.push(("url", string(&url)));
    }
    fields.push(("inLanguage", string(&view.lang)));
    object(&fields)
}

// ---- questions and answers --------------------------------------------------------------------

/// A question of the page's text with its answer, both as plain text.
#[derive(Debug, PartialEq, Eq)]
struct Question {
    /// The anchor of its heading.
    id: String,
    asked: String,
    answer: String,
}

/// What the page asks and answers, in the blocks of the theme's components for that.
fn questions(view: &View) -> Vec<Question> {
    view.with_questions(|blocks| blocks.iter().flat_map(|block| questions_in(block)).collect())
}

/// Every heading is a question, and what comes before the next is its answer. A heading above others has none.
fn questions_in(html: &str) -> Vec<Question> {
    let mut found = Vec::new();
    let mut headings = heading_starts(html).peekable();
    while let Some((start, level)) = headings.next() {
        let end = headings.peek().map_or(html.len(), |(next, _)| *next);
        let part = &html[start..end];
        let Some((heading, answer)) = part.split_once(&format!("</h{level}>")) else { continue };
        let Some((tag, words)) = heading.split_once('>') else { continue };
        let id = tag.split_once(" id=\"").and_then(|(_, id)| id.split('"').next());
        let question = Question {
            id: id.unwrap_or_default().to_string(),
            asked: plain(words).replace('\n', " "),
            answer: plain(answer),
        };
        if !question.asked.is_empty() && !question.answer.is_empty() {
            found.push(question);
        }
    }
    found
}

/// Where headings begin, with their levels.
fn heading_starts(html: &str) -> impl Iterator<Item = (usize, char)> {
    html.match_indices("<h").filter_map(|(at, _)| {
        let mut rest = html[at + 2..].chars();
        let level = rest.next().filter(|level| ('1'..='6').contains(level))?;
        rest.next().filter(|next| *next == '>' || *next == ' ').map(|_| (at, level))
    })
}

/// Elements that are no part of the text: what leads to a part of the page, and what scripts and forms need.
const APART: [(&str, &str); 7] = [
    ("<a class=\"permalink\"", "</a>"),
    ("<sup class=\"footnote-ref\"", "</sup>"),
    ("<script", "</script>"),
    ("<style", "</style>"),
    ("<template", "</template>"),
    ("<svg", "</svg>"),
    ("<button", "</button>"),
];

/// Elements that stand within a line.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark",
    "q", "s", "small", "span", "strong", "sub", "sup", "time",
];

/// The text that a reader of `html` sees, a line for each block.
fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_words(&rest[..at], &mut out);
        rest = &rest[at..];
        if let Some((_, end)) = APART.iter().find(|(start, _)| rest.starts_with(start)) {
            rest = rest.split_once(end).map_or("", |(_, after)| after);
            continue;
        }
        let name = rest[1..].trim_start_matches('/');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !INLINE.contains(&name) {
            out.truncate(out.trim_end().len());
            if !out.is_empty() {
                out.push('\n');
            }
        }
        rest = end_of_tag(rest);
    }
    push_words(rest, &mut out);
    out.truncate(out.trim_end().len());
    out
}

/// What stands behind a tag. A `>` in the value of an attribute does not end it.
fn end_of_tag(tag: &str) -> &str {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return &tag[at + 1..],
            _ => {}
        }
    }
    ""
}

/// Adds text with one blank for each run of white space, and characters for the references that pages have.
fn push_words(html: &str, out: &mut String) {
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_whitespace() {
            if !out.is_empty() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
            rest = &rest[1..];
            continue;
        }
        let known =
            [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\'')]
                .into_iter()
                .chain([("&#x27;", '\''), ("&#x2F;", '/'), ("&nbsp;", '\u{a0}')])
                .find(|(written, _)| c == '&' && rest.starts_with(written));
        let (written, c) = known.map_or((c.len_utf8(), c), |(written, c)| (written.len(), c));
        out.push(c);
        rest = &rest[written..];
    }
}

// ---- JSON -------------------------------------------------------------------------------------

fn object(fields: &[(&str, String)]) -> String {
    let mut out = String::from("{");
    for (at, (name, value)) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(name);
        out.push_str("\":");
        out.push_str(value);
    }
    out.push('}');
    out
}

/// A JSON string that cannot end the script element that it stands in (WHATWG HTML, 4.12.1.3).
fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_headings_with_what_comes_behind() {
        let html = "<h2>Group</h2>\n<h3 id=\"a\">What &amp; why? <a class=\"permalink\" href=\"#a\">#</a></h3>\n\
                    <p>It is <em>this</em>,\n<a title=\"a > b\" href=\"x\">and that</a>.<sup class=\"footnote-ref\"><a>1</a></sup></p>\n\
                    <ul>\n<li>One</li>\n<li>Two</li>\n</ul><h3>Nothing</h3> <h3>Last?</h3><p>Yes</p>";
        let found = questions_in(html);
        let found: Vec<(&str, &str, &str)> =
            found.iter().map(|q| (&*q.id, &*q.asked, &*q.answer)).collect();
        assert_eq!(
            found,
            [("a", "What & why?", "It is this, and that.\nOne\nTwo"), ("", "Last?", "Yes")]
        );
    }
}
