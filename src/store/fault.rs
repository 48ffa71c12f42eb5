//! What can be wrong with a database, in words: what it is, and what to do about it. The same words
//! refuse a start and are found by the doctor.
//!
//! Absent: how a fault is found; `place`, `mark` and `inspect` look.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Unreached;
use crate::model::Ui;

/// So much must be free before sources are read: what is stored can then still be sent.
pub const FREE_BYTES_MIN: u64 = 16 << 20;
/// A write-ahead log of this size is never written back: somebody holds it open.
pub const WAL_BYTES_MAX: u64 = 1 << 30;
const MIB: u64 = 1 << 20;
/// Complaints of the integrity check that are shown.
const SHOWN_MAX: usize = 5;

/// What is wrong with a database, or may soon be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Another service works on it.
    InUse(Holder),
    /// There is no such file.
    Absent,
    /// A service has worked here, and its file is missing or empty.
    Vanished,
    /// Changes that were confirmed are not in it any more.
    Rewound {
        missing: i64,
    },
    /// Another database stands in the place of the one on which the service worked.
    Exchanged,
    NotSqlite,
    /// SQLite, but none of ours.
    Foreign,
    /// Made by a later version: its schema and the newest that we know.
    Newer {
        version: i64,
        known: i64,
    },
    /// A step of an upgrade began and did not end.
    HalfMigrated {
        version: i64,
    },
    /// A step of an upgrade was another one than ours of the same number.
    Altered {
        version: i64,
    },
    /// Steps of an upgrade that the next start takes.
    Behind {
        steps: usize,
    },
    /// What the integrity check says, and of which tables.
    Corrupt {
        found: Vec<String>,
    },
    ReadOnly,
    /// The file (or the folder) is somebody else's: his user id and ours.
    Denied {
        owner: u32,
        we: u32,
    },
    FolderMissing,
    /// On a network file system of this kind, where locks do not hold.
    Network {
        kind: String,
    },
    /// Less is free than is needed to go on.
    Full {
        free: u64,
    },
    /// There is no room for a copy, as a backup or an upgrade of the schema wants it.
    Cramped {
        free: u64,
        needed: u64,
    },
    /// A copy would lie in the place of the database itself, or of a file that belongs to it.
    OwnPlace,
    /// What is there is no copy of ours, and nothing is written over it.
    Taken,
    /// The log beside the database does not get smaller.
    WalHuge {
        bytes: u64,
    },
    /// The database knows of a later time than the clock shows.
    ClockBehind {
        minutes: i64,
    },
    /// Others may read what customers wrote.
    Exposed {
        mode: u32,
    },
    /// PostgreSQL promises less than we do.
    NoSynchronousCommit {
        value: String,
    },
    /// It does not give room back when something is deleted.
    NeverShrinks,
    /// Mails are held back since a restore.
    Held {
        mails: i64,
    },
    /// PostgreSQL cannot be reached, or refuses us.
    Unreachable {
        why: Unreached,
    },
}

/// Who holds the lock of a service, as far as he wrote it down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    pub pid: Option<String>,
    pub since: Option<String>,
}

/// Whether a fault keeps the service from working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Fact,
    Warning,
    Fault,
}

impl Severity {
    pub fn code(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

impl Fault {
    /// Stable, for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse(_) => "in_use",
            Self::Absent => "absent",
            Self::Vanished => "vanished",
            Self::Rewound { .. } => "rewound",
            Self::Exchanged => "exchanged",
            Self::NotSqlite => "not_sqlite",
            Self::Foreign => "not_escucha",
            Self::Newer { .. } => "newer_schema",
            Self::HalfMigrated { .. } => "half_migrated",
            Self::Altered { .. } => "altered_schema",
            Self::Behind { .. } => "migration_missing",
            Self::Corrupt { .. } => "corrupt",
            Self::ReadOnly => "read_only",
            Self::Denied { .. } => "permission",
            Self::FolderMissing => "folder_missing",
            Self::Network { .. } => "network_file_system",
            Self::Full { .. } => "disk_full",
            Self::Cramped { .. } => "disk_nearly_full",
            Self::OwnPlace => "own_place",
            Self::Taken => "taken",
            Self::WalHuge { .. } => "wal_huge",
            Self::ClockBehind { .. } => "clock_behind",
            Self::Exposed { .. } => "readable_by_others",
            Self::NoSynchronousCommit { .. } => "no_synchronous_commit",
            Self::NeverShrinks => "never_shrinks",
            Self::Held { .. } => "mails_held",
            Self::Unreachable { .. } => "unreachable",
        }
    }

