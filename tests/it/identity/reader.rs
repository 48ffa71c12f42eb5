//! From version N−1 to N: what a better reader or a mended selector finds on a known page alerts nobody;
//! what was published since the last good reading does.

use sqlx::Connection as _;

use crate::support::databases::Fresh;
use crate::support::{databases, lab, older};

use super::*;

/// The rows of an older reader: it cut the texts, took the first words of the text for the author,
/// made its keys by other rules and left no trace of its version.
const OLDER: [&str; 4] = [
    "UPDATE sources SET reader = NULL, body_hash = NULL, address = NULL, n_shown = NULL",
    "UPDATE posts SET text = substr(text, 1, 60), author = substr(text, 1, 7)",
    "DELETE FROM seen_keys WHERE kind <> 'text'",
    "UPDATE seen_keys SET hash = 'older' || hash",
];

#[tokio::test]
async fn a_better_reader_on_known_pages_alerts_nobody() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let start = lab.now;
        show(&mut lab, "foro", &items(start, 0..40)).await;
        lab.mails.clear();
        let n_cases = fresh.store.cases(999).await.unwrap().len();
        older::execute(&fresh.url, &OLDER.map(str::to_owned)).await;
        // The better reader also sees ten posts of last month that the older one overlooked.
        show(&mut lab, "foro", &items(start, 0..50)).await;
        let said: Vec<&String> = lab.mails.iter().map(|mail| &mail.subject).collect();
        assert!(said.is_empty(), "{}: {said:?}", fresh.engine);
        let cases = fresh.store.cases(999).await.unwrap();
        assert_eq!(
            cases.len(),
            n_cases + 10,
            "{}: no case is doubled",
            fresh.engine
        );
        // What is published from now on is news again, and so is what came since the last reading.
        let mut later = items(start, 0..50);
        // The forty of this morning were many of one topic; a day later that is over.
        lab.pass_hours(24);
        let mut new = items(lab.now, [0]);
        new[0].text = complaint(77);
        new[0].author = Some("Recién llegada".into());
        (new[0].guid, new[0].link) = (None, None);
        later.insert(0, new.remove(0));
        show(&mut lab, "foro", &later).await;
        assert_eq!(lab.take("complaint").len(), 1, "{}", fresh.engine);
    }
}

#[tokio::test]
async fn what_came_between_the_last_reading_and_the_upgrade_is_told() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let start = lab.now;
        show(&mut lab, "foro", &items(start, 1..20)).await;
        lab.mails.clear();
        older::execute(&fresh.url, &OLDER.map(str::to_owned)).await;
        // The service stood still for five days; this came three days ago.
        lab.now = lab.now.plus_days(5);
        let mut shown = items(start, 1..20);
        let mut new = items(lab.now.plus_days(-3), [0]);
        new[0].guid = Some("durante".into());
        new[0].link = Some("https://foro.test/durante".into());
        new[0].author = Some("Durante".into());
        shown.insert(0, new.remove(0));
        show(&mut lab, "foro", &shown).await;
        assert_eq!(lab.take("complaint").len(), 1, "{}", fresh.engine);
        assert_eq!(lab.take("backlog"), Vec::<String>::new());
    }
}

/// One statement with its values, on a connection of either kind.
macro_rules! insert {
    ($db:expr, $sql:expr, $($value:expr),*) => {
        sqlx::query($sql)$(.bind($value))*.execute($db).await.unwrap()
    };
}

/// What the program of the migration before this one left: its tables, its rows, its keys.
macro_rules! older_rows {
    ($db:expr, $at:expr, $items:expr) => {{
        use escucha::model::{SourceId, digest_hex};
        let source = SourceId::of_name("foro").0;
        let mapping = digest_hex(&["https://foro.test/rss", "feed", ""]);
        insert!(
            $db,
            "INSERT INTO hosts (host, next_at) VALUES ($1, 0)",
            "foro.test"
        );
        insert!(
            $db,
            "INSERT INTO sources (id, name, host, mapping, active, body_hash, baseline_at, \
             next_at, last_ok_at, n_posts) VALUES ($1, 'foro', 'foro.test', $2, 1, 'older', $3, \
             $3, $3, 30)",
            source.clone(),
            mapping,
            $at
        );
        for item in $items {
            let (link, guid) = (item.link.clone().unwrap(), item.guid.clone().unwrap());
            let id = format!("p-{}", &digest_hex(&["older", &guid])[..24]);
            insert!(
                $db,
                "INSERT INTO posts (id, source_id, text, url, published_at, how, seen_at, \
                 backlog, level, risk) VALUES ($1, $2, $3, $4, $5, 'feed', $6, 0, 'none', 0)",
                id.clone(),
                source.clone(),
                item.text
                    .split_inclusive('.')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                link.clone(),
                item.published.map(|at| at.0),
                $at
            );
            let known = digest_hex(&[link.trim_start_matches("https://")]);
            insert!(
                $db,
                "INSERT INTO seen_keys (source_id, kind, hash, post_id, seen_at) \
                 VALUES ($1, 'link', $2, $3, $4)",
                source.clone(),
                known,
                id,
                $at
            );
        }
    }};
}

