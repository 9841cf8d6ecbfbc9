//! Owns the functions that templates call: thin shells over [`View`], which records what they read.
//! Must not know what a page is made of beyond its card.
//!
//! The engine's functions cannot borrow, so the view of the output that is being made stands in a
//! thread-local, set by `with` for the time of one rendering. It is the only hidden channel of the
//! program; an output is made on one thread from start to end.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::Theme;
use super::value::{int, list, map, maybe, of_data, of_entries, text};
use crate::diag::{list as words, nearest};
use crate::model::lookup::Target;
use crate::model::week::Week;
use crate::model::{Card, Key, MenuEntry, MenuTarget};
use crate::parse::markdown::{Heading, LinkTo};
use crate::view::View;

struct Current {
    view: Rc<View>,
    words: Arc<super::Words>,
}

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// Puts the view back that was there before, also when a rendering panics.
struct Restore(Option<Current>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.with(|current| *current.borrow_mut() = self.0.take());
    }
}

/// Runs `render` with `view` behind the functions.
pub(super) fn with<T>(view: &Rc<View>, theme: &Theme, render: impl FnOnce() -> T) -> T {
    let current = Current { view: view.clone(), words: theme.words.clone() };
    let _restore = Restore(CURRENT.with(|slot| slot.borrow_mut().replace(current)));
    render()
}

/// The language of the output that is being made.
pub(super) fn language() -> String {
    CURRENT.with(|current| {
        current.borrow().as_ref().map_or_else(|| "en".into(), |current| current.view.lang.clone())
    })
}

fn current<T>(ask: impl FnOnce(&View, &super::Words) -> TeraResult<T>) -> TeraResult<T> {
    CURRENT.with(|current| match &*current.borrow() {
        Some(current) => ask(&current.view, &current.words),
        None => Err(Error::message("This function works only while a page is made")),
    })
}

/// The name of every function and its arguments.
pub const FUNCTIONS: &[(&str, &[&str])] = &[
    ("menu", &["name"]),
    ("breadcrumbs", &[]),
    ("neighbors", &[]),
    ("children", &["of"]),
    ("recent", &["limit"]),
    ("card", &["of"]),
    ("terms", &["taxonomy"]),
    ("tagged", &["taxonomy", "term"]),
    ("link", &["to"]),
    ("permalink", &["to"]),
    ("asset", &["path"]),
    ("data", &["file"]),
    ("campaign", &["year"]),
    ("campaign_years", &[]),
    ("toc", &["depth"]),
    ("translations", &[]),
    ("t", &["key"]),
];

/// Adds the functions to an engine.
pub(super) fn register(tera: &mut Tera) {
    for (name, arguments) in FUNCTIONS {
        let name = *name;
        tera.register_function(name, move |given: Kwargs, _: &State<'_>| {
            check_arguments(name, arguments, &given)?;
            current(|view, theme_words| call(name, &given, view, theme_words))
        });
    }
}

fn check_arguments(name: &str, known: &[&str], given: &Kwargs) -> TeraResult<()> {
    // t() takes whatever its phrase has places for.
    if name == "t" {
        return Ok(());
    }
    for (key, _) in given.iter() {
        let key = key.as_str().unwrap_or_default();
        if !known.contains(&key) {
            let hint = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("it takes {}", words(known.iter().copied())),
            };
            return Err(Error::message(format!("{name}() takes no argument \"{key}\"; {hint}")));
        }
    }
    Ok(())
}

fn call(name: &str, given: &Kwargs, view: &View, theme_words: &super::Words) -> TeraResult<Value> {
    match name {
        "menu" => menu(given.get::<&str>("name")?.unwrap_or("main"), view),
        "breadcrumbs" => Ok(breadcrumbs(view)),
        "neighbors" => {
            let (before, after) = view.neighbors();
            let one = |card: Option<&Card>| maybe(card.map(|card| of_card(card, view)));
            Ok(map([("previous", one(before)), ("next", one(after))]))
        }
        "children" => {
            let key = match given.get::<&str>("of")? {
                Some(of) => page_named("children", of, view)?,
                None => view.key.clone().unwrap_or_else(|| "".into()),
            };
            Ok(cards(view.listing(&key), view))
        }
        "recent" => {
            let limit = given.get::<u64>("limit")?.unwrap_or(20);
            Ok(cards(view.recent(usize::try_from(limit).unwrap_or(usize::MAX)), view))
        }
        "card" => {
            let key = page_named("card", given.must_get::<&str>("of")?, view)?;
            Ok(maybe(view.card(&key).map(|card| of_card(card, view))))
        }
        "terms" => terms(given.must_get::<&str>("taxonomy")?, view),
        "tagged" => {
            let taxonomy = given.must_get::<&str>("taxonomy")?;
            Ok(cards(view.tagged(taxonomy, given.must_get::<&str>("term")?), view))
        }
        "link" => link(given.must_get::<&str>("to")?, view),
        "permalink" => {
            let to = given.must_get::<&str>("to")?;
            let target = found("permalink", to, LinkTo::Page, view)?;
            let path = match &target {
                Target::Page { path, .. } | Target::File { path, .. } => path.as_str(),
                _ => view.path.as_str(),
            };
            Ok(maybe(view.permalink(path)))
        }
        "asset" => asset(given.must_get::<&str>("path")?, view),
        "data" => data(given.must_get::<&str>("file")?, view),
        "campaign" => {
            let year = given.get::<i64>("year")?.and_then(|year| i16::try_from(year).ok());
            campaign(year, view)
        }
        "campaign_years" => Ok(list(view.weeks().iter().map(|week| of_week(week, view)))),
        "toc" => {
            let depth = given.get::<u64>("depth")?.unwrap_or(3);
            let headings =
                view.own().and_then(|page| page.doc.as_ref()).map(|doc| &doc.body.headings);
            Ok(toc(headings.map_or(&[][..], |headings| headings), depth))
        }
        "translations" => Ok(translations(view)),
        _ => phrase(given, view, theme_words),
    }
}

