//! One guarded POST: no redirect is followed, and of the answer only its status counts.
//!
//! Absent: robots.txt and the pace of hosts, which are for guests. This server asked to be called.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use url::Url;

use super::client::{Client, in_time};
use super::guard::Route;
use super::trouble::classify;
use super::{FetchError, headers};
use crate::model::Timestamp;

/// Of a body so much is read, and thrown away, so that the server can end in peace.
const ANSWER_BYTES_MAX: usize = 64 << 10;
const ANSWER_TIME: Duration = Duration::from_secs(2);

/// What a server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    pub status: u16,
    /// How long it wants to be left alone, at most a day.
    pub retry_after_ms: Option<i64>,
}

impl Client {
    /// Sends a JSON body with these header lines. `now` measures a `Retry-After` that is a date, where
    /// the server sends no date of its own.
    pub async fn post(
        &self,
        url: &Url,
        lines: &[(&'static str, String)],
        body: String,
        now: Timestamp,
    ) -> Result<Posted, FetchError> {
        let client = match self.guard.check(url)? {
            Route::Public => &self.public,
            Route::Allowed => &self.allowed,
        };
        let json = HeaderValue::from_static("application/json");
        let mut request = client.post(url.clone()).header(CONTENT_TYPE, json);
        for (name, value) in lines {
            let value =
                HeaderValue::from_str(value).map_err(|_| FetchError::Setup((*name).to_owned()))?;
            request = request.header(HeaderName::from_static(name), value);
        }
        let sending = request.body(body).send();
        let sent = async { sending.await.map_err(|error| classify(&error, url)) };
        let answer = in_time(self.limits.total, sent).await?;
        let posted = Posted {
            status: answer.status().as_u16(),
            retry_after_ms: headers::retry_after_ms(answer.headers(), now),
        };
        // It has been said; what follows, or that it does not end, changes nothing.
        let _ = tokio::time::timeout(ANSWER_TIME, throw_away(answer)).await;
        Ok(posted)
    }
}

async fn throw_away(mut answer: reqwest::Response) {
    let mut n_bytes = 0;
    while n_bytes < ANSWER_BYTES_MAX
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        n_bytes += chunk.len();
    }
}
