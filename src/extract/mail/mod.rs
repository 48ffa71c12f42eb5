//! Mails become posts: results of Google Alerts, notices of review sites, complaints that were
//! forwarded to us and those that a customer wrote to us.
//!
//! MIME is read by `mail-parser`, behind gates of our own: it reads nested mails without an end, and
//! looks for the end of each part in all that follows. Absent: attachments, pictures, and the history
//! that mail programs put below an answer.

mod alert;
mod aside;
mod forward;
mod incoming;
mod letter;
mod notice;
mod person;
mod quoted;
#[cfg(test)]
mod tests;
mod wording;

use std::borrow::Cow;

use mail_parser::{HeaderName, Message, MessageParser, PartType};

use super::{Document, Extracted, Gates, Problem, Reading, gate, html_gate, posts};
use crate::model::{How, Post};
pub use incoming::{Answer, Fate, Incoming, Report, incoming};
use letter::Letter;

/// Parts of one mail, those of mails within it among them; what stands behind is not read.
const PARTS_MAX: usize = 100;
/// Bytes before the first empty line.
const HEADER_BYTES_MAX: usize = 256 << 10;
/// Mails of a folder in one file.
const MAILS_MAX: usize = 5_000;
/// Mails that are attached to one mail.
const ATTACHED_MAX: usize = 20;
/// Headers that are looked at beside those of MIME.
const MARKS: [&str; 9] = [
    "Auto-Submitted",
    "Precedence",
    "List-Unsubscribe",
    "List-Id",
    "Feedback-ID",
    "X-Auto-Response-Suppress",
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply",
];

/// What of its source a reading shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Reach {
    /// All that is there, or the newest of it.
    #[default]
    Whole,
    /// What was there before the first reading, which is not done with it.
    Before,
    /// Only what came after the last reading: all of it is news.
    Tail,
}

/// True for a file that begins as mails do, or as a folder of them does.
pub fn is_mail(body: &[u8]) -> bool {
    if body.starts_with(b"From ") {
        return true;
    }
    let head = String::from_utf8_lossy(&body[..body.len().min(16 << 10)]);
    let mut is_known = false;
    let mut n = 0;
    for line in head.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) && n > 0 {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else {
            return false;
        };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()) {
            return false;
        }
        let known = [
            "from",
            "received",
            "return-path",
            "message-id",
            "mime-version",
        ];
        is_known |= known.contains(&name.to_ascii_lowercase().as_str());
        n += 1;
    }
    n > 1 && is_known
}

/// Mails that were read each for itself, together: what one makes stumble costs that one alone.
pub fn mails(reads: impl IntoIterator<Item = Extracted>) -> Extracted {
    let mut all = Extracted::default();
    let mut n_unread = 0;
    for read in reads {
        n_unread += usize::from(read.failure().is_some());
        all.n_aside += read.n_aside;
        all.posts.extend(read.posts);
    }
    if n_unread > 0 {
        all.problems.push(Problem::unread_mails(n_unread));
    }
    if all.n_aside > 0 {
        all.problems.push(Problem::mails_aside(all.n_aside));
    }
    all
}

/// One mail of several.
fn apart(body: &[u8], reading: &Reading<'_>) -> Extracted {
    let document = Document {
        body,
        content_type: None,
        url: None,
    };
    posts(&document, reading)
}

/// A document of kind mail: one, or a folder.
pub(super) fn read(document: &Document<'_>, reading: &Reading<'_>) -> Extracted {
    if let Err(problem) = gate::text(document.body) {
        return Extracted::failed(problem);
    }
    if document.body.starts_with(b"From ") {
        let mails_of_it = folder(document.body).into_iter();
        return mails(mails_of_it.map(|body| apart(body, reading)));
    }
    match gate::size(document.body) {
        Ok(()) => one(document.body, reading),
        Err(problem) => Extracted::failed(problem),
    }
}

/// The mails of a file in which each begins with a line "From …" (mbox).
fn folder(body: &[u8]) -> Vec<&[u8]> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let is_after_gap = body[..at].ends_with(b"\n\n") || body[..at].ends_with(b"\n\r\n");
        if line.starts_with(b"From ") && is_after_gap {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    let mails = starts.iter().zip(ends).map(|(&start, end)| {
        let mail = &body[start..end];
        let first = mail.iter().position(|byte| *byte == b'\n');
        &mail[first.map_or(mail.len(), |first| first + 1)..]
    });
    mails.take(MAILS_MAX).collect()
}

fn one(raw: &[u8], reading: &Reading<'_>) -> Extracted {
    let raw = gated(raw);
    let Some(message) = parser().parse(raw.as_ref()) else {
        let no_mail = Problem::fatal("this is no mail: it has no headers");
        return Extracted::failed(no_mail.in_spanish("esto no es un correo: no tiene cabeceras"));
    };
    of_message(&message, reading)
}

fn of_message(message: &Message<'_>, reading: &Reading<'_>) -> Extracted {
    if aside::is_aside(message) {
        return Extracted {
            n_aside: 1,
            ..Extracted::default()
        };
    }
    let letter = Letter::of(message);
    let attached = attached(message, &letter);
    if !attached.is_empty() {
        return of_attached(&attached, reading);
    }
    let mut extracted = Extracted::default();
    extracted.posts = match selected(&letter, reading) {
        Ok(Some(posts)) => posts,
        Ok(None) => of_letter(&letter, reading),
        // What the operator's selectors do not find is read as any other mail.
        Err(problem) => {
            extracted.problems.push(problem.softened());
            of_letter(&letter, reading)
        }
    };
    extracted
}

