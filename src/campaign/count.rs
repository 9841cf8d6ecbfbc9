//! Owns how each social channel counts a text, and how much it takes. Must not know where a text comes from.
//!
//! The rules are those of 2026. Where a channel publishes no exact rule, its text is counted in the way that gives the
//! higher number, so that what is said to fit does fit.

use unicode_segmentation::UnicodeSegmentation;

/// A social channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// X, once Twitter.
    X,
    /// Bluesky.
    Bluesky,
    /// Mastodon, with the limit that its software comes with; a server may allow more.
    Mastodon,
    /// Threads.
    Threads,
    /// LinkedIn.
    Linkedin,
    /// Facebook.
    Facebook,
    /// Instagram.
    Instagram,
}

/// More than a channel takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// The text is too long: its count.
    Characters(usize),
    /// Its bytes in UTF-8 are too many, although its characters are not.
    Bytes(usize),
    /// It has too many hashtags: so many.
    Hashtags(usize),
}

/// What a link counts on channels that put a short one in its place (twitter-text: `transformedURLLength`;
/// Mastodon: `StatusLengthValidator::URL_PLACEHOLDER_CHARS`).
pub const LINK: usize = 23;

/// The most bytes of a post on Bluesky (lexicon `app.bsky.feed.post`: `maxLength`).
pub const BLUESKY_BYTES: usize = 3000;

/// The most hashtags of a caption on Instagram (Instagram Graph API, `media`). Since the end of 2025 accounts are
/// moved to five, step by step; who has to keep to that writes fewer.
pub const INSTAGRAM_HASHTAGS: usize = 30;

impl Channel {
    /// In the order in which they are shown.
    pub const ALL: [Channel; 7] = [
        Channel::X,
        Channel::Bluesky,
        Channel::Mastodon,
        Channel::Threads,
        Channel::Linkedin,
        Channel::Facebook,
        Channel::Instagram,
    ];

    /// Their names in data files, in the same order.
    pub const NAMES: [&'static str; 7] =
        ["x", "bluesky", "mastodon", "threads", "linkedin", "facebook", "instagram"];

    /// The name in data files.
    pub fn name(self) -> &'static str {
        Channel::NAMES[self as usize]
    }

    /// As the channel writes itself.
    pub fn title(self) -> &'static str {
        ["X", "Bluesky", "Mastodon", "Threads", "LinkedIn", "Facebook", "Instagram"][self as usize]
    }

    /// The channel of that name.
    pub fn named(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// How much a text may count. For X it is what an account without a subscription has.
    pub fn limit(self) -> usize {
        match self {
            // twitter-text, configuration v3: `maxWeightedTweetLength`.
            Channel::X => 280,
            // Lexicon `app.bsky.feed.post`: `maxGraphemes`.
            Channel::Bluesky => 300,
            // Mastodon: `StatusLengthValidator::MAX_CHARS`.
            Channel::Mastodon => 500,
            // Threads API, publishing: text posts.
            Channel::Threads => 500,
            // LinkedIn Posts API: `commentary`; Facebook and Instagram: their help pages.
            Channel::Linkedin => 3_000,
            Channel::Facebook => 63_206,
            Channel::Instagram => 2_200,
        }
    }

    /// How the channel counts a text.
    ///
    /// - X: weights of twitter-text v3. Letters of Europe and its neighbors count 1, all others 2, an emoji 2 however
    ///   it is put together, a link 23, with or without `https://`. A text is taken as it is written: a letter with its
    ///   accent as a character of its own counts 2, where X would put the two together first.
    /// - Bluesky: what people see as one character counts 1 (grapheme clusters of Unicode, UAX 29). Links count in
    ///   full; the app of Bluesky itself shortens them.
    /// - Mastodon: grapheme clusters; a link with `https://` counts 23, and of `@name@server` only `@name` counts.
    /// - Threads: characters; an emoji counts the bytes that it has in UTF-8.
    /// - LinkedIn, Facebook, Instagram: UTF-16 code units, as forms on the web count. None of the three says more
    ///   than "characters", and no other usual count is higher.
    pub fn count(self, text: &str) -> usize {
        match self {
            Channel::X => weighted(text),
            Channel::Bluesky => clusters(text),
            Channel::Mastodon => mastodon(text),
            Channel::Threads => text
                .graphemes(true)
                .map(|one| if is_emoji(one) { one.len() } else { one.chars().count() })
                .sum(),
            Channel::Linkedin | Channel::Facebook | Channel::Instagram => {
                text.encode_utf16().count()
            }
        }
    }

    /// What keeps a text from being posted; the first thing only.
    pub fn excess(self, text: &str) -> Option<Excess> {
        let count = self.count(text);
        if count > self.limit() {
            return Some(Excess::Characters(count));
        }
        match self {
            Channel::Bluesky if text.len() > BLUESKY_BYTES => Some(Excess::Bytes(text.len())),
            Channel::Instagram => {
                let tags = hashtags(text).count();
                (tags > INSTAGRAM_HASHTAGS).then_some(Excess::Hashtags(tags))
            }
            _ => None,
        }
    }
}

