//! Owns the catalogue of mistakes: `docs/mistakes.md`, `docs/messages/` and the table in
//! `docs/messages.md` are made from the fixtures in `tests/suite/mistakes/`, so they cannot say what the
//! program does not. Must not know any message by heart: the fixtures hold them, and `tests/suite` runs them.
//!
//! A fixture of a mistake is `mistakes/AREA/NAME.txt` in the form of `suite/fixture.rs`:
//!
//! - The first line is the mistake in an editor's words: one row of the table.
//! - The last step is the site, mended: it has no error. The mistake is the first step that has messages
//!   whose codes the last has not; those messages are shown.
//! - If there are none, the "mistake" is none: weekmark reads what was meant. Then an
//!   expectation about an output has to prove it.
//!
//! `UPDATE=1 cargo test --test messages` writes the documents anew.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make folders and read documents"
)]

#[path = "suite/fixture.rs"]
#[allow(dead_code, reason = "expectations are compared by tests/suite")]
mod fixture;
#[path = "suite/site.rs"]
mod site;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use fixture::{Edit, Step};
use rayon::prelude::*;
use support::{Folder, cold, files_below};
use weekmark::diag::{Code, Located, Severity};
use weekmark::pass::Options;
use weekmark::source::scan;

/// The areas in the order of the table, with their headings. Others come after these, by name.
const AREAS: &[(&str, &str)] = &[
    ("front-matter", "Settings of a page"),
    ("yaml", "The form of settings"),
    ("dates", "Dates"),
    ("files", "Files"),
    ("links", "Links"),
    ("pictures", "Pictures"),
    ("text", "Text"),
    ("components", "Components"),
    ("addresses", "Addresses"),
    ("publishing", "What is published when"),
    ("site-yaml", "site.yaml and data"),
    ("campaign", "Ways, plans and posts"),
    ("templates", "Templates"),
    ("theme", "Theme"),
    ("colors", "Colors"),
    ("quality", "Quality of the pages"),
    ("many", "Several at once"),
];

/// Codes that no fixture can show, and why.
const NOT_SHOWN: &[(Code, &str)] =
    &[(Code::DeadLink, EXTERNAL), (Code::UnsureLink, EXTERNAL), (Code::MovedLink, EXTERNAL)];
const EXTERNAL: &str =
    "only `check --external` says it, which asks other hosts; `tests/external.rs` has it.";

/// How many examples a page about a code shows.
const EXAMPLES: usize = 3;

/// One fixture: a mistake, what is said about it, and how it is mended.
struct Mistake {
    /// `front-matter/key-misspelt`.
    path: String,
    /// In an editor's words.
    says: String,
    /// The files that were written for it.
    wrong: Vec<Edit>,
    /// What weekmark says.
    said: Vec<Located>,
    /// What mends it.
    right: Vec<Edit>,
    /// The day, if it is part of the mistake.
    today: Option<String>,
}

impl Mistake {
    fn area(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    fn has(&self, code: Code) -> bool {
        self.said.iter().any(|problem| problem.diagnostic.code == code)
    }
}

#[test]
fn the_documents_are_made_from_the_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mistakes = mistakes(&root.join("tests/suite/mistakes"));
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    wanted.insert("docs/mistakes.md".into(), table(&mistakes));
    for code in Code::ALL {
        wanted.insert(format!("docs/{}", page_of(*code)), page(*code, &mistakes));
    }
    let index = fs::read_to_string(root.join("docs/messages.md")).unwrap();
    wanted.insert("docs/messages.md".into(), with_codes(&index));

