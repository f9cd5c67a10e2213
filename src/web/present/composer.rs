//! The composer's menus, built from the chosen model's capabilities; what was typed stays typed.

use super::{coach, cost};
use crate::domain::plan::Plan;
use crate::domain::{Ability, Charge, Model, Operation, PersonId, Right, Seconds, Visibility, making};
use crate::store;
use crate::studio::{Field, Problem, Source, Studio, Submission, picture_of};
use crate::web::view::Ratio;
use crate::web::view::composer::{
    Attached, Choice, Composer, Cost, Extras, Menu, Mode, Settings, Strength, StyleTile, Typed,
};

/// The first choices, where a model has them.
const ASPECT: &str = "16:9";
const RESOLUTION: &str = "720p";

/// What is wrong with a field.
fn wrong(problems: &[Problem], field: Field) -> Option<String> {
    problems.iter().find(|problem| problem.field == field).map(|problem| problem.words.clone())
}

/// What was typed if it is on offer, or if it was wrong and must be seen again; else the preferred, else the first.
fn chosen(typed: Option<&str>, offered: &[String], preferred: &str, keep: bool) -> String {
    typed
        .filter(|value| keep || offered.iter().any(|other| other == value))
        .or_else(|| offered.iter().map(String::as_str).find(|value| *value == preferred))
        .or(offered.first().map(String::as_str))
        .unwrap_or_default()
        .to_owned()
}

/// Options with the chosen one checked; a value that is not on offer is added, so that it is not lost.
fn options(offered: &[String], chosen: &str, label: impl Fn(&str) -> String) -> Vec<Choice> {
    let mut choices: Vec<Choice> =
        offered.iter().map(|value| Choice::new(value, label(value), value == chosen)).collect();
    if !chosen.is_empty() && !offered.iter().any(|value| value == chosen) {
        let short: String = chosen.chars().take(20).collect();
        choices.push(Choice::new(chosen, short, true));
    }
    choices
}

fn per_second(model: &Model) -> String {
    model.price.words().unwrap_or_else(|| cost::price(None))
}

fn about(model: &Model) -> String {
    if model.is_animatic {
        return "Drawn on this server. A preview, not an AI model".to_owned();
    }
    let longest = model.durations.offered.last().map(|seconds| format!("up to {seconds} s"));
    let guess = if model.is_guess { ", by our guess" } else { "" };
    format!("{} · {}{guess}", model.upstream, longest.unwrap_or_default())
}

/// What the menus are built from.
pub struct Palette {
    models: Vec<Model>,
    styles: Vec<(StyleTile, String)>,
    source: Option<Source>,
    /// Who sees new clips; none where there is nobody else.
    visibility: Option<Visibility>,
    may_make: bool,
    quota: Option<(String, bool)>,
    /// What the person may use.
    plan: Plan,
    /// Why the clip cannot be gone on from here and now.
    missing: Option<String>,
}

impl Palette {
    /// The models, the styles that a person may use, and the clip that the form goes on from.
    pub async fn of(studio: &Studio, person: PersonId, form: &Submission) -> Result<Self, store::Error> {
        let tile = |key: &str, name: &str, picture: Option<String>| StyleTile {
            key: key.to_owned(),
            name: name.to_owned(),
            picture,
            checked: false,
        };
        let built_in = making::STYLES.into_iter().map(|(key, name, text)| {
            let picture = crate::web::view::static_url(&format!("presets/{key}.webp"));
            (tile(key, name, Some(picture)), text.to_owned())
        });
        let own = studio.store.presets(person).await?.into_iter().map(|preset| {
            let picture = super::styles::picture(&preset);
            (tile(&preset.id.to_string(), &preset.name, picture), preset.text)
        });
        let none = (tile("", "None", None), String::new());
        let styles = std::iter::once(none).chain(built_in).chain(own).collect();
        // A clip that cannot be gone on from is told when the form is sent.
        let source = studio.source(form).await.ok().flatten();
        let missing = match &source {
            Some(source) if source.operation == Operation::Extend && !source.native => studio.ffmpeg.tool().await.err(),
            Some(_) | None => None,
        };
        let me = studio.store.person(person).await?.filter(|person| person.joined_at.is_some());
        let (quota, plan) = match &me {
            Some(_) => {
                let has = studio.store.allowance(studio.viewer.person, studio.clock.now()).await?;
                (super::quota::words(&has), has.plan)
            }
            None => (None, Plan::unlimited()),
        };
        Ok(Self {
            models: studio.models(),
            styles,
            source,
            visibility: me.map(|person| person.visibility),
            may_make: studio.viewer.may(Right::Make),
            quota,
            plan,
            missing,
        })
    }
}

