//! Owns the pictures of the site: which there are, what is known of each, and the versions that pages show, made
//! once for the same bytes. Must not know pages or templates, nor where what is kept lies.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::diag::{Code, Diagnostic, Span};
use crate::fingerprint::Fp;
use crate::picture::{self, Facts, Flaw, Format, Variant};
use crate::source::{Reader, Snapshot, Stamp};

/// Keeps what was made from one run to the next. Whoever keeps it may forget it at any time.
pub trait Keep: Debug + Send + Sync {
    /// What was kept under a name, whole or not at all.
    fn get(&self, name: &str) -> Option<Vec<u8>>;
    /// Keeps something. Where that is not possible, nothing is said: it is made again.
    fn put(&self, name: &str, bytes: &[u8]);
}

/// The versions of one picture, or what is wrong with it.
pub type Made = Result<Arc<Vec<Variant>>, Flaw>;

/// A picture file.
#[derive(Debug)]
pub struct File {
    /// Its path in the site's folder.
    pub file: String,
    /// Its path on the site.
    pub path: String,
    /// What its head says.
    pub facts: Result<Facts, Flaw>,
    /// The fingerprint of its bytes and of its format.
    pub fp: Fp,
    work: Arc<Work>,
}

/// What is made of some bytes, however many files hold them.
#[derive(Debug, Default)]
struct Work(Mutex<Option<Made>>);

/// What is kept from one pass to the next.
#[derive(Debug, Default)]
pub struct Shelf {
    files: BTreeMap<String, (Stamp, Arc<File>)>,
    /// The fingerprint of all pictures when outputs were made last.
    pub seen: Fp,
    /// The versions that the sink has: path in the output and fingerprint.
    pub sent: BTreeMap<Arc<str>, Fp>,
}

/// The pictures of one pass.
#[derive(Debug, Default)]
pub struct Gallery {
    /// By their paths on the site.
    files: HashMap<String, Arc<File>>,
    /// The fingerprint of all of them.
    pub fp: Fp,
    reader: Reader,
    keep: Option<Arc<dyn Keep>>,
    made: AtomicUsize,
}

/// What a page shows of a picture.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What its head says.
    pub facts: Facts,
    /// Its versions.
    pub variants: Arc<Vec<Variant>>,
}

