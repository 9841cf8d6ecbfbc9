//! Owns the search for what still says an old year of the observance: the year itself, its hashtag, links to its
//! files. It takes texts and gives places. Must not know where texts come from, or who wants the list: whether
//! something is history and may stay, only a person can say.

use std::ops::Range;

use super::texts::{PageText, Text, Texts};
use crate::diag::{Place, Span};

use crate::yaml::{Node, Value};

/// What belongs to years that are over.
#[derive(Debug, Clone, Default)]
pub(super) struct Old {
    /// The years.
    pub(super) years: Vec<i16>,
    /// Their hashtags, as they are written, each with its year; none that is in use again.
    pub(super) hashtags: Vec<(String, i16)>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The number of the year.
    Year,
    /// The hashtag of the year.
    Hashtag,
    /// A file that was made for the year, such as its calendar.
    File,
}

/// A place that still says an old year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leftover {
    /// The file, from the site's folder.
    pub(super) file: String,
    /// Where it stands there.
    pub(super) place: Place,
    /// What kind.
    pub(super) what: What,
    /// The words that say it.
    pub(super) word: String,
    /// Which year.
    pub(super) year: i16,
}

/// Keys whose values are no text for readers: days, addresses of others, names of sources, what belongs to a
/// year by its key.
const NO_TEXT: [&str; 20] = [
    "accessed",
    "aliases",
    "checks",
    "date",
    "end",
    "event",
    "expires",
    "id",
    "publish_on",
    "review_by",
    "reviewed",
    "rule",
    "source",
    "sources",
    "start",
    "template",
    "time_zone",
    "updated",
    "version",
    "year",
];

/// Data files in which years are right: the years themselves, and what others wrote and when.
const NO_LEFTOVERS: [&str; 2] = ["years", "sources"];

/// Everything in a site that still says an old year, by file and place. Pages of a year, and events of an old
/// year, are history and left out.
pub(super) fn find(texts: &Texts, old: &Old) -> Vec<Leftover> {
    if old.years.is_empty() && old.hashtags.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let last = old.years.iter().max();
    for page in &texts.pages {
        let is_past = |page: &PageText| {
            page.event().is_some_and(|event| Some(&event.days().0.year()) <= last)
        };
        if page.year().is_none() && !is_past(page) {
            in_page(page, old, &mut found);
        }
    }
    for data in texts.data.iter().filter(|data| !NO_LEFTOVERS.contains(&data.name())) {
        in_settings(data, old, &mut found);
    }
    if let Some(site) = &texts.site {
        in_settings(site, old, &mut found);
    }
    found
}

/// What a page says in its settings and in its text.
pub(super) fn in_page(page: &PageText, old: &Old, found: &mut Vec<Leftover>) {
    let mut spans = Vec::new();
    if let Some(settings) = &page.settings {
        in_node(settings, &page.text, old, &mut spans);
    }
    let body = &page.text[page.body..];
    spans.extend(in_text(body, old).into_iter().map(|hit| hit.shift(page.body)));
    place(&page.file, &page.text, spans, found);
}

/// What a file of settings or data says.
pub(super) fn in_settings(file: &Text, old: &Old, found: &mut Vec<Leftover>) {
    let mut spans = Vec::new();
    if let Some(node) = file.yaml() {
        in_node(&node, &file.text, old, &mut spans);
    }
    place(&file.file, &file.text, spans, found);
}

/// Something in a text, by its bytes.
#[derive(Debug)]
struct Hit {
    span: Range<usize>,
    what: What,
    year: i16,
}

impl Hit {
    fn shift(self, by: usize) -> Hit {
        Hit { span: self.span.start + by..self.span.end + by, ..self }
    }
}

fn place(file: &str, text: &str, mut hits: Vec<Hit>, found: &mut Vec<Leftover>) {
    hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
    // An alias of YAML leads to one place twice.
    hits.dedup_by_key(|hit| hit.span.clone());
    found.extend(hits.into_iter().map(|hit| Leftover {
        file: file.to_string(),
        word: text[hit.span.clone()].to_string(),
        place: Place::of(text, Span::from(hit.span)),
        what: hit.what,
        year: hit.year,
    }));
}

