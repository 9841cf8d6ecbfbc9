//! Owns the one way from files to a site: scan is done, then parse, assemble, plan, render, write, in
//! this order. Called once or a thousand times with the same memo, it does the same thing; only what it
//! does not have to do again differs. Must not know who calls it, or why.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::calendar::{Date, Zone, today_in};
use crate::config::{self, BaseUrl, Config};
use crate::diag::{Code, Diagnostic, Located, Severity};
use crate::fingerprint::{Fp, Hashed};
use crate::memo::{Reason, Trace};
use crate::model::{self, About, Changed, Facts, Key, Parts, Site, Status};
use crate::parse::{self, Doc};
use crate::plan::{Output, Plan, Planned};
use crate::render;
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
}

/// Takes the outputs as they are made; called from many threads.
pub trait Sink: Sync {
    /// A new or changed output.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn put(&self, path: &Arc<str>, bytes: Vec<u8>) -> std::io::Result<()>;
    /// An output that is the same as the last time this sink was given it. `false`: the sink does not
    /// have it, and it must be made.
    fn keep(&self, path: &str) -> bool;
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
    /// In the order of names.
    docs: Vec<(Key, Kept<Doc>)>,
    data: HashMap<String, Kept<Hashed<Data>>>,
    theme: theme::Shelf,
    model: model::Shelf,
    plan: Option<(Fp, Arc<Plan>)>,
    /// By the place of the output in the plan.
    traces: Vec<Option<Trace<Read>>>,
    /// What was true on the site when all traces were checked last.
    facts: Option<Facts>,
    /// The fingerprint of what all outputs had in common then.
    look: Option<Fp>,
}

/// A parsed file, with what tells that it is still the same.
#[derive(Debug)]
struct Kept<T> {
    stamp: Option<Stamp>,
    bytes: Fp,
    settings: Fp,
    value: Arc<T>,
    problems: Vec<Diagnostic>,
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
    /// How long each phase took.
    pub timings: Vec<(&'static str, Duration)>,
    /// The settings, if site.yaml could be read.
    pub config: Option<Arc<Hashed<Config>>>,
}

impl Memo {
    /// What an output asked of the site when it was made.
    pub fn reads(&self, path: &str) -> impl Iterator<Item = &Read> {
        let plan = self.plan.as_ref().map(|(_, plan)| plan);
        let trace = plan.and_then(|plan| self.traces.get(plan.place(path)?)?.as_ref());
        trace.into_iter().flat_map(|trace| trace.reads.iter().map(|(read, _)| &**read))
    }
}

impl Report {
    /// The source and the status of the page at a path of the output.
    pub fn source_of(&self, path: &str) -> Option<(&str, Status)> {
        let planned = self.plan.outputs.get(self.plan.place(path)?)?;
        let Output::Page(key) = &planned.output else { return None };
        let page = self.site.as_ref()?.page(key)?;
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
    };
    let Some(config) = run.config(options) else { return run.finish() };
    run.report.config = Some(config.clone());
    let today = options.today.unwrap_or_else(|| today(&config.time_zone));
    let theme = theme::load(snapshot, &config, &mut memo.theme);
    run.found.extend(theme.problems.iter().cloned());
    run.lap("theme");
    let docs = run.docs(memo, &config, &theme);
    let (data, data_files) = run.data(memo);
    run.check_names();
    run.lap("parse");
    let parts = Parts {
        config,
        docs,
        data,
        data_files,
        files: run.files(),
        today,
        unpublished: options.unpublished,
    };
    let site = Arc::new(model::assemble(parts, &mut memo.model));
    run.found.extend(site.index.problems.iter().cloned());
    run.say_held_back(&site);
    run.lap("assemble");
    let plan = run.plan(memo, &site, &theme);
    run.lap("plan");
    if theme.usable {
        run.outputs(memo, &plan, &site, &theme, sink);
    }
    run.lap("render and write");
    run.finish()
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
}

impl Run<'_> {
    fn lap(&mut self, phase: &'static str) {
        self.report.timings.push((phase, self.clock.elapsed()));
        self.clock = Instant::now();
    }

