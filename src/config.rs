//! Flags, environment and `rushes.toml`, read once. The only reader of the environment.
//! Every mistake is one sentence that names the key and the line.

mod client;
mod commands;
mod models;
mod prices;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::Deserialize;
use toml::Spanned;
use url::Url;

pub use self::client::{ClientCommand, CreateArgs, Remote, Variant};
pub use self::commands::{
    BackupArgs, BudgetArgs, Clips, Console, DoctorArgs, ImportArgs, InviteArgs, KeyCommand, PlanCommand, RestoreArgs,
    SeedArgs, UserCommand, Where,
};
use crate::domain::Model;

/// How many jobs an upstream holds at once unless told otherwise.
const MAX_IN_FLIGHT: u32 = 4;
/// The most reference images that a model may be said to take.
const MOST_REFERENCES: u8 = 9;
/// Characters of a code for the set-up page.
const SHORTEST_CODE: usize = 16;
/// The highest floor of free space that makes sense.
const LARGEST_FLOOR_MB: u64 = 10_000_000;
/// Seconds that what was begun has at the end.
const GRACE: u64 = 12;
/// Loopback, and a port that little else uses.
const LISTEN: &str = "127.0.0.1:8787";

/// The Sora workspace on your own server.
#[derive(Debug, Parser)]
#[command(name = "rushes", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the workspace (the default).
    Serve(ServeArgs),
    /// Fill an empty folder with a plausible library, for benches and screenshots.
    Seed(SeedArgs),
    /// People: add, list, role, plan, budget, reset, disable, enable, remove.
    #[command(subcommand)]
    User(UserCommand),
    /// Plans: list, set, remove.
    #[command(subcommand)]
    Plan(PlanCommand),
    /// Keys of the API: create, list, revoke.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Print a link with which somebody joins.
    Invite(InviteArgs),
    /// What may be spent in 30 days, by all or at one upstream.
    Budget(BudgetArgs),
    /// What everybody spent in the last 30 days.
    Usage(Where),
    /// Put database, media and settings away, while the server runs or not.
    Backup(BackupArgs),
    /// Make a data folder of a backup.
    Restore(RestoreArgs),
    /// See whether files, rows and money agree; mend what is safe.
    Doctor(DoctorArgs),
    #[command(flatten)]
    Client(ClientCommand),
    /// Take in clips of a library folder without its database, or of an archive of another tool.
    Import(ImportArgs),
    /// Do one piece of local work for a server that asks on standard input; not for people.
    #[command(hide = true)]
    Helper,
}

impl Cli {
    /// What to do instead of serving, if that is what was asked for; or else how to serve.
    pub fn console(self) -> Result<Console, Box<Self>> {
        match self.command {
            Some(Command::Seed(args)) => Ok(Console::Seed(args)),
            Some(Command::User(command)) => Ok(Console::User(command)),
            Some(Command::Plan(command)) => Ok(Console::Plan(command)),
            Some(Command::Key(command)) => Ok(Console::Key(command)),
            Some(Command::Invite(args)) => Ok(Console::Invite(args)),
            Some(Command::Budget(args)) => Ok(Console::Budget(args)),
            Some(Command::Usage(at)) => Ok(Console::Usage(at)),
            Some(Command::Backup(args)) => Ok(Console::Backup(args)),
            Some(Command::Restore(args)) => Ok(Console::Restore(args)),
            Some(Command::Client(command)) => Ok(Console::Client(command)),
            Some(Command::Doctor(args)) => Ok(Console::Doctor(args)),
            Some(Command::Import(args)) => Ok(Console::Import(args)),
            Some(Command::Helper) => Ok(Console::Helper),
            command @ (Some(Command::Serve(_)) | None) => Err(Box::new(Self { command, ..self })),
        }
    }
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:8787]
    #[arg(long, env = "RUSHES_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Folder for the database and the library [default: ./data]
    #[arg(long, env = "RUSHES_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Configuration file [default: ./rushes.toml, if it is there]
    #[arg(long, env = "RUSHES_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Beyond this machine, do without accounts. Everyone who can reach the address can then watch,
    /// delete and spend: use it only behind something that asks who they are
    #[arg(long, env = "RUSHES_OPEN_TO_EVERYONE", value_parser = clap::builder::FalseyValueParser::new())]
    open_to_everyone: bool,
    /// Seconds that open requests and an unanswered create are waited for at the end, up to an hour
    #[arg(long, env = "RUSHES_GRACE", value_name = "SECONDS", default_value_t = GRACE,
          value_parser = clap::value_parser!(u64).range(0..=3600))]
    grace: u64,
    /// Write logs as JSON lines
    #[arg(long, env = "RUSHES_LOG_JSON", value_parser = clap::builder::FalseyValueParser::new())]
    log_json: bool,
}

