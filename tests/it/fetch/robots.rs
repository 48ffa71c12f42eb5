//! robots.txt over the network (RFC 9309 section 2.3.1; rule 60). The rules themselves: unit tests.

use escucha::fetch::{Limits, Robots, RobotsOutcome};
use std::time::Duration;

use super::*;

fn told(outcome: &RobotsOutcome) -> String {
    match outcome {
        RobotsOutcome::Read(robots) => format!("read, /a {}", robots.allows("/a")),
        RobotsOutcome::Absent => "absent".to_owned(),
        RobotsOutcome::Unreachable(error) => format!("unreachable: {}", error.code()),
    }
}

#[tokio::test]
async fn rule_60_each_answer_has_its_meaning() {
    let server = Server::start().await;
    let client = client();
    let forbids = "User-agent: escucha\nDisallow: /a\n";
    let long = format!("{forbids}{}\nAllow: /a", "#".repeat(Robots::BYTES_MAX));
    for (answer, expected, allows) in [
        (Answer::ok("text/plain", forbids), "read, /a false", false),
        (Answer::ok("text/plain", long), "read, /a false", false),
        (
            Answer::ok("text/plain", forbids).gzip(),
            "read, /a false",
            false,
        ),
        (Answer::ok("text/plain", ""), "read, /a true", true),
        (Answer::status(204), "read, /a true", true),
        (Answer::status(404), "absent", true),
        (Answer::status(403), "absent", true),
        (Answer::status(418), "absent", true),
        (Answer::redirect(302, "/robots.txt"), "absent", true),
        (Answer::status(429), "unreachable: too-many-requests", false),
        (Answer::status(500), "unreachable: server-error", false),
        (Answer::raw("nada"), "unreachable: broken", false),
        (
            Answer::redirect(302, "http://10.0.0.1/"),
            "unreachable: address-not-public",
            false,
        ),
    ] {
        server.route("/robots.txt", answer);
        let outcome = client
            .robots(&server.url("/deep/feed.xml?a=1"), now())
            .await;
        assert_eq!(told(&outcome), expected);
        assert_eq!(outcome.allows("/a"), allows, "{expected}");
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|seen| seen.path == "/robots.txt")
    );
}

#[tokio::test]
async fn rule_60_five_redirects_are_followed_and_silence_forbids() {
    let server = Server::start().await;
    let limits = Limits {
        headers: Duration::from_millis(300),
        ..Limits::default()
    };
    let client = Client::with_limits(&settings(&["127.0.0.1"]), limits).unwrap();
    let url = server.url("/feed");
    server.route(
        "/0",
        Answer::ok("text/plain", "User-agent: *\nDisallow: /a"),
    );
    for n in 1..=6 {
        server.route(
            &format!("/{n}"),
            Answer::redirect(301, format!("/{}", n - 1)),
        );
    }
    server.route("/robots.txt", Answer::redirect(301, "/4"));
    assert_eq!(told(&client.robots(&url, now()).await), "read, /a false");
    server.route("/robots.txt", Answer::redirect(301, "/5"));
    assert_eq!(told(&client.robots(&url, now()).await), "absent");
    server.route("/robots.txt", Answer::silence());
    let outcome = client.robots(&url, now()).await;
    assert_eq!(told(&outcome), "unreachable: headers-timeout");
}
