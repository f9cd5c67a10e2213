//! Local work that may crash, done by this very program in a process of its own: drawing a preview, decoding frames.
//! A crash there is counted and costs one piece of work; the server goes on. Nothing of our environment goes along,
//! so that no key is where strangers' bytes are decoded.

use std::fs::File;
use std::io::{BufRead, Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::animatic::{self, Job};
use crate::child::{self, CRASHES, Cut, Ending, Limits, Said};
use crate::media::{poster, reference};

/// The subcommand by which this program is a helper.
pub const COMMAND: &str = "helper";
/// What a task may be long: a prompt and some paths.
const MOST_TASK: u64 = 1 << 20;
/// The pause after somebody else ended a helper, before the next one does its work.
const AFTER_KILL: Duration = Duration::from_millis(200);

/// What a helper is told to do: one line of JSON on its standard input.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Draw the preview of a prompt.
    Preview {
        /// What it is about.
        prompt: String,
        /// Width in pixels.
        wide: u32,
        /// Height in pixels.
        high: u32,
        /// Length in seconds.
        seconds: u32,
        /// Every chance decision follows from it.
        seed: u64,
        /// A picture to move over.
        plate: Option<PathBuf>,
        /// Where the film goes.
        out: PathBuf,
    },
    /// Draw a clip's still.
    Poster {
        /// The clip.
        clip: PathBuf,
        /// Where the JPEG goes.
        out: PathBuf,
    },
    /// Draw a clip's sheet of small stills.
    Sheet {
        /// The clip.
        clip: PathBuf,
        /// Where the JPEG goes.
        out: PathBuf,
    },
}

/// Why a piece of work was not done; for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It cannot be done, and the helper says why.
    #[error("{0}")]
    Told(String),
    /// Nobody wants it any more.
    #[error("It was stopped.")]
    Canceled,
    /// It took too long.
    #[error("It took longer than it may and was stopped.")]
    TimedOut,
    /// It gave no sign of life.
    #[error("It stood still and was stopped.")]
    Hung,
    /// It crashed each time it was tried.
    #[error("It crashed {CRASHES} times in a row and is not tried again by itself.")]
    Parked,
}

/// Starts helpers.
#[derive(Debug, Clone)]
pub struct Helper {
    program: PathBuf,
    limits: Limits,
}

impl Helper {
    /// By another program than this one, for tests of what happens when it fails.
    pub const fn of(program: PathBuf, limits: Limits) -> Self {
        Self { program, limits }
    }

    /// By this program itself, also after its file was replaced by a newer one.
    pub fn of_this_program() -> std::io::Result<Self> {
        // By number: to the shell that sets the limits, `self` would be the shell.
        let ours = PathBuf::from(format!("/proc/{}/exe", std::process::id()));
        let program = if ours.exists() { ours } else { std::env::current_exe()? };
        Ok(Self::of(program, Limits::default()))
    }

    /// Has a task done, again after a crash until it crashed so often in a row that it is parked, and again whenever
    /// somebody else ended the helper: that says nothing about the work. Blocking.
    pub fn run(&self, task: &Task, on_progress: &mut dyn FnMut(u8) -> ControlFlow<()>) -> Result<(), Trouble> {
        let mut crashes = 0;
        loop {
            match self.once(task, on_progress)? {
                Ending::Well => return Ok(()),
                Ending::Killed if on_progress(0).is_break() => return Err(Trouble::Canceled),
                Ending::Killed => std::thread::sleep(AFTER_KILL),
                Ending::Code(_) | Ending::Crashed(_) => crashes += 1,
            }
            if crashes == CRASHES {
                return Err(Trouble::Parked);
            }
        }
    }

