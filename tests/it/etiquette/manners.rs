//! Rules 54 to 62 and 64: how we ask.

use std::time::Duration;

use super::*;
use crate::support::binary::Home;

/// Shorter than a configuration can say: see `settings`.
const PACED: &str = "# pace_ms = 60";
const PACE: Duration = Duration::from_millis(60);

#[tokio::test]
async fn rules_54_to_57_an_honest_name_and_nothing_besides() {
    let town = Town::with_feed(rss(&["uno"])).await;
    town.server.route(
        "/robots.txt",
        Answer::status(404).header("Set-Cookie", "a=1"),
    );
    town.round().await;
    town.again().await;
    let agent = concat!(
        "escucha/",
        env!("CARGO_PKG_VERSION"),
        " (+https://ejemplo.test/)"
    );
    assert_eq!(town.server.requests().len(), 3);
    for seen in town.server.requests() {
        assert_eq!(seen.method, "GET");
        assert_eq!(seen.header("user-agent"), Some(agent));
        assert!(
            !seen.path.contains('?'),
            "no cache-busting query: {}",
            seen.path
        );
        let mut names: Vec<&str> = seen.headers.iter().map(|(n, _)| n.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
    }
}

/// Sources of several kinds at one host: a robots.txt, redirects, further pages, linked pages.
async fn busy_town(fetch: &str) -> Town {
    let reviews = "kind = \"reviews\"\nselect = { item = \"p\", next = \"a@href\" }";
    let sources = [
        source("foro", "/feed", "full_text = true"),
        source("foro", "/lejos", "").replace("name = \"foro\"", "name = \"lejos\""),
        source("foro", "/p1", reviews).replace("name = \"foro\"", "name = \"opiniones\""),
    ];
    let town = Town::new(&sources.concat(), fetch).await;
    let page = |text: &str, next: &str| {
        Answer::ok(
            HTML,
            format!("<html><p>{text}</p><a href=\"{next}\">más</a></html>"),
        )
    };
    town.server.route("/p1", page("una opinión", "/p2"));
    town.server.route("/p2", page("otra opinión", "/p3"));
    town.server.route("/p3", page("la última", "/p1"));
    let items = ["a", "b"].map(|n| {
        let link = town.url("foro", &format!("/articulo-{n}"));
        format!(
            "<item><guid>{n}</guid><link>{link}</link><title>{n}</title><pubDate>{}</pubDate>\
             <description>Resumen de {n}, que sigue… [&amp;hellip;]</description></item>",
            escucha::clock::now()
        )
    });
    let items = items.concat();
    let body = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
    town.server.route("/feed", Answer::ok(RSS, body));
    for n in ["a", "b"] {
        let text = "<html><article><p>El texto entero. </p></article></html>".replace("entero", n);
        town.server
            .route(&format!("/articulo-{n}"), Answer::ok(HTML, text));
    }
    town.server
        .route("/lejos", Answer::redirect(302, "/mas-lejos"));
    town.server.route(
        "/mas-lejos",
        Answer::redirect(302, town.url("foro", "/fin")),
    );
    town.server
        .route("/fin", rss(&["uno"]).drip(Duration::from_micros(50)));
    town
}

fn assert_paced(town: &Town, n_least: usize) {
    let seen = town.server.requests();
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
    assert!(seen.len() >= n_least, "{paths:?}");
    let gap = town.server.shortest_gap().unwrap();
    assert!(gap >= PACE, "{gap:?} between two of {paths:?}");
    assert_eq!(town.server.most_at_once(), 1, "{paths:?}");
}

#[tokio::test]
async fn rule_58_one_request_at_a_time_and_the_pace_between_all_kinds_of_them() {
    let town = busy_town(PACED).await;
    town.round().await;
    let asked: Vec<String> = town.server.requests().into_iter().map(|s| s.path).collect();
    for path in ["/robots.txt", "/fin", "/p3", "/articulo-a", "/articulo-b"] {
        assert!(
            asked.iter().any(|asked| asked == path),
            "{path} is missing in {asked:?}"
        );
    }
    assert_paced(&town, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_58_a_fleet_keeps_one_pace() {
    let town = busy_town(PACED).await;
    let second = service(&town.folder, &town.configuration, Role::Visitor).await;
    let third = service(&town.folder, &town.configuration, Role::Visitor).await;
    let token = CancellationToken::new();
    let (a, b, c) = tokio::join!(
        daemon::once(&town.service, &token),
        daemon::once(&second, &token),
        daemon::once(&third, &token),
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_paced(&town, 10);
    for path in ["/robots.txt", "/feed", "/p1"] {
        assert_eq!(town.server.hits(path), 1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_58_hosts_that_redirects_lead_to_are_paced_as_well() {
    let sources: String = ["a", "b", "c"]
        .iter()
        .map(|name| source(name, &format!("/{name}"), ""))
        .collect();
    let town = Town::new(&sources, PACED).await;
    for name in ["a", "b", "c"] {
        let to = town.url("cdn", &format!("/cdn-{name}"));
        town.server
            .route(&format!("/{name}"), Answer::redirect(301, to));
        let slow = rss(&[name]).drip(Duration::from_micros(100));
        town.server.route(&format!("/cdn-{name}"), slow);
    }
    // In the second round nobody asks for a robots.txt first.
    for n_least in [4, 3] {
        let n_before = town.server.requests().len();
        town.again().await;
        let seen = town.server.requests().split_off(n_before);
        let at_cdn: Vec<_> = seen
            .iter()
            .filter(|seen| seen.host() == "cdn.test")
            .collect();
        assert!(at_cdn.len() >= n_least, "{at_cdn:?}");
        for two in at_cdn.windows(2) {
            let gap = two[1].at - two[0].at;
            let paths = (&two[0].path, &two[1].path);
            assert!(gap >= PACE, "{gap:?} between {paths:?}");
        }
    }
    assert_eq!(town.n_posts().await, 3);
}

#[tokio::test]
async fn rule_58_commands_keep_the_pace_and_ask_leave_at_redirects_too() {
    let (here, there) = (Server::start().await, Server::start().await);
    here.route("/a", rss(&["uno"]));
    // Another port of the same host needs no new leave; localhost is another host.
    let to = format!("http://localhost:{}/privado", there.port());
    here.route("/b", Answer::redirect(302, to));
    there.route("/privado", rss(&["dos"]));
    there.route(
        "/robots.txt",
        Answer::ok("text/plain", "User-agent: *\nDisallow: /privado"),
    );
    let text = configuration("", "pace = \"0s\"", here.port(), 25);
    let home = Home::new(&text, "[[watch]]\nname = \"x\"\nquery = 'x'\n");
    let (a, b) = (here.url("/a").to_string(), here.url("/b").to_string());
    let tried = home.run(&["--json", "try", &a, &b]).await;
    let rows = crate::support::binary::rows(&tried);
    assert!(
        rows[0]["text"].as_str().unwrap().contains("uno"),
        "{rows:?}"
    );
    assert!(
        rows[1]["error"].as_str().unwrap().contains("robots.txt"),
        "{rows:?}"
    );
    let paths: Vec<String> = here.requests().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["/robots.txt", "/a", "/b"]);
    assert!(here.shortest_gap().unwrap() >= Duration::from_millis(990));
    assert_eq!((there.hits("/robots.txt"), there.hits("/privado")), (1, 0));
}

#[tokio::test]
async fn rule_59_the_blogs_of_one_hoster_share_one_pace() {
    let names = [
        "uno.blogspot.com",
        "dos.blogspot.com.es",
        "www.tres.blogspot.mx",
    ];
    let sources: String = names.iter().map(|name| source(name, "/feed", "")).collect();
    let town = Town::new(&sources, PACED).await;
    town.server.route("/feed", rss(&["uno"]));
    town.round().await;
    assert_eq!(town.server.hits("/feed"), 3);
    assert_paced(&town, 6);
    let n_hosts = levers::number(&town.database(), "SELECT COUNT(*) FROM hosts").await;
    assert_eq!(n_hosts, 1);
}

#[tokio::test]
async fn rule_60_robots_txt_is_asked_once_a_day_and_obeyed_by_feeds_and_pages_alike() {
    let town = busy_town("").await;
    let forbids = "User-agent: *\nDisallow: /articulo-a\nDisallow: /p2\nDisallow: /mas-lejos\n";
    town.server
        .route("/robots.txt", Answer::ok("text/plain", forbids));
    town.round().await;
    town.again().await;
    for (path, n) in [
        ("/robots.txt", 1),
        ("/feed", 2),
        ("/articulo-a", 0),
        ("/articulo-b", 1),
    ] {
        assert_eq!(town.server.hits(path), n, "{path}");
    }
    assert_eq!((town.server.hits("/p1"), town.server.hits("/p2")), (2, 0));
    assert_eq!(
        (town.server.hits("/lejos"), town.server.hits("/mas-lejos")),
        (2, 0)
    );
    levers::set(
        &town.database(),
        "UPDATE robots SET fetched_at = fetched_at - 86400000",
    )
    .await;
    town.again().await;
    assert_eq!(town.server.hits("/robots.txt"), 2, "a day later");
    // While nobody knows what it says, nothing is read.
    town.server.route("/robots.txt", Answer::status(503));
    levers::set(
        &town.database(),
        "UPDATE robots SET fetched_at = fetched_at - 86400000",
    )
    .await;
    let before = town.requests().len();
    town.again().await;
    assert_eq!(town.requests().len(), before);
}

#[tokio::test]
async fn rule_60_each_scheme_host_and_port_has_a_robots_txt_of_its_own() {
    let sources = source("foro", "/feed", "") + &source("vecino", "/feed", "");
    let town = Town::new(&sources, "").await;
    town.server.route("/feed", rss(&["uno"]));
    town.round().await;
    let mut asked: Vec<String> = town
        .server
        .requests()
        .iter()
        .filter(|seen| seen.path == "/robots.txt")
        .map(|seen| seen.host().to_owned())
        .collect();
    asked.sort_unstable();
    assert_eq!(asked, ["foro.test", "vecino.test"]);
    let n = levers::number(&town.database(), "SELECT COUNT(*) FROM robots").await;
    assert_eq!(n, 2);
}

#[tokio::test]
async fn rule_61_crawl_delay_is_kept_up_to_a_minute() {
    let town = busy_town("").await;
    let slowly = "User-agent: *\nCrawl-delay: 0.06\n";
    town.server
        .route("/robots.txt", Answer::ok("text/plain", slowly));
    town.round().await;
    assert_paced(&town, 8);
    // Between two visits the database keeps it.
    for (delay, least, most) in [("45", 40_000, 45_000), ("86400", 55_000, 60_000)] {
        let town = Town::with_feed(rss(&["uno"])).await;
        let robots = format!("http://foro.test:{}", town.server.port());
        let kept = escucha::store::HostRobots {
            text: format!("User-agent: *\nCrawl-delay: {delay}\n"),
            fetched_at: escucha::clock::now(),
        };
        town.service
            .store
            .keep_robots(&robots, &kept)
            .await
            .unwrap();
        town.round().await;
        assert_eq!(town.requests().len(), 1);
        let at = levers::number(&town.database(), "SELECT next_at FROM hosts").await;
        within(at - escucha::clock::now().0, least, most, delay);
    }
}

#[tokio::test]
async fn rule_62_what_the_site_tells_robots_is_recorded() {
    let answer = rss(&["uno"])
        .header("X-Robots-Tag", "noindex, noai")
        .header("X-Robots-Tag", "noimageai");
    let town = Town::with_feed(answer).await;
    town.round().await;
    let tag = town.state().await.robots_tag;
    assert_eq!(tag.as_deref(), Some("noindex, noai, noimageai"));
    town.server.route("/feed", rss(&["dos"]));
    town.again().await;
    assert_eq!(town.state().await.robots_tag, None, "it says so no longer");
    assert_eq!(town.requests().len(), 2);
}

/// There are no tenants, but sources with one address, each with its own watches or its own way to read.
#[tokio::test]
async fn rule_64_sources_with_one_address_are_one_request() {
    let sources = source("foro", "/feed", "every = \"15m\"")
        + "[[source]]\nname = \"otra\"\nurl = \"{foro}/feed#x\"\nevery = \"15m\"\n\
           [[source]]\nname = \"tercera\"\nkind = \"blog\"\nurl = \"{foro}/feed\"\n\
           every = \"15m\"\n";
    let town = Town::new(&sources, "").await;
    town.server
        .route("/feed", rss(&["uno uno uno"]).etag("\"1\""));
    let read = async |n_hits: usize, what: &str| {
        let before = escucha::clock::now();
        town.round().await;
        assert_eq!(town.server.hits("/feed"), n_hits, "{what}");
        let states = town.service.store.source_states().await.unwrap();
        for state in &states {
            assert!(state.last_ok_at >= Some(before), "{what}: {state:?}");
        }
        assert_eq!(states.len(), 3);
    };
    read(1, "the first time").await;
    levers::everything_is_due(&town.database()).await;
    read(2, "unchanged").await;
    assert_eq!(
        town.requests()[1].header("if-none-match"),
        Some("\"1\""),
        "conditional"
    );
    town.server
        .route("/feed", rss(&["uno uno uno", "dos dos dos"]).etag("\"2\""));
    levers::everything_is_due(&town.database()).await;
    read(3, "changed").await;
    assert_eq!(town.n_posts().await, 2);
    // The others are not due yet: they are read together all the same, and stay together.
    levers::set(
        &town.database(),
        "UPDATE sources SET next_at = CASE name WHEN 'foro' THEN 0 ELSE next_at - 700000 END",
    )
    .await;
    read(4, "at about the same time").await;
    // What is wrong with it is wrong for all.
    town.server.route("/feed", Answer::status(404));
    town.again().await;
    assert_eq!(town.server.hits("/feed"), 5);
    let states = town.service.store.source_states().await.unwrap();
    assert!(states.iter().all(|state| state.n_failures == 1));
}

/// What can also be wanted twice is the page behind a story that two feeds show.
#[tokio::test]
async fn rule_64_a_page_that_two_sources_link_to_is_fetched_once() {
    let sources = source("foro", "/feed", "full_text = true")
        + &source("vecino", "/feed", "full_text = true");
    let town = Town::new(&sources, "").await;
    let link = town.url("blog", "/articulo");
    let item = format!(
        "<item><guid>1</guid><link>{link}</link><title>t</title><author>Ana</author>\
         <pubDate>{}</pubDate><description>Resumen que sigue…</description></item>",
        escucha::clock::now()
    );
    let body = format!("<rss version=\"2.0\"><channel><title>t</title>{item}</channel></rss>");
    town.server.route("/feed", Answer::ok(RSS, body));
    town.server.route(
        "/articulo",
        Answer::ok(HTML, "<html><article>El texto.</article></html>"),
    );
    town.round().await;
    town.again().await;
    assert_eq!(
        (town.server.hits("/feed"), town.server.hits("/articulo")),
        (4, 1)
    );
}
