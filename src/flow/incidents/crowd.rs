//! The cases of the last days and the new ones of a job: which of them belong together, and what is told.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::threads::Threads;
use super::super::{Engine, intake, letters};
use super::{NAMED_MAX, is_opening, unnamed};
use crate::model::{
    Bond, CaseId, IncidentId, Level, Reason, SURGE_DAYS, SURGE_HOURS, SignalKind, Timestamp, Topic,
    Verdict, digest_hex, is_doubled, named_by, rests_until, surge_from,
};
use crate::reply::is_only_a_day;
use crate::score::crowd::{self, Index, Sketch};
use crate::settings::SourceSettings;
use crate::store::{
    Gathering, IncidentRow, Join, KnownPrint, Member, NewPost, Print, Store, StoreError,
};

/// Stories further apart are not the same one, however alike: the failure came back.
const WINDOW_DAYS: i64 = 7;
/// Cases of that time with which new ones are compared, the newest.
const WINDOW_CASES: u32 = 5_000;

/// The cases of the last days and the new ones, and how they belong together.
pub(super) struct Crowd<'a> {
    store: &'a Store,
    engine: &'a Engine,
    source: &'a SourceSettings,
    now: Timestamp,
    known: Vec<KnownPrint>,
    /// Which post opens a case, for those that are new.
    post_of: HashMap<CaseId, usize>,
    by_case: HashMap<CaseId, usize>,
    /// By watch: the sketches, and whose they are.
    indexes: BTreeMap<String, (Index, Vec<usize>)>,
    joins: Vec<Join>,
}

impl<'a> Crowd<'a> {
    /// What is known; the new cases are added one by one as they are compared.
    pub(super) async fn of(
        store: &'a Store,
        engine: &'a Engine,
        source: &'a SourceSettings,
        posts: &[NewPost],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let opening = posts.iter().filter(|new| is_opening(new));
        let cases = opening.filter_map(|new| new.case.as_ref());
        let watches: BTreeSet<&str> = cases.map(|case| case.watch.as_str()).collect();
        let mut crowd = Self {
            store,
            engine,
            source,
            now,
            known: Vec::new(),
            post_of: HashMap::new(),
            by_case: HashMap::new(),
            indexes: BTreeMap::new(),
            joins: Vec::new(),
        };
        for watch in watches {
            let since = now.plus_days(-WINDOW_DAYS);
            let mut prints = store.prints(watch, since, WINDOW_CASES).await?;
            // The oldest first: of several that are equally alike, the first is taken.
            prints.reverse();
            for print in prints {
                crowd.know(print);
            }
        }
        Ok(crowd)
    }

    fn know(&mut self, print: KnownPrint) -> usize {
        let at = self.known.len();
        self.by_case.insert(print.print.case.clone(), at);
        let sketch = print.print.sketch.as_deref().and_then(Sketch::from_hex);
        if let Some(sketch) = sketch {
            let watch = print.print.watch.clone();
            let (index, places) = self.indexes.entry(watch).or_default();
            index.add(sketch);
            places.push(at);
        }
        self.known.push(print);
        at
    }

