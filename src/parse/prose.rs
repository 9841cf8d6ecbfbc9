//! Owns what can be said of a text by its words alone: its sentences, how hard they are to read, figures,
//! leftovers of writing, words of a link that say nothing. Must not know Markdown or where a text stands.

use std::ops::Range;

/// Below that many words a reading grade says nothing (Flesch's own samples had 100).
pub const FEWEST_WORDS: usize = 100;

/// A sentence of fewer words is never called hard: its grade hangs on a single name.
const SHORT_SENTENCE: usize = 8;

/// Words, sentences and syllables of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many words.
    pub words: usize,
    /// How many sentences.
    pub sentences: usize,
    /// How many syllables, by rule of thumb.
    pub syllables: usize,
}

impl Counts {
    /// Counts one sentence.
    pub fn of(sentence: &str, lang: &str) -> Counts {
        let mut counts = Counts { sentences: 1, ..Counts::default() };
        for word in words(sentence) {
            counts.words += 1;
            counts.syllables += syllables(word, lang);
        }
        counts
    }

    /// Both together.
    pub fn add(&mut self, other: Counts) {
        self.words += other.words;
        self.sentences += other.sentences;
        self.syllables += other.syllables;
    }

    /// The school grade that a reader needs.
    ///
    /// English: Kincaid, Fishburne, Rogers and Chissom, "Derivation of New Readability Formulas", 1975.
    /// Spanish: Crawford, "Fórmula y gráfico para determinar la comprensibilidad de textos de nivel
    /// primario en castellano", 1985. No formula is known here for other languages: `None`.
    pub fn grade(self, lang: &str) -> Option<f64> {
        if self.words == 0 || self.sentences == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a page has fewer than 2^52 words")]
        let [words, sentences, syllables] =
            [self.words as f64, self.sentences as f64, self.syllables as f64];
        match primary(lang) {
            "en" => Some(0.39 * words / sentences + 11.8 * syllables / words - 15.59),
            "es" => {
                Some(-0.205 * 100.0 * sentences / words + 0.049 * 100.0 * syllables / words - 3.407)
            }
            _ => None,
        }
    }
}

/// Whether there is a formula for the language.
pub fn is_measured(lang: &str) -> bool {
    matches!(primary(lang), "en" | "es")
}

fn primary(lang: &str) -> &str {
    lang.split('-').next().unwrap_or(lang)
}

/// The grade by which sentences of one text are put in order, for those long enough.
pub fn hardness(sentence: &str, lang: &str) -> Option<f64> {
    let counts = Counts::of(sentence, lang);
    if counts.words < SHORT_SENTENCE { None } else { counts.grade(lang) }
}

/// The words of a text: letters and digits with what joins them. Figures are words, but addresses are not.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "—–/".contains(c))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty() && !word.contains("://"))
}

/// Vowel groups, with the rules that are right most often.
fn syllables(word: &str, lang: &str) -> usize {
    let word = word.to_lowercase();
    // A figure or an abbreviation is read out, but not held against the writer.
    if word.chars().any(|c| c.is_ascii_digit()) {
        return 1;
    }
    match primary(lang) {
        "es" => spanish_syllables(&word),
        _ => word.split(['-', '\'', '’']).map(english_syllables).sum::<usize>().max(1),
    }
}

fn english_syllables(word: &str) -> usize {
    let letters: Vec<char> = word.chars().collect();
    let is_vowel = |c: char| "aeiouyáéíóúü".contains(c);
    let mut count = 0;
    let mut before = false;
    for (at, &c) in letters.iter().enumerate() {
        // em-ploy-er: between two vowels it is a consonant.
        let glide = c == 'y' && letters.get(at + 1).is_some_and(|next| is_vowel(*next));
        let vowel = is_vowel(c) && !glide;
        count += usize::from(vowel && !before);
        before = vowel;
    }
    let ends = |end: &str| word.ends_with(end);
    let consonant_before =
        |back: usize| letters.len() > back && !is_vowel(letters[letters.len() - 1 - back]);
    // make, care, makes, hoped; but table, wanted, uses, changes
    let hissing = ["ses", "zes", "ces", "ges", "xes", "ches", "shes"];
    let is_silent = if ends("le") {
        letters.len() > 2 && !consonant_before(2)
    } else if ends("e") {
        consonant_before(1)
    } else if ends("es") {
        !hissing.iter().any(|end| ends(end)) && consonant_before(2)
    } else {
        ends("ed") && !ends("ted") && !ends("ded") && consonant_before(2)
    };
    count -= usize::from(is_silent && count > 1);
    // sci-ence, med-i-a, cre-ate
    for (at, pair) in word.char_indices().zip(word.chars().skip(1)).map(|((at, a), b)| (at, [a, b]))
    {
        let hiatus = matches!(pair, ['i', 'a'] | ['i', 'o'] | ['u', 'a'])
            && !word[..at].ends_with(['t', 'c', 's', 'g', 'q', 'x']);
        count += usize::from(hiatus);
    }
    count.max(1)
}

