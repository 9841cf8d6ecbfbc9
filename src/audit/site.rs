//! Owns what is wrong with pages among others: titles and descriptions, dates of review, years that are over,
//! figures without a source. From cards, settings and what the texts were found to hold; must not know the
//! finished pages.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::calendar::Date;
use crate::diag::{Code, Diagnostic, Span};
use crate::fingerprint::{Fp, FpHasher};
use crate::model::{Page, Site};
use crate::parse::Doc;
use crate::parse::markdown::{Hashtag, Prose, Year};

/// Search engines cut longer titles, in characters.
const LONGEST_TITLE: usize = 65;

/// Search engines cut longer descriptions, in characters.
const LONGEST_DESCRIPTION: usize = 160;

/// What was found of the pages, kept for those that are the same.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// By place: the fingerprint of the page, and what was seen of it then.
    pages: Vec<(Fp, Seen)>,
    /// What was said of all cards together, and the fingerprint of what it follows from.
    cards: Option<(Fp, Vec<Diagnostic>)>,
}

/// What there is to look at on one page.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The fingerprint of its settings and its card; none if its settings cannot be read, which is told
    /// already, so that what follows from that is no news.
    card: Option<Fp>,
    /// Its text has what only the site can judge.
    has_prose: bool,
}

impl Seen {
    fn of(page: &Page) -> Seen {
        let doc = page.doc.as_ref().filter(|doc| doc.is_read() && !has_errors(doc));
        let prose = doc.and_then(|doc| doc.prose.as_ref());
        let is_filled = |prose: &Prose| {
            !(prose.unsourced.is_empty() && prose.hashtags.is_empty() && prose.years.is_empty())
        };
        Seen {
            card: doc.map(|_| Fp::join(&[page.meta_fp, page.card.fp()])),
            has_prose: prose.is_some_and(is_filled),
        }
    }
}

/// What is wrong with the pages of a site, by their settings and texts.
pub(super) fn pages(site: &Site, shelf: &mut Shelf) -> Vec<Diagnostic> {
    shelf.pages.truncate(site.pages.len());
    for (place, page) in (0..).zip(site.pages.iter()) {
        let fp = site.page_fp(place).unwrap_or_default();
        match shelf.pages.get_mut(place as usize) {
            Some((known, _)) if *known == fp => {}
            Some(old) => *old = (fp, Seen::of(page)),
            None => shelf.pages.push((fp, Seen::of(page))),
        }
    }
    let seen = || shelf.pages.iter().zip(0..).map(|((_, seen), place)| (place, seen));
    let mut hasher = FpHasher::default();
    (site.today, &site.config.language, &site.config.description).hash(&mut hasher);
    seen().for_each(|(_, seen)| seen.card.hash(&mut hasher));
    let fp = hasher.fp();
    let mut found = match &shelf.cards {
        Some((known, found)) if *known == fp => found.clone(),
        _ => {
            let judged = seen().filter(|(_, seen)| seen.card.is_some());
            let found = cards(site, judged.filter_map(|(place, _)| whole(site, place)));
            shelf.cards = Some((fp, found.clone()));
            found
        }
    };
    let years = Years::of(site);
    let with_prose = shelf.pages.iter().zip(0..).filter(|((_, seen), _)| seen.has_prose);
    for (page, doc) in with_prose.filter_map(|(_, place)| whole(site, place)) {
        let Some(prose) = &doc.prose else { continue };
        if page.meta().sources.is_empty() {
            found.extend(prose.unsourced.iter().cloned());
        }
        if let Some(years) = &years {
            years.check(page, &prose.hashtags, &prose.years, &mut found);
        }
    }
    found
}

/// The page at a place, with its text.
fn whole(site: &Site, place: u32) -> Option<(&Page, &Doc)> {
    let page = site.pages.at(place)?;
    Some((page, page.doc.as_ref()?))
}

/// What is wrong with titles, descriptions and days of review.
fn cards<'a>(site: &Site, pages: impl Iterator<Item = (&'a Page, &'a Doc)>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut titles: HashMap<(&str, String), &Page> = HashMap::new();
    let mut descriptions: HashMap<(&str, String), &Page> = HashMap::new();
    for (page, doc) in pages {
        let meta = page.meta();
        let at_title = |code, message: String| {
            if doc.meta.title.is_some() {
                Diagnostic::at(code, &page.file, doc.meta.title_span, message)
            } else {
                Diagnostic::whole(code, &page.file, message)
            }
        };
        let at_description = |code, message: String| {
            if doc.meta.description.is_some() {
                Diagnostic::at(code, &page.file, doc.meta.description_span, message)
            } else {
                Diagnostic::whole(code, &page.file, message)
            }
        };
        let title = page.card.title.trim();
        let length = title.chars().count();
        if length > LONGEST_TITLE {
            found.push(
                at_title(Code::LongTitle, format!("The title has {length} characters; lists and search results cut it after some {LONGEST_TITLE}."))
                    .hint("Say the same in fewer words, the most important ones first."),
            );
        }
        let lang = page.card.lang.as_str();
        if !title.is_empty()
            && let Some(other) = titles.insert((lang, title.to_lowercase()), page)
        {
            found.push(
                at_title(Code::SameTitle, format!("The page {} has the same title.", other.file))
                    .hint("Let each title say what only this page holds: search results and tabs show nothing else."),
            );
        }
        let description =
            meta.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
        match description {
            None if lang == site.config.language
                && &*page.card.path == "/"
                && site.config.description.is_some() => {}
            None => found.push(
                at_title(Code::MissingDescription, "This page has no description.".into()).hint(
                    "Add a line such as: description: One sentence that says what the page holds.",
                ),
            ),
            Some(text) => {
                let length = text.chars().count();
                if length > LONGEST_DESCRIPTION {
                    found.push(
                        at_description(Code::LongDescription, format!("The description has {length} characters; search results cut it after some {LONGEST_DESCRIPTION}."))
                            .hint("One sentence is enough."),
                    );
                }
                if let Some(other) = descriptions.insert((lang, text.to_lowercase()), page) {
                    found.push(
                        at_description(
                            Code::SameDescription,
                            format!("The page {} has the same description.", other.file),
                        )
                        .hint("Say what only this page holds."),
                    );
                }
            }
        }
        if let Some(day) = meta.review_by.filter(|day| *day < site.today) {
            found.push(overdue(page, day, site.today));
        }
    }
    found
}

