//! The one mail server here that others wrote: Postfix's smtp-sink, with the faults that it knows.
//!
//! Our own scripted server says what we believe about SMTP; this one says what Postfix believes.
#![expect(
    clippy::expect_used,
    reason = "a test ends where its ground is missing"
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use escucha::letter::Letter;
use escucha::mail::compose::{Envelope, mime};
use escucha::mail::{Accepted, Mailer, Outcome, Phase, SendError};
use escucha::model::Timestamp;
use escucha::settings::{Mailbox, SmtpSecurity, SmtpSettings};
use mail_parser::MessageParser;

use crate::support::host::{free_port, is_root, listens};
use crate::support::{left_out, tally};

const FROM: &str = "avisos@ejemplo.test";
const TO: &str = "gerente@ejemplo.test";
const SOON: Duration = Duration::from_secs(10);

/// A running smtp-sink that writes each mail into its own file; it ends when this is dropped.
struct Sink {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Sink {
    /// `None` where there is no smtp-sink.
    fn start(faults: &[&str]) -> Option<Self> {
        let Some(program) = program() else {
            left_out("smtp-sink");
            return None;
        };
        tally("smtp-sink");
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = faults
            .iter()
            .map(|&fault| fault.to_owned())
            .collect::<Vec<_>>();
        options.extend([
            "-d".to_owned(),
            folder.path().join("%M.").display().to_string(),
        ]);
        if is_root() {
            // As root it wants to be somebody else, who must be able to write here.
            options.extend(["-u".to_owned(), "nobody".to_owned()]);
            let chown = Command::new("chown")
                .arg("nobody")
                .arg(folder.path())
                .status();
            assert!(chown.expect("chown runs").success());
        }
        // Between the choice of a free port and its use somebody else may take it.
        for _ in 0..5 {
            let port = free_port();
            let mut child = Command::new(&program)
                .args(&options)
                .args([&format!("127.0.0.1:{port}"), "10"])
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("smtp-sink runs");
            if listens(&mut child, port, SOON) {
                return Some(Self {
                    child,
                    port,
                    folder,
                });
            }
        }
        panic!("smtp-sink does not listen");
    }

    async fn send(&self, mime: &[u8]) -> Result<Accepted, SendError> {
        let settings = SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: SmtpSecurity::None,
            login: None,
            from: Mailbox {
                name: None,
                address: FROM.to_owned(),
            },
            reply_to: None,
        };
        let mut session = Mailer::new(&settings)?.connect().await?;
        session.begin(FROM, TO).await?;
        let accepted = session.body(mime).await?;
        session.quit().await;
        Ok(accepted)
    }

    fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder");
        files
            .map(|file| read(&file.expect("a file").path()))
            .collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn postfix_takes_the_mail_whole() {
    let Some(sink) = Sink::start(&[]) else { return };
    let text = "Javier espera.\n.\n..\n. solo\nDesde hace 14 días, ¿sí?";
    let accepted = sink.send(&bytes(text)).await.expect("250");
    assert_eq!(accepted.code, 250);
    let mails = sink.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let (envelope, message) = mails[0].split_once("Received: ").expect("its own header");
    assert!(
        envelope.contains(&format!("X-Mail-Args: <{FROM}>")),
        "{envelope}"
    );
    assert!(
        envelope.contains(&format!("X-Rcpt-Args: <{TO}>")),
        "{envelope}"
    );
    let message = format!("Received: {message}");
    let parsed = MessageParser::default().parse(&message).expect("a mail");
    assert_eq!(parsed.subject(), Some("Javier espera desde hace 14 días"));
    let body = parsed.body_text(0).expect("a text").replace("\r\n", "\n");
    assert_eq!(body.trim_end(), text);
}

#[tokio::test]
async fn postfix_faults_mean_what_we_take_them_for() {
    for (faults, phase, outcome) in [
        (["-f", "RCPT"], Phase::RcptTo, Outcome::Refused),
        (["-r", "MAIL"], Phase::MailFrom, Outcome::Later),
        (["-r", "DATA"], Phase::Data, Outcome::Later),
        (["-Q", "RCPT"], Phase::RcptTo, Outcome::Transport),
        (["-q", "DATA"], Phase::Data, Outcome::Later),
        (["-f", "."], Phase::Dot, Outcome::ContentRefused),
        (["-r", "."], Phase::Dot, Outcome::Later),
        // It took the text and closed: nobody can know.
        (["-q", "."], Phase::Dot, Outcome::InDoubt),
    ] {
        let Some(sink) = Sink::start(&faults) else {
            return;
        };
        let error = sink.send(&bytes("texto")).await.expect_err("a failure");
        assert_eq!(
            (error.phase, error.outcome()),
            (phase, outcome),
            "{faults:?}: {error}"
        );
    }
}

fn bytes(text: &str) -> Vec<u8> {
    let envelope = Envelope {
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
    };
    let letter = Letter {
        subject: "Javier espera desde hace 14 días".to_owned(),
        text: text.to_owned(),
        html: "<p>texto</p>".to_owned(),
    };
    mime(&envelope, &letter).expect("a mail")
}

/// Where the script found it, or where Debian puts it.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("ESCUCHA_TEST_SMTP_SINK").map(PathBuf::from);
    named
        .or_else(|| Some("/usr/sbin/smtp-sink".into()))
        .filter(|path| path.exists())
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a mail")
}
