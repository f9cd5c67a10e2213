//! Faces seen close, hands at fine work, people talking: what models still draw badly.

use super::event::Event;
use super::label::Form;
use super::lexicon::{ANIMAL, BODY, Kinds, NAME_PERSON, PERSON};
use super::pattern::Sense;
use super::phrase::{Phrase, UNKNOWN};
use super::role::Role;
use super::token::{Shape, Tag, Token};

const HUMAN: Kinds = PERSON | NAME_PERSON;

/// Whether the prompt asks for any of them.
pub(super) fn shows(tokens: &[Token], phrases: &[Phrase], events: &[Event], form: &Form) -> bool {
    form.dialogue || talks(tokens, phrases, events) || close_face(tokens, phrases) || fine_work(tokens, phrases, events)
}

fn is_face(text: &str) -> bool {
    Role::Face.has(text)
}

fn is_hand(text: &str) -> bool {
    Role::Hand.has(text)
}

/// Whether the text around speaks of an animal or a thing's "face".
fn not_human(tokens: &[Token], phrases: &[Phrase], at: usize) -> bool {
    let before = tokens[at.saturating_sub(3)..at].iter();
    let after = tokens[at + 1..(at + 5).min(tokens.len())].iter().take_while(|token| token.is_word());
    let thing = |text: &str| Role::FacedThing.has(text);
    before.clone().any(|token| thing(&token.text) || token.kinds() & ANIMAL != 0 && token.kinds() & PERSON == 0)
        || (tokens.get(at + 1).is_some_and(|next| next.text == "of")
            && after
                .clone()
                .any(|token| thing(&token.text) || token.kinds() & ANIMAL != 0 && token.kinds() & PERSON == 0))
        || phrases.iter().any(|phrase| {
            phrase.start <= at
                && at < phrase.end
                && tokens[phrase.start..phrase.end]
                    .iter()
                    .any(|token| token.kinds() & ANIMAL != 0 && token.kinds() & PERSON == 0)
        })
}

/// Where the prompt says that it looks from near.
fn close_views(tokens: &[Token]) -> Vec<usize> {
    (1..tokens.len())
        .filter(|&at| {
            let token = &tokens[at];
            let text = token.text.as_str();
            let camera = token.cover & Sense::Camera.bit() != 0 && !token.mute;
            let macro_lens = text == "macro" && tokens.get(at + 1).is_some_and(|next| next.text == "lens");
            let close = macro_lens
                || matches!(text, "closeup" | "closeups" | "ecu" | "bcu" | "cu" | "macro")
                || matches!(text, "up" | "ups") && matches!(tokens[at - 1].text.as_str(), "close")
                || matches!(text, "close" | "tight" | "choker")
                    && tokens.get(at + 1).is_some_and(|next| next.text != "up" && next.text != "ups");
            camera && close
        })
        .collect()
}

/// The sentence around a token; a text without stops is cut, so that time stays linear.
fn sentence(tokens: &[Token], at: usize) -> (usize, usize) {
    const SPAN: usize = 80;
    let first = at.saturating_sub(SPAN);
    let last = (at + SPAN).min(tokens.len() - 1);
    let stops = |i: &usize| tokens[*i].shape == Shape::Stop;
    let start = (first..at).rev().find(stops).unwrap_or(first);
    let end = (at..last).find(stops).unwrap_or(last);
    (start, end)
}

fn close_face(tokens: &[Token], phrases: &[Phrase]) -> bool {
    for view in close_views(tokens) {
        let (start, end) = sentence(tokens, view);
        let face = (start..end).any(|at| {
            is_face(&tokens[at].text)
                && !not_human(tokens, phrases, at)
                && tokens[at].tag != Tag::Verb
                && human_near(tokens, at)
        });
        let aimed = phrases.iter().find(|phrase| phrase.start > view && phrase.start <= view + 4 && phrase.start < end);
        let person = aimed.is_some_and(|phrase| {
            let opens = tokens[1..view].iter().all(|token| token.is_word() && token.cover & Sense::Camera.bit() != 0);
            let listed = tokens[view..phrase.start].iter().any(|token| token.shape == Shape::Comma);
            phrase.kinds & HUMAN != 0 && !phrase.denied && (!listed || (opens && phrase.start == view + 2))
        });
        let hands =
            (start..end).any(|at| is_hand(&tokens[at].text) && !tokens[at].mute && !not_human(tokens, phrases, at));
        if face || person || hands {
            return true;
        }
    }
    portrait(tokens, phrases) || filled_frame(tokens, phrases)
}

