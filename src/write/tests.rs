//! Tests of the whole module: what an editor, a killed process, a second build or a stray file can do to `public/`.
//! Must not know how the parts work, but for the states that a kill leaves behind.

use super::*;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicUsize;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// A folder of its own for one test.
pub(super) struct Scratch(PathBuf);

pub(super) fn scratch() -> Scratch {
    scratch_in(&std::env::temp_dir())
}

fn scratch_in(dir: &Path) -> Scratch {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = dir.join(format!("weekmark-write-{}-{n}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    Scratch(fs::canonicalize(path).unwrap())
}

/// For tests that build hundreds of times: much quicker, where the system has such a place.
fn in_memory() -> Scratch {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { scratch_in(memory) } else { scratch() }
}

impl Scratch {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn out(&self) -> PathBuf {
        self.0.join("public")
    }

    /// Everything beside the output folder: there must never be anything we did not ask for.
    fn beside(&self) -> Vec<String> {
        let mut names = names(&self.0);
        names.retain(|name| name != "public");
        names
    }

    fn build(&self, site: &[(&str, &str)]) -> Written {
        build(&self.out(), site).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn build(out: &Path, site: &[(&str, &str)]) -> io::Result<Written> {
    let staging = Staging::open(out, &[])?;
    site.par_iter().try_for_each(|(path, text)| staging.put(path, text.as_bytes()))?;
    staging.commit()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Path → text of every file below, without the manifest.
fn tree(dir: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, dir: &Path, found: &mut BTreeMap<String, String>) {
        for name in names(dir) {
            let path = dir.join(&name);
            if fs::symlink_metadata(&path).unwrap().is_dir() {
                walk(root, &path, found);
            } else if name != manifest::NAME {
                let below = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
                found.insert(below, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(dir, dir, &mut found);
    found
}

fn as_tree(site: &[(&str, &str)]) -> BTreeMap<String, String> {
    site.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
}

#[cfg(unix)]
fn number(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::symlink_metadata(path).unwrap())
}

fn words(result: Result<Staging, Refusal>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

const A: &[(&str, &str)] = &[
    ("index.html", "home"),
    ("a/index.html", "a"),
    ("a/b/index.html", "b"),
    ("gone/index.html", "gone"),
];
const B: &[(&str, &str)] = &[
    ("index.html", "home"),
    ("a/index.html", "a, better"),
    ("a/b/index.html", "b"),
    ("new/x/index.html", "new"),
];

#[test]
fn first_build() {
    let root = scratch();
    let written = root.build(A);
    assert_eq!(tree(&root.out()), as_tree(A));
    assert_eq!((written.files, written.bytes, written.unchanged), (4, 10, 0));
    assert_eq!(
        written.created,
        ["a/b/index.html", "a/index.html", "gone/index.html", "index.html"]
    );
    assert!(root.beside().is_empty(), "{:?}", root.beside());
}

#[test]
#[cfg(unix)]
fn second_build_touches_nothing() {
    use std::os::unix::fs::MetadataExt;
    let root = scratch();
    root.build(A);
    fs::write(root.out().join("CNAME"), "example.org").unwrap();
    let stamps = || {
        let mut all = tree(&root.out());
        all.extend([".", "a", "a/b", manifest::NAME].map(|p| (p.to_string(), String::new())));
        let stamp = |path: &String| {
            let found = fs::metadata(root.out().join(path)).unwrap();
            (found.ino(), found.mtime_nsec(), found.ctime_nsec(), found.nlink())
        };
        all.keys().map(stamp).collect::<Vec<_>>()
    };
    let before = stamps();
    let written = root.build(A);
    assert_eq!(stamps(), before);
    let sum = written.sum;
    assert_eq!(written, Written { files: 4, bytes: 10, unchanged: 4, sum, ..Written::default() });
    assert!(root.beside().is_empty());
}

#[test]
#[cfg(unix)]
fn only_what_differs_is_written() {
    let root = scratch();
    root.build(A);
    let number = |path: &str| number(&root.out().join(path));
    let before = number("a/b/index.html");
    let written = root.build(B);
    assert_eq!(tree(&root.out()), as_tree(B));
    assert_eq!(written.created, ["new/x/index.html"]);
    assert_eq!(written.updated, ["a/index.html"]);
    assert_eq!(written.deleted, ["gone/index.html"]);
    assert_eq!((written.files, written.unchanged), (4, 2));
    assert_eq!(number("a/b/index.html"), before, "an equal file is the same file");
    assert_eq!(
        std::os::unix::fs::MetadataExt::nlink(
            &fs::metadata(root.out().join("index.html")).unwrap()
        ),
        1
    );
    assert!(!root.out().join("gone").exists(), "empty folders go too");
    assert!(root.beside().is_empty());
}

#[test]
#[cfg(unix)]
fn permissions_are_the_users_choice() {
    use std::os::unix::fs::PermissionsExt;
    let root = scratch();
    let mode =
        |path: &str| fs::metadata(root.out().join(path)).unwrap().permissions().mode() & 0o777;
    root.build(A);
    fs::write(root.path().join("plain"), "").unwrap();
    let plain = fs::metadata(root.path().join("plain")).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("index.html"), mode(manifest::NAME)), (plain, plain));
    fs::set_permissions(root.out(), PermissionsExt::from_mode(0o750)).unwrap();
    root.build(B);
    assert_eq!(mode("."), 0o750);
}

#[test]
fn same_bytes_whatever_the_threads() {
    let names: Vec<(String, String)> =
        (0..200).map(|i| (format!("p{i}/é.html"), format!("text {i}"))).collect();
    let site: Vec<(&str, &str)> = names.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let manifests = [1, 7].map(|threads| {
        let root = scratch();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| root.build(&site));
        fs::read(root.out().join(manifest::NAME)).unwrap()
    });
    assert_eq!(manifests[0], manifests[1]);
}

#[test]
fn dropped_without_commit() {
    let root = scratch();
    let deep = root.path().join("not/there/yet");
    let staging = Staging::open(&deep, &[]).unwrap();
    staging.put("a/index.html", b"a").unwrap();
    drop(staging);
    assert!(names(root.path()).is_empty());

    root.build(A);
    let staging = Staging::open(&root.out(), &[]).unwrap();
    staging.put("index.html", b"other").unwrap();
    drop(staging);
    assert_eq!(tree(&root.out()), as_tree(A));
    assert!(root.beside().is_empty());

    build(&deep, A).unwrap();
    assert_eq!(tree(&deep), as_tree(A));
}

#[test]
fn bad_paths_and_failed_files_stop_the_commit() {
    let root = scratch();
    root.build(A);
    for bad in ["", "/etc/passwd", "../x", "a/../../x", "a\\b", "a\0b", "a//b", manifest::NAME] {
        let staging = Staging::open(&root.out(), &[]).unwrap();
        assert_eq!(
            staging.put(bad, b"x").unwrap_err().kind(),
            io::ErrorKind::InvalidInput,
            "{bad:?}"
        );
        assert!(staging.commit().is_err());
    }
    let staging = Staging::open(&root.out(), &[]).unwrap();
    staging.put("x", b"1").unwrap();
    assert!(staging.put("x", b"2").is_err());
    assert!(staging.commit().is_err());
    let staging = Staging::open(&root.out(), &[]).unwrap();
    staging.put("index.html", b"home").unwrap();
    // One that is as it was is not written, so nobody stumbles over it until all are compared.
    staging.put("index.html", b"home").unwrap();
    let error = staging.commit().unwrap_err().to_string();
    assert!(error.contains("two files of this name"), "{error}");
    assert_eq!(tree(&root.out()), as_tree(A));
    assert!(root.beside().is_empty());
}

#[test]
fn large_files_are_copied() {
    let root = scratch();
    let source = root.path().join("film.bin");
    let bytes: Vec<u8> = (0..300_000_u32).map(|i| i as u8).collect();
    fs::write(&source, &bytes).unwrap();
    let build = || {
        let staging = Staging::open(&root.out(), &[]).unwrap();
        staging.put_copy("media/film.bin", &source).unwrap();
        staging.put("index.html", b"home").unwrap();
        staging.commit().unwrap()
    };
    let read = || fs::read(root.out().join("media/film.bin")).unwrap();
    assert_eq!(build().bytes, 300_004);
    assert_eq!(build().unchanged, 2);
    fs::write(&source, "short").unwrap();
    assert_eq!(read(), bytes, "an edited source does not change the site");
    assert_eq!(build().updated, ["media/film.bin"]);
    assert_eq!(read(), b"short");
    fs::write(&source, "SHORT").unwrap();
    assert_eq!(build().updated, ["media/film.bin"]);
    assert_eq!(read(), b"SHORT");

    let staging = Staging::open(&root.out(), &[]).unwrap();
    let error = staging.put_copy("x", &root.path().join("missing")).unwrap_err().to_string();
    assert!(error.contains("missing” could not be read: it is not there"), "{error}");
}

#[test]
fn places_that_are_refused() {
    let root = scratch();
    let content = root.path().join("content");
    fs::create_dir_all(content.join("blog")).unwrap();
    let protected = std::slice::from_ref(&content);
    for bad in [root.path(), &content, &content.join("blog"), &content.join("blog/../public")] {
        let text = words(Staging::open(bad, protected));
        assert!(text.contains("which the site is made from"), "{bad:?}: {text}");
    }
    assert!(words(Staging::open(Path::new("/"), &[])).contains("the whole disk"));
    let home = std::env::home_dir().unwrap();
    assert!(words(Staging::open(&home, &[])).contains("your own files"));
    fs::write(root.path().join("file"), "").unwrap();
    for bad in ["file", "file/public"] {
        assert!(
            words(Staging::open(&root.path().join(bad), &[])).contains("is not a folder"),
            "{bad}"
        );
    }
    assert_eq!(names(root.path()), ["content", "file"]);
}

#[test]
fn folders_of_others_are_refused() {
    let root = scratch();
    fs::create_dir(root.out()).unwrap();
    fs::write(root.out().join("thesis.odt"), "years of work").unwrap();
    let text = words(Staging::open(&root.out(), &[]));
    assert!(text.contains("“thesis.odt”"), "{text}");
    fs::remove_file(root.out().join("thesis.odt")).unwrap();

    for damage in ["", "{", "{\"weekmark\": 1, \"files\": {\"../x\": 1}}", "\0\0\0\0"] {
        fs::write(root.out().join(manifest::NAME), damage).unwrap();
        fs::write(root.out().join("x"), "x").unwrap();
        let text = words(Staging::open(&root.out(), &[]));
        assert!(text.contains("is damaged") && text.contains("delete the folder"), "{text}");
        assert_eq!(fs::read_to_string(root.out().join("x")).unwrap(), "x");
    }
    fs::write(root.out().join(manifest::NAME), "{\"weekmark\": 2}").unwrap();
    assert!(words(Staging::open(&root.out(), &[])).contains("newer weekmark"));
    assert!(root.beside().is_empty());

    let work = root.path().join(".public.weekmark");
    fs::create_dir(&work).unwrap();
    fs::write(work.join("mine"), "mine").unwrap();
    assert!(words(Staging::open(&root.out(), &[])).contains("unfinished work"));
    assert_eq!(names(&work), ["mine"]);
}

#[test]
fn no_sentence_needs_a_programmer() {
    let p = || PathBuf::from("/site/public");
    let system = Refusal::system("written", &p())(io::Error::from_raw_os_error(28));
    assert_eq!(system.to_string(), "“/site/public” could not be written: the disk is full.");
    let unknown = Refusal::system("written", &p())(io::Error::from_raw_os_error(5));
    for refusal in [
        Refusal::Root(p()),
        Refusal::Home(p()),
        Refusal::Source { out: p(), source: p() },
        Refusal::NotAFolder(p()),
        Refusal::BrokenLink(p()),
        Refusal::NotOurs { out: p(), example: "x".into() },
        Refusal::Damaged(p()),
        Refusal::Newer(p()),
        Refusal::Busy(p()),
        Refusal::OtherDisk(p()),
        Refusal::StrangeWork(p()),
        Refusal::Taken { out: p(), path: "x".into() },
        system,
        unknown,
    ] {
        let text = refusal.to_string();
        assert!(text.ends_with('.') && text.contains("public"), "{text}");
        for word in ["manifest ", "os error", "directory", "Err", "PathBuf", "rename", "  "] {
            assert!(!text.contains(word), "{word:?} in: {text}");
        }
    }
}

#[test]
fn two_builds_at_once() {
    let root = in_memory();
    root.build(A);
    let first = Staging::open(&root.out(), &[]).unwrap();
    first.put("index.html", b"first").unwrap();
    assert!(words(Staging::open(&root.out(), &[])).contains("Another weekmark is writing"));
    first.commit().unwrap();
    assert_eq!(root.build(A).updated, ["index.html"]);

    // Many builds that take turns: each is refused or complete, and nothing is left.
    thread::scope(|scope| {
        for site in [A, B, A, B] {
            scope.spawn(|| {
                for _ in 0..40 {
                    if let Err(e) = build(&root.out(), site) {
                        assert!(e.to_string().contains("Another weekmark"), "{e}");
                    }
                }
            });
        }
    });
    assert!([as_tree(A), as_tree(B)].contains(&tree(&root.out())));
    assert!(root.beside().is_empty());
}

#[test]
#[cfg(unix)]
fn what_the_user_keeps_in_public_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let root = scratch();
    let out = root.out();
    let put = |path: &str, text: &str| {
        fs::create_dir_all(out.join(path).parent().unwrap()).unwrap();
        fs::write(out.join(path), text).unwrap();
    };
    put(".gitignore", "*\n!.gitignore\n");
    put(".git/objects/ab/cdef", "object");
    let ignore = number(&out.join(".gitignore"));
    assert_eq!(root.build(A).kept_foreign, [".git/", ".gitignore"]);

    put("CNAME", "example.org");
    put("gone/notes.txt", "notes");
    put("photos/deep/1.jpg", "photo");
    fs::create_dir(out.join("empty")).unwrap();
    fs::set_permissions(out.join("photos"), PermissionsExt::from_mode(0o500)).unwrap();
    symlink("nowhere/at/all", out.join("link")).unwrap();
    // `gone` is a folder of ours only while the last site has a page in it.
    for (site, notes) in [(B, "gone/notes.txt"), (A, "gone/"), (B, "gone/notes.txt")] {
        let kept = [".git/", ".gitignore", "CNAME", "empty/", notes, "link", "photos/"];
        assert_eq!(root.build(site).kept_foreign, kept);
        assert_eq!(fs::read_to_string(out.join(".gitignore")).unwrap(), "*\n!.gitignore\n");
        assert_eq!(number(&out.join(".gitignore")), ignore);
        assert_eq!(fs::read_link(out.join("link")).unwrap(), Path::new("nowhere/at/all"));
        assert_eq!(fs::metadata(out.join("photos")).unwrap().permissions().mode() & 0o777, 0o500);
        assert!(out.join("empty").is_dir());
        for (path, text) in
            [("gone/notes.txt", "notes"), ("photos/deep/1.jpg", "photo"), ("CNAME", "example.org")]
        {
            assert_eq!(fs::read_to_string(out.join(path)).unwrap(), text);
        }
        assert!(root.beside().is_empty());
    }
    fs::set_permissions(out.join("photos"), PermissionsExt::from_mode(0o700)).unwrap();
}

#[test]
#[cfg(unix)]
fn what_the_user_keeps_is_never_overwritten() {
    type Make = fn(&Path);
    let cases: [(&str, &str, Make); 6] = [
        ("CNAME", "CNAME", |out| fs::write(out.join("CNAME"), "mine").unwrap()),
        ("x/y/index.html", "x", |out| fs::write(out.join("x"), "mine").unwrap()),
        ("x", "x", |out| fs::create_dir(out.join("x")).unwrap()),
        ("x", "x", |out| std::os::unix::fs::symlink("index.html", out.join("x")).unwrap()),
        ("a/index.html", "a", |out| {
            fs::remove_dir_all(out.join("a")).unwrap();
            fs::write(out.join("a"), "mine").unwrap();
        }),
        ("index.html", "index.html", |out| {
            fs::remove_file(out.join("index.html")).unwrap();
            std::os::unix::fs::symlink("a/index.html", out.join("index.html")).unwrap();
        }),
    ];
    for (put, taken, make) in cases {
        let root = scratch();
        root.build(&A[..3]);
        make(&root.out());
        let before = tree_of_numbers(&root.out());
        let error = build(&root.out(), &[("new", "new"), (put, "ours")]).unwrap_err();
        assert!(error.to_string().contains(&format!("“{taken}”")), "{put}: {error}");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(tree_of_numbers(&root.out()), before);
        assert!(root.beside().is_empty());
    }
}

#[cfg(unix)]
fn tree_of_numbers(dir: &Path) -> BTreeSet<(PathBuf, u64)> {
    let mut found = BTreeSet::from([(dir.to_path_buf(), number(dir))]);
    for name in names(dir) {
        let path = dir.join(name);
        found.insert((path.clone(), number(&path)));
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            found.extend(tree_of_numbers(&path));
        }
    }
    found
}

#[test]
fn an_equal_file_of_the_user_becomes_ours() {
    let root = scratch();
    root.build(A);
    fs::write(root.out().join("CNAME"), "example.org").unwrap();
    let mut site = A.to_vec();
    site.push(("CNAME", "example.org"));
    let written = root.build(&site);
    assert_eq!((written.unchanged, written.kept_foreign.len()), (5, 0));
    assert_eq!(root.build(&site).unchanged, 5);
    assert_eq!(root.build(A).deleted, ["CNAME"]);
}

#[test]
fn files_edited_in_public_are_kept_beside_it() {
    let root = scratch();
    root.build(A);
    let kept = root.path().join("public-edited-by-hand");
    let edit = |path: &str, text: &str| fs::write(root.out().join(path), text).unwrap();
    edit("index.html", "my home");
    edit("gone/index.html", "still needed");
    edit("a/index.html", "a, better");
    edit("a/b/index.html", "\0\0\0");
    let aside = |path: &str, copy: &str| Aside { path: path.into(), kept: kept.join(copy) };
    let written = root.build(B);
    let expected = [aside("gone/index.html", "gone/index.html"), aside("index.html", "index.html")];
    assert_eq!(
        written.edited_by_hand, expected,
        "and not the file that B has, nor the damaged one"
    );
    assert_eq!(tree(&root.out()), as_tree(B));
    assert_eq!(
        tree(&kept),
        as_tree(&[("index.html", "my home"), ("gone/index.html", "still needed")])
    );

    edit("index.html", "my other home");
    assert_eq!(root.build(B).edited_by_hand, [aside("index.html", "index-2.html")]);
    edit("index.html", "my home");
    assert_eq!(
        root.build(B).edited_by_hand,
        [aside("index.html", "index.html")],
        "the same text is kept once"
    );
    assert_eq!(fs::read_to_string(kept.join("index.html")).unwrap(), "my home");
    assert_eq!(fs::read_to_string(kept.join("index-2.html")).unwrap(), "my other home");

    edit("index.html", "never built");
    let staging = Staging::open(&root.out(), &[]).unwrap();
    staging.put("index.html", b"x").unwrap();
    drop(staging);
    assert_eq!(fs::read_to_string(root.out().join("index.html")).unwrap(), "never built");
    assert_eq!(root.beside(), ["public-edited-by-hand"]);
    assert_eq!(tree(&kept).len(), 3);
}

#[test]
fn deleted_files_come_back() {
    let root = scratch();
    root.build(A);
    fs::remove_dir_all(root.out().join("a")).unwrap();
    let written = root.build(A);
    assert_eq!(written.created, ["a/b/index.html", "a/index.html"]);
    assert_eq!(tree(&root.out()), as_tree(A));
    fs::remove_dir_all(root.out()).unwrap();
    assert_eq!(root.build(A).created.len(), 4);
}

#[test]
#[cfg(unix)]
fn public_may_be_a_link() {
    use std::os::unix::fs::symlink;
    let root = scratch();
    let real = root.path().join("srv/site");
    fs::create_dir_all(&real).unwrap();
    symlink("srv/site", root.out()).unwrap();
    root.build(A);
    root.build(B);
    assert_eq!(tree(&real), as_tree(B));
    assert!(fs::symlink_metadata(root.out()).unwrap().is_symlink());
    assert_eq!(names(&root.path().join("srv")), ["site"]);

    // Killed between the two steps of a swap on a disk that cannot exchange.
    let work = root.path().join("srv/.site.weekmark");
    fs::create_dir(&work).unwrap();
    fs::write(work.join("weekmark.lock"), "").unwrap();
    fs::rename(&real, work.join("previous")).unwrap();
    assert_eq!(root.build(B).unchanged, 4);

    fs::remove_dir_all(&real).unwrap();
    assert!(words(Staging::open(&root.out(), &[])).contains("link to a folder that is not there"));
}

/// A work folder as a killed build leaves it.
fn killed(root: &Scratch) -> PathBuf {
    let work = root.path().join(".public.weekmark");
    fs::create_dir(&work).unwrap();
    fs::write(work.join("weekmark.lock"), "").unwrap();
    work
}

#[test]
fn recovery_of_unfinished_sites() {
    for name in ["next", "exchange-N", "empty", "copy"] {
        let root = scratch();
        root.build(A);
        let work = root.path().join(".public.weekmark");
        match name {
            "empty" => fs::create_dir(&work).unwrap(),
            "copy" => fs::write(killed(&root).join("copy"), "half").unwrap(),
            _ => {
                let next = killed(&root).join("next");
                fs::create_dir_all(next.join("half")).unwrap();
                fs::write(next.join("half/page"), "ha").unwrap();
                #[cfg(unix)]
                if name == "exchange-N" {
                    fs::rename(&next, work.join(format!("exchange-{}", number(&next)))).unwrap();
                }
            }
        }
        assert_eq!(root.build(A).unchanged, 4, "{name}");
        assert!(root.beside().is_empty(), "{name}: {:?}", root.beside());
        assert_eq!(tree(&root.out()), as_tree(A));
    }
}

#[test]
fn recovery_of_old_sites() {
    for name in ["previous", "exchange-1"] {
        let root = scratch();
        root.build(A);
        let work = killed(&root);
        let old = work.join(name);
        // Site A went out; B came in. Since then nobody cleared up, and somebody wrote into the old folder.
        thread::sleep(Duration::from_millis(20));
        File::options()
            .write(true)
            .open(work.join("weekmark.lock"))
            .unwrap()
            .set_modified(SystemTime::now())
            .unwrap();
        thread::sleep(Duration::from_millis(20));
        let early = SystemTime::now() - Duration::from_secs(60);
        File::options()
            .write(true)
            .open(root.out().join("index.html"))
            .unwrap()
            .set_modified(early)
            .unwrap();
        fs::rename(root.out(), &old).unwrap();
        root_build_without_recovery(&root);
        fs::write(old.join("a/index.html"), "saved at the wrong moment").unwrap();
        fs::write(old.join("a/note.txt"), "a note").unwrap();
        fs::write(old.join("index.txt"), "another note").unwrap();
        fs::create_dir(root.out().join("index.txt")).unwrap();

        let written = root.build(B);
        let kept = root.path().join("public-edited-by-hand");
        let aside = |path: &str| Aside { path: path.into(), kept: kept.join(path) };
        assert_eq!(written.edited_by_hand, [aside("a/index.html"), aside("index.txt")], "{name}");
        assert_eq!(
            fs::read_to_string(kept.join("a/index.html")).unwrap(),
            "saved at the wrong moment"
        );
        assert_eq!(fs::read_to_string(root.out().join("a/note.txt")).unwrap(), "a note");
        assert_eq!(root.beside(), ["public-edited-by-hand"]);
    }
}

/// What stands at the path of a file of ours in an old folder but is not that file outlives it, however old it is.
#[test]
#[cfg(unix)]
fn an_old_site_goes_without_what_took_its_place() {
    use std::os::unix::fs::symlink;
    let root = scratch();
    root.build(A);
    let work = killed(&root);
    let old = work.join("exchange-1");
    fs::rename(root.out(), &old).unwrap();
    root_build_without_recovery(&root);
    for path in ["a/index.html", "gone/index.html"] {
        fs::remove_file(old.join(path)).unwrap();
    }
    symlink("b/index.html", old.join("a/index.html")).unwrap();
    fs::create_dir(old.join("gone/index.html")).unwrap();
    fs::write(old.join("gone/index.html/note.txt"), "a note").unwrap();
    fs::create_dir(old.join("empty")).unwrap();
    thread::sleep(Duration::from_millis(20));
    let lock = File::options().write(true).open(work.join("weekmark.lock")).unwrap();
    lock.set_modified(SystemTime::now()).unwrap();
    drop(lock);

    let written = root.build(B);
    let kept = root.path().join("public-edited-by-hand/a/index.html");
    let aside = Aside { path: "a/index.html".into(), kept: kept.clone() };
    assert_eq!(written.edited_by_hand, [aside]);
    assert_eq!(fs::read_link(kept).unwrap(), Path::new("b/index.html"));
    let note = root.out().join("gone/index.html/note.txt");
    assert_eq!(fs::read_to_string(note).unwrap(), "a note");
    assert_eq!(root.beside(), ["public-edited-by-hand"]);
}

/// Folders are made when a file needs them, by whichever thread comes first, and whatever the files are called.
#[test]
fn folders_are_made_for_every_kind_of_file() {
    let mut names = vec!["index.html".to_string(), "css/site.css".into(), "a/b/c/d/x.svg".into()];
    for n in 0..40 {
        names.push(format!("deep/{}/er/{n}/index.html", n % 2));
        names.push(format!("deep/{}/flat-{n}.html", n % 3));
    }
    let site: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "text")).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
    for _ in 0..10 {
        let root = in_memory();
        pool.install(|| root.build(&site));
        assert_eq!(tree(&root.out()), as_tree(&site));
        // All but one have their second names made, and their folders.
        let mut other = site.clone();
        other[0].1 = "other";
        let written = pool.install(|| root.build(&other));
        assert_eq!((written.updated.len(), written.unchanged), (1, site.len() - 1));
        assert_eq!(tree(&root.out()), as_tree(&other));
        assert!(root.beside().is_empty());
    }
}

/// Builds B elsewhere and moves it in, because a build in place would begin with the recovery.
fn root_build_without_recovery(root: &Scratch) {
    let other = scratch();
    other.build(B);
    fs::rename(other.out(), root.out()).unwrap();
}

#[test]
fn recovery_puts_the_last_site_back() {
    let root = scratch();
    root.build(A);
    let work = killed(&root);
    fs::rename(root.out(), work.join("previous")).unwrap();
    fs::create_dir(work.join("next")).unwrap();
    drop(Staging::open(&root.out(), &[]).unwrap());
    assert_eq!(tree(&root.out()), as_tree(A));
    assert!(root.beside().is_empty());
}

/// Sites of random files one after the other, with a user's files among them: always exactly the last site.
#[test]
fn any_site_after_any_site() {
    let mut seed = 1_u64;
    let mut random = move |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let root = in_memory();
    let mut users = BTreeMap::new();
    for round in 0..200 {
        let mut site = BTreeMap::new();
        for _ in 0..random(20) {
            let depth = 1 + random(4);
            let path = (0..depth).map(|_| random(3).to_string()).collect::<Vec<_>>().join("/");
            let is_above = |a: &str, b: &str| b.starts_with(&format!("{a}/"));
            if !site.keys().any(|other: &String| is_above(other, &path) || is_above(&path, other)) {
                site.insert(path, format!("text {}", random(3)));
            }
        }
        let staging = Staging::open(&root.out(), &[]).unwrap();
        for (path, text) in &site {
            staging.put(path, text.as_bytes()).unwrap();
        }
        staging.commit().unwrap();
        let mut expected = users.clone();
        expected.extend(site);
        assert_eq!(tree(&root.out()), expected, "round {round}");
        assert!(root.beside().is_empty(), "round {round}: {:?}", root.beside());
        if round % 7 == 0 {
            let path = format!("users/{}/{}", random(4), random(4));
            fs::create_dir_all(root.out().join(&path).parent().unwrap()).unwrap();
            fs::write(root.out().join(&path), "user").unwrap();
            users.insert(path, "user".to_string());
        }
    }
}

/// Sites for the kill tests: half of the pages differ, and each has pages that the other has not.
fn large(name: &str) -> BTreeMap<String, String> {
    let mut site = BTreeMap::new();
    for i in 0..30 {
        let text = if i % 2 == 0 { "both" } else { name };
        site.insert(format!("s{}/page-{i}/index.html", i % 5), format!("{text} {i} ").repeat(50));
    }
    for i in 0..6 {
        site.insert(format!("only-{name}/{i}/index.html"), format!("{name} {i}"));
    }
    site
}

fn build_large(out: &Path, site: &BTreeMap<String, String>) -> io::Result<Written> {
    let staging = Staging::open(out, &[])?;
    site.par_iter().try_for_each(|(path, text)| staging.put(path, text.as_bytes()))?;
    staging.commit()
}

const CHILD: &str = "WEEKMARK_TEST_BUILD_FOREVER";

/// Not a test: what [`killed_at_any_moment`] starts, so that there is a process to kill.
#[test]
#[ignore = "runs until it is killed"]
fn build_forever() {
    let Some(out) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    if std::env::var_os("WEEKMARK_TEST_TWO_STEPS").is_some() {
        swap::TWO_STEPS.store(true, Ordering::Relaxed);
    }
    let sites = [large("A"), large("B")];
    for site in sites.iter().cycle() {
        build_large(&out, site).unwrap();
    }
}

#[cfg(unix)]
fn start_child(out: &Path, two_steps: bool) -> Child {
    let path = module_path!().split_once("::").unwrap().1;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &format!("{path}::build_forever"), "--ignored"]).env(CHILD, out);
    if two_steps {
        child.env("WEEKMARK_TEST_TWO_STEPS", "1");
    }
    child.stdout(Stdio::null()).spawn().unwrap()
}