    fn config(&mut self, options: &Options) -> Option<Arc<Hashed<Config>>> {
        if !self.snapshot.has(config::FILE) {
            self.found.push(
                Diagnostic::whole(Code::NoSite, config::FILE, "There is no site.yaml in this folder.").hint(
                    "Go to the folder of your site, name it with --root, or make one: weekmark new site my-site",
                ),
            );
            return None;
        }
        let bytes =
            self.snapshot.read(config::FILE).map_err(|problem| self.found.push(*problem)).ok()?;
        let text = parse::utf8(config::FILE, &bytes, &mut self.found)?;
        let mut config = Config::read(text, &mut self.found)?;
        if let Some(base) = &options.base_url {
            config.base_url = Some(base.clone());
        }
        let is_clean = |found: &[Diagnostic]| {
            found.iter().all(|p| p.file != config::FILE || p.code.severity() != Severity::Error)
        };
        if config.base_url.is_none() && is_clean(&self.found) {
            self.found.push(
                Diagnostic::whole(
                    Code::NoBaseUrl,
                    config::FILE,
                    "Without base_url, the feed, the sitemap and the addresses in link previews are left out.",
                )
                .hint("Add the address that the site will have: base_url: https://example.org/"),
            );
        }
        Some(Arc::new(Hashed::new(config)))
    }

    // ---- parse ----------------------------------------------------------------------------------

    fn docs(&mut self, memo: &mut Memo, config: &Config, theme: &Theme) -> Vec<(Key, Arc<Doc>)> {
        let settings = parse::Settings {
            extensions: config.extensions,
            raw_html: config.raw_html,
            check_links: config.check_links,
            taxonomies: config.taxonomies.iter().map(|taxonomy| taxonomy.name.clone()).collect(),
            components: theme.usable.then(|| theme.components.clone()),
        };
        let settings_fp = Fp::of(&settings);
        let mut before = std::mem::take(&mut memo.docs).into_iter().peekable();
        let mut work: Vec<(&str, Option<Stamp>, Option<(Key, Kept<Doc>)>)> = Vec::new();
        for (path, stamp) in self.content().filter(|(path, _)| path.ends_with(".md")) {
            // Both are sorted, so what is known of a file is found without a search.
            while before.next_if(|(key, _)| **key < *path).is_some() {}
            let known = before.next_if(|(key, _)| **key == *path);
            if known.is_some() || is_published(path, true) {
                work.push((path, stamp, known));
            }
        }
        let snapshot = self.snapshot;
        let parse = |(path, stamp, known): (&str, Option<Stamp>, Option<(Key, Kept<Doc>)>)| {
            let (key, kept) =
                known.map_or_else(|| (Key::from(path), None), |(k, kept)| (k, Some(kept)));
            let file = || format!("content/{path}");
            let doc = keep(snapshot, file, stamp, settings_fp, kept, |file, bytes, fp, _| {
                parse::page(file, (bytes, fp), (&settings, settings_fp))
            });
            (key, doc)
        };
        let is_same = |(_, stamp, known): &(&str, Option<Stamp>, Option<(Key, Kept<Doc>)>)| {
            known.as_ref().is_some_and(|(_, kept)| kept.is_same(*stamp, settings_fp))
        };
        // Handing out work costs more than passing over files that did not change.
        memo.docs = if work.iter().filter(|work| !is_same(work)).count() < 8 {
            work.into_iter().map(parse).collect()
        } else {
            work.into_par_iter().map(parse).collect()
        };
        let problems =
            |kept: &Kept<Doc>| !kept.problems.is_empty() || !kept.value.problems.is_empty();
        for (_, kept) in memo.docs.iter().filter(|(_, kept)| problems(kept)) {
            self.found.extend(kept.problems.iter().chain(&kept.value.problems).cloned());
        }
        memo.docs.iter().map(|(key, kept)| (key.clone(), kept.value.clone())).collect()
    }

