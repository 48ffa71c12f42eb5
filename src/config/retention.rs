//! `[retention]`: how long what customers wrote is kept.

use super::reader::Section;
use super::values;
use crate::settings::Retention;

/// Less would forget a post while its source still shows it as news.
const DAY_MS: i64 = 86_400_000;

pub(super) fn read(root: &Section) -> Retention {
    let usual = Retention::default();
    let Some(section) = root.table("retention") else {
        return usual;
    };
    let time = |key| {
        let value = section.get(key)?;
        values::duration_ms(&value, DAY_MS)
    };
    let retention = Retention {
        posts_ms: time("posts").unwrap_or(usual.posts_ms),
        cases_ms: time("cases").unwrap_or(usual.cases_ms),
    };
    section.finish();
    retention
}
