//! Owns the list of everything that will be in the output folder, and the check that no two outputs
//! want one place. Must not know what is in the outputs.

pub mod icon;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::fingerprint::{ByName, Fp, NameSet};
use crate::headers::File;
use crate::model::address::output;
use crate::model::made::Made;
use crate::model::{Key, Site};
use icon::Icon;

/// What an output is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Output {
    /// A page or a section, by its place among the pages.
    Page(u32),
    /// The list of a taxonomy's terms.
    Taxonomy {
        /// The language.
        lang: Box<str>,
        /// The taxonomy's name.
        name: Box<str>,
    },
    /// The pages of one term.
    Term {
        /// The language.
        lang: Box<str>,
        /// The taxonomy's name.
        name: Box<str>,
        /// The term's part of the address.
        slug: Box<str>,
    },
    /// The page for addresses that do not exist.
    NotFound,
    /// The Atom feed of a language.
    Feed {
        /// The language.
        lang: Box<str>,
    },
    /// The page to search the site in a language.
    Search {
        /// The language.
        lang: Box<str>,
    },
    /// What that page searches.
    SearchIndex {
        /// The language.
        lang: Box<str>,
    },
    /// An icon of the site.
    Icon(Icon),
    /// What phones show of the site on their start screens.
    Manifest,
    /// The list of all pages for search engines.
    Sitemap,
    /// What search engines may look at.
    Robots,
    /// What follows from the campaign: a calendar, posts to copy.
    Made(Made),
    /// What tells a host which headers to send.
    Headers(File),
    /// A page that leads from an old address to the new one.
    Alias {
        /// The page that it leads to.
        to: Key,
    },
    /// A file of the theme, by its path in the theme.
    Asset(String),
    /// A file beside the pages, by its path below `content/`.
    File(String),
    /// A smaller version of the picture at a path of the output.
    Variant {
        /// Such as `team/team.jpg`.
        of: String,
    },
}

/// One output and its place in the output folder.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Such as `careers/index.html`.
    pub path: Arc<str>,
    /// What it is.
    pub output: Output,
    /// The fingerprint of both.
    pub fp: Fp,
}

/// Everything that will be in the output folder, in order.
#[derive(Debug, Default)]
pub struct Plan {
    /// The outputs by path.
    pub outputs: Vec<Planned>,
    /// The fingerprint of all of them.
    pub fp: Fp,
    /// How many of them are pages.
    pub pages: usize,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
}

impl Plan {
    /// Plans the site. `extra` is what the theme makes besides, in the root of the output. `assets` are the theme's files: path in the theme and path in the output.
    pub fn of<'a>(
        site: &Site,
        assets: impl Iterator<Item = (&'a str, &'a str)>,
        extra: impl Iterator<Item = (&'a str, Output)>,
    ) -> Plan {
        let mut plan = Plan::default();
        for (page, place) in site.pages.iter().zip(0..) {
            plan.add(site.output_of(page), Output::Page(place));
        }
        for (source, path) in &site.index.files {
            plan.add(output(path), Output::File(source.clone()));
        }
        for (lang, name, list) in site.taxonomies() {
            let (lang, name): (Box<str>, Box<str>) = (lang.into(), name.into());
            for term in &list.terms {
                let slug = (*term.slug).into();
                let output_term = Output::Term { lang: lang.clone(), name: name.clone(), slug };
                plan.add(output(&term.path), output_term);
            }
            plan.add(output(&list.path), Output::Taxonomy { lang, name });
        }
        for alias in &site.index.aliases {
            plan.add(output_of_alias(&alias.path), Output::Alias { to: alias.to.clone() });
        }
        for (name, path) in assets {
            plan.add(path.to_string(), Output::Asset(name.to_string()));
        }
        plan.check_places(site);
        plan.add_made(site, extra.map(|(path, output)| (path.to_string(), output)));
        plan.outputs.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        plan.outputs.shrink_to_fit();
        plan.fp = plan.join();
        let is_page = |planned: &&Planned| matches!(planned.output, Output::Page(_));
        plan.pages = plan.outputs.iter().filter(is_page).count();
        plan
    }