fn spanish_syllables(word: &str) -> usize {
    let strong = |c: char| "aeoáéíóú".contains(c);
    let letters: Vec<char> = word.chars().collect();
    let mut count = 0;
    let mut before: Option<char> = None;
    for (at, &c) in letters.iter().enumerate() {
        let silent_u = c == 'u'
            && at > 0
            && "qg".contains(letters[at - 1])
            && letters.get(at + 1).is_some_and(|n| "eiéí".contains(*n));
        let vowel =
            !silent_u && (strong(c) || "iuü".contains(c) || (c == 'y' && at + 1 == letters.len()));
        if vowel {
            // Two strong vowels, or a stressed weak one, are two syllables.
            count += usize::from(before.is_none_or(|b| strong(b) && strong(c)));
        }
        before = vowel.then_some(c);
    }
    count.max(1)
}

/// Words after which a full stop ends no sentence.
const ABBREVIATIONS: &[&str] = &[
    "dr", "mr", "mrs", "ms", "st", "jr", "sr", "vs", "etc", "e.g", "i.e", "inc", "no", "approx",
    "dept", "prof", "u.s", "a.m", "p.m", "ed", "p", "pp", "art", "sra", "dra", "ee. uu", "núm",
    "pág",
];

/// The sentences of a block of text, as ranges of its bytes.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !matches!(c, '.' | '!' | '?' | '…') {
            continue;
        }
        // Closing marks belong to the sentence.
        while let Some((_, ')' | '"' | '”' | '’' | '\'' | '.' | '!' | '?' | '»')) = chars.peek()
        {
            chars.next();
        }
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        let rest = text[end..].trim_start();
        let begins = rest
            .chars()
            .next()
            .is_none_or(|c| c.is_uppercase() || c.is_ascii_digit() || "¿¡“\"‘(«".contains(c));
        let spaced = end == text.len() || text[end..].starts_with(char::is_whitespace);
        let last = text[start..at].rsplit(char::is_whitespace).next().unwrap_or_default();
        let last = last.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let short = c == '.'
            && !rest.is_empty()
            && (ABBREVIATIONS.contains(&last.as_str())
                || (last.chars().count() == 1
                    && last != "i"
                    && !last.chars().all(|c| c.is_ascii_digit())));
        if begins && spaced && !short {
            push(&mut found, text, start..end);
            start = end;
        }
    }
    push(&mut found, text, start..text.len());
    found
}

fn push(found: &mut Vec<Range<usize>>, text: &str, range: Range<usize>) {
    let piece = &text[range.clone()];
    let start = range.start + piece.len() - piece.trim_start().len();
    let end = range.end - (piece.len() - piece.trim_end().len());
    if start < end && words(&text[start..end]).next().is_some() {
        found.push(start..end);
    }
}

/// What a writer left standing: a note to self, a sample text, the mark of a template. Blanks to fill in, such
/// as [your city], belong into letters. The range of the
/// first such thing in the text.
pub fn leftover(text: &str) -> Option<Range<usize>> {
    const WORDS: &[&str] = &["TODO", "FIXME", "TBD", "TBC", "XXX", "TKTK"];
    const PHRASES: &[&str] = &[
        "lorem ipsum",
        "dolor sit amet",
        "{{",
        "}}",
        "{%",
        "%}",
        "[insert ",
        "[inserte ",
        "your text here",
        "placeholder text",
    ];
    let word = WORDS.iter().filter_map(|word| {
        text.match_indices(word)
            .find(|(at, _)| {
                let joins = |c: char| c.is_alphanumeric();
                !text[..*at].ends_with(joins) && !text[at + word.len()..].starts_with(joins)
            })
            .map(|(at, word)| at..at + word.len())
    });
    let lower = text.to_ascii_lowercase();
    let phrase = PHRASES.iter().filter_map(|phrase| {
        let at = lower.find(phrase)?;
        Some(at..at + phrase.trim_end().len())
    });
    word.chain(phrase).min_by_key(|range| range.start)
}

/// A figure that makes the reader ask who counted: a share, an amount, a large number. Years, days and
/// small counts are none. The range of the first one.
pub fn figure(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit()
            || (at > 0
                && (bytes[at - 1].is_ascii_alphanumeric()
                    || bytes[at - 1] == b'-'
                    || bytes[at - 1] == b'#'))
        {
            at += 1;
            continue;
        }
        let len = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
            .count();
        let number = text[at..at + len].trim_end_matches(['.', ',']);
        let end = at + number.len();
        let after = text[end..].trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        let counted = [
            "%",
            "percent",
            "per cent",
            "million",
            "billion",
            "thousand",
            "por ciento",
            "millones",
            "mil ",
        ];
        let amount = text[..at].ends_with(['$', '€', '£']) || after.starts_with(['€']);
        let large = number.split(',').skip(1).any(|part| part.len() == 3) && number.len() > 4;
        let share = ["in ", "out of ", "de cada "].iter().any(|word| {
            after.strip_prefix(word).is_some_and(|rest| {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                // "in 2026" is no share.
                (1..=3).contains(&digits)
            })
        });
        if counted.iter().any(|word| after.starts_with(word)) || amount || large || share {
            return Some(at..end);
        }
        at += len.max(1);
    }
    None
}

