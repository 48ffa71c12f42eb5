//! Articles in pages as sites make them: what is theirs and what stands around them.

use escucha::extract::{Article, Document, Kind, Reading, Stage, article};
use escucha::model::Timestamp;

fn read(body: &str) -> Article {
    let page = format!(
        "<!doctype html><html lang=es><head><title>Un blog</title></head><body>{body}</body></html>"
    );
    let document = Document {
        body: page.as_bytes(),
        content_type: None,
        url: None,
    };
    let reading = Reading {
        kind: Kind::Blog,
        select: None,
        map: None,
        lang: None,
        now: Timestamp(1_790_000_000_000),
        local: escucha::model::LocalTime::utc(),
    };
    article(&document, &reading).unwrap()
}

#[track_caller]
fn check(body: &str, stage: Stage, holds: &[&str], lacks: &[&str]) {
    let found = read(body);
    for part in holds {
        assert!(
            found.text.contains(part),
            "{part} is missing in\n{}",
            found.text
        );
    }
    for part in lacks {
        assert!(!found.text.contains(part), "{part} is in\n{}", found.text);
    }
    assert_eq!(found.stage, stage, "{}", found.text);
}

/// Three paragraphs of somebody who has waited long enough.
fn story() -> String {
    let told = [
        "El martes se cayó la línea de la tienda y, como otras veces, llamé al número de siempre, \
         donde una máquina me dijo que todos los agentes estaban ocupados.",
        "El miércoles volví a llamar, esperé cuarenta minutos, y quien contestó me pidió que apagara \
         el aparato y lo volviera a encender, cosa que ya había hecho tres veces.",
        "El jueves nadie llamó. Escribo esto con los datos del teléfono de mi hermana, que es cliente \
         de otra compañía y está, según dice, muy contenta.",
    ];
    told.map(|text| format!("<p>{text}</p>")).concat()
}

const STORY: [&str; 3] = ["todos los agentes", "cuarenta minutos", "muy contenta"];

#[test]
fn a_blogs_post_is_read_from_its_container() {
    let page = format!(
        "<header><h1>El blog de Marta</h1></header><div class='hentry'><h2>Sin línea</h2>\
         <p class='entry-meta'>12 marzo por Marta en Averías · 3 comentarios</p>\
         <div class='entry-content'>{}<h3>Lo que pido</h3><pre>una línea que funcione</pre>\
         <blockquote class='twitter-tweet'><a href='/t'>Nadie contesta</a></blockquote>\
         <div class='sharedaddy'><h3>Compártelo:</h3><a href='/f'>Facebook</a></div>\
         <div id='jp-relatedposts'><p>Otra avería, en febrero</p></div></div>\
         <p>Publicado en Averías</p></div>\
         <ol class='commentlist'><li>A mí me pasó lo mismo, y tardaron un mes entero en venir.</li></ol>\
         <aside><div class='entry-content'>{}</div></aside>",
        story(),
        "<p>Lo más leído del mes pasado, con todo su texto.</p>".repeat(30)
    );
    let holds = [
        &STORY[..],
        &["Lo que pido", "una línea que funcione", "Nadie contesta"],
    ]
    .concat();
    let lacks = [
        "El blog de Marta",
        "12 marzo",
        "Compártelo",
        "Otra avería",
        "Publicado en",
        "A mí me pasó",
        "Lo más leído",
    ];
    check(&page, Stage::Post, &holds, &lacks);
}

#[test]
fn buttons_longer_than_a_short_post_do_not_stay() {
    let page = format!(
        "<div class='post-content'><p>{}</p><div class='social-share'>{}</div></div>",
        "Llevo dos semanas sin línea y nadie me dice cuándo vendrá el técnico que me prometieron.",
        "<a href='/c'>Compartir en una red</a> ".repeat(8)
    );
    check(&page, Stage::Post, &["Llevo dos semanas"], &["Compartir"]);
}

#[test]
fn a_list_of_posts_has_no_single_container() {
    let one = |n: usize| format!("<div class='entry-content'><p>{n}.</p>{}</div>", story());
    let page: String = (1..5).map(one).collect();
    assert_eq!(read(&page).stage, Stage::Readability);
}

#[test]
fn what_readability_leaves_of_the_frame_goes() {
    let page = format!(
        "<div id='main'><div class='noticia'><h1>Una tienda sin línea</h1>{}\
         <p class='newsletter'>Reciba cada mañana lo que importa, sin coste y en su buzón.</p>{}\
         <h3>Más sobre este asunto</h3><p><a href='/1'>La avería de febrero</a></p>\
         <p>Siga leyendo:</p></div></div><footer>Aviso legal</footer>",
        story(),
        story()
    );
    let lacks = [
        "Reciba cada mañana",
        "Más sobre",
        "La avería de febrero",
        "Siga leyendo",
    ];
    check(&page, Stage::Readability, &STORY, &lacks);
}

#[test]
fn a_last_line_that_is_said_and_not_a_label_stays() {
    let page = format!(
        "<div id='main'><div class='noticia'>{}<p>Cliente desde hace doce años</p></div></div>",
        story()
    );
    check(
        &page,
        Stage::Readability,
        &["Cliente desde hace doce años"],
        &[],
    );
}

#[test]
fn when_readability_finds_little_the_paragraphs_are_read() {
    // A table of cells with short texts and links everywhere, as old forums have it.
    let cell = "<td class='comment-body'><div class='hid comment'><p>No hay línea desde el martes y \
                nadie del servicio contesta a mis llamadas.</p></div></td>";
    let page = format!(
        "<ul><li><a href='/'>Portada del foro de los usuarios</a></li></ul><table>{}</table>",
        format!("<tr>{cell}</tr>").repeat(2)
    );
    let found = read(&page);
    assert!(
        found.text.contains("No hay línea desde el martes"),
        "{}",
        found.text
    );
    assert!(!found.text.contains("Portada"), "{}", found.text);
}

#[test]
fn the_author_is_found_where_blogs_put_the_name() {
    for signed in [
        "<span class='vcard author'><a class='url fn' href='/m'>Marta Ruiz</a></span>",
        "<p>Por <a rel='author' href='/m'>Marta Ruiz</a></p>",
        "<span itemprop='author' itemscope><b itemprop='name'>Marta Ruiz</b></span>",
    ] {
        let page = format!("{signed}<div class='entry-content'>{}</div>", story());
        assert_eq!(
            read(&page).author.as_deref(),
            Some("Marta Ruiz"),
            "{signed}"
        );
    }
}
