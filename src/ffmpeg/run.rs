//! One confined run: limits on time, memory and output, no network, an empty folder of its own, and a
//! result that is looked at before it counts.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::graph::Graph;
use super::{Absent, Probe, Recipe, Tool, bare, input_args};

/// How often a run is looked after.
const BEAT: Duration = Duration::from_millis(100);
/// The most that is read of what a program complains.
const MOST_WORDS: u64 = 16 * 1024;
/// The most that is read of what it answers.
const MOST_ANSWER: u64 = 1 << 20;
/// Sets the limits that the system knows and becomes the program. The numbers come first, then the
/// program and its arguments; nothing of them is read by the shell as its own language.
const CONFINED: &str = "ulimit -t \"$1\" 2>/dev/null; ulimit -v \"$2\" 2>/dev/null; ulimit -f \"$3\" 2>/dev/null; \
    ulimit -c 0 2>/dev/null; shift 3; command -v nice >/dev/null 2>&1 && exec nice -n 10 \"$@\"; exec \"$@\"";

/// What a run may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// From start to end.
    pub wall: Duration,
    /// Without any sign of life.
    pub idle: Duration,
    /// Seconds of processor time.
    pub cpu_seconds: u64,
    /// Bytes of address space.
    pub memory_bytes: u64,
    /// Bytes of a file that is written.
    pub output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_mins(15),
            idle: Duration::from_mins(1),
            cpu_seconds: 1800,
            memory_bytes: 6 << 30,
            output_bytes: 2 << 30,
        }
    }
}

impl Limits {
    /// For a question that is answered at once.
    pub fn short() -> Self {
        let ten = Duration::from_secs(10);
        Self { wall: ten, idle: ten, cpu_seconds: 20, ..Self::default() }
    }
}

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
    Crashed(String),
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
            Self::Crashed(format!("the disk refused ({kind})."))
        }
    }
}

