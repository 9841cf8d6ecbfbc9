//! Owns the question where the output folder is and whether it may be one at all: resolves links, refuses sources, the
//! home folder and the whole disk.
//! Must not know what is in the folder, and never changes a file.

use super::refusal::Refusal;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The real place of the output folder and of the two folders that may appear beside it.
#[derive(Clone)]
pub(super) struct Place {
    /// The output folder; it may not exist yet.
    pub(super) out: PathBuf,
    /// `.public.weekmark`: unfinished work, there only while a build runs or after one was killed.
    pub(super) work: PathBuf,
    /// `public-edited-by-hand`: files that somebody edited inside the output folder.
    pub(super) aside: PathBuf,
}

impl Place {
    /// Finds the output folder behind links, and refuses places that can never be one.
    pub(super) fn find(out: &Path, protected: &[PathBuf]) -> Result<Place, Refusal> {
        let out = resolve(out)?;
        let (Some(parent), Some(name)) = (out.parent(), out.file_name()) else {
            return Err(Refusal::Root(out));
        };
        if home().is_some_and(|home| home.starts_with(&out)) {
            return Err(Refusal::Home(out));
        }
        for source in protected.iter().filter_map(|p| fs::canonicalize(p).ok()) {
            if source.starts_with(&out) || out.starts_with(&source) {
                return Err(Refusal::Source { out, source });
            }
        }
        match fs::metadata(&out) {
            Ok(found) if !found.is_dir() => return Err(Refusal::NotAFolder(out)),
            Ok(_) if on_another_disk(&out, parent) => return Err(Refusal::OtherDisk(out)),
            _ => {}
        }
        let beside = |before: &str, after: &str| {
            let mut full = OsString::from(before);
            full.push(name);
            full.push(after);
            parent.join(full)
        };
        let (work, aside) = (beside(".", ".weekmark"), beside("", "-edited-by-hand"));
        Ok(Place { out, work, aside })
    }
}

/// The path without links and `..`, also when its last parts do not exist yet.
fn resolve(out: &Path) -> Result<PathBuf, Refusal> {
    match fs::canonicalize(out) {
        Ok(real) => return Ok(real),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
            return Err(Refusal::NotAFolder(out.to_path_buf()));
        }
        Err(e) => return Err(Refusal::system("opened", out)(e)),
    }
    if fs::symlink_metadata(out).is_ok() {
        return behind_broken_link(out);
    }
    let full = std::path::absolute(out).map_err(Refusal::system("opened", out))?;
    match (full.parent(), full.file_name()) {
        (Some(parent), Some(name)) => Ok(resolve(parent)?.join(name)),
        _ => Err(Refusal::NotAFolder(full)),
    }
}

/// A link that leads nowhere is a mistake, unless a build was killed in the one moment in which the folder is away (see
/// `swap`); then its work folder is still there, and the next step puts the output folder back.
fn behind_broken_link(out: &Path) -> Result<PathBuf, Refusal> {
    let refuse = || Refusal::BrokenLink(out.to_path_buf());
    let target = fs::read_link(out).map_err(|_| refuse())?;
    let target = out.parent().unwrap_or(Path::new("")).join(target);
    let parent = target.parent().and_then(|p| fs::canonicalize(p).ok()).ok_or_else(refuse)?;
    let name = target.file_name().ok_or_else(refuse)?;
    let mut work = OsString::from(".");
    work.push(name);
    work.push(".weekmark");
    if parent.join(work).is_dir() { Ok(parent.join(name)) } else { Err(refuse()) }
}

fn home() -> Option<PathBuf> {
    fs::canonicalize(std::env::home_dir()?).ok()
}

#[cfg(unix)]
fn on_another_disk(out: &Path, parent: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let disk = |path: &Path| fs::metadata(path).map(|m| m.dev()).ok();
    disk(out) != disk(parent)
}

#[cfg(not(unix))]
fn on_another_disk(_out: &Path, _parent: &Path) -> bool {
    false
}
