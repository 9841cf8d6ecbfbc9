//! Owns the files that are made of posts and tasks: posts of a year as plain text and as a table, and the tasks of a
//! year as entries of a calendar. Must not know how a page shows them.

use crate::calendar::Date;
use crate::view::View;
use crate::view::campaign::DatedPost;

/// The posts of a year as plain text, for people who read or copy them: day by day, each with its channel, what the
/// channel counts, the text, and the words for the picture. `None`: there are no posts, or nothing is known of the
/// year.
pub(super) fn text(year: i16, view: &View) -> Option<String> {
    let found = view.posts(Some(year))?;
    let lang = view.lang.as_str();
    let week = &found.week;
    let mut out = format!("{} {}\n{}\n", week.name, week.year, week.range(lang));
    let mut day: Option<Date> = None;
    for post in &found.posts {
        if day.replace(post.date) != Some(post.date) {
            let date = post.date.print("full", lang).unwrap_or_default();
            let titles = week.days();
            let title = titles.iter().find(|(date, _)| *date == post.date).and_then(|day| day.1);
            let line = match title {
                Some(title) => format!("{date}: {title}"),
                None => date,
            };
            let rule = "=".repeat(line.chars().count());
            out.push_str(&format!("\n\n{line}\n{rule}\n"));
        }
        let (channel, limit) = (post.channel.title(), post.channel.limit());
        out.push_str(&format!("\n{channel}, {} of {limit} characters\n\n", post.count));
        out.push_str(&post.text);
        out.push('\n');
        if let Some(image) = address(post, view) {
            out.push_str(&format!("\nPicture: {image}\n"));
            if let Some(alt) = &post.alt {
                out.push_str(&format!("Alternative text: {alt}\n"));
            }
        }
    }
    Some(out)
}

/// The columns of the table.
const COLUMNS: [&str; 8] =
    ["date", "day", "channel", "characters", "limit", "text", "image", "alt"];

/// The posts of a year as a table (RFC 4180): a row of names, then one for each post and channel. Lines end in CRLF,
/// every cell stands in quotation marks, dates are `2027-10-10`, and `day` is the day of the observance if the post
/// has one. The file is UTF-8 without a byte-order mark.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` (or a tab or line break before one) for a formula.
/// Texts come from an editor, not from strangers, but `@name` at the beginning is usual, and a formula would show an
/// error in its place. Such a cell gets an apostrophe in front, as people write it by hand. `#` is no such sign.
///
/// `None`: there are no posts, or nothing is known of the year.
pub(super) fn csv(year: i16, view: &View) -> Option<String> {
    let found = view.posts(Some(year))?;
    let mut out = String::new();
    row(COLUMNS.map(String::from), &mut out);
    for post in &found.posts {
        let cells = [
            post.date.to_string(),
            post.day.map(|day| day.to_string()).unwrap_or_default(),
            post.channel.title().to_string(),
            post.count.to_string(),
            post.channel.limit().to_string(),
            guarded(&post.text),
            address(post, view).unwrap_or_default(),
            guarded(post.alt.as_deref().unwrap_or_default()),
        ];
        row(cells, &mut out);
    }
    Some(out)
}

/// The tasks of a year in the order of the calendar: day, title, text. None at all where there is no plan, or nothing is
/// known of the year.
pub(super) fn planner_entries(year: i16, view: &View) -> Vec<(Date, String, Option<String>)> {
    let found = view.planner(Some(year));
    let tasks = found.into_iter().flat_map(|found| found.tasks);
    tasks.map(|task| (task.date, task.title, task.text)).collect()
}

/// Where the picture of a post is: the absolute address, or the path on the site while it has no address.
fn address(post: &DatedPost, view: &View) -> Option<String> {
    let path = post.image.as_ref()?;
    Some(view.permalink(path).unwrap_or_else(|| path.clone()))
}

fn guarded(text: &str) -> String {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@']);
    if is_formula { format!("'{text}") } else { text.to_string() }
}