    /// Each new case in the order in which it was said: with whom it belongs together by what it answers
    /// or by its words.
    pub(super) async fn join_all(
        &mut self,
        mut threads: Threads<'_>,
        posts: &[NewPost],
    ) -> Result<(), StoreError> {
        let own = self.own_words();
        let mut order: Vec<usize> = (0..posts.len())
            .filter(|at| is_opening(&posts[*at]))
            .collect();
        order.sort_by_key(|at| {
            let published = posts[*at].post.published;
            (published.is_none(), published, *at)
        });
        for at in order {
            let new = &posts[at];
            let (Some(case), Some(verdict)) = (&new.case, &new.verdict) else {
                continue;
            };
            // The press repeats what many say; its case stays by itself.
            let is_report = crowd::is_report(new.post.title.as_deref(), &new.post.text);
            if is_report || self.by_case.contains_key(&case.id) {
                continue;
            }
            let sketch = Sketch::of(&new.post.text, &own);
            let mut bond = None;
            if let Some(above) = threads.case_of(posts, &new.post).await?
                && let Some(with) = self.by_case.get(&above).copied()
                && belongs(new, verdict, self.known[with].print.topic)
            {
                bond = Some((with, Bond::Thread));
            }
            if let Some(sketch) = sketch.as_ref().filter(|_| bond.is_none())
                && let Some((index, places)) = self.indexes.get(&case.watch)
                && let Some(place) = index.likest(sketch)
            {
                bond = Some((places[place], Bond::Words));
            }
            let this = self.know(KnownPrint {
                print: Print {
                    case: case.id.clone(),
                    watch: case.watch.clone(),
                    topic: verdict.topics.first().copied(),
                    mouth: intake::name_of(&new.post).map(|name| mouth(&name)),
                    sketch: sketch.map(|sketch| sketch.to_hex()),
                    said_at: said_at(new, self.engine, self.now),
                },
                incident: None,
            });
            self.post_of.insert(case.id.clone(), at);
            if let Some((with, bond)) = bond {
                self.bind(this, with, bond);
            }
        }
        Ok(())
    }

    /// Our own names, which everybody uses.
    fn own_words(&self) -> HashSet<String> {
        let company = &self.engine.settings.company;
        let names = std::iter::once(&company.name).chain(&company.own_authors);
        crowd::own_words(names.map(String::as_str))
    }

    /// Two cases of one watch tell the same. One author who says it at two places is one mouth, and no
    /// incident.
    fn bind(&mut self, this: usize, with: usize, bond: Bond) {
        let (one, other) = (&self.known[this].print, &self.known[with].print);
        let is_one_mouth = one.mouth.is_some() && one.mouth == other.mouth;
        if one.watch != other.watch {
            return;
        }
        let incident = match &self.known[with].incident {
            Some((incident, _)) => incident.clone(),
            None if is_one_mouth => return,
            None => {
                let incident = IncidentId::of_first(&other.case);
                self.join(with, &incident, bond);
                incident
            }
        };
        self.join(this, &incident, bond);
    }

    fn join(&mut self, at: usize, incident: &IncidentId, bond: Bond) {
        let known = &mut self.known[at];
        known.incident = Some((incident.clone(), bond));
        self.joins.push(Join {
            case: known.print.case.clone(),
            incident: incident.clone(),
            bond,
            // Those of before have been told of by a letter of their own.
            waits: self.post_of.contains_key(&known.print.case),
        });
    }

    /// Topics of which far more than usual speak: those who belong to nobody yet belong together.
    pub(super) async fn surge(&mut self) -> Result<(), StoreError> {
        let free = |known: &KnownPrint| known.incident.is_none();
        let new = self
            .known
            .iter()
            .filter(|known| free(known) && self.post_of.contains_key(&known.print.case));
        let topics: BTreeSet<(String, Topic)> = new
            .filter_map(|known| Some((known.print.watch.clone(), known.print.topic?)))
            .collect();
        let since = self.now.plus_hours(-SURGE_HOURS);
        for (watch, topic) in topics {
            let is_of =
                |known: &KnownPrint| known.print.watch == watch && known.print.topic == Some(topic);
            let recent: Vec<usize> = (0..self.known.len())
                .filter(|at| {
                    let known = &self.known[*at];
                    let bond = known.incident.as_ref().map(|(_, bond)| *bond);
                    is_of(known)
                        && known.print.said_at > since
                        && bond.is_none_or(|bond| bond == Bond::Surge)
                })
                .collect();
            let mouths: BTreeSet<&str> = recent
                .iter()
                .map(|at| {
                    let print = &self.known[*at].print;
                    print.mouth.as_deref().unwrap_or(&print.case.0)
                })
                .collect();
            let days = self.store.topic_days(&watch, topic, since, SURGE_DAYS);
            if (mouths.len() as u32) < surge_from(&days.await?) {
                continue;
            }
            // An incident of today that speaks of the same takes them in.
            let today = self.now.plus_days(-1);
            let open = self.known.iter().rev().find_map(|known| {
                let (incident, _) = known.incident.as_ref()?;
                let is_open = is_of(known) && known.print.said_at > today;
                is_open.then(|| incident.clone())
            });
            let free: Vec<usize> = recent
                .into_iter()
                .filter(|at| self.known[*at].incident.is_none())
                .collect();
            let Some(first) = free.first() else { continue };
            let incident =
                open.unwrap_or_else(|| IncidentId::of_first(&self.known[*first].print.case));
            for at in free {
                self.join(at, &incident, Bond::Surge);
            }
        }
        Ok(())
    }

