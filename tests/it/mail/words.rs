//! `check --mail-to` in plain words: whatever is wrong on the way, it says what and what to do, in both
//! languages. Each against a server with a script.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use escucha::mail::Mailer;
use escucha::model::Ui;
use escucha::settings::{Secret, SmtpLogin, SmtpSecurity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{FROM, SOON, TO, bytes, limits};
use crate::support::binary::{Home, err, out};
use crate::support::smtp::{Fault, Options, Smtp, Verb};

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";

/// What the command says in each language, with this beside host and port in `[smtp]`.
async fn said(port: u16, smtp: &str, authority: Option<&str>) -> [String; 2] {
    let mut said = [String::new(), String::new()];
    for (said, language) in said.iter_mut().zip(["es", "en"]) {
        let configuration = format!(
            "language = \"{language}\"\n[company]\nname = \"Ejemplo\"\n[[source]]\nname = \"f\"\n\
             url = \"https://f.test/rss\"\n[smtp]\nhost = \"127.0.0.1\"\nport = {port}\n\
             from = \"{FROM}\"\n{smtp}\n[alerts]\nto = [\"{TO}\"]\n"
        );
        let home = Home::new(&configuration, KEYWORDS);
        let mut command = home.command(&["check", "--mail-to", TO]);
        command.env("CLAVE", "secreto-canario");
        if let Some(pem) = authority {
            home.write("authority.pem", pem);
            command.env("SSL_CERT_FILE", home.path().join("authority.pem"));
        }
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        *said = format!("{}{}", out(&output), err(&output));
        assert!(!said.contains("canario"), "{said}");
    }
    said
}

/// Both languages say what is expected of them.
#[track_caller]
fn check(said: &[String; 2], expected: [&str; 2]) {
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.contains(expected), "{expected:?} is not in:\n{said}");
        assert!(said.contains("✗ smtp:"), "{said}");
    }
}

const LOGIN: &str = "user = \"u\"\npassword = { env = \"CLAVE\" }";

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_is_wrong_with_tls() {
    let server = Smtp::with(Options {
        security: SmtpSecurity::Tls,
        ..Options::default()
    })
    .await;
    let unknown = said(server.port, "security = \"tls\"", None).await;
    check(
        &unknown,
        [
            "No se conoce a quien emite el certificado",
            "The issuer of the certificate",
        ],
    );
    for (name, expired, expected) in [
        (
            "otro.test",
            false,
            ["a nombre de otro servidor", "is for another name"],
        ),
        ("127.0.0.1", true, ["ha caducado", "has expired"]),
    ] {
        let server = Smtp::with(Options {
            security: SmtpSecurity::Tls,
            name,
            expired,
            ..Options::default()
        })
        .await;
        let pem = server.pem.as_deref();
        let told = said(server.port, "security = \"tls\"", pem).await;
        check(&told, expected);
        assert!(server.mails().is_empty());
    }
    let server = Smtp::with(Options {
        security: SmtpSecurity::StartTls,
        strip_starttls: true,
        ..Options::default()
    })
    .await;
    let stripped = said(server.port, "security = \"starttls\"", None).await;
    check(&stripped, ["no ofrece STARTTLS", "does not offer STARTTLS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_which_port_it_is() {
    // TLS where STARTTLS is spoken, as 587 does, and the other way round, as on 465.
    let plain = Smtp::start().await;
    let told = said(plain.port, "security = \"tls\"", None).await;
    check(
        &told,
        [
            "= \"starttls\" o use el puerto 465",
            "= \"starttls\" or use port 465",
        ],
    );

    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = closed.local_addr().expect("an address").port();
    drop(closed);
    let told = said(port, "security = \"none\"", None).await;
    check(&told, ["tiene ese puerto cerrado", "has that port closed"]);

    for (greeting, expected) in [
        (
            "* OK IMAP4rev1 ready\r\n",
            ["con el que se lee el correo", "mail is read from"],
        ),
        (
            "+OK POP3 ready\r\n",
            ["con el que se lee el correo", "mail is read from"],
        ),
        (
            "SSH-2.0-OpenSSH_9.2\r\n",
            ["no es un servidor de correo", "is not a mail server"],
        ),
    ] {
        let port = speaks(greeting, "").await;
        check(&said(port, "security = \"none\"", None).await, expected);
    }
}

/// A server that says this at once, and that when it is spoken to.
async fn speaks(first: &'static str, then: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.write_all(first.as_bytes()).await;
                let mut heard = [0; 256];
                while stream.read(&mut heard).await.is_ok_and(|n| n > 0) {
                    if stream.write_all(then.as_bytes()).await.is_err() || !then.is_empty() {
                        break;
                    }
                }
            });
        }
    });
    port
}

