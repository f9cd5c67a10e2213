//! Whether a verb at work is an event of what is seen. Refuses camera moves, states, plans,
//! light that falls and roads that wind.

use super::event::{CAMERA, Work};
use super::lexicon::{
    ABSTRACT, ANIMATE, BODY, BUILDING, CONCRETE, CRAFT, Form, GROUP, Kinds, LIGHT, MOVE, NAME_PLACE, NATURE, NEGATIVE,
    PLACE, PLANT, PRON, SPEAK, VEHICLE,
};
use super::pattern::{NO_ACTION, Sense};
use super::phrase::{Phrase, UNKNOWN};
use super::role::Role;
use super::token::{Shape, Tag, Token};

/// Whether a verb is denied by a word shortly before it.
pub(super) fn denied(tokens: &[Token], at: usize) -> bool {
    (at.saturating_sub(3)..at).rev().take_while(|i| tokens[*i].is_word()).any(|i| {
        tokens[i].kinds() & NEGATIVE != 0
            && tokens[i + 1..at].iter().all(|t| {
                t.text == "yet" || matches!(t.tag, Tag::Adv | Tag::Aux | Tag::Adj | Tag::Noun | Tag::Pron | Tag::Prep)
            })
            || tokens[i].text.ends_with("n't")
    })
}

/// A verb at work and who does it, before it is judged.
#[derive(Clone, Copy)]
pub(super) struct Deed {
    pub(super) at: usize,
    pub(super) actor: Kinds,
    pub(super) who: Option<usize>,
    pub(super) kind: Work,
}

/// What a verb at work amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// An event of what is seen.
    Counts,
    /// An order to the camera.
    Order,
    /// Neither.
    Nothing,
}

/// Judges one verb at work.
pub(super) fn judge(tokens: &[Token], phrases: &[Phrase], deed: Deed) -> Verdict {
    let token = &tokens[deed.at];
    if is_order(tokens, deed) {
        return Verdict::Order;
    }
    let look = token.cover & Sense::Style.bit() != 0
        || (token.cover & Sense::Lighting.bit() != 0 && deed.kind != Work::Finite);
    if look
        || token.cover & NO_ACTION != 0
        || !is_dynamic(tokens, deed)
        || is_unseen(tokens, phrases, deed)
        || lights_up(tokens, phrases, deed)
        || is_wish(tokens, phrases, deed)
        || is_notion(deed)
        || is_unreal(tokens, deed)
        || is_scenery(tokens, phrases, deed)
    {
        return Verdict::Nothing;
    }
    let base = token.base();
    let plain = token.word.is_some_and(|word| word.form == Form::Base);
    if deed.actor == 0 && plain && deed.kind == Work::Finite && Role::CameraMove.has(base) {
        return Verdict::Nothing;
    }
    let mover = deed.actor & (ANIMATE | NATURE | PLANT | VEHICLE | BODY) != 0;
    let opens = deed.at == 0 || tokens[deed.at - 1].parts();
    // "A burning house" is an event and "running shoes" are not.
    let free = mover || Role::FreeChange.has(base) || (opens && deed.actor & CONCRETE != 0);
    // "Windows glowing", "blinking cables", "smoking chimneys" are how it looks.
    let inert = deed.actor & (ANIMATE | VEHICLE | NATURE | UNKNOWN) == 0 && Role::State.has(base);
    if inert && deed.who.is_some() && deed.kind != Work::Finite {
        return Verdict::Nothing;
    }
    let fits = match deed.kind {
        Work::Finite | Work::Ing => true,
        Work::Passive => deed.actor & (PLACE | BUILDING) == 0,
        Work::Attribute => free,
    };
    if fits { Verdict::Counts } else { Verdict::Nothing }
}

/// "Drift slowly inland": told to the camera, if to anybody.
fn is_order(tokens: &[Token], deed: Deed) -> bool {
    let token = &tokens[deed.at];
    deed.actor & !CAMERA == 0
        && deed.who.is_none()
        && deed.kind == Work::Finite
        && token.word.is_some_and(|word| word.form == Form::Base)
        && token.cover & NO_ACTION == 0
        && token.kinds() & MOVE != 0
        && Role::CameraOrder.has(token.base())
}

