//! Ends of words and changes of stems in the seven languages, folded.

use crate::model::Lang;

/// What is conjugated or inflected alike. All words are folded, ends stand between blanks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// How the written word ends; `-` for any end.
    pub(super) of: &'static str,
    pub(super) ends: &'static str,
    /// Ends to which pronouns are added: `cobrar` + `me` + `lo`.
    pub(super) hosts: &'static str,
    /// How the end of the stem may change, as `c>qu`, and `ie<e` for its last vowel.
    pub(super) changes: &'static str,
}

pub(super) const PRONOUNS_ES: &str = "me te se lo la los las le les nos os melo mela melos melas telo tela \
    telos telas selo sela selos selas noslo nosla noslos noslas oslo osla";
pub(super) const PRONOUNS_IT: &str =
    "mi ti si lo la li le ci vi ne gli melo mela meli mele telo tela selo sela";

/// What has one end: a form that is written out.
pub(super) const WHOLE: Class = Class {
    of: "",
    ends: "-",
    hosts: "",
    changes: "",
};
/// Verbs that are too short for a stem, with their forms.
pub(super) const SHORT: &[(Lang, &str, &str)] = &[
    (
        Lang::Es,
        "dar",
        "doy da das damos dais dan di diste dio dimos dieron daba dabas daban dare dara daran daria \
         darian de des demos den diera dieran diese dado dada dados dadas dando dandome dandonos \
         dandole dandoles dandote darme darnos darle darles darte darse darlo darla denme deme",
    ),
    (
        Lang::Es,
        "ver",
        "veo ve ves vemos veis ven vi viste vio vimos vieron veia veian vere vera veran veria verian \
         vea veas veamos vean viera vieran viese visto vista vistos vistas viendo viendolo verlo \
         verla verlos verse verme",
    ),
    (
        Lang::Es,
        "ser",
        "soy eres es somos sois son era eras eramos eran fui fuiste fue fuimos fueron sere sera \
         seran seria serian sea seas seamos sean fuera fueran fuese sido siendo serlo",
    ),
    (
        Lang::Pt,
        "dar",
        "dou da das damos dao dei deu deram dava davam dara darao daria de deem desse dado dada \
         dando",
    ),
    (
        Lang::Pt,
        "ver",
        "vejo ve ves vemos veem vi viu viram via viam vera verao veria veja vejam visto vista vendo",
    ),
    (Lang::En, "get", "gets got gotten getting"),
];

/// What German splits off its verbs.
pub(super) const SPLIT_DE: [&str; 10] = [
    "zuruck", "zusammen", "ab", "an", "auf", "aus", "ein", "nach", "vor", "zu",
];

pub(super) const ES: &[Class] = &[
    Class {
        of: "ar",
        ends: "ar o as a amos ais an aba abas abamos abais aban e aste asteis aron are aras aremos \
            areis aran aria arias ariamos ariais arian es emos eis en ara aramos arais ase ases \
            asemos aseis asen ad ando ado ada ados adas",
        hosts: "ar ando a e en ad",
        changes: "c>qu g>gu z>c ie<e ue<o ue<u",
    },
    Class {
        of: "er",
        ends: "er o es e emos eis en ia ias iamos iais ian i iste io imos isteis ieron ere eras era \
            eremos ereis eran eria erias eriamos eriais erian a as amos ais an iera ieras ieramos \
            ierais ieran iese ieses iesemos ieseis iesen ed iendo ido ida idos idas yo yeron yendo \
            yera yeran yese yesen",
        hosts: "er iendo yendo e a an ed",
        changes: "c>zc c>z g>j ie<e ue<o",
    },
    Class {
        of: "ir",
        ends: "ir o es e imos is en ia ias iamos iais ian i iste io isteis ieron ire iras ira iremos \
            ireis iran iria irias iriamos iriais irian a as amos ais an iera ieras ieramos ierais \
            ieran iese ieses iesemos ieseis iesen id iendo ido ida idos idas yo yes ye yen ya yas \
            yan yeron yendo yera yeran jo jeron jera",
        hosts: "ir iendo yendo e a an id",
        changes: "c>zc g>j gu>g ie<e i<e ue<o u<o",
    },
    Class {
        of: "os as o a",
        ends: "o a os as",
        hosts: "",
        changes: "c>qu g>gu z>c",
    },
    Class {
        of: "es e",
        ends: "e es",
        hosts: "",
        changes: "c>z",
    },
    Class {
        of: "-",
        ends: "- s es a as",
        hosts: "",
        changes: "z>c",
    },
];

