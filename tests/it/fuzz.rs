//! The fuzz targets without a fuzzer: every seed as it is, and some thousand mutations of them. Real
//! fuzzing is `cargo fuzz run` (CONTRIBUTING.md); what it found are seeds whose names say what.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::mutated::mutated;

#[path = "../../fuzz/src/targets/mod.rs"]
#[expect(unreachable_pub, reason = "the fuzz crate shows them to its binaries")]
mod targets;

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut seeds: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.join(target))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

fn bodies(target: &str) -> Vec<Vec<u8>> {
    seeds(target).into_iter().map(|(_, body)| body).collect()
}

fn every_seed(target: &str, run: fn(&[u8])) {
    for (name, body) in seeds(target) {
        // The name comes with the panic, whose message tells of the answer alone.
        let outcome = std::panic::catch_unwind(|| run(&body));
        assert!(outcome.is_ok(), "fuzz/seeds/{target}/{name}");
    }
}

fn runner() -> TestRunner {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let cases = asked.and_then(|cases| cases.parse().ok()).unwrap_or(200);
    TestRunner::new(ProptestConfig {
        // What is found is kept as a seed, with a name.
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    })
}

macro_rules! targets {
    ($($test:ident = $target:ident),+ $(,)?) => {$(
        #[test]
        fn $test() {
            every_seed(stringify!($target), targets::$target);
            runner()
                .run(&mutated(bodies(stringify!($target))), |body| {
                    targets::$target(&body);
                    Ok(())
                })
                .unwrap();
        }
    )+};
}

targets! {
    fuzz_feed = feed,
    fuzz_page = page,
    fuzz_reviews = reviews,
    fuzz_json = json,
    fuzz_dates = dates,
    fuzz_robots = robots,
    fuzz_selectors = selectors,
    fuzz_query = query,
    fuzz_letter = letter,
}