/// A mistake in the configuration, in one sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// Everything Rushes is told from outside.
#[derive(Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How people reach it, where that is another address.
    pub public_url: Option<Url>,
    /// Proxies whose forwarded headers count.
    pub trusted_proxies: Vec<IpAddr>,
    /// Origins inside private networks that webhooks may lead to.
    pub webhook_origins: Vec<Url>,
    /// Where the days of this team begin.
    pub time_zone: TimeZone,
    /// A code for the set-up page, chosen beforehand.
    pub setup_code: Option<SecretString>,
    /// With which `/metrics` is read without an account.
    pub metrics_token: Option<SecretString>,
    /// How long what was begun is waited for at the end.
    pub grace: Duration,
    /// The data folder.
    pub data: PathBuf,
    /// Free bytes of the data folder's disk below which nothing new is sent; none for the usual.
    pub keep_free_bytes: Option<u64>,
    /// Whether anybody who reaches the address may come in.
    pub open_to_everyone: bool,
    /// Whether logs are JSON lines.
    pub log_json: bool,
    /// Whether the embedded preview renderer is offered.
    pub animatic: bool,
    /// The folder that holds `ffmpeg` and `ffprobe`; none for those that the system finds.
    pub ffmpeg: Option<PathBuf>,
    /// What does the local work that may crash; none for this program itself.
    pub helper: Option<PathBuf>,
    /// The configured video servers, in order.
    pub upstreams: Vec<UpstreamConfig>,
}

/// One `[[upstream]]` that speaks `/v1/videos`.
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// Unique among upstreams.
    pub name: String,
    /// Its address, ending in `/v1`.
    pub base_url: Url,
    /// Its key, if it wants one.
    pub key: Option<SecretString>,
    /// How many jobs it may hold at once.
    pub max_in_flight: u32,
    /// Its models; empty means that it is asked for them.
    pub models: Vec<Model>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<Spanned<String>>,
    public_url: Option<Spanned<String>>,
    #[serde(default)]
    trusted_proxies: Vec<Spanned<String>>,
    #[serde(default)]
    webhook_origins: Vec<Spanned<String>>,
    time_zone: Option<Spanned<String>>,
    data: Option<PathBuf>,
    keep_free_mb: Option<Spanned<i64>>,
    animatic: Option<bool>,
    ffmpeg: Option<PathBuf>,
    #[serde(default)]
    upstream: Vec<Spanned<FileUpstream>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileUpstream {
    name: Spanned<String>,
    driver: Spanned<String>,
    base_url: Spanned<String>,
    api_key: Option<Spanned<String>>,
    api_key_env: Option<Spanned<String>>,
    api_key_file: Option<Spanned<PathBuf>>,
    max_in_flight: Option<Spanned<i64>>,
    #[serde(default)]
    models: Vec<Spanned<models::FileModel>>,
}

/// The text of a file and its name, to say where a mistake is.
struct Source<'a> {
    name: String,
    text: &'a str,
}

impl Source<'_> {
    fn wrong<T>(&self, key: &str, at: &Spanned<T>, what: impl std::fmt::Display) -> ConfigError {
        ConfigError(format!("{}, line {}: {key}: {what}", self.name, self.line(at.span().start)))
    }

    /// The key on the line of an offset, as `key: `, where there is one.
    fn key(&self, offset: usize) -> String {
        let line = self.text.lines().nth(self.line(offset) - 1).unwrap_or_default();
        let key = line.split_once('=').map_or("", |(key, _)| key.trim());
        let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !key.is_empty() && key.chars().all(is_key) { format!("{key}: ") } else { String::new() }
    }

    fn line(&self, offset: usize) -> usize {
        self.text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
    }
}

/// Reads the environment; nothing else in Rushes does.
#[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Origins inside private networks: scheme, host and port, nothing else.
fn origins(source: &Source, texts: &[Spanned<String>]) -> Result<Vec<Url>, ConfigError> {
    let read = |text: &Spanned<String>| {
        let url = text.get_ref().parse::<Url>().ok().filter(|url| {
            let is_bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
            matches!(url.scheme(), "http" | "https") && is_bare
        });
        let what = "write an origin inside your network, for example \"http://10.0.0.5:9000\"";
        url.ok_or_else(|| source.wrong("webhook_origins", text, what))
    };
    texts.iter().map(read).collect()
}

/// The key of the API that the command line shows.
pub(crate) fn key_of_environment() -> Option<SecretString> {
    environment("RUSHES_KEY").map(SecretString::from)
}

