//! The doorbell: says that files changed, and which ones may have.
//!
//! Owns the watcher of the system and the reading of its events. Must not know what a file means
//! to the site. The only module that touches `notify`.
//!
//! A ring is a promise about what comes after it: every change either happened before a watch was
//! there, and then the build that starts after it sees it; or after, and then it rings. That is
//! why watches on new folders are hung *before* the bell answers, not by the way: `notify` adds
//! them by itself, but only after it has told us, and a file that is written in between would be
//! lost.
//!
//! Reading a file must not ring, or a build would ring for the next one for ever: of the events
//! about access only "closed after writing" counts.
#![expect(clippy::disallowed_methods, reason = "what to watch depends on what is a folder")]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind, RenameMode};
use notify::{Config, ErrorKind, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode};
use notify::{Event, Watcher};

/// How long to wait for the second half of something: the closing of a file that is being
/// written, the new name of a file that was renamed. Usually it takes microseconds.
const HALF: Duration = Duration::from_millis(10);

/// With more changed files than this a look at everything is the simpler and faster answer.
const MOST_PATHS: usize = 256;

/// How often files are looked at when the system cannot tell of changes.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// Folders in the root that are never part of a site.
const NEVER: [&str; 3] = [".git", "target", "public"];

/// What reaches the bell.
pub(super) enum Note {
    /// The watcher saw something.
    Seen(notify::Result<Event>),
    /// The site is to be built again though no file changed: another day is wished for.
    Again,
    /// The preview is to end.
    Stop,
}

/// What waiting for the bell brought.
#[derive(Debug)]
pub(super) enum Rung {
    /// Files changed: these, or perhaps any. No file at all: the same files are to be built again.
    Changed(Option<Vec<PathBuf>>),
    /// The time is over.
    Quiet,
    /// The preview is to end.
    Stop,
}

/// The watches of one preview.
pub(super) struct Bell {
    root: PathBuf,
    wishes: Vec<Wish>,
    watched: BTreeMap<PathBuf, RecursiveMode>,
    watcher: Box<dyn Watcher + Send>,
    sender: Sender<Note>,
    receiver: Receiver<Note>,
    polling: bool,
    reason_to_poll: Option<String>,
}

/// A path that somebody wants to hear of.
struct Wish {
    path: PathBuf,
    /// The same without symbolic links: some systems report events by that name.
    real: PathBuf,
}

/// What has been heard since the bell last answered.
#[derive(Default)]
struct Heard {
    everything: bool,
    /// Somebody wants another build of the same files.
    again: bool,
    paths: BTreeSet<PathBuf>,
    /// Files that are still open for writing.
    unfinished: BTreeSet<PathBuf>,
    /// Old names whose new name has not been heard: whether they were folders is not known yet.
    left: Vec<(Option<usize>, PathBuf)>,
    /// Why the system cannot watch any more.
    exhausted: Option<String>,
}

impl Bell {
    /// A bell without watches.
    pub(super) fn hang(root: &Path) -> io::Result<Bell> {
        let (sender, receiver) = channel();
        let mut bell = Bell {
            root: root.to_owned(),
            wishes: Vec::new(),
            watched: BTreeMap::new(),
            watcher: Box::new(notify::NullWatcher),
            sender,
            receiver,
            polling: false,
            reason_to_poll: None,
        };
        match RecommendedWatcher::new(bell.handler(), Config::default()) {
            Ok(watcher) => bell.watcher = Box::new(watcher),
            Err(error) => bell.start_polling(in_words(&error))?,
        }
        Ok(bell)
    }

    /// Where notes for this bell go.
    pub(super) fn sender(&self) -> Sender<Note> {
        self.sender.clone()
    }

