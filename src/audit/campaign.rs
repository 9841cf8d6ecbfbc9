//! Owns the look at the data files of the campaign with the site around them: pages, pictures, sources and audiences
//! that they name, days that no year has, posts that are too long for their channel. Must not know how they are shown.

use crate::campaign::count::{BLUESKY_BYTES, Excess, INSTAGRAM_HASHTAGS};
use crate::campaign::{Posts, When, planner, posts, ways};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::fingerprint::Fp;
use crate::model::lookup::Target;
use crate::model::week::{self, Week};
use crate::model::{About, Key, Site};
use crate::parse::data::{Mention, Mentioned};
use crate::parse::markdown::{LinkTo, is_outside};
use crate::yaml::Data;

/// A data file with what it mentions.
#[derive(Debug, Clone, Copy)]
pub struct Mentions<'a> {
    /// The file in the site's folder.
    pub file: &'a str,
    /// The fingerprint of its bytes, so that places in it are known to be the same.
    pub bytes: Fp,
    /// What it mentions.
    pub all: &'a [Mention],
}

/// The files that mention something, by their names without ending.
pub const FILES: [&str; 4] = [week::YEARS, ways::FILE, planner::FILE, posts::FILE];

/// What was found in the pass before, and the fingerprint of all that it follows from.
#[derive(Debug, Default)]
pub struct Shelf(Option<(Fp, Vec<Diagnostic>)>);

/// What is wrong with the files as parts of the site.
pub fn check(shelf: &mut Shelf, site: &Site, files: &[Mentions<'_>]) -> Vec<Diagnostic> {
    if files.iter().all(|file| file.all.is_empty()) {
        return Vec::new();
    }
    let facts = &site.index.facts;
    let mut fps = [About::Addresses, About::Data, About::Weeks].map(|kind| facts.of(kind)).to_vec();
    fps.extend(files.iter().map(|file| Fp::of(&(file.file, file.bytes))));
    let fp = Fp::join(&fps);
    if let Some((_, known)) = shelf.0.as_ref().filter(|(known, _)| *known == fp) {
        return known.clone();
    }
    let weeks = weeks_to_come(site);
    let mut problems = Vec::new();
    for file in files {
        for mention in file.all {
            check_mention(mention, file.file, site, &weeks, &mut problems);
        }
        if file.all.iter().any(|mention| matches!(mention.what, Mentioned::Post(_))) {
            check_lengths(file, site, &weeks, &mut problems);
        }
    }
    shelf.0 = Some((fp, problems.clone()));
    problems
}

/// The observance in all years that are not over and that somebody may prepare for: the next one, and those of
/// `years.yaml`.
fn weeks_to_come(site: &Site) -> Vec<Week> {
    let known = site.weeks().iter().map(|week| (**week).clone());
    let mut weeks: Vec<Week> = known.filter(|week| week.last >= site.today).collect();
    if let Some(next) = site.week(None)
        && !weeks.iter().any(|week| week.year == next.year)
    {
        weeks.push((*next).clone());
    }
    weeks.sort_by_key(|week| week.first);
    weeks
}

fn check_mention(
    mention: &Mention,
    file: &str,
    site: &Site,
    weeks: &[Week],
    problems: &mut Vec<Diagnostic>,
) {
    let Mention { what, text, span } = mention;
    let at = |code, message: String| Diagnostic::at(code, file, *span, message);
    match what {
        Mentioned::Page if is_outside(text) => {}
        Mentioned::Page => {
            if let Target::Broken(broken) = site.resolve(&Key::from(""), text, LinkTo::Page) {
                let code = match (broken.anchor, broken.held_back) {
                    (_, true) => Code::HeldBackLink,
                    (true, false) => Code::BrokenAnchor,
                    (false, false) => Code::BrokenLink,
                };
                let hint = match code {
                    Code::HeldBackLink => {
                        Some("Until the page is published, the link is left out.".into())
                    }
                    _ => broken.hint,
                };
                problems.push(at(code, broken.message).maybe_hint(hint));
            }
        }
        Mentioned::Picture => match site.resolve(&Key::from(""), text, LinkTo::File) {
            Target::File { .. } => {}
            Target::Broken(broken) => {
                problems.push(at(Code::MissingFile, broken.message).maybe_hint(broken.hint));
            }
            _ => problems
                .push(at(Code::MissingFile, format!("\"{text}\" is a page, not a picture."))),
        },
        Mentioned::Source => {
            let Some(names) = names(site, "sources", None) else { return };
            if !names.contains(&text.as_str()) {
                let hint = match nearest(text, names.iter().copied()) {
                    Some(near) => format!("Did you mean \"{near}\"?"),
                    None => format!("Add \"{text}\" to content/_data/sources.yaml."),
                };
                let message = format!("content/_data/sources.yaml has no source \"{text}\".");
                problems.push(at(Code::UnknownSource, message).hint(hint));
            }
        }
        Mentioned::Audience => {
            let Some(names) = names(site, ways::FILE, Some("audiences")) else { return };
            if !names.contains(&text.as_str()) {
                let hint = match (nearest(text, names.iter().copied()), names.as_slice()) {
                    (Some(near), _) => format!("Did you mean \"{near}\"?"),
                    (None, []) => {
                        format!("Add \"{text}\" to \"audiences\" in content/_data/ways.yaml.")
                    }
                    (None, names) => format!("There are {}.", list(names.iter().copied())),
                };
                let message = format!("content/_data/ways.yaml has no audience \"{text}\".");
                problems.push(at(Code::BadValue, message).hint(hint));
            }
        }
        Mentioned::When => {
            let is_never = |when: When| {
                !weeks.is_empty()
                    && weeks.iter().all(|week| when.date(week.first, week.last).is_none())
            };
            if When::read(text).is_ok_and(is_never) {
                let days = |week: &Week| week.first.days_until(week.last) + 1;
                let most = weeks.iter().map(days).max().unwrap_or_default();
                let hint = format!("Choose a day up to {most}, or write \"1 day after\".");
                let message =
                    format!("The observance has {most} days, so \"{}\" never comes.", text.trim());
                problems.push(at(Code::NoEffect, message).hint(hint));
            }
        }
        Mentioned::Post(_) => {}
    }
}

/// The names in a data file, or in a group of it. `None`: the file cannot be read, which is told already.
fn names<'a>(site: &'a Site, file: &str, group: Option<&str>) -> Option<Vec<&'a str>> {
    let data = site.data(file).map(|data| &**data);
    let group = match (data, group) {
        (Some(Data::Null), _) => return None,
        (Some(data), Some(group)) => data.get(group),
        (data, _) => data,
    };
    Some(match group {
        Some(Data::Map(entries)) => entries.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    })
}

