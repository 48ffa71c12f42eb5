//! Identities derived from content: doing a step twice is the same as doing it once.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest, Sha256};
use url::Url;

use super::canonical::canonical;
use super::{Post, PostKey};

/// Hex digits of a digest that serve as an identity inside the database (64 bits and more).
const ID_HEX: usize = 24;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id_type!(
    /// `s-` and a digest of the source's name.
    SourceId
);
id_type!(
    /// `p-` and a digest of who said what.
    PostId
);
id_type!(
    /// `c-` and eight hex digits derived from the first post.
    CaseId
);

impl SourceId {
    pub fn of_name(name: &str) -> Self {
        Self(format!("s-{}", &digest_hex(&["source", name])[..ID_HEX]))
    }
}

impl PostId {
    pub fn of_fingerprint(fingerprint: &str) -> Self {
        Self(format!(
            "p-{}",
            &digest_hex(&["post", fingerprint])[..ID_HEX]
        ))
    }
}

impl CaseId {
    /// The `attempt`-th candidate for a case that begins with this post. Eight digits can collide:
    /// the store takes the first candidate that is free or already this very case.
    pub fn candidate(fingerprint: &str, attempt: u32) -> Self {
        Self(format!(
            "c-{}",
            &digest_hex(&["case", fingerprint, &attempt.to_string()])[..8]
        ))
    }
}

