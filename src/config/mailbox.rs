//! A folder on an IMAP server and who may read it: a `[[source]]` with `kind = "mailbox"`, and
//! `[replies]`.

use std::net::IpAddr;

use url::{Host, Url};

use super::complaints::{Said, said, shown};
use super::escucha::full_text;
use super::mapping;
use super::reader::{Section, Value};
use super::recipes::{Dish, Part};
use super::secrets::{World, secret};
use super::sending::is_loopback;
use super::values;
use crate::settings::{MailboxSettings, SmtpSecurity, SourceKind};

/// A mailbox is asked for news as often as the floor allows: it is ours, and asking costs little.
const EVERY_MS: i64 = 5 * 60_000;

/// `[replies]`: where reports of mail servers and answers to our mails arrive.
pub(super) fn replies(section: &Section, world: &World) -> Option<MailboxSettings> {
    let read = settings(section, world);
    section.finish();
    read.map(|(_, mailbox)| mailbox)
}

/// The place and who may read it.
fn settings(section: &Section, world: &World) -> Option<(Url, MailboxSettings)> {
    let url = section.need("url", right_url());
    let place = url.as_ref().and_then(place);
    let security = security(section, place.as_ref());
    let password = section.need(
        "password",
        said!(
            "ponga password = {{ env = \"…\" }}",
            "put password = {{ env = \"…\" }}"
        ),
    );
    let password = password.and_then(|password| secret(&password, world));
    let (place, security) = (place?, security?);
    let mailbox = MailboxSettings {
        host: place.host,
        port: place.url.port().unwrap_or(match security {
            SmtpSecurity::Tls => 993,
            SmtpSecurity::StartTls | SmtpSecurity::None => 143,
        }),
        security,
        user: place.user,
        password: password?,
        folder: place.folder,
    };
    Some((place.url, mailbox))
}

/// What the section makes; complaints about all that is wrong in it.
pub(super) fn dish(section: &Section, world: &World) -> Option<Dish> {
    let read = settings(section, world);
    let full_text = full_text(section, Some(SourceKind::Mailbox));
    let select = mapping::select(section, Some(SourceKind::Mailbox));
    if let Some(ignore) = section.get("ignore_robots") {
        ignore.complain(
            said!(
                "un buzón no tiene robots.txt",
                "a mailbox has no robots.txt"
            ),
            said!("quítela", "leave it out"),
        );
    }
    let (url, mailbox) = read?;
    let part = Part {
        name: None,
        kind: SourceKind::Mailbox,
        url,
        full_text,
        select,
        map: None,
        mailbox: Some(mailbox),
    };
    Some(Dish {
        parts: vec![part],
        every_ms: Some(EVERY_MS),
        ..Dish::default()
    })
}

/// What stands in an address.
struct Place {
    /// The address as it is kept: with the host in its usual form.
    url: Url,
    host: String,
    user: String,
    folder: String,
}

fn place(value: &Value) -> Option<Place> {
    let text = value.text()?.trim();
    let Ok(mut url) = Url::parse(text) else {
        return refused(value, right_url());
    };
    if url.password().is_some() {
        // It is not quoted: it holds a password.
        value.complain(
            said!(
                "la contraseña no va en la dirección",
                "a password does not stand in the address"
            ),
            said!(
                "quítela de url y ponga password = {{ env = \"…\" }}",
                "take it out of url and put password = {{ env = \"…\" }}"
            ),
        );
        return None;
    }
    if !matches!(url.scheme(), "imaps" | "imap") {
        return refused(value, right_url());
    }
    let Some(host) = url.host_str().and_then(|host| Host::parse(host).ok()) else {
        return refused(value, right_url());
    };
    let user = decoded(url.username()).filter(|user| !user.is_empty());
    let Some(user) = user else {
        let right = shown(&format!("{}://usuario@{host}/INBOX", url.scheme()));
        return value.wants(said!("{right}", "{right}"));
    };
    let folder = decoded(url.path().trim_matches('/'))?;
    let folder = if folder.is_empty() {
        "INBOX".to_owned()
    } else {
        folder
    };
    url.set_host(Some(&host.to_string())).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    let host = match host {
        Host::Domain(name) => name,
        Host::Ipv4(ip) => IpAddr::V4(ip).to_string(),
        Host::Ipv6(ip) => IpAddr::V6(ip).to_string(),
    };
    Some(Place {
        url,
        host,
        user,
        folder,
    })
}

/// Complains without quoting what may hold a password.
fn refused<T>(value: &Value, right: Said) -> Option<T> {
    value.complain(
        said!(
            "no es la dirección de un buzón",
            "is not the address of a mailbox"
        ),
        right,
    );
    None
}

/// With `imaps://` it is TLS from the start, with `imap://` STARTTLS unless the file says otherwise.
fn security(section: &Section, place: Option<&Place>) -> Option<SmtpSecurity> {
    let value = section.get("security");
    let is_imaps = place.is_some_and(|place| place.url.scheme() == "imaps");
    let Some(value) = value else {
        return Some(if is_imaps {
            SmtpSecurity::Tls
        } else {
            SmtpSecurity::StartTls
        });
    };
    let known = [
        ("tls", SmtpSecurity::Tls),
        ("starttls", SmtpSecurity::StartTls),
        ("none", SmtpSecurity::None),
    ];
    let chosen = values::word(&value, &known)?;
    let place = place?;
    if is_imaps != (chosen == SmtpSecurity::Tls) {
        value.complain(
            said!("no concuerda con url", "does not agree with url"),
            said!(
                "imaps:// es \"tls\"; imap:// es \"starttls\" o \"none\"",
                "imaps:// is \"tls\"; imap:// is \"starttls\" or \"none\""
            ),
        );
        return None;
    }
    let host = shown(&place.host);
    if chosen == SmtpSecurity::None && !is_loopback(&place.host) {
        value.complain(
            said!(
                "la contraseña viajaría sin cifrar hasta {host}",
                "the password would travel in the clear to {host}"
            ),
            said!(
                "ponga \"starttls\"; \"none\" solo vale dentro de esta máquina",
                "put \"starttls\"; \"none\" is for this very machine only"
            ),
        );
        return None;
    }
    Some(chosen)
}

fn right_url() -> Said {
    said!(
        "ponga url = \"imaps://usuario@mail.ejemplo.test/INBOX\"",
        "put url = \"imaps://user@mail.example.test/INBOX\""
    )
}

/// With `%40` and its like as what they stand for.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) if *byte == b'%' => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains(char::is_control))
}
