//! Owns `weekmark new year`: the entry of a year, its page and that of the year before, and the list of what still says
//! an old year. Changes no byte that is there but by adding an entry to years.yaml. Must not know how a site is built.
#![expect(
    clippy::disallowed_methods,
    reason = "an entry is added to years.yaml, and pages are written where nothing is yet"
)]

use std::fs;
use std::io;
use std::path::Path;

use super::entry::{self, Refusal};
use super::{create, no_site, quoted};
use crate::calendar::{Date, Rule, today_in};
use crate::cli::leftover::{self, Old};
use crate::cli::texts::{Text, Texts, value_of};
use crate::cli::{Outcome, print};
use crate::config::{self, Campaign, Config};
use crate::model::week::{self, Week, YEARS};
use crate::source::{Builtin, Snapshot, scan};
use crate::yaml::Data;

/// What was asked for.
#[derive(Debug)]
pub(in crate::cli) struct Year {
    /// The year.
    pub(in crate::cli) year: i16,
    /// First and last day, where the rule has none or others were announced.
    pub(in crate::cli) dates: Option<(Date, Date)>,
    /// The day that counts as today.
    pub(in crate::cli) today: Option<Date>,
}

/// How many years back something may be left over.
const YEARS_BACK: i16 = 3;

pub(in crate::cli) fn year(root: &Path, wanted: &Year, builtin: Builtin) -> Outcome {
    let snapshot = scan(root, builtin);
    if !snapshot.has(config::FILE) {
        return no_site(root);
    }
    let texts = Texts::read(&snapshot);
    let config = match &texts.config {
        Some(config) if !texts.config_is_wrong => config,
        _ => {
            return Outcome::Failed(
                "There is a mistake in site.yaml; nothing was changed. `weekmark check` says where."
                    .into(),
            );
        }
    };
    let Some(campaign) = &config.campaign else { return Outcome::Failed(no_campaign(config)) };
    if let Some((first, last)) = wanted.dates {
        if last < first {
            return Outcome::Failed(format!(
                "The last day ({last}) would be before the first ({first}). Change --start or --end."
            ));
        }
        if first.year() != wanted.year && last.year() != wanted.year {
            return Outcome::Failed(format!(
                "Neither --start {first} nor --end {last} is in {}.",
                wanted.year
            ));
        }
    }
    let plan = match Plan::of(wanted, campaign, config, &texts, &snapshot) {
        Ok(plan) => plan,
        Err(message) => return Outcome::Failed(message),
    };
    let now = plan.week(campaign, &texts, wanted);
    for line in plan.dates(&now, campaign, wanted) {
        print::say(&line);
    }
    if let Err(message) = plan.carry_out(root) {
        return Outcome::Failed(message);
    }
    let today = wanted.today.unwrap_or_else(|| today_in(&config.time_zone));
    list_leftovers(&texts, campaign, (wanted.year, &plan.hashtag), today);
    Outcome::Done
}

fn no_campaign(config: &Config) -> String {
    format!(
        "site.yaml does not say what the site is for, so a year has no dates. Add these lines to it, with a rule of yours:\n\n\
         campaign:\n  name: {}\n  rule: {{full_week: 2, month: October, week_starts: Sunday}}\n\n\
         Others are {{month: March}}, {{from: May 6, to: May 12}} and {{weekday: Thursday, nth: 3, month: November}}.",
        quoted(&config.title)
    )
}

/// What there is to do, complete before anything is written.
#[derive(Debug)]
struct Plan {
    year: i16,
    /// The file of years, and its text with the new entry; none where the year is there.
    years_file: String,
    years_text: Option<String>,
    /// The file was not there.
    years_is_new: bool,
    /// Pages that are to be written: file and text.
    pages: Vec<(String, String)>,
    /// What was there already, in sentences.
    there: Vec<String>,
    /// The hashtag of the year, as far as it is known.
    hashtag: Option<String>,
}

