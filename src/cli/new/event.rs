//! Owns `weekmark new event`: the page of an event, ready to be built. Never overwrites what is there. Must not know
//! how a site is built.

use std::io;
use std::path::Path;

use super::year::in_full;
use super::{create, no_site, quoted};
use crate::calendar::{Date, Moment, Zone, print_span, today_in};
use crate::cli::texts::{Text, Texts};
use crate::cli::{Outcome, print};
use crate::config;
use crate::model::week::{self, Week, YEARS};
use crate::parse::event::{Time, read_time};
use crate::slug::slug;
use crate::source::{Builtin, scan};

/// What was asked for.
#[derive(Debug, Default)]
pub(in crate::cli) struct Event {
    /// What it is called.
    pub(in crate::cli) title: String,
    /// When it begins, as it was typed.
    pub(in crate::cli) start: Option<String>,
    /// When it ends, as it was typed: a day, a day with a time, or a time alone.
    pub(in crate::cli) end: Option<String>,
    /// Where it is.
    pub(in crate::cli) place: Option<String>,
    /// Where one takes part online, or learns more.
    pub(in crate::cli) link: Option<String>,
    /// Who holds it.
    pub(in crate::cli) organizer: Option<String>,
    /// The day that counts as today.
    pub(in crate::cli) today: Option<Date>,
}

/// Where events are.
const FOLDER: &str = "content/events";

/// The place of an event that has none yet.
pub(in crate::cli) const NO_PLACE: &str = "Place to be announced";

pub(in crate::cli) fn event(root: &Path, wanted: &Event, builtin: Builtin) -> Outcome {
    let snapshot = scan(root, builtin);
    if !snapshot.has(config::FILE) {
        return no_site(root);
    }
    let title = wanted.title.trim();
    let name = slug(title);
    let others = [&wanted.place, &wanted.link, &wanted.organizer];
    if others.into_iter().flatten().any(|text| text.chars().any(char::is_control)) {
        return Outcome::Failed("Write place, link and organizer on one line each.".into());
    }
    // `index.md` is the page of its folder.
    if name.is_empty() || name == "index" || title.chars().any(char::is_control) {
        return Outcome::Failed(format!(
            "\"{title}\" is not a title. Write one such as \"Coffee hour\"."
        ));
    }
    if let Some(link) = &wanted.link
        && !["https://", "http://"].iter().any(|start| link.trim().starts_with(start))
    {
        return Outcome::Failed(format!(
            "\"{link}\" is not the address of a page. Write it in full: --link https://example.org/coffee-hour"
        ));
    }
    let texts = Texts::read(&snapshot);
    let config = texts.config.clone().unwrap_or_default();
    let today = wanted.today.unwrap_or_else(|| today_in(&config.time_zone));
    let years = texts.data(YEARS).and_then(Text::yaml).map(|node| node.data());
    let campaign = config.campaign.as_ref();
    let coming = campaign.and_then(|campaign| week::current(campaign, years.as_ref(), today));
    let span = match Span::of(wanted, coming.as_ref(), &config.time_zone) {
        Ok(span) => span,
        Err(message) => return Outcome::Failed(message),
    };
    let file = format!("{FOLDER}/{name}.md");
    let twins = [format!("{FOLDER}/{name}/index.md"), format!("{FOLDER}/{name}/_index.md")];
    if let Some(taken) = twins.iter().find(|twin| snapshot.has(twin)) {
        return Outcome::Failed(format!("{taken} has that address already; nothing was changed."));
    }
    let is_draft = wanted.start.is_none() || (wanted.place.is_none() && wanted.link.is_none());
    match create(&root.join(&file), &page_text(title, wanted, &span, is_draft)) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Outcome::Failed(format!(
                "{file} is there already; nothing was changed. Give the event another title."
            ));
        }
        Err(error) => return Outcome::Failed(format!("{file} cannot be written: {error}.")),
    }
    print::good(&format!("Wrote {file}."));
    let index = format!("{FOLDER}/_index.md");
    match create(&root.join(&index), INDEX) {
        Ok(()) => print::say(&format!("Wrote {index}, the page that lists the events.")),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Outcome::Failed(format!("{index} cannot be written: {error}.")),
    }
    print::say(&format!("When: {} ({})", span.in_words(), config.time_zone.name()));
    let is_inside = |week: &Week| {
        let (first, last) = (span.start.date(), span.end.date());
        week.first <= last && first <= week.last
    };
    if let Some(week) = coming.as_ref().filter(|week| !is_inside(week)) {
        print::say(&format!(
            "That is not in the week: {} {} is {}.",
            week.name,
            week.year,
            in_full(week.first, week.last)
        ));
    }
    if is_draft {
        print::say("It is a draft: the preview shows it, the published site does not.");
        print::say(&format!(
            "Open {file}, change what is not right yet, and delete the line \"draft: true\"."
        ));
    }
    Outcome::Done
}

const INDEX: &str = "---\ntitle: Events\ndescription: What takes place, when and where.\n---\n\nEverything that takes place, in the order of days.\n";

fn page_text(title: &str, wanted: &Event, span: &Span, is_draft: bool) -> String {
    let mut text = format!(
        "---\ntitle: {}\ndescription: {}\nevent:\n  start: {}\n  end: {}\n",
        quoted(title),
        quoted(&format!("{title}: when and where it is, and how to take part.")),
        written(&span.start),
        written(&span.end),
    );
    let place = wanted.place.as_deref().or(wanted.link.is_none().then_some(NO_PLACE));
    let settings = [
        ("place", place),
        ("link", wanted.link.as_deref()),
        ("organizer", wanted.organizer.as_deref()),
    ];
    for (key, value) in settings {
        if let Some(value) = value {
            text.push_str(&format!("  {key}: {}\n", quoted(value.trim())));
        }
    }
    if is_draft {
        text.push_str(
            "draft: true\n---\n\nChange the day, the time and the place above, and write here what people should know. \
             Then delete this sentence and the line \"draft: true\".\n",
        );
    } else {
        text.push_str("---\n");
    }
    text
}

