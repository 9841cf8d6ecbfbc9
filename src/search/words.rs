//! Owns what a word is to the search: the same for the index, which is made here, and for what visitors type,
//! which the theme's script divides by the same rules. Must not know pages or the index.

/// The most characters of a word. What is longer is no word that anybody types.
pub const LONGEST: usize = 40;

/// Words that say nothing about what a page is about. They are in no index, and the index tells the script which
/// they are.
const ENGLISH: &str = "about all also an and any are as at be been but by can could did do does for from get had \
    has have he her here his how if in into is it its just may me more most my no not of on one or other our out \
    over she should so some such than that the their them then there these they this those to too up us was we \
    were what when where which who why will with would you your";

/// The same in Spanish.
const SPANISH: &str = "al algo ante antes aun cada como con cual cuando de del desde donde el ella ellas ellos en \
    entre era es esa ese eso esta estan estas este esto estos fue ha han hay la las le les lo los mas me mi mientras \
    muy nada ni no nos nosotros nuestra nuestro nuestros o os otra otras otro otros para pero por porque pueda \
    puede pueden que quien se sea ser si sin sobre son su sus tal tambien tan tanto te tiene tienen todo todos tu \
    tus un una unas uno unos usted ya yo";

/// The words of a language that are not looked for, in the form that [`each`] gives them.
pub fn stop_words(lang: &str) -> Vec<String> {
    let mut words = Vec::new();
    let written = match lang.split('-').next() {
        Some("en") => ENGLISH,
        Some("es") => SPANISH,
        _ => "",
    };
    each(written, |word| words.push(word.to_string()));
    words
}

/// Calls `take` with each word of `text`: letters and digits that stand together (Unicode's Alphabetic, Nd, Nl, No),
/// in small letters, Latin letters without accents, and without the `s` of the plural. One that is a single letter or digit of ASCII is left out, and
/// so is one that is longer than [`LONGEST`]. Where a script writes no spaces, each character is a word.
pub fn each(text: &str, mut take: impl FnMut(&str)) {
    let mut word = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        // Nearly all words are of these letters: they need no table.
        let plain = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        if plain > 0 {
            let from = word.len();
            word.push_str(&rest[..plain]);
            word[from..].make_ascii_lowercase();
            rest = &rest[plain..];
        }
        match rest.chars().next() {
            Some(c) if !c.is_ascii() && (c.is_alphanumeric() || is_accent(c)) => {
                rest = &rest[c.len_utf8()..];
                for c in c.to_lowercase() {
                    if stands_alone(c) {
                        end(&mut word, &mut take);
                        take(c.encode_utf8(&mut [0; 4]));
                    } else {
                        fold_into(&mut word, c);
                    }
                }
            }
            other => {
                end(&mut word, &mut take);
                rest = &rest[other.map_or(0, char::len_utf8)..];
            }
        }
    }
    end(&mut word, &mut take);
}

fn end(word: &mut String, take: &mut impl FnMut(&str)) {
    // Who looks for one manager means all of them. English, Spanish and others make the plural so; what this makes of
    // other words is no word, but the same one in the index and in what is looked for.
    let is_ascii = word.is_ascii();
    let is_long = if is_ascii { word.len() > 3 } else { word.chars().nth(3).is_some() };
    if let [.., before, b's'] = word.as_bytes()
        && is_long
        && !matches!(before, b's' | b'u' | b'i')
    {
        word.pop();
    }
    let is_one = if is_ascii {
        (2..=LONGEST).contains(&word.len())
    } else {
        word.chars().count() <= LONGEST
    };
    if is_one {
        take(word);
    }
    word.clear();
}

/// A combining accent (Combining Diacritical Marks), which some keyboards write behind the letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A character of Chinese or Japanese: kana, or an ideograph.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Small Latin letters by the plain letter that their canonical decomposition begins with (Unicode NFD).
const ACCENTED: [(char, &str); 25] = [
    ('a', "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
    ('b', "ḃḅḇ"),
    ('c', "çćĉċčḉ"),
    ('d', "ďḋḍḏḑḓ"),
    ('e', "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
    ('f', "ḟ"),
    ('g', "ĝğġģǧǵḡ"),
    ('h', "ĥȟḣḥḧḩḫẖ"),
    ('i', "ìíîïĩīĭįǐȉȋḭḯỉị"),
    ('j', "ĵǰ"),
    ('k', "ķǩḱḳḵ"),
    ('l', "ĺļľḷḹḻḽ"),
    ('m', "ḿṁṃ"),
    ('n', "ñńņňǹṅṇṉṋ"),
    ('o', "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ"),
    ('p', "ṕṗ"),
    ('r', "ŕŗřȑȓṙṛṝṟ"),
    ('s', "śŝşšșṡṣṥṧṩ"),
    ('t', "ţťțṫṭṯṱẗ"),
    ('u', "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
    ('v', "ṽṿ"),
    ('w', "ŵẁẃẅẇẉẘ"),
    ('x', "ẋẍ"),
    ('y', "ýÿŷȳẏẙỳỵỷỹ"),
    ('z', "źżžẑẓẕ"),
];

/// Adds a small letter without its accent.
fn fold_into(word: &mut String, c: char) {
    // Letters that have no decomposition, as people type them without their own keyboard.
    let typed = match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        // At the end of a word, Greek writes another sigma.
        'ς' => "σ",
        _ => "",
    };
    if !typed.is_empty() {
        word.push_str(typed);
    } else if !is_accent(c) {
        let is_latin = matches!(c, '\u{e0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
        let plain = ACCENTED.iter().find(|(_, accented)| is_latin && accented.contains(c));
        word.push(plain.map_or(c, |(plain, _)| *plain));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each(text, |word| words.push(word.to_string()));
        words
    }

    #[test]
    fn words_are_folded() {
        for (text, expected) in [
            ("What CASE managers do", "what case manager do"),
            ("¿Qué es la Educación?", "que es la educacion"),
            ("Educacio\u{301}n", "educacion"),
            ("the manager’s R&D, follow-up", "the manager follow up"),
            (
                "Managers discuss the status of this process yes",
                "manager discuss the status of this process yes",
            ),
            ("Straße, Łódź, ÆØÅ, İstanbul", "strasse lodz aeoa istanbul"),
            ("ΟΔΟΣ οδός", "οδοσ οδόσ"),
            ("日本の week", "日 本 の week"),
            ("in 2027, day 3: 10–16", "in 2027 day 10 16"),
            ("x\u{301}", ""),
            ("", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
        assert_eq!(words(&"a".repeat(40)).len(), 1);
        assert!(words(&"a".repeat(41)).is_empty());
        assert!(words(&"é".repeat(41)).is_empty());
    }

    #[test]
    fn words_that_are_not_looked_for_are_as_they_are_met() {
        assert!(stop_words("en").contains(&"doe".to_string()));
        assert!(stop_words("es-US").contains(&"tambien".to_string()));
        assert_eq!(stop_words("de").len(), 0);
    }
}
