//! Making clips of clips on this machine: trim, loop, blend, stitch, other forms, and a clip's still.

use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::Error;
use super::form::{Id, Query};
use super::generation::find;
use super::present::{activity, clip};
use super::view::cut::{CutPage, Kind, Piece, Span, Way};
use super::view::{Ratio, Section};
use super::wants::{Wants, page};
use crate::domain::GenerationId;
use crate::domain::search::Status;
use crate::ffmpeg::{Curve, Length, LoopStyle, Recipe};
use crate::store::clips::Clip;
use crate::store::library::{Filter, From as Place, Scope};
use crate::studio::CutError;

/// Clips that are offered to blend with.
const OFFERED: u32 = 24;
/// Clips in one row.
const MOST_PIECES: usize = 20;

/// What is made, by the word in its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Trim,
    Loop,
    Blend,
    Convert,
    Stitch,
}

impl Verb {
    /// By the end of an address.
    fn of(uri: &Uri) -> Result<Self, Error> {
        let word = uri.path().rsplit('/').next().unwrap_or_default();
        let all = [Self::Trim, Self::Loop, Self::Blend, Self::Convert];
        all.into_iter().find(|verb| verb.words().0 == word).ok_or(Error::NotFound)
    }

    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Trim => ("trim", "Trim", "Trim"),
            Self::Loop => ("loop", "Loop", "Make a loop"),
            Self::Blend => ("blend", "Blend", "Blend"),
            Self::Convert => ("convert", "Save in another form", "Save"),
            Self::Stitch => ("stitch", "Stitch", "Stitch"),
        }
    }
}

/// What was typed; the last of each name counts, and every id.
#[derive(Debug, Clone, Default)]
struct Typed {
    fields: Vec<(String, String)>,
    ids: Vec<GenerationId>,
}

impl Typed {
    fn read(body: &[u8]) -> Self {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
        let ids = fields.iter().filter(|(name, _)| name == "id").filter_map(|(_, id)| id.parse().ok()).collect();
        Self { fields, ids }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn or(&self, name: &str, usual: &str) -> String {
        self.get(name).unwrap_or(usual).to_owned()
    }

    /// Seconds with up to three decimals, as milliseconds.
    fn millis(&self, name: &str) -> Result<u64, String> {
        let wrong = || "Write the moments in seconds, for example 2.5.".to_owned();
        let text = self.get(name).unwrap_or_default().trim().replace(',', ".");
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if text.len() > 12 || (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let part: String = part.chars().chain("000".chars()).take(3).collect();
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| wrong())? };
        Ok(whole.saturating_mul(1000).saturating_add(part.parse::<u64>().map_err(|_| wrong())?))
    }
}

/// `8.04`, as the form shows a length.
fn seconds(ms: u64) -> String {
    let text = format!("{}.{:03}", ms / 1000, ms % 1000);
    let short = text.trim_end_matches('0');
    short.trim_end_matches('.').to_owned()
}

fn length(clip: &Clip) -> u64 {
    let asked = u64::from(clip.seconds.get()) * 1000;
    clip.file.as_ref().and_then(|file| file.duration_ms).unwrap_or(asked)
}

async fn pieces(app: &App, ids: &[GenerationId]) -> Result<Vec<Piece>, Error> {
    let clips = app.studio.store.clips(ids).await?;
    let piece = |id: &GenerationId| {
        let clip = clips.iter().find(|clip| clip.id == *id)?;
        Some(Piece {
            id: id.to_string(),
            name: activity::short(clip.name()),
            still: clip::poster_url(clip),
            length: format!("{} s", seconds(length(clip))),
        })
    };
    Ok(ids.iter().filter_map(piece).collect())
}

/// Finished films that a clip can be blended with.
async fn others(app: &App, wants: &Wants, id: GenerationId, chosen: &str) -> Result<Vec<Way>, Error> {
    let filter = Filter { status: Some(Status::Done), ..Filter::of(Scope::All, wants.person) };
    let slice = app.studio.store.page(&filter, Place::Front, OFFERED).await?;
    let films = slice.clips.iter().filter(|clip| clip.id != id);
    let films = films.filter(|clip| clip.file.as_ref().is_some_and(|file| file.mime.starts_with("video/")));
    Ok(films
        .map(|clip| Way {
            still: clip::poster_url(clip),
            ..Way::new(&clip.id.to_string(), &activity::short(clip.name()), chosen)
        })
        .collect())
}

