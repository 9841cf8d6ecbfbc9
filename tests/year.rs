//! Owns the contract of the commands around a year: `new year`, `new event` and `status`. What they write, what they
//! leave alone, and what they say. Drives the program itself.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test works on a disk and may fail"
)]

mod support;

use std::collections::BTreeMap;
use std::process::Command;

use support::json::Json;
use support::{Folder, files_below};

/// What a command came to.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn weekmark(folder: &Folder, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_weekmark"))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

const TODAY: [&str; 2] = ["--today", "2026-11-22"];

fn new_year(folder: &Folder, arguments: &[&str]) -> Ran {
    weekmark(folder, &[&["new", "year"], arguments, &TODAY].concat())
}

fn new_event(folder: &Folder, arguments: &[&str]) -> Ran {
    weekmark(folder, &[&["new", "event"], arguments, &TODAY].concat())
}

fn all(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    files_below(folder.path())
}

const SITE: &str = "title: Test\nbase_url: https://week.example/\ntime_zone: America/New_York\ncampaign:\n  name: Test Week\n  rule: {full_week: 2, month: October, week_starts: Sunday}\n";

const YEARS: &str = "# What we know.\n\n2026:\n  theme: \"Together\"   # as announced\n  hashtag: '#TestWeek2026'\n\n# Far ahead.\n2029: {confirmed: false}\n";

/// A small site with a campaign and years.
fn site() -> Folder {
    let folder = Folder::new("year");
    folder.write("site.yaml", SITE);
    folder.write(
        "content/_index.md",
        "---\ntitle: Home\ndescription: The first page.\n---\n\n[Years](years/_index.md)\n\n[Events](events/_index.md)\n",
    );
    folder.write("content/_data/years.yaml", YEARS);
    folder
}

/// A site whose pages of years lie in a folder of its own choice.
fn with_archive() -> Folder {
    let folder = site();
    folder.write("content/archive/_index.md", "---\ntitle: Archive\ndescription: Years.\n---\n");
    folder.write(
        "content/archive/week-2022/index.md",
        "---\ntitle: Week 2022\ndescription: Of 2022.\nyear: 2022\n---\nIn 2026, no leftover here.\n",
    );
    folder
}

// ---- new year -------------------------------------------------------------------------------------

