//! Passwords: from the environment, a file or systemd, never from the configuration itself.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::complaints::{said, shown};
use super::reader::Value;
use crate::settings::Secret;

/// What a value may refer to beside itself.
pub(super) struct World<'a> {
    /// The folder of the configuration: relative paths begin here.
    pub(super) base: PathBuf,
    pub(super) env: &'a dyn Fn(&str) -> Option<String>,
    /// False for commands that send nothing: they must work without the password at hand.
    pub(super) needs_secrets: bool,
    /// Files with passwords that everybody on this machine may read or write.
    pub(super) exposed: RefCell<BTreeSet<PathBuf>>,
}

/// The rights of those who are neither the owner nor of its group.
const OTHERS: u32 = 0o007;

/// A password file is one line.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// `{ env = "…" }`, `{ file = "…" }` or `{ credential = "…" }`. The text itself is never shown.
pub(super) fn secret(value: &Value, world: &World) -> Option<Secret> {
    if !value.is_table() {
        let right = said!(
            "no la escriba aquí: ponga {{ env = \"VARIABLE\" }} o {{ file = \"clave.txt\" }}",
            "do not write it here: put {{ env = \"VARIABLE\" }} or {{ file = \"password.txt\" }}"
        );
        value.complain(
            said!(
                "la contraseña no va en este fichero",
                "a password does not stand in this file"
            ),
            right,
        );
        return None;
    }
    let section = value.table()?;
    let ways = [
        section.get("env"),
        section.get("file"),
        section.get("credential"),
    ];
    section.finish();
    let [env, file, credential] = &ways;
    if ways.iter().flatten().count() != 1 {
        value.complain(
            said!(
                "no se sabe de dónde sale la contraseña",
                "where the password is from is not clear"
            ),
            said!(
                "ponga uno solo: env, file o credential",
                "put just one: env, file or credential"
            ),
        );
        return None;
    }
    if !world.needs_secrets {
        return Some(Secret::new(""));
    }
    if let Some(name) = env {
        return from_env(name, world);
    }
    if let Some(path) = file {
        return from_file(path, &world.base.join(path.text()?), world);
    }
    let name = credential.as_ref()?;
    let Some(folder) = (world.env)("CREDENTIALS_DIRECTORY") else {
        name.complain(
            said!(
                "CREDENTIALS_DIRECTORY no está definida",
                "CREDENTIALS_DIRECTORY is not set"
            ),
            said!(
                "arranque con systemd y LoadCredential=",
                "start with systemd and LoadCredential="
            ),
        );
        return None;
    };
    let text = name.text()?;
    if text.contains('/') || text.starts_with('.') {
        return name.wants(said!("un nombre, no una ruta", "a name, not a path"));
    }
    from_file(name, &Path::new(&folder).join(text), world)
}

fn from_env(name: &Value, world: &World) -> Option<Secret> {
    let variable = name.text()?;
    let secret = (world.env)(variable).filter(|text| !text.is_empty());
    if secret.is_none() {
        let variable = shown(variable);
        name.complain(
            said!(
                "la variable {variable} no está definida",
                "the variable {variable} is not set"
            ),
            said!(
                "defínala en el entorno del servicio",
                "set it in the environment of the service"
            ),
        );
    }
    secret.map(Secret::new)
}

fn from_file(value: &Value, path: &Path, world: &World) -> Option<Secret> {
    let read = std::fs::metadata(path)
        .map_err(|e| e.to_string())
        .and_then(|meta| {
            if meta.permissions().mode() & OTHERS != 0 {
                world.exposed.borrow_mut().insert(path.to_owned());
            }
            if meta.is_file() && meta.len() <= SECRET_BYTES_MAX {
                std::fs::read_to_string(path).map_err(|e| e.to_string())
            } else {
                Err("no plain small file".to_owned())
            }
        });
    let place = path.display();
    match read
        .as_deref()
        .map(|text| text.trim_end_matches(['\r', '\n']))
    {
        Ok("") => value.complain(
            said!("el fichero {place} está vacío", "the file {place} is empty"),
            said!("escriba en él la contraseña", "write the password into it"),
        ),
        Ok(secret) => return Some(Secret::new(secret)),
        Err(e) => value.complain(
            said!(
                "no se puede leer {place} ({e})",
                "{place} cannot be read ({e})"
            ),
            said!(
                "compruebe la ruta y los permisos",
                "check the path and its permissions"
            ),
        ),
    }
    None
}
