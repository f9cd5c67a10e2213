//! Turns pictures into H.264: owns the encoder's settings and the packets it gives.
//! Refuses to lose a frame: a skipped picture is an error, never a gap.

use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, Encoder as Codec, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile, QpRange,
    RateControlMode, UsageType, VuiConfig,
};
use openh264::formats::YUVSlices;

use super::Error;
use super::plan::FRAME_RATE;

/// Quantizer of every picture up to [`LARGE`] pixels. Holding it still keeps the grain even and
/// gradients free of steps; the rate follows the picture.
const QUANTIZER: u8 = 20;
/// Quantizer of larger pictures, whose pixels are seen smaller.
const QUANTIZER_LARGE: u8 = 22;
/// Added where rain or snow falls: it hides finer detail than it lets through, and costs dearly.
const QUANTIZER_FALLING: u8 = 4;
/// Pixels from which a picture is large.
const LARGE: u32 = 1_200_000;
/// Rate in bits per second told to the encoder, which only picks its stream level by it.
const NOMINAL_RATE: u32 = 8_000_000;
/// Seconds from one key frame to the next.
const KEY_SECONDS: u32 = 2;

/// One picture, planar 4:2:0, BT.709 limited range.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Luma, `wide * high` bytes.
    pub y: Vec<u8>,
    /// Blue difference, a quarter of that.
    pub u: Vec<u8>,
    /// Red difference, likewise.
    pub v: Vec<u8>,
}

impl Picture {
    /// A picture of `wide` x `high` pixels, both even.
    pub fn new(wide: usize, high: usize) -> Self {
        let quarter = wide / 2 * (high / 2);
        Self { y: vec![16; wide * high], u: vec![128; quarter], v: vec![128; quarter] }
    }
}

/// One encoded picture in Annex B form.
#[derive(Debug, Default)]
pub struct Packet {
    /// NAL units with their start codes.
    pub annexb: Vec<u8>,
    /// Whether decoding can start here.
    pub key: bool,
}

/// An encoder for pictures of one size.
pub struct Encoder {
    codec: Codec,
    wide: usize,
    high: usize,
}

impl Encoder {
    /// Opens an encoder for `wide` x `high` pixels at 24 frames per second; `falling` says that rain or
    /// snow crosses the picture.
    pub fn new(wide: u32, high: u32, falling: bool) -> Result<Self, Error> {
        let quantizer =
            if wide * high < LARGE { QUANTIZER } else { QUANTIZER_LARGE } + if falling { QUANTIZER_FALLING } else { 0 };
        let config = EncoderConfig::new()
            .bitrate(BitRate::from_bps(NOMINAL_RATE))
            .max_frame_rate(FrameRate::from_hz(24.0))
            // This mode lowers the quantizer to its floor as long as nobody reports a full buffer, and
            // nobody does; the others drop frames or vary the quality within a picture.
            .rate_control_mode(RateControlMode::Bufferbased)
            .skip_frames(false)
            .qp(QpRange::new(quantizer, quantizer + 2))
            .usage_type(UsageType::CameraVideoRealTime)
            .complexity(Complexity::Low)
            .profile(Profile::Main)
            // One slice and one thread: the bytes must not depend on scheduling.
            .num_threads(1)
            .scene_change_detect(true)
            .adaptive_quantization(false)
            .background_detection(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(KEY_SECONDS * FRAME_RATE))
            .vui(VuiConfig::bt709());
        let codec = Codec::with_api_config(OpenH264API::from_source(), config)?;
        Ok(Self { codec, wide: wide as usize, high: high as usize })
    }

    /// Encodes one picture; `cut` asks for a key frame because a new shot begins.
    pub fn encode(&mut self, picture: &Picture, cut: bool, out: &mut Packet) -> Result<(), Error> {
        if cut {
            self.codec.force_intra_frame();
        }
        let half = self.wide / 2;
        let source =
            YUVSlices::new((&picture.y, &picture.u, &picture.v), (self.wide, self.high), (self.wide, half, half));
        let stream = self.codec.encode(&source)?;
        out.annexb.clear();
        stream.write_vec(&mut out.annexb);
        out.key = match stream.frame_type() {
            FrameType::IDR => true,
            FrameType::I | FrameType::P | FrameType::IPMixed => false,
            FrameType::Skip | FrameType::Invalid => return Err(Error::LostFrame),
        };
        Ok(())
    }
}
