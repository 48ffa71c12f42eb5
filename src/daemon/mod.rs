//! The service: a few loops between the database and the world, and nothing else.
//!
//! The poller reads sources, the courier sends mail, the keeper minds countdowns and the keyword file, one
//! more reads what comes back to our mails, the caretaker minds the database, and each webhook has a loop of
//! its own.
//! Each asks the database what is due, does it, and sleeps until the next due time or a nudge.

mod alive;
mod caretaker;
mod courier;
mod disk;
mod found;
pub mod hooks;
mod keeper;
mod looks;
mod mailbox;
mod once;
mod pace;
mod poller;
mod pulse;
mod replies;
mod shared;
mod tally;
mod visit;
mod watchdog;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::clock;
use crate::fetch::Client;
use crate::flow::{self, Engine, outbox, poll, redrive};
use crate::mail::Mailer;
use crate::model::counted;
use crate::reader::Reader;
use crate::store::{Store, StoreError};

pub use once::{Once, once};
pub use pulse::{Loop, Pulse};
pub use tally::{BUCKETS_MS, Counter, Histogram, Tally};

/// How many documents are held between the beginning of their reading and the end of their settling.
const DESKS: usize = 32;
/// SIGTERM ends the service within ten seconds; this is what running work gets of them.
const GRACE: Duration = Duration::from_secs(7);

/// Everything the loops share.
pub struct Service {
    pub store: Store,
    pub client: Client,
    pub reader: Reader,
    pub mailer: Mailer,
    /// What can be seen of the loops from outside.
    pub pulse: Pulse,
    pub tally: Tally,
    /// Who we are in leases: one value a start, so that a restarted worker is a new one.
    pub worker: String,
    engine: watch::Sender<Arc<Engine>>,
    desks: Semaphore,
    /// Nudges the courier: there is something to send.
    mail_due: Notify,
    /// Nudges the poller: a place is free.
    poll_due: Notify,
    keep_due: Notify,
    hooks: hooks::Hooks,
    /// Nobody nudges the caretaker: he comes by himself.
    care_due: Notify,
    disk: disk::Disk,
    replies_due: Notify,
    tasks: TaskTracker,
    alive: alive::Alive,
    /// Answers for several sources of one address. Sources do not change while we run.
    shared: shared::Shared,
}

impl Service {
    pub fn new(
        store: Store,
        client: Client,
        reader: Reader,
        mailer: Mailer,
        worker: String,
        engine: Arc<Engine>,
    ) -> Arc<Self> {
        Arc::new(Self {
            shared: shared::Shared::of(&engine.settings.sources),
            hooks: hooks::Hooks::of(&engine.settings),
            store,
            client,
            reader,
            mailer,
            pulse: Pulse::new(),
            tally: Tally::new(),
            worker,
            engine: watch::Sender::new(engine),
            desks: Semaphore::new(DESKS),
            mail_due: Notify::new(),
            poll_due: Notify::new(),
            keep_due: Notify::new(),
            care_due: Notify::new(),
            disk: disk::Disk::default(),
            replies_due: Notify::new(),
            tasks: TaskTracker::new(),
            alive: alive::Alive::default(),
        })
    }

    /// The rules in force.
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine.borrow())
    }

    /// Puts the sources of the configuration in force, and frees what a dead predecessor held.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        let now = clock::shared_now(&self.store).await?;
        poll::sync(&self.store, &self.engine(), now).await?;
        flow::hooks::sync(&self.store, &self.engine()).await?;
        self.raise_mark().await;
        self.readdress().await?;
        // On SQLite this service is the only one: whatever another held is free at once.
        let only_worker = (!self.store.is_shared()).then_some(self.worker.as_str());
        let engine = self.engine();
        let n_freed = outbox::recover(&self.store, &engine, only_worker, now).await?;
        if n_freed > 0 {
            warn!(
                mails.freed = n_freed,
                "took over {} that a stopped worker held",
                counted(n_freed, ["mail", "mails"])
            );
        }
        Ok(())
    }

    /// Notes how far the database has come. Without it the service works as well; only a loss would not
    /// be seen.
    async fn raise_mark(&self) {
        if let Err(failure) = self.store.raise_mark().await {
            warn!("the mark beside the database could not be written: {failure}");
        }
    }

    /// Mails that wait for who no longer stands in the configuration go to who does.
    async fn readdress(&self) -> Result<(), StoreError> {
        let now = clock::shared_now(&self.store).await?;
        let n = redrive::readdress(&self.store, &self.engine(), now).await?;
        if n > 0 {
            warn!(
                mails.readdressed = n,
                "{} waited for a recipient who is gone; see escucha outbox --all",
                counted(n as u64, ["mail", "mails"])
            );
        }
        Ok(())
    }

    /// Looks at the keyword file now.
    pub fn nudge_keeper(&self) {
        self.keep_due.notify_one();
    }
}

/// Runs until `shutdown`, then lets running work end for a few seconds. Work that does not end is
/// dropped: its lease ends, and the next start takes it over.
pub async fn run(service: Arc<Service>, shutdown: CancellationToken) -> Result<(), StoreError> {
    service.prepare().await?;
    let n_sources = service.engine().settings.sources.len();
    info!(
        sources = n_sources,
        "listening to {}",
        counted(n_sources, ["source", "sources"])
    );
    watchdog::tell(&[watchdog::READY]);
    let all = &*service;
    let poller = pace::pace((all, Loop::Poller), &all.poll_due, &shutdown, || {
        poller::turn(Arc::clone(&service))
    });
    let courier = pace::pace((all, Loop::Courier), &all.mail_due, &shutdown, || {
        courier::turn(Arc::clone(&service), shutdown.clone())
    });
    let keywords = keeper::Keywords::new(&service.engine());
    let keeper = pace::pace((all, Loop::Keeper), &all.keep_due, &shutdown, || {
        let keywords = keywords.clone();
        keeper::turn(Arc::clone(&service), keywords)
    });
    let replies = pace::pace((all, Loop::Replies), &all.replies_due, &shutdown, || {
        replies::turn(Arc::clone(&service))
    });
    let caretaker = pace::pace((all, Loop::Caretaker), &all.care_due, &shutdown, || {
        caretaker::turn(Arc::clone(&service))
    });
    let watchdog = watchdog::watch(&service, &shutdown);
    let loops = async {
        let hooks = hooks::run(&service, &shutdown);
        tokio::join!(poller, courier, keeper, replies, caretaker, watchdog, hooks);
    };
    let grace = async {
        shutdown.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::pin!(loops, grace);
    // One grace for all: whoever asks the service to end waits for it, and kills it when it takes long.
    let is_over = tokio::select! {
        () = &mut loops => false,
        () = &mut grace => true,
    };
    if is_over {
        warn!("some work did not end in time; it is taken over at the next start");
    }
    watchdog::tell(&[watchdog::STOPPING]);
    service.tasks.close();
    let are_read = tokio::select! {
        biased;
        () = service.tasks.wait() => true,
        () = async { if !is_over { grace.await } } => false,
    };
    if !are_read {
        warn!("some sources were still being read; they are read again at the next start");
    }
    info!("stopped");
    Ok(())
}
