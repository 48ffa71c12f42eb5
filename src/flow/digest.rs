//! The digest of a day and the letter of a week: made once a local day, by whoever comes first.
//!
//! A day that was missed is not made up for: the next digest tells of all the time since the last one.
//! Without `digest_at` a digest comes only to whom letters over the budget are held, and tells only of
//! those.

use jiff::civil::Time;

use super::budget::{gathered, ids, made, mailbox};
use super::{Engine, letters, recipients};
use crate::letter::{self, Counted, Day, Entry, Listed, Week};
use crate::model::{CaseId, Daily, Lang, Timestamp, digest_hex};
use crate::reply::when;
use crate::settings::Mailbox;
use crate::store::{
    AnswerRow, CaseRow, DigestMark, HeldSum, Store, StoreError, StoredPost, WeekCase, Which,
};

/// When a digest is made where `digest_at` does not say it.
const DIGEST_AT: Time = Time::constant(8, 30, 0, 0);
/// Entries of a section that are shown; the rest are counted.
const SHOWN_MAX: u32 = 20;

/// Makes the digests that are due; returns how many.
pub async fn turn(store: &Store, engine: &Engine, now: Timestamp) -> Result<usize, StoreError> {
    let Some(alerts) = &engine.settings.alerts else {
        return Ok(0);
    };
    let at = alerts.digest_at.unwrap_or(DIGEST_AT);
    let mut n_made = 0;
    let daily = Daily { at, on: None };
    if let Some((date, struck)) = daily.last(now, &engine.settings.zone) {
        let day = date.to_string();
        n_made += days(store, engine, (&day, struck), now).await?;
    }
    let Some(on) = alerts.weekly_digest else {
        return Ok(n_made);
    };
    let weekly = Daily { at, on: Some(on) };
    if let Some((date, struck)) = weekly.last(now, &engine.settings.zone) {
        let day = date.to_string();
        for person in recipients::managers(engine) {
            if is_news(store, "weekly", &person, &day, now).await? {
                let week = week(store, struck).await?;
                n_made +=
                    usize::from(weekly_letter(store, engine, &person, &day, &week, now).await?);
            }
        }
    }
    Ok(n_made)
}

/// The digests of this day: whole ones for the managers, of what is held alone for others.
async fn days(
    store: &Store,
    engine: &Engine,
    (day, struck): (&str, Timestamp),
    now: Timestamp,
) -> Result<usize, StoreError> {
    let alerts = engine.settings.alerts.as_ref();
    let is_daily = alerts.is_some_and(|alerts| alerts.digest_at.is_some());
    let managers = if is_daily {
        recipients::managers(engine)
    } else {
        Vec::new()
    };
    let mut n_made = 0;
    let mut has_looked = false;
    for person in &managers {
        if is_news(store, "digest", person, day, now).await? {
            look_for_dead(store, &mut has_looked).await?;
            n_made += usize::from(whole(store, engine, person, day, now).await?);
        }
    }
    let is_manager = |sum: &HeldSum| {
        let mut known = managers.iter();
        known.any(|manager| manager.address.eq_ignore_ascii_case(&sum.recipient))
    };
    for sum in store.held_sums().await? {
        let is_due = !is_manager(&sum) && sum.first_at <= struck;
        let address = sum.recipient.as_str();
        if is_due && !store.has_digest("digest", address, Some(day)).await? {
            look_for_dead(store, &mut has_looked).await?;
            let person = mailbox(address);
            n_made += usize::from(daily_letter(store, engine, &person, day, None, now).await?);
        }
    }
    Ok(n_made)
}

/// Once a day is enough.
async fn look_for_dead(store: &Store, has_looked: &mut bool) -> Result<(), StoreError> {
    if !*has_looked {
        store.relist().await?;
    }
    *has_looked = true;
    Ok(())
}

/// True when this letter is to be made. The first one comes at the next time, not with the installation.
async fn is_news(
    store: &Store,
    kind: &str,
    person: &Mailbox,
    day: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let recipient = person.address.as_str();
    if store.has_digest(kind, recipient, Some(day)).await? {
        return Ok(false);
    }
    if store.has_digest(kind, recipient, None).await? {
        return Ok(true);
    }
    let mark = DigestMark {
        kind,
        recipient,
        day,
        until: now,
    };
    store.list_held(Some(&mark), None, &[], now).await?;
    Ok(false)
}

async fn whole(
    store: &Store,
    engine: &Engine,
    person: &Mailbox,
    day: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let until = store.digest_until("digest", &person.address, now).await?;
    let told = told(store, engine, until.unwrap_or(now.plus_days(-1)), now).await?;
    daily_letter(store, engine, person, day, Some(&told), now).await
}

async fn daily_letter(
    store: &Store,
    engine: &Engine,
    person: &Mailbox,
    day: &str,
    told: Option<&Day>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let recipient = person.address.as_str();
    let ids = ids(store, recipient, Which::All).await?;
    let held = gathered(store, engine, recipient, Which::All).await?;
    let settings = &engine.settings;
    let letter = letter::digest(&held, told, settings.ui, now, &settings.zone);
    let identity = digest_hex(&["digest", recipient, day]);
    let to = std::slice::from_ref(person);
    let alerts = letters::alert(engine, "digest", &identity, None, letter, to);
    let mark = DigestMark {
        kind: "digest",
        recipient,
        day,
        until: now,
    };
    made(store, Some(&mark), alerts.first(), &ids, now).await
}

