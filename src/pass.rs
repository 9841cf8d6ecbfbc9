//! Owns the one way from files to a site: scan is done, then parse, assemble, plan, render, write, in
//! this order. Called once or a thousand times with the same memo, it does the same thing; only what it
//! does not have to do again differs. Must not know who calls it, or why.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::audit::campaign::Mentions;
use crate::audit::{self, Audit, Facts as PageFacts, Looked, Weigh, Weight};
use crate::calendar::{Date, Zone, today_in};
use crate::config::{self, BaseUrl, Config};
use crate::diag::{Code, Diagnostic, Located, Place, Severity, Span};
use crate::fingerprint::{ByName, Fp, Hashed};
use crate::gallery::{self, Gallery, Keep};
use crate::memo::{Asked, Reads, Reason, Trace};
use crate::model::{self, About, Changed, Facts, Key, Parts, Site, Status};
use crate::parse::data::Mention;
use crate::parse::front_matter::Off;
use crate::parse::{self, Doc};
use crate::plan::icon::{self, Icon};
use crate::plan::{Output, Plan, Planned};
use crate::render::{self, Rendered, Rooms};
use crate::source::{Snapshot, Stamp};
use crate::theme::{self, Renderer, Theme};
use crate::view::{self, Read};
use crate::yaml::{self, Data};

/// What the caller decides, complete and checked.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The day that counts as today; by the machine's clock in the site's zone if not given.
    pub today: Option<Date>,
    /// Takes the place of `base_url` in site.yaml.
    pub base_url: Option<BaseUrl>,
    /// Drafts and pages whose time has not come or is over are part of the site.
    pub unpublished: bool,
    /// Say also what could be better, not only what keeps the site from being published.
    pub everything: bool,
    /// Of which pages to weigh the first view.
    pub weigh: Weigh,
    /// Where smaller versions of pictures are kept from one run to the next.
    pub pictures: Option<Arc<dyn Keep>>,
    /// No other pass will have the same memo: what outputs asked of the site is kept only to know when to make them
    /// again. All else is alike.
    pub once: bool,
}

/// What is kept of one output. All traces lie side by side, because every pass looks at all of them.
type OutputTrace = Trace<Read, Found>;

/// What was found when an output was looked at. What every pass needs of it lies beside its key.
#[derive(Debug, Default)]
struct Found {
    /// The fingerprint of what the page is to others.
    fp: Fp,
    /// The fingerprint of the pictures that it shows.
    pictures: Fp,
    /// Browsers are asked to load something from elsewhere.
    leads_out: bool,
    facts: Option<Box<PageFacts>>,
}

impl Found {
    fn of(facts: Option<PageFacts>, pictures: Fp) -> Found {
        let fp = facts.as_ref().map(PageFacts::fp).unwrap_or_default();
        let leads_out = facts.as_ref().is_some_and(|facts| !facts.outside.is_empty());
        Found { fp, pictures, leads_out, facts: facts.map(Box::new) }
    }
}

/// Takes the outputs as they are made; called from many threads.
pub trait Sink: Sync {
    /// A new or changed output.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn put(&self, path: &Arc<str>, bytes: Vec<u8>) -> std::io::Result<()>;
    /// A new or changed output that [`Again`] can make whenever somebody wants it, so that a sink may let go of it. What it does
    /// not take, the next text is written into.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn put_text(&self, path: &Arc<str>, text: &mut String) -> std::io::Result<()> {
        self.put(path, std::mem::take(text).into_bytes())
    }
    /// An output that is what it was when this sink was given it. A memo belongs to one sink, so the sink has
    /// it still.
    fn kept(&self, _path: &str) {}
    /// A file of the site that is published as it is.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn copy(&self, path: &Arc<str>, from: &Path, stamp: Stamp) -> std::io::Result<()>;
    /// The paths of outputs that somebody looks at. They are made before all others.
    fn looked_at(&self) -> Vec<String> {
        Vec::new()
    }
    /// All that is looked at is made, and the files of the theme; the others follow.
    fn looked_at_is_made(&self) {}
}

/// What is worth keeping between passes: a plain value that its owner passes in.
#[derive(Debug, Default)]
pub struct Memo {
    config: Option<KeptConfig>,
    /// The pages' files, in the order of names.
    docs: Vec<(Key, Arc<Doc>)>,
    /// What tells that they are still the same, in the same order.
    doc_files: Vec<DocFile>,
    data: HashMap<String, Kept<DataFile>>,
    /// What is wrong with data files as parts of the site.
    campaign: audit::campaign::Shelf,
    theme: theme::Shelf,
    model: model::Shelf,
    plan: Option<(Fp, Arc<Plan>)>,
    /// The plan with the versions of pictures, by the fingerprint of that plan and of their places.
    whole: Option<(Fp, Arc<Plan>)>,
    pictures: gallery::Shelf,
    /// The pictures that outputs show, by the fingerprint of what each shows.
    shown: (Fp, Vec<String>),
    /// By the place of the output in the plan.
    traces: Vec<Option<OutputTrace>>,
    audit: audit::Shelf,
    told: Told,
    /// What was true on the site when all traces were checked last.
    facts: Option<Facts>,
    /// The fingerprint of what all outputs had in common then.
    look: Option<Fp>,
}

/// The settings, with the fingerprint of the files that they were read from.
#[derive(Debug)]
struct KeptConfig {
    of: Fp,
    config: Arc<Hashed<Config>>,
    problems: Vec<Diagnostic>,
}

/// A data file, with what tells that it is still the same.
#[derive(Debug)]
struct Kept<T> {
    file: FileMark,
    value: Arc<T>,
}

/// What is in a data file.
#[derive(Debug)]
struct DataFile {
    data: Arc<Hashed<Data>>,
    /// What only the site as a whole can judge.
    mentions: Vec<Mention>,
}

/// What tells that a page's file is still the same.
#[derive(Debug, Clone)]
struct DocFile {
    /// Its path in the site's folder, as the snapshot has it.
    path: Arc<str>,
    mark: FileMark,
    /// There is something to say about it or its text.
    is_troubled: bool,
}

/// What is known of a file that was read.
#[derive(Debug, Clone)]
struct FileMark {
    stamp: Stamp,
    bytes: Fp,
    /// The fingerprint of what else the reading depended on.
    settings: Fp,
    /// What kept it from being read.
    problems: Vec<Diagnostic>,
}

/// A page's file to be looked at: name, path, stamp, and what was read there before.
type Job<'a> = (Key, &'a Arc<str>, Stamp, Option<(DocFile, Arc<Doc>)>);

/// Where pages are.
const CONTENT: &str = "content/";

/// How many pages at most one thread takes through the pass together: it reads all of them, then it reads the settings of all,
/// and so on. Every step is a program of its own, larger than what a processor has at hand of it; one page at a time, each would
/// push out the one before.
const HANDFUL: usize = 16;

/// How many of `all` pages a thread takes at a time. Of few, so many that no thread is waited for long.
fn handful(all: usize) -> usize {
    (all / (32 * rayon::current_num_threads())).clamp(1, HANDFUL)
}

/// What a pass came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Everything that is to say, sorted by file and place.
    pub problems: Vec<Located>,
    /// The outputs that were made, and why each was.
    pub rendered: Vec<(Arc<str>, Reason<Read>)>,
    /// The outputs that there are.
    pub plan: Arc<Plan>,
    /// The site, if it came that far.
    pub site: Option<Arc<Site>>,
    /// How many outputs are pages.
    pub pages: usize,
    /// How many pictures were made smaller; those that were kept are not counted.
    pub pictures: usize,
    /// How long each phase took.
    pub timings: Vec<(&'static str, Duration)>,
    /// The sites, other than this one, that visitors' browsers are asked to load from.
    pub outside: BTreeSet<Box<str>>,
    /// What the first view of the pages weighs that were to be weighed, by the page's path.
    pub weights: Vec<(Arc<str>, Weight)>,
    /// The settings, if site.yaml could be read.
    pub config: Option<Arc<Hashed<Config>>>,
    /// Makes any text of it again, if it came that far.
    pub again: Option<Arc<Again>>,
}

