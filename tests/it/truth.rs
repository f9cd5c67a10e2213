//! One checker for three truths: what the upstream was asked and paid for (its own ledger, outside our data), what the
//! database says, and what lies on disk. It lists what is wrong by the invariants of `docs/reliability.md`, and counts
//! what it looked at. `planted.rs` shows that it sees each kind of wrong.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use sqlx::Row;
use sqlx::sqlite::SqlitePool;

use crate::invariants::{database, files};
use crate::upstream::{KEY, Kind, Record, sha256};

/// What was looked at.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    pub clips: usize,
    pub attempts: usize,
    /// Creates that reached the upstream.
    pub creates: usize,
    /// Creates that it took, and wants to be paid for.
    pub paid: usize,
    /// Lines of the record of money.
    pub entries: usize,
    pub files: usize,
    pub bytes: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clips, attempts, creates, paid, entries, files, bytes } = self;
        write!(f, "{clips} clips, {attempts} attempts, {creates} creates, {paid} paid, {entries} entries, ")?;
        write!(f, "{files} files of {bytes} bytes")
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Verdict {
    pub counts: Counts,
    /// What is wrong, each after the invariant that it breaks: `I5 the file of … is missing`.
    pub wrong: Vec<String>,
}

impl Verdict {
    fn must(&mut self, holds: bool, wrong: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(wrong());
        }
    }

    /// Stops the test unless nothing is wrong; prints what was looked at.
    pub fn is_clean(&self) {
        println!("three truths: {}", self.counts);
        assert!(self.wrong.is_empty(), "the three truths differ:\n{}", self.wrong.join("\n"));
    }

    /// The invariants that are broken.
    pub fn broken(&self) -> HashSet<&str> {
        self.wrong.iter().filter_map(|wrong| wrong.split(' ').next()).collect()
    }
}

/// Compares a data folder that no process has open with the ledger of its upstream, when persons asked for so many
/// further attempts.
pub async fn compare(data: &Path, ledger: &[Record], asked: usize) -> Verdict {
    let mut verdict = Verdict::default();
    let database = database(data).await;
    attempts(&database, ledger, asked, &mut verdict).await;
    money(&database, &mut verdict).await;
    states(&database, &mut verdict).await;
    soundness(&database, &mut verdict).await;
    disk(&database, data, &mut verdict).await;
    database.close().await;
    verdict
}

/// Only whether the database itself is sound: what is damaged may not be readable beyond that.
pub async fn soundness_of(data: &Path) -> Verdict {
    let mut verdict = Verdict::default();
    let database = database(data).await;
    soundness(&database, &mut verdict).await;
    database.close().await;
    verdict
}

/// One row of the write-ahead record.
struct Attempt {
    clip: i64,
    outcome: String,
    job: Option<String>,
}

/// I1 to I4: each create that reached the upstream has a row, once; each job that it took is known here.
async fn attempts(database: &SqlitePool, ledger: &[Record], asked: usize, verdict: &mut Verdict) {
    let rows = sqlx::query("select idempotency_key, generation_id, outcome, upstream_id from attempt");
    let mut known: HashMap<String, Attempt> = HashMap::new();
    let mut sent: HashMap<i64, usize> = HashMap::new();
    let mut owners: HashMap<String, i64> = HashMap::new();
    for row in rows.fetch_all(database).await.unwrap() {
        let attempt = Attempt { clip: row.get(1), outcome: row.get(2), job: row.get(3) };
        if !matches!(attempt.outcome.as_str(), "not_sent" | "refused") {
            *sent.entry(attempt.clip).or_default() += 1;
        }
        verdict.must(attempt.outcome != "sending", || format!("I3 an attempt of {} is left mid-send", attempt.clip));
        if let Some(job) = &attempt.job {
            let other = owners.insert(job.clone(), attempt.clip);
            verdict.must(other.is_none(), || format!("I4 job {job} belongs to two attempts"));
        }
        known.insert(row.get(0), attempt);
    }
    verdict.counts.attempts = known.len();
    let twice = sent.values().map(|times| times - 1).sum::<usize>();
    verdict.must(twice <= asked, || format!("I1 {twice} clips were sent again, {asked} were asked for"));
    let adopted: HashSet<&str> = known.values().filter_map(|attempt| attempt.job.as_deref()).collect();
    let mut seen = HashSet::new();
    // Of creates that are alike, any may hold any of their jobs.
    let mut lost: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut open: HashMap<&str, usize> = HashMap::new();
    for create in ledger.iter().filter(|record| matches!(record.kind, Kind::Create | Kind::CreateUnread)) {
        verdict.counts.creates += 1;
        let key = create.header("idempotency-key").unwrap_or_default();
        verdict.must(seen.insert(key), || format!("I1 a create went out twice with the key {key:?}"));
        let Some(attempt) = known.get(key) else {
            verdict.wrong.push(format!("I2 a create went out that is in no record: {key:?}"));
            continue;
        };
        *open.entry(create.prompt()).or_default() +=
            usize::from(matches!(attempt.outcome.as_str(), "uncertain" | "abandoned"));
        let Some(job) = &create.accepted else { continue };
        verdict.counts.paid += 1;
        if !adopted.contains(job.as_str()) {
            lost.entry(create.prompt()).or_default().push(job);
        }
        let is_denied = matches!(attempt.outcome.as_str(), "not_sent" | "refused");
        verdict.must(!is_denied, || format!("I8 job {job} was paid for and its attempt says {}", attempt.outcome));
    }
    for (prompt, jobs) in lost {
        let is_open = jobs.len() <= open[prompt];
        verdict.must(is_open, || format!("I4 {jobs:?} were paid for and nobody here knows them"));
    }
}

