//! Owns the output folder: takes finished files and makes them the new `public/`, all of them or none.
//! Must not know what a page, a theme or an asset is, nor why a file changed. Nothing else in weekmark writes there.
//!
//! ```text
//! open ─► put, put, put … (any thread) ─► commit
//!           │ equal to the file in public/: noted          │ equal files get a second name (a hard link) in next/
//!           └ new or different: into .public.weekmark/next │ the user's own files too, then the manifest
//!                                                          │ next/ and public/ change names in one step
//!                                                          └ the old folder is retired
//! ```
//!
//! **Killed at any point**, `public/` is a complete site, and the next [`Staging::open`] clears what is left. If no file
//! differs, nothing at all is touched.
//!
//! **A power cut** is weaker than that: files are not forced to the disk one by one (measured: half a second per 10,000),
//! so files that were written in the last half minute may come back empty. Only the manifest is forced, because without
//! it the folder could no longer be told from a stranger's. The next build reads every file and compares its sum,
//! so it mends them; a file of zeros is damage to it, not something that a user wrote.
//!
//! **Why hard links and a whole new folder**, not renames file by file: a site of two ages is what the law forbids. A
//! link costs a third of a written file or less; the price is a new folder per page (see `work` for what was not done).
#![expect(clippy::disallowed_methods, reason = "the one writer of the output folder")]

mod carry;
mod folders;
mod manifest;
mod place;
mod refusal;
mod retire;
mod swap;
#[cfg(test)]
mod tests;
mod work;

pub use refusal::Refusal;
pub use retire::Aside;

use folders::Folder;
use manifest::{Files, Flaw, Sum};
use place::Place;
use rayon::prelude::*;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use work::Work;

/// A build's hand on the output folder. Dropped without [`Staging::commit`], it leaves `public/` as it was.
pub struct Staging {
    work: Work,
    next: PathBuf,
    present: Option<Present>,
    put: Mutex<Vec<(String, Put)>>,
    /// A file could not be written: what is in `next` is not the site.
    failed: AtomicBool,
}

/// What is in the output folder now.
struct Present {
    files: Files,
    /// The manifest's own text; `None` in a folder that is ours to fill.
    manifest: Option<Sum>,
}

/// A file of the new site.
#[derive(Clone, Copy)]
struct Put {
    sum: Sum,
    change: Change,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Equal to the present file.
    None,
    /// Equal to a present file of the user's, which is ours from now on.
    Adopted,
    Created,
    Updated {
        by_hand: bool,
    },
}

/// What a commit did. All lists are sorted and name paths below the output folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many files the site has, without the manifest.
    pub files: usize,
    /// How long they are together.
    pub bytes: u64,
    /// Files that were not there before.
    pub created: Vec<String>,
    /// Files that were there with other bytes.
    pub updated: Vec<String>,
    /// How many files were there already, byte for byte.
    pub unchanged: usize,
    /// Files of the last site that this one does not have.
    pub deleted: Vec<String>,
    /// What the user keeps in the output folder and was carried over; a folder ends with a slash. Empty if nothing
    /// changed, because then nobody looks.
    pub kept_foreign: Vec<String>,
    /// Files that were edited inside the output folder; a copy of each lies beside it. Worth a warning.
    pub edited_by_hand: Vec<Aside>,
    /// The xxh3-128 of the manifest, which has the sum of every file: equal for equal sites.
    pub sum: u128,
}

impl Staging {
    /// Takes hold of the output folder, which need not exist, and mends what a killed build left there.
    ///
    /// Refuses a folder that weekmark did not make, unless it is empty or holds hidden files only, and any folder that
    /// is, holds or lies in one of `protected`: what the site is made from (`content`, `themes`, `site.yaml`; not the
    /// folder around them).
    pub fn open(out: &Path, protected: &[PathBuf]) -> Result<Staging, Refusal> {
        let work = Work::begin(Place::find(out, protected)?)?;
        let present = look(&work.place.out)?;
        let next = work.next();
        Ok(Staging { work, next, present, put: Mutex::default(), failed: AtomicBool::new(false) })
    }