/// Eyes, skin and the like are a person's unless something else owns them.
fn human_near(tokens: &[Token], at: usize) -> bool {
    let (start, end) = sentence(tokens, at);
    let animal = tokens[start..end]
        .iter()
        .any(|token| token.tag == Tag::Noun && token.kinds() & ANIMAL != 0 && token.kinds() & PERSON == 0);
    let human = tokens.iter().any(|token| {
        token.kinds() & HUMAN != 0 || matches!(token.text.as_str(), "her" | "his" | "she" | "he" | "their")
    });
    human || !animal
}

fn portrait(tokens: &[Token], phrases: &[Phrase]) -> bool {
    (1..tokens.len()).any(|at| {
        let next = tokens.get(at + 1).map_or("", |token| token.text.as_str());
        let shot = tokens[at].text == "headshot"
            || matches!(tokens[at].text.as_str(), "talking") && matches!(next, "head" | "heads");
        let word = matches!(tokens[at].text.as_str(), "portrait" | "portraiture");
        if shot {
            return true;
        }
        if !word || tokens[at].mute {
            return false;
        }
        let form = Role::PortraitForm.has(next);
        let own = Role::PortraitKind.has(tokens[at - 1].text.as_str());
        let length = tokens[at.saturating_sub(3)..at]
            .iter()
            .any(|token| matches!(token.text.as_str(), "full" | "length" | "pet"));
        let of = phrases.iter().find(|phrase| phrase.prep == Some(at + 1) && next == "of");
        let hung = tokens[at..(at + 10).min(tokens.len())]
            .iter()
            .any(|token| matches!(token.text.as_str(), "hangs" | "hanging" | "hung" | "wall"));
        let other = hung || of.is_some_and(|phrase| phrase.kinds & (HUMAN | UNKNOWN) == 0);
        !(form || own || length || other)
    })
}

/// "her face fills the frame", "her expression softens".
fn filled_frame(tokens: &[Token], phrases: &[Phrase]) -> bool {
    (1..tokens.len()).any(|at| {
        let text = tokens[at].text.as_str();
        if !(is_face(text) && Role::Feature.has(text)) || not_human(tokens, phrases, at) {
            return false;
        }
        let (start, end) = sentence(tokens, at);
        let fills = (start..end).any(|i| {
            matches!(tokens[i].text.as_str(), "fills" | "filling" | "fill")
                && (tokens[i..end].iter().any(|t| matches!(t.text.as_str(), "frame" | "screen"))
                    || tokens[i + 1].text == "it"
                        && tokens[start..i].iter().any(|t| matches!(t.text.as_str(), "frame" | "screen")))
        });
        let change = text.starts_with("expression")
            && tokens.get(at + 1).is_some_and(|next| next.tag == Tag::Verb || next.tag == Tag::Ing);
        let trembles = tokens.get(at + 1).is_some_and(|next| {
            next.tag == Tag::Verb
                && matches!(
                    next.base(),
                    "tremble" | "quiver" | "soften" | "crumple" | "widen" | "well" | "twitch" | "contort"
                )
        });
        fills || change || trembles
    })
}

/// Verbs that are people speaking, whoever hears them.
fn talks(tokens: &[Token], phrases: &[Phrase], events: &[Event]) -> bool {
    let spoken = events.iter().any(|event| {
        let token = &tokens[event.at];
        let base = token.base();
        let animal = event.actor & ANIMAL != 0 && event.actor & PERSON == 0;
        let quote =
            tokens[event.at + 1..(event.at + 5).min(tokens.len())].iter().any(|token| token.shape == Shape::Quote);
        let nobody = event.actor == 0 && event.who.is_none();
        let person =
            event.actor & (HUMAN | UNKNOWN) != 0 || (nobody && pronoun_near(tokens, event.at)) || event.actor == 1;
        if base == "sing" || base == "read" {
            let (start, end) = sentence(tokens, event.at);
            let seen = tokens[start..end].iter().any(|token| {
                matches!(token.text.as_str(), "camera" | "microphone" | "mic" | "lens" | "close" | "closeup")
            });
            return event.counts() && person && !animal && seen;
        }
        // "A cake that says HAPPY" tells words, whatever the cake is.
        let bears = quote && event.actor & UNKNOWN != 0 && tokens[event.at - 1].text == "that";
        let calls = Role::Call.has(base);
        let loud = Role::LoudCall.has(base);
        event.speech && event.counts() && !animal && !bears && (quote || (person && !loud) || (nobody && !calls))
    });
    spoken || spoken_nouns(tokens, phrases)
}

