//! The verbs, in their order: greeting, STARTTLS, LOGIN, EXAMINE, SEARCH, FETCH, LOGOUT.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode};

use super::error::{Fault, ImapError, Phase};
use super::wire::{Answer, Piece, SEARCH_BYTES_MAX, Status, Stream, TALK_BYTES_MAX, Wire};
use super::{Cursor, Errand, Folder, Haul, Limits, Start, names};
use crate::extract::Reach;
use crate::fetch::Client;
use crate::mail::tls;
use crate::settings::{MailboxSettings, SmtpSecurity};

/// Where IMAP is spoken everywhere: with TLS from the start, and without it at first.
const USUAL_PORTS: [u16; 2] = [993, 143];
/// Folders that are named to who asked for one that is not there.
const FOLDERS_MAX: usize = 20;
/// Goodbye is said, and not waited for.
const GOODBYE: Duration = Duration::from_secs(1);

pub(super) struct Talk<'a> {
    wire: Wire<Box<dyn Stream>>,
    mailbox: &'a MailboxSettings,
    limits: Limits,
}

impl<'a> Talk<'a> {
    /// Connects, encrypts and logs in.
    pub(super) async fn begin(
        client: &Client,
        mailbox: &'a MailboxSettings,
        limits: Limits,
    ) -> Result<Self, ImapError> {
        let at = |phase| move |fault: Fault| failed(mailbox, phase, fault);
        let dialled = client.dial(&mailbox.host, mailbox.port, &USUAL_PORTS, limits.connect);
        let tcp = dialled
            .await
            .map_err(|error| failed(mailbox, Phase::Connect, error.into()))?;
        let is_here = tcp.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
        let stream: Box<dyn Stream> = match mailbox.security {
            SmtpSecurity::None if !is_here => {
                return Err(failed(mailbox, Phase::Connect, Fault::PlaintextAbroad));
            }
            SmtpSecurity::Tls => {
                let encrypted = encrypted(mailbox, tcp, limits.connect).await;
                Box::new(encrypted.map_err(at(Phase::Tls))?)
            }
            SmtpSecurity::None | SmtpSecurity::StartTls => Box::new(tcp),
        };
        let mut wire = Wire::new(stream);
        let greeted = wire.greeting(limits.verb).await;
        greeted.map_err(at(Phase::Greeting))?;
        if mailbox.security == SmtpSecurity::StartTls {
            let upgraded = upgraded(wire, mailbox, limits).await;
            wire = upgraded.map_err(at(Phase::Tls))?;
        }
        let mut talk = Self {
            wire,
            mailbox,
            limits,
        };
        talk.login().await.map_err(at(Phase::Login))?;
        Ok(talk)
    }

    async fn login(&mut self) -> Result<(), Fault> {
        let (user, password) = (&self.mailbox.user, self.mailbox.password.expose());
        let words = [
            Piece::Word("LOGIN"),
            Piece::Text(user),
            Piece::Text(password),
        ];
        let answer = self.verb(&words, TALK_BYTES_MAX).await?;
        match answer.status {
            Status::Ok => Ok(()),
            // RFC 5530: it may be let in another day, or over TLS.
            Status::No if answer.code.starts_with("UNAVAILABLE") => {
                Err(Fault::Refused(answer.text))
            }
            Status::No if answer.code.starts_with("PRIVACYREQUIRED") => Err(Fault::LoginMissing),
            Status::No => Err(Fault::LoginRefused(answer.text)),
            Status::Bad => Err(Fault::LoginMissing),
        }
    }

    /// Opens the folder to be looked at only.
    pub(super) async fn examine(&mut self) -> Result<Folder, ImapError> {
        let mailbox = self.mailbox;
        let at = |fault| failed(mailbox, Phase::Folder, fault);
        let name = names::encoded(&mailbox.folder);
        let words = [Piece::Word("EXAMINE"), Piece::Text(&name)];
        let answer = self.verb(&words, TALK_BYTES_MAX).await.map_err(at)?;
        if answer.status != Status::Ok {
            return Err(at(self.no_folder(answer).await));
        }
        let mut folder = None;
        let mut uid_next = None;
        for response in parsed(&answer.data) {
            if let Response::Data { outcome, .. } = response {
                match outcome.code {
                    Some(ResponseCode::UidValidity(validity)) => folder = Some(validity),
                    Some(ResponseCode::UidNext(next)) => uid_next = Some(next),
                    _ => {}
                }
            }
        }
        // Without UIDVALIDITY no mail could be known again.
        let validity = folder.ok_or_else(|| at(Fault::NotImap))?;
        Ok(Folder { validity, uid_next })
    }

