//! How the database answers: no hot query reads a whole table. Every query that is written out in
//! `src/store` is looked at, so that a new one cannot slip by.

use std::path::Path;

use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;

use crate::invariants::{database, files};

/// Tables of a size that does not matter.
const SMALL: [&str; 7] = ["person", "folder", "plan", "budget", "ticket", "api_key", "webhook"];
/// Queries that are asked at a start after an upgrade, by the settings' page alone, or when somebody is removed.
const RARE: [&str; 4] = ["sum(size_bytes)", "aspect = ''", "set person_id = $2", "from sqlite_schema"];

/// Every string of a file that begins like a query.
fn queries(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let pieces = code.split('"').skip(1).step_by(2);
    let begins = |piece: &&str| ["select ", "update ", "delete "].iter().any(|word| piece.starts_with(word));
    pieces.filter(begins).map(|piece| piece.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_of_the_store_reads_a_whole_table() {
    let data = TempDir::new().unwrap();
    rushes::store::Store::open(&data.path().join("rushes.db")).await.unwrap().close().await;
    let database = database(data.path()).await;
    let run: i64 = sqlx::query("select count(*) from _sqlx_migrations").fetch_one(&database).await.unwrap().get(0);
    let written = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).len();
    assert_eq!(usize::try_from(run).unwrap(), written, "every migration that is written is run");
    let mut seen = 0;
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")) {
        // Backups and the doctor read everything, which is what they are for.
        if path.ends_with("inventory.rs") {
            continue;
        }
        for sql in queries(&std::fs::read_to_string(&path).unwrap()) {
            // A beginning that a builder goes on from is looked at with the wall's own queries.
            let Ok(rows) = sqlx::query(AssertSqlSafe(format!("explain query plan {sql}"))).fetch_all(&database).await
            else {
                assert!(!sql.ends_with("$1"), "{sql}");
                continue;
            };
            seen += 1;
            // After a restore everybody is signed out.
            if RARE.iter().any(|word| sql.contains(word)) || sql == "delete from session" {
                continue;
            }
            let parts = |step: &str| {
                let held = rows.iter().filter(|row| row.get::<String, _>("detail").starts_with(step));
                held.map(|row| (row.get::<i64, _>("id"), row.get::<i64, _>("parent"))).collect::<Vec<_>>()
            };
            // The few that a page shows may be sorted; what they are taken from has to come in order.
            let sorted_first = parts("LIST SUBQUERY")
                .iter()
                .any(|(list, _)| parts("USE TEMP B-TREE FOR ORDER BY").iter().any(|(_, parent)| parent == list));
            // Few run at a time, however many are kept.
            let is_short = sql.contains("state in ('submitting', 'in_progress', 'downloading')");
            assert!(!sorted_first || is_short || !sql.contains("limit"), "{}: {sql}", path.display());
            for row in &rows {
                let detail: String = row.get("detail");
                let is_small = SMALL.iter().any(|table| detail.starts_with(&format!("SCAN {table}")));
                let is_whole = detail.starts_with("SCAN ") && !detail.contains("INDEX") && !is_small;
                let is_derived = ["SCAN c", "SCAN n", "SCAN (subquery", "SCAN clip_search", "SCAN CONSTANT"];
                assert!(
                    !is_whole
                        || is_derived.iter().any(|word| detail == *word
                            || detail.starts_with(&format!("{word} "))
                            || detail.starts_with("SCAN (subquery")),
                    "{}: {sql}\n{detail}",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 60, "{seen} queries were looked at");
}