async fn kind(app: &App, wants: &Wants, verb: Verb, clip: Option<&Clip>, typed: &Typed) -> Result<Kind, Error> {
    let whole = clip.map(length).unwrap_or_default();
    let span = || Span { from: typed.or("from", "0"), to: typed.or("to", &seconds(whole)) };
    Ok(match verb {
        Verb::Trim => Kind::Trim(span()),
        Verb::Loop => {
            let style = typed.or("style", "ping_pong");
            let seam = typed.or("length", "normal");
            let styles = [("ping_pong", "There and back"), ("cross_fade", "Cross-fade the seam")];
            let seams = [("short", "Short"), ("normal", "Normal"), ("long", "Long")];
            let ways = |list: &[(&str, &str)], chosen: &str| -> Vec<Way> {
                list.iter().map(|(value, label)| Way::new(value, label, chosen)).collect()
            };
            Kind::Loop(span(), ways(&styles, &style), ways(&seams, &seam))
        }
        Verb::Blend => {
            let id = clip.map_or(GenerationId::from_i64(0), |clip| clip.id);
            let curve = typed.or("curve", "transition");
            let curves = [("transition", "Transition"), ("mix", "Mix"), ("sample", "Sample")];
            let curves = curves.into_iter().map(|(value, label)| Way::new(value, label, &curve)).collect();
            Kind::Blend(others(app, wants, id, &typed.or("with", "")).await?, curves, typed.or("overlap", "1"))
        }
        Verb::Convert => {
            let form = typed.or("form", "gif");
            let forms = [("gif", "GIF"), ("webm", "WebM"), ("frame", "One frame (PNG)"), ("last", "Last frame (PNG)")];
            let forms = forms.into_iter().map(|(value, label)| Way::new(value, label, &form)).collect();
            Kind::Convert(forms, typed.or("at", "0"))
        }
        Verb::Stitch => Kind::Stitch(pieces(app, &typed.ids).await?),
    })
}

async fn show(
    app: &App,
    wants: &Wants,
    verb: Verb,
    clip: Option<&Clip>,
    typed: &Typed,
    error: Option<String>,
) -> Result<Response, Error> {
    let (word, title, button) = verb.words();
    let action = clip.map_or_else(|| format!("/{word}"), |clip| format!("/g/{}/{word}", clip.id));
    let player = clip.and_then(|clip| {
        let file = clip.file.as_ref()?;
        let player = clip::player(clip, clip::video_url(clip, file));
        let ratio = Ratio::of(player.wide, player.high);
        Some((player, ratio))
    });
    let token = typed.get("token").filter(|token| error.is_some() && !token.is_empty()).map(str::to_owned);
    let view = CutPage {
        frame: app.frame(title, Section::InLibrary, wants, &action, "bell").await?,
        title,
        verb: button,
        back: clip.map_or_else(|| "/".to_owned(), |clip| format!("/g/{}", clip.id)),
        action,
        token: token.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>())),
        player,
        seconds: seconds(clip.map(length).unwrap_or_default()),
        kind: kind(app, wants, verb, clip, typed).await?,
        absent: app.studio.ffmpeg.tool().await.err(),
        error,
    };
    let status = if view.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page(&view)?).into_response())
}

/// What is to be made of what was typed, and of which clips.
fn recipe(verb: Verb, id: Option<GenerationId>, typed: &Typed) -> Result<(Recipe, Vec<GenerationId>), String> {
    let one: Vec<GenerationId> = id.into_iter().collect();
    Ok(match verb {
        Verb::Trim => (Recipe::Trim { from_ms: typed.millis("from")?, to_ms: typed.millis("to")? }, one),
        Verb::Loop => {
            let style = match typed.get("style") {
                Some("cross_fade") => LoopStyle::CrossFade,
                _ => LoopStyle::PingPong,
            };
            let length = match typed.get("length") {
                Some("short") => Length::Short,
                Some("long") => Length::Long,
                _ => Length::Normal,
            };
            (Recipe::Loop { style, length, from_ms: typed.millis("from")?, to_ms: typed.millis("to")? }, one)
        }
        Verb::Blend => {
            let with = typed.get("with").and_then(|id| id.parse().ok()).ok_or("Choose a clip to blend with.")?;
            let curve = match typed.get("curve") {
                Some("mix") => Curve::Mix,
                Some("sample") => Curve::Sample,
                _ => Curve::Transition,
            };
            let overlap_ms = typed.millis("overlap")?;
            (Recipe::Blend { curve, overlap_ms }, one.into_iter().chain([with]).collect())
        }
        Verb::Convert => {
            let recipe = match typed.get("form") {
                Some("webm") => Recipe::Webm,
                Some("frame") => Recipe::Frame { at_ms: typed.millis("at")?, last: false },
                Some("last") => Recipe::Frame { at_ms: 0, last: true },
                _ => Recipe::Gif { wide: 480, fps: 12 },
            };
            (recipe, one)
        }
        Verb::Stitch => match typed.ids.len() {
            0 | 1 => return Err("Choose at least two clips to stitch.".to_owned()),
            many if many > MOST_PIECES => {
                return Err(format!("{many} clips are too many for one. Stitch {MOST_PIECES} at most."));
            }
            _ => (Recipe::Stitch, typed.ids.clone()),
        },
    })
}