    /// The letters: one for each incident that has doubled. Who joined and is not named waits.
    pub(super) async fn tell(self, posts: &mut [NewPost]) -> Result<Gathering, StoreError> {
        let mut gathering = Gathering::default();
        let touched: BTreeSet<IncidentId> = self
            .joins
            .iter()
            .map(|join| join.incident.clone())
            .collect();
        let mut joins = self.joins.clone();
        for id in touched {
            let mouths = self.mouths(&id).await?;
            let row = match self.store.incident(&id).await? {
                Some(row) => row,
                None => self.founded(&id),
            };
            for join in joins.iter_mut().filter(|join| join.incident == id) {
                let Some(new) = self.post_of.get(&join.case).map(|at| &mut posts[*at]) else {
                    continue;
                };
                join.waits = !is_urgent(new.verdict.as_ref());
                self.note_crowd(new, mouths.len().saturating_sub(1));
                if let Some(case) = new.case.as_mut().filter(|_| join.waits) {
                    case.alerts.clear();
                }
            }
            let row = self
                .told(&id, row, mouths.len(), &joins, posts, &mut gathering)
                .await?;
            gathering.incidents.push(row);
        }
        gathering.joins = joins;
        let new = self.known.into_iter().map(|known| known.print);
        gathering.prints = new
            .filter(|print| self.post_of.contains_key(&print.case))
            .collect();
        Ok(gathering)
    }

    /// The incident after this job, with its letter if it has doubled.
    async fn told(
        &self,
        id: &IncidentId,
        row: IncidentRow,
        n_mouths: usize,
        joins: &[Join],
        posts: &[NewPost],
        gathering: &mut Gathering,
    ) -> Result<IncidentRow, StoreError> {
        let n = n_mouths as u32;
        if !is_doubled(n, row.n_told) {
            let waits = joins.iter().any(|join| join.incident == *id && join.waits);
            return Ok(IncidentRow {
                tell_at: row.tell_at.or(waits.then(|| named_by(self.now))),
                ..row
            });
        }
        // Two letters of one incident are some minutes apart, however fast it doubles.
        if let Some(at) = row.told_at.and_then(|told| rests_until(told, self.now)) {
            return Ok(IncidentRow {
                tell_at: Some(row.tell_at.map_or(at, |named_by| named_by.min(at))),
                ..row
            });
        }
        let mut members = self.new_members(id, joins, posts).await?;
        let room = NAMED_MAX.saturating_sub(members.len() as u32);
        members.extend(self.store.incident_members(id, room).await?);
        let here = joins.iter().filter(|join| join.incident == *id);
        let here = here.filter(|join| join.waits).map(|join| join.case.clone());
        let mut waiting: Vec<CaseId> = here.collect();
        waiting.extend(self.store.incident_waiting(id).await?);
        let others = unnamed(&waiting, &members);
        let letters = letters::incident(self.engine, &row, n_mouths, (&members, &others), self.now);
        gathering
            .letters
            .extend(letters.into_iter().map(|letter| (id.clone(), letter)));
        Ok(IncidentRow {
            n_told: n,
            told_at: Some(self.now),
            tell_at: None,
            ..row
        })
    }

