//! Rules 24 to 26 and 34 to 38: where redirects may lead, and when a source moves.

use super::*;

#[tokio::test]
async fn rule_24_a_permanent_redirect_is_stored_after_three() {
    for status in [301, 308] {
        let mut town = Town::with_feed(Answer::redirect(status, "/nueva")).await;
        town.server.route("/nueva", rss(&["uno"]).etag("\"1\""));
        for n in 1..=2 {
            town.again().await;
            assert_eq!(town.state().await.moved_to, None, "after {n}");
        }
        assert_eq!(town.told().len(), 0);
        town.again().await;
        let new = town.url("foro", "/nueva");
        assert_eq!(town.state().await.moved_to.as_deref(), Some(new.as_str()));
        assert_eq!(town.told().len(), 1, "the operator is told once");
        assert!(town.told()[0].contains(new.as_str()), "{:?}", town.told());
        town.again().await;
        assert_eq!(
            (town.server.hits("/feed"), town.server.hits("/nueva")),
            (3, 4)
        );
        // It stands in the database: a restart changes nothing, another configured URL ends it.
        town.restart(str::to_owned).await;
        town.again().await;
        assert_eq!(
            (town.server.hits("/feed"), town.server.hits("/nueva")),
            (3, 5)
        );
        town.restart(|text| text.replace("/feed", "/otra")).await;
        town.again().await;
        assert_eq!(town.server.hits("/otra"), 1);
        assert_eq!(town.told().len(), 1);
    }
}

#[tokio::test]
async fn rule_24_another_target_or_no_feed_there_begins_anew() {
    let town = Town::with_feed(Answer::redirect(301, "/a")).await;
    for path in ["/a", "/b"] {
        town.server.route(path, rss(&["uno"]));
    }
    town.again().await;
    town.again().await;
    town.server.route("/feed", Answer::redirect(301, "/b"));
    town.again().await;
    town.again().await;
    assert_eq!(town.state().await.moved_to, None, "twice there, twice here");
    town.server
        .route("/b", Answer::ok(HTML, "<html>de viaje</html>"));
    town.again().await;
    assert_eq!(town.state().await.moved_to, None, "there is no feed");
    town.server.route("/b", rss(&["uno"]));
    town.again().await;
    assert_eq!(
        town.state().await.moved_to,
        Some(town.url("foro", "/b").to_string())
    );
    // A new place that fails three times is forgotten.
    town.server.route("/b", Answer::status(500));
    town.server.route("/feed", rss(&["uno", "dos"]));
    for _ in 0..3 {
        town.again().await;
    }
    assert_eq!(town.state().await.moved_to, None);
    town.again().await;
    assert_eq!(town.n_posts().await, 2);
}

#[tokio::test]
async fn rule_25_other_redirects_are_followed_and_never_stored() {
    for status in [302, 303, 307] {
        let town = Town::with_feed(Answer::redirect(status, "/nueva")).await;
        town.server.route("/nueva", rss(&["uno"]));
        for _ in 0..5 {
            town.again().await;
        }
        assert_eq!(town.state().await.moved_to, None, "{status}");
        assert_eq!(
            (town.server.hits("/feed"), town.server.hits("/nueva")),
            (5, 5)
        );
    }
}

#[tokio::test]
async fn rule_26_of_a_chain_only_the_permanent_beginning_is_stored() {
    let town = Town::with_feed(Answer::redirect(301, "/a")).await;
    town.server.route("/a", Answer::redirect(302, "/b"));
    town.server.route("/b", Answer::redirect(301, "/c"));
    town.server.route("/c", rss(&["uno"]));
    for _ in 0..3 {
        town.again().await;
    }
    assert_eq!(
        town.state().await.moved_to,
        Some(town.url("foro", "/a").to_string())
    );
    town.again().await;
    assert_eq!((town.server.hits("/feed"), town.server.hits("/a")), (3, 4));
}

#[tokio::test]
async fn rule_34_five_redirects_are_followed_and_no_sixth() {
    for (n, is_read) in [(5, true), (6, false)] {
        let town = Town::with_feed(Answer::redirect(302, "/1")).await;
        for hop in 1..=n {
            let next = Answer::redirect(302, format!("/{}", hop + 1));
            let answer = if hop == n { rss(&["uno"]) } else { next };
            town.server.route(&format!("/{hop}"), answer);
        }
        town.round().await;
        assert_eq!(town.n_posts().await, i64::from(is_read), "{n} redirects");
        assert_eq!(town.requests().len(), 6);
    }
}

#[tokio::test]
async fn rule_35_a_circle_is_left_at_once() {
    let town = Town::with_feed(Answer::redirect(301, "/b")).await;
    town.server.route("/b", Answer::redirect(301, "/feed#x"));
    town.round().await;
    assert_eq!(town.requests().len(), 2);
    assert!(town.state().await.trouble.unwrap().contains("sin fin"));
}

