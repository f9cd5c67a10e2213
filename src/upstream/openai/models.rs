//! Which models an upstream offers. Nobody publishes what they can do, so well-known ones
//! are known here and all others get a stated guess; what is plainly no video model is left out.

use std::collections::HashSet;

use serde_json::Value;

use crate::domain::{Ability, Durations, Model, Pixels, Price, Seconds};

/// The most models of one upstream.
const MOST: usize = 200;
/// The longest id, in characters.
const LONGEST_ID: usize = 200;

const HD: &[(u16, u16)] = &[(1280, 720), (720, 1280)];
const FULL_HD: &[(u16, u16)] = &[(1280, 720), (720, 1280), (1920, 1080), (1080, 1920)];
const SORA_PRO: &[(u16, u16)] = &[(1280, 720), (720, 1280), (1024, 1792), (1792, 1024), (1080, 1920), (1920, 1080)];

/// What a family of models takes.
struct Known {
    /// The id, or its start up to a dash.
    family: &'static str,
    sizes: &'static [(u16, u16)],
    offered: &'static [u16],
    any_within: Option<(u16, u16)>,
    abilities: &'static [Ability],
}

/// What `/v1/videos/{id}/remix` and `/v1/videos/extensions` do with a clip of the same server.
const OWN: &[Ability] = &[Ability::Remix, Ability::Extend];
/// The longest names first: `sora-2-pro` is no `sora-2`.
const KNOWN: &[Known] = &[
    Known { family: "sora-2-pro", sizes: SORA_PRO, offered: &[4, 8, 12], any_within: None, abilities: OWN },
    Known { family: "sora-2", sizes: HD, offered: &[4, 8, 12], any_within: None, abilities: OWN },
    Known { family: "veo-3.1", sizes: FULL_HD, offered: &[4, 6, 8], any_within: None, abilities: &[] },
    Known { family: "veo3.1", sizes: FULL_HD, offered: &[4, 6, 8], any_within: None, abilities: &[] },
    Known { family: "gen4.5", sizes: HD, offered: &[5, 10], any_within: Some((2, 10)), abilities: &[] },
];
const GUESS: Known = Known { family: "", sizes: HD, offered: &[4, 8], any_within: None, abilities: &[] };

/// Any of these in an id makes it a video model, whatever else it says.
const VIDEO: &[&str] = &["video", "sora", "veo", "t2v", "i2v", "gemini-omni", "kling", "hailuo", "seedance", "imagine"];
/// Ids that begin like this are no video models.
const OTHER_STARTS: &[&str] = &[
    "gpt",
    "chatgpt",
    "o1",
    "o3",
    "o4",
    "text-",
    "whisper",
    "tts",
    "dall-e",
    "claude",
    "gemini",
    "gemma",
    "llama",
    "meta-llama",
    "codellama",
    "mistral",
    "mixtral",
    "ministral",
    "codestral",
    "pixtral",
    "qwen",
    "qwq",
    "deepseek",
    "phi-",
    "command",
    "codex",
    "davinci",
    "babbage",
    "glm-",
    "kimi",
    "grok",
    "flux",
    "sdxl",
    "stable-diffusion",
    "imagen",
    "omni-moderation",
    "computer-use",
    "bge-",
    "gte-",
    "e5-",
    "jina",
];
/// Ids with one of these in them are no video models.
const OTHER_PARTS: &[&str] =
    &["embed", "rerank", "moderation", "transcribe", "-tts", "realtime", "-audio", "gpt-image", "gpt-oss", "-instruct"];

/// Reads a model list in any known shape; none if the body is none.
pub(super) fn read(body: &Value, upstream: &str) -> Option<Vec<Model>> {
    let list =
        ["data", "models"].into_iter().find_map(|name| body.get(name)?.as_array()).or_else(|| body.as_array())?;
    let mut seen = HashSet::new();
    let ids = list
        .iter()
        .filter_map(|item| item.as_str().or_else(|| item.get("id")?.as_str()).or_else(|| item.get("name")?.as_str()))
        .filter(|id| usable(id) && is_video(id) && seen.insert((*id).to_owned()))
        .take(MOST);
    let mut models: Vec<Model> = ids.map(|id| describe(id, upstream)).collect();
    let labels: Vec<String> = models.iter().map(|model| model.label.clone()).collect();
    for model in &mut models {
        if labels.iter().filter(|label| **label == model.label).count() > 1 {
            model.label.clone_from(&model.id);
        }
    }
    Some(models)
}

fn usable(id: &str) -> bool {
    !id.trim().is_empty() && id.chars().count() <= LONGEST_ID && !id.chars().any(char::is_control)
}

/// The part of an id that names the model: gateways put the maker before it.
fn bare(id: &str) -> String {
    id.rsplit('/').find(|part| !part.is_empty()).unwrap_or(id).to_lowercase()
}

fn is_video(id: &str) -> bool {
    let (whole, bare) = (id.to_lowercase(), bare(id));
    let other =
        OTHER_STARTS.iter().any(|start| bare.starts_with(start)) || OTHER_PARTS.iter().any(|part| whole.contains(part));
    !other || VIDEO.iter().any(|word| whole.contains(word))
}

