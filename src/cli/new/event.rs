//! Owns `weekmark new event`: the page of an event, ready to be built. Never overwrites what is there. Must not know
//! how a site is built.
#![expect(clippy::disallowed_methods, reason = "a new page is written where nothing is yet")]

use std::io;
use std::path::Path;

use super::year::in_full;
use super::{create, no_site, quoted};
use crate::calendar::{Date, today_in};
use crate::cli::texts::{Text, Texts};
use crate::cli::{Outcome, print};
use crate::config;
use crate::model::week::{self, Week, YEARS};
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

const MINUTES_A_DAY: i64 = 24 * 60;

pub(in crate::cli) fn event(root: &Path, wanted: &Event, builtin: Builtin) -> Outcome {
    let snapshot = scan(root, builtin);
    if !snapshot.has(config::FILE) {
        return no_site(root);
    }
    let title = wanted.title.trim();
    let name = slug(title);
    if name.is_empty() || title.chars().any(char::is_control) {
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
    let span = match Span::of(wanted, coming.as_ref()) {
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
    print::say(&format!("When: {} ({}).", span.in_words(), config.time_zone.name()));
    let is_inside = |week: &Week| {
        let (first, last) = (span.start.day, span.last_day());
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
        span.start.written(),
        span.end.written(),
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

/// A day, and on it a time in minutes; none if it is the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    day: Date,
    minutes: Option<i64>,
}

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: Moment,
    end: Moment,
}

impl Span {
    fn of(wanted: &Event, coming: Option<&Week>) -> Result<Span, String> {
        let start = match (&wanted.start, coming) {
            (Some(text), _) => Moment::read(text)?,
            (None, Some(week)) => {
                // The third day, or the last of a shorter observance.
                Moment { day: week.first.plus_days(2).min(week.last), minutes: Some(12 * 60) }
            }
            (None, None) => {
                return Err("No coming year is known, so say when the event is: --start \"2027-10-12 12:00\"".into());
            }
        };
        let end = match (&wanted.end, start.minutes) {
            (None, None) => start,
            (None, Some(minutes)) => Moment::after(start.day, minutes + 60),
            (Some(text), Some(_)) if read_time(text).is_some() => {
                Moment { day: start.day, minutes: read_time(text) }
            }
            (Some(text), _) => Moment::read(text)?,
        };
        if start.minutes.is_some() != end.minutes.is_some() {
            return Err("One of start and end has a time and the other has none. Write both with a time, such as \"2027-10-12 12:00\", or both without for a whole day.".into());
        }
        if end < start || (end == start && start.minutes.is_some()) {
            return Err(format!(
                "The event would end ({}) before it starts ({}). Change --start or --end.",
                end.written(),
                start.written()
            ));
        }
        Ok(Span { start, end })
    }

    fn last_day(&self) -> Date {
        self.end.day
    }

    /// `Tuesday, October 12, 2027, 12:00–13:00`
    fn in_words(&self) -> String {
        match (self.start.time(), self.end.time()) {
            (Some(from), Some(to)) if self.start.day == self.end.day => {
                format!("{}, {from}–{to}", in_full(self.start.day, self.end.day))
            }
            (Some(from), Some(to)) => format!(
                "{}, {from} – {}, {to}",
                in_full(self.start.day, self.start.day),
                in_full(self.end.day, self.end.day)
            ),
            _ => in_full(self.start.day, self.end.day),
        }
    }
}

impl Moment {
    /// So many minutes after the beginning of a day, which may be on the next.
    fn after(day: Date, minutes: i64) -> Moment {
        Moment {
            day: day.plus_days(minutes.div_euclid(MINUTES_A_DAY)),
            minutes: Some(minutes.rem_euclid(MINUTES_A_DAY)),
        }
    }

    /// `2027-10-12 12:00`, `12 October 2027 9:30`, `2027-10-12T12:00`, or a day alone.
    fn read(text: &str) -> Result<Moment, String> {
        let text = text.trim();
        let day_of = |day: &str| {
            Date::read(day).map_err(|error| format!("{} {}", error.message, error.hint))
        };
        // A T parts day and time only between digits: October has one, too.
        let is_digit = |c: char| c.is_ascii_digit();
        let by_letter = text
            .rsplit_once('T')
            .filter(|(day, time)| day.ends_with(is_digit) && time.starts_with(is_digit));
        let parts =
            by_letter.or_else(|| text.rsplit_once(' ')).filter(|(_, time)| time.contains(':'));
        match parts {
            Some((day, time)) => {
                let day = day_of(day.trim_end_matches([',', ' ']))?;
                let minutes = read_time(time).ok_or_else(|| no_time(time))?;
                Ok(Moment { day, minutes: Some(minutes) })
            }
            None if read_time(text).is_some() => {
                Err(format!("\"{text}\" has no day. Write day and time: \"2027-10-12 {text}\""))
            }
            None if ["am", "pm", "a.m.", "p.m."]
                .iter()
                .any(|end| text.to_lowercase().ends_with(end)) =>
            {
                Err(no_time(text))
            }
            None => Ok(Moment { day: day_of(text)?, minutes: None }),
        }
    }

    fn time(self) -> Option<String> {
        self.minutes.map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60))
    }

    /// As it stands in front matter.
    fn written(self) -> String {
        self.time().map_or_else(|| self.day.to_string(), |time| format!("{} {time}", self.day))
    }
}

fn no_time(text: &str) -> String {
    format!("\"{text}\" is not a time. Write hours from 0 to 23 and minutes: 09:30 or 17:00.")
}

/// `12:00` in minutes.
fn read_time(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let is_number =
            lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| is_number)
    };
    let (hours, minutes) = (number(hours, 1..=2)?, number(minutes, 2..=2)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: Option<&str>) -> Result<String, String> {
        let wanted =
            Event { start: Some(start.into()), end: end.map(String::from), ..Event::default() };
        Span::of(&wanted, None)
            .map(|span| format!("{} / {}", span.start.written(), span.end.written()))
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (start, end, expected) in [
            ("2027-10-12 12:00", None, "2027-10-12 12:00 / 2027-10-12 13:00"),
            ("2027-10-12T12:00", Some("13:30"), "2027-10-12 12:00 / 2027-10-12 13:30"),
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
            ("2027-10-12 24:00", None, "is not a time"),
            ("2027-10-12 5 pm", None, "is not a time"),
            ("12:00", None, "has no day"),
        ] {
            let error = span(start, end).expect_err(start);
            assert!(error.contains(word), "{start}: {error}");
        }
    }
}
