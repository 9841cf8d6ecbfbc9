//! Owns the text of calendar files: iCalendar (RFC 5545) with the properties of RFC 7986. The same calendar
//! always gives the same bytes. Must not know pages, observances or where a file goes.

use std::collections::BTreeMap;

use crate::calendar::{Date, Moment, Shift, Zone};

/// The most octets of a line, without its end (RFC 5545, section 3.1).
const LINE: usize = 75;

/// A calendar: one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// What a calendar program shows as its name.
    pub name: String,
    /// One or two sentences about it.
    pub description: Option<String>,
    /// The full address at which one can subscribe to it (RFC 7986, sections 5.5 and 5.8).
    pub url: Option<String>,
    /// One is meant to subscribe to it: programs are asked to look once a day (RFC 7986, section 5.7).
    pub refresh: bool,
    /// The IANA name of the zone in which the calendar is best shown.
    pub zone: Option<String>,
    /// What is in it, in the order of the file.
    pub entries: Vec<Entry>,
}

/// One event (RFC 5545, section 3.6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Names the event for all time, on all calendars; an event that is imported again replaces the one with its name.
    pub uid: String,
    /// The day on which it was written or last changed, never the day of a build.
    pub stamp: Date,
    /// Counts the changes that matter to whoever has the event: 0 at first.
    pub sequence: u32,
    /// When it is.
    pub when: When,
    /// Its title.
    pub summary: String,
    /// What it is, as plain text; may have several lines.
    pub description: Option<String>,
    /// Where it is, as plain text.
    pub location: Option<String>,
    /// The full address of a page about it.
    pub url: Option<String>,
    /// Whether it takes place.
    pub status: Status,
    /// Whether it takes the time of whoever has it in the calendar; an observance does not.
    pub busy: bool,
    /// Words by which programs sort events.
    pub categories: Vec<String>,
}

/// When an event is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Whole days, wherever one is.
    Days {
        /// The first day.
        first: Date,
        /// The last day itself, not the one after.
        last: Date,
    },
    /// Times of day. An end that is not later than the start is left out.
    Times {
        /// When it begins.
        start: Moment,
        /// When it ends, if that is known.
        end: Option<Moment>,
    },
}

/// Whether an event takes place (RFC 5545, section 3.8.1.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Confirmed,
    /// The dates may still change.
    Tentative,
    /// It does not, and programs strike it out.
    Cancelled,
}

impl Calendar {
    /// The calendar as a file, `text/calendar` in UTF-8. Control characters in texts are left out.
    pub fn text(&self) -> String {
        let mut lines = Lines::default();
        lines.add("BEGIN", "VCALENDAR");
        lines.add("VERSION", "2.0");
        // Without the number of the version: an upgrade must not change every file.
        lines.add("PRODID", "-//weekmark//weekmark//EN");
        lines.add("CALSCALE", "GREGORIAN");
        // For everybody, and nobody has to answer (RFC 5546, section 1.4).
        // RFC 7986, sections 5.1 and 5.2, each with the older name that most programs know.
        for name in ["NAME", "X-WR-CALNAME"] {
            lines.add(name, &escaped(&self.name));
        }
        for name in ["DESCRIPTION", "X-WR-CALDESC"] {
            lines.add_text(name, self.description.as_deref());
        }
        if let Some(zone) = &self.zone {
            lines.add("X-WR-TIMEZONE", &escaped(zone));
        }
        if let Some(url) = &self.url {
            lines.add("URL", &clean(url));
            lines.add("SOURCE;VALUE=URI", &clean(url));
        }
        if self.refresh {
            lines.add("REFRESH-INTERVAL;VALUE=DURATION", "P1D");
            lines.add("X-PUBLISHED-TTL", "P1D");
        }
        for (zone, (first, last)) in self.zones() {
            lines.add_zone(zone, &zone.shifts(first, last));
        }
        for entry in &self.entries {
            lines.add_entry(entry);
        }
        lines.add("END", "VCALENDAR");
        lines.0
    }

    /// The zones that need a definition (RFC 5545, section 3.6.5), by name, with the first and the last moment in each.
    fn zones(&self) -> Vec<(&Zone, (&Moment, &Moment))> {
        let mut zones: BTreeMap<&str, (&Zone, (&Moment, &Moment))> = BTreeMap::new();
        for entry in &self.entries {
            if entry.when.is_in_utc() {
                continue;
            }
            for moment in entry.when.moments() {
                let zone = moment.zone();
                if zone.is_utc() {
                    continue;
                }
                let (_, span) = zones.entry(zone.name()).or_insert((zone, (moment, moment)));
                *span = (span.0.min(moment), span.1.max(moment));
            }
        }
        zones.into_values().collect()
    }
}

