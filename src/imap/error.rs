//! Every way in which a mailbox cannot be read, and what each means for its source.

use std::fmt;

use crate::fetch::DialError;
use crate::mail;
use crate::model::Ui;

use super::sentence;

/// How far the conversation had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Connect,
    Tls,
    Greeting,
    Login,
    Folder,
    Mails,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The address of the server is neither public nor in `allow_private`.
    AddressNotPublic,
    /// Another port than 993 and 143, on an address that is not in `allow_private`.
    Port(u16),
    /// `security = "none"` with a server that is not this very machine.
    PlaintextAbroad,
    NoSuchHost,
    PortClosed,
    Unreachable,
    TimedOut,
    /// The server closed the connection.
    Lost,
    /// The system holds no certificate authorities.
    NoAuthorities,
    UnknownIssuer,
    /// The certificate is for other names.
    WrongName,
    /// Expired or not yet valid.
    WrongTime,
    /// The other side does not speak TLS on this port.
    NotTls,
    /// Any other refusal of TLS, in the words of the TLS library.
    TlsRefused(String),
    /// The other side does not speak IMAP on this port.
    NotImap,
    /// More than was asked for, or nested without end.
    TooMuch,
    StartTlsMissing,
    /// The server lets nobody in with a password over this connection.
    LoginMissing,
    /// Wrong user or password; the server's words.
    LoginRefused(String),
    /// The folder is not there; those that are.
    NoSuchFolder {
        folder: String,
        there: Vec<String>,
    },
    /// The server's refusal of anything else.
    Refused(String),
}

/// When to try again, and whether it will mend by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hope {
    /// It will not mend by itself: the operator is told at once.
    pub is_lasting: bool,
    /// Not before so many milliseconds; `None`: with the ordinary back-off.
    pub retry_after_ms: Option<i64>,
}

/// A password that was refused is not tried again soon: many servers lock who tries too often.
const REFUSED_MS: i64 = 3_600_000;

/// Why a mailbox could not be read. Holds neither users nor passwords.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mailbox at {server} could not be read: {phase}: {fault:?}")]
pub struct ImapError {
    pub phase: Phase,
    pub fault: Fault,
    /// `host:port`.
    pub(super) server: String,
}

impl ImapError {
    /// One sentence for the operator: what happened and what to do.
    pub fn sentence(&self, ui: Ui) -> String {
        sentence::of(self, ui)
    }

    pub fn hope(&self) -> Hope {
        let (is_lasting, retry_after_ms) = match self.fault {
            Fault::LoginRefused(_) => (true, Some(REFUSED_MS)),
            Fault::AddressNotPublic
            | Fault::Port(_)
            | Fault::PlaintextAbroad
            | Fault::WrongName
            | Fault::UnknownIssuer
            | Fault::NotTls
            | Fault::NotImap
            | Fault::NoAuthorities
            | Fault::StartTlsMissing
            | Fault::LoginMissing
            | Fault::NoSuchFolder { .. } => (true, None),
            Fault::NoSuchHost
            | Fault::PortClosed
            | Fault::Unreachable
            | Fault::TimedOut
            | Fault::Lost
            | Fault::WrongTime
            | Fault::TlsRefused(_)
            | Fault::TooMuch
            | Fault::Refused(_) => (false, None),
        };
        Hope {
            is_lasting,
            retry_after_ms,
        }
    }
}

impl From<DialError> for Fault {
    fn from(error: DialError) -> Self {
        match error {
            DialError::NotPublic => Self::AddressNotPublic,
            DialError::Port(port) => Self::Port(port),
            DialError::NoSuchHost => Self::NoSuchHost,
            DialError::Slow => Self::TimedOut,
            DialError::Closed => Self::PortClosed,
            DialError::Unreachable => Self::Unreachable,
        }
    }
}

impl From<mail::Fault> for Fault {
    /// Of a TLS handshake.
    fn from(fault: mail::Fault) -> Self {
        use mail::Fault as Smtp;
        match fault {
            Smtp::NoAuthorities => Self::NoAuthorities,
            Smtp::BadHost | Smtp::WrongName => Self::WrongName,
            Smtp::UnknownIssuer => Self::UnknownIssuer,
            Smtp::WrongTime => Self::WrongTime,
            Smtp::NotTls => Self::NotTls,
            Smtp::TlsRefused(why) => Self::TlsRefused(why),
            _ => Self::Lost,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "TLS",
            Self::Greeting => "greeting",
            Self::Login => "login",
            Self::Folder => "folder",
            Self::Mails => "mails",
        })
    }
}
