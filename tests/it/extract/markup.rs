//! Reviews and comments as pages mark them up, and comments as platforms and themes write them.

use escucha::extract::{Extracted, Kind, Places, RawNotation, RawSelectors, Selectors};
use escucha::model::{How, Post};

use super::{line, read, read_with};

fn page(body: &str) -> Extracted {
    read(format!("<html><body>{body}</body></html>"), Kind::Reviews)
}

/// How it was read, the usual line, what it answers.
fn full(post: &Post) -> String {
    let reply_to = post.reply_to.as_deref().unwrap_or("-");
    let short = reply_to.replace("https://foro.test/dir/feed", "…");
    let told = line(post).replace("https://foro.test/dir/feed", "…");
    format!("{} | {told} | {short}", post.how.code())
}

#[track_caller]
fn check(body: &str, expected: &[&str]) {
    let found = page(body);
    let told: Vec<String> = found.posts.iter().map(full).collect();
    assert_eq!(told, expected, "{:?}", found.problems);
}

#[test]
fn microdata_is_read_with_what_lies_in_it() {
    check(
        r#"<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">Router</h1>
        <div itemprop="review" itemscope itemtype="https://schema.org/Review" id="r1">
          <b itemprop="name">Un desastre</b>
          <span itemprop="author" itemscope itemtype="https://schema.org/Person">De
            <a itemprop="name" href="/u/9">Javier P.</a></span>
          <meta itemprop="datePublished" content="2026-11-18">
          <span itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">
            <meta itemprop="worstRating" content="1"><b itemprop="ratingValue">4,5</b> de
            <b itemprop="bestRating">10</b></span>
          <div itemprop="reviewBody"><p>Se cae cada tarde.</p><p>Nadie contesta.</p>
            <div itemprop="comment" itemscope itemtype="https://schema.org/Comment">
              <i itemprop="author">Soporte</i> <p itemprop="text">Lo miramos.</p></div>
          </div>
          <a itemprop="url" href="/r/1">enlace</a></div></div>
        <div itemscope itemtype="http://data-vocabulary.org/Review"><i itemprop="reviewer">Ana</i>
          <time itemprop="dtreviewed" datetime="2026-05-12">hace meses</time>
          <span itemprop="rating">2</span> <p itemprop="description">Caro.</p></div>"#,
        &[
            "microdata | Un desastre | Se cae cada tarde./Nadie contesta. | Javier P. | \
             https://foro.test/r/1 | 2026-11-18T00:00:00Z | 0.45 | -",
            "microdata | - | Lo miramos. | Soporte | - | - | - | https://foro.test/r/1",
            "microdata | - | Caro. | Ana | - | 2026-05-12T00:00:00Z | 0.40 | -",
        ],
    );
}

#[test]
fn rdfa_is_read_in_its_new_and_its_old_form() {
    check(
        r#"<div vocab="https://schema.org/" typeof="Review" resource="/r/7">
          <span property="author" typeof="Person"><span property="name">Ana</span></span>
          <span property="reviewRating" typeof="Rating"><span property="ratingValue">2</span></span>
          <span property="datePublished" content="2026-11-01">1 nov.</span>
          <p property="reviewBody">No funciona.</p></div>
        <div xmlns:v="http://rdf.data-vocabulary.org/#" typeof="v:Review">
          <span property="v:reviewer">Pau</span>
          <span rel="v:rating"><span typeof="v:Rating"><i property="v:value">4</i>
            <i property="v:best">8</i></span></span>
          <p property="v:description">Regular.</p></div>"#,
        &[
            "rdfa | - | No funciona. | Ana | https://foro.test/r/7 | 2026-11-01T00:00:00Z | 0.40 | \
             -",
            "rdfa | - | Regular. | Pau | - | - | 0.50 | -",
        ],
    );
}

#[test]
fn microformats_of_both_generations_are_read() {
    check(
        r#"<div class="h-review"><h3 class="p-name">Mal</h3>
          <span class="p-author h-card"><img alt="foto"><b class="p-name">Eva</b></span>
          <time class="dt-published" datetime="2026-11-02T10:00:00+01:00">ayer</time>
          <data class="p-rating" value="1"></data> <div class="e-content">Dos meses sin línea.</div>
          <a class="u-url" href="/eva/1">#</a></div>
        <div class="hreview"><span class="reviewer vcard"><span class="fn">Quim</span></span>
          <abbr class="dtreviewed" title="2026-10-30">fa dies</abbr>
          <span class="rating"><span class="value">8</span>/<span class="best">10</span></span>
          <blockquote class="description">Tot bé.</blockquote></div>
        <article class="h-entry"><div class="u-comment h-cite"><a class="p-author h-card">Bea</a>
          <p class="p-content">A mí también.</p></div></article>"#,
        &[
            "h-review | Mal | Dos meses sin línea. | Eva | https://foro.test/eva/1 | \
             2026-11-02T09:00:00Z | 0.20 | -",
            "h-review | - | Tot bé. | Quim | - | 2026-10-30T00:00:00Z | 0.80 | -",
            "h-review | - | A mí también. | Bea | - | - | - | …",
        ],
    );
}

