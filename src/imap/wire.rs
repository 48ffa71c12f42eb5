//! The bytes between us and the server: whole answers, each within its limit.
//!
//! An answer is a line, with the literals that it announces. Size, nesting and time are looked at
//! here, before `imap-proto` sees it: that parser reads nested lists by calling itself.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::error::Fault;

/// Open parentheses at the same time. A list of attributes has two or three.
const DEPTH_MAX: u32 = 24;
/// Characters of a server's text that are kept.
const TEXT_CHARS_MAX: usize = 200;
/// What one verb may be answered beside mails: lines of status, flags and folders.
pub(super) const TALK_BYTES_MAX: usize = 256 << 10;
/// The numbers of mails: some hundred thousand of them.
pub(super) const SEARCH_BYTES_MAX: usize = 1 << 20;

/// A byte stream of either kind: TCP, or TLS over TCP.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(super) struct Wire<S> {
    stream: BufReader<S>,
    /// Bytes that the server may still send for what was asked.
    left: usize,
    n_verbs: u32,
}

/// What a verb was answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The untagged answers before the last line, whole.
    pub(super) data: Vec<Vec<u8>>,
    pub(super) status: Status,
    /// What stands in brackets: `AUTHENTICATIONFAILED`.
    pub(super) code: String,
    /// For people, without addresses.
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    #[default]
    Ok,
    No,
    Bad,
}

