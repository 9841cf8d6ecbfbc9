//! Owns what templates see of ways, plans and posts. Must not know how they are read.

use tera::{Error, TeraResult, Value};

use super::functions::made;
use super::value::{int, list, map, maybe, of_data, text};
use crate::campaign::ways::{Audience, EVERYONE};
use crate::campaign::{Channel, Effort, TimeGroup, Way, Ways};
use crate::diag::{list as words, nearest};
use crate::model::made::Made;
use crate::view::View;
use crate::view::campaign::DatedPost;

/// `ways(audience=)`.
pub(super) fn ways(audience: Option<&str>, view: &View) -> TeraResult<Value> {
    let Some(all) = view.ways() else { return Ok(Value::none()) };
    known_audience("ways", audience, &all)?;
    let shown = |way: &&Way| audience.is_none_or(|audience| way.is_for(audience));
    let ways: Vec<&Way> = all.ways.iter().filter(shown).collect();
    let count = |is_it: &dyn Fn(&Way) -> bool| number(ways.iter().filter(|way| is_it(way)).count());
    let audiences = all.audiences.iter().enumerate().map(|(place, audience)| {
        map([
            ("name", text(&audience.name)),
            ("title", text(&audience.title)),
            ("url", maybe(audience.page.as_deref().and_then(|page| view.way_to(page)))),
            ("number", number(place + 1)),
            ("count", count(&|way| way.is_for(&audience.name))),
        ])
    });
    let kinds = all.kinds.iter().enumerate().map(|(place, kind)| {
        map([
            ("name", text(&kind.name)),
            ("title", text(&kind.title)),
            ("number", number(place + 1)),
            ("count", count(&|way| way.kind.as_deref() == Some(&kind.name))),
        ])
    });
    let efforts = Effort::ALL.map(|effort| {
        map([
            ("name", text(effort.name())),
            ("number", number(effort as usize + 1)),
            ("count", count(&|way| way.effort == Some(effort))),
        ])
    });
    let times = TimeGroup::ALL.map(|group| {
        let is_it = |way: &Way| way.time.as_ref().is_some_and(|(_, time)| *time == group);
        map([
            ("name", text(group.name())),
            ("number", number(group as usize + 1)),
            ("count", count(&is_it)),
        ])
    });
    let titles: Vec<Option<String>> = match ways.iter().any(|way| way.day.is_some()) {
        true => view.week(None).map_or(Vec::new(), |week| {
            week.days().into_iter().map(|(_, title)| title.map(String::from)).collect()
        }),
        false => Vec::new(),
    };
    Ok(map([
        ("audiences", list(audiences)),
        ("kinds", list(kinds)),
        ("efforts", list(efforts)),
        ("times", list(times)),
        ("ways", list(ways.iter().map(|way| of_way(way, &all, &titles, view)))),
    ]))
}

fn of_way(way: &Way, all: &Ways, days: &[Option<String>], view: &View) -> Value {
    let audiences = all.audiences.iter().enumerate();
    let audiences = audiences.filter(|(_, audience)| way.is_for(&audience.name));
    let kind = all.kinds.iter().position(|kind| way.kind.as_ref() == Some(&kind.name));
    let title = way.day.and_then(|day| days.get(usize::from(day) - 1)?.as_deref());
    map([
        ("title", text(&way.title)),
        ("text", maybe(way.text.as_deref())),
        ("url", maybe(way.page.as_deref().and_then(|page| view.way_to(page)))),
        (
            "audiences",
            list(audiences.map(|(place, audience)| {
                map([
                    ("name", text(&audience.name)),
                    ("title", text(&audience.title)),
                    ("number", number(place + 1)),
                ])
            })),
        ),
        ("everyone", Value::from(way.audience.is_empty())),
        (
            "kind",
            maybe(kind.map(|place| {
                map([
                    ("name", text(&all.kinds[place].name)),
                    ("title", text(&all.kinds[place].title)),
                    ("number", number(place + 1)),
                ])
            })),
        ),
        (
            "effort",
            maybe(way.effort.map(|effort| {
                map([("name", text(effort.name())), ("number", number(effort as usize + 1))])
            })),
        ),
        ("time", maybe(way.time.as_ref().map(|(time, _)| time.as_str()))),
        (
            "time_group",
            maybe(way.time.as_ref().map(|(_, group)| {
                map([("name", text(group.name())), ("number", number(*group as usize + 1))])
            })),
        ),
        ("day", maybe(way.day.map(i64::from))),
        ("day_title", maybe(title)),
        (
            "source",
            way.source
                .as_deref()
                .and_then(|name| view.source(name))
                .map_or_else(Value::none, of_data),
        ),
    ])
}

