//! Owns the days of a plan: counted back from the first day of the observance, its own days, and counted on from its
//! last day. Must not know what happens on them.

use std::cmp::Ordering;

use super::NotRead;
use crate::calendar::Date;

/// A day that moves with the observance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// So many days before the first day, from 1.
    Before(u16),
    /// A day of the observance, from 1.
    Day(u8),
    /// So many days after the last day, from 1.
    After(u16),
}

/// The highest number of a day of the observance: no month is longer.
pub const MOST_DAYS: u8 = 31;

/// What to write, as a sentence.
pub const SAYS: &str =
    "Write \"12 weeks before\", \"3 days before\", \"day 1\" or \"2 weeks after\".";

impl When {
    /// A regular expression for the texts that [`When::read`] takes.
    pub fn pattern() -> String {
        "^\\s*(?:[1-9][0-9]{0,2}\\s+(?:[Dd][Aa][Yy]|[Ww][Ee][Ee][Kk])[Ss]?\\s+(?:[Bb][Ee][Ff][Oo][Rr][Ee]|[Aa][Ff][Tt][Ee][Rr])|[Dd][Aa][Yy]\\s+(?:[1-9]|[12][0-9]|3[01]))\\s*$"
            .into()
    }

    /// Reads `12 weeks before`, `1 day before`, `day 3`, `2 weeks after`. Numbers have at most three digits.
    ///
    /// # Errors
    /// Says what is wrong, and what to write.
    pub fn read(text: &str) -> Result<When, NotRead> {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let wrong = |message: String, hint: String| Err(NotRead { message, hint });
        let number = |word: &str| -> Option<u16> {
            let is_plain = word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit());
            word.parse().ok().filter(|_| is_plain && !word.starts_with('0'))
        };
        if let ["day", day] = words[..] {
            return match number(day).and_then(|day| u8::try_from(day).ok()) {
                Some(day) if day <= MOST_DAYS => Ok(When::Day(day)),
                _ => wrong(
                    format!("\"{text}\" is no day of an observance."),
                    format!("Days count from 1 to {MOST_DAYS}: the first is \"day 1\"."),
                ),
            };
        }
        if let [count, unit, side] = words[..]
            && let Some(count) = number(count)
        {
            let days = match unit {
                "day" | "days" => Some(count),
                "week" | "weeks" => Some(count * 7),
                _ => None,
            };
            match (days, side) {
                (Some(days), "before") => return Ok(When::Before(days)),
                (Some(days), "after") => return Ok(When::After(days)),
                _ => {}
            }
        }
        let hint = match words[..] {
            ["0", ..] => "The first day itself is \"day 1\".".into(),
            ["day", "before" | "after"] | [_, "day" | "days" | "week" | "weeks"] => SAYS.into(),
            [one] if one.bytes().all(|b| b.is_ascii_digit()) => format!("Write \"day {one}\"."),
            _ if Date::read(text).is_ok() => {
                format!("A date is right for one year only. {SAYS}")
            }
            _ => SAYS.into(),
        };
        wrong(format!("\"{text}\" does not say on which day."), hint)
    }

    /// The day in a year in which the observance goes from `first` to `last`. `None`: it has fewer days.
    pub fn date(self, first: Date, last: Date) -> Option<Date> {
        match self {
            When::Before(days) => Some(first.plus_days(-i64::from(days))),
            When::Day(day) => {
                Some(first.plus_days(i64::from(day) - 1)).filter(|date| *date <= last)
            }
            When::After(days) => Some(last.plus_days(days.into())),
        }
    }

    /// Before, during and after, each with its distance from the days before it.
    fn place(self) -> (u8, i32) {
        match self {
            When::Before(days) => (0, -i32::from(days)),
            When::Day(day) => (1, day.into()),
            When::After(days) => (2, days.into()),
        }
    }
}

/// In the order of the calendar.
impl Ord for When {
    fn cmp(&self, other: &When) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for When {
    fn partial_cmp(&self, other: &When) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::read(text).unwrap()
    }

    #[test]
    fn days_before_during_and_after_are_read() {
        for (text, when) in [
            ("12 weeks before", When::Before(84)),
            ("1 day before", When::Before(1)),
            (" 1  Week Before ", When::Before(7)),
            ("day 1", When::Day(1)),
            ("Day 31", When::Day(31)),
            ("2 weeks after", When::After(14)),
        ] {
            assert_eq!(When::read(text), Ok(when), "{text}");
        }
        for text in
            ["", "day", "day 0", "day 32", "day 01", "0 days before", "7", "two weeks before"]
        {
            assert!(When::read(text).is_err(), "{text}");
        }
        for text in ["2 weeks", "weeks before", "1000 days after", "2027-10-10", "2 months before"]
        {
            assert!(When::read(text).is_err(), "{text}");
        }
        let hint = |text: &str| When::read(text).unwrap_err().hint;
        assert_eq!(hint("7"), "Write \"day 7\".");
        assert!(hint("October 10, 2027").starts_with("A date is right for one year only."));
    }

    #[test]
    fn days_are_counted_from_the_first_and_the_last() {
        let (first, last) = (day("2027-10-10"), day("2027-10-16"));
        let date = |text: &str| When::read(text).unwrap().date(first, last);
        assert_eq!(date("12 weeks before"), Some(day("2027-07-18")));
        assert_eq!(date("1 day before"), Some(day("2027-10-09")));
        assert_eq!(date("day 1"), Some(first));
        assert_eq!(date("day 7"), Some(last));
        assert_eq!(date("day 8"), None);
        assert_eq!(date("1 day after"), Some(day("2027-10-17")));
        assert_eq!(date("2 weeks after"), Some(day("2027-10-30")));
    }

    #[test]
    fn they_stand_in_the_order_of_the_calendar() {
        let texts = ["12 weeks before", "1 week before", "6 days before", "day 1", "day 7"];
        let all: Vec<When> = texts.iter().map(|text| When::read(text).unwrap()).collect();
        assert!(all.is_sorted(), "{all:?}");
        assert!(When::Day(31) < When::After(1) && When::After(1) < When::After(14));
    }
}
