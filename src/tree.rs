//! Owns the site in memory: the outputs of one pass as a value, and the sink that collects them.
//! Must not know what the outputs are or who looks at them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::fingerprint::Fp;
use crate::pass::Sink;
use crate::plan::Plan;
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

/// All outputs by path, as a value that is cheap to copy: what changed lately lies over what did not.
#[derive(Debug, Clone, Default)]
pub struct Leaves {
    /// Sorted by path.
    list: Arc<Vec<(Arc<str>, Leaf)>>,
    /// Newer leaves at paths that are in the list.
    over: BTreeMap<Arc<str>, Leaf>,
}

/// With more leaves than that lying over the others, all are put into one list again.
const MOST_OVER: usize = 512;

impl Leaves {
    /// The output at a path.
    pub fn get(&self, path: &str) -> Option<&Leaf> {
        self.over.get(path).or_else(|| Some(&self.list[self.place(path)?].1))
    }

    /// All outputs, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Leaf)> {
        self.list.iter().map(|(path, leaf)| (path, self.over.get(path).unwrap_or(leaf)))
    }

    fn place(&self, path: &str) -> Option<usize> {
        self.list.binary_search_by(|(other, _)| (**other).cmp(path)).ok()
    }

    /// Puts a newer leaf in the place of the one at its path; one that is the same stays.
    fn replace(&mut self, path: Arc<str>, leaf: Leaf) -> bool {
        let is_new = self.get(&path).is_some_and(|old| old.fp != leaf.fp);
        if is_new {
            self.over.insert(path, leaf);
        }
        if self.over.len() > MOST_OVER {
            let all = self.iter().map(|(path, leaf)| (path.clone(), leaf.clone())).collect();
            *self = Leaves { list: Arc::new(all), over: BTreeMap::new() };
        }
        is_new
    }
}

/// Collects the outputs of one pass after another.
#[derive(Debug, Default)]
pub struct Tree {
    /// The last good site, and what was planned for it.
    good: Leaves,
    plan: Arc<Plan>,
    /// What was made in bad passes since.
    since: BTreeMap<Arc<str>, Leaf>,
    now: Mutex<BTreeMap<Arc<str>, Leaf>>,
}

impl Tree {
    fn add(&self, path: &Arc<str>, leaf: Leaf) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), leaf);
    }

    /// What this pass has made so far and is not the same in the last good site.
    pub fn so_far(&self) -> BTreeMap<Arc<str>, Leaf> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let differs = |(path, leaf): &(&Arc<str>, &Leaf)| {
            self.good.get(path).is_none_or(|old| old.fp != leaf.fp)
        };
        let new = now.iter().filter(differs);
        new.map(|(path, leaf)| (path.clone(), leaf.clone())).collect()
    }

    /// Ends a pass. A good pass gives the new site and the paths that differ from the last good one; after
    /// a bad one everything is kept for the next.
    pub fn finish(&mut self, good: bool, plan: &Arc<Plan>) -> Option<(Leaves, Vec<String>)> {
        let now = std::mem::take(self.now.get_mut().unwrap_or_else(PoisonError::into_inner));
        self.since.extend(now);
        if !good {
            return None;
        }
        let mut made = std::mem::take(&mut self.since);
        let changed = if Arc::ptr_eq(plan, &self.plan) {
            // The same places: what was not made is what it was.
            let mut changed = Vec::new();
            for (path, leaf) in made {
                if self.good.replace(path.clone(), leaf) {
                    changed.push(path.to_string());
                }
            }
            changed
        } else {
            let mut old = self.good.iter().peekable();
            let mut list: Vec<(Arc<str>, Leaf)> = Vec::with_capacity(plan.outputs.len());
            for path in plan.outputs.iter().map(|planned| &planned.path) {
                // Both are sorted, so the old leaf is found without a search.
                while old.next_if(|(known, _)| *known < path).is_some() {}
                let kept = old.next_if(|(known, _)| *known == path).map(|(_, leaf)| leaf);
                if let Some(leaf) = made.remove(path).or_else(|| kept.cloned()) {
                    list.push((path.clone(), leaf));
                }
            }
            drop(old);
            let changed = differing(&list, &self.good);
            self.good = Leaves { list: Arc::new(list), over: BTreeMap::new() };
            self.plan = plan.clone();
            changed
        };
        Some((self.good.clone(), changed))
    }
}

/// The paths at which the two differ.
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

    fn copy(&self, path: &Arc<str>, from: &Path, stamp: Stamp) -> io::Result<()> {
        let leaf = Leaf { content: Content::Disk(from.into()), fp: Fp::of(&(from, stamp)) };
        self.add(path, leaf);
        Ok(())
    }
}