fn pronoun_near(tokens: &[Token], at: usize) -> bool {
    tokens[at.saturating_sub(3)..at].iter().any(|token| token.tag == Tag::Pron)
}

/// "in conversation", "an interview", "speaks to camera" without a verb we know.
fn spoken_nouns(tokens: &[Token], phrases: &[Phrase]) -> bool {
    phrases.iter().any(|phrase| {
        let head = &tokens[phrase.head];
        let talk = Role::Talk.has(head.text.as_str());
        talk && !phrase.denied
            && phrase.prep.is_none_or(|prep| {
                !matches!(tokens[prep].text.as_str(), "without" | "after" | "for" | "like" | "before")
            })
    }) || tokens.windows(3).any(|three| {
        matches!(three[0].text.as_str(), "talking" | "lip" | "piece")
            && matches!(three[1].text.as_str(), "head" | "heads" | "sync" | "syncing" | "synced" | "to")
            && (three[1].text != "to" || matches!(three[2].text.as_str(), "camera" | "lens"))
    })
}

/// Work that cannot be done but with the fingers.
fn is_fine(base: &str) -> bool {
    Role::Fine.has(base)
}

fn is_instrument(text: &str) -> bool {
    Role::Instrument.has(text)
}

fn fine_work(tokens: &[Token], phrases: &[Phrase], events: &[Event]) -> bool {
    events.iter().any(|event| {
        let token = &tokens[event.at];
        let base = token.base();
        let object: Vec<&str> = tokens[event.at + 1..(event.at + 7).min(tokens.len())]
            .iter()
            .take_while(|token| token.is_word())
            .map(|token| token.text.as_str())
            .collect();
        let human =
            event.actor & (HUMAN | UNKNOWN) != 0 || event.actor == 1 || (event.who.is_none() && event.actor & !1 == 0);
        let play = base == "play" && object.iter().any(|word| is_instrument(word));
        let tie = Role::Handiwork.has(base) && object.iter().any(|word| Role::HandObject.has(word));
        let hands = event.who.is_some_and(|index| {
            let phrase = &phrases[index];
            is_hand(&tokens[phrase.head].text) && phrase.kinds & BODY != 0
        }) && !Role::Gesture.has(base);
        let needs =
            !matches!(base, "type" | "sew" | "knit" | "crochet" | "embroider" | "sketch" | "scribble" | "solder");
        let aimless = needs
            && tokens
                .get(event.at + 1)
                .is_none_or(|next| matches!(next.tag, Tag::Prep | Tag::Adv | Tag::Conj) || next.parts());
        let skilled = human && event.counts() && ((is_fine(base) && !aimless) || play || tie);
        skilled || (hands && event.counts()) || (human && play)
    }) || hands_near_work(tokens, events)
}

/// "a potter's hands shaping clay", "fingers on piano keys".
fn hands_near_work(tokens: &[Token], events: &[Event]) -> bool {
    (1..tokens.len()).any(|at| {
        if !is_hand(&tokens[at].text) || tokens[at].tag == Tag::Verb || tokens[at].mute {
            return false;
        }
        let (start, end) = sentence(tokens, at);
        let tool = tokens[at.saturating_sub(10).max(start)..end.min(at + 10)].iter().any(|token| {
            is_instrument(&token.text)
                || matches!(
                    token.text.as_str(),
                    "needle" | "keyboard" | "clay" | "dough" | "tweezers" | "loom" | "strings" | "scalpel"
                )
        });
        let fine = events.iter().any(|event| event.at > start && event.at < end && (is_fine(tokens[event.at].base())));
        tool || fine
    })
}
