//! The parent's half: starts a child, hands it the document, bounds its time and its answer, and says
//! how it ended.
//!
//! Absent: any trust in what comes back beyond its form.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::Limits;
use super::child::SUBCOMMAND;
use super::job::{Answer, Job, Wanted, frames, length};
use crate::extract::{Limit, READER};

/// Of what a dying child says, so much is looked at.
const LAST_WORDS_BYTES_MAX: u64 = 4 << 10;
/// POSIX: more CPU than allowed.
const SIGXCPU: i32 = 24;

/// How a child ended.
pub(super) enum Ending {
    Answered(Answer),
    /// A limit was met; what it had answered before that.
    Died(Limit, Option<Answer>),
    /// There was no child, or it was not ours.
    NotStarted(String),
}

/// One document in one child.
pub(super) async fn read(program: &Path, limits: &Limits, job: &Job, wanted: Wanted) -> Ending {
    let order = match job.order(wanted) {
        Ok(order) => order,
        Err(error) => return Ending::NotStarted(error.to_string()),
    };
    let mut child = match start(program, limits) {
        Ok(child) => child,
        Err(error) => return Ending::NotStarted(error.to_string()),
    };
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        return Ending::NotStarted("it has no pipes".to_owned());
    };
    let mut said = Said::default();
    let talk = async {
        let ((), (), ()) = tokio::join!(
            tell(stdin, &order, &job.body),
            hear(stdout, limits.answer_bytes, &mut said.answer),
            last_words(stderr, &mut said.last_words),
        );
        child.wait().await
    };
    // A child that is left behind here is killed when it is dropped.
    match tokio::time::timeout(limits.time, talk).await {
        Err(_) => Ending::Died(Limit::Seconds(limits.time.as_secs()), said.answered()),
        Ok(Err(error)) => Ending::NotStarted(error.to_string()),
        Ok(Ok(status)) => said.end(status, limits),
    }
}

fn start(program: &Path, limits: &Limits) -> io::Result<Child> {
    Command::new(program)
        .arg0("escucha")
        .arg(SUBCOMMAND)
        .arg(limits.cpu_seconds.to_string())
        .arg(limits.memory_bytes.to_string())
        // No secret goes along. One arena of memory: others reserve address space that counts.
        .env_clear()
        .env("MALLOC_ARENA_MAX", "1")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// A child that dies early closes its end: how it died says why.
async fn tell(mut stdin: ChildStdin, order: &[u8], body: &[u8]) {
    let _ = async {
        stdin.write_all(order).await?;
        stdin.write_all(&length(body.len())).await?;
        stdin.write_all(body).await?;
        stdin.shutdown().await
    }
    .await;
}

/// Closing the pipe ends a child that says too much.
async fn hear(stdout: ChildStdout, most: u64, answer: &mut Vec<u8>) {
    let _ = stdout.take(most + 1).read_to_end(answer).await;
}

async fn last_words(stderr: ChildStderr, words: &mut Vec<u8>) {
    let _ = stderr.take(LAST_WORDS_BYTES_MAX).read_to_end(words).await;
}

#[derive(Default)]
struct Said {
    answer: Vec<u8>,
    last_words: Vec<u8>,
}

impl Said {
    fn end(self, status: ExitStatus, limits: &Limits) -> Ending {
        if self.answer.len() as u64 > limits.answer_bytes {
            return self.ending(Limit::AnswerMib(limits.answer_bytes >> 20));
        }
        if status.success() {
            return match self.answered() {
                Some(answer) => Ending::Answered(answer),
                None => self.ending(Limit::Unknown),
            };
        }
        let words = String::from_utf8_lossy(&self.last_words);
        let limit = if status.signal() == Some(SIGXCPU) {
            Limit::CpuSeconds(limits.cpu_seconds)
        } else if words.contains("memory allocation") {
            Limit::MemoryMib(limits.memory_bytes >> 20)
        } else if words.contains("overflowed its stack") {
            Limit::Stack
        } else {
            Limit::Unknown
        };
        self.ending(limit)
    }

    /// The last whole answer, if it was our child that spoke.
    fn answered(&self) -> Option<Answer> {
        let frames = self.frames()?;
        frames.iter().rev().find_map(|frame| Answer::of(frame))
    }

    fn ending(&self, limit: Limit) -> Ending {
        if self.frames().is_none() {
            return Ending::NotStarted("what was started is no child of this version".to_owned());
        }
        Ending::Died(limit, self.answered())
    }

    /// What follows the name of the reader, if it is our own.
    fn frames(&self) -> Option<Vec<&[u8]>> {
        let mut frames = frames(&self.answer).into_iter();
        frames
            .next()
            .filter(|reader| *reader == READER.as_bytes())?;
        Some(frames.collect())
    }
}