impl Config {
    /// Reads the file and the environment, and lets flags win.
    pub fn load(cli: Cli) -> Result<Self, ConfigError> {
        let args = match cli.command {
            Some(Command::Serve(args)) => args,
            Some(_) | None => cli.serve,
        };
        let file = read_file(args.config.as_deref())?;
        let (text, name) =
            file.as_ref().map_or(("", String::new()), |(path, text)| (text.as_str(), path.display().to_string()));
        let source = Source { name, text };
        let parsed: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let (line, key) = (source.line(at), source.key(at));
            ConfigError(format!("{}, line {line}: {key}{}", source.name, error.message().replace('\n', ", ")))
        })?;

        // What a flag overrides must be right all the same: the flag may be gone tomorrow.
        let in_file = parsed.listen.as_ref().map(|text| (text, address(text.get_ref())));
        if let Some((text, Err(what))) = &in_file {
            return Err(source.wrong("listen", text, what));
        }
        let flag = |what: String| ConfigError(format!("--listen (RUSHES_LISTEN): {what}"));
        let listen = match (&args.listen, in_file) {
            (Some(text), _) => address(text).map_err(flag)?,
            (None, Some((_, listen))) => listen.map_err(ConfigError)?,
            (None, None) => address(LISTEN).map_err(ConfigError)?,
        };
        let public_url = match &parsed.public_url {
            Some(text) => Some(public_url(text.get_ref()).map_err(|what| source.wrong("public_url", text, what))?),
            None => None,
        };
        let mut trusted_proxies = Vec::new();
        for text in &parsed.trusted_proxies {
            let what = "write the address of a proxy, for example \"127.0.0.1\"";
            trusted_proxies.push(text.get_ref().parse().map_err(|_| source.wrong("trusted_proxies", text, what))?);
        }
        let webhook_origins = origins(&source, &parsed.webhook_origins)?;
        let time_zone = match &parsed.time_zone {
            Some(text) => TimeZone::get(text.get_ref())
                .map_err(|_| source.wrong("time_zone", text, "write a name such as \"Europe/Berlin\" or \"UTC\""))?,
            None => TimeZone::system(),
        };
        let setup_code = environment("RUSHES_SETUP_CODE");
        if setup_code.as_ref().is_some_and(|code| code.len() < SHORTEST_CODE) {
            let what = format!("RUSHES_SETUP_CODE: use at least {SHORTEST_CODE} characters that nobody can guess");
            return Err(ConfigError(what));
        }
        let metrics_token = environment("RUSHES_METRICS_TOKEN");
        if metrics_token.as_ref().is_some_and(|token| token.len() < SHORTEST_CODE || !token.is_ascii()) {
            let what = format!("RUSHES_METRICS_TOKEN: use at least {SHORTEST_CODE} plain characters");
            return Err(ConfigError(what));
        }
        let keep_free_mb = parsed.keep_free_mb.as_ref().map(|mb| {
            let read = u64::try_from(*mb.get_ref()).ok().filter(|mb| (1..=LARGEST_FLOOR_MB).contains(mb));
            let what = "use whole megabytes from 1 to 10000000: with less free, nothing new is sent";
            read.ok_or_else(|| source.wrong("keep_free_mb", mb, what))
        });
        let keep_free_mb = keep_free_mb.transpose()?;
        let mut upstreams = Vec::new();
        for upstream in &parsed.upstream {
            let read = read_upstream(&source, upstream)?;
            if matches!(read.name.as_str(), "animatic" | "ffmpeg" | "upload" | "seed")
                || upstreams.iter().any(|other: &UpstreamConfig| other.name == read.name)
            {
                let name = &upstream.get_ref().name;
                return Err(source.wrong(
                    "upstream.name",
                    name,
                    format_args!("{:?} is taken; each upstream needs its own", read.name),
                ));
            }
            upstreams.push(read);
        }
        if file.is_none() {
            upstreams.extend(from_environment()?);
        }
        Ok(Self {
            listen,
            public_url,
            trusted_proxies,
            webhook_origins,
            time_zone,
            setup_code: setup_code.map(SecretString::from),
            metrics_token: metrics_token.map(SecretString::from),
            grace: Duration::from_secs(args.grace),
            data: args.data.or(parsed.data).unwrap_or_else(|| PathBuf::from("data")),
            keep_free_bytes: keep_free_mb.map(|mb| mb * 1_000_000),
            open_to_everyone: args.open_to_everyone,
            log_json: args.log_json,
            animatic: parsed.animatic.unwrap_or(true),
            ffmpeg: parsed.ffmpeg,
            helper: None,
            upstreams,
        })
    }

    /// What `RUSHES_LOG` asks for, or `RUST_LOG`; else Rushes' own messages from `info` up.
    pub fn log_filter() -> String {
        let asked = environment("RUSHES_LOG").or_else(|| environment("RUST_LOG"));
        asked.unwrap_or_else(|| "rushes=info,warn".to_owned())
    }

    /// Where a test wants this process to be killed.
    #[cfg(debug_assertions)]
    pub fn kill_point() -> Option<String> {
        environment("RUSHES_KILL")
    }
}

