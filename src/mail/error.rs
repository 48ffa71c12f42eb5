//! Every way in which a mail does not arrive, and what each means for its delivery.
//!
//! A failure is a phase and a fault. What follows from the pair is decided here alone, by
//! matches that name every phase and every fault; `sentence` says it to people.

use std::fmt;
use std::sync::Arc;

/// How far the conversation had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Connect,
    Tls,
    Greeting,
    Hello,
    Auth,
    MailFrom,
    RcptTo,
    Data,
    /// The text was on its way, its final dot not yet written: the server cannot have taken it.
    Body,
    /// The final dot may have reached the server: it may have taken the mail.
    Dot,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `security = "none"` with a server that is not this very machine.
    PlaintextAbroad,
    /// The system holds no certificate authorities, or the given ones cannot be read.
    NoAuthorities,
    /// The host is neither a name nor an address.
    BadHost,
    NoSuchHost,
    PortClosed,
    Unreachable,
    TimedOut,
    /// The server closed the connection.
    Lost,
    UnknownIssuer,
    /// The certificate is for other names.
    WrongName,
    /// Expired or not yet valid; the clock of one side may be wrong.
    WrongTime,
    /// The other side does not speak TLS on this port.
    NotTls,
    /// Any other refusal of TLS, in the words of the TLS library.
    TlsRefused(String),
    /// The other side does not speak SMTP on this port, or speaks out of turn.
    NotSmtp,
    /// Another kind of server answers on this port: `HTTP`, `IMAP`, `POP3` or `SSH`.
    OtherService(&'static str),
    /// The other side speaks TLS where SMTP without it was expected.
    SpeaksTls,
    /// More than 64 KiB as one reply.
    ReplyTooLong,
    StartTlsMissing,
    /// The server offers no way to log in that we know.
    LoginMissing,
    /// The server's answer where another was needed; the text holds no addresses.
    Answer {
        code: u16,
        text: String,
    },
    /// An address that cannot be put on an envelope.
    BadAddress,
    /// The bytes are not a mail: eight bits, lone CR or LF, or too long a line.
    NotAMail,
    /// The connection had ended before this verb, or the verbs came in another order.
    Closed,
}

/// What a failure means for the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The way is blocked for every mail: the attempt does not count, the breaker opens.
    Transport,
    /// Try this one again later.
    Later,
    /// This recipient will not have it: dead at once.
    Refused,
    /// The server does not want this text: dead, and a short notice goes instead.
    ContentRefused,
    /// It may have arrived.
    InDoubt,
}

/// Why a mail could not be sent. Holds neither addresses nor passwords.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not send mail through {server}: {phase}: {fault}")]
pub struct SendError {
    pub phase: Phase,
    pub fault: Fault,
    /// `host:port` as configured.
    pub(super) server: Arc<str>,
}

impl SendError {
    pub(super) fn new(server: &Arc<str>, phase: Phase, fault: Fault) -> Self {
        Self {
            phase,
            fault,
            server: Arc::clone(server),
        }
    }

    /// The server's code, where it gave one.
    pub fn code(&self) -> Option<u16> {
        match self.fault {
            Fault::Answer { code, .. } => Some(code),
            _ => None,
        }
    }

    /// What follows for the delivery.
    pub fn outcome(&self) -> Outcome {
        let (permanent, unknown) = match self.phase {
            Phase::Connect | Phase::Tls | Phase::Greeting | Phase::Hello | Phase::Auth => {
                return Outcome::Transport;
            }
            Phase::MailFrom | Phase::RcptTo | Phase::Data => (Outcome::Refused, Outcome::Later),
            Phase::Body => (Outcome::ContentRefused, Outcome::Later),
            // Only a refusal is certain here; whatever else came, the mail may have arrived.
            Phase::Dot => (Outcome::ContentRefused, Outcome::InDoubt),
        };
        match &self.fault {
            Fault::Answer { code, text } if is_pace(*code, text) => Outcome::Transport,
            Fault::Answer { code, .. } => answered(*code, permanent, unknown),
            Fault::PlaintextAbroad | Fault::NoAuthorities | Fault::BadHost => Outcome::Transport,
            Fault::BadAddress => Outcome::Refused,
            Fault::NotAMail => Outcome::ContentRefused,
            // Nothing was written by a session that had ended.
            Fault::Closed => Outcome::Later,
            Fault::NoSuchHost
            | Fault::PortClosed
            | Fault::Unreachable
            | Fault::TimedOut
            | Fault::Lost
            | Fault::UnknownIssuer
            | Fault::WrongName
            | Fault::WrongTime
            | Fault::NotTls
            | Fault::TlsRefused(_)
            | Fault::NotSmtp
            | Fault::OtherService(_)
            | Fault::SpeaksTls
            | Fault::ReplyTooLong
            | Fault::StartTlsMissing
            | Fault::LoginMissing => unknown,
        }
    }
}

/// 421, 454, 530 and 535 speak of the connection and the account, at whatever verb they come; so
/// do 534 and 538 (RFC 4954, 6).
fn answered(code: u16, permanent: Outcome, unknown: Outcome) -> Outcome {
    match code {
        421 | 454 | 530 | 534 | 535 | 538 => Outcome::Transport,
        400..=499 => Outcome::Later,
        500..=599 => permanent,
        _ => unknown,
    }
}

