//! Owns the contract of a build whose input did not change: it is told so without being made, and whatever the site depends on makes
//! it be made. Drives the program itself.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test works on a disk and may fail"
)]

mod support;

use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, SystemTime};

use support::{Folder, files_below};

const DAY: &str = "2027-10-12";

/// What a build printed, and whether it was made.
struct Ran {
    said: String,
    answer: String,
    ok: bool,
    is_made: bool,
}

fn run(folder: &Folder, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_weekmark"))
        .args(["build", "--timings"])
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let answer = String::from_utf8(output.stdout).unwrap();
    Ran { is_made: said.contains("render and write"), said, answer, ok: output.status.success() }
}

fn build(folder: &Folder) -> Ran {
    run(folder, &["--today", DAY])
}

/// A site that is built, and that a second build finds as it was.
fn built() -> Folder {
    let folder = Folder::new("again");
    folder.write("site.yaml", "title: Test\nbase_url: https://example.org/\n");
    folder.write("content/_index.md", "---\ntitle: Home\ndescription: One.\n---\n\nWelcome.\n");
    folder.write("content/page.md", "---\ntitle: A page\ndescription: Two.\n---\n\nA text.\n");
    folder.write("content/later.md", "---\ntitle: Held\ndraft: true\n---\n\nNot yet.\n");
    folder.write("themes/mine/theme.yaml", "name: mine\n");
    folder.write("assets/paper.txt", "Print me.\n");
    settle();
    assert!(build(&folder).is_made);
    let again = build(&folder);
    assert!(!again.is_made && again.ok, "{}", again.said);
    folder
}

/// A file that changed a moment ago could change again behind the same time, so nothing is concluded from it.
fn settle() {
    std::thread::sleep(Duration::from_millis(60));
}

/// After the change a build is made, and it makes what a build into an empty folder makes.
fn is_made_after(change: &str, folder: &Folder) {
    settle();
    let ran = build(folder);
    assert!(ran.is_made, "{change}: {}", ran.said);
    let public = files_below(&folder.at("public"));
    let fresh = run(folder, &["--today", DAY, "--out", "fresh"]);
    assert!(fresh.is_made && fresh.ok == ran.ok, "{change}: {}", fresh.said);
    assert!(public == files_below(&folder.at("fresh")), "{change}");
    fs::remove_dir_all(folder.at("fresh")).unwrap();
}

#[test]
fn a_build_of_the_same_input_says_the_same_without_being_made() {
    let folder = built();
    let plain = |ran: Ran| {
        assert!(ran.said.contains("Held back: draft") && ran.said.contains("nothing changed"));
        // How long it took, and what took so long, is not the same.
        let lines = ran.said.lines().filter(|line| !line.contains(" ms  "));
        let words = lines.flat_map(|line| line.split(" in ").next());
        words.map(str::to_string).collect::<Vec<_>>()
    };
    let before = files_below(&folder.at("public"));
    let again = build(&folder);
    assert!(!again.is_made);
    let json = run(&folder, &["--today", DAY, "--format", "json"]);
    assert!(json.answer.contains("\"ok\":true") && !json.is_made, "{}", json.answer);
    assert!(before == files_below(&folder.at("public")));
    folder.delete(".weekmark/built.txt");
    let made = build(&folder);
    assert!(made.is_made);
    folder.delete(".weekmark/built.txt");
    let made_json = run(&folder, &["--today", DAY, "--format", "json"]);
    assert_eq!(plain(again), plain(made));
    assert_eq!(json.answer, made_json.answer);
    assert_eq!(folder.read(".weekmark/.gitignore"), "*\n");
}

/// What the site is made from: files that are written, come and go, and files that look as before.
#[test]
fn whatever_changes_in_the_folder_makes_it_be_made() {
    let folder = built();
    folder.write("content/page.md", "---\ntitle: A page\ndescription: Two.\n---\n\nB text.\n");
    is_made_after("a text of the same length", &folder);

    let file = File::options().append(true).open(folder.at("content/page.md")).unwrap();
    let then = file.metadata().unwrap().modified().unwrap();
    folder.write("content/page.md", "---\ntitle: A page\ndescription: Two.\n---\n\nC text.\n");
    file.set_modified(then).unwrap();
    is_made_after("a text of the same length whose time was set back", &folder);

    folder.write("content/new.md", "---\ntitle: New\ndescription: Three.\n---\n\nHere.\n");
    is_made_after("a new page", &folder);
    folder.delete("content/new.md");
    is_made_after("a page that is gone", &folder);
    folder.write("assets/paper.txt", "Print us.\n");
    is_made_after("a file that is copied", &folder);
    folder.write("themes/mine/theme.yaml", "name: mine\nextends: base\n");
    is_made_after("a theme", &folder);
    folder.write("site.yaml", "title: Toast\nbase_url: https://example.org/\n");
    is_made_after("site.yaml", &folder);
    folder.write("brand.yaml", "name: Somebody\n");
    is_made_after("a brand that was not there", &folder);
}

