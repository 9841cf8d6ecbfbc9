//! Owns the observance in every year: the rule of site.yaml together with `years.yaml`.
//! Must not know how it is shown.

use crate::calendar::{self, Date};
use crate::campaign::Observance;
use crate::config::Campaign;
use crate::yaml::Data;

/// The data file that says what the rule cannot know.
pub const YEARS: &str = "years";

/// The observance in one year.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Week {
    /// Its name.
    pub name: String,
    /// The year.
    pub year: i16,
    /// First and last day.
    pub first: Date,
    /// The last day itself, not the one after.
    pub last: Date,
    /// A title for each day, as far as there are any.
    pub days: Vec<String>,
    /// The themes of the year, as far as they are known: several organizers may have one each.
    pub themes: Vec<Theme>,
    /// The hashtag of the year.
    pub hashtag: Option<String>,
    /// The organizers have announced the dates.
    pub confirmed: bool,
    /// What else is to say.
    pub note: Option<String>,
    /// The name of the source.
    pub source: Option<String>,
    /// Before, during or after, on the day of the build.
    pub state: &'static str,
    /// Which of its days the day of the build is, from 1 on.
    pub day: Option<i64>,
    /// The day on which the editor changed the year's entry last.
    pub updated: Option<Date>,
    /// How often its dates were changed since they were first published, for calendars (RFC 5545,
    /// 3.8.7.4). Dates that differ from the rule were published before, as expected ones.
    pub revision: u32,
}

/// A theme of a year.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Theme {
    /// Its words.
    pub words: String,
    /// Who set it.
    pub owner: Option<String>,
    /// Its hashtag, where it has one of its own.
    pub hashtag: Option<String>,
    /// The name of the source, where it has one of its own.
    pub source: Option<String>,
}

/// The observance in `year`, on the day `today`.
pub fn week(campaign: &Campaign, years: Option<&Data>, year: i16, today: Date) -> Option<Week> {
    let entry = years.and_then(|years| years.get(&year.to_string()));
    let text = |key: &str| entry.and_then(|e| e.get(key)).and_then(said);
    let day = |key: &str| text(key).and_then(|text| Date::read(&text).ok());
    let by_rule = campaign.rule.span(year);
    let (first, last) = match (day("start"), day("end")) {
        (Some(first), Some(last)) if first <= last => (first, last),
        _ => by_rule?,
    };
    let differs = by_rule.is_some_and(|by_rule| by_rule != (first, last));
    let revision = entry.and_then(|e| e.get("revision")).and_then(|number| match number {
        Data::Int(number) => u32::try_from(*number).ok(),
        _ => None,
    });
    let own_days = entry.and_then(|e| e.get("days")).and_then(|days| match days {
        Data::List(items) => {
            Some(items.iter().filter_map(|d| d.as_text().map(String::from)).collect())
        }
        _ => None,
    });
    Some(Week {
        name: campaign.name.clone(),
        year,
        first,
        last,
        days: own_days.unwrap_or_else(|| campaign.days.clone()),
        themes: entry.map(themes).unwrap_or_default(),
        hashtag: text("hashtag"),
        confirmed: entry.and_then(|e| e.get("confirmed")).is_some_and(is_yes),
        note: text("note"),
        source: text("source"),
        state: if today < first {
            "before"
        } else if today <= last {
            "during"
        } else {
            "after"
        },
        day: (first <= today && today <= last).then(|| first.days_until(today) + 1),
        updated: day("updated"),
        revision: revision.unwrap_or(differs.into()),
    })
}

/// A text as it was written, be it a number; nothing if it is empty.
fn said(data: &Data) -> Option<String> {
    let text = match data {
        Data::Text(text) => text.trim().to_string(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(value) => value.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Whether a value says yes, in any of the ways in which the settings take it.
fn is_yes(data: &Data) -> bool {
    match data {
        Data::Bool(value) => *value,
        Data::Text(text) => ["yes", "on"].contains(&text.to_lowercase().as_str()),
        _ => false,
    }
}

/// The themes in a year's entry, in either way of writing them.
fn themes(entry: &Data) -> Vec<Theme> {
    let read = |of: &Data, words: &str, owner: &str| {
        let text = |key: &str| of.get(key).and_then(said);
        text(words).map(|words| Theme {
            words,
            owner: text(owner),
            hashtag: text("hashtag"),
            source: text("source"),
        })
    };
    match entry.get("themes") {
        Some(Data::List(list)) if !list.is_empty() => {
            list.iter().filter_map(|of| read(of, "theme", "owner")).collect()
        }
        _ => read(entry, "theme", "theme_owner").into_iter().collect(),
    }
}

/// The observance that is going on or comes next, and those after it, as far as `count` goes.
pub fn coming(campaign: &Campaign, years: Option<&Data>, today: Date, count: usize) -> Vec<Week> {
    let current = current(campaign, years, today);
    let from = current.as_ref().map_or(today.year(), |week| week.year) + 1;
    // A rule such as "the fifth Monday" leaves years out, so more of them are looked at than are wanted.
    let most = i16::try_from(count).unwrap_or(i16::MAX).saturating_mul(4).min(400);
    let later = (from..from.saturating_add(most))
        .filter_map(|year| week(campaign, years, year, today))
        .filter(|week| today <= week.last);
    current.into_iter().chain(later).take(count).collect()
}

/// How many years are looked at for the next one: the fifth Sunday of a February comes every 28 years, and
/// a turn of the century may leave one out.
const FAR: i16 = 40;

/// The observance that is going on or comes next.
pub fn current(campaign: &Campaign, years: Option<&Data>, today: Date) -> Option<Week> {
    (today.year() - 1..=today.year() + FAR)
        .filter_map(|year| week(campaign, years, year, today))
        .find(|week| today <= week.last)
}

/// The observance that was over last, if that is not longer than so many days ago.
pub fn recent(campaign: &Campaign, years: Option<&Data>, today: Date, days: i64) -> Option<Week> {
    (today.year() - 1..=today.year())
        .rev()
        .filter_map(|year| week(campaign, years, year, today))
        .find(|week| week.last < today && today <= week.last.plus_days(days))
}

/// The years that `years.yaml` knows, in order.
pub fn known_years(years: Option<&Data>) -> Vec<i16> {
    let Some(Data::Map(entries)) = years else { return Vec::new() };
    let mut known: Vec<i16> = entries.iter().filter_map(|(year, _)| year.parse().ok()).collect();
    known.sort_unstable();
    known
}

impl Week {
    /// Its days with their titles.
    pub fn days(&self) -> Vec<(Date, Option<&str>)> {
        let count = self.first.days_until(self.last) + 1;
        (0..count)
            .map(|i| {
                let title = usize::try_from(i).ok().and_then(|i| self.days.get(i));
                (self.first.plus_days(i), title.map(String::as_str))
            })
            .collect()
    }

    /// First to last day as one text.
    pub fn range(&self, lang: &str) -> String {
        calendar::print_range(self.first, self.last, lang)
    }

    /// What posts may say of it. Where several organizers have a theme each, a post cannot say "the theme".
    pub fn observance<'a>(&'a self, lang: &'a str) -> Observance<'a> {
        let only = match self.themes.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        let hashtag = self.hashtag.as_ref().or(only.and_then(|theme| theme.hashtag.as_ref()));
        Observance {
            name: &self.name,
            year: self.year,
            first: self.first,
            last: self.last,
            theme: only.map(|theme| theme.words.as_str()),
            hashtag: hashtag.map(String::as_str),
            lang,
        }
    }
}
