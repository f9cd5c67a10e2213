//! `rushes seed`: a plausible library in an empty folder, for benches and screenshots. Refuses any
//! other folder. Its upstream is no configured one, so nothing of it is ever sent or asked about.

use std::path::Path;

use anyhow::{Context, bail};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::clock::Clock;
use crate::domain::{FolderId, GenerationId, Millis, PersonId, State, TaskId, Visibility};
use crate::files::Files;
use crate::store::Store;
use crate::store::folders::Folder;
use crate::store::seed::{Seed, SeedFile};

/// Name, width, height, film, still.
type RealClip = (&'static str, u16, u16, &'static [u8], &'static [u8]);

/// The upstream of everything seeded.
const UPSTREAM: &str = "seed";
/// Generations that are not at their end.
const UNFINISHED: u32 = 60;
/// Clips in one write.
const BATCH: usize = 1_000;
/// Real clips.
const FILES: [RealClip; 3] = [
    ("wide", 640, 360, include_bytes!("../assets/seed/wide.mp4"), include_bytes!("../assets/seed/wide.jpg")),
    ("tall", 360, 640, include_bytes!("../assets/seed/tall.mp4"), include_bytes!("../assets/seed/tall.jpg")),
    ("square", 480, 480, include_bytes!("../assets/seed/square.mp4"), include_bytes!("../assets/seed/square.jpg")),
];
const WHO: [&str; 12] = [
    "A lighthouse",
    "A fox",
    "A steam train",
    "A dancer in a red coat",
    "A small sailing boat",
    "A paper lantern",
    "A cyclist",
    "A whale",
    "An old potter",
    "A flock of starlings",
    "A city tram",
    "Two children",
];
const DOES: [&str; 10] = [
    "turns slowly",
    "crosses the frame",
    "drifts in the wind",
    "waits at the edge",
    "moves through the fog",
    "catches the light",
    "rises above the trees",
    "walks away from us",
    "spins once and stops",
    "comes closer",
];
const WHERE: [&str; 12] = [
    "by a wide river",
    "in fresh snow",
    "on a cliff",
    "in a neon street",
    "above the desert dunes",
    "in a quiet harbour",
    "in a pine forest",
    "under the sea",
    "on a stone viaduct",
    "in an empty theatre",
    "over a hazy valley",
    "beside the river at night",
];
const LOOKS: [&str; 10] = [
    "at dusk, slow push in",
    "at first light, locked camera",
    "golden hour, tracking shot",
    "16 mm, hand-held",
    "overcast, wide aerial",
    "close-up, shallow focus",
    "northern lights, time-lapse",
    "rain, reflections, slow pan right",
    "stop motion, paper-craft",
    "black and white, long lens",
];
const MODELS: [(&str, &str, i64); 4] = [
    ("sora-2", "Sora 2", 100_000),
    ("sora-2-pro", "Sora 2 Pro", 300_000),
    ("wan2.2", "Wan 2.2", 20_000),
    ("ltx", "LTX", 0),
];
const FOLDERS: [&str; 8] = [
    "Campaign autumn",
    "Title sequence",
    "River studies",
    "Client review",
    "Storyboard tests",
    "Loops",
    "Nature",
    "City",
];
const REFUSED: [(&str, &str, &str); 5] = [
    ("policy", "moderation_blocked", "Your request was blocked by our moderation system."),
    ("likeness", "input_moderation", "The picture shows a real person."),
    ("funds", "insufficient_quota", "You exceeded your current quota."),
    ("render_failed", "internal_error", "The render failed."),
    ("lost", "not_found", "Video not found."),
];

/// Fills an empty data folder with this many generations.
pub async fn fill(data: &Path, generations: u32, clock: &Clock) -> anyhow::Result<()> {
    let is_empty =
        !data.exists() || std::fs::read_dir(data).with_context(|| data.display().to_string())?.next().is_none();
    if !is_empty {
        bail!("--data: {} is not empty; seed fills empty folders only", data.display());
    }
    let files = Files::open(data)?;
    let store = Store::open(&files.database()).await.context("the database cannot be made")?;
    let kept = put_files(&files)?;
    let mut random = StdRng::seed_from_u64(42);
    let now = clock.now().as_i64();
    // Two years, evenly: the newest a minute ago. Ids only grow, so the folders' come first.
    let years = 2 * 365 * 24 * 3_600_000_i64;
    let step = years / i64::from(generations.max(1));
    let long_ago = Millis::from_i64(now - years - 120_000);
    let folders: Vec<FolderId> = FOLDERS.iter().map(|_| FolderId::new(long_ago, random.random())).collect();
    for (id, name) in folders.iter().zip(FOLDERS) {
        let folder =
            Folder { id: *id, name: (*name).to_owned(), person: PersonId::FIRST, visibility: Visibility::Team };
        store.add_folder(&folder, Millis::from_i64(now)).await?;
    }
    let mut batch = Vec::with_capacity(BATCH);
    let mut made = 0;
    while made < generations {
        let takes = [1, 1, 1, 2, 2, 4][random.random_range(0..6)].min(generations - made);
        let at = now - 60_000 - i64::from(generations - made) * step;
        let task = task(&mut random, (now, at), takes, generations - made, &kept, &folders);
        made += takes;
        batch.push(task);
        if batch.len() == BATCH || made >= generations {
            store.seed(&batch).await?;
            batch.clear();
        }
    }
    store.close().await;
    Ok(())
}

fn put_files(files: &Files) -> anyhow::Result<Vec<SeedFile>> {
    let mut kept = Vec::new();
    std::fs::create_dir_all(files.at("library/seed"))?;
    for (name, wide, high, clip, poster) in FILES {
        let (path, still) = (format!("library/seed/{name}.mp4"), format!("library/seed/{name}.jpg"));
        std::fs::write(files.at(&path), clip)?;
        std::fs::write(files.at(&still), poster)?;
        let (sha256, size_bytes) = Files::hash(&files.at(&path))?;
        kept.push(SeedFile { path, still, wide, high, sha256, size_bytes });
    }
    Ok(kept)
}

fn pick<T: Copy>(random: &mut StdRng, from: &[T]) -> T {
    from[random.random_range(0..from.len())]
}

fn task(
    random: &mut StdRng,
    (now, at): (i64, i64),
    takes: u32,
    left: u32,
    files: &[SeedFile],
    folders: &[FolderId],
) -> Seed {
    let (who, does) = (pick(random, &WHO), pick(random, &DOES));
    let (place, look) = (pick(random, &WHERE), pick(random, &LOOKS));
    let (model, label, price) = pick(random, &MODELS);
    let file = files[[0, 0, 0, 1, 1, 2][random.random_range(0..6)]].clone();
    let seconds = pick(random, &[4_u16, 4, 8, 8, 12]);
    let made = Millis::from_i64(at);
    let ids = (0..takes).map(|_| GenerationId::new(made, random.random())).collect::<Vec<_>>();
    // The newest few are still on their way, as far as seeded work ever is.
    let unfinished = left <= UNFINISHED;
    let states = ids.iter().map(|_| match random.random_range(0..100) {
        0..30 if unfinished => State::Queued,
        30..40 if unfinished => State::Uncertain,
        0..6 => State::Failed,
        6..8 => State::Canceled,
        _ => State::Completed,
    });
    let states = states.collect();
    let reason = pick(random, &REFUSED);
    Seed {
        task: TaskId::new(made, random.random()),
        takes: ids,
        states,
        upstream: UPSTREAM,
        model,
        label,
        prompt: format!("{who} {does} {place}, {look}"),
        title: if random.random_range(0..20) == 0 {
            format!("{} {}", &who[2..], random.random_range(1..9))
        } else {
            String::new()
        },
        seconds,
        price_micros: price * i64::from(seconds),
        file,
        reason,
        at,
        is_favorite: random.random_range(0..12) == 0,
        is_best: takes > 1 && random.random_range(0..3) == 0,
        folder: (random.random_range(0..5) == 0).then(|| folders[random.random_range(0..folders.len())]),
        // Not so long ago that it would be gone.
        deleted_at: (random.random_range(0..50) == 0 && !unfinished)
            .then(|| now - random.random_range(1..480) * 3_600_000),
    }
}
