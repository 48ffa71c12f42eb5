//! The way to the server: ports, TLS, login. Each failure names itself, and nothing goes in clear.

use escucha::mail::{Fault as Why, Mailer, Outcome, Phase, SendError};
use escucha::model::Ui;
use escucha::settings::{Secret, SmtpLogin, SmtpSecurity};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::{SOON, bytes, limits, mailer, send};
use crate::support::smtp::{Fault, Options, Smtp, Verb};

const LOGIN: (&str, &str) = ("avisos@ejemplo.test", "secreto-canario");

fn options(security: SmtpSecurity) -> Options {
    Options {
        security,
        login: Some(LOGIN),
        ..Options::default()
    }
}

/// Neither a mail nor the password has left, and the breaker opens; returns the Spanish sentence.
#[track_caller]
fn check(server: &Smtp, error: &SendError, expected: (Phase, &Why)) -> String {
    assert_eq!((error.phase, &error.fault), expected, "{error}");
    assert_eq!(error.outcome(), Outcome::Transport);
    assert!(server.mails().is_empty());
    assert!(
        !server.log().iter().any(|line| line.starts_with("AUTH")),
        "{:?}",
        server.log()
    );
    let said = format!(
        "{error} {error:?} {} {}",
        error.sentence(Ui::Es),
        error.sentence(Ui::En)
    );
    assert!(!said.contains("canario") && !said.contains('@'), "{said}");
    error.sentence(Ui::Es)
}

#[tokio::test]
async fn tls_and_starttls_and_both_logins_deliver() {
    for security in [
        SmtpSecurity::Tls,
        SmtpSecurity::StartTls,
        SmtpSecurity::None,
    ] {
        for mechanisms in ["PLAIN", "LOGIN"] {
            let server = Smtp::with(Options {
                mechanisms,
                ..options(security)
            })
            .await;
            send(&server, &bytes("x")).await.expect("250");
            let mails = server.wait_for(1, SOON).await;
            assert_eq!(mails[0].over_tls, security != SmtpSecurity::None);
            assert_eq!(mails[0].user.as_deref(), Some(LOGIN.0));
        }
    }
}

#[tokio::test]
async fn m1_r11_silence_in_the_login_and_after_starttls_meets_its_limit() {
    for (verb, phase) in [(Verb::StartTls, Phase::Tls), (Verb::Auth, Phase::Auth)] {
        let server = Smtp::with(options(SmtpSecurity::StartTls)).await;
        server.fault(verb, Fault::Hang);
        let error = send(&server, &bytes("x")).await.expect_err("silence");
        assert_eq!((error.phase, error.fault), (phase, Why::TimedOut));
        server.wait_until_alone(SOON).await;
    }
    // Only the handshake itself hangs: a port that takes connections and never speaks.
    let deaf = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = Smtp::with(options(SmtpSecurity::Tls)).await;
    let mut settings = server.settings();
    settings.port = deaf.local_addr().expect("an address").port();
    let brief = escucha::mail::Limits {
        tls: limits().command,
        ..limits()
    };
    let error = Mailer::new(&settings)
        .expect("settings")
        .with_limits(brief)
        .connect()
        .await;
    let error = error.expect_err("silence");
    assert_eq!((error.phase, error.fault), (Phase::Tls, Why::TimedOut));
}

#[tokio::test]
async fn r17_a_certificate_that_is_not_right_stops_everything() {
    for security in [SmtpSecurity::Tls, SmtpSecurity::StartTls] {
        let server = Smtp::with(options(security)).await;
        let stranger = Mailer::new(&server.settings())
            .expect("settings")
            .with_limits(limits());
        let error = stranger.connect().await.expect_err("unknown issuer");
        let said = check(&server, &error, (Phase::Tls, &Why::UnknownIssuer));
        assert!(
            said.contains("No se conoce a quien emite el certificado"),
            "{said}"
        );

        let server = Smtp::with(Options {
            name: "otro.test",
            ..options(security)
        })
        .await;
        let error = mailer(&server).connect().await.expect_err("another name");
        check(&server, &error, (Phase::Tls, &Why::WrongName));

        let server = Smtp::with(Options {
            expired: true,
            ..options(security)
        })
        .await;
        let error = mailer(&server).connect().await.expect_err("expired");
        check(&server, &error, (Phase::Tls, &Why::WrongTime));
    }
}

#[tokio::test]
async fn r17_without_starttls_nothing_is_said_in_clear() {
    let stripped = Options {
        strip_starttls: true,
        ..options(SmtpSecurity::StartTls)
    };
    let server = Smtp::with(stripped).await;
    let error = mailer(&server).connect().await.expect_err("stripped");
    check(&server, &error, (Phase::Tls, &Why::StartTlsMissing));

    let server = Smtp::with(options(SmtpSecurity::StartTls)).await;
    server.fault(Verb::StartTls, Fault::Say("454 4.7.0 TLS not available"));
    let error = mailer(&server).connect().await.expect_err("454");
    assert!(
        matches!(error.fault, Why::Answer { code: 454, .. }),
        "{error}"
    );
    check(&server, &error, (Phase::Tls, &error.fault));

    // Whatever follows the 220 in clear was put there by somebody else.
    let server = Smtp::with(options(SmtpSecurity::StartTls)).await;
    let injected = "220 go ahead\r\n250-smtp.ejemplo.test\r\n250 AUTH PLAIN";
    server.fault(Verb::StartTls, Fault::Say(injected));
    let error = mailer(&server).connect().await.expect_err("injected");
    check(&server, &error, (Phase::Tls, &Why::NotSmtp));
}