/// A web server waits to be asked, and says then what it is; a port of TLS does so by an alert.
#[tokio::test]
async fn r17_a_port_that_does_not_greet_is_asked_once_what_it_is() {
    let web = speaks("", "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html>").await;
    let server = Smtp::start().await;
    let mut settings = server.settings();
    settings.port = web;
    let mailer = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    let error = mailer.connect().await.expect_err("a web server");
    for (ui, expected) in [(Ui::Es, "es un servidor web"), (Ui::En, "is a web server")] {
        assert!(
            error.sentence(ui).contains(expected),
            "{}",
            error.sentence(ui)
        );
    }
    settings.port = speaks("", "").await;
    let mailer = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    let error = mailer.connect().await.expect_err("silence");
    assert!(error.sentence(Ui::Es).contains("no saluda"), "{error}");
}

/// At which verb, what the server says, and what is made of it in each language.
const REFUSALS: [(Verb, &str, [&str; 2]); 8] = [
    (
        Verb::Mail,
        "550 5.7.1 sender domain rejected",
        ["no admite al remitente", "refuses the sender"],
    ),
    (
        Verb::Mail,
        "553 5.7.1 Sender address rejected: not owned by user",
        [
            "ponga en smtp.from la dirección de",
            "set smtp.from to the address",
        ],
    ),
    (
        Verb::Rcpt,
        "550 5.7.23 SPF validation failed",
        ["SPF, DKIM y DMARC", "SPF, DKIM and DMARC"],
    ),
    (
        Verb::Dot,
        "550 5.7.26 This mail has been blocked because the sender is unauthenticated",
        [
            "no cree que este servidor pueda enviar",
            "does not believe that this server",
        ],
    ),
    (
        Verb::Rcpt,
        "554 5.7.1 Relay access denied",
        ["de quien no ha iniciado sesión", "who has not logged in"],
    ),
    (
        Verb::Rcpt,
        "554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org",
        ["en una lista de bloqueo", "on a blocklist"],
    ),
    (
        Verb::Rcpt,
        "451 4.7.1 Greylisted, please try again",
        [
            "repítala dentro de un cuarto de hora",
            "repeat it in a quarter of an hour",
        ],
    ),
    (
        Verb::Mail,
        "530 5.7.0 Authentication required",
        [
            "pide cifrado o iniciar sesión",
            "wants encryption or a login",
        ],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_the_server_refuses() {
    for (verb, answer, expected) in REFUSALS {
        let server = Smtp::start().await;
        server.fault_times(2, verb, Fault::Say(answer));
        check(
            &said(server.port, "security = \"none\"", None).await,
            expected,
        );
    }
    let server = Smtp::with(Options {
        login: Some(("u", "otra")),
        ..Options::default()
    })
    .await;
    let smtp = format!("security = \"none\"\n{LOGIN}");
    let told = said(server.port, &smtp, None).await;
    check(
        &told,
        ["el usuario o la contraseña", "the user or the password"],
    );
}

/// The login of large providers, by the name of their server.
#[tokio::test]
async fn a_refused_login_says_what_its_provider_wants() {
    for (host, expected) in [
        (
            "smtp.gmail.com",
            [
                "myaccount.google.com/apppasswords",
                "app password (16 letters)",
            ],
        ),
        (
            "smtp.office365.com",
            [
                "XOAUTH2, que Escucha no habla",
                "XOAUTH2, which Escucha does not",
            ],
        ),
        (
            "smtp-mail.outlook.com",
            ["envíe por otro servidor", "through another mail server"],
        ),
        (
            "smtp.mail.yahoo.com",
            ["Seguridad de la cuenta", "Account security"],
        ),
        (
            "smtp.mail.me.com",
            ["account.apple.com", "account.apple.com"],
        ),
        (
            "mail.notgmail.com",
            ["contraseña de aplicación.", "application password."],
        ),
    ] {
        for mechanisms in ["PLAIN LOGIN", "XOAUTH2"] {
            let server = Smtp::with(Options {
                login: Some(("u", "otra")),
                mechanisms,
                ..Options::default()
            })
            .await;
            let mut settings = server.settings();
            settings.host = host.to_owned();
            settings.login = Some(SmtpLogin {
                user: "u".to_owned(),
                password: Secret::new("canario"),
            });
            let mailer = Mailer::new(&settings)
                .expect("settings")
                .with_limits(limits());
            let mailer = mailer.with_resolver(|_| async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) });
            let error = mailer.connect().await.expect_err("535");
            let is_known = !host.contains("notgmail");
            for (ui, expected) in [(Ui::Es, expected[0]), (Ui::En, expected[1])] {
                let said = error.sentence(ui);
                if is_known || mechanisms != "XOAUTH2" {
                    assert!(said.contains(expected), "{host} {mechanisms}: {said}");
                }
                assert!(is_known || !said.contains("Gmail"), "{said}");
                assert!(!said.contains("canario"), "{said}");
            }
        }
    }
}

