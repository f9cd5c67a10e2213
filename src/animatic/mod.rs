//! The embedded previz renderer: from a prompt, a size, a length and a seed it draws a real H.264 MP4.
//! Pure and synchronous; two threads while it runs. It knows nothing of tasks, files on disk or time of day.

pub mod camera;
mod compose;
pub mod director;
mod encode;
mod finish;
mod lettering;
mod mux;
pub mod paint;
pub mod plan;
mod plate;
mod sample;
mod sheet;
mod slate;
mod stage;

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use image::RgbaImage;
use openh264::Error as CodecError;
use shiguredo_mp4::Error as BoxError;
use shiguredo_mp4::mux::MuxError;

use encode::{Encoder, Packet, Picture};
use mux::Muxer;
use plan::{FRAME_RATE, Plan, Weather};
use stage::Stage;

/// Most pixels a frame may have.
pub const MAX_PIXELS: u32 = 1920 * 1080;
/// Shortest and longest side of a frame in pixels.
pub const SIDES: std::ops::RangeInclusive<u32> = 64..=2560;
/// Shortest and longest piece in seconds.
pub const SECONDS: std::ops::RangeInclusive<u32> = 4..=20;
/// Pictures that may wait for the encoder.
const AHEAD: usize = 2;
/// How often a caller is asked whether to go on while no picture is ready.
const PATIENCE: Duration = Duration::from_millis(40);

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// What the piece is about; may hold several shots.
    pub prompt: &'a str,
    /// Width in pixels, even.
    pub wide: u32,
    /// Height in pixels, even.
    pub high: u32,
    /// Length in seconds.
    pub seconds: u32,
    /// Every chance decision follows from it: the same job gives the same bytes.
    pub seed: u64,
    /// A picture to move over instead of drawing one.
    pub plate: Option<&'a RgbaImage>,
}

/// Why nothing was rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Sides must be even, within [`SIDES`] and at most [`MAX_PIXELS`] together.
    #[error("a frame of {0}x{1} pixels cannot be drawn")]
    Size(u32, u32),
    /// Must be within [`SECONDS`].
    #[error("a piece of {0} seconds cannot be drawn")]
    Seconds(u32),
    /// The caller asked to stop.
    #[error("canceled")]
    Canceled,
    /// The plan or its drawing is not usable; a fault of the program.
    #[error("drawing failed")]
    Drawing,
    /// The encoder left out a picture.
    #[error("the encoder lost a frame")]
    LostFrame,
    /// The encoder failed.
    #[error("encoding failed")]
    Codec(#[from] CodecError),
    /// The container could not be laid out.
    #[error("writing the container failed: {0}")]
    Container(String),
    /// The file could not be written.
    #[error("writing the file failed")]
    Io(#[from] io::Error),
}

impl From<MuxError> for Error {
    fn from(error: MuxError) -> Self {
        Self::Container(error.to_string())
    }
}

impl From<BoxError> for Error {
    fn from(error: BoxError) -> Self {
        Self::Container(error.to_string())
    }
}

/// Renders `job` into `out`, replacing what it holds. Memory does not grow with the length.
///
/// `progress` hears how many frames of how many are encoded, also between frames while a shot is being
/// painted; [`ControlFlow::Break`] ends the render with [`Error::Canceled`] within a frame, or once the
/// shot being painted is done.
pub fn render(
    job: &Job<'_>,
    out: &mut File,
    progress: &mut dyn FnMut(u32, u32) -> ControlFlow<()>,
) -> Result<(), Error> {
    check(job)?;
    let plan = director::direct(job.prompt, job.seconds, job.seed);
    let total = job.seconds * FRAME_RATE;
    if plan.shots.is_empty() || plan.shots.iter().map(|shot| shot.frames).sum::<u32>() != total {
        return Err(Error::Drawing);
    }
    let falling = job.plate.is_none() && plan.shots.iter().any(|shot| falls(shot.weather));
    let encoder = Encoder::new(job.wide, job.high, falling)?;
    let muxer = Muxer::new(out, total)?;
    let (send, ready) = sync_channel(AHEAD);
    let (give_back, spare) = sync_channel(AHEAD + 2);
    thread::scope(|scope| {
        let drawing = scope.spawn(move || draw(job, &plan, &send, &spare));
        let written = write(total, encoder, muxer, ready, &give_back, progress);
        // The receiver is gone by now, so an artist still at work stops at the next frame.
        let drawn = drawing.join().unwrap_or(Err(Error::Drawing));
        match (written, drawn) {
            (Err(Error::Drawing), Err(cause)) => Err(cause),
            (written, _) => written,
        }
    })
}

fn check(job: &Job<'_>) -> Result<(), Error> {
    let Job { wide, high, seconds, .. } = *job;
    let fits = [wide, high].iter().all(|side| SIDES.contains(side) && side % 2 == 0);
    if !fits || wide * high > MAX_PIXELS {
        return Err(Error::Size(wide, high));
    }
    if !SECONDS.contains(&seconds) {
        return Err(Error::Seconds(seconds));
    }
    Ok(())
}

/// Whether something fine and fast crosses the picture.
fn falls(weather: Weather) -> bool {
    match weather {
        Weather::Rain | Weather::Snow | Weather::Storm => true,
        Weather::Clear | Weather::Cloudy | Weather::Fog => false,
    }
}

/// A drawn picture on its way to the encoder.
struct Drawn {
    picture: Picture,
    cut: bool,
}

/// Draws every frame in order until done or until nobody takes them.
fn draw(job: &Job<'_>, plan: &Plan, send: &SyncSender<Drawn>, spare: &Receiver<Picture>) -> Result<(), Error> {
    let mut stage = Stage::new(job)?;
    let mut start = 0;
    for shot in &plan.shots {
        stage.set(shot, plan.shots.len())?;
        for frame in 0..shot.frames {
            let mut picture = match spare.try_recv() {
                Ok(picture) => picture,
                Err(TryRecvError::Empty) => stage.blank(),
                Err(TryRecvError::Disconnected) => return Err(Error::Canceled),
            };
            stage.draw(frame, start + frame, &mut picture);
            let cut = frame == 0;
            if send.send(Drawn { picture, cut }).is_err() {
                return Err(Error::Canceled);
            }
        }
        start += shot.frames;
    }
    Ok(())
}

/// Encodes and stores pictures as they come.
fn write(
    total: u32,
    mut encoder: Encoder,
    mut muxer: Muxer<'_>,
    ready: Receiver<Drawn>,
    give_back: &SyncSender<Picture>,
    progress: &mut dyn FnMut(u32, u32) -> ControlFlow<()>,
) -> Result<(), Error> {
    let mut packet = Packet::default();
    let mut done = 0;
    while done < total {
        match ready.recv_timeout(PATIENCE) {
            Ok(Drawn { picture, cut }) => {
                encoder.encode(&picture, cut, &mut packet)?;
                muxer.append(&packet)?;
                done += 1;
                // The artist may have finished; then the picture is simply dropped.
                let _ = give_back.try_send(picture);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Error::Drawing),
        }
        if progress(done, total).is_break() {
            return Err(Error::Canceled);
        }
    }
    drop(ready);
    muxer.finish()
}
