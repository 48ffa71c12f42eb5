//! A source read by hand: the real store, the real reader and the real jobs, at whatever hour the test
//! says. Only the wire is missing: a document is handed over as if it had just come.

use std::collections::BTreeMap;
use std::sync::Arc;

use escucha::extract::{self, Document, Kind, Reading};
use escucha::flow::poll::{self, Answer, Cause, Outcome, Rest, Told, Trouble};
use escucha::flow::{Engine, budget, health, intake, outbox, page};
use escucha::model::{Timestamp, digest_hex};
use escucha::settings::SourceKind;
use escucha::store::{DeliveryRow, Store};

use super::binary::Home;

pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);

pub(crate) struct Lab<'a> {
    pub(crate) store: &'a Store,
    pub(crate) engine: Arc<Engine>,
    pub(crate) now: Timestamp,
    /// What was mailed, the oldest first.
    pub(crate) mails: Vec<DeliveryRow>,
    pub(crate) home: Home,
    /// Lines of `[alerts]`.
    alerts: String,
}

impl<'a> Lab<'a> {
    /// `sources` is the part of `escucha.toml` that names them.
    pub(crate) async fn new(store: &'a Store, sources: &str) -> Self {
        Self::with(store, sources, "", KEYWORDS).await
    }

    /// The same with further lines of `[alerts]`, and with this `keywords.toml`.
    pub(crate) async fn with(
        store: &'a Store,
        sources: &str,
        alerts: &str,
        keywords: &str,
    ) -> Self {
        let home = Home::new(&configuration(sources, alerts), keywords);
        let engine = Arc::new(engine(&home));
        let lab = Self {
            store,
            engine,
            now: START,
            mails: Vec::new(),
            home,
            alerts: alerts.to_owned(),
        };
        poll::sync(store, &lab.engine, lab.now).await.unwrap();
        lab
    }

    /// The operator changes the configuration, and the service starts again with it.
    pub(crate) async fn configure(&mut self, sources: &str) {
        let text = configuration(sources, &self.alerts);
        self.home.write("escucha.toml", &text);
        self.engine = Arc::new(engine(&self.home));
        poll::sync(self.store, &self.engine, self.now)
            .await
            .unwrap();
    }

    /// The service starts again with its configuration as it is.
    pub(crate) fn restart(&mut self) {
        self.engine = Arc::new(engine(&self.home));
    }

    pub(crate) fn pass_hours(&mut self, hours: i64) {
        self.now = self.now.plus_hours(hours);
    }

    /// Every due source gets its document, or the failure "no responde" where there is none.
    pub(crate) async fn read(&mut self, documents: &BTreeMap<&str, String>) {
        loop {
            let jobs = poll::begin(self.store, &self.engine, "w", self.now, 10)
                .await
                .unwrap();
            if jobs.is_empty() {
                break;
            }
            for job in jobs {
                let outcome = match documents.get(job.source.name.as_str()) {
                    Some(body) => read(&job.source, body, self.now),
                    None => failed("no responde", Cause::Passing),
                };
                self.finish(&job, outcome, 0).await;
            }
        }
        self.look_around().await;
    }

    /// Every due source comes to this.
    pub(crate) async fn outcome(&mut self, outcome: &Outcome) {
        self.outcome_and_rest(outcome, 0).await;
    }

    /// Every due source comes to this, and its host wants to be left alone for so long.
    pub(crate) async fn outcome_and_rest(&mut self, outcome: &Outcome, rest_ms: i64) {
        for job in poll::begin(self.store, &self.engine, "w", self.now, 10)
            .await
            .unwrap()
        {
            self.finish(&job, outcome.clone(), rest_ms).await;
        }
        self.look_around().await;
    }

    async fn finish(&self, job: &poll::Job, outcome: Outcome, rest_ms: i64) {
        let answer = Answer {
            outcome,
            rests: vec![Rest {
                host: job.claim.host.clone(),
                ms: rest_ms,
            }],
        };
        let report = intake::finish(self.store, &self.engine, job, answer, self.now)
            .await
            .unwrap();
        assert!(report.is_settled);
    }

