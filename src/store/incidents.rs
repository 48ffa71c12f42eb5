//! Incidents: what cases are compared by, which belong together, and who waits to be named.
//!
//! **Invariant:** what is written was reckoned from the state in which the tables still are: each change
//! counts `crowd` up, and a change of an older count is refused as [`StoreError::Raced`].

use super::db::{Row, Tx};
use super::posts::stored_post;
use super::{
    CaseRow, Gathering, IncidentRow, KnownPrint, Member, NewAlert, Print, Store, StoreError,
    alerts, args, cases,
};
use crate::model::{Bond, Case, CaseId, IncidentId, SourceId, Timestamp, Topic};

const DAY_MS: i64 = 24 * 3_600_000;

impl Store {
    /// The state of these tables, counted up by every change.
    pub async fn crowd_version(&self) -> Result<i64, StoreError> {
        let sql = "SELECT value FROM instance WHERE name = 'crowd'";
        let rows = self.db.rows(sql, &[]).await?;
        let value = rows.first().map(|row| row.text("value")).transpose()?;
        let value = value.unwrap_or_default();
        value.parse().map_err(|_| StoreError::unreadable(value))
    }

    /// The newest cases of a watch that were said after `since` and are not dismissed, newest first.
    pub async fn prints(
        &self,
        watch: &str,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<KnownPrint>, StoreError> {
        let sql = "SELECT p.*, m.incident_id, m.bond FROM case_prints p \
                   JOIN cases c ON c.id = p.case_id AND c.state <> 'dismissed' \
                   LEFT JOIN incident_cases m ON m.case_id = p.case_id \
                   WHERE p.watch = $1 AND p.said_at > $2 \
                   ORDER BY p.said_at DESC, p.case_id LIMIT $3";
        let rows = self
            .db
            .rows(sql, args![watch, since, i64::from(limit)])
            .await?;
        rows.iter().map(known_print).collect()
    }

    /// How many cases of this watch and topic were said on each of the last days before `until`, on
    /// which we listened: the latest day first, at most `n_days`.
    pub async fn topic_days(
        &self,
        watch: &str,
        topic: Topic,
        until: Timestamp,
        n_days: usize,
    ) -> Result<Vec<u32>, StoreError> {
        let sql = "SELECT MIN(said_at) AS at FROM case_prints WHERE watch = $1";
        let rows = self.db.rows(sql, args![watch]).await?;
        let first = rows.first().map_or(Ok(None), |row| row.opt_at("at"))?;
        let Some(first) = first.filter(|first| *first < until) else {
            return Ok(Vec::new());
        };
        let n_listened = until.ms_since(first) / DAY_MS;
        let mut days = vec![0; usize::try_from(n_listened).unwrap_or(0).min(n_days)];
        let from = until.plus_days(-(days.len() as i64));
        let sql = "SELECT ($3 - said_at) / $5 AS day, COUNT(*) AS n FROM case_prints \
                   WHERE watch = $1 AND topic = $2 AND said_at <= $3 AND said_at > $4 \
                   GROUP BY ($3 - said_at) / $5";
        let args = args![watch, topic.word(), until, from, DAY_MS];
        for row in self.db.rows(sql, args).await? {
            let day = usize::try_from(row.int("day")?).unwrap_or(usize::MAX);
            if let Some(count) = days.get_mut(day) {
                *count = u32::try_from(row.int("n")?).unwrap_or(u32::MAX);
            }
        }
        Ok(days)
    }

    pub async fn incident(&self, id: &IncidentId) -> Result<Option<IncidentRow>, StoreError> {
        let sql = "SELECT * FROM incidents WHERE id = $1";
        let rows = self.db.rows(sql, args![&id.0]).await?;
        rows.first().map(incident_row).transpose()
    }

    /// The newest incidents first.
    pub async fn incidents(&self, limit: u32) -> Result<Vec<IncidentRow>, StoreError> {
        let sql = "SELECT * FROM incidents ORDER BY opened_at DESC, id LIMIT $1";
        let rows = self.db.rows(sql, args![i64::from(limit)]).await?;
        rows.iter().map(incident_row).collect()
    }

    /// Incidents whose waiting cases are to be named by now.
    pub async fn due_incidents(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<IncidentRow>, StoreError> {
        let sql = "SELECT * FROM incidents WHERE tell_at <= $1 ORDER BY tell_at, id LIMIT $2";
        let rows = self.db.rows(sql, args![now, i64::from(limit)]).await?;
        rows.iter().map(incident_row).collect()
    }

    /// The incident to which a case belongs.
    pub async fn incident_of(&self, case: &CaseId) -> Result<Option<IncidentId>, StoreError> {
        let sql = "SELECT incident_id FROM incident_cases WHERE case_id = $1";
        let rows = self.db.rows(sql, args![&case.0]).await?;
        let id = rows
            .first()
            .map(|row| row.text("incident_id"))
            .transpose()?;
        Ok(id.map(IncidentId))
    }

    /// Who speaks in an incident, each once: an author by the digest of his name, one without a name of
    /// his own by his case.
    pub async fn incident_mouths(&self, id: &IncidentId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT COALESCE(p.mouth, p.case_id) AS mouth FROM incident_cases m \
                   JOIN case_prints p ON p.case_id = m.case_id \
                   JOIN cases c ON c.id = m.case_id AND c.state <> 'dismissed' \
                   WHERE m.incident_id = $1";
        let rows = self.db.rows(sql, args![&id.0]).await?;
        rows.iter().map(|row| row.text("mouth")).collect()
    }

    /// The cases of an incident with their posts: those that wait to be named first, then by risk.
    pub async fn incident_members(
        &self,
        id: &IncidentId,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let sql = "SELECT p.*, m.waits, c.id AS own_case, c.state FROM incident_cases m \
                   JOIN cases c ON c.id = m.case_id JOIN posts p ON p.id = c.post_id \
                   WHERE m.incident_id = $1 AND c.state <> 'dismissed' \
                   ORDER BY m.waits DESC, p.risk DESC, m.joined_at, m.case_id LIMIT $2";
        let rows = self.db.rows(sql, args![&id.0, i64::from(limit)]).await?;
        rows.iter().map(member).collect()
    }

    /// The cases of an incident that wait to be named, all of them.
    pub async fn incident_waiting(&self, id: &IncidentId) -> Result<Vec<CaseId>, StoreError> {
        let sql = "SELECT m.case_id FROM incident_cases m JOIN cases c ON c.id = m.case_id \
                   WHERE m.incident_id = $1 AND m.waits = 1 AND c.state <> 'dismissed' \
                   ORDER BY m.case_id";
        let rows = self.db.rows(sql, args![&id.0]).await?;
        let id = |row: &Row| row.text("case_id").map(CaseId);
        rows.iter().map(id).collect()
    }

    /// The live case that last spoke in a thread: one that answers the same.
    pub async fn case_in_thread(
        &self,
        source: &SourceId,
        reply_to: &str,
    ) -> Result<Option<CaseId>, StoreError> {
        let sql = "SELECT p.case_id FROM posts p JOIN cases c ON c.id = p.case_id \
                   WHERE p.source_id = $1 AND p.reply_to = $2 AND p.reply_to IS NOT NULL \
                   AND c.due_at IS NOT NULL ORDER BY p.seen_at DESC, p.id LIMIT 1";
        let rows = self.db.rows(sql, args![&source.0, reply_to]).await?;
        let id = rows.first().map(|row| row.text("case_id")).transpose()?;
        Ok(id.map(CaseId))
    }

    /// Stores what was reckoned of incidents alone, with no new case.
    pub async fn gather(&self, gathering: &Gathering, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        gather(&mut tx, gathering, now).await?;
        tx.commit().await
    }

    /// Takes several cases further with the letter that tells of all of them, together or not at all.
    /// A case that somebody else moved meanwhile stays as it is; returns how many were moved.
    pub async fn step_cases(
        &self,
        steps: &[(CaseRow, Case)],
        event: &str,
        new_alerts: &[NewAlert],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut n_moved = 0;
        for (old, new) in steps {
            if cases::step(&mut tx, old, new).await? {
                alerts::note_event(&mut tx, &old.id, now, event, None).await?;
                n_moved += 1;
            }
        }
        if n_moved > 0 {
            for alert in new_alerts {
                alerts::insert(&mut tx, alert, now).await?;
            }
        }
        tx.commit().await?;
        Ok(n_moved)
    }
}

/// Writes how cases belong together, with the letters about it, if nobody has changed that meanwhile.
pub(super) async fn gather(
    tx: &mut Tx,
    gathering: &Gathering,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (old, new) = (gathering.version, gathering.version + 1);
    let counted = tx
        .execute(
            "UPDATE instance SET value = $2 WHERE name = 'crowd' AND value = $1",
            args![&old.to_string(), &new.to_string()],
        )
        .await?;
    if counted == 0 {
        return Err(StoreError::Raced);
    }
    for print in &gathering.prints {
        insert_print(tx, print).await?;
    }
    for incident in &gathering.incidents {
        put_incident(tx, incident).await?;
    }
    for join in &gathering.joins {
        tx.execute(
            "INSERT INTO incident_cases (case_id, incident_id, bond, joined_at, waits) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (case_id) DO NOTHING",
            args![
                &join.case.0,
                &join.incident.0,
                join.bond.word(),
                now,
                i64::from(join.waits)
            ],
        )
        .await?;
    }
    for (incident, letter) in &gathering.letters {
        alerts::insert(tx, letter, now).await?;
        tx.execute(
            "UPDATE incident_cases SET waits = 0 WHERE incident_id = $1 AND waits = 1 \
             AND case_id IN (SELECT case_id FROM alert_cases WHERE alert_id = $2)",
            args![&incident.0, &letter.id],
        )
        .await?;
    }
    Ok(())
}

async fn insert_print(tx: &mut Tx, print: &Print) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO case_prints (case_id, watch, topic, mouth, sketch, said_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id) DO NOTHING",
        args![
            &print.case.0,
            &print.watch,
            print.topic.map(Topic::word),
            &print.mouth,
            &print.sketch,
            print.said_at
        ],
    )
    .await
    .map(drop)
}