    /// Watches these paths from now on. Says whether that added watches: then what happened
    /// before must be looked for.
    pub(super) fn watch(&mut self, paths: &[PathBuf]) -> io::Result<bool> {
        if !self.wishes.iter().map(|wish| &wish.path).eq(paths) {
            self.wishes = paths.iter().map(|path| Wish::new(path)).collect();
        }
        if self.wanted() == self.watched { Ok(false) } else { self.hang_watches() }
    }

    /// Why files are looked at once a second; answered once.
    pub(super) fn new_reason_to_poll(&mut self) -> Option<String> {
        self.reason_to_poll.take()
    }

    /// Waits for a change. `rang` is called at its first sign.
    pub(super) fn wait(
        &mut self,
        limit: Option<Duration>,
        rang: impl FnOnce(),
    ) -> io::Result<Rung> {
        let until = limit.map(|limit| Instant::now() + limit);
        let mut heard = Heard::default();
        while heard.is_empty() {
            match self.next(until) {
                Some(Note::Seen(seen)) => self.hear(seen, &mut heard),
                Some(Note::Again) => heard.again = true,
                Some(Note::Stop) => return Ok(Rung::Stop),
                None => return Ok(Rung::Quiet),
            }
        }
        rang();
        let enough = Instant::now() + HALF;
        while Instant::now() < enough {
            let until = if heard.is_whole() { Instant::now() } else { enough };
            match self.next(Some(until)) {
                Some(Note::Seen(seen)) => self.hear(seen, &mut heard),
                Some(Note::Again) => heard.again = true,
                Some(Note::Stop) => return Ok(Rung::Stop),
                None => break,
            }
        }
        self.answer(heard)
    }

    fn answer(&mut self, heard: Heard) -> io::Result<Rung> {
        if let Some(why) = heard.exhausted
            && !self.polling
        {
            self.start_polling(why)?;
        }
        let unclear = heard.everything || !heard.left.is_empty() || heard.paths.len() > MOST_PATHS;
        if unclear {
            self.hang_watches()?;
            return Ok(Rung::Changed(None));
        }
        Ok(Rung::Changed(Some(heard.paths.into_iter().collect())))
    }

    /// The next note, waiting until a moment or for ever.
    fn next(&self, until: Option<Instant>) -> Option<Note> {
        let Some(until) = until else { return self.receiver.recv().ok() };
        let left = until.saturating_duration_since(Instant::now());
        self.receiver.recv_timeout(left).ok()
    }

