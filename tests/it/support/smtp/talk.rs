//! One conversation of the scripted server, verb by verb.

use escucha::settings::SmtpSecurity;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Fault, Mail, Shared, Verb};

/// Serves one client to the end.
pub(super) async fn welcome(tcp: TcpStream, shared: &Shared) -> Result<(), Ended> {
    tcp.set_nodelay(true)?;
    let mut stream: Box<dyn Io> = Box::new(tcp);
    let implicit = shared.options.security == SmtpSecurity::Tls;
    if let Some(tls) = shared.tls.as_ref().filter(|_| implicit) {
        stream = Box::new(tls.accept(stream).await?);
    }
    let mut talk = Talk::new(stream, shared, implicit);
    talk.answer(Verb::Greeting, "(connected)", "220 smtp.ejemplo.test ESMTP")
        .await?;
    while talk.line().await? == Next::StartTls {
        let tls = shared.tls.as_ref().ok_or(Ended)?;
        let stream = tls.accept(talk.stream.into_inner()).await?;
        talk = Talk::new(Box::new(stream), shared, true);
    }
    Ok(())
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The conversation is over, for whatever reason.
#[derive(Debug)]
pub(super) struct Ended;

impl From<std::io::Error> for Ended {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    StartTls,
    Quit,
}

/// One client.
struct Talk<'a> {
    stream: BufReader<Box<dyn Io>>,
    shared: &'a Shared,
    over_tls: bool,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

impl<'a> Talk<'a> {
    fn new(stream: Box<dyn Io>, shared: &'a Shared, over_tls: bool) -> Self {
        let stream = BufReader::new(stream);
        Self {
            stream,
            shared,
            over_tls,
            user: None,
            from: None,
            to: Vec::new(),
        }
    }

    /// Serves verbs until the client quits or wants TLS.
    async fn line(&mut self) -> Result<Next, Ended> {
        loop {
            let line = self.hear().await?;
            let upper = line.to_ascii_uppercase();
            let options = &self.shared.options;
            let needs_login = options.login.is_some() && self.user.is_none();
            match upper.split(' ').next().unwrap_or("") {
                "EHLO" => self.answer(Verb::Ehlo, &line, &self.features()).await?,
                "STARTTLS" if self.shared.tls.is_some() && !self.over_tls => {
                    self.answer(Verb::StartTls, &line, "220 go ahead").await?;
                    return Ok(Next::StartTls);
                }
                "AUTH" => self.auth(&line).await?,
                "MAIL" if needs_login => self.say(&line, "530 5.7.0 log in first").await?,
                "MAIL" => {
                    self.from = Some(path(&line));
                    self.to.clear();
                    self.answer(Verb::Mail, &line, "250 2.1.0 sender ok")
                        .await?;
                }
                "RCPT" if self.from.is_some() => {
                    self.to.push(path(&line));
                    self.answer(Verb::Rcpt, &line, "250 2.1.5 recipient ok")
                        .await?;
                }
                "DATA" if !self.to.is_empty() => self.data(&line).await?,
                "QUIT" => {
                    self.say(&line, "221 2.0.0 bye").await?;
                    return Ok(Next::Quit);
                }
                _ => self.say(&line, "503 5.5.1 not now").await?,
            }
        }
    }

    fn features(&self) -> String {
        let options = &self.shared.options;
        let mut lines = vec!["smtp.ejemplo.test".to_owned()];
        lines.extend(options.keywords.iter().map(|keyword| (*keyword).to_owned()));
        let offers_tls = options.security == SmtpSecurity::StartTls && !options.strip_starttls;
        if offers_tls && !self.over_tls {
            lines.push("STARTTLS".to_owned());
        }
        if options.login.is_some() {
            lines.push(format!("AUTH {}", options.mechanisms));
        }
        let last = lines.pop().unwrap_or_default();
        let first: Vec<String> = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        format!("{}250 {last}", first.concat())
    }

    async fn auth(&mut self, line: &str) -> Result<(), Ended> {
        let words: Vec<&str> = line.split(' ').collect();
        let given = match words.as_slice() {
            [_, "PLAIN", initial] => unbase64(initial),
            [_, "LOGIN"] => {
                self.say(line, "334 VXNlcm5hbWU6").await?;
                let user = unbase64(&self.hear().await?);
                self.say(line, "334 UGFzc3dvcmQ6").await?;
                let password = unbase64(&self.hear().await?);
                format!("\0{user}\0{password}")
            }
            _ => String::new(),
        };
        let login = self
            .shared
            .options
            .login
            .filter(|(u, p)| given == format!("\0{u}\0{p}"));
        self.user = login.map(|(user, _)| user.to_owned());
        let usual = match self.user {
            Some(_) => "235 2.7.0 welcome",
            None => "535 5.7.8 wrong user or password",
        };
        self.answer(Verb::Auth, line, usual).await
    }

    async fn data(&mut self, line: &str) -> Result<(), Ended> {
        self.answer(Verb::Data, line, "354 go ahead").await?;
        let mut raw = Vec::new();
        let mut first = true;
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                let cut = String::from_utf8_lossy(&raw).into_owned();
                self.shared.note(&cut, "(cut off before the dot)");
                return Err(Ended);
            }
            if line == b".\r\n" {
                break;
            }
            let line = line.strip_prefix(b".").unwrap_or(&line);
            raw.extend_from_slice(line);
            let fault = std::mem::take(&mut first).then(|| self.shared.next_fault(Verb::Body));
            if let Some(fault) = fault.flatten() {
                self.misbehave(fault, "(text)", "").await?;
            }
        }
        let mail = Mail {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            raw,
            over_tls: self.over_tls,
            user: self.user.clone(),
        };
        self.receipt(mail).await
    }

    async fn receipt(&mut self, mail: Mail) -> Result<(), Ended> {
        let usual = "250 2.0.0 queued as 4711";
        let fault = self.shared.next_fault(Verb::Dot);
        let (is_stored, fault) = match fault {
            Some(Fault::StoredThen(then)) => (true, Some(*then)),
            Some(Fault::Late(_)) | None => (true, fault),
            Some(_) => (false, fault),
        };
        if is_stored {
            self.shared.mails.send_modify(|mails| mails.push(mail));
        }
        match fault {
            Some(fault) => self.misbehave(fault, "(dot)", usual).await,
            None => self.say("(dot)", usual).await,
        }
    }

    async fn answer(&mut self, verb: Verb, heard: &str, usual: &str) -> Result<(), Ended> {
        match self.shared.next_fault(verb) {
            Some(fault) => self.misbehave(fault, heard, usual).await,
            None => self.say(heard, usual).await,
        }
    }

    async fn misbehave(&mut self, fault: Fault, heard: &str, usual: &str) -> Result<(), Ended> {
        match fault {
            Fault::Hang => {
                self.shared.note(heard, "(silence)");
                while self.stream.read_until(b'\n', &mut Vec::new()).await? > 0 {}
                Err(Ended)
            }
            Fault::Stall => {
                self.shared.note(heard, "(deaf)");
                std::future::pending().await
            }
            Fault::Close => {
                self.shared.note(heard, "(closed)");
                Err(Ended)
            }
            Fault::Say(text) => self.say(heard, text).await,
            Fault::Late(wait) => {
                self.shared.note(heard, "(late)");
                tokio::time::sleep(wait).await;
                self.say(heard, usual).await
            }
            Fault::Endless(piece) => {
                self.shared.note(heard, "(endless)");
                loop {
                    self.stream
                        .write_all(piece.repeat(1 << 10).as_bytes())
                        .await?;
                }
            }
            Fault::StoredThen(then) => Box::pin(self.misbehave(*then, heard, usual)).await,
        }
    }

    async fn hear(&mut self) -> Result<String, Ended> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await? {
            0 => Err(Ended),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    async fn say(&mut self, heard: &str, text: &str) -> Result<(), Ended> {
        self.shared.note(heard, text);
        // Latin-1, as servers with words of their own language still speak.
        let line = text.chars().chain("\r\n".chars());
        let bytes: Vec<u8> = line.map(|c| c as u8).collect();
        self.stream.write_all(&bytes).await?;
        Ok(self.stream.flush().await?)
    }
}

fn path(line: &str) -> String {
    let inner = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(path, _)| path.to_owned())
}

fn unbase64(text: &str) -> String {
    let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.trim().bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