    /// The same with the versions of pictures: path, and path of the picture. A version whose place is taken is left
    /// out and told.
    pub fn with_variants(&self, variants: impl Iterator<Item = (Arc<str>, String)>) -> Plan {
        let mut plan = Plan {
            outputs: self.outputs.clone(),
            fp: self.fp,
            pages: self.pages,
            problems: self.problems.clone(),
        };
        for (path, of) in variants {
            if self.place(&path).is_some() {
                let message = format!(
                    "Both content/{path} and a smaller version of {of} want the address /{path}."
                );
                plan.problems.push(
                    Diagnostic::whole(Code::SameAddress, &format!("content/{path}"), message).hint(
                        "Delete this file: weekmark makes smaller versions of pictures by itself.",
                    ),
                );
                continue;
            }
            let output = Output::Variant { of };
            let fp = Fp::of(&(&path, &output));
            plan.outputs.push(Planned { path, output, fp });
        }
        plan.outputs.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        plan.fp = plan.join();
        plan
    }

    fn join(&self) -> Fp {
        Fp::join(&self.outputs.iter().map(|planned| planned.fp).collect::<Vec<_>>())
    }

    /// The place of the output at a path.
    pub fn place(&self, path: &str) -> Option<usize> {
        self.outputs.binary_search_by(|planned| (*planned.path).cmp(path)).ok()
    }

    fn add(&mut self, path: String, output: Output) {
        // The place of a page is no fact about it: one page more moves all that come after.
        let fp = match &output {
            Output::Page(_) => Fp::of(&path),
            other => Fp::of(&(&path, other)),
        };
        self.outputs.push(Planned { path: path.into(), output, fp });
    }

    /// What weekmark makes by itself; a file of that name in `content/` is used instead.
    fn add_made(&mut self, site: &Site, extra: impl Iterator<Item = (String, Output)>) {
        let mut made = vec![
            ("404.html".to_string(), Output::NotFound),
            ("robots.txt".to_string(), Output::Robots),
        ];
        let campaign = site.index.made.iter();
        made.extend(campaign.map(|(path, file)| (output(path), Output::Made(file.clone()))));
        let mut headers: Vec<File> =
            site.config.security.hosts.iter().filter_map(|host| host.file()).collect();
        headers.sort_unstable();
        headers.dedup();
        made.extend(headers.into_iter().map(|file| (file.name().into(), Output::Headers(file))));
        if site.config.base_url.is_some() {
            made.push(("sitemap.xml".to_string(), Output::Sitemap));
            let main = site.config.language.clone();
            for lang in
                std::iter::once(main).chain(site.config.languages.iter().map(|l| l.code.clone()))
            {
                if site.index.languages.contains(&lang) {
                    let prefix = crate::model::language_prefix(&site.config, &lang);
                    let path = format!("{prefix}/feed.xml").trim_start_matches('/').to_string();
                    made.push((path, Output::Feed { lang: lang.into() }));
                }
            }
        }
        for (lang, is_made) in &site.index.searches {
            let path = crate::model::search_path(&site.config, lang);
            let index = format!("{path}index.{lang}.js");
            made.push((output(&index), Output::SearchIndex { lang: (**lang).into() }));
            if *is_made {
                made.push((output(&path), Output::Search { lang: (**lang).into() }));
            }
        }
        made.extend(extra);
        for (path, output) in made {
            match self.outputs.iter().position(|planned| *planned.path == *path) {
                None => self.add(path, output),
                // A file of that name is meant; an old address is not.
                Some(at) if matches!(self.outputs[at].output, Output::Alias { .. }) => {
                    self.add(path, output);
                    let clash = self.clash(at, self.outputs.len() - 1, site);
                    self.problems.push(clash);
                    self.outputs.remove(at);
                }
                Some(_) => {}
            }
        }
    }

