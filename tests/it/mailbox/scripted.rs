//! An IMAP server that says what the test wants, and notes every command.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server does with a command: `None` leaves it without an answer. `{tag}` stands for the
/// command's tag.
pub(super) type Script = fn(&str) -> Option<String>;

pub(super) struct Scripted {
    pub(super) port: u16,
    said: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Serves until the test's process ends; it holds nothing but a thread.
    pub(super) fn start(script: Script) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&said);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                std::thread::spawn(move || serve(stream, script, &noted));
            }
        });
        Self { port, said }
    }

    /// The commands so far, without their tags.
    pub(super) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, script: Script, noted: &Mutex<Vec<String>>) {
    let mut out = stream.try_clone().unwrap();
    let _ = out.write_all(b"* OK ready\r\n");
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        let Some((tag, command)) = line.split_once(' ') else {
            return;
        };
        noted.lock().unwrap().push(command.to_owned());
        if let Some(answer) = script(command) {
            let _ = out.write_all(answer.replace("{tag}", tag).as_bytes());
        }
    }
}

pub(super) const MAIL: &str =
    "From: Javier <javier@correo.test>\r\nSubject: x\r\nMessage-ID: <1@b>\r\n\r\nhola\r\n";

/// An inbox with one mail that says it has `size` bytes.
pub(super) fn inbox(command: &str, size: usize) -> String {
    match command.split(' ').next().unwrap_or_default() {
        "EXAMINE" => "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 6] x\r\n\
                      {tag} OK [READ-ONLY] x\r\n"
            .to_owned(),
        "UID" if command.contains("SEARCH") => "* SEARCH 5\r\n{tag} OK x\r\n".to_owned(),
        "UID" if command.contains("SIZE") => {
            format!("* 1 FETCH (UID 5 RFC822.SIZE {size})\r\n{{tag}} OK x\r\n")
        }
        "UID" if command.contains("<0.") => format!(
            "* 1 FETCH (UID 5 BODY[]<0> {{{}}}\r\n{MAIL})\r\n{{tag}} OK x\r\n",
            MAIL.len()
        ),
        "UID" => format!(
            "* 1 FETCH (UID 5 BODY[] {{{}}}\r\n{MAIL})\r\n{{tag}} OK x\r\n",
            MAIL.len()
        ),
        "LOGOUT" => "* BYE\r\n{tag} OK x\r\n".to_owned(),
        _ => "{tag} OK x\r\n".to_owned(),
    }
}
