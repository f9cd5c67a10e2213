//! Waiting for a clip, with a bar for whoever looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use super::{Server, escaped};

/// How often to ask where the server says nothing.
const POLL: Duration = Duration::from_millis(2_500);

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("━╸ "))
}

/// A bar of bytes that are fetched; nothing where standard error is no terminal.
pub(super) fn bytes(whole: Option<u64>) -> ProgressBar {
    let bar = whole.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    styled(bar, "{bar:30} {bytes}/{total_bytes}")
}

/// What a video is at, in a few words.
fn words(video: &Value) -> String {
    match (video["state"].as_str().unwrap_or_default(), video["queue_position"].as_u64()) {
        ("queued", Some(place)) => format!("queued, {place} in line"),
        ("uncertain", _) => "nobody knows whether it was made; decide on its page".to_owned(),
        (state, _) => state.replace('_', " "),
    }
}

/// Asks until a video has ended.
pub(super) async fn until_final(server: &Server, id: &str, is_shown: bool) -> anyhow::Result<Value> {
    let bar = ProgressBar::new(100);
    if !is_shown {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let bar = styled(bar, "{bar:30} {pos:>3} %  {msg}");
    loop {
        let (video, poll) = server.json(&format!("videos/{}", escaped(id))).await?;
        if matches!(video["status"].as_str(), Some("completed" | "failed") | None) {
            bar.finish_and_clear();
            return Ok(video);
        }
        bar.set_position(video["progress"].as_u64().unwrap_or(0));
        bar.set_message(words(&video));
        tokio::time::sleep(poll.unwrap_or(POLL).clamp(Duration::from_millis(200), Duration::from_secs(30))).await;
    }
}
