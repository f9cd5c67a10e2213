//! Lays encoded pictures into an MP4 file: index first, then the data, one sample at a time.
//! Holds sample sizes only, never pictures; refuses nothing but what the container cannot say.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::num::NonZeroU32;

use shiguredo_mp4::bitstream::h264::{
    H264NalUnitType, H264SampleEntryConfig, LengthSize, build_avc1_box_from_annexb, parse_annexb_nal_units,
};
use shiguredo_mp4::boxes::{SampleEntry, UnknownBox};
use shiguredo_mp4::mux::{Mp4FileMuxer, Mp4FileMuxerOptions, Sample, TrackMetadata, estimate_maximum_moov_box_size};
use shiguredo_mp4::{BoxSize, BoxType, TrackKind, Utf8String};

use super::Error;
use super::encode::Packet;
use super::plan::FRAME_RATE;

/// Time units per frame; with 24 frames per second the time scale is 24,000.
const TICKS_PER_FRAME: u32 = 1000;
const TIMESCALE: NonZeroU32 = NonZeroU32::new(FRAME_RATE * TICKS_PER_FRAME).expect("not zero");
/// `nclx`, BT.709 primaries, transfer and matrix, limited range: what the compositor draws in.
const COLOUR: [u8; 11] = *b"nclx\0\x01\0\x01\0\x01\0";

/// An MP4 file being written: one video track, index before data.
pub struct Muxer<'f> {
    file: &'f mut File,
    boxes: Mp4FileMuxer,
    position: u64,
    started: bool,
    sample: Vec<u8>,
}

impl<'f> Muxer<'f> {
    /// Starts a file of `frames` pictures at the beginning of `file`, leaving room for the index.
    pub fn new(file: &'f mut File, frames: u32) -> Result<Self, Error> {
        let options = Mp4FileMuxerOptions {
            reserved_moov_box_size: estimate_maximum_moov_box_size(&[frames as usize]),
            video_track: TrackMetadata {
                name: Utf8String::new("Rushes animatic").unwrap_or_default(),
                ..TrackMetadata::default()
            },
            ..Mp4FileMuxerOptions::default()
        };
        let boxes = Mp4FileMuxer::with_options(options)?;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(boxes.initial_boxes_bytes())?;
        let position = boxes.initial_boxes_bytes().len() as u64;
        Ok(Self { file, boxes, position, started: false, sample: Vec::new() })
    }

    /// Appends one picture, 1/24 s long.
    pub fn append(&mut self, packet: &Packet) -> Result<(), Error> {
        self.sample.clear();
        for nal in parse_annexb_nal_units(&packet.annexb)? {
            // Parameter sets live in the sample entry.
            if matches!(nal.nal_unit_type, H264NalUnitType::Sps | H264NalUnitType::Pps) {
                continue;
            }
            let length = u32::try_from(nal.data.len()).map_err(|_| Error::LostFrame)?;
            self.sample.extend_from_slice(&length.to_be_bytes());
            self.sample.extend_from_slice(nal.data);
        }
        self.file.write_all(&self.sample)?;
        let sample_entry = if self.started { None } else { Some(entry(&packet.annexb)?) };
        self.boxes.append_sample(&Sample {
            track_kind: TrackKind::Video,
            sample_entry,
            keyframe: packet.key,
            timescale: TIMESCALE,
            duration: TICKS_PER_FRAME,
            composition_time_offset: None,
            data_offset: self.position,
            data_size: self.sample.len(),
        })?;
        self.position += self.sample.len() as u64;
        self.started = true;
        Ok(())
    }

    /// Writes the index into the room left for it. The file is complete and flushed afterwards.
    pub fn finish(mut self) -> Result<(), Error> {
        let done = self.boxes.finalize()?;
        if !done.is_faststart_enabled() {
            return Err(Error::Container("the index outgrew its room".to_owned()));
        }
        for (offset, bytes) in done.offset_and_bytes_pairs() {
            self.file.seek(SeekFrom::Start(offset))?;
            self.file.write_all(bytes)?;
        }
        self.file.seek(SeekFrom::Start(0))?;
        self.file.flush()?;
        Ok(())
    }
}

/// The sample entry for a stream whose first packet is `annexb`.
fn entry(annexb: &[u8]) -> Result<SampleEntry, Error> {
    let config = H264SampleEntryConfig { length_size: LengthSize::FourBytes };
    let mut avc1 = build_avc1_box_from_annexb(annexb, &config)?;
    let box_type = BoxType::Normal(*b"colr");
    avc1.unknown_boxes.push(UnknownBox {
        box_type,
        box_size: BoxSize::with_payload_size(box_type, COLOUR.len() as u64),
        payload: COLOUR.to_vec(),
    });
    Ok(SampleEntry::Avc1(avc1))
}
