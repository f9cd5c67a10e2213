//! Renders one piece per size and prints how many times faster than playback that was.
//! `cargo run --release --example animatic_bench -- [SECONDS] [PROMPT] [SIZE…]`
#![expect(clippy::float_arithmetic, clippy::disallowed_methods, reason = "timings, told by the environment")]

use std::env;
use std::error::Error;
use std::fs::File;
use std::ops::ControlFlow;
use std::time::Instant;

use rushes::animatic::{Job, render};

const PROMPT: &str = "A red fox trots along a snowy ridge at dusk, slow pan right. Then a lighthouse \
    over a stormy sea at night, push in.";

/// Arguments: seconds, prompt, then sizes such as 1280x720; files go to the directory in `OUT`.
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let seconds: u32 = args.next().map_or(Ok(8), |text| text.parse())?;
    let prompt = args.next().filter(|text| !text.is_empty()).unwrap_or_else(|| PROMPT.to_owned());
    let mut sizes: Vec<String> = args.collect();
    if sizes.is_empty() {
        sizes = ["854x480", "1280x720", "1920x1080"].map(str::to_owned).to_vec();
    }
    let folder = env::var("OUT").unwrap_or_else(|_| env::temp_dir().display().to_string());
    for size in sizes {
        let (wide, high) = size.split_once('x').ok_or("a size looks like 1280x720")?;
        let seed = env::var("SEED").map_or(Ok(7), |text| text.parse())?;
        let job = Job { prompt: &prompt, wide: wide.parse()?, high: high.parse()?, seconds, seed, plate: None };
        let mut file = File::create(format!("{folder}/animatic-{size}.mp4"))?;
        let start = Instant::now();
        render(&job, &mut file, &mut |_, _| ControlFlow::Continue(()))?;
        let took = start.elapsed().as_secs_f64();
        println!(
            "{size}: {took:.2} s for {seconds} s, {:.1} x, {} kB",
            f64::from(seconds) / took,
            file.metadata()?.len() / 1000
        );
    }
    Ok(())
}
