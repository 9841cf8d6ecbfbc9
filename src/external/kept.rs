//! Owns the answers that are kept from one time to the next: a file of lines, each with a date. Must not know
//! how an answer came about.

#![expect(
    clippy::disallowed_methods,
    reason = "the answers lie beside the site, and how old they are depends on the clock"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::address::Address;
use super::{Answer, Why};

/// The folder for what weekmark keeps beside a site; it is no part of the site.
pub const FOLDER: &str = ".weekmark";

/// Makes that folder, with the note for git that it belongs in no repository: what is in it was made for one machine.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let ignored = folder.join(".gitignore");
    if ignored.exists() { Ok(()) } else { fs::write(ignored, "*\n") }
}

/// The first line of the file. Another one is another form, which is not read.
const FIRST: &str = "weekmark links 1";

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an answer holds that nobody said otherwise about.
pub const USUAL_DAYS: u32 = 14;

/// What is known from before.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
    /// By address: seconds since 1970, and the answer.
    answers: BTreeMap<String, (u64, Answer)>,
    /// How long it holds that a link works.
    holds: Duration,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|time| time.as_secs()).unwrap_or_default()
}

impl Kept {
    /// What was kept beside the site in `root`; nothing if it cannot be read. Working links hold for `days`, dead
    /// ones for a day, and what could not be told for an hour, but never longer than `days`.
    pub fn open(root: &Path, days: u32) -> Kept {
        let folder = root.join(FOLDER);
        // What is damaged is asked anew.
        let text = fs::read(folder.join("links.txt")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.lines();
        let known = lines.next() == Some(FIRST);
        let answers = lines.filter(|_| known).filter_map(read_line).collect();
        Kept { folder, answers, holds: DAY * days }
    }

    /// The answer for an address, if it is not too old.
    pub fn get(&self, address: &Address) -> Option<&Answer> {
        let (then, answer) = self.answers.get(&address.to_string())?;
        let holds = match answer {
            Answer::Works { .. } => self.holds,
            Answer::Dead(_) => self.holds.min(DAY),
            Answer::Unsure(_) => self.holds.min(HOUR),
        };
        // An answer from the future was given by a wrong clock.
        now().checked_sub(*then).filter(|age| *age < holds.as_secs()).map(|_| answer)
    }

    /// The answer for an address, however old it is.
    pub(super) fn latest(&self, address: &Address) -> Option<&Answer> {
        self.answers.get(&address.to_string()).map(|(_, answer)| answer)
    }

    /// The address that was seen to work last.
    pub(super) fn witness(&self) -> Option<Address> {
        let works = self.answers.iter().filter(|(_, (_, a))| matches!(a, Answer::Works { .. }));
        let (address, _) = works.max_by_key(|(_, (then, _))| *then)?;
        Address::read(address).ok()
    }

    /// Keeps an answer of now.
    pub(super) fn put(&mut self, address: &Address, answer: Answer) {
        self.answers.insert(address.to_string(), (now(), answer));
    }

    /// Writes the file, all of it or nothing. Old answers about other addresses than those on the site are left
    /// out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn save(&self, on_site: &BTreeSet<Address>) -> io::Result<()> {
        let on_site: BTreeSet<String> = on_site.iter().map(Address::to_string).collect();
        let limit = now().saturating_sub((DAY * USUAL_DAYS).as_secs());
        let mut text = format!("{FIRST}\n");
        for (address, (then, answer)) in &self.answers {
            if *then >= limit || on_site.contains(address) {
                text.push_str(&line(address, *then, answer));
            }
        }
        make_folder(&self.folder)?;
        // Two checks at one time must not write into one file.
        let draft = self.folder.join(format!("links-{}.tmp", std::process::id()));
        let written = fs::write(&draft, text)
            .and_then(|()| fs::rename(&draft, self.folder.join("links.txt")));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }
}

/// When, which outcome, why or where to, the address: no part of it holds a space.
fn line(address: &str, then: u64, answer: &Answer) -> String {
    let (outcome, detail) = match answer {
        Answer::Works { moved: None } => ("works", "-".to_string()),
        Answer::Works { moved: Some(to) } => ("works", to.to_string()),
        Answer::Dead(why) => ("dead", why_word(*why)),
        Answer::Unsure(why) => ("unsure", why_word(*why)),
    };
    format!("{then} {outcome} {detail} {address}\n")
}