#[tokio::test]
async fn r17_the_wrong_kind_of_port_is_named() {
    let server = Smtp::start().await;
    let mut settings = server.settings();
    settings.security = SmtpSecurity::Tls;
    let error = Mailer::new(&settings)
        .expect("settings")
        .connect()
        .await
        .expect_err("no TLS");
    let said = check(&server, &error, (Phase::Tls, &Why::NotTls));
    assert!(said.contains("starttls"), "{said}");

    // A TLS server that is addressed in clear waits for us, or closes with an alert.
    let server = Smtp::with(Options::default()).await;
    server.fault(Verb::Greeting, Fault::Say("\u{15}\u{3}\u{3}\0\u{2}\u{2}F"));
    let error = mailer(&server).connect().await.expect_err("an alert");
    let said = check(&server, &error, (Phase::Greeting, &Why::SpeaksTls));
    assert!(said.contains("\"tls\""), "{said}");
    let server = Smtp::with(options(SmtpSecurity::Tls)).await;
    let mut settings = server.settings();
    settings.security = SmtpSecurity::StartTls;
    let waiting = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    let error = waiting.connect().await.expect_err("no greeting");
    let said = check(&server, &error, (Phase::Greeting, &Why::SpeaksTls));
    assert!(said.contains("\"tls\""), "{said}");
}

#[tokio::test]
async fn r18_a_wrong_password_is_the_accounts_and_is_never_repeated() {
    let server = Smtp::with(options(SmtpSecurity::StartTls)).await;
    let mut settings = server.settings();
    settings.login = Some(SmtpLogin {
        user: LOGIN.0.to_owned(),
        password: Secret::new("otro-canario"),
    });
    let pem = server.pem.clone().expect("a certificate");
    let wrong = Mailer::new(&settings).and_then(|mailer| mailer.with_roots(&pem));
    let wrong = wrong.expect("settings").with_limits(limits());
    let error = wrong.connect().await.expect_err("535");
    assert_eq!(
        (error.phase, error.outcome()),
        (Phase::Auth, Outcome::Transport)
    );
    assert_eq!(
        error.fault,
        Why::Answer {
            code: 535,
            text: "5.7.8".to_owned()
        }
    );
    assert!(error.sentence(Ui::Es).contains("la contraseña"), "{error}");

    for said in [
        "535 5.7.8 not otro-canario",
        "454 4.7.0 avisos@ejemplo.test: otro-canario",
    ] {
        server.fault(Verb::Auth, Fault::Say(said));
        let error = wrong.connect().await.expect_err(said);
        assert_eq!(
            (error.phase, error.outcome()),
            (Phase::Auth, Outcome::Transport)
        );
        let shown = format!("{error} {error:?} {wrong:?} {}", error.sentence(Ui::En));
        assert!(
            !shown.contains("canario") && !shown.contains('@'),
            "{shown}"
        );
    }
    assert!(server.mails().is_empty());
    send(&server, &bytes("x"))
        .await
        .expect("the right password");

    let server = Smtp::with(Options {
        mechanisms: "GSSAPI",
        ..options(SmtpSecurity::Tls)
    })
    .await;
    let error = mailer(&server).connect().await.expect_err("no mechanism");
    check(&server, &error, (Phase::Auth, &Why::LoginMissing));
}

#[tokio::test]
async fn security_none_is_for_this_machine_only() {
    let server = Smtp::with(options(SmtpSecurity::None)).await;
    for host in ["192.0.2.1", "[2001:db8::1]", "0.0.0.0"] {
        let mut settings = server.settings();
        settings.host = host.to_owned();
        let error = Mailer::new(&settings).expect_err("plaintext abroad");
        check(&server, &error, (Phase::Connect, &Why::PlaintextAbroad));
    }
    let mut settings = server.settings();
    settings.host = "no es un nombre".to_owned();
    let error = Mailer::new(&settings).expect_err("no host");
    check(&server, &error, (Phase::Connect, &Why::BadHost));
    settings.host = "localhost".to_owned();
    let local = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    local.connect().await.expect("connected").quit().await;
}

#[tokio::test]
async fn ports_that_are_closed_or_not_mail_are_named() {
    let server = Smtp::start().await;
    let mut settings = server.settings();
    let other = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    settings.port = other.local_addr().expect("an address").port();
    let mailer = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    let (error, ()) = tokio::join!(mailer.connect(), async {
        let (mut tcp, _) = other.accept().await.expect("a client");
        tcp.write_all(b"SSH-2.0-OpenSSH_9.2\r\n")
            .await
            .expect("written");
    });
    let error = error.expect_err("not mail");
    let said = check(
        &server,
        &error,
        (Phase::Greeting, &Why::OtherService("SSH")),
    );
    assert!(said.contains("no es un servidor de correo"), "{said}");
    drop(other);
    let error = mailer.connect().await.expect_err("a closed port");
    let said = check(&server, &error, (Phase::Connect, &Why::PortClosed));
    assert!(said.contains("puerto cerrado"), "{said}");

    settings.host = "nadie.invalid".to_owned();
    settings.security = SmtpSecurity::Tls;
    let nobody = Mailer::new(&settings)
        .expect("settings")
        .with_limits(limits());
    let error = nobody.connect().await.expect_err("no such host");
    check(&server, &error, (Phase::Connect, &Why::NoSuchHost));
}
