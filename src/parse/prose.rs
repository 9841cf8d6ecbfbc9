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
        let lang = primary(lang);
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
pub fn hardness(sentence: Counts, lang: &str) -> Option<f64> {
    if sentence.words < SHORT_SENTENCE { None } else { sentence.grade(lang) }
}

/// The words of a text: what stands between spaces, dashes and slashes, without marks around it. Figures are
/// words, but addresses are not.
pub fn words(text: &str) -> Words<'_> {
    Words(text)
}

/// See [`words`].
#[derive(Debug)]
pub struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        while !self.0.is_empty() {
            let len =
                self.0.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(self.0.len());
            let (token, rest) = self.0.split_at(len);
            // Nearly all that stands between spaces is one word.
            let may_divide = |byte: u8| matches!(byte, b'/' | 0xC2 | 0xE2);
            let (piece, rest) = match token.bytes().position(may_divide) {
                Some(at) => divide(token, at, rest, self.0),
                None => (token, rest),
            };
            self.0 = rest.trim_ascii_start();
            // Nearly all begin and end with a letter.
            let is_bare = matches!(piece.as_bytes(), [first, .., last]
                if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric());
            let word =
                if is_bare { piece } else { piece.trim_matches(|c: char| !c.is_alphanumeric()) };
            if !word.is_empty() {
                return Some(word);
            }
        }
        None
    }
}

/// The first word of what stands between two spaces where there may be a slash, a dash or a hard space in
/// it, and what comes after.
fn divide<'a>(token: &'a str, from: usize, rest: &'a str, all: &'a str) -> (&'a str, &'a str) {
    if token[from..].starts_with("//") && token[..from].ends_with(':') {
        return ("", rest);
    }
    let mark = |c: char| matches!(c, '/' | '—' | '–') || c.is_whitespace();
    match token[from..].find(mark).map(|at| from + at) {
        Some(at) => {
            let len = token[at..].chars().next().map_or(0, char::len_utf8);
            (&token[..at], &all[at + len..])
        }
        None => (token, rest),
    }
}

/// Vowel groups, with the rules that are right most often; `lang` without a region.
fn syllables(word: &str, lang: &str) -> usize {
    // Nearly all words.
    if lang != "es" && word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return english_syllables(word);
    }
    // A figure or an abbreviation is read out, but not held against the writer.
    if word.bytes().any(|byte| byte.is_ascii_digit()) {
        return 1;
    }
    match lang {
        "es" => spanish_syllables(&word.to_lowercase()),
        _ if word.is_ascii() => {
            word.split(['-', '\'']).map(english_syllables).sum::<usize>().max(1)
        }
        _ => word.to_lowercase().split(['-', '\'', '’']).map(plain_syllables).sum::<usize>().max(1),
    }
}

/// The syllables of an English word with letters of other languages in it: as if they had no accents.
fn plain_syllables(word: &str) -> usize {
    let plain = |c: char| match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        c if c.is_ascii() => c,
        _ => 'x',
    };
    english_syllables(&word.chars().map(plain).collect::<String>())
}

