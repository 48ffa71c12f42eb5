//! Rules 18 to 23 and 27 to 33: what a server says besides the document.

use super::*;

/// How long the source waits and how long its host rests after this answer, in minutes.
async fn after(answer: Answer) -> (i64, i64) {
    let town = Town::with_feed(answer).await;
    town.round().await;
    assert_eq!(town.requests().len(), 1);
    (
        town.next_in_minutes().await,
        town.host_rests_minutes().await,
    )
}

fn in_http(minutes: i64) -> String {
    let at = escucha::clock::now().plus_minutes(minutes).to_jiff();
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[tokio::test]
async fn rule_18_retry_after_in_seconds() {
    for status in [429, 503] {
        let (next, _) = after(Answer::status(status).header("Retry-After", "7200")).await;
        within(next, 120, 133, &format!("{status}"));
    }
}

#[tokio::test]
async fn rule_19_retry_after_as_a_date() {
    for status in [429, 503] {
        let (next, _) = after(Answer::status(status).header("Retry-After", &in_http(180))).await;
        within(next, 179, 199, &format!("{status}"));
    }
}

#[tokio::test]
async fn rule_20_absurd_retry_after_is_clamped() {
    for (value, least, most) in [
        ("-1", 60, 67),
        ("mañana", 60, 67),
        ("0", 15, 18),
        ("604801", 1_440, 1_585),
        ("99999999999999999999999999", 1_440, 1_585),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 1_440, 1_585),
        ("Fri, 01 Jan 1990 00:00:00 GMT", 60, 67),
    ] {
        let (next, rest) = after(Answer::status(429).header("Retry-After", value)).await;
        within(next, least, most, value);
        within(rest, 0, 1_440, value);
    }
}

