//! The signature of Standard Webhooks 1.0.0 (its section "Signature scheme"): HMAC-SHA256 over
//! `id.timestamp.body`, written as `v1,` and base64.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::base64;

/// Before the base64 of every symmetric key.
const PREFIX: &str = "whsec_";
/// The specification: random, at least 24 bytes, at most 64.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A key that receiver and sender share. Nothing shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Vec<u8>);

impl Key {
    /// Reads `whsec_…`.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = base64::decode(text.trim().strip_prefix(PREFIX)?)?;
        KEY_BYTES.contains(&bytes.len()).then_some(Self(bytes))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The value of `webhook-signature`: one signature a key, the newest first, with blanks between.
/// `id` must not hold a full stop; `seconds` are those of the attempt, since 1970.
pub fn signature(keys: &[Key], id: &str, seconds: i64, body: &str) -> String {
    let signed = |key: &Key| {
        // HMAC takes a key of any length, so that none is left out.
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body.as_bytes());
        Some(format!(
            "v1,{}",
            base64::encode(&mac.finalize().into_bytes())
        ))
    };
    let all: Vec<String> = keys.iter().filter_map(signed).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// Reference: the test vector of the libraries of Standard Webhooks.
    #[test]
    fn the_vector_of_the_specification() {
        let key = Key::parse(SECRET).unwrap();
        let found = signature(
            std::slice::from_ref(&key),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(found, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let other = Key::parse(&format!("{SECRET}AAAA")).unwrap();
        let both = signature(&[other, key], "a", 1, "");
        assert_eq!(both.split(' ').count(), 2);
        assert!(
            both.split(' ')
                .all(|one| one.starts_with("v1,") && one.len() == 47)
        );
    }

    #[test]
    fn a_key_is_long_enough_and_never_shown() {
        let key = Key::parse(SECRET).unwrap();
        assert_eq!(format!("{key:?}"), "***");
        for wrong in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_",
            "whsec_Zm9vYmFy",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
            "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert!(Key::parse(wrong).is_none(), "{wrong}");
        }
        let long = format!("whsec_{}", "QUFB".repeat(22));
        assert!(Key::parse(&long).is_none(), "66 bytes");
    }
}
