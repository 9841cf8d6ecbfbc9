//! Owns the making of one output: from what it is, the site and the theme to text. Pure: the same
//! arguments give the same bytes, and everything else that was asked is in the record.
//! Must not know where the bytes go, or why they are made.

mod body;
mod calendar;
mod leads;
mod plain;
mod posts;
mod search;

pub use leads::Leads;

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::fingerprint::Fp;
use crate::memo::Asked;
use crate::model::made::Made;
use crate::model::{Key, Kind, Page, Site};
use crate::plan::{Output, Planned};
use crate::theme::{Frame, Renderer, Subject, TermPage, Theme};
use crate::view::{Read, View};

/// An output that was made, or what was wrong.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The file; `None` when it could not be made.
    pub text: Option<String>,
    /// The text of the page, as long as it is not put into the file, and whether it is one of Markdown alone.
    body: Option<(String, bool)>,
    /// What of it is a text of Markdown alone.
    pub markdown: Markdown,
    /// What was asked of the site.
    pub reads: Vec<Arc<Asked<Read>>>,
    /// What was wrong.
    pub problems: Vec<Diagnostic>,
}

/// A text of Markdown alone in an output, so that every element in it was written by this program.
#[derive(Debug, Default, Clone)]
pub struct Markdown {
    /// Which bytes of the output it is; empty if there is none.
    pub place: Range<usize>,
    /// What it leads to and has, if that is all known.
    pub leads: Option<Leads>,
    /// Some heading in it is a title: an `h1`.
    pub has_title: bool,
}

/// Buffers that were used before: what lies in a processor's cache is quicker than new memory.
#[derive(Debug, Default)]
pub struct Rooms {
    bodies: Vec<String>,
    file: String,
}

/// A buffer of more bytes is not kept to be used again: few pages are so long.
pub const LONGEST_ROOM: usize = 1 << 16;

impl Rooms {
    fn body(&mut self) -> String {
        self.bodies.pop().unwrap_or_default()
    }

    fn give_back_body(&mut self, mut body: String) {
        if body.capacity() <= LONGEST_ROOM {
            body.clear();
            self.bodies.push(body);
        }
    }

    /// Takes the text of a file that nobody needs any more.
    pub fn give_back(&mut self, mut file: String) {
        if file.capacity() <= LONGEST_ROOM {
            file.clear();
            self.file = file;
        }
    }
}

/// The fingerprint of everything that the output alone determines, and of the `look` that all outputs share.
pub fn key(planned: &Planned, site: &Site, theme: &Theme, look: Fp) -> Fp {
    let own = match &planned.output {
        Output::Page(place) => site.page_fp(*place),
        Output::Taxonomy { name, .. } | Output::Term { name, .. } => {
            let taxonomy = site.config.taxonomies.iter().find(|taxonomy| *taxonomy.name == **name);
            Some(Fp::of(&taxonomy))
        }
        Output::Feed { .. } => Some(Fp::of(&site.config.feed_limit)),
        // An icon follows from its picture alone; making it again takes longer than a page.
        Output::Icon(_) => return Fp::join(&[planned.fp, theme.marks.fp]),
        // The theme's files are in the theme's fingerprint.
        Output::Asset(_)
        | Output::NotFound
        | Output::Search { .. }
        | Output::SearchIndex { .. }
        | Output::Made(_)
        | Output::Headers(_)
        | Output::Manifest
        | Output::Sitemap
        | Output::Robots
        | Output::Alias { .. }
        | Output::Variant { .. }
        | Output::File(_) => None,
    };
    Fp::join(&[planned.fp, own.unwrap_or_default(), look])
}