impl Gallery {
    /// Looks at the pictures among the files beside the pages: path below `content/` and path on the site.
    pub fn open<'a>(
        files: impl Iterator<Item = (&'a String, &'a String)>,
        snapshot: &Snapshot,
        keep: Option<&Arc<dyn Keep>>,
        shelf: &mut Shelf,
    ) -> Gallery {
        let named =
            files.filter_map(|(source, path)| Some((source, path, Format::of_name(source)?)));
        let mut before = std::mem::take(&mut shelf.files);
        let jobs = named.filter_map(|(source, path, format)| {
            let file = format!("content/{source}");
            let stamp = snapshot.stamp(&file)?;
            let same =
                |(known, old): &(Stamp, Arc<File>)| stamp.same_as(*known) && old.path == *path;
            let known = before.remove(&file).filter(same).map(|(_, file)| file);
            Some((file, path, format, stamp, known))
        });
        let jobs: Vec<_> = jobs.collect();
        if jobs.is_empty() {
            return Gallery::default();
        }
        let mut works: HashMap<Fp, Arc<Work>> = before
            .into_values()
            .map(|(_, old)| old)
            .chain(jobs.iter().filter_map(|(_, _, _, _, known)| known.clone()))
            .map(|old| (old.fp, old.work.clone()))
            .collect();
        let looked: Vec<(String, Stamp, Arc<File>)> = jobs
            .into_par_iter()
            .filter_map(|(file, path, format, stamp, known)| {
                if let Some(known) = known {
                    return Some((file, stamp, known));
                }
                // One that cannot be read is told where it is copied.
                let bytes = snapshot.read(&file).ok()?;
                let fp = Fp::of(&(Fp::of_bytes(&bytes), format));
                let facts = picture::look(&bytes, format);
                let (name, path, work) = (file.clone(), path.clone(), Arc::default());
                Some((file, stamp, Arc::new(File { file: name, path, facts, fp, work })))
            })
            .collect();
        let mut gallery =
            Gallery { reader: snapshot.reader(), keep: keep.cloned(), ..Gallery::default() };
        let mut fps = Vec::with_capacity(looked.len() * 2);
        for (name, stamp, mut file) in looked {
            // The same bytes under another name are the same work.
            let work = works.entry(file.fp).or_insert_with(|| file.work.clone()).clone();
            if !Arc::ptr_eq(&work, &file.work) {
                let (path, facts) = (file.path.clone(), file.facts.clone());
                file = Arc::new(File { file: name.clone(), path, facts, fp: file.fp, work });
            }
            fps.extend([Fp::of_bytes(file.path.as_bytes()), file.fp]);
            gallery.files.insert(file.path.clone(), file.clone());
            shelf.files.insert(name, (stamp, file));
        }
        gallery.fp = Fp::join(&fps);
        gallery
    }

    /// The picture at a path on the site.
    pub fn get(&self, path: &str) -> Option<&Arc<File>> {
        self.files.get(path)
    }

    /// All pictures, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Arc<File>> {
        self.files.values()
    }

    /// The fingerprint of what is shown of a picture: it follows from the bytes alone.
    pub fn answer(&self, path: &str) -> Fp {
        Fp::of(&self.get(path).map(|file| (file.fp, picture::RECIPE)))
    }

    /// What is wrong with pictures and was not told at the place that shows them.
    pub fn untold(&self, told_already: &[Diagnostic]) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = Vec::new();
        for file in self.all() {
            // Only pages must not show what browsers cannot; anybody may load such a file down.
            let flaw = match &file.facts {
                Err(Flaw::NotForWeb(format)) if *format != Format::Heic => continue,
                Err(flaw) => flaw.clone(),
                Ok(_) => match &*file.work.0.lock().unwrap_or_else(PoisonError::into_inner) {
                    Some(Err(flaw)) => flaw.clone(),
                    _ => continue,
                },
            };
            let problem = told(&flaw, &file.file, &file.file, None);
            let same = |known: &&Diagnostic| {
                known.code == problem.code && known.message == problem.message
            };
            if !told_already.iter().any(|known| same(&known)) {
                found.push(problem);
            }
        }
        found.sort_by(|a, b| a.file.cmp(&b.file));
        found
    }

    /// How many pictures had to be made smaller.
    pub fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    /// What is shown of a picture; its versions are made if nobody did. `None`: there is no picture.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn shown(&self, path: &str) -> Option<Result<Shown, Flaw>> {
        let file = self.get(path)?;
        let facts = match &file.facts {
            Ok(facts) => *facts,
            Err(flaw) => return Some(Err(flaw.clone())),
        };
        let made =
            if picture::has_variants(&facts) { self.work(file, facts) } else { Ok(Arc::default()) };
        Some(made.map(|variants| Shown { facts, variants }))
    }

    /// Whoever comes second waits for the first. Nothing in here hands out work of rayon's, or a thread could be
    /// given a page meanwhile that waits for the very same picture.
    fn work(&self, file: &File, facts: Facts) -> Made {
        let mut made = file.work.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = &*made {
            return made.clone();
        }
        let name = format!("{}-{}", file.fp.short(32), picture::RECIPE);
        let kept = self.keep.as_ref().and_then(|keep| unpack(&keep.get(&name)?));
        let new = match kept {
            Some(variants) => Ok(Arc::new(variants)),
            None => {
                let bytes = self.reader.read(&file.file).map_err(|_| Flaw::Broken)?;
                // It was exchanged a moment ago: the next pass sees the new one.
                if Fp::of(&(Fp::of_bytes(&bytes), facts.format)) != file.fp {
                    return Err(Flaw::Broken);
                }
                self.made.fetch_add(1, Ordering::Relaxed);
                let new = picture::variants(&bytes, facts.format);
                if let (Some(keep), Ok(variants)) = (&self.keep, &new) {
                    keep.put(&name, &pack(variants));
                }
                new.map(Arc::new)
            }
        };
        *made = Some(new.clone());
        new
    }

    /// The versions of a picture that may be shown, with their paths in the output.
    pub fn variants(&self, path: &str) -> Vec<(Arc<str>, Variant)> {
        let Some(Ok(shown)) = self.shown(path) else { return Vec::new() };
        let named = |variant: &Variant| {
            (Arc::from(variant_path(path, variant).trim_start_matches('/')), variant.clone())
        };
        shown.variants.iter().map(named).collect()
    }

    /// The picture at a path without what it says about people and places; `None` if it is published as it is.
    ///
    /// # Errors
    /// When it cannot be read any more.
    pub fn cleaned(&self, path: &str) -> Option<Result<Vec<u8>, Box<Diagnostic>>> {
        let file = self.get(path).filter(|file| file.is_cleaned())?;
        let format = Format::of_name(&file.file)?;
        Some(self.reader.read(&file.file).and_then(|bytes| {
            let flaw = |flaw| Box::new(told(&flaw, &file.file, &file.file, None));
            picture::clean(&bytes, format).map(std::borrow::Cow::into_owned).map_err(flaw)
        }))
    }
}

impl File {
    /// Something is left out where it is published.
    pub fn is_cleaned(&self) -> bool {
        self.facts.as_ref().is_ok_and(|facts| facts.has_metadata)
    }
}

