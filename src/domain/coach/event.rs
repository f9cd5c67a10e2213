//! What happens: every verb at work, who does it, and whether it is an event of what is seen
//! rather than a move of the camera, a state, or talk about the film.

use super::judgement::{Deed, Verdict, denied, judge};
use super::lexicon::{ANIMATE, BUILDING, CONCRETE, Form, Kinds, NEGATIVE, PERSON, PLACE, PLURAL, SPEAK, VERB};
use super::pattern::Sense;
use super::phrase::Phrase;
use super::role::Role;
use super::token::{Shape, Tag, Token};

/// A verb at work.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) at: usize,
    /// The kinds of its actor; 0 if nobody is named.
    pub(super) actor: Kinds,
    /// The phrase of its actor.
    pub(super) who: Option<usize>,
    pub(super) verdict: Verdict,
    /// Whether it goes on beside another event ("while", "as", "who").
    pub(super) beside: bool,
    pub(super) speech: bool,
}

impl Event {
    /// Whether it is an event of what is seen.
    pub(super) fn counts(&self) -> bool {
        self.verdict == Verdict::Counts
    }
}

/// A camera that acts; `PRON` actors never carry this bit.
pub(super) const CAMERA: Kinds = 1 << 61;

/// Finds the events in order.
pub(super) fn find(tokens: &[Token], phrases: &[Phrase]) -> Vec<Event> {
    let mut reader = Reader {
        tokens,
        phrases,
        next: 0,
        subject: None,
        pronoun: false,
        last: NOBODY,
        person: NOBODY,
        thing: NOBODY,
        beside: false,
        negated: false,
        out: Vec::new(),
    };
    for at in 0..tokens.len() {
        reader.pass_phrases(at);
        match tokens[at].shape {
            Shape::Stop | Shape::Colon => reader.stop(at),
            Shape::Word | Shape::Number | Shape::Comma | Shape::Quote => {
                reader.joint(at);
                reader.pronoun(at);
                reader.outset(at);
                if let Some(kind) = work(tokens, at) {
                    reader.act(at, kind);
                }
            }
        }
    }
    reader.out
}

/// The kinds of an actor, and its phrase where it has one.
type Actor = (Kinds, Option<usize>);
const NOBODY: Actor = (0, None);

/// Walks through the prompt and remembers who is acting.
struct Reader<'a> {
    tokens: &'a [Token],
    phrases: &'a [Phrase],
    /// The first phrase not yet passed.
    next: usize,
    subject: Option<usize>,
    pronoun: bool,
    last: Actor,
    /// The last person or animal, for "he" and "she".
    person: Actor,
    /// The last thing in view, for "it".
    thing: Actor,
    beside: bool,
    /// Whether the last deed was denied, so that "or breathe" is denied too.
    negated: bool,
    out: Vec<Event>,
}

