//! What the machine can do wrong: others hold the database, limits are low, the library is another disk, a row makes no
//! sense, the disk does not keep what was written. And what the promise rests on: the record is on disk before a byte
//! of a paid request leaves.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use reqwest::multipart::Form;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::app::{Program, TestApp};
use crate::invariants::{change, check_all, count, files};
use crate::restart::{quick, sound};
use crate::upstream::FakeUpstream;

/// Somebody else's connection to the database, which takes the write lock.
async fn holder(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.join("rushes.db")).create_if_missing(false);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("begin immediate").execute(&mut connection).await.unwrap();
    connection
}

async fn let_go(mut holder: SqliteConnection) {
    sqlx::raw_sql("commit").execute(&mut holder).await.unwrap();
    holder.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_program_holds_the_database_pages_read_on_and_writes_say_when_to_try_again() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let first = app.browser.paid("Before").await;
    app.until_state(&first, "completed").await;
    fake.hold();
    let running = app.browser.paid("Meanwhile").await;
    app.until_state(&running, "in_progress").await;

    let other = holder(app.data.path()).await;
    fake.finish_all();
    let pressed = app.browser.create(&[("prompt", "Too early"), ("model", "sora-2"), ("seconds", "4")]);
    let looked = async {
        for page in ["/", "/queue", first.as_str(), running.as_str()] {
            assert_eq!(app.browser.get(page).await.status(), 200, "{page}");
        }
    };
    let (pressed, ()) = tokio::join!(pressed, looked);
    assert_eq!(pressed.status(), 503);
    assert_eq!(pressed.headers()["retry-after"], "5");
    let words = pressed.text().await.unwrap();
    assert!(words.contains("Nothing was changed. Another program holds it just now"), "{words}");
    let_go(other).await;

    fake.stop_holding();
    app.until_state(&running, "completed").await;
    let again = app.browser.paid("Too early").await;
    app.until_state(&again, "completed").await;
    assert_eq!((fake.paid().len(), fake.creates().len()), (3, 3));
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_who_hang_up_in_the_middle_leave_nothing_half_written() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    fake.hold();
    let at = app.browser.url("").trim_start_matches("http://").to_owned();
    let mut all = tokio::task::JoinSet::new();
    for number in 0_usize..500 {
        let at = at.clone();
        all.spawn(async move {
            let field = |name: &str, value: &str| {
                format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let prompt = format!("Left {number}");
            let body = field("prompt", &prompt) + &field("model", "sora-2") + &field("seconds", "4") + "--X--\r\n";
            let head = format!(
                "POST /tasks HTTP/1.1\r\nHost: {at}\r\nContent-Type: multipart/form-data; boundary=X\r\n\
                 Content-Length: {}\r\n\r\n",
                body.len()
            );
            let mut stream = TcpStream::connect(&at).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            // A third hangs up before the end of the body, the others at once after it.
            let sent = if number % 3 == 0 { body.len() / 2 } else { body.len() };
            stream.write_all(&body.as_bytes()[..sent]).await.unwrap();
            for _ in 0..number % 7 {
                tokio::task::yield_now().await;
            }
        });
    }
    while let Some(one) = all.join_next().await {
        one.unwrap();
    }
    // The writer is free at once, and each task is whole: it has its generation, and its money is reserved.
    app.browser.paid("Stays").await;
    fake.stop_holding();
    fake.finish_all();
    let alone = "select count(*) from task where not exists (select 1 from generation where task_id = task.id)";
    assert_eq!(count(app.data.path(), alone).await, 0);
    let mut open = i64::MAX;
    while open > 0 {
        open = app
            .until("one less in line", || async {
                let now = "select count(*) from generation where state <> 'completed'";
                Some(count(app.data.path(), now).await).filter(|now| *now < open)
            })
            .await;
    }
    check_all(app, &fake).await;
}

/// Rushes with limits of the shell's `ulimit`.
fn limited(data: &Path, fake: &FakeUpstream, limit: &str) -> Command {
    let told = Program::command(data, Some(fake));
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit {limit} && exec \"$0\" \"$@\"")).arg(told.as_std().get_program());
    command.args(told.as_std().get_args()).env_remove("OPENAI_BASE_URL");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn with_few_descriptors_and_many_guests_it_serves_on_once_they_are_gone() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::run(limited(data.path(), &fake, "-n 64"), data.path()).await;
    let at = program.browser.url("").trim_start_matches("http://").to_owned();
    let mut guests = Vec::new();
    for _ in 0..100 {
        guests.push(TcpStream::connect(&at).await.unwrap());
    }
    drop(guests);
    let clip = program.browser.paid("A boat").await;
    program.until_state(&clip, "completed").await;
    assert_eq!(program.terminate().await, Some(0));
    assert_eq!(fake.paid().len(), 1);
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_on_the_size_of_files_is_told_as_a_full_disk_and_ends_nothing() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    // Blocks of 512 bytes: the database has room, the film has not.
    fake.serves(crate::upstream::clip::clip_of_bytes(9_000_000));
    let program = Program::run(limited(data.path(), &fake, "-f 12000"), data.path()).await;
    let clip = program.browser.paid("A boat").await;
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    loop {
        beat.tick().await;
        let page = program.browser.page(&clip).await;
        if page.text().contains("disk") {
            assert_eq!(page.generations()[0].state, "downloading", "{}", page.text());
            break;
        }
    }
    assert_eq!(program.terminate().await, Some(0));
    // Without the limit it arrives.
    let program = Program::start(data.path(), Some(&fake)).await;
    program.until_state(&clip, "completed").await;
    assert_eq!((fake.creates().len(), fake.paid().len()), (1, 1));
    program.terminate().await;
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_may_be_another_disk_and_a_folder_that_was_taken_away_is_made_again() {
    let (fake, data) = (FakeUpstream::start().await, TempDir::new().unwrap());
    let shelf = tempfile::Builder::new().tempdir_in("/dev/shm").unwrap();
    std::os::unix::fs::symlink(shelf.path(), data.path().join("library")).unwrap();
    let app = TestApp::with(data, false, vec![crate::app::gateway(&fake, 4)]).await;
    let clip = app.browser.paid("A boat").await;
    app.until_state(&clip, "completed").await;
    let films =
        |folder: &Path| files(folder).iter().filter(|file| file.extension().is_some_and(|kind| kind == "mp4")).count();
    assert_eq!(films(shelf.path()), 1);
    let partial = app.data.path().join("partial");
    std::fs::remove_dir_all(&partial).unwrap();
    let second = app.browser.paid("A train").await;
    app.until("a word about the folder", || async {
        let page = app.browser.page(&second).await;
        (page.text().contains("could not be written") || page.generations()[0].state == "completed").then_some(())
    })
    .await;
    std::fs::create_dir_all(&partial).unwrap();
    app.until_state(&second, "completed").await;
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_makes_no_sense_holds_up_no_other() {
    // What something else wrote into the database, past its checks.
    const POISONS: [&str; 8] = [
        "state = 'dreaming'",
        "state = x'00ff'",
        "reason = 'because'",
        "take = -5",
        "seed = 'seven'",
        "failures = -1",
        "cost_micros = 'free'",
        "due_at = 'tomorrow'",
    ];
    for poison in POISONS {
        let fake = FakeUpstream::start().await;
        let app = TestApp::before(&fake).await;
        fake.hold();
        let poisoned = app.browser.paid("Poisoned").await;
        app.until_state(&poisoned, "in_progress").await;
        let healthy = app.browser.paid("Healthy").await;
        app.until_state(&healthy, "in_progress").await;
        let number = poisoned.rsplit('/').next().unwrap();
        let sql = format!(
            "pragma ignore_check_constraints = on; update generation set {poison} where id = (select id from generation \
             order by id limit 1)"
        );
        let was_taken = poison_with(app.data.path(), &sql).await;
        println!("{poison}: {}", if was_taken { "taken" } else { "refused by the database" });
        fake.finish_all();
        app.until_state(&healthy, "completed").await;
        fake.stop_holding();
        let later = app.browser.paid("Later").await;
        app.until_state(&later, "completed").await;
        for page in ["/", "/queue", "/trash", "/usage"] {
            let answer = app.browser.get(page).await;
            assert_eq!(answer.status(), 200, "{poison} ({was_taken}): {page}: {}", answer.text().await.unwrap());
        }
        // Asked for by itself it may be an error, told with the number of the line in the log.
        let alone = app.browser.get(&poisoned).await;
        assert!(matches!(alone.status().as_u16(), 200 | 500), "{poison}: {number}");
        assert_eq!(fake.paid_for("Healthy") + fake.paid_for("Later"), 2);
        drop(app.stop().await);
    }
}

/// Whether the database took it at all: its types refuse much.
async fn poison_with(data: &Path, sql: &str) -> bool {
    let options = SqliteConnectOptions::new().filename(data.join("rushes.db")).create_if_missing(false);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let taken = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await;
    connection.close().await.unwrap();
    taken.is_ok()
}

/// `strace` on a running program.
async fn traced(program: &Program, out: &Path, args: &[&str]) -> Child {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-y", "-o"]).arg(out).args(args).arg("-p").arg(program.child.id().unwrap().to_string());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    // It is attached once a question has left its trace.
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    loop {
        beat.tick().await;
        program.browser.get("/health").await;
        if std::fs::metadata(out).is_ok_and(|file| file.len() > 0) {
            return child;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_is_on_disk_before_a_byte_of_a_paid_request_leaves() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = Program::start(data.path(), Some(&fake)).await;
    let out = data.path().join("trace");
    let calls = "trace=fsync,fdatasync,pwrite64,write,writev,sendto";
    let mut strace = traced(&program, &out, &["-s", "40", "-e", calls]).await;
    for number in 0..5 {
        let clip = program.browser.paid(&format!("Boat {number}")).await;
        program.until_state(&clip, "completed").await;
    }
    assert_eq!(program.terminate().await, Some(0));
    strace.wait().await.unwrap();
    let trace = std::fs::read_to_string(&out).unwrap();
    let (mut is_flushed, mut creates) = (true, 0);
    for line in trace.lines() {
        if line.contains("-wal>") && line.contains("pwrite64(") {
            is_flushed = false;
        } else if line.contains("-wal>") && (line.contains("fsync(") || line.contains("fdatasync(")) {
            is_flushed = !line.contains("unfinished") && !line.contains("= -1");
        } else if line.contains("sync resumed>") && line.trim_end().ends_with("= 0") {
            is_flushed = true;
        } else if line.contains("POST /v1/videos") {
            creates += 1;
            assert!(is_flushed, "create {creates} left before the record was on disk:\n{trace}");
        }
    }
    assert_eq!(creates, 5);
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_does_not_keep_what_was_written_ends_the_program_and_nothing_is_sent() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let mut program = Program::start(data.path(), Some(&fake)).await;
    let before = program.browser.paid("Before").await;
    program.until_state(&before, "completed").await;
    let out: PathBuf = data.path().join("trace");
    let _strace = traced(
        &program,
        &out,
        &["-e", "trace=fsync,fdatasync,sendto,write,writev", "-e", "inject=fsync,fdatasync:error=EIO"],
    )
    .await;
    let form = Form::new().text("prompt", "After").text("model", "sora-2").text("seconds", "4");
    let answer = program.browser.client().post(program.browser.url("/tasks")).multipart(form);
    // It is answered with an error, or not at all.
    assert!(!answer.send().await.is_ok_and(|answer| answer.status().as_u16() < 500));
    program.dies().await;
    assert!(std::fs::read_to_string(data.path().join("test.log")).unwrap().contains("did not keep what was written"));
    assert_eq!(fake.creates().len(), 1);
    // Once the disk is well, so is Rushes.
    let program = Program::start(data.path(), Some(&fake)).await;
    let again = program.browser.paid("Again").await;
    program.until_state(&again, "completed").await;
    program.terminate().await;
    assert_eq!(fake.paid_for("Again"), 1);
    assert_eq!(change(data.path(), "delete from task where prompt = 'nothing'").await, 0);
    sound(data.path()).await;
}
