//! The real program, killed with SIGKILL at each place where it would hurt, and started again on the same folder: each clip
//! is paid for once and arrives, or is shown as unknown. Places are `kill_point!`s; those within a request are gates of
//! the fake, in `restart.rs`.

use std::path::Path;

use reqwest::multipart::Form;
use tempfile::TempDir;

use crate::app::{Program, is_long};
use crate::invariants::{count, files, the_ledger_agrees};
use crate::keep::as_before;
use crate::restart::{quick, sound};
use crate::teams::{PASSWORD, rushes};
use crate::upstream::{FakeUpstream, Fault};

/// How often each place is tried; more with `RUSHES_FAULTS=long`.
fn rounds() -> u32 {
    if is_long() { 20 } else { 2 }
}

/// Starts it so that it dies at a place.
async fn doomed(data: &Path, fake: Option<&FakeUpstream>, place: &str) -> Program {
    let mut command = Program::command(data, fake);
    command.env("RUSHES_KILL", place);
    Program::run(command, data).await
}

/// Presses Create, whether or not an answer comes.
async fn press(program: &Program, prompt: &str) {
    let fields = [("prompt", prompt), ("model", "sora-2"), ("seconds", "4")];
    let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, (*value).to_owned()));
    let _ = program.browser.client().post(program.browser.url("/tasks")).multipart(form).send().await;
}

/// The only clip there is.
async fn only_clip(program: &Program) -> String {
    let wall = program.browser.page("/").await.generations();
    assert_eq!(wall.len(), 1, "{wall:?}");
    format!("/g/{}", wall[0].id)
}