impl Plan {
    fn of(
        wanted: &Year,
        campaign: &Campaign,
        config: &Config,
        texts: &Texts,
        snapshot: &Snapshot,
    ) -> Result<Plan, String> {
        let year = wanted.year;
        let years = texts.data(YEARS);
        let root = match years {
            Some(file) => Some(file.yaml().ok_or_else(|| unreadable(file))?),
            None => None,
        };
        let known = root.as_ref().map(entry::entries).unwrap_or_default();
        let own = known.iter().find(|(known, ..)| *known == year).map(|(_, _, node)| *node);
        let before =
            known.iter().filter(|(known, ..)| *known < year).max_by_key(|(known, ..)| *known);
        let data = root.as_ref().map(|root| root.data());
        if wanted.dates.is_none()
            && week::week(campaign, data.as_ref(), year, first_day(year)).is_none()
        {
            return Err(format!(
                "The rule of site.yaml has no dates in {year}; nothing was changed. Say when it is: weekmark new year {year} --start {year}-10-10 --end {year}-10-16"
            ));
        }
        let mut plan = Plan {
            year,
            years_file: years
                .map_or_else(|| format!("content/_data/{YEARS}.yaml"), |years| years.file.clone()),
            years_text: None,
            years_is_new: years.is_none(),
            pages: Vec::new(),
            there: Vec::new(),
            hashtag: own.and_then(|own| value_of(own, "hashtag")?.text().map(String::from)),
        };
        match own {
            Some(own) => {
                let said = |key| value_of(own, key).and_then(|day| Date::read(day.text()?).ok());
                let differs = wanted.dates.filter(|(first, last)| {
                    (said("start"), said("end")) != (Some(*first), Some(*last))
                });
                plan.there.push(match differs {
                    Some((first, last)) => format!(
                        "{} has an entry for {year}; it was left as it is. To change the dates, write there: start: {first}, and below it end: {last}.",
                        plan.years_file
                    ),
                    None => format!("{} has an entry for {year}.", plan.years_file),
                });
            }
            None => {
                let tags = known.iter().filter(|(known, ..)| *known < year).filter_map(
                    |(known, _, node)| Some((*known, value_of(node, "hashtag")?.text()?)),
                );
                let last_tag = tags.max_by_key(|(known, _)| *known);
                let lines = entry_lines(year, wanted.dates, last_tag, &campaign.name);
                let text = years.map_or(entry::HEAD, |years| &years.text);
                let made = entry::insert(text, year, &lines).map_err(|refusal| match (refusal, years) {
                    (Refusal::Unreadable, Some(file)) => unreadable(file),
                    _ => format!(
                        "{} is written in a way that cannot be changed line by line; nothing was changed. Add by hand:\n\n{year}:\n  {}",
                        plan.years_file,
                        lines.join("\n  ")
                    ),
                })?;
                plan.years_text = Some(made);
            }
        }
        // The year before keeps its theme at an address of its own.
        let before = before.map(|(year, ..)| *year).filter(|before| {
            week::week(campaign, data.as_ref(), *before, first_day(*before)).is_some()
        });
        for year in before.into_iter().chain([year]) {
            plan.add_page(year, campaign, config, texts, snapshot);
        }
        Ok(plan)
    }

    fn add_page(
        &mut self,
        year: i16,
        campaign: &Campaign,
        config: &Config,
        texts: &Texts,
        snapshot: &Snapshot,
    ) {
        let is_twin = |file: &str| {
            let stem = file.trim_end_matches(".md");
            config.languages.iter().any(|language| stem.ends_with(&format!(".{}", language.code)))
        };
        let own: Vec<(&str, i16)> = texts
            .year_pages()
            .map(|(page, year)| (page.file.as_str(), year))
            .filter(|(file, _)| !is_twin(file))
            .collect();
        if let Some((file, _)) = own.iter().find(|(_, known)| *known == year) {
            self.there.push(format!("{file} is the page of {year}."));
            return;
        }
        let file = place_of_page(year, &own);
        let stem = file.trim_end_matches(".md").trim_end_matches("/index");
        let twins = [format!("{stem}.md"), format!("{stem}/index.md"), format!("{stem}/_index.md")];
        if let Some(taken) = twins.iter().find(|twin| snapshot.has(twin)) {
            self.there.push(format!(
                "{taken} is there and was left as it is. Add the line \"year: {year}\" to its front matter, if it is the page of {year}."
            ));
            return;
        }
        let folder = file.rsplit_once('/').map_or("content", |(folder, _)| folder);
        let index = format!("{folder}/_index.md");
        let is_own_folder = folder == FOLDER && !snapshot.has(&index);
        if is_own_folder && !self.pages.iter().any(|(file, _)| *file == index) {
            let has_table = theme_has(snapshot, config, "components/years.html");
            self.pages.push((index, index_text(&campaign.name, has_table)));
        }
        let has_template = theme_has(snapshot, config, "year.html");
        self.pages.push((file, page_text(&campaign.name, year, has_template)));
    }

