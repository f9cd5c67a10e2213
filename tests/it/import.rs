//! `rushes import`: a library without its database, and archives of other tools.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::app::Program;
use crate::invariants::{count, the_ledger_agrees};
use crate::restart::quick;
use crate::teams::rushes;
use crate::upstream::clip::{CLIP, another_take};

fn imported(data: &Path, args: &[&str]) -> Value {
    let output = rushes(data, &[&["import", "--json"], args].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn sums(told: &Value) -> (u64, u64, usize) {
    (told["imported"].as_u64().unwrap(), told["known"].as_u64().unwrap(), told["refused"].as_array().unwrap().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_lost_its_database_is_whole_again_with_ids_prompts_and_cost() {
    let fake = quick().await;
    let data = TempDir::new().unwrap();
    let program = Program::start(data.path(), Some(&fake)).await;
    let mut clips = Vec::new();
    for prompt in ["A fox in the snow", "An owl at noon"] {
        let clip = program.browser.paid(prompt).await;
        program.until_state(&clip, "completed").await;
        clips.push(clip);
    }
    assert_eq!(program.terminate().await, Some(0));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(data.path().join(format!("rushes.db{end}")));
    }
    let library = data.path().join("library");
    let library = library.to_str().unwrap();
    // What would be done is told first, and nothing is written.
    assert_eq!(sums(&imported(data.path(), &[library, "--dry-run"])), (2, 0, 0));
    assert!(!data.path().join("rushes.db").exists());
    assert_eq!(sums(&imported(data.path(), &[library])), (2, 0, 0));
    // Once more does nothing.
    assert_eq!(sums(&imported(data.path(), &[library])), (0, 2, 0));
    let program = Program::start(data.path(), Some(&fake)).await;
    for (clip, prompt) in clips.iter().zip(["A fox in the snow", "An owl at noon"]) {
        let page = program.browser.page(clip).await;
        assert_eq!(page.generations()[0].state, "completed", "the same address as before");
        assert!(page.text().contains(prompt));
        assert_eq!(program.browser.get(&format!("{clip}/clip.mp4")).await.bytes().await.unwrap(), CLIP);
    }
    assert!(program.browser.page("/?q=owl").await.text().contains("An owl at noon"), "found by its words");
    assert_eq!(program.terminate().await, Some(0));
    assert_eq!(count(data.path(), "select sum(cost_micros) from generation").await, 800_000);
    assert_eq!(count(data.path(), "select sum(spent_micros) from entry").await, 800_000);
    the_ledger_agrees(data.path()).await;
    assert_eq!(fake.creates().len(), 2, "nothing is paid for again");
    let look = rushes(data.path(), &["doctor", "--full"]);
    assert!(look.status.success(), "{}", String::from_utf8_lossy(&look.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_an_export_tool_comes_in_with_prompts_dates_and_collections() {
    let (data, away) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let put = |name: &str, bytes: &[u8]| {
        let path = away.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let other = another_take(CLIP);
    put("Harbour/gen_01.mp4", CLIP);
    put("Harbour/gen_01.txt", b"Generation ID: gen_01\nDate: 2025-03-04T10:11:12Z\nSize: 1280x720\nRatio: 16:9\nPrompt: A harbour at dawn,\ngulls above\n");
    put("videos/gen_02.mp4", &other);
    put(
        "manifest.json",
        br#"{"tasks": [{"id": "task_1", "prompt": "A lamp <b>in</b> fog", "created_at": 1741083072,
             "generations": [{"id": "gen_02", "filename": "videos/gen_02.mp4", "title": "Lamp"}]}]}"#,
    );
    // The same clip again, a broken one, one that is none, a secret, and what a person did not mean.
    put("Again/copy.mp4", CLIP);
    put("Harbour/cut.mp4", &CLIP[..CLIP.len() / 2]);
    put("Harbour/page.mp4", b"<html>please sign in</html>");
    put(".hidden/gen.mp4", &another_take(&other));
    put("broken.json", b"{\"tasks\": [");
    let from = away.path().to_str().unwrap();
    let told = imported(data.path(), &[from]);
    assert_eq!(sums(&told), (2, 1, 2), "{told}");
    assert_eq!(told["folders"], serde_json::json!(["Again", "Harbour"]));
    assert_eq!(sums(&imported(data.path(), &[from])), (0, 3, 2), "again, after a stop for example");
    let program = Program::start(data.path(), None).await;
    let wall = program.browser.page("/").await;
    let clips = wall.generations();
    assert_eq!(clips.len(), 2);
    let mut seen = String::new();
    for clip in &clips {
        let page = program.browser.page(&format!("/g/{}", clip.id)).await;
        seen.push_str(&page.text());
        assert_eq!(program.browser.get(&format!("/g/{}/clip.mp4", clip.id)).await.status(), 200);
    }
    assert!(seen.contains("A harbour at dawn,") && seen.contains("gulls above"), "{seen}");
    assert!(seen.contains("Lamp") && seen.contains("A lamp <b>in</b> fog"), "{seen}");
    assert!(program.browser.page("/?q=gulls").await.generations().len() == 1);
    assert_eq!(program.terminate().await, Some(0));
    let days = count(data.path(), "select count(*) from task where created_at = 1741083072000").await;
    assert_eq!(days, 2, "both carry the date they were made");
    let kept = count(
        data.path(),
        "select count(*) from folder_clip f join folder on folder.id = f.folder_id where name in ('Harbour', 'Again')",
    )
    .await;
    assert_eq!(kept, 2, "one clip in the folders of both its copies");
    the_ledger_agrees(data.path()).await;
    let look = rushes(data.path(), &["doctor", "--full"]);
    assert!(look.status.success(), "{}", String::from_utf8_lossy(&look.stdout));
    // What lies in the library now has a sidecar, so that it can come in again.
    let fresh = TempDir::new().unwrap();
    let library = data.path().join("library");
    assert_eq!(sums(&imported(fresh.path(), &[library.to_str().unwrap()])), (2, 0, 0));
    assert_eq!(count(fresh.path(), "select count(*) from task where prompt like 'A harbour%gulls above'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_and_a_wrong_folder_are_told_in_a_sentence_and_altered_clips_are_left() {
    let fake = quick().await;
    let data = TempDir::new().unwrap();
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("A fox").await;
    program.until_state(&clip, "completed").await;
    let library = data.path().join("library");
    let busy = rushes(data.path(), &["import", library.to_str().unwrap()]);
    assert!(!busy.status.success() && String::from_utf8_lossy(&busy.stderr).contains("in use by another Rushes"));
    let nowhere = rushes(data.path(), &["import", "/nowhere/at/all"]);
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("there is no such folder"));
    assert_eq!(program.terminate().await, Some(0));
    let film = crate::invariants::files(&library).into_iter().find(|path| path.extension().unwrap() == "mp4").unwrap();
    std::fs::write(&film, another_take(CLIP)).unwrap();
    let fresh = TempDir::new().unwrap();
    let told = imported(fresh.path(), &[library.to_str().unwrap()]);
    assert_eq!(sums(&told), (0, 0, 1));
    assert!(told["refused"][0]["why"].as_str().unwrap().contains("not what its sidecar says"), "{told}");
}