impl Memo {
    /// The pages' files that were read, each with what is in it.
    pub fn docs(&self) -> impl Iterator<Item = (&str, &Doc)> {
        self.doc_files.iter().zip(&self.docs).map(|(file, (_, doc))| (&*file.path, &**doc))
    }

    /// What an output asked of the site when it was made.
    pub fn reads(&self, path: &str) -> impl Iterator<Item = &Read> {
        let plan = self.plan.as_ref().map(|(_, plan)| plan);
        let trace = plan.and_then(|plan| self.traces.get(plan.place(path)?)?.as_ref());
        trace.into_iter().flat_map(|trace| trace.reads.iter().map(|asked| &asked.read))
    }
}

/// Makes the texts of a pass again, byte for byte as they were.
#[derive(Debug)]
pub struct Again {
    plan: Arc<Plan>,
    site: Arc<Site>,
    theme: Arc<Theme>,
    gallery: Arc<Gallery>,
    renderer: OnceLock<Renderer>,
}

impl Again {
    /// The text at a path of the output.
    pub fn text(&self, path: &str) -> Option<String> {
        let planned = &self.plan.outputs[self.plan.place(path)?];
        let renderer = self.renderer.get_or_init(|| {
            Renderer::new(self.theme.clone(), self.site.clone(), self.gallery.clone(), false)
        });
        render::render(planned, &self.site, renderer).text
    }
}

impl Report {
    /// The source and the status of the page at a path of the output.
    pub fn source_of(&self, path: &str) -> Option<(&str, Status)> {
        let planned = self.plan.outputs.get(self.plan.place(path)?)?;
        let Output::Page(place) = &planned.output else { return None };
        let page = self.site.as_ref()?.pages.at(*place)?;
        Some((&page.file, page.card.status))
    }

    /// Whether something keeps the site from being published.
    pub fn failed(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many problems of that severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.problems.iter().filter(|problem| problem.severity() == severity).count()
    }
}

/// Makes the site of `snapshot` and hands it to `sink`.
pub fn pass(memo: &mut Memo, snapshot: &Snapshot, options: &Options, sink: &dyn Sink) -> Report {
    let mut run = Run {
        snapshot,
        found: snapshot.problems().to_vec(),
        report: Report::default(),
        clock: Instant::now(),
        edited: None,
    };
    let Some(config) = run.config(memo, options) else { return run.finish(&mut memo.told) };
    run.report.config = Some(config.clone());
    let today = options.today.unwrap_or_else(|| today(&config.time_zone));
    let theme = theme::load(snapshot, &config, &mut memo.theme);
    run.found.extend(theme.problems.iter().cloned());
    run.lap("theme");
    let others = run.docs(memo, &config, &theme, options);
    let (data, data_files) = run.data(memo);
    run.check_names(&others);
    run.lap("parse");
    let parts = Parts {
        config,
        docs: &memo.docs,
        data,
        data_files,
        files: published_files(&others),
        today,
        unpublished: options.unpublished,
        search: theme.has_template("search.html"),
    };
    let site = Arc::new(model::assemble(parts, &mut memo.model));
    run.found.extend(site.index.problems.iter().cloned());
    run.campaign(memo, &site);
    run.say_held_back(&site);
    run.lap("assemble");
    let plan = run.plan(memo, &site, &theme);
    run.lap("plan");
    if theme.usable {
        run.outputs(memo, &plan, &site, &theme, (sink, options));
    }
    run.switch_off(&site, options);
    run.finish(&mut memo.told)
}

/// The only place where the clock is asked, and only if nobody said what day it is.
fn today(zone: &Zone) -> Date {
    today_in(zone)
}

struct Run<'a> {
    snapshot: &'a Snapshot,
    found: Vec<Diagnostic>,
    report: Report,
    clock: Instant,
    /// The pages that were read again, if the files of all others surely are the same as in the last pass.
    edited: Option<Vec<&'a str>>,
}

impl<'a> Run<'a> {
    fn lap(&mut self, phase: &'static str) {
        self.report.timings.push((phase, self.clock.elapsed()));
        self.clock = Instant::now();
    }

    fn config(&mut self, memo: &mut Memo, options: &Options) -> Option<Arc<Hashed<Config>>> {
        if !self.snapshot.has(config::FILE) {
            let hint = if self.snapshot.has(config::MISNAMED) {
                "There is a site.yml: rename it to site.yaml."
            } else {
                "Go to the folder of your site, name it with --root, or make one: weekmark new site my-site"
            };
            self.found.push(
                Diagnostic::whole(
                    Code::NoSite,
                    config::FILE,
                    "There is no site.yaml in this folder.",
                )
                .hint(hint),
            );
            return None;
        }
        let bytes =
            self.snapshot.read(config::FILE).map_err(|problem| self.found.push(*problem)).ok()?;
        let brand = self.snapshot.has(config::BRAND_FILE);
        let brand = brand.then(|| self.snapshot.read(config::BRAND_FILE)).transpose();
        let brand = brand.map_err(|problem| self.found.push(*problem)).ok().flatten();
        let fp = Fp::of(&(&bytes, &brand, &options.base_url));
        if let Some(kept) = memo.config.as_ref().filter(|kept| kept.of == fp) {
            self.found.extend(kept.problems.iter().cloned());
            return Some(kept.config.clone());
        }
        let mut problems = Vec::new();
        let config = read_config(&bytes, brand.as_deref(), options, &mut problems);
        let config = config.map(|config| Arc::new(Hashed::new(config)));
        self.found.extend(problems.iter().cloned());
        memo.config = config.clone().map(|config| KeptConfig { of: fp, config, problems });
        config
    }

    // ---- parse ----------------------------------------------------------------------------------

