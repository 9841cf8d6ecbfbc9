//! Owns a time of day on a date, in a time zone: reading what an editor writes, and printing it. Must not know what
//! happens at that time.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use jiff::tz::AmbiguousOffset;
use jiff::{Timestamp, Zoned};

use super::zone::shown_abbreviation;
use super::{Date, NotADate, Words, Zone};

/// A wall-clock date and time, to the minute, in a zone of the IANA database.
#[derive(Clone)]
pub struct Moment {
    at: Zoned,
    zone: Zone,
}

impl Moment {
    /// Reads `2027-10-12 12:00`, `2027-10-12T12:00`, `October 12, 2027, 12:30 p.m.`, `12 October 2027 18:00`, as the
    /// clocks of `zone` show it. A time that the clocks show twice, in autumn, is the first of the two.
    ///
    /// # Errors
    /// Says why the text is no date with a time, and what to write. A time that the clocks leave out, in spring,
    /// is an error, and so is a zone or an offset behind the time.
    pub fn read(text: &str, zone: &Zone) -> Result<Moment, NotADate> {
        let plain: String =
            text.trim().chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        let (date, time) = split(&plain)?;
        let (hour, minute) = read_time(time, date, zone)?;
        let local = date.0.at(hour, minute, 0, 0);
        let read = zone.clock().to_ambiguous_zoned(local);
        let is_left_out = matches!(read.offset(), AmbiguousOffset::Gap { .. });
        let Ok(at) = read.compatible() else {
            return Err(wrong(format!("\"{text}\" is too far away."), "Write another year."));
        };
        if is_left_out {
            let day = date.print("long", "en").unwrap_or_default();
            return Err(wrong(
                format!(
                    "There is no {} on {day} in {}: the clocks are put forward.",
                    local.strftime("%H:%M"),
                    zone.name()
                ),
                format!("Write {}.", at.datetime().strftime("%Y-%m-%d %H:%M")),
            ));
        }
        Ok(Moment { at, zone: zone.clone() })
    }

    /// The date there.
    pub fn date(&self) -> Date {
        Date(self.at.date())
    }

    /// The zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// ISO 8601 with the offset of the zone: `2027-10-12T12:00:00-04:00`.
    pub fn iso(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// ISO 8601 in Coordinated Universal Time: `2027-10-12T16:00:00Z`.
    pub fn utc(&self) -> String {
        self.instant().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Whether the clocks show this time twice, because they are put back. It is the first of the two.
    pub fn comes_twice(&self) -> bool {
        self.zone.clock().to_ambiguous_zoned(self.at.datetime()).is_ambiguous()
    }

    /// What the clocks of the zone are called at that time, such as `EDT`; `UTC-3` where the IANA database has no name.
    pub fn abbreviation(&self) -> String {
        shown_abbreviation(self.at.time_zone().to_offset_info(self.instant()).abbreviation())
    }

    /// The time of day: `12:00 p.m.` in English, `12:00` in Spanish.
    pub fn print_time(&self, lang: &str) -> String {
        let time = self.print_hour(lang);
        if Words::of(lang).day_first { time } else { format!("{time} {}", self.half()) }
    }

    /// The time of day without "a.m." and "p.m.".
    fn print_hour(&self, lang: &str) -> String {
        let (hour, minute) = (self.at.hour(), self.at.minute());
        let hour = if Words::of(lang).day_first { hour } else { (hour + 11) % 12 + 1 };
        format!("{hour}:{minute:02}")
    }

    /// The half of the day.
    fn half(&self) -> &'static str {
        if self.at.hour() < 12 { "a.m." } else { "p.m." }
    }

    pub(super) fn instant(&self) -> Timestamp {
        self.at.timestamp()
    }

    /// The order of time; at one instant, the order of the zones' names.
    fn key(&self) -> (Timestamp, &str) {
        (self.instant(), self.zone.name())
    }
}

impl PartialEq for Moment {
    fn eq(&self, other: &Moment) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Moment {}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Moment) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By instant: 12:00 in New York comes after 12:00 in Madrid.
impl Ord for Moment {
    fn cmp(&self, other: &Moment) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Moment {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The seconds, not the package's own form: it stands in fingerprints that are kept.
        (self.instant().as_second(), self.zone.name()).hash(state);
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.iso(), self.zone.name())
    }
}

