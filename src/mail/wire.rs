//! The stream under lettre: limits what is read, knows what was written, keeps the last reply.
//!
//! lettre reads a reply line whole before it looks at its length, reports a connection lost in
//! the text and one lost after the final dot alike, and goes on reading when a server says more
//! than it was asked. So this stream watches both directions and its record of the reply decides.
//! Absent: time limits, which `smtp` sets around each verb.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use super::error::Fault;

/// Bytes of one reply, all its lines together. RFC 5321 allows 512 a line; EHLO has some dozens.
pub(super) const REPLY_BYTES_MAX: usize = 64 << 10;
/// Lines of one reply: lettre reads all of them again for each that comes.
const REPLY_LINES_MAX: usize = 256;
/// Characters of a server's text that we keep.
const TEXT_CHARS_MAX: usize = 200;
/// What ends a mail.
const DOT: &[u8; 5] = b"\r\n.\r\n";
/// The greeting was read and judged before lettre comes; it gets this one in its place.
const GREETING: &[u8] = b"220 -\r\n";

/// A byte stream of either kind: TCP, or TLS over TCP.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug> Stream for S {}

/// What both the stream inside lettre and the session outside see.
#[derive(Debug, Default)]
pub(super) struct Wire {
    state: Mutex<State>,
    dot: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// All that was read since the last write.
    record: Vec<u8>,
    n_lines: usize,
    /// The record came before anything was asked.
    out_of_turn: bool,
    too_long: bool,
    stage: Stage,
    /// The last bytes written in the body, at most five.
    tail: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Verbs,
    Text,
    /// The final dot may have left.
    Dot,
}

/// A complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// Without addresses and controls, see [`safe_text`].
    pub(super) text: String,
    /// Something followed that nobody had asked for.
    pub(super) surplus: bool,
}

impl State {
    fn clear_record(&mut self) {
        self.record.clear();
        self.n_lines = 0;
        self.out_of_turn = false;
    }
}

impl Wire {
    /// From here on the final dot is watched for.
    pub(super) fn enter_body(&self) {
        let mut state = self.lock();
        state.stage = Stage::Text;
        // A body begins at the start of a line.
        state.tail = b"\r\n".to_vec();
    }

    pub(super) fn leave_body(&self) {
        self.lock().stage = Stage::Verbs;
    }

    pub(super) fn dot_written(&self) -> bool {
        self.lock().stage == Stage::Dot
    }

    /// Returns when the final dot has been written.
    pub(super) async fn until_dot(&self) {
        // A permit may be left from an earlier mail whose receipt came at once.
        while !self.dot_written() {
            self.dot.notified().await;
        }
    }

    /// The lines of the last reply, each without its code, for the keywords of EHLO.
    pub(super) fn keywords(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.lock().record).into_owned();
        text.lines()
            .filter_map(|line| line.get(4..))
            .map(str::to_ascii_uppercase)
            .collect()
    }

    /// What the last verb was answered: the record decides, not lettre, which refuses replies
    /// without text or in another character set, and after the dot such a refusal means a copy.
    pub(super) fn answer(&self) -> Result<Reply, Fault> {
        let state = self.lock();
        if state.too_long {
            return Err(Fault::ReplyTooLong);
        }
        match read(&state.record) {
            // A server may say goodbye at any time, and nothing else.
            Heard::Whole(reply) if state.out_of_turn && reply.code < 400 => Err(Fault::NotSmtp),
            Heard::Whole(reply) => Ok(reply),
            Heard::Part => Err(Fault::Lost),
            Heard::Other if is_tls(&state.record) => Err(Fault::SpeaksTls),
            Heard::Other => {
                Err(other_service(&state.record).map_or(Fault::NotSmtp, Fault::OtherService))
            }
        }
    }

    /// Whether waiting for more could still make the record a reply.
    pub(super) fn expects_more(&self) -> bool {
        read(&self.lock().record) == Heard::Part
    }

    pub(super) fn forget(&self) {
        self.lock().clear_record();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole after each statement, so a panic elsewhere spoils nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of bytes from the server; an error ends the connection.
    pub(super) fn heard(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.lock();
        state.n_lines += bytes.split(|byte| *byte == b'\n').count() - 1;
        let n_bytes = state.record.len() + bytes.len();
        if n_bytes > REPLY_BYTES_MAX || state.n_lines > REPLY_LINES_MAX {
            state.too_long = true;
            return Err(io::Error::new(io::ErrorKind::InvalidData, "reply too long"));
        }
        state.record.extend_from_slice(bytes);
        Ok(())
    }

    fn heard_out_of_turn(&self, bytes: &[u8]) -> io::Error {
        let mut state = self.lock();
        state.record = bytes.to_vec();
        state.out_of_turn = true;
        io::Error::new(io::ErrorKind::InvalidData, "the server spoke out of turn")
    }

    /// After a refusal nothing more is said: lettre's own QUIT would wait for an answer and
    /// overwrite the one that matters.
    fn may_write(&self) -> bool {
        let state = self.lock();
        !state.too_long && !matches!(read(&state.record), Heard::Whole(Reply { code: 400.., .. }))
    }

    fn wrote(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.clear_record();
        if state.stage != Stage::Text {
            return;
        }
        let kept = &bytes[bytes.len().saturating_sub(DOT.len())..];
        state.tail.extend_from_slice(kept);
        let surplus = state.tail.len().saturating_sub(DOT.len());
        state.tail.drain(..surplus);
        if state.tail == DOT {
            state.stage = Stage::Dot;
            self.dot.notify_one();
        }
    }
}

