//! What people do by hand, the keys of their links, and who they are.

use super::db::Tx;
use super::judgements::judgement;
use super::{CaseRow, Deed, Judgement, Rejudged, Store, StoreError, alerts, args, cases};
use crate::model::{Case, CaseId, KeyRing, PostId, Timestamp};

/// The name under which the keys of links are kept.
const RING: &str = "link_keys";

impl Store {
    /// Takes a case from `old` to `new` because a person did something. False when anything else has
    /// happened to it meanwhile: then nothing is written.
    pub async fn do_to_case(
        &self,
        old: &CaseRow,
        new: &Case,
        deed: &Deed<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        if !cases::step(&mut tx, old, new).await? {
            return Ok(false);
        }
        tx.execute(
            "UPDATE cases SET n_acts = n_acts + 1 WHERE id = $1",
            args![&old.id.0],
        )
        .await?;
        tx.execute(
            "INSERT INTO case_events (case_id, seq, at, event, words, by_whom) \
             SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, $5 FROM case_events \
             WHERE case_id = $1",
            args![&old.id.0, now, deed.event, deed.words, deed.by],
        )
        .await?;
        if let Some(rejudged) = &deed.judgement {
            rejudge(&mut tx, rejudged).await?;
        }
        for alert in &deed.alerts {
            alerts::insert(&mut tx, alert, now).await?;
        }
        match deed.event {
            "dismissed" => withdraw(&mut tx, &old.id, now).await?,
            "undone" => give_back(&mut tx, old, now).await?,
            _ => {}
        }
        tx.commit().await?;
        Ok(true)
    }

    /// What a person said of a post.
    pub async fn judgement_of(&self, post: &PostId) -> Result<Option<Judgement>, StoreError> {
        let sql = "SELECT post_id, is_complaint, because, judged_at FROM judgements \
                   WHERE post_id = $1";
        let rows = self.db.rows(sql, args![&post.0]).await?;
        rows.first().map(judgement).transpose()
    }

    /// Which keys of links are in force.
    pub async fn key_ring(&self) -> Result<KeyRing, StoreError> {
        let sql = "SELECT value FROM instance WHERE name = $1";
        let rows = self.db.rows(sql, args![RING]).await?;
        match rows.first().map(|row| row.text("value")).transpose()? {
            None => Ok(KeyRing::default()),
            Some(text) => KeyRing::parse(&text).ok_or_else(|| StoreError::unreadable(RING)),
        }
    }

    /// Puts other keys in force; false when somebody else did so meanwhile.
    pub async fn change_key_ring(&self, old: &KeyRing, new: &KeyRing) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO instance (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            args![RING, &KeyRing::default().text()],
        )
        .await?;
        let changed = tx
            .execute(
                "UPDATE instance SET value = $3 WHERE name = $1 AND value = $2",
                args![RING, &old.text(), &new.text()],
            )
            .await?;
        tx.commit().await?;
        Ok(changed == 1)
    }

    /// Keeps whom a link names.
    pub async fn note_reader(&self, id: &str, address: &str) -> Result<(), StoreError> {
        if self.reader_address(id).await?.is_some() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO readers (id, address) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            args![id, address],
        )
        .await?;
        tx.commit().await
    }

    /// The address of whom a link names.
    pub async fn reader_address(&self, id: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT address FROM readers WHERE id = $1";
        let rows = self.db.rows(sql, args![id]).await?;
        rows.first().map(|row| row.text("address")).transpose()
    }
}

async fn rejudge(tx: &mut Tx, rejudged: &Rejudged) -> Result<(), StoreError> {
    match rejudged {
        Rejudged::To(judgement) => {
            tx.execute(
                "INSERT INTO judgements (post_id, is_complaint, because, judged_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (post_id) DO UPDATE SET \
                 is_complaint = excluded.is_complaint, because = excluded.because, \
                 judged_at = excluded.judged_at",
                args![
                    &judgement.post_id.0,
                    i64::from(judgement.is_complaint),
                    &judgement.because,
                    judgement.at,
                ],
            )
            .await?
        }
        Rejudged::None(post) => {
            tx.execute("DELETE FROM judgements WHERE post_id = $1", args![&post.0])
                .await?
        }
    };
    Ok(())
}

/// Nobody is to be told of a case that is none, unless a server has seen the mail.
async fn withdraw(tx: &mut Tx, case: &CaseId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET state = 'dead', cause = 'cancelled', dead_at = $2 \
         WHERE channel = 'mail' AND state = 'ready' AND attempts = 0 AND mime IS NULL \
         AND alert_id IN (SELECT id FROM alerts WHERE case_id = $1)",
        args![&case.0, now],
    )
    .await?;
    Ok(())
}

/// What the act that is taken back had withdrawn is sent after all; that it was solved is not told if nobody
/// was told yet.
async fn give_back(tx: &mut Tx, old: &CaseRow, now: Timestamp) -> Result<(), StoreError> {
    let Some(undo) = &old.case.undo else {
        return Ok(());
    };
    tx.execute(
        "UPDATE outbox SET state = 'ready', cause = NULL, dead_at = NULL, next_at = $3 \
         WHERE channel = 'mail' AND state = 'dead' AND cause = 'cancelled' AND dead_at = $2 \
         AND attempts = 0 AND alert_id IN (SELECT id FROM alerts WHERE case_id = $1)",
        args![&old.id.0, undo.at, now],
    )
    .await?;
    let untold = "SELECT a.id FROM alerts a WHERE a.case_id = $1 AND a.kind = 'solved' \
                  AND a.created_at >= $2 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.alert_id = a.id \
                  AND (o.state <> 'ready' OR o.attempts > 0 OR o.mime IS NOT NULL))";
    for row in tx.rows(untold, args![&old.id.0, undo.at]).await? {
        let alert = row.text("id")?;
        for sql in [
            "DELETE FROM attempt_log WHERE outbox_id IN (SELECT id FROM outbox WHERE alert_id = $1)",
            "DELETE FROM outbox WHERE alert_id = $1",
            "DELETE FROM alert_cases WHERE alert_id = $1",
            "DELETE FROM alerts WHERE id = $1",
        ] {
            tx.execute(sql, args![&alert]).await?;
        }
    }
    Ok(())
}
