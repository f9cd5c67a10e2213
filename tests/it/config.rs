//! Every mistake in the configuration is one sentence that names the key and the line; exit code 2.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::app::Program;
use crate::upstream::FakeUpstream;

const UPSTREAM: &str = "[[upstream]]\nname = \"gateway\"\ndriver = \"openai\"\nbase_url = \"http://127.0.0.1:9/v1\"\n";
const MODEL: &str = "[[upstream.models]]\nid = \"sora-2\"\nsizes = [\"1280x720\"]\nseconds = [4]\n";

/// The program in an empty folder, without anything inherited that it reads.
fn rushes(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rushes"));
    command.current_dir(home).args(args).env_clear();
    command
}

/// What a start with this file says; it must end with 2 and one line.
fn said(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.contains("sk-canary"), "{text}");
    text
}

fn started_with(file: &str, args: &[&str]) -> String {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("rushes.toml"), file).unwrap();
    let output = rushes(home.path(), args).output().unwrap();
    // A mistake is found before anything is made.
    assert!(!home.path().join("data").exists(), "{file}");
    said(&output)
}

#[test]
fn every_mistake_in_the_file_is_named_with_its_key_and_line() {
    let upstream = |line: &str| format!("{UPSTREAM}{line}\n");
    let model = |lines: &str| format!("{UPSTREAM}[[upstream.models]]\n{lines}\n");
    for (file, line, words) in [
        ("listen = \n".to_owned(), 1, "listen: "),
        ("\nlisten = \"here\"\n".to_owned(), 2, "listen: \"here\" is not an address and a port"),
        ("public_url = \"rushes.example\"\n".to_owned(), 1, "public_url: "),
        ("public_url = \"https://rushes.example/sub\"\n".to_owned(), 1, "public_url: leave the path out"),
        ("trusted_proxies = [\"everyone\"]\n".to_owned(), 1, "trusted_proxies: write the address of a proxy"),
        ("time_zone = \"Mars/Olympus\"\n".to_owned(), 1, "time_zone: write a name such as"),
        ("animatic = false\nlissten = \"x\"\n".to_owned(), 2, "lissten"),
        (upstream("max_in_flight = 0"), 5, "upstream.max_in_flight: use a whole number from 1 to 1000"),
        (upstream("api_key_env = \"NO_SUCH_NAME\""), 5, "upstream.api_key_env: the environment variable NO_SUCH_NAME"),
        (upstream("api_key_file = \"/no/such/file\""), 5, "upstream.api_key_file: cannot read /no/such/file"),
        (upstream("api_key = \"sk-canary\\nx\""), 5, "upstream.api_key: the key is empty or has characters"),
        (upstream("api_key = \"sk-canary\"\napi_key_env = \"X\""), 1, "upstream: give the key once"),
        (upstream("colour = \"red\""), 5, "colour"),
        (UPSTREAM.replace("openai", "opneai"), 3, "upstream.driver: \"opneai\" is not known"),
        (UPSTREAM.replace("http:", "htp:"), 4, "upstream.base_url: write a web address"),
        (UPSTREAM.replace("127", "me:sk-canary@127"), 4, "upstream.base_url: leave user names, passwords"),
        (UPSTREAM.replace("gateway", "a/b"), 2, "upstream.name: use 1 to 60 characters"),
        (UPSTREAM.replace("gateway", "animatic"), 2, "upstream.name: \"animatic\" is taken"),
        (format!("{UPSTREAM}{UPSTREAM}"), 6, "upstream.name: \"gateway\" is taken"),
        (model("id = \"x\"\nsizes = [\"1280\"]\nseconds = [4]"), 7, "upstream.models.sizes: "),
        (model("id = \"x\"\nsizes = []\nseconds = [4]"), 7, "upstream.models.sizes: name at least one size"),
        (model("id = \"x\"\nsizes = [\"1280x720\"]\nseconds = [0]"), 8, "upstream.models.seconds: use whole seconds"),
        (format!("{UPSTREAM}{MODEL}price_per_second = \"cheap\"\n"), 9, "upstream.models.price_per_second: "),
        (format!("{UPSTREAM}{MODEL}price_per_second = 0.1\n"), 9, "price_per_second: "),
        (
            format!("{UPSTREAM}{MODEL}[[upstream.models.prices]]\nseconds = 8\n"),
            9,
            "prices: give one of per_second and per_clip",
        ),
        (
            format!("{UPSTREAM}{MODEL}[[upstream.models.prices]]\nper_clip = \"1\"\nfrom = \"soon\"\n"),
            11,
            "prices.from: write a date",
        ),
        (
            format!("{UPSTREAM}{MODEL}[[upstream.models.prices]]\nper_clip = \"1\"\nresolution = \"HD\"\n"),
            11,
            "prices.resolution: write lines",
        ),
        (format!("{UPSTREAM}{MODEL}{MODEL}"), 10, "upstream.models.id: \"sora-2\" is there twice"),
    ] {
        let said = started_with(&file, &[]);
        assert!(said.starts_with(&format!("rushes: rushes.toml, line {line}: ")), "{file}\n{said}");
        assert!(said.contains(words), "{file}\n{said}");
    }
}