/// The sheet of menus.
pub fn settings(palette: &Palette, form: &Submission, problems: &[Problem]) -> Settings {
    let asked = palette.source.as_ref().map_or_else(|| form.clone(), |source| source.settings_for(form));
    let form = &asked;
    let models = &palette.models;
    let keep = |field| wrong(problems, field).is_some();
    let plan = &palette.plan;
    // What was sent and refused is seen again as it was; a menu does not begin with what it cannot give.
    let model = form
        .model
        .as_deref()
        .and_then(|key| models.iter().find(|model| model.key == key))
        .filter(|model| !problems.is_empty() || plan.has_model(&model.key))
        .or(models.iter().find(|model| plan.has_model(&model.key)))
        .or(models.first());
    let mut menus = Settings {
        model: Menu::new("Model", "model", Vec::new()),
        aspect: Menu::new("Aspect ratio", "aspect", Vec::new()),
        resolution: Menu::new("Resolution", "resolution", Vec::new()),
        seconds: Menu::new("Duration", "seconds", Vec::new()),
        variations: Menu::new("Variations", "variations", Vec::new()),
        styles: Vec::new(),
        style_text: String::new(),
        style_error: wrong(problems, Field::Preset),
        extras: Extras::default(),
        goes_on: palette.source.as_ref().map(|source| (field(source), source.clip.id.to_string())),
        is_private: palette.visibility.map(|usual| {
            let chosen = form.visibility.as_deref().and_then(|word| word.parse().ok());
            chosen.unwrap_or(usual) == Visibility::Private
        }),
        cost: Cost::default(),
    };
    menus.model.choices = models
        .iter()
        .map(|other| Choice {
            detail: about(other),
            price: per_second(other),
            ..Choice::new(&other.key, &other.label, model.is_some_and(|model| model.key == other.key))
        })
        .collect();
    for (menu, field) in [
        (&mut menus.model, Field::Model),
        (&mut menus.aspect, Field::Aspect),
        (&mut menus.resolution, Field::Resolution),
        (&mut menus.seconds, Field::Seconds),
        (&mut menus.variations, Field::Variations),
    ] {
        menu.error = wrong(problems, field);
    }
    style(&mut menus, palette, form.preset.as_deref().unwrap_or_default());
    lock(&mut menus.model, Some("Your plan lacks the others.".to_owned()), |key| plan.has_model(key));
    let Some(model) = model else { return menus };
    let aspects = model.aspects();
    let aspect = chosen(form.aspect.as_deref(), &aspects, ASPECT, keep(Field::Aspect));
    menus.aspect.choices = options(&aspects, &aspect, ToOwned::to_owned);
    for choice in &mut menus.aspect.choices {
        choice.shape = Some(Ratio::named(&choice.value));
    }
    // A format that the model lacks has no sizes: the menu then shows those of one that it has.
    let shape = chosen(Some(&aspect), &aspects, ASPECT, false);
    let resolutions = model.resolutions(&shape);
    let typed = form.resolution.as_deref();
    let has_size = |name: &str| model.size(&shape, name).is_none_or(|size| plan.has_size(size));
    let had = |value: &str| !problems.is_empty() && typed == Some(value);
    let offered = within(&resolutions, |name| has_size(name) || had(name));
    let resolution = chosen(typed, &offered, RESOLUTION, keep(Field::Resolution));
    menus.resolution.choices = options(&resolutions, &resolution, ToOwned::to_owned);
    menus.resolution.note = model
        .is_guess
        .then(|| "Sizes and lengths are a guess; the model’s entry in rushes.toml settles them.".to_owned());
    lock(&mut menus.resolution, plan.largest.map(|lines| format!("Your plan goes up to {lines}p.")), has_size);
    let typed = form.seconds.as_deref();
    let lengths: Vec<String> = model.durations.offered.iter().map(ToString::to_string).collect();
    // A model may take lengths that its menu does not show.
    let taken = typed.and_then(length).is_some_and(|seconds| model.durations.takes(seconds));
    let has_length = |value: &str| length(value).is_none_or(|seconds| plan.has_length(seconds));
    let offered = within(&lengths, has_length);
    let is_kept = keep(Field::Seconds) || (taken && (!problems.is_empty() || typed.is_none_or(has_length)));
    let seconds = chosen(typed, &offered, "4", is_kept);
    menus.seconds.choices = options(&lengths, &seconds, |value| format!("{value} s"));
    lock(&mut menus.seconds, plan.longest.map(|most| format!("Your plan goes up to {most} s.")), has_length);
    let numbers: Vec<String> = (1..=4).map(|number| number.to_string()).collect();
    let variations = chosen(form.variations.as_deref(), &numbers, "1", keep(Field::Variations));
    menus.variations.choices = options(&numbers, &variations, ToOwned::to_owned);
    if let Some(source) = palette.source.as_ref().filter(|source| source.native) {
        hold(&mut menus, source.operation == Operation::Remix);
    }
    menus.extras = extras(model, form, problems);
    let audio = menus.extras.audio.unwrap_or(true);
    menus.cost = sum(model, [&aspect, &resolution, &seconds, &variations], audio);
    menus
}

