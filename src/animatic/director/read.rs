//! What one stretch of text says, and how what it leaves open is decided.

use super::camera::{self, Asked};
use super::toss;
use super::vocabulary as v;
use super::words::Words;
use crate::animatic::plan::{Camera, Light, Mood, Setting, ShotSize, Subject, Weather};

/// What a text says; `None` where it is silent.
#[derive(Clone, Copy)]
pub struct Reading {
    setting: Option<Setting>,
    light: Option<Light>,
    weather: Option<Weather>,
    mood: Option<Mood>,
    subject: Option<Subject>,
    size: Option<ShotSize>,
    camera: Option<Asked>,
    outdoors: bool,
    silent: bool,
}

/// The value with the most weight among the words; of equals the one said first.
fn vote<T: Copy + PartialEq>(words: &Words, table: &[(T, usize, &str)]) -> Option<T> {
    let mut scores: Vec<(T, usize, usize)> = Vec::new();
    for &(value, weight, terms) in table {
        for term in terms.split('|') {
            let Some(at) = words.find(term) else { continue };
            match scores.iter_mut().find(|(known, ..)| *known == value) {
                Some((_, score, first)) => (*score, *first) = (*score + weight, at.min(*first)),
                None => scores.push((value, weight, at)),
            }
        }
    }
    let best = scores.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.2.cmp(&a.2)))?;
    Some(best.0)
}

/// The value said first; weights decide only between values said at the same word.
fn first<T: Copy + PartialEq>(words: &Words, table: &[(T, usize, &str)]) -> Option<T> {
    let said = table.iter().flat_map(|&(value, rank, terms)| {
        terms.split('|').filter_map(move |t| words.find(t).map(|at| (rank, at, t.len(), value)))
    });
    said.min_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(b.2.cmp(&a.2))).map(|(.., value)| value)
}

