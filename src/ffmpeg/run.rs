//! One confined run: limits on time, memory and output, no network, an empty folder of its own, and a
//! result that is looked at before it counts.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::graph::Graph;
use super::{Absent, Probe, Recipe, Tool, input_args};
use crate::child::{self, Cut, Ending, Limits, Said};

/// The most that is read of what a program answers.
const MOST_ANSWER: u64 = 1 << 20;
/// A file grew beyond its limit (POSIX `SIGXFSZ`).
const FILE_TOO_LARGE: i32 = 25;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its length in milliseconds; none for a picture.
    pub duration_ms: Option<u64>,
}

/// Why nothing was made; for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Somebody stopped it.
    #[error("It was stopped.")]
    Canceled,
    /// It took too long.
    #[error("ffmpeg took longer than it may and was stopped. Choose a shorter part or a smaller clip.")]
    TimedOut,
    /// It gave no sign of life.
    #[error("ffmpeg stood still and was stopped. Try again; if it stands still again, the clip may be damaged.")]
    Hung,
    /// It ended with an error.
    #[error("ffmpeg could not make it: {0}")]
    Failed(String),
    /// It crashed; it may not do so the next time.
    #[error("ffmpeg could not make it: {0} It crashed.")]
    Crashed(String),
    /// Somebody else ended it, which says nothing about the work.
    #[error("ffmpeg was ended from outside.")]
    Killed,
    /// No room.
    #[error("The disk is full. Make room, then try again; the originals are as they were.")]
    DiskFull,
    /// What it made is too large.
    #[error("The result would be larger than 2 GB. Choose a shorter part.")]
    TooLarge,
    /// A clip does not do.
    #[error("{0}")]
    BadInput(String),
    /// The programs are not there.
    #[error("{0}")]
    Absent(#[from] Absent),
}

impl Trouble {
    /// What a failure of the disk means.
    pub(super) fn from_io(error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let kind = error.kind();
        if kind == Kind::NotFound {
            Self::BadInput("The file of a clip is missing on disk.".to_owned())
        } else if matches!(kind, Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge) {
            Self::DiskFull
        } else {
            Self::Failed(format!("the disk refused ({kind})."))
        }
    }
}

impl From<Cut> for Trouble {
    fn from(cut: Cut) -> Self {
        match cut {
            Cut::Canceled => Self::Canceled,
            Cut::TimedOut => Self::TimedOut,
            Cut::Hung => Self::Hung,
            Cut::Unknown(error) => Self::from_io(&error),
        }
    }
}

/// What a program prints to a question. Blocking.
pub(super) fn answer(program: &Path, args: &[OsString], limits: &Limits) -> Result<Vec<u8>, Trouble> {
    let mut child = child::confined(program, args, limits, None).spawn().map_err(|error| Trouble::from_io(&error))?;
    let (out, errors) = (Said::on(child.stdout.take(), MOST_ANSWER), Said::complaints(&mut child));
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() > limits.wall => {
                child::kill(&mut child);
                return Err(Trouble::TimedOut);
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(Trouble::from_io(&error)),
        }
    };
    let (out, errors) = (out.all(), errors.all());
    if status.success() { Ok(out) } else { Err(Trouble::Failed(complaint(&errors, &[])?)) }
}

/// What a program complains, where that is no trouble of its own. Paths are no business of whoever reads it.
fn complaint(errors: &[u8], hidden: &[&Path]) -> Result<String, Trouble> {
    let mut text = String::from_utf8_lossy(errors).into_owned();
    for path in hidden {
        text = text.replace(&*path.to_string_lossy(), "clip");
    }
    if text.contains("No space left on device") || text.contains("Disk quota exceeded") {
        return Err(Trouble::DiskFull);
    }
    if text.contains("File too large") {
        return Err(Trouble::TooLarge);
    }
    let told: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(4).collect();
    let words: String = told.join(" · ").chars().take(600).collect();
    Ok(if words.is_empty() { "it ended without a word.".to_owned() } else { words })
}

