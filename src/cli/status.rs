//! Owns `weekmark status`: what is missing before day one, as a list that a person works off, for people and for
//! machines. A pass whose outputs are dropped, and a look at what was written. Must not know how a site is made, or
//! how a mistake is found.

use std::collections::BTreeMap;
use std::path::Path;

use super::check::Nowhere;
use super::leftover;
use super::new::{NO_PLACE, in_full, old_years};
use super::texts::{PageText, Text, Texts, entry_of, value_of};
use super::{Format, Outcome, Status as Arguments, pictures, print};
use crate::calendar::Date;
use crate::config::{self, Config};
use crate::diag::{Code, Diagnostic, Located, Place, Severity, Span, json_string};
use crate::model::Site;
use crate::model::week::{Week, YEARS};
use crate::parse::event::{self, Event};
use crate::pass::{Memo, Options, Report, pass};
use crate::source::{Builtin, scan};
use crate::yaml::Node;

/// Places of one item that are shown in a terminal; the others are counted.
const MOST_PLACES: usize = 6;

pub(super) fn status(root: &Path, arguments: &Arguments, builtin: Builtin) -> Outcome {
    let pictures = pictures::keep(root);
    let options = Options {
        today: arguments.today,
        everything: true,
        once: true,
        pictures,
        ..Options::default()
    };
    let (mut memo, snapshot) = (Memo::default(), scan(root, builtin));
    let report = pass(&mut memo, &snapshot, &options, &Nowhere);
    let texts = Texts::read(&snapshot);
    let list = List::of(&report, &texts);
    match arguments.format {
        Format::Json => print::answer(&list.json(&report)),
        Format::Text => {
            list.text(print::answer_has_colour()).iter().for_each(|line| print::answer(line))
        }
    }
    if report.failed() { Outcome::SiteHasErrors } else { Outcome::Done }
}

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Somebody has to do something.
    Open,
    /// Only a person can say whether there is something to do.
    Look,
    /// Nothing is left to do.
    Done,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Look => "look",
            State::Done => "done",
        }
    }
}

/// One thing on the list.
#[derive(Debug)]
struct Item {
    /// Its name for machines: a word, or the code of a message.
    name: &'static str,
    state: State,
    /// How it stands, in a sentence.
    about: String,
    /// What to do.
    hint: Option<String>,
    places: Vec<At>,
}

/// Where to do it.
#[derive(Debug)]
struct At {
    file: String,
    place: Option<Place>,
    /// What there is to say of this place alone.
    says: Option<String>,
}

impl At {
    fn of(problem: &Located) -> At {
        At {
            file: problem.diagnostic.file.clone(),
            place: problem.place.as_deref().cloned(),
            says: Some(problem.diagnostic.message.clone()),
        }
    }

    fn whole(file: &str) -> At {
        At { file: file.to_string(), place: None, says: None }
    }

    fn in_text(file: &str, text: &str, span: Span) -> At {
        At { file: file.to_string(), place: Some(Place::of(text, span)), says: None }
    }

    /// `content/faq.md:14:8`
    fn shown(&self) -> String {
        let place = self.place.as_ref().map(|place| format!(":{}:{}", place.line, place.column));
        format!("{}{}", self.file, place.unwrap_or_default())
    }
}

/// The whole list.
#[derive(Debug)]
struct List {
    today: Option<Date>,
    week: Option<Week>,
    /// The most urgent first.
    items: Vec<Item>,
}

/// Kinds of problems that have a line of their own.
const TOLD: [Code; 4] = [Code::MissingAlt, Code::ReviewOverdue, Code::Leftover, Code::OldYear];

impl List {
    fn of(report: &Report, texts: &Texts) -> List {
        let site = report.site.as_deref();
        let week = site.and_then(|site| site.week(None)).map(|week| (*week).clone());
        let mut list = List { today: site.map(|site| site.today), week, items: Vec::new() };
        list.errors(report);
        if let (Some(site), Some(config)) = (site, &texts.config) {
            list.year(site, config, texts);
            list.base_url(config, texts);
            list.pictures_and_words(report);
            list.reviews(report, site, texts);
            list.events(site, texts);
            list.leftovers(report, texts);
            list.other_warnings(report);
            list.held_back(site);
        }
        list
    }

