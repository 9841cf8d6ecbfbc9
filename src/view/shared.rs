//! Owns what pages beside each other in a folder see alike: what is asked and linked to while a part of a page is made, so that
//! it can be shown on another page without being made again. Must not know templates.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::{Read, View};
use crate::memo::Asked;

/// What is seen while parts are made, one in the other.
#[derive(Debug, Default)]
pub(super) struct Making {
    is_on: Cell<bool>,
    parts: RefCell<Vec<Seen>>,
}

/// What is seen while one part is made.
#[derive(Debug)]
struct Seen {
    name: Box<str>,
    /// The paths on the site that it leads to.
    paths: Vec<Box<str>>,
    /// Nothing in it is of this page alone.
    is_alike: bool,
    /// How much was recorded before it.
    reads: usize,
    problems: usize,
}

/// What a part leads to and asks, to be shown on other pages.
#[derive(Debug)]
pub struct Alike {
    /// The paths on the site that it leads to, sorted.
    paths: Box<[Box<str>]>,
    reads: Box<[Arc<Asked<Read>>]>,
}

impl Alike {
    /// Whether the way to a place in it is another one from `path`: the place lies there or below it.
    fn leads_below(&self, path: &str) -> bool {
        let at = self.paths.partition_point(|to| **to < *path);
        self.paths.get(at).is_some_and(|to| to.starts_with(path))
    }
}

impl View {
    /// Makes the part of that name, and tells what it leads to and asks if pages beside this one would have the very same. `None`
    /// for the whole: it is in the making, so it lies in itself.
    pub fn part<T>(&self, name: &str, make: impl FnOnce() -> T) -> Option<(T, Option<Alike>)> {
        if self.making.parts.borrow().iter().any(|part| *part.name == *name) {
            return None;
        }
        let (reads, problems) = (self.reads.borrow().len(), self.problems.borrow().len());
        let seen = Seen { name: name.into(), paths: Vec::new(), is_alike: true, reads, problems };
        self.making.parts.borrow_mut().push(seen);
        self.making.is_on.set(true);
        let made = make();
        let mut parts = self.making.parts.borrow_mut();
        let seen = parts.pop();
        self.making.is_on.set(!parts.is_empty());
        let Some(Seen { mut paths, is_alike, reads, problems, .. }) = seen else {
            return Some((made, None));
        };
        if let Some(around) = parts.last_mut() {
            around.paths.extend(paths.iter().cloned());
            around.is_alike &= is_alike;
        }
        paths.sort_unstable();
        paths.dedup();
        let reads = self.reads.borrow()[reads..].into();
        let alike = Alike { paths: paths.into(), reads };
        let is_same = is_alike
            && problems == self.problems.borrow().len()
            && self.path.ends_with('/')
            && !alike.leads_below(&self.path);
        Some((made, is_same.then_some(alike)))
    }

    /// Whether this page would have the very part of which that is known: then it is as if it had asked.
    pub fn takes(&self, part: &Alike) -> bool {
        let takes = self.path.ends_with('/') && !part.leads_below(&self.path);
        if takes {
            self.reads.borrow_mut().extend(part.reads.iter().cloned());
            if self.making.is_on.get() {
                let mut parts = self.making.parts.borrow_mut();
                parts.last_mut().into_iter().for_each(|it| it.paths.extend_from_slice(&part.paths));
            }
        }
        takes
    }

    /// What is in the making leads to a path on the site.
    pub fn note_way(&self, path: &str) {
        if self.making.is_on.get() {
            let mut parts = self.making.parts.borrow_mut();
            parts.last_mut().into_iter().for_each(|seen| seen.paths.push(path.into()));
        }
    }

    /// What is in the making is of this page alone.
    pub fn note_own(&self) {
        if self.making.is_on.get() {
            let mut parts = self.making.parts.borrow_mut();
            parts.last_mut().into_iter().for_each(|seen| seen.is_alike = false);
        }
    }
}