fn read_line(line: &str) -> Option<(String, (u64, Answer))> {
    let mut parts = line.split(' ');
    let then = parts.next()?.parse().ok()?;
    let (outcome, detail) = (parts.next()?, parts.next()?);
    let answer = match outcome {
        "works" if detail == "-" => Answer::Works { moved: None },
        "works" => Answer::Works { moved: Some(Address::read(detail).ok()?) },
        "dead" => Answer::Dead(why_named(detail)?),
        "unsure" => Answer::Unsure(why_named(detail)?),
        _ => return None,
    };
    let address = Address::read(parts.next()?).ok()?;
    parts.next().is_none().then(|| (address.to_string(), (then, answer)))
}

const WORDS: &[(&str, Why)] = &[
    ("malformed", Why::Malformed),
    ("login", Why::Login),
    ("no-host", Why::NoHost),
    ("unreachable", Why::Unreachable),
    ("too-slow", Why::TooSlow),
    ("insecure", Why::Insecure),
    ("hung-up", Why::HungUp),
    ("circle", Why::Circle),
    ("strange", Why::Strange),
];

fn why_word(why: Why) -> String {
    let word = WORDS.iter().find(|(_, known)| *known == why).map(|(word, _)| (*word).to_string());
    match why {
        Why::Status(status) => status.to_string(),
        _ => word.unwrap_or_default(),
    }
}

fn why_named(word: &str) -> Option<Why> {
    let known = WORDS.iter().find(|(known, _)| *known == word).map(|(_, why)| *why);
    known.or_else(|| word.parse().ok().map(Why::Status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::read(text).expect("an address")
    }

    fn kept(answers: &[(&str, u64, Answer)], days: u32) -> Kept {
        let old = |age: u64| now() - age;
        let answers = answers
            .iter()
            .map(|(a, age, answer)| (address(a).to_string(), (old(*age), answer.clone())));
        Kept { folder: PathBuf::new(), answers: answers.collect(), holds: DAY * days }
    }

    #[test]
    fn every_answer_is_read_as_it_was_written() {
        let mut answers = vec![
            Answer::Works { moved: None },
            Answer::Works { moved: Some(address("https://example.com/new path")) },
            Answer::Dead(Why::Status(404)),
        ];
        answers.extend(WORDS.iter().map(|(_, why)| Answer::Unsure(*why)));
        for answer in answers {
            let written = line("https://example.org/a%20b", 7, &answer);
            let read = read_line(written.trim_end());
            assert_eq!(read, Some(("https://example.org/a%20b".into(), (7, answer))));
        }
        for bad in
            ["", "x", "7 works", "7 works - ", "7 dead ? https://a/", "7 works - https://a/ b"]
        {
            assert_eq!(read_line(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_answer_holds_for_its_time() {
        let (hour, day) = (HOUR.as_secs(), DAY.as_secs());
        let works = Answer::Works { moved: None };
        let (dead, unsure) = (Answer::Dead(Why::Status(404)), Answer::Unsure(Why::Status(403)));
        let all = [
            ("https://a/", 13 * day, works.clone()),
            ("https://b/", 15 * day, works),
            ("https://c/", day - hour, dead.clone()),
            ("https://d/", day + hour, dead),
            ("https://e/", hour / 2, unsure.clone()),
            ("https://f/", 2 * hour, unsure),
        ];
        let holds = |days: u32| {
            let kept = kept(&all, days);
            let all = all.iter().filter(|(a, ..)| kept.get(&address(a)).is_some());
            all.map(|(a, ..)| &a[8..9]).collect::<String>()
        };
        assert_eq!(
            (holds(USUAL_DAYS), holds(30), holds(1), holds(0)),
            ("ace".into(), "abce".into(), "ce".into(), String::new())
        );
        let mut ahead = kept(&all, 14);
        ahead.answers.values_mut().for_each(|(then, _)| *then += 20 * day);
        assert!(ahead.get(&address("https://a/")).is_none(), "a clock that was wrong");
        assert_eq!(ahead.witness(), Some(address("https://a/")));
    }
}
