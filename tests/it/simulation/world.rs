//! The world of one seed, its steps and its invariants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use escucha::extract::{Article, Extracted};
use escucha::flow::outbox::{Attempt, Outcome as MailOutcome};
use escucha::flow::poll::{Answer, Cause, Job, Outcome, Rest, Told, Trouble};
use escucha::flow::{Engine, acts, deadlines, intake, outbox, page, poll};
use escucha::model::{Because, CaseId, Post, PostId, State, Timestamp};
use escucha::store::{DeliveryRow, Store, Validators};

use super::tally::Tally;
use super::{health, incidents, nags};
use crate::support::dice::Dice;

const WORKERS: [&str; 2] = ["w1", "w2"];
/// Between a document and its disappearance from the feed.
const FEED_LENGTH: usize = 30;

pub(crate) struct World {
    store: Store,
    engine: Arc<Engine>,
    dice: Dice,
    seed: u64,
    now: Timestamp,
    /// By source name: what its feed shows, and how often it has changed.
    feeds: BTreeMap<String, (Vec<Post>, u64)>,
    /// Authors of complaints that a feed has shown to a settled read.
    heard: BTreeSet<String>,
    /// By Message-ID: the bytes that the mail server took, and how often.
    mailbox: BTreeMap<String, (String, usize)>,
    n_published: u64,
    /// By case: who opened it.
    authors: BTreeMap<CaseId, String>,
    accepted: nags::Accepted,
    /// Faults stop for good when the world heals.
    is_healing: bool,
    pub(crate) tally: Tally,
}

impl World {
    pub(crate) async fn new(store: Store, engine: Arc<Engine>, dice: Dice, seed: u64) -> Self {
        let now = Timestamp(1_800_000_000_000);
        poll::sync(&store, &engine, now).await.unwrap();
        let sources = engine.settings.sources.iter();
        let feeds = sources
            .map(|source| (source.name.clone(), (Vec::new(), 0)))
            .collect();
        Self {
            store,
            engine,
            dice,
            seed,
            now,
            feeds,
            heard: BTreeSet::new(),
            mailbox: BTreeMap::new(),
            n_published: 0,
            authors: BTreeMap::new(),
            accepted: nags::Accepted::default(),
            is_healing: false,
            tally: Tally::default(),
        }
    }

    pub(crate) async fn step(&mut self) {
        match self.dice.below(10) {
            0 | 1 => self.publish(),
            2 | 3 => self.poll().await,
            4 => self.read_pages().await,
            5 | 6 => self.send().await,
            7 => {
                deadlines::turn(&self.store, &self.engine, self.now)
                    .await
                    .unwrap();
                self.look_after_sources().await;
                nags::turn(&self.store, &self.engine, self.now).await;
            }
            8 => self.act().await,
            _ => self.move_the_clock(),
        }
    }

    fn publish(&mut self) {
        self.n_published += 1;
        let n = self.n_published;
        let is_complaint = self.dice.percent(60);
        let text = if is_complaint {
            format!(
                "Llamé {} veces a Telefonía Ejemplo por la factura {n} y nadie me atiende.",
                n % 7 + 2
            )
        } else {
            format!("Hoy hace sol en la plaza número {n} y los del Ejemplo juegan a las cartas.")
        };
        let mut post = Post {
            guid: Some(format!("g{n}")),
            text,
            author: Some(format!(
                "{} {n}",
                if is_complaint { "Vecino" } else { "Paseante" }
            )),
            url: Some(format!("https://foro.test/{n}")),
            published: Some(self.now),
            ..Post::default()
        };
        let names: Vec<String> = self.feeds.keys().cloned().collect();
        let name = self.dice.pick(&names).clone();
        post.excerpt = is_complaint && name == "blog" && self.dice.percent(50);
        self.show(&name, post.clone());
        if self.dice.percent(20) {
            // The same story in a second place, under another guid and link.
            post.guid = Some(format!("eco {n}"));
            post.url = Some(format!("https://eco.test/{n}"));
            post.excerpt = false;
            self.show("eco", post);
        }
    }

