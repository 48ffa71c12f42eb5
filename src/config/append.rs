//! Adds sources to the operator's file, which stays otherwise as it is, byte for byte.
//!
//! **Invariant:** what is put in the place of the file has passed the reader of this program. Absent:
//! changing or removing anything that stands there.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use url::Url;

use super::Need;
use super::complaints::Complaints;
use super::template::string;
use crate::model::Ui;
use crate::score::text::fold_str;
use crate::settings::{Settings, SourceKind, SourceSettings};

/// Of a name made from a title, in characters; numbers come on top.
const NAME_CHARS_MAX: usize = 40;
/// The name where nothing has letters.
const NAMELESS: &str = "fuente";

/// A `[[source]]` to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSource {
    /// As [`Names`] makes them.
    pub name: String,
    pub url: Url,
}

/// Why nothing was added; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error("the file would not be valid any more: {0}")]
    Invalid(Complaints),
    #[error("another program changed the file meanwhile")]
    Changed,
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl AppendError {
    /// What happened and what to do.
    pub fn sentence(&self, ui: Ui) -> String {
        match (self, ui) {
            (Self::Invalid(complaints), ui) => {
                let lines = complaints.lines(ui).join("\n");
                let ui = complaints.ui.unwrap_or(ui);
                let (es, en) = (
                    "el fichero dejaría de ser válido, y se queda como estaba:",
                    "the file would not be valid any more, and stays as it was:",
                );
                format!("{}\n{lines}", ui.pick(es, en))
            }
            (Self::Changed, Ui::Es) => {
                "otro programa ha cambiado el fichero entretanto, y no se ha añadido nada: \
                 repita la orden"
                    .to_owned()
            }
            (Self::Changed, Ui::En) => {
                "another program changed the file meanwhile, and nothing was added: say it again"
                    .to_owned()
            }
            (Self::Io { path, source }, Ui::Es) => {
                let path = path.display();
                format!("no se ha podido escribir {path}, y no se ha añadido nada ({source})")
            }
            (Self::Io { path, source }, Ui::En) => {
                let path = path.display();
                format!("{path} could not be written, and nothing was added ({source})")
            }
        }
    }
}