async fn put_incident(tx: &mut Tx, incident: &IncidentRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO incidents (id, watch, topic, opened_at, n_told, told_at, tell_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET \
         n_told = excluded.n_told, told_at = excluded.told_at, tell_at = excluded.tell_at",
        args![
            &incident.id.0,
            &incident.watch,
            incident.topic.map(Topic::word),
            incident.opened_at,
            i64::from(incident.n_told),
            incident.told_at,
            incident.tell_at
        ],
    )
    .await
    .map(drop)
}

fn known_print(row: &Row) -> Result<KnownPrint, StoreError> {
    let bond = row.opt_text("bond")?;
    let bond = bond.as_deref().and_then(Bond::parse);
    let incident = row.opt_text("incident_id")?.map(IncidentId);
    Ok(KnownPrint {
        print: Print {
            case: CaseId(row.text("case_id")?),
            watch: row.text("watch")?,
            topic: topic(row)?,
            mouth: row.opt_text("mouth")?,
            sketch: row.opt_text("sketch")?,
            said_at: row.at("said_at")?,
        },
        incident: incident.zip(bond),
    })
}

fn incident_row(row: &Row) -> Result<IncidentRow, StoreError> {
    Ok(IncidentRow {
        id: IncidentId(row.text("id")?),
        watch: row.text("watch")?,
        topic: topic(row)?,
        opened_at: row.at("opened_at")?,
        n_told: row.int("n_told")? as u32,
        told_at: row.opt_at("told_at")?,
        tell_at: row.opt_at("tell_at")?,
    })
}

fn member(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        case: CaseId(row.text("own_case")?),
        state: cases::state(row)?,
        waits: row.int("waits")? != 0,
        post: stored_post(row)?,
    })
}

fn topic(row: &Row) -> Result<Option<Topic>, StoreError> {
    Ok(row.opt_text("topic")?.as_deref().and_then(Topic::parse))
}
