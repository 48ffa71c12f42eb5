//! Spanish, in the usted of a decent manager, for every country.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Hola, {name}:", "Hola:"],
    open_contact: &[
        "{hi} en su mensaje {stamp} cuenta que {contact}; [eso no debió pasar/ese fallo es \
         nuestro], y le <pido|pedimos> disculpas.",
        "{hi} lo primero es pedirle perdón porque, según su mensaje {stamp}, {contact}.",
        "{silent}{hi} {contact}, según nos dice en su mensaje {stamp}, y [ese silencio es culpa \
         nuestra/de ese silencio respondemos nosotros].",
        "{hi} le <debo|debemos> una disculpa antes que nada, porque en su mensaje {stamp} cuenta \
         que {contact}.",
    ],
    open_plain: &[
        "{hi} <siento|sentimos> lo que cuenta en su mensaje {stamp}, y le <debo|debemos> una \
         respuesta [concreta/clara].",
        "{hi} gracias por [contar/explicar] en su mensaje {stamp} lo ocurrido, porque así \
         sabemos [qué mirar/por dónde empezar].",
        "{hi} le <contesto|contestamos> aquí mismo, donde escribió su mensaje {stamp}, porque \
         [le debemos/tiene derecho a] una explicación clara.",
        "{hi} lo que cuenta en su mensaje {stamp} no es como queremos hacer las cosas, y [hace \
         bien en decirlo/le agradecemos que lo diga].",
    ],
    thanks: &[
        "Gracias, {name}, por los {years} que cuenta que lleva con nosotros.",
        "Y gracias, {name}, por la confianza de los {years} que menciona.",
        "Antes de seguir, {name}, gracias por los {years} que nos dice que lleva aquí.",
    ],
    fault_years: &[
        "Gracias{call} por los {years} que dice llevar con nosotros, y por decir con claridad lo \
         que falla: {quote}.",
        "Le <agradezco|agradecemos>{call} los {years} que menciona, y no <quiero|queremos> que \
         acaben en esto: {quote}.",
        "Gracias{call} por la confianza de los {years} que menciona; lo que [toca/hay que] \
         arreglar ahora es lo que usted escribe: {quote}.",
    ],
    years_bare: &[
        "Gracias por los {years} que dice llevar con nosotros: su caso es el {ref}, y \
         <empiezo|empezamos> por revisar {topic}.",
        "Le <agradezco|agradecemos> los {years} que menciona, y por eso mismo abrimos el caso \
         {ref}, para aclarar {topic}.",
    ],
    fault: &[
        "[Lo que hay que arreglar/Lo que toca resolver]{call} lo dice usted mejor que nadie: \
         {quote}.",
        "De todo su mensaje{call} <me quedo|nos quedamos> con esto, que es lo que hay que \
         resolver: {quote}.",
        "Usted escribe{call} {quote}, y [de eso/sobre eso] le <debo|debemos> una explicación.",
        "Esto{call} necesita una respuesta [clara/concreta] y no buenas palabras: {quote}.",
    ],
    fault_bare: &[
        "Lo que hay que aclarar es {matter}, y [para eso/por eso] <he abierto|hemos abierto> el \
         caso {ref}.",
        "<He abierto|Hemos abierto> el caso {ref} para [mirar/revisar] {topic} a fondo, de \
         principio a fin.",
    ],
    step: &[
        "<Me ocupo yo|Nos ocupamos nosotros>: {by} le <digo|decimos> aquí mismo qué ha pasado \
         con {topic} y qué vamos a hacer (caso {ref}).",
        "<Reviso|Revisamos> {topic} y {by} le <contesto|contestamos> aquí, a la vista de todos; \
         si prefiere hablarlo por otro camino, su caso es el {ref}.",
        "{by} tendrá aquí <mi|nuestra> respuesta sobre {topic}; si quiere hablar antes, [basta \
         con dar/dé] el número de caso {ref}.",
        "<Soy {who} y lo llevo en persona|Lo llevamos nosotros>: {by} le <contesto|contestamos> \
         aquí sobre {topic} (caso {ref}).",
    ],
    step_offer: &[
        "<Reviso|Revisamos> {topic} (caso {ref}), {by} le <contesto|contestamos> aquí mismo y, \
         si es como cuenta, {offer}.",
        "{by} tendrá aquí <mi|nuestra> respuesta sobre {topic} (caso {ref}); si se confirma lo \
         que cuenta, {offer}.",
        "<Soy {who} y me ocupo yo|Nos ocupamos nosotros>, con el caso {ref}: {by} le \
         <contesto|contestamos> aquí y, si se confirma, {offer}.",
    ],
    step_all: &[
        "{by} <cuento|contamos> aquí, para usted y para quien esté igual, qué ha pasado con \
         {topic} y qué vamos a hacer (caso {ref}).",
        "<Reviso|Revisamos> {topic} y {by} <cuento|contamos> aquí lo que se pueda contar en \
         público; lo que sea solo suyo queda entre nosotros (caso {ref}).",
    ],
    step_leave: &[
        "{by} le <contesto|contestamos> aquí sobre {topic} (caso {ref}), y <me|nos> gustaría que \
         después quisiera quedarse.",
        "Usted decide si se queda; antes, {by} tendrá aquí <mi|nuestra> respuesta sobre {topic} \
         (caso {ref}).",
    ],
    step_gone: &[
        "Aunque ya se haya ido, {by} tendrá aquí <mi|nuestra> respuesta sobre {topic} (caso \
         {ref}), porque se la <debo|debemos>.",
    ],
    careful_open: &[
        "{hi} hemos leído [entero/con atención] su mensaje {stamp}, y lo vamos a tratar con el \
         cuidado que pide.",
        "{hi} a su mensaje {stamp} le va a responder una persona, y no un mensaje automático.",
        "{hi} lo que plantea en su mensaje {stamp} [pide/necesita] una persona que lo estudie, y \
         la tiene.",
    ],
    careful_step: &[
        "<De este asunto me ocupo yo, {who}|De este asunto se ocupa una persona responsable de \
         {company}>: {by} le <escribo|escribimos> aquí cuál es el paso siguiente. Elija usted \
         por dónde hablamos: basta con el número de caso {ref}.",
        "<Lo llevo yo, {who},|Lo lleva una persona responsable de {company}> y {by} le \
         <digo|decimos> aquí cómo y cuándo podemos hablar. No hace falta que publique ningún \
         dato: basta el número de caso {ref}.",
    ],
    safety_open: &[
        "{hi} ante todo, <espero|esperamos> que usted y los suyos estén bien; de lo que cuenta \
         en su mensaje {stamp} se ocupa una persona.",
        "{hi} <he leído|hemos leído> con preocupación su mensaje {stamp}, y <espero|esperamos> \
         que usted y los suyos estén bien.",
    ],
    vague_open: &[
        "{hi} <siento|sentimos> el mal trago que deja ver su mensaje {stamp}, y \
         <quiero|queremos> saber qué lo ha causado.",
        "{hi} su mensaje {stamp} deja claro el enfado, y lo que aún no <sé|sabemos> es qué ha \
         pasado.",
    ],
    vague_step: &[
        "<Cuénteme|Cuéntenos> aquí qué ha pasado, o por donde prefiera con el número de caso \
         {ref}, y {by} le <contesto|contestamos> aquí.",
        "Si <me|nos> cuenta aquí qué ha pasado, {by} tendrá aquí <mi|nuestra> respuesta; si \
         prefiere otro camino, su caso es el {ref}.",
    ],
    stamp_day: "del {day}",
    stamp_day_ref: "del {day} (caso {ref})",
    stamp_ref: "(caso {ref})",
    quotes: ["«", "»"],
    years: "{n} años",
    numbers: [
        "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez",
    ],
    contact: Contact {
        verb,
        any: "intentó hablar con nosotros",
        wrote: "escribió",
        also: [", llamó", ", escribió", ", fue a la tienda"],
        nobody: [
            "nadie le atendió",
            "nadie le contestó",
            "sigue sin solución",
        ],
        times: [
            "una vez",
            "dos veces",
            "tres veces",
            "cuatro veces",
            "cinco veces",
            "seis veces",
            "siete veces",
            "ocho veces",
            "nueve veces",
            "diez veces",
        ],
        times_n: "{n} veces",
        several: "varias veces",
        clause: [
            "{verb} {times} en {d} días{also} y {nobody}",
            "{verb} {times}{also} y {nobody}",
            "lleva {d} días esperando una respuesta",
            "{verb}{also} y {nobody}",
        ],
    },
    topic,
    topic_none: "lo que cuenta",
};

fn verb(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => "llamó",
        Channel::Mail => "escribió por correo",
        Channel::Chat => "escribió por el chat",
        Channel::Form => "rellenó el formulario",
        Channel::Shop => "acudió a la tienda",
        Channel::Social => "nos escribió en redes",
        Channel::Letter => "nos escribió por carta",
        Channel::App => "escribió desde la aplicación",
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Billing => "el cobro",
        Topic::Price => "el precio",
        Topic::Contract => "el contrato",
        Topic::Delivery => "la entrega",
        Topic::Outage => "la avería",
        Topic::Quality => "la calidad del servicio",
        Topic::System => "el fallo del sistema",
        Topic::Install => "la instalación",
        Topic::Staff => "el trato recibido",
        Topic::Support => "la atención recibida",
        Topic::Refund => "la devolución",
        Topic::Information => "la información que se le dio",
    }
}
