//! Owns how heavy a page is: the bytes that a browser must fetch before it can show it, compressed as hosts
//! send them (gzip, RFC 1952), pictures left out. Must not know templates. The only module that touches
//! `miniz_oxide`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use miniz_oxide::deflate::compress_to_vec;

use super::html::{Token, last_tag, walk};
use super::page::follow;
use crate::config::BaseUrl;
use crate::fingerprint::{ByName, Fp, half_of_bytes};

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

/// Parts of long pages, and what each weighs compressed alone and in a hurry. The next version of a list has nearly all of
/// them, and compressing a list takes as long as making it.
#[derive(Debug, Default)]
pub(super) struct Parts(RwLock<ByName<Fp, u32>>);

/// How long a part is at least, and about how many lines come after that until it ends.
const PART: usize = 8_000;
const LINES: u64 = 32;

/// So many parts are kept at most; then all are compressed anew.
const MOST_PARTS: usize = 1 << 14;

impl Parts {
    /// What the parts of a page weigh together. It follows from the page alone.
    fn weight(&self, html: &str) -> usize {
        let parts: Vec<(Fp, &[u8])> = parts(html).map(|part| (Fp::of_bytes(part), part)).collect();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let weights = parts.iter().map(|(key, _)| known.get(key).copied());
        let weights: Vec<Option<u32>> = weights.collect();
        drop(known);
        let (mut sum, mut new) = (WRAPPING, Vec::new());
        for ((key, part), weight) in parts.into_iter().zip(weights) {
            let weight = weight.unwrap_or_else(|| {
                // Parts can be put together: each then ends at a whole byte, with a block of nothing (RFC 1951, 3.2.4).
                let weight = compress_to_vec(part, QUICK).len() + 5;
                let weight = u32::try_from(weight).unwrap_or(u32::MAX);
                new.push((key, weight));
                weight
            });
            sum += weight as usize;
        }
        if !new.is_empty() {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() + new.len() > MOST_PARTS {
                known.clear();
            }
            known.extend(new);
        }
        sum
    }
}

