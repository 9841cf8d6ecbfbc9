//! Owns the index that a page's script searches: which words stand in which document, in the form that MiniSearch
//! reads. Must not know pages, templates or files.

pub mod words;

use std::fmt::Write as _;

use crate::diag::json_string;
use crate::fingerprint::ByName;

/// The parts of a document in which words are looked for, in the order of their numbers.
pub const FIELDS: [&str; 5] = ["title", "headings", "terms", "description", "text"];

/// A document: the text of each of [`FIELDS`], and what a result shows of it.
#[derive(Debug)]
pub struct Document<'a> {
    /// The texts of all fields but the last.
    pub texts: [&'a str; FIELDS.len() - 1],
    /// The words of the last one.
    pub tally: &'a Tally,
    /// What is kept for the result: name and value.
    pub shown: &'a [(&'static str, &'a str)],
}

/// The words of a text and how often each stands there. Kept for many pages, so it is two blocks of memory and no more.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Each word once, with a space behind it.
    words: Box<str>,
    /// How often, in the same order.
    counts: Box<[u32]>,
}

impl Tally {
    /// Counts the words of a text.
    pub fn of(text: &str) -> Tally {
        let (mut words, mut counts) = (String::new(), Vec::new());
        let mut places: ByName<Box<str>, usize> = ByName::default();
        words::each(text, |word| match places.get(word) {
            Some(place) => counts[*place] += 1,
            None => {
                places.insert(word.into(), counts.len());
                words.push_str(word);
                words.push(' ');
                counts.push(1);
            }
        });
        Tally { words: words.into(), counts: counts.into() }
    }

    fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.words.split_terminator(' ').zip(self.counts.iter().copied())
    }
}

/// How often a word stands in one field of one document.
#[derive(Debug, Clone, Copy)]
struct Posting {
    field: u8,
    document: u32,
    count: u32,
}

/// An index in the making.
#[derive(Debug)]
pub struct Index {
    lang: String,
    /// By word; nothing for one that is not looked for.
    postings: ByName<Box<str>, Option<Vec<Posting>>>,
    /// For each document, how many different words each field has.
    lengths: Vec<[u32; FIELDS.len()]>,
    /// For each document, what is kept for the result, as JSON.
    shown: Vec<String>,
}

impl Index {
    /// An empty index of texts in a language.
    pub fn new(lang: &str) -> Index {
        let stop_words = words::stop_words(lang).into_iter();
        Index {
            lang: lang.to_string(),
            postings: stop_words.map(|word| (word.into(), None)).collect(),
            lengths: Vec::new(),
            shown: Vec::new(),
        }
    }

    /// Adds a document. The first one has the number 0.
    pub fn add(&mut self, document: &Document<'_>) {
        let number = u32::try_from(self.lengths.len()).unwrap_or(u32::MAX);
        let mut lengths = [0; FIELDS.len()];
        let mut add = |field: u8, word: &str, count: u32| {
            let length = &mut lengths[usize::from(field)];
            let new = Posting { field, document: number, count };
            match self.postings.get_mut(word) {
                Some(None) => {}
                Some(Some(postings)) => match postings.last_mut() {
                    Some(last) if (last.field, last.document) == (field, number) => {
                        last.count += count;
                    }
                    _ => {
                        postings.push(new);
                        *length += 1;
                    }
                },
                None => {
                    self.postings.insert(word.into(), Some(vec![new]));
                    *length += 1;
                }
            }
        };
        for (text, field) in document.texts.iter().zip(0..) {
            words::each(text, |word| add(field, word, 1));
        }
        for (word, count) in document.tally.iter() {
            add(FIELDS.len() as u8 - 1, word, count);
        }
        self.lengths.push(lengths);
        let shown = document.shown.iter().filter(|(_, value)| !value.is_empty());
        let shown: Vec<String> =
            shown.map(|(name, value)| format!("\"{name}\":{}", json_string(value))).collect();
        self.shown.push(format!("{{{}}}", shown.join(",")));
    }

    /// The index as a classic script, which a page may also load from disk: it leaves `weekmarkSearch` behind, with
    /// the language, the words that are not in the index, the names of fields, and the index in MiniSearch's
    /// serialized form (`toJSON` in MiniSearch.ts, version 2 of the serialization).
    pub fn script(self) -> String {
        // A text that a parser of JSON reads is there sooner than the same as a literal of the language.
        let json = self.json();
        let mut out = String::with_capacity(json.len() + json.len() / 32);
        out.push_str("self.weekmarkSearch=JSON.parse('");
        for c in json.chars() {
            match c {
                '\\' | '\'' => out.extend(['\\', c]),
                c => out.push(c),
            }
        }
        out.push_str("');\n");
        out
    }

