//! Stories that nobody wrote: a seed decides what people press, what goes wrong at the upstream, when the clock jumps and
//! when the process dies. Afterwards the upstream recovers, everything comes to its end, and the three truths agree.
//!
//! A seed fixes every decision; the threads of the server, the driver and the database run as they like, as in life.
//! `RUSHES_SEED=17` runs that story alone, `RUSHES_FAULTS=long` runs 10,000 instead of 300.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use rushes::clock::Clock;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, block_in_place};
use tokio_util::sync::CancellationToken;

use crate::app::{Browser, START, gateway, is_long, opened, seed, settings};
use crate::invariants::{database, listen, log};
use crate::truth;
use crate::upstream::{ContentFault, CreateFault, FakeUpstream, Fault, Kind, ListFault, PollFault};

/// Places at the upstream: fewer than there are clips, so that there is a line.
const PLACES: u32 = 3;
/// What happens in one story.
const STEPS: Range<usize> = 25..60;
/// How often the end of a story is looked for, a minute apart: two days.
const PATIENCE: usize = 2_880;

/// One life of the server, on a runtime of its own that can be dropped where it stands.
struct Life {
    runtime: Runtime,
    browser: Browser,
    stop: CancellationToken,
    run: JoinHandle<anyhow::Result<()>>,
}

impl Life {
    async fn begin(data: &Path, fake: &FakeUpstream, clock: &Clock) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (data, time, stop) = (data.to_owned(), clock.clone(), CancellationToken::new());
        let stopped = stop.clone();
        let upstream = gateway(fake, PLACES);
        let (told, address) = tokio::sync::oneshot::channel::<SocketAddr>();
        let run = runtime.spawn(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let listen = listener.local_addr()?;
            let mut config = settings(listen, &data);
            config.upstreams = vec![upstream];
            // No programs are looked for: nothing is cut here.
            config.ffmpeg = Some(data.join("no-programs"));
            let files = opened(&config.data).await.keeping_free(config.keep_free_bytes);
            let _ = told.send(listen);
            rushes::run(config, files, time, listener, async move { stopped.cancelled().await }).await
        });
        let address = address.await.unwrap();
        Self { runtime, browser: Browser::at(&format!("http://{address}")), stop, run }
    }

    /// Everything is dropped where it stands; what the disk has, it has.
    fn crash(self) {
        block_in_place(|| self.runtime.shutdown_timeout(Duration::from_secs(10)));
    }

    async fn end(self, clock: &Clock) {
        self.stop.cancel();
        clock.advance(Duration::from_mins(1));
        self.run.await.unwrap().unwrap();
        block_in_place(|| self.runtime.shutdown_timeout(Duration::from_secs(10)));
    }
}

/// One story.
struct Story {
    dice: Rng,
    data: TempDir,
    fake: FakeUpstream,
    clock: Clock,
    life: Option<Life>,
    is_up: bool,
    /// Pages of single clips.
    clips: Vec<String>,
    /// What somebody else has a twin of: no second attempt is asked for, or nobody could tell them apart.
    twins: Vec<String>,
    /// Further attempts that a person asked for.
    asked: usize,
    /// How far the wall clock was set wrong, in milliseconds.
    wrong: i64,
    told: Vec<String>,
}

impl Story {
    async fn begin(seed: u64, folder: &Path) -> Self {
        let fake = FakeUpstream::start().await;
        fake.completes_after_polls(2);
        let data = TempDir::new_in(folder).unwrap();
        let clock = Clock::manual(START);
        let life = Life::begin(data.path(), &fake, &clock).await;
        Self {
            dice: Rng::with_seed(seed),
            data,
            fake,
            clock,
            life: Some(life),
            is_up: true,
            clips: Vec::new(),
            twins: Vec::new(),
            asked: 0,
            wrong: 0,
            told: Vec::new(),
        }
    }

    fn browser(&self) -> &Browser {
        &self.life.as_ref().unwrap().browser
    }

    fn tell(&mut self, what: impl Into<String>) {
        self.told.push(what.into());
    }

    fn some_clip(&mut self) -> Option<String> {
        (!self.clips.is_empty()).then(|| self.clips[self.dice.usize(..self.clips.len())].clone())
    }