#[tokio::test]
async fn rule_21_a_429_pauses_the_whole_host_for_every_worker() {
    let sources = [
        source("foro", "/a", "every = \"15m\""),
        source("foro", "/b", "every = \"15m\"").replace("\"foro\"", "\"otra\""),
        source("lejos", "/c", "every = \"15m\""),
    ];
    let town = Town::new(&sources.concat(), "").await;
    let tired = Answer::status(429).header("Retry-After", "3600");
    for path in ["/a", "/b"] {
        town.server.route(path, tired.clone());
    }
    town.server.route("/c", rss(&["uno"]));
    town.round().await;
    assert_eq!(
        town.server.hits("/a") + town.server.hits("/b"),
        1,
        "the other is not asked"
    );
    assert_eq!(town.server.hits("/c"), 1, "another host is");
    within(town.host_rests_minutes().await, 59, 60, "as it asked");
    // Another worker on the same database keeps the pause, even for a source that is due.
    let other = service(&town.folder, &town.configuration, Role::Visitor).await;
    levers::set(&town.database(), "UPDATE sources SET next_at = 0").await;
    daemon::once(&other, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(town.server.hits("/a") + town.server.hits("/b"), 1);
    assert_eq!(town.server.hits("/c"), 2);
}

#[tokio::test]
async fn rule_22_without_a_word_429_waits_an_hour_and_the_second_403_four() {
    let (next, rest) = after(Answer::status(429)).await;
    within(next, 60, 67, "429");
    within(rest, 59, 60, "and its host");
    let town = Town::with_feed(Answer::status(403)).await;
    town.round().await;
    within(town.next_in_minutes().await, 15, 18, "the first 403");
    town.again().await;
    within(town.next_in_minutes().await, 240, 265, "the second");
    assert_eq!(town.requests().len(), 2);
}

#[tokio::test]
async fn rule_23_a_spent_rate_limit_is_heeded_by_the_host() {
    for answer in [
        rss(&["uno"]),
        Answer::status(429),
        Answer::status(304).etag("\"1\""),
    ] {
        let spent = answer
            .header("X-RateLimit-Remaining", "0")
            .header("X-RateLimit-Reset", "5400");
        let town = Town::with_feed(rss(&["cero"]).etag("\"1\"")).await;
        town.round().await;
        town.server.route("/feed", spent);
        town.again().await;
        within(town.next_in_minutes().await, 90, 100, "the source");
        within(town.host_rests_minutes().await, 89, 90, "its host");
    }
    let some_left = rss(&["uno"])
        .header("X-RateLimit-Remaining", "1")
        .header("X-RateLimit-Reset", "5400");
    let (next, rest) = after(some_left).await;
    within(next, 13, 17, "there is some left");
    within(rest, 0, 0, "there is some left");
}

#[tokio::test]
async fn rule_27_gone_is_told_at_once_and_then_looked_at_once_a_day() {
    let town = Town::with_feed(Answer::status(410)).await;
    town.round().await;
    within(town.next_in_minutes().await, 1_440, 1_585, "once a day");
    assert_eq!(town.told().len(), 1);
    assert!(town.told()[0].contains("410"), "{:?}", town.told());
    town.again().await;
    town.again().await;
    within(
        town.next_in_minutes().await,
        1_440,
        1_585,
        "still once a day",
    );
    assert_eq!(
        (town.requests().len(), town.told().len()),
        (3, 1),
        "asked, but told once"
    );
}

#[tokio::test]
async fn rule_28_not_found_backs_off_to_once_a_day_and_is_told() {
    let town = Town::with_feed(Answer::status(404)).await;
    town.round().await;
    town.again().await;
    assert_eq!(town.told().len(), 0, "it may come back");
    town.again().await;
    assert_eq!(town.told().len(), 1);
    assert!(town.told()[0].contains("404"));
    levers::set(&town.database(), "UPDATE sources SET n_failures = 20").await;
    let mut longest = 0;
    for _ in 0..12 {
        town.again().await;
        longest = longest.max(town.next_in_minutes().await);
    }
    within(longest, 300, 1_440, "up to a day");
    assert_eq!(town.told().len(), 1);
    assert_eq!(town.requests().len(), 15);
}

#[tokio::test]
async fn rule_29_no_leave_is_shown_and_never_hammered() {
    for (status, n_before) in [(401, 1), (403, 3)] {
        let town = Town::with_feed(Answer::status(status)).await;
        for n in 1..=4 {
            town.again().await;
            assert!(town.next_in_minutes().await >= 15);
            assert_eq!(
                town.told().len(),
                usize::from(n >= n_before),
                "{status} after {n}"
            );
        }
        let trouble = town.state().await.trouble.unwrap();
        assert!(trouble.contains(&status.to_string()), "{trouble}");
        assert!(
            town.requests()
                .iter()
                .all(|seen| seen.header("authorization").is_none())
        );
        assert_eq!(town.requests().len(), 4);
    }
}

/// What was known of the source stays when this comes instead of its feed; returns the trouble.
async fn nothing_is_lost(answer: Answer) -> String {
    let told = format!("{answer:?}").chars().take(150).collect::<String>();
    let town = Town::with_feed(rss(&["uno", "dos"]).etag("\"1\"")).await;
    town.round().await;
    town.server.route("/feed", answer);
    town.again().await;
    let state = town.state().await;
    assert_eq!(
        (town.n_posts().await, state.n_posts, state.n_failures),
        (2, 2, 1),
        "{told}"
    );
    town.server
        .route("/feed", rss(&["uno", "dos", "tres"]).etag("\"2\""));
    town.again().await;
    let etag = town.requests()[2]
        .header("if-none-match")
        .map(str::to_owned);
    assert_eq!(
        etag.as_deref(),
        Some("\"1\""),
        "the old validators are kept: {told}"
    );
    assert_eq!(town.n_posts().await, 3, "{told}");
    state.trouble.unwrap()
}

#[tokio::test]
async fn rule_30_failures_of_the_server_or_the_network_empty_nothing() {
    for answer in [
        Answer::status(500).body(feed(&[])),
        Answer::status(502),
        Answer::status(599),
        Answer::raw(""),
        Answer::raw("nada"),
        rss(&["uno"]).cut(),
    ] {
        nothing_is_lost(answer).await;
    }
}

#[tokio::test]
async fn rule_31_an_empty_body_or_a_login_page_is_an_error_and_not_an_empty_feed() {
    nothing_is_lost(Answer::ok(RSS, "")).await;
    nothing_is_lost(Answer::ok(RSS, " \n")).await;
    nothing_is_lost(Answer::ok(HTML, "<html><body>Bienvenido</body></html>")).await;
    let login = "<!doctype html><html><form><input type=\"password\"></form></html>";
    let trouble = nothing_is_lost(Answer::ok(HTML, login).etag("\"9\"")).await;
    assert!(trouble.contains("iniciar sesión"), "{trouble}");
}

#[tokio::test]
async fn rule_32_answers_without_the_document_are_errors() {
    for status in [204, 205, 206, 226, 300, 304, 418] {
        let town = Town::with_feed(Answer::status(status).body(feed(&["uno"]))).await;
        town.round().await;
        let state = town.state().await;
        assert_eq!((state.n_failures, state.n_posts), (1, 0), "{status}");
        assert!(
            state.trouble.unwrap().contains(&status.to_string()),
            "{status}"
        );
    }
    let town = Town::with_feed(Answer::raw("HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n")).await;
    town.round().await;
    assert_eq!(town.state().await.n_failures, 1);
}

#[tokio::test]
async fn rule_33_a_challenge_is_named_and_backed_off() {
    let riddle = "<html><script src=\"/cdn-cgi/challenge-platform/x\"></script></html>";
    for answer in [
        Answer::status(403).header("cf-mitigated", "challenge"),
        Answer::status(202).header("x-amzn-waf-action", "challenge"),
        Answer::ok(HTML, "espere").header("cf-mitigated", "challenge"),
        Answer::ok(HTML, riddle),
    ] {
        let town = Town::with_feed(answer).await;
        town.round().await;
        let trouble = town.state().await.trouble.unwrap();
        assert!(
            trouble.contains("demostrar que se es una persona"),
            "{trouble}"
        );
        within(town.next_in_minutes().await, 240, 265, "four hours");
    }
}