/// Walks the values; the names of settings are no text for readers.
fn in_node(node: &Node, text: &str, old: &Old, hits: &mut Vec<Hit>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                let is_web = key.text() == Some("url")
                    && value.text().is_some_and(|url| url.trim_start().starts_with("http"));
                if !is_web && !key.text().is_some_and(|key| NO_TEXT.contains(&key)) {
                    in_node(value, text, old, hits);
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| in_node(item, text, old, hits)),
        _ => {
            let span = node.span.start..node.span.end.min(text.len());
            if let Some(written) = text.get(span.clone()) {
                hits.extend(in_text(written, old).into_iter().map(|hit| hit.shift(span.start)));
            }
        }
    }
}

/// All that a text says, in order. Addresses of other sites are theirs.
fn in_text(text: &str, old: &Old) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for (tag, year) in &old.hashtags {
        let matches = places_of(text, tag).filter(|span| is_word(text, span));
        hits.extend(matches.map(|span| Hit { span, what: What::Hashtag, year: *year }));
    }
    for year in &old.years {
        for span in places_of(text, &year.to_string()) {
            let is_inside = |hit: &Hit| hit.span.start <= span.start && span.end <= hit.span.end;
            if is_number(text, &span) && !hits.iter().any(is_inside) {
                let token = token(text, &span);
                match &text[token.clone()] {
                    address if is_elsewhere(address) => {}
                    address if is_made_file(address) => {
                        hits.push(Hit { span: token, what: What::File, year: *year });
                    }
                    _ => hits.push(Hit { span, what: What::Year, year: *year }),
                }
            }
        }
    }
    hits.sort_by_key(|hit| hit.span.start);
    hits
}

/// Where a word stands, whatever its letters' size.
fn places_of<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let (bytes, wanted) = (text.as_bytes(), word.as_bytes());
    let last = (bytes.len() + 1).saturating_sub(wanted.len().max(1));
    (0..last)
        .filter(move |at| bytes[*at..*at + wanted.len()].eq_ignore_ascii_case(wanted))
        .map(move |at| at..at + wanted.len())
}

/// Whether a hashtag is whole: `#CMWeek` is no part of `#CMWeek2027`.
fn is_word(text: &str, span: &Range<usize>) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    !text[..span.start].ends_with(is_letter) && !text[span.end..].starts_with(is_letter)
}

/// Whether a year is whole: 2026 is no part of 12026 or of 2026.5.
fn is_number(text: &str, span: &Range<usize>) -> bool {
    let (before, after) = (&text[..span.start], &text[span.end..]);
    let digit = |c: char| c.is_ascii_digit();
    let continued =
        |rest: &str| rest.strip_prefix(['.', ',']).is_some_and(|rest| rest.starts_with(digit));
    let begun = before.strip_suffix(['.', ',']).is_some_and(|before| before.ends_with(digit));
    !before.ends_with(digit) && !after.starts_with(digit) && !continued(after) && !begun
}

/// What stands around a place without a space or a bracket: the address, if it is a part of one.
fn token(text: &str, span: &Range<usize>) -> Range<usize> {
    let ends = |c: char| c.is_whitespace() || "()[]<>{}\"'`|,;".contains(c);
    let start = text[..span.start].char_indices().rev().find(|(_, c)| ends(*c));
    let start = start.map_or(0, |(at, c)| at + c.len_utf8());
    let end = text[span.end..].find(ends).map_or(text.len(), |at| span.end + at);
    start..end
}

fn is_elsewhere(address: &str) -> bool {
    address.contains("://") || address.starts_with("//")
}

/// A calendar or a list of posts that the site makes for each year.
fn is_made_file(address: &str) -> bool {
    let path =
        address.split(['#', '?']).next().unwrap_or_default().trim_end_matches(['.', ':', '*', '_']);
    address.contains('/') && [".ics", ".txt", ".csv"].iter().any(|end| path.ends_with(end))
}

impl Leftover {
    /// What it is, in a few words.
    pub(super) fn about(&self) -> String {
        match self.what {
            What::Year => format!("says {}", self.year),
            What::Hashtag => format!("hashtag of {}", self.year),
            What::File => format!("link to a file of {}", self.year),
        }
    }

    /// The line around the place, short enough for a list.
    pub(super) fn excerpt(&self) -> String {
        excerpt(&self.place.text, self.place.mark)
    }
}

/// Characters of a line that are shown before and after the marked ones.
const BEFORE: usize = 40;
const AFTER: usize = 50;