/// The mails that somebody put into his own to hand them on. Who writes more himself than stands in
/// them speaks for himself.
fn attached<'m>(message: &'m Message<'m>, letter: &Letter) -> Vec<&'m Message<'m>> {
    let parts = message.attachments().take(PARTS_MAX);
    let mails = parts.filter_map(|part| match &part.body {
        PartType::Message(inner) => Some(inner),
        _ => None,
    });
    let mails: Vec<&Message> = mails.take(ATTACHED_MAX).collect();
    let theirs: usize = mails.iter().map(|mail| Letter::of(mail).text.len()).sum();
    if letter.is_handed_on() || quoted::own_words(&letter.text).len() < theirs {
        mails
    } else {
        Vec::new()
    }
}

fn of_attached(attached: &[&Message<'_>], reading: &Reading<'_>) -> Extracted {
    let mut all = Extracted::default();
    for mail in attached {
        if aside::is_aside(mail) {
            all.n_aside += 1;
            continue;
        }
        let letter = Letter::of(mail);
        let posts = selected(&letter, reading).ok().flatten();
        let mut posts = posts.unwrap_or_else(|| of_letter(&letter, reading));
        for post in &mut posts {
            if post.how == How::Mail {
                post.how = How::MailForwarded;
            }
        }
        all.posts.extend(posts);
    }
    all
}

/// What the operator's selectors find in the HTML; `None` without selectors, HTML or a find.
fn selected(letter: &Letter, reading: &Reading<'_>) -> Result<Option<Vec<Post>>, Problem> {
    let (Some(select), Some(html)) = (reading.select, &letter.html) else {
        return Ok(None);
    };
    let mut posts = select
        .read(html, None, reading.here(), Gates::Narrow)?
        .posts;
    let link = notice::link(letter);
    for post in &mut posts {
        post.url = post.url.take().or_else(|| link.clone());
        post.published = post.published.or(letter.date);
        post.title = post.title.take().or_else(|| letter.subject.clone());
    }
    Ok(Some(posts).filter(|posts| !posts.is_empty()))
}

/// The posts of one mail, by what it is.
fn of_letter(letter: &Letter, reading: &Reading<'_>) -> Vec<Post> {
    let results = alert::results(letter);
    if !results.is_empty() {
        return results;
    }
    let (letter, how) = match forward::original(letter, reading.here()) {
        Some(original) => (Cow::Owned(original), How::MailForwarded),
        None => (Cow::Borrowed(letter), How::Mail),
    };
    let post = if letter.is_notice {
        notice::post(&letter)
    } else {
        Post {
            text: quoted::own_words(&letter.text),
            author: letter.from.as_ref().map(ToString::to_string),
            ..Post::default()
        }
    };
    let post = Post {
        guid: letter.id.clone(),
        title: letter.subject.clone(),
        published: letter.date,
        how,
        ..post
    };
    let is_said = !post.text.is_empty() || post.title.is_some() || post.rating.is_some();
    is_said.then_some(post).into_iter().collect()
}

/// The HTML, unless it is too deep for the parser.
fn safe_html(html: &str) -> Option<&str> {
    html_gate::html(html, Gates::Narrow).ok().map(|()| html)
}

/// Nothing is kept of a header but what is needed: a mail of megabytes can have millions of them.
fn parser() -> MessageParser {
    let parser = MessageParser::new()
        .with_mime_headers()
        .header_text(HeaderName::From)
        .header_text(HeaderName::Subject)
        .header_date(HeaderName::Date)
        .header_id(HeaderName::MessageId);
    let parser = MARKS.into_iter().fold(parser, MessageParser::header_text);
    parser.default_header_ignore()
}

/// The mail without the rest of an endless header, and without what stands behind its hundredth part.
fn gated(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut at = 0;
    let mut header_end = None;
    let mut kept_header = 0;
    let mut n_parts = 0;
    let mut end = raw.len();
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let is_empty = matches!(line, b"\n" | b"\r\n");
        if header_end.is_none() && is_empty {
            header_end = Some(at);
        }
        if header_end.is_none() && at + line.len() <= HEADER_BYTES_MAX {
            kept_header = at + line.len();
        }
        n_parts += n_types(line);
        if n_parts > PARTS_MAX {
            end = at;
            break;
        }
        at += line.len();
    }
    let header_end = header_end.unwrap_or(end).min(end);
    if header_end <= HEADER_BYTES_MAX {
        return Cow::Borrowed(&raw[..end]);
    }
    Cow::Owned([&raw[..kept_header], &raw[header_end..end]].concat())
}

/// How often the line says what a part is: each part does, and each mail within the mail.
fn n_types(line: &[u8]) -> usize {
    const NAME: &[u8] = b"content-type";
    let starts = line.iter().enumerate();
    let starts = starts.filter(|(_, byte)| matches!(byte, b'c' | b'C'));
    starts
        .filter(|(at, _)| {
            line.get(*at..at + NAME.len())
                .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
        })
        .count()
}