    fn json(self) -> String {
        let count = self.lengths.len();
        let stop_words: Vec<String> =
            words::stop_words(&self.lang).iter().map(|word| json_string(word)).collect();
        let numbered = |value: &dyn Fn(usize) -> String| {
            let all: Vec<String> = (0..count).map(|i| format!("\"{i}\":{}", value(i))).collect();
            format!("{{{}}}", all.join(","))
        };
        let length = |i: usize| {
            let lengths: Vec<String> = self.lengths[i].iter().map(u32::to_string).collect();
            format!("[{}]", lengths.join(","))
        };
        let average = |field: usize| {
            let sum: u64 = self.lengths.iter().map(|lengths| u64::from(lengths[field])).sum();
            // Two digits are enough for a rank, and every machine writes them alike.
            let hundredths = sum * 100 / count.max(1) as u64;
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        };
        let averages: Vec<String> = (0..FIELDS.len()).map(average).collect();
        let field_ids: Vec<String> =
            FIELDS.iter().zip(0..).map(|(name, id)| format!("\"{name}\":{id}")).collect();
        let fields: Vec<String> = FIELDS.iter().map(|name| json_string(name)).collect();
        let mut out = format!(
            "{{\"version\":1,\"lang\":{},\"stopWords\":[{}],\"fields\":[{}],\"index\":{{\"documentCount\":{count},\
             \"nextId\":{count},\"documentIds\":{},\"fieldIds\":{{{}}},\"fieldLength\":{},\"averageFieldLength\":[{}],\
             \"storedFields\":{},\"dirtCount\":0,\"index\":[",
            json_string(&self.lang),
            stop_words.join(","),
            fields.join(","),
            numbered(&|i| i.to_string()),
            field_ids.join(","),
            numbered(&length),
            averages.join(","),
            numbered(&|i| self.shown[i].clone()),
        );
        let terms = self.postings.into_iter();
        let mut terms: Vec<(Box<str>, Vec<Posting>)> =
            terms.filter_map(|(word, postings)| Some((word, postings?))).collect();
        terms.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (at, (word, postings)) in terms.iter_mut().enumerate() {
            postings.sort_unstable_by_key(|posting| (posting.field, posting.document));
            let comma = if at > 0 { "," } else { "" };
            let _ = write!(out, "{comma}[\"{word}\",{{");
            let mut field = None;
            for posting in &*postings {
                if field == Some(posting.field) {
                    out.push(',');
                } else {
                    let before = if field.is_some() { "}," } else { "" };
                    let _ = write!(out, "{before}\"{}\":{{", posting.field);
                    field = Some(posting.field);
                }
                let _ = write!(out, "\"{}\":{}", posting.document, posting.count);
            }
            out.push_str("}}]");
        }
        out.push_str("],\"serializationVersion\":2}}");
        out
    }
}

/// How many bytes of each text go into an index if all together may have no more than `most`: as much of each as of
/// the others, and short texts as a whole. `None`: all texts fit.
pub fn share(lengths: &[usize], most: usize) -> Option<usize> {
    if lengths.iter().sum::<usize>() <= most {
        return None;
    }
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable();
    let (mut left, mut others) = (most, sorted.len());
    for length in sorted {
        if length * others > left {
            break;
        }
        left -= length;
        others -= 1;
    }
    Some(left / others.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_a_script_of_one_json_text() {
        let mut index = Index::new("en");
        index.add(&Document {
            texts: ["It's the week", "", "", ""],
            tally: &Tally::of("A week, weekly: the Week"),
            shown: &[("title", "It's \"the\" week"), ("url", "../a/"), ("section", "")],
        });
        index.add(&Document {
            texts: ["Weekly", "", "", ""],
            tally: &Tally::default(),
            shown: &[("title", "\u{2028}\\")],
        });
        let script = index.script();
        let json = script
            .strip_prefix("self.weekmarkSearch=JSON.parse('")
            .and_then(|script| script.strip_suffix("');\n"))
            .expect("a script");
        assert!(json.contains(
            r#""index":[["week",{"0":{"0":1},"4":{"0":2}}],["weekly",{"0":{"1":1},"4":{"0":1}}]]"#
        ));
        assert!(json.contains(r#""fieldLength":{"0":[1,0,0,0,2],"1":[1,0,0,0,0]}"#));
        assert!(json.contains(r#""averageFieldLength":[1.00,0.00,0.00,0.00,1.00]"#));
        assert!(json.contains(r#"{"title":"It\'s \\"the\\" week","url":"../a/"}"#), "{json}");
    }

    #[test]
    fn short_texts_are_whole_and_long_ones_share_what_is_left() {
        assert_eq!(share(&[10, 20, 30], 60), None);
        assert_eq!(share(&[10, 20, 30], 50), Some(20));
        assert_eq!(share(&[10, 100, 100], 50), Some(20));
        assert_eq!(share(&[5; 10], 20), Some(2));
        assert_eq!(share(&[], 0), None);
    }
}