    pub fn severity(&self) -> Severity {
        match self {
            // That a service is at work is how it should be; only a second one must not start.
            Self::InUse(_) => Severity::Fact,
            Self::Behind { .. }
            | Self::Cramped { .. }
            | Self::WalHuge { .. }
            | Self::ClockBehind { .. }
            | Self::Exposed { .. }
            | Self::NeverShrinks
            | Self::Held { .. } => Severity::Warning,
            Self::Absent
            | Self::Vanished
            | Self::Rewound { .. }
            | Self::Exchanged
            | Self::NotSqlite
            | Self::Foreign
            | Self::Newer { .. }
            | Self::HalfMigrated { .. }
            | Self::Altered { .. }
            | Self::Corrupt { .. }
            | Self::ReadOnly
            | Self::Denied { .. }
            | Self::FolderMissing
            | Self::Network { .. }
            | Self::Full { .. }
            | Self::OwnPlace
            | Self::Taken
            | Self::NoSynchronousCommit { .. }
            | Self::Unreachable { .. } => Severity::Fault,
        }
    }

    /// What is wrong: half a sentence that follows the name of the file.
    pub fn what(&self, ui: Ui) -> String {
        let (es, en) = self.said();
        ui.pick(es, en)
    }

    fn said(&self) -> (String, String) {
        let both = |es: &str, en: &str| (es.to_owned(), en.to_owned());
        match self {
            Self::InUse(holder) => (
                format!(
                    "otro Escucha{} está trabajando con él",
                    holder.shown(Ui::Es)
                ),
                format!("another escucha is running on it{}", holder.shown(Ui::En)),
            ),
            Self::Absent => both("no existe", "it does not exist"),
            Self::Vanished => both(
                "un servicio ha trabajado aquí, y su archivo falta o está vacío",
                "a service has worked here, and its file is missing or empty",
            ),
            Self::Rewound { missing } => (
                format!("le faltan cambios que ya estaban guardados (al menos {missing})"),
                format!("changes that were stored already are not in it (at least {missing})"),
            ),
            Self::Exchanged => both(
                "no es el archivo con el que el servicio trabajaba aquí, sino otro",
                "it is not the file on which the service worked here, but another one",
            ),
            Self::NotSqlite => both("no es una base de datos SQLite", "it is no SQLite database"),
            Self::Foreign => both(
                "es una base de datos SQLite, pero no de Escucha",
                "it is a SQLite database, but none of Escucha",
            ),
            Self::Newer { version, known } => (
                format!(
                    "la ha escrito un Escucha más nuevo (esquema {version}; este llega al {known})"
                ),
                format!(
                    "a newer Escucha has written it (schema {version}; this one knows up to {known})"
                ),
            ),
            Self::HalfMigrated { version } => (
                format!("una actualización quedó a medias (esquema {version})"),
                format!("an upgrade ended half-way (schema {version})"),
            ),
            Self::Altered { version } => (
                format!("su esquema {version} no es el de este programa"),
                format!("its schema {version} is not that of this program"),
            ),
            Self::Behind { steps } => (
                format!("su esquema es anterior a este programa (faltan {steps} pasos)"),
                format!("its schema is older than this program ({steps} steps are missing)"),
            ),
            Self::Corrupt { found } => (
                format!("está dañada: {}", listed(found)),
                format!("it is damaged: {}", listed(found)),
            ),
            Self::ReadOnly => both(
                "está en un sitio donde solo se puede leer",
                "it is where nothing can be written",
            ),
            Self::Denied { owner, we } => (
                format!(
                    "es del usuario {owner}, y el programa corre como {we}: no le deja escribir"
                ),
                format!(
                    "it belongs to user {owner}, and the program runs as {we}: it may not write"
                ),
            ),
            Self::FolderMissing => both("su carpeta no existe", "its folder does not exist"),
            Self::Network { kind } => (
                format!("está en un disco de red ({kind}), donde los bloqueos no son de fiar"),
                format!("it is on a network file system ({kind}), where locks cannot be relied on"),
            ),
            _ => self.said_of_room(),
        }
    }