/// The styles, with the chosen one and what it adds.
fn style(menus: &mut Settings, palette: &Palette, chosen: &str) {
    let known = palette.styles.iter().any(|(style, _)| style.key == chosen);
    for (style, text) in &palette.styles {
        let checked = style.key == if known { chosen } else { "" };
        if checked {
            menus.style_text.clone_from(text);
        }
        menus.styles.push(StyleTile { checked, ..style.clone() });
    }
}

/// A length as typed, in whole seconds.
fn length(typed: &str) -> Option<Seconds> {
    typed.parse().ok().and_then(Seconds::new)
}

/// What a plan has of what a model offers; all of it where that is nothing, so that a menu always says something.
fn within(offered: &[String], has: impl Fn(&str) -> bool) -> Vec<String> {
    let within: Vec<String> = offered.iter().filter(|value| has(value)).cloned().collect();
    if within.is_empty() { offered.to_vec() } else { within }
}

/// What a plan lacks is seen and cannot be chosen, with the reason below.
fn lock(menu: &mut Menu, reason: Option<String>, has: impl Fn(&str) -> bool) {
    let mut is_any = false;
    for choice in menu.choices.iter_mut().filter(|choice| !choice.checked && !has(&choice.value)) {
        choice.disabled = true;
        is_any = true;
    }
    if let Some(reason) = reason.filter(|_| is_any) {
        let ask = "An owner or admin can change it.";
        menu.note =
            Some(menu.note.take().map_or_else(|| format!("{reason} {ask}"), |note| format!("{reason} {ask} {note}")));
    }
}

/// The field that says what the form goes on from.
fn field(source: &Source) -> &'static str {
    if source.operation == Operation::Extend { "extend" } else { "remix" }
}

/// An upstream that changes its own clip keeps its shape and size; a remix keeps its length, too.
fn hold(menus: &mut Settings, keeps_length: bool) {
    let held = [(&mut menus.aspect, true), (&mut menus.resolution, true), (&mut menus.seconds, keeps_length)];
    for (menu, _) in held.into_iter().filter(|(_, held)| *held) {
        for choice in menu.choices.iter_mut().filter(|choice| !choice.checked) {
            choice.disabled = true;
        }
        menu.note = Some("The upstream keeps what the clip has.".to_owned());
    }
}

/// What only some models take.
fn extras(model: &Model, form: &Submission, problems: &[Problem]) -> Extras {
    let typed = |text: &Option<String>, field| -> Typed { (text.clone().unwrap_or_default(), wrong(problems, field)) };
    let can = |ability| model.can(ability);
    let lacks = [
        (can(Ability::Audio), "switch for sound"),
        (can(Ability::Seed), "seed"),
        (can(Ability::NegativePrompt), "field for what to leave out"),
        (can(Ability::LastFrame), "last frame"),
        (model.references > 0, "further pictures"),
    ];
    let missing: Vec<&str> = lacks.into_iter().filter(|(has, _)| !has).map(|(_, name)| name).collect();
    let unknown = [(Ability::Seed, Field::Seed), (Ability::NegativePrompt, Field::Negative)];
    let lost = unknown.into_iter().filter(|(ability, _)| !can(*ability)).find_map(|(_, field)| wrong(problems, field));
    let frame_error = wrong(problems, Field::LastImage);
    Extras {
        audio: can(Ability::Audio).then(|| form.audio.as_deref() != Some("0")),
        seed: can(Ability::Seed).then(|| typed(&form.seed, Field::Seed)),
        negative: can(Ability::NegativePrompt).then(|| typed(&form.negative, Field::Negative)),
        last_frame: can(Ability::LastFrame).then(|| frame_error.clone()),
        references: model.references,
        references_error: wrong(problems, Field::References),
        error: lost.or(frame_error.filter(|_| !can(Ability::LastFrame))),
        lacks: match missing.split_last() {
            None => String::new(),
            Some((end, [])) => format!("{} has no {end}.", model.label),
            Some((end, rest)) => format!("{} has no {} or {end}.", model.label, rest.join(", ")),
        },
    }
}