/// A part of a command: as it is, or a text of any bytes.
#[derive(Clone, Copy)]
pub(super) enum Piece<'a> {
    Word(&'a str),
    Text(&'a str),
}

impl<S: Stream> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
            left: TALK_BYTES_MAX,
            n_verbs: 0,
        }
    }

    /// The stream itself, for TLS to begin on it. Whatever the server said beyond its last answer was
    /// said without TLS, perhaps by somebody in between.
    pub(super) fn into_stream(self) -> Result<S, Fault> {
        if self.stream.buffer().is_empty() {
            Ok(self.stream.into_inner())
        } else {
            Err(Fault::NotImap)
        }
    }

    /// The first line of the server.
    pub(super) async fn greeting(&mut self, limit: Duration) -> Result<(), Fault> {
        let line = within(limit, self.answer()).await?;
        let (status, _, text) = status_of(line.get(2..).unwrap_or_default());
        match status {
            Some("OK") if line.starts_with(b"* ") => Ok(()),
            Some("BYE") if line.starts_with(b"* ") => Err(Fault::Refused(text)),
            _ => Err(Fault::NotImap),
        }
    }

    /// Sends a command and reads what it is answered, at most `bytes`, within the time limit.
    pub(super) async fn verb(
        &mut self,
        pieces: &[Piece<'_>],
        bytes: usize,
        limit: Duration,
    ) -> Result<Answer, Fault> {
        within(limit, async {
            self.n_verbs += 1;
            self.left = bytes;
            let tag = format!("e{}", self.n_verbs);
            let mut answer = Answer::default();
            if self.send(&tag, pieces, &mut answer).await? {
                self.rest(&tag, &mut answer).await?;
            }
            Ok(answer)
        })
        .await
    }

    /// True when the command is out, and its answer is to come; else the answer came early.
    async fn send(
        &mut self,
        tag: &str,
        pieces: &[Piece<'_>],
        answer: &mut Answer,
    ) -> Result<bool, Fault> {
        let mut line = tag.to_owned();
        for piece in pieces {
            line.push(' ');
            match *piece {
                Piece::Word(word) => line.push_str(word),
                Piece::Text(text) if is_quotable(text) => {
                    line.push('"');
                    line.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
                    line.push('"');
                }
                Piece::Text(text) => {
                    line = format!("{line}{{{}}}\r\n", text.len());
                    self.write(line.as_bytes()).await?;
                    if !self.is_bidden(tag, answer).await? {
                        return Ok(false);
                    }
                    text.clone_into(&mut line);
                }
            }
        }
        line.push_str("\r\n");
        self.write(line.as_bytes()).await?;
        Ok(true)
    }

    /// Waits until the server asks for the literal; false when it answered the command instead.
    async fn is_bidden(&mut self, tag: &str, answer: &mut Answer) -> Result<bool, Fault> {
        loop {
            let said = self.answer().await?;
            if said.starts_with(b"+") {
                return Ok(true);
            }
            if answer.take(tag, said)? {
                return Ok(false);
            }
        }
    }

    async fn rest(&mut self, tag: &str, answer: &mut Answer) -> Result<(), Fault> {
        loop {
            let said = match self.answer().await {
                // A server that says goodbye says why.
                Err(Fault::Lost) => return Err(answer.goodbye().unwrap_or(Fault::Lost)),
                said => said?,
            };
            if answer.take(tag, said)? {
                return Ok(());
            }
        }
    }

    /// One whole answer, without its last line end.
    async fn answer(&mut self) -> Result<Vec<u8>, Fault> {
        let mut whole = Vec::new();
        let mut depth = 0;
        loop {
            let from = whole.len();
            self.line(&mut whole).await?;
            deepen(&mut depth, &whole[from..])?;
            let Some(bytes) = literal(&whole[from..]) else {
                let kept = whole[from..].trim_ascii_end().len();
                whole.truncate(from + kept);
                whole.extend_from_slice(b"\r\n");
                return Ok(whole);
            };
            self.literal(bytes, &mut whole).await?;
        }
    }

    /// Up to the next line feed.
    async fn line(&mut self, whole: &mut Vec<u8>) -> Result<(), Fault> {
        loop {
            let here = self.stream.fill_buf().await.map_err(|_| Fault::Lost)?;
            if here.is_empty() {
                return Err(Fault::Lost);
            }
            let end = here.iter().position(|byte| *byte == b'\n');
            let n = end.map_or(here.len(), |end| end + 1);
            if n > self.left {
                return Err(Fault::TooMuch);
            }
            whole.extend_from_slice(&here[..n]);
            self.stream.consume(n);
            self.left -= n;
            if end.is_some() {
                return Ok(());
            }
        }
    }

    async fn literal(&mut self, bytes: usize, whole: &mut Vec<u8>) -> Result<(), Fault> {
        if bytes > self.left {
            return Err(Fault::TooMuch);
        }
        self.left -= bytes;
        // What was announced is not what comes: memory is taken as it comes.
        let mut announced = (&mut self.stream).take(bytes as u64);
        let read = announced.read_to_end(whole).await;
        match read {
            Ok(n) if n == bytes => Ok(()),
            _ => Err(Fault::Lost),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let stream = self.stream.get_mut();
        stream.write_all(bytes).await.map_err(|_| Fault::Lost)?;
        stream.flush().await.map_err(|_| Fault::Lost)
    }
}

impl Answer {
    /// Takes one answer in; true when it was the last.
    fn take(&mut self, tag: &str, said: Vec<u8>) -> Result<bool, Fault> {
        if said.starts_with(b"* ") {
            self.data.push(said);
            return Ok(false);
        }
        let last = said
            .strip_prefix(tag.as_bytes())
            .and_then(|said| said.strip_prefix(b" "))
            .ok_or(Fault::NotImap)?;
        let (status, code, text) = status_of(last);
        self.status = match status {
            Some("OK") => Status::Ok,
            Some("NO") => Status::No,
            Some("BAD") => Status::Bad,
            _ => return Err(Fault::NotImap),
        };
        (self.code, self.text) = (code, text);
        Ok(true)
    }

    fn goodbye(&self) -> Option<Fault> {
        self.data.iter().rev().find_map(|said| {
            let (status, _, text) = status_of(said.get(2..)?);
            (status == Some("BYE")).then_some(Fault::Refused(text))
        })
    }
}

/// Waits for it, and no longer.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(Fault::TimedOut))
}

/// `OK [CODE …] text` in its parts; the status in capitals.
fn status_of(line: &[u8]) -> (Option<&'static str>, String, String) {
    let line = String::from_utf8_lossy(line);
    let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let known = ["OK", "NO", "BAD", "BYE", "PREAUTH"];
    let status = known
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(word));
    let (code, text) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((code, text)) => (code, text),
        None => ("", rest),
    };
    (status, code.trim().to_ascii_uppercase(), safe_text(text))
}

/// The server's words for logs and sentences: no addresses, no controls, and short.
fn safe_text(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.filter(|word| !word.is_empty());
    let words = words.map(|word| if word.contains('@') { "<…>" } else { word });
    let text = words.collect::<Vec<_>>().join(" ");
    text.chars().take(TEXT_CHARS_MAX).collect()
}