fn read_file(asked: Option<&Path>) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let path = asked.unwrap_or_else(|| Path::new("rushes.toml"));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.to_owned(), text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && asked.is_none() => Ok(None),
        Err(error) => Err(ConfigError(format!("--config (RUSHES_CONFIG): cannot read {}: {error}", path.display()))),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| format!("{text:?} is not an address and a port; write for example 127.0.0.1:8787"))
}

fn public_url(text: &str) -> Result<Url, String> {
    let url = base_url(text)?;
    if url.path() != "/" {
        return Err("leave the path out; Rushes has a host name of its own".to_owned());
    }
    Ok(url)
}

fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{text:?} is not a web address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("write a web address that starts with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("leave user names, passwords, ? and # out of the address; a key belongs in api_key_env".to_owned());
    }
    Ok(url)
}

/// `OPENAI_BASE_URL` and `OPENAI_API_KEY`, as the SDKs take them.
fn from_environment() -> Result<Option<UpstreamConfig>, ConfigError> {
    let key = environment("OPENAI_API_KEY").map(SecretString::from);
    let Some(text) = environment("OPENAI_BASE_URL") else { return Ok(None) };
    let base_url = base_url(&text).map_err(|what| ConfigError(format!("OPENAI_BASE_URL: {what}")))?;
    Ok(Some(UpstreamConfig {
        name: "openai".to_owned(),
        base_url,
        key,
        max_in_flight: MAX_IN_FLIGHT,
        models: Vec::new(),
    }))
}

fn read_upstream(source: &Source<'_>, upstream: &Spanned<FileUpstream>) -> Result<UpstreamConfig, ConfigError> {
    let file = upstream.get_ref();
    let name = file.name.get_ref().trim();
    if name.is_empty() || name.chars().count() > 60 || name.contains(['/', '\n']) {
        return Err(source.wrong("upstream.name", &file.name, "use 1 to 60 characters without a slash"));
    }
    if file.driver.get_ref() != "openai" {
        return Err(source.wrong(
            "upstream.driver",
            &file.driver,
            format_args!("{:?} is not known; the driver is \"openai\"", file.driver.get_ref()),
        ));
    }
    let base_url =
        base_url(file.base_url.get_ref()).map_err(|what| source.wrong("upstream.base_url", &file.base_url, what))?;
    let max_in_flight = match &file.max_in_flight {
        None => MAX_IN_FLIGHT,
        Some(number) => u32::try_from(*number.get_ref())
            .ok()
            .filter(|number| (1..=1000).contains(number))
            .ok_or_else(|| source.wrong("upstream.max_in_flight", number, "use a whole number from 1 to 1000"))?,
    };
    let mut models = Vec::new();
    for model in &file.models {
        let read = models::read(source, name, model.get_ref())?;
        if models.iter().any(|other: &Model| other.id == read.id) {
            return Err(source.wrong(
                "upstream.models.id",
                &model.get_ref().id,
                format_args!("{:?} is there twice", read.id),
            ));
        }
        models.push(read);
    }
    Ok(UpstreamConfig { name: name.to_owned(), base_url, key: read_key(source, upstream)?, max_in_flight, models })
}

fn read_key(source: &Source<'_>, upstream: &Spanned<FileUpstream>) -> Result<Option<SecretString>, ConfigError> {
    let file = upstream.get_ref();
    let given = [file.api_key.is_some(), file.api_key_env.is_some(), file.api_key_file.is_some()];
    if given.iter().filter(|&&given| given).count() > 1 {
        return Err(source.wrong("upstream", upstream, "give the key once: api_key, api_key_env or api_key_file"));
    }
    let (key, at, text) = if let Some(text) = &file.api_key {
        ("upstream.api_key", text.span(), text.get_ref().clone())
    } else if let Some(name) = &file.api_key_env {
        let text = environment(name.get_ref()).ok_or_else(|| {
            source.wrong(
                "upstream.api_key_env",
                name,
                format_args!("the environment variable {} is not set", name.get_ref()),
            )
        })?;
        ("upstream.api_key_env", name.span(), text)
    } else if let Some(path) = &file.api_key_file {
        let text = std::fs::read_to_string(path.get_ref()).map_err(|error| {
            source.wrong(
                "upstream.api_key_file",
                path,
                format_args!("cannot read {}: {error}", path.get_ref().display()),
            )
        })?;
        ("upstream.api_key_file", path.span(), text)
    } else {
        return Ok(None);
    };
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let line = source.line(at.start);
        return Err(ConfigError(format!(
            "{}, line {line}: {key}: the key is empty or has characters that no key has",
            source.name
        )));
    }
    Ok(Some(SecretString::from(text.to_owned())))
}