/// From when to when, as one text, by the clocks of the zone of `start`. Without an end, or where it is not later, only
/// the start. A day that holds both is said once, with its weekday, and "p.m." is said once where both have it.
///
/// ```text
/// Tuesday, October 12, 2027, 12:00–1:00 p.m. EDT
/// Tuesday, October 12, 2027, 11:30 a.m. – 1:00 p.m. EDT
/// October 12, 2027, 6:00 p.m. – October 13, 2027, 9:00 a.m. EDT
/// ```
pub fn print_span(start: &Moment, end: Option<&Moment>, lang: &str) -> String {
    let day = |moment: &Moment, form: &str| moment.date().print(form, lang).unwrap_or_default();
    let (from, clock) = (start.print_time(lang), start.abbreviation());
    let Some(end) = end.filter(|end| end.instant() > start.instant()) else {
        return format!("{}, {from} {clock}", day(start, "full"));
    };
    let end = &Moment { at: end.at.with_time_zone(start.zone.clock()), zone: start.zone.clone() };
    let (to, clock_after) = (end.print_time(lang), end.abbreviation());
    // The clocks may change meanwhile.
    let same_clock = clock == clock_after;
    let clock = if same_clock { String::new() } else { format!(" {clock}") };
    if start.date() != end.date() {
        let (first, last) = (day(start, "long"), day(end, "long"));
        return format!("{first}, {from}{clock} – {last}, {to} {clock_after}");
    }
    let first = day(start, "full");
    let is_day_first = Words::of(lang).day_first;
    if same_clock && (is_day_first || start.half() == end.half()) {
        return format!("{first}, {}–{to} {clock_after}", start.print_hour(lang));
    }
    format!("{first}, {from}{clock} – {to} {clock_after}")
}

fn wrong(message: impl Into<String>, hint: impl Into<String>) -> NotADate {
    NotADate { message: message.into(), hint: hint.into() }
}

/// The date, and the text of the time behind it.
fn split(text: &str) -> Result<(Date, &str), NotADate> {
    let mut no_date = None;
    for (at, _) in text.char_indices().filter(|(_, c)| " ,T".contains(*c)) {
        let edge = [' ', ','];
        let (before, after) = (text[..at].trim_end_matches(edge), &text[at + 1..]);
        let after = after.trim_start_matches(edge);
        let after = ["at ", "a las ", "a la "]
            .into_iter()
            .find_map(|word| after.strip_prefix(word))
            .unwrap_or(after)
            .trim();
        match Date::read(before) {
            Ok(date) if !after.is_empty() => return Ok((date, after)),
            Err(error) if no_date.is_none() && looks_like_a_time(after) => no_date = Some(error),
            _ => {}
        }
    }
    Err(match (Date::read(text), no_date) {
        (Ok(date), _) => wrong("The time of day is missing.", format!("Write it as {date} 12:00.")),
        (_, _) if looks_like_a_time(text) => wrong(
            format!("\"{text}\" is a time of day, but not the day."),
            "Write it as 2026-10-12 12:00.",
        ),
        (_, Some(error)) => error,
        _ => wrong(
            format!("\"{text}\" is not a date with a time of day."),
            "Write it as 2026-10-12 18:00 or October 12, 2026, 6:00 p.m.",
        ),
    })
}

/// Begins with an hour and a minute, or with an hour and "p.m.".
fn looks_like_a_time(text: &str) -> bool {
    let Some((_, rest)) = number(text) else { return false };
    let minute = rest.strip_prefix(':').and_then(number);
    minute.is_some() || half_of_day(rest.trim_start()).is_some()
}

/// Up to two digits at the beginning, and what stands behind them.
fn number(text: &str) -> Option<(i8, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let value = text.get(..digits.min(3))?.parse().ok()?;
    (digits < 3).then(|| (value, &text[digits..]))
}

/// "a.m." or "p.m." in any of its forms: whether it is the afternoon, and what stands behind it.
fn half_of_day(text: &str) -> Option<(bool, &str)> {
    let is_afternoon = match text.bytes().next()? {
        b'a' | b'A' => false,
        b'p' | b'P' => true,
        _ => return None,
    };
    let rest = text[1..].trim_start_matches(['.', ' ']).strip_prefix(['m', 'M'])?;
    if rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    Some((is_afternoon, rest.strip_prefix('.').unwrap_or(rest)))
}