/// The lines of a file, folded, each with its end.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Adds `NAME:value`, folded: a line has at most 75 octets, a line that begins with a space goes on with the one
    /// before (RFC 5545, section 3.1). No character is cut in two.
    fn add(&mut self, name: &str, value: &str) {
        let mut room = LINE;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE - 1;
            }
            self.0.push(c);
            room -= c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// Adds a property of type TEXT, if there is something in it.
    fn add_text(&mut self, name: &str, text: Option<&str>) {
        let text = text.map(escaped).filter(|text| !text.is_empty());
        if let Some(text) = text {
            self.add(name, &text);
        }
    }

    /// Every change of the clocks as it is in the database, instead of a rule: rules change, and what a rule says of
    /// a year in which it did not hold is wrong.
    fn add_zone(&mut self, zone: &Zone, shifts: &[Shift]) {
        self.add("BEGIN", "VTIMEZONE");
        self.add("TZID", zone.name());
        for shift in shifts {
            let kind = if shift.summer { "DAYLIGHT" } else { "STANDARD" };
            self.add("BEGIN", kind);
            // By the clock before the change (RFC 5545, section 3.6.5).
            self.add("DTSTART", &basic(&shift.local));
            self.add("TZOFFSETFROM", &offset(shift.from));
            self.add("TZOFFSETTO", &offset(shift.to));
            self.add("TZNAME", &escaped(&shift.abbreviation));
            self.add("END", kind);
        }
        self.add("END", "VTIMEZONE");
    }

    fn add_entry(&mut self, entry: &Entry) {
        let stamp = format!("{}T000000Z", basic(&entry.stamp.to_string()));
        self.add("BEGIN", "VEVENT");
        self.add("UID", &escaped(&entry.uid));
        self.add("DTSTAMP", &stamp);
        self.add("LAST-MODIFIED", &stamp);
        self.add("SEQUENCE", &entry.sequence.to_string());
        match &entry.when {
            When::Days { first, last } => {
                self.add("DTSTART;VALUE=DATE", &basic(&first.to_string()));
                // The day after the last (RFC 5545, section 3.6.1).
                let after = (*last).max(*first).plus_days(1);
                self.add("DTEND;VALUE=DATE", &basic(&after.to_string()));
            }
            When::Times { .. } => {
                let is_in_utc = entry.when.is_in_utc();
                for (name, moment) in ["DTSTART", "DTEND"].into_iter().zip(entry.when.moments()) {
                    self.add_moment(name, moment, is_in_utc);
                }
            }
        }
        self.add("SUMMARY", &escaped(&entry.summary));
        self.add_text("DESCRIPTION", entry.description.as_deref());
        self.add_text("LOCATION", entry.location.as_deref());
        if let Some(url) = &entry.url {
            self.add("URL", &clean(url));
        }
        self.add("STATUS", entry.status.word());
        self.add("TRANSP", if entry.busy { "OPAQUE" } else { "TRANSPARENT" });
        let categories: Vec<String> = entry.categories.iter().map(|word| escaped(word)).collect();
        if !categories.is_empty() {
            self.add("CATEGORIES", &categories.join(","));
        }
        self.add("END", "VEVENT");
    }

    /// A date with a time (RFC 5545, section 3.3.5): in UTC with a Z, else by the clock of its zone.
    fn add_moment(&mut self, name: &str, moment: &Moment, is_in_utc: bool) {
        if is_in_utc || moment.zone().is_utc() {
            self.add(name, &basic(&moment.utc()));
        } else {
            let local = basic(&moment.iso()[..19]);
            self.add(&format!("{name};TZID={}", moment.zone().name()), &local);
        }
    }
}

impl When {
    /// The start and, if there is one that is later, the end.
    fn moments(&self) -> impl Iterator<Item = &Moment> {
        let (start, end) = match self {
            When::Days { .. } => (None, None),
            When::Times { start, end } => {
                (Some(start), end.as_ref().filter(|end| end.utc() > start.utc()))
            }
        };
        start.into_iter().chain(end)
    }

    /// A time that the clocks show twice is the first of the two (RFC 5545, section 3.3.5), but some programs
    /// take the second; in UTC there is no doubt.
    fn is_in_utc(&self) -> bool {
        self.moments().any(Moment::comes_twice)
    }
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Confirmed => "CONFIRMED",
            Status::Tentative => "TENTATIVE",
            Status::Cancelled => "CANCELLED",
        }
    }
}

