//! Owns the outputs that no theme shapes: the Atom feed (RFC 4287), the sitemap (sitemaps.org 0.9),
//! robots.txt (RFC 9309) and the page at an old address. Must not know pages beyond their cards.

use std::fmt::Write as _;

use crate::calendar::{Date, EPOCH};
use crate::model::{Card, Key, Status};
use crate::parse::markdown::escape;
use crate::theme::{FEED_SHEET, Theme};
use crate::view::{Listed, View};
use crate::yaml::Data;

/// Elements of this namespace are HTML in a browser, and foreign markup that feed readers pass over
/// (RFC 4287, section 6).
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// A calendar date as the instant that Atom demands: noon in UTC, which is the same day from Hawaii to
/// Sydney.
fn instant(date: Date) -> String {
    format!("{date}T12:00:00Z")
}

/// The Atom feed of the newest pages that have a date.
pub(super) fn feed(lang: &str, view: &View, theme: &Theme) -> String {
    let config = view.globals();
    let prefix = crate::model::language_prefix(config, lang);
    let cards = view.recent(config.feed_limit).into_iter().filter_map(Listed::card);
    let cards = cards.filter(|card| card.status == Status::Published);
    let entries: Vec<Entry<'_>> = cards.map(Entry::of_page).collect();
    let title = view.globals().title_in(lang).to_string();
    atom(lang, (&format!("{prefix}/feed.xml"), &title), &entries, view, theme)
}

/// The Atom feed of all events, the last one first.
pub(super) fn events_feed(view: &View, theme: &Theme) -> String {
    let cards = view.events().into_iter().rev().filter_map(Listed::card);
    let cards = cards.filter(|card| card.status == Status::Published);
    let lang = view.lang.clone();
    let entries: Vec<Entry<'_>> = cards.filter_map(|card| Entry::of_event(card, &lang)).collect();
    let title = view.globals().title_in(&lang);
    let title = match theme.word(&lang, "events") {
        Some(events) => format!("{title}: {events}"),
        None => title.to_string(),
    };
    atom(&lang, ("/calendar/events.xml", &title), &entries, view, theme)
}

/// An entry of a feed.
struct Entry<'a> {
    card: &'a Card,
    updated: Date,
    summary: String,
}

