//! Never blind in silence: what a reading says about its source, and what the operator is told of it.
//!
//! Absent: mail for each failure. One alarm an ailment, one all-clear after it, grouped when many
//! sources fail together.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::Engine;
use super::known::{Age, Sorted};
use super::letters;
use super::poll::{Cause, Job, LEASE_SECONDS, Trouble};
use crate::extract::Extracted;
use crate::letter::{self, SourceHealth};
use crate::model::{Ailment, HABIT_DAYS, HourCount, SourceId, Timestamp, Ui, Word, habit, tell_at};
use crate::settings::{SourceKind, SourceSettings};
use crate::store::{NewTrouble, Parsed, SourceState, Store, StoreError, Telling};

/// More letters than these in an hour wait, and come as one.
const LETTERS_AN_HOUR: i64 = 4;
/// A remark longer than this helps nobody in a list.
const NOTE_CHARS_MAX: usize = 200;

/// Moves can wait for one another: no second letter in an hour is about them, and none comes between
/// alarms.
const MOVE_LETTERS_AN_HOUR: i64 = 1;

/// Tells the operator of every ailment that is due, of every one that is over, and of sources that are
/// read elsewhere from now on; returns how many.
pub async fn turn(store: &Store, engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    if letters::operators(engine).is_empty() {
        // Nobody is named yet: he is told when he is.
        return Ok(0);
    }
    let states = store.ailing_sources(now).await?;
    let mut alarms = Vec::new();
    let mut all_clears = Vec::new();
    let mut moves = Vec::new();
    for state in &states {
        let Some(source) = engine.source(&state.id) else {
            continue;
        };
        match state.condition.word(now) {
            Word::Nothing => {}
            Word::Alarm(ailment) => alarms.push((source, state, Some(ailment))),
            Word::AllClear => all_clears.push((source, state, None)),
        }
        if let Some(to) = state.moved_to.as_ref()
            && state.moved_told.as_ref() != Some(to)
        {
            moves.push((source, to.as_str()));
        }
    }
    let mut n_told = 0;
    for group in [alarms, all_clears] {
        if !group.is_empty() && tell(store, engine, &group, now).await? {
            n_told += group.len();
        }
    }
    if !moves.is_empty() && tell_of_moves(store, engine, &moves, now).await? {
        n_told += moves.len();
    }
    Ok(n_told)
}

/// One letter about all sources that have moved.
async fn tell_of_moves(
    store: &Store,
    engine: &Engine,
    moves: &[(&SourceSettings, &str)],
    now: Timestamp,
) -> Result<bool, StoreError> {
    if store.count_operator_letters(now.plus_hours(-1)).await? >= MOVE_LETTERS_AN_HOUR {
        return Ok(false);
    }
    let told = |(source, to): &(&SourceSettings, &str)| letter::Trouble::SourceMoved {
        source: source.name.clone(),
        from: source.url.to_string(),
        to: (*to).to_owned(),
    };
    let troubles: Vec<letter::Trouble> = moves.iter().map(told).collect();
    let letters = letters::sources(engine, &troubles, now);
    let moves = moves
        .iter()
        .map(|(source, to)| (source.id.clone(), (*to).to_owned()));
    store
        .tell_of_moves(&moves.collect::<Vec<_>>(), &letters, now)
        .await
}

type Due<'a> = (&'a SourceSettings, &'a SourceState, Option<Ailment>);

