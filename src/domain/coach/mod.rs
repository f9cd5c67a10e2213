//! The prompt coach: reads a prompt without asking anybody and says which of six things it names
//! and what will probably suffer. Pure, offline and instant; refuses to rewrite the prompt.

mod aside;
mod chain;
mod event;
mod foreign;
mod inflection;
mod judgement;
mod label;
mod lettering;
mod lexicon;
mod pattern;
mod people;
mod phrase;
mod role;
mod scene;
mod spelling;
mod subject;
mod tag;
mod token;
mod verb;
mod wording;

#[cfg(test)]
mod tests;

use event::Event;
use lexicon::{ADV, LEXICON, LITTLE, QUALITY};
use pattern::{PATTERNS, Sense};
use role::Role;
use token::{Shape, Tag, Token};

/// A thing that a good prompt names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Who or what is seen.
    Subject,
    /// An event or motion of what is seen.
    Action,
    /// Where.
    Setting,
    /// Quality, source or time of day of the light.
    Lighting,
    /// Shot size, angle, viewpoint, lens, move or stillness.
    Camera,
    /// Medium, genre, era, palette or mood as a look.
    Style,
}

/// Something in the prompt or the order that models do badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Warning {
    /// Under six meaningful words.
    TooShort,
    /// More than three actions one after the other.
    TooManyActions,
    /// Close faces, hands at fine work, people talking.
    FacesHands,
    /// Legible words in the picture.
    TextInImage,
    /// Twelve seconds or more.
    LongDuration,
    /// Neither 16:9 nor 9:16.
    UnusualRatio,
}

/// What the coach read in one prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    named: [bool; 6],
    warnings: Vec<Warning>,
}

impl Reading {
    /// Whether the prompt names it.
    pub fn names(&self, mark: Mark) -> bool {
        self.named[mark as usize]
    }