/// SHA-256 over length-prefixed parts, as lower-case hex, so that ("ab","c") differs from ("a","bc").
pub fn digest_hex(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut hex = String::with_capacity(64);
    for byte in hasher.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A `Message-ID` with its angle brackets: 26 base32 digits of an HMAC over the delivery's identity, so
/// that a repeated mail is known as the same, and nobody learns anything from it.
pub fn message_id(instance_key: &str, delivery_id: &str, domain: &str) -> String {
    let domain = match url::Host::parse(domain.trim()) {
        Ok(url::Host::Domain(name)) => name,
        Ok(literal) => format!("[{literal}]"),
        Err(_) => "escucha.invalid".to_owned(),
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(instance_key.as_bytes()) else {
        // HMAC takes a key of any length; the digest keeps the identity stable all the same.
        return format!(
            "<{}@{domain}>",
            &digest_hex(&[instance_key, delivery_id])[..26]
        );
    };
    mac.update(b"m1|");
    mac.update(delivery_id.as_bytes());
    format!("<{}@{domain}>", &base32(&mac.finalize().into_bytes())[..26])
}

/// RFC 4648 base32 in lower case, without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
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

/// Who said what, whatever the markup, case, spacing or source: equal for the same story told twice.
pub fn fingerprint(post: &Post) -> String {
    let author = canonical(post.author.as_deref().unwrap_or(""));
    let text = canonical(&post.text);
    if text.is_empty() {
        // Without any text the link or guid is all there is.
        let place = post.url.as_deref().or(post.guid.as_deref()).unwrap_or("");
        let title = canonical(post.title.as_deref().unwrap_or(""));
        return digest_hex(&["bare", &author, &title, place]);
    }
    digest_hex(&["said", &author, &text])
}

/// The keys by which a source's post is known again: its guid, its link, its content.
pub fn post_keys(post: &Post) -> Vec<PostKey> {
    let mut keys = vec![PostKey {
        kind: "text",
        hash: fingerprint(post),
    }];
    if let Some(guid) = post.guid.as_deref().filter(|guid| !guid.trim().is_empty()) {
        keys.push(PostKey {
            kind: "guid",
            hash: digest_hex(&[guid.trim()]),
        });
    }
    if let Some(url) = post.url.as_deref() {
        keys.push(PostKey {
            kind: "link",
            hash: digest_hex(&[&plain_link(url)]),
        });
    }
    keys
}

/// The keys under which what a reply answers may be known: as a guid, and as a link.
pub fn reply_keys(reply_to: &str) -> [PostKey; 2] {
    [
        PostKey {
            kind: "guid",
            hash: digest_hex(&[reply_to.trim()]),
        },
        PostKey {
            kind: "link",
            hash: digest_hex(&[&plain_link(reply_to)]),
        },
    ]
}

/// The keyed digests by which a post of somebody who asked to be forgotten is known: his name (anywhere,
/// and in this source), its address, its words. Without the key nobody learns from them who it was.
pub fn suppression_keys(instance_key: &str, source: &str, post: &Post) -> Vec<PostKey> {
    let mut keys = vec![PostKey {
        kind: "text",
        hash: keyed(instance_key, &["text", &fingerprint(post)]),
    }];
    if let Some(author) = post.author.as_deref() {
        keys.extend(suppressed_author(instance_key, author, None));
        keys.extend(suppressed_author(instance_key, author, Some(source)));
    }
    if let Some(url) = post.url.as_deref() {
        keys.push(suppressed_link(instance_key, url));
    }
    keys
}

/// Of a name, anywhere or in one source; `None` for a name that says nothing.
pub fn suppressed_author(instance_key: &str, name: &str, source: Option<&str>) -> Option<PostKey> {
    let name = canonical(name);
    let hash = keyed(instance_key, &["author", &name, source.unwrap_or("")]);
    (!name.is_empty()).then_some(PostKey {
        kind: "author",
        hash,
    })
}

/// Of the place to which an address leads.
pub fn suppressed_link(instance_key: &str, link: &str) -> PostKey {
    PostKey {
        kind: "link",
        hash: keyed(instance_key, &["link", &plain_link(link)]),
    }
}

/// HMAC-SHA-256 over length-prefixed parts, as 32 base32 digits.
fn keyed(instance_key: &str, parts: &[&str]) -> String {
    let digest = digest_hex(parts);
    match Hmac::<Sha256>::new_from_slice(instance_key.as_bytes()) {
        Ok(mut mac) => {
            mac.update(b"s1|");
            mac.update(digest.as_bytes());
            base32(&mac.finalize().into_bytes()[..20])
        }
        // HMAC takes a key of any length.
        Err(_) => digest_hex(&[instance_key, &digest]),
    }
}

/// True unless both posts name their author and the names differ.
pub fn same_author(one: &Post, other: &Post) -> bool {
    let name = |post: &Post| {
        post.author
            .as_deref()
            .map(canonical)
            .filter(|name| !name.is_empty())
    };
    match (name(one), name(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// What a URL leads to: equal for two addresses of one place, however they are written. Fragments do
/// not count, nor what does not count in the link of a post.
pub fn place_of(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    plain_link(url.as_str())
}

/// The link without what changes from visit to visit: scheme, `www.`, the slash at the end, the order
/// of parameters, tracking and sessions. The fragment stays: it tells comments of one page apart.
fn plain_link(link: &str) -> String {
    let Ok(url) = Url::parse(link) else {
        return link.trim().to_owned();
    };
    let mut kept: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .filter(|(name, value)| !is_fleeting(name, value))
        .collect();
    kept.sort();
    let host = url.host_str().unwrap_or("");
    let mut plain = host.strip_prefix("www.").unwrap_or(host).to_owned();
    if let Some(port) = url.port() {
        let _ = write!(plain, ":{port}");
    }
    for segment in url.path().trim_end_matches('/').split('/').skip(1) {
        // Java servers write the session into the path: `/t/1;jsessionid=0A1B`.
        let segment = match segment.split_once(';') {
            Some((name, session)) if is_session_parameter(session) => name,
            _ => segment,
        };
        let _ = write!(plain, "/{segment}");
    }
    for (name, value) in kept {
        let _ = write!(plain, "&{name}={value}");
    }
    match url.fragment() {
        Some(fragment) if !is_fleeting_fragment(fragment) => {
            let _ = write!(plain, "#{fragment}");
        }
        _ => {}
    }
    plain
}

fn is_session_parameter(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    is_fleeting(name, value)
}

/// `#utm_source=…`, and the mark that browsers add to a quoted text.
fn is_fleeting_fragment(fragment: &str) -> bool {
    fragment.is_empty() || fragment.starts_with(":~:") || is_session_parameter(fragment)
}

/// True for parameters that say where a visitor came from or who he is, not what he reads.
fn is_fleeting(name: &str, value: &str) -> bool {
    const FAMILIES: [&str; 8] = [
        "utm_",
        "mtm_",
        "pk_",
        "piwik_",
        "at_",
        "hsa_",
        "oly_",
        "aspsessionid",
    ];
    const NAMES: [&str; 38] = [
        "fbclid",
        "gclid",
        "gclsrc",
        "gbraid",
        "wbraid",
        "dclid",
        "msclkid",
        "yclid",
        "twclid",
        "ttclid",
        "li_fat_id",
        "mc_cid",
        "mc_eid",
        "igshid",
        "igsh",
        "ref_src",
        "ref_url",
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "hsctatracking",
        "mkt_tok",
        "vero_id",
        "wickedid",
        "srsltid",
        "xtor",
        "spm",
        "ncid",
        "cmpid",
        "phpsessid",
        "jsessionid",
        "oscsid",
        "zenid",
        "cfid",
        "cftoken",
        "sessionid",
        "session_id",
    ];
    let name = name.to_ascii_lowercase();
    if FAMILIES.iter().any(|family| name.starts_with(family)) || NAMES.contains(&name.as_str()) {
        return true;
    }
    // `sid=12` may be the twelfth story; a long row of hex digits is a visit.
    let is_visit = value.len() >= 16 && value.bytes().all(|b| b.is_ascii_hexdigit());
    matches!(name.as_str(), "sid" | "s" | "session") && is_visit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(author: &str, text: &str) -> Post {
        Post {
            author: Some(author.into()),
            text: text.into(),
            ..Post::default()
        }
    }

    #[test]
    fn the_same_words_of_the_same_author_are_one_story() {
        let told = fingerprint(&post("Javier", "Me cobraron  dos veces"));
        assert_eq!(
            told,
            fingerprint(&post("javier", "me COBRARON dos\nveces "))
        );
        assert_ne!(told, fingerprint(&post("Ana", "Me cobraron dos veces")));
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
        let id = message_id("key", "d-1", "Ejemplo.test");
        assert_eq!(id, "<gmr6ufw5ghmnyuigdlhdcvggke@ejemplo.test>");
        assert_ne!(id, message_id("other", "d-1", "ejemplo.test"));
        assert_ne!(id, message_id("key", "d-2", "ejemplo.test"));
    }

    /// `expected` is how the link is known: equal links are one post.
    #[track_caller]
    fn check_link(link: &str, expected: &str) {
        assert_eq!(plain_link(link), expected, "{link}");
    }

    #[test]
    fn what_changes_from_visit_to_visit_makes_no_new_link() {
        check_link(
            "http://www.foro.test/t/1/?utm_source=x&p=2",
            "foro.test/t/1&p=2",
        );
        check_link(
            "https://foro.test/t/1?p=2&fbclid=9&GCLID=1&mc_cid=3",
            "foro.test/t/1&p=2",
        );
        check_link("https://foro.test/t?b=2&a=1&_ga=2.3", "foro.test/t&a=1&b=2");
        check_link("https://foro.test:8443/t", "foro.test:8443/t");
        check_link(
            "https://foro.test/t/1;jsessionid=0A1B2C?p=1",
            "foro.test/t/1&p=1",
        );
        check_link("https://foro.test/a;v=2/t", "foro.test/a;v=2/t");
        check_link(
            "https://foro.test/t?sid=0123456789abcdef0123&t=1",
            "foro.test/t&t=1",
        );
        check_link("https://foro.test/t?sid=12", "foro.test/t&sid=12");
        check_link("https://foro.test/t?PHPSESSID=abc", "foro.test/t");
        check_link("https://foro.test/t#comment-1", "foro.test/t#comment-1");
        check_link("https://foro.test/t#utm_source=rss", "foro.test/t");
        check_link("https://foro.test/t#:~:text=me%20cobraron", "foro.test/t");
        check_link("https://foro.test/t#", "foro.test/t");
        check_link("  no es un enlace ", "no es un enlace");
    }

    #[test]
    fn an_author_who_is_not_named_may_be_anybody() {
        assert!(same_author(&post("Javier", "uno"), &post(" JAVIER", "dos")));
        assert!(same_author(&post("", "uno"), &post("Ana", "dos")));
        assert!(!same_author(&post("Javier", "uno"), &post("Ana", "uno")));
    }
}