    fn add(&mut self, name: &'static str, state: State, about: impl Into<String>) -> &mut Item {
        let item = Item { name, state, about: about.into(), hint: None, places: Vec::new() };
        self.items.push(item);
        self.items.last_mut().expect("it was added")
    }

    fn errors(&mut self, report: &Report) {
        let kinds = by_kind(report, Severity::Error);
        if kinds.is_empty() {
            self.add("errors", State::Done, "The site has no errors.");
        }
        self.kinds(
            kinds,
            "The site cannot be published like this. `weekmark check` says what to write instead.",
        );
    }

    fn kinds(&mut self, kinds: BTreeMap<Code, Vec<At>>, hint: &str) {
        for (code, places) in kinds {
            let about = format!(
                "{} × {} ({})",
                places.len(),
                code.about().trim_end_matches('.'),
                code.id()
            );
            let item = self.add(code.id(), State::Open, about);
            item.hint = Some(hint.into());
            item.places = places;
        }
    }

    // ---- the year -----------------------------------------------------------------------------------

    fn year(&mut self, site: &Site, config: &Config, texts: &Texts) {
        let Some(campaign) = &config.campaign else {
            let item = self.add("dates", State::Open, "Nothing says when the observance is.");
            item.hint = Some(
                "Write name and rule under \"campaign\": `weekmark new year 2027` says how."
                    .replace("2027", &site.today.year().to_string()),
            );
            item.places.push(At::whole(config::FILE));
            return;
        };
        let Some(week) = self.week.clone() else {
            let year = site.today.year();
            let item = self.add(
                "dates",
                State::Open,
                format!("No coming year of {} has dates.", campaign.name),
            );
            item.hint = Some(format!(
                "Say when it is: weekmark new year {} --start DATE --end DATE",
                year + 1
            ));
            item.places.push(years_file(texts));
            return;
        };
        let year = week.year;
        let entry = YearEntry::of(texts, year);
        let set_up = format!("`weekmark new year {year}` sets the year up.");
        let hint = |text: String| if entry.node.is_some() { text } else { set_up.clone() };
        if week.confirmed {
            self.add("dates", State::Done, format!("The dates of {year} are confirmed."));
        } else {
            let item =
                self.add("dates", State::Open, format!("The dates of {year} are not confirmed."));
            item.hint = Some(hint(
                "Once the organizers have announced them, write: confirmed: true".into(),
            ));
            item.places.push(entry.at("confirmed"));
        }
        match entry.theme() {
            Some(theme) => {
                self.add("theme", State::Done, format!("Theme: {theme}"));
            }
            None => {
                let item =
                    self.add("theme", State::Open, format!("The theme of {year} is missing."));
                item.hint =
                    Some(hint("Write it as the organizers do: theme: \"Better together\"".into()));
                item.places.push(entry.at("theme"));
            }
        }
        match &week.hashtag {
            Some(tag) => {
                self.add("hashtag", State::Done, format!("Hashtag: {tag}"));
            }
            None => {
                let item =
                    self.add("hashtag", State::Open, format!("The hashtag of {year} is missing."));
                item.hint =
                    Some(hint(format!("Write it in quotation marks: hashtag: \"#OurWeek{year}\"")));
                item.places.push(entry.at("hashtag"));
            }
        }
        if entry.has_source() {
            self.add("source", State::Done, format!("The source for {year} is named."));
        } else {
            let item = self.add(
                "source",
                State::Open,
                format!("Nothing says where dates and theme of {year} were announced."),
            );
            item.hint = Some(hint(
                "Write a name from content/_data/sources.yaml: source: announcement".into(),
            ));
            item.places.push(entry.at("source"));
        }
        match texts.year_pages().find(|(_, known)| *known == year) {
            Some((page, _)) => {
                self.add("year_page", State::Done, format!("{year} has its page: {}", page.file));
            }
            None => {
                let item =
                    self.add("year_page", State::Open, format!("{year} has no page of its own."));
                item.hint = Some(format!("`weekmark new year {year}` makes it."));
            }
        }
    }

