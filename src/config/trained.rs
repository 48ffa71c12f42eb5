//! The folder of a model of one's own, in place of the embedded one.

use std::path::Path;
use std::sync::Arc;

use super::complaints::said;
use super::reader::{Section, Value};
use super::secrets::World;
use crate::score::trained::{FILES, Trained};

/// A model's file has some hundred kibibytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// `[model] folder = "…"`: what `escucha train` wrote there.
pub(super) fn read(section: &Section, world: &World) -> Option<Arc<Trained>> {
    let folder = section.get("folder");
    section.finish();
    let folder = folder?;
    let path = world.base.join(folder.text()?);
    let [posts, lines, weights] = FILES.map(|name| bytes(&folder, &path.join(name)));
    let (posts, lines, weights) = (posts?, lines?, weights?);
    match Trained::parse(&posts, &lines, &String::from_utf8_lossy(&weights)) {
        Ok(trained) => Some(Arc::new(trained)),
        Err(which) => {
            let place = path.join(FILES[which]);
            let place = place.display();
            folder.complain(
                said!(
                    "{place} no es de un modelo que este programa entienda",
                    "{place} is of no model that this program understands"
                ),
                said!(
                    "hágalo otra vez con «escucha train»",
                    "make it again with \"escucha train\""
                ),
            );
            None
        }
    }
}

fn bytes(folder: &Value, path: &Path) -> Option<Vec<u8>> {
    let read = std::fs::metadata(path)
        .map_err(|error| error.to_string())
        .and_then(|meta| {
            if meta.is_file() && meta.len() <= FILE_BYTES_MAX {
                std::fs::read(path).map_err(|error| error.to_string())
            } else {
                Err("no plain file of this size".to_owned())
            }
        });
    let place = path.display();
    match read {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            folder.complain(
                said!(
                    "no se puede leer {place} ({error})",
                    "{place} cannot be read ({error})"
                ),
                said!(
                    "ponga la carpeta que escribió «escucha train»",
                    "name the folder that \"escucha train\" wrote"
                ),
            );
            None
        }
    }
}
