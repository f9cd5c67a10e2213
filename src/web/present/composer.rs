//! The composer's menus, built from the chosen model's capabilities; what was typed stays typed.

use super::cost;
use crate::domain::Model;
use crate::studio::{Field, Problem, Submission};
use crate::web::view::Ratio;
use crate::web::view::composer::{Choice, Composer, Cost, Menu, Settings};

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
    match model.price.per_second {
        Some(price) if !price.is_zero() => format!("{price}/s"),
        other => cost::price(other),
    }
}

fn about(model: &Model) -> String {
    if model.is_animatic {
        return "Drawn on this server. A preview, not an AI model".to_owned();
    }
    let longest = model.durations.offered.last().map(|seconds| format!("up to {seconds} s"));
    let guess = if model.is_guess { ", by our guess" } else { "" };
    format!("{} · {}{guess}", model.upstream, longest.unwrap_or_default())
}

/// The sheet of menus.
pub fn settings(models: &[Model], form: &Submission, problems: &[Problem]) -> Settings {
    let keep = |field| wrong(problems, field).is_some();
    let model = form.model.as_deref().and_then(|key| models.iter().find(|model| model.key == key)).or(models.first());
    let mut menus = Settings {
        model: Menu::new("Model", "model", Vec::new()),
        aspect: Menu::new("Aspect ratio", "aspect", Vec::new()),
        resolution: Menu::new("Resolution", "resolution", Vec::new()),
        seconds: Menu::new("Duration", "seconds", Vec::new()),
        variations: Menu::new("Variations", "variations", Vec::new()),
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
    let resolution = chosen(form.resolution.as_deref(), &resolutions, RESOLUTION, keep(Field::Resolution));
    menus.resolution.choices = options(&resolutions, &resolution, ToOwned::to_owned);
    menus.resolution.note = model
        .is_guess
        .then(|| "Sizes and lengths are a guess; the model’s entry in rushes.toml settles them.".to_owned());
    let typed = form.seconds.as_deref();
    let lengths: Vec<String> = model.durations.offered.iter().map(ToString::to_string).collect();
    // A model may take lengths that its menu does not show.
    let taken = typed
        .and_then(|s| s.parse().ok())
        .and_then(crate::domain::Seconds::new)
        .is_some_and(|s| model.durations.takes(s));
    let seconds = chosen(typed, &lengths, "4", taken || keep(Field::Seconds));
    menus.seconds.choices = options(&lengths, &seconds, |value| format!("{value} s"));
    let numbers: Vec<String> = (1..=4).map(|number| number.to_string()).collect();
    let variations = chosen(form.variations.as_deref(), &numbers, "1", keep(Field::Variations));
    menus.variations.choices = options(&numbers, &variations, ToOwned::to_owned);
    menus.cost = sum(model, &aspect, &resolution, &seconds, &variations);
    menus
}

fn sum(model: &Model, aspect: &str, resolution: &str, seconds: &str, variations: &str) -> Cost {
    let length = seconds.parse().ok().and_then(crate::domain::Seconds::new);
    let (Some(size), Some(length), Ok(clips)) = (model.size(aspect, resolution), length, variations.parse::<u8>())
    else {
        return Cost::default();
    };
    let total = model.price.of(size, length).map(|each| each.each(clips));
    let plural = if clips == 1 { "clip" } else { "clips" };
    let sum = match (total, model.price.per_second) {
        (Some(total), Some(price)) if !total.is_zero() => format!("{clips} {plural} × {length} s × {price}"),
        (Some(_), _) => "Costs nothing".to_owned(),
        (None, _) => "Set price_per_second in rushes.toml to see the cost".to_owned(),
    };
    Cost { total: cost::price(total), sum }
}

/// The whole form, as typed and with what is wrong.
pub fn composer(models: &[Model], form: &Submission, problems: &[Problem], had_image: bool) -> Composer {
    Composer {
        action: "/tasks".to_owned(),
        verb: "Create",
        from: form.from.map(|id| id.to_string()),
        token: format!("{:032x}", rand::random::<u128>()),
        prompt: form.prompt.clone(),
        prompt_error: wrong(problems, Field::Prompt),
        attached: (had_image && wrong(problems, Field::Image).is_none()).then(|| "The picture".to_owned()),
        image_error: wrong(problems, Field::Image),
        error: None,
        settings: settings(models, form, problems),
        note: None,
        open: false,
        focus: false,
    }
}
