//! A mailbox over IMAP, as a polite reader sees it: what is new in one folder, and nothing changed.
//!
//! The words of the protocol are read by `imap-proto`; what is asked, how much may be answered in
//! what time, and what a failure means are ours (`wire`, `talk`, `error`). **Invariant:** the folder
//! is opened to be looked at only (EXAMINE), and mails are read without marking them (BODY.PEEK).
//! Absent: what a mail says (`extract`), when to come again (`flow`), and every verb that changes
//! something.

mod error;
mod names;
mod sentence;
mod talk;
mod wire;

use std::fmt;

use crate::clock;
use crate::extract::Reach;
use crate::fetch::Client;
use crate::model::Timestamp;
use crate::settings::MailboxSettings;

pub use error::{Fault, ImapError, Phase};

/// How far a folder was read: the number of the folder's life, and of the last mail in it that was
/// read. It is kept where a web source keeps its validators, and moves only together with the posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// UIDVALIDITY: when it changes, the numbers of the mails mean nothing any more.
    pub validity: u32,
    pub uid: u32,
    /// The first reading is not done yet: it goes on up to this mail.
    pub first_until: Option<u32>,
}

/// What is wanted of a folder.
#[derive(Clone, Copy, Debug)]
pub struct Errand {
    /// How far it was read; `None` before the first reading.
    pub cursor: Option<Cursor>,
    /// The last good reading: after a new UIDVALIDITY, what came since is read again.
    pub last_ok_at: Option<Timestamp>,
    /// The reading before failed: of a large mail only the beginning is read, lest it fail again.
    pub is_careful: bool,
    pub now: Timestamp,
}

/// What a reading of a folder brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Haul {
    /// The mails as they came, in the order in which they arrived.
    pub mails: Vec<Vec<u8>>,
    /// How far the folder has been read with them.
    pub cursor: Cursor,
    pub reach: Reach,
    /// Of how many mails only the beginning was read.
    pub n_cut: usize,
    /// Mails that the server would not give, twice.
    pub n_refused: usize,
}

/// The bounds of one reading.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a larger mail only the beginning is read.
    pub mail_bytes: usize,
    /// So much of it.
    pub head_bytes: usize,
    /// Of all mails of one reading together, unless the first alone has more.
    pub total_bytes: usize,
    /// Mails of one reading; the next goes on where it ended.
    pub mails: usize,
    /// How far back the first reading looks, by the day of arrival.
    pub first_days: i64,
    /// Name, TCP and TLS together; each verb; one mail; all of it.
    pub connect: std::time::Duration,
    pub verb: std::time::Duration,
    pub mail: std::time::Duration,
    pub total: std::time::Duration,
}

impl Default for Limits {
    fn default() -> Self {
        use std::time::Duration;
        Self {
            mail_bytes: 24 << 20,
            head_bytes: 1 << 20,
            total_bytes: 24 << 20,
            mails: 200,
            first_days: 30,
            connect: Duration::from_secs(5),
            verb: Duration::from_secs(10),
            mail: Duration::from_secs(30),
            total: Duration::from_mins(1),
        }
    }
}

/// Reads what is new in the folder. Addresses are judged like those of every other source.
pub async fn read(
    client: &Client,
    mailbox: &MailboxSettings,
    errand: Errand,
) -> Result<Haul, ImapError> {
    read_within(client, mailbox, errand, Limits::default()).await
}

/// The same within other bounds.
pub async fn read_within(
    client: &Client,
    mailbox: &MailboxSettings,
    errand: Errand,
    limits: Limits,
) -> Result<Haul, ImapError> {
    let started = clock::stopwatch();
    let mut talk = talk::Talk::begin(client, mailbox, limits).await?;
    let folder = talk.examine().await?;
    let mut start = Start::of(errand, folder, limits);
    let uids = talk.search(start).await?;
    if errand.cursor.is_none() {
        start.until = uids.last().copied();
    }
    let haul = talk.haul(&uids, start, errand, started).await?;
    talk.end().await;
    Ok(haul)
}