/// The hashtags of a text, with their `#`.
pub fn hashtags(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices('#').filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '&' | '/' | '#'))
    });
    starts.filter_map(|(at, _)| {
        let name = &text[at + 1..];
        let len = name.find(|c| !is_of_hashtag(c)).unwrap_or(name.len());
        let has_letter = name[..len].chars().any(|c| !c.is_ascii_digit() && c != '_');
        has_letter.then(|| &text[at..at + 1 + len])
    })
}

/// Whether a hashtag goes on with this character: marks that belong to a letter are no letters themselves.
fn is_of_hashtag(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !is_sign(c))
}

/// Punctuation and signs beyond ASCII, as far as people use them beside hashtags.
fn is_sign(c: char) -> bool {
    matches!(u32::from(c), 0x80..=0xbf | 0x2000..=0x2bff | 0x3000..=0x303f | 0xff00..=0xff20 | 0x1f000..)
}

fn clusters(text: &str) -> usize {
    text.graphemes(true).count()
}

/// The weighted length of twitter-text v3, in characters: a weight of 100 is one.
fn weighted(text: &str) -> usize {
    let mut sum = 0;
    let mut rest = text;
    let mut before: Option<char> = None;
    while !rest.is_empty() {
        let may_begin = !before.is_some_and(|c| {
            c.is_alphanumeric() || matches!(c, '@' | '#' | '$' | '_' | '.' | '-' | '/')
        });
        if let Some(len) = may_begin.then(|| link(rest, true)).flatten() {
            sum += LINK;
            before = rest[..len].chars().next_back();
            rest = &rest[len..];
            continue;
        }
        let Some(one) = rest.graphemes(true).next() else { break };
        sum += if is_emoji(one) { 2 } else { one.chars().map(weight).sum() };
        before = one.chars().next_back();
        rest = &rest[one.len()..];
    }
    sum
}

/// The ranges of twitter-text's configuration v3.
fn weight(c: char) -> usize {
    match u32::from(c) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => 2,
    }
}

fn mastodon(text: &str) -> usize {
    let mut sum = 0;
    let mut rest = text;
    let mut before: Option<char> = None;
    while !rest.is_empty() {
        let may_begin = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '/'));
        let found = if !may_begin {
            None
        } else if rest.starts_with('@') {
            mention(rest)
        } else {
            link(rest, false).map(|len| (len, LINK))
        };
        let (len, count) = match found {
            Some(found) => found,
            None => match rest.graphemes(true).next() {
                Some(one) => (one.len(), 1),
                None => break,
            },
        };
        sum += count;
        before = rest[..len].chars().next_back();
        rest = &rest[len..];
    }
    sum
}

/// `@name@server.example`: its length in bytes, and what it counts.
fn mention(text: &str) -> Option<(usize, usize)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = text[1..].find(|c| !is_name(c))?;
    let server = text[1 + name..].strip_prefix('@').filter(|_| name > 0)?;
    let is_server = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let len = server.find(|c| !is_server(c)).unwrap_or(server.len());
    let server = server[..len].trim_end_matches(['.', '-']);
    server.contains('.').then_some((1 + name + 1 + server.len(), 1 + name))
}

/// The length in bytes of the link at the start of `text`. `bare`: also one without `https://`.
fn link(text: &str, bare: bool) -> Option<usize> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)));
    let after = scheme.map_or(0, str::len);
    if scheme.is_none() && !bare {
        return None;
    }
    let host = host(&text[after..])?;
    let rest = &text[after + host..];
    let path = if rest.starts_with(['/', '?', '#', ':']) { path(rest) } else { 0 };
    let is_link = scheme.is_some() || is_known(&text[..host], path > 0);
    is_link.then_some(after + host + path)
}

