//! Owns the finding of addresses of other sites in what is no Markdown: YAML and raw HTML. Must not know what
//! is done with them, or whether anybody answers there.

use std::ops::Range;

use crate::diag::Span;
use crate::yaml::{self, Node, Value};

/// Whether an address leads to another place in the web.
pub fn is_web(target: &str) -> bool {
    let starts =
        |with: &str| target.get(..with.len()).is_some_and(|s| s.eq_ignore_ascii_case(with));
    starts("https:") || starts("http:") || target.starts_with("//")
}

/// The front matter of a page: every address in it, with its place in the file.
pub fn in_page(file: &str, text: &str) -> Vec<(String, Span)> {
    let (front, _) = super::front_matter::split(file, text, &mut Vec::new());
    front.map_or_else(Vec::new, |span| in_yaml(&text[span.start..span.end], span.start))
}

/// Every text in YAML that is an address of the web in full, with its place in the file; the YAML begins at byte
/// `base` of it. Which keys there are does not matter, so addresses in free data are found, too.
pub fn in_yaml(text: &str, base: usize) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    // What cannot be read was reported when the site was made.
    if let Ok(node) = yaml::parse(text, base) {
        walk(&node, "", &mut found);
    }
    found.sort_by_key(|(_, span)| *span);
    // An alias repeats what stands elsewhere.
    found.dedup();
    found
}

fn walk(node: &Node, key: &str, found: &mut Vec<(String, Span)>) {
    match &node.value {
        // The site's own address: there may be nothing yet.
        Value::Text(_) if key == "base_url" => {}
        Value::Text(text) => {
            let text = text.trim();
            // Braces and spaces: a pattern, or a sentence about an address.
            let is_whole = !text.contains(|c: char| c.is_whitespace() || "{}<>".contains(c));
            if is_whole && is_web(text) && text.contains("://") {
                found.push((text.to_string(), node.span));
            }
        }
        Value::List(items) => items.iter().for_each(|item| walk(item, "", found)),
        Value::Map(entries) => {
            entries.iter().for_each(|(key, value)| {
                walk(value, key.text().unwrap_or_default(), found);
            });
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}

/// The addresses of other sites that raw HTML links to, with their places in it.
pub fn in_html(html: &str) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    if !html.contains("//") && !html.contains(':') {
        return found;
    }
    let lower = html.to_ascii_lowercase();
    for (at, name) in lower.match_indices("href") {
        let is_name = lower[..at].ends_with(|c: char| c.is_ascii_whitespace() || "\"'".contains(c));
        let value = lower[at + name.len()..].trim_start().strip_prefix('=').map(str::trim_start);
        let Some(value) = value.filter(|_| is_name) else { continue };
        let Some(quote) = value.chars().next().filter(|c| "\"'".contains(*c)) else { continue };
        let start = lower.len() - value.len() + 1;
        let end = html[start..].find(quote).map_or(html.len(), |end| start + end);
        let target = html[start..end].replace("&amp;", "&");
        if is_web(&target) {
            found.push((target, start..end));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_yaml_are_found_with_their_places() {
        let text = "title: About https://example.org/\nbase_url: https://own.example/\nbrand:\n  url: \"https://a.example/\"\n\
                    menus: {main: [{title: B, url: //b.example/x}]}\nfree: [{deep: HTTP://c.example}]\n\
                    pattern: https://d.example/{year}\nno: https\n";
        let found = in_yaml(text, 0);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(url, at)| (url.as_str(), &text[at.start..at.end])).collect();
        assert_eq!(
            found,
            [
                ("https://a.example/", "\"https://a.example/\""),
                ("HTTP://c.example", "HTTP://c.example"),
            ]
        );
        assert_eq!(in_yaml("a: [", 0), []);
        let page = "---\ntitle: x\nsources:\n  - {title: T, url: https://e.example/}\n---\nhttps://f.example/\n";
        let found = in_page("a.md", page);
        assert_eq!(found.len(), 1);
        assert_eq!(&page[found[0].1.start..found[0].1.end], "https://e.example/");
    }

    #[test]
    fn links_in_html_are_found() {
        let html = "<p><a class='x' HREF = \"https://a.example/?b&amp;c\">a</a> <a data-href=\"https://no.example\" href='/in'>b</a>\
                    <a href='http://d.example'>d</a><a href=\"https://open.example";
        let found = in_html(html);
        let targets: Vec<&str> = found.iter().map(|(target, _)| target.as_str()).collect();
        assert_eq!(targets, ["https://a.example/?b&c", "http://d.example", "https://open.example"]);
        assert_eq!(&html[found[1].1.clone()], "http://d.example");
    }
}