/// What is known of a model's family.
fn family(id: &str) -> Option<&'static Known> {
    let name = bare(id);
    KNOWN
        .iter()
        .find(|known| name.strip_prefix(known.family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

/// What a model can do besides, where the configuration does not say.
pub(super) fn abilities(id: &str) -> Vec<Ability> {
    family(id).map(|known| known.abilities.to_vec()).unwrap_or_default()
}

fn describe(id: &str, upstream: &str) -> Model {
    let found = family(id);
    let known = found.unwrap_or(&GUESS);
    Model {
        key: id.to_owned(),
        id: id.to_owned(),
        label: label(id),
        upstream: upstream.to_owned(),
        sizes: known.sizes.iter().filter_map(|&(wide, high)| Pixels::new(wide, high)).collect(),
        durations: Durations {
            offered: known.offered.iter().filter_map(|&seconds| Seconds::new(seconds)).collect(),
            any_within: known.any_within.and_then(|(least, most)| Some((Seconds::new(least)?, Seconds::new(most)?))),
        },
        price: Price::default(),
        abilities: Some(known.abilities.to_vec()),
        references: 0,
        deadline: crate::domain::model::DEADLINE,
        is_guess: found.is_none(),
        is_animatic: false,
    }
}

/// `sora-2-pro-2025-10-06` reads "Sora 2 Pro (2025-10-06)".
fn label(id: &str) -> String {
    let name = id.rsplit('/').find(|part| !part.is_empty()).unwrap_or(id);
    let (name, date) = match name.char_indices().rev().nth(10) {
        Some((at, '-')) if is_date(&name[at + 1..]) => (&name[..at], Some(&name[at + 1..])),
        Some(_) | None => (name, None),
    };
    let words: Vec<String> = name.split(['-', '_', ' ']).filter(|word| !word.is_empty()).map(titled).collect();
    let words = if words.is_empty() { name.to_owned() } else { words.join(" ") };
    date.map_or_else(|| words.clone(), |date| format!("{words} ({date})"))
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
}

fn titled(word: &str) -> String {
    let shouted = matches!(word, "t2v" | "i2v" | "v2v" | "hd" | "ltx" | "ai")
        || (word.ends_with('b') && word.len() > 1 && word[..word.len() - 1].bytes().all(|byte| byte.is_ascii_digit()));
    if shouted {
        return word.to_uppercase();
    }
    let mut signs = word.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_are_readable() {
        for (id, shown) in [
            ("sora-2", "Sora 2"),
            ("openai/sora-2-pro", "Sora 2 Pro"),
            ("sora-2-pro-2025-10-06", "Sora 2 Pro (2025-10-06)"),
            ("Wan-AI/Wan2.2-T2V-A14B", "Wan2.2 T2V A14B"),
            ("wan_t2v_14b", "Wan T2V 14B"),
            ("veo-3.1-fast-generate-001", "Veo 3.1 Fast Generate 001"),
            ("---", "---"),
            ("模型-二", "模型 二"),
        ] {
            assert_eq!(label(id), shown);
        }
    }

    #[test]
    fn only_what_may_make_videos_is_offered() {
        for id in [
            "gpt-5",
            "openai/gpt-4o",
            "o1",
            "o3-mini",
            "text-embedding-3-large",
            "whisper-1",
            "tts-1",
            "dall-e-3",
            "claude-opus-4",
            "BAAI/bge-m3",
            "cohere/rerank-v3",
            "meta-llama/Llama-3.1-8B",
            "gemini-2.5-pro",
            "grok-4",
        ] {
            assert!(!is_video(id), "{id}");
        }
        for id in [
            "sora-2",
            "veo-3.1-generate-001",
            "Wan-AI/Wan2.2-T2V-A14B",
            "gemini-omni-1.2-flash",
            "ltx-2",
            "my-alias",
            "grok-imagine-video",
            "openai/sora-2",
        ] {
            assert!(is_video(id), "{id}");
        }
    }

    #[test]
    fn known_models_are_known_and_all_others_say_that_they_are_a_guess() {
        let body = json!({"data": [{"id": "sora-2"}, {"id": "sora-2-pro-2025-10-06"}, {"id": "azure/sora-2-2025-12-08"},
            {"id": "sora-20"}, {"id": "sora-2"}, {"id": "gpt-5"}, {"id": 7}, {"id": ""}, null]});
        let models = read(&body, "main").expect("a list");
        let told: Vec<_> = models
            .iter()
            .map(|m| (m.key.as_str(), m.sizes.len(), m.durations.offered.len(), m.is_guess, m.upstream.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("sora-2", 2, 3, false, "main"),
                ("sora-2-pro-2025-10-06", 6, 3, false, "main"),
                ("azure/sora-2-2025-12-08", 2, 3, false, "main"),
                ("sora-20", 2, 2, true, "main"),
            ]
        );
    }

    #[test]
    fn lists_come_in_several_shapes_and_are_bounded() {
        for body in [json!({"data": [{"id": "a"}]}), json!({"models": [{"name": "a"}]}), json!(["a"])] {
            assert_eq!(read(&body, "u").expect("a list")[0].id, "a", "{body}");
        }
        assert!([json!({}), json!(null), json!("a"), json!({"data": {}})].iter().all(|body| read(body, "u").is_none()));
        let many: Vec<String> = (0..1_000).map(|n| format!("m{n}")).collect();
        assert_eq!(read(&json!(many), "u").expect("a list").len(), 200);
        let twins = read(&json!(["a/film", "b/film"]), "u").expect("a list");
        assert_eq!((twins[0].label.as_str(), twins[1].label.as_str()), ("a/film", "b/film"));
    }
}
