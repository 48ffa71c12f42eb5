//! Letters over the budget: counted a person and day, held, and listed in another letter.
//!
//! **Invariant:** a delivery leaves the outbox only into `held`, in one transaction, and what is held is
//! listed in one letter; it waits again when that letter is dead.

use super::db::{Arg, Row, Tx};
use super::{
    DeliveryRow, DigestMark, HeldCase, HeldRow, HeldSum, NewAlert, Store, StoreError, Which,
    alerts, args,
};
use crate::model::{CaseId, SourceId, Timestamp};

/// Held deliveries marked by one statement; the SQL has as many places.
const HELD_A_STATEMENT: usize = 20;

impl Store {
    /// To whom more than so many letters are due that no server has been asked to take. (The states are
    /// named twice so that the index of what is due serves.)
    pub async fn flooded(&self, more_than: u32, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT o.recipient FROM outbox o JOIN alerts a ON a.id = o.alert_id \
                   WHERE o.state IN ('ready', 'in_doubt') AND o.state = 'ready' AND o.channel = 'mail' \
                   AND o.next_at <= $1 AND o.attempts = 0 AND o.doubts = 0 \
                   AND a.kind NOT IN ('operator', 'digest', 'weekly', 'urgent', 'together') \
                   GROUP BY o.recipient HAVING COUNT(*) > $2 ORDER BY o.recipient";
        let rows = self.db.rows(sql, args![now, i64::from(more_than)]).await?;
        rows.iter().map(|row| row.text("recipient")).collect()
    }

