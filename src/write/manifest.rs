//! Owns what weekmark remembers about its output: `.weekmark-manifest.json`, its text, and the sum of a file.
//! Must not know where the output folder is, what a page is, or what is done about a difference.
//!
//! The manifest is the proof that a folder is ours, so a text that is not exactly one of ours is damaged, and a damaged
//! manifest proves nothing. It is JSON for the sake of other tools; reading one fixed shape needs no JSON crate.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Read, Write};

use rayon::prelude::*;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// The manifest's name inside the output folder.
pub(super) const NAME: &str = ".weekmark-manifest.json";

/// The shape of the text; a higher one was written by a newer weekmark.
const VERSION: u64 = 1;

/// Path below the output folder → sum, sorted. A list and not a map, because it is made once and then only read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Files(Vec<(String, Sum)>);

impl Files {
    pub(super) fn get(&self, path: &str) -> Option<Sum> {
        let at = self.0.binary_search_by(|(other, _)| other.as_str().cmp(path)).ok()?;
        Some(self.0[at].1)
    }

    /// Whether any file lies below this path.
    pub(super) fn has_folder(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let at = self.0.partition_point(|(file, _)| *file < below);
        self.0.get(at).is_some_and(|(file, _)| file.starts_with(&below))
    }

    pub(super) fn all(&self) -> &[(String, Sum)] {
        &self.0
    }

    /// `None` if two files have one path.
    fn of(mut files: Vec<(String, Sum)>) -> Option<Files> {
        // What we wrote is sorted already, and sorting finds that out first.
        files.sort_by(|(a, _), (b, _)| a.cmp(b));
        let twice = files.windows(2).any(|pair| pair[0].0 == pair[1].0);
        (!twice).then_some(Files(files))
    }
}

/// How long a file is and the xxh3-128 of its bytes: equal sums are taken for equal files.
///
/// The hash does not withstand somebody who builds collisions on purpose; whoever can do that to `public/` can as well
/// write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) bytes: u64,
    pub(super) hash: u128,
}

impl Sum {
    pub(super) fn of(bytes: &[u8]) -> Sum {
        Sum { bytes: bytes.len() as u64, hash: xxh3_128(bytes) }
    }

    /// `about` is how long the file was a moment ago: one of that length is read in one call.
    pub(super) fn read(from: impl Read, about: u64) -> io::Result<Sum> {
        Sum::copy(from, about, io::sink())
    }

    /// Reads what is expected to be `bytes`, of which `sum` is the sum: a comparison takes less time than another sum.
    pub(super) fn read_same(
        from: impl Read,
        about: u64,
        bytes: &[u8],
        sum: Sum,
    ) -> io::Result<Sum> {
        let of = |whole: &[u8]| if whole == bytes { sum } else { Sum::of(whole) };
        Sum::through(from, about, io::sink(), of)
    }

    /// Copies all of `from` and sums what went through, so that the sum is true even if `from` changes meanwhile.
    pub(super) fn copy(from: impl Read, about: u64, to: impl Write) -> io::Result<Sum> {
        Sum::through(from, about, to, Sum::of)
    }

    /// `of` gives the sum of a file that is short enough to be read as a whole.
    fn through(
        mut from: impl Read,
        about: u64,
        mut to: impl Write,
        of: impl Fn(&[u8]) -> Sum,
    ) -> io::Result<Sum> {
        // One byte more: that it stays empty says that this is the end.
        let room = about.saturating_add(1).clamp(MIN_PART, MAX_PART);
        let mut part = vec![0; room as usize];
        let mut n = fill(&mut from, &mut part, about)?;
        to.write_all(&part[..n])?;
        if n < part.len() {
            return Ok(of(&part[..n]));
        }
        let mut hash = Xxh3::new();
        let mut bytes = 0;
        loop {
            hash.update(&part[..n]);
            bytes += n as u64;
            if n < part.len() {
                return Ok(Sum { bytes, hash: hash.digest128() });
            }
            n = fill(&mut from, &mut part, u64::MAX)?;
            to.write_all(&part[..n])?;
        }
    }
}

