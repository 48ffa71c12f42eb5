//! One fault after the other, each with its line, column, key and what would be right.

use super::{COMPANY, WATCH, load, printed};

/// Adds to a good `escucha.toml`: the complaints begin so. Lines count from the addition.
#[track_caller]
pub(super) fn operator(added: &str, expected: &str) {
    let with = printed(load(&format!("{added}\n"), WATCH));
    let without_company: Vec<&str> = with
        .lines()
        .filter(|line| !line.contains("company.name: is missing"))
        .collect();
    let shown = without_company.join("\n");
    assert!(
        shown.starts_with(expected) && shown.is_empty() == expected.is_empty(),
        "{added}\n{shown}\ninstead of\n{expected}"
    );
    assert!(
        without_company.len() <= 1,
        "one fault, one complaint: {shown}"
    );
}

/// The same for `keywords.toml`.
#[track_caller]
fn analyst(added: &str, expected: &str) {
    let shown = printed(load(COMPANY, &format!("{added}\n{WATCH}")));
    assert!(
        shown.starts_with(expected) && shown.is_empty() == expected.is_empty(),
        "{added}\n{shown}\ninstead of\n{expected}"
    );
    assert!(
        shown.lines().count() == 1,
        "one fault, one complaint: {shown}"
    );
}

#[test]
fn misspelt_keys_and_wrong_values_get_the_nearest_right_one() {
    operator(
        "[fech]",
        "escucha:1:2: fech: unknown key; did you mean fetch?",
    );
    operator(
        "[retention]\npost = \"30d\"",
        "escucha:2:1: retention.post: unknown key; did you mean posts?",
    );
    operator(
        "[retention]\ncases = \"2h\"",
        "escucha:2:9: retention.cases: ",
    );
    operator(
        "[web]\nlisen = \"127.0.0.1:8040\"",
        "escucha:2:1: web.lisen: unknown key; did you mean listen?",
    );
    operator(
        "[[rute]]",
        "escucha:1:3: rute: unknown key; did you mean route?",
    );
    operator(
        "languaje = \"es\"",
        "escucha:1:1: languaje: unknown key; did you mean language?",
    );
    operator(
        "language = \"ca\"",
        "escucha:1:12: language: \"ca\" will not do; write",
    );
    operator(
        "time_zone = \"Madrid\"",
        "escucha:1:13: time_zone: \"Madrid\" will not do; write Europe/Madrid",
    );
    operator(
        "[fetch]\npace = \"1 s\"",
        "escucha:2:8: fetch.pace: \"1 s\" will not do; write 1s",
    );
    operator(
        "[fetch]\nfloor = 5",
        "escucha:2:9: fetch.floor: 5 will not do; write a text in quotes",
    );
    operator(
        "[fetch]\nallow_private = [\"10.0.0.0/8\", \"x\"]",
        "escucha:2:32: fetch.allow_private: \"x\"",
    );
}

#[test]
fn wrong_sections_and_empty_values_are_told() {
    operator(
        "[company]\nname = \"X\"\ncustomers = 0",
        "escucha:3:13: company.customers: 0 will not do; write a whole",
    );
    operator(
        "[company]\nname = \" \"",
        "escucha:2:8: company.name: is empty",
    );
    operator(
        "company = 3",
        "escucha:1:11: company: 3 will not do; write a section",
    );
    operator(
        "[[company]]\nname = \"X\"",
        "escucha:1:1: company: […] will not do; write one section: [company]",
    );
    operator(
        "[source]\nname = \"x\"",
        "escucha:1:1: source: is no list of sections; write [[source]]",
    );
    operator(
        "[database]\nurl = \"mysql://x\"",
        "escucha:2:7: database.url: \"mysql://x\" will not do",
    );
    operator(
        "[database]\nurl = \"sqlite::memory:\"",
        "escucha:2:7: database.url: ",
    );
}

