//! Owns the ways to take part, as `ways.yaml` says them: for whom, of which kind, how much work and how long.
//! Must not know how they are shown.

use super::{NotRead, entries, list, text, texts};
use crate::yaml::Data;

/// The data file.
pub const FILE: &str = "ways";

/// The audience that is all of them.
pub const EVERYONE: &str = "everyone";

/// All ways, with the words by which they are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ways {
    /// For whom there are ways, in the order of the file.
    pub audiences: Vec<Audience>,
    /// The kinds of ways, in the order of the file.
    pub kinds: Vec<Kind>,
    /// In the order of the file.
    pub ways: Vec<Way>,
}

/// People for whom there are ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The name in data files.
    pub name: String,
    /// What visitors read.
    pub title: String,
    /// The page that is for them, by its path below `content/`.
    pub page: Option<String>,
}

/// A kind of way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The name in data files.
    pub name: String,
    /// What visitors read.
    pub title: String,
}

/// One way to take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// In a few words.
    pub title: String,
    /// One or two sentences.
    pub text: Option<String>,
    /// For whom it is, by names. For everyone, if empty.
    pub audience: Vec<String>,
    /// The name of its kind.
    pub kind: Option<String>,
    /// How much work it is.
    pub effort: Option<Effort>,
    /// How long it takes, as it was written, and the group of that.
    pub time: Option<(String, TimeGroup)>,
    /// The day of the observance that it goes with, from 1.
    pub day: Option<u8>,
    /// The page that says more.
    pub page: Option<String>,
    /// The name of the source that it rests on.
    pub source: Option<String>,
}

/// How much work a way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Effort {
    Small,
    Medium,
    Large,
}

impl Effort {
    /// From little to much.
    pub const ALL: [Effort; 3] = [Effort::Small, Effort::Medium, Effort::Large];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 3] = ["small", "medium", "large"];

    /// The name in data files.
    pub fn name(self) -> &'static str {
        Effort::NAMES[self as usize]
    }

    fn named(name: &str) -> Option<Effort> {
        Effort::ALL.into_iter().find(|effort| effort.name() == name)
    }
}

/// How long a way takes, in groups that a visitor can choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeGroup {
    /// Up to 15 minutes.
    Quarter,
    /// Up to an hour.
    Hour,
    /// Up to four hours.
    HalfDay,
    /// More than that.
    Longer,
}

/// What to write for a time, as a sentence.
pub const TIME_SAYS: &str = "Write \"15 minutes\", \"1 hour\", \"2 to 3 hours\" or \"1 day\".";

/// How a day of work counts, in minutes.
const DAY: f64 = 8.0 * 60.0;

impl TimeGroup {
    /// From short to long.
    pub const ALL: [TimeGroup; 4] =
        [TimeGroup::Quarter, TimeGroup::Hour, TimeGroup::HalfDay, TimeGroup::Longer];

    /// The name in templates.
    pub fn name(self) -> &'static str {
        ["quarter", "hour", "half_day", "longer"][self as usize]
    }

    /// A regular expression for the texts that [`TimeGroup::read`] takes.
    pub fn pattern() -> String {
        const NUMBER: &str = "[0-9]{1,4}(?:\\.[0-9]{1,2})?";
        format!(
            "^\\s*{NUMBER}(?:(?:\\s*[-–]\\s*|\\s+[Tt][Oo]\\s+){NUMBER})?\\s+(?:[Mm][Ii][Nn][Uu][Tt][Ee]|[Hh][Oo][Uu][Rr]|[Dd][Aa][Yy])[Ss]?\\s*$"
        )
    }

    /// Reads `15 minutes`, `1 hour`, `1.5 hours`, `2 to 3 hours`, `10–15 minutes`, `1 day`. Of two numbers the
    /// second counts; a day has eight hours.
    ///
    /// # Errors
    /// Says what is wrong, and what to write.
    pub fn read(text: &str) -> Result<TimeGroup, NotRead> {
        let wrong = || NotRead {
            message: format!("\"{text}\" does not say how long it takes."),
            hint: TIME_SAYS.into(),
        };
        let lower = text.trim().to_lowercase();
        let (numbers, unit) = lower.rsplit_once(char::is_whitespace).ok_or_else(wrong)?;
        let minutes = match unit {
            "minute" | "minutes" => 1.0,
            "hour" | "hours" => 60.0,
            "day" | "days" => DAY,
            _ => return Err(wrong()),
        };
        let range = numbers.split_once(['-', '–']).or_else(|| {
            let (from, to) = numbers.split_once("to")?;
            let is_apart =
                from.ends_with(char::is_whitespace) && to.starts_with(char::is_whitespace);
            is_apart.then_some((from, to))
        });
        let count = match range {
            Some((from, to)) => number(from).and(number(to)),
            None => number(numbers),
        };
        let minutes = count.ok_or_else(wrong)? * minutes;
        Ok(match minutes {
            minutes if minutes <= 15.0 => TimeGroup::Quarter,
            minutes if minutes <= 60.0 => TimeGroup::Hour,
            minutes if minutes <= DAY / 2.0 => TimeGroup::HalfDay,
            _ => TimeGroup::Longer,
        })
    }
}

