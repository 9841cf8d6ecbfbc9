//! Owns the names under which the theme's files are published: each carries the fingerprint of what is
//! in it, so that a browser may keep it for ever, and style sheets point to the names.
//! Must not know templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::LinkStyle;
use crate::diag::{Code, Diagnostic, Span, nearest};
use crate::fingerprint::Fp;
use crate::gallery;
use crate::model::address::{folder, join, relative};
use crate::picture::{self, Flaw, Format};
use crate::view::Assets;

use super::colors::Dress;
use super::minify::minify;

/// The style sheet with which a feed is a page for people.
pub const FEED_SHEET: &str = "css/feed.css";

/// Hexadecimal digits in a file's name.
const DIGITS: usize = 10;

/// Gives each file its name, and puts the names into the style sheets that point to it, and the site's colors
/// into the one that has the theme's.
pub(super) fn publish<'a>(
    files: impl Iterator<Item = (String, (&'a str, Arc<[u8]>))>,
    dress: Option<&Dress>,
    problems: &mut Vec<Diagnostic>,
) -> (Assets, BTreeMap<String, Arc<[u8]>>) {
    let files: BTreeMap<String, (&str, Arc<[u8]>)> = files.collect();
    let mut assets = Assets::new();
    let mut bytes = BTreeMap::new();
    // Style sheets last, and among them those that others import first: their names depend on what
    // they point to.
    let (sheets, others): (Vec<_>, Vec<_>) = files.keys().partition(|name| name.ends_with(".css"));
    for name in others {
        let content = files[name].1.clone();
        // Opened by itself, a drawing is a page: what is in it would run.
        if let Some(flaw @ Flaw::Unsafe(_)) = flaw_of(name, &content) {
            let path = files[name].0;
            problems.push(gallery::told(&flaw, path, path, None));
        }
        assets.insert(name.clone(), published(name, &content));
        bytes.insert(name.clone(), content);
    }
    for name in &sheets {
        sheet(name, &files, dress, &mut assets, &mut bytes, &mut Vec::new(), problems);
    }
    (assets, bytes)
}

/// What keeps a file that should be a picture from being one, or from being shown.
pub(super) fn flaw_of(name: &str, content: &[u8]) -> Option<Flaw> {
    picture::look(content, Format::of_name(name)?).err()
}

/// `css/site.css` → `assets/css/site.0123456789.css`.
fn published(name: &str, content: &[u8]) -> String {
    let fp = Fp::of_bytes(content).short(DIGITS);
    let file = &name[folder(name).len()..];
    match file.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() => {
            format!("assets/{}{stem}.{fp}.{end}", folder(name))
        }
        _ => format!("assets/{name}.{fp}"),
    }
}

fn sheet(
    name: &str,
    files: &BTreeMap<String, (&str, Arc<[u8]>)>,
    dress: Option<&Dress>,
    assets: &mut Assets,
    bytes: &mut BTreeMap<String, Arc<[u8]>>,
    around: &mut Vec<String>,
    problems: &mut Vec<Diagnostic>,
) {
    if assets.contains_key(name) || around.iter().any(|sheet| sheet == name) {
        return;
    }
    let (path, content) = &files[name];
    let Some(text) = crate::parse::utf8(path, content, problems) else {
        assets.insert(name.to_string(), published(name, content));
        bytes.insert(name.to_string(), content.clone());
        return;
    };
    around.push(name.to_string());
    let mut out = String::with_capacity(text.len());
    let rules = dress.map(|dress| &dress.rules);
    let own = dress.filter(|dress| dress.sheet == name);
    // A part of the sheet as it is, with the site's colors in their place.
    let copy = |out: &mut String, from: usize, to: usize| match own {
        Some(dress) if from < dress.at && dress.at <= to => {
            [&text[from..dress.at], &dress.css, &text[dress.at..to]]
                .iter()
                .for_each(|part| out.push_str(part));
        }
        _ => out.push_str(&text[from..to]),
    };
    let mut at = 0;
    for (start, end, target) in addresses(text) {
        let clean = target.split(['?', '#']).next().unwrap_or(target);
        if crate::parse::markdown::is_outside(target) && !target.starts_with("data:") {
            problems.push(
                Diagnostic::at(
                    Code::ThirdParty,
                    path,
                    Span::new(start, end),
                    "This style sheet loads a file from another site, which would learn of every visitor.",
                )
                .hint("Save the file in the theme's assets folder and write its name here."),
            );
        }
        if clean.is_empty() || crate::parse::markdown::is_outside(target) {
            continue;
        }
        let Some(found) = join(folder(name), clean).filter(|found| files.contains_key(found))
        else {
            problems.push(missing(path, Span::new(start, end), clean, name, files));
            continue;
        };
        if found.ends_with(".css") {
            sheet(&found, files, dress, assets, bytes, around, problems);
        }
        let Some(to) = assets.get(&found) else { continue };
        copy(&mut out, at, start);
        out.push_str(&relative(&format!("/assets/{name}"), &format!("/{to}"), LinkStyle::Clean));
        out.push_str(&target[clean.len()..]);
        at = end;
    }
    copy(&mut out, at, text.len());
    // The feed has tokens of the same names, and no page around it.
    if name == FEED_SHEET
        && let Some(rules) = rules
    {
        out.push_str(rules);
    }
    around.pop();
    let out = minify(&out);
    assets.insert(name.to_string(), published(name, out.as_bytes()));
    bytes.insert(name.to_string(), Arc::from(out.into_bytes()));
}

