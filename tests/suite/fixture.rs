//! Owns the form of a fixture: one text file that holds a site, edits to it, and what is expected of each
//! step. Must not know how a site is made.
//!
//! ```text
//! What the fixture shows, in words.
//! today: 2026-10-12            options: today, drafts (yes), check (yes: all checks), base_url, site (none: no site.yaml)
//! --- content/a.md             a file; without --- site.yaml there is a small one
//! --- escaped content/b.md     a file with \r, \xff, \u{feff}
//! === expect
//! rendered: [..]               the outputs that were made: the work
//! changed: [..]                the outputs with other bytes; left out if it is the same list
//! diagnostics:                 as they are printed, moved right by two spaces
//!   error[W101]: …
//! text a/index.html:           what stands between <main> and </main>
//!   …
//! output a/index.html equals:  or contains (each line), or lacks (each line)
//!   …
//! === edit the title           a further step: files are written, deleted, renamed; then === expect
//! --- content/a.md
//! --- picture content/c.jpg 1600x900      a picture of that size, in the format that its name says
//! --- delete content/b.md
//! --- rename content/c.md -> content/d.md
//! --- link content/e.md -> nowhere.md      a symbolic link
//! ```

use std::fmt::Write as _;

/// One change of the site's folder.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Write(String, Vec<u8>),
    Delete(String),
    Rename(String, String),
    Link(String, String),
}

impl Edit {
    /// The paths that a watcher would name.
    pub(crate) fn paths(&self) -> Vec<&str> {
        match self {
            Edit::Write(path, _) | Edit::Delete(path) | Edit::Link(path, _) => vec![path],
            Edit::Rename(from, to) => vec![from, to],
        }
    }
}

/// What an expectation about one output says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Text,
    Equals,
    Contains,
    Lacks,
}

/// What is expected of one output.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) path: String,
    pub(crate) how: How,
    pub(crate) body: String,
}

/// The site, or one edit of it, with what is expected.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) options: Vec<(String, String)>,
    pub(crate) edits: Vec<Edit>,
    /// Everything before the expectations, as it stands in the file.
    pub(crate) source: String,
    /// The expectations, as they stand in the file.
    pub(crate) expected: String,
    pub(crate) about: Vec<About>,
}

const OPTIONS: [&str; 5] = ["today", "drafts", "base_url", "site", "check"];

/// Reads a fixture.
pub(crate) fn read(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = vec![Step { name: "the site".into(), ..Step::default() }];
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let step = steps.last_mut().expect("there is always one");
        let bare = line.trim_end();
        if let Some(name) = bare.strip_prefix("=== edit ") {
            if step.expected.is_empty() {
                return Err(format!("before \"{bare}\": no === expect"));
            }
            steps.push(Step { name: name.into(), source: line.into(), ..Step::default() });
        } else if bare == "=== expect" {
            step.source.push_str(line);
            while let Some(line) = lines.next_if(|line| !line.starts_with("=== ")) {
                step.expected.push_str(line);
            }
            step.about = abouts(&step.expected)?;
            // So that "nothing yet" is not "no expectations at all".
            step.expected = format!("{}\n", step.expected.trim_end());
        } else if let Some(head) = bare.strip_prefix("--- ") {
            step.source.push_str(line);
            let mut body = String::new();
            while let Some(line) =
                lines.next_if(|l| !l.starts_with("=== ") && !l.trim_end().starts_with("--- "))
            {
                body.push_str(line);
            }
            step.source.push_str(&body);
            step.edits.push(edit(head, body)?);
        } else {
            step.source.push_str(line);
            if let Some((name, value)) = bare.split_once(": ")
                && OPTIONS.contains(&name)
            {
                step.options.push((name.into(), value.into()));
            }
        }
    }
    match steps.last() {
        Some(step) if step.expected.is_empty() => Err("the last step has no === expect".into()),
        _ => Ok(steps),
    }
}

fn edit(head: &str, body: String) -> Result<Edit, String> {
    if let Some(path) = head.strip_prefix("delete ") {
        return Ok(Edit::Delete(path.into()));
    }
    if let Some((what, rest)) =
        head.split_once(' ').filter(|(what, _)| ["rename", "link"].contains(what))
    {
        let (from, to) = rest.split_once(" -> ").ok_or_else(|| format!("--- {head}: no ->"))?;
        let (from, to) = (from.to_string(), to.to_string());
        return Ok(if what == "link" { Edit::Link(from, to) } else { Edit::Rename(from, to) });
    }
    if let Some(picture) = head.strip_prefix("picture ") {
        let (path, sides) =
            picture.split_once(' ').ok_or_else(|| format!("--- {head}: no size"))?;
        let sides = sides.split_once('x').and_then(|(w, h)| w.parse().ok().zip(h.parse().ok()));
        let (width, height) = sides.ok_or_else(|| format!("--- {head}: what size is that?"))?;
        return Ok(Edit::Write(path.into(), crate::support::picture(path, width, height)));
    }
    if let Some(path) = head.strip_prefix("escaped ") {
        return Ok(Edit::Write(path.into(), unescape(&body)?));
    }
    Ok(Edit::Write(head.into(), body.into_bytes()))
}

fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend(rest[..at].bytes());
        rest = &rest[at + 1..];
        let mut letter = [0; 4];
        let (bytes, len): (Vec<u8>, usize) = match rest.as_bytes().first() {
            Some(b'r') => (vec![b'\r'], 1),
            Some(b'n') => (vec![b'\n'], 1),
            Some(b't') => (vec![b'\t'], 1),
            Some(b'\\') => (vec![b'\\'], 1),
            // A backslash at the end of a line: the line goes on.
            Some(b'\n') => (Vec::new(), 1),
            Some(b'x') => {
                let byte = rest.get(1..3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                (vec![byte.ok_or("a bad \\x")?], 3)
            }
            Some(b'u') => {
                let end = rest.find('}').ok_or("a bad \\u")?;
                let c = rest.get(2..end).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                let c = c.and_then(char::from_u32).ok_or("a bad \\u")?;
                (c.encode_utf8(&mut letter).as_bytes().to_vec(), end + 1)
            }
            _ => return Err(format!("what is \\{rest:.3}?")),
        };
        out.extend(bytes);
        rest = &rest[len..];
    }
    out.extend(rest.bytes());
    Ok(out)
}

fn abouts(text: &str) -> Result<Vec<About>, String> {
    let mut found: Vec<About> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.starts_with("  ") || line.is_empty() {
            if let Some(about) = found.last_mut().filter(|_| open) {
                about.body.push_str(line.strip_prefix("  ").unwrap_or(line));
                about.body.push('\n');
            }
            continue;
        }
        open = false;
        if ["rendered:", "changed:", "diagnostics:"].iter().any(|key| line.starts_with(key)) {
            continue;
        }
        let head = line.strip_suffix(':').ok_or_else(|| format!("what is \"{line}\"?"))?;
        let (path, how) = match (head.strip_prefix("text "), head.strip_prefix("output ")) {
            (Some(path), _) => (path, How::Text),
            (_, Some(rest)) => match rest.rsplit_once(' ') {
                Some((path, "equals")) => (path, How::Equals),
                Some((path, "contains")) => (path, How::Contains),
                Some((path, "lacks")) => (path, How::Lacks),
                _ => return Err(format!("what is \"{line}\"?")),
            },
            _ => return Err(format!("what is \"{line}\"?")),
        };
        found.push(About { path: path.into(), how, body: String::new() });
        open = true;
    }
    for about in &mut found {
        about.body = format!("{}\n", about.body.trim_end());
    }
    Ok(found)
}

/// What a step came to.
pub(crate) struct Result_<'a> {
    pub(crate) rendered: &'a [String],
    pub(crate) changed: &'a [String],
    pub(crate) said: &'a [String],
    /// The text of an output by its shown name, while the site is published.
    pub(crate) output: &'a dyn Fn(&str) -> Option<String>,
}

/// The expectations as they would have to be, and those that a person wrote and that do not hold.
pub(crate) fn expectations(step: &Step, result: &Result_<'_>) -> (String, Vec<String>) {
    let mut out = list("rendered", result.rendered);
    let mut failures = Vec::new();
    if result.changed != result.rendered {
        out.push_str(&list("changed", result.changed));
    }
    if !result.said.is_empty() {
        out.push_str("diagnostics:\n");
        out.push_str(&indented(&result.said.join("\n")));
    }
    for about in &step.about {
        let text = (result.output)(&about.path);
        let missing = || format!("there is no output {}", about.path);
        let text = text.unwrap_or_else(|| {
            failures.push(missing());
            String::new()
        });
        let (head, body) = match about.how {
            How::Text => (format!("text {}:", about.path), inner(&text).to_string()),
            How::Equals => (format!("output {} equals:", about.path), text),
            How::Contains | How::Lacks => {
                let word = if about.how == How::Contains { "contains" } else { "lacks" };
                for line in about.body.lines().map(str::trim).filter(|line| !line.is_empty()) {
                    if text.contains(line) != (about.how == How::Contains) {
                        failures.push(format!("not so: {} {word} {line}", about.path));
                    }
                }
                (format!("output {} {word}:", about.path), about.body.clone())
            }
        };
        let _ = writeln!(out, "{head}");
        out.push_str(&indented(body.trim_matches('\n')));
    }
    (out, failures)
}

/// What stands between `<main>` and `</main>`.
fn inner(text: &str) -> &str {
    let start = text.find("<main>").map_or(0, |at| at + "<main>".len());
    let end = text[start..].find("</main>").map_or(text.len(), |at| start + at);
    &text[start..end]
}

fn indented(text: &str) -> String {
    text.lines()
        .map(
            |line| {
                if line.trim().is_empty() {
                    "\n".into()
                } else {
                    format!("  {}\n", line.trim_end())
                }
            },
        )
        .collect()
}

/// `name: [a, b]`, over several lines if it is long.
fn list(name: &str, items: &[String]) -> String {
    let mut out = format!("{name}: [");
    let mut width = out.len();
    for (i, item) in items.iter().enumerate() {
        let piece = if i + 1 < items.len() { format!("{item},") } else { format!("{item}]") };
        if i > 0 && width + piece.len() > 108 {
            out.push_str("\n  ");
            width = 2;
        } else if i > 0 {
            out.push(' ');
            width += 1;
        }
        width += piece.len();
        out.push_str(&piece);
    }
    if items.is_empty() {
        out.push(']');
    }
    out.push('\n');
    out
}
