//! Rules 1 to 8: conditional requests, and what is kept for them.

use escucha::clock;
use escucha::fetch::{Accept, Request};
use escucha::flow::poll;

use super::*;

fn conditions(seen: &Seen) -> (Option<&str>, Option<&str>) {
    (
        seen.header("if-none-match"),
        seen.header("if-modified-since"),
    )
}

#[tokio::test]
async fn rule_01_the_first_request_is_unconditional_and_every_later_one_is_not() {
    for (etag, modified) in [(true, false), (false, true), (true, true)] {
        let mut answer = rss(&["uno dos"]);
        if etag {
            answer = answer.etag("\"a\"");
        }
        if modified {
            answer = answer.last_modified("Fri, 20 Nov 2026 10:00:00 GMT");
        }
        let town = Town::with_feed(answer).await;
        town.round().await;
        town.again().await;
        town.again().await;
        let seen = town.requests();
        assert_eq!(seen.len(), 3);
        assert_eq!(conditions(&seen[0]), (None, None));
        for later in &seen[1..] {
            let date = modified.then_some("Fri, 20 Nov 2026 10:00:00 GMT");
            assert_eq!(conditions(later), (etag.then_some("\"a\""), date));
        }
    }
}

#[tokio::test]
async fn rule_02_validators_are_kept_byte_for_byte() {
    let etag = "W/\"a  b\\'ñ";
    let date = "ayer, a eso de las 5";
    let town = Town::with_feed(rss(&["uno"]).etag(etag).last_modified(date)).await;
    town.round().await;
    town.again().await;
    assert_eq!(conditions(&town.requests()[1]), (Some(etag), Some(date)));
}

#[tokio::test]
async fn rule_03_a_304_brings_new_validators_and_nothing_else() {
    let town = Town::with_feed(rss(&["uno"]).etag("\"1\"").last_modified("lunes")).await;
    town.round().await;
    town.server
        .route("/feed", Answer::status(304).etag("\"2\""));
    town.again().await;
    town.again().await;
    let seen = town.requests();
    assert_eq!(conditions(&seen[1]), (Some("\"1\""), Some("lunes")));
    assert_eq!(
        conditions(&seen[2]),
        (Some("\"2\""), Some("lunes")),
        "the date stays"
    );
    let state = town.state().await;
    assert_eq!(
        (state.n_failures, state.n_posts, state.trouble),
        (0, 1, None)
    );
    assert!(
        state.last_ok_at > state.last_new_at,
        "a 304 counts as success"
    );
}

#[tokio::test]
async fn rule_04_validators_are_kept_with_the_posts_or_not_at_all() {
    let town = Town::with_feed(rss(&["uno"]).etag("\"1\"")).await;
    let service = &town.service;
    service.prepare().await.unwrap();
    // A worker asks and dies before it has stored what came.
    let jobs = poll::begin(&service.store, &service.engine(), "dead", clock::now(), 1).await;
    let url = jobs.unwrap()[0].url();
    let request = Request {
        url: &url,
        etag: None,
        last_modified: None,
        accept: Accept::Feed,
        now: clock::now(),
    };
    let response = service.client.get(&request).await.unwrap();
    assert_eq!(response.etag.as_deref(), Some("\"1\""));
    assert_eq!(town.n_posts().await, 0);
    town.again().await;
    assert_eq!(
        conditions(&town.requests()[1]),
        (None, None),
        "read again, whole"
    );
    assert_eq!(town.n_posts().await, 1);
    town.again().await;
    assert_eq!(conditions(&town.requests()[2]), (Some("\"1\""), None));
}

#[tokio::test]
async fn rule_05_another_url_or_mapping_drops_the_validators() {
    let sources = source(
        "foro",
        "/opiniones",
        "kind = \"reviews\"\nselect = { item = \"p\" }",
    );
    let mut town = Town::new(&sources, "").await;
    let page = Answer::ok(HTML, "<html><p>uno</p><b>dos</b></html>").etag("\"1\"");
    town.server.route("/opiniones", page.clone());
    town.server.route("/otras", page);
    town.round().await;
    town.again().await;
    town.restart(|text| text.replace("item = \"p\"", "item = \"b\""))
        .await;
    town.again().await;
    town.again().await;
    town.restart(|text| text.replace("/opiniones", "/otras"))
        .await;
    town.again().await;
    let seen = town.requests();
    let conditional = seen.iter().map(|seen| conditions(seen).0.is_some());
    assert_eq!(
        conditional.collect::<Vec<_>>(),
        [false, true, false, true, false]
    );
}

#[tokio::test]
async fn rule_06_forbidden_validators_are_not_kept_and_the_floor_holds() {
    for (name, value) in [("Expires", "0"), ("Cache-Control", "no-store")] {
        let town = Town::with_feed(rss(&["uno"]).etag("\"1\"").header(name, value)).await;
        town.round().await;
        within(town.next_in_minutes().await, 5, 17, "the floor");
        town.round().await;
        town.again().await;
        let seen = town.requests();
        assert_eq!(seen.len(), 2, "nothing was due in between");
        assert_eq!(conditions(&seen[1]), (None, None), "{name}: {value}");
    }
}

#[tokio::test]
async fn rule_07_the_same_bytes_are_not_parsed_again() {
    let town = Town::with_feed(rss(&["uno"]).etag("\"1\"")).await;
    town.round().await;
    // The same answer under another ETag: it is kept, and nothing is read.
    town.server.route("/feed", rss(&["uno"]).etag("\"2\""));
    town.again().await;
    // What no parser can read does no harm when it is, by its hash, what was read before.
    town.server
        .route("/feed", Answer::ok(RSS, "nada de nada").etag("\"3\""));
    levers::set(&town.database(), HASH_OF_NOTHING).await;
    town.again().await;
    let state = town.state().await;
    assert_eq!((state.trouble, state.n_posts), (None, 1));
    assert_eq!(conditions(&town.requests()[2]).0, Some("\"2\""));
    town.again().await;
    assert_eq!(conditions(&town.requests()[3]).0, Some("\"3\""));
    // By another hash it is trouble.
    levers::set(
        &town.database(),
        "UPDATE sources SET body_hash = 'x', etag = NULL",
    )
    .await;
    town.again().await;
    assert!(town.state().await.trouble.is_some());
}

/// `digest_hex(&["nada de nada"])`.
const HASH_OF_NOTHING: &str = "UPDATE sources SET body_hash = \
     'e1acb568782609ffc24008a6c522f4c00875feef3c18578f23f5dcb7f415d29b'";

#[tokio::test]
async fn rule_08_a_source_that_never_says_304_is_slowed_until_it_changes() {
    let town = Town::new(
        &source("foro", "/feed", "every = \"15m\""),
        "slow_after = 3",
    )
    .await;
    town.server.route("/feed", rss(&["uno"]));
    // The first reading is news; then come two whole answers with the same bytes.
    for _ in 0..3 {
        town.again().await;
        within(town.next_in_minutes().await, 13, 17, "not yet");
    }
    town.again().await;
    within(
        town.next_in_minutes().await,
        1_440,
        1_584,
        "three whole answers in a row",
    );
    town.server.route("/feed", rss(&["uno", "dos"]));
    town.again().await;
    within(town.next_in_minutes().await, 13, 17, "it has changed");
    // One that says 304 is never slowed.
    town.server
        .route("/feed", rss(&["uno", "dos", "tres"]).etag("\"1\""));
    for _ in 0..8 {
        town.again().await;
        within(town.next_in_minutes().await, 13, 17, "it says 304");
    }
}
