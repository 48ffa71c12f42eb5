//! Real servers for the tests, on loopback and a port of the system's choice.

pub(crate) mod between;
pub(crate) mod binary;
pub(crate) mod browser;
pub(crate) mod cluster;
pub(crate) mod databases;
pub(crate) mod dice;
pub(crate) mod dns;
pub(crate) mod dovecot;
pub(crate) mod host;
pub(crate) mod http;
pub(crate) mod lab;
pub(crate) mod levers;
pub(crate) mod mutated;
pub(crate) mod namespace;
pub(crate) mod older;
pub(crate) mod pgbouncer;
pub(crate) mod postfix;
pub(crate) mod receiver;
pub(crate) mod smtp;
pub(crate) mod town;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;

/// Notes that a test of this real part runs: the script counts them, and a part without any fails it.
pub(crate) fn tally(part: &str) {
    note(part);
}

/// What a test of a row of docs/reliability.md counted: shown, and noted for the script that writes it
/// there.
pub(crate) fn figure(number: &str, what: &str, value: impl std::fmt::Display) {
    say(&format!("{number}: {what}: {value}"));
    note(&format!("figure\t{number}\t{what}\t{value}"));
}

fn note(line: &str) {
    if let Some(file) = std::env::var_os("ESCUCHA_TEST_TALLY") {
        let mut file = std::fs::File::options()
            .append(true)
            .create(true)
            .open(file)
            .unwrap();
        // One write: lines of tests that run at once must not mix.
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

/// Says loudly, once a part, that a real part is missing; where everything must run, that is a
/// failure.
pub(crate) fn left_out(part: &'static str) {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    assert!(
        std::env::var_os("ESCUCHA_TEST_ALL").is_none(),
        "{part} is missing, and every part must be tested"
    );
    if SAID.lock().unwrap().insert(part) {
        // Not by a macro: what macros print is hidden while the test passes.
        let said = writeln!(
            std::io::stderr(),
            "LEFT OUT: {part} (tests/all.sh runs everything)"
        );
        said.unwrap();
    }
}

/// Waits for a condition; fails with its name when `deadline` has passed.
#[expect(clippy::disallowed_methods, reason = "a test's deadline is real time")]
pub(crate) fn wait(deadline: std::time::Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !is_so() {
        assert!(started.elapsed() < deadline, "waited in vain: {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// A figure, seen with `--nocapture`.
#[expect(clippy::print_stdout, reason = "figures are for people to read")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
