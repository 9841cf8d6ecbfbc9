//! Owns what a page says of an event: when it is, where, who holds it and whether it is still on.
//! Must not know the page around it, or when the observance is.

use super::data::{WEB, check_web_address, revision};
use crate::calendar::{Date, Moment, NotADate, Zone, pattern, print_range, print_span};
use crate::diag::{Code, Diagnostic, Span};
use crate::yaml::shape::Shape::{Choice, Formed, IntIn, Text};
use crate::yaml::shape::{self, Form, Way, key, needed};
use crate::yaml::{Fields, Node, Value};

/// What a page may say of its event.
pub const EVENT: shape::Group = shape::Group {
    ways: &[Way { with: &["place"], without: &[] }, Way { with: &["link"], without: &[] }],
    ..shape::Group::of(
        "\"event\"",
        &[
            needed("start", Formed(&TIME), "When it begins: 2027-10-12 12:00, or a day alone."),
            key("end", Formed(&TIME), "When it ends; of an event without hours, its last day."),
            key("zone", Text, "Its time zone, such as America/Chicago; the site's if not said."),
            key("place", Text, "Where it is, by name."),
            key("address", Text, "The address of the place."),
            key("link", WEB, "Where one takes part on the web, in full: https://…"),
            key("organizer", Text, "Who holds it."),
            key("organizer_url", WEB, "Their address on the web."),
            key("status", Choice(&STATUSES), "`scheduled` if not said."),
            key(
                "revision",
                IntIn(0, 9999),
                "How often its time was changed after it had been published.",
            ),
        ],
    )
};

const STATUSES: [&str; 3] = ["scheduled", "cancelled", "postponed"];

const TIME: Form = Form {
    pattern: pattern::date_or_moment,
    numbers: false,
    says: "Write it as 2027-10-12 12:00, or 2027-10-12 for the whole day.",
    examples: Vec::new,
};

/// When something begins or ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Time {
    /// The whole day.
    Day(Date),
    /// At an hour.
    At(Moment),
}

impl Time {
    /// The day, in the zone of the event.
    pub fn date(&self) -> Date {
        match self {
            Time::Day(date) => *date,
            Time::At(moment) => moment.date(),
        }
    }
}

/// Whether an event is still on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is on.
    Scheduled,
    /// It is off for good.
    Cancelled,
    /// It will be at another time, which is not known.
    Postponed,
}

impl Status {
    /// The word of the settings.
    pub fn word(self) -> &'static str {
        STATUSES[self as usize]
    }
}

/// An event, as its page tells it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each field is a key of `EVENT`, documented there")]
pub struct Event {
    pub start: Time,
    /// Not before the start, and of the same kind.
    pub end: Option<Time>,
    pub zone: Zone,
    pub place: Option<String>,
    pub address: Option<String>,
    pub link: Option<String>,
    pub organizer: Option<String>,
    pub organizer_url: Option<String>,
    pub status: Status,
    pub revision: u32,
    /// Where the start stands.
    pub span: Span,
}

impl Event {
    /// Its first and last day, in its zone.
    pub fn days(&self) -> (Date, Date) {
        let first = self.start.date();
        let last = self.end.as_ref().map_or(first, |end| match end {
            Time::Day(date) => *date,
            // What ends at midnight is over with the day before.
            Time::At(moment) if is_midnight(moment) && moment.date() > first => {
                moment.date().plus_days(-1)
            }
            Time::At(moment) => moment.date(),
        });
        (first, last)
    }

    /// Sorts events by their beginning; what lasts the whole day comes before what has an hour.
    pub fn starts(&self) -> (Date, Option<Moment>) {
        match &self.start {
            Time::Day(date) => (*date, None),
            Time::At(moment) => (moment.date(), Some(moment.clone())),
        }
    }

    /// When it is, in words of a language: `Tuesday, October 12, 2027, 12:00–1:00 p.m. EDT`.
    pub fn when(&self, lang: &str) -> String {
        let (first, last) = self.days();
        match (&self.start, &self.end) {
            (Time::At(start), Some(Time::At(end))) => print_span(start, Some(end), lang),
            (Time::At(start), _) => print_span(start, None, lang),
            (Time::Day(_), _) if first == last => first.print("full", lang).unwrap_or_default(),
            (Time::Day(_), _) => print_range(first, last, lang),
        }
    }

    /// The instant at which it is over: its end, or the end of its last day where nobody says an hour.
    pub fn over_at(&self) -> Moment {
        match (&self.end, &self.start) {
            (Some(Time::At(end)), _) => end.clone(),
            _ => start_of(self.days().1.plus_days(1), &self.zone),
        }
    }
}

fn is_midnight(moment: &Moment) -> bool {
    moment.iso().contains("T00:00:00")
}

/// The first instant of a day. Where clocks go forward at midnight, the day begins with a later hour.
fn start_of(date: Date, zone: &Zone) -> Moment {
    (0..24)
        .find_map(|hour| Moment::read(&format!("{date} {hour:02}:00"), zone).ok())
        .expect("a day has an hour that exists")
}

