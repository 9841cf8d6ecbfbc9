//! Owns the end of an old output folder: deletes from it what weekmark made, and rescues everything else.
//! Must not know the new site; all that counts is what lies in `public/` now.
//!
//! The new folder already has the user's own files in it (see `carry`), so normally there is nothing to rescue. But a
//! folder lives on while it is being replaced: somebody may save a file into it in the very second of the exchange.
//! Hence nothing is deleted on faith. The manifest goes last, so that a killed deletion can go on later.
//!
//! What the manifest names is deleted first, without listing the folders: a folder that then cannot be removed has something
//! else in it. Only such folders are looked through.

use super::folders::Folder;
use super::manifest::{self, Files, Sum};
use super::place::Place;
use rayon::prelude::*;
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file from inside the output folder that somebody had edited by hand, and where its text is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aside {
    /// The file, as a path below the output folder.
    pub path: String,
    /// The copy.
    pub kept: PathBuf,
}

/// An old output folder on its way out.
pub(super) struct Retire<'a> {
    old: &'a Path,
    place: &'a Place,
    /// Files that were written to later than this are looked at before they go.
    since: SystemTime,
    files: &'a Files,
}

/// Retires a folder by the manifest that lies in it. Without a readable one, nothing in it is known to be ours.
pub(super) fn retire(old: &Path, place: &Place, since: SystemTime) -> io::Result<Vec<Aside>> {
    let files = match fs::read(old.join(manifest::NAME)) {
        Ok(text) => manifest::parse(&text).unwrap_or_default(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Files::default(),
        Err(e) => return Err(e),
    };
    Retire::of(old, place, since, &files).run()
}

impl<'a> Retire<'a> {
    /// `files` is what the manifest in the folder says.
    pub(super) fn of(
        old: &'a Path,
        place: &'a Place,
        since: SystemTime,
        files: &'a Files,
    ) -> Retire<'a> {
        Retire { old, place, since, files }
    }

    /// Deletes the folder; gives what had to be kept elsewhere.
    pub(super) fn run(self) -> io::Result<Vec<Aside>> {
        self.clear(&Folder::root(self.files.all()));
        let mut rescued = self.folder(Path::new(""))?;
        if let Err(e) = fs::remove_file(self.old.join(manifest::NAME))
            && e.kind() != io::ErrorKind::NotFound
        {
            return Err(e);
        }
        fs::remove_dir(self.old)?;
        rescued.sort();
        Ok(rescued)
    }

    /// Deletes the files of the last site that nobody has written to since, and the folders that are then empty. Whatever
    /// cannot be deleted so is left to [`Retire::folder`], which finds out why.
    fn clear(&self, folder: &Folder<Sum>) {
        let (files, below) = folder.entries();
        for file in files {
            let path = self.old.join(file.path);
            let is_old =
                |found: fs::Metadata| Ok(found.is_file() && found.modified()? < self.since);
            if fs::symlink_metadata(&path).and_then(is_old).unwrap_or(false) {
                let _ = fs::remove_file(path);
            }
        }
        below.par_iter().for_each(|folder| {
            self.clear(folder);
            let _ = fs::remove_dir(self.old.join(folder.path));
        });
    }

    fn is_ours(&self, folder: &Path) -> bool {
        self.files.has_folder(&shown(folder))
    }

    /// Empties a folder. Each thread takes other folders, because a folder can be changed by one thread at a time.
    fn folder(&self, dir: &Path) -> io::Result<Vec<Aside>> {
        let mut rescued = Vec::new();
        let mut below = Vec::new();
        for entry in fs::read_dir(self.old.join(dir))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                below.push(dir.join(entry.file_name()));
            } else {
                rescued.extend(self.file(&entry, &dir.join(entry.file_name()))?);
            }
        }
        let more = below.par_iter().map(|dir| {
            let path = self.old.join(dir);
            if !self.is_ours(dir) {
                make_writable(&path)?;
            }
            let rescued = self.folder(dir)?;
            fs::remove_dir(path).map(|()| rescued)
        });
        for part in more.collect::<io::Result<Vec<_>>>()? {
            rescued.extend(part);
        }
        Ok(rescued)
    }

    fn file(&self, entry: &DirEntry, name: &Path) -> io::Result<Option<Aside>> {
        if name == Path::new(manifest::NAME) {
            return Ok(None);
        }
        let known = if entry.file_type()?.is_file() { sum_of(self.files, name) } else { None };
        let path = entry.path();
        let aside = match known {
            Some(sum) if self.is_untouched(entry, sum)? => None,
            Some(_) => Some(keep(&path, name, self.place)?),
            None if is_same(&path, &self.place.out.join(name))? => None,
            None => self.rescue(&path, name)?,
        };
        fs::remove_file(path)?;
        Ok(aside)
    }

    fn is_untouched(&self, entry: &DirEntry, sum: Sum) -> io::Result<bool> {
        let found = entry.metadata()?;
        let is_old = found.modified()? < self.since;
        Ok(is_old || Sum::read(File::open(entry.path())?, found.len())? == sum)
    }

    /// Takes a file that is not ours over into `public/`, or aside if there is another of that name.
    fn rescue(&self, path: &Path, name: &Path) -> io::Result<Option<Aside>> {
        let to = self.place.out.join(name);
        let taken_over = match to.parent().map(fs::create_dir_all) {
            Some(Err(_)) => false,
            _ => second_name(path, &to)?,
        };
        if taken_over { Ok(None) } else { keep(path, name, self.place).map(Some) }
    }
}

