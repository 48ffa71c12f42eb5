//! The phrases by which a bad reply is known: Spanish and English thoroughly, the others basically.
//!
//! A pattern is folded words; `*` ends a word that may go on, `|` separates alternatives of one word,
//! `~` stands for up to three further words of the same sentence.

use super::FaultKind::{self, Admits, Advert, Blame, Canned, Hide, Offers, PrivateOnly, Threat};
mod others;

use crate::model::Lang::{self, Ca, De, En, Es, Fr, It, Pt};

/// Families of patterns; one line is one pattern.
pub(super) static FAMILIES: [&[(Lang, FaultKind, &str)]; 2] = [SPANISH_ENGLISH, others::FAMILIES];

static SPANISH_ENGLISH: &[(Lang, FaultKind, &str)] = &[
    (Es, Hide, "
borr*|elimin*|retir*|quit*|suprim* ~ comentario*|resena*|opinion*|publicacion*|mensaje*|post|valoracion*|critica*|queja*|tuit*|entrada
borre*|elimine*|retire*|quite*|suprima* lo|la que ~ publicado|escrito
borrarlo|eliminarlo|retirarlo|quitarlo|borrarla|retirarla|eliminarla|quitarla
modifi*|cambi*|edit*|rectifi*|correg*|corrij* ~ valoracion*|resena*|puntuacion*|estrellas|opinion*|comentario*
mejor* su valoracion|resena|puntuacion
a cambio de ~ retir*|borr*|elimin*|resena*|comentario*|valoracion*
hemos|he|vamos|procedido|procedemos ~ borr*|elimin*|ocult*|retir* ~ comentario*|resena*|publicacion*|mensaje*
no ~ publique|publiquen|airee|difunda ~ estas|este cosas|tipo
no ~ publique|publiquen|airee|difunda ~ en internet|redes|publico
no es el lugar|sitio|canal|medio ~ para
esto no se publica|dice|cuenta"),
    (Es, Blame, "
es|fue|ha|sido|solo culpa suya|tuya
culpa de usted|ustedes|cliente
error suyo|tuyo
usted no ~ ley*|hizo|siguio|aviso|pago|atendio|contesto|entend*|comprob*|indico|facilito|supo
si hubiera|hubiese leido|avisado|llamado|mirado|seguido|comprobado|pagado
deberia|debio|tendria|tenia haber|que|de ~ leido|leer|avisado|avisar|llamado|comprobado|comprobar|sabido|pagado
no ha|habia ~ leido|seguido ~ condiciones|instrucciones|contrato
como ya ~ dijimos|indicamos|informamos|explicamos|advertimos|comentamos
lea|relea ~ contrato|condiciones|letra
no tiene|lleva|tienes|llevas ~ razon
lo que dice|cuenta|afirma|escribe ~ es|no ~ falso|mentira|cierto|verdad|exagerado
usted miente|exagera
exager*|dramati*
es|eres|usted ~ el|la unico|unica que
nadie mas ~ queja*|quejado|problema*
ningun otro cliente|usuario ~ queja*|quejado|problema*
demas|otros clientes|usuarios ~ no ~ problema*|quejan|contentos
no es para tanto
mala suerte|casualidad
un caso|hecho|incidente aislado|puntual
mal uso
tener|tenga|tengan ~ paciencia
calme*|calmese|tranquilice*|relaje*
critic* sin|de ~ importancia|fundamento
opinion ~ subjetiva"),
    (Es, Threat, "
acciones|medidas legales|judiciales
nos reserv* ~ derecho
nuestros|nuestro abogad*|letrad*
servicio|departamento|gabinete|equipo juridico|legal
denunci* ~ usted|le|lo|la|difama*|calumni*|policia|juzgado
le|lo|la ~ denunci*|demand*
demand* ~ por ~ difama*|calumni*|injuri*|danos
difama*|calumni*|injuri*
consecuencias|responsabilidades legales|penales|juridicas
atengase|atenerse ~ consecuencias
en|ante los tribunales|juzgados
tendra|vera noticias ~ abogad*|nuestras
incluir* ~ moros*|asnef|fichero"),
    (Es, Advert, "
aproveche*|aprovecha nuestr*|esta|este|la|las|los|el|ahora
nuestra|nuestras|nueva|nuevas|gran|grandes|mejores oferta*|promocion*
oferta*|promocion* especial*|exclusiva*|limitada*
descubr* ~ nuestr*|nuev*|oferta*
contrat* ~ ahora|hoy|nuestr* ~ fibra|tarifa*|plan|planes|servicio*|producto*|seguro
nuestros nuevos|mejores planes|productos|servicios|tarifas|precios
por solo
por tan solo
descuento ~ proxima|siguiente|nueva compra|contratacion|pedido
codigo promocional|descuento
visit* ~ nuestra|nuestro|la ~ web|tienda|pagina|catalogo
suscrib*|sigue|siga|siganos|siguenos ~ boletin|newsletter|redes|instagram|facebook|canal
siganos|siguenos
lideres|lider en|del sector|mercado
premio|premios ~ calidad|mejor|atencion
los mejores del|precios
pruebe|prueba ~ nuestr*|gratis"),
    (Es, Canned, "
lament*|sent*|sient*|disculp*|perdon* ~ molestias|inconveniente*|inconvenientes|trastorno*
lament*|sent*|sient* que ~ experiencia ~ no
lament*|sent*|sient* ~ su experiencia|malestar|descontento|insatisfaccion
gracias por ~ ponerse|contactar|comunicarse
gracias por ~ su|tu comentario*|opinion*|resena*|feedback|valoracion|mensaje|paciencia|interes|confianza
gracias por ~ confiar en
agradecemos ~ su|sus|tu comentario*|opinion*|resena*|feedback|sugerencia*|paciencia
su|tu|sus|tus opinion*|comentario*|satisfaccion|resena* es|son|nos ~ importante*|ayuda*|importa*
es muy importante para nosotros
estimad*|apreciad*|querid* cliente*|usuari*|senor*
tomamos|hemos tomado|tomaremos ~ nota
trabaj* ~ para|por mejorar|ofrecer*|solucionar*|resolver*|seguir|darle
seguimos|seguiremos|estamos trabajando
nos ponemos|quedamos|estamos a su|tu ~ disposicion
a su entera|completa disposicion
hemos trasladado|trasladamos|trasladaremos ~ departamento*|equipo|area|responsables
para nosotros ~ cliente* ~ es|son lo primero|prioridad
la satisfaccion de nuestros clientes
nuestra|maxima prioridad ~ cliente*|satisfaccion
esperamos ~ volver|poder|seguir ~ verle|verte|contar|servirle|atenderle
lo antes posible
a la mayor brevedad
en breve
rogamos|rogamosle|le rogamos ~ disculpe*|acepte*
disculpe|disculpen|perdone|perdonen las
hacemos todo lo posible
no dude|dudes|duden en
un cordial|afectuoso saludo del equipo
atentamente el equipo"),
    (Es, PrivateOnly, "
por|en|mensaje|mensajes|un|al privado|directo
por dm|md|mp|interno|whatsapp
mensaje directo|privado
envie*|mande*|escrib*|facilit* ~ correo|email|mail|privado|dm|md|whatsapp
escribanos|escribenos|envienos|envianos|mandenos|llamenos|llamanos|contactenos|contactanos|dirijase
pongase|ponte|pongase|comuniquese|comunicate ~ contacto|con|nosotros
contact* con ~ nosotros|atencion|soporte|servicio
llame*|llama al|a ~ nuestro|telefono|numero|atencion|servicio
pase* por ~ tienda|oficina|sucursal
hablarlo|tratarlo|resolverlo|verlo ~ privado|fuera"),
    (Es, Admits, "
fue|es|ha|sido ~ culpa nuestra
culpa|error|fallo|responsabilidad|falta nuestro|nuestra
nuestro|nuestra error|fallo|culpa|responsabilidad
fallamos|fallo nuestro|hemos fallado|le fallamos
nos equivoc*|hemos equivocado
reconoc*|admit*|asum*
tiene|lleva ~ razon
pedimos|pido|pedirle|presento|presentamos ~ disculpa*|perdon
una disculpa
disculp*|perdon*
lo sentimos|siento|lamentamos
no debio ~ ocurrir|pasar|suceder"),
    (Es, Offers, "
devolvemos|devolveremos|devuelvo|devolvere|devolverle|reintegr*
reembols*
compens*
indemni*
abonamos|abonaremos|abono|abonarle
descuento|bono|vale|regalo|gratis|gratuit*|cortesia
le ofrecemos|ofrezco|regalamos|bonific*
sin coste|cargo"),
    (En, Hide, "
delete|remove|withdraw|retract|edit|change|update|revise|amend|modify|deleting|removing|withdrawing|changing|editing ~ review*|comment*|post*|rating*|stars|complaint*|tweet*|feedback
take ~ down
delet*|remov* it|this|what you
in exchange|return for ~ review*|removing|deleting|comment*|rating*
have|has|been|we ~ deleted|removed|hidden ~ comment*|review*|post*
is not the ~ place
isn t the ~ place
not ~ post|share|air ~ publicly|online|internet
improve|raise your rating|review|score"),
    (En, Blame, "
your own fault|mistake
your fault|mistake
it|was|is|that your fault|mistake
you should|ought|could|must have|to ~ read|told|called|checked|known|paid|followed|contacted
if you had ~ read|told|called|checked|followed|paid|bothered
you did|didn|failed|never|neglected ~ read|tell|call|follow|check|pay|notice|understand
user error
as we ~ already ~ told|explained|said|informed|stated|mentioned
as ~ already ~ told|explained|stated
read the terms|contract|conditions|small|fine|instructions
please read|reread ~ terms|contract|conditions
you are|re wrong|mistaken|exaggerating|overreacting|lying|incorrect
not true|what happened
simply|just|completely not true|false|untrue
you are|re the only
one|nobody else ~ complain*|problem*|issue*
other|all|most|our customers ~ happy|satisfied|no problem*|complain*
bad luck
isolated incident|case
one off
calm down
be|have patient|patience
misuse"),
    (En, Threat, "
legal action|steps|consequences|proceedings|team|department|counsel
our lawyer*|attorney*|solicitor*|counsel
reserve ~ right
sue|suing
defam*|libel*|slander*
take you to court
court|prosecut*
hear from ~ lawyer*|solicitor*|attorney*
report you to"),
    (En, Advert, "
special|exclusive|limited|latest|great|amazing|new|best offer*|deal*|promotion*
check out ~ our|new|latest
discover ~ our|new
visit ~ our|the ~ website|shop|store|page
sign up|subscribe ~ for|to|newsletter|now|today
follow us on
use|with|promo|discount|coupon code
off your next|first
discount ~ next|future|new
try our
upgrade ~ to|now|today|our
buy now|today
award winning
market leader*
number one in
for only"),
    (En, Canned, "
sorry|apologi* ~ inconvenience*|experience|trouble|frustration
apologies for ~ any|the
sorry to hear
sorry you feel
sorry for|that|if ~ bad|negative|poor ~ experience
thank* you|for ~ for ~ feedback|review|comment*|reaching|contacting|patience|bringing|sharing|understanding
thanks for ~ feedback|review|comment*|reaching|contacting|patience
your|customer* feedback|opinion|satisfaction|business|comments is|are|matters|helps
is ~ important to us
dear|valued customer*|client*|user*|sir|guest
we take ~ complaints|feedback|this|matters|customer ~ seriously
we strive|pride|aim|endeavour|endeavor
working ~ hard|to improve
passed|forwarded ~ relevant|appropriate|team|department
do not hesitate
don t hesitate
as soon as possible
in due course
at your disposal|service
we value ~ you|your|customers
look forward to ~ serving|welcoming|seeing
our ~ top|highest priority
every effort"),
    (En, PrivateOnly, "
dm us|me|them
send ~ dm|message|email|mail
direct|private message
in|via|by private|dm|pm|dms
contact|call|email|phone|message us|our
reach out ~ to us|our|support
get in touch ~ with|our
write to us at
take this|it offline|private
give us a call
please call|contact|email|ring"),
    (En, Admits, "
our|my fault|mistake|error|failure|responsibility|failing
we|i ~ failed|fail
let you down
we|i were|was|are|am wrong|responsible
we|i ~ admit|acknowledge|accept
you are|re right
sorry|apolog*
should not have happened
shouldn t have happened
on us"),
    (En, Offers, "
refund*
compensat*
reimburs*
voucher*|gift|discount|goodwill
free of charge|month
credit ~ account|you|your
for free
offer you
waive*"),
];

/// Words by which somebody on our side undertakes to do something.
pub(super) static COMMITMENTS: &[(Lang, &str)] = &[
    (Es, "
reviso|revisamos|revisare|revisaremos|compruebo|comprobamos|comprobare|comprobaremos
contesto|contestamos|contestare|contestaremos|respondo|respondemos|respondere|responderemos
digo|decimos|dire|diremos|explico|explicamos|explicare|explicaremos|informare|informaremos
cuento|contamos|contare|contaremos|publico|publicamos|publicare|publicaremos
llamo|llamamos|llamare|llamaremos|escribo|escribimos|escribire|escribiremos|llamara|contestara|respondera|escribira|revisara
me ocupo|encargo
nos ocupamos|encargamos
devolvemos|devolveremos|devuelvo|resuelvo|resolvemos|resolvere|resolveremos|arreglo|arreglamos|arreglaremos|arreglare
soluciono|solucionamos|solucionare|solucionaremos|envio|enviamos|enviare|enviaremos|ira|iremos|visitara
voy|vamos a
tendra ~ respuesta"),
    (En, "
will|ll
we are|re ~ going|checking|calling|on
i am|m ~ going|checking|calling|on"),
    (Pt, "
respondo|respondemos|responderei|responderemos|verifico|verificamos|explico|explicamos|conto|contamos
publico|publicamos|ligo|ligamos|ligarei|ligaremos|trato|tratamos|escrevo|escrevemos|digo|dizemos|diremos
vou|vamos
tera ~ resposta"),
    (Fr, "
reponds|repondons|repondrai|repondrons|verifie|verifions|explique|expliquons|raconte|racontons
publie|publions|appelle|appelons|appellerai|appellerons|ecris|ecrivons|ecrirons|dis|disons|donne|donnons
je vais
nous allons
aurez ~ reponse"),
    (It, "
rispondo|rispondiamo|rispondero|risponderemo|verifico|verifichiamo|spiego|spieghiamo|racconto|raccontiamo
pubblico|pubblichiamo|chiamo|chiamiamo|chiamero|chiameremo|scrivo|scriviamo|dico|diciamo|occupo|occupiamo
avra ~ risposta"),
    (De, "
antworte|antworten|erklare|erklaren|prufe|prufen|schreibe|schreiben|veroffentliche|veroffentlichen
rufe|rufen|kummere|kummern|sage|sagen|melde|melden|werde|werden
bekommen|lesen"),
    (Ca, "
responc|responem|respondre|respondrem|reviso|revisem|explico|expliquem|publico|publiquem
truco|truquem|trucare|trucarem|escric|escrivim|dic|diem|ocupo|ocupem|farem
tindra ~ resposta"),
];

/// Words that give a date or an hour.
pub(super) static DATES: &[(Lang, &str)] = &[
    (
        Es,
        "
hoy|manana|lunes|martes|miercoles|jueves|viernes|sabado|domingo|mediodia
en|dentro de|las|un|una|dos|tres|24|48|72|1|2|3|4|5 hora|horas|dia|dias|proximas|horas
esta tarde|noche|semana|misma
el dia
antes de|del ~ lunes|martes|miercoles|jueves|viernes|dia|las",
    ),
    (
        En,
        "
today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|noon
within|in 1|2|3|4|5|24|48|72|one|two|three|an|a hour|hours|day|days|week
this afternoon|evening|week",
    ),
    (
        Pt,
        "
hoje|amanha|segunda|terca|quarta|quinta|sexta|sabado|domingo
em 1|2|3|24|48|72 hora|horas|dia|dias",
    ),
    (
        Fr,
        "
aujourd|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche
sous|dans 1|2|3|24|48|72 heure|heures|jour|jours",
    ),
    (
        It,
        "
oggi|domani|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica
entro|in 1|2|3|24|48|72 ora|ore|giorno|giorni",
    ),
    (
        De,
        "
heute|morgen|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag
in|innerhalb|binnen ~ 1|2|3|24|48|72 stunde|stunden|tag|tagen",
    ),
    (
        Ca,
        "
avui|dema|dilluns|dimarts|dimecres|dijous|divendres|dissabte|diumenge
en 1|2|3|24|48|72 hora|hores|dia|dies",
    ),
];

/// Words that say "here, in public".
pub(super) static HERE: &[&str] = &[
    "aqui",
    "publico",
    "hilo",
    "here",
    "publicly",
    "thread",
    "ici",
    "publiquement",
    "qui",
    "hier",
    "offentlich",
    "public",
];

/// Words that turn a demand into its opposite: "no le pedimos que borre nada".
pub(super) static NEGATIONS: &[&str] = &[
    "no", "nunca", "jamas", "sin", "ni", "tampoco", "not", "never", "don", "won", "wouldn",
    "without", "nao", "pas", "jamais", "non", "mai", "nicht", "keine", "kein", "nie", "mai",
];
