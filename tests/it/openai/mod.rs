//! The `OpenAi` driver over real sockets, against a server that is scripted to the byte.

mod asking;
pub mod creating;
mod fetching;
pub mod server;

use std::time::Duration;

use rushes::upstream::openai::{OpenAi, Settings, Timeouts};
use url::Url;

/// The key that must go to one origin only, and into no text.
pub const KEY: &str = "sk-canary-0123456789abcdef";

/// A driver for the API at `base`, with short patience.
pub fn driver(base: &str) -> OpenAi {
    OpenAi::new(settings(base)).unwrap()
}

/// The settings of that driver.
pub fn settings(base: &str) -> Settings {
    let brief = Duration::from_millis(400);
    Settings {
        name: "main".to_owned(),
        base_url: Url::parse(base).unwrap(),
        key: Some(KEY.to_owned().into()),
        max_in_flight: 3,
        models: Vec::new(),
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            create: brief,
            ask: brief,
            refresh: brief,
            thumbnail: brief,
            idle: brief,
        },
    }
}
