//! One answer for all sources that read one address: it is asked once, and each of them reads the same
//! document in its own way (rule 64).
//!
//! Absent: answers for longer than a moment, pages of posts, and other processes. Each source still has
//! its validators and its leave to read; an answer that does not fit them is not taken.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use url::Url;

use super::visit::Stop;
use crate::fetch::{Body, Request, Response};
use crate::flow::poll::{Job, Trouble};
use crate::model::{SourceId, Timestamp};
use crate::settings::SourceSettings;

/// An answer is good for as long as its source's floor, and at least for this.
const GOOD_MS_MIN: i64 = 60_000;
/// Bytes of all kept documents; the largest that can be fetched has room.
const BYTES_MAX: usize = 24 << 20;
const ANSWERS_MAX: usize = 256;

/// The answers that some source has had and another one with its address has not.
pub(super) struct Shared {
    /// How many sources are configured for an address that several have.
    together: HashMap<Url, usize>,
    answers: Mutex<Vec<Answer>>,
}

struct Answer {
    url: Url,
    /// As it was asked.
    etag: Option<String>,
    last_modified: Option<String>,
    ignored_robots: bool,
    got: Result<Response, Trouble>,
    good_until: Timestamp,
    /// Who has had it, and how many could want it.
    readers: BTreeSet<SourceId>,
    n_wanted: usize,
}

impl Shared {
    pub(super) fn of(sources: &[SourceSettings]) -> Self {
        let mut together: HashMap<Url, usize> = HashMap::new();
        for source in sources {
            *together.entry(place(&source.url)).or_default() += 1;
        }
        together.retain(|_, n| *n > 1);
        Self {
            together,
            answers: Mutex::new(Vec::new()),
        }
    }

    /// What another source was answered just now, if this one would be answered the same.
    pub(super) fn take(&self, job: &Job, request: &Request<'_>) -> Option<Result<Response, Stop>> {
        self.n_wanted(job)?;
        let url = place(request.url);
        let ignores_robots = job.source.ignore_robots.is_some();
        let mut answers = self.lock();
        answers.retain(|answer| answer.good_until > request.now);
        let at = answers.iter().position(|answer| {
            let is_allowed = match &answer.got {
                Ok(_) => ignores_robots || !answer.ignored_robots,
                Err(_) => ignores_robots == answer.ignored_robots,
            };
            let is_fitting = match &answer.got {
                // "Not modified" is said of the validators that were sent.
                Ok(Response {
                    body: Body::NotModified,
                    ..
                }) => {
                    answer.etag.as_deref() == request.etag
                        && answer.last_modified.as_deref() == request.last_modified
                }
                Ok(_) | Err(_) => true,
            };
            answer.url == url
                && is_allowed
                && is_fitting
                && !answer.readers.contains(&job.source.id)
        })?;
        let answer = &mut answers[at];
        answer.readers.insert(job.source.id.clone());
        let got = answer.got.clone();
        if answer.readers.len() >= answer.n_wanted {
            answers.swap_remove(at);
        }
        Some(got.map_err(Stop::Trouble))
    }

    /// Keeps an answer for the others at this source's address.
    pub(super) fn keep(&self, job: &Job, request: &Request<'_>, got: &Result<Response, Stop>) {
        let Some(n_wanted) = self.n_wanted(job) else {
            return;
        };
        let got = match got {
            Ok(response) => Ok(response.clone()),
            Err(Stop::Trouble(trouble)) => Err(trouble.clone()),
            Err(Stop::PutOff(_)) => return,
        };
        let good_ms = job.source.cadence.floor_ms.max(GOOD_MS_MIN);
        let answer = Answer {
            url: place(request.url),
            etag: request.etag.map(str::to_owned),
            last_modified: request.last_modified.map(str::to_owned),
            ignored_robots: job.source.ignore_robots.is_some(),
            got,
            good_until: request.now.plus_ms(good_ms),
            readers: BTreeSet::from([job.source.id.clone()]),
            n_wanted,
        };
        let mut answers = self.lock();
        answers.retain(|older| older.url != answer.url && older.good_until > request.now);
        answers.push(answer);
        while answers.len() > ANSWERS_MAX || answers.iter().map(bytes).sum::<usize>() > BYTES_MAX {
            answers.remove(0);
        }
    }

    /// How many sources have the address of this one; `None`: it is alone.
    fn n_wanted(&self, job: &Job) -> Option<usize> {
        self.together.get(&place(&job.source.url)).copied()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address as it is asked: its fragment stays here.
fn place(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}

fn bytes(answer: &Answer) -> usize {
    match &answer.got {
        Ok(Response {
            body: Body::Bytes(bytes),
            ..
        }) => bytes.len(),
        Ok(_) | Err(_) => 0,
    }
}