/// A program in its limits, with nothing on its standard input.
fn confined(program: &Path, args: &[OsString], limits: &Limits, folder: Option<&Path>) -> Command {
    let mut command = bare(Path::new("/bin/sh"));
    command.arg("-c").arg(CONFINED).arg("rushes");
    command.arg(limits.cpu_seconds.to_string()).arg((limits.memory_bytes / 1024).to_string());
    // In blocks of 512 bytes, as POSIX has it.
    command.arg((limits.output_bytes / 512).to_string()).arg(program).args(args);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// Ends a run with everything that it started.
fn kill(child: &mut Child) {
    let group = format!("-{}", child.id());
    let _ = bare(Path::new("/bin/kill")).args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads a stream to its end on a thread of its own, keeping no more than `most` bytes of it.
fn drained(stream: impl Read + Send + 'static, most: u64) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut stream = stream;
        let mut kept = Vec::new();
        let _ = stream.by_ref().take(most).read_to_end(&mut kept);
        let _ = send.send(kept);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    receive
}

/// What a program prints to a question. Blocking.
pub(super) fn answer(program: &Path, args: &[OsString], limits: &Limits) -> Result<Vec<u8>, Trouble> {
    let mut child = confined(program, args, limits, None).spawn().map_err(|error| Trouble::from_io(&error))?;
    let (out, errors) = (child.stdout.take(), child.stderr.take());
    let out = out.map(|out| drained(out, MOST_ANSWER));
    let errors = errors.map(|errors| drained(errors, MOST_WORDS));
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() > limits.wall => {
                kill(&mut child);
                return Err(Trouble::TimedOut);
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(Trouble::from_io(&error)),
        }
    };
    let heard = |from: Option<mpsc::Receiver<Vec<u8>>>| {
        from.and_then(|from| from.recv_timeout(BEAT * 10).ok()).unwrap_or_default()
    };
    let (out, errors) = (heard(out), heard(errors));
    if status.success() { Ok(out) } else { Err(complaint(&errors, &[])) }
}

/// What a program's complaint means. Paths are no business of whoever reads it.
fn complaint(errors: &[u8], hidden: &[&Path]) -> Trouble {
    let mut text = String::from_utf8_lossy(errors).into_owned();
    for path in hidden {
        text = text.replace(&*path.to_string_lossy(), "clip");
    }
    if text.contains("No space left on device") || text.contains("Disk quota exceeded") {
        return Trouble::DiskFull;
    }
    if text.contains("File too large") {
        return Trouble::TooLarge;
    }
    let told: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(4).collect();
    let words: String = told.join(" · ").chars().take(600).collect();
    Trouble::Crashed(if words.is_empty() { "it ended without a word.".to_owned() } else { words })
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
    let child = confined(&tool.ffmpeg, &args, limits, Some(&folder.0)).spawn();
    let mut child = child.map_err(|error| Trouble::from_io(&error))?;
    let errors = child.stderr.take().map(|errors| drained(errors, MOST_WORDS));
    let ended = follow(&mut child, expected, limits, on_progress);
    let errors = errors.and_then(|errors| errors.recv_timeout(BEAT * 10).ok()).unwrap_or_default();
    let hidden: Vec<&Path> = inputs.iter().map(PathBuf::as_path).chain([part.as_path()]).collect();
    if !ended? {
        return Err(complaint(&errors, &hidden));
    }
    let made = look(tool, recipe, &part, expected, &probes[0])?;
    std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(|error| Trouble::from_io(&error))?;
    std::fs::rename(&part, output).map_err(|error| Trouble::from_io(&error))?;
    Ok(made)
}

/// Follows a run to its end; whether it ended well.
fn follow(
    child: &mut Child,
    expected: u64,
    limits: &Limits,
    on_progress: &mut dyn FnMut(u8) -> ControlFlow<()>,
) -> Result<bool, Trouble> {
    let (send, lines) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        std::thread::spawn(move || {
            // A line of progress is short; whatever is not is no line of it.
            for line in BufReader::new(out.take(64 << 20)).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
    }
    let (begun, mut heard, mut percent) = (Instant::now(), Instant::now(), 0);
    loop {
        match lines.recv_timeout(BEAT) {
            Ok(line) => {
                let done = line.strip_prefix("out_time_us=").and_then(|text| text.trim().parse::<u64>().ok());
                if let Some(done) = done {
                    let share = (done / 10).checked_div(expected.max(1)).unwrap_or(0).min(99);
                    let share = u8::try_from(share).unwrap_or(99);
                    // Only what gets on is a sign of life.
                    if share > percent || done == 0 {
                        heard = Instant::now();
                    }
                    percent = percent.max(share);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(Duration::from_millis(5)),
        }
        let trouble = if on_progress(percent).is_break() {
            Some(Trouble::Canceled)
        } else if begun.elapsed() > limits.wall {
            Some(Trouble::TimedOut)
        } else if heard.elapsed() > limits.idle {
            Some(Trouble::Hung)
        } else {
            None
        };
        if let Some(trouble) = trouble {
            kill(child);
            return Err(trouble);
        }
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) => {}
            Err(error) => return Err(Trouble::from_io(&error)),
        }
    }
}

/// Looks at what was made before it counts.
fn look(tool: &Tool, recipe: &Recipe, part: &Path, expected: u64, first: &Probe) -> Result<Made, Trouble> {
    let nothing = || Trouble::Crashed("it wrote nothing.".to_owned());
    let bytes = std::fs::metadata(part).map_err(|_| nothing())?.len();
    if bytes == 0 {
        return Err(nothing());
    }
    if matches!(recipe, Recipe::Gif { .. } | Recipe::Frame { .. }) {
        return Ok(Made { bytes, duration_ms: None });
    }
    let made = tool.probe(part).map_err(|trouble| match trouble {
        Trouble::BadInput(_) => Trouble::Crashed("what it wrote is no film.".to_owned()),
        Trouble::Canceled
        | Trouble::TimedOut
        | Trouble::Hung
        | Trouble::Crashed(_)
        | Trouble::DiskFull
        | Trouble::TooLarge
        | Trouble::Absent(_) => trouble,
    })?;
    // Two frames: containers round each end.
    if made.duration_ms.abs_diff(expected) > first.millis(2).max(40) {
        let words = format!("it became {} ms long instead of {expected} ms.", made.duration_ms);
        return Err(Trouble::Crashed(words));
    }
    Ok(Made { bytes, duration_ms: Some(made.duration_ms) })
}
