//! English, plain and without "we apologise for any inconvenience".

use super::{Contact, Frames};
use crate::model::{Channel, Topic};

pub(super) static FRAMES: Frames = Frames {
    hi: ["Hello {name},", "Hello,"],
    open_contact: &[
        "{hi} in your message {stamp} you tell us that {contact}; [that is our failure/that \
         should not have happened], and [an apology comes first/the first thing <I|we> owe you is \
         an apology].",
        "{hi} let <me|us> begin with what [weighs most/matters most] in your message {stamp}: as \
         you tell it, {contact}, and [that one is on us/we answer for that].",
        "{hi} before anything else, <I am|we are> sorry: according to your message {stamp}, \
         {contact}, and [nobody should be left like that/nobody should have to go through that].",
        "{hi} <I have|we have> read your message {stamp} [from start to end/with care], and if \
         {contact}, then [we let you down/we were not there when we should have been].",
        "{hi} you write in your message {stamp} that {contact}; [you have every reason to \
         complain/you are right to say so], and <I apologise|we apologise> for [that silence/not \
         being there].",
        "{hi} {contact}: that is what your message {stamp} tells us, and [that silence is ours to \
         answer for/the silence was ours].",
    ],
    open_plain: &[
        "{hi} <I have|we have> read your message {stamp} [from start to end/with care], and it \
         deserves [a concrete answer, not a formula/a proper answer].",
        "{hi} thank you for [setting out/telling us] what happened in your message {stamp} [so \
         clearly/so plainly]: [that is how things get fixed/it shows us where to look].",
        "{hi} your message {stamp} will not go unanswered, [and not with a template either/least \
         of all with a template].",
        "{hi} what you describe in your message {stamp} is not [how we want to do things/what \
         anyone expects of us], and [you are right to say so/it is good that you say so].",
        "{hi} <I am|we are> answering your message {stamp} here, where you wrote it: [you have a \
         right to/we owe you] a clear explanation.",
    ],
    fault_years: &[
        "Thank you for the {years} you say you have spent with us; [that is exactly why/for that \
         very reason] <I do|we do> not want to pass over what you wrote {at}: {quote}{tail}.",
        "You say you have been a customer for {years}, and [we are grateful for that/thank you \
         for that]; what [needs clearing up/has to be sorted out] now is what you describe {at}, \
         {quote}{tail}.",
        "You mention {years} with us: thank you for them, and thank you for naming {at} [the \
         actual problem/what is wrong], {quote}{tail}.",
        "The {years} you mention deserve thanks and more than kind words, so to the point: {at} \
         you write {quote}{tail}.",
        "That someone who, as you tell us, has been with us for {years} has to write {at} {quote} \
         [matters to us a great deal/does not leave us cold], and we thank you for those \
         years{tail}.",
    ],
    years_bare: &[
        "Thank you for the {years} you say you have spent with us; that is why what you tell us \
         {at} about {topic} [needs a proper answer/has to be cleared up]{tail}.",
        "You say you have been a customer for {years}, and we are grateful; what you \
         [explain/describe] {at} about {topic} deserves an answer to match{tail}.",
        "The {years} you mention deserve more than kind words, so to what you tell us {at} about \
         {topic}{tail}.",
    ],
    fault: &[
        "[The heart of it/The point] is what you write {at}, {quote}: that is [what has to be \
         cleared up/where we have to look] about {topic}{tail}.",
        "You write {at} {quote}, and [that/that point] is exactly what has to be [cleared up/put \
         right]{tail}.",
        "Of everything you tell us, <I keep|we keep> coming back to what you say {at}, {quote}, \
         because [there lies the problem/the rest follows from it]{tail}.",
        "Someone who writes {at} {quote} does not need kind words but somebody to [look \
         into/check] {topic}{tail}.",
        "What you point out {at}, {quote}, [concerns/is about] {topic}, and [the answer has to be \
         as concrete as that/we will not leave it at words]{tail}.",
    ],
    fault_bare: &[
        "What you tell us {at} [concerns/is about] {topic}, and [that is what has to be cleared \
         up/that is where we have to begin]{tail}.",
        "[The heart of it/The point] is what you explain {at} about {topic}, and [we owe you an \
         answer to that/that needs an answer]{tail}.",
        "Out of what you say {at}, <I take|we take> the essential, which is {topic}{tail}.",
    ],
    step: &[
        "<I am taking this on myself|We are taking this on>: <I will|we will> check {topic} and \
         answer you right here {by}; you can keep writing here or wherever you like, with the \
         reference {ref}.",
        "<I will|We will> check {topic} with those [in charge of it/responsible] and tell you \
         here, in public, {by}, what [we found/happened] and what comes next; should you prefer \
         another way to write to us, the reference {ref} is enough.",
        "[The next step is ours/Now it is our turn]: {by} you will have <my|our> answer here \
         about {topic}, and you can ask [wherever suits you/wherever you like] with the reference \
         {ref}.",
        "<I have|We have> opened a case, and {by} <I will|we will> explain here what happened \
         with {topic} and what we are going to do; [if you prefer another channel, it is your \
         choice/which channel we talk on is your choice], under the reference {ref}.",
    ],
    step_offer: &[
        "<I am|We are> on it, with the reference {ref}: <I will|we will> check {topic}, answer \
         you here {by} and, [if it is as you tell us/if what you describe is confirmed], {offer}.",
        "Under the reference {ref} <I will|we will> check {topic} and tell you the result here \
         {by}; if the records [bear out what you say/prove you right], {offer}.",
        "{by} you will have <my|our> answer here about {topic} (reference {ref}); if what you \
         [describe/explain] is confirmed, {offer}.",
    ],
    step_all: &[
        "<I will|We will> check {topic} and write here {by}, for you and for anyone [in the same \
         position/going through the same], what went wrong and how it gets fixed; your reference \
         is {ref}.",
        "{by} <I will|we will> post on this same page what we have [found out/learned] about \
         {topic}, for you and for [anyone/everyone] who reads this, with the reference {ref}.",
        "This will not be an answer behind closed doors: {by} <I will|we will> explain here, case \
         {ref}, what we found about {topic} and what we change so that it does not happen again.",
    ],
    careful_open: &[
        "{hi} we have read your message {stamp} [from start to end/with care] and will treat it \
         [with the care it calls for/seriously].",
        "{hi} your message {stamp} will be answered by a person, not by a form.",
        "{hi} what you raise in your message {stamp} [calls for/needs] a person to study it, and \
         it has one.",
    ],
    careful_step: &[
        "<I, {who}, am taking this up myself|A responsible person at {company} is taking this \
         up>: {by} <I will|we will> write to you here what the next step is, under the reference \
         {ref}; [which channel we talk on/where we talk] is your choice.",
        "<This is in my hands, {who},|This is in the hands of a responsible person at {company}> \
         and {by} <I will|we will> tell you here who [will speak/is going to speak] with you and \
         when; there is no need to post any personal details, the reference {ref} is enough.",
    ],
    tails: [
        "; if you have already left, as you say, we still want you to have an answer",
        "; if after our answer you decide to leave, we will respect that",
        "; all the more so if, as you say, it is not the first time",
        "; and the same goes for those who, as you say, are in the same position",
    ],
    stamp_day: "of {day}",
    stamp_hour: "of {day} {hour}",
    stamp_day_ref: "of {day} (reference {ref})",
    stamp_ref: "(reference {ref})",
    at_ref: "in your message ({ref})",
    quotes: ["“", "”"],
    years: "{n} years",
    numbers: [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ],
    contact: Contact {
        verb,
        any: "you tried to reach us",
        nobody: ["nobody answered", "nobody answered"],
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
        clause: [
            "{verb} {times} in {d} days and {nobody}",
            "{verb} {times} and {nobody}",
            "you have been waiting {d} days for an answer",
            "{verb} and {nobody}",
        ],
    },
    topic,
    topic_none: "what happened",
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
        Topic::Staff => "how you were treated",
        Topic::Support => "the support you got",
        Topic::Refund => "the refund",
        Topic::Information => "the information you were given",
    }
}