#[test]
fn a_map_that_leads_nowhere_says_what_would() {
    let source = |more: &str| {
        format!("[[source]]\nname = \"a\"\nurl = \"https://a.test\"\nkind = \"json\"\n{more}")
    };
    let map = |keys: &str| {
        source(&format!(
            "map = {{ items = \"/a/*\", text = \"/t\", {keys} }}"
        ))
    };
    operator(&map("id = \"/id|/guid\", rating_scale = [1, 10]"), "");
    operator(
        &source(""),
        "escucha:1:1: source.map: is missing; put map = { items",
    );
    operator(
        &source("map = { items = \"/a/*\" }"),
        "escucha:5:7: source.map.text: is missing",
    );
    operator(
        &map("author = \"user.name\""),
        "escucha:5:47: source.map.author: is no JSON pointer; did you mean /user/name?",
    );
    operator(
        &map("autor = \"/name\""),
        "escucha:5:38: source.map.autor: unknown key; did you mean author?",
    );
    operator(
        &map("url = \"https://a.test/{id}\""),
        "escucha:5:44: source.map.url: there is no JSON pointer between the braces",
    );
    operator(
        &map("rating_scale = [1, 2, 3]"),
        "escucha:5:53: source.map.rating_scale: is no scale; write the best rating",
    );
    operator(
        &map("rating_scale = \"10\""),
        "escucha:5:53: source.map.rating_scale: \"10\" will not do; write a number",
    );
    operator(
        &map("rating_pattern = 'stars'"),
        "escucha:5:55: source.map.rating_pattern: is no regular expression with a group",
    );
    operator(
        &(map("") + "\nstate = \"script\""),
        "escucha:6:9: source.state: is for the JSON within a page",
    );
    operator(
        &map("").replace("json", "reviews"),
        "escucha:5:7: source.map: does not say where the JSON is",
    );
    operator(
        &(map("").replace("json", "reviews") + "\nstate = \"script@\""),
        "escucha:6:9: source.state: ends in @, without attribute",
    );
    operator(
        &source("state = \"script\"").replace("json", "reviews"),
        "escucha:5:9: source.state: does not say what is in it",
    );
    operator(
        &map("").replace("json", "feed"),
        "escucha:5:7: source.map: is for JSON",
    );
}

#[test]
fn sources_are_checked_together() {
    let source = |more: &str| format!("[[source]]\nname = \"a\"\nurl = \"https://a.test\"\n{more}");
    operator(&source(""), "");
    operator(
        &source(&source("").replace("\"a\"", "\"A\"")),
        "escucha:5:8: source.name: another source has",
    );
    operator(
        &source("watches = [\"ww\"]"),
        "escucha:4:12: source.watches: \"ww\" will not do; write one of these: w",
    );
    operator(
        &source("select = { item = \"p\" }"),
        "escucha:4:10: source.select: a feed is not read",
    );
    operator(
        &source("kind = \"reviews\"\nselect = { text = \"p\" }"),
        "escucha:5:10: source.select.item: is missing",
    );
    operator(
        &source("kind = \"reviews\"\nselect = { item = \"p\", txt = \"p\" }"),
        "escucha:5:24: source.select.txt: unknown key; did you mean text?",
    );
    operator(
        &source("kind = \"reviews\"\nselect = { item = \"p\", text = \"p..\" }"),
        "escucha:5:31: source.select.text: is no CSS selector; write for example",
    );
    operator(
        &source("kind = \"reviews\"\nselect = { item = \"p\", date_format = \"dd/mm\" }"),
        "escucha:5:38: source.select.date_format: is no format of a date; write for example",
    );
    operator(
        &source("kind = \"reviews\"\nfull_text = true"),
        "escucha:5:13: source.full_text: a review page",
    );
    operator(
        &source("ignore_robots = true"),
        "escucha:4:17: source.ignore_robots: does not say why",
    );
    operator(
        &source("ignore_robots = \"\""),
        "escucha:4:17: source.ignore_robots: does not say why",
    );
    operator(
        &source("language = \"español\""),
        "escucha:4:12: source.language: \"español\" will not do; write es",
    );
    operator(
        &source("every = \"15 m\""),
        "escucha:4:9: source.every: \"15 m\" will not do; write 15m",
    );
    operator(
        &source("every = \"0s\""),
        "escucha:4:9: source.every: \"0s\" will not do; write 1s or more",
    );
    operator(
        "[[source]]\nname = \"a\"",
        "escucha:1:1: source.url: is missing",
    );
    operator(
        "[[source]]\nname = \"a\"\nurl = \"ftp://a.test\"",
        "escucha:3:7: source.url: \"ftp://a.test\"",
    );
    operator(
        "[[source]]\nname = \"a\"\nurl = \"a.test/x\"",
        "escucha:3:7: source.url: \"a.test/x\" will not do; write https://a.test/x",
    );
}

