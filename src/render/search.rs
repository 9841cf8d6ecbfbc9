//! Owns what the search knows of a site: which pages, which of their words, and how much of each text.
//! Must not know the form of the index.

use crate::config;
use crate::diag::{Code, Diagnostic};
use crate::model::{Kind, Page};
use crate::parse::component::Value;
use crate::parse::markdown::{Body, Call, Heading, Piece, stretch};
use crate::search::{Document, Index, Tally, share};
use crate::view::{Group, View};

/// How many bytes of HTML all texts of an index may have together: some 300,000 words, half a megabyte on the way.
/// More would keep a phone waiting; with more, the end of long texts is left out.
const MOST_TEXT: usize = 2_000_000;

/// How many pages are found. With more, those that come last in reading order are left out.
const MOST_PAGES: usize = 10_000;

/// With more pages than that, results show no descriptions.
const MOST_DESCRIBED: usize = 2_000;

/// The index of the view's language, as a script.
pub(super) fn index(view: &View) -> String {
    let groups = view.texts();
    let mut pages: Vec<(&Page, &str)> = groups.iter().flat_map(of_group).collect();
    let all = pages.len();
    pages.truncate(MOST_PAGES);
    let length = |(page, _): &(&Page, &str)| page.doc.as_ref().map_or(0, |doc| doc.body.html.len());
    let lengths: Vec<usize> = pages.iter().map(length).collect();
    let most = share(&lengths, MOST_TEXT);
    if most.is_some() || all > MOST_PAGES {
        view.problem(too_much(all, most.unwrap_or(MOST_TEXT)));
    }
    let mut index = Index::new(&view.lang);
    for (page, section) in pages {
        // What was counted of a whole text holds as long as the text does.
        let cut: Tally;
        let tally = match (&page.doc, most) {
            (Some(doc), None) => doc.body.tally.get_or_init(|| tally(&doc.body, usize::MAX).into()),
            (doc, _) => {
                let most = most.unwrap_or(usize::MAX);
                cut = doc.as_ref().map(|doc| tally(&doc.body, most)).unwrap_or_default();
                &cut
            }
        };
        let headings = page.doc.iter().flat_map(|doc| &doc.body.headings);
        let headings: Vec<&str> = headings.map(Heading::title).collect();
        let terms = page.meta().terms.iter().flat_map(|(_, terms)| terms);
        let terms: Vec<&str> = terms.map(|(name, _)| name.as_str()).collect();
        let description = page.card.description.as_deref().unwrap_or_default();
        let shown = if description.is_empty() { &page.card.summary } else { description };
        let shown = if all > MOST_DESCRIBED { "" } else { shown };
        index.add(&Document {
            texts: [&page.card.title, &headings.join("\n"), &terms.join("\n"), description],
            tally,
            shown: &[
                ("title", &page.card.title),
                ("url", &view.url(&page.card.path)),
                ("section", section),
                ("description", shown),
            ],
        });
    }
    index.script()
}

/// The section, if it may be found, and the pages in it; with the title of the section that each is in.
fn of_group<'a>(group: &Group<'a>) -> Vec<(&'a Page, &'a str)> {
    let is_home = group.section.card.kind == Kind::Home;
    let title = if is_home { "" } else { &*group.section.card.title };
    let own = group.has_own.then_some((group.section, ""));
    own.into_iter().chain(group.pages.iter().map(|page| (*page, title))).collect()
}

fn too_much(pages: usize, most: usize) -> Diagnostic {
    let message = if pages > MOST_PAGES {
        format!("The site has {pages} pages, and its search finds the first {MOST_PAGES} of them.")
    } else {
        // Five letters and a space, and about as much again for the marks of HTML in eight words.
        let words = most / 7 / 10 * 10;
        format!(
            "The site has so much text that its search finds pages by their titles, headings and the first {words} words of each."
        )
    };
    Diagnostic::whole(Code::HeavyPage, config::FILE, message).hint(
        "Write in_search: false into the settings of pages that nobody looks for. For whole folders, write it into \"defaults\" in site.yaml.",
    )
}

/// The words of a page's own text without its headings, from the first `most` bytes of its HTML.
fn tally(body: &Body, most: usize) -> Tally {
    let mut reader = Reader { out: String::new(), tag: None, skipped: None, left: most };
    reader.pieces(&body.pieces, body);
    Tally::of(&reader.out)
}

/// Elements inside of which no words are read: headings are a field of their own, and the others show none.
const SKIPPED: [&str; 9] = ["h1", "h2", "h3", "h4", "h5", "h6", "script", "style", "sup"];

/// Elements that may begin or end inside a word.
const INSIDE: [&str; 17] = [
    "a", "abbr", "b", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "small",
    "span", "strong", "u",
];

/// Reads the words between tags. HTML comes in pieces, and a tag may go on behind a hole.
struct Reader {
    out: String,
    /// The tag that is open, as far as it was read, and the quotation mark that its value waits for.
    tag: Option<(String, Option<char>)>,
    /// The element whose end is waited for.
    skipped: Option<String>,
    /// How many bytes of HTML may still be read.
    left: usize,
}

