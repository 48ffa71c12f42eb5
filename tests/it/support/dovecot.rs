//! A real Dovecot: an unprivileged process on loopback, with one Maildir and one password for all.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::host::{NOBODY, free_port, hand_over, is_root, listens};
use super::{left_out, tally};

pub(crate) const PASSWORD: &str = "secreto";
const SOON: Duration = Duration::from_secs(20);

/// A running Dovecot; it ends when this is dropped.
pub(crate) struct Dovecot {
    child: Child,
    /// IMAP that begins without TLS, and with it.
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
    folder: tempfile::TempDir,
}

impl Dovecot {
    /// `None` where there is no Dovecot.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = program() else {
            left_out("dovecot");
            return None;
        };
        tally("dovecot");
        let folder = tempfile::tempdir().unwrap();
        for name in ["run", "mail", "mail/new", "mail/cur", "mail/tmp"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        certificate(folder.path());
        // Between the choice of a free port and its use somebody else may take it.
        for _ in 0..5 {
            let (port, tls_port) = (free_port(), free_port());
            let conf = folder.path().join("dovecot.conf");
            std::fs::write(&conf, configuration(folder.path(), port, tls_port)).unwrap();
            hand_over(folder.path());
            let mut command = Command::new(&program);
            command.arg("-F").arg("-c").arg(&conf);
            // With any of the three left open, whoever waits for our output waits for Dovecot's.
            command.stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            if is_root() {
                command.uid(NOBODY).gid(NOBODY);
            }
            let mut child = command.spawn().unwrap();
            if listens(&mut child, port, SOON) {
                return Some(Self {
                    child,
                    port,
                    tls_port,
                    folder,
                });
            }
        }
        panic!("Dovecot does not listen: {}", log(folder.path()));
    }

    /// Puts a mail into the inbox, as a mail server would.
    pub(crate) fn deliver(&self, name: &str, mail: &str) {
        let mails = self.folder.path().join("mail");
        let written = mails.join("tmp").join(name);
        std::fs::write(&written, mail).unwrap();
        hand_over(&written);
        std::fs::rename(written, mails.join("new").join(name)).unwrap();
    }

    /// The folder into which another server may deliver (a Maildir).
    pub(crate) fn maildir(&self) -> PathBuf {
        self.folder.path().join("mail")
    }

    /// The files of the mails, with their flags, and in which folder each lies.
    pub(crate) fn files(&self) -> Vec<String> {
        let mails = self.folder.path().join("mail");
        let mut files = Vec::new();
        for folder in ["new", "cur"] {
            for file in std::fs::read_dir(mails.join(folder)).unwrap() {
                let name = file.unwrap().file_name();
                files.push(format!("{folder}/{}", name.to_string_lossy()));
            }
        }
        files.sort();
        files
    }

    /// How many bodies each closed connection was given, in order.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let told = log(self.folder.path());
        let counts = told.lines().filter_map(|line| {
            let (_, count) = line.split_once("body_count=")?;
            Some(count.split(' ').next()?.to_owned())
        });
        counts.collect()
    }

    /// Forgets how the mails were numbered, as a moved mailbox does.
    pub(crate) fn renumber(&self) {
        let mails = self.folder.path().join("mail");
        for file in std::fs::read_dir(&mails).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_file() && name.starts_with("dovecot") {
                std::fs::remove_file(&path).unwrap();
            }
        }
    }

    /// The authority of its certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Its own children end when it is asked to end, not when it is killed.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.child.wait();
    }
}

fn configuration(folder: &Path, port: u16, tls_port: u16) -> String {
    let (user, group) = if is_root() {
        ("nobody".to_owned(), "nogroup".to_owned())
    } else {
        (id("-un"), id("-gn"))
    };
    let (uid, gid) = if is_root() {
        (NOBODY.to_string(), NOBODY.to_string())
    } else {
        (id("-u"), id("-g"))
    };
    let folder = folder.display();
    format!(
        r"
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"
    )
}

fn certificate(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("ESCUCHA_TEST_DOVECOT").map(PathBuf::from);
    named
        .or_else(|| Some("/usr/sbin/dovecot".into()))
        .filter(|path| path.exists())
}

fn id(option: &str) -> String {
    let told = Command::new("id").arg(option).output().unwrap();
    String::from_utf8_lossy(told.stdout.trim_ascii()).into_owned()
}