    fn show(&mut self, name: &str, post: Post) {
        if let Some((posts, version)) = self.feeds.get_mut(name) {
            posts.insert(0, post);
            posts.truncate(FEED_LENGTH);
            *version += 1;
        }
    }

    async fn poll(&mut self) {
        let worker = *self.dice.pick(&WORKERS);
        let limit = 1 + self.dice.below(3) as u32;
        let jobs = poll::begin(&self.store, &self.engine, worker, self.now, limit)
            .await
            .unwrap();
        for job in jobs {
            if self.crashes(15) {
                continue;
            }
            let answer = self.answer(&job);
            let shown: Vec<String> = match &answer.outcome {
                Outcome::Read { extracted, .. } => complainers(&extracted.posts),
                _ => Vec::new(),
            };
            let is_late = !self.is_healing && self.dice.percent(10);
            if is_late {
                self.now = self.now.plus_seconds(121);
            }
            let report = intake::finish(&self.store, &self.engine, &job, answer, self.now)
                .await
                .unwrap();
            assert!(
                !(is_late && report.is_settled),
                "{}: a late worker wrote",
                self.context()
            );
            if report.is_settled {
                self.heard.extend(shown);
            }
        }
    }

    fn answer(&mut self, job: &Job) -> Answer {
        let (posts, version) = &self.feeds[&job.source.name];
        let posts = health::spoiled(&mut self.dice, posts);
        let etag = format!("\"{version}\"");
        let outcome = if !self.is_healing && self.dice.percent(15) {
            Outcome::Trouble(Trouble {
                sentence: "no responde".into(),
                retry_after_ms: self.dice.percent(30).then_some(600_000),
                cause: Cause::Passing,
            })
        } else if !self.is_healing && self.dice.percent(5) {
            Outcome::PutOff {
                until: self.now.plus_minutes(self.dice.below(600) as i64),
            }
        } else if job.claim.validators.etag.as_ref() == Some(&etag) {
            Outcome::NotModified {
                told: told(etag),
                is_whole: false,
            }
        } else {
            Outcome::Read {
                extracted: Extracted {
                    posts,
                    ..Extracted::default()
                },
                body_hash: etag.clone(),
                told: told(etag),
            }
        };
        Answer {
            outcome,
            rests: vec![Rest {
                host: format!("{}.test", job.source.name),
                ms: i64::from(self.dice.percent(10)) * 60_000,
            }],
        }
    }

    async fn read_pages(&mut self) {
        let worker = *self.dice.pick(&WORKERS);
        let jobs = page::begin(&self.store, &self.engine, worker, self.now, 2)
            .await
            .unwrap();
        for job in jobs {
            if self.crashes(15) {
                continue;
            }
            let outcome = match self.dice.below(3) {
                0 => page::Outcome::Hopeless {
                    because: "no hay texto".to_owned(),
                },
                1 => page::Outcome::Read(Article {
                    text: "Llamé tres veces a Telefonía Ejemplo, nadie me atiende y sigo igual. "
                        .repeat(4),
                    ..Article::default()
                }),
                _ => page::Outcome::Failed {
                    because: "no responde".to_owned(),
                    retry_after_ms: None,
                },
            };
            let answer = page::Answer {
                outcome,
                rests: Vec::new(),
            };
            page::finish(&self.store, &self.engine, &job, answer, self.now)
                .await
                .unwrap();
        }
    }

