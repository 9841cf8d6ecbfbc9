//! Owns what is wrong with pages among others: titles and descriptions, dates of review, years that are over,
//! figures without a source. From cards, settings and what the texts were found to hold; must not know the
//! finished pages.

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::diag::{Code, Diagnostic, Span};
use crate::fingerprint::{ByName, Fp};
use crate::model::{About, Page, Site};
use crate::parse::Doc;
use crate::parse::markdown::{Hashtag, Year};

/// Search engines cut longer titles, in characters.
const LONGEST_TITLE: usize = 65;

/// Search engines cut longer descriptions, in characters.
const LONGEST_DESCRIPTION: usize = 160;

/// What was found of the pages, kept for those that are the same.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The fingerprint of what is judged alike on all pages.
    base: Fp,
    /// By place: the fingerprint of the page.
    fps: Vec<Fp>,
    /// By place: what was seen of it then.
    pages: Vec<Seen>,
    /// What is wrong with pages, whatever the others are.
    told: Vec<Diagnostic>,
    /// How many pages have each title, and each description.
    counts: [ByName<Fp, u32>; 2],
    /// The fingerprint of all addresses.
    addresses: Fp,
    /// What was said of pages that say the same.
    same: Vec<Diagnostic>,
}

/// What there is to look at on one page. Nothing, if its settings cannot be read, which is told already, so that what
/// follows from that is no news.
#[derive(Debug, Default)]
struct Seen {
    /// The fingerprint of its language and its title in small letters, if it has one.
    title: Option<Fp>,
    /// The same of its description.
    description: Option<Fp>,
    /// The fingerprint of where both stand in its file.
    places: Fp,
    /// What is wrong with it, whatever the other pages are.
    said: Vec<Diagnostic>,
}

impl Seen {
    /// Its title and description, as the others' are compared with them.
    fn words(&self) -> [Option<Fp>; 2] {
        [self.title, self.description]
    }

    fn of(site: &Site, years: Option<&Years>, page: &Page) -> Seen {
        let doc = page.doc.as_ref().filter(|doc| doc.is_read() && !has_errors(doc));
        let Some(doc) = doc else { return Seen::default() };
        let mut said = settings(site, page, doc);
        if let Some(prose) = &doc.prose {
            if page.meta().sources.is_empty() {
                said.extend(prose.unsourced.iter().cloned());
            }
            if let Some(years) = years {
                years.check(page, &prose.hashtags, &prose.years, &mut said);
            }
        }
        let words = |text: &str| Fp::of(&(&page.card.lang, text.to_lowercase()));
        let title = page.card.title.trim();
        let meta = &doc.meta;
        let is_there = (meta.title.is_some(), meta.description.is_some());
        Seen {
            places: Fp::of(&(is_there, meta.title_span, meta.description_span)),
            title: (!title.is_empty()).then(|| words(title)),
            description: description_of(page).map(words),
            said,
        }
    }
}

impl Shelf {
    /// Looks again at the pages that are not what they were. Whether any of them says the same as another one, or
    /// did, or says it in another place of its file.
    fn update(&mut self, site: &Site, years: Option<&Years>) -> bool {
        let (mut is_same_moved, mut is_told_anew) = (false, false);
        for gone in self.pages.drain(site.pages.len().min(self.pages.len())..) {
            is_told_anew = true;
            for (words, counts) in gone.words().into_iter().zip(&mut self.counts) {
                is_same_moved |= words.is_some_and(|it| take_away(counts, it) > 0);
            }
        }
        self.fps.truncate(self.pages.len());
        for place in 0..u32::try_from(site.pages.len()).unwrap_or(u32::MAX) {
            let fp = site.page_fp(place).unwrap_or_default();
            let at = place as usize;
            if self.fps.get(at) == Some(&fp) {
                continue;
            }
            let page = site.pages.at(place);
            let seen = page.map(|page| Seen::of(site, years, page)).unwrap_or_default();
            if at == self.pages.len() {
                self.fps.push(Fp::default());
                self.pages.push(Seen::default());
            }
            let old = std::mem::replace(&mut self.pages[at], seen);
            self.fps[at] = fp;
            let seen = &self.pages[at];
            if (old.words(), old.places) != (seen.words(), seen.places) {
                let words = old.words().into_iter().zip(seen.words()).zip(&mut self.counts);
                for ((before, after), counts) in words {
                    is_same_moved |= before.is_some_and(|it| take_away(counts, it) > 0);
                    is_same_moved |= after.is_some_and(|it| add(counts, it) > 0);
                }
            }
            is_told_anew |= old.said != seen.said;
        }
        if is_told_anew {
            self.told = self.pages.iter().flat_map(|seen| &seen.said).cloned().collect();
        }
        is_same_moved
    }
}