#[test]
fn a_new_year_adds_and_changes_nothing_else() {
    let folder = site();
    let before = all(&folder);
    let ran = new_year(&folder, &["2027"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    for part in [
        "Test Week 2027\nSunday, October 10 – Saturday, October 16, 2027\n",
        "by the rule of site.yaml: the second full week of October, from Sunday on.",
        "They count as expected.",
        "Added 2027 to content/_data/years.yaml.",
        "Nothing in the site still says 2026.",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    let entry = "\n2027:\n  confirmed: false\n  # Take away the # in front of a line to use it.\n  \
                 # theme: \"The words of the theme, as the organizers wrote them\"\n  \
                 # theme_owner: Who set the theme\n  # hashtag: \"#TestWeek2027\"\n  \
                 # source: a-name-from-sources.yaml\n";
    let expected = YEARS.replace("'#TestWeek2026'\n", &format!("'#TestWeek2026'\n{entry}"));
    assert_eq!(folder.read("content/_data/years.yaml"), expected);
    let after = all(&folder);
    let new: Vec<&str> =
        after.keys().filter(|path| !before.contains_key(*path)).map(String::as_str).collect();
    assert_eq!(new, ["content/years/2026.md", "content/years/2027.md", "content/years/_index.md"]);
    for (path, bytes) in before.iter().filter(|(path, _)| *path != "content/_data/years.yaml") {
        assert!(&after[path] == bytes, "{path}");
    }
    for year in ["2026", "2027"] {
        let page = folder.read(&format!("content/years/{year}.md"));
        assert!(page.contains(&format!("\nyear: {year}\n")), "{page}");
    }

    // A second time there is nothing to do.
    let ran = new_year(&folder, &["2027"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("2027 was set up before: nothing was changed."), "{}", ran.err);
    assert!(all(&folder) == after);
}

#[test]
fn pages_of_years_come_where_the_others_are() {
    let folder = with_archive();
    assert_eq!(new_year(&folder, &["2027"]).code, 0);
    for year in ["2026", "2027"] {
        let page = folder.read(&format!("content/archive/week-{year}/index.md"));
        assert!(page.contains(&format!("\nyear: {year}\n")), "{page}");
    }
    assert!(!folder.at("content/years").exists());
}

#[test]
fn a_page_at_that_place_is_left_alone() {
    let folder = site();
    folder.write("content/years/2026/index.md", "---\ntitle: Mine\n---\n");
    folder.write("content/years/_index.md", "---\ntitle: Also mine\n---\n");
    folder.write("content/years/2027.md", "---\ntitle: Mine too\n---\n");
    let before = all(&folder);
    let ran = new_year(&folder, &["2027"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("content/years/2026/index.md is there and was left as it is."));
    assert!(ran.err.contains("Add the line \"year: 2027\""), "{}", ran.err);
    let after = all(&folder);
    assert!(
        before.iter().all(|(path, bytes)| path.ends_with("years.yaml") || &after[path] == bytes)
    );
    assert_eq!(before.len(), after.len());
}

#[test]
fn announced_dates_are_two_lines() {
    let folder = site();
    let ran = new_year(&folder, &["2027", "--start", "2027-10-03", "--end", "9 October 2027"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("Sunday, October 3 – Saturday, October 9, 2027"), "{}", ran.err);
    assert!(ran.err.contains("they would be Sunday, October 10 – Saturday, October 16, 2027"));
    let years = folder.read("content/_data/years.yaml");
    assert!(
        years.contains("\n2027:\n  start: 2027-10-03\n  end: 2027-10-09\n  confirmed: false\n"),
        "{years}"
    );

    // Other dates for a year that is there: told, not written.
    let ran = new_year(&folder, &["2027", "--start", "2027-10-10", "--end", "2027-10-16"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("write there: start: 2027-10-10"), "{}", ran.err);
    assert_eq!(folder.read("content/_data/years.yaml"), years);
}

#[test]
fn a_site_without_years_gets_the_file() {
    let folder = site();
    folder.delete("content/_data/years.yaml");
    let ran = new_year(&folder, &["2027"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let years = folder.read("content/_data/years.yaml");
    assert!(
        years.starts_with("# ") && years.contains("\n\n2027:\n  confirmed: false\n"),
        "{years}"
    );
    assert!(years.contains("# hashtag: \"#TestWeek2027\""), "{years}");
    assert!(!folder.at("content/years/2026.md").exists(), "nobody knows of 2026");
}

#[test]
fn what_cannot_be_set_up_is_refused_and_nothing_changes() {
    for (site, years, arguments, word) in [
        (SITE, YEARS, &["27"][..], "four digits"),
        (SITE, YEARS, &["20277"], "four digits"),
        (SITE, YEARS, &["next"], "four digits"),
        (SITE, YEARS, &["2027", "--start", "2027-10-10"], "--end"),
        (
            SITE,
            YEARS,
            &["2027", "--start", "2027-10-10", "--end", "2027-10-09"],
            "before the first",
        ),
        (SITE, YEARS, &["2027", "--start", "2028-10-10", "--end", "2028-10-12"], "is in 2027"),
        (SITE, "2026: [\n", &["2027"], "cannot be read"),
        (SITE, "{2026: {theme: A}}\n", &["2027"], "Add by hand:\n\n2027:\n  confirmed: false"),
        ("title: Test\n", YEARS, &["2027"], "campaign:\n  name: \"Test\"\n  rule: {"),
        ("titel: Test\n", YEARS, &["2027"], "mistake in site.yaml"),
        (
            "title: T\ncampaign: {rule: {weekday: Monday, nth: 5, month: February}}\n",
            YEARS,
            &["2027"],
            "weekmark new year 2027 --start",
        ),
    ] {
        let folder = Folder::new("refused");
        folder.write("site.yaml", site);
        folder.write("content/_data/years.yaml", years);
        let before = all(&folder);
        let ran = new_year(&folder, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?} {}", ran.err);
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
        assert!(all(&folder) == before, "{arguments:?}");
    }
    let nowhere = Folder::new("empty");
    assert_eq!(new_year(&nowhere, &["2027"]).code, 2);
    assert_eq!(all(&nowhere).len(), 0);
}

#[test]
fn leftovers_are_a_list_of_places() {
    let folder = with_archive();
    folder.write(
        "content/faq.md",
        "---\ntitle: Questions\nreviewed: 2026-11-22\nsources: [{title: A page, url: https://example.org/2026}]\n---\n\n\
         Was 2026 the first? Post with #TestWeek2026.\n[Calendar](/calendar/week-2026.ics) and [site](https://example.org/2026/x).\n",
    );
    folder.write(
        "content/events/party.md",
        "---\ntitle: Party 2026\nevent: {start: 2026-10-13 12:00, end: 2026-10-13 13:00}\n---\n",
    );
    folder
        .write("content/_data/sources.yaml", "a:\n  title: News of 2026\n  accessed: 2026-01-01\n");
    folder.write("content/_data/posts.yaml", "posts:\n  - text: \"Join us in 2026\"\n");
    let ran = new_year(&folder, &["2027"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("4 places still say 2026."), "{}", ran.err);
    assert_eq!(
        ran.out,
        "content/faq.md:7:5: says 2026: Was 2026 the first? Post with #TestWeek2026.\n\
         content/faq.md:7:31: hashtag of 2026: Was 2026 the first? Post with #TestWeek2026.\n\
         content/faq.md:8:12: link to a file of 2026: [Calendar](/calendar/week-2026.ics) and [site](https://example.org/2026/x).\n\
         content/_data/posts.yaml:2:23: says 2026: - text: \"Join us in 2026\"\n"
    );
    // Long before the year, the list is for later.
    let ran = weekmark(&folder, &["new", "year", "2027", "--today", "2026-10-01"]);
    assert!(ran.err.contains("That year is not over yet"), "{}", ran.err);
}

// ---- new event ------------------------------------------------------------------------------------

#[test]
fn a_new_event_is_a_draft_in_the_coming_week() {
    let folder = site();
    let ran = new_event(&folder, &["Coffee hour"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert!(
        ran.err.contains("Tuesday, October 12, 2027, 12:00–1:00 p.m. EDT (America/New_York)"),
        "{}",
        ran.err
    );
    let text = folder.read("content/events/coffee-hour.md");
    assert_eq!(
        text,
        "---\ntitle: \"Coffee hour\"\ndescription: \"Coffee hour: when and where it is, and how to take part.\"\n\
         event:\n  start: 2027-10-12 12:00\n  end: 2027-10-12 13:00\n  place: \"Place to be announced\"\ndraft: true\n---\n\n\
         Change the day, the time and the place above, and write here what people should know. \
         Then delete this sentence and the line \"draft: true\".\n"
    );
    assert!(folder.at("content/events/_index.md").is_file());
    // Never twice.
    let before = all(&folder);
    let ran = new_event(&folder, &["Coffee hour", "--start", "2027-10-13"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is there already; nothing was changed."), "{}", ran.err);
    folder.write("content/events/talk/index.md", "---\ntitle: Talk\n---\n");
    assert_eq!(new_event(&folder, &["Talk"]).code, 2);
    folder.delete("content/events/talk");
    assert!(all(&folder) == before);
}

#[test]
fn an_event_with_day_and_place_is_ready() {
    let folder = site();
    let ran = new_event(
        &folder,
        &[
            "A \"walk\": two miles",
            "--start",
            "12 October 2027 9:30",
            "--end",
            "11:00",
            "--place",
            "City park",
            "--link",
            "https://example.org/walk",
            "--organizer",
            "The team",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = folder.read("content/events/a-walk-two-miles.md");
    assert!(!text.contains("draft"), "{text}");
    assert!(
        text.contains(
            "event:\n  start: 2027-10-12 09:30\n  end: 2027-10-12 11:00\n  place: \"City park\"\n  \
         link: \"https://example.org/walk\"\n  organizer: \"The team\"\n---\n"
        ),
        "{text}"
    );
    // Whole days, and outside of the week.
    let ran = new_event(
        &folder,
        &[
            "Fair",
            "--start",
            "2027-11-02",
            "--end",
            "2027-11-03",
            "--link",
            "https://example.org/fair",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("That is not in the week: Test Week 2027 is Sunday, October 10"),
        "{}",
        ran.err
    );
    let text = folder.read("content/events/fair.md");
    assert!(text.contains("event:\n  start: 2027-11-02\n  end: 2027-11-03\n  link: "), "{text}");
    // A day without a place: still to be finished.
    assert_eq!(new_event(&folder, &["Talk", "--start", "2027-10-12 18:00"]).code, 0);
    assert!(folder.read("content/events/talk.md").contains("draft: true"));
}

#[test]
fn an_event_that_cannot_be_is_refused() {
    let folder = site();
    let before = all(&folder);
    for (arguments, word) in [
        (&["Talk", "--start", "2027-10-12 12:00", "--end", "11:00"][..], "before it starts"),
        (&["Talk", "--start", "2027-02-30 12:00"], "That month has 28 days."),
        (&["Talk", "--start", "10/12/2027 12:00"], "can be read in two ways"),
        (&["Talk", "--start", "2027-10-12 25:00"], "There is no hour 25."),
        (&["Talk", "--end", "13:00"], "--start"),
        (&["Talk", "--link", "javascript:alert(1)"], "Write it in full"),
        (&["…"], "is not a title"),
    ] {
        let ran = new_event(&folder, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{arguments:?}: {}", ran.err);
    }
    folder.write("site.yaml", "title: Test\n");
    let ran = new_event(&folder, &["Talk"]);
    assert!(ran.code == 2 && ran.err.contains("--start \"2027-10-12 12:00\""), "{}", ran.err);
    folder.write("site.yaml", SITE);
    assert!(all(&folder) == before);
}

#[test]
fn what_is_new_builds_as_it_is() {
    let folder = Folder::new("built");
    for arguments in [
        &["new", "site", "site"][..],
        &["new", "year", "2028", "--root", "site"],
        &["new", "event", "Coffee hour", "--root", "site", "--today", "2026-11-22"],
        &[
            "new",
            "event",
            "Talk",
            "--root",
            "site",
            "--start",
            "2027-10-13 5 pm",
            "--place",
            "Hall",
        ],
        &[
            "new",
            "event",
            "Fair",
            "--root",
            "site",
            "--start",
            "2027-10-14",
            "--link",
            "https://example.org/fair",
        ],
    ] {
        let ran = weekmark(&folder, arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    }
    let about = folder.read("site/content/about.md");
    folder.write(
        "site/content/about.md",
        format!(
            "{about}\nSee [every year](years/_index.md) and [what takes place](events/_index.md).\n"
        ),
    );
    for command in
        [&["check", "--strict"][..], &["build", "--strict"], &["build", "--strict", "--drafts"]]
    {
        let ran = weekmark(&folder, &[command, &["--root", "site"], &TODAY].concat());
        assert_eq!(ran.code, 0, "{command:?}: {}", ran.err);
    }
    for page in ["years/2027", "years/2028", "events/coffee-hour", "events/talk", "events/fair"] {
        assert!(folder.at(&format!("site/public/{page}/index.html")).is_file(), "{page}");
    }
    assert!(folder.read("site/public/events/talk/event.ics").contains("20271013T170000"));
    let ran = weekmark(&folder, &["status", "--root", "site", "--today", "2026-11-22"]);
    assert!(ran.out.contains("2 events in the week, each with a place or a link."), "{}", ran.out);
}

// ---- status ---------------------------------------------------------------------------------------

fn status(folder: &Folder) -> (i32, Json) {
    let ran = weekmark(folder, &[&["status", "--format", "json"][..], &TODAY].concat());
    assert_eq!(ran.err, "");
    (ran.code, Json::read(&ran.out))
}

/// Name and state of each thing, in order.
fn states(list: &Json) -> Vec<String> {
    let items = list.at("items").items().iter();
    items.map(|item| format!("{} {}", item.at("name").text(), item.at("state").text())).collect()
}

fn item<'a>(list: &'a Json, name: &str) -> &'a Json {
    let mut items = list.at("items").items().iter();
    items.find(|item| item.at("name").text() == name).unwrap_or_else(|| panic!("no {name}"))
}

/// `file:line` of each place.
fn places(item: &Json) -> Vec<String> {
    let places = item.at("places").items().iter();
    places
        .map(|place| match place.at("line") {
            Json::Number(line) => format!("{}:{line}", place.at("file").text()),
            _ => place.at("file").text().to_string(),
        })
        .collect()
}

#[test]
fn status_lists_what_is_missing() {
    let folder = Folder::new("status");
    folder.write("site.yaml", SITE);
    folder.write(
        "content/_index.md",
        "---\ntitle: Home\ndescription: The first page.\nreview_by: 2027-08-15\n---\n\n[What it holds](page.md)\n",
    );
    folder.write(
        "content/page.md",
        "---\ntitle: A page\ndescription: What it holds.\nreview_by: 2026-11-01\n---\n\n![](pic.png)\n\nTODO: more of 2026.\n",
    );
    folder.write("content/pic.png", support::picture("pic.png", 4, 3));
    folder.write(
        "content/later.md",
        "---\ntitle: Later\ndescription: Not yet.\npublish_on: 2027-09-01\n---\n",
    );
    folder.write(
        "content/_data/years.yaml",
        "2026:\n  theme: A\n2027:\n  note: To come.\n  confirmed: false\n",
    );
    let before = all(&folder);
    let (code, list) = status(&folder);
    assert_eq!(code, 0);
    // What is kept of pictures is no part of the site.
    let mut after = all(&folder);
    after.retain(|path, _| !path.starts_with(".weekmark/"));
    assert!(after == before, "it writes nothing");
    assert_eq!(
        states(&list),
        [
            "errors done",
            "dates open",
            "theme open",
            "hashtag open",
            "source open",
            "year_page open",
            "base_url open",
            "alt open",
            "placeholders open",
            "reviews open",
            "events look",
            "leftovers look",
            "held_back look"
        ]
    );
    assert_eq!(list.at("weekmark"), &Json::Number(1.0));
    assert_eq!(list.at("ok"), &Json::Bool(true));
    assert_eq!(list.at("today").text(), "2026-11-22");
    let week = list.at("week");
    assert_eq!(week.at("days_until"), &Json::Number(322.0));
    assert_eq!((week.at("first").text(), week.at("last").text()), ("2027-10-10", "2027-10-16"));
    for (name, expected) in [
        ("dates", &["content/_data/years.yaml:5"][..]),
        ("theme", &["content/_data/years.yaml:3"]),
        ("base_url", &["site.yaml:2"]),
        ("alt", &["content/page.md:7"]),
        ("placeholders", &["content/page.md:9"]),
        ("reviews", &["content/page.md:4", "content/_index.md:4"]),
        ("leftovers", &["content/page.md:9"]),
        ("held_back", &["content/later.md"]),
    ] {
        assert_eq!(places(item(&list, name)), expected, "{name}");
    }

    let ran = weekmark(&folder, &[&["status"][..], &TODAY].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for part in [
        "Test Week 2027\nSunday, October 10 – Saturday, October 16, 2027\n322 days until day one\n",
        "To do: 9\n  1. The dates of 2027 are not confirmed.\n     content/_data/years.yaml:5:3\n",
        "1 page was to check again by now, and 1 before day one.",
        "content/later.md  starts September 1, 2027",
        "Done\n  ✓ The site has no errors.\n",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}'), "no colors where nobody sees them");
}

#[test]
fn status_shows_progress() {
    let folder = site();
    folder.write("site.yaml", SITE.replace("week.example", "testweek.org"));
    folder.write(
        "content/_index.md",
        "---\ntitle: Home\ndescription: The first page.\n---\n\nWelcome.\n",
    );
    folder.write(
        "content/_data/years.yaml",
        "2027:\n  theme: Better\n  hashtag: \"#T27\"\n  source: a\n  confirmed: true\n",
    );
    folder.write("content/_data/sources.yaml", "a: {title: News}\n");
    let (code, list) = status(&folder);
    assert_eq!(code, 0);
    let open: Vec<String> = states(&list).into_iter().filter(|it| it.ends_with(" open")).collect();
    assert_eq!(open, ["year_page open"]);
    assert_eq!(item(&list, "theme").at("about").text(), "Theme: Better");
}

#[test]
fn status_begins_with_errors() {
    let folder = site();
    folder.write("content/page.md", "---\ntitel: A page\n---\n[x](nope.md)\n[y](nix.md)\n");
    let ran = weekmark(&folder, &["status", "--format", "json"]);
    assert_eq!(ran.code, 1);
    let list = Json::read(&ran.out);
    assert_eq!(list.at("ok"), &Json::Bool(false));
    assert_eq!(states(&list)[0], "W102 open");
    assert!(item(&list, "W301").at("about").text().ends_with("× A link leads nowhere (W301)"));
    let nowhere = Folder::new("empty");
    let ran = weekmark(&nowhere, &["status"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("(W003)"), "{}", ran.out);
    assert_eq!(weekmark(&folder, &["status", "--today", "2026-02-30"]).code, 2);
    // Without an observance there is a list all the same.
    let folder = Folder::new("plain");
    folder.write("site.yaml", "title: T\n");
    folder.write("content/_index.md", "---\ntitle: Home\ndescription: The first.\n---\n");
    let ran = weekmark(&folder, &["status"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("Nothing says when the observance is."), "{}", ran.out);
}
