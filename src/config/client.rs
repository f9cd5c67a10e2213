//! `rushes create`, `list`, `get`, `download`: a running server's API from the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use secrecy::SecretString;
use url::Url;

/// Which server, and how to answer.
#[derive(Debug, Clone, Args)]
pub struct Remote {
    /// Address of the server
    #[arg(long, env = "RUSHES_URL", value_name = "URL", default_value = "http://127.0.0.1:8787")]
    pub url: Url,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
    /// The key of the API, from `RUSHES_KEY` alone: what stands on a command line is seen by others
    #[arg(skip = crate::config::key_of_environment())]
    pub key: Option<SecretString>,
}

/// What to make.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// What to see
    pub prompt: String,
    /// A model, as rushes models lists them [default: the server's first]
    #[arg(long)]
    pub model: Option<String>,
    /// Length in seconds
    #[arg(long)]
    pub seconds: Option<u16>,
    /// Shape, such as 16:9
    #[arg(long, conflicts_with = "size")]
    pub aspect: Option<String>,
    /// Resolution, such as 720p
    #[arg(long, conflicts_with = "size")]
    pub resolution: Option<String>,
    /// Size in pixels, such as 1280x720
    #[arg(long)]
    pub size: Option<String>,
    /// How many variations, 1 to 4
    #[arg(long)]
    pub variations: Option<u8>,
    /// Seed, for models that take one
    #[arg(long)]
    pub seed: Option<u32>,
    /// What shall not be seen, for models that take it apart
    #[arg(long)]
    pub negative: Option<String>,
    /// A picture to begin with
    #[arg(long, value_name = "FILE")]
    pub image: Option<PathBuf>,
    /// Dollars that it may cost at most
    #[arg(long, value_name = "DOLLARS")]
    pub max_cost: Option<String>,
    /// Only you see it
    #[arg(long)]
    pub private: bool,
    /// Wait until it is finished
    #[arg(long)]
    pub wait: bool,
    /// Wait, then write the clip to this file; further variations get a number, - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub at: Remote,
}

/// Which file of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// The clip.
    Video,
    /// Its still.
    Thumbnail,
    /// Its frames on one sheet.
    Spritesheet,
}

/// What to ask of a running server.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Make a clip at a running server
    Create(Box<CreateArgs>),
    /// List your clips at a running server, newest first
    List {
        /// How many, up to 100
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
        limit: u8,
        /// Those after this one
        #[arg(long, value_name = "ID")]
        after: Option<String>,
        #[command(flatten)]
        at: Remote,
    },
    /// How a clip stands at a running server
    Get {
        /// Its id
        id: String,
        /// Wait until it is finished
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        at: Remote,
    },
    /// Fetch a clip from a running server
    Download {
        /// Its id
        id: String,
        /// Where to; - is standard output [default: ID.mp4]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Which file of it
        #[arg(long, value_enum, default_value = "video")]
        variant: Variant,
        #[command(flatten)]
        at: Remote,
    },
    /// List the models of a running server, with prices
    Models {
        #[command(flatten)]
        at: Remote,
    },
    /// Tools for an agent that speaks MCP by standard input and output; passed on to a running server
    Mcp {
        #[command(flatten)]
        at: Remote,
    },
    /// Print completions for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}