/// ISO 8601 without its signs, as RFC 5545 has it: `20271012T120000`.
fn basic(text: &str) -> String {
    text.chars().filter(|c| !"-:".contains(*c)).collect()
}

/// An offset from UTC (RFC 5545, section 3.3.14): `-0400`, or `+HHMMSS` where it has seconds.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let tail = if rest == 0 { String::new() } else { format!("{rest:02}") };
    format!("{sign}{hours:02}{minutes:02}{tail}")
}

/// A value of type TEXT (RFC 5545, section 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\r' if chars.peek() == Some(&'\n') => {}
            // Readers that split lines by Unicode's rules would end the line at any of these.
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            // A tab at the beginning of a folded line is easily taken for the fold itself.
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// An address is not escaped (RFC 5545, section 3.3.13), but must stay on its line.
fn clean(url: &str) -> String {
    url.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::read(text).unwrap()
    }

    fn moment(text: &str, zone: &str) -> Moment {
        Moment::read(text, &Zone::named(zone).unwrap()).unwrap()
    }

    fn entry(when: When) -> Entry {
        Entry {
            uid: "week-2027@example.org".into(),
            stamp: day("2026-11-22"),
            sequence: 0,
            when,
            summary: "The Week".into(),
            description: None,
            location: None,
            url: None,
            status: Status::Confirmed,
            busy: false,
            categories: Vec::new(),
        }
    }

    fn calendar(entries: Vec<Entry>) -> Calendar {
        let name = "Weeks".into();
        Calendar { name, description: None, url: None, refresh: false, zone: None, entries }
    }

    fn week() -> When {
        When::Days { first: day("2027-10-10"), last: day("2027-10-16") }
    }

    /// The lines as they were before they were folded.
    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split_terminator("\r\n").map(String::from).collect()
    }

    fn values(text: &str, name: &str) -> Vec<String> {
        let named = |line: String| line.strip_prefix(name).map(String::from);
        unfolded(text).into_iter().filter_map(named).collect()
    }

    #[test]
    fn a_week_is_whole_days_and_ends_on_the_day_after() {
        assert_eq!(
            calendar(vec![entry(week())]).text().split("\r\n").collect::<Vec<_>>(),
            [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:-//weekmark//weekmark//EN",
                "CALSCALE:GREGORIAN",
                "NAME:Weeks",
                "X-WR-CALNAME:Weeks",
                "BEGIN:VEVENT",
                "UID:week-2027@example.org",
                "DTSTAMP:20261122T000000Z",
                "LAST-MODIFIED:20261122T000000Z",
                "SEQUENCE:0",
                "DTSTART;VALUE=DATE:20271010",
                "DTEND;VALUE=DATE:20271017",
                "SUMMARY:The Week",
                "STATUS:CONFIRMED",
                "TRANSP:TRANSPARENT",
                "END:VEVENT",
                "END:VCALENDAR",
                "",
            ]
        );
    }

    #[test]
    fn a_feed_says_where_it_is_and_how_often_to_look() {
        let feed = Calendar {
            url: Some("https://example.org/calendar/all.ics?a=1,2;b".into()),
            description: Some("All weeks, one by one".into()),
            refresh: true,
            zone: Some("America/New_York".into()),
            ..calendar(Vec::new())
        };
        let lines = unfolded(&feed.text());
        for line in [
            "DESCRIPTION:All weeks\\, one by one",
            "X-WR-CALDESC:All weeks\\, one by one",
            "X-WR-TIMEZONE:America/New_York",
            "URL:https://example.org/calendar/all.ics?a=1,2;b",
            "SOURCE;VALUE=URI:https://example.org/calendar/all.ics?a=1,2;b",
            "REFRESH-INTERVAL;VALUE=DURATION:P1D",
            "X-PUBLISHED-TTL:P1D",
        ] {
            assert!(lines.iter().any(|found| found == line), "{line}");
        }
    }

    #[test]
    fn texts_cannot_leave_their_line() {
        let nasty = Entry {
            summary: "a\\b;c,d\r\nEND:VEVENT\re\u{85}f\u{2028}g\u{0}h\u{7f}i\tj".into(),
            url: Some("https://example.org/\r\nEND:VEVENT".into()),
            uid: "x\ny".into(),
            categories: vec!["One, two".into(), "Three".into()],
            description: Some("\u{7}".into()),
            ..entry(week())
        };
        let text = calendar(vec![nasty]).text();
        assert_eq!(values(&text, "SUMMARY:"), ["a\\\\b\\;c\\,d\\nEND:VEVENT\\ne\\nf\\nghi j"]);
        assert_eq!(values(&text, "URL:"), ["https://example.org/END:VEVENT"]);
        assert_eq!(values(&text, "UID:"), ["x\\ny"]);
        assert_eq!(values(&text, "CATEGORIES:"), ["One\\, two,Three"]);
        assert_eq!(values(&text, "END:VEVENT").len(), 1);
        assert!(values(&text, "DESCRIPTION").is_empty());
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        for c in ["a", "é", "–", "🎉", "👩‍⚕️", "\\"] {
            for before in 0..6 {
                let summary = format!("{}{}", "x".repeat(before), c.repeat(90));
                let text =
                    calendar(vec![Entry { summary: summary.clone(), ..entry(week()) }]).text();
                assert!(text.split("\r\n").all(|line| line.len() <= 75), "{c}");
                assert!(
                    text.split("\r\n").filter(|line| line.starts_with(' ')).all(|l| l.len() > 1)
                );
                assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
                assert_eq!(values(&text, "SUMMARY:"), [summary.replace('\\', "\\\\")]);
            }
        }
        let full = Entry { summary: "x".repeat(75 - "SUMMARY:".len()), ..entry(week()) };
        assert!(!calendar(vec![full]).text().contains("\r\n "));
    }

    #[test]
    fn a_time_of_day_brings_its_zone() {
        let start = moment("2027-10-12 12:00", "America/New_York");
        let end = Some(moment("2027-10-12 13:00", "America/New_York"));
        let text = calendar(vec![entry(When::Times { start, end })]).text();
        assert_eq!(values(&text, "DTSTART;TZID="), ["America/New_York:20271012T120000"]);
        assert_eq!(values(&text, "DTEND;TZID="), ["America/New_York:20271012T130000"]);
        let zone = "BEGIN:VTIMEZONE\r\nTZID:America/New_York\r\n\
            BEGIN:DAYLIGHT\r\nDTSTART:20270314T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nEND:DAYLIGHT\r\n\
            BEGIN:STANDARD\r\nDTSTART:20271107T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\nEND:STANDARD\r\n\
            END:VTIMEZONE\r\n";
        assert!(text.contains(zone), "{text}");
    }

    #[test]
    fn each_zone_is_told_once_and_utc_never() {
        let at = |day: &str, zone: &str| {
            entry(When::Times { start: moment(&format!("{day} 12:00"), zone), end: None })
        };
        let text = calendar(vec![
            at("2029-10-12", "America/New_York"),
            at("2027-10-12", "America/New_York"),
            at("2027-10-12", "Asia/Kolkata"),
            at("2027-10-12", "UTC"),
        ])
        .text();
        assert_eq!(values(&text, "TZID:"), ["America/New_York", "Asia/Kolkata"]);
        // Spring and autumn of 2027, 2028 and 2029; and the one that stands still.
        assert_eq!(values(&text, "TZOFFSETTO:").len(), 7);
        assert_eq!(values(&text, "DTSTART:").last().unwrap(), "20271012T120000Z");
        assert!(values(&text, "DTEND").is_empty());
    }

    #[test]
    fn a_time_that_comes_twice_is_told_in_utc() {
        let at = |time: &str| moment(&format!("2027-11-07 {time}"), "America/New_York");
        let when = When::Times { start: at("00:30"), end: Some(at("01:30")) };
        let text = calendar(vec![entry(when)]).text();
        assert_eq!(values(&text, "DTSTART:"), ["20271107T043000Z"]);
        assert_eq!(values(&text, "DTEND:"), ["20271107T053000Z"]);
        assert!(!text.contains("VTIMEZONE"));
    }

    #[test]
    fn an_end_that_is_no_end_is_left_out() {
        let noon = || moment("2027-10-12 12:00", "UTC");
        let text = calendar(vec![entry(When::Times { start: noon(), end: Some(noon()) })]).text();
        assert!(values(&text, "DTEND").is_empty());
        let turned = When::Days { first: day("2027-10-12"), last: day("2027-10-10") };
        assert_eq!(
            values(&calendar(vec![entry(turned)]).text(), "DTEND;VALUE=DATE:"),
            ["20271013"]
        );
    }

    #[test]
    fn offsets_have_seconds_only_where_needed() {
        assert_eq!(offset(-4 * 3600), "-0400");
        assert_eq!(offset(5 * 3600 + 30 * 60), "+0530");
        assert_eq!(offset(0), "+0000");
        assert_eq!(offset(-(75 * 60 + 12)), "-011512");
    }
}