    /// Reads one event of the system.
    fn hear(&self, seen: notify::Result<Event>, heard: &mut Heard) {
        let event = match seen {
            Ok(event) => event,
            Err(error) => {
                if matches!(error.kind, ErrorKind::MaxFilesWatch) {
                    heard.exhausted = Some(in_words(&error));
                }
                // Polling complains of the same dead link each time; that would never end.
                heard.everything |= !self.polling;
                return;
            }
        };
        if event.need_rescan() {
            heard.everything = true;
            return;
        }
        if let EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) = event.kind {
            heard.arrive(&event);
        }
        for path in event.paths.iter().filter_map(|path| self.as_wished(path)) {
            heard.note(event.kind, event.tracker(), path);
        }
    }

    /// The path in the words of a wish, or `None` if nobody asked for it.
    fn as_wished(&self, path: &Path) -> Option<PathBuf> {
        if let Ok(inner) = path.strip_prefix(&self.root)
            && inner.iter().next().is_some_and(|first| NEVER.iter().any(|name| first == *name))
        {
            return None;
        }
        self.wishes.iter().find_map(|wish| {
            // Above a wish counts as well: a missing folder may be about to appear.
            if path.starts_with(&wish.path) || wish.path.starts_with(path) {
                return Some(path.to_owned());
            }
            match path.strip_prefix(&wish.real) {
                Ok(rest) => Some(wish.path.join(rest)),
                Err(_) => wish.real.starts_with(path).then(|| wish.path.clone()),
            }
        })
    }

    /// Hangs a watch on everything that is wanted, also where one is thought to hang already: a
    /// folder may have been replaced by another of the same name. Says whether any is new.
    fn hang_watches(&mut self) -> io::Result<bool> {
        let wanted = self.wanted();
        for (path, mode) in std::mem::take(&mut self.watched) {
            if wanted.get(&path) != Some(&mode) {
                // The folder may be gone, and its watch with it.
                let _ = self.watcher.unwatch(&path);
            } else {
                self.watched.insert(path, mode);
            }
        }
        let mut new = false;
        for (path, mode) in wanted {
            match self.watcher.watch(&path, mode) {
                Ok(()) => new |= self.watched.insert(path, mode).is_none(),
                // Gone since it was asked for: its parent's watch rings.
                Err(error) if self.polling || is_gone(&error) => {}
                Err(error) => {
                    self.start_polling(in_words(&error))?;
                    return Ok(true);
                }
            }
        }
        Ok(new)
    }

    /// The watches that the wishes need: folders with all below them, and for every wish the
    /// folder it lies in. Editors replace files, and people rename folders: only the parent tells.
    fn wanted(&self) -> BTreeMap<PathBuf, RecursiveMode> {
        let folders: Vec<&Path> = self
            .wishes
            .iter()
            .map(|wish| wish.path.as_path())
            .filter(|path| path.is_dir() && !self.root.starts_with(path))
            .collect();
        let covered = |path: &Path| folders.iter().any(|it| *it != path && path.starts_with(it));
        let mut wanted = BTreeMap::new();
        for wish in &self.wishes {
            let above = if self.root.starts_with(&wish.path) {
                // All below the root would be far more than the site: only what lies in it.
                Some(wish.path.as_path())
            } else {
                wish.path.ancestors().skip(1).find(|path| path.is_dir())
            };
            if let Some(above) = above
                && !covered(above)
                && !folders.contains(&above)
            {
                wanted.insert(above.to_owned(), RecursiveMode::NonRecursive);
            }
        }
        for folder in &folders {
            if !covered(folder) {
                wanted.insert((*folder).to_owned(), RecursiveMode::Recursive);
            }
        }
        wanted
    }

    /// Looks at the files again and again instead. Contents are compared, since this watcher
    /// counts modification times in whole seconds and would miss a second save within one.
    fn start_polling(&mut self, why: String) -> io::Result<()> {
        let config = Config::default().with_poll_interval(POLL_EVERY).with_compare_contents(true);
        let watcher = PollWatcher::new(self.handler(), config).map_err(io::Error::other)?;
        self.watcher = Box::new(watcher);
        self.watched.clear();
        self.polling = true;
        self.reason_to_poll = Some(why);
        self.hang_watches()?;
        Ok(())
    }

    fn handler(&self) -> impl FnMut(notify::Result<Event>) + Send + 'static {
        let sender = self.sender.clone();
        move |seen| {
            let of_interest = match &seen {
                Ok(event) => !is_mere_access(event.kind) || event.need_rescan(),
                Err(_) => true,
            };
            if of_interest {
                // Nobody listens any more when the preview is ending.
                let _ = sender.send(Note::Seen(seen));
            }
        }
    }
}

impl Wish {
    fn new(path: &Path) -> Wish {
        Wish { path: path.to_owned(), real: real_path(path) }
    }
}

impl Heard {
    fn is_empty(&self) -> bool {
        !self.everything && !self.again && self.paths.is_empty() && self.left.is_empty()
    }

    /// Whether no second half is missing.
    fn is_whole(&self) -> bool {
        self.everything || (self.unfinished.is_empty() && self.left.is_empty())
    }

