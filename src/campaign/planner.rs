//! Owns the plan of tasks around the observance, as `planner.yaml` says it. Must not know how it is shown.

use super::{When, list, text, texts};
use crate::calendar::Date;
use crate::yaml::Data;

/// The data file.
pub const FILE: &str = "planner";

/// All tasks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Planner {
    /// In the order of the file.
    pub tasks: Vec<Task>,
}

/// One thing to do on a day that moves with the observance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The day.
    pub when: When,
    /// The day as it was written.
    pub written: String,
    /// What is to be done, in a few words.
    pub title: String,
    /// What else is to say.
    pub text: Option<String>,
    /// Who does it: names of audiences of `ways.yaml`. Everyone, if empty.
    pub audience: Vec<String>,
}

/// Where a day lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before the first day.
    Before,
    /// From the first to the last day.
    During,
    /// After the last day.
    After,
}

impl Phase {
    /// The phase of a day in a year in which the observance goes from `first` to `last`.
    pub fn of(date: Date, first: Date, last: Date) -> Phase {
        match date {
            date if date < first => Phase::Before,
            date if date <= last => Phase::During,
            _ => Phase::After,
        }
    }

    /// `before`, `during` or `after`.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Before => "before",
            Phase::During => "during",
            Phase::After => "after",
        }
    }
}

impl Planner {
    /// What a data file says; tasks that cannot be read are left out.
    pub fn read(data: &Data) -> Planner {
        let tasks = list(data, "tasks").iter().filter_map(|task| {
            let written = text(task, "when")?;
            Some(Task {
                when: When::read(&written).ok()?,
                written: written.trim().to_string(),
                title: text(task, "title")?,
                text: text(task, "text"),
                audience: super::ways::audience(texts(task, "audience")),
            })
        });
        Planner { tasks: tasks.collect() }
    }

    /// The tasks of a year with their days, in the order of the calendar; on one day in that of the file. A task
    /// for a day that the year has not is left out.
    pub fn dated(&self, first: Date, last: Date) -> Vec<(Date, &Task)> {
        let dated = self.tasks.iter().filter_map(|task| Some((task.when.date(first, last)?, task)));
        let mut dated: Vec<(Date, &Task)> = dated.collect();
        dated.sort_by_key(|(date, _)| *date);
        dated
    }
}
