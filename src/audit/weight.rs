//! Owns how heavy a page is: the bytes that a browser must fetch before it can show it, compressed as hosts
//! send them (gzip, RFC 1952), pictures left out. Must not know templates. The only module that touches
//! `miniz_oxide`.

use std::collections::BTreeMap;
use std::sync::Arc;

use miniz_oxide::deflate::compress_to_vec;

use super::html::{Token, tokens};
use super::page::follow;
use crate::config::BaseUrl;

/// The usual level of hosts, and head and tail of the format in bytes.
const LEVEL: u8 = 6;
const WRAPPING: usize = 18;

/// The quickest level: four times as quick, and a quarter longer.
const QUICK: u8 = 1;

/// Of script, in bytes over the wire: what a page may ask of a phone before it is of use.
pub const MOST_SCRIPT: usize = 6_000;

/// What the files of a theme weigh over the wire, by their paths in the output.
#[derive(Debug, Default)]
pub(super) struct Weights {
    files: BTreeMap<String, usize>,
    /// The whole theme: no page loads more.
    all: usize,
    scripts: usize,
}

/// Of which pages the first view is weighed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weigh {
    /// Of none.
    #[default]
    None,
    /// Of the heaviest, and of some others on the way to it.
    Heaviest,
    /// Of all.
    All,
}

/// What the first view of a page weighs, in bytes over the wire.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// All of it.
    pub all: usize,
    /// The scripts.
    pub script: usize,
    /// The style sheets.
    pub styles: usize,
    /// The fonts that the style sheets name.
    pub fonts: usize,
    /// The page itself.
    pub html: usize,
}

/// What bytes can be at most when they are compressed: what cannot be made shorter gets a few for each block (RFC 1951,
/// section 3.2.4), which has some thirty thousand at least.
fn at_most(bytes: usize) -> usize {
    bytes + WRAPPING + 5 * (1 + bytes / 30_000)
}

fn compressed(bytes: &[u8], level: u8) -> usize {
    compress_to_vec(bytes, level).len() + WRAPPING
}

impl Weights {
    /// Weighs the theme's files: path in the output and bytes.
    pub(super) fn of<'a>(files: impl Iterator<Item = (&'a str, &'a Arc<[u8]>)>) -> Weights {
        let files: BTreeMap<&str, &Arc<[u8]>> = files.collect();
        let own = |path: &str| {
            files.get(path).map_or(0, |bytes| {
                if is_font(path) { bytes.len() } else { compressed(bytes, LEVEL) }
            })
        };
        let weight = |path: &&str| (path.to_string(), own(path));
        let texts =
            files.keys().filter(|path| path.ends_with(".css") || is_script(path) || is_font(path));
        let files: BTreeMap<String, usize> = texts.map(weight).collect();
        let sum = |is_part: fn(&str) -> bool| {
            files.iter().filter(|(path, _)| is_part(path)).map(|(_, bytes)| bytes).sum()
        };
        let (all, scripts) = (sum(|_| true), sum(is_script));
        Weights { files, all, scripts }
    }

    /// What the first view of a page can weigh at most, in all and its scripts, whatever it loads.
    pub(super) fn most(&self, html: &str) -> (usize, usize) {
        (at_most(html.len()) + self.all, self.scripts)
    }

    /// The first view of a page with those links.
    pub(super) fn first_view(
        &self,
        html: &str,
        from: &str,
        base: Option<&BaseUrl>,
        sheets: &BTreeMap<String, Vec<String>>,
    ) -> Weight {
        let mut weight = Weight { html: html.len(), ..Weight::default() };
        // A browser loads a file once, however often it is named.
        let mut loaded: Vec<String> = Vec::new();
        let mut load = |file: &str| {
            let bytes = *self.files.get(file)?;
            let is_new = !loaded.iter().any(|other| other == file);
            is_new.then(|| {
                loaded.push(file.to_string());
                bytes
            })
        };
        tokens(html, |token| {
            let Token::Start(tag) = token else { return };
            let address = match () {
                () if tag.is("script") => tag.get("src"),
                () if tag.is("link")
                    && tag.get("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("stylesheet")) =>
                {
                    tag.get("href")
                }
                () => None,
            };
            let Some(link) = address.and_then(|address| follow(from, &address, base)) else {
                return;
            };
            let bytes = load(&link.file).unwrap_or_default();
            if tag.is("script") {
                weight.script += bytes;
            } else {
                weight.styles += bytes;
                let fonts = sheets.get(&link.file).into_iter().flatten();
                weight.fonts += fonts.filter_map(|font| load(font)).sum::<usize>();
            }
        });
        weight.all = weight.html + weight.script + weight.styles + weight.fonts;
        weight
    }
}

impl Weight {
    /// The same with the page itself compressed: that costs more than all else here, so it is only done
    /// where it decides.
    pub(super) fn with_compressed(self, html: &str) -> Weight {
        self.with_html(compressed(html.as_bytes(), LEVEL))
    }

    /// All of it can be no more than that with the page compressed.
    pub(super) fn most_compressed(self) -> usize {
        self.all - self.html + at_most(self.html)
    }

    /// The same with the page itself compressed in a hurry: it is lighter than that. If it is lighter than `most` with
    /// some of it not compressed at all, that is enough to know.
    pub(super) fn with_quickly_compressed(self, html: &str, most: usize) -> Weight {
        // Pages become a fifth of what they are, and mostly less.
        let part = self.all.saturating_sub(most).saturating_mul(5) / 4 + 2_000;
        if let Some((part, rest)) = html.as_bytes().split_at_checked(part) {
            let weight = self.with_html(compressed(part, QUICK) + at_most(rest.len()));
            if weight.all <= most {
                return weight;
            }
        }
        self.with_html(compressed(html.as_bytes(), QUICK))
    }

    fn with_html(self, html: usize) -> Weight {
        Weight { html, all: self.all - self.html + html, ..self }
    }
}

fn is_script(path: &str) -> bool {
    [".js", ".mjs"].iter().any(|end| path.ends_with(end))
}

fn is_font(path: &str) -> bool {
    [".woff2", ".woff", ".ttf", ".otf"].iter().any(|end| path.ends_with(end))
}

/// The fonts that each style sheet names, by their paths in the output.
pub(super) fn fonts_of_sheets<'a>(
    files: impl Iterator<Item = (&'a str, &'a Arc<[u8]>)>,
) -> BTreeMap<String, Vec<String>> {
    let sheets = files.filter(|(path, _)| path.ends_with(".css"));
    let fonts = |(path, bytes): (&str, &Arc<[u8]>)| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let named = text.split("url(").skip(1).filter_map(|rest| {
            let address = rest.split(')').next()?.trim().trim_matches(['"', '\'']);
            Some(follow(path, address, None)?.file).filter(|file| is_font(file))
        });
        let mut named: Vec<String> = named.collect();
        named.sort();
        named.dedup();
        (path.to_string(), named)
    };
    sheets.map(fonts).collect()
}
