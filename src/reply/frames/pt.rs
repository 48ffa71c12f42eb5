//! Portuguese, in a wording that reads well on both sides of the ocean.

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Olá, {name}:", "Olá:"],
    open_contact: &[
        "{hi} na sua mensagem {stamp} conta que {contact}; [essa falha é nossa/isso não devia ter \
         acontecido], e a primeira coisa que lhe <devo|devemos> é um pedido de desculpas.",
        "{hi} <começo|começamos> pelo que mais [pesa/preocupa] na sua mensagem {stamp}: segundo \
         conta, {contact}, e [por isso respondemos nós/essa falha é nossa].",
        "{hi} antes de tudo, <peço|pedimos> desculpa por esse silêncio: segundo a sua mensagem \
         {stamp}, {contact}, e [ninguém devia passar por isso/ninguém devia ficar assim].",
        "{hi} <li|lemos> [com atenção/por inteiro] a sua mensagem {stamp} e, se {contact}, \
         [falhámos consigo/não estivemos onde devíamos estar].",
    ],
    open_plain: &[
        "{hi} <li|lemos> [com atenção/por inteiro] a sua mensagem {stamp}, e ela merece uma \
         resposta concreta, não uma fórmula.",
        "{hi} <agradeço|agradecemos> que [conte/explique] o que aconteceu na sua mensagem {stamp} \
         [com tanta clareza/sem rodeios].",
        "{hi} a sua mensagem {stamp} não vai ficar sem resposta, e [menos ainda/muito menos] com \
         uma resposta de modelo.",
    ],
    fault_years: &[
        "<Agradeço|Agradecemos> os {years} que diz ter passado connosco; por isso mesmo não \
         <quero|queremos> passar por cima do que escreveu {at}: {quote}{tail}.",
        "Diz que é cliente há {years}, e agradecemos; o que [é preciso/falta] esclarecer agora é \
         o que descreve {at}, {quote}{tail}.",
        "Os {years} que menciona merecem mais do que palavras bonitas, por isso vamos ao \
         concreto: {at} escreve {quote}{tail}.",
    ],
    years_bare: &[
        "<Agradeço|Agradecemos> os {years} que diz ter passado connosco; por isso mesmo é preciso \
         esclarecer bem o que conta {at} sobre {topic}{tail}.",
        "Diz que é cliente há {years}, e agradecemos; o que conta {at} sobre {topic} merece uma \
         resposta à altura{tail}.",
        "Os {years} que menciona merecem mais do que palavras bonitas, e por isso vamos ao que \
         conta {at} sobre {topic}{tail}.",
    ],
    fault: &[
        "[O essencial/O ponto concreto] é o que escreve {at}, {quote}: é isso que é preciso \
         esclarecer sobre {topic}{tail}.",
        "Escreve {at} {quote}, e é [exatamente/justamente] isso que é preciso resolver{tail}.",
        "De tudo o que conta, <fico|ficamos> com o que diz {at}, {quote}, porque [está aí o \
         problema/o resto vem daí]{tail}.",
    ],
    fault_bare: &[
        "O que conta {at} [tem a ver com/aponta para] {topic}, e é isso que é preciso \
         esclarecer{tail}.",
        "[O essencial/O ponto concreto] é o que explica {at} sobre {topic}, e devemos-lhe uma \
         resposta{tail}.",
        "Do que diz {at}, <fico|ficamos> com o essencial, que é {topic}{tail}.",
    ],
    step: &[
        "<Trato disto pessoalmente|Tratamos nós disto>: <verifico|verificamos> {topic} e \
         <respondo|respondemos> aqui mesmo {by}; pode continuar a escrever aqui ou por onde \
         preferir, com a referência {ref}.",
        "<Abri|Abrimos> um caso e, {by}, <explico|explicamos> aqui o que aconteceu com {topic} e \
         o que vamos fazer; o canal para falar é escolha sua, com a referência {ref}.",
        "O próximo passo é nosso: {by} terá aqui a <minha|nossa> resposta sobre {topic}, e pode \
         perguntar onde preferir com a referência {ref}.",
    ],
    step_offer: &[
        "<Trato disto pessoalmente|Tratamos nós disto> com a referência {ref}: \
         <verifico|verificamos> {topic}, <respondo|respondemos> aqui {by} e, se for como conta, \
         {offer}.",
        "Com a referência {ref} <verifico|verificamos> {topic} e {by} <digo|dizemos> aqui o \
         resultado; se os dados confirmarem o que conta, {offer}.",
    ],
    step_all: &[
        "<Verifico|Verificamos> {topic} e {by} <conto|contamos> aqui, para si e para quem esteja \
         na mesma situação, o que falhou e como se resolve; a referência é {ref}.",
        "{by} <publico|publicamos> nesta mesma página o que soubermos sobre {topic}, para si e \
         para quem leia isto, com a referência {ref}.",
        "Não será uma resposta em privado: {by} <explico|explicamos> aqui, caso {ref}, o que \
         encontrámos sobre {topic} e o que mudamos.",
    ],
    careful_open: &[
        "{hi} lemos [com atenção/por inteiro] a sua mensagem {stamp} e vamos tratá-la com o \
         cuidado que pede.",
        "{hi} a sua mensagem {stamp} vai ter a resposta de uma pessoa, não a de um formulário.",
    ],
    careful_step: &[
        "<Deste assunto trato eu, {who}|Deste assunto trata uma pessoa responsável da {company}>: \
         {by} <escrevo|escrevemos> aqui qual é o próximo passo, com a referência {ref}; o canal \
         para falar é escolha sua.",
        "<Quem trata disto sou eu, {who},|Disto trata uma pessoa responsável da {company}> e {by} \
         <digo|dizemos> aqui quem vai falar consigo e quando; não é preciso publicar nenhum dado, \
         basta a referência {ref}.",
    ],
    tails: [
        "; se já saiu, como diz, queremos que tenha ao menos uma resposta",
        "; se depois da nossa resposta decidir sair, respeitaremos",
        "; ainda mais se, como conta, não é a primeira vez",
        "; e o mesmo vale para quem, segundo conta, está igual",
    ],
    stamp_day: "de {day}",
    stamp_hour: "de {day} {hour}",
    stamp_day_ref: "de {day} (referência {ref})",
    stamp_ref: "(referência {ref})",
    at_ref: "na sua mensagem ({ref})",
    quotes: ["“", "”"],
    years: "{n} anos",
    numbers: [
        "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez",
    ],
    contact: Contact {
        verb,
        any: "tentou falar connosco",
        nobody: ["ninguém atendeu", "ninguém respondeu"],
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
        clause: [
            "{verb} {times} em {d} dias e {nobody}",
            "{verb} {times} e {nobody}",
            "espera há {d} dias por uma resposta",
            "{verb} e {nobody}",
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
