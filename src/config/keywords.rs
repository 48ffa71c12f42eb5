//! `keywords.toml`, the analyst's file: what to listen for and what it weighs.

use std::collections::BTreeSet;

use super::complaints::said;
use super::escucha::known_names;
use super::reader::{Section, Value};
use super::values;
use crate::model::Lang;
use crate::score::query::Query;
use crate::score::rules::{Keyword, Levels, Points, Rules, Silence, Watch};
use crate::score::text::fold_str;

/// More points than this decide alone, and the risk ends at 100 anyway.
const POINTS_MAX: i64 = 100;

/// Reads the file; `sources` are the operator's, if his file could be read.
///
/// A part that is wrong has been complained about and is left out.
pub(super) fn read(root: &Section, sources: Option<&[String]>) -> Rules {
    let watches = watches(root, sources);
    let levels = root
        .table("levels")
        .map_or_else(Levels::default, |section| levels(&section));
    let points = root
        .table("points")
        .map_or_else(Points::default, |section| points(&section));
    let mut keywords = root
        .table("keywords")
        .map_or_else(Vec::new, |section| plain(&section));
    keywords.extend(root.tables("keyword").iter().filter_map(exception));
    let silences = root.tables("silence");
    let silences = silences.iter().filter_map(silence).collect();
    root.finish();
    Rules {
        watches,
        levels,
        points,
        keywords,
        silences,
    }
}

fn watches(root: &Section, sources: Option<&[String]>) -> Vec<Watch> {
    let sections = root.tables("watch");
    if sections.is_empty() && root.get("watch").is_none() {
        root.complain_here(
            "watch",
            said!(
                "falta: no se vigila nada",
                "is missing: nothing is listened for"
            ),
            said!(
                "escriba [[watch]] con name y query",
                "write [[watch]] with name and query"
            ),
        );
    }
    let mut watches: Vec<Watch> = Vec::new();
    let mut taken = BTreeSet::new();
    for section in sections {
        let name = section.need("name", said!("ponga name = \"…\"", "put name = \"…\""));
        if let Some(name) = &name
            && let Some(text) = name.text()
            && !taken.insert(fold_str(text.trim()))
        {
            name.complain(
                said!(
                    "otra vigilancia ya se llama así",
                    "another watch has this name"
                ),
                said!(
                    "dé a cada una un nombre propio",
                    "give each a name of its own"
                ),
            );
        }
        let watch = watch(&section, name.as_ref(), sources);
        section.finish();
        watches.extend(watch);
    }
    if !watches.is_empty() && watches.iter().all(|watch| watch.trial) {
        root.complain_here(
            "watch",
            said!(
                "todas están en prueba: no se avisaría de nada",
                "all are on trial: nobody would be told of anything"
            ),
            said!("quite trial = true de una", "take trial = true out of one"),
        );
    }
    watches
}

fn watch(section: &Section, name: Option<&Value>, sources: Option<&[String]>) -> Option<Watch> {
    let query = section
        .need("query", said!("ponga query = '…'", "put query = '…'"))
        .and_then(|query| values::query(&query));
    let to = section.get("to").map_or_else(Vec::new, |list| {
        let mailboxes = values::mailboxes(&list);
        mailboxes.iter().map(ToString::to_string).collect()
    });
    let urgent_at = section.get("urgent_at").and_then(|risk| risk_of(&risk));
    let answer_within = section
        .get("answer_within")
        .and_then(|wait| values::minutes(&wait));
    let languages = languages(section);
    let sources = section
        .get("sources")
        .map_or_else(Vec::new, |list| known_names(&list, sources));
    let trial = section.get("trial").and_then(|trial| trial.boolean());
    Some(Watch {
        name: name?.text()?.trim().to_owned(),
        query: query?,
        to,
        urgent_at,
        answer_within,
        languages,
        sources,
        trial: trial.unwrap_or_default(),
        line: section.line(),
    })
}

fn languages(section: &Section) -> Vec<Lang> {
    section.get("languages").map_or_else(Vec::new, |list| {
        list.items().iter().filter_map(values::lang).collect()
    })
}

fn risk_of(value: &Value) -> Option<u8> {
    value
        .integer(0, 100)
        .and_then(|risk| u8::try_from(risk).ok())
}

fn levels(section: &Section) -> Levels {
    let default = Levels::default();
    let complaint_at = section.get("complaint_at");
    let doubt_at = section.get("doubt_at");
    let urgent_at = section.get("urgent_at");
    section.finish();
    let levels = Levels {
        complaint_at: complaint_at
            .as_ref()
            .and_then(Value::share)
            .unwrap_or(default.complaint_at),
        doubt_at: doubt_at
            .as_ref()
            .and_then(Value::share)
            .unwrap_or(default.doubt_at),
        urgent_at: urgent_at
            .and_then(|risk| risk_of(&risk))
            .unwrap_or(default.urgent_at),
    };
    if levels.doubt_at > levels.complaint_at
        && let Some(value) = doubt_at.or(complaint_at)
    {
        let (doubt, complaint) = (share(levels.doubt_at), share(levels.complaint_at));
        value.complain(
            said!(
                "la duda ({doubt}) empezaría después de la queja ({complaint})",
                "doubt ({doubt}) would begin after complaint ({complaint})"
            ),
            said!(
                "doubt_at no puede pasar de complaint_at",
                "doubt_at cannot be above complaint_at"
            ),
        );
    }
    levels
}

