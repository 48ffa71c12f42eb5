//! Spanish, in the usted of a decent manager, for every country.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Hola, {name}:", "Hola:"],
    open_contact: &[
        "{hi} en su mensaje {stamp} cuenta que {contact}; [ahí fallamos nosotros/ese fallo es \
         nuestro/eso no debió ocurrir], y [lo primero es pedirle disculpas/lo primero que le \
         <debo|debemos> es una disculpa].",
        "{hi} <empiezo|empezamos> por lo que más <me|nos> [preocupa/pesa] de su mensaje {stamp}: \
         según cuenta, {contact}, y [de eso respondemos nosotros/eso es un fallo nuestro].",
        "{hi} antes de entrar en lo demás, una disculpa: según su mensaje {stamp}, {contact}, y \
         [nadie debería pasar por eso/a nadie se le debe tratar así].",
        "{hi} <he leído|hemos leído> [entero/con calma] su mensaje {stamp}, y lo primero es \
         reconocer que, si {contact}, [le fallamos/no estuvimos donde debíamos estar].",
        "{hi} nos dice en su mensaje {stamp} que {contact}; [tiene motivos para quejarse/hace \
         bien en decirlo], y <le pido|le pedimos> disculpas por [ese silencio/no haber estado \
         ahí].",
        "{hi} {contact}: así lo cuenta en su mensaje {stamp}, y [ese silencio es responsabilidad \
         nuestra/de ese silencio respondemos nosotros].",
    ],
    open_plain: &[
        "{hi} <he leído|hemos leído> [entero/despacio/con atención] su mensaje {stamp} y [merece \
         una respuesta concreta, no una fórmula/le debemos una respuesta concreta].",
        "{hi} gracias por [contar/explicar] lo ocurrido en su mensaje {stamp} [con tanta \
         claridad/sin rodeos], [que es como se arreglan las cosas/porque así sabemos qué mirar].",
        "{hi} su mensaje {stamp} no [se va a quedar/puede quedarse] sin respuesta, [ni va a \
         recibir una de plantilla/y menos con una de plantilla].",
        "{hi} lo que cuenta en su mensaje {stamp} no es [lo que nadie espera de nosotros/como \
         queremos hacer las cosas], y [hace bien en decirlo/le agradecemos que lo diga].",
        "{hi} <contesto|contestamos> aquí mismo, donde lo ha dicho, a su mensaje {stamp}: [tiene \
         derecho a/le debemos] una explicación clara.",
    ],
    fault_years: &[
        "Gracias por los {years} que dice llevar con nosotros; [precisamente por eso/por eso \
         mismo] no <quiero|queremos> pasar por alto lo que escribió {at}: {quote}{tail}.",
        "Nos dice que es cliente desde hace {years}, y [se lo agradecemos/le damos las gracias \
         por ello]; lo que [hay que/toca] aclarar ahora es lo que describe {at}, {quote}{tail}.",
        "Dice que lleva {years} con nosotros: gracias por ese tiempo, y gracias también por \
         señalar {at} [el problema concreto/lo que falla], {quote}{tail}.",
        "Los {years} que menciona merecen gratitud y algo más que buenas palabras, así que \
         <voy|vamos> a lo concreto: {at} escribe {quote}{tail}.",
        "Que alguien que, según cuenta, lleva {years} con nosotros tenga que escribir {at} \
         {quote} [nos importa mucho/no nos deja indiferentes], y le damos las gracias por esos \
         años{tail}.",
    ],
    years_bare: &[
        "Gracias por los {years} que dice llevar con nosotros; por eso mismo [hay que/toca] \
         aclarar bien lo que cuenta {at} sobre {topic}{tail}.",
        "Nos dice que es cliente desde hace {years}, y se lo agradecemos; lo que [explica/cuenta] \
         {at} sobre {topic} [merece/necesita] una respuesta a la altura{tail}.",
        "Los {years} que menciona merecen gratitud y algo más que buenas palabras, y por eso \
         vamos a lo que cuenta {at} sobre {topic}{tail}.",
    ],
    fault: &[
        "[Lo concreto/El fondo del asunto] es lo que escribe {at}, {quote}: [ahí está/por ahí \
         empieza] lo que hay que aclarar sobre {topic}{tail}.",
        "{at} escribe {quote}, y [eso/ese punto] es [justo/exactamente] lo que hay que \
         [aclarar/resolver]{tail}.",
        "De todo lo que cuenta, <me quedo|nos quedamos> con lo que dice {at}, {quote}, porque \
         [ahí está el problema/de ahí viene lo demás]{tail}.",
        "A quien escribe {at} {quote} no le [bastan/sirven] las palabras amables: hace falta \
         revisar {topic}{tail}.",
        "Lo que nos señala {at}, {quote}, [tiene que ver con/toca de lleno] {topic}, y [así de \
         concreta tiene que ser la respuesta/no lo vamos a dejar en palabras]{tail}.",
    ],
    fault_bare: &[
        "Lo que cuenta {at} [tiene que ver con/toca de lleno] {topic}, y [eso es lo que hay que \
         aclarar/por ahí hay que empezar]{tail}.",
        "[Lo concreto/El fondo del asunto] es lo que explica {at} sobre {topic}, y [de eso le \
         debemos una respuesta/a eso hay que responder]{tail}.",
        "De lo que dice {at} <me quedo|nos quedamos> con lo esencial, que es {topic}{tail}.",
    ],
    step: &[
        "<Me ocupo yo|Nos ocupamos nosotros>: <reviso|revisamos> {topic} y le \
         <contesto|contestamos> aquí mismo {by}; puede seguir escribiendo aquí o por donde \
         prefiera, con la referencia {ref}.",
        "<Reviso yo|Revisamos> {topic} con quien [lo lleva/corresponde] y {by} le <digo|decimos> \
         aquí, a la vista de todos, qué [hemos encontrado/ha pasado] y qué sigue; si prefiere \
         escribirnos por otro camino, basta la referencia {ref}.",
        "[El paso siguiente es nuestro/Ahora nos toca a nosotros]: {by} tendrá aquí <mi|nuestra> \
         respuesta sobre {topic}, y puede preguntar donde [le sea más cómodo/quiera] con la \
         referencia {ref}.",
        "<He abierto|Hemos abierto> un caso y {by} le <explico|explicamos> aquí qué ha ocurrido \
         con {topic} y qué vamos a hacer; [si prefiere otro canal, elíjalo usted/el canal para \
         hablar lo elige usted], con la referencia {ref}.",
    ],
    step_offer: &[
        "<Me ocupo yo|Nos ocupamos nosotros> con la referencia {ref}: <reviso|revisamos> {topic}, \
         {by} le <contesto|contestamos> aquí y, [si se confirma lo que cuenta/si es como cuenta], \
         {offer}.",
        "Con la referencia {ref} <reviso|revisamos> {topic} y {by} le <digo|decimos> aquí mismo \
         el resultado; si los datos [confirman lo que cuenta/le dan la razón], {offer}.",
        "{by} tendrá aquí <mi|nuestra> respuesta sobre {topic} (referencia {ref}); si se \
         comprueba lo que [describe/explica], {offer}.",
    ],
    step_all: &[
        "<Reviso|Revisamos> {topic} y {by} <cuento|contamos> aquí, para usted y para quien esté \
         [en lo mismo/pasando por lo mismo], qué ha fallado y cómo se arregla; su referencia es \
         {ref}.",
        "{by} <publico|publicamos> en esta misma página lo que [hayamos averiguado/sepamos] sobre \
         {topic}, para usted y para [cualquiera que lea/todo el que lea] esto, con la referencia \
         {ref}.",
        "No será una respuesta en privado: {by} le <explico|explicamos> aquí, caso {ref}, qué \
         encontramos al revisar {topic} y qué cambiamos para que no se repita.",
    ],
    careful_open: &[
        "{hi} hemos leído [entero/con atención] su mensaje {stamp} y lo vamos a tratar [en \
         serio/con el cuidado que pide].",
        "{hi} su mensaje {stamp} va a tener la respuesta de una persona, no la de un formulario.",
        "{hi} lo que plantea en su mensaje {stamp} [pide/necesita] una persona que lo estudie, y \
         la tiene.",
    ],
    careful_step: &[
        "<De este asunto me ocupo yo, {who}|De este asunto se ocupa una persona responsable de \
         {company}>: {by} le <escribo|escribimos> aquí para decirle cuál es el paso siguiente, \
         con la referencia {ref}; [el canal para hablar/por dónde hablamos] lo elige usted.",
        "<Lo llevo personalmente yo, {who},|Lo lleva una persona responsable de {company}> y {by} \
         le <digo|decimos> aquí quién [hablará/va a hablar] con usted y cuándo; no hace falta que \
         publique ningún dato, basta la referencia {ref}.",
    ],
    tails: [
        "; si ya se ha marchado, como dice, queremos que al menos tenga una respuesta",
        "; si después de nuestra respuesta decide marcharse, lo respetaremos",
        "; más aún si, como cuenta, no es la primera vez",
        "; y lo mismo vale para quienes, según cuenta, están igual",
    ],
    stamp_day: "del {day}",
    stamp_hour: "del {day} {hour}",
    stamp_day_ref: "del {day} (referencia {ref})",
    stamp_ref: "(referencia {ref})",
    at_ref: "en su mensaje ({ref})",
    quotes: ["«", "»"],
    years: "{n} años",
    numbers: [
        "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez",
    ],
    contact: Contact {
        verb,
        any: "intentó hablar con nosotros",
        nobody: ["nadie le atendió", "nadie le contestó"],
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
        clause: [
            "{verb} {times} en {d} días y {nobody}",
            "{verb} {times} y {nobody}",
            "lleva {d} días esperando una respuesta",
            "{verb} y {nobody}",
        ],
    },
    topic,
    topic_none: "lo ocurrido",
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