fn row(cells: [String; COLUMNS.len()], out: &mut String) {
    let quoted = cells.map(|cell| {
        let lines = cell.replace("\r\n", "\n").replace('\n', "\r\n");
        format!("\"{}\"", lines.replace('"', "\"\""))
    });
    out.push_str(&quoted.join(","));
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::config::Config;
    use crate::fingerprint::Hashed;
    use crate::model::{self, Parts, Shelf};
    use crate::view::Common;
    use crate::yaml;

    const SITE: &str = "title: T\nbase_url: https://example.org/\n\
        campaign: {name: The Week, rule: {full_week: 2, month: October}, days: [Kick-off]}\n";
    const POSTS: &str = r##"
hashtags: ["#TheWeek"]
posts:
  - {when: day 1, channels: [x, bluesky], text: "{name} starts today. {url}", image: dates.png, alt: "{dates}"}
  - {when: 1 week before, channels: [linkedin], text: "@all: say \"thanks\"\n\nSoon."}
  - {when: 1 day before, channels: [x], text: "Theme: {theme}"}
"##;
    const PLANNER: &str =
        "tasks: [{when: day 1, title: Start}, {when: 1 day before, title: Print, text: Twice}]\n";

    /// A view of a site with these data files.
    fn view(site: &str) -> View {
        let data = |text: &str| Arc::new(Hashed::new(yaml::parse(text, 0).unwrap().data()));
        let parts = Parts {
            config: Arc::new(Hashed::new(Config::read(site, &mut Vec::new()).unwrap())),
            docs: &[],
            data: [("posts", POSTS), ("planner", PLANNER)]
                .map(|(name, text)| (name.to_string(), data(text)))
                .into(),
            data_files: BTreeMap::new(),
            files: vec!["dates.png".into()],
            today: Date::read("2027-09-01").unwrap(),
            unpublished: false,
            search: false,
        };
        let site = Arc::new(model::assemble(parts, &mut Shelf::default()));
        let common = Arc::new(Common::new(site, Arc::default(), Arc::default(), true));
        View::new(&common, None, "/kit/posts-2027.txt".into(), "en".into())
    }

    #[test]
    fn the_text_goes_day_by_day() {
        let wanted = "\
The Week 2027
October 10–16, 2027


Sunday, October 3, 2027
=======================

LinkedIn, 35 of 3000 characters

@all: say \"thanks\"

Soon.

#TheWeek


Sunday, October 10, 2027: Kick-off
==================================

X, 55 of 280 characters

The Week starts today. https://example.org/ #TheWeek

Picture: https://example.org/dates.png
Alternative text: October 10–16, 2027

Bluesky, 52 of 300 characters

The Week starts today. https://example.org/ #TheWeek

Picture: https://example.org/dates.png
Alternative text: October 10–16, 2027
";
        assert_eq!(text(2027, &view(SITE)).unwrap(), wanted);
    }

    #[test]
    fn the_table_has_a_row_for_each_post_and_channel() {
        let wanted = [
            "\"date\",\"day\",\"channel\",\"characters\",\"limit\",\"text\",\"image\",\"alt\"",
            "\"2027-10-03\",\"\",\"LinkedIn\",\"35\",\"3000\",\"'@all: say \"\"thanks\"\"",
            "",
            "Soon.",
            "",
            "#TheWeek\",\"\",\"\"",
            "\"2027-10-10\",\"1\",\"X\",\"55\",\"280\",\"The Week starts today. https://example.org/ #TheWeek\",\"https://example.org/dates.png\",\"October 10–16, 2027\"",
            "\"2027-10-10\",\"1\",\"Bluesky\",\"52\",\"300\",\"The Week starts today. https://example.org/ #TheWeek\",\"https://example.org/dates.png\",\"October 10–16, 2027\"",
            "",
        ];
        assert_eq!(csv(2027, &view(SITE)).unwrap(), wanted.join("\r\n"));
        let without = csv(2027, &view(&SITE.replace("base_url", "tagline"))).unwrap();
        assert!(
            without.contains("\"The Week starts today. #TheWeek\",\"/dates.png\""),
            "{without}"
        );
    }

    #[test]
    fn tasks_are_entries_by_date() {
        let entries = planner_entries(2027, &view(SITE));
        let shown: Vec<String> =
            entries.iter().map(|(date, title, text)| format!("{date} {title} {text:?}")).collect();
        assert_eq!(shown, ["2027-10-09 Print Some(\"Twice\")", "2027-10-10 Start None"]);
    }

    #[test]
    fn a_year_that_no_calendar_has_gives_nothing() {
        assert_eq!(text(i16::MAX, &view(SITE)), None);
        assert_eq!(csv(i16::MAX, &view(SITE)), None);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@week", " =1", "\t@a"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "#Week", "1-2", "'a", "A = b"] {
            assert_eq!(guarded(text), text);
        }
    }

    #[test]
    fn a_row_is_quoted_and_ends_in_crlf() {
        let mut out = String::new();
        let mut cells: [String; 8] = Default::default();
        cells[5] = "Say \"thanks\",\ntoday".into();
        row(cells, &mut out);
        assert_eq!(out, "\"\",\"\",\"\",\"\",\"\",\"Say \"\"thanks\"\",\r\ntoday\",\"\",\"\"\r\n");
    }
}