    /// The [`Written::sum`] of the site that the last build left here, if there is one.
    pub fn last(&self) -> Option<u128> {
        self.present.as_ref()?.manifest.map(|sum| sum.hash)
    }

    /// What a commit of the site would say that the last build left here, if every file of it still has the bytes that it
    /// was given: then nothing would be touched. All of them are read.
    pub fn is_whole(&self) -> Option<Written> {
        let Present { files, manifest: Some(manifest) } = self.present.as_ref()? else {
            return None;
        };
        let is_same = |(path, sum): &(String, Sum)| {
            let found = self.present(path).ok().flatten();
            found.is_some_and(|(file, about)| {
                about == sum.bytes && Sum::read(file, about).is_ok_and(|now| now == *sum)
            })
        };
        let files = files.all();
        (self.work.rescued.is_empty() && files.par_iter().all(is_same)).then(|| Written {
            files: files.len(),
            bytes: files.iter().map(|(_, sum)| sum.bytes).sum(),
            unchanged: files.len(),
            sum: manifest.hash,
            ..Written::default()
        })
    }

    /// Hands over a file. `path` is relative, with `/` between names, such as `careers/index.html`.
    pub fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.guard(path, || {
            let sum = Sum::of(bytes);
            let now = self.present(path)?;
            let now = now.map(|(file, about)| Sum::read_same(file, about, bytes, sum));
            let change = self.change(path, now.transpose()?, sum)?;
            if change.is_written() {
                self.create(path)?.write_all(bytes)?;
            }
            self.note(path, Put { sum, change });
            Ok(())
        })
    }

    /// Hands over a file of any size that lies on the disk. Its bytes are copied: were it linked, a later edit of the
    /// source would change the site.
    pub fn put_copy(&self, path: &str, from: &Path) -> io::Result<()> {
        self.guard(path, || {
            let mut source = File::open(from).map_err(Refusal::system("read", from))?;
            let bytes = source.metadata()?.len();
            let now = self.present(path)?.map(|(file, about)| Sum::read(file, about));
            let now = now.transpose()?;
            let sum = match now {
                Some(now) if now.bytes == bytes && Sum::read(&source, bytes)? == now => now,
                _ => {
                    source.rewind()?;
                    Sum::copy(source, bytes, self.create(path)?)?
                }
            };
            self.note(path, Put { sum, change: self.change(path, now, sum)? });
            Ok(())
        })
    }

    /// Makes the new site public, or, if it equals the present one, touches nothing.
    ///
    /// An error is a whole sentence, to be shown as it is.
    pub fn commit(mut self) -> io::Result<Written> {
        if *self.failed.get_mut() {
            let words =
                "A file of the site could not be written, so the output folder was left as it was.";
            return Err(io::Error::other(words));
        }
        let out = self.work.place.out.clone();
        self.finish().map_err(|e| Refusal::system("replaced by the new site", &out)(e).into())
    }

    fn finish(mut self) -> io::Result<Written> {
        let mut put = std::mem::take(self.put.get_mut().unwrap_or_else(PoisonError::into_inner));
        put.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
        if !put.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(twice());
        }
        let present = self.present.as_ref();
        let deleted = present.map(|p| compare(p.files.all(), &mut put)).unwrap_or_default();
        let text = manifest::print(&put, |(path, put)| (path, put.sum));
        let rescued = self.work.rescued.clone();
        let sum = Sum::of(text.as_bytes());
        let mut written =
            Written { edited_by_hand: rescued, sum: sum.hash, ..Written::of(&put, deleted) };
        let same = present.is_some_and(|p| p.manifest == Some(sum));
        if same && written.created.is_empty() && written.updated.is_empty() {
            return Ok(written);
        }
        written.edited_by_hand.extend(self.set_aside(&put, &written.deleted)?);
        self.link_unchanged(&put)?;
        written.kept_foreign = self.carry_foreign(&put)?;
        self.write_manifest(&text)?;
        written.edited_by_hand.extend(self.publish()?);
        written.edited_by_hand.sort();
        written.edited_by_hand.dedup();
        Ok(written)
    }

    /// Runs one `put`; whatever goes wrong in it also stops the commit.
    fn guard(&self, path: &str, put: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let done = if manifest::is_path(path) {
            put().map_err(|e| Refusal::system("written", &self.work.place.out.join(path))(e).into())
        } else {
            let words = format!("“{path}” cannot be the path of a file in the output folder.");
            Err(io::Error::new(io::ErrorKind::InvalidInput, words))
        };
        if done.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        done
    }

    /// Who comes second with a path is found out for all files at once, in `finish`.
    fn note(&self, path: &str, put: Put) {
        let path = path.to_string();
        let mut all = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((path, put));
    }

    /// How a file of the new site differs from the present one. A file of the user's is not ours to replace.
    fn change(&self, path: &str, now: Option<Sum>, sum: Sum) -> io::Result<Change> {
        let was = || self.present.as_ref().and_then(|p| p.files.get(path));
        match now {
            None => Ok(Change::Created),
            // Whether it was ours before is found out for all files at once, in `compare`.
            Some(now) if now == sum => Ok(Change::None),
            Some(now) => match was() {
                Some(was) => Ok(Change::Updated { by_hand: self.is_by_hand(path, now, was)? }),
                None => Err(self.taken(path)),
            },
        }
    }

    /// The file that is in the output folder now, and how long it is.
    fn present(&self, path: &str) -> io::Result<Option<(File, u64)>> {
        if self.present.is_none() {
            return Ok(None);
        }
        match open_plain(&self.work.place.out.join(path)) {
            Ok(Some(found)) => Ok(Some(found)),
            Ok(None) if self.is_our_folder(path) => Ok(None),
            Ok(None) => Err(self.taken(path)),
            Err(e) if is_absent(&e) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Whether the last site had files below this path. If the user has some there too, `carry` will find them.
    fn is_our_folder(&self, path: &str) -> bool {
        let was = self.present.as_ref().is_some_and(|p| p.files.has_folder(path));
        was && self.work.place.out.join(path).is_dir()
    }

    /// Whether somebody wrote what is in a file of ours. Zeros are what a power cut leaves.
    fn is_by_hand(&self, path: &str, now: Sum, was: Sum) -> io::Result<bool> {
        Ok(now != was && !is_blank(File::open(self.work.place.out.join(path))?)?)
    }

    fn taken(&self, path: &str) -> io::Error {
        Refusal::Taken { out: self.work.place.out.clone(), path: path.to_string() }.into()
    }

    /// Asks nothing first: what exists is found out by the call that needs it.
    fn create(&self, path: &str) -> io::Result<File> {
        let at = self.next.join(path);
        let folder = at.parent().unwrap_or(&self.next);
        // Such a page has a folder of its own, which can be made without a look whether it is there.
        let is_alone = path.ends_with("/index.html");
        if is_alone {
            self.make_folder(folder)?;
        }
        let made = match File::create_new(&at) {
            Err(e) if !is_alone && e.kind() == io::ErrorKind::NotFound => {
                self.make_folder(folder)?;
                File::create_new(&at)
            }
            made => made,
        };
        made.map_err(|e| if e.kind() == io::ErrorKind::AlreadyExists { twice() } else { e })
    }

    /// Makes a folder of the new site, and those above it that are missing.
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        let made = match (fs::create_dir(folder), folder.parent()) {
            (Err(e), Some(above)) if e.kind() == io::ErrorKind::NotFound && folder != self.next => {
                self.make_folder(above)?;
                fs::create_dir(folder)
            }
            (made, _) => made,
        };
        // Another file of the folder, or another thread, was first.
        made.or_else(|e| if e.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(e) })
    }
}