    let mut there: BTreeSet<String> =
        ["docs/mistakes.md", "docs/messages.md"].map(String::from).into();
    let pages = root.join("docs/messages");
    if pages.is_dir() {
        there.extend(files_below(&pages).into_keys().map(|path| format!("docs/messages/{path}")));
    }
    let mut differ = Vec::new();
    for path in there.iter().chain(wanted.keys()).collect::<BTreeSet<_>>() {
        let now = fs::read_to_string(root.join(path)).ok();
        if now.as_ref() != wanted.get(path) {
            differ.push(path.clone());
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        for path in &differ {
            let at = root.join(path);
            match wanted.get(path) {
                Some(text) => {
                    fs::create_dir_all(at.parent().unwrap()).unwrap();
                    fs::write(at, text).unwrap();
                }
                None => fs::remove_file(at).unwrap(),
            }
        }
    } else {
        assert!(
            differ.is_empty(),
            "these documents are not what the fixtures give; UPDATE=1 cargo test --test messages \
             writes them:\n{}",
            differ.join("\n")
        );
    }
}

#[test]
fn every_code_has_a_fixture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mistakes = mistakes(&root.join("tests/suite/mistakes"));
    let mut findings = Vec::new();
    for code in Code::ALL {
        let excused = NOT_SHOWN.iter().any(|(other, _)| other == code);
        let shown = mistakes.iter().any(|mistake| mistake.has(*code));
        match (shown, excused) {
            (false, false) => findings.push(format!(
                "{} ({}) has no fixture in tests/suite/mistakes",
                code.id(),
                code.about()
            )),
            (true, true) => {
                findings.push(format!("{} has a fixture, so it is no exception", code.id()))
            }
            _ => {}
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// Every fixture, in the order of the table.
fn mistakes(folder: &Path) -> Vec<Mistake> {
    let files: Vec<(String, String)> = files_below(folder)
        .into_iter()
        .filter_map(|(path, bytes)| {
            Some((path.strip_suffix(".txt")?.to_string(), String::from_utf8(bytes).ok()?))
        })
        .collect();
    let read: Vec<Result<Mistake, String>> = files
        .par_iter()
        .map(|(path, text)| mistake(path, text).map_err(|error| format!("{path}: {error}")))
        .collect();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for mistake in read {
        match mistake {
            Ok(mistake) => good.push(mistake),
            Err(error) => bad.push(error),
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    let place =
        |area: &str| AREAS.iter().position(|(name, _)| *name == area).unwrap_or(AREAS.len());
    good.sort_by(|a, b| (place(a.area()), &a.path).cmp(&(place(b.area()), &b.path)));
    let mut seen = BTreeMap::new();
    for mistake in &good {
        if let Some(other) = seen.insert(&mistake.says, &mistake.path) {
            panic!("{} and {other} begin with the same line", mistake.path);
        }
    }
    good
}

/// Makes the steps of a fixture and finds the mistake among them.
fn mistake(path: &str, text: &str) -> Result<Mistake, String> {
    let steps = fixture::read(text)?;
    let says = text.lines().next().unwrap_or_default().trim().to_string();
    if says.is_empty() || says.starts_with("--- ") || says.contains('|') {
        return Err("the first line is the mistake in an editor's words, without |".into());
    }
    let folder = Folder::new("messages");
    let mut options = Options::default();
    let mut has_site = true;
    let mut said = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        site::read_options(step, &mut options, &mut has_site)?;
        for edit in site::with_site(step, number == 0 && has_site) {
            site::apply(&folder, &edit);
        }
        said.push(cold(&scan(folder.path(), site::theme()), &options).report.problems);
    }
    let today = |step: &Step| {
        let today = step.options.iter().find(|(name, _)| name == "today");
        today.map(|(_, value)| value.clone())
    };
    // What the last step mends is the mistake; whatever else is said of so small a site is not.
    let mended = said.pop().unwrap_or_default();
    if let Some(error) = mended.iter().find(|problem| problem.severity() == Severity::Error) {
        return Err(format!("after the last step there still is\n{}", error.to_text(false)));
    }
    let stays = |problem: &Located| {
        mended.iter().any(|other| other.diagnostic.code == problem.diagnostic.code)
    };
    said.iter_mut().for_each(|said| said.retain(|problem| !stays(problem)));
    let Some(at) = said.iter().position(|said| !said.is_empty()) else {
        if steps.iter().all(|step| step.about.is_empty()) {
            return Err("nothing is said, and nothing is expected of an output".into());
        }
        let edits = steps.iter().flat_map(|step| step.edits.clone()).collect();
        let (said, right) = (Vec::new(), Vec::new());
        return Ok(Mistake { path: path.into(), says, wrong: edits, said, right, today: None });
    };
    Ok(Mistake {
        path: path.into(),
        says,
        wrong: steps[at].edits.clone(),
        said: said.swap_remove(at),
        right: steps.last().map(|step| step.edits.clone()).unwrap_or_default(),
        today: today(&steps[at]),
    })
}

// ---- docs/mistakes.md ---------------------------------------------------------------------------

fn table(mistakes: &[Mistake]) -> String {
    let mut out = String::from(
        "# Mistakes, and what weekmark says\n\n\
         Every row is a fixture in `tests/suite/mistakes/`: a small site with this one mistake. The message, \
         its place and its advice are what the program printed when the tests ran last; they fail if it \
         prints anything else. The place is file, line and column.\n\n\
         [The messages by their codes](messages.md) have a wrong and a right example each.\n",
    );
    let mut area = "";
    for mistake in mistakes {
        if mistake.area() != area {
            area = mistake.area();
            let _ = write!(
                out,
                "\n## {}\n\n| mistake | message | place | weekmark says | and advises |\n\
                 | --- | --- | --- | --- | --- |\n",
                title_of(area)
            );
        }
        if mistake.said.is_empty() {
            let _ = writeln!(
                out,
                "| {} | – | – | Nothing: it is read as it was meant. | – |",
                mistake.says
            );
        }
        for (number, problem) in mistake.said.iter().enumerate() {
            let d = &problem.diagnostic;
            let place = match &problem.place {
                Some(place) => format!("`{}:{}:{}`", d.file, place.line, place.column),
                None => format!("`{}`", d.file),
            };
            let mut words = escaped(&d.message);
            for step in &d.trail {
                let _ = write!(words, " ({})", escaped(step));
            }
            let _ = writeln!(
                out,
                "| {} | {} [{}]({}) | {place} | {words} | {} |",
                if number == 0 { mistake.says.as_str() } else { "" },
                problem.severity().word(),
                d.code.id(),
                page_of(d.code),
                d.hint.as_deref().map_or("–".into(), escaped),
            );
        }
    }
    out
}

fn title_of(area: &str) -> String {
    if let Some((_, title)) = AREAS.iter().find(|(name, _)| *name == area) {
        return (*title).to_string();
    }
    let words = area.replace('-', " ");
    let mut chars = words.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// A text that Markdown shows as it is, in a cell of a table.
fn escaped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let in_word = before.is_some_and(char::is_alphanumeric)
            && chars.get(at + 1).is_some_and(|c| c.is_alphanumeric());
        let special = match c {
            '_' => !in_word,
            '(' => before == Some(']'),
            '\n' => {
                out.push(' ');
                continue;
            }
            c => "\\`*[]<>|~".contains(*c),
        };
        if special {
            out.push('\\');
        }
        out.push(*c);
    }
    out
}

// ---- docs/messages/ -----------------------------------------------------------------------------

/// From `docs/`.
fn page_of(code: Code) -> String {
    format!("messages/{}.md", code.id())
}

fn page(code: Code, mistakes: &[Mistake]) -> String {
    let word = code.severity().word();
    let mut out = format!(
        "# {}\n\n**{word}:** {}\n\n[All messages](../messages.md) · [All mistakes](../mistakes.md)\n",
        code.id(),
        code.about()
    );
    let mut examples: Vec<&Mistake> = mistakes.iter().filter(|mistake| mistake.has(code)).collect();
    // Those that show this message and nothing else explain it best.
    examples.sort_by_key(|mistake| mistake.said.len());
    for mistake in examples.iter().take(EXAMPLES) {
        example(mistake, &mut out);
    }
    if let Some((_, why)) = NOT_SHOWN.iter().find(|(other, _)| *other == code) {
        let _ = write!(out, "\nThere is no example: {why}\n");
    }
    if examples.len() > EXAMPLES {
        out.push_str("\n## Other mistakes with this message\n\n");
        for mistake in &examples[EXAMPLES..] {
            let _ = writeln!(out, "- {}", mistake.says);
        }
    }
    out
}

fn example(mistake: &Mistake, out: &mut String) {
    let _ = write!(out, "\n## {}\n\n### Wrong\n\n", mistake.says);
    // Files that are neither told about nor mended only have to be there.
    let matters = |path: &str| {
        mistake.said.iter().any(|problem| problem.diagnostic.file == path)
            || mistake.right.iter().any(|edit| edit.paths().contains(&path))
            || mistake
                .said
                .iter()
                .any(|p| p.diagnostic.trail.iter().any(|step| step.contains(path)))
    };
    let shown: Vec<&Edit> =
        mistake.wrong.iter().filter(|edit| edit.paths().into_iter().any(matters)).collect();
    let shown = if shown.is_empty() { mistake.wrong.iter().collect() } else { shown };
    shown.into_iter().for_each(|edit| show(edit, out));
    let day = mistake.today.as_ref().map(|day| format!(", on {day}")).unwrap_or_default();
    let _ = write!(out, "### weekmark says{day}\n\n```text\n");
    for problem in &mistake.said {
        for line in problem.to_text(false).lines() {
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out.push_str("```\n\n### Right\n\n");
    mistake.right.iter().for_each(|edit| show(edit, out));
    if mistake.right.is_empty() {
        out.push_str("Nothing has to be changed.\n\n");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
}

/// One file, or what is done to it.
fn show(edit: &Edit, out: &mut String) {
    let (path, bytes) = match edit {
        Edit::Write(path, bytes) => (path, bytes),
        Edit::Delete(path) => return out.push_str(&format!("Delete `{path}`.\n\n")),
        Edit::Rename(from, to) => return out.push_str(&format!("Rename `{from}` to `{to}`.\n\n")),
        Edit::Link(path, to) => {
            return out.push_str(&format!("`{path}`, a symbolic link to `{to}`.\n\n"));
        }
    };
    let hidden = |c: char| {
        (c.is_control() && c != '\n') || ('\u{fdd0}'..='\u{fdef}').contains(&c) || c == '\u{feff}'
    };
    let (text, plain) = match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(hidden) => (text.to_string(), true),
        Ok(text) => {
            let escape = |c: char| match c {
                c if !hidden(c) => c.to_string(),
                '\r' => "\\r".into(),
                '\t' => "\\t".into(),
                c => format!("\\u{{{:x}}}", c as u32),
            };
            (text.chars().map(escape).collect(), false)
        }
        Err(_) => {
            let escape = |byte: &u8| match byte {
                b'\n' | b' '..=b'~' => char::from(*byte).to_string(),
                byte => format!("\\x{byte:02x}"),
            };
            (bytes.iter().map(escape).collect(), false)
        }
    };
    let note = if plain { "" } else { ", with what cannot be seen written as `\\…`" };
    let language = match path.rsplit('.').next() {
        Some(end @ ("yaml" | "html" | "css")) if plain => end,
        Some("md") if plain => "markdown",
        _ => "text",
    };
    if text.trim().is_empty() {
        return out.push_str(&format!("`{path}`, an empty file.\n\n"));
    }
    let fence = if text.contains("```") { "~~~" } else { "```" };
    let _ = write!(out, "`{path}`{note}:\n\n{fence}{language}\n{}\n{fence}\n\n", text.trim_end());
}

// ---- docs/messages.md ---------------------------------------------------------------------------

/// The index with the table of all codes in the place of the one that it has.
fn with_codes(index: &str) -> String {
    const HEAD: &str = "| code | kind | says |\n";
    let (before, rest) = index.split_once(HEAD).expect("docs/messages.md has a table of the codes");
    let after: String =
        rest.split_inclusive('\n').skip_while(|line| line.starts_with('|')).collect();
    let mut codes: Vec<Code> = Code::ALL.to_vec();
    codes.sort_by_key(|code| code.id());
    let mut out = format!("{before}{HEAD}| --- | --- | --- |\n");
    for code in codes {
        let (id, kind) = (code.id(), code.severity().word());
        let _ = writeln!(out, "| [`{id}`]({}) | {kind} | {} |", page_of(code), code.about());
    }
    out + &after
}
