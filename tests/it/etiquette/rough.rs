//! R30 and R32 as the service meets them: dates that are none, and servers that do not end, do not
//! begin, or do not mean it. Each is an error with a name, and tried again later.

use std::time::Duration;

use escucha::clock;

use super::*;

const DAY: i64 = 24 * HOUR;

/// A feed of one entry for each of these dates.
fn dated(dates: &[&str]) -> String {
    let item = |(n, date): (usize, &&str)| {
        format!(
            "<item><guid isPermaLink=\"false\">g{n}</guid><title>t{n}</title>{date}\
             <description>texto {n}</description></item>"
        )
    };
    let items: String = dates.iter().enumerate().map(item).collect();
    format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>")
}

#[tokio::test]
async fn r30_every_entry_is_stored_whatever_its_date_and_within_ten_years() {
    let soon = (clock::now().plus_days(365).to_jiff())
        .strftime("<pubDate>%a, %d %b %Y %H:%M:%S +0000</pubDate>")
        .to_string();
    let undated = [
        "",
        "<pubDate/>",
        "<pubDate>garbage</pubDate>",
        "<pubDate>31 Feb 2026 10:00:00 GMT</pubDate>",
        "<pubDate>Fri, 01 Jan +99999 00:00:00 GMT</pubDate>",
        "<pubDate>99999999999999999999</pubDate>",
        "<pubDate>0000-00-00 00:00:00</pubDate>",
    ];
    let oldest = [
        "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>",
        "<pubDate>Mon, 01 Jan 1900 00:00:00 GMT</pubDate>",
    ];
    let named = [
        "<pubDate>Tue, 10 Nov 2026 09:00:00 EST</pubDate>",
        "<pubDate>Tue, 10 Nov 2026 15:00:00 +0100</pubDate>",
        "<pubDate>Tue, 10 Nov 2026 19:30:00 IST</pubDate>",
    ];
    let dates = [&undated[..], &[&soon], &oldest, &named].concat();
    let town = Town::with_feed(Answer::ok(RSS, dated(&dates))).await;
    let before = clock::now();
    town.round().await;
    let now = clock::now();
    let state = town.state().await;
    assert_eq!((state.trouble, state.n_posts), (None, dates.len() as i64));
    let n = async |sql| levers::number(&town.database(), sql).await;
    let n_undated = n("SELECT COUNT(*) FROM posts WHERE published_at IS NULL").await;
    assert_eq!(n_undated as usize, undated.len());
    // A year ahead is now, and what is older than ten years is ten years old.
    let newest = n("SELECT MAX(published_at) FROM posts").await;
    within(newest, before.0, now.0, "the future");
    let oldest_at = n("SELECT MIN(published_at) FROM posts").await;
    let ten_years = 3_653 * DAY;
    within(oldest_at, before.0 - ten_years, now.0 - ten_years, "1970");
    // Three ways to say one instant.
    let n_named = n("SELECT COUNT(*) FROM posts WHERE published_at = 1794319200000").await;
    assert_eq!(n_named as usize, named.len());
}

/// A town whose visitors lose their patience soon.
async fn impatient(answer: Answer) -> Town {
    let mut town = Town::with_feed(answer).await;
    let settings = settings(&town.folder, &town.configuration);
    let limits = Limits {
        headers: Duration::from_secs(3),
        total: Duration::from_secs(8),
        ..Limits::default()
    };
    town.service.store.close().await;
    town.service = service_with(&town.folder, settings, limits, Role::Visitor).await;
    town
}

