//! Italian, with Lei.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Buongiorno {name},", "Buongiorno,"],
    open_contact: &[
        "{hi} nel Suo messaggio {stamp} racconta che {contact}; [questa mancanza è nostra/non \
         sarebbe dovuto accadere], e la prima cosa che Le <devo|dobbiamo> sono delle scuse.",
        "{hi} <comincio|cominciamo> da ciò che [pesa/conta] di più nel Suo messaggio {stamp}: a \
         quanto racconta, {contact}, e [di questo rispondiamo noi/la mancanza è nostra].",
        "{hi} prima di tutto, <mi scuso|ci scusiamo> per quel silenzio: secondo il Suo messaggio \
         {stamp}, {contact}, e nessuno dovrebbe [passarci/restare così].",
        "{hi} <ho letto|abbiamo letto> [per intero/con attenzione] il Suo messaggio {stamp} e, se \
         {contact}, [non siamo stati all’altezza/non c’eravamo quando dovevamo esserci].",
    ],
    open_plain: &[
        "{hi} <ho letto|abbiamo letto> [per intero/con attenzione] il Suo messaggio {stamp}: \
         merita una risposta concreta, non una formula.",
        "{hi} grazie per aver [raccontato/spiegato] l’accaduto nel Suo messaggio {stamp} [con \
         tanta chiarezza/senza giri di parole].",
        "{hi} il Suo messaggio {stamp} non resterà senza risposta, [e nemmeno con una risposta \
         preconfezionata/tanto meno con una preconfezionata].",
    ],
    fault_years: &[
        "Grazie per i {years} che dice di aver passato con noi; proprio per questo non \
         <voglio|vogliamo> sorvolare su ciò che ha scritto {at}: {quote}{tail}.",
        "Ci dice di essere cliente da {years}, e La ringraziamo; quello che va chiarito adesso è \
         ciò che descrive {at}, {quote}{tail}.",
        "I {years} di cui parla meritano più di belle parole, quindi veniamo al punto: {at} \
         scrive {quote}{tail}.",
    ],
    years_bare: &[
        "Grazie per i {years} che dice di aver passato con noi; proprio per questo va chiarito \
         bene ciò che racconta {at} riguardo a questo punto, {topic}{tail}.",
        "Ci dice di essere cliente da {years}, e La ringraziamo; ciò che racconta {at} ([in \
         breve/in sostanza], {topic}) merita una risposta all’altezza{tail}.",
        "I {years} di cui parla meritano più di belle parole: veniamo a ciò che racconta {at}, \
         cioè {topic}{tail}.",
    ],
    fault: &[
        "[Il punto/La sostanza] è ciò che scrive {at}, {quote}: è questo che va chiarito, cioè \
         {topic}{tail}.",
        "Lei scrive {at} {quote}, ed è [esattamente/proprio] questo che va risolto{tail}.",
        "Di tutto ciò che racconta, <mi fermo|ci fermiamo> su quello che dice {at}, {quote}, \
         perché [il problema sta lì/il resto viene da lì]{tail}.",
    ],
    fault_bare: &[
        "Ciò che racconta {at} [riguarda/tocca] {topic}, ed è questo che va chiarito{tail}.",
        "[Il punto/La sostanza] di ciò che spiega {at} è {topic}, e Le dobbiamo una \
         risposta{tail}.",
        "Di quello che dice {at}, <tengo|teniamo> l’essenziale: {topic}{tail}.",
    ],
    step: &[
        "<Me ne occupo io|Ce ne occupiamo noi>: <verifico|verifichiamo> {topic} e Le \
         <rispondo|rispondiamo> qui stesso {by}; può continuare a scrivere qui o dove preferisce, \
         con il riferimento {ref}.",
        "<Ho aperto|Abbiamo aperto> una pratica e {by} Le <spiego|spieghiamo> qui come sono \
         andate le cose ({topic}) e che cosa faremo; il canale per parlarne lo sceglie Lei, con \
         il riferimento {ref}.",
        "Il prossimo passo tocca a noi: {by} avrà qui la <mia|nostra> risposta su questo punto, \
         {topic}, e può chiedere dove preferisce con il riferimento {ref}.",
    ],
    step_offer: &[
        "<Me ne occupo io|Ce ne occupiamo noi> con il riferimento {ref}: <verifico|verifichiamo> \
         {topic}, Le <rispondo|rispondiamo> qui {by} e, se è come racconta, {offer}.",
        "Con il riferimento {ref} <verifico|verifichiamo> {topic} e {by} Le <dico|diciamo> qui \
         l’esito; se i dati confermano ciò che racconta, {offer}.",
    ],
    step_all: &[
        "<Verifico|Verifichiamo> {topic} e {by} <racconto|raccontiamo> qui, per Lei e per chi si \
         trova nella stessa situazione, che cosa non ha funzionato e come si risolve; il Suo \
         riferimento è {ref}.",
        "{by} <pubblico|pubblichiamo> su questa stessa pagina ciò che sapremo ({topic}), per Lei \
         e per chiunque legga, con il riferimento {ref}.",
        "Non sarà una risposta a porte chiuse: {by} Le <spiego|spieghiamo> qui, pratica {ref}, \
         che cosa abbiamo trovato ({topic}) e che cosa cambiamo.",
    ],
    careful_open: &[
        "{hi} abbiamo letto [per intero/con attenzione] il Suo messaggio {stamp} e lo tratteremo \
         con la cura che richiede.",
        "{hi} al Suo messaggio {stamp} risponderà una persona, non un modulo.",
    ],
    careful_step: &[
        "<Di questo mi occupo io, {who}|Di questo si occupa una persona responsabile di \
         {company}>: {by} Le <scrivo|scriviamo> qui qual è il prossimo passo, con il riferimento \
         {ref}; il canale per parlarne lo sceglie Lei.",
        "<La pratica la seguo io, {who},|La pratica la segue una persona responsabile di \
         {company}> e {by} Le <dico|diciamo> qui chi parlerà con Lei e quando; non serve \
         pubblicare alcun dato, basta il riferimento {ref}.",
    ],
    tails: [
        "; se ci ha già lasciati, come dice, vogliamo che abbia almeno una risposta",
        "; se dopo la nostra risposta deciderà di lasciarci, lo rispetteremo",
        "; a maggior ragione se, come racconta, non è la prima volta",
        "; e lo stesso vale per chi, a quanto racconta, è nella stessa situazione",
    ],
    stamp_day: "di {day}",
    stamp_hour: "di {day} {hour}",
    stamp_day_ref: "di {day} (riferimento {ref})",
    stamp_ref: "(riferimento {ref})",
    at_ref: "nel Suo messaggio ({ref})",
    quotes: ["«", "»"],
    years: "{n} anni",
    numbers: [
        "un", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci",
    ],
    contact: Contact {
        verb,
        any: "ha cercato di contattarci",
        nobody: ["nessuno ha risposto", "nessuno ha risposto"],
        times: [
            "una volta",
            "due volte",
            "tre volte",
            "quattro volte",
            "cinque volte",
            "sei volte",
            "sette volte",
            "otto volte",
            "nove volte",
            "dieci volte",
        ],
        times_n: "{n} volte",
        clause: [
            "{verb} {times} in {d} giorni e {nobody}",
            "{verb} {times} e {nobody}",
            "aspetta una risposta da {d} giorni",
            "{verb} e {nobody}",
        ],
    },
    topic,
    topic_none: "l’accaduto",
};

fn verb(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => "ha chiamato",
        Channel::Mail => "ci ha scritto per e-mail",
        Channel::Chat => "ci ha scritto in chat",
        Channel::Form => "ha compilato il modulo",
        Channel::Shop => "si è rivolto al negozio",
        Channel::Social => "ci ha scritto sui social",
        Channel::Letter => "ci ha scritto una lettera",
        Channel::App => "ci ha scritto dall’applicazione",
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Billing => "l’addebito",
        Topic::Price => "il prezzo",
        Topic::Contract => "il contratto",
        Topic::Delivery => "la consegna",
        Topic::Outage => "il guasto",
        Topic::Quality => "la qualità del servizio",
        Topic::System => "il guasto del sistema",
        Topic::Install => "l’installazione",
        Topic::Staff => "il trattamento ricevuto",
        Topic::Support => "l’assistenza ricevuta",
        Topic::Refund => "il rimborso",
        Topic::Information => "le informazioni ricevute",
    }
}