/// The steps of a commit, in their order.
impl Staging {
    /// Copies files that were edited inside the output folder and are about to be replaced or deleted. Done before the
    /// exchange: a build that is killed after it no longer knows that they were edited.
    fn set_aside(&self, put: &[(String, Put)], deleted: &[String]) -> io::Result<Vec<Aside>> {
        let replaced =
            put.iter().filter(|(_, put)| put.change == Change::Updated { by_hand: true });
        let mut edited: Vec<&str> = replaced.map(|(path, _)| path.as_str()).collect();
        for path in deleted {
            if self.is_deleted_by_hand(path)? {
                edited.push(path);
            }
        }
        let copy = self.work.copy();
        let keep = |path: &&str| {
            // A copy, and not the file itself, which stays open to edits if this build fails.
            fs::copy(self.work.place.out.join(path), &copy)?;
            let aside = retire::keep(&copy, Path::new(path), &self.work.place)?;
            fs::remove_file(&copy).map(|()| aside)
        };
        edited.iter().map(keep).collect()
    }

    fn is_deleted_by_hand(&self, path: &str) -> io::Result<bool> {
        let was = self.present.as_ref().and_then(|p| p.files.get(path));
        match (open_plain(&self.work.place.out.join(path)), was) {
            (Ok(Some((file, bytes))), Some(was)) => {
                let now = Sum::read(file, bytes)?;
                self.is_by_hand(path, now, was)
            }
            // No file of ours any more: `carry` takes what is there instead.
            (Ok(_), _) => Ok(false),
            (Err(e), _) if is_absent(&e) => Ok(false),
            (Err(e), _) => Err(e),
        }
    }