/// Adds these sources, of kind `feed`, to the end of the operator's file.
///
/// # Errors
/// When the result would not be valid, or could not be written whole; then nothing has changed.
pub fn append(
    path: &Path,
    sources: &[NewSource],
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, AppendError> {
    let failed = |source| AppendError::Io {
        path: path.to_owned(),
        source,
    };
    let before = fs::read_to_string(path).map_err(failed)?;
    let after = appended(&before, sources);
    let loaded = super::read(path, Some(after.clone()), env, Need::Rules).0;
    let (settings, _) = loaded.map_err(AppendError::Invalid)?;
    match replace(path, &before, &after) {
        Ok(true) => Ok(settings),
        Ok(false) => Err(AppendError::Changed),
        Err(error) => Err(failed(error)),
    }
}

/// The file's text with these sources at its end; its line ends are those that it has.
fn appended(before: &str, sources: &[NewSource]) -> String {
    let line_end = if before.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut text = before.to_owned();
    if !before.is_empty() && !before.ends_with('\n') {
        text.push_str(line_end);
    }
    for source in sources {
        let (name, url) = (string(&source.name), string(source.url.as_str()));
        for line in [
            "",
            "[[source]]",
            &format!("name = {name}"),
            &format!("kind = \"{}\"", SourceKind::Feed.code()),
            &format!("url = {url}"),
        ] {
            text.push_str(line);
            text.push_str(line_end);
        }
    }
    text
}

/// Puts `after` in the place of the file in one step, with its mode and its owner; false if the file
/// is not `before` any more. Where it is a link, what it leads to is replaced.
fn replace(path: &Path, before: &str, after: &str) -> io::Result<bool> {
    let real = fs::canonicalize(path)?;
    let name = real.file_name().unwrap_or_default().to_string_lossy();
    let beside = real.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let done = write_like(&real, &beside, after).and_then(|()| {
        if fs::read_to_string(&real)? != before {
            return Ok(false);
        }
        fs::rename(&beside, &real)?;
        Ok(true)
    });
    if !matches!(done, Ok(true)) {
        let _ = fs::remove_file(&beside);
        return done;
    }
    // The new name in the folder must outlive a power cut, too.
    if let Some(folder) = real.parent() {
        File::open(folder)?.sync_all()?;
    }
    done
}

/// Writes a new file with the mode and the owner of another, down to the disk.
fn write_like(model: &Path, new: &Path, text: &str) -> io::Result<()> {
    // What a killed process left; that its number comes back is usual in containers.
    match fs::remove_file(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let meta = fs::metadata(model)?;
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(new)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (meta.uid(), meta.gid()) {
            // Otherwise the service could perhaps not read its own configuration any more.
            std::os::unix::fs::fchown(&file, Some(meta.uid()), Some(meta.gid()))?;
        }
    }
    file.set_permissions(meta.permissions())?;
    file.sync_all()
}

/// Gives each new source a name that no other one has.
#[derive(Clone, Debug, Default)]
pub struct Names {
    taken: BTreeSet<String>,
    /// The number that the next one of this name may get.
    next: HashMap<String, usize>,
}

impl Names {
    /// Beside these.
    pub fn beside(sources: &[SourceSettings]) -> Self {
        let names = sources.iter().flat_map(|s| [&s.name, &s.section]);
        Self {
            taken: names.map(|name| fold_str(name)).collect(),
            next: HashMap::new(),
        }
    }

    /// A name from the title, else from the host: letters and digits with hyphens between them, and a
    /// number at the end where it was taken.
    pub fn draw(&mut self, title: &str, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        let name = [title, host.strip_prefix("www.").unwrap_or(host), NAMELESS]
            .into_iter()
            .map(slug)
            .find(|slug| !slug.is_empty())
            .unwrap_or_default();
        if self.taken.insert(name.clone()) {
            return name;
        }
        let number = self.next.entry(name.clone()).or_insert(2);
        loop {
            let numbered = format!("{name}-{number}");
            *number += 1;
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

fn slug(text: &str) -> String {
    let text: String = text.chars().take(NAME_CHARS_MAX * 4).collect();
    let folded = fold_str(&text);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-");
    let cut: String = joined.chars().take(NAME_CHARS_MAX).collect();
    cut.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
    const OWN: &str = "# ¡Hola!\n[company]\nname = \"Ejemplo\"\n\n[[source]]\nname = \"foro\"\n\
                       url = \"https://foro.test/rss\"";

    fn folder(operator: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("keywords.toml"), KEYWORDS).unwrap();
        let path = folder.path().join("escucha.toml");
        fs::write(&path, operator).unwrap();
        (folder, path)
    }

    fn source(name: &str, url: &str) -> NewSource {
        NewSource {
            name: name.to_owned(),
            url: url.parse().unwrap(),
        }
    }

    #[track_caller]
    fn check(titles: &[&str], expected: &str) {
        let url = "https://www.foro.test/rss".parse().unwrap();
        let mut names = Names::default();
        names.taken.insert("foro".to_owned());
        let drawn: Vec<String> = titles.iter().map(|title| names.draw(title, &url)).collect();
        assert_eq!(drawn.join(" "), expected);
    }

    #[test]
    fn names_are_plain_and_never_taken() {
        check(&["Foro", "foro", "¡FORO!"], "foro-2 foro-3 foro-4");
        check(&["foro-2", "Foro", "Foro"], "foro-2 foro-3 foro-4");
        check(&["La Peña: «Ñu & Cía.»"], "la-pena-nu-cia");
        check(
            &["", "¿?", "\n\"\u{1b}\u{202e}"],
            "foro-test foro-test-2 foro-test-3",
        );
        check(&["ニュース 1"], "ニュース-1");
        check(&[&"a b ".repeat(99)], &"a-b-".repeat(10)[..39]);
    }

    #[test]
    fn the_rest_of_the_file_stays_byte_for_byte() {
        for before in [
            OWN.to_owned(),
            format!("{OWN}\n"),
            OWN.replace('\n', "\r\n"),
        ] {
            let (_folder, path) = folder(&before);
            let settings = append(&path, &[source("blog", "http://b.test/?a=\"'\\")], &|_| {
                None
            });
            assert_eq!(settings.unwrap().sources.len(), 2);
            let after = fs::read_to_string(&path).unwrap();
            let added = after.strip_prefix(&before).unwrap().trim_start();
            let end = if before.contains('\r') { "\r\n" } else { "\n" };
            let expected = "[[source]]|name = \"blog\"|kind = \"feed\"|\
                            url = \"http://b.test/?a=%22%27\\\\\"|";
            assert_eq!(added, expected.replace('|', end));
        }
    }

    #[test]
    fn what_would_not_be_valid_is_not_written() {
        let inline = "source = [{ name = \"foro\", url = \"https://foro.test/\" }]\n[company]\n\
                      name = \"Ejemplo\"\n";
        for (before, name) in [(inline, "blog"), (OWN, "foro")] {
            let (folder, path) = folder(before);
            let error = append(&path, &[source(name, "http://b.test/")], &|_| None).unwrap_err();
            assert!(matches!(error, AppendError::Invalid(_)), "{error}");
            assert!(error.sentence(Ui::Es).contains("escucha.toml:"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), before);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_not_overwritten() {
        let (folder, path) = folder(OWN);
        assert!(!replace(&path, "otra cosa", "x").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), OWN);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_link_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, path) = folder(OWN);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let other = tempfile::tempdir().unwrap();
        let link = other.path().join("escucha.toml");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        fs::write(other.path().join("keywords.toml"), KEYWORDS).unwrap();
        append(&link, &[source("blog", "http://b.test/")], &|_| None).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(&path).unwrap().contains("b.test"));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn a_hostile_title_never_becomes_toml(
            titles in prop::collection::vec("(?s).{0,30}|[\"'\\\\\n\r\\[\\]=#{}]{0,9}", 1..6),
            path in "[ -~¡-ÿ]{0,20}",
        ) {
            let mut names = Names::default();
            names.taken.insert("foro".to_owned());
            let new: Vec<NewSource> = titles
                .iter()
                .enumerate()
                .map(|(n, title)| {
                    let url: Url = format!("https://f{n}.test/{path}").parse().unwrap();
                    NewSource { name: names.draw(title, &url), url }
                })
                .collect();
            // Names are plain anyway; the writer must not depend on it.
            let raw = NewSource {
                name: format!("raw {}", titles[0]),
                url: new[0].url.clone(),
            };
            let new: Vec<NewSource> = new.into_iter().chain([raw]).collect();
            let (_folder, path) = folder(OWN);
            let settings = append(&path, &new, &|_| None).unwrap();
            prop_assert_eq!(&settings.company.name, "Ejemplo");
            let read = settings.sources.into_iter().skip(1).map(|s| (s.name, s.url));
            let wanted = new.into_iter().map(|s| (s.name.trim().to_owned(), s.url));
            prop_assert_eq!(read.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
        }
    }
}