/// R21: of several addresses those that are dead cost a part of the time, and a name server that does not
/// answer meets the limit.
#[tokio::test]
async fn r21_dead_addresses_and_silent_name_servers_cost_time_only() {
    let server = Smtp::start().await;
    let mut settings = server.settings();
    settings.host = "mail.ejemplo.test".to_owned();
    let mailer = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    let mailer = mailer.with_resolver(|name| async move {
        assert_eq!(name, "mail.ejemplo.test");
        let dead = [
            IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
            [127, 9, 9, 9].into(),
        ];
        Ok([&dead[..], &[Ipv4Addr::LOCALHOST.into()]].concat())
    });
    let mut session = mailer.connect().await.expect("the third address");
    session.begin(FROM, TO).await.expect("354");
    session.body(&bytes("x")).await.expect("250");
    assert_eq!(server.mails().len(), 1);

    let brief = escucha::mail::Limits {
        connect: Duration::from_millis(200),
        ..limits()
    };
    let silent = Mailer::new(&settings).expect("settings").with_limits(brief);
    let silent = silent.with_resolver(|_| std::future::pending());
    let connecting = tokio::time::timeout(SOON, silent.connect());
    let error = connecting.await.expect("in time").expect_err("no name");
    assert!(error.sentence(Ui::Es).contains("DNS"), "{error}");

    // Half of the time for each of two: the first takes the connection from nobody.
    let failing = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    let failing = failing.with_resolver(|_| async { Err(std::io::Error::other("SERVFAIL")) });
    let error = failing.connect().await.expect_err("SERVFAIL");
    assert!(error.sentence(Ui::En).contains("DNS"), "{error}");
    // A name that leads elsewhere is no way around the rule for plain connections.
    let abroad = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    let abroad = abroad.with_resolver(|_| async { Ok(vec![[192, 0, 2, 1].into()]) });
    let error = abroad.connect().await.expect_err("abroad");
    assert_eq!(error.fault, escucha::mail::Fault::PlaintextAbroad);
}
