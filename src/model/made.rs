//! Owns the list of what weekmark makes of the campaign by itself: calendars, and posts to copy. Each has a
//! fixed address, so that links to it can be checked like any other. Must not know what is in them.

use super::Site;
use super::page::Key;
use crate::calendar::Date;
use crate::campaign::{planner, posts};

/// A file that follows from the campaign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Made {
    /// The observance of one year, with its days.
    Week(i16),
    /// The observance of all known years, to subscribe to.
    Weeks,
    /// What is to be done before and after the observance of a year.
    Planner(i16),
    /// All events of the site, to subscribe to.
    Events,
    /// All events of the site as an Atom feed.
    EventsFeed,
    /// One event, by its page.
    Event(Key),
    /// The posts of a year as plain text.
    PostsText(i16),
    /// The posts of a year as a table.
    PostsTable(i16),
}

impl Made {
    /// Where it is on the site; the page of an event must be named.
    pub fn path(&self, event: Option<&str>) -> String {
        match self {
            Made::Week(year) => format!("/calendar/week-{year}.ics"),
            Made::Weeks => "/calendar/all.ics".into(),
            Made::Planner(year) => format!("/calendar/planner-{year}.ics"),
            Made::Events => "/calendar/events.ics".into(),
            Made::EventsFeed => "/calendar/events.xml".into(),
            Made::Event(_) => {
                let page = event.unwrap_or("/");
                let folder = &page[..page.rfind('/').map_or(0, |at| at + 1)];
                format!("{folder}event.ics")
            }
            Made::PostsText(year) => format!("/kit/posts-{year}.txt"),
            Made::PostsTable(year) => format!("/kit/posts-{year}.csv"),
        }
    }
}

/// For how many days after the observance its planner and its posts are there: as long as the last of
/// them may be of use.
pub(super) const AFTER: i64 = 28;

/// How many days before the observance its planner and its posts are there: nobody begins earlier than that.
const BEFORE: i64 = 500;

/// Everything that is made for `site`, with its path, in order.
pub(super) fn all(site: &Site) -> Vec<(String, Made)> {
    let mut made = Vec::new();
    let (recent, current) = (site.recent_week(), site.week(None));
    let known = site.weeks().iter().chain(&recent).chain(&current);
    let mut years: Vec<(i16, Date, Date)> =
        known.map(|week| (week.year, week.first, week.last)).collect();
    years.sort_unstable();
    years.dedup();
    for (year, first, last) in &years {
        made.push(Made::Week(*year));
        let is_of_use = (first.plus_days(-BEFORE)..=last.plus_days(AFTER)).contains(&site.today);
        let has = |name: &str| is_of_use && site.data.contains_key(name);
        if has(planner::FILE) {
            made.push(Made::Planner(*year));
        }
        if has(posts::FILE) {
            made.extend([Made::PostsText(*year), Made::PostsTable(*year)]);
        }
    }
    if !years.is_empty() {
        made.push(Made::Weeks);
    }
    if !site.index.events.is_empty() {
        made.push(Made::Events);
        // A feed names its entries by their absolute addresses.
        made.extend(site.config.base_url.is_some().then_some(Made::EventsFeed));
    }
    let mut made: Vec<(String, Made)> =
        made.into_iter().map(|made| (made.path(None), made)).collect();
    for place in site.index.events.values().flat_map(|events| events.places.iter()) {
        if let Some(page) = site.pages.at(*place) {
            let event = Made::Event(page.key.clone());
            made.push((event.path(Some(&page.card.path)), event));
        }
    }
    made.sort_unstable();
    made
}