    /// Brings the pages' files up to date. Gives the paths below `content/` of the files that cannot be pages.
    fn docs(
        &mut self,
        memo: &mut Memo,
        config: &Config,
        theme: &Theme,
        options: &Options,
    ) -> Vec<&'a str> {
        let settings = parse::Settings {
            extensions: config.extensions,
            raw_html: config.raw_html,
            check_links: config.check_links,
            taxonomies: config.taxonomies.iter().map(|taxonomy| taxonomy.name.clone()).collect(),
            components: theme.usable.then(|| theme.components.clone()),
            look: options.everything,
            language: config.language.clone(),
            languages: config.languages.iter().map(|language| language.code.clone()).collect(),
            reading_grade: config.checks.reading_grade,
            zone: config.time_zone.clone(),
        };
        let settings = Hashed::new(settings);
        let read = |rooms: &mut Vec<Vec<u8>>, jobs: Vec<Job<'_>>| {
            read_some(jobs, rooms, &settings, self.snapshot)
        };
        // Handing out work costs more than a few pages do.
        let read_all = |jobs: Vec<Job<'_>>| -> (Vec<(Key, Arc<Doc>)>, Vec<DocFile>) {
            if jobs.len() < 8 {
                read(&mut Vec::new(), jobs).into_iter().unzip()
            } else {
                let some = handful(jobs.len());
                let handfuls = jobs.into_par_iter().chunks(some);
                handfuls.map_init(Vec::new, read).flatten_iter().unzip()
            }
        };
        let mut others = Vec::new();
        match self.changed_docs(memo, settings.fp(), &mut others) {
            Some(changed) => {
                self.edited = Some(changed.iter().map(|(_, path, _)| &***path).collect());
                let (places, jobs): (Vec<usize>, Vec<Job<'_>>) = changed
                    .into_iter()
                    .map(|(place, path, stamp)| {
                        let (key, doc) = memo.docs[place].clone();
                        let before = (memo.doc_files[place].clone(), doc);
                        (place, (key, path, stamp, Some(before)))
                    })
                    .unzip();
                let (docs, files) = read_all(jobs);
                for ((place, doc), file) in places.into_iter().zip(docs).zip(files) {
                    memo.docs[place] = doc;
                    memo.doc_files[place] = file;
                }
            }
            None => {
                let docs = std::mem::take(&mut memo.docs);
                let mut before =
                    docs.into_iter().zip(std::mem::take(&mut memo.doc_files)).peekable();
                let mut jobs: Vec<Job<'_>> = Vec::new();
                others.clear();
                for (path, stamp) in self.snapshot.on_disk_below(CONTENT) {
                    let name = &path[CONTENT.len()..];
                    if !name.ends_with(".md") {
                        others.push(name);
                        continue;
                    }
                    // Both are sorted, so what is known of a file is found without a search.
                    while before.next_if(|((key, _), _)| **key < *name).is_some() {}
                    match before.next_if(|((key, _), _)| **key == *name) {
                        Some(((key, doc), file)) => {
                            jobs.push((key, path, stamp, Some((file, doc))))
                        }
                        None if is_published(name, true) => {
                            jobs.push((Key::from(name), path, stamp, None));
                        }
                        None => {}
                    }
                }
                (memo.docs, memo.doc_files) = read_all(jobs);
            }
        }
        for ((_, doc), file) in memo.docs.iter().zip(&memo.doc_files).filter(|(_, f)| f.is_troubled)
        {
            self.found.extend(file.mark.problems.iter().chain(&doc.problems).cloned());
        }
        others
    }

    /// The files of pages that may have changed, with their places, if there are the same files as before; and the
    /// paths of `others`, which cannot be pages.
    fn changed_docs(
        &self,
        memo: &Memo,
        settings: Fp,
        others: &mut Vec<&'a str>,
    ) -> Option<Vec<(usize, &'a Arc<str>, Stamp)>> {
        let mut changed = Vec::new();
        let mut known = memo.doc_files.iter().enumerate();
        let mut next = known.next();
        for (path, stamp) in self.snapshot.on_disk_below(CONTENT) {
            match next {
                // The names are shared from one look at the folder to the next, so mostly none has to be read.
                Some((place, file)) if Arc::ptr_eq(&file.path, path) || file.path == *path => {
                    if !file.is_same(stamp, settings) {
                        changed.push((place, path, stamp));
                    }
                    next = known.next();
                }
                _ if !path.ends_with(".md") => others.push(&path[CONTENT.len()..]),
                _ if !is_published(&path[CONTENT.len()..], true) => {}
                _ => return None,
            }
        }
        next.is_none().then_some(changed)
    }

    #[expect(clippy::type_complexity, reason = "the two maps go straight into the site's parts")]
    fn data(
        &mut self,
        memo: &mut Memo,
    ) -> (BTreeMap<String, Arc<Hashed<Data>>>, BTreeMap<String, String>) {
        let (mut data, mut files, mut kept_data) =
            (BTreeMap::new(), BTreeMap::new(), HashMap::new());
        let below = self.snapshot.on_disk_below("content/_data/");
        let found: Vec<(String, Stamp)> = below
            .map(|(path, stamp)| (path["content/_data/".len()..].to_string(), stamp))
            .collect();
        for (path, stamp) in found {
            let Some(name) = path.strip_suffix(".yaml").or(path.strip_suffix(".yml")) else {
                continue;
            };
            let file = format!("content/_data/{path}");
            let before = memo.data.remove(&path).map(|kept| (kept.file, kept.value));
            let (mark, value) = FileMark::read(
                &file,
                stamp,
                Fp::default(),
                before,
                self.snapshot,
                |bytes, _, problems| {
                    let (data, mentions) = read_data(&file, bytes, problems);
                    DataFile { data: Arc::new(Hashed::new(data)), mentions }
                },
            );
            let kept = Kept { file: mark, value };
            self.found.extend(kept.file.problems.iter().cloned());
            if let Some(other) = files.insert(name.to_string(), file.clone()) {
                self.found.push(
                    Diagnostic::whole(
                        Code::SameAddress,
                        &file,
                        format!("Both {other} and {file} are the data file \"{name}\"."),
                    )
                    .hint("Rename one of them."),
                );
            }
            data.insert(name.to_string(), kept.value.data.clone());
            kept_data.insert(path, kept);
        }
        memo.data = kept_data;
        (data, files)
    }

    /// Names that look like pages and are none: published as files, they would show what a draft hides.
    fn check_names(&mut self, others: &[&str]) {
        let ends = [".MD", ".Md", ".markdown", ".mdx", ".mdown", ".mkd"];
        let odd =
            |path: &&str| ends.iter().any(|end| path.ends_with(end)) && is_published(path, false);
        let found: Vec<String> =
            others.iter().filter(|it| odd(it)).map(|path| format!("content/{path}")).collect();
        for file in found {
            let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
            let hint = format!("Rename it to {stem}.md, or move it out of content/.");
            self.found.push(
                Diagnostic::whole(
                    Code::BadValue,
                    &file,
                    "This looks like a page, but the names of pages end in .md.",
                )
                .hint(hint),
            );
        }
    }

    // ---- assemble and plan ------------------------------------------------------------------------

    /// What the data files of the campaign name, looked for on the site.
    fn campaign(&mut self, memo: &mut Memo, site: &Site) {
        let names = audit::campaign::FILES
            .iter()
            .flat_map(|name| ["yaml", "yml"].map(|end| format!("{name}.{end}")));
        let kept = names.filter_map(|name| {
            let kept = memo.data.get(&name)?;
            Some((format!("{CONTENT}_data/{name}"), kept.file.bytes, kept.value.clone()))
        });
        let kept: Vec<(String, Fp, Arc<DataFile>)> = kept.collect();
        let files: Vec<Mentions<'_>> = kept
            .iter()
            .map(|(file, bytes, kept)| Mentions { file, bytes: *bytes, all: &kept.mentions })
            .collect();
        self.found.extend(audit::campaign::check(&mut memo.campaign, site, &files));
    }

    fn say_held_back(&mut self, site: &Site) {
        let held_back = site.index.held_back.iter();
        for (_, held) in held_back.filter(|(key, _)| !site.pages.contains(key)) {
            let note = held.status.note().unwrap_or_default();
            self.found.push(Diagnostic::whole(
                Code::HeldBack,
                &held.file,
                format!("Held back: {note}."),
            ));
        }
    }

    /// What there will be: the same as in the last pass if all addresses and the theme's files are the same.
    fn plan(&mut self, memo: &mut Memo, site: &Arc<Site>, theme: &Theme) -> Arc<Plan> {
        // Of the theme, only its files are outputs: an edit in a template plans nothing anew.
        let icons: Vec<Icon> = theme.marks.icons().collect();
        let addresses = site.index.facts.of(About::Addresses);
        let fp = Fp::join(&[addresses, Fp::of(&*theme.assets), Fp::of(&icons)]);
        let plan = match &memo.plan {
            Some((known, plan)) if *known == fp => plan.clone(),
            _ => {
                let assets = theme.assets.iter();
                let manifest = (!icons.is_empty()).then_some((icon::MANIFEST, Output::Manifest));
                let extra = icons.iter().map(|icon| (icon.path(), Output::Icon(*icon)));
                let assets = assets.map(|(name, path)| (&**name, &**path));
                let plan = Plan::of(site, assets, extra.chain(manifest));
                let plan = Arc::new(plan);
                if let Some((_, old)) = memo.plan.replace((fp, plan.clone())) {
                    move_traces(&mut memo.traces, &old, &plan);
                }
                plan
            }
        };
        self.found.extend(plan.problems.iter().cloned());
        self.report.pages = plan.pages;
        self.report.plan = plan.clone();
        self.report.site = Some(site.clone());
        plan
    }

    // ---- render and write -------------------------------------------------------------------------

    fn outputs(
        &mut self,
        memo: &mut Memo,
        plan: &Arc<Plan>,
        site: &Arc<Site>,
        theme: &Arc<Theme>,
        (sink, options): (&dyn Sink, &Options),
    ) {
        let now = &site.index.facts;
        let files = site.index.files.iter();
        let keep = options.pictures.as_ref();
        let gallery = Arc::new(Gallery::open(files, self.snapshot, keep, &mut memo.pictures));
        let mut changed = memo.facts.as_ref().map_or(Changed::ALL, |before| now.since(before));
        if std::mem::replace(&mut memo.pictures.seen, gallery.fp) != gallery.fp {
            changed = changed.and(About::Pictures);
        }
        memo.traces.resize_with(plan.outputs.len(), || None);
        let renderer = Renderer::new(theme.clone(), site.clone(), gallery.clone(), !options.once);
        let audit = Audit::new(
            (site, plan, theme),
            self.snapshot,
            (options.everything, options.weigh),
            &mut memo.audit,
        );
        // What all outputs have in common is part of every key, so a change of it makes them all again.
        let look = Fp::join(&[theme.fp, site.globals()]);
        let shared = Fp::join(&[look, audit.fp()]);
        let (snapshot, before) = (self.snapshot, &memo.traces);
        let sent = Sent { plan, before: &memo.pictures.sent, now: Mutex::default(), sink };
        let judge = |place: usize| {
            let (planned, old) = (&plan.outputs[place], before[place].as_ref());
            todo(place, planned, old, (changed, shared), (site, &renderer, &gallery), sink)
        };
        let pool: Mutex<Vec<Rooms>> = Mutex::default();
        let lock = || pool.lock().unwrap_or_else(PoisonError::into_inner);
        // The texts of a handful and their frames, then each file to its end: see `HANDFUL`.
        let make_some = |todos: Vec<Todo>| -> Vec<(usize, Made)> {
            let of = |todo: &Todo| &plan.outputs[todo.place];
            let planned: Vec<&Planned> = todos.iter().map(of).collect();
            let mut rooms = lock().pop().unwrap_or_default();
            let texts = render::texts(&planned, site, &renderer, &mut rooms);
            let put = |(todo, mut text): (Todo, Option<Rendered>)| {
                text.iter_mut().for_each(|text| text.complete(&mut rooms));
                let looked = look_at(of(&todo), text.as_ref(), &audit);
                let (place, made) = (todo.place, (text, looked));
                let by = (&**site, &renderer, &mut rooms);
                (place, output(&plan.outputs[place], todo, made, snapshot, by, (&gallery, &sent)))
            };
            let made = todos.into_iter().zip(texts).map(put).collect();
            lock().push(rooms);
            made
        };
        let is_new_look = memo.look.replace(look).is_some_and(|before| before != look);
        let looked_at = if is_new_look { sink.looked_at() } else { Vec::new() };
        let mut first: HashSet<usize> = HashSet::new();
        if !looked_at.is_empty() {
            first.extend(looked_at.iter().filter_map(|path| plan.place(path)));
            let is_asset = |planned: &Planned| matches!(planned.output, Output::Asset(_));
            first.extend((0..plan.outputs.len()).filter(|place| is_asset(&plan.outputs[*place])));
        }
        let make_one = |todo: Todo| make_some(vec![todo]);
        let first_todo = first.par_iter().filter_map(|place| judge(*place));
        let mut made: Vec<(usize, Made)> = first_todo.flat_map_iter(make_one).collect();
        let is_error = |problem: &Diagnostic| problem.code.severity() == Severity::Error;
        let traces = made.iter().map(|(_, (_, trace))| trace);
        let mut said = traces.flat_map(|trace| &*trace.problems).chain(&self.found);
        if !first.is_empty() && !said.any(is_error) {
            sink.looked_at_is_made();
        }
        let others = (0..plan.outputs.len()).into_par_iter().filter(|place| !first.contains(place));
        let others: Vec<Todo> = others.filter_map(judge).collect();
        // Long lists come first and one by one: a thread that took them all, or the last one, would be waited for. And
        // what is to be the heaviest page is soon known.
        let is_list = |todo: &Todo| {
            let of = &plan.outputs[todo.place].output;
            matches!(of, Output::Term { .. } | Output::Taxonomy { .. } | Output::Sitemap)
        };
        let (lists, others): (Vec<Todo>, Vec<Todo>) = others.into_iter().partition(is_list);
        let mut handfuls: Vec<Vec<Todo>> = lists.into_iter().map(|todo| vec![todo]).collect();
        let before_pages = handfuls.len();
        let some = handful(others.len());
        let mut others = others.into_iter().peekable();
        while others.peek().is_some() {
            handfuls.push(others.by_ref().take(some).collect());
        }
        let mut make_all = |handfuls: Vec<Vec<Todo>>| match handfuls.len() {
            // Waking another thread takes longer than to see that it has nothing to do.
            0 | 1 => made.extend(handfuls.into_iter().flat_map(make_some)),
            _ => made.par_extend(handfuls.into_par_iter().with_max_len(1).flat_map_iter(make_some)),
        };
        if options.once {
            let pages = handfuls.split_off(before_pages);
            make_all(handfuls);
            // What lists have in common makes room for the pages.
            let cards = renderer.take_cards();
            rayon::spawn(move || drop(cards));
            make_all(pages);
        } else {
            make_all(handfuls);
        }
        made.sort_unstable_by_key(|(place, _)| *place);
        let now_sent = sent.now.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (place, (reason, trace)) in made {
            if let Some(reason) = reason {
                self.report.rendered.push((plan.outputs[place].path.clone(), reason));
            }
            memo.traces[place] = Some(*trace);
        }
        let told = memo.traces.iter().flatten().filter(|trace| !trace.problems.is_empty());
        self.found.extend(told.flat_map(|trace| trace.problems.iter().cloned()));
        memo.facts = Some(now.clone());
        let whole = self.variants(memo, plan, &gallery, now_sent, sink);
        self.lap("render and write");
        // Versions of pictures are outputs like all others, which nothing was found on.
        let nothing = Found::default();
        let found: Vec<&Found> = if Arc::ptr_eq(&whole, plan) {
            let traces = memo.traces.iter();
            traces.map(|trace| trace.as_ref().map_or(&nothing, |trace| &trace.found)).collect()
        } else {
            let trace = |planned: &Planned| memo.traces.get(plan.place(&planned.path)?)?.as_ref();
            let planned = whole.outputs.iter();
            planned.map(|it| trace(it).map_or(&nothing, |trace| &trace.found)).collect()
        };
        let facts: Vec<Option<&PageFacts>> =
            found.iter().map(|found| found.facts.as_deref()).collect();
        let fps: Vec<Fp> = found.iter().map(|found| found.fp).collect();
        let lead_out = found.iter().filter(|found| found.leads_out);
        let outside = lead_out.filter_map(|found| found.facts.as_ref());
        self.report.outside = outside.flat_map(|facts| facts.outside.iter().cloned()).collect();
        if options.weigh != Weigh::None {
            let weights = facts.iter().zip(&whole.outputs).filter_map(|(facts, planned)| {
                Some((planned.path.clone(), *facts.as_ref()?.weight.as_deref()?))
            });
            self.report.weights = weights.collect();
        }
        let audit = audit.with_plan(&whole);
        let again = |planned: &Planned| render::render(planned, site, &renderer).text;
        self.found.extend(audit.site(&mut memo.audit, (&facts, &fps), again));
        self.report.again = Some(Arc::new(Again {
            plan: plan.clone(),
            site: site.clone(),
            theme: theme.clone(),
            gallery: gallery.clone(),
            // One that records nothing serves again, and need not be taken apart.
            renderer: if options.once { renderer.into() } else { OnceLock::new() },
        }));
        self.lap("audit");
    }

    /// The versions of all pictures that some output shows: those that were not handed over yet are now, and all are
    /// in the plan. What is wrong with a picture that nobody shows is told of its file.
    fn variants(
        &mut self,
        memo: &mut Memo,
        plan: &Arc<Plan>,
        gallery: &Gallery,
        now_sent: BTreeMap<Arc<str>, Fp>,
        sink: &dyn Sink,
    ) -> Arc<Plan> {
        let with_pictures = |trace: &&OutputTrace| trace.about & About::Pictures.bit() != 0;
        let traces = || memo.traces.iter().flatten().filter(with_pictures);
        let fp = Fp::join(&traces().map(|trace| trace.found.pictures).collect::<Vec<Fp>>());
        if memo.shown.0 != fp {
            let all: BTreeSet<&str> =
                traces().flat_map(|trace| pictures_of(trace.reads.iter())).collect();
            memo.shown = (fp, all.into_iter().map(String::from).collect());
        }
        self.report.pictures = gallery.made();
        self.found.extend(gallery.untold(&self.found));
        let mut sent: BTreeMap<Arc<str>, Fp> = BTreeMap::new();
        let mut places: Vec<(Arc<str>, String)> = Vec::new();
        for path in &memo.shown.1 {
            let of = path.trim_start_matches('/');
            for (at, variant) in gallery.variants(path) {
                // A file of the site comes first; the plan says so.
                if plan.place(&at).is_none() {
                    let fp = Fp::of_bytes(&variant.bytes);
                    if now_sent.get(&at) == Some(&fp) {
                        // It was handed over with the page that shows it.
                    } else if memo.pictures.sent.get(&at) == Some(&fp) {
                        sink.kept(&at);
                    } else if let Err(error) = sink.put(&at, variant.bytes.to_vec()) {
                        self.found.push(unwritable(&at, &error));
                    }
                    sent.insert(at.clone(), fp);
                }
                places.push((at, of.to_string()));
            }
        }
        memo.pictures.sent = sent;
        if places.is_empty() {
            memo.whole = None;
            return plan.clone();
        }
        let of_plan = memo.plan.as_ref().map(|(fp, _)| *fp).unwrap_or_default();
        let fp = Fp::of(&(of_plan, &places));
        let whole = match &memo.whole {
            Some((known, whole)) if *known == fp => whole.clone(),
            _ => {
                let whole = Arc::new(plan.with_variants(places.into_iter()));
                memo.whole = Some((fp, whole.clone()));
                whole
            }
        };
        self.found.extend(whole.problems.iter().skip(plan.problems.len()).cloned());
        self.report.plan = whole.clone();
        whole
    }

    // ---- switched off -----------------------------------------------------------------------------

    fn switch_off(&mut self, site: &Site, options: &Options) {
        // Not all checks are made in every pass, and none of the later ones where an earlier one failed.
        let failed = self.found.iter().any(|problem| problem.code.severity() == Severity::Error);
        let is_made = |code: Code| options.everything && !failed && !code.asks_network();
        switch_off(site, &mut self.found, is_made);
    }

    // ---- report -----------------------------------------------------------------------------------

    /// Finds the place of every problem, sorts them, and leaves out those that are said already.
    fn finish(mut self, told: &mut Told) -> Report {
        let mut found = std::mem::take(&mut self.found);
        let is_same = told.is_same(&found, self.edited.as_deref(), self.snapshot);
        told.found.clone_from(&found);
        if is_same {
            self.report.problems = told.problems.clone();
            return self.report;
        }
        let kept = &mut told.files;
        let mut before = std::mem::take(kept).into_iter().peekable();
        // File by file, as what was found before lies, so that nothing has to be looked up.
        found.sort_by(Diagnostic::order);
        found.dedup();
        let locate = |diagnostic: Diagnostic| {
            let Some(span) = diagnostic.span else { return Located { diagnostic, place: None } };
            let file = &diagnostic.file;
            if kept.last().is_none_or(|last| last.file != *file) {
                while before.next_if(|old| old.file < *file).is_some() {}
                let old = before.next_if(|old| old.file == *file);
                kept.push(PlacesIn::new(file, self.snapshot, old));
            }
            let place = kept.last_mut().and_then(|places| places.place(span, self.snapshot));
            Located { diagnostic, place }
        };
        let located: Vec<Located> = found.into_iter().map(locate).collect();
        kept.iter_mut().for_each(|places| places.text = None);
        told.others = (0..kept.len()).filter(|at| !is_page(&kept[*at].file)).collect();
        told.problems = gather(located);
        self.report.problems = told.problems.clone();
        self.report
    }
}

