//! Owns `check --external`: which addresses editors wrote, what is said about each, and where. Must not know
//! how the network is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::print;
use crate::diag::{Code, Diagnostic, Located, Span};
use crate::external::{Address, Answer, FOLDER, Kept, Settings, Why, ask};
use crate::pass::{Memo, Report, switch_off};
use crate::source::Snapshot;
use crate::{config, parse};

/// How many addresses there are, and what came of them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    asked: usize,
    /// How many were answered before.
    known: usize,
    works: usize,
    moved: usize,
    dead: usize,
    unsure: usize,
}

/// An address that an editor wrote.
struct Written {
    target: String,
    file: String,
    span: Span,
}

/// Asks about every outside link of the site and puts what is to say among the report's problems.
///
/// Answers that were kept hold for `max_age` days at most.
///
/// # Errors
/// A sentence on why the network cannot be asked.
pub(super) fn check(
    root: &Path,
    snapshot: &Snapshot,
    memo: &Memo,
    report: &mut Report,
    max_age: u32,
) -> Result<Tally, String> {
    let mut answers: BTreeMap<Address, Answer> = BTreeMap::new();
    let written = written(snapshot, memo);
    let mut addresses: Vec<Address> =
        written.iter().filter_map(|written| Address::read(&written.target).ok()).collect();
    addresses.sort();
    addresses.dedup();
    let mut kept = Kept::open(root, max_age);
    let asked = ask(&Settings::default(), &addresses, &mut kept, |done, all| {
        print::progress(&format!("Outside links: {done} of {all} answered"));
    });
    print::progress("");
    let asked = asked.map_err(|trouble| trouble.to_string())?;
    if let Some(error) = &asked.not_kept {
        print::say(&format!(
            "The answers about outside links cannot be kept in {FOLDER}: {error}."
        ));
    }
    let known = addresses.len() - asked.fresh;
    let mut tally = Tally { asked: asked.fresh, known, ..Tally::default() };
    answers.extend(addresses.into_iter().zip(asked.answers));
    let mut unfit_ones: BTreeSet<&str> = BTreeSet::new();
    let mut said: Vec<Diagnostic> = Vec::new();
    for Written { target, file, span } in &written {
        let (answer, address) = match Address::read(target) {
            Ok(address) => (answers.get(&address).cloned(), Some(address)),
            Err(unfit) => {
                let answer = Answer::from(unfit);
                if unfit_ones.insert(target) {
                    tally.count(&answer);
                }
                (Some(answer), None)
            }
        };
        said.extend(
            answer.as_ref().and_then(|answer| diagnostic(answer, address.as_ref(), file, *span)),
        );
    }
    if let Some(site) = &report.site {
        switch_off(site, &mut said, Code::asks_network);
    }
    let mut texts: BTreeMap<String, Option<String>> = BTreeMap::new();
    for said in said {
        let text =
            texts.entry(said.file.clone()).or_insert_with_key(|file| text_of(snapshot, file));
        report.problems.push(said.locate(text.as_deref()));
    }
    answers.values().for_each(|answer| tally.count(answer));
    report.problems.sort_by(Located::order);
    report.problems.dedup();
    Ok(tally)
}

/// Every address of another site that editors wrote, in pages, data files, site.yaml and brand.yaml.
fn written(snapshot: &Snapshot, memo: &Memo) -> Vec<Written> {
    let mut found = Vec::new();
    let mut keep = |file: &str, links: Vec<(String, Span)>| {
        found.extend(links.into_iter().map(|(target, span)| Written {
            target,
            file: file.to_string(),
            span,
        }));
    };
    for (file, doc) in memo.docs() {
        let links = doc.body.links.iter().filter(|link| parse::outside::is_web(link.target()));
        keep(file, links.map(|link| (link.target().to_string(), link.span())).collect());
        if let Some(text) = text_of(snapshot, file) {
            keep(file, parse::outside::in_page(file, &text));
        }
    }
    let data = snapshot.on_disk_below("content/_data/").map(|(path, _)| &**path);
    let yaml = data.filter(|path| path.ends_with(".yaml") || path.ends_with(".yml"));
    for file in yaml.chain([config::FILE, config::BRAND_FILE]) {
        if let Some(text) = text_of(snapshot, file) {
            let start = parse::byte_order_mark(&text);
            keep(file, parse::outside::in_yaml(&text[start..], start));
        }
    }
    found
}

