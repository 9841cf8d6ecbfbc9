//! Owns the form in which GitHub's workflows take problems: one command in a line for each, shown beside the
//! code. Must not know what is wrong.

use std::path::{Path, PathBuf};

use super::print;
use crate::diag::{Located, Severity};
use crate::pass::Report;

/// Prints every problem as an annotation.
pub(super) fn annotations(report: &Report, root: &Path) {
    let from = from_checkout(root, checkout().as_deref());
    for problem in &report.problems {
        print::answer(&annotation(problem, &from));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "annotations name files as the checkout does, and only GitHub knows where that is"
)]
fn checkout() -> Option<PathBuf> {
    let folder = std::env::var_os("GITHUB_WORKSPACE").filter(|folder| !folder.is_empty())?;
    Path::new(&folder).canonicalize().ok()
}

/// The way from the folder of the repository to that of the site, with a slash at the end, or nothing.
fn from_checkout(root: &Path, checkout: Option<&Path>) -> String {
    let way = checkout.and_then(|checkout| root.strip_prefix(checkout).ok());
    let parts = way.into_iter().flat_map(Path::components);
    parts.map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}

/// A workflow command: `::error file=…,line=…,col=…,endColumn=…,title=W102::What is wrong`. The column after
/// the last marked character is the end.
fn annotation(problem: &Located, from: &str) -> String {
    let d = &problem.diagnostic;
    let command = match problem.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    };
    let mut out = format!("::{command} file={}", property(&format!("{from}{}", d.file)));
    if let Some(place) = &problem.place {
        let marked = place.text[place.mark.start..place.mark.end].chars().count();
        // A mark without width is still a mark.
        let end = place.column + marked.max(1);
        out.push_str(&format!(",line={},col={},endColumn={end}", place.line, place.column));
    }
    let mut message = d.message.clone();
    for more in d.hint.iter().chain(&d.trail) {
        message.push('\n');
        message.push_str(more);
    }
    out.push_str(&format!(",title={}::{}", property(d.code.id()), data(&message)));
    out
}

/// As GitHub's own toolkit writes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As GitHub's own toolkit writes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Diagnostic, Span};

    #[test]
    fn a_problem_is_an_annotation() {
        let text = "---\ntitel: Ünï\n---\n";
        let problem = Diagnostic::at(
            Code::UnknownKey,
            "content/a,b: c.md",
            Span::new(4, 9),
            "100%\n::error::no",
        )
        .hint("Did you mean \"title\"?")
        .locate(Some(text));
        assert_eq!(
            annotation(&problem, "site/"),
            "::error file=site/content/a%2Cb%3A c.md,line=2,col=1,endColumn=6,title=W102::\
             100%25%0A::error::no%0ADid you mean \"title\"?"
        );
        let whole =
            Diagnostic::whole(Code::HeldBack, "content/a.md", "Held back: draft.").locate(None);
        assert_eq!(
            annotation(&whole, ""),
            "::notice file=content/a.md,title=W601::Held back: draft."
        );
        let empty = Diagnostic::at(Code::NoEffect, "a", Span::new(20, 20), "x").locate(Some(text));
        assert_eq!(
            annotation(&empty, ""),
            "::warning file=a,line=3,col=4,endColumn=5,title=W604::x"
        );
    }

    #[test]
    fn files_are_named_from_the_checkout() {
        let from = |checkout| from_checkout(Path::new("/runner/repo/docs/site"), checkout);
        assert_eq!(from(Some(Path::new("/runner/repo"))), "docs/site/");
        assert_eq!(from(Some(Path::new("/runner/repo/docs/site"))), "");
        assert_eq!(from(Some(Path::new("/elsewhere"))), "");
        assert_eq!(from(None), "");
    }
}
