//! The log (S15): one line an event, whatever servers, titles and authors say.

use crate::faults;
use crate::support::binary::{self, Home, err};
use crate::support::http::{Answer, Server};
use crate::support::levers;
use crate::support::smtp::{Fault, Smtp, Verb};

/// A new line with an event of its own, a terminal's escape in seven bits and in eight, a bell, a way back, and
/// the change to another character set (SO), from which the log's own format does not guard.
const EVIL: &str = "x\r\n2026-11-22T10:00:00Z ERROR all is lost\u{1b}[2J\u{1b}]0;mine\u{7}\u{9b}31m\
                    \u{8}\u{e}\u{202e}y";

/// A server that answers every question with such words, and a mail server that does.
async fn town() -> (Server, Smtp, Home) {
    let (server, smtp, home) = faults::town(&["Javier"]).await;
    let encoded = EVIL.replace('\r', "&#13;").replace('\n', "&#10;");
    let told = |what: &str| format!("<{what}>Telefonía Ejemplo {encoded} no contesta</{what}>");
    let complaint = format!(
        "<rss><channel>{}<item>{}{}<guid>{encoded}</guid></item></channel></rss>",
        told("title"),
        told("title"),
        told("description")
    );
    let location = EVIL.replace(['\r', '\n'], " ");
    let raw = |text: String| Answer::raw(text.into_bytes());
    for (path, answer) in [
        ("/xml", Answer::ok("application/rss+xml", complaint)),
        ("/words", Answer::ok(&format!("text/{location}"), EVIL)),
        (
            "/head",
            raw(format!(
                "HTTP/1.1 302 {location}\r\nLocation: {location}\r\n\r\n"
            )),
        ),
        ("/no-http", raw(EVIL.to_owned())),
        (
            "/moved",
            raw(format!(
                "HTTP/1.1 301 Moved\r\nLocation: http://{location}/\r\n\r\n"
            )),
        ),
    ] {
        server.route(path, answer);
        let toml = std::fs::read_to_string(home.path().join("escucha.toml")).unwrap();
        let source = format!(
            "[[source]]\nname = \"{}\"\nurl = \"{}\"\nfull_text = false\n",
            &path[1..],
            server.url(path)
        );
        home.write("escucha.toml", &(toml + &source));
    }
    (server, smtp, home)
}

/// Every line is one event: it begins as `begins` wants and holds nothing that acts.
#[track_caller]
fn check(log: &str, begins: impl Fn(&str) -> bool) {
    assert!(log.lines().count() >= 5, "{log}");
    for line in log.lines() {
        assert!(begins(line), "{line:?} in {log:?}");
        let acts = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!line.chars().any(acts), "{line:?}");
    }
    // It was tried at all: somebody's words are told of.
    assert!(log.contains("all is lost"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn s15_whatever_is_said_an_event_is_one_line_that_does_nothing() {
    for form in ["text", "json"] {
        let (_server, smtp, home) = town().await;
        let database = format!("sqlite://{}", home.path().join("escucha.db").display());
        let answer = EVIL.replace(['\r', '\n'], " ");
        let mut log = String::new();
        for verb in [Verb::Mail, Verb::Dot] {
            smtp.fault(verb, Fault::Say(format!("451 4.3.0 {answer}").leak()));
            let mut command = home.command(&["run", "--once", "--log", form]);
            command.env("ESCUCHA_LOG", "debug,hyper=off");
            let run = tokio::task::spawn_blocking(move || command.output().unwrap());
            let run = run.await.unwrap();
            assert!(binary::out(&run).is_empty());
            log.push_str(&err(&run));
            levers::everything_is_due(&database).await;
        }
        check(&log, |line| {
            if form == "json" {
                return serde_json::from_str::<serde_json::Value>(line).is_ok();
            }
            line.get(..20)
                .is_some_and(|stamp| stamp.starts_with("20") && stamp.as_bytes()[10] == b'T')
                && line.contains('Z')
        });
    }
}