/// Where a version is published: `/team.jpg` → `/team.jpg.480.webp`.
pub fn variant_path(path: &str, variant: &Variant) -> String {
    format!("{path}.{}.{}", variant.width, variant.format.ending())
}

/// The first bytes of what is kept.
const MARK: &[u8] = b"weekmark picture 1\n";

/// Versions as bytes: a mark, the fingerprint of the rest, and for each its format, width, height, length, bytes.
fn pack(variants: &[Variant]) -> Vec<u8> {
    let mut rest = Vec::new();
    for variant in variants {
        rest.push(code(variant.format));
        rest.extend(variant.width.to_le_bytes());
        rest.extend(variant.height.to_le_bytes());
        rest.extend((variant.bytes.len() as u32).to_le_bytes());
        rest.extend(&*variant.bytes);
    }
    let sum = Fp::of_bytes(&rest).0.to_le_bytes();
    [MARK, &sum, &rest].concat()
}

/// The versions again; `None` if the bytes are damaged.
fn unpack(bytes: &[u8]) -> Option<Vec<Variant>> {
    let rest = bytes.strip_prefix(MARK)?;
    let (sum, mut rest) = rest.split_at_checked(16)?;
    if sum != Fp::of_bytes(rest).0.to_le_bytes() {
        return None;
    }
    let mut variants = Vec::new();
    while !rest.is_empty() {
        let (head, more) = rest.split_at_checked(13)?;
        let long = |at: usize| Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
        let (bytes, more) = more.split_at_checked(long(9)? as usize)?;
        let format = [Format::Jpeg, Format::Png, Format::WebP];
        let format = format.into_iter().find(|format| code(*format) == head[0])?;
        variants.push(Variant { format, width: long(1)?, height: long(5)?, bytes: bytes.into() });
        rest = more;
    }
    Some(variants)
}

fn code(format: Format) -> u8 {
    match format {
        Format::Jpeg => b'J',
        Format::Png => b'P',
        _ => b'W',
    }
}

/// What is wrong with a picture, by its path, told at the place that shows it, or of the file itself.
pub fn told(flaw: &Flaw, picture: &str, file: &str, span: Option<Span>) -> Diagnostic {
    let name = picture.rsplit('/').next().unwrap_or(picture);
    let (code, message, hint) = match flaw {
        Flaw::Empty => (
            Code::BrokenPicture,
            format!("The picture {name} is empty: its file has no content."),
            "Export the picture again, or copy it again from where it came.".to_string(),
        ),
        Flaw::Cut => (
            Code::BrokenPicture,
            format!("The picture {name} is cut off: the end of its file is missing."),
            "Copy or download it again; the last time, that was broken off.".into(),
        ),
        Flaw::Broken => (
            Code::BrokenPicture,
            format!("The picture {name} is damaged, so it cannot be shown."),
            "Open it in a picture program and export it again as JPEG or PNG.".into(),
        ),
        Flaw::Huge(width, height) => (
            Code::HugePicture,
            format!("The picture {name} is too large: {width} by {height} pixels."),
            format!(
                "Make it smaller: no side longer than {} pixels, and no more than {} million pixels. For a page, 2000 pixels are plenty.",
                picture::MOST_SIDE,
                picture::MOST_PIXELS / 1_000_000
            ),
        ),
        Flaw::Is(format) if format.is_for_web() => {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            (
                Code::MisnamedPicture,
                format!("{name} is a {} picture, but its name says something else.", format.name()),
                format!("Rename it to {stem}.{}, also where pages show it.", format.ending()),
            )
        }
        Flaw::Is(format) | Flaw::NotForWeb(format) => (
            Code::UnshownPicture,
            format!("{name} is a {} picture, which browsers do not show.", format.name()),
            "Open it in a picture program and export it as JPEG (photos) or PNG (drawings).".into(),
        ),
        Flaw::Unsafe(what) => (
            Code::UnsafeDrawing,
            format!(
                "The drawing {name} holds something that could run a program or load from elsewhere: {what}"
            ),
            "Take it out, or export the drawing again as \"plain SVG\" or as PNG.".into(),
        ),
    };
    match span {
        Some(span) => Diagnostic::at(code, file, span, message).hint(hint),
        None => Diagnostic::whole(code, file, message).hint(hint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_whole_or_not_at_all() {
        let variant = |width, bytes: &[u8]| Variant {
            format: Format::WebP,
            width,
            height: 7,
            bytes: bytes.into(),
        };
        let all = vec![variant(480, b"abc"), variant(960, b"")];
        let packed = pack(&all);
        assert_eq!(unpack(&packed), Some(all));
        for end in 0..packed.len() {
            assert_eq!(unpack(&packed[..end]), None, "{end}");
        }
        for at in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 1;
            assert_eq!(unpack(&damaged), None, "{at}");
        }
        assert_eq!(unpack(&pack(&[])), Some(Vec::new()));
    }
}
