//! The command line as a client of a running server: the same API that scripts use.

mod agent;
mod follow;
mod show;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::config::{ClientCommand, CreateArgs, Remote, Variant};

/// How often a request is sent when the line breaks: a create carries a key, so that it makes one clip.
const TRIES: u32 = 4;
/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server, and how to ask it.
struct Server {
    http: Client,
    base: Url,
    key: Option<SecretString>,
}

/// What a request sends.
enum Sent<'a> {
    Nothing,
    Form(&'a (dyn Fn() -> Form + Sync)),
}

impl Server {
    fn new(at: &Remote) -> anyhow::Result<Self> {
        // Another part of the process may have chosen already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        if !matches!(at.url.scheme(), "http" | "https") {
            bail!("--url (RUSHES_URL): {:?} is no http or https address", at.url.as_str());
        }
        let http = Client::builder().read_timeout(PATIENCE).connect_timeout(Duration::from_secs(10)).build()?;
        Ok(Self { http, base: at.url.clone(), key: at.key.clone() })
    }

    fn route(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.base.as_str().trim_end_matches('/'))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, self.route(path));
        match &self.key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        }
    }

    /// Asks, and once more where the line breaks; the answer, if it is one that helps.
    async fn ask(&self, method: &Method, path: &str, sent: Sent<'_>, key: Option<&str>) -> anyhow::Result<Response> {
        let mut pause = Duration::from_millis(500);
        for tried in 1.. {
            let mut request = self.request(method.clone(), path);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            if let Sent::Form(form) = &sent {
                request = request.multipart(form());
            }
            let error = match request.send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) if response.status().is_server_error() && tried < TRIES && *method == Method::GET => {
                    anyhow::anyhow!("the server answered {}", response.status())
                }
                Ok(response) => return Err(refused(response).await),
                Err(error) => anyhow::Error::from(error.without_url())
                    .context(format!("no answer from {} (--url, RUSHES_URL)", self.base)),
            };
            if tried == TRIES {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        bail!("the server was not asked")
    }

    async fn json(&self, path: &str) -> anyhow::Result<(Value, Option<Duration>)> {
        let response = self.ask(&Method::GET, path, Sent::Nothing, None).await?;
        let poll = response.headers().get("openai-poll-after-ms").and_then(|value| value.to_str().ok());
        let poll = poll.and_then(|text| text.parse().ok()).map(Duration::from_millis);
        Ok((response.json().await.context("the server's answer cannot be read; is it Rushes?")?, poll))
    }

    /// Writes a file of a video, whole or not at all.
    async fn download(&self, id: &str, variant: Variant, to: &Path) -> anyhow::Result<()> {
        let variant = match variant {
            Variant::Video => "video",
            Variant::Thumbnail => "thumbnail",
            Variant::Spritesheet => "spritesheet",
        };
        let path = format!("videos/{}/content?variant={variant}", escaped(id));
        let mut response = self.ask(&Method::GET, &path, Sent::Nothing, None).await?;
        let bar = follow::bytes(response.content_length());
        if to == Path::new("-") {
            let mut out = tokio::io::stdout();
            while let Some(chunk) = response.chunk().await? {
                out.write_all(&chunk).await?;
            }
            out.flush().await?;
            return Ok(());
        }
        let mut part = to.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut file = tokio::fs::File::create(&part).await.with_context(|| part.display().to_string())?;
        let written = async {
            while let Some(chunk) = response.chunk().await? {
                file.write_all(&chunk).await?;
                bar.inc(u64::try_from(chunk.len()).unwrap_or(0));
            }
            file.sync_all().await?;
            anyhow::Ok(())
        };
        let end = match written.await {
            Ok(()) => tokio::fs::rename(&part, to).await.map_err(Into::into),
            Err(error) => Err(error),
        };
        bar.finish_and_clear();
        if end.is_err() {
            let _ = tokio::fs::remove_file(&part).await;
        }
        end.with_context(|| to.display().to_string())
    }
}

fn escaped(id: &str) -> String {
    percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string().replace("%5F", "_")
}

/// What a refusal says.
async fn refused(response: Response) -> anyhow::Error {
    let status = response.status();
    let told = response.json::<Value>().await.unwrap_or_default();
    match (told["error"]["message"].as_str(), told["error"]["param"].as_str()) {
        (Some(words), Some(param)) if !words.contains(param) => anyhow::anyhow!("{param}: {words}"),
        (Some(words), _) => anyhow::anyhow!("{words}"),
        (None, _) => anyhow::anyhow!("the server answered {status}; is it Rushes?"),
    }
}