    /// One job comes to this document.
    pub(crate) async fn finish_with(&self, job: &poll::Job, body: &str, now: Timestamp) {
        let answer = Answer {
            outcome: read(&job.source, body, now),
            rests: Vec::new(),
        };
        let report = intake::finish(self.store, &self.engine, job, answer, now);
        assert!(report.await.unwrap().is_settled);
    }

    /// What the keeper and the courier do: looks after the sources' health, sends what is due.
    pub(crate) async fn look_around(&mut self) {
        health::turn(self.store, &self.engine, self.now)
            .await
            .unwrap();
        for job in page::begin(self.store, &self.engine, "w", self.now, 50)
            .await
            .unwrap()
        {
            let answer = page::Answer {
                outcome: page::Outcome::Hopeless {
                    because: "no".to_owned(),
                },
                rests: Vec::new(),
            };
            page::finish(self.store, &self.engine, &job, answer, self.now)
                .await
                .unwrap();
        }
        loop {
            let due = outbox::begin(self.store, &self.engine, "w", self.now, 50)
                .await
                .unwrap();
            // What is over the budget may be told in one letter.
            if due.is_empty()
                && budget::turn(self.store, &self.engine, self.now)
                    .await
                    .unwrap()
                    == 0
            {
                break;
            }
            for delivery in due {
                self.store
                    .seal_delivery(&delivery, "sealed", self.now)
                    .await
                    .unwrap();
                let sent = outbox::Attempt {
                    outcome: outbox::Outcome::Sent,
                    code: Some(250),
                    sentence: String::new(),
                };
                outbox::finish(self.store, &self.engine, &delivery, &sent, self.now)
                    .await
                    .unwrap();
                self.mails.push(delivery);
            }
        }
    }

    /// The mails of this kind since the last call, as their subjects.
    pub(crate) fn take(&mut self, kind: &str) -> Vec<String> {
        let (taken, left) = std::mem::take(&mut self.mails)
            .into_iter()
            .partition(|mail: &DeliveryRow| mail.kind == kind);
        self.mails = left;
        let taken: Vec<DeliveryRow> = taken;
        taken.into_iter().map(|mail| mail.subject).collect()
    }
}

pub(crate) fn failed(sentence: &str, cause: Cause) -> Outcome {
    Outcome::Trouble(Trouble {
        sentence: sentence.to_owned(),
        retry_after_ms: None,
        cause,
    })
}

pub(crate) fn not_modified() -> Outcome {
    Outcome::NotModified {
        told: Told::default(),
        is_whole: false,
    }
}

/// What the poller makes of a body.
fn read(source: &escucha::settings::SourceSettings, body: &str, now: Timestamp) -> Outcome {
    let document = Document {
        body: body.as_bytes(),
        content_type: None,
        url: Some(&source.url),
    };
    let reading = Reading {
        kind: match source.kind {
            SourceKind::Feed => Kind::Feed,
            SourceKind::Blog => Kind::Blog,
            SourceKind::Reviews => Kind::Reviews,
            SourceKind::Json => Kind::Json,
            SourceKind::Mailbox => Kind::Mail,
        },
        select: source.select.as_ref(),
        map: source.map.as_ref(),
        lang: source.lang,
        now,
        local: escucha::model::LocalTime::utc(),
    };
    let extracted = extract::posts(&document, &reading);
    if let Some(failure) = extracted.failure() {
        return failed(failure, Cause::NothingFound);
    }
    Outcome::Read {
        extracted,
        body_hash: digest_hex(&[body]),
        told: Told::default(),
    }
}

fn engine(home: &Home) -> Engine {
    let settings = escucha::config::load(&home.path().join("escucha.toml"), &|_| None).unwrap();
    Engine::with_key(settings, "a key of the test".to_owned())
}

fn configuration(sources: &str, alerts: &str) -> String {
    format!(
        r#"
[company]
name = "Telefonía Ejemplo"
signature = "Marta Ruiz, responsable de calidad"
{sources}
[smtp]
host = "127.0.0.1"
port = 2525
security = "none"
from = "avisos@ejemplo.test"
[alerts]
to = ["gerente@ejemplo.test"]
operator = ["sistemas@ejemplo.test"]
{alerts}
"#
    )
}

pub(crate) const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
