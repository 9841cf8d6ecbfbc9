//! Owns what happens to the entries of `public/` that are not ours (`.git`, `CNAME`, notes): the new folder gets them too.
//! Must not know how the new site is made, and takes nothing away from the present folder.

use super::folders::Folder;
use super::manifest::{self, Files, Sum};
use super::place::Place;
use super::refusal::Refusal;
use super::retire::{second_name, shown, sum_of};
use rayon::prelude::*;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;

/// Gives everything in the output folder that `was` does not name a second name in `next`, and lists it, sorted: a folder
/// of the user's as one entry that ends with a slash. `adopted` are the user's files that the site has byte for byte.
pub(super) fn carry(
    place: &Place,
    next: &Path,
    was: &Files,
    adopted: &HashSet<&str>,
) -> io::Result<Vec<String>> {
    let carry = Carry { place, next, was, adopted };
    let mut foreign = carry.folder(&Folder::root(was.all()))?;
    foreign.sort();
    Ok(foreign)
}

struct Carry<'a> {
    place: &'a Place,
    next: &'a Path,
    was: &'a Files,
    adopted: &'a HashSet<&'a str>,
}

impl Carry<'_> {
    /// Looks through a folder of ours for what is not ours.
    fn folder(&self, folder: &Folder<Sum>) -> io::Result<Vec<String>> {
        let (files, folders) = folder.entries();
        let dir = Path::new(folder.path);
        let mut foreign = Vec::new();
        let mut below = Vec::new();
        for entry in fs::read_dir(self.place.out.join(dir))? {
            let entry = entry?;
            let (name, kind) = (entry.file_name(), entry.file_type()?);
            let text = name.to_str();
            let file = |name| files.binary_search_by_key(&name, |file| file.name).is_ok();
            let ours = |name| folders.binary_search_by_key(&name, Folder::name).ok();
            if kind.is_dir()
                && let Some(at) = text.and_then(ours)
            {
                below.push(&folders[at]);
            } else if kind.is_dir() {
                let name = dir.join(name);
                self.take_folder(&name)?;
                foreign.push(shown(&name) + "/");
            } else if !kind.is_file() || !text.is_some_and(file) {
                let name = dir.join(name);
                if !kind.is_file() || !self.is_ours(&name) {
                    self.take_file(&name)?;
                    foreign.push(shown(&name));
                }
            }
        }
        if !below.is_empty() {
            let more = below.par_iter().map(|folder| self.folder(folder));
            foreign.extend(more.collect::<io::Result<Vec<_>>>()?.into_iter().flatten());
        }
        Ok(foreign)
    }

    fn is_ours(&self, name: &Path) -> bool {
        name == Path::new(manifest::NAME)
            || sum_of(self.was, name).is_some()
            || name.to_str().is_some_and(|name| self.adopted.contains(name))
    }

    fn take_folder(&self, name: &Path) -> io::Result<()> {
        let (from, to) = (self.place.out.join(name), self.next.join(name));
        self.make_room(&to)?;
        match fs::create_dir(&to) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && to.is_dir() => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(self.taken(name)),
            done => done?,
        }
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let name = name.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.take_folder(&name)?;
            } else if !self.is_ours(&name) {
                self.take_file(&name)?;
            }
        }
        fs::set_permissions(to, fs::metadata(from)?.permissions())
    }

    fn take_file(&self, name: &Path) -> io::Result<()> {
        let to = self.next.join(name);
        self.make_room(&to)?;
        let taken = second_name(&self.place.out.join(name), &to)
            .map_err(Refusal::system("carried over", &self.place.out.join(name)))?;
        if taken { Ok(()) } else { Err(self.taken(name)) }
    }

    /// Makes the folders above; what stands in the way is a file of the new site.
    fn make_room(&self, to: &Path) -> io::Result<()> {
        let parent = to.parent().unwrap_or(self.next);
        fs::create_dir_all(parent).map_err(|e| match parent.strip_prefix(self.next) {
            Ok(name) if is_in_the_way(&e) => self.taken(name),
            _ => e,
        })
    }

    fn taken(&self, name: &Path) -> io::Error {
        Refusal::Taken { out: self.place.out.clone(), path: shown(name) }.into()
    }
}

fn is_in_the_way(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory)
}