/// I8 and I16: what the record of money says of each clip is what became of it.
pub async fn money(database: &SqlitePool, verdict: &mut Verdict) {
    let rows = sqlx::query(
        "select g.id, g.state, coalesce(g.reason, ''), coalesce(t.price_micros, 0), coalesce(sum(e.held_micros), 0),
             coalesce(sum(e.spent_micros), 0), coalesce(sum(e.clips), 0), g.upstream,
             count(case when e.kind = 'settle' then 1 end),
             (select count(*) from attempt a where a.generation_id = g.id and a.outcome = 'abandoned'),
             g.cost_micros, count(e.id),
             (select coalesce(sum(a.cost_micros), 0) from attempt a
              where a.generation_id = g.id and a.outcome = 'accepted'),
             (select count(*) from attempt a where a.generation_id = g.id)
         from generation g join task t on t.id = g.task_id left join entry e on e.generation_id = g.id group by g.id",
    );
    for row in rows.fetch_all(database).await.unwrap() {
        let (id, state, reason): (i64, String, String) = (row.get(0), row.get(1), row.get(2));
        let (price, held, spent, clips): (i64, i64, i64, i64) = (row.get(3), row.get(4), row.get(5), row.get(6));
        let (settled, abandoned): (i64, i64) = (row.get(8), row.get(9));
        let (cost, accepted): (i64, i64) = (row.get(10), row.get(12));
        verdict.counts.clips += 1;
        verdict.counts.entries += usize::try_from(row.get::<i64, _>(11)).unwrap();
        let what = || format!("the record of {id}, which is {state} {reason}");
        // A clip that `rushes import` brought back has a cost and no attempt: the database that held them was lost.
        verdict.must(cost == accepted || row.get::<i64, _>(13) == 0, || {
            format!("I8 {}: it cost {cost}, its attempts {accepted}", what())
        });
        if matches!(row.get::<String, _>(7).as_str(), "upload" | "ffmpeg" | "seed") {
            verdict.must((held, spent, clips) == (0, 0, 0), || format!("I8 {}: it costs nothing", what()));
            continue;
        }
        let is_open = i64::from(!matches!(state.as_str(), "completed" | "failed" | "canceled"));
        let told = (held, spent, clips);
        let wanted = (is_open * price, settled * price, is_open + settled);
        verdict.must(told == wanted, || format!("I8 {}: {told:?} instead of {wanted:?}", what()));
        // Each clip is paid for once; once more for each time that somebody gave it up without knowing.
        let is_paid = i64::from(state == "completed" || reason == "gave_up");
        let fits = (is_paid..=is_paid + abandoned).contains(&settled);
        verdict.must(fits, || format!("I8 {}: settled {settled} times", what()));
    }
    caps(database, verdict).await;
}

/// I7: what is held and spent under a budget is no more than it. Stories are shorter than its month.
async fn caps(database: &SqlitePool, verdict: &mut Verdict) {
    let rows = sqlx::query(
        "select b.scope, b.money_per_month, sum(e.held_micros + e.spent_micros) from budget b
         join entry e on b.scope = 'instance' or b.scope = 'upstream:' || e.upstream group by b.scope",
    );
    for row in rows.fetch_all(database).await.unwrap() {
        let (scope, most, sum): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
        verdict.must(sum <= most, || format!("I7 {scope}: {sum} of {most} was held or spent"));
    }
}

