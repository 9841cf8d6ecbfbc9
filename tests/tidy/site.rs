//! Owns the sites that the tests ask: the sample site in a folder of its own, and what a pass makes of a
//! site.

use weekmark::calendar::Date;
use weekmark::pass::{Memo, Options, pass};
use weekmark::source::scan;
use weekmark::tree::{Content, Leaves, Tree};

use crate::root;
use crate::support::{Folder, copy_folder};

/// The sample site and its theme.
pub(crate) fn sample_site() -> Folder {
    let folder = Folder::new("tidy");
    folder.write("site.yaml", crate::text("site.yaml"));
    copy_folder(&root().join("content"), &folder.at("content"));
    copy_folder(&root().join("themes"), &folder.at("themes"));
    folder
}

/// The outputs of a site, which must have no errors.
pub(crate) fn outputs(folder: &Folder) -> Leaves {
    let mut tree = Tree::default();
    let options = Options { today: Date::new(2027, 1, 1), ..Options::default() };
    let report = pass(&mut Memo::default(), &scan(folder.path(), &[]), &options, &tree);
    let problems: Vec<String> =
        report.problems.iter().map(|problem| problem.to_text(false)).collect();
    assert!(!report.failed(), "{}", problems.join("\n\n"));
    tree.finish(true, &report.plan).expect("a good pass").0
}

/// The text of an output.
pub(crate) fn output(leaves: &Leaves, path: &str) -> String {
    match &leaves.get(path).unwrap_or_else(|| panic!("there is no {path}")).content {
        Content::Bytes(bytes) => String::from_utf8(bytes.to_vec()).expect("a text"),
        Content::Text(held) => {
            String::from_utf8(held.bytes().expect("a small site").to_vec()).expect("a text")
        }
        Content::Disk(path) => std::fs::read_to_string(path).expect("a text"),
    }
}