/// The syllables of a word of ASCII letters. Every word of every page comes by here.
fn english_syllables(word: &str) -> usize {
    const VOWELS: [bool; 256] = table(b"aeiouy");
    let word = word.as_bytes();
    let letter = |at: usize| word.get(at).map_or(0, u8::to_ascii_lowercase);
    let is_vowel = |byte: u8| VOWELS[usize::from(byte)];
    let mut count = 0;
    // The letter before, and whether it was a vowel.
    let (mut last, mut before) = (0, false);
    let mut byte = letter(0);
    for at in 0..word.len() {
        let next = letter(at + 1);
        // em-ploy-er: between two vowels it is a consonant.
        let vowel = is_vowel(byte) && !(byte == b'y' && is_vowel(next));
        count += usize::from(vowel && !before);
        // med-i-a, ra-di-o, ac-tu-al; but na-tion, so-cial, qual-i-ty
        if vowel
            && matches!((byte, next), (b'i', b'a' | b'o') | (b'u', b'a'))
            && !matches!(last, b't' | b'c' | b's' | b'g' | b'q' | b'x')
        {
            count += 1;
        }
        (last, before, byte) = (byte, vowel, next);
    }
    let ends = |end: &[u8]| {
        word.len() >= end.len() && word[word.len() - end.len()..].eq_ignore_ascii_case(end)
    };
    let consonant = |back: usize| word.len() > back && !is_vowel(letter(word.len() - 1 - back));
    // make, care, makes, hoped; but table, wanted, uses, changes
    let is_silent = match letter(word.len().wrapping_sub(1)) {
        b'e' if ends(b"le") => word.len() > 2 && !consonant(2),
        b'e' => consonant(1),
        b's' if ends(b"es") => {
            let hissing: [&[u8]; 7] = [b"ses", b"zes", b"ces", b"ges", b"xes", b"ches", b"shes"];
            !hissing.iter().any(|end| ends(end)) && consonant(2)
        }
        b'd' if ends(b"ed") => !ends(b"ted") && !ends(b"ded") && consonant(2),
        _ => false,
    };
    (count - usize::from(is_silent && count > 1)).max(1)
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
    let mut next = 0;
    // The first byte of '…' is that of other characters, too.
    const MAY_END: [bool; 256] = table(b".!?\xe2");
    let may_end = |byte: &u8| MAY_END[usize::from(*byte)];
    while let Some(at) = text.as_bytes()[next..].iter().position(may_end).map(|len| next + len) {
        let mut chars = text[at..].char_indices().map(|(from, c)| (at + from, c)).peekable();
        let c = chars.next().map_or(' ', |(_, c)| c);
        next = at + c.len_utf8();
        if !matches!(c, '.' | '!' | '?' | '…') {
            continue;
        }
        // Closing marks belong to the sentence.
        while let Some((_, ')' | '"' | '”' | '’' | '\'' | '.' | '!' | '?' | '»')) = chars.peek()
        {
            chars.next();
        }
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        next = end;
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

/// By byte: whether something that [`leftover`] looks for may begin with it.
const BEGINS_LEFTOVER: [bool; 256] = table(b"{}%TFXlLdDyYpP[");

/// By byte: whether it is one of those.
const fn table(of: &[u8]) -> [bool; 256] {
    let mut found = [false; 256];
    let mut i = 0;
    while i < of.len() {
        found[of[i] as usize] = true;
        i += 1;
    }
    found
}

/// What a writer left standing: a note to self, a sample text, the mark of a template. Blanks to fill in, such
/// as [your city], belong into letters. The range of the
/// first such thing in the text.
pub fn leftover(text: &str, lang: &str) -> Option<Range<usize>> {
    const WORDS: [&str; 6] = ["TODO", "FIXME", "TBD", "TBC", "XXX", "TKTK"];
    const PHRASES: [&str; 6] = [
        "lorem ipsum",
        "dolor sit amet",
        "[insert ",
        "[inserte ",
        "your text here",
        "placeholder text",
    ];
    let bytes = text.as_bytes();
    // One walk, because every paragraph of every page comes by here.
    for (at, byte) in bytes.iter().enumerate() {
        if !BEGINS_LEFTOVER[usize::from(*byte)] {
            continue;
        }
        let rest = &bytes[at..];
        let starts_word = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let len = match byte {
            b'{' | b'}' | b'%' => ["{{", "}}", "{%", "%}"]
                .iter()
                .any(|mark| rest.starts_with(mark.as_bytes()))
                .then_some(2),
            b'T' | b'F' | b'X' if starts_word => WORDS
                .iter()
                .find(|word| {
                    rest.starts_with(word.as_bytes())
                        && !rest.get(word.len()).is_some_and(u8::is_ascii_alphanumeric)
                        // In Spanish it is a word as well.
                        && (**word != "TODO" || primary(lang) != "es" || rest.get(word.len()) == Some(&b':'))
                })
                .map(|word| word.len()),
            _ => None,
        };
        let phrase = || {
            let is_it = |phrase: &&&str| {
                rest.len() >= phrase.len()
                    && rest[..phrase.len()].eq_ignore_ascii_case(phrase.as_bytes())
            };
            PHRASES.iter().find(is_it).map(|phrase| phrase.trim_end().len())
        };
        let may_begin = starts_word
            && matches!(byte, b'l' | b'L' | b'd' | b'D' | b'[' | b'y' | b'Y' | b'p' | b'P');
        if let Some(len) = len.or_else(|| may_begin.then(phrase).flatten()) {
            return Some(at..at + len);
        }
    }
    None
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
        // A discount, a price or a zoom is nobody's finding; a share of people is.
        let part = ["%", "percent", "per cent", "por ciento"].iter().any(|word| {
            after.strip_prefix(word).is_some_and(|rest| {
                ["of ", "de "].iter().any(|of| rest.trim_start().starts_with(of))
            })
        });
        let counted = ["million", "billion", "thousand", "millones", "mil "];
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let grouped = number.split(',').skip(1).all(|part| part.len() == 3);
        let large = digits >= 5 && grouped && !number.contains('.') && starts_lower(after);
        let share = ["in ", "out of ", "de cada "].iter().any(|word| {
            after.strip_prefix(word).is_some_and(|rest| {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                // "in 2026" is no share.
                (1..=3).contains(&digits)
            })
        });
        if part || counted.iter().any(|word| after.starts_with(word)) || large || share {
            return Some(at..end);
        }
        at += len.max(1);
    }
    None
}

/// Whether a word follows that is no name: `40,000 people`, but not `Suite 12345 B`.
fn starts_lower(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_lowercase)
}

/// Whether the text of a link says nothing about where it leads (WCAG 2.2, 2.4.4 and 2.4.9).
pub fn says_nothing(link: &str) -> bool {
    if link.trim().is_empty() {
        return true;
    }
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
    fn words_are_what_stands_between_spaces_and_dashes() {
        let all: Vec<&str> = words(
            "“Case/care” — it’s 1,200–1,300 well-known; see https://a.example/b/c (ñandú) \u{a0}x",
        )
        .collect();
        assert_eq!(
            all,
            ["Case", "care", "it’s", "1,200", "1,300", "well-known", "see", "ñandú", "x"]
        );
        assert_eq!(words(" — / ").count(), 0);
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
            ("20% off", None),
            ("73 percent of nurses", Some("73")),
            ("about 1,200 steps", None),
            ("about 40,000 nurses", Some("40,000")),
            ("20000 people", Some("20000")),
            ("Suite 12,345", None),
            ("1 in 5 people", Some("1")),
            ("costs $40", None),
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
            assert_eq!(leftover(text, "en").map(|range| &text[range]), found, "{text}");
        }
        assert!(
            says_nothing("Click here!")
                && says_nothing("Más  información")
                && !says_nothing("Here are the dates")
        );
    }
}
