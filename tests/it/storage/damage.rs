//! R26: what is damaged or lost is found and refused, and never begun anew.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use escucha::store::{Role, Store};

use super::{Left, refusal};
use crate::support::{figure, say};

const PAGE: u64 = 4_096;

/// Turns all bits of these bytes.
fn flip(path: &Path, at: u64, length: usize) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, at).unwrap();
    for byte in &mut bytes {
        *byte = !*byte;
    }
    file.write_all_at(&bytes, at).unwrap();
}

fn contents(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r26_every_page_that_is_spoilt_is_found_before_the_service_begins() {
    let sound = Left::at_rest(60).await;
    assert_eq!(
        sound.copy().refusal().await,
        None,
        "untouched, it is accepted"
    );
    let n_pages = fs::metadata(sound.path()).unwrap().len() / PAGE;
    assert!(n_pages > 40, "{n_pages} pages are too few to say anything");
    for page in 0..n_pages {
        let spoilt = sound.copy();
        // The beginning of a page says what it is and where its cells are; of page 1 that comes after
        // the header of the file.
        let at = if page == 0 { 100 } else { page * PAGE };
        flip(&spoilt.path(), at, 12);
        let before = contents(&spoilt.path());
        let found = spoilt.refusal().await;
        assert_eq!(found, Some("corrupt"), "page {} of {n_pages}", page + 1);
        assert!(before == contents(&spoilt.path()), "it was left as it was");
    }
    figure("R26", "pages spoilt, each of them found", n_pages);
}

/// What is spoilt, what is found, and how it is done.
type Spoil<'a> = (&'a str, Option<&'a str>, &'a dyn Fn(&Path));

#[tokio::test(flavor = "multi_thread")]
async fn r26_a_spoilt_header_a_cut_file_and_another_file_are_refused_and_left_alone() {
    let sound = Left::at_rest(60).await;
    let length = fs::metadata(sound.path()).unwrap().len();
    let spoil: [Spoil<'_>; 5] = [
        ("its first bytes", Some("not_sqlite"), &|path| {
            flip(path, 0, 16);
        }),
        ("its page size", None, &|path| flip(path, 16, 2)),
        ("half of it", Some("corrupt"), &|path| {
            cut(path, length / PAGE / 2 * PAGE);
        }),
        ("its last page", Some("corrupt"), &|path| {
            cut(path, length - PAGE);
        }),
        ("all but a page", None, &|path| cut(path, PAGE)),
    ];
    for (what, expected, spoil) in spoil {
        let spoilt = sound.copy();
        spoil(&spoilt.path());
        let before = contents(&spoilt.path());
        let found = spoilt.refusal().await;
        assert!(found.is_some(), "{what}");
        if expected.is_some() {
            assert_eq!(found, expected, "{what}");
        }
        assert!(
            before == contents(&spoilt.path()),
            "{what}: it was left as it was"
        );
    }
}

fn cut(path: &Path, length: u64) {
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(length)
        .unwrap();
}

/// SQLite reads such a log up to the bad frame and finds nothing wrong: the mark beside it does.
#[tokio::test(flavor = "multi_thread")]
async fn r26_commits_that_are_lost_from_the_log_are_missed() {
    let left = Left::with_posts(60).await;
    assert_eq!(
        left.copy().refusal().await,
        None,
        "untouched, it is accepted"
    );
    let length = fs::metadata(left.beside("-wal")).unwrap().len();
    // A frame is a header of 24 bytes and a page; the log begins with 32 bytes.
    let n_frames = (length - 32) / (PAGE + 24);
    let mut n_found = 0;
    for frame in (0..n_frames).step_by(7).chain([n_frames - 1]) {
        let spoilt = left.copy();
        flip(
            &spoilt.beside("-wal"),
            32 + frame * (PAGE + 24) + 24 + 100,
            8,
        );
        let found = spoilt.refusal().await;
        assert!(found.is_some(), "frame {frame} of {n_frames}");
        n_found += 1;
    }
    say(&format!(
        "frames of the log spoilt: {n_found} of {n_frames}, found: {n_found}"
    ));
    for ending in ["-wal"] {
        let lost = left.copy();
        fs::remove_file(lost.beside(ending)).unwrap();
        assert!(lost.refusal().await.is_some(), "without its {ending}");
    }
}

/// The same damage without the mark: nobody would know.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_commit_is_seen_by_the_mark_alone() {
    let rested = Left::at_rest(5).await;
    let store = Store::open_sqlite(&rested.path(), Role::Service)
        .await
        .unwrap();
    store.raise_mark().await.unwrap();
    let left = rested.copy();
    store.close().await;
    fs::remove_file(left.beside("-wal")).unwrap();
    assert_eq!(left.refusal().await, Some("rewound"));
    fs::remove_file(left.beside(".mark")).unwrap();
    assert_eq!(left.refusal().await, None, "this is what the mark is for");
}

#[tokio::test(flavor = "multi_thread")]
async fn r26_where_a_service_has_worked_nothing_is_begun_anew() {
    let left = Left::at_rest(3).await;
    let gone = left.copy();
    fs::remove_file(gone.path()).unwrap();
    for role in [Role::Service, Role::Visitor] {
        assert_eq!(refusal(&gone.path(), role).await, Some("vanished"));
        assert!(!gone.path().exists(), "no new file was made");
    }
    let empty = left.copy();
    cut(&empty.path(), 0);
    assert_eq!(empty.refusal().await, Some("vanished"));
    assert_eq!(fs::metadata(empty.path()).unwrap().len(), 0);
    // Another database of ours in its place.
    let other = Left::at_rest(2).await;
    fs::copy(other.path(), left.path()).unwrap();
    fs::copy(gone.beside(".mark"), left.beside(".mark")).unwrap();
    let store = Store::open_sqlite(&other.path(), Role::Service)
        .await
        .unwrap();
    store.close().await;
    fs::remove_file(left.beside(".mark")).unwrap();
    assert_eq!(
        left.refusal().await,
        None,
        "deleted on purpose, it may begin"
    );
}

/// A killed service leaves its log; its shared memory may be gone.
#[tokio::test(flavor = "multi_thread")]
async fn r25_a_log_without_its_shared_memory_is_read() {
    let left = Left::with_posts(20).await;
    assert!(!left.beside("-shm").exists());
    let store = Store::open_sqlite(&left.path(), Role::Service)
        .await
        .unwrap();
    assert_eq!(store.counts().await.unwrap().posts, 20);
    store.close().await;
}