#[test]
fn comments_of_wordpress_are_read_whatever_the_theme() {
    check(
        r##"<ol class="commentlist"><li class="comment depth-1" id="comment-5">
          <div id="div-comment-5" class="comment-body"><div class="comment-author vcard">
            <cite class="fn">Marta</cite> <span class="says">dice:</span></div>
          <div class="comment-meta commentmetadata"><a href="/p/#comment-5">enero 10, 2026 a las
            8:29 am</a></div><p>Me cobraron dos veces.</p><p>Nadie contesta.</p>
          <div class="reply"><a class="comment-reply-link" href="#c">Responder</a></div></div>
          <ul class="children"><li id="li-comment-6" class="comment bypostauthor">
            <article id="comment-6"><footer class="comment-meta"><b class="fn">Equipo</b>
            <time datetime="2026-01-11T09:00:00+01:00">11/01</time></footer>
            <div class="comment-content content-meta"><p>Lo sentimos.</p></div></article></li></ul>
        </li><li id="comment-7" class="pingback"><div>Pingback: <a href="/x">Otra web</a></div></li>
        <li class="comment" id="comment-8"><div class="media-body"><h5 class="media-heading">JC</h5>
          <div class="comment-meta">12 de mayo de 2026 | <a class="comment-reply-link"
            data-replyto="Reply to JC">x</a></div>
          <img class="wprm-comment-rating" alt="1 star"><p>Fatal.</p></div></li></ol>
        <div id="respond"><form><textarea id="comment">Escriba</textarea></form></div>"##,
        &[
            "comments | - | Me cobraron dos veces./Nadie contesta. | Marta | \
             https://foro.test/p/#comment-5 | 2026-01-10T08:29:00Z | - | …",
            "comments | - | Lo sentimos. | Equipo | …#comment-6 | 2026-01-11T08:00:00Z | - | \
             https://foro.test/p/#comment-5",
            "comments | - | Fatal. | JC | …#comment-8 | 2026-05-12T00:00:00Z | 0.20 | …",
        ],
    );
}

#[test]
fn comments_of_other_platforms_are_read() {
    // Blogger.
    check(
        r#"<div id="comments"><ol><li class="comment" id="c4711471147">
          <div class="comment-block"><div class="comment-header"><cite class="user">Luz</cite>
          <span class="datetime"><a href="/p?showComment=1#c4711471147">3 de mayo de 2026, 10:15</a>
          </span></div><p class="comment-content">Sin línea.<br>Otra vez.</p>
          <span class="comment-actions"><a>Responder</a></span></div></li></ol></div>"#,
        &["comments | - | Sin línea./Otra vez. | Luz | \
             https://foro.test/p?showComment=1#c4711471147 | 2026-05-03T10:15:00Z | - | …"],
    );
    // Discourse: the first post opens the thread, the others answer it.
    let discourse = |id: u32, who: &str, said: &str| {
        format!(
            r#"<article data-post-id="{id}" id="post_{id}"><div class="names"><span class="username">
            {who}</span></div><a class="post-date"><span data-time="1795089600000">1d</span></a>
            <div class="cooked"><p>{said}</p></div><nav class="post-controls">Like</nav></article>"#
        )
    };
    check(
        &(discourse(1, "ana", "No va.") + &discourse(2, "pau", "A mí tampoco.")),
        &[
            "comments | - | No va. | ana | …#post_1 | 2026-11-19T12:00:00Z | - | -",
            "comments | - | A mí tampoco. | pau | …#post_2 | 2026-11-19T12:00:00Z | - | …",
        ],
    );
    // phpBB.
    let phpbb = |id: u32, said: &str| {
        format!(
            r##"<div id="p{id}" class="post bg2"><dl class="postprofile"><dt>
            <a class="username">Quim</a></dt><dd>Mensajes: 12</dd></dl><div class="postbody">
            <h3><a href="#p{id}">Re: Avería</a></h3><p class="author">por <b>Quim</b> »
            <time datetime="2026-11-01T10:00:00+00:00">x</time></p>
            <div class="content">{said}</div><div class="signature">Saludos</div></div></div>"##
        )
    };
    check(
        &(phpbb(7, "Sin servicio.") + &phpbb(8, "Sigue igual.")),
        &[
            "comments | - | Sin servicio. | Quim | …#p7 | 2026-11-01T10:00:00Z | - | -",
            "comments | - | Sigue igual. | Quim | …#p8 | 2026-11-01T10:00:00Z | - | …",
        ],
    );
    // Classes alone.
    check(
        r#"<div class="comentario"><div class="submitted">Enviado por Eva el 2 de mayo de 2026</div>
          <div class="content">Muy mal.</div></div><div class="comment">Sin nombre ni fecha</div>"#,
        &["comments | - | Muy mal. | Eva | - | 2026-05-02T00:00:00Z | - | …"],
    );
}

