//! Owns posts for social channels, as `posts.yaml` says them: the day of each, its places for what changes from year to
//! year, its hashtags, and the finished text for each channel. Must not know pages: where a link leads is asked.

use super::{Channel, When, list, text, texts};
use crate::calendar::{Date, print_range};
use crate::yaml::Data;

/// The data file.
pub const FILE: &str = "posts";

/// The names that may stand in braces in a text.
pub const PLACEHOLDERS: [&str; 8] =
    ["name", "year", "dates", "start", "end", "theme", "hashtag", "url"];

/// All posts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Posts {
    /// For every post that has no list of its own.
    pub hashtags: Vec<String>,
    /// In the order of the file. What cannot be read is `None`, so that a post keeps its place.
    pub posts: Vec<Option<Post>>,
}

/// One post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The day.
    pub when: When,
    /// The day as it was written.
    pub written: String,
    /// Where it is posted, in the order of the file.
    pub channels: Vec<Channel>,
    /// The text with its placeholders.
    pub text: String,
    /// Where its link leads, by a path below `content/`; the home page if not said.
    pub page: Option<String>,
    /// Its own hashtags, in place of those of the file.
    pub hashtags: Option<Vec<String>>,
    /// A picture, by its path below `content/`.
    pub image: Option<String>,
    /// What the picture shows.
    pub alt: Option<String>,
}

/// What posts may say of the observance in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observance<'a> {
    /// Its name.
    pub name: &'a str,
    /// The year.
    pub year: i16,
    /// The first day.
    pub first: Date,
    /// The last day itself.
    pub last: Date,
    /// The theme, if there is one.
    pub theme: Option<&'a str>,
    /// The hashtag of the year, if there is one; several may stand behind each other.
    pub hashtag: Option<&'a str>,
    /// The language in which dates are written.
    pub lang: &'a str,
}

/// A post for one channel in one year, ready to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready<'a> {
    /// Its number among all of the year, from 1: the same for every choice of channels.
    pub number: usize,
    /// Its place in the file, from 0.
    pub place: usize,
    /// What it was made from.
    pub post: &'a Post,
    /// Its day.
    pub date: Date,
    /// The day of the observance, from 1, if it is one.
    pub day: Option<u8>,
    /// Where it is posted.
    pub channel: Channel,
    /// The text with link and hashtags.
    pub text: String,
    /// What the picture shows.
    pub alt: Option<String>,
    /// What the text is counted by: with a link of usual length where the site has no address yet.
    counted: Option<String>,
}

/// A link of 23 characters, which is what a link counts on channels that shorten it.
const SOME_LINK: &str = "https://example.org/abc";

impl Posts {
    /// What a data file says.
    pub fn read(data: &Data) -> Posts {
        let posts = list(data, "posts").iter().map(|post| {
            let written = text(post, "when")?;
            let mut channels = Vec::new();
            for name in texts(post, "channels").unwrap_or_default() {
                let channel = Channel::named(&name)?;
                if !channels.contains(&channel) {
                    channels.push(channel);
                }
            }
            Some(Post {
                when: When::read(&written).ok()?,
                written: written.trim().to_string(),
                channels,
                text: text(post, "text")?.trim().to_string(),
                page: text(post, "page"),
                hashtags: texts(post, "hashtags"),
                image: text(post, "image"),
                alt: text(post, "alt"),
            })
        });
        Posts { hashtags: texts(data, "hashtags").unwrap_or_default(), posts: posts.collect() }
    }