/// From when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    start: Time,
    end: Time,
}

impl Span {
    fn of(wanted: &Event, coming: Option<&Week>, zone: &Zone) -> Result<Span, String> {
        let start = match (&wanted.start, coming) {
            (Some(text), _) => read(text, zone)?,
            (None, Some(week)) => {
                // The third day, or the last of a shorter observance.
                read(&format!("{} 12:00", week.first.plus_days(2).min(week.last)), zone)?
            }
            (None, None) => {
                return Err("No coming year is known, so say when the event is: --start \"2027-10-12 12:00\"".into());
            }
        };
        let end = match (&wanted.end, &start) {
            (None, Time::Day(_)) => start.clone(),
            (None, Time::At(moment)) => later(moment, zone)?,
            (Some(text), Time::At(moment)) if !has_year(text) => {
                read(&format!("{} {}", moment.date(), text.trim()), zone)?
            }
            (Some(text), _) => read(text, zone)?,
        };
        let is_right = match (&start, &end) {
            (Time::Day(first), Time::Day(last)) => first <= last,
            (Time::At(from), Time::At(to)) => from < to,
            _ => {
                return Err("One of start and end has a time and the other has none. Write both with a time, such as \"2027-10-12 12:00\", or both without for a whole day.".into());
            }
        };
        if is_right {
            return Ok(Span { start, end });
        }
        Err(format!(
            "The event would end ({}) before it starts ({}). Change --start or --end.",
            written(&end),
            written(&start)
        ))
    }

    /// `Tuesday, October 12, 2027, 12:00–1:00 p.m. EDT`
    fn in_words(&self) -> String {
        match (&self.start, &self.end) {
            (Time::At(from), Time::At(to)) => print_span(from, Some(to), "en"),
            (start, end) => in_full(start.date(), end.date()),
        }
    }
}

/// What somebody typed, read as a page is read.
fn read(text: &str, zone: &Zone) -> Result<Time, String> {
    let text = text.trim();
    if !has_year(text) {
        return Err(format!("\"{text}\" has no day. Write it with the year: \"2027-10-12 12:00\""));
    }
    read_time(text, zone).map_err(|error| format!("{} {}", error.message, error.hint))
}

/// A day is written with its year, a time alone without.
fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 4)
        || text.contains(['/', '-'])
}

/// An hour later by the clocks; where they leave that time out, two hours.
fn later(start: &Moment, zone: &Zone) -> Result<Time, String> {
    let text = written(&Time::At(start.clone()));
    let (hour, minute) = text[text.len() - 5..].split_once(':').unwrap_or_default();
    let hour: i64 = hour.parse().unwrap_or_default();
    let at = |hour: i64| {
        let day = start.date().plus_days(hour.div_euclid(24));
        read(&format!("{day} {:02}:{minute}", hour.rem_euclid(24)), zone)
    };
    at(hour + 1).or_else(|_| at(hour + 2))
}

/// As it stands in front matter: `2027-10-12 12:00`, or the day alone.
fn written(time: &Time) -> String {
    match time {
        Time::Day(date) => date.to_string(),
        Time::At(moment) => {
            let iso = moment.iso();
            format!("{} {}", moment.date(), iso.get(11..16).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: Option<&str>) -> Result<String, String> {
        let wanted =
            Event { start: Some(start.into()), end: end.map(String::from), ..Event::default() };
        let zone = Zone::named("America/New_York").expect("a zone");
        Span::of(&wanted, None, &zone)
            .map(|span| format!("{} / {}", written(&span.start), written(&span.end)))
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (start, end, expected) in [
            ("2027-10-12 12:00", None, "2027-10-12 12:00 / 2027-10-12 13:00"),
            ("2027-10-12T12:00", Some("13:30"), "2027-10-12 12:00 / 2027-10-12 13:30"),
            ("2027-10-12 5:30 pm", None, "2027-10-12 17:30 / 2027-10-12 18:30"),
            ("2027-03-14 01:30", None, "2027-03-14 01:30 / 2027-03-14 03:30"),
            (
                "12 October 2027 9:30",
                Some("October 12, 2027 10:00"),
                "2027-10-12 09:30 / 2027-10-12 10:00",
            ),
            ("October 12, 2027, 23:30", None, "2027-10-12 23:30 / 2027-10-13 00:30"),
            ("12 October 2027", None, "2027-10-12 / 2027-10-12"),
            ("2027-10-12", Some("2027-10-14"), "2027-10-12 / 2027-10-14"),
        ] {
            assert_eq!(span(start, end).as_deref(), Ok(expected), "{start}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_in_plain_words() {
        for (start, end, word) in [
            ("2027-10-12 12:00", Some("11:00"), "before it starts"),
            ("2027-10-12 12:00", Some("12:00"), "before it starts"),
            ("2027-10-12", Some("2027-10-11"), "before it starts"),
            ("2027-10-12", Some("2027-10-12 12:00"), "has a time and the other"),
            ("2027-02-30 12:00", None, "That month has 28 days."),
            ("12/10/2027 12:00", None, "two ways"),
            ("2027-10-12 25:00", None, "There is no hour 25."),
            ("2027-03-14 02:30", None, "02:30"),
            ("12:00", None, "has no day"),
        ] {
            let error = span(start, end).expect_err(start);
            assert!(error.contains(word), "{start}: {error}");
        }
    }
}