/// Whether the verb tells a change at all.
fn is_dynamic(tokens: &[Token], deed: Deed) -> bool {
    let token = &tokens[deed.at];
    let base = token.base();
    let next = tokens.get(deed.at + 1);
    let go = matches!(token.text.as_str(), "go" | "goes" | "going" | "get" | "gets" | "getting" | "got");
    let posture = matches!(base, "sit" | "stand" | "lie" | "lean" | "kneel" | "settle" | "wake" | "sleep");
    let rising = next.is_some_and(|next| {
        matches!(next.text.as_str(), "down" | "up" | "back" | "forward" | "over" | "in") && next.tag != Tag::Prep
    });
    // "Lights a match", "shoots past": of the film when a thing does them, deeds when a being does.
    let object = next.is_some_and(|next| matches!(next.tag, Tag::Det | Tag::Adv | Tag::Adj | Tag::Noun | Tag::Pron));
    let being = Role::Deed.has(base)
        && deed.actor & (ANIMATE | VEHICLE | BODY) != 0
        && (base == "park" || object)
        && deed.kind != Work::Passive;
    token.kinds() & (MOVE | SPEAK) != 0
        || being
        || (posture && rising)
        || go
        || token.deed
        || (token.word.is_none() && deed.kind != Work::Attribute)
}

/// Whether the doer is the camera, the light or the film itself.
fn is_unseen(tokens: &[Token], phrases: &[Phrase], deed: Deed) -> bool {
    let lamp = deed.kind == Work::Ing
        && deed.actor & ANIMATE == 0
        && deed.who.is_some_and(|index| tokens[phrases[index].head].cover & Sense::Lighting.bit() != 0);
    if lamp {
        return true;
    }
    let seen = deed.actor & CONCRETE != 0;
    let named = seen || deed.actor & UNKNOWN != 0;
    let camera = tokens[deed.at].cover & Sense::Camera.bit() != 0;
    (deed.actor & (CAMERA | LIGHT) != 0 && !seen) || ((deed.actor & CRAFT != 0 || camera) && !named)
}

/// "Blinking console lights", "a gliding camera": how it is lit and filmed.
fn lights_up(tokens: &[Token], phrases: &[Phrase], deed: Deed) -> bool {
    if !matches!(deed.kind, Work::Ing | Work::Attribute) || tokens[deed.at - 1].tag == Tag::Noun {
        return false;
    }
    let index = phrases.partition_point(|phrase| phrase.end <= deed.at + 1);
    phrases.get(index).filter(|phrase| phrase.start <= deed.at + 1).is_some_and(|phrase| {
        let film = Sense::Lighting.bit() | Sense::Camera.bit() | Sense::Style.bit();
        phrase.kinds & (LIGHT | CRAFT) != 0 || tokens[phrase.head].cover & film != 0
    })
}

/// Time runs, silence falls: no thing does anything.
fn is_notion(deed: Deed) -> bool {
    let seen = CONCRETE | PLACE | BUILDING | GROUP | NAME_PLACE | PRON | UNKNOWN | CAMERA | CRAFT;
    deed.who.is_some() && deed.actor & ABSTRACT != 0 && deed.actor & seen == 0
}

/// "Change the ending", "make it pop", "change how it is filmed": said to the maker, not of the picture.
fn is_wish(tokens: &[Token], phrases: &[Phrase], deed: Deed) -> bool {
    let plain = tokens[deed.at].word.is_some_and(|word| word.form == Form::Base);
    if deed.kind != Work::Finite || !plain {
        return false;
    }
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let bidden = deed.at > 1
        && matches!(text(deed.at - 2), "make" | "let" | "have" | "making" | "makes" | "help" | "helps")
        && matches!(text(deed.at - 1), "it" | "this" | "that" | "everything" | "things");
    let index = phrases.partition_point(|phrase| phrase.end <= deed.at);
    let object = phrases.get(index).filter(|phrase| phrase.start == deed.at + 1);
    let notion = object.is_some_and(|phrase| {
        phrase.kinds & (ABSTRACT | CRAFT | LIGHT) != 0 && phrase.kinds & (CONCRETE | BUILDING | PLACE) == 0
    });
    let alone = deed.actor & !CAMERA == 0 && deed.who.is_none();
    // "Turn it into a cartoon" edits; "turn around" is done by somebody.
    let next = tokens.get(deed.at + 1).map_or(Tag::None, |token| token.tag);
    let edits = alone
        && Role::Edit.has(tokens[deed.at].base())
        && (text(deed.at) == "cut"
            || (matches!(text(deed.at + 1), "up" | "down" | "out" | "back")
                && tokens
                    .get(deed.at + 2)
                    .is_some_and(|token| token.tag == Tag::Det && phrases_film(phrases, deed.at + 2)))
            || matches!(next, Tag::Det | Tag::Pron | Tag::Adj | Tag::Noun));
    bidden
        || edits
        || matches!(text(deed.at + 1), "how" | "what")
        || (alone && notion && tokens[deed.at].kinds() & SPEAK == 0)
}