/// The hour, 0 to 23, and the minute.
fn read_time(text: &str, date: Date, zone: &Zone) -> Result<(i8, i8), NotADate> {
    let no_time = || {
        let hint = match text.to_lowercase().as_str() {
            "noon" | "midday" => format!("Write {date} 12:00."),
            "midnight" => {
                format!(
                    "Write {date} 00:00 for the beginning of the day, or {} 00:00 for its end.",
                    date.plus_days(1)
                )
            }
            _ => meant(text)
                .map(|(hour, minute)| format!("Write {date} {hour:02}:{minute:02}."))
                .unwrap_or_else(|| "Write it as 18:00 or 6:00 p.m.".into()),
        };
        wrong(format!("\"{text}\" is not a time of day."), hint)
    };
    let (hour, rest) = number(text).ok_or_else(no_time)?;
    let after_minute = match rest.strip_prefix(':') {
        Some(rest) => Some(two_digits(rest).ok_or_else(no_time)?),
        None => None,
    };
    let (minute, rest) = after_minute.unwrap_or((0, rest));
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => two_digits(rest).ok_or_else(no_time)?,
        None => (0, rest),
    };
    let half = half_of_day(rest.trim_start());
    let rest = half.map_or(rest, |(_, rest)| rest).trim();
    if after_minute.is_none() && half.is_none() {
        return Err(no_time());
    }
    if !rest.is_empty() {
        return Err(too_much(text, rest, zone));
    }
    if minute > 59 {
        return Err(wrong(format!("There is no minute {minute}."), "Minutes go from 00 to 59."));
    }
    if second != 0 {
        return Err(wrong(
            "Seconds are not read.",
            format!("Write {date} {hour:02}:{minute:02}, to the minute."),
        ));
    }
    match (hour, half) {
        (0..=23, None) => Ok((hour, minute)),
        (1..=12, Some((is_afternoon, _))) => {
            Ok((hour % 12 + if is_afternoon { 12 } else { 0 }, minute))
        }
        (24, None) if minute == 0 => Err(wrong(
            "There is no 24:00, because a day ends where the next begins.",
            format!("Write {} 00:00.", date.plus_days(1)),
        )),
        (13..=23, Some(_)) => Err(wrong(
            format!("\"{text}\" counts to 24 and to 12 hours."),
            format!("Write {hour}:{minute:02} or {}:{minute:02} p.m.", hour - 12),
        )),
        (0, Some(_)) => Err(wrong(
            format!("\"{text}\" counts to 24 and to 12 hours."),
            format!("Write 00:{minute:02} or 12:{minute:02} a.m."),
        )),
        _ => Err(wrong(format!("There is no hour {hour}."), "Hours go from 00:00 to 23:59.")),
    }
}

fn two_digits(text: &str) -> Option<(i8, &str)> {
    number(text).filter(|(_, rest)| text.len() - rest.len() == 2)
}

/// What was meant by a time with another sign, or none: `18.30`, `18h30`, `18h`, `18`.
fn meant(text: &str) -> Option<(i8, i8)> {
    let (hour, rest) = number(text)?;
    let rest = rest.trim_start().strip_prefix(['.', 'h', 'H']).unwrap_or(rest).trim();
    let minute = if rest.is_empty() {
        0
    } else {
        let (minute, rest) = two_digits(rest)?;
        rest.is_empty().then_some(minute)?
    };
    (hour < 24 && minute < 60).then_some((hour, minute))
}

