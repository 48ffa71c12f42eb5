//! One fetch against real sockets: conditional, polite, guarded (`ssrf`), bounded (`limits`).
#![expect(clippy::unwrap_used, reason = "a helper that fails ends its test")]

mod limits;
mod robots;
pub(crate) mod ssrf;

use std::process::Command;

use escucha::fetch::{Accept, Body, Client, FetchError, Request, Response, Retry};
use escucha::model::Timestamp;
use escucha::settings::{FetchSettings, IpNetwork};
use url::Url;

use crate::support::http::{Answer, Server};

const RSS: &str = "application/rss+xml";

fn settings(allow_private: &[&str]) -> FetchSettings {
    FetchSettings {
        contact: "https://ejemplo.test/escucha".to_owned(),
        allow_private: allow_private
            .iter()
            .map(|net| IpNetwork::parse(net).unwrap())
            .collect(),
        alert_if_younger_than_ms: 0,
        floor_ms: 0,
        pace_ms: 0,
        slow_after: 0,
    }
}

/// May reach the test servers, and loopback alone.
fn client() -> Client {
    Client::new(&settings(&["127.0.0.0/8"])).unwrap()
}

fn request(url: &Url) -> Request<'_> {
    Request {
        url,
        etag: None,
        last_modified: None,
        accept: Accept::Feed,
        now: now(),
    }
}

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").unwrap()
}

async fn get(client: &Client, url: &Url) -> Result<Response, FetchError> {
    client.get(&request(url)).await
}

/// `200 <text>`, `304`, or the code of the error.
fn outcome(result: &Result<Response, FetchError>) -> String {
    match result {
        Ok(response) => match &response.body {
            Body::NotModified => response.status.to_string(),
            Body::Bytes(bytes) => {
                format!("{} {}", response.status, String::from_utf8_lossy(bytes))
            }
        },
        Err(error) => error.code().to_owned(),
    }
}

/// Runs the named test again as a process of its own, in which these variables are set.
fn run_as_child(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        told.contains("1 passed"),
        "{test} is not the name of a test:\n{told}"
    );
}

#[tokio::test]
async fn rule_2_validators_go_back_byte_for_byte() {
    let server = Server::start().await;
    let client = client();
    for (etag, modified) in [
        ("\"1\"", "Fri, 20 Nov 2026 10:00:00 GMT"),
        ("W/\"a  b\"", "fri 20 november, más o menos"),
        ("sin-comillas-ñ", "0"),
    ] {
        let answer = Answer::ok(RSS, "<rss/>").etag(etag).last_modified(modified);
        server.route("/feed", answer);
        let url = server.url("/feed");
        let first = get(&client, &url).await.unwrap();
        let again = Request {
            etag: first.etag.as_deref(),
            last_modified: first.last_modified.as_deref(),
            ..request(&url)
        };
        let second = client.get(&again).await;
        assert_eq!(outcome(&second), "304");
        assert_eq!(second.unwrap().etag.as_deref(), Some(etag));
        let seen = server.requests();
        let [.., cold, warm] = seen.as_slice() else {
            panic!("two requests");
        };
        assert_eq!(cold.header("if-none-match"), None);
        assert_eq!(cold.header("if-modified-since"), None);
        assert_eq!(warm.header("if-none-match"), Some(etag));
        assert_eq!(warm.header("if-modified-since"), Some(modified));
    }
}

#[tokio::test]
async fn rule_6_forbidden_validators_are_not_kept() {
    let server = Server::start().await;
    let answer = Answer::ok(RSS, "<rss/>")
        .etag("\"1\"")
        .header("Cache-Control", "no-store");
    server.route("/feed", answer);
    let response = get(&client(), &server.url("/feed")).await.unwrap();
    assert_eq!(response.etag, None);
}

#[tokio::test]
async fn rule_12_hints_reach_the_outcome() {
    let server = Server::start().await;
    let answer = Answer::ok("text/xml; charset=utf-8", "<rss/>")
        .header("Cache-Control", "max-age=7200")
        .header("Age", "3600");
    server.route("/feed", answer);
    let response = get(&client(), &server.url("/feed")).await.unwrap();
    assert_eq!(response.hints.fresh_for_ms, Some(3_600_000));
    assert_eq!(
        response.content_type.as_deref(),
        Some("text/xml; charset=utf-8")
    );
}