#[test]
fn mail_settings_are_checked_together() {
    let smtp = |more: &str| format!("[smtp]\nhost = \"h.test\"\nfrom = \"a@b.test\"\n{more}");
    operator(&smtp(""), "");
    operator(
        &smtp("security = \"none\""),
        "escucha:4:12: smtp.security: the mail would travel in the clear to h.test",
    );
    operator(
        "[smtp]\nhost = \"127.0.0.1\"\nfrom = \"a@b.test\"\nsecurity = \"none\"",
        "",
    );
    operator(
        &smtp("security = \"ssl\""),
        "escucha:4:12: smtp.security: \"ssl\" will not do; write tls",
    );
    operator(
        &smtp("user = \"u\""),
        "escucha:4:8: smtp.user: there is a user, but no password",
    );
    operator(
        &smtp("password = { env = \"ESCUCHA_SMTP_PASSWORD\" }"),
        "escucha:4:12: smtp.password: there is a password, but no user",
    );
    let user = |password: &str| smtp(&format!("user = \"u\"\npassword = {password}"));
    operator(
        &user("\"gehe1m\""),
        "escucha:5:12: smtp.password: a password does not stand in this file",
    );
    operator(
        &user("{ env = \"NOT_SET\" }"),
        "escucha:5:20: smtp.password.env: the variable NOT_SET is not set",
    );
    operator(
        &user("{ file = \"/nowhere/at/all\" }"),
        "escucha:5:21: smtp.password.file: /nowhere/at/all cannot be read",
    );
    operator(
        &user("{ credential = \"smtp\" }"),
        "escucha:5:27: smtp.password.credential: CREDENTIALS_DIRECTORY",
    );
    operator(
        &user("{}"),
        "escucha:5:12: smtp.password: where the password is from is not clear",
    );
    operator(
        "[smtp]\nfrom = \"a@b.test\"",
        "escucha:1:1: smtp.host: is missing",
    );
    operator(
        "[smtp]\nhost = \"h.test:465\"\nfrom = \"a@b.test\"",
        "escucha:2:8: smtp.host: ",
    );
    operator(
        "[smtp]\nhost = \"h.test\"\nfrom = \"a b@c\"",
        "escucha:3:8: smtp.from: \"a b@c\" will not do",
    );
}

#[test]
fn alerts_and_remedies_are_checked() {
    operator(
        "[alerts]\nto = [\"a@b.test\", \"nobody\"]",
        "escucha:2:19: alerts.to: \"nobody\" will not do",
    );
    operator(
        "[alerts]\noperator = [\"x\"]",
        "escucha:2:13: alerts.operator: \"x\" will not do",
    );
    operator(
        "[alerts]\noffice_hours = \"lun\"",
        "escucha:2:16: alerts.office_hours: these are no office hours",
    );
    operator(
        "[alerts]\nanswer_within = \"4 horas\"",
        "escucha:2:17: alerts.answer_within: \"4 horas\" will not do; write 4h",
    );
    operator(
        "[[remedy]]\ntopic = \"billing\"",
        "escucha:1:1: remedy.offer: is missing",
    );
    operator(
        "[[remedy]]\ntopic = \"billing\"\noffer = {}",
        "escucha:3:9: remedy.offer: promises nothing",
    );
    operator(
        "[[remedy]]\ntopic = \"biling\"\noffer = { es = \"x\" }",
        "escucha:2:9: remedy.topic: \"biling\" will not do; write billing",
    );
}

