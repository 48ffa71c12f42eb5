//! The built program polls presets: all sources of one line, conditionally, at the pace of the site.

use super::{Route, serve};
use crate::support::binary::{Home, err, out, rows};
use crate::support::http::Answer;
use crate::support::levers;

fn home(sources: &str, keywords: &str) -> Home {
    let operator = format!(
        "language = \"es\"\n[company]\nname = \"X\"\n[fetch]\nallow_private = [\"127.0.0.0/8\"]\n\
         pace = \"0s\"\nalert_if_younger_than = \"3600d\"\n[smtp]\nhost = \"127.0.0.1\"\nport = 1\n\
         security = \"none\"\nfrom = \"a@x.test\"\n[alerts]\nto = [\"g@x.test\"]\n{sources}"
    );
    Home::new(&operator, keywords)
}

fn database(home: &Home) -> String {
    format!("sqlite://{}", home.path().join("escucha.db").display())
}

const BLOG: [Route; 4] = [
    route!("/feed/", "wordpress.xml"),
    route!("/comments/feed/atom/", "wordpress-comments.xml"),
    route!("/posts.json", "discourse.json"),
    route!(
        "/es/rss/customerreviews/page=1/id=1/sortby=mostrecent/json",
        "appstore.json"
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn presets_are_polled_conditionally_and_their_parts_are_one_source_for_the_analyst() {
    let server = serve(&BLOG).await;
    let base = server.url("");
    let sources = format!(
        "[[source]]\nname = \"blog\"\nkind = \"wordpress\"\nurl = \"{base}\"\n\
         [[source]]\nname = \"foro\"\nkind = \"discourse\"\nurl = \"{base}\"\n\
         [[source]]\nname = \"app\"\nkind = \"appstore\"\napp = \"1\"\ncountry = \"es\"\n\
         url = \"{base}\"\n"
    );
    let keywords = "[[watch]]\nname = \"w\"\nquery = 'cobran OR ejemplo'\nsources = [\"blog\"]\n";
    let home = home(&sources, keywords);
    // Mail cannot be sent there: exit 1.
    let first = home.run(&["run", "--once"]).await;
    assert_eq!(first.status.code(), Some(1), "{}", err(&first));
    let cases = rows(&home.run(&["--json", "cases", "--all"]).await);
    let comment = |row: &&serde_json::Value| row["url"].as_str().unwrap().ends_with("#comment-8");
    assert_eq!(cases.iter().filter(comment).count(), 1, "{cases:#?}");

    let n_first = server.requests().len();
    levers::everything_is_due(&database(&home)).await;
    home.run(&["run", "--once"]).await;
    let requests = server.requests();
    let again = requests[n_first..]
        .iter()
        .filter(|seen| seen.path != "/robots.txt");
    let mut asked: Vec<(&str, Option<&str>)> = again
        .map(|seen| (seen.path.as_str(), seen.header("if-none-match")))
        .collect();
    asked.sort_unstable();
    let mut expected = BLOG.map(|(path, _)| (path, Some("\"v1\"")));
    expected.sort_unstable();
    assert_eq!(asked, expected);

    let shown = home.run(&["--json", "try", "blog"]).await;
    let sources: Vec<String> = rows(&shown)
        .iter()
        .map(|row| row["source"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        sources,
        ["blog", "blog/comments", "blog/comments"],
        "{}",
        err(&shown)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reddit_is_asked_once_a_minute() {
    let server = serve(&[
        route!("/r/spain/new/.rss", "reddit.xml"),
        route!("/r/spain/comments/.rss", "reddit.xml"),
    ])
    .await;
    let base = server.url("");
    let source = format!(
        "[[source]]\nname = \"r\"\nkind = \"reddit\"\nchannel = \"spain\"\nurl = \"{base}\"\n"
    );
    let home = home(&source, super::KEYWORDS);
    let n_asked = || {
        let requests = server.requests();
        requests
            .iter()
            .filter(|seen| seen.path.starts_with("/r/"))
            .count()
    };
    home.run(&["run", "--once"]).await;
    assert_eq!(n_asked(), 1, "the host rests before the second of two");
    levers::everything_is_due(&database(&home)).await;
    home.run(&["run", "--once"]).await;
    assert_eq!(n_asked(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_what_the_author_of_a_recipe_wants_known() {
    let source = "[[source]]\nname = \"opiniones\"\nrecipe = \"trustpilot\"\n\
                  url = \"https://es.trustpilot.com/review/x.test\"\n";
    let checked = home(source, super::KEYWORDS).run(&["check"]).await;
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
    assert!(out(&checked).contains("! opiniones: Trustpilot: escrita sin ver el sitio"));
}

/// A page of the reviews of an app: these numbers.
fn reviews(numbers: std::ops::Range<u32>) -> String {
    let entry = |n: u32| {
        format!(
            "{{\"author\": {{\"name\": {{\"label\": \"V{n}\"}}}}, \"im:rating\": {{\"label\": \"1\"}}, \
             \"updated\": {{\"label\": \"2026-11-19T02:15:07-07:00\"}}, \"id\": {{\"label\": \"{n}\"}}, \
             \"title\": {{\"label\": \"t\"}}, \"content\": {{\"label\": \"No entra, van {n} veces.\"}}}}"
        )
    };
    let entries: Vec<String> = numbers.map(entry).collect();
    format!("{{\"feed\": {{\"entry\": [{}]}}}}", entries.join(", "))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_poll_of_an_app_reads_its_ten_pages_and_later_ones_what_is_new() {
    let server = serve(&[]).await;
    let path =
        |page: u32| format!("/es/rss/customerreviews/page={page}/id=1/sortby=mostrecent/json");
    let show = |page: u32, numbers| {
        let answer = Answer::ok("application/json", reviews(numbers));
        server.route(&path(page), answer);
    };
    for page in 1..13 {
        show(page, page * 50..page * 50 + 50);
    }
    let source = format!(
        "[[source]]\nname = \"app\"\nkind = \"appstore\"\napp = \"1\"\ncountry = \"es\"\nurl = \"{}\"\n",
        server.url("")
    );
    let home = home(&source, super::KEYWORDS);
    let hits = || {
        (1..13)
            .map(|page| server.hits(&path(page)))
            .collect::<Vec<_>>()
    };
    home.run(&["run", "--once"]).await;
    assert_eq!(hits(), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    show(1, 49..99);
    levers::everything_is_due(&database(&home)).await;
    home.run(&["run", "--once"]).await;
    assert_eq!(hits(), [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0], "one is new");
    // Everything is new on these pages: four more are read than the first.
    for page in 1..13 {
        show(page, page * 50 + 10_000..page * 50 + 10_050);
    }
    levers::everything_is_due(&database(&home)).await;
    home.run(&["run", "--once"]).await;
    assert_eq!(hits(), [3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0]);
}