#[tokio::test]
async fn r32_and_r41_statuses_have_names() {
    let server = Server::start().await;
    let client = client();
    for (answer, expected) in [
        (Answer::ok(RSS, "<rss/>"), "200 <rss/>"),
        (Answer::ok(RSS, ""), "empty-body"),
        (Answer::ok(RSS, " \r\n\t"), "empty-body"),
        (Answer::status(204), "unexpected-status"),
        (Answer::status(206).body("<rss"), "unexpected-status"),
        (Answer::status(300), "unexpected-status"),
        (Answer::status(304), "unasked-304"),
        (Answer::status(302), "bad-redirect"),
        (Answer::redirect(301, "http://[::1"), "bad-redirect"),
        (Answer::status(401), "unauthorized"),
        (Answer::status(403), "forbidden"),
        (
            Answer::status(403).header("cf-mitigated", "challenge"),
            "challenge",
        ),
        (
            Answer::status(202).header("x-amzn-waf-action", "challenge"),
            "challenge",
        ),
        (
            Answer::ok("text/html", "wait").header("cf-mitigated", "challenge"),
            "challenge",
        ),
        (Answer::status(404), "not-found"),
        (Answer::status(410), "gone"),
        (Answer::status(418), "unexpected-status"),
        (Answer::status(429), "too-many-requests"),
        (Answer::status(500), "server-error"),
        (Answer::status(599), "server-error"),
        (
            Answer::raw("HTTP/1.1 101 Up\r\nConnection: upgrade\r\n\r\n"),
            "unexpected-status",
        ),
        (Answer::raw("220 mail.ejemplo.test ESMTP\r\n"), "broken"),
        (Answer::raw(""), "broken"),
    ] {
        let told = format!("{answer:?}");
        server.route("/feed", answer);
        let result = get(&client, &server.url("/feed")).await;
        assert_eq!(outcome(&result), expected, "{told}");
    }
}

#[tokio::test]
async fn rules_18_to_23_waits_are_told() {
    let server = Server::start().await;
    let client = client();
    let date = |answer: Answer| answer.header("Date", "Mon, 01 Jan 2001 00:00:00 GMT");
    for (answer, expected) in [
        (
            Answer::status(429).header("Retry-After", "120"),
            Retry::After(120_000),
        ),
        (
            date(Answer::status(429)).header("Retry-After", "Mon, 01 Jan 2001 00:10:00 GMT"),
            Retry::After(600_000),
        ),
        (
            Answer::status(503).header("Retry-After", "Fri, 20 Nov 2026 10:10:00 GMT"),
            Retry::After(600_000),
        ),
        (
            Answer::status(429).header("Retry-After", "-1"),
            Retry::After(3_600_000),
        ),
        (
            Answer::status(503).header("Retry-After", "nunca"),
            Retry::Later,
        ),
        (
            Answer::status(503).header("Retry-After", "315360000"),
            Retry::After(86_400_000),
        ),
        (
            Answer::status(429)
                .header("X-RateLimit-Remaining", "0")
                .header("X-RateLimit-Reset", "77"),
            Retry::After(77_000),
        ),
    ] {
        let told = format!("{answer:?}");
        server.route("/feed", answer);
        let error = get(&client, &server.url("/feed")).await.unwrap_err();
        assert_eq!(error.retry(), expected, "{told}");
    }
}

#[tokio::test]
async fn rules_24_to_26_only_the_permanent_prefix_moves_the_source() {
    let server = Server::start().await;
    let client = client();
    server.route("/end", Answer::ok(RSS, "<rss/>"));
    for (chain, moved_to) in [
        (&[301][..], Some("/end")),
        (&[308, 301], Some("/end")),
        (&[301, 302], Some("/hop1")),
        (&[301, 303, 301], Some("/hop1")),
        (&[302, 301], None),
        (&[303], None),
        (&[307], None),
        (&[], None),
    ] {
        for (i, status) in chain.iter().enumerate() {
            let last = i + 1 == chain.len();
            let to = if last {
                "/end".to_owned()
            } else {
                format!("hop{}", i + 1)
            };
            server.route(&format!("/hop{i}"), Answer::redirect(*status, to));
        }
        let start = if chain.is_empty() { "/end#x" } else { "/hop0" };
        let response = get(&client, &server.url(start)).await.unwrap();
        assert_eq!(response.final_url, server.url("/end"), "{chain:?}");
        assert_eq!(
            response.moved_to,
            moved_to.map(|path| server.url(path)),
            "{chain:?}"
        );
    }
}