/// The files of the theme that a style sheet points to, by their path in the theme.
pub(super) fn targets(name: &str, text: &str) -> Vec<String> {
    let clean =
        |target: &str| -> Option<String> { join(folder(name), target.split(['?', '#']).next()?) };
    addresses(text).into_iter().filter_map(|(_, _, target)| clean(target)).collect()
}

fn missing(
    path: &str,
    span: Span,
    target: &str,
    name: &str,
    files: &BTreeMap<String, (&str, Arc<[u8]>)>,
) -> Diagnostic {
    let near = nearest(target, files.keys().map(String::as_str));
    Diagnostic::at(
        Code::MissingFile,
        path,
        span,
        format!("The style sheet {name} points to \"{target}\", which the theme does not have."),
    )
    .maybe_hint(near.map(|near| format!("Did you mean \"{near}\"?")))
}

/// Every address in a style sheet, with its place: `url(…)` and `@import "…"` outside of comments.
fn addresses(text: &str) -> Vec<(usize, usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            continue;
        }
        let head = if rest.starts_with("url(") {
            "url("
        } else if rest.starts_with("@import") {
            "@import"
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let from = at + head.len();
        let skipped = text[from..].len() - text[from..].trim_start().len();
        let start = from + skipped;
        let (start, close): (usize, &[char]) = match text[start..].chars().next() {
            Some('"') => (start + 1, &['"']),
            Some('\'') => (start + 1, &['\'']),
            _ if head == "url(" => (start, &[')']),
            // `@import url(…)`: the address comes next.
            _ => {
                at = start.max(at + 1);
                continue;
            }
        };
        let end = text[start..].find(close).map_or(text.len(), |len| start + len);
        let target = text[start..end].trim_end();
        found.push((start, start + target.len(), target));
        at = end.max(at + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_points_to_published_names_and_its_own_name_follows() {
        let files = |font: &'static [u8]| {
            vec![
                (
                    "css/a.css".to_string(),
                    ("a", Arc::from(&b"@font-face{src:url('../f/x.woff2')}/* url(no) */"[..])),
                ),
                ("f/x.woff2".to_string(), ("f", Arc::from(font))),
            ]
        };
        let mut problems = Vec::new();
        let (one, bytes) = publish(files(b"1").into_iter(), None, &mut problems);
        let (two, _) = publish(files(b"2").into_iter(), None, &mut problems);
        assert!(problems.is_empty());
        assert_ne!(one["css/a.css"], two["css/a.css"]);
        let text = String::from_utf8(bytes["css/a.css"].to_vec()).unwrap();
        assert_eq!(
            text,
            format!("@font-face{{src:url('../../{}')}}", one["f/x.woff2"])
                .replace("../../assets/f", "../f")
        );
    }

    #[test]
    fn a_missing_file_is_an_error_with_a_place() {
        let mut problems = Vec::new();
        let files =
            vec![("a.css".to_string(), ("assets/a.css", Arc::from(&b"a{b:url(x.png)}"[..])))];
        publish(files.into_iter(), None, &mut problems);
        assert_eq!(problems[0].span, Some(Span::new(8, 13)));
    }
}
