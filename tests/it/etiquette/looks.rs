//! A post that was taken away: its own page is looked at once a day, politely, while its case is open.

use escucha::model::State;

use super::*;

const TOMORROW: &str = "UPDATE looks SET next_at = 0";

/// A feed with one complaint, whose page is `/p1`.
async fn town() -> Town {
    let town = Town::new(&source("foro", "/feed", "full_text = false"), "").await;
    let link = town.url("foro", "/p1");
    let item = format!(
        "<item><guid>1</guid><link>{link}#r1</link><title>t</title><author>Ana</author><pubDate>{}</pubDate>\
         <description>Llamé 4 veces a Telefonía Ejemplo por la factura y nadie me atiende. Estoy \
         harta.</description></item>",
        escucha::clock::now()
    );
    let body = format!("<rss version=\"2.0\"><channel><title>t</title>{item}</channel></rss>");
    town.server.route("/feed", Answer::ok(RSS, body));
    town.server.route(
        "/p1",
        Answer::ok(HTML, "<p>Llamé 4 veces</p>").etag("\"1\""),
    );
    town
}

async fn look(town: &Town) {
    levers::set(&town.database(), "UPDATE hosts SET next_at = 0").await;
    levers::set(&town.database(), TOMORROW).await;
    town.round().await;
}

async fn state(town: &Town) -> State {
    town.service.store.cases(9).await.unwrap()[0].case.state
}

#[tokio::test]
async fn a_post_whose_page_is_gone_closes_its_case_and_a_return_opens_it() {
    let town = town().await;
    town.round().await;
    assert_eq!(state(&town).await, State::Told);
    assert_eq!(town.server.hits("/p1"), 0, "not at once");
    look(&town).await;
    town.round().await;
    assert_eq!(town.server.hits("/p1"), 1, "once a day");
    look(&town).await;
    let asked = town.requests().pop().unwrap();
    assert_eq!(asked.header("if-none-match"), Some("\"1\""), "conditional");
    town.server.route("/p1", Answer::status(500));
    look(&town).await;
    for status in [404, 410] {
        assert_eq!(state(&town).await, State::Told);
        town.server.route("/p1", Answer::status(status));
        look(&town).await;
    }
    assert_eq!(state(&town).await, State::Gone);
    let case = &town.service.store.cases(9).await.unwrap()[0];
    let events = town.service.store.case_events(&case.id).await.unwrap();
    assert_eq!(events.last().unwrap().event, "gone");
    assert_eq!(town.smtp.mails().len(), 1, "nobody is mailed of it");
    town.server
        .route("/p1", Answer::ok(HTML, "<p>Llamé 4 veces</p>"));
    look(&town).await;
    assert_eq!(state(&town).await, State::Told);
    assert_eq!((town.server.hits("/p1"), town.smtp.mails().len()), (6, 1));
}

#[tokio::test]
async fn a_page_that_never_answered_or_may_not_be_read_says_nothing() {
    for (robots, page, n_hits) in [("", 404, 1), ("User-agent: *\nDisallow: /p", 200, 0)] {
        let town = town().await;
        town.server
            .route("/robots.txt", Answer::ok("text/plain", robots));
        if page != 200 {
            town.server.route("/p1", Answer::status(page));
        }
        town.round().await;
        for _ in 0..4 {
            look(&town).await;
        }
        assert_eq!(town.server.hits("/p1"), n_hits);
        assert_eq!(state(&town).await, State::Told);
    }
}

#[tokio::test]
async fn nobody_looks_after_a_case_that_is_closed() {
    let town = town().await;
    town.round().await;
    look(&town).await;
    levers::set(
        &town.database(),
        "UPDATE cases SET state = 'solved', due = NULL, due_at = NULL",
    )
    .await;
    look(&town).await;
    look(&town).await;
    assert_eq!(town.server.hits("/p1"), 1);
    let n = levers::number(&town.database(), "SELECT COUNT(*) FROM looks").await;
    assert_eq!(n, 0);
}
