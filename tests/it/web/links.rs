//! Links and forms that do not hold are refused in one way; what is sent from elsewhere is not taken.

use escucha::model::{CaseId, State};

use super::house::{House, JAVIER, MANAGER, OTHER, form_with};

/// The one answer.
#[track_caller]
fn check(house: &super::house::Answer, refusal: &str) {
    assert_eq!(house.status, 403);
    assert_eq!(house.body, refusal);
}

#[tokio::test(flavor = "multi_thread")]
async fn s18_links_that_do_not_hold_have_one_answer() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let refusal = house.get("/l/x").await.body;
    assert!(refusal.contains("Este enlace no vale"));
    let form = form_with(&house.get(&link).await.body, "Ya le hemos contestado");
    let (_, own) = link.split_at("/l/".len());
    let changed = |at: usize| {
        let other = if own.as_bytes()[at] == b'a' { "b" } else { "a" };
        format!("/l/{}{other}{}", &own[..at], &own[at + 1..])
    };
    let wrong = [
        changed(0),
        changed(5),
        changed(20),
        changed(own.len() - 1),
        format!("{link}a"),
        link[..link.len() - 1].to_owned(),
        format!("/l/{}", own.to_uppercase()),
        // The link of a form opens nothing.
        format!("/l/{form}"),
        "/l/".to_owned(),
        format!("/l/{}", "a".repeat(5_000)),
    ];
    let before = house.state().await;
    for path in &wrong {
        check(&house.get(path).await, &refusal);
        check(&house.send(path, &form, "").await, &refusal);
    }
    // A form of another case, of another reader, and the link of the mail in the place of a form's.
    let ana = house
        .complaint("Ana", &JAVIER.replace("cuatro", "tres"))
        .await;
    let of_ana = house.link(MANAGER, &ana.0);
    let others = form_with(&house.get(&of_ana).await.body, "Ya le hemos contestado");
    let to_other = house.link(OTHER, &ana.0);
    let to_other = form_with(&house.get(&to_other).await.body, "Ya le hemos contestado");
    for form in [others.as_str(), &to_other, own, "", "x"] {
        check(&house.send(&link, form, "").await, &refusal);
    }
    assert_ne!(house.state().await, before, "Ana's case is new");
    assert_eq!(house.case(&case).await.case.state, State::Told);
}