/// What keeps posts from being posted, each told once for a channel, for the first year in which it does.
fn check_lengths(file: &Mentions<'_>, site: &Site, weeks: &[Week], problems: &mut Vec<Diagnostic>) {
    let Some(data) = site.data(posts::FILE) else { return };
    let posts = Posts::read(data);
    let mut told = Vec::new();
    for week in weeks {
        let year = week.observance(&site.config.language);
        for ready in posts.ready(&year, |page| link(site, page)) {
            let Some(excess) = ready.channel.excess(ready.counted()) else { continue };
            let mentioned = |mention: &&Mention| mention.what == Mentioned::Post(ready.place);
            let Some(mention) = file.all.iter().find(mentioned) else { continue };
            if told.contains(&(ready.place, ready.channel)) {
                continue;
            }
            told.push((ready.place, ready.channel));
            let (channel, name) = (ready.channel.title(), ready.channel.name());
            let limit = ready.channel.limit();
            let (message, hint) = match excess {
                Excess::Characters(count) => (
                    format!(
                        "For {channel} this post is {} too long in {}: it counts {count}, and {limit} fit.",
                        match count - limit {
                            1 => "1 character".to_string(),
                            more => format!("{more} characters"),
                        },
                        week.year
                    ),
                    format!(
                        "Shorten the text, or take {name} out of \"channels\" and write a shorter post for it."
                    ),
                ),
                Excess::Bytes(count) => (
                    format!(
                        "For {channel} this post is too large in {}: it has {count} bytes, and {BLUESKY_BYTES} fit.",
                        week.year
                    ),
                    "Use fewer emoji, or shorten the text.".to_string(),
                ),
                Excess::Hashtags(count) => (
                    format!(
                        "For {channel} this post has too many hashtags in {}: {count}, and {INSTAGRAM_HASHTAGS} are allowed.",
                        week.year
                    ),
                    "Leave some out.".to_string(),
                ),
            };
            problems
                .push(Diagnostic::at(Code::LongPost, file.file, mention.span, message).hint(hint));
        }
    }
}

/// The absolute address of a page, as posts have it.
fn link(site: &Site, page: Option<&str>) -> Option<String> {
    let page = page.unwrap_or("/");
    if is_outside(page) {
        return Some(page.to_string());
    }
    site.resolve(&Key::from(""), page, LinkTo::Page).permalink(site.config.base_url.as_ref()?)
}
