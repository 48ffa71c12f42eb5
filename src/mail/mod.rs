//! Mail: the bytes of a letter (`compose`) and the way to the manager's server (`smtp`).
//!
//! lettre formats headers and speaks the verbs; time limits, the reply limit, the knowledge of
//! whether the final dot went out and the meaning of every failure are ours (`wire`, `error`).
//! Absent: queues, retries and the database, which belong to `flow::outbox`; and any pool, because
//! a connection that was left in the middle of a verb answers one mail late.

pub mod compose;
mod error;
pub mod smtp;

mod clean;
mod sentence;
mod tls;
mod wire;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub use compose::{ComposeError, Envelope};
pub use error::{Fault, Outcome, Phase, SendError};
pub use smtp::{Accepted, Limits, Mailer, Session};

/// Digits of a Message-ID before the `@`: 130 bits, as many as no instance will ever use up.
const MESSAGE_ID_DIGITS: usize = 26;
/// Bytes of one SHA-256 block, the longest key that HMAC takes as it is.
const BLOCK_BYTES: usize = 64;

/// The Message-ID of one delivery: always the same for the same delivery, so that every copy of a
/// mail can be known as such, and without any personal data (RFC 5322, 3.6.4).
pub fn message_id(instance_key: &[u8], delivery_id: &str, domain: &str) -> String {
    // HMAC pads short keys with zeros and hashes long ones (RFC 2104); done here, the
    // constructor takes a block and cannot fail.
    let mut block = [0_u8; BLOCK_BYTES];
    if instance_key.len() > BLOCK_BYTES {
        for (slot, byte) in block.iter_mut().zip(Sha256::digest(instance_key)) {
            *slot = byte;
        }
    } else {
        for (slot, byte) in block.iter_mut().zip(instance_key) {
            *slot = *byte;
        }
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(b"m1|");
    mac.update(delivery_id.as_bytes());
    let mut digits = base32(&mac.finalize().into_bytes());
    digits.truncate(MESSAGE_ID_DIGITS);
    let domain = ascii_domain(domain).unwrap_or_else(|| "escucha.invalid".to_owned());
    format!("<{digits}@{domain}>")
}

/// The address as SMTP and headers can carry it without extensions: domain in punycode, local
/// part ASCII. `None` for everything else, so that no server needs SMTPUTF8.
fn address(text: &str) -> Option<lettre::Address> {
    let (user, domain) = text.trim().rsplit_once('@')?;
    if !user.is_ascii() || user.bytes().any(|byte| byte.is_ascii_control()) {
        return None;
    }
    lettre::Address::new(user, ascii_domain(domain)?).ok()
}

fn ascii_domain(domain: &str) -> Option<String> {
    match url::Host::parse(domain.trim()).ok()? {
        url::Host::Domain(name) => Some(name),
        url::Host::Ipv4(ip) => Some(format!("[{ip}]")),
        url::Host::Ipv6(ip) => Some(format!("[IPv6:{ip}]")),
    }
}

/// RFC 4648 base32 in lower case, without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(held << (5 - bits) & 31) as usize]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: Option<&str>) {
        assert_eq!(address(input).as_ref().map(AsRef::as_ref), expected);
    }

    #[test]
    fn addresses_are_ascii_or_refused() {
        check("gerente@ejemplo.test", Some("gerente@ejemplo.test"));
        check(" a.b+c@Ejemplo.TEST ", Some("a.b+c@ejemplo.test"));
        check("ana@españa.test", Some("ana@xn--espaa-rta.test"));
        check("josé@ejemplo.test", None);
        check("a\r\nRCPT TO:<b@c.test>@ejemplo.test", None);
        check("a@b\r\n.test", None);
        check("nadie", None);
        check("@ejemplo.test", None);
        check("a b@ejemplo.test", None);
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "my"),
            ("foob", "mzxw6yq"),
            ("foobar", "mzxw6ytboi"),
        ] {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn message_ids_are_stable_and_differ_by_key_and_delivery() {
        // Reference: Python's hmac and base64.b32encode over b"m1|d-1".
        assert_eq!(message_id(b"key", "d-1", "Ejemplo.test"), REFERENCE);
        let long = [7_u8; 65];
        let ids = [
            message_id(b"key", "d-1", "ejemplo.test"),
            message_id(b"key", "d-2", "ejemplo.test"),
            message_id(b"other", "d-1", "ejemplo.test"),
            message_id(&long, "d-1", "ejemplo.test"),
            message_id(&long[..64], "d-1", "ejemplo.test"),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(message_id(&long, "d-1", "ejemplo.test"), LONG_KEY_REFERENCE);
    }

    const REFERENCE: &str = "<gmr6ufw5ghmnyuigdlhdcvggke@ejemplo.test>";
    const LONG_KEY_REFERENCE: &str = "<gojcn7agdtucx4fz6zgombmjuf@ejemplo.test>";
}