    #[expect(clippy::type_complexity, reason = "the two maps go straight into the site's parts")]
    fn data(
        &mut self,
        memo: &mut Memo,
    ) -> (BTreeMap<String, Arc<Hashed<Data>>>, BTreeMap<String, String>) {
        let (mut data, mut files, mut kept_data) =
            (BTreeMap::new(), BTreeMap::new(), HashMap::new());
        let found: Vec<(String, Option<Stamp>)> = self
            .content()
            .filter_map(|(path, stamp)| Some((path.strip_prefix("_data/")?.to_string(), stamp)))
            .collect();
        for (path, stamp) in found {
            let Some(name) = path.strip_suffix(".yaml").or(path.strip_suffix(".yml")) else {
                continue;
            };
            let file = format!("content/_data/{path}");
            let kept = keep(
                self.snapshot,
                || file.clone(),
                stamp,
                Fp::default(),
                memo.data.remove(&path),
                |file, bytes, _, problems| Hashed::new(read_data(file, bytes, problems)),
            );
            self.found.extend(kept.problems.iter().cloned());
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
            data.insert(name.to_string(), kept.value.clone());
            kept_data.insert(path, kept);
        }
        memo.data = kept_data;
        (data, files)
    }

    /// Names that look like pages and are none: published as files, they would show what a draft hides.
    fn check_names(&mut self) {
        let ends = [".MD", ".Md", ".markdown", ".mdx", ".mdown", ".mkd"];
        let found: Vec<String> = self
            .content()
            .filter(|(path, _)| {
                is_published(path, false) && ends.iter().any(|end| path.ends_with(end))
            })
            .map(|(path, _)| format!("content/{path}"))
            .collect();
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

    /// The files below `content/` that are published as they are.
    fn files(&self) -> Vec<String> {
        self.content()
            .filter(|(path, _)| !path.ends_with(".md") && is_published(path, false))
            .map(|(path, _)| path.to_string())
            .collect()
    }

    fn content(&self) -> impl Iterator<Item = (&str, Option<Stamp>)> {
        self.snapshot.below("content/").map(|(path, stamp)| (&path["content/".len()..], stamp))
    }

    // ---- assemble and plan ------------------------------------------------------------------------

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

    /// What there will be: the same as in the last pass if all addresses are the same.
    fn plan(&mut self, memo: &mut Memo, site: &Arc<Site>, theme: &Theme) -> Arc<Plan> {
        let fp = Fp::join(&[site.index.facts.of(About::Addresses), theme.fp]);
        let plan = match &memo.plan {
            Some((known, plan)) if *known == fp => plan.clone(),
            _ => {
                let assets = theme.assets.iter();
                let plan = Plan::of(site, assets.map(|(name, path)| (&**name, &**path)));
                let plan = Arc::new(plan);
                if let Some((_, old)) = memo.plan.replace((fp, plan.clone())) {
                    move_traces(&mut memo.traces, &old, &plan);
                }
                plan
            }
        };
        self.found.extend(plan.problems.iter().cloned());
        let is_page = |planned: &&Planned| matches!(planned.output, Output::Page(_));
        self.report.pages = plan.outputs.iter().filter(is_page).count();
        self.report.plan = plan.clone();
        self.report.site = Some(site.clone());
        plan
    }

    // ---- render and write -------------------------------------------------------------------------

    fn outputs(
        &mut self,
        memo: &mut Memo,
        plan: &Plan,
        site: &Arc<Site>,
        theme: &Arc<Theme>,
        sink: &dyn Sink,
    ) {
        let now = &site.index.facts;
        let changed = memo.facts.as_ref().map_or(Changed::ALL, |before| now.since(before));
        memo.traces.resize_with(plan.outputs.len(), || None);
        let renderer = Renderer::new(theme.clone(), site.clone());
        let (snapshot, before) = (self.snapshot, &memo.traces);
        let make = |place: usize| {
            let (planned, old) = (&plan.outputs[place], before[place].as_ref());
            (place, output(planned, old, changed, snapshot, site, &renderer, sink))
        };
        // What all outputs have in common is part of every key, so a change of it makes them all again.
        let look = Fp::join(&[theme.fp, site.globals()]);
        let is_new_look = memo.look.replace(look).is_some_and(|before| before != look);
        let looked_at = if is_new_look { sink.looked_at() } else { Vec::new() };
        let mut first: HashSet<usize> = HashSet::new();
        if !looked_at.is_empty() {
            first.extend(looked_at.iter().filter_map(|path| plan.place(path)));
            let is_asset = |planned: &Planned| matches!(planned.output, Output::Asset(_));
            first.extend((0..plan.outputs.len()).filter(|place| is_asset(&plan.outputs[*place])));
        }
        let mut made: Vec<(usize, Made)> = first.par_iter().map(|place| make(*place)).collect();
        let is_error = |problem: &Diagnostic| problem.code.severity() == Severity::Error;
        let traces = made.iter().filter_map(|(_, (_, trace))| trace.as_ref());
        let mut said = traces.flat_map(|trace| &trace.problems).chain(&self.found);
        if !first.is_empty() && !said.any(is_error) {
            sink.looked_at_is_made();
        }
        let others = (0..plan.outputs.len()).into_par_iter().filter(|place| !first.contains(place));
        made.par_extend(others.map(make).filter(|(_, made)| made.0.is_some() || made.1.is_some()));
        made.sort_unstable_by_key(|(place, _)| *place);
        for (place, (reason, trace)) in made {
            if let Some(reason) = reason {
                self.report.rendered.push((plan.outputs[place].path.clone(), reason));
            }
            if trace.is_some() {
                memo.traces[place] = trace;
            }
        }
        let told = memo.traces.iter().flatten().filter(|trace| !trace.problems.is_empty());
        self.found.extend(told.flat_map(|trace| trace.problems.iter().cloned()));
        memo.facts = Some(now.clone());
    }

    // ---- report -----------------------------------------------------------------------------------

    /// Finds the place of every problem, sorts them, and leaves out those that are said already.
    fn finish(mut self) -> Report {
        let mut texts: HashMap<String, Option<String>> = HashMap::new();
        let found = std::mem::take(&mut self.found);
        let mut located: Vec<Located> = found
            .into_iter()
            .map(|diagnostic| {
                let text = texts.entry(diagnostic.file.clone()).or_insert_with_key(|file| {
                    let bytes =
                        self.snapshot.has(file).then(|| self.snapshot.read(file).ok())??;
                    String::from_utf8(bytes.into_owned()).ok()
                });
                diagnostic.locate(text.as_deref())
            })
            .collect();
        located.sort_by(Located::order);
        located.dedup();
        self.report.problems = gather(located);
        self.report
    }
}

/// One mistake in a template shows on every page that uses it: it is told once, with the first page and
/// how many others there are.
fn gather(sorted: Vec<Located>) -> Vec<Located> {
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

/// Whether a path below `content/` is published: no part of it starts with `_`, but a section's own
/// page may be called `_index`.
fn is_published(path: &str, page: bool) -> bool {
    let (folder, name) = path.rfind('/').map_or(("", path), |at| path.split_at(at + 1));
    let hidden = folder.split('/').any(|part| part.starts_with('_'));
    let own =
        page && (name == "_index.md" || (name.starts_with("_index.") && name.ends_with(".md")));
    !hidden && (own || !name.starts_with('_'))
}

impl<T> Kept<T> {
    /// Whether the file surely is what it was.
    fn is_same(&self, stamp: Option<Stamp>, settings: Fp) -> bool {
        let stamps = stamp.zip(self.stamp);
        self.settings == settings && stamps.is_some_and(|(now, then)| now.same_as(then))
    }
}

/// Takes a parsed file from the memo if its stamp or its bytes are the same; parses it otherwise.
fn keep<T>(
    snapshot: &Snapshot,
    file: impl Fn() -> String,
    stamp: Option<Stamp>,
    settings: Fp,
    before: Option<Kept<T>>,
    parse: impl FnOnce(&str, &[u8], Fp, &mut Vec<Diagnostic>) -> T,
) -> Kept<T> {
    let before = match before {
        Some(kept) if kept.is_same(stamp, settings) => return Kept { stamp, ..kept },
        before => before.filter(|kept| kept.settings == settings),
    };
    let (file, mut problems) = (file(), Vec::new());
    let bytes = snapshot.read(&file).unwrap_or_else(|problem| {
        problems.push(*problem);
        Vec::new().into()
    });
    let fp = Fp::of_bytes(&bytes);
    let was_read =
        |kept: &Kept<T>| kept.problems.iter().all(|problem| problem.code != Code::Unreadable);
    match before.filter(|kept| kept.bytes == fp && problems.is_empty() && was_read(kept)) {
        Some(kept) => Kept { stamp, ..kept },
        None => {
            let value = Arc::new(parse(&file, &bytes, fp, &mut problems));
            Kept { stamp, bytes: fp, settings, value, problems }
        }
    }
}

/// Brings the traces into the order of a new plan.
fn move_traces(traces: &mut Vec<Option<Trace<Read>>>, old: &Plan, new: &Plan) {
    let mut before = old.outputs.iter().zip(std::mem::take(traces)).peekable();
    traces.reserve(new.outputs.len());
    for planned in &new.outputs {
        while before.next_if(|(old, _)| old.path < planned.path).is_some() {}
        let same = before.next_if(|(old, _)| old.path == planned.path);
        traces.push(same.and_then(|(_, trace)| trace));
    }
}

fn read_data(file: &str, bytes: &[u8], problems: &mut Vec<Diagnostic>) -> Data {
    let Some(text) = parse::utf8(file, bytes, problems) else { return Data::Null };
    let start = parse::byte_order_mark(text);
    match yaml::parse(&text[start..], start) {
        Ok(node) => {
            yaml::check_keys(&node, file, problems);
            let name = file.rsplit('/').next().and_then(|name| name.split('.').next());
            parse::data::check(name.unwrap_or_default(), &node, file, problems);
            node.data()
        }
        Err(error) => {
            problems.push(yaml::explain(&error, file, text));
            Data::Null
        }
    }
}

/// Why an output was made, and its new trace; neither if the old one holds.
type Made = (Option<Reason<Read>>, Option<Trace<Read>>);

/// Makes one output if it has to be made: the reason and the new trace, or nothing if the old one holds.
fn output(
    planned: &Planned,
    old: Option<&Trace<Read>>,
    changed: Changed,
    snapshot: &Snapshot,
    site: &Site,
    renderer: &Renderer,
    sink: &dyn Sink,
) -> Made {
    if let Output::File(source) = &planned.output {
        return (None, copy(planned, source, snapshot, sink));
    }
    let theme = &*renderer.theme;
    let key = render::key(planned, site, theme);
    let answer = |read: &Read| {
        changed.touches(read.about()).then(|| view::answer(site, &theme.assets, read))
    };
    let reason = match old {
        Some(trace) => match trace.stale(key, answer) {
            Some(reason) => reason,
            None if !trace.made || sink.keep(&planned.path) => return (None, None),
            None => Reason::New,
        },
        None => Reason::New,
    };
    let (bytes, reads, mut problems) = match &planned.output {
        Output::Asset(name) => (theme.bytes.get(name).map(|b| b.to_vec()), Vec::new(), Vec::new()),
        _ => {
            let rendered = render::render(planned, site, renderer);
            (rendered.bytes, rendered.reads, rendered.problems)
        }
    };
    let made = bytes.is_some();
    if let Some(bytes) = bytes
        && let Err(error) = sink.put(&planned.path, bytes)
    {
        problems.push(unwritable(&planned.path, &error));
    }
    (Some(reason), Some(Trace { key, reads, problems, made }))
}

fn copy(
    planned: &Planned,
    source: &str,
    snapshot: &Snapshot,
    sink: &dyn Sink,
) -> Option<Trace<Read>> {
    let file = format!("content/{source}");
    let (from, stamp) = (snapshot.on_disk(&file)?, snapshot.stamp(&file)?);
    let problems = match sink.copy(&planned.path, &from, stamp) {
        Ok(()) => Vec::new(),
        Err(error) => vec![unwritable(&planned.path, &error)],
    };
    Some(Trace { key: Fp::default(), reads: Vec::new(), problems, made: true })
}

fn unwritable(path: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::whole(Code::Unreadable, path, format!("This file cannot be written: {error}."))
}