impl Reader<'_> {
    /// Takes the phrases that end here as subjects, unless they belong to a preposition.
    fn pass_phrases(&mut self, at: usize) {
        while let Some(phrase) = self.phrases.get(self.next).filter(|phrase| phrase.end <= at) {
            let inner = phrase.prep.is_some() && (self.subject.is_some() || self.last.1.is_some());
            if !inner || (self.tokens[at].tag == Tag::Ing && phrase.end == at) {
                self.subject = Some(self.next);
                self.pronoun = false;
            }
            if phrase.kinds & CONCRETE != 0 && self.tokens[phrase.head].cover & Sense::Camera.bit() == 0 {
                self.thing = (phrase.kinds, Some(self.next));
            }
            if phrase.kinds & ANIMATE != 0 {
                self.person = (phrase.kinds, Some(self.next));
            }
            self.next += 1;
        }
    }

    fn stop(&mut self, at: usize) {
        // `"subject": "a duck", "action": ["waddle", "jump"]`: whoever was named does it.
        let field = self.tokens[at.saturating_sub(2)..at].iter().any(|token| {
            token.mute && matches!(token.text.as_str(), "action" | "actions" | "events" | "does" | "beats" | "motion")
        });
        (self.subject, self.pronoun, self.beside, self.negated) = (None, false, false, false);
        if self.tokens[at].shape == Shape::Stop {
            self.last = NOBODY;
        } else if field && self.last.1.is_none() {
            self.last = if self.person.1.is_some() { self.person } else { self.thing };
        }
    }

    /// Commas and joining words: who goes on, and whether what follows happens beside.
    fn joint(&mut self, at: usize) {
        let token = &self.tokens[at];
        let text = token.text.as_str();
        let relative = token.tag == Tag::Pron && matches!(text, "who" | "which" | "that");
        if token.shape == Shape::Comma {
            (self.subject, self.beside) = (None, false);
        } else if relative {
            (self.subject, self.pronoun, self.beside) = (self.next.checked_sub(1), false, true);
        } else if token.tag == Tag::Conj {
            if self.last.1.is_some() || self.last.0 & PERSON != 0 {
                self.subject = None;
            }
            self.beside = match text {
                "while" | "as" | "when" | "whereas" | "if" | "because" => true,
                "and" | "or" | "&" | "n" => self.beside,
                _ => false,
            };
        }
    }

    fn pronoun(&mut self, at: usize) {
        let token = &self.tokens[at];
        if token.tag != Tag::Pron {
            return;
        }
        let acts = self.tokens.get(at + 1).is_some_and(|next| next.tag == Tag::Ing);
        self.last = match token.text.as_str() {
            // "Of me eating": whoever the pronoun is, somebody does it.
            "me" | "him" | "them" | "us" if acts => (1, None),
            "who" | "which" | "that" | "himself" | "herself" | "itself" | "them" | "him" | "me" | "us" => return,
            "we" => (CAMERA, None),
            "i" | "you" => NOBODY,
            // The camera is never "it" where something else can be.
            "it" if self.last.0 & CAMERA != 0 && self.thing.1.is_some() => self.thing,
            "it" => self.last,
            _ => (self.person.0 | 1, self.person.1),
        };
        (self.pronoun, self.subject) = (true, None);
    }

    /// "The camera begins still, then drifts": whoever begins goes on; an order to begin is the camera's.
    fn outset(&mut self, at: usize) {
        let token = &self.tokens[at];
        if token.tag != Tag::Aux || self.pronoun {
            return;
        }
        if let Some(index) = self.subject {
            self.last = (actor_kinds(self.tokens, &self.phrases[index]), Some(index));
        } else if matches!(token.text.as_str(), "begin" | "start") && self.tokens[at - 1].shape == Shape::Stop {
            self.last = (CAMERA, None);
        }
    }

    fn act(&mut self, at: usize, kind: Work) {
        let tokens = self.tokens;
        // "Drift slowly inland" after a place is an order, not what the place does.
        let plain = tokens[at].word.is_some_and(|word| word.form == Form::Base);
        let object = self.subject.is_some_and(|index| {
            let phrase = &self.phrases[index];
            let joined = tokens[at - 1].tag == Tag::Conj;
            (phrase.prep.is_some() || joined) && phrase.kinds & (ANIMATE | PLURAL) == 0
        });
        if kind == Work::Finite && plain && object {
            self.subject = None;
        }
        // "Endless racks and blinking cables": what the next noun looks like, not what the last one does.
        let led = kind == Work::Ing
            && Role::State.has(tokens[at].base())
            && self.subject.is_none()
            && tokens.get(at + 1).is_some_and(|next| matches!(next.tag, Tag::Noun | Tag::Adj));
        let kind = if led { Work::Attribute } else { kind };
        let (actor, who) = match self.subject {
            _ if kind == Work::Attribute => attribute(tokens, self.phrases, at),
            Some(index) if !self.pronoun => (actor_kinds(tokens, &self.phrases[index]), Some(index)),
            Some(_) | None => self.last,
        };
        let beside = self.beside || kind == Work::Attribute;
        let own = self.subject.is_some() || self.pronoun;
        let denied = denied(tokens, at) || (self.negated && !own);
        let verdict =
            if denied { Verdict::Nothing } else { judge(tokens, self.phrases, Deed { at, actor, who, kind }) };
        let speech = verdict == Verdict::Counts && tokens[at].kinds() & SPEAK != 0;
        if kind != Work::Attribute {
            let film = verdict == Verdict::Order || (actor == 0 && tokens[at].cover & Sense::Camera.bit() != 0);
            self.last = if film { (CAMERA, None) } else { (actor, who) };
            self.negated = denied;
            (self.subject, self.pronoun) = (None, false);
        }
        self.out.push(Event { at, actor, who, verdict, beside, speech });
    }
}

/// The noun that an -ing word stands before.
fn attribute(tokens: &[Token], phrases: &[Phrase], at: usize) -> (Kinds, Option<usize>) {
    let index = phrases.partition_point(|phrase| phrase.end <= at);
    phrases
        .get(index)
        .filter(|phrase| phrase.start <= at + 1)
        .map_or((0, None), |phrase| (actor_kinds(tokens, phrase), Some(index)))
}

fn actor_kinds(tokens: &[Token], phrase: &Phrase) -> Kinds {
    let covered = tokens[phrase.start..phrase.end]
        .iter()
        .any(|token| token.cover & Sense::Camera.bit() != 0 && token.tag != Tag::Det);
    let own = tokens[phrase.head].cover & Sense::Camera.bit() != 0 || phrase.kinds & (CONCRETE | PLACE | BUILDING) == 0;
    if covered && own && phrase.kinds & ANIMATE == 0 { CAMERA } else { phrase.kinds }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Finite,
    Ing,
    Passive,
    /// "falling leaves"
    Attribute,
}

fn work(tokens: &[Token], at: usize) -> Option<Work> {
    let token = &tokens[at];
    let verb = token.kinds() & VERB != 0;
    let go = matches!(token.text.as_str(), "go" | "goes" | "going" | "get" | "gets" | "getting" | "got");
    match token.tag {
        Tag::Verb if verb || go || token.deed || token.word.is_none() => Some(Work::Finite),
        Tag::Ing if verb || go || token.word.is_none() => Some(Work::Ing),
        Tag::Part if verb => {
            let by = tokens.get(at + 1).is_some_and(|next| next.text == "by");
            let being = at > 0 && matches!(tokens[at - 1].text.as_str(), "being" | "gets" | "getting" | "get" | "got");
            let nobody = tokens.get(at + 2).is_some_and(|next| next.kinds() & NEGATIVE != 0 && next.tag == Tag::Pron);
            ((by && !nobody) || being).then_some(Work::Passive)
        }
        Tag::Adj if verb && token.word.is_some_and(|word| word.form == Form::Ing) && !token.joined => {
            Some(Work::Attribute)
        }
        Tag::None
        | Tag::Noun
        | Tag::Adj
        | Tag::Adv
        | Tag::Det
        | Tag::Prep
        | Tag::Pron
        | Tag::Conj
        | Tag::Aux
        | Tag::Verb
        | Tag::Ing
        | Tag::Part => None,
    }
}
