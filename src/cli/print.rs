//! Owns every line that the program prints: problems, counts, sizes; to whom, and in which colours.
//! Must not know how the site was made.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use crate::audit::{MOST_SCRIPT, Weight};
use crate::diag::{Located, Severity, json_string};
use crate::pass::Report;

/// A line for the person at the terminal.
pub(super) fn say(text: &str) {
    // A closed pipe is nobody's fault.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A line for a machine, or the answer that was asked for.
pub(super) fn answer(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Why the command could not be carried out.
pub(super) fn failure(message: &str) {
    say(&format!("{} {message}", paint("error:", RED)));
}

const RED: &str = "1;31";
pub(super) const GREEN: &str = "1;32";
pub(super) const YELLOW: &str = "1;33";
pub(super) const BLUE: &str = "34";
pub(super) const BOLD: &str = "1";

fn colours() -> bool {
    std::io::stderr().is_terminal() && no_color().is_none()
}

/// Whether what was asked for goes to somebody who sees colours.
pub(super) fn answer_has_colour() -> bool {
    std::io::stdout().is_terminal() && no_color().is_none()
}

#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is how people switch colours off everywhere"
)]
fn no_color() -> Option<std::ffi::OsString> {
    std::env::var_os("NO_COLOR").filter(|value| !value.is_empty())
}

fn paint(text: &str, colour: &str) -> String {
    painted(text, colour, colours())
}

/// A text in a colour, if there are any.
pub(super) fn painted(text: &str, colour: &str, has_colour: bool) -> String {
    if has_colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_string() }
}

/// A text that stands out, for [`say`].
pub(super) fn bold(text: &str) -> String {
    paint(text, BOLD)
}

/// One thing that is done, of several.
pub(super) fn done(text: &str) {
    say(&format!("{} {text}", paint("✓", GREEN)));
}

/// Every problem, then how many there are.
pub(super) fn problems(report: &Report) {
    let colour = colours();
    for problem in &report.problems {
        if problem.severity() == Severity::Notice {
            say(&notice(problem));
        } else {
            say(&format!("{}\n", problem.to_text(colour)));
        }
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    if errors + warnings > 0 {
        let text = [(errors, "error"), (warnings, "warning")]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| counted(*count, word))
            .collect::<Vec<_>>()
            .join(" and ");
        say(&paint(&format!("{text}."), if errors > 0 { RED } else { YELLOW }));
    }
}

/// A notice is one line: nothing is wrong.
pub(super) fn notice(problem: &Located) -> String {
    let hint = problem.diagnostic.hint.as_ref().map(|hint| format!(" {hint}")).unwrap_or_default();
    let place = problem.place.as_ref().map(|place| format!(":{}:{}", place.line, place.column));
    let (file, place) = (&problem.diagnostic.file, place.unwrap_or_default());
    format!("note: {file}{place}: {}{hint}", problem.diagnostic.message)
}

/// How far a long command is: one line that is written over, and only where somebody looks.
pub(super) fn progress(text: &str) {
    let mut err = std::io::stderr().lock();
    if err.is_terminal() {
        let _ = write!(err, "\r\u{1b}[K{text}").and_then(|()| err.flush());
    }
}

/// `1 page`, `2 pages`.
pub(super) fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// `512 bytes`, `34 KB`, `5.6 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// `0.4 ms`, `38 ms`, `2.1 s`.
pub(super) fn time(duration: Duration) -> String {
    let micros = duration.as_micros();
    match micros {
        0..10_000 => format!("{}.{} ms", micros / 1_000, micros / 100 % 10),
        10_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10),
    }
}

/// Good news.
pub(super) fn good(text: &str) {
    say(&paint(text, GREEN));
}

/// The problems as a JSON list.
pub(super) fn problems_json(report: &Report) -> String {
    let items: Vec<String> = report.problems.iter().map(Located::to_json).collect();
    format!("[{}]", items.join(","))
}

