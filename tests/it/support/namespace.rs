//! Runs a test again in a network namespace of its own, where nothing can leave the machine.

use std::process::Command;

use super::tally;

const INSIDE: &str = "ESCUCHA_TEST_NAMESPACE";

/// True inside. Outside, the test of this full name is run inside, after `script` has made the world
/// that it wants (`exec "$@"` ends it); what it said is passed on, and false comes back.
#[track_caller]
pub(crate) fn is_inside(test: &str, unshare: &str, script: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let itself = std::env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args([unshare, "sh", "-c", script, "sh"])
        .arg(itself)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare (of util-linux) can be run");
    let told = String::from_utf8_lossy(&output.stdout);
    let erred = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "this test needs a namespace of its own (`unshare {unshare} true` must work: as root, or with \
         user namespaces allowed), and `ip` of iproute2:\n{told}\n{erred}"
    );
    tally("namespace");
    // Figures: to be seen with --nocapture.
    for line in told.lines().filter(|line| line.contains(": ")) {
        super::say(line);
    }
    false
}
