//! The filters of each recipe. Every input is first brought to one size, one constant rate and times from
//! zero; lengths are counted in frames, so that they come out as `expected_ms` says.

use super::recipe::{Curve, LoopStyle, Recipe, part, seam};
use super::{Probe, Tool};

/// What ffmpeg is told between its inputs and its output.
pub(super) struct Graph {
    /// The whole `-filter_complex`.
    pub filters: String,
    /// Outputs that are mapped, and how they are written.
    pub args: Vec<String>,
}

/// A fraction of a second, written exactly.
fn time(probe: &Probe, frames: u64) -> String {
    format!("{}/{}", frames * u64::from(probe.rate.1), probe.rate.0)
}

/// The same as a decimal, for options that take no fraction.
fn decimal(probe: &Probe, frames: u64) -> String {
    let micros = frames * u64::from(probe.rate.1) * 1_000_000 / u64::from(probe.rate.0);
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Input `at` in the size and rate of the first, exactly as long as it says: `[v0]` and, with sound, `[a0]`.
fn normal(at: usize, first: &Probe, own: &Probe, with_audio: bool) -> Vec<String> {
    let (wide, high) = ((first.wide / 2 * 2).max(2), (first.high / 2 * 2).max(2));
    let frames = first.frames(own.duration_ms).max(1);
    let mut chains = vec![format!(
        "[{at}:v:0]{},scale={wide}:{high}:force_original_aspect_ratio=decrease:force_divisible_by=2,\
         pad={wide}:{high}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p,tpad=stop_mode=clone:stop=2,\
         trim=end_frame={frames},setpts=PTS-STARTPTS[v{at}]",
        rate(first)
    )];
    if with_audio {
        let length = decimal(first, frames);
        let source = if own.has_audio {
            format!("[{at}:a:0]aresample=48000:async=1,aformat=channel_layouts=stereo,apad")
        } else {
            "anullsrc=r=48000:cl=stereo".to_owned()
        };
        chains.push(format!("{source},atrim=end={length},asetpts=PTS-STARTPTS[a{at}]"));
    }
    chains
}

/// The first clip's frames a second, for everything that is made with it.
fn rate(first: &Probe) -> String {
    format!("fps={}/{}", first.rate.0, first.rate.1)
}

/// A cut of a picture stream: `[from]` to `[to]`, frames from `first` up to `end`.
fn cut(from: &str, to: &str, first: u64, end: u64) -> String {
    format!("[{from}]trim=start_frame={first}:end_frame={end},setpts=PTS-STARTPTS[{to}]")
}

/// The same of sound.
fn cut_sound(probe: &Probe, from: &str, to: &str, first: u64, end: u64) -> String {
    let (first, end) = (decimal(probe, first), decimal(probe, end));
    format!("[{from}]atrim=start={first}:end={end},asetpts=PTS-STARTPTS[{to}]")
}

/// Streams one after the other. Pictures and sound each for themselves: joined as pairs, the longer of two would
/// open a gap in the other. Pictures are numbered anew, so that none is told twice or left out at a joint.
fn concat(first: &Probe, inputs: &[(&str, &str)], with_audio: bool) -> Vec<String> {
    let many = inputs.len();
    let video: String = inputs.iter().map(|(video, _)| format!("[{video}]")).collect::<Vec<_>>().concat();
    let (over, under) = first.rate;
    let mut chains = vec![format!("{video}concat=n={many}:v=1:a=0,setpts=N*{under}/({over}*TB)[v]")];
    if with_audio {
        let audio: String = inputs.iter().map(|(_, audio)| format!("[{audio}]")).collect::<Vec<_>>().concat();
        chains.push(format!("{audio}concat=n={many}:v=0:a=1[a]"));
    }
    chains
}

/// There and back: `[part]`, and with sound `[sound]`, of so many frames.
fn there_and_back(first: &Probe, frames: u64, audio: bool) -> Vec<String> {
    // Back without the turning points: each would be seen twice.
    let end = frames.saturating_sub(1).max(2);
    let mut chains =
        vec!["[part]split[there][copy]".to_owned(), "[copy]reverse[turned]".to_owned(), cut("turned", "back", 1, end)];
    if audio {
        chains.push("[sound]asplit[sthere][scopy]".to_owned());
        chains.push("[scopy]areverse[sturned]".to_owned());
        chains.push(cut_sound(first, "sturned", "sback", 1, end));
    }
    chains.extend(concat(first, &[("there", "sthere"), ("back", "sback")], audio));
    chains
}

/// From the end of the seam to its beginning, and then the seam: the end fading into the beginning.
fn cross_faded(first: &Probe, frames: u64, seam: u64, audio: bool) -> Vec<String> {
    let (length, rate) = (decimal(first, seam), rate(first));
    let mut chains = vec![
        "[part]split=3[p0][p1][p2]".to_owned(),
        cut("p0", "body", seam, frames - seam),
        cut("p1", "tail", frames - seam, frames),
        cut("p2", "head", 0, seam),
        format!("[tail]{rate}[tailr]"),
        format!("[head]{rate}[headr]"),
        format!(
            "[tailr][headr]xfade=transition=fade:duration={length}:offset=0,trim=end_frame={seam},\
             setpts=PTS-STARTPTS[close]"
        ),
    ];
    if audio {
        chains.push("[sound]asplit=3[s0][s1][s2]".to_owned());
        chains.push(cut_sound(first, "s0", "sbody", seam, frames - seam));
        chains.push(cut_sound(first, "s1", "stail", frames - seam, frames));
        chains.push(cut_sound(first, "s2", "shead", 0, seam));
        chains.push(format!("[stail][shead]acrossfade=d={length}[sclose]"));
    }
    chains.extend(concat(first, &[("body", "sbody"), ("close", "sclose")], audio));
    chains
}

fn blend(curve: Curve, first: &Probe, second: &Probe, overlap_ms: u64, audio: bool) -> Vec<String> {
    let (whole, other) = (first.frames(first.duration_ms), first.frames(second.duration_ms));
    let overlap = first.frames(overlap_ms).max(1);
    let (length, rate) = (decimal(first, overlap), rate(first));
    let (mut chains, sound) = match curve {
        Curve::Transition => {
            let offset = decimal(first, whole.saturating_sub(overlap));
            let frames = (whole + other).saturating_sub(overlap);
            let chains = vec![
                format!("[v0]{rate}[x0]"),
                format!("[v1]{rate}[x1]"),
                format!("[x0][x1]xfade=transition=fade:duration={length}:offset={offset},trim=end_frame={frames}[v]"),
            ];
            (chains, vec![format!("[a0][a1]acrossfade=d={length}[a]")])
        }
        Curve::Mix => {
            let frames = whole.min(other);
            let end = decimal(first, frames);
            let chains = vec![format!("[v0][v1]blend=all_mode=average:shortest=1,trim=end_frame={frames}[v]")];
            (chains, vec![format!("[a0][a1]amix=inputs=2:duration=shortest,atrim=end={end}[a]")])
        }
        Curve::Sample => {
            // The second stands in the middle of the first, at most half as long.
            let shown = other.min(whole / 2).max(2);
            let overlap = overlap.min(shown / 2).max(1);
            let (at, fade) = (time(first, (whole - shown) / 2), decimal(first, overlap));
            let out = decimal(first, shown - overlap);
            let chains = vec![
                cut("v1", "b", 0, shown),
                format!(
                    "[b]format=yuva420p,fade=in:st=0:d={fade}:alpha=1,fade=out:st={out}:d={fade}:alpha=1,\
                     setpts=PTS+{at}/TB[over]"
                ),
                format!("[v0][over]overlay=eof_action=pass:format=auto,format=yuv420p,trim=end_frame={whole}[v]"),
            ];
            (chains, vec!["[a1]anullsink".to_owned(), "[a0]anull[a]".to_owned()])
        }
    };
    if audio {
        chains.extend(sound);
    }
    chains
}

/// What comes after the inputs were brought to one shape; `None` where one is missing.
fn chains(recipe: &Recipe, inputs: &[Probe], audio: bool) -> Option<Vec<String>> {
    let first = inputs.first()?;
    // A part as `[part]` and `[sound]`, or straight to the output.
    let taken = |from_ms: u64, to_ms: u64, video: &str, sound: &str| {
        let (start, frames) = part(first, from_ms, to_ms);
        let mut chains = vec![cut("v0", video, start, start + frames)];
        chains.extend(audio.then(|| cut_sound(first, "a0", sound, start, start + frames)));
        (chains, frames)
    };
    let through = || {
        let mut chains = vec!["[v0]null[v]".to_owned()];
        chains.extend(audio.then(|| "[a0]anull[a]".to_owned()));
        chains
    };
    Some(match recipe {
        Recipe::Trim { from_ms, to_ms } => taken(*from_ms, *to_ms, "v", "a").0,
        Recipe::Stitch => {
            let names: Vec<(String, String)> =
                (0..inputs.len()).map(|at| (format!("v{at}"), format!("a{at}"))).collect();
            let names: Vec<(&str, &str)> = names.iter().map(|(video, sound)| (&**video, &**sound)).collect();
            concat(first, &names, audio)
        }
        Recipe::Extend => {
            let end = first.frames(inputs.get(1)?.duration_ms).max(2);
            let mut chains = vec![cut("v1", "next", 1, end)];
            chains.extend(audio.then(|| cut_sound(first, "a1", "snext", 1, end)));
            chains.extend(concat(first, &[("v0", "a0"), ("next", "snext")], audio));
            chains
        }
        Recipe::Loop { style, length, from_ms, to_ms } => {
            let (mut chains, frames) = taken(*from_ms, *to_ms, "part", "sound");
            chains.extend(match style {
                LoopStyle::PingPong => there_and_back(first, frames, audio),
                LoopStyle::CrossFade => cross_faded(first, frames, seam(first, *length, frames), audio),
            });
            chains
        }
        Recipe::Blend { curve, overlap_ms } => blend(*curve, first, inputs.get(1)?, *overlap_ms, audio),
        Recipe::Webm => through(),
        Recipe::Gif { wide, fps } => {
            let wide = u32::from(*wide).min(first.wide).max(16);
            vec![
                format!("[0:v:0]fps={fps},scale={wide}:-1:flags=lanczos,split[s0][s1]"),
                "[s0]palettegen=max_colors=160[p]".to_owned(),
                "[s1][p]paletteuse=dither=bayer:bayer_scale=4[v]".to_owned(),
            ]
        }
        Recipe::Frame { at_ms, last } => {
            let at = if *last { 0 } else { (*at_ms).min(first.duration_ms.saturating_sub(1)) };
            vec![format!("[0:v:0]select='gte(t,{}.{:03})',setsar=1[v]", at / 1000, at % 1000)]
        }
    })
}

impl Graph {
    /// What ffmpeg is told for a recipe; `None` where this build lacks an encoder for it.
    pub(super) fn of(tool: &Tool, recipe: &Recipe, inputs: &[Probe]) -> Option<Self> {
        let first = inputs.first()?;
        let is_still = matches!(recipe, Recipe::Gif { .. } | Recipe::Frame { .. });
        let audio = !is_still && inputs.iter().any(|probe| probe.has_audio);
        let mut filters = Vec::new();
        if !is_still {
            filters.extend(inputs.iter().enumerate().flat_map(|(at, probe)| normal(at, first, probe, audio)));
        }
        filters.extend(chains(recipe, inputs, audio)?);
        let mut args = vec!["-map".to_owned(), "[v]".to_owned()];
        if audio {
            args.extend(["-map".to_owned(), "[a]".to_owned()]);
        }
        args.extend(coded(tool, recipe, audio)?.into_iter().map(str::to_owned));
        if !is_still {
            // Joints may round to a frame more; none is written that was not asked for.
            let frames = first.frames(recipe.expected_ms(inputs)).max(1);
            args.extend(["-t".to_owned(), decimal(first, frames)]);
        }
        Some(Self { filters: filters.join(";"), args })
    }
}

/// How a recipe's output is written.
fn coded(tool: &Tool, recipe: &Recipe, audio: bool) -> Option<Vec<&'static str>> {
    let mut args = match recipe {
        Recipe::Gif { .. } => vec!["-f", "gif"],
        Recipe::Frame { last: true, .. } => vec!["-update", "1", "-c:v", "png", "-f", "image2"],
        Recipe::Frame { last: false, .. } => {
            vec!["-frames:v", "1", "-update", "1", "-c:v", "png", "-f", "image2"]
        }
        Recipe::Webm if !tool.has_vp9 || (audio && !tool.has_opus) => return None,
        Recipe::Webm => vec![
            "-c:v",
            "libvpx-vp9",
            "-crf",
            "32",
            "-b:v",
            "0",
            "-deadline",
            "good",
            "-cpu-used",
            "4",
            "-row-mt",
            "1",
            "-f",
            "webm",
        ],
        Recipe::Trim { .. } | Recipe::Stitch | Recipe::Extend | Recipe::Loop { .. } | Recipe::Blend { .. } => vec![
            "-c:v",
            "libx264",
            "-crf",
            "18",
            "-preset",
            "fast",
            "-pix_fmt",
            "yuv420p",
            "-flags",
            "+cgop",
            "-movflags",
            "+faststart",
            "-f",
            "mp4",
        ],
    };
    if audio {
        args.extend(if matches!(recipe, Recipe::Webm) {
            ["-c:a", "libopus", "-b:a", "128k"]
        } else {
            ["-c:a", "aac", "-b:a", "160k"]
        });
    }
    Some(args)
}
