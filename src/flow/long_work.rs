//! Work that awaits nothing, on threads that let others go first.
//!
//! Each step of a poll's commit is a message to the one writer and one back. Where long work has the cores,
//! each of them waits for a turn of the scheduler, and everybody waits for the writer; a mail and a page wait
//! as well. So these threads are nicer than the others (`nice`, POSIX.1; of a single thread on Linux alone).
//!
//! Absent: how many may work at a time; whoever spawns bounds that.

use std::cell::Cell;

use tokio::task::JoinHandle;

/// Added to the niceness of a thread for long work: a tenth of what a core gives to the others.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;

thread_local! {
    static IS_NICE: Cell<bool> = const { Cell::new(false) };
}

/// Runs it on a thread that lets others go first.
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(move || {
        if !IS_NICE.replace(true) {
            step_back();
        }
        work()
    })
}

/// Threads are kept, so once is enough. Where it is refused the work is done all the same.
#[cfg(target_os = "linux")]
fn step_back() {
    let _ = rustix::process::nice(NICER);
}

/// Elsewhere all threads of the process would step back.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn long_work_steps_back_once_and_nobody_else() {
        let nice = || rustix::process::nice(0).unwrap();
        let before = nice();
        // One thread, so that the second task has that of the first.
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.max_blocking_threads(1).build().unwrap();
        let told = runtime.block_on(async { (spawn(nice).await, spawn(nice).await) });
        let (one, other) = (told.0.unwrap(), told.1.unwrap());
        assert!(one > before || before == 19, "{one} after {before}");
        assert_eq!(other, one, "once is enough");
        assert_eq!(nice(), before);
    }
}