/// Reads the settings of an event. `zone` is the site's.
pub fn read(node: &Node, file: &str, zone: &Zone, problems: &mut Vec<Diagnostic>) -> Option<Event> {
    let fields = Fields::read(node, file, &EVENT, problems);
    if !matches!(node.value, Value::Map(_)) {
        return None;
    }
    let span_of = |name: &str| fields.get(name).map(|node| node.span).unwrap_or(node.span);
    let zone = match fields.text("zone", problems) {
        Some(name) => zone_named(&name, span_of("zone"), file, problems)?,
        None => zone.clone(),
    };
    let known = problems.len();
    let start = time(&fields, "start", &zone, problems);
    let end = time(&fields, "end", &zone, problems);
    if fields.get("start").is_none() {
        problems.push(
            Diagnostic::at(
                Code::MissingKey,
                file,
                node.span,
                "When is the event? \"start\" is missing.",
            )
            .hint("Write its day and hour: start: 2027-10-12 12:00"),
        );
    }
    let text = |name: &str, problems: &mut Vec<Diagnostic>| {
        fields.text(name, problems).map(|text| text.trim().to_string()).filter(|t| !t.is_empty())
    };
    let mut event = Event {
        place: text("place", problems),
        address: text("address", problems),
        link: text("link", problems),
        organizer: text("organizer", problems),
        organizer_url: text("organizer_url", problems),
        status: status(&fields, problems),
        revision: revision(&fields, problems).unwrap_or_default(),
        span: span_of("start"),
        start: start.clone().unwrap_or(Time::Day(crate::calendar::EPOCH)),
        end: None,
        zone,
    };
    for (name, url) in [("link", &event.link), ("organizer_url", &event.organizer_url)] {
        if let Some(url) = url {
            check_web_address(url, file, span_of(name), problems);
        }
    }
    if event.place.is_none() && event.link.is_none() && problems.len() == known {
        problems.push(
            Diagnostic::at(
                Code::MissingKey,
                file,
                event.span,
                "Where is the event? It has neither \"place\" nor \"link\".",
            )
            .hint("Write place: Main hall, or link: https://… for an event on the web."),
        );
    }
    let start = start?;
    event.end = end.filter(|end| check_order(&start, end, span_of("end"), file, problems));
    Some(event)
}

/// Whether the end fits the start.
fn check_order(
    start: &Time,
    end: &Time,
    span: Span,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) -> bool {
    let (message, hint) = match (start, end) {
        _ if start.date().days_until(end.date()) > 366 => (
            "The event ends more than a year after it begins.",
            "Change \"start\" or \"end\".".to_string(),
        ),
        (Time::Day(a), Time::Day(b)) if a <= b => return true,
        (Time::At(a), Time::At(b)) if a < b => return true,
        (Time::At(a), Time::At(b)) if a == b => (
            "The event ends when it begins.",
            "Write the hour at which it is over, or take \"end\" out if nobody knows.".to_string(),
        ),
        (Time::Day(_), Time::Day(_)) | (Time::At(_), Time::At(_)) => {
            ("The event ends before it begins.", "Change \"start\" or \"end\".".into())
        }
        (Time::Day(day), Time::At(_)) => (
            "The end has an hour, and the start has none.",
            format!("Write both with an hour (start: {day} 12:00), or both without."),
        ),
        (Time::At(_), Time::Day(day)) => (
            "The start has an hour, and the end has none.",
            format!("Write both with an hour (end: {day} 13:00), or both without."),
        ),
    };
    problems.push(Diagnostic::at(Code::BadValue, file, span, message).hint(hint));
    false
}

fn status(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Status {
    let all = [Status::Scheduled, Status::Cancelled, Status::Postponed];
    let Some(word) = fields.text("status", problems) else { return Status::Scheduled };
    // Both ways of spelling it are right.
    let word = if word == "canceled" { "cancelled" } else { word.as_str() };
    all.into_iter().find(|status| status.word() == word).unwrap_or_else(|| {
        let span = fields.get("status").map(|node| node.span).unwrap_or_default();
        let near = crate::diag::nearest(word, STATUSES);
        let hint = match near {
            Some(near) => format!("Did you mean {near}?"),
            None => format!("Write one of {}.", crate::diag::list(STATUSES)),
        };
        let message = format!("\"{word}\" is no state of an event.");
        problems.push(Diagnostic::at(Code::BadValue, fields.file(), span, message).hint(hint));
        Status::Scheduled
    })
}

fn time(
    fields: &Fields<'_>,
    name: &str,
    zone: &Zone,
    problems: &mut Vec<Diagnostic>,
) -> Option<Time> {
    let node = fields.get(name)?;
    let Some(text) = node.text() else {
        return fields.wrong(name, node, "a day, or a day and an hour", problems);
    };
    read_time(text, zone)
        .map_err(|error| {
            problems.push(
                Diagnostic::at(Code::BadDate, fields.file(), node.span, error.message)
                    .hint(error.hint),
            );
        })
        .ok()
}

/// Reads a day, or a day and an hour in `zone`.
///
/// # Errors
/// Says what is wrong with it and what to write.
pub fn read_time(text: &str, zone: &Zone) -> Result<Time, NotADate> {
    let has_hour = text.contains(':') || text.to_lowercase().trim_end_matches('.').ends_with('m');
    if has_hour { Moment::read(text, zone).map(Time::At) } else { Date::read(text).map(Time::Day) }
}

fn zone_named(name: &str, span: Span, file: &str, problems: &mut Vec<Diagnostic>) -> Option<Zone> {
    let found = Zone::named(name);
    if found.is_none() {
        problems.push(
            Diagnostic::at(
                Code::BadValue,
                file,
                span,
                format!("There is no time zone \"{name}\"."),
            )
            .hint("Write a name of the IANA list, such as America/New_York or Europe/Madrid."),
        );
    }
    found
}
