//! Owns the reading of the site's folder: which files there are, when they changed, what is in them.
//! The only module that reads the site from disk. Must not know Markdown, pages or templates.
#![expect(
    clippy::disallowed_methods,
    reason = "the one reader of the site; whether a stamp can be trusted depends on the clock"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::Bound;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use walkdir::{DirEntry, WalkDir};

use crate::config;
use crate::diag::{Code, Diagnostic};
use crate::fingerprint::Fp;

/// Files that come with the program and stand in where the site's folder has none: path and bytes.
pub type Builtin = &'static [(&'static str, &'static [u8])];

/// What tells that a file may have changed without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Modification time in nanoseconds since 1970, up to the year 2554.
    modified: u64,
    /// When anything about the file changed, its modification time included, which a program may set back; 0 where systems do not
    /// tell.
    changed: u64,
    /// Length in bytes.
    pub length: u64,
    /// The file's number on its disk, where there is one.
    inode: u64,
    /// Read so soon after the change that a second change could hide behind the same time.
    fresh: bool,
}

impl Stamp {
    /// Whether a file with this stamp surely holds what one with `other` held.
    pub fn same_as(self, other: Stamp) -> bool {
        self == other && !self.fresh
    }
}

/// The files of a site at one moment, by path from the site's folder with `/` between the parts.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    root: PathBuf,
    files: BTreeMap<Arc<str>, Stamp>,
    builtin: BTreeMap<&'static str, &'static [u8]>,
    problems: Vec<Diagnostic>,
    /// The links among what was found.
    links: Vec<PathBuf>,
}

/// What of the site's folder is looked at.
const PARTS: [&str; 4] = ["content", "themes", "templates", "assets"];

/// How many files a thread asks for their stamps at a time.
const AT_ONCE: usize = 128;

/// The files of the folder itself that are looked at.
const FILES: [&str; 3] = [config::FILE, config::BRAND_FILE, config::MISNAMED];

/// Looks at the whole folder.
pub fn scan(root: &Path, builtin: Builtin) -> Snapshot {
    let mut snapshot = Snapshot { root: root.to_path_buf(), ..Snapshot::default() };
    for file in FILES {
        snapshot.look_at_file(file);
    }
    for part in PARTS {
        snapshot.walk(part);
    }
    snapshot.add_builtin(builtin);
    snapshot
}

/// Looks again at `paths` only (absolute or from the site's folder) and takes the rest as it is.
/// A path that is or was a folder makes it look at everything.
pub fn rescan(mut snapshot: Snapshot, paths: &[PathBuf], builtin: Builtin) -> Snapshot {
    for path in paths {
        let relative = path.strip_prefix(&snapshot.root).unwrap_or(path);
        let Some(key) = key_of(relative) else { continue };
        let was_folder = snapshot
            .files
            .range::<str, _>((Bound::Included(&*format!("{key}/")), Bound::Unbounded))
            .next()
            .is_some_and(|(next, _)| next.starts_with(&format!("{key}/")));
        // What cannot be read is found by the walk alone, and so is that it can be read again.
        let at = snapshot.root.join(relative);
        let is_unreadable = snapshot.problems.iter().any(|problem| problem.file == key)
            || (at.is_symlink() && std::fs::metadata(&at).is_err());
        if was_folder || at.is_dir() || is_unreadable {
            return scan(&snapshot.root, builtin);
        }
        let ignored =
            relative.components().any(|part| is_ignored(&part.as_os_str().to_string_lossy()));
        let inside =
            FILES.contains(&&*key) || PARTS.iter().any(|p| key.starts_with(&format!("{p}/")));
        if inside && !ignored {
            snapshot.look_at_file(&key);
        }
    }
    snapshot.add_builtin(builtin);
    snapshot
}

/// Names that editors and systems leave behind, and hidden files.
fn is_ignored(name: &str) -> bool {
    name.starts_with('.')
        || ["~", ".bak", ".swp", ".orig", ".tmp"].iter().any(|end| name.ends_with(end))
        || (name.starts_with('#') && name.ends_with('#'))
        || ["Thumbs.db", "desktop.ini", "4913"].contains(&name)
}

fn key_of(relative: &Path) -> Option<String> {
    let mut key = String::with_capacity(relative.as_os_str().len());
    for part in relative.components() {
        if !key.is_empty() {
            key.push('/');
        }
        key.push_str(part.as_os_str().to_str()?);
    }
    (!key.is_empty()).then_some(key)
}