    fn link_unchanged(&self, put: &[(String, Put)]) -> io::Result<()> {
        self.make_folder(&self.next)?;
        self.link_in(&Folder::root(put))
    }

    /// Gives the unchanged files in and below a folder, which is there already, a second name. Each thread takes other
    /// folders, because a folder can be changed by one thread at a time.
    fn link_in(&self, folder: &Folder<Put>) -> io::Result<()> {
        let (files, below) = folder.entries();
        for file in files.iter().filter(|file| !file.is.change.is_written()) {
            let (from, to) = (self.work.place.out.join(file.path), self.next.join(file.path));
            match retire::second_name(&from, &to) {
                Ok(true) => {}
                Ok(false) => return Err(twice()),
                Err(e) => return Err(Refusal::system("kept", &from)(e).into()),
            }
        }
        below.par_iter().try_for_each(|folder| {
            if folder.all().iter().all(|(_, put)| put.change.is_written()) {
                return Ok(());
            }
            self.make_folder(&self.next.join(folder.path))?;
            self.link_in(folder)
        })
    }

    fn carry_foreign(&self, put: &[(String, Put)]) -> io::Result<Vec<String>> {
        let Some(present) = &self.present else { return Ok(Vec::new()) };
        let adopted = put.iter().filter(|(_, put)| put.change == Change::Adopted);
        let adopted = adopted.map(|(path, _)| path.as_str()).collect();
        let foreign = carry::carry(&self.work.place, &self.next, &present.files, &adopted)?;
        // The folder itself is the user's choice: who may look into it.
        fs::set_permissions(&self.next, fs::metadata(&self.work.place.out)?.permissions())?;
        Ok(foreign)
    }

