//! Mail against a real server that misbehaves: the trials M1–M6 and tests R9–R20, S11, S12 of the
//! reliability plan, each named after the one it guards.
#![expect(
    clippy::expect_used,
    reason = "a test ends where its ground is missing"
)]

use std::time::Duration;

use escucha::letter::Letter;
use escucha::mail::compose::{Envelope, mime};
use escucha::mail::{Accepted, Fault as Why, Limits, Mailer, Outcome, Phase, SendError};
use escucha::model::Timestamp;
use escucha::settings::Mailbox;
use mail_parser::MessageParser;

use crate::support::smtp::{Fault, Smtp, Verb};

mod text;
mod way;
mod words;

const FROM: &str = "avisos@ejemplo.test";
const TO: &str = "gerente@ejemplo.test";
/// Until when a condition that will come must have come.
const SOON: Duration = Duration::from_secs(10);

/// Limits short enough for tests and long enough for a busy machine.
fn limits() -> Limits {
    let short = Duration::from_millis(1_500);
    Limits {
        connect: SOON,
        tls: SOON,
        greeting: short,
        command: short,
        data: short,
        block: short,
        answer: short,
        quit: short,
    }
}

fn mailer(server: &Smtp) -> Mailer {
    let mailer = Mailer::new(&server.settings())
        .expect("settings")
        .with_limits(limits());
    match &server.pem {
        Some(pem) => mailer.with_roots(pem).expect("roots"),
        None => mailer,
    }
}

pub(crate) fn envelope() -> Envelope {
    Envelope {
        from: Mailbox {
            name: Some("Escucha".to_owned()),
            address: FROM.to_owned(),
        },
        to: Mailbox {
            name: None,
            address: TO.to_owned(),
        },
        reply_to: None,
        message_id: escucha::model::message_id("key", "d-1", "ejemplo.test"),
        date: Timestamp(1_795_000_000_000),
        references: None,
        in_reply_to: None,
    }
}

fn letter(text: &str) -> Letter {
    Letter {
        subject: "Javier espera desde hace 14 días".to_owned(),
        text: text.to_owned(),
        html: format!("<p>{text}</p>"),
    }
}

fn bytes(text: &str) -> Vec<u8> {
    mime(&envelope(), &letter(text)).expect("a mail")
}

/// One mail over a connection of its own.
async fn send(server: &Smtp, mime: &[u8]) -> Result<Accepted, SendError> {
    let mut session = mailer(server).connect().await?;
    session.begin(FROM, TO).await?;
    let accepted = session.body(mime).await?;
    session.quit().await;
    Ok(accepted)
}

/// A mail meets this fault at this verb, fails in this phase with this outcome; the connection is
/// dropped, and the same mail goes through afterwards.
async fn check(verb: Verb, fault: Fault, expected: (Phase, Outcome)) -> SendError {
    let server = Smtp::start().await;
    server.fault(verb, fault);
    let mime = bytes("texto");
    let error = send(&server, &mime).await.expect_err("a failure");
    let what = format!("{verb:?} {fault:?}: {error}");
    assert_eq!((error.phase, error.outcome()), expected, "{what}");
    if !matches!(fault, Fault::Stall) {
        server.wait_until_alone(SOON).await;
    }
    let before = server.mails().len();
    send(&server, &mime).await.expect(&what);
    assert_eq!(server.mails().len(), before + 1, "{what}");
    error
}

#[tokio::test]
async fn a_mail_arrives_whole_with_its_envelope() {
    let server = Smtp::start().await;
    let mime = bytes("¿Quién contesta a Javier?");
    let accepted = send(&server, &mime).await.expect("sent");
    assert_eq!(
        (accepted.code, accepted.text.as_str()),
        (250, "2.0.0 queued as 4711")
    );
    let mails = server.wait_for(1, SOON).await;
    assert_eq!(mails[0].raw, mime);
    assert_eq!(
        (mails[0].from.as_str(), mails[0].to.as_slice()),
        (FROM, &[TO.to_owned()][..])
    );
    let parsed = MessageParser::default()
        .parse(&mails[0].raw)
        .expect("readable");
    assert_eq!(
        parsed.body_text(0).as_deref(),
        Some("¿Quién contesta a Javier?")
    );
    assert_eq!(
        parsed.body_html(0).as_deref(),
        Some("<p>¿Quién contesta a Javier?</p>")
    );
    assert_eq!(
        server.log().last().map(String::as_str),
        Some("QUIT -> 221 2.0.0 bye")
    );
}

