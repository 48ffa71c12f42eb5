//! Mail: the bytes of a letter (`compose`) and the way to the manager's server (`smtp`).
//!
//! lettre formats headers and speaks the verbs; time limits, the reply limit, the knowledge of
//! whether the final dot went out and the meaning of every failure are ours (`wire`, `error`).
//! Absent: queues, retries and the database, which belong to `flow::outbox`; and any pool, because
//! a connection that was left in the middle of a verb answers one mail late.

pub mod compose;
mod dial;
mod error;
pub mod smtp;

mod clean;
mod provider;
mod sentence;
pub(crate) mod tls;
mod wire;

pub use compose::{ComposeError, Envelope};
pub use error::{Fault, Outcome, Phase, SendError};
pub use smtp::{Accepted, Limits, Mailer, Session};

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
}
