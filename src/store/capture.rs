//! What a person brought, beside what is read.

use super::db::Statement;
use super::{Admission, Store, StoreError, args, posts};
use crate::model::{SourceId, Timestamp};

impl Store {
    /// Stores what a person brought, under a source that is never read unless it is configured.
    pub async fn capture(
        &self,
        source: &SourceId,
        name: &str,
        admission: &Admission,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO sources (id, name, host, mapping, active, next_at) \
                   VALUES ($1, $2, '', '', 0, $3) ON CONFLICT (id) DO NOTHING";
        let first = Statement::new(sql, args![&source.0, name, now].to_vec());
        let posts = (source, &*admission.posts);
        let (mut tx, stored) = posts::store(self.db.begin(), vec![first], posts, now).await?;
        posts::admit(&mut tx, source, (admission, &stored.ids), now).await?;
        tx.commit().await
    }
}