/// Waits until the work folder has an entry whose name begins so.
#[cfg(unix)]
fn wait_for(work: &Path, prefix: &str) {
    let start = Instant::now();
    let has = |e: io::Result<fs::DirEntry>| {
        e.is_ok_and(|e| e.file_name().to_string_lossy().starts_with(prefix))
    };
    while !fs::read_dir(work).is_ok_and(|mut entries| entries.any(has)) {
        assert!(start.elapsed().as_secs() < 20, "no build came to {prefix:?}");
        thread::yield_now();
    }
}

/// The folder is wholly the one or wholly the other, by manifest and by content, and the user's file is there.
fn assert_whole(out: &Path, sites: &[BTreeMap<String, String>; 2]) {
    let text = fs::read(out.join(manifest::NAME)).unwrap();
    let listed = manifest::parse(&text).unwrap();
    let mut found = tree(out);
    assert_eq!(found.remove(".gitignore").as_deref(), Some("*\n"));
    assert!(sites.contains(&found), "a mix of sites");
    let sums: Vec<(String, Sum)> =
        found.iter().map(|(path, text)| (path.clone(), Sum::of(text.as_bytes()))).collect();
    assert_eq!(listed.all(), sums);
}

#[test]
#[cfg(unix)]
fn killed_at_any_moment() {
    for (two_steps, rounds) in [(false, 200), (true, 60)] {
        let root = in_memory();
        let work = root.path().join(".public.weekmark");
        let retired = if two_steps { "previous" } else { "exchange" };
        let sites = [large("A"), large("B")];
        fs::create_dir(root.out()).unwrap();
        fs::write(root.out().join(".gitignore"), "*\n").unwrap();
        build_large(&root.out(), &sites[0]).unwrap();
        let mut seen = BTreeSet::new();
        for round in 0..rounds {
            let mut child = start_child(&root.out(), two_steps);
            // Some time after the build has come to one of its phases; the last has the swap just before it.
            wait_for(&work, ["", "next", retired, retired][round as usize % 4]);
            thread::sleep(Duration::from_micros(u64::from(round * 7919 % 400_u32) * 10));
            child.kill().unwrap();
            child.wait().unwrap();
            if let Ok(left) = fs::read_dir(&work) {
                let name =
                    |e: io::Result<fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
                seen.extend(left.map(name).map(|name| name.split('-').next().unwrap().to_string()));
            }
            if !two_steps {
                assert_whole(&root.out(), &sites);
            }
            drop(Staging::open(&root.out(), &[]).unwrap());
            assert_whole(&root.out(), &sites);
            assert!(root.beside().is_empty(), "{:?}", root.beside());
        }
        // Otherwise the kills came at the wrong moments, and the test has shown nothing.
        for state in ["next", retired] {
            assert!(seen.contains(state), "{state} is not among {seen:?}");
        }
        build_large(&root.out(), &sites[1]).unwrap();
        assert_whole(&root.out(), &sites);
    }
}