/// A part of a line around its mark, without the spaces at its ends.
pub(super) fn excerpt(line: &str, mark: Span) -> String {
    let (before, after) = (&line[..mark.start], &line[mark.end..]);
    let start = before.char_indices().rev().nth(BEFORE).map_or(0, |(at, c)| at + c.len_utf8());
    let end = after.char_indices().nth(AFTER).map_or(line.len(), |(at, _)| mark.end + at);
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    format!("{}{}{}", cut(start > 0), line[start..end].trim(), cut(end < line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old() -> Old {
        Old {
            years: vec![2026],
            hashtags: vec![("#CMWeek2026".into(), 2026), ("#BeKind".into(), 2026)],
        }
    }

    fn page(text: &str) -> PageText {
        PageText::of(Text { file: "content/a.md".into(), text: text.into() })
    }

    /// `line:column word` of each.
    fn told(found: &[Leftover]) -> Vec<String> {
        found
            .iter()
            .map(|it| format!("{}:{} {}", it.place.line, it.place.column, it.word))
            .collect()
    }

    fn of_page(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        in_page(&page(text), &old(), &mut found);
        told(&found)
    }

    fn of_settings(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let file = Text { file: "site.yaml".into(), text: text.into() };
        in_settings(&file, &old(), &mut found);
        told(&found)
    }

    #[test]
    fn the_year_the_hashtag_and_files_are_found_once() {
        assert_eq!(
            of_page(
                "---\ntitle: Week 2026\ndate: 2026-01-01\nreviewed: 2026-01-01\n---\n\
                 Ñandú in 2026, post #cmweek2026 or #BeKind.\n\
                 [Calendar](/calendar/week-2026.ics), [posts](/kit/posts-2026.txt)\n"
            ),
            [
                "2:13 2026",
                "6:10 2026",
                "6:21 #cmweek2026",
                "6:36 #BeKind",
                "7:12 /calendar/week-2026.ics",
                "7:46 /kit/posts-2026.txt"
            ]
        );
    }

    #[test]
    fn what_only_looks_like_the_year_is_none() {
        assert!(
            of_page(
                "12026, 20261, 2,026, 2026.5 mg, #BeKinder, 2025 and 2027, \
                 [x](https://example.org/2026/a) <https://example.org/2026>\n\n[y]: https://example.org/2026\n"
            )
            .is_empty()
        );
        assert_eq!(of_page("In 2026. (2026)\n"), ["1:4 2026", "1:11 2026"]);
    }

    #[test]
    fn settings_are_searched_by_value() {
        assert_eq!(
            of_settings(
                "title: Week of 2026 # not 2026\ndefaults:\n  \"\": {date: 2026-11-22}\n\
                 menus: {main: [{title: \"2026\", url: \"https://example.org/2026\"}, {title: a, url: /2026/}]}\n\
                 text: >-\n  one\n  of 2026\n2026: x\nnumber: 2026\n"
            ),
            ["1:16 2026", "4:25 2026", "4:83 2026", "7:6 2026", "9:9 2026"]
        );
        assert!(of_settings("a: [\n").is_empty());
    }

    #[test]
    fn years_and_sources_are_what_they_are() {
        let data = |name: &str| Text {
            file: format!("content/_data/{name}.yaml"),
            text: "a: 2026\n".into(),
        };
        let data = ["years", "sources", "posts"].map(data).into();
        let texts =
            Texts { config: None, config_is_wrong: false, site: None, pages: Vec::new(), data };
        let found = find(&texts, &old());
        assert_eq!(told(&found), ["1:4 2026"]);
        assert_eq!(found[0].file, "content/_data/posts.yaml");
    }

    #[test]
    fn pages_of_a_year_and_past_events_are_history() {
        let texts = |front: &str| Texts {
            config: None,
            config_is_wrong: false,
            site: None,
            pages: vec![page(&format!("---\n{front}\n---\nIn 2026.\n"))],
            data: Vec::new(),
        };
        assert!(find(&texts("year: 2026"), &old()).is_empty());
        assert!(find(&texts("event: {start: 2026-10-12 12:00}"), &old()).is_empty());
        assert_eq!(find(&texts("event: {start: 2027-10-12 12:00}"), &old()).len(), 1);
        assert_eq!(find(&texts("title: A"), &old()).len(), 1);
        assert!(find(&texts("title: A"), &Old::default()).is_empty());
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = format!("{}2026{}", "ä ".repeat(60), " ö".repeat(60));
        let start = line.find("2026").expect("a year");
        let cut = excerpt(&line, Span::new(start, start + 4));
        assert!(cut.starts_with('…') && cut.ends_with('…') && cut.contains("2026"), "{cut}");
        assert!(cut.chars().count() <= BEFORE + AFTER + 6, "{cut}");
        assert_eq!(excerpt("  a 2026 ", Span::new(4, 8)), "a 2026");
    }
}
