//! Fuzz targets: hostile bytes against what reads them. How to run them: CONTRIBUTING.md.
//!
//! Absent: a corpus. Seeds are small and our own (`seeds/`), and what was found stays among them.

mod targets;

use std::io::Write as _;

pub use targets::{dates, feed, json, letter, page, query, reviews, robots, selectors};

/// Panics of other people's parsers are contained and cost their document alone; every other panic is
/// a finding, also one that is contained. libFuzzer's own hook would end the process at each.
pub fn notice_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let is_foreign = panic
            .location()
            .is_some_and(|place| place.file().contains("/registry/src/"));
        if !is_foreign {
            // Not by a macro, which panics when it cannot write.
            let _ = writeln!(std::io::stderr(), "{panic}");
            std::process::abort();
        }
    }));
}