    /// The cases that join now, with their posts: from this job, or from before.
    async fn new_members(
        &self,
        id: &IncidentId,
        joins: &[Join],
        posts: &[NewPost],
    ) -> Result<Vec<Member>, StoreError> {
        let mut members = Vec::new();
        for join in joins.iter().filter(|join| join.incident == *id) {
            if let Some(at) = self.post_of.get(&join.case) {
                members.push(letters::member(
                    &posts[*at],
                    &self.source.id,
                    join,
                    self.now,
                ));
            } else if let Some(row) = self.store.case(&join.case).await?
                && let Some(post) = self.store.post(&row.post_id).await?
            {
                members.push(Member {
                    case: row.id,
                    state: row.case.state,
                    waits: join.waits,
                    post,
                });
            }
        }
        members.sort_by_key(|member| !member.waits);
        members.truncate(NAMED_MAX as usize);
        Ok(members)
    }

    /// Who speaks in an incident, each once.
    async fn mouths(&self, id: &IncidentId) -> Result<HashSet<String>, StoreError> {
        let mut mouths: HashSet<String> =
            self.store.incident_mouths(id).await?.into_iter().collect();
        for join in self.joins.iter().filter(|join| join.incident == *id) {
            if let Some(at) = self.by_case.get(&join.case) {
                let print = &self.known[*at].print;
                mouths.insert(print.mouth.clone().unwrap_or_else(|| print.case.0.clone()));
            }
        }
        Ok(mouths)
    }

    /// An incident that begins now.
    fn founded(&self, id: &IncidentId) -> IncidentRow {
        let of = self.joins.iter().filter(|join| join.incident == *id);
        let prints: Vec<&Print> = of
            .filter_map(|join| self.by_case.get(&join.case))
            .map(|at| &self.known[*at].print)
            .collect();
        IncidentRow {
            id: id.clone(),
            watch: prints
                .first()
                .map_or_else(String::new, |print| print.watch.clone()),
            topic: prints.iter().find_map(|print| print.topic),
            opened_at: self.now,
            n_told: 0,
            told_at: None,
            tell_at: None,
        }
    }

    /// The risk of a case grows with those who tell the same, unless he told of them himself.
    fn note_crowd(&self, new: &mut NewPost, n_others: usize) {
        let Some(verdict) = new.verdict.as_ref().filter(|_| n_others > 0) else {
            return;
        };
        let points = if verdict.has(SignalKind::Crowd) {
            0
        } else {
            self.engine.scorer.rules().points.crowd
        };
        let because = self.engine.settings.ui.count(
            n_others as i64,
            [
                "cliente más cuenta lo mismo",
                "clientes más cuentan lo mismo",
            ],
            [
                "other customer tells the same",
                "other customers tell the same",
            ],
        );
        let reason = Reason {
            points,
            because,
            span: None,
        };
        new.verdict = Some(self.engine.scorer.and(verdict, reason));
    }
}

/// True when a reply under a case speaks of the same: it says so, or it is too short for another story,
/// or it names the same weakness.
fn belongs(new: &NewPost, verdict: &Verdict, topic: Option<Topic>) -> bool {
    let has_signal = verdict.has(SignalKind::Crowd);
    let text = &new.post.text;
    if has_signal || crowd::is_me_too(text, has_signal, verdict.sentiment.to_f64()) {
        return true;
    }
    match topic {
        Some(topic) if !verdict.topics.is_empty() => verdict.topics.contains(&topic),
        _ => crowd::is_short(text),
    }
}

/// Urgent by its own facts: that one is told by itself, too.
fn is_urgent(verdict: Option<&Verdict>) -> bool {
    const GRAVE: [SignalKind; 3] = [
        SignalKind::Safety,
        SignalKind::LegalThreat,
        SignalKind::Privacy,
    ];
    verdict.is_some_and(|verdict| {
        verdict.level == Level::Urgent || GRAVE.iter().any(|kind| verdict.has(*kind))
    })
}

/// When it was said; a date without an hour may mean this very one.
fn said_at(new: &NewPost, engine: &Engine, now: Timestamp) -> Timestamp {
    const DAY_MS: i64 = 24 * 3_600_000;
    match new.post.published {
        Some(at) if now.ms_since(at) < DAY_MS && is_only_a_day(at, &engine.settings.zone) => now,
        Some(at) => at.min(now),
        None => now,
    }
}

/// The digest by which a name is counted once.
fn mouth(name: &str) -> String {
    digest_hex(&["mouth", name])[..16].to_owned()
}