/// "Warm up the highlights": a phrase of the film begins here.
fn phrases_film(phrases: &[Phrase], at: usize) -> bool {
    let index = phrases.partition_point(|phrase| phrase.end <= at);
    phrases.get(index).is_some_and(|phrase| phrase.start == at && phrase.kinds & (CRAFT | LIGHT | ABSTRACT) != 0)
}

/// Whether it is only planned, shouted on a sign, told by a sign, or a gleam.
fn is_unreal(tokens: &[Token], deed: Deed) -> bool {
    let token = &tokens[deed.at];
    let base = token.base();
    let relative = matches!(tokens[deed.at - 1].text.as_str(), "that" | "which")
        && tokens.get(deed.at + 1).is_some_and(|next| next.shape == Shape::Quote)
        && matches!(base, "read" | "say")
        && deed.actor & ANIMATE == 0;
    let told = matches!(base, "read" | "say")
        && deed.actor & (ANIMATE | UNKNOWN) == 0
        && (deed.who.is_some() || tokens[deed.at - 1].text == "it");
    let doer = deed.actor & ANIMATE != 0 || deed.actor == 1;
    let planned = (deed.at.saturating_sub(5)..deed.at).rev().take_while(|i| tokens[*i].is_word()).any(|i| {
        match tokens[i].text.as_str() {
            // "He will climb out" tells what is to be seen.
            "will" => !doer,
            "too" => tokens[deed.at - 1].text == "to",
            text => matches!(text, "would" | "should" | "could" | "can" | "must" | "that'll"),
        }
    });
    let before_noun = tokens.get(deed.at + 1).is_some_and(|next| next.tag == Tag::Noun);
    let orphan = deed.kind == Work::Finite && deed.actor == 0;
    let gleams = (deed.kind == Work::Attribute || orphan || (deed.kind == Work::Ing && before_noun))
        && matches!(
            base,
            "sparkle" | "glitter" | "shine" | "gleam" | "glow" | "twinkle" | "shimmer" | "glisten" | "dazzle"
        );
    // "After everyone has left" is over.
    let over = tokens[deed.at - 1].tag == Tag::Aux
        && matches!(tokens[deed.at - 1].text.as_str(), "has" | "have" | "had")
        && (deed.at.saturating_sub(4)..deed.at).any(|i| matches!(tokens[i].text.as_str(), "after" | "once" | "since"));
    let shouted = token.caps && tokens.iter().filter(|token| token.caps).count() * 2 < tokens.len();
    let wanted = deed.at > 1
        && tokens[deed.at - 1].text == "to"
        && matches!(
            tokens[deed.at - 2].base(),
            "love"
                | "like"
                | "want"
                | "need"
                | "hope"
                | "wish"
                | "plan"
                | "prefer"
                | "decide"
                | "ready"
                | "able"
                | "how"
                | "easy"
                | "subject"
        );
    told || relative || wanted || over || planned || gleams || shouted
}

/// Whether a place "moves" without moving: roads wind, mountains rise.
fn is_scenery(tokens: &[Token], phrases: &[Phrase], deed: Deed) -> bool {
    let water = deed.who.is_some_and(|index| Role::Water.has(&tokens[phrases[index].head].text));
    // "The drawbridge drops." falls, "the cliff drops to the sea" does not.
    let base = tokens[deed.at].base();
    let falls = matches!(base, "drop" | "fall" | "open" | "turn" | "roll") && tokens[deed.at + 1].parts();
    let strange = deed.actor & UNKNOWN != 0
        && matches!(base, "stretch" | "extend" | "wind" | "sprawl" | "lead" | "tower" | "loom");
    (deed.actor & (PLACE | BUILDING | PLANT) != 0 || strange)
        && !falls
        && deed.actor & (ANIMATE | VEHICLE) == 0
        && !water
        && Role::Extent.has(base)
}