impl Reading {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let words = Words::of(text);
        let subject = if words.any(v::NOBODY) {
            Some(Subject::None)
        } else {
            let named = first(&words, v::SUBJECTS).map(|s| joined(&words, s));
            named.or_else(|| words.any(v::EMPTY).then_some(Subject::None))
        };
        let setting = vote(&words, v::SETTINGS);
        let mood = vote(&words, v::MOODS);
        let light = first(&words, v::LIGHTS);
        Self {
            setting,
            light,
            weather: first(&words, v::WEATHERS),
            mood,
            subject,
            size: first(&words, v::SIZES),
            camera: camera::asked(&words),
            outdoors: words.any(v::OUTDOORS),
            silent: words.is_empty(),
        }
    }

    /// This text after an earlier one: silent where it is silent, it goes on as before.
    pub fn after(&self, before: &Self) -> Self {
        let moved = self.setting.is_some() && self.setting != before.setting;
        Self {
            setting: self.setting.or(before.setting),
            light: self.light.or(before.light),
            // Weather outside one place says nothing of another, unless it is a storm over everything.
            weather: self.weather.or(if moved && self.setting == Some(Setting::Space) { None } else { before.weather }),
            mood: self.mood.or(before.mood),
            subject: self.subject.or(before.subject),
            size: self.size,
            camera: self.camera,
            outdoors: self.outdoors || before.outdoors,
            silent: self.silent && before.silent,
        }
    }

    /// Who is seen.
    pub fn subject_or_none(&self) -> Subject {
        self.subject.unwrap_or(Subject::None)
    }

    /// What the air does.
    pub fn weather_or_clear(&self) -> Weather {
        self.weather.unwrap_or(Weather::Clear)
    }

    /// How the colours go.
    pub fn mood_or_neutral(&self) -> Mood {
        self.mood.unwrap_or(Mood::Neutral)
    }

    /// Where: as said, or where such a subject is at home, or by the seed.
    pub fn setting_for(&self, subject: Subject, seed: u64) -> Setting {
        if let Some(setting) = self.setting {
            return setting;
        }
        let either = |a, b| if toss(seed, 21, 2) == 0 { a } else { b };
        match subject {
            Subject::None if self.outdoors || self.weather.is_some() => Setting::Hills,
            Subject::None if self.light.is_some() => either(Setting::Sky, Setting::Hills),
            Subject::None => Setting::Abstract,
            Subject::Person | Subject::Couple => either(Setting::Hills, Setting::Field),
            Subject::Walker | Subject::Bicycle | Subject::Car => Setting::Road,
            Subject::Rider => either(Setting::Desert, Setting::Field),
            Subject::Train | Subject::Balloon => Setting::Hills,
            Subject::Boat | Subject::Ship | Subject::Lighthouse | Subject::Whale => Setting::Sea,
            Subject::Bird | Subject::Birds | Subject::Plane => Setting::Sky,
            Subject::Dog | Subject::Horse | Subject::Tree | Subject::House => Setting::Field,
            Subject::Cat | Subject::StillLife => Setting::Interior,
            Subject::Deer | Subject::Campfire => Setting::Forest,
            Subject::Fish => Setting::Underwater,
            Subject::Rocket | Subject::Astronaut => Setting::Space,
            Subject::Robot => either(Setting::Street, Setting::Desert),
        }
    }

    /// When: as said, or an hour that suits the place and the weather.
    pub fn light_for(&self, setting: Setting, weather: Weather, seed: u64) -> Light {
        if let Some(light) = self.light {
            return light;
        }
        let of = |choices: [Light; 4]| usize::try_from(toss(seed, 22, 4)).map_or(choices[0], |i| choices[i % 4]);
        if self.mood == Some(Mood::Noir) {
            return Light::Night;
        }
        match weather {
            Weather::Rain | Weather::Storm => {
                return if matches!(setting, Setting::City | Setting::Street) { Light::Night } else { Light::Overcast };
            }
            Weather::Fog => return of([Light::Dawn, Light::Overcast, Light::Dawn, Light::Day]),
            Weather::Snow => {
                return of([Light::Overcast, Light::BlueHour, Light::Day, Light::Overcast]);
            }
            Weather::Clear | Weather::Cloudy => {}
        }
        match setting {
            Setting::City => of([Light::Dusk, Light::BlueHour, Light::GoldenHour, Light::Night]),
            Setting::Street => of([Light::Night, Light::Night, Light::Dusk, Light::BlueHour]),
            Setting::Space => Light::Night,
            Setting::Underwater => Light::Day,
            Setting::Interior => of([Light::GoldenHour, Light::Day, Light::GoldenHour, Light::Dawn]),
            Setting::Snow => of([Light::Day, Light::GoldenHour, Light::Dawn, Light::Dusk]),
            Setting::Sea
            | Setting::Hills
            | Setting::Forest
            | Setting::Desert
            | Setting::Sky
            | Setting::Road
            | Setting::Field
            | Setting::Abstract => of([Light::Day, Light::GoldenHour, Light::GoldenHour, Light::Dusk]),
        }
    }

    /// How the camera moves.
    pub fn camera_for(&self, seed: u64) -> Camera {
        camera::choose(self.camera, seed)
    }

    /// How large the subject stands.
    pub fn size_for(&self, subject: Subject, seed: u64) -> ShotSize {
        self.size.unwrap_or(match subject {
            Subject::None | Subject::Birds | Subject::House | Subject::Train => ShotSize::Wide,
            Subject::Person
            | Subject::Couple
            | Subject::Walker
            | Subject::Rider
            | Subject::Car
            | Subject::Boat
            | Subject::Ship
            | Subject::Bird
            | Subject::Dog
            | Subject::Cat
            | Subject::Horse
            | Subject::Deer
            | Subject::Fish
            | Subject::Whale
            | Subject::Tree
            | Subject::Lighthouse
            | Subject::Balloon
            | Subject::Rocket
            | Subject::Robot
            | Subject::Bicycle
            | Subject::Plane
            | Subject::Astronaut
            | Subject::StillLife
            | Subject::Campfire => {
                if toss(seed, 31, 10) < 7 {
                    ShotSize::Medium
                } else {
                    ShotSize::Wide
                }
            }
        })
    }
}

/// What a person does or rides makes another picture of them.
fn joined(words: &Words, subject: Subject) -> Subject {
    let person = matches!(subject, Subject::Person | Subject::Walker | Subject::Couple);
    if person && words.any(v::RIDING) && words.any("horse|horseback|stallion|mare|pony") {
        return Subject::Rider;
    }
    if person && words.any(v::CYCLING) {
        return Subject::Bicycle;
    }
    if person && words.any("driving|drive|drives") && words.any("car|truck|convertible|highway") {
        return Subject::Car;
    }
    if person && words.any("sailing|rowing|in a boat|on a boat|kayak|canoe|sailboat") {
        return Subject::Boat;
    }
    if subject == Subject::Person && words.any(v::SEVERAL) {
        return Subject::Couple;
    }
    if subject == Subject::Person && words.any(v::WALKING) {
        return Subject::Walker;
    }
    if subject == Subject::Bird && words.any("birds|flock|seagulls|gulls|geese|crows") {
        return Subject::Birds;
    }
    subject
}
