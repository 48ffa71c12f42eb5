//! The links of this instance: made when the bytes of a mail are, and read when somebody comes by one.

use url::Url;

use super::Engine;
use crate::letter::Letter;
use crate::model::{Deed, Grant, LINK_DAYS, LinkKeys, Subject, Timestamp};
use crate::store::{Store, StoreError};

/// Below `public_url`: `l/` and the link.
pub const FOLDER: &str = "l";

/// The letter as this reader gets it: with links of his own where there is a page, else without any.
pub async fn addressed(
    store: &Store,
    engine: &Engine,
    letter: &Letter,
    recipient: &str,
    now: Timestamp,
) -> Result<Letter, StoreError> {
    let web = engine.settings.web.as_ref();
    let base = web.and_then(|web| web.public_url.as_ref());
    let (Some(base), Some(keys)) = (base, keys(store, engine).await?) else {
        return Ok(letter.plain());
    };
    let reader = keys.reader(recipient);
    let grant = |subject: &Subject| Grant {
        deed: Deed::Open,
        subject: subject.clone(),
        reader,
        ends_at: now.plus_days(LINK_DAYS),
        stamp: 0,
    };
    let link = |subject: &Subject| address(base, &keys.sign(&grant(subject))?);
    let addressed = letter.with_links(&link);
    if addressed != letter.plain() {
        store.note_reader(&reader.hex(), recipient).await?;
    }
    Ok(addressed)
}

/// The keys in force; `None` for an instance whose key is no secret.
pub async fn keys(store: &Store, engine: &Engine) -> Result<Option<LinkKeys>, StoreError> {
    let ring = store.key_ring().await?;
    Ok(LinkKeys::of(&engine.instance_key, &ring))
}

fn address(base: &Url, link: &str) -> Option<String> {
    let url = base.join(&format!("{FOLDER}/{link}")).ok()?;
    Some(url.to_string())
}