    /// Holds all letters to this person that are due and that no server has been asked to take.
    pub async fn hold_flood(&self, recipient: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO held (id, alert_id, recipient, held_at, why, urgent) \
             SELECT o.id, o.alert_id, o.recipient, CAST($2 AS BIGINT), 'flood', \
             CASE WHEN a.kind IN ('complaint', 'escalation') AND c.urgent = 1 THEN 1 ELSE 0 END \
             FROM outbox o JOIN alerts a ON a.id = o.alert_id LEFT JOIN cases c ON c.id = a.case_id \
             WHERE o.recipient = $1 AND o.state IN ('ready', 'in_doubt') AND o.state = 'ready' AND o.channel = 'mail' \
             AND o.next_at <= $2 AND o.attempts = 0 AND o.doubts = 0 \
             AND a.kind NOT IN ('operator', 'digest', 'weekly', 'urgent', 'together') \
             ON CONFLICT (id) DO NOTHING",
            args![recipient, now],
        )
        .await?;
        let gone = "DELETE FROM attempt_log WHERE outbox_id IN (SELECT o.id FROM outbox o \
                    JOIN held h ON h.id = o.id WHERE o.recipient = $1 AND o.state = 'ready' \
                    AND h.listed_in IS NULL)";
        tx.execute(gone, args![recipient]).await?;
        tx.execute(
            "DELETE FROM outbox WHERE recipient = $1 AND state = 'ready' AND channel = 'mail' \
             AND id IN (SELECT id FROM held WHERE recipient = $1 AND listed_in IS NULL)",
            args![recipient],
        )
        .await?;
        // What another worker claimed in the same moment is on its way.
        tx.execute(
            "DELETE FROM held WHERE recipient = $1 AND listed_in IS NULL \
             AND EXISTS (SELECT 1 FROM outbox o WHERE o.id = held.id)",
            args![recipient],
        )
        .await?;
        tx.commit().await
    }

    /// Counts a claimed delivery on this day, if it does not count there yet. False when the day is used
    /// up: then it is held, and no longer in the outbox.
    pub async fn charge(
        &self,
        delivery: &DeliveryRow,
        day: &str,
        a_day: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let is_new = tx
            .execute(
                "UPDATE outbox SET charged_on = $3 WHERE id = $1 AND lease_token = $2 \
                 AND state = 'sending' AND (charged_on IS NULL OR charged_on <> $3)",
                args![&delivery.id, delivery.lease.token, day],
            )
            .await?;
        if is_new == 0 {
            // It counts already; or the lease was lost, and then nothing that follows is written.
            return Ok(true);
        }
        tx.execute(
            "INSERT INTO quotas (recipient, day, n) VALUES ($1, $2, 0) \
             ON CONFLICT (recipient, day) DO NOTHING",
            args![&delivery.recipient, day],
        )
        .await?;
        let counted = tx
            .execute(
                "UPDATE quotas SET n = n + 1 WHERE recipient = $1 AND day = $2 AND n < $3",
                args![&delivery.recipient, day, i64::from(a_day)],
            )
            .await?;
        if counted == 0 {
            hold(&mut tx, delivery, now).await?;
        }
        tx.commit().await?;
        Ok(counted == 1)
    }

    /// How many letters that count this person has had on this day.
    pub async fn quota(&self, recipient: &str, day: &str) -> Result<u32, StoreError> {
        let sql = "SELECT n FROM quotas WHERE recipient = $1 AND day = $2";
        let rows = self.db.rows(sql, args![recipient, day]).await?;
        let n = rows.first().map_or(Ok(0), |row| row.int("n"))?;
        Ok(u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// To whom letters are held that no other letter lists yet.
    pub async fn held_sums(&self) -> Result<Vec<HeldSum>, StoreError> {
        let sql = "SELECT recipient, COUNT(*) AS n, MIN(held_at) AS first_at, \
                   CAST(SUM(CASE WHEN why = 'flood' THEN 1 ELSE 0 END) AS BIGINT) AS flood, \
                   CAST(SUM(CASE WHEN why = 'budget' THEN urgent ELSE 0 END) AS BIGINT) AS urgent \
                   FROM held WHERE listed_in IS NULL GROUP BY recipient ORDER BY recipient";
        let rows = self.db.rows(sql, &[]).await?;
        let sum = |row: &Row| {
            Ok(HeldSum {
                recipient: row.text("recipient")?,
                n: row.int("n")?,
                n_flood: row.int("flood")?,
                n_urgent: row.int("urgent")?,
                first_at: row.at("first_at")?,
            })
        };
        rows.iter().map(sum).collect()
    }

    /// What is held for a person, or (`None`) for anybody; with `all` also what another letter lists.
    pub async fn held(
        &self,
        recipient: Option<&str>,
        all: bool,
    ) -> Result<Vec<HeldRow>, StoreError> {
        let sql = "SELECT h.id, h.recipient, h.why, h.urgent, h.listed_in, a.kind, a.case_id, \
                   a.subject FROM held h JOIN alerts a ON a.id = h.alert_id \
                   WHERE (CAST($1 AS TEXT) IS NULL OR h.recipient = $1) \
                   AND (h.listed_in IS NULL OR $2 = 1) ORDER BY h.held_at, h.id";
        let rows = self.db.rows(sql, args![recipient, i64::from(all)]).await?;
        let held = |row: &Row| {
            Ok(HeldRow {
                id: row.text("id")?,
                recipient: row.text("recipient")?,
                kind: row.text("kind")?,
                case_id: row.opt_text("case_id")?.map(CaseId),
                subject: row.text("subject")?,
                is_flood: row.text("why")? == "flood",
                is_urgent: row.int("urgent")? != 0,
                listed_in: row.opt_text("listed_in")?,
            })
        };
        rows.iter().map(held).collect()
    }

    /// The cases of what waits to be listed for this person, the urgent ones first, then by risk. One of
    /// which several letters tell stands several times.
    pub async fn held_cases(
        &self,
        recipient: &str,
        which: Which,
    ) -> Result<Vec<HeldCase>, StoreError> {
        let sql = "SELECT m.case_id, m.kind, m.urgent, p.author, p.url, p.published_at, p.risk, \
                   p.source_id, SUBSTR(COALESCE(NULLIF(p.text, ''), p.title, ''), 1, 300) AS words \
                   FROM (SELECT a.case_id AS case_id, a.kind AS kind, h.urgent AS urgent \
                   FROM held h JOIN alerts a ON a.id = h.alert_id \
                   WHERE h.recipient = $1 AND h.listed_in IS NULL AND a.case_id IS NOT NULL \
                   AND (h.why = $2 OR $2 = '') AND h.urgent >= $3 \
                   UNION ALL SELECT l.case_id, a.kind, h.urgent FROM held h \
                   JOIN alerts a ON a.id = h.alert_id JOIN alert_cases l ON l.alert_id = a.id \
                   WHERE h.recipient = $1 AND h.listed_in IS NULL \
                   AND (h.why = $2 OR $2 = '') AND h.urgent >= $3) m \
                   JOIN cases c ON c.id = m.case_id JOIN posts p ON p.id = c.post_id \
                   ORDER BY m.urgent DESC, p.risk DESC, m.case_id, m.kind";
        let (why, urgent) = filter(which);
        let rows = self.db.rows(sql, args![recipient, why, urgent]).await?;
        rows.iter().map(held_case).collect()
    }

    /// Makes one letter of a kind, person and day (where `mark` says which), which lists what is held.
    /// False, and nothing is written, when it was made before or somebody else lists the same.
    pub async fn list_held(
        &self,
        mark: Option<&DigestMark<'_>>,
        letter: Option<&NewAlert>,
        held: &[String],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        if let Some(mark) = mark {
            let made = tx
                .execute(
                    "INSERT INTO digests (kind, recipient, day, until_at) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (kind, recipient, day) DO NOTHING",
                    args![mark.kind, mark.recipient, mark.day, mark.until],
                )
                .await?;
            if made == 0 {
                return Ok(false);
            }
        }
        if let Some(letter) = letter {
            alerts::insert(&mut tx, letter, now).await?;
            if !list(&mut tx, letter, held).await? {
                return Ok(false);
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// What came as a flood on a day that is used up waits for the digest.
    pub async fn hold_on(&self, recipient: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "UPDATE held SET why = 'budget' WHERE recipient = $1 AND listed_in IS NULL",
            args![recipient],
        )
        .await?;
        tx.commit().await
    }

    /// What stood in a letter that nobody will ever get waits for the next digest; not what a person
    /// cancelled, or others got in place of one who left the configuration. (A letter that was given up
    /// because one customer was forgotten told of others, too.)
    pub async fn relist(&self) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let n = tx
            .execute(
                "UPDATE held SET listed_in = NULL, why = 'budget', urgent = 0 \
                 WHERE listed_in IN (SELECT alert_id FROM outbox \
                 WHERE state = 'dead' AND channel = 'mail' \
                 AND (COALESCE(cause, '') NOT IN ('cancelled', 'recipient_removed') \
                 OR last_error = 'forgotten'))",
                &[],
            )
            .await?;
        tx.commit().await?;
        Ok(n)
    }

    /// True when a letter about this case is held: it will be told by another one.
    pub async fn is_held(&self, case: &CaseId) -> Result<bool, StoreError> {
        let sql = "SELECT h.id FROM held h WHERE h.alert_id IN (SELECT id FROM alerts \
                   WHERE case_id = $1 UNION SELECT alert_id FROM alert_cases WHERE case_id = $1) \
                   LIMIT 1";
        Ok(!self.db.rows(sql, args![&case.0]).await?.is_empty())
    }

    /// When the last letter of a kind to this person was made.
    pub async fn last_letter_at(
        &self,
        kind: &str,
        recipient: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MAX(until_at) AS at FROM digests WHERE kind = $1 AND recipient = $2";
        let rows = self.db.rows(sql, args![kind, recipient]).await?;
        rows.first().map_or(Ok(None), |row| row.opt_at("at"))
    }
}

async fn hold(tx: &mut Tx, delivery: &DeliveryRow, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO held (id, alert_id, recipient, held_at, why, urgent) \
         SELECT o.id, o.alert_id, o.recipient, CAST($2 AS BIGINT), 'budget', \
         CASE WHEN a.kind IN ('complaint', 'escalation') AND c.urgent = 1 THEN 1 ELSE 0 END \
         FROM outbox o JOIN alerts a ON a.id = o.alert_id LEFT JOIN cases c ON c.id = a.case_id \
         WHERE o.id = $1 ON CONFLICT (id) DO NOTHING",
        args![&delivery.id, now],
    )
    .await?;
    for sql in [
        "DELETE FROM attempt_log WHERE outbox_id = $1",
        "DELETE FROM outbox WHERE id = $1",
    ] {
        tx.execute(sql, args![&delivery.id]).await?;
    }
    Ok(())
}

/// Marks what a letter lists, with its cases. False when one of them is listed elsewhere already.
async fn list(tx: &mut Tx, letter: &NewAlert, held: &[String]) -> Result<bool, StoreError> {
    let mut n_listed = 0;
    for chunk in held.chunks(HELD_A_STATEMENT) {
        let mut args = vec![Arg::from(&letter.id)];
        let id = |at| chunk.get(at).map_or("", |id: &String| id.as_str());
        args.extend((0..HELD_A_STATEMENT).map(|at| Arg::from(id(at))));
        n_listed += tx
            .execute(
                "UPDATE held SET listed_in = $1 WHERE listed_in IS NULL AND id IN ($2, $3, $4, $5, \
                 $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
                &args,
            )
            .await?;
    }
    if n_listed != held.len() as u64 {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO alert_cases (alert_id, case_id) \
         SELECT CAST($1 AS TEXT), m.case_id FROM (SELECT a.case_id AS case_id FROM held h \
         JOIN alerts a ON a.id = h.alert_id WHERE h.listed_in = $1 AND a.case_id IS NOT NULL \
         UNION SELECT l.case_id FROM held h JOIN alert_cases l ON l.alert_id = h.alert_id \
         WHERE h.listed_in = $1) m WHERE 1 = 1 ON CONFLICT (alert_id, case_id) DO NOTHING",
        args![&letter.id],
    )
    .await?;
    Ok(true)
}

/// Why it is held (nothing: for any reason), and whether only the urgent ones are meant.
fn filter(which: Which) -> (&'static str, i64) {
    match which {
        Which::All => ("", 0),
        Which::Flood => ("flood", 0),
        Which::Urgent => ("budget", 1),
    }
}

fn held_case(row: &Row) -> Result<HeldCase, StoreError> {
    let risk = row.opt_int("risk")?.unwrap_or(0);
    Ok(HeldCase {
        case: CaseId(row.text("case_id")?),
        kind: row.text("kind")?,
        is_urgent: row.int("urgent")? != 0,
        author: row.opt_text("author")?,
        words: row.text("words")?,
        url: row.opt_text("url")?,
        source: SourceId(row.text("source_id")?),
        published: row.opt_at("published_at")?,
        risk: u8::try_from(risk).unwrap_or(u8::MAX),
    })
}