    /// The posts of a year in the order of the calendar, then of the file. Left out is what the year cannot say: a
    /// theme or hashtag that is not known, a day that it does not have. `link` gives the absolute address of a page,
    /// or of the home page.
    pub fn ready(
        &self,
        year: &Observance<'_>,
        mut link: impl FnMut(Option<&str>) -> Option<String>,
    ) -> Vec<Ready<'_>> {
        let dated = self.posts.iter().enumerate().filter_map(|(place, post)| {
            let post = post.as_ref()?;
            Some((post.when.date(year.first, year.last)?, place, post))
        });
        let mut dated: Vec<(Date, usize, &Post)> = dated.collect();
        dated.sort_by_key(|(date, place, _)| (*date, *place));
        let mut ready = Vec::new();
        for (date, place, post) in dated {
            let has_link = post.text.contains("{url}");
            let url = has_link.then(|| link(post.page.as_deref())).flatten();
            let Some(text) = self.filled(post, year, url.as_deref()) else { continue };
            let counted = (has_link && url.is_none())
                .then(|| self.filled(post, year, Some(SOME_LINK)))
                .flatten();
            let alt = post.alt.as_ref().map(|alt| placed(alt, year, None));
            let day = match post.when {
                When::Day(day) => Some(day),
                When::Before(_) | When::After(_) => None,
            };
            for channel in &post.channels {
                let number = ready.len() + 1;
                let (text, alt, counted) = (text.clone(), alt.clone(), counted.clone());
                ready.push(Ready {
                    number,
                    place,
                    post,
                    date,
                    day,
                    channel: *channel,
                    text,
                    alt,
                    counted,
                });
            }
        }
        ready
    }

    /// The text of a post in a year. `None`: the year does not know what the post says.
    fn filled(&self, post: &Post, year: &Observance<'_>, url: Option<&str>) -> Option<String> {
        let needs = |name: &str| {
            let name = format!("{{{name}}}");
            post.text.contains(&name) || post.alt.as_ref().is_some_and(|alt| alt.contains(&name))
        };
        if (needs("theme") && known(year.theme).is_none())
            || (needs("hashtag") && known(year.hashtag).is_none())
        {
            return None;
        }
        let mut text = placed(&post.text, year, url);
        let own = post.hashtags.as_ref().unwrap_or(&self.hashtags);
        let of_year = year.hashtag.into_iter().flat_map(str::split_whitespace);
        let mut there: Vec<String> = super::count::hashtags(&text).map(str::to_lowercase).collect();
        let mut tags = Vec::new();
        for tag in own.iter().map(String::as_str).chain(of_year) {
            let tag = if tag.starts_with('#') { tag.to_string() } else { format!("#{tag}") };
            let lower = tag.to_lowercase();
            if !there.contains(&lower) {
                there.push(lower);
                tags.push(tag);
            }
        }
        if !tags.is_empty() {
            // Behind several lines they stand for themselves.
            let gap = match text.as_str() {
                "" => "",
                text if text.contains('\n') => "\n\n",
                _ => " ",
            };
            text = format!("{text}{gap}{}", tags.join(" "));
        }
        Some(text)
    }
}

fn known(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.trim().is_empty())
}

/// A text with what a year and a link put into its places.
fn placed(text: &str, year: &Observance<'_>, url: Option<&str>) -> String {
    let day = |date: Date| date.print("day", year.lang).unwrap_or_default();
    fill(text, |name| {
        Some(match name {
            "name" => year.name.to_string(),
            "year" => year.year.to_string(),
            "dates" => print_range(year.first, year.last, year.lang),
            "start" => day(year.first),
            "end" => day(year.last),
            "theme" => known(year.theme)?.to_string(),
            "hashtag" => known(year.hashtag)?.to_string(),
            "url" => url.unwrap_or_default().to_string(),
            _ => return None,
        })
    })
}

