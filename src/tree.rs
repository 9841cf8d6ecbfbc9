//! Owns the site in memory: the outputs of one pass as a value, and the sink that collects them.
//! Must not know what the outputs are or who looks at them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
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
    Disk(PathBuf),
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
pub type Leaves = BTreeMap<String, Leaf>;

/// Collects the outputs of one pass after another.
#[derive(Debug, Default)]
pub struct Tree {
    before: Leaves,
    now: Mutex<Leaves>,
}

impl Tree {
    fn add(&self, path: &str, leaf: Leaf) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_string(), leaf);
    }

    /// Ends a pass. A good pass gives the new site and the paths that differ from the last one; after a
    /// bad one everything is kept for the next.
    pub fn finish(&mut self, good: bool, last: &Leaves) -> Option<(Leaves, Vec<String>)> {
        let now = std::mem::take(self.now.get_mut().unwrap_or_else(PoisonError::into_inner));
        if !good {
            self.before.extend(now);
            return None;
        }
        let same = |path: &String, leaf: &Leaf| last.get(path).is_some_and(|old| old.fp == leaf.fp);
        let mut changed: Vec<String> = now
            .iter()
            .filter(|(path, leaf)| !same(path, leaf))
            .map(|(path, _)| path.clone())
            .collect();
        changed.extend(last.keys().filter(|path| !now.contains_key(*path)).cloned());
        changed.sort();
        self.before.clone_from(&now);
        Some((now, changed))
    }
}

impl Sink for Tree {
    fn put(&self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        let fp = Fp::of_bytes(&bytes);
        self.add(path, Leaf { content: Content::Bytes(bytes.into()), fp });
        Ok(())
    }

    fn keep(&self, path: &str) -> bool {
        let Some(leaf) = self.before.get(path) else { return false };
        self.add(path, leaf.clone());
        true
    }

    fn copy(&self, path: &str, from: &Path, stamp: Stamp) -> io::Result<()> {
        let leaf = Leaf { content: Content::Disk(from.to_path_buf()), fp: Fp::of(&(from, stamp)) };
        self.add(path, leaf);
        Ok(())
    }
}
