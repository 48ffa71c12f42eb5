//! What the service under test finds: a configuration, a database, its children.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use escucha::clock;
use escucha::fetch::Robots;
use escucha::store::HostRobots;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::server::Ports;
use super::service;

/// Sources of each of the first hosts, a hundredth of all: they share its pace.
const SOURCES_OF_BUSY: u64 = 5;
/// Robots.txt written at the same time.
const WRITERS: usize = 8;

pub(crate) struct World {
    folder: tempfile::TempDir,
    n_hosts: u64,
    port: u16,
}

impl World {
    /// Writes the configuration.
    pub(crate) fn new(
        n_hosts: u64,
        database: &Database,
        ports: Ports,
        pace_ms: u64,
    ) -> Result<Self> {
        let world = Self {
            folder: tempfile::tempdir()?,
            n_hosts,
            port: ports.http,
        };
        let mut toml = format!(
            "language = \"es\"\n[database]\nurl = \"{}\"\n\
             [company]\nname = \"Telefonía Ejemplo\"\nsignature = \"Marta Ruiz\"\n\
             [fetch]\ncontact = \"https://ejemplo.test/escucha\"\n\
             allow_private = [\"127.0.0.0/8\"]\nfloor = \"1s\"\npace = \"{}s\"\n\
             [smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n\
             from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"gerente@ejemplo.test\"]\n",
            database.url,
            pace_ms / 1_000,
            ports.smtp
        );
        for host in 0..n_hosts {
            for nth in 0..world.n_sources_of(host) {
                let url = format!("{}/feed/{nth}", world.origin(host));
                write!(
                    toml,
                    "[[source]]\nname = \"s{host}-{nth}\"\nkind = \"feed\"\nurl = \"{url}\"\n\
                     every = \"1s\"\n"
                )?;
            }
        }
        std::fs::write(world.config(), toml)?;
        let keywords = "[[watch]]\nname = \"ejemplo\"\n\
                        query = '\"telefonía ejemplo\" OR @ejemplo_ayuda'\n";
        std::fs::write(world.folder.path().join("keywords.toml"), keywords)?;
        Ok(world)
    }

    pub(crate) fn config(&self) -> String {
        self.path("escucha.toml")
    }

    pub(crate) fn log(&self) -> String {
        self.path("escucha.log")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub(crate) fn n_sources(&self) -> u64 {
        (0..self.n_hosts).map(|host| self.n_sources_of(host)).sum()
    }

    fn n_sources_of(&self, host: u64) -> u64 {
        if host < self.n_hosts / 100 {
            SOURCES_OF_BUSY
        } else {
            1
        }
    }

    fn origin(&self, host: u64) -> String {
        format!("http://h{host}.bench.test:{}", self.port)
    }

    /// Makes the tables, and keeps a robots.txt for every host.
    pub(crate) async fn know_robots(&self) -> Result<()> {
        let settings = service::settings(Path::new(&self.config()))?;
        let store = Arc::new(service::store(&settings).await?);
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let origins = (0..self.n_hosts).skip(writer).step_by(WRITERS);
            let origins: Vec<String> = origins.map(|host| self.origin(host)).collect();
            let store = Arc::clone(&store);
            writers.spawn(async move {
                let robots = HostRobots {
                    text: Robots::default().to_text(),
                    fetched_at: clock::now(),
                };
                for origin in origins {
                    store.keep_robots(&origin, &robots).await?;
                }
                Ok::<(), escucha::store::StoreError>(())
            });
        }
        while let Some(written) = writers.join_next().await {
            written??;
        }
        store.close().await;
        Ok(())
    }
}

/// A database that lasts as long as the benchmark.
pub(crate) struct Database {
    url: String,
    /// Of the PostgreSQL server, and the name of our database there.
    server: Option<(String, String)>,
}

impl Database {
    /// `None`: a SQLite file in the folder of the configuration.
    pub(crate) fn new(server: Option<&str>) -> Result<Self> {
        let Some(server) = server else {
            let url = "sqlite://escucha.db".to_owned();
            return Ok(Self { url, server: None });
        };
        let name = format!("escucha_bench_{}", std::process::id());
        psql(server, &format!("CREATE DATABASE {name}"))?;
        let (before, _) = server
            .rsplit_once('/')
            .context("no database in the address")?;
        Ok(Self {
            url: format!("{before}/{name}"),
            server: Some((server.to_owned(), name)),
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.server {
            Some(_) => "PostgreSQL",
            None => "SQLite",
        }
    }

    /// What the tables take on the disk; of PostgreSQL alone.
    pub(crate) fn rooms(&self) -> Result<Vec<Room>> {
        if self.server.is_none() {
            return Ok(Vec::new());
        }
        let counted = TABLES.map(|table| {
            format!("SELECT '{table}', COUNT(*), pg_total_relation_size('{table}') FROM {table}")
        });
        let rows = psql(&self.url, &counted.join(" UNION ALL "))?;
        rows.lines().map(Room::read).collect()
    }

    pub(crate) fn drop(self) -> Result<()> {
        if let Some((server, name)) = self.server {
            psql(&server, &format!("DROP DATABASE {name} WITH (FORCE)"))?;
        }
        Ok(())
    }
}

/// What grows with sources and posts.
const TABLES: [&str; 6] = [
    "sources",
    "hosts",
    "posts",
    "seen_keys",
    "cases",
    "case_prints",
];

/// What a table takes on the disk, with its indices and its long texts.
#[derive(Debug, Serialize)]
pub(crate) struct Room {
    pub(crate) table: String,
    pub(crate) n_rows: u64,
    pub(crate) bytes: u64,
}

impl Room {
    fn read(line: &str) -> Result<Self> {
        let fields: Vec<&str> = line.split('|').collect();
        let [table, n_rows, bytes] = fields[..] else {
            bail!("psql says {line:?}");
        };
        Ok(Self {
            table: table.to_owned(),
            n_rows: n_rows.parse()?,
            bytes: bytes.parse()?,
        })
    }
}

/// What a command tells: a line a row, with a bar between its fields.
fn psql(server: &str, command: &str) -> Result<String> {
    let mut psql = Command::new("psql");
    psql.args([
        server,
        "-q",
        "-t",
        "-A",
        "-v",
        "ON_ERROR_STOP=1",
        "-c",
        command,
    ]);
    let done = psql
        .stderr(Stdio::inherit())
        .output()
        .context("starting psql")?;
    ensure!(done.status.success(), "psql: {command}: {}", done.status);
    Ok(String::from_utf8(done.stdout)?)
}

/// This program once more, in another part. It is killed when it is dropped before its end.
pub(crate) struct Child {
    process: std::process::Child,
    orders: Option<ChildStdin>,
    tells: BufReader<ChildStdout>,
}

impl Child {
    pub(crate) fn start(part: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(part)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn()?;
        Ok(Self {
            orders: process.stdin.take(),
            tells: BufReader::new(process.stdout.take().context("no output")?),
            process,
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// One line of what it says.
    pub(crate) fn told<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.tells.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("a child says {line:?}"))
    }

    pub(crate) fn ask<T: DeserializeOwned>(&mut self, order: &str) -> Result<T> {
        writeln!(self.orders.as_mut().context("it has ended")?, "{order}")?;
        self.told()
    }

    pub(crate) fn end(mut self) -> Result<()> {
        self.orders = None;
        let status = self.process.wait()?;
        ensure!(status.success(), "a child ended with {status}");
        Ok(())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and that is fine.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