/// Fills the places of a text. Where one is filled with nothing, the white space before it goes, too.
fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let inner = &rest[at + 1..];
        let found = inner.find('}').and_then(|end| Some((end, value(&inner[..end])?)));
        match found {
            Some((end, value)) => {
                if value.is_empty() {
                    out.truncate(out.trim_end().len());
                }
                out.push_str(&value);
                rest = &inner[end + 1..];
            }
            None => {
                out.push('{');
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out.trim().to_string()
}

/// The names in braces of a text, with their places in it; braces around anything but one word are text.
pub fn placeholders(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('{').filter_map(|(at, _)| {
        let inner = &text[at + 1..];
        let name = &inner[..inner.find('}')?];
        let word = name.trim();
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        (!word.is_empty() && name.len() <= 30 && word.chars().all(is_word)).then_some((at, name))
    })
}

impl Ready<'_> {
    /// What the channel counts.
    pub fn count(&self) -> usize {
        self.channel.count(self.counted())
    }

    /// The text by which it is counted.
    pub fn counted(&self) -> &str {
        self.counted.as_deref().unwrap_or(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year() -> Observance<'static> {
        Observance {
            name: "The Week",
            year: 2027,
            first: Date::read("2027-10-10").unwrap(),
            last: Date::read("2027-10-16").unwrap(),
            theme: None,
            hashtag: None,
            lang: "en",
        }
    }

    fn posts(yaml: &str) -> Posts {
        Posts::read(&crate::yaml::parse(yaml, 0).unwrap().data())
    }

    fn one(text: &str, year: &Observance<'_>, url: Option<&str>) -> Option<String> {
        let json = crate::diag::json_string(text);
        let posts = posts(&format!(
            "hashtags: ['#One']\nposts: [{{when: day 1, channels: x, text: {json}}}]"
        ));
        let ready = posts.ready(year, |_| url.map(String::from));
        ready.first().map(|ready| ready.text.clone())
    }

    #[test]
    fn placeholders_are_filled() {
        let all = "{name} {year}: {dates}, {start} to {end}. {url}";
        let text = one(all, &year(), Some("https://example.org/"));
        let wanted = "The Week 2027: October 10–16, 2027, October 10 to October 16. https://example.org/ #One";
        assert_eq!(text.as_deref(), Some(wanted));
        // Braces around other things are text.
        assert_eq!(one("{ a } {b", &year(), None).as_deref(), Some("{ a } {b #One"));
    }

    #[test]
    fn without_an_address_the_link_goes_with_the_space_before_it() {
        assert_eq!(
            one("Read {url} now.\n\n{url}", &year(), None).as_deref(),
            Some("Read now. #One")
        );
        let posts = posts("posts: [{when: day 1, channels: [x, bluesky], text: 'Read {url}'}]");
        let ready = posts.ready(&year(), |_| None);
        assert_eq!(
            ready.iter().map(|one| (one.text.as_str(), one.count())).collect::<Vec<_>>(),
            [("Read", 28); 2]
        );
    }

    #[test]
    fn what_the_year_does_not_know_is_left_out() {
        assert_eq!(one("Theme: {theme}", &year(), None), None);
        let known = Observance { theme: Some("Together"), ..year() };
        assert_eq!(one("Theme: {theme}", &known, None).as_deref(), Some("Theme: Together #One"));
        let posts = posts("posts: [{when: day 8, channels: x, text: Late}]");
        assert!(posts.ready(&year(), |_| None).is_empty());
    }

    #[test]
    fn no_hashtag_is_said_twice() {
        let known = Observance { hashtag: Some("#One #Week2027"), ..year() };
        assert_eq!(one("Hello", &known, None).as_deref(), Some("Hello #One #Week2027"));
        assert_eq!(one("Hello #week2027!", &known, None).as_deref(), Some("Hello #week2027! #One"));
        assert_eq!(one("Use {hashtag}", &known, None).as_deref(), Some("Use #One #Week2027"));
        assert_eq!(one("Two\nlines", &year(), None).as_deref(), Some("Two\nlines\n\n#One"));
    }

    #[test]
    fn a_list_of_its_own_takes_the_place_of_the_other() {
        let posts = posts(
            "hashtags: ['#One']\nposts: [{when: day 1, channels: x, text: A, hashtags: []}, {when: day 1, channels: [x, x], text: B, hashtags: '#Two'}]",
        );
        let ready = posts.ready(&year(), |_| None);
        let texts: Vec<&str> = ready.iter().map(|ready| ready.text.as_str()).collect();
        assert_eq!(texts, ["A", "B #Two"]);
    }
}