    /// The observance as it will be.
    fn week(&self, campaign: &Campaign, texts: &Texts, wanted: &Year) -> Option<Week> {
        let text = self.years_text.as_ref().or_else(|| texts.data(YEARS).map(|years| &years.text));
        let file = Text { file: self.years_file.clone(), text: text.cloned().unwrap_or_default() };
        let data: Option<Data> = file.yaml().map(|node| node.data());
        week::week(campaign, data.as_ref(), wanted.year, first_day(wanted.year))
    }

    /// What a volunteer reads to see whether the dates are right.
    fn dates(&self, week: &Option<Week>, campaign: &Campaign, wanted: &Year) -> Vec<String> {
        let Some(week) = week else { return Vec::new() };
        let mut lines = vec![
            print::bold(&format!("{} {}", week.name, week.year)),
            in_full(week.first, week.last),
        ];
        let by_rule = campaign.rule.span(week.year);
        lines.push(match by_rule {
            Some(dates) if dates == (week.first, week.last) => {
                format!(
                    "These are the dates by the rule of site.yaml: {}.",
                    in_words(&campaign.rule)
                )
            }
            Some((first, last)) => format!(
                "They were announced for {}. By the rule of site.yaml ({}) they would be {}.",
                week.year,
                in_words(&campaign.rule),
                in_full(first, last)
            ),
            None => format!("They were announced for {}; site.yaml has no rule for it.", week.year),
        });
        lines.push(if week.confirmed {
            "They are confirmed.".into()
        } else {
            format!(
                "They count as expected. Once the organizers have announced them, write \"confirmed: true\" in {}.",
                self.years_file
            )
        });
        if by_rule.is_some() && wanted.dates.is_none() && self.years_text.is_some() {
            lines.push(format!(
                "Other dates are two lines there: start: {} and end: {}",
                week.first, week.last
            ));
        }
        lines.push(String::new());
        lines
    }

    fn carry_out(&self, root: &Path) -> Result<(), String> {
        let told = |file: &str, error: &io::Error| format!("{file} cannot be written: {error}.");
        if let Some(text) = &self.years_text {
            let path = root.join(&self.years_file);
            let written =
                if self.years_is_new { create(&path, text) } else { replace(&path, text) };
            written.map_err(|error| told(&self.years_file, &error))?;
            print::done(&format!("Added {} to {}.", self.year, self.years_file));
        }
        for (file, text) in &self.pages {
            create(&root.join(file), text).map_err(|error| told(file, &error))?;
            print::done(&format!("Wrote {file}."));
        }
        for sentence in &self.there {
            print::say(&format!("  {sentence}"));
        }
        if self.years_text.is_none() && self.pages.is_empty() {
            print::say(&format!("{} was set up before: nothing was changed.", self.year));
        } else {
            print::say("All other pages keep their addresses, and no other file was changed.");
        }
        let index = format!("{FOLDER}/_index.md");
        if self.pages.iter().any(|(file, _)| *file == index) {
            print::say(&format!(
                "Link to {index} from a page or a menu, so that visitors find it."
            ));
        }
        Ok(())
    }
}

fn unreadable(file: &Text) -> String {
    format!(
        "{} cannot be read; nothing was changed. `weekmark check` says where the mistake is.",
        file.file
    )
}

/// A day on which nothing depends.
fn first_day(year: i16) -> Date {
    Date::new(year, 1, 1).unwrap_or(crate::calendar::EPOCH)
}

/// Where the pages of years are in a site that has none yet.
const FOLDER: &str = "content/years";

/// The place of a year's page: where those of other years are, named as they are.
fn place_of_page(year: i16, others: &[(&str, i16)]) -> String {
    let Some((file, known)) = others.iter().max_by_key(|(_, known)| *known) else {
        return format!("{FOLDER}/{year}.md");
    };
    if file.contains(&known.to_string()) {
        return file.replace(&known.to_string(), &year.to_string());
    }
    let folder = file.rsplit_once('/').map_or("content", |(folder, _)| folder);
    format!("{folder}/{year}.md")
}

/// Whether the site itself, its theme or one that the theme is built on has a template.
fn theme_has(snapshot: &Snapshot, config: &Config, template: &str) -> bool {
    let of_site = format!("templates/{template}");
    let mut themes = crate::theme::bases(snapshot, config);
    themes.push(config.theme.clone());
    snapshot.has(&of_site)
        || themes.iter().any(|theme| snapshot.has(&format!("themes/{theme}/{of_site}")))
}