/// The page that a template names by its path below `content/`.
fn page_named(function: &str, path: &str, view: &View) -> TeraResult<Key> {
    match found(function, path, LinkTo::Page, view)? {
        Target::Page { key, .. } => Ok(key),
        _ => Err(Error::message(format!("{function}() needs a page, and \"{path}\" is a file"))),
    }
}

fn found(function: &str, path: &str, to: LinkTo, view: &View) -> TeraResult<Target> {
    match view.resolve_from_root(path, to) {
        Target::Broken(broken) => {
            let hint = broken.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
            Err(Error::message(format!("{function}(): {}{hint}", broken.message)))
        }
        target => Ok(target),
    }
}

fn link(to: &str, view: &View) -> TeraResult<Value> {
    if crate::parse::markdown::is_outside(to) {
        return Ok(text(to));
    }
    let target = found("link", to, LinkTo::Page, view)?;
    Ok(maybe(view.address_of(&target)))
}

fn menu(name: &str, view: &View) -> TeraResult<Value> {
    match view.menu(name) {
        Some(entries) => Ok(list(entries.iter().map(|entry| of_entry(entry, view)))),
        None => Err(Error::message(format!("site.yaml has no menu \"{name}\""))),
    }
}

fn of_entry(entry: &MenuEntry, view: &View) -> Value {
    let url = match &entry.to {
        MenuTarget::Page(_, path) | MenuTarget::Path(path) => view.url(path),
        MenuTarget::Outside(url) => url.clone(),
    };
    let (current, active) = view.is_current(&entry.to);
    map([
        ("title", text(&entry.title)),
        ("url", Value::from(url)),
        ("current", Value::from(current)),
        ("active", Value::from(active)),
        ("children", list(entry.children.iter().map(|child| of_entry(child, view)))),
    ])
}

fn breadcrumbs(view: &View) -> Value {
    let Some(own) = view.own() else { return list([]) };
    let mut crumbs: Vec<Value> = Vec::new();
    for key in &own.trail {
        if let Some((title, path)) = view.crumb(key) {
            crumbs.push(map([
                ("title", text(title)),
                ("url", Value::from(view.url(path))),
                ("permalink", maybe(view.permalink(path))),
                ("current", Value::from(false)),
            ]));
        }
    }
    crumbs.push(map([
        ("title", text(&own.card.title)),
        ("url", Value::from(view.url(&own.card.path))),
        ("permalink", maybe(view.permalink(&own.card.path))),
        ("current", Value::from(true)),
    ]));
    Value::from(crumbs)
}

fn cards(cards: Vec<&Card>, view: &View) -> Value {
    list(cards.into_iter().map(|card| of_card(card, view)))
}

fn of_card(card: &Card, view: &View) -> Value {
    let date = |date: Option<crate::calendar::Date>| maybe(date.map(|date| date.to_string()));
    let image = card.image.as_ref().map(|picture| {
        map([
            ("url", Value::from(view.url(&picture.path))),
            ("permalink", maybe(view.permalink(&picture.path))),
            ("alt", text(&picture.alt)),
        ])
    });
    map([
        ("title", text(&card.title)),
        ("description", maybe(card.description.as_deref())),
        ("url", Value::from(view.url(&card.path))),
        ("path", text(&card.path)),
        ("permalink", maybe(view.permalink(&card.path))),
        ("date", date(card.date)),
        ("updated", date(card.updated)),
        ("kind", text(card.kind.word())),
        ("weight", maybe(card.weight)),
        ("audience", list(card.audience.iter().map(|name| text(name)))),
        ("image", maybe(image)),
        ("summary", text(&card.summary)),
        ("status", text(card.status.word())),
        ("lang", text(&card.lang)),
        ("extra", of_entries(&card.extra)),
    ])
}