#[tokio::test]
async fn several_mails_share_a_session() {
    let server = Smtp::start().await;
    let mut session = mailer(&server).connect().await.expect("connected");
    assert_eq!(session.size_limit(), Some(10_000_000));
    for n in 0..3 {
        session.begin(FROM, TO).await.expect("354");
        session
            .body(&bytes(&format!("mail {n}")))
            .await
            .expect("250");
    }
    session.quit().await;
    server.wait_until_alone(SOON).await;
    assert_eq!(server.mails().len(), 3);
    let greetings = server
        .log()
        .iter()
        .filter(|line| line.starts_with("(connected)"))
        .count();
    assert_eq!(greetings, 1);
}

#[tokio::test]
async fn m1_r11_a_server_that_falls_silent_meets_the_limit_of_its_verb() {
    use Outcome::{InDoubt, Later, Transport};
    let mut silent = tokio::task::JoinSet::new();
    for (verb, expected) in [
        (Verb::Greeting, (Phase::Greeting, Transport)),
        (Verb::Ehlo, (Phase::Hello, Transport)),
        (Verb::Mail, (Phase::MailFrom, Later)),
        (Verb::Rcpt, (Phase::RcptTo, Later)),
        (Verb::Data, (Phase::Data, Later)),
        (Verb::Dot, (Phase::Dot, InDoubt)),
    ] {
        silent.spawn(check(verb, Fault::Hang, expected));
    }
    for error in silent.join_all().await {
        assert_eq!(error.fault, Why::TimedOut);
    }
}

#[tokio::test]
async fn r11_a_server_that_stops_reading_meets_the_limit_of_a_block() {
    let server = Smtp::start().await;
    server.fault(Verb::Body, Fault::Stall);
    // More than both sides of a loopback connection buffer; the limit grows with the size.
    let mime = b"x\r\n".repeat(16 << 20);
    let brief = Limits {
        block: Duration::from_millis(2),
        ..limits()
    };
    let mut session = mailer(&server)
        .with_limits(brief)
        .connect()
        .await
        .expect("connected");
    session.begin(FROM, TO).await.expect("354");
    let error = session.body(&mime).await.expect_err("a failure");
    assert_eq!((error.phase, &error.fault), (Phase::Body, &Why::TimedOut));
    assert_eq!(error.outcome(), Outcome::Later);
    assert!(!session.is_idle());
}

#[tokio::test]
async fn m2_r15_a_mail_answered_late_never_lends_its_answer_to_the_next() {
    let server = Smtp::start().await;
    server.fault(Verb::Dot, Fault::Late(Duration::from_millis(300)));
    let mut session = mailer(&server).connect().await.expect("connected");
    session.begin(FROM, TO).await.expect("354");
    let mime = bytes("primero");
    let cancelled = tokio::time::timeout(Duration::from_millis(50), session.body(&mime)).await;
    assert!(cancelled.is_err());
    let error = session.begin(FROM, TO).await.expect_err("an ended session");
    assert_eq!(
        (error.fault.clone(), error.outcome()),
        (Why::Closed, Outcome::Later)
    );
    // The next goes over a new connection and hears its own answer.
    server.fault(Verb::Dot, Fault::Say("552 5.2.2 full"));
    let error = send(&server, &bytes("segundo")).await.expect_err("552");
    assert_eq!(error.outcome(), Outcome::ContentRefused);
}

#[tokio::test]
async fn r15_only_250_after_the_dot_is_success() {
    for said in [
        "354 go ahead",
        "251 elsewhere",
        "220 hello",
        "250-a\r\n251 b",
        "garbage",
        "999 x",
    ] {
        check(Verb::Dot, Fault::Say(said), (Phase::Dot, Outcome::InDoubt)).await;
    }
}

#[tokio::test]
async fn r15_a_receipt_in_any_form_is_a_receipt() {
    // Several lines, no text, Latin-1, more than was asked: each is a 250.
    for said in [
        "250-2.0.0 one\r\n250 2.0.0 two",
        "250",
        "250 aceptaci\u{f3}n",
        "250 ok\r\n250 ok",
    ] {
        let server = Smtp::start().await;
        let said: &'static str = said;
        let then: &'static Fault = Box::leak(Box::new(Fault::Say(said)));
        server.fault(Verb::Dot, Fault::StoredThen(then));
        let mut session = mailer(&server).connect().await.expect("connected");
        session.begin(FROM, TO).await.expect("354");
        let accepted = session.body(&bytes("x")).await.expect(said);
        assert_eq!(accepted.code, 250);
        assert_eq!(session.is_idle(), !said.ends_with("250 ok"), "{said}");
    }
}