/// `planner(year=, audience=)`.
pub(super) fn planner(year: Option<i16>, audience: Option<&str>, view: &View) -> TeraResult<Value> {
    let Some(found) = view.planner(year) else { return Ok(Value::none()) };
    // Their titles stand with the ways.
    let all = view.ways().unwrap_or_default();
    known_audience("planner", audience, &all)?;
    let is_for =
        |names: &[String], one: &str| names.is_empty() || names.iter().any(|name| name == one);
    let tasks = found.tasks.iter();
    let tasks = tasks.filter(|task| audience.is_none_or(|one| is_for(&task.audience, one)));
    let lang = view.lang.as_str();
    let print =
        |date: crate::calendar::Date, format| text(&date.print(format, lang).unwrap_or_default());
    let of_audience = |audience: &Audience| {
        map([("name", text(&audience.name)), ("title", text(&audience.title))])
    };
    let tasks = tasks.map(|task| {
        let audiences =
            all.audiences.iter().filter(|audience| task.audience.contains(&audience.name));
        map([
            ("title", text(&task.title)),
            ("text", maybe(task.text.as_deref())),
            ("when", text(&task.when)),
            ("date", Value::from(task.date.to_string())),
            ("date_text", print(task.date, "long")),
            ("weekday", print(task.date, "weekday")),
            ("phase", text(task.phase.word())),
            ("weeks", maybe(task.weeks)),
            ("days_before", maybe(task.weeks.map(|_| task.date.days_until(found.week.first)))),
            ("audiences", list(audiences.map(of_audience))),
        ])
    });
    let year = found.week.year;
    Ok(map([
        ("year", int(year.into())),
        ("calendar", maybe(made(&Made::Planner(year), view))),
        ("tasks", list(tasks)),
    ]))
}

/// `posts(year=, channel=)`.
pub(super) fn posts(year: Option<i16>, channel: Option<&str>, view: &View) -> TeraResult<Value> {
    if let Some(name) = channel.filter(|name| Channel::named(name).is_none()) {
        return Err(unknown("posts", "channel", name, &Channel::NAMES));
    }
    let Some(found) = view.posts(year) else { return Ok(Value::none()) };
    let channels = Channel::ALL.iter().filter_map(|channel| {
        let count = found.posts.iter().filter(|post| post.channel == *channel).count();
        (count > 0).then(|| {
            map([
                ("name", text(channel.name())),
                ("title", text(channel.title())),
                ("limit", number(channel.limit())),
                ("count", number(count)),
            ])
        })
    });
    let posts = found.posts.iter();
    let posts = posts.filter(|post| channel.is_none_or(|name| post.channel.name() == name));
    let year = found.week.year;
    Ok(map([
        ("year", int(year.into())),
        ("text_file", maybe(made(&Made::PostsText(year), view))),
        ("csv_file", maybe(made(&Made::PostsTable(year), view))),
        ("channels", list(channels)),
        ("posts", list(posts.map(|post| of_post(post, view)))),
    ]))
}

fn of_post(post: &DatedPost, view: &View) -> Value {
    map([
        ("number", number(post.number)),
        ("when", text(&post.when)),
        ("date", Value::from(post.date.to_string())),
        ("date_text", text(&post.date.print("full", &view.lang).unwrap_or_default())),
        (
            "channel",
            map([("name", text(post.channel.name())), ("title", text(post.channel.title()))]),
        ),
        ("text", text(&post.text)),
        ("count", number(post.count)),
        ("limit", number(post.channel.limit())),
        ("image", maybe(post.image.as_deref().map(|path| view.url(path)))),
        ("alt", maybe(post.alt.as_deref())),
        ("day", maybe(post.day.map(i64::from))),
    ])
}

fn known_audience(function: &str, audience: Option<&str>, all: &Ways) -> TeraResult<()> {
    let names: Vec<&str> = all.audiences.iter().map(|audience| audience.name.as_str()).collect();
    match audience.filter(|name| *name != EVERYONE && !names.contains(name)) {
        Some(name) => Err(unknown(function, "audience", name, &names)),
        None => Ok(()),
    }
}

fn unknown(function: &str, what: &str, name: &str, known: &[&str]) -> Error {
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("there are {}", words(known.iter().copied())),
    };
    Error::message(format!("{function}() knows no {what} \"{name}\"; {hint}"))
}

fn number(number: usize) -> Value {
    int(i64::try_from(number).unwrap_or(i64::MAX))
}