impl<'a> Entry<'a> {
    fn of_page(card: &'a Card) -> Entry<'a> {
        let summary = card.description.as_deref().unwrap_or(&card.summary);
        Entry { card, updated: card.changed().unwrap_or(EPOCH), summary: summary.to_string() }
    }

    /// An event is told with its time and place.
    fn of_event(card: &'a Card, lang: &str) -> Option<Entry<'a>> {
        let event = card.event.as_deref()?;
        let place = event.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
        let entry = Entry::of_page(card);
        Some(Entry {
            updated: card.changed().unwrap_or(event.days().0),
            summary: format!("{}{place}. {}", event.when(lang), entry.summary),
            ..entry
        })
    }

    fn write(&self, view: &View, is_for_people: bool, out: &mut String) {
        let Entry { card, updated, summary } = self;
        let address = view.permalink(&card.path).unwrap_or_default();
        let _ = writeln!(out, "  <entry>");
        let _ = writeln!(out, "    <title>{}</title>", escape(&card.title));
        let _ = writeln!(out, "    <id>{}</id>", escape(&address));
        let _ = writeln!(
            out,
            "    <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
            escape(&address)
        );
        if let Some(date) = card.date {
            let _ = writeln!(out, "    <published>{}</published>", instant(date));
        }
        let _ = writeln!(out, "    <updated>{}</updated>", instant(*updated));
        if is_for_people {
            let link = escape(&view.url(&card.path));
            let day = updated.print("long", &view.lang).unwrap_or_else(|_| updated.to_string());
            let _ = writeln!(
                out,
                "    <h2 xmlns=\"{XHTML}\"><a href=\"{link}\">{}</a> <time datetime=\"{updated}\">{}</time></h2>",
                escape(&card.title),
                escape(&day)
            );
        }
        let _ = writeln!(out, "    <summary>{}</summary>", escape(summary));
        let _ = writeln!(out, "  </entry>");
    }
}

/// An Atom feed at `path`. With a style sheet of the theme, it is a page for people, too.
fn atom(
    lang: &str,
    (path, title): (&str, &str),
    entries: &[Entry<'_>],
    view: &View,
    theme: &Theme,
) -> String {
    let config = view.globals();
    let prefix = crate::model::language_prefix(config, lang);
    let home = view.permalink(&format!("{prefix}/")).unwrap_or_default();
    let own = view.permalink(path).unwrap_or_default();
    let newest = entries.iter().map(|entry| entry.updated).max().unwrap_or(EPOCH);
    let author = match config.brand.iter().find(|(key, _)| key == "name") {
        Some((_, Data::Text(name))) => name.as_str(),
        _ => config.title_in(lang),
    };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let sheet = view.asset(FEED_SHEET);
    if let Some(sheet) = &sheet {
        let href = escape(&view.url(sheet));
        let _ = writeln!(out, "<?xml-stylesheet type=\"text/css\" href=\"{href}\"?>");
    }
    let _ =
        writeln!(out, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">", escape(lang));
    let _ = writeln!(out, "  <title>{}</title>", escape(title));
    let language = config.language_named(lang);
    let description = language.and_then(|l| l.description.as_ref()).or(config.description.as_ref());
    if let Some(description) = description {
        let _ = writeln!(out, "  <subtitle>{}</subtitle>", escape(description));
    }
    // The site's own feed goes by the site's address; any other by its own.
    let id = if path.ends_with("/feed.xml") { &home } else { &own };
    let _ = writeln!(out, "  <id>{}</id>", escape(id));
    let _ = writeln!(
        out,
        "  <link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>",
        escape(&own)
    );
    let _ =
        writeln!(out, "  <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", escape(&home));
    let _ = writeln!(out, "  <updated>{}</updated>", instant(newest));
    let _ = writeln!(out, "  <author><name>{}</name></author>", escape(author));
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(out, "  <generator version=\"{version}\">weekmark</generator>");
    if sheet.is_some() {
        let word = |key: &str| {
            let text = theme.word(lang, key).unwrap_or(key);
            escape(&text.replace("{title}", title))
        };
        let url = escape(&view.url(&format!("{prefix}/")));
        let name = escape(config.title_in(lang));
        let _ = writeln!(
            out,
            "  <header xmlns=\"{XHTML}\">\n    <title>{0}</title>\n    <h1>{0}</h1>\n    <div><p>{1}</p>\n    \
             <p>{2}</p>\n    <p><code>{3}</code></p></div>\n    <p><a href=\"{url}\">{name}</a></p>\n  </header>",
            word("feed_title"),
            word("feed_about"),
            word("feed_how"),
            escape(&own),
        );
    }
    for entry in entries {
        entry.write(view, sheet.is_some(), &mut out);
    }
    out.push_str("</feed>\n");
    out
}

/// Every published page that search engines should know.
pub(super) fn sitemap(view: &View) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    let mut entries = view.sitemap();
    entries.sort_unstable();
    for (path, changed) in entries {
        let Some(address) = view.permalink(path) else { continue };
        let _ = write!(out, "  <url><loc>{}</loc>", escape(&address));
        if let Some(date) = changed {
            let _ = write!(out, "<lastmod>{date}</lastmod>");
        }
        out.push_str("</url>\n");
    }
    out.push_str("</urlset>\n");
    out
}

/// Everything may be looked at; the sitemap is here.
pub(super) fn robots(view: &View) -> String {
    let mut out = String::from("User-agent: *\nAllow: /\n");
    if let Some(address) = view.permalink("/sitemap.xml") {
        let _ = writeln!(out, "\nSitemap: {address}");
    }
    out
}

/// The page at an old address: leads on at once, and by a link where a browser does not follow. Its empty
/// icon keeps browsers from asking the host's root for one.
pub(super) fn alias(to: &Key, view: &View, theme: &Theme) -> Option<String> {
    let card = view.card(to)?;
    let url = escape(&view.url(&card.path));
    let word = |key: &str| escape(theme.word(&view.lang, key).unwrap_or(key));
    let title = escape(&card.title);
    let canonical = view
        .permalink(&card.path)
        .map(|address| format!("<link rel=\"canonical\" href=\"{}\">\n", escape(&address)))
        .unwrap_or_default();
    Some(format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{moved}: {title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n<meta http-equiv=\"refresh\" content=\"0; url={url}\">\n{canonical}\
         </head>\n<body>\n<main>\n<h1>{moved}</h1>\n<p>{here} <a href=\"{url}\">{title}</a></p>\n</main>\n</body>\n</html>\n",
        lang = escape(&card.lang),
        moved = word("moved"),
        here = word("moved_to"),
    ))
}