fn index_text(name: &str, has_table: bool) -> String {
    // The table leads to the pages; a list of them below would say everything twice.
    let (extra, table) =
        if has_table { ("extra: {list: false}\n", "\n:::years\n") } else { ("", "") };
    format!(
        "---\ntitle: Year by year\ndescription: {}\n{extra}---\n\n\
         Each year of {name} has a page of its own, with its dates and its theme.\n{table}",
        quoted(&format!("Dates and themes of {name}, one page for each year."))
    )
}

fn page_text(name: &str, year: i16, has_template: bool) -> String {
    let template = if has_template { "template: year.html\n" } else { "" };
    format!(
        "---\ntitle: {}\ndescription: {}\nyear: {year}\n{template}---\n\nThis page keeps what belongs to {name} {year}.\n",
        quoted(&format!("{name} {year}")),
        quoted(&format!("When {name} {year} is, its theme, and what belongs to it.")),
    )
}

/// What is said of a new year; what nobody knows yet stands there as a note.
fn entry_lines(
    year: i16,
    dates: Option<(Date, Date)>,
    last_tag: Option<(i16, &str)>,
    name: &str,
) -> Vec<String> {
    let tag = match last_tag {
        Some((last, tag)) => tag.replace(&last.to_string(), &year.to_string()),
        None => {
            let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            format!("#{}{year}", words.map(crate::slug::capital).collect::<String>())
        }
    };
    let mut lines = Vec::new();
    if let Some((first, last)) = dates {
        lines.push(format!("start: {first}"));
        lines.push(format!("end: {last}"));
    }
    lines.push("confirmed: false".into());
    lines.push("# Take away the # in front of a line to use it.".into());
    lines.push("# theme: \"The words of the theme, as the organizers wrote them\"".into());
    lines.push("# theme_owner: Who set the theme".into());
    lines.push(format!("# hashtag: {}", quoted(&tag)));
    lines.push("# source: a-name-from-sources.yaml".into());
    lines
}

/// `Sunday, October 10 – Saturday, October 16, 2027`
pub(in crate::cli) fn in_full(first: Date, last: Date) -> String {
    let print = |date: Date, format: &str| date.print(format, "en").unwrap_or_default();
    if first == last {
        return print(first, "full");
    }
    let begin = if first.year() == last.year() {
        format!("{}, {}", print(first, "weekday"), print(first, "day"))
    } else {
        print(first, "full")
    };
    format!("{begin} – {}", print(last, "full"))
}

/// The rule as a person says it.
fn in_words(rule: &Rule) -> String {
    let nth = |nth: i8| match nth {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        5 => "fifth",
        _ => "last",
    };
    // January 1, 2023 was a Sunday.
    let printed = |month: i8, day: i8, format: &str| {
        Date::new(2023, month, day)
            .and_then(|date| date.print(format, "en").ok())
            .unwrap_or_default()
    };
    let weekday = |number: i8| printed(1, 1 + number.rem_euclid(7), "weekday");
    let month = |number: i8| printed(number, 1, "month");
    // February 29 is a day in other years.
    let day = |(number, day): (i8, i8)| format!("{} {day}", month(number));
    match *rule {
        Rule::FullWeek { nth: n, month: m, starts } => {
            format!("the {} full week of {}, from {} on", nth(n), month(m), weekday(starts))
        }
        Rule::NthWeekday { nth: n, weekday: w, month: m, days: 1 } => {
            format!("the {} {} of {}", nth(n), weekday(w), month(m))
        }
        Rule::NthWeekday { nth: n, weekday: w, month: m, days } => {
            format!("{days} days from the {} {} of {}", nth(n), weekday(w), month(m))
        }
        Rule::WeekOf { month: m, day: d, starts } => {
            format!("the week that holds {}, from {} on", day((m, d)), weekday(starts))
        }
        Rule::Month { month: m } => format!("all of {}", month(m)),
        Rule::Fixed { from, to } => format!("{} to {}, every year", day(from), day(to)),
        Rule::Announced => "years.yaml alone says when it is".into(),
    }
}