    fn note(&mut self, kind: EventKind, tracker: Option<usize>, path: PathBuf) {
        match kind {
            EventKind::Access(_) => {
                // The end of a write that was heard of is no news; the end of one that was not
                // (it went through a memory map, or took long) is.
                if !self.unfinished.remove(&path) {
                    self.note_file(path);
                }
            }
            EventKind::Create(CreateKind::File) | EventKind::Modify(ModifyKind::Data(_)) => {
                if cfg!(any(target_os = "linux", target_os = "android")) {
                    // Only there is the closing of a file told.
                    self.unfinished.insert(path.clone());
                }
                self.note_file(path);
            }
            EventKind::Remove(RemoveKind::File) => {
                self.unfinished.remove(&path);
                self.paths.insert(path);
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                self.unfinished.remove(&path);
                self.left.push((tracker, path));
            }
            // Its two halves were heard one by one.
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) if tracker.is_some() => {}
            EventKind::Modify(ModifyKind::Any) if path.is_dir() => {
                // Windows says so of the folder of every changed file, and of the file as well.
            }
            EventKind::Modify(_) => self.note_file(path),
            _ => self.everything = true,
        }
    }

    /// A path of which something was heard that is true of files. A folder by now: unclear.
    fn note_file(&mut self, path: PathBuf) {
        if path.is_dir() {
            self.everything = true;
        } else {
            self.paths.insert(path);
        }
    }

    /// The new name of something that was renamed: now it is known whether it was a folder.
    fn arrive(&mut self, event: &Event) {
        if event.paths.last().is_some_and(|path| path.is_dir()) {
            self.everything = true;
        }
        let is_its = |tracker: Option<usize>| tracker.is_some() && tracker == event.tracker();
        let arrived = self.left.extract_if(.., |(tracker, _)| is_its(*tracker));
        self.paths.extend(arrived.map(|(_, path)| path));
    }
}

fn is_mere_access(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound | ErrorKind::WatchNotFound => true,
        ErrorKind::Io(error) => error.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}

/// Why the system does not watch, for whoever reads it in a terminal.
fn in_words(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => "the system watches no more folders for this user \
             (on Linux, fs.inotify.max_user_watches is the limit)"
            .into(),
        _ => error.to_string(),
    }
}

/// The path without symbolic links, as far as it exists.
fn real_path(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real_path(parent).join(name),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_for_the_root_means_what_lies_in_it() {
        let root = std::env::temp_dir().join(format!("weekmark-root-{}", std::process::id()));
        std::fs::create_dir_all(root.join("content")).unwrap();
        let mut bell = Bell::hang(&root).unwrap();
        bell.watch(std::slice::from_ref(&root)).unwrap();
        for folder in [".git", "target", "public"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        std::fs::write(root.join("content/deep.md"), "x").unwrap();
        let rung = bell.wait(Some(Duration::from_millis(100)), || {}).unwrap();
        assert!(matches!(rung, Rung::Quiet), "{rung:?}");
        std::fs::write(root.join("site.yaml"), "x").unwrap();
        let rung = bell.wait(Some(Duration::from_secs(5)), || {}).unwrap();
        let wanted = vec![root.join("site.yaml")];
        assert!(matches!(&rung, Rung::Changed(Some(paths)) if *paths == wanted), "{rung:?}");
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn polling_sees_changes_too() {
        let root = std::env::temp_dir().join(format!("weekmark-poll-{}", std::process::id()));
        std::fs::create_dir_all(root.join("content")).unwrap();
        let mut bell = Bell::hang(&root).unwrap();
        bell.start_polling("no watches left".into()).unwrap();
        assert_eq!(bell.new_reason_to_poll().as_deref(), Some("no watches left"));
        bell.watch(&[root.join("content"), root.join("site.yaml")]).unwrap();
        for (path, text) in [("content/a.md", "1"), ("content/a.md", "2"), ("site.yaml", "x")] {
            std::fs::write(root.join(path), text).unwrap();
            let rung = bell.wait(Some(POLL_EVERY * 3), || {}).unwrap();
            assert!(matches!(rung, Rung::Changed(_)), "{path} {text}: {rung:?}");
        }
        std::fs::remove_dir_all(root).unwrap();
    }
}
