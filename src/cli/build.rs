//! Owns `weekmark build`. Must not know how a site is made or written.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::built::{Built, Input};
use super::{Build, Format, Outcome, pictures, print};
use crate::audit::Weigh;
use crate::diag::{Severity, json_string};
use crate::memo::Reason;
use crate::pass::{Memo, Options, Report, Sink, pass};
use crate::source::{Builtin, Stamp, scan};
use crate::write::{Staging, Written};

/// A pass's outputs go to the output folder's staging.
struct ToDisk(Staging);

impl Sink for ToDisk {
    fn put(&self, path: &Arc<str>, bytes: Vec<u8>) -> std::io::Result<()> {
        self.0.put(path, &bytes)
    }
    fn put_text(&self, path: &Arc<str>, text: &mut String) -> std::io::Result<()> {
        self.0.put(path, text.as_bytes())
    }
    fn copy(&self, path: &Arc<str>, from: &Path, _: Stamp) -> std::io::Result<()> {
        self.0.put_copy(path, from)
    }
}

pub(super) fn build(root: &Path, arguments: &Build, builtin: Builtin) -> Outcome {
    let started = Instant::now();
    let out = arguments.out.clone().unwrap_or_else(|| root.join("public"));
    let protected = ["content", "themes", "templates", "assets"].map(|part| root.join(part));
    if let Some(part) = protected.iter().find(|part| absolute(&out).starts_with(part)) {
        return Outcome::Failed(format!(
            "{} belongs to the site's sources; build into another folder, such as public.",
            part.display()
        ));
    }
    let staging = match Staging::open(&out, &protected) {
        Ok(staging) => staging,
        Err(refusal) => return Outcome::Failed(refusal.to_string()),
    };
    let scanning = Instant::now();
    let snapshot = scan(root, builtin);
    let scanned = scanning.elapsed();
    let input = Input::of(&snapshot, arguments, &absolute(&out));
    let sum = staging.last();
    if let Some(built) = input.as_ref().zip(sum).and_then(|(input, sum)| input.built(sum)) {
        let comparing = Instant::now();
        if let Some(written) = staging.is_whole() {
            let timings = [("scan", scanned), ("compare", comparing.elapsed())];
            match arguments.format {
                Format::Json => {
                    let notices = built.notices.iter().map(|(_, json)| &**json);
                    let notices = format!("[{}]", notices.collect::<Vec<_>>().join(","));
                    print::answer(&json(&built, &notices, "", Some(&written)));
                }
                Format::Text => {
                    built.notices.iter().for_each(|(line, _)| print::say(line));
                    text(&built, &timings, Some(&written), arguments, (&out, root), started);
                }
            }
            return Outcome::Done;
        }
    }
    let options = Options {
        today: arguments.today,
        base_url: arguments.base_url.clone(),
        unpublished: arguments.drafts,
        everything: arguments.strict,
        weigh: if arguments.weights { Weigh::All } else { Weigh::None },
        pictures: pictures::keep(root),
        once: !arguments.explain,
    };
    let sink = ToDisk(staging);
    let mut memo = Memo::default();
    let mut report = pass(&mut memo, &snapshot, &options, &sink);
    report.timings.insert(0, ("scan", scanned));
    let failed = report.failed() || (arguments.strict && report.count(Severity::Warning) > 0);
    let mut written = None;
    if !failed {
        let committing = Instant::now();
        match sink.0.commit() {
            Ok(done) => {
                if let Some(input) = input {
                    input.keep(done.sum, &report, &snapshot);
                }
                written = Some(done);
            }
            Err(error) => {
                return Outcome::Failed(error.to_string());
            }
        }
        report.timings.push(("commit", committing.elapsed()));
    }
    let built = Built::of(&report);
    match arguments.format {
        Format::Json => {
            let problems = print::problems_json(&report);
            let weights = arguments.weights.then(|| print::weights_json(&report));
            let weights = weights.unwrap_or_default();
            print::answer(&json(&built, &problems, &weights, written.as_ref()));
        }
        Format::Text => {
            if arguments.explain {
                explain(&report, &memo);
            }
            print::problems(&report);
            if arguments.weights {
                print::weights(&report);
            }
            text(&built, &report.timings, written.as_ref(), arguments, (&out, root), started);
        }
    }
    // The program ends here. Giving back the memory of every page, piece by piece, would be felt.
    std::mem::forget((memo, report, snapshot));
    if failed { Outcome::SiteHasErrors } else { Outcome::Done }
}

