//! French, with vous.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Bonjour {name},", "Bonjour,"],
    open_contact: &[
        "{hi} dans votre message {stamp}, vous racontez que {contact} ; [cela n’aurait pas dû \
         arriver/cette faute est la nôtre], et <je vous présente mes|nous vous présentons nos> \
         excuses.",
        "{hi} avant tout, pardon : d’après votre message {stamp}, {contact}.",
        "{silent}{hi} d’après votre message {stamp}, {contact}, et [ce silence est de notre \
         fait/c’est à nous d’en répondre].",
    ],
    open_plain: &[
        "{hi} <je regrette|nous regrettons> ce que raconte votre message {stamp}, et il mérite \
         une réponse concrète.",
        "{hi} merci d’avoir [raconté/expliqué] dans votre message {stamp} ce qui s’est passé : \
         nous savons où chercher.",
        "{hi} <je vous réponds|nous vous répondons> ici même, là où vous avez écrit votre \
         message {stamp}, car nous vous devons une explication claire.",
    ],
    thanks: &[
        "Merci, {name}, pour les {years} avec nous dont vous parlez.",
        "Et merci, {name}, pour la confiance de ces {years} dont vous parlez.",
    ],
    fault_years: &[
        "Merci{call} pour les {years} dont vous parlez, et merci de dire clairement ce qui ne va \
         pas : {quote}.",
        "Merci{call} pour les {years} de confiance dont vous parlez ; <je ne veux|nous ne \
         voulons> pas qu’ils finissent ainsi : {quote}.",
    ],
    years_bare: &[
        "Merci pour les {years} dont vous parlez : votre dossier, sur {topic}, est le {ref}.",
    ],
    fault: &[
        "[Ce qu’il faut régler/Ce qu’il faut résoudre]{call} est dans vos propres mots : {quote}.",
        "De tout votre message{call} <je retiens|nous retenons> ceci, qu’il faut régler : \
         {quote}.",
        "Vous écrivez{call} {quote}, et <je vous dois|nous vous devons> une explication.",
    ],
    fault_bare: &[
        "Ce qu’il faut éclaircir, c’est {topic}, et <j’ai|nous avons> ouvert pour cela le \
         dossier {ref}.",
    ],
    step: &[
        "<Je m’en charge moi-même|Nous nous en chargeons> : {by}, <je vous dis|nous vous disons> \
         ici même ce qui s’est passé concernant {topic} et ce que nous allons faire (dossier \
         {ref}).",
        "<Je vérifie|Nous vérifions> {topic} et, {by}, <je vous réponds|nous vous répondons> \
         ici, devant tout le monde ; si vous préférez en parler autrement, votre dossier est le \
         {ref}.",
        "{by}, vous aurez ici <ma|notre> réponse sur {topic} ; si vous voulez en parler avant, \
         le numéro de dossier {ref} suffit.",
    ],
    step_offer: &[
        "<Je vérifie|Nous vérifions> {topic} (dossier {ref}), <je vous réponds|nous vous \
         répondons> ici {by} et, si les faits sont confirmés, {offer}.",
        "{by}, vous aurez ici <ma|notre> réponse sur {topic} (dossier {ref}) ; si vos dires se \
         confirment, {offer}.",
    ],
    step_all: &[
        "{by}, <j’explique|nous expliquons> ici, pour vous et pour ceux qui vivent la même \
         chose, ce qui s’est passé concernant {topic} et ce que nous allons faire (dossier \
         {ref}).",
        "<Je vérifie|Nous vérifions> {topic} et, {by}, <je vous dis|nous vous disons> ici ce qui \
         peut se dire en public ; ce qui vous est personnel reste entre nous (dossier {ref}).",
    ],
    step_leave: &[
        "{by}, <je vous réponds|nous vous répondons> ici sur {topic} (dossier {ref}), et \
         <j’aimerais|nous aimerions> que vous ayez ensuite envie de rester.",
    ],
    step_gone: &[
        "Même si vous nous avez déjà quittés, {by}, vous aurez ici <ma|notre> réponse sur \
         {topic} (dossier {ref}), car <je vous la dois|nous vous la devons>.",
    ],
    careful_open: &[
        "{hi} nous avons lu votre message {stamp} [en entier/avec attention], et nous allons le \
         traiter avec le soin qu’il demande.",
        "{hi} c’est une personne, et non un message automatique, qui répondra à votre message \
         {stamp}.",
    ],
    careful_step: &[
        "<Je m’en occupe moi-même, {who}|Une personne responsable de {company} s’en occupe> : \
         {by}, <je vous écris|nous vous écrivons> ici la prochaine étape. Le moyen d’en parler \
         est à votre choix : le numéro de dossier {ref} suffit.",
        "<C’est moi, {who}, qui suis ce dossier|Une personne responsable de {company} suit ce \
         dossier> et, {by}, <je vous dis|nous vous disons> ici comment et quand nous pouvons en \
         parler. Inutile de publier la moindre donnée : le numéro de dossier {ref} suffit.",
    ],
    safety_open: &[
        "{hi} avant tout, <j’espère|nous espérons> que vous et vos proches allez bien ; une \
         personne s’occupe de ce que raconte votre message {stamp}.",
        "{hi} <j’ai|nous avons> lu votre message {stamp} avec inquiétude, et <j’espère|nous \
         espérons> que vous et vos proches allez bien.",
    ],
    vague_open: &[
        "{hi} <je regrette|nous regrettons> ce que laisse deviner votre message {stamp}, et <je \
         veux|nous voulons> en connaître la cause.",
        "{hi} votre message {stamp} dit bien votre mécontentement ; ce que <je ne sais|nous ne \
         savons> pas encore, c’est ce qui s’est passé.",
    ],
    vague_step: &[
        "<Dites-moi|Dites-nous> ici ce qui s’est passé, ou par le moyen de votre choix avec le \
         numéro de dossier {ref}, et <je vous réponds|nous vous répondons> ici {by}.",
        "Si vous <me|nous> racontez ici ce qui s’est passé, vous aurez ici <ma|notre> réponse \
         {by} ; si vous préférez un autre moyen, votre dossier est le {ref}.",
    ],
    stamp_day: "du {day}",
    stamp_day_ref: "du {day} (dossier {ref})",
    stamp_ref: "(dossier {ref})",
    quotes: ["« ", " »"],
    years: "{n} ans",
    numbers: [
        "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    ],
    contact: Contact {
        verb,
        any: "vous avez cherché à nous joindre",
        wrote: "vous nous avez écrit",
        also: [
            ", vous avez appelé",
            ", vous avez écrit",
            ", vous avez demandé au magasin",
        ],
        nobody: [
            "personne n’a répondu",
            "personne n’a répondu",
            "rien n’est encore réglé",
        ],
        times: [
            "une fois",
            "deux fois",
            "trois fois",
            "quatre fois",
            "cinq fois",
            "six fois",
            "sept fois",
            "huit fois",
            "neuf fois",
            "dix fois",
        ],
        times_n: "{n} fois",
        several: "plusieurs fois",
        clause: [
            "{verb} {times} en {d} jours{also} et {nobody}",
            "{verb} {times}{also} et {nobody}",
            "vous attendez une réponse depuis {d} jours",
            "{verb}{also} et {nobody}",
        ],
    },
    topic,
    topic_none: "cette affaire",
};

fn verb(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => "vous avez appelé",
        Channel::Mail => "vous nous avez écrit par e-mail",
        Channel::Chat => "vous nous avez écrit sur le chat",
        Channel::Form => "vous avez rempli le formulaire",
        Channel::Shop => "vous avez demandé de l’aide au magasin",
        Channel::Social => "vous nous avez écrit sur les réseaux",
        Channel::Letter => "vous nous avez écrit par courrier",
        Channel::App => "vous nous avez écrit depuis l’application",
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Billing => "la facturation",
        Topic::Price => "la question du tarif",
        Topic::Contract => "la question du contrat",
        Topic::Delivery => "la livraison",
        Topic::Outage => "la panne",
        Topic::Quality => "la qualité du service",
        Topic::System => "la panne du système",
        Topic::Install => "l’installation",
        Topic::Staff => "l’accueil reçu",
        Topic::Support => "l’assistance reçue",
        Topic::Refund => "la question du remboursement",
        Topic::Information => "l’information donnée",
    }
}
