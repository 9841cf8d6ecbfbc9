//! Owns the proof that no mistake is too strange: ten thousand random mutations of this repository's own
//! site and of the one that `new site` makes, one after the other. Must not know what weekmark says about any of them.
//!
//! Each step takes one to four files of the site (pages, data, site.yaml, templates, style sheets), and
//! mutates each of them one to five times: a byte is flipped or replaced; a line is dropped, doubled or
//! swapped with another; the file is cut off. Then the site is made by `pass`, in this process, with what
//! was kept of the step before, as the preview does after a save; and the files are put back. After **every**
//! step:
//!
//! - nothing panicked, and the pass took less than `LIMIT`, which is far above what it ever takes (a watchdog
//!   ends the run if a pass does not come back);
//! - every diagnostic stands in a file that is there, its place lies inside that file, and it can be printed
//!   as text and as JSON.
//!
//! After **every two-hundredth** step the program itself builds the mutated site into a real output folder:
//! it ends with 0 or 1, and with 1 every byte of the folder is as it was.
//!
//! The seeds are fixed. `SEED=7 MUTATIONS=100000 cargo test --test mutations` makes others, or more; a
//! failure prints its seed, the step and what was mutated.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test works on a disk, may fail, and says what it did"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use support::{Folder, copy_folder, files_below};
use weekmark::calendar::Date;
use weekmark::pass::{Memo, Options, Sink, pass};
use weekmark::source::{Snapshot, Stamp, rescan, scan};

/// How many mutations there are, in all scripts together; a site gets some four at once on the average, and is then
/// put right again.
const MUTATIONS: usize = 10_000;
/// The scripts; each has a site of its own: the odd ones a new one, the even ones a copy of this repository's.
const SEEDS: [u64; 4] = [1, 2, 3, 4];
/// No pass may take longer. They take some milliseconds.
const LIMIT: Duration = Duration::from_secs(30);
/// How often the program itself is asked.
const BUILT: usize = 100;
const TODAY: &str = "2026-11-22";

