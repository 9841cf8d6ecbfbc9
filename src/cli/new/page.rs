//! Owns `weekmark new page`: a draft of a page in its place. Never overwrites what is there. Must not know how
//! a site is built.
#![expect(clippy::disallowed_methods, reason = "a new page is written where nothing is yet")]

use std::io;
use std::path::Path;

use super::{create, no_site, quoted};
use crate::cli::{Outcome, print};
use crate::config;
use crate::slug::{capital, slug};

pub(in crate::cli) fn page(root: &Path, wanted: &str) -> Outcome {
    if !root.join(config::FILE).is_file() {
        return no_site(root);
    }
    let Some((relative, title)) = place_and_title(wanted) else {
        return Outcome::Failed(format!("\"{wanted}\" is not a place for a page below content/."));
    };
    let path = root.join("content").join(&relative);
    // `a.md`, `a/index.md` and `a/_index.md` would be one address.
    let folder = path.with_extension("");
    let twins =
        [folder.join("index.md"), folder.join("_index.md"), path.with_file_name("_index.md")];
    let is_index = relative == "index.md" || relative.ends_with("/index.md");
    let taken = twins.iter().take(if is_index { 3 } else { 2 }).find(|twin| twin.is_file());
    if let Some(taken) = taken {
        let taken = taken.strip_prefix(root).unwrap_or(taken).display();
        return Outcome::Failed(format!("{taken} has that address already; nothing was changed."));
    }
    let text = format!(
        "---\ntitle: {}\ndescription: {}\ndraft: true\n---\n\nWrite the page here. Delete the line \"draft: true\" to publish it.\n",
        quoted(&title),
        quoted(&format!("{title}: say in one sentence what this page holds."))
    );
    match create(&path, &text) {
        Ok(()) => {
            print::good(&format!("Wrote content/{relative}."));
            print::say("It is a draft: the preview shows it, the published site does not.");
            Outcome::Done
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Outcome::Failed(format!("content/{relative} is there already; nothing was changed."))
        }
        Err(error) => Outcome::Failed(format!("content/{relative} cannot be written: {error}.")),
    }
}

/// `careers/mentors`, `careers/mentors.md` or `Career paths` → the file below `content/` and a title.
fn place_and_title(wanted: &str) -> Option<(String, String)> {
    let wanted = wanted.trim().trim_start_matches("content/").trim_end_matches('/');
    let parts: Vec<&str> = wanted.split('/').collect();
    let (last, folders) = parts.split_last()?;
    let bad = |part: &&str| {
        part.trim().is_empty()
            || part.trim() != *part
            || *part == "."
            || *part == ".."
            || part.contains('\\')
            || part.chars().any(char::is_control)
    };
    if folders.iter().any(bad) || bad(last) {
        return None;
    }
    let name = last.trim_end_matches(".md");
    let is_title = name.contains(' ') || name.chars().any(char::is_uppercase);
    let file = match name {
        "_index" => "_index".to_string(),
        name => slug(name),
    };
    if file.is_empty() {
        return None;
    }
    let words = match name {
        "_index" => folders.last().copied().unwrap_or("Home"),
        name => name,
    };
    let title = if is_title { words.to_string() } else { capital(&words.replace(['-', '_'], " ")) };
    let folders: String = folders.iter().map(|folder| format!("{folder}/")).collect();
    Some((format!("{folders}{file}.md"), title))
}

#[cfg(test)]
mod tests {
    use super::place_and_title;

    #[test]
    fn a_place_or_a_title_makes_a_page() {
        let made = |wanted| place_and_title(wanted);
        let some = |a: &str, b: &str| Some((a.to_string(), b.to_string()));
        assert_eq!(made("careers/mentors"), some("careers/mentors.md", "Mentors"));
        assert_eq!(made("careers/ccm-exam.md"), some("careers/ccm-exam.md", "Ccm exam"));
        assert_eq!(made("Career paths"), some("career-paths.md", "Career paths"));
        assert_eq!(made("content/a/_index.md"), some("a/_index.md", "A"));
        assert_eq!(made("../x"), None);
    }
}