    fn said_of_room(&self) -> (String, String) {
        let both = |es: &str, en: &str| (es.to_owned(), en.to_owned());
        match self {
            Self::Full { free } => (
                format!("el disco está lleno: quedan {}", mib(*free)),
                format!("the disk is full: {} are left", mib(*free)),
            ),
            Self::Cramped { free, needed } => (
                format!(
                    "quedan {} libres, y una copia necesita {}",
                    mib(*free),
                    mib(*needed)
                ),
                format!("{} are free, and a copy needs {}", mib(*free), mib(*needed)),
            ),
            Self::OwnPlace => both(
                "es la base misma, o un archivo suyo, y no se escribe una copia encima",
                "it is the database itself, or a file of its own, and no copy is written over it",
            ),
            Self::Taken => both(
                "ahí hay otra cosa, que no es una copia de Escucha, y no se escribe encima",
                "there is something else, no copy of Escucha's, and it is not written over",
            ),
            Self::WalHuge { bytes } => (
                format!(
                    "el registro -wal ocupa {}: algún programa lo mantiene abierto",
                    mib(*bytes)
                ),
                format!(
                    "the log -wal takes {}: some program keeps it open",
                    mib(*bytes)
                ),
            ),
            Self::ClockBehind { minutes } => (
                format!(
                    "el reloj va atrasado: la base conoce una hora {minutes} minutos posterior"
                ),
                format!("the clock is behind: the database knows a time {minutes} minutes later"),
            ),
            Self::Exposed { mode } => (
                format!("otros usuarios pueden leerla (permisos {mode:o})"),
                format!("other users can read it (mode {mode:o})"),
            ),
            Self::NoSynchronousCommit { value } => (
                format!("synchronous_commit es {value}: lo confirmado puede perderse"),
                format!("synchronous_commit is {value}: what was confirmed may be lost"),
            ),
            Self::NeverShrinks => both(
                "no devuelve al disco el sitio de lo que se borra",
                "it does not give the room of what is deleted back to the disk",
            ),
            Self::Held { mails } => (
                format!("correos retenidos desde que se restauró una copia: {mails}"),
                format!("mails held back since a backup was restored: {mails}"),
            ),
            Self::Unreachable { why } => (why.sentence(Ui::Es), why.sentence(Ui::En)),
            _ => both("", ""),
        }
    }

    /// The whole sentence for a person at a terminal.
    pub fn sentence(&self, place: &Path, ui: Ui) -> String {
        let (file, what) = (place.display(), self.what(ui));
        format!("{file}: {what}. {}", self.remedy(place, ui))
    }
}

impl Holder {
    fn shown(&self, ui: Ui) -> String {
        match (&self.pid, &self.since, ui) {
            (Some(pid), Some(since), Ui::Es) => format!(" (proceso {pid}, desde {since})"),
            (Some(pid), Some(since), Ui::En) => format!(" (process {pid}, since {since})"),
            _ => String::new(),
        }
    }
}

fn listed(found: &[String]) -> String {
    let shown: Vec<&str> = found.iter().take(SHOWN_MAX).map(String::as_str).collect();
    let more = found.len().saturating_sub(SHOWN_MAX);
    let more = if more > 0 {
        format!("; +{more}")
    } else {
        String::new()
    };
    format!("{}{more}", shown.join("; "))
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(MIB))
}

/// A fault with the place where it is: what a refused start says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub place: PathBuf,
    pub fault: Fault,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fault.sentence(&self.place, Ui::En))
    }
}
