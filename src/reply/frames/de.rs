//! German, with Sie.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Guten Tag {name},", "Guten Tag,"],
    open_contact: &[
        "{hi} in Ihrer Nachricht {stamp} schreiben Sie, dass {contact}; [das hätte nicht \
         geschehen dürfen/dieses Versäumnis ist unseres], und <ich bitte|wir bitten> um \
         Entschuldigung.",
        "{hi} zuerst <bitte ich|bitten wir> um Entschuldigung dafür, dass {contact}, wie Ihre \
         Nachricht {stamp} berichtet.",
        "{hi} dass {contact}, wie Sie in Ihrer Nachricht {stamp} schreiben, [haben wir zu \
         verantworten/ist unser Versäumnis].",
    ],
    open_plain: &[
        "{hi} was Sie in Ihrer Nachricht {stamp} schildern, tut <mir|uns> leid, und Sie bekommen \
         eine konkrete Antwort.",
        "{hi} danke, dass Sie in Ihrer Nachricht {stamp} so [offen/klar] schildern, was \
         geschehen ist.",
        "{hi} <ich antworte|wir antworten> genau hier, wo Sie Ihre Nachricht {stamp} geschrieben \
         haben, denn wir schulden Ihnen eine klare Erklärung.",
    ],
    thanks: &[
        "Danke, {name}, für die {years} bei uns, von denen Sie schreiben.",
        "Und danke, {name}, für das Vertrauen der {years}, von denen Sie schreiben.",
    ],
    fault_years: &[
        "Danke{call} für die {years} bei uns, von denen Sie schreiben, und danke, dass Sie klar \
         sagen, was nicht stimmt: {quote}.",
        "<Ich danke|Wir danken> Ihnen{call} für die {years}, von denen Sie schreiben; so sollen \
         sie nicht enden: {quote}.",
    ],
    years_bare: &[
        "Danke für die {years} bei uns, von denen Sie schreiben: Ihr Fall {ref} gilt dem Thema \
         {topic}.",
    ],
    fault: &[
        "[In Ihren Worten/Mit Ihren Worten]{call} ist es am klarsten gesagt: {quote}.",
        "Aus Ihrer ganzen Nachricht{call} <nehme ich|nehmen wir> dies mit, denn das muss in \
         Ordnung kommen: {quote}.",
        "Sie schreiben{call} {quote}, und dafür <schulde ich|schulden wir> Ihnen eine Erklärung.",
    ],
    fault_bare: &[
        "Zu klären ist das Thema {topic}, und dafür <habe ich|haben wir> den Fall {ref} eröffnet.",
    ],
    step: &[
        "<Ich kümmere mich selbst darum|Wir kümmern uns darum> und <sage|sagen> Ihnen {by} genau \
         hier, was zum Thema {topic} geschehen ist und was wir tun (Fall {ref}).",
        "<Ich gehe|Wir gehen> dem Thema {topic} nach und <antworte|antworten> Ihnen {by} hier, \
         für alle lesbar; wenn Sie lieber anders sprechen möchten, genügt die Fallnummer {ref}.",
        "Sie bekommen {by} hier <meine|unsere> Antwort zum Thema {topic}; möchten Sie vorher \
         sprechen, genügt die Fallnummer {ref}.",
    ],
    step_offer: &[
        "<Ich gehe|Wir gehen> dem Thema {topic} nach (Fall {ref}) und <antworte|antworten> Ihnen \
         {by} hier; war es so, gilt: {offer}.",
        "Sie bekommen {by} hier <meine|unsere> Antwort zum Thema {topic} (Fall {ref}); bestätigt \
         sich Ihre Schilderung, gilt: {offer}.",
    ],
    step_all: &[
        "<Ich schreibe|Wir schreiben> {by} hier, für Sie und für alle in derselben Lage, was zum \
         Thema {topic} geschehen ist und was wir tun (Fall {ref}).",
        "<Ich gehe|Wir gehen> dem Thema {topic} nach und <sage|sagen> Ihnen {by} hier, was sich \
         öffentlich sagen lässt; was nur Sie angeht, bleibt unter uns (Fall {ref}).",
    ],
    step_leave: &[
        "<Ich antworte|Wir antworten> Ihnen {by} hier zum Thema {topic} (Fall {ref}), und es \
         würde <mich|uns> freuen, wenn Sie dann bleiben möchten.",
    ],
    step_gone: &[
        "Auch wenn Sie schon gegangen sind, bekommen Sie {by} hier <meine|unsere> Antwort zum \
         Thema {topic} (Fall {ref}), denn die <schulde ich|schulden wir> Ihnen.",
    ],
    careful_open: &[
        "{hi} wir haben Ihre Nachricht {stamp} [ganz/aufmerksam] gelesen und werden sie mit der \
         nötigen Sorgfalt behandeln.",
        "{hi} auf Ihre Nachricht {stamp} antwortet ein Mensch und keine Maschine.",
    ],
    careful_step: &[
        "<Ich, {who}, kümmere mich selbst darum|Eine verantwortliche Person von {company} \
         kümmert sich darum>; {by} <schreibe ich|schreiben wir> Ihnen hier, was der nächste \
         Schritt ist. Auf welchem Weg wir sprechen, entscheiden Sie, und die Fallnummer {ref} \
         genügt.",
        "<Die Sache liegt bei mir, {who},|Die Sache liegt bei einer verantwortlichen Person von \
         {company}> und <ich sage|wir sagen> Ihnen {by} hier, wie und wann wir sprechen können. \
         Sie müssen keine Daten veröffentlichen: Die Fallnummer {ref} genügt.",
    ],
    safety_open: &[
        "{hi} zuerst <hoffe ich|hoffen wir>, dass es Ihnen und den Ihren gut geht; um das, was \
         Ihre Nachricht {stamp} schildert, kümmert sich ein Mensch.",
        "{hi} <ich habe|wir haben> Ihre Nachricht {stamp} mit Sorge gelesen und <hoffe|hoffen>, \
         dass es Ihnen und den Ihren gut geht.",
    ],
    vague_open: &[
        "{hi} es tut <mir|uns> leid, wie unzufrieden Ihre Nachricht {stamp} klingt, und <ich \
         möchte|wir möchten> wissen, warum.",
        "{hi} Ihre Nachricht {stamp} sagt deutlich, dass Sie unzufrieden sind; was geschehen \
         ist, <weiß ich|wissen wir> noch nicht.",
    ],
    vague_step: &[
        "Schreiben Sie <mir|uns> bitte hier, was geschehen ist, oder auf anderem Weg mit der \
         Fallnummer {ref}, und Sie bekommen {by} hier eine Antwort.",
        "Wenn Sie <mir|uns> hier schreiben, was geschehen ist, <antworte ich|antworten wir> \
         Ihnen {by} hier; ist Ihnen ein anderer Weg lieber, genügt die Fallnummer {ref}.",
    ],
    stamp_day: "vom {day},",
    stamp_day_ref: "vom {day} (Fall {ref}),",
    stamp_ref: "(Fall {ref})",
    quotes: ["„", "“"],
    years: "{n} Jahre",
    numbers: [
        "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    ],
    contact: Contact {
        verb,
        any: "versucht haben, uns zu erreichen,",
        wrote: "geschrieben haben",
        also: [
            ", angerufen haben",
            ", geschrieben haben",
            ", im Laden waren",
        ],
        nobody: [
            "niemand abnahm",
            "niemand antwortete",
            "die Sache noch nicht gelöst ist",
        ],
        times: [
            "einmal",
            "zweimal",
            "dreimal",
            "viermal",
            "fünfmal",
            "sechsmal",
            "siebenmal",
            "achtmal",
            "neunmal",
            "zehnmal",
        ],
        times_n: "{n}-mal",
        several: "mehrmals",
        clause: [
            "Sie in {d} Tagen {times} {verb}{also} und {nobody}",
            "Sie {times} {verb}{also} und {nobody}",
            "Sie seit {d} Tagen auf eine Antwort warten",
            "Sie {verb}{also} und {nobody}",
        ],
    },
    topic,
    topic_none: "Ihrer Nachricht",
};

fn verb(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => "angerufen haben",
        Channel::Mail => "eine E-Mail geschrieben haben",
        Channel::Chat => "im Chat geschrieben haben",
        Channel::Form => "das Formular ausgefüllt haben",
        Channel::Shop => "im Laden waren",
        Channel::Social => "uns in sozialen Netzen geschrieben haben",
        Channel::Letter => "uns einen Brief geschrieben haben",
        Channel::App => "uns über die App geschrieben haben",
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Billing => "Abrechnung",
        Topic::Price => "Preis",
        Topic::Contract => "Vertrag",
        Topic::Delivery => "Lieferung",
        Topic::Outage => "Störung",
        Topic::Quality => "Qualität",
        Topic::System => "Systemfehler",
        Topic::Install => "Installation",
        Topic::Staff => "Umgang mit Kunden",
        Topic::Support => "Betreuung",
        Topic::Refund => "Erstattung",
        Topic::Information => "Auskunft",
    }
}