/// An empty folder that goes with all that is in it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(beside: &Path, output: &Path) -> std::io::Result<Self> {
        let name = output.file_stem().map_or_else(|| "run".into(), |stem| stem.to_string_lossy().into_owned());
        let folder = beside.join(format!("{name}.run"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Makes `output` of the inputs by a recipe. `scratch` is a folder for what is half done. Tells percents,
/// and stops when told to. The file is there whole, or not at all. Blocking.
pub fn run(
    tool: &Tool,
    recipe: &Recipe,
    inputs: &[PathBuf],
    output: &Path,
    scratch: &Path,
    limits: &Limits,
    on_progress: &mut dyn FnMut(u8) -> ControlFlow<()>,
) -> Result<Made, Trouble> {
    let probes = inputs.iter().map(|path| tool.probe(path)).collect::<Result<Vec<_>, _>>()?;
    recipe.check(&probes).map_err(|mistake| Trouble::BadInput(mistake.0))?;
    let lacking = || Trouble::Absent(Absent::Broken("it cannot write WebM (libvpx-vp9, libopus)"));
    let graph = Graph::of(tool, recipe, &probes).ok_or_else(lacking)?;
    let folder = Scratch::new(scratch, output).map_err(|error| Trouble::from_io(&error))?;
    let part = folder.0.join(format!("out.{}", recipe.extension()));

    let mut args: Vec<OsString> = ["-hide_banner", "-nostdin", "-v", "error", "-nostats", "-progress", "pipe:1", "-y"]
        .iter()
        .map(Into::into)
        .collect();
    for path in inputs {
        if matches!(recipe, Recipe::Frame { last: true, .. }) && probes[0].duration_ms > 2000 {
            args.extend(["-sseof".into(), "-1.5".into()]);
        }
        args.extend(input_args(path)?);
    }
    args.extend(["-filter_complex".into(), graph.filters.into()]);
    args.extend(graph.args.into_iter().map(OsString::from));
    args.extend(
        ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-max_muxing_queue_size", "4096"]
            .map(OsString::from),
    );
    args.push(part.clone().into_os_string());

    let expected = recipe.expected_ms(&probes);
    let child = child::confined(&tool.ffmpeg, &args, limits, Some(&folder.0)).spawn();
    let mut child = child.map_err(|error| Trouble::from_io(&error))?;
    let errors = Said::complaints(&mut child);
    let mut life = |line: &str, percent: &mut u8| read(line, expected, percent);
    let ended = child::follow(&mut child, limits, &mut life, on_progress).map_err(Trouble::from)?;
    let hidden: Vec<&Path> = inputs.iter().map(PathBuf::as_path).chain([part.as_path()]).collect();
    match ended {
        Ending::Well => {}
        Ending::Killed => return Err(Trouble::Killed),
        Ending::Code(_) => return Err(Trouble::Failed(complaint(&errors.all(), &hidden)?)),
        Ending::Crashed(FILE_TOO_LARGE) => return Err(Trouble::TooLarge),
        Ending::Crashed(_) => return Err(Trouble::Crashed(complaint(&errors.all(), &hidden)?)),
    }
    let made = look(tool, recipe, &part, expected, &probes[0])?;
    std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(|error| Trouble::from_io(&error))?;
    std::fs::rename(&part, output).map_err(|error| Trouble::from_io(&error))?;
    Ok(made)
}

/// Reads a line of progress; only what gets on is a sign of life.
fn read(line: &str, expected: u64, percent: &mut u8) -> bool {
    let Some(done) = line.strip_prefix("out_time_us=").and_then(|text| text.trim().parse::<u64>().ok()) else {
        return false;
    };
    let share = (done / 10).checked_div(expected.max(1)).unwrap_or(0).min(99);
    let share = u8::try_from(share).unwrap_or(99);
    let gets_on = share > *percent || done == 0;
    *percent = share.max(*percent);
    gets_on
}

/// Looks at what was made before it counts.
fn look(tool: &Tool, recipe: &Recipe, part: &Path, expected: u64, first: &Probe) -> Result<Made, Trouble> {
    let nothing = || Trouble::Failed("it wrote nothing.".to_owned());
    let bytes = std::fs::metadata(part).map_err(|_| nothing())?.len();
    if bytes == 0 {
        return Err(nothing());
    }
    if matches!(recipe, Recipe::Gif { .. } | Recipe::Frame { .. }) {
        return Ok(Made { bytes, duration_ms: None });
    }
    let made = tool.probe(part).map_err(|trouble| match trouble {
        Trouble::BadInput(_) => Trouble::Failed("what it wrote is no film.".to_owned()),
        Trouble::Canceled
        | Trouble::TimedOut
        | Trouble::Hung
        | Trouble::Failed(_)
        | Trouble::Crashed(_)
        | Trouble::Killed
        | Trouble::DiskFull
        | Trouble::TooLarge
        | Trouble::Absent(_) => trouble,
    })?;
    // Two frames: containers round each end.
    if made.duration_ms.abs_diff(expected) > first.millis(2).max(40) {
        let words = format!("it became {} ms long instead of {expected} ms.", made.duration_ms);
        return Err(Trouble::Failed(words));
    }
    Ok(Made { bytes, duration_ms: Some(made.duration_ms) })
}
