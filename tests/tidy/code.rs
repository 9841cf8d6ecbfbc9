//! Owns the rules about the sources that no compiler checks. A rule that is in the way is changed here,
//! with a word in ARCHITECTURE.md, or not broken.

use std::collections::BTreeSet;

use crate::rust::{Token, imports, tokens, without_tests, words};
use crate::{files, none, root, text};

/// The modules from the bottom up: one may use those in the lines above its own, and no other.
pub(crate) const LAYERS: &[&[&str]] = &[
    &["fingerprint", "diag", "slug", "picture"],
    &["cache", "calendar", "color", "headers"],
    &["yaml", "ics", "search"],
    &["campaign"],
    &["parse"],
    &["config"],
    &["source", "memo", "model"],
    &["gallery"],
    &["plan", "view"],
    &["theme"],
    &["render", "schema"],
    &["audit"],
    &["pass"],
    &["tree"],
    &["cli"],
];

/// Modules that use no other module at all: the output folder, the preview and the network know nothing of pages.
pub(crate) const ALONE: &[&str] = &["write", "serve", "external"];

/// Every package of Cargo.toml that is compiled into the program, and the files that may name it.
const FOREIGN: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["src/diag.rs"]),
    ("clap", &["src/cli/"]),
    ("httparse", &["src/serve/http.rs"]),
    ("jiff", &["src/calendar.rs", "src/calendar/"]),
    ("jpeg_encoder", &["src/picture/jpeg.rs"]),
    ("libc", &["src/write.rs", "src/write/"]),
    ("libwebp_sys", &["src/picture/webp.rs"]),
    (
        "memchr",
        &[
            "src/audit/html.rs",
            "src/parse/markdown/escape.rs",
            "src/parse/markdown/look.rs",
            "src/serve/page.rs",
        ],
    ),
    ("mimalloc", &["src/main.rs"]),
    ("miniz_oxide", &["src/audit/weight.rs"]),
    ("notify", &["src/serve/watch.rs"]),
    // The picture module has parts of that name.
    ("png", &["src/picture.rs", "src/picture/png.rs", "src/picture/square.rs"]),
    ("pulldown_cmark", &["src/parse/markdown.rs", "src/parse/markdown/"]),
    (
        "rayon",
        &[
            "src/audit.rs",
            "src/cache.rs",
            "src/source.rs",
            "src/gallery.rs",
            "src/model/assemble.rs",
            "src/pass.rs",
            "src/write.rs",
            "src/write/",
        ],
    ),
    ("serde", &["src/yaml.rs", "src/theme/value.rs"]),
    ("serde_yaml", &["src/yaml.rs"]),
    ("tera", &["src/theme/"]),
    ("unicode_segmentation", &["src/campaign/count.rs"]),
    ("walkdir", &["src/source.rs"]),
    ("weekmark_pixels", &["src/picture.rs", "src/picture/"]),
    (
        "xxhash_rust",
        &[
            "src/fingerprint.rs",
            "src/serve/answer.rs",
            "src/serve/page.rs",
            "src/write/manifest.rs",
        ],
    ),
    ("zune_jpeg", &["src/picture/jpeg.rs"]),
];

/// Words that say nothing about what a thing is.
const EMPTY_WORDS: [&str; 6] = ["manager", "managers", "helper", "helpers", "util", "utils"];

/// Below the command line and the preview there is one way to make a site, and nobody asks who wants it.
const CALLERS: [&str; 6] = ["serve", "serving", "watch", "watching", "watcher", "incremental"];

/// What lives longer than one call, and why it may.
const STATICS: &[(&str, &str)] = &[
    // What gives out memory; it holds no value of ours.
    ("src/main.rs", "static"),
    // The engine's functions cannot borrow: the view of the output that is being made.
    ("src/theme/functions.rs", "thread_local"),
    ("src/theme/functions.rs", "static"),
    // A part of the index that few sites need; it goes with the index.
    ("src/model/mod.rs", "OnceLock"),
    // The words of a page's text, for the search; they go with the text.
    ("src/parse/markdown.rs", "OnceLock"),
    // What makes the texts of a pass again, which few passes need; it goes with the report.
    ("src/pass.rs", "OnceLock"),
    // The icons of a picture, which is read once for all of them; they go with the theme.
    ("src/theme/icons.rs", "OnceLock"),
    // Lets unit tests swap folders as on a disk that cannot exchange them.
    ("src/write/swap.rs", "static"),
];

/// The sources of the program without their unit tests: path and tokens.
fn sources() -> Vec<(String, Vec<Token>)> {
    files("src", ".rs")
        .into_iter()
        .filter(|path| !path.ends_with("/tests.rs"))
        .map(|path| {
            let tokens = without_tests(tokens(&text(&path)));
            (path, tokens)
        })
        .collect()
}

/// The module of a file: `src/parse/markdown/html.rs` → `parse`, `markdown`, `html`. A package of its own counts as
/// a part of the module in whose folder it is: `src/picture/pixels/lib.rs` → `picture`, `pixels`.
pub(crate) fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let inner = inner.trim_end_matches("/mod").trim_end_matches("/lib");
    match inner {
        "lib" | "main" => Vec::new(),
        inner => inner.split('/').map(String::from).collect(),
    }
}

