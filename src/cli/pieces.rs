//! Owns which pieces of a page were written where: its name, the menu, the dates, its own words. The preview lists
//! them beside the page, so that an editor knows which file to open. Must not know how the list is shown.

use super::texts::{PageText, Text, entry_of, value_of};
use crate::config;
use crate::model::Site;
use crate::serve::Piece;
use crate::yaml::Node;

/// Characters of a line that are shown.
const MOST: usize = 90;

/// The shortest run of words by which a paragraph is looked for.
const LEAST: usize = 8;

/// The pieces of a page in the order in which a page shows them. `opening` gives the address that opens a file of the
/// site at a line, where there is one.
pub(super) fn pieces(
    page: &PageText,
    settings: Option<&Text>,
    site: &Site,
    opening: &dyn Fn(&str, usize) -> Option<String>,
) -> Vec<Piece> {
    let tree = settings.and_then(Text::yaml);
    let list = Written { opening, settings, tree };
    let config = &site.config;
    let front = |name: &str| page.settings.as_ref().and_then(|node| entry_of(node, name));
    let of_page = |about: &str, name: &str, within: &str| {
        let (key, value) = front(name)?;
        Some(list.piece(about, &page.file, &page.text, key.span.start, value.text()?, within))
    };
    let week = site.week(None);
    let first_day = week.as_ref().map(|week| week.first.to_string()).unwrap_or_default();
    let days = format!("time[datetime=\"{first_day}\"]");
    let year = || {
        let file = site.data.get("years").map(|_| "content/_data/years.yaml")?;
        Some(Piece {
            about: "Theme and hashtag of the year".into(),
            file: file.into(),
            line: None,
            written: String::new(),
            edit: opening(file, 1),
            text: String::new(),
            within: String::new(),
        })
    };
    [
        list.setting("The name of the site", &["title"], &config.title, "header a, header"),
        list.setting("The menu", &["menus"], "", "header nav, nav"),
        of_page("The title of this page", "title", "h1"),
        list.setting(
            "The line below the title",
            &["tagline"],
            config.tagline.as_deref().unwrap_or_default(),
            "main",
        ),
        of_page("The sentence about this page", "description", "main"),
        list.setting("The dates", &["campaign", "rule"], "", &days),
        year(),
        first_words(page).map(|(at, words)| {
            list.piece("The text of this page", &page.file, &page.text, at, words, "main")
        }),
        list.setting("Who runs the site", &["brand", "name"], "", "footer"),
        list.setting("The colors", &["brand"], "", ""),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// site.yaml as it was written, and how files are opened.
struct Written<'a> {
    opening: &'a dyn Fn(&str, usize) -> Option<String>,
    settings: Option<&'a Text>,
    tree: Option<Node>,
}

impl Written<'_> {
    /// A setting of site.yaml by the keys that lead to it, if it is there.
    fn setting(&self, about: &str, keys: &[&str], text: &str, within: &str) -> Option<Piece> {
        let mut node = self.tree.as_ref()?;
        let (last, above) = keys.split_last()?;
        for key in above {
            node = value_of(node, key)?;
        }
        let (key, value) = entry_of(node, last)?;
        // What stands in the file is what a page says, where it is a text.
        let text = if *last == "name" { value.text().unwrap_or(text) } else { text };
        let file = &self.settings?.text;
        Some(self.piece(about, config::FILE, file, key.span.start, text, within))
    }

    /// What is written at byte `at` of a file.
    fn piece(
        &self,
        about: &str,
        file: &str,
        source: &str,
        at: usize,
        text: &str,
        within: &str,
    ) -> Piece {
        let before = source.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let written = source.lines().nth(line - 1).unwrap_or_default().trim();
        let cut = written.char_indices().nth(MOST).map(|(end, _)| end);
        Piece {
            about: about.into(),
            file: file.into(),
            line: Some(line),
            written: cut.map_or_else(|| written.into(), |end| format!("{}…", &written[..end])),
            edit: (self.opening)(file, line),
            text: text.into(),
            within: within.into(),
        }
    }
}

/// Where the text of a page begins with a paragraph, and the first words of it that look on the page as they do in
/// the file.
fn first_words(page: &PageText) -> Option<(usize, &str)> {
    let mut at = page.body;
    for line in page.text.get(page.body..)?.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if !line.starts_with(|c: char| c.is_alphanumeric() || "*_¿¡".contains(c)) {
            continue;
        }
        // Marks of Markdown, and what is printed in another form than it is typed.
        let runs = line.trim().split(|c| "*_`[]<>\\\"'&:{}".contains(c));
        let words = runs.map(str::trim).max_by_key(|words| words.len())?;
        if words.chars().count() >= LEAST {
            return Some((start, words));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(body: &str) -> Option<(usize, String)> {
        let file = "content/a.md".to_string();
        let page = PageText::of(Text { file, text: body.into() });
        first_words(&page)
            .map(|(at, words)| (page.text[..at].matches('\n').count() + 1, words.into()))
    }

    #[test]
    fn the_first_words_are_those_of_the_first_paragraph() {
        let found = |line, words: &str| Some((line, words.to_string()));
        assert_eq!(
            first("---\ntitle: A\n---\n\n## A part\n\nOpen `a.md` in your editor.\n"),
            found(7, "in your editor.")
        );
        assert_eq!(
            first(":::cards\n- a long entry\n:::\n\nIt's fine, they say\n"),
            found(5, "s fine, they say")
        );
        assert_eq!(first("In :week-date{}, it is then.\n"), found(1, ", it is then."));
        assert_eq!(first("| a |\n"), None);
        assert_eq!(first(""), None);
    }
}