#[tokio::test]
async fn rules_34_and_35_redirects_end() {
    let server = Server::start().await;
    let client = client();
    server.route("/0", Answer::ok(RSS, "<rss/>"));
    for n in 1..=30 {
        server.route(
            &format!("/{n}"),
            Answer::redirect(302, format!("/{}", n - 1)),
        );
    }
    assert_eq!(
        outcome(&get(&client, &server.url("/5")).await),
        "200 <rss/>"
    );
    assert_eq!(
        outcome(&get(&client, &server.url("/6")).await),
        "too-many-redirects"
    );
    let before = server.requests().len();
    assert_eq!(
        outcome(&get(&client, &server.url("/30")).await),
        "too-many-redirects"
    );
    assert_eq!(server.requests().len() - before, 6);

    server.route("/a", Answer::redirect(302, "/b"));
    server.route("/b", Answer::redirect(301, "/a#again"));
    assert_eq!(
        outcome(&get(&client, &server.url("/a")).await),
        "redirect-loop"
    );
    assert_eq!((server.hits("/a"), server.hits("/b")), (1, 1));
}

#[tokio::test]
async fn redirects_as_browsers_read_them() {
    let server = Server::start().await;
    server.route("/a%F1o", Answer::ok(RSS, "<rss/>"));
    let answer = b"HTTP/1.1 302 Found\r\nLocation: /a\xf1o\r\nContent-Length: 0\r\n\r\n";
    server.route("/feed", Answer::raw(answer));
    assert_eq!(
        outcome(&get(&client(), &server.url("/feed")).await),
        "200 <rss/>"
    );
}

/// Servers that hang up without saying so: an answer must not depend on who is quicker.
#[tokio::test]
async fn a_closed_connection_is_not_asked_again() {
    let server = Server::start().await;
    let client = client();
    server.route("/end", Answer::ok(RSS, "<rss/>"));
    let answer = "HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n";
    server.route("/feed", Answer::raw(answer));
    for _ in 0..50 {
        assert_eq!(
            outcome(&get(&client, &server.url("/feed")).await),
            "200 <rss/>"
        );
    }
}

#[tokio::test]
async fn rules_37_and_54_to_57_manners() {
    let server = Server::start().await;
    let other = Server::start().await;
    other.route(
        "/end",
        Answer::ok(RSS, "<rss/>").header("Set-Cookie", "b=2"),
    );
    let answer = Answer::redirect(302, other.url("/end")).header("Set-Cookie", "a=1; Path=/");
    server.route("/feed", answer);
    let client = client();
    for _ in 0..2 {
        get(&client, &server.url("/feed?q=1")).await.unwrap();
    }
    let mut seen = server.requests();
    seen.extend(other.requests());
    assert_eq!(seen.len(), 4);
    for request in seen {
        assert_eq!(request.method, "GET");
        assert!(
            ["/feed?q=1", "/end"].contains(&request.path.as_str()),
            "{}",
            request.path
        );
        let mut names: Vec<&str> = request.headers.iter().map(|(n, _)| n.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
        let agent = concat!("escucha/", env!("CARGO_PKG_VERSION"));
        let agent = format!("{agent} (+https://ejemplo.test/escucha)");
        assert_eq!(request.header("user-agent"), Some(agent.as_str()));
    }
}

#[test]
fn a_contact_that_is_no_header_is_refused() {
    let bad = FetchSettings {
        contact: "dos\nlíneas".to_owned(),
        ..settings(&[])
    };
    assert_eq!(Client::new(&bad).unwrap_err().code(), "setup");
}