/// A share as people write it: at least two digits.
fn share(millionths: i64) -> String {
    format!("{:.2}", millionths as f64 / 1e6)
}

fn points(section: &Section) -> Points {
    let default = Points::default();
    let get = |key: &str, default: i64| {
        section
            .get(key)
            .and_then(|value| points_of(&value))
            .unwrap_or(default)
    };
    let points = Points {
        unanswered_contact: get("unanswered_contact", default.unanswered_contact),
        loyalty: get("loyalty", default.loyalty),
        churn_threat: get("churn_threat", default.churn_threat),
        farewell: get("farewell", default.farewell),
        asks_for_reply: get("asks_for_reply", default.asks_for_reply),
        crowd: get("crowd", default.crowd),
        repeat_failure: get("repeat_failure", default.repeat_failure),
        legal_threat: get("legal_threat", default.legal_threat),
        safety: get("safety", default.safety),
        privacy: get("privacy", default.privacy),
        anger: get("anger", default.anger),
        stars: get("stars", default.stars),
        waiting_week: get("waiting_week", default.waiting_week),
        complaint: get("complaint", default.complaint),
        customer_base: get("customer_base", default.customer_base),
        reach: get("reach", default.reach),
        brand_in_title: get("brand_in_title", default.brand_in_title),
        indexable: get("indexable", default.indexable),
        earlier_case: get("earlier_case", default.earlier_case),
        earlier_praise: get("earlier_praise", default.earlier_praise),
    };
    section.finish();
    points
}

fn points_of(value: &Value) -> Option<i64> {
    value.integer(-POINTS_MAX, POINTS_MAX)
}

/// `[keywords.es]`: a line each, words in a row without quotes.
fn plain(section: &Section) -> Vec<Keyword> {
    let mut keywords = Vec::new();
    for by_lang in section.entries() {
        let Some(lang) = Lang::ALL
            .into_iter()
            .find(|lang| lang.code() == by_lang.key)
        else {
            by_lang.value.file.complain(
                by_lang.key_start,
                &by_lang.value.path,
                said!("idioma desconocido", "unknown language"),
                {
                    let right = values::right_lang(by_lang.key);
                    let (es, en) = (right.es, right.en);
                    said!("escriba {es}", "write {en}")
                },
            );
            continue;
        };
        let Some(words) = by_lang.value.table() else {
            continue;
        };
        for entry in words.entries() {
            let points = points_of(&entry.value);
            let query = Query::phrase(entry.key)
                .map_err(|e| values::complain_query(&entry.value, entry.key_start, &e));
            if let (Some(points), Ok(query)) = (points, query) {
                keywords.push(Keyword {
                    written: entry.key.trim().to_owned(),
                    query,
                    points,
                    languages: vec![lang],
                    trial: false,
                    line: by_lang.value.file.line_of(entry.key_start),
                });
            }
        }
    }
    keywords
}

/// `[[keyword]]`: a full query with all it can have.
fn exception(section: &Section) -> Option<Keyword> {
    let written = section.need("match", said!("ponga match = '…'", "put match = '…'"));
    let points = section.need("points", said!("ponga points = 10", "put points = 10"));
    let languages = languages(section);
    let trial = section.get("trial").and_then(|trial| trial.boolean());
    section.finish();
    let query = written.as_ref().and_then(values::query);
    let points = points.and_then(|points| points_of(&points));
    Some(Keyword {
        written: written?.text()?.trim().to_owned(),
        query: query?,
        points: points?,
        languages,
        trial: trial.unwrap_or_default(),
        line: section.line(),
    })
}

fn silence(section: &Section) -> Option<Silence> {
    let written = section.need("match", said!("ponga match = '…'", "put match = '…'"));
    let query = written.as_ref().and_then(values::query);
    let until = section
        .need(
            "until",
            said!(
                "diga hasta cuándo: until = 2026-12-01",
                "say until when: until = 2026-12-01"
            ),
        )
        .and_then(|until| until.date());
    let because = section.need(
        "because",
        said!("diga por qué: because = \"…\"", "say why: because = \"…\""),
    );
    section.finish();
    Some(Silence {
        written: written?.text()?.trim().to_owned(),
        query: query?,
        until: until?,
        because: because?.text()?.trim().to_owned(),
        line: section.line(),
    })
}
