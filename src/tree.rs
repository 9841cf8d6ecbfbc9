//! Owns the site in memory: the outputs of one pass as a value, and the sink that collects them.
//! Must not know what the outputs are or who looks at them.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::fingerprint::Fp;
use crate::pass::Sink;
use crate::source::Stamp;

/// What is in one output.
#[derive(Debug, Clone)]
pub enum Content {
    /// The bytes themselves.
    Bytes(Arc<[u8]>),
    /// A file of the site, published as it is.
    Disk(Arc<Path>),
}

/// One output with its fingerprint.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// What is in it.
    pub content: Content,
    /// The fingerprint of the bytes, or of the file's stamp.
    pub fp: Fp,
}

/// All outputs by path.
pub type Leaves = BTreeMap<Arc<str>, Leaf>;

/// Collects the outputs of one pass after another.
#[derive(Debug, Default)]
pub struct Tree {
    /// What was made last at each path, in good passes and bad ones.
    before: Leaves,
    now: Mutex<HashMap<Arc<str>, Leaf>>,
}

impl Tree {
    fn add(&self, path: &Arc<str>, leaf: Leaf) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), leaf);
    }

    /// What this pass has made so far and is not the same in `last`.
    pub fn so_far(&self, last: &Leaves) -> Leaves {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let differs =
            |path: &Arc<str>, leaf: &Leaf| last.get(path).is_none_or(|old| old.fp != leaf.fp);
        let new = now.iter().filter(|(path, leaf)| differs(path, leaf));
        new.map(|(path, leaf)| (path.clone(), leaf.clone())).collect()
    }

    /// Ends a pass that planned the outputs at `paths`, which are sorted. A good pass gives the new site and
    /// the paths that differ from the last one; after a bad one everything is kept for the next.
    pub fn finish(
        &mut self,
        good: bool,
        paths: impl Iterator<Item = Arc<str>>,
        last: &Leaves,
    ) -> Option<(Leaves, Vec<String>)> {
        let mut now = std::mem::take(self.now.get_mut().unwrap_or_else(PoisonError::into_inner));
        if !good {
            self.before.extend(now);
            return None;
        }
        let mut before = self.before.iter().peekable();
        let mut leaves: Vec<(Arc<str>, Leaf)> = Vec::with_capacity(self.before.len());
        for path in paths {
            // Both are sorted, so the old leaf is found without a search.
            while before.next_if(|(old, _)| **old < path).is_some() {}
            let kept = before.next_if(|(old, _)| **old == path).map(|(_, leaf)| leaf);
            let made = if now.is_empty() { None } else { now.remove(&path) };
            if let Some(leaf) = made.or_else(|| kept.cloned()) {
                leaves.push((path, leaf));
            }
        }
        let changed = differing(&leaves, last);
        let leaves = Leaves::from_iter(leaves);
        self.before.clone_from(&leaves);
        Some((leaves, changed))
    }
}

/// The paths at which the two differ; both are sorted.
fn differing(now: &[(Arc<str>, Leaf)], last: &Leaves) -> Vec<String> {
    let mut changed = Vec::new();
    let mut last = last.iter().peekable();
    for (path, leaf) in now {
        while let Some((gone, _)) = last.next_if(|(old, _)| *old < path) {
            changed.push(gone.to_string());
        }
        let old = last.next_if(|(old, _)| *old == path);
        if old.is_none_or(|(_, old)| old.fp != leaf.fp) {
            changed.push(path.to_string());
        }
    }
    changed.extend(last.map(|(gone, _)| gone.to_string()));
    changed
}

impl Sink for Tree {
    fn put(&self, path: &Arc<str>, bytes: Vec<u8>) -> io::Result<()> {
        let fp = Fp::of_bytes(&bytes);
        self.add(path, Leaf { content: Content::Bytes(bytes.into()), fp });
        Ok(())
    }

    fn keep(&self, path: &str) -> bool {
        self.before.contains_key(path)
    }

    fn copy(&self, path: &Arc<str>, from: &Path, stamp: Stamp) -> io::Result<()> {
        let leaf = Leaf { content: Content::Disk(from.into()), fp: Fp::of(&(from, stamp)) };
        self.add(path, leaf);
        Ok(())
    }
}
