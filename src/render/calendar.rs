//! Owns which calendar entries follow from the campaign: the observance and its days, what is to be done
//! around it, and events. The same facts give the same bytes on every day, so that whoever subscribes sees
//! a change only where there is one. Must not know how a calendar is written.

use crate::calendar::Date;
use crate::config::Campaign;
use crate::ics::{Calendar, Entry, Status, When};
use crate::model::week::Week;
use crate::model::{Card, Key};
use crate::parse::event::{self, Event, Time};
use crate::view::{Listed, View};

/// The observance of one year.
pub(super) fn week(year: i16, view: &View) -> Option<String> {
    let campaign = view.globals().campaign.clone()?;
    let week = view.week(Some(year))?;
    let name = format!("{} {year}", campaign.name);
    let entries = of_week(&week, &campaign, view);
    Some(calendar(name, None, entries, view).text())
}

/// The observance of all known years, to subscribe to.
pub(super) fn weeks(view: &View) -> String {
    let Some(campaign) = view.globals().campaign.clone() else { return String::new() };
    let known: Vec<Week> = view.weeks().iter().map(|week| (**week).clone()).collect();
    let current = view.week(None).map(|week| (*week).clone());
    let is_new = |week: &Week| known.iter().all(|known| known.year != week.year);
    let all = known.iter().chain(current.as_ref().filter(|week| is_new(week)));
    let entries = all.flat_map(|week| of_week(week, &campaign, view)).collect();
    calendar(campaign.name.clone(), Some("/calendar/all.ics"), entries, view).text()
}

/// What is to be done before and after the observance of a year.
pub(super) fn planner(year: i16, view: &View) -> Option<String> {
    let campaign = view.globals().campaign.clone()?;
    let week = view.week(Some(year))?;
    let mut known: Vec<String> = Vec::new();
    let entries = super::posts::planner_entries(year, view)
        .into_iter()
        .map(|(date, title, text)| Entry {
            uid: {
                // By what is to be done: the same task on another day is the same entry. Of tasks that are
                // called alike, each has a number.
                let name = crate::slug::slug(&title);
                known.push(name.clone());
                let number = known.iter().filter(|known| **known == name).count();
                let nth = if number > 1 { format!("-{number}") } else { String::new() };
                uid(&format!("{}-{year}-plan-{name}{nth}", campaign.id), view)
            },
            summary: title,
            description: text,
            busy: false,
            ..day(date, date, stamp(&week), week.revision)
        })
        .collect();
    Some(calendar(format!("{} {year}: planner", campaign.name), None, entries, view).text())
}

/// All events of the site, to subscribe to.
pub(super) fn events(view: &View) -> String {
    let cards = view.events().into_iter().filter_map(Listed::card);
    let entries = cards.filter_map(|card| of_event(card, view)).collect();
    let title = view.globals().title.clone();
    calendar(title, Some("/calendar/events.ics"), entries, view).text()
}

/// One event.
pub(super) fn event(key: &Key, view: &View) -> Option<String> {
    let card = view.card(key)?.clone();
    let entry = of_event(&card, view)?;
    Some(calendar(card.title.to_string(), None, vec![entry], view).text())
}

fn calendar(name: String, feed: Option<&str>, entries: Vec<Entry>, view: &View) -> Calendar {
    let config = view.globals();
    Calendar {
        name,
        description: config.description.clone(),
        url: feed.and_then(|path| view.permalink(path)),
        refresh: feed.is_some(),
        zone: Some(config.time_zone.name().to_string()),
        entries,
    }
}

/// The whole observance, and each of its days that has a title.
fn of_week(week: &Week, campaign: &Campaign, view: &View) -> Vec<Entry> {
    let stem = format!("{}-{}", campaign.id, week.year);
    let page = view.year_page(week.year).map(|card| card.path.to_string());
    let url = view.permalink(page.as_deref().unwrap_or("/"));
    let status = if week.confirmed { Status::Confirmed } else { Status::Tentative };
    let entry = |first: Date, last: Date| Entry {
        url: url.clone(),
        status,
        ..day(first, last, stamp(week), week.revision)
    };
    let themes = week.themes.iter().map(|theme| match &theme.owner {
        Some(owner) => format!("\u{201c}{}\u{201d} ({owner})", theme.words),
        None => format!("\u{201c}{}\u{201d}", theme.words),
    });
    let told: Vec<String> = themes.chain(week.note.clone()).chain(week.hashtag.clone()).collect();
    let whole = Entry {
        uid: uid(&stem, view),
        summary: week.name.clone(),
        description: (!told.is_empty()).then(|| told.join("\n")),
        ..entry(week.first, week.last)
    };
    let days = week.days().into_iter().zip(1..).filter_map(|((date, title), number)| {
        Some(Entry {
            uid: uid(&format!("{stem}-day{number}"), view),
            summary: format!("{}: {}", week.name, title?),
            ..entry(date, date)
        })
    });
    std::iter::once(whole).chain(days).collect()
}

fn of_event(card: &Card, view: &View) -> Option<Entry> {
    let event: &Event = card.event.as_deref()?;
    let when = match &event.start {
        Time::Day(first) => When::Days { first: *first, last: event.days().1 },
        Time::At(start) => When::Times {
            start: start.clone(),
            end: match &event.end {
                Some(Time::At(end)) => Some(end.clone()),
                _ => None,
            },
        },
    };
    let place: Vec<&str> =
        [&event.place, &event.address].into_iter().flatten().map(String::as_str).collect();
    let location = if place.is_empty() { event.link.clone() } else { Some(place.join(", ")) };
    let told = [card.description.as_deref().map(String::from), event.link.clone()];
    let told: Vec<String> = told.into_iter().flatten().collect();
    // An event that has no new time is off as far as a calendar is concerned.
    let status = match event.status {
        event::Status::Scheduled => Status::Confirmed,
        event::Status::Cancelled | event::Status::Postponed => Status::Cancelled,
    };
    // Programs take over that an event is off only with a higher number.
    let off = u32::from(event.status != event::Status::Scheduled);
    Some(Entry {
        // Programs name files by it, so it has no slash.
        uid: uid(&card.key.trim_end_matches(".md").replace('/', "."), view),
        stamp: card.updated.or(card.date).unwrap_or(event.days().0),
        sequence: event.revision + off,
        when,
        summary: card.title.to_string(),
        description: (!told.is_empty()).then(|| told.join("\n")),
        location,
        url: view.permalink(&card.path),
        status,
        busy: true,
        categories: Vec::new(),
    })
}

/// An entry without words, over whole days.
fn day(first: Date, last: Date, stamp: Date, sequence: u32) -> Entry {
    Entry {
        uid: String::new(),
        stamp,
        sequence,
        when: When::Days { first, last },
        summary: String::new(),
        description: None,
        location: None,
        url: None,
        status: Status::Confirmed,
        busy: false,
        categories: Vec::new(),
    }
}

/// The day on which the editor changed the year's entry. Where nobody says it, a day before the year is as
/// good as any that stays the same.
fn stamp(week: &Week) -> Date {
    let before = Date::new(week.year - 1, 1, 1).unwrap_or(week.first);
    week.updated.unwrap_or(before)
}

/// A name for ever and for all calendars of the world (RFC 7986, 5.3): what it means, and the host of the
/// site. Never by chance, or whoever imports a file again would have everything twice.
fn uid(meaning: &str, view: &View) -> String {
    let host = view.globals().home.as_deref().unwrap_or("weekmark.invalid");
    format!("{meaning}@{host}")
}