/// A folder as it was opened.
#[derive(Clone, Copy, Debug)]
struct Folder {
    validity: u32,
    /// The number that the next mail will have, where the server tells it.
    uid_next: Option<u32>,
}

/// Where a reading begins.
#[derive(Clone, Copy, Debug)]
struct Start {
    folder: Folder,
    /// Mails up to this number are known.
    after: u32,
    /// Up to this one they were there before the first reading, which is not done yet.
    until: Option<u32>,
    /// Mails that arrived before this day are not asked for.
    since: Option<Timestamp>,
    /// Of more mails than these the oldest are left out.
    newest: Option<usize>,
    reach: Reach,
}

/// A server's day may begin earlier than ours, and its clock may be wrong.
const DAYS_OF_GRACE: i64 = 2;

impl Start {
    fn of(errand: Errand, folder: Folder, limits: Limits) -> Self {
        let anew = Self {
            folder,
            after: 0,
            until: None,
            since: Some(errand.now.plus_days(-limits.first_days)),
            newest: Some(limits.mails),
            reach: Reach::Before,
        };
        match errand.cursor {
            None => anew,
            Some(cursor) if cursor.validity == folder.validity => Self {
                after: cursor.uid,
                until: cursor.first_until,
                since: None,
                newest: None,
                reach: cursor.first_until.map_or(Reach::Tail, |_| Reach::Before),
                ..anew
            },
            // All that has come since the last reading must be read, however much it is.
            Some(_) => Self {
                since: errand
                    .last_ok_at
                    .map(|at| at.plus_days(-DAYS_OF_GRACE))
                    .or(anew.since),
                newest: None,
                reach: Reach::Whole,
                ..anew
            },
        }
    }
}

impl Cursor {
    /// Reads what [`Cursor`]'s `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (validity, rest) = text.split_once(':')?;
        let (uid, until) = rest
            .split_once('-')
            .map_or((rest, None), |(uid, until)| (uid, Some(until)));
        Some(Self {
            validity: validity.parse().ok()?,
            uid: uid.parse().ok()?,
            first_until: until.map(str::parse).transpose().ok()?,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.validity, self.uid)?;
        match self.first_until {
            Some(until) => write!(f, "-{until}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[track_caller]
    fn check(cursor: &str, expected: &str) {
        let errand = Errand {
            cursor: Cursor::parse(cursor),
            last_ok_at: Some(NOW.plus_days(-10)),
            is_careful: false,
            now: NOW,
        };
        let folder = Folder {
            validity: 7,
            uid_next: None,
        };
        let start = Start::of(errand, folder, Limits::default());
        let days = start.since.map(|since| NOW.ms_since(since) / 86_400_000);
        let told = format!(
            "after {}, until {:?}, {days:?} days, newest {:?}, {:?}",
            start.after, start.until, start.newest, start.reach
        );
        assert_eq!(told, expected);
    }

    #[test]
    fn a_reading_begins_where_the_last_one_ended() {
        check("7:41", "after 41, until None, None days, newest None, Tail");
        check(
            "",
            "after 0, until None, Some(30) days, newest Some(200), Before",
        );
        check(
            "8:41",
            "after 0, until None, Some(12) days, newest None, Whole",
        );
        check(
            "7:41-50",
            "after 41, until Some(50), None days, newest None, Before",
        );
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for first_until in [None, Some(9)] {
            let cursor = Cursor {
                validity: 4_294_967_295,
                uid: 0,
                first_until,
            };
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
        for strange in [
            "",
            "7",
            "7:1-",
            "7:1-x",
            "7:",
            ":7",
            "-1:2",
            "W/\"abc\"",
            "7:4294967296",
        ] {
            assert_eq!(Cursor::parse(strange), None, "{strange}");
        }
    }
}