/// Wraps `inner` for lettre, which is given a greeting of ours at once.
#[derive(Debug)]
pub(super) struct Watched<S> {
    inner: S,
    wire: Arc<Wire>,
    peer: SocketAddr,
    greeting: &'static [u8],
}

impl<S: Stream> Watched<S> {
    pub(super) fn new(inner: S, wire: Arc<Wire>, peer: SocketAddr) -> Self {
        Self {
            inner,
            wire,
            peer,
            greeting: GREETING,
        }
    }

    /// An answer to a question not yet asked would be taken for the answer to the next one.
    fn look_for_early_answer(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let mut space = [0_u8; 512];
        let mut early = ReadBuf::new(&mut space);
        match Pin::new(&mut self.inner).poll_read(cx, &mut early) {
            Poll::Pending => Ok(()),
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) if early.filled().is_empty() => {
                self.wire.forget();
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Poll::Ready(Ok(())) => Err(self.wire.heard_out_of_turn(early.filled())),
        }
    }
}

impl<S: Stream> AsyncTokioStream for Watched<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl<S: Stream> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.greeting.is_empty() {
            let n = self.greeting.len().min(buf.remaining());
            let (now, later) = self.greeting.split_at(n);
            buf.put_slice(now);
            self.greeting = later;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        std::task::ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let read = &mut buf.filled_mut()[before..];
        self.wire.heard(read)?;
        // lettre reads UTF-8 and takes anything else for a broken connection.
        read.iter_mut()
            .filter(|byte| !byte.is_ascii() || **byte == 0)
            .for_each(|byte| *byte = b'?');
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.wire.may_write() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        self.look_for_early_answer(cx)?;
        let written = std::task::ready!(Pin::new(&mut self.inner).poll_write(cx, buf));
        match &written {
            Ok(n) => self.wire.wrote(&buf[..*n]),
            // TLS may have sent a part before it failed: in doubt, count all of it as sent.
            Err(_) => self.wire.wrote(buf),
        }
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// What a record of bytes from the server is.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Whole(Reply),
    /// The beginning of a reply, or nothing yet.
    Part,
    /// No reply and never the beginning of one.
    Other,
}

/// Reads `250-…`, `250 …` and bare `250` lines up to the last; lone LF is tolerated, codes that
/// differ are not.
fn read(bytes: &[u8]) -> Heard {
    let mut code = None;
    let mut texts = Vec::new();
    let mut rest = bytes;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        let digits = &line[..line.len().min(3)];
        if !digits.iter().all(u8::is_ascii_digit) {
            return Heard::Other;
        }
        let Some(end) = end else { return Heard::Part };
        let this = digits
            .iter()
            .fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        if !(200..600).contains(&this) || *code.get_or_insert(this) != this {
            return Heard::Other;
        }
        let text = line[3..].trim_ascii_end();
        rest = &rest[end + 1..];
        texts.push(String::from_utf8_lossy(text.get(1..).unwrap_or(b"")).into_owned());
        match text.first() {
            None | Some(b' ') => break,
            Some(b'-') => {}
            Some(_) => return Heard::Other,
        }
    }
    let text = safe_text(&texts.join(" "));
    Heard::Whole(Reply {
        code: code.unwrap_or(0),
        text,
        surplus: !rest.is_empty(),
    })
}

/// A TLS record, mostly an alert: whoever sends it expected a TLS handshake.
fn is_tls(record: &[u8]) -> bool {
    matches!(record, [0x14..=0x17, 0x03, ..])
}

/// The kind of server that begins so.
fn other_service(record: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 6] = [
        (b"HTTP/", "HTTP"),
        (b"<!", "HTTP"),
        (b"<html", "HTTP"),
        (b"* OK", "IMAP"),
        (b"+OK", "POP3"),
        (b"SSH-", "SSH"),
    ];
    let begins = |(begin, _): &&(&[u8], &str)| {
        record
            .get(..begin.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(begin))
    };
    KINDS.iter().find(begins).map(|(_, kind)| *kind)
}