async fn make(app: &App, wants: &Wants, verb: Verb, clip: Option<&Clip>, typed: &Typed) -> Result<Response, Error> {
    if typed.get("do") == Some("poster") && verb == Verb::Convert {
        return poster(app, wants, clip, typed).await;
    }
    let made = match recipe(verb, clip.map(|clip| clip.id), typed) {
        Ok((recipe, ids)) => app.studio.cut(wants.person, &recipe, &ids, typed.get("token")).await,
        Err(words) => Err(CutError::Unfit(words)),
    };
    match made {
        Ok(task) => Ok(wants.go(&format!("/t/{task}"))),
        Err(CutError::Unfit(words)) => show(app, wants, verb, clip, typed, Some(words)).await,
        Err(CutError::NotFound) => Err(Error::NotFound),
        Err(CutError::Store(error)) => Err(error.into()),
    }
}

async fn poster(app: &App, wants: &Wants, clip: Option<&Clip>, typed: &Typed) -> Result<Response, Error> {
    let clip = clip.ok_or(Error::NotFound)?;
    let set = match typed.millis("at") {
        Ok(at) => app.studio.set_poster(clip.id, at).await,
        Err(words) => Err(CutError::Unfit(words)),
    };
    match set {
        Ok(()) => Ok(wants.go(&format!("/g/{}", clip.id))),
        Err(CutError::Unfit(words)) => show(app, wants, Verb::Convert, Some(clip), typed, Some(words)).await,
        Err(CutError::NotFound) => Err(Error::NotFound),
        Err(CutError::Store(error)) => Err(error.into()),
    }
}

/// A clip with a film.
async fn film(app: &App, id: GenerationId) -> Result<Clip, Error> {
    let clip = find(app, id).await?;
    let is_film = clip.file.as_ref().is_some_and(|file| file.mime.starts_with("video/"));
    if is_film { Ok(clip) } else { Err(Error::Conflict) }
}

/// `GET /g/{generation}/trim`, `…/loop`, `…/blend`, `…/convert`
pub async fn open(app: App, wants: Wants, Id(id): Id<GenerationId>, uri: Uri) -> Result<Response, Error> {
    let (verb, clip) = (Verb::of(&uri)?, film(&app, id).await?);
    show(&app, &wants, verb, Some(&clip), &Typed::default(), None).await
}

/// `POST` to the same addresses.
pub async fn send(app: App, wants: Wants, Id(id): Id<GenerationId>, uri: Uri, body: Bytes) -> Result<Response, Error> {
    let (verb, clip) = (Verb::of(&uri)?, film(&app, id).await?);
    make(&app, &wants, verb, Some(&clip), &Typed::read(&body)).await
}

/// `GET /stitch?id=…&id=…`: several clips in a row.
pub async fn stitch(app: App, wants: Wants, Query(fields): Query<Vec<(String, String)>>) -> Result<Response, Error> {
    let ids = fields.iter().filter(|(name, _)| name == "id").filter_map(|(_, id)| id.parse().ok()).collect();
    let typed = Typed { fields, ids };
    show(&app, &wants, Verb::Stitch, None, &typed, None).await
}

/// `POST /stitch`: another order, or the stitching.
pub async fn make_stitch(app: App, wants: Wants, body: Bytes) -> Result<Response, Error> {
    let mut typed = Typed::read(&body);
    let order = typed.get("do").unwrap_or("make").to_owned();
    let Some((verb, place)) = order.split_once(':') else {
        return make(&app, &wants, Verb::Stitch, None, &typed).await;
    };
    let place: usize = place.parse().map_err(|_| Error::NotFound)?;
    match verb {
        "up" if place > 0 && place < typed.ids.len() => typed.ids.swap(place - 1, place),
        "down" if place + 1 < typed.ids.len() => typed.ids.swap(place, place + 1),
        "remove" if place < typed.ids.len() => drop(typed.ids.remove(place)),
        _ => {}
    }
    show(&app, &wants, Verb::Stitch, None, &typed, None).await
}
