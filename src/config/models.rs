//! `[[upstream.models]]`: what a model is, as whoever runs this server knows it.

use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, MOST_REFERENCES, Source, prices};
use crate::domain::model::DEADLINE;
use crate::domain::{Ability, Durations, Model, Pixels, Price, Seconds, Usd};

/// The longest deadline, in minutes: a week.
const LONGEST_DEADLINE: u64 = 7 * 24 * 60;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileModel {
    pub(super) id: Spanned<String>,
    label: Option<String>,
    sizes: Spanned<Vec<Spanned<String>>>,
    seconds: Spanned<Vec<Spanned<i64>>>,
    price_per_second: Option<Spanned<String>>,
    price_per_second_silent: Option<Spanned<String>>,
    #[serde(default)]
    prices: Vec<Spanned<prices::FileRate>>,
    abilities: Option<Vec<Spanned<String>>>,
    references: Option<Spanned<i64>>,
    deadline_minutes: Option<Spanned<i64>>,
}

/// One entry.
pub(super) fn read(source: &Source<'_>, upstream: &str, file: &FileModel) -> Result<Model, ConfigError> {
    let id = file.id.get_ref().trim();
    if id.is_empty() || id.chars().count() > 200 || id.chars().any(char::is_control) {
        return Err(source.wrong("upstream.models.id", &file.id, "use 1 to 200 characters"));
    }
    let mut sizes = Vec::new();
    for size in file.sizes.get_ref() {
        let read =
            Pixels::from_str(size.get_ref()).map_err(|error| source.wrong("upstream.models.sizes", size, error))?;
        if !sizes.contains(&read) {
            sizes.push(read);
        }
    }
    if sizes.is_empty() {
        return Err(source.wrong(
            "upstream.models.sizes",
            &file.sizes,
            "name at least one size, for example \"1280x720\"",
        ));
    }
    let mut offered = Vec::new();
    for seconds in file.seconds.get_ref() {
        let read = u16::try_from(*seconds.get_ref()).ok().and_then(Seconds::new);
        offered.push(
            read.ok_or_else(|| source.wrong("upstream.models.seconds", seconds, "use whole seconds from 1 to 600"))?,
        );
    }
    if offered.is_empty() {
        return Err(source.wrong("upstream.models.seconds", &file.seconds, "name at least one length, for example 4"));
    }
    offered.sort_unstable();
    offered.dedup();
    let price = |key: &str, text: &Option<Spanned<String>>| {
        let read =
            text.as_ref().map(|text| Usd::from_str(text.get_ref()).map_err(|error| source.wrong(key, text, error)));
        read.transpose()
    };
    let per_second = price("upstream.models.price_per_second", &file.price_per_second)?;
    let silent = price("upstream.models.price_per_second_silent", &file.price_per_second_silent)?;
    let ability = |word: &Spanned<String>| {
        Ability::named(word.get_ref().as_str()).ok_or_else(|| {
            let known: Vec<&str> = Ability::ALL.iter().map(|(_, word)| *word).collect();
            source.wrong("upstream.models.abilities", word, format_args!("use some of {}", known.join(", ")))
        })
    };
    let abilities = file.abilities.as_ref().map(|words| words.iter().map(ability).collect::<Result<Vec<_>, _>>());
    let abilities = abilities.transpose()?;
    let references = file.references.as_ref().map_or(Ok(0), |many| {
        let read = u8::try_from(*many.get_ref()).ok().filter(|many| *many <= MOST_REFERENCES);
        read.ok_or_else(|| source.wrong("upstream.models.references", many, "use a number from 0 to 9"))
    })?;
    let deadline = file.deadline_minutes.as_ref().map_or(Ok(DEADLINE), |minutes| {
        let read = u64::try_from(*minutes.get_ref()).ok().filter(|minutes| (1..=LONGEST_DEADLINE).contains(minutes));
        let what = "use whole minutes, from 1 to 10080: after these a render is called stalled";
        read.map(Duration::from_mins).ok_or_else(|| source.wrong("upstream.models.deadline_minutes", minutes, what))
    })?;
    Ok(Model {
        key: id.to_owned(),
        id: id.to_owned(),
        label: file.label.clone().filter(|label| !label.trim().is_empty()).unwrap_or_else(|| id.to_owned()),
        upstream: upstream.to_owned(),
        sizes,
        durations: Durations { offered, any_within: None },
        price: Price { per_second, silent, table: prices::read(source, &file.prices)? },
        abilities,
        references,
        deadline,
        is_guess: false,
        is_animatic: false,
    })
}
