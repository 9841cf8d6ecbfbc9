//! Owns the record of how each output came about: its key, what was read while it was made, and the
//! answers' fingerprints; and the one walk that decides whether it still holds and says why not.
//! Generic over what a read is; must not know pages, templates or files.

use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::fingerprint::Fp;

/// How one output came about (a verifying trace: Mokhov, Mitchell, Peyton Jones, 2018).
#[derive(Debug, Clone)]
pub struct Trace<R> {
    /// The fingerprint of all that the output alone determines.
    pub key: Fp,
    /// What the questions are about, all together.
    pub about: u8,
    /// What was asked of the site, and the fingerprint of each answer. A question that found nothing
    /// is here too.
    pub reads: Vec<(Arc<R>, Fp)>,
    /// What was wrong; told again on every pass that uses the output.
    pub problems: Vec<Diagnostic>,
    /// It could be made.
    pub made: bool,
}

/// Why an output is made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason<R> {
    /// It was never made.
    New,
    /// Its own text, settings, template or the site's settings changed.
    Own,
    /// The answer to this question changed.
    Read(Arc<R>),
}

impl<R> Trace<R> {
    /// Whether the output must be made again, and why: the same walk decides and explains. `answer` gives
    /// the answer's fingerprint as it is now, or nothing where it is known to be what it was; `may_change`
    /// tells whether that is so for all of them.
    pub fn stale(
        &self,
        key: Fp,
        may_change: impl Fn(u8) -> bool,
        answer: impl Fn(&R) -> Option<Fp>,
    ) -> Option<Reason<R>> {
        if self.key != key {
            return Some(Reason::Own);
        }
        if !may_change(self.about) {
            return None;
        }
        let changed = |(read, fp): &&(Arc<R>, Fp)| answer(read).is_some_and(|now| now != *fp);
        self.reads.iter().find(changed).map(|(read, _)| Reason::Read(read.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_holds_as_long_as_every_answer_is_the_same() {
        let trace = Trace {
            key: Fp(1),
            about: 1,
            reads: vec![(Arc::new("a"), Fp(2)), (Arc::new("b"), Fp(3))],
            problems: Vec::new(),
            made: true,
        };
        let same = |read: &&str| Some(if *read == "a" { Fp(2) } else { Fp(3) });
        assert_eq!(trace.stale(Fp(1), |_| true, same), None);
        assert_eq!(trace.stale(Fp(9), |_| true, same), Some(Reason::Own));
        assert_eq!(
            trace.stale(Fp(1), |_| true, |_| Some(Fp(2))),
            Some(Reason::Read(Arc::new("b")))
        );
        assert_eq!(trace.stale(Fp(1), |_| true, |read| (*read != "b").then_some(Fp(2))), None);
        assert_eq!(trace.stale(Fp(1), |about| about != 1, |_| Some(Fp(2))), None);
    }
}
