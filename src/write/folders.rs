//! Owns the shape that a sorted list of paths has: which files lie in a folder, and which folders lie right below it.
//! Must not know the disk, or what is done with the files.
//!
//! Whoever goes through the site folder by folder needs neither a set of all folders nor a lock around one, and two threads
//! seldom meet in a folder, which the system lets only one of them change at a time.

/// A folder with everything in and below it.
pub(super) struct Folder<'a, T> {
    /// Below the output folder; the empty name is the output folder itself.
    pub(super) path: &'a str,
    all: &'a [(String, T)],
}

/// A file by its name in the folder, its whole path, and what else is known of it.
pub(super) struct Entry<'a, T> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) is: &'a T,
}

impl<'a, T> Folder<'a, T> {
    /// The output folder; `all` must be sorted by path.
    pub(super) fn root(all: &'a [(String, T)]) -> Folder<'a, T> {
        Folder { path: "", all }
    }

    pub(super) fn name(&self) -> &'a str {
        self.path.rsplit_once('/').map_or(self.path, |(_, name)| name)
    }

    /// Everything in and below the folder.
    pub(super) fn all(&self) -> &'a [(String, T)] {
        self.all
    }

    /// The files in the folder itself and the folders right below it, both sorted by name.
    pub(super) fn entries(&self) -> (Vec<Entry<'a, T>>, Vec<Folder<'a, T>>) {
        let start = if self.path.is_empty() { 0 } else { self.path.len() + 1 };
        let (mut files, mut below) = (Vec::new(), Vec::new());
        let mut rest = self.all;
        while let [(path, is), after @ ..] = rest {
            let name = &path[start..];
            let Some(end) = name.find('/') else {
                files.push(Entry { name, path, is });
                rest = after;
                continue;
            };
            let (dir, with_slash) = (&path[..start + end], &path[..=start + end]);
            let (all, others) = rest.split_at(before(rest, |path| path.starts_with(with_slash)));
            below.push(Folder { path: dir, all });
            rest = others;
        }
        // `a-b/` comes before `a/`, but `a-b` after `a`.
        below.sort_unstable_by_key(Folder::name);
        (files, below)
    }
}

/// How many of the first files have paths that are `in_front`; looks near the front first, because most folders are small.
fn before<T>(files: &[(String, T)], in_front: impl Fn(&str) -> bool) -> usize {
    let mut near = 1;
    while files.get(near).is_some_and(|(path, _)| in_front(path)) {
        near *= 2;
    }
    let near = near.min(files.len());
    files[..near].partition_point(|(path, _)| in_front(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every folder with the names in it, in the order of the walk.
    fn walk(folder: &Folder<()>, seen: &mut Vec<String>) {
        let (files, below) = folder.entries();
        let names: Vec<&str> = files.iter().map(|file| file.name).collect();
        let folders: Vec<&str> = below.iter().map(Folder::name).collect();
        assert!(names.is_sorted() && folders.is_sorted(), "{names:?} {folders:?}");
        assert!(files.iter().all(|file| file.path.ends_with(file.name)));
        seen.push(format!("{}: {} / {}", folder.path, names.join(" "), folders.join(" ")));
        below.iter().for_each(|folder| walk(folder, seen));
    }

    #[test]
    fn every_file_is_in_its_folder() {
        let mut paths: Vec<(String, ())> =
            ["z", "a/x", "a/b/c/1", "a/b/c/2", "a/b-c/1", "a.b", "é/ü"]
                .map(|path| (path.to_string(), ()))
                .into();
        paths.extend((10..40).map(|n| (format!("many/{n}"), ())));
        paths.sort();
        let mut seen = Vec::new();
        walk(&Folder::root(&paths), &mut seen);
        let many: Vec<String> = (10..40).map(|n| n.to_string()).collect();
        let expected = [
            ": a.b z / a many é".to_string(),
            "a: x / b b-c".to_string(),
            "a/b:  / c".to_string(),
            "a/b/c: 1 2 / ".to_string(),
            "a/b-c: 1 / ".to_string(),
            format!("many: {} / ", many.join(" ")),
            "é: ü / ".to_string(),
        ];
        assert_eq!(seen, expected);
        assert_eq!(Folder::<()>::root(&[]).entries().0.len(), 0);
    }
}