/// A database that the version before left, brought up to date by opening it.
async fn upgraded(fresh: &Fresh, at: Timestamp, items: &[Item]) -> escucha::store::Store {
    use escucha::store::{Role, Store};
    if fresh.engine == "sqlite" {
        let path = std::path::PathBuf::from(fresh.url.trim_start_matches("sqlite://"));
        let path = path.with_file_name("older.db");
        let url = format!("sqlite://{}", path.display());
        older::make(&url).await;
        let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
        older_rows!(&mut db, at.0, items);
        db.close().await.unwrap();
        Store::open_sqlite(&path, Role::Service).await.unwrap()
    } else {
        older::make(&fresh.url).await;
        let mut db = sqlx::PgConnection::connect(&fresh.url).await.unwrap();
        older_rows!(&mut db, at.0, items);
        Store::open_postgres(&fresh.url).await.unwrap()
    }
}

#[tokio::test]
async fn a_database_of_the_version_before_is_read_on_without_an_alert() {
    for fresh in databases::both().await {
        let start = lab::START;
        // Links that the old rules took for others than the new ones do.
        let mut all = items(start, 1..31);
        for (n, item) in all.iter_mut().enumerate() {
            item.link = Some(format!("https://foro.test/hilo?b={n}&a=1&gbraid=x{n}"));
        }
        let store = upgraded(&fresh, start, &all).await;
        let mut lab = Lab::new(&store, FORO).await;
        let mut new = items(start.plus_hours(1), [0]);
        new[0].author = Some("Nueva".into());
        new.extend(all);
        show(&mut lab, "foro", &new).await;
        assert_eq!(
            lab.take("complaint").len(),
            1,
            "{}: the new one",
            fresh.engine
        );
        assert!(lab.mails.is_empty(), "{}: {:?}", fresh.engine, lab.mails);
        let n_posts = store.counts().await.unwrap().posts;
        assert_eq!(n_posts, 31, "{}: none is doubled", fresh.engine);
    }
}

const REVIEWS: &str = "[[source]]\nname = \"opiniones\"\nkind = \"reviews\"\nevery = \"1h\"\n\
                       url = \"https://opiniones.test/ejemplo\"\n\
                       select = { item = \"div.review\", text = \"p\" }\n";

/// A page without dates, guids and links; beside the reviews that the first selector sees stand others.
fn page(numbers: &[usize]) -> String {
    let items: Vec<String> = numbers
        .iter()
        .map(|n| {
            let class = if n % 3 == 0 { "opinion" } else { "review" };
            format!(
                "<div class=\"{class}\"><b>Vecino {n}</b><p>{}</p><i>Tienda {n}</i></div>",
                complaint(*n)
            )
        })
        .collect();
    let items = items.concat();
    format!("<!doctype html><html><body><h1>Opiniones</h1>{items}</body></html>")
}

#[tokio::test]
async fn a_mended_selector_on_a_known_page_alerts_nobody_but_the_newcomer() {
    for fresh in databases::both().await {
        let mut lab = lab::Lab::new(&fresh.store, REVIEWS).await;
        let old = page(&[5, 4, 3, 2, 1, 0]);
        lab.read(&BTreeMap::from([("opiniones", old.clone())]))
            .await;
        lab.mails.clear();
        let n_cases = fresh.store.cases(99).await.unwrap().len();
        // All reviews, with their authors, and the whole of each instead of a paragraph.
        let mended = REVIEWS.replace(
            "item = \"div.review\", text = \"p\"",
            "item = \"div.review, div.opinion\", author = \"b\"",
        );
        lab.configure(&mended).await;
        lab.pass_hours(1);
        lab.read(&BTreeMap::from([("opiniones", old)])).await;
        let said: Vec<&String> = lab.mails.iter().map(|mail| &mail.subject).collect();
        assert!(said.is_empty(), "{}: {said:?}", fresh.engine);
        let cases = fresh.store.cases(99).await.unwrap().len();
        assert_eq!(
            cases,
            n_cases + 2,
            "{}: numbers 3 and 0, once each",
            fresh.engine
        );
        lab.configure(REVIEWS).await;
        lab.pass_hours(1);
        // A new review on top, read for the first time by yet another selector.
        lab.read(&BTreeMap::from([(
            "opiniones",
            page(&[7, 5, 4, 3, 2, 1, 0]),
        )]))
        .await;
        assert_eq!(lab.take("complaint").len(), 1, "{}", fresh.engine);
        assert_eq!(lab.take("backlog"), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_source_that_moved_is_read_as_if_new_but_loses_nothing() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::new(&fresh.store, FORO).await;
    let start = lab.now;
    show(&mut lab, "foro", &items(start, 1..9)).await;
    lab.mails.clear();
    lab.now = lab.now.plus_days(4);
    lab.configure(&FORO.replace("foro.test", "nuevo.test"))
        .await;
    let mut shown = items(start, 1..9);
    // Published after the last reading, more than two days ago; and one of long before.
    shown.insert(0, items(start.plus_days(1), [0]).remove(0));
    shown[0].author = Some("Nueva".into());
    shown.push(items(start, [400]).remove(0));
    show(&mut lab, "foro", &shown).await;
    assert_eq!(lab.take("complaint").len(), 1);
    assert_eq!(lab.take("backlog").len(), 1);
}
