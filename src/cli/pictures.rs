//! Owns what is kept of pictures from one run to the next: a file for each in `.weekmark/pictures/`, in the folder of
//! the site. Must not know what is in it. Whoever deletes the folder loses nothing but time.
#![expect(
    clippy::disallowed_methods,
    reason = "what is kept is no part of the site and lies beside it; when it may go depends on the clock"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use crate::config::FILE;
use crate::external::{FOLDER, make_folder};
use crate::gallery::Keep;

/// How the files end that are ours.
const ENDING: &str = ".picture";

/// What nobody used for so long is deleted.
const OLD: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A file that is in use is marked so no more often than that.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The kept pictures of the site in a folder; `None` if that is no site.
pub(super) fn keep(root: &Path) -> Option<Arc<dyn Keep>> {
    let folder = root.join(FOLDER).join("pictures");
    root.join(FILE).is_file().then(|| {
        Arc::new(Kept { folder, writes: AtomicUsize::new(0), tidied: Once::new() }) as Arc<dyn Keep>
    })
}

#[derive(Debug)]
struct Kept {
    folder: PathBuf,
    /// Tells drafts of one process apart.
    writes: AtomicUsize,
    tidied: Once,
}

impl Kept {
    fn place(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{ENDING}"))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        self.folder.parent().map_or(Ok(()), make_folder)?;
        fs::create_dir_all(&self.folder)?;
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        let draft = self.folder.join(format!("{}-{number}.tmp", std::process::id()));
        let written = File::create(&draft)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&draft, self.place(name)));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }

    /// Deletes what is ours and nobody used for a long time.
    fn tidy(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_ours = name.ends_with(ENDING) || name.ends_with(".tmp");
            let age = entry.metadata().and_then(|meta| meta.modified()).ok().and_then(age);
            if is_ours && age.is_some_and(|age| age > OLD) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn age(time: SystemTime) -> Option<Duration> {
    SystemTime::now().duration_since(time).ok()
}

impl Keep for Kept {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.tidied.call_once(|| self.tidy());
        let place = self.place(name);
        let bytes = fs::read(&place).ok()?;
        let used = fs::metadata(&place).and_then(|meta| meta.modified()).ok().and_then(age);
        if used.is_none_or(|used| used > DAY)
            && let Ok(file) = File::options().append(true).open(&place)
        {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(bytes)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        // Where nothing can be kept, it is made again.
        let _ = self.write(name, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_entries_go_and_what_is_not_ours_stays() {
        let root = std::env::temp_dir().join(format!("weekmark-pictures-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join(FILE), "").unwrap();
        let folder = root.join(FOLDER).join("pictures");
        let kept = keep(&root).unwrap();
        kept.put("used", b"a");
        kept.put("old", b"b");
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        let long_ago = SystemTime::now() - OLD - DAY;
        for name in ["old.picture", "notes.txt"] {
            let file = File::options().append(true).open(folder.join(name)).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        let again = keep(&root).unwrap();
        assert_eq!(again.get("used").as_deref(), Some(&b"a"[..]));
        assert_eq!(again.get("old"), None);
        assert!(folder.join("notes.txt").is_file());
        assert_eq!(fs::read_to_string(root.join(FOLDER).join(".gitignore")).unwrap(), "*\n");
        fs::remove_dir_all(&root).unwrap();
    }
}
