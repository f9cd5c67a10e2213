//! Where an upstream says that a finished film is: every place known, in order of trust.
//! Web addresses only; anything else means the content route.

use serde_json::Value;
use url::Url;

/// The most bytes of an address.
const LONGEST: usize = 8_192;
/// As JSON pointers. Embedded films (`b64_json`) are not read: an answer is at most 1 MiB.
const PLACES: [&str; 21] = [
    "/url",
    "/video_url",
    "/output_url",
    "/urls/0",
    "/unsigned_urls/0",
    "/output/video_url",
    "/output",
    "/output/0",
    "/outputs/video_url",
    "/video/url",
    "/assets/video",
    "/content/video_url",
    "/metadata/url",
    "/data/0/url",
    "/result/video_url",
    "/result_url",
    "/content/url",
    "/content/result_url",
    "/data/url",
    "/data/video_url",
    "/data/result_url",
];

/// The first web address that names the film.
pub(super) fn find(body: &Value) -> Option<String> {
    PLACES.iter().filter_map(|place| body.pointer(place)?.as_str()).find(|text| is_web(text)).map(str::to_owned)
}

fn is_web(text: &str) -> bool {
    text.len() <= LONGEST && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