/// The least and the most that is read at once.
const MIN_PART: u64 = 1024;
const MAX_PART: u64 = 128 * 1024;

/// Reads until `part` is full or `from` at its end. `about` bytes are the end, too, without a further call that would say
/// so; a length of nothing is not believed, because the system says it of files that it makes up.
fn fill(from: &mut impl Read, part: &mut [u8], about: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < part.len() {
        match from.read(&mut part[filled..]) {
            Ok(0) => break,
            Ok(n) => {
                filled += n;
                if filled as u64 == about {
                    break;
                }
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// Why a manifest cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    Damaged,
    Newer,
}

/// A path that weekmark writes: relative, `/` between plain names, nothing that leads elsewhere.
pub(super) fn is_path(path: &str) -> bool {
    let plain = |name: &str| !matches!(name, "" | "." | "..");
    let is_odd = |byte: u8| matches!(byte, b'\\' | 0);
    path != NAME && !path.bytes().any(is_odd) && path.split('/').all(plain)
}

/// So many lines are printed by one thread at a time.
const TOGETHER: usize = 1024;

/// The manifest's text: one line per file, so that a diff of two manifests can be read. `of` tells the path and the sum of
/// each.
pub(super) fn print<F: Sync>(files: &[F], of: impl Fn(&F) -> (&str, Sum) + Sync) -> String {
    let lines = |files: &[F]| {
        let mut lines = String::with_capacity(128 * files.len());
        for (path, Sum { bytes, hash }) in files.iter().map(&of) {
            quote(path, &mut lines);
            // Writing to a String cannot fail.
            let _ = writeln!(lines, ": {{\"bytes\": {bytes}, \"hash\": \"{hash:032x}\"}},");
        }
        lines
    };
    let parts: Vec<String> = files.par_chunks(TOGETHER).map(lines).collect();
    let first = format!("{{\"weekmark\": {VERSION}, \"files\": {{\n");
    let mut text = String::with_capacity(
        first.len() + parts.iter().map(String::len).sum::<usize>() + "\n}}\n".len(),
    );
    text.push_str(&first);
    parts.iter().for_each(|part| text.push_str(part));
    if text.ends_with(",\n") {
        text.truncate(text.len() - ",\n".len());
        text.push('\n');
    }
    text.push_str("}}\n");
    text
}

fn quote(path: &str, text: &mut String) {
    text.push('"');
    // Nearly all paths are plain.
    if path.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
        text.push_str(path);
        text.push('"');
        return;
    }
    let mut rest = path;
    // U+2028 and U+2029 are legal in JSON but end a line in old JavaScript.
    let is_odd = |c: char| matches!(c, '"' | '\\' | '\u{2028}' | '\u{2029}') || c.is_control();
    while let Some(at) = rest.find(is_odd) {
        let (plain, odd) = rest.split_at(at);
        text.push_str(plain);
        let mut chars = odd.chars();
        match chars.next() {
            Some(c @ ('"' | '\\')) => text.extend(['\\', c]),
            Some(c) => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            None => {}
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    text.push('"');
}

/// Reads what [`print()`] wrote; blanks and line ends may differ, because git and editors change them.
pub(super) fn parse(bytes: &[u8]) -> Result<Files, Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|_| Flaw::Damaged)?;
    let mut rest = Rest(text);
    let version = rest.version().ok_or(Flaw::Damaged)?;
    if version > VERSION {
        return Err(Flaw::Newer);
    }
    rest.files().ok_or(Flaw::Damaged)
}

/// The part of the text that is still to be read; each method takes one thing off its front, or is `None`.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn version(&mut self) -> Option<u64> {
        self.token("{")?;
        self.key("weekmark")?;
        self.number()
    }

    fn files(&mut self) -> Option<Files> {
        self.token(",")?;
        self.key("files")?;
        self.token("{")?;
        let mut files = Vec::new();
        if self.token("}").is_none() {
            loop {
                let path = self.string()?;
                self.token(":")?;
                let sum = self.sum()?;
                if !is_path(&path) {
                    return None;
                }
                files.push((path.into_owned(), sum));
                if self.token(",").is_none() {
                    break;
                }
            }
            self.token("}")?;
        }
        self.token("}")?;
        if self.0.trim_start().is_empty() { Files::of(files) } else { None }
    }

    fn sum(&mut self) -> Option<Sum> {
        self.token("{")?;
        self.key("bytes")?;
        let bytes = self.number()?;
        self.token(",")?;
        self.key("hash")?;
        let hex = self.string()?;
        self.token("}")?;
        let digit = |byte: u8| char::from(byte).to_digit(16).map(u128::from);
        let hash = hex.bytes().try_fold(0, |hash, byte| Some(hash << 4 | digit(byte)?))?;
        (hex.len() == 32).then_some(Sum { bytes, hash })
    }

    fn key(&mut self, name: &str) -> Option<()> {
        (self.string()? == name).then_some(())?;
        self.token(":")
    }

    fn token(&mut self, token: &str) -> Option<()> {
        let rest = self.0.strip_prefix(token);
        self.0 = rest.or_else(|| self.0.trim_start().strip_prefix(token))?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        self.0 = self.0.trim_start();
        let end = self.0.find(|c: char| !c.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits.parse().ok()
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.token("\"")?;
        let mut out = Cow::Borrowed("");
        loop {
            let stop = self.0.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
            let (plain, rest) = self.0.split_at(stop);
            // The first part is lent, and mostly it is the only one.
            out += plain;
            self.0 = &rest[1..];
            if rest.starts_with('"') {
                return Some(out);
            }
            out.to_mut().push(self.escaped()?);
        }
    }

    /// What follows a backslash, as far as [`quote`] writes it.
    fn escaped(&mut self) -> Option<char> {
        let c = self.0.chars().next()?;
        self.0 = &self.0[c.len_utf8()..];
        match c {
            '"' | '\\' => Some(c),
            'u' => {
                let (hex, rest) = self.0.split_at_checked(4)?;
                self.0 = rest;
                char::from_u32(u32::from_str_radix(hex, 16).ok()?)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(files: &Files) -> String {
        print(files.all(), |(path, sum)| (path, *sum))
    }

    #[test]
    fn reads_what_it_writes() {
        let names =
            ["a", "b/c d.html", "ü/\"q\".txt", "line\nbreak\u{1}", "\u{2028}", "\u{7f}\u{80}", "z"];
        let files = names.iter().map(|n| (n.to_string(), Sum::of(n.as_bytes()))).collect();
        let files = Files::of(files).unwrap();
        let text = text_of(&files);
        assert_eq!(parse(text.as_bytes()), Ok(files));
        assert_eq!(text.lines().count(), names.len() + 2, "one line per file: {text}");
        assert_eq!(parse(text_of(&Files::default()).as_bytes()), Ok(Files::default()));
        let dos = text.replace('\n', "\r\n");
        assert!(parse(dos.as_bytes()).is_ok());
    }

    #[test]
    fn every_cut_is_damage() {
        let files = Files(vec![("a/b.html".to_string(), Sum::of(b"x"))]);
        let text = text_of(&files);
        for end in 0..text.trim_end().len() {
            assert_eq!(parse(&text.as_bytes()[..end]), Err(Flaw::Damaged), "cut at {end}");
        }
        let swapped = text.replace("a/b.html", "../b.html");
        assert_eq!(parse(swapped.as_bytes()), Err(Flaw::Damaged));
        let short = text.replace("\"hash\": \"", "\"hash\": \"0");
        assert_eq!(parse(short.as_bytes()), Err(Flaw::Damaged));
        assert_eq!(parse(&vec![0; text.len()]), Err(Flaw::Damaged));
        assert_eq!(parse(b"{\"weekmark\": 2, \"pages\": []}"), Err(Flaw::Newer));
    }

    #[test]
    fn two_files_of_one_path_are_damage() {
        let sum = Sum::of(b"x");
        let text = |paths: &[&str]| print(paths, |path| (path, sum));
        assert_eq!(parse(text(&["a", "b", "a"]).as_bytes()), Err(Flaw::Damaged));
        let files = parse(text(&["b", "a/c", "a-b"]).as_bytes()).unwrap();
        let paths: Vec<&str> = files.all().iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a-b", "a/c", "b"], "sorted, whatever order the text has");
        assert_eq!((files.get("a/c"), files.get("a")), (Some(sum), None));
        assert!(files.has_folder("a") && !files.has_folder("a-b") && !files.has_folder("b"));
    }

    #[test]
    fn however_many_threads_print_it_is_one_list() {
        for count in [0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 3 * TOGETHER] {
            let files: Vec<(String, Sum)> = (0..count)
                .map(|at| (format!("{at:05}"), Sum { bytes: at as u64, hash: 1 }))
                .collect();
            let text = print(&files, |(path, sum)| (path, *sum));
            let lines = files.iter().map(|(path, Sum { bytes, hash })| {
                format!("\"{path}\": {{\"bytes\": {bytes}, \"hash\": \"{hash:032x}\"}}")
            });
            let lines = lines.collect::<Vec<_>>().join(",\n");
            let end = if count == 0 { "}}\n" } else { "\n}}\n" };
            assert_eq!(text, format!("{{\"weekmark\": 1, \"files\": {{\n{lines}{end}"));
            assert_eq!(parse(text.as_bytes()), Ok(Files(files)));
        }
    }

    #[test]
    fn a_sum_has_all_its_digits() {
        let sum = Sum { bytes: 7, hash: 0xfedc_ba98_7654_3210 };
        let line = "\"a\": {\"bytes\": 7, \"hash\": \"0000000000000000fedcba9876543210\"}";
        assert!(print(&["a"], |path| (path, sum)).contains(line));
    }

    /// A file that the system gives a few bytes at a time.
    struct Bits<'a>(&'a [u8]);

    impl Read for Bits<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let most = to.len().min(1000);
            self.0.read(&mut to[..most])
        }
    }

    #[test]
    fn streamed_sums_equal_whole_ones() {
        let max = MAX_PART as usize;
        for n in [0, 1, 240, 241, 1023, 1024, 1025, 100_000, max - 1, max, max + 1, 3 * max] {
            let bytes: Vec<u8> = (0..n).map(|i| (i * 7) as u8).collect();
            let sum = Sum::of(&bytes);
            let mut other = bytes.clone();
            other.push(7);
            // What is said of the length may be wrong: the file has grown, shrunk, or is made up as it is read.
            for about in [0, n as u64 / 2, n as u64, n as u64 + 1, u64::MAX] {
                assert_eq!(Sum::read(&bytes[..], about).unwrap(), sum);
                let mut copied = Vec::new();
                assert_eq!(Sum::copy(&bytes[..], about, &mut copied).unwrap(), sum);
                assert!(copied == bytes);
                for expected in [&bytes, &other] {
                    let known = Sum::of(expected);
                    assert_eq!(Sum::read_same(&bytes[..], about, expected, known).unwrap(), sum);
                }
            }
            assert_eq!(Sum::read(Bits(&bytes), n as u64).unwrap(), sum);
            assert_eq!(Sum::read(Bits(&bytes), 0).unwrap(), sum);
        }
        assert_eq!(format!("{:032x}", Sum::of(b"").hash), "99aa06d3014798d86001c324468d497f");
    }

    #[test]
    fn only_plain_paths() {
        for good in ["a", "a/b.html", ".nojekyll", ".well-known/x", "a b/ü", "..a/b.."] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\\b", "a\0", NAME] {
            assert!(!is_path(bad), "{bad}");
        }
    }
}