    async fn send(&mut self) {
        let worker = *self.dice.pick(&WORKERS);
        let due = outbox::begin(&self.store, &self.engine, worker, self.now, 4)
            .await
            .unwrap();
        for delivery in due {
            if self.crashes(10) {
                continue;
            }
            let sealed = self.sealed(&delivery).await;
            let roll = if self.is_healing {
                99
            } else {
                self.dice.below(100)
            };
            let outcome = match roll {
                0..=9 => MailOutcome::Transport,
                10..=19 => MailOutcome::Later,
                20 => MailOutcome::Refused,
                21 => MailOutcome::ContentRefused,
                _ => match self.past_the_dot(&delivery, &sealed, roll).await {
                    Some(outcome) => outcome,
                    None => continue,
                },
            };
            let attempt = Attempt {
                outcome,
                code: None,
                sentence: "así fue".into(),
            };
            outbox::finish(&self.store, &self.engine, &delivery, &attempt, self.now)
                .await
                .unwrap();
        }
    }

    /// The bytes that every attempt sends.
    async fn sealed(&mut self, delivery: &DeliveryRow) -> String {
        if let Some(mime) = &delivery.mime {
            mime.clone()
        } else {
            let mime = format!("{}\n\n{}\n\n{}", delivery.subject, delivery.text, self.now);
            self.store
                .seal_delivery(delivery, &mime, self.now)
                .await
                .unwrap();
            mime
        }
    }

    /// Body and dot; `None` when the worker dies there.
    async fn past_the_dot(
        &mut self,
        delivery: &DeliveryRow,
        sealed: &str,
        roll: u64,
    ) -> Option<MailOutcome> {
        if !self
            .store
            .pass_dot_barrier(delivery, self.now)
            .await
            .unwrap()
        {
            return None;
        }
        let is_lost = (22..=31).contains(&roll);
        if !is_lost {
            self.accept(delivery, sealed);
        }
        if self.crashes(10) {
            return None;
        }
        let is_unheard = (32..=36).contains(&roll);
        Some(if is_lost || is_unheard {
            MailOutcome::InDoubt
        } else {
            MailOutcome::Sent
        })
    }

    fn accept(&mut self, delivery: &DeliveryRow, sealed: &str) {
        let context = self.context();
        let (body, n) = self
            .mailbox
            .entry(delivery.message_id.clone())
            .or_insert_with(|| (sealed.to_owned(), 0));
        assert_eq!(body, sealed, "{context}: two bodies under one Message-ID");
        *n += 1;
        self.accepted.note(&self.engine, delivery, self.now);
        self.tally.mails += 1;
        self.tally.copies += usize::from(*n > 1);
    }

    async fn act(&mut self) {
        let live: Vec<_> = self.store.cases(50).await.unwrap();
        let live: Vec<_> = live
            .into_iter()
            .filter(|row| row.case.state == State::Told)
            .collect();
        if live.is_empty() {
            return;
        }
        let row = self.dice.pick(&live).clone();
        let act = match self.dice.below(4) {
            0 => acts::Act::Solved {
                words: "gracias, ya está".into(),
            },
            1 => acts::Act::Dismissed {
                because: Because::Duplicate,
            },
            _ => acts::Act::Answered,
        };
        acts::act(&self.store, &self.engine, &row, act, self.now)
            .await
            .unwrap();
    }

    async fn look_after_sources(&mut self) {
        health::turn(&self.store, &self.engine, self.now, &self.context()).await;
    }

    fn move_the_clock(&mut self) {
        self.now = match self.dice.below(10) {
            0 => self.now.plus_minutes(-(self.dice.below(60) as i64)),
            1 => self.now.plus_hours(self.dice.below(30) as i64),
            _ => self.now.plus_minutes(self.dice.below(20) as i64),
        };
    }

    fn crashes(&mut self, chance: u64) -> bool {
        let crashes = !self.is_healing && self.dice.percent(chance);
        self.tally.crashes += usize::from(crashes);
        crashes
    }

    fn context(&self) -> String {
        format!(
            "seed {} (repeat with ESCUCHA_SEED={})",
            self.seed, self.seed
        )
    }

    /// Who opened a case; looked up once, since it never changes.
    async fn author(&mut self, case: &CaseId, post: &PostId) -> String {
        if let Some(author) = self.authors.get(case) {
            return author.clone();
        }
        let post = self.store.post(post).await.unwrap().unwrap();
        let author = post.post.author.unwrap_or_default();
        self.authors.insert(case.clone(), author.clone());
        author
    }