/// What was told in the last pass. A large site may have thousands of findings, and after most edits they are the same
/// ones.
#[derive(Debug, Default)]
struct Told {
    /// Everything that was found, in the order in which it was.
    found: Vec<Diagnostic>,
    /// What became of it.
    problems: Vec<Located>,
    /// The places, sorted by file.
    files: Vec<PlacesIn>,
    /// Which of those files are no pages.
    others: Vec<usize>,
}

impl Told {
    /// Whether the very same was found again, in files that are what they were; `edited` are the pages that were read
    /// again, if all others surely are.
    fn is_same(&self, found: &[Diagnostic], edited: Option<&[&str]>, snapshot: &Snapshot) -> bool {
        let Some(edited) = edited else { return false };
        let has = |file: &&str| self.files.binary_search_by(|it| (*it.file).cmp(file)).is_ok();
        found.len() == self.found.len()
            && !edited.iter().any(has)
            && self.others.iter().all(|at| self.files[*at].is_same(snapshot))
            // Nearly all are copies of those before, so hardly any has to be read.
            && *found == self.found
    }
}

/// Whether a file's path is that of a page.
fn is_page(file: &str) -> bool {
    file.starts_with(CONTENT) && file.ends_with(".md")
}

/// The places in one file.
#[derive(Debug)]
struct PlacesIn {
    file: String,
    stamp: Option<Stamp>,
    /// The file's text, while it is looked at; `None` inside if it has none.
    text: Option<Option<String>>,
    places: ByName<Span, Option<Arc<Place>>>,
}

