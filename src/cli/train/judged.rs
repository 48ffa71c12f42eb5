//! The posts of the store that people judged, as lines to learn from.
//!
//! Absent: posts that were dismissed because they are about others or false. Their words may well be those of
//! a complaint: they would teach that such words are none.

use anyhow::Result;

use super::bad;
use super::lines::{Case, Place};
use crate::model::Ui;
use crate::score::Scorer;
use crate::settings::Settings;
use crate::store::Store;

/// Fewer of a kind teach nothing that another post would confirm.
pub(super) const LEAST: usize = 30;
/// What dismissals say of whom a post is about, and not of its words.
const OF_OTHERS: [&str; 3] = ["not_about_us", "other_company", "spam_or_false"];

/// # Errors
/// A sentence that says how many there are, where those to learn from are too few.
pub(super) fn enough(cases: &[Case], ui: Ui) -> Result<()> {
    let yes = cases.iter().filter(|case| case.complaint).count();
    let no = cases.len() - yes;
    if yes.min(no) >= LEAST {
        return Ok(());
    }
    Err(bad(&match ui {
        Ui::Es => format!(
            "son pocas para aprender de ellas: {yes} quejas y {no} que no lo son, y hacen falta {LEAST} de \
             cada clase"
        ),
        Ui::En => format!(
            "that is too little to learn from: {yes} complaints and {no} that are none, and {LEAST} of each \
             kind are needed"
        ),
    }))
}

pub(super) struct Judged {
    /// In the order of their identities, which says nothing of them.
    pub(super) cases: Vec<Case>,
    /// Judged, and not learnt from.
    n_left_out: usize,
}

impl Judged {
    fn n(&self, is_complaint: bool) -> usize {
        let such = self.cases.iter();
        such.filter(|case| case.complaint == is_complaint).count()
    }

    /// How many of what was read.
    pub(super) fn told(&self, ui: Ui) -> String {
        let (n, yes, no) = (self.cases.len(), self.n(true), self.n(false));
        let read = match ui {
            Ui::Es => format!("{n} publicaciones juzgadas: {yes} quejas y {no} que no lo son"),
            Ui::En => format!("{n} judged posts: {yes} complaints and {no} that are none"),
        };
        match (ui, self.n_left_out) {
            (_, 0) => read,
            (Ui::Es, others) => format!(
                "{read}, sin contar las que se descartaron por hablar de otros o ser falsas ({others})"
            ),
            (Ui::En, others) => {
                format!("{read}, not counting those dismissed as about others or false ({others})")
            }
        }
    }

    /// # Errors
    /// A sentence that says how many more are needed, where they are too few.
    pub(super) fn enough(&self, ui: Ui) -> Result<()> {
        let missing = |is_complaint| LEAST.saturating_sub(self.n(is_complaint));
        let (yes, no) = (missing(true), missing(false));
        if yes + no == 0 {
            return Ok(());
        }
        let told = self.told(ui);
        Err(bad(&match ui {
            Ui::Es => format!(
                "{told}.\nSon pocas para aprender de ellas: hacen falta {LEAST} de cada clase. Faltan \
                 {yes} quejas y {no} que no lo sean.\nSe juzgan con «escucha case ID judge yes|no»; \
                 también las dudas, que están al final de «escucha cases»"
            ),
            Ui::En => format!(
                "{told}.\nThat is too little to learn from: {LEAST} of each kind are needed. {yes} \
                 complaints and {no} others are missing.\nJudge with \"escucha case ID judge yes|no\"; \
                 the doubts at the end of \"escucha cases\", too"
            ),
        }))
    }
}

/// Reads them. `scorer` knows by the operator's watches whom they are about.
pub(super) async fn read(store: &Store, settings: &Settings, scorer: &Scorer) -> Result<Judged> {
    let mut cases = Vec::new();
    let mut n_left_out = 0;
    for judgement in store.judgements().await? {
        if !judgement.is_complaint && OF_OTHERS.contains(&judgement.because.as_str()) {
            n_left_out += 1;
            continue;
        }
        // What was forgotten teaches nothing any more.
        let Some(stored) = store.post(&judgement.post_id).await? else {
            continue;
        };
        let mut sources = settings.sources.iter();
        let source = sources.find(|source| source.id == stored.source_id);
        let place = Place {
            url: stored.post.url.clone(),
            lang: stored.post.lang.or(source.and_then(|source| source.lang)),
            published: stored.post.published,
            seen_at: stored.seen_at,
            source: source.map(|source| source.section.clone()),
            about: source.map_or_else(Vec::new, |source| source.watches.clone()),
        };
        cases.push(Case::of_post(
            &stored.post,
            place,
            judgement.is_complaint,
            scorer,
        ));
    }
    Ok(Judged { cases, n_left_out })
}