impl Reader {
    fn pieces(&mut self, pieces: &[Piece], body: &Body) {
        let mut rest = pieces;
        while let Some(piece) = rest.first() {
            // A long text is several pieces, cut anywhere.
            if let Some((html, count)) = stretch(rest, body) {
                let mut end = html.len().min(self.left);
                while !html.is_char_boundary(end) {
                    end -= 1;
                }
                self.left -= end;
                self.html(&html[..end]);
                rest = &rest[count..];
                continue;
            }
            rest = &rest[1..];
            match piece {
                Piece::Call(at) => self.call(&body.calls[*at as usize], body),
                // Its element stands between words, like any other.
                Piece::Picture(_) => self.gap(),
                // What templates and the theme put in is no text of the page.
                Piece::Html { .. }
                | Piece::Link(_)
                | Piece::LinkEnd(_)
                | Piece::Word(_)
                | Piece::Permalink(_) => {}
            }
        }
    }

    fn call(&mut self, call: &Call, body: &Body) {
        for (name, value) in &call.values {
            if let (Value::Text(text), "title" | "alt") = (value, name.as_str())
                && self.left > 0
            {
                self.gap();
                self.out.push_str(text);
            }
        }
        self.gap();
        self.pieces(&call.body, body);
        self.gap();
    }

    fn gap(&mut self) {
        self.out.push(' ');
    }

    fn html(&mut self, html: &str) {
        let mut rest = html;
        while !rest.is_empty() {
            if self.tag.is_some() {
                rest = self.in_tag(rest);
                continue;
            }
            // In what is skipped, such as a script, a sign of a tag may be none: only its end counts.
            let end = match &self.skipped {
                Some(open) => rest.find(&format!("</{open}")),
                None => rest.find('<'),
            };
            let end = end.unwrap_or(rest.len());
            if self.skipped.is_none() {
                self.words(&rest[..end]);
            }
            rest = &rest[end..];
            if let Some(after) = rest.strip_prefix('<') {
                self.tag = Some((String::new(), None));
                rest = after;
            }
        }
    }

    /// Reads on in a tag, and gives what is behind it.
    fn in_tag<'h>(&mut self, html: &'h str) -> &'h str {
        let Some((tag, quote)) = &mut self.tag else { return html };
        for (at, c) in html.char_indices() {
            match (c, *quote) {
                ('>', None) => {
                    let tag = std::mem::take(tag);
                    self.tag = None;
                    self.end_tag(&tag);
                    return &html[at + 1..];
                }
                ('"' | '\'', None) if !tag.starts_with("!--") => *quote = Some(c),
                (c, Some(open)) if c == open => *quote = None,
                // The name is enough.
                (c, None) if tag.len() < 16 => tag.push(c),
                _ => {}
            }
        }
        ""
    }

    fn end_tag(&mut self, tag: &str) {
        let is_end = tag.starts_with('/');
        let name = tag.trim_start_matches('/');
        let len = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = name[..len].to_ascii_lowercase();
        match &self.skipped {
            Some(open) if is_end && *open == name => self.skipped = None,
            Some(_) => {}
            None if !is_end && SKIPPED.contains(&name.as_str()) => {
                self.skipped = Some(name.clone())
            }
            None => {}
        }
        if !INSIDE.contains(&name.as_str()) {
            self.gap();
        }
    }

    /// Text with its character references read (those that our own HTML has).
    fn words(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            self.out.push_str(&rest[..at]);
            rest = &rest[at..];
            let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"')];
            let found = known.iter().find(|(name, _)| rest.starts_with(name));
            let (len, c) = found.map_or((1, ' '), |(name, c)| (name.len(), *c));
            self.out.push(c);
            rest = &rest[len..];
        }
        self.out.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &[&str]) -> String {
        let mut reader = Reader { out: String::new(), tag: None, skipped: None, left: usize::MAX };
        html.iter().for_each(|html| reader.html(html));
        reader.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_are_read_between_tags() {
        for (html, expected) in [
            (&["<p>A <em>man</em>ager&amp;co</p><p>b</p>"][..], "A manager&co b"),
            (&["<h2 id=x>Head <a href=\"#x\">#</a></h2><p>text"], "text"),
            (&["<img src=\"", "a.jpg", "\" alt=\"a > b\"> shown"], "shown"),
            (&["note<sup><a href=\"#1\">1</a></sup> here"], "note here"),
            (&["a<br>b<script>if (a < b) c</script> d"], "a b d"),
            (&["a <!-- don't --> x"], "a x"),
        ] {
            assert_eq!(text(html), expected);
        }
    }

    #[test]
    fn where_a_long_text_is_cut_makes_no_difference() {
        let html = "<p>R&amp;D<sup><a href=\"#1\">1</a></sup> é<script>x</script> b</p>";
        for cut in (1..html.len()).filter(|cut| html.is_char_boundary(*cut)) {
            let piece = |start: usize, end: usize| Piece::Html {
                start: u32::try_from(start).unwrap(),
                len: u16::try_from(end - start).unwrap(),
            };
            let body = Body {
                html: html.into(),
                pieces: vec![piece(0, cut), piece(cut, html.len())].into(),
                ..Body::default()
            };
            let mut reader =
                Reader { out: String::new(), tag: None, skipped: None, left: usize::MAX };
            reader.pieces(&body.pieces, &body);
            let words = reader.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words, text(&[html]), "{cut}");
        }
    }
}