    async fn step(&mut self) {
        match self.dice.u32(..100) {
            0..=24 => self.create().await,
            25..=34 => self.poll_fault(),
            35..=44 => self.content_fault(),
            45..=49 => self.list_fault(),
            50..=55 => self.press(&["cancel"]).await,
            56..=63 => self.press(&["retry", "send-again", "give-up", "check"]).await,
            64..=66 => self.press(&["delete", "restore"]).await,
            67..=74 => self.restart().await,
            75..=78 => self.line_is_cut().await,
            79..=81 => self.clock_is_set(),
            82..=83 => self.somebody_else_makes_the_same(),
            84..=88 => {
                let seconds = self.dice.u64(60..1_200);
                self.pass(Duration::from_secs(seconds)).await;
            }
            _ => {
                let millis = self.dice.u64(100..9_000);
                self.pass(Duration::from_millis(millis)).await;
            }
        }
        let millis = self.dice.u64(0..900);
        self.pass(Duration::from_millis(millis)).await;
    }

    /// Time passes here and at the upstream, and what is due gets a turn.
    async fn pass(&mut self, span: Duration) {
        self.clock.advance(span);
        self.fake.set_now((self.clock.now().as_i64() - self.wrong) / 1000);
        let _ = self.browser().client().get(self.browser().url("/health")).send().await;
    }

    async fn create(&mut self) {
        let prompt = format!("Clip {}", self.told.len());
        let takes = if self.dice.u32(..4) == 0 { self.dice.u32(2..4) } else { 1 };
        let fault = self.create_fault();
        self.tell(format!("{prompt} × {takes}, {fault:?}"));
        if let Some(fault) = fault {
            self.fake.on_create(fault).about(&prompt).times(self.dice.u32(1..3));
        }
        let takes = takes.to_string();
        let fields = [("prompt", &*prompt), ("model", "sora-2"), ("seconds", "4"), ("variations", &takes)];
        let browser = self.browser().clone();
        let task = browser.created(&fields).await;
        let page = browser.page(&task).await;
        self.clips.extend(page.generations().iter().map(|clip| format!("/g/{}", clip.id)));
    }

    fn create_fault(&mut self) -> Option<CreateFault> {
        let raw = |status, text: &str| Fault::Raw(status, "application/json".to_owned(), text.to_owned());
        Some(match self.dice.u32(..34) {
            0 => Fault::VanishAfterReading.into(),
            1 => Fault::ResetAfterReading.into(),
            2 => Fault::Status(500).into(),
            3 => CreateFault::AcceptedBut(Fault::Status(503)),
            4 => CreateFault::AcceptedBut(Fault::HtmlPage(502)),
            5 => Fault::TruncatedJson.into(),
            6 => Fault::Empty.into(),
            7 => CreateFault::NoId,
            8 => Fault::CutMidAnswer.into(),
            9 => Fault::RateLimited(Some("7".to_owned())).into(),
            10 => Fault::RateLimited(None).into(),
            11 => CreateFault::NotAcceptedAnd(Fault::Moderation),
            12 => CreateFault::NotAcceptedAnd(Fault::QuotaSpent),
            13 => CreateFault::NotAcceptedAnd(Fault::KeyRejected),
            14 => CreateFault::NotAcceptedAnd(Fault::Status(408)),
            15 => CreateFault::NumericId,
            // The id of another job is not among them: an upstream that lies so cannot be seen through.
            16 => raw(200, "{\"id\":\"\"}").into(),
            _ => return None,
        })
    }

    fn poll_fault(&mut self) {
        let fault: PollFault = match self.dice.u32(..12) {
            0 => Fault::Status(500).into(),
            1 => Fault::NotFound.into(),
            2 => PollFault::BackToInProgress,
            3 => PollFault::Says("quantum".to_owned()),
            4 => PollFault::Progress(json!("NaN")),
            5 => PollFault::Failed("generation_failed".to_owned(), "It broke.".to_owned()),
            6 => PollFault::AnotherJob,
            7 => Fault::RateLimited(Some("20".to_owned())).into(),
            8 => Fault::CutMidAnswer.into(),
            9 => PollFault::UrlHere,
            10 => PollFault::Progress(json!(3)),
            _ => Fault::HtmlPage(200).into(),
        };
        self.tell(format!("poll: {fault:?}"));
        self.fake.on_poll(fault).times(self.dice.u32(1..5));
    }