#[test]
fn one_opinion_in_two_markups_is_one_post_that_knows_both() {
    let found = page(
        r#"<script type="application/ld+json">{"@type": "Product", "review": [{"@type": "Review",
          "reviewBody": "Nadie contesta.", "author": {"name": "Eva"}},
          {"@type": "Review", "reviewBody": "Bien.", "author": "Pau"}]}</script>
        <ol><li id="comment-3"><b class="fn">Eva</b><time datetime="2026-11-01">x</time>
          <div class="comment-text">Nadie contesta.</div></li>
          <li id="comment-4"><b class="fn">Bea</b><div class="comment-text">Bien.</div></li></ol>"#,
    );
    let told: Vec<String> = found.posts.iter().map(full).collect();
    assert_eq!(
        told,
        [
            "json-ld | - | Nadie contesta. | Eva | …#comment-3 | 2026-11-01T00:00:00Z | - | …",
            "json-ld | - | Bien. | Pau | - | - | - | -",
            "comments | - | Bien. | Bea | …#comment-4 | - | - | …",
        ]
    );
    assert_eq!(found.posts[0].guid.as_deref(), Some("comment-3"));
}

#[test]
fn a_blog_page_yields_its_article_and_its_comments() {
    let blog = r#"<html><head><title>Cambio de tarifas</title>
        <link rel="alternate" type="application/rss+xml" href="/dir/feed/feed/"></head><body><article>
        <p>Desde enero cambian las tarifas de todos los contratos de fibra, sin excepción.</p>
        </article><ol><li id="comment-1"><b class="fn">Eva</b><div class="comment-text">Pues a mí
        me cobran dos veces.</div></li></ol></body></html>"#;
    assert_eq!(read(blog, Kind::Any).posts[0].how, How::Article);
    let found = read(blog, Kind::Blog);
    assert_eq!(found.posts[0].how, How::Article);
    assert_eq!(found.posts[0].reply_to, None);
    assert_eq!(
        full(&found.posts[1]),
        "comments | - | Pues a mí/me cobran dos veces. | Eva | …#comment-1 | - | - | …"
    );
    assert_eq!(
        found.problems[0].detail,
        "the comments of this page have a feed with all of them: https://foro.test/dir/feed/feed/; \
         make it a source of its own"
    );
}

#[test]
fn selectors_know_how_dates_and_ratings_are_written() {
    let some = |css: &str| Some(css.to_owned());
    let select = Selectors::parse(&RawSelectors {
        item: ".op".into(),
        places: Places {
            text: some("p"),
            date: some(".f"),
            rating: some("i"),
            reply_to: some("a.re"),
            ..Places::default()
        },
        notation: RawNotation {
            date_locale: some("en-US"),
            rating_scale: Some((0.0, 50.0)),
            rating_pattern: some(r"val-(\d+)"),
            ..RawNotation::default()
        },
    })
    .ok();
    let body = r##"<html><div class="op"><p>Mal.</p><b class="f">05/12/2026</b><i class="val-15">
        </i><a class="re" href="#op-1">a</a></div><div class="op"><p>Peor.</p>
        <b class="f">ayer</b></div></html>"##;
    let found = read_with(body.as_bytes(), Kind::Reviews, select.as_ref());
    let told: Vec<String> = found.posts.iter().map(full).collect();
    assert_eq!(
        told,
        [
            "selectors | - | Mal. | - | - | 2026-05-12T00:00:00Z | 0.30 | …#op-1",
            "selectors | - | Peor. | - | - | 2026-11-19T12:00:00Z | - | -",
        ]
    );
}

#[test]
fn what_lies_in_itself_a_thousand_times_costs_little() {
    let item = r#"<div itemscope itemtype="https://schema.org/Review"><p itemprop="text">x</p>"#;
    let comment = |n: usize| format!(r#"<div id="comment-{n}" class="comment"><p>y</p>"#);
    let deep: String = (0..480).map(|_| item).collect();
    assert_eq!(page(&deep).posts.len(), 1);
    let deep: String = (0..480).map(comment).collect();
    assert_eq!(page(&deep).posts.len(), 480);
    let wide: String = (0..20_000).map(|n| comment(n) + "</div>").collect();
    assert_eq!(page(&wide).posts.len(), 20_000);
}
