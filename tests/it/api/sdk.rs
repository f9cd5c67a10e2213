//! The official SDKs against the running program, and the examples of the documents.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::app::Program;
use crate::restart::{quick, sound};
use crate::teams::told;
use crate::upstream::FakeUpstream;
use crate::upstream::clip::CLIP;

/// A file of the repository.
fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folder with the official clients, installed once.
pub fn clients() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk");
        let output = std::process::Command::new(ours("tests/sdk/install")).arg(&place).output().unwrap();
        assert!(output.status.success(), "tests/sdk/install: {}", String::from_utf8_lossy(&output.stderr));
        place
    })
}

/// Python with the clients.
pub fn python() -> Command {
    let mut command = Command::new(clients().join("python/bin/python"));
    // The SDK says on every call that OpenAI's own service ended.
    command.env("PYTHONWARNINGS", "ignore::DeprecationWarning");
    command
}

/// Node beside its clients.
fn node(script: &Path) -> Command {
    let mut command = Command::new("node");
    command.arg(script).current_dir(clients());
    command
}

/// The program before the fake alone: previews would take their time to be drawn.
pub async fn before(fake: &FakeUpstream, data: &Path) -> Program {
    let command = Program::command(data, Some(fake));
    let config = data.join("test.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("animatic = false\n{text}")).unwrap();
    Program::run(command, data).await
}

/// Runs a script of cases against the program; how many passed. All have to.
async fn cases(program: &Program, mut command: Command) -> usize {
    let data = TempDir::new().unwrap();
    std::fs::write(data.path().join("clip.mp4"), CLIP).unwrap();
    command
        .env("RUSHES_URL", program.browser.url("").trim_end_matches('/'))
        .env("RUSHES_CLIP", data.path().join("clip.mp4"))
        .env("RUSHES_PICTURE", ours("tests/it/upstream/spritesheet.jpg"));
    let output: Output = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let told: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let failed: Vec<&Value> = told.iter().filter(|case| case["ok"] != true).collect();
    assert!(failed.is_empty() && output.status.success(), "{failed:#?}\n{}", String::from_utf8_lossy(&output.stderr));
    told.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_python_client_runs_unmodified() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = before(&fake, data.path()).await;
    let mut command = python();
    command.arg(ours("tests/sdk/conformance.py"));
    let passed = cases(&program, command).await;
    println!("openai-python: {passed} cases passed");
    assert!(passed >= 26, "{passed}");
    assert_eq!(program.terminate().await, Some(0));
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_node_client_runs_unmodified() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = before(&fake, data.path()).await;
    let script = clients().join("conformance.mjs");
    std::fs::copy(ours("tests/sdk/conformance.mjs"), &script).unwrap();
    let passed = cases(&program, node(&script)).await;
    println!("openai-node: {passed} cases passed");
    assert!(passed >= 13, "{passed}");
    assert_eq!(program.terminate().await, Some(0));
    sound(data.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_of_agents_makes_a_clip_by_http_and_by_a_pipe() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = before(&fake, data.path()).await;
    let mut command = python();
    command.arg(ours("tests/sdk/agent.py")).env("RUSHES_PROGRAM", env!("CARGO_BIN_EXE_rushes"));
    assert_eq!(cases(&program, command).await, 4);
    // A team's agent needs a key, and what it may not do it is told.
    told(data.path(), &["user", "add", "olga", "--role", "owner"]);
    let key = told(data.path(), &["key", "create", "--user", "olga"]);
    let mut command = python();
    command
        .arg(ours("tests/sdk/agent.py"))
        .env("RUSHES_PROGRAM", env!("CARGO_BIN_EXE_rushes"))
        .env("RUSHES_KEY", key.trim());
    assert_eq!(cases(&program, command).await, 4);
    assert_eq!(program.terminate().await, Some(0));
    sound(data.path()).await;
}

/// Blocks of a document in one language.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(ours("docs/api.md")).unwrap();
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_example_of_the_documents_makes_a_clip() {
    let (fake, data) = (quick().await, TempDir::new().unwrap());
    let program = before(&fake, data.path()).await;
    let url = program.browser.url("").trim_end_matches('/').to_owned();
    let away = TempDir::new().unwrap();
    let scripts = [
        ("sh", "sh", blocks("sh").join("\n")),
        ("py", "python", blocks("python").join("\n")),
        ("mjs", "node", blocks("js").join("\n")),
    ];
    for (end, what, text) in scripts {
        assert!(text.contains("fox.mp4"), "{what}");
        let place =
            if end == "mjs" { clients().join("example.mjs") } else { away.path().join(format!("example.{end}")) };
        std::fs::write(&place, text).unwrap();
        let mut command = match end {
            "sh" => Command::new("bash"),
            "py" => python(),
            _ => Command::new("node"),
        };
        if end == "sh" {
            command.arg("-e");
        }
        let output = command
            .arg(&place)
            .current_dir(away.path())
            .env("RUSHES_URL", &url)
            .env("RUSHES_KEY", "sk-anything")
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        let made = std::fs::read(away.path().join("fox.mp4")).unwrap();
        assert_eq!(made, CLIP, "{what}");
        std::fs::remove_file(away.path().join("fox.mp4")).unwrap();
    }
    assert_eq!(program.terminate().await, Some(0));
    sound(data.path()).await;
}
