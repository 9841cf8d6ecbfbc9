//! Owns the record of how each output came about: its key, what was read while it was made, and the
//! answers' fingerprints; and the one walk that decides whether it still holds and says why not.
//! Generic over what a read is; must not know pages, templates or files.

use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::fingerprint::Fp;

/// How one output came about (a verifying trace: Mokhov, Mitchell, Peyton Jones, 2018).
#[derive(Debug, Clone)]
pub struct Trace<R, F = ()> {
    /// The fingerprint of all that the output alone determines.
    pub key: Fp,
    /// What the questions are about, all together.
    pub about: u8,
    /// The fingerprint, its half, of the answer to the one question that nearly every output asks, if this one did. Of all others
    /// it stands beside the question, somewhere else in memory.
    pub usual: u64,
    /// What was asked of the site, and the fingerprint of each answer. A question that found nothing
    /// is here too.
    pub reads: Reads<R>,
    /// What was wrong; told again on every pass that uses the output.
    pub problems: Box<[Diagnostic]>,
    /// It could be made.
    pub made: bool,
    /// What was found when it was looked at.
    pub found: F,
}

/// A question that was asked, and the fingerprint of its answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked<R> {
    /// The fingerprint of the answer.
    pub fp: Fp,
    /// The question.
    pub read: R,
    /// What it is about, so that nobody has to look at a question whose answer cannot have changed.
    pub about: u8,
}

/// Questions, those that are about the same together: where only one kind of answer may have changed, nobody has to
/// look at the others, which lie all over the memory.
#[derive(Debug, Clone)]
pub struct Reads<R> {
    /// Outputs that ask the same may share a question.
    all: Box<[Arc<Asked<R>>]>,
    /// What the next questions are about, and where those about something else begin.
    kinds: Box<[(u8, u32)]>,
}

impl<R> Default for Reads<R> {
    fn default() -> Reads<R> {
        Reads { all: Box::default(), kinds: Box::default() }
    }
}

impl<R> From<Vec<Arc<Asked<R>>>> for Reads<R> {
    fn from(mut all: Vec<Arc<Asked<R>>>) -> Reads<R> {
        all.sort_by_key(|asked| asked.about);
        let mut kinds: Vec<(u8, u32)> = Vec::new();
        for (asked, end) in all.iter().zip(1..) {
            match kinds.last_mut().filter(|(about, _)| *about == asked.about) {
                Some((_, last)) => *last = end,
                None => kinds.push((asked.about, end)),
            }
        }
        Reads { all: all.into(), kinds: kinds.into() }
    }
}

impl<R> Reads<R> {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Asked<R>>> {
        self.all.iter()
    }

    /// Those whose answers may have changed.
    fn of(&self, may_change: impl Fn(u8) -> bool) -> impl Iterator<Item = &Arc<Asked<R>>> {
        let mut start = 0;
        let parts = self.kinds.iter().filter_map(move |(about, end)| {
            let part = start..*end as usize;
            start = part.end;
            may_change(*about).then(|| &self.all[part])
        });
        parts.flatten()
    }
}

/// Why an output is made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason<R> {
    /// It was never made.
    New,
    /// Its own text, settings, template or the site's settings changed.
    Own,
    /// The answer to this question changed.
    Read(Arc<Asked<R>>),
}

impl<R, F> Trace<R, F> {
    /// Whether the output must be made again, and why: the same walk decides and explains. `may_change` tells
    /// whether answers about something may be others than they were, `answer` gives an answer's fingerprint
    /// as it is now. `usual` is what the one question is about that nearly every output asks, and its answer.
    pub fn stale(
        &self,
        key: Fp,
        may_change: impl Fn(u8) -> bool,
        answer: impl Fn(&R) -> Fp,
        (usual, of_usual): (u8, impl FnOnce() -> Fp),
    ) -> Option<Reason<R>> {
        if self.key != key {
            return Some(Reason::Own);
        }
        if !may_change(self.about) {
            return None;
        }
        let is_other =
            self.about & usual != 0 && may_change(usual) && of_usual().half() != self.usual;
        let changed = |asked: &&Arc<Asked<R>>| match asked.about == usual {
            true => is_other,
            false => answer(&asked.read) != asked.fp,
        };
        // Most outputs need no look at their questions.
        if !is_other && !may_change(self.about & !usual) {
            return None;
        }
        self.reads.of(may_change).find(changed).map(|asked| Reason::Read(asked.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_holds_as_long_as_every_answer_is_the_same() {
        let asked = |read, fp, about| Arc::new(Asked { read, fp: Fp(fp), about });
        let trace = Trace {
            key: Fp(1),
            about: 3 | 8,
            usual: 4,
            reads: vec![asked("c", 4, 8), asked("b", 3, 2), asked("a", 2, 1)].into(),
            problems: Box::default(),
            made: true,
            found: (),
        };
        let same = |read: &&str| if *read == "a" { Fp(2) } else { Fp(3) };
        let stale = |key, may_change: &dyn Fn(u8) -> bool, answer: &dyn Fn(&&str) -> Fp| {
            trace.stale(Fp(key), may_change, answer, (8, || Fp(4)))
        };
        assert_eq!(stale(1, &|_| true, &same), None);
        assert_eq!(stale(9, &|_| true, &same), Some(Reason::Own));
        let about: Vec<u8> = trace.reads.iter().map(|asked| asked.about).collect();
        assert_eq!(about, [1, 2, 8], "by what they are about");
        let other = Some(Reason::Read(asked("b", 3, 2)));
        assert_eq!(stale(1, &|_| true, &|_| Fp(2)), other);
        assert_eq!(stale(1, &|about| about & 2 != 0, &|_| Fp(7)), other);
        assert_eq!(stale(1, &|about| about & 4 != 0, &|_| Fp(7)), None);
        // The usual question is not asked like the others, and told like them.
        assert_eq!(stale(1, &|about| about & 8 != 0, &|_| Fp(7)), None);
        let usual = |may_change: u8| {
            let may_change = move |about| about & may_change != 0;
            trace.stale(Fp(1), may_change, same, (8, || Fp(5)))
        };
        assert_eq!(usual(8), Some(Reason::Read(asked("c", 4, 8))));
        assert_eq!(usual(2), None);
    }
}
