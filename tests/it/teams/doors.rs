//! What guessing, listening and hanging up at the door bring: nothing.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom as _;
use reqwest::multipart::{Form, Part};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::{PASSWORD, add, signed_in, team, told};
use crate::app::{Program, TestApp};
use crate::upstream::FakeUpstream;

/// How often each kind of name is tried.
const TRIES: usize = 21;

#[tokio::test(flavor = "multi_thread")]
async fn how_long_a_refusal_takes_does_not_tell_whether_there_is_such_a_name() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    told(app.data.path(), &["user", "disable", "paul"]);
    let mut names = ["mia", "nobody", "paul"].repeat(TRIES);
    names.shuffle(&mut rand::rng());
    let mut took: [Vec<Duration>; 3] = Default::default();
    for (round, name) in names.into_iter().enumerate() {
        if round % 9 == 0 {
            // Whoever guesses slowly is not stopped.
            app.clock.advance(Duration::from_mins(16));
        }
        let kind = ["mia", "nobody", "paul"].iter().position(|known| *known == name).unwrap();
        let began = Instant::now();
        let response = app.browser.post_form("/login", &[("username", name), ("password", "wrong wrong wrong")]).await;
        took[kind].push(began.elapsed());
        assert_eq!(response.status(), 422, "{name}");
    }
    let medians = took.map(|mut times| {
        times.sort();
        times[TRIES / 2].as_micros()
    });
    let (least, most) = (medians.iter().min().unwrap(), medians.iter().max().unwrap());
    // A name that is looked up and not hashed would be a hundred times faster; a busy machine is noise of some percent.
    assert!(most * 100 < least * 135, "known, unknown and shut out take {medians:?} µs");
    app.stop().await;
}

/// The most memory that a process ever held, in kB.
fn most_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_who_hang_up_at_the_door_cost_two_hashes_of_memory() {
    let data = TempDir::new().unwrap();
    add(data.path(), "mia", "owner", "unlimited");
    let program = Program::start(data.path(), None).await;
    let process = program.child.id().unwrap();
    let right = [("username", "mia"), ("password", PASSWORD)];
    assert_eq!(program.browser.post_form("/login", &right).await.status(), 303);
    let before = most_memory(process);
    let address = program.browser.url("").trim_start_matches("http://").to_owned();
    for number in 0..200 {
        let mut guest = TcpStream::connect(&address).await.unwrap();
        let body = format!("username=mia{number}&password=wrong+wrong+wrong");
        let request = format!(
            "POST /login HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        guest.write_all(request.as_bytes()).await.unwrap();
        guest.set_zero_linger().unwrap();
    }
    // Whoever comes after them is let in as soon as the hashes that had begun are done.
    let mut tries = 0;
    loop {
        let status = program.browser.post_form("/login", &right).await.status().as_u16();
        if status == 303 {
            break;
        }
        assert!(matches!(status, 503 | 429), "{status}");
        tries += 1;
        assert!(tries < 500, "the door never opened again");
    }
    let grown = most_memory(process) - before;
    // A hash takes 19 MiB; 200 of them would be 3,800.
    assert!(grown < 100 * 1024, "{grown} kB");
    assert_eq!(program.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_others_styles_and_storyboards_are_not_there() {
    let fake = FakeUpstream::start().await;
    let app = team(&fake, 2).await;
    let (mia, paul, olga) =
        (signed_in(&app, "mia").await, signed_in(&app, "paul").await, signed_in(&app, "olga").await);
    let png = || {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(64, 64).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        Part::bytes(bytes.into_inner()).file_name("a.png").mime_str("image/png").unwrap()
    };
    let own = Form::new().text("name", "Old Tom").text("text", "a ginger tomcat").part("picture", png());
    let kept = mia.client().post(mia.url("/presets")).multipart(own).send().await.unwrap();
    assert_eq!(kept.status(), 303);
    let style = mia.page("/presets").await.attribute("#own ~ ul img", "src").unwrap();
    let board = mia.post("/storyboards").await.headers()["location"].to_str().unwrap().to_owned();
    let page = mia.page(&board).await;
    let hidden = |name: &str| page.attribute(&format!("#board > [name={name}]"), "value").unwrap();
    let card = Form::new()
        .text("token", hidden("token"))
        .text("version", hidden("version"))
        .text("title", "A board")
        .text("seconds", "4")
        .text("model", "sora-2")
        .text("do", "save")
        .text("text", "A boat")
        .text("shot_seconds", "4")
        .text("image_key", "")
        .part("image", png());
    let saved = mia.client().post(mia.url(&board)).multipart(card).send().await.unwrap();
    assert!(saved.status().as_u16() < 400, "{}", saved.text().await.unwrap());
    let shot = mia.page(&board).await.attribute("#shot-0 img", "src").unwrap();
    for picture in [&style, &shot] {
        assert_eq!(mia.get(picture).await.status(), 200, "{picture}");
        for other in [&paul, &olga] {
            assert_eq!(other.get(picture).await.status(), 404, "{picture}");
        }
        assert_eq!(app.browser.get(picture).await.status().as_u16() / 100, 3, "{picture}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_this_machine_a_connection_without_a_certificate_says_so() {
    let data = TempDir::new().unwrap();
    add(data.path(), "olga", "owner", "unlimited");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_rushes"));
    command.args(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(data.path()).env_remove("OPENAI_BASE_URL");
    let program = Program::run(command, data.path()).await;
    let page = program.browser.page("/login").await;
    assert!(page.text().contains("This connection is not encrypted"), "{}", page.text());
    assert_eq!(program.terminate().await, Some(0));
    // On this machine alone there is nobody to listen.
    let app = TestApp::of_today(data, Vec::new()).await;
    assert!(!app.browser.page("/login").await.text().contains("not encrypted"));
    app.stop().await;
}