    /// The same for work that takes a moment, off the async threads.
    pub async fn moment(&self, task: Task) -> Result<(), Trouble> {
        // Whoever stops waiting takes the helper along.
        let waits = Arc::new(AtomicBool::new(true));
        let (helper, waited) = (self.clone(), Arc::clone(&waits));
        let _gone = Gone(waits);
        let go_on = move |_| {
            if waited.load(Ordering::Relaxed) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        tokio::task::spawn_blocking(move || helper.run(&task, &mut { go_on }))
            .await
            .unwrap_or_else(|_| Err(Trouble::Told("It could not be done.".to_owned())))
    }

    fn once(&self, task: &Task, on_progress: &mut dyn FnMut(u8) -> ControlFlow<()>) -> Result<Ending, Trouble> {
        let told = |error: std::io::Error| Trouble::Told(format!("No helper could be started: {error}."));
        let mut command = child::confined(&self.program, &[COMMAND.into()], &self.limits, None);
        let mut child = command.stdin(Stdio::piped()).spawn().map_err(told)?;
        let mut line = serde_json::to_vec(task).map_err(|error| told(error.into()))?;
        line.push(b'\n');
        // It stays open: that it closes is how a helper learns that the server is gone.
        let mut input = child.stdin.take();
        let written = input.as_mut().map(|input| input.write_all(&line));
        let complaints = Said::complaints(&mut child);
        let mut read = |line: &str, percent: &mut u8| {
            *percent = line.trim().parse().unwrap_or(*percent).max(*percent);
            true
        };
        let end = child::follow(&mut child, &self.limits, &mut read, on_progress).map_err(|cut| match cut {
            Cut::Canceled => Trouble::Canceled,
            Cut::TimedOut => Trouble::TimedOut,
            Cut::Hung => Trouble::Hung,
            Cut::Unknown(error) => Trouble::Told(format!("The helper could not be followed: {error}.")),
        })?;
        drop((input, written));
        let complaints = String::from_utf8_lossy(&complaints.all()).into_owned();
        match end {
            Ending::Well | Ending::Killed => {}
            Ending::Code(1) => return Err(Trouble::Told(complaints.trim().chars().take(600).collect())),
            Ending::Code(_) | Ending::Crashed(_) => warn!("a helper crashed ({end:?}): {complaints:?}"),
        }
        Ok(end)
    }
}

/// Tells a helper's thread that nobody waits any more.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A helper's whole life: reads its task, does it, and ends at once when its input closes, since then nobody waits.
pub fn serve() -> ExitCode {
    let mut line = String::new();
    let mut input = std::io::BufReader::new(std::io::stdin().take(MOST_TASK));
    let task = input.read_line(&mut line).map_err(|error| error.to_string());
    let task = task.and_then(|_| serde_json::from_str(&line).map_err(|error| error.to_string()));
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut input, &mut std::io::sink());
        std::process::exit(3);
    });
    match task.and_then(|task| perform(&task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::from(1)
        }
    }
}

fn perform(task: &Task) -> Result<(), String> {
    match task {
        Task::Preview { prompt, wide, high, seconds, seed, plate, out } => {
            let plate = plate.as_ref().map(|path| reference::rgba(path, *wide, *high)).transpose();
            let plate = plate.map_err(|error| error.to_string())?;
            let job = Job { prompt, wide: *wide, high: *high, seconds: *seconds, seed: *seed, plate: plate.as_ref() };
            let mut file = File::create(out).map_err(|error| format!("The preview could not be kept: {error}."))?;
            let mut output = std::io::stdout();
            animatic::render(&job, &mut file, &mut |done, total| {
                let percent = (done * 99).checked_div(total).unwrap_or(0);
                // Whoever listens no longer also closed our input.
                let _ = writeln!(output, "{percent}");
                ControlFlow::Continue(())
            })
            .map_err(|error| error.to_string())
        }
        Task::Poster { clip, out } => poster::draw(clip, out).map_err(|error| error.to_string()),
        Task::Sheet { clip, out } => poster::sheet(clip, out).map_err(|error| error.to_string()),
    }
}
