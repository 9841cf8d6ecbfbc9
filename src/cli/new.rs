//! Owns `weekmark new`: a site and a page to begin with. Never overwrites what is there.
//! Must not know how a site is built.
#![expect(
    clippy::disallowed_methods,
    reason = "a new site or page is written where nothing is yet"
)]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::{Outcome, print, schema};
use crate::config::Config;
use crate::slug::{capital, slug};

/// The files of a new site; the theme comes from the program.
const STARTER: &[(&str, &str)] = &[
    ("site.yaml", include_str!("starter/site.yaml")),
    ("README.md", include_str!("starter/README.md")),
    ("content/_index.md", include_str!("starter/_index.md")),
    ("content/about.md", include_str!("starter/about.md")),
    ("content/celebrate/_index.md", include_str!("starter/celebrate.md")),
    ("content/celebrate/at-work.md", include_str!("starter/at-work.md")),
    ("content/_data/years.yaml", include_str!("starter/years.yaml")),
    (".gitignore", "public/\n.weekmark/\n"),
];

pub(super) fn site(dir: &Path) -> Outcome {
    // A folder with only a .git in it is what a new repository looks like.
    let is_visible = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|e| !e.file_name().to_string_lossy().starts_with('.'))
    };
    match fs::read_dir(dir).map(|mut entries| entries.any(is_visible)) {
        Ok(true) => {
            return Outcome::Failed(format!(
                "{} is not empty. Name a folder that is not there yet.",
                dir.display()
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Outcome::Failed(format!("{} is a file.", dir.display()));
        }
        _ => {}
    }
    for (path, text) in STARTER {
        if let Err(error) = create(&dir.join(path), text) {
            return Outcome::Failed(format!(
                "{} cannot be written: {error}.",
                dir.join(path).display()
            ));
        }
    }
    // Help for editors is worth a word, but a site is one without it.
    if let Err(message) = schema::write(dir, &Config::default().taxonomies) {
        print::say(&message);
    }
    print::good(&format!("Your site is in {}.", dir.display()));
    print::say(&format!("See it:    weekmark serve --open --root {}", dir.display()));
    print::say("Change it: open site.yaml and content/_index.md in your editor and save.");
    Outcome::Done
}

pub(super) fn page(root: &Path, wanted: &str) -> Outcome {
    if !root.join(crate::config::FILE).is_file() {
        return Outcome::Failed(format!(
            "There is no site.yaml in {}. Go to the folder of your site, or name it with --root.",
            root.display()
        ));
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

/// A title as a YAML value: in quotation marks, so that a colon does no harm.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Writes a file that is not there yet, with its folders.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
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