/// Reads files of a site's folder, for who cannot hold on to a snapshot.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    root: PathBuf,
}

impl Reader {
    /// What is in a file now.
    ///
    /// # Errors
    /// A diagnostic that says why it cannot be read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
        std::fs::read(self.root.join(path)).map_err(|error| unreadable(path, &error))
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Box<Diagnostic> {
    Box::new(Diagnostic::whole(
        Code::Unreadable,
        path,
        format!("This file cannot be read. {}", reason(Some(error))),
    ))
}

impl Snapshot {
    fn walk(&mut self, part: &str) {
        // The names come one after the other; meanwhile, other threads ask for the stamp of each file, which takes longer.
        let stamps: Mutex<Vec<(Arc<str>, Stamp)>> = Mutex::default();
        let ask = |found: Vec<(String, PathBuf)>| {
            let stamp = |(key, path): (String, PathBuf)| {
                Some((Arc::from(key), stamp(&std::fs::metadata(path).ok()?)))
            };
            let some: Vec<(Arc<str>, Stamp)> = found.into_iter().filter_map(stamp).collect();
            stamps.lock().unwrap_or_else(PoisonError::into_inner).extend(some);
        };
        rayon::scope(|scope| self.names(part, |found| scope.spawn(|_| ask(found))));
        let stamps = stamps.into_inner().unwrap_or_else(PoisonError::into_inner);
        // A map is made much quicker of all of it than bit by bit.
        self.files.append(&mut stamps.into_iter().collect());
    }

    /// The files below `part`, handed over some at a time.
    fn names(&mut self, part: &str, mut hand_over: impl FnMut(Vec<(String, PathBuf)>)) {
        // Whatever lies in one folder has the same path up to the name, so paths are in the order of names.
        let by_path = |a: &DirEntry, b: &DirEntry| a.path().as_os_str().cmp(b.path().as_os_str());
        let walk = WalkDir::new(self.root.join(part)).follow_links(true).sort_by(by_path);
        let walk = walk.into_iter().filter_entry(|entry| {
            entry.depth() == 0 || !is_ignored(&entry.file_name().to_string_lossy())
        });
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        for entry in walk {
            if let Ok(entry) = &entry
                && entry.path_is_symlink()
            {
                self.links.push(entry.path().to_path_buf());
            }
            match entry {
                Ok(entry) if entry.file_type().is_file() => match self.key_of_found(entry.path()) {
                    Some(key) => {
                        found.push((key, entry.into_path()));
                        if found.len() == AT_ONCE {
                            hand_over(std::mem::take(&mut found));
                        }
                    }
                    None => {
                        let path = entry.path().to_string_lossy();
                        self.unreadable(&path, "Its name is not UTF-8.");
                    }
                },
                Ok(_) => {}
                // A part of the folder that is not there is simply empty.
                Err(error) if error.depth() == 0 => {}
                Err(error) => {
                    let path = error.path().unwrap_or(Path::new(part));
                    let relative = path.strip_prefix(&self.root).unwrap_or(path);
                    let gone =
                        error.io_error().is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound);
                    if !gone || path.symlink_metadata().is_ok() {
                        let why = if gone {
                            "It is a link to something that is not there.".to_string()
                        } else {
                            reason(error.io_error())
                        };
                        self.unreadable(&relative.to_string_lossy(), &why);
                    }
                }
            }
        }
        hand_over(found);
    }

    /// The path of a file that the walk found, from the site's folder.
    fn key_of_found(&self, path: &Path) -> Option<String> {
        // Such a path is that of the folder with names behind it, so nothing in it has to be looked at.
        if let (Some(all), Some(root)) = (path.to_str(), self.root.to_str())
            && MAIN_SEPARATOR == '/'
            && let Some(below) = all.strip_prefix(root).and_then(|rest| rest.strip_prefix('/'))
        {
            return Some(below.to_string());
        }
        key_of(path.strip_prefix(&self.root).unwrap_or(path))
    }

    fn unreadable(&mut self, file: &str, why: &str) {
        self.problems.push(
            Diagnostic::whole(Code::Unreadable, file, format!("This cannot be read. {why}"))
                .hint("Delete it, or put back what it leads to."),
        );
    }