/// We send more than the server wants of us, whoever the recipient is: all mails wait. That one mailbox
/// gets too much is the recipient's affair, and greylisting that of the sender and the recipient.
fn is_pace(code: u16, text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "rate limit",
        "rate-limit",
        "ratelimit",
        "sending rate",
        "message rate",
        "too many messages",
        "too many mails",
        "too many connections",
        "too many concurrent",
        "throttl",
        "sending limit",
        "límite de env",
    ];
    let text = text.to_lowercase();
    (400..500).contains(&code)
        && !text.contains("recipient rate")
        && WORDS.iter().any(|word| text.contains(word))
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "securing the connection",
            Self::Greeting => "greeting",
            Self::Hello => "introducing ourselves",
            Self::Auth => "logging in",
            Self::MailFrom => "naming the sender",
            Self::RcptTo => "naming the recipient",
            Self::Data => "announcing the text",
            Self::Body => "sending the text",
            Self::Dot => "waiting for the receipt",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::PlaintextAbroad => "security none is for this machine only",
            Self::NoAuthorities => "no certificate authorities could be read",
            Self::BadHost => "not a host name",
            Self::NoSuchHost => "the name is not known",
            Self::PortClosed => "the port is closed",
            Self::Unreachable => "the host cannot be reached",
            Self::TimedOut => "no answer in time",
            Self::Lost => "the server closed the connection",
            Self::UnknownIssuer => "the issuer of the certificate is not known",
            Self::WrongName => "the certificate is for another name",
            Self::WrongTime => "the certificate is not valid now",
            Self::NotTls => "the server does not speak TLS there",
            Self::TlsRefused(why) => return write!(f, "TLS failed: {why}"),
            Self::NotSmtp => "the server does not speak SMTP there",
            Self::OtherService(kind) => return write!(f, "what answers there speaks {kind}"),
            Self::SpeaksTls => "the server speaks TLS there",
            Self::ReplyTooLong => "a reply without end",
            Self::StartTlsMissing => "the server does not offer STARTTLS",
            Self::LoginMissing => "the server offers no login that we know",
            Self::Answer { code, text } => return write!(f, "the server answered {code} {text}"),
            Self::BadAddress => "the address cannot be used",
            Self::NotAMail => "the bytes are not a mail",
            Self::Closed => "the session had ended",
        };
        f.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row of the outcome table.
    #[track_caller]
    fn check(phase: Phase, fault: Fault, expected: Outcome) {
        let server: Arc<str> = "mail.ejemplo.test:465".into();
        let error = SendError::new(&server, phase, fault);
        assert_eq!(error.outcome(), expected, "{error}");
    }

    fn answer(code: u16) -> Fault {
        Fault::Answer {
            code,
            text: String::new(),
        }
    }

    #[test]
    fn nothing_before_mail_counts_as_an_attempt() {
        use Phase::{Auth, Connect, Greeting, Hello, Tls};
        for phase in [Connect, Tls, Greeting, Hello, Auth] {
            for fault in [Fault::TimedOut, Fault::Lost, Fault::WrongName, answer(550)] {
                check(phase, fault, Outcome::Transport);
            }
        }
    }

    #[test]
    fn codes_of_the_account_are_never_the_recipients_fault() {
        use Phase::{Body, Data, Dot, MailFrom, RcptTo};
        for phase in [MailFrom, RcptTo, Data, Body, Dot] {
            for code in [421, 454, 530, 534, 535, 538] {
                check(phase, answer(code), Outcome::Transport);
            }
            for code in [450, 451, 452] {
                check(phase, answer(code), Outcome::Later);
            }
        }
    }

    #[test]
    fn r19_the_pace_of_a_server_is_everybodys() {
        let said = |code, text: &str| Fault::Answer {
            code,
            text: text.to_owned(),
        };
        for (text, expected) in [
            ("4.7.1 Rate limit exceeded", Outcome::Transport),
            (
                "4.7.0 Too many connections from your host",
                Outcome::Transport,
            ),
            ("4.3.2 message throttled", Outcome::Transport),
            ("4.7.1 Greylisted, try again later", Outcome::Later),
            (
                "4.2.1 the recipient is receiving mail too quickly",
                Outcome::Later,
            ),
            ("4.2.2 mailbox over quota", Outcome::Later),
        ] {
            for phase in [Phase::MailFrom, Phase::RcptTo, Phase::Data, Phase::Dot] {
                check(phase, said(451, text), expected);
            }
        }
        check(Phase::RcptTo, said(550, "rate limit"), Outcome::Refused);
    }

    #[test]
    fn refusals_are_told_apart() {
        for phase in [Phase::MailFrom, Phase::RcptTo, Phase::Data] {
            check(phase, answer(550), Outcome::Refused);
            check(phase, Fault::BadAddress, Outcome::Refused);
            check(phase, answer(250), Outcome::Later);
            check(phase, Fault::Lost, Outcome::Later);
        }
        for phase in [Phase::Body, Phase::Dot] {
            check(phase, answer(552), Outcome::ContentRefused);
            check(phase, Fault::NotAMail, Outcome::ContentRefused);
        }
    }

    #[test]
    fn after_the_dot_all_but_a_refusal_is_doubt() {
        for fault in [
            Fault::Lost,
            Fault::TimedOut,
            Fault::ReplyTooLong,
            Fault::NotSmtp,
        ] {
            check(Phase::Body, fault.clone(), Outcome::Later);
            check(Phase::Dot, fault, Outcome::InDoubt);
        }
        for code in [251, 354, 200] {
            check(Phase::Body, answer(code), Outcome::Later);
            check(Phase::Dot, answer(code), Outcome::InDoubt);
        }
    }
}