    /// The warnings, in the order of [`Warning`].
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

const LONG_SECONDS: u16 = 12;
const FEW_WORDS: usize = 6;
const MANY_ACTIONS: usize = 4;

/// Reads a prompt for a clip of `seconds` seconds and an aspect such as "16:9".
pub fn read(prompt: &str, seconds: u16, aspect: &str) -> Reading {
    let mut reading = Reading { named: [false; 6], warnings: Vec::new() };
    let mut tokens = token::cut(prompt);
    if tokens.iter().any(Token::is_word) {
        read_text(&mut tokens, &mut reading);
    }
    if seconds >= LONG_SECONDS {
        reading.warnings.push(Warning::LongDuration);
    }
    if !matches!(aspect.trim(), "16:9" | "9:16") {
        reading.warnings.push(Warning::UnusualRatio);
    }
    reading
}

fn read_text(tokens: &mut [Token], reading: &mut Reading) {
    for token in tokens.iter_mut().filter(|token| token.shape == Shape::Word) {
        token.word = LEXICON.read(&token.text);
    }
    let short = meaningful(tokens) + ratios(tokens) < FEW_WORDS;
    if short {
        reading.warnings.push(Warning::TooShort);
    }
    if foreign::is_foreign(tokens) {
        return;
    }
    mend(tokens);
    let form = label::read(tokens);
    PATTERNS.cover(tokens);
    aside::pitches(tokens);
    chain::mark(tokens);
    tag::tag(tokens);
    let phrases = phrase::find(tokens);
    let events = event::find(tokens, &phrases);
    other_senses(tokens, &phrases, &events);
    for (mark, sense) in [(Mark::Lighting, Sense::Lighting), (Mark::Camera, Sense::Camera), (Mark::Style, Sense::Style)]
    {
        reading.named[mark as usize] = tokens.iter().any(|token| token.cover & sense.bit() != 0);
    }
    reading.named[Mark::Camera as usize] |=
        events.iter().any(|event| event.verdict == judgement::Verdict::Order || moves_view(tokens, &phrases, event));
    reading.named[Mark::Subject as usize] = subject::has_subject(tokens, &phrases, &events, &form);
    reading.named[Mark::Setting as usize] = scene::has_setting(tokens, &phrases, &form);
    reading.named[Mark::Action as usize] = events.iter().any(Event::counts)
        || tokens.iter().any(|token| token.cover & Sense::Action.bit() != 0 && !token.mute);
    for (named, told) in reading.named.iter_mut().zip(form.named) {
        *named |= told;
    }
    if in_a_row(tokens, &events, &form) >= MANY_ACTIONS {
        reading.warnings.push(Warning::TooManyActions);
    }
    if people::shows(tokens, &phrases, &events, &form) {
        reading.warnings.push(Warning::FacesHands);
    }
    if lettering::asks(tokens, &events) {
        reading.warnings.push(Warning::TextInImage);
    }
}

/// "The frame creeps in on her": the picture itself moves.
fn moves_view(tokens: &[Token], phrases: &[phrase::Phrase], event: &Event) -> bool {
    let view = event.who.is_some_and(|index| {
        matches!(
            tokens[phrases[index].head].text.as_str(),
            "frame" | "view" | "picture" | "image" | "viewpoint" | "shot"
        )
    });
    view && matches!(tokens[event.at].tag, Tag::Verb | Tag::Aux)
        && matches!(
            tokens[event.at].base(),
            "creep"
                | "drift"
                | "glide"
                | "push"
                | "pull"
                | "rise"
                | "sink"
                | "float"
                | "crawl"
                | "tilt"
                | "turn"
                | "swing"
                | "move"
        )
}

/// Takes back camera and style words that a being does or that qualify a thing: "the comic zooms
/// through his jokes", "a handheld pump", "a vintage scooter".
fn other_senses(tokens: &mut [Token], phrases: &[phrase::Phrase], events: &[Event]) {
    let camera = Sense::Camera.bit();
    for event in events {
        let notion = event.who.is_some()
            && event.actor & lexicon::ABSTRACT != 0
            && event.actor & (lexicon::CRAFT | event::CAMERA) == 0;
        let being = event.actor & (lexicon::ANIMATE | lexicon::VEHICLE) != 0 || notion;
        if being && matches!(tokens[event.at].tag, Tag::Verb | Tag::Ing) {
            let len = tokens[event.at..].iter().take_while(|token| token.cover & camera != 0).count();
            let run = &mut tokens[event.at..event.at + len];
            // "An owl, tracking shot" says how the owl is filmed.
            if notion || run.iter().all(|token| token.kinds() & lexicon::CRAFT == 0) {
                for token in run {
                    token.cover &= !camera;
                }
            }
        }
    }
    for phrase in phrases {
        let head = tokens[phrase.head].cover;
        let own = lexicon::PERSON | lexicon::CLOTHING | lexicon::FURNITURE | lexicon::THING | lexicon::BODY;
        if (phrase.kinds & (own | lexicon::VEHICLE | phrase::UNKNOWN)) == 0
            || phrase.kinds & lexicon::CRAFT != 0
            || phrase.head == phrase.start
        {
            continue;
        }
        let at = phrase.head - 1;
        let lone = |bit: u32, tokens: &[Token]| {
            tokens[at].cover & bit != 0 && head & bit == 0 && (at == phrase.start || tokens[at - 1].cover & bit == 0)
        };
        if lone(camera, tokens) && Role::CameraQualifier.has(tokens[at].text.as_str()) {
            tokens[at].cover &= !camera;
        }
        if lone(Sense::Style.bit(), tokens)
            && !Role::Bearer.has(tokens[phrase.head].text.as_str())
            && matches!(
                tokens[at].text.as_str(),
                "vintage" | "antique" | "retro" | "realistic" | "minimalist" | "miniature" | "animated"
            )
        {
            tokens[at].cover &= !Sense::Style.bit();
        }
    }
}

/// Replaces misspelt words by the ones they were meant to be.
fn mend(tokens: &mut [Token]) {
    // "Leaves fall form the sky": a second verb cannot stand there.
    for at in 2..tokens.len().saturating_sub(1) {
        let slip = tokens[at].text == "form"
            && tokens[at + 1].kinds() & lexicon::DET != 0
            && tokens[at - 1].kinds() & lexicon::MOVE != 0
            && tokens[at - 1].word.is_some_and(|word| word.form == lexicon::Form::Base)
            && tokens[at - 2].text.ends_with('s')
            && tokens[at - 2].kinds() & LITTLE == 0;
        if slip {
            "from".clone_into(&mut tokens[at].text);
            tokens[at].word = LEXICON.read("from");
        }
    }
    let unknown = tokens.iter_mut().filter(|token| {
        token.shape == Shape::Word && token.word.is_none() && !token.capital && !PATTERNS.knows(&token.text)
    });
    for token in unknown.take(spelling::TRIES) {
        if let Some(text) = spelling::mend(&token.text) {
            token.word = LEXICON.read(&text);
            token.text = text;
        }
    }
}

/// How many ratios such as "21:9" are asked for; each says as much as a word.
fn ratios(tokens: &[Token]) -> usize {
    let number = |token: &Token| token.shape == Shape::Number;
    tokens.windows(3).filter(|three| number(&three[0]) && three[1].shape == Shape::Colon && number(&three[2])).count()
}

/// Words that say something: no little words, no praise, no settings.
fn meaningful(tokens: &[Token]) -> usize {
    tokens
        .iter()
        .filter(|token| token.shape == Shape::Word)
        .filter(|token| {
            let kinds = token.kinds();
            let begins = ["start", "begin", "stop", "continue"].iter().any(|stem| token.text.starts_with(stem));
            let little = (kinds & LITTLE != 0 && !begins)
                || (kinds & ADV != 0 && token.text.len() < 4 && kinds & (lexicon::VERB | lexicon::ADJ) == 0);
            let foreign = token.word.is_none() && token.text.len() < 5 && LEXICON.foreign.contains(token.text.as_str());
            !(little || kinds & QUALITY != 0 || foreign || token.text == "'s" || token.text == "&")
        })
        .map(|token| foreign::weight(&token.text))
        .sum()
}

/// What one does at the end of a row, though nothing moves.
const RESTS: [&str; 5] = ["sleep", "sit", "lie", "rest", "wait"];

/// Whether a person says something; a scream is a deed of its own.
fn is_told(tokens: &[Token], event: &Event) -> bool {
    let cry = matches!(tokens[event.at].base(), "scream" | "yell" | "cry" | "howl" | "laugh" | "shriek" | "cheer");
    let alone = tokens.get(event.at + 1).is_some_and(Token::parts);
    event.actor & lexicon::PERSON != 0 && !(cry && alone)
}

/// How many actions follow one another; what merely goes on beside them does not count.
fn in_a_row(tokens: &[Token], events: &[Event], form: &label::Form) -> usize {
    let (mut row, mut crowd, mut finite) = (0, 0, 0);
    let mut seen: Vec<&str> = Vec::new();
    let (mut last, mut waiting) = (0, false);
    for (index, event) in events.iter().enumerate() {
        let rests = row > 0
            && event.actor & lexicon::ANIMATE != 0
            && tokens[event.at].tag == Tag::Verb
            && RESTS.contains(&tokens[event.at].base());
        if !(event.counts() || rests) || event.beside || (event.speech && is_told(tokens, event)) {
            continue;
        }
        let token = &tokens[event.at];
        if seen.contains(&token.base()) {
            continue;
        }
        seen.push(token.base());
        let joins = event.who.is_none() || event.who == events.get(last).and_then(|event| event.who);
        let plain = token.word.is_some_and(|word| word.form == lexicon::Form::Base);
        let plural = plain && event.actor & lexicon::PLURAL != 0;
        // An -ing form or a plural with a doer of its own is background.
        if !joins && (token.tag == Tag::Ing || (token.tag == Tag::Verb && plural)) {
            crowd += 1;
            waiting = true;
        } else {
            // "Rings expand, overlap, break": the crowd itself goes on.
            row += 1 + usize::from(waiting && joins);
            crowd -= usize::from(waiting && joins);
            waiting = false;
            finite += usize::from(token.tag == Tag::Verb);
        }
        last = index;
    }
    // "does donuts", "takes a bow": deeds told by a phrase.
    let deed = |at: usize| tokens[at].cover & Sense::Action.bit() != 0 && !tokens[at].mute;
    let told = (1..tokens.len()).filter(|at| deed(*at) && !deed(at - 1) && tokens[*at].tag == Tag::Aux).count();
    // "Spinning, leaping, laughing" is one long moment, unless there is much of it.
    if finite == 0 && !form.numbered {
        row = usize::max(row, 1) - 1;
    }
    if form.numbered { row + told + crowd } else { row + told }
}
