//! Owns the instant in which the new folder takes the place of the old one.
//! Must not know what the folders hold, and deletes nothing.
//!
//! Where the system can exchange two names in one step (Linux, macOS), there is no moment without a complete site. Where
//! it cannot (Windows, some network disks), the old folder is renamed away first; if we are killed between the two
//! renames, `work::recover` puts it back at the next start.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Prefix of the new folder's name during an exchange; the rest is the folder's own number.
///
/// One rename changes what the name holds, so after a kill the name alone would not tell the new folder (whose
/// destruction loses nothing) from the old one (which may hold the user's files). The number does: see [`holds_new`].
pub(super) const EXCHANGE: &str = "exchange-";

/// Name of the old folder where the system cannot exchange.
pub(super) const PREVIOUS: &str = "previous";

/// Lets tests swap as on a disk that cannot exchange.
#[cfg(test)]
pub(super) static TWO_STEPS: std::sync::atomic::AtomicBool =
    std::sync::atomic::AtomicBool::new(false);

/// Puts `next` in the place of `out`; says where the old folder is now, if there was one.
pub(super) fn swap(next: &Path, out: &Path, work: &Path) -> io::Result<Option<PathBuf>> {
    if !out.exists() {
        return fs::rename(next, out).map(|()| None);
    }
    if let Some(number) = number(next) {
        let named = work.join(format!("{EXCHANGE}{number}"));
        fs::rename(next, &named)?;
        match exchange(&named, out) {
            Ok(()) => return Ok(Some(named)),
            Err(e) => {
                fs::rename(&named, next)?;
                if !cannot_exchange(&e) {
                    return Err(e);
                }
            }
        }
    }
    swap_in_two_steps(next, out, work).map(Some)
}

fn swap_in_two_steps(next: &Path, out: &Path, work: &Path) -> io::Result<PathBuf> {
    let previous = work.join(PREVIOUS);
    fs::rename(out, &previous)?;
    match fs::rename(next, out) {
        Ok(()) => Ok(previous),
        Err(e) => {
            fs::rename(&previous, out)?;
            Err(e)
        }
    }
}

/// Whether a folder that a killed build left under an exchange name is the new one, never exchanged.
pub(super) fn holds_new(folder: &Path, name: &str) -> bool {
    let named = name.strip_prefix(EXCHANGE).and_then(|n| n.parse::<u64>().ok());
    named.is_some() && named == number(folder)
}

#[cfg(unix)]
fn number(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(folder).ok().map(|m| m.ino())
}

#[cfg(not(unix))]
fn number(_folder: &Path) -> Option<u64> {
    None
}

/// The answers of kernels and file systems that do not know how to exchange.
fn cannot_exchange(e: &io::Error) -> bool {
    #[cfg(unix)]
    let known = [libc::EINVAL, libc::ENOSYS, libc::ENOTSUP, libc::EOPNOTSUPP];
    #[cfg(not(unix))]
    let known: [i32; 0] = [];
    e.kind() == io::ErrorKind::Unsupported || e.raw_os_error().is_some_and(|n| known.contains(&n))
}

#[cfg(unix)]
#[allow(unsafe_code, reason = "std has no call that exchanges two names")]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;
    #[cfg(test)]
    if TWO_STEPS.load(std::sync::atomic::Ordering::Relaxed) {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let a = CString::new(a.as_os_str().as_bytes())?;
    let b = CString::new(b.as_os_str().as_bytes())?;
    // SAFETY: both pointers are to strings that end with NUL and outlive the call, which keeps neither.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let failed = unsafe {
        // Not `libc::renameat2`, which is missing in older C libraries.
        let (here, flag) = (libc::AT_FDCWD, libc::RENAME_EXCHANGE);
        libc::syscall(libc::SYS_renameat2, here, a.as_ptr(), here, b.as_ptr(), flag) != 0
    };
    // SAFETY: as above.
    #[cfg(target_vendor = "apple")]
    let failed = unsafe { libc::renamex_np(a.as_ptr(), b.as_ptr(), libc::RENAME_SWAP) != 0 };
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    let failed = {
        let _ = (a, b);
        return Err(io::ErrorKind::Unsupported.into());
    };
    if failed { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(not(unix))]
fn exchange(_a: &Path, _b: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(at: &Path, text: &str) {
        fs::create_dir_all(at).unwrap();
        fs::write(at.join("a"), text).unwrap();
    }

    #[test]
    fn both_ways_end_alike() {
        for two_steps in [false, true] {
            let root = super::super::tests::scratch();
            let (next, out) = (root.path().join("next"), root.path().join("out"));
            folder(&next, "new");
            folder(&out, "old");
            let old = if two_steps {
                swap_in_two_steps(&next, &out, root.path()).unwrap()
            } else {
                swap(&next, &out, root.path()).unwrap().unwrap()
            };
            assert_eq!(fs::read_to_string(out.join("a")).unwrap(), "new");
            assert_eq!(fs::read_to_string(old.join("a")).unwrap(), "old");
            assert!(!next.exists());
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_number_tells_new_from_old() {
        let root = super::super::tests::scratch();
        let (next, out) = (root.path().join("next"), root.path().join("out"));
        folder(&next, "new");
        folder(&out, "old");
        let name = format!("{EXCHANGE}{}", number(&next).unwrap());
        assert!(holds_new(&next, &name));
        assert!(!holds_new(&out, &name));
        assert!(!holds_new(&next, "exchange-x"));
    }
}
