//! A mailbox for the demonstration: takes every mail over real SMTP and keeps it in memory.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The demonstration's mails are small; nothing larger is taken.
const MAIL_BYTES_MAX: u64 = 1 << 20;

pub(super) struct Mailbox {
    pub(super) port: u16,
    mails: Arc<Mutex<Vec<String>>>,
}

pub(super) async fn open() -> std::io::Result<Mailbox> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let mails = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&mails);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = Arc::clone(&kept);
            // A client that breaks off has simply said its last word.
            tokio::spawn(async move { converse(stream, &kept).await.ok() });
        }
    });
    Ok(Mailbox { port, mails })
}

impl Mailbox {
    pub(super) fn mails(&self) -> Vec<String> {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn converse(stream: TcpStream, mails: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader.take(MAIL_BYTES_MAX));
    writer.write_all(b"220 escucha demo mailbox\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.trim().to_ascii_uppercase();
        let answer: &[u8] = match verb.split([' ', ':']).next().unwrap_or("") {
            "EHLO" | "HELO" => b"250-escucha\r\n250 8BITMIME\r\n",
            "MAIL" | "RCPT" | "RSET" | "NOOP" => b"250 ok\r\n",
            "DATA" => {
                writer.write_all(b"354 go on, end with a dot\r\n").await?;
                let mail = body(&mut reader).await?;
                mails
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(mail);
                b"250 taken\r\n"
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"502 not here\r\n",
        };
        writer.write_all(answer).await?;
    }
}

/// Reads up to the lone dot, taking off the dot that stuffing put before others.
async fn body(reader: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> std::io::Result<String> {
    let mut mail = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 || line.trim_end() == "." {
            return Ok(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// The subject as a mail program shows it.
pub(super) fn subject(mail: &str) -> String {
    let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes());
    parsed
        .and_then(|mail| mail.subject().map(str::to_owned))
        .unwrap_or_default()
}

/// The text part as a mail program shows it.
pub(super) fn plain_text(mail: &str) -> String {
    let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes());
    parsed
        .and_then(|mail| mail.body_text(0).map(std::borrow::Cow::into_owned))
        .unwrap_or_default()
}