    fn base_url(&mut self, config: &Config, texts: &Texts) {
        let at = texts.site.as_ref().and_then(|site| {
            let span = entry_of(&site.yaml()?, "base_url")?.1.span;
            Some(At::in_text(&site.file, &site.text, span))
        });
        let at = at.unwrap_or_else(|| At::whole(config::FILE));
        let hint = "Write the address that the site will have: base_url: https://… The feed, the sitemap, calendars and link previews need it.";
        match &config.base_url {
            Some(base) if !is_example(&base.origin) => {
                self.add("base_url", State::Done, format!("Address: {}{}", base.origin, base.path));
            }
            base => {
                let about = match base {
                    Some(base) => {
                        format!("The address of the site is only an example: {}", base.origin)
                    }
                    None => "The address of the site is missing.".into(),
                };
                let item = self.add("base_url", State::Open, about);
                item.hint = Some(hint.into());
                item.places.push(at);
            }
        }
    }

    // ---- the pages ----------------------------------------------------------------------------------

    fn pictures_and_words(&mut self, report: &Report) {
        let rows = [
            (
                "alt",
                Code::MissingAlt,
                ("picture has no alternative text", "pictures have no alternative text"),
                "Write what each shows: ![Two people at a desk](team.jpg)",
                "Every picture says what it shows.",
            ),
            (
                "placeholders",
                Code::Leftover,
                ("word was left standing while writing", "words were left standing while writing"),
                "Write what belongs there, or delete it.",
                "No placeholder words are left.",
            ),
        ];
        for (name, code, (one, many), hint, fine) in rows {
            let places: Vec<At> = problems(report, code).map(At::of).collect();
            if places.is_empty() {
                self.add(name, State::Done, fine);
                continue;
            }
            let words = if places.len() == 1 { one } else { many };
            let item = self.add(name, State::Open, format!("{} {words}.", places.len()));
            item.hint = Some(hint.into());
            item.places = places;
        }
    }

    fn reviews(&mut self, report: &Report, site: &Site, texts: &Texts) {
        let mut places: Vec<At> = problems(report, Code::ReviewOverdue)
            .map(|problem| {
                let page = site.pages.iter().find(|page| *page.file == *problem.diagnostic.file);
                let day = page.and_then(|page| page.meta().review_by);
                At { says: day.map(|day| format!("{} is over", long(day))), ..At::of(problem) }
            })
            .collect();
        let overdue = places.len();
        if let Some(first) = self.week.as_ref().map(|week| week.first) {
            let due = site.pages.iter().filter_map(|page| {
                let day = page.meta().review_by.filter(|day| (site.today..=first).contains(day))?;
                Some((page, day))
            });
            for (page, day) in due {
                let text = texts.pages.iter().find(|text| *text.file == *page.file);
                let span = text.and_then(|text| Some((text, text.setting("review_by")?.span)));
                let at = match span {
                    Some((text, span)) => At::in_text(&page.file, &text.text, span),
                    None => At::whole(&page.file),
                };
                places.push(At { says: Some(format!("by {}", long(day))), ..at });
            }
        }
        if places.is_empty() {
            self.add("reviews", State::Done, "No page has to be checked again before day one.");
            return;
        }
        let about = match (overdue, places.len() - overdue) {
            (0, due) => format!("{} to check again before day one.", has(due)),
            (over, 0) => format!("{} to check again by now.", had(over)),
            (over, due) => {
                format!("{} to check again by now, and {due} before day one.", had(over))
            }
        };
        let item = self.add("reviews", State::Open, about);
        item.hint = Some(format!(
            "Check that all of it is still right, then write: reviewed: {} and a later review_by.",
            site.today
        ));
        item.places = places;
    }

