//! What is known of a post beside its words: earlier cases and praise of its author, whether searches find
//! its page, how many read its source. On both databases.

use std::collections::BTreeMap;

use escucha::flow::replay::{self, Extent, Trial};
use escucha::model::{Level, PostId, Timestamp};
use escucha::score::rules::{Points, Rules};
use escucha::store::{Store, StoredPost};

use crate::support::databases;
use crate::support::lab::Lab;

const FORO: &str = "[[source]]\nname = \"foro\"\nkind = \"reviews\"\n\
                    url = \"https://foro.test/ejemplo\"\nreach = \"high\"\n\
                    [[source]]\nname = \"otro\"\nkind = \"reviews\"\n\
                    url = \"https://otro.test/ejemplo\"\n";
const PRAISE: &str = "Muy contenta con Ejemplo, un encanto de técnico. Gracias por todo.";
const FIRST: &str = "Ejemplo me ha cobrado dos veces la factura y nadie contesta.";
const SECOND: &str = "Otra vez: llevo tres semanas sin internet con Ejemplo y nadie me llama.";

/// A page of reviews, the newest first.
fn page(head: &str, reviews: &[(&str, &str, Timestamp)]) -> String {
    let reviews = reviews.iter().map(|(author, text, at)| {
        format!(
            "<div itemprop=review itemscope itemtype=\"https://schema.org/Review\">\
             <span itemprop=author>{author}</span><time itemprop=datePublished datetime=\"{at}\"></time>\
             <p itemprop=reviewBody>{text}</p></div>"
        )
    });
    let reviews: String = reviews.collect();
    format!(
        "<html lang=es><head>{head}</head><body itemscope itemtype=\"https://schema.org/Product\">\
         <h1 itemprop=name>Ejemplo</h1>{reviews}</body></html>"
    )
}

async fn post_with(store: &Store, words: &str) -> StoredPost {
    let posts = store.posts_after(None, Timestamp(0), 100).await.unwrap();
    let found = posts.into_iter().find(|post| post.post.text == words);
    let id: PostId = found.unwrap_or_else(|| panic!("no {words}")).id;
    store.post(&id).await.unwrap().unwrap()
}

/// The reasons that come from beside the words.
fn beside(post: &StoredPost) -> Vec<String> {
    let known = ["lee", "título", "buscadores", "quejó", "bien de nosotros"];
    let why = post.verdict.iter().flat_map(|verdict| &verdict.why);
    let said = why.map(|reason| format!("{:+} {}", reason.points, reason.because));
    let mut said: Vec<String> = said
        .filter(|said| known.iter().any(|word| said.contains(word)))
        .collect();
    said.sort();
    said
}

#[tokio::test]
async fn earlier_cases_and_praise_count_in_the_same_place_alone() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let at = lab.now.plus_hours(-300);
        let praise = page("", &[("Ana", PRAISE, at)]);
        lab.read(&BTreeMap::from([
            ("foro", praise.clone()),
            ("otro", page("", &[])),
        ]))
        .await;
        lab.pass_hours(24);
        let at_first = lab.now.plus_hours(-1);
        let reviews = [("Ana", FIRST, at_first), ("Ana", PRAISE, at)];
        let elsewhere = [(
            "Ana",
            "Con Ejemplo estoy sin internet y nadie contesta.",
            at_first,
        )];
        lab.read(&BTreeMap::from([
            ("foro", page("", &reviews)),
            (
                "otro",
                page("<meta name=robots content=noindex>", &elsewhere),
            ),
        ]))
        .await;
        let first = post_with(&fresh.store, FIRST).await;
        assert_eq!(
            beside(&first),
            [
                "+3 los buscadores pueden mostrar su página",
                "+8 antes había hablado bien de nosotros aquí",
                "+8 aquí lo lee mucha gente",
            ],
            "{}",
            fresh.engine
        );
        let other = post_with(&fresh.store, elsewhere[0].1).await;
        assert_eq!(other.verdict.as_ref().unwrap().level, Level::Complaint);
        assert!(beside(&other).is_empty(), "{:?}", beside(&other));
        assert_eq!(other.circumstances.indexable, Some(false));
        lab.pass_hours(24);
        let reviews = [("Ana", SECOND, lab.now), reviews[0], reviews[1]];
        lab.read(&BTreeMap::from([("foro", page("", &reviews))]))
            .await;
        let second = post_with(&fresh.store, SECOND).await;
        assert!(
            beside(&second).contains(&"+5 ya se quejó aquí otra vez".to_owned()),
            "{:?}",
            beside(&second)
        );
        assert_eq!(second.circumstances.earlier_cases, 1);
        replayed(&lab, &second).await;
    }
}

/// The file that is tried is scored with what was known then.
async fn replayed(lab: &Lab<'_>, second: &StoredPost) {
    let rules = Rules {
        points: Points {
            earlier_case: 0,
            ..Points::default()
        },
        ..lab.engine.settings.rules.clone()
    };
    let trial = Trial::of(lab.store, &lab.engine, rules, Extent::Touched).await;
    let outcome = replay::replay(lab.store, &trial.unwrap(), Timestamp(0), |_| ()).await;
    let moved = outcome.unwrap().moved;
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!(moved[0].id, second.id);
    let verdict = second.verdict.as_ref().unwrap();
    let sum: i64 = verdict.why.iter().map(|reason| reason.points).sum();
    let [before, after] = [sum, sum - 5].map(|sum| sum.clamp(0, 100) as u8);
    let place = &moved[0];
    assert_eq!((place.before.risk, place.after.risk), (before, after));
}