    fn look_at_file(&mut self, key: &str) {
        match std::fs::metadata(self.root.join(key)).ok().filter(std::fs::Metadata::is_file) {
            // A name that is known is kept as it is: others share it.
            Some(meta) => match self.files.get_mut(key) {
                Some(known) => *known = stamp(&meta),
                None => {
                    self.files.insert(key.into(), stamp(&meta));
                }
            },
            None => {
                self.files.remove(key);
            }
        }
    }

    /// A theme that comes with the program is used where the site's folder does not have it.
    fn add_builtin(&mut self, builtin: Builtin) {
        self.builtin.clear();
        for (path, bytes) in builtin {
            let theme: String = path.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
            if !self.files.contains_key(&*format!("{theme}/theme.yaml")) {
                self.builtin.insert(path, bytes);
            }
        }
    }

    /// Stands for all files of the folder as they are, without reading one: it is another one as soon as any of them is written,
    /// comes or goes. `None` if that cannot be told.
    pub fn state(&self) -> Option<Fp> {
        if !self.problems.is_empty() || self.files.values().any(|stamp| stamp.fresh) {
            return None;
        }
        // One text of all of them: hashing it piece by piece would take longer than looking at the files.
        let mut all = Vec::with_capacity(self.files.len() * 96);
        for (path, stamp) in &self.files {
            let Stamp { modified, changed, length, inode, fresh: _ } = *stamp;
            all.extend_from_slice(path.as_bytes());
            all.push(0);
            for number in [modified, changed, length, inode] {
                all.extend_from_slice(&number.to_le_bytes());
            }
        }
        Some(Fp::of_bytes(&all))
    }

    /// Stands for what leads to the files: the parts of the folder and links, each as itself and as what it leads to. Where
    /// one is exchanged, the files behind it are others and none of them changed.
    pub fn ways(&self) -> Fp {
        let parts = PARTS.iter().map(|part| self.root.join(part));
        let ways = parts.chain(self.links.iter().cloned()).map(|path| {
            let mark = |meta: std::io::Result<std::fs::Metadata>| {
                meta.ok().map(|meta| (changed(&meta), inode(&meta)))
            };
            (mark(std::fs::symlink_metadata(&path)), mark(std::fs::metadata(&path)))
        });
        Fp::of(&ways.collect::<Vec<_>>())
    }

    /// The folder that was looked at.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What could not be read.
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.builtin.contains_key(path)
    }

    /// The files whose path starts with `prefix`, in order; `None` is the stamp of one that comes with
    /// the program.
    pub fn below<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, Option<Stamp>)> + 'a {
        let range = (Bound::Included(prefix), Bound::Unbounded);
        let own = self.files.range::<str, _>(range).map(|(path, s)| (&**path, Some(*s)));
        let builtin = self.builtin.range(prefix..).map(|(path, _)| (*path, None));
        let own = own.take_while(move |(path, _)| path.starts_with(prefix));
        own.chain(builtin.take_while(move |(path, _)| path.starts_with(prefix)))
    }

    /// The files on disk whose path starts with `prefix`, in order.
    pub fn on_disk_below<'a>(
        &'a self,
        prefix: &str,
    ) -> impl Iterator<Item = (&'a Arc<str>, Stamp)> + use<'a> {
        // One after the last that begins so, so that not every path is compared.
        let mut end = prefix.to_string();
        let last = end.pop().and_then(|last| char::from_u32(u32::from(last) + 1));
        end.extend(last);
        let range = (Bound::Included(prefix), Bound::Excluded(&*end));
        self.files.range::<str, _>(range).map(|(path, stamp)| (path, *stamp))
    }

    /// The stamp of a file on disk.
    pub fn stamp(&self, path: &str) -> Option<Stamp> {
        self.files.get(path).copied()
    }

    /// Reads files of the folder for as long as it is needed.
    pub fn reader(&self) -> Reader {
        Reader { root: self.root.clone() }
    }

    /// Where a file lies on disk; `None` for one that comes with the program.
    pub fn on_disk(&self, path: &str) -> Option<PathBuf> {
        self.files.contains_key(path).then(|| self.root.join(path))
    }

    /// What is in a file.
    ///
    /// # Errors
    /// A diagnostic that says why it cannot be read.
    pub fn read(&self, path: &str) -> Result<Cow<'static, [u8]>, Box<Diagnostic>> {
        // A file of the site comes before one of the same path that comes with the program.
        if let Some(bytes) = self.builtin.get(path).filter(|_| !self.files.contains_key(path)) {
            return Ok(Cow::Borrowed(bytes));
        }
        std::fs::read(self.root.join(path))
            .map(Cow::Owned)
            .map_err(|error| unreadable(path, &error))
    }

    /// What is in a file on disk that was found with this stamp, in place of what is in `room`: thousands of files
    /// are read, and a buffer that was used before is quicker than a new one.
    ///
    /// # Errors
    /// A diagnostic that says why it cannot be read.
    pub fn read_found(
        &self,
        path: &str,
        stamp: Stamp,
        room: Vec<u8>,
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        read_of_length(&self.root.join(path), stamp.length, room)
            .map_err(|error| unreadable(path, &error))
    }
}