/// Counts one more, and says how many there were.
fn add(counts: &mut ByName<Fp, u32>, of: Fp) -> u32 {
    let count = counts.entry(of).or_default();
    *count += 1;
    *count - 1
}

/// Counts one less, and says how many there still are.
fn take_away(counts: &mut ByName<Fp, u32>, of: Fp) -> u32 {
    let count = counts.get(&of).copied().unwrap_or_default().saturating_sub(1);
    if count == 0 {
        counts.remove(&of);
    } else {
        counts.insert(of, count);
    }
    count
}

/// What is wrong with the pages of a site, by their settings and texts.
pub(super) fn pages(site: &Site, shelf: &mut Shelf, found: &mut Vec<Diagnostic>) {
    let years = Years::of(site);
    let base = Fp::of(&(site.today, &site.config.language, &site.config.description, &years));
    if std::mem::replace(&mut shelf.base, base) != base {
        *shelf = Shelf { base, ..Shelf::default() };
    }
    // Which files those are that say the same.
    let addresses = site.index.facts.of(About::Addresses);
    let are_others = std::mem::replace(&mut shelf.addresses, addresses) != addresses;
    if shelf.update(site, years.as_ref()) || are_others {
        shelf.same = same(site, shelf.pages.iter());
    }
    found.extend(shelf.same.iter().chain(&shelf.told).cloned());
}

/// The page at a place, with its text.
fn whole(site: &Site, place: u32) -> Option<(&Page, &Doc)> {
    let page = site.pages.at(place)?;
    Some((page, page.doc.as_ref()?))
}

/// The page's description without blanks around it, if it has one.
fn description_of(page: &Page) -> Option<&str> {
    page.meta().description.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// At the page's own title, if its settings say one.
fn at_title(page: &Page, doc: &Doc, code: Code, message: String) -> Diagnostic {
    let span = doc.meta.title.is_some().then_some(doc.meta.title_span);
    Diagnostic::new(code, &page.file, span, message)
}

/// At the page's own description, if its settings say one.
fn at_description(page: &Page, doc: &Doc, code: Code, message: String) -> Diagnostic {
    let span = doc.meta.description.is_some().then_some(doc.meta.description_span);
    Diagnostic::new(code, &page.file, span, message)
}

/// What is wrong with a page's title, description and day of review.
fn settings(site: &Site, page: &Page, doc: &Doc) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let length = page.card.title.trim().chars().count();
    if length > LONGEST_TITLE {
        let message = format!(
            "The title has {length} characters; lists and search results cut it after some {LONGEST_TITLE}."
        );
        found.push(
            at_title(page, doc, Code::LongTitle, message)
                .hint("Say the same in fewer words, the most important ones first."),
        );
    }
    match description_of(page) {
        None if page.card.lang == site.config.language
            && &*page.card.path == "/"
            && site.config.description.is_some() => {}
        None => found.push(
            at_title(page, doc, Code::MissingDescription, "This page has no description.".into())
                .hint(
                    "Add a line such as: description: One sentence that says what the page holds.",
                ),
        ),
        Some(text) => {
            let length = text.chars().count();
            if length > LONGEST_DESCRIPTION {
                let message = format!(
                    "The description has {length} characters; search results cut it after some {LONGEST_DESCRIPTION}."
                );
                found.push(
                    at_description(page, doc, Code::LongDescription, message)
                        .hint("One sentence is enough."),
                );
            }
        }
    }
    if let Some(day) = page.meta().review_by.filter(|day| *day < site.today) {
        found.push(overdue(page, day, site.today));
    }
    found
}

/// The pages that have the title or the description of another one.
fn same<'a>(site: &Site, pages: impl ExactSizeIterator<Item = &'a Seen>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let map = || ByName::with_capacity_and_hasher(pages.len(), Default::default());
    let (mut titles, mut descriptions): (ByName<Fp, u32>, ByName<Fp, u32>) = (map(), map());
    for (seen, place) in pages.zip(0..) {
        let mut say = |other: u32, of: &dyn Fn(&Page, &Page, &Doc) -> Diagnostic| {
            let other = site.pages.at(other);
            let both = other.zip(whole(site, place));
            found.extend(both.map(|(other, (page, doc))| of(other, page, doc)));
        };
        if let Some(other) = seen.title.and_then(|title| titles.insert(title, place)) {
            say(other, &|other, page, doc| {
                let message = format!("The page {} has the same title.", other.file);
                at_title(page, doc, Code::SameTitle, message)
                    .hint("Let each title say what only this page holds: search results and tabs show nothing else.")
            });
        }
        if let Some(other) = seen.description.and_then(|it| descriptions.insert(it, place)) {
            say(other, &|other, page, doc| {
                let message = format!("The page {} has the same description.", other.file);
                at_description(page, doc, Code::SameDescription, message)
                    .hint("Say what only this page holds.")
            });
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
#[derive(Hash)]
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
