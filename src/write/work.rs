//! Owns the work folder beside the output folder (`.public.weekmark`): its lock, what may lie in it, and the repair of
//! what a killed build left there.
//! Must not know what is written into the new site, or why.
//!
//! | in the work folder | is | after a kill |
//! | --- | --- | --- |
//! | `weekmark.lock` | the lock; also says that the folder is ours | released by the system |
//! | `next/` | the new site, unfinished | deleted: all of it is ours or a second name of a file in `public/` |
//! | `exchange-NUMBER/` | the new site or, after the exchange, the old one | deleted, or retired |
//! | `previous/` | the old site where the system cannot exchange | put back if `public/` is missing, or retired |
//!
//! The folder is removed at the end, so that nothing of it lies about in the user's folder between builds.
//!
//! It would be quicker to keep the emptied folders of the old site for the next build: with 10,000 pages, each in a
//! folder of its own, about twice as quick on ext4, where folders are dear and links are cheap. But whoever still has
//! the old site open, say a web server, would then see the next one grow in it, unfinished.

use super::place::Place;
use super::refusal::Refusal;
use super::retire::{self, Aside};
use super::swap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const LOCK: &str = "weekmark.lock";
const NEXT: &str = "next";
const COPY: &str = "copy";

const NOTE: &str = "weekmark keeps its unfinished work in this folder while it builds the site.\n\
                    If no build is running, the folder can be deleted; the next build clears it anyway.\n";

/// The locked work folder; dropping it deletes the unfinished site, then the folder.
pub(super) struct Work {
    pub(super) place: Place,
    /// When this build began, by the clock of the disk: whatever is younger was written by somebody else.
    pub(super) since: SystemTime,
    /// What the repair of a killed build found that was not ours.
    pub(super) rescued: Vec<Aside>,
    /// Folders above the output folder that were made for it, outermost first.
    parents: Vec<PathBuf>,
    lock: File,
}

impl Work {
    /// Takes the lock and repairs what a killed build left.
    pub(super) fn begin(place: Place) -> Result<Work, Refusal> {
        let at = place.work.clone();
        let failed = |doing: &str| Refusal::system(doing, &at);
        let parents = make_parents(&at).map_err(failed("created"))?;
        let lock = lock(&place)?;
        // Read before the note is written: a killed build wrote its note when it began.
        let since = lock.metadata().and_then(|m| m.modified()).map_err(failed("read"))?;
        // From here on whatever fails drops the work, and with it the folder.
        let mut work = Work { place, since, rescued: Vec::new(), parents, lock };
        work.rescued = recover(&work.place, work.since).map_err(failed("cleared"))?;
        work.since = note(&mut work.lock).map_err(failed("written"))?;
        Ok(work)
    }

    /// Where the new site is put together.
    pub(super) fn next(&self) -> PathBuf {
        self.place.work.join(NEXT)
    }

    /// Where a single file may lie until it gets its name.
    pub(super) fn copy(&self) -> PathBuf {
        self.place.work.join(COPY)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // Whatever fails here is left for the next build, which clears it or says why it cannot.
        let _ = fs::remove_file(self.copy());
        let _ = fs::remove_dir_all(self.next());
        if is_only_lock(&self.place.work) {
            let _ = fs::remove_file(self.place.work.join(LOCK));
            let _ = fs::remove_dir(&self.place.work);
        }
        // Not left to closing: a program that we start at this moment may hold a copy of the open file for a little while.
        let _ = self.lock.unlock();
        // A folder that has something in it cannot be removed this way, so after a commit these stay.
        for parent in self.parents.iter().rev() {
            let _ = fs::remove_dir(parent);
        }
    }
}

/// The lock is the mark of a folder of ours, so it goes only when nothing else is left.
fn is_only_lock(work: &Path) -> bool {
    fs::read_dir(work).is_ok_and(|entries| entries.flatten().all(|e| e.file_name() == LOCK))
}

fn make_parents(work: &Path) -> io::Result<Vec<PathBuf>> {
    let missing = work.ancestors().skip(1).take_while(|p| !p.exists());
    let mut parents: Vec<PathBuf> = missing.map(Path::to_path_buf).collect();
    parents.reverse();
    for parent in &parents {
        fs::create_dir(parent).or_else(unless_there)?;
    }
    Ok(parents)
}

fn unless_there(e: io::Error) -> io::Result<()> {
    if e.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(e) }
}

/// Makes the work folder and takes its lock. The system releases a lock when its process ends, however it ends.
fn lock(place: &Place) -> Result<File, Refusal> {
    let path = place.work.join(LOCK);
    loop {
        if let Err(e) = fs::create_dir(&place.work) {
            unless_there(e).map_err(Refusal::system("created", &place.work))?;
            if !is_ours(&place.work) {
                return Err(Refusal::StrangeWork(place.work.clone()));
            }
        }
        let file =
            match File::options().read(true).write(true).create(true).truncate(false).open(&path) {
                Ok(file) => file,
                // The build before us has just finished and taken its folder away.
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(Refusal::system("created", &path)(e)),
            };
        match file.try_lock() {
            Ok(()) if is_same(&file, &path) => return Ok(file),
            // Locked, but a file that has lost its name guards nothing.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Refusal::Busy(place.out.clone())),
            // Some network disks have no locks. Building there is worth more than the guard against two at once.
            Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {
                return Ok(file);
            }
            Err(TryLockError::Error(e)) => return Err(Refusal::system("locked", &path)(e)),
        }
    }
}

/// A real folder that holds our lock, or nothing: a build may have been killed before it made the lock. One look at the
/// whole folder, because another build may be making or removing it.
fn is_ours(work: &Path) -> bool {
    match fs::symlink_metadata(work) {
        Ok(found) if !found.is_dir() => return false,
        _ => {}
    }
    let Ok(entries) = fs::read_dir(work) else { return !work.exists() };
    let names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
    names.is_empty() || names.iter().any(|name| name == LOCK)
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Says in the lock file what the folder is for, and gives the time at which that was written.
fn note(lock: &mut File) -> io::Result<SystemTime> {
    lock.set_len(0)?;
    lock.write_all(NOTE.as_bytes())?;
    lock.metadata()?.modified()
}

/// Brings the folders into the state that the table above promises. May itself be killed and begun again.
fn recover(place: &Place, since: SystemTime) -> io::Result<Vec<Aside>> {
    let mut rescued = Vec::new();
    for entry in fs::read_dir(&place.work)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name == NEXT || swap::holds_new(&path, &name) {
            fs::remove_dir_all(&path)?;
        } else if name == COPY {
            fs::remove_file(&path)?;
        } else if name == swap::PREVIOUS && !place.out.exists() {
            fs::rename(&path, &place.out)?;
        } else if name == swap::PREVIOUS || name.starts_with(swap::EXCHANGE) {
            rescued.extend(retire::retire(&path, place, since)?);
        }
    }
    Ok(rescued)
}
