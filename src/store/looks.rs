//! The own pages of the posts of open cases: due for a look, leased, settled.

use super::db::Row;
use super::hosts::know_host;
use super::queue::{Queue, queue};
use super::{
    Absence, ClaimedLook, HostRest, Lease, Look, NewPage, Store, StoreError, Validators, alerts,
    args, cases,
};
use crate::model::{CaseId, Timestamp};

pub(super) static LOOKS: Queue = queue!("looks", "case_id");

impl Store {
    /// Leases due looks, at most one a host, by the same host rows as the sources.
    pub async fn claim_looks(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedLook>, StoreError> {
        let rows = self.claim(&LOOKS, owner, now, until, limit).await?;
        rows.iter().map(|row| claimed_look(row, until)).collect()
    }

    /// Ends a look with what it found, and the case with it where `step` says so. `None` ends looking
    /// altogether. False when the lease was lost: then nothing is written.
    pub async fn settle_look(
        &self,
        claim: &ClaimedLook,
        next: Option<&Look>,
        hosts: &[HostRest],
        step: Option<&Absence>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, token) = (&claim.case_id.0, claim.lease.token);
        let settling = if let Some(look) = next {
            let args = args![
                id,
                token,
                now,
                look.next_at,
                &look.validators.etag,
                &look.validators.last_modified,
                i64::from(look.was_there),
                look.n_gone
            ];
            let sql = "UPDATE looks SET lease_owner = NULL, lease_until = 0, next_at = $4, \
                       etag = $5, last_modified = $6, was_there = $7, n_gone = $8 \
                       WHERE case_id = $1 AND lease_token = $2 AND lease_until > $3";
            self.settling(sql, args, hosts).await?
        } else {
            let sql = "DELETE FROM looks \
                       WHERE case_id = $1 AND lease_token = $2 AND lease_until > $3";
            self.settling(sql, args![id, token, now], hosts).await?
        };
        let Some(mut tx) = settling else {
            return Ok(false);
        };
        if let Some(absence) = step
            && let Some((case, event)) = &absence.step
            && cases::step(&mut tx, &absence.row, case).await?
        {
            alerts::note_event(&mut tx, &claim.case_id, now, event, None).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Prolongs the lease of a visit that takes its time; false when it was lost.
    pub async fn renew_look(
        &self,
        claim: &ClaimedLook,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE looks SET lease_until = $4 \
                   WHERE case_id = $1 AND lease_token = $2 AND lease_until > $3";
        self.fenced(sql, args![&claim.case_id.0, claim.lease.token, now, until])
            .await
    }
}

/// Begins to look after the page of a case that was opened just now.
pub(super) async fn begin(
    tx: &mut super::db::Tx,
    case: &CaseId,
    page: &NewPage,
    first_at: Timestamp,
) -> Result<(), StoreError> {
    know_host(tx, &page.host).await?;
    tx.execute(
        "INSERT INTO looks (case_id, url, host, next_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (case_id) DO NOTHING",
        args![&case.0, &page.url, &page.host, first_at],
    )
    .await
    .map(drop)
}

fn claimed_look(row: &Row, until: Timestamp) -> Result<ClaimedLook, StoreError> {
    Ok(ClaimedLook {
        case_id: CaseId(row.text("case_id")?),
        url: row.text("url")?,
        host: row.text("host")?,
        look: Look {
            next_at: row.at("next_at")?,
            validators: Validators {
                etag: row.opt_text("etag")?,
                last_modified: row.opt_text("last_modified")?,
            },
            was_there: row.int("was_there")? != 0,
            n_gone: row.int("n_gone")?,
        },
        lease: Lease {
            token: row.int("lease_token")? + 1,
            until,
        },
    })
}