/// The same files on another day, for another address, with drafts, or into a folder that somebody else filled.
#[test]
fn other_options_make_it_be_made() {
    let folder = built();
    let all: [&[&str]; 6] = [
        &["--today", "2027-10-13"],
        &["--today", DAY, "--base-url", "https://example.com/"],
        &["--today", DAY, "--drafts"],
        &["--today", DAY, "--strict"],
        &["--today", DAY, "--explain"],
        &["--today", DAY, "--weights"],
    ];
    for arguments in all {
        let ran = run(&folder, arguments);
        assert!(ran.is_made, "{arguments:?}: {}", ran.said);
        // What `public` holds now was made with other options.
        build(&folder);
        assert!(!build(&folder).is_made, "{arguments:?}");
    }
    // Another folder has another past.
    assert!(run(&folder, &["--today", DAY, "--out", "other"]).is_made);
    assert!(build(&folder).is_made, "the last build filled another folder");
}

/// Without a day that was said, today counts, and tomorrow is another day.
#[test]
fn another_day_makes_it_be_made() {
    let folder = built();
    let today = run(&folder, &[]);
    assert!(today.is_made, "today is not {DAY}");
    let kept = folder.read(".weekmark/built.txt");
    let line = kept.lines().find(|line| line.starts_with("on ")).unwrap();
    let yesterday = kept.replace(line, "on 2026-01-02 UTC");
    // Midnight may pass while this runs, once.
    assert!(!run(&folder, &[]).is_made || !run(&folder, &[]).is_made);
    folder.write(".weekmark/built.txt", yesterday);
    assert!(run(&folder, &[]).is_made);
}

/// The output folder must hold the very bytes.
#[test]
fn a_touched_output_folder_makes_it_be_made() {
    let folder = built();
    let page = "public/page/index.html";
    let good = files_below(&folder.at("public"));
    for change in ["edited", "deleted", "emptied", "a folder"] {
        match change {
            "edited" => folder.write(page, folder.read(page).replace("text", "tent")),
            "deleted" => folder.delete(page),
            "emptied" => folder.write(page, ""),
            _ => {
                folder.delete(page);
                fs::create_dir_all(folder.at(page)).unwrap();
            }
        }
        let ran = build(&folder);
        assert!(ran.is_made, "{change}: {}", ran.said);
        if change == "a folder" {
            assert!(!ran.ok, "a folder of the user's stands in the way");
            fs::remove_dir(folder.at(page)).unwrap();
            assert!(build(&folder).is_made);
        }
        assert!(files_below(&folder.at("public")) == good, "{change}");
        assert!(!build(&folder).is_made, "{change}");
    }
    fs::remove_dir_all(folder.at("public")).unwrap();
    assert!(build(&folder).is_made);
    assert!(files_below(&folder.at("public")) == good);
}

/// Warnings are shown by every build, and nothing is kept of a build that failed.
#[test]
fn what_is_wrong_is_shown_again() {
    let folder = built();
    folder.write("content/page.md", "---\ntitle: A page\n---\n\n[There](/nowhere/)\n");
    settle();
    for _ in 0..2 {
        let ran = build(&folder);
        assert!(ran.is_made && !ran.ok && ran.said.contains("nowhere"), "{}", ran.said);
    }
    folder.write("content/page.md", "---\ntitle: A page\n---\n\n![](cat.png)\n\n# One\n\n# Two\n");
    settle();
    let first = build(&folder);
    let second = build(&folder);
    assert!(first.is_made && second.is_made, "{}", first.said);
}

/// A file that was written a moment ago may be written again within the same tick of the clock.
#[test]
fn a_file_of_this_moment_is_not_trusted() {
    let folder = built();
    let file = File::options().append(true).open(folder.at("content/page.md")).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    settle();
    assert!(build(&folder).is_made);
    assert!(build(&folder).is_made, "its time is yet to come");
}

/// The files behind a link are read by their paths: was it exchanged meanwhile, and put back, they were others.
#[cfg(unix)]
#[test]
fn an_exchanged_link_is_seen() {
    use std::os::unix::fs::symlink;
    use weekmark::source::scan;

    let folder = Folder::new("ways");
    folder.write("one/a.md", "One.\n");
    folder.write("two/a.md", "Two.\n");
    let exchange = |to: &str| {
        let _ = fs::remove_file(folder.at("content"));
        symlink(to, folder.at("content")).unwrap();
    };
    exchange("one");
    settle();
    let before = scan(folder.path(), &[]);
    assert_eq!(before.ways(), scan(folder.path(), &[]).ways());
    let (state, ways) = (before.state(), before.ways());
    exchange("two");
    assert!(before.ways() != ways);
    exchange("one");
    assert!(before.ways() != ways, "another link to the same place");
    // By the files alone nobody could tell.
    settle();
    assert_eq!(scan(folder.path(), &[]).state(), state);
}

/// A damaged note is no note, and a folder where nothing can be kept is no obstacle.
#[test]
fn a_damaged_note_is_no_note() {
    let folder = built();
    let kept = folder.read(".weekmark/built.txt");
    for damage in ["", "weekmark built 2\n", &kept[..kept.len() / 2], &kept.replace("end\n", "")] {
        folder.write(".weekmark/built.txt", damage);
        let ran = build(&folder);
        assert!(ran.is_made && ran.ok, "{damage:?}: {}", ran.said);
        assert_eq!(folder.read(".weekmark/built.txt"), kept);
    }
    fs::remove_dir_all(folder.at(".weekmark")).unwrap();
    folder.write(".weekmark", "a file where the folder should be");
    assert!(build(&folder).is_made && build(&folder).ok);
    assert_eq!(folder.read(".weekmark"), "a file where the folder should be");
}