/// What must hold of a folder whose program is dead, and of the upstream's own record.
async fn agree(data: &Path, fake: &FakeUpstream, paid: usize, place: &str) {
    sound(data).await;
    the_ledger_agrees(data).await;
    assert_eq!(fake.paid().len(), paid, "{place}");
    assert!(fake.creates().len() <= 1, "{place}: sent {} times", fake.creates().len());
    let stray: Vec<_> = files(&data.join("partial"));
    assert!(stray.is_empty(), "{place}: {stray:?}");
    assert_eq!(
        files(&data.join("library")).iter().filter(|path| path.extension().is_some_and(|end| end == "mp4")).count(),
        paid
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_it_is_killed_a_clip_is_paid_for_once_and_arrives() {
    let places = [
        // K1 and K2: nothing was written, so it is in line again.
        "claim.before",
        "claim.inside",
        // K8 to K10: the upstream has it; the list knows its id where the row does not.
        "answer.read",
        "accepted.inside",
        "accepted.done",
        "poll.read",
        // K12 to K18.
        "download.begun",
        "download.middle",
        "download.received",
        "settle.flushed",
        "settle.renamed",
        "download.settled",
        "saved.done",
    ];
    for place in places {
        for round in 0..rounds() {
            let (fake, data) = (quick().await, TempDir::new().unwrap());
            let mut program = doomed(data.path(), Some(&fake), place).await;
            press(&program, "A fox").await;
            program.dies().await;
            let program = Program::start(data.path(), Some(&fake)).await;
            let clip = only_clip(&program).await;
            program.until_state(&clip, "completed").await;
            program.kill().await;
            agree(data.path(), &fake, 1, &format!("{place}, round {round}")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_record_and_the_sending_nobody_can_know_and_nothing_is_sent_by_itself() {
    for _ in 0..rounds() {
        let (fake, data) = (quick().await, TempDir::new().unwrap());
        let mut program = doomed(data.path(), Some(&fake), "claim.done").await;
        press(&program, "A fox").await;
        program.dies().await;
        let program = Program::start(data.path(), Some(&fake)).await;
        let clip = only_clip(&program).await;
        program.until_state(&clip, "uncertain").await;
        fake.until_lists(2).await;
        assert_eq!(fake.creates().len(), 0);
        assert_eq!(program.browser.post(&format!("{clip}/send-again")).await.status(), 303);
        program.until_state(&clip, "completed").await;
        program.kill().await;
        agree(data.path(), &fake, 1, "claim.done").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_reading_the_list_it_reads_it_again_and_adopts_once() {
    for _ in 0..rounds() {
        let (fake, data) = (quick().await, TempDir::new().unwrap());
        fake.on_create(Fault::VanishAfterReading);
        let mut program = doomed(data.path(), Some(&fake), "list.read").await;
        press(&program, "A fox").await;
        program.dies().await;
        let program = Program::start(data.path(), Some(&fake)).await;
        let clip = only_clip(&program).await;
        program.until_state(&clip, "completed").await;
        program.kill().await;
        agree(data.path(), &fake, 1, "list.read").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_an_orderly_stop_nothing_is_lost() {
    for _ in 0..rounds() {
        let (fake, data) = (quick().await, TempDir::new().unwrap());
        fake.hold();
        let mut program = doomed(data.path(), Some(&fake), "stop.begun").await;
        let clip = program.browser.paid("A fox").await;
        program.until_state(&clip, "in_progress").await;
        let id = program.child.id().unwrap().to_string();
        assert!(tokio::process::Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        program.dies().await;
        fake.finish_all();
        let program = Program::start(data.path(), Some(&fake)).await;
        program.until_state(&clip, "completed").await;
        program.kill().await;
        agree(data.path(), &fake, 1, "stop.begun").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_trash_is_emptied_it_is_emptied_afterwards() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("A fox").await;
    program.until_state(&clip, "completed").await;
    program.browser.press(&clip, "delete").await;
    let all = [("all", "1"), ("here", "/trash"), ("sure", "1")];
    assert_eq!(program.browser.post_form("/trash/empty", &all).await.status(), 303);
    program.kill().await;
    // The trash is looked through at once at every start.
    let mut program = doomed(data.path(), Some(&fake), "purge.removed").await;
    program.dies().await;
    let program = Program::start(data.path(), Some(&fake)).await;
    let other = program.browser.paid("An owl").await;
    program.until_state(&other, "completed").await;
    assert_eq!(program.browser.get(&format!("{clip}/clip.mp4")).await.status(), 404);
    let erasing = "select count(*) from generation where erased = 1";
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(50));
    for look in 0.. {
        beat.tick().await;
        if count(data.path(), erasing).await == 0 {
            break;
        }
        assert!(look < 400, "its files are still to be removed");
    }
    program.kill().await;
    sound(data.path()).await;
    the_ledger_agrees(data.path()).await;
    assert_eq!(fake.paid().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_first_account_is_made_there_is_none_or_one_and_the_link_still_works_for_none() {
    let data = TempDir::new().unwrap();
    let code = "a code that nobody guesses";
    let begin = |place: &'static str| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_rushes"));
        command.args(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(data.path());
        command.env_remove("OPENAI_BASE_URL").env("RUSHES_SETUP_CODE", code).env("RUSHES_KILL", place);
        command
    };
    let fields = [("code", code), ("username", "olga"), ("password", PASSWORD)];
    let mut program = Program::run(begin("set_up.inside"), data.path()).await;
    let _ = program.browser.try_form("/setup", &fields).await;
    program.dies().await;
    assert_eq!(count(data.path(), "select count(*) from person where joined_at is not null").await, 0);
    let program = Program::run(begin("nowhere"), data.path()).await;
    let made = program.browser.post_form("/setup", &fields).await;
    assert_eq!(made.status(), 303, "{}", made.text().await.unwrap());
    program.kill().await;
    assert_eq!(count(data.path(), "select count(*) from person where joined_at is not null").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_an_upgrade_or_a_backup_the_folder_is_as_it_was_and_nothing_half_is_offered() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let clip = program.browser.paid("A fox").await;
    program.until_state(&clip, "completed").await;
    assert_eq!(program.terminate().await, Some(0));
    as_before(data.path()).await;
    let killed = |place: &str, args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rushes"));
        let output = command.args(args).arg("--data").arg(data.path()).env("RUSHES_KILL", place).output().unwrap();
        assert_eq!(output.status.code(), None, "{place}: {}", String::from_utf8_lossy(&output.stderr));
    };
    killed("migrate.copied", &["user", "list"]);
    assert_eq!(count(data.path(), "select max(version) from _sqlx_migrations").await, 9);
    assert!(rushes(data.path(), &["user", "list"]).status.success());
    assert_eq!(count(data.path(), "select max(version) from _sqlx_migrations").await, 10);
    let away = TempDir::new().unwrap();
    let archive = away.path().join("a.tar");
    killed("snapshot.copied", &["backup", archive.to_str().unwrap()]);
    assert!(files(away.path()).is_empty(), "no half archive");
    assert!(rushes(data.path(), &["backup", archive.to_str().unwrap()]).status.success());
    assert!(archive.is_file() && !data.path().join("backups/under-way.db").exists());
    let program = Program::start(data.path(), Some(&fake)).await;
    assert_eq!(program.browser.get(&format!("{clip}/clip.mp4")).await.status(), 200);
    program.kill().await;
    sound(data.path()).await;
}
