//! Italian, with Lei.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Buongiorno {name},", "Buongiorno,"],
    open_contact: &[
        "{hi} nel Suo messaggio {stamp} racconta che {contact}; [non sarebbe dovuto \
         accadere/questa mancanza è nostra], e <Le chiedo|Le chiediamo> scusa.",
        "{hi} prima di tutto, <Le chiedo|Le chiediamo> scusa: secondo il Suo messaggio {stamp}, \
         {contact}.",
        "{silent}{hi} {contact}, come dice nel Suo messaggio {stamp}, e [quel silenzio è colpa \
         nostra/di quel silenzio rispondiamo noi].",
    ],
    open_plain: &[
        "{hi} <mi dispiace|ci dispiace> per quello che racconta nel Suo messaggio {stamp}, che \
         merita una risposta concreta.",
        "{hi} grazie per aver [raccontato/spiegato] nel Suo messaggio {stamp} l’accaduto: ora \
         sappiamo da dove cominciare.",
        "{hi} Le <rispondo|rispondiamo> qui, dove ha scritto il Suo messaggio {stamp}, perché Le \
         dobbiamo una spiegazione chiara.",
    ],
    thanks: &[
        "Grazie, {name}, per {years} con noi, come racconta.",
        "E grazie, {name}, per la fiducia di {years}.",
    ],
    fault_years: &[
        "Grazie{call} per {years} con noi, come racconta, e per aver detto con chiarezza che \
         cosa non va: {quote}.",
        "Grazie{call} per la fiducia di {years}; non <voglio|vogliamo> che finisca così: {quote}.",
    ],
    years_bare: &[
        "Grazie per {years} con noi, come racconta: la Sua pratica è la {ref}, e riguarda \
         {topic}.",
    ],
    fault: &[
        "[Ciò che va risolto/Quello che va risolto]{call} lo dice Lei meglio di chiunque: \
         {quote}.",
        "Il punto da risolvere{call} è questo: {quote}.",
        "Lei scrive{call} {quote}, e su questo <Le devo|Le dobbiamo> una spiegazione.",
    ],
    fault_bare: &[
        "Quello che va chiarito è {topic}, e per questo <ho aperto|abbiamo aperto> la pratica \
         {ref}.",
    ],
    step: &[
        "<Me ne occupo io|Ce ne occupiamo noi>: {by} Le <dico|diciamo> qui che cosa è successo \
         per quanto riguarda {topic} e che cosa faremo (pratica {ref}).",
        "<Verifico|Verifichiamo> {topic} ed {by} Le <rispondo|rispondiamo> qui, davanti a tutti; \
         se preferisce parlarne altrove, la Sua pratica è la {ref}.",
        "{by} avrà qui la <mia|nostra> risposta per quanto riguarda {topic}; se vuole parlarne \
         prima, basta il numero di pratica {ref}.",
    ],
    step_offer: &[
        "<Verifico|Verifichiamo> {topic} (pratica {ref}), Le <rispondo|rispondiamo> qui {by} e, \
         se è come racconta, {offer}.",
        "{by} avrà qui la <mia|nostra> risposta (pratica {ref}); se ciò che racconta è \
         confermato, {offer}.",
    ],
    step_all: &[
        "{by} <racconto|raccontiamo> qui, per Lei e per chi è nella stessa situazione, che cosa \
         è successo per quanto riguarda {topic} e che cosa faremo (pratica {ref}).",
        "<Verifico|Verifichiamo> {topic} ed {by} Le <dico|diciamo> qui ciò che si può dire in \
         pubblico; ciò che è personale resta tra noi (pratica {ref}).",
    ],
    step_leave: &[
        "{by} Le <rispondo|rispondiamo> qui per quanto riguarda {topic} (pratica {ref}), e \
         <mi|ci> piacerebbe che poi volesse restare.",
    ],
    step_gone: &[
        "Anche se ci ha già lasciati, {by} avrà qui la <mia|nostra> risposta per quanto riguarda \
         {topic} (pratica {ref}), perché <Gliela devo|Gliela dobbiamo>.",
    ],
    careful_open: &[
        "{hi} abbiamo letto [per intero/con attenzione] il Suo messaggio {stamp}, e lo \
         tratteremo con la cura che richiede.",
        "{hi} al Suo messaggio {stamp} risponderà una persona, non un messaggio automatico.",
    ],
    careful_step: &[
        "<Di questo mi occupo io, {who}|Di questo si occupa una persona responsabile di \
         {company}>: {by} Le <scrivo|scriviamo> qui qual è il prossimo passo. Scelga Lei dove \
         parlarne: basta il numero di pratica {ref}.",
        "<La pratica la seguo io, {who},|La pratica la segue una persona responsabile di \
         {company}> ed {by} Le <dico|diciamo> qui come e quando possiamo parlarne. Non serve \
         pubblicare alcun dato: basta il numero di pratica {ref}.",
    ],
    safety_open: &[
        "{hi} prima di tutto, <spero|speriamo> che Lei e i Suoi cari stiate bene; di ciò che \
         racconta nel Suo messaggio {stamp} si occupa una persona.",
        "{hi} <ho letto|abbiamo letto> con preoccupazione il Suo messaggio {stamp}, e \
         <spero|speriamo> che Lei e i Suoi cari stiate bene.",
    ],
    vague_open: &[
        "{hi} <mi dispiace|ci dispiace> per ciò che il Suo messaggio {stamp} lascia capire, e \
         <voglio|vogliamo> conoscerne la causa.",
        "{hi} il Suo messaggio {stamp} dice chiaramente il malcontento; quello che ancora non \
         <so|sappiamo> è che cosa è successo.",
    ],
    vague_step: &[
        "<Mi racconti|Ci racconti> qui che cosa è successo, o per la via che preferisce con il \
         numero di pratica {ref}, ed {by} Le <rispondo|rispondiamo> qui.",
        "Se <mi|ci> racconta qui che cosa è successo, {by} avrà qui la <mia|nostra> risposta; se \
         preferisce un’altra via, la Sua pratica è la {ref}.",
    ],
    stamp_day: "di {day}",
    stamp_day_ref: "di {day} (pratica {ref})",
    stamp_ref: "(pratica {ref})",
    quotes: ["«", "»"],
    years: "{n} anni",
    numbers: [
        "un", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci",
    ],
    contact: Contact {
        verb,
        any: "ha cercato di contattarci",
        wrote: "ci ha scritto",
        also: [", ha chiamato", ", ha scritto", ", ha chiesto in negozio"],
        nobody: [
            "nessuno ha risposto",
            "nessuno ha risposto",
            "la questione non è ancora risolta",
        ],
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
        several: "più volte",
        clause: [
            "{verb} {times} in {d} giorni{also} e {nobody}",
            "{verb} {times}{also} e {nobody}",
            "aspetta una risposta da {d} giorni",
            "{verb}{also} e {nobody}",
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
        Channel::Shop => "ha chiesto in negozio",
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
