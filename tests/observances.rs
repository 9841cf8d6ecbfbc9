//! Owns the proof that the program knows no observance by name: a new site becomes that of a month, of fixed days, of
//! days over New Year, of days that only the data know, by its settings and data alone. Drives the program itself.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test works on a disk and may fail"
)]

mod support;

use std::process::Command;

use support::{Folder, files_below};

const TODAY: &str = "2027-01-15";

fn weekmark(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_weekmark"))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap()
    );
    (output.status.code().unwrap_or(-1), said)
}

/// The first page of a new site, with settings and data for another observance, as text without elements.
fn home(name: &str, rule: &str, years: &str) -> String {
    let folder = Folder::new("observance");
    let (code, said) = weekmark(&folder, &["new", "site", "our-awareness-week"]);
    assert_eq!(code, 0, "{said}");
    let settings = folder.read("our-awareness-week/site.yaml");
    let starts = "{full_week: 2, month: October, week_starts: Sunday}";
    assert!(settings.contains(starts));
    folder.write(
        "our-awareness-week/site.yaml",
        settings.replace(starts, rule).replace("Our Awareness Week", name),
    );
    folder.write("our-awareness-week/content/_data/years.yaml", years);
    let root = ["--root", "our-awareness-week"];
    for command in [&["check", "--strict"][..], &["build", "--strict"]] {
        let (code, said) = weekmark(&folder, &[&root, command, &["--today", TODAY]].concat());
        assert_eq!(code, 0, "{name}: {said}");
    }
    for (path, bytes) in files_below(&folder.at("our-awareness-week/public")) {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for word in ["case manage", "our awareness week"] {
            assert!(!text.contains(word), "{name}: {path} says {word}");
        }
    }
    // What the other commands make of it.
    let (code, said) = weekmark(&folder, &[&root[..], &["status", "--today", TODAY]].concat());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(&format!("{name} 2027")), "{said}");
    let html = folder.read("our-awareness-week/public/index.html");
    assert!(html.contains(name), "{html}");
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn social_work_month_is_all_of_march() {
    let home = home("Social Work Month", "{month: March}", "2027:\n  theme: Better together\n");
    assert!(home.contains("March 1–31, 2027") && home.contains("Better together"), "{home}");
}

#[test]
fn nurses_week_is_the_same_days_every_year() {
    let home = home("Nurses Week", "{from: May 6, to: May 12}", "2027: {confirmed: true}\n");
    assert!(home.contains("May 6–12, 2027"), "{home}");
}

#[test]
fn an_observance_may_go_over_new_year() {
    let home = home(
        "Twelve Quiet Days",
        "{from: December 28, to: January 8}",
        "2027: {confirmed: false}\n",
    );
    assert!(home.contains("December 28, 2027 – January 8, 2028"), "{home}");
}

#[test]
fn days_that_follow_no_rule_stand_in_the_data() {
    let years = "2027:\n  start: 2027-06-07\n  end: 2027-06-09\n  confirmed: true\n";
    let home = home("Open Door Days", "{dates: by_year}", years);
    assert!(home.contains("June 7–9, 2027"), "{home}");
}
