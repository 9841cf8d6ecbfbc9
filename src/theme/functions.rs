//! Owns the functions that templates call: thin shells over [`View`], which records what they read.
//! Must not know what a page is made of beyond its card.
//!
//! The engine's functions cannot borrow, so the view of the output that is being made stands in a
//! thread-local, set by `with` for the time of one rendering. It is the only hidden channel of the
//! program; an output is made on one thread from start to end.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, PoisonError, RwLock};

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::campaign;
use super::context::{Part, Shared};
use super::icons::Place;
use super::value::{Field, int, list, map, maybe, of_data, of_entries, text};
use super::{Renderer, Shows, Theme};
use crate::diag::{list as words, nearest};
use crate::fingerprint::{ByName, Fp};
use crate::model::lookup::{Broken, Target};
use crate::model::made::Made;
use crate::model::week::Week;
use crate::model::{Card, Key, MenuEntry, MenuTarget};
use crate::parse::event::Time;
use crate::parse::markdown::Heading;
use crate::plan::icon::MANIFEST;
use crate::view::{Listed, Resolved, View};
use crate::yaml::Data;

struct Current {
    view: Rc<View>,
    theme: Arc<Theme>,
    shared: Arc<Shared>,
    shows: Arc<Shows>,
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
pub(super) fn with<T>(
    view: &Rc<View>,
    renderer: &Renderer,
    shows: &Arc<Shows>,
    render: impl FnOnce() -> T,
) -> T {
    let current = Current {
        view: view.clone(),
        theme: renderer.theme.clone(),
        shared: renderer.shared.clone(),
        shows: shows.clone(),
    };
    let _restore = Restore(CURRENT.with(|slot| slot.borrow_mut().replace(current)));
    render()
}

/// The language of the output that is being made.
pub(super) fn language() -> String {
    CURRENT.with(|current| {
        current.borrow().as_ref().map_or_else(|| "en".into(), |current| current.view.lang.clone())
    })
}

fn current<T>(ask: impl FnOnce(&Current) -> TeraResult<T>) -> TeraResult<T> {
    CURRENT.with(|current| match &*current.borrow() {
        Some(current) => ask(current),
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
    ("picture", &["src", "alt", "sizes", "lazy"]),
    ("asset", &["path"]),
    ("data", &["file"]),
    ("campaign", &["year"]),
    ("campaign_years", &[]),
    ("campaign_next", &["count"]),
    ("events", &["year"]),
    ("json_ld", &[]),
    ("logo", &[]),
    ("icons", &[]),
    ("preview", &[]),
    ("feeds", &[]),
    ("color", &["token", "mode"]),
    ("ways", &["audience"]),
    ("planner", &["year", "audience"]),
    ("posts", &["year", "channel"]),
    ("toc", &["depth"]),
    ("translations", &[]),
    ("pages", &[]),
    ("shared", &["template"]),
    ("t", &["key"]),
];

/// The functions that say the same to all pages of a folder, but for the way to the page itself and what lies below it.
const ALIKE: &[&str] = &[
    "menu",
    "terms",
    "link",
    "permalink",
    "asset",
    "data",
    "logo",
    "icons",
    "feeds",
    "color",
    "shared",
    "t",
];

/// Adds the functions to an engine.
pub(super) fn register(tera: &mut Tera) {
    for (name, arguments) in FUNCTIONS {
        let name = *name;
        tera.register_function(name, move |given: Kwargs, _: &State<'_>| {
            check_arguments(name, arguments, &given)?;
            current(|current| call(name, &given, current))
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

fn call(name: &str, given: &Kwargs, current: &Current) -> TeraResult<Value> {
    let view = &*current.view;
    if !ALIKE.contains(&name) {
        view.note_own();
    }
    match name {
        "menu" => menu(given.get::<&str>("name")?.unwrap_or("main"), current),
        "breadcrumbs" => Ok(breadcrumbs(view)),
        "neighbors" => {
            let (before, after) = view.neighbors();
            let one = |card: Option<&Card>| maybe(card.map(|card| of_card(card, current)));
            Ok(map([("previous", one(before)), ("next", one(after))]))
        }
        "children" => {
            let key = match given.get::<&str>("of")? {
                Some(of) => page_named("children", of, view)?,
                None => view.key().cloned().unwrap_or_else(|| "".into()),
            };
            Ok(cards(view.listing(&key), false, current))
        }
        "recent" => {
            let limit = given.get::<u64>("limit")?.unwrap_or(20);
            Ok(cards(view.recent(usize::try_from(limit).unwrap_or(usize::MAX)), false, current))
        }
        "card" => {
            let key = page_named("card", given.must_get::<&str>("of")?, view)?;
            Ok(maybe(view.card(&key).map(|card| of_card(card, current))))
        }
        "terms" => terms(given.must_get::<&str>("taxonomy")?, view),
        "tagged" => {
            let taxonomy = given.must_get::<&str>("taxonomy")?;
            Ok(cards(view.tagged(taxonomy, given.must_get::<&str>("term")?), true, current))
        }
        "link" => link(given.must_get::<&str>("to")?, view),
        "permalink" => {
            let to = given.must_get::<&str>("to")?;
            let target = found("permalink", to, view)?;
            let path = match &*target {
                Target::Page { path, .. } => &**path,
                Target::File { path, .. } => path.as_str(),
                _ => {
                    view.note_own();
                    view.path.as_str()
                }
            };
            Ok(maybe(view.permalink(path)))
        }
        "picture" => picture(given, current),
        "asset" => asset(given.must_get::<&str>("path")?, view),
        "data" => data(given.must_get::<&str>("file")?, view),
        "campaign" => {
            let year = given.get::<i64>("year")?.and_then(|year| i16::try_from(year).ok());
            campaign(year, current)
        }
        "campaign_years" => Ok(list(view.weeks().iter().map(|week| of_week(week, current)))),
        "campaign_next" => {
            let count = given.get::<u64>("count")?.unwrap_or(8).min(50);
            let weeks = view.coming_weeks(usize::try_from(count).unwrap_or(8));
            Ok(list(weeks.iter().map(|week| of_week(week, current))))
        }
        "events" => {
            let year = given.get::<i64>("year")?.and_then(|year| i16::try_from(year).ok());
            let of_year = |it: &Listed<'_>| {
                let of = |card| year_of(card, view);
                year.is_none_or(|year| it.card().and_then(of) == Some(year))
            };
            Ok(cards(view.events().into_iter().filter(of_year).collect(), false, current))
        }
        "json_ld" => {
            let logo = current.theme.marks.logo.as_ref();
            let logo = logo.and_then(|logo| path_of(&logo.place, view));
            let json = super::structured::data(view, logo.as_deref());
            Ok(maybe(json.map(|json| Value::safe_string(&json))))
        }
        "logo" => Ok(logo(current)),
        "icons" => Ok(icons(current)),
        "preview" => Ok(preview(current)),
        "feeds" => Ok(feeds(view)),
        "color" => {
            let mode = given.get::<&str>("mode")?.unwrap_or("light");
            color(given.must_get::<&str>("token")?, mode, &current.theme)
        }
        "ways" => campaign::ways(given.get::<&str>("audience")?, view),
        "planner" => {
            let audience = given.get::<&str>("audience")?;
            campaign::planner(asked_year(given)?, audience, view)
        }
        "posts" => campaign::posts(asked_year(given)?, given.get::<&str>("channel")?, view),
        "toc" => {
            let depth = given.get::<u64>("depth")?.unwrap_or(3);
            let headings =
                view.own().and_then(|page| page.doc.as_ref()).map(|doc| &doc.body.headings);
            Ok(toc(headings.map_or(&[][..], |headings| headings), depth))
        }
        "translations" => Ok(translations(current)),
        "pages" => Ok(pages(view)),
        "shared" => shared(given.must_get::<&str>("template")?, current),
        _ => phrase(given, view, &current.theme.words),
    }
}

/// The page that a template names by its path below `content/`.
fn page_named(function: &str, path: &str, view: &View) -> TeraResult<Key> {
    match &*found(function, path, view)? {
        Target::Page { key, .. } => Ok(key.clone()),
        _ => Err(Error::message(format!("{function}() needs a page, and \"{path}\" is a file"))),
    }
}

fn found(function: &str, path: &str, view: &View) -> TeraResult<Resolved> {
    let found = view.resolve_from_root(path);
    match &*found {
        Target::Broken(broken) => Err(lost(function, broken.clone())),
        _ => Ok(found),
    }
}

fn lost(function: &str, broken: Broken) -> Error {
    let hint = broken.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
    Error::message(format!("{function}(): {}{hint}", broken.message))
}

fn link(to: &str, view: &View) -> TeraResult<Value> {
    if crate::parse::markdown::is_outside(to) {
        return Ok(text(to));
    }
    view.link_from_root(to).map(|url| text(&url)).map_err(|broken| lost("link", broken))
}

/// A menu as the page sees it. Pages beside each other in a folder see the same: the way to an entry
/// depends on the page's own name only where it leads to the page or below it, and what is marked as
/// current or around depends on the sections. So each thread makes it once for all of them.
fn menu(name: &str, current: &Current) -> TeraResult<Value> {
    let view = &*current.view;
    let Some(entries) = view.menu(name) else {
        return Err(Error::message(format!("site.yaml has no menu \"{name}\"")));
    };
    entries_lead_to(entries, view);
    let shows = &current.shows;
    let make = || list(entries.iter().map(|entry| of_entry(entry, view, shows)));
    let own = view.path.trim_end_matches('/');
    let shares = view.path.ends_with('/')
        && !own.is_empty()
        && Arc::ptr_eq(&current.shows, &current.theme.shows)
        && !leads_below(entries, &view.path);
    if !shares {
        return Ok(make());
    }
    let key = Fp::of(&(view.around(), view.trail(), view.key().is_some(), name));
    let menus = &current.shared.menus;
    let known = menus.get(key, |menu| Some(menu.clone()));
    Ok(known.unwrap_or_else(|| {
        let menu = make();
        menus.put(key, menu.clone());
        menu
    }))
}

/// Tells where the entries lead, also if the menu was made for another page.
fn entries_lead_to(entries: &[MenuEntry], view: &View) {
    for entry in entries {
        match &entry.to {
            MenuTarget::Page(_, path) | MenuTarget::Path(path) => view.note_way(path),
            MenuTarget::Outside(_) => {}
        }
        entries_lead_to(&entry.children, view);
    }
}

/// A template that shows nothing of the page: what it gives is made once, by each thread, for the pages of a folder. Where it leads to the page
/// itself, or asks for anything of it, it is made for that page.
fn shared(template: &str, current: &Current) -> TeraResult<Value> {
    let view = &*current.view;
    let is_usual = Arc::ptr_eq(&current.shows, &current.theme.shows);
    let key = Fp::of(&(view.around(), view.trail(), view.key().is_some(), template));
    let parts = &current.shared.parts;
    let known = |part: &Part| (is_usual && view.takes(&part.alike)).then(|| part.html.clone());
    if let Some(html) = parts.get(key, known) {
        return Ok(html);
    }
    let theme = &current.theme;
    let names = || theme.tera.get_template_names();
    if !names().any(|name| name == template) {
        let near = nearest(template, names());
        let hint = near.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
        return Err(Error::message(format!("There is no template \"{template}\".{hint}")));
    }
    let context = super::context::of_site(view, &current.shared);
    let make = || theme.tera.render(template, &context);
    let Some((made, alike)) = view.part(template, make) else {
        return Err(Error::message(format!("shared(): \"{template}\" shows itself")));
    };
    let html = match made {
        Ok(html) => Value::safe_string(&html),
        // With all fields it is tried once more, see `Frame::tried`; then it is told here, because the engine would tell it of the
        // template that calls.
        Err(error) if is_usual => return Err(error),
        Err(error) => {
            let page = view.own().map_or(view.path.as_str(), |page| &page.file);
            view.problem(super::report::rendering(&error, &theme.sources, Some(template), page));
            return Ok(Value::safe_string(""));
        }
    };
    if let Some(alike) = alike.filter(|_| is_usual) {
        parts.put(key, Part { html: html.clone(), alike });
    }
    Ok(html)
}

/// Whether an entry leads to `path` or to something below it.
fn leads_below(entries: &[MenuEntry], path: &str) -> bool {
    entries.iter().any(|entry| {
        let own = match &entry.to {
            MenuTarget::Page(_, to) | MenuTarget::Path(to) => to.starts_with(path),
            MenuTarget::Outside(_) => false,
        };
        own || leads_below(&entry.children, path)
    })
}

/// What a template sees of an entry of a menu.
pub(super) const ENTRY: &[&str] = &["title", "url", "current", "active", "children"];

fn of_entry(entry: &MenuEntry, view: &View, shows: &Shows) -> Value {
    let (current, active) = view.is_current(&entry.to);
    shows.entry.map(|field| {
        Field::Value(match field {
            "title" => return Field::Text(&entry.title),
            "url" => Value::from(match &entry.to {
                MenuTarget::Page(_, path) | MenuTarget::Path(path) => view.url(path),
                MenuTarget::Outside(url) => url.clone(),
            }),
            "current" => Value::from(current),
            "active" => Value::from(active),
            _ => list(entry.children.iter().map(|child| of_entry(child, view, shows))),
        })
    })
}

fn breadcrumbs(view: &View) -> Value {
    let Some(own) = view.own() else { return list([]) };
    let mut crumbs: Vec<Value> = Vec::new();
    for key in view.trail() {
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

/// The cards of long lists as the templates see them. They stay with the theme: in the next pass, hardly any card is another one.
#[derive(Debug, Default)]
pub(super) struct Cards {
    /// By the card, the settings and the folder of the list.
    all: RwLock<ByName<Fp, Value>>,
    /// The lists, by the settings and the page that they stand on: with the fingerprint of each card in the list itself, an
    /// unchanged one is found without a look at another place in memory.
    lists: RwLock<ByName<Fp, Rows>>,
}

impl Cards {
    /// Gives all cards away, where no other list will show them.
    pub(super) fn take(&self) -> ByName<Fp, Value> {
        std::mem::take(&mut self.all.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The cards of a list, each with the fingerprint of the card alone.
type Rows = Arc<[(Fp, Value)]>;

/// Looking cards up is worth it in lists of so many.
const LONG_LIST: usize = 64;

/// So many cards are kept at most; then all are made anew.
const MOST_CARDS: usize = 1 << 17;

/// How many cards of a list may be gone, one after the other, until the next ones are looked for elsewhere.
const GONE: usize = 4;

/// The cards as the templates see them. Those of a list of a term are `shared`: a page has several terms, and the lists of all terms lie
/// beside each other. Of other lists, only the next pass shows the same cards from the same place.
fn cards(cards: Vec<Listed<'_>>, shared: bool, current: &Current) -> Value {
    let view = &*current.view;
    let is_usual = Arc::ptr_eq(&current.shows, &current.theme.shows) && view.path.ends_with('/');
    let Cards { all, lists } = &current.theme.cards;
    let recorded = view.is_recorded();
    if !is_usual || cards.len() < LONG_LIST || !(recorded || shared) {
        let cards = cards.into_iter().filter_map(Listed::card);
        return list(cards.map(|card| of_card(card, current)));
    }
    let place = view.list_fp();
    let name = Fp::join(&[place, Fp::of_bytes(view.path.as_bytes())]);
    let last = lists.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
    let mut last = last.as_deref().unwrap_or_default();
    let mut new: Vec<(Fp, Value)> = Vec::new();
    let mut kept: Vec<(Fp, Value)> = Vec::with_capacity(if recorded { cards.len() } else { 0 });
    let mut is_same = true;
    let known = all.read().unwrap_or_else(PoisonError::into_inner);
    let of_list = list(cards.into_iter().filter_map(|listed| {
        let fp = listed.fp();
        let next = last.iter().take(GONE).position(|(other, _)| *other == fp);
        if let Some(at) = next {
            let (_, value) = &last[at];
            is_same &= at == 0;
            last = &last[at + 1..];
            kept.push((fp, value.clone()));
            return Some(value.clone());
        }
        let card = listed.card()?;
        // Pictures and events ask the site for more, and the way to what lies below the list's page is its own.
        let is_alike =
            card.image.is_none() && card.event.is_none() && !card.path.starts_with(&view.path);
        if !is_alike {
            return Some(of_card(card, current));
        }
        is_same = false;
        let key = Fp::join(&[place, fp]);
        let value = known.get(&key).cloned().unwrap_or_else(|| {
            let made = of_card(card, current);
            new.push((key, made.clone()));
            made
        });
        if recorded {
            kept.push((fp, value.clone()));
        }
        Some(value)
    }));
    drop(known);
    // Nobody will show the list again if there is no next pass.
    if recorded && (!is_same || !last.is_empty()) {
        let mut lists = lists.write().unwrap_or_else(PoisonError::into_inner);
        if lists.values().map(|list| list.len()).sum::<usize>() > MOST_CARDS {
            lists.clear();
        }
        lists.insert(name, kept.into());
    }
    if !new.is_empty() {
        let mut known = all.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() + new.len() > MOST_CARDS {
            known.clear();
        }
        known.extend(new);
    }
    of_list
}

/// What a template sees of a card.
pub(super) const CARD: &[&str] = &[
    "title",
    "description",
    "url",
    "path",
    "permalink",
    "date",
    "updated",
    "kind",
    "weight",
    "audience",
    "image",
    "summary",
    "status",
    "lang",
    "year",
    "event",
    "extra",
];

fn of_card(card: &Card, current: &Current) -> Value {
    let view = &*current.view;
    let date = |date: Option<crate::calendar::Date>| maybe(date.map(|date| date.to_string()));
    current.shows.card.map(|field| {
        Field::Value(match field {
            "title" => return Field::Text(&card.title),
            "description" => match &card.description {
                Some(description) => return Field::Text(description),
                None => Value::none(),
            },
            "url" => Value::from(view.url(&card.path)),
            "path" => return Field::Text(&card.path),
            "permalink" => maybe(view.permalink(&card.path)),
            "date" => date(card.date),
            "updated" => date(card.updated),
            "kind" => return Field::Text(card.kind.word()),
            "weight" => maybe(card.weight),
            "audience" => list(card.audience.iter().map(|name| text(name))),
            "image" => maybe(card.image.as_ref().map(|picture| {
                super::picture::of_page(view, &picture.path, &picture.alt, &current.theme.sizes)
            })),
            "summary" => return Field::Text(&card.summary),
            "status" => return Field::Text(card.status.word()),
            "lang" => return Field::Text(&card.lang),
            "year" => maybe(card.year.map(i64::from)),
            "event" => of_event(card, view),
            _ => of_entries(&card.extra),
        })
    })
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

/// A picture of the site: by the address that a component was given, or by its path below `content/`.
fn picture(given: &Kwargs, current: &Current) -> TeraResult<Value> {
    let view = &*current.view;
    let src = given.must_get::<&str>("src")?;
    let alt = given.get::<&str>("alt")?.unwrap_or_default();
    let alt = if alt == "decorative" { "" } else { alt };
    let sizes = given.get::<&str>("sizes")?.unwrap_or(&current.theme.sizes);
    // In the text, all but the first wait until somebody comes near; templates know better.
    let handed = view.handed(src);
    let is_first = handed.is_some() && view.is_first_picture();
    let is_first = given.get::<bool>("lazy")?.map_or(is_first, |lazy| !lazy);
    let path = match &handed {
        Some(handed) => handed.path.clone(),
        None if crate::parse::markdown::is_outside(src) => {
            return Ok(super::picture::unknown_outside(src, alt));
        }
        None => match &*found("picture", src, view)? {
            Target::File { path, .. } => path.clone(),
            _ => {
                let message = format!("picture() needs a picture, and \"{src}\" is a page");
                return Err(Error::message(message));
            }
        },
    };
    let file = view.own().map(|page| page.file.clone());
    let place = file.as_deref().zip(handed.as_ref().map(|handed| handed.span));
    let shown = super::picture::Shows { alt, sizes, is_first };
    Ok(super::picture::value(view, &path, place, &shown))
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

/// The path on the site of a picture that stands for it.
fn path_of(place: &Place, view: &View) -> Option<String> {
    match place {
        Place::Asset(name) => view.asset(name),
        Place::Content(file) => match &*view.resolve_from_root(&format!("/{file}")) {
            Target::File { path, .. } => Some(path.clone()),
            _ => None,
        },
    }
}

fn side(size: Option<(u32, u32)>, which: fn((u32, u32)) -> u32) -> Value {
    maybe(size.map(|size| i64::from(which(size))))
}

fn logo(current: &Current) -> Value {
    let view = &*current.view;
    let logo = current.theme.marks.logo.as_ref();
    let found = logo.and_then(|logo| Some((logo, path_of(&logo.place, view)?)));
    maybe(found.map(|(logo, path)| {
        map([
            ("url", Value::from(view.url(&path))),
            ("permalink", maybe(view.permalink(&path))),
            ("width", side(logo.size, |(width, _)| width)),
            ("height", side(logo.size, |(_, height)| height)),
        ])
    }))
}

fn icons(current: &Current) -> Value {
    let view = &*current.view;
    let entry = |rel, path: &str, media: Option<&str>, sizes: Option<&str>| {
        map([
            ("rel", text(rel)),
            ("url", Value::from(view.url(&format!("/{path}")))),
            ("type", maybe(media)),
            ("sizes", maybe(sizes)),
        ])
    };
    let links = current.theme.marks.icons().filter_map(|icon| {
        let (rel, media, sizes) = icon.link()?;
        Some(entry(rel, icon.path(), media, sizes))
    });
    let mut all: Vec<Value> = links.collect();
    if !all.is_empty() {
        all.push(entry("manifest", MANIFEST, None, None));
    }
    Value::from(all)
}

/// The picture in a link preview: the page's own, that of the site, that of the theme. Nothing without an absolute
/// address, because other sites load it (ogp.me).
fn preview(current: &Current) -> Value {
    let view = &*current.view;
    let own = view.own().and_then(|page| page.card.image.as_ref());
    let card = |url: String, alt: &str, media: Option<&str>, size: Option<(u32, u32)>| {
        map([
            ("permalink", Value::from(url)),
            ("alt", text(alt)),
            ("type", maybe(media)),
            ("width", side(size, |(width, _)| width)),
            ("height", side(size, |(_, height)| height)),
        ])
    };
    if let Some(picture) = own {
        if view.globals().base_url.is_none() {
            return Value::none();
        }
        let (path, size) = super::picture::for_preview(view, &picture.path);
        let url = view.permalink(&path);
        return maybe(url.map(|url| card(url, &picture.alt, media_of(&path), size)));
    }
    let Some(mark) = current.theme.marks.card.as_ref() else { return Value::none() };
    let word = || current.theme.words.word(&view.lang, "card_alt").unwrap_or_default();
    let alt = mark.alt.as_deref().unwrap_or_else(word);
    let url = path_of(&mark.place, view).and_then(|path| view.permalink(&path));
    maybe(url.map(|url| card(url, alt, mark.kind.media(), mark.size)))
}

/// The media type by the end of a name, of those that link previews show.
fn media_of(path: &str) -> Option<&'static str> {
    let end = path.rsplit('.').next()?.to_ascii_lowercase();
    Some(match end.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        _ => return None,
    })
}

/// Every feed of the site in the language of the page, for programs that look for one.
fn feeds(view: &View) -> Value {
    let config = view.globals();
    if config.base_url.is_none() {
        return list([]);
    }
    let prefix = crate::model::language_prefix(config, &view.lang);
    let entry = |events: bool, path: &str| {
        map([
            ("events", Value::from(events)),
            ("url", Value::from(view.url(path))),
            ("permalink", maybe(view.permalink(path))),
        ])
    };
    let mut all = vec![entry(false, &format!("{prefix}/feed.xml"))];
    if let Target::File { path, .. } = &*view.resolve_from_root(&Made::EventsFeed.path(None)) {
        all.push(entry(true, path));
    }
    Value::from(all)
}

fn color(token: &str, mode: &str, theme: &Theme) -> TeraResult<Value> {
    let token = token.trim_start_matches("--");
    let palette = match mode {
        "light" => &theme.palettes[0],
        "dark" => &theme.palettes[1],
        _ => return Err(Error::message("color(): \"mode\" is \"light\" or \"dark\"")),
    };
    match palette.get(token) {
        Some(color) => Ok(Value::from(color.to_string())),
        // A sheet that cannot be read is told by itself.
        None if palette.is_empty() => Ok(Value::none()),
        None => {
            let near = nearest(token, palette.keys().map(String::as_str));
            let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            Err(Error::message(format!("theme.yaml names no color token \"{token}\"{hint}")))
        }
    }
}

fn data(name: &str, view: &View) -> TeraResult<Value> {
    match view.data(name) {
        // An empty file holds nothing, and so does one that cannot be read, which is told where it is read.
        Some(Data::Null) => Ok(of_data(&Data::Map(Vec::new()))),
        Some(data) => Ok(of_data(data)),
        None => {
            let near = nearest(name, view.data_names());
            let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            Err(Error::message(format!("There is no data file content/_data/{name}.yaml{hint}")))
        }
    }
}

/// The year that a template names; one that no calendar has is as good as one that nothing is known of.
fn asked_year(given: &Kwargs) -> TeraResult<Option<i16>> {
    Ok(given.get::<i64>("year")?.map(|year| i16::try_from(year).unwrap_or(i16::MAX)))
}

fn campaign(year: Option<i16>, current: &Current) -> TeraResult<Value> {
    let view = &*current.view;
    match (view.week(year), year) {
        (Some(week), _) => Ok(of_week(&week, current)),
        (None, Some(year)) if view.globals().campaign.as_ref().is_some_and(|it| it.is_readable) => {
            Err(Error::message(format!(
                "Nobody knows the dates of {year}: neither the rule in site.yaml nor content/_data/years.yaml gives them"
            )))
        }
        // The next one is not announced yet, and pages say so or leave it out.
        (None, _) => Ok(Value::none()),
    }
}

fn of_week(week: &Week, current: &Current) -> Value {
    let view = &*current.view;
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
    let theme = |theme: &crate::model::week::Theme| {
        let source = theme.source.as_deref().and_then(|name| view.source(name));
        map([
            ("theme", text(&theme.words)),
            ("owner", maybe(theme.owner.as_deref())),
            ("hashtag", maybe(theme.hashtag.as_deref())),
            ("source", source.map_or_else(Value::none, of_data)),
        ])
    };
    map([
        ("name", text(&week.name)),
        ("year", int(i64::from(week.year))),
        ("start", Value::from(week.first.to_string())),
        ("end", Value::from(week.last.to_string())),
        ("range", Value::from(week.range(lang))),
        ("start_text", print(week.first, "full")),
        ("end_text", print(week.last, "full")),
        ("days", list(days)),
        ("theme", maybe(week.themes.first().map(|theme| theme.words.as_str()))),
        ("theme_owner", maybe(week.themes.first().and_then(|theme| theme.owner.as_deref()))),
        ("themes", list(week.themes.iter().map(theme))),
        ("hashtag", maybe(week.hashtag.as_deref())),
        ("confirmed", Value::from(week.confirmed)),
        ("note", maybe(week.note.as_deref())),
        ("source", source.map_or_else(Value::none, of_data)),
        ("state", text(week.state)),
        ("day", maybe(week.day)),
        ("updated", maybe(week.updated.map(|date| date.to_string()))),
        ("calendar", maybe(made(&Made::Week(week.year), view))),
        ("page", maybe(view.year_page(week.year).map(|card| of_card(card, current)))),
        ("previous_year", int(i64::from(week.year) - 1)),
        ("next_year", int(i64::from(week.year) + 1)),
    ])
}

/// The way to a file that follows from the campaign, where it is made.
pub(super) fn made(file: &Made, view: &View) -> Option<String> {
    match &*view.resolve_from_root(&file.path(None)) {
        Target::File { path, .. } => Some(view.url(path)),
        _ => None,
    }
}

/// The year of the observance that an event belongs to: that of its day.
fn year_of(card: &Card, view: &View) -> Option<i16> {
    let (first, last) = card.event.as_ref()?.days();
    // An observance over New Year goes on in the year after its own.
    let is_in = |year: &i16| {
        view.week(Some(*year)).is_some_and(|week| week.first <= last && first <= week.last)
    };
    Some([first.year() - 1].into_iter().find(is_in).unwrap_or_else(|| first.year()))
}

/// What a template sees of an event.
pub(super) fn of_event(card: &Card, view: &View) -> Value {
    let Some(event) = card.event.as_deref() else { return Value::none() };
    let (first, last) = event.days();
    let all_day = matches!(event.start, Time::Day(_));
    let iso = |time: &Time| match time {
        Time::Day(date) => date.to_string(),
        Time::At(moment) => moment.iso(),
    };
    let over_at = event.over_at();
    let folder = &card.path[..card.path.rfind('/').map_or(0, |at| at + 1)];
    map([
        ("start", Value::from(iso(&event.start))),
        ("end", maybe(event.end.as_ref().map(iso))),
        ("start_date", Value::from(first.to_string())),
        ("end_date", Value::from(last.to_string())),
        ("all_day", Value::from(all_day)),
        ("when", Value::from(event.when(&view.lang))),
        ("zone", text(event.zone.name())),
        (
            "zone_abbr",
            match &event.start {
                Time::At(moment) => Value::from(moment.abbreviation()),
                Time::Day(_) => Value::none(),
            },
        ),
        ("place", maybe(event.place.as_deref())),
        ("address", maybe(event.address.as_deref())),
        ("link", maybe(event.link.as_deref())),
        ("organizer", maybe(event.organizer.as_deref())),
        ("organizer_url", maybe(event.organizer_url.as_deref())),
        ("status", text(event.status.word())),
        ("calendar", Value::from(view.url(&format!("{folder}event.ics")))),
        ("ends_at", Value::from(over_at.utc())),
        ("is_past", Value::from(last < view.today())),
        ("year", maybe(year_of(card, view))),
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
            ("title", text(heading.title())),
            ("id", text(heading.id())),
            ("level", int(i64::from(heading.level))),
            ("children", branch(&headings[at + 1..at + 1 + below])),
        ]));
        at += 1 + below;
    }
    Value::from(items)
}

/// A site of more pages than that is listed by its sections alone: nobody reads a longer list.
const MOST_LISTED: usize = 1_000;

/// Every page that may be found, by section.
fn pages(view: &View) -> Value {
    let groups = view.pages();
    let count: usize = groups.iter().map(|group| group.pages.len()).sum();
    let of_card = |card: &Card| {
        map([("title", text(&card.title)), ("url", Value::from(view.url(&card.path)))])
    };
    list(groups.into_iter().map(|group| {
        let card = &group.section.card;
        let pages = group.pages.iter().filter(|_| count <= MOST_LISTED);
        map([
            ("title", text(&card.title)),
            ("url", maybe(group.has_own.then(|| view.url(&card.path)))),
            ("kind", text(card.kind.word())),
            ("cards", list(pages.map(|page| of_card(&page.card)))),
        ])
    }))
}

fn translations(current: &Current) -> Value {
    let view = &*current.view;
    // Pages that weekmark makes are no translations of each other, but every language has its search.
    if view.key().is_none() && view.path == crate::model::search_path(view.globals(), &view.lang) {
        return list(view.searches().into_iter().map(|(lang, name, path)| {
            map([
                ("lang", text(lang)),
                ("name", text(name)),
                ("url", Value::from(view.url(&path))),
                ("permalink", maybe(view.permalink(&path))),
                ("title", text(current.theme.word(lang, "search_title").unwrap_or_default())),
                ("current", Value::from(lang == view.lang)),
            ])
        }));
    }
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