/// Something stands behind the time: an offset, a zone, the end of a span.
fn too_much(text: &str, rest: &str, zone: &Zone) -> NotADate {
    let hours = rest.strip_prefix(['+', '-']).and_then(|rest| rest.get(..2)?.parse::<u8>().ok());
    let is_offset = hours.is_some_and(|hours| hours <= 14);
    let word = rest.trim_matches(['(', ')', '[', ']']);
    let is_name = !word.is_empty()
        && word.len() <= 5
        && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (word.bytes().all(|byte| byte.is_ascii_uppercase()) || word == "z");
    if is_offset || is_name || Zone::named(word).is_some() {
        return wrong(
            format!("\"{rest}\" behind the time says a time zone, but the zone is set once."),
            format!(
                "Leave it out: the time is read in {}. Another zone is set with \"zone\".",
                zone.name()
            ),
        );
    }
    if rest.starts_with(['-', '–', '—']) || rest.starts_with("to ") {
        return wrong(
            "Two times stand here, but this setting is one.",
            "Write the first as \"start\" and the second as \"end\".",
        );
    }
    wrong(format!("\"{text}\" is not a time of day."), format!("Leave out \"{rest}\"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).expect("a zone")
    }

    fn new_york(text: &str) -> Moment {
        Moment::read(text, &zone("America/New_York")).unwrap_or_else(|e| panic!("{text}: {e:?}"))
    }

    fn refused(text: &str) -> (String, String) {
        let error = Moment::read(text, &zone("America/New_York")).expect_err(text);
        (error.message, error.hint)
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let pattern =
            regex_lite::Regex::new(&crate::calendar::pattern::moment()).expect("a pattern");
        for text in [
            "2027-10-12 12:00",
            "2027-10-12T12:00",
            "2027-10-12 12:00:00",
            "2027-10-12 12:00 pm",
            "2027-10-12, 12:00",
            "October 12, 2027, 12:00 p.m.",
            "October 12, 2027 at 12:00 PM",
            "Oct 12, 2027 12 pm",
            "Tuesday, October 12, 2027, 12:00\u{a0}p.\u{202f}m.",
            "12 October 2027 12:00",
            "12 de octubre de 2027 a las 12:00",
            " 12 October 2027  12:00P.M. ",
        ] {
            assert_eq!(new_york(text).iso(), "2027-10-12T12:00:00-04:00", "{text}");
            assert!(pattern.is_match(text), "{text}");
        }
        for (text, time) in [
            ("2027-10-12 12:30 a.m.", "00:30"),
            ("2027-10-12 0:05", "00:05"),
            ("2027-10-12 9:00", "09:00"),
            ("2027-10-12 9:15 p.m.", "21:15"),
            ("2027-10-12 11:59pm", "23:59"),
        ] {
            assert_eq!(&new_york(text).iso()[11..16], time, "{text}");
            assert!(pattern.is_match(text), "{text}");
        }
        for text in
            ["2027-10-12", "12:00", "2027-10-12 12:00 EDT", "2027-10-12 12:00-04:00", "soon"]
        {
            assert!(!pattern.is_match(text), "{text}");
        }
    }

    #[test]
    fn a_moment_is_printed() {
        let noon = new_york("2027-10-12 12:00");
        assert_eq!(noon.utc(), "2027-10-12T16:00:00Z");
        assert_eq!(noon.abbreviation(), "EDT");
        assert_eq!(noon.date().to_string(), "2027-10-12");
        assert_eq!(
            (noon.print_time("en"), noon.print_time("es")),
            ("12:00 p.m.".into(), "12:00".into())
        );
        let midnight = new_york("2027-10-12 00:00");
        assert_eq!(
            (midnight.print_time("en"), midnight.print_time("es-MX")),
            ("12:00 a.m.".into(), "0:00".into())
        );
        let read = |name: &str| Moment::read("2027-10-12 12:00", &zone(name)).expect("a moment");
        assert_eq!(read("UTC").iso(), "2027-10-12T12:00:00+00:00");
        assert_eq!(read("Asia/Kolkata").utc(), "2027-10-12T06:30:00Z");
        assert_eq!(read("America/Sao_Paulo").abbreviation(), "UTC-3");
        assert!(read("Europe/Madrid") < read("America/New_York"));
    }

    #[test]
    fn an_hour_that_the_clocks_leave_out_is_refused() {
        let (message, hint) = refused("2027-03-14 02:30");
        assert_eq!(
            message,
            "There is no 02:30 on March 14, 2027 in America/New_York: the clocks are put forward."
        );
        assert_eq!(hint, "Write 2027-03-14 03:30.");
    }

    #[test]
    fn an_hour_that_comes_twice_is_the_first() {
        let first = new_york("2027-11-07 01:30");
        assert_eq!((&*first.iso(), first.comes_twice()), ("2027-11-07T01:30:00-04:00", true));
        assert!(!new_york("2027-11-07 00:59").comes_twice());
        assert!(!new_york("2027-11-07 02:00").comes_twice());
    }

    #[test]
    fn other_texts_are_refused_with_what_to_write() {
        for (text, hint) in [
            ("2027-10-12 24:00", "Write 2027-10-13 00:00."),
            ("2027-10-12 25:00", "Hours go from 00:00 to 23:59."),
            ("2027-10-12 12:60", "Minutes go from 00 to 59."),
            ("2027-10-12 12:00:30", "Write 2027-10-12 12:00, to the minute."),
            ("2027-10-12 18.30", "Write 2027-10-12 18:30."),
            ("2027-10-12 18h", "Write 2027-10-12 18:00."),
            ("2027-10-12 noon", "Write 2027-10-12 12:00."),
            ("2027-10-12 13:00 pm", "Write 13:00 or 1:00 p.m."),
            ("2027-10-12 0:30 am", "Write 00:30 or 12:30 a.m."),
            ("2027-10-12", "Write it as 2027-10-12 12:00."),
            ("12:00", "Write it as 2026-10-12 12:00."),
            ("2027-02-30 12:00", "That month has 28 days."),
            (
                "10/12/2027 12:00",
                "Write 2027-10-12 (October 12, 2027) or 2027-12-10 (December 10, 2027).",
            ),
            (
                "Monday, October 12, 2027, 12:00",
                "Correct one of the two, or leave the day of the week out: 2027-10-12",
            ),
            ("2027-10-12 12:00–13:00", "Write the first as \"start\" and the second as \"end\"."),
            ("2027-10-12 12:00 sharp", "Leave out \"sharp\"."),
            ("2027-10-12 ab", "Write it as 18:00 or 6:00 p.m."),
            ("soon", "Write it as 2026-10-12 18:00 or October 12, 2026, 6:00 p.m."),
            ("", "Write it as 2026-10-12 18:00 or October 12, 2026, 6:00 p.m."),
        ] {
            assert_eq!(refused(text).1, hint, "{text}");
        }
        for text in [
            "12:00Z",
            "12:00-04:00",
            "12:00 +0200",
            "12:00 p.m. EDT",
            "12:00 (ET)",
            "12:00 Europe/Madrid",
        ] {
            let (message, hint) = refused(&format!("2027-10-12 {text}"));
            assert!(message.ends_with("but the zone is set once."), "{text}: {message}");
            assert!(
                hint.starts_with("Leave it out: the time is read in America/New_York."),
                "{hint}"
            );
        }
    }

    #[test]
    fn odd_texts_do_no_harm() {
        for text in [
            "T",
            ",",
            "2027-10-12 :",
            "2027-10-12 1:",
            "2027-10-12 12:0é",
            "2027-10-12 é",
            "9999-12-31 24:00",
            "2027-10-12 999:00",
            "2027-10-12 12:00 ap",
            "2027-10-12 12:00 -é",
        ] {
            let _ = refused(text);
        }
        let _ = Moment::read("9999-12-31 23:59", &zone("America/New_York"));
    }

    #[test]
    fn spans_read_well() {
        let span = |from: &str, to: &str, lang: &str| {
            print_span(&new_york(from), Some(&new_york(to)), lang)
        };
        for (from, to, en, es) in [
            (
                "2027-10-12 12:00",
                "2027-10-12 13:00",
                "Tuesday, October 12, 2027, 12:00–1:00 p.m. EDT",
                "martes 12 de octubre de 2027, 12:00–13:00 EDT",
            ),
            (
                "2027-10-12 11:30",
                "2027-10-12 13:00",
                "Tuesday, October 12, 2027, 11:30 a.m. – 1:00 p.m. EDT",
                "martes 12 de octubre de 2027, 11:30–13:00 EDT",
            ),
            (
                "2027-10-12 18:00",
                "2027-10-13 09:00",
                "October 12, 2027, 6:00 p.m. – October 13, 2027, 9:00 a.m. EDT",
                "12 de octubre de 2027, 18:00 – 13 de octubre de 2027, 9:00 EDT",
            ),
            (
                "2027-11-07 00:30",
                "2027-11-07 09:00",
                "Sunday, November 7, 2027, 12:30 a.m. EDT – 9:00 a.m. EST",
                "domingo 7 de noviembre de 2027, 0:30 EDT – 9:00 EST",
            ),
            (
                "2027-11-06 18:00",
                "2027-11-07 09:00",
                "November 6, 2027, 6:00 p.m. EDT – November 7, 2027, 9:00 a.m. EST",
                "6 de noviembre de 2027, 18:00 EDT – 7 de noviembre de 2027, 9:00 EST",
            ),
        ] {
            assert_eq!(span(from, to, "en"), en);
            assert_eq!(span(from, to, "es"), es);
        }
        let noon = new_york("2027-10-12 12:00");
        let alone = "Tuesday, October 12, 2027, 12:00 p.m. EDT";
        assert_eq!(print_span(&noon, None, "en"), alone);
        assert_eq!(print_span(&noon, Some(&noon), "en"), alone);
        let madrid = Moment::read("2027-10-12 19:00", &zone("Europe/Madrid")).expect("a moment");
        assert_eq!(
            print_span(&noon, Some(&madrid), "en"),
            "Tuesday, October 12, 2027, 12:00–1:00 p.m. EDT"
        );
    }
}