#[tokio::test]
async fn greetings_in_another_character_set_are_greetings() {
    for (verb, said) in [
        (Verb::Greeting, "220 ma\u{f1}ana"),
        (Verb::Ehlo, "250-se\u{f1}or\r\n250 SIZE 1000"),
    ] {
        let server = Smtp::start().await;
        server.fault(verb, Fault::Say(said));
        send(&server, &bytes("x")).await.expect("250");
    }
}

#[tokio::test]
async fn r15_a_server_one_answer_ahead_is_found_out_before_the_text() {
    for (verb, phase) in [
        (Verb::Mail, Phase::MailFrom),
        (Verb::Rcpt, Phase::RcptTo),
        (Verb::Data, Phase::Data),
    ] {
        let usual = if verb == Verb::Data {
            "354 go\r\n250 ok"
        } else {
            "250 ok\r\n354 go"
        };
        let error = check(verb, Fault::Say(usual), (phase, Outcome::Later)).await;
        assert_eq!(error.fault, Why::NotSmtp);
    }
}

#[tokio::test]
async fn m3_r16_a_reply_without_end_is_cut_at_64_kib() {
    for piece in ["250 xxxxxxxx", "250-x\r\n", "x", "\0"] {
        for (verb, expected) in [
            (Verb::Greeting, (Phase::Greeting, Outcome::Transport)),
            (Verb::Ehlo, (Phase::Hello, Outcome::Transport)),
            (Verb::Mail, (Phase::MailFrom, Outcome::Later)),
            (Verb::Dot, (Phase::Dot, Outcome::InDoubt)),
        ] {
            let error = check(verb, Fault::Endless(piece), expected).await;
            assert!(
                matches!(error.fault, Why::ReplyTooLong | Why::NotSmtp),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn m5_r12_a_lost_connection_is_doubt_only_after_the_dot() {
    use Outcome::{InDoubt, Later, Transport};
    for (verb, expected) in [
        (Verb::Greeting, (Phase::Greeting, Transport)),
        (Verb::Ehlo, (Phase::Hello, Transport)),
        (Verb::Mail, (Phase::MailFrom, Later)),
        (Verb::Rcpt, (Phase::RcptTo, Later)),
        (Verb::Data, (Phase::Data, Later)),
        (Verb::Dot, (Phase::Dot, InDoubt)),
    ] {
        let error = check(verb, Fault::Close, expected).await;
        assert_eq!(error.fault, Why::Lost, "{verb:?}");
    }
    check(
        Verb::Dot,
        Fault::StoredThen(&Fault::Close),
        (Phase::Dot, InDoubt),
    )
    .await;
}

#[tokio::test]
async fn m5_r12_a_connection_lost_in_the_text_is_no_doubt() {
    let server = Smtp::start().await;
    server.fault(Verb::Body, Fault::Close);
    let error = send(&server, &b"x\r\n".repeat(16 << 20))
        .await
        .expect_err("a failure");
    assert_eq!(
        (error.phase, error.outcome()),
        (Phase::Body, Outcome::Later)
    );
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_refusal_in_the_middle_of_the_text_is_heard() {
    let server = Smtp::start().await;
    server.fault(Verb::Body, Fault::Say("552 5.3.4 too big"));
    let error = send(&server, &b"x\r\n".repeat(16 << 20))
        .await
        .expect_err("a failure");
    assert_eq!(error.outcome(), Outcome::ContentRefused, "{error}");
}

#[tokio::test]
async fn r9_every_4xx_is_tried_again() {
    for said in ["450 4.2.0 greylisted", "451 4.3.0 later", "452 4.2.2 full"] {
        for (verb, phase) in [
            (Verb::Mail, Phase::MailFrom),
            (Verb::Rcpt, Phase::RcptTo),
            (Verb::Data, Phase::Data),
            (Verb::Dot, Phase::Dot),
        ] {
            check(verb, Fault::Say(said), (phase, Outcome::Later)).await;
        }
    }
}

#[tokio::test]
async fn r10_every_5xx_is_the_recipients_or_the_texts() {
    for (verb, expected) in [
        (Verb::Mail, (Phase::MailFrom, Outcome::Refused)),
        (Verb::Rcpt, (Phase::RcptTo, Outcome::Refused)),
        (Verb::Data, (Phase::Data, Outcome::Refused)),
        (Verb::Dot, (Phase::Dot, Outcome::ContentRefused)),
    ] {
        for said in [
            "550 5.7.1 no",
            "552 5.3.4 no",
            "550-5.1.1 no\r\n550 5.1.1 really",
        ] {
            check(verb, Fault::Say(said), expected).await;
        }
    }
}

#[tokio::test]
async fn r12_the_account_and_the_connection_open_the_breaker_at_any_verb() {
    for said in [
        "421 4.3.2 busy",
        "454 4.7.0 no TLS",
        "530 5.7.0 log in",
        "535 5.7.8 no",
    ] {
        for (verb, phase) in [
            (Verb::Greeting, Phase::Greeting),
            (Verb::Ehlo, Phase::Hello),
            (Verb::Mail, Phase::MailFrom),
            (Verb::Rcpt, Phase::RcptTo),
            (Verb::Data, Phase::Data),
            (Verb::Dot, Phase::Dot),
        ] {
            let error = check(verb, Fault::Say(said), (phase, Outcome::Transport)).await;
            // The refusal itself, not the answer to some QUIT that followed it.
            let Why::Answer { code, .. } = error.fault else {
                panic!("{error}")
            };
            assert!(said.starts_with(&code.to_string()), "{said}: {code}");
        }
    }
}

#[tokio::test]
async fn m6_one_refused_recipient_takes_none_along() {
    let server = Smtp::start().await;
    server.fault(
        Verb::Rcpt,
        Fault::Say("550 5.1.1 <gerente@ejemplo.test> unknown"),
    );
    let error = send(&server, &bytes("x")).await.expect_err("550");
    assert_eq!(error.outcome(), Outcome::Refused);
    assert!(!format!("{error} {error:?}").contains('@'), "{error:?}");
    let mut session = mailer(&server).connect().await.expect("connected");
    let error = session
        .begin(FROM, "josé@ejemplo.test")
        .await
        .expect_err("no address");
    assert_eq!(
        (&error.fault, error.outcome()),
        (&Why::BadAddress, Outcome::Refused)
    );
    session
        .begin(FROM, "direccion@ejemplo.test")
        .await
        .expect("354");
    session.body(&bytes("x")).await.expect("250");
    assert_eq!(server.mails()[0].to, ["direccion@ejemplo.test"]);
}

#[tokio::test]
async fn r13_two_generals_make_identical_copies() {
    let server = Smtp::start().await;
    server.fault_times(3, Verb::Dot, Fault::StoredThen(&Fault::Close));
    for _ in 0..3 {
        let error = send(&server, &bytes("texto")).await.expect_err("doubt");
        assert_eq!(error.outcome(), Outcome::InDoubt);
    }
    send(&server, &bytes("texto")).await.expect("250");
    let mails = server.wait_for(4, SOON).await;
    assert!(mails.iter().all(|mail| mail.raw == mails[0].raw));
}

#[tokio::test]
async fn r14_a_late_receipt_counts_until_the_limit() {
    let server = Smtp::start().await;
    server.fault(Verb::Dot, Fault::Late(Duration::from_millis(700)));
    send(&server, &bytes("x")).await.expect("250");
    assert_eq!(server.mails().len(), 1);
    check(
        Verb::Dot,
        Fault::Late(Duration::from_secs(3)),
        (Phase::Dot, Outcome::InDoubt),
    )
    .await;
}

#[tokio::test]
async fn the_barrier_an_abandoned_mail_is_not_sent() {
    let server = Smtp::start().await;
    let mut session = mailer(&server).connect().await.expect("connected");
    session.begin(FROM, TO).await.expect("354");
    session.abandon();
    server.wait_until_alone(SOON).await;
    let mut session = mailer(&server).connect().await.expect("connected");
    session.begin(FROM, TO).await.expect("354");
    session.quit().await;
    server.wait_until_alone(SOON).await;
    assert!(server.mails().is_empty());
    // In the middle of a text, QUIT would be text.
    let log = server.log();
    assert!(!log.iter().any(|line| line.contains("QUIT")), "{log:?}");
    let cut = log
        .iter()
        .filter(|line| line.starts_with(" -> (cut off"))
        .count();
    assert_eq!(cut, 2, "{log:?}");
}