/// `15`, `1.5`: at most four digits before the point and two after it.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let is_plain = match text.split_once('.') {
        Some((whole, part)) => is_digits(whole, 4) && is_digits(part, 2),
        None => is_digits(text, 4),
    };
    text.parse().ok().filter(|_| is_plain)
}

/// The names of audiences; none at all where everyone is meant.
pub(super) fn audience(names: Option<Vec<String>>) -> Vec<String> {
    names.filter(|names| !names.iter().any(|name| name == EVERYONE)).unwrap_or_default()
}

impl Ways {
    /// What a data file says; ways that cannot be read are left out.
    pub fn read(data: &Data) -> Ways {
        let audiences = entries(data, "audiences").iter().map(|(name, audience)| Audience {
            name: name.clone(),
            title: text(audience, "title").unwrap_or_else(|| name.clone()),
            page: text(audience, "page"),
        });
        let kinds = entries(data, "kinds").iter().map(|(name, title)| Kind {
            name: name.clone(),
            title: super::as_text(title).unwrap_or_else(|| name.clone()),
        });
        let ways = list(data, "ways").iter().filter_map(|way| {
            let time = text(way, "time").and_then(|time| {
                let group = TimeGroup::read(&time).ok()?;
                Some((time, group))
            });
            let day = match way.get("day") {
                Some(Data::Int(day)) => u8::try_from(*day).ok(),
                _ => None,
            };
            Some(Way {
                title: text(way, "title")?,
                text: text(way, "text"),
                audience: audience(texts(way, "audience")),
                kind: text(way, "kind"),
                effort: text(way, "effort").and_then(|effort| Effort::named(&effort)),
                time,
                day,
                page: text(way, "page"),
                source: text(way, "source"),
            })
        });
        Ways { audiences: audiences.collect(), kinds: kinds.collect(), ways: ways.collect() }
    }
}

impl Way {
    /// Whether it is for an audience: for that one, or for everyone.
    pub fn is_for(&self, audience: &str) -> bool {
        self.audience.is_empty() || self.audience.iter().any(|name| name == audience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_groups() {
        use TimeGroup::*;
        for (text, group) in [
            ("5 minutes", Quarter),
            ("15 Minutes", Quarter),
            ("16 minutes", Hour),
            ("10–15 minutes", Quarter),
            ("10 to 20 minutes", Hour),
            ("0.5 hours", Hour),
            ("1 hour", Hour),
            ("1.5 hours", HalfDay),
            ("2-4 hours", HalfDay),
            ("5 hours", Longer),
            ("0.5 days", HalfDay),
            ("1 day", Longer),
        ] {
            assert_eq!(TimeGroup::read(text), Ok(group), "{text}");
        }
        for text in
            ["", "15", "minutes", "an hour", "1h", "15 min", "1,5 hours", "1 2 hours", "-1 hours"]
        {
            assert!(TimeGroup::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn everyone_is_all_audiences() {
        let names = |names: &[&str]| audience(Some(names.iter().map(|n| n.to_string()).collect()));
        assert_eq!(names(&["employers", "everyone"]), Vec::<String>::new());
        assert_eq!(names(&["employers"]), ["employers"]);
    }
}