impl PlacesIn {
    /// Those that were found before, if the file surely is the same.
    fn new(file: &str, snapshot: &Snapshot, before: Option<PlacesIn>) -> PlacesIn {
        let stamp = snapshot.stamp(file);
        match before.filter(|old| old.is_same(snapshot)) {
            Some(old) => PlacesIn { stamp, ..old },
            None => PlacesIn { file: file.into(), stamp, text: None, places: ByName::default() },
        }
    }

    /// Whether the file surely is the same.
    fn is_same(&self, snapshot: &Snapshot) -> bool {
        match (snapshot.stamp(&self.file), self.stamp) {
            (Some(now), Some(old)) => now.same_as(old),
            // What comes with the program never changes; what is not there has no text.
            (now, old) => now.is_none() && old.is_none() && snapshot.has(&self.file),
        }
    }

    fn place(&mut self, span: Span, snapshot: &Snapshot) -> Option<Arc<Place>> {
        let file = &self.file;
        if let Some(known) = self.places.get(&span) {
            return known.clone();
        }
        let text = self.text.get_or_insert_with(|| {
            let bytes = snapshot.has(file).then(|| snapshot.read(file).ok())??;
            String::from_utf8(bytes.into_owned()).ok()
        });
        let place = text.as_ref().map(|text| Arc::new(Place::of(text, span)));
        self.places.insert(span, place.clone());
        place
    }
}