    async fn no_folder(&mut self, answer: Answer) -> Fault {
        let words = [Piece::Word("LIST"), Piece::Text(""), Piece::Text("*")];
        let Ok(listed) = self.verb(&words, TALK_BYTES_MAX).await else {
            return Fault::Refused(answer.text);
        };
        let there = parsed(&listed.data).filter_map(|response| match response {
            Response::MailboxData(MailboxDatum::List(folder)) => Some(names::decoded(&folder.name)),
            _ => None,
        });
        let there: Vec<String> = there.take(FOLDERS_MAX).collect();
        if there.contains(&self.mailbox.folder) {
            return Fault::Refused(answer.text);
        }
        Fault::NoSuchFolder {
            folder: self.mailbox.folder.clone(),
            there,
        }
    }

    /// The numbers of the mails to read, in the order of their arrival.
    pub(super) async fn search(&mut self, start: Start) -> Result<Vec<u32>, ImapError> {
        let mailbox = self.mailbox;
        let at = |fault| failed(mailbox, Phase::Mails, fault);
        let is_known =
            |next: u32| start.reach == Reach::Tail && next <= start.after.saturating_add(1);
        if start.folder.uid_next.is_some_and(is_known) {
            return Ok(Vec::new());
        }
        let wanted = if let Some(since) = start.since {
            let since = since.in_zone(&jiff::tz::TimeZone::UTC);
            format!("SINCE {}", since.strftime("%-d-%b-%Y"))
        } else {
            let last = start
                .until
                .map_or("*".to_owned(), |until| until.to_string());
            format!("UID {}:{last}", start.after.saturating_add(1))
        };
        let words = [Piece::Word("UID SEARCH"), Piece::Word(&wanted)];
        let answer = self.verb(&words, SEARCH_BYTES_MAX).await;
        let answer = answer.and_then(Answer::ok).map_err(at)?;
        let found: BTreeSet<u32> = parsed(&answer.data)
            .filter_map(|response| match response {
                Response::MailboxData(MailboxDatum::Search(uids)) => Some(uids),
                _ => None,
            })
            .flatten()
            // "5:*" names the last mail, whatever its number is.
            .filter(|uid| *uid > start.after && start.until.is_none_or(|until| *uid <= until))
            .collect();
        let mut uids: Vec<u32> = found.into_iter().collect();
        if let Some(newest) = start.newest {
            uids.drain(..uids.len().saturating_sub(newest));
        }
        Ok(uids)
    }

    /// Reads mails from the first on, as many as this reading may bring.
    pub(super) async fn haul(
        &mut self,
        uids: &[u32],
        start: Start,
        errand: Errand,
        started: Instant,
    ) -> Result<Haul, ImapError> {
        let mailbox = self.mailbox;
        let at = |fault| failed(mailbox, Phase::Mails, fault);
        let mut haul = Haul {
            mails: Vec::new(),
            cursor: Cursor {
                validity: start.folder.validity,
                uid: start.after,
                first_until: start.until,
            },
            reach: start.reach,
            n_cut: 0,
            n_refused: 0,
        };
        let wanted = &uids[..uids.len().min(self.limits.mails)];
        let sizes = self.sizes(wanted).await.map_err(at)?;
        let mut n_bytes = 0;
        for (n_read, (uid, size)) in sizes.into_iter().enumerate() {
            let most = if errand.is_careful {
                self.limits.head_bytes
            } else {
                self.limits.mail_bytes
            };
            let is_cut = size > most;
            let bytes = if is_cut { self.limits.head_bytes } else { size };
            let is_enough = n_read > 0
                && (n_bytes + bytes > self.limits.total_bytes
                    || started.elapsed() > self.limits.total.saturating_sub(self.limits.mail));
            if is_enough {
                return Ok(haul);
            }
            let read = self.mail(uid, bytes, is_cut).await;
            match read {
                Ok(Some(mail)) => {
                    n_bytes += mail.len();
                    haul.mails.push(mail);
                    haul.n_cut += usize::from(is_cut);
                }
                // Somebody has deleted it meanwhile.
                Ok(None) => {}
                // One mail that the server itself cannot read must not hide all that follow it.
                Err(Fault::Refused(_)) if errand.is_careful => haul.n_refused += 1,
                // What was read until now is not lost; the next reading goes on from there.
                Err(_) if n_read > 0 => return Ok(haul),
                Err(fault) => return Err(at(fault)),
            }
            haul.cursor.uid = uid;
        }
        if wanted.len() == uids.len() {
            // A first reading that has gone on for a while leaves what came meanwhile to the next.
            let last = match (errand.cursor, start.until) {
                (Some(_), Some(until)) => until,
                _ => start
                    .folder
                    .uid_next
                    .map_or(0, |next| next.saturating_sub(1)),
            };
            haul.cursor.uid = haul.cursor.uid.max(last);
            haul.cursor.first_until = None;
        } else if let Some(last) = wanted.last() {
            haul.cursor.uid = haul.cursor.uid.max(*last);
        }
        Ok(haul)
    }