/// Somebody who has opened the folder sees one site through it, though it may be a site that is going away.
#[test]
#[cfg(target_os = "linux")]
fn readers_never_see_a_mix() {
    use std::os::fd::AsRawFd;
    let root = in_memory();
    let sites = [large("A"), large("B")];
    build_large(&root.out(), &sites[0]).unwrap();
    let done = AtomicBool::new(false);
    let mixed = |reads: &AtomicUsize| {
        let folder = File::open(root.out()).expect("public is always there");
        let at = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
        let read = |path: &String| fs::read_to_string(at.join(path)).ok();
        let mut whose = [true; 2];
        for path in sites.iter().flat_map(BTreeMap::keys) {
            let Some(text) = read(path) else { continue };
            reads.fetch_add(1, Ordering::Relaxed);
            for (of, site) in whose.iter_mut().zip(&sites) {
                *of &= site.get(path) == Some(&text);
            }
        }
        whose == [false; 2]
    };
    let (reads, found) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                // By its path, a page that both sites have is there at every instant.
                assert!(
                    fs::read_to_string(root.out().join("s0/page-0/index.html"))
                        .unwrap()
                        .starts_with("both")
                );
                assert!(root.out().join(manifest::NAME).exists());
                found.fetch_add(usize::from(mixed(&reads)), Ordering::Relaxed);
            }
        });
        let mut turns = sites.iter().cycle().skip(1).take(150);
        let built = turns.try_for_each(|site| build_large(&root.out(), site).map(|_| ()));
        // Before anything may panic: the reader would go on for ever.
        done.store(true, Ordering::Relaxed);
        built.unwrap();
    });
    assert!(reads.load(Ordering::Relaxed) > 1000, "the reader came too late");
    assert_eq!(found.load(Ordering::Relaxed), 0, "a reader saw two sites in one folder");
}
