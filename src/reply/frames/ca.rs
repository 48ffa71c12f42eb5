//! Catalan, with vostè.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Hola, {name}:", "Hola:"],
    open_contact: &[
        "{hi} en el seu missatge {stamp} explica que {contact}; [això no hauria d’haver \
         passat/aquesta falta és nostra], i li <demano|demanem> disculpes.",
        "{hi} el primer és demanar-li perdó perquè, segons el seu missatge {stamp}, {contact}.",
        "{silent}{hi} {contact}, segons ens diu en el seu missatge {stamp}, i [aquest silenci és \
         culpa nostra/d’aquest silenci en responem nosaltres].",
    ],
    open_plain: &[
        "{hi} <em sap|ens sap> greu el que explica en el seu missatge {stamp}, i mereix una \
         resposta concreta.",
        "{hi} gràcies per [contar/explicar] en el seu missatge {stamp} el que ha passat, perquè \
         així sabem per on començar.",
        "{hi} li <responc|responem> aquí mateix, on va escriure el seu missatge {stamp}, perquè \
         li devem una explicació clara.",
    ],
    thanks: &[
        "Gràcies, {name}, pels {years} que diu que fa que és amb nosaltres.",
        "I gràcies, {name}, per la confiança dels {years} que esmenta.",
    ],
    fault_years: &[
        "Gràcies{call} pels {years} que esmenta, i per dir clarament què falla: {quote}.",
        "Li <agraeixo|agraïm>{call} els {years} que esmenta, i no <vull|volem> que acabin en \
         això: {quote}.",
    ],
    years_bare: &["Gràcies pels {years} que esmenta: el seu cas és el {ref}, sobre {topic}."],
    fault: &[
        "[El que cal arreglar/El que cal resoldre]{call} ho diu vostè millor que ningú: {quote}.",
        "De tot el seu missatge{call} <em quedo|ens quedem> amb això, que és el que cal \
         resoldre: {quote}.",
        "Vostè escriu{call} {quote}, i d’això li <dec|devem> una explicació.",
    ],
    fault_bare: &["El que cal aclarir és {topic}, i per això <he obert|hem obert> el cas {ref}."],
    step: &[
        "<Me n’ocupo jo|Ens n’ocupem nosaltres>: {by} li <dic|diem> aquí mateix què ha passat \
         amb {topic} i què farem (cas {ref}).",
        "<Reviso|Revisem> {topic} i {by} li <responc|responem> aquí, a la vista de tothom; si \
         prefereix parlar-ne per un altre camí, el seu cas és el {ref}.",
        "{by} tindrà aquí la <meva|nostra> resposta sobre {topic}; si vol parlar-ne abans, n’hi \
         ha prou amb el número de cas {ref}.",
    ],
    step_offer: &[
        "<Reviso|Revisem> {topic} (cas {ref}), {by} li <responc|responem> aquí i, si és com \
         explica, {offer}.",
        "{by} tindrà aquí la <meva|nostra> resposta sobre {topic} (cas {ref}); si es confirma el \
         que explica, {offer}.",
    ],
    step_all: &[
        "{by} <explico|expliquem> aquí, per a vostè i per a qui estigui igual, què ha passat amb \
         {topic} i què farem (cas {ref}).",
        "<Reviso|Revisem> {topic} i {by} li <dic|diem> aquí el que es pugui dir en públic; el \
         que sigui només seu queda entre nosaltres (cas {ref}).",
    ],
    step_leave: &[
        "{by} li <responc|responem> aquí sobre {topic} (cas {ref}), i <m’agradaria|ens \
         agradaria> que després es volgués quedar.",
    ],
    step_gone: &[
        "Encara que ja hagi marxat, {by} tindrà aquí la <meva|nostra> resposta sobre {topic} \
         (cas {ref}), perquè li <dec|devem>.",
    ],
    careful_open: &[
        "{hi} hem llegit [sencer/amb atenció] el seu missatge {stamp}, i el tractarem amb la \
         cura que demana.",
        "{hi} al seu missatge {stamp} li respondrà una persona, i no un missatge automàtic.",
    ],
    careful_step: &[
        "<D’aquest assumpte me n’ocupo jo, {who}|D’aquest assumpte se n’ocupa una persona \
         responsable de {company}>: {by} li <escric|escrivim> aquí quin és el pas següent. Triï \
         vostè per on en parlem: n’hi ha prou amb el número de cas {ref}.",
        "<Ho porto jo, {who},|Ho porta una persona responsable de {company}> i {by} li \
         <dic|diem> aquí com i quan en podem parlar. No cal que publiqui cap dada: n’hi ha prou \
         amb el número de cas {ref}.",
    ],
    safety_open: &[
        "{hi} abans de res, <espero|esperem> que vostè i els seus estiguin bé; del que explica \
         en el seu missatge {stamp} se n’ocupa una persona.",
        "{hi} <he llegit|hem llegit> amb preocupació el seu missatge {stamp}, i <espero|esperem> \
         que vostè i els seus estiguin bé.",
    ],
    vague_open: &[
        "{hi} <em sap|ens sap> greu el que deixa entreveure el seu missatge {stamp}, i \
         <vull|volem> saber-ne la causa.",
        "{hi} el seu missatge {stamp} deixa clar el malestar; el que encara no <sé|sabem> és què \
         ha passat.",
    ],
    vague_step: &[
        "<Expliqui’m|Expliqui’ns> aquí què ha passat, o per on prefereixi amb el número de cas \
         {ref}, i {by} li <responc|responem> aquí.",
        "Si <m’explica|ens explica> aquí què ha passat, {by} tindrà aquí la <meva|nostra> \
         resposta; si prefereix un altre camí, el seu cas és el {ref}.",
    ],
    stamp_day: "de {day}",
    stamp_day_ref: "de {day} (cas {ref})",
    stamp_ref: "(cas {ref})",
    quotes: ["«", "»"],
    years: "{n} anys",
    numbers: [
        "un", "dos", "tres", "quatre", "cinc", "sis", "set", "vuit", "nou", "deu",
    ],
    contact: Contact {
        verb,
        any: "va intentar parlar amb nosaltres",
        wrote: "va escriure",
        also: [", va trucar", ", va escriure", ", va anar a la botiga"],
        nobody: [
            "ningú no va respondre",
            "ningú no va respondre",
            "encara no està resolt",
        ],
        times: [
            "una vegada",
            "dues vegades",
            "tres vegades",
            "quatre vegades",
            "cinc vegades",
            "sis vegades",
            "set vegades",
            "vuit vegades",
            "nou vegades",
            "deu vegades",
        ],
        times_n: "{n} vegades",
        several: "diverses vegades",
        clause: [
            "{verb} {times} en {d} dies{also} i {nobody}",
            "{verb} {times}{also} i {nobody}",
            "fa {d} dies que espera una resposta",
            "{verb}{also} i {nobody}",
        ],
    },
    topic,
    topic_none: "el que ha passat",
};

fn verb(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => "va trucar",
        Channel::Mail => "va escriure per correu",
        Channel::Chat => "va escriure pel xat",
        Channel::Form => "va omplir el formulari",
        Channel::Shop => "va anar a la botiga",
        Channel::Social => "ens va escriure a les xarxes",
        Channel::Letter => "ens va escriure una carta",
        Channel::App => "va escriure des de l’aplicació",
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Billing => "el cobrament",
        Topic::Price => "el preu",
        Topic::Contract => "el contracte",
        Topic::Delivery => "el lliurament",
        Topic::Outage => "l’avaria",
        Topic::Quality => "la qualitat del servei",
        Topic::System => "l’error del sistema",
        Topic::Install => "la instal·lació",
        Topic::Staff => "el tracte rebut",
        Topic::Support => "l’atenció rebuda",
        Topic::Refund => "la devolució",
        Topic::Information => "la informació rebuda",
    }
}
