//! Owns calendar dates: reading what an editor writes, printing it in a language, and the rule that
//! says when an observance is in any year. A calendar date never becomes a timestamp; time zones are for
//! [`today_in`], for when a day ends and for [`Moment`]. Must not know pages, files or templates.

pub mod moment;
pub mod pattern;
pub mod zone;

use std::hash::{Hash, Hasher};

pub use jiff::civil::Weekday;
use jiff::civil::{self, date};
pub use moment::{Moment, print_span};
pub use zone::Shift;

/// A calendar date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(civil::Date);

impl Hash for Date {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.year(), self.0.month(), self.0.day()).hash(state);
    }
}

impl std::fmt::Debug for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// ISO 8601: `2027-10-10`.
impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // By hand: every page and every list prints dates, and the formatter's padding is slow.
        let (year, month, day) = (self.0.year(), self.0.month(), self.0.day());
        let Ok(year) = u16::try_from(year) else {
            return write!(f, "{year:04}-{month:02}-{day:02}");
        };
        let digit = |number: u16| b'0' + (number % 10) as u8;
        let mut text = *b"0000-00-00";
        for (place, over) in [(0, 1000), (1, 100), (2, 10), (3, 1)] {
            text[place] = digit(year / over);
        }
        for (place, number) in [(5, month), (8, day)] {
            text[place] = digit(u16::from(number.unsigned_abs()) / 10);
            text[place + 1] = digit(number.unsigned_abs().into());
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Why a text is not a date, and what to write.
#[derive(Debug, PartialEq, Eq)]
pub struct NotADate {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl Date {
    /// The date, if there is such a day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Date> {
        civil::Date::new(year, month, day).ok().map(Date)
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }
    /// The month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }
    /// The day of the month, from 1.
    pub fn day(self) -> i8 {
        self.0.day()
    }
    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        self.0.weekday()
    }

    /// So many days later (or earlier); stops at the ends of the calendar.
    pub fn plus_days(self, days: i64) -> Date {
        Date(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// Days from `self` to `other`.
    pub fn days_until(self, other: Date) -> i64 {
        i64::from((other.0 - self.0).get_days())
    }

    /// Reads `2026-10-12`, `12 October 2026`, `Oct 12, 2026`. `12/10/2026` is refused, because half the
    /// world reads it one way and half the other.
    ///
    /// # Errors
    /// Says why the text is no date, and what to write.
    pub fn read(text: &str) -> Result<Date, NotADate> {
        let text = text.trim();
        let read =
            |text: &str| read_iso(text).or_else(|| read_slashes(text)).or_else(|| read_words(text));
        read(text).or_else(|| read_weekday(text)).unwrap_or_else(|| {
            let bare = text.trim_matches(|c| "“”„‘’".contains(c));
            let hint = match read(bare) {
                Some(Ok(_)) if bare != text => {
                    format!("Leave out the curly quotation marks: {bare}")
                }
                _ => near_date(text)
                    .unwrap_or_else(|| "Write it as 2026-10-12 or 12 October 2026.".into()),
            };
            Err(NotADate { message: format!("\"{text}\" is not a date."), hint })
        })
    }

    /// Prints the date by a named format (`long`, `short`, `full`, `iso`, `day`) or a strftime pattern.
    ///
    /// # Errors
    /// Says that the pattern is not understood.
    pub fn print(self, format: &str, lang: &str) -> Result<String, String> {
        let words = Words::of(lang);
        let (y, m, d) = (self.year(), words.months[self.month() as usize - 1], self.day());
        let weekday = words.weekdays[self.weekday().to_sunday_zero_offset() as usize];
        Ok(match (format, words.day_first) {
            ("iso", _) => self.to_string(),
            ("long", false) => format!("{m} {d}, {y}"),
            ("long", true) => format!("{d} de {m} de {y}"),
            ("full", false) => format!("{weekday}, {m} {d}, {y}"),
            ("full", true) => format!("{weekday} {d} de {m} de {y}"),
            ("day", false) => format!("{m} {d}"),
            ("day", true) => format!("{d} de {m}"),
            ("short", false) => format!("{} {d}, {y}", &m[..3]),
            ("short", true) => format!("{d} {} {y}", &m[..3]),
            ("weekday", _) => weekday.to_string(),
            ("month", _) => m.to_string(),
            ("year", _) => y.to_string(),
            (pattern, _) if pattern.contains('%') => {
                jiff::fmt::strtime::format(pattern, self.0).map_err(|_| unknown_format(pattern))?
            }
            (other, _) => return Err(unknown_format(other)),
        })
    }
}

fn unknown_format(format: &str) -> String {
    format!(
        "\"{format}\" is not a date format; use long, short, full, day, iso, weekday, month, year or a pattern such as %Y-%m-%d"
    )
}

fn impossible(year: i16, month: i8, day: i8) -> NotADate {
    let days = date_or_none(year, month, 1).map(|first| first.days_in_month());
    let message = match days {
        None if !(1..=12).contains(&month) => format!("There is no month {month}."),
        _ => format!("There is no day {year:04}-{month:02}-{day:02}."),
    };
    let hint = match (days, Date::new(year, day, month)) {
        (Some(days), _) => format!("That month has {days} days."),
        (None, Some(turned)) => format!("The month comes before the day: did you mean {turned}?"),
        (None, None) => "Write year, month and day: 2026-10-12.".into(),
    };
    NotADate { message, hint }
}

fn date_or_none(year: i16, month: i8, day: i8) -> Option<civil::Date> {
    civil::Date::new(year, month, day).ok()
}

fn checked(year: i16, month: i8, day: i8) -> Result<Date, NotADate> {
    Date::new(year, month, day).ok_or_else(|| impossible(year, month, day))
}

fn read_iso(text: &str) -> Option<Result<Date, NotADate>> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if day.len() > 2 && day.as_bytes().get(2).is_some_and(|b| matches!(b, b'T' | b' ')) {
        return Some(Err(NotADate {
            message: "A time of day stands here, but this setting is a date.".into(),
            hint: format!("Write only the date: {}.", &text[..10.min(text.len())]),
        }));
    }
    Some(checked(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

fn read_slashes(text: &str) -> Option<Result<Date, NotADate>> {
    let separator = ['/', '.'].into_iter().find(|c| text.contains(*c))?;
    let parts: Vec<i16> =
        text.split(separator).map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    let [a, b, year] = parts[..] else { return None };
    if a > 31 {
        // The year first is read in one way only.
        return Some(checked(a, i8::try_from(b).ok()?, i8::try_from(year).ok()?));
    }
    let year = if (0..100).contains(&year) { 2000 + year } else { year };
    let as_date =
        |month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let shown = |d: Date| format!("{d} ({})", d.print("long", "en").unwrap_or_default());
    let (message, hint) = match (as_date(a, b), as_date(b, a)) {
        (None, None) => return None,
        (Some(one), Some(two)) if one != two => (
            format!("\"{text}\" can be read in two ways."),
            format!("Write {} or {}.", shown(one), shown(two)),
        ),
        (one, two) => (
            format!("A date like \"{text}\" is not read alike everywhere."),
            one.or(two).map(|date| format!("Write {}.", shown(date))).unwrap_or_default(),
        ),
    };
    Some(Err(NotADate { message, hint }))
}

fn read_words(text: &str) -> Option<Result<Date, NotADate>> {
    let words: Vec<&str> =
        text.split([' ', ',', '\u{a0}']).filter(|w| !w.is_empty() && *w != "de").collect();
    let [a, b, year] = words[..] else { return None };
    let year: i16 = year.parse().ok().filter(|_| year.len() == 4)?;
    let (month, day) = match (month_named(a), month_named(b)) {
        (Some(month), None) => (month, b),
        (None, Some(month)) => (month, a),
        _ => return None,
    };
    let digits: String = day.chars().take_while(char::is_ascii_digit).collect();
    if !["", "st", "nd", "rd", "th", "."].contains(&&day[digits.len()..]) {
        return None;
    }
    Some(checked(year, month, digits.parse().ok()?))
}

/// `Monday, October 12, 2026`: a day of the week does no harm where it is the right one.
fn read_weekday(text: &str) -> Option<Result<Date, NotADate>> {
    let (word, rest) = text.split_once([',', ' '])?;
    let wanted = weekday_named(word)?;
    let date = match read_words(rest.trim())? {
        Ok(date) => date,
        Err(error) => return Some(Err(error)),
    };
    let named = |date: Date| date.print("weekday", "en").unwrap_or_default();
    Some(if date.weekday() == wanted {
        Ok(date)
    } else {
        Err(NotADate {
            message: format!(
                "{} is a {}, not a {}.",
                date.print("long", "en").unwrap_or_default(),
                named(date),
                crate::slug::capital(word)
            ),
            hint: format!("Correct one of the two, or leave the day of the week out: {date}"),
        })
    })
}

/// What was meant by a date with a slip: a month misspelt, a month without a day.
fn near_date(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    if let [month, year] = words[..]
        && month_named(month).is_some()
        && year.len() == 4
    {
        return Some(format!("The day is missing: write it as 1 {month} {year}."));
    }
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let odd = words.iter().position(|word| !is_number(word) && month_named(word).is_none())?;
    let near = crate::diag::nearest(words[odd], ENGLISH.months.into_iter().chain(SPANISH.months))?;
    let mut meant = words.clone();
    meant[odd] = near;
    let meant = meant.join(" ");
    read_words(&meant)?.ok().map(|_| format!("Did you mean {meant}?"))
}

/// The month by its name or first three letters, in the languages that weekmark knows.
pub fn month_named(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_lowercase();
    if word.len() < 3 {
        return None;
    }
    [&ENGLISH, &SPANISH].into_iter().find_map(|words| {
        let at = words.months.iter().position(|month| month.to_lowercase().starts_with(&word))?;
        i8::try_from(at + 1).ok()
    })
}

/// The day of the week by its English name or first three letters.
pub fn weekday_named(word: &str) -> Option<Weekday> {
    let word = word.to_lowercase();
    if word.len() < 3 {
        return None;
    }
    let at = ENGLISH.weekdays.iter().position(|day| day.to_lowercase().starts_with(&word))?;
    Weekday::from_sunday_zero_offset(i8::try_from(at).ok()?).ok()
}

struct Words {
    months: [&'static str; 12],
    weekdays: [&'static str; 7],
    day_first: bool,
}

const ENGLISH: Words = Words {
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    weekdays: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    day_first: false,
};

const SPANISH: Words = Words {
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    weekdays: ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
    day_first: true,
};

impl Words {
    fn of(lang: &str) -> &'static Words {
        if lang == "es" || lang.starts_with("es-") { &SPANISH } else { &ENGLISH }
    }
}

/// A first and a last day as one text: `October 10–16, 2027`.
pub fn print_range(first: Date, last: Date, lang: &str) -> String {
    let words = Words::of(lang);
    let month = |d: Date| words.months[d.month() as usize - 1];
    let (y1, y2, d1, d2) = (first.year(), last.year(), first.day(), last.day());
    let (m1, m2) = (month(first), month(last));
    let same_year = y1 == y2;
    let same_month = same_year && m1 == m2;
    match (words.day_first, same_month, same_year) {
        _ if first == last => first.print("long", lang).unwrap_or_default(),
        (false, true, _) => format!("{m1} {d1}–{d2}, {y1}"),
        (false, false, true) => format!("{m1} {d1} – {m2} {d2}, {y1}"),
        (false, false, false) => format!("{m1} {d1}, {y1} – {m2} {d2}, {y2}"),
        (true, true, _) => format!("{d1}–{d2} de {m1} de {y1}"),
        (true, false, true) => format!("{d1} de {m1} – {d2} de {m2} de {y1}"),
        (true, false, false) => format!("{d1} de {m1} de {y1} – {d2} de {m2} de {y2}"),
    }
}

/// When an observance is, for any year.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The n-th week of the month that lies wholly in it; weeks begin on `starts`.
    FullWeek {
        /// 1 to 4, or -1 for the last.
        nth: i8,
        /// 1 to 12.
        month: i8,
        /// 0 is Sunday.
        starts: i8,
    },
    /// The n-th such weekday of the month, and `days` days from it.
    NthWeekday {
        /// 1 to 5, or -1 for the last.
        nth: i8,
        /// 0 is Sunday.
        weekday: i8,
        /// 1 to 12.
        month: i8,
        /// Length in days, from 1; may reach beyond the month and the year.
        days: i16,
    },
    /// The week that holds a date; weeks begin on `starts`. It belongs to the year of that date, even where it
    /// begins or ends in another.
    WeekOf {
        /// 1 to 12.
        month: i8,
        /// Day of the month.
        day: i8,
        /// 0 is Sunday.
        starts: i8,
    },
    /// A whole month.
    Month {
        /// 1 to 12.
        month: i8,
    },
    /// From one day to another of every year; over New Year when the second comes first. To February 29 is to the
    /// end of February.
    Fixed {
        /// Month and day.
        from: (i8, i8),
        /// Month and day.
        to: (i8, i8),
    },
    /// Only when somebody has announced it: no year has dates of its own accord.
    Announced,
}

impl Rule {
    /// First and last day in `year`; `None` where the rule has no such day (a fifth Monday, say, or a first day that is
    /// February 29). A span over New Year belongs to the year in which it begins, but a week that holds a
    /// date to the year of that date.
    pub fn span(&self, year: i16) -> Option<(Date, Date)> {
        match *self {
            Rule::FullWeek { nth, month, starts } => {
                let first = nth_weekday(year, month, starts, nth, 7)?;
                Some((first, first.plus_days(6)))
            }
            Rule::NthWeekday { nth, weekday, month, days } => {
                let first = nth_weekday(year, month, weekday, nth, 1)?;
                Some((first, first.plus_days(i64::from(days.max(1)) - 1)))
            }
            Rule::WeekOf { month, day, starts } => {
                let held = Date::new(year, month, day)?;
                let back = (held.weekday().to_sunday_zero_offset() - starts).rem_euclid(7);
                let first = held.plus_days(-i64::from(back));
                Some((first, first.plus_days(6)))
            }
            Rule::Month { month } => {
                let first = Date::new(year, month, 1)?;
                Some((first, Date(first.0.last_of_month())))
            }
            Rule::Fixed { from, to } => {
                let first = Date::new(year, from.0, from.1)?;
                let last_year = if to < from { year + 1 } else { year };
                // In a year without February 29 whoever counts to that day means the end of the month.
                let last =
                    Date::new(last_year, to.0, to.1).or(Date::new(last_year, to.0, to.1 - 1));
                Some((first, last?))
            }
            Rule::Announced => None,
        }
    }

    /// Whether it has dates in any year at all. The calendar repeats after 400 years.
    pub fn is_possible(&self) -> bool {
        *self == Rule::Announced || (2000..2400).any(|year| self.span(year).is_some())
    }
}

/// The n-th `weekday` (0 is Sunday) of a month from which `length` days still fit into the month;
/// `nth` -1 is the last.
fn nth_weekday(year: i16, month: i8, weekday: i8, nth: i8, length: i64) -> Option<Date> {
    let first = Date::new(year, month, 1)?;
    let ahead = (weekday - first.weekday().to_sunday_zero_offset()).rem_euclid(7);
    let starts: Vec<Date> = (0..5)
        .map(|week| first.plus_days(i64::from(ahead) + 7 * week))
        .filter(|start| start.plus_days(length - 1).month() == month)
        .collect();
    let at = if nth < 0 { starts.len().checked_sub(1)? } else { usize::try_from(nth - 1).ok()? };
    starts.get(at).copied()
}

/// A time zone of the IANA database, which is compiled in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Zone(String);

impl Default for Zone {
    fn default() -> Zone {
        Zone("UTC".into())
    }
}

impl Zone {
    /// The zone of that name, such as `America/New_York`, if there is one. Its letters may be small or capital; what is
    /// kept is the name as the database has it, because other programs look it up.
    pub fn named(name: &str) -> Option<Zone> {
        let zone = jiff::tz::TimeZone::get(name).ok()?;
        zone.iana_name().map(|name| Zone(name.to_string()))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Today in a zone, by the machine's clock. Only the command line may ask.
#[expect(
    clippy::disallowed_methods,
    reason = "the one look at the clock, if nobody said what day it is"
)]
pub fn today_in(zone: &Zone) -> Date {
    let zone = jiff::tz::TimeZone::get(zone.name()).unwrap_or(jiff::tz::TimeZone::UTC);
    Date(jiff::Timestamp::now().to_zoned(zone).date())
}

/// The moment at which a day is over in a zone; none at the end of the calendar.
pub fn end_of_day(date: Date, zone: &Zone) -> Option<std::time::SystemTime> {
    let zone = jiff::tz::TimeZone::get(zone.name()).unwrap_or(jiff::tz::TimeZone::UTC);
    // The first moment of the next day: where clocks go forward at midnight, that is not 00:00.
    let next = date.0.tomorrow().ok()?.to_zoned(zone).ok()?.start_of_day().ok()?;
    Some(next.timestamp().into())
}

/// A day far in the past: the first that weekmark counts from.
pub const EPOCH: Date = Date(date(1970, 1, 1));

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Date {
        Date::read(text).expect("a date")
    }

    #[test]
    fn a_day_ends_at_midnight_of_its_zone() {
        let seconds = |date: &str, zone: &str| {
            let end = end_of_day(d(date), &Zone::named(zone).unwrap()).unwrap();
            end.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
        };
        // 2027-10-13T04:00:00Z; by then, clocks in New York have not gone back yet.
        assert_eq!(seconds("2027-10-12", "America/New_York"), 1_823_400_000);
        assert_eq!(seconds("2027-10-12", "UTC"), 1_823_400_000 - 4 * 3600);
        // 25 hours: clocks go back on this day.
        let day =
            seconds("2027-11-07", "America/New_York") - seconds("2027-11-06", "America/New_York");
        assert_eq!(day, 25 * 3600);
        // Clocks went forward at midnight: the day began at one o'clock.
        let day =
            seconds("2017-10-15", "America/Sao_Paulo") - seconds("2017-10-14", "America/Sao_Paulo");
        assert_eq!(day, 23 * 3600);
        assert_eq!(end_of_day(d("9999-12-31"), &Zone::named("UTC").unwrap()), None);
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "2026-10-12",
            "12 October 2026",
            "Oct 12, 2026",
            "October 12th, 2026",
            "12 de octubre de 2026",
        ] {
            assert_eq!(d(text).to_string(), "2026-10-12", "{text}");
        }
    }

    #[test]
    fn an_ambiguous_date_is_refused_with_both_readings() {
        let error = Date::read("12/10/2026").expect_err("ambiguous");
        assert_eq!(
            error.hint,
            "Write 2026-12-10 (December 10, 2026) or 2026-10-12 (October 12, 2026)."
        );
    }

    #[test]
    fn an_impossible_date_says_how_long_the_month_is() {
        let error = Date::read("2026-02-30").expect_err("impossible");
        assert_eq!(error.hint, "That month has 28 days.");
    }

    #[test]
    fn the_second_full_week_agrees_with_the_dated_evidence() {
        let rule = Rule::FullWeek { nth: 2, month: 10, starts: 0 };
        for (year, first, last) in [
            (1999, "1999-10-10", "1999-10-16"),
            (2011, "2011-10-09", "2011-10-15"),
            (2013, "2013-10-13", "2013-10-19"),
            (2014, "2014-10-12", "2014-10-18"),
            (2017, "2017-10-08", "2017-10-14"),
            (2022, "2022-10-09", "2022-10-15"),
            (2024, "2024-10-13", "2024-10-19"),
            (2027, "2027-10-10", "2027-10-16"),
            (2028, "2028-10-08", "2028-10-14"),
        ] {
            assert_eq!(rule.span(year), Some((d(first), d(last))));
        }
    }

    #[test]
    fn ranges_read_well() {
        assert_eq!(print_range(d("2027-10-10"), d("2027-10-16"), "en"), "October 10–16, 2027");
        assert_eq!(
            print_range(d("2027-10-31"), d("2027-11-06"), "en"),
            "October 31 – November 6, 2027"
        );
        assert_eq!(print_range(d("2027-10-10"), d("2027-10-16"), "es"), "10–16 de octubre de 2027");
    }

    fn span(rule: &Rule, year: i16) -> Option<(String, String)> {
        rule.span(year).map(|(first, last)| (first.to_string(), last.to_string()))
    }

    fn days(first: &str, last: &str) -> Option<(String, String)> {
        Some((first.into(), last.into()))
    }

    #[test]
    fn a_fifth_weekday_is_not_in_every_month() {
        let rule = Rule::NthWeekday { nth: 5, weekday: 1, month: 10, days: 1 };
        assert_eq!(span(&rule, 2027), None);
        assert_eq!(span(&rule, 2028), days("2028-10-30", "2028-10-30"));
    }

    #[test]
    fn a_long_observance_goes_on_beyond_its_month_and_year() {
        let rule = |days| Rule::NthWeekday { nth: -1, weekday: 1, month: 12, days };
        assert_eq!(span(&rule(45), 2027), days("2027-12-27", "2028-02-09"));
        assert_eq!(span(&rule(366), 2027), days("2027-12-27", "2028-12-26"));
    }

    #[test]
    fn the_week_of_a_date_belongs_to_the_year_of_that_date() {
        let rule = |month, day| Rule::WeekOf { month, day, starts: 0 };
        assert_eq!(span(&rule(1, 1), 2027), days("2026-12-27", "2027-01-02"));
        assert_eq!(span(&rule(12, 31), 2027), days("2027-12-26", "2028-01-01"));
        assert_eq!(span(&rule(2, 29), 2027), None);
        assert_eq!(span(&rule(2, 29), 2028), days("2028-02-27", "2028-03-04"));
    }

    #[test]
    fn the_end_of_february_is_in_every_year_and_its_29th_is_not() {
        let rule = |from, to| Rule::Fixed { from, to };
        assert_eq!(span(&rule((2, 1), (2, 29)), 2027), days("2027-02-01", "2027-02-28"));
        assert_eq!(span(&rule((2, 1), (2, 29)), 2028), days("2028-02-01", "2028-02-29"));
        assert_eq!(span(&rule((12, 28), (2, 29)), 2026), days("2026-12-28", "2027-02-28"));
        assert_eq!(span(&rule((2, 29), (2, 29)), 2027), None);
        assert_eq!(span(&rule((2, 29), (3, 2)), 2027), None);
        assert_eq!(span(&rule((5, 6), (5, 5)), 2027), days("2027-05-06", "2028-05-05"));
    }

    #[test]
    fn a_span_over_new_year_ends_in_the_next() {
        let rule = Rule::Fixed { from: (12, 28), to: (1, 3) };
        assert_eq!(rule.span(2026), Some((d("2026-12-28"), d("2027-01-03"))));
    }
}
