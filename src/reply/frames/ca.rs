//! Catalan, with vostè.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Hola, {name}:", "Hola:"],
    open_contact: &[
        "{hi} en el seu missatge {stamp} explica que {contact}; [aquesta falta és nostra/això no \
         hauria d’haver passat], i el primer que li <dec|devem> és una disculpa.",
        "{hi} <començo|comencem> pel que més [pesa/preocupa] del seu missatge {stamp}: segons \
         explica, {contact}, i [d’això en responem nosaltres/la falta és nostra].",
        "{hi} abans de res, <demano|demanem> disculpes per aquest silenci: segons el seu missatge \
         {stamp}, {contact}, i ningú no hauria de [passar per això/quedar-se així].",
        "{hi} <he llegit|hem llegit> [sencer/amb atenció] el seu missatge {stamp} i, si \
         {contact}, [li hem fallat/no érem on havíem de ser].",
    ],
    open_plain: &[
        "{hi} <he llegit|hem llegit> [sencer/amb atenció] el seu missatge {stamp}: mereix una \
         resposta concreta, no una fórmula.",
        "{hi} gràcies per [contar/explicar] el que ha passat en el seu missatge {stamp} [amb \
         tanta claredat/sense embuts].",
        "{hi} el seu missatge {stamp} no es quedarà sense resposta, i [menys encara/encara menys] \
         amb una de plantilla.",
    ],
    fault_years: &[
        "Gràcies pels {years} que diu que fa que és amb nosaltres; justament per això no \
         <vull|volem> passar per alt el que va escriure {at}: {quote}{tail}.",
        "Ens diu que fa {years} que és amb nosaltres, i li ho agraïm; el que cal aclarir ara és \
         el que descriu {at}, {quote}{tail}.",
        "Els {years} que esmenta mereixen més que bones paraules, així que anem al gra: {at} \
         escriu {quote}{tail}.",
    ],
    years_bare: &[
        "Gràcies pels {years} que diu que fa que és amb nosaltres; justament per això cal aclarir \
         bé el que explica {at} sobre {topic}{tail}.",
        "Ens diu que fa {years} que és amb nosaltres, i li ho agraïm; el que explica {at} sobre \
         {topic} mereix una resposta a l’altura{tail}.",
        "Els {years} que esmenta mereixen més que bones paraules, i per això anem al que explica \
         {at} sobre {topic}{tail}.",
    ],
    fault: &[
        "[El fons de tot/El punt concret] és el que escriu {at}, {quote}: això és el que cal \
         aclarir sobre {topic}{tail}.",
        "Escriu {at} {quote}, i això és [justament/exactament] el que cal resoldre{tail}.",
        "De tot el que explica, <em quedo|ens quedem> amb el que diu {at}, {quote}, perquè [el \
         problema és aquí/la resta ve d’aquí]{tail}.",
    ],
    fault_bare: &[
        "El que explica {at} [té a veure amb/toca] {topic}, i això és el que cal aclarir{tail}.",
        "[El fons de tot/El punt concret] és el que explica {at} sobre {topic}, i li devem una \
         resposta{tail}.",
        "Del que diu {at}, <em quedo|ens quedem> amb l’essencial, que és {topic}{tail}.",
    ],
    step: &[
        "<Me n’ocupo jo|Ens n’ocupem nosaltres>: <reviso|revisem> {topic} i li <responc|responem> \
         aquí mateix {by}; pot continuar escrivint aquí o per on prefereixi, amb la referència \
         {ref}.",
        "<He obert|Hem obert> un cas i, {by}, li <explico|expliquem> aquí què ha passat amb \
         {topic} i què farem; el canal per parlar-ne el tria vostè, amb la referència {ref}.",
        "El pas següent és nostre: {by} tindrà aquí la <meva|nostra> resposta sobre {topic}, i \
         pot preguntar on vulgui amb la referència {ref}.",
    ],
    step_offer: &[
        "<Me n’ocupo jo|Ens n’ocupem nosaltres> amb la referència {ref}: <reviso|revisem> \
         {topic}, li <responc|responem> aquí {by} i, si és com explica, {offer}.",
        "Amb la referència {ref} <reviso|revisem> {topic} i {by} li <dic|diem> aquí el resultat; \
         si les dades confirmen el que explica, {offer}.",
    ],
    step_all: &[
        "<Reviso|Revisem> {topic} i {by} <explico|expliquem> aquí, per a vostè i per a qui \
         estigui igual, què ha fallat i com s’arregla; la seva referència és {ref}.",
        "{by} <publico|publiquem> en aquesta mateixa pàgina el que sapiguem sobre {topic}, per a \
         vostè i per a qui ho llegeixi, amb la referència {ref}.",
        "No serà una resposta en privat: {by} li <explico|expliquem> aquí, cas {ref}, què hem \
         trobat sobre {topic} i què canviem.",
    ],
    careful_open: &[
        "{hi} hem llegit [sencer/amb atenció] el seu missatge {stamp} i el tractarem amb la cura \
         que demana.",
        "{hi} el seu missatge {stamp} tindrà la resposta d’una persona, no la d’un formulari.",
    ],
    careful_step: &[
        "<D’aquest assumpte me n’ocupo jo, {who}|D’aquest assumpte se n’ocupa una persona \
         responsable de {company}>: {by} li <escric|escrivim> aquí quin és el pas següent, amb la \
         referència {ref}; el canal per parlar-ne el tria vostè.",
        "<Ho porto personalment jo, {who},|Ho porta una persona responsable de {company}> i {by} \
         li <dic|diem> aquí qui parlarà amb vostè i quan; no cal que publiqui cap dada, n’hi ha \
         prou amb la referència {ref}.",
    ],
    tails: [
        "; si ja ha marxat, com diu, volem que almenys tingui una resposta",
        "; si després de la nostra resposta decideix marxar, ho respectarem",
        "; encara més si, com explica, no és la primera vegada",
        "; i el mateix val per als qui, segons explica, estan igual",
    ],
    stamp_day: "de {day}",
    stamp_hour: "de {day} {hour}",
    stamp_day_ref: "de {day} (referència {ref})",
    stamp_ref: "(referència {ref})",
    at_ref: "en el seu missatge ({ref})",
    quotes: ["«", "»"],
    years: "{n} anys",
    numbers: [
        "un", "dos", "tres", "quatre", "cinc", "sis", "set", "vuit", "nou", "deu",
    ],
    contact: Contact {
        verb,
        any: "va intentar parlar amb nosaltres",
        nobody: ["ningú no va respondre", "ningú no va respondre"],
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
        clause: [
            "{verb} {times} en {d} dies i {nobody}",
            "{verb} {times} i {nobody}",
            "fa {d} dies que espera una resposta",
            "{verb} i {nobody}",
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