/// What belongs to the years before `year`: for lists of what is left over.
pub(in crate::cli) fn old_years(texts: &Texts, year: i16, hashtag: Option<&str>) -> Old {
    let years = texts.data(YEARS).and_then(Text::yaml);
    let known = years.as_ref().map(entry::entries).unwrap_or_default();
    let last = known.iter().map(|(known, ..)| *known).filter(|known| *known < year).max();
    let first = last.unwrap_or(year - 1).clamp(year - YEARS_BACK, year - 1);
    let plain = |tag: &str| tag.trim_start_matches('#').to_lowercase();
    let mut hashtags: Vec<(String, i16)> = Vec::new();
    for (known, _, node) in &known {
        let Some(tag) = value_of(node, "hashtag").and_then(|tag| tag.text()) else { continue };
        let is_tag = tag.starts_with('#') && tag.len() > 1;
        if is_tag && (first..year).contains(known) && hashtag.map(plain) != Some(plain(tag)) {
            hashtags.push((tag.to_string(), *known));
        }
    }
    Old { years: (first..year).collect(), hashtags }
}

fn list_leftovers(
    texts: &Texts,
    campaign: &Campaign,
    (year, hashtag): (i16, &Option<String>),
    today: Date,
) {
    let old = old_years(texts, year, hashtag.as_deref());
    let found = leftover::find(texts, &old);
    let years: Vec<String> = old.years.iter().map(ToString::to_string).collect();
    let years = years.join(" or ");
    print::say("");
    if found.is_empty() {
        print::done(&format!("Nothing in the site still says {years}."));
        return;
    }
    let says = if found.len() == 1 { "place still says" } else { "places still say" };
    print::say(&print::bold(&format!("{} {says} {years}.", found.len())));
    let data = texts.data(YEARS).and_then(Text::yaml).map(|node| node.data());
    let last = week::week(campaign, data.as_ref(), year - 1, today);
    print::say(match last.filter(|last| today <= last.last) {
        Some(_) => {
            "That year is not over yet: go through the list when it is. What tells of the past may stay."
        }
        None => "Look at each one. What tells of the past may stay.",
    });
    for it in found {
        print::answer(&format!(
            "{}:{}:{}: {}: {}",
            it.file,
            it.place.line,
            it.place.column,
            it.about(),
            it.excerpt()
        ));
    }
}

/// Puts a changed text in the place of a file, all of it or nothing.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link.
    let path = fs::canonicalize(path)?;
    if fs::metadata(&path)?.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it may only be read"));
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".weekmark.tmp");
    let beside = path.with_file_name(name);
    let write = || -> io::Result<()> {
        fs::write(&beside, text)?;
        fs::set_permissions(&beside, fs::metadata(&path)?.permissions())?;
        fs::rename(&beside, &path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_comes_where_those_of_other_years_are() {
        assert_eq!(place_of_page(2027, &[]), "content/years/2027.md");
        let others =
            [("content/archive/week-2022.md", 2022), ("content/archive/week-2026.md", 2026)];
        assert_eq!(place_of_page(2027, &others), "content/archive/week-2027.md");
        assert_eq!(
            place_of_page(2027, &[("content/2026/index.md", 2026)]),
            "content/2027/index.md"
        );
        assert_eq!(place_of_page(2027, &[("content/y/now.md", 2026)]), "content/y/2027.md");
    }

    #[test]
    fn rules_are_said_in_words() {
        for (rule, words) in [
            (
                Rule::FullWeek { nth: 2, month: 10, starts: 0 },
                "the second full week of October, from Sunday on",
            ),
            (
                Rule::NthWeekday { nth: -1, weekday: 4, month: 11, days: 1 },
                "the last Thursday of November",
            ),
            (
                Rule::NthWeekday { nth: 1, weekday: 1, month: 5, days: 5 },
                "5 days from the first Monday of May",
            ),
            (
                Rule::WeekOf { month: 5, day: 12, starts: 0 },
                "the week that holds May 12, from Sunday on",
            ),
            (Rule::Month { month: 3 }, "all of March"),
            (Rule::Fixed { from: (5, 6), to: (5, 12) }, "May 6 to May 12, every year"),
        ] {
            assert_eq!(in_words(&rule), words);
        }
    }

    #[test]
    fn dates_have_their_weekdays() {
        let date = |text: &str| Date::read(text).unwrap();
        for (first, last, expected) in [
            ("2027-10-10", "2027-10-16", "Sunday, October 10 – Saturday, October 16, 2027"),
            ("2026-12-28", "2027-01-03", "Monday, December 28, 2026 – Sunday, January 3, 2027"),
            ("2027-11-18", "2027-11-18", "Thursday, November 18, 2027"),
        ] {
            assert_eq!(in_full(date(first), date(last)), expected);
        }
    }
}
