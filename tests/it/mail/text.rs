//! What is in a mail: hostile text changes no header, ends no mail and starts none.

use escucha::letter::Letter;
use escucha::mail::compose::mime;
use escucha::mail::{Fault as Why, Outcome};
use escucha::model::Timestamp;
use mail_parser::MessageParser;

use super::{FROM, SOON, TO, bytes, envelope, letter, send};
use crate::support::smtp::Smtp;

#[tokio::test]
async fn m4_s11_hostile_text_changes_no_header() {
    let names = |raw: &[u8]| -> Vec<String> {
        let parsed = MessageParser::default().parse(raw).expect("readable");
        parsed
            .headers_raw()
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    let server = Smtp::start().await;
    send(&server, &bytes("x")).await.expect("sent");
    let clean = names(&server.mails()[0].raw);
    let long = "ñ".repeat(10_000);
    for (n, evil) in [
        "a\nb",
        "a\rb",
        "a\r\nBcc: espia@x.test",
        "a\0b",
        "a\u{85}b",
        "a\u{2028}b\u{2029}c",
        "a\r\n\r\nb",
        "a\r\n b",
        "\u{202e}a\u{2066}b",
        "=?utf-8?q?=0D=0ABcc:_e@x.test?=",
        &long,
        "\"<e@x.test>, ",
    ]
    .into_iter()
    .enumerate()
    {
        let mut envelope = envelope();
        envelope.from.name = Some(evil.to_owned());
        envelope.to.name = Some(evil.to_owned());
        envelope.references = Some(evil.to_owned());
        envelope.date = Timestamp(i64::MAX);
        let evil_letter = Letter {
            subject: evil.to_owned(),
            ..letter(evil)
        };
        let mime = mime(&envelope, &evil_letter).expect("a mail");
        send(&server, &mime).await.expect("sent");
        let mail = server.mails().pop().expect("a mail");
        assert_eq!(server.mails().len(), n + 2);
        assert_eq!(names(&mail.raw), clean, "{evil:?}");
        assert_eq!(mail.to, [TO]);
        let parsed = MessageParser::default().parse(&mail.raw).expect("readable");
        let shown = parsed.subject().unwrap_or("").to_owned() + from_name(&parsed);
        assert!(
            !shown
                .chars()
                .any(|c| c.is_control() || "\u{2028}\u{2029}\u{202e}\u{2066}".contains(c))
        );
        assert_eq!(
            parsed.from().and_then(|from| from.first()?.address()),
            Some(FROM)
        );
    }
}

#[tokio::test]
async fn r20_s12_dots_and_lone_line_ends_arrive_as_one_intact_mail() {
    for text in [
        ".\n..\n.\nfin",
        "antes\n.\ndespués",
        "a\r\n.\r\nMAIL FROM:<e@x.test>\r\nRCPT TO:<e@x.test>\r\nDATA\r\nb",
        "a\r.\rb\n.\rc\r.\nd",
        ".",
        "\n.",
        "línea muy larga ".repeat(200).as_str(),
    ] {
        let server = Smtp::start().await;
        let mime = bytes(text);
        assert!(mime.is_ascii());
        send(&server, &mime).await.expect("250");
        let mails = server.mails();
        assert_eq!(mails.len(), 1, "{:?}", server.log());
        assert_eq!(mails[0].raw, mime);
        let parsed = MessageParser::default()
            .parse(&mails[0].raw)
            .expect("readable");
        let back = parsed
            .body_text(0)
            .unwrap_or_default()
            .replace("\r\n", "\n");
        assert_eq!(back, text.replace("\r\n", "\n").replace('\r', "\n"));
    }
}

#[tokio::test]
async fn s12_bytes_that_are_no_mail_never_reach_the_wire() {
    let long = "x".repeat(999);
    for wrong in [
        "a\n.\nb\r\n",
        "a\r.\rb\r\n",
        "ñ\r\n",
        "a\0b\r\n",
        &long,
        "a\r",
    ] {
        let server = Smtp::start().await;
        let error = send(&server, wrong.as_bytes()).await.expect_err("no mail");
        assert_eq!(
            (&error.fault, error.outcome()),
            (&Why::NotAMail, Outcome::ContentRefused)
        );
        server.wait_until_alone(SOON).await;
        assert!(server.mails().is_empty());
    }
    // What is a mail, however odd, arrives byte for byte.
    for right in [".\r\n", "..\r\n.\r\n", "\r\n\r\n", ".a\r\n\r\n.\r\n"] {
        let server = Smtp::start().await;
        send(&server, right.as_bytes()).await.expect("250");
        assert_eq!(server.mails()[0].raw, right.as_bytes());
    }
}

fn from_name<'a>(parsed: &'a mail_parser::Message<'_>) -> &'a str {
    parsed
        .from()
        .and_then(|from| from.first()?.name())
        .unwrap_or("")
}
