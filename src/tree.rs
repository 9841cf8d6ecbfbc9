//! Owns the site in memory: the outputs of one pass as a value, and the sink that collects them.
//! Must not know what the outputs are or who looks at them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use crate::fingerprint::Fp;
use crate::pass::Sink;
use crate::plan::Plan;
use crate::source::Stamp;

/// What is in one output.
#[derive(Debug, Clone)]
pub enum Content {
    /// The bytes themselves.
    Bytes(Arc<[u8]>),
    /// A text that can be made again at any time, and its bytes as long as they are held.
    Text(Arc<Held>),
    /// A file of the site, published as it is.
    Disk(Arc<Path>),
}

/// The bytes of a text, until the room is needed for newer ones.
#[derive(Debug, Default)]
pub struct Held(RwLock<Option<Arc<[u8]>>>);

impl Held {
    /// The bytes, if they are still held.
    pub fn bytes(&self) -> Option<Arc<[u8]>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_full(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn fill(&self, bytes: &[u8]) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(bytes.into());
    }

    fn let_go(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// How many bytes of texts are held. All of a site of some thousand pages; of a larger one, the texts of the last
/// passes, which are those that somebody is about to look at.
const MOST_HELD: usize = 32 << 20;

/// Texts that are held, the oldest first, with their lengths.
#[derive(Debug, Default)]
struct Holds {
    texts: VecDeque<(Weak<Held>, usize)>,
    /// How many bytes that is at most: some of the texts may be gone.
    bytes: usize,
}

impl Holds {
    /// Whether there is room for the bytes of a text, which is then counted as held.
    fn takes(&mut self, text: &Arc<Held>, len: usize) -> bool {
        let has_room = self.bytes + len <= MOST_HELD;
        if has_room {
            self.texts.push_back((Arc::downgrade(text), len));
            self.bytes += len;
        }
        has_room
    }

    /// Holds what is newer, too, and lets go of the oldest where that is too much.
    fn append(&mut self, mut newer: Holds) {
        if self.bytes + newer.bytes > MOST_HELD {
            self.texts.retain(|(held, _)| held.upgrade().is_some_and(|held| held.is_full()));
            self.bytes = self.texts.iter().map(|(_, len)| len).sum();
            // With some room for the next ones, so that not all are looked through each time.
            while self.bytes + newer.bytes > MOST_HELD / 4 * 3
                && let Some((held, len)) = self.texts.pop_front()
            {
                self.bytes -= len;
                held.upgrade().iter().for_each(|held| held.let_go());
            }
        }
        self.texts.append(&mut newer.texts);
        self.bytes += newer.bytes;
    }
}

/// One output with its fingerprint.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// What is in it.
    pub content: Content,
    /// The fingerprint of the bytes, or of the file's stamp.
    pub fp: Fp,
}

impl Leaf {
    fn let_go(&self) {
        if let Content::Text(held) = &self.content {
            held.let_go();
        }
    }
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
        let old = self.get(&path).filter(|old| old.fp != leaf.fp);
        let is_new = old.is_some();
        if let Some(old) = old {
            old.let_go();
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
    /// The texts of earlier passes that are held, and those of this one.
    held: Holds,
    fresh: Mutex<Holds>,
}

impl Tree {
    fn add(&self, path: &Arc<str>, leaf: Leaf) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), leaf);
    }

    /// What this pass has made so far and is not the same in the last good site, with all bytes; and the paths of
    /// texts among that whose bytes are not held.
    pub fn so_far(&self) -> (BTreeMap<Arc<str>, Leaf>, BTreeSet<Arc<str>>) {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let differs = |(path, leaf): &(&Arc<str>, &Leaf)| {
            self.good.get(path).is_none_or(|old| old.fp != leaf.fp)
        };
        let new = now.iter().filter(differs);
        let (mut whole, mut lacking) = (BTreeMap::new(), BTreeSet::new());
        for (path, leaf) in new {
            let content = match &leaf.content {
                Content::Text(held) => held.bytes().map(Content::Bytes),
                content => Some(content.clone()),
            };
            match content {
                Some(content) => {
                    whole.insert(path.clone(), Leaf { content, fp: leaf.fp });
                }
                None => {
                    lacking.insert(path.clone());
                }
            }
        }
        (whole, lacking)
    }

    /// Ends a pass. A good pass gives the new site and the paths that differ from the last good one; after
    /// a bad one everything is kept for the next.
    pub fn finish(&mut self, good: bool, plan: &Arc<Plan>) -> Option<(Leaves, Vec<String>)> {
        let now = std::mem::take(self.now.get_mut().unwrap_or_else(PoisonError::into_inner));
        self.since.extend(now);
        let good = good.then(|| self.publish(plan));
        // Now nobody needs any more what was replaced.
        let fresh = self.fresh.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.held.append(std::mem::take(fresh));
        good
    }

    /// What was made since the last good pass is the site now.
    fn publish(&mut self, plan: &Arc<Plan>) -> (Leaves, Vec<String>) {
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
                let new = made.remove(path);
                if let Some(old) = kept.filter(|_| new.is_some()) {
                    old.let_go();
                }
                if let Some(leaf) = new.or_else(|| kept.cloned()) {
                    list.push((path.clone(), leaf));
                }
            }
            drop(old);
            let changed = differing(&list, &self.good);
            self.good = Leaves { list: Arc::new(list), over: BTreeMap::new() };
            self.plan = plan.clone();
            changed
        };
        (self.good.clone(), changed)
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

    fn put_text(&self, path: &Arc<str>, text: &mut String) -> io::Result<()> {
        let fp = Fp::of_bytes(text.as_bytes());
        let held = Arc::new(Held::default());
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh.takes(&held, text.len()) {
            drop(fresh);
            held.fill(text.as_bytes());
        }
        self.add(path, Leaf { content: Content::Text(held), fp });
        Ok(())
    }

    fn copy(&self, path: &Arc<str>, from: &Path, stamp: Stamp) -> io::Result<()> {
        let leaf = Leaf { content: Content::Disk(from.into()), fp: Fp::of(&(from, stamp)) };
        self.add(path, leaf);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Passes that each make some texts of ten million bytes, and which of them are held after each.
    fn held(passes: &[&[&str]]) -> Vec<String> {
        let mut tree = Tree::default();
        let plan = |paths: &[&str]| {
            let mut plan = Plan::default();
            plan.outputs.extend(paths.iter().map(|path| crate::plan::Planned {
                path: (*path).into(),
                output: crate::plan::Output::NotFound,
                fp: Fp::default(),
            }));
            Arc::new(plan)
        };
        let all = plan(&["a", "b", "c", "d", "e"]);
        let mut seen = Vec::new();
        for (letter, paths) in ('a'..).zip(passes) {
            for path in *paths {
                let mut text = String::from(letter).repeat(10_000_000);
                tree.put_text(&Arc::from(*path), &mut text).expect("it is memory");
            }
            let (early, lacking) = tree.so_far();
            assert_eq!(early.len() + lacking.len(), paths.len());
            let early = early.len();
            let (leaves, _) = tree.finish(true, &all).expect("a good pass");
            let is_held = |leaf: &Leaf| match &leaf.content {
                Content::Text(held) => held.bytes().is_some(),
                _ => false,
            };
            let held = leaves.iter().filter(|(_, leaf)| is_held(leaf)).map(|(path, _)| &**path);
            seen.push(format!("{early} {}", held.collect::<String>()));
        }
        seen
    }

    #[test]
    fn the_texts_of_the_last_passes_are_held_as_far_as_there_is_room() {
        assert_eq!(held(&[&["a", "b"]]), ["2 ab"]);
        // The first of a large pass: they are what somebody looks at.
        let all = &["c", "a", "b", "d", "e"][..];
        assert_eq!(held(&[all]), ["3 abc"]);
        // The newer ones take the room of the older ones; what was replaced takes none.
        assert_eq!(held(&[all, &["d"]]), ["3 abc", "1 bd"]);
        assert_eq!(held(&[all, &["b"], &["e"]]), ["3 abc", "1 ab", "1 abe"]);
        assert_eq!(held(&[all, &["e", "d", "c", "b", "a"]]), ["3 abc", "3 cde"]);
    }
}
