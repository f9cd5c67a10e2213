//! Backup, restore and doctor, by the commands that people run.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::app::{Program, TestApp};
use crate::invariants::{change, count, database, files};
use crate::teams::rushes;
use crate::upstream::{FakeUpstream, KEY};

/// A command against a data folder: its exit code, and what it printed.
fn run(data: &Path, args: &[&str]) -> (i32, String) {
    let output = rushes(data, args);
    let both = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&both).into_owned())
}

fn told(data: &Path, args: &[&str]) -> String {
    let (code, text) = run(data, args);
    assert_eq!(code, 0, "{args:?}: {text}");
    text
}

/// The findings of the doctor: code and whether it was mended.
fn findings(data: &Path, args: &[&str]) -> Vec<(String, bool)> {
    let (code, text) = run(data, &[&["doctor", "--json"], args].concat());
    let read: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let all = read["findings"].as_array().unwrap();
    let found: Vec<_> =
        all.iter().map(|one| (one["code"].as_str().unwrap().to_owned(), one["mended"].as_bool().unwrap())).collect();
    assert_eq!(code, i32::from(found.iter().any(|(_, mended)| !mended)), "{text}");
    found
}

/// A folder with three finished clips of the fake's and one that waits in line.
async fn a_library(fake: &FakeUpstream) -> (TempDir, Vec<String>) {
    let app = TestApp::before(fake).await;
    let mut clips = Vec::new();
    for prompt in ["A fox", "An owl", "A boat"] {
        let clip = app.browser.paid(prompt).await;
        app.until_state(&clip, "completed").await;
        app.until("the still", || async {
            (app.browser.get(&format!("{clip}/poster.jpg")).await.status() == 200).then_some(())
        })
        .await;
        clips.push(clip);
    }
    (app.stop().await, clips)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_while_the_server_works_becomes_a_folder_that_goes_on_and_pays_nothing_twice() {
    let fake = FakeUpstream::start().await;
    let data = TempDir::new().unwrap();
    let away = TempDir::new().unwrap();
    let program = Program::start(data.path(), Some(&fake)).await;
    let first = program.browser.paid("A fox").await;
    program.until_state(&first, "completed").await;
    fake.hold();
    // One runs and more wait, more than the upstream takes at once.
    let running = program.browser.paid("An owl").await;
    program.until_state(&running, "in_progress").await;
    let mut waiting = Vec::new();
    for number in 0..6 {
        waiting.push(program.browser.paid(&format!("Boat {number}")).await);
    }
    fake.until_creates(5).await;
    let archive = away.path().join("rushes.tar");
    let config = data.path().join("test.toml");
    let told_text = told(data.path(), &["backup", archive.to_str().unwrap(), "--config", config.to_str().unwrap()]);
    assert!(told_text.contains("Keys of upstreams are not in it"), "{told_text}");
    let bytes = std::fs::read(&archive).unwrap();
    assert!(!bytes.windows(16).any(|window| window == &KEY.as_bytes()[..16]), "the key is in the backup");
    assert!(!away.path().join("rushes.tar.part").exists() && !data.path().join("backups/under-way.db").exists());

    // The server goes on, and everything is made and paid for.
    fake.stop_holding();
    fake.finish_all();
    for clip in waiting.iter().chain([&running]) {
        program.until_state(clip, "completed").await;
    }
    assert_eq!(fake.creates().len(), 8);
    program.kill().await;

    // The machine is lost. The backup knows less than the upstream: nothing is sent by itself.
    let fresh = away.path().join("data");
    let text = told(&fresh, &["restore", archive.to_str().unwrap(), "--verify"]);
    assert!(text.contains("queue them again one by one"), "{text}");
    assert!(!text.contains("not whole"), "{text}");
    assert_eq!(findings(&fresh, &["--full"]), []);
    let program = Program::start(&fresh, Some(&fake)).await;
    program.until_state(&running, "completed").await;
    let other = program.browser.paid("A lamp").await;
    program.until_state(&other, "completed").await;
    assert_eq!(program.browser.page(&first).await.generations()[0].state, "completed");
    assert_eq!(program.browser.get(&format!("{first}/clip.mp4")).await.status(), 200);
    let canceled = program.browser.page(waiting.last().unwrap()).await;
    assert_eq!(canceled.generations()[0].state, "canceled");
    assert_eq!(fake.creates().len(), 9, "the lamp, and nothing else");
    program.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_brought_up_to_date_with_what_is_new_and_loses_nothing_that_was_deleted_here() {
    let fake = FakeUpstream::start().await;
    let (data, _) = a_library(&fake).await;
    let away = TempDir::new().unwrap();
    let to = format!("{}/", away.path().join("copies").display());
    let first: Value = serde_json::from_str(&told(data.path(), &["backup", &to, "--json"])).unwrap();
    assert_eq!(first["copied"], 9, "three clips, each with still and sidecar: {first}");
    let again: Value = serde_json::from_str(&told(data.path(), &["backup", &to, "--json"])).unwrap();
    assert_eq!((again["copied"].as_u64(), again["manifest"]["files"].as_u64()), (Some(0), Some(9)));
    for file in files(&data.path().join("library")) {
        std::fs::remove_file(file).unwrap();
    }
    let text = told(data.path(), &["backup", &to]);
    assert!(text.contains("3 files that rows name were not there"), "{text}");
    let fresh = away.path().join("data");
    let text = told(&fresh, &["restore", to.trim_end_matches('/')]);
    assert!(text.contains("9 files"), "{text}");
    assert_eq!(findings(&fresh, &["--full"]), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_is_refused_and_what_is_there_is_never_overwritten() {
    let fake = FakeUpstream::start().await;
    let (data, _) = a_library(&fake).await;
    let away = TempDir::new().unwrap();
    let archive = away.path().join("a.tar");
    told(data.path(), &["backup", archive.to_str().unwrap()]);
    let whole = std::fs::read(&archive).unwrap();
    let fresh = away.path().join("fresh");
    let refused = |bytes: &[u8], words: &str| {
        std::fs::write(&archive, bytes).unwrap();
        let (code, text) = run(&fresh, &["restore", archive.to_str().unwrap()]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(words), "{words:?}: {text}");
        assert!(!fresh.exists() && !away.path().join("fresh.restoring").exists(), "nothing is left: {text}");
    };
    refused(b"", "is no backup of Rushes");
    refused(b"not a tar at all", "is no whole backup");
    refused(&whole[..whole.len() / 2], "");
    let hostile = |name: &str, kind: tar::EntryType| {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(4);
        header.set_mode(0o644);
        // Names that the crate itself would refuse to write.
        let place = &mut header.as_mut_bytes()[..100];
        place.fill(0);
        place[..name.len()].copy_from_slice(name.as_bytes());
        if kind == tar::EntryType::Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, &b"evil"[..]).unwrap();
        builder.into_inner().unwrap()
    };
    for name in ["../evil", "/tmp/evil", "library/../../evil", "lock", "bin/sh"] {
        refused(&hostile(name, tar::EntryType::Regular), "which no backup of Rushes has");
    }
    refused(&hostile("library/link", tar::EntryType::Symlink), "which no backup of Rushes has");
    refused(&hostile("library/a.mp4", tar::EntryType::Regular), "does not begin as a backup of Rushes does");

    std::fs::write(&archive, &whole).unwrap();
    let (code, text) = run(data.path(), &["restore", archive.to_str().unwrap()]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("is not empty"), "{text}");
    // A server has it.
    let program = Program::start(data.path(), None).await;
    let (code, text) = run(data.path(), &["restore", archive.to_str().unwrap(), "--force"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("is in use by another Rushes"), "{text}");
    program.kill().await;
    let text = told(data.path(), &["restore", archive.to_str().unwrap(), "--force"]);
    assert!(text.contains("What was there before is in"), "{text}");
    let aside = text.lines().find_map(|line| line.strip_prefix("What was there before is in ")).unwrap();
    let aside = Path::new(aside.trim_end_matches('.'));
    assert!(aside.join("rushes.db").is_file());
    std::fs::remove_dir_all(aside).unwrap();
    assert_eq!(findings(data.path(), &[]), []);
}

/// Makes what lies below a folder older than a day.
fn age(folder: &Path) {
    let old = std::time::SystemTime::now() - Duration::from_hours(48);
    for file in files(folder) {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_each_planted_fault_and_mends_what_is_safe() {
    let fake = FakeUpstream::start().await;
    let (data, clips) = a_library(&fake).await;
    let root = data.path();
    assert_eq!(findings(root, &["--full"]), []);
    let of = |end: &str| -> Vec<_> {
        let mut all = files(&root.join("library"));
        all.retain(|path| path.extension().is_some_and(|found| found == end));
        all.sort();
        all
    };
    let films = of("mp4");
    std::fs::remove_file(&films[0]).unwrap();
    let mut bytes = std::fs::read(&films[1]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&films[1], &bytes).unwrap();
    std::fs::write(&films[2], &bytes[..100]).unwrap();
    std::fs::remove_file(&of("jpg")[1]).unwrap();
    std::fs::write(root.join("library/2026/stray.mp4"), b"whose is this?").unwrap();
    std::fs::write(root.join("library/2026/young.mp4"), b"it may be on its way").unwrap();
    let id = clips[0].trim_start_matches("/g/");
    std::fs::write(root.join(format!("partial/{id}.part")), b"half").unwrap();
    age(&root.join("library"));
    std::fs::write(root.join("library/2026/young.mp4"), b"it may be on its way").unwrap();
    let sorted = |mut found: Vec<(String, bool)>| {
        found.sort();
        found
    };
    let expected = |mended: bool| {
        sorted(
            [
                ("altered_file", false),
                ("missing_file", false),
                ("missing_poster", mended),
                ("orphan", mended),
                ("remains", mended),
            ]
            .map(|(code, mended)| (code.to_owned(), mended))
            .to_vec(),
        )
    };
    assert_eq!(sorted(findings(root, &[])), expected(false));
    let full = findings(root, &["--full"]);
    assert_eq!(full.iter().filter(|(code, _)| code == "altered_file").count(), 2, "the flipped bit, too: {full:?}");
    assert_eq!(sorted(findings(root, &["--repair"])), expected(true));
    assert_eq!(std::fs::read(root.join("lost+found/library/2026/stray.mp4")).unwrap(), b"whose is this?");
    let left: Vec<String> = findings(root, &[]).into_iter().map(|(code, _)| code).collect();
    assert_eq!(left.len(), 2, "{left:?}");

    // Rows that contradict each other.
    change(root, "update entry set held_micros = 5 where id = (select max(id) from entry)").await;
    assert!(findings(root, &[]).iter().any(|(code, _)| code == "money_held"));
    change(root, "delete from entry where kind = 'settle'").await;
    assert!(findings(root, &[]).iter().any(|(code, _)| code == "money_unspent"));
    let app = TestApp::before(&fake).await;
    for prompt in ["A fox", "An owl", "A boat", "A lamp"] {
        let clip = app.browser.paid(prompt).await;
        app.until_state(&clip, "completed").await;
    }
    let (code, text) = run(app.data.path(), &["doctor", "--repair"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("is in use by another Rushes"), "{text}");
    assert_eq!(findings(app.data.path(), &[]), [], "beside a running server it only looks");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_refused_in_a_sentence_and_nothing_is_sent_or_changed() {
    let fake = FakeUpstream::start().await;
    let (data, _) = a_library(&fake).await;
    let file = data.path().join("rushes.db");
    let whole = std::fs::read(&file).unwrap();
    let mut refused = 0;
    let pages = whole.len() / 4096;
    let mut broken: Vec<Vec<u8>> = vec![
        Vec::from(&b"this is no database at all, but it is long enough to be looked at"[..]),
        whole[..whole.len() / 2].to_vec(),
    ];
    for page in (0..pages).step_by((pages / 24).max(1)) {
        let mut bytes = whole.clone();
        // The head of a page: what kind it is, and where its cells are.
        for byte in &mut bytes[page * 4096..page * 4096 + 64] {
            *byte ^= 0xff;
        }
        broken.push(bytes);
    }
    for bytes in &broken {
        std::fs::write(&file, bytes).unwrap();
        // As a power cut would leave it: the log is there.
        std::fs::write(data.path().join("rushes.db-wal"), b"x").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rushes"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).env_clear();
        let log = data.path().join("test.log");
        let _ = std::fs::remove_file(&log);
        let mut program = Program::run(command, data.path()).await;
        let health = program.browser.url("/health");
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        let end = loop {
            beat.tick().await;
            if let Some(end) = program.child.try_wait().unwrap() {
                break Some(end);
            }
            // What was changed lies where nothing is.
            if program.browser.client().get(&health).send().await.is_ok_and(|answer| answer.status() == 200) {
                break None;
            }
        };
        program.kill().await;
        let text = std::fs::read_to_string(&log).unwrap();
        assert!(!text.contains("panicked"), "{text}");
        if let Some(end) = end {
            refused += 1;
            assert_eq!(end.code(), Some(1), "{text}");
            assert!(text.contains("rushes restore"), "{text}");
            assert_eq!(&std::fs::read(&file).unwrap(), bytes, "what is damaged is left as it is");
        }
        let (code, said) = run(data.path(), &["doctor"]);
        assert!(matches!(code, 0..=2) && !said.contains("panicked"), "{said}");
    }
    assert!(refused * 2 > broken.len(), "{refused} of {} were refused", broken.len());
    assert_eq!(fake.creates().len(), 3);
}

/// Takes the last migration back, as if the release before had made the database.
pub async fn as_before(data: &Path) {
    for sql in [
        "drop index generation_poster",
        "create index generation_poster on generation (id) where state = 'completed' and poster is null",
        "delete from _sqlx_migrations where version = 10",
    ] {
        change(data, sql).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_an_upgrade_a_copy_is_put_aside_and_a_newer_database_is_refused() {
    let fake = FakeUpstream::start().await;
    let (data, _) = a_library(&fake).await;
    // As the release before had it.
    as_before(data.path()).await;
    let text = told(data.path(), &["user", "list"]);
    assert!(!text.contains("error"), "{text}");
    let copies = files(&data.path().join("backups"));
    assert_eq!(copies.len(), 1, "{copies:?}");
    assert!(copies[0].ends_with("before-0010-from-0009.db"), "{copies:?}");
    let old = TempDir::new().unwrap();
    std::fs::copy(&copies[0], old.path().join("rushes.db")).unwrap();
    assert_eq!(count(old.path(), "select max(version) from _sqlx_migrations").await, 9);
    assert_eq!(count(old.path(), "select count(*) from generation").await, 3);
    // Up to date, no further copy is made.
    told(data.path(), &["user", "list"]);
    assert_eq!(files(&data.path().join("backups")).len(), 1);

    let database = database(data.path()).await;
    sqlx::query("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (99, 'later', 1, x'00', 0)")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    for args in [&["user", "list"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let (code, text) = run(data.path(), args);
        assert!(code == 1 || code == 2, "{text}");
        assert!(text.contains("schema 99") && text.contains("a newer one has used it"), "{text}");
    }
}