/// The sum by a path as the system writes it.
pub(super) fn sum_of(files: &Files, name: &Path) -> Option<Sum> {
    let name = name.to_str()?;
    if cfg!(windows) { files.get(&name.replace('\\', "/")) } else { files.get(name) }
}

/// Keeps a file under its own path in `public-edited-by-hand`, or under a numbered one: an earlier copy stays as it is.
pub(super) fn keep(path: &Path, name: &Path, place: &Place) -> io::Result<Aside> {
    let first = place.aside.join(name);
    if let Some(parent) = first.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut kept = first.clone();
    for n in 2.. {
        if second_name(path, &kept)? || is_same(path, &kept)? {
            break;
        }
        kept = numbered(&first, n);
    }
    Ok(Aside { path: shown(name), kept })
}

/// `index.html` → `index-2.html`.
fn numbered(path: &Path, n: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(format!("-{n}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// A path below the output folder as the manifest writes it.
pub(super) fn shown(name: &Path) -> String {
    let names = name.iter().map(|part| part.to_string_lossy());
    names.collect::<Vec<_>>().join("/")
}

/// Gives a file a second name, or copies it where the disk cannot do that. False if there is something of that name:
/// unlike a rename, this never takes the place of anything.
pub(super) fn second_name(from: &Path, to: &Path) -> io::Result<bool> {
    let done = match fs::hard_link(from, to) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        // Also where only this one cannot be linked: too many names, a file of another account.
        Err(_) => copy(from, to),
        Ok(()) => Ok(()),
    };
    match done {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        done => done.map(|()| true),
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(from)?;
    if found.is_symlink() {
        return link_to(&fs::read_link(from)?, to);
    }
    if !found.is_file() {
        // A socket or a pipe that cannot have a second name: nothing that could be copied.
        return Err(io::ErrorKind::Unsupported.into());
    }
    io::copy(&mut File::open(from)?, &mut File::create_new(to)?)?;
    fs::set_permissions(to, found.permissions())
}

#[cfg(unix)]
fn link_to(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(windows)]
fn link_to(target: &Path, at: &Path) -> io::Result<()> {
    let is_dir = at.parent().is_some_and(|parent| parent.join(target).is_dir());
    if is_dir {
        std::os::windows::fs::symlink_dir(target, at)
    } else {
        std::os::windows::fs::symlink_file(target, at)
    }
}

/// Whether the two are the same file, or equal ones, so that one of them can go.
fn is_same(a: &Path, b: &Path) -> io::Result<bool> {
    let found = match (fs::symlink_metadata(a)?, fs::symlink_metadata(b)) {
        (a, Ok(b)) => (a, b),
        (_, Err(_)) => return Ok(false),
    };
    Ok(match found {
        (x, y) if is_one(&x, &y) => true,
        (x, y) if x.is_symlink() && y.is_symlink() => fs::read_link(a)? == fs::read_link(b)?,
        (x, y) if x.is_file() && y.is_file() && x.len() == y.len() => {
            Sum::read(File::open(a)?, x.len())? == Sum::read(File::open(b)?, y.len())?
        }
        _ => false,
    })
}

#[cfg(unix)]
fn is_one(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_one(_a: &fs::Metadata, _b: &fs::Metadata) -> bool {
    false
}

/// A user's folder may be closed to its owner; its files were carried over and must go from here.
fn make_writable(dir: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(dir)?.permissions();
    if permissions.readonly() {
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o700);
        #[cfg(not(unix))]
        permissions.set_readonly(false);
        fs::set_permissions(dir, permissions)?;
    }
    Ok(())
}