#[test]
fn no_mutation_of_the_site_is_too_much() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = number("SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]);
    let wanted = number("MUTATIONS").map_or(MUTATIONS, |wanted| wanted as usize) / seeds.len();
    let watched: Vec<Watched> = seeds.iter().map(|_| Watched::default()).collect();
    let tallies = std::thread::scope(|scope| {
        let handles: Vec<_> = seeds
            .iter()
            .zip(&watched)
            .map(|(seed, watched)| scope.spawn(move || script(*seed, wanted, watched)))
            .collect();
        let watchdog = scope.spawn(|| {
            while watched.iter().any(|watched| !watched.is_over()) {
                watched.iter().for_each(Watched::bark);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let tallies: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
        watched.iter().for_each(Watched::end);
        watchdog.join().unwrap();
        tallies
    });
    let mut all = Tally::default();
    for tally in tallies {
        let tally = tally.expect("a script panicked").unwrap_or_else(|failure| panic!("{failure}"));
        all.sites += tally.sites;
        all.failed += tally.failed;
        all.said += tally.said;
        all.refused += tally.refused;
    }
    // Mutations that break nothing would prove little.
    assert!(all.failed * 4 > all.sites, "only {} of {} sites had errors", all.failed, all.sites);
    assert!(all.refused > 0 || all.sites < BUILT * 4, "the program refused no site");
    println!(
        "{} sites, {} with errors, {} messages, {} builds refused",
        all.sites, all.failed, all.said, all.refused
    );
}

/// Takes the outputs and forgets them, as `check` does.
struct Forget;

impl Sink for Forget {
    fn put(&self, _: &Arc<str>, _: Vec<u8>) -> std::io::Result<()> {
        Ok(())
    }

    fn copy(&self, _: &Arc<str>, _: &Path, _: Stamp) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the steps came to.
#[derive(Debug, Default)]
struct Tally {
    /// Sites that were made.
    sites: usize,
    /// Sites with errors.
    failed: usize,
    /// Messages.
    said: usize,
    /// Builds of the program that wrote nothing.
    refused: usize,
}

/// What a script is doing, for the watchdog.
#[derive(Default)]
struct Watched(Mutex<(Option<(Instant, String)>, bool)>);

impl Watched {
    fn begin(&self, what: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 =
            Some((Instant::now(), what.to_string()));
    }

    fn rest(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = None;
    }

    fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (None, true);
    }

    fn is_over(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// Ends the process if a pass does not come back: a thread cannot be ended.
    fn bark(&self) {
        let watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, what)) = &watched.0
            && since.elapsed() > LIMIT
        {
            eprintln!("this takes longer than {LIMIT:?}: {what}");
            std::process::abort();
        }
    }
}

/// Mutates a copy of the site until there were as many mutations as are wanted.
fn script(seed: u64, wanted: usize, watched: &Watched) -> Result<Tally, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new("mutations");
    if seed.is_multiple_of(2) {
        fs::copy(root.join("site.yaml"), folder.at("site.yaml")).unwrap();
        for part in ["content", "templates", "assets"] {
            if root.join(part).is_dir() {
                copy_folder(&root.join(part), &folder.at(part));
            }
        }
    } else {
        new_site(&folder);
    }
    copy_folder(&root.join("themes"), &folder.at("themes"));
    let files = Files::of(&folder);
    let mut dice = Dice(seed);
    // Half of the scripts on each site run all checks, as `check` does.
    let everything = (seed / 2).is_multiple_of(2);
    let options = Options { today: Date::read(TODAY).ok(), everything, ..Options::default() };
    let mut memo = Memo::default();
    let mut before: Snapshot = scan(folder.path(), &[]);
    let report = pass(&mut memo, &before, &options, &Forget);
    if let Some(problem) = report.problems.first().filter(|_| report.failed()) {
        return Err(format!("the site has a problem of its own\n{}", problem.to_text(false)));
    }
    let mut written = Output::of(&folder)?;
    let mut tally = Tally::default();
    let mut touched: Vec<PathBuf> = Vec::new();
    // One thread for each script, so that the scripts do not wait for one another.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let mut done = 0;
    for step in 0.. {
        if done >= wanted {
            break;
        }
        let mut log = format!("SEED={seed}, step {step}:");
        let mut mutated: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let many = if dice.roll(4) == 0 { 2 + dice.roll(3) } else { 1 };
        for _ in 0..many {
            let path = files.pick(&mut dice);
            let bytes = mutated.entry(path.to_string()).or_insert_with(|| files.0[path].clone());
            for _ in 0..1 + dice.roll(5) {
                let what = mutate(bytes, &mut dice);
                done += 1;
                log.push_str(&format!(" {path}: {what};"));
            }
        }
        for (path, bytes) in &mutated {
            folder.write(path, bytes);
            touched.push(folder.at(path));
        }
        watched.begin(&log);
        let since = Instant::now();
        let made = std::panic::catch_unwind(AssertUnwindSafe(|| {
            pool.install(|| {
                let now = rescan(before.clone(), &touched, &[]);
                let report = pass(&mut memo, &now, &options, &Forget);
                // No way to print what is said may fail either.
                for problem in &report.problems {
                    let _ = (problem.to_text(true), problem.to_json());
                }
                (now, report)
            })
        }));
        watched.rest();
        let Ok((now, report)) = made else { return Err(format!("{log} it panicked")) };
        let took = since.elapsed();
        if took > LIMIT {
            return Err(format!("{log} it took {took:?}"));
        }
        before = now;
        for problem in &report.problems {
            let file = &problem.diagnostic.file;
            let Ok(bytes) = fs::read(folder.at(file)) else {
                return Err(format!("{log} there is no {file}\n{}", problem.to_text(false)));
            };
            if problem.diagnostic.span.is_some_and(|s| s.start > s.end || s.end > bytes.len()) {
                return Err(format!(
                    "{log} {:?} is not in {file}, which has {} bytes\n{}",
                    problem.diagnostic.span,
                    bytes.len(),
                    problem.to_text(false)
                ));
            }
        }
        tally.said += report.problems.len();
        tally.sites += 1;
        tally.failed += usize::from(report.failed());
        if step % BUILT == BUILT - 1 {
            watched.begin(&log);
            let refused = written.build(&folder, report.failed());
            watched.rest();
            tally.refused += usize::from(refused.map_err(|error| format!("{log} {error}"))?);
        }
        touched.clear();
        for path in mutated.keys() {
            folder.write(path, &files.0[path]);
            touched.push(folder.at(path));
        }
    }
    Ok(tally)
}

/// The output folder as the last good build left it.
struct Output(BTreeMap<String, Vec<u8>>);

impl Output {
    fn of(folder: &Folder) -> Result<Output, String> {
        let (code, said) = build(folder);
        if code != Some(0) {
            return Err(format!("the site itself does not build: {said}"));
        }
        Ok(Output(files_below(&folder.at("public"))))
    }

    /// Builds; whether nothing was written, because of errors.
    fn build(&mut self, folder: &Folder, has_errors: bool) -> Result<bool, String> {
        let (code, said) = build(folder);
        let now = files_below(&folder.at("public"));
        match (code, has_errors) {
            (Some(1), true) if now == self.0 => Ok(true),
            (Some(1), true) => Err(format!("the output folder has changed\n{said}")),
            (Some(0), false) => {
                self.0 = now;
                Ok(false)
            }
            _ => Err(format!("errors: {has_errors}, but the program ended with {code:?}\n{said}")),
        }
    }
}

/// Fills a folder as somebody does who begins.
fn new_site(folder: &Folder) {
    let done = Command::new(env!("CARGO_BIN_EXE_weekmark"))
        .args(["new", "site"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn build(folder: &Folder) -> (Option<i32>, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_weekmark"))
        .args(["build", "--today", TODAY])
        .current_dir(folder.path())
        .output()
        .unwrap();
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}

/// The texts of the site.
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn of(folder: &Folder) -> Files {
        let ends = [".md", ".yaml", ".html", ".css", ".js", ".svg", ".txt"];
        let all = files_below(folder.path()).into_iter();
        Files(all.filter(|(path, _)| ends.iter().any(|end| path.ends_with(end))).collect())
    }

    /// Pages most of all, because editors write those. A template is one in twenty, because every page is
    /// made anew for it, and once more when it is put back.
    fn pick(&self, dice: &mut Dice) -> &str {
        let part = match dice.roll(20) {
            0..=14 => "content/",
            15 | 16 => "content/_data/",
            17 | 18 => "site.yaml",
            _ => "themes/",
        };
        let all: Vec<&String> = self.0.keys().filter(|path| path.starts_with(part)).collect();
        all[dice.roll(all.len())]
    }
}

/// One mutation, and what it was.
fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) -> String {
    if bytes.is_empty() {
        bytes.push(b'x');
        return "a byte added".into();
    }
    let at = dice.roll(bytes.len());
    let kind = dice.roll(6);
    if kind == 0 {
        bytes[at] ^= 1 << dice.roll(8);
        return format!("byte {at} flipped");
    }
    if kind == 1 {
        // Signs that mean something in YAML, Markdown or a template.
        let signs = b"\"'`:#-{}[]()<>|&*!%@\\/=\t\n ";
        bytes[at] = signs[dice.roll(signs.len())];
        return format!("byte {at} is now {:?}", char::from(bytes[at]));
    }
    if kind == 5 {
        bytes.truncate(at);
        return format!("cut off at {at}");
    }
    let mut lines: Vec<Vec<u8>> =
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (dice.roll(lines.len()), dice.roll(lines.len()));
    let what = match kind {
        2 => {
            lines.remove(one);
            format!("line {} dropped", one + 1)
        }
        3 => {
            lines.insert(other, lines[one].clone());
            format!("line {} once more as line {}", one + 1, other + 1)
        }
        _ => {
            lines.swap(one, other);
            format!("lines {} and {} swapped", one + 1, other + 1)
        }
    };
    *bytes = lines.concat();
    what
}

/// Random numbers that are the same everywhere (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }
}