/// I3, I6 and I11: every state has the attempt that led to it, and nothing waits without a row that says for what.
async fn states(database: &SqlitePool, verdict: &mut Verdict) {
    let rows = sqlx::query(
        "select g.id, g.state, g.upstream,
             count(case when a.outcome = 'uncertain' then 1 end), count(case when a.outcome = 'accepted' then 1 end),
             g.due_at - max(g.queued_at, coalesce(g.submitted_at, 0), coalesce(g.accepted_at, 0),
                 coalesce(g.rendered_at, 0))
         from generation g left join attempt a on a.generation_id = g.id group by g.id",
    );
    for row in rows.fetch_all(database).await.unwrap() {
        let (id, state, upstream): (i64, String, String) = (row.get(0), row.get(1), row.get(2));
        let (unknown, accepted, wait): (i64, i64, i64) = (row.get(3), row.get(4), row.get(5));
        verdict.must(state != "submitting", || format!("I3 {id} is left mid-send"));
        let is_told = (state == "uncertain") == (unknown > 0);
        verdict.must(is_told, || format!("I3 {id} is {state} and has {unknown} attempts that nobody knows of"));
        let is_made = matches!(state.as_str(), "in_progress" | "downloading" | "completed");
        let is_ours = matches!(upstream.as_str(), "upload" | "seed");
        verdict.must(!is_made || is_ours || accepted > 0, || format!("I6 {id} is {state} and was never accepted"));
        // Ten years: no wait of the worker is longer than hours, and no story of a test than weeks.
        let is_due =
            matches!(state.as_str(), "completed" | "failed" | "canceled" | "uncertain") || wait < 315_360_000_000;
        verdict.must(is_due, || format!("I11 {id} is {state} and will never be looked at"));
    }
}

/// I17: the database is sound, and its log is short.
async fn soundness(database: &SqlitePool, verdict: &mut Verdict) {
    let word: String = sqlx::query("pragma integrity_check").fetch_one(database).await.unwrap().get(0);
    verdict.must(word == "ok", || format!("I17 the database is damaged: {word}"));
    let strays = sqlx::query("pragma foreign_key_check").fetch_all(database).await.unwrap().len();
    verdict.must(strays == 0, || format!("I17 {strays} rows point to nothing"));
}

/// I5, I10 and I14: each clip is there as its row says, nothing else lies in the library, nobody finds the key.
async fn disk(database: &SqlitePool, data: &Path, verdict: &mut Verdict) {
    let rows = sqlx::query(
        "select file, coalesce(sha256, ''), coalesce(size_bytes, 0), state, erased is not null, coalesce(mime, '')
         from generation where file is not null",
    );
    let mut owned: HashSet<PathBuf> = HashSet::new();
    for row in rows.fetch_all(database).await.unwrap() {
        let (path, hash, size, state): (String, String, i64, String) = (row.get(0), row.get(1), row.get(2), row.get(3));
        owned.insert(data.join(&path));
        if row.get::<bool, _>(4) || state != "completed" {
            continue;
        }
        let Ok(bytes) = std::fs::read(data.join(&path)) else {
            verdict.wrong.push(format!("I5 {path} is missing"));
            continue;
        };
        verdict.counts.files += 1;
        verdict.counts.bytes += bytes.len() as u64;
        verdict.must(sha256(&bytes) == hash, || format!("I5 {path} is not what its row says"));
        verdict.must(i64::try_from(bytes.len()).unwrap() == size, || format!("I5 {path} has another length"));
        let is_film = row.get::<String, _>(5) != "video/mp4" || plays(&bytes);
        verdict.must(is_film, || format!("I5 {path} is no film"));
    }
    for file in files(data) {
        let bytes = std::fs::read(&file).unwrap();
        let leaks = bytes.windows(16).any(|window| window == &KEY.as_bytes()[..16]);
        let is_settings = file.extension().is_some_and(|end| end == "toml");
        verdict.must(!leaks || is_settings, || format!("I10 the key is in {}", file.display()));
        let is_film = file.starts_with(data.join("library")) && file.extension().is_some_and(|end| end == "mp4");
        verdict.must(!is_film || owned.contains(&file), || format!("I14 {} is nobody's", file.display()));
        let is_part = file.extension().is_some_and(|end| end == "part");
        verdict.must(!is_part || is_awaited(&file, data), || format!("I14 {} is left over", file.display()));
    }
}

/// What lies where downloads grow belongs to a download; elsewhere nothing half is left.
fn is_awaited(file: &Path, data: &Path) -> bool {
    file.starts_with(data.join("partial"))
}

/// Whether the boxes of a film go from its first byte to its last, with an index among them. Not our own reader.
fn plays(bytes: &[u8]) -> bool {
    let (mut at, mut kinds) = (0_usize, Vec::new());
    while let Some(head) = bytes.get(at..at + 8) {
        let size = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        let size = match size {
            0 => bytes.len() - at,
            1 => bytes
                .get(at + 8..at + 16)
                .map_or(0, |wide| usize::try_from(u64::from_be_bytes(wide.try_into().unwrap())).unwrap_or(usize::MAX)),
            size => size,
        };
        if size < 8 {
            return false;
        }
        kinds.push(head[4..].to_vec());
        at = at.saturating_add(size);
    }
    at == bytes.len() && kinds.first().is_some_and(|kind| kind == b"ftyp") && kinds.iter().any(|kind| kind == b"moov")
}
