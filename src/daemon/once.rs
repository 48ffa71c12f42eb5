//! `run --once`: all that is due is read, all that is due is sent, then it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Service, caretaker, courier, disk, hooks, keeper, looks, poller, replies};
use crate::clock;
use crate::flow::{budget, deadlines, digest, health, look, page, poll};
use crate::model::Timestamp;
use crate::store::StoreError;

/// Sources under way at the same time.
const AT_ONCE: u32 = 16;

/// The longest `Crawl-delay` that a single run waits out between two visits.
const CRAWL_DELAY_MS: i64 = 10_000;

/// What is left when a single run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// Mails and calls that could not be delivered and wait for another run.
    pub n_waiting: i64,
    /// Mails that a server refused for good in this run.
    pub n_given_up: i64,
    /// The disk is short or failing: not all that is due was read.
    pub is_short: bool,
}

/// One run. It waits out the pace of a host, but not a longer rest that the host asked for.
pub async fn once(
    service: &Arc<Service>,
    shutdown: &CancellationToken,
) -> Result<Once, StoreError> {
    service.prepare().await?;
    let started_at = clock::shared_now(&service.store).await?;
    keeper::note_alive(service, started_at).await?;
    let mut is_short = false;
    while !shutdown.is_cancelled() {
        if !disk::may_read(service, started_at).await {
            is_short = true;
            break;
        }
        let n_done = read_due(service, started_at).await?;
        if n_done == 0 && !wait_out_the_pace(service, started_at).await? {
            break;
        }
    }
    Box::pin(replies::once(service)).await?;
    let now = clock::shared_now(&service.store).await?;
    deadlines::turn(&service.store, &service.engine(), now).await?;
    health::turn(&service.store, &service.engine(), now).await?;
    digest::turn(&service.store, &service.engine(), now).await?;
    send(service, shutdown, now).await?;
    hooks::once(service, shutdown).await?;
    // What went wrong there is told by mail.
    send(service, shutdown, now).await?;
    keeper::note_alive(service, now).await?;
    caretaker::turn(Arc::clone(service)).await?;
    let counts = service.store.counts().await?;
    Ok(Once {
        is_short,
        n_waiting: counts.waiting + counts.calls_waiting,
        n_given_up: service.store.n_given_up_since(started_at).await?,
    })
}

async fn send(
    service: &Service,
    shutdown: &CancellationToken,
    now: Timestamp,
) -> Result<(), StoreError> {
    loop {
        while Box::pin(courier::send_batch(service, shutdown)).await? > 0
            && !shutdown.is_cancelled()
        {}
        // What was over the budget meanwhile may be told in one letter.
        if budget::turn(&service.store, &service.engine(), now).await? == 0 {
            return Ok(());
        }
    }
}

/// Reads what was due when the run began (and the pages that it brings); returns how many.
async fn read_due(service: &Arc<Service>, started_at: Timestamp) -> Result<usize, StoreError> {
    let now = clock::shared_now(&service.store).await?.max(started_at);
    let engine = service.engine();
    let sources = poll::begin(&service.store, &engine, &service.worker, now, AT_ONCE).await?;
    let pages = page::begin(&service.store, &engine, &service.worker, now, AT_ONCE).await?;
    let looks = look::begin(&service.store, &engine, &service.worker, now, AT_ONCE).await?;
    let n_begun = sources.len() + pages.len() + looks.len();
    let mut tasks = JoinSet::new();
    for job in sources {
        tasks.spawn(poller::source_task(Arc::clone(service), job));
    }
    for job in pages {
        tasks.spawn(poller::page_task(Arc::clone(service), job));
    }
    for job in looks {
        tasks.spawn(looks::look_task(Arc::clone(service), job));
    }
    while tasks.join_next().await.is_some() {}
    Ok(n_begun)
}

/// True after waiting for a host whose turn comes within its pace.
async fn wait_out_the_pace(service: &Service, started_at: Timestamp) -> Result<bool, StoreError> {
    let pace_ms = service.engine().settings.fetch.pace_ms;
    let now = clock::shared_now(&service.store).await?.max(started_at);
    let Some(next_at) = service.store.next_turn_at(now).await? else {
        return Ok(false);
    };
    let wait_ms = next_at.ms_since(now);
    if wait_ms > pace_ms.max(CRAWL_DELAY_MS) {
        return Ok(false);
    }
    tokio::time::sleep(Duration::from_millis(wait_ms.max(1) as u64)).await;
    Ok(true)
}