/// Bytes that a quoted string may hold in every server.
fn is_quotable(text: &str) -> bool {
    text.len() <= 1_000 && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// How many bytes follow the line outside of it: `{123}` at its end.
fn literal(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_suffix(b"}")?;
    let at = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = line[at + 1..].strip_suffix(b"+").unwrap_or(&line[at + 1..]);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // A number that no machine holds is refused as too much.
    let number = std::str::from_utf8(digits).ok()?;
    Some(number.parse().unwrap_or(usize::MAX))
}

/// Counts parentheses outside of quotes.
fn deepen(depth: &mut u32, line: &[u8]) -> Result<(), Fault> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for byte in line {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'(' if !is_quoted => *depth += 1,
            b')' if !is_quoted => *depth = depth.saturating_sub(1),
            _ => {}
        }
        if *depth > DEPTH_MAX {
            return Err(Fault::TooMuch);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    /// What a verb comes to when the server says this, and what it was asked.
    async fn talk(said: &[u8], pieces: &[Piece<'_>], bytes: usize) -> (String, String) {
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        theirs.write_all(said).await.unwrap();
        theirs.shutdown().await.unwrap();
        let mut wire = Wire::new(ours);
        let answer = wire.verb(pieces, bytes, LIMIT).await;
        drop(wire);
        let mut asked = String::new();
        let told = match answer {
            Ok(answer) => {
                let data: Vec<String> = answer
                    .data
                    .iter()
                    .map(|said| String::from_utf8_lossy(said).trim_end().to_owned())
                    .collect();
                format!(
                    "{:?} [{}] {} | {}",
                    answer.status,
                    answer.code,
                    answer.text,
                    data.join(" | ")
                )
            }
            Err(fault) => format!("{fault:?}"),
        };
        theirs.read_to_string(&mut asked).await.unwrap();
        (told, asked)
    }

    #[track_caller]
    fn check(said: &str, expected: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let (told, _) = runtime.block_on(talk(said.as_bytes(), &[Piece::Word("NOOP")], 1_000));
        assert_eq!(told, expected, "{said:?}");
    }

    #[test]
    fn answers_are_whole_and_bounded() {
        check("e1 OK done\r\n", "Ok [] done | ");
        check("e1 ok\n", "Ok []  | ");
        check(
            "* OK [UIDVALIDITY 7] x\r\ne1 NO [ALERT] Call a@b.test\r\n",
            "No [ALERT] Call <…> | * OK [UIDVALIDITY 7] x",
        );
        check(
            "* 1 FETCH (BODY[] {9}\r\na)\r\ne1 OK)\r\ne1 OK x\r\n",
            "Ok [] x | * 1 FETCH (BODY[] {9}\r\na)\r\ne1 OK)",
        );
        check(
            "* BYE too many connections\r\n",
            "Refused(\"too many connections\")",
        );
        check("", "Lost");
        check("* 1 EXISTS", "Lost");
        check("HTTP/1.1 400 Bad Request\r\n", "NotImap");
        check("e2 OK of another verb\r\n", "NotImap");
        check("* 1 FETCH (BODY[] {2000}\r\n", "TooMuch");
        check("* 1 FETCH (BODY[] {99999999999999999999999}\r\n", "TooMuch");
        check(&format!("* {}\r\n", "x".repeat(2_000)), "TooMuch");
        check(&format!("* 1 FETCH {}\r\n", "(".repeat(200)), "TooMuch");
        check(
            &format!("* 1 FETCH (\"{}\")\r\ne1 OK\r\n", "(".repeat(50)),
            &format!("Ok []  | * 1 FETCH (\"{}\")", "(".repeat(50)),
        );
        check(&"* 1 EXISTS\r\n".repeat(200), "TooMuch");
    }

    #[tokio::test]
    async fn what_is_sent_cannot_become_another_command() {
        let words = [
            Piece::Word("LOGIN"),
            Piece::Text("a\"b\\"),
            Piece::Text("señal\r\n"),
        ];
        let said = "+ go on\r\ne1 OK in\r\n".as_bytes();
        let (told, asked) = talk(said, &words, 1_000).await;
        assert_eq!(told, "Ok [] in | ");
        assert_eq!(asked, "e1 LOGIN \"a\\\"b\\\\\" {8}\r\nseñal\r\n\r\n");
        // A server that will not have it says so before the text is sent.
        let (told, asked) = talk(b"e1 BAD no\r\n", &words, 1_000).await;
        assert_eq!(told, "Bad [] no | ");
        assert_eq!(asked, "e1 LOGIN \"a\\\"b\\\\\" {8}\r\n");
    }

    #[tokio::test]
    async fn nothing_that_came_before_tls_is_believed_after_it() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 10);
        let said = b"e1 OK begin\r\n* PREAUTH you are in\r\n";
        theirs.write_all(said).await.unwrap();
        let mut wire = Wire::new(ours);
        let answer = wire.verb(&[Piece::Word("STARTTLS")], 1_000, LIMIT).await;
        assert_eq!(answer.unwrap().status, Status::Ok);
        assert_eq!(wire.into_stream().err(), Some(Fault::NotImap));
    }

    #[tokio::test]
    async fn a_silent_server_is_left() {
        let (ours, _theirs) = tokio::io::duplex(1 << 10);
        let limit = Duration::from_millis(20);
        let mut wire = Wire::new(ours);
        assert_eq!(wire.greeting(limit).await, Err(Fault::TimedOut));
        let answer = wire.verb(&[Piece::Word("NOOP")], 1_000, limit).await;
        assert_eq!(answer.err(), Some(Fault::TimedOut));
    }
}