    fn content_fault(&mut self) {
        let at = self.dice.usize(0..20_000);
        let fault: ContentFault = match self.dice.u32(..14) {
            0 => ContentFault::CutAt(at),
            1 => ContentFault::ResetAt(at),
            2 => ContentFault::ChunkedCutAt(at),
            3 => ContentFault::UntilCloseCutAt(at),
            4 => ContentFault::WrongOffset,
            5 => ContentFault::IgnoresRange,
            6 => ContentFault::RangeRefused,
            7 => ContentFault::ContentChanges,
            8 => ContentFault::NotMp4,
            9 => ContentFault::NoBytes,
            10 => ContentFault::NotReady(404),
            11 => ContentFault::LengthTooLong,
            12 => ContentFault::WithoutMoov,
            _ => Fault::Status(503).into(),
        };
        self.tell(format!("content: {fault:?}"));
        self.fake.on_content(fault).times(self.dice.u32(1..4));
    }

    fn list_fault(&mut self) {
        let fault: ListFault = match self.dice.u32(..6) {
            0 => ListFault::NothingListed,
            1 => ListFault::NewestMissing,
            2 => ListFault::PromptsAreNull,
            3 => ListFault::WrongOrder,
            4 => ListFault::SamePageAgain,
            _ => Fault::Status(500).into(),
        };
        self.tell(format!("list: {fault:?}"));
        self.fake.on_list(fault).times(self.dice.u32(1..4));
    }

    /// Somebody presses one of these buttons, whether or not it is there.
    async fn press(&mut self, verbs: &[&str]) {
        let Some(clip) = self.some_clip() else { return };
        let verb = verbs[self.dice.usize(..verbs.len())];
        let asks = matches!(verb, "retry" | "send-again");
        if asks && self.twins.contains(&clip) {
            return;
        }
        let answer = self.browser().post(&format!("{clip}/{verb}")).await;
        let status = answer.status().as_u16();
        assert!(matches!(status, 303 | 404 | 409 | 422), "{verb} {clip}: {status}");
        self.asked += usize::from(asks && status == 303);
        self.tell(format!("{verb} {clip}: {status}"));
    }

    /// The process dies where it stands, or ends in order, and starts again on the same folder.
    async fn restart(&mut self) {
        let life = self.life.take().unwrap();
        if self.dice.u32(..4) == 0 {
            self.tell("stop");
            life.end(&self.clock).await;
        } else {
            self.tell("crash");
            life.crash();
        }
        self.life = Some(Life::begin(self.data.path(), &self.fake, &self.clock).await);
    }

    async fn line_is_cut(&mut self) {
        self.tell(if self.is_up { "the upstream goes down" } else { "it is back" });
        if self.is_up {
            self.fake.go_down().await;
        } else {
            self.fake.come_back().await;
        }
        self.is_up = !self.is_up;
    }

    fn clock_is_set(&mut self) {
        let by = [3_600_000, -3_600_000, 30_000, -30_000, 86_400_000][self.dice.usize(..5)];
        self.tell(format!("the clock is set by {by} ms"));
        self.wrong += by;
        self.clock.set(rushes::domain::Millis::from_i64(self.clock.now().as_i64() + by));
    }

    fn somebody_else_makes_the_same(&mut self) {
        let jobs = self.fake.jobs();
        let single = jobs.iter().find(|job| jobs.iter().filter(|other| other.prompt == job.prompt).count() == 1);
        let Some(job) = single.map(|job| job.id.clone()) else { return };
        // Nobody asks for another attempt from here on: which clip it is, is not looked up.
        self.twins.clone_from(&self.clips);
        self.tell(format!("a twin of {job}"));
        self.fake.has_twin_of(&job, 4);
    }

    /// Everything is well again, and all comes to its end.
    async fn settle(&mut self) {
        if !self.is_up {
            self.line_is_cut().await;
        }
        self.fake.recovers();
        self.tell("all is well again");
        for look in 0..PATIENCE {
            let wall = self.open().await;
            if wall.is_empty() {
                return;
            }
            assert!(look + 1 < PATIENCE, "after two days these are still open: {wall:?}");
            self.pass(Duration::from_secs(if look < 60 { 1 } else { 60 })).await;
        }
    }