/// Leaves out what site.yaml or the page itself switches off, and says which switches do nothing, for those
/// checks that were made.
pub fn switch_off(site: &Site, found: &mut Vec<Diagnostic>, is_made: impl Fn(Code) -> bool) {
    let of_site: Vec<(Option<&str>, &str, &Off)> =
        site.config.checks.off.iter().map(|off| (None, config::FILE, off)).collect();
    let pages = site.index.switching.iter().filter_map(|place| site.pages.at(*place));
    let of_pages = pages.flat_map(|page| {
        let own = page.doc.as_ref().is_some_and(|doc| !doc.meta.off.is_empty());
        let file = if own { &*page.file } else { config::FILE };
        page.meta().off.iter().map(move |off| (Some(&*page.file), file, off))
    });
    let switches: Vec<(Option<&str>, &str, &Off)> = of_site.into_iter().chain(of_pages).collect();
    if switches.is_empty() {
        return;
    }
    let mut used: HashSet<(&str, Span)> = HashSet::new();
    found.retain(|problem| {
        let mut is_off = false;
        for (page, file, off) in &switches {
            if off.code == problem.code && page.is_none_or(|page| page == problem.file) {
                used.insert((file, off.span));
                is_off = true;
            }
        }
        !is_off
    });
    let idle = switches
        .iter()
        .filter(|(_, file, off)| is_made(off.code) && !used.contains(&(*file, off.span)));
    found.extend(idle.map(|(_, file, off)| {
        let message = format!("{} is switched off here, but it would find nothing.", off.code.id());
        Diagnostic::at(Code::UselessSwitch, file, off.span, message).hint("Delete this line.")
    }));
}

/// One mistake in a template shows on every page that uses it: it is told once, with the first page and
/// how many others there are.
fn gather(sorted: Vec<Located>) -> Vec<Located> {
    if sorted.iter().all(|problem| problem.diagnostic.trail.is_empty()) {
        return sorted;
    }
    let mut gathered: Vec<(Located, usize)> = Vec::new();
    for problem in sorted {
        let same = |(other, _): &&mut (Located, usize)| {
            let (a, b) = (&other.diagnostic, &problem.diagnostic);
            !b.trail.is_empty()
                && (a.code, &a.file, a.span, &a.message) == (b.code, &b.file, b.span, &b.message)
        };
        match gathered.last_mut().filter(same) {
            Some((_, others)) => *others += 1,
            None => gathered.push((problem, 0)),
        }
    }
    gathered
        .into_iter()
        .map(|(mut problem, others)| {
            if others > 0 {
                problem.diagnostic.trail.push(format!("and in {others} other places"));
            }
            problem
        })
        .collect()
}

/// The files among `others` that are published as they are.
fn published_files(others: &[&str]) -> Vec<String> {
    others.iter().filter(|path| is_published(path, false)).map(|path| path.to_string()).collect()
}

/// Whether a path below `content/` is published: no part of it starts with `_`, but a section's own
/// page may be called `_index`.
fn is_published(path: &str, page: bool) -> bool {
    let (folder, name) = path.rfind('/').map_or(("", path), |at| path.split_at(at + 1));
    let hidden = folder.split('/').any(|part| part.starts_with('_'));
    let own =
        page && (name == "_index.md" || (name.starts_with("_index.") && name.ends_with(".md")));
    !hidden && (own || !name.starts_with('_'))
}

impl FileMark {
    /// Whether the file surely is what it was.
    fn is_same(&self, now: Stamp, settings: Fp) -> bool {
        self.settings == settings && now.same_as(self.stamp)
    }

    /// Takes what was made of a file if its stamp or its bytes are the same; makes it again otherwise.
    fn read<T>(
        path: &str,
        stamp: Stamp,
        settings: Fp,
        before: Option<(FileMark, Arc<T>)>,
        snapshot: &Snapshot,
        make: impl FnOnce(&[u8], Fp, &mut Vec<Diagnostic>) -> T,
    ) -> (FileMark, Arc<T>) {
        match FileMark::look(path, stamp, settings, before, (snapshot, Vec::new)) {
            FileNow::Same(mark, value) => (mark, value),
            FileNow::Other(bytes, mut mark) => {
                let value = make(&bytes, mark.bytes, &mut mark.problems);
                (mark, Arc::new(value))
            }
        }
    }

    /// Whether the file is what it was: by its stamp, or else by its bytes, for which there is `room`.
    fn look<T>(
        path: &str,
        stamp: Stamp,
        settings: Fp,
        before: Option<(FileMark, Arc<T>)>,
        (snapshot, room): (&Snapshot, impl FnOnce() -> Vec<u8>),
    ) -> FileNow<T> {
        let before = match before {
            Some((mark, value)) if mark.is_same(stamp, settings) => {
                return FileNow::Same(FileMark { stamp, ..mark }, value);
            }
            before => before.filter(|(mark, _)| mark.settings == settings),
        };
        let mut problems = Vec::new();
        let read = snapshot.read_found(path, stamp, room()).unwrap_or_else(|problem| {
            problems.push(*problem);
            Vec::new()
        });
        let bytes = Fp::of_bytes(&read);
        let was_read = |mark: &FileMark| mark.problems.iter().all(|p| p.code != Code::Unreadable);
        match before
            .filter(|(mark, _)| mark.bytes == bytes && problems.is_empty() && was_read(mark))
        {
            Some((mark, value)) => FileNow::Same(FileMark { stamp, ..mark }, value),
            None => FileNow::Other(read, FileMark { stamp, bytes, settings, problems }),
        }
    }
}

/// A file that was looked at.
enum FileNow<T> {
    /// It is what it was, and what was made of it holds.
    Same(FileMark, Arc<T>),
    /// It is new or another one: its bytes, and what tells next time that they are the same.
    Other(Vec<u8>, FileMark),
}

/// Reads a handful of pages, one kind of work after the other: see [`HANDFUL`]. In `rooms` are buffers that were used before.
fn read_some(
    jobs: Vec<Job<'_>>,
    rooms: &mut Vec<Vec<u8>>,
    settings: &Hashed<parse::Settings>,
    snapshot: &Snapshot,
) -> Vec<((Key, Arc<Doc>), DocFile)> {
    let of_settings = settings.fp();
    let looked: Vec<(Key, &Arc<str>, FileNow<Doc>)> = jobs
        .into_iter()
        .map(|(key, path, stamp, before)| {
            let before = before.map(|(file, doc)| (file.mark, doc));
            let room = || rooms.pop().unwrap_or_default();
            (key, path, FileMark::look(path, stamp, of_settings, before, (snapshot, room)))
        })
        .collect();
    let begun: Vec<Option<parse::Begun<'_>>> = looked
        .iter()
        .map(|(_, path, now)| match now {
            FileNow::Same(..) => None,
            FileNow::Other(bytes, mark) => {
                Some(parse::begin(path, (bytes, mark.bytes), (settings, of_settings)))
            }
        })
        .collect();
    let finish = |begun: parse::Begun<'_>| Arc::new(begun.finish(settings));
    let made: Vec<Option<Arc<Doc>>> = begun.into_iter().map(|it| it.map(finish)).collect();
    looked
        .into_iter()
        .zip(made)
        .filter_map(|((key, path, now), made)| {
            let (mark, doc) = match now {
                FileNow::Same(mark, doc) => (mark, doc),
                FileNow::Other(bytes, mark) => {
                    if bytes.capacity() <= render::LONGEST_ROOM {
                        rooms.push(bytes);
                    }
                    (mark, made?)
                }
            };
            let is_troubled = !mark.problems.is_empty() || !doc.problems.is_empty();
            Some(((key, doc), DocFile { path: path.clone(), mark, is_troubled }))
        })
        .collect()
}

impl DocFile {
    fn is_same(&self, now: Stamp, settings: Fp) -> bool {
        self.mark.is_same(now, settings)
    }
}

/// Brings the traces into the order of a new plan.
fn move_traces(traces: &mut Vec<Option<OutputTrace>>, old: &Plan, new: &Plan) {
    let mut before = old.outputs.iter().zip(std::mem::take(traces)).peekable();
    traces.reserve(new.outputs.len());
    for planned in &new.outputs {
        while before.next_if(|(old, _)| old.path < planned.path).is_some() {}
        let same = before.next_if(|(old, _)| old.path == planned.path);
        traces.push(same.and_then(|(_, trace)| trace));
    }
}

