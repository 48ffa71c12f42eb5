//! Portuguese, in a wording that reads well on both sides of the ocean.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Olá, {name}:", "Olá:"],
    open_contact: &[
        "{hi} na sua mensagem {stamp} conta que {contact}; [isso não devia ter acontecido/essa \
         falha é nossa], e <peço|pedimos> desculpa.",
        "{hi} em primeiro lugar, <peço|pedimos> desculpa porque, segundo a sua mensagem {stamp}, \
         {contact}.",
        "{silent}{hi} {contact}, como diz na sua mensagem {stamp}, e [esse silêncio é culpa \
         nossa/por esse silêncio respondemos nós].",
    ],
    open_plain: &[
        "{hi} <lamento|lamentamos> o que conta na sua mensagem {stamp} e que merece uma resposta \
         concreta.",
        "{hi} <agradeço|agradecemos> que [conte/explique] na sua mensagem {stamp} o que \
         aconteceu, porque assim sabemos por onde começar.",
        "{hi} <respondo|respondemos> aqui mesmo, onde escreveu a sua mensagem {stamp}, porque \
         lhe devemos uma explicação clara.",
    ],
    thanks: &[
        "<Agradeço|Agradecemos>, {name}, os {years} que diz ter connosco.",
        "E <agradeço|agradecemos>, {name}, a confiança dos {years} que refere.",
    ],
    fault_years: &[
        "<Agradeço|Agradecemos>{call} os {years} que diz ter connosco, e que diga com clareza o \
         que falha: {quote}.",
        "<Agradeço|Agradecemos>{call} a confiança dos {years} que refere, e não <quero|queremos> \
         que acabe nisto: {quote}.",
    ],
    years_bare: &[
        "<Agradeço|Agradecemos> os {years} que diz ter connosco: o seu caso é o {ref}, sobre \
         {topic}.",
    ],
    fault: &[
        "[O que é preciso resolver/O que falta resolver]{call} está nas suas palavras: {quote}.",
        "De toda a sua mensagem{call} <fico|ficamos> com isto, que é o que é preciso resolver: \
         {quote}.",
        "Escreve{call} {quote}, e sobre isso <devo-lhe|devemos-lhe> uma explicação.",
    ],
    fault_bare: &["O que é preciso esclarecer é {topic}, e para isso <abri|abrimos> o caso {ref}."],
    step: &[
        "<Trato disto pessoalmente|Tratamos nós disto>: {by} <digo|dizemos> aqui mesmo o que \
         aconteceu com {topic} e o que vamos fazer (caso {ref}).",
        "<Verifico|Verificamos> {topic} e {by} <respondo|respondemos> aqui, à vista de todos; se \
         preferir falar por outro meio, o seu caso é o {ref}.",
        "{by} terá aqui a <minha|nossa> resposta sobre {topic}; se quiser falar antes, basta o \
         número de caso {ref}.",
    ],
    step_offer: &[
        "<Verifico|Verificamos> {topic} (caso {ref}), <respondo|respondemos> aqui {by} e, se for \
         como conta, {offer}.",
        "{by} terá aqui a <minha|nossa> resposta sobre {topic} (caso {ref}); se o que conta se \
         confirmar, {offer}.",
    ],
    step_all: &[
        "{by} <conto|contamos> aqui, para si e para quem esteja na mesma situação, o que \
         aconteceu com {topic} e o que vamos fazer (caso {ref}).",
        "<Verifico|Verificamos> {topic} e {by} <digo|dizemos> aqui o que se puder dizer em \
         público; o que for só seu fica entre nós (caso {ref}).",
    ],
    step_leave: &[
        "{by} <respondo|respondemos> aqui sobre {topic} (caso {ref}), e <gostava|gostávamos> que \
         depois quisesse ficar.",
    ],
    step_gone: &[
        "Mesmo que já tenha saído, {by} terá aqui a <minha|nossa> resposta sobre {topic} (caso \
         {ref}), porque <lha devo|lha devemos>.",
    ],
    careful_open: &[
        "{hi} lemos [com atenção/por inteiro] a sua mensagem {stamp}, e vamos tratá-la com o \
         cuidado que pede.",
        "{hi} à sua mensagem {stamp} vai responder uma pessoa, e não um robô.",
    ],
    careful_step: &[
        "<Deste assunto trato eu, {who}|Deste assunto trata uma pessoa responsável da \
         {company}>: {by} <escrevo|escrevemos> aqui qual é o próximo passo. Escolha por onde \
         falamos: basta o número do caso, {ref}.",
        "<Este caso fica comigo, {who},|Deste caso trata uma pessoa responsável da {company}> e \
         {by} <digo|dizemos> aqui como e quando podemos conversar. Não é preciso publicar nenhum \
         dado: basta o número de caso {ref}.",
    ],
    safety_open: &[
        "{hi} antes de mais, <espero|esperamos> que esteja bem, e os seus também; do que conta \
         na sua mensagem {stamp} trata uma pessoa.",
        "{hi} <li|lemos> com preocupação a sua mensagem {stamp}, e <espero|esperamos> que esteja \
         bem, assim como os seus.",
    ],
    vague_open: &[
        "{hi} <lamento|lamentamos> o que a sua mensagem {stamp} deixa perceber, e \
         <quero|queremos> saber a causa.",
        "{hi} a sua mensagem {stamp} deixa claro o descontentamento; o que ainda não \
         <sei|sabemos> é o que aconteceu.",
    ],
    vague_step: &[
        "<Conte-me|Conte-nos> aqui o que aconteceu, ou por onde preferir com o número de caso \
         {ref}, e {by} <respondo|respondemos> aqui.",
        "Se <me|nos> contar aqui o que aconteceu, {by} terá aqui a <minha|nossa> resposta; se \
         preferir outro meio, o seu caso é o {ref}.",
    ],
    stamp_day: "de {day},",
    stamp_day_ref: "de {day} (caso {ref}),",
    stamp_ref: "(caso {ref})",
    quotes: ["“", "”"],
    years: "{n} anos",
    numbers: [
        "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez",
    ],
    contact: Contact {
        verb,
        any: "tentou falar connosco",
        wrote: "escreveu",
        also: [", ligou", ", escreveu", ", foi à loja"],
        nobody: [
            "ninguém atendeu",
            "ninguém respondeu",
            "o assunto continua por resolver",
        ],
        times: [
            "uma vez",
            "duas vezes",
            "três vezes",
            "quatro vezes",
            "cinco vezes",
            "seis vezes",
            "sete vezes",
            "oito vezes",
            "nove vezes",
            "dez vezes",
        ],
        times_n: "{n} vezes",
        several: "várias vezes",
        clause: [
            "{verb} {times} em {d} dias{also} e {nobody}",
            "{verb} {times}{also} e {nobody}",
            "espera há {d} dias por uma resposta",
            "{verb}{also} e {nobody}",
        ],
    },
    topic,
    topic_none: "o que aconteceu",
};

fn verb(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => "ligou",
        Channel::Mail => "escreveu por e-mail",
        Channel::Chat => "escreveu pelo chat",
        Channel::Form => "preencheu o formulário",
        Channel::Shop => "foi à loja",
        Channel::Social => "nos escreveu nas redes sociais",
        Channel::Letter => "nos escreveu uma carta",
        Channel::App => "escreveu pela aplicação",
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Billing => "a cobrança",
        Topic::Price => "o preço",
        Topic::Contract => "o contrato",
        Topic::Delivery => "a entrega",
        Topic::Outage => "a avaria",
        Topic::Quality => "a qualidade do serviço",
        Topic::System => "a falha do sistema",
        Topic::Install => "a instalação",
        Topic::Staff => "a forma como foi tratado o assunto",
        Topic::Support => "o atendimento",
        Topic::Refund => "a devolução",
        Topic::Information => "a informação dada",
    }
}