#[tokio::test(flavor = "multi_thread")]
async fn s18_old_keys_open_nothing_after_the_second_rotation() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let store = &house.service.store;
    for status in [200, 403] {
        let ring = store.key_ring().await.unwrap();
        let next = ring.rotated(&format!("salt {status}"));
        assert!(store.change_key_ring(&ring, &next).await.unwrap());
        assert!(
            !store.change_key_ring(&ring, &next).await.unwrap(),
            "it was changed meanwhile"
        );
        assert_eq!(house.get(&link).await.status, status);
    }
    house
        .complaint("Ana", &JAVIER.replace("cuatro", "tres"))
        .await;
    let link = house.link(MANAGER, &case.0);
    assert_eq!(
        house.get(&link).await.status,
        200,
        "new links have the new key"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn s21_no_page_is_kept_framed_followed_or_lets_the_link_out() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    for path in [link.as_str(), "/l/x", "/nothing", "/healthz", "/metrics"] {
        let answer = house.get(path).await;
        let header = |name: &str| answer.header(name).unwrap_or("missing").to_owned();
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert!(header("x-robots-tag").contains("noindex"), "{path}");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"));
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        let token = link.rsplit('/').next().unwrap();
        assert!(path == link || !answer.body.contains(token), "{path}");
        assert!(!answer.body.contains("http-equiv") && !answer.body.contains("<script"));
    }
    let page = house.get(&link).await.body;
    assert!(page.contains("<html lang=\"es\">"));
    for outside in page
        .split("href=\"")
        .skip(1)
        .filter(|href| href.starts_with("http"))
    {
        assert!(
            outside.contains("rel=\"noreferrer noopener nofollow\""),
            "{outside}"
        );
    }
    // A page that was stored elsewhere must not act as if it were ours.
    assert_eq!(page.matches("action=").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn s24_forms_from_elsewhere_are_not_taken() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    let body = format!(
        "link={}",
        form_with(&house.get(&link).await.body, "Me ocupo yo")
    );
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for (header, status) in [
        (("Origin", "https://evil.test"), 403),
        (("Sec-Fetch-Site", "cross-site"), 403),
        (("Sec-Fetch-Site", "same-site"), 403),
        (("Content-Type", "text/plain"), 415),
    ] {
        let headers = if status == 415 {
            vec![header]
        } else {
            vec![form, header]
        };
        let answer = house.ask("POST", &link, &headers, &body).await;
        assert_eq!(answer.status, status, "{header:?}");
    }
    assert_eq!(house.case(&case).await.case.taken_by, None);
    // Browsers say "null" of a page without a referrer.
    let headers = [form, ("Origin", "null"), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(house.ask("POST", &link, &headers, &body).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn s26_names_that_are_not_ours_get_nothing() {
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = house.link(MANAGER, &case.0);
    for host in [
        "evil.test",
        "evil.test:8040",
        "127.0.0.1.evil.test",
        "",
        "[",
    ] {
        for path in [link.as_str(), "/healthz", "/metrics"] {
            let answer = house.ask("GET", path, &[("Host", host)], "").await;
            assert!(
                [400, 421].contains(&answer.status),
                "{host}: {}",
                answer.status
            );
            assert!(!answer.body.contains("Javier"));
        }
    }
    // What was passed on by a server in front sees the page, and no figures.
    let passed = [("X-Forwarded-For", "192.0.2.1")];
    assert_eq!(house.ask("GET", "/metrics", &passed, "").await.status, 404);
    assert_eq!(house.ask("GET", &link, &passed, "").await.status, 200);
    let health = house.ask("GET", "/healthz", &passed, "").await;
    assert!(!health.body.contains("Fuentes") && health.body.lines().count() == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn s8_words_of_others_stay_words_on_the_page() {
    let mut house = House::new().await;
    let hostile = "Ejemplo </bdi><script>document.title='ran'</script><img src=x onerror=alert(1)> \
                   \u{fdd0}c-ffffffff\u{fdd1} \u{202e}al revés\u{202c} nadie me atiende, estoy harto";
    let name = "\"><script>document.title='ran'</script>";
    let case = house.complaint(name, hostile).await;
    let link = house.link(MANAGER, &case.0);
    let page = house.get(&link).await.body;
    assert!(
        !page.contains("<script") && !page.contains("<img"),
        "{page}"
    );
    assert!(page.contains("&lt;script&gt;") && !page.contains('\u{202e}'));
    for (_, letter) in &house.letters {
        assert!(
            !letter
                .text
                .contains(|c| ('\u{fdd0}'..='\u{fddf}').contains(&c))
        );
        assert_eq!(letter.html.matches("/l/").count(), 2, "two links of ours");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_no_longer_says_so() {
    let house = House::new().await;
    let engine = house.service.engine();
    let keys = escucha::flow::links::keys(&house.service.store, &engine)
        .await
        .unwrap()
        .unwrap();
    let reader = keys.reader(MANAGER);
    let grant = escucha::model::Grant {
        deed: escucha::model::Deed::Open,
        subject: escucha::model::Subject::Case(CaseId("c-00000000".to_owned())),
        reader,
        ends_at: escucha::clock::now().plus_days(1),
        stamp: 0,
    };
    let link = format!("/l/{}", keys.sign(&grant).unwrap());
    // Nobody whom we know has this link.
    assert_eq!(house.get(&link).await.status, 403);
    let store = &house.service.store;
    store.note_reader(&reader.hex(), MANAGER).await.unwrap();
    store.note_reader(&reader.hex(), "twice").await.unwrap();
    assert_eq!(
        store
            .reader_address(&reader.hex())
            .await
            .unwrap()
            .as_deref(),
        Some(MANAGER)
    );
    assert_eq!(house.get(&link).await.status, 410);
}