    /// Two outputs at one place are an error, also when only capital letters differ: some disks and
    /// hosts cannot tell those apart. A page in the place of a folder is the same mistake.
    fn check_places(&mut self, site: &Site) {
        let places: Vec<String> = self.outputs.iter().map(|p| p.path.to_lowercase()).collect();
        let mut taken: ByName<&str, usize> =
            ByName::with_capacity_and_hasher(places.len(), Default::default());
        let mut clashes: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (i, place) in places.iter().enumerate() {
            let first = *taken.entry(place).or_insert(i);
            if first != i {
                clashes.insert((first, i));
            }
        }
        // Of all that is in a folder, one output is enough to say so.
        let mut said: HashSet<usize> = HashSet::new();
        let mut folders: NameSet<&str> = NameSet::default();
        for (i, place) in places.iter().enumerate() {
            for (at, _) in place.rmatch_indices('/') {
                // What is above a folder that was looked at has been looked at as well.
                if !folders.insert(&place[..at]) {
                    break;
                }
                if let Some(first) = taken.get(&place[..at]).filter(|first| said.insert(**first)) {
                    clashes.insert((*first, i));
                }
            }
        }
        for (first, second) in &clashes {
            self.problems.push(self.clash(*first, *second, site));
        }
        // The second of two is not made: it would only be refused again when it is written.
        let left_out: HashSet<usize> = clashes.into_iter().map(|(_, second)| second).collect();
        let mut at = 0..;
        self.outputs.retain(|_| at.next().is_none_or(|i| !left_out.contains(&i)));
    }

    fn clash(&self, first: usize, second: usize, site: &Site) -> Diagnostic {
        let (a, b) = (&self.outputs[first], &self.outputs[second]);
        let (name_a, name_b) = (source_of(&a.output, site), source_of(&b.output, site));
        let address = format!("/{}", a.path.trim_end_matches("index.html"));
        let message = if a.path.to_lowercase() != b.path.to_lowercase() {
            format!("{name_a} is at {address}, where {name_b} needs a folder.")
        } else if a.path == b.path {
            format!("Both {name_a} and {name_b} want the address {address}.")
        } else {
            let other = b.path.trim_end_matches("index.html");
            format!(
                "{name_a} and {name_b} want addresses that differ only in capital letters: {address} and /{other}."
            )
        };
        let hint = "Rename one of them, or give one of the pages a \"slug\".";
        // The place to mend is the alias, where one is involved: it can be changed without harm.
        let alias = [a, b].into_iter().find_map(|planned| match &planned.output {
            Output::Alias { to } => site
                .index
                .aliases
                .iter()
                .find(|alias| alias.to == *to && output_of_alias(&alias.path) == *planned.path),
            _ => None,
        });
        let is_alias = |planned: &Planned| matches!(planned.output, Output::Alias { .. });
        // What weekmark makes by itself is no file that somebody could mend.
        let is_file =
            |planned: &Planned| matches!(planned.output, Output::Page(_) | Output::File(_));
        match alias {
            Some(alias) if is_alias(a) && is_alias(b) => {
                Diagnostic::at(Code::SameAddress, &alias.file, alias.span, message).hint(
                    "An old address can lead to one page only: delete it from one of the two.",
                )
            }
            Some(alias) => Diagnostic::at(Code::SameAddress, &alias.file, alias.span, message)
                .hint("Delete this alias, or rename the page that has the address."),
            None if is_file(b) || !is_file(a) => {
                Diagnostic::whole(Code::SameAddress, &name_b, message).hint(hint)
            }
            None => Diagnostic::whole(Code::SameAddress, &name_a, message).hint(hint),
        }
    }
}

/// The file that holds the page at an old address; one without a dot or slash at its end is a folder.
fn output_of_alias(path: &str) -> String {
    match path.rsplit('/').next() {
        Some(last) if last.contains('.') || last.is_empty() => output(path),
        _ => output(&format!("{path}/")),
    }
}

/// The file, in the site's folder, behind an output.
fn source_of(output: &Output, site: &Site) -> String {
    match output {
        Output::Page(place) => {
            site.pages.at(*place).map(|page| page.file.to_string()).unwrap_or_default()
        }
        Output::File(source) => format!("content/{source}"),
        Output::Taxonomy { name, .. } | Output::Term { name, .. } => {
            format!("the pages of the taxonomy \"{name}\"")
        }
        Output::Alias { to } => {
            format!("an alias of {}", site.page(to).map_or("a page", |page| &*page.file))
        }
        Output::Asset(name) => format!("the theme's file {name}"),
        Output::Variant { of } => format!("a smaller version of {of}"),
        Output::NotFound
        | Output::Search { .. }
        | Output::SearchIndex { .. }
        | Output::Made(_)
        | Output::Headers(_)
        | Output::Feed { .. }
        | Output::Icon(_)
        | Output::Manifest
        | Output::Sitemap
        | Output::Robots => "weekmark".into(),
    }
}
