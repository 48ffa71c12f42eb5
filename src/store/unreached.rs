//! Why a PostgreSQL server lets nobody in, and what to do about it.

use std::fmt;

use crate::model::Ui;

/// What keeps us from a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// Nobody answers, or whoever does refuses the connection.
    Silent,
    /// Its name is nobody's.
    Unknown,
    /// Neither the user nor the password is right, or nobody may enter from here.
    Locked,
    /// There is no such database.
    NoDatabase,
    /// All connections are taken.
    Full,
    /// No encrypted connection comes about.
    Tls(String),
    Other(String),
}

impl Unreached {
    pub(super) fn of(error: &sqlx::Error) -> Self {
        match error {
            // The system's resolver has no kind of error of its own.
            sqlx::Error::Io(error) if error.to_string().contains("lookup") => Self::Unknown,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => Self::Silent,
            sqlx::Error::Tls(error) => Self::Tls(error.to_string()),
            sqlx::Error::Database(error) => match error.code().as_deref() {
                Some("28000" | "28P01") => Self::Locked,
                Some("3D000") => Self::NoDatabase,
                Some("53300") => Self::Full,
                _ => Self::Other(error.to_string()),
            },
            other => Self::Other(other.to_string()),
        }
    }

    pub fn sentence(&self, ui: Ui) -> String {
        let (why, what) = match self {
            Self::Silent => (
                ui.pick(
                    "PostgreSQL no contesta",
                    "PostgreSQL does not answer",
                ),
                ui.pick(
                    "compruebe que está en marcha y que la dirección y el puerto de la base de datos son los suyos",
                    "look whether it is running, and whether the database's address and port are its own",
                ),
            ),
            Self::Unknown => (
                ui.pick(
                    "el nombre del servidor de la base de datos no existe, o no hay red",
                    "the name of the database server does not exist, or there is no network",
                ),
                ui.pick("revise database.url", "look at database.url"),
            ),
            Self::Locked => (
                ui.pick(
                    "PostgreSQL no nos deja entrar",
                    "PostgreSQL does not let us in",
                ),
                ui.pick(
                    "revise el usuario y la contraseña de la base de datos, y el pg_hba.conf del servidor",
                    "look at the user and the password of the database, and at the server's pg_hba.conf",
                ),
            ),
            Self::NoDatabase => (
                ui.pick(
                    "PostgreSQL no tiene esa base de datos",
                    "PostgreSQL has no such database",
                ),
                ui.pick("créela con «createdb»", "make it with \"createdb\""),
            ),
            Self::Full => (
                ui.pick(
                    "PostgreSQL no admite más conexiones",
                    "PostgreSQL takes no more connections",
                ),
                ui.pick(
                    "suba max_connections: cada proceso de Escucha tiene hasta ocho",
                    "raise max_connections: each process of Escucha has up to eight",
                ),
            ),
            Self::Tls(text) => {
                return match ui {
                    Ui::Es => format!("la conexión cifrada con PostgreSQL no se logra: {text}"),
                    Ui::En => format!("no encrypted connection to PostgreSQL comes about: {text}"),
                };
            }
            Self::Other(text) => {
                return match ui {
                    Ui::Es => format!("la base de datos no se puede usar: {text}"),
                    Ui::En => format!("the database could not be used: {text}"),
                };
            }
        };
        format!("{why}: {what}")
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Ui::En))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn each_cause_has_its_sentence() {
        let io = |text: &str| sqlx::Error::Io(io::Error::other(text.to_owned()));
        for (error, expected) in [
            (sqlx::Error::PoolTimedOut, "no contesta"),
            (io("connection reset by peer"), "no contesta"),
            (io("failed to lookup address information"), "no existe"),
            (sqlx::Error::PoolClosed, "no se puede usar"),
        ] {
            let said = Unreached::of(&error).sentence(Ui::Es);
            assert!(said.contains(expected), "{error}: {said}");
        }
    }
}
