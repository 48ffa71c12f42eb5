//! The page under a finger: a real Chromium of a telephone's size, from the mail to the case answered.

use escucha::clock;
use escucha::flow::deadlines;
use escucha::model::State;

use super::house::{House, JAVIER, MANAGER};
use crate::letter::browser::is_here;
use crate::support::browser::Browser;

/// The browser is driven by blocking calls, away from the threads on which the page is served.
async fn with_browser<T: Send + 'static>(
    work: impl FnOnce(&mut Browser) -> T + Send + 'static,
) -> T {
    let work = move || work(&mut Browser::start());
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn s19_from_the_mail_to_the_case_answered_by_two_touches_without_script() {
    if !is_here() {
        return;
    }
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let folder = tempfile::tempdir().unwrap();
    let mail = folder.path().join("mail.html");
    let of_manager = house.letters.iter().find(|(to, _)| to == MANAGER).unwrap();
    std::fs::write(&mail, &of_manager.1.html).unwrap();
    let before = house.state().await;
    let mail = format!("file://{}", mail.display());
    let page = with_browser(move |browser| {
        browser.open(&mail);
        browser.picture("mail");
        browser.press("a[href*='/l/']");
        assert!(browser.overflow() <= 0, "wider than the telephone");
        let page = browser.html();
        browser.picture("case");
        // A scanner opens it, too, often and with scripts.
        browser.allow_scripts();
        let link = browser
            .asked
            .iter()
            .rev()
            .find(|url| url.contains("/l/") && !url.contains("style"));
        let link = link.unwrap().clone();
        for _ in 0..10 {
            browser.open(&link);
        }
        (page, link)
    });
    let (page, link) = page.await;
    assert!(
        page.contains("Ya le hemos contestado") && page.contains("cuatro veces"),
        "{page}"
    );
    assert_eq!(house.state().await, before, "looking changes nothing");

    let asked = with_browser(move |browser| {
        browser.open(&link);
        browser.press("form:nth-of-type(2) button");
        browser.picture("answered");
        let page = browser.html();
        assert!(
            page.contains("contestado") && page.contains("Deshacer"),
            "{page}"
        );
        // To load it again sends nothing again.
        browser.open(&link);
        browser.asked.clone()
    });
    let asked = asked.await;
    let own = format!("http://127.0.0.1:{}/", house.port);
    assert!(asked.iter().all(|url| url.starts_with(&own)), "{asked:?}");
    assert_eq!(house.case(&case).await.case.state, State::Answered);
    assert_eq!(house.history(&case).await, "answered (Marta Ruiz)");
    let (store, engine) = (&house.service.store, house.service.engine());
    for hours in [5, 13, 30] {
        deadlines::turn(store, &engine, clock::now().plus_hours(hours))
            .await
            .unwrap();
    }
    assert_eq!(
        house.case(&case).await.case.n_reminders,
        0,
        "no more reminders"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn s19_words_are_written_and_the_case_is_solved_in_the_dark() {
    if !is_here() {
        return;
    }
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let link = format!(
        "http://127.0.0.1:{}{}",
        house.port,
        house.link(MANAGER, &case.0)
    );
    with_browser(move |browser| {
        browser.go_dark();
        browser.open(&link);
        browser.picture("case-dark");
        assert_eq!(browser.style("body", "background-color"), "rgb(20, 23, 26)");
        // Without words the browser sends nothing.
        browser.touch("form:has(#words) button");
        browser.touch("#words");
        browser.write("Gracias, ya me han devuelto el dinero.");
        browser.press("form:has(#words) button");
        browser.picture("solved-dark");
    })
    .await;
    let row = house.case(&case).await;
    assert_eq!((row.case.state, row.n_acts), (State::Solved, 1));
    let history = house.history(&case).await;
    assert_eq!(
        history,
        "solved:Gracias, ya me han devuelto el dinero. (Marta Ruiz)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn s8_no_script_of_a_post_runs_on_the_page() {
    if !is_here() {
        return;
    }
    let mut house = House::new().await;
    let hostile = "Ejemplo: nadie me atiende, estoy harto </p><script>document.title='ran'</script>\
                   <img src=https://evil.test/x onerror=\"document.title='ran'\"><svg onload=alert(1)>\
                   <style>@import 'https://evil.test/y'</style> ${7*7} {{7*7}} javascript:alert(1)";
    let case = house
        .complaint("<svg/onload=document.title='ran'>", hostile)
        .await;
    let link = format!(
        "http://127.0.0.1:{}{}",
        house.port,
        house.link(MANAGER, &case.0)
    );
    let (page, asked) = with_browser(move |browser| {
        browser.allow_scripts();
        browser.open(&link);
        browser.picture("hostile");
        (browser.html(), browser.asked.clone())
    })
    .await;
    assert!(!page.contains("<title>ran"), "{page}");
    assert!(asked.iter().all(|url| !url.contains("evil")), "{asked:?}");
    assert_eq!(asked.len(), 2, "the page and its style: {asked:?}");
}

/// Relative luminance by WCAG 2.1.
fn luminance(rgb: &str) -> f64 {
    let numbers = rgb
        .trim_start_matches("rgb(")
        .trim_end_matches(')')
        .split(", ");
    let linear = numbers.map(|part| {
        let part = part.parse::<f64>().unwrap() / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    let linear: Vec<f64> = linear.collect();
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_can_be_read_pressed_and_heard_by_everybody() {
    if !is_here() {
        return;
    }
    let mut house = House::new().await;
    let case = house.complaint("Javier", JAVIER).await;
    let path = house.link(MANAGER, &case.0);
    house.press(&path, "Me ocupo yo", "").await;
    let link = format!("http://127.0.0.1:{}{path}", house.port);
    let (page, styles) = with_browser(move |browser| {
        let mut styles = Vec::new();
        for is_dark in [false, true] {
            if is_dark {
                browser.go_dark();
            }
            browser.open(&link);
            let ground = browser.style("body", "background-color");
            for (ink, below) in [
                ("body", None),
                (".soft", None),
                ("a", None),
                ("button", Some("button")),
                ("blockquote p", Some("blockquote")),
                (".last p", Some(".last")),
                (".draft", Some(".draft")),
            ] {
                let color = browser.style(ink, "color");
                let ground = below.map_or_else(
                    || ground.clone(),
                    |below| browser.style(below, "background-color"),
                );
                styles.push((ink, color, ground));
            }
        }
        assert_eq!(browser.style("button", "min-height"), "48px");
        assert_eq!(browser.style("body", "font-size"), "16px");
        (browser.html(), styles)
    })
    .await;
    for (what, ink, ground) in styles {
        let (one, other) = (luminance(&ink), luminance(&ground));
        let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
        assert!(
            contrast >= 4.5,
            "{what}: {ink} on {ground} is {contrast:.2}"
        );
    }
    for id in page.split("<textarea id=\"").skip(1) {
        let id = id.split('"').next().unwrap();
        assert!(
            page.contains(&format!("<label for=\"{id}\">")),
            "{id} has no label"
        );
    }
    assert_eq!(page.matches("<h1>").count(), 1);
    assert_eq!(page.matches("<main>").count(), 1);
}
