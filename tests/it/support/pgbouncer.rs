//! A real PgBouncer: an unprivileged process on loopback, in front of a PostgreSQL database.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use url::Url;

use super::host::{NOBODY, free_port, hand_over, is_root, listens};
use super::{databases, left_out, tally};

const SOON: Duration = Duration::from_secs(20);

/// A running PgBouncer; it ends when this is dropped.
pub(crate) struct PgBouncer {
    child: Child,
    database: Url,
    _folder: tempfile::TempDir,
}

impl PgBouncer {
    /// In front of the server of this database; `mode` is its `pool_mode`. `None` where there is no PgBouncer.
    pub(crate) fn start(database: &str, mode: &str) -> Option<Self> {
        let Some(program) = program() else {
            left_out("pgbouncer");
            return None;
        };
        tally("pgbouncer");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgbouncer.ini");
        let mut database = Url::parse(database).unwrap();
        let server = database.clone();
        // Between the choice of a free port and its use somebody else may take it.
        for _ in 0..5 {
            let port = free_port();
            std::fs::write(&file, configuration(&server, port, mode)).unwrap();
            let mut command = Command::new(&program);
            command.arg("--quiet").arg(&file);
            command.stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            if is_root() {
                // It refuses root, and must be able to read its file.
                hand_over(folder.path());
                command.uid(NOBODY).gid(NOBODY);
            }
            let mut child = command.spawn().unwrap();
            if listens(&mut child, port, SOON) {
                database.set_host(Some("127.0.0.1")).unwrap();
                database.set_port(Some(port)).unwrap();
                return Some(Self {
                    child,
                    database,
                    _folder: folder,
                });
            }
        }
        panic!("PgBouncer does not listen");
    }

    /// The address of the database by way of here.
    pub(crate) fn url(&self) -> &str {
        self.database.as_str()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(server: &Url, port: u16, mode: &str) -> String {
    let address = databases::address(server.as_str());
    let (host, server_port) = address.rsplit_once(':').unwrap();
    // An empty one would be an error of its configuration.
    let password = server.password();
    let password = password.map_or_else(String::new, |it| format!(" password={it}"));
    format!(
        "[databases]\n\
         * = host={host} port={server_port} user={}{password}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = any\npool_mode = {mode}\n",
        server.username()
    )
}

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("ESCUCHA_TEST_PGBOUNCER").map(PathBuf::from);
    named
        .or_else(|| Some("/usr/sbin/pgbouncer".into()))
        .filter(|path| path.exists())
}