/// The parts of a page. Where one ends is said by the line there and not by how much came before, so that a change at the start
/// moves no end but the next one.
fn parts(html: &str) -> impl Iterator<Item = &[u8]> {
    let mut rest = html.as_bytes();
    std::iter::from_fn(move || {
        let mut end = rest.len().min(PART);
        while let Some(len) = rest[end..].iter().position(|byte| *byte == b'\n') {
            let line = &rest[end..=end + len];
            end += line.len();
            if half_of_bytes(line).is_multiple_of(LINES) {
                break;
            }
        }
        if end + PART > rest.len() {
            end = rest.len();
        }
        let part;
        (part, rest) = rest.split_at(end);
        (!part.is_empty()).then_some(part)
    })
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
        // Lists are long after that.
        let last = last_tag(html, &["script", "link"]);
        walk(html, (&Range::default(), false), |place, token| {
            if last.is_none_or(|last| place.start > last) {
                return Some(html.len());
            }
            let Token::Start(tag) = token else { return None };
            let address = match () {
                () if tag.is("script") => tag.get("src"),
                () if tag.is("link")
                    && tag.get("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("stylesheet")) =>
                {
                    tag.get("href")
                }
                () => None,
            };
            let link = address.and_then(|address| follow(from, &address, base))?;
            let bytes = load(&link.file).unwrap_or_default();
            if tag.is("script") {
                weight.script += bytes;
            } else {
                weight.styles += bytes;
                let fonts = sheets.get(&link.file).into_iter().flatten();
                weight.fonts += fonts.filter_map(|font| load(font)).sum::<usize>();
            }
            None
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

    /// The same with the parts of the page compressed one by one, if it is no more than `most` with an eighth of room: a page
    /// whose parts have nothing in common may weigh some hundredths more than they do, because each has a code of its own.
    pub(super) fn with_parts(self, html: &str, most: usize, parts: &Parts) -> Option<Weight> {
        let weight = self.with_html(parts.weight(html));
        (weight.all + weight.html / 8 <= most).then_some(weight)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of so many lines, none like another.
    fn list(lines: u32) -> String {
        let line = |i: u32| {
            let word = i.wrapping_mul(2_654_435_769);
            format!("<li><a href=\"../{word:x}/\">{word}</a> {i}</li>\n")
        };
        (0..lines).map(line).collect()
    }

    #[test]
    fn an_edit_changes_few_parts() {
        let html = list(4_000);
        let all: Vec<&[u8]> = parts(&html).collect();
        assert_eq!(all.concat(), html.as_bytes());
        assert!(all.len() > 8 && all.iter().all(|part| part.len() >= PART), "{}", all.len());
        for at in [0, 1, html.len() / 2, html.len()] {
            let edited = format!("{}<b>new</b>\n{}", &html[..at], &html[at..]);
            let new = parts(&edited).filter(|part| !all.contains(part)).count();
            assert!((1..=3).contains(&new), "{new} of {} parts at {at}", all.len());
        }
        assert_eq!(parts("").count(), 0);
        let long = "no line ends ".repeat(5_000);
        assert_eq!(parts(&long).collect::<Vec<_>>().concat(), long.as_bytes());
    }

    #[test]
    fn the_weight_of_parts_follows_from_the_page_alone() {
        let known = Parts::default();
        for lines in [10, 600, 4_000, 4_001, 600] {
            let html = list(lines);
            let weight = known.weight(&html);
            assert_eq!(weight, Parts::default().weight(&html), "{lines} lines");
            assert!(weight >= compressed(html.as_bytes(), LEVEL), "{lines} lines");
        }
        assert_eq!(known.0.read().map(|known| known.len()).unwrap_or_default(), {
            let all = [10, 600, 4_000, 4_001].map(list);
            all.iter().flat_map(|html| parts(html)).collect::<std::collections::BTreeSet<_>>().len()
        });
    }

    /// Stretches in letters of their own: put together, their parts are lighter than the page.
    #[test]
    fn a_page_that_may_be_heavier_than_its_parts_is_not_judged_by_them() {
        let letters = |stretch: u32| if stretch.is_multiple_of(2) { b'A' } else { b'a' };
        let mut random = 1_u32;
        let mut letter = |first: u8| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(first + (random >> 24) as u8 % 12)
        };
        let line = |first: u8, letter: &mut dyn FnMut(u8) -> char| -> String {
            (0..90).map(|_| letter(first)).chain(['\n']).collect()
        };
        let html: String = (0..20 * 330).map(|at| line(letters(at / 330), &mut letter)).collect();
        let (parts, whole) = (Parts::default(), compressed(html.as_bytes(), LEVEL));
        assert!(parts.weight(&html) < whole);
        let weight = Weight { all: html.len(), html: html.len(), ..Weight::default() };
        assert_eq!(weight.with_parts(&html, whole - 1, &parts), None);
        assert!(weight.with_parts(&html, whole * 5 / 4, &parts).is_some());
    }

    #[test]
    fn what_a_page_loads_is_found_wherever_it_stands() {
        let files = [("a.css", 100), ("b.js", 20), ("c.css", 3)];
        let files = files.map(|(path, bytes)| (path.to_string(), bytes)).into();
        let weights = Weights { files, all: 123, scripts: 20 };
        let loads = |html: &str| {
            let weight = weights.first_view(html, "index.html", None, &BTreeMap::new());
            weight.all - html.len()
        };
        assert_eq!(loads("<p>link"), 0);
        assert_eq!(loads("<link rel=stylesheet href=a.css><p>< script"), 100);
        assert_eq!(loads("<LINK title='a<b>c' rel=stylesheet href=a.css><p>"), 100);
        assert_eq!(loads("<link rel=stylesheet href=a.css><p><script src=b.js></script>"), 120);
        assert_eq!(loads("<!-- <link rel=stylesheet href=a.css> -->"), 0);
        assert_eq!(loads("<title><link rel=stylesheet href=a.css></title>"), 0);
        assert_eq!(loads("<p title='<script'><link rel=stylesheet href='c.css'>"), 3);
    }
}
