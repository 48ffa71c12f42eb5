//! R27: how long a claim, a poll, a check and the nightly round take in a database of years.
//!
//! `ESCUCHA_POSTS` sets how many posts (20,000; the long form 1,000,000).

use std::time::Duration;

use escucha::flow::retention;
use escucha::settings::Retention;
use escucha::store::{Role, Store};
use sqlx::{Connection as _, SqliteConnection};

use crate::store::{NOW, later, post, posts, source, success};
use crate::support::{dice, say, tally};

const POSTS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
     INSERT INTO posts (id, source_id, title, text, author, url, how, seen_at, backlog, level, risk, \
     verdict, published_at) SELECT 'p-' || hex(randomblob(16)), 's-old', 'Tema ' || i, \
     replace(hex(zeroblob(150)), '00', 'palabra '), 'Autora ' || (i % 5000), 'https://foro.test/' || i, \
     'feed', $2 - i * 63072, 0, 'none', 0, NULL, $2 - i * 63072 FROM n";
const KEYS: &str = "INSERT INTO seen_keys (source_id, kind, hash, post_id, seen_at) \
     SELECT source_id, 'text', hex(randomblob(32)), id, seen_at FROM posts";
const SENT: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1 / 20) \
     INSERT INTO outbox (id, alert_id, recipient, message_id, state, phase, next_at, created_at, sent_at) \
     SELECT 'd-' || i, 'a-1', 'r' || i, '<' || i || '@x>', 'sent', 'none', $2 - i, $2 - i, $2 - i FROM n";

#[expect(clippy::disallowed_methods, reason = "this measures")]
fn clock() -> std::time::Instant {
    std::time::Instant::now()
}

async fn fill(url: &str, n: i64) {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    for sql in [
        "INSERT INTO sources (id, name, host, mapping, active, next_at) \
         VALUES ('s-old', 'viejo', 'viejo.test', 'm', 0, 0)",
        "INSERT INTO alerts (id, kind, created_at, subject, text, html) \
         VALUES ('a-1', 'complaint', 0, 's', '', 'h')",
    ] {
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    for sql in [POSTS, SENT] {
        let filled = sqlx::query(sql).bind(n).bind(NOW.0);
        filled.execute(&mut connection).await.unwrap();
    }
    sqlx::query(KEYS).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn p99(mut taken: Vec<Duration>) -> Duration {
    taken.sort();
    taken[taken.len() * 99 / 100]
}

#[tokio::test(flavor = "multi_thread")]
async fn r27_years_of_posts_slow_nothing_down() {
    tally("sqlite");
    let n = dice::from_env("ESCUCHA_POSTS", 20_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("escucha.db");
    let store = Store::open_sqlite(&path, Role::Service).await.unwrap();
    let rows: Vec<_> = (0..20)
        .map(|at| source(&format!("s{at}"), &format!("h{at}.test")))
        .collect();
    store.sync_sources(&rows, NOW).await.unwrap();
    fill(&format!("sqlite://{}", path.display()), n as i64).await;
    let mib = std::fs::metadata(&path).unwrap().len() >> 20;
    let (mut claims, mut polls) = (Vec::new(), Vec::new());
    for turn in 0..200 {
        let now = later(turn * 1_000);
        let started = clock();
        let claimed = store
            .claim_sources("w", now, now.plus_seconds(60), 1)
            .await
            .unwrap();
        let mails = store
            .claim_deliveries("w", now, now.plus_seconds(60), 20)
            .await
            .unwrap();
        assert!(mails.is_empty());
        claims.push(started.elapsed());
        let new = post("Ana", &format!("la vuelta {turn}"));
        let started = clock();
        store.known_keys(&claimed[0].id, &new.keys).await.unwrap();
        let (settled, new) = (success(), posts(vec![new]));
        let stored = store.settle_source(&claimed[0], &settled, &new, now);
        assert!(stored.await.unwrap());
        polls.push(started.elapsed());
    }
    let (claim, poll) = (p99(claims), p99(polls));
    let started = clock();
    assert_eq!(store.quick_check().await.unwrap(), Vec::<String>::new());
    let quick = started.elapsed();
    let started = clock();
    assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());
    let whole = started.elapsed();
    let started = clock();
    let done = retention::round(&store, &Retention::default(), NOW.plus_days(60))
        .await
        .unwrap();
    let round = started.elapsed();
    assert!(done.n_posts >= n, "{done:?}");
    let left = std::fs::metadata(&path).unwrap().len() >> 20;
    say(&format!(
        "{n} posts, {mib} MiB: claim p99 {claim:.1?}, poll p99 {poll:.1?}, quick_check {quick:.1?}, \
         integrity_check {whole:.1?}, nightly round {round:.1?} for {} posts, then {left} MiB",
        done.n_posts
    ));
    // Of a busy machine; the figures above are those that count.
    assert!(claim < Duration::from_millis(500) && poll < Duration::from_millis(500));
    assert!(left * 10 < mib * 9, "the file shrinks");
    store.close().await;
}