/// The length of a host's name with a dot in it.
fn host(text: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.');
    let len = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let name = text[..len].trim_end_matches(['.', '-']);
    let parts: Vec<&str> = name.split('.').collect();
    let has_parts = parts.len() > 1 && parts.iter().all(|part| !part.is_empty());
    has_parts.then_some(name.len())
}

/// How far the path, query and fragment of a link go: to white space, without the punctuation of the sentence.
fn path(text: &str) -> usize {
    let len = text
        .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '“' | '”'))
        .unwrap_or(text.len());
    let mut link = &text[..len];
    loop {
        let bare = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’', '…', '*']);
        // A bracket belongs to the sentence if the link did not open it.
        let bare = match bare.strip_suffix(')') {
            Some(inner) if bare.matches('(').count() < bare.matches(')').count() => inner,
            _ => bare,
        };
        if bare.len() == link.len() {
            return link.len();
        }
        link = bare;
    }
}

/// Whether X takes a name for a host when nothing stands before it. X knows the list of all top-level domains; here
/// are those that campaigns use, and all of two letters, which need a path or a third part, because `to.do` is no link.
fn is_known(host: &str, has_path: bool) -> bool {
    const KNOWN: [&str; 28] = [
        "com",
        "org",
        "net",
        "edu",
        "gov",
        "int",
        "mil",
        "info",
        "biz",
        "name",
        "pro",
        "museum",
        "coop",
        "jobs",
        "health",
        "care",
        "community",
        "foundation",
        "events",
        "news",
        "social",
        "app",
        "dev",
        "page",
        "site",
        "online",
        "co",
        "tv",
    ];
    let Some((front, last)) = host.rsplit_once('.') else { return false };
    let lower = last.to_ascii_lowercase();
    let is_country = last.len() == 2 && last.bytes().all(|b| b.is_ascii_lowercase());
    KNOWN.contains(&lower.as_str()) || (is_country && (has_path || front.contains('.')))
}