/// The modules that lib.rs declares, in its order.
pub(crate) fn modules() -> Vec<String> {
    let lib = tokens(&text("src/lib.rs"));
    let names =
        lib.windows(2).filter(|pair| pair[0].text == "mod").map(|pair| pair[1].text.clone());
    names.collect()
}

#[test]
fn every_module_has_a_layer() {
    let listed: BTreeSet<&str> = LAYERS.iter().copied().flatten().chain(ALONE).copied().collect();
    let modules = modules();
    let there: BTreeSet<&str> = modules.iter().map(String::as_str).collect();
    assert_eq!(listed, there);
}

#[test]
fn a_module_uses_lower_layers_only() {
    let layer = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let mut findings = Vec::new();
    for (path, tokens) in sources() {
        let module = module_of(&path);
        let Some(own) = module.first() else { continue };
        for (used, line) in imports(&tokens, module.len()) {
            let lower = match (layer(own), layer(&used)) {
                _ if used == *own => true,
                (Some(own), Some(used)) => used < own,
                // Only the command line joins them to the rest.
                (Some(_), None) => own == "cli",
                (None, _) => false,
            };
            if !lower {
                findings.push(format!("{path}:{line}: {own} must not use {used}"));
            }
        }
    }
    none(&findings);
}

#[test]
fn a_foreign_package_is_used_in_one_place() {
    let mut findings = Vec::new();
    for (path, tokens) in sources() {
        for (at, token) in tokens.iter().enumerate() {
            let Some((_, places)) = FOREIGN.iter().find(|(name, _)| token.text == *name) else {
                continue;
            };
            let after = |n: usize| tokens.get(at + n).map(|token| token.text.as_str());
            let inside = at > 0 && tokens[at - 1].text == ":";
            let named = (after(1), after(2)) == (Some(":"), Some(":")) && !inside;
            if named && !places.iter().any(|place| path.starts_with(place)) {
                findings
                    .push(format!("{path}:{}: {} belongs into {places:?}", token.line, token.text));
            }
        }
    }
    none(&findings);
}

#[test]
fn every_package_has_its_place() {
    let manifest = text("Cargo.toml");
    let mut wanted = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]")
                && !line.contains("dev-")
                && !line.contains("build-");
        } else if inside
            && let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
        {
            wanted.insert(name.replace('-', "_"));
        }
    }
    let listed: BTreeSet<String> = FOREIGN.iter().map(|(name, _)| (*name).to_string()).collect();
    assert_eq!(listed, wanted);
}

#[test]
fn every_file_says_what_it_owns() {
    let mut all = files("src", ".rs");
    all.extend(files("tests", ".rs"));
    all.push("build.rs".into());
    let silent = |path: &&String| !text(path).starts_with("//!");
    let findings: Vec<String> =
        all.iter().filter(silent).map(|path| format!("{path} begins without //!")).collect();
    none(&findings);
}

#[test]
fn names_say_what_a_thing_is() {
    let mut findings = Vec::new();
    for (path, tokens) in sources() {
        let edge =
            path.starts_with("src/cli/") || path.starts_with("src/serve/") || path == "src/lib.rs";
        for token in tokens {
            for word in words(&token.text) {
                let word = word.as_str();
                if EMPTY_WORDS.contains(&word) || (!edge && CALLERS.contains(&word)) {
                    findings.push(format!("{path}:{}: {}", token.line, token.text));
                }
            }
        }
    }
    none(&findings);
}

#[test]
fn nothing_outlives_a_call_unseen() {
    let kinds =
        ["static", "thread_local", "lazy_static", "OnceLock", "LazyLock", "OnceCell", "LazyCell"];
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, tokens) in sources() {
        let used = tokens.into_iter().filter(|token| kinds.contains(&token.text.as_str()));
        found.extend(used.map(|token| (path.clone(), token.text)));
    }
    let allowed = STATICS.iter().map(|(path, kind)| ((*path).to_string(), (*kind).to_string()));
    assert_eq!(found, allowed.collect());
}

#[test]
fn every_file_of_a_module_is_a_part_of_it() {
    // A file that no `mod` names is not compiled, and nobody notices.
    let mut findings = Vec::new();
    let manifest = text("Cargo.toml");
    for path in files("src", ".rs") {
        let package = path.strip_suffix("/lib.rs").map(|folder| format!("path = \"{folder}\""));
        if package.is_some_and(|package| manifest.contains(&package)) {
            continue;
        }
        let module = module_of(&path);
        let Some((name, above)) = module.split_last() else { continue };
        let folder =
            above.iter().fold("src".to_string(), |folder, part| format!("{folder}/{part}"));
        let parents =
            [format!("{folder}/mod.rs"), format!("{folder}.rs"), "src/lib.rs".to_string()];
        let parent = parents.iter().find(|path| root().join(path).is_file());
        let tokens = parent.map(|path| tokens(&text(path))).unwrap_or_default();
        if !tokens.windows(2).any(|pair| pair[0].text == "mod" && pair[1].text == *name) {
            findings.push(format!("{path} is in no module"));
        }
    }
    none(&findings);
}
