//! Real servers for the tests, on loopback and a port of the system's choice.

pub(crate) mod binary;
pub(crate) mod databases;
pub(crate) mod http;
pub(crate) mod levers;
pub(crate) mod smtp;

use std::io::Write as _;

/// Notes that a test of this real part runs: the script counts them, and a part without any fails it.
pub(crate) fn tally(part: &str) {
    if let Some(file) = std::env::var_os("ESCUCHA_TEST_TALLY") {
        let mut file = std::fs::File::options()
            .append(true)
            .create(true)
            .open(file)
            .unwrap();
        writeln!(file, "{part}").unwrap();
    }
}

/// Says loudly that a real part is missing; where everything must run, that is a failure.
pub(crate) fn left_out(part: &str) {
    assert!(
        std::env::var_os("ESCUCHA_TEST_ALL").is_none(),
        "{part} is missing, and every part must be tested"
    );
    eprintln!("LEFT OUT: {part}");
}
