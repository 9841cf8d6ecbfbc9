//! Owns the sentences in which the output folder is refused, written for somebody who is not a programmer.
//! Must not know how anything is found out, and never changes a file.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};

/// Why nothing is written. In every case the output folder is as it was before.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// The output folder would be the whole disk.
    Root(PathBuf),
    /// The output folder is the user's home folder, or holds it.
    Home(PathBuf),
    /// The output folder is, holds, or lies in something that the site is made from.
    Source {
        /// The output folder.
        out: PathBuf,
        /// What the site is made from.
        source: PathBuf,
    },
    /// There is something at this place, but not a folder.
    NotAFolder(PathBuf),
    /// The output folder is a link that leads nowhere.
    BrokenLink(PathBuf),
    /// The folder holds files and no manifest of ours.
    NotOurs {
        /// The output folder.
        out: PathBuf,
        /// One of the files in it.
        example: String,
    },
    /// The manifest cannot be read, so nobody can tell our files from the user's.
    Damaged(PathBuf),
    /// The folder was written by a newer weekmark.
    Newer(PathBuf),
    /// Another build is writing to this folder.
    Busy(PathBuf),
    /// The folder is a disk of its own, so it cannot be exchanged as a whole.
    OtherDisk(PathBuf),
    /// The folder for unfinished work exists and is not ours.
    StrangeWork(PathBuf),
    /// A file that weekmark did not make lies where the site wants to put one.
    Taken {
        /// The output folder.
        out: PathBuf,
        /// The file, as a path below the output folder.
        path: String,
    },
    /// The system said no.
    System {
        /// What could not be done, as the beginning of a sentence.
        what: String,
        /// What the system said.
        cause: io::Error,
    },
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Root(out) => write!(
                f,
                "The output folder would be {}, the whole disk. Choose a folder of its own, such as “public”.",
                shown(out)
            ),
            Refusal::Home(out) => write!(
                f,
                "The output folder would be {}, which holds your own files. Choose a folder of its own, such as “public”.",
                shown(out)
            ),
            Refusal::Source { out, source } => write!(
                f,
                "The output folder {} and {}, which the site is made from, lie inside one another or are the same. \
                 Choose an output folder beside it, such as “public”.",
                shown(out),
                shown(source)
            ),
            Refusal::NotAFolder(out) => write!(
                f,
                "{} should be the output folder, but it is not a folder. Move it away or choose another output folder.",
                shown(out)
            ),
            Refusal::BrokenLink(out) => write!(
                f,
                "The output folder {} is a link to a folder that is not there. Make that folder, or remove the link.",
                shown(out)
            ),
            Refusal::NotOurs { out, example } => write!(
                f,
                "{} holds files that weekmark did not make, such as “{example}”, so it was left as it is. \
                 Choose another output folder, or move those files away.",
                shown(out)
            ),
            Refusal::Damaged(out) => write!(
                f,
                "The list of files that weekmark keeps in {} (“{}”) is damaged, so weekmark cannot tell its own files \
                 from yours and left the folder as it is. Move anything of your own out of it, delete the folder, and build again.",
                shown(out),
                super::manifest::NAME
            ),
            Refusal::Newer(out) => write!(
                f,
                "{} was written by a newer weekmark. Use that one, or choose another output folder.",
                shown(out)
            ),
            Refusal::Busy(out) => write!(
                f,
                "Another weekmark is writing to {} right now. Wait until it is done, then try again.",
                shown(out)
            ),
            Refusal::OtherDisk(out) => write!(
                f,
                "{} is a disk of its own (it is mounted there), so the new site cannot take its place in one step. \
                 Choose a folder inside it as the output folder.",
                shown(out)
            ),
            Refusal::StrangeWork(work) => write!(
                f,
                "weekmark needs the name {} for its unfinished work, but there is something of that name that it did not make. \
                 Move it away and try again.",
                shown(work)
            ),
            Refusal::Taken { out, path } => write!(
                f,
                "The site has a file “{path}”, but in {} there is already something of that name that weekmark did not make. \
                 Move it away, or give the page another address. The output folder was left as it is.",
                shown(out)
            ),
            Refusal::System { what, cause } => write!(f, "{what}: {}.", reason(cause)),
        }
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Refusal::System { cause, .. } => Some(cause),
            _ => None,
        }
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> io::Error {
        let kind = match &refusal {
            Refusal::System { cause, .. } => cause.kind(),
            Refusal::Taken { .. } => io::ErrorKind::AlreadyExists,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, refusal)
    }
}

impl Refusal {
    /// For `map_err`: what was attempted with which file. A cause that is a refusal already stays what it is.
    pub(super) fn system(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Refusal + use<> {
        let what = format!("{} could not be {doing}", shown(path));
        move |cause| match cause.downcast::<Refusal>() {
            Ok(refusal) => refusal,
            Err(cause) => Refusal::System { what, cause },
        }
    }
}

fn shown(path: &Path) -> String {
    format!("“{}”", path.display())
}

/// The cause in everyday words, where there are some.
fn reason(cause: &io::Error) -> String {
    use io::ErrorKind as K;
    let words = match cause.kind() {
        K::PermissionDenied => "this account is not allowed to",
        K::StorageFull => "the disk is full",
        K::QuotaExceeded => "this account has used up its space on the disk",
        K::ReadOnlyFilesystem => "the disk can only be read",
        K::NotFound => "it is not there",
        K::AlreadyExists => "there is already something of that name",
        K::NotADirectory => "a part of its path is not a folder",
        K::InvalidFilename => "its name is too long or not allowed here",
        K::ResourceBusy => "it is in use",
        K::CrossesDevices => "it is on another disk",
        _ => {
            let text = cause.to_string();
            return text.split(" (os error").next().unwrap_or(&text).to_string();
        }
    };
    words.to_string()
}