fn terms(taxonomy: &str, view: &View) -> TeraResult<Value> {
    let Some(terms) = view.terms(taxonomy) else {
        let known = view.globals().taxonomies.iter().map(|t| t.name.as_str());
        return Err(Error::message(format!(
            "site.yaml declares no taxonomy \"{taxonomy}\"; there are {}",
            words(known)
        )));
    };
    Ok(list(terms.into_iter().map(|(title, slug, path, count)| {
        map([
            ("title", text(title)),
            ("slug", text(slug)),
            ("url", Value::from(view.url(path))),
            ("count", int(i64::try_from(count).unwrap_or(i64::MAX))),
        ])
    })))
}

fn asset(path: &str, view: &View) -> TeraResult<Value> {
    match view.asset(path) {
        Some(found) => Ok(Value::from(view.url(&found))),
        None => {
            let near = nearest(path, view.asset_names());
            let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            Err(Error::message(format!("The theme has no file assets/{path}{hint}")))
        }
    }
}

fn data(name: &str, view: &View) -> TeraResult<Value> {
    match view.data(name) {
        Some(data) => Ok(of_data(data)),
        None => {
            let near = nearest(name, view.data_names());
            let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            Err(Error::message(format!("There is no data file content/_data/{name}.yaml{hint}")))
        }
    }
}

fn campaign(year: Option<i16>, view: &View) -> TeraResult<Value> {
    match view.week(year) {
        Some(week) => Ok(of_week(&week, view)),
        None if view.globals().campaign.is_none() => Ok(Value::none()),
        None => Err(Error::message(match year {
            Some(year) => format!("The rule in site.yaml gives no dates for {year}"),
            None => "The rule in site.yaml gives no dates for the years to come".into(),
        })),
    }
}

fn of_week(week: &Week, view: &View) -> Value {
    let lang = view.lang.as_str();
    let print = |date: crate::calendar::Date, format: &str| {
        Value::from(date.print(format, lang).unwrap_or_default())
    };
    let days = week.days().into_iter().map(|(date, title)| {
        map([
            ("date", Value::from(date.to_string())),
            ("text", print(date, "full")),
            ("weekday", print(date, "weekday")),
            ("title", maybe(title)),
        ])
    });
    let source = week.source.as_deref().and_then(|name| view.source(name));
    map([
        ("name", text(&week.name)),
        ("year", int(i64::from(week.year))),
        ("start", Value::from(week.first.to_string())),
        ("end", Value::from(week.last.to_string())),
        ("range", Value::from(week.range(lang))),
        ("start_text", print(week.first, "full")),
        ("end_text", print(week.last, "full")),
        ("days", list(days)),
        ("theme", maybe(week.theme.as_deref())),
        ("theme_owner", maybe(week.theme_owner.as_deref())),
        ("hashtag", maybe(week.hashtag.as_deref())),
        ("confirmed", Value::from(week.confirmed)),
        ("note", maybe(week.note.as_deref())),
        ("source", source.map_or_else(Value::none, of_data)),
        ("state", text(week.state)),
        ("previous_year", int(i64::from(week.year) - 1)),
        ("next_year", int(i64::from(week.year) + 1)),
    ])
}

/// The headings as a tree, down to `depth` levels below the page's title.
fn toc(headings: &[Heading], depth: u64) -> Value {
    let Some(top) = headings.iter().map(|heading| heading.level).min() else { return list([]) };
    let most = u64::from(top) + depth.max(1) - 1;
    let shown: Vec<&Heading> = headings.iter().filter(|h| u64::from(h.level) <= most).collect();
    branch(&shown)
}

fn branch(headings: &[&Heading]) -> Value {
    let mut items = Vec::new();
    let mut at = 0;
    while at < headings.len() {
        let heading = headings[at];
        let below = headings[at + 1..].iter().take_while(|h| h.level > heading.level).count();
        items.push(map([
            ("title", text(&heading.title)),
            ("id", text(&heading.id)),
            ("level", int(i64::from(heading.level))),
            ("children", branch(&headings[at + 1..at + 1 + below])),
        ]));
        at += 1 + below;
    }
    Value::from(items)
}

fn translations(view: &View) -> Value {
    list(view.translations().into_iter().map(|(lang, name, card)| {
        map([
            ("lang", text(lang)),
            ("name", text(name)),
            ("url", Value::from(view.url(&card.path))),
            ("permalink", maybe(view.permalink(&card.path))),
            ("title", text(&card.title)),
            ("current", Value::from(lang == view.lang)),
        ])
    }))
}

fn phrase(given: &Kwargs, view: &View, theme_words: &super::Words) -> TeraResult<Value> {
    let key = given.must_get::<&str>("key")?;
    let Some(phrase) = theme_words.word(&view.lang, key) else {
        let near = nearest(key, theme_words.keys());
        let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
        return Err(Error::message(format!("The theme's i18n files have no word \"{key}\"{hint}")));
    };
    let mut out = phrase.to_string();
    for (name, value) in given.iter() {
        if let Some(name) = name.as_str().filter(|name| *name != "key") {
            out = out.replace(&format!("{{{name}}}"), &value.to_string());
        }
    }
    Ok(Value::from(out))
}
