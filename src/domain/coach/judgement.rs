//! Whether a verb at work is an event of what is seen. Refuses camera moves, states, plans,
//! light that falls and roads that wind.

use super::event::{CAMERA, Work};
use super::lexicon::{
    ANIMATE, BODY, BUILDING, CONCRETE, CRAFT, Form, Kinds, LIGHT, MOVE, NATURE, NEGATIVE, PLACE, PLANT, SPEAK, VEHICLE,
};
use super::pattern::{NO_ACTION, Sense};
use super::phrase::{Phrase, UNKNOWN};
use super::role::Role;
use super::token::{Tag, Token};

fn denied(tokens: &[Token], at: usize) -> bool {
    (at.saturating_sub(3)..at).rev().take_while(|i| tokens[*i].is_word()).any(|i| {
        tokens[i].kinds() & NEGATIVE != 0
            && tokens[i + 1..at]
                .iter()
                .all(|t| matches!(t.tag, Tag::Adv | Tag::Aux | Tag::Adj | Tag::Noun | Tag::Pron | Tag::Prep))
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
    let look = token.cover & Sense::Style.bit() != 0
        || (token.cover & Sense::Lighting.bit() != 0 && deed.kind != Work::Finite);
    if look
        || token.cover & NO_ACTION != 0
        || !is_dynamic(tokens, deed)
        || denied(tokens, deed.at)
        || is_unseen(tokens, deed)
        || is_unreal(tokens, deed)
        || is_scenery(tokens, phrases, deed)
    {
        return Verdict::Nothing;
    }
    let base = token.base();
    let plain = token.word.is_some_and(|word| word.form == Form::Base);
    if deed.actor == 0 && plain && deed.kind == Work::Finite && Role::CameraMove.has(base) {
        return if Role::CameraOrder.has(base) { Verdict::Order } else { Verdict::Nothing };
    }
    let mover = deed.actor & (ANIMATE | NATURE | PLANT | VEHICLE | BODY | UNKNOWN) != 0;
    let opens = deed.at == 0 || tokens[deed.at - 1].parts();
    // "A burning house" is an event and "running shoes" are not.
    let free = mover || Role::FreeChange.has(base) || (opens && deed.actor & CONCRETE != 0);
    let fits = match deed.kind {
        Work::Finite | Work::Ing => true,
        Work::Passive => deed.actor & (PLACE | BUILDING) == 0,
        Work::Attribute => free,
    };
    if fits { Verdict::Counts } else { Verdict::Nothing }
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
    let object = next.is_some_and(|next| matches!(next.tag, Tag::Det | Tag::Adv | Tag::Adj | Tag::Noun));
    let being = Role::Deed.has(base)
        && deed.actor & (ANIMATE | VEHICLE | BODY) != 0
        && (base == "park" || object)
        && deed.kind != Work::Passive;
    token.kinds() & (MOVE | SPEAK) != 0
        || being
        || (posture && rising)
        || go
        || (token.word.is_none() && deed.kind != Work::Attribute)
}

/// Whether the doer is the camera, the light or the film itself.
fn is_unseen(tokens: &[Token], deed: Deed) -> bool {
    let seen = deed.actor & CONCRETE != 0;
    let named = seen || deed.actor & UNKNOWN != 0;
    let camera = tokens[deed.at].cover & Sense::Camera.bit() != 0;
    (deed.actor & (CAMERA | LIGHT) != 0 && !seen) || ((deed.actor & CRAFT != 0 || camera) && !named)
}

/// Whether it is only planned, shouted on a sign, told by a sign, or a gleam.
fn is_unreal(tokens: &[Token], deed: Deed) -> bool {
    let token = &tokens[deed.at];
    let base = token.base();
    let told = matches!(base, "read" | "say") && deed.actor & (ANIMATE | UNKNOWN) == 0 && deed.who.is_some();
    let planned = (deed.at.saturating_sub(5)..deed.at).rev().take_while(|i| tokens[*i].is_word()).any(|i| {
        matches!(tokens[i].text.as_str(), "will" | "would" | "should" | "could" | "can" | "must" | "that'll" | "too")
    });
    let before_noun = tokens.get(deed.at + 1).is_some_and(|next| next.tag == Tag::Noun);
    let orphan = deed.kind == Work::Finite && deed.actor == 0;
    let gleams = (deed.kind == Work::Attribute || orphan || (deed.kind == Work::Ing && before_noun))
        && matches!(
            base,
            "sparkle" | "glitter" | "shine" | "gleam" | "glow" | "twinkle" | "shimmer" | "glisten" | "dazzle"
        );
    let shouted = token.caps && tokens.iter().filter(|token| token.caps).count() * 2 < tokens.len();
    told || planned || gleams || shouted
}

/// Whether a place "moves" without moving: roads wind, mountains rise.
fn is_scenery(tokens: &[Token], phrases: &[Phrase], deed: Deed) -> bool {
    let water = deed.who.is_some_and(|index| Role::Water.has(&tokens[phrases[index].head].text));
    deed.actor & (PLACE | BUILDING | PLANT) != 0
        && deed.actor & (ANIMATE | VEHICLE) == 0
        && !water
        && Role::Extent.has(tokens[deed.at].base())
}