/// Reads site.yaml and, if there is one, brand.yaml.
fn read_config(
    bytes: &[u8],
    brand: Option<&[u8]>,
    options: &Options,
    problems: &mut Vec<Diagnostic>,
) -> Option<Config> {
    let mut config = Config::read(parse::utf8(config::FILE, bytes, problems)?, problems)?;
    if let Some(text) = brand.and_then(|bytes| parse::utf8(config::BRAND_FILE, bytes, problems)) {
        config.read_brand(text, problems);
    }
    if let Some(base) = &options.base_url {
        config.base_url = Some(base.clone());
    }
    let is_error = |p: &Diagnostic| p.file == config::FILE && p.code.severity() == Severity::Error;
    if config.base_url.is_none() && !problems.iter().any(is_error) {
        problems.push(
            Diagnostic::whole(
                Code::NoBaseUrl,
                config::FILE,
                "Without base_url, the feed, the sitemap and the addresses in link previews are left out.",
            )
            .hint("Add the address that the site will have: base_url: https://example.org/"),
        );
    }
    Some(config)
}

fn read_data(file: &str, bytes: &[u8], problems: &mut Vec<Diagnostic>) -> (Data, Vec<Mention>) {
    let nothing = (Data::Null, Vec::new());
    let Some(text) = parse::utf8(file, bytes, problems) else { return nothing };
    let start = parse::byte_order_mark(text);
    match yaml::parse(&text[start..], start) {
        Ok(node) => {
            yaml::check_keys(&node, file, problems);
            yaml::cut_values(&node, &text[start..], start, file, problems);
            let name = file.rsplit('/').next().and_then(|name| name.split('.').next());
            let mentions = parse::data::check(name.unwrap_or_default(), &node, file, problems);
            (node.data(), mentions)
        }
        Err(error) => {
            problems.push(yaml::explain(&error, file, text));
            nothing
        }
    }
}

/// An output that has to be made.
struct Todo {
    place: usize,
    key: Fp,
    /// Why; files that are published as they are need no reason.
    reason: Option<Reason<Read>>,
}

/// Why an output was made, and its new trace.
type Made = (Option<Reason<Read>>, Box<OutputTrace>);

/// Whether an output has to be made.
fn todo(
    place: usize,
    planned: &Planned,
    old: Option<&OutputTrace>,
    (changed, look): (Changed, Fp),
    (site, renderer, gallery): (&Site, &Renderer, &Gallery),
    sink: &dyn Sink,
) -> Option<Todo> {
    if let Output::File(_) = &planned.output {
        // A picture is published without its metadata, which are other bytes than those of the file.
        let file = gallery.get(&format!("/{}", planned.path)).filter(|file| file.is_cleaned());
        let key = file.map(|file| file.fp).unwrap_or_default();
        if old.is_some_and(|old| file.is_some() && old.made && old.key == key) {
            sink.kept(&planned.path);
            return None;
        }
        return Some(Todo { place, key, reason: None });
    }
    let theme = &*renderer.theme;
    let key = render::key(planned, site, theme, look);
    let answer = |read: &Read| view::answer(site, (&theme.assets, gallery), read);
    // Who asks for neighbors asks for its own.
    let neighbors = || match planned.output {
        Output::Page(place) => view::of_neighbors(site, place),
        _ => Fp::default(),
    };
    let usual = (About::Neighbors.bit(), neighbors);
    let reason = match old {
        Some(trace) => match trace.stale(key, |about| changed.touches(about), answer, usual) {
            Some(reason) => reason,
            None => {
                if trace.made {
                    sink.kept(&planned.path);
                }
                return None;
            }
        },
        None => Reason::New,
    };
    Some(Todo { place, key, reason: Some(reason) })
}

/// What is found on an output, if it is a page.
fn look_at(planned: &Planned, rendered: Option<&Rendered>, audit: &Audit<'_>) -> Looked {
    let look = |rendered: &Rendered| {
        Some(audit.page(planned, (rendered.text.as_deref()?, &rendered.markdown)))
    };
    rendered.and_then(look).unwrap_or_default()
}

/// Makes one output, whose text, if it has one, is rendered and looked at, and hands it over.
fn output(
    planned: &Planned,
    todo: Todo,
    (rendered, looked): (Option<Rendered>, Looked),
    snapshot: &Snapshot,
    (site, renderer, rooms): (&Site, &Renderer, &mut Rooms),
    (gallery, sent): (&Gallery, &Sent<'_>),
) -> Made {
    let Todo { key, reason, .. } = todo;
    let sink = sent.sink;
    let put = |bytes: Vec<u8>| sink.put(&planned.path, bytes);
    let (put, reads, mut problems) = match &planned.output {
        Output::File(source) => {
            let trace = match gallery.cleaned(&format!("/{}", planned.path)) {
                Some(bytes) => put_cleaned(planned, key, bytes, sink),
                None => copy(planned, source, snapshot, sink),
            };
            return (reason, trace);
        }
        Output::Asset(name) => {
            let bytes = renderer.theme.bytes.get(name).map(|bytes| bytes.to_vec());
            (bytes.map(put), Vec::new(), Vec::new())
        }
        Output::Icon(icon) => {
            let bytes = renderer.theme.marks.make(*icon);
            let told_in = site.config.brand_file;
            let damaged = bytes.is_none().then(|| {
                let message =
                    format!("The icon {} cannot be made: its picture is damaged.", icon.path());
                Diagnostic::whole(Code::Unreadable, told_in, message)
                    .hint("Save the picture again, as PNG.")
            });
            (bytes.map(put), Vec::new(), damaged.into_iter().collect())
        }
        _ => {
            let rendered = rendered.unwrap_or_default();
            let put = rendered.text.map(|mut text| {
                let put = sink.put_text(&planned.path, &mut text);
                rooms.give_back(text);
                put
            });
            (put, rendered.reads, rendered.problems)
        }
    };
    let made = put.is_some();
    problems.extend(looked.problems);
    if let Some(Err(error)) = put {
        problems.push(unwritable(&planned.path, &error));
    }
    let about = reads.iter().fold(0, |bits, asked| bits | asked.about);
    let usual = reads.iter().find(|asked| asked.about == About::Neighbors.bit());
    let usual = usual.map(|asked| asked.fp.half()).unwrap_or_default();
    let mut pictures = Fp::default();
    if about & About::Pictures.bit() != 0 {
        pictures = Fp::of(&pictures_of(reads.iter()).collect::<Vec<_>>());
        sent.put(&reads, gallery, &mut problems);
    }
    let (reads, problems) = (reads.into(), problems.into());
    let found = Found::of(looked.facts, pictures);
    (reason, Box::new(Trace { key, about, usual, reads, problems, made, found }))
}

/// The versions of pictures that are handed over with the pages that show them, so that whoever looks at a page
/// sees them at once.
struct Sent<'a> {
    plan: &'a Plan,
    before: &'a BTreeMap<Arc<str>, Fp>,
    now: Mutex<BTreeMap<Arc<str>, Fp>>,
    sink: &'a dyn Sink,
}

impl Sent<'_> {
    fn put(&self, reads: &[Arc<Asked<Read>>], gallery: &Gallery, problems: &mut Vec<Diagnostic>) {
        for path in pictures_of(reads.iter()) {
            for (at, variant) in gallery.variants(path) {
                let fp = Fp::of_bytes(&variant.bytes);
                let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
                let is_taken = self.plan.place(&at).is_some();
                if is_taken || self.before.get(&at) == Some(&fp) || now.contains_key(&at) {
                    continue;
                }
                now.insert(at.clone(), fp);
                drop(now);
                if let Err(error) = self.sink.put(&at, variant.bytes.to_vec()) {
                    problems.push(unwritable(&at, &error));
                }
            }
        }
    }
}

/// The pictures that an output shows.
fn pictures_of<'a>(
    reads: impl Iterator<Item = &'a Arc<Asked<Read>>>,
) -> impl Iterator<Item = &'a str> {
    reads.filter_map(|asked| match &asked.read {
        Read::Picture(path) => Some(path.as_str()),
        _ => None,
    })
}

