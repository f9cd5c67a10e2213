//! A program in a process of its own: with nothing of our surroundings, in its limits, watched, and ended together
//! with all that it started.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// So many crashes in a row, and the work is parked: it is not tried again by itself.
pub const CRASHES: u32 = 3;

/// How often a process is looked after.
const BEAT: Duration = Duration::from_millis(100);
/// The most that is read of what a program complains.
const MOST_WORDS: u64 = 16 * 1024;
/// Where programs are looked for; the environment is no matter.
const PATHS: &str = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/snap/bin:/opt/local/bin";
/// Sets the limits that the system knows and becomes the program. The numbers come first, then the
/// program and its arguments; nothing of them is read by the shell as its own language.
const CONFINED: &str = "ulimit -t \"$1\" 2>/dev/null; ulimit -v \"$2\" 2>/dev/null; ulimit -f \"$3\" 2>/dev/null; \
    ulimit -c 0 2>/dev/null; shift 3; command -v nice >/dev/null 2>&1 && exec nice -n 10 \"$@\"; exec \"$@\"";
/// Signals by which somebody else ends a process: HUP, INT, QUIT, KILL, TERM. They say nothing about its work.
const FROM_OUTSIDE: [i32; 5] = [1, 2, 3, 9, 15];

/// What a process may take.
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

/// Why a process was ended before it ended by itself.
#[derive(Debug)]
pub enum Cut {
    /// Nobody wants it any more.
    Canceled,
    /// It took longer than it may.
    TimedOut,
    /// It gave no sign of life.
    Hung,
    /// The system does not say how it is.
    Unknown(std::io::Error),
}

/// How a process ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Well.
    Well,
    /// With this exit code, after saying why.
    Code(i32),
    /// By this signal of its own making: a crash.
    Crashed(i32),
    /// Somebody else ended it.
    Killed,
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(0), _) => Self::Well,
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) if !FROM_OUTSIDE.contains(&signal) => Self::Crashed(signal),
            (None, Some(_) | None) => Self::Killed,
        }
    }
}

/// A command with nothing of our surroundings but where programs are.
pub fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", PATHS).env("LC_ALL", "C");
    command
}

/// A program in its limits, with nothing on its standard input unless that is set.
pub fn confined(program: &Path, args: &[OsString], limits: &Limits, folder: Option<&Path>) -> Command {
    let mut command = bare(Path::new("/bin/sh"));
    command.arg("-c").arg(CONFINED).arg("rushes");
    command.arg(limits.cpu_seconds.to_string()).arg((limits.memory_bytes / 1024).to_string());
    // In blocks of 512 bytes, as POSIX has it.
    command.arg((limits.output_bytes / 512).to_string()).arg(program).args(args);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0);
    command
}

/// Ends a process with everything that it started.
pub fn kill(child: &mut Child) {
    let group = format!("-{}", child.id());
    let _ = bare(Path::new("/bin/kill")).args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _ = child.kill();
    let _ = child.wait();
}

/// What a process says on a stream, read on a thread of its own.
pub struct Said(Option<mpsc::Receiver<Vec<u8>>>);

impl Said {
    /// Reads a stream to its end, keeping no more than `most` bytes of it.
    pub fn on(stream: Option<impl Read + Send + 'static>, most: u64) -> Self {
        Self(stream.map(|mut stream| {
            let (send, receive) = mpsc::channel();
            std::thread::spawn(move || {
                let mut kept = Vec::new();
                let _ = stream.by_ref().take(most).read_to_end(&mut kept);
                let _ = send.send(kept);
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            });
            receive
        }))
    }

    /// What a process complains.
    pub fn complaints(child: &mut Child) -> Self {
        Self::on(child.stderr.take(), MOST_WORDS)
    }

    /// All of it, once the process has ended.
    pub fn all(self) -> Vec<u8> {
        self.0.and_then(|said| said.recv_timeout(BEAT * 10).ok()).unwrap_or_default()
    }
}

/// Follows a process to its end. `read` takes a line of its output and the percent so far, which it may raise, and says
/// whether the line is a sign of life.
pub fn follow(
    child: &mut Child,
    limits: &Limits,
    read: &mut dyn FnMut(&str, &mut u8) -> bool,
    on_progress: &mut dyn FnMut(u8) -> ControlFlow<()>,
) -> Result<Ending, Cut> {
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
            Ok(line) if read(&line, &mut percent) => heard = Instant::now(),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(Duration::from_millis(5)),
        }
        let cut = if on_progress(percent).is_break() {
            Some(Cut::Canceled)
        } else if begun.elapsed() > limits.wall {
            Some(Cut::TimedOut)
        } else if heard.elapsed() > limits.idle {
            Some(Cut::Hung)
        } else {
            None
        };
        if let Some(cut) = cut {
            kill(child);
            return Err(cut);
        }
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.into()),
            Ok(None) => {}
            Err(error) => return Err(Cut::Unknown(error)),
        }
    }
}
