//! Reads a prompt that is timed shot by shot, as a storyboard writes it: `[0.0–2.5 s] words` a line.
//! Its cuts fall where it says, to the frame; whatever is not exactly that is left to `cut`.

use super::timing::Timed;
use crate::animatic::plan::FRAME_RATE;

/// A timed prompt.
pub struct Sheet {
    /// What holds for all shots.
    pub style: String,
    /// Ends of the shots in milliseconds, with their words; the first begins at 0.
    shots: Vec<(u64, String)>,
}

/// Reads a timed prompt; none when one of its lines is not timed, or the times do not follow each other.
pub fn read(text: &str) -> Option<Sheet> {
    let mut sheet = Sheet { style: String::new(), shots: Vec::new() };
    let mut now = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some((start, end, words)) = shot(line) {
            if start != now || end <= start {
                return None;
            }
            now = end;
            sheet.shots.push((end, words.to_owned()));
        } else if sheet.shots.is_empty() {
            // The line that announces the shots says nothing about them.
            if !line.ends_with(':') {
                sheet.style = format!("{} {line}", sheet.style);
            }
        } else {
            let style = line.strip_prefix("Style:")?;
            sheet.style = format!("{} {style}", sheet.style);
        }
    }
    (sheet.shots.len() > 1).then_some(sheet)
}

/// `[0.0–2.5 s] words` as start and end in milliseconds, and the words.
fn shot(line: &str) -> Option<(u64, u64, &str)> {
    let (times, words) = line.strip_prefix('[')?.split_once(" s]")?;
    let (start, end) = times.split_once('–').or_else(|| times.split_once('-'))?;
    Some((millis(start)?, millis(end)?, words.trim()))
}

fn millis(text: &str) -> Option<u64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u64>().ok()? * 1000 + part.parse::<u64>().ok()?)
}

impl Sheet {
    /// Its shots over so many frames: each cut on the frame nearest to its time. Times that end before
    /// the piece does leave the rest to the last shot; times that run over it are scaled.
    pub fn takes(&self, frames: u32) -> Vec<Timed> {
        let rate = u64::from(FRAME_RATE);
        let whole = u64::from(frames) * 1000 / rate;
        let said = self.shots.last().map_or(whole, |(end, _)| *end);
        let last = self.shots.len().saturating_sub(1);
        let mut before = 0;
        let takes = self.shots.iter().enumerate().map(|(number, (end, words))| {
            let end = if said > whole { end * whole / said } else { *end };
            let cut = if number == last { u64::from(frames) } else { (end * rate + 500) / 1000 };
            // A shot has a frame at least, also where times were scaled beyond all measure.
            let left = u64::try_from(last - number).unwrap_or(0);
            let cut = cut.max(before + 1).min(u64::from(frames).saturating_sub(left));
            let length = cut.saturating_sub(before);
            before = cut;
            Timed { text: words.clone(), frames: u32::try_from(length).unwrap_or(u32::MAX) }
        });
        takes.filter(|take| take.frames > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &str, total: u32) -> Option<Vec<u32>> {
        Some(read(text)?.takes(total).iter().map(|take| take.frames).collect())
    }

    #[test]
    fn cuts_fall_on_the_frame_nearest_to_their_time() {
        let board = "3 shots in 8.0 seconds, cut one after the other:\n[0.0–2.5 s] a [b] c\n[2.5–2.7 s] cut to: d\n[2.7–8.0 s] Shot 9: e";
        assert_eq!(frames(board, 192), Some(vec![60, 5, 127]));
        assert_eq!(read(board).map(|sheet| sheet.shots[0].1.clone()), Some("a [b] c".to_owned()));
        assert_eq!(frames(board, 240), Some(vec![60, 5, 175]), "the last shot lasts to the end");
        assert_eq!(frames(board, 96), Some(vec![30, 2, 64]), "longer boards are scaled");
        let line = |n: u32| format!("[{}.{}–{}.{} s] x", n / 5, n % 5 * 2, (n + 1) / 5, (n + 1) % 5 * 2);
        let fifty = (0..50).map(line).collect::<Vec<_>>().join("\n");
        let cuts = frames(&fifty, 240).unwrap_or_default();
        assert_eq!((cuts.len(), cuts.iter().sum::<u32>()), (50, 240));
        assert!(cuts.iter().all(|length| (4..=5).contains(length)), "{cuts:?}");
    }

    #[test]
    fn what_is_not_exactly_timed_is_left_to_others() {
        for text in [
            "",
            "A fox in snow",
            "[0.0–2.0 s] one shot alone",
            "[0–3s] a\n[3–5s] b",
            "[0.0–2.0 s] a\n[3.0–4.0 s] a gap",
            "[0.0–2.0 s] a\n[1.0–4.0 s] goes back",
            "[0.0–2.0 s] a\nno times\n[2.0–4.0 s] b",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
        let styled = "[0.0–2.0 s] a\n[2.0–4.0 s] b\n\nStyle: film noir.";
        assert_eq!(read(styled).map(|sheet| sheet.style.trim().to_owned()), Some("film noir.".to_owned()));
    }
}
