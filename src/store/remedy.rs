//! What to do about each fault of a database, in words.

use std::path::Path;

use super::fault::Fault;
use super::place;
use crate::model::Ui;

impl Fault {
    /// What to do: a whole sentence. `place` is the file, for sentences that name it.
    pub fn remedy(&self, place: &Path, ui: Ui) -> String {
        let file = place.display();
        let mark = place::mark_path(place);
        let mark = mark.display();
        match (self, ui) {
            (Self::Vanished, Ui::Es) => format!(
                "Devuelva el archivo a su sitio o recupere una copia con «escucha restore COPIA». Si de \
                 verdad quiere empezar de cero, borre también {mark}."
            ),
            (Self::Vanished, Ui::En) => format!(
                "Put the file back or recover a backup with \"escucha restore BACKUP\". If you really \
                 want to start from nothing, delete {mark} as well."
            ),
            (Self::Rewound { .. } | Self::Exchanged, Ui::Es) => format!(
                "Si ha puesto ahí una copia, hágalo con «escucha restore COPIA»; para seguir con lo que \
                 hay, «escucha restore {file}». Si no ha sido usted, el disco ha perdido datos: \
                 compruébelo antes."
            ),
            (Self::Rewound { .. } | Self::Exchanged, Ui::En) => format!(
                "If you put a backup there, do it with \"escucha restore BACKUP\"; to go on with what is \
                 there, \"escucha restore {file}\". If it was not you, the disk has lost data: look at it \
                 first."
            ),
            (Self::Exposed { .. }, _) => format!("chmod 600 {file}"),
            _ => ui
                .pick(self.plain_remedy().0, self.plain_remedy().1)
                .to_owned(),
        }
    }

    fn plain_remedy(&self) -> (&'static str, &'static str) {
        match self {
            Self::InUse(_) => (
                "Para arrancar otro, pare antes ese; con PostgreSQL pueden trabajar varios.",
                "To start another one, stop that one first; with PostgreSQL several may work.",
            ),
            Self::NotSqlite | Self::Foreign => (
                "Compruebe database.url en escucha.toml: no se ha tocado nada.",
                "Look at database.url in escucha.toml: nothing was touched.",
            ),
            Self::Newer { .. } => (
                "Instale ese Escucha o uno posterior; o recupere la copia que hizo antes de \
                 actualizar (termina en .before-… y está en la misma carpeta).",
                "Install that Escucha or a later one; or recover the copy that it made before it \
                 upgraded (it ends in .before-… and lies in the same folder).",
            ),
            Self::HalfMigrated { .. } | Self::Altered { .. } => (
                "Recupere con «escucha restore» la copia hecha antes de actualizar (termina en \
                 .before-…).",
                "Recover the copy made before the upgrade with \"escucha restore\" (it ends in \
                 .before-…).",
            ),
            Self::Behind { .. } => (
                "El próximo arranque la pone al día, y antes guarda una copia.",
                "The next start brings it up to date, and keeps a copy first.",
            ),
            Self::Corrupt { .. } => (
                "No la borre. Pare el servicio y recupere la última copia buena con «escucha restore \
                 COPIA»; sin copia, «sqlite3 ARCHIVO .recover» salva lo que se pueda leer.",
                "Do not delete it. Stop the service and recover the last good backup with \"escucha \
                 restore BACKUP\"; without one, \"sqlite3 FILE .recover\" saves what can be read.",
            ),
            _ => self.remedy_of_place(),
        }
    }

    fn remedy_of_place(&self) -> (&'static str, &'static str) {
        match self {
            Self::ReadOnly => (
                "Móntelo para escritura o lleve la base a otra carpeta (database.url).",
                "Mount it for writing or take the database to another folder (database.url).",
            ),
            Self::Denied { .. } => (
                "Ejecute la orden como el usuario del servicio (sudo -u), o cambie el dueño del \
                 archivo y de su carpeta (chown).",
                "Run the command as the service's user (sudo -u), or change the owner of the file and \
                 its folder (chown).",
            ),
            Self::Absent => (
                "Compruebe el nombre y la carpeta.",
                "Look at the name and the folder.",
            ),
            Self::FolderMissing => (
                "Cree la carpeta, o monte el disco que falta.",
                "Make the folder, or mount the disk that is missing.",
            ),
            Self::Network { .. } => (
                "Llévela a un disco de esta máquina, o use PostgreSQL.",
                "Take it to a disk of this machine, or use PostgreSQL.",
            ),
            Self::Full { .. } | Self::Cramped { .. } => (
                "Libere sitio o amplíe el disco; mientras falte, primero se dejan de leer las \
                 fuentes, y sigue solo en cuanto hay sitio.",
                "Free some room or enlarge the disk; while it is short, sources are no longer read \
                 first, and all goes on by itself as soon as there is room.",
            ),
            Self::OwnPlace | Self::Taken => (
                "Escriba otro nombre de archivo.",
                "Write another name for the file.",
            ),
            Self::WalHuge { .. } => (
                "Cierre el programa que lee la base desde hace rato (un sqlite3 abierto, una copia en \
                 marcha).",
                "Close the program that has been reading the database for long (an open sqlite3, a \
                 copy under way).",
            ),
            Self::ClockBehind { .. } => (
                "Ponga en hora el equipo (timedatectl): los plazos cuentan con esa hora.",
                "Set the clock of the machine (timedatectl): countdowns go by it.",
            ),
            Self::NoSynchronousCommit { .. } => (
                "Póngalo en on para este usuario: ALTER ROLE … SET synchronous_commit = on.",
                "Set it to on for this user: ALTER ROLE … SET synchronous_commit = on.",
            ),
            Self::NeverShrinks => (
                "Con el servicio parado: «escucha backup COPIA» y «escucha restore COPIA» la dejan \
                 compacta.",
                "With the service stopped: \"escucha backup COPY\" and \"escucha restore COPY\" make \
                 it compact.",
            ),
            Self::Held { .. } => (
                "Decida: «escucha restore --send» los envía; «escucha restore --drop» los da por \
                 enviados.",
                "Decide: \"escucha restore --send\" sends them; \"escucha restore --drop\" takes them \
                 as sent.",
            ),
            Self::Unreachable { .. } => (
                "Compruebe database.url, el servidor y sus permisos.",
                "Look at database.url, the server and its permissions.",
            ),
            _ => ("", ""),
        }
    }
}