/// From where pages load anything but from their own site; the good answer is nowhere.
pub(super) fn outside(origins: &BTreeSet<Box<str>>) {
    if origins.is_empty() {
        say("Pages load from no other site.");
    } else {
        let origins: Vec<&str> = origins.iter().map(|origin| &**origin).collect();
        say(&format!("Pages load from {}.", origins.join(", ")));
    }
}

/// What the first view of each page weighs, the heaviest first.
pub(super) fn weights(report: &Report) {
    let most = most_weight(report).map_or(String::from("–"), kilobytes);
    say("First view, KB over the wire, without pictures:");
    say("    all    page  styles   fonts scripts");
    let mut weights: Vec<_> = report.weights.iter().collect();
    weights.sort_by(|(a, x), (b, y)| y.all.cmp(&x.all).then_with(|| a.cmp(b)));
    for (path, weight) in weights {
        let columns = [weight.all, weight.html, weight.styles, weight.fonts, weight.script];
        let columns: Vec<String> =
            columns.iter().map(|bytes| format!("{:>7}", kilobytes(*bytes))).collect();
        say(&format!("{}  {}", columns.join(" "), page_of(path)));
    }
    let scripts = kilobytes(MOST_SCRIPT);
    say(&format!("{most:>7} {:>31}  the most that a page may weigh", scripts));
}

/// The heaviest page, in a sentence.
pub(super) fn heaviest(report: &Report) {
    let heavy = |(a, x): &&(Arc<str>, Weight), (b, y): &&(Arc<str>, Weight)| {
        x.all.cmp(&y.all).then(b.cmp(a))
    };
    let Some((path, weight)) = report.weights.iter().max_by(heavy) else { return };
    let most = most_weight(report).map(|most| format!(" of {}", kilobytes(most)));
    say(&format!(
        "Heaviest page: {}, {}{} KB over the wire without pictures.",
        page_of(path),
        kilobytes(weight.all),
        most.unwrap_or_default()
    ));
}

/// The most that a page may weigh, in bytes.
fn most_weight(report: &Report) -> Option<usize> {
    Some(usize::from(report.config.as_ref()?.checks.page_weight?) * 1_000)
}

fn kilobytes(bytes: usize) -> String {
    format!("{}.{}", bytes / 1_000, bytes / 100 % 10)
}

/// The address of a page, from its path in the output.
fn page_of(path: &str) -> String {
    format!("/{}", path.trim_end_matches("index.html"))
}

/// The other sites that pages load from, as a member of a JSON object with a comma before it.
pub(super) fn outside_json(origins: &BTreeSet<Box<str>>) -> String {
    let origins: Vec<String> = origins.iter().map(|origin| json_string(origin)).collect();
    format!(",\"outside\":[{}]", origins.join(","))
}

/// What the first view of each page weighs, as a member of a JSON object with a comma before it.
pub(super) fn weights_json(report: &Report) -> String {
    let weight = |(path, it): &(Arc<str>, Weight)| {
        format!(
            "{{\"page\":{},\"all\":{},\"html\":{},\"styles\":{},\"fonts\":{},\"scripts\":{}}}",
            json_string(&page_of(path)),
            it.all,
            it.html,
            it.styles,
            it.fonts,
            it.script
        )
    };
    let weights: Vec<String> = report.weights.iter().map(weight).collect();
    format!(",\"weights\":[{}]", weights.join(","))
}

/// A text as one word of a command line, in quotation marks where it needs them (POSIX, 2.2.2).
pub(super) fn for_shell(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/\\:._-+@%,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.into()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::for_shell;

    #[test]
    fn a_word_of_a_command_line_is_one_word() {
        for (text, word) in [
            ("sites/my-week", "sites/my-week"),
            ("C:\\sites\\week", "C:\\sites\\week"),
            ("a b", "'a b'"),
            ("# x", "'# x'"),
            ("Ann's", "'Ann'\\''s'"),
            ("$(x)", "'$(x)'"),
            ("", "''"),
        ] {
            assert_eq!(for_shell(text), word);
        }
    }
}
