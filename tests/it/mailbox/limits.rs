//! What a mailbox is asked, in which words, and how much of what it says is taken in.

use std::time::Duration;

use escucha::extract::Reach;
use escucha::imap::{self, Errand, Fault, Haul, ImapError, Limits, Phase};
use escucha::model::Ui;
use escucha::settings::MailboxSettings;

use super::scripted::{self, Scripted, inbox};
use super::{client, errand, mailbox};

fn short() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        verb: Duration::from_millis(300),
        mail: Duration::from_millis(300),
        ..Limits::default()
    }
}

async fn read(server: &Scripted, errand: Errand) -> Result<Haul, ImapError> {
    imap::read_within(
        &client(true),
        &mailbox(server.port, "Reseñas"),
        errand,
        short(),
    )
    .await
}

#[tokio::test]
async fn the_folder_is_looked_at_and_never_changed() {
    let server = Scripted::start(|command| Some(inbox(command, scripted::MAIL.len())));
    let haul = read(&server, errand(None)).await.unwrap();
    assert_eq!(haul.mails, [scripted::MAIL.as_bytes()]);
    assert_eq!(haul.cursor.to_string(), "7:5");
    let said = server.said();
    assert_eq!(
        said[..2],
        ["LOGIN \"avisos\" \"secreto\"", "EXAMINE \"Rese&APE-as\""]
    );
    assert!(said[2].starts_with("UID SEARCH SINCE "), "{said:?}");
    let rest = [
        "UID FETCH 5 (UID RFC822.SIZE)",
        "UID FETCH 5 (UID BODY.PEEK[])",
        "LOGOUT",
    ];
    assert_eq!(said[3..], rest);
    // Where nothing new can be, nothing more is asked.
    let haul = read(&server, errand(Some(haul.cursor))).await.unwrap();
    assert!(haul.reach == Reach::Tail && haul.mails.is_empty());
    assert_eq!(server.said()[6..].len(), 3, "{:?}", server.said());
}

#[tokio::test]
async fn of_a_mail_beyond_the_limit_only_the_beginning_is_asked() {
    let server = Scripted::start(|command| Some(inbox(command, (24 << 20) + 1)));
    let haul = read(&server, errand(None)).await.unwrap();
    assert_eq!((haul.n_cut, haul.mails.len()), (1, 1));
    let asked = "UID FETCH 5 (UID BODY.PEEK[]<0.1048576>)";
    assert!(
        server.said().contains(&asked.to_owned()),
        "{:?}",
        server.said()
    );
    // After a failure the same is done for a mail that is only large.
    let server = Scripted::start(|command| Some(inbox(command, 2 << 20)));
    let careful = Errand {
        is_careful: true,
        ..errand(None)
    };
    assert_eq!(read(&server, careful).await.unwrap().n_cut, 1);
    assert_eq!(read(&server, errand(None)).await.unwrap().n_cut, 0);
}

/// A first reading that is too much for one time is not news the second time.
#[tokio::test]
async fn a_first_reading_goes_on_where_it_ended_and_stays_the_first() {
    let server = Scripted::start(|command| {
        let found = if command.contains("SEARCH SINCE") {
            "3 4 5"
        } else {
            "4 5"
        };
        match command {
            command if command.contains("SINCE") || command.ends_with("UID 4:5") => {
                Some(format!("* SEARCH {found}\r\n{{tag}} OK x\r\n"))
            }
            command if command.contains("SIZE") => Some(
                "* 1 FETCH (UID 3 RFC822.SIZE 9)\r\n* 2 FETCH (UID 4 RFC822.SIZE 9)\r\n\
                 * 3 FETCH (UID 5 RFC822.SIZE 9)\r\n{tag} OK x\r\n"
                    .to_owned(),
            ),
            command if command.contains("BODY.PEEK") => {
                let uid = command.split(' ').nth(2).unwrap_or_default();
                Some(format!(
                    "* 1 FETCH (UID {uid} BODY[] {{3}}\r\na:b)\r\n{{tag}} OK x\r\n"
                ))
            }
            command => Some(inbox(command, 9)),
        }
    });
    let limits = Limits {
        total_bytes: 10,
        ..short()
    };
    let mut cursor = None;
    let mut steps = Vec::new();
    for _ in 0..3 {
        let mailbox = mailbox(server.port, "INBOX");
        let haul = imap::read_within(&client(true), &mailbox, errand(cursor), limits).await;
        let haul = haul.unwrap();
        steps.push(format!(
            "{} {:?} {}",
            haul.mails.len(),
            haul.reach,
            haul.cursor
        ));
        cursor = Some(haul.cursor);
    }
    assert_eq!(steps, ["1 Before 7:3-5", "1 Before 7:4-5", "1 Before 7:5"]);
}

#[tokio::test]
async fn a_server_that_sends_more_than_it_said_is_cut_off() {
    // It announces a mail of ten bytes, and then one of a gigabyte.
    let server = Scripted::start(|command| {
        if command.contains("BODY.PEEK") {
            return Some("* 1 FETCH (UID 5 BODY[] {1073741824}\r\n".to_owned());
        }
        Some(inbox(command, 10))
    });
    let error = read(&server, errand(None)).await.unwrap_err();
    assert_eq!((error.phase, error.fault), (Phase::Mails, Fault::TooMuch));
}

#[tokio::test]
async fn a_server_that_falls_silent_meets_the_limit() {
    let server = Scripted::start(|command| {
        (!command.starts_with("LOGIN")).then(|| "{tag} OK x\r\n".to_owned())
    });
    let error = read(&server, errand(None)).await.unwrap_err();
    assert_eq!(
        (error.phase, &error.fault),
        (Phase::Login, &Fault::TimedOut)
    );
    assert!(error.sentence(Ui::Es).contains("ha dejado de contestar"));
    let server = Scripted::start(|command| {
        let is_silent = command.contains("BODY.PEEK");
        (!is_silent).then(|| inbox(command, 10))
    });
    let error = read(&server, errand(None)).await.unwrap_err();
    assert_eq!((error.phase, error.fault), (Phase::Mails, Fault::TimedOut));
}

#[tokio::test]
async fn one_mail_that_the_server_cannot_give_hides_no_other() {
    let server = Scripted::start(|command| {
        if command.contains("BODY.PEEK") {
            return Some("{tag} NO [SERVERBUG] the file is broken\r\n".to_owned());
        }
        Some(inbox(command, 10))
    });
    let error = read(&server, errand(None)).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused("the file is broken".to_owned()));
    let careful = Errand {
        is_careful: true,
        ..errand(None)
    };
    let haul = read(&server, careful).await.unwrap();
    assert_eq!((haul.n_refused, haul.cursor.uid), (1, 5));
}

#[tokio::test]
async fn a_private_address_is_reached_with_leave_only() {
    let server = Scripted::start(|command| Some(inbox(command, 10)));
    let (client, here) = (client(false), mailbox(server.port, "INBOX"));
    let error = imap::read(&client, &here, errand(None)).await.unwrap_err();
    assert_eq!(error.fault, Fault::AddressNotPublic);
    assert!(error.sentence(Ui::En).contains("fetch.allow_private"));
    assert_eq!(server.said(), Vec::<String>::new());
    // Nor does a public one get a password in the clear, or on a strange port.
    let abroad = MailboxSettings {
        host: "93.184.216.34".to_owned(),
        port: 2143,
        ..mailbox(0, "INBOX")
    };
    let error = imap::read(&client, &abroad, errand(None))
        .await
        .unwrap_err();
    assert_eq!(error.fault, Fault::Port(2143));
}