/// Makes the texts of some outputs, one kind of work after the other; `None` for what is not made of a template, but of bytes:
/// a file, an icon. They are not [complete](Rendered::complete) yet.
pub fn texts(
    planned: &[&Planned],
    site: &Site,
    renderer: &Renderer,
    rooms: &mut Rooms,
) -> Vec<Option<Rendered>> {
    let pages: Vec<Option<(&Page, Rc<View>)>> = planned
        .iter()
        .map(|planned| match &planned.output {
            Output::Page(at) => Some((&**site.pages.at(*at)?, view(planned, site, renderer))),
            _ => None,
        })
        .collect();
    let subjects: Vec<Option<Subject<'_>>> =
        pages.iter().map(|page| Some(Subject::Page(page.as_ref()?.0))).collect();
    let frames: Vec<Option<PageFrame<'_>>> = pages
        .iter()
        .zip(&subjects)
        .map(|(page, subject)| {
            let ((page, view), subject) = (page.as_ref()?, subject.as_ref()?);
            let template = template_of(page, view, &renderer.theme)?;
            Some(PageFrame { page, template, frame: renderer.frame(subject, view) })
        })
        .collect();
    let mut body = |it: &PageFrame<'_>| body::text(it.page, &it.frame, rooms.body());
    let bodies: Vec<Option<(String, Option<Option<Leads>>)>> =
        frames.iter().map(|frame| frame.as_ref().map(&mut body)).collect();
    let made: Vec<Option<Rendered>> = frames
        .iter()
        .zip(bodies)
        .map(|(frame, body)| {
            let (PageFrame { page, template, frame }, (body, leads)) = (frame.as_ref()?, body?);
            let text = framed(template, frame, &page.file)?;
            let has_title = page.doc.as_ref().is_some_and(|doc| doc.body.has_title);
            let (is_markdown, place) = (leads.is_some(), Range::default());
            let markdown = leads.map(|leads| Markdown { place, leads, has_title });
            let (text, body) = (Some(text), Some((body, is_markdown)));
            Some(Rendered {
                text,
                body,
                markdown: markdown.unwrap_or_default(),
                ..Rendered::default()
            })
        })
        .collect();
    // They hold on to the views.
    drop(frames);
    let all = planned.iter().zip(pages).zip(made);
    all.map(|((planned, page), made)| match (&planned.output, page) {
        (Output::Asset(_) | Output::File(_) | Output::Icon(_), _) => None,
        (_, Some((_, view))) => Some(made.unwrap_or_default().with_record(view)),
        (_, None) => Some(other(planned, site, renderer)),
    })
    .collect()
}

/// Makes one output that is not a copy of a file.
pub fn render(planned: &Planned, site: &Site, renderer: &Renderer) -> Rendered {
    let mut rooms = Rooms::default();
    let made = texts(&[planned], site, renderer, &mut rooms).into_iter().flatten().next();
    let mut made = made.unwrap_or_default();
    made.complete(&mut rooms);
    made
}

/// A page in the making.
struct PageFrame<'a> {
    page: &'a Page,
    template: Cow<'a, str>,
    frame: Frame<'a>,
}

impl Rendered {
    /// The same with what was asked and what was wrong.
    fn with_record(self, view: Rc<View>) -> Rendered {
        let (reads, problems) = Rc::try_unwrap(view).map(View::into_record).unwrap_or_default();
        Rendered { reads, problems, ..self }
    }

    /// Puts the text of the page into the file, if it has one.
    pub fn complete(&mut self, rooms: &mut Rooms) {
        if let (Some(text), Some((body, is_markdown))) = (&mut self.text, self.body.take()) {
            let (made, place) = body::splice(text, &body, std::mem::take(&mut rooms.file));
            *text = made;
            if is_markdown {
                self.markdown.place = place;
            }
            rooms.give_back_body(body);
        }
    }
}

/// What an output sees of the site.
fn view(planned: &Planned, site: &Site, renderer: &Renderer) -> Rc<View> {
    let (key, path, lang) = place(planned, site);
    Rc::new(View::new(&renderer.common, key, path, lang))
}

/// Makes an output that is no page of the site.
fn other(planned: &Planned, site: &Site, renderer: &Renderer) -> Rendered {
    let theme = &*renderer.theme;
    let view = view(planned, site, renderer);
    let made = match &planned.output {
        Output::Taxonomy { name, .. } => terms(name, None, &view, renderer),
        Output::Term { name, slug, .. } => terms(name, Some(slug), &view, renderer),
        Output::NotFound => not_found(&view, renderer),
        Output::Search { .. } => search_page(&view, renderer),
        Output::SearchIndex { .. } => Some(search::index(&view)),
        Output::Feed { lang } => Some(plain::feed(lang, &view, theme)),
        Output::Made(file) => made(file, &view, theme),
        Output::Headers(file) => Some(theme.headers(site).file(*file)),
        Output::Sitemap => Some(plain::sitemap(&view)),
        Output::Robots => Some(plain::robots(&view)),
        Output::Alias { to } => plain::alias(to, &view, theme),
        Output::Manifest => Some(theme.marks.manifest(view.globals())),
        Output::Page(_)
        | Output::Asset(_)
        | Output::File(_)
        | Output::Icon(_)
        | Output::Variant { .. } => None,
    };
    Rendered { text: made, ..Rendered::default() }.with_record(view)
}

/// A file that follows from the campaign.
fn made(file: &Made, view: &View, theme: &Theme) -> Option<String> {
    match file {
        Made::Week(year) => calendar::week(*year, view),
        Made::Weeks => Some(calendar::weeks(view)),
        Made::Planner(year) => calendar::planner(*year, view),
        Made::Events => Some(calendar::events(view)),
        Made::EventsFeed => Some(plain::events_feed(view, theme)),
        Made::Event(key) => calendar::event(key, view),
        Made::PostsText(year) => posts::text(*year, view),
        Made::PostsTable(year) => posts::csv(*year, view),
    }
}