    fn events(&mut self, site: &Site, texts: &Texts) {
        let Some(week) = self.week.clone() else { return };
        let is_out = |page: &PageText| {
            let key = page.file.trim_start_matches("content/");
            site.pages.contains(key)
        };
        let is_in_week = |event: &Event| {
            let (first, last) = event.days();
            first <= week.last && week.first <= last && event.status != event::Status::Cancelled
        };
        let in_week: Vec<(&PageText, Event)> = texts
            .pages
            .iter()
            .filter(|page| is_out(page))
            .filter_map(|page| Some((page, page.event()?)))
            .filter(|(_, event)| is_in_week(event))
            .collect();
        if in_week.is_empty() {
            let item = self.add(
                "events",
                State::Look,
                format!("No event is listed for the days of {}.", week.year),
            );
            item.hint = Some("`weekmark new event \"Coffee hour\"` starts one.".into());
            return;
        }
        let lacks_place = |event: &Event| {
            let place = event.place.as_deref().filter(|place| *place != NO_PLACE);
            event.link.is_none() && place.is_none()
        };
        let places: Vec<At> = in_week
            .iter()
            .filter(|(_, event)| lacks_place(event))
            .map(|(page, event)| At::in_text(&page.file, &page.text, event.span))
            .collect();
        let count = print::counted(in_week.len(), "event");
        if places.is_empty() {
            self.add(
                "events",
                State::Done,
                format!("{count} in the week, each with a place or a link."),
            );
        } else {
            let item = self.add(
                "events",
                State::Open,
                format!("{count} in the week, {} without a place or a link.", places.len()),
            );
            item.hint = Some("Write \"place\" or \"link\" under \"event\".".into());
            item.places = places;
        }
    }

    fn leftovers(&mut self, report: &Report, texts: &Texts) {
        let Some(week) = self.week.clone() else { return };
        let old = old_years(texts, week.year, week.hashtag.as_deref());
        let mut places: Vec<At> = problems(report, Code::OldYear).map(At::of).collect();
        let is_wrong = !places.is_empty();
        let known: Vec<String> = places.iter().map(At::shown).collect();
        let found = leftover::find(texts, &old).into_iter().map(|it| At {
            says: Some(format!("{}: {}", it.about(), it.excerpt())),
            file: it.file,
            place: Some(it.place),
        });
        places.extend(found.filter(|at| !known.contains(&at.shown())));
        if places.is_empty() {
            self.add("leftovers", State::Done, "Nothing still says an old year.");
            return;
        }
        let state = if is_wrong { State::Open } else { State::Look };
        let count = print::counted(places.len(), "place");
        let verb = if places.len() == 1 { "says" } else { "say" };
        let item = self.add("leftovers", state, format!("{count} still {verb} an old year."));
        item.hint = Some("What tells of the past may stay.".into());
        item.places = places;
    }

    fn other_warnings(&mut self, report: &Report) {
        let mut kinds = by_kind(report, Severity::Warning);
        kinds.retain(|code, _| !TOLD.contains(code));
        self.kinds(kinds, "`weekmark check` says what to write instead.");
    }

    fn held_back(&mut self, site: &Site) {
        let held = site.index.held_back.iter().filter(|(key, _)| !site.pages.contains(key));
        let places: Vec<At> = held
            .map(|(_, held)| At { says: held.status.note(), ..At::whole(&held.file) })
            .collect();
        if places.is_empty() {
            return;
        }
        let count = print::counted(places.len(), "page");
        let verb = if places.len() == 1 { "is" } else { "are" };
        let item = self.add("held_back", State::Look, format!("{count} {verb} not published."));
        item.hint = Some("A draft is published when its line \"draft: true\" is gone.".into());
        item.places = places;
    }

    // ---- print --------------------------------------------------------------------------------------

    fn days_until(&self) -> Option<i64> {
        let week = self.week.as_ref()?;
        Some(self.today?.days_until(week.first))
    }