/// Reads a file that was so long when it was looked at: if it still is, one call is enough.
fn read_of_length(path: &Path, length: u64, mut bytes: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    // One byte more: that it stays empty says that this is the end.
    bytes.resize(usize::try_from(length).unwrap_or(0).saturating_add(1), 0);
    // What is wrong is told by the second try.
    let filled = file.read(&mut bytes).unwrap_or(0);
    bytes.truncate(filled);
    // A length of nothing is not believed, because the system says it of files that it makes up.
    if filled == 0 || filled as u64 != length {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// A text of the site as it is on disk now, whatever was found when the site was last looked through; none if it is not
/// there or no text. For what is shown beside a page, never for what is in one.
#[must_use]
pub fn text_now(root: &Path, path: &str) -> Option<String> {
    String::from_utf8(std::fs::read(root.join(path)).ok()?).ok()
}

fn reason(error: Option<&std::io::Error>) -> String {
    match error.map(std::io::Error::kind) {
        Some(std::io::ErrorKind::NotFound) => "It is not there (any more).".into(),
        Some(std::io::ErrorKind::PermissionDenied) => "You are not allowed to read it.".into(),
        None => "It leads round in a circle of links.".into(),
        Some(_) => error.map(ToString::to_string).unwrap_or_default(),
    }
}

/// Two changes within this time may carry one modification time (a kernel's clock tick is up to 10 ms).
const TICK: u64 = 20_000_000;

/// A second, in nanoseconds.
const SECOND: u64 = 1_000_000_000;

fn stamp(meta: &std::fs::Metadata) -> Stamp {
    let nanos = |time: std::time::SystemTime| {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    };
    let modified = meta.modified().map(nanos).unwrap_or_default();
    let changed = changed(meta);
    let now = nanos(std::time::SystemTime::now());
    let last = modified.max(changed);
    // Whole seconds are told by disks that know no less, such as FAT, or every other one.
    let tick = if modified.is_multiple_of(SECOND) { 2 * SECOND + TICK } else { TICK };
    Stamp {
        modified,
        changed,
        length: meta.len(),
        inode: inode(meta),
        fresh: now.saturating_sub(last) < tick,
    }
}

#[cfg(unix)]
fn changed(meta: &std::fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let nanos = meta.ctime().wrapping_mul(SECOND as i64).wrapping_add(meta.ctime_nsec());
    u64::try_from(nanos).unwrap_or_default()
}

#[cfg(not(unix))]
fn changed(_: &std::fs::Metadata) -> u64 {
    0
}

/// Stands for this program: another one may make another site of the same files.
pub fn program() -> Option<Fp> {
    let path = std::env::current_exe().ok()?;
    let meta = std::fs::metadata(&path).ok()?;
    Some(Fp::of(&(env!("CARGO_PKG_VERSION"), path, stamp(&meta))))
}

#[cfg(unix)]
fn inode(meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_is_now_into_whatever_room_there_is() {
        let path = std::env::temp_dir().join(format!("weekmark-read-{}", std::process::id()));
        let texts = ["", "a", "a text", "a text that is longer than all before"];
        for now in texts {
            std::fs::write(&path, now).expect("a folder for temporary files");
            for before in texts {
                for room in
                    ["", "an older text that is longer than all of those that are read here"]
                {
                    let room = room.as_bytes().to_vec();
                    let length = before.len() as u64;
                    let read = read_of_length(&path, length, room).expect("it is there");
                    assert_eq!(read, now.as_bytes(), "it had {length} bytes");
                }
            }
        }
        std::fs::remove_file(&path).expect("it is there");
        assert!(read_of_length(&path, 1, b"older".to_vec()).is_err());
    }
}
