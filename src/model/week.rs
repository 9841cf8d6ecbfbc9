//! Owns the observance in every year: the rule of site.yaml together with `years.yaml`.
//! Must not know how it is shown.

use crate::calendar::{self, Date};
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
    /// The theme of the year, if known.
    pub theme: Option<String>,
    /// Who set the theme.
    pub theme_owner: Option<String>,
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
}

/// The observance in `year`, on the day `today`.
pub fn week(campaign: &Campaign, years: Option<&Data>, year: i16, today: Date) -> Option<Week> {
    let entry = years.and_then(|years| years.get(&year.to_string()));
    let text = |key: &str| entry.and_then(|e| e.get(key)).and_then(Data::as_text).map(String::from);
    let day = |key: &str| text(key).and_then(|text| Date::read(&text).ok());
    let (first, last) = match (day("start"), day("end")) {
        (Some(first), Some(last)) if first <= last => (first, last),
        _ => campaign.rule.span(year)?,
    };
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
        theme: text("theme"),
        theme_owner: text("theme_owner"),
        hashtag: text("hashtag"),
        confirmed: entry.and_then(|e| e.get("confirmed")) == Some(&Data::Bool(true)),
        note: text("note"),
        source: text("source"),
        state: if today < first {
            "before"
        } else if today <= last {
            "during"
        } else {
            "after"
        },
    })
}

/// The observance that is going on or comes next.
pub fn current(campaign: &Campaign, years: Option<&Data>, today: Date) -> Option<Week> {
    (today.year() - 1..=today.year() + 8)
        .filter_map(|year| week(campaign, years, year, today))
        .find(|week| today <= week.last)
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
}
