//! `rushes create`, `list`, `get`, `download` against a running server.

use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::sdk::before;
use crate::app::{Program, TestApp};
use crate::restart::{quick, sound};
use crate::teams::{team, told};
use crate::upstream::FakeUpstream;
use crate::upstream::clip::CLIP;

async fn run(url: &str, key: Option<&str>, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rushes"));
    command.args(args).env_clear().env("RUSHES_URL", url);
    if let Some(key) = key {
        command.env("RUSHES_KEY", key);
    }
    command.output().await.unwrap()
}

async fn asked(program: &Program, args: &[&str]) -> String {
    let output = run(&program.browser.url(""), None, args).await;
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_made_waited_for_listed_and_fetched() {
    let (fake, data, away) = (quick().await, TempDir::new().unwrap(), TempDir::new().unwrap());
    let program = before(&fake, data.path()).await;
    let clip = away.path().join("clip.mp4");
    let clip = clip.to_str().unwrap();
    let told = asked(
        &program,
        &["create", "A fox", "--seconds", "8", "--aspect", "16:9", "--variations", "2", "--wait", "-o", clip],
    )
    .await;
    assert!(told.contains("completed") && told.contains("8 s, 1280x720, $0.80"), "{told}");
    assert_eq!(std::fs::read(clip).unwrap(), CLIP);
    assert_eq!(std::fs::read(away.path().join("clip-2.mp4")).unwrap(), CLIP);
    let made: Value = serde_json::from_str(
        &asked(&program, &["create", "An owl \u{1b}[31m", "--size", "720x1280", "--private", "--json"]).await,
    )
    .unwrap();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["size"], "720x1280");
    let done: Value = serde_json::from_str(&asked(&program, &["get", id, "--wait", "--json"]).await).unwrap();
    assert_eq!(done["status"], "completed");
    let listed = asked(&program, &["list", "--limit", "2"]).await;
    assert!(
        listed.contains(id) && listed.contains("More: rushes list --after") && !listed.contains('\u{1b}'),
        "{listed}"
    );
    let still = away.path().join("still.jpg");
    let still = still.to_str().unwrap();
    program.until_state(made["page"].as_str().unwrap(), "completed").await;
    asked(&program, &["download", id, "--variant", "spritesheet", "-o", still]).await;
    assert!(std::fs::read(still).unwrap().starts_with(&[0xff, 0xd8]));
    let piped = run(&program.browser.url(""), None, &["download", id, "-o", "-"]).await;
    assert_eq!(piped.stdout, CLIP);
    assert!(asked(&program, &["models"]).await.contains("sora-2  $0.10/s"));
    assert!(asked(&program, &["completions", "bash"]).await.contains("_rushes()"));
    assert_eq!(program.terminate().await, Some(0));
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_the_same_sentences_as_on_the_page() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = before(&fake, data.path()).await;
    let url = program.browser.url("");
    for (args, code, words) in [
        (&["create", "A fox", "--seconds", "5"][..], 2, "makes clips of 4, 8, 12 seconds"),
        (&["create", "A fox", "--aspect", "1:1"], 2, "has no 1:1 format"),
        (&["create", " "], 2, "prompt"),
        (&["create", "A fox", "--model", "sora-9"], 2, "does not exist here"),
        (&["create", "A fox", "--max-cost", "0.10"], 2, "This costs $0.40"),
        (&["create", "A fox", "--image", "/nowhere.png"], 2, "/nowhere.png"),
        (&["get", "video_0000000000001"], 2, "There is no such video"),
        (&["download", "../../x"], 2, "There is no such video"),
        (&["list", "--url", "http://127.0.0.1:9"], 2, "no answer from http://127.0.0.1:9"),
        (&["list", "--url", "file:///etc"], 2, "no http or https address"),
    ] {
        let output = run(&url, None, args).await;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert!(text.contains(words), "{args:?}: {text}");
    }
    fake.on_create(crate::upstream::Fault::Moderation).times(1);
    let failed = run(&url, None, &["create", "Something bad", "--wait"]).await;
    assert_eq!(failed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&failed.stdout).contains("Refused by the content policy"));
    assert_eq!(fake.paid().len(), 0);
    assert_eq!(program.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_from_the_environment_opens_a_team() {
    let fake = FakeUpstream::start().await;
    let app: TestApp = team(&fake, 2).await;
    let key = told(app.data.path(), &["key", "create", "--user", "olga"]);
    let url = app.browser.url("");
    let without = run(&url, None, &["list"]).await;
    assert!(String::from_utf8_lossy(&without.stderr).contains("Send an API key"));
    let with = run(&url, Some(key.trim()), &["create", "A fox", "--model", "sora-2", "--json"]).await;
    assert!(with.status.success(), "{}", String::from_utf8_lossy(&with.stderr));
    assert!(!String::from_utf8_lossy(&with.stdout).contains(key.trim()));
}
