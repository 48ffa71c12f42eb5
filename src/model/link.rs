//! Signed links: what one reader of our mail may do with one case or post, and until when.
//!
//! A link is `version | key | deed | subject | reader | end | stamp` under an HMAC-SHA256 whose key is
//! derived from the instance's, written as base32. It names nobody: the reader is a digest of his address.
//!
//! **Invariant:** every link that is not exactly as it was made is refused in one way, after the same
//! work: nothing tells a forger what was wrong with it.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{CaseId, PostId, Timestamp, base32};

/// A link in a mail can be used for so long.
pub const LINK_DAYS: i64 = 14;

const VERSION: u8 = 1;
/// 128 bits of the tag: half of it, as RFC 2104 (section 5) allows, and short enough for a mail.
const TAG_BYTES: usize = 16;
const READER_BYTES: usize = 8;
/// Before the subject: version, key, deed, kind of subject. After it: reader, end, stamp.
const HEAD_BYTES: usize = 4;
const TAIL_BYTES: usize = READER_BYTES + 4 + 4;
const CASE_BYTES: usize = 4;
const POST_BYTES: usize = 12;
const LINK_BYTES_MAX: usize = HEAD_BYTES + POST_BYTES + TAIL_BYTES + TAG_BYTES;
/// A shorter key of an instance is none: whoever guesses it could write links.
const KEY_CHARS_MIN: usize = 16;

/// What a link lets its reader do. A mail holds only links that open; the others stand in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Look at it. Changes nothing.
    Open,
    Take,
    Answered,
    Snooze,
    Solved,
    Dismiss,
    /// Say whether it is a complaint about us.
    Judge,
    Undo,
}

/// What a link is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Case(CaseId),
    Post(PostId),
}

/// Who reads a mail: a digest of his address under a key of this instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderId([u8; READER_BYTES]);

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub deed: Deed,
    pub subject: Subject,
    pub reader: ReaderId,
    /// To the second.
    pub ends_at: Timestamp,
    /// How the subject stood when the link was made, as a digest; 0 for a link that only opens.
    pub stamp: u32,
}

/// The one answer to every link that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the link is not valid, or its time is over")]
pub struct NotValid;

/// Which keys are in force, as the database keeps it: counted up by each rotation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRing {
    n: u32,
    /// Drawn at the rotation, so that a stolen copy of the instance's key makes no later ones.
    salt: String,
    /// The salt of the key before, while its links still hold.
    last: Option<String>,
}

/// The keys of an instance, ready to sign.
#[derive(Clone)]
pub struct LinkKeys {
    current: (u8, [u8; 32]),
    last: Option<(u8, [u8; 32])>,
    reader: [u8; 32],
}

impl LinkKeys {
    /// `None` for an instance key that is no secret.
    pub fn of(instance_key: &str, ring: &KeyRing) -> Option<Self> {
        if instance_key.chars().count() < KEY_CHARS_MIN {
            return None;
        }
        let key = |n: u32, salt: &str| {
            let label = format!("escucha link key v1|{n}|{salt}");
            let key = tag(instance_key.as_bytes(), &[label.as_bytes()])?;
            Some((n.to_be_bytes()[3], key))
        };
        Some(Self {
            current: key(ring.n, &ring.salt)?,
            last: match (&ring.last, ring.n.checked_sub(1)) {
                (Some(salt), Some(n)) => Some(key(n, salt)?),
                _ => None,
            },
            reader: tag(instance_key.as_bytes(), &[b"escucha reader v1"])?,
        })
    }

    /// Who has this address.
    pub fn reader(&self, address: &str) -> ReaderId {
        let address = address.trim().to_lowercase();
        let mut id = [0; READER_BYTES];
        let digest = tag(&self.reader, &[address.as_bytes()]).unwrap_or_default();
        id.copy_from_slice(&digest[..READER_BYTES]);
        ReaderId(id)
    }

    /// The link for this; `None` for a subject that has no identity of ours, or an end that no calendar
    /// of links knows.
    pub fn sign(&self, grant: &Grant) -> Option<String> {
        let (id, key) = &self.current;
        let mut link = Vec::with_capacity(LINK_BYTES_MAX);
        let (kind, subject) = grant.subject.bytes()?;
        link.extend([VERSION, *id, grant.deed.code(), kind]);
        link.extend(subject);
        link.extend(grant.reader.0);
        link.extend(
            u32::try_from(grant.ends_at.0.div_euclid(1_000))
                .ok()?
                .to_be_bytes(),
        );
        link.extend(grant.stamp.to_be_bytes());
        let tag = tag(key, &[LABEL, &link])?;
        link.extend(&tag[..TAG_BYTES]);
        Some(base32(&link))
    }

    /// What this link says, if it is one of ours for this deed and its time is not over.
    ///
    /// # Errors
    /// [`NotValid`], whatever was wrong.
    pub fn verify(&self, link: &str, deed: Deed, now: Timestamp) -> Result<Grant, NotValid> {
        // What cannot be a link is verified all the same, so that it takes as long as one that could.
        let bytes =
            bytes_of(link).filter(|bytes| bytes.len() > HEAD_BYTES + TAIL_BYTES + TAG_BYTES);
        let blank = [0; LINK_BYTES_MAX];
        let whole = bytes.as_deref().unwrap_or(&blank);
        let (said, tag) = whole.split_at(whole.len() - TAG_BYTES);
        let known = [Some(&self.current), self.last.as_ref()];
        let named = known.into_iter().flatten().find(|(id, _)| *id == said[1]);
        let (_, key) = named.unwrap_or(&self.current);
        let is_signed = is_tag(key, &[LABEL, said], tag);
        let grant = Grant::read(said).filter(|grant| grant.deed == deed && grant.ends_at > now);
        match grant {
            Some(grant) if is_signed && named.is_some() && bytes.is_some() => Ok(grant),
            _ => Err(NotValid),
        }
    }
}

