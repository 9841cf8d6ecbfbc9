//! Owns what an output may ask of the campaign's data files. Must not know how the answers are shown.

use crate::calendar::Date;
use crate::campaign::planner::{self, Phase};
use crate::campaign::{Channel, Planner, Posts, Ways, posts, ways};
use crate::fingerprint::Hashed;
use crate::model::lookup::Target;
use crate::model::week::Week;
use crate::parse::markdown::is_outside;

use super::View;

/// The plan of a year.
#[derive(Debug, Clone)]
pub struct YearPlan {
    /// The observance in that year.
    pub week: Hashed<Week>,
    /// In the order of the calendar.
    pub tasks: Vec<DatedTask>,
}

/// A task with its day.
#[derive(Debug, Clone)]
pub struct DatedTask {
    /// The day.
    pub date: Date,
    /// Where the day lies.
    pub phase: Phase,
    /// For a day before the first: how many whole weeks before.
    pub weeks: Option<i64>,
    /// What is to be done, in a few words.
    pub title: String,
    /// What else is to say.
    pub text: Option<String>,
    /// The day as it was written: `12 weeks before`.
    pub when: String,
    /// Who does it: names of audiences. Everyone, if empty.
    pub audience: Vec<String>,
}

/// The posts of a year.
#[derive(Debug, Clone)]
pub struct YearPosts {
    /// The observance in that year.
    pub week: Hashed<Week>,
    /// In the order of the calendar.
    pub posts: Vec<DatedPost>,
}

/// A post for one channel with its day, ready to be copied.
#[derive(Debug, Clone)]
pub struct DatedPost {
    /// Its number among all of the year, from 1: the same for every choice of channels.
    pub number: usize,
    /// The day.
    pub date: Date,
    /// The day of the observance, from 1, if it is one.
    pub day: Option<u8>,
    /// The day as it was written: `day 1`.
    pub when: String,
    /// Where it is posted.
    pub channel: Channel,
    /// The text with link and hashtags.
    pub text: String,
    /// What the channel counts.
    pub count: usize,
    /// The path of its picture on the site.
    pub image: Option<String>,
    /// What the picture shows.
    pub alt: Option<String>,
}

impl View {
    /// The observance that a plan is for, if no year was asked for: the one that is over, as long as something of
    /// its plan is left to do, and else the one that is going on or comes next.
    fn planned_week(
        &self,
        year: Option<i16>,
        is_left: impl Fn(&Week) -> bool,
    ) -> Option<Hashed<Week>> {
        let recent = if year.is_none() { self.recent_week() } else { None };
        recent.filter(|week| is_left(week)).or_else(|| self.week(year))
    }

    /// The ways to take part. `None`: there is no `ways.yaml`.
    pub fn ways(&self) -> Option<Ways> {
        self.data(ways::FILE).map(Ways::read)
    }

    /// The plan of a year, or of the observance that is going on or comes next. `None`: there is no
    /// `planner.yaml`, or nothing is known of the year.
    pub fn planner(&self, year: Option<i16>) -> Option<YearPlan> {
        let planner = self.data(planner::FILE).map(Planner::read)?;
        let is_left = |week: &Week| {
            planner.dated(week.first, week.last).iter().any(|(date, _)| *date >= self.today())
        };
        let week = self.planned_week(year, is_left)?;
        let tasks = planner.dated(week.first, week.last).into_iter().map(|(date, task)| {
            let phase = Phase::of(date, week.first, week.last);
            DatedTask {
                date,
                phase,
                weeks: (phase == Phase::Before).then(|| date.days_until(week.first) / 7),
                title: task.title.clone(),
                text: task.text.clone(),
                when: task.written.clone(),
                audience: task.audience.clone(),
            }
        });
        let tasks = tasks.collect();
        Some(YearPlan { week, tasks })
    }

    /// The posts of a year, or of the observance that is going on or comes next. `None`: there is no `posts.yaml`,
    /// or nothing is known of the year.
    pub fn posts(&self, year: Option<i16>) -> Option<YearPosts> {
        let posts = self.data(posts::FILE).map(Posts::read)?;
        let is_left = |week: &Week| {
            let ready = posts.ready(&week.observance(&self.lang), |_| None);
            ready.iter().any(|ready| ready.date >= self.today())
        };
        let week = self.planned_week(year, is_left)?;
        let observance = week.observance(&self.lang);
        let ready = posts.ready(&observance, |page| self.permalink_of(page.unwrap_or("/")));
        let posts = ready.into_iter().map(|ready| {
            let image = ready.post.image.as_deref().and_then(|image| {
                match &*self.resolve_from_root(image) {
                    Target::File { path, .. } => Some(path.clone()),
                    _ => None,
                }
            });
            let count = ready.count();
            DatedPost {
                number: ready.number,
                date: ready.date,
                day: ready.day,
                when: ready.post.written.clone(),
                channel: ready.channel,
                count,
                text: ready.text,
                alt: ready.alt.filter(|_| image.is_some()),
                image,
            }
        });
        let posts = posts.collect();
        Some(YearPosts { week, posts })
    }

    /// The absolute address of what a path below `content/` leads to, if the site knows where it will be.
    pub fn permalink_of(&self, target: &str) -> Option<String> {
        if is_outside(target) {
            return Some(target.to_string());
        }
        self.resolve_from_root(target).permalink(self.globals().base_url.as_ref()?)
    }

    /// The way from here to what a path below `content/` leads to; `None` if it leads nowhere, which is told where
    /// the path stands.
    pub fn way_to(&self, target: &str) -> Option<String> {
        if is_outside(target) {
            return Some(target.to_string());
        }
        let found = self.resolve_from_root(target);
        self.address_of(&found)
    }
}
