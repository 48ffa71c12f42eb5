//! Forgetting a person, and keeping him out.

use std::collections::HashSet;

use super::Engine;
use super::poll::Job;
use crate::extract::Extracted;
use crate::model::{
    Post, PostKey, Timestamp, Ui, same_author, suppressed_author, suppressed_link, suppression_keys,
};
use crate::store::{Forgotten, Notice, Store, StoreError, Trace};

/// Posts that one transaction takes out.
const A_TRANSACTION: usize = 50;

/// Who is to be forgotten.
#[derive(Clone, Debug)]
pub enum Whom {
    /// Everything under this name, or what stands so in one source.
    Author {
        name: String,
        source: Option<String>,
    },
    /// What stands at this address.
    Url(String),
}

/// The posts that are his.
pub async fn find(
    store: &Store,
    instance_key: &str,
    whom: &Whom,
) -> Result<Vec<Trace>, StoreError> {
    let link = |url: &str| suppressed_link(instance_key, url).hash;
    let wanted_link = match whom {
        Whom::Url(url) => link(url),
        Whom::Author { .. } => String::new(),
    };
    search(store, |trace| match whom {
        Whom::Url(_) => trace
            .post
            .url
            .as_deref()
            .is_some_and(|url| link(url) == wanted_link),
        Whom::Author { name, source } => {
            let named = Post {
                author: Some(name.clone()),
                ..Post::default()
            };
            let is_there = source
                .as_ref()
                .is_none_or(|source| trace.source_id.0 == *source);
            trace.post.author.is_some() && is_there && same_author(&named, &trace.post)
        }
    })
    .await
}

/// Takes them out and keeps the keys by which he stays out.
pub async fn forget(
    store: &Store,
    instance_key: &str,
    whom: &Whom,
    ui: Ui,
    now: Timestamp,
) -> Result<Forgotten, StoreError> {
    let traces = find(store, instance_key, whom).await?;
    let mut keys: Vec<PostKey> = match whom {
        Whom::Author { name, source } => suppressed_author(instance_key, name, source.as_deref())
            .into_iter()
            .collect(),
        Whom::Url(url) => vec![suppressed_link(instance_key, url)],
    };
    for trace in &traces {
        // His other posts stay, and his name elsewhere: only these are asked for.
        let of_post = suppression_keys(instance_key, &trace.source_id.0, &trace.post);
        keys.extend(of_post.into_iter().filter(|key| key.kind != "author"));
    }
    take_out(store, &traces, &keys, ui, now).await
}

/// Takes out again whom a restored backup has brought back.
pub async fn replay(
    store: &Store,
    instance_key: &str,
    ui: Ui,
    now: Timestamp,
) -> Result<Forgotten, StoreError> {
    let suppressed = store.suppressed().await?;
    if suppressed.is_empty() {
        return Ok(Forgotten::default());
    }
    let traces = search(store, |trace| {
        is_suppressed(&suppressed, instance_key, &trace.source_id.0, &trace.post)
    });
    take_out(store, &traces.await?, &[], ui, now).await
}

/// The document without the posts of those who are forgotten, before anything of them is stored.
pub(super) async fn without(
    store: &Store,
    engine: &Engine,
    job: &Job,
    mut extracted: Extracted,
) -> Result<Extracted, StoreError> {
    if extracted.posts.is_empty() {
        return Ok(extracted);
    }
    let suppressed = store.suppressed().await?;
    if !suppressed.is_empty() {
        let (key, source) = (&engine.instance_key, &job.claim.id.0);
        extracted
            .posts
            .retain(|post| !is_suppressed(&suppressed, key, source, post));
    }
    Ok(extracted)
}

fn is_suppressed(
    suppressed: &HashSet<String>,
    instance_key: &str,
    source: &str,
    post: &Post,
) -> bool {
    let keys = suppression_keys(instance_key, source, post);
    keys.iter().any(|key| suppressed.contains(&key.hash))
}

async fn search(
    store: &Store,
    is_wanted: impl Fn(&Trace) -> bool,
) -> Result<Vec<Trace>, StoreError> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let traces = store.traces(&after).await?;
        let Some(last) = traces.last() else {
            return Ok(found);
        };
        after.clone_from(&last.id.0);
        found.extend(traces.into_iter().filter(|trace| is_wanted(trace)));
    }
}

async fn take_out(
    store: &Store,
    traces: &[Trace],
    keys: &[PostKey],
    ui: Ui,
    now: Timestamp,
) -> Result<Forgotten, StoreError> {
    let subject = ui.pick("Hay casos que mirar", "There are cases to look at");
    let text = ui.pick(
        "El texto de este correo se ha retirado porque un cliente ha pedido que se le olvide. Los \
         demás casos de los que hablaba están en: escucha cases",
        "The text of this mail was taken out because a customer asked to be forgotten. The other \
         cases of which it told are in: escucha cases",
    );
    let html = format!("<p>{text}</p>");
    let notice = Notice {
        subject,
        text,
        html: &html,
    };
    let mut done = store.forget(&[], keys, notice, now).await?;
    for some in traces.chunks(A_TRANSACTION) {
        let now_done = store.forget(some, &[], notice, now).await?;
        done.n_posts += now_done.n_posts;
        done.n_cases += now_done.n_cases;
        done.n_letters += now_done.n_letters;
        done.n_emptied += now_done.n_emptied;
        done.n_sent += now_done.n_sent;
    }
    store.give_back().await?;
    Ok(done)
}
