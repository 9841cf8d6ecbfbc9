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
    /// What was asked of the site, and the fingerprint of each answer. A question that found nothing
    /// is here too. Outputs that ask the same may share it.
    pub reads: Box<[Arc<Asked<R>>]>,
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
    /// as it is now.
    pub fn stale(
        &self,
        key: Fp,
        may_change: impl Fn(u8) -> bool,
        answer: impl Fn(&R) -> Fp,
    ) -> Option<Reason<R>> {
        if self.key != key {
            return Some(Reason::Own);
        }
        if !may_change(self.about) {
            return None;
        }
        let changed =
            |asked: &&Arc<Asked<R>>| may_change(asked.about) && answer(&asked.read) != asked.fp;
        self.reads.iter().find(changed).map(|asked| Reason::Read(asked.clone()))
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
            about: 3,
            reads: [asked("a", 2, 1), asked("b", 3, 2)].into(),
            problems: Box::default(),
            made: true,
            found: (),
        };
        let same = |read: &&str| if *read == "a" { Fp(2) } else { Fp(3) };
        assert_eq!(trace.stale(Fp(1), |_| true, same), None);
        assert_eq!(trace.stale(Fp(9), |_| true, same), Some(Reason::Own));
        let other = Some(Reason::Read(trace.reads[1].clone()));
        assert_eq!(trace.stale(Fp(1), |_| true, |_| Fp(2)), other);
        assert_eq!(trace.stale(Fp(1), |about| about & 2 != 0, |_| Fp(7)), other);
        assert_eq!(trace.stale(Fp(1), |about| about & 4 != 0, |_| Fp(7)), None);
    }
}
