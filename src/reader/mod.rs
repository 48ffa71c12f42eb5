//! Reads documents within limits: what is small and harmless in this process, the rest in a child that
//! bounds its own CPU and memory, and whose death costs that document alone (docs/adr/0013).
//!
//! Absent: what a document says; [`crate::extract`] reads it, here as there.

mod child;
mod job;
mod parent;

pub use child::{SUBCOMMAND, child};
pub use job::Job;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tracing::{trace_span, warn};

use crate::extract::{self, Article, BODY_BYTES_MAX, Extracted, Limit, Problem};
use crate::flow::{STAGE, long_work};
use job::{Answer, Wanted};
use parent::Ending;

/// Documents under way in this process: each may take memory of some times its size.
const HERE_AT_ONCE: usize = 2;
/// Children at the same time. They wait in a queue of their own, so that a small document never waits
/// for a hostile one.
const CHILDREN_AT_ONCE: usize = 2;

/// What one document may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Larger bodies go to a child, in bytes: from here on the worst shape costs more than a child.
    pub here_bytes: usize,
    /// CPU of a child, in whole seconds.
    pub cpu_seconds: u64,
    /// Address space of a child, in bytes.
    pub memory_bytes: u64,
    /// From a child's start to its end, and before that for its turn: together with the fetching less
    /// than a lease.
    pub time: Duration,
    /// What a child may answer, in bytes.
    pub answer_bytes: u64,
    /// The same as `here_bytes` for feeds, of which no shape is known that costs much.
    pub here_feed_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            here_bytes: 64 << 10,
            cpu_seconds: 5,
            memory_bytes: 512 << 20,
            time: Duration::from_secs(30),
            answer_bytes: 64 << 20,
            here_feed_bytes: 512 << 10,
        }
    }
}

/// Reads documents, a few at a time.
pub struct Reader {
    /// The program that is the child; without one everything is read here, behind narrow gates.
    program: Option<PathBuf>,
    limits: Limits,
    here: Semaphore,
    children: Semaphore,
    /// That no child can be started has been said.
    is_said: AtomicBool,
}

impl Reader {
    /// The child is this very program, also after its file was replaced by a new version.
    pub fn of_this_program() -> Self {
        let running = Path::new("/proc/self/exe");
        let program = if running.exists() {
            Some(running.to_owned())
        } else {
            std::env::current_exe().ok()
        };
        Self::new(program, Limits::default())
    }

    pub fn new(program: Option<PathBuf>, limits: Limits) -> Self {
        Self {
            program,
            limits,
            here: Semaphore::new(HERE_AT_ONCE),
            children: Semaphore::new(CHILDREN_AT_ONCE),
            is_said: AtomicBool::new(false),
        }
    }

    /// The posts of a document, as [`crate::extract::posts`] reads them; a limit that is met is a fatal
    /// problem.
    pub async fn posts(&self, job: &Arc<Job>) -> Extracted {
        match self.answer(job, Wanted::Posts).await {
            Answer::Posts(extracted) => extracted,
            Answer::Article(_) => Extracted::nothing_within(Limit::Unknown),
        }
    }

    /// The article of a page, as [`crate::extract::article`] reads it.
    ///
    /// # Errors
    /// A fatal problem, also when a limit is met.
    pub async fn article(&self, job: &Arc<Job>) -> Result<Article, Problem> {
        match self.answer(job, Wanted::Article).await {
            Answer::Article(article) => article,
            Answer::Posts(_) => Err(Problem::limit(Limit::Unknown)),
        }
    }

    async fn answer(&self, job: &Arc<Job>, wanted: Wanted) -> Answer {
        let mut behind_gates = None;
        let n_bytes = job.body.len();
        // What is too large is refused at once.
        let here_bytes = if extract::begins_as_feed(&job.body) {
            self.limits.here_feed_bytes
        } else {
            self.limits.here_bytes
        };
        if n_bytes <= here_bytes || n_bytes > BODY_BYTES_MAX {
            let answer = self.read_here(job, wanted).await;
            if !answer.is_gated() {
                return answer;
            }
            behind_gates = Some(answer);
        }
        match self.read_in_child(job, wanted).await {
            Ending::Answered(answer) => answer,
            Ending::Died(limit, answer) => match answer.or(behind_gates) {
                Some(answer) => answer.stopped_by(limit),
                None => Answer::nothing_within(wanted, limit),
            },
            Ending::NotStarted(why) => {
                if !self.is_said.swap(true, Ordering::Relaxed) {
                    warn!(
                        "no child process can be started to read documents in ({why}): large documents \
                         are read without limits, deep ones are refused"
                    );
                }
                match behind_gates {
                    Some(answer) => answer,
                    None => self.read_here(job, wanted).await,
                }
            }
        }
    }

    /// On a thread for long work: the parsers do not await.
    async fn read_here(&self, job: &Arc<Job>, wanted: Wanted) -> Answer {
        let _turn = self.here.acquire().await;
        let job = Arc::clone(job);
        let reading = long_work::spawn(move || {
            let _stage = trace_span!(target: STAGE, "read").entered();
            job.read(wanted)
        });
        let stumbled = |_| Answer::nothing_within(wanted, Limit::Unknown);
        reading.await.unwrap_or_else(stumbled)
    }

    async fn read_in_child(&self, job: &Job, wanted: Wanted) -> Ending {
        let Some(program) = &self.program else {
            return Ending::NotStarted("its program is unknown".to_owned());
        };
        let turn = self.children.acquire();
        let Ok(_turn) = tokio::time::timeout(self.limits.time, turn).await else {
            return Ending::Died(Limit::Seconds(self.limits.time.as_secs()), None);
        };
        parent::read(program, &self.limits, job, wanted).await
    }
}