/// The page behind an output, its path on the site and its language.
fn place<'a>(planned: &Planned, site: &'a Site) -> (Option<&'a Key>, String, String) {
    let path = format!("/{}", planned.path);
    let clean = || match path.strip_suffix("index.html") {
        Some(folder) => folder.to_string(),
        None => path.clone(),
    };
    match &planned.output {
        Output::Page(place) => {
            let page = site.pages.at(*place);
            let lang = page.map(|page| page.card.lang.clone()).unwrap_or_default();
            (page.map(|page| &page.key), clean(), lang)
        }
        Output::Taxonomy { lang, .. }
        | Output::Term { lang, .. }
        | Output::Feed { lang }
        | Output::Search { lang }
        | Output::SearchIndex { lang } => (None, clean(), lang.to_string()),
        Output::Alias { to } => {
            let lang = site.page(to).map(|page| page.card.lang.clone()).unwrap_or_default();
            (None, clean(), lang)
        }
        _ => (None, clean(), site.config.language.clone()),
    }
}

/// The template that the page asks for, or the one for its kind.
fn template_of<'a>(page: &'a Page, view: &View, theme: &Theme) -> Option<Cow<'a, str>> {
    let card = &page.card;
    // What a page is says more than where it lies, if the theme cares.
    let own = [("event.html", card.event.is_some()), ("year.html", card.year.is_some())];
    let own = own.into_iter().find(|(name, is_one)| *is_one && theme.has_template(name));
    let usual = match card.kind {
        Kind::Page if let Some((name, _)) = own => name,
        Kind::Home => "home.html",
        Kind::Section => "section.html",
        Kind::Page => "page.html",
    };
    let Some((name, span)) = &page.meta().template else { return Some(usual.into()) };
    let full: Cow<'_, str> =
        if name.contains('.') { name.into() } else { format!("{name}.html").into() };
    if theme.has_template(&full) {
        return Some(full);
    }
    // The setting stands on the page itself or among the folder's defaults.
    let own = page.doc.as_ref().is_some_and(|doc| doc.meta.template.is_some());
    let file = if own { &*page.file } else { crate::config::FILE };
    let hint = theme.near_templates(&full);
    view.problem(
        Diagnostic::at(
            Code::UnknownTemplate,
            file,
            *span,
            format!("The theme has no template \"{full}\"."),
        )
        .hint(hint),
    );
    None
}

/// The template, with a mark where the text is to be.
fn framed(template: &str, frame: &Frame<'_>, file: &str) -> Option<String> {
    frame.render(template, file).map_err(|problem| frame.view.problem(*problem)).ok()
}

/// The template of an output that has no text.
fn without_text(template: &str, frame: &Frame<'_>, file: &str) -> Option<String> {
    framed(template, frame, file).map(|made| body::splice(&made, "", String::new()).0)
}

fn terms(name: &str, slug: Option<&str>, view: &Rc<View>, renderer: &Renderer) -> Option<String> {
    let config = view.globals();
    let taxonomy = config.taxonomies.iter().find(|taxonomy| taxonomy.name == name)?;
    // The term's title is read like any other fact about terms: a page may spell it differently
    // tomorrow.
    let title = match slug {
        Some(slug) => {
            let found = view.terms(name)?.into_iter().find(|(_, s, _, _)| *s == slug);
            Some(found?.0.to_string())
        }
        None => None,
    };
    let path = view.path.clone();
    let subject = Subject::Terms(TermPage {
        taxonomy: name,
        taxonomy_title: &taxonomy.title,
        description: taxonomy.description.as_deref(),
        term: title.as_deref(),
        path: &path,
    });
    let template = if slug.is_some() { "term.html" } else { "taxonomy.html" };
    let file = format!("/{}", path.trim_start_matches('/'));
    without_text(template, &renderer.frame(&subject, view), &file)
}

fn not_found(view: &Rc<View>, renderer: &Renderer) -> Option<String> {
    let title =
        renderer.theme.word(&view.lang, "not_found").unwrap_or("Page not found").to_string();
    let subject = Subject::NotFound(&title);
    let frame = renderer.frame(&subject, view);
    without_text("404.html", &frame, "/404.html")
}

fn search_page(view: &Rc<View>, renderer: &Renderer) -> Option<String> {
    let title = renderer.theme.word(&view.lang, "search_title").unwrap_or("Search").to_string();
    let subject = Subject::Search { title: &title, path: &view.path };
    let frame = renderer.frame(&subject, view);
    without_text("search.html", &frame, &view.path)
}