    /// What must hold at every moment.
    pub(crate) async fn check(&mut self) {
        let context = self.context();
        let cases = self.store.cases(10_000).await.unwrap();
        let deliveries = self.store.deliveries(true).await.unwrap();
        let held = self.store.held(None, true).await.unwrap();
        let mut authors = BTreeSet::new();
        for row in &cases {
            let case = &row.case;
            assert_eq!(
                case.state.is_live(),
                case.due.is_some(),
                "{context}: one due time: {row:?}"
            );
            let author = self.author(&row.id, &row.post_id).await;
            assert!(
                author.starts_with("Vecino"),
                "{context}: {author} does not complain"
            );
            assert!(authors.insert(author), "{context}: two cases of one story");
            nags::check_case(&self.store, row, &deliveries, &held, &context).await;
        }
        let in_sight = self.accepted.all_in_sight(&self.store, &held, &context);
        in_sight.await;
        self.accepted.check(&self.engine, &context);
        for delivery in deliveries
            .iter()
            .filter(|delivery| delivery.state == "sent")
        {
            let taken = self.mailbox.contains_key(&delivery.message_id);
            assert!(
                taken,
                "{context}: counted as sent, and the server never took it"
            );
        }
        self.tally.complaints = authors.len();
    }

    /// The faults end; everything that was heard must have been told.
    pub(crate) async fn heal(&mut self) {
        self.is_healing = true;
        for _ in 0..60 {
            self.now = self.now.plus_hours(5);
            self.poll().await;
            self.read_pages().await;
            self.send().await;
            deadlines::turn(&self.store, &self.engine, self.now)
                .await
                .unwrap();
            self.look_after_sources().await;
            nags::turn(&self.store, &self.engine, self.now).await;
            self.check().await;
        }
        health::all_see(&self.store, &self.context()).await;
        let context = self.context();
        let cases = self.store.cases(10_000).await.unwrap();
        let mut told = BTreeSet::new();
        let deliveries = self.store.deliveries(true).await.unwrap();
        for row in &cases {
            let of_case = deliveries
                .iter()
                .filter(|d| d.case_id.as_ref() == Some(&row.id) && d.kind == "complaint");
            for delivery in of_case {
                let is_over = matches!(delivery.state.as_str(), "sent" | "dead");
                assert!(
                    is_over,
                    "{context}: {} is still {}",
                    delivery.id, delivery.state
                );
                self.tally.dead += usize::from(delivery.state == "dead");
            }
            let post = self.store.post(&row.post_id).await.unwrap().unwrap();
            told.extend(post.post.author);
        }
        incidents::all_are_named(&cases, &deliveries, &self.mailbox, &context);
        let of_incidents = deliveries.iter().filter(|d| d.kind == "incident");
        self.tally.incidents = of_incidents.count();
        self.tally.digests = self.accepted.n_digests();
        let held = self.store.held(None, true).await.unwrap();
        self.tally.held = held.len();
        // What came last waits for the digest of tomorrow; a day of autumn has 25 hours.
        let mut waiting = self.store.held_sums().await.unwrap();
        waiting.retain(|sum| sum.first_at <= self.now.plus_hours(-25));
        assert!(waiting.is_empty(), "{context}: never told: {waiting:?}");
        let lost: Vec<&String> = self.heard.difference(&told).collect();
        assert!(lost.is_empty(), "{context}: lost {lost:?}");
    }
}

fn told(etag: String) -> Told {
    Told {
        validators: Validators {
            etag: Some(etag),
            last_modified: None,
        },
        ..Told::default()
    }
}

fn complainers(posts: &[Post]) -> Vec<String> {
    posts
        .iter()
        .filter_map(|post| post.author.clone())
        .filter(|author| author.starts_with("Vecino"))
        .collect()
}