pub(super) const PT: &[Class] = &[
    Class {
        of: "ar",
        ends: "ar o as a amos ais am ava avas avamos avam ei aste ou aram ara aras aramos arei \
            aremos arao aria arias ariamos ariam e es emos em asse asses assemos assem ando ado ada \
            ados adas ares armos arem",
        hosts: "",
        changes: "c>qu g>gu",
    },
    Class {
        of: "er",
        ends: "er o es e emos eis em ia ias iamos iam i este eu eram era eras eramos erei eremos \
            erao eria eriam a as amos am esse essem endo ido ida idos idas eres ermos erem",
        hosts: "",
        changes: "c>z g>j",
    },
    Class {
        of: "ir",
        ends: "ir o es e imos is em ia ias iamos iam i iste iu iram ira iras iremos irao iria iriam \
            a as amos am isse issem indo ido ida idos idas ires irmos irem",
        hosts: "",
        changes: "g>j i<e u<o",
    },
    Class {
        of: "oes aos aes ao",
        ends: "ao oes aos aes",
        hosts: "",
        changes: "",
    },
    Class {
        of: "ais al",
        ends: "al ais",
        hosts: "",
        changes: "",
    },
    Class {
        of: "ens em",
        ends: "em ens",
        hosts: "",
        changes: "",
    },
    Class {
        of: "os as o a",
        ends: "o a os as",
        hosts: "",
        changes: "",
    },
    Class {
        of: "es e",
        ends: "- e es",
        hosts: "",
        changes: "",
    },
    Class {
        of: "-",
        ends: "- s es a as",
        hosts: "",
        changes: "",
    },
];

pub(super) const CA: &[Class] = &[
    Class {
        of: "ar",
        ends: "ar o es a em eu en ava aves avem aveu aven i is in ares arem areu aran are ara aria \
            aries ariem arieu arien es essis essim essin ant at ada ats ades",
        hosts: "",
        changes: "c>qu g>gu j>g ç>c",
    },
    Class {
        of: "er re",
        ends: "er re o s - em eu en ia ies iem ieu ien i is in res ra rem reu ran re ria es essim \
            ent ut uda uts udes",
        hosts: "",
        changes: "",
    },
    Class {
        of: "ir",
        ends: "ir o eixo eixes eix eixen im iu ia ies iem ieu ien i is in ire iras ira irem ireu \
            iran iria irien is issim issin int it ida its ides",
        hosts: "",
        changes: "",
    },
    Class {
        of: "es a",
        ends: "a es",
        hosts: "",
        changes: "c>qu g>gu j>g",
    },
    Class {
        of: "ons o",
        ends: "o ons os",
        hosts: "",
        changes: "",
    },
    Class {
        of: "-",
        ends: "- s os a es ns",
        hosts: "",
        changes: "",
    },
];

pub(super) const FR: &[Class] = &[
    Class {
        of: "er",
        ends: "er e es ons eons ez ent ais eais ait eait ions iez aient eaient ai eai as a ea ames \
            ates erent erai eras era erons erez eront erais erait erions eriez eraient ee ees ant \
            eant",
        hosts: "",
        changes: "oy>oi uy>ui",
    },
    Class {
        of: "ir",
        ends: "ir is it issons issez issent issais issait issions issiez issaient i ie ies irent \
            irai iras ira irons irez iront irais irait iraient issant ons ez ent ais ait aient s t \
            u ue us ues ant",
        hosts: "",
        changes: "",
    },
    Class {
        of: "re",
        ends: "re res s - t ons ez ent ais ait ions iez aient is it irent u ue us ues rai ras ra rons \
            rez ront rais rait raient ant",
        hosts: "",
        changes: "",
    },
    Class {
        of: "aux al",
        ends: "al aux",
        hosts: "",
        changes: "",
    },
    Class {
        of: "es s e",
        ends: "- e es s",
        hosts: "",
        changes: "",
    },
    Class {
        of: "-",
        ends: "- e es s x",
        hosts: "",
        changes: "",
    },
];

