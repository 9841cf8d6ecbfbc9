//! Owns `weekmark check`: a pass whose outputs are dropped, and the network if it is wanted. Must not know
//! what is checked.

use std::path::Path;
use std::sync::Arc;

use super::{Check, CheckFormat, Outcome, external, github, pictures, print};
use crate::audit::Weigh;
use crate::diag::Severity;
use crate::pass::{Memo, Options, Sink, pass};
use crate::source::{Builtin, Stamp, scan};

/// Takes outputs and forgets them.
pub(super) struct Nowhere;

impl Sink for Nowhere {
    fn put(&self, _: &Arc<str>, _: Vec<u8>) -> std::io::Result<()> {
        Ok(())
    }
    fn put_text(&self, _: &Arc<str>, _: &mut String) -> std::io::Result<()> {
        Ok(())
    }
    fn copy(&self, _: &Arc<str>, _: &Path, _: Stamp) -> std::io::Result<()> {
        Ok(())
    }
}

pub(super) fn check(root: &Path, arguments: &Check, builtin: Builtin) -> Outcome {
    let options = Options {
        today: arguments.today,
        everything: true,
        weigh: Weigh::Heaviest,
        pictures: pictures::keep(root),
        once: true,
        ..Options::default()
    };
    let (mut memo, snapshot) = (Memo::default(), scan(root, builtin));
    let mut report = pass(&mut memo, &snapshot, &options, &Nowhere);
    let mut links = None;
    if arguments.external {
        match external::check(root, &snapshot, &memo, &mut report, arguments.max_age) {
            Ok(tally) => links = Some(tally),
            Err(message) => return Outcome::Failed(message),
        }
    }
    let failed = report.failed() || (arguments.strict && report.count(Severity::Warning) > 0);
    match arguments.format {
        CheckFormat::Json => print::answer(&format!(
            "{{\"weekmark\":1,\"ok\":{},\"pages\":{},\"outputs\":{},\"problems\":{}{}{}}}",
            !failed,
            report.pages,
            report.plan.outputs.len(),
            print::problems_json(&report),
            print::outside_json(&report.outside),
            links.map(|links| format!(",\"links\":{}", links.json())).unwrap_or_default(),
        )),
        CheckFormat::Text | CheckFormat::Github => {
            if arguments.format == CheckFormat::Github {
                github::annotations(&report, root);
            }
            print::problems(&report);
            if let Some(links) = links {
                print::say(&links.text());
            }
            if !failed {
                let pages = print::counted(report.pages, "page");
                print::good(&format!("Ready: {pages}, nothing stands in the way."));
                print::heaviest(&report);
                print::outside(&report.outside);
            }
        }
    }
    // As at the end of a build.
    std::mem::forget((memo, report, snapshot));
    if failed { Outcome::SiteHasErrors } else { Outcome::Done }
}
