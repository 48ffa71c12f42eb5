//! The child: this program once more, under a hidden word. It gives up what it does not need (files,
//! sockets, processes, time, memory), reads one document from standard input, and answers on standard
//! output.
//!
//! Absent: configuration, environment (the parent passes none), logs.

use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::job::{Job, LENGTH_BYTES, frame};
use crate::extract::{BODY_BYTES_MAX, Gates, READER};

/// The word by which the program knows that it is the child; it stands in no help.
pub const SUBCOMMAND: &str = "read-document";

/// Exit when the limits cannot be set or the job cannot be understood.
const UNUSABLE: u8 = 3;
/// A deep document's stack. It is only touched as far as it is needed.
const STACK_BYTES: usize = 64 << 20;
/// What is told about the document.
const ORDER_BYTES_MAX: u64 = 1 << 20;
/// Standard input, output and error are all that is ever open.
const FILES_MAX: u64 = 3;

/// The child's whole life; `args` are the seconds of CPU and the bytes of memory that it may take.
pub fn child(args: impl Iterator<Item = OsString>) -> ExitCode {
    // The parent asks how it ended; the words of a panic may quote somebody's post.
    std::panic::set_hook(Box::new(|_| {}));
    let told: Vec<u64> = args
        .filter_map(|arg| arg.to_str().and_then(|arg| arg.parse().ok()))
        .collect();
    let [cpu_seconds, memory_bytes] = told.as_slice() else {
        return ExitCode::from(UNUSABLE);
    };
    if limit_myself(*cpu_seconds, *memory_bytes).is_err() {
        return ExitCode::from(UNUSABLE);
    }
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let reading = thread.spawn(|| {
        // From here on there is no other process and no other thread.
        let _ = limit(Resource::Nproc, 0, 0);
        read_and_answer()
    });
    match reading.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::from(UNUSABLE),
    }
}

/// Before the first byte from elsewhere is read.
fn limit_myself(cpu_seconds: u64, memory_bytes: u64) -> io::Result<()> {
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Fsize, 0, 0)?;
    limit(Resource::Nofile, FILES_MAX, FILES_MAX)?;
    // The first of the two ends it with a signal of its own, by which the parent knows why.
    limit(Resource::Cpu, cpu_seconds, cpu_seconds + 1)?;
    limit(Resource::As, memory_bytes, memory_bytes)
}

fn limit(what: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let limit = Rlimit {
        current: Some(soft),
        maximum: Some(hard),
    };
    Ok(setrlimit(what, limit)?)
}

/// Says which reader it is, reads behind the narrow gates, answers, and where they kept it from
/// something, once more behind the wide ones: what ends it then does not take the first answer along.
fn read_and_answer() -> io::Result<()> {
    say(&frame(READER.as_bytes()))?;
    let mut input = io::stdin().lock();
    let order = next_frame(&mut input, ORDER_BYTES_MAX)?;
    let body = next_frame(&mut input, BODY_BYTES_MAX as u64)?;
    let (job, wanted) = Job::of(&order, body).ok_or(io::ErrorKind::InvalidData)?;
    let answer = job.read(wanted);
    say(&answer.written()?)?;
    if answer.is_gated() {
        drop(answer);
        say(&job.read_within(wanted, Gates::Wide).written()?)?;
    }
    Ok(())
}

fn next_frame(input: &mut impl io::Read, most: u64) -> io::Result<Vec<u8>> {
    let mut n_bytes = [0; LENGTH_BYTES];
    input.read_exact(&mut n_bytes)?;
    let n_bytes = u64::from_le_bytes(n_bytes);
    if n_bytes > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = Vec::with_capacity(n_bytes as usize);
    input.take(n_bytes).read_to_end(&mut frame)?;
    if frame.len() as u64 != n_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(frame)
}

fn say(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}