    fn text(&self, colour: bool) -> Vec<String> {
        let paint = |text: &str, code: &str| print::painted(text, code, colour);
        let mut lines = Vec::new();
        if let Some((week, days)) = self.week.as_ref().zip(self.days_until()) {
            lines.push(paint(&format!("{} {}", week.name, week.year), print::BOLD));
            lines.push(in_full(week.first, week.last));
            lines.push(match days {
                2.. => format!("{days} days until day one"),
                1 => "Tomorrow is day one".into(),
                0 => "Today is day one".into(),
                _ => format!(
                    "It is on: day {} of {}",
                    1 - days,
                    week.first.days_until(week.last) + 1
                ),
            });
            lines.push(String::new());
        }
        let of = |state: State| self.items.iter().filter(move |item| item.state == state);
        let open = of(State::Open).count();
        if open == 0 {
            lines.push(paint("Nothing is left to do.", print::GREEN));
        } else {
            lines.push(paint(&format!("To do: {open}"), print::BOLD));
        }
        for (number, item) in of(State::Open).enumerate() {
            lines.push(format!(
                "{} {}",
                paint(&format!("{:>3}.", number + 1), print::YELLOW),
                paint(&item.about, print::BOLD)
            ));
            lines.extend(item.details(colour));
        }
        if of(State::Look).next().is_some() {
            lines.push(String::new());
            lines.push(paint("To look at", print::BOLD));
        }
        for item in of(State::Look) {
            lines.push(format!("  - {}", item.about));
            lines.extend(item.details(colour));
        }
        if of(State::Done).next().is_some() {
            lines.push(String::new());
            lines.push(paint("Done", print::BOLD));
        }
        for item in of(State::Done) {
            lines.push(format!("  {} {}", paint("✓", print::GREEN), item.about));
        }
        lines
    }

    /// Shape 1; see docs/json.md.
    fn json(&self, report: &Report) -> String {
        let week = match (&self.week, self.days_until()) {
            (Some(week), Some(days)) => format!(
                "{{\"name\":{},\"year\":{},\"first\":\"{}\",\"last\":\"{}\",\"confirmed\":{},\"state\":{},\"days_until\":{days}}}",
                json_string(&week.name),
                week.year,
                week.first,
                week.last,
                week.confirmed,
                json_string(week.state),
            ),
            _ => "null".into(),
        };
        let today = self.today.map_or("null".into(), |today| format!("\"{today}\""));
        let items: Vec<String> = self.items.iter().map(Item::json).collect();
        format!(
            "{{\"weekmark\":1,\"ok\":{},\"pages\":{},\"outputs\":{},\"problems\":{}{},\"today\":{today},\"week\":{week},\"items\":[{}]}}",
            !report.failed(),
            report.pages,
            report.plan.outputs.len(),
            print::problems_json(report),
            print::outside_json(&report.outside),
            items.join(",")
        )
    }
}

impl Item {
    /// Where to do what, below the sentence.
    fn details(&self, colour: bool) -> Vec<String> {
        let mut lines = Vec::new();
        // What stands for several places at once is told once.
        for at in self.places.iter().take(MOST_PLACES) {
            let says = at.says.as_ref().map(|says| format!("  {says}")).unwrap_or_default();
            lines.push(format!("     {}{says}", print::painted(&at.shown(), print::BLUE, colour)));
        }
        let more = self.places.len().saturating_sub(MOST_PLACES);
        if more > 0 {
            lines.push(format!("     and {more} more; --format json lists all"));
        }
        lines.extend(self.hint.iter().map(|hint| format!("     {hint}")));
        lines
    }

    fn json(&self) -> String {
        let text = |text: Option<&str>| text.map_or("null".to_string(), json_string);
        let places: Vec<String> = self
            .places
            .iter()
            .map(|at| {
                let number = |of: fn(&Place) -> usize| {
                    at.place.as_ref().map_or("null".into(), |place| of(place).to_string())
                };
                format!(
                    "{{\"file\":{},\"line\":{},\"column\":{},\"says\":{}}}",
                    json_string(&at.file),
                    number(|place| place.line),
                    number(|place| place.column),
                    text(at.says.as_deref())
                )
            })
            .collect();
        format!(
            "{{\"name\":{},\"state\":{},\"about\":{},\"hint\":{},\"places\":[{}]}}",
            json_string(self.name),
            json_string(self.state.word()),
            json_string(&self.about),
            text(self.hint.as_deref()),
            places.join(",")
        )
    }
}