    fn write_manifest(&self, text: &str) -> io::Result<()> {
        let mut file = File::create_new(self.next.join(manifest::NAME))?;
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    fn publish(&self) -> io::Result<Vec<Aside>> {
        let place = &self.work.place;
        let old = swap::swap(&self.next, &place.out, &place.work)?;
        // From here on the new site is public, so nothing may fail: what cannot be cleared is left for the next build.
        let retired = old.map(|old| {
            let since = self.work.since;
            match &self.present {
                Some(present) => retire::Retire::of(&old, place, since, &present.files).run(),
                None => retire::retire(&old, place, since),
            }
        });
        Ok(retired.and_then(Result::ok).unwrap_or_default())
    }
}

impl Change {
    fn is_written(self) -> bool {
        matches!(self, Change::Created | Change::Updated { .. })
    }
}

impl Written {
    fn of(put: &[(String, Put)], deleted: Vec<String>) -> Written {
        let mut written = Written { files: put.len(), deleted, ..Written::default() };
        for (path, put) in put {
            written.bytes += put.sum.bytes;
            match put.change {
                Change::None | Change::Adopted => written.unchanged += 1,
                Change::Created => written.created.push(path.clone()),
                Change::Updated { .. } => written.updated.push(path.clone()),
            }
        }
        written
    }
}

/// Gives the files of the last site that the new one does not have, and marks those of the new one that were the user's.
/// Both lists are sorted, so one walk through them does without a search for every file.
fn compare(was: &[(String, Sum)], put: &mut [(String, Put)]) -> Vec<String> {
    let mut deleted = Vec::new();
    let mut was = was.iter().map(|(path, _)| path).peekable();
    for (path, put) in put {
        while let Some(gone) = was.next_if(|was| *was < path) {
            deleted.push(gone.clone());
        }
        if was.next_if(|was| *was == path).is_none() && put.change == Change::None {
            put.change = Change::Adopted;
        }
    }
    deleted.extend(was.cloned());
    deleted
}

/// What is in the folder, if it exists and is ours or ours to fill.
fn look(out: &Path) -> Result<Option<Present>, Refusal> {
    if !out.exists() {
        return Ok(None);
    }
    let failed = || Refusal::system("read", out);
    let damaged = || Refusal::Damaged(out.to_path_buf());
    match open_plain(&out.join(manifest::NAME)) {
        Ok(Some((mut file, _))) => {
            let mut text = Vec::new();
            file.read_to_end(&mut text).map_err(failed())?;
            match manifest::parse(&text) {
                Ok(files) => Ok(Some(Present { files, manifest: Some(Sum::of(&text)) })),
                Err(Flaw::Newer) => Err(Refusal::Newer(out.to_path_buf())),
                Err(Flaw::Damaged) => Err(damaged()),
            }
        }
        Ok(None) => Err(damaged()),
        Err(e) if is_absent(&e) => match first_visible(out).map_err(failed())? {
            Some(example) => Err(Refusal::NotOurs { out: out.to_path_buf(), example }),
            None => Ok(Some(Present { files: Files::default(), manifest: None })),
        },
        Err(e) => Err(failed()(e)),
    }
}

/// The first entry, by name, that is not hidden. Hidden ones (`.gitignore`, `.git`) do not make a folder a user's.
fn first_visible(out: &Path) -> io::Result<Option<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(out)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    // What file managers of Windows leave in every folder that was looked at.
    let is_litter = |name: &str| matches!(name, "Thumbs.db" | "desktop.ini");
    Ok(names.into_iter().filter(|name| !name.starts_with('.') && !is_litter(name)).min())
}

/// Opens a plain file and says how long it is; `None` if there is something else. Never follows a link and never waits at
/// a pipe.
fn open_plain(path: &Path) -> io::Result<Option<(File, u64)>> {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        options.read(true),
        libc::O_NOFOLLOW | libc::O_NONBLOCK,
    );
    #[cfg(not(unix))]
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    match options.read(true).open(path) {
        Ok(file) => {
            let found = file.metadata()?;
            Ok(found.is_file().then_some((file, found.len())))
        }
        Err(e) if is_absent(&e) => Err(e),
        Err(_) if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) => Ok(None),
        Err(e) => Err(e),
    }
}

fn twice() -> io::Error {
    io::Error::other("the site has two files of this name")
}

/// Nothing there, or something that is not a folder where a folder should be.
fn is_absent(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn is_blank(mut file: impl Read) -> io::Result<bool> {
    let mut part = [0; 8 * 1024];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(true),
            n if part[..n].iter().any(|&byte| byte != 0) => return Ok(false),
            _ => {}
        }
    }
}