    /// What each mail weighs, before it is asked for. One that the server does not name is gone.
    async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<(u32, usize)>, Fault> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let set: Vec<String> = uids.iter().map(u32::to_string).collect();
        let wanted = format!("{} (UID RFC822.SIZE)", set.join(","));
        let words = [Piece::Word("UID FETCH"), Piece::Word(&wanted)];
        let answer = self.verb(&words, TALK_BYTES_MAX).await?.ok()?;
        let mut sizes = BTreeSet::new();
        for response in parsed(&answer.data) {
            let Response::Fetch(_, attributes) = response else {
                continue;
            };
            let uid = uid_of(&attributes);
            let size = attributes.iter().find_map(|attribute| match attribute {
                AttributeValue::Rfc822Size(size) => Some(*size as usize),
                _ => None,
            });
            if let (Some(uid), Some(size)) = (uid.filter(|uid| uids.contains(uid)), size) {
                sizes.insert((uid, size));
            }
        }
        Ok(sizes.into_iter().collect())
    }

    /// One mail, or its first `bytes`; it stays unread in its owner's eyes.
    async fn mail(
        &mut self,
        uid: u32,
        bytes: usize,
        is_cut: bool,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let wanted = if is_cut {
            format!("{uid} (UID BODY.PEEK[]<0.{bytes}>)")
        } else {
            format!("{uid} (UID BODY.PEEK[])")
        };
        let words = [Piece::Word("UID FETCH"), Piece::Word(&wanted)];
        let limit = self.limits.mail;
        let answer = self
            .wire
            .verb(&words, bytes + TALK_BYTES_MAX, limit)
            .await?;
        for response in parsed(&answer.ok()?.data) {
            let Response::Fetch(_, attributes) = response else {
                continue;
            };
            if uid_of(&attributes) != Some(uid) {
                continue;
            }
            let body = attributes
                .into_iter()
                .find_map(|attribute| match attribute {
                    AttributeValue::BodySection {
                        section: None,
                        data: Some(data),
                        ..
                    } => Some(data.into_owned()),
                    _ => None,
                });
            if body.is_some() {
                return Ok(body);
            }
        }
        Ok(None)
    }

    /// Says goodbye; nothing depends on it.
    pub(super) async fn end(mut self) {
        let words = [Piece::Word("LOGOUT")];
        let _ = self.wire.verb(&words, TALK_BYTES_MAX, GOODBYE).await;
    }

    async fn verb(&mut self, pieces: &[Piece<'_>], bytes: usize) -> Result<Answer, Fault> {
        self.wire.verb(pieces, bytes, self.limits.verb).await
    }
}

impl Answer {
    fn ok(self) -> Result<Self, Fault> {
        match self.status {
            Status::Ok => Ok(self),
            Status::No | Status::Bad => Err(Fault::Refused(self.text)),
        }
    }
}

/// TLS on a connection, within its time.
async fn encrypted<S: Stream>(
    mailbox: &MailboxSettings,
    stream: S,
    limit: Duration,
) -> Result<tokio_rustls::client::TlsStream<S>, Fault> {
    let config = tls::config(&tls::system_roots())?;
    let shaking = tls::handshake(config, &mailbox.host, stream);
    let shaken = tokio::time::timeout(limit, shaking).await;
    shaken.map_err(|_| Fault::TimedOut)?.map_err(Fault::from)
}

async fn upgraded(
    mut wire: Wire<Box<dyn Stream>>,
    mailbox: &MailboxSettings,
    limits: Limits,
) -> Result<Wire<Box<dyn Stream>>, Fault> {
    let words = [Piece::Word("STARTTLS")];
    let answer = wire.verb(&words, TALK_BYTES_MAX, limits.verb).await?;
    if answer.status != Status::Ok {
        return Err(Fault::StartTlsMissing);
    }
    let encrypted = encrypted(mailbox, wire.into_stream()?, limits.connect).await?;
    Ok(Wire::new(Box::new(encrypted)))
}

/// The answers that can be read; others are not for us. What the parser stumbles over costs itself.
fn parsed(data: &[Vec<u8>]) -> impl Iterator<Item = Response<'_>> {
    data.iter().filter_map(|said| {
        let read = catch_unwind(AssertUnwindSafe(|| Response::parse(said)));
        read.ok()?.ok().map(|(_, response)| response)
    })
}

fn uid_of(attributes: &[AttributeValue<'_>]) -> Option<u32> {
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

fn failed(mailbox: &MailboxSettings, phase: Phase, fault: Fault) -> ImapError {
    ImapError {
        phase,
        fault,
        server: format!("{}:{}", mailbox.host, mailbox.port),
    }
}