/// What happened since then, and what is open.
async fn told(
    store: &Store,
    engine: &Engine,
    since: Timestamp,
    now: Timestamp,
) -> Result<Day, StoreError> {
    let counts = store.counts().await?;
    let open = store.open_counts().await?;
    let (n_read, n_posts) = store.heard_since(since).await?;
    let mut waiting = Vec::new();
    for row in store.unanswered(SHOWN_MAX).await? {
        waiting.extend(waits(store, engine, &row, now).await?);
    }
    let solved = store.solved_since(since, u32::MAX).await?;
    let mut in_words = Vec::new();
    for (case, words) in solved.iter().take(SHOWN_MAX as usize) {
        in_words.extend(in_his_words(store, engine, case, words).await?);
    }
    let (doubts, n_doubts) = store.doubts_since(since, SHOWN_MAX).await?;
    let doubts = doubts.iter().map(|post| doubt(engine, post));
    Ok(Day {
        open: Listed {
            entries: waiting,
            n: usize::try_from(open.n_waiting).unwrap_or(0),
        },
        solved: Listed {
            entries: in_words,
            n: solved.len(),
        },
        doubts: Listed {
            entries: doubts.collect(),
            n: usize::try_from(n_doubts).unwrap_or(0),
        },
        n_backlog: open.n_backlog,
        n_answered: open.n_answered,
        n_sources: counts.sources,
        n_read,
        n_trouble: counts.sources_in_trouble,
        n_posts,
        since,
    })
}

/// A case with how long its customer has waited.
async fn waits(
    store: &Store,
    engine: &Engine,
    row: &CaseRow,
    now: Timestamp,
) -> Result<Option<Entry>, StoreError> {
    let Some(post) = store.post(&row.post_id).await? else {
        return Ok(None);
    };
    let ui = engine.settings.ui;
    let since = post.post.published.unwrap_or(post.seen_at);
    let waited = when::length(ui.pick(Lang::Es, Lang::En), now.ms_since(since));
    let note = format!("{} {waited}", ui.pick("espera desde hace", "waiting for"));
    Ok(Some(entry(engine, &post, row.id.0.clone(), note)))
}

async fn in_his_words(
    store: &Store,
    engine: &Engine,
    case: &CaseId,
    words: &str,
) -> Result<Option<Entry>, StoreError> {
    let Some(row) = store.case(case).await? else {
        return Ok(None);
    };
    let Some(post) = store.post(&row.post_id).await? else {
        return Ok(None);
    };
    Ok(Some(Entry {
        words: words.to_owned(),
        ..entry(engine, &post, case.0.clone(), String::new())
    }))
}

/// A doubt with how probable it is that somebody complains.
fn doubt(engine: &Engine, post: &StoredPost) -> Entry {
    let verdict = post.verdict.as_ref();
    let probable = verdict.map_or(0.0, |verdict| verdict.complaint_probability.to_f64());
    let probable = (probable * 100.0).round();
    let ui = engine.settings.ui;
    let note = format!(
        "{} {probable} %",
        ui.pick("probabilidad de queja:", "probability of a complaint:")
    );
    entry(engine, post, post.id.0.clone(), note)
}

fn entry(engine: &Engine, stored: &StoredPost, id: String, note: String) -> Entry {
    let post = &stored.post;
    let is_untold = post.text.trim().is_empty();
    let title = post.title.clone().filter(|_| is_untold);
    Entry {
        id,
        author: post.author.clone(),
        words: title.unwrap_or_else(|| post.text.clone()),
        url: post.url.clone(),
        source: letters::source_name(engine, stored).to_owned(),
        published: post.published,
        risk: stored.verdict.as_ref().map_or(0, |verdict| verdict.risk),
        note,
    }
}

/// The seven days before `until`, and the seven before those.
async fn week(store: &Store, until: Timestamp) -> Result<Week, StoreError> {
    let (from, before) = (until.plus_days(-7), until.plus_days(-14));
    let counted = |cases: Vec<WeekCase>| {
        let counted = |case: WeekCase| Counted {
            state: case.state,
            topic: case.topic,
            risk: case.risk,
        };
        cases.into_iter().map(counted).collect()
    };
    let answers = store.answers(from, until).await?;
    let from_mail = |answer: &AnswerRow| Some(answer.answered_at.ms_since(answer.told_at?).max(0));
    let from_post =
        |answer: &AnswerRow| Some(answer.answered_at.ms_since(answer.published?).max(0));
    Ok(Week {
        until,
        cases: counted(store.cases_opened(from, until).await?),
        before: counted(store.cases_opened(before, from).await?),
        from_mail_ms: answers.iter().filter_map(from_mail).collect(),
        from_post_ms: answers.iter().filter_map(from_post).collect(),
    })
}

async fn weekly_letter(
    store: &Store,
    engine: &Engine,
    person: &Mailbox,
    day: &str,
    week: &Week,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let settings = &engine.settings;
    let recipient = person.address.as_str();
    let letter = letter::weekly(week, settings.ui, now, &settings.zone);
    let identity = digest_hex(&["weekly", recipient, day]);
    let to = std::slice::from_ref(person);
    let alerts = letters::alert(engine, "weekly", &identity, None, letter, to);
    let mark = DigestMark {
        kind: "weekly",
        recipient,
        day,
        until: now,
    };
    made(store, Some(&mark), alerts.first(), &[], now).await
}
