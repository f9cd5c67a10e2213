//! F2, F10, F14: files that are not what they should be.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clap::Parser as _;
use rushes::config::{Cli, Config};
use rushes::media::container::check;
use sqlx::migrate::Migrator;
use tempfile::TempDir;

use super::{dice, mangled, share, soon};
use crate::invariants::{count, database};
use crate::upstream::clip::CLIP;

#[test]
fn a_film_of_any_bytes_is_judged_at_once() {
    let tries = share(1_000_000);
    let mut dice = dice("F2 films", tries);
    let index = CLIP.windows(4).position(|kind| kind == b"moov").unwrap();
    let mut file = tempfile::tempfile().unwrap();
    let mut sound = 0;
    for _ in 0..tries {
        let bytes = match dice.u8(0..8) {
            0 => (0..dice.usize(0..400)).map(|_| dice.u8(..)).collect(),
            // The head is right and the rest is noise.
            1 => [&CLIP[..40], &(0..dice.usize(0..400)).map(|_| dice.u8(..)).collect::<Vec<u8>>()].concat(),
            // The index alone, changed: small, so that much of it is met.
            2..=5 => [&CLIP[..32], &mangled(&mut dice, &CLIP[index - 4..])].concat(),
            _ => {
                let mut whole = CLIP.to_vec();
                for _ in 0..dice.usize(1..6) {
                    let at = dice.usize(index..whole.len());
                    whole[at] = [0, 1, 0x7f, 0x80, 0xff, dice.u8(..)][dice.usize(0..6)];
                }
                whole
            }
        };
        file.set_len(0).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&bytes).unwrap();
        let began = Instant::now();
        sound += usize::from(check(&mut file).is_ok());
        soon(began, "a film");
    }
    println!("F2: {sound} of {tries} were whole all the same");
    assert!(sound < tries / 2);
}

const CONFIG: &str = r#"
data = "data"
listen = "127.0.0.1:8787"
public_url = "https://rushes.example"
trusted_proxies = ["10.0.0.0/8"]
time_zone = "Europe/Berlin"

[[upstream]]
name = "gateway"
driver = "openai"
base_url = "http://127.0.0.1:9/v1"
max_in_flight = 2

[[upstream.models]]
id = "sora-2"
label = "Sora 2"
sizes = ["1280x720", "720x1280"]
seconds = [4, 8, 12]
usd_per_second = 0.10
"#;

#[test]
fn a_configuration_of_any_text_is_taken_or_refused_in_one_sentence() {
    let tries = share(10_000);
    let mut dice = dice("F10 configurations", tries);
    let home = TempDir::new().unwrap();
    let path = home.path().join("rushes.toml");
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..tries {
        let bytes = mangled(&mut dice, CONFIG.as_bytes());
        std::fs::write(&path, &bytes).unwrap();
        let data = home.path().join("data");
        let args = ["rushes", "--config", path.to_str().unwrap(), "--data", data.to_str().unwrap()];
        let began = Instant::now();
        match Config::load(Cli::try_parse_from(args).unwrap()) {
            Ok(_) => taken += 1,
            Err(error) => {
                let words = error.to_string();
                assert!(!words.is_empty() && words.len() < 2_000, "{words}");
                assert_eq!(words.lines().count(), 1, "{words}");
                assert!(!words.contains('\u{1b}') && !words.contains("panicked"), "{words}");
                refused += 1;
            }
        }
        soon(began, "a configuration");
        assert!(!data.exists(), "nothing is made before all of it is understood");
    }
    println!("F10: {taken} taken, {refused} refused");
    assert!(refused > tries / 4 && taken > 0);
}

/// A sentence of anything.
fn text(dice: &mut fastrand::Rng) -> String {
    let some = ["A fox", "", "'; drop table task; --", "☃ 狐", "\u{202e}x", "<b>", "\n\n", "%s%n", "0", "NULL"];
    format!("{} {}", some[dice.usize(0..some.len())], dice.u32(..))
}

