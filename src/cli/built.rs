//! Owns what is kept of the last build, so that the next one of the same files need not be made to find out that nothing changed: one
//! small file in `.weekmark/`, in the folder of the site. Must not know how a site is made or written.
//!
//! The same input gives the same bytes, so two things are enough: that the input is the same (the stamp of every file of
//! the site, the program, the options, the day), and that the output folder holds the very bytes that were made of it,
//! which `write` reads and compares. Whoever deletes the file loses nothing but time.
#![expect(
    clippy::disallowed_methods,
    reason = "what is kept is no part of the site and lies beside it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Build, print};
use crate::calendar::{Date, Zone, today_in};
use crate::diag::Severity;
use crate::external::{FOLDER, make_folder};
use crate::fingerprint::Fp;
use crate::pass::Report;
use crate::source::{self, Snapshot};

/// The file's name in its folder.
const NAME: &str = "built.txt";

/// The first line of the file. Another one is another form, which is not read.
const FIRST: &str = "weekmark built 1";

/// What a build says at its end, besides what `write` counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Built {
    /// How many outputs are pages.
    pub(super) pages: usize,
    /// How many outputs there are.
    pub(super) outputs: usize,
    /// Where visitors' browsers are asked to load from.
    pub(super) outside: BTreeSet<Box<str>>,
    /// What is told though nothing is wrong, such as that a page is held back: as a line and as JSON.
    pub(super) notices: Vec<(String, String)>,
}

impl Built {
    pub(super) fn of(report: &Report) -> Built {
        let notices = report.problems.iter().filter(|it| it.severity() == Severity::Notice);
        Built {
            pages: report.pages,
            outputs: report.plan.outputs.len(),
            outside: report.outside.clone(),
            notices: notices.map(|it| (print::notice(it), it.to_json())).collect(),
        }
    }
}

/// All that a build depends on, but for the day.
pub(super) struct Input {
    folder: PathBuf,
    state: Fp,
    /// What led to the files when they were found.
    ways: Fp,
    today: Option<Date>,
}

/// What is in the file.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    /// Stands for the input but for the day.
    state: Fp,
    /// The day that counted as today.
    today: Date,
    /// Where it was that day.
    zone: Zone,
    /// The sum of the site: see [`crate::write::Written::sum`].
    sum: Fp,
    built: Built,
}

impl Input {
    /// `None` if it cannot be told from another one, or if the command is asked for what only a build can say.
    pub(super) fn of(snapshot: &Snapshot, arguments: &Build, out: &Path) -> Option<Input> {
        let Build {
            out: _,
            base_url,
            drafts,
            today,
            strict,
            format: _,
            explain,
            timings: _,
            weights,
        } = arguments;
        if *explain || *weights {
            return None;
        }
        let base_url = base_url.as_ref().map(|url| format!("{url:?}"));
        let state = Fp::of(&(snapshot.state()?, source::program()?, out, base_url, drafts, strict));
        let folder = snapshot.root().join(FOLDER);
        Some(Input { folder, state, ways: snapshot.ways(), today: *today })
    }

    /// What was said when the site with that sum was made of this very input.
    pub(super) fn built(&self, sum: u128) -> Option<Built> {
        let kept = Kept::read(&fs::read_to_string(self.folder.join(NAME)).ok()?)?;
        let today = self.today.unwrap_or_else(|| today_in(&kept.zone));
        let is_same = kept.state == self.state && kept.today == today && kept.sum == Fp(sum);
        is_same.then_some(kept.built)
    }

    /// Keeps that this input gave the site with that sum. A build that found anything wrong is not kept: the next one shows it
    /// again, with the lines. Nor is one in which the files may have been read by another way than the one by which they were found.
    pub(super) fn keep(&self, sum: u128, report: &Report, snapshot: &Snapshot) {
        if snapshot.ways() != self.ways {
            return;
        }
        let is_plain = report.problems.iter().all(|it| it.severity() == Severity::Notice);
        let Some(site) = report.site.as_ref().filter(|_| is_plain) else { return };
        let kept = Kept {
            state: self.state,
            today: site.today,
            zone: site.config.time_zone.clone(),
            sum: Fp(sum),
            built: Built::of(report),
        };
        // Where nothing can be kept, the next build is made as this one was.
        let _ = self.write(&kept.print());
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        let file = self.folder.join(NAME);
        if fs::read(&file).is_ok_and(|now| now == text.as_bytes()) {
            return Ok(());
        }
        make_folder(&self.folder)?;
        // Two builds at one time must not write into one file.
        let draft = self.folder.join(format!("built-{}.tmp", std::process::id()));
        let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, &file));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }
}

impl Kept {
    fn print(&self) -> String {
        let Built { pages, outputs, outside, notices } = &self.built;
        let mut text = format!(
            "{FIRST}\nof {:032x}\non {} {}\nsum {:032x}\npages {pages} {outputs}\n",
            self.state.0,
            self.today,
            self.zone.name(),
            self.sum.0,
        );
        for origin in outside {
            text.push_str(&format!("loads {origin}\n"));
        }
        for (line, json) in notices {
            text.push_str(&format!("says {line}\njson {json}\n"));
        }
        // A file that was cut off does not end so.
        text.push_str("end\n");
        text
    }

    fn read(text: &str) -> Option<Kept> {
        let mut lines = text.strip_suffix("end\n")?.lines();
        let mut line = |word: &str| lines.next()?.strip_prefix(word)?.strip_prefix(' ');
        let fp = |digits: &str| u128::from_str_radix(digits, 16).map(Fp).ok();
        line(FIRST.split_once(' ')?.0).filter(|rest| FIRST.ends_with(rest))?;
        let state = fp(line("of")?)?;
        let (today, zone) = line("on")?.split_once(' ')?;
        let (today, zone) = (Date::read(today).ok()?, Zone::named(zone)?);
        let sum = fp(line("sum")?)?;
        let (pages, outputs) = line("pages")?.split_once(' ')?;
        let (pages, outputs) = (pages.parse().ok()?, outputs.parse().ok()?);
        let (mut outside, mut notices) = (BTreeSet::new(), Vec::new());
        while let Some(line) = lines.next() {
            match line.split_once(' ')? {
                ("loads", origin) => drop(outside.insert(origin.into())),
                ("says", line) => {
                    notices.push((line.into(), lines.next()?.strip_prefix("json ")?.into()));
                }
                _ => return None,
            }
        }
        Some(Kept { state, today, zone, sum, built: Built { pages, outputs, outside, notices } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        Kept {
            state: Fp(1),
            today: Date::new(2027, 10, 12).unwrap(),
            zone: Zone::named("America/New_York").unwrap(),
            sum: Fp(u128::MAX),
            built: Built {
                pages: 3,
                outputs: 20,
                outside: BTreeSet::from(["https://example.org".into()]),
                notices: vec![("note: content/a.md: Held back: draft.".into(), "{}".into())],
            },
        }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let text = kept().print();
        assert_eq!(Kept::read(&text), Some(kept()), "{text}");
    }

    #[test]
    fn a_damaged_file_is_as_none() {
        let text = kept().print();
        for end in 0..text.len() {
            assert_eq!(Kept::read(&text[..end]), None, "cut off after {end} bytes");
        }
        for line in text.lines() {
            let without = text.replacen(&format!("{line}\n"), "", 1);
            let is_optional = line.starts_with("loads ");
            assert_eq!(Kept::read(&without).is_some(), is_optional, "without “{line}”");
        }
    }
}
