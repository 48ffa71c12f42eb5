//! A web page that is given as a feed or blog: its feed is found, read in its place, and kept.

use crate::support::binary::{self, Home, err, out};
use crate::support::http::{Answer, Server};
use crate::support::smtp::Smtp;
use crate::support::{levers, tally};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
const HTML: &str = "text/html; charset=utf-8";
const RSS: &str = "application/rss+xml";

fn configuration(server: &Server, smtp: u16, sources: &str) -> String {
    let base = server.url("/");
    format!(
        "language = \"es\"\n[company]\nname = \"Telefonía Ejemplo\"\n\
         [fetch]\nallow_private = [\"127.0.0.0/8\"]\npace = \"1s\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\n\
         from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"gerente@ejemplo.test\"]\n{}",
        sources.replace("{base}", base.as_str())
    )
}

fn source(kind: &str, more: &str) -> String {
    format!("[[source]]\nname = \"{kind}\"\nkind = \"{kind}\"\nurl = \"{{base}}\"\n{more}\n")
}

/// A front page with the feeds that it offers, comments first.
fn front(feeds: &str) -> Answer {
    Answer::ok(
        HTML,
        format!(
            "<html lang=es><head><title>El blog</title>{feeds}</head><body>\
             <article><h2><a href='/1'>Dos cobros</a></h2><p>Hola a todos.</p></article></body></html>"
        ),
    )
    .etag(&format!("\"{}\"", feeds.len()))
}

const LINKS: &str = "<link rel=alternate type='application/rss+xml' title='Comentarios' href='/comments.xml'>\
     <link rel=alternate type='application/rss+xml' title='Entradas' href='posts.xml'>";

fn feed(who: &str) -> Answer {
    let item = format!(
        "<item><title>Dos cobros de Telefonía Ejemplo</title><author>{who}</author>\
         <link>http://blog.test/{who}</link><pubDate>{}</pubDate>\
         <description>Telefonía Ejemplo me ha cobrado dos veces la factura. Llamé cuatro veces en dos \
         semanas y nadie me contesta. Soy cliente desde 2014 y me voy a otra compañía.</description></item>",
        rfc2822()
    );
    Answer::ok(
        RSS,
        format!("<rss version=\"2.0\"><channel><title>b</title>{item}</channel></rss>"),
    )
    .etag("\"feed\"")
}

