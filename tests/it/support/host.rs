//! What servers that others wrote need of this machine: a user, a folder, a port.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use super::wait;

/// Debian's `nobody` and `nogroup`: who servers that refuse root run as.
pub(crate) const NOBODY: u32 = 65_534;

pub(crate) fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Gives a folder, and what is in it, to nobody, where a server could not run as ourselves.
pub(crate) fn hand_over(path: &Path) {
    if is_root() {
        let owner = format!("{NOBODY}:{NOBODY}");
        let mut chown = Command::new("chown");
        let done = chown.arg("-R").arg(owner).arg(path).status();
        assert!(done.unwrap().success());
    }
}

/// Somebody else may take it before its use.
pub(crate) fn free_port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    free.local_addr().unwrap().port()
}

/// Waits until a server listens; false when it ended instead.
pub(crate) fn listens(server: &mut Child, port: u16, deadline: Duration) -> bool {
    let mut has_ended = false;
    wait(deadline, "it listens", || {
        has_ended = server.try_wait().unwrap().is_some();
        has_ended || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    });
    !has_ended
}

/// Of a core, while nothing can be done.
pub(crate) const BUSY_MAX: f64 = 0.2;

/// Processor time of a process so far (proc_pid_stat(5): fields 14 and 15, in hundredths of a second).
pub(crate) fn busy_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, after_name) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = |field: usize| fields[field - 3].parse::<f64>().unwrap();
    (ticks(14) + ticks(15)) / 100.0
}