async fn tell(
    store: &Store,
    engine: &Engine,
    group: &[Due<'_>],
    now: Timestamp,
) -> Result<bool, StoreError> {
    if store.count_operator_letters(now.plus_hours(-1)).await? >= LETTERS_AN_HOUR {
        return Ok(false);
    }
    let mut troubles = Vec::new();
    let mut tellings = Vec::new();
    for (source, state, of) in group {
        let health = health(store, &engine.settings.zone, &source.id, Some(state)).await?;
        troubles.push(letters::source_trouble(engine, source, state, &health, *of));
        tellings.push(Telling {
            source: state.id.clone(),
            knew: state.condition.told_of,
            of: *of,
        });
    }
    let letters = letters::sources(engine, &troubles, now);
    store.tell_of_sources(&tellings, &letters, now).await
}

/// How a source is, in facts from which its sentence is made.
pub async fn health(
    store: &Store,
    zone: &TimeZone,
    id: &SourceId,
    state: Option<&SourceState>,
) -> Result<SourceHealth, StoreError> {
    let hours = store.source_hours(id).await?;
    Ok(health_of(zone.clone(), &hours, state))
}

/// The same for who has read the hours already.
pub fn health_of(zone: TimeZone, hours: &[HourCount], state: Option<&SourceState>) -> SourceHealth {
    let habit = habit(hours);
    SourceHealth {
        zone,
        ailment: state.and_then(|state| state.condition.ailment()),
        trouble: state.and_then(|state| state.trouble.clone()),
        trouble_at: state.and_then(|state| state.condition.trouble_at),
        last_ok_at: state.and_then(|state| state.last_ok_at),
        has_shown: state.is_some_and(|state| state.n_shown.is_some()),
        newest_at: habit.map(|habit| habit.newest_at),
        usual_hours: habit.map(|habit| habit.usual_hours),
        note: state.and_then(|state| state.note.clone()),
    }
}

/// What a document that could be read says about its source.
pub(super) async fn parsed(
    store: &Store,
    job: &Job,
    extracted: &Extracted,
    sorted: &Sorted,
    ui: Ui,
    now: Timestamp,
) -> Result<Parsed, StoreError> {
    let from = HourCount::hour_of(now.plus_days(-HABIT_DAYS));
    let mut fresh: BTreeMap<i64, i64> = BTreeMap::new();
    for found in sorted.found.iter().filter(|found| !found.update) {
        // Without a date, the time at which it was new counts; what was there before us has none.
        let seen = (found.age == Age::News).then_some(now);
        if let Some(at) = found.post.published.or(seen) {
            let hour = HourCount::hour_of(at);
            if hour >= from {
                *fresh.entry(hour).or_default() += 1;
            }
        }
    }
    let mut all = fresh.clone();
    for count in store.source_hours(&job.claim.id).await? {
        *all.entry(count.hour).or_default() += count.n;
    }
    let counts = |hours: BTreeMap<i64, i64>| -> Vec<HourCount> {
        let count = |(hour, n)| HourCount { hour, n };
        hours.into_iter().map(count).collect()
    };
    let problem = extracted.problems.first();
    let problem = problem.map(|problem| problem.sentence(ui).to_owned());
    let note = extracted.shortfall(ui).or(problem);
    let note = note.map(|note| note.chars().take(NOTE_CHARS_MAX).collect());
    Ok(Parsed {
        reader: super::known::reader(&job.source),
        n_shown: extracted.posts.len() as i64,
        note,
        hours: counts(fresh),
        oldest_hour: all.keys().next().copied(),
        quiet_at: habit(&counts(all)).map(|habit| habit.quiet_at),
    })
}

/// A document without any post, where there were some before.
pub(super) fn nothing_left(ui: Ui, kind: SourceKind) -> Trouble {
    let sentence = if kind == SourceKind::Feed {
        ui.pick(
            "el feed se puede leer, pero ya no trae ninguna publicación, y antes las traía",
            "the feed can be read, but it no longer has any post, and it used to have some",
        )
    } else {
        ui.pick(
            "la página responde, pero ya no se encuentra en ella ninguna publicación, y antes las \
             había: quizá ha cambiado por dentro; revise select",
            "the page answers, but no post is found on it any more, and there used to be some: \
             perhaps it has changed inside; look at select",
        )
    };
    Trouble {
        sentence: sentence.to_owned(),
        retry_after_ms: None,
        cause: Cause::NothingFound,
    }
}

/// A host that a redirect leads to rests for long, as it has asked of us or of others: a source that
/// meets this again and again is blind, though nothing of it fails.
pub(super) fn put_off(ui: Ui, job: &Job, until: Timestamp, now: Timestamp) -> Option<NewTrouble> {
    let sentence = ui.pick(
        "su dirección lleva a otro servidor, y ese servidor ha pedido que se le deje descansar; se \
         leerá cuando lo permita",
        "its address leads to another server, and that server has asked for a rest; it will be \
         read when it allows it",
    );
    let since = job.claim.trouble_at.unwrap_or(now);
    // Others that are asking it just now are done within a lease.
    (until > now.plus_seconds(LEASE_SECONDS)).then(|| NewTrouble {
        sentence: sentence.to_owned(),
        cause: Cause::Passing.code(),
        tell_at: tell_at(false, 0, since, until, now),
    })
}

/// The trouble as it is kept, with the time from which it is told.
pub(super) fn new_trouble(
    job: &Job,
    trouble: &Trouble,
    next_at: Timestamp,
    now: Timestamp,
) -> NewTrouble {
    let since = job.claim.trouble_at.unwrap_or(now);
    let is_lasting = matches!(trouble.cause, Cause::Robots | Cause::Lasting);
    // A feed may be empty for an evening and mean it: a search, a quiet tag. It has a day.
    let is_patient = trouble.cause == Cause::NothingFound && job.source.kind == SourceKind::Feed;
    let n_failures = if is_patient {
        0
    } else {
        job.claim.n_failures + 1
    };
    NewTrouble {
        sentence: trouble.sentence.clone(),
        cause: trouble.cause.code(),
        tell_at: tell_at(is_lasting, n_failures, since, next_at, now),
    }
}
