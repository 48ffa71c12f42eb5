//! The worst phrases in Portuguese, French, Italian, German and Catalan.

use super::FaultKind::{self, Admits, Advert, Blame, Canned, Hide, Offers, PrivateOnly, Threat};
use crate::model::Lang::{self, Ca, De, Fr, It, Pt};

pub(super) static FAMILIES: &[(Lang, FaultKind, &str)] = &[
    (Pt, Hide, "
apag*|remov*|retir*|exclu*|elimin*|edit*|alter* ~ comentario*|avaliac*|publicac*|mensagem|critica*|opiniao"),
    (Pt, Blame, "
culpa sua
devia|deveria ter ~ lido|avisado|ligado
voce nao ~ leu|seguiu|avisou
como ja ~ dissemos|informamos
nao tem razao
caso isolado"),
    (Pt, Threat, "
acoes|medidas legais|judiciais
nossos advogados
difama*|calunia*
reserv* ~ direito
processar* ~ voce|por"),
    (Pt, Advert, "
aproveite
nossa|nossas|nova|novas oferta*|promoc*
conheca ~ nossos|novos
visite ~ nosso|nossa
siga nos"),
    (Pt, Canned, "
lamentamos|desculp* ~ transtorno*|incomodo*|inconveniente*
obrigado|obrigada|agradecemos ~ contato|contacto|feedback|comentario|opiniao
sua opiniao e ~ importante
prezad*|estimad*|caro client*
estamos|continuamos ~ trabalh*
a sua|inteira disposicao
o mais|mais breve possivel
mais rapido possivel"),
    (Pt, PrivateOnly, "
mensagem|por|em privad*|direta|dm|inbox
entre em contat*|contact*
ligue para
envie ~ mensagem|email|mail|dm"),
    (Pt, Admits, "
culpa|falha|erro nossa|nosso
nossa|nosso culpa|falha|erro
falhamos|erramos
desculp*|lamentamos
tem razao"),
    (Pt, Offers, "
reembols*|devolv*|compens*|indemniz*|indeniz*
desconto|gratis|gratuit*|vale"),
    (Fr, Hide, "
supprim*|retir*|effac*|modifi*|chang* ~ commentaire*|avis|message|publication|note|critique*"),
    (Fr, Blame, "
votre faute|erreur
vous auriez du
si vous aviez
vous n ~ avez pas ~ lu|suivi|prevenu|respecte
comme nous ~ deja ~ dit|indique|explique
vous avez tort
cas isole"),
    (Fr, Threat, "
poursuites|actions|action judiciaires|judiciaire|justice|legales
nos avocats
diffam*|calomni*
reserv* ~ droit
porter plainte"),
    (Fr, Advert, "
profitez
nos|notre nouvelle*|nouveaux|offre*|promotion*
decouvrez
visitez notre
suivez nous
code promo"),
    (Fr, Canned, "
desol*|excus* ~ desagrement*|gene|inconvenient*
nous regrettons|excusons ~ desagrement*|experience
merci ~ votre commentaire|avis|retour|message|patience|confiance
votre avis ~ important|compte
cher|chere|chers client*
nous restons ~ disposition
dans les meilleurs delais
des que possible
mettons tout en oeuvre"),
    (Fr, PrivateOnly, "
message|en|par prive|mp|dm
contactez nous|le|notre
appelez nous|le
ecrivez nous
envoyez nous"),
    (Fr, Admits, "
notre faute|erreur|responsabilite
faute|erreur ~ la notre
nous avons ~ failli|echoue|commis
excus*|desol*|pardon
vous avez raison"),
    (Fr, Offers, "
rembours*|dedommag*|indemnis*|compens*
remise|reduction|gratuit*|geste commercial|avoir ~ de"),
    (It, Hide, "
rimuov*|cancell*|elimin*|modific*|ritir*|togli* ~ commento|recensione|messaggio|valutazione|post|giudizio"),
    (It, Blame, "
colpa sua
avrebbe dovuto
se avesse ~ letto|avvisato|chiamato
lei non ha ~ letto|seguito|avvisato
come ~ gia ~ detto|spiegato|comunicato
non ha ragione
caso isolato"),
    (It, Threat, "
azioni|vie legali
nostri avvocati|legali
diffam*|calunni*
riserv* ~ diritto
querel*|denunci*"),
    (It, Advert, "
approfitt*
nostre|nostra|nuova|nuove offert*|promozion*
scopr* ~ nostr*|nuov*
visit* ~ nostro|sito
seguici|seguiteci
codice sconto"),
    (It, Canned, "
scusi*|scusiamo|dispiace|scuse ~ disagi*|inconvenient*|disguido
grazie ~ suo|sua|tuo|tua commento|recensione|feedback|opinione|pazienza
sua opinione ~ importante
gentile|caro|cara|spettabile cliente
a sua ~ disposizione
al piu presto
il prima possibile
stiamo lavorando"),
    (It, PrivateOnly, "
messaggio|in|via privat*|dm|direct
ci contatti
contattarci|contattateci
ci scriva a|in
chiami il|al"),
    (It, Admits, "
colpa|mancanza|errore|nostra|nostro nostra|nostro|colpa|errore|mancanza
abbiamo sbagliato
scusiamo|scuse|scuso|dispiace|spiacenti
ha ragione"),
    (It, Offers, "
rimbors*|risarc*|indennizz*
sconto|gratis|gratuit*|buono|omaggio"),
    (De, Hide, "
loschen|losche|entfernen|entferne|andern|bearbeiten|zuruckziehen ~ bewertung|kommentar|beitrag
bewertung|kommentar|beitrag|rezension ~ losch*|entfern*|ander*|zuruck*|bearbeit*"),
    (De, Blame, "
ihr|ihre eigener|eigene|eigenes fehler|schuld|versaumnis
ihr|ihre fehler|schuld
hatten sie ~ gelesen|gemeldet|angerufen
sie hatten ~ mussen|sollen
sie haben nicht|versaumt
wie ~ bereits|schon ~ mitgeteilt|gesagt|erklart
einzelfall"),
    (De, Threat, "
rechtliche schritte|konsequenzen
unser|unsere|unseren anwalt|anwalte|rechtsabteilung|anwalten
verleumd*|rufschadigung|ubler nachrede
behalten ~ vor
anzeige erstatten
verklag*"),
    (De, Advert, "
unser|unsere|neue|neues angebot*|aktion*
entdecken sie
besuchen sie
folgen sie uns
gutscheincode|rabattcode
jetzt sichern|bestellen|buchen"),
    (De, Canned, "
unannehmlichkeit*
danke|dank ~ feedback|ruckmeldung|bewertung|geduld|nachricht|kommentar
ihre meinung ~ wichtig
sehr geehrte* kund*|damen
stehen ~ verfugung
schnellstmoglich|baldmoglichst
arbeiten ~ daran
bedauern sehr|dass"),
    (De, PrivateOnly, "
private nachricht|nachrichten
per|als dm|pn|direktnachricht
kontaktieren sie ~ uns|unseren
melden sie sich ~ bei|unter
rufen sie ~ uns|an
schreiben sie uns ~ an|per|eine"),
    (De, Admits, "
unser|unsere fehler|schuld|versaumnis
versaumnis|fehler ~ unseres|unserer
wir haben ~ versagt|falsch
entschuldig*|leid
sie haben recht"),
    (De, Offers, "
erstatt*|entschadig*|ruckerstatt*
gutschein|rabatt|kostenlos|gutschrift|gratis"),
    (Ca, Hide, "
esborr*|elimin*|retir*|tre*|modific*|canvi* ~ comentari*|ressenya|opinio|publicacio|missatge|valoracio"),
    (Ca, Blame, "
culpa seva|vostra
hauria de|d ~ haver ~ llegit|avisat|trucat
si hagues ~ llegit|avisat|trucat
com ja ~ dir|dit|indicar
no te rao
cas aillat"),
    (Ca, Threat, "
accions|mesures legals|judicials
nostres advocats
difama*|calumni*
reserv* ~ dret
denunci*"),
    (Ca, Advert, "
aprofiti|aprofita
nostra|nostres|nova|noves ofert*|promocio*
descobreixi|descobreix
visiti ~ nostra|web
segueixi nos|ns"),
    (Ca, Canned, "
lamentem|sentim|disculpi* ~ molesties|inconvenients
gracies ~ seu|seva comentari|opinio|paciencia|ressenya
seva opinio ~ important
benvolgut*|estimat* client*
a la seva disposicio
al mes aviat possible
com mes aviat millor
estem|seguim treballant"),
    (Ca, PrivateOnly, "
missatge|per|en privat|directe|dm
contacti ~ amb|nosaltres
escrigui nos|ns
truqui al|a|ns
posi s|se ~ contacte"),
    (Ca, Admits, "
culpa|falta|error nostra|nostre
nostra|nostre culpa|falta|error
hem fallat|equivocat
disculp*|sentim|lamentem
te rao"),
    (Ca, Offers, "
reembors*|retornem|retornarem|compens*|indemnitz*
descompte|gratis|gratuit*|val"),
];