#[tokio::test]
async fn rule_37_nothing_that_identifies_us_to_one_host_goes_to_another() {
    let town = Town::with_feed(Answer::status(404)).await;
    let away = Answer::redirect(302, town.url("lejos", "/feed2"));
    town.server.route(
        "/feed",
        away.header("Set-Cookie", "a=1; Domain=test; Path=/"),
    );
    town.server
        .route("/feed2", rss(&["uno"]).header("Set-Cookie", "b=2"));
    town.again().await;
    town.again().await;
    let seen = town.server.requests();
    assert_eq!(town.server.hits("/feed2"), 2);
    for request in &seen {
        for name in [
            "authorization",
            "cookie",
            "referer",
            "proxy-authorization",
            "origin",
        ] {
            assert_eq!(request.header(name), None, "{} of {}", name, request.path);
        }
    }
}

#[tokio::test]
async fn rule_38_the_robots_txt_of_the_redirects_target_is_asked_too() {
    let town = Town::with_feed(Answer::status(404)).await;
    town.server.route(
        "/feed",
        Answer::redirect(302, town.url("lejos", "/privado/feed")),
    );
    town.server.route("/privado/feed", rss(&["uno"]));
    let forbids = Answer::ok("text/plain", "User-agent: *\nDisallow: /privado/\n");
    town.server.route("/robots.txt", forbids);
    town.round().await;
    let seen = town.server.requests();
    let asked: Vec<(&str, &str)> = seen.iter().map(|s| (s.host(), s.path.as_str())).collect();
    let expected = [
        ("foro.test", "/robots.txt"),
        ("foro.test", "/feed"),
        ("lejos.test", "/robots.txt"),
    ];
    assert_eq!(asked, expected);
    let trouble = town.state().await.trouble.unwrap();
    assert!(trouble.contains("robots.txt de lejos.test"), "{trouble}");
}

#[tokio::test]
async fn rule_38_each_hop_is_checked_like_the_first() {
    let town = Town::with_feed(Answer::status(404)).await;
    for (target, said) in [
        ("http://yo:clave@lejos.test/", "contraseña"),
        ("ftp://lejos.test/feed", "ftp:"),
        ("file:///etc/passwd", "file:"),
        ("http://10.0.0.1/feed", "no es pública"),
        ("http://[::ffff:a00:1]/feed", "no es pública"),
    ] {
        town.server.route("/feed", Answer::redirect(302, target));
        town.again().await;
        let trouble = town.state().await.trouble.unwrap();
        assert!(trouble.contains(said), "{target}: {trouble}");
    }
    assert_eq!(
        town.requests().len(),
        5,
        "nothing but the redirects themselves"
    );
}

#[tokio::test]
async fn rule_21_a_429_behind_a_redirect_pauses_the_host_that_said_it() {
    let sources = [
        source("foro", "/feed", "every = \"15m\""),
        source("lejos", "/otra", "every = \"15m\""),
        source("foro", "/vecina", "every = \"15m\"")
            .replace("name = \"foro\"", "name = \"vecina\""),
    ];
    let town = Town::new(&sources.concat(), "").await;
    town.server
        .route("/feed", Answer::redirect(302, town.url("lejos", "/feed2")));
    town.server
        .route("/feed2", Answer::status(429).header("Retry-After", "3600"));
    town.server.route("/otra", rss(&["uno"]));
    town.server.route("/vecina", rss(&["dos"]));
    levers::set(&town.database(), "DELETE FROM sources").await;
    town.service.prepare().await.unwrap();
    levers::set(
        &town.database(),
        "UPDATE sources SET next_at = 0 WHERE name = 'foro'",
    )
    .await;
    levers::set(&town.database(), FAR).await;
    town.round().await;
    assert_eq!(town.server.hits("/feed2"), 1);
    levers::set(
        &town.database(),
        "UPDATE sources SET next_at = 0 WHERE name <> 'foro'",
    )
    .await;
    town.round().await;
    assert_eq!(town.server.hits("/otra"), 0, "lejos.test rests");
    assert_eq!(town.server.hits("/vecina"), 1, "foro.test does not");
    // Sent there once more, the source waits for its turn without having failed again.
    let due = "UPDATE sources SET next_at = 0 WHERE name = 'foro'";
    levers::set(&town.database(), due).await;
    let free = "UPDATE hosts SET next_at = 0 WHERE host = 'foro.test'";
    levers::set(&town.database(), free).await;
    town.round().await;
    let hits = (town.server.hits("/feed"), town.server.hits("/feed2"));
    assert_eq!(hits, (2, 1));
    let states = town.service.store.source_states().await.unwrap();
    let foro = states.iter().find(|state| state.name == "foro").unwrap();
    let minutes = foro.next_at.ms_since(escucha::clock::now()) / MINUTE;
    within(minutes, 58, 60, "until lejos.test has time");
    assert_eq!(foro.n_failures, 1);
}

const FAR: &str = "UPDATE sources SET next_at = 9000000000000 WHERE name <> 'foro'";