fn has_errors(doc: &Doc) -> bool {
    doc.problems.iter().any(|problem| problem.code.id().starts_with("W1"))
}

fn overdue(page: &Page, day: Date, today: Date) -> Diagnostic {
    let own = page.doc.as_ref().and_then(|doc| doc.meta.review_by.map(|_| doc.meta.review_by_span));
    let message = format!("Somebody wanted to check this page again by {day}, and that is over.");
    let problem = match own {
        Some(span) => Diagnostic::at(Code::ReviewOverdue, &page.file, span, message),
        None => Diagnostic::whole(Code::ReviewOverdue, &page.file, message),
    };
    problem.hint(format!(
        "Check that all of it is still right, then write reviewed: {today} and a later review_by."
    ))
}

/// What belongs to years of the observance that are over.
struct Years {
    /// The year that is going on or comes next.
    current: i16,
    /// The observance's name, in small letters.
    name: String,
    /// Hashtags of other years, in small letters: all that are in use again this year are left out.
    hashtags: BTreeMap<String, i16>,
    /// The dates of the year before, without the year, as people write them.
    last_dates: Option<String>,
}

impl Years {
    fn of(site: &Site) -> Option<Years> {
        let current = site.week(None)?;
        let plain = |tag: &str| tag.trim_start_matches('#').to_lowercase();
        let mut hashtags: BTreeMap<String, i16> = site
            .weeks()
            .iter()
            .filter(|week| week.year < current.year)
            .filter_map(|week| Some((plain(week.hashtag.as_deref()?), week.year)))
            .collect();
        if let Some(tag) = &current.hashtag {
            hashtags.remove(&plain(tag));
        }
        let last_dates = site.week(Some(current.year - 1)).map(|week| {
            let range = week.range(&site.config.language);
            range.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',' || c == ' ').to_string()
        });
        let name = current.name.to_lowercase();
        Some(Years { current: current.year, name, hashtags, last_dates })
    }

    /// A page that is about a year says so in its address or title, or is dated in it.
    fn is_about(page: &Page, year: i16) -> bool {
        let text = year.to_string();
        page.card.path.contains(&text) || page.card.title.contains(&text)
    }

    fn check(
        &self,
        page: &Page,
        hashtags: &[Hashtag],
        years: &[Year],
        found: &mut Vec<Diagnostic>,
    ) {
        let mut say = |span: Span, message: String, hint: String| {
            found.push(Diagnostic::at(Code::OldYear, &page.file, span, message).hint(hint));
        };
        for Hashtag { text: tag, span, years } in hashtags {
            let plain = tag.trim_start_matches('#').to_lowercase();
            let is_meant = |year: i16| Years::is_about(page, year) || years.contains(&year);
            if let Some(year) = self.hashtags.get(&plain).filter(|year| !is_meant(**year)) {
                say(
                    *span,
                    format!(
                        "{tag} is the hashtag of {year}, and the site is about {}.",
                        self.current
                    ),
                    format!(
                        "Write the hashtag of {}, or say in the page's title that it is about {year}.",
                        self.current
                    ),
                );
            }
        }
        for Year { before, after, span, year } in years {
            let year = *year;
            // Older years are told as history, and so is what was.
            let tells = ["was", "were", "had", "took", "fue", "tuvo"]
                .iter()
                .any(|word| after.split_whitespace().next() == Some(word));
            let is_recent = (self.current - 2..self.current).contains(&year);
            if !is_recent || tells || Years::is_about(page, year) {
                continue;
            }
            let plain = before.trim_end_matches([' ', ',', '\u{a0}', '(']).to_lowercase();
            let dates = self
                .last_dates
                .as_deref()
                .is_some_and(|dates| before.contains(dates) && plain.contains(&self.name));
            if plain.ends_with(&self.name) || dates {
                say(
                    *span,
                    format!("This says {year}, and the site is about {}.", self.current),
                    format!(
                        "Write {}, or say in the page's title that it is about {year}.",
                        self.current
                    ),
                );
            }
        }
    }
}