pub(super) const IT: &[Class] = &[
    Class {
        of: "are",
        ends: "are ar o i a iamo ate ano ava avo avi avamo avate avano ai asti ammo aste arono ero \
            erai era eremo erete eranno erei eresti erebbe eremmo ereste erebbero ino assi asse \
            assimo assero ando ato ata ati ate",
        hosts: "ar ando ato ata a",
        changes: "c>ch g>gh ci>c gi>g",
    },
    Class {
        of: "ere",
        ends: "ere er o i e iamo ete ono eva evo evi evamo evate evano ei etti esti ette emmo este \
            erono ettero ero erai era eremo erete eranno erei erebbe a ano essi esse essero endo \
            uto uta uti ute so sa si se",
        hosts: "er endo",
        changes: "",
    },
    Class {
        of: "ire",
        ends: "ire ir o i e isco isci isce iscono iamo ite ono iva ivo ivi ivamo ivate ivano ii isti \
            immo iste irono iro irai ira iremo irete iranno irei irebbe a ano isca iscano issi isse \
            issero endo ito ita iti ite",
        hosts: "ir endo",
        changes: "",
    },
    Class {
        of: "o a i e",
        ends: "o a i e",
        hosts: "",
        changes: "c>ch g>gh",
    },
    Class {
        of: "-",
        ends: "-",
        hosts: "",
        changes: "",
    },
];

pub(super) const EN: &[Class] = &[
    Class {
        of: "e",
        ends: "e es ed ing er ers",
        hosts: "",
        changes: "",
    },
    Class {
        of: "ies ied ying y",
        ends: "y ies ied ying ys yed",
        hosts: "",
        changes: "",
    },
    Class {
        of: "-",
        ends: "- s es ed ing er ers",
        hosts: "",
        changes: "+",
    },
];

pub(super) const DE: &[Class] = &[
    Class {
        of: "en",
        ends: "en e st t est et te test ten tet ete etest eten end ende enden er ern n s - es em",
        hosts: "",
        changes: "ge<",
    },
    Class {
        of: "e",
        ends: "- e en er es em n s",
        hosts: "",
        changes: "",
    },
    Class {
        of: "-",
        ends: "- e en er ern es em n s ns",
        hosts: "",
        changes: "",
    },
];

/// Verbs whose stem changes as no rule says: how the infinitive ends, and what stands in its place.
pub(super) const IRREGULAR: &[(Lang, &str, &str)] = &[
    (Lang::Es, "tener", "tuv teng tien tendr"),
    (Lang::Es, "hacer", "hic hiz hag har hech"),
    (Lang::Es, "decir", "dij dig dic dir dich"),
    (Lang::Es, "poder", "pud podr"),
    (Lang::Es, "poner", "pus pong pondr puest"),
    (Lang::Es, "querer", "quis querr"),
    (Lang::Es, "venir", "vin veng vendr"),
    (Lang::Es, "traer", "traj traig"),
    (Lang::Es, "estar", "estuv"),
    (Lang::Es, "andar", "anduv"),
    (Lang::Es, "romper", "rot"),
    (Lang::Es, "volver", "vuelt"),
    (Lang::Es, "olver", "uelt"),
    (Lang::Es, "brir", "biert"),
    (Lang::Es, "cribir", "crit"),
    (Lang::Es, "caer", "caig"),
    (Lang::Es, "salir", "salg saldr"),
    (Lang::Es, "ducir", "duj"),
    (Lang::Pt, "fazer", "fiz fez fac far feit"),
    (Lang::Pt, "dizer", "diss dig dit dir"),
    (Lang::Pt, "poder", "pud poss"),
    (Lang::Fr, "prendre", "pri pren prenn"),
    (Lang::Fr, "mettre", "mi met"),
    (Lang::Fr, "venir", "vien vin vienn viend"),
    (Lang::It, "rispondere", "rispos rispost"),
    (Lang::It, "chiedere", "chies chiest"),
    (Lang::It, "rompere", "rupp rott"),
    (Lang::It, "perdere", "pers"),
    (Lang::It, "mettere", "mis mess"),
    (Lang::En, "pay", "paid"),
    (Lang::En, "send", "sent"),
    (Lang::En, "spend", "spent"),
    (Lang::En, "buy", "bought"),
    (Lang::En, "break", "broke broken"),
    (Lang::En, "take", "took taken"),
    (Lang::En, "lose", "lost"),
    (Lang::En, "steal", "stole stolen"),
    (Lang::En, "tell", "told"),
    (Lang::En, "write", "wrote written"),
    (Lang::En, "leave", "left"),
    (Lang::En, "hang", "hung"),
    (Lang::En, "keep", "kept"),
    (Lang::De, "gehen", "ging gegang"),
    (Lang::De, "brechen", "brach gebroch"),
    (Lang::De, "lassen", "liess gelass"),
    (Lang::De, "schreiben", "schrieb geschrieb"),
];