fn sum(model: &Model, [aspect, resolution, seconds, variations]: [&str; 4], audio: bool) -> Cost {
    let length = length(seconds);
    let (Some(size), Some(length), Ok(clips)) = (model.size(aspect, resolution), length, variations.parse::<u8>())
    else {
        return Cost::default();
    };
    let total = model.price.of(size, length, audio).map(|each| each.each(clips));
    let plural = if clips == 1 { "clip" } else { "clips" };
    let sum = match (total, model.price.charge(size, length, audio)) {
        (Some(total), Some(Charge::Second(price))) if !total.is_zero() => {
            format!("{clips} {plural} × {length} s × {price}")
        }
        (Some(total), Some(Charge::Clip(price))) if !total.is_zero() => format!("{clips} {plural} × {price}"),
        (Some(_), _) => "Costs nothing".to_owned(),
        (None, _) => "Set price_per_second in rushes.toml to see the cost".to_owned(),
    };
    Cost { total: cost::price(total), sum }
}

/// What a remix or an extension goes on from.
fn mode(source: &Source, form: &Submission, problems: &[Problem]) -> Mode {
    let is_remix = source.operation == Operation::Remix;
    let chosen = form.strength.as_deref().unwrap_or("mild");
    let strength = |(key, label, words): (&'static str, &'static str, &'static str)| Strength {
        key,
        label,
        words,
        checked: key == chosen,
    };
    let note = match (is_remix, source.native) {
        (true, true) => "The upstream changes its own clip.",
        (true, false) => "A new clip is made: it is told this one’s prompt and your change.",
        (false, true) => "The upstream makes its own clip longer.",
        (false, false) => "A new clip begins with the last frame; both are joined here.",
    };
    let words = making::STRENGTHS.into_iter().find(|(key, ..)| *key == chosen).map_or("", |(.., words)| words);
    Mode {
        field: field(source),
        id: source.clip.id.to_string(),
        verb: if is_remix { "Remix" } else { "Extend" },
        name: super::activity::short(source.clip.name()),
        still: super::clip::poster_url(&source.clip),
        note: note.to_owned(),
        strengths: if is_remix { making::STRENGTHS.into_iter().map(strength).collect() } else { Vec::new() },
        wording: words.to_owned(),
        own_words: form.strength_words.clone().unwrap_or_default(),
        error: wrong(problems, Field::Strength),
    }
}

/// A picture of the library, as the composer shows it.
fn attached(form: &Submission) -> Option<Attached> {
    let from = form.image_from.as_deref().filter(|from| !from.is_empty())?;
    let (id, frame) = picture_of(from)?;
    let (word, name) = match frame {
        crate::studio::Frame::First => ("first", "First frame of a clip"),
        crate::studio::Frame::Last => ("last", "Last frame of a clip"),
        crate::studio::Frame::Whole => ("whole", "A picture of the library"),
    };
    Some(Attached { from: from.to_owned(), src: format!("/g/{id}/frame?at={word}"), name: name.to_owned() })
}

/// The whole form, as typed and with what is wrong.
pub fn composer(palette: &Palette, form: &Submission, problems: &[Problem], had_image: bool) -> Composer {
    let settings = settings(palette, form, problems);
    let coach = coach::of(&form.prompt, &settings, palette.source.is_some());
    let mode = palette.source.as_ref().map(|source| mode(source, form, problems));
    let placeholder = match &mode {
        Some(mode) if mode.field == "remix" => "Describe changes…",
        Some(_) => "Describe what happens next…",
        None => "Describe your video…",
    };
    Composer {
        action: "/tasks".to_owned(),
        verb: "Create",
        from: form.from.map(|id| id.to_string()),
        token: format!("{:032x}", rand::random::<u128>()),
        prompt: form.prompt.clone(),
        prompt_error: wrong(problems, Field::Prompt),
        placeholder,
        keeps_draft: mode.is_none(),
        mode,
        coach,
        picture: attached(form),
        crop: (form.crop.x, form.crop.y, form.crop.zoom),
        attached: (had_image && wrong(problems, Field::Image).is_none()).then(|| "The picture".to_owned()),
        image_error: wrong(problems, Field::Image),
        error: wrong(problems, Field::Quota).or_else(|| palette.missing.clone()),
        closed: (!palette.may_make).then_some("You are here to look: your role does not include making clips."),
        quota: palette.quota.clone(),
        settings,
        note: None,
        open: false,
        focus: false,
    }
}
