//! Rules 44 to 53 as the service meets them: whatever a body does, it costs its own source alone.
//!
//! The bounds themselves are tested in `fetch::limits`, with small limits.

use super::*;

/// A source that gets this answer, beside a good one; returns the trouble of the first.
async fn beside_a_good_one(answer: Answer) -> Option<String> {
    let told = format!("{answer:?}").chars().take(200).collect::<String>();
    let sources = source("foro", "/malo", "") + &source("vecino", "/bueno", "");
    let town = Town::new(&sources, "").await;
    town.server.route("/malo", answer);
    town.server.route("/bueno", rss(&["bueno"]));
    town.round().await;
    let states = town.service.store.source_states().await.unwrap();
    assert_eq!(
        (town.server.hits("/malo"), town.server.hits("/bueno")),
        (1, 1),
        "{told}"
    );
    let good = states.iter().find(|state| state.name == "vecino").unwrap();
    assert_eq!((good.n_posts, &good.trouble), (1, &None), "{told}");
    let bad = states
        .into_iter()
        .find(|state| state.name == "foro")
        .unwrap();
    assert_eq!(bad.n_failures, u32::from(bad.trouble.is_some()));
    bad.trouble
}

#[tokio::test]
async fn rules_44_to_51_a_hostile_body_is_a_named_trouble_of_its_source() {
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n<rss>";
    for (answer, said) in [
        (Answer::bomb("gzip"), "24 MiB"),
        (Answer::bomb("deflate"), "24 MiB"),
        (Answer::bomb("br"), "24 MiB"),
        (rss(&["uno"]).header("Content-Encoding", "zstd"), "comprime"),
        (rss(&["uno"]).gzip().gzip(), "comprime"),
        (rss(&["uno"]).cut(), "se ha cortado"),
        (Answer::raw(huge), "24 MiB"),
        (Answer::ok(RSS, vec![b'x'; 1 << 20]).endless(), "24 MiB"),
        (Answer::endless_headers(), "64 KiB"),
        (rss(&["uno"]).gzip().truncated(60), "se ha cortado"),
    ] {
        let trouble = beside_a_good_one(answer).await.unwrap_or_default();
        assert!(trouble.contains(said), "{said}: {trouble}");
    }
}

#[tokio::test]
async fn rule_52_entities_nesting_and_numbers_are_bounded() {
    let town = Town::with_feed(Answer::status(404)).await;
    let evil = town.url("malo", "/evil.dtd");
    let laughs = (1..10).fold("<!ENTITY l0 \"ja\">".to_owned(), |text, n| {
        let again = format!("&l{};", n - 1).repeat(10);
        format!("{text}<!ENTITY l{n} \"{again}\">")
    });
    let feed = feed(&["uno &l9; &x; dos"]);
    let head = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss SYSTEM \"{evil}\" [{laughs}\
         <!ENTITY x SYSTEM \"{evil}\"><!ENTITY y SYSTEM \"file:///etc/passwd\">]>"
    );
    town.server
        .route("/feed", Answer::ok(RSS, format!("{head}{feed}")));
    town.again().await;
    assert_eq!(town.server.hits("/evil.dtd"), 0);
    let longest = "SELECT COALESCE(MAX(LENGTH(text)), 0) FROM posts";
    assert!(levers::number(&town.database(), longest).await < 1_000);
    for body in [
        format!(
            "<rss><channel><item>{}</item></channel></rss>",
            "<media:group>".repeat(50_000)
        ),
        format!(
            "{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}",
            "[".repeat(9_000)
        ),
    ] {
        town.server.route("/feed", Answer::ok(RSS, body));
        town.again().await;
        assert!(town.state().await.trouble.is_some());
    }
    let many: Vec<String> = (0..60_000).map(|n| format!("i{n} texto")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let read = escucha::extract::posts(
        &escucha::extract::Document {
            body: super::feed(&many).as_bytes(),
            content_type: None,
            url: None,
        },
        &escucha::extract::Reading {
            kind: escucha::extract::Kind::Feed,
            select: None,
            map: None,
            lang: None,
            now: escucha::clock::now(),
            local: escucha::model::LocalTime::utc(),
        },
    );
    assert_eq!(read.posts.len(), 50_000);
}

#[tokio::test]
async fn rule_53_what_makes_the_parser_panic_costs_its_source_alone() {
    // feed-rs cuts between the bytes of a quotation mark before an address.
    let panics = feed(&["uno dos"]).replace("<item>", "<item><author>«maria@x.es»</author>");
    let trouble = beside_a_good_one(Answer::ok(RSS, panics)).await;
    assert!(trouble.is_none_or(|said| said.contains("no se puede leer")));
    let late = format!(
        "{}<?xml version=\"1.0\" encoding=\"x\"?>{}",
        " ".repeat(9_000),
        feed(&["a"])
    );
    beside_a_good_one(Answer::ok(RSS, late)).await;
    let number = feed_with("<ttl>99999999999999999999</ttl>", &["uno"]);
    beside_a_good_one(Answer::ok(RSS, number)).await;
}
