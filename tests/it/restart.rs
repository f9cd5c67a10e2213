//! The real program, killed at each step of a clip's life and started again on the same folder.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::process::Command;

use crate::app::Program;
use crate::invariants::{change, count, files};
use crate::upstream::clip::clip_of_bytes;
use crate::upstream::{ContentFault, FakeUpstream, KEY, Record, sha256};

/// A fake whose jobs are done at the first question: the program's clock is the real one.
pub async fn quick() -> FakeUpstream {
    let fake = FakeUpstream::start().await;
    fake.completes_after_polls(1);
    fake
}

/// Downloads of films, not of stills.
fn films(fake: &FakeUpstream) -> Vec<Record> {
    fake.content_requests().into_iter().filter(|record| !record.target.contains("thumbnail")).collect()
}

/// Looks until something holds. Bounded by real time.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..1_000 {
        beat.tick().await;
        if holds() {
            return;
        }
    }
    panic!("{what} never came");
}

/// What must hold of a folder whose program is dead: a sound database, every film as its row says,
/// and a log without the key.
pub async fn sound(data: &Path) {
    assert!(!std::fs::read_to_string(data.join("test.log")).unwrap().contains(KEY));
    let broken = "select count(*) from pragma_integrity_check where integrity_check <> 'ok'";
    assert_eq!(count(data, broken).await, 0);
    let database = crate::invariants::database(data).await;
    let rows = sqlx::query_as::<_, (String, String)>(
        "select file, sha256 from generation where state = 'completed' and erased is null",
    );
    for (path, hash) in rows.fetch_all(&database).await.unwrap() {
        assert_eq!(sha256(&std::fs::read(data.join(&path)).unwrap()), hash, "{path}");
    }
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_in_line_survives_a_kill_and_is_sent_once() {
    let (mut fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    fake.go_down().await;
    let clip = program.browser.paid("A fox").await;
    program.until_state(&clip, "queued").await;
    program.kill().await;
    fake.come_back().await;
    let program = Program::start(data.path(), Some(&fake)).await;
    program.until_state(&clip, "completed").await;
    assert_eq!((fake.creates().len(), fake.paid().len()), (1, 1));
    program.kill().await;
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_a_create_is_on_its_way_is_found_in_the_list_or_left_to_a_person_and_paid_at_most_once() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let gate = fake.hold_create_before_reading();
    let unread = program.browser.paid("unread").await;
    gate.reached().await;
    let held = fake.hold_create_answer();
    let answered = program.browser.paid("answered").await;
    held.reached().await;
    program.kill().await;
    gate.release();
    held.release();
    fake.until_creates_are_over().await;
    assert_eq!(fake.paid_for("answered"), 1);

    let program = Program::start(data.path(), Some(&fake)).await;
    // What the upstream had taken is found in its list; what it never read is in no list.
    program.until_state(&answered, "completed").await;
    if fake.paid_for("unread") == 1 {
        program.until_state(&unread, "completed").await;
    } else {
        let page = program.until_state(&unread, "uncertain").await;
        assert!(page.text().contains("Rushes stopped while this was being sent."), "{}", page.text());
    }
    // Another clip goes all the way, so the worker has had its turn.
    let other = program.browser.paid("other").await;
    program.until_state(&other, "completed").await;
    let sent = |prompt: &str| fake.creates().iter().filter(|record| record.prompt() == prompt).count();
    assert!(sent("unread") + fake.creates_unread().len() <= 1);
    assert_eq!(sent("answered"), 1);
    program.kill().await;
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_clip_is_asked_about_by_its_id_after_a_kill() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    fake.hold();
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("A fox").await;
    program.until_state(&clip, "in_progress").await;
    program.kill().await;
    fake.finish_all();
    let program = Program::start(data.path(), Some(&fake)).await;
    program.until_state(&clip, "completed").await;
    assert_eq!(fake.creates().len(), 1);
    program.kill().await;
    sound(data.path()).await;
}

/// Kills the program in the middle of a download of 3 MB, and starts it again.
async fn killed_mid_download(ranges_work: bool) {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let film = clip_of_bytes(3_000_000);
    fake.serves(film.clone());
    let gate = fake.hold_content_after(1_000_000);
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("A fox").await;
    gate.reached().await;
    let partial = data.path().join("partial");
    let here = || {
        let part = files(&partial).into_iter().find(|file| file.extension().is_some_and(|end| end == "part"));
        part.map_or(0, |file| file.metadata().unwrap().len())
    };
    until("the first bytes", || here() > 0).await;
    program.kill().await;
    let offset = here();
    if !ranges_work {
        fake.on_content(ContentFault::IgnoresRange).always();
    }
    let program = Program::start(data.path(), Some(&fake)).await;
    program.until_state(&clip, "completed").await;
    let second = films(&fake).remove(1);
    assert_eq!(second.header("range"), Some(format!("bytes={offset}-").as_str()));
    assert!(second.header("if-range").is_some());
    let served = program.browser.get(&format!("{clip}/clip.mp4")).await.bytes().await.unwrap();
    assert!(served == film, "the file differs from the upstream's");
    assert_eq!(fake.creates().len(), 1);
    assert_eq!(files(&partial), Vec::<std::path::PathBuf>::new());
    program.kill().await;
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_a_kill_cut_goes_on_where_it_was() {
    killed_mid_download(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_a_kill_cut_starts_over_where_the_upstream_knows_no_ranges() {
    killed_mid_download(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_was_in_place_before_the_kill_is_not_fetched_twice_and_a_missing_still_is_drawn() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("A fox").await;
    program.until_state(&clip, "completed").await;
    program.kill().await;
    // As it is between the rename and the write that follows it.
    let back = "update generation set state = 'downloading', ended_at = null, file = null, sha256 = null,
        size_bytes = null, mime = null, poster = null";
    assert_eq!(change(data.path(), back).await, 1);

    let program = Program::start(data.path(), Some(&fake)).await;
    program.until_state(&clip, "completed").await;
    assert_eq!(films(&fake).len(), 1);
    program.kill().await;
    sound(data.path()).await;
    // And as it is between that write and the still.
    for still in files(&data.path().join("library")).iter().filter(|file| file.extension().is_some_and(|e| e == "jpg"))
    {
        std::fs::remove_file(still).unwrap();
    }
    assert_eq!(change(data.path(), "update generation set poster = null").await, 1);

    let program = Program::start(data.path(), Some(&fake)).await;
    let poster = format!("{clip}/poster.jpg");
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    for look in 0.. {
        beat.tick().await;
        if program.browser.get(&poster).await.status() == 200 {
            break;
        }
        assert!(look < 500, "the still never came");
    }
    assert_eq!(films(&fake).len(), 1);
    assert_eq!(program.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_well_within_twenty_seconds_while_a_preview_renders_and_a_page_follows() {
    let data = TempDir::new().unwrap();
    let program = Program::start(data.path(), None).await;
    let task = program.browser.created(&[("prompt", "A harbour at night"), ("resolution", "1080p")]).await;
    let clip = format!("/g/{}", program.browser.page(&task).await.generations()[0].id);
    program.until_state(&clip, "in_progress").await;
    let mut events = program.browser.get("/live?page=library").await.bytes_stream();
    events.next().await.unwrap().unwrap();
    assert_eq!(program.terminate().await, Some(0));
    let rest: Vec<_> = events.collect().await;
    assert!(rest.iter().all(Result::is_ok), "the stream ends, it does not break");

    let program = Program::start(data.path(), None).await;
    let state = program.browser.page(&clip).await.generations()[0].state.clone();
    assert!(["in_progress", "downloading", "completed"].contains(&state.as_str()), "{state}");
    program.kill().await;
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_the_answer_to_a_create_so_that_it_is_not_lost() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let gate = fake.hold_create_answer();
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("A fox").await;
    gate.reached().await;
    let (base, end) = (program.browser.clone(), tokio::task::spawn(program.terminate()));
    // It listens no more, so the stop has begun.
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    while base.client().get(base.url("/health")).send().await.is_ok() {
        beat.tick().await;
    }
    gate.release();
    assert_eq!(end.await.unwrap(), Some(0));
    let program = Program::start(data.path(), Some(&fake)).await;
    program.until_state(&clip, "completed").await;
    assert_eq!(fake.creates().len(), 1);
    program.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_the_same_folder_says_so_and_ends() {
    let data = TempDir::new().unwrap();
    let first = Program::start(data.path(), None).await;
    let second = Command::new(env!("CARGO_BIN_EXE_rushes"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .current_dir(data.path())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("--data") && said.contains("in use by another Rushes"), "{said}");
    assert_eq!(first.browser.get("/").await.status(), 200, "the first one serves on");
    assert_eq!(first.terminate().await, Some(0));
}
