//! Stories written for this measure: as they were told first, copied with changes, and in other words.

use std::collections::HashSet;

use escucha::score::crowd::{ALIKE_PERMILLE, Sketch, own_words};

/// First told; copied, shortened or changed a little; the same failure in the words of another.
const STORIES: [[&str; 3]; 12] = [
    [
        "Desde las nueve de la mañana sin fibra en el centro de Getafe con Telefonía Ejemplo. Nadie informa de la avería y el teléfono de asistencia comunica.",
        "Sin fibra en el centro de Getafe desde las 9 de la mañana. De la avería nadie informa y el teléfono de asistencia comunica todo el rato @ejemplo_ayuda",
        "Aquí en Getafe llevamos toda la mañana sin internet y no hay manera de que lo cojan en Ejemplo para decir qué ha pasado.",
    ],
    [
        "Ejemplo sube la tarifa 3 euros en enero sin avisar y encima con permanencia. Devuelvan lo cobrado a los clientes.",
        "Otra vez: la tarifa sube 4 euros en enero sin avisar, y con permanencia. ¡Que devuelvan lo cobrado a todos los clientes!",
        "Me llega la factura de enero y son cuatro euros más al mes. Nadie me dijo nada y no me dejan irme por la permanencia.",
    ],
    [
        "La aplicación de Ejemplo se cierra sola al abrir las facturas desde la última actualización y borra la contraseña guardada.",
        "Desde la última actualización la app de Ejemplo se cierra sola cuando abres las facturas, y borra la contraseña guardada en el móvil.",
        "No puedo ver mis facturas: pulso y la aplicación desaparece. Antes de actualizar iba bien.",
    ],
    [
        "El repartidor dejó el router de Ejemplo en el portal, sin llamar al timbre, y alguien se lo llevó esa misma tarde.",
        "Dejaron el router de Ejemplo en el portal sin llamar al timbre y esa misma tarde alguien se lo llevó. Gracias, repartidor.",
        "Mi router nuevo apareció entregado y no estaba: lo abandonaron en la entrada de la finca y voló.",
    ],
    [
        "Han filtrado los datos bancarios de los abonados de Ejemplo y nos enteramos por la prensa, ni un mensaje.",
        "Nos enteramos por la prensa: filtrados los datos bancarios de los abonados de Ejemplo, y de ellos ni un mensaje.",
        "Mi cuenta corriente circula por ahí por culpa de Ejemplo y lo he tenido que leer en el periódico.",
    ],
    [
        "Since nine this morning there is no broadband in the whole of Leeds with Ejemplo, the status page shows green and support hangs up.",
        "No broadband with Ejemplo in the whole of Leeds since 9am; status page shows green, support hangs up on you.",
        "Leeds here. Internet gone since breakfast and according to their website everything is lovely.",
    ],
    [
        "Ejemplo charged the yearly router insurance twice on the same card and the refund form rejects every account number.",
        "The yearly router insurance was charged twice on the same card by Ejemplo, and their refund form rejects every account number I enter.",
        "Two payments left my account for one insurance. Their page will not take my IBAN to give it back.",
    ],
    [
        "O aplicativo da Ejemplo bloqueou o cartão de todos os assinantes de Lisboa depois da manutenção de domingo.",
        "Depois da manutenção de domingo o aplicativo da Ejemplo bloqueou o cartão dos assinantes de Lisboa.",
        "Domingo fizeram manutenção e agora meu cartão não passa em lugar nenhum aqui em Lisboa.",
    ],
    [
        "Panne générale de la fibre Ejemplo à Nantes depuis cette nuit, le technicien annulé et le suivi en ligne affiche résolu.",
        "Depuis cette nuit panne générale de la fibre Ejemplo à Nantes : technicien annulé, et le suivi en ligne affiche résolu !",
        "Nantes, plus rien depuis minuit. On me dit que c'est réparé alors que la box clignote rouge.",
    ],
    [
        "Die Rechnung von Ejemplo enthält drei Sonderrufnummern, die wir nie gewählt haben, und die Einspruchsseite ist abgeschaltet.",
        "In der Rechnung von Ejemplo stehen drei Sonderrufnummern, die wir nie gewählt haben. Einspruchsseite ist abgeschaltet!",
        "Auf einmal soll ich Nummern bezahlen, die keiner hier kennt, und widersprechen kann man online nicht.",
    ],
    [
        "El técnico de Ejemplo perforó la tubería del agua al instalar la fibra y dejó el salón inundado sin dar parte al seguro.",
        "Al instalar la fibra el técnico de Ejemplo perforó la tubería del agua, dejó el salón inundado y no dio parte al seguro.",
        "Vinieron a poner la fibra y nos agujerearon una cañería. El piso es una piscina y Ejemplo no se hace cargo.",
    ],
    [
        "Els de Ejemplo han canviat el decodificador i ara els canals en català no apareixen a la llista ni amb la gravació.",
        "Han canviat el decodificador els de Ejemplo i els canals en català no apareixen ni a la llista ni a la gravació.",
        "Des que tinc l'aparell nou no trobo TV3 enlloc, i a Ejemplo tant els fa.",
    ],
];

pub(crate) fn measure() {
    let own = own_words(["Ejemplo", "Telefonía Ejemplo"]);
    let sketches = STORIES.map(|told| told.map(|text| Sketch::of(text, &own)));
    let alike = |one: &Option<Sketch>, other: &Option<Sketch>| {
        let (Some(one), Some(other)) = (one, other) else {
            return false;
        };
        one.likeness_permille(other) >= ALIKE_PERMILLE
    };
    let n = STORIES.len();
    let of = |at: usize| {
        sketches
            .iter()
            .filter(|told| alike(&told[0], &told[at]))
            .count()
    };
    let (copied, retold) = (of(1), of(2));
    let mut n_false = 0;
    let mut n_pairs = 0;
    for (at, story) in sketches.iter().enumerate() {
        for other in &sketches[..at] {
            let pairs = story
                .iter()
                .flat_map(|one| other.iter().map(move |other| (one, other)));
            for (one, other) in pairs {
                n_pairs += 1;
                n_false += usize::from(alike(one, other));
            }
        }
    }
    let different: HashSet<&str> = STORIES.iter().flatten().copied().collect();
    println!("{} texts, {n} stories", different.len());
    println!("copied with changes: {copied} of {n} known again");
    println!("told in other words: {retold} of {n} known again");
    println!("different stories: {n_false} of {n_pairs} pairs taken for one");
}
