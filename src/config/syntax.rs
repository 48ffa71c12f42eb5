//! Opens a configuration file and tells what is no TOML, in words that do not need its grammar.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::complaints::{Said, said};
use super::reader::File;

/// A configuration of thousands of sources is a few hundred kilobytes.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// One slip makes many errors after it: more of them would help nobody.
const SYNTAX_ERRORS_MAX: usize = 5;

/// The file under its printed name; what cannot be read is an empty file with a complaint.
pub(super) fn open(path: &Path, name: String) -> (File, bool) {
    opened(text_of(path), name)
}

/// The same of a text that is not in any file yet.
pub(super) fn given(text: String, name: String) -> (File, bool) {
    let fits = text.len() as u64 <= FILE_BYTES_MAX;
    opened(if fits { Ok(text) } else { Err(too_large()) }, name)
}

fn opened(text: Result<String, (Said, Said)>, name: String) -> (File, bool) {
    match text {
        Ok(text) => (File::new(name, text), true),
        Err((wrong, right)) => {
            let file = File::new(name, String::new());
            file.complain(0, "-", wrong, right);
            (file, false)
        }
    }
}

fn text_of(path: &Path) -> Result<String, (Said, Said)> {
    let access = said!(
        "compruebe la ruta y los permisos",
        "check the path and its permissions"
    );
    let meta = std::fs::metadata(path).map_err(|e| {
        if e.kind() == std::io::ErrorKind::NotFound {
            let right = said!("créelo con escucha init", "make it with escucha init");
            (
                said!("este fichero no existe", "there is no such file"),
                right,
            )
        } else {
            (
                said!("no se puede leer ({e})", "cannot be read ({e})"),
                access.clone(),
            )
        }
    })?;
    if !meta.is_file() || meta.len() > FILE_BYTES_MAX {
        return Err(too_large());
    }
    let bytes = std::fs::read(path).map_err(|e| {
        (
            said!("no se puede leer ({e})", "cannot be read ({e})"),
            access,
        )
    })?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        (
            said!("el byte {at} no es UTF-8", "byte {at} is not UTF-8"),
            said!("guárdelo como UTF-8", "save it as UTF-8"),
        )
    })
}

fn too_large() -> (Said, Said) {
    let megabytes = FILE_BYTES_MAX >> 20;
    (
        said!(
            "no es un fichero de tamaño razonable",
            "is no file of a reasonable size"
        ),
        said!("caben {megabytes} MiB", "there is room for {megabytes} MiB"),
    )
}

/// The file's tables; `None`, with complaints, if it is no TOML.
pub(super) fn parse(file: &File) -> Option<DeTable<'_>> {
    let (table, errors) = DeTable::parse_recoverable(file.text());
    let mut last_line = None;
    let mut n_told = 0;
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        let line = file.line_of(at);
        if last_line == Some(line) || n_told == SYNTAX_ERRORS_MAX {
            continue;
        }
        last_line = Some(line);
        n_told += 1;
        let (wrong, right) = explain(error.message());
        file.complain(at, "TOML", wrong, right);
    }
    errors.is_empty().then(|| table.into_inner())
}

/// The names of the tables under `key`, to check what refers to them; nothing is complained about.
pub(super) fn names(table: &DeTable, key: &str) -> Vec<String> {
    let Some(DeValue::Array(items)) = table.get(key).map(toml::Spanned::get_ref) else {
        return Vec::new();
    };
    let name = |item: &DeValue| Some(item.get("name")?.get_ref().as_str()?.trim().to_owned());
    items
        .iter()
        .filter_map(|item| name(item.get_ref()))
        .collect()
}

/// What toml-rs says, for people: it speaks English only, and of its grammar. The first line that
/// has one of the words in the message holds.
const EXPLAINED: [Explained; 10] = [
    Explained {
        said: &["duplicate key"],
        wrong: [
            "esta clave ya estaba escrita",
            "this key was written before",
        ],
        right: ["deje solo una de las dos", "leave just one of the two"],
    },
    Explained {
        said: &["string values must be quoted"],
        wrong: ["falta poner comillas", "quotes are missing"],
        right: [
            "escriba el texto entre \"comillas\"",
            "write the text in \"quotes\"",
        ],
    },
    Explained {
        said: &[
            "invalid basic string",
            "invalid literal string",
            "basic string",
        ],
        wrong: [
            "las comillas no se cierran en esta línea",
            "the quotes do not close on this line",
        ],
        right: [
            "ciérrelas donde acaba el texto",
            "close them where the text ends",
        ],
    },
    Explained {
        said: &["unclosed table", "unclosed array table"],
        wrong: [
            "el corchete de la sección no se cierra",
            "the section's bracket does not close",
        ],
        right: [
            "escriba [sección] o [[sección]]",
            "write [section] or [[section]]",
        ],
    },
    Explained {
        said: &["unclosed array"],
        wrong: ["la lista no se cierra", "the list does not close"],
        right: ["ponga ] al final", "put ] at its end"],
    },
    Explained {
        said: &["unclosed inline table"],
        wrong: ["la llave no se cierra", "the brace does not close"],
        right: ["ponga } al final", "put } at its end"],
    },
    Explained {
        said: &["missing assignment", "key with no value", "missing value"],
        wrong: ["falta el valor", "the value is missing"],
        right: ["escriba clave = valor", "write key = value"],
    },
    Explained {
        said: &["missing comma"],
        wrong: ["falta una coma", "a comma is missing"],
        right: [
            "separe los elementos con comas",
            "put commas between the items",
        ],
    },
    Explained {
        said: &["escape", "unicode value"],
        wrong: ["esta \\ no se entiende", "this \\ is not understood"],
        right: ["use '…' o escriba \\\\", "use '…' or write \\\\"],
    },
    Explained {
        said: &["recursion"],
        wrong: ["hay demasiados niveles", "there are too many levels"],
        right: [
            "ninguna opción necesita tantos",
            "no option needs that many",
        ],
    },
];

/// Spanish first, then English.
struct Explained {
    said: &'static [&'static str],
    wrong: [&'static str; 2],
    right: [&'static str; 2],
}

fn explain(message: &str) -> (Said, Said) {
    let known = EXPLAINED
        .iter()
        .find(|known| known.said.iter().any(|said| message.contains(said)));
    let Some(known) = known else {
        return (
            said!(
                "no es TOML válido ({message})",
                "is not valid TOML ({message})"
            ),
            said!(
                "cada línea es clave = valor, [sección] o # comentario",
                "each line is key = value, [section] or # comment"
            ),
        );
    };
    let [wrong, right] = [known.wrong, known.right].map(|[es, en]| Said {
        es: es.to_owned(),
        en: en.to_owned(),
    });
    (wrong, right)
}