fn form(args: &CreateArgs, picture: Option<&(Vec<u8>, String)>) -> Form {
    let number = |value: Option<u32>| value.map(|value| value.to_string());
    let mut form = Form::new().text("prompt", args.prompt.clone());
    for (name, value) in [
        ("model", args.model.clone()),
        ("seconds", number(args.seconds.map(u32::from))),
        ("aspect_ratio", args.aspect.clone()),
        ("resolution", args.resolution.clone()),
        ("size", args.size.clone()),
        ("variations", number(args.variations.map(u32::from))),
        ("seed", number(args.seed)),
        ("negative_prompt", args.negative.clone()),
        ("max_cost_usd", args.max_cost.clone()),
        ("visibility", args.private.then(|| "private".to_owned())),
    ] {
        if let Some(value) = value {
            form = form.text(name, value);
        }
    }
    match picture {
        Some((bytes, name)) => form.part("input_reference", Part::bytes(bytes.clone()).file_name(name.clone())),
        None => form,
    }
}

async fn create(args: CreateArgs) -> anyhow::Result<bool> {
    let server = Server::new(&args.at)?;
    let picture = match &args.image {
        Some(path) => {
            let bytes = tokio::fs::read(path).await.with_context(|| format!("--image: {}", path.display()))?;
            Some((bytes, path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())))
        }
        None => None,
    };
    // Whatever happens to the line, this makes one clip.
    let key = format!("cli-{:016x}{:016x}", rand::random::<u64>(), rand::random::<u64>());
    let whole = || form(&args, picture.as_ref());
    let response = server.ask(&Method::POST, "videos", Sent::Form(&whole), Some(&key)).await?;
    let made: Value = response.json().await.context("the server's answer cannot be read; is it Rushes?")?;
    let ids: Vec<String> =
        made["variations"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    if !args.wait && args.output.is_none() {
        show::one(&made, args.at.json);
        return Ok(true);
    }
    let mut is_well = true;
    let mut all = Vec::new();
    for (number, id) in (1..).zip(&ids) {
        let video = follow::until_final(&server, id, !args.at.json).await?;
        is_well &= video["status"] == "completed";
        if let Some(output) = args.output.as_ref().filter(|_| video["status"] == "completed") {
            server.download(id, Variant::Video, &numbered(output, number)).await?;
        }
        all.push(video);
    }
    let quiet = args.output.as_deref() == Some(Path::new("-"));
    for video in all.iter().filter(|_| !quiet) {
        show::one(video, args.at.json);
    }
    Ok(is_well)
}

/// `clip.mp4`, and for further variations `clip-2.mp4`.
fn numbered(output: &Path, number: u32) -> PathBuf {
    if number == 1 || output == Path::new("-") {
        return output.to_owned();
    }
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let end = output.extension().map_or_else(String::new, |end| format!(".{}", end.to_string_lossy()));
    output.with_file_name(format!("{stem}-{number}{end}"))
}

/// Does what was asked for; false when a clip failed.
pub async fn run(command: ClientCommand, shells: &mut clap::Command) -> anyhow::Result<bool> {
    match command {
        ClientCommand::Create(args) => create(*args).await,
        ClientCommand::List { limit, after, at } => {
            let server = Server::new(&at)?;
            let after = after.map(|id| format!("&after={}", escaped(&id))).unwrap_or_default();
            let (page, _) = server.json(&format!("videos?limit={limit}{after}")).await?;
            show::many(&page, at.json);
            Ok(true)
        }
        ClientCommand::Get { id, wait, at } => {
            let server = Server::new(&at)?;
            let video = if wait {
                follow::until_final(&server, &id, !at.json).await?
            } else {
                server.json(&format!("videos/{}", escaped(&id))).await?.0
            };
            show::one(&video, at.json);
            Ok(video["status"] != "failed")
        }
        ClientCommand::Download { id, output, variant, at } => {
            let server = Server::new(&at)?;
            let end = if variant == Variant::Video { "mp4" } else { "jpg" };
            let output = output.unwrap_or_else(|| PathBuf::from(format!("{}.{end}", escaped(&id))));
            server.download(&id, variant, &output).await?;
            if output != Path::new("-") {
                show::saved(&id, &output, at.json);
            }
            Ok(true)
        }
        ClientCommand::Models { at } => {
            let (models, _) = Server::new(&at)?.json("models").await?;
            show::models(&models, at.json);
            Ok(true)
        }
        ClientCommand::Mcp { at } => agent::serve(Server::new(&at)?).await,
        ClientCommand::Completions { shell } => {
            clap_complete::generate(shell, shells, "rushes", &mut std::io::stdout());
            Ok(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variations_are_written_beside_each_other() {
        assert_eq!(numbered(Path::new("a/fox.mp4"), 1), Path::new("a/fox.mp4"));
        assert_eq!(numbered(Path::new("a/fox.mp4"), 3), Path::new("a/fox-3.mp4"));
        assert_eq!(numbered(Path::new("fox"), 2), Path::new("fox-2"));
        assert_eq!(numbered(Path::new("-"), 2), Path::new("-"));
        assert_eq!(escaped("video_0a/../b"), "video_0a%2F%2E%2E%2Fb");
    }
}
