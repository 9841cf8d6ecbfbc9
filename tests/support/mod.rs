//! Owns what the integration tests share: a folder that is gone afterwards, and passes whose results can
//! be compared. Must not know what a site has to look like.
#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make folders and may fail; each uses its part"
)]

pub(crate) mod json;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use weekmark::fingerprint::Fp;
use weekmark::pass::{Memo, Options, Report, Sink, pass};
use weekmark::source::{Snapshot, Stamp};
use weekmark::tree::{Content, Tree};

/// A folder of its own below the system's temporary folder; deleted at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("weekmark-{name}-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path.canonicalize().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let at = self.at(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(&at, bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Makes a symbolic link, which may lead nowhere.
    pub(crate) fn link(&self, path: &str, to: &str) {
        let at = self.at(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(to, &at).unwrap_or_else(|error| panic!("{path}: {error}"));
        #[cfg(not(unix))]
        panic!("{path} -> {to}: this system has no symbolic links");
    }

    /// Deletes a file or folder, and the folders around it that are empty then.
    pub(crate) fn delete(&self, path: &str) {
        let at = self.at(path);
        if at.is_dir() { fs::remove_dir_all(&at) } else { fs::remove_file(&at) }
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        self.prune(&at);
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        let (from, to) = (self.at(from), self.at(to));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(&from, &to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        self.prune(&from);
    }

    fn prune(&self, gone: &Path) {
        for folder in gone.ancestors().skip(1).take_while(|folder| *folder != self.0) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }

    /// Sets the modification time back, so that the stamp can be trusted.
    pub(crate) fn age(&self, path: &str, by: Duration) {
        set_modified(&self.at(path), SystemTime::now() - by);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn set_modified(path: &Path, time: SystemTime) {
    fs::File::options().write(true).open(path).and_then(|file| file.set_modified(time)).unwrap();
}

/// Copies a folder with everything in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A picture of that size, JPEG or PNG by its name: something like a sky, so that no format finds it easy.
pub(crate) fn picture(name: &str, width: u16, height: u16) -> Vec<u8> {
    let (mut random, mut data) = (1u32, Vec::new());
    for y in 0..u32::from(height) {
        for x in 0..u32::from(width) {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let cloud = (random >> 28) as u8;
            data.extend([(x / 8) as u8 ^ cloud, 90 + cloud, (y / 6) as u8 | cloud]);
        }
    }
    let mut file = Vec::new();
    if name.ends_with(".png") {
        let mut encoder = png::Encoder::new(&mut file, width.into(), height.into());
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
    } else {
        let encoder = jpeg_encoder::Encoder::new(&mut file, 95);
        encoder.encode(&data, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    }
    file
}

/// Every file below a folder by its path there.
pub(crate) fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), found);
            } else {
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, "", &mut found);
    found
}

/// What a pass came to, in a form that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Made {
    /// Every output that could be made, also of a site that is not published.
    pub(crate) outputs: BTreeMap<String, Vec<u8>>,
    /// What is shown: nothing while there are errors.
    pub(crate) shown: Option<Vec<String>>,
    /// Every problem as it is printed.
    pub(crate) said: Vec<String>,
    /// Outputs, pages, and which source is behind which output.
    pub(crate) counts: (usize, usize, Vec<(String, String)>),
}

/// A memo and a tree that are kept from pass to pass, as the preview keeps them.
#[derive(Default)]
pub(crate) struct Kept {
    memo: Memo,
    tree: Tree,
    /// What was made last at each path.
    last: BTreeMap<String, Vec<u8>>,
    passes: usize,
}

/// The tree, and beside it the bytes of each pass, good or bad.
struct Both<'a> {
    tree: &'a Tree,
    last: &'a BTreeMap<String, Vec<u8>>,
    now: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Both<'_> {
    fn add(&self, path: &str, bytes: Vec<u8>) {
        let mut now = self.now.lock().unwrap();
        if now.insert(path.to_string(), bytes).is_some() {
            // Which of two comes last is chance, and such a site is never published.
            now.insert(path.to_string(), b"two outputs".to_vec());
        }
    }
}

impl Sink for Both<'_> {
    fn put(&self, path: &Arc<str>, bytes: Vec<u8>) -> std::io::Result<()> {
        self.add(path, bytes.clone());
        self.tree.put(path, bytes)
    }

    fn put_text(&self, path: &Arc<str>, text: &mut String) -> std::io::Result<()> {
        self.add(path, text.clone().into_bytes());
        self.tree.put_text(path, text)
    }

    fn kept(&self, path: &str) {
        self.add(path, self.last.get(path).expect("it was made before").clone());
    }

    fn copy(&self, path: &Arc<str>, from: &Path, stamp: Stamp) -> std::io::Result<()> {
        self.add(path, fs::read(from)?);
        self.tree.copy(path, from, stamp)
    }
}