#[test]
fn the_analysts_file_is_checked_as_well() {
    analyst(
        "[levels]\ndoubt_at = 0.7",
        "keywords:2:12: levels.doubt_at: doubt (0.70) would begin after complaint (0.60)",
    );
    analyst(
        "[levels]\nurgent_at = 101",
        "keywords:2:13: levels.urgent_at: 101 will not do; write a whole number from 0 to 100",
    );
    analyst(
        "[levels]\ncomplaint_at = 60",
        "keywords:2:16: levels.complaint_at: 60 will not do; write a number from 0 to 1",
    );
    analyst(
        "[points]\nloyality = 3",
        "keywords:2:1: points.loyality: unknown key; did you mean loyalty?",
    );
    analyst(
        "[points]\nloyalty = \"3\"",
        "keywords:2:11: points.loyalty: \"3\" will not do",
    );
    analyst(
        "[keywords.sp]\nx = 3",
        "keywords:1:11: keywords.sp: unknown language; write one of these: es,",
    );
    analyst(
        "[keywords.spanish]\nx = 3",
        "keywords:1:11: keywords.spanish: unknown language; write es",
    );
    analyst(
        "[keywords.es]\n\"co*ro\" = 3",
        "keywords:2:4: keywords.es.co*ro: this * is out of place",
    );
    analyst(
        "[keywords.es]\ncobro = 3.5",
        "keywords:2:9: keywords.es.cobro: 3.5 will not do",
    );
    analyst(
        "[[keyword]]\nmatch = 'a NEAR b'\npoints = 3",
        "keywords:2:12: keyword.match: NEAR has no valid number",
    );
    analyst(
        "[[keyword]]\nmatch = \"\\u00f1 OR \\\"a b\\\" x\"\npoints = 3",
        "keywords:2:28: keyword.match: there is no operator before \"x\"",
    );
    analyst(
        "[[keyword]]\nmatch = 'ab'",
        "keywords:1:1: keyword.points: is missing",
    );
    analyst(
        "[[silence]]\nmatch = 'ab'\nbecause = 'x'\nuntil = \"2026-12-01\"",
        "keywords:4:9: silence.until: \"2026-12-01\" will not do; write a date",
    );
    analyst(
        "[[watch]]\nname = 'w'\nquery = 'ab'",
        "keywords:5:8: watch.name: another watch has this name",
    );
    analyst(
        "[[watch]]\nname = 'v'\nquery = '''\nab OR\ncd de\n'''",
        "keywords:5:4: watch.query: there is no operator before \"de\"",
    );
    analyst(
        "[[watch]]\nname = 'v'\nquery = 'ab'\nsources = ['x']",
        "keywords:4:12: watch.sources: \"x\" will not do; write the name of one",
    );
    analyst(
        "[[watch]]\nname = 'v'\nquery = 'ab'\nto = ['x']",
        "keywords:4:7: watch.to: \"x\" will not do",
    );
    assert!(printed(load(COMPANY, "")).starts_with("keywords:1:1: watch: is missing"));
}

#[test]
fn what_is_no_toml_is_one_line_too() {
    operator(
        "[fetch]\npace = \"1s",
        "escucha:2:11: TOML: the quotes do not close on this line",
    );
    operator(
        "[fetch\npace = \"1s\"",
        "escucha:1:7: TOML: the section's bracket does not close",
    );
    operator(
        "[fetch]\npace = 1s",
        "escucha:2:8: TOML: quotes are missing",
    );
    operator(
        "[fetch]\npace = \"1s\"\npace = \"2s\"",
        "escucha:3:1: TOML: this key was written before",
    );
    operator("[fetch]\npace", "escucha:2:5: TOML: the value is missing");
    operator(
        "[fetch]\nallow_private = [\"a\" \"b\"]",
        "escucha:2:22: TOML: a comma is missing",
    );
    analyst(
        "[[keyword]]\nmatch = \"\\d\"",
        "keywords:2:11: TOML: this \\ is not understood",
    );
}