/// Fills a database of the first schema with clips in every state.
async fn old(data: &Path, dice: &mut fastrand::Rng, rows: i64) {
    let database = database(data).await;
    let states = ["queued", "in_progress", "downloading", "completed", "failed", "canceled", "uncertain"];
    for id in 1..=rows {
        let created = 1_700_000_000_000 + id * 1_000;
        sqlx::query(
            "insert into task (id, token, prompt, upstream, model_key, model, model_label, wide, high, seconds,
                               variations, price_micros, created_at)
             values ($1, $2, $3, 'gateway', 'sora-2', 'sora-2', $3, 1280, 720, 4, 1, $4, $5)",
        )
        .bind(id)
        .bind(dice.bool().then(|| format!("token {id}")))
        .bind(text(dice))
        .bind(dice.bool().then(|| dice.i64(0..9_000_000)))
        .bind(created)
        .execute(&database)
        .await
        .unwrap();
        let state = states[dice.usize(0..states.len())];
        let is_over = matches!(state, "completed" | "failed" | "canceled");
        let job = matches!(state, "in_progress" | "downloading" | "completed").then(|| format!("video_{id}"));
        sqlx::query(
            "insert into generation (id, task_id, take, upstream, model_key, seconds, state, words, progress, seed,
                 upstream_id, due_at, queued_at, ended_at, file, sha256, size_bytes, deleted_at)
             values ($1, $1, 1, 'gateway', 'sora-2', 4, $2, $3, $4, 7, $5, $6, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id)
        .bind(state)
        .bind(dice.bool().then(|| text(dice)))
        .bind(dice.bool().then(|| dice.i64(0..=100)))
        .bind(&job)
        .bind(created)
        .bind(is_over.then_some(created + 1))
        .bind((state == "completed").then(|| format!("library/{id}.mp4")))
        .bind((state == "completed").then(|| "00".repeat(32)))
        .bind((state == "completed").then_some(20_207))
        .bind((is_over && dice.u8(0..5) == 0).then_some(created + 2))
        .execute(&database)
        .await
        .unwrap();
        let outcome = match state {
            "queued" | "canceled" => "not_sent",
            "failed" => "refused",
            "uncertain" => "uncertain",
            _ => "accepted",
        };
        sqlx::query(
            "insert into attempt (id, generation_id, number, upstream, outcome, idempotency_key, cost_micros, upstream_id,
                 words, sent_at, answered_at) values ($1, $1, 1, 'gateway', $2, $3, 400000, $4, $5, $6, $6)",
        )
        .bind(id)
        .bind(outcome)
        .bind(format!("key {id}"))
        .bind(&job)
        .bind(dice.bool().then(|| text(dice)))
        .bind(created)
        .execute(&database)
        .await
        .unwrap();
    }
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_database_with_anything_in_it_is_brought_up_to_date_whole() {
    let tries = share(200);
    let mut dice = dice("F14 old databases", tries);
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let first = TempDir::new().unwrap();
    std::fs::copy(scripts.join("0001_tasks.sql"), first.path().join("0001_tasks.sql")).unwrap();
    for _ in 0..tries {
        let data = TempDir::new().unwrap();
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(data.path().join("rushes.db")).create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        Migrator::new(first.path()).await.unwrap().run(&pool).await.unwrap();
        pool.close().await;
        let rows = dice.i64(0..60);
        old(data.path(), &mut dice, rows).await;
        let told = Command::new(env!("CARGO_BIN_EXE_rushes"))
            .args(["user", "list", "--data", data.path().to_str().unwrap()])
            .env_remove("RUSHES_CONFIG")
            .output()
            .unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        for now in ["select count(*) from task", "select count(*) from generation", "select count(*) from attempt"] {
            assert_eq!(count(data.path(), now).await, rows, "{now}");
        }
        assert_eq!(count(data.path(), "select count(*) from pragma_foreign_key_check").await, 0);
        let broken = "select count(*) from pragma_integrity_check where integrity_check <> 'ok'";
        assert_eq!(count(data.path(), broken).await, 0);
        assert_eq!(count(data.path(), "select count(*) from task where person_id is null").await, 0);
    }
}