/// Whether the text of a link says nothing about where it leads (WCAG 2.2, 2.4.4 and 2.4.9).
pub fn says_nothing(link: &str) -> bool {
    const EMPTY: &[&str] = &[
        "here",
        "click here",
        "click",
        "this",
        "this page",
        "this link",
        "link",
        "more",
        "read more",
        "see more",
        "learn more",
        "more info",
        "more information",
        "details",
        "go",
        "page",
        "website",
        "site",
        "tap here",
        "press here",
        "find out more",
        "see here",
        "continue",
        "download",
        "aquí",
        "aqui",
        "haga clic aquí",
        "haz clic aquí",
        "clic aquí",
        "pulse aquí",
        "más",
        "leer más",
        "ver más",
        "más información",
        "enlace",
        "este enlace",
        "esta página",
        "sitio web",
        "página",
        "saber más",
        "descargar",
    ];
    let text = link.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    EMPTY.contains(&text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_pauses() {
        assert_eq!(
            cut("One. Two! Is it (three?) Yes."),
            ["One.", "Two!", "Is it (three?)", "Yes."]
        );
        assert_eq!(
            cut("Dr. Gray met J. Doe at 9 a.m. in the U.S. office."),
            ["Dr. Gray met J. Doe at 9 a.m. in the U.S. office."]
        );
        assert_eq!(cut("It costs 3.50 dollars… and more"), ["It costs 3.50 dollars… and more"]);
        assert_eq!(cut("¿Qué es? Es esto."), ["¿Qué es?", "Es esto."]);
        assert_eq!(cut("—"), [] as [&str; 0]);
    }

    #[test]
    fn syllables_are_those_of_a_dictionary() {
        for (word, count) in [
            ("care", 1),
            ("manager", 3),
            ("case", 1),
            ("table", 2),
            ("wanted", 2),
            ("hoped", 1),
            ("makes", 1),
            ("nurses", 2),
            ("media", 3),
            ("the", 1),
            ("certification", 5),
            ("week", 1),
            ("people", 2),
            ("employer", 3),
            ("whole", 1),
            ("nation", 2),
            ("patient", 2),
            ("social", 2),
        ] {
            assert_eq!(syllables(word, "en"), count, "{word}");
        }
        for (word, count) in [
            ("semana", 3),
            ("quién", 1),
            ("día", 2),
            ("guía", 2),
            ("cuidado", 3),
            ("aquí", 2),
            ("muy", 1),
        ] {
            assert_eq!(syllables(word, "es"), count, "{word}");
        }
    }

    #[test]
    fn grades_are_those_of_the_formulas() {
        let counts = Counts { words: 100, sentences: 10, syllables: 140 };
        assert!((counts.grade("en").unwrap() - 4.83).abs() < 0.01);
        assert!((counts.grade("es-MX").unwrap() - 1.403).abs() < 0.01);
        assert_eq!(counts.grade("ar"), None);
    }

    #[test]
    fn figures_that_need_a_source() {
        for (text, found) in [
            ("47 % of all", Some("47")),
            ("about 1,200 nurses", Some("1,200")),
            ("1 in 5 people", Some("1")),
            ("costs $40", Some("40")),
            ("2.5 million", Some("2.5")),
            ("in 2026", None),
            ("October 11–17, 2026", None),
            ("call 555-1,200", None),
            ("5 in 2026", None),
            ("12 people", None),
            ("#3,000", None),
        ] {
            assert_eq!(figure(text).map(|range| &text[range]), found, "{text}");
        }
    }

    #[test]
    fn leftovers_are_seen_and_words_that_hold_them_are_not() {
        for (text, found) in [
            ("Write this. TODO", Some("TODO")),
            ("Lorem Ipsum dolor", Some("Lorem Ipsum")),
            ("{{ page.title }}", Some("{{")),
            ("TODOS", None),
            ("methods", None),
            ("[Your name] here", None),
            ("[Insert name] here", Some("[Insert")),
        ] {
            assert_eq!(leftover(text).map(|range| &text[range]), found, "{text}");
        }
        assert!(
            says_nothing("Click here!")
                && says_nothing("Más  información")
                && !says_nothing("Here are the dates")
        );
    }
}
