//! English, plain and without "we apologise for any inconvenience".

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Hello {name},", "Hello,"],
    open_contact: &[
        "{hi} in your message {stamp} you say that {contact}; [that should not have \
         happened/that failure is ours], and <I apologise|we apologise>.",
        "{hi} first of all, <I am|we are> sorry: according to your message {stamp}, {contact}.",
        "{silent}{hi} {contact}, as you say in your message {stamp}, and [that silence was our \
         fault/that silence should not have happened].",
        "{hi} let <me|us> start with our own part: your message {stamp} says that {contact}, and \
         <I|we> owe you an apology.",
    ],
    open_plain: &[
        "{hi} <I am|we are> sorry for what you describe in your message {stamp}, and it deserves \
         [a concrete answer/a clear answer].",
        "{hi} thank you for [setting out/telling us] in your message {stamp} what happened: now \
         we know [where to look/where to begin].",
        "{hi} <I am|we are> answering right here, where you wrote your message {stamp}, because \
         [we owe you/you have a right to] a clear explanation.",
        "{hi} what you describe in your message {stamp} is not how we want to do things, and \
         [you are right to say so/it is good that you say so].",
    ],
    thanks: &[
        "Thank you, {name}, for the {years} you say you have been with us.",
        "And thank you, {name}, for the trust of the {years} you mention.",
    ],
    fault_years: &[
        "Thank you{call} for the {years} with us that you mention, and for saying plainly what \
         is wrong: {quote}.",
        "<I am|We are> grateful{call} for the {years} you mention, and would not want them to \
         end like this: {quote}.",
        "Thank you{call} for the trust of the {years} you mention; what [has to be/needs to be] \
         put right now is what you write: {quote}.",
    ],
    years_bare: &[
        "Thank you for the {years} with us that you mention: your case is {ref}, and it \
         [starts/begins] with {topic}.",
        "<I am|We are> grateful for the {years} you mention, and that is why case {ref} is open, \
         to clear up {topic}.",
    ],
    fault: &[
        "[What has to be put right/What needs fixing]{call} is best said in your own words: \
         {quote}.",
        "From all you tell us{call} <I take|we take> this as the thing to put right: {quote}.",
        "You write{call} {quote}, and <I owe|we owe> you an explanation [of that/for that].",
        "This{call} needs a [clear/concrete] answer and not just kind words: {quote}.",
    ],
    fault_bare: &[
        "What has to be cleared up is {matter}, and <I have|we have> opened case {ref} [for \
         that/to do so].",
        "<I have|We have> opened case {ref} to [look into/go through] {topic} carefully, from \
         start to end.",
    ],
    step: &[
        "<I am taking this on myself|We are taking this on>: {by} <I will|we will> tell you \
         right here what happened with {topic} and what we are going to do (case {ref}).",
        "<I will|We will> check {topic} and answer you here, in public, {by}; should you prefer \
         another way to talk, your case is {ref}.",
        "{by} you will have <my|our> answer here about {topic}; if you want to talk sooner, just \
         give the case number {ref}.",
        "<I am {who} and I am seeing to this|We are seeing to this>: {by} <I will|we will> \
         answer you here about {topic} (case {ref}).",
    ],
    step_offer: &[
        "<I will|We will> check {topic} (case {ref}), answer you right here {by} and, if it is \
         as you say, {offer}.",
        "{by} you will have <my|our> answer here about {topic} (case {ref}); if what you say is \
         confirmed, {offer}.",
        "<I am {who} and I will see to it|We will see to it>, under case {ref}: {by} <I will|we \
         will> answer you here and, if it is confirmed, {offer}.",
    ],
    step_all: &[
        "{by} <I will|we will> explain here, for you and for anyone in the same position, what \
         happened with {topic} and what we are going to do (case {ref}).",
        "<I will|We will> check {topic} and tell you here {by} what can be told in public; what \
         is personal stays between us (case {ref}).",
    ],
    step_leave: &[
        "{by} <I will|we will> answer you here about {topic} (case {ref}), and <I|we> would be \
         glad if you then wanted to stay.",
        "Whether you stay is your decision; before that, {by} you will have <my|our> answer here \
         about {topic} (case {ref}).",
    ],
    step_gone: &[
        "Even if you have already left, {by} you will have <my|our> answer here about {topic} \
         (case {ref}), because <I|we> owe it to you.",
    ],
    careful_open: &[
        "{hi} we have read your message {stamp} [from start to end/with care], and will treat it \
         with the care it calls for.",
        "{hi} your message {stamp} will be answered by a person, not by an automatic message.",
        "{hi} what you raise in your message {stamp} [calls for/needs] a person to study it, and \
         it has one.",
    ],
    careful_step: &[
        "<I, {who}, am taking this up myself|A responsible person at {company} is taking this \
         up>: {by} <I will|we will> tell you here what the next step is. Where we talk is your \
         choice, and the case number {ref} is enough.",
        "<I, {who}, am handling this myself,|A responsible person at {company} is handling \
         this,> and {by} <I will|we will> tell you here how and when we can talk. There is no \
         need to post any personal details: the case number {ref} is enough.",
    ],
    safety_open: &[
        "{hi} first of all, <I hope|we hope> that you and yours are safe; what you describe in \
         your message {stamp} is being looked into by a person.",
        "{hi} <I have|we have> read your message {stamp} with concern, and <I hope|we hope> that \
         you and yours are well.",
    ],
    vague_open: &[
        "{hi} <I am|we are> sorry to read in your message {stamp} how unhappy you are, and <I \
         want|we want> to know why.",
        "{hi} your message {stamp} makes it plain that you are unhappy, and what <I do|we do> \
         not know yet is what happened.",
    ],
    vague_step: &[
        "Please tell <me|us> here what happened, or by any other way with the case number {ref}, \
         and <I will|we will> answer you here {by}.",
        "If you tell <me|us> here what happened, you will have <my|our> answer here {by}; should \
         you prefer another way, your case is {ref}.",
    ],
    stamp_day: "of {day}",
    stamp_day_ref: "of {day} (case {ref})",
    stamp_ref: "(case {ref})",
    quotes: ["“", "”"],
    years: "{n} years",
    numbers: [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ],
    contact: Contact {
        verb,
        any: "you tried to reach us",
        wrote: "you wrote to us",
        also: [", you called", ", you wrote", ", you went to the shop"],
        nobody: [
            "nobody answered",
            "nobody answered",
            "it has still not been put right",
        ],
        times: [
            "once",
            "twice",
            "three times",
            "four times",
            "five times",
            "six times",
            "seven times",
            "eight times",
            "nine times",
            "ten times",
        ],
        times_n: "{n} times",
        several: "several times",
        clause: [
            "{verb} {times} in {d} days{also} and {nobody}",
            "{verb} {times}{also} and {nobody}",
            "you have been waiting {d} days for an answer",
            "{verb}{also} and {nobody}",
        ],
    },
    topic,
    topic_none: "what you describe",
};

fn verb(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => "you called",
        Channel::Mail => "you e-mailed us",
        Channel::Chat => "you wrote to us on the chat",
        Channel::Form => "you filled in our form",
        Channel::Shop => "you went to the shop",
        Channel::Social => "you wrote to us on social media",
        Channel::Letter => "you wrote us a letter",
        Channel::App => "you wrote to us from the app",
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Billing => "the charge",
        Topic::Price => "the price",
        Topic::Contract => "the contract",
        Topic::Delivery => "the delivery",
        Topic::Outage => "the outage",
        Topic::Quality => "the quality of the service",
        Topic::System => "the system failure",
        Topic::Install => "the installation",
        Topic::Staff => "our staff’s behaviour",
        Topic::Support => "the support you got",
        Topic::Refund => "the refund",
        Topic::Information => "the information you were given",
    }
}