#[test]
fn what_is_wrong_outside_the_file_names_the_flag() {
    assert!(started_with("", &["--listen", "everywhere"]).contains("--listen (RUSHES_LISTEN): \"everywhere\""));
    let code = said(&rushes(TempDir::new().unwrap().path(), &[]).env("RUSHES_SETUP_CODE", "short").output().unwrap());
    assert!(code.contains("RUSHES_SETUP_CODE: use at least 16 characters"), "{code}");
    let gone = started_with("", &["--config", "no-such.toml"]);
    assert!(gone.contains("--config (RUSHES_CONFIG): cannot read no-such.toml"), "{gone}");
    // A folder is a file that cannot be read, for root too.
    let folder = started_with("", &["--config", "."]);
    assert!(folder.contains("--config (RUSHES_CONFIG): cannot read ."), "{folder}");

    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("taken"), "a file").unwrap();
    let data = said(&rushes(home.path(), &["--data", "taken/data"]).output().unwrap());
    assert!(data.contains("--data (RUSHES_DATA): cannot use taken/data"), "{data}");
    let url = said(&rushes(home.path(), &[]).env("OPENAI_BASE_URL", "nowhere").output().unwrap());
    assert!(url.contains("OPENAI_BASE_URL: \"nowhere\" is not a web address"), "{url}");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = port.local_addr().unwrap().to_string();
    let taken = said(&rushes(home.path(), &["--listen", &listen]).output().unwrap());
    assert!(taken.contains(&format!("--listen (RUSHES_LISTEN): cannot listen on {listen}")), "{taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_beat_the_environment_and_the_environment_beats_the_file() {
    let home = TempDir::new().unwrap();
    let file = "listen = \"127.0.0.2:0\"\ndata = \"from-file\"\nanimatic = true\n";
    std::fs::write(home.path().join("rushes.toml"), file).unwrap();
    for (flags, variable, at, data) in [
        (&[][..], None, "127.0.0.2", "from-file"),
        (&[][..], Some("127.0.0.3:0"), "127.0.0.3", "from-file"),
        (&["--listen", "127.0.0.1:0", "--data", "from-flag"][..], Some("127.0.0.3:0"), "127.0.0.1", "from-flag"),
    ] {
        let mut command = rushes(home.path(), flags);
        if let Some(value) = variable {
            command.env("RUSHES_LISTEN", value);
        }
        let program = Program::run(command.into(), home.path()).await;
        assert!(program.browser.url("").starts_with(&format!("http://{at}:")), "{}", program.browser.url(""));
        // The line is printed before the folder is filled; an answer comes after.
        program.browser.page("/").await;
        assert!(home.path().join(data).join("rushes.db").exists());
        program.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_the_environment_brings_the_models_it_lists_into_the_composer() {
    let (fake, home) = (FakeUpstream::start().await, TempDir::new().unwrap());
    fake.offers(&[("sora-2", &["1280x720"]), ("sora-2-pro", &["1280x720"])]);
    let mut command = rushes(home.path(), &["--listen", "127.0.0.1:0"]);
    command.env("OPENAI_BASE_URL", fake.base_url()).env("OPENAI_API_KEY", crate::upstream::KEY);
    let program = Program::run(command.into(), home.path()).await;
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(20));
    while program.browser.get("/health").await.status() != 200 {
        beat.tick().await;
    }
    let page = program.browser.page("/").await;
    let offered: Vec<_> =
        page.all("input[name=model]").iter().filter_map(|input| input.value().attr("value")).collect();
    assert!(offered.contains(&"sora-2") && offered.contains(&"sora-2-pro"), "{offered:?}");
    program.kill().await;
}
