//! French, with vous.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Bonjour {name},", "Bonjour,"],
    open_contact: &[
        "{hi} dans votre message {stamp}, vous racontez que {contact} ; [cette faute est la \
         nôtre/cela n’aurait pas dû arriver], et la première chose que <je vous dois|nous vous \
         devons>, ce sont des excuses.",
        "{hi} <je commence|nous commençons> par ce qui [pèse/compte] le plus dans votre message \
         {stamp} : d’après vous, {contact}, et [c’est à nous d’en répondre/cela relève de nous].",
        "{hi} avant toute chose, pardon pour ce silence : d’après votre message {stamp}, \
         {contact}, et personne ne devrait [vivre cela/rester ainsi].",
        "{hi} <j’ai|nous avons> lu votre message {stamp} [en entier/avec attention] et, puisque, \
         dites-vous, {contact}, [nous n’avons pas été à la hauteur/nous n’étions pas là où il \
         fallait].",
    ],
    open_plain: &[
        "{hi} <j’ai|nous avons> lu votre message {stamp} [en entier/avec attention] : il mérite \
         une réponse concrète, pas une formule.",
        "{hi} merci d’avoir [raconté/expliqué] ce qui s’est passé dans votre message {stamp} [si \
         clairement/sans détour].",
        "{hi} votre message {stamp} ne restera pas sans réponse, et [surtout pas/encore moins] \
         avec une réponse toute faite.",
    ],
    fault_years: &[
        "Merci pour les {years} que vous dites avoir passés avec nous ; c’est bien pour cela que \
         <je ne veux|nous ne voulons> pas passer sur ce que vous écrivez {at} : {quote}{tail}.",
        "Vous dites faire partie de nos clients depuis {years}, et nous vous en remercions ; ce \
         qu’il faut éclaircir maintenant, c’est ce que vous décrivez {at}, {quote}{tail}.",
        "Les {years} que vous évoquez méritent mieux que de belles paroles, alors venons-en au \
         fait : vous écrivez {at} {quote}{tail}.",
    ],
    years_bare: &[
        "Merci pour les {years} que vous dites avoir passés avec nous ; raison de plus pour \
         éclaircir ce que vous racontez {at} à propos de {topic}{tail}.",
        "Vous dites faire partie de nos clients depuis {years}, et nous vous en remercions ; ce \
         que vous racontez {at} à propos de {topic} mérite une vraie réponse{tail}.",
        "Les {years} que vous évoquez méritent mieux que de belles paroles, venons-en donc à ce \
         que vous dites {at} à propos de {topic}{tail}.",
    ],
    fault: &[
        "[L’essentiel/Le fond], c’est ce que vous écrivez {at}, {quote} : voilà ce qu’il faut \
         éclaircir à propos de {topic}{tail}.",
        "Vous écrivez {at} {quote}, et c’est [exactement/justement] cela qu’il faut régler{tail}.",
        "De tout ce que vous racontez, <je retiens|nous retenons> ce que vous dites {at}, \
         {quote}, car [le problème est là/le reste en découle]{tail}.",
    ],
    fault_bare: &[
        "Ce que vous racontez {at} [concerne/touche] {topic}, et c’est cela qu’il faut \
         éclaircir{tail}.",
        "[L’essentiel/Le fond], c’est ce que vous expliquez {at} à propos de {topic}, et nous \
         vous devons une réponse{tail}.",
        "De ce que vous dites {at}, <je retiens|nous retenons> l’essentiel : {topic}{tail}.",
    ],
    step: &[
        "<Je m’en charge moi-même|Nous nous en chargeons> : <je vérifie|nous vérifions> {topic} \
         et <je vous réponds|nous vous répondons> ici même {by} ; vous pouvez continuer à écrire \
         ici ou par le moyen que vous préférez, avec la référence {ref}.",
        "<J’ai|Nous avons> ouvert un dossier et, {by}, <je vous explique|nous vous expliquons> \
         ici ce qui s’est passé pour {topic} et ce que nous allons faire ; le moyen d’en parler, \
         c’est vous qui le choisissez, avec la référence {ref}.",
        "La suite nous revient : {by}, vous aurez ici <ma|notre> réponse sur {topic}, et vous \
         pouvez demander où vous voulez avec la référence {ref}.",
    ],
    step_offer: &[
        "<Je m’en charge|Nous nous en chargeons> avec la référence {ref} : <je vérifie|nous \
         vérifions> {topic}, <je vous réponds|nous vous répondons> ici {by} et, si les faits sont \
         confirmés, {offer}.",
        "Avec la référence {ref}, <je vérifie|nous vérifions> {topic} et {by} <je vous donne|nous \
         vous donnons> ici le résultat ; si vos dires se confirment, {offer}.",
    ],
    step_all: &[
        "<Je vérifie|Nous vérifions> {topic} et {by} <je raconte|nous racontons> ici, pour vous \
         et pour ceux qui vivent la même chose, ce qui n’a pas marché et comment cela se règle ; \
         votre référence est {ref}.",
        "{by}, <je publie|nous publions> sur cette même page ce que nous saurons sur {topic}, \
         pour vous et pour tous ceux qui lisent, avec la référence {ref}.",
        "Ce ne sera pas une réponse en coulisses : {by}, <je vous explique|nous vous expliquons> \
         ici, dossier {ref}, ce que nous avons trouvé sur {topic} et ce que nous changeons.",
    ],
    careful_open: &[
        "{hi} nous avons lu votre message {stamp} [en entier/avec attention] et nous allons le \
         traiter avec le soin qu’il demande.",
        "{hi} votre message {stamp} recevra la réponse d’une personne, pas celle d’un formulaire.",
    ],
    careful_step: &[
        "<Je m’en occupe moi-même, {who}|Une personne responsable de {company} s’en occupe> : \
         {by}, <je vous écris|nous vous écrivons> ici quelle est la prochaine étape, avec la \
         référence {ref} ; le moyen d’en parler, c’est vous qui le choisissez.",
        "<C’est moi, {who}, qui suis ce dossier|Une personne responsable de {company} suit ce \
         dossier> et, {by}, <je vous dis|nous vous disons> ici qui vous parlera et quand ; \
         inutile de publier la moindre donnée, la référence {ref} suffit.",
    ],
    tails: [
        " ; si vous nous avez déjà quittés, comme vous le dites, vous aurez au moins une réponse",
        " ; si après notre réponse vous décidez de partir, nous le respecterons",
        " ; d’autant plus si, comme vous le dites, ce n’est pas la première fois",
        " ; et cela vaut aussi pour ceux qui, selon vous, sont dans le même cas",
    ],
    stamp_day: "du {day}",
    stamp_hour: "du {day} {hour}",
    stamp_day_ref: "du {day} (référence {ref})",
    stamp_ref: "(référence {ref})",
    at_ref: "dans votre message ({ref})",
    quotes: ["« ", " »"],
    years: "{n} ans",
    numbers: [
        "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    ],
    contact: Contact {
        verb,
        any: "vous avez cherché à nous joindre",
        nobody: ["personne n’a répondu", "personne n’a répondu"],
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
        clause: [
            "{verb} {times} en {d} jours et {nobody}",
            "{verb} {times} et {nobody}",
            "vous attendez une réponse depuis {d} jours",
            "{verb} et {nobody}",
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
