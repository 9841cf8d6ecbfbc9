//! Owns the contract of the command line: exit codes, what goes where, and that nothing is written when
//! something is wrong. Drives the program itself.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test works on a disk and may fail"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use support::json::Json;
use support::{Folder, files_below};

/// What a command came to.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// Runs the program in `folder`.
fn weekmark(folder: &Folder, arguments: &[&str]) -> Ran {
    weekmark_in(folder.path(), arguments)
}

fn weekmark_in(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_weekmark"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

const PAGE: &str = "---\ntitle: A page\ndescription: What it holds.\n---\n\nText.\n";

/// A small site without a mistake.
fn site() -> Folder {
    let folder = Folder::new("cli");
    folder.write("site.yaml", "title: Test\nbase_url: https://example.org/\n");
    folder.write(
        "content/_index.md",
        "---\ntitle: Home\ndescription: The first page.\n---\n\nWelcome.\n",
    );
    folder.write("content/page.md", PAGE);
    folder
}

fn public(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    files_below(&folder.at("public"))
}

// ---- exit codes -----------------------------------------------------------------------------------

#[test]
fn a_good_site_is_0() {
    let folder = site();
    for command in ["check", "build"] {
        let ran = weekmark(&folder, &[command]);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    }
    assert!(folder.at("public/page/index.html").is_file());
    for help in [&["--help"][..], &["--version"], &["build", "--help"], &["new", "--help"]] {
        let ran = weekmark(&folder, help);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{help:?}");
        assert!(!ran.out.is_empty());
    }
}

#[test]
fn a_site_with_errors_is_1() {
    let folder = site();
    folder.write("content/page.md", "---\ntitel: A page\n---\n[x](nope.md)\n");
    for command in ["check", "build"] {
        let ran = weekmark(&folder, &[command]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("content/page.md:2:1") && ran.err.contains("content/page.md:4:5"));
        assert!(ran.err.contains("2 errors."), "{}", ran.err);
    }
    let nowhere = Folder::new("empty");
    let ran = weekmark(&nowhere, &["build"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("There is no site.yaml in this folder."), "{}", ran.err);
    assert!(!nowhere.at("public").exists());
}

#[test]
fn a_wrong_command_is_2() {
    let folder = site();
    for arguments in [
        &[][..],
        &["bulid"],
        &["build", "--todya", "2026-01-01"],
        &["build", "--today", "2026-02-30"],
        &["build", "--today", "1/2/2026"],
        &["build", "--base-url", "example.org"],
        &["build", "--format", "xml"],
        &["--root", "nowhere", "build"],
        &["--root", "site.yaml", "check"],
        &["new", "page"],
        &["new", "page", "../outside"],
        &["new", "page", "/"],
    ] {
        let ran = weekmark(&folder, arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
    assert!(weekmark(&folder, &["bulid"]).err.contains("build"), "the near one is named");
    assert!(!folder.at("public").exists());
}

// ---- build ----------------------------------------------------------------------------------------

#[test]
fn options_of_build() {
    let folder = site();
    folder.write("content/later.md", "---\ntitle: Later\npublish_on: 2030-01-01\n---\n");
    folder.write("content/draft.md", "---\ntitle: Draft\ndraft: true\n---\n");

    let ran = weekmark(&folder, &["build", "--out", "elsewhere", "--today", "2026-11-22"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.at("elsewhere/page/index.html").is_file() && !folder.at("public").exists());
    assert!(!folder.at("elsewhere/later").exists() && !folder.at("elsewhere/draft").exists());
    assert!(ran.err.contains("note: content/draft.md: Held back: draft."), "{}", ran.err);
    assert!(ran.err.contains("Held back: starts January 1, 2030."), "{}", ran.err);
    assert!(folder.read("elsewhere/sitemap.xml").contains("https://example.org/page/"));

    let ran = weekmark(
        &folder,
        &["build", "--today", "1 January 2030", "--base-url", "https://example.com/x"],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.at("public/later/index.html").is_file() && !folder.at("public/draft").exists());
    assert!(folder.read("public/sitemap.xml").contains("https://example.com/x/later/"));

    let ran = weekmark(&folder, &["build", "--drafts", "--today", "2026-11-22"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        folder.at("public/draft/index.html").is_file()
            && folder.at("public/later/index.html").is_file()
    );
    // What the site no longer has is gone.
    assert_eq!(weekmark(&folder, &["build", "--today", "2026-11-22"]).code, 0);
    assert!(!folder.at("public/draft").exists() && !folder.at("public/later").exists());
}

#[test]
fn root_names_the_site_from_anywhere() {
    let folder = site();
    let elsewhere = Folder::new("elsewhere");
    let root = folder.path().to_str().unwrap();
    let ran = weekmark(&elsewhere, &["build", "--root", root]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.at("public/index.html").is_file());
    let ran = weekmark(&elsewhere, &["--root", root, "build", "--out", "here"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(elsewhere.at("here/index.html").is_file());
}

#[test]
fn strict_takes_warnings_for_errors() {
    let folder = site();
    folder.write("content/pic.png", support::picture("pic.png", 4, 3));
    folder.write(
        "content/page.md",
        "---\ntitle: A page\ndescription: What it holds.\n---\n![](pic.png)\n",
    );
    for command in ["build", "check"] {
        let ran = weekmark(&folder, &[command, "--strict"]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("1 warning."), "{}", ran.err);
        assert!(!folder.at("public").exists());
    }
    assert_eq!(weekmark(&folder, &["build"]).code, 0);
}

#[test]
fn explain_and_timings_say_more() {
    let folder = site();
    let ran = weekmark(&folder, &["build", "--explain", "--timings"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "made page/index.html: it was not there yet",
        "made 404.html: ",
        "scan",
        "parse",
        "assemble",
        "commit",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    let plain = weekmark(&folder, &["build"]);
    assert!(!plain.err.contains("made ") && !plain.err.contains("assemble"), "{}", plain.err);
}

#[test]
fn what_is_built_is_told() {
    let folder = site();
    let first = weekmark(&folder, &["build"]).err;
    assert!(first.starts_with("Built 2 pages (") && first.contains(" into public in "), "{first}");
    folder.write("content/new.md", PAGE);
    folder.delete("content/page.md");
    let second = weekmark(&folder, &["build"]).err;
    assert!(second.contains(" 1 new, ") && second.contains(" 1 deleted."), "{second}");
    assert!(weekmark(&folder, &["build"]).err.contains("nothing changed"));
}

/// `check` weighs only as many pages as it must to know the heaviest; `build --weights` weighs all.
#[test]
fn the_heaviest_page_is_the_same_wherever_it_is_told() {
    let folder = site();
    for number in 0..24_u32 {
        // The longest text is the lightest of all: it says one word.
        let text = match number {
            7 => "same ".repeat(4_000),
            _ => (0..number * 40).map(|i| format!("{} ", i.wrapping_mul(2_654_435_769))).collect(),
        };
        folder.write(&format!("content/page-{number}.md"), format!("# Page {number}\n\n{text}\n"));
    }
    let all = weekmark(&folder, &["build", "--weights"]);
    let first = all.err.lines().skip_while(|line| !line.contains("all    page")).nth(1).unwrap();
    let columns: Vec<&str> = first.split_whitespace().collect();
    let said = format!("Heaviest page: {}, {} of", columns[5], columns[0]);
    let told = weekmark(&folder, &["check"]);
    assert!(told.err.contains(&said), "{said}\n{}", told.err);
    assert!(said.contains("/page-23/"), "{said}");
}

// ---- json -----------------------------------------------------------------------------------------

#[test]
fn json_is_one_object() {
    let folder = site();
    let ran = weekmark(&folder, &["build", "--format", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let json = Json::read(&ran.out);
    assert_eq!(json.at("weekmark"), &Json::Number(1.0));
    assert_eq!(json.at("ok"), &Json::Bool(true));
    assert_eq!(json.at("pages"), &Json::Number(2.0));
    assert_eq!(json.at("problems").items().len(), 0);
    let created: Vec<&str> = json.at("created").items().iter().map(Json::text).collect();
    assert!(created.contains(&"page/index.html") && created.is_sorted(), "{created:?}");
    assert_eq!(json.at("files"), &Json::Number(created.len() as f64));
    for key in ["outputs", "bytes", "updated", "deleted", "unchanged"] {
        json.at(key);
    }

    folder.write(
        "content/page.md",
        "---\ntitle: \"A \\\"page\\\"\"\nwieght: 1\n---\n\n\tÑ [<x>](\"no\".md)\u{1}\n",
    );
    for command in ["build", "check"] {
        let ran = weekmark(&folder, &[command, "--format", "json"]);
        assert_eq!((ran.code, ran.err.as_str()), (1, ""));
        let json = Json::read(&ran.out);
        assert_eq!(json.at("ok"), &Json::Bool(false));
        let problem = &json.at("problems").items()[0];
        assert_eq!(problem.at("severity").text(), "error");
        assert_eq!(problem.at("code").text(), "W102");
        assert_eq!(problem.at("file").text(), "content/page.md");
        assert_eq!(
            (problem.at("line"), problem.at("column")),
            (&Json::Number(3.0), &Json::Number(1.0))
        );
        assert_eq!(problem.at("text").text(), "wieght: 1");
        assert_eq!(
            (problem.at("mark_start"), problem.at("mark_length")),
            (&Json::Number(0.0), &Json::Number(6.0))
        );
        assert_eq!(problem.at("message").text(), "\"wieght\" is not a setting of a page.");
        assert_eq!(problem.at("hint").text(), "Did you mean \"weight\"?");
        assert_eq!(problem.at("trail").items().len(), 0);
    }

    folder.delete("site.yaml");
    let ran = weekmark(&folder, &["check", "--format", "json"]);
    assert_eq!(ran.code, 1);
    let json = Json::read(&ran.out);
    assert_eq!(json.at("problems").items()[0].at("line"), &Json::Null);
}

// ---- the output folder ----------------------------------------------------------------------------

#[test]
fn nothing_is_written_while_there_are_errors() {
    let folder = site();
    assert_eq!(weekmark(&folder, &["build"]).code, 0);
    let before = public(&folder);
    folder.write("content/new.md", PAGE);
    folder.write("content/page.md", "---\ntitle: A page\n---\n[x](nope.md)\n");
    let ran = weekmark(&folder, &["build"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("Nothing was written: public is as it was."), "{}", ran.err);
    assert!(public(&folder) == before);
    let left: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!left.iter().any(|name| name.contains("weekmark")), "{left:?}");
    // Checking writes nothing at all.
    fs::remove_dir_all(folder.at("public")).unwrap();
    weekmark(&folder, &["check"]);
    assert!(!folder.at("public").exists());
}

#[test]
fn a_folder_that_is_not_ours_is_refused() {
    let folder = site();
    folder.write("public/mine.txt", "mine");
    let ran = weekmark(&folder, &["build"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did not make") && ran.err.contains("mine.txt"), "{}", ran.err);
    assert_eq!(files_below(&folder.at("public")).len(), 1);
    for out in ["content", ".", "content/sub"] {
        let ran = weekmark(&folder, &["build", "--out", out]);
        assert_eq!(ran.code, 2, "{out}: {}", ran.err);
    }
    assert_eq!(folder.read("content/page.md"), PAGE);
}

#[test]
fn hidden_files_of_the_output_folder_survive() {
    let folder = site();
    folder.write("public/.gitignore", "*\n");
    for text in ["one", "two"] {
        folder.write("content/page.md", format!("---\ntitle: A page\n---\n{text}\n"));
        assert_eq!(weekmark(&folder, &["build"]).code, 0);
        assert_eq!(folder.read("public/.gitignore"), "*\n");
    }
}

// ---- new ------------------------------------------------------------------------------------------

#[test]
fn a_new_site_builds_without_a_word() {
    let folder = Folder::new("new");
    let ran = weekmark(&folder, &["new", "site", "my-site"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let root = folder.at("my-site");
    for command in [&["check", "--strict"][..], &["build", "--strict"]] {
        let ran = weekmark_in(&root, command);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!ran.err.contains("error") && !ran.err.contains("warning"), "{}", ran.err);
    }
    assert!(
        root.join("public/index.html").is_file() && root.join("public/about/index.html").is_file()
    );

    // Editors find the schemas.
    let settings = fs::read_to_string(root.join(".vscode/settings.json")).unwrap();
    assert!(settings.contains("./.weekmark/schema/site.json"), "{settings}");
    assert!(root.join(".weekmark/schema/site.json").is_file());

    // Never over what is there.
    let before = fs::read_to_string(root.join("site.yaml")).unwrap();
    assert_eq!(weekmark(&folder, &["new", "site", "my-site"]).code, 2);
    assert_eq!(fs::read_to_string(root.join("site.yaml")).unwrap(), before);
    folder.write("file", "x");
    assert_eq!(weekmark(&folder, &["new", "site", "file"]).code, 2);
    fs::create_dir(folder.at("empty")).unwrap();
    assert_eq!(weekmark(&folder, &["new", "site", "empty"]).code, 0);
}

#[test]
fn a_new_site_asks_nothing_that_its_computer_knows() {
    let folder = Folder::new("new-es");
    let command = |name: &str, value: &str, root: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_weekmark"))
            .args(["new", "site", root])
            .env_remove("LC_MESSAGES")
            .env("LC_ALL", "")
            .env("LANG", "en_US.UTF-8")
            .env("TZ", "America/Lima")
            .env(name, value)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        (folder.read(&format!("{root}/site.yaml")), String::from_utf8(output.stderr).unwrap())
    };
    let (settings, said) = command("LANG", "es_PE.UTF-8", "semana-de-la-salud-2027");
    for line in ["title: Semana De La Salud\n", "language: es\n", "time_zone: America/Lima\n"] {
        assert!(settings.contains(line), "{settings}");
    }
    for word in ["Semana De La Salud (from the folder)", "Spanish", "America/Lima", "site.yaml"] {
        assert!(said.contains(word), "{said}");
    }
    let ran = weekmark_in(&folder.at("semana-de-la-salud-2027"), &["check", "--strict"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // A language that the theme has no words for, and a name that YAML would read otherwise.
    let (settings, _) = command("LANG", "fi_FI.UTF-8", "true");
    assert!(settings.contains("title: \"True\"\n"), "{settings}");
    assert!(settings.contains("language: en\n"), "{settings}");
    assert!(!settings.contains("{title}") && !settings.contains("{zone}"), "{settings}");
}

#[test]
fn new_pages_are_drafts_in_their_place() {
    let folder = site();
    for (wanted, file, title) in [
        ("careers/mentors", "content/careers/mentors.md", "title: \"Mentors\""),
        ("Career paths", "content/career-paths.md", "title: \"Career paths\""),
        (
            "careers/Why: \"this\" & that?",
            "content/careers/why-this-and-that.md",
            "title: \"Why: \\\"this\\\" & that?\"",
        ),
        ("content/news/first.md", "content/news/first.md", "title: \"First\""),
        ("events/_index", "content/events/_index.md", "title: \"Events\""),
        ("¿Qué es?", "content/que-es.md", "title: \"¿Qué es?\""),
    ] {
        let ran = weekmark(&folder, &["new", "page", wanted]);
        assert_eq!(ran.code, 0, "{wanted}: {}", ran.err);
        let text = folder.read(file);
        assert!(text.contains(title) && text.contains("draft: true"), "{wanted}: {text}");
        // A second time it is there already.
        assert_eq!(weekmark(&folder, &["new", "page", wanted]).code, 2, "{wanted}");
        assert_eq!(folder.read(file), text);
    }
    let ran = weekmark(&folder, &["check", "--strict"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = weekmark(&folder, &["build", "--drafts", "--strict"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.at("public/careers/why-this-and-that/index.html").is_file());
    let nowhere = Folder::new("empty");
    assert_eq!(weekmark(&nowhere, &["new", "page", "x"]).code, 2);
    assert_eq!(files_below(nowhere.path()).len(), 0);
}

// ---- schemas --------------------------------------------------------------------------------------

#[test]
fn a_schema_is_printed_and_knows_the_taxonomies_of_the_site() {
    let folder = site();
    folder.write("site.yaml", "title: Test\ntaxonomies: [tags, regions]\n");
    for name in ["site", "page", "years", "sources", "theme"] {
        let ran = weekmark(&folder, &["schema", name]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{name}");
        assert!(ran.out.starts_with("{\n  \"$schema\"") && ran.out.ends_with("\n}\n"), "{name}");
        assert_eq!(ran.out.contains("\"regions\": {"), ["site", "page"].contains(&name), "{name}");
    }
    // Without a site, and with one that cannot be read.
    folder.write("site.yaml", "title: \"Test\n");
    assert!(weekmark(&folder, &["schema", "page"]).out.contains("\"tags\": {"));
    assert!(weekmark(&Folder::new("empty"), &["schema", "page"]).out.contains("\"tags\": {"));
    for wrong in [&["schema"][..], &["schema", "pages"], &["schema", "page", "--write"]] {
        assert_eq!(weekmark(&folder, wrong).code, 2, "{wrong:?}");
    }
}

#[test]
fn schemas_are_written_beside_the_site_and_settings_stay() {
    let folder = site();
    let ran = weekmark(&folder, &["schema", "--write"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert!(ran.err.contains("# $schema: .weekmark/schema/site.json"), "{}", ran.err);
    let page = weekmark(&folder, &["schema", "page"]).out;
    assert_eq!(folder.read(".weekmark/schema/page.json"), page);
    assert_eq!(folder.read(".weekmark/.gitignore"), "*\n");
    let settings = folder.read(".vscode/settings.json");
    assert!(settings.contains("\"./.weekmark/schema/years.json\": \"content/_data/years.yaml\""));
    assert_eq!(weekmark(&folder, &["check", "--strict"]).code, 0);

    // A second time the schemas are new, and nothing else is.
    folder.write(".weekmark/schema/page.json", "old");
    let ran = weekmark(&folder, &["schema", "--write"]);
    assert!(!ran.err.contains("Nothing was changed"), "{}", ran.err);
    assert_eq!(folder.read(".weekmark/schema/page.json"), page);
    assert_eq!(folder.read(".vscode/settings.json"), settings);

    // Settings of somebody's own: they are told what to add.
    folder.write(".vscode/settings.json", "{\"a\": 1}");
    let ran = weekmark(&folder, &["schema", "--write"]);
    assert!(ran.err.contains("Nothing was changed") && ran.err.contains("\"yaml.schemas\": {"));
    assert_eq!(folder.read(".vscode/settings.json"), "{\"a\": 1}");

    let ran = weekmark(&Folder::new("empty"), &["schema", "--write"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("There is no site.yaml"), "{}", ran.err);
}