fn text_of(snapshot: &Snapshot, file: &str) -> Option<String> {
    let bytes = snapshot.has(file).then(|| snapshot.read(file).ok())??;
    String::from_utf8(bytes.into_owned()).ok()
}

/// What there is to say about a link, if anything.
fn diagnostic(
    answer: &Answer,
    address: Option<&Address>,
    file: &str,
    span: Span,
) -> Option<Diagnostic> {
    let (code, message, hint) = match answer {
        Answer::Works { moved: None } => return None,
        Answer::Works { moved: Some(to) } => {
            let hint = match address {
                // So it is when a site was made anew and nobody looked after the old addresses.
                Some(from) if to.is_front_page() && !from.is_front_page() => {
                    "That is the first page of the site, so what you meant may be gone: look for it there."
                        .to_string()
                }
                _ => "Write the new address, if it is the page that you mean.".to_string(),
            };
            (Code::MovedLink, format!("This page has moved for good, to {to}."), hint)
        }
        Answer::Dead(why) => {
            let hint = match why {
                Why::Malformed => "Write it in full: https://example.org/page.",
                Why::NoHost => {
                    "Is the name spelled right? If the site is gone, link to another one."
                }
                _ => "Look for the page's new address on that site, or take the link out.",
            };
            let message = format!("This link leads nowhere: {}.", reason(*why));
            (Code::DeadLink, message, hint.to_string())
        }
        Answer::Unsure(why) => {
            let message = format!("Whether this link works cannot be told: {}.", reason(*why));
            (Code::UnsureLink, message, "Open it in your browser to see.".to_string())
        }
    };
    Some(Diagnostic::at(code, file, span, message).hint(hint))
}

/// The second half of a sentence.
fn reason(why: Why) -> String {
    let text = match why {
        Why::Malformed => "it is not a complete web address",
        Why::Login => "it holds a user name, which is not sent",
        Why::NoHost => "there is no host of that name",
        Why::Unreachable => "the host takes no connection",
        Why::TooSlow => "the host took too long to answer",
        Why::Insecure => "a secure connection to the host could not be made",
        Why::HungUp => "the host ended the connection without an answer",
        Why::Circle => "the host sends on from address to address without an end",
        Why::Strange => "the host's answer could not be understood",
        Why::Status(status) => {
            let words = match status {
                404 => "there is no such page",
                410 => "the page is gone for good",
                401 | 407 => "the host wants a name and a password",
                403 | 999 => "the host does not let programs look",
                429 => "the host asks programs to come back later",
                451 => "the host may not show it for legal reasons",
                500..=599 => "the host has trouble of its own",
                _ => "the host did not want to answer",
            };
            return format!("{words} ({status})");
        }
    };
    text.to_string()
}

impl Tally {
    fn count(&mut self, answer: &Answer) {
        match answer {
            Answer::Works { moved: None } => self.works += 1,
            Answer::Works { moved: Some(_) } => self.moved += 1,
            Answer::Dead(_) => self.dead += 1,
            Answer::Unsure(_) => self.unsure += 1,
        }
    }

    fn all(&self) -> usize {
        self.works + self.moved + self.dead + self.unsure
    }

    /// In one sentence, for a person.
    pub(super) fn text(&self) -> String {
        let parts = [
            (self.works, "working"),
            (self.moved, "moved"),
            (self.dead, "dead"),
            (self.unsure, "unsure"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        let addresses = match self.all() {
            0 => return "Outside links: none.".into(),
            1 => "1 address".to_string(),
            count => format!("{count} addresses"),
        };
        let known = match self.known {
            0 => String::new(),
            known => format!(" ({known} known from before)"),
        };
        format!("Outside links: {addresses}{known}: {}.", parts.join(", "))
    }

    /// One JSON object.
    pub(super) fn json(&self) -> String {
        format!(
            "{{\"addresses\":{},\"asked\":{},\"works\":{},\"moved\":{},\"dead\":{},\"unsure\":{}}}",
            self.all(),
            self.asked,
            self.works,
            self.moved,
            self.dead,
            self.unsure
        )
    }
}