impl KeyRing {
    /// The text that [`KeyRing::parse`] reads.
    pub fn text(&self) -> String {
        let last = self
            .last
            .as_ref()
            .map_or(String::new(), |last| format!(":{last}"));
        format!("{}:{}{last}", self.n, self.salt)
    }

    /// `None` for what is no such text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        Some(Self {
            n: parts.next()?.parse().ok()?,
            salt: parts.next()?.to_owned(),
            last: parts.next().map(str::to_owned),
        })
    }

    /// A new key; links of the one before hold on until the next rotation.
    #[must_use]
    pub fn rotated(&self, fresh_salt: &str) -> Self {
        Self {
            n: self.n.wrapping_add(1),
            salt: fresh_salt.to_owned(),
            last: Some(self.salt.clone()),
        }
    }

    /// A new key, and every link so far ends now.
    #[must_use]
    pub fn revoked(&self, fresh_salt: &str) -> Self {
        Self {
            last: None,
            ..self.rotated(fresh_salt)
        }
    }
}

impl ReaderId {
    /// Sixteen hex digits.
    pub fn hex(self) -> String {
        hex(&self.0)
    }
}

impl Subject {
    /// `c-…` or `p-…`, whole.
    pub fn parse(text: &str) -> Option<Self> {
        let subject = match text.get(..2)? {
            "c-" => Self::Case(CaseId(text.to_owned())),
            "p-" => Self::Post(PostId(text.to_owned())),
            _ => return None,
        };
        subject.bytes().map(|_| subject.clone())
    }

    fn bytes(&self) -> Option<(u8, Vec<u8>)> {
        match self {
            Self::Case(id) => Some((b'c', unhex(id.0.strip_prefix("c-")?, CASE_BYTES)?)),
            Self::Post(id) => Some((b'p', unhex(id.0.strip_prefix("p-")?, POST_BYTES)?)),
        }
    }

    fn read(kind: u8, bytes: &[u8]) -> Option<Self> {
        match (kind, bytes.len()) {
            (b'c', CASE_BYTES) => Some(Self::Case(CaseId(format!("c-{}", hex(bytes))))),
            (b'p', POST_BYTES) => Some(Self::Post(PostId(format!("p-{}", hex(bytes))))),
            _ => None,
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Case(id) => id.fmt(f),
            Self::Post(id) => id.fmt(f),
        }
    }
}

impl Deed {
    const ALL: [Self; 8] = [
        Self::Open,
        Self::Take,
        Self::Answered,
        Self::Snooze,
        Self::Solved,
        Self::Dismiss,
        Self::Judge,
        Self::Undo,
    ];

    /// Its byte in a link: never given to another deed.
    fn code(self) -> u8 {
        match self {
            Self::Open => b'o',
            Self::Take => b't',
            Self::Answered => b'a',
            Self::Snooze => b'z',
            Self::Solved => b's',
            Self::Dismiss => b'd',
            Self::Judge => b'j',
            Self::Undo => b'u',
        }
    }
}

impl Grant {
    /// What these bytes say; whether they are ours is for their tag to tell.
    fn read(said: &[u8]) -> Option<Self> {
        let (head, rest) = said.split_at_checked(HEAD_BYTES)?;
        let &[version, _, deed, kind] = head else {
            return None;
        };
        let (subject, tail) = rest.split_at_checked(rest.len().checked_sub(TAIL_BYTES)?)?;
        let (reader, tail) = tail.split_first_chunk::<READER_BYTES>()?;
        let (end, tail) = tail.split_first_chunk::<4>()?;
        let stamp = tail.first_chunk::<4>()?;
        let seconds = i64::from(u32::from_be_bytes(*end));
        (version == VERSION).then_some(())?;
        Some(Self {
            deed: Deed::ALL.into_iter().find(|known| known.code() == deed)?,
            subject: Subject::read(kind, subject)?,
            reader: ReaderId(*reader),
            ends_at: Timestamp(seconds * 1_000),
            stamp: u32::from_be_bytes(*stamp),
        })
    }
}

/// No other use of a key of ours has this before its text.
const LABEL: &[u8] = b"escucha link v1|";

fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac)
}

fn tag(key: &[u8], parts: &[&[u8]]) -> Option<[u8; 32]> {
    Some(mac(key, parts)?.finalize().into_bytes().into())
}

/// In a time that does not depend on where they differ.
fn is_tag(key: &[u8], parts: &[&[u8]], tag: &[u8]) -> bool {
    mac(key, parts).is_some_and(|mac| mac.verify_truncated_left(tag).is_ok())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// So many bytes of lower-case hex, and nothing else.
fn unhex(text: &str, n_bytes: usize) -> Option<Vec<u8>> {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() != 2 * n_bytes || !text.bytes().all(is_hex) {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..n_bytes).map(|nth| byte(2 * nth)).collect()
}

/// What [`base32`] wrote: its digits alone, in lower case, as many as there must be. Every text that is not
/// exactly that is refused, so that one link has one spelling.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    if text.len() > LINK_BYTES_MAX * 8 / 5 + 1 {
        return None;
    }
    let mut out = Vec::with_capacity(LINK_BYTES_MAX);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for digit in text.bytes() {
        let value = match digit {
            b'a'..=b'z' => digit - b'a',
            b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
        held &= (1 << bits) - 1;
    }
    (held == 0 && bits < 5).then_some(out)
}

#[cfg(test)]
mod tests;
