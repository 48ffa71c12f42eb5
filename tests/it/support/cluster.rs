//! A PostgreSQL server of a test's own, to be stopped, started and changed at will.

use std::path::Path;
use std::process::{Command, Output};

use super::host::{free_port, is_root};
use super::{left_out, tally};

pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    port: u16,
}

impl Cluster {
    /// `None` where the server's programs are not on the PATH.
    pub(crate) fn start() -> Option<Self> {
        if Command::new("initdb").arg("--version").output().is_err() {
            left_out("postgresql's initdb");
            return None;
        }
        tally("postgresql");
        let folder = tempfile::tempdir().unwrap();
        let cluster = Self {
            folder,
            port: free_port(),
        };
        if is_root() {
            // The server refuses root; its user must reach its own folder.
            let path = cluster.folder.path().display().to_string();
            let given = Command::new("chown").args(["postgres", &path]).status();
            assert!(given.unwrap().success());
        }
        let data = cluster.data();
        let made = as_postgres(
            &[
                "initdb",
                "-D",
                &data,
                "-U",
                "postgres",
                "--auth=trust",
                "--no-sync",
            ],
            cluster.folder.path(),
        );
        assert!(made.status.success(), "{}", text(&made));
        cluster.go_on();
        Some(cluster)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts the server, and waits until it can be used.
    pub(crate) fn go_on(&self) {
        let folder = self.folder.path().display();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off",
            self.port
        );
        let log = format!("{folder}/log");
        let data = self.data();
        let words = [
            "pg_ctl", "-D", &data, "-l", &log, "-s", "-w", "-o", &options, "start",
        ];
        let started = as_postgres(&words, self.folder.path());
        assert!(started.status.success(), "{}", text(&started));
    }

    /// As a crash of the server would end it: every connection is gone, nothing is written.
    pub(crate) fn crash(&self) {
        let data = self.data();
        let words = ["pg_ctl", "-D", &data, "-s", "-m", "immediate", "stop"];
        let stopped = as_postgres(&words, self.folder.path());
        assert!(stopped.status.success(), "{}", text(&stopped));
    }

    /// Runs SQL and gives back what psql prints of it.
    pub(crate) fn sql(&self, sql: &str) -> String {
        psql(&self.url(), sql)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let words = ["pg_ctl", "-D", &data, "-s", "-m", "immediate", "stop"];
        // One that is stopped already cannot be stopped.
        drop(as_postgres(&words, self.folder.path()));
    }
}

/// Runs SQL on a database and gives back what psql prints of it.
pub(crate) fn psql(url: &str, sql: &str) -> String {
    let mut psql = Command::new("psql");
    psql.args([url, "-Atq", "-v", "ON_ERROR_STOP=1", "-c", sql]);
    let done = psql.output().unwrap();
    assert!(done.status.success(), "{sql}: {}", text(&done));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

fn as_postgres(words: &[&str], folder: &Path) -> Output {
    let mut command = if is_root() {
        let mut runuser = Command::new("runuser");
        runuser.args(["-u", "postgres", "--"]).args(words);
        runuser
    } else {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command
    };
    // A server that holds our pipes would keep us waiting for their end.
    let told = folder.join("told");
    let file = std::fs::File::create(&told).unwrap();
    command
        .current_dir(folder)
        .stdin(std::process::Stdio::null());
    command.stdout(file.try_clone().unwrap()).stderr(file);
    let status = command.status().unwrap();
    Output {
        status,
        stdout: std::fs::read(told).unwrap(),
        stderr: Vec::new(),
    }
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}