/// Whether a grapheme cluster is an emoji, as far as it matters for counting.
fn is_emoji(cluster: &str) -> bool {
    let mut chars = cluster.chars();
    let Some(first) = chars.next() else { return false };
    // Keycaps: a digit, an optional selector, the enclosing key.
    if cluster.ends_with('\u{20e3}') && matches!(first, '0'..='9' | '#' | '*') {
        return true;
    }
    let is_shown = cluster.contains('\u{fe0f}');
    match u32::from(first) {
        // Signs that are text unless the selector makes them a picture.
        0xa9 | 0xae | 0x203c | 0x2049 | 0x2122 | 0x2139 | 0x2194..=0x21aa | 0x3030 | 0x303d => {
            is_shown
        }
        0x231a..=0x23ff | 0x24c2 | 0x25aa..=0x25fe | 0x2600..=0x27bf => true,
        0x2934..=0x2935 | 0x2b05..=0x2b55 | 0x3297 | 0x3299 | 0x1f000..=0x1faff => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILY: &str = "👨‍👩‍👧‍👦";
    const FLAG: &str = "🇺🇸";

    fn counts(text: &str) -> [usize; 7] {
        Channel::ALL.map(|channel| channel.count(text))
    }

    #[test]
    fn plain_text_counts_alike_everywhere() {
        assert_eq!(counts("Hello, world!"), [13; 7]);
        assert_eq!(counts(""), [0; 7]);
        assert_eq!(counts("two\nlines"), [9; 7]);
        assert_eq!(counts("Ça va? “Señor” – it’s"), [21; 7]);
    }

    #[test]
    fn an_emoji_is_one_thing_on_some_channels() {
        assert_eq!(counts("🎉"), [2, 1, 1, 4, 2, 2, 2]);
        assert_eq!(counts(FAMILY), [2, 1, 1, 25, 11, 11, 11]);
        assert_eq!(counts(FLAG), [2, 1, 1, 8, 4, 4, 4]);
        assert_eq!(counts("👍🏽"), [2, 1, 1, 8, 4, 4, 4]);
        // With the selector for a picture, and a key.
        assert_eq!(counts("❤️"), [2, 1, 1, 6, 2, 2, 2]);
        assert_eq!(counts("1️⃣"), [2, 1, 1, 7, 3, 3, 3]);
        // Two flags are not one.
        assert_eq!(Channel::Bluesky.count(&format!("{FLAG}{FLAG}")), 2);
        // The same sign as text.
        assert_eq!(Channel::X.count("©"), 1);
        assert_eq!(Channel::X.count("©️"), 2);
    }

    #[test]
    fn letters_of_asia_count_two_on_x() {
        assert_eq!(counts("日本語"), [6, 3, 3, 3, 3, 3, 3]);
        assert_eq!(Channel::X.count("한국어"), 6);
        // The last character of the first range, and the first behind it.
        assert_eq!(Channel::X.count("\u{10ff}\u{1100}"), 3);
        // Dashes and quotation marks count one, the ellipsis two.
        assert_eq!(Channel::X.count("–—’“”"), 5);
        assert_eq!(Channel::X.count("…"), 2);
        // An accent of its own.
        assert_eq!(Channel::Bluesky.count("e\u{301}"), 1);
    }

    #[test]
    fn a_link_counts_23_on_two_channels() {
        let link = "https://example.org/a/very/long/path/to/something?with=query#part";
        for text in [link, "http://a.de", "HTTPS://EXAMPLE.ORG"] {
            assert_eq!(Channel::X.count(text), 23, "{text}");
            assert_eq!(Channel::Mastodon.count(text), 23, "{text}");
            assert_eq!(Channel::Bluesky.count(text), text.len(), "{text}");
        }
        // The full stop and the bracket belong to the sentence.
        assert_eq!(Channel::X.count(&format!("See {link}.")), 4 + 23 + 1);
        assert_eq!(Channel::X.count(&format!("({link})")), 1 + 23 + 1);
        assert_eq!(Channel::X.count("https://en.wikipedia.org/wiki/Week_(time)"), 23);
    }

    #[test]
    fn a_link_without_its_scheme_counts_23_on_x_alone() {
        for text in ["example.org", "www.example.org/week", "sub.example.co.uk", "t.co/abc"] {
            assert_eq!(Channel::X.count(text), 23, "{text}");
            assert_eq!(Channel::Mastodon.count(text), text.len(), "{text}");
        }
        for text in ["to.do", "e.g.", "3.5", "me@example.org", "and.so", "etc...", "v1.2.3"] {
            assert_eq!(Channel::X.count(text), text.len(), "{text}");
        }
    }

    #[test]
    fn the_server_of_a_mention_is_free_on_mastodon() {
        assert_eq!(Channel::Mastodon.count("Thanks, @week@example.social!"), 8 + 5 + 1);
        assert_eq!(Channel::Mastodon.count("@week alone"), 11);
    }

    #[test]
    fn exactly_the_limit_fits() {
        for channel in Channel::ALL {
            let most = "a".repeat(channel.limit());
            assert_eq!(channel.excess(&most), None, "{channel:?}");
            let more = format!("{most}a");
            let excess = Some(Excess::Characters(channel.limit() + 1));
            assert_eq!(channel.excess(&more), excess, "{channel:?}");
        }
        let link = "https://example.org/a/very/long/path/to/something";
        let with_link = |letters: usize| format!("{} {link}", "a".repeat(letters));
        assert_eq!(Channel::X.count(&with_link(256)), 280);
        assert_eq!(Channel::X.excess(&with_link(256)), None);
        assert_eq!(Channel::X.excess(&with_link(257)), Some(Excess::Characters(281)));
    }

    #[test]
    fn bytes_and_hashtags_have_limits_of_their_own() {
        let families = FAMILY.repeat(121);
        assert_eq!(Channel::Bluesky.excess(&families), Some(Excess::Bytes(3025)));
        let tags: String = (0..31).map(|i| format!("#Tag{i} ")).collect();
        assert_eq!(Channel::Instagram.excess(&tags), Some(Excess::Hashtags(31)));
        assert_eq!(Channel::Instagram.excess(&tags[5..]), None);
    }

    #[test]
    fn hashtags_are_found() {
        let found = |text| hashtags(text).collect::<Vec<_>>();
        assert_eq!(
            found("#One, (#Two) #Año2027… #三 #1 a#b x/#y ##z"),
            ["#One", "#Two", "#Año2027", "#三"]
        );
    }
}