/// The path from the root of the disk; what is not there yet has one, too.
fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

fn text(
    built: &Built,
    timings: &[(&str, Duration)],
    written: Option<&Written>,
    arguments: &Build,
    (out, root): (&Path, &Path),
    started: Instant,
) {
    if arguments.timings {
        for (phase, duration) in timings {
            print::say(&format!("{:>10}  {phase}", print::time(*duration)));
        }
    }
    let place = out.strip_prefix(root).unwrap_or(out).display().to_string();
    let Some(written) = written else {
        print::say(&format!("Nothing was written: {place} is as it was."));
        return;
    };
    for aside in &written.edited_by_hand {
        print::say(&format!(
            "warning: {place}/{} was changed by hand; your version is kept in {}",
            aside.path,
            aside.kept.display()
        ));
    }
    let changes = match (written.created.len(), written.updated.len(), written.deleted.len()) {
        (0, 0, 0) => "nothing changed".to_string(),
        (new, changed, gone) => format!("{new} new, {changed} changed, {gone} deleted"),
    };
    print::good(&format!(
        "Built {} ({}, {}) into {place} in {}: {changes}.",
        print::counted(built.pages, "page"),
        print::counted(written.files, "file"),
        print::size(written.bytes),
        print::time(started.elapsed()),
    ));
    print::outside(&built.outside);
}

/// Why each output was made, and what it asks of the site: what would make it be made again.
fn explain(report: &Report, memo: &Memo) {
    for (path, reason) in &report.rendered {
        print::say(&format!("made {path}: {}", why(reason)));
        let mut asked: Vec<String> = memo.reads(path).map(|read| format!("{read:?}")).collect();
        asked.sort();
        asked.dedup();
        for read in asked {
            print::say(&format!("  asks for {read}"));
        }
    }
}

fn why<R: std::fmt::Debug>(reason: &Reason<R>) -> String {
    match reason {
        Reason::New => "it was not there yet".into(),
        Reason::Own => "its own text or settings, the theme or site.yaml changed".into(),
        Reason::Read(asked) => format!("what it asks for changed: {:?}", asked.read),
    }
}

/// One JSON object. Shape 1: `weekmark` (the shape's version), `ok`, `pages`, `outputs`, `problems`
/// (see `Located::to_json`), `outside`, if they are asked for `weights`, and, when something was written, `files`, `bytes`, `created`, `updated`,
/// `deleted`, `unchanged`.
fn json(built: &Built, problems: &str, weights: &str, written: Option<&Written>) -> String {
    let mut out = format!(
        "{{\"weekmark\":1,\"ok\":{},\"pages\":{},\"outputs\":{},\"problems\":{problems}{}{weights}",
        written.is_some(),
        built.pages,
        built.outputs,
        print::outside_json(&built.outside),
    );
    if let Some(written) = written {
        let list = |paths: &[String]| {
            let items: Vec<String> = paths.iter().map(|path| json_string(path)).collect();
            items.join(",")
        };
        out.push_str(&format!(
            ",\"files\":{},\"bytes\":{},\"created\":[{}],\"updated\":[{}],\"deleted\":[{}],\"unchanged\":{}",
            written.files,
            written.bytes,
            list(&written.created),
            list(&written.updated),
            list(&written.deleted),
            written.unchanged
        ));
    }
    out.push('}');
    out
}
