//! A mailbox in the configuration: where it is, who may read it, and what is wrong with it.

use super::{COMPANY, WATCH, load, printed};
use escucha::settings::MailboxSettings;

const PASSWORD: &str = "password = { env = \"ESCUCHA_SMTP_PASSWORD\" }";

fn file(lines: &str) -> String {
    format!("{COMPANY}[[source]]\nname = \"b\"\nkind = \"mailbox\"\n{lines}\n")
}

#[track_caller]
fn right(url: &str, security: &str, expected: &str) {
    let lines = format!("url = \"{url}\"\n{security}\n{PASSWORD}");
    let settings = load(&file(&lines), WATCH).unwrap_or_else(|complaints| {
        panic!(
            "{url}: {}",
            super::bare(&complaints, escucha::model::Ui::En)
        )
    });
    let source = &settings.sources[0];
    let MailboxSettings {
        host,
        port,
        security,
        user,
        password,
        folder,
    } = source.mailbox.clone().unwrap();
    assert_eq!(password.expose(), "gehe1m");
    assert!(!format!("{settings:?}").contains("gehe1m"));
    let told = format!("{user} at {host} {port} {security:?} {folder}");
    assert_eq!(told, expected, "{url}");
    assert_eq!(source.cadence.every_ms, 300_000);
    assert!(source.full_text);
}

#[track_caller]
fn wrong(lines: &str, expected: &str) {
    let shown = printed(load(&file(lines), WATCH));
    let short = shown.split_once(": ").map_or("", |(_, said)| said);
    assert_eq!(short, expected, "{lines}");
}

#[test]
fn a_mailbox_is_where_its_address_says() {
    right(
        "imaps://avisos@Mail.Ejemplo.test",
        "",
        "avisos at mail.ejemplo.test 993 Tls INBOX",
    );
    right(
        "imaps://avisos%40ejemplo.test@mail.ejemplo.test/INBOX/Rese%C3%B1as",
        "",
        "avisos@ejemplo.test at mail.ejemplo.test 993 Tls INBOX/Reseñas",
    );
    right(
        "imaps://avisos@ejemplo.test@mail.ejemplo.test/Reseñas/",
        "",
        "avisos@ejemplo.test at mail.ejemplo.test 993 Tls Reseñas",
    );
    right("imap://a@[::1]:1143/x", "", "a at ::1 1143 StartTls x");
    right(
        "imap://a@127.0.0.1",
        "security = \"none\"",
        "a at 127.0.0.1 143 None INBOX",
    );
}

#[test]
fn what_is_wrong_with_a_mailbox_is_said_without_its_password() {
    let url = "url = \"imaps://a@b.test\"";
    wrong(
        &format!("url = \"imaps://a:gehe1m@b.test\"\n{PASSWORD}"),
        "source.url: a password does not stand in the address; take it out of url and put \
         password = { env = \"…\" }",
    );
    wrong(
        &format!("url = \"https://b.test\"\n{PASSWORD}"),
        "source.url: is not the address of a mailbox; put url = \
         \"imaps://user@mail.example.test/INBOX\"",
    );
    wrong(
        &format!("url = \"imaps://b.test/INBOX\"\n{PASSWORD}"),
        "source.url: \"imaps://b.test/INBOX\" will not do; write imaps://usuario@b.test/INBOX",
    );
    wrong(
        url,
        "source.password: is missing; put password = { env = \"…\" }",
    );
    wrong(
        &format!("{url}\npassword = \"gehe1m\""),
        "source.password: a password does not stand in this file; do not write it here: put \
         { env = \"VARIABLE\" } or { file = \"password.txt\" }",
    );
    wrong(
        &format!("{url}\nsecurity = \"starttls\"\n{PASSWORD}"),
        "source.security: does not agree with url; imaps:// is \"tls\"; imap:// is \"starttls\" or \
         \"none\"",
    );
    wrong(
        &format!("url = \"imap://a@b.test\"\nsecurity = \"none\"\n{PASSWORD}"),
        "source.security: the password would travel in the clear to b.test; put \"starttls\"; \
         \"none\" is for this very machine only",
    );
    wrong(
        &format!("{url}\nignore_robots = \"x\"\n{PASSWORD}"),
        "source.ignore_robots: a mailbox has no robots.txt; leave it out",
    );
}

#[test]
fn the_mailbox_for_replies_is_one_like_the_others() {
    let lines = format!("[replies]\nurl = \"imaps://a%40b.test@mail.b.test\"\n{PASSWORD}\n");
    let settings = load(&format!("{COMPANY}{lines}"), WATCH).unwrap();
    let replies = settings.replies.unwrap();
    let told = (replies.user.as_str(), replies.port, replies.folder.as_str());
    assert_eq!(told, ("a@b.test", 993, "INBOX"));
    for (lines, expected) in [
        (
            "[replies]\nurl = \"imaps://a@b.test\"\n",
            "replies.password",
        ),
        ("[replies]\nurl = \"https://b.test\"\n", "replies.url"),
        ("[replies]\nevery = \"5m\"\n", "replies.every"),
    ] {
        let shown = printed(load(&format!("{COMPANY}{lines}"), WATCH));
        assert!(shown.contains(expected), "{shown}");
    }
}
