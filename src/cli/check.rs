//! Owns `weekmark check`: a pass whose outputs are dropped. Must not know what is checked.

use std::path::Path;
use std::sync::Arc;

use super::{Check, Format, Outcome, print};
use crate::diag::Severity;
use crate::pass::{Memo, Options, Sink, pass};
use crate::source::{Builtin, Stamp, scan};

/// Takes outputs and forgets them.
struct Nowhere;

impl Sink for Nowhere {
    fn put(&self, _: &Arc<str>, _: Vec<u8>) -> std::io::Result<()> {
        Ok(())
    }
    fn copy(&self, _: &Arc<str>, _: &Path, _: Stamp) -> std::io::Result<()> {
        Ok(())
    }
}

pub(super) fn check(root: &Path, arguments: &Check, builtin: Builtin) -> Outcome {
    let options = Options { today: arguments.today, everything: true, ..Options::default() };
    let report = pass(&mut Memo::default(), &scan(root, builtin), &options, &Nowhere);
    let failed = report.failed() || (arguments.strict && report.count(Severity::Warning) > 0);
    match arguments.format {
        Format::Json => print::answer(&format!(
            "{{\"weekmark\":1,\"ok\":{},\"pages\":{},\"outputs\":{},\"problems\":{}}}",
            !failed,
            report.pages,
            report.plan.outputs.len(),
            print::problems_json(&report)
        )),
        Format::Text => {
            print::problems(&report);
            if !failed {
                let pages = print::counted(report.pages, "page");
                print::good(&format!("Ready: {pages}, nothing stands in the way."));
            }
        }
    }
    if failed { Outcome::SiteHasErrors } else { Outcome::Done }
}
