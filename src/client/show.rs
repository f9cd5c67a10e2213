//! Answers for people, and as JSON for programs.

use std::path::Path;

use serde_json::{Value, json};

/// Text that was typed or came from elsewhere, fit for a terminal: one line without control signs.
fn plain(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

fn dollars(micros: Option<i64>) -> String {
    micros
        .map_or_else(|| "?".to_owned(), |micros| format!("${}.{:02}", micros / 1_000_000, micros % 1_000_000 / 10_000))
}

fn field(value: &Value, name: &str) -> String {
    plain(value[name].as_str().unwrap_or_default())
}

/// A video.
pub(super) fn one(video: &Value, is_json: bool) {
    if is_json {
        println!("{video}");
        return;
    }
    let error = &video["error"];
    println!("{}  {}  {}", field(video, "id"), field(video, "state"), field(video, "model"));
    println!("  {}", plain(video["prompt"].as_str().unwrap_or_default()));
    let price = dollars(video["price_micros"].as_i64());
    println!("  {} s, {}, {price}, page {}", field(video, "seconds"), field(video, "size"), field(video, "page"));
    if !error.is_null() {
        println!("  {}", field(error, "message"));
    }
}

/// A page of videos, a line each.
pub(super) fn many(page: &Value, is_json: bool) {
    if is_json {
        println!("{page}");
        return;
    }
    for video in page["data"].as_array().into_iter().flatten() {
        let prompt: String = field(video, "prompt").chars().take(60).collect();
        println!(
            "{}  {:<11}  {:>6}  {prompt}",
            field(video, "id"),
            field(video, "state"),
            dollars(video["price_micros"].as_i64())
        );
    }
    if page["has_more"] == true {
        println!("More: rushes list --after {}", field(page, "last_id"));
    }
}

/// Models, a line each.
pub(super) fn models(list: &Value, is_json: bool) {
    if is_json {
        println!("{list}");
        return;
    }
    for model in list["data"].as_array().into_iter().flatten() {
        let join = |name: &str| {
            let all = model[name].as_array().into_iter().flatten();
            all.map(|one| one.as_str().map_or_else(|| one.to_string(), plain)).collect::<Vec<_>>().join(", ")
        };
        let price = model["price"].as_str().map_or_else(|| "price unknown".to_owned(), plain);
        println!("{}  {price}\n  {} s; {}", field(model, "id"), join("seconds"), join("sizes"));
    }
}

/// A file that was written.
pub(super) fn saved(id: &str, to: &Path, is_json: bool) {
    if is_json {
        println!("{}", json!({ "id": id, "file": to }));
    } else {
        println!("{}", to.display());
    }
}
