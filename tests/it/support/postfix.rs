//! A real Postfix: its own configuration and queue, one port on loopback, and a Maildir to deliver into.
//! Its master wants root, so as another user it is left out.

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::host::{NOBODY, free_port, is_root};
use super::{left_out, say, tally, wait};

const SOON: Duration = Duration::from_secs(30);

/// A running Postfix; it ends when this is dropped.
pub(crate) struct Postfix {
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

impl Postfix {
    /// Delivers mail for any address at `ejemplo.test` into `maildir`, and returns what is for
    /// `nadie@ejemplo.test`. `keywords` are those of EHLO that it does not offer. `None` where there is
    /// no Postfix.
    pub(crate) fn start(maildir: &Path, keywords: &str) -> Option<Self> {
        if !Path::new("/usr/sbin/postfix").exists() {
            left_out("postfix");
            return None;
        }
        if !is_root() {
            say("LEFT OUT: Postfix starts for root only");
            return None;
        }
        tally("postfix");
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        configure(folder.path(), maildir, port, keywords);
        let postfix = Self { port, folder };
        postfix.command(&["start"]);
        wait(SOON, "Postfix greets", || {
            let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
                return false;
            };
            let mut greeting = [0; 3];
            stream.set_read_timeout(Some(SOON)).unwrap();
            stream.read_exact(&mut greeting).is_ok() && greeting == *b"220"
        });
        Some(postfix)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn command(&self, args: &[&str]) {
        let etc = self.folder.path().join("etc");
        let mut command = Command::new("/usr/sbin/postfix");
        command.arg("-c").arg(&etc).args(args);
        command.stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.command(&["stop"]);
    }
}

fn configure(folder: &Path, maildir: &Path, port: u16, keywords: &str) {
    for name in ["etc", "queue", "data"] {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    let made = Command::new("chmod").args(["755"]).arg(folder).status();
    assert!(made.unwrap().success());
    let owned = Command::new("chown")
        .arg("postfix")
        .arg(folder.join("data"))
        .status();
    assert!(owned.unwrap().success());
    let base: PathBuf = maildir.parent().unwrap().to_owned();
    let name = maildir.file_name().unwrap().to_string_lossy().into_owned();
    let (here, base) = (folder.display(), base.display());
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {here}/queue\ndata_directory = {here}/data\n\
         maillog_file = {here}/log\nmaillog_file_prefixes = {here}\n\
         command_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\n\
         mail_owner = postfix\nsetgid_group = postdrop\ninet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\nmyhostname = mx.ejemplo.test\nmydestination =\nmynetworks =\n\
         virtual_mailbox_domains = ejemplo.test\n\
         virtual_mailbox_maps = static:{name}/\n\
         virtual_mailbox_base = {base}\nvirtual_minimum_uid = 1\n\
         virtual_uid_maps = static:{NOBODY}\nvirtual_gid_maps = static:{NOBODY}\n\
         smtpd_discard_ehlo_keywords = {keywords}\nsmtpd_recipient_restrictions =\n\
         smtpd_relay_restrictions = reject_unauth_destination\nsmtp_tls_security_level = none\n\
         transport_maps = inline:{{ {{ nadie@ejemplo.test = nada: }} }}\n\
         alias_maps =\nalias_database =\nlocal_recipient_maps =\nmessage_size_limit = 10240000\n\
         mailbox_size_limit = 0\nbiff = no\n"
    );
    std::fs::write(folder.join("etc/main.cf"), main).unwrap();
    // What is sent to `error` would be refused before it is taken: a pipe that ends with EX_NOUSER is not.
    let master = format!(
        "127.0.0.1:{port} inet n - n - - smtpd\n\
         cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
         tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\n\
         bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
         verify unix - - n - 1 verify\nproxymap unix - - n - - proxymap\nerror unix - - n - - error\n\
         nada unix - n n - - pipe user=nobody argv=/bin/sh -c {{echo no existe; exit 67}}\n\
         retry unix - - n - - error\ndiscard unix - - n - - discard\nlocal unix - n n - - local\n\
         virtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n\
         postlog unix-dgram n - n - 1 postlogd\n"
    );
    std::fs::write(folder.join("etc/master.cf"), master).unwrap();
}