fn put_cleaned(
    planned: &Planned,
    key: Fp,
    bytes: Result<Vec<u8>, Box<Diagnostic>>,
    sink: &dyn Sink,
) -> Box<OutputTrace> {
    let mut problems = Vec::new();
    let made = bytes.is_ok();
    let put = bytes.map(|bytes| sink.put(&planned.path, bytes));
    match put {
        Ok(Err(error)) => problems.push(unwritable(&planned.path, &error)),
        Err(problem) => problems.push(*problem),
        Ok(Ok(())) => {}
    }
    plain(key, problems, made)
}

fn copy(planned: &Planned, source: &str, snapshot: &Snapshot, sink: &dyn Sink) -> Box<OutputTrace> {
    let file = format!("content/{source}");
    let mut problems = Vec::new();
    let on_disk = snapshot.on_disk(&file).zip(snapshot.stamp(&file));
    let made = on_disk.is_some();
    if let Some((from, stamp)) = on_disk
        && let Err(error) = sink.copy(&planned.path, &from, stamp)
    {
        problems.push(unwritable(&planned.path, &error));
    }
    let key = Fp::default();
    plain(key, problems, made)
}

/// The trace of an output that asked nothing.
fn plain(key: Fp, problems: Vec<Diagnostic>, made: bool) -> Box<OutputTrace> {
    let (reads, problems) = (Reads::default(), problems.into());
    let (usual, found) = (0, Found::default());
    Box::new(Trace { key, about: 0, usual, reads, problems, made, found })
}

fn unwritable(path: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::whole(Code::Unreadable, path, format!("This file cannot be written: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::scan;
    use std::path::PathBuf;

    struct Forgets;

    impl Sink for Forgets {
        fn put(&self, _: &Arc<str>, _: Vec<u8>) -> std::io::Result<()> {
            Ok(())
        }
        fn copy(&self, _: &Arc<str>, _: &Path, _: Stamp) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// A page with every kind of name and address.
    const TEXT: &str = r#"---
title: All
---
[Page](b.md), [part](b.md#two), [here](#one), [top](#top), [file](note.txt), [query](note.txt?a=b#c), [title][b].
[Web](https://example.com/), [own](https://example.org/sub/b/#two), [mail](mailto:a@example.org), <b@example.org>.
![Decorative](dot.svg)

## One
## One
A note[^a], another[^b], and the first again[^a].

[^a]: Here, [b](b.md), and the other[^b].
[^b]: There.
### Éà {#own-name}

[b]: b.md "A title"
"#;

    /// What stands in it makes the HTML of a page be read.
    const OTHERS: [&str; 8] = [
        "Hello.\n\n[^u]: See the other[^a], and [b](b.md).\n\n[^a]: Text.\n",
        "<p id=\"mine\"><a href=\"b.md\">b</a></p>\n",
        "[own](https://example.org/sub/b/#two)\n",
        "## Odd {#50%25}\n\n[odd](#50%25)\n",
        "## Top\n\n[b](b.md)\n",
        "![Photo](missing.png)\n\n[b](b.md)\n",
        "![Photo](photo.png)\n\n[b](b.md)\n",
        ":::callout\n[b](b.md)\n:::\n",
    ];

    /// By output, the fingerprint of what the page leads to and has, and whether it was known without reading the HTML.
    fn looked(root: &Path, everything: bool) -> BTreeMap<String, (Fp, bool)> {
        let options = Options { today: Date::new(2027, 10, 1), everything, ..Options::default() };
        let mut memo = Memo::default();
        let report = pass(&mut memo, &scan(root, &[]), &options, &Forgets);
        let again = report.again.expect("a site");
        let common = (again.site.clone(), again.gallery.clone());
        let renderer = Renderer::new(again.theme.clone(), common.0, common.1, false);
        let traces = again.plan.outputs.iter().zip(&memo.traces);
        let page = |(planned, trace): (&Planned, &Option<OutputTrace>)| {
            let made = render::render(planned, &again.site, &renderer);
            let fp = trace.as_ref()?.found.fp;
            Some((planned.path.to_string(), (fp, made.markdown.leads.is_some())))
        };
        traces.filter_map(page).collect()
    }

    fn both_ways(root: &Path) -> BTreeMap<String, bool> {
        // With everything to be looked at, all HTML is read.
        let (known, read) = (looked(root, false), looked(root, true));
        assert_eq!(known.len(), read.len());
        for (path, (fp, _)) in &known {
            assert_eq!(*fp, read[path].0, "{path} leads to or has something else");
        }
        known.into_iter().map(|(path, (_, is_known))| (path, is_known)).collect()
    }

    #[test]
    fn what_is_known_of_a_text_is_what_its_html_says() {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let known = both_ways(&own);
        assert!(known.values().filter(|is_known| **is_known).count() > 5, "{known:?}");

        let root = std::env::temp_dir().join(format!("weekmark-known-{}", std::process::id()));
        let write = |path: &str, bytes: &[u8]| {
            let path = root.join(path);
            #[expect(clippy::disallowed_methods, reason = "a test works on a disk")]
            std::fs::create_dir_all(path.parent().expect("a folder"))
                .and_then(|()| std::fs::write(path, bytes))
                .expect("written");
        };
        write("site.yaml", b"title: T\nbase_url: https://example.org/sub/\ntheme: bare\nmarkdown: {raw_html: true}\n");
        write("themes/bare/theme.yaml", b"name: bare\nextends: harbor\napi: 1\n");
        let page = "<html><header><a href=\"x\">x</a></header>{{ content }}<nav>{{ content }}</nav></html>";
        write("themes/bare/templates/page.html", page.as_bytes());
        for part in ["harbor", "almanac"] {
            let from = own.join("themes").join(part);
            for entry in walkdir::WalkDir::new(&from).into_iter().flatten() {
                if entry.file_type().is_file() {
                    let inside = entry.path().strip_prefix(&own).expect("inside");
                    #[expect(clippy::disallowed_methods, reason = "a test works on a disk")]
                    let bytes = std::fs::read(entry.path()).expect("read");
                    write(&inside.to_string_lossy(), &bytes);
                }
            }
        }
        write("content/_index.md", b"---\ntitle: Home\n---\n[All](all.md)\n");
        write(
            "content/b.md",
            b"---\ntitle: B\n---\n## Two\n\n[all](all.md#own-name) [50](50%25/_index.md)\n",
        );
        write("content/50%/_index.md", b"---\ntitle: Half\n---\n## Two\n\n[b](../b.md)\n");
        write("content/note.txt", b"note");
        #[expect(clippy::disallowed_methods, reason = "a test works on a disk")]
        let photo = std::fs::read(own.join("themes/harbor/assets/img/card.png")).expect("read");
        write("content/photo.png", &photo);
        write(
            "content/dot.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>",
        );
        write(
            "content/all.md",
            TEXT.replace("[own](https://example.org/sub/b/#two), ", "")
                .replace("[query](note.txt?a=b#c), ", "")
                .as_bytes(),
        );
        write(
            "content/query.md",
            TEXT.replace("[own](https://example.org/sub/b/#two), ", "").as_bytes(),
        );
        for (at, text) in OTHERS.iter().enumerate() {
            write(
                &format!("content/other-{at}.md"),
                format!("---\ntitle: O{at}\n---\n{text}").as_bytes(),
            );
        }
        let known = both_ways(&root);
        let is_known: Vec<&str> =
            known.iter().filter(|it| *it.1).map(|(path, _)| path.as_str()).collect();
        #[expect(clippy::disallowed_methods, reason = "a test works on a disk")]
        std::fs::remove_dir_all(&root).expect("removed");
        assert_eq!(is_known, ["50/index.html", "all/index.html", "b/index.html", "index.html"]);
    }
}
