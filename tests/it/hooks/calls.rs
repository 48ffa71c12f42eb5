//! One call, whatever the receiver does; and where no call leads.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use escucha::daemon::hooks;
use escucha::fetch::{Client, Limits};
use escucha::flow::hooks::Outcome;
use escucha::hook::{Key, Wanted};
use escucha::model::Ui;
use escucha::settings::{FetchSettings, HookUrl, IpNetwork, WebhookSettings};
use url::Url;

use super::{NEW, TOKEN};
use crate::fetch::ssrf;
use crate::support::http::{Answer, Server};
use crate::support::tally;

fn hook(url: Url) -> WebhookSettings {
    WebhookSettings {
        name: "crm".to_owned(),
        url: HookUrl(url),
        keys: vec![Key::parse(NEW).unwrap()],
        wanted: Wanted::default(),
        body: None,
        private: Vec::new(),
    }
}

fn fetch(networks: &[&str]) -> FetchSettings {
    FetchSettings {
        contact: "https://ejemplo.test/".to_owned(),
        allow_private: networks
            .iter()
            .map(|net| IpNetwork::parse(net).unwrap())
            .collect(),
        ..FetchSettings::default()
    }
}

/// Waits long enough for a busy machine, and not for ever.
fn patient() -> Client {
    let limits = Limits {
        total: Duration::from_secs(6),
        ..Limits::default()
    };
    Client::with_limits(&fetch(&["127.0.0.0/8"]), limits).unwrap()
}

const FAILED: Outcome = Outcome::Failed { wait_ms: None };

fn wait(seconds: i64) -> Outcome {
    Outcome::Failed {
        wait_ms: Some(seconds * 1_000),
    }
}

/// What receivers do, and what is made of it.
fn receivers() -> Vec<(&'static str, Answer, Outcome)> {
    let huge = vec![b'x'; 1 << 20];
    vec![
        ("ok", Answer::status(200), Outcome::Taken),
        ("nothing", Answer::status(204), Outcome::Taken),
        (
            "huge",
            Answer::ok("text/plain", huge.clone()),
            Outcome::Taken,
        ),
        (
            "endless",
            Answer::ok("text/plain", huge).endless(),
            Outcome::Taken,
        ),
        (
            "dripping",
            Answer::ok("text/plain", "x").drip(Duration::from_hours(1)),
            Outcome::Taken,
        ),
        (
            "half",
            Answer::ok("text/plain", "medio").cut(),
            Outcome::Taken,
        ),
        ("bomb", Answer::gzip_bomb(64), Outcome::Taken),
        ("moved", Answer::redirect(301, "/elsewhere"), FAILED),
        ("found", Answer::redirect(307, "/elsewhere"), FAILED),
        ("gone", Answer::status(410), Outcome::Gone),
        ("strange", Answer::status(400), Outcome::Refused),
        ("large", Answer::status(413), Outcome::Refused),
        ("secret", Answer::status(401), FAILED),
        (
            "often",
            Answer::status(429).header("Retry-After", "90"),
            wait(90),
        ),
        (
            "years",
            Answer::status(503).header("Retry-After", "315360000"),
            wait(86_400),
        ),
        ("broken", Answer::status(500), FAILED),
        ("silent", Answer::silence(), FAILED),
        (
            "slow",
            Answer::raw("HTTP/1.1 200 OK\r\n\r\n").drip(Duration::from_secs(1)),
            FAILED,
        ),
        ("reset", Answer::raw(""), FAILED),
        ("headers", Answer::endless_headers(), FAILED),
        ("garbage", Answer::raw("SSH-2.0-OpenSSH\r\n"), FAILED),
    ]
}

