//! The built program, run as a user would run it: its own folder, its own configuration.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use escucha::reader::{Limits, Reader};

/// The program under test: the release build where the script names one, else that of `cargo test`.
pub(crate) fn path() -> PathBuf {
    match std::env::var_os("ESCUCHA_TEST_BINARY") {
        Some(path) => path.into(),
        None => env!("CARGO_BIN_EXE_escucha").into(),
    }
}

/// A reader whose children are the program under test.
pub(crate) fn reader() -> Reader {
    Reader::new(Some(path()), Limits::default())
}

/// A folder with a configuration.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new(escucha_toml: &str, keywords_toml: &str) -> Self {
        super::tally("binary");
        let folder = tempfile::tempdir().unwrap();
        let home = Self { folder };
        home.write("escucha.toml", escucha_toml);
        home.write("keywords.toml", keywords_toml);
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(path());
        command
            .args(args)
            .current_dir(self.path())
            .env_remove("ESCUCHA_CONFIG")
            .env("LANG", "es_ES.UTF-8")
            .env_remove("LC_ALL")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, away from the runtime's threads: the servers must go on.
    pub(crate) async fn run(&self, args: &[&str]) -> Output {
        let mut command = self.command(args);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Runs with this standard input.
    pub(crate) fn feed(&self, args: &[&str], input: &[u8]) -> Output {
        use std::io::Write as _;
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        // A program that ends without reading it all is judged by what it says.
        let written = writer.join().unwrap();
        let is_broken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
        assert!(written.as_ref().map_or_else(is_broken, |()| true));
        output
    }

    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The JSON objects of an output, one a line.
pub(crate) fn rows(output: &Output) -> Vec<serde_json::Value> {
    out(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