/// A pass and what it did beyond its result.
pub(crate) struct Done {
    pub(crate) made: Made,
    /// The outputs that were made anew.
    pub(crate) rendered: Vec<String>,
    /// The outputs whose bytes differ from the last good site.
    pub(crate) changed: Vec<String>,
    pub(crate) report: Report,
}

impl Kept {
    pub(crate) fn pass(&mut self, snapshot: &Snapshot, options: &Options) -> Done {
        let both = Both { tree: &self.tree, last: &self.last, now: Mutex::default() };
        let report = pass(&mut self.memo, snapshot, options, &both);
        let outputs = both.now.into_inner().unwrap();
        self.last.extend(outputs.clone());
        let mut changed = Vec::new();
        let mut shown = None;
        if let Some((leaves, paths)) = self.tree.finish(!report.failed(), &report.plan) {
            shown = Some(leaves.iter().map(|(path, _)| path.to_string()).collect());
            self.passes += 1;
            // What is not held is made again when somebody looks at it. Some of all, others in each pass, and
            // whatever was made in this one.
            let texts = leaves.iter().enumerate().filter(|(i, (path, leaf))| {
                let is_new = paths.len() < 20 && paths.iter().any(|it| **it == ***path);
                matches!(leaf.content, Content::Text(_))
                    && (is_new || (i + self.passes).is_multiple_of(16))
            });
            for (_, (path, leaf)) in texts {
                let again = report.again.as_ref().and_then(|again| again.text(path));
                let again = again.unwrap_or_else(|| panic!("{path} cannot be made again"));
                assert!(
                    again.as_bytes() == outputs[&**path],
                    "{path} is another one the second time"
                );
                assert_eq!(Fp::of_bytes(again.as_bytes()), leaf.fp, "{path}");
            }
            changed = paths;
        }
        let said = report.problems.iter().map(|problem| problem.to_text(false)).collect();
        let sources = report.plan.outputs.iter().filter_map(|planned| {
            Some((planned.path.to_string(), format!("{:?}", report.source_of(&planned.path)?)))
        });
        let counts = (report.plan.outputs.len(), report.pages, sources.collect());
        let rendered = report.rendered.iter().map(|(path, _)| path.to_string()).collect();
        Done { made: Made { outputs, shown, said, counts }, rendered, changed, report }
    }
}

/// A pass that knows nothing of earlier ones, and none comes after it: so whatever is compared with it is compared with what
/// `weekmark build` makes, too.
pub(crate) fn cold(snapshot: &Snapshot, options: &Options) -> Done {
    Kept::default().pass(snapshot, &Options { once: true, ..options.clone() })
}

/// In what two results differ; `None` if in nothing.
pub(crate) fn difference(kept: &Made, cold: &Made) -> Option<String> {
    if kept == cold {
        return None;
    }
    if kept.said != cold.said {
        return Some(format!(
            "the problems differ\n  kept:\n{}\n  cold:\n{}",
            kept.said.join("\n"),
            cold.said.join("\n")
        ));
    }
    if kept.counts != cold.counts {
        return Some(format!(
            "the reports differ\n  kept: {:?}\n  cold: {:?}",
            kept.counts, cold.counts
        ));
    }
    if kept.shown != cold.shown {
        return Some(format!(
            "what is shown differs\n  kept: {:?}\n  cold: {:?}",
            kept.shown, cold.shown
        ));
    }
    let (kept, cold) = (&kept.outputs, &cold.outputs);
    let paths: std::collections::BTreeSet<&String> = kept.keys().chain(cold.keys()).collect();
    let mut out = String::from("the outputs differ\n");
    for path in paths {
        match (kept.get(path), cold.get(path)) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => {
                let (a, b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
                out.push_str(&format!("  {path}\n{}", lines_that_differ(&b, &a)));
            }
            (Some(_), None) => out.push_str(&format!("  {path}: only in the kept one\n")),
            _ => out.push_str(&format!("  {path}: only in the cold one\n")),
        }
    }
    Some(out)
}

/// The lines that were expected (-) and those that are there (+), with what is the same between them.
pub(crate) fn lines_that_differ(expected: &str, found: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    // Longest common subsequence: small texts.
    let mut best = vec![vec![0u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            best[i][j] = if a[i] == b[j] {
                best[i + 1][j + 1] + 1
            } else {
                best[i + 1][j].max(best[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, String::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        } else if j >= b.len() || (i < a.len() && best[i + 1][j] >= best[i][j + 1]) {
            out.push_str(&format!("    - {}\n", a[i]));
            i += 1;
        } else {
            out.push_str(&format!("    + {}\n", b[j]));
            j += 1;
        }
    }
    out
}