/// Every row in its own task: the silent ones take as long as the limit.
#[tokio::test(flavor = "multi_thread")]
async fn r46_whatever_a_receiver_does_is_named_and_ends() {
    tally("http");
    let server = Arc::new(Server::start().await);
    server.route("/elsewhere", Answer::status(200));
    let rows = receivers();
    let (client, mut tasks) = (patient(), tokio::task::JoinSet::new());
    let n = rows.len();
    for (name, answer, expected) in rows {
        let path = format!("/{name}/{TOKEN}");
        server.route(&path, answer);
        let url = server.url(&path);
        let client = client.clone();
        tasks.spawn(async move {
            let answer = hooks::call(&client, &hook(url), "d-1", "{}", Ui::Es).await;
            assert_eq!(answer.outcome, expected, "{name}: {}", answer.sentence);
            assert!(!answer.sentence.contains(TOKEN), "{}", answer.sentence);
        });
    }
    assert_eq!(tasks.join_all().await.len(), n);
    assert_eq!(server.hits("/elsewhere"), 0, "a redirect was followed");
    let closed = server.url("/");
    drop(server);
    let answer = hooks::call(&client, &hook(closed), "d-1", "{}", Ui::En).await;
    assert_eq!(answer.outcome, FAILED);
}

/// S1: no address of the list is reached as a webhook, however it is written, and the answer does not tell
/// what is there.
#[tokio::test(flavor = "multi_thread")]
async fn s1_no_address_of_the_list_is_called() {
    tally("http");
    let canary = Server::start().await;
    canary.route("/", Answer::status(200));
    let look_up = |name: String| async move { ssrf::table(&name) };
    let client =
        Client::with_resolver(&fetch(&["127.0.0.77"]), Limits::default(), look_up).unwrap();
    let mut n = 0;
    for text in ssrf::addresses(canary.port()) {
        let Ok(url) = Url::parse(&text) else { continue };
        let answer = hooks::call(&client, &hook(url), "d-1", "{}", Ui::En).await;
        assert_eq!(answer.outcome, FAILED, "{text:?}");
        n += 1;
    }
    assert_eq!(canary.connections(), 0);
    assert!(n > 80, "{n} addresses");
    let open = patient();
    let answer = hooks::call(&open, &hook(canary.url("/")), "d-1", "{}", Ui::En).await;
    assert_eq!(answer.outcome, Outcome::Taken, "the canary can be reached");
}

/// S5: what one endpoint may reach, no other may, nor that endpoint another port.
#[tokio::test(flavor = "multi_thread")]
async fn s5_the_leave_of_an_endpoint_is_its_own() {
    tally("http");
    let server = Server::start().await;
    server.route("/", Answer::status(200));
    let mut allowed = hook(server.url("/"));
    allowed.private = vec![IpNetwork::parse("127.0.0.1").unwrap()];
    let other = hook(server.url("/"));
    let outcome = |hook: WebhookSettings| async move {
        let client = hooks::client(&hook, &fetch(&[])).unwrap();
        hooks::call(&client, &hook, "d-1", "{}", Ui::En).await
    };
    assert_eq!(outcome(allowed).await.outcome, Outcome::Taken);
    let refused = outcome(other).await;
    assert_eq!(refused.outcome, FAILED);
    assert!(
        refused.sentence.contains("(address-not-public)"),
        "{}",
        refused.sentence
    );
    assert_eq!(server.connections(), 1);
}

/// A name that turns private after it was looked at is not called.
#[tokio::test(flavor = "multi_thread")]
async fn s3_a_name_that_turns_private_is_not_called() {
    tally("http");
    let server = Server::start().await;
    server.route("/", Answer::status(200));
    let look_up = |_: String| async { Ok::<Vec<IpAddr>, io::Error>(vec![[127, 0, 0, 1].into()]) };
    let client = Client::with_resolver(&fetch(&[]), Limits::default(), look_up).unwrap();
    let url = format!("http://crm.test:{}/", server.port())
        .parse()
        .unwrap();
    let answer = hooks::call(&client, &hook(url), "d-1", "{}", Ui::En).await;
    assert_eq!((answer.outcome, server.connections()), (FAILED, 0));
}