/// The server's words for logs and sentences: no addresses, no controls, and short.
fn safe_text(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.filter(|word| !word.is_empty());
    let words = words.map(|word| if word.contains('@') { "<…>" } else { word });
    words
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(TEXT_CHARS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[track_caller]
    fn check(bytes: &str, expected: &str) {
        let said = match read(bytes.as_bytes()) {
            Heard::Whole(Reply {
                code,
                text,
                surplus,
            }) => {
                format!("{code} {text}{}", if surplus { " +" } else { "" })
            }
            Heard::Part => "part".to_owned(),
            Heard::Other => "other".to_owned(),
        };
        assert_eq!(said, expected, "{bytes:?}");
    }

    #[test]
    fn replies_are_read_leniently_and_once() {
        check("250 ok\r\n", "250 ok");
        check("250\r\n", "250 ");
        check("250 ok\n", "250 ok");
        check("250-one\r\n250 two\r\n", "250 one two");
        check("250-one\r\n", "part");
        check("250-one\r\n550 two\r\n", "other");
        check("250 ok\r\n354 go\r\n", "250 ok +");
        check("", "part");
        check("25", "part");
        check("25\r\n", "other");
        check("2500 ok\r\n", "other");
        check("999 what\r\n", "other");
        check("HTTP/1.1 400 Bad Request\r\n", "other");
        check("\u{15}\u{3}\u{3}", "other");
    }

    #[test]
    fn the_servers_words_hold_no_addresses() {
        check(
            "550 5.1.1 <a@b.test>: no\u{1b}[31m such user\r\n",
            "550 5.1.1 <…> no [31m such user",
        );
        let long = format!("250 {}\r\n", "x".repeat(5_000));
        let Heard::Whole(reply) = read(long.as_bytes()) else {
            panic!("no reply")
        };
        assert_eq!(reply.text.len(), TEXT_CHARS_MAX);
    }

    #[test]
    fn a_reply_has_64_kib_and_256_lines() {
        let wire = Wire::default();
        assert!(wire.heard(&vec![b'x'; REPLY_BYTES_MAX]).is_ok());
        assert!(wire.heard(b"x").is_err());
        assert_eq!(wire.answer(), Err(Fault::ReplyTooLong));
        let wire = Wire::default();
        for _ in 0..REPLY_LINES_MAX {
            assert!(wire.heard(b"250-x\r\n").is_ok());
        }
        assert!(wire.heard(b"250 x\r\n").is_err());
        // Each reply has its own.
        wire.forget();
        assert!(wire.heard(b"250 x\r\n").is_ok());
    }

    #[test]
    fn the_dot_is_known_however_the_writes_are_cut() {
        let wire = Wire::default();
        wire.wrote(b"\r\n.\r\n");
        assert!(!wire.dot_written(), "outside of a body");
        for cut in 0..=5 {
            let wire = Wire::default();
            wire.enter_body();
            wire.wrote(b"a\r\n..\r\nb");
            wire.wrote(&DOT[..cut]);
            assert_eq!(wire.dot_written(), cut == 5, "cut at {cut}");
            wire.wrote(&DOT[cut..]);
            assert!(wire.dot_written(), "cut at {cut}");
        }
    }

    /// The server says this before anything is asked.
    async fn unasked(said: &str) -> (Result<Reply, Fault>, Vec<u8>) {
        let (ours, mut theirs) = tokio::io::duplex(1 << 10);
        let wire = Arc::new(Wire::default());
        let mut stream = Watched::new(ours, Arc::clone(&wire), ([127, 0, 0, 1], 25).into());
        theirs.write_all(said.as_bytes()).await.expect("written");
        assert!(stream.write_all(b"MAIL FROM:<a@b.test>\r\n").await.is_err());
        drop(stream);
        let mut heard = Vec::new();
        theirs.read_to_end(&mut heard).await.expect("an end");
        (wire.answer(), heard)
    }

    #[tokio::test]
    async fn r15_an_answer_before_its_question_is_never_taken_for_it() {
        assert_eq!(
            unasked("250 early\r\n").await,
            (Err(Fault::NotSmtp), vec![])
        );
        assert_eq!(
            unasked("354 early\r\n").await,
            (Err(Fault::NotSmtp), vec![])
        );
        // A goodbye is the one thing that may be said at any time.
        let (answer, heard) = unasked("421 too idle\r\n").await;
        assert_eq!((answer.map(|reply| reply.code), heard), (Ok(421), vec![]));
    }
}
