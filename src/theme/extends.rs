//! Owns which themes a theme is built on: `extends` in theme.yaml, followed to the theme that extends none.
//! Must not know what is in their files beyond that one key.

use crate::config::{BUILTIN_THEMES, Config};
use crate::diag::{Code, Diagnostic, Span, list, nearest};
use crate::source::Snapshot;
use crate::yaml::{self, Value};

/// The key in theme.yaml.
pub(super) const KEY: &str = "extends";

/// What the site's theme is built on, the nearest first; the theme itself is not among them.
pub fn bases(snapshot: &Snapshot, config: &Config) -> Vec<String> {
    follow(snapshot, config).0
}

/// As [`bases`], with what is wrong with an `extends` on the way.
pub(super) fn follow(snapshot: &Snapshot, config: &Config) -> (Vec<String>, Option<Diagnostic>) {
    let mut bases: Vec<String> = Vec::new();
    let mut theme = config.theme.clone();
    while let Some((base, span)) = base_of(snapshot, &theme) {
        let file = file_of(&theme);
        let said =
            |message, hint: &str| Diagnostic::at(Code::Theme, &file, span, message).hint(hint);
        if base == theme {
            let message = format!("The theme \"{theme}\" extends itself.");
            let problem = said(message, "Name another theme, or leave the line out.");
            return (bases, Some(problem));
        }
        if base == config.theme || bases.contains(&base) {
            let message = format!(
                "The theme \"{theme}\" extends \"{base}\", which is built on \"{theme}\" itself."
            );
            let problem = said(message, "One of them must extend no other: leave its line out.");
            return (bases, Some(problem));
        }
        if !snapshot.has(&file_of(&base)) {
            let message = format!(
                "The theme \"{theme}\" extends \"{base}\", but there is no theme \"{base}\"."
            );
            let hint = match nearest(&base, BUILTIN_THEMES) {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => format!(
                    "Themes are folders in themes/ with a theme.yaml; {} come with weekmark.",
                    list(BUILTIN_THEMES)
                ),
            };
            return (bases, Some(said(message, &hint)));
        }
        bases.push(base.clone());
        theme = base;
    }
    (bases, None)
}

/// The theme.yaml of a theme.
pub(super) fn file_of(theme: &str) -> String {
    format!("themes/{theme}/theme.yaml")
}

/// What a theme.yaml extends, with its place. A file that cannot be read is reported by who reads all of it.
fn base_of(snapshot: &Snapshot, theme: &str) -> Option<(String, Span)> {
    let file = file_of(theme);
    let bytes = snapshot.has(&file).then(|| snapshot.read(&file).ok()).flatten()?;
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.contains(KEY))?;
    let node = yaml::parse(text, 0).ok()?;
    let Value::Map(entries) = &node.value else { return None };
    let (_, base) = entries.iter().find(|(key, _)| key.text() == Some(KEY))?;
    Some((base.text().filter(|name| !name.is_empty())?.to_string(), base.span))
}
