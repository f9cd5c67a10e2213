//! What every painted shot must hold to, whatever is in it.

use super::{Blend, Layer, paint};
use crate::animatic::plan::{Camera, Light, Mood, Setting, Shot, ShotSize, Subject, Weather};

fn shot(setting: Setting, subject: Subject, seed: u64) -> Shot {
    Shot {
        number: 1,
        words: String::new(),
        frames: 96,
        camera: Camera::Static,
        setting,
        light: Light::GoldenHour,
        weather: Weather::Clear,
        mood: Mood::Neutral,
        subject,
        size: ShotSize::Medium,
        seed,
    }
}

fn sound(layers: &[Layer], wide: u32, high: u32) {
    assert!((2..=12).contains(&layers.len()));
    let back = &layers[0];
    assert!(back.blend == Blend::Over && back.rgba.chunks(4).all(|p| p[3] == 255), "the back covers all");
    for layer in layers {
        assert!(layer.wide >= wide && layer.high >= high && layer.wide % 2 == 0 && layer.high % 2 == 0);
        assert_eq!(layer.rgba.len(), layer.wide as usize * layer.high as usize * 4);
        assert!((0.0..=1.0).contains(&layer.depth));
        assert!(layer.rgba.chunks(4).all(|p| p[0].max(p[1]).max(p[2]) <= p[3]), "colour is premultiplied");
    }
}

#[test]
fn every_subject_stands_in_every_setting() {
    for (i, &setting) in Setting::ALL.iter().enumerate() {
        for (j, &subject) in Subject::ALL.iter().enumerate() {
            let layers = paint(&shot(setting, subject, (i * 31 + j) as u64), 64, 36, 0.08);
            sound(&layers, 64, 36);
        }
    }
}

#[test]
fn every_light_and_weather_looks_different() {
    for &setting in &[Setting::Hills, Setting::Sea, Setting::City, Setting::Street] {
        let mut seen = Vec::new();
        for &light in Light::ALL {
            for &weather in Weather::ALL {
                let layers = paint(&Shot { light, weather, ..shot(setting, Subject::None, 5) }, 48, 28, 0.08);
                sound(&layers, 48, 28);
                let whole: Vec<u8> = layers.into_iter().flat_map(|l| l.rgba).collect();
                assert!(!seen.contains(&whole), "{setting:?} {light:?} {weather:?}");
                seen.push(whole);
            }
        }
    }
}

#[test]
fn any_shape_of_frame_is_painted() {
    for (wide, high) in [(2, 2), (36, 64), (48, 48), (84, 36), (3, 97), (101, 3)] {
        for &setting in Setting::ALL {
            for overscan in [0.0, 0.08, 0.3] {
                sound(&paint(&shot(setting, Subject::Walker, 3), wide, high, overscan), wide, high);
            }
        }
    }
}

#[test]
fn one_seed_paints_the_same_and_another_does_not() {
    for &setting in Setting::ALL {
        let bytes = |seed| -> Vec<u8> {
            paint(&shot(setting, Subject::Person, seed), 64, 36, 0.08).into_iter().flat_map(|l| l.rgba).collect()
        };
        assert!(bytes(1) == bytes(1), "{setting:?}");
        assert!(bytes(1) != bytes(2), "{setting:?}");
    }
}

#[test]
fn falling_weather_repeats_for_ever_and_moves_down() {
    for weather in [Weather::Rain, Weather::Snow, Weather::Storm] {
        let layers = paint(&Shot { weather, ..shot(Setting::Hills, Subject::None, 1) }, 64, 36, 0.08);
        assert_eq!(layers.iter().filter(|l| l.wraps && l.drift.1 > 0.05 && l.blend == Blend::Add).count(), 2);
    }
}
