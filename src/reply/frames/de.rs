//! German, with Sie.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Guten Tag {name},", "Guten Tag,"],
    open_contact: &[
        "{hi} in Ihrer Nachricht {stamp} schreiben Sie, dass {contact}; [dieses Versäumnis ist \
         unseres/das hätte nicht geschehen dürfen], und als Erstes <schulde ich|schulden wir> \
         Ihnen eine Entschuldigung.",
        "{hi} <ich beginne|wir beginnen> mit dem, was in Ihrer Nachricht {stamp} am [meisten \
         zählt/schwersten wiegt]: dass {contact}, wie Sie berichten, und [dafür stehen wir \
         ein/das haben wir zu verantworten].",
        "{hi} bevor es um anderes geht, <bitte ich|bitten wir> um Entschuldigung für dieses \
         Schweigen: In Ihrer Nachricht {stamp} berichten Sie, dass {contact}, und so darf es \
         [niemandem ergehen/nicht sein].",
        "{hi} <ich habe|wir haben> Ihre Nachricht {stamp} [ganz/aufmerksam] gelesen, und wenn es \
         so war, dass {contact}, dann [waren wir nicht da, als wir es hätten sein müssen/haben \
         wir Sie im Stich gelassen].",
    ],
    open_plain: &[
        "{hi} <ich habe|wir haben> Ihre Nachricht {stamp} [ganz/aufmerksam] gelesen: Sie verdient \
         eine konkrete Antwort, keine Floskel.",
        "{hi} danke, dass Sie in Ihrer Nachricht {stamp} so [offen/klar] schildern, was geschehen \
         ist.",
        "{hi} Ihre Nachricht {stamp} bleibt nicht ohne Antwort, und [schon gar nicht mit einer \
         aus dem Baukasten/es wird keine aus dem Baukasten].",
    ],
    fault_years: &[
        "Danke für die {years}, die Sie nach eigenen Worten bei uns sind; gerade deshalb <möchte \
         ich|möchten wir> nicht übergehen, was Sie {at} schreiben: {quote}{tail}.",
        "Sie schreiben, dass Sie seit {years}n bei uns sind, und dafür danken wir; zu klären ist \
         jetzt, was Sie {at} beschreiben, {quote}{tail}.",
        "Die {years}, die Sie erwähnen, verdienen mehr als freundliche Worte, deshalb zur Sache: \
         Sie schreiben {at} {quote}{tail}.",
    ],
    years_bare: &[
        "Danke für die {years}, die Sie nach eigenen Worten bei uns sind; gerade deshalb ist zu \
         klären, was Sie {at} berichten ([kurz/im Kern]: {topic}){tail}.",
        "Sie schreiben, dass Sie seit {years}n bei uns sind, und dafür danken wir; was Sie {at} \
         berichten ({topic}), verdient eine Antwort{tail}.",
        "Die {years}, die Sie erwähnen, verdienen mehr als freundliche Worte, deshalb zu dem, was \
         Sie {at} berichten: {topic}{tail}.",
    ],
    fault: &[
        "[Im Kern/Der Sache nach] geht es um das, was Sie {at} schreiben, {quote}: Das ist zu \
         klären ({topic}){tail}.",
        "Sie schreiben {at} {quote}, und [genau/eben] das muss in Ordnung gebracht werden{tail}.",
        "Von allem, was Sie berichten, <nehme ich|nehmen wir> vor allem ernst, was Sie {at} \
         sagen, {quote}, denn [dort liegt das Problem/der Rest folgt daraus]{tail}.",
    ],
    fault_bare: &[
        "Was Sie {at} berichten, [betrifft/berührt] einen klaren Punkt ({topic}), und der ist zu \
         klären{tail}.",
        "[Im Kern/Der Sache nach] geht es in dem, was Sie {at} schildern, um eines: {topic}{tail}.",
        "Aus dem, was Sie {at} sagen, <nehme ich|nehmen wir> das Wesentliche: {topic}{tail}.",
    ],
    step: &[
        "<Ich kümmere mich selbst darum|Wir kümmern uns darum> ({topic}) und <antworte|antworten> \
         Ihnen {by} genau hier; schreiben Sie gern hier weiter oder auf dem Weg, der Ihnen lieber \
         ist, unter dem Zeichen {ref}.",
        "<Ich habe|Wir haben> einen Fall eröffnet und <erkläre|erklären> Ihnen {by} hier, was \
         geschehen ist ({topic}) und was wir tun; auf welchem Weg wir sprechen, entscheiden Sie, \
         immer unter dem Zeichen {ref}.",
        "Der nächste Schritt liegt bei uns: Sie bekommen {by} hier <meine|unsere> Antwort zu \
         diesem Punkt ({topic}), und Sie können fragen, wo Sie möchten, mit dem Zeichen {ref}.",
    ],
    step_offer: &[
        "<Ich kümmere mich darum|Wir kümmern uns darum>, Zeichen {ref}: Sie bekommen {by} hier \
         <meine|unsere> Antwort ({topic}), und für den Fall, dass es so war, gilt: {offer}.",
        "Unter dem Zeichen {ref} <prüfe ich|prüfen wir> die Sache ({topic}) und \
         <antworte|antworten> Ihnen {by} hier; bestätigt sich Ihre Schilderung, gilt: {offer}.",
    ],
    step_all: &[
        "<Ich prüfe|Wir prüfen> die Sache ({topic}) und <schreibe|schreiben> {by} hier, für Sie \
         und für alle in derselben Lage, was schiefging und wie es behoben wird; Ihr Zeichen ist \
         {ref}.",
        "Auf dieser Seite <veröffentliche ich|veröffentlichen wir> {by} für Sie und alle, die das \
         lesen, was wir dann wissen ({topic}), unter dem Zeichen {ref}.",
        "Das wird keine Antwort hinter verschlossener Tür: <Ich erkläre|Wir erklären> {by} hier, \
         Fall {ref}, was wir gefunden haben ({topic}) und was wir ändern.",
    ],
    careful_open: &[
        "{hi} wir haben Ihre Nachricht {stamp} [ganz/aufmerksam] gelesen und werden sie mit der \
         nötigen Sorgfalt behandeln.",
        "{hi} auf Ihre Nachricht {stamp} antwortet ein Mensch und kein Formular.",
    ],
    careful_step: &[
        "<Ich, {who}, kümmere mich selbst darum|Eine verantwortliche Person von {company} kümmert \
         sich darum>: Sie lesen {by} hier, was der nächste Schritt ist, unter dem Zeichen {ref}; \
         auf welchem Weg wir sprechen, entscheiden Sie.",
        "<Die Sache liegt bei mir, {who},|Die Sache liegt bei einer verantwortlichen Person von \
         {company}> und <ich sage|wir sagen> Ihnen {by} hier, wer wann mit Ihnen spricht; Sie \
         müssen keine Daten veröffentlichen, das Zeichen {ref} genügt.",
    ],
    tails: [
        "; auch wenn Sie, wie Sie schreiben, schon gegangen sind, sollen Sie eine Antwort bekommen",
        "; wenn Sie nach unserer Antwort gehen möchten, respektieren wir das",
        "; erst recht, wenn es, wie Sie schreiben, nicht das erste Mal ist",
        "; und das gilt auch für alle, denen es nach Ihren Worten ebenso geht",
    ],
    stamp_day: "vom {day}",
    stamp_hour: "vom {day} {hour}",
    stamp_day_ref: "vom {day} (Zeichen {ref})",
    stamp_ref: "(Zeichen {ref})",
    at_ref: "in Ihrer Nachricht ({ref})",
    quotes: ["„", "“"],
    years: "{n} Jahre",
    numbers: [
        "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    ],
    contact: Contact {
        verb,
        any: "versucht haben, uns zu erreichen",
        nobody: ["niemand abnahm", "niemand antwortete"],
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
        clause: [
            "Sie in {d} Tagen {times} {verb} und {nobody}",
            "Sie {times} {verb} und {nobody}",
            "Sie seit {d} Tagen auf eine Antwort warten",
            "Sie {verb} und {nobody}",
        ],
    },
    topic,
    topic_none: "was geschehen ist",
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
        Topic::Billing => "die Abrechnung",
        Topic::Price => "der Preis",
        Topic::Contract => "der Vertrag",
        Topic::Delivery => "die Lieferung",
        Topic::Outage => "die Störung",
        Topic::Quality => "die Qualität der Leistung",
        Topic::System => "der Systemfehler",
        Topic::Install => "die Installation",
        Topic::Staff => "der Umgang mit Ihnen",
        Topic::Support => "die Betreuung",
        Topic::Refund => "die Erstattung",
        Topic::Information => "die erhaltene Auskunft",
    }
}