    /// What has not come to an end; what nobody can know stays with a person.
    async fn open(&self) -> Vec<String> {
        let database = database(self.data.path()).await;
        let open = sqlx::query_scalar(
            "select id || ' ' || state from generation
             where state not in ('completed', 'failed', 'canceled', 'uncertain')",
        );
        let open = open.fetch_all(&database).await.unwrap();
        database.close().await;
        open
    }

    /// What both sides wrote down, for whoever has to find out.
    async fn record(&self) -> String {
        let database = database(self.data.path()).await;
        let rows = sqlx::query_scalar::<_, String>(
            "select g.id || ' ' || t.prompt || ' ' || g.state || ' ' || coalesce(g.reason, '') || ', attempt ' || a.number
                 || ' ' || a.outcome || ' ' || coalesce(a.upstream_id, '-') || ' ' || a.idempotency_key
                 || coalesce(', file ' || g.file, '') || coalesce(', erased ' || g.erased, '')
             from generation g join task t on t.id = g.task_id join attempt a on a.generation_id = g.id order by a.id",
        );
        let mut lines = rows.fetch_all(&database).await.unwrap();
        database.close().await;
        let creates =
            self.fake.ledger().into_iter().filter(|record| matches!(record.kind, Kind::Create | Kind::CreateUnread));
        lines.extend(creates.map(|record| {
            let key = record.header("idempotency-key").unwrap_or_default();
            format!("create {} {key}: {} {:?}", record.prompt(), record.answer, record.accepted)
        }));
        lines.join("\n")
    }

    async fn judge(mut self, seed: u64) {
        let life = self.life.take().unwrap();
        life.end(&self.clock).await;
        let verdict = truth::compare(self.data.path(), &self.fake.ledger(), self.asked).await;
        let record = if verdict.wrong.is_empty() { String::new() } else { self.record().await };
        let story = || format!("RUSHES_SEED={seed}\n{}\n{record}", self.told.join("\n"));
        // A create that died on its way out and the same made by somebody else at that moment cannot be told apart; but
        // somebody else's is never taken for one that was made: its own job would be one that nobody here knows.
        assert!(verdict.wrong.is_empty(), "{:#?}\n{}", verdict.wrong, story());
        let most = self.fake.most_creates_at_once();
        assert!(most <= PLACES as usize, "{most} creates at once\n{}", story());
        let unknown = self.fake.unknown_requests();
        assert!(unknown.is_empty(), "{unknown:?}\n{}", story());
        CREATES.fetch_add(verdict.counts.creates, Ordering::Relaxed);
        PAID.fetch_add(verdict.counts.paid, Ordering::Relaxed);
        CLIPS.fetch_add(verdict.counts.clips, Ordering::Relaxed);
    }
}

static CREATES: AtomicUsize = AtomicUsize::new(0);
static PAID: AtomicUsize = AtomicUsize::new(0);
static CLIPS: AtomicUsize = AtomicUsize::new(0);

/// Where stories are kept: in memory where there is such a place, since each of them writes through to the disk.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

/// What the servers of all stories so far said of their own failures.
fn errors() -> String {
    let is_error = |line: &&str| line.contains("ERROR") && !line.contains("/health");
    log().lines().filter(is_error).collect::<Vec<_>>().join("\n")
}

async fn tell(seed: u64) {
    let mut story = Story::begin(seed, &folder()).await;
    for _ in 0..story.dice.usize(STEPS) {
        story.step().await;
    }
    story.settle().await;
    story.judge(seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_nothing_is_paid_twice_and_nothing_is_lost() {
    listen();
    if let Some(seed) = seed() {
        return tell(seed).await;
    }
    let (most, next) = (if is_long() { 10_000 } else { 300 }, std::sync::Arc::new(AtomicU64::new(0)));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let next = next.clone();
            tokio::spawn(async move {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= most {
                        return;
                    }
                    let told = tokio::spawn(tell(seed)).await;
                    assert!(told.is_ok(), "the story of RUSHES_SEED={seed} went wrong, see above\n{}", errors());
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let (clips, creates, paid) =
        (CLIPS.load(Ordering::Relaxed), CREATES.load(Ordering::Relaxed), PAID.load(Ordering::Relaxed));
    println!("{most} stories: {clips} clips, {creates} creates, {paid} paid");
    assert!(paid as u64 > most, "stories in which hardly anything is made prove nothing");
}
