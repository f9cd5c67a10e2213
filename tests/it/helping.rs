//! Local work in processes of its own: a crash costs one piece of work after three, a kill from outside nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rushes::child::Limits;
use rushes::helper::{Helper, Task, Trouble};
use tempfile::TempDir;

use crate::app::{START, TestApp};
use crate::invariants::files;
use crate::truth::soundness_of;
use crate::upstream::clip::clip_of_bytes;

/// A helper that first does this, with `$N` how often one was started before, and then what helpers do unless it ends.
fn helper(folder: &Path, first: &str) -> PathBuf {
    let path = folder.join("helper");
    let count = folder.join("count");
    let real = env!("CARGO_BIN_EXE_rushes");
    let text = format!(
        "#!/bin/sh\nN=$(cat {count} 2>/dev/null || echo 0); echo $((N+1)) > {count}.$$ && mv {count}.$$ {count}\n{first}\nexec {real} \"$@\"\n",
        count = count.display()
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn starts(folder: &Path) -> u32 {
    std::fs::read_to_string(folder.join("count")).map_or(0, |text| text.trim().parse().unwrap())
}

async fn helped_by(program: PathBuf) -> TestApp {
    TestApp::told(TempDir::new().unwrap(), START, |config| {
        config.animatic = true;
        config.helper = Some(program);
    })
    .await
}

async fn drawn(app: &TestApp) -> String {
    let task = app.browser.created(&[("prompt", "A boat"), ("model", "animatic"), ("seconds", "4")]).await;
    format!("/g/{}", app.browser.page(&task).await.generations()[0].id)
}

/// Looks until something holds. Bounded by real time: helpers are real.
async fn ends(app: &TestApp, clip: &str) -> crate::page::Page {
    let began = Instant::now();
    loop {
        let page = app.browser.page(clip).await;
        if matches!(page.generations()[0].state.as_str(), "completed" | "failed") {
            return page;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{}", page.text());
        app.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_crashes_its_helper_is_parked_after_three_and_the_next_one_is_drawn() {
    let folder = TempDir::new().unwrap();
    let app = helped_by(helper(folder.path(), "[ $N -lt 3 ] && kill -SEGV $$")).await;
    let clip = drawn(&app).await;
    let page = ends(&app, &clip).await;
    assert_eq!(page.generations()[0].state, "failed");
    assert!(page.text().contains("It crashed 3 times in a row and is not tried again by itself."), "{}", page.text());
    assert_eq!(starts(folder.path()), 3);
    // The server is as well as ever, and whoever asks once more gets it.
    app.browser.press(&clip, "retry").await;
    assert_eq!(ends(&app, &clip).await.generations()[0].state, "completed");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_of_kills_from_outside_parks_anything() {
    let folder = TempDir::new().unwrap();
    let app =
        helped_by(helper(folder.path(), "[ $N -lt 8 ] && kill -$(echo KILL TERM INT HUP | cut -d' ' -f$((N%4+1))) $$"))
            .await;
    let clip = drawn(&app).await;
    assert_eq!(ends(&app, &clip).await.generations()[0].state, "completed");
    assert!(starts(folder.path()) > 8);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_crashes_now_and_then_is_done_in_the_end() {
    let folder = TempDir::new().unwrap();
    let app = helped_by(helper(folder.path(), "[ $N -lt 2 ] && kill -ABRT $$")).await;
    let clip = drawn(&app).await;
    assert_eq!(ends(&app, &clip).await.generations()[0].state, "completed");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_crashes_the_decoder_is_kept_all_the_same() {
    let folder = TempDir::new().unwrap();
    // The first helper draws the film, the others are to draw its still.
    let app = helped_by(helper(folder.path(), "[ $N -ge 1 ] && kill -BUS $$")).await;
    let clip = drawn(&app).await;
    assert_eq!(ends(&app, &clip).await.generations()[0].state, "completed");
    let began = Instant::now();
    while starts(folder.path()) < 4 {
        assert!(began.elapsed() < Duration::from_mins(1));
        app.clock.advance(Duration::from_secs(1));
        app.browser.get("/health").await;
    }
    let library = files(&app.data.path().join("library"));
    assert!(library.iter().any(|file| file.extension().is_some_and(|kind| kind == "mp4")), "{library:?}");
    let data = app.stop().await;
    soundness_of(data.path()).await.is_clean();
    assert_eq!(starts(folder.path()), 4, "three crashes park it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_that_stands_still_or_never_ends_is_ended_and_the_servers_end_takes_it_along() {
    let folder = TempDir::new().unwrap();
    let film = folder.path().join("film.mp4");
    std::fs::write(&film, clip_of_bytes(20_000)).unwrap();
    let task = Task::Poster { clip: film, out: folder.path().join("still.jpg") };
    let short = Duration::from_millis(300);
    let (idle, wall) = (Limits { idle: short, ..Limits::default() }, Limits { wall: short, ..Limits::default() });
    let go_on = &mut |_| std::ops::ControlFlow::Continue(());
    let hung = Helper::of(helper(folder.path(), "exec sleep 600"), idle).run(&task, go_on);
    assert_eq!(hung, Err(Trouble::Hung));
    let endless = Helper::of(helper(folder.path(), "while :; do echo 1; sleep 0.1; done"), wall).run(&task, go_on);
    assert_eq!(endless, Err(Trouble::TimedOut));
    // Without anybody at its input it ends by itself, whatever it was about.
    let mut orphan = std::process::Command::new(env!("CARGO_BIN_EXE_rushes"));
    let mut orphan = orphan.arg("helper").stdin(std::process::Stdio::piped()).spawn().unwrap();
    drop(orphan.stdin.take());
    assert!(!orphan.wait().unwrap().success());
}