fn rfc2822() -> String {
    let at = escucha::clock::now().plus_hours(-1);
    at.in_zone(&jiff::tz::TimeZone::UTC)
        .strftime("%a, %d %b %Y %H:%M:%S +0000")
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_of_a_page_is_read_in_its_place_and_kept() {
    tally("http");
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/", front(LINKS));
    server.route("/posts.xml", feed("Javier"));
    let home = Home::new(
        &configuration(&server, smtp.port, &source("feed", "")),
        KEYWORDS,
    );
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(smtp.mails().len(), 1, "{}", err(&done));
    assert!(
        err(&done).contains("/posts.xml is read in its place"),
        "{}",
        err(&done)
    );
    let paths = |from: usize| -> Vec<String> {
        let seen = &server.requests()[from..];
        seen.iter().map(|seen| seen.path.clone()).collect()
    };
    assert_eq!(paths(0), ["/robots.txt", "/", "/posts.xml"]);
    let shown = out(&home.run(&["sources"]).await);
    assert!(
        shown.contains("se lee el canal que ofrece:\n  http://127.0.0.1"),
        "{shown}"
    );

    // From then on the feed alone is asked, with its own validators.
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    levers::everything_is_due(&database).await;
    assert!(home.run(&["run", "--once"]).await.status.success());
    assert_eq!(paths(3), ["/posts.xml"]);
    assert_eq!(
        server.requests()[3].header("if-none-match"),
        Some("\"feed\"")
    );

    // When it is gone, the page is asked where the feed is now, and not with the feed's validators.
    server.route("/posts.xml", Answer::status(410));
    levers::everything_is_due(&database).await;
    assert!(home.run(&["run", "--once"]).await.status.success());
    server.route(
        "/",
        front("<link rel=alternate type=application/atom+xml href=/new.xml>"),
    );
    server.route("/new.xml", feed("Marta"));
    levers::everything_is_due(&database).await;
    assert!(home.run(&["run", "--once"]).await.status.success());
    assert_eq!(paths(4), ["/posts.xml", "/", "/new.xml"]);
    assert_eq!(server.requests()[5].header("if-none-match"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_robots_forbids_is_not_read_and_the_page_is_told_of() {
    tally("http");
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    let robots = "User-agent: *\nDisallow: /posts.xml\n";
    server.route("/robots.txt", Answer::ok("text/plain", robots));
    server.route(
        "/",
        front("<link rel=alternate type='application/rss+xml' href='posts.xml'>"),
    );
    server.route("/posts.xml", feed("Javier"));
    let sources = source("feed", "");
    let home = Home::new(&configuration(&server, smtp.port, &sources), KEYWORDS);
    let done = home.run(&["run", "--once"]).await;
    assert_eq!(server.hits("/posts.xml"), 0, "{}", err(&done));
    let shown = out(&home.run(&["sources"]).await);
    assert!(shown.contains("su canal es http://127.0.0.1"), "{shown}");
    let url = server.url("/").to_string();
    let tried = home.run(&["try", &url, "--kind", "feed"]).await;
    assert_eq!(server.hits("/posts.xml"), 0);
    let said = out(&tried);
    assert!(
        said.contains("/posts.xml no se puede leer: el robots.txt"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn try_and_check_find_the_feed_too() {
    tally("http");
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/", front(LINKS));
    server.route("/posts.xml", feed("Javier"));
    let sources = source("blog", "");
    let home = Home::new(&configuration(&server, smtp.port, &sources), KEYWORDS);
    let checked = home.run(&["check", "--online"]).await;
    let said = out(&checked);
    assert!(
        said.contains("1 publicación; es una página web; se lee el canal"),
        "{said}"
    );
    for kind in ["feed", "blog"] {
        let url = format!("{}?{kind}", server.url("/"));
        server.route(&format!("/?{kind}"), front(LINKS));
        let tried = home.run(&["try", &url, "--kind", kind]).await;
        let said = out(&tried);
        assert!(
            said.contains("/posts.xml") && said.contains("Javier"),
            "{said}"
        );
        let tried = home.run(&["--json", "try", &url, "--kind", kind]).await;
        let rows = binary::rows(&tried);
        assert_eq!(
            (rows.len(), &rows[0]["how"]),
            (1, &"feed".into()),
            "{}",
            err(&tried)
        );
        assert!(err(&tried).contains("/posts.xml"), "{}", err(&tried));
    }
    assert_eq!(
        server.hits("/comments.xml"),
        0,
        "posts are preferred to comments"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blog_without_a_feed_is_read_by_selectors_or_says_what_is_missing() {
    tally("http");
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/", front(""));
    let select = "select = { item = \"article\", text = \"p\", title = \"h2\", url = \"a@href\" }";
    let sources = source("blog", select);
    let home = Home::new(&configuration(&server, smtp.port, &sources), KEYWORDS);
    let url = server.url("/").to_string();
    let rows = binary::rows(&home.run(&["--json", "try", &url]).await);
    assert_eq!(rows[0]["how"], "selectors");
    assert_eq!(
        (&rows[0]["title"], &rows[0]["text"]),
        (&"Dos cobros".into(), &"Hola a todos.".into())
    );
    let other = format!("{url}?other");
    server.route("/?other", front(""));
    let tried = home.run(&["try", &other, "--kind", "blog"]).await;
    let said = out(&tried);
    assert!(
        said.contains("esta página no ofrece ningún canal y no hay selectores"),
        "{said}"
    );
    let tried = home.run(&["try", &other, "--kind", "feed"]).await;
    let said = out(&tried);
    assert_eq!(tried.status.code(), Some(1));
    assert!(
        said.contains("esto es una página web, no un canal, y no ofrece ninguno"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blog_that_offers_no_feed_says_so_until_it_offers_one() {
    tally("http");
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    server.route("/", front(""));
    let sources = source("blog", "");
    let home = Home::new(&configuration(&server, smtp.port, &sources), KEYWORDS);
    assert!(home.run(&["run", "--once"]).await.status.success());
    let shown = out(&home.run(&["sources"]).await);
    assert!(
        shown.contains("esta página no ofrece ningún canal"),
        "{shown}"
    );

    // The feed fails at first. The page must not be asked for changes then: it would say 304.
    let database = format!("sqlite://{}", home.path().join("escucha.db").display());
    server.route("/", front(LINKS));
    server.route("/posts.xml", Answer::status(500));
    server.route("/comments.xml", Answer::status(500));
    levers::everything_is_due(&database).await;
    assert!(home.run(&["run", "--once"]).await.status.success());
    let from = server.requests().len();
    server.route("/posts.xml", feed("Javier"));
    levers::everything_is_due(&database).await;
    assert!(home.run(&["run", "--once"]).await.status.success());
    let paths: Vec<String> = server.requests()[from..]
        .iter()
        .map(|seen| seen.path.clone())
        .collect();
    assert_eq!(paths, ["/", "/posts.xml"]);
    assert_eq!(smtp.mails().len(), 1);
    let shown = out(&home.run(&["sources"]).await);
    assert!(!shown.contains("ningún canal"), "{shown}");
    assert!(shown.contains("  bien  "), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_found_feed_has_the_robots_txt_and_the_pace_of_its_own_host() {
    tally("http");
    let (server, other, smtp) = (
        Server::start().await,
        Server::start().await,
        Smtp::start().await,
    );
    // localhost is another host than 127.0.0.1.
    let feed_at = |path: &str| format!("http://localhost:{}{path}", other.port());
    let link = |path: &str| {
        format!(
            "<link rel=alternate type='application/rss+xml' href='{}'>",
            feed_at(path)
        )
    };
    let links = format!("{}{}", link("/cerrado.xml"), link("/abierto.xml"));
    server.route("/", front(&links));
    let robots = "User-agent: *\nDisallow: /cerrado\n";
    other.route("/robots.txt", Answer::ok("text/plain", robots));
    other.route("/cerrado.xml", feed("Luis"));
    other.route("/abierto.xml", feed("Javier"));
    let home = Home::new(
        &configuration(&server, smtp.port, &source("feed", "")),
        KEYWORDS,
    );
    let done = home.run(&["run", "--once"]).await;
    let paths: Vec<String> = other.requests().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["/robots.txt", "/abierto.xml"], "{}", err(&done));
    let gap = other.shortest_gap().unwrap();
    assert!(gap >= std::time::Duration::from_millis(990), "{gap:?}");
    let url = server.url("/").to_string();
    let rows = binary::rows(&home.run(&["--json", "try", &url]).await);
    assert_eq!(rows[0]["url"], "http://blog.test/Javier", "{rows:?}");
    assert_eq!(other.hits("/cerrado.xml"), 0);
    assert_eq!(smtp.mails().len(), 1, "{}", err(&done));
}
