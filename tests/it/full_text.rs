//! Summaries whose page is read: which text was read is told, and a wrong page hides no complaint.

use crate::support::binary::{self, Home, err, out};
use crate::support::http::{Answer, Server};
use crate::support::smtp::Smtp;
use crate::support::tally;

const KEYWORDS: &str = "[[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
const HTML: &str = "text/html; charset=utf-8";

const SUMMARY: &str = "Telefonía Ejemplo me ha cobrado dos veces la factura de octubre. Llamé cuatro veces y \
     nadie me contesta…";
const WALL: &str = "Este sitio usa cookies propias y de terceros para mejorar la experiencia de sus lectores. \
     Puede aceptar todas o elegir cuáles. Más sobre ello en la política de privacidad de la revista, que \
     se renueva cada año y explica sus derechos con detalle.";

fn configuration(server: &Server, smtp: u16) -> String {
    format!(
        "language = \"es\"\n[company]\nname = \"Telefonía Ejemplo\"\n\
         [fetch]\nallow_private = [\"127.0.0.0/8\"]\npace = \"1s\"\n\
         [[source]]\nname = \"blog\"\nurl = \"{}\"\nfull_text = true\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"none\"\n\
         from = \"avisos@ejemplo.test\"\n[alerts]\nto = [\"gerente@ejemplo.test\"]\n",
        server.url("/feed.xml")
    )
}

fn page(text: &str) -> Answer {
    let body = format!(
        "<html lang=es><body><nav>Inicio</nav><div class=entry-content><p>{text}</p></div></body></html>"
    );
    Answer::ok(HTML, body)
}

fn entry(server: &Server, path: &str, author: &str, summary: &str) -> String {
    format!(
        "<entry><id>{path}</id><title>Factura</title><author><name>{author}</name></author>\
         <link href=\"{}\"/><updated>{}</updated><summary>{summary}</summary></entry>",
        server.url(path),
        escucha::clock::now().plus_hours(-2)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_case_says_which_text_was_read() {
    tally("http");
    let (server, smtp) = (Server::start().await, Smtp::start().await);
    let robots = "User-agent: *\nDisallow: /cerrado\n";
    server.route("/robots.txt", Answer::ok("text/plain", robots));
    let entries = [
        entry(
            &server,
            "/entero",
            "Ana",
            "Una historia de facturas con Telefonía Ejemplo…",
        ),
        entry(&server, "/muro", "Luis", SUMMARY),
        entry(
            &server,
            "/cerrado",
            "Eva",
            &format!("{SUMMARY} Soy clienta desde 2014."),
        ),
    ];
    let feed = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>b</title>{}</feed>",
        entries.concat()
    );
    server.route("/feed.xml", Answer::ok("application/atom+xml", feed));
    let whole = format!(
        "Una historia de facturas con Telefonía Ejemplo. {SUMMARY} Me voy a otra compañía, y no vuelvo."
    );
    server.route("/entero", page(&whole));
    server.route("/muro", page(&WALL.repeat(2)));
    let home = Home::new(&configuration(&server, smtp.port), KEYWORDS);
    let done = home.run(&["run", "--once"]).await;
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(server.hits("/cerrado"), 0);

    let cases = binary::rows(&home.run(&["--json", "cases"]).await);
    let told = |author: &str| -> String {
        let case = cases.iter().find(|case| case["author"] == author);
        let id = case.expect(author)["id"].as_str().unwrap_or_default();
        out(&home.feed(&["case", id], b""))
    };
    let ana = told("Ana");
    assert!(ana.contains("(texto de la página enlazada)"), "{ana}");
    assert!(
        ana.contains("Me voy a otra compañía") && !ana.contains("Inicio"),
        "{ana}"
    );
    let luis = told("Luis");
    let other = "solo se ha leído el resumen: la página enlazada dice otra cosa";
    assert!(
        luis.contains(other) && luis.contains("cobrado dos veces"),
        "{luis}"
    );
    assert!(!luis.contains("cookies"), "{luis}");
    let eva = told("Eva");
    let forbidden = "solo se ha leído el resumen: el robots.txt de 127.0.0.1 prohíbe leer /cerrado";
    assert!(eva.contains(forbidden), "{eva}");
}