/// What servers do, and what the operator reads of it.
fn misbehaviour() -> Vec<(&'static str, Answer, &'static str)> {
    let whole = feed(&["uno"]);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let loris = "HTTP/1.1 200 OK\r\nX-A: b\r\n".repeat(40);
    let login = "<html><form action=\"/login\"><input type=\"password\"></form></html>";
    let (cut, late) = ("se ha cortado", "a tiempo");
    vec![
        (
            "headers, a byte at a time",
            Answer::raw(loris).drip(Duration::from_millis(60)),
            late,
        ),
        (
            "a byte a second",
            rss(&["uno"]).drip(Duration::from_secs(1)),
            late,
        ),
        ("silence", Answer::silence(), late),
        (
            "an endless body",
            Answer::ok(RSS, vec![b'x'; 1 << 20]).endless(),
            "24 MiB",
        ),
        ("endless headers", Answer::endless_headers(), "64 KiB"),
        (
            "endless trailers",
            Answer::raw(format!(
                "{chunked}1\r\nx\r\n0\r\n{}",
                "X: y\r\n".repeat(200_000)
            )),
            cut,
        ),
        (
            "an endless extension",
            Answer::raw(format!("{chunked}1;{}", "x".repeat(4 << 20))),
            cut,
        ),
        (
            "endless 103s",
            Answer::raw("HTTP/1.1 103 Wait\r\n\r\n".repeat(100_000)),
            "se volverá a intentar",
        ),
        ("less than promised", rss(&["uno"]).cut(), cut),
        ("a reset", rss(&["uno"]).reset(), cut),
        (
            "a chunk cut short",
            Answer::raw(format!("{chunked}ffff\r\n{whole}")),
            cut,
        ),
        ("a gzip cut short", rss(&["uno"]).gzip().truncated(60), cut),
        ("a circle", Answer::redirect(302, "/feed"), "sin fin"),
        ("a 304 that nobody asked for", Answer::status(304), "304"),
        ("204", Answer::status(204), "204"),
        ("206", Answer::status(206).body(whole.clone()), "206"),
        ("a login page", Answer::ok(HTML, login), "iniciar sesión"),
        ("nothing at all", Answer::raw(""), cut),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn r32_whatever_a_server_does_is_an_error_with_a_name_that_is_tried_again_later() {
    let mut towns = tokio::task::JoinSet::new();
    for (what, answer, said) in misbehaviour() {
        towns.spawn(async move {
            let town = impatient(answer).await;
            for n_failures in 1..=2 {
                town.again().await;
                let state = town.state().await;
                assert_eq!((state.n_failures, state.n_posts), (n_failures, 0), "{what}");
                let trouble = state.trouble.unwrap_or_default();
                assert!(trouble.contains(said), "{what}: {trouble}");
                within(town.next_in_minutes().await, 5, 24 * 60, what);
            }
        });
    }
    towns.join_all().await;
    // Thirty redirects, each to another place.
    let town = impatient(Answer::redirect(302, "/1")).await;
    for n in 1..30 {
        let next = format!("/{}", n + 1);
        town.server
            .route(&format!("/{n}"), Answer::redirect(302, next));
    }
    town.again().await;
    assert_eq!(town.state().await.n_failures, 1);
    assert_eq!(town.requests().len(), 6, "the first and five more");
}

/// With the limits that hold: a server that drips is left after 30 s, and others were served meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn r32_a_byte_a_second_is_left_after_30_s_and_holds_up_nobody() {
    let sources = source("foro", "/malo", "") + &source("vecino", "/bueno", "");
    let town = Town::new(&sources, "").await;
    let slow = rss(&["uno"]).drip(Duration::from_secs(1));
    town.server.route("/malo", slow);
    town.server.route("/bueno", rss(&["bueno"]));
    let began = clock::stopwatch();
    town.round().await;
    let seconds = began.elapsed().as_secs();
    within(seconds as i64, 29, 34, "seconds");
    let good = town.server.requests();
    let good = good.iter().find(|seen| seen.path == "/bueno").unwrap();
    assert!(good.at.duration_since(began) < Duration::from_secs(5));
    let states = town.service.store.source_states().await.unwrap();
    let of = |name: &str| states.iter().find(|state| state.name == name).unwrap();
    assert_eq!((of("vecino").n_posts, of("foro").n_failures), (1, 1));
}