/// What years.yaml says of a year, with the places.
struct YearEntry<'a> {
    file: Option<&'a Text>,
    /// The year as it is written, and its settings.
    node: Option<(Node, Node)>,
}

impl<'a> YearEntry<'a> {
    fn of(texts: &'a Texts, year: i16) -> YearEntry<'a> {
        let file = texts.data(YEARS);
        let root = file.and_then(Text::yaml);
        let node = root.as_ref().and_then(|root| entry_of(root, &year.to_string()));
        YearEntry { file, node: node.map(|(key, value)| (key.clone(), value.clone())) }
    }

    /// The place of a setting; of the year, where it is not said; of the file, where the year is not there.
    fn at(&self, name: &str) -> At {
        match (self.file, &self.node) {
            (Some(file), Some((key, value))) => {
                let span = entry_of(value, name).map_or(key.span, |(key, _)| key.span);
                At::in_text(&file.file, &file.text, span)
            }
            (Some(file), None) => At::whole(&file.file),
            (None, _) => At::whole("content/_data/years.yaml"),
        }
    }

    fn themes(&self) -> Vec<&Node> {
        let list = self.node.as_ref().and_then(|(_, value)| value_of(value, "themes"));
        match list.map(|list| &list.value) {
            Some(crate::yaml::Value::List(items)) => items.iter().collect(),
            _ => self.node.iter().map(|(_, value)| value).collect(),
        }
    }

    /// The words of the theme, or of the themes.
    fn theme(&self) -> Option<String> {
        let themes = self.themes();
        let words: Vec<&str> = themes.iter().filter_map(|theme| text_of(theme, "theme")).collect();
        (!words.is_empty()).then(|| words.join(" / "))
    }

    fn has_source(&self) -> bool {
        let own = self.node.as_ref().and_then(|(_, value)| text_of(value, "source"));
        own.is_some() || self.themes().iter().any(|theme| text_of(theme, "source").is_some())
    }
}

fn years_file(texts: &Texts) -> At {
    At::whole(texts.data(YEARS).map_or("content/_data/years.yaml", |years| &years.file))
}

/// A text in a group of settings that says something.
fn text_of<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    value_of(node, name)?.text().map(str::trim).filter(|text| !text.is_empty())
}

fn problems(report: &Report, code: Code) -> impl Iterator<Item = &Located> {
    let is_it = move |diagnostic: &Diagnostic| diagnostic.code == code;
    report.problems.iter().filter(move |problem| is_it(&problem.diagnostic))
}

fn by_kind(report: &Report, severity: Severity) -> BTreeMap<Code, Vec<At>> {
    let mut kinds: BTreeMap<Code, Vec<At>> = BTreeMap::new();
    for problem in report.problems.iter().filter(|problem| problem.severity() == severity) {
        kinds.entry(problem.diagnostic.code).or_default().push(At::of(problem));
    }
    kinds
}

/// Names that are reserved for examples (RFC 2606, RFC 6761): nobody can publish there.
fn is_example(origin: &str) -> bool {
    let host = origin.split("://").nth(1).unwrap_or(origin);
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or(host) };
    let is_below = |name: &str| {
        host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
    };
    ["example", "test", "invalid", "localhost", "example.org", "example.com", "example.net"]
        .into_iter()
        .any(is_below)
}

fn long(date: Date) -> String {
    date.print("long", "en").unwrap_or_default()
}

fn has(count: usize) -> String {
    if count == 1 { "1 page is".into() } else { format!("{count} pages are") }
}

fn had(count: usize) -> String {
    if count == 1 { "1 page was".into() } else { format!("{count} pages were") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_addresses_are_no_addresses() {
        for origin in [
            "https://example.org",
            "https://www.example.com",
            "https://week.example",
            "http://localhost:80",
        ] {
            assert!(is_example(origin), "{origin}");
        }
        for origin in ["https://cmweek.org", "https://example.edu", "https://myexample.org"] {
            assert!(!is_example(origin), "{origin}");
        }
    }
}
